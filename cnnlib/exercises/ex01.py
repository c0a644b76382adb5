"""01 · Count what a fully connected net has to learn."""

import math

import numpy as np

from cnnlib.exercises._exercise import exercise
from cnnlib.functional import sigmoid

WIDTHS = [784, 300, 100, 10]
CHAIN = [12, 4, 3, 5]
PIXELS = 200 * 200


@exercise
class q1:
    """Write `neuron(theta, x, bias)`: multiply each input by its weight, add the products and the bias up, and send the
    sum through the sigmoid, $g(z) = 1 / (1 + e^{-z})$. Use a loop."""

    def neuron(theta, x, bias):
        z = bias
        for weight, value in zip(theta, x):
            z = z + weight * value
        return 1 / (1 + np.exp(-z))

    def inputs(rng):
        yield [2, -1], [1, 3], 0.5
        for n in (1, 3, 4, 7):
            yield rng.normal(size=n), rng.normal(size=n), float(rng.normal())

    hints = ("Begin with a sum that holds the bias, and let a loop over both lists add one product at a time.",
             "`zip(theta, x)` walks through both at once. After the loop, g is applied once, to the whole sum.")
    because = "A neuron is a weighted sum with a bend: z is linear in the inputs, and g squeezes it between 0 and 1."
    wrong = {
        "You return the sum z. It still has to go through g.": ("1 / (1 + np.exp(-z))", "z"),
        "The bias is missing from the sum.": ("z = bias", "z = 0.0"),
        "The exponent has lost its minus: your g falls where it should rise.": ("np.exp(-z)", "np.exp(z)"),
        "Each round of the loop replaces the sum instead of adding to it: only the last product is left.":
            ("z = z + weight * value", "z = weight * value"),
        "You begin again from the bias in each round, so only the last product is left of the sum.":
            ("z = z + weight * value", "z = bias + weight * value"),
        "You take the bias away; it is added. (The minus of the exponent belongs to the whole sum: mind its brackets.)":
            ("z = bias", "z = -bias"),
        "You send each product through g and add up the answers. The bend comes once, after the sum.":
            lambda theta, x, bias: bias + sum(1 / (1 + np.exp(-t * v)) for t, v in zip(theta, x)),
        "You add the bias after g. It belongs into the sum.":
            ("z = bias", "z = 0.0", "1 / (1 + np.exp(-z))", "1 / (1 + np.exp(-z)) + bias"),
        "You add weight and value. They are multiplied, and the products are added.":
            ("weight * value", "weight + value"),
        "You add the bias in every round of the loop, once for each input.":
            ("z = bias", "z = 0.0", "z + weight * value", "z + weight * value + bias"),
        "You take the mean of the products. They are added up.":
            lambda theta, x, bias: 1 / (1 + np.exp(-(np.mean(np.multiply(theta, x)) + bias))),
        "You used tanh for g. The lecture's g is the sigmoid.": ("1 / (1 + np.exp(-z))", "np.tanh(z)"),
        "You used ReLU for g. The lecture's g is the sigmoid.": ("1 / (1 + np.exp(-z))", "max(z, 0)"),
        "You took the exponent without its sign: your g is never above one half.":
            ("np.exp(-z)", "np.exp(abs(z))"),
        "You added up weights and inputs first and multiplied the two sums. Each input meets its own weight.":
            lambda theta, x, bias: 1 / (1 + np.exp(-np.sum(theta) * np.sum(x) - bias)),
        "You rounded to yes or no. The neuron answers with a number between.":
            ("1 / (1 + np.exp(-z))", "float(z > 0)"),
        "The brackets of 1 + e⁻ᶻ are missing: you divide 1 by 1, and add the rest.":
            ("1 / (1 + np.exp(-z))", "1 / 1 + np.exp(-z)"),
        "The last input never takes part: your loop ends one place too early.":
            ("zip(theta, x)", "zip(theta[:-1], x[:-1])"),
        "The first input never takes part: your loop begins at 1.": ("zip(theta, x)", "zip(theta[1:], x[1:])"),
        "You return after the first input: the `return` stands inside the loop.":
            ("\n    return 1", "\n        return 1"),
        "You apply g in every round of the loop. The bend comes once, after the sum.":
            ("z = z + weight * value", "z = 1 / (1 + np.exp(-(z + weight * value)))",
             "return 1 / (1 + np.exp(-z))", "return z"),
    }


