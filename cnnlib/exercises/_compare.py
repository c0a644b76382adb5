"""Compare an answer with the right one, and say in which general way it differs.

Sentences of here are for mistakes that no catalogue lists. They never print the right answer.
"""

import functools
import itertools

import numpy as np

from cnnlib._validate import as_array

DEEPEST = 8  # lists in lists; no exercise asks for half of it, and a list that holds itself has no end


def plain(value):
    """Return `value` as an array of numbers, a string, a tuple of such, or None if it is none of these."""
    try:
        return None if _deep(value) else _plain(value)
    except Exception:  # an object of the reader's own may raise anything when it is looked at
        return None


def _deep(value, most=DEEPEST):
    """Whether lists stand more than `most` deep in each other."""
    return isinstance(value, (tuple, list)) and (most == 0 or any(_deep(one, most - 1) for one in value))


def _plain(value):
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, (tuple, list)) and not all(isinstance(one, (int, float, np.number)) for one in value):
        try:
            return _numbers(value)
        except ValueError:  # parts of different shapes, or of other kinds
            parts = tuple(map(plain, value))
            return None if any(part is None for part in parts) else parts
    return _numbers(value)


def _numbers(value):
    """Return an array of numbers, none of them wider than a float is, or raise `ValueError`."""
    array = as_array("value must hold numbers", value)
    if array.dtype.kind not in "buif":
        raise ValueError(f"value must hold numbers, got {array.dtype}")
    with np.errstate(over="ignore"):  # what does not fit into a float is infinite
        return array.astype(float) if array.dtype.kind == "f" and array.dtype.itemsize > 8 else array


def same(answer, right, tolerance=0.0):
    """Whether two plain values agree, up to rounding and an absolute `tolerance`."""
    if isinstance(right, str) or isinstance(answer, str):
        return isinstance(right, str) and isinstance(answer, str) and answer.lower() == right.lower()
    if isinstance(right, tuple) or isinstance(answer, tuple):
        return (isinstance(answer, tuple) and isinstance(right, tuple) and len(answer) == len(right)
                and all(same(a, r, tolerance) for a, r in zip(answer, right)))
    if answer is None or right is None or answer.shape != right.shape:
        return False
    a, r = answer.astype(float), right.astype(float)
    if right.dtype.kind in "bui":  # whole numbers have no rounding; a thousandth is for sums of floats
        return bool(np.allclose(a, r, rtol=0, atol=max(tolerance, 1e-3)))
    finite = np.abs(r[np.isfinite(r)])
    return bool(np.allclose(a, r, rtol=1e-5, atol=tolerance + 1e-6 * finite.max(initial=0) + 1e-12, equal_nan=True))


def parts(value):
    """Return the arrays of a plain value as a list."""
    if isinstance(value, tuple):
        return [array for one in value for array in parts(one)]
    return [] if value is None or isinstance(value, str) else [value]


def near(answers, rights, tests=None):
    """Return a sentence on how all of `answers` differ from `rights`, or an empty one.

    Parameters
    ----------
    answers, rights : lists of arrays
        One for each try. Only what is true of every try is said.
    tests : list of functions, optional
        What to look for where the shapes agree; everything by default.
    """
    pairs = [(np.asarray(a), np.asarray(r)) for a, r in zip(answers, rights)]
    if not pairs:
        return ""
    if any(a.shape != r.shape for a, r in pairs):
        return _shape(pairs)
    whole = all(a.dtype.kind in "bui" for a, _ in pairs)
    pairs = [(a.astype(float), r.astype(float)) for a, r in pairs]
    if whole and (sentence := _cut(pairs)):
        return sentence
    tests = tests or [_rounded, _wrapped, _factor, _signs, _turned, _empty, _running, _alike, _offset, _border]
    return next((sentence for test in tests if (sentence := test(pairs))), "")


def near_value(answers, rights):
    """`near` for numbers that need have nothing to do with each other: there, a border means nothing."""
    return near(answers, rights, [_factor, _turned])


def _every(pairs, change):
    """Whether changing the right result in one way gives the answer, every time, and changes something."""
    changed = [(a, change(r), r) for a, r in pairs]
    return (all(c is not None and same(a, c) for a, c, _ in changed)
            and any(not same(c, r) for _, c, r in changed))


