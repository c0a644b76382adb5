"""04 · Slide a filter over an image."""

import numpy as np

from cnnlib.conv import convolve2d, cross_correlate2d
from cnnlib.exercises._exercise import exercise
from cnnlib.matrices import conv2d_index, parameter_count
from cnnlib.shapes import output_shape2d


def _images(rng, *sizes):
    """Images and kernels, neither square nor symmetric, one pair of them of small integers."""
    for n, m in sizes:
        yield rng.normal(size=n), rng.normal(size=m)
    yield rng.integers(0, 10, (5, 6)), rng.integers(-3, 4, (2, 3))


@exercise
class q1:
    """Write `correlate(image, kernel)` with four loops: the “valid” cross-correlation $y_{ij} = \\sum_{a,b} I(i + a, j
    + b)\\, K(a, b)$. Neither image nor kernel need be square."""

    def correlate(image, kernel):
        high, wide = kernel.shape
        output = np.zeros((image.shape[0] - high + 1, image.shape[1] - wide + 1))
        for i in range(output.shape[0]):
            for j in range(output.shape[1]):
                for a in range(high):
                    for b in range(wide):
                        output[i, j] += image[i + a, j + b] * kernel[a, b]
        return output

    def inputs(rng):
        yield from _images(rng, ((5, 7), (3, 2)), ((6, 4), (2, 4)), ((4, 4), (1, 3)), ((5, 5), (3, 3)),
                           ((4, 6), (4, 1)))

    hints = ("i and j say where the window begins, a and b walk through it. How many rows and columns has the output?",
             "Begin with zeros; the innermost line adds one product to output[i, j].")
    because = "i, j say where the window begins, a, b walk through it: four letters, four loops."
    wrong = {
        "You turned the kernel by 180°: that is the convolution of mathematics.":
            ("kernel[a, b]", "kernel[-1 - a, -1 - b]"),
        "Your kernel stands on its head: it is flipped on one axis. Cross-correlation takes it as it is.":
            ("kernel[a, b]", "kernel[-1 - a, b]"),
        "Your kernel is mirrored left and right: it is flipped on one axis. Cross-correlation takes it as it is.":
            ("kernel[a, b]", "kernel[a, -1 - b]"),
        "Your indices have a minus, as in the formula of the flipped convolution: here it is I(i + a, j + b). (A "
        "negative index counts from the end, so nothing complained.)": ("image[i + a, j + b]", "image[i - a, j - b]"),
        "Each product replaces the sum: `=` where `+=` belongs.": ("output[i, j] += image", "output[i, j] = image"),
        "You added up the window without the weights.": (" * kernel[a, b]", ""),
        "Your last row and column are missing: there are n − m + 1 places.": ("high + 1", "high", "wide + 1", "wide"),
        "The sides of the kernel have changed places: `kernel.shape` is (rows, columns).":
            lambda image, kernel: _transposed_kernel(image, kernel),
        "That is “same”, as large as the image. Here the window stays inside.":
            lambda image, kernel: cross_correlate2d(image, kernel, padding="same"),
        "That is “full”: the window may hang over the border. Here it stays inside.":
            lambda image, kernel: cross_correlate2d(image, kernel, padding="full"),
        "Your result is transposed: i runs down the rows, j along the columns.": ("return output", "return output.T"),
        "You used the absolute values of the weights.": ("kernel[a, b]", "abs(kernel[a, b])"),
        "One row of the kernel never takes part: the loop over a ends too early.":
            ("for a in range(high)", "for a in range(high - 1)"),
        "One column of the kernel never takes part: the loop over b ends too early.":
            ("for b in range(wide)", "for b in range(wide - 1)"),
        "Your sums are in an array of integers, and lose what follows the point.": ("wide + 1))", "wide + 1), int)"),
        "You averaged over the window; the products are added up.":
            (" * kernel[a, b]", " * kernel[a, b] / kernel.size"),
        "You add pixel and weight; they are multiplied, and the products are added up.":
            ("* kernel[a, b]", "+ kernel[a, b]"),
        "Your window does not move: it reads the upper left corner each time.":
            ("image[i + a, j + b]", "image[a, b]"),
        "You return absolute values. An output may be negative.":
            ("return output", "return np.abs(output)"),
        "You cut the outputs to what a picture can show. An output may be negative.":
            ("return output", "return np.clip(output, 0, 255)"),
        "Every weight meets the same pixel, I(i, j): your window has no size.": ("image[i + a, j + b]", "image[i, j]"),
        "Only the first row of the kernel takes part.": ("for a in range(high)", "for a in range(1)"),
    }


def _transposed_kernel(image, kernel):
    fits = all(side >= wide for side, wide in zip(image.shape, kernel.T.shape))
    return cross_correlate2d(image, kernel.T) if fits else np.zeros((0, 0))


