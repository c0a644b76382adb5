"""Colours and numbers as figures and widgets show them.

One meaning, one colour: inputs blue, weights warm, outputs green, negative values violet. The
widgets get `PALETTE` from here together with their script, so there is no second copy.
"""

import math
import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

import numpy as np

from cnnlib._validate import (
    check_array,
    check_bool,
    check_choice,
    check_finite,
    check_mask,
    check_number,
    check_text,
)

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

# A figure lies on the page's own ground, which is white here and nearly black there. No ink has a contrast of
# 4.5 to both; this one comes as near to it as one can, and all the others have 3 on either.
INKS = PALETTE["light"] | {
    "ink": "#6f7a8e",
    "muted": "#6f7a8e",
    "window": "#6f7a8e",
    "line": "#bcc4d1",
    "alert": "#c23a33",
    "negative": "#8757c5",
    "theta": ["#c94a1b", "#95710a", "#b0417c", "#3b7d8c", "#6a7a1f", "#8a6845", "#6064b0"],
}

UNFOCUSED = 0.4  # how much of its strength a cell outside the window keeps
ROLES = ("input", "weight", "output")


def format_number(value):
    """Return `value` with at most two decimals and a true minus sign.

    Parameters
    ----------
    value : float
        From 10²¹ on it is written as "1e+21"; what is no finite number is "NaN", "∞" or "−∞".

    Returns
    -------
    str

    Raises
    ------
    TypeError, ValueError
        If `value` is no number, or an integer of more than 300 digits.

    Examples
    --------
    >>> format_number(4.0), format_number(-0.125), format_number(-0.001)
    ('4', '−0.13', '0')
    """
    if not isinstance(value, (bool, int, float, np.bool_, np.integer, np.floating)):
        raise TypeError(f"value must be a number, got {value!r:.80}")
    if isinstance(value, int) and abs(value) > 10**300:
        raise ValueError(f"value must be a number up to 1e300 in size, got one of {value.bit_length()} bits")
    value = float(value)
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else "−∞"
    if abs(value) >= 1e21:
        return repr(value).replace("-", "−", value < 0)
    # Half away from zero on the exact binary value, as JavaScript's toFixed does.
    text = str(Decimal(value).quantize(Decimal("0.01"), ROUND_HALF_UP)).rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text.replace("-", "−")


def text_scale(texts, most=0.36):
    """Return the height of text, as a share of its cell, at which the longest of `texts` fits.

    >>> text_scale(["1", "0"]), text_scale(["−0.13"])
    (0.36, 0.24)
    """
    if isinstance(texts, (str, np.ndarray)) or not isinstance(texts, Iterable):
        raise TypeError(f"texts must be several texts, got {texts!r:.80}")
    texts = [check_text("texts", text) for text in texts]
    most = check_number("most", most, 1e-6, 1e6)
    return min(most, 1.2 / max(map(len, texts), default=1)) if any(texts) else most


def mix(first, second, share):
    """Return the colour `share`, 0 to 1, of the way from `first` to `second`, all as ``#rrggbb``.

    >>> mix("#000000", "#ffffff", 0.5)
    '#808080'
    """
    first, second, share = _rgb("first", first), _rgb("second", second), check_number("share", share, 0, 1)
    channels = (int(a + (b - a) * share + 0.5) for a, b in zip(first, second))
    return "#" + "".join(f"{channel:02x}" for channel in channels)


def contrast(first, second):
    """Return the contrast ratio of two colours, 1 to 21, as WCAG 2 defines it.

    >>> contrast("#ffffff", "#000000")
    21.0
    """
    low, high = sorted((_luminance("first", first), _luminance("second", second)))
    return (high + 0.05) / (low + 0.05)


def readable(fill, theme="light"):
    """Return the text colour for `fill`: the theme's ink where it has a contrast of 4.5, else white or black."""
    check_choice("theme", theme, tuple(PALETTE))
    light = _luminance("fill", fill) + 0.05
    for ink in (PALETTE[theme]["ink"], "#ffffff"):
        other = _luminance("ink", ink) + 0.05
        if max(light, other) / min(light, other) >= 4.5:
            return ink
    return "#000000"


def shade(value, largest, role="input", theme="light", focus=True):
    """Return the fill for `value` on the zero-centred scale of `role` that ends at ±`largest`.

    Parameters
    ----------
    value : float
    largest : float
        At least 0.
    role : {"input", "weight", "output"}
    theme : {"light", "dark"}
    focus : bool, default True
        Cells outside the window keep `UNFOCUSED` of their strength.

    Returns
    -------
    str
        ``#rrggbb``.
    """
    value, largest = check_number("value", value), check_number("largest", largest, 0)
    check_choice("role", role, ROLES)
    check_choice("theme", theme, tuple(PALETTE))
    palette, focus = PALETTE[theme], check_bool("focus", focus)
    strength = min(abs(value) / largest, 1) if largest > 0 else 0
    return mix(
        palette[f"{role}_zero"], palette["negative" if value < 0 else role], strength * (1 if focus else UNFOCUSED)
    )


