"""Digits by one hand that never was: ten models of strokes, drawn anew each time with an unsteady pen.

They stand for drawings that one person makes with a mouse on a small grid. The models and the size
of the tremble are made up: a result on them shows what *can* be, not what was.
"""

from itertools import pairwise

import numpy as np

from cnnlib._validate import check_any_array, check_int, check_number, check_rng, check_size

# Points that the pen passes, (across, down) in a box of side 1; one list a stroke.
MODELS = (
    [[(0.5, 0), (0.15, 0.15), (0, 0.5), (0.15, 0.85), (0.5, 1), (0.85, 0.85), (1, 0.5), (0.85, 0.15), (0.5, 0)]],
    [[(0.25, 0.2), (0.55, 0), (0.55, 1)]],
    [[(0.05, 0.25), (0.2, 0.05), (0.5, 0), (0.85, 0.1), (0.95, 0.3), (0.7, 0.6), (0, 1), (1, 1)]],
    [[(0.05, 0.1), (0.5, 0), (0.9, 0.2), (0.8, 0.4), (0.4, 0.48)],
     [(0.4, 0.48), (0.9, 0.6), (0.95, 0.8), (0.5, 1), (0, 0.9)]],
    [[(0.65, 0), (0, 0.65), (1, 0.65)], [(0.7, 0.3), (0.7, 1)]],
    [[(0.95, 0), (0.15, 0), (0.1, 0.45), (0.6, 0.4), (0.95, 0.6), (0.9, 0.85), (0.5, 1), (0, 0.9)]],
    [[(0.8, 0), (0.35, 0.2), (0.05, 0.6), (0.15, 0.9), (0.5, 1), (0.9, 0.85), (0.85, 0.6), (0.5, 0.5), (0.1, 0.65)]],
    [[(0, 0), (1, 0), (0.6, 0.5), (0.4, 1)]],
    [[(0.5, 0.48), (0.1, 0.3), (0.2, 0.05), (0.5, 0), (0.8, 0.05), (0.9, 0.3), (0.5, 0.48), (0, 0.75), (0.15, 0.95),
      (0.5, 1), (0.85, 0.95), (1, 0.75), (0.5, 0.48)]],
    [[(0.9, 0.3), (0.6, 0.5), (0.15, 0.4), (0.1, 0.15), (0.45, 0), (0.85, 0.1), (0.9, 0.3), (0.85, 0.7), (0.6, 1)]],
)


def draw_digits(digits, rng, *, jitter=0.6, shape=(16, 13)):
    """Return one drawing of each digit that is asked for, black on white, no two alike.

    The pen goes straight from point to point of the digit's model. Each point is displaced at
    random, and so are the size and the slant of the whole; a pixel is ink if the pen passes its
    middle at less than 0.75 pixels.

    Parameters
    ----------
    digits : array_like of int, shape (N,)
        0 to 9.
    rng : numpy.random.Generator or int
    jitter : float, default 0.6, in [0, 1000]
        Standard deviation of a point's displacement, in pixels, in each direction. The size varies
        by a tenth of it, the slant by a tenth of a pixel a row for each pixel of it.
    shape : (int, int), default (16, 13)
        Rows and columns.

    Returns
    -------
    ndarray of uint8, shape (N, rows, columns)
        255 for ink, 0 for paper.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind, shape or range.

    Examples
    --------
    A steady hand draws a digit the same way each time:

    >>> for row in draw_digits([7], rng=0, jitter=0, shape=(8, 7))[0]:
    ...     print("".join("·#"[pixel // 255] for pixel in row))
    ·······
    ·#####·
    ····##·
    ···##··
    ···##··
    ···#···
    ··##···
    ·······
    """
    digits = check_any_array("digits", digits)
    if digits.ndim != 1 or digits.dtype.kind not in "iu" or not np.isin(digits, range(10)).all():
        raise ValueError(f"digits must be a list of integers from 0 to 9, got {digits!r:.60}")
    rng, jitter = check_rng(rng), check_number("jitter", jitter, 0, 1000)
    if not isinstance(shape, (tuple, list)) or len(shape) != 2:
        raise TypeError(f"shape must be two integers (rows, columns), got {shape!r:.60}")
    rows, columns = (check_int("shape", side, 5) for side in shape)
    check_size("digits and shape", (len(digits), rows, columns, 2))
    drawn = [_draw(MODELS[digit], rng, jitter, rows, columns) for digit in digits]
    return np.array(drawn, np.uint8).reshape(-1, rows, columns)


def _draw(strokes, rng, jitter, rows, columns):
    size = np.array([columns - 3, rows - 3]) * (1 + 0.1 * jitter * rng.normal(size=2)).clip(0.5, 1.1)
    middle, slant = np.array([columns - 1, rows - 1]) / 2, 0.1 * jitter * rng.normal()
    down, across = np.mgrid[:rows, :columns]
    pixels = np.stack([across, down], axis=-1)
    ink = np.zeros((rows, columns), bool)
    for stroke in strokes:
        path = (np.array(stroke) - 0.5) * size
        path[:, 0] -= slant * path[:, 1]
        path += middle + jitter * rng.normal(size=path.shape)
        for start, end in pairwise(path):
            ink |= _distance(pixels, start, end) < 0.75
    return 255 * ink


def _distance(points, start, end):
    """From each point to the straight line between start and end."""
    way = end - start
    along = ((points - start) @ way / max(way @ way, 1e-12)).clip(0, 1)
    return np.linalg.norm(points - start - along[..., None] * way, axis=-1)
