"""Layers: what a network is made of.

A layer holds its parameters and what its backward pass needs from the forward pass; the numbers
are computed by the functions of `conv`, `pooling` and `functional`. `Layer` says what one of your
own has to do.
"""

import copy
import functools
import inspect
import math
import warnings

import numpy as np

from cnnlib import conv, functional, local, pooling
from cnnlib._columns import from_batch_last, to_batch_last
from cnnlib._validate import (
    check_array,
    check_bool,
    check_dtype,
    check_float_array,
    check_int,
    check_number,
    check_pair,
    check_rng,
    check_same_shape,
    check_shape,
    check_size,
    quietly,
)
from cnnlib.shapes import Cost, conv2d_cost, linear_cost, output_shape2d, resolve_padding2d


class Layer:
    """What all layers share, and the contract that one of your own keeps.

    **Two methods** make a layer:

    - ``forward(self, x)`` takes a batch, an array whose first axis counts the examples, and returns
      an array with as many examples. It does not change `x`. What the backward pass will need it
      assigns to attributes, new ones each time.
    - ``backward(self, grad_output)`` takes the gradient of the loss in the last output, in the shape
      of that output. It returns the gradient in the last input, in the shape of that input, and
      assigns the gradient of each parameter to ``self.grad_NAME``, in place of the last one.

    **Attributes of the class** say what else there is:

    - ``parameter_names``: attributes that are learned, each a floating-point array, or None where the
      layer does without. `__init__` makes them; an optimiser changes them in place.
    - ``buffer_names``: arrays that are saved with the parameters but not learned. Change them in place.
    - ``splits_batches``: True promises that each example is treated by itself, so that parts of a batch
      may be computed at the same time, by replicas: copies of the layer with the same arrays, but
      attributes of their own. It is False unless you say so, which is slower and never wrong.

    **Where the defaults do not fit**, override

    - ``output_shape(input_shape)``, if the output of an example has another shape than the input;
    - ``cost(input_shape)``, if there are links to count;
    - ``__repr__``, if there are options to show.

    ``self.training`` says whether the layer is in training or in evaluation; ``train()`` and ``eval()``
    switch. A backward pass that takes the keyword ``need_input_grad`` may skip the gradient in the
    input, and return None, where it is False. To combine layers, subclass `Sequential`.

    What this class sees to, in every layer: `x` is a real, non-empty array with a batch axis, and
    `grad_output` a floating-point array of the last output's shape; a backward pass before a forward
    pass is refused, as are results of a wrong shape; NumPy's warnings about infinities and NaN are off.

    Examples
    --------
    >>> class Scale(Layer):
    ...     '''Each feature times a number that is learned.'''
    ...
    ...     parameter_names = ("factor",)
    ...
    ...     def __init__(self, features):
    ...         self.factor = np.ones(features)
    ...
    ...     def forward(self, x):
    ...         self._x = x
    ...         return x * self.factor
    ...
    ...     def backward(self, grad_output):
    ...         self.grad_factor = (grad_output * self._x).sum(axis=0)
    ...         return grad_output * self.factor
    >>> layer = Scale(2)
    >>> layer(np.array([[1.0, 2.0], [3.0, 4.0]])).shape, layer.backward(np.ones((2, 2))).shape
    ((2, 2), (2, 2))
    >>> layer.gradients()
    {'factor': array([4., 6.])}
    """

    parameter_names = ()
    buffer_names = ()
    training = True
    splits_batches = False
    _forward_count = 0  # tells `Sequential` whether a backward pass belongs to its own last forward pass
    _input_shape = _output_shape = None  # of the last forward pass

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        for name, checked in (("forward", _checked_forward), ("backward", _checked_backward)):
            if name in vars(cls):
                setattr(cls, name, checked(vars(cls)[name]))

    def forward(self, x):
        raise NotImplementedError(f"{type(self).__name__} must define forward(self, x)")

    def backward(self, grad_output, *, need_input_grad=True):
        raise NotImplementedError(f"{type(self).__name__} must define backward(self, grad_output)")

    def __call__(self, x):
        return self.forward(x)

    def parameters(self):
        """Return the arrays that are learned, by name: the arrays themselves, not copies."""
        return {name: getattr(self, name) for name in self.parameter_names if getattr(self, name) is not None}

    def gradients(self):
        """Return the gradient of each parameter, by name, from the last backward pass."""
        gradients = {}
        for name, parameter in self.parameters().items():
            gradient = gradients[name] = getattr(self, f"grad_{name}", None)
            if gradient is None:
                raise RuntimeError(f"{self!r} has no gradient of {name} yet: call backward first")
            if np.shape(gradient) != parameter.shape:  # an optimiser would stretch it to fit
                raise ValueError(
                    f"grad_{name} of {self!r} must have shape {parameter.shape} like {name}, got {np.shape(gradient)}"
                )
        return gradients

    def buffers(self):
        """Return the arrays that belong to the layer's state but are not learned, by name."""
        return {name: getattr(self, name) for name in self.buffer_names}

    def train(self, training=True):
        """Switch to training behaviour (dropout drops, batch norm uses the batch); return self."""
        self.training = check_bool("training", training)
        return self

    def eval(self):
        """Switch to evaluation behaviour; return self."""
        return self.train(False)

    def replica(self):
        """Return a layer with the same parameter arrays, whose caches and gradients are its own."""
        return copy.copy(self)

    def output_shape(self, input_shape):
        """Return the shape of one output for one input of `input_shape`."""
        return check_shape("input_shape", input_shape)

    def cost(self, input_shape):
        """Return the `cnnlib.shapes.Cost` for one input of `input_shape`."""
        return Cost(parameters=sum(p.size for p in self.parameters().values()), links=0)

    def __repr__(self):
        return f"{type(self).__name__}()"


