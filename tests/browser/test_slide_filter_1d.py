"""SlideFilter1D and PatternDetector in a real browser: what the hand does, what cnnlib says."""

import re
from itertools import product

import pytest

import plain
from cnnlib import conv1d_index, cross_correlate1d
from cnnlib.shapes import resolve_padding
from cnnlib.widgets import PatternDetector, SlideFilter1D
from driver import Spot

SETUP = "from cnnlib.widgets import PatternDetector, SlideFilter1D\nslide = SlideFilter1D()\nslide"
OUTPUT = ".cnn-slide-1d .output .cnn-grid"
MATRIX = ".cnn-slide-1d .matrix .cnn-grid"
SIGNAL = ".cnn-slide-1d .signal .cnn-grid"
KERNEL = ".cnn-slide-1d .kernel .cnn-grid"


@pytest.fixture(scope="module")
def lab(open_notebook, server):
    """The notebook in JupyterLab, with both widgets drawn."""
    path = server.write("slide_1d.ipynb", SETUP, "detector = PatternDetector()\ndetector")
    notebook = open_notebook(path, "lab")
    notebook.run_all()
    notebook.page.wait_for_selector(MATRIX)
    return notebook


@pytest.fixture
def slide(lab):
    """The lab with the first widget as it was made."""
    lab.python(
        "slide.stride = slide.dilation = 1; slide.padding = 'valid'; slide.kernel = [1]; slide.signal = [1, 1, 1, 0, 0];"
        "slide.kernel = [1, 0, 1]; slide.flip = slide.reveal = False"
    )
    lab.page.click(".cnn-slide-1d button:has-text('reset')")
    assert lab.python("slide.position") == 0
    settle(lab, "slide")
    return lab


def settle(lab, name):
    """Wait until the line below the picture is the one that Python says."""
    said = lab.python(f"{name}.describe()")
    lab.page.wait_for_function("(said) => [...document.querySelectorAll('.cnn-says')].some((one) => one.textContent === said)", arg=said)
    return said


def numbers(page, selector):
    """The numbers in the cells of a grid: rows of text."""
    return page.eval_on_selector_all(
        f"{selector} > text:not(.index)", "(texts) => texts.map((one) => one.textContent.replace('−', '-'))"
    )


def cell_at(page, selector, row, col):
    """A cell of a grid."""
    left = page.eval_on_selector_all(
        f"{selector} > rect", "(rects) => rects.map((one) => Math.round(one.getBoundingClientRect().x))"
    )
    return page.locator(f"{selector} > rect").nth(row * len(set(left)) + col)


def shown_matrix(lab):
    return [float(text) for text in numbers(lab.page, MATRIX)]


def expected_matrix(lab):
    rows = lab.python("__import__('cnnlib').weight_matrix(slide.index, slide.kernel).tolist()")
    return [value for row in rows for value in row]


def test_arrow_keys_move_window_and_fill_the_output(slide):
    assert numbers(slide.page, OUTPUT) == ["2", "", ""]
    slide.page.focus(SIGNAL)
    slide.keys("ArrowRight")
    assert slide.python("slide.position") == 1
    settle(slide, "slide")
    assert numbers(slide.page, OUTPUT) == ["2", "1", ""]
    slide.keys("End")
    assert slide.python("slide.position") == 2
    settle(slide, "slide")
    assert numbers(slide.page, OUTPUT) == [str(value) for value in slide.python("slide.output")]
    products = slide.page.locator(f"{SIGNAL} .product").all_text_contents()
    assert products == ["1", "0", "0"]


def test_drag_moves_the_window(slide):
    page = slide.page
    slide.drag(cell_at(page, SIGNAL, 0, 1), cell_at(page, SIGNAL, 0, 3))
    assert slide.python("slide.position") == 2
    settle(slide, "slide")
    assert numbers(page, OUTPUT) == ["2", "1", "1"]


def test_a_row_pressed_calls_the_window(slide):
    slide.click(cell_at(slide.page, MATRIX, 1, 4))
    assert slide.python("slide.position") == 1


