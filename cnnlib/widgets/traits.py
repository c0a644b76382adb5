"""Traits of the widgets: what a widget cannot show is refused, in one style of message.

A check is made in two steps, as traitlets has them. `Checked.validate` looks at the value alone,
whether it comes from a constructor, an assignment or the page. What depends on other traits (does
the kernel fit into the image?) is looked at once all that change together have their new values.
"""

import unicodedata

import numpy as np
from traitlets import TraitError, TraitType

from cnnlib._validate import check_array, check_finite, check_int

LIMIT = 10_000  # of numbers that are shown and edited: a cell has no room for more digits
LONGEST = 80  # characters of a name
TURNING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # change the direction of reading
CONTROLS = "Cc", "Cs", "Zl", "Zp"  # kinds of characters that are none to read
NOTHING = 1e-100  # what is closer to 0 is 0: no quotient of two numbers overflows


class InvalidTrait(TraitError, ValueError):
    """A value that a widget refuses.

    traitlets restores the values of before only for its own error; callers expect `ValueError`.
    """


class Held(list):
    """A list that a widget holds: like any list, but its elements are not to be assigned.

    Nobody would hear of it: what follows from the list would stay as it was, and the page too. A new list is
    assigned instead; ``widget.signal += [1]`` does that. Copies and slices are lists of the reader's own.

    Examples
    --------
    >>> numbers = held([1, 2])
    >>> numbers == [1, 2], numbers + [3]
    (True, [1, 2, 3])
    >>> numbers[0] = 5
    Traceback (most recent call last):
    TypeError: a list that a widget holds cannot be changed in place: assign a new one, such as a changed list(…) of it
    """

    def _refuse(self, *_, **__):
        kind = "dict" if isinstance(self, dict) else "list"
        raise TypeError(
            f"a {kind} that a widget holds cannot be changed in place: assign a new one, "
            f"such as a changed {kind}(…) of it"
        )

    append = clear = extend = insert = pop = remove = reverse = sort = __setitem__ = __delitem__ = _refuse

    def __iadd__(self, other):
        return [*self, *other]

    def __imul__(self, count):
        return self * count

    def __reduce_ex__(self, protocol):
        return list, (list(self),)


class HeldDict(dict):
    """A dict that a widget holds, as `Held` is a list."""

    __setitem__ = __delitem__ = clear = pop = popitem = setdefault = update = Held._refuse

    def __ior__(self, other):
        return self | other

    def __reduce_ex__(self, protocol):
        return dict, (dict(self),)


def held(value):
    """Return what a widget keeps and hands out: a read-only copy of an array, lists and dicts as `Held`, nested too."""
    if isinstance(value, np.ndarray) and (value.flags.writeable or value.base is not None):
        value = value.copy()
        value.flags.writeable = False
    if isinstance(value, list) and not isinstance(value, Held):
        return Held([held(one) if isinstance(one, (list, dict)) else one for one in value])
    if isinstance(value, dict) and not isinstance(value, HeldDict):
        return HeldDict({key: held(one) for key, one in value.items()})
    return value


class Checked(TraitType):
    """A trait of which `check` returns the value to keep, or raises `TypeError` or `ValueError`.

    What it keeps cannot be changed behind the widget's back, see `held`.

    Parameters
    ----------
    check : callable
        Takes the trait's name and the value. None is a value like any other.
    default_value : optional
    """

    def __init__(self, check, default_value=None):
        super().__init__(default_value)
        self.check = check

    def validate(self, obj, value):
        return held(self.checked(value))

    def checked(self, value):
        """Return the value to keep, or raise `InvalidTrait`."""
        return checked(self.check, self.name, value)


class Whole(Checked):
    """An integer from `least` to `most`."""

    def __init__(self, least=0, most=None, default_value=None):
        default_value = least if default_value is None else default_value
        super().__init__(lambda name, value: whole(name, value, least, most), default_value)


class Index(Checked):
    """One of so many things, by its number; `count` says how many the widget has now.

    Parameters
    ----------
    count : callable
        Takes the widget, returns an integer above 0.
    """

    def __init__(self, count):
        super().__init__(whole, 0)
        self.count = count

    def _cross_validate(self, obj, value):
        if value >= (count := self.count(obj)):
            raise InvalidTrait(f"{self.name} must be an integer in 0..{count - 1}, got {value}")
        return super()._cross_validate(obj, value)

    def inside(self, obj, value):
        """Return the nearest index that the widget has."""
        return min(value, self.count(obj) - 1)


class Cell(Checked):
    """A cell of a grid as [row, column]; `shape` says how many rows and columns the widget has now."""

    def __init__(self, shape):
        super().__init__(_pair, (0, 0))
        self.shape = shape

    def _cross_validate(self, obj, value):
        for axis, (place, count) in enumerate(zip(value, self.shape(obj))):
            if place >= count:
                raise InvalidTrait(f"{self.name}[{axis}] must be an integer in 0..{count - 1}, got {place}")
        return super()._cross_validate(obj, value)

    def inside(self, obj, value):
        """Return the nearest cell that the widget has."""
        return [min(place, count - 1) for place, count in zip(value, self.shape(obj))]


