"""Anything at all for every widget, every trait of it, and every function of `figures`.

What is given is taken, and then everything can be shown; or it is refused with a `TypeError` or
`ValueError` that names the argument, and the widget stays exactly as it was. No warning gets out,
and nothing that was given is changed. A widget or a trait that is new is covered at once.

`pytest tests/test_inputs_widgets.py --hypothesis-profile=explore` draws many more cases. With
`RECORD_INPUTS=1` four times as many are drawn as usual, and the counts are left in
tests/reliability/inputs_widgets.json, and shown in tests/RELIABILITY.md.
"""

import copy
import inspect
import json
import os
import warnings
from collections import Counter
from contextlib import contextmanager

import numpy as np
import pytest
from anywidget import AnyWidget
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from traitlets import TraitError

from cnnlib import Conv2d, Flatten, Linear, MaxPool2d, Normalize, Sequential, figures, lenet5, widgets
from cnnlib.detection import Level
from cnnlib.widgets.base import TeachingWidget
from cnnlib.widgets.filter_bench import OWN
from tools.reliability import write_record
from widget_examples import REQUIRED, make

COUNTS = Counter()
FEW = settings(
    max_examples=max(12 if os.environ.get("RECORD_INPUTS") else 3, settings.default.max_examples // 100),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
OURS = {name: sorted(set(getattr(widgets, name).class_traits()) - set(AnyWidget.class_traits())) for name in widgets.__all__}
TRAITS = [(name, trait) for name in widgets.__all__ for trait in OURS[name]]
READ_ONLY = {pair for pair in TRAITS if getattr(widgets, pair[0]).class_traits()[pair[1]].read_only}
WRITABLE = [pair for pair in TRAITS if pair not in READ_ONLY]


@pytest.fixture(autouse=True, scope="module")
def record():
    """Leave the counts of a long run, if that was asked for."""
    yield
    if os.environ.get("RECORD_INPUTS"):
        write_record(
            "inputs_widgets",
            "Drawn values for every trait and constructor argument of every widget, and for the functions of figures: "
            "taken and then shown, or refused by name with nothing changed.",
            {"widgets": len(widgets.__all__), "traits": len(TRAITS), "anything else": 0, **dict(sorted(COUNTS.items()))},
        )


@contextmanager
def counted():
    """Count what is tried under the kind that it yields a list for; what ends in a failure is anything else."""
    kinds = []
    COUNTS["anything else"] += 1
    yield kinds
    COUNTS["anything else"] -= 1
    COUNTS.update(kinds)


# What is given -------------------------------------------------------------------------------------

HOSTILE = ("<img src=x onerror=alert(1)>", "\"'`${x}", "\u202egnp.exe", "$\\frac{", "\x00", "two\nlines", "../../x", "é" * 300)
WORDS = (
    "", "valid", "same", "full", "local", "shared", "max", "average", "stay", "follow", "sigmoid", "camera", "page", OWN,
    "edge", "blur", "sharpen", "LeNet-5", "no such thing", *HOSTILE,
)
ODD = (
    None, True, False, np.True_, -1, 0, 1, 2, 3, 4, 5, 9, 10**6, 10**30, -(10**400), np.int8(2), np.uint64(2**63), 0.5, 2.0,
    float("nan"), float("inf"), -float("inf"), 1e308, 1e-320, 1j, b"", b"12", bytes(140 * 140), bytearray(b"1"), [], {},
    (), [[]], [[1], [1, 2]], [None], [[None, 1]], range(3), {1, 2}, object, len, np.array(3), np.float16(2), [1, "a"],
    [[1, 0], [0, 1]], [[[1]]], [2, 2], (1, 1), [0.5, 1], [True, False], np.datetime64("2020-01-01"),
)
BLANK = Sequential(Normalize(33, 78), Flatten(), Linear(784, 10, rng=0))
DIVERGED = lenet5(rng=0)
for array in DIVERGED.parameters().values():
    array[...] = np.nan
CONV = {"layer": "Conv2d", "out_channels": 2, "kernel_size": 3}
NEAR = {  # what comes close to right, where drawn arrays do not
    "kernels": [{"a": [1, 2]}, {"a": []}, {"a": [np.nan]}, {1: [1]}, {HOSTILE[0]: [0, 0.0]}, {"long": np.ones(5000)},
                {"a": [[1]]}, {"a": np.ma.array([1, 2], mask=[0, 1])}],
    "own": [{"shape": [5, 6], "bytes": bytes(30)}, {"shape": [5, 6], "bytes": bytes(31)}, {"shape": [5], "bytes": b""},
            {"shape": [10**9, 10**9], "bytes": bytes(30)}, {"shape": ["5", 6], "bytes": bytes(30)}, {"shape": None},
            {"shape": [5, 6], "bytes": 30}, {"shape": [5, 6], "bytes": memoryview(bytes(30)), "start": "x"}],
    "layers": [[CONV], [CONV, CONV], [CONV] * 25, [CONV | {"stride": 0}], [CONV | {"padding": "full"}], [{"layer": "Dense"}],
               [{"layer": ["Conv2d"]}], [{"layer": "Flatten", "x": 1, 2: 3}], [{"layer": "Linear", "out_features": 10**12}],
               [{"layer": "Linear", "out_features": 3}], [CONV | {"padding": np.ones(2)}], [1],
               [Level(5.0, 5, 2, np.zeros((9, 9)), np.eye(3))]],
    "levels": [[Level(5.0, 5, 2, np.zeros((9, 9)), np.eye(3) * np.nan)], [Level(5.0, 5, 2, np.zeros((9, 9)), np.eye(4))],
               [Level(5.0, 5, 2, np.ones((9, 9)) * 7, np.eye(3))], (Level(9.0, 9, 1, np.ones((9, 9)), np.eye(1)),)],
    "input_shape": [(1, 2, 3), [1, 28, 28], (1, 2), (10**9, 10**9, 10**9), (0, 1, 1), (1.0, 2, 3), (1, 2, None)],
    "model": [BLANK, DIVERGED, Sequential(), Sequential(Flatten(), Linear(784, 10, rng=0)), Sequential(MaxPool2d(40)),
              Sequential(Normalize(33, 78), Conv2d(1, 2, 3, rng=0), Flatten(), Linear(2 * 26 * 26, 10, rng=0)),
              Sequential(Normalize(33, 78), Flatten(), Linear(784, 3, rng=0)), Linear(784, 10, rng=0)],
    "names": [["a", "b"], [HOSTILE[0]] * 6, ["$x$"] * 6, [1, 2, 3, 4, 5, 6]],
    "marker": ["s", "$x$", ""], "title": ["$x_1$", "$\\frac{$", "a $ b"], "label": ["$x_1$", "$\\frac{$"],
    "focus": [np.ones((2, 2), bool), np.ones((3, 2), bool), np.ma.ones((2, 2), bool), [[True, False], [False, True]]],
    "image": [np.full((9, 9), 0.5), np.full((2000, 2), 0.5), np.zeros((2, 2000)), np.eye(64), np.ones((300, 300))],
    "images": [np.zeros((2, 28, 28)), np.full((1, 28, 28), 9, np.uint8), np.zeros((21, 28, 28))],
}
KINDS = {
    "small integers": lambda rng, shape: rng.integers(-3, 4, shape),
    "shares": lambda rng, shape: rng.random(shape),
    "bytes": lambda rng, shape: rng.integers(0, 256, shape, np.uint8),
    "normal": lambda rng, shape: rng.normal(size=shape),
    "zeros": lambda rng, shape: np.zeros(shape),
    "booleans": lambda rng, shape: rng.random(shape) < 0.5,
    "huge": lambda rng, shape: rng.normal(size=shape) * 1e300,
    "large": lambda rng, shape: rng.integers(-(2**62), 2**62, shape),
    "unsigned": lambda rng, shape: rng.integers(0, 2**63, shape, np.uint64) * 2,
    "limits": lambda rng, shape: rng.choice([-10_000.0, 0.004, 10_000.0], shape),
    "tiny": lambda rng, shape: rng.normal(size=shape) * 5e-324,
    "holes": lambda rng, shape: np.where(rng.random(shape) < 0.3, np.nan, 1),
    "infinite": lambda rng, shape: np.where(rng.random(shape) < 0.3, -np.inf, 1),
    "half precision": lambda rng, shape: rng.normal(size=shape).astype(np.float16),
    "long doubles": lambda rng, shape: rng.normal(size=shape).astype(np.longdouble),
    "complex": lambda rng, shape: rng.normal(size=shape) + 1j,
    "texts": lambda rng, shape: rng.integers(0, 9, shape).astype(str),
    "objects": lambda rng, shape: rng.integers(0, 9, shape).astype(object),
}


@st.composite
def arrays(draw, like=None):
    """Draw an array of any kind and layout, of any shape or of that of `like`."""
    shape = np.shape(like) if like is not None and draw(st.booleans()) else tuple(draw(st.lists(st.integers(0, 6), max_size=4)))
    array = np.asarray(KINDS[draw(st.sampled_from(sorted(KINDS)))](np.random.default_rng(draw(st.integers(0, 99))), shape))
    layout = draw(st.sampled_from(
        ["plain", "Fortran", "strided", "backwards", "read-only", "list", "tuple", "masked", "matrix", "repeated"]))
    if layout == "Fortran":
        array = np.asfortranarray(array)
    elif layout == "strided" and array.ndim:
        array = np.repeat(array, 2, axis=-1)[..., ::2]
    elif layout == "backwards" and array.ndim:
        array = array[::-1]
    elif layout == "read-only":
        array.flags.writeable = False
    elif layout == "list":
        return array.tolist()
    elif layout == "tuple" and array.ndim:
        return tuple(array.tolist())
    elif layout == "masked":
        return np.ma.array(array, mask=np.zeros(shape, bool))
    elif layout == "matrix" and array.ndim == 2:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # NumPy warns of its own class
            return np.asmatrix(array)
    elif layout == "repeated":
        return np.broadcast_to(array, (3, *array.shape))
    return array


def anything(name, like=None):
    """Draw something for an argument called `name` that holds `like` now."""
    return st.one_of(
        arrays(like if isinstance(like, (list, tuple, np.ndarray)) and not _ragged(like) else None),
        st.sampled_from(ODD), st.sampled_from(WORDS), st.integers(-2, 20), *([st.sampled_from(NEAR[name])] if name in NEAR else []),
    )


def tame(name, like):
    """Draw something that could well be right: of the kind and about the shape of `like`."""
    if isinstance(like, bool):
        return st.booleans()
    if isinstance(like, int):
        return st.integers(0, 4)
    if isinstance(like, str) or name in NEAR:
        return st.sampled_from([*NEAR.get(name, ()), *([] if name in NEAR else WORDS)])
    if like is None or isinstance(like, (bytes, dict)) or _ragged(like):
        return anything(name, like)
    return st.tuples(st.tuples(*[st.integers(-1, 1)] * np.ndim(like)), st.integers(0, 99), st.sampled_from(
        ["small integers", "shares", "zeros", "limits", "half precision", "booleans"])).map(
        lambda drawn: KINDS[drawn[2]](np.random.default_rng(drawn[1]), tuple(np.maximum(np.shape(like) + np.array(drawn[0], int), 1))))


def given_for(data, name, like=None):
    """Draw a value for an argument: as likely one that could be right as anything at all."""
    return data.draw(tame(name, like) if data.draw(st.booleans()) else anything(name, like))


def _ragged(value):
    try:
        return np.asarray(value).dtype.kind not in "buif"
    except ValueError:
        return True


# What must hold ------------------------------------------------------------------------------------


def plain(value):
    """A value as something that can be compared."""
    if isinstance(value, np.ndarray):
        return value.shape, value.dtype.str, value.tobytes()
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return value if isinstance(value, (int, float, str, bytes, bool, type(None))) else id(value)


def state(widget):
    """All that a widget says of itself."""
    own = {name: plain(getattr(widget, name)) for name in OURS[type(widget).__name__]}
    return own, repr(widget), widget.describe(), plain(widget.get_state())


def show(widget, picture=True):
    """Show the widget by all the means it has."""
    text = widget.describe()
    assert text and "\n" not in text and repr(widget).startswith(type(widget).__name__)
    json.dumps(widget.get_state(), default=lambda value: "" if isinstance(value, (bytes, memoryview)) else f"{value!r}")
    if picture and type(widget).picture is not TeachingWidget.picture:  # a question folds its answer instead
        figure = widget.picture()
        assert isinstance(figure, Figure) and max(figure.get_size_inches()) * figure.dpi < 20_000
        figure.draw_without_rendering()


def refused(call, known):
    """Whether a call is refused, in a message that names one of the arguments; anything else is raised."""
    try:
        call()
    except (TypeError, ValueError) as error:
        if any(name.strip("_") in str(error) for name in known):
            return True
        raise AssertionError(f"{error} names no argument") from error
    return False


def kept(value):
    """A copy of what is given, to compare with afterwards; None where there is nothing to compare."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # an older NumPy cannot copy float16 under a mask in silence
        try:
            return copy.deepcopy(value)
        except (TypeError, ValueError):
            return None


def same(value, before):
    if isinstance(value, np.ndarray) and value.dtype != object:
        return plain(np.asarray(value)) == plain(np.asarray(before))
    return before is None or repr(value) == repr(before)


def travels(value):
    """Whether the page could send a value: JSON, and bytes."""
    try:
        json.dumps(value, default=lambda one: "" if isinstance(one, (bytes, memoryview)) else one)
    except (TypeError, ValueError):
        return False
    return True


def judge(widget, change, values, *, picture=True):
    """Make a change; it is taken and can be shown, or refused by name and nothing is different."""
    before, given_ = state(widget), {name: kept(value) for name, value in values.items()}
    with counted() as kinds:
        if refused(change, OURS[type(widget).__name__]):
            assert state(widget) == before
            kinds.append("assignments refused by name, nothing changed")
        else:
            show(widget, picture)
            kinds.append("assignments taken and shown")
        assert all(same(value, given_[name]) for name, value in values.items()), "what was given is changed"


@pytest.fixture(autouse=True)
def no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # What other packages say of each other, where one is old and one is new, is not ours to mend.
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        warnings.filterwarnings("error", category=DeprecationWarning, module="cnnlib")
        warnings.filterwarnings("ignore", "Glyph .* missing from font")  # true, and of what was given
        yield


# Widgets -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name, trait", WRITABLE)
@FEW
@given(data=st.data())
def test_any_value_for_every_trait(name, trait, data):
    widget = make(name)
    value = given_for(data, trait, getattr(widget, trait))
    from_page = data.draw(st.booleans()) and trait in widget.keys and travels(value)
    judge(widget, lambda: widget.set_state({trait: value}) if from_page else setattr(widget, trait, value), {trait: value})
    widget.close()


@pytest.mark.parametrize("name", widgets.__all__)
@FEW
@given(data=st.data())
def test_any_changes_one_after_the_other_and_together(name, data):
    widget, own = make(name), [trait for kind, trait in WRITABLE if kind == name]
    for _ in range(data.draw(st.integers(1, 4))):
        values = {trait: given_for(data, trait, getattr(widget, trait))
                  for trait in data.draw(st.lists(st.sampled_from(own), min_size=1, max_size=3, unique=True))}

        def change(values=values):
            with widget.hold_trait_notifications():
                for trait, value in values.items():
                    setattr(widget, trait, value)

        judge(widget, change, values, picture=False)
    show(widget)
    widget.close()


@pytest.mark.parametrize("name, usual, values", [  # what is looked at first depends on what is refused, or follows, later
    ("FaceFinder", {}, {"level": 4, "row": 1}),
    ("PatternDetector", {}, {"kernels": {"a": [1, 2]}, "position": 3}),
    ("PatternDetector", {}, {"selected": "none such", "position": 3}),
    ("FilterBench", {}, {"photo": OWN, "row": 3}),
    ("LinkedView", {"padding": "valid"}, {"n": 1, "row": 0}),
    ("LinkedView", {}, {"n": 12, "row": 11, "kernel_size": 12}),
    ("LookInside", {}, {"layer": 99, "map": 1}),
])
@pytest.mark.parametrize("order", [1, -1])
def test_changes_together_whose_order_matters(name, usual, values, order):
    widget = make(name, **usual)

    def change():
        with widget.hold_trait_notifications():
            for trait, value in list(values.items())[::order]:
                setattr(widget, trait, value)

    judge(widget, change, values)


@pytest.mark.parametrize("name, trait", sorted(READ_ONLY))
def test_nobody_else_sets_what_a_widget_works_out(name, trait):
    widget = make(name)
    before = state(widget)
    with pytest.raises(TraitError, match=trait):
        setattr(widget, trait, getattr(widget, trait))
    if trait in widget.keys:
        with pytest.raises(ValueError, match=trait):
            widget.set_state({trait: getattr(widget, trait)})
    assert state(widget) == before


@pytest.mark.parametrize("name, trait", WRITABLE)
def test_none_is_refused_or_a_value_like_any_other(name, trait):
    widget = make(name)
    judge(widget, lambda: setattr(widget, trait, None), {trait: None})
    assert getattr(widget, trait) is not None or trait in ("own", "answer")  # none yet


def arguments(name):
    """The arguments of a widget's constructor, and those of its traits that it takes as well."""
    signature = [one.name for one in inspect.signature(getattr(widgets, name)).parameters.values() if one.kind != one.VAR_KEYWORD]
    return sorted({*signature, *(trait for kind, trait in WRITABLE if kind == name and not trait.startswith("_"))})


@pytest.mark.parametrize("name", widgets.__all__)
@settings(FEW, max_examples=6 * FEW.max_examples)
@given(data=st.data())
def test_any_arguments(name, data):
    known = arguments(name)
    chosen = data.draw(st.lists(st.sampled_from(known), min_size=1, max_size=2, unique=True))
    usual = make(name)
    likes = {one: REQUIRED.get(name, {}).get(one, getattr(usual, one, None)) for one in chosen}
    values = {one: given_for(data, one, like) for one, like in likes.items()}
    usual.close()
    before = {one: kept(value) for one, value in values.items()}
    made = []
    with counted() as kinds:
        if refused(lambda: made.append(make(name, **values)), {*known, *OURS[name]}):
            kinds.append("constructors refused by name")
        for widget in made:
            show(widget)
            widget.close()
            kinds.append("constructors taken and shown")
        assert all(same(value, before[one]) for one, value in values.items()), "what was given is changed"


@pytest.mark.parametrize("name", widgets.__all__)
def test_an_unknown_argument_is_named_and_the_near_one_too(name):
    near = next(one for one in arguments(name) if len(one) > 2)
    with pytest.raises(TypeError, match=f"{name}.* has no argument '{near}d'; did you mean '{near}'"):
        make(name, **{f"{near}d": 1})
    for unknown in ("zzzzzz", next(trait for kind, trait in sorted(READ_ONLY) if kind == name) if name in dict(READ_ONLY) else "q"):
        with pytest.raises(TypeError, match=f"{name}.* has no argument '{unknown}'"):
            make(name, **{unknown: 1})


@pytest.mark.parametrize("name", widgets.__all__)
def test_a_refused_message_is_answered_with_what_holds(name, monkeypatch):
    widget, sent = make(name), []
    own = next(trait for kind, trait in WRITABLE if kind == name and trait in widget.keys)
    monkeypatch.setattr(widget, "_send", lambda message, buffers=None: sent.append(message))
    with pytest.raises(ValueError, match=own.strip("_")):
        widget.set_state({own: object})
    assert own in {trait for message in sent for trait in message["state"]}


# Figures -------------------------------------------------------------------------------------------

FUNCTIONS = [name for name in figures.__all__ if callable(getattr(figures, name))]
USUAL = {
    "ax": lambda: figures.canvas(8, 8)[1], "value": 1.5, "values": [[1, -2], [0.5, 3]], "output": [[1.0, -2]], "share": 0.5,
    "first": "#102030", "second": "#ffffff", "fill": "#ffffff", "text": "1", "texts": ["1", "22"], "place": (1, 1),
    "places": [1, 2], "runs": [[1, 2, 3], [4, 5]], "width": 3, "height": 2, "widths": [3, 2], "end": 2.0, "largest": 3.0,
}


FLAGS = [(name, one.name) for name in FUNCTIONS for one in inspect.signature(getattr(figures, name)).parameters.values()
         if isinstance(one.default, bool)]


@pytest.mark.parametrize("name, flag", FLAGS)
@pytest.mark.parametrize("value", ["no", "", None, 0, 2, float("nan"), [], np.array([1, 2]), np.ma.masked])
def test_a_flag_of_figures_is_true_or_false(name, flag, value):
    function = getattr(figures, name)
    values = {one: USUAL[one]() if one == "ax" else USUAL[one] for one, parameter in inspect.signature(function).parameters.items()
              if parameter.default is parameter.empty}
    function(**values, **{flag: np.True_})
    with pytest.raises((TypeError, ValueError), match=f"^{flag} must be"):
        function(**values, **{flag: value})


@pytest.mark.parametrize("name", FUNCTIONS)
@settings(FEW, max_examples=10 * FEW.max_examples)
@given(data=st.data())
def test_any_arguments_of_figures(name, data):
    function = getattr(figures, name)
    parameters = inspect.signature(function).parameters
    values = {one: USUAL[one]() if one == "ax" else USUAL[one]
              for one, parameter in parameters.items() if parameter.default is parameter.empty}
    changed = data.draw(st.sampled_from(list(parameters)))
    values[changed] = given_for(data, changed, values.get(changed, parameters[changed].default))
    before = kept(values[changed]) if changed != "ax" else None
    with counted() as kinds:
        if refused(lambda: function(**values), parameters):
            kinds.append("calls of figures refused by name")
        else:
            if isinstance(values.get("ax"), figures.Axes):
                values["ax"].figure.draw_without_rendering()
            kinds.append("calls of figures drawn")
        assert before is None or same(values[changed], before)