def test_edited_weight_and_value(slide):
    page = slide.page
    slide.click(cell_at(page, KERNEL, 0, 1))
    slide.type("-2")
    slide.keys("Enter")
    assert slide.python("slide.kernel") == [1, -2, 1]
    slide.click(cell_at(page, SIGNAL, 0, 4), clicks=2)
    slide.type("1/4")
    slide.keys("Enter")
    assert slide.python("slide.signal") == [1, 1, 1, 0, 0.25]
    page.click(".cnn-slide-1d .cnn-toggle:has-text('show all')")
    assert slide.python("slide.reveal") is True
    settle(slide, "slide")
    shown = [float(text) for text in numbers(page, OUTPUT)]
    assert shown == slide.python("slide.output") == cross_correlate1d([1, 1, 1, 0, 0.25], [1, -2, 1]).tolist()
    assert shown_matrix(slide) == expected_matrix(slide)


def test_a_word_is_no_weight(slide):
    page = slide.page
    slide.click(cell_at(page, KERNEL, 0, 0))
    slide.type("x")
    slide.keys("Enter")
    page.wait_for_selector(".cnn-slide-1d .cnn-alert:has-text('is not a number')")
    slide.keys("Escape")
    assert slide.python("slide.kernel") == [1, 0, 1]


def test_full_and_flipped(slide):
    page = slide.page
    slide.python("slide.kernel = [1, 2, 3]")
    page.click(".cnn-slide-1d .cnn-choice label:has-text('full')")
    page.click(".cnn-slide-1d .cnn-toggle:has-text('flip')")
    assert slide.python("[slide.padding, slide.flip]") == ["full", True]
    settle(slide, "slide")
    assert len(numbers(page, OUTPUT)) == 7
    assert shown_matrix(slide) == expected_matrix(slide) != []
    slide.rest()  # the weights change places
    order = page.eval_on_selector_all(
        f"{SIGNAL} .window > g > text:first-of-type",
        "(texts) => texts.map((one) => [one.getBoundingClientRect().x, one.textContent])",
    )
    assert [text for _, text in sorted(order)] == ["3", "2", "1"]


def test_lengths_change_and_stop_at_their_ends(slide):
    page = slide.page
    page.click("[aria-label='length of the signal: more']")
    page.click("[aria-label='length of the filter: less']")
    assert slide.python("[len(slide.signal), len(slide.kernel)]") == [6, 2]
    settle(slide, "slide")
    assert shown_matrix(slide) == expected_matrix(slide)
    for _ in range(2):
        page.locator("[aria-label='length of the filter: less']").click(force=True)
    assert slide.python("len(slide.kernel)") == 1
    # By key, too; the grids are made anew, and the focus stays.
    length = page.get_by_role("spinbutton", name="length of the filter")
    slide.keys("ArrowUp", "ArrowRight", on=length)
    assert slide.python("slide.kernel") == [1, 0, 0] and length.evaluate("(one) => one === document.activeElement")
    assert [length.get_attribute(f"aria-value{name}") for name in ("min", "now", "max")] == ["1", "3", "7"]


def test_same_with_a_stride_is_refused_in_words(slide):
    slide.python("slide.stride = 2")
    settle(slide, "slide")
    slide.page.click(".cnn-slide-1d .cnn-choice label:has-text('same')")
    slide.page.wait_for_selector(".cnn-slide-1d .cnn-alert:has-text('Set stride to 1')")
    assert slide.python("slide.padding") == "valid"
    assert slide.page.is_checked(".cnn-slide-1d input[value=valid]")


def test_what_a_stride_does_not_reach_is_said(slide):
    slide.python("slide.signal = [1, 1, 1, 0, 0, 1]; slide.stride = 2")
    settle(slide, "slide")
    assert "last entry is never read" in slide.page.inner_text(".cnn-slide-1d .formula")
    assert expected_matrix(slide)[5::6] == [0, 0]


def test_play_visits_every_output(slide):
    slide.page.click(".cnn-slide-1d button:has-text('play')")
    assert slide.wait_python("[slide.position, slide.playing]", [2, False]) == [2, False]
    assert numbers(slide.page, OUTPUT) == ["2", "1", "1"]


