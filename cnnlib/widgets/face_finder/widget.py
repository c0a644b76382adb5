"""A net that looks through a window: drag it over a picture, and see what the net says of each place."""

import math

import numpy as np
from traitlets import Dict, Int, List, observe

from cnnlib import figures
from cnnlib._validate import check_array, check_finite
from cnnlib.detection import Level, boxes_above, non_max_suppression
from cnnlib.widgets.base import TeachingWidget
from cnnlib.widgets.traits import Index, InvalidTrait, Whole, checked, whole

HIGHEST = 12  # of the thresholds to choose from; the lowest is 0
LARGEST = 2048  # rows and columns of a picture


class FaceFinder(TeachingWidget):
    """A picture that was scanned with windows of several sizes, and the boxes that stay above a threshold.

    Parameters
    ----------
    picture : array_like, shape (H, W)
        Grey, from 0 to 1, at most 2048×2048.
    levels : sequence of cnnlib.detection.Level
        What `cnnlib.detection.scan` made of it.
    threshold : int, default 0
        In 0..12: boxes with a higher score are drawn. A score is a logit: 0 is a probability of one half.
    level, row, col : int, optional
        The window that is shown: its size, and its place among those of this size. Default: the
        best of all.

    Attributes
    ----------
    boxes : list of [row, col, side, score]
        All that stay after non-maximum suppression with threshold 0, best first.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind, shape or range. A change that would lead there is refused.

    Examples
    --------
    >>> picture = np.full((20, 30), 0.5)
    >>> scores = np.array([[-1.0, 2.0, -3.0]])
    >>> finder = FaceFinder(picture, [Level(20.0, 20, 5, picture, scores)])
    >>> finder
    FaceFinder(picture 20×30, 1 sizes, window (0, 1) of size 0, threshold 0)
    >>> finder.boxes
    [[0.0, 5.0, 20.0, 2.0]]
    """

    _root = "cnn-face-finder"

    photo = Dict(read_only=True).tag(sync=True)
    levels = List(read_only=True).tag(sync=True)
    boxes = List(read_only=True).tag(sync=True)
    end = Int(1, read_only=True).tag(sync=True)
    threshold = Whole(0, HIGHEST).tag(sync=True)
    level = Index(lambda self: len(self._scan)).tag(sync=True)
    row = Index(lambda self: self._places(self.level)[0]).tag(sync=True)
    col = Index(lambda self: self._places(self.level)[1]).tag(sync=True)

    def __init__(self, picture, levels, threshold=0, *, level=None, row=None, col=None, **traits):
        self._picture, self._scan = _grey("picture", picture), _checked_levels(levels)
        self.set_trait("photo", _packed(self._picture))
        self.set_trait("levels", [_as_state(one) for one in self._scan])
        self.set_trait("boxes", non_max_suppression(boxes_above(self._scan, 0)).tolist())
        # Most places are far below 0: the scale ends where the best is.
        self.set_trait("end", max(1, math.ceil(max(one.scores.max() for one in self._scan))))
        if level is None:
            level = int(np.argmax([one.scores.max() for one in self._scan]))
        elif checked(whole, "level", level) >= len(self._scan):
            raise InvalidTrait(f"level must be an integer in 0..{len(self._scan) - 1}, got {level}")
        best = np.unravel_index(self._scan[level].scores.argmax(), self._places(level))
        super().__init__(
            threshold=threshold, level=level, row=int(best[0]) if row is None else row,
            col=int(best[1]) if col is None else col, **traits,
        )

    @property
    def score(self):
        """What the net says of the window."""
        return float(self._scan[self.level].scores[self.row, self.col])

    @property
    def window(self):
        """Row, column and side of the window, in pixels of the picture."""
        one = self._scan[self.level]
        return self.row * one.step, self.col * one.step, one.side

    @property
    def found(self):
        """Those of the boxes that are above the threshold."""
        return [box for box in self.boxes if box[3] > self.threshold]

    def _places(self, level):
        # Of several changes at once, a level that will be refused may be looked at first.
        return self._scan[min(level, len(self._scan) - 1)].scores.shape

    @observe("level")
    def _follow(self, change):
        self.stay_inside()

    def __repr__(self):
        height, width = self._picture.shape
        return (
            f"FaceFinder(picture {height}×{width}, {len(self._scan)} sizes, window ({self.row}, {self.col}) of size"
            f" {self.level}, threshold {self.threshold})"
        )

    def describe(self):
        """Return what the picture says, as one line of text.

        Examples
        --------
        >>> picture = np.full((20, 30), 0.5)
        >>> FaceFinder(picture, [Level(20.0, 20, 5, picture, np.array([[-1.0, 2.0, -3.0]]))]).describe()
        'Window of 20 pixels at row 0, column 5: score 2, above the threshold 0. Boxes above the threshold: 1.'
        """
        row, col, side = (math.floor(value + 0.5) for value in self.window)
        return (
            f"Window of {side} pixels at row {row}, column {col}: score {figures.format_number(self.score)}, "
            f"{'above' if self.score > self.threshold else 'not above'} the threshold {self.threshold}. "
            f"Boxes above the threshold: {len(self.found)}."
        )

    def picture(self):
        """Return the widget as it stands, as a `matplotlib.figure.Figure`."""
        colors, one = figures.PALETTE["light"], self._scan[self.level]
        height, width = self._picture.shape
        side, patch = 12, 4.6  # of the photograph and of the patch, in cells
        unit = side / max(height, width)
        figure, ax = figures.canvas(22, 14.2, unit=80 / 144)
        left, top, middle = 0.5 + (side - width * unit) / 2, 1.1, 13.4
        ax.imshow(
            self._picture, cmap="gray", vmin=0, vmax=1, extent=(left, left + width * unit, top + height * unit, top),
            interpolation="nearest",  # as it is; smoothed it would make the file a quarter larger
        )
        for boxes, color, line, depth in (
            (self.found, "surface", 3.4, 2), (self.found, "output", 1.8, 3),
            ([self.window], "surface", 5, 3), ([self.window], "window", 2.6, 3),
        ):
            for box in boxes:
                place = left + box[1] * unit, top + box[0] * unit
                figures.frame(ax, place, box[2] * unit, box[2] * unit, color=color, linewidth=line, zorder=depth)
        # What the net sees, and what it says of it
        size, (y, x) = one.patch, (one.stride * self.row, one.stride * self.col)
        seen = one.picture[y : y + size, x : x + size]
        extent = (middle, middle + patch, top + patch, top)
        ax.imshow(seen, cmap="gray", vmin=0, vmax=1, extent=extent, interpolation="nearest")
        fill = figures.shade(self.score, self.end, "output")
        text = figures.format_number(self.score)
        figures.cell(ax, text, fill, (middle + patch + 0.9, top + 1.3), size=2.2, scale=figures.text_scale([text], 0.3))
        # All places of this size
        rows, cols = one.scores.shape
        pitch = min(7 / cols, 6.2 / rows)
        lower = top + patch + 1.2
        figures.pixels(ax, one.scores, "output", place=(middle, lower), pitch=pitch, largest=self.end)
        figures.frame(ax, (middle, lower), cols * pitch, rows * pitch, color="line")
        place = middle + self.col * pitch, lower + self.row * pitch
        figures.frame(ax, place, pitch, pitch, color="window", linewidth=2, zorder=3)
        small = {"color": colors["muted"], "ha": "left", "va": "center", "fontsize": figures.points(ax, 0.34)}
        for x, y, text in (
            (0.5, top - 0.45,
             f"{height} × {width} pixels · boxes above the threshold {self.threshold}: {len(self.found)}"),
            (middle, top - 0.45, f"what the net sees: {size} × {size}"),
            (middle + patch + 0.9, top + 0.9, "its score"),
            (middle, lower - 0.4, f"{rows} × {cols} places, windows of {math.floor(one.side + 0.5)} pixels"),
        ):
            ax.text(x, y, text, **small)
        bar = ax.inset_axes((middle + 1.6, 13.5, 3.2, 0.26), transform=ax.transData)
        figures.scale_bar(bar, self.end, fontsize=figures.points(ax, 0.32))
        return figure


