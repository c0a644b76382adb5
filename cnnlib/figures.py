"""Figures: axes in, axes out, and the palette that figures and widgets share.

One meaning, one colour: inputs blue, weights warm, outputs green, negative values violet. The
widgets get `PALETTE` from here together with their script, so there is no second copy.
"""

import math
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch, Rectangle

from cnnlib.comparison import estimate

# Each hue runs from its `_zero` (value 0) to itself (the largest value); negative values run
# from the same zero to `negative`. `theta` tells weights apart where it matters which are equal.
PALETTE = {
    "light": {
        "surface": "#ffffff",
        "panel": "#f5f7fb",
        "line": "#d5dbe6",
        "control": "#7a8496",
        "ink": "#151d2b",
        "muted": "#566073",
        "window": "#0d1420",
        "alert": "#a8201a",
        "input": "#2a68d8",
        "input_zero": "#edf3fd",
        "weight": "#c94a1b",
        "weight_zero": "#fceee7",
        "output": "#15835a",
        "output_zero": "#e8f5ef",
        "negative": "#7a45b8",
        "theta": ["#c94a1b", "#95710a", "#a3366f", "#3b7d8c", "#6a7a1f", "#7a5a3c", "#5b5fa8"],
    },
    "dark": {
        "surface": "#12171e",
        "panel": "#1b222c",
        "line": "#343d4b",
        "control": "#7d899b",
        "ink": "#e9edf5",
        "muted": "#a3adbd",
        "window": "#ffffff",
        "alert": "#ff9d94",
        "input": "#6ea3ff",
        "input_zero": "#1a2538",
        "weight": "#ff8b5c",
        "weight_zero": "#33241d",
        "output": "#4fd19c",
        "output_zero": "#16302a",
        "negative": "#b692ff",
        "theta": ["#ff8b5c", "#e3b93f", "#f287b7", "#6fc3d3", "#b5cc5a", "#c9a583", "#a4a8f0"],
    },
}

UNFOCUSED = 0.4  # how much of its strength a cell outside the window keeps


def format_number(value):
    """Return `value` with at most two decimals and a true minus sign.

    Parameters
    ----------
    value : float

    Returns
    -------
    str

    Examples
    --------
    >>> format_number(4.0), format_number(-0.125), format_number(-0.001)
    ('4', '−0.13', '0')
    """
    # Half away from zero on the exact binary value, as JavaScript's toFixed does.
    text = str(Decimal(float(value)).quantize(Decimal("0.01"), ROUND_HALF_UP)).rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text.replace("-", "−")


def mix(first, second, share):
    """Return the colour `share` of the way from `first` to `second`, all as ``#rrggbb``.

    >>> mix("#000000", "#ffffff", 0.5)
    '#808080'
    """
    channels = (int(a + (b - a) * share + 0.5) for a, b in zip(_rgb(first), _rgb(second)))
    return "#" + "".join(f"{channel:02x}" for channel in channels)


def contrast(first, second):
    """Return the contrast ratio of two colours, 1 to 21, as WCAG 2 defines it.

    >>> contrast("#ffffff", "#000000")
    21.0
    """
    low, high = sorted((_luminance(first), _luminance(second)))
    return (high + 0.05) / (low + 0.05)


def readable(fill, theme="light"):
    """Return the text colour for `fill`: the theme's ink where it has a contrast of 4.5, else white or black."""
    for ink in (PALETTE[theme]["ink"], "#ffffff"):
        if contrast(ink, fill) >= 4.5:
            return ink
    return "#000000"