class Numbers(Checked):
    """An array of finite numbers, kept as nested lists, which is what travels to the browser.

    Parameters
    ----------
    ndim : int
    most : int, optional
        Entries of an axis.
    low, high : float
        Numbers smaller than 1e-100 in size become 0.
    """

    def __init__(self, ndim, most=None, low=-LIMIT, high=LIMIT):
        super().__init__(lambda name, value: as_numbers(name, value, ndim, most, low, high))


class Choice(Checked):
    """One of `choices`, texts or integers; the first if nothing is said."""

    def __init__(self, *choices):
        super().__init__(lambda name, value: choice(name, value, choices), choices[0])


class Flag(Checked):
    """True or False."""

    def __init__(self):
        super().__init__(_flag, False)


class Picture(Checked):
    """Grey levels 0..255 as `packed` makes them, or None; the page may set them: a picture of the reader's own.

    Parameters
    ----------
    least, most : int
        Rows and columns.
    """

    def __init__(self, least, most):
        super().__init__(lambda name, value: _picture(name, value, least, most))


def packed(pixels):
    """Return a picture as it travels to the page.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (H, W)

    Returns
    -------
    dict
        "shape" and "bytes", row by row; "start", the pixel in the middle: where to begin.
    """
    return {"shape": list(pixels.shape), "start": [size // 2 for size in pixels.shape], "bytes": pixels.tobytes()}


def unpacked(picture):
    """Return the pixels of a picture that was `packed`, an ndarray of uint8."""
    return np.frombuffer(picture["bytes"], np.uint8).reshape(picture["shape"])


def _picture(name, value, least, most):
    if value is None:
        return None
    need = f"{name} must be a picture with its shape and its bytes"
    if not isinstance(value, dict) or not isinstance(value.get("bytes"), (bytes, bytearray, memoryview)):
        raise TypeError(f"{need}, got {value!r:.80}")
    shape, data = value.get("shape"), bytes(value["bytes"])
    if not isinstance(shape, (list, tuple)) or len(shape) != 2:
        raise TypeError(f"{need}, got shape {shape!r:.80}")
    height, width = (whole(f"{name} side", size, least, most) for size in shape)
    if len(data) != height * width:
        raise ValueError(f"{name} must have a byte for each pixel, got {len(data)} bytes for {height}×{width}")
    return packed(np.frombuffer(data, np.uint8).reshape(height, width))


def checked(check, name, value):
    """Return `check(name, value)`; what it refuses becomes an `InvalidTrait`."""
    try:
        return check(name, value)
    except (TypeError, ValueError) as error:
        raise InvalidTrait(str(error)) from None


def whole(name, value, least=0, most=None):
    """Return `value` as an `int` from `least` to `most`."""
    number = check_int(name, value, least)
    if most is not None and number > most:
        raise ValueError(f"{name} must be an integer in {least}..{most}, got {number}")
    return number


def as_numbers(name, value, ndim, most=None, low=-LIMIT, high=LIMIT):
    """Return an array of finite numbers as nested lists; see `Numbers`."""
    array = check_array(name, value, ndim)
    if most is not None and max(array.shape) > most:
        if array.ndim == 1:
            raise ValueError(f"{name} must hold at most {most} numbers, got {len(array)}")
        raise ValueError(f"{name} must have at most {most} entries along each axis, got shape {array.shape}")
    check_finite(name, array)
    if array.dtype.kind == "b":
        array = array.astype(np.int64)
    if array.min() < low or array.max() > high:
        raise ValueError(f"{name} must hold numbers from {low:,} to {high:,}, got {array.min():g} to {array.max():g}")
    if array.dtype.kind == "f":
        array = np.where(np.abs(array) < NOTHING, 0, array.astype(float))
    return array.tolist()


def choice(name, value, choices):
    """Return the one of `choices` that `value` is, of the same kind: True is no 1, and an array no text."""
    for one in choices:
        kind = str if isinstance(one, str) else (int, np.integer)
        if isinstance(value, kind) and not isinstance(value, bool) and value == one:
            return one
    raise ValueError(f"{name} must be one of {', '.join(map(repr, choices))}, got {value!r:.80}")


def label(name, value):
    """Return `value`, a name that is shown: one line that reads in the order of its characters."""
    need = f"{name} must be a text of at most {LONGEST} characters in one line"
    if not isinstance(value, str):
        raise TypeError(f"{need}, got {value!r:.80}")
    if len(value) > LONGEST or any(unicodedata.category(one) in CONTROLS or one in TURNING for one in value):
        raise ValueError(f"{need}, without control characters, got {value!a:.80}")
    return value


def _flag(name, value):
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be True or False, got {value!r:.80}")
    return bool(value)


def _pair(name, value):
    value = value.tolist() if isinstance(value, np.ndarray) and value.ndim else value
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise ValueError(f"{name} must be two integers (row, column), got {value!r:.80}")
    return [whole(f"{name}[{axis}]", place) for axis, place in enumerate(value)]
