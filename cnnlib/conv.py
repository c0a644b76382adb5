r"""Convolution in one and two dimensions, forward beside backward.

What deep learning calls convolution is cross-correlation: the kernel is not flipped.

.. math:: y_{i,j} = \sum_{a,b} K_{a,b}\; x_{s i + d a - p,\; s j + d b - p}

with stride :math:`s`, dilation :math:`d`, padding :math:`p`, and zero outside the input.
`cross_correlate1d` and `cross_correlate2d` are this formula for one array and one kernel,
`convolve1d` and `convolve2d` flip the kernel as mathematics and signal processing do, and
`conv1d` and `conv2d` are the layer's operation on batches, with the meaning and argument names
of ``torch.nn.functional``.

How a batch lies in memory is in `cnnlib._columns`, and how `conv2d` is computed in `cnnlib._lines`, or, if one
asks for it, in `cnnlib._winograd`.
"""

import numpy as np

from cnnlib import _lines, _winograd
from cnnlib._columns import (
    checked_bias,
    checked_images,
    from_batch_last,
    pad_batch_last,
    window_view,
    windows_of,
)
from cnnlib._validate import (
    check_array,
    check_bool,
    check_choice,
    check_float_array,
    check_pair,
    check_same_shape,
    check_size,
    quietly,
    widened,
)
from cnnlib.shapes import options_1d_as_2d, output_shape2d, resolve_padding2d

METHODS = ("loops", "windows", "matmul")
BATCH_METHODS = {"lines": _lines.forward, "winograd": _winograd.forward}


# One array, one kernel ---------------------------------------------------------------------------


@quietly
def cross_correlate2d(image, kernel, stride=1, padding=0, dilation=1, *, method="windows"):
    r"""Slide a kernel over an image and sum the products in each window.

    .. math:: (I \star K)_{i,j} = \sum_{a,b} I_{i+a,\, j+b}\, K_{a,b}

    Parameters
    ----------
    image : array_like, shape (H, W)
    kernel : array_like, shape (KH, KW)
    stride, dilation : int or tuple of int, default 1
        Step of the window, and step inside it, as one number or ``(height, width)``.
    padding : int, tuple of int or {"valid", "same", "full"}, default 0
        Zeros around the image; see `cnnlib.shapes.resolve_padding`.
    method : {"windows", "loops", "matmul"}
        Three ways to the same numbers, to be read beside one another: plain Python loops, a view
        of all windows summed at once, or one product with the matrix whose columns are windows.

    Returns
    -------
    ndarray, shape (OH, OW)
        Integers stay exact (int64); otherwise the common floating type of both inputs.
        Sizes are those of `cnnlib.shapes.output_shape2d`.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind or rank, the kernel exceeds the padded image, or an array of more than
        2**29 numbers would be needed.

    See Also
    --------
    convolve2d : flips the kernel first.
    conv2d : batches of images with channels.

    Examples
    --------
    >>> cross_correlate2d([[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[1, 0], [0, -1]])
    array([[-4, -4],
           [-4, -4]])
    """
    image, kernel = _numbers("image", image, 2), _numbers("kernel", kernel, 2)
    stride, dilation = check_pair("stride", stride, 1), check_pair("dilation", dilation, 1)
    rows, columns = output_shape2d(image.shape, kernel.shape, stride, padding, dilation)
    pads = resolve_padding2d(padding, kernel.shape, dilation, stride=stride)
    ways = {"loops": _by_loops, "windows": _by_windows, "matmul": _by_matmul}
    compute = ways[check_choice("method", method, METHODS)]
    check_size("padding", [n + sum(pad) for n, pad in zip(image.shape, pads)])
    if compute is _by_matmul:
        check_size('method "matmul"', (kernel.size, rows, columns))
    _check_exact(image, kernel)
    image, kernel, narrowed = widened(image, kernel)
    return narrowed(compute(np.pad(image, pads), kernel, (rows, columns), stride, dilation))


def _by_loops(image, kernel, shape, stride, dilation):
    """The formula, word for word."""
    output = np.zeros(shape, np.result_type(image, kernel))
    for i in range(shape[0]):
        for j in range(shape[1]):
            for a in range(kernel.shape[0]):
                for b in range(kernel.shape[1]):
                    y, x = i * stride[0] + a * dilation[0], j * stride[1] + b * dilation[1]
                    output[i, j] += image[y, x] * kernel[a, b]
    return output


def _by_windows(image, kernel, shape, stride, dilation):
    """All windows as one four-dimensional view of the image (no copy), summed in one call."""
    return np.einsum("ijab,ab->ij", window_view(image, kernel.shape, shape, stride, dilation), kernel)


