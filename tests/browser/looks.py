"""How the cards look at each width: mounted on a bare page, for the tests and for ``tools/screens.py``."""

from contextlib import contextmanager
from pathlib import Path

import plain

LEAST = 12  # pixels: no type is smaller
FAULTS = (Path(__file__).parent / "looks.js").read_text(encoding="utf-8")
# The card is as wide as the page leaves it, as in a notebook or on the site.
ROOM = "body { margin: 8px; } #host { width: auto !important; }"
SCHEMES = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "contrast": {"color_scheme": "dark", "forced_colors": "active"},
}
# A card stands still when its size has been the same for five frames.
STILL = """
async () => {
  const frame = () => new Promise(requestAnimationFrame);
  const size = () => { const { width, height } = document.querySelector(".cnn").getBoundingClientRect(); return `${width} ${height}`; };
  await document.fonts.ready;
  for (let [last, same] = ["", 0]; same < 5; await frame()) { same = size() === last ? same + 1 : 0; last = size(); }
}
"""


@contextmanager
def card(browser, widget, scheme="light", **context):
    """A page with the card of a widget and `show(width)`, which gives the page a width and returns the card's locator."""
    page = browser.new_page(**{"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"} | SCHEMES[scheme] | context)
    mounted = []

    def show(width):
        page.set_viewport_size({"width": width, "height": 900})
        if not mounted:
            mounted.append(plain.mount(page, widget, f"{ROOM} body {{ background: {'#111' if scheme == 'dark' else 'Canvas'}; }}"))
        page.evaluate(STILL)
        return mounted[0]

    yield page, show
    page.close()


def faults(root, least=LEAST):
    """Return what a program can see: type below `least` pixels, what is cut off, text over other text; a line each."""
    return root.evaluate(f"(root) => ({FAULTS})(root, {least})")
