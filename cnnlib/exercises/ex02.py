"""02 · Remove edges, share weights."""

import numpy as np

from cnnlib.exercises._exercise import exercise
from cnnlib.matrices import parameter_count, weight_index


@exercise
class q1:
    """Write `local_matrix(n, m)`: which entries of the matrix of a **local** layer may be other than zero. The layer
    has `n` inputs and `n` units, and each unit sees its own input and `(m - 1) // 2` on either side (`m` is odd).
    Return an array of n×n with 1 where there is an edge, and 0 where there is none."""

    def local_matrix(n, m):
        edges = np.zeros((n, n), int)
        for i in range(n):
            for j in range(n):
                if abs(i - j) <= (m - 1) // 2:
                    edges[i, j] = 1
        return edges

    def inputs(rng):
        yield from ((5, 3), (5, 5), (7, 3), (6, 1), (4, 7), (9, 5))

    hints = ("Unit i and input j have an edge if they are near each other. How far apart may they be?",
             "h = (m − 1) // 2 is how far a unit looks to either side; compare it with |i − j|.")
    because = "The edges form a band around the diagonal, as wide as the window; at the corners the band is cut off."
    wrong = {
        "Your window begins at input i. It should be centred on it, with half of its neighbours on either side.":
            ("abs(i - j) <= (m - 1) // 2", "0 <= j - i < m"),
        "Your window ends at input i. It should be centred on it.": ("abs(i - j) <= (m - 1) // 2", "0 <= i - j < m"),
        "Each unit looks m places to either side. It sees m inputs in all.": ("(m - 1) // 2", "m"),
        "The neighbours at the far end are missing: `<` where `<=` belongs.": ("<= (m", "< (m"),
        "Each unit looks one place too far on either side.": ("(m - 1) // 2", "(m + 1) // 2"),
        "Your inputs stand on a ring: the ends see each other. Beyond an end there is nothing.":
            ("abs(i - j) <=", "min(abs(i - j), n - abs(i - j)) <="),
        "You marked the places without an edge.": ("<= (m", "> (m"),
        "The units at the ends have no edges at all. They keep those that lie inside.":
            ("for i in range(n)", "for i in range((m - 1) // 2, n - (m - 1) // 2)"),
        "That is the valid layer: it has rows only for windows that lie inside. Here there are as many units as "
        "inputs.":
            ("return edges", "return edges[(m - 1) // 2 : n - (m - 1) // 2]"),
        "Your units see neighbours on one side only.":
            ("abs(i - j) <= (m - 1) // 2", "0 <= j - i <= (m - 1) // 2"),
        "You marked the two ends of each window. All that lies between them is seen as well.":
            ("<= (m - 1) // 2", "== (m - 1) // 2"),
        "Each unit sees its own input alone: that is the diagonal.":
            lambda n, m: np.eye(n, dtype=int),
        "Your windows are one place short on the right: `range` stops before its end.":
            ("abs(i - j) <= (m - 1) // 2", "-((m - 1) // 2) <= j - i < (m - 1) // 2"),
        "Your units see themselves and what stands before; the neighbours behind are missing.":
            ("abs(i - j) <= (m - 1) // 2", "0 <= i - j <= (m - 1) // 2"),
        "You left each unit's own input out.": ("abs(i - j) <=", "0 < abs(i - j) <="),
        "Every unit sees every input: that is the fully connected layer.": lambda n, m: np.ones((n, n), int),
        "The rows at the top are empty: a slice that begins below 0 counts from the other end. Use `max(…, 0)`.":
            ("for j in range(n):\n            if abs(i - j) <= (m - 1) // 2:\n                edges[i, j]",
             "for _ in range(1):\n            edges[i, i - (m - 1) // 2:i + (m + 1) // 2]"),
        "The first rows have edges at the right end as well: column −1 is the last one.":
            ("for j in range(n):\n            if abs(i - j) <= (m - 1) // 2:\n                edges",
             "for j in range(i - (m - 1) // 2, min(i + (m + 1) // 2, n)):\n            edges"),
    }


