"""How soon a widget answers: from the event to the painted frame, in JupyterLab in a real browser."""

import itertools
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from course import ROOT, find_chromium

MARK = 25  # milliseconds to the painted frame, a median
ANSWER = 60  # and where Python computes what is painted
EVENTS = 40


@dataclass(frozen=True)
class Hand:
    """Where the hand goes: selectors inside the widget, and the keys that are pressed there in turn.

    It drags between the first and the last match of `over`, or across its middle if there is one
    only; where `hold` is False it points without pressing.
    """

    widget: str
    root: str
    focus: str
    keys: tuple
    over: str
    hold: bool = True
    setup: str = ""
    arguments: str = ""

    @property
    def cell(self):
        return f"from cnnlib.widgets import {self.widget}\n{self.setup}\nw = {self.widget}({self.arguments})\nw"


HANDS = (
    Hand("DigitPad", ".cnn-digit-pad", ".paper", ("3", "7"), ".paper"),  # the ink; the net answers later
    Hand("SlideFilter1D", ".cnn-slide-1d", ".signal .cnn-grid", ("ArrowRight", "ArrowLeft"), ".signal .cnn-grid > rect"),
    Hand("PatternDetector", ".cnn-detector", ".lanes", ("ArrowRight",), ".lanes"),
    Hand("SlideFilter2D", ".cnn-slide-2d", ".image svg", ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"), ".image svg"),
    Hand("FilterBench", ".cnn-bench", ".photo .screen", ("ArrowRight", "ArrowDown"), ".photo .screen"),
    Hand("Channels", ".cnn-channels", ".photo .cnn-pixels", ("ArrowDown", "ArrowUp"), ".photo .cnn-pixels"),
    Hand("PoolingShift", ".cnn-pooling-shift", ".input .cnn-pixels", ("ArrowRight", "ArrowLeft"), ".input .cnn-pixels"),
    Hand("LookInside", ".cnn-look-inside", ".map .cnn-pixels", ("ArrowLeft", "ArrowRight"), ".map .cnn-pixels"),
    Hand("LinkedView", ".cnn-linked", ".outputs", ("ArrowDown", "ArrowUp"), ".matrix > rect", hold=False),
    Hand("ConfusionExplorer", ".cnn-confusion", ".cells", ("ArrowRight", "ArrowLeft"), ".cells",
         setup="import numpy as np; rng = np.random.default_rng(0)",
         arguments="rng.integers(0, 256, (2000, 28, 28)), rng.integers(0, 10, 2000), rng.normal(size=(2000, 10))"),
    Hand("FaceFinder", ".cnn-face-finder", ".photo .screen", ("ArrowRight", "ArrowLeft"), ".photo .screen",
         setup="import numpy as np; from cnnlib.detection import scan; from skimage import color, data\n"
               "photo = color.rgb2gray(data.astronaut())",
         arguments="photo, scan(lambda x: x[:, :, :-24:4, :-24:4] - 0.5, photo, (50, 100, 200), patch=25, stride=4)"),
    Hand("Backward", ".cnn-backward", ".grad svg", ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"), ".grad svg > rect", hold=False),
    Hand("Counter", ".cnn-counter", "[aria-label^='filters of layer 1']", ("ArrowUp", "ArrowDown"), ".layer .take"),
)


def widgets(report):
    """milliseconds from a key or a drag to the painted frame, in a real browser"""
    chromium = find_chromium()
    if chromium is None:
        report.say("No Chromium, Chrome or Edge was found: nothing to measure.\n")
        return
    from playwright.sync_api import sync_playwright

    sys.path.insert(0, str(ROOT / "tests" / "browser"))  # the browser tests' own driver
    from driver import CHROMIUM_FLAGS, Notebook, Server

    rows, events = [], 10 if report.quick else EVENTS
    with tempfile.TemporaryDirectory() as scratch, Server(Path(scratch)) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=CHROMIUM_FLAGS)
        for hand in HANDS[:1] if report.quick else HANDS:
            page = browser.new_page(viewport={"width": 1280, "height": 1000})
            notebook = Notebook(page, server, server.write(f"{hand.widget}.ipynb", hand.cell))
            notebook.run_all()
            root = notebook.sight(page.locator(hand.root))
            notebook.outlast(1000)  # until the page is quiet
            for what, times, mark in measure(notebook, root, hand, events):
                median, slow = statistics.median(times), sorted(times)[int(0.95 * (len(times) - 1))]
                rows.append([f"{hand.widget}, {what}", f"{median:.1f} ms", f"{slow:.1f} ms"])
                report.goal(f"{hand.widget}, {what}, to the painted frame", mark, median, " ms")
            page.close()
        browser.close()
    report.say()
    report.table(["", "median", "95 %"], rows)


def measure(notebook, root, hand, events):
    """Yield what the hand does, its latencies and their goal in milliseconds."""
    from driver import answers, latency

    page = notebook.page
    says = root.locator(".cnn-says").first
    says.evaluate("""(says) => {
        window.said = 0;
        new MutationObserver(() => { window.said += 1; }).observe(says, { childList: true, characterData: true, subtree: true });
    }""")

    def heard(times):
        """A hand that moves nothing is fast too: the widget's line must change."""
        page.wait_for_function("() => window.said > 0")
        notebook.agree()
        page.evaluate("() => { window.said = 0; }")
        return times

    root.locator(hand.focus).first.focus()
    keys = itertools.islice(itertools.cycle(hand.keys), events)
    yield "key", heard(latency(page, "keydown", [lambda key=key: page.keyboard.press(key) for key in keys])), MARK
    points = to_and_fro(root.locator(hand.over), events)
    yield ("drag" if hand.hold else "point"), heard(drag(page, points, hand.hold)), MARK
    if hand.widget == "DigitPad":
        yield "key to the network's answer", answers(page, f"{hand.root} {hand.focus}", "".join(hand.keys), events), ANSWER
    if hand.widget == "FilterBench":  # a painted weight makes the whole map anew
        root.get_by_role("radio", name="5×5", exact=True).check()
        notebook.rest()
        cells = root.locator(".kernel .cnn-grid rect")
        cells = [middle(cells.nth(k)) for k in range(25)]
        times = []
        for brush in ("−1", "+1"):
            root.get_by_role("radio", name=brush, exact=True).check()
            times += drag(page, cells)
        yield "paint a 5×5 kernel", heard(times), MARK


def drag(page, points, hold=True):
    """Return the latencies of a drag from the first point over the others."""
    from driver import latency

    page.mouse.move(*points[0])
    if hold:
        page.mouse.down()
    times = latency(page, "pointermove", [lambda point=point: page.mouse.move(*point) for point in points[1:]])
    if hold:
        page.mouse.up()
    return times


def middle(locator):
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def to_and_fro(over, events):
    """Return points between the first and the last match, or over the middle of the only one."""
    if over.count() > 1:
        (left, top), (right, bottom) = middle(over.first), middle(over.last)
    else:
        box = over.bounding_box()
        left, right = (box["x"] + part * box["width"] for part in (0.3, 0.7))
        top, bottom = (box["y"] + part * box["height"] for part in (0.3, 0.7))
    shares = [abs((k / 10 + 1) % 2 - 1) for k in range(events + 1)]  # 0 to 1 and back, ten steps a way
    return [(left + share * (right - left), top + share * (bottom - top)) for share in shares]
