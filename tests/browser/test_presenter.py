"""Presenter mode: each card fills the screen, is driven by keys, and returns with nothing lost."""

import re

import pytest

import looks
import plain
from cnnlib import widgets
from widget_examples import lesson

HALL = {"width": 1920, "height": 1080}
# Wait until a card stands as it will in the room: what it measures then no longer changes.
SETTLED = """
async () => {
  const frame = () => new Promise(requestAnimationFrame);
  const [root, room] = [document.querySelector(".cnn"), document.querySelector(".cnn").parentElement];
  const filled = () => document.fullscreenElement === room || room.popover === "manual";  // the browser takes its time
  while (root.classList.contains("cnn-presenting") !== filled()) await frame();
  const size = () => JSON.stringify(document.querySelector(".cnn").getBoundingClientRect());
  for (let [last, same] = ["", 0]; same < 5; await frame()) { same = size() === last ? same + 1 : 0; last = size(); }
}
"""
SHOWN = """
() => {
  const [root, seen] = [document.querySelector(".cnn"), (one) => one.checkVisibility()];
  const box = root.getBoundingClientRect();
  return {
    on: root.classList.contains("cnn-presenting"), zoom: Number(root.style.zoom || 1), top: box.top, bottom: box.bottom, left: box.left,
    right: box.right, hints: [...root.querySelectorAll(".cnn-hint:not(.cnn-alert)")].filter(seen).length,
    focus: root.contains(document.activeElement), screen: document.fullscreenElement?.id ?? "",
    beside: document.elementsFromPoint(1, 1).includes(root.parentElement),
  };
}
"""


def opened(browser, name, viewport=HALL, **context):
    page = browser.new_page(viewport=viewport, reduced_motion="reduce", **context)
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    root = plain.mount(page, lesson(name))
    page.evaluate(SETTLED)
    return page, root


def shown(page):
    page.evaluate(SETTLED)
    return page.evaluate(SHOWN)


@pytest.mark.parametrize("name", widgets.__all__)
def test_a_card_fills_the_screen_and_returns(browser, name):
    page, root = opened(browser, name)
    state, before = plain.state(page), root.bounding_box()
    page.get_by_role("button", name="fill the screen").click()
    now = shown(page)
    assert now["on"] and now["screen"] == "host" and now["focus"] and now["hints"] == 0
    assert now["zoom"] > 1.2, "type and grids grow"
    assert min(now["top"], now["left"]) >= -0.5 and now["bottom"] <= HALL["height"] + 0.5 and now["right"] <= HALL["width"] + 0.5
    # Most of the screen is used: in one direction nearly all.
    assert (now["bottom"] - now["top"]) / HALL["height"] > 0.8 or (now["right"] - now["left"]) / HALL["width"] > 0.98
    page.keyboard.press("Escape")
    now = shown(page)
    assert not now["on"] and now["screen"] == "" and now["focus"] and now["zoom"] == 1
    assert root.bounding_box() == before and plain.state(page) == state
    assert page.locator("#host").get_attribute("style") == "width: 900px" and page.problems == []
    page.close()


SMALL = {"width": 1280, "height": 720}


@pytest.mark.parametrize("name", [*widgets.__all__, "ConfusionExplorer, digits", "SlideFilter1D, long", "Question, answered"])
def test_a_small_projector_shows_the_card_with_its_caption(browser, name):
    page, root = opened(browser, name, SMALL)
    before, state = root.bounding_box(), plain.state(page)
    page.get_by_role("button", name="fill the screen").click()
    now = shown(page)
    assert min(now["top"], now["left"]) >= -0.5 and now["bottom"] <= SMALL["height"] + 0.5 and now["right"] <= SMALL["width"] + 0.5
    assert looks.faults(root) == []
    for caption in root.locator(".cnn-foot > .cnn-says").all():
        box = caption.bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= SMALL["height"]
    assert root.locator(".cnn-says, .opened").first.evaluate("(one) => parseFloat(getComputedStyle(one).fontSize)") >= 14
    page.keyboard.press("Escape")
    assert not shown(page)["on"] and root.bounding_box() == before and plain.state(page) == state and page.problems == []
    page.close()


