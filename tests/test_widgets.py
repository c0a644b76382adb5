"""The widgets from Python: traits and their checks, picture, text, and the script's arithmetic."""

import base64
import json
import re
import shutil
import subprocess

import numpy as np
import pytest

from cnnlib import figures, widgets
from cnnlib.conv import cross_correlate1d, cross_correlate2d
from cnnlib.shapes import output_size
from cnnlib.widgets import SlideFilter2D
from cnnlib.widgets.slide_filter_2d import IMAGE, KERNEL
from widget_examples import make

WIDGET_MIME = "application/vnd.jupyter.widget-view+json"
LECTURE = [[4, 3, 4], [2, 4, 3], [2, 3, 4]]


# The script's core against cnnlib -----------------------------------------------------------------


def evaluate(expression, cases, tmp_path, widget=SlideFilter2D):
    """Return [expression(case) for case in cases], computed by the script of a widget."""
    module, asked = widget._esm, json.dumps(cases)
    if node := shutil.which("node"):
        (tmp_path / "core.mjs").write_text(module, encoding="utf-8")
        run = f"import * as core from './core.mjs'; console.log(JSON.stringify({asked}.map({expression})));"
        (tmp_path / "run.mjs").write_text(run, encoding="utf-8")
        answer = subprocess.run([node, "run.mjs"], cwd=tmp_path, capture_output=True, encoding="utf-8", check=True)
        return json.loads(answer.stdout)
    pytest.importorskip("playwright")
    from playwright.sync_api import sync_playwright

    from course import find_chromium

    if find_chromium() is None:
        pytest.skip("neither node nor a Chromium to run the script")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        page = browser.new_page()
        page.evaluate(
            "async (text) => { window.core = await import(URL.createObjectURL(new Blob([text], {type: 'text/javascript'}))); }",
            module,
        )
        answer = page.evaluate(f"() => {asked}.map({expression})")
        browser.close()
    return answer


def drawn_cases(count=60):
    rng = np.random.default_rng(20)
    for _ in range(count):
        kernel_shape, dilation = rng.integers(1, 5, 2), int(rng.integers(1, 4))
        padding, stride = int(rng.integers(0, 4)), int(rng.integers(1, 5))
        smallest = np.maximum(dilation * (kernel_shape - 1) + 1 - 2 * padding, 1)
        yield {
            "image": rng.normal(size=smallest + rng.integers(0, 7, 2)).tolist(),
            "kernel": rng.normal(size=kernel_shape).tolist(),
            "options": {"stride": stride, "padding": padding, "dilation": dilation},
        }


def test_script_correlates_as_the_library(tmp_path):
    cases = list(drawn_cases())
    answers = evaluate(
        """({ image, kernel, options }) => ({
            flat: core.correlate2d(image, kernel, options),
            line: core.correlate1d(image[0], kernel[0], options),
            size: core.outputSize(image.length, kernel.length, options),
            corner: core.windowTaps(image, kernel, 0, 0, options).reduce((sum, tap) => sum + tap.value * tap.weight, 0),
        })""",
        cases,
        tmp_path,
    )
    for case, answer in zip(cases, answers, strict=True):
        image, kernel, options = case.values()
        expected = cross_correlate2d(image, kernel, **options)
        np.testing.assert_allclose(answer["flat"], expected, atol=1e-12)
        np.testing.assert_allclose(answer["line"], cross_correlate1d(image[0], kernel[0], **options), atol=1e-12)
        assert answer["size"] == output_size(len(image), len(kernel), **options)
        assert answer["corner"] == pytest.approx(expected[0, 0])


def test_script_finds_no_place_for_a_kernel_that_is_too_large(tmp_path):
    assert evaluate("([n, m, options]) => core.outputSize(n, m, options)",
                    [[2, 3, {}], [5, 3, {"dilation": 3}], [3, 7, {"padding": 1, "stride": 2}]], tmp_path) == [0, 0, 0]


def test_script_writes_numbers_as_python_does(tmp_path):
    rng = np.random.default_rng(0)
    values = [0, -0.0, 1, 10, -100, 0.125, -0.125, 0.005, -0.004, 2.675, 1e6, 99.995, *rng.normal(scale=9, size=50)]
    written = evaluate("(value) => core.formatNumber(value)", values, tmp_path)
    assert written == [figures.format_number(value) for value in values]


def test_script_reads_what_people_type(tmp_path):
    typed = {"2": 2, " −1 ": -1, "-.5": -0.5, "0,25": 0.25, "1/8": 0.125, "+3.": 3, "−1 / 4": -0.25,
             "": None, "two": None, "1/0": None, "1e3": None, "1 2": None, "--1": None, "Infinity": None}
    assert evaluate("(text) => core.parseNumber(text)", list(typed), tmp_path) == list(typed.values())


