"""The contract that every layer keeps, and the checks that hold each one to it."""

import copy
import functools
import inspect

import numpy as np

from cnnlib._validate import (
    check_array,
    check_bool,
    check_float_array,
    check_same_shape,
    check_shape,
    quietly,
)
from cnnlib.shapes import Cost


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
      layer does without, for good. `__init__` makes them; an optimiser changes them in place. To assign
      an array later, of the same shape, writes its numbers into the one that is there: whoever holds
      that, such as an optimiser, a replica or a net that shares it, sees them.
    - ``buffer_names``: arrays that are saved with the parameters but not learned, of whatever numbers. To
      assign one later writes into it, too.
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
    What it does not see, since a copy or a check sum in each step would cost too much: an `x` that is
    changed in place between forward and backward. Its gradients are those of the changed numbers.

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
    splits_batches = False
    _forward_count = 0  # tells `Sequential` whether a backward pass belongs to its own last forward pass
    _input_shape = _output_shape = None  # of the last forward pass

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        for names, kinds in ((cls.parameter_names, "f"), (cls.buffer_names, "buif")):
            for name in names:
                if not hasattr(cls, name):
                    setattr(cls, name, _Held(name, kinds))
        for name, checked in (("forward", _checked_forward), ("backward", _checked_backward)):
            if name in vars(cls):
                setattr(cls, name, checked(vars(cls)[name]))

    @property
    def training(self):
        return vars(self).get("training", True)

    @training.setter
    def training(self, value):
        vars(self)["training"] = check_bool("training", value)

    def forward(self, x):
        raise NotImplementedError(f"{type(self).__name__} must define forward(self, x)")

    def backward(self, grad_output, *, need_input_grad=True):
        raise NotImplementedError(f"{type(self).__name__} must define backward(self, grad_output)")

    def __call__(self, x):
        return self.forward(x)

    def parameters(self):
        """Return the arrays that are learned, by name: the arrays themselves, not copies."""
        if not self.parameter_names:  # most layers, and each is asked several times a step
            return {}
        return {name: array for name, array in self._made(self.parameter_names).items() if array is not None}

    def gradients(self):
        """Return the gradient of each parameter, by name, from the last backward pass."""
        gradients = {}
        for name, parameter in self.parameters().items():
            gradient = gradients[name] = getattr(self, f"grad_{name}", None)
            if gradient is None:
                raise RuntimeError(f"{self!r} has no gradient of {name} yet: call backward first")
            if isinstance(gradient, np.ma.MaskedArray):  # an optimiser would take what is under the mask
                raise TypeError(f"grad_{name} of {self!r} must be an array without a mask, got a masked array")
            if np.shape(gradient) != parameter.shape:  # an optimiser would stretch it to fit
                raise ValueError(
                    f"grad_{name} of {self!r} must have shape {parameter.shape} like {name}, got {np.shape(gradient)}"
                )
        return gradients

    def buffers(self):
        """Return the arrays that belong to the layer's state but are not learned, by name."""
        return self._made(self.buffer_names) if self.buffer_names else {}

    def _made(self, names):
        arrays = {name: getattr(self, name) for name in names}
        for name, array in arrays.items():
            if isinstance(array, _Held):
                raise AttributeError(f"{type(self).__name__} has made no {name}")
        return arrays

    def train(self, training=True):
        """Switch to training behaviour (dropout drops, batch norm uses the batch); return self."""
        self.training = training
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


class _Held:
    """An attribute of a layer that holds one array for good: what is assigned later is written into it.

    It is read from the layer itself, as fast as any attribute, since this class defines no ``__get__``.
    """

    def __init__(self, name, kinds):
        self._name, self._kinds = name, kinds

    @quietly
    def __set__(self, layer, value):
        if self._name not in vars(layer):
            if value is not None:
                self._check(type(layer).__name__, value, self._kinds)  # a layer that is half made may have no repr
                if not value.flags.writeable:
                    raise ValueError(f"{self._name} of {type(layer).__name__} must be writeable, got a read-only array")
            vars(layer)[self._name] = value
            return
        held = vars(layer)[self._name]
        if held is None:
            if value is not None:
                raise ValueError(f"{self._name} of {layer!r} must stay None, as the layer was made, got {value!r:.60}")
            return
        if value is held:  # such as after `layer.weight *= 2`
            return
        if isinstance(value, np.generic):  # what NumPy makes of a sum of two arrays without an axis
            value = np.asarray(value)
        self._check(repr(layer), value, self._kinds + "iu")
        if value.shape != held.shape:
            raise ValueError(f"{self._name} of {layer!r} must have shape {held.shape}, got {value.shape}")
        held[...] = value

    def _check(self, layer, value, kinds):
        need = f"{self._name} of {layer} must be an array"
        if not isinstance(value, np.ndarray):
            raise TypeError(f"{need}, got {value!r:.60}")
        if isinstance(value, np.ma.MaskedArray):
            raise TypeError(f"{need} without a mask, got a masked array")
        if value.dtype.kind not in kinds:
            raise TypeError(f"{need} of {'floating-point numbers' if kinds == 'f' else 'numbers'}, got {value.dtype}")


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
        if not self._forward_count or self._output_shape is None:
            seen = "no input by itself since it was part of a fused network" if self._forward_count else "no input yet"
            raise RuntimeError(f"{self!r} has seen {seen}: call forward before backward")
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


def short(pair):
    """5 for (5, 5): what one would write."""
    return repr(pair) if isinstance(pair, str) or pair[0] != pair[1] else str(pair[0])
