"""12 · Find the face in a photograph."""

from cnnlib.exercises._exercise import exercise
from cnnlib.shapes import output_size


@exercise
class q1:
    """Write `iou(a, b)`: the intersection over union of two square boxes, each given as (row, col, side). 1 for the
    same box, 0 for boxes that are apart."""

    def iou(a, b):
        height = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
        width = min(a[1] + a[2], b[1] + b[2]) - max(a[1], b[1])
        both = max(height, 0) * max(width, 0)
        return both / (a[2] ** 2 + b[2] ** 2 - both)

    def inputs(rng):
        yield from (((0, 0, 2), (0, 1, 2)), ((0, 0, 10), (3, 2, 4)), ((5, 3, 6), (7, 8, 5)), ((0, 0, 2), (5, 5, 2)))
        yield from (((1, 1, 3), (1, 1, 3)), ((0, 0, 3), (2, 7, 3)), ((7, 2, 3), (0, 0, 3)),
                    ((4, 4, 2), (6, 4, 2)), ((9, 1, 4), (6, 3, 5)))

    hints = ("The part in common begins at the larger of the two beginnings, and ends at the smaller of the two ends.",
             "If it ends before it begins, there is none: `max(height, 0)`.",
             "Union: both areas, less what was counted twice.")
    because = "What lies in both is counted twice in the sum of the areas, so it is taken off once."
    wrong = {
        "The overlap is counted twice in your union: take it off once.": ("- both)", ")"),
        "Boxes that are apart in *both* directions have a positive product of two negative sides. Cut each side off "
        "at 0 first.":
            ("max(height, 0) * max(width, 0)", "height * width"),
        "You cut the *product* off at 0: two negative sides make it positive. Cut each side off.":
            ("max(height, 0) * max(width, 0)", "max(height * width, 0)"),
        "You return the area in common; it is divided by the union.": ("both / (a[2] ** 2 + b[2] ** 2 - both)", "both"),
        "You divided by the smaller box: a small box inside a large one would be a perfect match.":
            ("(a[2] ** 2 + b[2] ** 2 - both)", "min(a[2], b[2]) ** 2"),
        "You divided by the first box; the union belongs there.": ("(a[2] ** 2 + b[2] ** 2 - both)", "a[2] ** 2"),
        "The areas are sides squared.": ("(a[2] ** 2 + b[2] ** 2 - both)", "(a[2] + b[2] - both + 1e-9)"),
        "You took a box for the pixels it contains and counted one too many: it ends at row + side.":
            ("height = min", "height = 1 + min", "width = min", "width = 1 + min"),
        "Rows and columns are mixed: you took the width for the height as well.": ("max(height, 0)", "max(width, 0)"),
        "You took the box's third number for its last row; it is the side.":
            ("min(a[0] + a[2], b[0] + b[2])", "min(a[2], b[2])", "min(a[1] + a[2], b[1] + b[2])", "min(a[2], b[2])"),
        "Your part in common reaches from the smaller beginning to the larger end: that is the frame of both.":
            ("min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])", "max(a[0] + a[2], b[0] + b[2]) - min(a[0], b[0])",
             "min(a[1] + a[2], b[1] + b[2]) - max(a[1], b[1])", "max(a[1] + a[2], b[1] + b[2]) - min(a[1], b[1])"),
        "Twice the overlap over both areas: that is another measure (Dice).":
            ("both / (a[2] ** 2 + b[2] ** 2 - both)", "2 * both / (a[2] ** 2 + b[2] ** 2)"),
        "You took the largest of both areas for the union.": ("(a[2] ** 2 + b[2] ** 2 - both)", "max(a[2], b[2]) ** 2"),
        "You took the overlap off twice: then it is missing from the union.":
            ("b[2] ** 2 - both)", "b[2] ** 2 - 2 * both + 1e-12)"),
        "You return how different the boxes are; how much they share is asked for.":
            ("return both / (a[2] ** 2 + b[2] ** 2 - both)", "return 1 - both / (a[2] ** 2 + b[2] ** 2 - both)"),
        "You divided by the second box; the union belongs there.": ("(a[2] ** 2 + b[2] ** 2 - both)", "b[2] ** 2"),
        "You compared the rows alone. Boxes have columns, too.":
            ("both / (a[2] ** 2 + b[2] ** 2 - both)", "max(height, 0) / (a[2] + b[2] - max(height, 0))"),
        "You added height and width of the part in common. An area is their product.":
            ("max(height, 0) * max(width, 0)", "max(height, 0) + max(width, 0)"),
        "You divided by the frame around both; their union can be smaller.":
            ("(a[2] ** 2 + b[2] ** 2 - both)", "((max(a[0] + a[2], b[0] + b[2]) - min(a[0], b[0]))\n"
             "        * (max(a[1] + a[2], b[1] + b[2]) - min(a[1], b[1])))"),
        "The overlap is added to the union once more. It is taken off.": ("- both)", "+ both)"),
        "(row, col) is the upper left corner, and you took it for the middle.":
            lambda a, b: q1.right((a[0] - a[2] / 2, a[1] - a[2] / 2, a[2]), (b[0] - b[2] / 2, b[1] - b[2] / 2, b[2])),
        "You used the side of the first box for both.":
            ("b[0] + b[2]", "b[0] + a[2]", "b[1] + b[2]", "b[1] + a[2]", "b[2] ** 2", "a[2] ** 2"),
        "You return whether they overlap; by how much is asked for.":
            ("return both / (a[2] ** 2 + b[2] ** 2 - both)", "return both > 0"),
        "You return whether they are the same box, or `//` cut the fraction off. How much they share is asked for.":
            lambda a, b: a == b,
        "You gave per cent.": ("both / (", "100 * both / ("),
        "You return the area of the union. How much of it is shared is asked for.": ("both / (a", "(a"),
    }