def test_script_colours_as_the_figures_do(tmp_path):
    cases = [
        [value, 2, role, theme, focus]
        for value in np.linspace(-2, 2, 33).tolist()
        for role in ("input", "weight", "output")
        for theme in ("light", "dark")
        for focus in (True, False)
    ]
    answers = evaluate(
        "(c) => { const fill = core.shade(...c); return [fill, core.readable(fill, c[3])]; }", cases, tmp_path
    )
    for (value, largest, role, theme, focus), (fill, ink) in zip(cases, answers, strict=True):
        assert fill == figures.shade(value, largest, role, theme, focus)
        assert ink == figures.readable(fill, theme)


# The palette ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_is_legible_on_every_fill(theme):
    palette = figures.PALETTE[theme]
    fills = {figures.shade(v, 1, role, theme) for v in np.linspace(-1, 1, 201) for role in ("input", "weight", "output")}
    for fill in fills | set(palette["theta"]):
        assert figures.contrast(figures.readable(fill, theme), fill) >= 4.5
    for text in ("ink", "muted", "alert"):
        for behind in ("surface", "panel"):
            assert figures.contrast(palette[text], palette[behind]) >= 4.5
    for mark in ("control", "window", "input", "weight", "output", "negative"):
        assert figures.contrast(palette[mark], palette["surface"]) >= 3


def test_both_themes_have_the_same_colours():
    assert figures.PALETTE["light"].keys() == figures.PALETTE["dark"].keys()


# All widgets ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted({*widgets.__all__} - {"Question"}))  # which has its answer folded instead
def test_a_widget_is_a_picture_and_a_line_where_it_cannot_run(name):
    widget, again = make(name), make(name)
    data, metadata = widget._repr_mimebundle_()
    png = base64.b64decode(data["image/png"])
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width = int.from_bytes(png[16:20])
    assert width >= 900, "crisp on a dense screen"
    assert metadata["image/png"]["width"] == pytest.approx(width / 2, abs=1)
    assert data["text/plain"] == widget.describe() and "\n" not in widget.describe()
    assert data[WIDGET_MIME]["model_id"] == widget.model_id
    assert repr(widget) == repr(again) and repr(widget).startswith(f"{name}(") and " at 0x" not in repr(widget)


@pytest.mark.parametrize("name", widgets.__all__)
def test_a_hand_on_the_page_hears_no_echo(name, monkeypatch):
    kind, sent = getattr(widgets, name), []
    widget = make(name)
    monkeypatch.setattr("ipywidgets.widgets.widget.JUPYTER_WIDGETS_ECHO", True)
    monkeypatch.setattr(widget, "_send", lambda message, buffers=None: sent.append(message["method"]))
    changes = {own: getattr(widget, own) for own, trait in kind.class_own_traits(sync=True).items() if not trait.read_only}
    widget.set_state(changes)
    assert changes and "echo_update" not in sent
    widget.set_state({"tooltip": "a trait of ipywidgets"})
    assert "echo_update" in sent


# SlideFilter2D -------------------------------------------------------------------------------------


def test_the_lectures_example_is_the_default():
    widget = SlideFilter2D()
    assert widget.output == LECTURE
    assert widget.image == [list(row) for row in IMAGE] and widget.kernel == [list(row) for row in KERNEL]


@pytest.mark.parametrize("seed", range(5))
def test_output_follows_every_change(seed):
    rng = np.random.default_rng(seed)
    widget = SlideFilter2D()
    widget.image, widget.kernel = rng.normal(size=(9, 8)), rng.normal(size=(2, 3))
    widget.stride, widget.padding, widget.dilation = (int(n) for n in rng.integers([1, 0, 1], [4, 3, 4]))
    expected = cross_correlate2d(widget.image, widget.kernel, widget.stride, widget.padding, widget.dilation)
    np.testing.assert_array_equal(widget.output, expected)


def test_arrays_travel_as_lists():
    widget = SlideFilter2D(image=np.eye(4, dtype=bool), kernel=np.float32([[0.5]]))
    state = widget.get_state(["image", "kernel"])
    assert json.loads(json.dumps(state)) == {"image": np.eye(4, dtype=int).tolist(), "kernel": [[0.5]]}


def test_the_window_stays_inside_when_the_output_shrinks():
    widget = SlideFilter2D(row=2, col=2)
    widget.stride = 2
    assert (widget.row, widget.col) == (1, 1)


