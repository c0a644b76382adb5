"""SlideFilter2D by mouse, touch and keyboard: what is shown, and what reaches Python."""

import numpy as np
import pytest

import plain
from cnnlib.conv import cross_correlate2d
from cnnlib.widgets import SlideFilter2D
from cnnlib.widgets.slide_filter_2d import IMAGE, KERNEL
from driver import Spot

FRONTS = ("lab", "notebook")
LECTURE = [4, 3, 4, 2, 4, 3, 2, 3, 4]
CELLS = "from cnnlib.widgets import SlideFilter2D", "w = SlideFilter2D()\nw"
RESET = f"""
with w.hold_trait_notifications():
    w.image, w.kernel = {IMAGE}, {KERNEL}
    w.stride, w.padding, w.dilation, w.row, w.col, w.reveal, w.playing = 1, 0, 1, 0, 0, False, False
"""


@pytest.fixture(scope="module", params=FRONTS)
def opened(request, open_notebook, server):
    notebook = open_notebook(server.write(f"slide_{request.param}.ipynb", *CELLS), request.param)
    notebook.run_all()
    notebook.page.locator(".output svg").wait_for()
    return notebook


@pytest.fixture
def notebook(opened):
    """The open notebook, its widget as new, and nothing complained about by the end."""
    opened.park()
    opened.python(RESET)
    wait_said(opened, "Output (0, 0) of 3×3 is 4: the 3×3 kernel on rows 0, 1, 2 and columns 0, 1, 2 of the 5×5 image.")
    yield opened
    assert opened.problems == []


def wait_said(notebook, text):
    notebook.page.locator(".cnn-says", has_text=text).wait_for()


def shown(notebook, part):
    """The numbers in a grid as an array; blank cells are NaN."""
    texts = notebook.page.locator(f".{part} svg > text").all_text_contents()
    numbers = [float(text.replace("−", "-")) if text else np.nan for text in texts]
    rows, columns = notebook.page.evaluate(
        """(part) => {
            const svg = document.querySelector(`.${part} svg`);
            const tops = [...svg.querySelectorAll(':scope > text')].map((text) => text.getAttribute('y'));
            const rows = new Set(tops).size;
            return [rows, tops.length / rows];
        }""",
        part,
    )
    return np.reshape(numbers, (rows, columns))


def total(notebook):
    return float(notebook.page.locator(".cnn-total").inner_text().replace("−", "-"))


def cell(notebook, part, row, column, across):
    """The middle of a cell of a grid that has `across` columns; a row or column beyond it lies outside."""
    inside = max(row, 0) * across + min(column, across - 1)
    rect = notebook.page.locator(f".{part} svg > rect").nth(inside)
    return Spot(rect, x=0.5 + 1.04 * max(0, column - across + 1))


def expect_window(notebook, row, col):
    """Python and the page agree that the window is at (row, col), and on its sum."""
    *place, output, said = notebook.python("w.row, w.col, w.output, w.describe()")
    given = notebook.python("w.image, w.kernel, w.stride, w.padding, w.dilation")
    assert place == [row, col]
    expected = cross_correlate2d(*given)
    assert total(notebook) == pytest.approx(expected[row, col], abs=0.006)
    assert shown(notebook, "output")[row, col] == pytest.approx(expected[row, col], abs=0.006)
    np.testing.assert_allclose(output, expected)
    assert notebook.page.locator(".cnn-says").inner_text() == said


def test_dragging_moves_the_window(notebook):
    notebook.drag(*(cell(notebook, "image", *place, 5) for place in [(1, 1), (2, 2), (3, 2)]))
    expect_window(notebook, 2, 1)
    # Beyond the border the window stays inside.
    notebook.drag(cell(notebook, "image", 3, 2, 5), cell(notebook, "image", 3, 8, 5))
    expect_window(notebook, 2, 2)


def test_clicking_a_pixel_calls_the_window(notebook):
    notebook.click(cell(notebook, "image", 4, 4, 5))
    expect_window(notebook, 2, 2)


