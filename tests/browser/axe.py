"""What axe-core finds on a page: faults that keep somebody from reading it or using it.

``python tests/browser/axe.py FOLDER`` looks at all pages of a site or a folder of decks, in light and dark.
"""

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"  # what package-lock.json names
GRAVE = ("serious", "critical")
# In a notebook, what is not Jupyter's own: prose and widgets.
OURS = ".cnn, .jp-RenderedMarkdown, .jp-RenderedHTML"
# Without "preload" it asks for nothing.
RUN = """async (what) => (await axe.run(what ?? document, { resultTypes: ["violations"], preload: false })).violations
  .map(({ id, impact, nodes }) => ({ id, impact, at: nodes.map((one) => `${one.target} ${one.html}`.slice(0, 200)) }))"""
OPEN = "() => { for (const one of document.querySelectorAll('details')) one.open = true; }"


def needed():
    """Skip a test where axe-core is not installed, unless CNN_REQUIRE_JAVASCRIPT=1 says that it must be there."""
    if not AXE.exists():
        if os.environ.get("CNN_REQUIRE_JAVASCRIPT") == "1":
            pytest.fail("axe-core is missing: npm ci")
        pytest.skip("no axe-core: python3 course.py lint installs it, with Node.js")


def faults(page, what=None, impacts=GRAVE):
    """Return what keeps people out, as one line a fault and place.

    Parameters
    ----------
    page : playwright.sync_api.Page
        What is closed on it is opened: axe-core looks only at what shows.
    what : str, optional
        CSS selector of the part to look at.
    impacts : iterable of str
        How bad: of "minor", "moderate", "serious", "critical".
    """
    page.evaluate(OPEN)
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    return [f"{one['impact']} {one['id']}: {at}" for one in page.evaluate(RUN, what) if one["impact"] in impacts
            for at in one["at"]]


def slide_faults(page):
    """Return the faults on all slides of an open deck, each with the slide's number."""
    found = []
    for number in range(1, page.evaluate("Reveal.getTotalSlides()") + 1):
        found += [f"slide {number}: {one}" for one in faults(page, "section.present[data-kind]")]
        page.evaluate("Reveal.next()")
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return found


def main(folder):
    """Look at every page, print what was found, and return how many pages have a grave fault."""
    from playwright.sync_api import sync_playwright

    from course import find_chromium
    from driver import CHROMIUM_FLAGS

    files = [path for path in sorted(Path(folder).rglob("*.html")) if "_static" not in path.parts]
    bad = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        for theme in ("light", "dark"):
            context = browser.new_context(offline=True, color_scheme=theme)
            for path in files:
                page = context.new_page()
                page.goto(path.as_uri())
                settled(page)
                found = faults(page)
                if page.evaluate("() => 'Reveal' in window"):
                    found += slide_faults(page)
                bad += bool(found)
                print(f"{theme:5} {path.relative_to(folder)}: {len(found)}", *found, sep="\n      ", flush=True)
                page.close()
        browser.close()
    print(f"{len(files)} pages in two themes, {bad} with a serious or critical fault")
    return bad


def settled(page):
    """Wait until all widgets of a page are live and its mathematics is set."""
    page.wait_for_function("""() => document.readyState === 'complete' && !document.querySelector('.cnn-live:not(.is-live)')
      && (!window.MathJax?.startup || !!window.MathJax.startup.promise)""")
    page.evaluate("async () => { await window.MathJax?.startup?.promise; await document.fonts.ready; }")


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT)]
    sys.exit(min(1, main(Path(sys.argv[1]).resolve())))
