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

All this is done for some pooled rows at a time, whose products are still in the cache when their maxima are taken.
What stays for the way back is which candidate has won.
"""

import functools

import numpy as np

from cnnlib._columns import OPERANDS, from_batch_last, masked, pad_batch_last, scratch, to_batch_last
from cnnlib._lines import GRADIENT_BYTES, apart, cut, input_gradient, multiply, stacked, write_lines
from cnnlib._validate import MOST_NUMBERS, check_float_array, check_iterable, check_size
from cnnlib.layers import Conv2d, Layer, MaxPool2d, ReLU
from cnnlib.shapes import output_shape2d, resolve_padding2d

STRIDE, DILATION = 2, 1  # of the tiles along a row: one for each pooling cell
STRIP_BYTES = 2**20  # of candidates at a time: about what a core has for itself


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
    steps, rest = [], check_iterable("layers", layers)
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
    Layer by layer goes what the tile is not made for: an infinity in the input or the gradient, which the tile's zeros
    would turn into NaN in a neighbour, layers that have got another stride or dilation since they were fused, and
    images whose lines, all of which are kept, would take too much memory.
    """

    def __init__(self, conv, *others):
        self.conv, self.has_relu, self.layers = conv, len(others) == 2, (conv, *others)
        self._buffers = {}

    def forward(self, x):
        x = check_float_array("x", x, 4, axes="(N, C_in, H, W)")
        if x.shape[1] != self.conv.in_channels:
            raise ValueError(f"x must have {self.conv.in_channels} channels to match weight, got {x.shape[1]}")
        for layer in self.layers:
            layer._output_shape = None  # what it has kept is of another input: no backward pass by itself
        self._x, self._apart = x, None
        if _fits(self.conv, self.layers[-1:]):  # or a setting has been changed since
            y = self._compute(x, with_winners=self.conv.training)
            if y is not None and not np.isnan(y.min()):  # or an infinity may have met the zeros in the tile
                return y
        return self._layer_by_layer(x)

    def _layer_by_layer(self, x):
        """The plain way, by replicas: whoever uses the layers meanwhile does not change what they keep."""
        apart = [layer.replica() for layer in self.layers]
        for layer in apart:
            x = layer.forward(x)
        self._apart = apart
        return x

    def _compute(self, x, *, with_winners):
        """Return the output, or None where the lines would take too much memory."""
        weight, (out_channels, in_channels, kernel_h, kernel_w) = self.conv.weight, self.conv.weight.shape
        (rows, cols), pads = _pooled(x.shape[2:], (kernel_h, kernel_w), self.conv.padding)
        n, dtype = len(x), np.result_type(x, weight)
        seen = 2 * rows + kernel_h - 1  # an odd last row is not pooled
        check_size(OPERANDS, (n, out_channels, 2 * rows, 2 * cols))
        if seen * (kernel_w + 1) * in_channels * cols * n > MOST_NUMBERS:
            return None
        padded = pad_batch_last(x, pads)
        lines = self._take("lines", (seen, (kernel_w + 1) * in_channels, cols * n), dtype)
        winners = self._take("winners", (3, rows, out_channels, cols * n), bool) if with_winners else None
        positive = np.empty((out_channels, rows, cols * n), bool) if with_winners and self.has_relu else None
        output = np.empty((out_channels, rows, cols * n), dtype)
        tile, stack, written = self._tile_weight().reshape(2 * out_channels, -1), stacked(lines, kernel_h), 0
        for strip in self._strips(output):
            new = slice(written, 2 * strip.stop + kernel_h - 1)
            write_lines(padded[:, new], kernel_w + 1, cols, STRIDE, DILATION, out=lines[new])
            written = new.stop
            tiles = stack[2 * strip.start : 2 * strip.stop]
            shape = len(tiles), len(tile), cols * n
            blocks = scratch("blocks", apart(shape, dtype), dtype)[..., : cols * n]
            multiply(tile, tiles, blocks)
            part = output[:, strip].transpose(1, 0, 2)
            four = blocks.reshape(-1, 4, *part.shape[1:]).swapaxes(0, 1)
            _max_of_four(four, winners[:, strip] if with_winners else None, out=part)
            if self.conv.bias is not None:
                part += self.conv.bias[:, None]
            if self.has_relu:
                np.clip(part, 0, np.inf, out=part)  # three times as fast as np.maximum with one number
                if positive is not None:  # whoever has the output may change it
                    np.greater(part, 0, out=positive[:, strip].transpose(1, 0, 2))
        self._lines, self._winners, self._positive, self._pads = lines, winners, positive, pads
        self._padded_shape, self._pooled_shape = padded.shape, (out_channels, rows, cols, n)
        self._give_back(lines=lines, winners=winners)
        return from_batch_last(output.reshape(out_channels, rows, cols, n))

    def backward(self, grad_output, *, need_input_grad=True):
        if self._apart is not None:
            return self._back_layer_by_layer(grad_output, need_input_grad)
        if self._winners is None:  # the way back from an evaluation, which is rarely gone
            self._compute(self._x, with_winners=True)
        out_channels, in_channels, kernel_h, kernel_w = self.conv.weight.shape
        (_, rows, cols, n), stack = self._pooled_shape, stacked(self._lines, kernel_h)
        grad = to_batch_last(grad_output).reshape(out_channels, rows, cols * n)
        if self.has_relu:
            grad = masked(grad, self._positive)
        grad_bias = grad.sum(axis=(1, 2))
        if not np.isfinite(grad_bias).all():  # infinities may be among the gradients: not into the tile's zeros
            self._layer_by_layer(self._x)
            return self._back_layer_by_layer(grad_output, need_input_grad)
        if self.conv.bias is not None:
            self.conv.grad_bias = grad_bias

        strips = self._strips(grad, weight_bytes=4 * out_channels * stack.shape[1] * grad.itemsize)
        # each candidate's gradient: between rows of zeros, or only of a strip, which then stays in the cache
        margin = kernel_h - 1 if need_input_grad else 0
        kept = rows if need_input_grad else max(strip.stop - strip.start for strip in strips)
        routed = self._take("routed", (margin + 2 * kept + margin, 2 * out_channels, cols * n), grad.dtype)
        routed[:margin], routed[margin + 2 * kept :] = 0, 0
        grad_tile = 0
        for strip in strips:
            tiles = stack[2 * strip.start : 2 * strip.stop]
            start = margin + (2 * strip.start if need_input_grad else 0)
            part = routed[start : start + len(tiles)]
            four = part.reshape(-1, 4, out_channels, cols * n).swapaxes(0, 1)
            _route(grad[:, strip].transpose(1, 0, 2), self._winners[:, strip], out=four)
            grad_tile = grad_tile + (tiles @ part.transpose(0, 2, 1)).sum(axis=0)
        grad_tile = grad_tile.reshape(kernel_h, kernel_w + 1, in_channels, 2, out_channels)
        self.conv.grad_weight = (grad_tile[:, :-1, :, 0] + grad_tile[:, 1:, :, 1]).transpose(3, 2, 0, 1)
        self._give_back(routed=routed)
        if not need_input_grad:
            return None
        grad_padded = np.zeros(self._padded_shape, grad.dtype)
        tile = self._tile_weight().reshape(2 * out_channels, kernel_h, kernel_w + 1, in_channels)
        input_gradient(tile.transpose(0, 3, 1, 2), routed, grad_padded[:, : len(self._lines)], (1, STRIDE), DILATION)
        (top, bottom), (left, right) = self._pads
        _, height, width, _ = self._padded_shape
        return from_batch_last(grad_padded[:, top : height - bottom, left : width - right])

    def _back_layer_by_layer(self, grad, need_input_grad):
        conv, *others = self._apart
        for layer in reversed(others):
            grad = layer.backward(grad)
        grad_x = conv.backward(grad, need_input_grad=need_input_grad)
        for name, gradient in conv.gradients().items():
            setattr(self.conv, f"grad_{name}", gradient)
        return grad_x

    def _tile_weight(self):
        """The filters, once for each shift to the right: (2, C_out, KH, KW + 1, C_in)."""
        out_channels, in_channels, kernel_h, kernel_w = self.conv.weight.shape
        tile = np.zeros((2, out_channels, kernel_h, kernel_w + 1, in_channels), self.conv.weight.dtype)
        for t in (0, 1):
            tile[t, :, :, t : t + kernel_w] = self.conv.weight.transpose(0, 2, 3, 1)
        return tile

    def _strips(self, pooled, weight_bytes=0):
        """Slices of the pooled rows of (C_out, rows, cols·N): the four candidates of each stay in the cache.

        `weight_bytes` are those of the gradients in the weight from one row, before they are added up.
        """
        rows = pooled.shape[1]
        return cut(rows, max(-(-4 * pooled.nbytes // STRIP_BYTES), -(-rows * weight_bytes // GRADIENT_BYTES)))

    def _take(self, name, shape, dtype):
        """A buffer, which nobody else has until it is given back: another thread may ask this net something too."""
        kept = self._buffers.pop(name, None)
        if kept is None or kept.shape != shape or kept.dtype != dtype:
            check_size(OPERANDS, shape)
            kept = np.empty(apart(shape, dtype), dtype)[..., : shape[-1]]
        return kept

    def _give_back(self, **buffers):
        self._buffers.update({name: buffer for name, buffer in buffers.items() if buffer is not None})

    def __repr__(self):
        return f"ConvReLUMaxPool({', '.join(map(repr, self.layers))})"


@functools.lru_cache(maxsize=64)
def _pooled(size, kernel, padding):
    """Return the size of the pooled output, and the zeros around the input; the same for every batch of a training."""
    height, width = output_shape2d(size, kernel, padding=padding)
    if min(height, width) < 2:
        raise ValueError(
            f"kernel_size must fit into the padded input of {(height, width)}, got a kernel that spans 2 (pooling)"
        )
    return (height // 2, width // 2), resolve_padding2d(padding, kernel)


def _max_of_four(four, winners, out):
    """Write the largest of the candidates (4, …) into `out`, and who it was into `winners`: right, right below; below.

    The candidates are overwritten. Without `winners` nobody is told who it was.
    """
    for first, second, winner, best in ((0, 1, 0, four[0]), (2, 3, 1, four[2]), (0, 2, 2, out)):
        if winners is not None:
            np.greater(four[second], four[first], out=winners[winner])
        np.maximum(four[first], four[second], out=best)


def _route(grad, winners, out):
    """Give the gradient to each cell's winner, the first of equals in reading order: (4, …)."""
    right, right_below, below = winners
    if grad.itemsize <= 8:  # the bits of the numbers move, as integers: see `masked`
        grad, out = (array.view(f"i{grad.itemsize}") for array in (grad, out))
    np.multiply(grad, below, out=out[2])
    np.subtract(grad, out[2], out=out[0])
    for left, wins in ((0, right), (2, right_below)):
        np.multiply(out[left], wins, out=out[left + 1])
        out[left] -= out[left + 1]
