"""Predictions of lecture 12, finding faces."""

from cnnlib.questions.asked import choice, numbers
from cnnlib.shapes import ReceptiveField

drawer = choice(
    "How many of the 60 patches in the drawer will the net get right?",
    {
        "about 35": "That is little better than guessing. Faces are easy to tell from *these* others.",
        "about 50": "More. Look how many of the others are blank walls.",
        "about 58": None,
    },
    right="about 58",
    why="Nearly all. But many of the “others” are black corners, and it takes little to tell a face from those.",
)

replaced = choice(
    "You replace the linear layer by a convolution with the same weights. How many parameters does the new net have?",
    {
        "fewer than 2,457": "Convolutions share, so they must save? This filter has one place to stand on a patch: "
                            "nothing is shared yet.",
        "as many": None,
        "more than 2,457": "A filter of 4 × 4 × 16 has as many weights as a row of 256.",
    },
    right="as many",
    why="They are the same numbers in memory, read as a block and not as a row.",
)

_field = ReceptiveField().through(4).through(2, stride=2).through(4).through(2, stride=2).through(4)
apart = numbers(
    "How far apart are two neighbouring outputs of the sliding net, in pixels of the picture?",
    _field.jump,
    "The product of the strides: 2 · 2 from the two poolings.",
    hears={
        1: "The convolutions go pixel by pixel. But each pooling halves what is left.",
        2: "There are two poolings, and each halves what is left.",
        8: "Two poolings of 2 make 4.",
        25: "25 is the size of the window. The next one begins much sooner.",
        3: "Steps multiply, as sizes add: 2 · 2.",
    },
    otherwise="Only strides matter here, and they multiply.",
)

places = choice(
    "The net is right on nearly all patches. One face is in this picture, and 16,244 windows are looked at. How many "
    "separate places will it call a face, after suppression?",
    {
        "about 1": "You took “nearly always” for certainty. Four mistakes in a hundred are 650 in 16,244.",
        "about 10": "Sixteen thousand windows are a great many chances for a mistake.",
        "about 30": "Sleeves, flags, helmets and half faces never appeared among the “others”.",
        "about 300": None,
    },
    right="about 300",
    why="The number that looked so good was an answer to an easier question.",
)

hunting = choice(
    "After six rounds of hunting and training again, what will have happened to (a) the mistakes on the 60 patches "
    "in the drawer, and (b) the false alarms in new photographs?",
    {
        "(a) fewer, (b) fewer": "One hopes that of a test set. On these patches nothing can be seen.",
        "(a) nothing to be seen, (b) far fewer": None,
        "(a) more, (b) far fewer": "The net has not forgotten the patches, as far as can be seen.",
        "(a) fewer, (b) nothing to be seen": "The other way round: the hunt is for what fools it in photographs.",
    },
    right="(a) nothing to be seen, (b) far fewer",
    why="Two thirds of the alarms are gone after one round. Test on what you will meet.",
)

worth = choice(
    "Which of three matters most: the contrast of each window, the near misses, or forty variations in place of ten?",
    {
        "the contrast of each window": "By its mean it does. But the interval is wider than the difference.",
        "the near misses": "With three seeds nothing of the kind is established.",
        "the forty variations": "They made hardly any difference in the means.",
        "one cannot tell": None,
    },
    right="one cannot tell",
    why="With three or five seeds none of them is established. It would take more seeds, and nothing else.",
)

cascade = choice(
    "The cascade's file is some text. How many numbers are in it that learning had to find?",
    {
        "a few hundred": "It has some two thousand: thresholds, leaves and rectangles.",
        "a few thousand": None,
        "a million": "It is from a time when a telephone had to do with little.",
    },
    right="a few thousand",
    why="2,371, almost as many as our net has. Neither of the two is large.",
)

duel = choice(
    "At equal misses, will the two be a factor of 30 apart, a factor of 3, or level?",
    {
        "a factor of 30": "An earlier version of this net was that far behind, before it had hunted.",
        "a factor of 3": None,
        "level": "Where it misses as many, our net raises more false alarms.",
    },
    right="a factor of 3",
    why="About, and with the same vote that it is more is established. The cascade has seen thousands of faces, ours "
        "seventy.",
)

smallest = choice(
    "With 8 and 16 filters our net has 2,457 numbers. With 4 and 8 it has 717, with 2 and 4 just 231, with 1 and 2 "
    "only 84. Which is the first that is *clearly* worse, at equal misses?",
    {
        "717": "A third of the numbers, and no established difference.",
        "231": "Its mean is worse. That it is, five seeds do not establish.",
        "84": None,
        "none of them": "One filter and two are not enough to tell a face.",
    },
    right="84",
    why="Of the three, only the smallest is established to be worse.",
)
