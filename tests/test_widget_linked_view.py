import base64

import numpy as np
import pytest
from matplotlib.patches import PathPatch

from cnnlib import conv1d_index, cross_correlate1d, parameter_count, sigmoid, weight_index
from cnnlib.figures import PALETTE, contrast, readable
from cnnlib.matrices import KINDS
from cnnlib.widgets import LinkedView
from cnnlib.widgets.linked_view import MOST, weight_colors
from test_widgets import evaluate

SIZES = [(n, m) for n in range(1, MOST + 1) for m in range(1, n + 1, 2)]


def value_of(formula, n, m):
    """Compute a formula as it is written on the widget, such as 3(n − 2) or 5n − 6."""
    text = formula.replace("−", "-").replace("²", "**2").replace("n(", "n*(").replace("m", str(m))
    text = "".join(f"{c}*" if c.isdigit() and after in "n(" else c for c, after in zip(text, text[1:] + " "))
    return eval(text, {"n": n})  # noqa: S307 (our own words)


@pytest.mark.parametrize("kind", KINDS)
def test_edges_and_counts_are_those_of_the_library(kind):
    for n, m in SIZES:
        same, valid = (LinkedView(n, m, kind, padding=padding) for padding in ("same", "valid"))
        assert np.array_equal(same.index, weight_index(n, m, kind))
        assert np.array_equal(valid.index >= 0, conv1d_index(n, m) >= 0 if kind != "full" else np.ones((n - m + 1, n)))
        for widget in (same, valid):
            assert widget.parameters == parameter_count(widget.index) == value_of(widget.formula(), n, m)


def test_the_numbers_of_the_lecture():
    views = [LinkedView(kind=kind) for kind in KINDS]
    assert [view.parameters for view in views] == [25, 13, 3]
    assert [view.links for view in views] == [25, 13, 13]
    assert [view.formula() for view in views] == ["n²", "3n − 2", "m"]
    assert LinkedView(kind="shared", padding="valid").outputs == [2, 1, 1]


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_shared_outputs_are_a_cross_correlation(padding, stride):
    rng = np.random.default_rng(3)
    for n, m in SIZES:
        a, theta = rng.normal(size=n), rng.normal(size=m)
        widget = LinkedView(kind="shared", inputs=a, theta=theta, padding=padding, stride=stride, activation="sigmoid")
        zeros = (m - 1) // 2 if padding == "same" else 0
        assert np.allclose(widget.outputs, sigmoid(cross_correlate1d(a, theta, stride, zeros)))
        assert widget.parameters == m


def test_free_weights_are_used_where_there_is_an_edge():
    rng = np.random.default_rng(4)
    a, weights = rng.normal(size=6), rng.normal(size=(6, 6))
    widget = LinkedView(inputs=a, weights=weights)
    assert np.allclose(widget.outputs, weights @ a)
    widget.kind = "local"
    assert np.allclose(widget.outputs, np.tril(np.triu(weights, -1), 1) @ a)


def test_numbers_follow_sizes_and_sizes_follow_numbers():
    widget = LinkedView(kind="shared", theta=[1, 2, 3], row=4)
    before = widget.outputs
    widget.kernel_size = 5
    assert widget.theta == [0, 1, 2, 3, 0] and widget.outputs == before
    widget.n = 4
    assert (widget.kernel_size, widget.theta, widget.row) == (3, [1, 2, 3], 3)
    assert np.shape(widget.weights) == (4, 4) and len(widget.inputs) == len(widget.outputs) == 4
    widget.inputs = [1, 2, 3, 4, 5, 6]
    assert widget.n == 6 and np.shape(widget.weights) == (6, 6)
    widget.theta = [1]
    assert widget.kernel_size == 1 and widget.outputs == widget.inputs


def test_many_changes_may_arrive_in_one_message():
    widget = LinkedView()
    widget.set_state({"n": 7, "inputs": [1] * 7, "weights": np.eye(7).tolist(), "kernel_size": 5, "theta": [1] * 5,
                      "kind": "shared", "row": 6})
    assert widget.outputs == [3, 4, 5, 5, 5, 4, 3]
    assert "n=7, kernel_size=5, kind='shared', row=6" in repr(widget)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"n": 13}, "n must be an integer in 1..12, got 13"),
        ({"n": 0}, "n must be an integer of at least 1, got 0"),
        ({"inputs": list(range(13))}, "inputs must hold at most 12 numbers, got 13"),
        ({"inputs": [1, 2], "n": 3}, "n must be 2, as many as the numbers given with it, got 3"),
        ({"inputs": [1, float("nan")]}, "inputs must hold finite numbers"),
        ({"kernel_size": 4}, "kernel_size must be odd with padding 'same', got 4"),
        ({"n": 3, "kernel_size": 5}, "kernel_size must be at most n = 3, got 5"),
        ({"theta": [[1]]}, "theta must be a 1-D array"),
        ({"weights": [[1]]}, r"weights must have shape \(5, 5\), got \(1, 1\)"),
        ({"row": 5}, "row must be an integer in 0..4, got 5"),
        ({"stride": 0}, "stride must be an integer of at least 1, got 0"),
        ({"kind": "dense"}, "kind must be one of 'full', 'local', 'shared', got 'dense'"),
        ({"padding": "full"}, "padding must be one of 'same', 'valid', got 'full'"),
        ({"activation": "relu"}, "activation must be one of 'identity', 'sigmoid', got 'relu'"),
    ],
)
def test_bad_arguments_are_refused(given, message):
    with pytest.raises(ValueError, match=message):
        LinkedView(**given)


