"""DigitPad, driven in JupyterLab and Notebook 7: what it shows is what the model says in Python."""

import time

import numpy as np
import pytest

import plain
from cnnlib import load_lenet5, softmax
from cnnlib.figures import format_number, shade
from cnnlib.widgets import DigitPad
from cnnlib.widgets.digit_pad import as_mnist, example
from cnnlib.words import belief, t
from driver import Spot

CELLS = ("from cnnlib.widgets import DigitPad", "pad = DigitPad()\npad")
PAD = ".cnn-digit-pad .paper"
THREE = [(0.32, 0.18), (0.68, 0.21), (0.54, 0.5), (0.71, 0.57), (0.68, 0.79), (0.36, 0.82)]  # shares of the paper


@pytest.fixture(scope="module")
def lab(server, open_notebook):
    notebook = open_notebook(server.write("digit_pad.ipynb", *CELLS))
    notebook.run_all()
    notebook.page.locator(".cnn-digit-pad .maps canvas").first.wait_for()
    return notebook


def pixels(page, selector, index=0):
    """Red, green and blue of a canvas, shape (H, W, 3)."""
    width, height, data = page.locator(f"{selector} canvas").nth(index).evaluate(
        "(canvas) => [canvas.width, canvas.height, [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data]]"
    )
    return np.array(data).reshape(height, width, 4)[..., :3]


def rgb(values, end, role):
    """What `figures.shade` gives for values from 0 to `end`, in 256 steps."""
    table = np.array([[int(shade(v, 255, role)[i : i + 2], 16) for i in (1, 3, 5)] for v in range(256)])
    return table[np.rint(255.0 * np.asarray(values, float) / end).astype(int)]


def numbers(root):
    return root.locator(".cnn-ledger-line .cnn-chip").all_text_contents()


def check(notebook):
    """Wait for the answer; then drawing, image, bars, words and maps on the page are the model's. Return the digit."""
    page = notebook.page
    page.locator(".cnn-digit-pad:not([aria-busy])").wait_for()
    assert notebook.python("pad._answered == pad._asked")
    drawing = np.array(notebook.python("pad.drawing.tolist()"), np.uint8)
    image, model = as_mnist(drawing), load_lenet5()
    shares = softmax(model(image[None]))[0]
    said = notebook.python("pad.describe()")
    page.wait_for_function("(said) => document.querySelector('.cnn-says').textContent === said", arg=said)
    assert said.startswith(f"Most likely {shares.argmax()}, ") or not image.any()
    shown = page.locator(".share").all_text_contents()
    for text, share in zip(shown, shares, strict=True):
        assert text in {belief(share + off, brief=True) for off in (-5e-4, 0, 5e-4)}
    assert page.locator(".likely b").all_text_contents() == [str(shares.argmax())]
    theme_is_light = page.locator(".cnn-digit-pad").get_attribute("data-theme") == "light"
    if theme_is_light:
        np.testing.assert_allclose(pixels(page, PAD), rgb(drawing, 255, "input"), atol=2)
        np.testing.assert_allclose(pixels(page, ".sees"), rgb(image, 255, "input"), atol=2)
        outputs = model.activations(image[None])
        for index, maps, one in ((1, outputs[2][0], 1), (6 + 2, outputs[5][0], 2)):
            wanted = rgb(maps[one], float(np.abs(maps).max()), "output")
            np.testing.assert_allclose(pixels(page, ".maps", index), wanted, atol=3)
    return int(shares.argmax())


def test_it_starts_with_the_example_and_its_answer(lab):
    assert check(lab) == 7 and lab.python("pad._asked") == 0


def test_a_digit_drawn_with_the_mouse(lab):
    lab.page.get_by_role("button", name="clear").click()
    check(lab)
    assert lab.python("bool(pad.drawing.any())") is False
    assert lab.page.inner_text(".cnn-says").startswith("Nothing is drawn")
    lab.drag(*(Spot(lab.page.locator(PAD), *place) for place in THREE))
    assert check(lab) == 3


@pytest.mark.parametrize("digit", [0, 4])
def test_a_number_key_puts_the_example_as_python_draws_it(lab, digit):
    lab.page.focus(PAD)
    lab.keys(str(digit))
    assert check(lab) == digit
    drawing = np.array(lab.python("pad.drawing.tolist()"))
    assert np.abs(drawing - example(digit)).max() <= 1


