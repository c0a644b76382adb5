"""Predictions of lecture 08, training LeNet."""

import math

from cnnlib.networks import lenet5
from cnnlib.questions.asked import choice, numbers

_cost = lenet5(rng=0).cost((28, 28)).parameters
most = choice(
    f"LeNet-5 has {_cost:,} parameters. Which part holds most of them?",
    {
        "the first convolution": "Six filters of 5 × 5 and their biases: 156 numbers, though they are used at 784 "
                                 "places.",
        "the second convolution": "2,416 numbers. The lecture is about convolutions and they do most of the "
                                  "multiplying; but shared weights are few.",
        "the fully connected layers": None,
    },
    right="the fully connected layers",
    why="The two convolutions hold 4 % of them. `Linear(400, 120)` alone has more than three quarters.",
)

guessing = numbers(
    "What accuracy, in per cent, do you expect of the untrained network on the test set? And what would the loss be "
    "for a network that gives every digit the same probability?",
    (10, math.log(10)),
    "One in ten is right by chance. And −log(1/10) = log 10 = 2.303, with the natural logarithm.",
    hears={
        (0, 2.303): "Even a network that knows nothing is right now and then: there are only ten answers.",
        (10, 1): "That is the logarithm to the base 10. The loss takes the natural one.",
        (10, 0): "A loss of 0 is certainty about the right digit. Here each digit gets a tenth.",
        (10, 0.1): "A tenth is the probability. The price is −log of it.",
        (50, 0.693147): "That would be two answers to choose from. Here there are ten.",
    },
    otherwise="Ten answers, all equally likely: how often is one right? And what is −log of a tenth?",
    boxes=("accuracy, %", "loss"),
    factor=1.3,
)

one_step = choice(
    "You take one step on one batch. What happens to the loss *of that batch*, and to the loss of another batch?",
    {
        "both fall": "Of the other batch nothing is promised: the step was chosen without looking at it.",
        "this batch's falls, the other's may rise": None,
        "both may rise": "A small enough step against the gradient lowers the loss that the gradient belongs to.",
    },
    right="this batch's falls, the other's may rise",
    why="It falls on average for others too, because digits have something in common. That is the bet of learning "
        "from examples.",
)

epoch = choice(
    "After how many of the 938 steps is the network right on 90 % of a batch that it has not seen before? And how "
    "accurate is it at the end?",
    {
        "some 10 steps; 98 %": "After ten steps it has seen 640 images, and the learning rate is still on its way up.",
        "one or two hundred steps; 98 %": None,
        "one or two hundred steps; 90 %": "It goes on: most of the steps go into the last few per cent.",
        "some 900 steps; 98 %": "The 98 % are right. But 90 % come in the first third, quickly.",
    },
    right="one or two hundred steps; 98 %",
    why="The 90 % come within the first 300 steps, and 98 % or more stand at the end. Watch the curve in the middle.",
)

linear = choice(
    "No hidden layer, no convolution: one fully connected layer from the 784 pixels to the ten classes. How many "
    "digits does it read?",
    {
        "about 10 %": "That is guessing. Even a single layer finds out where ink speaks for a digit.",
        "about 50 %": "More. Digits that are centred and of one size overlap a good deal with their like.",
        "about 90 %": None,
    },
    right="about 90 %",
    why="92 %. A high number is easy on MNIST, so compare *mistakes* and not successes.",
)

too_fast = choice(
    "Bring the network to about 95 %, push the slider to × 8 for some fifty steps, and bring it back to × 1. What "
    "does the loss do at × 8, and does it recover afterwards?",
    {
        "it falls faster, and stays low": "A gradient is a promise about small steps only. Eight times as long is "
                                          "too long.",
        "it jumps up, and comes down again": "That is what × 2 does. Eight times throws the weights where no "
                                             "gradient is left.",
        "it jumps up, and stays near 2.3": None,
    },
    right="it jumps up, and stays near 2.3",
    why="Mostly. The units of the second convolution are pushed so far that their ReLU answers 0 to every image: "
        "then the gradient is 0 too. log 10 is the price of giving every digit the same probability.",
)

confused = choice(
    "Which two digits does it mix up most?",
    {
        "0 and 1": "One is a ring, one is a stroke: they share no strokes at all.",
        "4 and 9, or another pair that shares its strokes": None,
        "6 and 9": "They are each other turned by half a turn. But nobody turned them, and to the net their ink lies "
                   "in other places.",
        "any two, equally often": "Mistakes have a pattern: they fall where little ink makes the difference.",
    },
    right="4 and 9, or another pair that shares its strokes",
    why="4 and 9 differ by one closed gap, 3 and 5 by the direction of one curve, 7 and 2 by a foot. Look which pair "
        "it is for yours.",
)

which_row = choice(
    "You cover the titles. Could you tell from the maps alone which row has been trained?",
    {
        "easily: only the trained one finds edges": "Any filter with a positive and a negative side answers along "
                                                    "edges, and random numbers nearly always have two sides.",
        "perhaps: both rows show outlines": None,
        "no: they look the same": "Not quite: in the trained row more of the paper is silent.",
    },
    right="perhaps: both rows show outlines",
    why="So “it has learned edge detectors” needs the untrained row beside it. What changed is quieter.",
)
