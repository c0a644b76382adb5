"""09 · Repeat the experiment of 1989."""

import numpy as np

from cnnlib.exercises._exercise import exercise
from cnnlib.networks import lecun1989
from cnnlib.shapes import ReceptiveField


@exercise
class q1:
    """Write `counts(channels, maps, side, kernel_size, shared)`: the links and the weights of a layer of 1989, as
    `links, weights`. It reads `channels` maps and makes `maps` maps of `side` × `side` units. Each unit sees
    `kernel_size` × `kernel_size` of every map that comes in, and has **a bias of its own**, also if the others are
    `shared` within a map. (A window that reaches over the border is counted in full, and a bias is a link and a
    weight.)"""

    def counts(channels, maps, side, kernel_size, shared):
        units, window = maps * side**2, channels * kernel_size**2
        links = units * (window + 1)
        weights = maps * window + units if shared else links
        return links, weights

    def inputs(rng):
        yield 1, 1, 8, 3, False
        yield 1, 2, 8, 3, True
        yield 2, 4, 4, 5, True
        yield 2, 1, 4, 5, False
        yield 3, 5, 6, 2, True
        yield 3, 5, 6, 2, False

    hints = ("How many units are there in all, and how many links has one of them?",
             "Not shared: each link is a weight. Shared: one filter a map, and a bias for each unit.")
    because = ("Links are the work, weights are the numbers to learn. Sharing separates the two, but for the biases, "
               "which stayed private.")
    wrong = {
        "You shared the biases as well, one for each map, as is done today. In 1989 each unit had its own.":
            ("maps * window + units", "maps * window + maps"),
        "The biases are missing.": ("(window + 1)", "window", "window + units", "window"),
        "The biases are missing from the weights of the shared layer.": ("window + units", "window"),
        "The biases are no links in your count. Each is a link to a unit that is always 1.":
            ("units * (window + 1)", "units * window",
                                                                               "else links", "else links + units"),
        "Your filters are flat: each unit sees its window in *every* map that comes in.":
            ("channels * kernel_size**2", "kernel_size**2"),
        "You took the links for the weights. Where weights are shared, they are fewer.":
            ("maps * window + units if shared else links", "links"),
        "You counted one map; there are several.": ("maps * side**2", "side**2", "maps * window", "window"),
        "You gave the whole layer one filter. Each map has its own.": ("maps * window + units", "window + units"),
        "The weights come first in your answer; the links are asked for first.":
            ("return links, weights", "return weights, links"),
        "You shared the weights where nothing is shared: look at `shared`.":
            ("maps * window + units if shared else links", "maps * window + units"),
        "What is shared and what is not has changed places.": ("if shared", "if not shared"),
        "A map of side × side has side² units.": ("side**2", "side"),
        "You gave the whole layer a single bias.": ("maps * window + units", "maps * window + 1"),
        "A window of k × k has k² places, not k.":
            ("kernel_size**2", "kernel_size"),
        "You added the channels to the window. A unit has a window in each of them.":
            ("channels * kernel_size**2", "channels + kernel_size**2"),
        "The windows stay inside the map in your count. Here a window over the border is counted in full.":
            ("maps * side**2, channels", "maps * (side - kernel_size + 1)**2, channels"),
        "You took the shared weights for the links. Sharing saves numbers to learn, and no work.":
            ("return links, weights", "return weights, weights"),
        "You gave each place a bias that all maps share. Each unit of each map has its own.":
            ("maps * window + units", "maps * window + side**2"),
        "You gave a unit a bias for each map that comes in. It has one.": ("(window + 1)", "(window + channels)"),
        "You gave the whole layer a single bias, and its link.":
            ("units * (window + 1)", "units * window + 1", "maps * window + units", "maps * window + 1"),
        "You gave each map a single bias, and its link. In 1989 each unit had its own.":
            ("units * (window + 1)", "units * window + maps", "maps * window + units", "maps * window + maps"),
        "`channels` and `maps` have changed places.":
            lambda channels, maps, side, kernel_size, shared: q1.right(maps, channels, side, kernel_size, shared),
        "You return the links alone; the weights are asked for as well.": ("return links, weights", "return links"),
    }


