"""Figures: axes in, axes out. Colours and the way to write a number come from `cnnlib.colours`."""

import itertools

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cbook import is_math_text
from matplotlib.collections import PathCollection
from matplotlib.colors import LinearSegmentedColormap, to_rgba
from matplotlib.figure import Figure
from matplotlib.markers import MarkerStyle
from matplotlib.mathtext import MathTextParser
from matplotlib.patches import Circle, FancyBboxPatch, Rectangle
from matplotlib.path import Path

from cnnlib._validate import (
    check_array,
    check_bool,
    check_choice,
    check_finite,
    check_int,
    check_mask,
    check_number,
    check_text,
)
from cnnlib.colours import (
    INKS,
    PALETTE,
    ROLES,
    UNFOCUSED,
    contrast,
    format_number,
    grey_pixels,
    mix,
    readable,
    scale_end,
    shade,
    shades,
    signed_pixels,
    strongest,
    text_scale,
)
from cnnlib.comparison import estimate

__all__ = [
    "INKS", "PALETTE", "UNFOCUSED", "canvas", "cell", "colormap", "contrast", "format_number", "frame", "grey_pixels",
    "grid", "mix", "network", "outline", "pixels", "points", "readable", "scale_bar", "scale_end", "shade",
    "shades", "show_map", "show_means", "signed_pixels", "strongest", "text_scale",
]

MOST_DOTS = 20_000  # pixels of a side: more has no room in memory
LEGIBLE = 12  # points of a cell's side: in a smaller one, a number cannot be read
MOST_LINES = 10_000  # of a graph
FARTHEST = 1e6  # cells from the corner: Matplotlib squares what it is given
_NAMES = tuple(name for name, color in INKS.items() if isinstance(color, str))
_MARKERS = tuple(marker for marker in MarkerStyle.markers if isinstance(marker, str))
LARGEST = 1e100  # of what is averaged
LARGEST_TYPE = 1000  # points
FARTHEST_END = 1e290  # of a scale: Matplotlib adds it to the values, and to itself
_DASHED = {"edgecolor": INKS["control"], "linestyle": (0, (2, 3)), "linewidth": 0.6, "facecolor": "none"}


def canvas(width, height, *, unit=0.4, dpi=144):
    """Return a figure and its axes, measured in cells from the top left corner, with nothing drawn.

    Parameters
    ----------
    width, height : float
        In cells.
    unit : float, default 0.4
        Inches to a cell.
    dpi : float, default 144

    Returns
    -------
    figure : matplotlib.figure.Figure
        Made without pyplot: it belongs to nobody's global state.
    ax : matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If an argument is no number above 0, or a side would have more than 20,000 pixels.
    """
    width, height = _check_sizes(0, np.inf, width=width, height=height)
    unit, dpi = _check_sizes(0, np.inf, unit=unit, dpi=dpi)
    if not 1 <= min(width, height) * unit * dpi <= max(width, height) * unit * dpi <= MOST_DOTS:
        raise ValueError(f"width and height must make 1 to {MOST_DOTS:,} pixels, got {width:g}×{height:g} cells")
    figure = Figure(figsize=(width * unit, height * unit), dpi=dpi, facecolor=PALETTE["light"]["surface"])
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, width), ylim=(height, 0), aspect="equal")
    ax.set_axis_off()
    return figure, ax


