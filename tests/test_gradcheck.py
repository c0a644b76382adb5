"""The gradient check itself: it must catch what is wrong and say where."""

import numpy as np
import pytest

from cnnlib import (
    BatchNorm2d,
    Conv2d,
    Flatten,
    Linear,
    ReLU,
    Sequential,
    check_gradient,
    check_layer,
    numerical_gradient,
)


def test_numerical_gradient_of_functions_known_by_hand():
    x = np.array([[1.0, -2.0], [0.5, 3.0]])
    np.testing.assert_allclose(numerical_gradient(lambda v: (v**3).sum(), x), 3 * x**2, rtol=1e-8)
    np.testing.assert_allclose(numerical_gradient(lambda v: v[0, 0] * v[1, 1], x), [[3, 0], [0, 1]], atol=1e-8)
    np.testing.assert_allclose(numerical_gradient(lambda v: float(np.sin(v)), np.array(0.3)), np.cos(0.3), rtol=1e-8)


def test_numerical_gradient_leaves_x_alone():
    x = np.arange(3.0)
    x.flags.writeable = False
    assert numerical_gradient(lambda v: v.sum(), x) == pytest.approx([1, 1, 1])


def test_check_gradient_names_entry_expected_and_received():
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    right = 2 * x
    assert check_gradient("square", lambda v: (v**2).sum(), x, right) < 1e-8
    for place in np.ndindex(2, 2):
        wrong = right.copy()
        wrong[place] += 0.5
        index = rf"\({place[0]}, {place[1]}\)"
        with pytest.raises(AssertionError, match=rf"^square: gradient at index {index} should be {right[place]:g}, got {wrong[place]:g}$"):
            check_gradient("square", lambda v: (v**2).sum(), x, wrong)


@pytest.mark.parametrize("gradient", [[2.0, np.nan], [np.nan, np.nan], [np.inf, 4.0]])
def test_check_gradient_catches_what_is_not_finite(gradient):
    place = int(np.argmin(np.isfinite(gradient)))
    with pytest.raises(AssertionError, match=rf"index \({place},\) should be {2 * place + 2}, got (nan|inf)"):
        check_gradient("square", lambda v: (v**2).sum(), np.array([1.0, 2.0]), gradient)


def test_check_gradient_catches_a_wrong_shape():
    with pytest.raises(AssertionError, match=r"sum: gradient should have shape \(2,\), got \(1, 2\)"):
        check_gradient("sum", lambda v: v.sum(), np.zeros(2), [[1.0, 1.0]])


def test_tolerance_is_relative_to_the_largest_entry():
    x, gradient = np.array([100.0, 1.0]), np.array([200.0, 2.001])
    with pytest.raises(AssertionError):
        check_gradient("square", lambda v: (v**2).sum(), x, gradient)
    assert check_gradient("square", lambda v: (v**2).sum(), x, gradient, tolerance=1e-5) == pytest.approx(5e-6, rel=1e-2)


class Mutant(Conv2d):
    """A convolution whose backward pass is wrong on purpose."""

    def __init__(self, mistake):
        super().__init__(2, 2, 3, padding=1, rng=0, dtype=np.float64)
        self.mistake = mistake

    def backward(self, grad_output, *, need_input_grad=True):
        grad_x = super().backward(grad_output)
        if self.mistake == "mean for sum":
            self.grad_weight = self.grad_weight / (grad_output.size / self.out_channels)
        if self.mistake == "kernel flipped":
            self.grad_weight = self.grad_weight[:, :, ::-1, ::-1]
        if self.mistake == "kernel transposed":
            self.grad_weight = self.grad_weight.swapaxes(2, 3)
        if self.mistake == "channels swapped":
            grad_x = grad_x[:, ::-1]
        if self.mistake == "shifted":
            grad_x = np.roll(grad_x, 1, axis=3)
        if self.mistake == "one position":
            self.grad_bias = grad_output[0, :, 0, 0]
        if self.mistake == "a single entry":
            grad_x = np.array(grad_x)
            grad_x[1, 1, 2, 3] *= 1.01
        return grad_x


