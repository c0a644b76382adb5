"""Predictions of lecture 00, start here."""

from cnnlib.questions.asked import choice

kept = choice(
    "Everything that this network knows is stored in a file of numbers. It has read 60,000 handwritten digits; each "
    "of them has 784 pixels. How many numbers did it keep?",
    {
        "about 60 thousand": None,
        "about 47 million": "That is 60,000 · 784, all the pixels it was shown. It remembers no picture.",
        "about 1 billion": "A size from the news. Networks of that size exist; reading digits does not need one.",
    },
    right="about 60 thousand",
    why="61,706, to be exact. It keeps weights, not pictures.",
)

units = choice(
    "The simplest network connects each of the 786,432 numbers to every one of its units. Take just 1,000 such "
    "units. How many weights is that?",
    {
        "about 800 thousand": "Right for *one* unit, and easy to stop at.",
        "about 800 million": None,
        "about 800 billion": "That would be a million units.",
    },
    right="about 800 million",
    why="786,432 · 1,000: one weight for each pair of a number and a unit.",
)
