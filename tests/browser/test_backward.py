"""Backward, driven in JupyterLab and Notebook 7: what it adds up is what cnnlib computes."""

import numpy as np
import pytest

from cnnlib.widgets import Backward

CELLS = ("from cnnlib.widgets import Backward", "w = Backward()\nw")
STATE = "[w.image, w.kernel, w.grad_output, w.stride, w.row, w.col, w.weight, w.pixel]"


@pytest.fixture(scope="module")
def lab(server, open_notebook):
    notebook = open_notebook(server.write("backward.ipynb", *CELLS))
    notebook.run_all()
    notebook.page.locator(".cnn-backward .cnn-says").wait_for()
    return notebook


@pytest.fixture
def notebook(lab):
    """The open notebook, its widget as new, and nothing complained about by the end."""
    lab.park()
    lab.python("""
with w.hold_trait_notifications():
    new = Backward()
    for name in ("image", "kernel", "grad_output", "stride", "row", "col", "weight", "pixel", "playing"):
        setattr(w, name, getattr(new, name))
""")
    wait_said(lab, Backward().describe())
    yield lab
    assert lab.problems == []


def wait_said(notebook, text):
    notebook.page.locator(".cnn-backward .cnn-says", has_text=text).wait_for()


def shown(notebook, part):
    """The numbers in a grid, in reading order; blank cells are NaN."""
    texts = notebook.page.locator(f".cnn-stage .{part} svg > text").all_text_contents()
    return np.array([float(text.replace("−", "-").replace("k", "e3").replace("…", "0")) if text else np.nan for text in texts])


def rounding(notebook, part):
    """By how much the numbers in a grid may be rounded: a small cell shows fewer digits, or "…"."""
    texts = notebook.page.locator(f".cnn-stage .{part} svg > text").all_text_contents()
    return np.array([np.inf if text == "…" else 0.51 * 10.0 ** (3 * ("k" in text) - len(text.partition(".")[2].strip("k")))
                     for text in texts])


def cell(notebook, part, row, column, across):
    return notebook.page.locator(f".cnn-stage .{part} svg > rect").nth(row * across + column)


def check(notebook, row, col):
    """The kernel knows the gesture; text, grids and sums are those of a widget in that state."""
    assert notebook.python("[w.row, w.col]") == [row, col]
    image, kernel, grad, stride, *_, weight, pixel = notebook.python(STATE)
    widget = Backward(image, kernel, grad, stride=stride, row=row, col=col, weight=weight, pixel=pixel)
    wait_said(notebook, widget.describe())
    grad_image, grad_kernel = widget.gradients()
    g, start = grad[row][col], (row * stride, col * stride)
    patch = np.array(image)[start[0] : start[0] + len(kernel), start[1] : start[1] + len(kernel[0])]
    pictures = {"grad": grad, "image": image, "kernel": kernel, "on-kernel": g * patch, "on-image": g * np.array(kernel),
                "grad-kernel": grad_kernel, "num-kernel": widget.numerical["kernel"], "num-image": widget.numerical["image"]}
    for part, values in pictures.items():
        assert np.all(np.abs(shown(notebook, part) - np.ravel(values)) <= rounding(notebook, part)), part
    seen = shown(notebook, "grad-image")
    assert np.all(np.abs(np.nan_to_num(seen) - grad_image.ravel()) <= rounding(notebook, "grad-image"))
    chips = notebook.page.locator(".sums .cnn-equation")
    for place, which, total in ((0, "weight", grad_kernel), (1, "pixel", grad_image)):
        made = chips.nth(place).locator(".cnn-total").inner_text().replace("−", "-")
        assert float(made) == pytest.approx(total[tuple(getattr(widget, which))], abs=0.0051)
        names = chips.nth(place).locator(".cnn-term > .cnn-chip").evaluate_all("(all) => all.map((one) => one.dataset.name)")
        digits = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
        places = [tuple(int(d) for d in name.translate(digits)[1:]) for name in names]
        assert list(zip(places[0::2], places[1::2], strict=True)) == widget.terms(which)
        later = chips.nth(place).locator(".cnn-later").count()
        columns = len(grad[0])
        assert later == sum(i * columns + j >= widget.count for (i, j), _ in widget.terms(which))
    return widget


def test_keys_walk_over_the_positions(notebook):
    for part in ("grad", "image"):
        notebook.page.locator(f".cnn-stage .{part} svg").focus()
        for key, place in [("ArrowRight", (0, 1)), ("ArrowDown", (1, 1)), ("End", (1, 2)), ("Control+End", (2, 2)),
                           ("Home", (2, 0)), ("PageUp", (0, 0))]:
            notebook.keys(key)
            check(notebook, *place)


def test_all_positions_together_agree_with_central_differences(notebook):
    page = notebook.page
    assert page.locator(".verdict").inner_text() == "✓ the totals agree with central differences"
    page.get_by_role("slider", name="positions added").fill("9")
    widget = check(notebook, 2, 2)
    assert page.locator(".cnn-stage .cnn-sign", has_text="≈").count() == 2
    np.testing.assert_allclose(shown(notebook, "grad-kernel"), np.ravel(widget.numerical["kernel"]), atol=1e-6)
    page.get_by_role("slider", name="positions added").fill("8")
    check(notebook, 2, 1)
    assert page.locator(".cnn-stage .cnn-sign", has_text="≈").count() == 0
    assert np.isnan(shown(notebook, "grad-image")).sum() == 1, "the last corner is not reached yet"


