"""Predictions of lecture 04, convolution in two dimensions."""

import numpy as np

from cnnlib.conv import cross_correlate2d
from cnnlib.matrices import conv2d_index, parameter_count
from cnnlib.questions.asked import choice, numbers
from cnnlib.shapes import conv2d_cost, output_shape2d

IMAGE = np.array([[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]])
KERNEL = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])

_valid, _padded = cross_correlate2d(IMAGE, KERNEL), cross_correlate2d(IMAGE, KERNEL, padding=1)

example = numbers(
    "How many outputs are there for the lecture's image and filter? And what are the three in the first row?",
    (_valid.size, *map(int, _valid[0])),
    "A window of three pixels has 5 − 3 + 1 = 3 places along a side. The first one holds ones at all five places "
    "where the kernel is 1 but for the lower left: 4.",
    hears={
        (25, 4, 3, 4): "The row is right. But a window of three pixels has only three places along a side of five.",
        (_valid.size, *map(int, cross_correlate2d(IMAGE, np.ones((3, 3), int))[0])): "You counted all ones in the "
                                                                                     "window. The kernel has zeros "
                                                                                     "too, and what meets a zero "
                                                                                     "does not count.",
        (3, 4, 3, 4): "Three in each row, and three rows.",
    },
    otherwise="Nine windows. In each, add up only the pixels that meet a 1 of the kernel: the corners and the middle.",
    boxes=("outputs", "first", "second", "third"),
)

view = numbers(
    "The array `windows[i, j]` of all windows: how many numbers does it have for the lecture's image? And how many "
    "of them has NumPy copied in memory?",
    (_valid.size * KERNEL.size, 0),
    "Nine windows of nine numbers, and all of them look at the same 25 places in memory: a *view*.",
    hears={
        (81, 81): "81 is right. But none is copied: a view only says where in the image each of them stands.",
        (25, 0): "The image has 25. The windows overlap, so the array of windows has more entries than the image.",
        (81, 25): "It does not copy the image either. It looks at it.",
        (9, 0): "There are nine windows, and each has nine numbers.",
        (81, 56): "Not even the repeated ones are copied.",
    },
    otherwise="How many windows, times how many numbers in each? A view copies nothing.",
    boxes=("numbers", "copied"),
)

columns = numbers(
    "Each window becomes a column, in reading order. What is the shape of the matrix of columns for the lecture's 5 "
    "× 5 image and 3 × 3 kernel? And how many columns does it have for a photograph of 256 × 256 pixels?",
    (KERNEL.size, _valid.size, int(np.prod(output_shape2d((256, 256), 3)))),
    "Nine numbers to a window, nine places for the window; 254 · 254 places on the photograph.",
    hears={
        (9, 25, 65_536): "You gave each pixel a column. Windows have columns, and there are fewer places for a "
                         "window than pixels.",
        (25, 9, 64_516): "A window holds nine numbers, not 25: it does not see the whole image.",
        (9, 9, 65_536): "The small one is right. On the photograph, too, the window has two places less to a side "
                        "than there are pixels.",
        (3, 3, 254): "A column is a whole window: nine numbers, not three.",
    },
    otherwise="Rows: the numbers in one window. Columns: the places of the window.",
    boxes=("rows", "columns", "columns for the photograph"),
)

race = choice(
    "Each of the three ways does the same 580,644 multiplications on the photograph. How much faster than your loops "
    "are the windows?",
    {
        "about as fast": "It is the same arithmetic. But a Python loop looks up and checks every single number "
                         "before it multiplies.",
        "about 5 times": "More. Nearly all the time of the loops is spent on things other than multiplying.",
        "more than 50 times": None,
    },
    right="more than 50 times",
    why="Usually a hundred or several hundred times. Nobody does less arithmetic: NumPy looks up and checks once, "
        "for the whole array.",
)

corner = numbers(
    "Put one ring of zeros round the lecture's image. How large is the output to a side? And what stands in its top "
    "left corner, where the 4 was?",
    (len(_padded), int(_padded[0, 0])),
    "The padded image is 7 × 7, so there are five places to a side. The corner's window holds zeros in its first row "
    "and column.",
    hears={
        (5, 4): "The 4 is still there, but it has moved to row 1, column 1: padding adds a ring of new outputs.",
        (3, 4): "The image has become larger, so there are more places for the window.",
        (7, 2): "7 is the side of the padded image. The window still needs three of them.",
        (5, 0): "The corner's window hangs over by one only: four of its nine pixels lie inside.",
    },
    otherwise="The padded image is 7 × 7. The first window covers two rows of zeros or pixels: look which ones meet "
              "a 1.",
    boxes=("side", "corner"),
)

