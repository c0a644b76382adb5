"""11 · Turn the knobs of a real network."""

import numpy as np

from cnnlib.exercises._exercise import exercise
from cnnlib.optim import CosineDecay


@exercise
class q1:
    """Write `shift(image, down, right)`: the picture moved by whole pixels (both may be negative), with zeros where
    nothing is known. What leaves the picture is gone."""

    def shift(image, down, right):
        moved = np.zeros_like(image)
        rows, cols = image.shape
        moved[max(down, 0):rows + min(down, 0), max(right, 0):cols + min(right, 0)] = \
            image[max(-down, 0):rows + min(-down, 0), max(-right, 0):cols + min(-right, 0)]
        return moved

    def inputs(rng):
        for shape, down, right in (((4, 6), 1, 2), ((5, 4), -1, 0), ((5, 5), -2, 3), ((4, 5), 0, -1), ((3, 4), 0, 0),
                                   ((6, 4), 2, -2)):
            yield rng.uniform(1, 9, shape), down, right
        yield rng.integers(1, 256, (4, 5), dtype=np.uint8), 1, 1

    hints = ("Begin with zeros, and copy the part that stays in view to where it goes.",
             "Down by 1: rows 1 … of the new picture are rows 0 … −1 of the old one. Up is the other way round.",
             "Or pad with zeros on all sides, and cut the right window out.")
    because = "What comes in at one side is not what has left at the other: nobody photographed it, so it is 0."
    wrong = {
        "`np.roll` brings in at one side what leaves at the other. Those places should be 0.":
            lambda image, down, right: np.roll(image, (down, right), (0, 1)),
        "It moves the other way: down is towards larger rows, right towards larger columns.":
            lambda image, down, right: _moved(image, -down, -right),
        "Down and right have changed places: the first axis is the row.":
            lambda image, down, right: _moved(image, right, down),
        "It moves down, but not to the side.": lambda image, down, right: _moved(image, down, 0),
        "It moves to the side, but not down.": lambda image, down, right: _moved(image, 0, right),
        "You repeated the border where nothing is known. Those places should be 0.":
            lambda image, down, right: _clamped(image, down, right),
        "Negative shifts do nothing in your program.":
            lambda image, down, right: _moved(image, max(down, 0), max(right, 0)),
        "The picture moves the right way down, and the wrong way to the side.":
            lambda image, down, right: _moved(image, down, -right),
        "The picture moves the right way to the side, and the wrong way down.":
            lambda image, down, right: _moved(image, -down, right),
        "Your picture has grown: its size should stay.":
            lambda image, down, right: np.pad(image, ((max(down, 0), max(-down, 0)), (max(right, 0), max(-right, 0)))),
        "You filled with 255. Paper is 0 in these pictures.":
            lambda image, down, right: (
                np.where(_moved(np.ones(image.shape), down, right) > 0, _moved(image, down, right), 255)),
        "You rolled the wrong way, and what leaves at one side comes back at the other.":
            lambda image, down, right: np.roll(image, (-down, -right), (0, 1)),
        "You return the part that stays in view; the picture keeps its size.":
            ("return moved", "return moved[max(down, 0):rows + min(down, 0), max(right, 0):cols + min(right, 0)]"),
        "Where an index falls below 0, NumPy counts from the other end: what leaves at one side comes back.":
            lambda image, down, right: _from_the_other_end(image, down, right),
        "You took the sizes of the shifts: negative ones go the other way.":
            lambda image, down, right: _moved(image, abs(down), abs(right)),
        "Where nothing is known you left what stood there. Those places should be 0.":
            ("np.zeros_like(image)", "image.copy()"),
        "You mirrored the picture at its border. Those places should be 0.":
            lambda image, down, right: np.pad(image, 3, "symmetric")[
                3 - down:3 - down + image.shape[0], 3 - right:3 - right + image.shape[1]],
        "Your picture moves by one pixel, however far it should go.":
            lambda image, down, right: _moved(image, np.sign(down), np.sign(right)),
        "Your picture moves one pixel too far.": lambda image, down, right: _moved(image, down + 1, right + 1),
        "Your picture moves twice as far as it should.": lambda image, down, right: _moved(image, 2 * down, 2 * right),
    }


def _moved(image, down, right):
    moved = np.zeros_like(image)
    for i, j in np.ndindex(image.shape):
        if 0 <= i - down < image.shape[0] and 0 <= j - right < image.shape[1]:
            moved[i, j] = image[i - down, j - right]
    return moved


