"""What a program can see of how each widget looks, at three widths; ``tools/screens.py`` shows all of them to the eye."""

import pytest

import looks
import plain
from cnnlib import widgets
from widget_examples import LESSONS, lesson, make

WIDTHS = (320, 820, 1280)
# Cards with a fault: whoever mends one takes its name out.
UNMENDED = set()


@pytest.mark.parametrize("name", [*widgets.__all__, *LESSONS])
def test_a_card_can_be_read_and_nothing_is_cut_off(request, browser, name):
    if name in UNMENDED:
        request.applymarker(pytest.mark.xfail(strict=True))
    found = []
    with looks.card(browser, lesson(name)) as (_, show):
        for width in WIDTHS:
            root = show(width)
            found += [f"{width} px: {fault}" for fault in looks.faults(root)]
    assert not found, "\n".join(found)


FAULTS = {
    "font-size: 11.5px": ("#host p", "11.5 px"),
    "width: 20px; overflow: hidden; white-space: nowrap": ("#host p", "cut off"),
    "position: absolute; left: 99%; white-space: nowrap": ("#host p", "outside the card"),
    "margin-bottom: -36px": ("#host p", "over each other"),
    "overflow: auto; width: 20px; white-space: nowrap": ("#host p", "wider than it shows"),
    "font-size: 9px": ("#host svg text", "9.0 px"),
    "transform: scale(0.5)": ("#host svg text", "8.0 px"),
    "font-size: 44px": ("#host svg text", "wider than its cell"),
}


@pytest.mark.parametrize("style", FAULTS)
def test_a_fault_is_seen(browser, style):
    selector, said = FAULTS[style]
    page = browser.new_page()
    plain.mount(page, make("SlideFilter2D"), looks.ROOM)
    page.evaluate("""(root) => { document.querySelector(".cnn").innerHTML = `<p>Many words that stand here</p><p>and more</p>
      <svg class="cnn-grid" width="60" height="60"><rect width="40" height="40"></rect><text x="20" y="20" style="font-size: 16px">25</text></svg>`; }""")
    root = page.locator(".cnn")
    assert looks.faults(root) == []
    page.locator(selector).first.evaluate("(one, style) => { one.style.cssText += style; }", style)
    assert any(said in fault for fault in looks.faults(root)), looks.faults(root)
    page.close()