def _by_matmul(image, kernel, shape, stride, dilation):
    """The windows copied out as the columns of a matrix: one product does the rest."""
    windows = window_view(image, kernel.shape, shape, stride, dilation)
    columns = windows.transpose(2, 3, 0, 1).reshape(kernel.size, -1)
    return (kernel.reshape(1, -1) @ columns).reshape(shape)


@quietly
def convolve2d(image, kernel, stride=1, padding=0, dilation=1, *, method="windows"):
    r"""Convolve in the mathematical sense: flip the kernel on both axes, then cross-correlate.

    .. math:: (I * K)_{i,j} = \sum_{a,b} I_{i-a,\, j-b}\, K_{a,b}

    Parameters are those of `cross_correlate2d`. For "same" with an even kernel the extra zero
    goes before and not after, since the flip mirrors the kernel's longer half; the result is
    then that of ``scipy.signal.convolve2d``.

    Parameters
    ----------
    image : array_like, shape (H, W)
    kernel : array_like, shape (KH, KW)
    stride, dilation : int or tuple of int, default 1
    padding : int, tuple of int or {"valid", "same", "full"}, default 0
    method : {"windows", "loops", "matmul"}

    Returns
    -------
    ndarray, shape (OH, OW)

    Examples
    --------
    A single 1 in the image stamps out the kernel itself; cross-correlation stamps it flipped.

    >>> spot = [[0, 0, 0], [0, 1, 0], [0, 0, 0]]
    >>> convolve2d(spot, [[1, 2], [3, 4]])
    array([[1, 2],
           [3, 4]])
    >>> cross_correlate2d(spot, [[1, 2], [3, 4]])
    array([[4, 3],
           [2, 1]])
    """
    image, kernel = _numbers("image", image, 2), _numbers("kernel", kernel, 2)
    stride, dilation = check_pair("stride", stride, 1), check_pair("dilation", dilation, 1)
    pads = resolve_padding2d(padding, kernel.shape, dilation, stride=stride)
    check_size("padding", [n + sum(pad) for n, pad in zip(image.shape, pads)])
    padded = np.pad(image, [(after, before) for before, after in pads])
    return cross_correlate2d(padded, kernel[::-1, ::-1], stride, 0, dilation, method=method)


def cross_correlate1d(signal, kernel, stride=1, padding=0, dilation=1, *, method="windows"):
    r"""Slide a kernel along a signal and sum the products in each window.

    .. math:: (\theta \star x)_i = \sum_{j=0}^{m-1} \theta_j\, x_{i+j}

    Parameters
    ----------
    signal : array_like, shape (n,)
    kernel : array_like, shape (m,)
    stride, dilation : int, default 1
    padding : int or {"valid", "same", "full"}, default 0
    method : {"windows", "loops", "matmul"}
        See `cross_correlate2d`.

    Returns
    -------
    ndarray, shape (output_size,)

    Raises
    ------
    TypeError, ValueError
        As `cross_correlate2d`.

    Examples
    --------
    The lecture's example:

    >>> cross_correlate1d([1, 1, 1, 0, 0], [1, 0, 1])
    array([2, 1, 1])
    """
    return _as_one_row(cross_correlate2d, signal, kernel, stride, padding, dilation, method)


def convolve1d(signal, kernel, stride=1, padding=0, dilation=1, *, method="windows"):
    r"""Convolve a signal in the mathematical sense: the kernel is flipped.

    .. math:: (\theta * x)_i = \sum_{j=0}^{m-1} \theta_j\, x_{i-j}

    Parameters
    ----------
    signal : array_like, shape (n,)
    kernel : array_like, shape (m,)
    stride, dilation : int, default 1
    padding : int or {"valid", "same", "full"}, default 0
    method : {"windows", "loops", "matmul"}

    Returns
    -------
    ndarray, shape (output_size,)

    Examples
    --------
    >>> convolve1d([0, 1, 0, 0], [1, 2, 3]), cross_correlate1d([0, 0, 1, 0], [1, 2, 3])
    (array([2, 3]), array([3, 2]))
    """
    return _as_one_row(convolve2d, signal, kernel, stride, padding, dilation, method)


def _as_one_row(operation, signal, kernel, stride, padding, dilation, method):
    """A signal is an image of one row."""
    signal, kernel = _numbers("signal", signal, 1), _numbers("kernel", kernel, 1)
    return operation(signal[None], kernel[None], *options_1d_as_2d(stride, padding, dilation), method=method)[0]