def _from_the_other_end(image, down, right):
    moved = np.zeros_like(image)
    for i, j in np.ndindex(image.shape):
        if i - down < image.shape[0] and j - right < image.shape[1]:
            moved[i, j] = image[i - down, j - right]
    return moved


def _clamped(image, down, right):
    rows = np.clip(np.arange(image.shape[0]) - down, 0, image.shape[0] - 1)
    cols = np.clip(np.arange(image.shape[1]) - right, 0, image.shape[1] - 1)
    return image[np.ix_(rows, cols)]


@exercise
class q2:
    """Write `rate(step, steps, peak, warmup)`: the learning rate at `step` (0 is the first) of `steps`. Over the first
    `int(warmup * steps)` steps it climbs in a straight line and reaches `peak` with the last of them; then it falls
    along half a cosine, $\\tfrac12\\, peak\\, (1 + \\cos \\pi t)$, with $t$ from 0 at the first step after the climb to
    1 at the last step of all."""

    def rate(step, steps, peak, warmup):
        rising = int(warmup * steps)
        if step < rising:
            return peak * (step + 1) / rising
        t = (step - rising) / (steps - rising - 1)
        return peak * (1 + np.cos(np.pi * t)) / 2

    def inputs(rng):
        for step in (0, 1, 19, 20, 21, 60, 98, 99):
            yield step, 100, 0.05, 0.2
        for step in (0, 3, 8):
            yield step, 9, 1.0, 0.5
        for step in (0, 4, 9):
            yield step, 10, 0.3, 0.0
        for step in (0, 3):
            yield step, 10, 0.3, 0.35

    hints = ("The first step is step 0, and it is already one part of the climb: step + 1 parts of `rising`.",
             "After the climb, t runs from 0 to 1 over steps − rising steps: how many gaps do these have?")
    because = "Steps count from 0: the climb has step + 1 of its parts behind it, and n steps have n − 1 gaps."
    wrong = {
        "The climb begins at 0, so the first step does nothing: step k has k + 1 parts of the climb behind it.":
            ("(step + 1)", "step"),
        "The climb is one part too far: k + 2.": ("(step + 1)", "(step + 2)"),
        "Your cosine never comes to its end: n steps have n − 1 gaps.": ("(steps - rising - 1)", "(steps - rising)"),
        "The cosine begins at step 0, as if there had been no climb.":
            ("(step - rising) / (steps - rising - 1)", "step / (steps - 1)"),
        "The cosine begins one part too late: step `rising` is its first, at the peak.":
            ("(step - rising) / (steps", "(step - rising + 1) / (steps"),
        "The ½ is missing: your rate begins at twice the peak.": (" / 2", ""),
        "Your rate falls in a straight line after the climb.": ("(1 + np.cos(np.pi * t)) / 2", "(1 - t)"),
        "That is half of a half wave: the cosine should go from 1 to −1, over π.":
            ("(1 + np.cos(np.pi * t)) / 2", "np.cos(np.pi * t / 2)"),
        "The wave has the wrong sign: your rate rises after the climb.": ("(1 + np.cos", "(1 - np.cos"),
        "There is no climb.": ("int(warmup * steps)", "0"),
        "The cosine's t should run to 1 over the steps that are left, and not over all.":
            ("(steps - rising - 1)", "(steps - 1)"),
        "The climb multiplies the cosine; after the climb the cosine begins at the peak.":
            lambda step, steps, peak, warmup: (
                peak * (1 + np.cos(np.pi * step / (steps - 1))) / 2 * min(1, (step + 1) / max(int(warmup * steps), 1))),
        "The cosine alone goes below 0: ½ (1 + cos) is what ends at 0.":
            ("peak * (1 + np.cos(np.pi * t)) / 2", "peak * np.cos(np.pi * t)"),
        "π is missing in the cosine.":
            ("np.cos(np.pi * t)", "np.cos(t)"),
        "After the climb your rate stays at the peak.":
            ("peak * (1 + np.cos(np.pi * t)) / 2", "peak"),
        "That is a whole wave: your rate comes back up to the peak.":
            ("np.cos(np.pi * t)", "np.cos(2 * np.pi * t)"),
        "At step `rising` you still climb, above the peak: `<=` where `<` belongs.":
            ("step < rising", "rising and step <= rising"),
        "The climb reaches the peak one step too late: it has `rising` parts, and not one more.":
            ("/ rising", "/ (rising + 1)"),
        "You spread the climb over all steps.": ("/ rising", "/ steps"),
        "The climb begins at 0 and has one gap less than steps. The first step is a part of the climb already.":
            ("(step + 1) / rising", "step / max(rising - 1, 1)"),
        "There is a peak at once: in the first steps the rate should climb.": ("peak * (step + 1) / rising", "peak"),
        "Your climb is bent: the parts are squared.": ("(step + 1) / rising", "((step + 1) / rising)**2"),
        "`np.cos` takes radians: π, and not 180.": ("np.pi * t", "180 * t"),
        "You took a sine.": ("np.cos(", "np.sin("),
        "Brackets are missing: the peak multiplies the 1 alone.":
            ("peak * (1 + np.cos(np.pi * t)) / 2", "peak / 2 + np.cos(np.pi * t)"),
        "The peak is missing.": ("peak * (", "1.0 * ("),
        "You rounded `warmup * steps`. `int` cuts off.": ("int(warmup * steps)", "round(warmup * steps)"),
        "You rounded `warmup * steps` up. `int` cuts off.": ("int(warmup * steps)", "int(np.ceil(warmup * steps))"),
        "`warmup * steps` is not a whole number in your program: `int` cuts off.":
            ("int(warmup * steps)", "(warmup * steps)"),
        "`warmup` is a share of the steps, and not their number.":
            lambda step, steps, peak, warmup: peak * (step + 1) / warmup if step < warmup else q2.right(step,
             steps, peak, 0.0),
    }


