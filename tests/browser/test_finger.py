"""A finger instead of a mouse: it points, edits by tapping twice, is told what to do, and can scroll from any picture."""

import re

import pytest

import plain
from cnnlib import widgets, words
from test_words import FINGER, MOUSE
from widget_examples import make

TABLET = {"viewport": {"width": 820, "height": 1180}, "has_touch": True, "is_mobile": True, "reduced_motion": "reduce"}
# What a finger may begin to scroll on. A handle that is carried, a pad that is drawn on, are no pictures.
CARRIED = ".take, .paper, .handle, .kernel .cnn-grid"
STUCK = """
(root, carried) => [...root.querySelectorAll("canvas, svg, .cnn-pixels, [role=application]")].filter((one) => {
  if (!one.checkVisibility() || one.closest(carried) || one.closest("button")) return false;
  const action = (at) => (at === root ? "auto" : getComputedStyle(at).touchAction);
  for (let at = one; at !== root; at = at.parentElement) if (["none", "pan-x"].includes(action(at))) return true;
  return false;
}).map((one) => one.outerHTML.slice(0, 90))
"""


@pytest.mark.parametrize("name", widgets.__all__)
def test_a_page_can_be_scrolled_from_every_picture(browser, name):
    page = browser.new_page(**TABLET)
    root = plain.mount(page, make(name))
    found = root.evaluate(STUCK, CARRIED)
    page.close()
    assert not found


@pytest.fixture
def linked(browser):
    page = browser.new_page(**TABLET)
    root = plain.mount(page, widgets.LinkedView(kind="local"), "#host { width: auto !important; }")
    yield page, root
    page.close()


def tap(page, locator):
    box = locator.bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    plain.painted(page)


def edited(page, root, part):
    """Tap twice, and return the field that this opens; two taps are one gesture within 0.4 s, so it may take a third."""
    field = root.locator(".cnn-field")
    tap(page, root.locator(part))
    while field.count() == 0:
        tap(page, root.locator(part))
    return field


def test_linked_view_answers_a_finger_on_all_its_parts(linked):
    page, root = linked
    says = root.locator(".cnn-says")
    tap(page, root.locator(".graph .output circle").nth(1))
    assert page.evaluate("model.get('row')") == 1
    tap(page, root.locator(".graph .names .name").nth(2))
    assert says.inner_text().startswith("Θ₁₂ =")
    tap(page, root.locator(".outputs rect").nth(3))
    assert page.evaluate("model.get('row')") == 3
    tap(page, root.locator(".inputs > rect").nth(4))
    assert says.inner_text().startswith("Θ₃₄ =")
    tap(page, root.locator(".graph .input circle").nth(2))
    assert says.inner_text().startswith("Θ₃₂ =") and root.locator(".cnn-field").count() == 0


@pytest.mark.parametrize("part, trait", [(".matrix > rect >> nth=6", "weights"), (".inputs > rect >> nth=2", "inputs"),
                                         (".graph .input circle >> nth=2", "inputs"), (".graph .names .name >> nth=1", "weights")])
def test_linked_view_is_edited_by_tapping_twice(linked, part, trait):
    page, root = linked
    before = page.evaluate("(trait) => JSON.stringify(model.get(trait))", trait)
    field = edited(page, root, part)
    field.fill("7")
    field.press("Enter")
    plain.painted(page)
    after = page.evaluate("(trait) => JSON.stringify(model.get(trait))", trait)
    assert after != before and "7" in after


@pytest.mark.parametrize("name", widgets.__all__)
def test_words_speak_of_what_the_hand_has(browser, name):
    for context, other in ((TABLET, MOUSE), ({"viewport": TABLET["viewport"]}, FINGER)):
        page = browser.new_page(**context)
        plain.mount(page, make(name), "#host { width: auto !important; }")
        for code in words.LANGUAGES:
            page.evaluate("(code) => { model.set('_language', code); }", code)
            plain.painted(page)
            plain.painted(page)
            root = page.locator(".cnn")
            assert root.get_attribute("lang") == code
            said = root.inner_text()
            assert said.strip() and not re.findall(other[code], said), (code, said)
            assert context is not TABLET or root.locator("kbd:visible").count() == 0, code
        page.close()


def test_a_refused_number_says_how_a_finger_leaves_it(linked):
    page, root = linked
    edited(page, root, ".matrix > rect >> nth=6")
    root.locator(".cnn-field").fill("x")
    root.locator(".cnn-field").press("Enter")
    plain.painted(page)
    said = root.locator(".cnn-alert").inner_text()
    assert "tap elsewhere" in said and not re.search(MOUSE["en"], said)


def test_a_screen_reader_hears_which_weight_the_arrows_reach(browser):
    page = browser.new_page()
    root = plain.mount(page, widgets.SlideFilter2D(kernel=[[1, -2], [3, 4]]))
    root.locator(".kernel svg").focus()
    for key, said in (("ArrowRight", "row 0, column 1: −2"), ("ArrowDown", "row 1, column 1: 4"), ("ArrowLeft", "row 1, column 0: 3")):
        page.keyboard.press(key)
        plain.painted(page)
        assert root.get_by_role("status").filter(has_text=said).count() == 1
    page.close()
