"""A batch in memory, and the windows of a convolution as the columns of a matrix.

A batch lies with its images last, as (C, H, W, N): each copy of a shifted slice then moves runs of
N neighbouring numbers. Results are returned as (N, C, H, W) views of such memory, so that one layer
hands it to the next without a copy; see `to_batch_last`. `Windows` says where the windows of a convolution lie,
and writes them as the columns of a matrix for layers whose weights are not shared.
"""

import functools
import itertools
import math
import threading

import numpy as np

from cnnlib._validate import check_float_array, check_pair, check_same_shape, check_size
from cnnlib.shapes import output_shape2d, resolve_padding2d

MOST_KEPT = 16 * 2**20  # bytes of scratch memory, for each thread and use
OPERANDS = "x, weight and padding"  # what a convolution's memory depends on


def window_view(image, kernel_shape, shape, stride, dilation):
    """Return the view whose entry [..., i, j, a, b] is image[..., i·s + a·d, j·s + b·d]."""
    spans = [d * (m - 1) + 1 for d, m in zip(dilation, kernel_shape)]
    every = np.lib.stride_tricks.sliding_window_view(image, spans, axis=(-2, -1))
    every = every[..., :: stride[0], :: stride[1], :: dilation[0], :: dilation[1]]
    return every[..., : shape[0], : shape[1], :, :]


