"""Argument checks: one place, one style of message.

Every message names the argument, says what it needs and what it got. `TypeError` is for
the wrong kind of thing, `ValueError` for the right kind with a value that cannot work.
"""

import inspect
import math
from pathlib import Path

import numpy as np

# No array that an argument asks for (a padding, a kernel, a layer's weights) may hold more numbers: 4 GiB of
# float64. A slip of the hand, such as padding=10**5, is refused before the memory is taken.
MOST_NUMBERS = 2**29

# Infinity and NaN in, infinity and NaN out, as in PyTorch: whoever cares asks np.isfinite. A decorator.
quietly = np.errstate(over="ignore", invalid="ignore", under="ignore", divide="ignore")


def check_int(name, value, minimum=None):
    """Return `value` as an `int` of at least `minimum`, if there is one."""
    if type(value) is int and (minimum is None or value >= minimum):
        return value  # as nearly always: the words alone take longer, and a step of a small net asks a hundred times
    need = f"{name} must be an integer" + ("" if minimum is None else f" of at least {minimum}")
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{need}, got {value!r:.60}")
    if minimum is not None and value < minimum:
        raise ValueError(f"{need}, got {value}")
    return int(value)


def check_pair(name, value, minimum):
    """Return `value`, an integer or two of them (height, width), as a pair."""
    if isinstance(value, (tuple, list)):
        if len(value) != 2:
            raise ValueError(f"{name} must be an integer or two (height, width), got {value!r}")
        return check_int(f"{name}[0]", value[0], minimum), check_int(f"{name}[1]", value[1], minimum)
    return (check_int(name, value, minimum),) * 2


def check_number(name, value, low=-np.inf, high=np.inf, *, open_low=False, open_high=False):
    """Return `value` as a finite `float` between `low` and `high`."""
    if type(value) is float and low < value < high:
        return value  # inside, whatever is open
    left, right = "(" if open_low or low == -np.inf else "[", ")" if open_high or high == np.inf else "]"
    need = f"{name} must be a finite number in {left}{low:g}, {high:g}{right}"
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise TypeError(f"{need}, got {value!r}")
    try:
        number = float(value)
    except OverflowError:  # an integer of more than 308 digits
        number = np.inf
    too_low = number <= low if open_low else number < low
    too_high = number >= high if open_high else number > high
    if not np.isfinite(number) or too_low or too_high:
        raise ValueError(f"{need}, got {value!r:.60}")
    return number


class Checked:
    """An attribute that is checked at each assignment, as by ``check_number("eps", value, 0)``.

    It is read from the object itself, as fast as any attribute, since this class defines no ``__get__``.
    """

    def __init__(self, check, *bounds, **options):
        self._check, self._bounds, self._options = check, bounds, options

    def __set_name__(self, owner, name):
        self._name = name

    def __set__(self, instance, value):
        vars(instance)[self._name] = self._check(self._name, value, *self._bounds, **self._options)


def plain_fields(record):
    """Turn the NumPy numbers in a frozen dataclass into Python's: those of a few bits wrap around, or round."""
    for name, value in vars(record).items():
        if isinstance(value, np.generic):
            object.__setattr__(record, name, value.item())


def check_bool(name, value):
    """Return `value`, which must be True or False: a string such as "no" would be true."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be True or False, got {value!r}")
    return bool(value)


def check_text(name, value):
    """Return `value`, which must be a string."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be text, got {value!r:.80}")
    return value


def check_shape(name, value, axes=""):
    """Return `value` as a tuple of integers of at least 1; `axes`, such as "(C, H, W)", says how many."""
    need = f"{name} must be {axes or 'a tuple of integers'}"
    if not isinstance(value, (tuple, list)):
        raise TypeError(f"{need}, got {value!r:.60}")
    if not value or (axes and len(value) != axes.count(",") + 1):
        raise ValueError(f"{need}, got {tuple(value)}")
    return tuple(check_int(f"{name}[{k}]", size, 1) for k, size in enumerate(value))