def grid(ax, values, role="input", *, origin=(0, 0), focus=None, blank=None, dashed=None, largest=None):
    """Draw a 2-D array as a grid of numbers, strong where its values are large.

    Where a cell is too small for a number to be read, only its colour is drawn.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        As from `canvas`.
    values : array_like of finite numbers, shape (H, W)
    role : {"input", "weight", "output"}
    origin : (float, float)
        Left and top, in cells.
    focus, blank, dashed : ndarray of bool, shape (H, W), optional
        Which cells are in the window (default all), have no number yet, belong to the padding.
    largest : float, optional
        End of the scale; default the largest absolute value.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind, shape or range.
    """
    _check_ax(ax)
    values = check_array("values", values, 2)
    check_finite("values", values)
    check_choice("role", role, ROLES)
    left, top = _check_place("origin", origin)
    focus, blank, dashed = (
        np.full(values.shape, usual) if mask is None else check_mask(name, mask, values.shape)
        for name, mask, usual in (("focus", focus, True), ("blank", blank, False), ("dashed", dashed, False))
    )
    largest = np.abs(values.astype(float)).max() if largest is None else check_number("largest", largest, 0)
    fills = shades(values, largest, role, focus)
    bare = blank | dashed
    if points(ax, 1) < LEGIBLE:
        fills[dashed], fills[blank] = shades(0, 1, role), 255
        pixels(ax, fills / 255, place=origin)
        return frame(ax, origin, values.shape[1], values.shape[0], color="control")
    # One collection for all boxes of a kind: an artist for each would cost more than the drawing.
    places = [(left + column, top + row) for row, column in np.ndindex(values.shape)]
    for kind, style in ((~bare, {"facecolor": fills[~bare] / 255, "edgecolor": "none"}), (bare, _DASHED)):
        boxes = [_box(place) for place, wanted in zip(places, kind.flat) if wanted]
        if boxes:
            ax.add_collection(PathCollection(boxes, zorder=1, **style), autolim=False)
    # One size of text a grid: the longest number decides.
    texts = [format_number(value) for value in values.flat]
    size = points(ax, text_scale(texts))
    for (x, y), text, fill, empty, open_ in zip(places, texts, fills.reshape(-1, 3), blank.flat, dashed.flat):
        if not empty:
            color = _inks(ax)["muted"] if open_ else readable(f"#{fill.tobytes().hex()}")
            _write(ax, x + 0.5, y + 0.5, text, color, size)
    return ax


def cell(ax, text, fill, place, *, size=1.0, scale=0.36):
    """Draw one number in its rounded box; without a `fill`, a dashed one.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    text : str
    fill : str or None
        ``#rrggbb``.
    place : (float, float)
        Left and top, in cells.
    size : float, default 1
        Side of the box in cells.
    scale : float, default 0.36
        Height of the text as a share of the box; see `text_scale`.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind or range.
    """
    _check_ax(ax)
    check_text("text", text)
    left, top = _check_place("place", place)
    size, scale = _check_sizes(size=size, scale=scale)
    color = _inks(ax)["muted"] if fill is None else readable(fill)
    style = _DASHED if fill is None else {"facecolor": fill, "edgecolor": "none"}
    ax.add_patch(_rounded(left + 0.03 * size, top + 0.03 * size, 0.94 * size, 0.94 * size, 0.13 * size, **style))
    if text:
        _write(ax, left + size / 2, top + size / 2, text, color, points(ax, size * scale))
    return ax


def outline(ax, place, width, height, *, linewidth=2.2):
    """Draw the window: a strong rounded outline of `width` by `height` cells at `place`."""
    _check_ax(ax)
    width, height, linewidth = _check_sizes(width=width, height=height, linewidth=linewidth)
    left, top = _check_place("place", place)
    style = {"facecolor": "none", "edgecolor": _inks(ax)["window"], "linewidth": linewidth}
    ax.add_patch(_rounded(left, top, width, height, 0.14, **style))
    return ax


def colormap(role="output", theme="light"):
    """Return the zero-centred scale of `role` as a Matplotlib colormap; give it ``vmin=-v, vmax=v``.

    Parameters
    ----------
    role : {"input", "weight", "output"}
    theme : {"light", "dark"}

    Returns
    -------
    matplotlib.colors.LinearSegmentedColormap

    Examples
    --------
    >>> colormap("input").name
    'input, zero-centred'
    """
    check_choice("role", role, ROLES)
    palette = PALETTE[check_choice("theme", theme, tuple(PALETTE))]
    colors = [palette["negative"], palette[f"{role}_zero"], palette[role]]
    return LinearSegmentedColormap.from_list(f"{role}, zero-centred", colors, N=511)


