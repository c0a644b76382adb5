"""A layer as a matrix: fully connected, locally connected, shared.

All three are told by one integer matrix, the *weight index*. Its entry (i, j) says which
parameter sits on the edge from input j to unit i, and −1 says that there is no such edge.
Removing edges writes −1s; sharing weights writes the same index twice. Nothing else happens
on the way from a fully connected layer to a convolution.
"""

import math

import numpy as np

from cnnlib._validate import (
    MOST_NUMBERS,
    check_array,
    check_choice,
    check_int,
    check_pair,
    check_same_shape,
    check_shape,
    check_size,
)
from cnnlib.shapes import options_1d_as_2d, output_shape2d, output_size, resolve_padding2d

NO_EDGE = -1
KINDS = ("full", "local", "shared")


def weight_index(n, kernel_size, kind):
    """Return which parameter sits on each edge of a layer with `n` inputs and `n` units.

    Parameters
    ----------
    n : int
        Inputs, and units.
    kernel_size : int
        Odd number of neighbouring inputs a unit may see; "full" does not use it.
    kind : {"full", "local", "shared"}
        "full": n² parameters. "local": edges reach (kernel_size − 1)/2 to either side and each
        has its own parameter, 3n − 2 for a kernel of 3. "shared": every unit uses the same
        kernel_size parameters.

    Returns
    -------
    ndarray of int64, shape (n, n)
        −1 where there is no edge.

    Raises
    ------
    ValueError
        If `kernel_size` is even: "same" output needs a centre.

    Examples
    --------
    >>> weight_index(4, 3, "local")
    array([[ 0,  1, -1, -1],
           [ 2,  3,  4, -1],
           [-1,  5,  6,  7],
           [-1, -1,  8,  9]])
    >>> weight_index(4, 3, "shared")
    array([[ 1,  2, -1, -1],
           [ 0,  1,  2, -1],
           [-1,  0,  1,  2],
           [-1, -1,  0,  1]])
    """
    n, m = check_int("n", n, 1), check_int("kernel_size", kernel_size, 1)
    check_choice("kind", kind, KINDS)
    if m % 2 == 0:
        raise ValueError(f"kernel_size must be odd, got {m}")
    check_size("n", (n, n))
    check_size("kernel_size", (m,))
    if kind == "full":
        return np.arange(n * n, dtype=np.int64).reshape(n, n)
    if kind == "shared":
        return conv1d_index(n, m, padding="same")
    edges = conv1d_index(n, m, padding="same") != NO_EDGE
    index = np.full((n, n), NO_EDGE, np.int64)
    index[edges] = np.arange(edges.sum())
    return index


def conv1d_index(n, kernel_size, stride=1, padding=0, dilation=1):
    """Return which entry of the kernel sits on each edge of a 1-D convolution.

    Parameters
    ----------
    n, kernel_size : int
        Length of the input and of the kernel.
    stride, dilation : int, default 1
    padding : int or {"valid", "same", "full"}, default 0
        Zeros on either side. They have no column: an edge into the padding carries nothing.

    Returns
    -------
    ndarray of int64, shape (output_size, n)
        −1 where there is no edge.

    Examples
    --------
    >>> conv1d_index(5, 3)
    array([[ 0,  1,  2, -1, -1],
           [-1,  0,  1,  2, -1],
           [-1, -1,  0,  1,  2]])
    """
    n, kernel_size = check_int("n", n, 1), check_int("kernel_size", kernel_size, 1)
    places = output_size(n, kernel_size, stride, padding, dilation)
    check_size("n and kernel_size", (places, n))
    return conv2d_index((1, 1, n), (1, 1, 1, kernel_size), *options_1d_as_2d(stride, padding, dilation))


