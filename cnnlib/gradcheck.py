"""Gradient check: does a backward pass agree with central differences?"""

import numpy as np

from cnnlib._validate import check_array, check_callable, check_finite, check_float_array, check_number, check_rng


def numerical_gradient(function, x, epsilon=1e-6):
    r"""Return the gradient of a scalar function by central differences.

    .. math:: \frac{\partial f}{\partial x_i} \approx \frac{f(x + \epsilon e_i) - f(x - \epsilon e_i)}{2 \epsilon}

    Parameters
    ----------
    function : callable
        Takes an array like `x`, returns a number.
    x : ndarray of float64, any shape
        float32 is refused: its rounding would drown the difference.
    epsilon : float, default 1e-6
        Above 0. The step, relative to the entry where that is larger than 1.

    Returns
    -------
    ndarray of float64, shape of `x`

    Raises
    ------
    TypeError, ValueError
        If `x` is not float64 and finite, `epsilon` not above 0, or `function` returns no number.

    Examples
    --------
    >>> numerical_gradient(lambda x: float((x ** 2).sum()), np.array([1.0, -3.0])).round(6)
    array([ 2., -6.])
    """
    x = _checked_point(x)
    epsilon, function = check_number("epsilon", epsilon, 0, open_low=True), check_callable("function", function, "x")
    point, gradient = x.copy(), np.empty(x.shape)
    for index in np.ndindex(x.shape):
        gradient[index] = _Slopes(function, point, index, epsilon).central
    return gradient


def _checked_point(x):
    x = check_array("x", x, None)
    if x.dtype != np.float64:
        raise TypeError(f"x must be a float64 array for central differences, got dtype {x.dtype}")
    check_finite("x", x)
    return x


class _Slopes:
    """Differences of `function` at one entry of `point`, to either side and across.

    The step is `epsilon` relative to the entry, where that is larger than 1: beside 10⁸ a step of
    10⁻⁶ is as small as the rounding of the sum. What is divided by is the step that was really made.
    """

    def __init__(self, function, point, index, epsilon):
        value = float(point[index])
        step = epsilon * max(1.0, abs(value))
        values, places = [], (value - step, value, value + step)
        if places[0] == value or places[2] == value:
            raise ValueError(f"epsilon must change an entry of {value:g}, got a step of {step:.3g}, lost in rounding")
        if not np.isfinite(places[2] - places[0]):
            raise ValueError(f"epsilon must leave an entry of {value:g} finite, got a step of {step:.3g}")
        for place in places:
            point[index] = place
            values.append(_number(function(point.copy())))  # it may work in place
        point[index] = value
        below, at, above = values
        self.left, self.right = (at - below) / (value - places[0]), (above - at) / (places[2] - value)
        self.central = (above - below) / (places[2] - places[0])
        # What rounding alone can make of the difference: some hundred operations went into each value.
        self.uncertain = 100 * np.finfo(np.float64).eps * max(abs(below), abs(above)) / step


def _number(value):
    try:
        if isinstance(value, (str, bytes, list, tuple, np.ma.MaskedArray)) or np.ndim(value) or not np.isrealobj(value):
            raise TypeError
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise TypeError(f"function must return a real number, got {value!r:.60}") from None


def check_gradient(name, function, x, gradient, *, epsilon=1e-6, tolerance=1e-6):
    """Compare a gradient with `numerical_gradient`; say where and by how much they differ.

    Parameters
    ----------
    name : str
        What is checked, for the message.
    function : callable
        Takes an array like `x`, returns a number.
    x : ndarray of float64
    gradient : array_like, shape of `x`
        What the backward pass returned.
    epsilon : float, default 1e-6
    tolerance : float, default 1e-6
        Largest error allowed, relative to the larger of 1 and the expected gradient's maximum. At a
        kink, such as a ReLU's at 0, any gradient between the slopes of its two sides is right.

    Returns
    -------
    float
        The largest error found, relative in the same way.

    Raises
    ------
    AssertionError
        If the error exceeds `tolerance`: names the entry, the expected and the received value; says
        "kink" or "rounding" where it is one.
    TypeError, ValueError
        As `numerical_gradient`, and if `gradient` or `tolerance` is not of numbers.

    Examples
    --------
    >>> cube = lambda x: float((x ** 3).sum())
    >>> check_gradient("cube", cube, np.array([2.0]), [12.0]) < 1e-6
    True
    >>> check_gradient("cube", cube, np.array([2.0]), [6.0])
    Traceback (most recent call last):
        ...
    AssertionError: cube: gradient at index (0,) should be 12, got 6
    """
    tolerance, epsilon = check_number("tolerance", tolerance, 0), check_number("epsilon", epsilon, 0, open_low=True)
    expected = numerical_gradient(function, x, epsilon)
    received = check_array("gradient", gradient, None).astype(np.float64)
    if received.shape != expected.shape:
        raise AssertionError(f"{name}: gradient should have shape {expected.shape}, got {received.shape}")
    scale = max(1.0, float(np.abs(expected).max()))
    error = np.abs(received - expected) / scale
    point = np.array(x)
    while not error.max() <= tolerance:  # also when it is NaN
        worst = tuple(int(i) for i in np.unravel_index(np.argmax(error), error.shape))  # argmax takes the first NaN
        error[worst] = _error_looked_at_again(name, function, point, worst, received[worst], epsilon, tolerance, scale)
    return float(error.max())


