"""Channels, driven in JupyterLab and Notebook 7: what it shows is what cnnlib computes."""

import numpy as np
import pytest

from cnnlib.figures import format_number, shade
from cnnlib.widgets import Channels
from driver import Spot

CELLS = ("from cnnlib.widgets import Channels", "w = Channels(row=16, col=9)\nw")


@pytest.fixture(scope="module")
def lab(server, open_notebook):
    notebook = open_notebook(server.write("channels.ipynb", *CELLS))
    notebook.run_all()
    notebook.page.locator(".cnn-channels .cnn-says").wait_for()
    return notebook


def state(notebook):
    return notebook.python("[w.row, w.col, w.chosen]")


def check(notebook, row, col, chosen):
    """The kernel knows the gesture, and text and numbers on the page are those of a widget in that state."""
    assert notebook.python("[w.row, w.col, w.chosen]") == [row, col, chosen]
    expected = Channels(row=row, col=col, chosen=chosen)
    root = notebook.page.locator(".cnn-channels")
    assert root.locator(".cnn-says").inner_text() == expected.describe()
    patch = np.array(expected.image)[row:row + 3, col:col + 3].transpose(2, 0, 1)
    for name, values in (("patch", patch), ("slice", np.array(expected.filters[chosen]))):
        assert root.locator(f".{name} text").all_text_contents() == [format_number(v) for v in values.flat]
    sums = (patch * expected.filters[chosen]).sum((1, 2))
    assert root.locator(".lane .cnn-chip").all_text_contents() == [format_number(v) for v in sums]
    np.testing.assert_allclose(sums, expected.responses[chosen, :, row, col], atol=1e-5)
    total = sums.sum() + expected.bias[chosen]
    assert root.locator(".parts .cnn-chip").first.inner_text() == format_number(total)
    np.testing.assert_allclose(total, expected.maps[chosen, row, col], atol=1e-5)


def test_it_starts_as_python_says(lab):
    check(lab, 16, 9, 0)
    assert not lab.problems


def test_the_maps_drawn_are_those_of_conv2d(lab):
    widget = Channels()
    drawn = lab.page.evaluate("""() => [...document.querySelectorAll(".sheet canvas")].map((canvas) =>
        [...canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data])""")
    assert len(drawn) == 6
    for d, pixels in enumerate(drawn):
        values = widget.maps[d]
        picture = np.array(pixels).reshape(*values.shape, 4)
        for r, c in ((0, 0), (15, 9), (29, 29), np.unravel_index(values.argmax(), values.shape)):
            color = shade(float(values[r, c]), float(np.abs(values).max()), "output")
            wanted = [int(color[i:i + 2], 16) for i in (1, 3, 5)]
            assert np.abs(picture[r, c, :3] - wanted).max() <= 3, (d, r, c)


def test_dragging_the_window(lab):
    photo = lab.page.locator(".photo .cnn-pixels")
    lab.drag(Spot(photo, 16.5 / 32, 16.5 / 32), Spot(photo, 19.5 / 32, 11.5 / 32))
    check(lab, 10, 18, 0)


def test_arrow_keys_and_the_border(lab):
    lab.keys("ArrowDown", "ArrowLeft", "Home", "ArrowLeft", "PageDown", "ArrowDown",
             on=lab.page.locator(".cnn-channels .response .cnn-pixels").first)
    check(lab, 29, 0, 0)


def test_choosing_a_filter(lab):
    lab.page.get_by_role("radio", name="filter 2, edge, left to right").check()
    check(lab, 29, 0, 2)
    lab.click(Spot(lab.page.locator(".sheet").nth(5), 0.95, 0.06))  # its corner looks out behind the others
    check(lab, 29, 0, 5)
    assert lab.page.locator(".sheet.chosen").count() == 1


def test_python_changes_the_picture(lab):
    lab.python("w.row, w.col, w.chosen = 3, 4, 1")
    check(lab, 3, 4, 1)


def test_pointing_at_a_weight_shows_its_product(lab):
    widget = Channels(row=3, col=4, chosen=1)
    lab.page.locator(".slice rect").nth(4).hover()  # red, row 1, column 1
    value, weight = widget.image[4][5][0], widget.filters[1][0][1][1]
    chips = [format_number(number) for number in (value * weight, value, weight)]
    lab.page.wait_for_function("() => document.querySelectorAll('.parts .cnn-chip').length === 3")
    assert lab.page.locator(".parts .cnn-chip").all_text_contents() == chips
    lab.park()
    assert not lab.problems


def test_notebook_7_by_touch_and_keys_on_a_small_dark_screen(server, open_notebook):
    notebook = open_notebook(server.write("channels7.ipynb", *CELLS), "notebook", theme="dark", has_touch=True,
                             viewport={"width": 412, "height": 900})
    notebook.run_all()
    root = notebook.page.locator(".cnn-channels")
    root.locator(".cnn-says").wait_for()
    assert root.get_attribute("data-theme") == "dark"
    assert root.evaluate("(root) => root.scrollWidth <= root.clientWidth")
    photo = root.locator(".photo .cnn-pixels")
    notebook.tap(Spot(photo, 6.5 / 32, 4.5 / 32))
    check(notebook, 3, 5, 0)
    notebook.keys("ArrowRight", on=photo)
    check(notebook, 3, 6, 0)
    assert not notebook.problems
