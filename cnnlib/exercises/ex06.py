"""06 · Stack channels and pool them."""

import numpy as np

from cnnlib.conv import conv2d
from cnnlib.exercises._exercise import exercise
from cnnlib.shapes import ReceptiveField, conv2d_cost, output_size


@exercise
class q1:
    """Write `one_output(x, weight, bias, i, j)`: a single output of one filter on a picture with channels. `x` has the
    shape (C, H, W), `weight` (C, KH, KW), and the window begins at row `i`, column `j`."""

    def one_output(x, weight, bias, i, j):
        total = bias
        for c in range(weight.shape[0]):
            for a in range(weight.shape[1]):
                for b in range(weight.shape[2]):
                    total = total + x[c, i + a, j + b] * weight[c, a, b]
        return total

    def inputs(rng):
        for shape, window, i, j in (((3, 5, 6), (3, 2), 1, 2), ((1, 4, 4), (2, 3), 0, 1), ((4, 6, 5), (1, 3), 4, 0),
                                    ((2, 5, 7), (2, 2), 3, 5), ((3, 4, 5), (3, 3), 0, 0)):
            yield rng.normal(size=shape), rng.normal(size=(shape[0], *window)), float(rng.normal()), i, j

    hints = ("Three indices are summed over: the channel, and the two that walk through the window.",
             "Begin with the bias; the innermost line adds x[c, i + a, j + b] times weight[c, a, b].")
    because = "A filter is a block of numbers, one slice for each channel; all products are added, and the bias once."
    wrong = {
        "You read only the first channel.": ("range(weight.shape[0])", "range(1)"),
        "The bias is missing.": ("total = bias", "total = 0.0"),
        "You add the bias once for each channel. A filter has one.": ("total = bias", "total = bias * weight.shape[0]"),
        "You averaged over the channels; their answers are added.":
            ("return total", "return bias + (total - bias) / weight.shape[0]"),
        "Each product replaces the sum.": ("total = total + x", "total = x"),
        "Your slices are turned by 180°.": ("weight[c, a, b]", "weight[c, -1 - a, -1 - b]"),
        "All channels meet the slice of the first.": ("weight[c, a, b]", "weight[0, a, b]"),
        "All slices read the first channel.": ("x[c, i", "x[0, i"),
        "i and j have changed places: i is the row.":
            ("x[c, i + a, j + b]", "np.pad(x, ((0, 0), (0, 9), (0, 9)))[c, j + a, i + b]"),
        "Your window always begins at the corner: i and j are not used.": ("x[c, i + a, j + b]", "x[c, a, b]"),
        "You return a number for each channel. A filter adds them up.":
            lambda x, weight, bias, i, j: (
                bias + (x[:, i:i + weight.shape[1], j:j + weight.shape[2]] * weight).sum(axis=(1, 2))),
        "The slices meet the channels in reverse order.": ("weight[c, a, b]", "weight[-1 - c, a, b]"),
        "There is a ReLU too many. The sum alone is asked for.":
            ("return total", "return max(total, 0)"),
        "The bias is taken away; it is added.":
            ("total = bias", "total = -bias"),
        "You add pixel and weight; they are multiplied, and the products are added up.":
            ("* weight[c, a, b]", "+ weight[c, a, b]"),
        "You add the bias with every product. A filter has one, and it comes once.":
            ("total = bias", "total = bias * weight.size"),
        "You averaged over the window; the products are added up.":
            ("return total", "return bias + (total - bias) / weight.size"),
        "You read only the last channel: each replaces the one before.":
            ("range(weight.shape[0])", "range(weight.shape[0] - 1, weight.shape[0])"),
        "Your window is centred on (i, j). It begins there.":
            ("x[c, i + a, j + b]", "np.pad(x, ((0, 0), (3, 3), (3, 3)))"
             "[c, i + a + 3 - weight.shape[1] // 2, j + b + 3 - weight.shape[2] // 2]"),
        "Only the first row of the window takes part.": ("range(weight.shape[1])", "range(1)"),
        "Only the first column of the window takes part.": ("range(weight.shape[2])", "range(1)"),
    }