def _checked_forward(forward):
    """`forward` with what the contract of `Layer` says about every forward pass."""

    @functools.wraps(forward)
    @quietly
    def checked(self, x):
        if type(self).forward is not checked:  # called by a subclass, whose own results are what counts
            return forward(self, x)
        x = check_array("x", x, None)
        if x.ndim == 0:
            raise ValueError("x must be a batch, an array whose first axis counts the examples, got a single number")
        y = forward(self, x)
        if not isinstance(y, np.ndarray) or y.shape[:1] != x.shape[:1]:
            got = f"shape {y.shape}" if isinstance(y, np.ndarray) else repr(y)
            raise ValueError(
                f"forward of {self!r} must return an array with an entry for each of {len(x)} examples, got {got}"
            )
        self._forward_count += 1
        self._input_shape, self._output_shape = x.shape, y.shape
        return y

    return checked


def _checked_backward(backward):
    """`backward` with what the contract of `Layer` says about every backward pass."""
    can_skip = "need_input_grad" in inspect.signature(backward).parameters

    @functools.wraps(backward)
    @quietly
    def checked(self, grad_output, *, need_input_grad=True):
        need_input_grad = check_bool("need_input_grad", need_input_grad)
        options = {"need_input_grad": need_input_grad} if can_skip else {}
        if type(self).backward is not checked:
            return backward(self, grad_output, **options)
        if not self._forward_count:
            raise RuntimeError(f"{self!r} has seen no input yet: call forward before backward")
        grad_output = check_float_array("grad_output", grad_output, None)
        check_same_shape("grad_output", grad_output, self._output_shape)
        grad_x = backward(self, grad_output, **options)
        if not need_input_grad:
            return None
        if np.shape(grad_x) != self._input_shape:
            got = "None" if grad_x is None else f"shape {np.shape(grad_x)}"
            raise ValueError(
                f"backward of {self!r} must return the gradient in its input {self._input_shape}, got {got}"
            )
        return grad_x

    return checked


