r"""A convolution's products, from lines: each row of the padded images, written down once for each kernel column.

.. math:: L_{h,\,(b,c),\,(j,n)} = x_{c,\; h,\; s j + d b,\; n}

Output row i sees the rows s i, s i + 1, …, s i + KH - 1. Their lines lie one behind the other, so together they
*are* the columns of that output row, (KH·KW·C, OW·N), and output rows share them: KW copies of the images in place
of KH·KW. One batched product runs over a view with such matrices, which overlap.
The gradient in the input is the same product the other way round, over lines of gradients. (Cho & Brand, "MEC:
memory-efficient convolution for deep neural network", 2017; here with the batch last.)

Views are made with `as_strided`, which takes a quarter of the time of `sliding_window_view`, and small nets feel
that. It does not look at what it is given: the last axis must lie in one piece, and its stride is the size of a
number, since where that axis has one entry only (a batch of one) NumPy leaves any number there.

Where rows are dilated, those that meet are not neighbours: `bands` takes every d-th row by itself.
"""

import math
from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import as_strided

from cnnlib._columns import pad_batch_last, scratch, to_batch_last
from cnnlib.parallel import thread_count, thread_map

STRIP_BYTES = 2 * 2**20  # of lines at a time: they stay in a core's part of the cache until they are multiplied
GRADIENT_BYTES = 128 * 2**20  # of gradients in the weight, one for each row and each strip, before they are added up
SMALL_PRODUCT = 10**6  # multiplications: OpenBLAS computes smaller products without copying their factors


