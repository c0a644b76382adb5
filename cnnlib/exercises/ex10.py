"""10 · Look inside what it learned."""

import numpy as np

from cnnlib.exercises._exercise import exercise
from cnnlib.networks import lenet5
from cnnlib.shapes import ReceptiveField


@exercise
class q1:
    """Write `margin(logits, label)`: `logits` has a row for each image. Return for each the logit of the class `label`
    minus the largest logit of the **others**."""

    def margin(logits, label):
        others = np.delete(logits, label, axis=1)
        return logits[:, label] - others.max(axis=1)

    def inputs(rng):
        for n, classes, label in ((4, 5, 2), (1, 3, 0), (6, 10, 9), (3, 2, 1)):
            yield rng.normal(0, 3, size=(n, classes)), label
        yield np.array([[3, 1, 2], [1, 5, 4], [0, 2, 9]]), 2

    hints = ("`np.delete(logits, label, axis=1)` leaves the others.", "Then the largest of each row: `max(axis=1)`.")
    because = "Above zero the answer is right, and the number says by how much."
    wrong = {
        "You took the largest of *all* logits: then the margin of a right answer is 0 and says no more.":
            ("others.max", "logits.max"),
        "The sign is wrong: a right answer should have a positive margin.":
            ("logits[:, label] - others.max(axis=1)", "others.max(axis=1) - logits[:, label]"),
        "You took the second largest of *all* logits. If the answer is wrong, the strongest rival is the largest.":
            ("others.max(axis=1)", "np.sort(logits, axis=1)[:, -2]"),
        "You took the mean of the others; the strongest rival counts.": ("others.max", "others.mean"),
        "You took the smallest of the others; the strongest rival counts.": ("others.max", "others.min"),
        "You took the largest over all images: `axis=1` keeps each row by itself.":
            ("others.max(axis=1)", "others.max()"),
        "You return the logit alone.": (" - others.max(axis=1)", ""),
        "You took the sum of the others.": ("others.max", "others.sum"),
        "You return whether the answer is right; by how much is asked for.":
            ("logits[:, label] - others.max(axis=1)", "logits[:, label] > others.max(axis=1)"),
        "You took the median of the others; the strongest rival counts.":
            ("others.max(axis=1)", "np.median(others, axis=1)"),
        "You took the size of the margin. Below 0 it says that the answer is wrong.":
            ("logits[:, label] - others.max(axis=1)", "np.abs(logits[:, label] - others.max(axis=1))"),
        "You took the margin of the *probabilities*. The logits are asked for.":
            lambda logits, label: q1.right(_softmax(logits), label),
        "You return the strongest rival alone.": ("logits[:, label] - others", "others"),
        "You took away where the strongest rival stands, and not its logit.": ("others.max", "others.argmax"),
        "You put 0 in the place of `label` before you took the maximum: where all others are negative, 0 wins.":
            ("others.max(axis=1)", "np.where(np.arange(logits.shape[1]) == label, 0, logits).max(axis=1)"),
        "You took the difference of the two largest logits. `label` plays no part in it.":
            ("logits[:, label] - others.max(axis=1)", "np.diff(np.sort(logits, axis=1)[:, -2:])[:, 0]"),
        "Without `axis=1`, `np.delete` takes one number out of the whole array, written out as a line.":
            ("np.delete(logits, label, axis=1)", "np.delete(logits, label)", "others.max(axis=1)", "others.max()"),
        "You divided by the strongest rival; take it away.": ("logits[:, label] - others", "logits[:, label] / others"),
        "You counted classes from 1.":
            ("logits[:, label] -", "logits[:, label - 1] -", "logits, label, axis", "logits, label - 1, axis"),
    }


