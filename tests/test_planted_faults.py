"""Tests of the tests: a fault that somebody plants turns the test command red, for the right reason.

The swallowed event is in tests/browser/.
"""

import nbformat
import pytest

from planted import ROOT, Copy


@pytest.fixture
def copy(tmp_path):
    try:
        return Copy(tmp_path)
    except OSError as error:  # Windows lets only some users make links
        pytest.skip(f"no copy of the project can be made: {error}")


def first_lines(name):
    """A lecture up to its first cell that prints a number, and the place of that cell."""
    notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    for place, cell in enumerate(notebook.cells):
        printed = [out for out in cell.get("outputs", []) if out.output_type == "stream"]
        if printed and any(letter.isdigit() for letter in printed[0].text):
            notebook.cells = notebook.cells[: place + 1]
            return notebook, printed[0]
    raise AssertionError(f"lecture {name} prints no number")


NBVAL = ("--nbval", "--nbval-current-env", "--nbval-cell-timeout=120")


def test_a_stored_number_that_is_not_computed(copy):
    notebook, stream = first_lines("03_convolution_1d")
    nbformat.write(notebook, copy.root / "right.ipynb")
    digit = next(letter for letter in stream.text if letter.isdigit())
    stream.text = stream.text.replace(digit, str((int(digit) + 1) % 10), 1)
    nbformat.write(notebook, copy.root / "wrong.ipynb")
    found, said = copy.failures(*NBVAL, "right.ipynb", "wrong.ipynb")
    assert [test.partition("::")[0] for test in found] == ["wrong.ipynb"] and "mismatch" in said


def test_an_artist_of_a_plot(copy):
    copy.plant("cnnlib/figures.py", "bars = [0 if np.isnan(one.half) else one.half for one in found]",
               "bars = [0 if np.isnan(one.half) else 2 * one.half for one in found]")
    found, said = copy.failures("tests/test_figures_means.py")
    assert {test.partition("[")[0] for test in found} == {
        "tests/test_figures_means.py::test_bars_are_the_intervals_and_dots_the_seeds"}
    assert "pytest.approx([one.low, one.high])" in said


def test_a_widgets_sum_that_is_off_by_one(copy):
    copy.plant("cnnlib/widgets/shared/numbers.js",
               "windowTaps(image, kernel, i, j, steps).reduce((sum, tap) => sum + tap.value * tap.weight, 0)",
               "windowTaps(image, kernel, i, j, steps).reduce((sum, tap) => sum + tap.value * tap.weight, 1)")
    found, said = copy.failures("tests/test_widgets.py", "-k", "script_correlates")
    assert list(found) == ["tests/test_widgets.py::test_script_correlates_as_the_library"]
    assert "Not equal to tolerance" in said and "Max absolute difference among violations: 1." in said


def test_a_plain_fault_of_the_library(copy):
    copy.plant("cnnlib/shapes.py", "return (padded - span) // s + 1", "return (padded - span) // s")
    found, _ = copy.failures("tests/test_conv.py", "-x", "-k", "cross_correlate or scipy")
    assert found and all(test.startswith("tests/test_conv.py::") for test in found)
