"""Walk through decks in a browser without a network, and tell what is wrong with them.

``python -m tools.slides.walk [NAME ...]`` looks at the decks in ``build/slides``, all unless named. Each is shown
in both sizes and both themes: every slide, and every prediction once it has been answered. Then it is printed.
"""

import argparse
import contextlib
import re
import sys
import zlib
from pathlib import Path

SIZES = [(1280, 720), (1920, 1080)]
SMALLEST = 0.55  # scale of what stands on a slide; below that a hall cannot read it
FRAME = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"
# What lies over the edge of the slide at hand, is too small, or is not there at all.
LOOK = """
(smallest) => {
  const slide = Reveal.getCurrentSlide(), edge = slide.getBoundingClientRect(), faults = [];
  const parts = "h1, h2, .fit, .fit > *, .fit img:not(.cnn-stored), .fit .cnn, .fit pre, .fit table, .katex-html";
  for (const part of slide.querySelectorAll(parts)) {
    const box = part.getBoundingClientRect();
    const across = Math.min(box.left - edge.left, edge.right - box.right);
    const down = Math.min(box.top - edge.top, edge.bottom - box.bottom);
    if (Math.min(across, down) < -1) faults.push(`${part.tagName} ${part.className} lies over the edge`);
  }
  const box = slide.querySelector(".fit"), heading = slide.querySelector("h1, h2").getBoundingClientRect();
  if (box.getBoundingClientRect().top < heading.bottom - 1) faults.push("something lies over the heading");
  if (Number(box.dataset.scale) < smallest) faults.push(`scale ${box.dataset.scale}`);
  const bare = !box.textContent.trim() && !box.querySelector("img:not(.cnn-stored), .cnn");
  if (bare && slide.dataset.kind !== "title") faults.push("nothing on it");
  for (const error of slide.querySelectorAll(".katex-error")) faults.push(error.title);
  for (const place of slide.querySelectorAll("[data-model]")) {
    if (!place.querySelector(".cnn")) faults.push("no widget");
  }
  return faults;
}
"""
ANSWER = """
() => {
  const slide = Reveal.getCurrentSlide(), commit = slide.querySelector(".cnn-question .act button:not([hidden])");
  if (!commit || slide.querySelector(".opened").textContent) return false;
  slide.querySelector(".option input")?.click();
  for (const field of slide.querySelectorAll(".number")) {
    field.value = "7";
    field.dispatchEvent(new Event("input"));
  }
  return true;
}
"""
COMMIT = "() => Reveal.getCurrentSlide().querySelector('.act button:not([hidden])').click()"
SLIDES = "[...document.querySelectorAll('.pdf-page .fit')].map((one) => Number(one.dataset.scale ?? 0))"
# A square in a colour of its own where each box ends, and how a PDF says that colour.
MARK = """
() => [...document.querySelectorAll(".pdf-page .fit")].map((box) => {
  const mark = box.appendChild(document.createElement("i"));
  mark.style = "position: absolute; left: 0; bottom: 0; width: 4px; height: 4px; background: rgb(1, 2, 3)";
}).length
"""
MARKED = re.compile(rb"\.0039\d* \.0078\d* \.011[78]\d* rg")
OPENED = "() => Reveal.getCurrentSlide().querySelector('.opened').textContent.length > 20"


def open_deck(browser, deck, size, query="light"):
    """Return a page that shows a deck without a network, and the list of what it complains about or asks for."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, offline=True)
    page, heard = context.new_page(), []
    page.on("console", lambda message: message.type in ("error", "warning") and heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("request", lambda one: one.url.split(":")[0] in ("file", "data", "blob") or heard.append(one.url))
    page.goto(f"{Path(deck).resolve().as_uri()}?{query}")
    page.wait_for_selector("body[data-ready]", state="attached")
    return page, heard


def walk(browser, deck, size, theme):
    """Return the faults of a deck, each with its slide; and how many slides it has."""
    page, heard = open_deck(browser, deck, size, theme)
    faults, count = [], page.evaluate("Reveal.getTotalSlides()")
    for number in range(count):
        faults += [f"slide {number + 1}: {fault}" for fault in page.evaluate(LOOK, SMALLEST)]
        if page.evaluate(ANSWER):
            page.evaluate(FRAME)
            page.evaluate(COMMIT)
            page.evaluate(FRAME)
            page.evaluate(FRAME)
            faults += [f"slide {number + 1}, answered: {fault}" for fault in page.evaluate(LOOK, SMALLEST)]
            if not page.evaluate(OPENED):
                faults.append(f"slide {number + 1}: the answer does not open")
        page.evaluate("Reveal.next()")
        page.evaluate(FRAME)
    page.context.close()
    return faults + heard, count


def printed(browser, deck):
    """Return the faults of a deck as it goes to the printer: each slide is a whole page, and nothing gets too small."""
    page, heard = open_deck(browser, deck, SIZES[0], "print-pdf")
    marks = page.evaluate(MARK)
    pages = page.pdf(prefer_css_page_size=True, print_background=True)
    found = sum(len(MARKED.findall(content)) for content in unpacked(pages))
    count, slides = len(re.findall(rb"/Type\s*/Page\b", pages)), page.evaluate(SLIDES)
    faults = [] if count == len(slides) else [f"{len(slides)} slides are {count} pages"]
    faults += [] if found == marks else [f"of {marks} boxes only {found} are printed to their ends"]
    faults += [f"page {number}: scale {scale}" for number, scale in enumerate(slides, start=1) if scale < SMALLEST]
    page.context.close()
    return faults + heard, count


def unpacked(document):
    """What the streams of a PDF hold."""
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", document, re.DOTALL):
        with contextlib.suppress(zlib.error):
            yield zlib.decompress(stream)


def main(argv):
    from playwright.sync_api import sync_playwright

    from course import find_chromium
    from tools.slides.build import DECKS

    parser = argparse.ArgumentParser(prog="python -m tools.slides.walk", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="decks, such as 04; all of them unless given")
    parser.add_argument("--folder", type=Path, default=DECKS, help="where they are")
    arguments = parser.parse_args(argv)
    decks = [deck for deck in sorted(arguments.folder.glob("*.html"))
             if not arguments.names or deck.stem.startswith(tuple(arguments.names))]
    if not decks:
        sys.exit("No decks: run python3 course.py slides first.")
    wrong = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu"])
        for deck in decks:
            looks = [(f"{'×'.join(map(str, size))}, {theme}", *walk(browser, deck, size, theme))
                     for size in SIZES for theme in ("light", "dark")]
            for look, faults, count in [*looks, ("printed", *printed(browser, deck))]:
                wrong += len(faults)
                print(f"{deck.stem}, {look}: {count} slides, {len(faults)} faults")
                print("".join(f"  {fault}\n" for fault in faults), end="", flush=True)
        browser.close()
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
