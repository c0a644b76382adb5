"""Networks: layers in a row, and the ones that the lecture trains."""

import os
from pathlib import Path

import numpy as np

from cnnlib._validate import check_int, check_rng
from cnnlib.datasets import DATA, registered
from cnnlib.fused import fuse
from cnnlib.layers import (
    Conv2d, Flatten, Layer, Linear, LocallyConnected2d, MaxPool2d, Normalize, ReLU, Tanh, UnitBias,
)
from cnnlib.shapes import Cost


class Sequential(Layer):
    """Layers in a row, each taking the last one's output.

    Where layers fit together (see `cnnlib.fused.fuse`) they are computed as one faster step; the
    outputs and gradients are the same to rounding.

    Parameters
    ----------
    *layers : Layer
    fused : bool, default True
        False computes layer by layer: what the faster steps are tested against.

    Attributes
    ----------
    layers : tuple of Layer

    Raises
    ------
    TypeError
        If an argument is not a layer.

    Examples
    --------
    >>> model = Sequential(Linear(4, 3, rng=0), ReLU(), Linear(3, 2, rng=1))
    >>> model
    Sequential(
      0: Linear(4, 3)
      1: ReLU()
      2: Linear(3, 2)
    )
    >>> model(np.ones((5, 4), np.float32)).shape, sorted(model.parameters())
    ((5, 2), ['0.bias', '0.weight', '2.bias', '2.weight'])

    A slice is a network too, with the same parameters: keep the features, replace the rest.

    >>> model[:2]
    Sequential(
      0: Linear(4, 3)
      1: ReLU()
    )
    """

    def __init__(self, *layers, fused=True):
        for position, layer in enumerate(layers):
            if not isinstance(layer, Layer):
                raise TypeError(f"layers[{position}] must be a Layer, got {layer!r}")
        self.layers = tuple(layers)
        self.fused = bool(fused)
        self._steps = fuse(layers) if fused else self.layers
        # Nothing before the first step with parameters needs a gradient in training.
        self._first_learner = next((k for k, step in enumerate(self._steps) if _learns(step)), 0)
        self.splits_batches = all(layer.splits_batches for layer in self.layers)

    def forward(self, x):
        for step in self._steps:
            x = step.forward(x)
        return x

    def backward(self, grad_output, *, need_input_grad=True):
        last = 0 if need_input_grad else self._first_learner
        for k in reversed(range(last, len(self._steps))):
            grad_output = self._steps[k].backward(grad_output, need_input_grad=need_input_grad or k > last)
        return grad_output

    def activations(self, x):
        """Return what each layer makes of `x`, as a list: layer by layer, nothing fused.

        Parameters
        ----------
        x : ndarray
            A batch, as `forward` takes it.

        Returns
        -------
        list of ndarray
            One an entry of `layers`; the last is the output.

        Examples
        --------
        >>> [a.shape for a in Sequential(Flatten(), Linear(4, 2, rng=0)).activations(np.ones((3, 1, 2, 2)))]
        [(3, 4), (3, 2)]
        """
        outputs = []
        for layer in self.layers:
            x = layer.forward(x)
            outputs.append(x)
        return outputs

    def parameters(self):
        return self._collect("parameters")

    def gradients(self):
        return self._collect("gradients")

    def buffers(self):
        return self._collect("buffers")

    def _collect(self, what):
        return {
            f"{position}.{name}": array
            for position, layer in enumerate(self.layers)
            for name, array in getattr(layer, what)().items()
        }

    def replica(self):
        twin = Sequential(*(layer.replica() for layer in self.layers), fused=self.fused)
        twin.training = self.training
        return twin

    def train(self, training=True):
        for layer in self.layers:
            layer.train(training)
        return super().train(training)

    def output_shape(self, input_shape):
        for layer in self.layers:
            input_shape = layer.output_shape(input_shape)
        return input_shape

    def cost(self, input_shape):
        total = Cost(0, 0)
        for layer in self.layers:
            total, input_shape = total + layer.cost(input_shape), layer.output_shape(input_shape)
        return total

    def summary(self, input_shape):
        """Return a table of the layers: output shapes, parameters and links, with totals.

        Parameters
        ----------
        input_shape : tuple of int
            Of one example, without the batch axis.

        Returns
        -------
        str

        Examples
        --------
        >>> print(Sequential(Flatten(), Linear(4, 2, rng=0)).summary((1, 2, 2)))
        layer         output  parameters  links
        Flatten()          4           0      0
        Linear(4, 2)       2          10     10
        total                         10     10
        """
        rows = [("layer", "output", "parameters", "links")]
        for layer in self.layers:
            cost, input_shape = layer.cost(input_shape), layer.output_shape(input_shape)
            rows.append((repr(layer), "×".join(map(str, input_shape)), f"{cost.parameters:,}", f"{cost.links:,}"))
        parameters, links = (sum(int(row[k].replace(",", "")) for row in rows[1:]) for k in (2, 3))
        rows.append(("total", "", f"{parameters:,}", f"{links:,}"))
        widths = [max(len(row[k]) for row in rows) for k in range(4)]
        return "\n".join(
            "  ".join([row[0].ljust(widths[0]), *(row[k].rjust(widths[k]) for k in (1, 2, 3))]) for row in rows
        )

    def __len__(self):
        return len(self.layers)

    def __getitem__(self, index):
        if not isinstance(index, slice):
            return self.layers[index]
        part = Sequential(*self.layers[index], fused=self.fused)
        part.training = self.training  # the mode that its layers are in
        return part

    def __repr__(self):
        lines = "".join(f"  {position}: {layer!r}\n" for position, layer in enumerate(self.layers))
        return f"Sequential(\n{lines})"


