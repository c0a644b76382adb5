"""FilterBench in a real browser: its numbers against cnnlib, and every gesture."""

import io
import json
import math
import re
from base64 import b64encode

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

import plain
from cnnlib import cross_correlate2d, figures
from cnnlib.figures import scale_end, signed_pixels
from cnnlib.kernels import KERNELS
from cnnlib.widgets import FilterBench
from driver import Spot

CELL = "from cnnlib.widgets import FilterBench\nbench = FilterBench()\nbench"


# The arithmetic of the script, without Jupyter -----------------------------------------------------


@pytest.fixture(scope="module")
def script(browser):
    """Evaluate JavaScript with the module's exports as `bench`."""
    page = browser.new_page()
    page.goto("about:blank")
    page.evaluate(
        """async (source) => {
            window.bench = await import(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })));
        }""",
        str(FilterBench._esm),
    )
    yield page.evaluate
    page.close()


@pytest.mark.parametrize("name, photo", [
    ("edges, Laplacian", "camera"), ("Gaussian blur", "page"), ("Laplacian of Gaussian", "coins"),
    ("emboss", "chelsea"),
])
def test_map_and_its_scale_are_those_of_cnnlib(script, name, photo):
    bench = FilterBench(name, photo)
    shown = script(
        """([pixels, [height, width], kernel, divisor]) => {
            const bytes = Uint8Array.from(atob(pixels), (letter) => letter.charCodeAt(0));
            const map = bench.correlateMap(bytes, height, width, kernel, divisor);
            return { ...map, values: JSON.stringify([...map.values]), end: bench.scaleEnd(map.values) };
        }""",
        [b64encode(bench.image.tobytes()).decode(), bench.image.shape, bench.kernel, bench._divisor],
    )
    assert (shown["rows"], shown["cols"]) == bench.output.shape
    expected = cross_correlate2d(bench.image.astype(float), KERNELS[name])
    np.testing.assert_allclose(np.reshape(json.loads(shown["values"]), bench.output.shape), expected, rtol=0, atol=1e-9)
    assert shown["end"] == scale_end(bench.output)


@pytest.mark.parametrize("values", [[0.0] * 20, [0.0, -0.031, 0.02], [1e-7] * 9, [-99.5] * 9, [123.4] * 50])
def test_scale_of_special_maps(script, values):
    assert script("(values) => bench.scaleEnd(Float64Array.from(values))", values) == scale_end(np.array(values))


def test_grey_is_that_of_scikit_image(script):
    colors = np.random.default_rng(5).integers(0, 256, (8, 9, 4), dtype=np.uint8)
    colors[:4, :, 3] = 255
    grey = script("(rgba) => [...bench.toGrey(Uint8ClampedArray.from(rgba))]", colors.ravel().tolist())
    # scikit-image rounds once more on the way where a pixel is half transparent.
    assert np.abs(np.reshape(grey, (8, 9)) - FilterBench(image=colors).image.astype(int)).max() <= 1


# In JupyterLab -------------------------------------------------------------------------------------


class Driven:
    """The open widget: its parts, and what it says beside what Python has."""

    def __init__(self, notebook):
        self.notebook, self.page = notebook, notebook.page
        self.root = self.page.locator(".cnn-bench")
        self.root.wait_for()

    def screen(self, name):
        return self.root.locator(f".{name} .screen")

    def cell(self, name, row, col):
        grid = self.root.locator(f".{name} .cnn-grid")
        return grid.locator("> rect").nth(row * math.isqrt(grid.locator("> text").count()) + col)

    def numbers(self, name):
        texts = self.root.locator(f".{name} .cnn-grid text").all_text_contents()
        return [float(text.replace("−", "-")) for text in texts]

    def on(self, name, row, col):
        """The middle of a pixel."""
        side = {"photo": 256, "output": 254}[name]
        return Spot(self.screen(name), (col + 0.5) / side, (row + 0.5) / side)

    def agree(self, **state):
        """Python has come to `state`, and the widget says of it what cnnlib says."""
        names = list(state)
        got = self.notebook.python(f"[getattr(bench, name) for name in {names!r}]")
        assert dict(zip(names, got)) == state
        expect(self.root.locator(".cnn-says")).to_have_text(self.notebook.python("bench.describe()"))
        row, col, output, kernel, patch = self.notebook.python(
            "[bench.row, bench.col, float(bench.output[bench.row, bench.col]), bench.kernel,"
            " bench.image[bench.row:bench.row + len(bench.kernel), bench.col:bench.col + len(bench.kernel)].tolist()]"
        )
        assert self.root.locator(".cnn-total").inner_text() == figures.format_number(output)
        assert self.numbers("patch") == np.ravel(patch).tolist()
        # Two decimals, or one where two would not fit into a cell.
        np.testing.assert_allclose(self.numbers("products"), np.ravel(np.multiply(patch, kernel)), rtol=0, atol=0.051)
        return row, col

    def choose(self, label, value):
        self.root.get_by_role("combobox", name=label, exact=True).select_option(value)

    def press(self, name):
        self.root.get_by_role("radio", name=name, exact=True).check()