def _initial_weight(shape, fan_in, rng, dtype):
    """Draw weights that keep the spread of activations through ReLU layers.

    Uniform with variance 2 / fan_in (He, Zhang, Ren & Sun, "Delving deep into rectifiers", 2015).
    """
    bound = np.sqrt(6 / fan_in)
    return check_rng(rng).uniform(-bound, bound, size=shape).astype(check_dtype(dtype))


# Layers with weights -----------------------------------------------------------------------------


class Linear(Layer):
    r"""Fully connected layer, :math:`y = x W^\top + b`.

    Parameters
    ----------
    in_features, out_features : int
    bias : bool, default True
    rng : numpy.random.Generator or int
        Draws the weights; biases start at zero.
    dtype : float32 (default) or float64

    Attributes
    ----------
    weight : ndarray, shape (out_features, in_features)
        The lecture's Θ: one row for each unit.
    bias : ndarray, shape (out_features,), or None

    Raises
    ------
    TypeError, ValueError
        From the constructor for a size below 1 or a missing `rng`; from `forward` for an input
        that is not (N, in_features).

    Examples
    --------
    >>> layer = Linear(3, 2, rng=0)
    >>> layer, layer(np.zeros((4, 3), np.float32)).shape, layer.cost((3,))
    (Linear(3, 2), (4, 2), Cost(parameters=8, links=8))
    """

    parameter_names = ("weight", "bias")
    splits_batches = True

    def __init__(self, in_features, out_features, bias=True, *, rng, dtype=np.float32):
        self.in_features = check_int("in_features", in_features, 1)
        self.out_features = check_int("out_features", out_features, 1)
        check_size("in_features and out_features", (in_features, out_features))
        self.weight = _initial_weight((out_features, in_features), in_features, rng, dtype)
        self.bias = np.zeros(out_features, dtype) if check_bool("bias", bias) else None

    def forward(self, x):
        x = check_float_array("x", x, 2, axes="(N, in_features)")
        if x.shape[1] != self.in_features:
            raise ValueError(f"x must have {self.in_features} features, got shape {x.shape}")
        self._x = x
        y = x @ self.weight.T
        return y if self.bias is None else y + self.bias

    def backward(self, grad_output, *, need_input_grad=True):
        self.grad_weight = grad_output.T @ self._x
        if self.bias is not None:
            self.grad_bias = grad_output.sum(axis=0)
        return grad_output @ self.weight if need_input_grad else None

    def output_shape(self, input_shape):
        input_shape = check_shape("input_shape", input_shape)
        if input_shape != (self.in_features,):
            raise ValueError(f"input_shape must be ({self.in_features},) for {self!r}, got {input_shape}")
        return (self.out_features,)

    def cost(self, input_shape):
        return linear_cost(self.in_features, self.out_features, self.bias is not None)

    def __repr__(self):
        return f"Linear({self.in_features}, {self.out_features}{'' if self.bias is not None else ', bias=False'})"