@pytest.mark.parametrize("language", ["en", "de", "es", "fr"])
@pytest.mark.parametrize("more", [{"n": 7}, {"n": 12}, {"n": 12, "activation": "sigmoid", "row": 11}, {"n": 12, "kind": "local"}], ids=repr)
def test_many_units_fit_into_a_small_room_at_a_size_that_is_read(browser, more, language):
    widgets.language(language)
    try:
        page = browser.new_page(viewport=SMALL, reduced_motion="reduce")
        root = plain.mount(page, widgets.LinkedView(**{"kind": "full"} | more))
    finally:
        widgets.language(None)
    before = root.bounding_box()
    root.locator(".matrix").focus()
    page.keyboard.press("f")
    now = shown(page)
    assert now["on"] and now["zoom"] >= 1 and now["top"] >= -0.5 and now["bottom"] <= SMALL["height"] + 0.5
    assert looks.faults(root) == []
    page.keyboard.press("f")
    assert not shown(page)["on"] and root.bounding_box() == before
    page.close()


def test_what_gets_too_tall_has_its_caption_beside_it(windowed_browser):
    page, root = opened(windowed_browser, "DigitPad", {"width": 1280, "height": 960})
    page.keyboard.press("Tab")
    page.keyboard.press("f")
    beside = "() => document.querySelector('.cnn').classList.contains('cnn-beside')"
    assert shown(page)["on"] and not page.evaluate(beside)
    root.locator(".maps").first.focus()
    page.keyboard.press("ArrowRight")  # opens a ledger
    now = shown(page)
    assert page.evaluate(beside) and now["zoom"] >= 0.9
    page.set_viewport_size({"width": 1000, "height": 960})
    assert shown(page)["on"] and not page.evaluate(beside), "there is no room beside it"
    with page.expect_download() as saving:
        root.get_by_role("button", name="save as SVG").click()
    page.set_viewport_size({"width": 1600, "height": 900})
    shown(page)
    assert page.evaluate(beside)
    with page.expect_download() as wide:
        root.get_by_role("button", name="save as SVG").click()
    sizes = [re.search(r'width="(\d+)"', one.value.path().read_text(encoding="utf-8"))[1] for one in (saving, wide)]
    assert sizes == ["832", "832"], "what is saved is the card as on a page"
    page.close()


def test_keys_open_drive_and_close_it(browser):
    page, root = opened(browser, "SlideFilter2D")
    root.locator(".output svg").focus()
    page.keyboard.press("f")
    assert shown(page)["on"]
    page.keyboard.press("ArrowRight")
    plain.painted(page)
    assert page.evaluate("model.get('col')") == 1
    assert root.locator(".cnn-says").inner_text().startswith("Output (0, 1)")
    assert float(root.locator(".cnn-says").evaluate("(one) => parseFloat(getComputedStyle(one).fontSize)")) >= 16
    # A pointer reaches what it points at in the larger card, and a field lies over its cell.
    spot = root.locator(".kernel rect").nth(4).bounding_box()
    page.mouse.click(spot["x"] + spot["width"] / 2, spot["y"] + spot["height"] / 2)
    field = root.locator(".cnn-field")
    assert field.bounding_box()["x"] == pytest.approx(spot["x"], abs=4)
    field.fill("5")
    page.keyboard.press("f")  # where one types, it is a letter
    assert shown(page)["on"] and field.input_value() == "5f"
    page.keyboard.press("Escape")  # first leaves the field
    assert shown(page)["on"] and field.count() == 0
    page.keyboard.press("f")
    now = shown(page)
    assert not now["on"] and page.evaluate("[model.get('col'), model.get('kernel')[1][1]]") == [1, 1]
    assert page.evaluate("document.activeElement.closest('.kernel') !== null"), "the focus stays where it was"
    page.close()