@pytest.fixture(scope="module")
def driven(open_notebook, server):
    notebook = open_notebook(server.write("bench.ipynb", CELL), "lab")
    notebook.run_all()
    yield Driven(notebook)
    assert notebook.problems == []


@pytest.fixture(autouse=True)
def afresh(request):
    if "driven" in request.fixturenames:
        driven = request.getfixturevalue("driven")
        names = ["kernel", "divide", "clip", "photo", "row", "col"]
        driven.notebook.python(f"bench.set_state(FilterBench().get_state({names}))")
        driven.notebook.python("bench.send_state()")
        expect(driven.root.locator(".cnn-says")).to_have_text(FilterBench().describe())


def test_it_starts_as_python_says(driven):
    driven.agree(row=78, col=30, photo="camera")
    assert driven.numbers("kernel") == [0, 1, 0, 1, -4, 1, 0, 1, 0]


def test_drag_on_the_photograph_and_on_the_output(driven):
    driven.notebook.drag(driven.on("photo", 100, 100), driven.on("photo", 131, 57))
    driven.agree(row=130, col=56)
    driven.notebook.drag(driven.on("output", 20, 20), driven.on("output", 33, 44))
    driven.agree(row=33, col=44)
    driven.notebook.drag(driven.on("output", 20, 20), Spot(driven.screen("output"), -0.2, -0.2))  # far outside: the corner
    driven.agree(row=0, col=0)


def test_keyboard_moves_the_window(driven):
    for screen in ("photo", "output"):
        driven.screen(screen).focus()
        for key in ("Home", "ArrowRight", "Shift+ArrowRight", "ArrowDown", "ArrowDown", "ArrowLeft"):
            driven.notebook.keys(key)
    driven.agree(row=82, col=10)
    driven.notebook.keys("Control+End")
    driven.agree(row=253, col=253)


@pytest.mark.parametrize("name", ["sharpen", "Gaussian blur", "Laplacian of Gaussian", "Sobel x"])
def test_choose_a_kernel(driven, name):
    driven.choose("kernel", name)
    expected = FilterBench(name)
    driven.agree(kernel=expected.kernel, divide=expected.divide, clip=expected.clip)
    assert f"“{name}”" in driven.root.locator(".cnn-says").inner_text()


def test_choose_a_photograph(driven):
    for name in ("page", "coins"):
        driven.choose("photograph", name)
        driven.agree(photo=name)


def test_the_map_has_the_colours_of_its_numbers(driven):
    pixels = driven.page.evaluate(
        """() => {
            const canvas = document.querySelector('.output canvas');
            const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, 60);
            return [...data];
        }"""
    )
    output = FilterBench().output
    expected = signed_pixels(output[:60], scale_end(output))
    np.testing.assert_array_equal(np.reshape(pixels, (60, 254, 4))[..., :3], expected)
    assert driven.root.locator(".cnn-scale").inner_text().split("\n") == ["≤ −130", "≥ 130"]


