"""Predictions of the appendix, a fast convolution."""

import numpy as np

from cnnlib.matrices import conv2d_index, parameter_count
from cnnlib.questions.asked import choice, numbers
from cnnlib.shapes import conv2d_cost

_reads = np.zeros((6, 6), int)
for _s, _t in np.ndindex(2, 2):
    _reads[_s:_s + 5, _t:_t + 5] += 1

patch = numbers(
    "Each of the four windows reads 25 numbers, which makes 100. How many *different* pixels do they read together?",
    int((_reads > 0).sum()),
    "The four need a patch that is only one row higher and one column wider than a window.",
    hears={
        100: "They overlap: most pixels are read by several of the four.",
        64: "64 would need a patch of 8 × 8. Two windows that are one step apart share all but one of their columns.",
        16: "That is the part that all four share.",
        25: "That is one window. The other three reach one row or one column further.",
    },
    otherwise="How high and how wide is the patch that holds a 5 × 5 window in all of its 2 × 2 places?",
)

bill = numbers(
    "The layer: six filters of 5 × 5, and 28 × 28 places. How many multiplications does each of the three ways "
    "(loops, windows, one matrix product) do for one digit?",
    (conv2d_cost(1, 6, 5, (28, 28), bias=False).links,) * 3,
    "6 · 28 · 28 · 25 each. None of them has found a shortcut.",
    hears={
        (117_600, 117_600, 19_600): "19,600 is what the product *copies*. Each of its columns still meets six rows.",
        (19_600, 19_600, 19_600): "That is one filter. There are six.",
        (150, 150, 150): "Those are the weights. Each is used at 784 places.",
    },
    otherwise="Each output is a sum of 25 products, whichever way it is computed: filters · places · 25.",
    boxes=("loops", "windows", "product"),
)

copying = choice(
    "The windows copy nothing. The product needs every window written out: 19,600 numbers for each digit. Which of "
    "the two is faster?",
    {
        "the windows": "Copying costs less than it seems. What costs is to multiply number by number along a view.",
        "about the same": "Both multiply as much, but not equally well: a product of matrices is what chips and "
                          "libraries are best at.",
        "the product, copy included": None,
    },
    right="the product, copy included",
    why="Several times at the least, often fifty. To be allowed to use a matrix product, even 25-fold copying is "
        "cheap.",
)

blame = choice(
    "The work is now in three stages: copy the windows, multiply, take the maximum. Which one takes the most time?",
    {
        "copying": "There are 19,600 numbers to copy. But they lie in runs of 28, and a run is cheap.",
        "multiplying": "There are 117,600 multiplications. But they are done in one call that uses the chip well.",
        "the maximum": None,
    },
    right="the maximum",
    why="It walks along *pairs*, and for a row of two numbers NumPy spends far more on starting than on comparing.",
)

runs = numbers(
    "Three pictures of 3 × 3; you copy the upper left 2 × 2 of each. How many neighbours does the copy get in one "
    "run, if the pictures lie one behind the other, (N, H, W)? And if they lie through each other, (H, W, N)?",
    (2, 6),
    "Two pixels of a row; or two pixels of a row in three pictures each.",
    hears={
        (4, 12): "After two pixels the row goes on to a third, which is not wanted: the run ends.",
        (2, 3): "Two neighbouring pixels of a row follow each other: 3 + 3.",
        (3, 9): "Only two of the three columns are copied.",
        (2, 2): "With the pictures last, the same pixel of all three pictures lies side by side.",
    },
    otherwise="Write the street down, number by number, mark what is copied, and count how many marks stand side by "
              "side.",
    boxes=("(N, H, W)", "(H, W, N)"),
)

rows = numbers(
    "A filter of three numbers, then a maximum over two outputs: a patch of four. Write the two outputs as one "
    "matrix times the patch. What is its shape, and how many of its places are zero because there is no edge?",
    (2, 4, 2),
    "The filter in each row, one step further to the right, and zeros where it does not reach.",
    hears={
        (4, 2, 2): "Rows are outputs, columns are inputs.",
        (2, 3, 0): "The patch has four numbers; each output sees three of them.",
        (2, 4, 0): "Each output sees three of the four: one place in each row has no edge.",
    },
    otherwise="A row for each output, a column for each number of the patch.",
    boxes=("rows", "columns", "zeros"),
)

_index = conv2d_index((1, 6, 6), (1, 1, 5, 5))
stamp = numbers(
    "A patch has 6 · 6 = 36 pixels, and the four outputs of a pooling cell are four rows. How many of the 144 places "
    "of the matrix are zero because there is no edge? And how many *different* weights does it hold?",
    (int((_index < 0).sum()), parameter_count(_index)),
    "Each row has 36 − 25 = 11 places without an edge, and all four hold the same 25 weights.",
    hears={
        (44, 100): "100 counts copies. Nothing has been added to the network: the four rows are one filter.",
        (119, 25): "Each of the four rows holds all 25 weights.",
        (11, 25): "That is one row. There are four.",
        (0, 25): "A window of 25 does not fill a patch of 36.",
    },
    otherwise="One row: 36 places, 25 of them edges. Four rows, one filter.",
    boxes=("zeros", "weights"),
)

