"""03 · Slide a filter along a signal."""

import numpy as np

from cnnlib.conv import convolve1d, cross_correlate1d
from cnnlib.exercises._exercise import exercise
from cnnlib.shapes import output_size


@exercise
class q1:
    """Write `correlate(x, theta)` with two loops: the “valid” cross-correlation $y_i = \\sum_j \\theta_j x_{i+j}$."""

    def correlate(x, theta):
        n, m = len(x), len(theta)
        y = np.zeros(n - m + 1)
        for i in range(n - m + 1):
            for j in range(m):
                y[i] += theta[j] * x[i + j]
        return y

    def inputs(rng):
        yield np.array([1, 1, 1, 0, 0]), np.array([1, 0, 2])
        for n, m in ((5, 2), (9, 4), (6, 1), (4, 4), (7, 3)):
            yield rng.normal(size=n), rng.normal(size=m)

    hints = ("How many places are there for a window of m in a signal of n? So many outputs there are.",
             "The outer loop moves the window, the inner one walks through it, and each product is added to y[i].")
    because = "The outer loop moves the window, the inner one walks through it."
    wrong = {
        "Your filter is flipped: that is np.convolve, the convolution of mathematics.":
            ("theta[j]", "theta[m - 1 - j]"),
        "Each round replaces the sum: `=` where `+=` belongs.": ("y[i] += theta", "y[i] = theta"),
        "Your last output is missing: there are n − m + 1 places, and `range` stops before its end.":
            ("n - m + 1", "n - m"),
        "You added up the window without the weights.": ("theta[j] * x", "x"),
        "That is “same”: as many outputs as inputs. Here the window stays inside.":
            lambda x, theta: cross_correlate1d(x, theta, padding="same"),
        "That is “same”, and flipped. Here the window stays inside, and the filter as it is.":
            lambda x, theta: np.convolve(x, theta, "same"),
        "That is “full”: your window hangs over both ends. Here it stays inside.":
            lambda x, theta: cross_correlate1d(x, theta, padding="full"),
        "That is “full”, and flipped: np.convolve as it comes.": lambda x, theta: np.convolve(x, theta),
        "One weight never takes part: the inner loop ends too early.": ("for j in range(m)", "for j in range(m - 1)"),
        "The first weight never takes part: the inner loop begins at 1.": ("for j in range(m)", "for j in range(1, m)"),
        "Your sums are in an array of integers, and lose what follows the point.":
            ("np.zeros(n - m + 1)", "np.zeros(n - m + 1, int)"),
        "You return inside the outer loop: only the first output has been computed.":
            lambda x, theta: np.r_[np.dot(theta, x[:len(theta)]), np.zeros(len(x) - len(theta))],
        "You add weight and entry; they are multiplied.": ("theta[j] * x", "theta[j] + x"),
        "Your index has a minus, as in the formula of the flipped convolution: here it is x[i + j]. (A negative index "
        "counts from the end, so nothing complained.)": ("x[i + j]", "x[i - j]"),
        "The signal is read backwards.": ("x[i + j]", "x[n - 1 - i - j]"),
        "You used the absolute values of the weights.":
            ("theta[j] * x", "abs(theta[j]) * x"),
        "You divided by the number of weights. The products are added up, and that is all.":
            ("return y", "return y / m"),
        "Your window does not move: x[j] is the same in each round of the outer loop.":
            ("x[i + j]", "x[j]"),
        "The last output stays 0: the outer loop ends one place too early.":
            ("range(n - m + 1):", "range(n - m):"),
        "All weights meet the same input, x[i]: your window has no width.": ("x[i + j]", "x[i]"),
        "That is “same”: your window hangs over the ends. Here it stays inside.":
            lambda x, theta: np.correlate(x, theta, "same"),
    }


