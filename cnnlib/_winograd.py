r"""Winograd's way to a convolution, F(4, 3) over rows: four output rows from six products in place of twelve.

.. math:: y = A^T \left[ (G\,w) \odot (B^T x) \right], \qquad x \in R^6,\; w \in R^3,\; y \in R^4

Here x are six rows of the padded images, w the three rows of a kernel and y four rows of the output; "times" is
everything that is left of the convolution then, along the rows and over the channels: a product with lines, as in
`cnnlib._lines`. To transform six whole rows is one product with a small matrix, and the rows need no copy for it.

The matrices are those of A. Lavin and S. Gray, "Fast algorithms for convolutional neural networks" (CVPR 2016,
arXiv:1509.09308), after S. Winograd, "Arithmetic complexity of computations" (SIAM 1980).
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cnnlib._columns import OPERANDS, pad_batch_last, scratch
from cnnlib._lines import apart, line_bytes, multiply, strips, write_lines
from cnnlib._validate import check_size
from cnnlib.parallel import thread_map

INPUT = np.array([  # B^T: whole numbers
    [4, 0, -5, 0, 1, 0],
    [0, -4, -4, 1, 1, 0],
    [0, 4, -4, -1, 1, 0],
    [0, -2, -1, 2, 1, 0],
    [0, 2, -1, -2, 1, 0],
    [0, 4, 0, -5, 0, 1],
])
KERNEL = np.array([[6, 0, 0], [-4, -4, -4], [-4, 4, -4], [1, 2, 4], [1, -2, 4], [0, 0, 24]]) / 24  # G
OUTPUT = np.array([  # A^T
    [1, 1, 1, 1, 1, 0],
    [0, 1, -1, 2, -2, 0],
    [0, 1, 1, 4, 4, 0],
    [0, 1, -1, 8, -8, 1],
])
PLACES, SUMS = 6, 4


def forward(g, x, weight, bias, dtype):
    """Return the output (C_out, OH, OW, N) for images (N, C, H, W); see `cnnlib._lines.forward`."""
    if (g.kernel[0], g.stride, g.dilation) != (3, (1, 1), (1, 1)):
        raise ValueError(
            'method "winograd" needs a weight of three rows, stride 1 and dilation 1,'
            f" got {g.kernel[0]} rows, stride {g.stride} and dilation {g.dilation}"
        )
    (height, width), (n, channels, _, _), filters = g.output, x.shape, len(weight)
    groups = -(-height // SUMS)
    (top, bottom), sides = g.pads
    padded = pad_batch_last(x, ((top, bottom + SUMS * groups - height), sides))
    # every fourth row begins a group of six, all channels beside one another: (C, groups, 6, W·N)
    rows = sliding_window_view(padded.reshape(channels, padded.shape[1], -1), PLACES, axis=1)
    rows = rows[:, ::SUMS].transpose(0, 1, 3, 2)
    kernels = (KERNEL.astype(dtype) @ weight).transpose(2, 0, 3, 1).reshape(PLACES, filters, -1)
    check_size(OPERANDS, (filters, groups, SUMS, width, n))
    y = np.empty((filters, groups, SUMS, width * n), dtype)

    def fill(strip):
        part = rows[:, strip]
        places = np.matmul(INPUT.astype(dtype), part, out=scratch("places", part.shape, dtype))
        places = places.reshape(channels, -1, padded.shape[2], n)
        shape = places.shape[1], g.kernel[1] * channels, width * n
        lines = scratch("lines", apart(shape, dtype), dtype)[..., : shape[2]]
        lines = write_lines(places, g.kernel[1], width, 1, 1, out=lines).reshape(-1, PLACES, *shape[1:])
        products = scratch("products", (filters, len(lines), PLACES, width * n), dtype)
        for k, kernel in enumerate(kernels):
            multiply(kernel, lines[:, k], products[:, :, k].swapaxes(0, 1))
        np.matmul(OUTPUT.astype(dtype), products, out=y[:, strip])
        if bias is not None:
            y[:, strip] += bias[:, None, None, None]

    thread_map(fill, strips(groups, PLACES * line_bytes(g, dtype)))
    return y.reshape(filters, SUMS * groups, width, n)[:, :height]