def _learns(step):
    return any(layer.parameters() for layer in getattr(step, "layers", (step,)))


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
    folder = DATA if folder is None else Path(folder)
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


# Weights on disk ---------------------------------------------------------------------------------


def save_weights(model, path):
    """Write a model's parameters and buffers to an ``.npz`` file.

    Written to a new file beside `path` that then replaces it: an interrupted save leaves the old
    weights whole.

    Parameters
    ----------
    model : Layer
    path : str or path-like
        Ends in ``.npz``.

    Raises
    ------
    ValueError
        If `path` has another suffix, or a weight is not finite.
    """
    path = _weights_path(path)
    state = {**model.parameters(), **model.buffers()}
    for name, array in state.items():
        if not np.isfinite(array).all():
            raise ValueError(f"model must have finite weights to be saved, got NaN or infinity in {name}")
    temporary = path.with_name(f".{path.stem}-{os.getpid()}.npz")
    try:
        with open(temporary, "wb") as file:
            np.savez_compressed(file, **state)
            file.flush()
            os.fsync(file.fileno())  # on disk before it takes the old one's place
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def load_weights(model, path):
    """Fill a model with the parameters and buffers of a file by `save_weights`.

    Everything is checked before anything is changed: on an error the model is as it was.

    Parameters
    ----------
    model : Layer
        Of the same architecture; keeps its dtype.
    path : str or path-like

    Returns
    -------
    Layer
        `model` itself.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is not a whole ``.npz`` file, holds other names or shapes, or numbers that are not finite.
    """
    path = _weights_path(path)
    state = {**model.parameters(), **model.buffers()}
    try:
        with np.load(path, allow_pickle=False) as file:
            loaded = {name: file[name] for name in file.files}
    except FileNotFoundError:
        raise
    except Exception as error:  # zipfile, zlib and NumPy each have their own for a damaged file
        raise ValueError(f"path must be a whole .npz file of weights, got {path.name}: {error}") from error
    if loaded.keys() != state.keys():
        different = ", ".join(sorted(loaded.keys() ^ state.keys()))
        raise ValueError(f"path must hold the weights of this model, got {path.name} which differs in {different}")
    for name, array in state.items():
        found = loaded[name]
        if found.shape != array.shape or found.dtype.kind != "f":
            raise ValueError(
                f"path must hold floating-point weights of shape {array.shape} for {name},"
                f" got {found.dtype} of shape {found.shape} in {path.name}"
            )
        if not (np.abs(found) <= np.finfo(array.dtype).max).all():
            raise ValueError(f"path must hold finite {array.dtype} weights for {name}, got {found} in {path.name}")
    for name, array in state.items():
        array[...] = loaded[name]
    return model