@exercise
class q2:
    """Slide $\\theta = (1, 2, -1)$ along $x = (2, 0, 1, 3, 1)$ by hand, “valid” and without a flip. Give the outputs as
    a list."""

    def y():
        return cross_correlate1d(X, THETA)

    hints = ("The window has three places.", "The first output is 1·2 + 2·0 − 1·1.")
    because = "Each output is one window times the filter, added up; n − m + 1 windows fit."
    wrong = {
        "You flipped the filter.": lambda: convolve1d(X, THETA),
        "You padded: that is “same”, with as many outputs as inputs.":
            lambda: cross_correlate1d(X, THETA, padding="same"),
        "You flipped the filter, and padded.": lambda: convolve1d(X, THETA, padding="same"),
        "That is “full”: the window may hang over the ends.": lambda: cross_correlate1d(X, THETA, padding="full"),
        "That is np.convolve: “full”, and flipped.": lambda: convolve1d(X, THETA, padding="full"),
        "You added up the windows without the weights.": lambda: cross_correlate1d(X, np.ones(3)),
        "The sign of the last weight is lost.": lambda: cross_correlate1d(X, np.abs(THETA)),
        "The window goes to the right by one each time; yours jumps by two.":
            lambda: cross_correlate1d(X, THETA, stride=2),
    }


X, THETA = np.array([2, 0, 1, 3, 1]), np.array([1, 2, -1])


