"""Pooling: forward against loops, backward against central differences, ties by hand."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cnnlib import avg_pool2d, avg_pool2d_backward, check_gradient, max_pool2d, max_pool2d_backward
from strategies import geometries, layouts, pad_last, read_only, seeds, window


@st.composite
def poolings(draw, dilation=1):
    """A geometry whose padding is at most half the kernel."""
    g = draw(geometries(rules=None, padding=2, dilation=dilation, room=3))
    assume(all(2 * p <= k for p, k in zip(g.padding, g.kernel)))
    # a window of two, spread wider than the input, would lie in the padding with both its entries
    assume(not any(k == 2 and p and d > n for k, p, d, n in zip(g.kernel, g.padding, g.dilation, g.size)))
    return g


def distinct(rng, shape):
    """Numbers further apart than a gradient check moves them: no ties, none made."""
    return rng.permutation(int(np.prod(shape))).reshape(shape) * 0.1 - 1.0


@given(poolings(dilation=3), st.integers(1, 2), st.integers(1, 2), seeds)
def test_max_pool2d_agrees_with_loops(g, n, c, seed):
    x = np.random.default_rng(seed).normal(size=(n, c, *g.size)) - 3  # negative: a zero border would win
    padded = pad_last(x, g, -np.inf)
    expected = np.empty((n, c, *g.output))
    for i, j in np.ndindex(*g.output):
        expected[:, :, i, j] = window(padded, (i, j), g).max(axis=(2, 3))
    np.testing.assert_array_equal(max_pool2d(x, g.kernel, **g.options), expected)


@given(poolings(), st.integers(1, 2), st.integers(1, 2), seeds)
def test_avg_pool2d_agrees_with_loops(g, n, c, seed):
    x = np.random.default_rng(seed).normal(size=(n, c, *g.size))
    padded = pad_last(x, g)
    expected = np.empty((n, c, *g.output))
    for i, j in np.ndindex(*g.output):
        expected[:, :, i, j] = window(padded, (i, j), g).mean(axis=(2, 3))
    np.testing.assert_allclose(avg_pool2d(x, g.kernel, g.stride, g.padding), expected, atol=1e-12)


@settings(max_examples=30)
@given(poolings(dilation=3), st.integers(1, 2), st.integers(1, 2), seeds)
def test_max_pool2d_backward_passes_the_gradient_check(g, n, c, seed):
    rng = np.random.default_rng(seed)
    x, = read_only(distinct(rng, (n, c, *g.size)))
    grad, = read_only(rng.normal(size=(n, c, *g.output)))
    grad_x = max_pool2d_backward(grad, x, g.kernel, **g.options)
    check_gradient("max_pool2d", lambda v: (max_pool2d(v, g.kernel, **g.options) * grad).sum(), x, grad_x)


@given(poolings(), st.integers(1, 2), st.integers(1, 2), seeds)
def test_avg_pool2d_backward_passes_the_gradient_check(g, n, c, seed):
    rng = np.random.default_rng(seed)
    x, grad = read_only(rng.normal(size=(n, c, *g.size)), rng.normal(size=(n, c, *g.output)))
    grad_x = avg_pool2d_backward(grad, x, g.kernel, g.stride, g.padding)
    check_gradient("avg_pool2d", lambda v: (avg_pool2d(v, g.kernel, g.stride, g.padding) * grad).sum(), x, grad_x)


@given(poolings(dilation=2), seeds)
def test_of_equal_numbers_the_first_in_reading_order_wins(g, seed):
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 3, (1, 1, *g.size)).astype(float)  # few values: many ties
    grad = rng.normal(size=(1, 1, *g.output))
    places = np.arange(x.size).reshape(g.size)
    padded, numbered = pad_last(x[0, 0], g, -np.inf), pad_last(places, g, -1)
    expected = np.zeros(x.size)
    for i, j in np.ndindex(*g.output):
        first = window(padded, (i, j), g).argmax()  # of equals, argmax takes the first
        expected[window(numbered, (i, j), g).ravel()[first]] += grad[0, 0, i, j]
    got = max_pool2d_backward(grad, x, g.kernel, **g.options)
    np.testing.assert_allclose(got.ravel(), expected, atol=1e-12)


def test_ties_by_hand():
    grad = max_pool2d_backward(np.array([[[[5.0]]]]), np.ones((1, 1, 2, 2)), 2)
    np.testing.assert_array_equal(grad, [[[[5, 0], [0, 0]]]])
    grad = max_pool2d_backward(np.array([[[[5.0]]]]), np.array([[[[0.0, 1], [1, 1]]]]), 2)
    np.testing.assert_array_equal(grad, [[[[0, 5], [0, 0]]]])


def test_overlapping_windows_add_up_by_hand():
    x = np.array([[[[1.0, 9, 2]]]])
    np.testing.assert_array_equal(
        max_pool2d_backward(np.array([[[[3.0, 4]]]]), x, (1, 2), stride=1), [[[[0, 7, 0]]]]
    )
    np.testing.assert_array_equal(
        avg_pool2d_backward(np.array([[[[3.0, 5]]]]), x, (1, 2), stride=1), [[[[1.5, 4, 2.5]]]]
    )


def test_stride_is_the_kernel_unless_given_and_the_rest_is_left_out():
    x = np.arange(25.0).reshape(1, 1, 5, 5)
    np.testing.assert_array_equal(max_pool2d(x, 2), [[[[6, 8], [16, 18]]]])
    np.testing.assert_array_equal(avg_pool2d(x, (2, 5)), [[[[4.5], [14.5]]]])
    left_out = max_pool2d_backward(np.ones((1, 1, 2, 2)), x, 2)
    assert not left_out[..., 4].any() and not left_out[..., 4, :].any()


@pytest.mark.parametrize("place", range(4))
def test_nan_does_not_vanish(place):
    x = np.arange(4.0)
    x[place] = np.nan
    assert np.isnan(max_pool2d(x.reshape(1, 1, 2, 2), 2)).all()
    assert np.isnan(avg_pool2d(x.reshape(1, 1, 2, 2), 2)).all()


@pytest.mark.parametrize(
    "forward, backward", [(max_pool2d, max_pool2d_backward), (avg_pool2d, avg_pool2d_backward)]
)
@pytest.mark.parametrize("kernel", [1, 2, (17, 17)])  # 289 places need more than a byte for the winner
def test_dtype_layout_and_aliasing(forward, backward, kernel):
    rng = np.random.default_rng(0)
    x, = read_only(rng.normal(size=(2, 3, 18, 20)))
    y = forward(x, kernel)
    grad, = read_only(rng.normal(size=y.shape))
    grad_x = backward(grad, x, kernel)
    assert not any(np.shares_memory(a, b) for a, b in ((y, x), (grad_x, grad), (grad_x, x)))
    for other_x, other_grad in zip(layouts(x), layouts(grad)):
        np.testing.assert_array_equal(forward(other_x, kernel), y)
        np.testing.assert_array_equal(backward(other_grad, other_x, kernel), grad_x)
    np.testing.assert_array_equal(forward(x.tolist(), kernel), y)
    np.testing.assert_array_equal(backward(grad.tolist(), x.tolist(), kernel), grad_x)
    single = forward(x.astype(np.float32), kernel)
    assert single.dtype == backward(single, x.astype(np.float32), kernel).dtype == np.float32
    assert y.dtype == grad_x.dtype == np.float64
    assert backward(grad, np.asfortranarray(x), kernel).sum() == pytest.approx(grad.sum())  # nothing is lost


X = np.ones((2, 3, 4, 4))


@pytest.mark.parametrize("function", [max_pool2d, avg_pool2d])
@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ((X[0], 2), ValueError, r"x must be a 4-D array of numbers \(N, C, H, W\), got shape \(3, 4, 4\)"),
        ((X.astype(np.uint8), 2), TypeError, r"x must be a floating-point array, got dtype uint8"),
        ((X[:0], 2), ValueError, r"x must be .* not empty, got shape \(0, 3, 4, 4\)"),
        ((X, 5), ValueError, r"kernel_size must fit into the padded input of 4, got a kernel that spans 5"),
        ((X, 0), ValueError, r"kernel_size must be an integer of at least 1, got 0"),
        ((X, 2, 0), ValueError, r"stride must be an integer of at least 1, got 0"),
        ((X, 2, 2, 2), ValueError, r"padding must be at most half of kernel_size 2, got 2"),
        ((X, 2, 2, "same"), TypeError, r"padding must be an integer of at least 0, got 'same'"),
    ],
)
def test_refuses(function, arguments, error, message):
    with pytest.raises(error, match=message):
        function(*arguments)


def test_refuses_a_window_of_padding_only():
    """PyTorch writes outside its memory here."""
    with pytest.raises(ValueError, match=r"dilation must leave each window an entry of the input, got \(1, 5\)"):
        max_pool2d(X, (1, 2), 1, (0, 1), (1, 5))
    assert max_pool2d(X, (1, 2), 1, (0, 1), (1, 4)).shape == (2, 3, 4, 2)


@pytest.mark.parametrize("function", [max_pool2d_backward, avg_pool2d_backward])
def test_refuses_a_gradient_of_another_shape(function):
    with pytest.raises(ValueError, match=r"grad_output must have shape \(2, 3, 2, 2\), got \(2, 3, 4, 4\)"):
        function(X, X, 2)


@pytest.mark.parametrize("padding", [0, 1])
def test_the_border_never_wins_not_even_against_minus_infinity(padding):
    x = np.full((1, 1, 4, 4), -np.inf)
    y = max_pool2d(x, 2, padding=padding)
    grad = max_pool2d_backward(np.ones_like(y), x, 2, padding=padding)
    assert (y == -np.inf).all() and grad.sum() == y.size


def test_a_nan_wins_and_gets_the_gradient():
    x = np.array([[[[1.0, np.nan], [3.0, 2.0]]]])
    assert np.isnan(max_pool2d(x, 2)).all()
    np.testing.assert_array_equal(max_pool2d_backward(np.array([[[[7.0]]]]), x, 2), [[[[0, 7], [0, 0]]]])


def test_an_infinite_gradient_stays_where_it_belongs():
    x = np.array([[[[1.0, 4.0], [3.0, 2.0]]]])
    np.testing.assert_array_equal(max_pool2d_backward(np.array([[[[np.inf]]]]), x, 2), [[[[0, np.inf], [0, 0]]]])


@pytest.mark.parametrize("value", [1, 40_000])
def test_half_precision_is_summed_in_single(value):
    """A sum of ones in float16 stops at 2048, and two 40,000s are infinite."""
    x = np.full((1, 1, 64, 64), value, np.float16)
    y = avg_pool2d(x, 64)
    assert y.dtype == np.float16 and y == value
    grad = avg_pool2d_backward(np.full((1, 1, 1, 1), 4096, np.float16), x, 64)
    assert grad.dtype == np.float16 and (grad == 1).all()


@pytest.mark.parametrize("kernel, padding, axes", [
    ((3_000, 3_000), (1_499, 1_499), (2, 3)), ((1, 2**29), (0, 2**28 - 1), 3), ((2**29, 1), (2**28 - 1, 0), 2),
])
def test_a_large_kernel_takes_as_many_steps_as_meet_the_input(kernel, padding, axes):
    """A step for each of its numbers, or for each of its rows, would take minutes, and gigabytes."""
    x, options = np.arange(4.0).reshape(1, 1, 2, 2), {"stride": 1, "padding": padding}
    y = max_pool2d(x, kernel, **options)
    np.testing.assert_array_equal(y, x.max(axis=axes, keepdims=True))
    np.testing.assert_array_equal(max_pool2d_backward(np.ones_like(y), x, kernel, **options), x == y)
    mean = avg_pool2d(x, kernel, **options)
    np.testing.assert_allclose(mean, x.sum(axis=axes, keepdims=True) / np.prod(kernel), rtol=1e-15)
    np.testing.assert_allclose(avg_pool2d_backward(np.ones_like(mean), x, kernel, **options), 1 / np.prod(kernel), rtol=1e-15)


@pytest.mark.parametrize("function", [max_pool2d, avg_pool2d])
def test_a_window_is_no_larger_than_an_array_may_be(function):
    for kernel in (10**5, (1, 10**400)):
        with pytest.raises(ValueError, match="kernel_size must ask for at most 536,870,912 numbers"):
            function(X, kernel, 1, (0, 2))
