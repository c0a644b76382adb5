"""05 · Make filters by hand."""

import numpy as np

from cnnlib.conv import convolve2d, cross_correlate2d
from cnnlib.exercises._exercise import exercise
from cnnlib.kernels import KERNELS, gaussian

ACROSS, DOWN = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]), np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]])


@exercise
class q1:
    """Make a 3×3 kernel that finds **level** edges: positive where the picture is dark above and bright below. Take the
    difference of the row below and the row above, and smooth across with the weights 1, 2, 1. Give nested lists or an
    array."""

    def kernel():
        return KERNELS["Sobel y"]

    hints = ("The row above is taken away, the row below is added. What stands in the middle row?",
             "Smoothing: the middle column counts twice.")
    because = ("Minus above, plus below, 0 between: weights that sum to 0 answer nothing to a flat area, and the signs "
               "say which side is bright.")
    wrong = {
        "Your kernel looks from left to right: it finds upright edges.": lambda: ACROSS,
        "Your signs are the other way round: it is positive where the picture is bright above.": lambda: -DOWN,
        "Your kernel finds upright edges, and from bright to dark.": lambda: -ACROSS,
        "The smoothing is missing: the weights across should be 1, 2, 1.": lambda: np.sign(DOWN),
        "That is a mean, not a difference: its weights should sum to 0.": lambda: np.abs(DOWN),
        "You wrote the difference of one column only; the others help to smooth.": lambda: DOWN * [0, 0.5, 0],
        "You smoothed the middle row as well: it should not count.":
            lambda: np.array([[-1, -2, -1], [1, 2, 1], [1, 2, 1]]),
        "You divided by 4, as scikit-image does. Here the weights are −1, −2, −1 and 1, 2, 1.": lambda: DOWN / 4,
        "You divided by 8, which keeps the size of a step. Here the weights are −1, −2, −1 and 1, 2, 1.":
            lambda: DOWN / 8,
        "That is the Laplacian: it asks how a pixel differs from its neighbours on all sides.":
            lambda: KERNELS["edges, Laplacian"],
        "That is the difference of the middle row and the row above. The row *below* is compared with the one above.":
            lambda: np.array([[-1, -2, -1], [1, 2, 1], [0, 0, 0]]),
        "You take both rows away. The one below is added.": lambda: -np.abs(DOWN),
        "That is the Laplacian, with its signs turned: it looks to all sides.": lambda: -KERNELS["edges, Laplacian"],
    }


@exercise
class q2:
    """Write `edge_strength(image)`: $\\sqrt{X^2 + Y^2}$ at each place of the “valid” output, where $X$ and $Y$ are the
    answers of the two Sobel kernels, `[[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]` and its transpose. Mind that photographs
    come as bytes (`uint8`)."""

    def edge_strength(image):
        image = image.astype(float)
        across = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
        x, y = cross_correlate2d(image, across), cross_correlate2d(image, across.T)
        return np.sqrt(x**2 + y**2)

    def inputs(rng):
        yield rng.normal(size=(5, 7))
        yield rng.integers(0, 256, (6, 4), dtype=np.uint8)
        yield rng.integers(0, 256, (5, 5), dtype=np.uint8)
        yield np.repeat([[50.0, 50, 50, 150, 150, 150]], 4, axis=0)
        yield rng.normal(size=(3, 8)).astype(np.float32)

    hints = ("`cross_correlate2d(image, kernel)` from `cnnlib` gives X; the transposed kernel gives Y.",
             "Squares, their sum, the root. With bytes: `image.astype(float)` first.")
    because = ("The strength is the same in every direction and never negative, so no single kernel gives it: it is "
               "not linear.")
    wrong = {
        "You added the answers; they can cancel. Squares, their sum, and the root.": ("np.sqrt(x**2 + y**2)", "x + y"),
        "You added the sizes |X| + |Y|. On a slanted edge that is too much: take the root of the squares.":
            ("np.sqrt(x**2 + y**2)", "abs(x) + abs(y)"),
        "The root is missing.": ("np.sqrt(x**2 + y**2)", "x**2 + y**2"),
        "Only the edges in one direction count: Y is missing.": ("x**2 + y**2", "x**2"),
        "Only the edges in one direction count: X is missing.": ("x**2 + y**2", "y**2"),
        "Minus where plus belongs: some roots would be of negative numbers.": ("x**2 + y**2", "np.abs(x**2 - y**2)"),
        "You took the larger of both.": ("np.sqrt(x**2 + y**2)", "np.maximum(abs(x), abs(y))"),
        "Bytes overflow: 200 − 201 is 255 for a `uint8`. Turn the image into floating-point numbers first.":
            lambda image: _bytes_overflow(image),
        "You cut negative answers off before you squared them: edges from bright to dark count as well.":
            ("np.sqrt(x**2 + y**2)", "np.sqrt(np.maximum(x, 0)**2 + np.maximum(y, 0)**2)"),
        "You divided by 2, the mean of the two squares.": ("x**2 + y**2", "(x**2 + y**2) / 2"),
        "You divided each kernel by 4, as scikit-image does.": ("[-1, 0, 1]]", "[-1, 0, 1]]) / 4 + np.array([0, 0, 0]"),
        "You return the direction of the edge; its strength is asked for.":
            ("np.sqrt(x**2 + y**2)", "np.arctan2(y, x)"),
        "You cut at 255. A strength may be larger than a pixel.":
            ("np.sqrt(x**2 + y**2)", "np.clip(np.sqrt(x**2 + y**2), 0, 255)"),
        "Your kernel has the same weight in all three rows. Sobel's middle row counts twice.":
            ("[-2, 0, 2]", "[-1, 0, 1]"),
        "Bytes overflow, in the differences and again in the squares: 200 − 201 is 255 for a `uint8`, and 16² is 0.":
            lambda image: np.sqrt(_squares_in_bytes(image)),
        "Bytes overflow in the differences: 200 − 201 is 255. To turn the result into floating-point numbers comes"
        " too late.":
            lambda image: _bytes_overflow(image, squares=float),
        "Your result is made of bytes, and begins again at 0 after 255.":
            ("np.sqrt(x**2 + y**2)", "np.sqrt(x**2 + y**2).astype(np.int64).astype(np.uint8)"),
        "You took the mean of |X| and |Y|. Squares, their sum, and the root.":
            ("np.sqrt(x**2 + y**2)", "(abs(x) + abs(y)) / 2"),
        "The bracket ends too early: the root is of X² alone.": ("np.sqrt(x**2 + y**2)", "np.sqrt(x**2) + y**2"),
    }


