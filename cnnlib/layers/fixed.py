"""Layers without weights: pooling, activations, and what reshapes or normalises."""

import math
import sys
import warnings

import numpy as np

from cnnlib import functional, pooling
from cnnlib._columns import from_batch_last, masked, to_batch_last
from cnnlib._validate import (
    Checked,
    check_array,
    check_dtype,
    check_float_array,
    check_number,
    check_pair,
    check_rng,
    check_shape,
)
from cnnlib.layers.contract import Layer, short
from cnnlib.shapes import output_shape2d


class _Pool2d(Layer):
    """What the two poolings share."""

    splits_batches = True
    kernel_size, stride, padding = Checked(check_pair, 1), Checked(check_pair, 1), Checked(check_pair, 0)

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
        stride = "" if self.stride == self.kernel_size else f", stride={short(self.stride)}"
        padding = "" if self.padding == (0, 0) else f", padding={short(self.padding)}"
        return f"{type(self).__name__}({short(self.kernel_size)}{stride}{padding})"


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
    negative_slope = Checked(check_number)

    def __init__(self, negative_slope=0.01):
        self.negative_slope = negative_slope

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
        output = functional.sigmoid(x)
        self._output = output.copy(order="K")  # for the way back: whoever has the output may change it
        return output

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
        output = functional.tanh(x)
        self._output = output.copy(order="K")  # as in `Sigmoid`
        return output

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
    p, rng = Checked(check_number, 0, 1, open_high=True), Checked(lambda name, value: check_rng(value))

    def __init__(self, p=0.5, *, rng):
        self.p, self.rng = p, rng

    def forward(self, x):
        x = check_float_array("x", x, None)
        self._kept, self._scale = None, x.dtype.type(1)
        if self.training and self.p:
            self._kept = self.rng.random(x.shape, dtype=np.float32) >= self.p
            self._scale = x.dtype.type(1 / (1 - self.p))
        return self._drop(x)

    def backward(self, grad_output):
        return self._drop(grad_output)

    def _drop(self, values):
        scaled = values * self._scale
        return scaled if self._kept is None else masked(scaled, self._kept)  # also what is infinite

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
        Once for each layer, its replicas included, if the pixels are nowhere near that mean: of images in 0 … 255
        that have been divided by 255 before, a net would see one grey.

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
        self._unwarned = [True]  # until it has been said: a list, which replicas share and one thread empties

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
        if not self._unwarned:
            return
        largest = max(float(x.max()), -float(x.min()))
        if 0 < largest < self.std / 20:
            problem, advice = "far too small", "have they been divided by 255 already?"
        elif largest > abs(self.mean) + 100 * self.std:
            problem, advice = "far too large", "has the net been made for images in 0 ... 1?"
        else:
            return
        text = f"images with numbers up to {largest:.3g} are {problem} for {self!r}: {advice}"
        try:
            self._unwarned.pop()
            # `warnings.warn` keeps a register, in which the next net's words would be known already
            warnings.warn_explicit(text, UserWarning, __file__, sys._getframe().f_lineno, __name__)
        except IndexError:  # another thread has been faster
            return
        except UserWarning:  # whoever makes it an error is to get one each time
            self._unwarned.append(True)
            raise

    def backward(self, grad_output, *, need_input_grad=True):
        return (grad_output / self.std).reshape(self._shape) if need_input_grad else None

    def output_shape(self, input_shape):
        input_shape = check_shape("input_shape", input_shape)
        return (1, *input_shape) if len(input_shape) == 2 else input_shape

    def __repr__(self):
        return f"Normalize({self.mean:.6g}, {self.std:.6g})"
