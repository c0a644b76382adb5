"""Predictions of lecture 11, real networks."""

from cnnlib.questions.asked import choice, numbers

choices_made = choice(
    "In lecture 08 you trained LeNet-5 with a handful of lines. How many choices had been made for you before the "
    "first gradient was computed?",
    {
        "about five": "Those are the ones with a name in the call. Count the maps, kernels and poolings as well.",
        "about ten": "Closer. Count how the images are distorted, and how long one trains.",
        "more than that": None,
    },
    right="more than that",
    why="Eighteen in the next cell, and the list stops where patience does. They are called hyperparameters.",
)

luck = choice(
    "You run this recipe again with other seeds: only other first weights and another order. By how much does the "
    "validation error differ between the luckiest and the unluckiest seed?",
    {
        "by a tenth of a point": "A machine computes with seven digits. But a training amplifies where it starts.",
        "by half a point": "More. With 640 images a good deal hangs on the first weights.",
        "by more": None,
    },
    right="by more",
    why="By points: from 3.6 to 8.3 % in twenty runs. One run is no measurement.",
)

schedules = choice(
    "Peak 0.05, with momentum 0.9. Which of *constant 0.01*, *constant 0.05*, *cosine from 0.05*, *warm-up to 0.05, "
    "then cosine* is best, and does a cosine without warm-up help a network in trouble at the beginning?",
    {
        "cosine is best: it ends gently": "It does. But the damage is done in the first steps, where it is as bold "
                                          "as the constant rate.",
        "constant 0.05 is best: it goes furthest": "It loses runs in the very first steps.",
        "constant 0.01 is best: it is the safest": "It loses nobody. But a bold rate that is reached slowly gets "
                                                   "further.",
        "warm-up and cosine; a cosine alone does not help": None,
    },
    right="warm-up and cosine; a cosine alone does not help",
    why="It reaches the same peak, loses nobody, and is better than the recipe as it is by 0.8 points.",
)

slope = choice(
    "The slope α of the leaky ReLU is 0 in the recipe. For which of 0.1 and 0.3 is a lower error *established*?",
    {
        "for both": "Both means are lower. But 17 questions are asked, and with so many one passes too easily.",
        "for 0.3 only": "Asked by itself it would have passed. It is one of 17 questions.",
        "for neither": None,
    },
    right="for neither",
    why="Not established, which does not say that the leak does nothing.",
)

norm = choice(
    "What does batch normalisation buy: a lower error at the learning rate that we have, or a larger learning rate "
    "that can be survived?",
    {
        "a lower error only": "At 0.05 no run is lost with it, and without it two in twenty are.",
        "a larger rate only": "At the rate that we have, its error is lower as well.",
        "both, and both are established": "The first is. At 0.05 the mean without it hangs on two lost runs, and "
                                          "nobody can pin it down.",
        "both, but only the first is established": None,
    },
    right="both, but only the first is established",
    why="0.8 points at 0.01. At 0.05 no run of twenty is lost, but by our rule for means that is not established.",
)

moved = choice(
    "Which of three recipes (shifts of up to 2 pixels, of up to 4, the mixture) lowers the error on images *as they "
    "are*? And how bad is a network that has never seen a digit off the centre, on digits moved by up to 4 pixels?",
    {
        "all three; hardly worse": "Convolution carries a pattern along. But fully connected layers sit behind it.",
        "none is established; more than four in ten wrong": None,
        "shifts of 4; twice as bad": "On digits as they are, shifts of 4 cost two points. And it is far worse than "
                                     "twice.",
        "the mixture; a little worse": "Its mean is lower, which is not established. And it is far worse than a "
                                       "little.",
    },
    right="none is established; more than four in ten wrong",
    why="Shift invariance is not built in. It has to be shown.",
)

grid = numbers(
    "Only 2 of the 16 knobs matter. You can afford 16 trials. How many different values of an important knob does a "
    "4 × 4 grid try, and how many do 16 random draws?",
    (4, 16),
    "The grid repeats the same four values of what matters with different values of what does not.",
    hears={
        (16, 16): "The grid has 16 points, but only four values along each side.",
        (4, 4): "Each random draw brings a new value of every knob.",
        (2, 16): "There are two important knobs; each has four values on the grid.",
    },
    otherwise="Look along one side of the grid. Then count the draws.",
    boxes=("grid", "random"),
)

winner = choice(
    "The winner was chosen because its error was the lowest. You train the same recipe again with fresh seeds. Will "
    "its error be lower, the same, or higher than the score that made it the winner?",
    {
        "lower": "There is no reason for more luck than that of the best of 32.",
        "the same, on average": "A score is skill plus luck, and the best of 32 scores has more luck than its share.",
        "higher, on average": None,
    },
    right="higher, on average",
    why="The score of a winner is never its result: measure it again, with fresh seeds.",
)

lenet = choice(
    "The long run sees all 60,000 images ten times, with three seeds for each kind. Will it end below or above the "
    "paper's two numbers, or about there?",
    {
        "above": "1998 was long ago, and recipes have become better since.",
        "about there": "That is what one expects of the same network. It is not quite the same.",
        "below both": None,
    },
    right="below both",
    why="Some 68 and 51 mistakes in 10,000, where the paper had 95 and 80. It is the recipe more than the "
        "architecture.",
)
