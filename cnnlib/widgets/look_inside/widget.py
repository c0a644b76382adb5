"""Look inside a network: any unit, what it sees of the input, and how it got its number."""

import math
import re
from functools import lru_cache

import numpy as np
from traitlets import Bytes, List, observe, validate

from cnnlib import figures
from cnnlib._validate import check_array, check_finite
from cnnlib.datasets import load_mnist_test
from cnnlib.layers import (
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    LeakyReLU,
    Linear,
    MaxPool2d,
    Normalize,
    ReLU,
    Sigmoid,
    Tanh,
)
from cnnlib.networks import load_lenet5
from cnnlib.sequential import Sequential
from cnnlib.shapes import ReceptiveField, resolve_padding2d
from cnnlib.widgets.base import TeachingWidget
from cnnlib.widgets.traits import Checked, Index, InvalidTrait, held, whole
from cnnlib.words import t

MOST_IMAGES = 20
MOST_VALUES = 4_000_000  # activations that travel to the page, 4 bytes each
WORDS = {"Normalize": "normalize", "BatchNorm2d": "batch norm"}
KINDS = re.compile(r"^(conv|linear|max|average|normalize|batch)\b(?: norm)?")
POINTWISE = Normalize, BatchNorm2d, ReLU, LeakyReLU, Sigmoid, Tanh, Dropout


@lru_cache
def _digits():
    """The first test image of each digit."""
    test = load_mnist_test()
    return test.images[[np.flatnonzero(test.labels == digit)[0] for digit in range(10)]]


