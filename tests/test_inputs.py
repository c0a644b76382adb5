"""Any input to any public function or class: the right answer, or an error that names the argument.

A valid call of each (see input_cases.py) has one of its arguments replaced by the same numbers in other
memory or of another dtype, or by something hostile, or two of them. What comes back must be equal to what
another way of computing gives, or a TypeError or ValueError that names an argument; never another exception,
a warning from inside, a changed input, or more than some gigabytes asked for.

More cases: ``pytest tests/test_inputs.py --hypothesis-profile=explore``. With ``RECORD_INPUTS=1`` the
counts are written to tests/reliability/inputs.json.
"""

import contextlib
import datetime
import fractions
import importlib.util
import inspect
import itertools
import json
import os
import platform
import re
import time
import warnings
import zlib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from input_cases import CASES, ELSEWHERE, public_names

RECORD = Path(__file__).with_name("reliability") / "inputs.json"
COUNTS = Counter()
DOUBLE = np.dtype(float)
MOST_NUMBERS, MOST_BYTES = 2**24, 2**30  # of an array that an argument may ask for here, and of all together
PAIRS = 2000  # of arguments of one function, in a recorded run
LARGE = 1_000  # numbers: of more a formula, in loops, takes too long, or rounding adds up

# The same numbers otherwise: what must give the same result. ---------------------------------------------


def strided(x):
    wide = np.zeros((*x.shape[:-1], 2 * x.shape[-1]), x.dtype)
    wide[..., ::2] = x
    return wide[..., ::2]


def read_only(x):
    x = x.copy()
    x.flags.writeable = False
    return x


class Subclass(np.ndarray):
    pass


SAME = {
    "copy": np.array,
    "Fortran order": lambda x: np.array(x, order="F"),
    "strided": strided,
    "backwards": lambda x: x[..., ::-1].copy()[..., ::-1],
    "transposed memory": lambda x: np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 0, -1)), -1, 0),
    "read-only": read_only,
    "list": lambda x: x.tolist(),
    "tuple of rows": lambda x: tuple(x.tolist()),
    "subclass": lambda x: x.view(Subclass),
    "matrix": lambda x: np.asmatrix(x) if x.ndim == 2 else x,
    "other byte order": lambda x: x.astype(x.dtype.newbyteorder()),
    "float16": lambda x: x.astype(np.float16),
    "float32": lambda x: x.astype(np.float32),
    "long double": lambda x: x.astype(np.longdouble),
    "whole numbers": lambda x: x.round(),
}

# Other numbers, of the kind that a class meets. ----------------------------------------------------------