def _shape(pairs):
    """Where shapes differ."""
    if not any(r.ndim for _, r in pairs):
        only = all(a.size == 1 for a, _ in pairs)
        return "One number is asked for; yours is an array" + (", though of one number only." if only else ".")
    if not any(a.ndim for a, _ in pairs):
        for name, whole in {"sum": np.sum, "mean": np.mean, "maximum": np.max}.items():
            if all(r.size and same(a, np.asarray(whole(r))) for a, r in pairs):
                return f"You return one number, the {name} of all that are asked for."
        return "An array is asked for; yours is a single number."
    if len({array.ndim for pair in pairs for array in pair}) == 1:
        for axes in itertools.permutations(range(pairs[0][1].ndim)):
            if _every(pairs, functools.partial(np.transpose, axes=axes)):
                return "The numbers are right, but the axes are in another order: the result is transposed."
    if all(a.size == r.size and same(a.ravel(), r.ravel()) for a, r in pairs):
        if all(same(a.squeeze(), r.squeeze()) for a, r in pairs) and all(a.ndim > r.ndim for a, r in pairs):
            return "The numbers are right, but your result has an axis of length 1 too many: a bracket, or a `None`."
        return "The numbers are right, but they stand in an array of another shape."
    if any(a.ndim != r.ndim for a, r in pairs):
        a, r = next(pair for pair in pairs if pair[0].ndim != pair[1].ndim)
        axes = "1 axis" if a.ndim == 1 else f"{a.ndim} axes"
        return f"Your result has {axes}, and it should have {'more' if a.ndim < r.ndim else 'fewer'}."
    a, r = next(pair for pair in pairs if pair[0].shape != pair[1].shape)
    axis = next(k for k in range(a.ndim) if a.shape[k] != r.shape[k])
    where = f" along axis {axis}" if a.ndim > 1 else ""
    return f"Your result of shape {a.shape} is too {'long' if a.shape[axis] > r.shape[axis] else 'short'}{where}. " + (
        _overlap(pairs) or "Count once more how many places there are.")


def _overlap(pairs):
    """Where one of two arrays, each time the same, is a piece of the other: from its beginning, or to its end."""
    for short, long, words in ((0, 1, "missing"), (1, 0, "too much")):
        smaller, larger = [pair[short] for pair in pairs], [pair[long] for pair in pairs]
        if not all(s.size and np.all(np.less_equal(s.shape, b.shape)) for s, b in zip(smaller, larger)):
            continue
        if all(same(s, b[tuple(map(slice, s.shape))]) for s, b in zip(smaller, larger)):
            return f"As far as both go, it is right: what is {words} stands at the end."
        if all(same(s, b[tuple(slice(n - k, None) for k, n in zip(s.shape, b.shape))])
               for s, b in zip(smaller, larger)):
            return f"As far as both go, it is right: what is {words} stands at the beginning."
    return ""


def _cut(pairs):
    if _every(pairs, np.trunc):
        return "Your numbers are the right ones without what follows the point: " + (
            "the array that collects them holds integers only." if any(r.ndim for _, r in pairs)
            else "is there an `int(…)`, or a `//`?")
    return "Your numbers are rounded to whole ones." if _every(pairs, np.round) else ""


def _rounded(pairs):
    for places in range(1, 5):
        if _every(pairs, functools.partial(np.round, decimals=places)):
            return f"Your numbers are rounded to {places} place{'s' * (places > 1)}. Leave them as they come out."
    return "Your numbers are rounded to whole ones." if _every(pairs, np.round) else ""


def _wrapped(pairs):
    if _every(pairs, lambda r: r % 256):
        return "Your numbers begin again at 0 after 255: bytes (`uint8`) have overflowed."
    return ""


def _factor(pairs):
    if _every(pairs, np.negative):
        return "The size is right, but every sign is the wrong way round."
    ratios = []
    for a, r in pairs:
        used = np.abs(r) > 1e-9
        if not used.any() or not np.isfinite(a).all():
            continue
        ratios.append(np.median(a[used] / r[used]))
        if not same(a, ratios[-1] * r) or abs(ratios[-1]) < 1e-9 or (r.size == 1 and len(pairs) < 3):
            return ""
    if not ratios or np.allclose(ratios, 1):
        return ""
    if np.allclose(ratios, ratios[0], rtol=1e-4):
        return "All numbers are wrong by one and the same factor: something is multiplied in, or left out."
    if all(r.size > 1 for _, r in pairs):
        return ("Within one try all numbers are wrong by the same factor, and that factor changes with the input: "
                "is there a mean where a sum belongs, or a sum where a mean belongs?")
    return ""