class LookInside(TeachingWidget):
    r"""A network from inside: choose a layer, a map and a unit; see its receptive field and its sum.

    The receptive field is outlined on the input. Below stand the unit's patch of the layer before,
    the weights of its filter, their products, and the sum

    .. math:: z_{d,i,j} = b_d + \sum_{c,a,b} x_{c,\; s i + a - p,\; s j + b - p}\; w_{d,c,a,b}

    A fully connected layer of n units is shown as n maps of 1×1.

    Parameters
    ----------
    images : array_like, shape (N, H, W), optional
        Up to 20 images that `model` takes, such as uint8 ones from 0 to 255. Default: the first
        of MNIST's test images of each digit.
    model : Sequential, optional
        Of `Conv2d`, `Linear`, pooling, `Flatten` and layers that work number by number. Default:
        the LeNet-5 that is shipped with its weights, `cnnlib.load_lenet5`.
    image : int, default 0
        Which of `images` the network looks at.
    layer : int, optional
        Place in ``model.layers``; not that of `Flatten`. Default: the first with weights.
    map : int, default 0
    row, col : int, optional
        The unit. Default: where its map is largest.

    Attributes
    ----------
    value : float
        Of the unit, after its layer.

    Raises
    ------
    TypeError, ValueError
        If `model` has another kind of layer or does not take such images, or an index is out of range.
        What is refused changes nothing.

    Examples
    --------
    >>> widget = LookInside(image=7, layer=6, map=2, row=1, col=1)
    >>> widget
    LookInside(10 images, image 7, layer 6, map 2, unit (1, 1))
    >>> widget.field()
    ((2, 18), (2, 18))
    """

    _root = "cnn-look-inside"
    _follows = (("row", ("col", "image", "layer", "map")), ("col", ("row", "image", "layer", "map")))

    image = Index(lambda self: len(self._activations[0])).tag(sync=True)
    layer = Checked(whole, 0).tag(sync=True)
    map = Index(lambda self: self._now()["shape"][0]).tag(sync=True)
    row = Index(lambda self: self._now()["shape"][1]).tag(sync=True)
    col = Index(lambda self: self._now()["shape"][2]).tag(sync=True)
    # What the page draws from: one entry a layer, all activations of each image, all weights.
    _layers = List(read_only=True).tag(sync=True)
    _size = List(read_only=True).tag(sync=True)
    _values = Bytes(read_only=True).tag(sync=True)
    _weights = Bytes(read_only=True).tag(sync=True)

    def __init__(self, images=None, model=None, *, layer=None, **traits):
        images = _checked_images(_digits() if images is None else images)
        model = load_lenet5() if model is None else model
        layers, parameters = describe_layers(model, images.shape[1:])
        self._parameters = [held(array) for array in parameters]
        count = len(images) * sum(math.prod(one["shape"]) for one in layers)
        if count > MOST_VALUES:
            raise ValueError(f"images must lead to at most {MOST_VALUES:,} activations in all layers, got {count:,}")
        outputs = _activations(model, images)
        self._activations = [held(array) for array in (images, *(outputs[one["place"]] for one in layers))]
        values = [np.reshape(array, (len(images), -1)).astype(np.float32) for array in self._activations]
        if layer is None:
            layer = next((one["place"] for one in layers if one["kind"] in ("conv", "linear")), layers[0]["place"])
        self.tell(
            _layers=layers,
            _size=list(images.shape[1:]),
            _values=np.concatenate(values, axis=1).tobytes(),
            _weights=b"".join(array.astype(np.float32).tobytes() for array in self._parameters),
        )
        super().__init__(layer=layer, **traits)
        if not {"row", "col"} & set(traits):
            one = self.maps()[self.map]
            self.row, self.col = (int(index) for index in np.unravel_index(one.argmax(), one.shape))

    @validate("layer")
    def _check_layer(self, proposal):
        self._index(proposal.value)
        return proposal.value

    @observe("layer")
    def _follow(self, change):
        self.stay_inside()

    def _index(self, layer=None):
        layer, places = self.layer if layer is None else layer, [one["place"] for one in self._layers]
        if layer not in places:
            raise InvalidTrait(f"layer must be one of {', '.join(map(str, places))}, got {layer}")
        return places.index(layer)

    def _now(self):
        return self._layers[self._index()]

    def maps(self):
        """Return the maps of the chosen layer for the chosen image: ndarray, shape (C, H, W)."""
        return self._maps(self._index())

    def _maps(self, index):
        """As `maps`, of any entry of `_layers`; −1 is the input."""
        values = self._activations[index + 1][self.image]
        return values.reshape(self._layers[index]["shape"] if index >= 0 else (1, *self._size))

    @property
    def value(self):
        return float(self.maps()[self.map, self.row, self.col])

    def field(self):
        """Return the unit's receptive field.

        Returns
        -------
        (top, bottom), (left, right) : tuples of int
            First and one past the last pixel; below 0 or beyond the image inside the padding.
        """
        return tuple(
            (start + unit * jump, start + unit * jump + size)
            for unit, (size, jump, start) in zip((self.row, self.col), self._now()["field"])
        )

    def patch(self):
        """Return what the unit is computed from: numbers of the layer before, zeros for padding.

        Returns
        -------
        ndarray, shape (C, KH, KW)
            All channels for a convolution or a fully connected layer, otherwise the map's own.
        """
        one, index = self._now(), self._index()
        before = self._maps(index - 1)
        if one["kind"] in ("pool", "pointwise"):
            before = before[self.map : self.map + 1]
        taps = []
        for axis, unit in ((1, self.row), (2, self.col)):
            size, stride, padding, dilation = (
                one[name][axis - 1] for name in ("kernel", "stride", "padding", "dilation")
            )
            places = unit * stride + np.arange(size) * dilation - padding
            taps.append((places.clip(0, before.shape[axis] - 1), (places >= 0) & (places < before.shape[axis])))
        (rows, high), (columns, wide) = taps
        return np.where(high[:, None] & wide, before[:, rows[:, None], columns], 0)

    def weights(self):
        """Return the unit's filter and bias, or None where its layer has no weights.

        Returns
        -------
        weight : ndarray, shape (C, KH, KW)
        bias : float
        """
        first = self._now()["parameters"]
        if first is None:
            return None
        weight, bias = self._parameters[first : first + 2]
        return weight[self.map].reshape(self.patch().shape), float(bias[self.map])

    def __repr__(self):
        return (
            f"LookInside({len(self._activations[0])} images, image {self.image}, layer {self.layer}, "
            f"map {self.map}, unit ({self.row}, {self.col}))"
        )

    def describe(self):
        """Return what the picture says, as one line of text.

        Examples
        --------
        >>> LookInside(image=7, layer=4, map=3, row=1, col=2).describe()
        'Layer 4, conv 5×5: unit (1, 2) of map 3 is 14.39. It sees rows 0 to 13 and columns 2 to 15 of the input.'
        """
        one, number = self._now(), figures.format_number
        unit = (t("shared.unit", map=self.map) if one["shape"][1:] == [1, 1]
                else t("shared.unit_at", row=self.row, col=self.col, map=self.map))
        said = {"layer": self.layer, "name": layer_name(one["name"]), "unit": unit, "value": number(self.value)}
        field = self.field()
        if all(first <= 0 and past >= size for (first, past), size in zip(field, self._size)):
            return t("shared.sees_all", **said)
        outside = any(first < 0 or past > size for (first, past), size in zip(field, self._size))
        rows, columns = (
            t(several if past - first > 1 else single, first=number(first), last=number(past - 1))
            for several, single, (first, past) in zip(
                ("shared.rows", "shared.columns"), ("shared.row", "shared.column"), field
            )
        )
        return t("shared.sees_padding" if outside else "shared.sees", rows=rows, columns=columns, **said)

    def picture(self):
        """Return the widget as it stands, as a `matplotlib.figure.Figure`."""
        colors, number, one = figures.PALETTE["light"], figures.format_number, self._now()
        figure, ax = figures.canvas(43, 27.6, unit=0.21)
        small = figures.points(ax, 0.65)
        caption = {"color": colors["muted"], "fontsize": small, "va": "center"}
        maps, end = self.maps(), figures.strongest(self.maps())

        margin = max(0, *(-self._layers[k]["field"][axis][2] for k in range(len(self._layers)) for axis in (0, 1)))
        pitch = 12.6 / (max(self._size) + 2 * margin)
        corner = 0.8 + margin * pitch, 1.8 + margin * pitch
        (top, bottom), (left, right) = self.field()
        pixels = self._activations[0][self.image]
        figures.pixels(ax, pixels, "input", place=corner, pitch=pitch, largest=255)
        figures.frame(ax, corner, self._size[1] * pitch, self._size[0] * pitch)
        place = corner[0] + left * pitch, corner[1] + top * pitch
        self._mark(ax, place, (right - left) * pitch, (bottom - top) * pitch)
        ax.text(0.8, 1.0, t("look_inside.picture_input"), **caption)

        count, rows, columns = one["shape"]
        pitch = min(12.6 / max(rows, columns), 3)
        place = 15.2 + (12.6 - columns * pitch) / 2, 1.8 + (12.6 - rows * pitch) / 2
        figures.pixels(ax, maps[self.map], "output", place=place, pitch=pitch, largest=end)
        figures.frame(ax, place, columns * pitch, rows * pitch)
        self._mark(ax, (place[0] + self.col * pitch, place[1] + self.row * pitch), pitch, pitch)
        title = t("look_inside.picture_map", map=self.map, rows=rows, cols=columns, end=number(end))
        ax.text(15.2, 1.0, title, **caption)
        self._sheet(ax, maps, (29.4, 1.8), (12.8, 12.6), "output", end, chosen=self.map)
        name = layer_name(one["name"])
        title = t("look_inside.picture_layer", layer=self.layer, name=name, count=count, rows=rows, cols=columns)
        ax.text(29.4, 1.0, title, **caption)

        patch, weights = self.patch(), self.weights()
        rows_of_pictures = [(t("look_inside.picture_patch"), patch, "input")]
        if weights is not None:
            weight, bias = weights
            with np.errstate(all="ignore"):  # a net that has diverged is shown as well
                products = patch * weight
                summed = products.sum()
            rows_of_pictures += [
                (t("look_inside.picture_weights"), weight, "weight"),
                (t("look_inside.picture_products"), products, "output"),
            ]
            numbers = {"sum": number(summed), "bias": number(bias), "value": number(self.value)}
            total = t("look_inside.picture_sum", **numbers)
        else:
            total = f"{name}: {number(self.value)}"
        for k, (title, values, role) in enumerate(rows_of_pictures):
            largest = figures.strongest(values)
            scale = t("look_inside.picture_scale", end=number(largest))
            ax.text(0.8, 16.4 + 3.4 * k, f"{title}\n{scale}", **caption)
            self._sheet(ax, values, (10.2, 15.1 + 3.4 * k), (32, 3), role, largest)
        ax.text(10.2, 26.2, total, color=colors["ink"], fontsize=1.15 * small, va="center", fontweight="bold")
        ax.set(xlim=(0, 43), ylim=(27.6, 0))  # imshow moves them
        return figure

    def _mark(self, ax, place, width, height):
        """An outline that reads on dark and on bright pixels."""
        for color, linewidth in (("surface", 4), ("window", 1.8)):
            figures.frame(ax, place, width, height, color=color, linewidth=linewidth, zorder=3)

    def _sheet(self, ax, values, place, box, role, largest, chosen=None):
        """Maps side by side, as large as the box allows."""
        count, rows, columns = values.shape

        def step(across):
            return min(box[0] / (across * (columns + 0.5)), box[1] / (-(-count // across) * (rows + 0.5)))

        across = max(range(1, count + 1), key=step)
        pitch = step(across)
        for k, one in enumerate(values):
            line, position = divmod(k, across)
            corner = place[0] + position * (columns + 0.5) * pitch, place[1] + line * (rows + 0.5) * pitch
            figures.pixels(ax, one, role, place=corner, pitch=pitch, largest=largest)
            figures.frame(ax, corner, columns * pitch, rows * pitch, color="line")
            if k == chosen:
                self._mark(ax, corner, columns * pitch, rows * pitch)


def layer_name(name):
    """Return a layer's name: its kind in the language chosen; sizes and names of functions stay."""
    return KINDS.sub(lambda kind: t(f"shared.layer_{kind[1]}"), name)


def _checked_images(images):
    images = check_array("images", images, 3, axes="(N, H, W)")
    check_finite("images", images)
    if len(images) > MOST_IMAGES:
        raise ValueError(f"images must be at most {MOST_IMAGES}, got {len(images):,}")
    return images


def _activations(model, images):
    """Return what each layer makes of the images, in evaluation mode; the model's own caches stay."""
    try:
        with np.errstate(all="ignore"):  # a net that has diverged can be looked into as well
            return model.replica().eval().activations(images)
    except (TypeError, ValueError) as error:
        raise ValueError(f"model must take images of dtype {images.dtype}: {error}") from None


def describe_layers(model, size):
    """Return what the page must know of each layer, and the weights and biases in their order."""
    if not isinstance(model, Sequential):
        raise TypeError(f"model must be a Sequential, got {model!r}")
    try:
        model.output_shape(size)
    except (TypeError, ValueError) as error:
        raise ValueError(f"model must take images of {size[0]}×{size[1]}: {error}") from None
    fields, shape = [ReceptiveField(), ReceptiveField()], tuple(size)
    layers, weights = [], []
    for place, layer in enumerate(model.layers):
        before = _as_maps(shape) if len(shape) != 1 else layers[-1]["shape"] if layers else _as_maps(size)
        shape = layer.output_shape(shape)
        if isinstance(layer, Flatten):
            continue
        one = {"kernel": (1, 1), "stride": (1, 1), "padding": (0, 0), "dilation": (1, 1)}
        if isinstance(layer, Linear):
            # One window over all that came before: the field of the units at the corners together.
            one |= {"kind": "linear", "name": "linear", "kernel": tuple(before[1:])}
            fields = [field.through(n) for field, n in zip(fields, before[1:])]
        elif isinstance(layer, (Conv2d, MaxPool2d, AvgPool2d)):
            dilation = getattr(layer, "dilation", (1, 1))
            padding = resolve_padding2d(layer.padding, layer.kernel_size, dilation, stride=layer.stride)
            one |= {"kernel": layer.kernel_size, "stride": layer.stride, "dilation": dilation}
            kind = "conv" if isinstance(layer, Conv2d) else "pool"
            one |= {"kind": kind, "padding": tuple(first for first, _ in padding)}
            word = {Conv2d: "conv", MaxPool2d: "max", AvgPool2d: "average"}[type(layer)]
            one["name"] = f"{word} {layer.kernel_size[0]}×{layer.kernel_size[1]}"
            fields = [
                ReceptiveField(field.size, field.jump, field.start - first * field.jump).through(m, s, 0, d)
                for field, m, s, (first, _), d in zip(fields, layer.kernel_size, layer.stride, padding, dilation)
            ]
        elif isinstance(layer, POINTWISE):
            word = type(layer).__name__
            one |= {"kind": "pointwise", "name": WORDS.get(word, word)}
        else:
            raise ValueError(f"model must have convolutions, pooling, linear and pointwise layers only, got {layer!r}")
        one |= {
            "place": place, "shape": _as_maps(shape), "parameters": None,
            "field": [[field.size, field.jump, field.start] for field in fields],
        }
        if isinstance(layer, (Conv2d, Linear)):
            one["parameters"] = len(weights)
            bias = np.zeros(len(layer.weight), layer.weight.dtype) if layer.bias is None else layer.bias
            weights += [layer.weight.copy(), bias.copy()]
        layers.append({name: list(value) if isinstance(value, tuple) else value for name, value in one.items()})
    if not layers:
        raise ValueError(f"model must have a layer to look into, got {model!r}")
    return layers, weights


def _as_maps(shape):
    """(C, H, W) of what a layer puts out: units without a place are maps of 1×1."""
    return [*shape, *(1,) * (3 - len(shape))] if len(shape) != 2 else [1, *shape]
