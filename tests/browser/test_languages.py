"""Every word of a widget is one of the table, and every language has the room that it needs."""

import json
import re

import pytest

import plain
from cnnlib import widgets, words
from widget_examples import make

WIDTHS = [390, 1280]
# What is the same in every language: keys, names in code, kinds of files.
SAME = re.compile(r"\b(?:Python|PNG|SVG|Enter|Esc|Tab|Ctrl|Alt|Shift|ReLU|LeNet|MNIST|kB|MB|GB|px|n|F|N|Z)\b")
DATA = {  # names that come from who makes the widget
    "FilterBench": r"\bchelsea\b",
    "Counter": r"\bLeNet\b",
    "LinkedView": r"[Θθa]′?[₀-₉]+|\b(?:sigmoid|same|valid)\b|(?<!\w)a[ij](?!\w)",
    "Backward": r"[∂/GKLx]+[₀-₉]*",
    "SlideFilter1D": r"\b(?:valid|same|full)\b|[θy][₀-₉]+|Θx",
    "TrainingMonitor": r"Nothing trained yet: \d+ steps? to go\.",  # what Python says, in the language that it was told
    "Question": r".*",  # its text is the lecture's
}
# What a person sees, and what a screen reader says.
SAID = """
(root) => [
  ...[...root.querySelectorAll("*")].flatMap((one) => [...one.childNodes]
    .filter((node) => node.nodeType === Node.TEXT_NODE && one.checkVisibility()).map((node) => node.textContent)),
  ...[root, ...root.querySelectorAll("*")].flatMap((one) =>
    ["aria-label", "title", "alt", "placeholder", "aria-valuetext"].map((name) => one.getAttribute(name)))
].filter((text) => text && text.trim())
"""
# The texts that are cut off, that stand outside of the card, or that lie over each other.
CROWDED = """
(root) => {
  const name = (node) => {
    const path = [];
    for (let one = node.parentElement; one !== root; one = one.parentElement) {
      path.unshift(`${one.tagName.toLowerCase()}.${one.getAttribute("class") ?? ""}:${[...one.parentElement.children].indexOf(one)}`);
    }
    return path.join(" ");
  };
  const texts = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!node.textContent.trim() || !node.parentElement.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    if (node.parentElement.closest(".cnn-hidden, option, style")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) if (box.width > 1) texts.push({ node, box });
  }
  const found = new Set();
  const home = root.getBoundingClientRect();
  for (const { node, box } of texts) {
    if (box.left < home.left - 1 || box.right > home.right + 1) found.add(`out of the card: ${name(node)} “${node.textContent}”`);
    for (let one = node.parentElement; one !== root; one = one.parentElement) {
      const { overflowX, borderTopWidth, backgroundColor, display } = getComputedStyle(one);
      if (["auto", "scroll"].includes(overflowX)) break; // it can be scrolled to
      const boxed = display !== "inline" && (borderTopWidth !== "0px" || backgroundColor !== "rgba(0, 0, 0, 0)");
      if (overflowX === "visible" && !boxed) continue;
      const edge = one.getBoundingClientRect();
      if (box.left < edge.left - 1.5 || box.right > edge.right + 1.5) found.add(`out of its box: ${name(node)} “${node.textContent}”`);
    }
  }
  const fields = [...root.querySelectorAll("input, select, textarea")]
    .filter((one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true })).map((one) => one.getBoundingClientRect());
  for (const { node, box } of texts) {
    if (fields.some((field) => field.width > 2 && Math.min(box.right, field.right) - Math.max(box.left, field.left) > 1
      && Math.min(box.bottom, field.bottom) - Math.max(box.top, field.top) > 5)) found.add(`over a field: ${name(node)} “${node.textContent}”`);
  }
  texts.sort((a, b) => a.box.top - b.box.top);
  texts.forEach((one, i) => {
    for (const other of texts.slice(i + 1)) {
      if (other.box.top > one.box.bottom - 5) break;
      if (other.node === one.node) continue;
      const across = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
      const down = Math.min(one.box.bottom, other.box.bottom) - other.box.top;
      if (across > 2 && down > 5) found.add(`over each other: ${name(one.node)} “${one.node.textContent}” and “${other.node.textContent}”`);
    }
  });
  return [...found];
}
"""


