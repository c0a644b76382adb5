"""Predictions of lecture 06, channels and pooling."""

import numpy as np

from cnnlib.pooling import max_pool2d
from cnnlib.questions.asked import choice, numbers
from cnnlib.shapes import ReceptiveField, conv2d_cost, output_size

colour = numbers(
    "A filter with a 3 × 3 window slides over this 32 × 32 × 3 picture. How many weights does that *one* filter have?",
    conv2d_cost(3, 1, 3, (30, 30), bias=False).parameters,
    "It is a block of 3 · 3 · 3: one slice for each channel.",
    hears={
        9: "Pictures of sliding filters are drawn flat. A flat filter would have to ignore two of the three colours, "
           "or treat all alike.",
        3: "One for each colour? Each colour gets a whole slice of 3 × 3.",
        28: "28 counts the bias as well; the question is about weights.",
        81: "81 would be three filters. One filter has three slices.",
    },
    otherwise="How large is one slice, and how many channels are there?",
)

one_map = choice(
    "The filter has three slices, and each is slid over its own channel; each of the three responses is 30 × 30. "
    "What does the *filter* put out?",
    {
        "a 30×30×3 block": "Most operations on pictures treat each colour by itself and give a colour picture back. "
                           "A filter adds.",
        "one 30×30 map": None,
        "three maps, then their maximum": "Nothing is compared here: the three responses are added.",
    },
    right="one 30×30 map",
    why="The three responses are *added*, and what comes out has no colour any more.",
)

bank = numbers(
    "64 filters of 3 × 3 × 3 on the 32 × 32 × 3 picture. How large is the output to a side, how many maps has it, "
    "and how many parameters does the layer have, biases included?",
    (output_size(32, 3), 64, conv2d_cost(3, 64, 3, (30, 30)).parameters),
    "64 · (3 · 3 · 3 + 1): each filter has 27 weights and one bias.",
    hears={
        (30, 64, 576): "576 = 64 · 9 is the flat filter again, with the channels forgotten.",
        (30, 64, 1_728): "1,728 are the weights. Each filter has a bias as well.",
        (30, 192, 1_792): "Each filter puts out *one* map: its three slices are added.",
        (32, 64, 1_792): "Nothing is added around the picture here: 32 + 1 − 3.",
        (30, 64, 1_729): "One bias for each filter, not one for the layer.",
        (30, 64, 1_920): "One bias for each filter, not one for each slice.",
        (30, 64, 640): "640 = 64 · (9 + 1) forgets the channels: a filter is three slices deep.",
    },
    otherwise="32 + 1 − 3 places to a side; one map for each filter; m · m · r weights and one bias for each filter.",
    boxes=("side", "maps", "parameters"),
)

_cost = [conv2d_cost(3, 64, 3, (output_size(n, 3),) * 2) for n in (32, 200)]
grows = choice(
    "Now the same 64 filters look at a photograph of 200 × 200 pixels instead of 32 × 32. What grows, and by what "
    "factor?",
    {
        "parameters and work, both 39-fold": "In a fully connected layer they would grow together. Here the same "
                                             "filters visit more places.",
        "parameters 6-fold, work 39-fold": "The size of the picture is not in D(m²r + 1).",
        "parameters not at all, work 39-fold": "Nearly. 39 is the ratio of the pixels; the *places of the window* "
                                               "are 198² and 30².",
        "parameters not at all, work 44-fold": None,
        "nothing": "The filters have to visit more places, and each visit is work.",
    },
    right=f"parameters not at all, work {round(_cost[1].links / _cost[0].links)}-fold",
    why="The filters stay as they are, and visit 198 · 198 places in place of 30 · 30.",
)

relu = choice(
    "How many parameters does ReLU have, and what does it do to the shape 30 × 30 × 64?",
    {
        "none, and nothing": None,
        "64, and nothing": "One for each map? There is nothing to learn in max(z, 0).",
        "none, and it halves the shape": "It sets numbers to zero; it does not take them out.",
        "one, and nothing": "The 0 in max(z, 0) is fixed: nobody learns it.",
    },
    right="none, and nothing",
    why="It only sets the negative numbers to zero, each by itself.",
)

_map = np.array([[[[1, 3, 0, 2], [0, 2, 5, 1], [4, 0, 1, 1], [0, 0, 0, 1.0]]]])
pool = numbers(
    "What are the four numbers that 2 × 2 max pooling makes of this map?",
    tuple(int(v) for v in max_pool2d(_map, 2).ravel()),
    "The largest of each of four windows, side by side.",
    hears={
        (6, 8, 4, 3): "Those are the sums of the windows. Max pooling keeps the largest number.",
        (1.5, 2, 1, 0.75): "Those are the means of the windows. Max pooling keeps the largest number.",
        (3, 5, 5, 4): "The windows stand side by side; they do not overlap.",
        (5, 4, 3, 1): "The right numbers: keep them where their windows are.",
    },
    otherwise="Cut the map into four quarters and keep the largest number of each.",
    boxes=("upper left", "upper right", "lower left", "lower right"),
)

