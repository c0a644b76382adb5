"""Predictions of lecture 10, what it learned."""

from cnnlib.questions.asked import choice, numbers
from cnnlib.shapes import ReceptiveField, conv2d_cost

_field = ReceptiveField().through(5, padding=2).through(2, stride=2).through(5)
unit = numbers(
    "One unit of the second convolution stands in its map of 10 × 10. How many weights does its filter have? And how "
    "wide, in pixels, is the piece of the *photograph* that can change it?",
    (conv2d_cost(6, 1, 5, (10, 10), bias=False).parameters, _field.size),
    "Six slices of 5 × 5; and 6 + 4 · 2 pixels, since a cell of the pooled map stands for 6 and the next lies 2 "
    "further on.",
    hears={
        (25, 14): "We say “a 5 × 5 filter” and leave its six slices unsaid.",
        (25, 5): "We say “a 5 × 5 filter” and leave its six slices unsaid. And its five cells are cells of a "
                 "*pooled* map.",
        (150, 5): "The patch is 5 *cells* wide. A cell of the pooled map stands for 6 pixels.",
        (150, 10): "Cells lie two pixels apart: five of them reach 4 · 2 further than one, and one sees 6.",
        (150, 16): "16 is what a unit behind the next pooling sees.",
        (151, 14): "151 counts the bias; the question is about weights.",
    },
    otherwise="Six maps come in, so the filter has six slices. And each cell of those maps sees several pixels.",
    boxes=("weights", "pixels"),
)

paper = choice(
    "Paper is blank: every pixel is 0. What do the six filters of the first layer answer on blank paper, before ReLU?",
    {
        "nothing": "Zero times any weight is zero. But the first layer is `Normalize`: paper arrives as −0.42.",
        "all the same": "Each multiplies the −0.42 by its own weights and adds its own bias.",
        "six different numbers": None,
    },
    right="six different numbers",
    why="Paper is not zero to them. Most of these filters hum on paper and fall silent where ink lies.",
)

dead = choice(
    "There are 16 filters in the second layer. After training, how many of them ever answer above zero, anywhere in "
    "2,000 images?",
    {
        "all 16": "The layer is declared with 16, and no error message says that some of them sleep.",
        "about 14": "More than two are asleep.",
        "about 9": None,
    },
    right="about 9",
    why="Seven are silent everywhere. Where ReLU gives 0 it hands back no gradient, so a dead filter stays dead.",
)

pruned = choice(
    "The seven silent filters are taken out. By how much does that shrink the network? And on how many of the 10,000 "
    "test images does it change the answer?",
    {
        "by 5 %; on none, or nearly": "The convolution itself shrinks little. But the fully connected layer behind "
                                      "it meets 175 numbers fewer.",
        "by 35 %; on hundreds": "A filter that is always silent says nothing that the next layer could miss.",
        "by 35 %; on none, or nearly": None,
        "by 15 %; on none, or nearly": "Count the fully connected layer: 120 units lose 175 weights each.",
    },
    right="by 35 %; on none, or nearly",
    why="From 61,706 to 39,649 parameters, most of them in the fully connected layer.",
)

patch = choice(
    "Take the 9. Which one patch of paper turns it into another digit, and into which?",
    {
        "over the loop, into a 4": None,
        "over the stem, into a 0": "Without its stem a 9 is a small ring, high up. This patch is not that large.",
        "over the blank corner, into a 7": "Paper over paper: nothing changes.",
    },
    right="over the loop, into a 4",
    why="Open the loop and it is a 4; you would say the same. And open the left side of this 8, and a 3 remains.",
)

five_labels = choice(
    "You have *one* labelled image of each of the digits 5 to 9. Guessing gives 20 %. What does the new end reach on "
    "the 4,861 test images?",
    {
        "about 20 %": "The features were learned on other digits, but strokes are strokes: they are of use here.",
        "about 50 %": None,
        "about 80 %": "Not from five images. It depends a good deal on which five.",
    },
    right="about 50 %",
    why="From five examples that is a lot. Whether it is much, only a comparison says.",
)

ahead = choice(
    "Who is ahead with 10 labels of each digit: the kept convolutions, random filters, bare pixels, or a network "
    "from scratch? And does the network from scratch catch up with the kept ones?",
    {
        "the kept convolutions; scratch catches up with more labels": None,
        "the kept convolutions; scratch never catches up": "With some hundred labels of each digit there is enough "
                                                           "to learn filters from.",
        "from scratch, from the beginning": "With 50 images in all it has 61,706 numbers to find.",
        "bare pixels": "They have no filters that would know a stroke.",
    },
    right="the kept convolutions; scratch catches up with more labels",
    why="Features are worth most where labels are few. How far the lead is established, the table says.",
)

clothes = choice(
    "The source has read 60,000 digits; the task is clothing, with 10 labels of each kind. Who is ahead: its "
    "filters, random filters, or a LeNet from scratch?",
    {
        "the learned filters, clearly": "They answer to strokes of a pen, and a shirt has few strokes.",
        "the random filters, clearly": "They are level with the others; nothing is established.",
        "from scratch, clearly": "With so few labels its lead is not established either.",
        "nobody, as far as one can tell": None,
    },
    right="nobody, as far as one can tell",
    why="Not even of the bare pixels. Features are for pictures like those they were learned from.",
)

patience = choice(
    "With sixteen times as many steps, who gains most? And does “only the last layer new” get back what the layers "
    "before it threw away?",
    {
        "“only the last layer”, and all of it": "It gains most on the digits. But the others end far above it.",
        "“only the last layer” and from scratch; not all of it": None,
        "nobody: 300 steps were enough": "They were enough for the bare pixels only.",
    },
    right="“only the last layer” and from scratch; not all of it",
    why="A part of what looked lost was too little training; but only a part.",
)