class _Local(Layer):
    """What Conv2d and LocallyConnected2d share: every unit sees one patch of the input."""

    parameter_names = ("weight", "bias")
    splits_batches = True
    _forward = _backward = None  # the functions of `conv`

    def __init__(self, in_channels, out_channels, kernel_size, stride, padding, dilation):
        self.in_channels = check_int("in_channels", in_channels, 1)
        self.out_channels = check_int("out_channels", out_channels, 1)
        self.kernel_size = check_pair("kernel_size", kernel_size, 1)
        self.stride, self.dilation = check_pair("stride", stride, 1), check_pair("dilation", dilation, 1)
        self.padding = padding if isinstance(padding, str) else check_pair("padding", padding, 0)
        resolve_padding2d(self.padding, self.kernel_size, self.dilation, stride=self.stride)  # refused here if ever
        self.fan_in = self.in_channels * self.kernel_size[0] * self.kernel_size[1]

    def forward(self, x):
        y = self._forward(x, self.weight, self.bias, self.stride, self.padding, self.dilation)
        self._x = x
        return y

    def backward(self, grad_output, *, need_input_grad=True):
        grad_x, self.grad_weight, grad_bias = self._backward(
            grad_output, self._x, self.weight, self.stride, self.padding, self.dilation,
            need_input_grad=need_input_grad,
        )
        if self.bias is not None:
            self.grad_bias = grad_bias
        return grad_x

    def output_shape(self, input_shape):
        channels, height, width = check_shape("input_shape", input_shape, "(C, H, W)")
        if channels != self.in_channels:
            raise ValueError(f"input_shape must have {self.in_channels} channels for {self!r}, got {channels}")
        size = output_shape2d((height, width), self.kernel_size, self.stride, self.padding, self.dilation)
        return (self.out_channels, *size)

    def cost(self, input_shape):
        return conv2d_cost(
            self.in_channels, self.out_channels, self.kernel_size, self.output_shape(input_shape)[1:],
            self.bias is not None, shared=isinstance(self, Conv2d),
        )

    def _options(self):
        """The arguments that are not the defaults, for the repr."""
        shown = [
            f"{name}={_short(value)}"
            for name, value, default in (
                ("stride", self.stride, (1, 1)), ("padding", self.padding, (0, 0)), ("dilation", self.dilation, (1, 1)),
            )
            if value != default
        ]
        return "".join(f", {text}" for text in shown + ["bias=False"] * (self.bias is None))


class Conv2d(_Local):
    """Convolutional layer: every position uses the same filters. See `cnnlib.conv.conv2d`.

    Parameters
    ----------
    in_channels, out_channels : int
        One filter an output channel, each with a kernel for every input channel.
    kernel_size : int or tuple of int
    stride, dilation : int or tuple of int, default 1
    padding : int, tuple of int or {"valid", "same", "full"}, default 0
    bias : bool, default True
    rng : numpy.random.Generator or int
        Draws the weights; biases start at zero.
    dtype : float32 (default) or float64

    Attributes
    ----------
    weight : ndarray, shape (out_channels, in_channels, KH, KW)
    bias : ndarray, shape (out_channels,), or None

    Raises
    ------
    TypeError, ValueError
        For sizes out of range, a missing `rng`, or an input that does not fit.

    Examples
    --------
    >>> layer = Conv2d(1, 6, 5, padding=2, rng=0)
    >>> layer, layer.output_shape((1, 28, 28)), layer.cost((1, 28, 28))
    (Conv2d(1, 6, 5, padding=2), (6, 28, 28), Cost(parameters=156, links=122304))
    """

    _forward, _backward = staticmethod(conv.conv2d), staticmethod(conv.conv2d_backward)

    def __init__(
        self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, bias=True,
        *, rng, dtype=np.float32,
    ):
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, dilation)
        check_size("in_channels, out_channels and kernel_size", (out_channels, in_channels, *self.kernel_size))
        self.weight = _initial_weight((out_channels, in_channels, *self.kernel_size), self.fan_in, rng, dtype)
        self.bias = np.zeros(out_channels, dtype) if check_bool("bias", bias) else None

    def __repr__(self):
        return f"Conv2d({self.in_channels}, {self.out_channels}, {_short(self.kernel_size)}{self._options()})"