def _error_looked_at_again(name, function, point, index, received, epsilon, tolerance, scale):
    """Look again where a gradient seems to be wrong; return its error if it is not, raise otherwise.

    A smaller step leaves a kink near by behind, a larger one stands out from rounding: a gradient that
    agrees with either is right. What then still differs is wrong, or lies on a kink, or in rounding.
    """
    for factor in (1, 0.1, 0.01, 100, 10_000):
        slopes = _Slopes(function, point, index, epsilon * factor)
        if abs(received - slopes.central) <= tolerance * scale:
            return abs(received - slopes.central) / scale
    where, first = f"{name}: gradient at index {index}", _Slopes(function, point, index, epsilon)
    if abs(received - first.central) <= first.uncertain:
        raise AssertionError(
            f"{where} cannot be checked, got {received:.6g}: rounding leaves central differences uncertain"
            f" by {first.uncertain:.1g}; use smaller numbers"
        )
    nearest = _Slopes(function, point, index, epsilon / 100)
    low, high = sorted((nearest.left, nearest.right))
    slack = tolerance * scale + nearest.uncertain
    if high - low > 10 * slack:  # the slopes of a curve would be closer than that
        if low - slack <= received <= high + slack:
            return 0.0
        raise AssertionError(
            f"{where} cannot be checked, got {received:.6g}: the function has a kink there, with slopes of"
            f" {nearest.left:.6g} and {nearest.right:.6g} beside it; move the input a little"
        )
    raise AssertionError(f"{where} should be {first.central:.6g}, got {received:.6g}")


def check_layer(layer, x, rng, *, tolerance=1e-6):
    """Check a layer's gradients in its input and in every parameter.

    The layer's output is made a number by a random weighting of its entries, whose gradient is
    those weights; a backward pass that mixes up two entries cannot hide behind a plain sum.

    Parameters
    ----------
    layer : object with ``forward``, ``backward``, ``parameters`` and ``gradients``
        In float64. Its forward pass must give the same output each time (a dropout layer in
        training does not). It keeps the parameters and the buffers that it has.
    x : ndarray of float64
    rng : numpy.random.Generator or int
    tolerance : float, default 1e-6

    Returns
    -------
    dict of str to float
        The largest relative error of each gradient, under "input" and the parameters' names.

    Raises
    ------
    AssertionError
        As `check_gradient`.

    Examples
    --------
    >>> from cnnlib.layers import Linear
    >>> sorted(check_layer(Linear(3, 2, rng=0, dtype=np.float64), np.ones((4, 3)), rng=0))
    ['bias', 'input', 'weight']
    """
    for name in ("forward", "backward", "parameters", "gradients"):
        if isinstance(layer, type) or not hasattr(layer, name):
            raise TypeError(f"layer must have forward, backward, parameters and gradients, got {layer!r:.60}")
    x = check_float_array("x", x, tuple(range(1, 6)))
    buffers = layer.buffers() if hasattr(layer, "buffers") else {}
    kept = {name: np.array(buffer) for name, buffer in buffers.items()}
    try:
        return _layer_errors(layer, x, rng, tolerance)
    finally:
        for name, buffer in buffers.items():  # each forward pass in training moves them
            buffer[...] = kept[name]


def _layer_errors(layer, x, rng, tolerance):
    weighting = check_rng(rng).normal(size=layer.forward(x).shape)
    grad_x = np.array(layer.backward(weighting))
    gradients = {name: np.array(value) for name, value in layer.gradients().items()}
    label = repr(layer)

    def output_with(target):
        def weighted_output(value):
            kept = target.copy()
            target[...] = value
            try:
                return float((layer.forward(x) * weighting).sum())
            finally:
                target[...] = kept
        return weighted_output

    x = x.copy()
    errors = {"input": check_gradient(f"{label} input", output_with(x), x, grad_x, tolerance=tolerance)}
    for name, parameter in layer.parameters().items():
        errors[name] = check_gradient(
            f"{label} {name}", output_with(parameter), parameter, gradients[name], tolerance=tolerance
        )
    return errors