def to_batch_last(x, out=None):
    """Return `x` (N, C, H, W) as a contiguous (C, H, W, N) array, a free view where it lies so; or write it into `out`.

    Examples
    --------
    >>> y = from_batch_last(np.zeros((3, 4, 4, 2)))
    >>> y.shape, np.shares_memory(to_batch_last(y), y)
    ((2, 3, 4, 4), True)
    """
    turned = x.transpose(1, 2, 3, 0)
    if out is None:
        if turned.flags.c_contiguous:
            return turned
        out = np.empty(turned.shape, x.dtype)
    if len(x) == 1 or x.strides[0] % 4096 or x.strides[3] != x.itemsize:
        out[...] = turned
        return out
    # Images at a distance of whole pages all fall on the same few lines of the cache. A copy with
    # another distance, some thousand numbers at a time, is turned three times as fast.
    _, channels, height, width = x.shape
    steps = max(1, 1024 // (height * width)), max(1, 1024 // width)
    spaced = np.empty((len(x), max(1024, width) + 64 // x.itemsize), x.dtype)
    for c, i in itertools.product(range(0, channels, steps[0]), range(0, height, steps[1])):
        block = slice(c, c + steps[0]), slice(i, i + steps[1])
        part = x[:, *block]
        copy = spaced[:, : part[0].size]
        copy = copy.reshape(part.shape)
        copy[...] = part
        out[block] = copy.transpose(1, 2, 3, 0)
    return out


def from_batch_last(x):
    """Return a (C, H, W, N) array as an (N, C, H, W) view; see `to_batch_last`."""
    return x.transpose(3, 0, 1, 2)


def pad_batch_last(x, pads):
    """Return `x` (N, C, H, W) as a (C, H, W, N) array with zeros around H and W, good until the next call."""
    (top, bottom), (left, right) = pads
    n, channels, height, width = x.shape
    if not (top or bottom or left or right) and x.transpose(1, 2, 3, 0).flags.c_contiguous:
        return to_batch_last(x)
    padded = scratch("padded", (channels, top + height + bottom, left + width + right, n), x.dtype)
    padded[:, :top], padded[:, top + height :] = 0, 0
    inner = padded[:, top : top + height]
    inner[:, :, :left], inner[:, :, left + width :] = 0, 0
    to_batch_last(x, out=inner[:, :, left : left + width])
    return padded


def unfold(padded, stride, dilation, *, out):
    """Copy the windows of a (C, H, W, N) array into `out` (C, KH, KW, OH, OW, N).

    One call for all kernel positions: threads that each do a few long things wait less for
    one another than threads that do many short ones.
    """
    windows = window_view(padded.transpose(0, 3, 1, 2), out.shape[1:3], out.shape[3:5], stride, dilation)
    out[...] = windows.transpose(0, 4, 5, 2, 3, 1)


def fold(columns, stride, dilation, width):
    """Add windows (C, KH, KW, OH, OW, N) up where they came from: the gradient of `unfold`.

    The shifts down are undone first, then those to the right: KH + KW additions of long runs,
    where one for each kernel position would be KH·KW.

    Returns
    -------
    ndarray, shape (C, rows that the windows see, `width`, N)
    """
    channels, kernel_h, kernel_w, rows, cols, n = columns.shape
    height = (rows - 1) * stride[0] + (kernel_h - 1) * dilation[0] + 1
    tall = scratch("tall", (channels, kernel_w, height, cols, n), columns.dtype)
    tall[...] = 0
    for a in range(kernel_h):
        tall[:, :, _seen(a * dilation[0], stride[0], rows)] += columns[:, a]
    folded = np.zeros((channels, height, width, n), columns.dtype)
    for b in range(kernel_w):
        folded[:, :, _seen(b * dilation[1], stride[1], cols)] += tall[:, b]
    return folded


def _seen(start, stride, count):
    """Return the rows, or columns, that one row or column of the kernel meets at `count` steps."""
    return slice(start, start + stride * (count - 1) + 1, stride)


class Windows:
    """Where the windows of one convolution lie: shared by its forward and backward pass.

    Parameters
    ----------
    input_shape : tuple of int
        ``(N, C, H, W)``.
    filters : int
        How many look through each window.
    kernel, stride, dilation : tuple of int
        Of height and width.
    padding : tuple of int or {"valid", "same", "full"}

    Raises
    ------
    ValueError
        If the kernel does not fit, or the padded images, the filters, the least part of the columns or the output
        would take too much memory.
    """

    def __init__(self, input_shape, filters, kernel, stride, padding, dilation):
        self.kernel = kernel
        self.output = output_shape2d(input_shape[2:], kernel, stride, padding, dilation)
        self.pads = resolve_padding2d(padding, kernel, dilation, stride=stride)
        # a step as long as the padded image leads out of it, whatever it is: no address gets too large for an integer
        sizes = [n + sum(pad) for n, pad in zip(input_shape[2:], self.pads)]
        self.stride, self.dilation = (tuple(map(min, step, sizes)) for step in (stride, dilation))
        self.input_shape = input_shape
        self.rows = input_shape[1] * kernel[0] * kernel[1]  # of a matrix of columns
        if sizes != [*input_shape[2:]]:
            check_size("padding", (*input_shape[:2], *sizes))
        check_size("weight", (filters, self.rows))
        check_size("x and weight", (self.rows, self.output[1], input_shape[0]))  # the least strip, of one row
        check_size(OPERANDS, (input_shape[0], filters, *self.output))

    def columns(self, padded):
        """Return the windows as columns: (C_in·KH·KW, OH·OW·N)."""
        columns = np.empty((len(padded), *self.kernel, *self.output, self.input_shape[0]), padded.dtype)
        unfold(padded, self.stride, self.dilation, out=columns)
        return columns.reshape(self.rows, -1)

    def fold(self, columns):
        """Add columns back where they came from: the transpose of `columns`, so its gradient in x (N, C, H, W)."""
        n, channels, height, width = self.input_shape
        columns = columns.reshape(channels, *self.kernel, *self.output, n)
        padded = np.zeros((channels, sum(self.pads[0]) + height, sum(self.pads[1]) + width, n), columns.dtype)
        folded = fold(columns, self.stride, self.dilation, padded.shape[2])
        padded[:, : folded.shape[1]] = folded
        return self.unpad(padded)

    def unpad(self, padded):
        """Return the images (N, C, H, W) in the padded ones (C, H, W, N)."""
        (top, _), (left, _) = self.pads
        return from_batch_last(padded[:, top : top + self.input_shape[2], left : left + self.input_shape[3]])


def masked(values, mask):
    """Return floating-point `values` where `mask` is true, 0 elsewhere: several times as fast as ``np.where``.

    What is multiplied by the mask is their bits, as integers: infinity times 0 would be NaN.

    Examples
    --------
    >>> masked(np.array([-np.inf, 2.0, np.nan]), np.array([False, True, False]))
    array([0., 2., 0.])
    """
    if values.itemsize > 8:  # long doubles: there are no integers of their size
        return np.where(mask, values, values.dtype.type(0))
    return (values.view(f"i{values.itemsize}") * mask).view(values.dtype)


_kept = threading.local()


def scratch(name, shape, dtype):
    """Return an array of this thread's and this use's that is used again and again.

    A new one of some megabytes comes from the system page by page, which takes longer than to fill it.
    """
    size = math.prod(shape) * np.dtype(dtype).itemsize
    if size > MOST_KEPT:  # nothing to sit on for ever
        check_size(OPERANDS, shape)
        return np.empty(shape, dtype)
    memory = getattr(_kept, name, None)
    if memory is None or len(memory) < size:
        memory = np.empty(size, np.uint8)
        setattr(_kept, name, memory)
    return memory[:size].view(dtype).reshape(shape)


def windows_of(x, bank_shape, stride, padding, dilation):
    """The windows of filters (C_out, C_in, KH, KW) on `x`."""
    filters, channels, *kernel = bank_shape
    if channels != x.shape[1]:
        raise ValueError(f"x must have {channels} channels to match weight, got {x.shape[1]}")
    # As pairs of integers, since a cache takes 1, 1.0 and True for the same.
    stride, dilation = check_pair("stride", stride, 1), check_pair("dilation", dilation, 1)
    if not isinstance(padding, str):
        padding = check_pair("padding", padding, 0)
    return _windows(x.shape, filters, tuple(kernel), stride, padding, dilation)


_windows = functools.lru_cache(maxsize=256)(Windows)  # the steps of a training ask for the same again and again


def checked_images(x):
    """Return a batch of images, once it is sure to be one."""
    return check_float_array("x", x, 4, axes="(N, C_in, H, W)")


def checked_bias(bias, shape):
    """Return a bias, once it is sure to have that shape."""
    bias = check_float_array("bias", bias, len(shape))
    check_same_shape("bias", bias, shape)
    return bias
