"""Predictions of lecture 01, fully connected networks."""

from cnnlib.questions.asked import choice, numbers
from cnnlib.shapes import fully_connected_parameters, linear_cost

_weights = linear_cost(200 * 200, 400_000, bias=False).parameters
billions = numbers(
    "A photograph of 200 × 200 pixels, and 400,000 hidden units that each look at all of it. How many weights is "
    "that, roughly? And how many GB do they fill, at 4 bytes each?",
    (_weights, 4 * _weights / 1e9),
    "40,000 pixels times 400,000 units. At 4 bytes each that is 64 GB, more than a laptop has.",
    hears={
        (440_000, 0.00176): "You added pixels and units. Every unit is linked to every pixel: pairs multiply.",
        (16_000_000_000, 16): "The count is right. Each weight takes 4 bytes, so the GB are four times as many.",
        (80_000_000, 0.32): "That is 200 · 400,000. The picture has 200 · 200 pixels.",
    },
    otherwise="Links are counted by pairs: pixels times units. Then four bytes for each.",
    boxes=("weights", "GB"),
    factor=3,
)

album = numbers(
    "How many photographs of 200 × 200 pixels could you store in those sixteen billion numbers, one number a pixel?",
    _weights // (200 * 200),
    "As many as there are units: the weights of one unit are a picture, one weight for each pixel.",
    hears={
        40_000: "That is the number of pixels. Divide the sixteen billion by it.",
        100_000: "Here a pixel takes one number, not four bytes of one.",
    },
    otherwise="Divide sixteen billion by the pixels of one photograph.",
)

half = choice(
    "Three inputs, all equal to 1. What does the neuron answer (a) with the weights (1, 0, 1), and (b) with weights "
    "that are all zero?",
    {
        "(a) 2, (b) 0": "Those are the sums z. The answer is g(z), and g bends every sum into a number between 0 and "
                        "1.",
        "(a) above one half, (b) 0": "(a) is right. In (b) the sum is 0, but g(0) is not.",
        "(a) above one half, (b) one half": None,
        "(a) below one half, (b) one half": "(b) is right. In (a) the sum is 2, and g of a positive sum lies above "
                                            "one half.",
    },
    right="(a) above one half, (b) one half",
    why="g reads z = 0 as undecided. It takes a strongly *negative* sum to say no.",
)

rows = numbers(
    "Three inputs feed four units. What is the shape of Θ⁽¹⁾?",
    (4, 3),
    "*To* comes before *from*: Θx needs as many columns as x has entries.",
    hears={
        (3, 4): "We read pictures from left to right, input first. Matrices are read the other way: a row for each "
                "unit that is fed.",
        (4, 4): "With a bias one might keep a column more. Here there is none.",
        (12, 1): "There are 12 weights, but they stand in rows: one row for each unit.",
    },
    otherwise="One row for each unit, one column for each input.",
    boxes=("rows", "columns"),
)

lines = numbers(
    "A net has the widths 3, 4, 4, 1, and every line of its graph is one weight. How many lines will you see? Count "
    "them from the widths.",
    fully_connected_parameters([3, 4, 4, 1], bias=False),
    "3 · 4 + 4 · 4 + 4 · 1: one product for each gap between neighbouring layers.",
    hears={
        12: "That is the number of units, 3 + 4 + 4 + 1. Lines connect pairs of units in neighbouring layers.",
        48: "You multiplied all widths. Each gap has a product of its own, and the products are added.",
        41: "41 counts the biases too. A bias is no line of this graph.",
        20: "You added neighbours. Between 3 and 4 units there are 3 · 4 lines.",
    },
    otherwise="Take each gap by itself: the width before times the width after. Then add.",
)

deep_or_wide = choice(
    "Which has more weights: net A with widths 100, 50, 50, 10, or net B with widths 100, 100, 10? Both have 100 "
    "hidden units in all.",
    {
        "A": "A is deeper, but its neighbours are narrow: 5,000 + 2,500 + 500.",
        "B": None,
        "both have the same": "The units are as many. Weights belong to pairs of units, and B has the wider pairs.",
    },
    right="B",
    why="What is expensive is a wide *pair* of neighbours: 100 · 100 alone is more than all of A's.",
)

without_g = choice(
    "Leave g out, so that each layer is a⁽ˡ⁺¹⁾ = Θ⁽ˡ⁾ a⁽ˡ⁾ and nothing else. What can three such layers compute that "
    "one layer cannot?",
    {
        "more: there are more weights": "There are more numbers to learn, for the same functions: the product of the "
                                        "three matrices is one matrix.",
        "curves": "A sum of multiples is a straight thing, however often you repeat it. Only the bend g makes curves.",
        "nothing": None,
    },
    right="nothing",
    why="A product of matrices is a matrix. The bend between the layers is what makes the second layer worth having.",
)

sign = choice(
    "y log ŷ + (1 − y) log(1 − ŷ), as on the slide. The answer is right and almost certain: y = 1, ŷ = 0.99. Then it "
    "is badly wrong: y = 1, ŷ = 0.01. What sign do the two values have, and which is larger?",
    {
        "both positive, the wrong one is larger": "So a loss should be. But the logarithm of a number below 1 is "
                                                  "negative.",
        "both negative, the right one is larger": None,
        "both negative, the wrong one is larger": "Both are negative. But log 0.01 is far below log 0.99.",
        "one of each": "Both are logarithms of a number below 1.",
    },
    right="both negative, the right one is larger",
    why="log 0.99 is −0.01 and log 0.01 is −4.61. A loss must be the other way round, so a minus sign is missing.",
)

uphill = choice(
    "Five steps later, how many of the four are right (a) with the minus sign, and (b) with the formula as printed?",
    {
        "(a) four, (b) four": "A wrong sign is not a missing force, it is a force in the wrong direction. (b) does "
                              "not stay where it is.",
        "(a) four, (b) two": "(b) does not end half way: it goes on as long as there is anything right to undo.",
        "(a) four, (b) none": None,
        "(a) none, (b) four": "Going *down* the loss makes answers better; it is the printed formula that has its "
                              "sign turned.",
    },
    right="(a) four, (b) none",
    why="The net learns, diligently, to be wrong; and the printed expression has no lowest value, so it never stops.",
)

shuffle = choice(
    "You may choose the weights of a fully connected net freely. How much worse must the best net for the shuffled "
    "patches be than the best net for the proper ones?",
    {
        "much worse": "To you it would be. But the net never knew which pixels are neighbours, so it loses nothing.",
        "a little worse": "Not even a little: every weight can go where its pixel went.",
        "not at all": None,
    },
    right="not at all",
    why="A sum does not care in which order you add. Shuffle the columns of the first matrix as the pixels were "
        "shuffled.",
)