wall = choice(
    "A white wall, all ones, is blurred with nine weights of 1/9. Inside, the mean of nine ones is 1. With *same* "
    "padding, what is it in a corner, and along an edge?",
    {
        "1 and 1": "*Same* promises the same size, and not the same brightness.",
        "5/9 and 6/9": "5/9 is the share of the corner's window that lies *outside*.",
        "4/9 and 6/9": None,
        "1/4 and 1/2": "That would be so if the pixel's own row and column did not count. They lie inside: in a corner "
                       "that makes four of nine pixels, along an edge six.",
    },
    right="4/9 and 6/9",
    why="In the corner five of the nine pixels are zeros that nobody photographed, along an edge three.",
)

_sides = [n for n in range(3, 10) if output_shape2d((n, n), 3, stride=2, padding=1) == (3, 3)]
stride = choice(
    "A square image gets one ring of zeros (padding 1) and meets a 3 × 3 kernel with stride 2. The output is 3 × 3. "
    "How large was the image?",
    {
        "3×3": "That would be so with stride 1, where padding 1 keeps the size. Here the window jumps.",
        "5×5": "It fits, with nothing to spare. But another size gives three windows to a side, too.",
        "6×6": "It fits, since 6/2 is 3. But another size gives three windows to a side, too.",
        "5×5 or 6×6": None,
        "7×7": "That is the padded image of 5 × 5. A ring of zeros makes it two pixels larger.",
    },
    right=" or ".join(f"{n}×{n}" for n in _sides),
    why="Windows begin at 0, 2 and 4 of the padded image, and the last one ends at 6: of an image of 6 × 6, the zeros "
        "below and to the right are never read. A size is rounded down, so it cannot be told from the output.",
)

dilation = numbers(
    "A 7 × 7 image, a 3 × 3 kernel, dilation 2. How wide is the window now, how large is the output to a side, and "
    "how many weights are there?",
    (2 * (3 - 1) + 1, output_shape2d((7, 7), 3, dilation=2)[0], 9),
    "The weights stand at 0, 2 and 4: a span of 5. 7 − 5 + 1 = 3 places. What lies between has no weight.",
    hears={
        (6, 2, 9): "Three weights with a gap of one between them span 3 + 2, not 3 · 2.",
        (5, 3, 25): "25 is the area of the span. The 16 pixels in between have no weight at all.",
        (3, 5, 9): "That is the window without dilation.",
        (7, 1, 9): "Dilation 2 puts the weights two apart: at 0, 2 and 4.",
    },
    otherwise="Three weights, two apart: where does the last one stand? Then count the places.",
    boxes=("window", "output", "weights"),
)

