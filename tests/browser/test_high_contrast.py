"""Where the system gives the colours (forced-colors), what a colour says can still be seen, and what is chosen."""

import pytest

import plain
from cnnlib import widgets
from widget_examples import make

# Colours that are read: tiles and chips that a script fills, scales, bars.
UNFILLED = """
(root) => {
  const seen = (selector) => [...root.querySelectorAll(selector)].filter((one) => one.checkVisibility());
  const clear = (one) => ["rgba(0, 0, 0, 0)", getComputedStyle(root).backgroundColor].includes(getComputedStyle(one).backgroundColor);
  return [
    ...seen("[style*=background]").filter((one) => one.style.backgroundColor.startsWith("rgb")
      && getComputedStyle(one).backgroundColor !== one.style.backgroundColor),
    ...seen(".cnn-scale i").filter((one) => !getComputedStyle(one).backgroundImage.includes("gradient")),
    ...seen(".fill, .track i, .measure i, .key").filter(clear),
    ...seen(".cnn-grid > rect:not([class])").filter((one) => one.style.fill && getComputedStyle(one).fill !== one.style.fill),
  ].map((one) => one.outerHTML);
}
"""
# Groups in which what is chosen looks like what is not.
INDISTINCT = """
(root) => {
  const [look, groups] = [(one) => getComputedStyle(one).backgroundColor, []];
  for (const group of root.querySelectorAll("[role=radiogroup], .rail")) {
    const [chosen, others] = [true, false].map((is) =>
      [...group.querySelectorAll("input[type=radio]")].filter((one) => one.checked === is).map((one) => look(one.nextElementSibling)));
    if (chosen.some((one) => others.includes(one))) groups.push(group.outerHTML);
  }
  const pressed = (is) => [...root.querySelectorAll(`[aria-pressed="${is}"]`)].map(look);
  return [...groups, ...pressed(true).filter((one) => pressed(false).includes(one))];
}
"""
THEME = "document.querySelector('.cnn').dataset.theme"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", widgets.__all__)
def test_colours_that_say_something_stay_and_choices_differ(browser, name, scheme):
    page = browser.new_page(viewport={"width": 1000, "height": 1200}, forced_colors="active", color_scheme=scheme)
    root = plain.mount(page, make(name))
    assert root.evaluate(UNFILLED) == []
    assert root.evaluate(INDISTINCT) == []
    # The ground is the system's, whatever theme Jupyter has: what is drawn on it goes by the system.
    for theme in ("true", "false"):
        page.evaluate("(light) => { document.body.dataset.jpThemeLight = light; }", theme)
        plain.painted(page)
        assert page.evaluate(THEME) == scheme
    page.emulate_media(forced_colors="none")
    page.wait_for_function(f"() => {THEME} === 'dark'")
    page.close()


def test_what_has_the_focus_is_seen(browser):
    page = browser.new_page(forced_colors="active")
    root = plain.mount(page, make("SlideFilter2D"))
    for _ in range(root.locator(":is(button, input, [tabindex]):not([tabindex='-1'])").count()):
        page.keyboard.press("Tab")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid", page.evaluate("document.activeElement.outerHTML")
    page.close()


def test_a_widget_follows_the_themes_of_visual_studio_code(browser):
    page = browser.new_page(color_scheme="light")
    plain.mount(page, make("SlideFilter2D"))
    for classes, theme in (("vscode-dark", "dark"), ("vscode-light", "light"), ("vscode-high-contrast", "dark"),
                           ("vscode-high-contrast-light vscode-high-contrast", "light"), ("", "light")):
        page.evaluate("(classes) => { document.body.className = classes; }", classes)
        page.wait_for_function(f"() => {THEME} === '{theme}'")
    page.close()
