"""The filter bench: a hand-made kernel on a photograph, down to one window's products and sum."""

import math
from functools import cache

import numpy as np
from traitlets import Dict, List, observe, validate

from cnnlib import figures
from cnnlib.conv import cross_correlate2d
from cnnlib.datasets import load_photograph
from cnnlib.kernels import KERNELS, LECTURE
from cnnlib.pictures import read_grey
from cnnlib.widgets.base import TeachingWidget
from cnnlib.widgets.traits import (
    Checked,
    Choice,
    Flag,
    Index,
    InvalidTrait,
    Picture,
    as_numbers,
    checked,
    choice,
    packed,
    unpacked,
)
from cnnlib.words import known_name, t

# Each with a pixel to begin at: on an edge, where there is something to see.
PHOTOS = {
    "camera": (79, 31), "astronaut": (52, 101), "chelsea": (73, 80), "coins": (48, 223), "brick": (123, 57),
    "page": (11, 45),
}
OWN = "own picture"
LARGEST_SIDE = 256  # pixels; larger pictures are scaled down
SIDES = (3, 5)  # of a kernel
NOTHING = 1e-9  # a sum of weights below this is 0, but for rounding


# Pictures and kernels ------------------------------------------------------------------------------


@cache
def _photo(name):
    return packed(_as_photo(load_photograph(name))) | {"start": list(PHOTOS[name])}


def _as_photo(image):
    """Return any picture as grey levels 0..255, its longer side at most `LARGEST_SIDE`."""
    grey = read_grey(image, "image")
    if min(grey.shape) < max(SIDES):
        raise ValueError(f"image must have at least {max(SIDES)}×{max(SIDES)} pixels, got shape {grey.shape}")
    shrink = LARGEST_SIDE / max(grey.shape)
    if shrink < 1:
        from skimage import transform

        shape = [max(round(size * shrink), *SIDES) for size in grey.shape]
        grey = transform.resize(grey, shape, anti_aliasing=True)
    return np.floor(grey.clip(0, 1) * 255 + 0.5).astype(np.uint8)


def _photo_name(name, value):
    return choice(name, value, tuple(PHOTOS))


def _weights(name, value):
    numbers = as_numbers(name, value, 2)
    shape = np.shape(numbers)
    if shape[0] != shape[1] or shape[0] not in SIDES:
        raise ValueError(f"{name} must have shape (3, 3) or (5, 5), got {shape}")
    return numbers


def _preset(name):
    kernel, divide = _on_the_bench(KERNELS[name])
    return {"name": name, "kernel": kernel, "divide": divide, "lecture": name in LECTURE}


def _on_the_bench(kernel):
    """Return weights to read, and whether to divide by their sum: nine 1s say more than nine 0.11s."""
    whole_ones = kernel / np.abs(kernel[kernel != 0]).min()
    if np.abs(whole_ones - whole_ones.round()).max() > NOTHING:
        return kernel.tolist(), False
    whole_ones = whole_ones.round().astype(int)
    return whole_ones.tolist(), bool(whole_ones.sum() not in (0, 1))


# The widget ----------------------------------------------------------------------------------------


