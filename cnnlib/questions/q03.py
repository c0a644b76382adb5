"""Predictions of lecture 03, convolution in one dimension."""

import numpy as np

from cnnlib.conv import convolve1d, cross_correlate1d
from cnnlib.matrices import conv1d_index, parameter_count
from cnnlib.questions.asked import choice, numbers
from cnnlib.shapes import output_size

SIGNAL, THETA = np.array([1, 1, 1, 0, 0]), np.array([1, 0, 1])

example = choice(
    "The lecture's example is x = (1, 1, 1, 0, 0) and θ = (1, 0, 1). What is the whole output? (You met it in "
    "lecture 02, in a matrix. This time the window stays inside the signal.)",
    {
        "1, 2, 1, 1, 0": "Five outputs, one for each input: that lets the window hang over the ends. Inside the "
                         "signal there are only three places for it.",
        "2, 1, 1": None,
        "3, 2, 1": "You added up everything in the window. The middle weight is 0, so the middle entry does not count.",
        "2, 1": "There are 5 − 3 + 1 = 3 places for the window. The last one ends at the last entry.",
    },
    right="2, 1, 1",
    why="1 + 1, then 1 + 0, then 1 + 0. The output has n − m + 1 = 3 numbers.",
)

centred = choice(
    "The centred sum can be asked for all i = 0 … 4, if what lies outside the signal counts as 0. Which of these "
    "five numbers will be the 2, 1, 1 that you know?",
    {
        "the first three": "Centring moves the name of an output to the *middle* of its window, so the window that "
                           "begins at 0 is now number 1.",
        "the three in the middle": None,
        "the last three": "The window that begins at 0 has its middle at 1, not at 2.",
        "none of them": "They are the same windows and the same sums, under other names.",
    },
    right="the three in the middle",
    why="Centring renames output i as i + (m − 1)/2. The two at the ends are new: there the window hangs over the "
        "edge.",
)

_index = conv1d_index(5, 3)
edges = numbers(
    "The matrix of the lecture's example is 3 × 5. How many of its entries are edges of the layer, and how many "
    "numbers would training have to find?",
    (int((_index >= 0).sum()), parameter_count(_index)),
    "Three windows of three entries; all three use the same three weights.",
    hears={
        (6, 3): "You counted the ones. θ₁ = 0 is a weight like any other, and training may change it.",
        (6, 2): "You counted the ones. θ₁ = 0 is a weight like any other, and training may change it.",
        (9, 9): "Nine edges, yes. But equal weights are one number to find.",
        (15, 3): "15 are all places of the matrix. Outside the band there is no edge, and nobody can change those "
                 "zeros.",
        (9, 2): "Nine edges, yes. The weights are θ₀, θ₁ and θ₂, also when one of them happens to be 0.",
    },
    otherwise="An edge is a place where a window looks. A parameter is one of θ₀, θ₁, θ₂.",
    boxes=("edges", "numbers to find"),
)

ends = numbers(
    "Take x = (1, 1, 1, 1, 1, 1) and the filter (1, 1, 1). Inside, each output is 3. What does *same* put at each "
    "end, and what does *full* put there?",
    (
        int(cross_correlate1d(np.ones(6, int), np.ones(3, int), padding="same")[0]),
        int(cross_correlate1d(np.ones(6, int), np.ones(3, int), padding="full")[0]),
    ),
    "*Same* lets the window hang over by one, so one of three ones is missing. *Full* begins when the window touches "
    "with one entry.",
    hears={
        (3, 3): "*Same* promises the same length, and not the same values: the filter meets zeros at the ends.",
        (3, 1): "*Same* means the same *length*. At the end one of the three entries lies outside, and counts as 0.",
        (2, 2): "*Full* begins further out, with only one entry under the window.",
        (2, 3): "*Full* adds more zeros than *same* does, so its ends are smaller.",
        (1, 1): "*Same* needs one zero at each end, so two entries are under the first window.",
    },
    otherwise="Count how many of the three entries under the first window lie inside the signal.",
    boxes=("same", "full"),
)

stride = choice(
    "A signal of 10, a filter of 3, stride 2, *valid*. How many outputs?",
    {
        "5": "That is n / s, which forgets that a window has a width: one that began at 8 would need entry 10.",
        "4": None,
        "3": "(10 − 3) / 2 is 3.5 and rounds down to 3 *steps*; the first window comes before the first step.",
        "it fails, since 2 does not divide 7": "Nothing fails: what the last whole step does not reach is not read.",
    },
    right=str(output_size(10, 3, stride=2)),
    why="The windows begin at 0, 2, 4 and 6. Entry 9 is never read.",
)

spike = choice(
    "The signal is a single 1 among zeros, x = (0, 0, 1, 0, 0), and θ = (1, 2, 3). You slide and sum as before. What "
    "do you get?",
    {
        "1, 2, 3": "That is what mathematics calls convolution: it flips first. Here nobody flips, and the *last* "
                   "weight is the first to reach the 1.",
        "3, 2, 1": None,
        "0, 2, 0": "Each window holds the 1, only under another weight each time.",
    },
    right=", ".join(map(str, cross_correlate1d([0, 0, 1, 0, 0], [1, 2, 3]))),
    why="The window moves right, so the 1 moves left in it: it meets θ₂ first. The filter was not turned; its "
        "*image* is.",
)