def _softmax(logits):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@exercise
class q2:
    """Write `covered(image, size)`: for each place (i, j), in reading order, a copy of the image in which the patch of
    `size` × `size` pixels (odd) around it is covered with 0, as far as it lies inside the image. Return the copies in
    one array, of shape (H · W, H, W)."""

    def covered(image, size):
        half, copies = size // 2, []
        for i in range(image.shape[0]):
            for j in range(image.shape[1]):
                copy = image.copy()
                copy[max(i - half, 0):i + half + 1, max(j - half, 0):j + half + 1] = 0
                copies.append(copy)
        return np.array(copies)

    def inputs(rng):
        for shape, size in (((4, 6), 3), ((5, 4), 1), ((5, 7), 3), ((6, 5), 5)):
            yield rng.uniform(1, 9, shape), size
        yield rng.integers(1, 250, (4, 5), dtype=np.uint8), 3

    hints = ("For each place a fresh copy: `image.copy()`. Otherwise all patches stay covered.",
             "The rows of the patch are i − half to i + half; below 0 a slice would count from the other end, so "
             "begin at `max(i - half, 0)`.",
             "Gather the copies in a list, row by row; `np.array` makes one array of it.")
    because = "An occlusion map asks *where*: what changes the answer when it is gone. It cannot see what is missing."
    wrong = {
        "You did not begin with a fresh copy: all patches stay covered.":
            lambda image, size: _stays_covered(image, size),
        "All your copies are the same array, with everything covered that was ever covered: each place needs a copy "
        "of its own.":
            lambda image, size: np.repeat(_stays_covered(image, size)[-1:], image.size, axis=0),
        "At the top and left border nothing is covered: a slice that begins below 0 counts from the other end. Use "
        "`max(i - half, 0)`.":
            ("max(i - half, 0)", "i - half", "max(j - half, 0)", "j - half"),
        "Your patch begins at (i, j). It should be centred there.":
            ("max(i - half, 0):i + half + 1, max(j - half, 0):j + half + 1", "i:i + size, j:j + size"),
        "Your patch is one row and one column too small: a slice ends before its end.":
            ("i + half + 1", "i + half + (size == 1)", "j + half + 1", "j + half + (size == 1)"),
        "Your patch reaches `size` pixels to either side.": ("size // 2", "size"),
        "You covered whole rows; the patch is `size` pixels wide as well.":
            (", max(j - half, 0):j + half + 1] = 0", "] = 0"),
        "You covered whole columns; the patch is `size` pixels high as well.":
            ("max(i - half, 0):i + half + 1, ", ":, "),
        "Row and column of the patch have changed places.":
            ("max(i - half, 0):i + half + 1, max(j - half, 0):j + half + 1",
             "max(j - half, 0):j + half + 1, max(i - half, 0):i + half + 1"),
        "Your copies go down the columns; in reading order they go along the rows.":
            ("for i in range(image.shape[0]):", "for j in range(image.shape[1]):",
             "    for j in range(image.shape[1]):\n            copy",
             "    for i in range(image.shape[0]):\n            copy"),
        "You covered with ink (255) and not with paper.": ("] = 0\n", "] = 255\n"),
        "You left out the places whose patch hangs over the border.":
            ("range(image.shape[0])", "range(half, image.shape[0] - half)",
             "range(image.shape[1])", "range(half, image.shape[1] - half)"),
        "You return the last copy; all of them are asked for.": ("np.array(copies)", "copy"),
        "Your copies lie in a grid, (H, W, H, W); they should lie in one row.":
            ("np.array(copies)", "np.array(copies).reshape(image.shape + image.shape)"),
        "Your copies are written out as lines; each should keep the image's shape.":
            ("np.array(copies)", "np.array(copies).reshape(image.size, -1)"),
        "You covered everything but the patch.": lambda image, size: image - _covered(image, size),
        "You covered with the mean grey and not with paper.":
            ("] = 0\n", "] = image.mean()\n"),
        "Your patch reaches one pixel too far on every side.":
            ("size // 2", "size // 2 + 1"),
        "Your patch ends with the row and column of (i, j): behind them `+ 1` is missing.":
            ("i + half + 1", "i + half", "j + half + 1", "j + half"),
        "Where the patch would hang over the border nothing is covered. It is covered as far as it lies inside.":
            lambda image, size: _covered_inside(image, size),
        "You covered with 1 and not with paper, which is 0.": ("] = 0\n", "] = 1\n"),
        "Your patch ends at (i, j). It should be centred there.":
            ("max(i - half, 0):i + half + 1, max(j - half, 0):j + half + 1",
             "max(i - size + 1, 0):i + 1, max(j - size + 1, 0):j + 1"),
    }


def _covered(image, size):
    half, copies = size // 2, np.repeat(image[None], image.size, axis=0)
    for copy, (i, j) in zip(copies, np.ndindex(image.shape)):
        copy[max(i - half, 0):i + half + 1, max(j - half, 0):j + half + 1] = 0
    return copies


def _covered_inside(image, size):
    half = size // 2
    inside = np.zeros(image.shape, bool)
    inside[half:image.shape[0] - half, half:image.shape[1] - half] = True
    return np.where(inside.reshape(-1, 1, 1), _covered(image, size), image)


def _stays_covered(image, size):
    return np.minimum.accumulate(_covered(image, size))