def check_size(name, shape):
    """Raise if an array of `shape`, which argument `name` asks for, would hold more than `MOST_NUMBERS`."""
    count = math.prod(map(int, shape))
    if count > MOST_NUMBERS:
        raise ValueError(
            f"{name} must ask for at most {MOST_NUMBERS:,} numbers in one array, got {count:,}"
            f" ({' × '.join(f'{n:,}' for n in shape)})"
        )


def check_array(name, value, ndim, *, axes=""):
    """Return `value` as a real numeric array of `ndim` dimensions (an int, a tuple of choices, None for any).

    Integers and booleans stay what they are: the caller decides what they become.
    `axes` spells the expected axes for the message, such as ``"(N, C, H, W)"``.
    """
    choices = ndim if isinstance(ndim, tuple) else (ndim,)
    usual = type(value) is np.ndarray and value.dtype.kind in "buif" and value.size
    if usual and (ndim is None or value.ndim in choices):
        return value  # nothing to complain of: the words alone would take as long as a small layer
    kind = "an array" if ndim is None else f"a {' or '.join(f'{n}-D' for n in choices)} array"
    need = f"{name} must be {kind} of numbers"
    if axes:
        need += f" {axes}"
    array = as_array(need, value)
    if array.dtype.kind not in "buif":
        raise TypeError(f"{need}, got dtype {array.dtype}")
    if ndim is not None and array.ndim not in choices:
        raise ValueError(f"{need}, got shape {array.shape}")
    if array.size == 0:
        raise ValueError(f"{need} that is not empty, got shape {array.shape}")
    return array


def as_array(need, value):
    """Return `value` as an array of whatever dtype; `need` begins the message if it has a mask, or rows unlike."""
    if _has_mask(value):
        raise TypeError(f"{need} without a mask, got a masked array: say what stands in the holes, by filled(0)")
    try:
        return np.asarray(value)
    except ValueError:
        raise ValueError(f"{need}, got rows of different lengths") from None


def _has_mask(value, depth=6):
    """Whether a masked array, or a masked number, lies in nested lists; none of our arrays has more axes."""
    if isinstance(value, (list, tuple)):
        return depth > 0 and any(_has_mask(part, depth - 1) for part in value)
    return isinstance(value, np.ma.MaskedArray)


def is_number(value):
    """Whether what a function has returned is one real number, also as an array without axes; a masked one is none."""
    if isinstance(value, (list, tuple, np.ma.MaskedArray)):
        return False
    return np.ndim(value) == 0 and np.asarray(value).dtype.kind in "buif"


def check_float_array(name, value, ndim, *, axes=""):
    """As `check_array`, and of a floating dtype: a layer does not guess a scale for pixels."""
    array = check_array(name, value, ndim, axes=axes)
    if array.dtype.kind != "f":
        raise TypeError(f"{name} must be a floating-point array, got dtype {array.dtype}")
    return array


def check_finite(name, array):
    """Raise unless each number of `array` is finite; integers always are."""
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        first = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{name} must hold finite numbers only, got {array[first]} at index {first}")


def check_any_array(name, value):
    """Return `value` as an array of whatever dtype, without a mask and with rows of one length."""
    return as_array(f"{name} must be an array", value)


def check_mask(name, value, shape):
    """Return `value` as an array of booleans of exactly `shape`."""
    need = f"{name} must be an array of booleans"
    mask = as_array(need, value)
    if mask.dtype != bool:
        raise TypeError(f"{need}, got dtype {mask.dtype}")
    check_same_shape(name, mask, shape)
    return mask


def check_labels(name, value, count, num_classes):
    """Return `value` as `count` integer labels in 0 .. `num_classes` − 1."""
    need = f"{name} must be {count} integers in 0..{num_classes - 1}"
    labels = as_array(need, value)
    if labels.dtype.kind not in "ui":
        raise TypeError(f"{need}, got dtype {labels.dtype}")
    if labels.shape != (count,):
        raise ValueError(f"{need}, got shape {labels.shape}")
    outside = labels[(labels < 0) | (labels >= num_classes)]
    if outside.size:
        raise ValueError(f"{need}, got {outside[0]}")
    return labels