@exercise
class q2:
    """Write the same as `by_copies(image, kernel)`, with only **two** loops, over the kernel's rows and columns: add up
    shifted copies of the image, each times one weight."""

    def by_copies(image, kernel):
        rows, cols = image.shape[0] - kernel.shape[0] + 1, image.shape[1] - kernel.shape[1] + 1
        output = np.zeros((rows, cols))
        for a in range(kernel.shape[0]):
            for b in range(kernel.shape[1]):
                output += kernel[a, b] * image[a:a + rows, b:b + cols]
        return output

    def inputs(rng):
        yield from _images(rng, ((6, 8), (3, 2)), ((5, 4), (2, 3)), ((7, 5), (4, 1)), ((5, 5), (3, 3)))

    hints = ("Weight (a, b) meets, for output (i, j), the pixel (i + a, j + b). Which part of the image does it meet "
             "in all?",
             "It is the image from row a and column b on, as large as the output: a slice.")
    because = ("All windows are served at once: each weight meets a whole shifted picture. As many steps as the kernel "
               "has weights.")
    wrong = {
        "Your kernel is turned by 180°.": ("kernel[a, b]", "kernel[-1 - a, -1 - b]"),
        "Your copies are not shifted.": ("[a:a + rows, b:b + cols]", "[:rows, :cols]"),
        "Each copy replaces the sum: `=` where `+=` belongs.": ("output += kernel", "output = kernel"),
        "Your copies are shifted down only.": ("b:b + cols", ":cols"),
        "Your copies are shifted to the side only.": ("a:a + rows", ":rows"),
        "Rows and columns have changed places in the shift.": lambda image, kernel: _swapped_shift(image, kernel),
        "The weights are missing: you added up the copies.": ("kernel[a, b] * ", ""),
        "Only the first weight counts: is the `return` inside the loop?": lambda image, kernel: (
            kernel[0, 0] * image[:image.shape[0] - kernel.shape[0] + 1, :image.shape[1] - kernel.shape[1] + 1]),
        "Only the first row of the kernel counts: is the `return` inside the outer loop?":
            ("range(kernel.shape[0])", "range(1)"),
        "You shifted with np.roll, which brings in at one side what leaves at the other, and kept the size of the "
        "image.":
            lambda image, kernel: (
                sum(kernel[a, b] * np.roll(image, (-a, -b), (0, 1)) for a, b in np.ndindex(kernel.shape))),
        "You add weight and picture; each copy is multiplied by its weight.":
            ("kernel[a, b] * image", "kernel[a, b] + image"),
        "You used the absolute values of the weights.":
            ("kernel[a, b] * image", "abs(kernel[a, b]) * image"),
        "You averaged over the window; the products are added up.":
            ("return output", "return output / kernel.size"),
        "Your kernel stands on its head: it is flipped on one axis.": ("kernel[a, b]", "kernel[-1 - a, b]"),
        "Your kernel is mirrored left and right: it is flipped on one axis.": ("kernel[a, b]", "kernel[a, -1 - b]"),
        "One row of the kernel never takes part: the loop over its rows ends too early.":
            ("range(kernel.shape[0])", "range(kernel.shape[0] - 1)"),
        "One column of the kernel never takes part: the loop over its columns ends too early.":
            ("range(kernel.shape[1])", "range(kernel.shape[1] - 1)"),
        "You begin with a piece of the image, where zeros belong.":
            ("np.zeros((rows, cols))", "image[:rows, :cols] * 1.0"),
        "np.roll by (a, b) moves the picture down and to the right. The copies come from there: (−a, −b).":
            ("image[a:a + rows, b:b + cols]", "np.roll(image, (a, b), (0, 1))[:rows, :cols]"),
    }


def _swapped_shift(image, kernel):
    rows, cols = image.shape[0] - kernel.shape[0] + 1, image.shape[1] - kernel.shape[1] + 1
    padded = np.pad(image, ((0, 9), (0, 9)))
    return sum(kernel[a, b] * padded[b:b + rows, a:a + cols] for a, b in np.ndindex(kernel.shape))


