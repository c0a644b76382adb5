"""Decks in a browser without a network: nothing lies over an edge, widgets live, predictions open, all of it prints."""

import pytest

import axe
from tools.refresh_notebooks import NOTEBOOKS
from tools.slides.build import executed, page
from tools.slides.walk import FRAME, LOOK, SIZES, SMALLEST, open_deck, printed, walk

DECKS = ["00_start_here", "04_convolution_2d"]  # python -m tools.slides.walk looks at all


@pytest.fixture(scope="module", params=DECKS)
def deck(request, tmp_path_factory):
    return written(request.param, tmp_path_factory)


@pytest.fixture(scope="module")
def lecture_04(tmp_path_factory):
    return written("04_convolution_2d", tmp_path_factory)


def written(name, tmp_path_factory):
    folder = tmp_path_factory.getbasetemp() / "decks"
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.html"
    if not path.exists():
        path.write_text(page(executed(NOTEBOOKS / f"{name}.ipynb", folder), name), encoding="utf-8")
    return path


@pytest.mark.parametrize("size, theme", [(SIZES[0], "light"), (SIZES[1], "dark")])
def test_every_slide_is_whole_and_every_answer_opens_on_it(browser, deck, size, theme):
    faults, count = walk(browser, deck, size, theme)
    assert faults == [] and count > 8


def show(page, selector):
    """Turn to the first slide that has such an element, and return that."""
    page.evaluate("""(selector) => {
      const place = Reveal.getIndices(document.querySelector(selector).closest("[data-kind]"));
      Reveal.slide(place.h, place.v);
    }""", selector)
    page.evaluate(FRAME)
    return page.locator(selector).first


@pytest.mark.parametrize("size", SIZES)
def test_a_hand_reaches_what_it_points_at_on_a_scaled_slide(browser, lecture_04, size):
    page, heard = open_deck(browser, lecture_04, size)
    widget = show(page, ".slides section.widget [data-model]")
    says = widget.locator(".cnn-says").first
    assert says.inner_text().startswith("Output (0, 0)") and page.evaluate("Reveal.getScale()") == size[0] / 1280
    box = widget.locator(".output svg").bounding_box()
    page.mouse.click(box["x"] + 5 / 6 * box["width"], box["y"] + box["height"] / 2)
    page.evaluate(FRAME)
    assert says.inner_text().startswith("Output (1, 2)")
    before = page.evaluate("Reveal.getSlidePastCount()")
    page.keyboard.press("ArrowLeft")  # the widget's, not the deck's
    page.evaluate(FRAME)
    assert says.inner_text().startswith("Output (1, 1)") and page.evaluate("Reveal.getSlidePastCount()") == before
    page.keyboard.press("PageDown")  # a presenter's remote turns the slide wherever the focus is
    assert page.evaluate("Reveal.getSlidePastCount()") == before + 1
    page.keyboard.press("PageUp")
    widget.locator("[role=application]").first.focus()
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("Reveal.getSlidePastCount()") == before + 1
    assert heard == []
    page.context.close()


def test_hands_are_counted_and_each_class_is_asked_anew(browser, lecture_04):
    page, _ = open_deck(browser, lecture_04, SIZES[0])
    second = show(page, ".hands").locator("xpath=ancestor::*[contains(@class, 'choices')]").locator(".hands").nth(1)
    second.click()
    second.click()
    assert second.inner_text() == "2 hands"
    second.click(modifiers=["Shift"])
    assert second.inner_text() == "1 hand"
    assert page.locator("section.present .option input:checked").count() == 0  # to count is not to choose
    page.locator("section.present.question .option input").nth(1).check()
    page.locator("section.present.question .act button").first.click()
    assert page.locator("section.present.question .opened").inner_text()
    page.reload()
    page.wait_for_selector("body[data-ready]", state="attached")
    assert page.locator(".opened:not(:empty)").count() == 0
    page.context.close()


def test_the_theme_is_switched_for_slide_and_widget(browser, lecture_04):
    page, _ = open_deck(browser, lecture_04, SIZES[0], "light")
    widget = show(page, ".slides section.widget .cnn")
    colours = [page.evaluate("getComputedStyle(document.body).backgroundColor"), widget.get_attribute("data-theme")]
    assert colours == ["rgb(255, 255, 255)", "light"]
    page.keyboard.press("d")
    page.evaluate(FRAME)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(16, 23, 29)"
    assert widget.get_attribute("data-theme") == "dark"
    page.context.close()


def test_each_slide_is_a_page_of_the_pdf(browser, deck):
    faults, count = printed(browser, deck)
    assert faults == [] and count > 8


def test_axe_finds_nothing_serious_on_a_slide(browser, tmp_path_factory):
    axe.needed()
    page, _ = open_deck(browser, written(DECKS[0], tmp_path_factory), SIZES[0], "dark")
    assert axe.slide_faults(page) == []
    page.evaluate("Reveal.slide(0)")
    page.evaluate("document.querySelector('section.present[data-kind]').append(document.createElement('button'))")
    assert "critical button-name" in axe.faults(page, "section.present[data-kind]")[0]  # what is planted is found
    page.context.close()


@pytest.mark.parametrize("fault, says", [
    ("slide.querySelector('.fit').style.transform = 'translate(0, 0) scale(3)'", "over the edge"),
    ("slide.querySelector('.fit').dataset.scale = 0.3", "scale 0.3"),
    ("slide.querySelector('.cnn').remove()", "no widget"),
])
def test_a_planted_fault_is_seen(browser, lecture_04, fault, says):
    page, _ = open_deck(browser, lecture_04, SIZES[0])
    show(page, ".slides section.widget .cnn")
    assert page.evaluate(LOOK, SMALLEST) == []
    page.evaluate(f"() => {{ const slide = Reveal.getCurrentSlide(); {fault}; }}")
    assert any(says in one for one in page.evaluate(LOOK, SMALLEST))
    page.context.close()


def test_a_request_and_an_error_are_heard(browser, lecture_04, tmp_path):
    planted = tmp_path / "deck.html"
    text = lecture_04.read_text(encoding="utf-8").removesuffix("</body>\n</html>\n")
    planted.write_text(text + '<img src="http://127.0.0.1:9/x.png"><script>throw new Error("planted")</script>', encoding="utf-8")
    page, heard = open_deck(browser, planted, SIZES[0])
    assert any("planted" in one for one in heard) and any("Content Security Policy" in one for one in heard)
    page.context.close()