@exercise
class q2:
    """A net for MNIST has the widths 784, 300, 100, 10. How many **parameters** does it have, weights and biases
    together?"""

    def parameters():
        return sum(before * after + after for before, after in zip(WIDTHS, WIDTHS[1:]))

    hints = ("Count the weights in each gap between two neighbouring layers, and add up over the gaps.",
             "Then add the biases: one for each unit that computes. The inputs compute nothing.")
    because = "Each gap has (before × after) weights, and each unit after the input one bias."
    wrong = {
        "You added the widths: those are units. A weight belongs to a pair of units, and pairs multiply.":
            lambda: sum(WIDTHS),
        "You multiplied all the widths. A link joins neighbouring layers only: one product a gap, then a sum.":
            lambda: math.prod(WIDTHS),
        "These are the weights alone. Each unit that computes has a bias as well.":
            lambda: sum(a * b for a, b in zip(WIDTHS, WIDTHS[1:])),
        "You gave the inputs biases too. An input computes nothing, so it has none.":
            lambda: sum(a * b for a, b in zip(WIDTHS, WIDTHS[1:])) + sum(WIDTHS),
        "You gave each layer one bias. Each of its units has one.":
            lambda: sum(a * b for a, b in zip(WIDTHS, WIDTHS[1:])) + len(WIDTHS) - 1,
        "You counted the first gap only. There are three gaps.": lambda: WIDTHS[0] * WIDTHS[1] + WIDTHS[1],
        "You left the output units' biases out. They compute as well.":
            lambda: sum(a * b for a, b in zip(WIDTHS, WIDTHS[1:])) + sum(WIDTHS[1:-1]),
        "You counted the hidden units' biases twice, or gave one bias to either end of a gap.":
            lambda: sum(a * b + a + b for a, b in zip(WIDTHS, WIDTHS[1:])),
        "These are the biases alone.": lambda: sum(WIDTHS[1:]),
        "You gave the whole net one bias. Each unit that computes has one.":
            lambda: sum(a * b for a, b in zip(WIDTHS, WIDTHS[1:])) + 1,
        "Those are the parameters gap by gap. Add them up.": lambda: [a * b + b for a, b in zip(WIDTHS, WIDTHS[1:])],
        "Those are the weights and the biases. Add them up.":
            lambda: [sum(a * b for a, b in zip(WIDTHS, WIDTHS[1:])), sum(WIDTHS[1:])],
    }


