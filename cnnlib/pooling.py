"""Max and average pooling, forward beside backward.

Pooling summarises each window of a feature map by one number. It has no weights: nothing is
learned here, and a parameter count does not change.
"""

import numpy as np

from cnnlib._columns import from_batch_last, to_batch_last
from cnnlib._validate import check_float_array, check_pair, check_same_shape
from cnnlib.shapes import output_shape2d


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
        At most half the kernel; the border counts as −∞, so it never wins.
    dilation : int or tuple of int, default 1

    Returns
    -------
    ndarray of float, shape (N, C, OH, OW)
        Rows and columns that the last whole step does not reach are left out (floor).

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind or rank, the window does not fit, the padding exceeds half
        the kernel, or a window would hold padding only.

    Notes
    -----
    Follows ``torch.nn.functional.max_pool2d``.

    Examples
    --------
    >>> max_pool2d(np.arange(16.0).reshape(1, 1, 4, 4), 2)
    array([[[[ 5.,  7.],
             [13., 15.]]]])
    """
    windows = _Windows(x, kernel_size, stride, padding, dilation, border=-np.inf)
    return from_batch_last(windows.largest())


def max_pool2d_backward(grad_output, x, kernel_size, stride=None, padding=0, dilation=1):
    r"""Return the gradient of `max_pool2d` in its input: all of it goes to each window's winner.

    .. math:: \frac{\partial L}{\partial x_w} = \sum_{\text{windows won by } w} G

    Between equal candidates the first in reading order wins, as in PyTorch.

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
    windows = _Windows(x, kernel_size, stride, padding, dilation, border=-np.inf)
    best, left = windows.largest(), windows.checked_grad(grad_output).copy()
    *others, _ = windows.candidates()

    def part(k):
        if k == len(others):  # what nobody took is the last one's, or a NaN's
            return left
        taken = left * (others[k] == best)
        np.subtract(left, taken, out=left)
        return taken

    return windows.spread(part, left.dtype)


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
    windows = _Windows(x, kernel_size, stride, padding, 1, border=0)
    total = sum(windows.candidates())
    return from_batch_last(total / total.dtype.type(windows.size))


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
    windows = _Windows(x, kernel_size, stride, padding, 1, border=0)
    share = windows.checked_grad(grad_output)
    share = share / share.dtype.type(windows.size)
    return windows.spread(lambda k: share, share.dtype)


class _Windows:
    """The windows of one pooling, as one shifted slice of the padded input a kernel entry."""

    def __init__(self, x, kernel_size, stride, padding, dilation, border):
        x = check_float_array("x", x, 4, axes="(N, C, H, W)")
        kernel, pad = check_pair("kernel_size", kernel_size, 1), check_pair("padding", padding, 0)
        stride = kernel if stride is None else check_pair("stride", stride, 1)
        dilation = check_pair("dilation", dilation, 1)
        if pad[0] > kernel[0] // 2 or pad[1] > kernel[1] // 2:
            raise ValueError(f"padding must be at most half of kernel_size {kernel_size}, got {padding}")
        # Two entries, one before the input and one after it: the one way to see nothing of it.
        if any(k == 2 and p and d > n for k, p, d, n in zip(kernel, pad, dilation, x.shape[2:])):
            raise ValueError(f"dilation must leave each window an entry of the input, got {dilation} for shape {x.shape}")
        self.output = output_shape2d(x.shape[2:], kernel, stride, pad, dilation)
        self.size = kernel[0] * kernel[1]
        self.shape = x.shape
        self.inside = tuple(slice(p, p + n) for p, n in zip(pad, x.shape[2:]))
        self.slices = [
            tuple(
                slice(k * d, k * d + s * (out - 1) + 1, s)
                for k, d, s, out in zip((a, b), dilation, stride, self.output)
            )
            for a in range(kernel[0])
            for b in range(kernel[1])
        ]
        self.padded = to_batch_last(x)
        if any(pad):
            self.padded = np.pad(self.padded, [(0, 0), *((p, p) for p in pad), (0, 0)], constant_values=border)

    def candidates(self):
        """Return each kernel entry's view of the input, shape (C, OH, OW, N)."""
        return [self.padded[:, rows, cols] for rows, cols in self.slices]

    def largest(self):
        """Return the maximum of each window; NaN where it holds one."""
        first, *others = self.candidates()
        best = first.copy()
        for candidate in others:
            np.maximum(best, candidate, out=best)
        return best

    def checked_grad(self, grad_output):
        grad_output = check_float_array("grad_output", grad_output, 4, axes="(N, C, OH, OW)")
        check_same_shape("grad_output", grad_output, (*self.shape[:2], *self.output))
        return to_batch_last(grad_output)

    def spread(self, part, dtype):
        """Add ``part(k)`` to the input where candidate k came from; return it without padding."""
        grad = np.zeros(self.padded.shape, dtype)
        for k, (rows, cols) in enumerate(self.slices):
            grad[:, rows, cols] += part(k)
        return from_batch_last(grad[:, self.inside[0], self.inside[1]])