def planted(value):
    def plant(x):
        x = x.astype(np.result_type(x, np.float64)) if isinstance(value, float) else x.copy()
        x.flat[x.size // 2] = value
        return x
    return plant


def masked_number(x):
    rows = x.astype(float).tolist()
    row = rows
    for _ in range(x.ndim - 1):
        row = row[-1]
    row[-1] = np.ma.masked
    return rows


OTHER = {
    "NaN": planted(float("nan")), "infinite": planted(float("inf")), "minus infinity": planted(float("-inf")),
    "huge": lambda x: x * 1e300, "tiny": lambda x: x * 1e-310, "zero": np.zeros_like, "large": lambda x: x * 1e8,
    "int64": lambda x: (3 * x).astype(np.int64), "uint8": lambda x: np.abs(9 * x).astype(np.uint8),
    "int8": lambda x: (40 * x).clip(-128, 127).astype(np.int8), "uint64": lambda x: np.full(x.shape, 2**63, np.uint64),
    "bool": lambda x: x > 0, "complex": lambda x: x + 1j, "object": lambda x: x.astype(object), "text": lambda x: x.astype(str),
    "dates": lambda x: np.zeros(x.shape, "datetime64[s]"), "records": lambda x: np.zeros(x.shape, "i4,f8"),
    "masked": lambda x: np.ma.masked_greater(x, 0), "masked nowhere": np.ma.array,
    "list of masked": lambda x: [np.ma.masked_greater(x[0], 0), *x[1:]],
    "masked number in lists": masked_number,
    "one axis more": lambda x: x[None], "one axis less": lambda x: x[0], "shorter": lambda x: x[..., :1], "no axis": lambda x: x.flat[0],
    "empty": lambda x: x[:0], "empty last": lambda x: x[..., :0], "ragged": lambda x: [x.tolist(), [1]], "stretched": lambda x: np.broadcast_to(x[..., :1], x.shape),
    "a thousand": lambda x: np.broadcast_to(x[:1], (1000, *x.shape[1:])), "one example": lambda x: x[:1], "twice as many": lambda x: np.concatenate([x, x]),
}

# Things that are something else altogether. ------------------------------------------------------------

HOSTILE = [
    0, 1, 2, 3, 4, 5, 7, -1, -2, 10**5, 10**30, -(10**400), 2.0, 2.5, 0.1, -0.5, 1e-300, 1e300, np.nan, np.inf, -np.inf, True, False,
    1j, None, "", "1", "a", "1f4", "same", "full", "valid", "no", "float32", b"1", (), [], {}, set(), (1,), (1, 2), (2, 1), [2, 2], (300, 300), (1, 2, 3),
    (1, -1), (1.5, 1), ((1, 2), (3, 4)), [None], ["a"], [[1.0], [1.0, 2.0]], np.int8(1), np.int64(2), np.uint64(2**64 - 1), np.float16(1.5),
    np.float32(np.nan), np.bool_(True), np.complex64(1j), np.array(1), np.array([1, 2]), np.array(["a"]),
    np.ma.masked_equal([1.0, 2.0], 1), fractions.Fraction(1, 2), datetime.date(2026, 1, 1), object(), object, len, range(3), slice(1, 2),
    np.float32, np.dtype("float64"), np.random, Ellipsis, NotImplemented, memoryview(b"12"),
]


def hostile(value):
    """What may stand in place of a value; what a function makes of its arguments is its own affair."""
    return [thing for thing in HOSTILE if not (callable(value) and callable(thing))]


def snapshot(value):
    """The bytes of the arrays in an argument."""
    if value is np.ma.masked:  # there is only one of it
        return None
    if isinstance(value, (list, tuple)):
        return [snapshot(part) for part in value]
    if isinstance(value, dict):
        return {key: snapshot(part) for key, part in value.items()}
    return (value.dtype.str, value.shape, value.tobytes()) if isinstance(value, np.ndarray) and value.dtype != object else None


def plain(value, valid):
    """The same numbers as a contiguous float64 array, where the argument is an array."""
    if isinstance(value, np.generic) and not isinstance(valid, np.ndarray):
        return value.item()  # of a few bits it would wrap around in the formula
    if not isinstance(valid, np.ndarray) or value is None:
        return value
    return np.array(value, dtype=np.float64 if valid.dtype.kind == "f" else None)


def arrays_of(result):
    if isinstance(result, (tuple, list)):
        return [array for part in result for array in arrays_of(part)]
    numeric = isinstance(result, (np.ndarray, float, np.number, np.bool_)) and np.asarray(result).dtype.kind in "buif"
    return [np.asarray(result)] if numeric else []


def is_float(value):
    return isinstance(value, (np.ndarray, np.floating)) and value.dtype.kind == "f"


def assert_close(got, expected, what, narrowest=DOUBLE):
    """Equal to the rounding of the dtype, of the result or of the narrowest argument."""
    got, expected = np.asarray(got), np.asarray(expected, dtype=np.float64)
    assert got.shape == expected.shape, (what, got.shape, expected.shape)
    chars = {got.dtype.char, narrowest.char}
    precision, most = (2e-3, 6e4) if "e" in chars else (2e-5, 1e38) if "f" in chars else (1e-9, 1e300)
    sure = np.isfinite(expected) & (np.abs(expected) < most / 10)
    scale = max(1.0, float(np.abs(expected[sure]).max(initial=0)))
    np.testing.assert_array_less(np.abs(got[sure].astype(np.float64) - expected[sure]), 10 * precision * scale, err_msg=what)


@contextlib.contextmanager
def bounded_memory():
    """Let nothing ask for more than `MOST_BYTES`, where the system can be told so."""
    try:
        import resource

        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except (ImportError, OSError):  # Windows, macOS
        yield
        return
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + MOST_BYTES, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def outcome(name, arguments, *replaced):
    """Make a call; return "right" or "refused", and fail for anything else."""
    case, what = CASES[name], f"{name}({', '.join(f'{key}={arguments.get(key)!r:.80}' for key in replaced)})"
    before, start = snapshot(arguments), time.process_time()
    try:
        with warnings.catch_warnings(), bounded_memory():
            warnings.simplefilter("error")
            warnings.filterwarnings("ignore", "images with numbers up to", UserWarning)  # said on purpose
            result = case.call(**arguments)
    except (TypeError, ValueError) as error:
        names = "|".join(map(re.escape, [*arguments, *NAMES_TOO]))
        if not re.search(rf"\b({names})\b", str(error)):
            pytest.fail(f"{what}: names no argument: {error}")
        return "refused"
    except case.raises:
        return "refused"
    finally:
        COUNTS["slowest, in processor seconds"] = max(COUNTS["slowest, in processor seconds"], time.process_time() - start)
        assert snapshot(arguments) == before, f"{what}: input changed"
    if case.expected is not None and all(array.size < LARGE for array in arrays_of(result)):
        with np.errstate(all="ignore"):
            valid = case.valid(np.random.default_rng(0))
            expected = case.expected(**{key: plain(value, valid[key]) for key, value in arguments.items()})
        if expected is not None:
            narrowest = min((array.dtype for array in arguments.values() if is_float(array)), default=DOUBLE, key=lambda d: d.itemsize)
            assert_close(arrays_of(result)[0], expected, what, narrowest)
    return "right"


# An error may name an attribute of the net that is computed with, or what an array stands for.
NAMES_TOO = ("weight", "weights", "layers", "loss", "learning_rate", "x", "image", "kernel", "channels", "model's answer")


def replaceable(name, arguments):
    return [key for key in arguments if key not in CASES[name].keep]


def replace(draw, name, arguments):
    """Replace one argument; return its name, and the arguments with plain numbers if the result must be the same."""
    choices = replaceable(name, arguments)
    if not choices:
        return None, None
    key = draw(st.sampled_from(choices))
    value = arguments[key]
    if isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.ndim and draw(st.booleans()):
        how = draw(st.sampled_from(sorted(SAME)))
        arguments[key] = SAME[how](value)
        return key, {**arguments, key: np.array(np.asarray(arguments[key]), np.float64)}
    with np.errstate(all="ignore"):
        arguments[key] = draw(st.sampled_from(others(value)))(value)
    return key, None


def others(value):
    """What makes something else of a value: as many things for an array as there are for anything."""
    fixed = [lambda _, thing=thing: thing for thing in hostile(value)]
    return [*fixed, *OTHER.values()] if isinstance(value, np.ndarray) and value.ndim else fixed


def test_every_public_name_has_a_case():
    names = set(public_names())
    assert not names - CASES.keys(), f"give a case in input_cases.py to {sorted(names - CASES.keys())}"
    assert not CASES.keys() - names


@pytest.mark.parametrize("module", ELSEWHERE)
def test_who_has_no_case_has_a_test_of_its_own(module):
    assert importlib.util.find_spec(f"cnnlib.{module}")
    path, test = ELSEWHERE[module].split(".")
    assert re.search(rf"^def {test}\(", Path(__file__).with_name(f"{path}.py").read_text(encoding="utf-8"), re.M)


@pytest.mark.parametrize("name", CASES)
def test_a_valid_call_is_right(name):
    for seed in range(3):
        arguments = CASES[name].valid(np.random.default_rng(seed))
        assert outcome(name, arguments, next(iter(arguments), "")) == "right"
        with pytest.raises(TypeError, match=r"nonsense|takes no arguments"):
            CASES[name].call(**arguments, nonsense=1)


@pytest.mark.parametrize("name", [name for name in CASES if set(inspect.signature(CASES[name].call).parameters) - set(CASES[name].keep)])
@settings(max_examples=max(30, settings.default.max_examples // 2))
@given(data=st.data())
def test_any_input_is_right_or_refused(name, data):
    seed = data.draw(st.integers(0, 99))
    arguments = CASES[name].valid(np.random.default_rng(seed))
    key, same = replace(data.draw, name, arguments)
    if key is None:
        return
    COUNTS["other"] += 1  # unless what follows finds that it is one of the two
    result = outcome(name, arguments, key)
    COUNTS.update({result: 1, "other": -1})
    if same is not None and result == "right":
        reference = arrays_of(CASES[name].call(**same))
        given_back = arrays_of(CASES[name].call(**arguments))
        assert len(reference) == len(given_back)
        for got, expected in zip(given_back, reference, strict=True):
            narrowest = arguments[key].dtype if is_float(arguments[key]) else DOUBLE
            assert_close(got, expected, f"{name}({key})", narrowest)


@pytest.mark.parametrize("name", [name for name in CASES if len(set(inspect.signature(CASES[name].call).parameters)) > 1])
@settings(max_examples=max(20, settings.default.max_examples // 3))
@given(data=st.data())
def test_any_two_inputs_are_right_or_refused(name, data):
    arguments = CASES[name].valid(np.random.default_rng(0))
    choices = replaceable(name, arguments)
    if len(choices) < 2:
        return
    keys = data.draw(st.lists(st.sampled_from(choices), min_size=2, max_size=2, unique=True))
    change(name, arguments, {key: data.draw(st.sampled_from(others(arguments[key]))) for key in keys})


@pytest.mark.parametrize("name", CASES)
def test_two_large_inputs_are_right_or_refused(name):
    valid = CASES[name].valid(np.random.default_rng(0))
    for keys in itertools.combinations(replaceable(name, valid), 2):
        for makes in itertools.product(*(large(valid[key]) for key in keys)):
            change(name, CASES[name].valid(np.random.default_rng(0)), dict(zip(keys, makes, strict=True)))


def large(value):
    if isinstance(value, np.ndarray) and value.ndim:
        return [OTHER["a thousand"]]
    return [lambda _: 300, lambda _: (300, 300)] if isinstance(value, (int, float, tuple)) and not isinstance(value, bool) else []


def change(name, arguments, changes):
    """Make a call with some arguments replaced, and count how it ends."""
    COUNTS["other"] += 1  # unless what follows finds that it is one of the two
    with np.errstate(all="ignore"):
        arguments |= {key: make(arguments[key]) for key, make in changes.items()}
    result = outcome(name, arguments, *changes)
    COUNTS.update({result: 1, "other": -1})


NUMBERS = [np.uint8, np.int8, np.uint64, np.int64, np.float16, np.float32]


@pytest.mark.parametrize("name", CASES)
def test_a_number_of_few_bits_is_the_same_number(name):
    """An 8-bit number that a record keeps as it is wraps around in its sums, and one of 16 bits is rounded."""
    case = CASES[name]
    numbers = {key: value for key, value in case.valid(np.random.default_rng(1)).items() if type(value) in (int, float)}
    for key, value in [(key, value) for key, usual in numbers.items() for value in {usual, 1, 2, 3}]:
        for number in NUMBERS:
            whole = issubclass(number, np.integer)
            if key in case.keep or (whole and value != int(value)) or (not whole and type(numbers[key]) is int):
                continue
            same = number(value).item()
            plain, few = (_answer(case, key, given) for given in (same, number(value)))
            np.testing.assert_equal(few, plain, err_msg=f"{name}({key}={number(value)!r})")


def _answer(case, key, value):
    arguments = case.valid(np.random.default_rng(1)) | {key: value}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return arrays_of(case.call(**arguments))
    except (TypeError, ValueError, OSError, *case.raises) as error:
        return type(error)


if os.environ.get("RECORD_INPUTS"):  # a matter of minutes

    @pytest.mark.parametrize("name", CASES)
    def test_every_replacement_is_right_or_refused(name):
        valid = CASES[name].valid(np.random.default_rng(0))
        for key in replaceable(name, valid):
            same = SAME.values() if is_float(valid[key]) and valid[key].ndim else ()
            for make in [*others(valid[key]), *same]:
                change(name, CASES[name].valid(np.random.default_rng(0)), {key: make})

    @pytest.mark.parametrize("name", CASES)
    def test_many_pairs_are_right_or_refused(name):
        rng, valid = np.random.default_rng(zlib.crc32(name.encode())), CASES[name].valid(np.random.default_rng(0))
        choices = replaceable(name, valid)
        for _ in range(PAIRS if len(choices) > 1 else 0):
            keys = rng.choice(choices, 2, replace=False)
            changes = {str(key): others(valid[key])[rng.integers(len(others(valid[key])))] for key in keys}
            change(name, CASES[name].valid(np.random.default_rng(0)), changes)


@pytest.fixture(scope="module", autouse=True)
def little_memory():
    with pytest.MonkeyPatch.context() as patch:
        for module in ("_validate", "fused"):
            patch.setattr(f"cnnlib.{module}.MOST_NUMBERS", MOST_NUMBERS)
        yield


@pytest.fixture(scope="module", autouse=True)
def record():
    """Leave the counts of a long run, if that was asked for."""
    yield
    if os.environ.get("RECORD_INPUTS"):
        RECORD.parent.mkdir(exist_ok=True)
        report = {
            "what": "calls of every public function and class with one or two arguments replaced: by the same numbers in other"
                    " memory or of another dtype, by other numbers, or by something else",
            "date": datetime.date.today().isoformat(),
            "machine": f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}",
            "figures": {
                "functions and classes": len(CASES), "calls": COUNTS["right"] + COUNTS["refused"] + COUNTS["other"],
                "right": COUNTS["right"], "refused by name": COUNTS["refused"], "anything else": COUNTS["other"],
                "slowest, in seconds of the processor": round(COUNTS["slowest, in processor seconds"], 2),
            },
        }
        RECORD.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