@exercise
class q2:
    """Suppose that Net-5's maps shared their **biases** too, one for each map, as convolutions do today. (Two maps of
    8×8 with 3×3 filters on one channel, four maps of 4×4 with 5×5 filters on both, and ten outputs that see
    everything.) How many weights would it have?"""

    def weights():
        return 2 * (9 + 1) + 4 * (2 * 25 + 1) + 10 * (4 * 16 + 1)

    hints = ("Layer by layer: filters with their biases.",
             "2(9 + 1) for the first. In the second each filter has two slices.")
    because = "Each filter gets one bias: 2(9 + 1) + 4(50 + 1), and the outputs as before."
    wrong = {
        "That is Net-5 as it was, with a bias for each unit.": lambda: lecun1989(5, rng=0).cost((16, 16)).parameters,
        "The biases of the maps are missing.": lambda: 2 * 9 + 4 * 50 + 650,
        "All biases are missing.": lambda: 2 * 9 + 4 * 50 + 640,
        "The filters of the second layer are flat in your count; they have a slice for each of the two maps.":
            lambda: 20 + 4 * 26 + 650,
        "The ten outputs are missing.": lambda: 20 + 204,
        "Those are the links.": lambda: lecun1989(5, rng=0).cost((16, 16)).links,
        "You shared the biases of the first layer only.": lambda: 20 + 200 + 64 + 650,
        "You shared the biases of the second layer only.": lambda: 18 + 128 + 204 + 650,
        "The biases of the ten outputs are missing.": lambda: 20 + 204 + 640,
        "You gave each layer one bias. Each map has one, and each output.": lambda: 2 * 9 + 1 + 4 * 50 + 1 + 640 + 1,
        "You gave each slice of the second layer's filters a bias. A filter has one.": lambda: 20 + 4 * 2 * 26 + 650,
        "The outputs read one map of 4×4 in your count; there are four.": lambda: 20 + 204 + 10 * 17,
    }


@exercise
class q3:
    """Each drawing made four pages. 320 of 480 pages, dealt out by lot, were for training and the rest for the
    examination. **About** what part of the examination's pages have at least one sister among the training images?
    Treat the three sisters as independent, each in training with probability 2/3. Give the share, three decimals."""

    def share():
        return 1 - (1 / 3) ** 3

    tolerance = 0.0006
    hints = ("What is the probability that *none* of the three sisters is in training?",
             "Each is missing with probability 1/3, and all three have to be.")
    because = ("All three are missing once in 27 times; otherwise the examination asks for a drawing that is known "
               "already.")
    wrong = {
        "That is the probability that a particular sister is in training. There are three.": lambda: 2 / 3,
        "That is the probability that all three are in training.": lambda: (2 / 3) ** 3,
        "That is the probability that none is in training.": lambda: (1 / 3) ** 3,
        "You took all four pages. The page itself is in the examination; it has three sisters.":
            lambda: 1 - (1 / 3) ** 4,
        "You took two sisters. A drawing makes four pages, so each page has three.": lambda: 1 - (1 / 3) ** 2,
        "You added the probabilities up: more than 1 is no probability.": lambda: 2.0,
        "You took 1/3 for a sister in training; it is 320 of 480.": lambda: 1 - (2 / 3) ** 3,
        "None at all: the images differ, but a drawing that is moved sideways is still the same drawing.": lambda: 0.0,
        "All of them: once in 27 times all three sisters are in the examination, too.": lambda: 1.0,
        "A half is what one sister would have, if the lot were even.": lambda: 0.5,
        "You took the lot as it really is, without putting pages back. Treat the three as independent.":
            lambda: 1 - (159 * 158 * 157) / (479 * 478 * 477),
        "That is the probability that exactly one sister is in training. Two or three count as well.":
            lambda: 3 * (2 / 3) * (1 / 3) ** 2,
        "That is the probability that a particular sister is in the examination.": lambda: 1 / 3,
    }


