"""A colour picture through a bank of filters: channels, slices, their sum, a stack of maps."""

from functools import lru_cache

import numpy as np
from traitlets import Bytes, List, observe, validate

from cnnlib import figures
from cnnlib.conv import conv2d
from cnnlib.datasets import load_photograph
from cnnlib.shapes import conv2d_cost, output_shape2d
from cnnlib.widgets.base import TeachingWidget
from cnnlib.widgets.traits import Checked, Index, InvalidTrait, Numbers, label
from cnnlib.words import grouped, known_name, t

CHANNELS = "RGB"
# Each channel is drawn from black to its own colour, bright enough to be told apart.
INKS = np.array([(1.0, 0.38, 0.34), (0.36, 0.86, 0.44), (0.42, 0.62, 1.0)])
MOST_FILTERS, LARGEST = 8, 128  # rows and columns of the image

_LEFT_RIGHT = ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1))
_UP_DOWN = ((-1, -2, -1), (0, 0, 0), (1, 2, 1))
_SPOT = ((-1, -1, -1), (-1, 8, -1), (-1, -1, -1))
_PLUS, _MINUS, _NONE = (np.array(((0, 1, 0), (1, 1, 1), (0, 1, 0))) * factor for factor in (2, -1, 0))
FILTERS = (
    (_PLUS, _MINUS, _MINUS),
    (_MINUS, _MINUS, _PLUS),
    (_LEFT_RIGHT,) * 3,
    (_UP_DOWN,) * 3,
    (_SPOT,) * 3,
    (_LEFT_RIGHT, np.negative(_LEFT_RIGHT), _NONE),
)
NAMES = ("red, not grey", "blue, not grey", "edge, left to right", "edge, top to bottom", "spot", "red beside green")


@lru_cache
def _astronaut():
    """scikit-image's astronaut as 32×32 means of 16×16 pixels, two decimals each."""
    return (load_photograph("astronaut").reshape(32, 16, 32, 16, 3).mean((1, 3)) / 255).round(2)


def _texts(name, value):
    if not isinstance(value, (list, tuple)):
        raise TypeError(f"{name} must be a list of texts, got {value!r:.80}")
    return [label(f"{name}[{k}]", one) for k, one in enumerate(value)]


