"""A lecture's figures on a page that has two themes: the stored picture in the ink of each, and its words.

A stored figure has one ink, which reads on any ground and is strong on none (`cnnlib.showing`). A page that
knows its ground does better: it shows one of two renditions, by the classes ``only-light`` and ``only-dark``.
"""

import base64
import html
from io import BytesIO

import numpy as np
from PIL import Image

from cnnlib.colours import INKS, PALETTE
from cnnlib.showing import with_palette

_NEAR = 2  # pixels from one of ink to its edge, at most: no line and no letter of a figure is thicker than 4
_MARK = 10  # pixels from the middle of a mark to its edge, at most
_INK = np.array([int(INKS["ink"][place : place + 2], 16) for place in (1, 3, 5)])


def is_figure(output):
    """Whether a stored output is a figure, as `cnnlib.showing.show` makes them."""
    return "alt" in output.get("metadata", {}).get("image/png", {})


def figure_html(output, address, lazy=False):
    """Return both renditions of a stored figure, with its words.

    Parameters
    ----------
    output : NotebookNode
        As `is_figure` knows it.
    address : callable
        Given the bytes of a PNG, returns where a page finds them.
    lazy : bool, optional
        Whether a browser may wait with each until it is about to show: the other theme's is never asked for.
    """
    content = base64.b64decode("".join(output["data"]["image/png"]))
    stored = output["metadata"]["image/png"]
    alt, width = html.escape(stored["alt"], quote=True), stored["width"]
    late = ' loading="lazy"' if lazy else ""
    kind = "cnn-figure cnn-wide" if stored.get("unconfined") else "cnn-figure"  # one that scrolls on a phone
    return "".join(
        f'<img{late} class="{kind} only-{theme}" src="{html.escape(address(in_theme(content, theme)), quote=True)}" '
        f'alt="{alt}" width="{width}">' for theme in PALETTE
    )


def in_theme(content, theme):
    """Return a PNG whose lines and words have the ink of a theme in place of the one for any ground.

    What has the colour of ink by chance, as in a photograph, lies among opaque pixels and stays. The face of a
    mark does so too, and yet it is ink: it hangs together with an edge that lies on the page's ground.

    Parameters
    ----------
    content : bytes
    theme : {"light", "dark"}

    Returns
    -------
    bytes
    """
    pixels = np.array(Image.open(BytesIO(content)).convert("RGBA"))
    inked = (abs(pixels[..., :3].astype(int) - _INK) <= 3).all(axis=-1)
    open_ = np.pad(pixels[..., 3] < 255, _NEAR, constant_values=True)
    reach = 2 * _NEAR + 1
    beside = np.lib.stride_tricks.sliding_window_view(open_, (reach, reach)).any(axis=(2, 3))
    chosen = inked & beside
    for _ in range(_MARK - _NEAR):
        chosen = inked & _spread(chosen)
    ink = PALETTE[theme]["ink"]
    pixels[chosen, :3] = [int(ink[place : place + 2], 16) for place in (1, 3, 5)]
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG", optimize=True)
    return with_palette(file.getvalue())


def _spread(chosen):
    """Return what is chosen with its neighbours above, below, left and right."""
    wide = chosen.copy()
    for here, there in ((np.s_[1:], np.s_[:-1]), (np.s_[:, 1:], np.s_[:, :-1])):
        wide[here] |= chosen[there]
        wide[there] |= chosen[here]
    return wide