def pixels(ax, values, role="output", *, place=(0, 0), pitch=1.0, largest=None, zorder=0):
    """Draw an array as a picture without numbers, on a `canvas`.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    values : array_like, shape (H, W) or (H, W, 3)
        On the zero-centred scale of `role`, transparent where not finite; or colours from 0 to 1.
    role : {"input", "weight", "output"}
    place : (float, float)
        Left and top, in cells of the canvas.
    pitch : float, default 1
        Side of one value, in cells of the canvas.
    largest : float, optional
        End of the scale; default the largest absolute value.
    zorder : float, default 0
        What is drawn later lies in front.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind, shape or range.
    """
    _check_ax(ax)
    values = check_array("values", values, (2, 3))
    if values.ndim == 3 and (values.shape[2] != 3 or not (values.min() >= 0 and values.max() <= 1)):
        raise ValueError(f"values must be of shape (H, W) or colours (H, W, 3) from 0 to 1, got shape {values.shape}")
    left, top = _check_place("place", place)
    (pitch,) = _check_sizes(pitch=pitch)
    zorder = check_number("zorder", zorder, -FARTHEST, FARTHEST)
    end = min(FARTHEST_END, strongest(values) if largest is None else check_number("largest", largest, 0)) or 1
    extent = left, left + values.shape[1] * pitch, top + values.shape[0] * pitch, top
    if values.ndim == 2:
        values = np.ma.masked_invalid(values.astype(np.result_type(values, np.float32))).clip(-end, end)
    ax.imshow(values, colormap(role), vmin=-end, vmax=end, extent=extent, interpolation="nearest", zorder=zorder)
    return ax


def frame(ax, place, width, height, *, color="muted", linewidth=0.6, zorder=1):
    """Draw a plain rectangle in a colour of the palette, `width` by `height` cells at `place`."""
    _check_ax(ax)
    place = _check_place("place", place)
    width, height, linewidth = _check_sizes(width=width, height=height, linewidth=linewidth)
    zorder = check_number("zorder", zorder, -FARTHEST, FARTHEST)
    edge = _inks(ax)[check_choice("color", color, _NAMES)]
    ax.add_patch(Rectangle(place, width, height, fill=False, edgecolor=edge, linewidth=linewidth, zorder=zorder))
    return ax


def network(ax, widths):
    """Draw a fully connected net as a graph: a circle for each unit, a line for each weight.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Loses its frame and is scaled to the graph.
    widths : sequence of int
        Units of each layer, the input first; up to about 12 stay legible.

    Returns
    -------
    matplotlib.axes.Axes
        With one line for each weight, layer by layer, and one circle for each unit.

    Raises
    ------
    TypeError, ValueError
        If `widths` are no such integers, or make more than 10,000 lines.
    """
    _check_ax(ax)
    if not isinstance(widths, (list, tuple)) or not widths:
        raise TypeError(f"widths must be a list of the units of each layer, got {widths!r:.80}")
    widths = [check_int(f"widths[{k}]", width, 1) for k, width in enumerate(widths)]
    if (lines := sum(n * m for n, m in itertools.pairwise(widths))) + max(widths) > MOST_LINES:
        raise ValueError(f"widths must make at most {MOST_LINES:,} lines and units, got {lines:,} lines")
    colors, tallest, gap = _inks(ax), max(widths), 3.2
    places = [[(gap * k, (tallest - width) / 2 + i) for i in range(width)] for k, width in enumerate(widths)]
    style = {"ha": "center", "va": "center", "fontsize": 15}
    for k, (left, right) in enumerate(itertools.pairwise(places)):
        for end in right:
            for start in left:
                ax.plot(*zip(start, end), color=colors["weight"], alpha=0.55, linewidth=1.3, zorder=1)
        label = rf"$\Theta^{{({k + 1})}}$: {len(right)}×{len(left)}"
        ax.text(gap * (k + 0.5), tallest + 0.25, label, color=colors["weight"], **style)
    for k, layer in enumerate(places):
        role = "output" if k else "input"
        for place in layer:
            style_of = {"facecolor": colors[f"{role}_zero"], "edgecolor": colors[role]}
            ax.add_patch(Circle(place, 0.3, linewidth=2, zorder=2, **style_of))
        name = rf"$a^{{({k + 1})}}$"
        ends = {0: " $= x$", len(places) - 1: r" $= \hat{y}$"}
        ax.text(gap * k, -1.1, name + ends.get(k, ""), color=colors["ink"], **style)
    ax.set(xlim=(-1, gap * (len(widths) - 1) + 1), ylim=(tallest + 0.7, -1.6), aspect="equal")
    ax.set_axis_off()
    return ax


