"""Steps that are explained a beat at a time: by key and by button, forwards and back, with motion and without."""

import pytest

import plain
from widget_examples import make

BEATS = {"SlideFilter2D": 5, "SlideFilter1D": 5, "Backward": 5, "Channels": 5}  # from one place to the next
ENDS = {"SlideFilter2D": "is output (0, 0).", "SlideFilter1D": "is y[0].", "Backward": "where the patch lies.",
        "Channels": "map 0 at (0, 0)."}


def opened(browser, name, motion="reduce", **options):
    page = browser.new_page(viewport={"width": 1280, "height": 900}, reduced_motion=motion, **options)
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    return page, plain.mount(page, make(name))


def press(page, key):
    page.keyboard.press(key)
    plain.painted(page)


def said(root):
    return root.locator(".cnn-says").text_content()


def shown(root):
    """What the card shows, as text, and which chips and cells wait."""
    return root.evaluate("(root) => [root.innerText, root.querySelectorAll('.cnn-later, .cnn-blank').length]")


@pytest.mark.parametrize("name", BEATS)
def test_a_step_is_explained_forth_and_back(browser, name):
    page, root = opened(browser, name)
    usual = said(root)
    root.locator("[role=application]").first.focus()
    beats, pictures = [], []
    for _ in range(BEATS[name] + 2):
        press(page, "n")
        beats.append(said(root))
        pictures.append(shown(root))
    assert len(set(beats)) == len(beats) and usual not in beats
    assert beats[BEATS[name] - 1].endswith(ENDS[name])
    waits = [waiting for _, waiting in pictures[: BEATS[name]]]
    assert waits == sorted(waits, reverse=True) and waits[0] > waits[-1], "what waits gets less"
    assert [page.evaluate(f"state.{one}") for one in ("position" if name.endswith("1D") else "col",)] == [1]
    for beat, picture in zip(beats[-2::-1], pictures[-2::-1]):
        press(page, "Shift+N")
        assert said(root) == beat and shown(root)[1] <= picture[1], "an output that has been seen stays"
    press(page, "Shift+N")
    assert said(root) == usual and root.get_by_role("button", name="a beat back").get_attribute("aria-disabled") == "true"
    assert page.problems == []
    page.close()


@pytest.mark.parametrize("name", BEATS)
def test_all_that_a_story_goes_through_is_one_step_to_undo(browser, name):
    page, root = opened(browser, name)
    first = plain.state(page)
    forth = root.get_by_role("button", name="explain a beat")
    for _ in range(2 * BEATS[name] + 1):
        forth.click()
    assert plain.state(page) != first
    root.get_by_role("button", name="undo").click()
    plain.painted(page)
    assert plain.state(page) == first
    assert root.get_by_role("button", name="undo").get_attribute("aria-disabled") == "true"
    page.close()


@pytest.mark.parametrize("name", BEATS)
def test_what_became_what_flies_where_things_may_move(browser, name):
    page, root = opened(browser, name, motion="no-preference")
    page.evaluate("""() => {
      window.flown = 0;
      new MutationObserver((all) => { for (const { addedNodes } of all) for (const one of addedNodes)
        if (one.matches?.(".cnn-fly, .drop")) window.flown += 1; }).observe(document.querySelector(".cnn"), { childList: true });
    }""")
    root.locator("[role=application]").first.focus()
    for _ in range(BEATS[name]):
        press(page, "n")
    plain.painted(page)
    forth = page.evaluate("window.flown")
    assert forth >= 3
    for _ in range(BEATS[name] - 1):
        press(page, "Shift+N")
    plain.painted(page)
    assert page.evaluate("window.flown") == 2 * forth, "and back the same way"
    page.close()
    page, root = opened(browser, name)
    root.locator("[role=application]").first.focus()
    for _ in range(BEATS[name]):
        press(page, "n")
        assert root.locator(".cnn-fly, .drop").count() == 0
    page.close()


def test_something_else_ends_the_story(browser):
    page, root = opened(browser, "SlideFilter2D")
    root.locator(".output svg").focus()
    page.evaluate("model.set('playing', true)")
    press(page, "n")
    assert page.evaluate("state.playing") is False, "who wants it explained wants it to stand still"
    press(page, "Shift+N")
    for _ in range(3):
        press(page, "n")
    assert root.locator(".cnn-later").count() == 3
    press(page, "ArrowRight")
    assert said(root).startswith("Output (0, 1)") and root.locator(".cnn-later").count() == 0
    page.evaluate("model.set('kernel', [[1, 2], [3, 4]])")
    plain.painted(page)
    root.locator(".output svg").press("n")
    plain.painted(page)
    assert said(root).startswith("The kernel lies")
    page.close()


def test_in_presenter_mode_the_beat_is_the_caption(browser):
    page, root = opened(browser, "Backward")
    root.locator("[role=application]").first.focus()
    for key in "fnn":
        press(page, key)
    caption = root.locator(".cnn-says")
    assert "times the patch" in said(root) and caption.is_visible()
    assert caption.evaluate("(one) => parseFloat(getComputedStyle(one).fontSize)") >= 16
    page.close()


def test_a_finger_explains_with_buttons(browser):
    page, root = opened(browser, "SlideFilter1D", has_touch=True, is_mobile=True)
    for _ in range(2):
        root.get_by_role("button", name="explain a beat").tap()
    assert said(root).startswith("θ₀·x[0]")
    root.get_by_role("button", name="a beat back").tap()
    assert said(root).startswith("The filter lies")
    assert root.get_by_role("button", name="a beat back").bounding_box()["height"] >= 44
    page.close()