@exercise
class q3:
    """Write `alive(answers)`: `answers` holds what the filters of a layer say, **behind the ReLU**, with the shape
    (images, filters, rows, columns). Return the numbers of the filters that answer above zero *anywhere*, in ascending
    order."""

    def alive(answers):
        return np.flatnonzero(answers.max(axis=(0, 2, 3)) > 0)

    def inputs(rng):
        for shape in ((3, 6, 2, 4), (2, 5, 3, 3), (1, 7, 1, 2), (4, 4, 3, 2)):
            answers = np.maximum(rng.normal(size=shape), 0)
            answers[:, rng.permutation(shape[1])[: shape[1] // 2]] = 0
            yield answers
        quiet = np.zeros((2, 4, 2, 2))
        quiet[0, 2, 0, 1] = 1e-3
        quiet[1, 0, 1, 1] = 2.5
        yield quiet
        late = np.zeros((3, 5, 2, 2))
        late[0, 4, 1, 1], late[1, 1, 1, 0], late[2, 3, 0, 1] = 0.4, 0.7, 1.2
        yield late

    hints = ("Which axes are to be looked through, so that one number a filter remains?",
             "`max(axis=(0, 2, 3))`, and `np.flatnonzero` of what is above 0.")
    because = ("A filter that is silent on every image at every place is dead: where ReLU gives 0 it hands no gradient "
               "back.")
    wrong = {
        "Those are the silent ones.": ("> 0", "== 0"),
        "You looked along another axis: those are images, not filters.": ("axis=(0, 2, 3)", "axis=(1, 2, 3)"),
        "You asked for filters that answer on *every* image.":
            ("answers.max(axis=(0, 2, 3)) > 0", "(answers.max(axis=(2, 3)) > 0).all(axis=0)"),
        "You asked for filters that answer at *every* place of every image.":
            ("answers.max(axis=(0, 2, 3)) > 0", "answers.min(axis=(0, 2, 3)) > 0"),
        "You return yes or no for each filter; their numbers are asked for.":
            ("np.flatnonzero(answers.max(axis=(0, 2, 3)) > 0)", "answers.max(axis=(0, 2, 3)) > 0"),
        "You looked at the first image only.": ("answers.max(axis=(0, 2, 3))", "answers[0].max(axis=(1, 2))"),
        "You return how many they are; their numbers are asked for.":
            ("np.flatnonzero(answers.max(axis=(0, 2, 3)) > 0)", "(answers.max(axis=(0, 2, 3)) > 0).sum()"),
        "You return the largest answer of each filter.":
            ("np.flatnonzero(answers.max(axis=(0, 2, 3)) > 0)", "answers.max(axis=(0, 2, 3))"),
        "A filter that answers softly lives: you compared with more than 0.": ("> 0", "> 0.01"),
        "You counted from 1; the first filter is 0.":
            ("np.flatnonzero(answers.max(axis=(0, 2, 3)) > 0)", "np.flatnonzero(answers.max(axis=(0, 2, 3)) > 0) + 1"),
        "Your numbers run from the last filter to the first.":
            ("return np.flatnonzero(answers.max(axis=(0, 2, 3)) > 0)",
             "return np.flatnonzero(answers.max(axis=(0, 2, 3)) > 0)[::-1]"),
        "You looked at one place of the maps; a filter may answer anywhere.":
            lambda answers: np.flatnonzero(answers[:, :, 0, 0].max(axis=0) > 0),
        "You looked at the last image only.": ("answers.max(axis=(0, 2, 3))", "answers[-1].max(axis=(1, 2))"),
        "0 is not above 0: your list holds all filters.": ("> 0", ">= 0"),
        "You looked at the mean of each filter's answers: one loud place among many silent ones is enough.":
            ("answers.max(axis=(0, 2, 3)) > 0", "answers.mean(axis=(0, 2, 3)) > 0.5"),
        "Each filter should come once, and not once for each place where it answers.":
            ("np.flatnonzero(answers.max(axis=(0, 2, 3)) > 0)", "np.where(answers > 0)[1]"),
        "Your filters stand in the order of how loudly they answer. Ascending numbers are asked for.":
            lambda answers: np.argsort(-answers.max(axis=(0, 2, 3)))[:len(q3.right(answers))],
    }


@exercise
class q4:
    """Seven of the sixteen filters of LeNet-5's second convolution are dead. They are cut out, and with them the
    columns of the fully connected layer behind that belonged to their maps (5×5 each). How many parameters
    **disappear**, biases included?"""

    def parameters():
        return 7 * (6 * 25 + 1) + 7 * 25 * 120

    hints = ("One filter: how many weights has it, and how many biases?",
             "A map of 5×5 has 25 columns in the matrix of 120 rows behind it.")
    because = "Each filter takes its 6·25 + 1 numbers along, and in the layer behind 25 columns of 120."
    wrong = {
        "You forgot the columns of the fully connected layer behind: most of what disappears is there.":
            lambda: 7 * 151,
        "You forgot the filters themselves.": lambda: 7 * 25 * 120,
        "The biases of the filters are missing.": lambda: 7 * 150 + 7 * 25 * 120,
        "Those are the parameters that remain.": lambda: lenet5(0).cost((28, 28)).parameters - 7 * 151 - 7 * 25 * 120,
        "Your filters are flat: each has six slices.": lambda: 7 * 26 + 7 * 25 * 120,
        "You counted one column for each filter. Its map has 25 numbers.": lambda: 7 * 151 + 7 * 120,
        "You took away the nine that live.": lambda: 9 * 151 + 9 * 25 * 120,
        "You took biases of the fully connected layer away; its 120 units are still there.":
            lambda: 7 * 151 + 7 * 25 * 121,
        "You took maps of 10×10: between them and the fully connected layer there is a pooling.":
            lambda: 7 * 151 + 7 * 100 * 120,
        "You took the layer of 120 units for the one of 84 behind it.": lambda: 7 * 151 + 7 * 25 * 84,
        "You counted the columns of the matrix, and not their 120 entries.": lambda: 7 * 151 + 7 * 25,
        "All sixteen are gone in your count; seven are.": lambda: 16 * 151 + 16 * 25 * 120,
    }


@exercise
class q5:
    """A unit of LeNet-5 behind the **second pooling** stands in row 3, column 0 of its map of 5×5. Which pixels of the
    28×28 picture can change it? Give [first row, last row, first column, last column], as far as they lie *inside* the
    picture. (The first convolution, 5×5, pads with 2; then 2×2 pooling, 5×5, 2×2 pooling.)"""

    def pixels():
        field = ReceptiveField().through(5, padding=2).through(2, stride=2).through(5).through(2, stride=2)
        (top, bottom), (left, right) = field.span(3), field.span(0)
        return [max(top, 0), min(bottom, 28) - 1, max(left, 0), min(right, 28) - 1]

    hints = ("Such a unit sees 16×16 pixels, and neighbours are 4 apart.", "Unit 0 begins two pixels outside: padding.",
             "Rows: −2 + 3·4 is the first. Cut off what lies outside.")
    because = "The field of unit k begins at −2 + 4k and is 16 long; what lies outside the picture is padding."
    wrong = {
        "You forgot the padding: the field of unit 0 begins two pixels outside.": lambda: [12, 27, 0, 15],
        "You gave the padding as pixels: nothing lies outside the picture.": lambda: [10, 25, -2, 13],
        "The last number is one too large: a field of 16 that begins at 10 ends with 25.": lambda: [10, 26, 0, 14],
        "Rows and columns have changed places.": lambda: [0, 13, 10, 25],
        "Neighbours are four pixels apart, the product of both strides; you took 2.": lambda: [4, 19, 0, 13],
        "That is the field of unit 0 in both directions.": lambda: [0, 13, 0, 13],
        "You took 14 pixels, the field before the last pooling.": lambda: [10, 23, 0, 11],
        "You counted rows from 1.": lambda: [11, 26, 1, 14],
        "You forgot to shift the column's field: it begins at −2 as well.": lambda: [10, 25, 0, 15],
        "You gave how many pixels the field has; the last row and column are asked for.": lambda: [10, 16, 0, 14],
        "You shifted by the unit's row and not by 4 pixels a unit.": lambda: [1, 16, 0, 13],
    }


@exercise
class q6:
    """Filters learned on 60,000 digits are put in front of a new last layer for clothes, and read 84 % of them. Which
    comparison tells whether the **learning** of the filters helped? `"a"`: with guessing, 10 %. `"b"`: with a network
    of the same form trained from scratch. `"c"`: with the same convolutions *as they were drawn*, never trained. `"d"`:
    with the filters' 99 % on digits."""

    def choice():
        return "c"

    hints = ("A good control differs in one thing only. Which?",)
    because = ("Random filters share everything with the learned ones but the learning: convolution, ReLU, pooling, "
               "and the new last layer.")
    wrong = {
        "Guessing has no last layer that learns. Bare pixels with such a layer do far better than 10 %, too.": "a",
        "That asks whether a used network is worth keeping. It differs in more than the learning of the filters: "
        "there, all layers learn the new task.": "b",
        "Another task, other pictures: the two per cents cannot be compared.": "d",
    }