@exercise
class q2:
    """A layer has 100 inputs and 100 units, and each unit sees $m = 5$ neighbours, its own input in the middle. Nothing
    is shared. How many **weights** has it, without biases?"""

    def weights():
        return parameter_count(weight_index(100, 5, "local"))

    hints = ("Inside, each row of the matrix has five. Which rows have fewer?",
             "The first row loses two, the second loses one, and the same happens at the bottom.")
    because = "mn − (m² − 1)/4: from m·n comes off what the windows at both ends lose."
    wrong = {
        "That is m·n. At the ends the windows hang over, and edges are missing there.": lambda: 5 * 100,
        "You let the first and the last row lose one each. With m = 5 more is lost.": lambda: 5 * 100 - 2,
        "You let only the first and the last row lose edges. The second and the last but one touch the border as well.":
            lambda: 5 * 100 - 4,
        "You counted the loss at one end only.": lambda: 5 * 100 - 3,
        "That is the fully connected layer.": lambda: 100 * 100,
        "That is the shared layer. Here each unit has weights of its own.": lambda: 5,
        "That is the valid layer, whose windows stay inside. Here each of the 100 units has a row.": lambda: 5 * 96,
        "You added the biases. The weights alone are asked for.": lambda: 5 * 100 - 6 + 100,
        "That is right for m = 3.": lambda: 3 * 100 - 2,
        "The rows near an end lose 2 + 1 edges, not as many as the window has.": lambda: 5 * 100 - 10,
        "You let the first, the second and the last rows lose 2 each. The second loses one.": lambda: 5 * 100 - 8,
    }


@exercise
class q3:
    """Write `shared_matrix(theta, n)`: the n×n matrix of the layer that is local **and shared**. Unit $i$ puts
    $\\theta_0$ on the left end of its window, and the middle weight on input $i$ (`theta` has an odd number of
    weights). Beyond the ends there is no edge."""

    def shared_matrix(theta, n):
        h = (len(theta) - 1) // 2
        matrix = np.zeros((n, n))
        for i in range(n):
            for k in range(len(theta)):
                j = i + k - h
                if 0 <= j < n:
                    matrix[i, j] = theta[k]
        return matrix

    def inputs(rng):
        for n, m in ((5, 3), (7, 5), (4, 1), (6, 3), (3, 5)):
            yield rng.normal(size=m), n
        yield np.array([1, 2, 3]), 5

    hints = ("In row i, the middle weight stands on the diagonal. Where does weight k stand?",
             "Weight k stands in column i + k − h, where h is half the window, if there is such a column.")
    because = "One weight on each diagonal: the row below is the row above, moved by one place."
    wrong = {
        "The weights stand in reverse order: your filter is flipped, or rows and columns have changed places.":
            ("theta[k]", "theta[-1 - k]"),
        "Your window begins at input i. The middle weight belongs on the diagonal.": ("i + k - h", "i + k"),
        "Your window ends at input i. The middle weight belongs on the diagonal.": ("i + k - h", "i + k - 2 * h"),
        "Negative columns count from the right end in NumPy: your weights come back in at the other end.":
            ("0 <= j < n", "j < n"),
        "Your inputs stand on a ring. Beyond the ends there is no edge.":
            ("if 0 <= j < n:", "if True:", "[i, j]", "[i, j % n]"),
        "The rows at the ends are empty. They keep the weights that fall inside.":
            ("if 0 <= j < n:", "if h <= i < n - h:"),
        "That is the valid matrix: rows for the windows that lie inside only. Here it is n×n.":
            ("return matrix", "return matrix[h : n - h]"),
        "Your matrix holds integers, so the weights lose what follows the point.":
            ("np.zeros((n, n))", "np.zeros((n, n), int)"),
        "You marked the edges with 1. Each carries its weight.":
            ("= theta[k]", "= 1"),
        "You wrote the middle weight everywhere. A window has several weights.":
            ("= theta[k]", "= theta[h]"),
        "The first weight never takes part: the loop over the weights begins at 1.":
            ("range(len(theta))", "range(1, len(theta))"),
        "You moved the window by 1. That is right for three weights: its middle is at h.": ("i + k - h", "i + k - 1"),
        "Your window stands one place too far to the left.": ("i + k - h", "i + k - h - 1"),
        "Your window stands one place too far to the right.": ("i + k - h", "i + k - h + 1"),
        "Only the middle weight stands in your matrix.": ("= theta[k]", "= theta[k] * (k == h)"),
        "The last weight never takes part: the loop over the weights ends too early.":
            ("range(len(theta))", "range(len(theta) - 1)"),
    }