def test_clipping_says_what_it_hides(driven):
    driven.press("as a photo")
    driven.agree(clip=True)
    output = FilterBench().output
    below, above = 100 * (output < 0).mean(), 100 * (output > 255).mean()
    assert below > 40 and 0 < above < 1
    lost = driven.root.locator(".lost")
    expect(lost).to_have_text(f"Hidden: {below:.0f} % of the outputs are below 0, under 1 % above 255.")
    driven.press("signed")
    driven.agree(clip=False)
    expect(lost).to_have_text("")


def test_type_weights(driven):
    middle = driven.cell("kernel", 1, 1)
    driven.notebook.click(middle)
    np.testing.assert_allclose(Spot(driven.root.locator(".cnn-field")).aim(), Spot(middle).aim(), atol=2)
    driven.notebook.type("1/2")
    driven.notebook.keys("Tab")
    driven.notebook.type("x")
    driven.notebook.keys("Enter")
    expect(driven.root.locator(".cnn-alert")).to_contain_text("“x” is not a number")
    driven.notebook.keys("Escape")
    driven.agree(kernel=[[0, 1, 0], [1, 0.5, 1], [0, 1, 0]])
    driven.root.locator(".kernel .cnn-grid").focus()
    for key in ("ArrowUp", "-", "3", "Enter"):
        driven.notebook.keys(key)
    assert driven.notebook.python("sorted(sum(bench.kernel, []))[0]") == -3


def test_paint_weights(driven):
    driven.choose("kernel", "own kernel")
    driven.press("5×5")
    expect(driven.root.locator(".kernel .cnn-grid text")).to_have_count(25)
    driven.press("−1")
    driven.notebook.drag(*(driven.cell("kernel", row, 0) for row in range(5)))
    driven.press("+1")
    driven.notebook.drag(*(driven.cell("kernel", row, 4) for row in range(5)))
    # Whatever was own before: the two painted columns are ours.
    assert driven.notebook.python("[[line[0], line[4]] for line in bench.kernel]") == [[-1, 1]] * 5
    driven.agree()
    driven.root.locator(".kernel .cnn-grid").focus()
    driven.press("0")
    driven.root.locator(".kernel .cnn-grid").focus()
    driven.notebook.keys("Space")
    assert driven.notebook.python("bench.kernel[4][4]") == 0
    driven.press("+1")


def test_size_keeps_the_weights_and_the_centre(driven):
    driven.press("5×5")
    driven.agree(row=77, col=29)
    assert driven.notebook.python("[bench.kernel[2], bench.kernel[0]]") == [[0, 1, -4, 1, 0], [0] * 5]
    driven.press("3×3")
    driven.agree(row=78, col=30, kernel=[[0, 1, 0], [1, -4, 1], [0, 1, 0]])


def test_divide_by_the_sum(driven):
    box = driven.root.get_by_role("checkbox")
    expect(box).to_be_disabled()  # the Laplacian sums to 0
    driven.choose("kernel", "Gaussian blur")
    expect(box).to_be_enabled()
    box.uncheck()
    driven.agree(divide=False)
    box.check()
    driven.agree(divide=True)


# A picture of one's own ----------------------------------------------------------------------------


def as_file(array, format, name=None):
    file = io.BytesIO()
    Image.fromarray(array).save(file, format)
    return {"name": name or f"mine.{format.lower()}", "mimeType": f"image/{format.lower()}", "buffer": file.getvalue()}


def upload(driven, file):
    driven.root.locator("input[type=file]").set_input_files(file)


def test_open_a_picture(driven):
    image = np.random.default_rng(5).integers(0, 256, (40, 70, 3), dtype=np.uint8)
    upload(driven, as_file(image, "PNG"))
    driven.agree(photo="own picture", row=19, col=34)
    got = np.array(driven.notebook.python("bench.image.tolist()"))
    assert np.abs(got - FilterBench(image=image).image.astype(int)).max() <= 1
    driven.choose("photograph", "camera")
    driven.agree(photo="camera")


def test_open_another_picture_of_the_same_size(driven):
    for level in (40, 70):
        upload(driven, as_file(np.full((20, 30), level, np.uint8), "PNG"))
        expect(driven.root.locator(".patch text")).to_have_text([str(level)] * 9)
        driven.agree(photo="own picture")


