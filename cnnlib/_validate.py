"""Argument checks: one place, one style of message.

Every message names the argument, says what it needs and what it got. `TypeError` is for
the wrong kind of thing, `ValueError` for the right kind with a value that cannot work.
"""

import numpy as np


def check_int(name, value, minimum):
    """Return `value` as an `int` of at least `minimum`."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name} must be an integer of at least {minimum}, got {value!r}")
    if value < minimum:
        raise ValueError(f"{name} must be an integer of at least {minimum}, got {value}")
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
    left, right = "(" if open_low or low == -np.inf else "[", ")" if open_high or high == np.inf else "]"
    need = f"{name} must be a finite number in {left}{low:g}, {high:g}{right}"
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.number)):
        raise TypeError(f"{need}, got {value!r}")
    too_low = value <= low if open_low else value < low
    too_high = value >= high if open_high else value > high
    if not np.isfinite(value) or too_low or too_high:
        raise ValueError(f"{need}, got {value!r}")
    return float(value)


def check_array(name, value, ndim, *, axes=""):
    """Return `value` as a real numeric array of `ndim` dimensions (an int, a tuple of choices, None for any).

    Integers and booleans stay what they are: the caller decides what they become.
    `axes` spells the expected axes for the message, such as ``"(N, C, H, W)"``.
    """
    choices = ndim if isinstance(ndim, tuple) else (ndim,)
    kind = "an array" if ndim is None else f"a {' or '.join(f'{n}-D' for n in choices)} array"
    need = f"{name} must be {kind} of numbers"
    if axes:
        need += f" {axes}"
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(f"{need}, got rows of different lengths") from None
    if array.dtype.kind not in "buif":
        raise TypeError(f"{need}, got dtype {array.dtype}")
    if ndim is not None and array.ndim not in choices:
        raise ValueError(f"{need}, got shape {array.shape}")
    if array.size == 0:
        raise ValueError(f"{need} that is not empty, got shape {array.shape}")
    return array


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


def check_labels(name, value, count, num_classes):
    """Return `value` as `count` integer labels in 0 .. `num_classes` − 1."""
    labels = np.asarray(value)
    need = f"{name} must be {count} integers in 0..{num_classes - 1}"
    if labels.dtype.kind not in "ui":
        raise TypeError(f"{need}, got dtype {labels.dtype}")
    if labels.shape != (count,):
        raise ValueError(f"{need}, got shape {labels.shape}")
    outside = labels[(labels < 0) | (labels >= num_classes)]
    if outside.size:
        raise ValueError(f"{need}, got {outside[0]}")
    return labels


def check_same_shape(name, array, shape):
    """Raise unless `array` has exactly `shape`."""
    if array.shape != tuple(shape):
        raise ValueError(f"{name} must have shape {tuple(shape)}, got {array.shape}")


def check_choice(name, value, choices):
    """Return `value`, which must be one of the strings `choices`."""
    if value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, choices))}, got {value!r}")
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
    for known in (np.dtype(np.float32), np.dtype(np.float64)):
        if dtype is not None and dtype in (known, known.type, known.name):
            return known
    raise TypeError(f"dtype must be float32 or float64, got {dtype!r}")