@exercise
class q3:
    """Which 3×3 kernel moves a picture by one pixel to the **right** and one **down**, with “same” padding and without
    flipping? Give it as an array or as nested lists."""

    def kernel():
        weights = np.zeros((3, 3), int)
        weights[0, 0] = 1
        return weights

    hints = ("Each output takes one pixel of its window. From where must it take it, so that the picture moves to the "
             "right?",
             "From the left, and from above.")
    because = ("The 1 stands where you take from: above and to the left, so that everything appears further down and "
               "to the right.")
    wrong = {
        "That moves it up and to the left: the 1 stands where the picture should go. It must stand where you *take* "
        "from (a flipped convolution would do it your way).": lambda: _one(2, 2),
        "That moves it up and to the right.": lambda: _one(2, 0),
        "That moves it down and to the left.": lambda: _one(0, 2),
        "That moves it to the right only.": lambda: _one(1, 0),
        "That moves it down only.": lambda: _one(0, 1),
        "That moves it to the left.": lambda: _one(1, 2),
        "That moves it up.": lambda: _one(2, 1),
        "That copies the picture.": lambda: _one(1, 1),
        "That adds two moved pictures, one to the right and one down. A single 1 does both moves.":
            lambda: _one(1, 0) + _one(0, 1),
        "That adds two moved pictures, one to the left and one up.": lambda: _one(1, 2) + _one(2, 1),
    }


def _one(a, b):
    kernel = np.zeros((3, 3), int)
    kernel[a, b] = 1
    return kernel


