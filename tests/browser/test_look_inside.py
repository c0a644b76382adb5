"""LookInside, driven in JupyterLab and Notebook 7: what it shows is what the network computes."""

import numpy as np
import pytest

from cnnlib.figures import UNFOCUSED, format_number, mix, shade
from cnnlib.widgets import LookInside
from driver import Spot

CELLS = ("from cnnlib.widgets import LookInside", "w = LookInside(image=7)\nw")
STATE = "[w.image, w.layer, w.map, w.row, w.col]"


@pytest.fixture(scope="module")
def lab(server, open_notebook):
    notebook = open_notebook(server.write("look_inside.ipynb", *CELLS))
    notebook.run_all()
    notebook.page.locator(".cnn-look-inside .cnn-says").wait_for()
    return notebook


def canvas(notebook, panel):
    """The pixels of a panel as (H, W, 4); alpha 0 where there is nothing to show."""
    height, width, data = notebook.page.locator(f".cnn-look-inside {panel} canvas").evaluate(
        "(one) => [one.height, one.width, [...one.getContext('2d').getImageData(0, 0, one.width, one.height).data]]")
    return np.array(data).reshape(height, width, 4)


def close(drawn, color):
    return np.abs(drawn[:3] - [int(color[i : i + 2], 16) for i in (1, 3, 5)]).max() <= 2


def check(notebook, *state):
    """The kernel knows the gesture; text, pictures and numbers are those of a widget in that state."""
    assert notebook.python(STATE) == list(state)
    widget = LookInside(**dict(zip(("image", "layer", "map", "row", "col"), state)))
    root = notebook.page.locator(".cnn-look-inside")
    root.locator(".cnn-says", has_text=widget.describe()).wait_for()

    maps, end = widget.maps(), float(np.abs(widget.maps()).max())
    drawn = canvas(notebook, ".map")
    assert drawn.shape[:2] == maps.shape[1:]
    for r, c in list(np.ndindex(drawn.shape[:2]))[::5]:
        assert close(drawn[r, c], shade(float(maps[widget.map, r, c]), end, "output")), (r, c)

    # The input is strong where the unit sees it and pale elsewhere; the margin holds the padding.
    drawn, pixels = canvas(notebook, ".input"), widget._activations[0][widget.image]
    margin = (drawn.shape[0] - 28) // 2
    (top, bottom), (left, right) = widget.field()
    assert margin == 2 and not drawn[:2, :, 3].any() and not drawn[:, -2:, 3].any()
    for r, c in np.argwhere(pixels > 100)[::3]:
        seen = top <= r < bottom and left <= c < right
        strong = shade(float(pixels[r, c]), float(pixels.max()), "input")
        assert close(drawn[r + 2, c + 2], strong if seen else mix("#edf3fd", strong, UNFOCUSED)), (r, c)
    outline = root.locator(".input .cnn-edge")
    pitch = root.locator(".input canvas").bounding_box()["width"] / drawn.shape[1]
    assert float(outline.get_attribute("width")) == pytest.approx((right - left) * pitch + 2, abs=0.5)

    weights, chips = widget.weights(), root.locator(".cnn-ledger-line .cnn-chip").all_text_contents()
    if weights is not None:
        total = float((widget.patch().astype(float) * weights[0]).sum())
        wanted = [total, weights[1], widget.value]
        numbers = [float(chip.replace("−", "-")) for chip in chips]
        np.testing.assert_allclose(numbers, wanted, atol=0.0101)
    else:
        assert chips[-1] == format_number(widget.value)
    return widget


def layer(notebook, place):
    """Choose a layer by its place in the rail, where Flatten (7) is left out."""
    notebook.page.locator(".stop").nth(place if place < 7 else place - 1).click()


def test_it_begins_on_the_first_convolution(lab):
    begin = LookInside(image=7)
    widget = check(lab, 7, 1, 0, begin.row, begin.col)
    labels = lab.page.locator(".cnn-ledger-numbers text").all_text_contents()
    patch, weight = widget.patch(), widget.weights()[0]
    wanted = [float(v) for part in (patch, weight, patch.astype(float) * weight) for v in part.flat]
    assert len(labels) == len(wanted)
    for label, value in zip(labels, wanted):  # as exact as it is written: a narrow cell has room for few digits
        digits = len(label.partition(".")[2])
        assert float(label.replace("−", "-")) == pytest.approx(value, abs=0.5000001 * 10**-digits), label
    assert max(len(label.partition(".")[2]) for label in labels) == 2