def test_keys_move_along_the_output(notebook):
    cells = notebook.page.locator(".jp-Cell").count()
    for part in ("image", "output"):
        notebook.page.locator(f".{part} svg").focus()
        for key, place in [
            ("ArrowRight", (0, 1)), ("ArrowDown", (1, 1)), ("End", (1, 2)), ("PageDown", (2, 2)), ("Home", (2, 0)),
            ("ArrowUp", (1, 0)), ("ArrowLeft", (1, 0)), ("PageUp", (0, 0)), ("Control+End", (2, 2)), ("Control+Home", (0, 0)),
        ]:
            notebook.keys(key)
            expect_window(notebook, *place)
    assert notebook.page.locator(".jp-Cell").count() == cells
    assert notebook.page.evaluate("() => document.activeElement.closest('.output') !== null")


def test_pointing_at_an_output_calls_its_window(notebook):
    notebook.page.get_by_role("button", name="reset").click()
    for row, column in [(1, 2), (2, 0), (0, 1)]:
        notebook.point(cell(notebook, "output", row, column, 3))
        expect_window(notebook, row, column)
    expected = cross_correlate2d(IMAGE, KERNEL).astype(float)
    visited = np.isfinite(shown(notebook, "output"))
    assert visited.sum() == 4, "outputs stay blank until they are visited"
    np.testing.assert_array_equal(shown(notebook, "output")[visited], expected[visited])
    notebook.page.get_by_label("show all").check()
    assert notebook.python("w.reveal") is True
    np.testing.assert_array_equal(shown(notebook, "output"), expected)


def test_products_are_those_of_the_window(notebook):
    notebook.point(cell(notebook, "output", 1, 1, 3))
    expect_window(notebook, 1, 1)
    factors = [float(text) for text in notebook.page.locator(".cnn-term .cnn-chip").all_inner_texts()]
    np.testing.assert_array_equal(factors[0::2], np.ravel(np.array(IMAGE)[1:4, 1:4]))
    np.testing.assert_array_equal(factors[1::2], np.ravel(KERNEL))
    # Pointing at a term marks its weight and its pixel.
    notebook.page.locator(".cnn-term").nth(4).hover()
    rings = notebook.page.locator(".cnn-hot:visible")
    rings.first.wait_for()
    assert rings.count() == 2


def test_weights_are_edited_in_place(notebook):
    page = notebook.page
    notebook.click(cell(notebook, "kernel", 0, 0, 3))
    field = page.locator(".cnn-field")
    assert Spot(field).aim() == pytest.approx(cell(notebook, "kernel", 0, 0, 3).aim(), abs=1)
    field.fill("−9")
    field.press("Tab")
    field.fill("1/8")
    field.press("Enter")
    changed = np.array(KERNEL, float)
    changed[0, :2] = -9, 0.125
    assert notebook.python("w.kernel") == changed.tolist()
    expect_window(notebook, 0, 0)
    page.get_by_label("show all").check()
    assert notebook.python("w.reveal") is True
    np.testing.assert_allclose(shown(notebook, "output"), cross_correlate2d(IMAGE, changed), atol=0.006)
    assert page.locator(".cnn-scale").inner_text().split()[-2].startswith("−"), "where outputs are negative, so is the scale's beginning"

    # What is no number is shown and refused; Escape keeps the old one.
    notebook.keys("ArrowDown", "Enter", on=page.locator(".kernel svg"))
    field.fill("two")
    field.press("Enter")
    assert "“two” is not a number" in page.get_by_role("alert").inner_text()
    field.fill("9" * 27)  # nor is a number taken that no cell has room for
    field.press("Enter")
    assert "from −10,000 to 10,000; Escape keeps" in page.get_by_role("alert").inner_text()
    field.press("Escape")
    for gone in (".cnn-field", ".cnn-alert"):
        page.locator(gone).wait_for(state="detached")
    assert notebook.python("w.kernel") == changed.tolist()


def test_pixels_are_edited_in_place(notebook):
    notebook.click(cell(notebook, "image", 4, 4, 5), clicks=2)
    notebook.page.locator(".cnn-field").fill("7")
    notebook.keys("Enter")
    assert notebook.python("w.image[4][4]") == 7
    expect_window(notebook, 2, 2)
    assert shown(notebook, "image")[4, 4] == 7


