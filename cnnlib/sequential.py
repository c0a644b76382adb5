"""Sequential: layers in a row, as one network."""

from cnnlib._validate import check_bool, check_shape
from cnnlib.fused import fuse
from cnnlib.layers import Layer
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
    fused : bool
        Neither can be replaced: other layers, or the other way to compute them, are another network.

    Raises
    ------
    TypeError
        If an argument is not a layer.
    ValueError
        If one object stands in two places: it keeps one input and one gradient.
    RuntimeError
        From ``backward``, if one of the layers has computed something else since the last
        ``forward``: as part of another network, or by itself. The gradients would be of that.

    Examples
    --------
    >>> import numpy as np
    >>> from cnnlib import Linear, ReLU
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
        self._fused = check_bool("fused", fused)
        self._take(layers)
        _check_different(self)

    def _take(self, layers):
        self._layers = tuple(layers)
        self._steps = fuse(layers) if self.fused else self.layers
        self._forward_count, self._counts = 0, []  # the steps' own counts, after the last forward pass
        # Nothing before the first step with parameters needs a gradient in training.
        self._first_learner = next((k for k, step in enumerate(self._steps) if _learns(step)), 0)
        self.splits_batches = all(layer.splits_batches for layer in self.layers)

    layers = property(lambda self: self._layers)
    fused = property(lambda self: self._fused)

    def forward(self, x):
        for step in self._steps:
            x = step.forward(x)
        self._counts = [step._forward_count for step in self._steps]
        return x

    def backward(self, grad_output, *, need_input_grad=True):
        for step, count in zip(self._steps, self._counts):
            if step._forward_count != count:
                raise RuntimeError(
                    f"{step!r} has computed something else since this network's forward: call forward again"
                )
        last = 0 if need_input_grad else self._first_learner
        for k in reversed(range(last, len(self._steps))):
            grad_output = self._steps[k].backward(grad_output, need_input_grad=need_input_grad or k > last)
        return grad_output

    def forget(self):
        """Let go of the memory that the last forward and backward pass have left; the layers stay as they are."""
        self._take(self.layers)

    def activations(self, x):
        """Return what each layer makes of `x`, as a list: layer by layer, nothing fused.

        A backward pass afterwards is still that of the last ``forward``.

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
        >>> import numpy as np
        >>> from cnnlib import Flatten, Linear
        >>> [a.shape for a in Sequential(Flatten(), Linear(4, 2, rng=0)).activations(np.ones((3, 1, 2, 2)))]
        [(3, 4), (3, 2)]
        """
        outputs = []
        for layer in self.layers:
            x = layer.replica().forward(x)  # the layer keeps what it needs for its backward pass
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
        twin = super().replica()
        twin._take([layer.replica() for layer in self.layers])
        return twin

    def train(self, training=True):
        for layer in self.layers:
            layer.train(training)
        return super().train(training)

    def output_shape(self, input_shape):
        input_shape = check_shape("input_shape", input_shape)
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
        >>> from cnnlib import Flatten, Linear
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


def _check_different(model):
    """Raise if one object stands in two places of a network, also of one inside another."""
    seen, inside = {}, [(f"layers[{k}]", layer) for k, layer in enumerate(model.layers)]
    for place, layer in inside:
        if id(layer) in seen:
            raise ValueError(
                f"{place} must be a layer of its own, got the {layer!r} of {seen[id(layer)]}: a layer keeps one input"
                " and one gradient at a time, so make a second one"
            )
        seen[id(layer)] = place
        inside += [(f"{place}.layers[{k}]", inner) for k, inner in enumerate(getattr(layer, "layers", ()))]


def _learns(step):
    return any(layer.parameters() for layer in getattr(step, "layers", (step,)))