@exercise
class q4:
    """The lecture's numbers: the inputs are $a = (1, 1, 1, 0, 0)$ and the shared weights $\\theta = (1, 2, 3)$. What
    are the five sums $z_0 \\dots z_4$ of the shared layer? Work them out on paper, and give a list."""

    def sums():
        return [sum(w * A[i + k - 1] for k, w in enumerate((1, 2, 3)) if 0 <= i + k - 1 < 5) for i in range(5)]

    hints = ("Lay the weights under the inputs, the 2 under input i. Beyond the ends there is nothing.",
             "For unit 0 the 1 hangs over on the left: 2·1 + 3·1.")
    because = "The middle weight stands under input i; what hangs over an end meets nothing."
    wrong = {
        "You let the window begin at aᵢ, with zeros behind the end. It is centred on aᵢ.":
            lambda: _slide([*A, 0, 0], (1, 2, 3)),
        "You flipped the weights: θ₀ belongs on the left neighbour.": lambda: _slide([0, *A, 0], (3, 2, 1)),
        "You left out the units whose windows hang over an end. This layer has as many units as inputs.":
            lambda: _slide(A, (1, 2, 3)),
        "You added up the inputs of each window, without the weights.": lambda: _slide([0, *A, 0], (1, 1, 1)),
        "You let the window end at aᵢ, with zeros before the beginning. It is centred on aᵢ.":
            lambda: _slide([0, 0, *A], (1, 2, 3)),
        "That is “full”: your windows reach further over the ends than their middle.":
            lambda: _slide([0, 0, *A, 0, 0], (1, 2, 3)),
        "At the ends you repeated the last input. Beyond the ends there is nothing.":
            lambda: _slide([A[0], *A, A[-1]], (1, 2, 3)),
        "That is “valid”, and flipped.": lambda: _slide(A, (3, 2, 1)),
        "Your inputs stand on a ring. Beyond the ends there is nothing.": lambda: _slide([A[-1], *A, A[0]], (1, 2, 3)),
        "You multiplied number by number, without sliding.": lambda: [1, 2, 3, 0, 0],
    }


A = [1, 1, 1, 0, 0]


def _slide(a, theta):
    return [sum(w * a[i + k] for k, w in enumerate(theta)) for i in range(len(a) - len(theta) + 1)]


@exercise
class q5:
    """A layer has 12 inputs, 12 units and $m = 3$. Its weights are shared, and so is its bias: one for the filter. How
    many **parameters**, weights and biases, has it (a) fully connected, (b) local, (c) shared? Give the three numbers
    as a list."""

    def parameters():
        return [parameter_count(weight_index(12, 3, kind)) + biases
                for kind, biases in (("full", 12), ("local", 12), ("shared", 1))]

    hints = ("First the weights: n², 3n − 2 and 3.",
             "A bias for each unit where weights are free; where they are shared, one.")
    because = ("n² + n, 3n − 2 + n and 3 + 1: where the weights are free each unit has its bias, where they are shared "
               "the filter has one.")
    wrong = {
        "Those are the weights alone.": lambda: [144, 34, 3],
        "You gave each unit of the shared layer its own bias. Here the filter has one.":
            lambda: [144 + 12, 34 + 12, 3 + 12],
        "You took 3n for the local weights. The first and the last unit have one edge less.":
            lambda: [144 + 12, 36 + 12, 3 + 1],
        "You gave each layer one bias. Where weights are free, each unit has its own.":
            lambda: [144 + 1, 34 + 1, 3 + 1],
        "You forgot the bias of the filter.": lambda: [144 + 12, 34 + 12, 3],
        "You gave the inputs biases too.": lambda: [144 + 24, 34 + 24, 3 + 1],
        "You let the local layer lose one edge in all; it loses one at either end.": lambda: [144 + 12, 35 + 12, 3 + 1],
        "The biases of the fully connected layer are missing.": lambda: [144, 34 + 12, 3 + 1],
        "The biases of the local layer are missing.": lambda: [144 + 12, 34, 3 + 1],
        "(n + 1)² counts weights into the unit that stands for the bias. Nothing leads into it.":
            lambda: [13 * 13, 34 + 12, 3 + 1],
        "You counted the local weights as 3n, and without biases.": lambda: [144 + 12, 36, 3 + 1],
    }