@pytest.mark.parametrize(
    "mistake, where",
    [
        ("mean for sum", "weight"), ("kernel flipped", "weight"), ("kernel transposed", "weight"),
        ("channels swapped", "input"), ("shifted", "input"), ("one position", "bias"), ("a single entry", "input"),
    ],
)
def test_check_layer_catches_a_wrong_backward_pass(mistake, where):
    x = np.random.default_rng(0).normal(size=(2, 2, 4, 4))
    assert check_layer(Mutant(None), x, rng=1).keys() == {"input", "weight", "bias"}
    message = rf"Conv2d\(2, 2, 3, padding=1\) {where}: gradient at index \(.+\) should be -?\d\S*, got -?\d"
    with pytest.raises(AssertionError, match=message):
        check_layer(Mutant(mistake), x, rng=1)
    if mistake == "a single entry":
        with pytest.raises(AssertionError, match=r"\(1, 1, 2, 3\)"):
            check_layer(Mutant(mistake), x, rng=1)


def test_check_layer_catches_entries_that_are_mixed_up():
    """Under a plain sum of the outputs every gradient is 1, and nobody would see them swapped."""

    class Swapped(Flatten):
        def backward(self, grad_output, *, need_input_grad=True):
            return super().backward(grad_output[:, ::-1])

    with pytest.raises(AssertionError, match=r"Swapped\(\) input: gradient at index"):
        check_layer(Swapped(), np.ones((2, 2, 2)), rng=0)