free = choice(
    "How many weights does a 2 × 2 pooling layer have? And if you took both poolings out of LeNet, how would the "
    "parameters of the whole network change?",
    {
        "none; they stay the same": "None is right. But without pooling the maps that are flattened are larger, and "
                                    "a fully connected layer waits behind.",
        "none; they grow many times": None,
        "4; they shrink a little": "In a filter every cell has a weight. To take the largest of four there is "
                                   "nothing to learn.",
        "1; they shrink a little": "There is nothing to learn in taking a maximum.",
    },
    right="none; they grow many times",
    why="Pooling has no weights. But the first fully connected layer behind the flattening would meet 9,216 numbers "
        "in place of 400.",
)

seven = choice(
    "A map of 7 × 7 is pooled with 2 × 2 windows, side by side. What is the result?",
    {
        "3×3": None,
        "4×4": "Rounding up would need a column that is not there. Some libraries can pad; the usual convention "
               "rounds down.",
        "an error": "Nothing fails, and nothing is said: the last row and column are never looked at.",
        "3.5×3.5": "A map has whole cells. It is rounded down.",
    },
    right=f"{output_size(7, 2, stride=2)}×{output_size(7, 2, stride=2)}",
    why="The size is rounded *down*. The last row and the last column are never seen, whatever they hold.",
)

address = numbers(
    "Two maps of 3 × 3 are flattened into 18 numbers, at the places 0 to 17. At which place stands the number of map "
    "1, row 0, column 2?",
    1 * 9 + 0 * 3 + 2,
    "The whole of map 0 comes first, then map 1 row by row: 9 + 0 + 2.",
    hears={
        5: "You interleaved the maps pixel by pixel, as n × n × r suggests and some libraries do.",
        2: "That is map 0. Map 1 begins at place 9.",
        12: "The first place is 0, so column 2 of row 0 is two places after 9.",
        15: "Column 2 and row 0: you took them the other way round.",
    },
    otherwise="Map 0 takes the places 0 to 8. Then map 1 follows, row by row.",
)

_field = ReceptiveField().through(5, padding=2).through(2, stride=2).through(5).through(2, stride=2)
sees = numbers(
    "How wide, in pixels, is the receptive field of one unit behind LeNet's second pooling?",
    _field.size,
    "5, then 6 behind the pooling; from there on a step of one cell is a step of two pixels: 6 + 4 · 2 = 14, and 14 "
    "+ 2.",
    hears={
        10: "5 + 5 forgets that after pooling a step of one cell is a step of two pixels.",
        14: "That is the second convolution. The second pooling adds one step of two pixels.",
        9: "5 + 4 would be two convolutions without the pooling between them.",
        12: "After the first pooling, neighbours are two pixels apart: the second filter adds 4 · 2.",
        20: "20 = 2 · (5 + 5): the jump doubles only from the first pooling on.",
    },
    otherwise="Each layer adds (m − 1) times the jump; each pooling doubles the jump.",
)

moves = choice(
    "A digit moves by one pixel. By how much does its feature map change, in per cent of the map's mean? And after 2 "
    "× 2 max pooling?",
    {
        "about 0 and about 0": "“Convolution is shift invariant” is on many slides. But the map does not stay, it "
                               "*moves*.",
        "about 100 and about 0": "The first is right. Pooling calms the map, but by far not to nothing.",
        "about 10 and about 0": "Strokes are thin: a map of edges that moves by one pixel hardly overlaps with itself.",
        "about 100 and about 50": None,
    },
    right="about 100 and about 50",
    why="The map has moved along, so at most places it differs. Pooling gives a little invariance, not much.",
)

seams = choice(
    "“Same” padding, and a shift to the right by two pixels. In which columns of the map will f(Tx) and T f(x) differ?",
    {
        "in none": "They would if the picture had no border. Something falls off on the right, and zeros come in on "
                   "the left.",
        "in all": "Far from the border no window notices: it sees the same pixels as before.",
        "in a few, near the left and right border": None,
        "in the two that moved in, on the left": "Not in both of those, and the right border has a seam too, where a "
                                                 "column has left the picture.",
    },
    right="in a few, near the left and right border",
    why="Only a window that touches what came in, or what fell off, can tell.",
)