def test_play_step_and_reset(notebook):
    page = notebook.page
    page.get_by_role("button", name="step").click()
    check(notebook, 0, 1)
    ones = [[1] * 10] * 10
    notebook.python(f"""
with w.hold_trait_notifications():  # a way too long to end before somebody pauses
    w.image, w.grad_output = {ones}, [line[:8] for line in {ones}[:8]]
""")
    page.get_by_role("button", name="play").click()
    assert notebook.wait_python("[w.row, w.col] >= [0, 2]", True)
    page.get_by_role("button", name="pause").click()
    playing, *stopped = notebook.python("w.playing, w.row, w.col")
    assert playing is False
    notebook.outlast(1500)  # longer than a step
    assert notebook.python("w.row, w.col") == stopped
    page.get_by_role("button", name="reset").click()
    check(notebook, 0, 0)
    notebook.python("w.row, w.col, w.playing = 7, 6, True")
    assert notebook.wait_python("[w.playing, w.row, w.col]", [False, 7, 7]) == [False, 7, 7]


def test_pointing_and_dragging(notebook):
    notebook.point(cell(notebook, "grad", 1, 2, 3))
    check(notebook, 1, 2)
    notebook.drag(cell(notebook, "image", 2, 3, 5), cell(notebook, "image", 3, 1, 5))
    check(notebook, 2, 0)
    notebook.point(cell(notebook, "grad-kernel", 2, 1, 3))
    assert notebook.python("w.weight") == [2, 1]
    notebook.point(cell(notebook, "grad-image", 0, 1, 5))
    assert notebook.python("w.pixel") == [0, 1]
    widget = check(notebook, 2, 0)
    assert len(widget.terms("pixel")) == 2
    notebook.page.locator(".cnn-stage .grad-image svg").focus()
    notebook.keys("ArrowDown")
    assert notebook.python("w.pixel") == [1, 1]
    check(notebook, 2, 0)


def test_all_three_arrays_are_edited_in_place(notebook):
    page = notebook.page
    notebook.click(cell(notebook, "kernel", 0, 0, 3))
    page.locator(".cnn-field").fill("−2")
    page.locator(".cnn-field").press("Enter")
    assert notebook.python("w.kernel[0][0]") == -2
    notebook.click(cell(notebook, "image", 0, 4, 5), clicks=2)
    page.locator(".cnn-field").fill("1/4")
    page.locator(".cnn-field").press("Enter")
    assert notebook.python("w.image[0][4]") == 0.25
    notebook.click(cell(notebook, "grad", 0, 2, 3), clicks=2)
    page.locator(".cnn-field").fill("three")
    page.locator(".cnn-field").press("Enter")
    assert "“three” is not a number" in page.get_by_role("alert").inner_text()
    page.locator(".cnn-field").fill("9876.54321")  # rounding is no wrong gradient
    page.locator(".cnn-field").press("Enter")
    assert notebook.python("w.grad_output[0][2]") == 9876.54321
    page.locator(".cnn-field").wait_for(state="detached")
    page.wait_for_function("() => document.querySelector('.verdict').textContent.startsWith('✓')")
    check(notebook, 0, 2)


def test_changes_from_python_are_shown(notebook):
    rng = np.random.default_rng(3)
    arrays = [rng.normal(size=shape).round(2).tolist() for shape in ((6, 7), (2, 3), (3, 3))]
    notebook.python(f"""
with w.hold_trait_notifications():
    w.image, w.kernel, w.grad_output = {arrays}
    w.stride, w.row, w.col, w.weight, w.pixel = 2, 1, 2, [1, 2], [3, 4]
""")
    check(notebook, 1, 2)


def test_without_python_the_referee_keeps_silent(notebook):
    # What an exported page has: the script, and the numbers of before.
    notebook.python("w.set_trait('numerical', {**w.numerical, 'of': []})")
    notebook.page.locator(".verdict", has_text="Python computes them").wait_for()
    assert np.isnan(shown(notebook, "num-kernel")).all() and np.isnan(shown(notebook, "num-image")).all()
    notebook.python("w._follow(None)")
    notebook.page.locator(".verdict", has_text="✓").wait_for()


def test_notebook_7_by_touch_on_a_small_dark_screen(server, open_notebook):
    notebook = open_notebook(server.write("backward7.ipynb", *CELLS), "notebook", theme="dark", has_touch=True,
                             viewport={"width": 360, "height": 800})
    notebook.run_all()
    root = notebook.page.locator(".cnn-backward")
    root.locator(".cnn-says").wait_for()
    assert root.get_attribute("data-theme") == "dark"
    for part, place, state in [("grad", (1, 1, 3), "[w.row, w.col]"), ("image", (4, 4, 5), "[w.row, w.col]"),
                               ("grad-image", (3, 2, 5), "w.pixel")]:
        notebook.tap(cell(notebook, part, *place))
        expected = [2, 2] if part == "image" else list(place[:2])
        assert notebook.python(state) == expected
    root.locator(".cnn-stage .grad svg").focus()
    notebook.keys("ArrowLeft")
    check(notebook, 2, 1)
    beyond = notebook.page.evaluate(
        """() => {
            const { left, right } = document.querySelector('.cnn-backward').getBoundingClientRect();
            return [...document.querySelectorAll('.cnn-backward *')].filter((part) => {
                const box = part.getBoundingClientRect();
                return box.width && (box.left < left - 0.5 || box.right > right + 0.5);
            }).map((part) => part.outerHTML.slice(0, 80));
        }"""
    )
    assert beyond == []
    assert notebook.problems == []