@exercise
class q3:
    """Write `batch_norm(x, gamma, beta, epsilon)` for the maps of a batch in training. `x` has the shape (N, C, H, W);
    each **channel** has one mean and one variance, over all images and places, and one of each of `gamma` and `beta`
    (both of shape (C,)): $\\gamma (x - \\mu)/\\sqrt{\\sigma^2 + \\epsilon} + \\beta$."""

    def batch_norm(x, gamma, beta, epsilon):
        mean, variance = x.mean(axis=(0, 2, 3), keepdims=True), x.var(axis=(0, 2, 3), keepdims=True)
        normal = (x - mean) / np.sqrt(variance + epsilon)
        return gamma[:, None, None] * normal + beta[:, None, None]

    def inputs(rng):
        for shape in ((3, 2, 4, 5), (4, 3, 2, 2), (2, 1, 3, 4), (3, 3, 3, 3)):
            yield rng.normal(2, 3, size=shape), rng.uniform(0.5, 2, shape[1]), rng.normal(size=shape[1]), 0.1

    hints = ("Which axes are averaged over, so that one number for each channel remains?",
             "`axis=(0, 2, 3)`; gamma and beta need two more axes: `gamma[:, None, None]`.")
    because = ("One mean and one variance for each channel, over the batch and all places; then a scale and a shift "
               "that are learned.")
    wrong = {
        "You averaged each image by itself: the batch (axis 0) belongs to it.": ("axis=(0, 2, 3)", "axis=(2, 3)"),
        "You averaged over the batch only: each place got a mean of its own.": ("axis=(0, 2, 3)", "axis=0"),
        "You averaged over the channels as well; each has its own mean.": ("axis=(0, 2, 3)", "axis=(0, 1, 2, 3)"),
        "You averaged each image over its channels and places: that is layer normalisation.":
            ("axis=(0, 2, 3)", "axis=(1, 2, 3)"),
        "The root is missing.": ("np.sqrt(variance + epsilon)", "(variance + epsilon)"),
        "You added ε to σ. It belongs under the root, to σ².":
            ("np.sqrt(variance + epsilon)", "(np.sqrt(variance) + epsilon)"),
        "ε is missing, or not the one that is given.": ("variance + epsilon", "variance"),
        "The mean is not taken away.": ("(x - mean)", "x"),
        "γ and β are missing.": ("gamma[:, None, None] * normal + beta[:, None, None]", "normal"),
        "γ and β are laid along the columns, where they fit at all: each belongs to a channel, `gamma[:, None, None]`.":
            ("gamma[:, None, None]", "gamma", "beta[:, None, None]", "beta"),
        "β is missing.": (" + beta[:, None, None]", ""),
        "γ is missing.": ("gamma[:, None, None] * normal", "normal"),
        "γ multiplies β as well: the shift comes last.":
            ("gamma[:, None, None] * normal + beta[:, None, None]",
             "gamma[:, None, None] * (normal + beta[:, None, None])"),
        "You estimated the variance with n − 1. Batch normalisation divides by n.":
            ("x.var(axis=(0, 2, 3), ", "x.var(axis=(0, 2, 3), ddof=1, "),
        "β is taken away; it is added.": ("+ beta", "- beta"),
        "ε is added to the result; it belongs under the root.":
            ("/ np.sqrt(variance + epsilon)", "/ np.sqrt(variance) + epsilon"),
        "You divided by γ; it multiplies.":
            ("gamma[:, None, None] * normal", "normal / gamma[:, None, None]"),
        "You stretched the batch to lie between 0 and 1. Mean and standard deviation are asked for.":
            ("(x - mean) / np.sqrt(variance + epsilon)", "(x - x.min()) / np.ptp(x)"),
        "γ and β have changed places.":
            ("gamma[:, None, None] * normal + beta[:, None, None]",
             "beta[:, None, None] * normal + gamma[:, None, None]"),
        "You averaged over the channels, place by place. Each channel has its own mean.":
            ("axis=(0, 2, 3), keepdims=True), x.var(axis=(0, 2, 3)", "axis=1, keepdims=True), x.var(axis=1"),
        "You took the mean of the squares for the variance; the mean has to be taken away first.":
            ("variance + epsilon", "(x**2).mean(axis=(0, 2, 3), keepdims=True) + epsilon"),
        "The mean is added; it is taken away.": ("(x - mean)", "(x + mean)"),
        "β is divided by the standard deviation as well. The shift comes last.":
            ("+ beta[:, None, None]", "+ beta[:, None, None] / np.sqrt(variance + epsilon)"),
        "You took the root twice: σ is the root of the variance already.":
            ("np.sqrt(variance + epsilon)", "np.sqrt(np.sqrt(variance) + epsilon)"),
        "Nothing is normalised: you return γx + β.": ("* normal", "* x"),
        "The division is missing: only the mean is taken away.": (" / np.sqrt(variance + epsilon)", ""),
        "You added the squares up. The variance is their mean.":
            ("variance + epsilon", "variance * x[:, 0].size + epsilon"),
    }