def test_arrow_keys_move_the_unit_and_stop_at_the_border(lab):
    lab.python("w.row, w.col = 1, 26")
    lab.page.locator(".map .cnn-pixels").focus()
    lab.keys("ArrowUp", "ArrowUp", "ArrowRight", "ArrowRight")
    check(lab, 7, 1, 0, 0, 27)
    lab.keys("ArrowDown", "ArrowLeft", "ArrowLeft")
    check(lab, 7, 1, 0, 1, 25)


def test_dragging_on_the_input_chooses_the_unit_in_the_middle_of_what_it_sees(lab):
    pixels = lab.page.locator(".input .cnn-pixels")
    lab.drag(Spot(pixels, 5 / 32, 5 / 32), Spot(pixels, 12.5 / 32, 9.5 / 32))
    check(lab, 7, 1, 0, 7, 10)


def test_another_layer_keeps_the_place(lab):
    layer(lab, 4)
    widget = check(lab, 7, 4, 0, 1, 3)
    assert widget.field() == ((0, 14), (4, 18))  # centred between (6, 10) and (7, 11)
    strip = canvas(lab, ".weights")
    assert strip.shape[:2] == (5, 35)  # six slices of 5×5, a gap between them
    weight, end = widget.weights()[0], float(np.abs(widget.weights()[0]).max())
    for c in range(6):
        assert close(strip[2, 6 * c + 3], shade(float(weight[c, 2, 3]), end, "weight"))


def test_small_maps_are_chosen_by_click_and_by_key(lab):
    lab.click(Spot(lab.page.locator(".maps .cnn-pixels"), 0.97, 0.03))  # the last of the first four
    check(lab, 7, 4, 3, 1, 3)
    lab.keys("ArrowDown", "ArrowLeft")
    check(lab, 7, 4, 6, 1, 3)


def test_pooling_shows_its_window_and_the_largest(lab):
    layer(lab, 6)
    widget = check(lab, 7, 6, 6, 0, 1)
    patch = widget.patch()
    assert lab.page.locator(".cnn-ledger-numbers text").all_text_contents() == [format_number(v) for v in patch.flat]
    won = lab.page.locator(".patch rect").evaluate_all("(all) => all.findIndex((one) => one.dataset.won !== undefined)")
    assert won == int(patch.argmax())


@pytest.mark.parametrize("place", [8, 12])
def test_a_fully_connected_unit_sees_everything(lab, place):
    layer(lab, place)
    check(lab, 7, place, 6, 0, 0)
    assert "whole input" in lab.page.locator(".cnn-says").inner_text()


def test_other_images_and_the_largest_logit(lab):
    lab.page.locator(".images input").nth(4).check()
    widget = check(lab, 4, 12, 6, 0, 0)
    assert widget.maps().argmax() == 4
    lab.python("w.layer = 2")
    check(lab, 4, 2, 5, 0, 0)
    assert not lab.problems


def test_notebook_7_by_touch_and_keys_on_a_small_dark_screen(server, open_notebook):
    notebook = open_notebook(server.write("look_inside7.ipynb", *CELLS), "notebook", theme="dark", has_touch=True,
                             viewport={"width": 412, "height": 900})
    notebook.run_all()
    root = notebook.page.locator(".cnn-look-inside")
    root.locator(".cnn-says").wait_for()
    assert root.get_attribute("data-theme") == "dark"
    assert root.evaluate("(root) => root.scrollWidth <= root.clientWidth")
    root.locator(".stop").nth(5).tap()
    assert notebook.python("w.layer") == 5
    frame = root.locator(".map .cnn-pixels")
    notebook.tap(Spot(frame, 4.5 / 10, 6.5 / 10))
    assert notebook.python(STATE) == [7, 5, 0, 6, 4]
    root.locator(".input .cnn-pixels").focus()
    notebook.keys("ArrowRight")
    assert notebook.python(STATE) == [7, 5, 0, 6, 5]
    root.locator(".cnn-says", has_text=LookInside(image=7, layer=5, map=0, row=6, col=5).describe()).wait_for()
    root.locator(".stop input").nth(5).focus()
    notebook.keys("ArrowRight")  # a radio button: the next layer
    assert notebook.python("w.layer") == 6
    assert not notebook.problems