trade = choice(
    "Patches in place of windows: what does one digit cost now?",
    {
        "fewer copies, fewer multiplications": "The zeros of the matrix are multiplied too: the arithmetic goes up.",
        "fewer copies, more multiplications": None,
        "more copies, fewer multiplications": "A patch holds 36 numbers where four windows hold 100.",
        "fewer copies, as many multiplications": "The zeros of the matrix are multiplied too.",
    },
    right="fewer copies, more multiplications",
    why="7,056 copied in place of 19,600, and 169,344 multiplications in place of 117,600.",
)

back = choice(
    "The gradient arrives with a number for each place of `tall`. Six filters of 25 weights want one. What has to "
    "happen with the four copies of each filter?",
    {
        "take one": "Each copy has heard only from its own place in the patch.",
        "take the mean": "A mean would be a quarter of it. A weight that is used in four places moves the loss "
                         "through each of them.",
        "add them": None,
    },
    right="add them",
    why="A shared weight's gradient is a sum over all the places where it is used.",
)

lines = numbers(
    "For one pooled number the windows copy 100 numbers, and a patch 36. Lines are written once for each row of the "
    "picture, and all output rows that see this row use the same ones. How many numbers are copied for one pooled "
    "number, away from the border of the picture?",
    2 * (5 + 2 - 1),
    "A pooled row goes two rows further down, and each new row has six lines.",
    hears={
        36: "Those of six rows. But four of these rows had been written for the pooled number above.",
        6: "Those are the lines of one row. The next pooled number lies two rows further down.",
        30: "That is what one output row sees. Most of it had been written for the row above.",
        10: "The patch is six columns wide, since two windows lie side by side in it.",
    },
    otherwise="How many rows further down is the next pooled number, and how often is each row written?",
)

saving = choice(
    "A filter of k × k and pooling of p × p: a patch has (k + p − 1)² numbers where windows copy p²k². Where is the "
    "saving in copies greater, and who pays for it?",
    {
        "with k = 1 and p = 2; nobody pays": "Windows of one pixel do not overlap: there is nothing to save.",
        "with k = 7 and p = 4; the memory pays": "The patches are smaller than the windows, so memory is saved. Look "
                                                 "at the zeros.",
        "with k = 7 and p = 4; the arithmetic pays": None,
        "with k = 1 and p = 4; the arithmetic pays": "Windows of one pixel do not overlap: there is nothing to save.",
    },
    right="with k = 7 and p = 4; the arithmetic pays",
    why="Large windows overlap more. What is not copied is multiplied by zeros: the two factors always make p².",
)

wide = choice(
    "The same race on a layer with 64 channels in, 64 out and filters of 3 × 3. Who wins?",
    {
        "the patches": "Here each copied number already meets 64 weights, so the multiplying is nearly all, and "
                       "patches have 78 % more of it.",
        "the windows": None,
        "nobody": "The patches multiply 78 % more, and here that is what takes the time.",
    },
    right="the windows",
    why="The trick trades arithmetic for movement, so it pays where movement is the bottleneck.",
)

least = choice(
    "Additions are free for the moment, and so is what is made of the filter alone: that is done once for a whole "
    "picture. How few products of something from the signal and something from the filter are enough for both sums?",
    {
        "six": "That is the formula. The sums share numbers: x₁ and x₂ stand in both.",
        "five": "Nearly. Each product may be of a *sum* of numbers, on both sides.",
        "four": None,
        "three": "There are four numbers of the signal, and each must matter: with three products some signal that is "
                 "not zero would go through as zero.",
    },
    right="four",
    why="As many as there are numbers in the signal: two sums and three weights, less one.",
)

price = choice(
    "Pixels and weights are whole numbers. What does Winograd's F(4, 3) make of them?",
    {
        "the same whole numbers": "It would if it only added and multiplied whole numbers. But one of its matrices "
                                  "divides by 24, and thirds are rounded.",
        "nearly the same numbers, off in the last digits": None,
        "a map that is off by some per cent": "As mathematics the two are equal. Only rounding can tell them apart, "
                                              "and `float32` has seven digits.",
    },
    right="nearly the same numbers, off in the last digits",
    why="Mathematics says equal; `float32` has rounded thirds on the way.",
)

fewer = choice(
    "On which layers will Winograd's way be the faster one?",
    {
        "on all: it halves the multiplications": "It halves them, and adds the transforms. Where there are few "
                                                 "channels these are the larger part.",
        "on thin ones, with few channels": "There the transforms meet few products that could be saved.",
        "on wide ones, with many channels": None,
        "on none: the additions eat it up": "An addition is about as dear as a multiplication, but there are fewer of "
                                            "them where many channels share one transform.",
    },
    right="on wide ones, with many channels",
    why="A transform serves all the products of its channel: with 64 channels out, each is used 64 times.",
)

where = choice(
    "Where should the library look best beside a framework, if the explanation of this page is right?",
    {
        "in single convolutions": "Their time is in the products, and both sides multiply at much the same speed.",
        "in single poolings and whole networks": None,
        "in single matrix products": "Those are the same library routines, or routines as good.",
    },
    right="in single poolings and whole networks",
    why="A pooling only moves numbers; and between the parts of a network whole maps need never be written.",
)
