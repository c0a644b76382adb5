"""How a lecture shows a figure: one style for all, on the page's own ground, and words that say what it shows.

>>> import matplotlib.pyplot as plt
>>> plt.style.use(STYLE)                                             # doctest: +SKIP
>>> show("The error falls from 90 to 10 percent within 30 steps.")   # doctest: +SKIP
"""

import base64
from io import BytesIO

import matplotlib
import numpy as np
from matplotlib import cbook
from matplotlib.figure import Figure
from matplotlib.mathtext import MathTextParser
from matplotlib.text import Text
from PIL import Image

from cnnlib.colours import INKS

__all__ = ["COLUMN", "STYLE", "show", "smallest_text"]

LEGIBLE = 9  # pixels of text
COLUMN = 350  # pixels of a notebook's column on a phone 390 pixels wide

# Matplotlib's own names. Nothing has a ground; lines and words have inks that read on white and on black.
STYLE = {
    "figure.facecolor": "none", "axes.facecolor": "none", "savefig.facecolor": "none",
    "figure.dpi": 100, "figure.figsize": (6.8, 3.6), "figure.constrained_layout.use": True,
    "font.size": 13, "axes.titlesize": "medium", "axes.labelsize": "medium", "figure.titlesize": "medium",
    "xtick.labelsize": "medium", "ytick.labelsize": "medium", "legend.fontsize": "medium",
    "text.color": INKS["ink"], "axes.labelcolor": INKS["ink"], "axes.edgecolor": INKS["ink"],
    "xtick.color": INKS["ink"], "ytick.color": INKS["ink"],
    "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False,
    "grid.color": INKS["ink"], "grid.alpha": 0.35, "lines.linewidth": 2.2, "patch.edgecolor": INKS["ink"],
    "axes.prop_cycle": matplotlib.cycler(color=[INKS["input"], INKS["weight"], INKS["output"], INKS["negative"]]),
    "image.cmap": "gray", "image.interpolation": "nearest",
}


def show(alt, figure=None):
    """Show a figure in a notebook, together with the words that stand for it where it cannot be seen.

    The words are stored in the output's metadata, as those of the picture. Site and slides take them from there.

    Parameters
    ----------
    alt : str
        What the figure shows, as one would tell it over the telephone: one to three sentences, not its title.
    figure : matplotlib.figure.Figure, optional
        Default the one that pyplot is at.

    Raises
    ------
    TypeError, ValueError
        If `alt` is no text or says nothing, or `figure` is no figure.
    """
    from IPython.display import display
    from matplotlib import pyplot

    if not isinstance(alt, str):
        raise TypeError(f"alt must be text, got {alt!r:.80}")
    if len(alt.split()) < 4:
        raise ValueError(f"alt must say in a sentence what the figure shows, got {alt!r}")
    if figure is None:
        figure = pyplot.gcf()
    content, metadata = picture(_check_figure(figure))
    pyplot.close(figure)
    data = base64.b64encode(content).decode("ascii")  # the browser's kernel does not do that by itself
    display({"image/png": data, "text/plain": repr(figure)}, metadata={"image/png": {**metadata, "alt": alt}}, raw=True)


def picture(figure):
    """Return a figure as the bytes of a PNG, with its width and the size of its smallest text in a page's pixels.

    Where its text could not be read on a phone, the figure keeps its size there and scrolls.
    `matplotlib.rcParams["savefig.dpi"]` makes it sharper, and never larger.
    """
    file = BytesIO()
    figure.savefig(file, format="png", bbox_inches="tight", pad_inches=0.05)
    size = _smallest_text(figure)  # now that it has been drawn: ticks have no words before
    content = with_palette(file.getvalue())
    sharpness = matplotlib.rcParams["savefig.dpi"]
    pixels = int.from_bytes(content[16:20], "big")  # a PNG says its width there
    width = round(pixels if sharpness == "figure" else pixels * figure.dpi / sharpness)
    metadata = {"width": width}
    if size is not None:
        natural = size * figure.dpi / 72
        shrunk = natural * min(1, COLUMN / width)
        metadata["smallest_text"] = round(shrunk if shrunk >= LEGIBLE else natural, 1)
        if shrunk < LEGIBLE:
            metadata["unconfined"] = True  # JupyterLab's word for a picture that scrolls rather than shrinks
    return content, metadata


def with_palette(content):
    """Return a PNG with one byte a pixel in place of four, where 256 colours are nearly all that it has.

    What is left, one pixel in 200 at most, takes the nearest of them: a shade at the edge of a letter.
    """
    pixels = np.array(Image.open(BytesIO(content)).convert("RGBA"))
    everywhere = pixels.view(np.uint32).ravel()
    ground = everywhere[0]  # of nearly all pixels: the others alone are sorted in a fraction of the time
    drawn = np.flatnonzero(everywhere != ground)
    codes, found, counts = np.unique(everywhere[drawn], return_inverse=True, return_counts=True)
    codes, counts = np.append(codes, ground), np.append(counts, everywhere.size - drawn.size)
    where = np.full(everywhere.size, codes.size - 1)
    where[drawn] = found
    common = np.argsort(-counts, kind="stable")[:256]
    if counts[common].sum() < 0.995 * counts.sum():
        return content
    colors = codes.view(np.uint8).reshape(-1, 4)
    palette = colors[common]
    nearest = [np.square(palette - color.astype(int)).sum(axis=1).argmin() for color in colors]
    picture = Image.fromarray(np.array(nearest, np.uint8)[where].reshape(pixels.shape[:2]))
    picture.putpalette(palette[:, :3].tobytes())
    file = BytesIO()
    picture.save(file, "PNG", optimize=True, transparency=palette[:, 3].tobytes())
    return file.getvalue()


def smallest_text(figure):
    """Return the size, in points, of the smallest words that a figure shows, None where it has none.

    An index or an exponent counts by its own size, which is 0.7 of its letter's.
    """
    _check_figure(figure).canvas.draw()
    return _smallest_text(figure)


def _check_figure(figure):
    if not isinstance(figure, Figure):
        raise TypeError(f"figure must be a Matplotlib figure, got {figure!r:.80}")
    return figure


def _smallest_text(figure):
    seen = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    return min((size for text in seen for size in _sizes(text)), default=None)


def _sizes(text):
    """Return the sizes, in points, of a text's signs."""
    if not cbook.is_math_text(text.get_text()):
        return [text.get_fontsize()]
    glyphs = MathTextParser("path").parse(text.get_text(), 72, text.get_fontproperties()).glyphs
    return [glyph[1] for glyph in glyphs]