class Channels(TeachingWidget):
    r"""A colour image, the slices of one filter, and the stack of maps that all filters make.

    .. math:: y_{o,i,j} = b_o + \sum_{c} \sum_{a,b} W_{o,c,a,b}\; x_{c,\, i+a,\, j+b}

    Parameters
    ----------
    image : array_like, shape (H, W, 3), optional
        Colours as numbers from 0 to 1, at most 128×128. Default: scikit-image's astronaut, 32×32.
    filters : array_like, shape (D, 3, M, M), optional
        1 to 8 filters, M from 1 to 5. Default: six that answer to colours, edges and spots.
    bias : array_like, shape (D,), optional
        Default: all zero.
    names : sequence of str, optional
        What each filter answers to.
    chosen : int, default 0
        The filter that is shown.
    row, col : int, default 0
        The output cell whose window is shown.

    Attributes
    ----------
    responses : ndarray of float32, shape (D, 3, OH, OW)
        What each slice makes of its channel, before the sum.
    maps : ndarray of float32, shape (D, OH, OW)
        The output of `cnnlib.conv.conv2d`.
    counts : list of list of int
        For 1, 2, … D filters: numbers in the output, weights, parameters with the biases.

    Raises
    ------
    ValueError
        If an argument has the wrong shape or range. A change that would lead there is refused.

    Examples
    --------
    >>> widget = Channels(np.ones((4, 4, 3)), np.ones((2, 3, 3, 3)), bias=[0, 1])
    >>> widget
    Channels(image 4×4×3, 2 filters of 3×3×3, filter 0, window at (0, 0))
    >>> widget.responses[0, :, 0, 0], widget.maps[:, 0, 0]
    (array([9., 9., 9.], dtype=float32), array([27., 28.], dtype=float32))
    >>> widget.counts[-1]
    [8, 54, 56]
    """

    _root = "cnn-channels"

    image = Numbers(3, LARGEST, 0, 1).tag(sync=True)
    filters = Numbers(4, MOST_FILTERS).tag(sync=True)
    bias = Numbers(1, MOST_FILTERS).tag(sync=True)
    names = Checked(_texts).tag(sync=True)
    chosen = Index(lambda self: len(self.filters)).tag(sync=True)
    row = Index(lambda self: self._check_shapes()[0]).tag(sync=True)
    col = Index(lambda self: self._check_shapes()[1]).tag(sync=True)
    counts = List(read_only=True).tag(sync=True)
    _responses = Bytes(read_only=True).tag(sync=True)

    def __init__(self, image=None, filters=None, *, bias=None, names=None, chosen=0, row=0, col=0, **traits):
        image, names = _astronaut() if image is None else image, NAMES if filters is None and names is None else names
        filters = type(self).filters.checked(FILTERS if filters is None else filters)
        super().__init__(
            image=image,
            filters=filters,
            bias=[0] * len(filters) if bias is None else bias,
            names=_numbered(filters) if names is None else names,
            chosen=chosen, row=row, col=col, **traits,
        )

    @validate("image", "filters", "bias")
    def _check_fit(self, proposal):
        self._check_shapes(**{proposal.trait.name: proposal.value})
        return proposal.value

    def _check_shapes(self, **changed):
        now = {name: np.asarray(getattr(self, name)) for name in ("image", "filters", "bias")}
        now |= {name: np.asarray(value) for name, value in changed.items()}
        image, filters, bias = now["image"], now["filters"], now["bias"]
        if image.shape[2] != 3:
            raise InvalidTrait(f"image must have shape (H, W, 3), got {image.shape}")
        count, channels, rows, columns = filters.shape
        if channels != 3 or rows != columns or rows > 5 or count > MOST_FILTERS:
            raise InvalidTrait(
                f"filters must have shape (D, 3, M, M) with D up to {MOST_FILTERS} and M up to 5, got {filters.shape}"
            )
        if bias.shape != (count,):
            raise InvalidTrait(f"bias must have shape ({count},), one a filter, got {bias.shape}")
        try:
            return output_shape2d(image.shape[:2], rows)
        except ValueError as error:
            raise InvalidTrait(str(error)) from None

    @validate("names")
    def _check_names(self, proposal):
        if len(proposal.value) != len(self.filters):
            raise InvalidTrait(f"names must hold {len(self.filters)} texts, one a filter, got {len(proposal.value)}")
        return proposal.value

    @observe("image", "filters", "bias")
    def _follow(self, change):
        x = np.array(self.image, np.float32).transpose(2, 0, 1)[:, None]
        filters = np.array(self.filters, np.float32)
        # Channels take the place of the batch: each by itself through its slice of every filter.
        responses = np.stack([conv2d(x[[c]], filters[:, [c]])[0] for c in range(3)], axis=1)
        self.set_trait("_responses", np.ascontiguousarray(responses).tobytes())
        shape, size = responses.shape[2:], filters.shape[2]
        self.set_trait("counts", [
            [n * shape[0] * shape[1], *(conv2d_cost(3, n, size, shape, bias=b).parameters for b in (False, True))]
            for n in range(1, len(filters) + 1)
        ])
        self.names = (self.names + _numbered(filters)[len(self.names) :])[: len(filters)]
        self.stay_inside()

    @property
    def responses(self):
        return np.frombuffer(self._responses, np.float32).reshape(len(self.filters), 3, *self._check_shapes())

    @property
    def maps(self):
        x = np.array(self.image, np.float32).transpose(2, 0, 1)[None]
        return conv2d(x, np.array(self.filters, np.float32), np.array(self.bias, np.float32))[0]

    def __repr__(self):
        return (
            f"Channels(image {_size(np.shape(self.image))}, {len(self.filters)} filters of "
            f"{_size(self._filter_shape())}, filter {self.chosen}, window at ({self.row}, {self.col}))"
        )

    def _filter_shape(self):
        channels, rows, columns = np.shape(self.filters)[1:]
        return rows, columns, channels

    def _sums(self):
        """The three partial sums at the window, exactly as the browser computes them."""
        size = len(self.filters[0][0])
        patch = np.array(self.image)[self.row : self.row + size, self.col : self.col + size]
        return np.einsum("abc,cab->c", patch, np.array(self.filters[self.chosen], float))

    def describe(self):
        """Return what the picture says, as one line of text.

        Examples
        --------
        >>> Channels(np.ones((4, 4, 3)), np.ones((2, 3, 3, 3)), bias=[0, 1], chosen=1).describe()
        'Map 1 (filter 1) at (0, 0) is 28: 9 from R, 9 from G, 9 from B and a bias of 1. Input 4×4×3, \
2 filters of 3×3×3, output 2×2×2; parameters 54, with biases 56.'
        """
        number, sums = figures.format_number, self._sums()
        parts = ", ".join(t("channels.part", value=number(value), channel=name) for name, value in zip(CHANNELS, sums))
        total, bias = number(sums.sum() + self.bias[self.chosen]), number(self.bias[self.chosen])
        count, shape = len(self.filters), self._check_shapes()
        _, weights, parameters = self.counts[-1]
        return t(
            "channels.says", map=self.chosen, name=self._name(), row=self.row, col=self.col, total=total, parts=parts,
            bias=bias, image=_size(np.shape(self.image)), count=count, filter=_size(self._filter_shape()),
            output=_size((*shape, count)), weights=grouped(weights), parameters=grouped(parameters),
        )

    def _name(self):
        """The chosen filter's name: one of its own in the language chosen, or the one that was given."""
        name = self.names[self.chosen]
        if name == f"filter {self.chosen}":
            return t("channels.numbered", number=self.chosen)
        return known_name("channels.name_", name)

    def picture(self):
        """Return the widget as it stands, as a `matplotlib.figure.Figure`."""
        image, filters, responses = np.array(self.image), np.array(self.filters), self.responses
        chosen, count, size, number = self.chosen, len(filters), filters.shape[2], figures.format_number
        map_, sums = self.maps[chosen], self._sums()
        muted = figures.PALETTE["light"]["muted"]
        figure, ax = figures.canvas(24.2, 13.6, unit=0.38)
        small = figures.points(ax, 0.42)
        style = {"color": muted, "fontsize": small, "ha": "center", "va": "center"}
        scale, ends = 3.5 / max(image.shape[:2]), np.abs(responses[chosen]).max()
        weight_end = np.abs(filters[chosen]).max()

        def window(left, top, pitch):
            place = left + self.col * pitch, top + self.row * pitch
            for color, width in (("surface", 3.2), ("window", 1.4)):
                figures.frame(ax, place, size * pitch, size * pitch, color=color, linewidth=width)

        figures.pixels(ax, image, place=(0.4, 4.75), pitch=scale)
        window(0.4, 4.75, scale)
        ax.text(2.15, 8.65, t("channels.picture_input", size=_size(image.shape)), **style)
        for c, top in enumerate((0.9, 4.75, 8.6)):
            ax.plot([4.0, 4.3, 4.6], [6.5, (6.5 + top + 1.75) / 2, top + 1.75], color=muted, linewidth=1)
            figures.pixels(ax, image[..., c, None] * INKS[c], place=(5.4, top), pitch=scale)
            window(5.4, top, scale)
            ax.text(5.0, top + 1.75, CHANNELS[c], **style | {"fontweight": "bold"})
            patch = image[self.row : self.row + size, self.col : self.col + size, c]
            pitch = 3.2 / size
            for values, role, left, end in ((patch, "input", 9.4, 1), (filters[chosen, c], "weight", 13.1, weight_end)):
                for (a, b), value in np.ndenumerate(values):
                    place = left + b * pitch, top + 0.15 + a * pitch
                    figures.cell(ax, number(value), figures.shade(value, end, role), place, size=pitch, scale=0.28)
            ax.text(12.85, top + 1.75, "·", **style)
            ax.text(16.6, top + 1.75, "=", **style)
            fill = figures.shade(sums[c], ends, "output")
            figures.cell(ax, number(sums[c]), fill, (16.85, top + 1.0), size=1.5, scale=0.28)
            ax.plot([18.45, 18.75, 19.05], [top + 1.75, (6.5 + top + 1.75) / 2, 6.5], color=muted, linewidth=1)
        scale = 3.1 / max(map_.shape)
        high, wide = (scale * length for length in map_.shape)
        for depth, k in enumerate([chosen, *(k for k in range(count) if k != chosen)]):
            place = 19.2 + 0.22 * depth, 6.5 - high / 2 - 0.22 * depth
            order = 1 - 0.1 * depth  # in front stands the chosen one
            figures.pixels(ax, self.maps[k], place=place, pitch=scale, zorder=order)
            color, width = ("muted", 0.6) if depth else ("window", 1.4)
            figures.frame(ax, place, wide, high, color=color, linewidth=width, zorder=order + 0.05)
        ax.text(21.0, 8.6, t("channels.picture_map", map=chosen, size=_size(map_.shape)), **style)
        titles = (
            t("channels.picture_channels"), t("channels.picture_patches"), t("channels.picture_slices", filter=chosen),
            t("channels.picture_sums"),
        )
        for x, text in zip((7.15, 11.0, 14.7, 17.6), titles):
            ax.text(x, 0.45, text, **style)
        bias, total = number(self.bias[chosen]), number(sums.sum() + self.bias[chosen])
        terms = " + ".join(f"({number(value)})" if value < 0 else number(value) for value in sums)
        said = t("channels.picture_total", sums=terms, bias=bias, total=total)
        ax.text(12.1, 12.65, said, **style | {"fontsize": 1.15 * small})
        _, weights, parameters = self.counts[-1]
        cost = t(
            "channels.picture_cost", count=count, filter=_size(self._filter_shape()),
            output=_size((*map_.shape, count)), weights=grouped(weights), parameters=grouped(parameters),
        )
        ax.text(12.1, 13.2, cost, **style)
        return figure


def _numbered(filters):
    return [f"filter {k}" for k in range(len(filters))]


def _size(shape):
    return "×".join(map(str, shape))
