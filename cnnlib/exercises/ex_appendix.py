"""Appendix · Make a convolution fast."""

import numpy as np

from cnnlib.exercises._exercise import exercise
from cnnlib.matrices import conv1d_index, weight_matrix


@exercise
class q1:
    """Write `tile(theta, pool)`: the banded matrix of a 1-D filter that is followed by a maximum over `pool`
    neighbouring outputs. It has a row for each of these outputs and a column for each entry of the patch that they see
    together: the filter in each row, one step further to the right each time, and zeros elsewhere."""

    def tile(theta, pool):
        matrix = np.zeros((pool, len(theta) + pool - 1))
        for s in range(pool):
            matrix[s, s:s + len(theta)] = theta
        return matrix

    def inputs(rng):
        for m, pool in ((3, 2), (5, 2), (3, 3), (1, 2), (2, 4), (4, 1)):
            yield rng.normal(size=m), pool
        yield np.array([2, -1, 1]), 2

    hints = ("How many entries do two neighbouring windows of m see together? And `pool` of them?",
             "m + pool − 1 columns; in row s the filter begins in column s.")
    because = "It is the banded matrix with shared weights of lecture 02, for a layer on a patch the size of a stamp."
    wrong = {
        "Your filter is flipped.": ("= theta", "= theta[::-1]"),
        "You put the windows edge to edge. They are one step apart, and share all but one entry.":
            lambda theta, pool: np.kron(np.eye(pool), theta),
        "The filter stands in the same place in each row.": ("s:s + len(theta)", ":len(theta)"),
        "The filter moves to the left from row to row.": ("matrix[s, s", "matrix[pool - 1 - s, s"),
        "There is a column too many: neighbouring windows share all but one entry.": ("+ pool - 1", "+ pool"),
        "Your matrix stands on its side: an output is a row.": ("return matrix", "return matrix.T"),
        "The steps are as long as the pooling; a neighbour is one step further.":
            lambda theta, pool: _steps(theta, pool),
        "Your matrix holds integers.":
            ("np.zeros((pool, len(theta) + pool - 1))", "np.zeros((pool, len(theta) + pool - 1), int)"),
        "The copies are divided by their number; each row is the whole filter.":
            ("= theta", "= np.asarray(theta) / pool"),
        "Only the first row is filled.":
            ("range(pool)", "range(1)"),
        "Where there is no edge you wrote 1; it should be 0.":
            ("np.zeros(", "np.ones("),
        "You marked the edges with 1. Each carries its weight.": ("= theta", "= 1"),
        "Your columns run from right to left.": ("return matrix", "return matrix[:, ::-1]"),
        "There is a row too many: one for each of the outputs.":
            ("return matrix", "return np.vstack([matrix, matrix[:1] * 0])"),
    }


def _steps(theta, pool):
    matrix = np.zeros((pool, len(theta) + pool * (pool - 1)))
    for s in range(pool):
        matrix[s, pool * s:pool * s + len(theta)] = theta
    return matrix


