"""Predictions of lecture 05, hand-crafted filters."""

import numpy as np

from cnnlib.kernels import KERNELS, LECTURE, gaussian
from cnnlib.questions.asked import choice, numbers

where = choice(
    "The kernel asks *how different are you from the pixels around you?* Where will the answer be far from 0?",
    {
        "in the dark coat": "Dark, but evenly so. This kernel does not see how bright a pixel is, only how it "
                            "departs from its neighbours.",
        "in the bright sky": "Bright, but evenly so. This kernel does not see how bright a pixel is.",
        "along the line where coat and sky meet": None,
        "everywhere": "Where a pixel is like its neighbours the answer is near 0, and most pixels are.",
    },
    right="along the line where coat and sky meet",
    why="There a pixel differs from its neighbours; and a little on the grass, for the same reason.",
)

_sums = tuple(float(KERNELS[name].sum().round(12)) * 100 for name in LECTURE)
flat = numbers(
    "A wall has brightness 100 everywhere. What do the six kernels of the slide answer?",
    _sums,
    "On a flat area the answer is 100 times the sum of the weights: 0 for the edge detectors, 1 for the others.",
    hears={
        (0, 0, 0, 500, 100, 100): "*Sharpen*: its centre of 5 catches the eye, but four times −1 takes as much away, "
                                  "except for one.",
        (0, 0, 0, 100, 900, 100): "*Box blur*: mind the ninth in front of it. That ninth is what *normalised* means.",
        (0, 0, 0, 0, 100, 100): "*Sharpen* is the picture minus its Laplacian. On a wall the Laplacian is 0, and the "
                                "picture stays.",
        (100, 100, 100, 100, 100, 100): "Add up the weights of the first three: plus and minus cancel.",
        (0, -400, 800, 500, 100, 400): "Add *all* the weights of a kernel, not only the one in its centre.",
    },
    otherwise="Add up the weights of each kernel, then multiply by 100.",
    boxes=tuple(LECTURE),
)

blind = choice(
    "Dark on the left, bright on the right. Which of the five kernels (the slide's three edge detectors, *Sobel x*, "
    "*Sobel y*) answer 0 *everywhere*?",
    {
        "none: there is an edge": "An edge has a direction, and a kernel may look in another one.",
        "Sobel y": "One more does. Look at the first of the slide: along an upright edge, a plus and a minus of it "
                   "always lie on equal brightness.",
        "Sobel x": "*Sobel x* takes the difference from left to right. That is the direction in which something "
                   "changes here.",
        "Sobel y and the slide's first": None,
        "Sobel y and both Laplacians": "The second and the third look at all neighbours, so they see this edge, once "
                                       "from either side.",
    },
    right="Sobel y and the slide's first",
    why="*Sobel y* looks from top to bottom. In the slide's first kernel a plus and a minus always lie on the same "
        "brightness, and cancel.",
)

half_turn = choice(
    "A *true* convolution turns the kernel by 180° before it multiplies; the lecture's formula does not. For which "
    "of the slide's six kernels does that make a difference?",
    {
        "for all of them": "Turn each of them by half a turn, and look at what you get.",
        "for the first, the diagonal one": "Half a turn takes its corners 1 and 1 into each other, and the two −1 as "
                                           "well.",
        "for the three edge detectors": "They look as if they had a direction. Turn them by half a turn: each is "
                                        "what it was.",
        "for none of them": None,
    },
    right="for none of them",
    why="Each looks the same after half a turn. That is why a slide about them can be silent on the flip.",
)

negative = choice(
    "What share of the Laplacian's answers on the photograph is negative?",
    {
        "none": "You have seen many pictures of edges, and most of them were clipped: their negative numbers were "
                "thrown away.",
        "one in ten": "The answers sum to nearly 0 over the photograph, so the negative ones must weigh as much as "
                      "the positive ones.",
        "nearly half": None,
    },
    right="nearly half",
    why="The weights sum to 0, so over a whole photograph plus and minus cancel.",
)

_wide = gaussian(sigma=1.5)
passes = numbers(
    "A Gaussian of σ = 1.5 needs a 13 × 13 kernel. How many multiplications does one output pixel cost in one pass, "
    "and how many in two?",
    (_wide.size, 2 * len(_wide)),
    "13 · 13 in one pass; a column of 13 and a row of 13 in two.",
    hears={
        (169, 338): "Two passes, but not of the whole kernel: each pass has only 13 weights.",
        (169, 13): "There are two passes of 13.",
        (26, 26): "In one pass every one of the 13 · 13 weights meets a pixel.",
        (169, 169): "It is the same result, but not the same work: m² against 2m.",
    },
    otherwise="One pass: all weights of the square. Two passes: a column, then a row.",
    boxes=("one pass", "two passes"),
)

