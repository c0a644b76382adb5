"""FaceFinder, driven in JupyterLab and Notebook 7: what it shows is what cnnlib computed."""

import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

import plain
from cnnlib.detection import Level
from cnnlib.figures import format_number, shade
from cnnlib.widgets import FaceFinder
from driver import Notebook, Spot
from pages import harvest

CELL = """import numpy as np
from cnnlib import conv2d
from cnnlib.detection import scan
from cnnlib.widgets import FaceFinder
rng = np.random.default_rng(0)
picture = rng.uniform(0.2, 0.4, (96, 128)).astype(np.float32)
picture[16:32, 24:40] = picture[40:72, 80:112] = 1
weight = np.full((1, 1, 8, 8), 12 / 64, np.float32)
def search(picture):
    if picture.max() < 0.1:
        raise ValueError("too dark")
    return scan(lambda x: conv2d(x, weight, np.float32([-5.0]), stride=2), picture, (8, 16, 32, 64), patch=8, stride=2)
levels = search(picture)
w = FaceFinder(picture, levels, threshold=0, search=search)
w"""
STATE = "[w.level, w.row, w.col, w.threshold]"


def root_of(notebook):
    root = notebook.page.locator(".cnn-face-finder")
    root.locator(".cnn-says").wait_for()
    return root


def pixels(root, part):
    height, width, data = root.locator(f"{part} canvas").evaluate(
        "(one) => [one.height, one.width, [...one.getContext('2d').getImageData(0, 0, one.width, one.height).data]]")
    return np.array(data).reshape(height, width, 4)[..., :3]


def check(notebook, *state, theme="light"):
    """The kernel knows the gesture; text, score, patch, map and boxes are those of Python."""
    root = root_of(notebook)
    assert notebook.python(STATE) == list(state)
    expect(root.locator(".cnn-says")).to_have_text(notebook.python("w.describe()"))
    expect(root.locator(".cnn-total")).to_have_text(format_number(notebook.python("w.score")))
    seen, scores, window, found, end = notebook.python(
        "[(w._scan[w.level].picture[2 * w.row:, 2 * w.col:][:8, :8] * 255).round().tolist(), w._scan[w.level].scores.tolist(),"
        " list(w.window), w.found, w.end]")
    assert np.abs(pixels(root, ".patch")[..., 0] - seen).max() <= 1
    drawn = pixels(root, ".map")
    assert drawn.shape[:2] == np.shape(scores)
    for r, c in np.argwhere(np.ones(drawn.shape[:2]))[::5]:
        color = shade(scores[r][c], end, "output", theme)
        assert np.abs(drawn[r, c] - [int(color[i : i + 2], 16) for i in (1, 3, 5)]).max() <= 2

    def places(name):
        return root.locator(name).evaluate_all("(all) => all.map((one) => ['y', 'x', 'width'].map((name) => Number(one.getAttribute(name))))")

    np.testing.assert_allclose(places(".window"), [window], atol=1e-9)
    np.testing.assert_allclose(np.reshape(places(".box"), (-1, 3))[::-1], np.reshape(found, (-1, 4))[:, :3], atol=1e-9)


@pytest.fixture(scope="module")
def lab(server, open_notebook):
    notebook = open_notebook(server.write("face_finder.ipynb", CELL))
    notebook.run_all()
    yield notebook
    assert not notebook.problems


def test_it_starts_as_python_says(lab):
    level, row, col = lab.python("[w.level, w.row, w.col]")
    check(lab, level, row, col, 0)
    assert lab.python("w.score > 6")


def test_drag_on_the_picture_and_on_the_map(lab):
    lab.python("w.level, w.row, w.col = 1, 0, 0")
    photo = root_of(lab).locator(".photo .screen")
    lab.drag(Spot(photo, 20 / 128, 80 / 96), Spot(photo, 32 / 128, 24 / 96))
    check(lab, 1, 4, 6, 0)  # in steps of 4 pixels: its middle is where the pointer is
    rows, cols = lab.python("list(levels[1].scores.shape)")
    lab.click(Spot(root_of(lab).locator(".map .cnn-pixels"), 9.5 / cols, 2.5 / rows))
    check(lab, 1, 2, 9, 0)


