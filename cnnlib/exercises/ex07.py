"""07 · Send the gradient back."""

import numpy as np

from cnnlib.conv import convolve2d, cross_correlate1d, cross_correlate2d
from cnnlib.exercises._exercise import exercise


def _backs(rng):
    """Gradients, images and kernels, neither square nor symmetric, and one of small integers."""
    for n, m in (((5, 6), (3, 2)), ((4, 7), (2, 4)), ((5, 5), (3, 3)), ((6, 4), (1, 3))):
        yield rng.normal(size=(n[0] - m[0] + 1, n[1] - m[1] + 1)), rng.normal(size=n), rng.normal(size=m)
    yield rng.integers(-2, 3, (3, 4)), rng.integers(0, 5, (4, 6)), rng.integers(-3, 4, (2, 3))


@exercise
class q1:
    """Write `linear_backward(G, a, Theta)` for $z = \\Theta a$: from the gradient `G` in $z$, return the gradient in
    $a$ and the gradient in $\\Theta$, in this order."""

    def linear_backward(G, a, Theta):
        return Theta.T @ G, np.outer(G, a)

    def inputs(rng):
        for n, m in ((3, 2), (2, 4), (3, 3), (1, 5)):
            yield rng.normal(size=n), rng.normal(size=m), rng.normal(size=(n, m))

    hints = ("A gradient has the shape of what it is a gradient of.",
             "The weight Θᵢⱼ joins aⱼ to zᵢ: its gradient is Gᵢ · aⱼ.",
             "The input aⱼ acts on every zᵢ, each time through Θᵢⱼ: add these up over i.")
    because = "It walks the same edges with the same weights in the other direction: Θᵀ G, and G aᵀ."
    wrong = {
        "The gradient in Θ is transposed: row i belongs to unit i, so it is outer(G, a).":
            ("np.outer(G, a)", "np.outer(a, G)"),
        "The two results have changed places.": ("Theta.T @ G, np.outer(G, a)", "np.outer(G, a), Theta.T @ G"),
        "You went back through Θ⁻¹. A backward pass undoes nothing; it asks how much each input mattered: Θᵀ.":
            ("Theta.T @ G", "np.linalg.pinv(Theta) @ G"),
        "The transpose is missing: Θ G fits only where the matrix is square, and is wrong there, too.":
            ("Theta.T @ G", "Theta @ G"),
        "You multiplied a instead of G by the matrix: those are the sums z.": ("Theta.T @ G", "Theta @ a"),
        "The gradient in a should gather what every unit says: you multiplied by one row only.":
            ("Theta.T @ G", "Theta[0] * G[0]"),
        "You averaged over the units; over paths one adds.": ("Theta.T @ G", "Theta.T @ G / len(G)"),
        "The gradient in Θ does not know of a: it is G times the input at each place.":
            ("np.outer(G, a)", "np.outer(G, np.ones(len(a)))"),
        "The signs are those of a step downhill. The gradient itself is asked for.":
            ("Theta.T @ G, np.outer(G, a)", "-Theta.T @ G, -np.outer(G, a)"),
        "The gradient in Θ was made with the gradient in a; it needs the a of the forward pass.":
            ("np.outer(G, a)", "np.outer(G, Theta.T @ G)"),
        "You multiplied the gradient in a by a. Θᵀ G alone is what comes back.":
            ("Theta.T @ G,", "Theta.T @ G * a,"),
        "You multiplied the gradient in Θ by Θ. Each weight hears G times its input.":
            ("np.outer(G, a)", "np.outer(G, a) * Theta"),
        "The gradient in a does not know of G: you added up the columns of Θ.":
            ("Theta.T @ G,", "Theta.sum(axis=0),"),
        "The gradient in Θ does not know of G: each row is a alone.":
            ("np.outer(G, a)", "np.tile(a, (len(G), 1))"),
        "You return a and Θ after a step; their gradients are asked for.":
            ("Theta.T @ G, np.outer(G, a)", "a - 0.1 * Theta.T @ G, Theta - 0.1 * np.outer(G, a)"),
        "There is a sigmoid's slope, a(1 − a), in the gradient in a. Here z = Θa, without a bend.":
            ("Theta.T @ G,", "Theta.T @ G * a * (1 - a),"),
        "The gradient in Θ is multiplied by the weights. It is G times the input at each place.":
            ("np.outer(G, a)", "Theta * G[:, None]"),
    }