def _iou(a, b):
    height = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    width = min(a[1] + a[2], b[1] + b[2]) - max(a[1], b[1])
    both = max(height, 0) * max(width, 0)
    return both / (a[2] ** 2 + b[2] ** 2 - both)


@exercise
class q2:
    """Write `keep_best(boxes, most, iou)`: non-maximum suppression. `boxes` is a list of (row, col, side, score), and
    `iou(a, b)` is given. Take the box with the highest score, drop all that overlap it by **more than** `most`, and go
    on with what is left. Return the kept boxes as a list, the best first."""

    def keep_best(boxes, most, iou):
        kept = []
        for box in sorted(boxes, key=lambda box: -box[3]):
            if all(iou(box, better) <= most for better in kept):
                kept.append(box)
        return kept

    def inputs(rng):
        heap = [(0, 0, 4, 1.5), (0, 1, 4, 3.0), (0, 3, 4, 2.0), (9, 9, 5, 0.5), (9, 10, 5, 0.7), (0, 5, 4, 2.5)]
        yield heap, 0.3, _iou
        yield heap[::-1], 0.1, _iou
        yield [(0, 0, 2, 1.0), (0, 1, 2, 2.0)], 1 / 3, _iou
        yield [(2, 2, 3, -1.0), (2, 2, 3, -2.0), (7, 1, 3, 4.0)], 0.5, _iou
        yield [(0, k, 6, float(-(k % 3) - k / 10)) for k in range(9)], 0.3, _iou
        corners, sides = rng.integers(0, 12, (14, 2)).tolist(), rng.integers(4, 8, 14).tolist()
        scores = rng.normal(size=14).tolist()
        yield [(*corner, side, score) for corner, side, score in zip(corners, sides, scores)], 0.25, _iou

    hints = ("Sort by score, the best first. Then each box is kept or dropped in its turn.",
             "It is kept if it overlaps none of those that were *kept* by more than `most`.")
    because = "A box is dropped only for the sake of a better one that is kept. A dropped box drops nobody."
    wrong = {
        "You compared with all better boxes, also with those that were dropped. A dropped box drops nobody.":
            lambda boxes, most, iou: _drop_by_all(boxes, most, iou),
        "You did not sort: the first box of the list won, and not the best.":
            ("sorted(boxes, key=lambda box: -box[3])", "boxes"),
        "You began with the worst box.": ("-box[3]", "box[3]"),
        "A box that overlaps by exactly `most` may stay: only *more* drops it.": ("<= most", "< most"),
        "You kept what overlaps and dropped what does not.": ("<= most", "> most"),
        "One better box that leaves room is enough in your program; all kept ones must leave it.":
            ("all(iou(box, better) <= most for better in kept)",
             "not kept or any(iou(box, better) <= most for better in kept)"),
        "You compared with the last kept box only.": ("for better in kept)", "for better in kept[-1:])"),
        "You compared with the best box only.": ("for better in kept)", "for better in kept[:1])"),
        "You kept only the best box. There may be several faces.":
            lambda boxes, most, iou: [max(boxes, key=lambda box: box[3])],
        "You dropped nothing.": lambda boxes, most, iou: sorted(boxes, key=lambda box: -box[3]),
        "You sorted by the side of the boxes.": ("-box[3]", "-box[2]"),
        "You dropped the boxes with a negative score. Suppression asks only who overlaps whom.":
            ("if all(", "if box[3] > 0 and all("),
        "The right boxes, but the best should come first.": ("return kept", "return kept[::-1]"),
        "The right boxes, but in the order of the list; the best should come first.":
            ("return kept", "return [box for box in boxes if box in kept]"),
        "You return the scores alone; the boxes are asked for.":
            ("return kept", "return [box[3] for box in kept]"),
        "You return the places of the boxes in the list; the boxes are asked for.":
            ("return kept", "return [boxes.index(box) for box in kept]"),
        "You return the boxes without their scores.":
            ("return kept", "return [box[:3] for box in kept]"),
        "You took boxes out of the list while the loop went through it: the one behind each is skipped.":
            lambda boxes, most, iou: _while_removing(boxes, most, iou),
        "You dropped both of two boxes that overlap. The better one stays.":
            lambda boxes, most, iou: [box for box in boxes if all(box is one or iou(box,
             one) <= most for one in boxes)],
        "You sorted by the row of the boxes: a box begins with it. The score stands at the end.":
            ("sorted(boxes, key=lambda box: -box[3])", "sorted(boxes, reverse=True)"),
        "You compared with 0.5 and not with `most`.": ("<= most", "<= 0.5"),
        "You return what was dropped.":
            ("return kept", "return [box for box in sorted(boxes, key=lambda box: -box[3]) if box not in kept]"),
        "You compared the score with `most`. It says how much two boxes may overlap.":
            lambda boxes, most, iou: [box for box in sorted(boxes, key=lambda box: -box[3]) if box[3] > most],
        "You return yes or no for each box; the boxes themselves are asked for.":
            ("return kept", "return [box in kept for box in boxes]"),
    }