def test_keys_move_and_stop_at_the_border(lab):
    lab.python("w.level, w.row, w.col = 1, 2, 9")
    lab.page.locator(".cnn-face-finder .photo .screen").focus()
    for key in ("ArrowDown", "Shift+ArrowLeft", "ArrowRight"):
        lab.keys(key)
    check(lab, 1, 3, 5, 0)
    for key in ("Shift+ArrowUp", "+"):  # from 16 pixels at (0, 20) to 32 around the same middle, as far as there is room
        lab.keys(key)
    check(lab, 2, 0, 2, 0)
    for key in ("-", "-", "-"):
        lab.keys(key)
    assert lab.python("w.level") == 0


def test_threshold_and_the_next_box(lab):
    root = root_of(lab)
    lab.python("w.level, w.row, w.col, w.threshold = 3, 0, 0, 0")
    best = lab.python("[[round(b[0]), round(b[1]), round(b[2])] for b in w.boxes[:2]]")
    for row, col, side in best:
        root.get_by_role("button", name="next box").click()
        expect(root.locator(".cnn-says")).to_contain_text(f"Window of {side} pixels at row {row}, column {col}:")
    slider = root.get_by_role("slider", name="threshold")
    slider.focus()
    for _ in range(6):
        lab.keys("ArrowRight")
    level, place_row, place_col = lab.python("[w.level, w.row, w.col]")
    check(lab, level, place_row, place_col, 6)
    lab.keys("End", on=slider)
    assert lab.python("w.threshold") == 12
    assert root.locator(".box").count() == 0


# A picture of one's own ----------------------------------------------------------------------------


def as_file(level=60, name="mine.png"):
    """A picture with one bright square of 32 pixels."""
    pixels = np.full((100, 140), level, np.uint8)
    pixels[40:72, 60:92] = 4 * level
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": file.getvalue()}


def test_a_picture_of_one_s_own_is_searched_and_undone(lab):
    root = root_of(lab)
    lab.python("w.level, w.row, w.col, w.threshold = 1, 2, 9, 3")
    root.locator("input[type=file]").set_input_files(as_file())
    expect(root.locator(".photo figcaption")).to_have_text("100 × 140 pixels")
    start = lab.python("[w._start[name] for name in ('level', 'row', 'col', 'threshold')]")
    check(lab, *start)
    assert lab.python("w._picture[round(w.window[0]):, round(w.window[1]):][:8, :8].min().item()") > 0.9  # on the bright square
    assert np.abs(pixels(root, ".photo")[..., 0] - lab.python("(w._picture * 255).round().tolist()")).max() <= 1
    root.get_by_role("button", name="copy as Python").click()
    expect(root.locator(".cnn-told")).to_have_text("copied, but for picture and search")
    lab.keys("ArrowDown", on=root.locator(".photo .screen"))
    root.get_by_role("button", name="undo").click()
    check(lab, *start)
    root.get_by_role("button", name="undo").click()
    expect(root.locator(".photo figcaption")).to_have_text("96 × 128 pixels")
    check(lab, 1, 2, 9, 3)
    root.get_by_role("button", name="redo").click()
    expect(root.locator(".photo figcaption")).to_have_text("100 × 140 pixels")
    check(lab, *start)
    root.get_by_role("button", name="start over").click()
    expect(root.locator(".photo figcaption")).to_have_text("96 × 128 pixels")
    assert lab.python("w.own is None")


def test_the_camera_s_picture_is_searched(windowed_browser, server):
    context = windowed_browser.new_context(viewport={"width": 1280, "height": 900}, permissions=["camera"])
    lab = Notebook(context.new_page(), server, server.write("face_finder_camera.ipynb", CELL))
    lab.run_all()
    root = root_of(lab)
    root.get_by_role("button", name="take a picture …").click()
    expect(root.get_by_role("button", name="take this picture")).to_be_enabled()
    root.get_by_role("button", name="take this picture").click()
    expect(root.locator(".photo figcaption")).to_have_text("384 × 512 pixels")
    assert lab.python("w.own['shape']") == [384, 512]
    check(lab, *lab.python("[w._start[name] for name in ('level', 'row', 'col', 'threshold')]"))
    root.get_by_role("button", name="start over").click()
    expect(root.locator(".photo figcaption")).to_have_text("96 × 128 pixels")
    lab.close()
    context.close()