noise = choice(
    "Each pixel is off by 10 grey levels (one standard deviation), independently of its neighbours. How large is the "
    "noise after the Laplacian?",
    {
        "about 10 still": "Each output adds up five noisy pixels, one of them four times.",
        "less, because its weights sum to 0": "That helps against what is *equal* in all pixels. Noise is different "
                                              "in each, so it does not cancel.",
        "more": None,
    },
    right="more",
    why="The *squares* of the weights add: it grows by the square root of 1 + 1 + 16 + 1 + 1, about 4.5 times.",
)

finder = choice(
    "Which kernel does best at putting its strongest answers into the face: an edge detector, a blur, or the dark "
    "bar? And how far above the 4 % of chance does it get?",
    {
        "an edge detector, far above": "The rim of the helmet, the badge and the flag have harder edges than skin.",
        "a blur, far above": "Blurs answer to brightness, and the suit's white parts are brighter than the face.",
        "the dark bar, far above": "It answers to brows, eyes and mouth, and to the seams of the suit as well.",
        "none gets far": None,
    },
    right="none gets far",
    why="The best get to 5 %. A filter of 5 × 5 sees a hundredth of the face at a time, and edges are everywhere.",
)

_rows = np.array([1, 0, -2, 0, 1])
louder = numbers(
    "The dark bar has rows of weights 1, 0, −2, 0, 1, five in each row. It meets a faint bar of exactly its shape: one "
    "row, in the middle, that is 10 grey levels darker than the rest. And it meets an edge: the two rows below the "
    "middle are brighter than the three others, by h. At which h does the edge answer as strongly as the bar?",
    int(_rows @ [0, 0, -10, 0, 0]) // int(_rows @ [0, 0, 0, 1, 1]),
    "Five times (−2) · (−10) against five times h: of the two bright rows, only one has a weight.",
    hears={
        10: "A weight of −2 meets the dark row, and a weight of 1 the bright one.",
        5: "It is the other way round: the edge meets the smaller weight, so it must be the stronger one.",
        40: "Below the middle stand the weights 0 and 1. How large is their sum?",
        100: "100 is the answer to the bar. The edge's answer is five times h.",
    },
    otherwise="Multiply and add, for one column of each window: the five weights are 1, 0, −2, 0, 1.",
)

windows = choice(
    "You may choose the windows. How many do you need to see before you know all nine weights of the kernel that "
    "gave the answers? And does it matter which?",
    {
        "one, any": "One window gives one equation with nine unknowns.",
        "nine, any nine": "Nine equations, but some may say the same: in the sky neighbouring windows are nearly "
                          "alike.",
        "nine, if none follows from the others": None,
        "as many as possible": "That is wise when answers are unreliable. Exact answers need no more than there are "
                               "unknowns.",
    },
    right="nine, if none follows from the others",
    why="Each window is an equation with nine unknowns. Nine *independent* ones settle them all.",
)

_step = np.lib.stride_tricks.sliding_window_view(np.add.outer(np.zeros(5), 200 + np.arange(5.0)), (3, 3)).reshape(9, 9)
sky = numbers(
    "A sky as in a textbook: every column is one grey level brighter than the one to its left, and within a column "
    "nothing changes. You take nine windows, side by side in three rows. How many of the nine equations are "
    "independent? And how many if the sky has one colour all over?",
    (int(np.linalg.matrix_rank(_step)), int(np.linalg.matrix_rank(np.full((9, 9), 200.0)))),
    "Each window is the first one plus the same number in every pixel: two patterns make all nine. In the even sky "
    "there is one pattern, and one equation.",
    hears={
        (9, 1): "One for the even sky is right. In the other the windows differ, but *different* is not *independent*: "
                "what do you get when you take one from its neighbour?",
        (3, 1): "Three of the nine are different from each other. But the third follows from the first two: it is "
                "twice the second minus the first.",
        (1, 1): "Windows further to the right are brighter, so a second one does say something new.",
        (9, 9): "Equal windows give the same equation nine times. Nothing new is heard after the first.",
        (2, 0): "Two is right. An even window says one thing about the kernel: what its weights sum to.",
        (3, 0): "An even window says one thing about the kernel: what its weights sum to. And in the other sky the "
                "third window follows from the first two.",
    },
    otherwise="Take one window away from its neighbour: what is left, and is it the same for every pair?",
    boxes=("brighter to the right", "one colour"),
)