def test_stride_padding_and_dilation(notebook):
    for name, value, formula in [
        ("padding", 2, "⌊(5 + 2·2 − 1·(3 − 1) − 1) / 1⌋ + 1 = 7"),
        ("dilation", 2, "⌊(5 + 2·2 − 2·(3 − 1) − 1) / 1⌋ + 1 = 5"),
        ("stride", 3, "⌊(5 + 2·2 − 2·(3 − 1) − 1) / 3⌋ + 1 = 2"),
    ]:
        before = notebook.python(f"w.{name}")
        notebook.keys(*["ArrowUp"] * (value - before), on=notebook.page.get_by_role("spinbutton", name=name))
        assert notebook.python(f"w.{name}") == value
        assert notebook.page.locator(".formula b").inner_text() == formula
    notebook.keys("Control+End", on=notebook.page.locator(".output svg"))
    expect_window(notebook, 1, 1)
    padded = np.pad(IMAGE, 2)
    np.testing.assert_array_equal(shown(notebook, "image"), padded)


def test_an_impossible_step_is_explained_and_refused(notebook):
    notebook.python(f"w.kernel = {np.ones((5, 5), int).tolist()}")
    wait_said(notebook, "of 1×1 is 13")
    notebook.page.get_by_role("button", name="dilation: more").click()
    said = notebook.page.get_by_role("alert").inner_text()
    assert "spans 9×9" in said and "only 5×5" in said
    assert notebook.page.get_by_role("spinbutton", name="dilation").inner_text() == "1"
    assert notebook.python("w.dilation") == 1
    notebook.keys("End", on=notebook.page.get_by_role("spinbutton", name="padding"))
    assert notebook.python("w.padding") == 2
    notebook.page.locator(".cnn-alert").wait_for(state="detached")


def test_play_pause_step_and_reset(notebook):
    page = notebook.page
    page.get_by_role("button", name="step").click()
    expect_window(notebook, 0, 1)
    notebook.python(f"w.image = {np.eye(10, 4).tolist()}")  # a way too long to end before somebody pauses
    page.get_by_role("button", name="play").click()
    assert notebook.wait_python("w.row >= 1", True)
    page.get_by_role("button", name="pause").click()
    playing, *stopped = notebook.python("w.playing, w.row, w.col")
    assert playing is False and stopped >= [1, 0]
    notebook.outlast(1000)  # longer than a step
    expect_window(notebook, *stopped)
    page.get_by_role("button", name="reset").click()
    expect_window(notebook, 0, 0)
    assert np.isfinite(shown(notebook, "output")).sum() == 1
    # Python presses the button too, and the last cell ends the walk.
    notebook.python("w.row, w.col, w.playing = 7, 0, True")
    assert notebook.wait_python("[w.playing, w.row, w.col]", [False, 7, 1]) == [False, 7, 1]


def test_changes_from_python_are_shown(notebook):
    rng = np.random.default_rng(0)
    for _ in range(4):
        image, kernel = rng.normal(size=(7, 6)).round(2), rng.normal(size=(2, 3)).round(2)
        notebook.python("w.stride = w.dilation = 1; w.padding = 2; w.reveal = True")
        stride, padding, dilation = (int(n) for n in rng.integers([1, 0, 1], [4, 3, 3]))
        notebook.python(
            f"w.image = {image.tolist()}; w.kernel = {kernel.tolist()}\n"
            f"w.stride, w.padding, w.dilation = {stride}, {padding}, {dilation}\n"
            "w.row, w.col = len(w.output) - 1, 0"
        )
        wait_said(notebook, notebook.python("w.describe()"))
        expected = cross_correlate2d(image, kernel, stride, padding, dilation)
        expect_window(notebook, len(expected) - 1, 0)
        np.testing.assert_allclose(shown(notebook, "output"), expected, atol=0.006)


WORST_CONTRAST = """() => {
    const rgb = (color) => color.match(/[\\d.]+/g).slice(0, 3).map((v) => v / 255);
    const light = (color) => {
        const [r, g, b] = rgb(color).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
    const surface = getComputedStyle(document.querySelector('.cnn')).backgroundColor;
    const opaque = (color) => (/rgba.*, 0\\)/.test(color) ? surface : color);
    const found = [];
    for (const text of document.querySelectorAll('.cnn svg text')) {
        if (!text.textContent || getComputedStyle(text).visibility === 'hidden') continue;
        const box = text.previousElementSibling;
        found.push([ratio(getComputedStyle(text).fill, opaque(getComputedStyle(box).fill)), text.textContent]);
    }
    for (const part of document.querySelectorAll('.cnn span, .cnn b, .cnn div, .cnn figcaption, .cnn kbd')) {
        if (![...part.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())) continue;
        let behind = part;
        while (/rgba.*, 0\\)/.test(getComputedStyle(behind).backgroundColor)) behind = behind.parentElement;
        found.push([ratio(getComputedStyle(part).color, getComputedStyle(behind).backgroundColor), part.textContent]);
    }
    return [found.length, ...found.sort((a, b) => a[0] - b[0])[0]];
}"""


