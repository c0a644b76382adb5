"""The one kind of bar: a mean over seeds, and the 95 % interval of that mean."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from cnnlib.comparison import estimate
from cnnlib.figures import PALETTE, show_means


@pytest.mark.parametrize("horizontal", [False, True])
def test_bars_are_the_intervals_and_dots_the_seeds(horizontal):
    runs = [[4, 5, 6], [1, 1.5], [3]]
    ax = Figure().add_subplot()
    found = show_means(ax, [10, 20, 30], runs, horizontal=horizontal, label="these")
    assert found[:2] == [estimate(row) for row in runs[:2]]
    points = [np.column_stack(line.get_data()) for line in ax.lines if line.get_marker() == "."]
    for place, row, dots in zip((10, 20, 30), runs, points):
        assert dots.tolist() == [[x, place] if horizontal else [place, x] for x in row]
    (bars,) = ax.containers[0].lines[2]
    for segment, one in zip(bars.get_segments(), found[:2]):
        assert segment[:, 0 if horizontal else 1].tolist() == pytest.approx([one.low, one.high])
    assert ax.containers[0].get_label() == "these"


def test_one_seed_has_no_bar():
    ax = Figure().add_subplot()
    show_means(ax, [0], [[3.0]])
    (bars,) = ax.containers[0].lines[2]
    assert np.ptp(bars.get_segments()[0][:, 1]) == 0


def test_each_place_needs_a_row():
    with pytest.raises(ValueError, match="runs must be one row for each of 2 places, got 1"):
        show_means(Figure().add_subplot(), [0, 1], [[1, 2]])


@pytest.mark.parametrize("role", ["input", "weight", "output", "negative", "muted"])
def test_any_colour_of_the_palette_will_do(role):
    ax = Figure().add_subplot()
    show_means(ax, [0], [[3.0, 4.0]], role=role)
    assert ax.lines[0].get_color() == PALETTE["light"][role]


@pytest.mark.parametrize("change, message", [
    ({"marker": "nonsense"}, "marker must be one of '.'.* got 'nonsense'"), ({"marker": None}, "marker must be one of"),
    ({"marker": 3}, "marker must be one of"), ({"label": 3}, "label must be text, got 3"), ({"label": ["a"]}, "label must be text"),
    ({"label": r"$\frac{$"}, "label must be text, with formulas that Matplotlib can read"),
])
def test_marks_and_names_are_looked_at(change, message):
    ax = Figure().add_subplot()
    with pytest.raises((TypeError, ValueError), match=message):
        show_means(ax, [0], [[3.0]], **change)
    assert not ax.lines


@pytest.mark.parametrize("marker", ["s", "^", ","])
def test_a_mark_is_that_of_matplotlib(marker):
    ax = Figure().add_subplot()
    show_means(ax, [0, 1], [[3.0], [4.0]], marker=marker)
    assert ax.containers[0].lines[0].get_marker() == marker and ax.containers[0].lines[0].get_linestyle() == "None"


def test_a_role_that_is_no_colour_is_refused():
    with pytest.raises(ValueError, match="role must be one of"):
        show_means(Figure().add_subplot(), [0], [[3.0]], role="theta")