def bands(g):
    """Yield output rows, the padded rows that they see, and the stride among these, where no row is dilated."""
    (stride, _), (dilation, _) = g.stride, g.dilation
    common = math.gcd(stride, dilation)
    for first in range(min(dilation // common, g.output[0])):
        yield slice(first, None, dilation // common), slice(first * stride, None, dilation), stride // common


def strips(rows, row_bytes):
    """Return slices of `rows` whose lines are few enough for the cache, and enough for the cores."""
    count = -(-rows * row_bytes // STRIP_BYTES)
    if count > 1:  # one alone is not worth the waking of a second thread
        count = -(-count // thread_count()) * thread_count()
    return cut(rows, count)


def cut(rows, count):
    """Return slices that divide `rows` into `count` parts, as equal as can be, or one a row if that is less."""
    count = min(count, rows)
    return [slice(start, stop) for start, stop in pairwise(rows * k // count for k in range(count + 1))]


def line_bytes(g, dtype):
    """Return the size of the lines of one row."""
    n, channels = g.input_shape[:2]
    return g.kernel[1] * channels * g.output[1] * n * np.dtype(dtype).itemsize


def lines(g, padded, rows, stride, dtype):
    """Write down the lines that some output rows of a band see: (lines, KW·C, OW·N), good until the next call."""
    seen = padded[:, rows.start * stride : (rows.stop - 1) * stride + g.kernel[0]]
    shape = seen.shape[1], g.kernel[1] * len(seen), g.output[1] * seen.shape[3]
    written = scratch("lines", apart(shape, dtype), dtype)[..., : shape[2]]
    return write_lines(seen, g.kernel[1], g.output[1], g.stride[1], g.dilation[1], out=written)


def write_lines(padded, kernel_w, cols, stride, dilation, *, out):
    """Write each row of (C, H, W, N) once for each of the kernel's columns into `out` (H, KW·C, cols·N); return it."""
    (channels, height, _, n), (c, h, w, _) = padded.shape, padded.strides
    shape = height, kernel_w, channels, cols, n
    windows = as_strided(padded, shape, (h, dilation * w, c, stride * w, padded.itemsize), writeable=False)
    out.reshape(shape)[...] = windows  # a view: axes are only divided
    return out


def add_lines(lines, padded, kernel_w, stride, dilation):
    """Add (H, KW·C, cols·N) up where `write_lines` takes it from in `padded` (C, H, W, N): its gradient."""
    channels, n = len(padded), padded.shape[3]
    lines = lines.reshape(len(lines), kernel_w, channels, -1, n)
    for b in range(kernel_w):
        met = slice(b * dilation, b * dilation + stride * (lines.shape[3] - 1) + 1, stride)
        padded[:, :, met] += lines[:, b].transpose(1, 0, 2, 3)


def apart(shape, dtype):
    """Return a shape for rows of this length that never lie a multiple of 1 KB apart: such rows share cache lines."""
    *others, length = shape
    return (*others, length + 16 if length * np.dtype(dtype).itemsize % 1024 == 0 else length)


def stacked(parts, count, stride=1):
    """Return the view (matrices, count·R, n) of `parts` (H, R, n): `count` neighbours each, `stride` further on."""
    (height, rows, length), down = parts.shape, parts.strides[0]
    shape = (height - count) // stride + 1, count * rows, length
    return as_strided(parts, shape, (stride * down, down // rows, parts.itemsize), writeable=False)


def multiply(matrix, stack, out):
    """Compute ``out[i] = matrix @ stack[i]``, some columns at a time where a product is large."""
    length, most = stack.shape[2], SMALL_PRODUCT // matrix.size
    parts = next((k for k in range(1, length // 64 + 1) if length % k == 0 and length <= k * most), 1)
    if parts > 1:
        stack, out = (np.moveaxis(a.reshape(*a.shape[:2], parts, -1), 2, 0) for a in (stack, out))
    np.matmul(matrix, stack, out=out)


def forward(g, x, weight, bias, dtype):
    """Return the output (C_out, OH, OW, N) for images (N, C, H, W)."""
    padded = pad_batch_last(x, g.pads)
    matrix = np.ascontiguousarray(weight.transpose(0, 2, 3, 1)).reshape(len(weight), -1)
    y = np.empty((len(weight), g.output[0], g.output[1] * padded.shape[3]), dtype)
    for outputs, seen, stride in bands(g):
        band, source = y[:, outputs], padded[:, seen]

        def fill(rows, band=band, source=source, stride=stride):
            part, written = band[:, rows], lines(g, source, rows, stride, dtype)
            multiply(matrix, stacked(written, g.kernel[0], stride), part.transpose(1, 0, 2))
            if bias is not None:
                part += bias[:, None, None]

        thread_map(fill, strips(band.shape[1], line_bytes(g, dtype)))
    return y.reshape(len(weight), *g.output, -1)


def backward(g, padded, weight, grad, dtype, need_input_grad):
    """Return the gradients in padded images, or None, in weight and bias; `grad` is (N, C_out, OH, OW)."""
    out_channels, channels, kernel_h, kernel_w = weight.shape
    grad_weight = np.zeros((kernel_h * kernel_w * channels, out_channels), dtype)
    grad_padded, grad_bias = np.zeros(padded.shape, dtype) if need_input_grad else None, np.zeros(out_channels, dtype)
    margin = kernel_h - 1 if need_input_grad else 0
    for outputs, seen, stride in bands(g):
        # the gradient's rows, all channels of a row together, between rows of zeros
        part, source = grad[:, :, outputs], padded[:, seen]
        n, _, height, width = part.shape
        length = width * n
        rows = scratch("rows", apart((margin + height + margin, out_channels, length), dtype), dtype)[..., :length]
        rows[:margin], rows[margin + height :] = 0, 0
        inner = rows[margin : margin + height].reshape(height, out_channels, width, n)
        to_batch_last(part, out=inner.transpose(1, 0, 2, 3))
        grad_bias += inner.sum(axis=(0, 2, 3))

        def weight_part(strip, rows=rows, source=source, stride=stride):
            columns = stacked(lines(g, source, strip, stride, dtype), kernel_h, stride)
            return (columns @ rows[margin + strip.start : margin + strip.stop].transpose(0, 2, 1)).sum(axis=0)

        parts = strips(height, max(line_bytes(g, dtype), grad_weight.nbytes * STRIP_BYTES // GRADIENT_BYTES))
        most = max(GRADIENT_BYTES // grad_weight.nbytes, thread_count())
        for k in range(0, len(parts), most):
            grad_weight += sum(thread_map(weight_part, parts[k : k + most]))
        if need_input_grad:
            input_gradient(weight, rows, grad_padded[:, seen], (stride, g.stride[1]), g.dilation[1])
    grad_weight = grad_weight.reshape(kernel_h, kernel_w, channels, out_channels).transpose(3, 2, 0, 1)
    return grad_padded, np.ascontiguousarray(grad_weight), grad_bias


def input_gradient(weight, rows, grad_padded, stride, dilation):
    """Fill in the gradient of padded rows, which are zeros, from the gradient's rows with KH - 1 rows of zeros around.

    No row is dilated; `dilation` is that of the columns.
    """
    _, channels, kernel_h, kernel_w = weight.shape
    for first in range(min(stride[0], kernel_h)):  # padded rows first, first + stride[0], … meet these kernel rows
        taps = weight[:, :, first :: stride[0]][:, :, ::-1]
        count = taps.shape[2]
        spare = kernel_h - count
        matrix = np.ascontiguousarray(taps.transpose(3, 1, 2, 0)).reshape(kernel_w * channels, -1)
        stack = stacked(rows[spare : len(rows) - spare], count)
        target = grad_padded[:, first :: stride[0]]

        def fill(strip, matrix=matrix, stack=stack, target=target):
            part = stack[strip]
            shape = len(part), len(matrix), part.shape[2]
            grad_lines = scratch("lines", apart(shape, part.dtype), part.dtype)[..., : shape[2]]
            multiply(matrix, part, grad_lines)
            add_lines(grad_lines, target[:, strip], kernel_w, stride[1], dilation)

        thread_map(fill, strips(len(stack), len(matrix) * rows.shape[2] * rows.itemsize))