@exercise
class q4:
    """Write `paired(a, b, t)`: two recipes were run with the **same** seeds, and their errors are `a` and `b`, seed by
    seed. Return the mean of the differences `a - b`, and half the width of its interval, $t \\cdot s/\\sqrt{n}$, where
    $s$ is the standard deviation of the *differences* (estimated with $n - 1$): `mean, half`."""

    def paired(a, b, t):
        gain = np.asarray(a) - np.asarray(b)
        return gain.mean(), t * gain.std(ddof=1) / np.sqrt(len(gain))

    def inputs(rng):
        for n, t in ((8, 2.365), (3, 4.303), (5, 2.776)):
            luck = rng.normal(5, 2, size=n)
            yield luck + rng.normal(0, 0.5, n), luck - 1 + rng.normal(0, 0.5, n), t
        yield np.array([4, 6, 5, 9]), np.array([3, 7, 3, 7]), 3.182

    hints = ("First the differences, seed by seed. From then on there is only one list.",
             "Mean, standard deviation with `ddof=1`, and √n.")
    because = ("What the same seed does to both falls out of the differences, so their interval is narrower than those "
               "of the two means.")
    wrong = {
        "You treated the two lists as if they had nothing to do with each other. The same seeds make pairs: look at "
        "the differences.":
            ("t * gain.std(ddof=1) / np.sqrt(len(gain))",
             "t * np.sqrt((np.var(a, ddof=1) + np.var(b, ddof=1)) / len(gain))"),
        "The sign is that of b − a.": ("np.asarray(a) - np.asarray(b)", "np.asarray(b) - np.asarray(a)"),
        "`std` divides by n. From a sample one estimates with n − 1: `ddof=1`.": ("ddof=1", ""),
        "That is the spread of single differences; their mean is √n times as certain.": (" / np.sqrt(len(gain))", ""),
        "You divided by n; it is √n.": ("np.sqrt(len(gain))", "len(gain)"),
        "t is missing.": ("t * gain", "gain"),
        "You took 1.96 and not t: with so few seeds the interval is wider.": ("t * gain", "1.96 * gain"),
        "You took the difference of the two standard deviations.":
            ("gain.std(ddof=1)", "abs(np.std(a, ddof=1) - np.std(b, ddof=1))"),
        "You took the spread of a alone.": ("gain.std(ddof=1)", "np.std(a, ddof=1)"),
        "You took the sizes of the differences: seeds that went the other way are counted as gains.":
            ("np.asarray(a) - np.asarray(b)", "np.abs(np.asarray(a) - np.asarray(b))"),
        "You added the half-widths of the two means.": ("gain.std(ddof=1)", "(np.std(a, ddof=1) + np.std(b, ddof=1))"),
        "You return the whole width; half of it is asked for.": ("t * gain", "2 * t * gain"),
        "You took the variance; its root is the standard deviation.": ("gain.std", "gain.var"),
        "n − 1 is under the root for the mean; it belongs only into the standard deviation.":
            ("np.sqrt(len(gain))", "np.sqrt(len(gain) - 1)"),
        "You took the median of the differences.":
            ("gain.mean()", "np.median(gain)"),
        "You return the two ends of the interval; the mean and half its width are asked for.":
            lambda a, b, t: _ends(np.asarray(a) - np.asarray(b), t),
        "You sorted both lists first, so a seed no longer meets itself.":
            ("np.asarray(a) - np.asarray(b)", "np.sort(a) - np.sort(b)"),
        "You divided by √(2n): there are n differences.": ("np.sqrt(len(gain))", "np.sqrt(2 * len(gain))"),
        "You added the differences up; their mean is asked for.": ("gain.mean()", "gain.sum()"),
        "You return the mean divided by its standard error. Half the width of the interval is asked for.":
            ("t * gain.std(ddof=1) / np.sqrt(len(gain))", "gain.mean() / (gain.std(ddof=1) / np.sqrt(len(gain)))"),
        "You pooled the spreads of a and b. The same seeds make pairs: take the spread of the differences.":
            ("gain.std(ddof=1)", "np.sqrt((np.var(a, ddof=1) + np.var(b, ddof=1)) / 2)"),
        "You took the spread of both lists together. Take that of the differences.":
            ("gain.std(ddof=1)", "np.concatenate([a, b]).std(ddof=1)"),
        "You squared the differences without taking their mean away: that is no standard deviation.":
            ("gain.std(ddof=1)", "np.sqrt((gain**2).sum() / (len(gain) - 1))"),
        "You took differences in parts of b. They are asked for as they are.":
            ("np.asarray(a) - np.asarray(b)", "(np.asarray(a) - np.asarray(b)) / np.asarray(b)"),
        "You return the upper end of the interval; half its width is asked for.":
            lambda a, b, t: (np.mean(a - b), sum(q4.right(a, b, t))),
    }