@exercise
class q3:
    """Write `weight_shapes(widths)`: for the widths of a net, a list with the shape of each of its matrices
    $\\Theta^{(1)}, \\Theta^{(2)}, \\dots$, as pairs of numbers. (For $\\Theta x$, a row belongs to a unit of the next
    layer.)"""

    def weight_shapes(widths):
        return [(after, before) for before, after in zip(widths, widths[1:])]

    def inputs(rng):
        yield [3, 4, 4, 1],
        yield CHAIN,
        yield [5, 2],
        yield rng.integers(2, 90, size=5).tolist(),

    hints = ("How many matrices are there for four widths?",
             "`zip(widths, widths[1:])` pairs each layer with the next. Which of the two has the rows?")
    because = ("To comes before from: Θx needs as many columns as x has entries, and gives as many numbers as it has "
               "rows.")
    wrong = {
        "You wrote (before, after), as one reads the picture. In Θx a row belongs to a unit of the next layer.":
            ("(after, before)", "(before, after)"),
        "You made room for the bias as a further column. Here Θ holds the weights alone.":
            ("(after, before)", "(after, before + 1)"),
        "You made a matrix for each layer. There is one for each gap between layers.":
            ("zip(widths, widths[1:])", "zip([1, *widths], widths)"),
        "You multiplied the sides: those are the numbers of weights, and the shapes are asked for.":
            ("(after, before)", "after * before"),
        "You left the last matrix out, the one that leads to the output.": ("widths[1:])", "widths[1:-1])"),
        "You left the first matrix out, the one that reads the input.":
            ("zip(widths, widths[1:])", "zip(widths[1:], widths[2:])"),
        "Your list runs from the output to the input.":
            ("[(after", "[*reversed([(after", "widths[1:])]", "widths[1:])])]"),
        "You counted a unit for the bias into each layer. Here Θ holds the weights alone.":
            ("(after, before)", "(after + 1, before)"),
        "Each of your matrices reads the input. A matrix reads the layer before it.":
            ("(after, before)", "(after, widths[0])"),
        "You return the number of rows alone; a shape has two numbers.":
            ("(after, before)", "after"),
    }


@exercise
class q4:
    """Write `forward(Thetas, biases, x)`: send `x` through the whole net. Layer by layer, multiply by the matrix, add
    the biases of its units, and apply the sigmoid."""

    def forward(Thetas, biases, x):
        a = x
        for Theta, bias in zip(Thetas, biases):
            a = sigmoid(Theta @ a + bias)
        return a

    def inputs(rng):
        for widths in ([3, 4, 4, 2], [2, 5], CHAIN, [3, 3, 3]):
            pairs = list(zip(widths, widths[1:]))
            yield ([rng.normal(size=(b, a)) for a, b in pairs], [rng.normal(size=b) for _, b in pairs],
                   rng.normal(size=widths[0]))

    hints = ("A variable `a` begins as x, and each layer turns it into the next a.",
             "One line in the loop is enough: the product, plus the bias, through the sigmoid.")
    because = ("The answer of each layer is the input of the next; the loop knows nothing of sizes, they are in the "
               "matrices.")
    wrong = {
        "The bias is missing.": ("Theta @ a + bias", "Theta @ a"),
        "There is no bend: you multiply by one matrix after the other, and a product of matrices is one matrix.":
            ("sigmoid(Theta @ a + bias)", "Theta @ a + bias"),
        "Each layer reads x again. It should read what the layer before it gave.": lambda Thetas, biases, x: (
            sigmoid(Thetas[-1] @ x + biases[-1]) if Thetas[-1].shape[1] == len(x) else _raise(ValueError)),
        "You return after the first layer: the `return` stands inside the loop.":
            lambda Thetas, biases, x: sigmoid(Thetas[0] @ x + biases[0]),
        "You apply the bend once, at the end. Each layer has its own.":
            ("sigmoid(Theta @ a + bias)", "Theta @ a + bias", "return a", "return sigmoid(a)"),
        "You add the bias after the sigmoid. It belongs into the sum.":
            ("sigmoid(Theta @ a + bias)", "sigmoid(Theta @ a) + bias"),
        "Your last layer has no bend: the sigmoid is missing there.":
            lambda Thetas, biases, x: _last_linear(Thetas, biases, x),
        "You send the input through the sigmoid before the first layer. x is the input as it is.":
            ("a = x", "a = sigmoid(x)"),
        "The bias is taken away; it is added.": ("+ bias", "- bias"),
        "You used tanh for the bend. The lecture's g is the sigmoid.":
            ("sigmoid(", "np.tanh("),
        "You used ReLU for the bend. The lecture's g is the sigmoid.":
            ("sigmoid(Theta @ a + bias)", "np.maximum(Theta @ a + bias, 0)"),
        "Your sigmoid has lost its minus: it falls where it should rise.":
            ("sigmoid(Theta @ a + bias)", "sigmoid(-(Theta @ a + bias))"),
        "You add up the biases of a layer first. Each unit has its own.": ("+ bias)", "+ bias.sum())"),
        "You apply the sigmoid twice in each layer.":
            ("sigmoid(Theta @ a + bias)", "sigmoid(sigmoid(Theta @ a + bias))"),
        "You return the answers of all layers; those of the last one are asked for.":
            lambda Thetas, biases, x: [q4.right(Thetas[:k], biases[:k], x) for k in range(1, len(Thetas) + 1)],
        "You return x and the answers of all layers; those of the last one are asked for.":
            lambda Thetas, biases, x: [q4.right(Thetas[:k], biases[:k], x) for k in range(len(Thetas) + 1)],
        "Your last layer has a softmax. Here each layer has the sigmoid.":
            lambda Thetas, biases, x: _softmax(_last_linear(Thetas, biases, x)),
        "You send the biases through the sigmoid by themselves. They belong into the sum.":
            ("sigmoid(Theta @ a + bias)", "sigmoid(Theta @ a) + sigmoid(bias)"),
    }


