"""Activations and losses."""

import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st

from cnnlib import check_gradient, logistic_loss, sigmoid, softmax, softmax_cross_entropy, squared_error
from cnnlib.functional import (
    leaky_relu,
    leaky_relu_backward,
    relu,
    relu_backward,
    sigmoid_backward,
    tanh,
    tanh_backward,
)
from strategies import read_only, seeds

ACTIVATIONS = {
    "relu": (relu, relu_backward, lambda x, y: x),
    "leaky_relu": (leaky_relu, leaky_relu_backward, lambda x, y: x),
    "sigmoid": (sigmoid, sigmoid_backward, lambda x, y: y),
    "tanh": (tanh, tanh_backward, lambda x, y: y),
}


def away_from_zero(rng, shape):
    """A kink at 0 has no derivative to check."""
    return rng.choice([-1.0, 1.0], shape) * rng.uniform(0.01, 3, shape)


@pytest.mark.parametrize("name", ACTIVATIONS)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), seeds)
def test_activations_pass_the_gradient_check(name, shape, seed):
    forward, backward, seen = ACTIVATIONS[name]
    rng = np.random.default_rng(seed)
    x, grad = read_only(away_from_zero(rng, tuple(shape)), rng.normal(size=tuple(shape)))
    grad_x = backward(grad, seen(x, forward(x)))
    check_gradient(name, lambda v: (forward(v) * grad).sum(), x, grad_x)


def test_activations_agree_with_their_definitions():
    x = np.linspace(-30, 30, 601)
    np.testing.assert_array_equal(relu(x), [max(v, 0) for v in x])
    np.testing.assert_array_equal(leaky_relu(x, 0.1), [v if v > 0 else 0.1 * v for v in x])
    np.testing.assert_allclose(sigmoid(x), scipy.special.expit(x), rtol=1e-9, atol=1e-16)
    np.testing.assert_array_equal(tanh(x), np.tanh(x))


def test_gradients_at_the_kink_are_pytorchs():
    zero, one = np.zeros(1), np.ones(1)
    assert relu_backward(one, zero) == 0 and leaky_relu_backward(one, zero, 0.25) == 0.25


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_keep_their_dtype_and_do_not_alias(name, dtype):
    forward, backward, seen = ACTIVATIONS[name]
    x = np.array([1.0, 2.0], dtype)
    y = forward(x)
    grad_x = backward(y, seen(x, y))
    assert y.dtype == grad_x.dtype == dtype
    assert not np.shares_memory(y, x) and not np.shares_memory(grad_x, y)


@pytest.mark.parametrize("forward", [leaky_relu, sigmoid, tanh])
def test_activations_refuse_integers_that_would_round_their_slopes(forward):
    with pytest.raises(TypeError, match="x must be a floating-point array, got dtype int64"):
        forward(np.array([1, 2]))


def test_relu_of_integers_stays_exact_and_numbers_and_lists_are_taken():
    assert relu([-1, 2]).tolist() == [0, 2] and relu([-1, 2]).dtype == np.int64
    assert sigmoid(0.0) == 0.5 and leaky_relu([-1.0], 0.5) == [-0.5] and tanh(0.0) == 0


@given(seeds, st.integers(1, 6), st.integers(1, 6), st.sampled_from([1, 30, 1e4]))
def test_softmax_agrees_with_scipy(seed, n, k, scale):
    logits, = read_only(np.random.default_rng(seed).normal(size=(n, k)) * scale)
    np.testing.assert_allclose(softmax(logits), scipy.special.softmax(logits, axis=1), atol=1e-12)
    assert softmax(logits.astype(np.float32)).dtype == np.float32


# Losses ------------------------------------------------------------------------------------------


@given(seeds, st.integers(1, 6), st.integers(1, 6), st.sampled_from([1, 30]))
def test_softmax_cross_entropy_agrees_with_its_formula_and_the_gradient_check(seed, n, k, scale):
    rng = np.random.default_rng(seed)
    logits, labels = read_only(rng.normal(size=(n, k)) * scale, rng.integers(0, k, n))
    loss, grad = softmax_cross_entropy(logits, labels)
    assert loss == pytest.approx(-scipy.special.log_softmax(logits, axis=1)[np.arange(n), labels].mean(), abs=1e-12)
    check_gradient("cross-entropy", lambda z: softmax_cross_entropy(z, labels)[0], logits, grad)


