"""Each card has its parts in one order, its legends under their pictures, and controls of few kinds."""

import re

import pytest

import plain
from cnnlib import widgets
from widget_examples import LESSONS, lesson

NAMES = [name for name in [*widgets.__all__, *LESSONS] if not name.startswith("Question")]  # it has no picture

PARTS = """(root) => {
  const seen = (one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest(".cnn-hidden");
  const all = (selector) => [...root.querySelectorAll(selector)].filter(seen);
  const box = (one) => one.getBoundingClientRect();
  const said = (one) => (one.ariaLabel ?? one.textContent).slice(0, 40);
  const last = (selector) => Math.max(0, ...all(selector).map((one) => box(one).bottom));
  return {
    foot: all(":scope > *").filter((one) => box(one).height > 0).slice(-2).map((one) => one.className),
    hint: root.querySelectorAll(":scope > .cnn-foot > .cnn-hint").length,
    above: Math.min(...[...root.querySelectorAll(":scope > .cnn-foot")].map((one) => box(one).top)) -
      last(".cnn-grid, .cnn-pixels, canvas, .cnn-legend, .cnn-equation, .cnn-ledger, .cnn-slider, .cnn-stepper, .cnn-choice"),
    loose: all(".cnn-scale").filter((one) => !one.closest(".cnn-legend")).map(said),
    misplaced: all(".cnn-legend").filter((one) => !all(".cnn-grid, .cnn-pixels, canvas, .ledger").map(box).some(({ left, right, bottom }) =>
      bottom < box(one).top + 1 && bottom > box(one).top - 120 && left < box(one).right && right > box(one).left)).map(said),
    unsaid: all("input[type=range]").filter((one) => !one.closest(".cnn-slider")?.querySelector("output")?.textContent).map(said),
    stops: all("[role=spinbutton]").filter((one) => one.parentElement.querySelectorAll("[tabindex='-1']").length !== 2).map(said),
  };
}"""


@pytest.mark.parametrize("width", [390, 900])
@pytest.mark.parametrize("name", NAMES)
def test_a_card_has_its_parts_where_all_have_them(browser, name, width):
    page = browser.new_page(viewport={"width": width, "height": 900})
    root = plain.mount(page, lesson(name), css="#host { width: auto !important; max-width: 900px } body { margin: 0 }")
    found = root.evaluate(PARTS)
    page.close()
    assert found["hint"] == 1 and found["foot"][-1] == "cnn-tools", found["foot"]
    assert found["foot"][0] == "cnn-foot" and found["above"] > -1
    assert {name: found[name] for name in ("loose", "misplaced", "unsaid", "stops") if found[name]} == {}


@pytest.mark.parametrize("name", ["SlideFilter1D", "SlideFilter2D", "LinkedView"])
def test_a_stepper_counts_by_hand_and_by_key_within_its_ends(browser, name):
    page = browser.new_page()
    root = plain.mount(page, lesson(name))
    steppers = root.get_by_role("spinbutton")
    assert steppers.count() == {"SlideFilter1D": 4, "SlideFilter2D": 3, "LinkedView": 2}[name]

    def value(one):
        plain.painted(page)
        text, now = one.inner_text(), one.get_attribute("aria-valuenow")
        assert text == now
        return int(now)

    one = steppers.first
    low, high = (int(one.get_attribute(f"aria-value{end}")) for end in ("min", "max"))
    less, more = (root.get_by_role("button", name=re.compile(f"^{re.escape(one.get_attribute('aria-label'))}: {way}")) for way in ("less", "more"))
    start = value(one)
    more.click()
    assert value(one) == start + 1 and one.evaluate("(one) => one === document.activeElement")
    one.press("ArrowDown")
    assert value(one) == start
    one.press("End")
    assert value(one) == high and more.is_disabled()
    one.press("ArrowRight")
    assert value(one) == high
    one.press("Home")
    assert value(one) == low and less.is_disabled()
    page.close()