class FilterBench(TeachingWidget):
    r"""A kernel that you choose, type or paint, and its answer to a photograph.

    .. math:: \frac{1}{d} \sum_{a,b} I_{i+a,\, j+b}\; K_{a,b}

    where :math:`d` is 1, or the sum of the weights if `divide` is set. The photograph holds grey
    levels 0 to 255; there is no padding, so an H×W photograph gives (H − KH + 1)×(W − KW + 1) outputs.

    Parameters
    ----------
    kernel : str or array_like, shape (3, 3) or (5, 5)
        A name from `cnnlib.kernels.KERNELS`, or weights of your own.
    photo : {"camera", "astronaut", "chelsea", "coins", "brick", "page"}, optional
        One of scikit-image's photographs, in grey, its longer side at most 256 pixels. Default: the
        picture of your own, if there is one, else "camera".
    image : str, path, bytes, file object, PIL.Image.Image or array_like, optional
        A picture of your own, as `cnnlib.pictures.read_grey` takes it: a file, an image, or an
        array of shape (H, W), (H, W, 3) or (H, W, 4) of integers in 0..255 or floats in [0, 1].
        Colours become grey, a side above 256 pixels is scaled down. At least 5×5.
    row, col : int, optional
        The output cell whose window is shown. Default: an edge, or the centre of your own picture.
    divide : bool, optional
        Divide by the sum of the weights, unless that is 0. Default: as the named kernel needs it.
    clip : bool, optional
        Show outputs as an image viewer does, everything below 0 black and above 255 white,
        instead of on the zero-centred scale. Default: whether the weights sum to more than 0.

    Attributes
    ----------
    weights : ndarray of float64
        The kernel as it is applied, after the division.
    image : ndarray of uint8, shape (H, W)
        The picture on the bench.
    output : ndarray of int64 or float64, shape (OH, OW)
        Its cross-correlation with `weights`, computed by `cnnlib.cross_correlate2d`.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind, shape or range. A change that would lead there is
        refused, and the widget keeps what it had.

    Examples
    --------
    >>> bench = FilterBench("box blur", image=np.full((6, 8), 90), row=1, col=2)
    >>> bench
    FilterBench('box blur', 'own picture' 6×8, window at (1, 2))
    >>> bench.output[1, 2]
    np.float64(90.0)
    """

    _root = "cnn-bench"
    _follows = (
        ("row", ("photo", "kernel")),
        ("col", ("photo", "kernel")),
        ("divide", ("kernel",)),
        ("clip", ("kernel",)),
    )
    _stands = (("own", {"image": "image"}),)

    photos = Dict(read_only=True).tag(sync=True)
    presets = List(read_only=True).tag(sync=True)
    own = Picture(max(SIDES), LARGEST_SIDE).tag(sync=True)
    photo = Choice(*PHOTOS, OWN).tag(sync=True)
    kernel = Checked(_weights).tag(sync=True)
    divide = Flag().tag(sync=True)
    clip = Flag().tag(sync=True)
    row = Index(lambda self: self._shape()[0]).tag(sync=True)
    col = Index(lambda self: self._shape()[1]).tag(sync=True)

    def __init__(
        self, kernel=LECTURE[1], photo=None, *, image=None, row=None, col=None, divide=None, clip=None, **traits
    ):
        divisible = False
        if isinstance(kernel, str):
            kernel, divisible = _on_the_bench(KERNELS[choice("kernel", kernel, tuple(KERNELS))])
        kernel = type(self).kernel.checked(kernel)
        own = None if image is None else packed(_as_photo(image))
        if photo is None:
            photo = "camera" if own is None else OWN
        start = (own if own and photo == OWN else _photo(checked(_photo_name, "photo", photo)))["start"]
        places = {
            name: center - len(kernel) // 2 if place is None else place
            for name, place, center in (("row", row, start[0]), ("col", col, start[1]))
        }
        self.set_trait("photos", {name: _photo(name) for name in PHOTOS})
        self.set_trait("presets", [_preset(name) for name in KERNELS])
        super().__init__(
            kernel=kernel, photo=photo, own=own, **places,
            divide=divisible if divide is None else divide,
            clip=bool(np.sum(kernel) > NOTHING) if clip is None else clip,
            **traits,
        )

    @property
    def image(self):
        return unpacked(self._packed())

    @property
    def weights(self):
        return np.array(self.kernel, float) / self._divisor

    @property
    def output(self):
        # The division comes last, as in the script: sums of whole numbers stay exact.
        return _divided(cross_correlate2d(self.image.astype(np.int64), self.kernel), self._divisor)

    @property
    def _divisor(self):
        total = math.fsum(np.ravel(self.kernel))
        return total if self.divide and abs(total) > NOTHING else 1

    @property
    def _name(self):
        """The kernel's name, or "own kernel"."""
        same = (
            name
            for name, kernel in KERNELS.items()
            if kernel.shape == self.weights.shape and np.abs(kernel - self.weights).max() < NOTHING
        )
        return next(same, "own kernel")

    def _packed(self):
        # Of several changes at once, a picture that is missing may be looked at before it is refused.
        return self.photos.get(self.photo) or self.own or self.photos["camera"]

    def _shape(self):
        """(OH, OW)."""
        return tuple(size - len(self.kernel) + 1 for size in self._packed()["shape"])

    @validate("photo", "own")
    def _check_own(self, proposal):
        now = {"photo": self.photo, "own": self.own} | {proposal.trait.name: proposal.value}
        if now["photo"] == OWN and now["own"] is None:
            raise InvalidTrait(f"{proposal.trait.name} must leave a photo to show: {OWN!r} needs a picture in own")
        return proposal.value

    @observe("kernel", "photo", "own")
    def _stay_inside(self, change):
        self.stay_inside()

    def __repr__(self):
        height, width = self._packed()["shape"]
        return f"FilterBench({self._name!r}, {self.photo!r} {height}×{width}, window at ({self.row}, {self.col}))"

    def describe(self):
        """Return what the picture says, as one line of text.

        Examples
        --------
        >>> FilterBench("sharpen", image=np.eye(5, dtype=int)).describe()
        'Output (1, 1) of 3×3 is 5: the 3×3 kernel “sharpen” on rows 1–3 and columns 1–3 of “own picture”, \
5×5 pixels. Its weights sum to 1.'
        """
        (height, width), (rows, columns), side = self._packed()["shape"], self._shape(), len(self.kernel)
        number = figures.format_number
        return t(
            "filter_bench.says", row=self.row, col=self.col, output=f"{rows}×{columns}",
            value=number(self.output[self.row, self.col]), side=side, kernel=_called(self._name),
            top=self.row, bottom=self.row + side - 1, left=self.col, right=self.col + side - 1,
            photo=_called(self.photo), height=height, width=width, sum=number(math.fsum(self.weights.flat)),
        )

    def picture(self):
        """Return the widget as it stands, as a `matplotlib.figure.Figure`."""
        image, output, kernel = self.image, self.output, np.array(self.kernel)
        side, total = len(kernel), output[self.row, self.col]
        patch = image[self.row : self.row + side, self.col : self.col + side].astype(np.int64)
        products, end = patch * kernel, figures.scale_end(output)
        # A cell is 40 pixels of the screen, so that pixels of a 256×256 photo stay whole.
        pixels = max(1, LARGEST_SIDE // max(image.shape))
        unit = pixels / 40
        top = 1.1
        lower = top + max(image.shape[0] * unit, side) + 1.5
        figure, ax = figures.canvas(22, lower + side + 1.1, unit=80 / 144)
        left, middle, right = (0.5, 6.4), (11 - side / 2, side), (22 - 0.5 - 6.4, 6.4)

        shown = np.repeat(image[..., None], 3, axis=2)
        mapped = figures.grey_pixels(output) if self.clip else figures.signed_pixels(output, end)
        spots = []
        for (x, room), pixels_shown, span in ((left, shown, side), (right, mapped, 1)):
            height, width = (size * unit for size in pixels_shown.shape[:2])
            x += (room - width) / 2
            ax.imshow(pixels_shown, extent=(x, x + width, top + height, top), interpolation="nearest")
            spots.append(_mark(ax, x + self.col * unit, top + self.row * unit, span * unit))
            if span == 1:
                scale = (x + width / 2 - 1.6, top + height + 0.32, 3.2, 0.26)
                figures.scale_bar(
                    ax.inset_axes(scale, transform=ax.transData), None if self.clip else end,
                    fontsize=figures.points(ax, 0.32),
                )

        number, colors = figures.format_number, figures.PALETTE["light"]
        figures.grid(ax, kernel, "weight", origin=(middle[0], top + (lower - 1.5 - top - side) / 2))
        scale = figures.text_scale(map(number, patch.flat))
        patch_x = left[0] + (left[1] - side) / 2
        for (r, c), value in np.ndenumerate(patch):
            figures.cell(ax, number(value), "#" + 3 * f"{value:02x}", (patch_x + c, lower + r), scale=scale)
        figures.outline(ax, (patch_x, lower), side, side)
        figures.grid(ax, products, "output", origin=(middle[0], lower))
        # Fine lines from the window to what it holds.
        x, y, size = spots[0]
        for edge, corner in ((x, patch_x), (x + size, patch_x + side)):
            ax.plot((edge, corner), (y + size, lower), color=colors["control"], linewidth=0.8)
        fill = "#" + mapped[self.row, self.col].tobytes().hex()  # as its cell in the map
        chip_x, chip_y = right[0] + right[1] / 2 - 0.9, lower + side / 2 - 0.9
        scale = figures.text_scale([number(total)], 0.3)
        figures.cell(ax, number(total), fill, (chip_x, chip_y), size=1.8, scale=scale)

        small = {"color": colors["muted"], "ha": "center", "va": "center", "fontsize": figures.points(ax, 0.32)}
        divided = "" if self._divisor == 1 else f" · ÷ {number(self._divisor)}"
        for x, text in (
            (left[0] + left[1] / 2, f"{_called(self.photo)} · {_size(image)}"),
            (11, t("filter_bench.picture_kernel", kernel=_called(self._name), sum=number(math.fsum(kernel.flat)),
                   divided=divided)),
            (right[0] + right[1] / 2, t("filter_bench.output", size=_size(output))),
        ):
            ax.text(x, top - 0.45, text, **small)
        below = lower + side + 0.5
        total = t("filter_bench.total", divided=divided)
        for x, text in ((3.7, t("filter_bench.window")), (11, t("filter_bench.products")), (18.3, total)):
            ax.text(x, below, text, **small)
        across = top + (lower - 1.5 - top) / 2
        for x, y, text in ((7.6, across, "⋆"), (14.4, across, "="), (14.4, lower + side / 2, "Σ")):
            ax.text(x, y, text, **small | {"fontsize": figures.points(ax, 0.7)})
        return figure


# Small things --------------------------------------------------------------------------------------


def _mark(ax, x, y, size):
    """Draw the window, or the output cell, with a halo that holds on any picture; return its square."""
    gap = 0.06
    x, y, size = x - gap, y - gap, size + 2 * gap
    for color, linewidth in (("#ffffff", 4.2), (figures.PALETTE["light"]["window"], 1.8)):
        ax.plot((x, x + size, x + size, x, x), (y, y, y + size, y + size, y), color=color, linewidth=linewidth,
                solid_joinstyle="miter")
    return x, y, size


def _called(name):
    """The name of a photograph or a kernel in the language chosen."""
    return known_name("filter_bench.name_", name)


def _divided(output, divisor):
    return output if divisor == 1 else output / divisor


def _size(values):
    return "{} × {}".format(*values.shape)