def points(ax, height):
    """Return the font size, in points, that is `height` cells high on a `canvas`."""
    _check_ax(ax)
    width = ax.figure.canvas.figure.get_figwidth()
    return check_number("height", height, 0, FARTHEST) * width / abs(np.subtract(*ax.get_xlim())) * 72


def scale_bar(ax, end=None, *, fontsize=None):
    """Fill `ax`, a small wide box, with the scale of an output map: ±`end`, or grey levels without one.

    Returns
    -------
    matplotlib.axes.Axes
        Its ends are written beside it.
    """
    _check_ax(ax)
    fontsize = None if fontsize is None else check_number("fontsize", fontsize, 0, LARGEST_TYPE, open_low=True)
    end = None if end is None else check_number("end", end, 0, open_low=True)
    steps = np.linspace(-1, 1, 201)[None]
    ends = ("≤ 0", "≥ 255") if end is None else (f"≤ {format_number(-end)}", f"≥ {format_number(end)}")
    shown = grey_pixels((steps + 1) * 127.5) if end is None else signed_pixels(steps, 1)
    ax.imshow(shown, aspect="auto", extent=(0, 1, 0, 1))
    ax.set_axis_off()
    style = {"color": _inks(ax)["muted"], "va": "center", "fontsize": fontsize}
    ax.text(-0.05, 0.5, ends[0], ha="right", **style)
    ax.text(1.05, 0.5, ends[1], ha="left", **style)
    return ax


def show_map(ax, output, title="", *, clip=False):
    """Show an output map with its scale below.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    output : array_like of finite numbers, shape (OH, OW)
    title : str, optional
    clip : bool, default False
        As an image viewer would: grey, below 0 black and above 255 white. Otherwise the
        zero-centred scale that ends at `scale_end`.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind or shape.
    """
    _check_ax(ax)
    output = check_array("output", output, 2).astype(float)
    title, clip = _check_title("title", title), check_bool("clip", clip)
    end = None if clip else scale_end(output)
    ax.imshow(grey_pixels(output) if clip else signed_pixels(output, end), interpolation="nearest")
    ax.set_title(title)
    ax.set_axis_off()
    scale_bar(ax.inset_axes((0.35, -0.09, 0.3, 0.05)), end)
    return ax