_places = -(-6 // 2)
_zeros = max(2 * (_places - 1) + 3 - 6, 0)
strided_same = numbers(
    "Some frameworks let *same* promise n / s outputs, rounded up. They add as few zeros as that takes, half of them "
    "on either side, and an odd one behind. A 6 × 6 image, a 3 × 3 kernel, stride 2: how many outputs to a side? And "
    "how many rows of zeros stand above the image, and how many below it?",
    (_places, _zeros // 2, _zeros - _zeros // 2),
    "Three windows that begin at 0, 2 and 4 read seven rows, and six are there: one row is missing, at the end.",
    hears={
        (3, 1, 1): "Three it is. But count the rows that three windows read, 2 + 2 + 3: one row of zeros is enough.",
        (3, 1, 0): "Three, and one row of zeros. But an odd one goes behind the image, so the first window begins at "
                   "row 0.",
        (3, 0, 0): "Where would the third window end? It begins at row 4, and row 6 is not there.",
        (3, 0, 2): "The third window begins at row 4 and ends at row 6: how many rows are missing?",
        (6, 1, 1): "That is *same* with stride 1. With stride 2 every second of its outputs is asked for.",
        (2, 0, 0): "That is *valid*. Three are promised, so somebody has to add zeros.",
    },
    otherwise="6 / 2 outputs are promised. How many rows do that many windows read, and how many are there?",
    boxes=("outputs", "above", "below"),
)

flipped = choice(
    "The lecture's example gave 4 3 4 / 2 4 3 / 2 3 4. Would a kernel that is flipped first have given something else?",
    {
        "yes, the output would be turned round": "Turn this kernel by half a turn and look at it: it is the same "
                                                 "kernel.",
        "yes, other numbers": "Turn this kernel by half a turn and look at it: it is the same kernel.",
        "no": None,
    },
    right="no",
    why="This kernel looks the same after half a turn, so the example cannot tell you which of the two operations it "
        "is.",
)

spot = choice(
    "One bright pixel in the middle of a dark 5 × 5 image, and the kernel 1 2 3 / 4 5 6 / 7 8 9. You slide as "
    "always, without flipping. Which of the three above comes out?",
    {
        "A": "A is what comes out *with* a flip. Without one the bright pixel meets the weights in reverse order.",
        "B": None,
        "C": "C is a transpose, mirrored along the diagonal. Neither operation does that.",
    },
    right="B",
    why="The first window that holds the bright pixel holds it in its last corner, under the 9.",
)

_index = conv2d_index((1, 5, 5), (1, 1, 3, 3))
edges = numbers(
    "Write the image as 25 numbers; each of the nine outputs has a row. The matrix is 9 × 25. How many of its 225 "
    "places are edges of the layer? And how many different weights sit on them?",
    (int((_index >= 0).sum()), parameter_count(_index)),
    "Nine outputs see nine pixels each, and all share nine weights.",
    hears={
        (225, 9): "225 would be the fully connected layer. An output sees nine pixels and not 25.",
        (81, 81): "81 edges, yes. But they share: the same nine weights in every row.",
        (45, 5): "You left out the zeros of the kernel. A weight that is 0 is a weight, and training may change it.",
        (81, 5): "You left out the zeros of the kernel. A weight that is 0 is a weight, and training may change it.",
        (27, 9): "Each window has three rows of three.",
    },
    otherwise="How many pixels does one output see? Times nine outputs. The weights are those of the kernel.",
    boxes=("edges", "weights"),
)

_links = [conv2d_cost(1, 1, 3, output_shape2d((n, n), 3), bias=False).links for n in (5, 256)]
work = numbers(
    "The same kernel looks at the photograph, 256 × 256 instead of 5 × 5. By what factor does the number of its "
    "parameters grow, and by what factor, roughly, the number of multiplications?",
    (1, _links[1] / _links[0]),
    "The size of the image is not in the count of parameters. The work grows with the places of the window: from 9 "
    "to 64,516.",
    hears={
        (2_621, 2_621): "In a fully connected layer both grow together. Here every place uses the same nine weights.",
        (7_168, 7_168): "The work does. The parameters are the kernel, and it is the same one.",
        (1, 1): "Nine parameters as before. But the window has many more places to go.",
        (1, 2_621): "Nearly: that is the ratio of the pixels. The window has 3 × 3 places on the small image, and "
                    "254 × 254 on the large one.",
        (1, 51): "51 is the ratio of the sides. The window moves in both directions.",
    },
    otherwise="What is learned is the kernel. What is done is one sum at each place of the window.",
    boxes=("parameters", "multiplications"),
    factor=1.5,
)

batch = choice(
    "Four grey tiles of 128 × 128, and six filters of 5 × 5, *valid*. What is the shape of the result, and how many "
    "parameters are there with biases?",
    {
        "(4, 1, 124, 124), 156 parameters": "One map for each image would come from a single filter. Six stand side by "
                                            "side, and each makes a map of its own.",
        "(4, 6, 124, 124), 150 parameters": "The shape is right. With biases: each filter has 25 weights and one bias.",
        "(4, 6, 124, 124), 156 parameters": None,
        "(4, 6, 124, 124), 624 parameters": "624 is 4 · 156. All images are seen by the same filters.",
        "(24, 1, 124, 124), 156 parameters": "24 maps, yes, but they stay sorted: images first, then the filters' "
                                             "channels.",
    },
    right="(4, 6, 124, 124), 156 parameters",
    why="Every filter visits every image; 6 · (25 + 1) parameters do not know how many images there are.",
)
