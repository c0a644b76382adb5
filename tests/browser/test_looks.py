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


@pytest.mark.parametrize("name", ["FilterBench", "PoolingShift", "LinkedView"])
def test_choices_that_do_not_fit_in_a_line_stay_chips_and_signs_stay_between_rings(browser, name):
    with looks.card(browser, lesson(name)) as (_, show):
        root = show(320)
        assert root.evaluate("""(root) => {
          const box = (one) => one.getBoundingClientRect();
          const bad = [];
          for (const label of root.querySelectorAll(".cnn-choice label")) {
            // What is chosen fills its part of the choice, and each line of its words is a line of text, not a button's height.
            const [outer, inner] = [box(label), box(label.querySelector("span"))];
            if (Math.abs(outer.width - inner.width) + Math.abs(outer.height - inner.height) > 1) bad.push(label.innerText);
            if (inner.height > 60) bad.push(`${label.innerText}: ${inner.height} px`);
            if (box(label.closest(".cnn-choice")).right > box(root).right - 15) bad.push(`beyond the padding: ${label.innerText}`);
          }
          for (const scale of root.querySelectorAll(".cnn-scale")) if (box(scale).right > box(root).right - 15) bad.push("scale beyond the padding");
          for (const sign of root.querySelectorAll(".product .sign")) {
            for (const ring of root.querySelectorAll(".product .cnn-outline")) {
              const [a, b] = [box(sign), box(ring)];
              if (ring.checkVisibility({ visibilityProperty: true }) && a.right > b.left - 1 && a.left < b.right + 1 && a.bottom > b.top && a.top < b.bottom) bad.push(`${sign.textContent} under a ring`);
            }
          }
          return bad;
        }""") == []
