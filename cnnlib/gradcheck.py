"""Gradient check: does a backward pass agree with central differences?"""

import numpy as np

from cnnlib._validate import check_float_array, check_number, check_rng


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
        Above 0.

    Returns
    -------
    ndarray of float64, shape of `x`

    Raises
    ------
    TypeError, ValueError
        If `x` is not float64, or `epsilon` not above 0.

    Examples
    --------
    >>> numerical_gradient(lambda x: float((x ** 2).sum()), np.array([1.0, -3.0])).round(6)
    array([ 2., -6.])
    """
    x, epsilon = np.asarray(x), check_number("epsilon", epsilon, 0, open_low=True)
    if x.dtype != np.float64:
        raise TypeError(f"x must be a float64 array for central differences, got dtype {x.dtype}")
    point, gradient = x.copy(), np.empty(x.shape)
    for index in np.ndindex(x.shape):
        value = point[index]
        point[index] = value + epsilon
        above = function(point)
        point[index] = value - epsilon
        below = function(point)
        point[index] = value
        gradient[index] = (above - below) / (2 * epsilon)
    return gradient


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
        Largest error allowed, relative to the larger of 1 and the expected gradient's maximum.

    Returns
    -------
    float
        The largest error found, relative in the same way.

    Raises
    ------
    AssertionError
        If the error exceeds `tolerance`: names the entry, the expected and the received value.

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
    expected = numerical_gradient(function, x, epsilon)
    received = np.asarray(gradient, dtype=np.float64)
    if received.shape != expected.shape:
        raise AssertionError(f"{name}: gradient should have shape {expected.shape}, got {received.shape}")
    error = np.abs(received - expected) / max(1.0, float(np.abs(expected).max()))
    worst = tuple(int(i) for i in np.unravel_index(np.argmax(error), error.shape))  # argmax takes the first NaN
    if not error[worst] <= tolerance:  # also when it is NaN
        raise AssertionError(
            f"{name}: gradient at index {worst} should be {expected[worst]:.6g}, got {received[worst]:.6g}"
        )
    return float(error[worst])


def check_layer(layer, x, rng, *, tolerance=1e-6):
    """Check a layer's gradients in its input and in every parameter.

    The layer's output is made a number by a random weighting of its entries, whose gradient is
    those weights; a backward pass that mixes up two entries cannot hide behind a plain sum.

    Parameters
    ----------
    layer : object with ``forward``, ``backward``, ``parameters`` and ``gradients``
        In float64. Its forward pass must give the same output each time (a dropout layer in
        training does not).
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
    x = check_float_array("x", x, tuple(range(1, 6)))
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
