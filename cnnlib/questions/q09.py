"""Predictions of lecture 09, the 1989 experiment."""

from cnnlib.networks import lecun1989
from cnnlib.questions.asked import choice, numbers
from cnnlib.shapes import conv2d_cost

_costs = {f"Net-{k}": lecun1989(k, rng=0).cost((16, 16)) for k in range(1, 6)}

local = numbers(
    "The first layer of Net-3 has 8 × 8 units, one 3 × 3 window each and one bias each. How many weights is that, "
    "biases included?",
    conv2d_cost(1, 1, 3, (8, 8), shared=False).parameters,
    "64 units with 9 + 1 numbers each, because nothing is shared.",
    hears={
        10: "10 is one shared filter and one shared bias. Net-3 shares nothing.",
        73: "73 shares the filter and not the biases, as Net-4 does. Net-3 shares nothing.",
        576: "576 = 64 · 9 forgets the biases.",
        16_448: "That would be 64 units that see all 256 pixels, with a bias each.",
    },
    otherwise="How many numbers has one unit, and how many units are there?",
)

links = choice(
    "Which of the five has the most *links*, that is, does the most multiplying? And which has the fewest *weights*?",
    {
        "Net-2, Net-3": "Net-3 has the fewest links, but it shares nothing, so it has a weight for each of them.",
        "Net-5, Net-5": None,
        "Net-2, Net-5": "Net-5 is right for the weights. But its four maps look through windows of two maps each: "
                        "that is more multiplying than Net-2's 3,214.",
        "Net-5, Net-3": "You took weights and links for one thing. Sharing takes them apart.",
    },
    right=", ".join((max(_costs, key=lambda k: _costs[k].links), min(_costs, key=lambda k: _costs[k].parameters))),
    why="Net-5, both times: 5,194 links and 1,060 weights. It uses each weight of a filter 16 or 64 times.",
)

unit_bias = numbers(
    "Net-4 begins with two maps of 8 × 8 units. Each map has one 3 × 3 filter. How many numbers does that layer learn?",
    2 * 9 + 2 * 64,
    "Two filters of nine weights, and *one bias for each unit*, 128 of them: so it was in 1989.",
    hears={
        18: "Those are the weights of the two filters. Every unit has a bias as well.",
        20: "One bias a filter is what today's convolution has. In 1989 every unit had its own.",
        1_280: "That would be 128 units with filters of their own. Here each map shares one.",
        640: "That is Net-3's first layer.",
    },
    otherwise="Two shared filters, and in 1989 a bias for each of the 2 · 64 units.",
)

by_heart = choice(
    "Net-5 has 1,060 weights, and 320 images to remember. Will it get all of the training images right?",
    {
        "no, far from it": "Three numbers an image do not look like much. But digits of one kind have a good deal in "
                           "common, so they need not be remembered one by one.",
        "yes, or all but a few": None,
    },
    right="yes, or all but a few",
    why="98 % and more. Whether it has learned digits or these 320 pages is another question.",
)

ranking = choice(
    "Put the five in order, best first.",
    {
        "5, 4, 3, 2, 1": None,
        "2, 5, 4, 3, 1": "Net-2 has the most weights. With 320 images it is easy to have too many.",
        "3, 4, 5, 2, 1": "Net-3 has local windows, but each has to learn by itself what a stroke is.",
        "1, 2, 3, 4, 5": "The plainest network is not the worst idea with few images. But it cannot follow a shift.",
    },
    right="5, 4, 3, 2, 1",
    why="As in 1989: local windows help, and sharing helps more. How sure one may be of each step, the next cells say.",
)

fresh_drawings = choice(
    "The same trained networks sit another examination: 1,000 pages by other writers. What happens to the marks? And "
    "does Net-5 keep its lead over Net-2?",
    {
        "they stay, and it keeps its lead": "The first examination showed known drawings at new places. These "
                                            "drawings are new.",
        "they fall, and it keeps its lead": "They fall. But its lead was largely the recognition of *known* drawings "
                                            "that had moved, and shrinks to half.",
        "they fall, and half of its lead is gone": None,
        "they fall, and Net-2 overtakes it": "The lead shrinks, but it stays a lead.",
    },
    right="they fall, and half of its lead is gone",
    why="Sharing is good at shifts. Reading other hands is another matter.",
)

twins = choice(
    "Which of the two, Net-4 or Net-5, is further ahead of its unshared twin? And are they also ahead on *fresh* "
    "drawings?",
    {
        "Net-4; also on fresh drawings": "Net-4 shares in one layer only, so sharing has less to give it.",
        "Net-5; also on fresh drawings": "Both means are higher there. But by 0.7 ± 1.4 and 1.4 ± 1.1 points, with "
                                         "16 questions asked: that is not established.",
        "Net-5; not established on fresh drawings": None,
        "neither": "With the same links, sharing was worth several points on known drawings that have moved.",
    },
    right="Net-5; not established on fresh drawings",
    why="Net-5 shares in both layers. What sharing gives is an answer to shifts.",
)

many_images = choice(
    "With 60,000 images: the largest locally connected network has 206,202 weights, its convolutional twin 11,274. "
    "Both see the same windows and do the same multiplications. Which makes fewer mistakes?",
    {
        "the one with more weights": "It could learn all that its twin can, and more. But it does not get there first.",
        "the convolutional one, clearly": "Its mean is lower, by a tenth of a point that the five seeds do not "
                                          "establish.",
        "neither, as far as one can tell": None,
    },
    right="neither, as far as one can tell",
    why="With so many images each window can learn by itself. The shared one does as well with a twentieth of the "
        "numbers.",
)

gap = choice(
    "All five stand points below 1989. What is behind the gap: the way of training, or the drawings?",
    {
        "the way of training": "Four learning rates were tried. Not even the best of them for each network comes near.",
        "the drawings": None,
        "1989 was not honest": "Nothing suggests that. Mind what you can test: the images were drawn for the purpose.",
    },
    right="the drawings",
    why="With digits that one hand drew, the unchanged recipe comes near the numbers of 1989. That is plausibility "
        "and no proof: how much a hand shakes was ours to choose.",
)