def test_detector_follows_the_hand(lab):
    page = lab.page
    lanes = page.locator(".lanes")
    y = 200 / lanes.evaluate("(lanes) => lanes.getBoundingClientRect().height")
    lab.drag(Spot(lanes, 0.1, y), Spot(lanes, 0.5, y))
    assert abs(lab.python("detector.position") - round(0.5 * 384 - 6)) <= 1
    # Only what was visited counts for the peak.
    output, at = PatternDetector().output, lab.python("detector.position")
    peak = int(output[: at + 1].argmax())
    text = page.inner_text(".cnn-detector .cnn-says")
    assert text.endswith(f"Strongest so far: {output[peak]:.2f} at {peak}.") and peak != int(output.argmax())

    page.click(".cnn-detector .cnn-choice label:has-text('coin')")
    page.click(".cnn-detector .cnn-toggle:has-text('show all')")
    lab.keys("ArrowUp", "PageUp", on=lanes)
    assert lab.python("[detector.selected, detector.row]") == ["coin", 29]
    assert lab.python("detector.position") == at - 10
    settle(lab, "detector")
    assert re.search(r"Strongest: 0\.\d+ at \d+\.$", page.inner_text(".cnn-detector .cnn-says"))


def test_choices_of_two_widgets_are_their_own(lab):
    chosen = lab.page.eval_on_selector_all(".cnn-choice input:checked", "(inputs) => inputs.map((one) => one.value)")
    assert chosen == [lab.python("slide.padding"), lab.python("detector.selected")]


def test_nothing_was_complained_about(lab):
    assert lab.problems == []


def test_notebook_7_by_key_and_by_finger(open_notebook, server):
    notebook = open_notebook(server.write("slide_1d_7.ipynb", SETUP), "notebook", has_touch=True)
    notebook.run_all()
    notebook.page.wait_for_selector(MATRIX)
    notebook.page.focus(SIGNAL)
    notebook.keys("ArrowRight")
    assert notebook.python("slide.position") == 1
    notebook.tap(cell_at(notebook.page, MATRIX, 2, 0))
    assert notebook.python("slide.position") == 2

    notebook.swipe(*(cell_at(notebook.page, SIGNAL, 0, column) for column in (3, 2, 1)))
    assert notebook.python("slide.position") == 0
    assert notebook.problems == []


def test_the_core_counts_as_cnnlib_does(browser):
    """No kernel here: the module is loaded by itself and asked for numbers."""
    cases = [
        (n, m, stride, rule, dilation)
        for n, m, stride, rule, dilation in product((1, 5, 8), (1, 2, 3, 4), (1, 2, 3), ("valid", "same", "full"), (1, 2))
        if rule != "same" or stride == 1
        if rule == "full" or n + (rule == "same") * dilation * (m - 1) >= dilation * (m - 1) + 1
    ]
    page = browser.new_page()
    page.goto("about:blank")
    answers = page.evaluate(
        """async ([source, cases]) => {
            const core = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
            return cases.map(([n, m, stride, rule, dilation]) => {
                const sides = core.paddingSides(rule, m, { dilation });
                return [sides, core.convIndex1d(n, m, { stride, dilation, sides }), core.paddingSides(rule, m, { dilation, flip: true })];
            });
        }""",
        [str(SlideFilter1D._esm), cases],
    )
    page.close()
    assert len(cases) > 100
    for (n, m, stride, rule, dilation), (sides, index, mirrored) in zip(cases, answers):
        zeros = list(resolve_padding(rule, m, dilation, stride=stride))
        assert sides == zeros and mirrored == zeros[::-1]
        assert index == conv1d_index(n, m, stride, rule, dilation).tolist()


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
        (["ArrowRight", "ArrowDown"], [0, 1, 2]),
        (["End"], [0, 2]),
        (["End", "reset"], [0]),
        (["ArrowRight", "reset", "End"], [0, 2]),
    ],
)
def test_each_move_counts_however_fast_the_hand(browser, keys, known):
    page = browser.new_page()
    root = plain.mount(page, SlideFilter1D())
    page.evaluate(PRESS, keys)
    plain.painted(page)
    texts = root.locator(".output svg > text").all_text_contents()
    page.close()
    assert [index for index, text in enumerate(texts) if text] == known
