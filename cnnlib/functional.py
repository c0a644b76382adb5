"""Activations and losses, forward beside backward.

An activation's backward takes the gradient in its output and what the forward pass saw. A loss
returns its value and its gradient together, since both come from the same few numbers.
"""

import numpy as np

from cnnlib._columns import masked
from cnnlib._validate import (
    check_array,
    check_float_array,
    check_labels,
    check_number,
    check_same_shape,
    quietly,
    widened,
)

# Activations -------------------------------------------------------------------------------------


def relu(x):
    r"""Return :math:`\max(x, 0)`, entry by entry.

    Parameters
    ----------
    x : ndarray of float or int, any shape

    Returns
    -------
    ndarray, shape and dtype of `x`

    Examples
    --------
    >>> relu(np.array([-2.0, 0.0, 3.0]))
    array([0., 0., 3.])
    """
    x = check_array("x", x, None)
    return np.maximum(x, x.dtype.type(0))


def relu_backward(grad_output, x):
    """Return `grad_output` where `x` was positive and 0 elsewhere (also at 0, as in PyTorch).

    Examples
    --------
    >>> relu_backward(np.array([5.0, 5.0, 5.0]), np.array([-2.0, 0.0, 3.0]))
    array([0., 0., 5.])
    """
    x = check_array("x", x, None)
    grad_output = _like(grad_output, x)
    return masked(grad_output, x > 0)


@quietly
def leaky_relu(x, negative_slope=0.01):
    r"""Return :math:`x` where positive and :math:`\alpha x` elsewhere.

    Parameters
    ----------
    x : ndarray of float, any shape
    negative_slope : float, default 0.01
        :math:`\alpha`.

    Returns
    -------
    ndarray, shape and dtype of `x`

    Examples
    --------
    >>> leaky_relu(np.array([-2.0, 3.0]), 0.5)
    array([-1.,  3.])
    """
    x, slope = check_float_array("x", x, None), check_number("negative_slope", negative_slope)
    return np.where(x > 0, x, x.dtype.type(slope) * x)


@quietly
def leaky_relu_backward(grad_output, x, negative_slope=0.01):
    """Return `grad_output`, scaled by `negative_slope` where `x` was not positive.

    Examples
    --------
    >>> leaky_relu_backward(np.array([4.0, 4.0]), np.array([-2.0, 3.0]), 0.5)
    array([2., 4.])
    """
    x, slope = check_array("x", x, None), check_number("negative_slope", negative_slope)
    grad_output = _like(grad_output, x)
    return np.where(x > 0, grad_output, grad_output.dtype.type(slope) * grad_output)


@quietly
def sigmoid(x):
    r"""Return :math:`g(x) = 1 / (1 + e^{-x})`, entry by entry, without overflow.

    Parameters
    ----------
    x : ndarray of float, any shape

    Returns
    -------
    ndarray in [0, 1], shape and dtype of `x`

    Examples
    --------
    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    x = check_float_array("x", x, None)
    output = _near_sigmoid(x)
    tail = x < np.log(np.finfo(x.dtype).eps) / 2  # there half of the digits, and soon all, would be lost in the sum
    if not tail.any():
        return output
    power = np.exp(np.minimum(x, 0))
    return np.where(tail, power / (1 + power), output)[()]  # a single number stays one


def _near_sigmoid(x):
    """To the rounding of numbers near 1: what a gradient, which is a difference from 0 or 1, needs."""
    # tanh saturates instead of overflowing; the identity is g(x) = (1 + tanh(x/2)) / 2
    half = x.dtype.type(0.5)
    return half * np.tanh(half * x) + half


@quietly
def sigmoid_backward(grad_output, output):
    r"""Return ``grad_output`` times :math:`g' = g\,(1 - g)`, from the *output* g of `sigmoid`.

    Examples
    --------
    >>> sigmoid_backward(np.array([1.0]), np.array([0.5]))
    array([0.25])
    """
    output = check_float_array("output", output, None)
    return _like(grad_output, output) * output * (1 - output)


@quietly
def tanh(x):
    """Return the hyperbolic tangent, entry by entry.

    Examples
    --------
    >>> tanh(np.array([0.0]))
    array([0.])
    """
    return np.tanh(check_float_array("x", x, None))


@quietly
def tanh_backward(grad_output, output):
    r"""Return ``grad_output`` times :math:`1 - \tanh^2`, from the *output* of `tanh`.

    Examples
    --------
    >>> tanh_backward(np.array([2.0]), np.array([0.5]))
    array([1.5])
    """
    output = check_float_array("output", output, None)
    return _like(grad_output, output) * (1 - output * output)


def _like(grad_output, array):
    """The gradient, if it has one entry for each of `array`: broadcasting would hide a mistake."""
    grad_output = check_float_array("grad_output", grad_output, None)
    check_same_shape("grad_output", grad_output, array.shape)
    return grad_output


@quietly
def softmax(logits):
    r"""Turn each row of logits into probabilities, :math:`p_k = e^{z_k} / \sum_j e^{z_j}`.

    Parameters
    ----------
    logits : ndarray of float, shape (N, K)

    Returns
    -------
    ndarray, shape (N, K)
        Rows sum to 1.

    Examples
    --------
    >>> softmax(np.array([[1000.0, 1000.0], [0.0, np.log(3)]])).round(2)
    array([[0.5 , 0.5 ],
           [0.25, 0.75]])
    """
    logits, narrowed = widened(check_float_array("logits", logits, 2, axes="(N, K)"))
    powers = np.exp(_less_largest(logits))
    return narrowed(powers / powers.sum(axis=1, keepdims=True))


def _less_largest(logits):
    """Subtract each row's largest entry, which becomes 0, also where it is infinite: no power overflows."""
    largest = logits.max(axis=1, keepdims=True)
    return np.where(logits == largest, logits.dtype.type(0), logits - largest)


