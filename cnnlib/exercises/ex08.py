"""08 · Train LeNet in front of your eyes."""

import numpy as np

from cnnlib.exercises._exercise import exercise
from cnnlib.networks import lenet5


@exercise
class q1:
    """Write `softmax(logits)`: each **row** of `logits` is one image, each column a class. Return probabilities of the
    same shape. Mind large logits: `np.exp(1000)` is infinite, and softmax does not change if the same number is taken
    from all logits of a row."""

    def softmax(logits):
        e = np.exp(logits - logits.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def inputs(rng):
        for shape in ((3, 5), (4, 4), (1, 3), (2, 10)):
            yield rng.normal(0, 3, size=shape)
        yield np.array([[1000.0, 1001.0, 999.0], [-1000.0, -1001.0, -1000.0]])
        yield np.array([[0.0, 2000.0, -5.0]])
        yield rng.integers(0, 5, (3, 4))

    hints = ("Exponentials, divided by their sum along the row: `axis=1`, and `keepdims=True` so that it divides row "
             "by row.",
             "Take each row's largest logit away before `np.exp`.")
    because = ("Exponentials divided by their sum over the classes of one image; the largest logit taken away first "
               "keeps them finite.")
    wrong = {
        "Your *columns* sum to 1: the axis is wrong. A row is an image, and its classes share 1.":
            ("axis=1", "axis=0"),
        "All probabilities of the batch together sum to 1. Each image has its own.":
            ("logits.max(axis=1, keepdims=True)", "logits.max()",
                                                                                  "e.sum(axis=1, keepdims=True)",
                                                                                  "e.sum()"),
        "Large logits overflow: take the largest of each row away before `np.exp`.":
            (" - logits.max(axis=1, keepdims=True)", ""),
        "The sum of each row divides *columns*, where it fits at all: `keepdims=True` keeps it a column.":
            ("e.sum(axis=1, keepdims=True)", "e.sum(axis=1)"),
        "Your exponentials are not divided by their sum, or divided by the largest of them.":
            (" / e.sum(axis=1, keepdims=True)", ""),
        "You return the exponentials of the logits. They are to be divided by their sum (and kept from overflowing).":
            lambda logits: np.exp(logits.astype(float)),
        "You divided by the mean of the exponentials; the sum makes probabilities.": ("e.sum(", "e.mean("),
        "The sign is wrong: your largest probability belongs to the smallest logit.":
            ("np.exp(logits - logits.max(axis=1, keepdims=True))",
             "np.exp(logits.min(axis=1, keepdims=True) - logits)"),
        "You divided the logits by their sum, without exponentials.":
            lambda logits: logits / logits.sum(axis=1, keepdims=True),
        "That is the sigmoid, number by number. Softmax shares 1 among the classes of an image.":
            lambda logits: 1 / (1 + np.exp(-logits.astype(float))),
        "You return the logarithms of the probabilities.":
            ("return e / e.sum(axis=1, keepdims=True)",
             "return np.log(np.maximum(e / e.sum(axis=1, keepdims=True), 1e-300))"),
        "You divided by the length of each row and not by its sum.":
            ("e.sum(axis=1, keepdims=True)", "np.sqrt((e**2).sum(axis=1, keepdims=True))"),
        "You return 1 for the winner and 0 for the others. Softmax gives each a share.":
            lambda logits: (logits == logits.max(axis=1, keepdims=True)).astype(float),
        "You took powers of 2, where e belongs.":
            ("np.exp(", "np.exp2("),
        "You took the largest logit of the whole batch away: of a row far below it all exponentials become 0. Take"
        " each row's own.":
            ("logits.max(axis=1, keepdims=True)", "logits.max()"),
        "You took the mean or the smallest of each row away, and not the largest: the exponentials can still overflow.":
            ("logits.max(", "logits.mean("),
        "You divided by the largest logit. It is taken away: a division changes the probabilities.":
            ("logits - logits.max(axis=1, keepdims=True)", "logits / logits.max(axis=1, keepdims=True)"),
        "You cut large logits off. Then 1000 and 1001 are the same.": lambda logits: q1.right(np.clip(logits, -50, 50)),
        "You applied softmax twice.": lambda logits: q1.right(q1.right(logits)),
        "You return the class, and not the probabilities of all classes.": lambda logits: logits.argmax(axis=1),
    }


@exercise
class q2:
    """Write `cross_entropy(logits, labels)`: the mean over the images of $-\\log p$, where $p$ is the softmax
    probability of the right class. `labels` holds the number of the right class of each row."""

    def cross_entropy(logits, labels):
        shifted = logits - logits.max(axis=1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        return -log_p[np.arange(len(labels)), labels].mean()

    def inputs(rng):
        for n, classes in ((4, 3), (1, 5), (6, 10), (5, 4)):
            yield rng.normal(0, 2, size=(n, classes)), rng.integers(0, classes, n)
        yield np.zeros((2, 10)), np.array([3, 9])

    hints = ("One probability of each row counts: `p[np.arange(n), labels]` picks it.",
             "The logarithm, a minus, and the mean over the rows.")
    because = ("The network is charged −log p for the probability that it gave to the right class; a batch is charged "
               "the mean.")
    wrong = {
        "The minus is lost.": ("return -log_p", "return log_p"),
        "You added up over the images; the mean is asked for.": (".mean()", ".sum()"),
        "Your softmax goes over the wrong axis: it shares 1 among the images, and not among the classes of one.":
            ("axis=1", "axis=0"),
        "You charged all classes, not only the right one.":
            ("-log_p[np.arange(len(labels)), labels].mean()", "-log_p.mean()"),
        "You took the right class's *logit*. Softmax is missing.": ("-log_p[np", "-logits[np"),
        "You took the logarithm to base 10.":
            ("return -log_p[np.arange(len(labels)), labels].mean()",
             "return -log_p[np.arange(len(labels)), labels].mean() / np.log(10)"),
        "You took the logarithm to base 2.":
            ("return -log_p[np.arange(len(labels)), labels].mean()",
             "return -log_p[np.arange(len(labels)), labels].mean() / np.log(2)"),
        "You used the class with the largest logit. The *right* one counts.":
            ("labels].mean()", "logits.argmax(axis=1)].mean()"),
        "You took the logarithm of the mean probability. The mean of the logarithms is asked for.":
            ("-log_p[np.arange(len(labels)), labels].mean()",
             "-np.log(np.exp(log_p)[np.arange(len(labels)), labels].mean())"),
        "You return 1 − p, without a logarithm.":
            ("-log_p[np.arange(len(labels)), labels].mean()",
             "1 - np.exp(log_p)[np.arange(len(labels)), labels].mean()"),
        "You return one loss for each image; their mean is asked for.": (".mean()", ""),
        "You divided by the number of classes as well.": (".mean()", ".mean() / logits.shape[1]"),
        "You picked whole columns: `p[:, labels]` takes every image's probability of every label.":
            ("log_p[np.arange(len(labels)), labels]", "log_p[:, labels]"),
        "You return the mean probability; its price is the logarithm with a minus.":
            ("-log_p[np.arange(len(labels)), labels].mean()", "np.exp(log_p[np.arange(len(labels)), labels]).mean()"),
        "You counted classes from 1: the first is 0.":
            ("labels].mean()", "labels - 1].mean()"),
        "You divided by the number of classes, and not of images.": (".mean()", ".sum() / logits.shape[1]"),
        "You return the share of right answers. The loss asks how sure the network was.":
            lambda logits, labels: np.mean(logits.argmax(axis=1) == labels),
        "You return the share of wrong answers. The loss asks how sure the network was.":
            lambda logits, labels: np.mean(logits.argmax(axis=1) != labels),
        "You charge log(1 − p) for the right class: that punishes it for being likely.":
            ("-log_p[np.arange(len(labels)), labels].mean()",
             "-np.log(1 - np.exp(log_p[np.arange(len(labels)), labels])).mean()"),
        "You took the softmax of the softmax.":
            ("shifted = logits - logits.max(axis=1, keepdims=True)", "shifted = q1.right(logits)"),
        "You used the sigmoid, class by class. Softmax shares 1 among the classes of an image.":
            ("-log_p[np.arange(len(labels)), labels]", "np.log(1 + np.exp(-logits[np.arange(len(labels)), labels]))"),
        "That is the squared error. The cross-entropy takes the logarithm of one probability.":
            lambda logits, labels: np.mean((q1.right(logits) - np.eye(logits.shape[1])[labels]) ** 2),
        "You return e to the power of the loss. The loss itself is asked for.":
            ("return -log_p[np.arange(len(labels)), labels].mean()",
             "return np.exp(-log_p[np.arange(len(labels)), labels].mean())"),
        "That is how undecided the network is, whatever the labels are: each class is weighed with its own "
        "probability.":
            ("-log_p[np.arange(len(labels)), labels].mean()", "-(np.exp(log_p) * log_p).sum(axis=1).mean()"),
    }


@exercise
class q3:
    """Write `sgd_step(theta, v, grad, learning_rate, momentum)` with the lecture's formulas, $v \\leftarrow \\mu v +
    \\partial L/\\partial \\theta$ and $\\theta \\leftarrow \\theta - \\eta v$. Return the new `theta, v`, and leave the
    old ones as they were."""

    def sgd_step(theta, v, grad, learning_rate, momentum):
        v = momentum * v + grad
        return theta - learning_rate * v, v

    def inputs(rng):
        for shape in ((3,), (2, 4), (1,)):
            yield rng.normal(size=shape), rng.normal(size=shape), rng.normal(size=shape), 0.1, 0.9
        yield rng.normal(size=4), np.zeros(4), rng.normal(size=4), 0.5, 0.5
        yield rng.normal(size=4), rng.normal(size=4), rng.normal(size=4), 0.05, 0.0

    hints = ("Two lines, in this order: first the new v, then a step with the *new* v.",
             "Do not write `v *= …`: that would change the caller's array.")
    because = "v remembers earlier gradients, and the step goes against what it remembers, today's gradient included."
    wrong = {
        "You walked uphill: plus where minus belongs.": ("theta - learning_rate", "theta + learning_rate"),
        "You stepped with the old v. The new one knows of today's gradient.":
            lambda theta, v, grad, learning_rate, momentum: (theta - learning_rate * v, momentum * v + grad),
        "The momentum is forgotten: you stepped with today's gradient alone.":
            lambda theta, v, grad, learning_rate, momentum: (theta - learning_rate * grad, grad + 0),
        "v is updated, but you stepped with the gradient.": ("learning_rate * v, v", "learning_rate * grad, v"),
        "v has lost its old value times μ: you added the whole old v.": ("momentum * v + grad", "v + grad"),
        "You weighed the gradient with 1 − μ: some books do, the lecture does not.":
            ("+ grad", "+ (1 - momentum) * grad"),
        "The two results have changed places.": ("theta - learning_rate * v, v", "v, theta - learning_rate * v"),
        "You put η into v, so that it remembers steps. The lecture's v remembers gradients.":
            ("+ grad", "+ learning_rate * grad", "learning_rate * v, v", "v, v"),
        "The learning rate is missing.": ("learning_rate * v,", "v,"),
        "μ multiplies the gradient as well: only the old v fades.": ("momentum * v + grad", "momentum * (v + grad)"),
        "You took the gradient from v: signs of gradients and steps are mixed up.": ("v + grad", "v - grad"),
        "η and μ have changed places.": lambda theta, v, grad, learning_rate, momentum: (
            theta - momentum * (learning_rate * v + grad), learning_rate * v + grad),
        "You return the old v.":
            lambda theta, v, grad, learning_rate, momentum: (theta - learning_rate * (momentum * v + grad), v + 0),
        "μ multiplies the gradient; it belongs to the old v.":
            ("momentum * v + grad", "v + momentum * grad"),
        "You return the step alone; the new θ is asked for.":
            ("return theta - learning_rate * v", "return -learning_rate * v"),
        "η is in v, and again in the step.":
            lambda theta, v, grad, learning_rate, momentum: (
                theta - learning_rate * (momentum * v + learning_rate * grad), momentum * v + learning_rate * grad),
        "You stepped with the gradient, and v stayed as it was.":
            lambda theta, v, grad, learning_rate, momentum: (theta - learning_rate * grad, v + 0),
        "Your v is a step downhill, that is added to θ. The lecture's v remembers gradients.":
            lambda theta, v, grad, learning_rate, momentum: (
                theta + momentum * v - learning_rate * grad, momentum * v - learning_rate * grad),
        "1 − μ multiplies the old v; μ does.": ("momentum * v", "(1 - momentum) * v"),
        "The learning rate multiplies the old v alone; it multiplies the new one, gradient included.":
            lambda theta, v, grad, learning_rate, momentum: (
                theta - learning_rate * momentum * v - grad, momentum * v + grad),
        "You return the gradient in the place of the new v.": ("learning_rate * v, v", "learning_rate * v, grad"),
        "You return the old θ.": ("theta - learning_rate * v, v", "theta + 0, v"),
    }


@exercise
class q4:
    """Write `confusion(labels, predictions, classes)`: a matrix whose entry in row `i`, column `j` counts the images of
    class `i` that were taken for `j`."""

    def confusion(labels, predictions, classes):
        counts = np.zeros((classes, classes), int)
        for label, prediction in zip(labels, predictions):
            counts[label, prediction] += 1
        return counts

    def inputs(rng):
        for n, classes in ((12, 3), (30, 4), (5, 6)):
            yield rng.integers(0, classes, n), rng.integers(0, classes, n), classes
        yield np.array([0, 1, 2, 2]), np.array([0, 1, 2, 1]), 4

    hints = ("Begin with zeros, and let each image add 1 in its row and column.", "The row is the true class.")
    because = "Each image counts once, in the row of what it is and the column of what it was taken for."
    wrong = {
        "Rows and columns have changed places: the row is the true class.":
            ("counts[label, prediction]", "counts[prediction, label]"),
        "Each cell is 1 at most: it is set, not counted up. (`counts[labels, predictions] += 1` with whole arrays "
        "does that, too: use a loop, or `np.add.at`.)": ("] += 1", "] = 1"),
        "You counted the correct ones only: nothing stands beside the diagonal.":
            ("counts[label, prediction] += 1", "counts[label, prediction] += label == prediction"),
        "You counted the mistakes only: the diagonal is empty.":
            ("counts[label, prediction] += 1", "counts[label, prediction] += label != prediction"),
        "You divided by the number of images; counts are asked for.": ("return counts", "return counts / len(labels)"),
        "You divided each row by its sum; counts are asked for.":
            ("return counts", "return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)"),
        "Your matrix has only the classes that occur. It has a row for each class.":
            lambda labels, predictions, classes: _occurring(labels, predictions),
        "You return the share of right answers; the whole matrix is asked for.":
            lambda labels, predictions, classes: np.mean(labels == predictions),
        "You added the label up and not 1 for each image.":
            ("+= 1", "+= label"),
        "You mixed both directions: 4 taken for 9 is another mistake than 9 taken for 4.":
            ("return counts", "return counts + counts.T"),
        "You sorted the predictions, so they no longer belong to their labels.":
            ("predictions):\n", "sorted(predictions)):\n"),
        "You divided each column by its sum; counts are asked for.":
            ("return counts", "return counts / counts.sum(axis=0).clip(1)"),
        "You counted classes from 1: the first is 0, and −1 is the last.":
            ("[label, prediction]", "[label - 1, prediction - 1]"),
        "You counted each class and each answer by itself. One image is a pair of both.":
            lambda labels, predictions, classes: np.outer(np.bincount(labels, minlength=classes),
                                                             np.bincount(predictions, minlength=classes)),
        "You counted an image wherever its class *or* its answer fits. Both have to.":
            lambda labels, predictions, classes: np.array(
                [[np.sum((labels == i) | (predictions == j)) for j in range(classes)] for i in range(classes)]),
        "The last image is not counted.": ("zip(labels, predictions)", "zip(labels[:-1], predictions[:-1])"),
        "You sorted both lists, so the predictions no longer belong to their labels.":
            ("zip(labels, predictions)", "zip(sorted(labels), sorted(predictions))"),
    }


def _occurring(labels, predictions):
    present = np.union1d(labels, predictions)
    counts = np.zeros((len(present), len(present)), int)
    np.add.at(counts, (np.searchsorted(present, labels), np.searchsorted(present, predictions)), 1)
    return counts


@exercise
class q5:
    """LeNet-5 is fed pictures of 28×56 in place of 28×28. How many parameters has it then, with biases? (Take it apart:
    which layers change?)"""

    def parameters():
        square, wide = (lenet5(0)[:8].output_shape(size)[0] for size in ((28, 28), (28, 56)))
        return lenet5(0).cost((28, 28)).parameters + (wide - square) * 120

    hints = ("A convolution does not know how large the picture is.",
             "The maps that arrive at Flatten are 5 rows high as before. How many columns? 56 → 56 → 28 → 24 → 12.",
             "Only Linear(400, 120) grows: it gets 120 more weights for each further input.")
    because = "Only the first fully connected layer changes: it has a weight for each entry of the flattened maps."
    wrong = {
        "That is LeNet-5 as it was. Filters do not grow, but one layer reads all of the flattened maps.":
            lambda: 61_706,
        "You doubled everything. Shared filters do not know how wide the picture is.": lambda: 2 * 61_706,
        "You doubled the inputs of the fully connected layer. The convolution without padding takes four columns "
        "off, however wide the maps are.": lambda: 61_706 + 400 * 120,
        "The biases are missing.": lambda: 61_470 + 16 * 5 * 7 * 120,
        "You took the maps to be 14 columns wide: the second convolution has no padding.":
            lambda: 61_706 + 16 * 5 * 9 * 120,
        "These are the additional weights alone.": lambda: 16 * 5 * 7 * 120,
        "You made the maps wider by 7 columns for one channel only; there are 16.": lambda: 61_706 + 5 * 7 * 120,
        "You forgot the padding of the first convolution: its maps are as large as the picture.":
            lambda: 61_706 + 16 * (4 * 11 - 25) * 120,
        "You doubled both sides; only one is longer.": lambda: 61_706 + 16 * (12 * 12 - 25) * 120,
        "You forgot the second pooling.": lambda: 61_706 + 16 * (10 * 24 - 25) * 120,
    }


@exercise
class q6:
    """60,000 images, batches of 64, the last batch smaller than the others. How many **steps** of SGD are five
    epochs?"""

    def steps():
        return 5 * -(-60_000 // 64)

    hints = ("How many batches has one epoch? Does the last, smaller one count?",
             "Does a batch reach over the end of an epoch?")
    because = "Each epoch ends with its small batch: rounded up, and then five times."
    wrong = {
        "You dropped the last batch of each epoch. It is smaller, but it is a step.": lambda: 5 * (60_000 // 64),
        "You let batches run over the ends of epochs. Each epoch has its own last batch.": lambda: -(-5 * 60_000 // 64),
        "That is one epoch.": lambda: -(-60_000 // 64),
        "Steps are whole: the last batch of an epoch is smaller, and still one step.": lambda: 5 * 60_000 / 64,
        "You counted images.": lambda: 5 * 60_000,
        "You multiplied by the size of a batch; the images are divided among the batches.": lambda: 5 * 60_000 * 64,
        "You divided once more by the epochs.": lambda: -(-60_000 // (5 * 64)),
        "That is one epoch, without its last batch.": lambda: 60_000 // 64,
        "That is one epoch. Steps are whole: the last batch is smaller, and still one step.": lambda: 60_000 / 64,
        "You multiplied epochs and the size of a batch. How many batches are in an epoch?": lambda: 5 * 64,
    }


@exercise
class q7:
    """There are 100 classes, and a network gives every class the **same** probability. What is its cross-entropy? Three
    decimals."""

    def loss():
        return np.log(100)

    tolerance = 0.0006
    hints = ("Which probability does the right class get?", "−log of that; `np.log` is the natural logarithm.")
    because = "−log(1/n) = log n: the price of not knowing. A loss that stays there has learned nothing."
    wrong = {
        "That is to base 10.": lambda: 2.0,
        "That is to base 2.": lambda: np.log2(100),
        "That is for ten classes.": lambda: np.log(10),
        "The minus is missing.": lambda: -np.log(100),
        "That is the probability; the loss is −log of it.": lambda: 0.01,
        "You charged all hundred classes; the right one counts.": lambda: 100 * np.log(100),
        "That is the share of wrong answers.": lambda: 0.99,
        "You charged the mean over the classes.": lambda: np.log(100) / 100,
        "You took the logarithm of 99: the right class is one of the hundred.": lambda: np.log(99),
        "You charged the 99 wrong classes as well. Cross-entropy charges the right one.":
            lambda: -np.log(0.01) - 99 * np.log(0.99),
    }