def _raise(error):
    raise error


def _last_linear(Thetas, biases, x):
    for Theta, bias in zip(Thetas[:-1], biases[:-1]):
        x = sigmoid(Theta @ x + bias)
    return Thetas[-1] @ x + biases[-1]


def _softmax(z):
    return np.exp(z) / np.exp(z).sum()


@exercise
class q5:
    """Write `loss(y, y_hat)`: the logistic loss of many answers, $-[y \\log \\hat y + (1 - y) \\log(1 - \\hat y)]$,
    **averaged** over them. `y` holds zeros and ones, `y_hat` the net's answers between 0 and 1."""

    def loss(y, y_hat):
        return -np.mean(y * np.log(y_hat) + (1 - y) * np.log(1 - y_hat))

    def inputs(rng):
        for n in (1, 4, 5, 8):
            yield rng.integers(0, 2, size=n), rng.uniform(0.05, 0.95, size=n)
        yield np.ones(3, int), np.array([0.99, 0.01, 0.5])

    hints = ("NumPy computes with whole arrays: the formula can be written as it stands, and `np.mean` averages.",
             "Try a right answer that is nearly certain, y = 1 and ŷ = 0.99. A loss must be small and positive there.")
    because = ("The loss is minus the log-likelihood: the worse the answer, the larger. A mean does not depend on how "
               "many answers there are.")
    wrong = {
        "The minus is lost: that is the log-likelihood, which grows as the answers get better.":
            ("-np.mean", "np.mean"),
        "You added the losses up; they are to be averaged.": ("np.mean", "np.sum"),
        "You took the logarithm to base 10. `np.log` is the natural one.": ("np.log(", "np.log10("),
        "You took the logarithm to base 2. `np.log` is the natural one.": ("np.log(", "np.log2("),
        "The second half is missing: where y = 0, your loss is 0 whatever the net says.":
            (" + (1 - y) * np.log(1 - y_hat)", ""),
        "The first half is missing: where y = 1, your loss is 0 whatever the net says.":
            ("y * np.log(y_hat) + ", ""),
        "You wrote minus between the two halves. Both are charged.": (" + (1 - y)", " - (1 - y)"),
        "y and ŷ have changed places.":
            lambda y, y_hat: (
                -np.mean(y_hat * np.log(np.clip(y, 1e-300, 1)) + (1 - y_hat) * np.log(np.clip(1 - y, 1e-300, 1)))),
        "You divided by their number, but never added them up.":
            lambda y, y_hat: -(y * np.log(y_hat) + (1 - y) * np.log(1 - y_hat)) / len(y),
        "You return one loss for each answer; they are to be averaged.": ("-np.mean(", "-("),
        "That is the squared error. The logistic loss takes logarithms.": lambda y, y_hat: np.mean((y - y_hat) ** 2),
        "That is half the squared error. The logistic loss takes logarithms.":
            lambda y, y_hat: np.mean((y - y_hat) ** 2) / 2,
        "In the second half, the logarithm is of ŷ. It should be of what is left for the other answer, 1 − ŷ.":
            ("np.log(1 - y_hat)", "np.log(y_hat)"),
        "The logarithm should be of ŷ and of 1 − ŷ; in your second half it is 1 − log ŷ.":
            ("np.log(1 - y_hat)", "(1 - np.log(y_hat))"),
        "You averaged the probabilities first. Each answer has its own logarithm; then comes the mean.":
            lambda y, y_hat: -np.log(np.mean(np.where(y == 1, y_hat, 1 - y_hat))),
        "You averaged how far y and ŷ lie apart. The logistic loss takes logarithms.":
            lambda y, y_hat: np.mean(np.abs(y - y_hat)),
        "Each logarithm stands beside the wrong label: where y = 1 you charge log(1 − ŷ).":
            ("np.log(y_hat) + (1 - y) * np.log(1 - y_hat)", "np.log(1 - y_hat) + (1 - y) * np.log(y_hat)"),
        "You return the share of wrong answers. The loss asks how sure the net was.":
            lambda y, y_hat: np.mean((y_hat > 0.5) != y),
        "ŷ has been through the sigmoid already, and you send it through once more.":
            lambda y, y_hat: q5.right(y, sigmoid(y_hat)),
        "Brackets are missing: it is (1 − y), and all of it multiplies the logarithm.":
            ("(1 - y) * np.log(1 - y_hat)", "1 - y * np.log(1 - y_hat)"),
    }


