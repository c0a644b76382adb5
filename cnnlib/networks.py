"""The networks that the lecture trains: LeNet-5, and Le Cun's five of 1989."""

import numpy as np

from cnnlib._validate import check_int, check_path, check_rng
from cnnlib.datasets import DATA, registered
from cnnlib.layers import Conv2d, Flatten, Linear, LocallyConnected2d, MaxPool2d, Normalize, ReLU, Tanh, UnitBias
from cnnlib.sequential import Sequential
from cnnlib.weights import load_weights


def lenet5(rng, *, dtype=np.float32):
    """Return an untrained LeNet-5 for 28×28 images of digits, in the form that is taught today.

    Two stages of convolution, ReLU and pooling, then three fully connected layers; ReLU, max
    pooling and a softmax in place of the 1998 paper's scaled tanh, trained averaging and radial
    basis outputs (LeCun, Bottou, Bengio & Haffner, "Gradient-based learning applied to document
    recognition", 1998, has the original). The first layer takes raw uint8 pixels.

    Parameters
    ----------
    rng : numpy.random.Generator or int
        Draws the weights.
    dtype : float32 (default) or float64

    Returns
    -------
    Sequential
        Takes (N, 28, 28) images, returns (N, 10) logits.

    Examples
    --------
    >>> lenet5(rng=0).cost((28, 28))
    Cost(parameters=61706, links=423038)
    """
    rng = check_rng(rng)
    return Sequential(
        # mean and standard deviation of all pixels of MNIST's training images
        Normalize(33.318421, 78.567490, dtype=dtype),
        Conv2d(1, 6, 5, padding=2, rng=rng, dtype=dtype),
        ReLU(),
        MaxPool2d(2),
        Conv2d(6, 16, 5, rng=rng, dtype=dtype),
        ReLU(),
        MaxPool2d(2),
        Flatten(),
        Linear(400, 120, rng=rng, dtype=dtype),
        ReLU(),
        Linear(120, 84, rng=rng, dtype=dtype),
        ReLU(),
        Linear(84, 10, rng=rng, dtype=dtype),
    )


def load_lenet5(folder=None, *, dtype=np.float32):
    """Return a LeNet-5 that has been trained on MNIST: 99.1 % of the test images are right.

    Its weights were made by ``tools/train_lenet.py``.

    Parameters
    ----------
    folder : path-like, optional
        Where ``lenet5_mnist.npz`` is; the repository's ``data/`` unless given.
    dtype : float32 (default) or float64

    Returns
    -------
    Sequential
        As `lenet5`, in evaluation mode.

    Raises
    ------
    FileNotFoundError
        If the file is missing.
    ValueError
        If it is not the one that the registry knows.

    Examples
    --------
    >>> model = load_lenet5()
    >>> model(np.zeros((1, 28, 28), np.uint8)).shape
    (1, 10)
    """
    folder = DATA if folder is None else check_path("folder", folder)
    name = "lenet5_mnist.npz"
    registered(name, folder)
    return load_weights(lenet5(0, dtype=dtype), folder / name).eval()


def lecun1989(net, rng, *, dtype=np.float32):
    """Return one of the five untrained networks that Le Cun compared in 1989, for 16×16 digits.

    ====  ===========================================  =====  =======
    net   hidden layers                                links  weights
    ====  ===========================================  =====  =======
    1     none                                          2570     2570
    2     12 units, fully connected                     3214     3214
    3     8×8 and 4×4 units, locally connected          1226     1226
    4     two 8×8 maps with shared weights, 4×4 units   2266     1132
    5     two 8×8 maps and four 4×4, all shared         5194     1060
    ====  ===========================================  =====  =======

    A unit of the first hidden layer sees 3×3 pixels, one of the second 5×5 units of each map before
    it; neighbours' windows lie two apart. Weights are shared, biases are not. The weights counted
    include the biases; links that reach over the border count as any other.

    Y. Le Cun, "Generalization and network design strategies", 1989; architecture and counts after
    T. Hastie, R. Tibshirani and J. Friedman, The Elements of Statistical Learning, 2nd ed., §11.7.

    Parameters
    ----------
    net : int
        1 to 5.
    rng : numpy.random.Generator or int
        Draws the weights, uniformly in ±2.4 / fan_in as Le Cun and his colleagues did in 1989
        ("Backpropagation applied to handwritten zip code recognition").
    dtype : float32 (default) or float64

    Returns
    -------
    Sequential
        Takes (N, 16, 16) images, 0 for paper to 255 for ink; returns (N, 10) outputs in (−1, 1).

    Raises
    ------
    TypeError, ValueError
        If `net` is not an integer from 1 to 5.

    Examples
    --------
    >>> [lecun1989(net, rng=0).cost((16, 16)).parameters for net in (1, 2, 3, 4, 5)]
    [2570, 3214, 1226, 1132, 1060]
    """
    if check_int("net", net, 1) > 5:
        raise ValueError(f"net must be an integer from 1 to 5, got {net}")
    options = {"rng": check_rng(rng), "dtype": dtype}
    patch3, patch5 = {"stride": 2, "padding": 1, **options}, {"stride": 2, "padding": 2, **options}

    def shared(in_channels, out_channels, kernel_size, size, patch):
        conv = Conv2d(in_channels, out_channels, kernel_size, bias=False, **patch)
        return conv, UnitBias((out_channels, size, size), dtype=dtype), Tanh()

    if net == 1:
        hidden, last = [Flatten()], 256
    elif net == 2:
        hidden, last = [Flatten(), Linear(256, 12, **options), Tanh()], 12
    elif net == 3:
        local = LocallyConnected2d(1, 1, 16, 3, **patch3), LocallyConnected2d(1, 1, 8, 5, **patch5)
        hidden, last = [local[0], Tanh(), local[1], Tanh(), Flatten()], 16
    elif net == 4:
        local = LocallyConnected2d(2, 1, 8, 5, **patch5)
        hidden, last = [*shared(1, 2, 3, 8, patch3), local, Tanh(), Flatten()], 16
    else:
        hidden, last = [*shared(1, 2, 3, 8, patch3), *shared(2, 4, 5, 4, patch5), Flatten()], 64
    # 0 stays 0, so that the zeros beyond the border are paper
    model = Sequential(Normalize(0, 255, dtype=dtype), *hidden, Linear(last, 10, **options), Tanh())
    for layer in model.layers:
        if isinstance(layer, (Linear, Conv2d, LocallyConnected2d)):
            fan_in = layer.in_features if isinstance(layer, Linear) else layer.fan_in
            layer.weight[...] = options["rng"].uniform(-2.4 / fan_in, 2.4 / fan_in, layer.weight.shape)
    return model
