"""Layers with weights, which training changes."""


import numpy as np

from cnnlib import conv, local
from cnnlib._validate import (
    Checked,
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
)
from cnnlib.layers.contract import Layer, short
from cnnlib.shapes import Cost, conv2d_cost, linear_cost, output_shape2d, resolve_padding, resolve_padding2d


def _initial_weight(shape, fan_in, rng, dtype):
    """Draw weights that keep the spread of activations through ReLU layers.

    Uniform with variance 2 / fan_in (He, Zhang, Ren & Sun, "Delving deep into rectifiers", 2015).
    """
    bound = np.sqrt(6 / fan_in)
    return check_rng(rng).uniform(-bound, bound, size=shape).astype(check_dtype(dtype))


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
        that is not (N, in_features), or an output of more than 2**29 numbers.

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
        check_size("x and out_features", (len(x), self.out_features))
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


def _checked_padding(name, value):
    if not isinstance(value, str):
        return check_pair(name, value, 0)
    resolve_padding(value, 1)  # a rule that it does not know it refuses
    return value


class _Local(Layer):
    """What Conv2d and LocallyConnected2d share: every unit sees one patch of the input."""

    parameter_names = ("weight", "bias")
    splits_batches = True
    stride, dilation, padding = Checked(check_pair, 1), Checked(check_pair, 1), Checked(_checked_padding)
    _forward = _backward = None  # the functions of `conv`

    def __init__(self, in_channels, out_channels, kernel_size, stride, padding, dilation):
        self.in_channels = check_int("in_channels", in_channels, 1)
        self.out_channels = check_int("out_channels", out_channels, 1)
        self.kernel_size = check_pair("kernel_size", kernel_size, 1)
        self.stride, self.dilation, self.padding = stride, dilation, padding
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
            f"{name}={short(value)}"
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
        return f"Conv2d({self.in_channels}, {self.out_channels}, {short(self.kernel_size)}{self._options()})"


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
            f"LocallyConnected2d({self.in_channels}, {self.out_channels}, {short(self.input_size)}, "
            f"{short(self.kernel_size)}{self._options()})"
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
    eps, momentum = Checked(check_number, 0, open_low=True), Checked(check_number, 0, 1)

    def __init__(self, num_features, eps=1e-5, momentum=0.1, *, dtype=np.float32):
        self.num_features = check_int("num_features", num_features, 1)
        self.eps, self.momentum = eps, momentum
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
        scale = 1 / np.sqrt(var + x.dtype.type(self.eps))
        normalised = (x - _by_channel(mean)) * _by_channel(scale)
        self._scale, self._normalised, self._used_batch = scale, normalised, self.training
        return normalised * _by_channel(self.weight) + _by_channel(self.bias)

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


def _by_channel(values):
    return values[None, :, None, None]