def test_arrows_move_the_drawing_and_not_what_the_network_sees(lab):
    lab.page.focus(PAD)
    before, image = (np.array(lab.python(f"pad.{name}.tolist()")) for name in ("drawing", "image"))
    for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
        lab.keys(key)
    check(lab)
    np.testing.assert_array_equal(lab.python("pad.drawing.tolist()"), np.roll(before, (4, 8), (0, 1)))
    np.testing.assert_array_equal(lab.python("pad.image.tolist()"), image)
    for _ in range(30):
        lab.keys("ArrowUp")  # stops at the edge: no ink is lost
    check(lab)
    moved = np.array(lab.python("pad.drawing.tolist()"))
    assert moved.sum() == before.sum() and moved[:5].any()


def test_the_ledger_follows_what_is_drawn(lab):
    page = lab.page
    lab.keys("7", on=page.locator(PAD))
    check(lab)
    lab.click(Spot(page.locator(".cnn-digit-pad .maps .cnn-pixels").nth(1)))
    before = numbers(page.locator(".cnn-digit-pad"))
    lab.keys("8", on=page.locator(PAD))
    check(lab)
    assert numbers(page.locator(".cnn-digit-pad")) != before
    lab.keys("Escape", on=page.locator(".cnn-digit-pad .maps").first)


def test_keys_clear_and_a_button_puts_the_next_example(lab):
    lab.page.focus(PAD)
    lab.keys("7")
    lab.keys("Backspace")
    check(lab)
    assert not any(map(any, lab.python("pad.drawing.tolist()")))
    lab.page.get_by_role("button", name="example").click()
    assert check(lab) == 8


def test_undo_redo_and_start_over_reach_python_one_step_a_stroke(lab):
    root = lab.page.locator(".cnn-digit-pad")
    lab.keys("1", on=lab.page.locator(PAD))
    assert check(lab) == 1
    lab.page.get_by_role("button", name="clear").click()
    lab.drag(*(Spot(lab.page.locator(PAD), *place) for place in THREE))
    assert check(lab) == 3
    lab.keys("Control+z", on=lab.page.locator(PAD))
    check(lab)
    assert not any(map(any, lab.python("pad.drawing.tolist()")))
    lab.keys("Control+z")
    assert check(lab) == 1
    root.get_by_role("button", name="redo").click()
    root.get_by_role("button", name="redo").click()
    assert check(lab) == 3
    root.get_by_role("button", name="start over").click()
    assert check(lab) == 7
    assert np.array_equal(lab.python("pad.drawing.tolist()"), example(7))


def test_python_changes_the_page(lab):
    lab.python("from cnnlib.widgets.digit_pad import example; pad.drawing = example(2)")
    assert check(lab) == 2


def test_a_network_that_has_diverged_says_so_and_one_that_has_not_answers_again(lab):
    page = lab.page
    ruin = "(lambda net: ([one.fill(float('nan')) for one in net.parameters().values()], net)[1])"
    lab.python(f"setattr(pad, 'model', {ruin}(__import__('cnnlib').lenet5(rng=0)))")
    page.wait_for_function("() => document.querySelector('.cnn-says').textContent.startsWith('No answer: ')")
    assert page.inner_text(".cnn-says") == lab.python("pad.describe()") == t("digit_pad.no_answer")
    assert page.locator(".likely").count() == 0 and set(page.locator(".share").all_text_contents()) == {"–"}
    lab.python("setattr(pad, 'model', __import__('cnnlib').load_lenet5())")
    page.wait_for_function("() => document.querySelector('.cnn-says').textContent.startsWith('Most likely ')")
    check(lab)
    assert lab.problems == []


def test_the_latest_drawing_wins(lab, server):
    """Many drawings while Python is busy: few questions, and the last one is answered."""
    lab.page.focus(PAD)
    asked = lab.python("pad._asked")
    lab.python("""
import time
from pathlib import Path
def wait(change):
    while not Path("all_is_drawn").exists():
        time.sleep(0.01)
pad.observe(wait, "_image")
""")
    begun = time.monotonic()
    for digit in "0123456789" * 2 + "6":
        lab.keys(digit)
    (server.root / "all_is_drawn").touch()
    lab.page.locator(".cnn-says", has_text="Most likely 6").wait_for()
    again = (time.monotonic() - begun) // 2.5  # who gets no answer for so long asks once more
    lab.python("pad.unobserve_all('_image')")
    assert check(lab) == 6 and lab.python("pad._asked") - asked <= 3 + again
    for digit in (9, 8):  # each of them is a step
        lab.keys("Control+z", on=lab.page.locator(PAD))
        assert np.abs(np.array(lab.python("pad.drawing.tolist()")) - example(digit)).max() <= 1
        check(lab)
    assert lab.problems == []