@pytest.mark.parametrize(
    ("name", "value"),
    [("n", 20), ("inputs", [0] * 13), ("kernel_size", 2), ("kernel_size", 7), ("theta", [1, 2]), ("weights", [[1]]), ("kind", ""), ("row", 9)],
)
def test_a_bad_change_leaves_the_widget_as_it_was(name, value):
    widget = LinkedView()
    before = widget.get_state(), list(widget.outputs)
    with pytest.raises(ValueError):
        setattr(widget, name, value)
    assert (widget.get_state(), list(widget.outputs)) == before


def test_a_different_weight_has_a_different_colour_and_its_name_can_be_read_on_it():
    for theme in PALETTE:
        colors = weight_colors(theme)
        assert len(set(colors["free"])) == MOST * MOST and len(set(colors["shared"])) == MOST
        for fill in colors["free"] + colors["shared"]:
            assert contrast(readable(fill, theme), fill) >= 4.5


@pytest.mark.parametrize("kind", KINDS)
def test_the_picture_shows_each_edge_and_says_the_count(kind):
    widget = LinkedView(7, 5, kind, row=0)
    (ax,) = widget.picture().axes
    edges = [patch for patch in ax.patches if type(patch) is PathPatch]
    assert len(edges) == widget.links
    assert f"{widget.parameters} parameters = {widget.formula()}" in [text.get_text() for text in ax.texts]
    names = [text.get_text() for text in ax.texts]
    assert names.count("θ₂" if kind == "shared" else "Θ₂₂") == (7 if kind == "shared" else 1)


def test_the_output_of_a_cell_is_a_picture_and_a_line():
    widget = LinkedView(kind="shared", activation="sigmoid")
    data, _ = widget._repr_mimebundle_()
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert data["text/plain"] == (
        "Unit 2 (of 0 to 4), local and shared: a′₂ = g(θ₀·a₁ + θ₁·a₂ + θ₂·a₃) = 0.73. 3 parameters (m), 13 links; 4 with biases."
    )


# What a new size does, on the page and in Python -------------------------------------------------------

TRAITS = ("n", "kernel_size", "padding", "inputs", "weights", "theta", "row")


def drawn_sizes(count=150):
    rng = np.random.default_rng(5)
    while count:
        n, m, padding = int(rng.integers(1, MOST + 1)), int(rng.integers(1, MOST + 1)), str(rng.choice(["same", "valid"]))
        if m > n or (padding == "same" and m % 2 == 0):
            continue
        view = LinkedView(inputs=rng.normal(size=n), theta=rng.normal(size=m), padding=padding, stride=int(rng.integers(1, 4)),
                          weights=rng.normal(size=(n, n)), row=0)
        view.row = int(rng.integers(0, len(view.index)))
        name = str(rng.choice(["n", "m", "padding"]))
        wanted = {"n": n + int(rng.integers(-3, 4)), "m": m + 2 * int(rng.integers(-1, 2)), "padding": str(rng.choice(["same", "valid"]))}
        count -= 1
        yield view, {name: wanted[name]}


def test_a_new_size_does_the_same_on_the_page_and_in_python(tmp_path):
    cases = list(drawn_sizes())
    old = [{"m": view.kernel_size, **view.get_state({*TRAITS, "stride"})} for view, _ in cases]
    answers = evaluate("([old, wanted]) => core.resized(old, wanted)",
                       [[before, wanted] for before, (_, wanted) in zip(old, cases, strict=True)], tmp_path, LinkedView)
    set_here = 0
    for (view, wanted), answer in zip(cases, answers, strict=True):
        (name, value), = wanted.items()
        name = {"m": "kernel_size"}.get(name, name)
        kept = view.get_state()
        try:
            setattr(view, name, value)
            set_here += 1
        except ValueError:  # the page stops at the ends and chooses an odd filter, Python refuses
            assert view.get_state() == kept
            view.set_state(answer)
        assert {trait: getattr(view, trait) for trait in TRAITS} == answer
    assert set_here > 60