@exercise
class q2:
    """Write `relu_backward(G, z)`: from the gradient `G` in the output of a ReLU, and what it received, `z`, the
    gradient in `z`. (At $z = 0$ the slope is taken to be 0.)"""

    def relu_backward(G, z):
        return np.where(z > 0, G, 0)

    def inputs(rng):
        yield np.array([5.0, 5.0, 5.0, 5.0]), np.array([-2.0, 0.5, 3.0, 0.0])
        for shape in ((6,), (3, 4), (2, 5)):
            yield rng.normal(size=shape), rng.normal(size=shape)
        yield rng.integers(-4, 5, 9), rng.integers(-2, 3, 9)

    hints = ("What is the slope of max(z, 0), to the left and to the right of 0?",
             "G passes where z is positive, and nowhere else.")
    because = "A ReLU is a row of doors: open where z is positive, however large it is, and shut elsewhere."
    wrong = {
        "You multiplied by the value of the ReLU. What counts is its slope, 1 or 0.":
            ("np.where(z > 0, G, 0)", "G * np.maximum(z, 0)"),
        "You multiplied by z. What counts is the slope, 1 or 0.": ("np.where(z > 0, G, 0)", "G * z"),
        "G passes everywhere.": ("np.where(z > 0, G, 0)", "G + 0"),
        "Your doors are open where they should be shut.": ("z > 0", "z < 0"),
        "At z = 0 you let G pass; the slope there is taken to be 0.": ("z > 0", "z >= 0"),
        "You return the slope itself. It is multiplied by G.": ("np.where(z > 0, G, 0)", "(z > 0).astype(float)"),
        "You applied the ReLU to G. Whether a door is open depends on z.":
            ("np.where(z > 0, G, 0)", "np.maximum(G, 0)"),
        "You multiplied by the sign of z: where z is negative, nothing passes.":
            ("np.where(z > 0, G, 0)", "G * np.sign(z)"),
        "You return the forward pass, max(z, 0).": ("np.where(z > 0, G, 0)", "np.maximum(z, 0)"),
        "Where z is negative you turned the sign of G. Nothing passes there.":
            ("G, 0)", "G, -G)"),
        "Where z is negative you return z. Nothing passes there.":
            ("G, 0)", "G, z)"),
        "A little passes where z is negative: that is a leaky ReLU.":
            ("G, 0)", "G, 0.01 * G)"),
        "You cut negative messages off as well. An open door lets them pass.":
            lambda G, z: np.maximum(G * (z > 0), 0),
        "Your doors are open where z is not positive.": ("z > 0", "z <= 0"),
        "Only z = 0 shuts a door in your program.": ("z > 0", "z != 0"),
        "Where z is not positive you return 1. Nothing passes there.": ("G, 0)", "G, 1)"),
        "At z = 0 you let half of G pass; the slope there is taken to be 0.":
            ("np.where(z > 0, G, 0)", "G * np.heaviside(z, 0.5)"),
        "G and z have changed places.": ("z > 0, G, 0", "G > 0, z, 0"),
        "Your doors open at 1. They open above 0.": ("z > 0", "z > 1"),
        "You multiplied by the sigmoid of z. The slope of a ReLU is 1 or 0.":
            ("np.where(z > 0, G, 0)", "G / (1 + np.exp(-z))"),
        "That is the slope of the sigmoid. A ReLU's is 1 or 0.":
            ("np.where(z > 0, G, 0)", "G * np.exp(-z) / (1 + np.exp(-z))**2"),
    }