class LocallyConnected2d(_Local):
    """Local connections without sharing: each position has filters and biases of its own.

    Parameters
    ----------
    in_channels, out_channels : int
    input_size : int or tuple of int
        ``(H, W)``: a layer that does not share must know where its positions are.
    kernel_size, stride, padding, dilation, bias, rng, dtype
        As for `Conv2d`.

    Attributes
    ----------
    weight : ndarray, shape (OH, OW, out_channels, in_channels, KH, KW)
    bias : ndarray, shape (out_channels, OH, OW), or None

    Raises
    ------
    TypeError, ValueError
        As for `Conv2d`.

    Examples
    --------
    Beside the `Conv2d` of the same reach: the same links, 784 times the parameters.

    >>> LocallyConnected2d(1, 6, 28, 5, padding=2, rng=0).cost((1, 28, 28))
    Cost(parameters=122304, links=122304)
    """

    _forward = staticmethod(local.locally_connected2d)
    _backward = staticmethod(local.locally_connected2d_backward)

    def __init__(
        self, in_channels, out_channels, input_size, kernel_size, stride=1, padding=0, dilation=1, bias=True,
        *, rng, dtype=np.float32,
    ):
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, dilation)
        self.input_size = check_pair("input_size", input_size, 1)
        size = output_shape2d(self.input_size, self.kernel_size, self.stride, self.padding, self.dilation)
        check_size("the channels, input_size and kernel_size", (*size, out_channels, in_channels, *self.kernel_size))
        self.weight = _initial_weight((*size, out_channels, in_channels, *self.kernel_size), self.fan_in, rng, dtype)
        self.bias = np.zeros((out_channels, *size), dtype) if check_bool("bias", bias) else None

    def output_shape(self, input_shape):
        input_shape = check_shape("input_shape", input_shape, "(C, H, W)")
        if input_shape[1:] != self.input_size:
            raise ValueError(f"input_shape must have size {self.input_size} for {self!r}, got {input_shape}")
        return super().output_shape(input_shape)

    def __repr__(self):
        return (
            f"LocallyConnected2d({self.in_channels}, {self.out_channels}, {_short(self.input_size)}, "
            f"{_short(self.kernel_size)}{self._options()})"
        )


class UnitBias(Layer):
    r"""One bias for each unit, :math:`y = x + b`, where a convolution has one for each map.

    After ``Conv2d(..., bias=False)`` it makes the layer of Le Cun's networks of 1989, which share
    weights but not biases.

    Parameters
    ----------
    shape : tuple of int
        Of one example, without the batch axis, such as (C, H, W).
    dtype : float32 (default) or float64

    Attributes
    ----------
    bias : ndarray, shape `shape`
        Starts at zero.

    Raises
    ------
    TypeError, ValueError
        If `shape` is not a tuple of integers of at least 1, or an input has another one.

    Examples
    --------
    >>> layer = UnitBias((2, 8, 8))
    >>> layer, layer.cost((2, 8, 8))
    (UnitBias((2, 8, 8)), Cost(parameters=128, links=128))
    """

    parameter_names = ("bias",)
    splits_batches = True

    def __init__(self, shape, *, dtype=np.float32):
        shape = check_shape("shape", shape)
        check_size("shape", shape)
        self.bias = np.zeros(shape, check_dtype(dtype))

    def forward(self, x):
        x = check_float_array("x", x, self.bias.ndim + 1)
        check_same_shape("x", x, (len(x), *self.bias.shape))
        return x + self.bias

    def backward(self, grad_output):
        self.grad_bias = grad_output.sum(axis=0)
        return grad_output

    def output_shape(self, input_shape):
        input_shape = check_shape("input_shape", input_shape)
        if input_shape != self.bias.shape:
            raise ValueError(f"input_shape must be {self.bias.shape} for {self!r}, got {input_shape}")
        return self.bias.shape

    def cost(self, input_shape):
        return Cost(parameters=self.bias.size, links=self.bias.size)

    def __repr__(self):
        return f"UnitBias({self.bias.shape})"