def widened(*arrays):
    """Return the arrays as float32 if all of them are float16, and a function that makes results float16 again.

    float16 has 11 bits: a sum of ones stops at 2048, and anything above 65,504 is infinite. As in
    PyTorch, only the result is rounded to it.
    """
    if any(array.dtype != np.float16 for array in arrays):
        return *arrays, lambda result: result
    return *(array.astype(np.float32) for array in arrays), lambda result: result.astype(np.float16)


def check_same_shape(name, array, shape):
    """Raise unless `array` has exactly `shape`."""
    if array.shape != tuple(shape):
        raise ValueError(f"{name} must have shape {tuple(shape)}, got {array.shape}")


def check_choice(name, value, choices):
    """Return `value`, which must be one of the strings `choices`."""
    if not isinstance(value, str) or value not in choices:
        error = ValueError if isinstance(value, str) else TypeError
        raise error(f"{name} must be one of {', '.join(map(repr, choices))}, got {value!r}")
    return value


def check_callable(name, value, *arguments):
    """Return `value`, which must be a function or something else that can be called, with the `arguments` so named."""
    if not callable(value):
        raise TypeError(f"{name} must be a function, or something else that can be called, got {value!r:.60}")
    if not arguments:
        return value
    try:
        signature = inspect.signature(value, follow_wrapped=False)  # a wrapper need not take what it wraps does
    except (TypeError, ValueError):  # some functions in C have none
        return value
    try:
        signature.bind(*arguments)
    except TypeError:
        called = getattr(value, "__name__", type(value).__name__)
        need = f"{name} must be a function of {' and '.join(arguments)}"
        raise TypeError(f"{need}, got {called}{signature!s:.60}") from None
    return value


def check_iterable(name, value):
    """Return the entries of `value`, which must be a sequence, as a list."""
    try:
        return list(value)
    except TypeError:
        raise TypeError(f"{name} must be a sequence, got {value!r:.60}") from None


def check_path(name, value):
    """Return `value`, a string or a path, as a `pathlib.Path`."""
    if not isinstance(value, (str, Path)):
        raise TypeError(f"{name} must be a string or a path, got {value!r:.60}")
    return Path(value)


def check_model(name, value):
    """Return `value`, which must be a layer or a network: what has parameters and buffers."""
    if isinstance(value, type) or not (hasattr(value, "parameters") and hasattr(value, "buffers")):
        raise TypeError(f"{name} must be a layer or a network, got {value!r:.60}")
    return value


def check_rng(rng):
    """Return a `numpy.random.Generator` from a generator or an integer seed; `None` is refused.

    Randomness is always somebody's explicit choice, so that every run can be repeated.
    """
    if isinstance(rng, np.random.Generator):
        return rng
    if isinstance(rng, (int, np.integer)) and not isinstance(rng, bool):
        return np.random.default_rng(check_int("rng", rng, 0))
    raise TypeError(f"rng must be a numpy.random.Generator or an integer seed, got {rng!r}")


def check_dtype(dtype):
    """Return `dtype` as float32 or float64, the two the library computes in."""
    known = isinstance(dtype, (str, type, np.dtype)) and dtype in _DTYPES
    if not known:  # NumPy is not asked: it warns of some texts
        raise TypeError(f"dtype must be float32 or float64, got {dtype!r:.60}")
    return _DTYPES[dtype]


_DTYPES = {
    name: known
    for known, other in ((np.dtype(np.float32), "single"), (np.dtype(np.float64), "double"))
    for name in (known, known.type, known.name, known.char, known.str, known.str[1:], other)
} | {float: np.dtype(float), "float": np.dtype(float)}