def test_what_python_cannot_search_is_said_and_leaves_all_as_it_was(lab):
    root = root_of(lab)
    state = lab.python(STATE)
    root.locator("input[type=file]").set_input_files(as_file(level=5))
    expect(root.locator(".cnn-alert")).to_have_text("⚠ Python cannot search this picture. The picture stays as it was.")
    expect(root.locator(".photo figcaption")).to_have_text("96 × 128 pixels")
    expect(root).not_to_have_attribute("aria-busy", "true")
    check(lab, *state)
    lab.keys("+", on=root.locator(".photo .screen"))
    expect(root.locator(".cnn-alert")).to_have_count(0)


# On a page that has no Python ----------------------------------------------------------------------


def bare(browser, search=None):
    """Two windows, one far better than the other, on a bare page."""
    picture = np.full((20, 40), 0.5)
    widget = FaceFinder(picture, [Level(20.0, 20, 5, picture, np.array([[2.0, -1.0, -3.0, -1.0, 9.5]]))], search=search)
    page = browser.new_page()
    return widget, plain.mount(page, widget)


def test_a_search_is_announced_and_what_comes_of_it_opens_at_the_best(browser):
    widget, root = bare(browser, search=lambda picture: widget._scan)
    expect(root).not_to_have_attribute("aria-busy", "true")
    root.locator("input[type=file]").set_input_files(as_file())
    expect(root.locator(".photo figcaption")).to_have_text("searching your picture …")
    expect(root).to_have_attribute("aria-busy", "true")
    root.page.evaluate("() => { state._start = { level: 0, row: 0, col: 1, threshold: 1 }; model.set('levels', [{ ...state.levels[0], side: 19 }]); }")
    plain.painted(root.page)
    expect(root).not_to_have_attribute("aria-busy", "true")
    assert root.page.evaluate("() => [state.level, state.row, state.col, state.threshold]") == [0, 0, 1, 1]
    root.page.close()


def test_a_weak_box_is_faint_and_the_best_is_drawn_above_it(browser):
    _, root = bare(browser)
    shares = root.locator(".box").evaluate_all("(all) => all.map((one) => Number(getComputedStyle(one).opacity))")
    assert len(shares) == 2 and shares[0] < 0.25 and shares[1] > 0.9
    root.page.close()


def test_where_nothing_searches_there_is_no_button_and_nothing_to_drop(browser):
    _, root = bare(browser)
    expect(root.get_by_role("button", name="next box")).to_be_visible()
    assert root.get_by_text("picture …").count() == 0 and "drop" not in root.locator(".cnn-hint").inner_text()
    root.page.close()
    widget, root = bare(browser, search=lambda picture: widget._scan)
    root.page.close()
    assert widget._searches and not harvest.hold(widget)["state"]["_searches"]  # a page's Python has gone


def test_notebook_7_by_touch_and_keys_on_a_small_dark_screen(server, open_notebook):
    notebook = open_notebook(server.write("face_finder7.ipynb", CELL), "notebook", theme="dark", has_touch=True,
                             viewport={"width": 412, "height": 900})
    notebook.run_all()
    root = root_of(notebook)
    assert root.get_attribute("data-theme") == "dark"
    assert root.evaluate("(root) => root.scrollWidth <= root.clientWidth")
    notebook.python("w.level = 1")
    screen = root.locator(".photo .screen")
    notebook.tap(Spot(screen, 53 / 128, 53 / 96))
    assert notebook.python("[w.row, w.col]") == [11, 11]
    screen.focus()
    notebook.keys("ArrowUp")
    check(notebook, 1, 10, 11, 0, theme="dark")
    assert not notebook.problems