@exercise
class q4:
    """An image of 25×28 pixels meets a kernel of 5×3, with padding 3 on all sides and stride 2. What is the shape of
    the output? Give (rows, columns)."""

    def shape():
        return output_shape2d((25, 28), (5, 3), stride=2, padding=3)

    hints = ("Rows and columns are counted each by themselves, with the same formula as in 1-D.",
             "Rows: 25 + 2·3 − 5 is the last place where a window can begin; every second one counts, and place 0 is "
             "one of them.")
    because = "⌊(n + 2p − m)/s⌋ + 1, once for the rows and once for the columns."
    wrong = {
        "You counted the padding once; it lies on both sides.":
            lambda: output_shape2d((22, 25), (5, 3), stride=2, padding=3),
        "You divided the side by the stride: a window has a width, and the padding counts.": lambda: (25 // 2, 28 // 2),
        "You divided the padded side by the stride: a window has a width.": lambda: ((25 + 6) // 2, (28 + 6) // 2),
        "You rounded up. What does not fit is dropped.": lambda: (-(-26 // 2) + 1, -(-31 // 2) + 1),
        "You forgot to count the window that begins at 0.": lambda: (26 // 2, 31 // 2),
        "You added the 1 before you divided; it comes after, for the window that begins at 0.":
            lambda: (27 // 2, 32 // 2),
        "You forgot the stride.": lambda: output_shape2d((25, 28), (5, 3), padding=3),
        "You forgot the padding.": lambda: output_shape2d((25, 28), (5, 3), stride=2),
        "You gave (columns, rows); rows come first.":
            lambda: output_shape2d((25, 28), (5, 3), stride=2, padding=3)[::-1],
        "The sides of the kernel have changed places: 5×3 is 5 rows and 3 columns.":
            lambda: output_shape2d((25, 28), (3, 5), stride=2, padding=3),
        "You used 5 for both sides of the kernel.": lambda: output_shape2d((25, 28), 5, stride=2, padding=3),
        "You used 3 for both sides of the kernel.": lambda: output_shape2d((25, 28), 3, stride=2, padding=3),
    }


@exercise
class q5:
    """One bright pixel, the image with a 1 in the middle of 5×5 zeros, meets the kernel $\\begin{bmatrix} 1&2&3 \\\\
    4&5&6 \\\\ 7&8&9 \\end{bmatrix}$, “valid” and without a flip. Give the 3×3 output."""

    def output():
        return cross_correlate2d(SPOT, DIGITS)

    hints = ("The first window holds the bright pixel in its last corner. Which weight lies there?",
             "The window goes to the right, so the pixel goes to the left in it.")
    because = "The pixel walks through the window backwards, so the kernel comes out turned by 180°."
    wrong = {
        "That is the kernel as it is, which the *flipped* operation gives. In the first window, the pixel lies under "
        "the last weight.":
            lambda: convolve2d(SPOT, DIGITS),
        "You transposed: rows and columns have changed places, and neither operation does that.": lambda: DIGITS.T,
        "You turned it upside down only. Both axes are turned.": lambda: DIGITS[::-1],
        "You mirrored it left and right only. Both axes are turned.": lambda: DIGITS[:, ::-1],
        "You turned and transposed it.": lambda: DIGITS[::-1, ::-1].T,
        "You turned it by a quarter; it is turned by a half.": lambda: np.rot90(DIGITS),
        "You turned it by a quarter, and the wrong way round.": lambda: np.rot90(DIGITS, -1),
        "That is “same”: 5×5. Here the window stays inside.": lambda: cross_correlate2d(SPOT, DIGITS, padding="same"),
        "You multiplied number by number, without sliding.": lambda: DIGITS * SPOT[1:4, 1:4],
    }


DIGITS = np.arange(1, 10).reshape(3, 3)
SPOT = np.zeros((5, 5), int)
SPOT[2, 2] = 1


@exercise
class q6:
    """As one big matrix: an image of 6×7 and a kernel of 3×2, “valid”. How many rows and columns has the matrix, how
    many of its places are **edges**, and how many **different weights** sit on them? Give four numbers: [rows, columns,
    edges, weights]."""

    def counts():
        index = conv2d_index((1, 6, 7), (1, 1, 3, 2))
        return [*index.shape, int((index >= 0).sum()), parameter_count(index)]

    hints = ("A row belongs to an output, a column to a pixel.",
             "Each output sees one window: so many edges has each row.")
    because = ("A row for each output, a column for each pixel; each output sees one window, and all windows share the "
               "kernel.")
    wrong = {
        "Rows and columns have changed places: a row belongs to an output.": lambda: [42, 24, 144, 6],
        "You counted all places of the matrix as edges. That is the fully connected layer.":
            lambda: [24, 42, 24 * 42, 6],
        "You counted the edges as weights of their own. They share the kernel.": lambda: [24, 42, 144, 144],
        "You gave each pixel an output. The window stays inside.": lambda: [42, 42, 42 * 6, 6],
        "The edges are not the weights: each output has a window of them.": lambda: [24, 42, 6, 6],
        "The matrix of windows (im2col) has a row for each weight; here the image is written once, and the kernel "
        "many times.":
            lambda: [6, 24, 144, 6],
        "You counted the bias as a weight.": lambda: [24, 42, 144, 7],
        "That is the fully connected layer: each output sees all pixels, with weights of its own.":
            lambda: [24, 42, 24 * 42, 24 * 42],
        "n − m is one place too few to a side.": lambda: [3 * 5, 42, 3 * 5 * 6, 6],
        "The sides of the kernel have changed places: 3×2 is 3 rows and 2 columns.": lambda: [5 * 5, 42, 5 * 5 * 6, 6],
    }


@exercise
class q7:
    """Write `separable(image, column, row)`: slide the kernel $K(a, b) = u_a v_b$ over the image in two cheap passes,
    “valid”, without building $K$. `column` holds $u$ and `row` holds $v$, both one-dimensional."""

    def separable(image, column, row):
        high, wide = len(column), len(row)
        rows, cols = image.shape[0] - high + 1, image.shape[1] - wide + 1
        along = sum(row[b] * image[:, b:b + cols] for b in range(wide))
        return sum(column[a] * along[a:a + rows] for a in range(high))

    def inputs(rng):
        for (n, m), high, wide in (((6, 8), 3, 2), ((7, 5), 2, 4), ((5, 5), 3, 3), ((6, 4), 1, 3)):
            yield rng.normal(size=(n, m)), rng.normal(size=high), rng.normal(size=wide)
        yield rng.integers(0, 9, (6, 7)), np.array([1, 2, 3]), np.array([2, -1])

    hints = ("The inner sum, Σ v_b I(i, j + b), slides the row along each line of the image.",
             "Its result is a picture with fewer columns. Now slide the column down it.")
    because = "Σₐ uₐ (Σ_b v_b I(i+a, j+b)): m + m multiplications for each output instead of m · m."
    wrong = {
        "Column and row have changed places: u runs down, v runs along.":
            lambda image, column, row: _places_changed(image, column, row),
        "Both are flipped.": ("row[b]", "row[-1 - b]", "column[a]", "column[-1 - a]"),
        "The row is flipped.": ("row[b]", "row[-1 - b]"),
        "The column is flipped.": ("column[a]", "column[-1 - a]"),
        "Only the row has been slid along. The column has to slide down its result.":
            ("sum(column[a] * along[a:a + rows] for a in range(high))", "along"),
        "Only the column has been slid down. The row has to slide along as well.":
            ("along = sum(row[b] * image[:, b:b + cols] for b in range(wide))", "along = image"),
        "You added the two passes. One works on the result of the other.":
            ("sum(column[a] * along[a:a + rows] for a in range(high))",
             "along[:rows] + sum(column[a] * image[a:a + rows, :cols] for a in range(high))"),
        "The result is transposed: the columns of the first result became rows, and stayed so.":
            lambda image, column, row: q7.right(image, column, row).T,
        "You slid the sums u + v. K(a, b) is their product.":
            lambda image, column, row: cross_correlate2d(image, np.add.outer(column, row)),
        "Your sums are in an array of integers, and lose what follows the point.":
            lambda image, column, row: q7.right(image, column, row).astype(int),
    }


def _places_changed(image, column, row):
    down, right = max(0, len(row) - len(column)), max(0, len(column) - len(row))
    return cross_correlate2d(np.pad(image, ((0, down), (0, right))), np.outer(row, column))
