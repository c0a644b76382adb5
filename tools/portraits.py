"""Pictures of widgets as a browser shows them, for notebooks that nobody runs.

While a notebook is refreshed, each widget tells what it holds when it is displayed (`START`); afterwards its stored
picture, which Python has drawn, gives way to one of the card itself: as it looks, at its size, so that a page does not
jump when the cell is run. Without Playwright or a browser, Python's own picture stays.
"""

import base64
import importlib.util
import sys
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "browser")]

from cnnlib import widgets  # noqa: E402
from cnnlib.words import t  # noqa: E402
from course import find_chromium  # noqa: E402
from pages.harvest import PORTRAIT  # noqa: E402

START = "from pages import harvest; harvest.portray()"  # what a kernel runs first
WIDTH = 832  # pixels of a card where there is room, as in the shared style sheet: JupyterLab leaves 848 of 1,280
MARGIN = 4   # above and below it, as in the shared style sheet
SCALE = 1.5  # crisp enough on a dense screen, and half the bytes of 2
COLOURS = 255
# The card's own page: no theme, no motion, and in place of the tools the word that brings them.
STYLE = f"body {{ margin: 0; }} #host {{ width: {WIDTH}px !important; }}"
NOTE = """
(root, note) => {
  const tools = root.querySelector(".cnn-tools");
  tools.style.minHeight = `${tools.offsetHeight}px`;
  tools.replaceChildren(note);
  Object.assign(tools.style, { color: "var(--muted)", fontSize: "13px", paddingRight: "10px" });
}
"""


@contextmanager
def painter():
    """Give a function that paints a widget, from what it holds (kind and state) to the bytes of a PNG; or None."""
    chromium = find_chromium() if importlib.util.find_spec("playwright") else None
    if chromium is None:
        yield None
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": WIDTH, "height": 800}, device_scale_factor=SCALE,
                                reduced_motion="reduce")
        yield lambda held: paint(page, held)
        browser.close()


def paint(page, held):
    """Return the picture of a card, as the bytes of a PNG."""
    import looks
    import plain

    kind = next(one for one in map(widgets.__dict__.get, widgets.__all__)
                if one.__module__.split(".")[-2] == held["kind"])
    root = plain.mount_state(page, kind, held["state"], STYLE)
    page.evaluate(looks.STILL)
    root.evaluate(NOTE, f"▶ {t('shared.run')}")
    box = root.bounding_box()
    clip = {"x": 0, "y": box["y"] - MARGIN, "width": WIDTH, "height": box["height"] + 2 * MARGIN}
    picture = Image.open(BytesIO(page.screenshot(clip=clip, full_page=True))).convert("RGB")
    file = BytesIO()
    picture.quantize(COLOURS, kmeans=2, dither=Image.Dither.NONE).save(file, "png", optimize=True)
    return file.getvalue()


def replace_pictures(notebook):
    """Put cards in place of the pictures that Python has drawn, in the outputs of a notebook that was executed so."""
    shown = [output for cell in notebook.cells for output in cell.get("outputs", ())
             if PORTRAIT in output.get("data", {})]
    if not shown:
        return
    with painter() as paint_one:
        for output in shown:
            held = output.data.pop(PORTRAIT)
            if paint_one and "image/png" in output.data:
                output.data["image/png"] = base64.b64encode(paint_one(held)).decode("ascii")
                output.metadata["image/png"] = {"width": WIDTH}