def show_means(ax, places, runs, *, role="output", marker="o", label=None, horizontal=False, line=False):
    """Draw the one kind of bar that the lectures use: a mean over seeds with the 95 % interval of that mean.

    Each seed is a faint dot behind it. A single seed has no bar.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    places : sequence of float, length M
        Where on the axis; they run down where `horizontal`.
    runs : sequence of M array_like
        One number a seed.
    role : str
        A colour of `PALETTE`, such as ``"output"`` or ``"muted"``.
    marker : str
        One of Matplotlib's, such as ``"o"`` or ``"s"``.
    label : str, optional
    horizontal : bool, default False
        Whether the numbers go to the right and the places down.
    line : bool, default False
        Whether neighbouring means are joined.

    Returns
    -------
    list of cnnlib.comparison.Estimate
        What was drawn.

    Raises
    ------
    TypeError, ValueError
        If a run is no row of finite numbers, there is not one for each place, or an argument has the wrong kind.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> [str(one) for one in show_means(Figure().add_subplot(), [1, 2], [[4, 5, 6], [3]])]
    ['5 ± 2.48', '3 ± nan']
    """
    _check_ax(ax)
    check_choice("role", role, _NAMES)
    check_choice("marker", marker, _MARKERS)
    label = None if label is None else _check_title("label", label)
    horizontal, line = check_bool("horizontal", horizontal), check_bool("line", line)
    places = check_array("places", places, 1).tolist()
    for place in places:
        check_number("places", place, -FARTHEST, FARTHEST)
    if not isinstance(runs, (list, tuple)) and np.ndim(runs) == 0:
        raise TypeError(f"runs must be a list of rows of numbers, got {runs!r:.80}")
    runs = [check_array(f"runs[{k}]", row, 1).astype(float) for k, row in enumerate(runs)]
    for k, row in enumerate(runs):
        check_finite(f"runs[{k}]", row)
        check_number("the largest of runs", np.abs(row).max(), 0, LARGEST)
    if len(places) != len(runs):
        raise ValueError(f"runs must be one row for each of {len(places)} places, got {len(runs)}")
    found = [estimate(row) for row in runs]
    color, ink, means = _inks(ax)[role], _inks(ax)["ink"], [one.mean for one in found]
    bars = [0 if np.isnan(one.half) else one.half for one in found]
    for place, row in zip(places, runs):
        dots = (row, [place] * len(row)) if horizontal else ([place] * len(row), row)
        ax.plot(*dots, ".", color=color, alpha=0.35, markersize=6, zorder=1)
    middle = {"x": means, "y": places, "xerr": bars} if horizontal else {"x": places, "y": means, "yerr": bars}
    ax.errorbar(**middle, marker=marker, color=color, linestyle="-" if line else "none", linewidth=1.6, capsize=5,
                markersize=8, markeredgecolor=ink, label=label, zorder=3)
    return found


def _inks(ax):
    """The colours of lines and words: of the light theme on a figure with a ground, else those for any ground."""
    return PALETTE["light"] if to_rgba(ax.figure.canvas.figure.get_facecolor())[3] else INKS


def _rounded(left, top, width, height, radius, **style):
    corner, size = (left + radius, top + radius), (width - 2 * radius, height - 2 * radius)
    return FancyBboxPatch(corner, *size, boxstyle=f"round,pad={radius},rounding_size={radius}", **style)


def _box(place):
    """The path of a cell's rounded box."""
    return Path(_BOX.vertices + place, _BOX.codes)


_BOX = _rounded(0.03, 0.03, 0.94, 0.94, 0.13).get_path()


def _write(ax, x, y, text, color, size):
    style = {"fontweight": "bold", "ha": "center", "va": "center_baseline", "parse_math": False}
    ax.text(x, y, text, color=color, fontsize=min(size, LARGEST_TYPE), **style)


def _check_ax(ax):
    if not isinstance(ax, Axes):
        raise TypeError(f"ax must be the axes of a Matplotlib figure, got {ax!r:.80}")


def _check_sizes(low=1 / FARTHEST, high=FARTHEST, **sizes):
    return [check_number(name, value, low, high, open_low=low == 0) for name, value in sizes.items()]


def _check_title(name, value):
    """Return a text of which Matplotlib can read what stands between dollars."""
    try:
        for line in filter(is_math_text, check_text(name, value).split("\n")):
            MathTextParser("path").parse(line)
    except ValueError:
        raise ValueError(f"{name} must be text, with formulas that Matplotlib can read, got {value!r:.80}") from None
    return value


def _check_place(name, value):
    value = value.tolist() if isinstance(value, np.ndarray) else value
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise TypeError(f"{name} must be two numbers, left and top, got {value!r:.80}")
    return tuple(check_number(f"{name}[{axis}]", number, -FARTHEST, FARTHEST) for axis, number in enumerate(value))