@exercise
class q4:
    """Write `mean_interval(marks)`: the mean of the marks of several seeds, and half the width of a 95 % interval for
    that **mean**, $1.96 \\, s/\\sqrt{n}$, as `mean, half`. Here $s$ is the standard deviation estimated from the sample
    (divided by $n - 1$)."""

    def mean_interval(marks):
        return np.mean(marks), 1.96 * np.std(marks, ddof=1) / np.sqrt(len(marks))

    def inputs(rng):
        for n in (3, 5, 12, 4):
            yield rng.normal(80, 4, size=n)
        yield np.array([66, 70, 62, 71])

    hints = ("`np.std` divides by n, unless you say `ddof=1`.", "A mean of n seeds is √n times as certain as one seed.")
    because = "Single networks go on differing by s; their mean becomes reliable with √n."
    wrong = {
        "`np.std` divides by n. From a sample one estimates with n − 1: `ddof=1`.": (", ddof=1", ""),
        "That interval is for a single network. The mean's is √n times narrower.": (" / np.sqrt(len(marks))", ""),
        "You divided by n; it is √n.": ("np.sqrt(len(marks))", "len(marks)"),
        "The 1.96 is missing: that is one standard error, which covers two of three.": ("1.96 * ", ""),
        "You return the standard deviation of single marks; half the width of the mean's interval is asked for.":
            ("1.96 * np.std(marks, ddof=1) / np.sqrt(len(marks))", "np.std(marks, ddof=1)"),
        "You took the variance; its root is the standard deviation.": ("np.std(", "np.var("),
        "You return the whole width; half of it is asked for.": ("1.96 *", "3.92 *"),
        "You took the median.": ("np.mean(marks)", "np.median(marks)"),
        "You return the two ends of the interval; the mean and half its width are asked for.":
            lambda marks: (np.mean(marks) - 1.96 * np.std(marks, ddof=1) / np.sqrt(len(marks)),
                           np.mean(marks) + 1.96 * np.std(marks, ddof=1) / np.sqrt(len(marks))),
        "You took 1.645, which is for 90 %.": ("1.96", "1.645"),
        "You took 2.58, which is for 99 %.": ("1.96", "2.58"),
        "The two results have changed places.": ("np.mean(marks), 1.96 * np.std(marks, ddof=1) / np.sqrt(len(marks))",
                                                "1.96 * np.std(marks, ddof=1) / np.sqrt(len(marks)), np.mean(marks)"),
        "You took half of the range from worst to best.":
            lambda marks: (np.mean(marks), 1.96 * np.ptp(marks) / 2),
        "n − 1 is under the root for the standard error; it belongs only into the standard deviation.":
            ("np.sqrt(len(marks))", "np.sqrt(len(marks) - 1)"),
        "You rounded 1.96 to 2.":
            ("1.96", "2"),
        "You multiplied by √n; it divides.": ("/ np.sqrt(len(marks))", "* np.sqrt(len(marks))"),
        "The whole fraction is under your root. The root is of n alone.":
            ("1.96 * np.std(marks, ddof=1) / np.sqrt(len(marks))",
             "np.sqrt(1.96 * np.std(marks, ddof=1) / len(marks))"),
        "You took the mean distance from the mean; the standard deviation takes squares.":
            ("np.std(marks, ddof=1)", "np.abs(marks - marks.mean()).mean()"),
        "You took half of the distance from worst to best.": lambda marks: (np.mean(marks), np.ptp(marks) / 2),
        "You added the marks up; their mean is asked for.": ("np.mean(marks)", "np.sum(marks)"),
        "You divided by 1.96; it multiplies.": ("1.96 * np.std(marks, ddof=1)", "np.std(marks, ddof=1) / 1.96"),
        "You return the upper end of the interval; half its width is asked for.":
            lambda marks: (np.mean(marks), sum(q4.right(marks))),
    }


