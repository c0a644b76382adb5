r"""Convolution, ReLU and 2×2 max pooling in one step: the fast path of `Sequential`.

Four neighbouring windows feed one pooling cell, and together they see a patch only one row and
one column larger than a single window. So the columns of the matrix product hold whole patches,
one for each *pooled* position: 36 numbers in place of 4 · 25 for a 5×5 kernel. The filter is
written four times, shifted by (0, 0), (0, 1), (1, 0) and (1, 1) with zeros around it. That is
the lecture's banded matrix with shared weights, of the size of one tile; the four rows of its
product are the four candidates of the pooling.

.. math:: B_{(s,t),o} = \sum_{c,a,b} W_{o,\,c,\,a-s,\,b-t}\; x_{c,\,2i+a,\,2j+b}, \qquad
          y_o = \max\bigl(0,\; b_o + \max_{s,t} B_{(s,t),o}\bigr)

The bias and the ReLU come after the maximum, where there is a quarter of the numbers left:
both are monotone, so the order does not matter.
"""

import numpy as np

from cnnlib._columns import fold, from_batch_last, pad_batch_last, to_batch_last, unfold
from cnnlib._validate import check_float_array
from cnnlib.layers import Conv2d, Layer, MaxPool2d, ReLU
from cnnlib.shapes import resolve_padding2d

SHIFTS = ((0, 0), (0, 1), (1, 0), (1, 1))
STRIDE, DILATION = (2, 2), (1, 1)  # of the tiles: one for each pooling cell


def fuse(layers):
    """Return the steps that compute `layers`: fused where they fit, the layers themselves elsewhere.

    The one place that decides. What fits is ``Conv2d`` with stride 1 and dilation 1, then
    perhaps ``ReLU``, then ``MaxPool2d(2)``.

    Parameters
    ----------
    layers : sequence of Layer

    Returns
    -------
    list
        Objects with ``forward`` and ``backward``. Gradients end up in the layers either way.

    Examples
    --------
    >>> layers = [Conv2d(1, 2, 3, rng=0), ReLU(), MaxPool2d(2), Conv2d(2, 2, 3, stride=2, rng=0)]
    >>> fuse(layers)
    [ConvReLUMaxPool(Conv2d(1, 2, 3), ReLU(), MaxPool2d(2)), Conv2d(2, 2, 3, stride=2)]
    """
    steps, rest = [], list(layers)
    while rest:
        size = 3 if len(rest) > 2 and type(rest[1]) is ReLU else 2
        if _fits(rest[0], rest[size - 1 : size]):
            steps.append(ConvReLUMaxPool(*rest[:size]))
            del rest[:size]
        else:
            steps.append(rest.pop(0))
    return steps


def _fits(first, last):
    return (
        type(first) is Conv2d
        and first.stride == first.dilation == (1, 1)
        and len(last) == 1
        and type(last[0]) is MaxPool2d
        and last[0].kernel_size == last[0].stride == (2, 2)
        and last[0].padding == (0, 0)
    )