def test_without_a_kernel_it_still_draws_and_says_so(lab):
    answer = lab.page.inner_text(".cnn-says")
    lab.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    lab.page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel")
    lab.page.focus(PAD)
    lab.keys("1")
    lab.page.locator(".cnn-hint.cnn-alert:has-text('Python does not answer')").wait_for()
    np.testing.assert_allclose(pixels(lab.page, PAD), rgb(example(1), 255, "input"), atol=2)
    assert lab.page.inner_text(".cnn-says") == answer


def test_notebook_7_by_finger_and_keys_on_a_small_dark_screen(server, open_notebook):
    notebook = open_notebook(server.write("digit_pad_7.ipynb", *CELLS), "notebook", theme="dark", has_touch=True,
                             viewport={"width": 412, "height": 900})
    notebook.run_all()
    root = notebook.page.locator(".cnn-digit-pad")
    root.locator(".maps canvas").first.wait_for()
    assert root.get_attribute("data-theme") == "dark"
    assert root.evaluate("(root) => root.scrollWidth <= root.clientWidth")
    root.get_by_role("button", name="clear").tap()
    notebook.swipe(*(Spot(notebook.page.locator(PAD), *place) for place in THREE))
    assert check(notebook) == 3
    notebook.page.focus(PAD)
    notebook.keys("5")
    assert check(notebook) == 5
    assert notebook.problems == []


# The ledger of a unit, on one's own digit ------------------------------------------------------------


@pytest.fixture
def pad(browser):
    page = browser.new_page(viewport={"width": 1000, "height": 1400}, reduced_motion="reduce")
    widget = DigitPad(drawing=example(4))
    yield page, plain.mount(page, widget), widget
    page.close()


def unit_of(widget, stage, m, r, c):
    """Sum, bias and unit of a number in a map, from cnnlib."""
    model = load_lenet5()
    outputs = model.activations(widget.image[None])
    place = (1, 4)[stage]
    before = outputs[place - 1][0]
    layer = model.layers[place]
    pad = layer.padding[0]
    padded = np.pad(before, ((0, 0), (pad, pad), (pad, pad)))
    products = padded[:, r : r + 5, c : c + 5] * layer.weight[m]
    return products.sum(), layer.bias[m], outputs[place + 1][0][m, r, c]


def test_a_map_pointed_at_opens_the_ledger_of_one_s_own_digit(pad):
    page, root, widget = pad
    assert root.locator(".cnn-ledger").count() == 0
    for stage, index, m, side in ((0, 3, 3, 28), (1, 6 + 5, 5, 10)):
        r, c = side // 2, side // 3
        box = root.locator(".maps .cnn-pixels").nth(index).bounding_box()
        page.mouse.move(box["x"] + (c + 0.5) / side * box["width"], box["y"] + (r + 0.5) / side * box["height"])
        plain.painted(page)
        assert numbers(root) == [format_number(value) for value in unit_of(widget, stage, m, r, c)]
        assert f"unit ({r}, {c}) of map {m}" in root.locator(".inside .cnn-says").text_content()
    page.mouse.move(2, 2)
    plain.painted(page)
    assert root.locator(".cnn-ledger").is_visible(), "it stays to be read"


def test_tab_reaches_the_maps_and_keys_lead_from_unit_to_unit(pad):
    page, root, widget = pad
    root.locator(".paper").focus()
    for _ in range(4):
        page.keyboard.press("Tab")
        plain.painted(page)
        if root.locator(".maps").first.evaluate("(one) => one === document.activeElement"):
            break
    words = root.locator(".inside .cnn-says")
    strongest = np.unravel_index(widget.maps[0].argmax(), widget.maps[0].shape)
    assert "unit ({}, {}) of map {}".format(*strongest[1:], strongest[0]) in words.text_content()
    first = words.text_content()
    for key in ("ArrowLeft", "PageDown" if strongest[0] < 5 else "PageUp"):
        page.keyboard.press(key)
        plain.painted(page)
        assert words.text_content() != first
    page.keyboard.press("Tab")
    plain.painted(page)
    assert words.text_content().startswith("Layer 4")
    page.keyboard.press("Escape")
    plain.painted(page)
    assert not root.locator(".cnn-ledger").is_visible()


# Undo, and the line of Python --------------------------------------------------------------------------


INK = "() => [...new Uint8Array(state._drawing.buffer)].reduce((sum, one) => sum + one, 0)"
ANSWER = "() => { model.set('_answered', state._asked); }"  # Python's, as late as a test likes


def steps(root):
    """How often one can go back; the drawing is the last one again afterwards."""
    undo, redo = (root.get_by_role("button", name=name) for name in ("undo", "redo"))
    count = 0
    while undo.get_attribute("aria-disabled") is None:
        undo.click()
        plain.painted(root.page)
        count += 1
    for _ in range(count):
        redo.click()
        plain.painted(root.page)
    return count