def _bytes_overflow(image, squares=None):
    """The shifted slices of the image itself, in whatever type it has; the squares in that type, or in `squares`."""
    weights = ACROSS.astype(image.dtype if image.dtype.kind == "f" else np.int64)
    rows, cols = image.shape[0] - 2, image.shape[1] - 2

    def slide(kernel):
        kernel = kernel.astype(np.int8).astype(image.dtype) if image.dtype.kind == "u" else kernel
        total = np.zeros((rows, cols), image.dtype)
        for a, b in np.ndindex(3, 3):
            total = total + kernel[a, b] * image[a:a + rows, b:b + cols]
        return total
    x, y = (slide(kernel).astype(squares or image.dtype) for kernel in (weights, weights.T))
    return np.sqrt((x**2 + y**2).astype(float))


def _squares_in_bytes(image):
    """What NumPy makes of it: the root of a byte is a number of 16 bits."""
    sums = _bytes_overflow(image)**2
    return sums.round().astype(np.uint8) if image.dtype == np.uint8 else sums


@exercise
class q3:
    """A wall has brightness 50 everywhere. What does the kernel $\\begin{bmatrix} 0&-1&0 \\\\ -1&6&-1 \\\\ 0&-1&0
    \\end{bmatrix}$ answer?"""

    def answer():
        return cross_correlate2d(np.full((3, 3), 50), BRIGHTENING).item()

    hints = ("All nine pixels are 50, so 50 can be taken out of the sum.", "What do the weights sum to?")
    because = "On a flat area the answer is the brightness times the sum of the weights."
    wrong = {
        "You took the centre alone: the four neighbours take something away.": lambda: 6 * 50,
        "You added up the sizes of the weights; four of them are negative.": lambda: 10 * 50,
        "Weights that sum to 1 keep the brightness, and weights that sum to 0 forget it. Add these up.": lambda: 50,
        "That would be so if the weights summed to 0. Add them up.": lambda: 0,
        "That is the sum of the weights. Each of them meets a pixel of 50.": lambda: 2,
        "You divided by the number of weights; nothing says that a mean is taken.": lambda: 100 / 9,
        "One of the four neighbours is missing.": lambda: 3 * 50,
        "Two of the four neighbours are missing.": lambda: (6 - 2) * 50,
        "Three of the four neighbours are missing.": lambda: (6 - 1) * 50,
    }


BRIGHTENING = np.array([[0, -1, 0], [-1, 6, -1], [0, -1, 0]])