def _signs(pairs):
    if _every(pairs, np.abs):
        return "The signs are lost: what should be negative is positive."
    if _every(pairs, functools.partial(np.maximum, 0)):
        return "What should be negative is 0."
    if _every(pairs, np.square):
        return "Your numbers are the squares of the right ones."
    return ""


def _turned(pairs):
    ndim = pairs[0][1].ndim
    if _every(pairs, lambda r: r.T if r.T.shape == r.shape else None):
        return "The result is transposed: rows and columns have changed places."
    for count in range(1, ndim + 1):
        for axes in itertools.combinations(range(ndim), count):
            if _every(pairs, functools.partial(np.flip, axis=axes)):
                return "The numbers are right, but they come in reverse order" + (
                    "." if ndim == 1 else f" along {'axis' if count == 1 else 'axes'} {', '.join(map(str, axes))}.")
    if ndim and all(a.size > 2 and same(np.sort(a, axis=None), np.sort(r, axis=None)) for a, r in pairs):
        return "The numbers are the right ones, in another order."
    return ""


def _empty(pairs):
    """Where little or nothing has been written."""
    if not all(a.ndim and a.size for a, _ in pairs):
        return ""
    if _every(pairs, np.zeros_like):
        return "Every number of your result is 0: is anything written into it?"
    if _every(pairs, lambda r: np.where(np.arange(r.size).reshape(r.shape) == 0, r, 0)):
        return "Only the first number is there, and the others are 0: does the `return` stand inside the loop?"
    if pairs[0][0].ndim > 1 and _every(pairs, lambda r: np.concatenate([r[:1], np.zeros_like(r[1:])])):
        return "Only the first row is there, and the others are 0: does the `return` stand inside the outer loop?"
    return ""


def _running(pairs):
    ndim = pairs[0][1].ndim
    if ndim and any(_every(pairs, lambda r, axis=axis: np.cumsum(r, axis).reshape(r.shape))
                    for axis in (None, *range(ndim))):
        return "Each number contains those before it: the sum is not set back to 0 for a new one."
    return ""


def _alike(pairs):
    def repeats(array):
        return all(np.array_equal(row, array[0]) for row in array)
    if all(a.ndim > 1 and len(a) for a, _ in pairs) and all(repeats(a) for a, _ in pairs) and any(
            not repeats(r) for _, r in pairs):
        return ("All rows of your result are the same. (If it began as `[[0] * n] * m`: that is one row, m times, and "
                "what is written into it stands in all.)")
    return ""


def _offset(pairs):
    if any(r.size > 1 for _, r in pairs) and all(
            r.size and np.isfinite(a).all() and np.ptp(a - r) <= 1e-9 * max(1, np.abs(r).max()) for a, r in pairs):
        return "All numbers of a try are off by the same amount: something is added, or forgotten."
    return ""


def _border(pairs):
    """Mistakes at the border only: at one end, or all around."""
    ndim = pairs[0][0].ndim
    if not all(a.ndim and min(a.shape) > 1 for a, _ in pairs) or not any(min(a.shape) > 2 for a, _ in pairs):
        return ""
    for axis in range(ndim):
        name = "number" if ndim == 1 else {1: "column", 2: "row"}.get(ndim - axis, f"index of axis {axis}")
        for end, piece, question in (("last", slice(-1), "does a loop end too early"),
                                     ("first", slice(1, None), "does a loop begin too late")):
            inside = (slice(None),) * axis + (piece,)
            if all(same(a[inside], r[inside]) for a, r in pairs):
                return f"Only the {end} {name} is wrong: {question}?"
    inside = (slice(1, -1),) * ndim
    if all(min(a.shape) > 2 and same(a[inside], r[inside]) for a, r in pairs):
        return "The inside is right; only at the border are there other numbers."
    return ""