@exercise
class q5:
    """A unit of Net-5's **second** layer: how many pixels of the page does it see to a side, and how many pixels apart
    are two neighbours? (3×3 windows, two apart, and then 5×5 windows, two apart.) Give [size, jump]."""

    def field():
        field = ReceptiveField().through(3, stride=2).through(5, stride=2)
        return [field.size, field.jump]

    hints = ("In the first layer: 3 pixels, neighbours 2 apart.",
             "Five neighbouring units have four steps between them, each of 2 pixels.")
    because = "3 + (5 − 1)·2, and 2·2."
    wrong = {
        "You ignored that the first layer's units lie two apart.": lambda: [7, 4],
        "You added the sides: windows overlap.": lambda: [8, 4],
        "The size is right. Jumps multiply; you took only one of the strides.": lambda: [11, 2],
        "You multiplied the sides.": lambda: [15, 4],
        "You used the jump of the second layer inside its own window.": lambda: [19, 4],
        "The jump comes second.": lambda: [4, 11],
        "You added five steps; five units have four steps between them.": lambda: [13, 4],
        "That is right for the first layer.": lambda: [3, 2],
        "You ignored the first layer's jump, in the size and in the jump.": lambda: [7, 2],
        "You went through the layers from the last to the first.": lambda: [9, 4],
        "The size is right. Your neighbours are one pixel apart, as if there were no strides.": lambda: [11, 1],
        "You counted pixels of the square. Its side is asked for.": lambda: [121, 4],
    }


@exercise
class q6:
    """Write `targets(labels, classes)` for a net of tanh units: one row for each label, $+0.6$ in the column of the
    right class, and $-0.6$ in the others."""

    def targets(labels, classes):
        wanted = np.full((len(labels), classes), -0.6)
        wanted[np.arange(len(labels)), labels] = 0.6
        return wanted

    def inputs(rng):
        for n, classes in ((4, 3), (1, 10), (7, 5)):
            yield rng.integers(0, classes, n), classes
        yield np.array([2, 2, 0]), 3

    hints = ("`np.full` makes an array of one value.", "`wanted[np.arange(n), labels]` is one entry in each row.")
    because = ("A tanh never reaches ±1, and weights would grow without end on the way; ±0.6 lies where it still has a "
               "slope.")
    wrong = {
        "You took ±1. A tanh never gets there: ±0.6.": ("-0.6)", "-1.0)", "= 0.6", "= 1.0"),
        "You took 0 for the others, as for probabilities. A tanh says no with a negative number.": ("-0.6)", "0.0)"),
        "You took 1 and 0, as for probabilities.": ("-0.6)", "0.0)", "= 0.6", "= 1.0"),
        "The signs have changed places.": ("-0.6)", "0.6)", "= 0.6", "= -0.6"),
        "All your rows are the same: `wanted[:, labels]` sets whole columns. One entry a row is wanted.":
            ("[np.arange(len(labels)), labels]", "[:, labels]"),
        "Your rows are the classes; a row belongs to a label.": ("return wanted", "return wanted.T"),
        "`wanted[labels]` sets whole rows.": lambda labels, classes: _rows(labels, classes),
        "Your array holds integers, so ±0.6 has become 0.": ("-0.6)", "0)", "= 0.6", "= 0"),
        "You return the labels as numbers of classes; a row for each is wanted.": lambda labels, classes: labels + 0,
        "You added 0.6 to −0.6, which leaves 0 for the right class.":
            ("labels] = 0.6", "labels] += 0.6"),
        "All your entries are +0.6: the other classes should hear a no.":
            ("classes), -0.6", "classes), 0.6"),
        "You counted classes from 1: the first is 0, and −1 is the last.": ("labels] = 0.6", "labels - 1] = 0.6"),
        "Every entry is −0.6: nothing is written for the right class.":
            ("wanted[np.arange(len(labels)), labels] = 0.6", "pass"),
        "The others get +0.4, as if both had to sum to 1. They get −0.6.": ("-0.6)", "0.4)"),
    }


def _rows(labels, classes):
    wanted = np.full((max(len(labels), classes), classes), -0.6)
    wanted[labels] = 0.6
    return wanted[:len(labels)]