@exercise
class q6:
    """Write `shared_layer(theta, a)` as loops: slide the (odd) filter along `a`, as many outputs as inputs, and count
    what lies beyond the ends as 0. Do not build the matrix."""

    def shared_layer(theta, a):
        h = (len(theta) - 1) // 2
        z = np.zeros(len(a))
        for i in range(len(a)):
            for j in range(-h, h + 1):
                if 0 <= i + j < len(a):
                    z[i] += theta[j + h] * a[i + j]
        return z

    def inputs(rng):
        for n, m in ((5, 3), (8, 5), (4, 1), (6, 7), (3, 5)):
            yield rng.normal(size=m), rng.normal(size=n)
        yield np.array([1, 0, 1]), np.array([1, 1, 1, 0, 0])
        yield np.array([1, 2, 4]), np.array([3, 1, 2, 2])

    hints = ("Unit i reads a[i + j] for j from −h to h. Which weight meets a[i + j]?",
             "θ is numbered from 0 and j begins at −h, so the weight is θ[j + h]. Look before you read beyond an end.")
    because = "The matrix is never needed: each row holds the same weights, so one filter slides along."
    wrong = {
        "You read from the other end: that is np.convolve, which flips the filter.": ("theta[j + h]", "theta[h - j]"),
        "Each round replaces the sum: `=` where `+=` belongs.": ("z[i] += theta", "z[i] = theta"),
        "In Python a[−1] is the last entry: your window comes back in at the right end.": ("0 <= i + j <", "i + j <"),
        "Your window begins at i. It should be centred.":
            ("for j in range(-h, h + 1):", "for j in range(0, 2 * h + 1):",
                                                           "theta[j + h]", "theta[j]"),
        "The last weight never takes part: `range(-h, h)` ends before h.": ("range(-h, h + 1)", "range(-h, h)"),
        "The first weight never takes part: the window begins one place late.":
            ("range(-h, h + 1)", "range(-h + 1, h + 1)"),
        "You left out the outputs whose windows hang over (“valid”). Here there are as many as inputs.":
            lambda theta, a: np.correlate(a, theta, "valid") if len(a) >= len(theta) else np.zeros(0),
        "At the left end nothing is read: is 0 not an index as good as any?": ("0 <= i + j", "0 < i + j"),
        "Your array holds integers, so the sums lose what follows the point.":
            ("np.zeros(len(a))", "np.zeros(len(a), int)"),
        "The weights are missing: you added up the window.":
            ("theta[j + h] * a[i + j]", "a[i + j]"),
        "j runs from −h, so θ[j] reads weights from the other end. The weight for j is θ[j + h].":
            ("theta[j + h]", "theta[j]"),
        "The last input is never read: the test ends one place too early.":
            ("< len(a):", "< len(a) - 1:"),
        "You moved the window by 1. That is right for three weights: its middle is at h.":
            ("range(-h, h + 1)", "range(-1, 2 * h)", "theta[j + h]", "theta[j + 1]"),
        "Your window ends at i. It should be centred.":
            ("range(-h, h + 1)", "range(-2 * h, 1)", "theta[j + h]", "theta[j + 2 * h]"),
        "The outputs at the ends stay 0. Parts of their windows lie inside.":
            ("for i in range(len(a))", "for i in range(h, len(a) - h)"),
        "At the ends you repeated the last input. Beyond the ends there is nothing.":
            lambda theta, a: np.correlate(np.pad(a, len(theta) // 2, "edge"), theta, "valid"),
        "Your inputs stand on a ring. Beyond the ends there is nothing.":
            lambda theta, a: np.correlate(np.pad(a, len(theta) // 2, "wrap"), theta, "valid"),
        "You write the outputs into the array that you read from: later windows meet outputs.":
            lambda theta, a: _in_place(theta, a),
        "There is a sigmoid too many. The sums z are asked for.": ("return z", "return 1 / (1 + np.exp(-z))"),
    }


def _in_place(theta, a):
    a, h = a.astype(float), len(theta) // 2
    for i in range(len(a)):
        a[i] = sum(theta[j + h] * a[i + j] for j in range(-h, h + 1) if 0 <= i + j < len(a))
    return a


@exercise
class q7:
    """Your friend replaces a local layer by a fully connected one, and sets all weights outside the band to 0 before
    training. Is it the same layer? `"a"`: yes, a weight of 0 is a missing edge. `"b"`: at the start it is, but training
    moves those zeros. `"c"`: no, its outputs differ from the beginning."""

    def choice():
        return "b"

    hints = ("What does a weight of 0 contribute to a sum?", "What gradient does a weight get that happens to be 0?")
    because = ("A missing edge has no gradient, because there is nothing to change. A zero has one, in general other "
               "than 0.")
    wrong = {
        "They compute the same now, but a 0 is a number like any other: what does the first step of training do to it?":
            "a",
        "Zeros contribute nothing to a sum, so at the start the outputs are the same.": "c",
    }
