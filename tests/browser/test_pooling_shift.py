"""PoolingShift, driven in JupyterLab and Notebook 7: what it shows is what cnnlib computes."""

import numpy as np
import pytest

import plain
from cnnlib.figures import format_number, shade
from cnnlib.widgets import PoolingShift
from driver import Spot

CELLS = ("from cnnlib.widgets import PoolingShift", "w = PoolingShift()\nw")
STATE = "[w.down, w.right, w.pool, w.size, w.compare, w.row, w.col]"


@pytest.fixture(scope="module")
def lab(server, open_notebook):
    notebook = open_notebook(server.write("pooling_shift.ipynb", *CELLS))
    notebook.run_all()
    notebook.page.locator(".cnn-pooling-shift .cnn-says").wait_for()
    return notebook


def canvas(notebook, panel):
    """The pixels of a panel as (H, W, 4); alpha 0 where there is nothing to show."""
    height, width, data = notebook.page.locator(f".cnn-pooling-shift .{panel} canvas").evaluate(
        "(one) => [one.height, one.width, [...one.getContext('2d').getImageData(0, 0, one.width, one.height).data]]")
    return np.array(data).reshape(height, width, 4)


def check(notebook, down, right, pool="max", size=2, compare="stay"):
    """The kernel knows the gesture; text, window and all pictures are those of a widget in that state."""
    seen = notebook.python(STATE.replace(", w.row, w.col", ""))
    assert seen == [down, right, pool, size, compare]
    row, col = notebook.python("[w.row, w.col]")
    widget = PoolingShift(down=down, right=right, pool=pool, size=size, compare=compare, row=row, col=col)
    root = notebook.page.locator(".cnn-pooling-shift")
    assert root.locator(".cnn-says").inner_text().replace("\xa0", " ") == widget.describe()
    percents = [f"{100 * error:.0f}\xa0%" for error in widget.errors()]
    assert root.locator(".measure b").all_text_contents() == percents

    (feature_map, pooled), differences = widget.maps(), widget.differences()
    window = feature_map[row * size:(row + 1) * size, col * size:(col + 1) * size]
    numbers = [pooled[row, col], *window.flat]
    assert root.locator(".window-sum .cnn-chip").all_text_contents() == [format_number(v) for v in numbers]

    end = max(values.max() for values in (*widget.maps(0, 0), feature_map))
    pictures = {"map": feature_map, "pooled": pooled, "map-change": differences[0], "pool-change": differences[1]}
    for panel, values in pictures.items():
        drawn = canvas(notebook, panel)
        assert drawn.shape[:2] == values.shape
        assert (drawn[..., 3] == 0).tolist() == np.isnan(values).tolist(), panel
        for r, c in np.argwhere(~np.isnan(values))[::7]:
            color = shade(float(values[r, c]), float(end), "output")
            wanted = [int(color[i:i + 2], 16) for i in (1, 3, 5)]
            assert np.abs(drawn[r, c, :3] - wanted).max() <= 2, (panel, r, c)


def test_nothing_has_changed_before_the_shift(lab):
    check(lab, 0, 0)
    assert lab.page.locator(".measure b").all_text_contents() == ["0\xa0%", "0\xa0%"]


def test_dragging_the_input(lab):
    pixels = lab.page.locator(".input .cnn-pixels")
    lab.drag(Spot(pixels), Spot(pixels, 0.5 + 1 / 28, 0.5 - 2 / 28))
    check(lab, -2, 1)


def test_keys_stop_at_four_pixels(lab):
    lab.page.locator(".input .cnn-pixels").focus()
    lab.keys("ArrowDown", *["ArrowRight"] * 6)
    check(lab, -1, 4)
    lab.keys("Home")
    check(lab, 0, 0)


def test_the_pooled_map_follows_its_own_steps_only(lab):
    lab.page.locator(".pad").focus()
    lab.page.get_by_role("radio", name="now − moved along").check()
    lab.page.locator(".pad").focus()
    lab.keys("ArrowRight")
    check(lab, 0, 1, compare="follow")
    before, after = lab.page.locator(".measure b").all_text_contents()
    assert before == "0\xa0%" and after != "0\xa0%"
    lab.keys("ArrowRight")
    check(lab, 0, 2, compare="follow")
    assert lab.page.locator(".measure b").all_text_contents() == ["0\xa0%", "0\xa0%"]