BAD = [
    ("image", [1, 2, 3], "image must be a 2-D array of numbers, got shape (3,)"),
    ("image", [["a"]], "image must be a 2-D array of numbers, got dtype <U1"),
    ("image", [[1, float("nan")]], "image must hold finite numbers only, got nan at index (0, 1)"),
    ("kernel", np.ones((6, 6)), "fit into the padded input of 5, got a kernel that spans 6"),
    ("kernel", [[]], "kernel must be a 2-D array of numbers that is not empty"),
    ("dilation", 3, "fit into the padded input of 5, got a kernel that spans 7"),
    ("dilation", 0, "dilation must be an integer of at least 1, got 0"),
    ("stride", 0, "stride must be an integer of at least 1, got 0"),
    ("padding", -1, "padding must be an integer of at least 0, got -1"),
    ("row", 3, "row must be an integer in 0..2, got 3"),
    ("col", -1, "col must be an integer of at least 0, got -1"),
]


@pytest.mark.parametrize(("name", "value", "message"), BAD)
def test_bad_values_are_refused_and_change_nothing(name, value, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        SlideFilter2D(**{name: value})
    widget = SlideFilter2D()
    before = widget.get_state()
    with pytest.raises(ValueError, match=re.escape(message)):
        setattr(widget, name, value)
    assert widget.get_state() == before and widget.output == LECTURE


def test_a_bad_message_from_the_browser_changes_nothing():
    widget = SlideFilter2D()
    with pytest.raises(ValueError, match="kernel that spans 7"):
        widget.set_state({"row": 1, "dilation": 3})
    assert (widget.row, widget.dilation, widget.output) == (0, 1, LECTURE)


def test_image_and_kernel_can_change_together():
    widget = SlideFilter2D()
    with widget.hold_trait_notifications():
        widget.kernel, widget.image = np.ones((7, 7)), np.ones((8, 8))
    assert widget.output == [[49.0, 49.0], [49.0, 49.0]]


def drawn_numbers(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def test_the_picture_shows_the_numbers():
    widget = SlideFilter2D(row=1, col=1)
    texts = drawn_numbers(widget.picture())
    numbers = [text for text in texts if re.fullmatch(r"−?[\d.]+", text)]
    grids = [*np.ravel(IMAGE), *np.ravel(KERNEL), 4, 3, 4, 2, 4]
    factors = np.column_stack([np.ravel(np.array(IMAGE)[1:4, 1:4]), np.ravel(KERNEL)])
    assert numbers == [str(n) for n in (*grids, 4, *factors.flat)]
    assert {"image 5×5", "kernel 3×3", "output 3×3"} <= set(texts)


def test_the_picture_reveals_all_outputs_when_asked():
    drawn = [len(drawn_numbers(SlideFilter2D(reveal=reveal).picture())) for reveal in (False, True)]
    assert drawn[1] - drawn[0] == 8


def test_the_picture_has_room_for_all_its_text():
    rng = np.random.default_rng(1)
    for widget in (
        SlideFilter2D(),
        SlideFilter2D([[1]], [[1]]),
        SlideFilter2D(padding=2, dilation=2, stride=2),
        SlideFilter2D(rng.normal(size=(12, 12)), rng.normal(size=(5, 5)), padding=2, row=9),
    ):
        figure = widget.picture()
        figure.draw_without_rendering()
        for text in figure.axes[0].texts:
            box = text.get_window_extent()
            assert figure.bbox.x0 <= box.x0 and box.x1 <= figure.bbox.x1, text
            assert figure.bbox.y0 <= box.y0 and box.y1 <= figure.bbox.y1, text


def test_the_page_gets_the_script_beside_a_short_one_that_loads_it_once():
    widget = SlideFilter2D()
    state = widget.get_state()
    assert state["_esm_source"] == SlideFilter2D._esm and len(state["_esm"]) < 2_000
    assert set(widget.get_state(["row"])) == {"row"}
    widget.set_state({"_esm_source": "alert()"})
    assert widget.get_state()["_esm_source"] == SlideFilter2D._esm


# Names that people give ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>", "\"'`${1}", "</script>", "$\\frac{", "日本語 · Ünï", "[a](b)"])
def test_a_hostile_name_is_text_and_nothing_else(name):
    for widget in (
        widgets.PatternDetector(np.eye(5), {name: [1, -1]}), widgets.Channels(names=[name] * 6),
    ):
        assert name in widget.describe()
        data, _ = widget._repr_mimebundle_()
        assert set(data) == {"text/plain", "image/png", WIDGET_MIME}  # nothing that a page reads as HTML


@pytest.mark.parametrize("name", ["two\nlines", "\u202egnp.exe", "\x1b[31m", "\u2066x", "\ud800", "x" * 81, 3])
def test_a_name_that_reads_otherwise_than_it_is_written_is_refused(name):
    for make_one in (lambda: widgets.PatternDetector(np.eye(5), {name: [1, -1]}), lambda: widgets.Channels(names=[name] * 6)):
        with pytest.raises(ValueError, match="must be a text of at most 80 characters in one line"):
            make_one()