@exercise
class q3:
    """Write `kernel_gradient(G, x, K)`: the gradient in the kernel of $y = x \\star K$ (valid, stride 1). `G` is the
    gradient in $y$. Many positions speak to one shared weight: what do you do with their messages?"""

    def kernel_gradient(G, x, K):
        grad = np.zeros(K.shape)
        for i in range(G.shape[0]):
            for j in range(G.shape[1]):
                for a in range(K.shape[0]):
                    for b in range(K.shape[1]):
                        grad[a, b] += G[i, j] * x[i + a, j + b]
        return grad

    def inputs(rng):
        yield from _backs(rng)

    hints = ("Forward, the line that matters is y[i, j] += x[i + a, j + b] · K[a, b].",
             "Back, the message G[i, j] visits K[a, b], times the pixel that it met there, and all messages are added "
             "up.",
             "As a formula it is one you know: G slides over x.")
    because = "Every position that uses a weight sends it a message, and they are added: ∂L/∂K = x ⋆ G."
    wrong = {
        "You took the mean of the messages. Shares of one loss are added.": ("return grad", "return grad / G.size"),
        "Each message replaces the one before: `=` where `+=` belongs.": ("grad[a, b] += G", "grad[a, b] = G"),
        "Only the first row of positions is heard.": ("range(G.shape[0])", "range(1)"),
        "Only the first position is heard.": ("range(G.shape[0])", "range(1)", "range(G.shape[1])", "range(1)"),
        "Your result is turned by 180°: `convolve2d(x, G)` flips G. The mistakes slide over x as they are.":
            lambda G, x, K: convolve2d(np.asarray(x), np.asarray(G)),
        "You slid K and not G: that is the forward pass.":
            lambda G, x, K: cross_correlate2d(np.asarray(x), np.asarray(K)),
        "The messages are not multiplied by the pixels that met them.": (" * x[i + a, j + b]", ""),
        "You kept only the largest message.": lambda G, x, K: _largest_message(G, x, K),
        "The minus is that of a step downhill. The gradient itself is asked for.": ("+= G", "-= G"),
        "You multiplied by the weight. To each of the two that meet, the message is multiplied by the *other* one.":
            ("x[i + a, j + b]", "K[a, b]"),
        "The pixel is read at the wrong place: weight (a, b) meets x[i + a, j + b].": ("x[i + a, j + b]", "x[i, j]"),
        "Your result is transposed.": ("return grad", "return grad.T"),
        "That is “full”: the gradient has the shape of the kernel.":
            lambda G, x, K: cross_correlate2d(np.asarray(x), np.asarray(G), padding="full"),
        "That is “same”: the gradient has the shape of the kernel, not of the image.":
            lambda G, x, K: cross_correlate2d(np.asarray(x), np.asarray(G), padding="same"),
        "You add message and pixel; they are multiplied.":
            ("G[i, j] * x", "G[i, j] + x"),
        "You took the sizes of the messages. They have signs.":
            ("G[i, j] * x", "abs(G[i, j]) * x"),
        "You return the kernel after a step; its gradient is asked for.":
            ("return grad", "return K - grad"),
        "The pixels are not multiplied by the messages that met them.": ("G[i, j] * x", "x"),
        "You multiplied all three. To each of the two that meet, the message is multiplied by the other one.":
            ("x[i + a, j + b]", "x[i + a, j + b] * K[a, b]"),
        "The last row of positions is not heard.": ("range(G.shape[0])", "range(G.shape[0] - 1)"),
        "The last column of positions is not heard.": ("range(G.shape[1])", "range(G.shape[1] - 1)"),
    }


def _largest_message(G, x, K):
    windows = np.lib.stride_tricks.sliding_window_view(x, G.shape)
    return (windows * G).max(axis=(2, 3)).astype(float)


