"""Max and average pooling, forward beside backward.

Pooling summarises each window of a feature map by one number. It has no weights: nothing is
learned here, and a parameter count does not change.

A maximum of maxima is the maximum, and a sum of sums the sum. So each axis is pooled by itself,
first along the rows and then down the columns: KW + KH steps, where a window has KW · KH numbers,
and fewer where most of them lie in the padding.
"""

import numpy as np

from cnnlib._columns import from_batch_last, masked, to_batch_last
from cnnlib._validate import check_float_array, check_pair, check_same_shape, check_size, quietly, widened
from cnnlib.shapes import output_shape2d


@quietly
def max_pool2d(x, kernel_size, stride=None, padding=0, dilation=1):
    r"""Keep the largest number of each window.

    .. math:: y_{n,c,i,j} = \max_{a,b}\; x_{n,\, c,\, s i + d a - p,\, s j + d b - p}

    Parameters
    ----------
    x : ndarray of float, shape (N, C, H, W)
    kernel_size : int or tuple of int
    stride : int or tuple of int, optional
        `kernel_size` unless given: windows side by side.
    padding : int or tuple of int, default 0
        At most half the kernel. The border never wins, not even among inputs of −∞.
    dilation : int or tuple of int, default 1

    Returns
    -------
    ndarray of float, shape (N, C, OH, OW)
        Rows and columns that the last whole step does not reach are left out (floor).

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind or rank, the window does not fit or has more than 2**29
        numbers, the padding exceeds half the kernel, or a window would hold padding only.

    Notes
    -----
    Follows ``torch.nn.functional.max_pool2d``.

    Examples
    --------
    >>> max_pool2d(np.arange(16.0).reshape(1, 1, 4, 4), 2)
    array([[[[ 5.,  7.],
             [13., 15.]]]])
    """
    x, rows, cols = _axes(x, kernel_size, stride, padding, dilation)
    return from_batch_last(_largest(_largest(to_batch_last(x), cols), rows))


@quietly
def max_pool2d_backward(grad_output, x, kernel_size, stride=None, padding=0, dilation=1):
    r"""Return the gradient of `max_pool2d` in its input: all of it goes to each window's winner.

    .. math:: \frac{\partial L}{\partial x_w} = \sum_{\text{windows won by } w} G

    Between equal candidates the first in reading order wins, as in PyTorch; a NaN wins over any
    number.

    Parameters
    ----------
    grad_output : ndarray of float, shape (N, C, OH, OW)
    x, kernel_size, stride, padding, dilation
        As given to `max_pool2d`.

    Returns
    -------
    ndarray of float, shape (N, C, H, W)

    Examples
    --------
    >>> max_pool2d_backward(np.array([[[[7.0]]]]), np.array([[[[1.0, 4], [3, 2]]]]), 2)
    array([[[[0., 7.],
             [0., 0.]]]])
    """
    x, rows, cols = _axes(x, kernel_size, stride, padding, dilation)
    grad = _checked_grad(grad_output, x, rows, cols)
    x = to_batch_last(x)
    along = _largest(x, cols)
    best = _largest(along, rows)
    # The first winner in reading order: of all rows the first, and in it the first entry.
    return from_batch_last(_to_winners(_to_winners(grad, along, best, rows), x, along, cols))


@quietly
def avg_pool2d(x, kernel_size, stride=None, padding=0):
    r"""Take the mean of each window.

    .. math:: y_{n,c,i,j} = \frac{1}{k_h k_w} \sum_{a,b} x_{n,\, c,\, s i + a - p,\, s j + b - p}

    Parameters
    ----------
    x : ndarray of float, shape (N, C, H, W)
    kernel_size : int or tuple of int
    stride : int or tuple of int, optional
        `kernel_size` unless given.
    padding : int or tuple of int, default 0
        Zeros around the input, at most half the kernel; they count in the mean.

    Returns
    -------
    ndarray of float, shape (N, C, OH, OW)

    Raises
    ------
    TypeError, ValueError
        As `max_pool2d`.

    Notes
    -----
    Follows ``torch.nn.functional.avg_pool2d`` with its default ``count_include_pad=True``.

    Examples
    --------
    >>> avg_pool2d(np.arange(16.0).reshape(1, 1, 4, 4), 2)
    array([[[[ 2.5,  4.5],
             [10.5, 12.5]]]])
    """
    x, rows, cols = _axes(x, kernel_size, stride, padding, 1)
    x, narrowed = widened(x)
    total = _total(_total(to_batch_last(x), cols), rows)
    return narrowed(from_batch_last(total / total.dtype.type(rows.kernel * cols.kernel)))


