"""The shared drawing: grids of any size, colours, and numbers as they are written."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.collections import PathCollection

from cnnlib import figures
from cnnlib.widgets import SlideFilter2D


@given(st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=9), st.floats(0, 1e4), st.sampled_from(["input", "weight", "output"]), st.booleans())
def test_shades_are_those_of_shade(values, largest, role, focus):
    colours = ["#" + one.tobytes().hex() for one in figures.shades(values, largest, role, focus)]
    assert colours == [figures.shade(value, largest, role, focus=focus) for value in values]


@pytest.mark.parametrize("value, text", [
    (1e20, "1" + "0" * 20), (1e21, "1e+21"), (-1.5e300, "−1.5e+300"), (np.inf, "∞"), (-np.inf, "−∞"), (np.nan, "NaN"),
    (np.float16(0.5), "0.5"), (np.int8(-3), "−3"), (True, "1"), (10**15, "1" + "0" * 15), (5e-324, "0"),
])
def test_any_number_can_be_written(value, text):
    assert figures.format_number(value) == text


def test_a_grid_is_a_box_and_a_number_for_each_cell():
    _, ax = figures.canvas(4, 3)
    blank = np.array([[False, False, True], [False, False, False]])
    figures.grid(ax, [[1, -2, 3], [0, 0.5, 6]], "weight", origin=(0.5, 0.5), blank=blank, dashed=blank[::-1])
    filled, bare = ax.collections
    assert len(filled.get_paths()) == 4 and len(bare.get_paths()) == 2
    assert [text.get_text() for text in ax.texts] == ["1", "−2", "0", "0.5", "6"]
    assert [round(float(x), 6) for x in filled.get_paths()[1].get_extents().intervalx] == [1.53, 2.47]


def test_where_no_number_could_be_read_a_grid_is_its_colours():
    _, ax = figures.canvas(60, 60, unit=0.15)
    values = np.random.default_rng(0).normal(size=(50, 50))
    blank = np.zeros((50, 50), bool)
    blank[0, 0] = True
    figures.grid(ax, values, "output", blank=blank)
    (image,) = ax.images
    assert not ax.texts and not any(isinstance(one, PathCollection) for one in ax.collections)
    expected = figures.shades(values, np.abs(values).max(), "output") / 255
    expected[0, 0] = 1
    np.testing.assert_allclose(image.get_array(), expected)


def test_the_cost_of_a_picture_does_not_grow_with_its_cells():
    rng = np.random.default_rng(0)
    counts = []
    for side in (8, 16, 32):
        (ax,) = SlideFilter2D(rng.normal(size=(side, side)), rng.normal(size=(3, 3)), reveal=True).picture().axes
        counts.append(len(ax.get_children()))
    assert counts[-1] < counts[0]


@pytest.mark.parametrize("largest, message", [
    ({"image": np.ones((33, 33))}, "image must have at most 32 entries along each axis, got shape (33, 33)"),
    ({"image": np.ones((30, 30)), "padding": 2}, "image must have at most 32 rows and columns with its padding, got 34"),
    ({"image": np.ones((32, 32)), "kernel": np.ones((12, 12))}, "kernel must have at most 11 entries along each axis"),
    ({"image": [[10_001]], "kernel": [[1]]}, "image must hold numbers from -10,000 to 10,000, got 10001 to 10001"),
])
def test_what_a_widget_cannot_show_is_refused_with_its_limit(largest, message):
    with pytest.raises(ValueError) as error:
        SlideFilter2D(**largest)
    assert message in str(error.value)


@pytest.mark.parametrize("values, largest, ends", [
    ([[0.5, -2.0]], None, 2),
    ([[0.5, np.nan], [np.inf, -2.0]], None, 2),
    ([[np.nan]], None, 1),
    ([[0.5]], 1e308, figures.FARTHEST_END),
    ([[1.7e308, -1.7e308]], None, figures.FARTHEST_END),
    ([[1.7e308, 0.0]], 1e-308, 1e-308),
])
@pytest.mark.filterwarnings("error")
def test_a_picture_of_any_numbers_can_be_drawn(values, largest, ends):
    _, ax = figures.canvas(4, 4)
    figures.pixels(ax, values, largest=largest)
    ax.figure.draw_without_rendering()
    assert ax.images[0].get_clim() == (-ends, ends)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("dtype", [np.float16, np.float64])
@pytest.mark.parametrize("end", [1e-320, 1e-9, 0.5, 1e308])
def test_pixels_stop_at_the_end_of_their_scale(end, dtype):
    low, zero, high = figures.signed_pixels(np.array([-end, 0, end]), end)
    shown = figures.signed_pixels(np.array([-60_000, 0, 60_000], dtype), min(end, 60_000))
    np.testing.assert_array_equal(shown, [low, zero, high])


@pytest.mark.parametrize("title, error", [(3, TypeError), (None, TypeError), (r"$\frac{$", ValueError), ("a\n$x_$", ValueError)])
def test_a_title_is_text_that_can_be_drawn(title, error):
    _, ax = figures.canvas(4, 4)
    with pytest.raises(error, match="^title must be text"):
        figures.show_map(ax, [[1.0, 2.0]], title)
    figures.show_map(ax, [[1.0, 2.0]], "5 $\na $x_1$").figure.draw_without_rendering()


@pytest.mark.parametrize("focus, message", [
    (np.ones(3, bool), r"focus must have shape \(2,\), got \(3,\)"), ([1, 0], "focus must be an array of booleans, got dtype int"),
    (np.ma.array([True, False]), "focus must be an array of booleans without a mask"),
])
def test_what_is_in_the_window_is_true_or_false(focus, message):
    with pytest.raises((TypeError, ValueError), match=message):
        figures.shades([1.0, 2.0], 2, focus=focus)


def test_a_cell_of_any_size_can_be_drawn():
    _, ax = figures.canvas(8, 8)
    figures.cell(ax, "1", "#ffffff", (1, 1), size=10**6).figure.draw_without_rendering()


def test_a_number_of_few_bits_is_a_size_like_any_other():
    figure, ax = figures.canvas(np.int8(100), np.uint8(3), unit=np.int8(1))
    assert figure.get_size_inches().tolist() == [100, 3]
    figures.frame(ax, (90, 0), np.int8(90), np.int8(1))
    assert ax.patches[0].get_extents().x1 > 0
    with pytest.raises(ValueError, match=r"fontsize must be a finite number in \(0, 1000\]"):
        figures.scale_bar(ax, fontsize=10**6)