@given(seeds, st.integers(1, 8), st.booleans(), st.sampled_from([1, 20]), st.booleans())
def test_logistic_loss_agrees_with_its_formula_and_the_gradient_check(seed, n, column, scale, hard):
    rng = np.random.default_rng(seed)
    shape = (n, 1) if column else (n,)
    targets = rng.integers(0, 2, shape) if hard else rng.random(shape)
    logits, targets = read_only(rng.normal(size=shape) * scale, targets)
    loss, grad = logistic_loss(logits, targets)
    log_p, log_q = scipy.special.log_expit(logits), scipy.special.log_expit(-logits)
    assert loss == pytest.approx(-(targets * log_p + (1 - targets) * log_q).mean(), rel=1e-12)
    check_gradient("logistic", lambda z: logistic_loss(z, targets)[0], logits, grad)


@given(seeds, st.lists(st.integers(1, 4), min_size=1, max_size=4))
def test_squared_error_agrees_with_its_formula_and_the_gradient_check(seed, shape):
    rng = np.random.default_rng(seed)
    outputs, targets = read_only(rng.normal(size=tuple(shape)), rng.normal(size=tuple(shape)))
    loss, grad = squared_error(outputs, targets)
    assert loss == pytest.approx(((outputs - targets) ** 2).mean())
    check_gradient("squared error", lambda y: squared_error(y, targets)[0], outputs, grad)


def test_losses_hold_for_extreme_logits():
    loss, grad = softmax_cross_entropy(np.array([[1e4, -1e4]]), [1])
    assert loss == 2e4 and grad.tolist() == [[1, -1]]
    loss, grad = logistic_loss(np.array([1e4, -1e4]), [0, 1])
    assert loss == 1e4 and grad.tolist() == [0.5, -0.5]
    assert logistic_loss(np.array([1e4, -1e4]), [1, 0])[0] == 0


def test_a_net_that_knows_nothing_loses_log_k():
    assert softmax_cross_entropy(np.zeros((5, 10)), np.arange(5))[0] == pytest.approx(np.log(10))
    assert logistic_loss(np.zeros(5), np.ones(5))[0] == pytest.approx(np.log(2))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_losses_keep_the_dtype_and_return_a_plain_float(dtype):
    z = np.ones((3, 2), dtype)
    for loss, grad in (
        softmax_cross_entropy(z, np.array([0, 1, 1], np.uint8)), logistic_loss(z[:, 0], np.ones(3)),
        logistic_loss(z[:, :1], np.ones((3, 1), int)), squared_error(z, np.zeros((3, 2))),
    ):
        assert type(loss) is float and grad.dtype == dtype


