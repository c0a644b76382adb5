"""Shift an input by whole pixels: what moves along, what stays, before and after pooling."""

from functools import lru_cache

import numpy as np
from traitlets import observe, validate

from cnnlib import figures
from cnnlib.conv import cross_correlate2d
from cnnlib.datasets import load_mnist_test
from cnnlib.functional import relu
from cnnlib.pooling import avg_pool2d, max_pool2d
from cnnlib.shapes import output_shape2d
from cnnlib.widgets.base import TeachingWidget
from cnnlib.widgets.traits import Choice, Index, InvalidTrait, Numbers, Whole
from cnnlib.words import percent, t

KERNEL = ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1))
FARTHEST, LARGEST = 4, 64  # pixels: of the shift, and of a side of the image
POOLS = {"max": max_pool2d, "average": avg_pool2d}


@lru_cache
def _seven():
    """The first of MNIST's test digits, 28×28, from 0 to 1 in two decimals."""
    return (load_mnist_test().images[0] / 255).round(2)


def shift2d(values, down, right):
    """Return `values` moved by whole cells, with zeros where nothing moved in.

    Parameters
    ----------
    values : array_like, shape (H, W)
    down, right : int
        Negative for up and left.

    Returns
    -------
    ndarray, shape (H, W)

    Examples
    --------
    >>> shift2d([[1, 2], [3, 4]], 1, 0)
    array([[0, 0],
           [1, 2]])
    """
    values = np.asarray(values)
    moved = np.zeros_like(values)
    (to_rows, from_rows), (to_cols, from_cols) = (_overlap(n, step) for n, step in zip(values.shape, (down, right)))
    moved[to_rows, to_cols] = values[from_rows, from_cols]
    return moved


def _overlap(size, step):
    return slice(max(step, 0), max(size + min(step, 0), 0)), slice(max(-step, 0), max(size - max(step, 0), 0))