def _numbers(name, value, ndim):
    """A checked array: integers of any size, and booleans, become int64."""
    array = check_array(name, value, ndim)
    if array.dtype.kind == "f":
        return array
    if array.dtype.kind == "u" and array.max() >= 2**63:
        raise ValueError(f"{name} must hold integers below 2**63, got {array.max()}: use floating-point numbers")
    return array.astype(np.int64)


def _check_exact(image, kernel):
    """Raise if a sum of products of integers might leave int64, where it would wrap around."""
    if image.dtype.kind == kernel.dtype.kind == "i":
        largest = max(-int(image.min()), int(image.max()))
        if largest * sum(abs(int(weight)) for weight in kernel.flat) >= 2**63:
            raise ValueError(
                f"kernel must leave all sums below 2**63 to be exact, got integers of up to {np.abs(kernel).max()} on"
                f" integers of up to {largest}: use floating-point numbers"
            )


# Batches -----------------------------------------------------------------------------------------


@quietly
def conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1, *, method="lines"):
    r"""Apply a bank of filters to a batch of images.

    .. math:: y_{n,o,i,j} = b_o + \sum_{c,a,b} W_{o,c,a,b}\; x_{n,\, c,\, s i + d a - p,\, s j + d b - p}

    Parameters
    ----------
    x : ndarray of float, shape (N, C_in, H, W)
    weight : ndarray of float, shape (C_out, C_in, KH, KW)
        One filter an output channel; each has a kernel for every input channel.
    bias : ndarray of float, shape (C_out,), optional
    stride, dilation : int or tuple of int, default 1
    padding : int, tuple of int or {"valid", "same", "full"}, default 0
    method : {"lines", "winograd"}
        "winograd" does half of the multiplications, for kernels of three rows with stride and dilation 1. That
        pays from some 32 channels on; the price is rounding: see the notes.

    Returns
    -------
    ndarray of float, shape (N, C_out, OH, OW)

    Raises
    ------
    TypeError, ValueError
        If an array has the wrong rank or kind, channels differ, the kernel does not fit, it is not for the method,
        or an array of more than 2**29 numbers would be needed, such as the output.

    Notes
    -----
    Follows ``torch.nn.functional.conv2d`` (without groups). Computed as matrix products, one for each row of
    the output, whose factors overlap in memory: see `cnnlib._lines`.

    `cnnlib._winograd` computes four rows of the output from six products in place of twelve. It divides by 24 and adds
    up numbers that nearly cancel, so whole numbers do not stay exact, equal windows may get sums that differ in
    the last digits (by their row modulo four), and an infinity or NaN spoils all rows of its group. It is
    no way to a gradient: `conv2d_backward` is always computed by lines.

    Examples
    --------
    >>> x = np.arange(9.0).reshape(1, 1, 3, 3)
    >>> conv2d(x, np.ones((1, 1, 2, 2)), bias=np.array([0.5]))
    array([[[[ 8.5, 12.5],
             [20.5, 24.5]]]])
    """
    x, weight = checked_images(x), check_float_array("weight", weight, 4, axes="(C_out, C_in, KH, KW)")
    bias = None if bias is None else checked_bias(bias, (len(weight),))
    g = windows_of(x, weight.shape, stride, padding, dilation)
    compute = BATCH_METHODS[check_choice("method", method, tuple(BATCH_METHODS))]
    x, weight, narrowed = widened(x, weight)
    y = compute(g, x, weight, bias, np.result_type(x, weight))
    return narrowed(from_batch_last(y))