def speak(page, code):
    """Let the widget on a page speak another language, as `cnnlib.widgets.language` does."""
    page.evaluate("(code) => { window.model.set('_language', code); }", code)
    plain.painted(page)
    plain.painted(page)


def bracketed(text):
    """A text in brackets; what comes to its places stands outside of them."""
    return re.sub(r"[^{}]+(?![^{]*\})", r"⟦\g<0>⟧", text)


def where(complaint):
    """A complaint without its words, to be compared with that of another language."""
    return re.sub(r"“.*", "", complaint, flags=re.DOTALL)


@pytest.mark.parametrize("name", widgets.__all__)
def test_no_language_is_too_long(browser, name):
    page = browser.new_page()
    root = plain.mount(page, make(name), "#host { width: auto !important; }")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        plain.painted(page)
        speak(page, "en")
        usual = {where(one) for one in root.evaluate(CROWDED)}
        for code in words.LANGUAGES[1:]:
            speak(page, code)
            assert root.get_attribute("lang") == code
            assert [one for one in root.evaluate(CROWDED) if where(one) not in usual] == [], (width, code)
    page.close()


@pytest.mark.parametrize("name", widgets.__all__)
def test_each_word_is_one_of_the_table(browser, name):
    # In a language whose every text stands in brackets, what stands outside of them is in no table.
    widget = make(name)
    taught = json.loads(re.search(r"^teach\((.*)\);$", widget._esm, re.MULTILINE)[1])
    strange = {
        key: {form: bracketed(text) for form, text in entry.items()} if isinstance(entry, dict) else bracketed(entry)
        for key, entry in taught["en"].items()
    }
    widget._esm = widget._esm.replace("teach({", f'teach({{"xx":{json.dumps(strange, ensure_ascii=False)},')
    page = browser.new_page()
    root = plain.mount(page, widget)
    speak(page, "xx")
    assert root.get_attribute("lang") == "xx"
    rest = []
    for text in root.evaluate(SAID):
        left = SAME.sub("", re.sub(r"⟦[^⟧]*⟧", " ", text))
        left = re.sub(DATA.get(name, r"(?!)"), "", left)
        if re.search(r"[A-Za-z]{2,}", left):
            rest.append(text)
    page.close()
    assert rest == []


# The page of PatternDetector says what the hand has seen so far; a Question has no such line.
@pytest.mark.parametrize("name", sorted({*widgets.__all__} - {"PatternDetector", "Question"}))
def test_page_and_python_say_the_same_in_each_language(browser, name):
    page, widget = browser.new_page(), make(name)
    root = plain.mount(page, widget)
    for code in words.LANGUAGES:
        speak(page, code)
        words.language(code)
        try:
            said = widget.describe()
        finally:
            words.language(None)
        assert root.locator(".cnn-says").first.text_content().replace("\u00a0", " ") == said.replace("\u00a0", " ")
    page.close()


def test_crowded_texts_are_found(browser):
    page = browser.new_page()
    page.set_content("""<div id="root" style="width: 200px; position: relative; font: 16px monospace">
      <div style="overflow: hidden; width: 50px; white-space: nowrap">cut off here</div>
      <div style="border: 1px solid; width: 50px; white-space: nowrap">runs over it</div>
      <div style="position: absolute; top: 70px; left: 150px; white-space: nowrap">out of the card</div>
      <div style="position: absolute; top: 110px">one</div><div style="position: absolute; top: 115px">two</div>
      <div style="position: absolute; top: 160px">well</div></div>""")
    found = page.locator("#root").evaluate(CROWDED)
    page.close()
    assert sorted(one.partition(":")[0] for one in found) == ["out of its box", "out of its box", "out of the card", "over each other"]


def test_a_widget_speaks_the_language_of_its_page(browser, monkeypatch):
    page = browser.new_page()
    for tag, code in (("de-AT", "de"), ("FR", "fr"), ("ja", "en"), ("", "en")):
        monkeypatch.setattr(plain, "PAGE", f'<!doctype html><html lang="{tag}"><body><div id="host"></div>')
        assert plain.mount(page, make("Question")).get_attribute("lang") == code
    page.close()