def test_dark_theme_is_followed_and_legible(open_notebook, server):
    notebook = open_notebook(server.write("slide_dark.ipynb", *CELLS), theme="dark")
    notebook.run_all()
    root = notebook.page.locator(".cnn[data-theme=dark]")
    root.wait_for()
    notebook.python("import numpy as np; w.padding = 1; w.reveal = True; w.kernel = np.linspace(-1, 1, 9).reshape(3, 3)")
    wait_said(notebook, notebook.python("w.describe()"))
    for theme in ("dark", "light"):
        notebook.page.evaluate("(light) => { document.body.dataset.jpThemeLight = light; }", str(theme == "light").lower())
        notebook.page.locator(f".cnn[data-theme={theme}]").wait_for()
        notebook.rest()
        count, worst, text = notebook.page.evaluate(WORST_CONTRAST)
        assert count > 100
        assert worst >= 4.5, f"contrast {worst:.2f} of {text!r} in the {theme} theme"
    assert notebook.problems == []


@pytest.fixture(scope="module")
def phone(open_notebook, server):
    notebook = open_notebook(
        server.write("slide_phone.ipynb", *CELLS), "notebook", viewport={"width": 360, "height": 740}, has_touch=True
    )
    notebook.run_all()
    notebook.page.locator(".output svg").wait_for()
    return notebook


def test_fingers_move_the_window(phone):
    phone.tap(cell(phone, "output", 1, 2, 3))
    expect_window(phone, 1, 2)
    phone.tap(cell(phone, "image", 0, 0, 5))
    expect_window(phone, 0, 0)
    phone.swipe(*(cell(phone, "image", *place, 5) for place in [(1, 1), (1, 2), (2, 2), (3, 3)]))
    expect_window(phone, 2, 2)
    assert phone.problems == []


@pytest.mark.parametrize("change", ["w.padding = 0", "w.padding = 2", "w.image = [[-1.25] * 12] * 12"])
def test_nothing_sticks_out_on_a_phone(phone, change):
    phone.python(change)
    wait_said(phone, phone.python("w.describe()"))
    beyond = phone.page.evaluate(
        """() => {
            const { left, right } = document.querySelector('.cnn').getBoundingClientRect();
            return [...document.querySelectorAll('.cnn *')].filter((part) => {
                const box = part.getBoundingClientRect();
                return box.width && (box.left < left - 0.5 || box.right > right + 0.5);
            }).map((part) => part.outerHTML.slice(0, 80));
        }"""
    )
    assert beyond == []


# Before a frame is painted -------------------------------------------------------------------------

PRESS = """
(keys) => {
  for (const key of keys) {
    if (key === "reset") [...document.querySelectorAll("button")].find((one) => one.textContent === "reset").click();
    else document.querySelector(".output svg").dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  }
}
"""


@pytest.mark.parametrize(
    ("keys", "known"),
    [
        (["ArrowRight", "ArrowDown", "ArrowDown"], [0, 1, 4, 7]),
        (["ArrowDown", "reset", "ArrowRight"], [0, 1]),
        (["End", "PageDown", "reset"], [0]),
        (["PageDown", "reset", "PageDown", "End"], [0, 6, 8]),
    ],
)
def test_each_move_counts_however_fast_the_hand(browser, keys, known):
    page = browser.new_page()
    root = plain.mount(page, SlideFilter2D())
    page.evaluate(PRESS, keys)
    plain.painted(page)
    texts = root.locator(".output svg > text").all_text_contents()
    page.close()
    assert [index for index, text in enumerate(texts) if text] == known
    assert [int(text) for text in texts if text] == [LECTURE[index] for index in known]
