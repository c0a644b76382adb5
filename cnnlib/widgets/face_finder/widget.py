"""A net that looks through a window: drag it over a picture, and see what the net says of each place."""

import math
from dataclasses import replace

import numpy as np
from traitlets import Bool, Dict, Int, List, observe, validate

from cnnlib import figures
from cnnlib._validate import check_array, check_finite
from cnnlib.detection import Level, boxes_above, non_max_suppression
from cnnlib.widgets.base import TeachingWidget
from cnnlib.widgets.traits import Index, InvalidTrait, Picture, checked, held, packed, unpacked, whole
from cnnlib.words import t

HIGHEST = 12  # of the thresholds to choose from, or the best score if that is higher; the lowest is 0
FEW = 30  # boxes to begin with: more would hide the picture
FAINTEST = 0.15  # opacity of a box whose score is 0
LARGEST = 2048  # rows and columns of a picture
LARGEST_OWN = 512  # of one that comes from the page


class FaceFinder(TeachingWidget):
    """A picture that was scanned with windows of several sizes, and the boxes that stay above a threshold.

    Parameters
    ----------
    picture : array_like, shape (H, W)
        Grey, from 0 to 1, at most 2048×2048.
    levels : sequence of cnnlib.detection.Level, optional
        What `cnnlib.detection.scan` made of it. Default: what `search` makes of it.
    threshold : int, optional
        Boxes with a higher score are drawn, the fainter the lower it is. A score is a logit: 0 is a
        probability of one half. From 0 to 12, or to the best score if that is higher. Default: the
        lowest that leaves no more than 30 boxes.
    search : callable, optional
        Takes a picture, float32 of shape (H, W) from 0 to 1, and returns levels. With it the page takes
        pictures of the reader's own: from a file, dropped, pasted or from the camera.
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
        If an argument has the wrong kind, shape or range, or there are neither `levels` nor `search`. A
        change that would lead there is refused.

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

    _follows = (("level", ("own",)), ("row", ("own", "level")), ("col", ("own", "level")), ("threshold", ("own",)))
    _stands = (("own", {"picture": "picture", "levels": None, "search": "search"}),)

    photo = Dict(read_only=True).tag(sync=True)
    levels = List(read_only=True).tag(sync=True)
    boxes = List(read_only=True).tag(sync=True)
    end = Int(1, read_only=True).tag(sync=True)
    own = Picture(1, LARGEST_OWN).tag(sync=True)
    threshold = Index(lambda self: max(HIGHEST, _end(self._scan)) + 1).tag(sync=True)
    level = Index(lambda self: len(self._scan)).tag(sync=True)
    row = Index(lambda self: self._places(self.level)[0]).tag(sync=True)
    col = Index(lambda self: self._places(self.level)[1]).tag(sync=True)
    _searches = Bool(False, read_only=True).tag(sync=True)
    _start = Dict(read_only=True).tag(sync=True)  # where a picture of one's own opens
    _found = None  # the last of them, its pixels and its levels

    def __init__(self, picture, levels=None, threshold=None, *, search=None, level=None, row=None, col=None, **traits):
        if search is not None and not callable(search):
            raise InvalidTrait(f"search must be a function that takes a picture and returns levels, got {search!r:.80}")
        if levels is None and search is None:
            raise InvalidTrait("levels must be what cnnlib.detection.scan returns, or search a function that does it")
        picture, self._search = _grey("picture", picture), search
        self._given = picture, self._look("picture", picture) if levels is None else _checked_levels("levels", levels)
        self.set_trait("_searches", search is not None)
        self._show()
        if level is None:
            level = self._start["level"]
        elif checked(whole, "level", level) >= len(self._scan):
            raise InvalidTrait(f"level must be an integer in 0..{len(self._scan) - 1}, got {level}")
        best = _best(self._scan[level].scores)
        super().__init__(
            threshold=self._start["threshold"] if threshold is None else threshold, level=level,
            row=best[0] if row is None else row, col=best[1] if col is None else col, **traits,
        )

    def _look(self, name, picture):
        try:
            levels = self._search(picture.copy())
        except Exception as error:  # whatever a function of the caller's raises
            raise InvalidTrait(f"search must return levels for {name}, got {type(error).__name__}: {error}") from error
        if isinstance(levels, (list, tuple)) and not levels:
            size = "{}×{}".format(*picture.shape)
            raise InvalidTrait(f"{name} must have room for the smallest window of search, got {size} pixels")
        return _checked_levels("what search returns", levels)

    def _seen(self, own):
        """Return the picture and its levels; one of the reader's own is searched once."""
        if own is None:
            return self._given
        if self._search is None:
            raise InvalidTrait("own must be None: without search there is nothing to find faces with")
        if self._found is None or self._found[0] != own:
            pixels = unpacked(own).astype(np.float32) / 255
            self._found = own, (pixels, self._look("own", pixels))
        return self._found[1]

    @property
    def _picture(self):
        return self._seen(self.own)[0]

    @property
    def _scan(self):
        return self._seen(self.own)[1]

    @validate("own")
    def _check_own(self, proposal):
        self._seen(proposal.value)
        return proposal.value

    @observe("own")
    def _show_own(self, change):
        self._show()
        self.stay_inside()

    def _show(self):
        """Tell the page what the picture is now."""
        boxes, end = non_max_suppression(boxes_above(self._scan, 0)), _end(self._scan)
        few = (t for t in range(max(HIGHEST, end) + 1) if (boxes[:, 3] > t).sum() <= FEW)
        level = int(np.argmax([one.scores.max() for one in self._scan]))
        row, col = _best(self._scan[level].scores)
        self.tell(
            photo=_packed(self._picture), levels=[_as_state(one) for one in self._scan], boxes=boxes.tolist(), end=end,
            _start={"level": level, "row": row, "col": col, "threshold": next(few)},
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

    def _strength(self, score):
        """Return how opaque a box of this score is drawn; what is weak must not hide the picture."""
        return FAINTEST + (1 - FAINTEST) * (score / self.end) ** 2

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
        'Window of 20 pixels at row 0, column 5: score 2, above the threshold 0. Boxes above the threshold: 1 of 1.'
        """
        row, col, side = (math.floor(value + 0.5) for value in self.window)
        return t(
            "face_finder.says_above" if self.score > self.threshold else "face_finder.says_below",
            side=side, row=row, col=col, score=figures.format_number(self.score), limit=self.threshold,
            found=len(self.found), all=len(self.boxes),
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
            (self.found[::-1], "surface", 3.4, 2), (self.found[::-1], "output", 1.8, 3),
            ([self.window], "surface", 5, 3), ([self.window], "window", 2.6, 3),
        ):
            for box in boxes:
                place = left + box[1] * unit, top + box[0] * unit
                figures.frame(ax, place, box[2] * unit, box[2] * unit, color=color, linewidth=line, zorder=depth)
                ax.patches[-1].set_alpha(self._strength(box[3]) if box[3:] else 1)
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
             t("face_finder.picture_boxes", height=height, width=width, limit=self.threshold, found=len(self.found))),
            (middle, top - 0.45, t("face_finder.sees", size=size)),
            (middle + patch + 0.9, top + 0.9, t("face_finder.picture_score")),
            (middle, lower - 0.4, t(
                "face_finder.places", rows=rows, cols=cols, count=rows * cols, side=math.floor(one.side + 0.5),
            )),
        ):
            ax.text(x, y, text, **small)
        bar = ax.inset_axes((middle + 1.6, 13.5, 3.2, 0.26), transform=ax.transData)
        figures.scale_bar(bar, self.end, fontsize=figures.points(ax, 0.32))
        return figure


def _best(scores):
    """Row and column of the highest score."""
    return tuple(int(place) for place in np.unravel_index(scores.argmax(), scores.shape))


def _end(levels):
    """Where the scale of scores ends: most places are far below 0, so where the best is."""
    return max(1, math.ceil(max(one.scores.max() for one in levels)))


def _as_state(one):
    """A level as it travels to the browser."""
    return {
        "side": one.side, "step": one.step, "stride": one.stride, "patch": one.patch, "picture": _packed(one.picture),
        "scores": {"shape": list(one.scores.shape), "bytes": np.ascontiguousarray(one.scores, "<f4").tobytes()},
    }


def _packed(picture):
    return packed((np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8))


def _grey(name, picture):
    picture = check_array(name, picture, 2)
    check_finite(name, picture)
    if max(picture.shape) > LARGEST:
        raise ValueError(f"{name} must have at most {LARGEST:,} rows and columns, got shape {picture.shape}")
    if picture.min() < 0 or picture.max() > 1:
        raise ValueError(f"{name} must hold grey levels from 0 to 1, got {picture.min():g} to {picture.max():g}")
    return picture.astype(np.float32)


def _checked_levels(name, levels):
    need = f"{name} must be what cnnlib.detection.scan returns"
    if not isinstance(levels, (list, tuple)) or not levels or not all(isinstance(one, Level) for one in levels):
        raise InvalidTrait(f"{need}, got {levels!r:.60}")
    for k, one in enumerate(levels):
        part = f"{name}[{k}]"
        _grey(f"{part}.picture", one.picture)
        check_finite(f"{part}.scores", check_array(f"{part}.scores", one.scores, 2))
        places = tuple((size - one.patch) // one.stride + 1 for size in one.picture.shape)
        if one.scores.shape != places:
            raise ValueError(f"{need}: {part}.scores must have shape {places}, got {one.scores.shape}")
    return [replace(one, picture=held(one.picture), scores=held(one.scores)) for one in levels]
