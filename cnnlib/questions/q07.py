"""Predictions of lecture 07, backpropagation."""

import numpy as np

from cnnlib.matrices import conv1d_index, tie_gradient
from cnnlib.pooling import max_pool2d_backward
from cnnlib.questions.asked import choice, numbers

shared = choice(
    "Nine positions send their messages to K₀₀. Work them out on paper, G times the top left 3 × 3 block of x. Is "
    "∂L/∂K₀₀ their sum, their mean, or one of them?",
    {
        "their sum": None,
        "their mean": "Losses are often averaged, and nine voices sound like a vote. But when the weight moves, all "
                      "nine outputs move, and shares of one loss are added.",
        "the largest": "That is what max pooling does, for another reason. Here every position uses the weight, so "
                       "every one counts.",
        "the last": "That is what `=` in place of `+=` would leave. Every position uses the weight, so every one "
                    "counts.",
    },
    right="their sum",
    why="When K₀₀ moves, all nine outputs move at once, each changes the loss by its share, and the shares add up to "
        "4.",
)

transpose = choice(
    "Forward, a with 2 numbers is multiplied by Θ, of shape 3 × 2. Backward, you have G with 3 numbers and want 2. "
    "How do you get them, and with a = (2, 1) and G = (1, −1, 2), what is ∂L/∂Θ₂₀?",
    {
        "Θ⁻¹ G, and 4": "A backward pass undoes nothing. It asks how much each input mattered, and walks the same "
                        "edges in the other direction.",
        "Θᵀ G, and 4": None,
        "Θᵀ G, and 2": "That is G₂ · a₁, or G₂ alone. Θ₂₀ carries a₀ to z₂.",
        "Θ G, and 4": "Θ takes 2 numbers and gives 3. You have 3 and want 2.",
    },
    right="Θᵀ G, and 4",
    why="Each edge is walked backwards with its own weight: Θᵀ. And Θ₂₀ carries a₀ = 2 to z₂, whose message is 2.",
)

doors = choice(
    "A ReLU received z = (−2, 0.5, 3), and the gradient in its output is (5, 5, 5). What is the gradient in z?",
    {
        "(5, 5, 5)": "Where z was negative the output stays 0 when you nudge z: nothing is passed back.",
        "(0, 5, 5)": None,
        "(0, 2.5, 15)": "You multiplied by the *value*. The slope is 1 wherever z is positive, however large z is.",
        "(0, 1, 1)": "Those are the slopes. They are multiplied by what comes back.",
    },
    right="(0, 5, 5)",
    why="A ReLU is a row of doors that are open or shut.",
)

said_minus_true = choice(
    "The true answer is y = 1 and the network says ŷ = 0.9. What gradient goes back to z? Should z grow or shrink?",
    {
        "+0.1; grow": "With a positive gradient the loss would fall when z *shrinks*.",
        "+0.1; shrink": "That is y − ŷ. What goes back is *said minus true*: 0.9 − 1.",
        "−0.1; grow": None,
        "−0.1; shrink": "A negative gradient says that the loss falls when z grows.",
        "−0.009; grow": "One factor ŷ(1 − ŷ) too many: it cancels against the slope of the logarithm.",
    },
    right="−0.1; grow",
    why="ŷ − y = −0.1: the loss falls if z grows, for 0.9 is not yet 1.",
)

familiar = choice(
    "∂L/∂K_ab = Σ G_ij · x_{i+a, j+b}. You know this formula with other letters. Which operation is it, and what "
    "slides over what?",
    {
        "cross-correlation: K slides over x": "K does not occur in it at all. Look at what plays the filter's part.",
        "cross-correlation: G slides over x": None,
        "convolution: G slides over x, flipped": "The plus in the index says that nobody flips.",
        "a matrix product of G and x": "The shapes would not even fit: G is 3 × 3 and x is 5 × 5.",
    },
    right="cross-correlation: G slides over x",
    why="G plays the filter, x the image, and 5 − 3 + 1 = 3 is the side of the result.",
)