@exercise
class q6:
    """Write `loss_gradient(y, z)`: how steeply the logistic loss, averaged over the answers, rises with each sum $z$
    (lecture 07 derives it: *said minus true*). Here $\\hat y = g(z)$, so the sigmoid has to be applied first."""

    def loss_gradient(y, z):
        y_hat = 1 / (1 + np.exp(-z))
        return (y_hat - y) / len(z)

    def inputs(rng):
        for n in (4, 3, 7):
            yield rng.integers(0, 2, size=n), rng.normal(size=n)
        yield np.array([0, 0, 1, 1]), np.array([-2, -1, 1, 2])

    hints = ("For one answer the slope is ŷ − y. Which part of a mean does one answer have?",
             "Check the sign with y = 1: if z grows, the answer gets better, so the loss falls there.")
    because = "The slope of each loss is said minus true, and each is one part in n of the mean."
    wrong = {
        "That is y − ŷ: the slope of the log-likelihood. Walking downhill on it makes the net worse.":
            ("y_hat - y", "y - y_hat"),
        "The loss is a mean over n answers, so each has only a part of the slope: a division is missing.":
            (" / len(z)", ""),
        "There is a factor ŷ(1 − ŷ) too many. It cancels against the slope of the logarithms.":
            ("(y_hat - y)", "(y_hat - y) * y_hat * (1 - y_hat)"),
        "You used z where ŷ = g(z) belongs.": ("y_hat = 1 / (1 + np.exp(-z))", "y_hat = z"),
        "You rounded ŷ to yes or no. The slope needs the answer as it was given.":
            ("(y_hat - y)", "(y_hat.round() - y)"),
        "That is the slope in ŷ. One more step leads back to z: multiply by the sigmoid's slope, ŷ(1 − ŷ).":
            ("(y_hat - y)", "(y_hat - y) / (y_hat * (1 - y_hat))"),
        "You averaged over all answers. Each sum has a slope of its own.":
            lambda y, z: np.mean(1 / (1 + np.exp(-z)) - y),
        "The sigmoid has lost its minus.": ("np.exp(-z)", "np.exp(z)"),
        "There is a factor of 2 too many, as if the error were squared.": ("(y_hat - y)", "2 * (y_hat - y)"),
        "You squared the difference. The slope is the difference itself.":
            ("(y_hat - y)", "(y_hat - y) ** 2"),
        "You took the size of the difference. A slope has a sign.":
            ("(y_hat - y)", "np.abs(y_hat - y)"),
        "You used tanh for g. The lecture's g is the sigmoid.":
            ("1 / (1 + np.exp(-z))", "np.tanh(z)"),
        "That is the loss itself, one for each answer; its slope is asked for.":
            lambda y, z: -(y * np.log(sigmoid(z)) + (1 - y) * np.log(1 - sigmoid(z))) / len(z),
        "That is the loss itself; its slope is asked for, one for each sum.": lambda y, z: q5.right(y, sigmoid(z)),
        "That is the slope of the squared error. The logistic loss is asked for.":
            ("(y_hat - y)", "2 * (y_hat - y) * y_hat * (1 - y_hat)"),
        "That is the slope of the sigmoid. The slope of the loss is asked for.": ("(y_hat - y)", "y_hat * (1 - y_hat)"),
        "You divided by 2, and not by the number of answers.": ("/ len(z)", "/ 2"),
        "You added the slopes up. Each sum has a slope of its own.": lambda y, z: np.sum(1 / (1 + np.exp(-z)) - y),
    }


