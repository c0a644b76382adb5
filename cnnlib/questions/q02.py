"""Predictions of lecture 02, local and shared weights."""

from cnnlib.matrices import parameter_count, weight_index
from cnnlib.questions.asked import choice, numbers
from cnnlib.shapes import conv2d_cost, linear_cost

band = numbers(
    "A layer has 5 inputs, 5 units and 25 parameters. If each unit may only see its own input and the two beside it, "
    "how many parameters are left?",
    parameter_count(weight_index(5, 3, "local")),
    "Each unit keeps three, but the first and the last have only one neighbour: 5 · 3 − 2.",
    hears={
        15: "15 is 5 units times 3 neighbours. The first and the last unit have only two: their third neighbour "
            "would lie outside.",
        10: "10 counts the two neighbours of each unit. The unit's own input counts too, and at the ends one "
            "neighbour is missing.",
        3: "3 is what is left when all units share their weights. Here each unit still has weights of its own.",
        11: "11 takes two away at either end. Each end loses one edge: the inner neighbour is still there.",
        12: "12 are the zeros, the edges that are gone. The question is what is left.",
    },
    otherwise="Draw the five units, and from each an edge to its own input and to either side. Then count.",
)

wider = choice(
    "Now let a unit see five neighbours, m = 5. Of n units, how many parameters are left?",
    {
        "5n − 2": "Two is what the corners of the matrix lost for m = 3. A wider window hangs over further.",
        "5n − 4": "You saw that the first row loses two and the last row loses two. The second and the last but one "
                  "touch the border as well, with one edge each.",
        "5n − 6": None,
        "5n − 10": "Ten would be five at either end. The first row loses two, the second one: three at either end.",
    },
    right="5n − 6",
    why="The first row loses two, the second row one, and the same happens at the bottom. For n = 5 that leaves 19 "
        "of 25.",
)

growth = numbers(
    "The shared layer has 3 parameters at n = 5. How many will it have for an input of 40,000 numbers, a picture of "
    "200 × 200?",
    parameter_count(weight_index(50, 3, "shared")),
    "Still three. The output grows and the work grows, for there are more edges; the filter is as large as it was.",
    hears={
        40_000: "One for each input? The inputs are data. The parameters are the filter, and every unit uses the "
                "same one.",
        120_000: "That is one triple of weights for each unit: the local layer. Sharing gives all units the same "
                 "triple.",
        119_998: "That is 3n − 2, the local layer. Sharing gives all units the same three.",
        24_000: "It does not grow in proportion: 3 was not 3/5 of the input, it was the size of the filter.",
        9: "A square filter of 3 × 3 would have nine. Here the picture was laid out as one long line, and the filter "
           "still has three weights.",
    },
    otherwise="What is learned is the filter. Does the filter change when the picture grows?",
)

by_hand = numbers(
    "Take the lecture's numbers, a = (1, 1, 1, 0, 0) and θ = (1, 0, 1). Every unit's window is centred on its own "
    "input, and beyond the ends there is nothing. Work out all five outputs on paper.",
    (1, 2, 1, 1, 0),
    "Unit 0 sees nothing on its left, 1 in the middle (weight 0) and 1 on its right: 1. Unit 1 sees 1 and 1: 2. And "
    "so on.",
    hears={
        (2, 1, 1, 0, 0): "You let the window of the first unit *start* at a₀. It is centred on a₀, so its left end "
                         "hangs over the border.",
        (2, 2, 1, 1, 0): "The first window sees nothing to the left of a₀, so only the 1 to its right counts.",
        (2, 3, 2, 1, 0): "These are the sums with the weights (1, 1, 1). The middle weight is 0, so a unit does not "
                         "hear its own input.",
        (1, 1, 1, 0, 0): "That is the input itself, as the filter (0, 1, 0) would give it.",
    },
    otherwise="For unit i: what stands to its left, plus what stands to its right; nothing stands beyond the ends.",
    boxes=("a′₀", "a′₁", "a′₂", "a′₃", "a′₄"),
)

orders = numbers(
    "A picture of 200 × 200 pixels and a layer of 400,000 units. Estimate to the nearest power of ten: how many "
    "parameters does the layer have (a) fully connected, (b) if each unit sees a field of 10 × 10 pixels with "
    "weights of its own, (c) if there is one filter of 10 × 10 for all places?",
    (
        linear_cost(200 * 200, 400_000, bias=False).parameters,
        conv2d_cost(1, 10, 10, (200, 200), bias=False, shared=False).parameters,
        conv2d_cost(1, 1, 10, (200, 200), bias=False).parameters,
    ),
    "40,000 · 400,000 is sixteen billion; 400,000 · 100 is forty million; one filter is a hundred.",
    hears={
        (440_000, 40_000_000, 100): "(a) adds pixels and units. Edges are pairs of one pixel and one unit: multiply.",
        (16_000_000_000, 4_000_000, 100): "(b) has 400,000 units, not 40,000, with a hundred weights each.",
        (16_000_000_000, 40_000_000, 400_000): "(c) has one filter, not one a unit: a hundred weights, used 400,000 "
                                               "times.",
        (16_000_000_000, 40_000_000, 1_000): "A thousand is right for ten filters, which 400,000 units need. One "
                                             "filter has a hundred weights.",
    },
    otherwise="(a) is pixels times units. (b) is units times a hundred. (c) is the size of one filter.",
    boxes=("(a)", "(b)", "(c)"),
    factor=10**0.5,
)

border = choice(
    "The first way of counting takes the edges that exist, the second the full window of every unit. How far apart "
    "are the two counts for the lecture's layer, with windows of 10 × 10 on 200 × 200 pixels?",
    {
        "by a factor of two": "Only units within ten pixels of the border lose anything, and they are few: 200 is "
                              "much more than 10.",
        "by a tenth": "Windows near a border lose about half of their reach, and only near it: less than that.",
        "by a few per cent": None,
        "not at all": "Windows at the border do hang over, here as for n = 5.",
    },
    right="by a few per cent",
    why="In a line of 200, the windows of 10 lose 25 of 2,000 places; in two dimensions that makes 2.5 %.",
)

kind = choice(
    "Is a convolutional network a different kind of machine, or a special case of the network in lecture 01?",
    {
        "a different kind": "It feels like one, with its sliding window. But look for a step that a fully connected "
                            "layer could not do: there is none.",
        "a special case": None,
        "a generalisation": "The other way round: it can do *less*. Edges are gone, and weights are no longer free "
                            "to differ.",
    },
    right="a special case",
    why="Put the banded matrix into a fully connected layer and it computes the convolution. What differs is what it "
        "may learn.",
)