order = choice(
    "Look at the centre pixel x₂₂, which all nine windows see. Read G in reading order, from G₀₀ to G₂₂. In which "
    "order do the weights meet these entries, in the sum for ∂L/∂x₂₂?",
    {
        "K₀₀, K₀₁, … K₂₂, in reading order": "The first window has the centre pixel in its *bottom right* corner, "
                                             "where K₂₂ is.",
        "K₂₂, K₂₁, … K₀₀, backwards": None,
        "K₀₀, K₁₀, … K₂₂, column by column": "That would be a transpose. Look where the pixel lies in the first "
                                             "window and in the second.",
        "K₁₁ every time": "The pixel is in the centre of the *image*; only one of the nine windows has it in its own "
                          "centre.",
    },
    right="K₂₂, K₂₁, … K₀₀, backwards",
    why="When the window goes right, the pixel goes left in it. The kernel is read backwards: turned by 180°.",
)

padding = choice(
    "G is 3 × 3, the kernel is 3 × 3, and the gradient in x must be 5 × 5. Which padding does that take?",
    {
        "valid": "Valid would give 1 × 1.",
        "same": "Same would give 3 × 3, and the pixels of the border would get nothing.",
        "full": None,
    },
    right="full",
    why="3 + 3 − 1 = 5: each pixel hears from every window that touches it, a corner from one only.",
)

_outer = np.outer([1, -1, 2], [1, 1, 1, 0, 0])
tie = numbers(
    "Make the gradient of (θ₀, θ₁, θ₂) out of the 15 numbers of G xᵀ, on paper.",
    tuple(int(v) for v in tie_gradient(conv1d_index(5, 3), _outer, (3,))),
    "Cross out the entries that have no edge; add up those that carry the same weight, along each diagonal.",
    hears={
        (2, 2, 2): "You added whole columns. Only entries *with an edge* count, and θ₁ sits one place further right "
                   "in each row.",
        (1, 1, 1): "That is the first row alone. The other two rows use the same weights.",
        (0.666667, 0, 0.333333): "You took the mean. Messages to one weight are added.",
        (1, 0, 2): "You added up columns, or took θ₀ for the last weight. It sits on (0, 0), (1, 1) and (2, 2).",
    },
    otherwise="θ₀ sits on (0, 0), (1, 1) and (2, 2); θ₁ one place to the right; θ₂ two.",
    boxes=("θ₀", "θ₁", "θ₂"),
)

loose = choice(
    "Somebody puts the banded matrix into an ordinary fully connected layer and takes one step of gradient descent, "
    "without removing and without tying. Is the layer still a convolution afterwards?",
    {
        "yes, the zeros have no gradient": "A missing edge has none. But a zero *weight* has one: G xᵀ need not be 0 "
                                           "there.",
        "yes, equal weights get equal gradients": "Each copy gets only the message of its own edge, and those differ.",
        "no": None,
    },
    right="no",
    why="Missing edges come back, and the copies of each weight go their own ways.",
)

winner = choice(
    "A 2 × 2 max pooling window holds 1, 3, 0, 2, and the gradient 7 comes back. What does each of the four get?",
    {
        "all 7 to the 3": None,
        "7/4 to each": "That is what *average* pooling does.",
        "shares in proportion to 1, 3, 0, 2": "How large an input is and how much it matters are two things. Nudge "
                                              "the 1: nothing happens.",
        "7 to each": "Nudge the 1 a little: the output stays 3. So the 1 did not matter.",
    },
    right="all 7 to the 3",
    why="Nudge the 3 and the output follows; nudge any other a little and nothing happens.",
)

_twice = max_pool2d_backward(np.ones((1, 1, 1, 2)), np.array([[[[1, 5, 2.0]]]]), (1, 2), stride=1)
overlap = numbers(
    "In the row (1, 5, 2) two windows of width 2 move by 1; both are won by the 5, and each sends back 1. What does "
    "the 5 get?",
    int(_twice[0, 0, 0, 1]),
    "Two paths, two messages, one sum.",
    hears={
        1: "That is one of the two messages. Both windows chose the 5.",
        0.5: "Nobody divides: two messages arrive, and they are added.",
        10: "The value 5 does not enter. What comes back is 1, twice.",
    },
    otherwise="Count the messages that reach the 5, and add them.",
)