@quietly
def avg_pool2d_backward(grad_output, x, kernel_size, stride=None, padding=0):
    """Return the gradient of `avg_pool2d` in its input: an equal share to each of the window.

    Parameters
    ----------
    grad_output : ndarray of float, shape (N, C, OH, OW)
    x, kernel_size, stride, padding
        As given to `avg_pool2d`; of `x` only the shape matters.

    Returns
    -------
    ndarray of float, shape (N, C, H, W)

    Examples
    --------
    >>> avg_pool2d_backward(np.array([[[[8.0]]]]), np.zeros((1, 1, 2, 2)), 2)
    array([[[[2., 2.],
             [2., 2.]]]])
    """
    x, rows, cols = _axes(x, kernel_size, stride, padding, 1)
    share, narrowed = widened(_checked_grad(grad_output, x, rows, cols))
    share = share / share.dtype.type(rows.kernel * cols.kernel)
    return narrowed(from_batch_last(_spread(_spread(share, rows), cols)))


def checked_window(kernel_size, stride, padding, dilation=1):
    """Return kernel size, stride and padding of a pooling as pairs, the stride `kernel_size` unless given."""
    kernel, pad = check_pair("kernel_size", kernel_size, 1), check_pair("padding", padding, 0)
    stride = kernel if stride is None else check_pair("stride", stride, 1)
    check_pair("dilation", dilation, 1)
    check_size("kernel_size", kernel)
    if pad[0] > kernel[0] // 2 or pad[1] > kernel[1] // 2:
        raise ValueError(f"padding must be at most half of kernel_size {kernel_size}, got {padding}")
    return kernel, stride, pad


class _Axis:
    """Where a window's entries lie along one axis of the input, as slices.

    Entry k of the window at place i is input i·s + k·d − p. `steps` holds, for each k that is inside
    anywhere, the places at which it is, and those inputs. So no border is ever made: nothing can win
    by lying in it.
    """

    def __init__(self, axis, size, places, kernel, stride, pad, dilation):
        self.axis, self.size, self.places, self.kernel = axis, size, places, kernel
        self.steps = []
        earliest = max(0, -(((places - 1) * stride - pad) // dilation))  # its last place is not before the input
        latest = min(kernel - 1, (size - 1 + pad) // dilation)  # its first place is not behind it
        for k in range(earliest, latest + 1):
            offset = k * dilation - pad
            first = max(0, -(offset // stride))  # i·s + offset ≥ 0, rounded up
            last = min(places, (size - 1 - offset) // stride + 1)
            if last > first:
                start = first * stride + offset
                inputs = slice(start, start + (last - first - 1) * stride + 1, stride)
                self.steps.append((self._at(slice(first, last)), self._at(inputs)))

    def _at(self, part):
        return (slice(None),) * self.axis + (part,)

    def empty(self, array, length, value):
        """Return an array like `array`, `length` long on this axis, filled with `value`."""
        shape = list(array.shape)
        shape[self.axis] = length
        return np.full(shape, value, array.dtype)


def _axes(x, kernel_size, stride, padding, dilation):
    """Return the checked input, and the windows along its rows' and its columns' axis, of (C, H, W, N)."""
    x = check_float_array("x", x, 4, axes="(N, C, H, W)")
    kernel, stride, pad = checked_window(kernel_size, stride, padding, dilation)
    dilation = check_pair("dilation", dilation, 1)
    # Two entries, one before the input and one after it: the one way to see nothing of it.
    if any(k == 2 and p and d > n for k, p, d, n in zip(kernel, pad, dilation, x.shape[2:])):
        raise ValueError(f"dilation must leave each window an entry of the input, got {dilation} for shape {x.shape}")
    output = output_shape2d(x.shape[2:], kernel, stride, pad, dilation)
    rows, cols = (
        _Axis(1 + k, x.shape[2 + k], output[k], kernel[k], stride[k], pad[k], dilation[k]) for k in (0, 1)
    )
    return x, rows, cols


def _checked_grad(grad_output, x, rows, cols):
    grad_output = check_float_array("grad_output", grad_output, 4, axes="(N, C, OH, OW)")
    check_same_shape("grad_output", grad_output, (*x.shape[:2], rows.places, cols.places))
    return to_batch_last(grad_output)


def _largest(x, axis):
    """Return the maximum of each window along an axis; NaN where it holds one."""
    best = axis.empty(x, axis.places, -np.inf)
    for outputs, inputs in axis.steps:
        np.maximum(best[outputs], x[inputs], out=best[outputs])
    return best


def _to_winners(grad, x, best, axis):
    """Give each window's gradient to the first of its entries that is the best; backward of `_largest`."""
    grad_x, waiting = axis.empty(grad, axis.size, 0), np.ones(best.shape, bool)
    spoilt = np.isnan(best).any()
    for outputs, inputs in axis.steps:
        wins = x[inputs] == best[outputs]
        if spoilt:
            wins |= np.isnan(x[inputs])
        wins &= waiting[outputs]
        waiting[outputs] ^= wins
        grad_x[inputs] += masked(grad[outputs], wins)
    return grad_x


def _total(x, axis):
    """Return the sum of each window along an axis."""
    total = axis.empty(x, axis.places, 0)
    for outputs, inputs in axis.steps:
        total[outputs] += x[inputs]
    return total


def _spread(share, axis):
    """Give each window's share to all its entries; backward of `_total`."""
    grad_x = axis.empty(share, axis.size, 0)
    for outputs, inputs in axis.steps:
        grad_x[inputs] += share[outputs]
    return grad_x
