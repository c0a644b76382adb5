r"""Local connections without sharing: a convolution whose every position has filters of its own."""

from cnnlib._columns import (
    checked_bias,
    checked_images,
    from_batch_last,
    pad_batch_last,
    to_batch_last,
    windows_of,
)
from cnnlib._validate import check_bool, check_float_array, check_same_shape, check_size, quietly, widened


@quietly
def locally_connected2d(x, weight, bias=None, stride=1, padding=0, dilation=1):
    r"""Apply local filters that are not shared: each output position has its own.

    .. math:: y_{n,o,i,j} = b_{o,i,j} + \sum_{c,a,b} W_{i,j,o,c,a,b}\; x_{n,\, c,\, s i + d a - p,\, s j + d b - p}

    Parameters
    ----------
    x : ndarray of float, shape (N, C_in, H, W)
    weight : ndarray of float, shape (OH, OW, C_out, C_in, KH, KW)
        A bank of filters for each position.
    bias : ndarray of float, shape (C_out, OH, OW), optional
    stride, dilation : int or tuple of int, default 1
    padding : int, tuple of int or {"valid", "same", "full"}, default 0

    Returns
    -------
    ndarray of float, shape (N, C_out, OH, OW)

    Raises
    ------
    TypeError, ValueError
        As `cnnlib.conv.conv2d`, and if `weight` does not have one bank for each output position.

    Examples
    --------
    Two positions, two different 1×1 filters:

    >>> import numpy as np
    >>> locally_connected2d(np.array([[[[5.0, 5.0]]]]), np.array([1.0, 2.0]).reshape(1, 2, 1, 1, 1, 1))
    array([[[[ 5., 10.]]]])
    """
    x, weight = checked_images(x), check_float_array("weight", weight, 6, axes="(OH, OW, C_out, C_in, KH, KW)")
    x, weight, narrowed = widened(x, weight)
    g, bank = _local_windows(x, weight, stride, padding, dilation)
    columns = g.columns(pad_batch_last(x, g.pads)).reshape(bank.shape[2], bank.shape[0], len(x))
    y = (bank @ columns.transpose(1, 0, 2)).transpose(1, 0, 2).reshape(bank.shape[1], *g.output, len(x))
    if bias is not None:
        y += checked_bias(bias, y.shape[:3])[..., None]
    return narrowed(from_batch_last(y))


@quietly
def locally_connected2d_backward(grad_output, x, weight, stride=1, padding=0, dilation=1, *, need_input_grad=True):
    """Return the gradients of `locally_connected2d` in its input, weight and bias.

    Each weight is used at one position only, so nothing is summed but the images of the batch.

    Parameters
    ----------
    grad_output : ndarray of float, shape (N, C_out, OH, OW)
    x, weight, stride, padding, dilation
        As given to `locally_connected2d`.
    need_input_grad : bool, default True

    Returns
    -------
    grad_x : ndarray of float, shape of `x`, or None
    grad_weight : ndarray of float, shape of `weight`
    grad_bias : ndarray of float, shape (C_out, OH, OW)

    Examples
    --------
    >>> import numpy as np
    >>> x, weight = np.array([[[[5.0, 6.0]]]]), np.array([1.0, 2.0]).reshape(1, 2, 1, 1, 1, 1)
    >>> grad_x, grad_weight, grad_bias = locally_connected2d_backward(np.ones((1, 1, 1, 2)), x, weight)
    >>> grad_x.ravel(), grad_weight.ravel()
    (array([1., 2.]), array([5., 6.]))
    """
    x, weight = checked_images(x), check_float_array("weight", weight, 6, axes="(OH, OW, C_out, C_in, KH, KW)")
    g, bank = _local_windows(x, weight, stride, padding, dilation)
    positions, out_channels, fan_in = bank.shape
    grad_output = check_float_array("grad_output", grad_output, 4, axes="(N, C_out, OH, OW)")
    need_input_grad = check_bool("need_input_grad", need_input_grad)
    check_same_shape("grad_output", grad_output, (len(x), out_channels, *g.output))
    grad_output, x, bank, narrowed = widened(grad_output, x, bank)
    grad = to_batch_last(grad_output)
    by_position = grad.reshape(out_channels, positions, len(x)).transpose(1, 0, 2)
    columns = g.columns(pad_batch_last(x, g.pads)).reshape(fan_in, positions, len(x))
    grad_weight = (by_position @ columns.transpose(1, 2, 0)).reshape(weight.shape)
    grad_x = None
    if need_input_grad:
        grad_x = narrowed(g.fold((bank.transpose(0, 2, 1) @ by_position).transpose(1, 0, 2)))
    return grad_x, narrowed(grad_weight), narrowed(grad.sum(axis=3))


def _local_windows(x, weight, stride, padding, dilation):
    """The windows, and the weight as one matrix (C_out × C_in·KH·KW) for each position."""
    check_size("weight", weight.shape)
    g = windows_of(x, weight.shape[2:], stride, padding, dilation)
    if weight.shape[:2] != g.output:
        raise ValueError(
            f"weight must have a bank for each of the {g.output} output positions, got shape {weight.shape}"
        )
    positions = g.output[0] * g.output[1]
    check_size("x and weight", (g.rows, positions, len(x)))  # all columns at once
    return g, weight.reshape(positions, weight.shape[2], -1)
