r"""Convolution, ReLU and 2×2 max pooling in one step: the fast path of `Sequential`.

Four neighbouring windows feed one pooling cell. Two of them lie side by side and share a patch that is one column
wider than a window; so the lines of `cnnlib._lines` are written KW + 1 times for every *pooled* column, and the filter
stands in the matrix twice, shifted by none and by one, with a column of zeros. That is the lecture's banded matrix
with shared weights, of the size of one tile. The shift down costs nothing: the next row's matrix is made of the
same lines. So two rows of products are the four candidates of the pooling.

.. math:: B_{s,t,o} = \sum_{c,a,b} W_{o,\,c,\,a,\,b-t}\; x_{c,\,2i+s+a,\,2j+b}, \qquad
          y_o = \max\bigl(0,\; b_o + \max_{s,t} B_{s,t,o}\bigr)

The bias and the ReLU come after the maximum, where there is a quarter of the numbers left:
both are monotone, so the order does not matter.
"""

import numpy as np

from cnnlib._columns import from_batch_last, masked, pad_batch_last, to_batch_last
from cnnlib._lines import add_lines, apart, multiply, stacked, write_lines
from cnnlib._validate import check_float_array
from cnnlib.layers import Conv2d, Layer, MaxPool2d, ReLU
from cnnlib.shapes import resolve_padding2d

STRIDE, DILATION = 2, 1  # of the tiles along a row: one for each pooling cell


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
        seen = 2 * rows + kernel_h - 1  # an odd last row is not pooled
        lines = self._buffer("lines", (seen, (kernel_w + 1) * in_channels, cols * n), dtype)
        write_lines(padded[:, :seen], kernel_w + 1, cols, STRIDE, DILATION, out=lines)

        blocks = self._buffer("blocks", (2 * rows, 2 * out_channels, cols * n), dtype)
        multiply(self._tile_weight(), stacked(lines, kernel_h), blocks)
        blocks = blocks.reshape(rows, 4, out_channels, cols * n)
        upper, lower = (self._buffer(name, (rows, out_channels, cols * n), dtype) for name in ("upper", "lower"))
        np.maximum(blocks[:, 0], blocks[:, 1], out=upper)
        np.maximum(blocks[:, 2], blocks[:, 3], out=lower)
        output = np.empty((out_channels, rows, cols * n), dtype)
        np.maximum(upper, lower, out=output.transpose(1, 0, 2))
        if self.conv.bias is not None:
            output += self.conv.bias[:, None, None]
        if self.has_relu:
            np.maximum(output, 0, out=output)
        self._lines, self._blocks, self._output = lines, blocks, output.reshape(out_channels, rows, cols, n)
        return from_batch_last(self._output)

    def backward(self, grad_output, *, need_input_grad=True):
        output, lines, blocks = self._output, self._lines, self._blocks
        out_channels, in_channels, kernel_h, kernel_w = self.conv.weight.shape
        _, rows, cols, n = output.shape
        grad = to_batch_last(grad_output)
        if self.has_relu:
            grad = masked(grad, output > 0)
        if self.conv.bias is not None:
            self.conv.grad_bias = grad.reshape(len(grad), -1).sum(axis=1)

        margin = kernel_h - 1 if need_input_grad else 0  # rows of zeros around those of the gradient
        routed = self._buffer("routed", (margin + 2 * rows + margin, 2 * out_channels, cols * n), grad.dtype)
        routed[:margin], routed[margin + 2 * rows :] = 0, 0
        inner = routed[margin : margin + 2 * rows]
        self._route(grad.reshape(out_channels, rows, -1).transpose(1, 0, 2), blocks, inner.reshape(blocks.shape))
        grad_tile = (stacked(lines, kernel_h) @ inner.transpose(0, 2, 1)).sum(axis=0)
        grad_tile = grad_tile.reshape(kernel_h, kernel_w + 1, in_channels, 2, out_channels)
        self.conv.grad_weight = (grad_tile[:, :-1, :, 0] + grad_tile[:, 1:, :, 1]).transpose(3, 2, 0, 1)
        if not need_input_grad:
            return None
        matrix = self._tile_weight().reshape(2 * out_channels, kernel_h, -1)[:, ::-1].transpose(2, 1, 0)
        grad_lines = self._buffer("grad_lines", lines.shape, grad.dtype)
        multiply(np.ascontiguousarray(matrix).reshape(len(matrix), -1), stacked(routed, kernel_h), grad_lines)
        grad_padded = np.zeros(self._padded_shape, grad.dtype)
        add_lines(grad_lines, grad_padded[:, : len(lines)], kernel_w + 1, STRIDE, DILATION)
        (top, bottom), (left, right) = self._pads
        _, height, width, _ = self._padded_shape
        return from_batch_last(grad_padded[:, top : height - bottom, left : width - right])

    def _tile_weight(self):
        """The filters, once for each shift to the right: (2·C_out, KH·(KW+1)·C_in)."""
        out_channels, in_channels, kernel_h, kernel_w = self.conv.weight.shape
        tile = np.zeros((2, out_channels, kernel_h, kernel_w + 1, in_channels), self.conv.weight.dtype)
        for t in (0, 1):
            tile[t, :, :, t : t + kernel_w] = self.conv.weight.transpose(0, 2, 3, 1)
        return tile.reshape(2 * out_channels, -1)

    def _route(self, grad, blocks, routed):
        """Give the gradient to each cell's winner: the first of equals in reading order."""
        lower = np.maximum(blocks[:, 2], blocks[:, 3]) > np.maximum(blocks[:, 0], blocks[:, 1])
        if grad.itemsize <= 8:  # the bits of the numbers move, as integers: see `masked`
            grad, routed = (array.view(f"i{grad.itemsize}") for array in (grad, routed))
        np.multiply(grad, lower, out=routed[:, 2])
        np.subtract(grad, routed[:, 2], out=routed[:, 0])
        for left, right in ((0, 1), (2, 3)):
            np.multiply(routed[:, left], blocks[:, right] > blocks[:, left], out=routed[:, right])
            routed[:, left] -= routed[:, right]

    def _buffer(self, name, shape, dtype):
        kept = self._buffers.get(name)
        if kept is None or kept.shape != shape or kept.dtype != dtype:
            kept = self._buffers[name] = np.empty(apart(shape, dtype), dtype)[..., : shape[-1]]
        return kept

    def __repr__(self):
        return f"ConvReLUMaxPool({', '.join(map(repr, self.layers))})"