def test_check_layer_leaves_input_and_parameters_as_they_were():
    layer, x = Linear(3, 2, rng=0, dtype=np.float64), np.arange(6.0).reshape(2, 3)
    weight = layer.weight.copy()
    x.flags.writeable = False
    check_layer(layer, x, rng=0)
    np.testing.assert_array_equal(layer.weight, weight)


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: numerical_gradient(np.sum, np.ones(2, np.float32)), TypeError, "x must be a float64 array .*, got dtype float32"),
        (lambda: numerical_gradient(np.sum, [1, 2]), TypeError, "x must be a float64 array .*, got dtype int64"),
        (lambda: numerical_gradient(np.sum, np.ones(2), epsilon=0), ValueError, r"epsilon must be a finite number in \(0, inf\), got 0"),
        (lambda: check_layer(ReLU(), np.ones((2, 2), int), rng=0), TypeError, "x must be a floating-point array, got dtype int64"),
        (lambda: check_layer(ReLU(), np.ones((2, 2)), rng=None), TypeError, "rng must be a numpy.random.Generator or an integer seed, got None"),
    ],
)
def test_refuses(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_correct_layers_are_not_accused_at_a_kink():
    """Whole numbers and biases of 0 put many units exactly at the ReLU's kink; two kinks in a row say so."""
    said = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        model = Sequential(*(layer for _ in range(2) for layer in (Linear(4, 4, rng=rng, dtype=np.float64), ReLU())))
        try:
            check_layer(model, rng.integers(-2, 3, size=(6, 4)).astype(float), rng=seed)
        except AssertionError as error:
            assert "the function has a kink there, with slopes of" in str(error)  # noqa: PT017 (it may not be raised)
            said += 1
    assert said < 8


def test_a_wrong_gradient_is_seen_among_kinks():
    class Wrong(ReLU):
        def backward(self, grad_output):
            return 1.001 * super().backward(grad_output)

    for seed in range(20):
        x = np.random.default_rng(seed).integers(-2, 3, size=(8, 4)).astype(float)
        with pytest.raises(AssertionError, match="should be"):
            check_layer(Wrong(), x, rng=seed)


def test_what_a_kink_allows():
    corner = lambda x: float(np.abs(x).sum())  # noqa: E731
    for slope in (-1, 0, 0.3, 1):
        assert check_gradient("corner", corner, np.zeros(1), [slope]) <= 1e-6
    with pytest.raises(AssertionError, match=r"got 1.5: the function has a kink there, with slopes of -1 and 1"):
        check_gradient("corner", corner, np.zeros(1), [1.5])
    assert check_gradient("corner", corner, np.array([1e-7]), [1.0]) <= 1e-6  # the kink is near, not here


def test_large_inputs_are_checked_as_far_as_rounding_lets_them():
    rng = np.random.default_rng(0)
    check_layer(Linear(3, 2, rng=rng, dtype=np.float64), rng.normal(size=(4, 3)) * 1e4, rng=0)
    with pytest.raises(AssertionError, match="cannot be checked, got 1: rounding leaves central differences uncertain by"):
        check_gradient("offset", lambda x: 1e14 + float(x.sum()), np.ones(2), [1.0, 1.0])
    assert check_gradient("square", lambda x: float((x**2).sum()), np.array([1e8]), [2e8]) < 1e-6


def test_a_step_of_a_few_bits_is_a_step():
    with pytest.raises(AssertionError, match=r"sum: gradient at index \(0,\) should be 1, got 2"):
        check_gradient("sum", np.sum, np.ones(1), [2.0], epsilon=np.int8(1))


@pytest.mark.parametrize("call, error, message", [
    (lambda: numerical_gradient(np.sum, np.array([1e300]), 1e300), ValueError, "epsilon must leave an entry of 1e.300 finite, got a step of inf"),
    (lambda: check_gradient("f", np.sum, np.ones(1), [1.0], tolerance="no"), TypeError, "tolerance must be a finite number"),
    (lambda: check_gradient("f", np.sum, np.ones(1), [1.0], tolerance=-1), ValueError, "tolerance must be a finite number"),
    (lambda: check_gradient("f", np.sum, np.ones(1), ["a"]), TypeError, "gradient must be an array of numbers"),
    (lambda: numerical_gradient(np.sum, np.array([1, np.inf, np.nan])), ValueError,
     r"x must hold finite numbers only, got inf at index \(1,\)"),
    (lambda: numerical_gradient(lambda x: x, np.ones(2)), TypeError, "function must return a real number"),
    *((lambda value=value: numerical_gradient(lambda x: value, np.ones(2)), TypeError, "function must return a real number")
      for value in ("1", b"1", None, 1j, [1.0], [[1], [1, 2]], object(), 10**400, np.ma.masked, np.ma.array(1.0))),
    (lambda: check_layer(Flatten(), np.ones((1,) * 6), rng=0), ValueError, "x must be a 1-D or 2-D or 3-D or 4-D or 5-D array"),
    (lambda: numerical_gradient(None, np.ones(2)), TypeError, "function must be a function"),
])
@pytest.mark.filterwarnings("error")
def test_arguments_that_slipped_through(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("layer", [Linear, object(), len])
def test_what_is_no_layer_is_refused(layer):
    with pytest.raises(TypeError, match="layer must have forward, backward, parameters and gradients, got "):
        check_layer(layer, np.ones((2, 3)), rng=0)


def test_a_function_may_work_in_place():
    def sum_of_squares_of_sorted(v):
        v.sort()
        v *= v
        return float(v @ [1.0, 10.0, 100.0])

    x = np.array([3.0, 1.0, 2.0])
    np.testing.assert_allclose(numerical_gradient(sum_of_squares_of_sorted, x), [600, 2, 40], rtol=1e-6)
    assert check_gradient("squares", sum_of_squares_of_sorted, x, [600, 2, 40]) < 1e-6


def test_check_layer_leaves_buffers_as_they_were():
    layer = BatchNorm2d(2, dtype=np.float64)
    x = np.random.default_rng(0).normal(3, 2, (2, 2, 3, 3))
    layer(x)
    before = {name: value.copy() for name, value in layer.buffers().items()}
    check_layer(layer, x, rng=0)
    for name, value in layer.buffers().items():
        np.testing.assert_array_equal(value, before[name], err_msg=name)