def shade(value, largest, role="input", theme="light", focus=True):
    """Return the fill for `value` on the zero-centred scale of `role` that ends at ±`largest`.

    Parameters
    ----------
    value, largest : float
    role : {"input", "weight", "output"}
    theme : {"light", "dark"}
    focus : bool, default True
        Cells outside the window keep `UNFOCUSED` of their strength.

    Returns
    -------
    str
        ``#rrggbb``.
    """
    palette = PALETTE[theme]
    strength = min(abs(value) / largest, 1) if largest > 0 else 0
    return mix(
        palette[f"{role}_zero"], palette["negative" if value < 0 else role], strength * (1 if focus else UNFOCUSED)
    )


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
    """
    figure = Figure(figsize=(width * unit, height * unit), dpi=dpi, facecolor=PALETTE["light"]["surface"])
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, width), ylim=(height, 0), aspect="equal")
    ax.set_axis_off()
    return figure, ax


def grid(ax, values, role="input", *, origin=(0, 0), focus=None, blank=None, dashed=None, largest=None):
    """Draw a 2-D array as a grid of numbers, strong where its values are large.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        As from `canvas`.
    values : array_like, shape (H, W)
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
    """
    values = np.asarray(values)
    focus = np.ones(values.shape, bool) if focus is None else focus
    blank = np.zeros(values.shape, bool) if blank is None else blank
    dashed = np.zeros(values.shape, bool) if dashed is None else dashed
    largest = np.abs(values).max() if largest is None else largest
    # One size of text a grid: the longest number decides.
    scale = text_scale(map(format_number, values.flat))
    for (row, column), value in np.ndenumerate(values):
        place = (origin[0] + column, origin[1] + row)
        if blank[row, column]:
            cell(ax, "", None, place)
        elif dashed[row, column]:
            cell(ax, format_number(value), None, place, scale=scale)
        else:
            fill = shade(value, largest, role, focus=bool(focus[row, column]))
            cell(ax, format_number(value), fill, place, scale=scale)
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
    """
    colors = PALETTE["light"]
    gap, radius = 0.03 * size, 0.13 * size
    style = {"facecolor": fill, "edgecolor": "none"} if fill else {
        "facecolor": "none", "edgecolor": colors["control"], "linestyle": (0, (2, 3)), "linewidth": 0.6,
    }
    ax.add_patch(
        FancyBboxPatch(
            (place[0] + gap + radius, place[1] + gap + radius),
            *(size - 2 * gap - 2 * radius,) * 2,
            boxstyle=f"round,pad={radius},rounding_size={radius}",
            **style,
        )
    )
    if text:
        ax.text(
            place[0] + size / 2,
            place[1] + size / 2,
            text,
            color=readable(fill) if fill else colors["muted"],
            fontsize=points(ax, size * scale),
            fontweight="bold",
            ha="center",
            va="center_baseline",
        )
    return ax


def outline(ax, place, width, height, *, linewidth=2.2):
    """Draw the window: a strong rounded outline of `width` by `height` cells at `place`."""
    radius = 0.14
    ax.add_patch(
        FancyBboxPatch(
            (place[0] + radius, place[1] + radius),
            width - 2 * radius,
            height - 2 * radius,
            boxstyle=f"round,pad={radius},rounding_size={radius}",
            facecolor="none",
            edgecolor=PALETTE["light"]["window"],
            linewidth=linewidth,
        )
    )
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
    palette = PALETTE[theme]
    colors = [palette["negative"], palette[f"{role}_zero"], palette[role]]
    return LinearSegmentedColormap.from_list(f"{role}, zero-centred", colors, N=511)


def pixels(ax, values, role="output", *, place=(0, 0), pitch=1.0, largest=None, zorder=0):
    """Draw an array as a picture without numbers, on a `canvas`.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    values : array_like, shape (H, W) or (H, W, 3)
        Values on the zero-centred scale of `role`, or colours from 0 to 1.
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
    """
    values = np.asarray(values)
    rows, columns = values.shape[:2]
    end = (np.abs(values).max() if largest is None else largest) or 1
    extent = (place[0], place[0] + columns * pitch, place[1] + rows * pitch, place[1])
    ax.imshow(values, colormap(role), vmin=-end, vmax=end, extent=extent, interpolation="nearest", zorder=zorder)
    return ax