@exercise
class q4:
    """Write `gaussian_kernel(sigma, size)`: the weights $e^{-(a^2 + b^2)/2\\sigma^2}$ for rows $a$ and columns $b$
    counted from the **middle** of a kernel of `size` × `size` (odd), divided so that they sum to 1."""

    def gaussian_kernel(sigma, size):
        a = np.arange(size) - size // 2
        one = np.exp(-a**2 / (2 * sigma**2))
        kernel = np.outer(one, one)
        return kernel / kernel.sum()

    def inputs(rng):
        yield from ((1.0, 5), (1.5, 13), (0.7, 3), (2.0, 3), (0.9, 1), (2, 7))

    hints = ("A Gaussian is a product: make the weights of a row, and multiply each by each with `np.outer`.",
             "The places from the middle are `np.arange(size) - size // 2`. Divide by the sum at the end.")
    because = ("exp(−(a²+b²)/2σ²) is one number for the row times one for the column; weights that sum to 1 keep the "
               "brightness.")
    wrong = {
        "Your weights do not sum to 1: a blur would change the brightness.": (" / kernel.sum()", ""),
        "You counted from the corner: the middle of the kernel should have the largest weight.": (" - size // 2", ""),
        "The 2 in the exponent is missing: −a²/2σ².": ("(2 * sigma**2)", "sigma**2"),
        "You divide by 2σ; it is 2σ².": ("2 * sigma**2", "2 * sigma"),
        "The square of a is missing: your weights fall like |a|.": ("-a**2", "-abs(a)"),
        "You return the weights of one row. The kernel is a product of a column and a row.":
            ("kernel = np.outer(one, one)", "kernel = one"),
        "You divided by 2πσ², which makes the *integral* 1. A kernel's weights should sum to 1.":
            ("kernel.sum()", "(2 * np.pi * sigma**2)"),
        "The minus is lost: your weights grow towards the border.": ("np.exp(-a**2", "np.exp(a**2"),
        "All your weights are equal: that is the box blur. A Gaussian trusts near pixels more.":
            lambda sigma, size: np.full((size, size), 1 / size**2),
        "You added row and column; a Gaussian is their product.": ("np.outer(one, one)", "np.add.outer(one, one)"),
        "You divided by the number of weights.": ("kernel.sum()", "kernel.size"),
        "Brackets are missing: −a²/2·σ² divides by 2 and *multiplies* by σ².":
            ("/ (2 * sigma**2)", "/ 2 * sigma**2"),
        "You divided each column by its own sum. The whole kernel should sum to 1.":
            ("/ kernel.sum()", "/ kernel.sum(axis=0)"),
        "Half the size is not whole for an odd one: your middle lies between two pixels. Use `//`.":
            ("size // 2", "size / 2"),
        "Your middle is one place off.": ("size // 2", "size // 2 + 1"),
        "You divided by the root of the sum of squares. The weights themselves should sum to 1.":
            ("kernel.sum()", "np.sqrt((kernel**2).sum())"),
        "You divided each row by its own sum. The whole kernel should sum to 1.":
            ("/ kernel.sum()", "/ kernel.sum(axis=1, keepdims=True)"),
        "Your weights fall with the distance from the middle, and not with its square.":
            lambda sigma, size: _by_distance(sigma, size),
    }


def _by_distance(sigma, size):
    a = np.arange(size) - size // 2
    kernel = np.exp(-np.hypot.outer(a, a) / (2 * sigma**2))
    return kernel / kernel.sum()


@exercise
class q5:
    """Noise of 10 grey levels (one standard deviation, each pixel independent) goes through the kernel $\\tfrac14
    \\begin{bmatrix} 1&1 \\\\ 1&1 \\end{bmatrix}$, and what comes out goes through $\\begin{bmatrix} 1&-2&1
    \\end{bmatrix}$. How large is the noise at the end? Two decimals."""

    def noise():
        both = convolve2d(np.full((2, 2), 0.25), np.array([[1, -2, 1]]), padding="full")
        return 10 * np.sqrt((both**2).sum())

    tolerance = 0.006
    hints = ("Two filters in a row are one filter. Which?",
             "Noise grows by the root of the sum of the *squared* weights of that one filter.",
             "Compose them with full padding: each of the two rows is ¼ of (1, 1) ∗ (1, −2, 1).")
    because = "Compose the filters first: after the blur, neighbouring pixels share noise, and part of it cancels."
    wrong = {
        "You multiplied the two growths. But after the blur neighbours are no longer independent: they share pixels.":
            lambda: 10 * 0.5 * np.sqrt(6),
        "That is the noise after the first filter.": lambda: 5.0,
        "That is what the second filter alone would make.": lambda: 10 * np.sqrt(6),
        "Weights that sum to 0 forget a brightness, which all pixels share. Noise is different in each.": lambda: 0.0,
        "You added up the sizes of the weights; the *squares* add, and then comes the root.": lambda: 20.0,
        "The quarter in front of the first kernel is missing.": lambda: 10 * np.sqrt(8),
        "You added the two growths; filters in a row are one filter.": lambda: 10 * (0.5 + np.sqrt(6)),
        "That is the variance. Its root is the noise.": lambda: q5.right()**2,
        "That is by how much the noise grows. It begins with 10.": lambda: q5.right() / 10,
    }