@exercise
class q5:
    """Write `leaky_backward(G, z, slope)`: from the gradient `G` in the output of a leaky ReLU, and what it received,
    `z`, the gradient in `z`."""

    def leaky_backward(G, z, slope):
        return np.where(z > 0, G, slope * G)

    def inputs(rng):
        yield np.array([5.0, 5.0, 5.0, 5.0]), np.array([-2.0, 0.5, 3.0, 0.0]), 0.1
        for shape, slope in (((7,), 0.3), ((3, 4), 0.01), ((5,), 0.0)):
            yield rng.normal(size=shape), rng.normal(size=shape), slope

    hints = ("The slope is 1 where z is positive, and α elsewhere (at 0, too).",)
    because = "A door that never shuts: where z is not positive, a part α of the message still passes."
    wrong = {
        "Nothing passes where z is negative: that is a ReLU without a leak.": ("slope * G", "0 * G"),
        "You multiplied by the value; its slope counts.":
            ("np.where(z > 0, G, slope * G)", "G * np.where(z > 0, z, slope * z)"),
        "You looked at the sign of G; the door depends on z.": ("z > 0", "G > 0"),
        "Positive and negative have changed places.": ("z > 0", "z <= 0"),
        "Everything passes.": ("slope * G", "G"),
        "Everything is multiplied by the slope.": ("z > 0, G", "z > 0, slope * G"),
        "At z = 0 the formula says α.": ("z > 0", "z >= 0"),
        "You return the slopes; they multiply G.": ("np.where(z > 0, G, slope * G)", "np.where(z > 0, 1.0, slope)"),
        "The leak has the wrong sign: the message changes direction.": ("slope * G", "-slope * G"),
        "Where z is negative you divide by the slope.": ("slope * G", "G / max(slope, 1e-3)"),
        "You return the forward pass.": ("np.where(z > 0, G, slope * G)", "np.where(z > 0, z, slope * z)"),
        "Where z is not positive you return α alone; it multiplies G.":
            ("slope * G", "slope + 0 * G"),
        "α is the part that passes, not the part that is lost.":
            ("slope * G", "(1 - slope) * G"),
        "You took α away from G; it multiplies.":
            ("slope * G", "G - slope"),
        "Where z is not positive you return α z: that is the forward pass.":
            ("slope * G", "slope * z"),
        "Where z is not positive you add α; it multiplies G.": ("slope * G", "slope + G"),
        "You took 0.01 for α. It is given.": ("slope * G", "0.01 * G"),
        "α comes on top of G where z is not positive. G is multiplied by α alone.": ("slope * G", "(1 + slope) * G"),
        "α is squared.": ("slope * G", "slope**2 * G"),
        "Your doors open at 1. They open above 0.": ("z > 0", "z > 1"),
    }