@exercise
class q2:
    """Write `conv_layer(x, weight, bias)` for one picture, as `conv2d` means it, without `conv2d`. `x` has the shape
    (C_in, H, W), `weight` (C_out, C_in, KH, KW), `bias` (C_out,)."""

    def conv_layer(x, weight, bias):
        windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2:], axis=(1, 2))
        return np.einsum("cijab,ocab->oij", windows, weight) + bias[:, None, None]

    def inputs(rng):
        for out, c, (h, w), (kh, kw) in ((2, 3, (5, 6), (3, 2)), (4, 1, (4, 5), (2, 3)), (1, 2, (4, 4), (1, 3)),
                                         (3, 3, (6, 5), (3, 3)), (6, 3, (8, 7), (3, 3))):
            yield rng.normal(size=(c, h, w)), rng.normal(size=(out, c, kh, kw)), rng.normal(size=out)
        yield tuple(one.astype(float) for one in (rng.integers(0, 9, (2, 4, 5)), rng.integers(-3, 4, (3, 2, 2, 3)),
                                                  rng.integers(1, 9, 3)))

    hints = ("One map for each filter; a loop over filters around what you wrote in q1 is enough.",
             "`sliding_window_view(x, (KH, KW), axis=(1, 2))` has the axes channel, row, column, a, b. Sum over c, a "
             "and b.")
    because = "One map a filter; the sum over channels makes the colour disappear; the bias lifts a whole map."
    wrong = {
        "The sum over channels is missing: your output has an axis too many.":
            ("->oij", "->ocij", "bias[:, None, None]", "bias[:, None, None, None]"),
        "The bias is missing.": (" + bias[:, None, None]", ""),
        "The bias is taken away; it is added.": ("+ bias", "- bias"),
        "The biases are laid along the columns of a map: each belongs to a whole map, so `bias[:, None, None]`.":
            ("bias[:, None, None]", "bias"),
        "You averaged over the channels; their answers are added.": (", weight) +", ", weight) / x.shape[0] +"),
        "Your kernels are turned by 180°.": (", weight) +", ", weight[:, :, ::-1, ::-1]) +"),
        "The maps come last; the library keeps channels in front.": ("->oij", "->ijo", "bias[:, None, None]", "bias"),
        "You read only the first channel.":
            ('"cijab,ocab->oij", windows, weight', '"cijab,ocab->oij", windows[:1], weight[:, :1]'),
        "The bias is added once for each input channel. A filter has one.":
            ("bias[:, None, None]", "x.shape[0] * bias[:, None, None]"),
        "All filters have the bias of the first.": ("bias[:, None, None]", "bias[0]"),
        "Your maps are transposed: rows and columns have changed places.": ("->oij", "->oji"),
        "There is a ReLU too many. The layer alone is asked for.":
            lambda x, weight, bias: np.maximum(conv2d(x[None] * 1.0, weight * 1.0, bias * 1.0)[0], 0),
        "The filters have been added up to a single map.": ("->oij", "->ij", "bias[:, None, None]", "bias.sum()"),
        "The slices meet the channels in reverse order.":
            ("windows, weight)", "windows, weight[:, ::-1])"),
        "The filters come in reverse order.":
            ("windows, weight)", "windows, weight[::-1])"),
        "Every map has the sum of all biases. Each has its own.":
            ("bias[:, None, None]", "bias.sum()"),
        "Each channel replaces the one before. Their answers are added.":
            ('"cijab,ocab->oij", windows, weight', '"cijab,ocab->oij", windows[-1:], weight[:, -1:]'),
        "You add the bias with every product. A filter has one, and it comes once.":
            ("bias[:, None, None]", "weight[0].size * bias[:, None, None]"),
        "All maps are the same: the filter and the bias of the first.":
            ("windows, weight)", "windows, weight[:1].repeat(len(weight), 0))", "bias[:, None, None]", "bias[0]"),
        "You added up the channels, and the slices, before they met. Each channel meets its own slice.":
            ("windows, weight)", "windows.sum(0, keepdims=True), weight.sum(1, keepdims=True))"),
        "Your slices stand on their heads: they are flipped on one axis.":
            ("windows, weight)", "windows, weight[:, :, ::-1])"),
        "Your slices are mirrored left and right: they are flipped on one axis.":
            ("windows, weight)", "windows, weight[:, :, :, ::-1])"),
        "All channels meet the slice of the first.": ("windows, weight)", "windows, weight[:, :1].repeat(len(x), 1))"),
        "All slices read the first channel.": ("windows, weight)", "windows[:1].repeat(len(x), 0), weight)"),
    }