@exercise
class q6:
    """Write `is_separable(kernel)`: `True` if a kernel is a column times a row, `False` if not."""

    def is_separable(kernel):
        return np.linalg.matrix_rank(kernel) <= 1

    def inputs(rng):
        yield np.outer(rng.normal(size=3), rng.normal(size=4))
        yield rng.normal(size=(3, 3))
        for name in ("box blur", "sharpen", "Sobel x", "edges, Laplacian", "edges, diagonal"):
            yield KERNELS[name]
        yield np.outer([0, 1, 2], [1, 0, -1])
        yield np.array([[1, 0], [0, 1]])
        yield np.array([[0, 0, 0], [0, 2, 0], [0, 0, 1]])
        yield np.array([[1, 2, 3]])
        yield np.array([[1, -1, 0], [0, 1, -1], [-1, 0, 1]])
        yield np.outer(rng.normal(size=2), rng.normal(size=5))
        yield rng.normal(size=(2, 5))
        yield gaussian(1.0)

    hints = ("All rows are multiples of one row. What does that say of the matrix?", "`np.linalg.matrix_rank`.")
    because = "A column times a row has rank 1, and a matrix of rank 1 is a column times a row."
    wrong = {
        "You asked for symmetry. A kernel can be symmetric and not split, and split without being symmetric.":
            lambda kernel: kernel.shape == kernel.T.shape and np.allclose(kernel, kernel.T),
        "You asked whether the weights sum to 0.": lambda kernel: abs(kernel.sum()) < 1e-9,
        "You asked for full rank, which is the opposite.":
            lambda kernel: np.linalg.matrix_rank(kernel) == min(kernel.shape),
        "True and false have changed places.": ("<= 1", "> 1"),
        "You asked for a determinant of 0. A matrix of rank 2 can have that, and a kernel need not be square.":
            lambda kernel: kernel.shape[0] == kernel.shape[1] and abs(np.linalg.det(kernel)) < 1e-9,
        "You asked whether the kernel looks the same after half a turn.":
            lambda kernel: np.allclose(kernel, kernel[::-1, ::-1]),
        "You let rank 2 pass.": ("<= 1", "<= 2"),
        "You said yes to everything.": lambda kernel: True,
        "You said no to everything.": lambda kernel: False,
        "You compare the outer product of the first column and the first row with the kernel, without dividing by "
        "what they share.":
            lambda kernel: np.allclose(np.outer(kernel[:, 0], kernel[0]), kernel),
        "You return the rank. Whether it is 1 is asked for.": lambda kernel: np.linalg.matrix_rank(kernel),
        "The outer product of the sums of rows and columns has to be divided by the sum of all.":
            lambda kernel: np.allclose(kernel, np.outer(kernel.sum(1), kernel.sum(0))),
        "You multiplied by the sum of all weights: if it is 0, the comparison says little.":
            lambda kernel: np.allclose(kernel * kernel.sum(), np.outer(kernel.sum(1), kernel.sum(0))),
        "You divide by the upper left weight, and it may be 0.":
            lambda kernel: kernel[0, 0] != 0 and np.allclose(kernel, np.outer(kernel[:, 0], kernel[0]) / kernel[0, 0]),
        "You multiplied by the upper left weight: if it is 0, the comparison says little.":
            lambda kernel: np.allclose(kernel * kernel[0, 0], np.outer(kernel[:, 0], kernel[0])),
        "You asked whether all rows are equal. They may be multiples of each other.":
            lambda kernel: np.allclose(kernel, kernel[0]),
        "A kernel need not be square.":
            lambda kernel: kernel.shape == kernel.T.shape and np.linalg.matrix_rank(kernel) == 1,
    }


@exercise
class q7:
    """You want to find all nine weights of an unknown 3×3 filter from exact answers to windows of a photograph. How
    many windows do you need at least, if the filter adds a **bias** of its own to each answer?"""

    def windows():
        return 3 * 3 + 1

    hints = ("Each window with its answer is one equation.", "Count the unknowns.")
    because = "One equation for each unknown: the nine weights and the bias."
    wrong = {
        "That is enough without a bias: it is one more unknown.": lambda: 9,
        "One window is one equation, though it has nine numbers.": lambda: 1,
        "The filter has nine weights and one bias, and not one bias for each weight.": lambda: 18,
        "One side of the kernel is not the number of its weights.": lambda: 3,
        "Two unknowns too many: nine weights, and how many biases?": lambda: 12,
    }