def frame(ax, place, width, height, *, color="muted", linewidth=0.6, zorder=1):
    """Draw a plain rectangle in a colour of the palette, `width` by `height` cells at `place`."""
    ax.add_patch(Rectangle(place, width, height, fill=False, edgecolor=PALETTE["light"][color], linewidth=linewidth, zorder=zorder))
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
    """
    colors, tallest, gap = PALETTE["light"], max(widths), 3.2
    places = [[(gap * k, (tallest - width) / 2 + i) for i in range(width)] for k, width in enumerate(widths)]
    style = {"ha": "center", "va": "center", "fontsize": 15}
    for k, (left, right) in enumerate(zip(places, places[1:])):
        for end in right:
            for start in left:
                ax.plot(*zip(start, end), color=colors["weight"], alpha=0.55, linewidth=1.3, zorder=1)
        label = rf"$\Theta^{{({k + 1})}}$: {len(right)}×{len(left)}"
        ax.text(gap * (k + 0.5), tallest + 0.25, label, color=colors["weight"], **style)
    for k, layer in enumerate(places):
        role = "output" if k else "input"
        for place in layer:
            ax.add_patch(Circle(place, 0.3, facecolor=colors[f"{role}_zero"], edgecolor=colors[role], linewidth=2, zorder=2))
        name = rf"$a^{{({k + 1})}}$"
        ends = {0: " $= x$", len(places) - 1: r" $= \hat{y}$"}
        ax.text(gap * k, -1.1, name + ends.get(k, ""), color=colors["ink"], **style)
    ax.set(xlim=(-1, gap * (len(widths) - 1) + 1), ylim=(tallest + 0.7, -1.6), aspect="equal")
    ax.set_axis_off()
    return ax


def text_scale(texts, most=0.36):
    """Return the height of text, as a share of its cell, at which the longest of `texts` fits.

    >>> text_scale(["1", "0"]), text_scale(["−0.13"])
    (0.36, 0.24)
    """
    return min(most, 1.2 / max(map(len, texts), default=1))


def points(ax, height):
    """Return the font size, in points, that is `height` cells high on a `canvas`."""
    figure = ax.figure
    return height * figure.get_figwidth() / ax.get_xlim()[1] * 72


def scale_end(output):
    """Return where the zero-centred scale of an output map ends.

    A few strong edges would leave everything else pale: the strongest hundredth shares the end.

    Parameters
    ----------
    output : ndarray, shape (OH, OW)

    Returns
    -------
    float
        Two significant digits, above 0.

    Examples
    --------
    >>> scale_end(np.array([[-123.0, 4.0, 8.0]]))
    130.0
    """
    # Every seventh value tells as much as all, and sorts in a tenth of the time.
    sizes = np.sort(np.abs(output.ravel()[::7]))
    end = sizes[int(0.99 * (len(sizes) - 1))] or np.abs(output).max()
    if end == 0:
        return 1.0
    digit = 10.0 ** (math.floor(math.log10(end)) - 1)
    return float(f"{math.ceil(end / digit - 1e-9) * digit:.12g}")


def signed_pixels(output, end):
    """Return the colours of signed values on the zero-centred scale that ends at ±`end`.

    Returns
    -------
    ndarray of uint8, shape (OH, OW, 3)
    """
    colors = [shade(level, 255, "output") for level in range(-255, 256)]
    table = np.array([[int(color[i : i + 2], 16) for i in (1, 3, 5)] for color in colors], np.uint8)
    levels = np.floor(output / end * 255 + 0.5).clip(-255, 255).astype(int)
    return table[levels + 255]


def grey_pixels(output):
    """Return values as an image viewer shows them: rounded, below 0 black, above 255 white.

    Returns
    -------
    ndarray of uint8, shape (OH, OW, 3)
    """
    levels = np.floor(np.asarray(output) + 0.5).clip(0, 255).astype(np.uint8)
    return np.repeat(levels[..., None], 3, axis=2)


def scale_bar(ax, end=None, *, fontsize=None):
    """Fill `ax`, a small wide box, with the scale of an output map: ±`end`, or grey levels without one.

    Returns
    -------
    matplotlib.axes.Axes
        Its ends are written beside it.
    """
    steps = np.linspace(-1, 1, 201)[None]
    ends = ("≤ 0", "≥ 255") if end is None else (f"≤ {format_number(-end)}", f"≥ {format_number(end)}")
    pixels = grey_pixels((steps + 1) * 127.5) if end is None else signed_pixels(steps, 1)
    ax.imshow(pixels, aspect="auto", extent=(0, 1, 0, 1))
    ax.set_axis_off()
    style = {"color": PALETTE["light"]["muted"], "va": "center", "fontsize": fontsize}
    ax.text(-0.05, 0.5, ends[0], ha="right", **style)
    ax.text(1.05, 0.5, ends[1], ha="left", **style)
    return ax


def show_map(ax, output, title="", *, clip=False):
    """Show an output map with its scale below.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    output : array_like, shape (OH, OW)
    title : str, optional
    clip : bool, default False
        As an image viewer would: grey, below 0 black and above 255 white. Otherwise the
        zero-centred scale that ends at `scale_end`.

    Returns
    -------
    matplotlib.axes.Axes
    """
    output = np.asarray(output, float)
    end = None if clip else scale_end(output)
    ax.imshow(grey_pixels(output) if clip else signed_pixels(output, end), interpolation="nearest")
    ax.set_title(title)
    ax.set_axis_off()
    scale_bar(ax.inset_axes((0.3, -0.09, 0.4, 0.05)), end)
    return ax


def _rgb(color):
    return (int(color[i : i + 2], 16) for i in (1, 3, 5))


def _luminance(color):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in _rgb(color))]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


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
        A colour of `PALETTE`.
    marker, label : str, optional
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
        If a run is no row of finite numbers, or there is not one for each place.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> [str(one) for one in show_means(Figure().add_subplot(), [1, 2], [[4, 5, 6], [3]])]
    ['5 ± 2.48', '3 ± nan']
    """
    places, runs = list(places), list(runs)
    if len(places) != len(runs):
        raise ValueError(f"runs must be one row for each of {len(places)} places, got {len(runs)}")
    found = [estimate(row) for row in runs]
    color, means = PALETTE["light"][role], [one.mean for one in found]
    bars = [0 if np.isnan(one.half) else one.half for one in found]
    for place, row in zip(places, runs):
        dots = (row, [place] * len(row)) if horizontal else ([place] * len(row), row)
        ax.plot(*dots, ".", color=color, alpha=0.35, markersize=6, zorder=1)
    middle = {"x": means, "y": places, "xerr": bars} if horizontal else {"x": places, "y": means, "yerr": bars}
    ax.errorbar(**middle, fmt=marker, color=color, linestyle="-" if line else "none", linewidth=1.6, capsize=5,
                markersize=8, markeredgecolor=PALETTE["light"]["ink"], label=label, zorder=3)
    return found
