"""A net made for one size of picture, at every place of a larger one."""

from cnnlib._validate import check_shape
from cnnlib.layers import Conv2d, Flatten, Linear, LocallyConnected2d, UnitBias
from cnnlib.sequential import Sequential

TIED = LocallyConnected2d, UnitBias  # to one size of input


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
        Made for one size of input. Networks in it are taken apart, unless they have a forward pass of their own.
    input_shape : tuple of int
        That size, as `model` takes it and without the batch axis: (C, H, W), or (H, W) where a
        ``Normalize`` layer comes first.

    Returns
    -------
    Sequential
        Its filters are views of `model`'s weights: no number is added or copied, and training
        either net, with an optimizer of its own, trains both. For an input of `input_shape` its output
        is (N, K, 1, 1), for larger ones (N, K, OH, OW). Where no layer pads, output (i, j) is what
        `model` says of the window that begins at (i s, j s), with s the product of all strides.

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
    >>> from cnnlib import ReLU
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
    layers, shape, maps = [], check_shape("input_shape", input_shape), None
    for layer in _flat(model):
        if isinstance(layer, TIED) or _holds(layer, (*TIED, Flatten, Linear)):
            raise ValueError(f"model must be made of layers that can slide, got {layer!r}")
        before, shape = shape, layer.output_shape(shape)
        if isinstance(layer, Flatten):
            if maps is None:  # what is flat already stays as it is
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


def _flat(model):
    """The layers of a network, and of those in it: what one flattens, the next one may see."""
    for layer in model.layers:
        if isinstance(layer, Sequential) and type(layer).forward is Sequential.forward:
            yield from _flat(layer)
        else:
            yield layer


def _holds(layer, kinds):
    """Whether there is a layer of these kinds in a network with a forward pass of its own."""
    return any(isinstance(inner, kinds) or _holds(inner, kinds) for inner in getattr(layer, "layers", ()))


def _as_conv2d(linear, maps):
    """The linear layer as a convolution over `maps`, (C, H, W), with the same weights in memory."""
    has_bias = linear.bias is not None
    conv = Conv2d(maps[0], linear.out_features, maps[1:], bias=has_bias, rng=0, dtype=linear.weight.dtype)
    # not by assignment, which would copy the numbers
    vars(conv).update(weight=linear.weight.reshape(conv.weight.shape), bias=linear.bias)
    return conv
