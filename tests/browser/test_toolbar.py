"""The tools of every card: undo, redo, start over, and the line of Python that makes the state."""

import random

import pytest

import plain
from cnnlib import widgets
from widget_examples import REQUIRED, make

NAMES = [name for name in widgets.__all__ if name != "Question"]  # whoever has answered has seen the answer
KEYS = ["ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp", "Home", "End", "2", "Enter", "Tab", "Escape", "-", "Control+ArrowRight"]
# Points of the card where a hand could do something, and not on its tools or what opens a window of the system.
POINTS = """
(root) => [...root.querySelectorAll("button, input:not([type=file]), [role=application], svg, canvas, label")]
  .filter((one) => one.checkVisibility() && !one.closest(".cnn-tools") && !one.disabled && one.textContent.trim() !== "open a picture …")
  .map((one) => one.getBoundingClientRect()).filter((box) => box.width && box.height).map((box) => [box.x, box.y, box.width, box.height])
"""


def opened(browser, name, widget=None):
    page = browser.new_page(viewport={"width": 1000, "height": 1400}, reduced_motion="reduce")
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    return page, plain.mount(page, widget or make(name))


def traits(page, name):
    """What undo and the line of Python are about; bytes as `plain.as_json` writes them."""
    return page.evaluate("""() => JSON.parse(JSON.stringify(Object.fromEntries(state._call.traits.map((name) => [name, state[name]])),
        (_, one) => ArrayBuffer.isView(one) ? { base64: btoa(String.fromCharCode(...new Uint8Array(one.buffer))) } : one))""")


def play(page, root, rng, times):
    """Press, drag and type somewhere in the card."""
    for _ in range(times):
        x, y, width, height = rng.choice(root.evaluate(POINTS))
        page.mouse.move(x + rng.uniform(0.05, 0.95) * width, y + rng.uniform(0.05, 0.95) * height)
        page.mouse.down()
        if rng.random() < 0.4:
            page.mouse.move(x + rng.random() * width, y + rng.random() * height, steps=3)
        page.mouse.up()
        plain.painted(page)
        for key in rng.sample(KEYS, 2):
            if not page.evaluate("document.activeElement.closest('.cnn-tools')"):  # Tab has led there: Enter would undo
                page.keyboard.press(key)
            plain.painted(page)
    page.keyboard.press("Escape")
    page.mouse.move(2, 2)
    page.evaluate("""() => {  // at once: it may end by itself
        if (state.playing) [...document.querySelectorAll("button")].find((one) => one.textContent === "pause").click();
    }""")
    plain.painted(page)


def tool(page, name):
    return page.get_by_role("toolbar").get_by_role("button", name=name)


def pressed(page, name):
    tool(page, name).click()
    plain.painted(page)


def test_the_question_alone_has_nothing_to_undo():
    assert [name for name in widgets.__all__ if not make(name)._call["traits"]] == ["Question"]


@pytest.mark.parametrize("name", NAMES)
def test_all_that_a_hand_does_can_be_undone_redone_and_written_down(browser, name):
    page, root = opened(browser, name)
    first = traits(page, name)
    play(page, root, random.Random(name), 12)
    last = traits(page, name)
    steps = 0
    while tool(page, "undo").get_attribute("aria-disabled") is None:
        pressed(page, "undo")
        steps += 1
        assert steps < 100
    assert traits(page, name) == first
    assert name == "TrainingMonitor" or steps > 0, "the hand has done nothing"
    for _ in range(steps):
        pressed(page, "redo")
    assert traits(page, name) == last and (not steps or tool(page, "redo").get_attribute("aria-disabled") == "true")
    assert line_makes(page, name) == last
    if last != first:
        pressed(page, "start over")
        assert traits(page, name) == first
        pressed(page, "undo")
        assert traits(page, name) == last
    assert page.problems == []
    page.close()