class ConvReLUMaxPool(Layer):
    """A `Conv2d`, perhaps a `ReLU`, and a `MaxPool2d` of 2 as one step; see the module's text.

    The layers keep the parameters and receive the gradients; this holds no state of its own but
    buffers, kept from step to step since making large arrays costs as much as filling them.
    """

    def __init__(self, conv, *others):
        self.conv, self.has_relu, self.layers = conv, len(others) == 2, (conv, *others)
        self._buffers = {}

    def forward(self, x):
        x = check_float_array("x", x, 4, axes="(N, C_in, H, W)")
        if x.shape[1] != self.conv.in_channels:
            raise ValueError(f"x must have {self.conv.in_channels} channels to match weight, got {x.shape[1]}")
        weight, (out_channels, in_channels, kernel_h, kernel_w) = self.conv.weight, self.conv.weight.shape
        size = self.conv.output_shape(x.shape[1:])[1:]
        rows, cols, n = size[0] // 2, size[1] // 2, len(x)
        if not (rows and cols):
            raise ValueError(
                f"kernel_size must fit into the padded input of {size}, got a kernel that spans 2 (pooling)"
            )
        dtype = np.result_type(x, weight)

        pads = resolve_padding2d(self.conv.padding, (kernel_h, kernel_w))
        padded = pad_batch_last(x, pads)
        self._padded_shape, self._pads = padded.shape, pads
        columns = self._buffer("columns", (in_channels, kernel_h + 1, kernel_w + 1, rows, cols, n), dtype)
        unfold(padded, STRIDE, DILATION, out=columns)

        blocks = self._buffer("blocks", (4 * out_channels, rows * cols * n), dtype)
        np.matmul(self._tile_weight(), columns.reshape(-1, rows * cols * n), out=blocks)
        blocks = blocks.reshape(4, out_channels, rows, cols, n)
        output = np.maximum(blocks[0], blocks[1])
        np.maximum(output, np.maximum(blocks[2], blocks[3]), out=output)
        if self.conv.bias is not None:
            output += self.conv.bias[:, None, None, None]
        if self.has_relu:
            np.maximum(output, 0, out=output)
        self._columns, self._blocks, self._output = columns, blocks, output
        return from_batch_last(output)

    def backward(self, grad_output, *, need_input_grad=True):
        output, columns, blocks = self._output, self._columns, self._blocks
        in_channels, tile_h, tile_w, rows, cols, n = columns.shape
        grad = to_batch_last(grad_output)
        if self.has_relu:
            grad = np.where(output > 0, grad, grad.dtype.type(0))  # and not a product: infinity times 0 is NaN
        if self.conv.bias is not None:
            self.conv.grad_bias = grad.reshape(len(grad), -1).sum(axis=1)

        routed = self._route(grad, blocks).reshape(-1, rows * cols * n)
        grad_tile = routed @ columns.reshape(-1, rows * cols * n).T
        grad_tile = grad_tile.reshape(4, -1, in_channels, tile_h, tile_w)
        self.conv.grad_weight = sum(
            grad_tile[k, :, :, s : s + tile_h - 1, t : t + tile_w - 1] for k, (s, t) in enumerate(SHIFTS)
        )
        if not need_input_grad:
            return None
        grad_columns = self._buffer("grad_columns", (columns.size // (rows * cols * n), rows * cols * n), grad.dtype)
        np.matmul(self._tile_weight().T, routed, out=grad_columns)
        grad_padded = np.zeros(self._padded_shape, grad.dtype)
        folded = fold(grad_columns.reshape(columns.shape), STRIDE, DILATION, grad_padded.shape[2])
        grad_padded[:, : folded.shape[1]] = folded  # an odd last row of windows was not pooled
        (top, bottom), (left, right) = self._pads
        _, height, width, _ = self._padded_shape
        return from_batch_last(grad_padded[:, top : height - bottom, left : width - right])

    def _tile_weight(self):
        """The filters, once for each shift: (4·C_out, C_in·(KH+1)·(KW+1))."""
        out_channels, in_channels, kernel_h, kernel_w = self.conv.weight.shape
        tile = np.zeros((4, out_channels, in_channels, kernel_h + 1, kernel_w + 1), self.conv.weight.dtype)
        for k, (s, t) in enumerate(SHIFTS):
            tile[k, :, :, s : s + kernel_h, t : t + kernel_w] = self.conv.weight
        return tile.reshape(4 * out_channels, -1)

    def _route(self, grad, blocks):
        """Give the gradient to each cell's winner: the first of equals in reading order."""
        routed = self._buffer("routed", blocks.shape, grad.dtype)
        lower = np.maximum(blocks[2], blocks[3]) > np.maximum(blocks[0], blocks[1])
        np.multiply(grad, lower, out=routed[2])
        np.subtract(grad, routed[2], out=routed[0])
        for left, right in ((0, 1), (2, 3)):
            np.multiply(routed[left], blocks[right] > blocks[left], out=routed[right])
            routed[left] -= routed[right]
        return routed

    def _buffer(self, name, shape, dtype):
        kept = self._buffers.get(name)
        if kept is None or kept.shape != shape or kept.dtype != dtype:
            kept = self._buffers[name] = np.empty(shape, dtype)
        return kept

    def __repr__(self):
        return f"ConvReLUMaxPool({', '.join(map(repr, self.layers))})"