swap = choice(
    "Swap the two: let the signal slide along the filter, with *full* padding. For which operation does the result "
    "stay the same?",
    {
        "for both": "Cross-correlation comes out reversed: swapping turns the direction in which one slides past the "
                    "other.",
        "for convolution, the one that flips": None,
        "for cross-correlation, the one that does not": "Try a = (1, 2, 3), b = (1, 0): sliding without a flip gives "
                                                        "the reversed list.",
        "for neither": "The flip buys exactly this: a ∗ b = b ∗ a, as for numbers.",
    },
    right="for convolution, the one that flips",
    why="Convolution commutes, and does not care how you group: the algebra of multiplication. Networks need none of "
        "it.",
)

FIRST, SECOND = np.array([1, 2]), np.array([1, 0, 3])
compose = numbers(
    "Two layers with nothing between them, and neither flips: first the filter (1, 2), then (1, 0, 3). One filter of "
    "four weights does the work of both. Which weights has it?",
    tuple(convolve1d(FIRST, SECOND, padding="full").tolist()),
    "Write it out: z₀ = y₀ + 3y₂, and y₀ = x₀ + 2x₁, y₂ = x₂ + 2x₃.",
    hears={
        tuple(cross_correlate1d(FIRST, SECOND, padding="full").tolist()):
            "You slid the second filter along the first, as a layer slides along its signal. Write out z₀: which "
            "inputs does it see, and how often?",
        tuple(cross_correlate1d(SECOND, FIRST, padding="full").tolist()):
            "You slid the first filter along the second, as a layer slides along its signal. Write out z₀: which "
            "inputs does it see, and how often?",
        tuple(convolve1d(FIRST, SECOND, padding="full")[::-1].tolist()):
            "The right weights, reversed: that is what a single 1 looks like behind both layers.",
        (2, 2, 3, 0): "You added the filters. But the second one works on the answers of the first.",
        (1, 0, 0, 0): "You multiplied weight by weight. Each weight of the one meets each of the other.",
        (1, 0, 3, 0): "That is the second filter alone. It reads what the first one made of the signal.",
    },
    otherwise="Write out one output: z₀ in terms of y₀ and y₂, and each y in terms of two inputs.",
    boxes=("x₀", "x₁", "x₂", "x₃"),
)

coins = choice(
    "The filter *edge* has six weights of −1/6 and then six of +1/6. Where along the row of coins is its response "
    "largest, where most negative, and what is it in the middle of a bright coin?",
    {
        "largest inside a coin, negative between coins": "You took *bright* for *matching*. Inside a coin all twelve "
                                                         "pixels are alike and the weights sum to 0.",
        "largest at left rims, negative at right rims, near 0 inside": None,
        "largest at both rims, near 0 inside": "At the right rim bright turns dark: the minus meets the bright half.",
        "largest at right rims, negative at left rims, near 0 inside": "The plus is on the right half: it wants "
                                                                       "dark, then bright.",
    },
    right="largest at left rims, negative at right rims, near 0 inside",
    why="It is the mean of the right half minus the mean of the left half: dark to bright is plus.",
)

likeness = choice(
    "The filter (−1, 2, −1) looks for a lone bright pixel. It meets the windows (0, 1, 0) and (0, 9, 9). Which of "
    "them looks like the filter, and which gets the larger response?",
    {
        "(0, 1, 0) looks like it and gets the larger response": "It looks like it. But its response is 2 · 1, and "
                                                                "the other's 2 · 9 − 9.",
        "(0, 1, 0) looks like it, (0, 9, 9) gets the larger response": None,
        "(0, 9, 9) looks like it and gets the larger response": "(0, 9, 9) is an edge. Its response is larger only "
                                                                "because its contrast is.",
    },
    right="(0, 1, 0) looks like it, (0, 9, 9) gets the larger response",
    why="2 against 9. A response is likeness times contrast.",
)

channels = choice(
    "Four signals with 3 channels, 20 long, go through 5 filters of width 7, *valid*. What is the shape of the "
    "output, and how many weights are there, without biases?",
    {
        "(4, 5, 14), 35 weights": "35 is 5 · 7: filters that look at one channel only. A filter reaches through all "
                                  "three.",
        "(4, 15, 14), 105 weights": "A filter *adds* what its three kernels find. It puts out one channel, not three.",
        "(4, 5, 14), 105 weights": None,
        "(4, 5, 14), 1,470 weights": "1,470 = 105 · 14 buys fresh weights for each place. Sharing does away with that.",
        "(4, 5, 20), 105 weights": "*Valid* has 20 − 7 + 1 places.",
    },
    right=f"(4, 5, {output_size(20, 7)}), {5 * 3 * 7} weights",
    why="Each of the five filters has 3 · 7 weights and puts out one channel of 20 − 7 + 1.",
)

reddish = choice(
    "Row 110 passes through the face. Row 140, thirty pixels lower, also crosses a flag. Will the strongest response "
    "of the reddish filter lie on the face?",
    {
        "in both rows": "The filter asks *where is it reddish?*, and a flag is redder than skin.",
        "in row 110 only": None,
        "in row 140 only": "In row 140 the flag is redder than the face.",
        "in neither": "In row 110 nothing is as reddish as the face.",
    },
    right="in row 110 only",
    why="One filter answers a smaller question than ours. A face is more than a colour.",
)

assert cross_correlate1d(SIGNAL, THETA).tolist() == [2, 1, 1] and example.right == "2, 1, 1"
assert convolve1d([0, 0, 1, 0, 0], [1, 2, 3]).tolist() == [1, 2, 3]