@exercise
class q4:
    """Write `input_gradient(G, x, K)`: the gradient in the **image** of $y = x \\star K$ (valid, stride 1)."""

    def input_gradient(G, x, K):
        grad = np.zeros(x.shape)
        for i in range(G.shape[0]):
            for j in range(G.shape[1]):
                for a in range(K.shape[0]):
                    for b in range(K.shape[1]):
                        grad[i + a, j + b] += G[i, j] * K[a, b]
        return grad

    def inputs(rng):
        yield from _backs(rng)

    hints = ("To which pixels does the message G[i, j] go? To those that its window has seen.",
             "It goes to x[i + a, j + b], times the weight that the pixel met there. A pixel is seen by several "
             "windows.",
             "Without loops: the kernel, turned by 180°, slides over G with full padding.")
    because = ("Windows overlap, so each pixel adds up what its windows say, and meets the kernel turned round: ∂L/∂x "
               "= G ∗ K, full.")
    wrong = {
        "The flip is forgotten: going back, a pixel meets the kernel turned by 180°.":
            lambda G, x, K: cross_correlate2d(np.asarray(G), np.asarray(K), padding="full"),
        "Your kernel is turned on one axis only; both are needed: K[::-1, ::-1].":
            lambda G, x, K: cross_correlate2d(np.asarray(G), np.asarray(K)[::-1], padding="full"),
        "Your kernel is mirrored on one axis only; both are needed: K[::-1, ::-1].":
            lambda G, x, K: cross_correlate2d(np.asarray(G), np.asarray(K)[:, ::-1], padding="full"),
        "“Same” padding makes the gradient as large as G. It has to be as large as x: full.":
            lambda G, x, K: convolve2d(np.asarray(G), np.asarray(K), padding="same"),
        "Each window replaces what the one before has sent: `=` where `+=` belongs.":
            ("grad[i + a, j + b] += G", "grad[i + a, j + b] = G"),
        "You averaged over the windows; over paths one adds.": ("return grad", "return grad / G.size"),
        "You averaged over the weights; over paths one adds.": ("return grad", "return grad / K.size"),
        "You multiplied by the pixel. To each of the two that meet, the message is multiplied by the *other* one: "
        "here the weight.":
            ("K[a, b]", "x[i + a, j + b]"),
        "All messages went to the corner of their window.": ("grad[i + a, j + b]", "grad[i, j]"),
        "You transposed the kernel. It is turned by 180°, which is another thing.":
            lambda G, x, K: convolve2d(np.asarray(G), np.asarray(K).T, padding="full"),
        "The minus is that of a step downhill. The gradient itself is asked for.": ("+= G", "-= G"),
        "Only the first row of positions has sent anything.": ("range(G.shape[0])", "range(1)"),
        "You spread each message over its window without the weights.": (" * K[a, b]", ""),
        "You add message and weight; they are multiplied.":
            ("G[i, j] * K[a, b]", "G[i, j] + K[a, b]"),
        "You used the absolute values of the weights.":
            ("G[i, j] * K[a, b]", "G[i, j] * abs(K[a, b])"),
        "You began with the image, where zeros belong.":
            ("np.zeros(x.shape)", "x.astype(float).copy()"),
        "You return the image after a step; its gradient is asked for.":
            ("return grad", "return x - grad"),
        "The weights are not multiplied by the messages.": ("G[i, j] * K[a, b]", "K[a, b]"),
        "You multiplied all three. To each of the two that meet, the message is multiplied by the other one.":
            ("K[a, b]", "K[a, b] * x[i + a, j + b]"),
        "The last row of positions has sent nothing.": ("range(G.shape[0])", "range(G.shape[0] - 1)"),
        "The last column of positions has sent nothing.": ("range(G.shape[1])", "range(G.shape[1] - 1)"),
        "Only the first position has sent anything.":
            ("range(G.shape[0])", "range(1)", "range(G.shape[1])", "range(1)"),
    }