@pytest.mark.parametrize("refused", ["requestFullscreen = undefined", "requestFullscreen = () => Promise.reject(Error('no'))"])
def test_without_the_screen_the_page_is_filled(browser, refused):
    page, root = opened(browser, "LinkedView")
    page.evaluate(f"() => {{ Element.prototype.{refused}; }}")
    # Neither a transform nor what lies above keeps it small.
    page.add_style_tag(content="#outer { transform: translate(40px, 30px); overflow: hidden; height: 300px; contain: layout; }")
    root.get_by_role("button", name="fill the screen").click()
    now = shown(page)
    assert now["on"] and now["zoom"] > 1.2 and now["beside"] and now["screen"] == ""
    page.set_viewport_size({"width": 1280, "height": 720})
    small = shown(page)
    assert small["zoom"] < now["zoom"] and small["bottom"] <= 720.5
    page.keyboard.press("Escape")
    assert not shown(page)["on"] and page.locator("[popover]").count() == 0
    page.close()


def test_a_card_that_is_laid_out_anew_keeps_the_keys(browser):
    page, root = opened(browser, "SlideFilter2D")
    page.locator("#host").evaluate("(host) => { host.style.width = '420px'; }")
    page.evaluate(SETTLED)
    root.locator(".output svg").focus()
    for on in (True, False):
        page.keyboard.press("f")
        now = shown(page)
        assert now["on"] == on and now["focus"], "its grids were made anew"
    page.close()


def test_the_tools_cover_nothing_and_are_large_enough_for_a_finger(browser):
    for width, touch in ((320, False), (320, True), (768, True), (1920, False)):
        page, root = opened(browser, "Counter", has_touch=touch, is_mobile=touch)
        page.locator("#host").evaluate("(host, width) => { host.style.width = `${width}px`; }", width - 16)
        page.evaluate(SETTLED)
        tools = root.locator(".cnn-tools")
        covered = tools.evaluate("""
            (tools) => {
              const [box, root] = [tools.getBoundingClientRect(), tools.parentElement];
              const card = root.getBoundingClientRect();
              const others = [...root.querySelectorAll("*")].filter((one) => !tools.contains(one) && one.checkVisibility()
                && !one.closest(".cnn-hidden") && one.getBoundingClientRect().bottom > box.top + 0.5);
              const outside = [...tools.children].filter((one) => one.getBoundingClientRect().right > card.right + 0.5
                || one.getBoundingClientRect().left < card.left || one.getBoundingClientRect().bottom > card.bottom);
              return [...others, ...outside].map((one) => one.outerHTML);
            }""")
        assert covered == []
        for button in tools.locator("button").all():
            assert min(button.bounding_box()["width"], button.bounding_box()["height"]) >= (44 if touch else 24)
        page.close()


def test_who_leaves_before_the_browser_gives_the_screen_is_not_kept_there(browser):
    page, root = opened(browser, "LinkedView")
    page.evaluate("""() => {
        const real = Element.prototype.requestFullscreen;
        Element.prototype.requestFullscreen = async function () {
            await new Promise((go) => { window.grant = go; });
            await real.call(this);
            window.granted = true;
        };
    }""")
    root.locator(".matrix").focus()
    page.keyboard.press("f")
    page.keyboard.press("f")
    page.evaluate("() => grant()")
    page.wait_for_function("() => window.granted && !document.fullscreenElement")
    assert not shown(page)["on"] and page.problems == []
    page.close()


@pytest.mark.parametrize("front", ["lab", "notebook"])
def test_jupyter_leaves_the_keys_to_the_card(open_notebook, server, front):
    path = server.write(f"presented_{front}.ipynb", "from cnnlib.widgets import LinkedView\nw = LinkedView()\nw")
    notebook = open_notebook(path, front)
    notebook.run_all()
    root = notebook.page.locator(".cnn-linked")
    notebook.keys("f", on=root.locator(".matrix"))  # Notebook 7 searches with it
    presented = "document.querySelector('.cnn-presenting')"
    notebook.page.wait_for_function(f"() => {presented} && document.fullscreenElement === {presented}.parentElement")
    notebook.rest()
    notebook.keys("ArrowDown", "Escape")
    notebook.page.wait_for_function(f"() => !{presented} && document.fullscreenElement === null")
    notebook.rest()
    assert root.evaluate("(root) => document.activeElement.closest('.matrix') !== null"), "what had the keys still has them"
    assert notebook.python("w.row") == 3 and notebook.page.locator(".jp-Cell").count() == 1 and notebook.problems == []