@exercise
class q3:
    """A layer takes 14×14×6 and has 16 filters of 5×5, “valid”, with one bias a filter. Give the **shape** of its
    output as the library orders it (channels, rows, columns), and behind it its number of **parameters**: four
    numbers."""

    def numbers():
        size = output_size(14, 5)
        return [16, size, size, conv2d_cost(6, 16, 5, (size, size)).parameters]

    hints = ("n + 1 − m to a side; one map for each filter.", "Each filter is a block of 5×5×6, and has one bias.")
    because = "D maps of n + 1 − m to a side, and D(m²r + 1) parameters."
    wrong = {
        "Your filters are flat: D·m·m. Each reaches through all six channels.": lambda: [16, 10, 10, 16 * (25 + 1)],
        "Your filters are flat, and have no bias.": lambda: [16, 10, 10, 16 * 25],
        "The biases are missing.": lambda: [16, 10, 10, 16 * 150],
        "You gave each kernel a bias. A filter has one, however many kernels it has.":
            lambda: [16, 10, 10, 16 * 6 * 26],
        "You gave the whole layer one bias. Each filter has one.": lambda: [16, 10, 10, 16 * 150 + 1],
        "Channels come first here: the maps are the first axis.": lambda: [10, 10, 16, 16 * 151],
        "The window stays inside (“valid”), so the maps are smaller than 14×14.": lambda: [16, 14, 14, 16 * 151],
        "n − m is one place too few.": lambda: [16, 9, 9, 16 * 151],
        "You counted the links. All places share the same numbers.": lambda: [16, 10, 10, 16 * 151 * 100],
        "The output has a channel for each filter, and not for each input channel.": lambda: [6, 10, 10, 16 * 151],
        "You gave each place a bias of its own, as in 1989.": lambda: [16, 10, 10, 16 * 150 + 16 * 100],
        "There is one map for each filter, however many slices it has.": lambda: [96, 10, 10, 16 * 151],
        "You gave each input channel a bias. Each filter has one.": lambda: [16, 10, 10, 16 * 150 + 6],
    }