@exercise
class q5:
    """Write `max_pool_backward(G, x, size)`: windows of `size` × `size` stand side by side, `G` is the gradient in the
    pooled map. At a tie, the first in reading order wins."""

    def max_pool_backward(G, x, size):
        grad = np.zeros(x.shape)
        for i in range(G.shape[0]):
            for j in range(G.shape[1]):
                window = x[i * size:(i + 1) * size, j * size:(j + 1) * size]
                a, b = np.unravel_index(window.argmax(), window.shape)
                grad[i * size + a, j * size + b] += G[i, j]
        return grad

    def inputs(rng):
        yield np.array([[7, -1], [2, 3.0]]), np.array([[1, 3, 0, 2], [0, 2, 5, 1], [4, 0, 1, 1], [0, 0, 0, 1.0]]), 2
        for shape, size in (((4, 6), 2), ((7, 5), 2), ((6, 9), 3)):
            yield rng.normal(size=(shape[0] // size, shape[1] // size)), rng.normal(size=shape), size
        yield rng.normal(size=(2, 3)), rng.integers(0, 3, (4, 6)).astype(float), 2
        yield rng.normal(size=(2, 2)), -rng.uniform(1, 2, (4, 5)), 2
        yield rng.normal(size=(1, 2)), np.array([[0.0, 1, 2, 2], [1, 0, 2, 0]]), 2

    hints = ("The output follows the largest number of its window, and none of the others.",
             "`window.argmax()` counts in reading order; `np.unravel_index` makes row and column of it.")
    because = ("The winner gets all: nudge another number a little, and the output stays. At a tie the first takes it, "
               "by convention.")
    wrong = {
        "At a tie, all that are as large get the message. Only the first in reading order does.":
            lambda G, x, size: _ties(G, x, size),
        "You gave each number its equal part. That is average pooling.":
            lambda G, x, size: _spread(G, x, size, 1 / size**2),
        "You gave the whole message to every number of the window.": lambda G, x, size: _spread(G, x, size, 1),
        "At a tie the last one wins in your program. The first in reading order does.":
            lambda G, x, size: _last_wins(G, x, size),
        "The message goes to the smallest number.": ("argmax", "argmin"),
        "You multiplied the message by the largest number. Its slope is 1.":
            ("+= G[i, j]", "+= G[i, j] * window.max()"),
        "You return the largest numbers where they stood; the messages belong there.":
            ("+= G[i, j]", "+= window.max()"),
        "You count row and column within the window, and forgot where the window begins.":
            ("[i * size + a, j * size + b]", "[a, b]"),
        "The message always goes to the upper left of the window.": ("window.argmax()", "0"),
        "At a tie you divide the message among the winners. The first in reading order takes all.":
            lambda G, x, size: _ties(G, x, size, True),
        "You counted the winners; each gets the message that came for its window.":
            ("+= G[i, j]", "+= 1"),
        "You began with the map, where zeros belong.":
            ("np.zeros(x.shape)", "x.astype(float).copy()"),
        "You took the size of the message. It has a sign.":
            ("+= G[i, j]", "+= abs(G[i, j])"),
        "At a tie, the first wins that one meets column by column. In reading order one goes along the rows.":
            lambda G, x, size: q5.right(G.T, x.T, size).T,
        "Your windows overlap: they begin at every row and column. They should stand side by side.":
            ("i * size:(i + 1) * size, j * size:(j + 1) * size", "i:i + size, j:j + size",
             "[i * size + a, j * size + b]",
             "[i + a, j + b]"),
        "The row and the column of the winner have changed places.": ("a, b = np", "b, a = np"),
        "Where all numbers are negative nobody gets the message. The largest of them does.":
            ("+= G[i, j]", "+= G[i, j] * (window.max() > 0)"),
        "The message goes to the largest absolute value.": ("window.argmax()", "np.abs(window).argmax()"),
    }


def _windows(G, x, size):
    for i, j in np.ndindex(G.shape):
        rows, cols = slice(i * size, (i + 1) * size), slice(j * size, (j + 1) * size)
        yield G[i, j], (rows, cols), x[rows, cols]


def _ties(G, x, size, divide=False):
    grad = np.zeros(x.shape)
    for g, place, window in _windows(G, x, size):
        winners = window == window.max()
        grad[place] = g * winners / (winners.sum() if divide else 1)
    return grad


def _spread(G, x, size, share):
    grad = np.zeros(x.shape)
    for g, place, _ in _windows(G, x, size):
        grad[place] = g * share
    return grad


def _last_wins(G, x, size):
    grad = np.zeros(x.shape)
    for g, place, window in _windows(G, x, size):
        flat = np.zeros(window.size)
        flat[window.size - 1 - window.ravel()[::-1].argmax()] = g
        grad[place] = flat.reshape(window.shape)
    return grad


@exercise
class q6:
    """Write `numerical_gradient(f, x)`: the gradient of a function `f`, which takes an array and returns a number, by
    central differences with $\\varepsilon = 10^{-5}$. Change one entry at a time, and leave `x` as it was."""

    def numerical_gradient(f, x):
        grad, epsilon = np.zeros(x.shape), 1e-5
        for place in np.ndindex(x.shape):
            nudge = np.zeros(x.shape)
            nudge[place] = epsilon
            grad[place] = (f(x + nudge) - f(x - nudge)) / (2 * epsilon)
        return grad

    def inputs(rng):
        yield _sum_of_squares, np.array([1.0, -3.0, 0.5])
        yield _cubes, rng.normal(size=(2, 3))
        yield _mixed, rng.normal(size=4)
        yield _cubes, np.array([0.3])

    hints = ("For one entry: up by ε, down by ε, and the difference of the two values.",
             "That difference belongs to a step of 2ε. `np.ndindex(x.shape)` walks through all entries.")
    because = ("Two values on either side of a point, divided by their distance: the error of such a slope falls with "
               "ε².")
    wrong = {
        "The two values lie 2ε apart, and you divided by ε.": ("(2 * epsilon)", "epsilon"),
        "You nudged upward only, and divided by ε: the error of that is a thousand times larger.":
            ("f(x - nudge)) / (2 * epsilon)", "f(x)) / epsilon"),
        "The differences are not divided by the step.": (" / (2 * epsilon)", ""),
        "Up and down have changed places: every sign is wrong.":
            ("f(x + nudge) - f(x - nudge)", "f(x - nudge) - f(x + nudge)"),
        "You nudged all entries at once; each has a slope of its own.":
            ("nudge[place] = epsilon", "nudge[...] = epsilon"),
        "You nudged upward only, and still divided by 2ε.": ("f(x - nudge))", "f(x))"),
        "You added the two values; their difference is the slope.": ("f(x + nudge) - f", "f(x + nudge) + f"),
        "ε is 0.1: so large a step sees how the function is curved.": ("1e-5", "0.1"),
        "ε is 10⁻¹³: so small a step leaves only rounding.": ("1e-5", "1e-13"),
        "ε is 1: so large a step sees how the function is curved.": ("1e-5", "1.0"),
        "Brackets are missing: you divided by 2 and *multiplied* by ε.":
            ("/ (2 * epsilon)", "/ 2 * epsilon"),
        "You took the size of the difference. A slope has a sign.":
            ("(f(x + nudge) - f(x - nudge))", "abs(f(x + nudge) - f(x - nudge))"),
        "You nudged downward only, and divided by ε: the error of that is a thousand times larger.":
            ("(f(x + nudge) - f(x - nudge)) / (2 * epsilon)", "(f(x) - f(x - nudge)) / epsilon"),
        "You did not put an entry back before you nudged the next one.":
            ("nudge = np.zeros(x.shape)", "x, nudge = x.copy(), np.zeros(x.shape)", "    return grad",
             "    return grad",
             "/ (2 * epsilon)", "/ (2 * epsilon)\n        x[place] -= epsilon"),
        "You nudged whole rows; each entry has a slope of its own.": ("np.ndindex(x.shape)", "range(len(x))"),
    }


def _sum_of_squares(x):
    return float((x**2).sum())


def _cubes(x):
    return float((x**3).sum() + 0.5 * np.exp(x).sum())


def _mixed(x):
    return float(x[0] * x[1] ** 2 - np.sin(x[2]) * x[3] + 3 * x[0])


@exercise
class q7:
    """One step by hand. The signal is $x = (1, 2, 0, 1)$, the filter $\\theta = (1, -1)$, the target $t = (0, 1, 1)$,
    the loss $\\tfrac12 \\sum (y - t)^2$ and $\\eta = 0.1$. What is $\\theta$ after one step of gradient descent? Give
    the two weights as a list."""

    def theta():
        gradient = cross_correlate1d(SIGNAL, cross_correlate1d(SIGNAL, THETA) - TARGET)
        return THETA - 0.1 * gradient

    hints = ("First forward: y has three entries. Then G = y − t.", "∂L/∂θ is G slid along x. Then θ − η times that.")
    because = "Forward y = θ ⋆ x, mistake G = y − t, backward G ⋆ x, and a step against it."
    wrong = {
        "You walked uphill: the step goes against the gradient.": lambda: THETA + 0.1 * _grad(),
        "You took the mean of the messages. They are added.": lambda: THETA - 0.1 * _grad() / 3,
        "The ½ in the loss cancels against the square's 2; you have a factor of 2 too many.":
            lambda: THETA - 0.2 * _grad(),
        "You halved the gradient: the ½ is gone once the square is differentiated.": lambda: THETA - 0.05 * _grad(),
        "You flipped G before you slid it along x.":
            lambda: THETA - 0.1 * cross_correlate1d(SIGNAL, (cross_correlate1d(SIGNAL, THETA) - TARGET)[::-1]),
        "Your filter was flipped in the forward pass.":
            lambda: THETA - 0.1 * cross_correlate1d(SIGNAL, -cross_correlate1d(SIGNAL, THETA) - TARGET),
        "You took y for the mistake. It is y − t.":
            lambda: THETA - 0.1 * cross_correlate1d(SIGNAL, cross_correlate1d(SIGNAL, THETA)),
        "That is the gradient. The step goes a tenth of it, from θ, and backwards.": lambda: _grad(),
        "That is θ as it was before the step.": lambda: THETA,
        "You took a whole step: η is 0.1.": lambda: THETA - _grad(),
        "That is the step alone. It starts from θ.": lambda: -0.1 * _grad(),
        "You gave the two weights each other's gradient.": lambda: THETA - 0.1 * _grad()[::-1],
    }


SIGNAL, THETA, TARGET = np.array([1.0, 2, 0, 1]), np.array([1.0, -1]), np.array([0.0, 1, 1])


def _grad():
    return cross_correlate1d(SIGNAL, cross_correlate1d(SIGNAL, THETA) - TARGET)