lenient = choice(
    "Your friend forgot the flip in the gradient of the input. You test the code on the lecture's image and the "
    "lecture's filter. Does the check catch it?",
    {
        "yes": "Turn the lecture's filter by half a turn: it is the same filter. On it the mistake makes no "
               "difference.",
        "no": None,
    },
    right="no",
    why="The filter is symmetric. A check is only as good as the numbers that you feed it.",
)

epsilon = choice(
    "Central differences get better as ε gets smaller. Is 10⁻¹² then the best choice?",
    {
        "yes, the smaller the better": "For exact numbers, yes. In a computer the two losses are then almost equal, "
                                       "and their difference is little but rounding.",
        "no, something near 10⁻⁵ or 10⁻⁶": None,
        "no, something near 0.1": "There the loss is curved between the two points, and the slope is off.",
    },
    right="no, something near 10⁻⁵ or 10⁻⁶",
    why="The error of the curve falls with ε², the error of rounding grows with 1/ε: the best is in the middle.",
)

shapes = choice(
    "The image is 1 × 8 × 8. Forward: convolution to 2 × 6 × 6, ReLU, pooling to 2 × 3 × 3, flattening to 18, one "
    "number. What are the shapes of the gradient on its way back?",
    {
        "always one number": "One number comes out of the loss. But each layer hands on a gradient for each of its "
                             "inputs.",
        "18, then 2×3×3, 2×6×6, 2×6×6, 1×8×8": None,
        "18, then 2×6×6, 2×3×3, 2×6×6, 1×8×8": "The order of the layers is turned round: flattening gives back 2 × 3 "
                                               "× 3, and only pooling makes it larger.",
        "18, then 2×3×3, 2×3×3, 2×3×3, 1×8×8": "Max pooling gives its message to one of four places, but the others "
                                               "are there, with 0.",
    },
    right="18, then 2×3×3, 2×6×6, 2×6×6, 1×8×8",
    why="Each gradient has the shape of what went forward at that place; there is nothing else that it could be a "
        "gradient *of*.",
)

overshoot = choice(
    "θ = (1, 0, 1), gradient (2, 1, 1), loss 1. Take one step with η = 0.1. What is the new θ, and does the loss "
    "fall? And with η = 0.5?",
    {
        "(0.8, −0.1, 0.9); it falls; with 0.5 it falls more": "The direction is the same, but a gradient is a "
                                                              "promise about *tiny* steps only.",
        "(0.8, −0.1, 0.9); it falls; with 0.5 it rises": None,
        "(1.2, 0.1, 1.1); it falls; with 0.5 it falls more": "That walks uphill: gradient *descent* subtracts.",
        "(0.8, −0.1, 0.9); it rises": "The gradient says where the loss grows; the step goes the other way, a little.",
    },
    right="(0.8, −0.1, 0.9); it falls; with 0.5 it rises",
    why="0.545 with η = 0.1. With 0.5 the step goes down into the valley and up the other side: 1.625.",
)

middle = numbers(
    "Repeat the step a thousand times. Which filter will it be?",
    (0, 1, 0),
    "The filter that puts out the middle of its window. Nobody told it so; three mistakes did.",
    hears={
        (1, 0, 1): "That is where it began.",
        (0.333333, 0.333333, 0.333333): "That puts out the *mean* of the window. The targets are its middle.",
        (1, 1, 1): "That puts out the sum of the window. The targets are its middle.",
        (1, 0, 0): "That puts out the first entry of the window. The targets are its middle.",
        (0, 0, 1): "That puts out the last entry of the window. The targets are its middle.",
    },
    otherwise="The targets are the middle of each window. Which three weights put out the middle, whatever the signal?",
    boxes=("θ₀", "θ₁", "θ₂"),
)

same_filter = choice(
    "The nine weights start at random. After 2,000 patches, what will they be?",
    {
        "Sobel's nine numbers": None,
        "some other filter that does the same job": "On 2,000 different patches no other kernel gives the same "
                                                    "responses.",
        "something in between": "It was, after 20 patches. The mistakes that were left told it where to go.",
    },
    right="Sobel's nine numbers",
    why="Two different kernels give different responses on *some* patch, and SGD saw 2,000 of them.",
)
