r"""Winograd's convolution over rows, F(4, 3): four neighbouring sums from six products in place of twelve.

.. math:: y = A^T \left[ (G\,w) \odot (B^T x) \right], \qquad x \in R^6,\; w \in R^3,\; y \in R^4

The matrices are those of A. Lavin and S. Gray, "Fast algorithms for convolutional neural networks" (CVPR 2016,
arXiv:1509.09308), after S. Winograd, "Arithmetic complexity of computations" (SIAM 1980).
"""

import numpy as np

from cnnlib._columns import checked_bias, checked_images, from_batch_last, pad_batch_last, windows_of
from cnnlib._lines import multiply, stacked
from cnnlib._validate import check_float_array, quietly, widened

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


@quietly
def conv2d_winograd(x, weight, bias=None, padding=0):
    r"""Compute `cnnlib.conv.conv2d` for kernels three columns wide, with half of its multiplications.

    .. math:: y_{n,o,i,4t+q} = b_o + \sum_k A^T_{q,k} \sum_{c,a} (G\,W_{o,c,a})_k\; (B^T x_{n,c,i+a,4t \ldots 4t+5})_k

    (x with its padding.) Forward only, and the stride and the dilation are 1.

    Parameters
    ----------
    x : ndarray of float, shape (N, C_in, H, W)
    weight : ndarray of float, shape (C_out, C_in, KH, 3)
    bias : ndarray of float, shape (C_out,), optional
    padding : int, tuple of int or {"valid", "same", "full"}, default 0

    Returns
    -------
    ndarray of float, shape (N, C_out, OH, OW)

    Raises
    ------
    TypeError, ValueError
        As `cnnlib.conv.conv2d`, and if `weight` is not three columns wide.

    Notes
    -----
    The price is rounding: G has thirds in it, and the other matrices add up numbers that nearly cancel. Whole
    numbers do not stay exact, and equal windows may get sums that differ in the last digits, by their column
    modulo four. An infinite or NaN input spoils all four sums of each group whose six inputs hold it.

    Examples
    --------
    Six numbers and three weights make four sums, those of `cnnlib.conv.cross_correlate1d`:

    >>> x, weight = np.array([1.0, 2, 3, 4, 5, 6]), np.array([1.0, 0, -1])
    >>> conv2d_winograd(x.reshape(1, 1, 1, 6), weight.reshape(1, 1, 1, 3)).round(9)
    array([[[[-2., -2., -2., -2.]]]])
    """
    x, weight = checked_images(x), check_float_array("weight", weight, 4, axes="(C_out, C_in, KH, 3)")
    if weight.shape[3] != 3:
        raise ValueError(f"weight must be three columns wide, got shape {weight.shape}")
    bias = None if bias is None else checked_bias(bias, (len(weight),))
    g = windows_of(x, weight.shape[1:], 1, padding, 1)
    x, weight, narrowed = widened(x, weight)
    dtype, (height, width), n, filters = np.result_type(x, weight), g.output, len(x), len(weight)
    groups = -(-width // 4)
    padded = pad_batch_last(x, g.pads)
    padded = np.pad(padded, [(0, 0), (0, 0), (0, 4 * groups + 2 - padded.shape[2]), (0, 0)])
    # the six inputs of each group: (6, H, C, groups, N)
    inputs = np.stack([padded[:, :, k : k + 4 * groups - 3 : 4].swapaxes(0, 1) for k in range(6)])
    inputs = _transformed(INPUT, inputs, dtype).reshape(6, padded.shape[1], len(padded), groups * n)
    kernels = _transformed(KERNEL, weight.transpose(3, 0, 2, 1), dtype).reshape(6, filters, -1)
    products = np.empty((6, filters, height, groups * n), dtype)
    for kernel, lines, product in zip(kernels, inputs, products):
        multiply(kernel, stacked(lines, g.kernel[0]), product.swapaxes(0, 1))
    y = _transformed(OUTPUT, products, dtype).reshape(4, filters, height, groups, n)
    y = y.transpose(1, 2, 3, 0, 4).reshape(filters, height, 4 * groups, n)[:, :, :width]
    if bias is not None:
        y += bias[:, None, None, None]
    return narrowed(from_batch_last(y))


def _transformed(matrix, parts, dtype):
    """Multiply the first axis of `parts` by a matrix."""
    return (matrix.astype(dtype) @ parts.reshape(len(parts), -1)).reshape(len(matrix), *parts.shape[1:])