def _weights_path(path):
    path = Path(path)
    if path.suffix != ".npz":
        raise ValueError(f"path must end in .npz, got {str(path)!r}")
    return path


# Sliding a net ------------------------------------------------------------------------------------


def fully_convolutional(model, input_shape):
    r"""Return a net that gives `model`'s answer for every window of a picture of any size.

    A linear layer on maps of C×H×W is a convolution whose kernel is as large as the maps: its row
    of weights, read as a C×H×W filter, meets them in one place only. On larger maps the filter has
    more places to go. So each ``Linear`` becomes a ``Conv2d``, the first one behind ``Flatten``
    with an H×W kernel and those after it with 1×1, and ``Flatten`` goes away:

    .. math:: \Theta_{o,\,(c H + a) W + b} = \theta_{o,c,a,b}

    Parameters
    ----------
    model : Sequential
        Made for one size of input.
    input_shape : tuple of int
        That size, as `model` takes it and without the batch axis: (C, H, W), or (H, W) where a
        ``Normalize`` layer comes first.

    Returns
    -------
    Sequential
        Its filters are views of `model`'s weights: no number is added or copied, and training
        either net trains both. For an input of `input_shape` its output is (N, K, 1, 1), for larger
        ones (N, K, OH, OW). Where no layer pads, output (i, j) is what `model` says of the window
        that begins at (i s, j s), with s the product of all strides.

    Raises
    ------
    TypeError
        If `model` is no `Sequential`.
    ValueError
        If `input_shape` does not fit it, or one of its layers is tied to one size: a
        ``LocallyConnected2d``, a ``UnitBias``, or a ``Linear`` that sees rows of a map.

    Notes
    -----
    J. Long, E. Shelhamer, T. Darrell, "Fully convolutional networks for semantic segmentation", 2015.

    Examples
    --------
    >>> model = Sequential(Conv2d(1, 2, 3, rng=0), ReLU(), Flatten(), Linear(8, 1, rng=0))
    >>> sliding = fully_convolutional(model, (1, 4, 4))
    >>> sliding
    Sequential(
      0: Conv2d(1, 2, 3)
      1: ReLU()
      2: Conv2d(2, 1, 2)
    )
    >>> sliding.output_shape((1, 4, 4)), sliding.output_shape((1, 9, 12))
    ((1, 1, 1), (1, 6, 9))
    """
    if not isinstance(model, Sequential):
        raise TypeError(f"model must be a Sequential, got {model!r}")
    layers, shape, maps = [], tuple(input_shape), None
    for layer in model.layers:
        if isinstance(layer, (LocallyConnected2d, UnitBias)):
            raise ValueError(f"model must be made of layers that can slide, got {layer!r}")
        before, shape = shape, layer.output_shape(shape)
        if isinstance(layer, Flatten):
            maps = before if len(before) == 3 else (1, *before)
        elif isinstance(layer, Linear):
            if maps is None:
                raise ValueError(f"model must flatten its maps before {layer!r}")
            layers.append(_as_conv2d(layer, maps))
            maps = (layer.out_features, 1, 1)
        else:
            layers.append(layer)
    sliding = Sequential(*layers, fused=model.fused)
    sliding.training = model.training  # the mode that its layers are in
    return sliding


def _as_conv2d(linear, maps):
    """The linear layer as a convolution over `maps`, (C, H, W), with the same weights in memory."""
    conv = Conv2d(maps[0], linear.out_features, maps[1:], rng=0, dtype=linear.weight.dtype)
    conv.weight, conv.bias = linear.weight.reshape(conv.weight.shape), linear.bias
    return conv


# Weights on disk ---------------------------------------------------------------------------------