class PoolingShift(TeachingWidget):
    r"""An input that you move by whole pixels, its feature map, the pooled map, and how both change.

    With :math:`T` the shift, :math:`f` the filter and ReLU, and :math:`P` the pooling, the lower
    pictures show :math:`f(Tx) - f(x)` and :math:`P f(Tx) - P f(x)` ("stay"), or
    :math:`f(Tx) - T f(x)` and :math:`P f(Tx) - T' P f(x)` ("follow"), where :math:`T'` moves
    the pooled map by the nearest number of its own, larger cells.

    Parameters
    ----------
    image : array_like, shape (H, W), optional
        Numbers from 0 to 1, at most 64×64. Default: the first of MNIST's test digits.
    kernel : array_like, shape (M, M), optional
        Default: Sobel's filter for upright edges.
    down, right : int, default 0
        The shift, −4 to 4 pixels.
    pool : {"max", "average"}
    size : {2, 3, 4}
        Side of the pooling windows, and their stride.
    compare : {"stay", "follow"}
    row, col : int, optional
        The pooled cell whose window is shown. Default: where the pooled map is largest.

    Raises
    ------
    ValueError
        If an argument has the wrong rank or range. A change that would lead there is refused.

    Examples
    --------
    A step by the size of the pooling window moves the pooled map by one cell exactly:

    >>> widget = PoolingShift(right=2, size=2, compare="follow")
    >>> widget.errors()
    (0.0, 0.0)
    >>> widget
    PoolingShift(image 28×28, shift (0, 2), max 2×2, follow, cell (12, 5))
    """

    _root = "cnn-pooling-shift"
    _follows = (
        ("row", ("col", "image", "kernel", "size", "pool")),
        ("col", ("row", "image", "kernel", "size", "pool")),
    )

    image = Numbers(2, LARGEST, 0, 1).tag(sync=True)
    kernel = Numbers(2, LARGEST).tag(sync=True)
    down = Whole(-FARTHEST, FARTHEST, 0).tag(sync=True)
    right = Whole(-FARTHEST, FARTHEST, 0).tag(sync=True)
    pool = Choice(*POOLS).tag(sync=True)
    size = Choice(2, 3, 4).tag(sync=True)
    compare = Choice("stay", "follow").tag(sync=True)
    row = Index(lambda self: self._pooled_shape()[0]).tag(sync=True)
    col = Index(lambda self: self._pooled_shape()[1]).tag(sync=True)

    def __init__(self, image=None, kernel=KERNEL, **traits):
        super().__init__(image=_seven() if image is None else image, kernel=kernel, **traits)
        if not {"row", "col"} & set(traits):
            pooled = self.maps()[1]
            self.row, self.col = (int(index) for index in np.unravel_index(pooled.argmax(), pooled.shape))

    @validate("image", "kernel", "size")
    def _check_fit(self, proposal):
        self._pooled_shape(**{proposal.trait.name: proposal.value})
        return proposal.value

    def _pooled_shape(self, **changed):
        now = {name: getattr(self, name) for name in ("image", "kernel", "size")} | changed
        try:
            shape = output_shape2d(np.shape(now["image"]), np.shape(now["kernel"]))
            return output_shape2d(shape, now["size"], now["size"])
        except ValueError as error:
            raise InvalidTrait(str(error)) from None

    @observe("image", "kernel", "size")
    def _follow(self, change):
        self.stay_inside()

    def maps(self, down=None, right=None):
        """Return the feature map and the pooled map of the shifted image.

        Parameters
        ----------
        down, right : int, optional
            Default: the shift of the widget.

        Returns
        -------
        feature_map : ndarray, shape (H − M + 1, W − M + 1)
        pooled : ndarray
        """
        down, right = self.down if down is None else down, self.right if right is None else right
        moved = shift2d(np.array(self.image, float), down, right)
        feature_map = relu(cross_correlate2d(moved, np.array(self.kernel, float)))
        return feature_map, POOLS[self.pool](feature_map[None, None], self.size)[0, 0]

    def differences(self):
        """Return the two difference pictures; NaN where the border leaves nothing to compare."""
        pairs = zip(self.maps(), self.maps(0, 0))
        if self.compare == "stay":
            return tuple(now - before for now, before in pairs)
        steps = (self.down, self.right), self._pooled_step()
        return tuple(now - _moved_in(before, step) for (now, before), step in zip(pairs, steps))

    def errors(self):
        """Return mean absolute difference over the mean of the unshifted map, before and after pooling.

        0 where there is nothing to compare: the map is blank, or has moved out of sight.
        """
        pairs = list(zip(self.differences(), self.maps(0, 0)))
        known = [before.any() and not np.isnan(difference).all() for difference, before in pairs]
        return tuple(
            float(np.nanmean(np.abs(difference)) / before.mean()) if some else 0.0
            for (difference, before), some in zip(pairs, known)
        )

    def _pooled_step(self):
        """The shift in whole cells of the pooled map, the nearest there is; a half goes outward."""
        return tuple(int(np.sign(step) * int(abs(step) / self.size + 0.5)) for step in (self.down, self.right))

    def __repr__(self):
        return (
            f"PoolingShift(image {_size(self.image)}, shift ({self.down}, {self.right}), {self.pool} "
            f"{self.size}×{self.size}, {self.compare}, cell ({self.row}, {self.col}))"
        )

    def describe(self):
        """Return what the picture says, as one line of text.

        Examples
        --------
        >>> PoolingShift(right=1).describe()
        'Shifted 0 down, 1 right. Against the maps before the shift, the feature map changes by 101 % of its mean, \
the pooled map (max 2×2) by 63 %.'
        """
        before, after = (percent(error).replace("\u00a0", " ") for error in self.errors())
        said = {
            "shift": self._by(), "before": before, "after": after, "kind": f"{self._pool()} {self.size}×{self.size}",
        }
        if self.compare == "stay":
            return t("pooling_shift.says_stay", **said)
        steps = ", ".join(map(figures.format_number, self._pooled_step()))
        return t("pooling_shift.says_follow", moves=t("pooling_shift.moves", steps=steps), **said)

    def _by(self):
        """The shift in words."""
        return t("pooling_shift.by", down=figures.format_number(self.down), right=figures.format_number(self.right))

    def _pool(self):
        return t(f"pooling_shift.pool_{self.pool}")

    def picture(self):
        """Return the widget as it stands, as a `matplotlib.figure.Figure`."""
        (feature_map, pooled), differences = self.maps(), self.differences()
        moved = shift2d(np.array(self.image, float), self.down, self.right)
        muted = figures.PALETTE["light"]["muted"]
        figure, ax = figures.canvas(24, 17.2, unit=0.36)
        style = {"color": muted, "fontsize": figures.points(ax, 0.46), "ha": "center", "va": "center"}
        side, end = 7.0, max(before.max() for before in (*self.maps(0, 0), feature_map)) or 1
        panels = [
            (moved, "input", 1, 0.6, 1.2, t("pooling_shift.input", size=_size(moved))),
            (feature_map, "output", end, 8.5, 1.2, t("pooling_shift.picture_map", size=_size(feature_map))),
            (pooled, "output", end, 16.4, 1.2,
             t("pooling_shift.picture_pooled", pool=self._pool(), size=_size(pooled))),
            *((difference, "output", end, left, 10.0, t("pooling_shift.picture_difference", share=percent(error)))
              for difference, left, error in zip(differences, (8.5, 16.4), self.errors())),
        ]
        scale = side / max(moved.shape)
        for values, role, largest, left, top, title in panels:
            pitch = scale * (self.size if values.shape == pooled.shape else 1)
            high, wide = (length * pitch for length in values.shape)
            figures.pixels(ax, values, role, place=(left, top), pitch=pitch, largest=largest)
            figures.frame(ax, (left, top), wide, high)
            ax.text(left + wide / 2, top - 0.5, title, **style)
        if self.pool == "max":  # a dot on the winner of each window that is not all zero
            rows, columns = pooled.shape
            windows = feature_map[: rows * self.size, : columns * self.size]
            windows = windows.reshape(rows, self.size, columns, self.size).swapaxes(1, 2).reshape(rows, columns, -1)
            down, right = np.divmod(windows.argmax(-1), self.size)
            y, x = np.arange(rows)[:, None] * self.size + down, np.arange(columns) * self.size + right
            won = pooled > 0
            ax.plot(8.5 + (x[won] + 0.5) * scale, 1.2 + (y[won] + 0.5) * scale, ".", color="black", markersize=3)
        place = 8.5 + self.col * self.size * scale, 1.2 + self.row * self.size * scale
        for left, top in (place, (16.4 + self.col * self.size * scale, place[1])):
            for color, width in (("surface", 3.2), ("window", 1.4)):
                figures.frame(ax, (left, top), self.size * scale, self.size * scale, color=color, linewidth=width)
        asked = t("pooling_shift.stay") if self.compare == "stay" else t("pooling_shift.follow")
        lines = t("pooling_shift.picture_shift", shift=self._by()), asked, t("pooling_shift.picture_key")
        for row, line in enumerate(lines):
            ax.text(4.1, 12.4 + 0.9 * row, line, **style)
        return figure


def _moved_in(values, step):
    """`values` moved by whole cells; NaN where what moved in is not known."""
    known = shift2d(np.ones(np.shape(values)), *step)
    return np.where(known, shift2d(values, *step), np.nan)


def _size(values):
    return "×".join(map(str, np.shape(values)))