def test_a_picture_of_one_s_own_is_undone_and_written_as_the_argument_that_it_is(driven):
    upload(driven, as_file(np.full((20, 30), 9, np.uint8), "PNG"))
    driven.agree(photo="own picture")
    driven.root.get_by_role("button", name="copy as Python").click()
    expect(driven.root.locator(".cnn-told")).to_have_text("copied, but for image")
    driven.page.context.grant_permissions(["clipboard-read"])
    line = driven.page.evaluate("() => navigator.clipboard.readText()")
    bench = eval(line, {"FilterBench": FilterBench, "image": np.full((20, 30), 9)})  # noqa: S307 - our own line
    assert repr(bench) == driven.notebook.python("repr(bench)")
    driven.root.get_by_role("button", name="undo").click()
    driven.agree(photo="camera", row=78, col=30)
    driven.root.get_by_role("button", name="redo").click()
    driven.agree(photo="own picture", row=9, col=14)


def test_a_large_picture_is_scaled_down(driven):
    upload(driven, as_file(np.full((300, 2000), 77, np.uint8), "JPEG"))
    driven.agree(photo="own picture")
    assert driven.notebook.python("[bench.image.shape, sorted(set(bench.image.ravel().tolist()))]") == [[38, 256], [77]]


@pytest.mark.parametrize("file, line", [
    ({"name": "notes.txt", "mimeType": "text/plain", "buffer": b"no picture"}, "“notes.txt” is no PNG or JPEG picture"),
    ({"name": "bad.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n broken"}, "“bad.png” cannot be read"),
    ({"name": "empty.jpg", "mimeType": "image/jpeg", "buffer": b""}, "“empty.jpg” cannot be read"),
    (as_file(np.zeros((3, 40), np.uint8), "PNG", "thin.png"), "“thin.png” has 3×40 pixels; 5×5 are the least"),
])
def test_a_bad_file_is_refused_in_a_line(driven, file, line):
    upload(driven, file)
    alert = driven.root.locator(".cnn-alert")
    expect(alert).to_have_text(re.compile(f"{re.escape(line)}.*The picture stays as it was"))
    driven.agree(photo="camera", row=78, col=30)
    driven.screen("photo").focus()
    driven.notebook.keys("ArrowRight")
    driven.agree(col=31)
    expect(alert).to_have_count(0)


def test_drop_a_picture(driven):
    file = as_file(np.full((20, 30), 9, np.uint8), "PNG")
    driven.page.evaluate(
        """([bytes, name, type]) => {
            const data = new DataTransfer();
            data.items.add(new File([Uint8Array.from(bytes)], name, { type }));
            for (const what of ["dragover", "drop"]) {
                document.querySelector(".cnn-bench").dispatchEvent(
                    new DragEvent(what, { dataTransfer: data, bubbles: true, cancelable: true }));
            }
        }""",
        [list(file["buffer"]), file["name"], file["mimeType"]],
    )
    driven.agree(photo="own picture")
    assert driven.notebook.python("bench.image.tolist()") == [[9] * 30] * 20


# While a picture is decoded ------------------------------------------------------------------------

# Decodes a file only once the test says so: decode("mine.png").
SLOW_DECODER = """
() => {
    const [decoder, waiting] = [window.createImageBitmap, {}];
    window.createImageBitmap = (file) => new Promise((done, failed) => {
        waiting[file.name] = () => decoder(file).then(done, failed);
    });
    window.decode = (name) => waiting[name]();
}
"""


@pytest.fixture
def bench(browser):
    """The widget on a bare page whose pictures are decoded one by one, when the test says so; its root."""
    page = browser.new_page()
    page.evaluate(SLOW_DECODER)
    yield plain.mount(page, FilterBench())
    page.close()


def pick(bench, name, level):
    """Choose a picture of 20×`level` pixels, all of that grey."""
    bench.locator("input[type=file]").set_input_files(as_file(np.full((20, level), level, np.uint8), "PNG", name))


def decode(bench, name):
    """Let a file be decoded, and wait until what follows from it is painted."""
    bench.page.evaluate("(name) => decode(name)", name)
    plain.painted(bench.page)