@exercise
class q7:
    """You have 8 GB (not GiB) for the weights of one fully connected layer on a grey photograph of 400×400 pixels,
    at 4 bytes each and without biases. How many hidden units can you afford?"""

    def units():
        return 8 * 1000**3 // (4 * 400 * 400)

    hints = ("How many weights has one unit, and how many bytes are they?",
             "Then divide: how often does that fit into 8 GB?")
    because = "Each unit has one weight a pixel, 4 bytes each; the memory divided by that is the number of units."
    wrong = {
        "You counted in GiB, powers of 1024. GB are powers of 1000.": lambda: 8 * 1024**3 // (4 * 400 * 400),
        "That is right for 200×200 pixels, or for one byte a weight. Here it is 400×400, and 4 bytes.":
            lambda: 8 * 1000**3 // (4 * PIXELS),
        "Twice the side gives four times the pixels, and not twice.": lambda: 8 * 1000**3 // (8 * PIXELS),
        "That would be 8 bytes a weight. In float32 it is 4.": lambda: 8 * 1000**3 // (8 * 400 * 400),
        "That is the number of weights. Each unit has 160,000 of them.": lambda: 8 * 1000**3 // 4,
        "You took one side of the photograph for all of its pixels.": lambda: 8 * 1000**3 // (4 * 400),
        "You counted in bits. 8 GB are bytes.": lambda: 8 * 8 * 1000**3 // (4 * 400 * 400),
        "You multiplied by the 4 bytes of a weight. They use the memory up: divide.":
            lambda: 8 * 1000**3 * 4 // (400 * 400),
        "You counted three numbers a pixel. The photograph is grey: it has one.":
            lambda: 8 * 1000**3 // (4 * 400 * 400 * 3),
    }


@exercise
class q8:
    """A net without $g$ has the widths 100, 2, 100: it multiplies by a matrix, and then by another. Can it compute what
    *any* 100×100 matrix computes? `"a"`: yes, two matrices are one matrix. `"b"`: no, everything passes through two
    numbers. `"c"`: yes, if the two matrices have enough weights."""

    def choice():
        return "b"

    hints = ("What is the shape of what stands between the two matrices?", "What is the rank of a product at most?")
    because = ("The product of a 100×2 and a 2×100 matrix has rank 2 at most. A narrow middle loses what does not fit "
               "through it.")
    wrong = {
        "The product is one matrix, but not any matrix: what passes through two numbers has rank 2 at most.": "a",
        "The number of weights is fixed by the widths, and no choice of them widens the middle.": "c",
    }