def _while_removing(boxes, most, iou):
    left, kept = sorted(boxes, key=lambda box: -box[3]), []
    while left:
        kept.append(left.pop(0))
        for box in left:
            if iou(kept[-1], box) > most:
                left.remove(box)
    return kept


def _drop_by_all(boxes, most, iou):
    ordered = sorted(boxes, key=lambda box: -box[3])
    return [box for k, box in enumerate(ordered) if all(iou(box, better) <= most for better in ordered[:k])]


@exercise
class q3:
    """A net for patches of 25×25 slides over a picture of 480×640 as a convolution, with a step of 4 pixels and without
    padding. How many scores has its heat map? Give [rows, columns]."""

    def scores():
        return [output_size(480, 25, stride=4), output_size(640, 25, stride=4)]

    hints = ("It is one filter of 25×25 with stride 4.", "⌊(n − 25)/4⌋ + 1.")
    because = "One filter as large as the patch: ⌊(n − 25)/4⌋ + 1 places to a side."
    wrong = {
        "You divided the sides by 4: the window has a width.": lambda: [120, 160],
        "You forgot the step of 4.": lambda: [456, 616],
        "You forgot to count the window at 0.": lambda: [113, 153],
        "You took a step of 2; two poolings halve twice.": lambda: [228, 308],
        "You gave columns first.": lambda: [154, 114],
        "Windows that stand side by side would be a step of 25.": lambda: [480 // 25, 640 // 25],
        "You rounded up; what does not fit is dropped.": lambda: [115, 155],
        "You divided by the step and took one off. The window is 25 wide: that comes off before you divide.":
            lambda: [output_size(480, 4, stride=4) - 1, output_size(640, 4, stride=4) - 1],
        "You forgot the step of 4, and the window at 0.": lambda: [455, 615],
        "There is one score for each pixel only with a step of 1 and padding.": lambda: [480, 640],
        "Give whole numbers: what does not fit is dropped.": lambda: [(480 - 25) / 4 + 1, (640 - 25) / 4 + 1],
    }


@exercise
class q4:
    """A detector looks at 16,244 windows of a picture, and is right on 99.9 % of windows that show no face. **About**
    how many false alarms is that, if nearly no window shows a face? Round to a whole number."""

    def alarms():
        return round(16_244 * (1 - 0.999))

    hints = ("How often is it wrong?", "16,244 times that.")
    because = "A rate of mistakes that sounds tiny is multiplied by thousands of windows."
    wrong = {
        "None? 99.9 % is not certainty: what is left is multiplied by the number of windows.": lambda: 0,
        "You took 99 %: one in a hundred.": lambda: 162,
        "Those are the windows on which it is right.": lambda: 16_228,
        "One: you counted pictures. It is asked about each window.": lambda: 1,
        "You took 99.99 %.": lambda: 2,
        "You took 90 %.": lambda: 1624,
        "You rounded up; the nearest whole number is asked for.": lambda: 17,
        "Those are all windows.": lambda: 16_244,
    }


@exercise
class q5:
    """Write `as_kernel(weight, maps, size)`: a `Linear` layer reads `maps` maps of `size` × `size`, flattened with the
    channel first. Its weight has the shape (outputs, maps·size·size). Return the same numbers as the weight of a
    convolution, of shape (outputs, maps, size, size)."""

    def as_kernel(weight, maps, size):
        return weight.reshape(len(weight), maps, size, size)

    def inputs(rng):
        for outputs, maps, size in ((2, 3, 4), (1, 16, 4), (5, 2, 3), (3, 3, 3)):
            yield rng.normal(size=(outputs, maps * size * size)), maps, size

    hints = ("No number changes, only its address.",
             "Flattening lays the whole of map 0 first, row by row, then map 1.")
    because = ("A unit that reads all maps is a filter with one place to stand; its weights are read as a block, in "
               "the order of flattening.")
    wrong = {
        "You read the numbers as if the maps came last. The whole of map 0 comes first.":
            lambda weight, maps, size: weight.reshape(len(weight), size, size, maps).transpose(0, 3, 1, 2),
        "The maps come last in your block; channels come first in the library.":
            lambda weight, maps, size: weight.reshape(len(weight), size, size, maps),
        "Rows and columns of each kernel have changed places.": ("size, size)", "size, size).swapaxes(2, 3)"),
        "Your kernels are turned by 180°. Networks do not flip.": ("size, size)", "size, size)[:, :, ::-1, ::-1]"),
        "You gave all outputs one axis with the maps.": lambda weight, maps, size: weight.reshape(-1, size, size),
        "Outputs and maps have changed places.":
            lambda weight, maps, size: weight.reshape(len(weight), maps, size, size).swapaxes(0, 1),
        "You read the numbers in Fortran's order.":
            lambda weight, maps, size: weight.reshape((len(weight), maps, size, size), order="F"),
        "You gave each kernel a line. It has rows and columns.":
            ("maps, size, size", "maps, size * size"),
        "The maps come in reverse order.":
            ("size, size)", "size, size)[:, ::-1]"),
        "The weights were read with the outputs last. Each row of the matrix is one output.":
            lambda weight, maps, size: weight.reshape(maps, size, size, len(weight)).transpose(3, 0, 1, 2),
        "You transposed the matrix before you took it apart. Each of its rows is one output.":
            lambda weight, maps, size: weight.T.reshape(len(weight), maps, size, size),
        "You kept the first output only.": ("len(weight), maps, size, size)", "len(weight), maps, size, size)[:1]"),
    }


@exercise
class q6:
    """Three rounds of hunting for hard negatives. What happens to the detector? `"a"`: accuracy on patches and false
    alarms both improve much. `"b"`: accuracy on patches hardly changes, false alarms become far fewer, and more faces
    are missed. `"c"`: false alarms become fewer and nothing is lost. `"d"`: accuracy on patches falls to chance."""

    def choice():
        return "b"

    hints = ("What is in the drawer of test patches, and are they hard?",
             "What does a net do that has seen more and more of what is *no* face?")
    because = ("The patches were too easy to notice; the more the net has seen of what is no face, the more it doubts, "
               "also of faces.")
    wrong = {
        "That is what one hopes of a test set. This one was too easy to see the difference.": "a",
        "Nothing is free: look at the faces in the drawer, and at the photographer in profile.": "c",
        "It doubts more, but it has not forgotten what a face is.": "d",
    }


@exercise
class q7:
    """Count the detector: a convolution of 4×4 from 1 to 8 maps, pooling, a convolution of 4×4 from 8 to 16 maps,
    pooling, and a linear unit on 16 maps of 4×4. How many **parameters**, with one bias for each filter and for the
    unit?"""

    def parameters():
        return 8 * (16 + 1) + 16 * (8 * 16 + 1) + 16 * 16 + 1

    hints = ("Each filter has 4·4 weights for each map that comes in, and one bias.",
             "The first: 8 filters with 16 weights and a bias each. How many weights has a filter of the second?")
    because = "8(16 + 1) + 16(8·16 + 1) + (256 + 1): pooling has nothing to learn."
    wrong = {
        "The biases are missing.": lambda: 128 + 2048 + 256,
        "The second convolution's filters are flat in your count; they reach through eight maps.":
            lambda: 136 + 16 * 17 + 257,
        "The linear unit is missing.": lambda: 136 + 2064,
        "The linear unit's bias is missing.": lambda: 136 + 2064 + 256,
        "You gave each kernel a bias: a filter has one.": lambda: 136 + 16 * 8 * 17 + 257,
        "You gave the pooling windows weights.": lambda: 136 + 2064 + 257 + 8,
        "The linear unit reads one map in your count; there are 16.": lambda: 136 + 2064 + 17,
        "You took the first convolution for one filter.": lambda: 17 + 2064 + 257,
        "The biases of the convolutions are missing.": lambda: 128 + 2048 + 257,
        "You gave each layer one bias.": lambda: 128 + 1 + 2048 + 1 + 256 + 1,
        "You gave each input of the unit a bias. It has one.": lambda: 136 + 2064 + 256 + 16,
    }