Z = np.zeros((3, 4))


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: softmax(Z[0]), ValueError, r"logits must be a 2-D array of numbers \(N, K\), got shape \(4,\)"),
        (lambda: softmax_cross_entropy(Z.astype(int), [0, 0, 0]), TypeError, r"logits must be a floating-point array, got dtype int64"),
        (lambda: softmax_cross_entropy(Z[:0], []), ValueError, r"logits must be .* not empty, got shape \(0, 4\)"),
        (lambda: softmax_cross_entropy(Z, [0.0, 1.0, 2.0]), TypeError, r"labels must be 3 integers in 0\.\.3, got dtype float64"),
        (lambda: softmax_cross_entropy(Z, [True, False, True]), TypeError, r"labels must be 3 integers in 0\.\.3, got dtype bool"),
        (lambda: softmax_cross_entropy(Z, [0, 4, 1]), ValueError, r"labels must be 3 integers in 0\.\.3, got 4"),
        (lambda: softmax_cross_entropy(Z, [0, -1, 1]), ValueError, r"labels must be 3 integers in 0\.\.3, got -1"),
        (lambda: softmax_cross_entropy(Z, [0, 1]), ValueError, r"labels must be 3 integers in 0\.\.3, got shape \(2,\)"),
        (lambda: softmax_cross_entropy(Z, [[0], [1], [2]]), ValueError, r"labels must be 3 integers in 0\.\.3, got shape \(3, 1\)"),
        (lambda: logistic_loss(Z[:, 0], [0, 1]), ValueError, r"targets must have shape \(3,\), got \(2,\)"),
        (lambda: logistic_loss(Z[:, :1], [0, 1, 1]), ValueError, r"targets must have shape \(3, 1\), got \(3,\)"),
        (lambda: logistic_loss(Z[:, 0], [0, 1, 2]), ValueError, r"targets must be in \[0, 1\], got 0 to 2"),
        (lambda: logistic_loss(Z[:, 0], [0, 1, np.nan]), ValueError, r"targets must be in \[0, 1\], got nan"),
        (lambda: logistic_loss(Z[:, 0], ["a", "b", "c"]), TypeError, r"targets must be .* numbers, got dtype <U1"),
        (lambda: squared_error(Z, Z[:2]), ValueError, r"targets must have shape \(3, 4\), got \(2, 4\)"),
        (lambda: squared_error(Z.astype(int), Z), TypeError, r"outputs must be a floating-point array, got dtype int64"),
    ],
)
def test_refuses(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_infinite_gradients_stay_where_they_belong():
    grad, x = np.array([np.inf, np.inf]), np.array([-1.0, 1.0])
    np.testing.assert_array_equal(relu_backward(grad, x), [0, np.inf])


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("logits, label, loss, grad", [
    ([np.inf, 0.0], 0, 0, [0, 0]), ([np.inf, 0.0], 1, np.inf, [1, -1]), ([-np.inf, 0.0], 1, 0, [0, 0]),
    ([np.inf, np.inf], 0, np.log(2), [-0.5, 0.5]), ([-np.inf, -np.inf], 0, np.log(2), [-0.5, 0.5]),
])
def test_cross_entropy_of_infinite_logits_is_the_limit(logits, label, loss, grad):
    got, gradient = softmax_cross_entropy(np.array([logits]), [label])
    assert got == pytest.approx(loss)
    np.testing.assert_allclose(gradient[0], grad)
    np.testing.assert_allclose(softmax(np.array([logits]))[0] - np.eye(2)[label], grad)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("logit, target, loss", [
    (np.inf, 1, 0), (np.inf, 0, np.inf), (-np.inf, 0, 0), (-np.inf, 1, np.inf), (np.inf, 0.5, np.inf),
])
def test_logistic_loss_of_infinite_logits_is_the_limit(logit, target, loss):
    assert logistic_loss(np.array([logit]), [target])[0] == loss


@pytest.mark.parametrize("backward", [relu_backward, leaky_relu_backward, sigmoid_backward, tanh_backward])
def test_a_gradient_is_not_broadcast(backward):
    for shape in ((3,), (1, 3), (2, 1), ()):
        with pytest.raises(ValueError, match=r"grad_output must have shape \(2, 3\), got "):
            backward(np.ones(shape), np.ones((2, 3)))


@pytest.mark.parametrize("backward", [sigmoid_backward, tanh_backward])
def test_outputs_are_not_computed_modulo_256(backward):
    with pytest.raises(TypeError, match="output must be a floating-point array, got dtype uint8"):
        backward(np.ones(2), np.full(2, 200, np.uint8))


@pytest.mark.parametrize("bad, error", [("no", TypeError), (None, TypeError), (np.nan, ValueError), (1j, TypeError)])
def test_the_slope_is_a_number(bad, error):
    for call in (lambda: leaky_relu(np.ones(2), bad), lambda: leaky_relu_backward(np.ones(2), np.ones(2), bad)):
        with pytest.raises(error, match="negative_slope must be a finite number"):
            call()


@pytest.mark.parametrize("loss, targets", [(softmax_cross_entropy, np.arange(9)), (squared_error, np.zeros((9, 9)))])
def test_half_precision_losses_are_those_of_single(loss, targets):
    outputs = np.random.default_rng(0).normal(size=(9, 9)).astype(np.float16) * np.float16(200)
    value, grad = loss(outputs, targets)
    expected, expected_grad = loss(outputs.astype(np.float32), targets)
    assert value == expected and grad.dtype == np.float16
    np.testing.assert_array_equal(grad, expected_grad.astype(np.float16))


@pytest.mark.parametrize("dtype, rtol", [(np.float16, 0.04), (np.float32, 5e-4), (np.float64, 2e-8), (np.longdouble, 1e-8)])
def test_sigmoid_keeps_its_digits_far_below_0(dtype, rtol):
    """Its logarithm is a log-likelihood: 0, or a third too much, would be wrong there."""
    x = np.linspace(-80, 10, 400).astype(dtype)
    x = x[x > np.log(np.finfo(dtype).tiny)]
    expected = np.exp(-np.logaddexp(0, -x.astype(np.longdouble)))
    np.testing.assert_allclose(sigmoid(x).astype(np.longdouble), expected, rtol)
    assert sigmoid(x).dtype == dtype and np.ndim(sigmoid(x[0])) == 0