@exercise
class q2:
    """Write `banded(kernel, pool)`, the same in 2-D: for a kernel of $k_h$×$k_w$, a matrix with `pool * pool` rows. Row
    $(s, t)$, in reading order, is the patch of $(k_h + pool - 1)$×$(k_w + pool - 1)$, written out as a line, with the
    kernel at row $s$, column $t$ of it."""

    def banded(kernel, pool):
        high, wide = kernel.shape
        rows = np.zeros((pool, pool, high + pool - 1, wide + pool - 1))
        for s in range(pool):
            for t in range(pool):
                rows[s, t, s:s + high, t:t + wide] = kernel
        return rows.reshape(pool * pool, -1)

    def inputs(rng):
        for shape, pool in (((3, 2), 2), ((5, 5), 2), ((1, 3), 3), ((2, 2), 1), ((2, 4), 2)):
            yield rng.normal(size=shape), pool
        yield rng.integers(-3, 4, (3, 3)), 2

    hints = ("Make an array with four axes, (s, t, row, column), of zeros, and put the kernel in.",
             "`reshape(pool * pool, -1)` writes each patch out as a line.")
    because = "Copies of one kernel, one for each place in a pooling cell; a whole convolutional layer, on a patch."
    wrong = {
        "Your kernel is turned by 180°.": ("= kernel", "= kernel[::-1, ::-1]"),
        "The rows are in the wrong order: (0, 0), (0, 1), (1, 0), (1, 1).": ("rows[s, t, s", "rows[t, s, s"),
        "The kernel stands in the corner in each row.": ("s:s + high, t:t + wide", ":high, :wide"),
        "The kernel moves down, but not to the side.": ("t:t + wide", ":wide"),
        "The kernel moves to the side, but not down.": ("s:s + high", ":high"),
        "Your patches are columns: each should be a line.":
            ("rows.reshape(pool * pool, -1)", "rows.reshape(pool * pool, -1).T"),
        "You did not write the patches out as lines.":
            ("rows.reshape(pool * pool, -1)", "rows.reshape(pool * pool, high + pool - 1, wide + pool - 1)"),
        "The patches are written out column by column.": ("rows.reshape", "rows.swapaxes(2, 3).reshape"),
        "You gave the patch a row and a column too many.":
            ("high + pool - 1, wide + pool - 1", "high + pool, wide + pool"),
        "You made pool rows only, along the diagonal.": lambda kernel, pool: _diagonal(kernel, pool),
        "Where there is no edge you wrote 1; it should be 0.":
            ("np.zeros(", "np.ones("),
        "Your copies are divided by their number; each is the whole kernel.":
            ("] = kernel", "] = kernel / pool**2"),
        "Your kernel stands on its head: it is flipped on one axis.": ("] = kernel", "] = kernel[::-1]"),
        "Your kernel is mirrored left and right: it is flipped on one axis.": ("] = kernel", "] = kernel[:, ::-1]"),
        "Your rows are those of the line, shifted by one each time. In the next row of the patch the kernel begins"
        " a whole line further on.":
            lambda kernel, pool: _rolled(kernel, pool),
        "Your matrix holds integers.": ("wide + pool - 1))", "wide + pool - 1), int)"),
        "You marked the edges with 1. Each carries its weight.": ("] = kernel", "] = 1"),
    }


def _diagonal(kernel, pool):
    high, wide = kernel.shape
    rows = np.zeros((pool, high + pool - 1, wide + pool - 1))
    for s in range(pool):
        rows[s, s:s + high, s:s + wide] = kernel
    return rows.reshape(pool, -1)


def _rolled(kernel, pool):
    line = np.pad(kernel, ((0, pool - 1), (0, pool - 1))).ravel()
    return np.array([np.roll(line, k) for k in range(pool**2)])


@exercise
class q3:
    """Write `untile(grad_rows, kernel_shape, pool)`: training comes back the same way. `grad_rows` is the gradient in
    the matrix of q2, with its shape. Return the gradient in the one kernel."""

    def untile(grad_rows, kernel_shape, pool):
        high, wide = kernel_shape
        patches = grad_rows.reshape(pool, pool, high + pool - 1, wide + pool - 1)
        grad = np.zeros(kernel_shape)
        for s in range(pool):
            for t in range(pool):
                grad += patches[s, t, s:s + high, t:t + wide]
        return grad

    def inputs(rng):
        for (high, wide), pool in (((3, 2), 2), ((5, 5), 2), ((1, 3), 3), ((2, 2), 1), ((2, 4), 2)):
            yield rng.normal(size=(pool * pool, (high + pool - 1) * (wide + pool - 1))), (high, wide), pool

    hints = ("Take the matrix apart into patches again: where in patch (s, t) is the copy of the kernel?",
             "A weight that is used in several places gets the *sum* of their messages.")
    because = ("A shared weight moves the loss through each of its copies, so its gradient is the sum over them; "
               "places without an edge do not take part.")
    wrong = {
        "You took the mean of the copies. Over paths one adds.": ("return grad", "return grad / pool**2"),
        "You took one copy: each of them sends a message.": ("range(pool)", "range(1)"),
        "The last copy replaces the others: `=` where `+=` belongs.": ("grad += patches", "grad = patches"),
        "You read each copy from the corner of its patch.": ("s:s + high, t:t + wide", ":high, :wide"),
        "Rows and columns of the copies have changed places: (s, t) is row s, column t.":
            ("patches[s, t,", "patches[t, s,"),
        "You took the copies on the diagonal only.": ("for t in range(pool)", "for t in range(s, s + 1)"),
        "You took the largest message.":
            ("grad += patches[s, t, s:s + high, t:t + wide]",
             "grad = np.maximum(grad if s + t else -np.inf, patches[s, t, s:s + high, t:t + wide])"),
        "Your gradient is turned by 180°.": ("return grad", "return grad[::-1, ::-1]"),
        "You took it away; messages are added.": ("grad += ", "grad -= "),
        "You took sizes; a gradient has signs.":
            ("return grad", "return np.abs(grad)"),
        "You read the patches column by column; their lines are rows.":
            ("patches[s, t, s:s + high, t:t + wide]",
             "patches[s, t].reshape(wide + pool - 1, -1).T[s:s + high, t:t + wide]"),
        "You took the copies in reverse order: row (s, t) of the matrix belongs to place (s, t).":
            ("patches[s, t,", "patches[-1 - s, -1 - t,"),
        "You divided by `pool`. Over paths one adds.": ("return grad", "return grad / pool"),
    }