class BatchNorm2d(Layer):
    r"""Batch normalisation of each channel, then a learned scale and shift.

    .. math:: y = \gamma\, \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta

    In training, μ and σ² are the mean and variance of the batch over N, H and W, and running
    averages of them are kept; in evaluation the running averages are used. Follows
    ``torch.nn.BatchNorm2d`` (Ioffe & Szegedy, "Batch normalization", 2015).

    Parameters
    ----------
    num_features : int
        Channels.
    eps : float, default 1e-5
    momentum : float, default 0.1
        Weight of the newest batch in the running averages.
    dtype : float32 (default) or float64

    Attributes
    ----------
    weight, bias : ndarray, shape (num_features,)
        γ and β.
    running_mean, running_var : ndarray, shape (num_features,)

    Raises
    ------
    TypeError, ValueError
        For arguments out of range, an input with other channels, or one value a channel.

    Examples
    --------
    >>> norm = BatchNorm2d(1, dtype=np.float64)
    >>> norm(np.array([1.0, 3.0]).reshape(2, 1, 1, 1)).ravel().round(3)
    array([-1.,  1.])
    """

    parameter_names = ("weight", "bias")
    buffer_names = ("running_mean", "running_var")
    # splits_batches stays False: its mean and variance are those of the whole batch

    def __init__(self, num_features, eps=1e-5, momentum=0.1, *, dtype=np.float32):
        self.num_features = check_int("num_features", num_features, 1)
        self.eps = check_number("eps", eps, 0, open_low=True)
        self.momentum = check_number("momentum", momentum, 0, 1)
        dtype = check_dtype(dtype)
        check_size("num_features", (self.num_features,))
        self.weight, self.bias = np.ones(num_features, dtype), np.zeros(num_features, dtype)
        self.running_mean, self.running_var = np.zeros(num_features, dtype), np.ones(num_features, dtype)

    def forward(self, x):
        x = check_float_array("x", x, 4, axes="(N, C, H, W)")
        if x.shape[1] != self.num_features:
            raise ValueError(f"x must have {self.num_features} channels, got shape {x.shape}")
        x = x.astype(np.result_type(x, self.weight), copy=False)
        if self.training:
            count = x.size // self.num_features
            if count == 1:
                raise ValueError(f"x must hold more than one value a channel in training, got shape {x.shape}")
            mean, var = x.mean(axis=(0, 2, 3)), x.var(axis=(0, 2, 3))
            # In place, so that whoever holds the arrays keeps them. The running variance is the
            # unbiased one, as in PyTorch.
            for running, new in ((self.running_mean, mean), (self.running_var, var * (count / (count - 1)))):
                running += self.momentum * (new - running)
        else:
            mean, var = self.running_mean, self.running_var
        self._scale = 1 / np.sqrt(var + x.dtype.type(self.eps))
        self._normalised = (x - _by_channel(mean)) * _by_channel(self._scale)
        self._used_batch = self.training
        return self._normalised * _by_channel(self.weight) + _by_channel(self.bias)

    def backward(self, grad_output, *, need_input_grad=True):
        normalised = self._normalised
        self.grad_weight = (grad_output * normalised).sum(axis=(0, 2, 3))
        self.grad_bias = grad_output.sum(axis=(0, 2, 3))
        if not need_input_grad:
            return None
        grad = grad_output
        if self._used_batch:  # the mean and the variance depend on the input too
            count = grad_output.dtype.type(grad_output.size // self.num_features)
            grad = grad - _by_channel(self.grad_bias / count) - normalised * _by_channel(self.grad_weight / count)
        return grad * _by_channel(self.weight * self._scale)

    def __repr__(self):
        return f"BatchNorm2d({self.num_features})"


# Layers without weights --------------------------------------------------------------------------


class _Pool2d(Layer):
    """What the two poolings share."""

    splits_batches = True

    def __init__(self, kernel_size, stride=None, padding=0):
        self.kernel_size, self.stride, self.padding = pooling.checked_window(kernel_size, stride, padding)

    def forward(self, x):
        y = self._forward(x, self.kernel_size, self.stride, self.padding)
        self._x = x
        return y

    def backward(self, grad_output, *, need_input_grad=True):
        if not need_input_grad:
            return None
        return self._backward(grad_output, self._x, self.kernel_size, self.stride, self.padding)

    def output_shape(self, input_shape):
        channels, height, width = check_shape("input_shape", input_shape, "(C, H, W)")
        return (channels, *output_shape2d((height, width), self.kernel_size, self.stride, self.padding))

    def __repr__(self):
        stride = "" if self.stride == self.kernel_size else f", stride={_short(self.stride)}"
        padding = "" if self.padding == (0, 0) else f", padding={_short(self.padding)}"
        return f"{type(self).__name__}({_short(self.kernel_size)}{stride}{padding})"


class MaxPool2d(_Pool2d):
    """Max pooling; nothing to learn. See `cnnlib.pooling.max_pool2d`.

    Parameters
    ----------
    kernel_size : int or tuple of int
    stride : int or tuple of int, optional
        `kernel_size` unless given.
    padding : int or tuple of int, default 0

    Examples
    --------
    >>> MaxPool2d(2).output_shape((6, 28, 28)), MaxPool2d(2).cost((6, 28, 28)).parameters
    ((6, 14, 14), 0)
    """

    _forward, _backward = staticmethod(pooling.max_pool2d), staticmethod(pooling.max_pool2d_backward)


class AvgPool2d(_Pool2d):
    """Average pooling; nothing to learn. See `cnnlib.pooling.avg_pool2d`.

    Parameters
    ----------
    kernel_size : int or tuple of int
    stride : int or tuple of int, optional
        `kernel_size` unless given.
    padding : int or tuple of int, default 0

    Examples
    --------
    >>> AvgPool2d(3, stride=2, padding=1)
    AvgPool2d(3, stride=2, padding=1)
    """

    _forward, _backward = staticmethod(pooling.avg_pool2d), staticmethod(pooling.avg_pool2d_backward)


class ReLU(Layer):
    """max(x, 0), entry by entry.

    Examples
    --------
    >>> ReLU()(np.array([-1.0, 2.0]))
    array([0., 2.])
    """

    splits_batches = True

    def forward(self, x):
        self._x = x
        return functional.relu(x)

    def backward(self, grad_output):
        return functional.relu_backward(grad_output, self._x)


class LeakyReLU(Layer):
    """x where positive, a small slope times x elsewhere.

    Parameters
    ----------
    negative_slope : float, default 0.01

    Examples
    --------
    >>> LeakyReLU(0.5)(np.array([-1.0, 2.0]))
    array([-0.5,  2. ])
    """

    splits_batches = True

    def __init__(self, negative_slope=0.01):
        self.negative_slope = check_number("negative_slope", negative_slope)

    def forward(self, x):
        self._x = x
        return functional.leaky_relu(x, self.negative_slope)

    def backward(self, grad_output):
        return functional.leaky_relu_backward(grad_output, self._x, self.negative_slope)

    def __repr__(self):
        return f"LeakyReLU({self.negative_slope:g})"


class Sigmoid(Layer):
    """1 / (1 + e⁻ˣ), entry by entry: the lecture's g.

    Examples
    --------
    >>> Sigmoid()(np.array([0.0]))
    array([0.5])
    """

    splits_batches = True

    def forward(self, x):
        self._output = functional.sigmoid(x)
        return self._output

    def backward(self, grad_output):
        return functional.sigmoid_backward(grad_output, self._output)


class Tanh(Layer):
    """Hyperbolic tangent, entry by entry.

    Examples
    --------
    >>> Tanh()(np.array([0.0]))
    array([0.])
    """

    splits_batches = True

    def forward(self, x):
        self._output = functional.tanh(x)
        return self._output

    def backward(self, grad_output):
        return functional.tanh_backward(grad_output, self._output)


class Flatten(Layer):
    """Lay each example out as one row of numbers, channel by channel, row by row.

    Examples
    --------
    >>> Flatten().output_shape((16, 5, 5))
    (400,)
    """

    splits_batches = True

    def forward(self, x):
        self._shape = x.shape
        return x.reshape(len(x), -1)

    def backward(self, grad_output):
        return grad_output.reshape(self._shape)

    def output_shape(self, input_shape):
        return (math.prod(check_shape("input_shape", input_shape)),)


class Dropout(Layer):
    """In training, set a random part of the input to zero and scale the rest up to match.

    Parameters
    ----------
    p : float, default 0.5
        Probability of each entry to be dropped, in [0, 1).
    rng : numpy.random.Generator or int

    Examples
    --------
    >>> layer = Dropout(0.5, rng=0)
    >>> np.unique(layer(np.ones(100))), np.unique(layer.eval()(np.ones(100)))
    (array([0., 2.]), array([1.]))
    """

    # splits_batches stays False: one rng draws for the whole batch

    def __init__(self, p=0.5, *, rng):
        self.p = check_number("p", p, 0, 1, open_high=True)
        self.rng = check_rng(rng)

    def forward(self, x):
        x = check_float_array("x", x, None)
        self._mask = np.broadcast_to(x.dtype.type(1), x.shape)
        if self.training and self.p:
            kept = self.rng.random(x.shape, dtype=np.float32) >= self.p
            self._mask = kept * x.dtype.type(1 / (1 - self.p))
        return x * self._mask

    def backward(self, grad_output):
        return grad_output * self._mask

    def __repr__(self):
        return f"Dropout({self.p:g})"


class Normalize(Layer):
    """Turn raw pixels into numbers a net likes: subtract a mean, divide by a standard deviation.

    The first layer of a net that takes uint8 images as they are stored: they become floating
    point a batch at a time, and the constants are saved with the weights.

    Parameters
    ----------
    mean, std : float
        In the unit of the pixels; `std` above 0.
    dtype : float32 (default) or float64
        Of the output.

    Warns
    -----
    UserWarning
        Once, if the pixels are nowhere near that mean: of images in 0 … 255 that have been divided by
        255 before, a net would see one grey.

    Examples
    --------
    >>> Normalize(100, 50)(np.array([[[0, 200]]], np.uint8))
    array([[[[-2.,  2.]]]], dtype=float32)
    """

    buffer_names = ("mean", "std")
    splits_batches = True

    def __init__(self, mean, std, *, dtype=np.float32):
        dtype = check_dtype(dtype)
        # within the dtype's range, or the mean were infinite and the deviation 0
        least, most = float(np.finfo(dtype).tiny), float(np.finfo(dtype).max)
        mean, std = check_number("mean", mean), check_number("std", std, 0, open_low=True)
        self.mean = np.array(check_number("mean", mean, -most, most), dtype)
        self.std = np.array(check_number("std", std, least, most), dtype)
        self._warnings = []  # what has been said already: a list, since replicas share it

    def forward(self, x):
        x = check_array("x", x, (3, 4), axes="(N, H, W) or (N, C, H, W)")
        self._warn_of_another_unit(x)
        images = x[:, None] if x.ndim == 3 else x
        # Written straight into batch-last memory, which the next layer takes without a copy.
        output = np.subtract(to_batch_last(images), self.mean, dtype=self.mean.dtype)
        output /= self.std
        self._shape = x.shape
        return from_batch_last(output)

    def _warn_of_another_unit(self, x):
        """Say so, once, where the pixels cannot be those whose mean and deviation these are."""
        if self._warnings:
            return
        largest = max(float(x.max()), -float(x.min()))
        if 0 < largest < self.std / 20:
            problem, advice = "far too small", "have they been divided by 255 already?"
        elif largest > abs(self.mean) + 100 * self.std:
            problem, advice = "far too large", "has the net been made for images in 0 ... 1?"
        else:
            return
        self._warnings.append(f"images with numbers up to {largest:.3g} are {problem} for {self!r}: {advice}")
        warnings.warn(self._warnings[0], UserWarning, stacklevel=2)

    def backward(self, grad_output, *, need_input_grad=True):
        return (grad_output / self.std).reshape(self._shape) if need_input_grad else None

    def output_shape(self, input_shape):
        input_shape = check_shape("input_shape", input_shape)
        return (1, *input_shape) if len(input_shape) == 2 else input_shape

    def __repr__(self):
        return f"Normalize({self.mean:.6g}, {self.std:.6g})"


def _by_channel(values):
    return values[None, :, None, None]


def _short(pair):
    """5 for (5, 5): what one would write."""
    return repr(pair) if isinstance(pair, str) or pair[0] != pair[1] else str(pair[0])