@quietly
def conv2d_backward(grad_output, x, weight, stride=1, padding=0, dilation=1, *, need_input_grad=True):
    r"""Return the gradients of `conv2d` in its input, weight and bias.

    .. math::

        \frac{\partial L}{\partial W_{o,c,a,b}} &= \sum_{n,i,j} G_{n,o,i,j}\; x_{n,c,s i + d a - p,\, s j + d b - p} \\
        \frac{\partial L}{\partial x_{n,c,u,v}} &= \sum_{o,i,j,a,b} G_{n,o,i,j}\, W_{o,c,a,b}
            \quad\text{over } s i + d a - p = u,\; s j + d b - p = v \\
        \frac{\partial L}{\partial b_o} &= \sum_{n,i,j} G_{n,o,i,j}

    A weight is used at every position, so its gradient is the sum over them all.

    Parameters
    ----------
    grad_output : ndarray of float, shape (N, C_out, OH, OW)
        :math:`G`, the gradient of the loss in the output.
    x, weight, stride, padding, dilation
        As given to `conv2d`.
    need_input_grad : bool, default True
        False skips the first gradient, which the first layer of a net has no use for.

    Returns
    -------
    grad_x : ndarray of float, shape of `x`, or None
    grad_weight : ndarray of float, shape of `weight`
    grad_bias : ndarray of float, shape (C_out,)

    Raises
    ------
    TypeError, ValueError
        As `conv2d`, and if `grad_output` does not have the output's shape.

    Examples
    --------
    >>> x, weight = np.arange(9.0).reshape(1, 1, 3, 3), np.ones((1, 1, 2, 2))
    >>> grad_x, grad_weight, grad_bias = conv2d_backward(np.ones((1, 1, 2, 2)), x, weight)
    >>> grad_x[0, 0]
    array([[1., 2., 1.],
           [2., 4., 2.],
           [1., 2., 1.]])
    >>> grad_weight[0, 0], grad_bias
    (array([[ 8., 12.],
           [20., 24.]]), array([4.]))
    """
    x, weight = checked_images(x), check_float_array("weight", weight, 4, axes="(C_out, C_in, KH, KW)")
    g = windows_of(x, weight.shape, stride, padding, dilation)
    grad_output = check_float_array("grad_output", grad_output, 4, axes="(N, C_out, OH, OW)")
    need_input_grad = check_bool("need_input_grad", need_input_grad)
    check_same_shape("grad_output", grad_output, (len(x), len(weight), *g.output))
    grad_output, x, weight, narrowed = widened(grad_output, x, weight)
    padded, dtype = pad_batch_last(x, g.pads), np.result_type(grad_output, x, weight)
    grad_padded, grad_weight, grad_bias = _lines.backward(g, padded, weight, grad_output, dtype, need_input_grad)
    grad_x = narrowed(g.unpad(grad_padded)) if need_input_grad else None
    return grad_x, narrowed(grad_weight), narrowed(grad_bias)


def conv1d(x, weight, bias=None, stride=1, padding=0, dilation=1):
    r"""Apply a bank of filters to a batch of signals.

    .. math:: y_{n,o,i} = b_o + \sum_{c,a} W_{o,c,a}\; x_{n,\, c,\, s i + d a - p}

    Parameters
    ----------
    x : ndarray of float, shape (N, C_in, L)
    weight : ndarray of float, shape (C_out, C_in, K)
    bias : ndarray of float, shape (C_out,), optional
    stride, dilation : int, default 1
    padding : int or {"valid", "same", "full"}, default 0

    Returns
    -------
    ndarray of float, shape (N, C_out, output_size)

    Raises
    ------
    TypeError, ValueError
        As `conv2d`.

    Examples
    --------
    >>> conv1d(np.array([[[1.0, 1, 1, 0, 0]]]), np.array([[[1.0, 0, 1]]]))
    array([[[2., 1., 1.]]])
    """
    x = check_float_array("x", x, 3, axes="(N, C_in, L)")
    weight = check_float_array("weight", weight, 3, axes="(C_out, C_in, K)")
    y = conv2d(x[:, :, None], weight[:, :, None], bias, *options_1d_as_2d(stride, padding, dilation))
    return y[:, :, 0]


def conv1d_backward(grad_output, x, weight, stride=1, padding=0, dilation=1, *, need_input_grad=True):
    """Return the gradients of `conv1d` in its input, weight and bias; see `conv2d_backward`.

    Parameters
    ----------
    grad_output : ndarray of float, shape (N, C_out, output_size)
    x, weight, stride, padding, dilation
        As given to `conv1d`.
    need_input_grad : bool, default True

    Returns
    -------
    grad_x : ndarray of float, shape of `x`, or None
    grad_weight : ndarray of float, shape of `weight`
    grad_bias : ndarray of float, shape (C_out,)

    Examples
    --------
    Every position adds its window to the gradient of the one shared kernel:

    >>> x = np.array([[[1.0, 1, 1, 0, 0]]])
    >>> conv1d_backward(np.ones((1, 1, 3)), x, np.array([[[1.0, 0, 1]]]))[1]
    array([[[3., 2., 1.]]])
    """
    x = check_float_array("x", x, 3, axes="(N, C_in, L)")
    weight = check_float_array("weight", weight, 3, axes="(C_out, C_in, K)")
    grad_output = check_float_array("grad_output", grad_output, 3, axes="(N, C_out, OL)")
    grad_x, grad_weight, grad_bias = conv2d_backward(
        grad_output[:, :, None], x[:, :, None], weight[:, :, None],
        *options_1d_as_2d(stride, padding, dilation), need_input_grad=need_input_grad,
    )
    return None if grad_x is None else grad_x[:, :, 0], grad_weight[:, :, 0], grad_bias