def test_average_pooling_and_a_size_that_does_not_divide(lab):
    lab.page.get_by_role("radio", name="average").check()
    lab.page.get_by_role("radio", name="4×4").check()
    check(lab, 0, 2, "average", 4, "follow")
    assert canvas(lab, "pooled").shape[:2] == (6, 6)
    lab.page.get_by_role("radio", name="now − before").check()
    lab.page.locator(".pad circle").first.click()  # the corner of the pad
    check(lab, -4, -4, "average", 4, "stay")


def test_pointing_chooses_a_window(lab):
    lab.python("w.size, w.pool, w.down, w.right = 3, 'max', 0, 0")
    lab.point(Spot(lab.page.locator(".map .cnn-pixels"), 19.5 / 26, 10.5 / 26))
    assert lab.python("[w.row, w.col]") == [3, 6]
    lab.page.locator(".pooled .cnn-pixels").focus()
    lab.keys("ArrowLeft", "ArrowDown")
    assert lab.python("[w.row, w.col]") == [4, 5]
    check(lab, 0, 0, "max", 3)
    feature_map = PoolingShift().maps()[0]
    window = feature_map[12:15, 15:18].ravel()
    won = lab.page.locator(".window-sum .cnn-chip").evaluate_all(
        "(chips) => chips.slice(1).findIndex((one) => one.classList.contains('won'))")
    assert won == int(window.argmax())
    assert not lab.problems


def test_the_pooled_cell_is_said_when_keys_choose_it(lab):
    lab.python("w.size, w.pool, w.down, w.right, w.row, w.col = 2, 'max', 0, 0, 4, 5")
    spoken = lab.page.locator(".cnn-pooling-shift .cnn-hidden[aria-live]")
    lab.keys("ArrowRight", on=lab.page.locator(".pooled .cnn-pixels"))
    window = PoolingShift().maps()[0][8:10, 12:14].ravel()
    numbers = ", ".join(map(format_number, window))
    assert spoken.inner_text() == f"Pooled cell (4, 6) is {format_number(window.max())}, the largest of {numbers}."
    lab.page.get_by_role("radio", name="average").check()
    assert spoken.inner_text() == f"Pooled cell (4, 6) is {format_number(window.mean())}, the mean of {numbers}."
    lab.python("w.pool = 'max'")


@pytest.mark.parametrize("width", [320, 390, 820, 900])
def test_the_key_stands_in_at_most_two_lines_and_nothing_lies_over_anything(browser, width):
    page = browser.new_page(viewport={"width": width, "height": 900})
    root = plain.mount(page, PoolingShift(), css="#host { width: auto !important; max-width: 900px } body { margin: 0 }")
    assert root.locator(".panels .cnn-legend").evaluate("(one) => one.offsetHeight / parseFloat(getComputedStyle(one).lineHeight)") < 2.5
    parts = root.locator(".panel, .cnn-legend, .question, .measure")
    boxes = [one.bounding_box() for one in parts.all()]
    assert len(boxes) == 11 and all(box["x"] >= 0 and box["x"] + box["width"] <= width + 0.5 for box in boxes)
    for k, a in enumerate(boxes):
        for b in boxes[:k]:
            assert min(a["x"] + a["width"], b["x"] + b["width"]) - max(a["x"], b["x"]) < 1 or \
                min(a["y"] + a["height"], b["y"] + b["height"]) - max(a["y"], b["y"]) < 1
    pad, picture = (root.locator(name).bounding_box()["width"] for name in (".pad", ".input .cnn-pixels"))
    assert 0.9 < pad / picture <= 1  # no corner beside a void
    page.close()


def test_notebook_7_by_touch_and_keys_on_a_small_dark_screen(server, open_notebook):
    notebook = open_notebook(server.write("pooling_shift7.ipynb", *CELLS), "notebook", theme="dark", has_touch=True,
                             viewport={"width": 412, "height": 900})
    notebook.run_all()
    root = notebook.page.locator(".cnn-pooling-shift")
    root.locator(".cnn-says").wait_for()
    assert root.get_attribute("data-theme") == "dark"
    assert root.evaluate("(root) => root.scrollWidth <= root.clientWidth")
    root.get_by_role("radio", name="3×3").tap()
    notebook.tap(Spot(root.locator(".pad"), 7.5 / 9, 4.5 / 9))
    said = PoolingShift(right=3, size=3).describe()
    assert notebook.python("[w.right, w.size]") == [3, 3]
    assert root.locator(".cnn-says").inner_text().replace("\xa0", " ") == said
    root.locator(".pad").focus()
    notebook.keys("ArrowUp")
    assert notebook.python("[w.down, w.right]") == [-1, 3]
    assert not notebook.problems