def copied(page):
    """The line that is copied; the card says its beginning."""
    page.evaluate("""() => Object.defineProperty(navigator, "clipboard",
        { configurable: true, value: { writeText: async (text) => { window.copied = text; } } })""")
    pressed(page, "copy as Python")
    told = page.locator(".cnn-told")
    told.filter(has_text="copied: ").wait_for()
    line, said = page.evaluate("copied"), told.text_content().removeprefix("copied: ")
    assert said == (line if len(line) <= 120 else line[:119] + "…")
    return line


def line_makes(page, name):
    """What Python makes of the line that is copied, in the words of the page."""
    line = copied(page)
    assert line.startswith(f"{name}("), line
    made = eval(line, vars(widgets) | REQUIRED.get(name, {}))  # noqa: S307 - the line is what is tested
    return {one: plain.as_json(getattr(made, one)) for one in made._call["traits"]}


@pytest.mark.parametrize("line", [
    "SlideFilter2D()", "SlideFilter2D(stride=2)", "SlideFilter2D(image=[[1, 2, 3], [4, 5, 6], [7, 8, 9.5]], col=0)",
    "SlideFilter1D(padding=\"same\")", "LinkedView(kind=\"shared\")", "FilterBench(kernel='box blur')", "Backward(row=1)",
    "LinkedView(kind=\"local\", row=2, theta=[1, 2, 1])", "Counter('fully connected')", "PatternDetector(selected=\"coin\")",
])
def test_a_line_makes_the_widget_that_it_was_made_of(browser, line):
    widget = eval(line, vars(widgets))  # noqa: S307 - a line of this file
    widget._repr_mimebundle_()
    page, _ = opened(browser, "", widget)
    name = type(widget).__name__
    assert line_makes(page, name) == traits(page, name)
    said = page.evaluate("copied")
    assert said == line or "'" in line or "image" in line, "only what differs from its default"
    page.close()


def test_what_python_has_set_since_is_in_the_line(browser):
    widget = widgets.SlideFilter2D()
    widget.padding = 1
    widget._repr_mimebundle_()
    page, _ = opened(browser, "", widget)
    page.evaluate("model.set('stride', 2)")
    pressed(page, "copy as Python")
    page.locator(".cnn-told", has_text="copied: SlideFilter2D(padding=1, stride=2)").wait_for()
    page.close()


def test_a_drag_is_one_step_and_keys_undo_it(browser):
    page, root = opened(browser, "SlideFilter2D")
    box = root.locator(".output svg").bounding_box()
    at = [(box["x"] + (0.2 + 0.3 * k) * box["width"], box["y"] + 0.2 * box["height"]) for k in range(3)]
    page.mouse.move(*at[0])
    page.mouse.down()
    for place in at:
        page.mouse.move(*place)
        plain.painted(page)
    page.mouse.up()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("[state.row, state.col]") == [1, 2]
    for key, place in (("Control+z", [0, 2]), ("Control+z", [0, 0]), ("Control+Shift+z", [0, 2]), ("Control+y", [1, 2])):
        page.keyboard.press(key)
        assert page.evaluate("[state.row, state.col]") == place
    root.locator(".kernel svg").press("7")  # in a field Ctrl+Z is the field's
    root.locator(".cnn-field").press("Control+z")
    assert page.evaluate("[state.row, state.col]") == [1, 2]
    page.close()


def test_the_tools_are_one_stop_and_arrows_lead_along_them(browser):
    page, root = opened(browser, "SlideFilter2D")
    tool(page, "undo").focus()
    names = []
    for _ in range(10):
        names.append(page.evaluate("document.activeElement.getAttribute('aria-label')"))
        page.keyboard.press("ArrowRight")
    assert names == ["undo", "redo", "start over", "copy as Python", "save as PNG", "save as SVG",
                     "fill the screen", "a beat back", "explain a beat", "undo"]
    assert root.locator(".cnn-tools [tabindex='0']").count() == 1
    page.close()