@exercise
class q4:
    """Write `max_of_four(maps)`: 2×2 max pooling of many maps at once, of shape (C, H, W) with even H and W, **without
    loops**: four whole pictures (upper left, upper right, lower left, lower right of each cell) and `np.maximum`."""

    def max_of_four(maps):
        a, b = maps[:, ::2, ::2], maps[:, ::2, 1::2]
        c, d = maps[:, 1::2, ::2], maps[:, 1::2, 1::2]
        return np.maximum(np.maximum(a, b), np.maximum(c, d))

    def inputs(rng):
        for shape in ((2, 4, 6), (1, 2, 8), (3, 6, 4)):
            yield rng.normal(size=shape)
        yield rng.integers(-9, 0, (2, 4, 4))

    hints = ("`maps[:, ::2, ::2]` is the upper left of each cell.",
             "`np.maximum(a, b)` compares two pictures entry by entry.")
    because = "The same maxima in another order: three steps that compare long rows, and no walk along pairs."
    wrong = {
        "The lower right picture is missing.": ("np.maximum(c, d)", "c"),
        "You compared the upper pictures only.": ("np.maximum(np.maximum(a, b), np.maximum(c, d))", "np.maximum(a, b)"),
        "You compared the left pictures only.": ("np.maximum(np.maximum(a, b), np.maximum(c, d))", "np.maximum(a, c)"),
        "You took the smallest.": ("maximum", "minimum"),
        "You added the four up.": ("np.maximum(np.maximum(a, b), np.maximum(c, d))", "a + b + c + d"),
        "You took the mean of four.": ("np.maximum(np.maximum(a, b), np.maximum(c, d))", "(a + b + c + d) / 4"),
        "You cut off at 0: a ReLU is not asked for.": ("np.maximum(c, d))", "np.maximum(np.maximum(c, d), 0))"),
        "You took the maximum over the channels as well; each map is pooled by itself.":
            ("np.maximum(c, d))", "np.maximum(c, d)).max(axis=0)"),
        "You took one picture; four are to be compared.": ("np.maximum(np.maximum(a, b), np.maximum(c, d))", "a + 0"),
        "You compared halves of the map, and not neighbours.":
            lambda maps: _halves(maps),
        "The lower left picture is missing.": ("np.maximum(c, d)", "d"),
        "The upper left picture is missing.": ("np.maximum(a, b)", "b"),
        "The upper right picture is missing.": ("np.maximum(a, b)", "a"),
        "You compared sums of neighbours, and not the neighbours.":
            ("np.maximum(np.maximum(a, b), np.maximum(c, d))", "np.maximum(a + b, c + d)"),
        "You compared absolute values: the largest number counts, with its sign.":
            lambda maps: _largest(np.abs(maps)),
        "Upper left and lower right are compared; the other two pictures are missing.":
            ("np.maximum(np.maximum(a, b), np.maximum(c, d))", "np.maximum(a, d)"),
        "You compared four neighbours in a line, and no cells of 2×2.":
            lambda maps: maps.reshape(len(maps), maps.shape[1] // 2, maps.shape[2] // 2, 4).max(axis=3),
    }


def _halves(maps):
    channels, height, width = maps.shape
    return maps.reshape(channels, 2, height // 2, 2, width // 2).max(axis=(1, 3))


@exercise
class q5:
    """A filter of 7×7 is followed by 3×3 pooling. For one pooling cell, give three numbers: how many numbers
    **windows** copy, how many a **patch** copies, and how many **zeros** the banded matrix of one filter holds."""

    def numbers():
        edges, patch = 9 * 49, (7 + 3 - 1) ** 2
        return [edges, patch, 9 * patch - edges]

    hints = ("There are nine windows of 49.",
             "Three neighbouring windows of 7 span 7 + 2.",
             "The matrix has nine rows, as long as the patch; each holds the filter once.")
    because = "p²k², (k + p − 1)², and p²(k + p − 1)² − p²k²."
    wrong = {
        "You took k + p for the side of a patch: neighbouring windows share all but one row.":
            lambda: [441, 100, 9 * 100 - 441],
        "You put the windows edge to edge: a patch would then be 21×21, and nothing saved.":
            lambda: [441, 441, 9 * 441 - 441],
        "You counted one window; a pooling cell has nine.": lambda: [49, 81, 9 * 81 - 441],
        "You counted the zeros of one row only; the matrix has nine.": lambda: [441, 81, 81 - 49],
        "You counted the places of the matrix; some hold the filter.": lambda: [441, 81, 9 * 81],
        "You counted the edges for the zeros.": lambda: [441, 81, 441],
        "You took 2×2 pooling.": lambda: [4 * 49, 64, 4 * 64 - 4 * 49],
        "Windows come first in the answer, then the patch.": lambda: [81, 441, 9 * 81 - 441],
        "You took one side for the patch: it is a square.": lambda: [441, 9, 9 * 81 - 441],
        "You subtracted one copy of the filter; there is one in each row.": lambda: [441, 81, 9 * 81 - 49],
        "You took 7 for the numbers of a window; it has 7×7.": lambda: [9 * 7, 81, 9 * 81 - 441],
        "You took 3 windows for a cell; it has 3×3.": lambda: [3 * 49, 81, 9 * 81 - 441],
        "The windows copy as many numbers as all rows of the matrix have places in your count. Each copies 49.":
            lambda: [9 * 81, 81, 9 * 81 - 441],
    }


@exercise
class q6:
    """A filter $(2, -1, 1)$ is followed by a maximum over three outputs. On the patch $(1, 3, 2, 0, 4)$, what are the
    three candidates and the maximum? Give four numbers: [first, second, third, maximum]."""

    def answers():
        candidates = weight_matrix(conv1d_index(5, 3), [2, -1, 1]) @ PATCH
        return [*candidates, candidates.max()]

    hints = ("Row 0 of the matrix is 2, −1, 1, 0, 0.", "Each candidate is a window times the filter, without a flip.")
    because = "Three rows, three windows of one patch; then the largest."
    wrong = {
        "Your filter is flipped.": lambda: _candidates([1, -1, 2], max),
        "You gave the smallest for the maximum.": lambda: _candidates([2, -1, 1], min),
        "The sign of the −1 is lost.": lambda: _candidates([2, 1, 1], max),
        "You gave the sum of the candidates; pooling takes the largest.": lambda: _candidates([2, -1, 1], sum),
        "You gave the mean of the candidates; pooling takes the largest.": lambda: _candidates([2, -1, 1], np.mean),
        "You added up the windows without the weights.": lambda: _candidates([1, 1, 1], max),
        "You gave the largest entry of the patch for the maximum; pooling compares the candidates.":
            lambda: _candidates([2, -1, 1], lambda _: max(PATCH)),
        "You gave the place of the largest, and not the candidate.": lambda: _candidates([2, -1, 1], np.argmax),
        "You gave the maximum first; the candidates come first.": lambda: np.roll(_candidates([2, -1, 1], max), 1),
    }


@exercise
class q7:
    """Write `four_products(x, w)`: Winograd's products for a whole signal. `x` has an even number of entries, four at
    least, and `w` three. Return an array with four columns and a row for each pair of neighbouring sums, the first pair
    first: $(x_0 - x_2)\\,w_0$, $(x_1 + x_2)\\,(w_0 + w_1 + w_2)/2$, $(x_2 - x_1)\\,(w_0 - w_1 + w_2)/2$ and
    $(x_1 - x_3)\\,w_2$ for it, and for each further pair the same two entries further on."""

    def four_products(x, w):
        rows = []
        for i in range(0, len(x) - 3, 2):
            a, b, c, d = x[i:i + 4]
            whole, other = (w[0] + w[1] + w[2]) / 2, (w[0] - w[1] + w[2]) / 2
            rows.append([(a - c) * w[0], (b + c) * whole, (c - b) * other, (b - d) * w[2]])
        return np.array(rows)

    def inputs(rng):
        for n in (4, 10, 6):
            yield rng.normal(size=n), rng.normal(size=3)
        yield rng.integers(-9, 10, 8), rng.integers(-5, 6, 3)

    hints = ("Two pairs: `x[i:i + 4]` begins at i = 0 and at i = 2, so a pair is a step of two.",
             "`a, b, c, d = x[i:i + 4]` gives the four names.",
             "The last four begin at `len(x) - 4`.")
    because = ("From the four of a pair come both of its sums: m1 + m2 + m3 and m2 − m3 − m4. The two things that are "
               "made of the filter are the same for every pair.")
    wrong = {
        "Each pair begins two entries further on; you went one.": ("len(x) - 3, 2", "len(x) - 3, 1"),
        "Pairs overlap in two entries; you began each where the last four ended.": ("len(x) - 3, 2", "len(x) - 3, 4"),
        "The last pair is missing.": ("len(x) - 3, 2", "max(len(x) - 5, 1), 2"),
        "The filter's sums are to be halved.": ("/ 2, (w[0] - w[1] + w[2]) / 2", ", (w[0] - w[1] + w[2])"),
        "Your filter is flipped.": ("rows = []", "rows, w = [], w[::-1]"),
        "The third has its sign turned round: it is x₂ − x₁.": ("(c - b)", "(b - c)"),
        "The fourth has its sign turned round: it is x₁ − x₃.": ("(b - d)", "(d - b)"),
        "The first has its sign turned round: it is x₀ − x₂.": ("(a - c)", "(c - a)"),
        "The sign of w₁ in the third is lost.": ("(w[0] - w[1] + w[2])", "(w[0] + w[1] + w[2])"),
        "Both sums of the filter have a minus; the second has none.": ("(w[0] + w[1] + w[2])", "(w[0] - w[1] + w[2])"),
        "The second is x₁ + x₂; you took the difference.": ("(b + c)", "(b - c)"),
        "You gave the products as rows: each pair is a row.": ("np.array(rows)", "np.array(rows).T"),
        "You wrote one long line: each pair is a row of its own.": ("np.array(rows)", "np.array(rows).ravel()"),
        "Those are the sums: the four products of each pair were asked for.":
            ("np.array(rows)", "np.array([[p + q + r, q - r - s] for p, q, r, s in rows])"),
        "You made the first pair only.": ("np.array(rows)", "np.array(rows[:1])"),
        "You rounded the halves down.": ("/ 2, (w[0] - w[1] + w[2]) / 2", "// 2, (w[0] - w[1] + w[2]) // 2"),
    }


PATCH = np.array([1, 3, 2, 0, 4])


def _candidates(theta, last):
    found = [int(np.dot(theta, PATCH[i:i + 3])) for i in range(3)]
    return [*found, last(found)]


def _largest(maps):
    return np.maximum(np.maximum(maps[:, ::2, ::2], maps[:, ::2, 1::2]),
                      np.maximum(maps[:, 1::2, ::2], maps[:, 1::2, 1::2]))