def stroke(page, root, *places, between=lambda: None):
    box = root.locator(".paper").bounding_box()
    at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in places]
    page.mouse.move(*at[0])
    page.mouse.down()
    for place in at[1:]:
        page.mouse.move(*place, steps=4)
        plain.painted(page)
        between()
    page.mouse.up()
    plain.painted(page)


def test_a_stroke_is_one_step_however_late_python_answers(pad):
    page, root, widget = pad
    asked, asks, begun = page.evaluate("state._asked"), [], time.monotonic()

    def late():
        asks.append(page.evaluate("state._asked"))
        if len(asks) in (2, 5):
            page.evaluate(ANSWER)

    stroke(page, root, *THREE, between=late)
    again = (time.monotonic() - begun) // 2.5
    assert asks[0] == asked + 1 and 1 < page.evaluate("state._asked") - asked <= 4 + again, "while a question is open no other is asked"
    assert steps(root) == 1
    stroke(page, root, (0.1, 0.1), (0.2, 0.2), (0.1, 0.3))  # nobody has answered the last one
    root.get_by_role("button", name="clear").click()
    root.get_by_role("button", name="clear").click()  # an empty pad stays one
    for key in ("3", "3", "ArrowRight"):
        root.locator(".paper").press(key)
    assert steps(root) == 5
    assert page.evaluate(INK) == int(np.array(widget.drawing * 0 + example(3), int).sum())


def test_what_is_undone_is_asked_about_and_what_is_redone_too(pad):
    page, root, widget = pad
    first = page.evaluate(INK)
    page.evaluate(ANSWER)
    for key in ("1", "0"):
        root.locator(".paper").press(key)
        page.evaluate(ANSWER)
    after = page.evaluate(INK)
    for key, wanted in (("Control+z", int(example(1).sum())), ("Control+z", first), ("Control+Shift+z", int(example(1).sum())),
                        ("Control+y", after)):
        asked = page.evaluate("state._asked")
        page.keyboard.press(key)
        plain.painted(page)
        assert abs(page.evaluate(INK) - wanted) < 500  # an edge may be rounded otherwise than in Python
        assert page.evaluate("state._asked") == asked + 1 and root.get_attribute("aria-busy") == "true"
        page.evaluate(ANSWER)
        plain.painted(page)
        assert root.get_attribute("aria-busy") is None
    root.get_by_role("button", name="start over").click()
    assert page.evaluate(INK) == first == int(widget.drawing.sum(dtype=int))
    stroke(page, root, (0.1, 0.9), (0.3, 0.9))
    page.keyboard.press("Control+z")
    assert page.evaluate(INK) == first, "a stroke on a drawing of before leaves that as it was"


@pytest.mark.parametrize("kind", ["example", "noise", "ramps", "nothing"])
def test_the_line_of_python_holds_each_pixel(browser, kind):
    rng = np.random.default_rng(3)
    drawing = {"example": example(8), "noise": rng.integers(0, 256, (140, 140)), "nothing": np.zeros((140, 140), int),
               "ramps": np.repeat(rng.integers(0, 256, 4900), rng.integers(1, 9, 4900))[:19600].reshape(140, 140)}[kind]
    page = browser.new_page()
    root = plain.mount(page, DigitPad(drawing=drawing.astype(np.uint8)))
    page.evaluate("""() => Object.defineProperty(navigator, "clipboard", { value: { writeText: async (text) => { window.copied = text; } } })""")
    root.get_by_role("button", name="copy as Python").click()
    page.wait_for_function("window.copied")
    line = page.evaluate("copied")
    assert line.startswith("DigitPad(drawing=bytes.fromhex(")
    made = eval(line, {"DigitPad": DigitPad})  # noqa: S307 - the line is what is tested
    np.testing.assert_array_equal(made.drawing, drawing)
    if kind == "example":
        assert len(line) < 4000
    page.close()


def test_only_a_drawing_of_one_s_own_is_written(browser):
    page = browser.new_page()
    root = plain.mount(page, DigitPad())
    told = root.locator(".cnn-told")
    root.get_by_role("button", name="copy as Python").click()
    told.filter(has_text="copied: DigitPad()").wait_for()
    root.locator(".paper").press("2")
    root.get_by_role("button", name="copy as Python").click()
    told.filter(has_text="copied: DigitPad(drawing=bytes.fromhex(").wait_for()
    assert len(told.text_content()) < 140, "a screen reader reads it"
    page.close()