# Losses: value and gradient ----------------------------------------------------------------------


@quietly
def softmax_cross_entropy(logits, labels):
    r"""Return the mean cross-entropy of `softmax`, and its gradient in the logits.

    .. math::

        L = -\frac{1}{N} \sum_n \log p_{n, y_n}, \qquad
        \frac{\partial L}{\partial z_{n,k}} = \frac{p_{n,k} - [k = y_n]}{N}

    Parameters
    ----------
    logits : ndarray of float, shape (N, K)
        May be infinite: the loss is the limit, and several that are +∞ share the probability.
    labels : array_like of int, shape (N,)
        Classes in 0 .. K − 1.

    Returns
    -------
    loss : float
        In nats; log K for a net that knows nothing.
    grad_logits : ndarray of float, shape (N, K)

    Raises
    ------
    TypeError, ValueError
        If labels are not N integers in range.

    Examples
    --------
    >>> loss, grad = softmax_cross_entropy(np.zeros((1, 4)), [2])
    >>> round(loss, 4), grad
    (1.3863, array([[ 0.25,  0.25, -0.75,  0.25]]))
    """
    logits = check_float_array("logits", logits, 2, axes="(N, K)")
    count, classes = logits.shape
    labels = check_labels("labels", labels, count, classes)
    logits, narrowed = widened(logits)
    rows = np.arange(count)
    shifted = _less_largest(logits)
    powers = np.exp(shifted)
    total = powers.sum(axis=1)
    loss = float((np.log(total) - shifted[rows, labels]).mean())
    grad = powers / total[:, None]
    grad[rows, labels] -= 1
    grad /= logits.dtype.type(count)
    return loss, narrowed(grad)


@quietly
def logistic_loss(logits, targets):
    r"""Return the mean logistic loss of one logit an example, and its gradient.

    .. math::

        L = -\frac{1}{N} \sum_n y_n \log g(z_n) + (1 - y_n) \log(1 - g(z_n)), \qquad
        \frac{\partial L}{\partial z_n} = \frac{g(z_n) - y_n}{N}

    The minus sign makes it a loss: without it, as the lecture writes the formula, it is the
    log-likelihood, which training would make larger.

    Parameters
    ----------
    logits : ndarray of float, shape (N,) or (N, 1)
    targets : array_like, shape of `logits`
        In [0, 1]: classes 0 and 1, or probabilities.

    Returns
    -------
    loss : float
        In nats.
    grad_logits : ndarray of float, shape of `logits`

    Raises
    ------
    TypeError, ValueError
        If shapes differ or a target is outside [0, 1].

    Examples
    --------
    >>> loss, grad = logistic_loss(np.array([0.0, 0.0]), [1, 0])
    >>> round(loss, 4), grad
    (0.6931, array([-0.25,  0.25]))
    """
    logits, narrowed = widened(check_float_array("logits", logits, (1, 2), axes="(N,) or (N, 1)"))
    targets = check_array("targets", targets, (1, 2)).astype(logits.dtype, copy=False)
    check_same_shape("targets", targets, logits.shape)
    if not ((targets >= 0) & (targets <= 1)).all():
        raise ValueError(f"targets must be in [0, 1], got {targets.min():g} to {targets.max():g}")
    # log(1 + e^z) − y z is the same sum, and logaddexp keeps it exact for large |z|
    losses = np.logaddexp(logits.dtype.type(0), logits) - targets * logits
    # where it is infinite the sum is ∞ − ∞ or 0 · ∞: no loss for what is certain and right
    losses = np.where(np.isinf(logits), np.where(targets == (logits > 0), 0, np.inf), losses)
    return float(losses.mean()), narrowed((_near_sigmoid(logits) - targets) / logits.dtype.type(logits.size))


@quietly
def squared_error(outputs, targets):
    r"""Return the mean squared error over all entries, and its gradient.

    .. math:: L = \frac{1}{M} \sum_m (\hat y_m - y_m)^2, \qquad
              \frac{\partial L}{\partial \hat y_m} = \frac{2 (\hat y_m - y_m)}{M}

    Parameters
    ----------
    outputs : ndarray of float, any shape, M entries
    targets : array_like, shape of `outputs`

    Returns
    -------
    loss : float
    grad_outputs : ndarray of float, shape of `outputs`

    Raises
    ------
    TypeError, ValueError
        If shapes differ.

    Examples
    --------
    >>> squared_error(np.array([1.0, 3.0]), [1.0, 1.0])
    (2.0, array([0., 2.]))
    """
    outputs, narrowed = widened(check_float_array("outputs", outputs, None))
    targets = check_array("targets", targets, None).astype(outputs.dtype, copy=False)
    check_same_shape("targets", targets, outputs.shape)
    difference = outputs - targets
    return float(np.mean(difference * difference)), narrowed(difference * outputs.dtype.type(2 / outputs.size))