def shades(values, largest, role="input", focus=True):
    """Return what `shade` makes of each number of an array, in the light theme.

    Parameters
    ----------
    values : array_like of finite numbers
    largest : float
    role : {"input", "weight", "output"}
    focus : bool or ndarray of bool, like `values`

    Returns
    -------
    ndarray of uint8, shape (..., 3)

    Examples
    --------
    >>> shades([[-1, 0, 1]], 1, "output").tolist() == [
    ...     [list(bytes.fromhex(shade(value, 1, "output")[1:])) for value in (-1, 0, 1)]]
    True
    """
    values, largest = check_array("values", values, None).astype(float), check_number("largest", largest, 0)
    check_finite("values", values)
    focus = focus if isinstance(focus, (bool, np.bool_)) else check_mask("focus", focus, values.shape)
    palette = {name: np.array(_rgb(name, PALETTE["light"][name]), float)
               for name in (f"{check_choice('role', role, ROLES)}_zero", role, "negative")}
    strength = np.minimum(np.abs(values), largest) / largest if largest > 0 else np.zeros(values.shape)
    strength = (strength * np.where(focus, 1, UNFOCUSED))[..., None]
    zero, end = palette[f"{role}_zero"], np.where(values[..., None] < 0, palette["negative"], palette[role])
    return np.floor(zero + (end - zero) * strength + 0.5).astype(np.uint8)


def strongest(values):
    """Return the largest absolute value of an array as a float, of its finite numbers; 0 if it has none.

    Examples
    --------
    >>> strongest(np.array([1.0, -3.0, np.nan]))
    3.0
    """
    values = check_array("values", values, None).astype(float)
    return float(np.abs(values[np.isfinite(values)]).max(initial=0))


def scale_end(output):
    """Return where the zero-centred scale of an output map ends.

    A few strong edges would leave everything else pale: the strongest hundredth shares the end.

    Parameters
    ----------
    output : array_like of finite numbers

    Returns
    -------
    float
        Two significant digits, above 0.

    Examples
    --------
    >>> scale_end(np.array([[-123.0, 4.0, 8.0]]))
    130.0
    """
    output = check_array("output", output, None)
    check_finite("output", output)
    # Every seventh value tells as much as all, and sorts in a tenth of the time.
    sizes = np.sort(np.abs(output.ravel()[::7].astype(float)))
    end = sizes[int(0.99 * (len(sizes) - 1))] or np.abs(output.astype(float)).max()
    if end < 1e-290:  # as good as 0; dividing by so little would overflow
        return 1.0
    digit = 10.0 ** (math.floor(math.log10(end)) - 1)
    return float(f"{math.ceil(end / digit - 1e-9) * digit:.12g}")


def signed_pixels(output, end):
    """Return the colours of signed values on the zero-centred scale that ends at ±`end`.

    Parameters
    ----------
    output : array_like of finite numbers
    end : float
        Above 0.

    Returns
    -------
    ndarray of uint8, shape (..., 3)
    """
    output = check_array("output", output, None).astype(float)
    check_finite("output", output)
    end = check_number("end", end, 0, open_low=True)
    table = shades(np.arange(-255, 256), 255, "output")
    levels = np.floor(output.clip(-end, end) / end * 255 + 0.5).astype(int)
    return table[levels + 255]


def grey_pixels(output):
    """Return finite values as an image viewer shows them: rounded, below 0 black, above 255 white.

    Returns
    -------
    ndarray of uint8, shape (..., 3)
    """
    output = check_array("output", output, None)
    check_finite("output", output)
    levels = np.floor(output.clip(0, 255) + 0.5).astype(np.uint8) if output.dtype.kind == "f" else output.clip(0, 255)
    return np.repeat(levels[..., None].astype(np.uint8), 3, axis=-1)


def _rgb(name, color):
    if not isinstance(color, str) or not re.fullmatch("#[0-9a-fA-F]{6}", color):
        raise ValueError(f"{name} must be a colour such as '#0a64c8', got {color!r:.80}")
    return tuple(int(color[i : i + 2], 16) for i in (1, 3, 5))


def _luminance(name, color):
    levels = (level / 255 for level in _rgb(name, color))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in levels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