def test_a_picture_that_is_being_read_is_announced(bench):
    expect(bench).not_to_have_attribute("aria-busy", "true")
    pick(bench, "one.png", 40)
    expect(bench).to_have_attribute("aria-busy", "true")
    expect(bench.locator(".photo figcaption")).to_have_text("loading a picture …")
    decode(bench, "one.png")
    expect(bench).not_to_have_attribute("aria-busy", "true")
    expect(bench.locator(".photo figcaption")).to_have_text("own picture · 20 × 40")


@pytest.mark.parametrize("order", [("one.png", "two.png"), ("two.png", "one.png")])
def test_the_later_pick_wins_whatever_is_decoded_first(bench, order):
    pick(bench, "one.png", 40)
    pick(bench, "two.png", 70)
    for name in order:
        decode(bench, name)
    expect(bench).not_to_have_attribute("aria-busy", "true")
    expect(bench.locator(".patch text")).to_have_text(["70"] * 9)


def test_an_earlier_pick_that_is_refused_says_nothing(bench):
    bench.locator("input[type=file]").set_input_files({"name": "bad.png", "mimeType": "image/png", "buffer": b"broken"})
    pick(bench, "two.png", 70)
    decode(bench, "two.png")
    decode(bench, "bad.png")
    expect(bench.locator(".patch text")).to_have_text(["70"] * 9)
    expect(bench.locator(".cnn-alert")).to_have_count(0)


def test_a_photograph_chosen_meanwhile_stays(bench):
    pick(bench, "one.png", 40)
    bench.get_by_role("combobox", name="photograph").select_option("coins")
    expect(bench).not_to_have_attribute("aria-busy", "true")
    decode(bench, "one.png")
    expect(bench.locator(".photo figcaption")).to_have_text(re.compile("^coins"))


# How it lies on the page ---------------------------------------------------------------------------


@pytest.mark.parametrize("col", [5, 200])
def test_the_ray_from_the_sum_passes_the_scale_and_the_choice(browser, col):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    root = plain.mount(page, FilterBench(row=150, col=col))
    crossed = root.evaluate("""(root) => {
        const [path] = [...root.querySelectorAll(".ray")];
        const home = root.querySelector(".rays").getBoundingClientRect();
        const boxes = [...root.querySelectorAll(".view .cnn-scale, .view .cnn-choice")].map((one) => one.getBoundingClientRect());
        const found = [];
        for (let at = 0; at <= path.getTotalLength(); at += 1) {
            const { x, y } = path.getPointAtLength(at);
            if (boxes.some((box) => x + home.x >= box.left && x + home.x <= box.right && y + home.y >= box.top && y + home.y <= box.bottom)) found.push([x, y]);
        }
        return { found, drawn: path.getTotalLength() };
    }""")
    assert crossed["drawn"] > 300 and crossed["found"] == []
    page.close()


def test_on_a_sliver_of_a_page_nothing_goes_wrong(browser):
    page = browser.new_page()
    errors = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    root = plain.mount(page, FilterBench(kernel=np.ones((5, 5))))
    for width in (99, 60, 33, 10):
        page.evaluate("(width) => { document.querySelector('#host').style.width = `${width}px`; }", width)
        plain.painted(page)
        root.locator(".photo .screen").press("ArrowRight")
    assert errors == []
    page.close()


# Elsewhere -----------------------------------------------------------------------------------------


def test_notebook_7_narrow_and_by_touch(open_notebook, server):
    notebook = open_notebook(
        server.write("bench7.ipynb", CELL), "notebook", viewport={"width": 480, "height": 1100}, has_touch=True,
    )
    notebook.run_all()
    driven = Driven(notebook)
    assert driven.root.get_attribute("data-wide") == "false"
    assert driven.root.evaluate("root => root.scrollWidth <= root.clientWidth")
    notebook.tap(driven.screen("output"))
    driven.agree(row=127, col=127)
    driven.screen("photo").focus()
    driven.notebook.keys("ArrowDown")
    driven.agree(row=128, col=127)
    assert notebook.problems == []