@exercise
class q6:
    """Two recipes have standard deviations of 0.6 points from seed to seed. About how many seeds does it take until the
    95 % interval of **one** mean (1.96 standard errors) reaches ±0.1 points? Round up."""

    def seeds():
        return int(np.ceil((1.96 * 0.6 / 0.1) ** 2))

    hints = ("1.96 · s/√n = 0.1. Solve for n.", "√n stands alone first; then both sides are squared.")
    because = "The width falls with the root of the number, so ten times narrower costs a hundred times as many seeds."
    wrong = {
        "The root is forgotten: the interval falls with √n, and not with n.": lambda: int(np.ceil(1.96 * 0.6 / 0.1)),
        "You left out the 1.96.": lambda: 36,
        "You took ±0.1 for the whole width.": lambda: int(np.ceil((1.96 * 0.6 / 0.05) ** 2)),
        "A number of seeds that is not whole is rounded *up*: with one less the interval is still too wide.":
            lambda: int((1.96 * 0.6 / 0.1) ** 2),
        "A number of seeds is whole: round up.": lambda: (1.96 * 0.6 / 0.1) ** 2,
        "You took the interval of a difference of two unrelated means, which is √2 times wider.":
            lambda: int(np.ceil(2 * (1.96 * 0.6 / 0.1) ** 2)),
        "You took the variance for the standard deviation.": lambda: int(np.ceil((1.96 * 0.36 / 0.1) ** 2)),
        "You took 2.365, the t of eight seeds.": lambda: int(np.ceil((2.365 * 0.6 / 0.1) ** 2)),
        "You forgot the standard deviation of 0.6.": lambda: int(np.ceil((1.96 / 0.1) ** 2)),
        "You rounded 1.96 to 2.": lambda: 144,
        "You counted both recipes. One mean is asked about.": lambda: 2 * int(np.ceil((1.96 * 0.6 / 0.1) ** 2)),
    }


@exercise
class q7:
    """`CosineDecay(0.1, warmup=0.25)` is asked for its rate in a training of 40 steps. What does it answer at step 4,
    the *fifth* step? Give four decimals."""

    def fifth():
        return CosineDecay(0.1, warmup=0.25)(4, 40)

    tolerance = 0.00006
    hints = ("How many steps does the climb last, and which part of it has the fifth step behind it?",
             "Ten steps climb to the peak, a tenth of it each. How many tenths has the fifth step climbed?")
    because = "Ten steps climb in tenths of the peak, and step 4 is the fifth."
    wrong = {
        "You climbed k parts; step k has k + 1 of them behind it, for the first step is step 0.": lambda: 0.1 * 4 / 10,
        "You spread the climb over all steps.": lambda: 0.1 * 5 / 40,
        "You are on the cosine already: the first quarter climbs.": lambda: CosineDecay(0.1)(4, 40),
        "That is the peak.": lambda: 0.1,
        "You climbed one part too far.": lambda: 0.1 * 6 / 10,
        "You spread the climb over all steps, and counted k parts.": lambda: 0.1 * 4 / 40,
        "That is the part of the climb; it is multiplied by the peak.": lambda: 0.5,
        "Gaps: nine lie between ten steps, but the climb begins with a step, and not with 0.": lambda: 0.1 * 4 / 9,
        "You divided by 0.25 of *100*: the climb lasts a quarter of 40 steps.": lambda: 0.1 * 5 / 25,
        "You spread the climb over eleven parts. It has ten.": lambda: 0.1 * 5 / 11,
        "You spread the climb over nine gaps. It has ten parts.": lambda: 0.1 * 5 / 9,
    }


def _ends(gain, t):
    half = t * gain.std(ddof=1) / np.sqrt(len(gain))
    return gain.mean() - half, gain.mean() + half