@exercise
class q4:
    """Write `max_pool(feature_map, size)`: cut the map into windows of `size` × `size` side by side, and keep the
    largest number of each. What does not fill a window at the right and at the bottom is dropped."""

    def max_pool(feature_map, size):
        rows, cols = feature_map.shape[0] // size, feature_map.shape[1] // size
        pooled = np.empty((rows, cols))
        for i in range(rows):
            for j in range(cols):
                pooled[i, j] = feature_map[i * size:(i + 1) * size, j * size:(j + 1) * size].max()
        return pooled

    def inputs(rng):
        yield np.array([[1, 3, 0, 2], [0, 2, 5, 1], [4, 0, 1, 1], [0, 0, 0, 1.0]]), 2
        for shape, size in (((6, 4), 2), ((7, 5), 2), ((9, 7), 3), ((5, 8), 2), ((4, 3), 1)):
            yield rng.normal(size=shape), size
        yield -rng.uniform(1, 2, size=(4, 6)), 2

    hints = ("How many whole windows are there to a side? `//` rounds down.",
             "Window (i, j) begins at row i·size and column j·size.")
    because = "Sizes that do not divide are rounded down, and the rest of the map is never looked at."
    wrong = {
        "You took the mean; the largest is asked for.": ("].max()", "].mean()"),
        "You took the smallest.": ("].max()", "].min()"),
        "You added the window up.": ("].max()", "].sum()"),
        "Your windows overlap: they begin at every row and column. Here they stand side by side.":
            ("i * size:(i + 1) * size, j * size:(j + 1) * size", "i:i + size, j:j + size"),
        "You rounded up: an incomplete window at the border is dropped.":
            ("feature_map.shape[0] // size, feature_map.shape[1] // size",
             "-(-feature_map.shape[0] // size), -(-feature_map.shape[1] // size)"),
        "You begin with 0, and the maximum of negative numbers is less than 0.": ("].max()", "].max(initial=0)"),
        "You kept the number of the largest absolute value.":
            lambda feature_map, size: _largest_size(feature_map, size),
        "You took every size-th number: the others of the window are never compared.":
            lambda feature_map, size: (
                feature_map[:feature_map.shape[0] // size * size:size, :feature_map.shape[1] // size * size:size]),
        "Your map stays as large as it was: each number is replaced by the largest of its window.":
            lambda feature_map, size: np.kron(_pooled(feature_map, size), np.ones((size, size))),
        "Your window has one row and one column too few: a slice ends before its end.":
            ("(i + 1) * size, j * size:(j + 1) * size",
             "(i + 1) * size - 1 + (size == 1), j * size:(j + 1) * size - 1 + (size == 1)"),
        "Your result holds integers, and loses what follows the point.":
            ("np.empty((rows, cols))", "np.empty((rows, cols), int)"),
        "You swept each row, but not the columns: the maximum has to be over both axes of the window.":
            ("feature_map[i * size:(i + 1) * size, j * size:(j + 1) * size]",
             "feature_map[i * size, j * size:(j + 1) * size]"),
        "You took the median; the largest is asked for.":
            lambda feature_map, size: _pool_by(np.median, feature_map, size),
        "(rows, columns, size, size) cuts the line of numbers into pieces, and no windows out of the map. Rows and"
        " places in a row take turns: (rows, size, columns, size).":
            lambda feature_map, size: _reshaped(feature_map, size, (2, 3), lambda rows, cols: (rows, cols, size, size)),
        "(size, rows, size, columns) puts numbers together that lie far apart. It is (rows, size, columns, size).":
            lambda feature_map, size: _reshaped(feature_map, size, (0, 2), lambda rows, cols: (size, rows, size, cols)),
        "You return where the largest number stands, and not the number.": ("].max()", "].argmax()"),
        "You dropped what is left over at the top and at the left. It is dropped at the bottom and at the right.":
            lambda feature_map, size: _pooled(feature_map[feature_map.shape[0] % size:,
             feature_map.shape[1] % size:], size),
        "Your window has one row and one column too many.":
            ("(i + 1) * size, j * size:(j + 1) * size", "(i + 1) * size + 1, j * size:(j + 1) * size + 1"),
        "You swept each column, but not the rows: the maximum has to be over both axes of the window.":
            ("j * size:(j + 1) * size]", "j * size]"),
    }


def _pooled(feature_map, size):
    rows, cols = feature_map.shape[0] // size, feature_map.shape[1] // size
    return feature_map[:rows * size, :cols * size].reshape(rows, size, cols, size).max(axis=(1, 3))


def _reshaped(feature_map, size, axes, shape):
    rows, cols = feature_map.shape[0] // size, feature_map.shape[1] // size
    return feature_map[:rows * size, :cols * size].reshape(shape(rows, cols)).max(axis=axes)


def _largest_size(feature_map, size):
    high, low = _pooled(feature_map, size), -_pooled(-feature_map, size)
    return np.where(np.abs(low) > np.abs(high), low, high)


@exercise
class q5:
    """Write `receptive_field(layers)`: `layers` is a list of (kernel size, stride), the first layer first. Return how
    many pixels a unit of the last layer sees, and how many pixels apart two neighbours of it are: `size, jump`."""

    def receptive_field(layers):
        size, jump = 1, 1
        for kernel_size, stride in layers:
            size = size + (kernel_size - 1) * jump
            jump = jump * stride
        return size, jump

    def inputs(rng):
        yield [(5, 1), (2, 2), (5, 1), (2, 2)]
        yield [(3, 1)] * 4
        yield [(3, 2), (5, 2)]
        yield [(7, 1)]
        yield [(1, 3), (3, 1), (2, 2), (4, 3), (3, 1)]

    hints = ("Begin with one pixel that is one pixel from the next. What does a window of m units add?",
             "It adds m − 1 steps, each as long as the jump *before* this layer. Then the stride makes the jump "
             "longer.")
    because = ("size ← size + (m − 1)·jump, then jump ← jump·stride: after a pooling, a step of one cell is a step of "
               "two pixels.")
    wrong = {
        "You added the kernel sizes up. Windows overlap: each adds m − 1 steps.":
            ("(kernel_size - 1) * jump", "kernel_size * jump"),
        "You ignored the jump: after a stride, one cell further is several pixels further.":
            ("(kernel_size - 1) * jump", "(kernel_size - 1)"),
        "You lengthened the jump before you used it. This layer's window steps by the jump of the layers before.":
            ("        size = size + (kernel_size - 1) * jump\n        jump = jump * stride",
             "        jump = jump * stride\n        size = size + (kernel_size - 1) * jump"),
        "Strides multiply; you added them.": ("jump * stride", "jump + stride"),
        "Strides multiply; your jump is the last layer's alone.": ("jump = jump * stride", "jump = stride"),
        "You added the kernel sizes up: 5 + 5. Windows overlap, and a later step is longer.":
            lambda layers: (sum(k for k, _ in layers), _jump(layers)),
        "You go through the layers from the last to the first.": ("in layers:", "in layers[::-1]:"),
        "The jump comes first in your answer; the size is asked for first.": ("return size, jump", "return jump, size"),
        "You begin with no pixel at all: a unit of the input sees itself.": ("size, jump = 1, 1", "size, jump = 0, 1"),
        "You multiplied the kernel sizes.": ("size + (kernel_size - 1) * jump", "size * kernel_size"),
        "You return the number of pixels in the square; its side is asked for.":
            ("return size, jump", "return size**2, jump"),
        "A layer's step is counted in cells of the layers before it: multiply by their jump, not by its own stride.":
            ("(kernel_size - 1) * jump", "(kernel_size - 1) * stride"),
        "That rule walks from the last layer back to the first. You went forward with it.":
            ("size + (kernel_size - 1) * jump", "size * stride + kernel_size - 1"),
        "You added the kernel sizes to the one pixel of the beginning. A window of m adds m − 1, times the jump.":
            ("(kernel_size - 1) * jump", "kernel_size"),
        "The size is right. Strides multiply; your jump is their sum.":
            lambda layers: (q5.right(layers)[0], sum(stride for _, stride in layers)),
        "The size is right. Your jump is not that of all layers: it is the product of all strides.":
            lambda layers: (q5.right(layers)[0], layers[-1][1]),
        "Your jump never changes: each stride makes it longer.": ("jump = jump * stride", "jump = 1"),
        "You left the last layer out.": ("in layers:", "in layers[:-1]:"),
    }


def _jump(layers):
    field = ReceptiveField()
    for kernel_size, stride in layers:
        field = field.through(kernel_size, stride=stride)
    return field.jump


@exercise
class q6:
    """Two 3×3 convolutions with stride 1, then 2×2 pooling with stride 2, then a 3×3 convolution with stride 1. How
    wide is the piece of the picture that one unit at the end sees?"""

    def pixels():
        return ReceptiveField().through(3).through(3).through(2, stride=2).through(3).size

    hints = ("Follow size and jump through the four layers, beginning with 1 and 1.",
             "Behind the pooling, neighbours are two pixels apart.")
    because = "1 → 3 → 5 → 6 (jump 2) → 6 + 2·2."
    wrong = {
        "You ignored the jump: behind the pooling a step is two pixels.": lambda: 8,
        "You added the sides up.": lambda: 11,
        "You left the pooling's own window out; it adds a step.": lambda: 9,
        "That is before the last convolution.": lambda: 6,
        "You doubled everything at the pooling. It lengthens the later steps only.": lambda: 14,
        "That is the number of pixels in the square; its side is asked for.": lambda: 100,
        "You stopped before the pooling.": lambda: 5,
        "In the last layer you added m steps of two pixels; a window of three has two steps.": lambda: 12,
        "You left the pooling out. It has a window, and it lengthens the steps behind it.": lambda: 7,
    }


@exercise
class q7:
    """A colour photograph moves by **one** pixel to the right (nothing is lost at the borders). Which sentence is true
    of its feature map $f$, before and behind 2×2 max pooling? `"a"`: both stay as they are. `"b"`: the map moves along
    exactly, the pooled map neither stays nor moves along exactly. `"c"`: both move along exactly. `"d"`: the map moves
    along, the pooled map stays as it is."""

    def choice():
        return "b"

    hints = ("Equivariant: f(Tx) = T f(x). Invariant: f(Tx) = f(x). Which of them does a convolution promise?",
             "By how many cells would the pooled map have to move?")
    because = ("A convolution is equivariant. Pooling with step 2 would have to move by half a cell, so for odd shifts "
               "it does neither.")
    wrong = {
        "That would be invariance. The map answers where the pattern is, so it moves with it.": "a",
        "The pooled map would have to move by half a cell. It can follow only steps of its own window.": "c",
        "Pooling forgives a little, and not everything: where the largest number crosses from one window to the next, "
        "it changes.": "d",
    }


def _pool_by(function, feature_map, size):
    rows, cols = feature_map.shape[0] // size, feature_map.shape[1] // size
    cut = feature_map[:rows * size, :cols * size].reshape(rows, size, cols, size)
    return function(cut, axis=(1, 3))