def conv2d_index(input_shape, weight_shape, stride=1, padding=0, dilation=1):
    """Return which entry of the weight sits on each edge of a 2-D convolution.

    Parameters
    ----------
    input_shape : tuple of int
        ``(C_in, H, W)``; columns are its entries in C order, as `Flatten` lays them out.
    weight_shape : tuple of int
        ``(C_out, C_in, KH, KW)``.
    stride, dilation : int or tuple of int, default 1
    padding : int, tuple of int or {"valid", "same", "full"}, default 0

    Returns
    -------
    ndarray of int64, shape (C_out * OH * OW, C_in * H * W)
        −1 where there is no edge.

    Raises
    ------
    ValueError
        If the channels differ, or the kernel does not fit.

    Examples
    --------
    A 2×2 kernel on a 2×3 image sits in two places:

    >>> conv2d_index((1, 2, 3), (1, 1, 2, 2))
    array([[ 0,  1, -1,  2,  3, -1],
           [-1,  0,  1, -1,  2,  3]])
    """
    channels, height, width = check_shape("input_shape", input_shape, "(C_in, H, W)")
    out_channels, in_channels, kernel_h, kernel_w = check_shape("weight_shape", weight_shape, "(C_out, C_in, KH, KW)")
    if in_channels != channels:
        raise ValueError(f"weight_shape must have {channels} input channels like the input, got {in_channels}")
    stride, dilation = check_pair("stride", stride, 1), check_pair("dilation", dilation, 1)
    rows, columns = output_shape2d((height, width), (kernel_h, kernel_w), stride, padding, dilation)
    (top, _), (left, _) = resolve_padding2d(padding, (kernel_h, kernel_w), dilation, stride=stride)

    check_size("weight_shape", weight_shape)
    check_size("input_shape and weight_shape", (out_channels, rows, columns, channels, height, width))
    parameter = np.arange(math.prod(weight_shape), dtype=np.int64).reshape(weight_shape)
    index = np.full((out_channels, rows, columns, channels, height, width), NO_EDGE, np.int64)
    for i in range(rows):
        for j in range(columns):
            y, x = i * stride[0] - top, j * stride[1] - left
            for a in _inside(y, dilation[0], kernel_h, height):
                for b in _inside(x, dilation[1], kernel_w, width):
                    index[:, i, j, :, y + a * dilation[0], x + b * dilation[1]] = parameter[:, :, a, b]
    return index.reshape(out_channels * rows * columns, channels * height * width)


def _inside(start, step, count, size):
    """The k in 0 .. `count` − 1 whose ``start + k * step`` lies in 0 .. `size` − 1."""
    return range(max(0, -(start // step)), min(count, (size - 1 - start) // step + 1))


def parameter_count(index):
    """Return how many different parameters a weight index uses.

    Examples
    --------
    >>> [parameter_count(weight_index(5, 3, kind)) for kind in ("full", "local", "shared")]
    [25, 13, 3]
    """
    index = _checked_index(index)
    return int(np.unique(index[index != NO_EDGE]).size)


def weight_matrix(index, weight):
    """Return the matrix Θ of the layer: each parameter on its edges, zero where there is none.

    Parameters
    ----------
    index : ndarray of int, shape (units, inputs)
        From `weight_index`, `conv1d_index` or `conv2d_index`.
    weight : array_like
        The parameters, in any shape; their C order is what the index counts.

    Returns
    -------
    ndarray, shape (units, inputs)

    Raises
    ------
    ValueError
        If the index names a parameter that `weight` does not have.

    Examples
    --------
    The lecture's example, x = (1, 1, 1, 0, 0) and θ = (1, 0, 1), as a product:

    >>> weight_matrix(conv1d_index(5, 3), [1, 0, 1]) @ [1, 1, 1, 0, 0]
    array([2, 1, 1])
    """
    index = _checked_index(index)
    flat = check_array("weight", weight, None).ravel()
    if index.max() >= flat.size:
        raise ValueError(f"weight must hold at least {index.max() + 1} numbers for this index, got {flat.size}")
    return np.where(index == NO_EDGE, flat.dtype.type(0), flat[index])


def tie_gradient(index, grad_matrix, weight_shape):
    """Return the gradient of the parameters from that of the matrix: a sum over shared edges.

    A parameter that sits on many edges moves the loss through each of them, so by the chain
    rule its gradient is the *sum* of theirs; where there is no edge nothing is added.

    Parameters
    ----------
    index : ndarray of int, shape (units, inputs)
    grad_matrix : array_like, shape (units, inputs)
        Gradient of the loss in each entry of Θ, as a fully connected layer would have it.
    weight_shape : tuple of int
        Shape to return.

    Returns
    -------
    ndarray of float64, shape `weight_shape`

    Examples
    --------
    >>> tie_gradient(conv1d_index(4, 2), np.ones((3, 4)), (2,))
    array([3., 3.])
    """
    index, grad_matrix = _checked_index(index), check_array("grad_matrix", grad_matrix, 2)
    check_same_shape("grad_matrix", grad_matrix, index.shape)
    edges = index != NO_EDGE
    weight_shape = check_shape("weight_shape", weight_shape)
    check_size("weight_shape", weight_shape)
    size = math.prod(weight_shape)
    if index.max() >= size:
        raise ValueError(
            f"weight_shape must hold at least {index.max() + 1} numbers for this index, got {weight_shape}"
        )
    gradients = grad_matrix[edges].astype(np.float64)
    return np.bincount(index[edges].astype(np.intp), weights=gradients, minlength=size).reshape(weight_shape)


def _checked_index(index):
    index = check_array("index", index, 2)
    if index.dtype.kind not in "ui":
        raise TypeError(f"index must be a 2-D array of integers, got dtype {index.dtype}")
    if index.min() < NO_EDGE or index.max() >= MOST_NUMBERS:
        wrong = index.min() if index.min() < NO_EDGE else index.max()
        raise ValueError(
            f"index must hold {NO_EDGE} for no edge, and parameters from 0 to {MOST_NUMBERS - 1:,}, got {wrong}"
        )
    return index.astype(np.int64, copy=False)