def _as_state(one):
    """A level as it travels to the browser."""
    return {
        "side": one.side, "step": one.step, "stride": one.stride, "patch": one.patch, "picture": _packed(one.picture),
        "scores": {"shape": list(one.scores.shape), "bytes": np.ascontiguousarray(one.scores, "<f4").tobytes()},
    }


def _packed(picture):
    return {"shape": list(picture.shape), "bytes": (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8).tobytes()}


def _grey(name, picture):
    picture = check_array(name, picture, 2)
    check_finite(name, picture)
    if max(picture.shape) > LARGEST:
        raise ValueError(f"{name} must have at most {LARGEST:,} rows and columns, got shape {picture.shape}")
    if picture.min() < 0 or picture.max() > 1:
        raise ValueError(f"{name} must hold grey levels from 0 to 1, got {picture.min():g} to {picture.max():g}")
    return picture.astype(np.float32)


def _checked_levels(levels):
    need = "levels must be what cnnlib.detection.scan returns"
    if not isinstance(levels, (list, tuple)) or not levels or not all(isinstance(one, Level) for one in levels):
        raise InvalidTrait(f"{need}, got {levels!r:.60}")
    for k, one in enumerate(levels):
        _grey(f"levels[{k}].picture", one.picture)
        check_finite(f"levels[{k}].scores", check_array(f"levels[{k}].scores", one.scores, 2))
        places = tuple((size - one.patch) // one.stride + 1 for size in one.picture.shape)
        if one.scores.shape != places:
            raise ValueError(f"{need}: levels[{k}].scores must have shape {places}, got {one.scores.shape}")
    return list(levels)