@exercise
class q3:
    """Write `strided(x, theta, stride, padding)`: with `padding` zeros on *both* sides, and a window that jumps
    `stride` entries at a time. Loops or slices, as you like."""

    def strided(x, theta, stride, padding):
        x, m = np.pad(x, padding), len(theta)
        y = np.zeros((len(x) - m) // stride + 1)
        for i in range(len(y)):
            for j in range(m):
                y[i] += theta[j] * x[stride * i + j]
        return y

    def inputs(rng):
        for n, m, stride, padding in ((10, 3, 2, 0), (9, 4, 3, 1), (7, 3, 1, 2), (8, 2, 2, 1), (11, 5, 4, 3),
                                      (6, 3, 1, 0)):
            yield rng.normal(size=n), rng.normal(size=m), stride, padding
        yield rng.integers(1, 9, 12), rng.integers(1, 9, 3), 2, 2

    hints = ("Pad first (`np.pad`); after that only the stride is new.",
             "Output i is the window that begins at stride · i. How many begin early enough to end inside?",
             "(length − m) // stride + 1 windows fit into the padded signal.")
    because = ("The padded signal is longer by twice the padding, the last window must end inside, and what is left "
               "over is dropped.")
    wrong = {
        "Your filter is flipped.": ("theta[j]", "theta[m - 1 - j]"),
        "You padded only the end: window i then begins at x[i], as if nothing stood before it.":
            ("np.pad(x, padding)", "np.pad(x, (0, padding))"),
        "You padded only the beginning.": ("np.pad(x, padding)", "np.pad(x, (padding, 0))"),
        "You put all the zeros behind the end. Half of them belong before the beginning.":
            ("np.pad(x, padding)", "np.pad(x, (0, 2 * padding))"),
        "You rounded up: your last window hangs over the end. What does not fit is dropped.":
            ("np.pad(x, padding), len(theta)",
             "np.pad(x, padding), len(theta)\n    x = np.pad(x, (0, -(len(x) - m) % stride))"),
        "The padding is forgotten.": ("np.pad(x, padding)", "np.asarray(x)"),
        "The stride is forgotten: you return every place.":
            lambda x, theta, stride, padding: np.correlate(np.pad(x, padding), theta, "valid"),
        "You return every place as far as it should go, but the window does not jump: the stride is missing in the "
        "index.":
            ("stride * i + j", "i + j"),
        "The stride moves inside the window: you spread the weights (dilation), and the window does not jump.":
            ("np.pad(x, padding)", "np.pad(x, (padding, padding + 99))", "len(x) - m", "len(x) - 99 - m",
             "stride * i + j", "i + stride * j"),
        "Each round replaces the sum: `=` where `+=` belongs.": ("y[i] += theta", "y[i] = theta"),
        "You repeated the ends instead of padding with zeros.":
            ("np.pad(x, padding)", "np.pad(x, padding, mode='edge')"),
        "Your last output is missing: the number of windows is (length − m) // stride, *plus one*.":
            ("// stride + 1", "// stride"),
        "Your sums are in an array of integers, and lose what follows the point.":
            (") // stride + 1)", ") // stride + 1, int)"),
        "The size is right, but the last outputs are empty: is the loop shorter than the array?":
            ("for i in range(len(y))", "for i in range(len(y) - 1)"),
        "You padded with ones. Beyond the ends there are zeros.":
            ("np.pad(x, padding)", "np.pad(x, padding, constant_values=1)"),
        "You mirrored the signal at its ends. Beyond them there are zeros.":
            ("np.pad(x, padding)", "np.pad(x, padding, mode='reflect')"),
        "You padded twice as much as was asked for: `padding` is what each side gets.":
            ("np.pad(x, padding)", "np.pad(x, 2 * padding)"),
        "You took every `stride`-th entry of the signal. The windows begin so far apart; each reads neighbours.":
            lambda x, theta, stride, padding: np.correlate(np.pad(x[::stride], padding), theta, "valid"),
        "The last window is missing where it just fits: `range` stops before its end.":
            lambda x, theta, stride, padding: np.correlate(np.pad(x, padding), theta, "valid")[:-1][::stride],
        "Your windows stand side by side, a window's width apart. They should be `stride` apart.":
            lambda x, theta, stride, padding: np.correlate(np.pad(x, padding), theta, "valid")[::len(theta)],
        "You padded the outputs. The zeros belong around the signal.":
            lambda x, theta, stride, padding: np.pad(np.correlate(x, theta, "valid")[::stride], padding),
        "You counted the outputs before the signal was padded.":
            ("x, m = np.pad(x, padding), len(theta)\n    y = np.zeros((len(x) - m) // stride + 1)",
             "m = len(theta)\n    y = np.zeros((len(x) - m) // stride + 1)\n    x = np.pad(x, padding)"),
        "`stride` and `padding` have changed places.":
            lambda x, theta, stride, padding: np.correlate(np.pad(x, stride), theta, "valid")[::max(padding, 1)],
    }


@exercise
class q4:
    """Write `length(n, m, stride, padding, dilation)`: the number of outputs, for `padding` zeros on each side."""

    def length(n, m, stride, padding, dilation):
        return (n + 2 * padding - dilation * (m - 1) - 1) // stride + 1

    def inputs(rng):
        yield 10, 3, 2, 0, 1
        for _ in range(9):
            m, s, p, d = (int(k) for k in rng.integers((2, 1, 0, 1), (6, 5, 4, 4)))
            yield int(rng.integers(20, 40)), m, s, p, d
        yield 20, 3, 1, 0, 2
        yield 21, 3, 2, 1, 2
        yield 23, 4, 4, 0, 1

    hints = ("How many entries does a window of m weights span, if they stand d apart?",
             "m weights have m − 1 gaps, so the span is d(m − 1) + 1.",
             "Of n + 2p entries, the last beginning of a window is n + 2p − span. Every s-th beginning counts, and 0 "
             "is one.")
    because = "Span d(m − 1) + 1; beginnings 0, s, 2s, … as long as the window fits."
    wrong = {
        "You counted the padding once; it is added on both sides.": ("2 * padding", "padding"),
        "Your window has no width: you divided the padded length by the stride.":
            lambda n, m, stride, padding, dilation: (n + 2 * padding) // stride,
        "You rounded up. What does not fit is dropped.":
            lambda n, m, stride, padding, dilation: -(-(n + 2 * padding - dilation * (m - 1) - 1) // stride) + 1,
        "The window spans d(m − 1) + 1 entries, and not d·m.": ("dilation * (m - 1) - 1", "dilation * m"),
        "The beginning at 0 is forgotten: one output is missing.": ("// stride + 1", "// stride"),
        "m weights have m − 1 gaps between them, not m.": ("dilation * (m - 1)", "dilation * m"),
        "The dilation is forgotten.": ("dilation * (m - 1)", "(m - 1)"),
        "The stride is forgotten.": ("// stride", "// 1"),
        "The padding is forgotten.": ("2 * padding", "0 * padding"),
        "You add the 1 before you divide. First divide, then count the beginning at 0.":
            lambda n, m, stride, padding, dilation: (n + 2 * padding - dilation * (m - 1)) // stride,
        "You divided with `/`: a number of outputs is whole. Round down with `//`.": ("//", "/"),
        "You rounded to the nearest whole number. What does not fit is dropped: `//`.":
            lambda n, m, stride, padding, dilation: round((n + 2 * padding - dilation * (m - 1) - 1) / stride) + 1,
        "Your window spans d(m − 1) entries. That is as far as its last weight, which takes a place, too.":
            lambda n, m, stride, padding, dilation: (n + 2 * padding - dilation * (m - 1)) // stride + 1,
        "You took the padding away; it makes the signal longer.":
            ("n + 2 * padding", "n - 2 * padding"),
        "Brackets are missing: you divide the 1 alone by the stride.":
            ("(n + 2 * padding - dilation * (m - 1) - 1) // stride + 1",
             "n + 2 * padding - dilation * (m - 1) - 1 // stride + 1"),
        "You divided by the dilation. It stretches the window, and what is left is divided by the stride.":
            lambda n, m, stride, padding, dilation: (n + 2 * padding - m) // stride // dilation + 1,
        "The window grows by d − 1 in each of its m − 1 gaps, and not once.":
            ("dilation * (m - 1) - 1", "(m + dilation - 1)"),
        "d is how far apart two neighbouring weights stand, and not how many places lie between them.":
            ("dilation * (m - 1) - 1", "(m + dilation * (m - 1))"),
        "You added the padding to the number of outputs. It lies around the signal: add it before you divide.":
            ("(n + 2 * padding - dilation * (m - 1) - 1) // stride + 1",
             "(n - dilation * (m - 1) - 1) // stride + 1 + 2 * padding"),
        "You counted the padding twice on each side.": ("2 * padding", "4 * padding"),
        "Stride and dilation have changed places.":
            lambda n, m, stride, padding, dilation: (n + 2 * padding - stride * (m - 1) - 1) // dilation + 1,
        "That is n // s: no window, and no padding.": lambda n, m, stride, padding, dilation: n // stride,
    }


@exercise
class q5:
    """Two layers with nothing between them: first the filter $(1, 3)$, then $(1, 2, -1)$, neither flipped. Which single
    filter does the work of both? Give its weights as a list."""

    def single():
        return convolve1d(np.array([1, 3]), np.array([1, 2, -1]), padding="full")

    hints = ("How many inputs does one output see through both layers?",
             "Send a spike through both, or write out y₀ in terms of x₀, x₁, x₂, x₃.",
             "Each weight of the one meets each weight of the other, as when two polynomials are multiplied.")
    because = "Filters are composed by *convolution*, with full padding: their weights multiply like polynomials."
    wrong = {
        "You composed them by cross-correlation. The second filter has to be flipped against the first.":
            lambda: cross_correlate1d(np.array([1, 3]), np.array([1, 2, -1]), padding="full"),
        "You composed them by cross-correlation, the other way round.":
            lambda: cross_correlate1d(np.array([1, 2, -1]), np.array([1, 3]), padding="full"),
        "Your filter is the right one, reversed: that is what a spike gives when you slide without a flip.":
            lambda: convolve1d(np.array([1, 3]), np.array([1, 2, -1]), padding="full")[::-1],
        "You kept only the places where both filters overlap fully (“valid”).":
            lambda: convolve1d(np.array([1, 2, -1]), np.array([1, 3])),
        "You kept only the places where both overlap fully (“valid”), and did not flip.":
            lambda: cross_correlate1d(np.array([1, 2, -1]), np.array([1, 3])),
        "You added the filters. One works on the answers of the other.": lambda: [2, 5, -1],
        "You wrote the filters one behind the other.": lambda: [1, 3, 1, 2, -1],
        "You multiplied weight by weight. Each weight of the one meets each of the other.": lambda: [1, 6, 0],
        "The sign of the last weight is lost.": lambda: [1, 5, 5, 3],
    }


@exercise
class q6:
    """Write `conv_channels(x, weight, bias)` for one signal with several channels, as `conv1d` means it. `x` has the
    shape (C_in, L), `weight` (C_out, C_in, K), `bias` (C_out,); the result has the shape (C_out, L − K + 1)."""

    def conv_channels(x, weight, bias):
        out, channels, size = weight.shape
        y = np.zeros((out, x.shape[1] - size + 1))
        for o in range(out):
            for c in range(channels):
                for i in range(y.shape[1]):
                    y[o, i] += weight[o, c] @ x[c, i:i + size]
            y[o] += bias[o]
        return y

    def inputs(rng):
        for out, channels, length, size in ((2, 3, 9, 4), (4, 1, 6, 3), (1, 2, 5, 2), (3, 3, 7, 3), (5, 2, 8, 1)):
            yield rng.normal(size=(channels, length)), rng.normal(size=(out, channels, size)), rng.normal(size=out)
        yield tuple(one.astype(float) for one in (rng.integers(0, 9, (2, 7)), rng.integers(-3, 4, (3, 2, 3)),
                                                  rng.integers(1, 9, 3)))

    hints = ("One output channel is one filter; take its first kernel and the first channel of x, and slide.",
             "Then add what its other kernels say about the other channels. The bias comes once, at the end.")
    because = "A filter has one kernel for each channel; their answers are added, and one bias comes on top."
    wrong = {
        "The channels are not added up: each replaces the one before.": ("y[o, i] += weight", "y[o, i] = weight"),
        "The bias is missing.": ("y[o] += bias[o]", "pass"),
        "You add the bias for each channel. A filter has one.":
            ("\n        y[o] += bias[o]", "\n            y[o] += bias[o]"),
        "Your kernels are flipped.": ("weight[o, c] @", "weight[o, c, ::-1] @"),
        "You read only the first channel.": ("range(channels)", "range(1)"),
        "You averaged over the channels; their answers are added.":
            ("+= weight[o, c] @ x[c, i:i + size]", "+= weight[o, c] @ x[c, i:i + size] / channels"),
        "Every filter got the bias of the first.": ("bias[o]", "bias[0]"),
        "Every filter uses the kernel of its first channel for all channels.": ("weight[o, c]", "weight[o, 0]"),
        "Every output channel is made by the first filter.": ("weight[o, c]", "weight[0, c]"),
        "The bias is taken away; it is added.": ("+= bias", "-= bias"),
        "The last place is missing: there are L − K + 1.": ("x.shape[1] - size + 1", "x.shape[1] - size"),
        "The axes are in another order: channels come first, then places.": ("return y", "return y.T"),
        "All kernels read the first channel of the signal.":
            ("x[c, i:i + size]", "x[0, i:i + size]"),
        "There is a ReLU too many. The layer alone is asked for.":
            ("return y", "return np.maximum(y, 0)"),
        "The bias multiplies; it is added.":
            ("y[o] += bias[o]", "y[o] *= bias[o]"),
        "The kernels meet the channels in reverse order.": ("weight[o, c] @", "weight[o, channels - 1 - c] @"),
        "You add the bias with every product. A filter has one, and it comes once.":
            ("+= bias[o]", "+= bias[o] * channels * size"),
        "Every output channel has the sum of all biases. Each has its own.": ("+= bias[o]", "+= bias.sum()"),
        "All output channels are the same: the filter and the bias of the first.":
            ("weight[o, c]", "weight[0, c]", "bias[o]", "bias[0]"),
        "You added up the channels, and the kernels, before they met. Each channel meets its own kernel.":
            ("weight[o, c] @ x[c, i:i + size]", "weight[o].sum(0) @ x.sum(0)[i:i + size] / channels"),
    }


@exercise
class q7:
    """Four signals with 3 channels, 20 long, go through 5 filters of width 7, “valid”. How many **weights** are there,
    without biases?"""

    def weights():
        return 5 * 3 * 7

    hints = ("How many numbers has one filter, if it reaches through all channels?", "And do all places share them?")
    because = "C_out · C_in · K: a filter has one kernel for each input channel, and all places and signals share it."
    wrong = {
        "That is C_out · K. A filter reaches through all input channels.": lambda: 5 * 7,
        "You bought new weights for each place. They are shared.": lambda: 5 * 3 * 7 * output_size(20, 7),
        "That is one filter only.": lambda: 3 * 7,
        "You multiplied by the number of signals. All signals meet the same weights.": lambda: 4 * 5 * 3 * 7,
        "You counted the biases as well.": lambda: 5 * 3 * 7 + 5,
        "You used the length of the signal for the width of the filter.": lambda: 5 * 3 * 20,
        "You added filters and channels.": lambda: (5 + 3) * 7,
        "You gave each kernel a bias.": lambda: 5 * 3 * 8,
        "That is the number of outputs.": lambda: 4 * 5 * output_size(20, 7),
        "That is the number of outputs for one signal.": lambda: 5 * output_size(20, 7),
        "You bought new weights for each place, and read one channel.": lambda: 5 * 7 * output_size(20, 7),
        "You used the length of the output for the width of the filter.": lambda: 5 * 3 * output_size(20, 7),
        "That is a fully connected layer: each output has a weight for each input.":
            lambda: 3 * 20 * 5 * output_size(20, 7),
        "Those are the products that are computed. Their weights are shared.":
            lambda: 4 * 5 * output_size(20, 7) * 3 * 7,
    }


@exercise
class q8:
    """After a convolution with 8 weights, padding 1 on each side and stride 3, a signal is 9 long. Between which
    lengths did it lie before? Give the smallest and the largest possible $n$ as a list of two numbers."""

    def lengths():
        fitting = [n for n in range(6, 100) if output_size(n, 8, stride=3, padding=1) == 9]
        return [fitting[0], fitting[-1]]

    hints = ("Write down the formula for the number of outputs, with n unknown. It rounds down.",
             "(n + 2 − 8) // 3 + 1 = 9. For which n is that so?")
    because = ("Rounding down makes three neighbouring lengths share one output length: the output does not tell which "
               "it was.")
    wrong = {
        "You counted the padding once. It lies on both sides.": lambda: _fitting(padding=0.5),
        "You forgot the padding.": lambda: _fitting(padding=0),
        "You multiplied 9 by the stride. The windows *begin* 3 apart; the last one has a width of 8.": lambda: [27, 29],
        "Your smallest is right, your largest one too large: that one already has another output.":
            lambda: [_fitting()[0], _fitting()[1] + 1],
        "You gave one length twice. Rounding down lets others have the same output.": lambda: [_fitting()[0]] * 2,
        "You forgot to count the window that begins at 0.": lambda: [n + 3 for n in _fitting()],
        "You rounded up.": lambda: [n - 2 for n in _fitting()],
        "Those are all of them. The smallest and the largest are asked for.":
            lambda: list(range(_fitting()[0], _fitting()[1] + 1)),
    }


def _fitting(padding=1):
    fitting = [n for n in range(6, 100) if (n + int(2 * padding) - 8) // 3 + 1 == 9]
    return [fitting[0], fitting[-1]]
