"""A layer as a matrix."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnlib import (
    Flatten,
    Linear,
    check_gradient,
    conv1d_backward,
    conv1d_index,
    conv2d,
    conv2d_backward,
    conv2d_index,
    cross_correlate1d,
    parameter_count,
    squared_error,
    tie_gradient,
    weight_index,
    weight_matrix,
)
from cnnlib._validate import MOST_NUMBERS
from strategies import conv_by_loops, geometries, seeds


def test_the_lectures_5x5_matrices():
    full, local, shared = (weight_index(5, 3, kind) for kind in ("full", "local", "shared"))
    assert [parameter_count(index) for index in (full, local, shared)] == [25, 13, 3]
    # weight_matrix writes θ as the slide has it: a band, θ₁ on the diagonal
    np.testing.assert_array_equal(
        weight_matrix(shared, [10, 11, 12]),
        [[11, 12, 0, 0, 0], [10, 11, 12, 0, 0], [0, 10, 11, 12, 0], [0, 0, 10, 11, 12], [0, 0, 0, 10, 11]],
    )
    assert ((local >= 0) == (shared >= 0)).all() and (full >= 0).all()


@given(st.integers(1, 25), st.integers(0, 6).map(lambda half: 2 * half + 1))
def test_parameter_counts_in_general(n, m):
    """n², and m·n less the edges that would leave at either end, and m."""
    count = {kind: parameter_count(weight_index(n, m, kind)) for kind in ("full", "local", "shared")}
    assert count["full"] == n * n
    if n >= m:
        assert count["local"] == m * n - (m * m - 1) // 4
        assert count["shared"] == m
    if m == 3 and n > 1:
        assert count["local"] == 3 * n - 2 and count["shared"] == 3


@given(st.integers(1, 12), st.integers(0, 3).map(lambda half: 2 * half + 1))
def test_local_edges_have_one_parameter_each_and_sharing_follows_the_diagonals(n, m):
    local, shared = weight_index(n, m, "local"), weight_index(n, m, "shared")
    for i, j in np.ndindex(n, n):
        near = abs(i - j) <= m // 2
        assert (local[i, j] >= 0) == (shared[i, j] >= 0) == near
        if near:
            assert shared[i, j] == j - i + m // 2
    assert sorted(local[local >= 0]) == list(range(parameter_count(local)))


@given(geometries(axes=1), seeds)
def test_the_1d_matrix_times_a_signal_is_the_convolution(g, seed):
    rng = np.random.default_rng(seed)
    x, kernel = rng.integers(-9, 9, g.size), rng.integers(-9, 9, g.kernel)
    matrix = weight_matrix(conv1d_index(g.size[0], g.kernel[0], **g.options), kernel)
    np.testing.assert_array_equal(matrix @ x, cross_correlate1d(x, kernel, **g.options))


@given(geometries(kernel=3, room=3), st.integers(1, 2), st.integers(1, 2), seeds)
def test_the_2d_matrix_times_an_image_is_the_convolution(g, c_in, c_out, seed):
    rng = np.random.default_rng(seed)
    x, weight = rng.normal(size=(2, c_in, *g.size)), rng.normal(size=(c_out, c_in, *g.kernel))
    index = conv2d_index(x.shape[1:], weight.shape, **g.options)
    product = Flatten()(x) @ weight_matrix(index, weight).T
    np.testing.assert_allclose(product.reshape(2, c_out, *g.output), conv_by_loops(x, weight, None, g), atol=1e-12)


@given(geometries(kernel=3, room=3), st.integers(1, 2), st.integers(1, 2), seeds)
def test_a_tied_fully_connected_layer_learns_like_the_convolution(g, c_in, c_out, seed):
    """Forward and backward: a CNN is an FC net with edges removed and weights tied."""
    rng = np.random.default_rng(seed)
    x, weight = rng.normal(size=(3, c_in, *g.size)), rng.normal(size=(c_out, c_in, *g.kernel))
    index = conv2d_index(x.shape[1:], weight.shape, **g.options)
    connected = Linear(index.shape[1], index.shape[0], bias=False, rng=0, dtype=np.float64)
    connected.weight[...] = weight_matrix(index, weight)

    y = conv2d(x, weight, **g.options)
    np.testing.assert_allclose(connected(Flatten()(x)), y.reshape(3, -1), atol=1e-12)
    grad = rng.normal(size=y.shape)
    grad_x, grad_weight, _ = conv2d_backward(grad, x, weight, **g.options)
    np.testing.assert_allclose(connected.backward(grad.reshape(3, -1)).reshape(x.shape), grad_x, atol=1e-12)
    np.testing.assert_allclose(tie_gradient(index, connected.grad_weight, weight.shape), grad_weight, atol=1e-12)


@given(st.sampled_from(["full", "local", "shared"]), st.integers(2, 8), seeds)
def test_tied_gradient_passes_the_gradient_check(kind, n, seed):
    rng = np.random.default_rng(seed)
    index, x, target = weight_index(n, 3, kind), rng.normal(size=n), rng.normal(size=n)
    theta = rng.normal(size=parameter_count(index))
    _, grad_y = squared_error(weight_matrix(index, theta) @ x, target)
    tied = tie_gradient(index, np.outer(grad_y, x), theta.shape)
    check_gradient(kind, lambda t: squared_error(weight_matrix(index, t) @ x, target)[0], theta, tied)


def test_tied_gradient_is_the_sum_over_the_edges_by_hand():
    """Three positions see 1 1 1, 1 1 0 and 1 0 0: sums 3, 2 and 1, not means and not one of them."""
    x = np.array([1.0, 1, 1, 0, 0])
    tied = tie_gradient(conv1d_index(5, 3), np.outer(np.ones(3), x), (3,))
    np.testing.assert_array_equal(tied, [3, 2, 1])
    _, grad_weight, _ = conv1d_backward(np.ones((1, 1, 3)), x[None, None], np.ones((1, 1, 3)))
    np.testing.assert_array_equal(tied, grad_weight[0, 0])


def test_matrix_keeps_integers_and_floats():
    index = conv1d_index(4, 2)
    assert weight_matrix(index, [1, 2]).dtype == np.int64
    assert weight_matrix(index, np.ones(2, np.float32)).dtype == np.float32
    assert tie_gradient(index, np.ones((3, 4), np.float32), (1, 2)).shape == (1, 2)


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: weight_index(5, 4, "shared"), ValueError, r"kernel_size must be odd, got 4"),
        (lambda: weight_index(5, 3, "banded"), ValueError, r"kind must be one of 'full', 'local', 'shared', got 'banded'"),
        (lambda: weight_index(0, 3, "full"), ValueError, r"n must be an integer of at least 1, got 0"),
        (lambda: conv1d_index(2, 3), ValueError, r"kernel_size must fit into the padded input of 2"),
        (lambda: conv1d_index(5, 3, stride=0), ValueError, r"stride must be an integer of at least 1, got 0"),
        (lambda: conv2d_index((2, 3, 3), (1, 1, 2, 2)), ValueError, r"weight_shape must have 2 input channels .*, got 1"),
        (lambda: conv2d_index((3, 3), (1, 1, 2, 2)), ValueError, r"input_shape must be \(C_in, H, W\), got \(3, 3\)"),
        (lambda: conv2d_index((1, 3, 3), (2, 2)), ValueError, r"weight_shape must be \(C_out, C_in, KH, KW\), got \(2, 2\)"),
        (lambda: weight_matrix(conv1d_index(5, 3), [1, 2]), ValueError, r"weight must hold at least 3 numbers .*, got 2"),
        (lambda: weight_matrix(np.zeros((2, 2)), [1]), TypeError, r"index must be a 2-D array of integers, got dtype float64"),
        (lambda: weight_matrix([0, 1], [1, 2]), ValueError, r"index must be a 2-D array.*, got shape \(2,\)"),
        (lambda: tie_gradient(conv1d_index(5, 3), np.ones((5, 3)), (3,)), ValueError, r"grad_matrix must have shape \(3, 5\), got \(5, 3\)"),
        (lambda: tie_gradient(conv1d_index(5, 3), np.ones((3, 5)), (2,)), ValueError, r"weight_shape must hold at least 3 numbers .*, got \(2,\)"),
    ],
)
def test_refuses(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("bad", [-2, -5, MOST_NUMBERS, 2**40])
def test_an_index_of_no_parameter_is_refused(bad):
    index = np.array([[0, bad]])
    for call in (lambda: weight_matrix(index, [1.0, 2.0]), lambda: tie_gradient(index, np.ones((1, 2)), (2,)),
                 lambda: parameter_count(index)):
        with pytest.raises(ValueError, match=f"index must hold -1 for no edge, and parameters from 0 to .*, got {bad}"):
            call()


def test_an_unsigned_index_counts_as_well():
    index = np.array([[0, 1], [1, 0]], np.uint64)
    np.testing.assert_array_equal(tie_gradient(index, np.ones((2, 2)), (2,)), [2, 2])
    np.testing.assert_array_equal(weight_matrix(index, [5, 6]), [[5, 6], [6, 5]])


@pytest.mark.parametrize("call, message", [
    (lambda: weight_index(10**6, 3, "shared"), "n must ask for at most"),
    (lambda: conv2d_index((1, 10**4, 10**4), (1, 1, 3, 3)), "input_shape and weight_shape must ask for at most"),
    (lambda: tie_gradient([[0]], [[1.0]], (10**5, 10**5)), "weight_shape must ask for at most"),
])
def test_what_would_take_all_memory_is_refused_before(call, message):
    with pytest.raises(ValueError, match=message):
        call()
