"""How soon FilterBench answers: dragging, a key, and a painted weight, which computes the map anew.

Run by hand, on a quiet machine: ``python benchmarks/filter_bench.py``. Event to painted frame in
JupyterLab, on a photograph of 256×256; our mark is a median of 25 ms.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

TESTS = Path(__file__).resolve().parent.parent / "tests" / "browser"
sys.path.insert(0, str(TESTS))

from conftest import find_chromium  # noqa: E402
from driver import CHROMIUM_FLAGS, Notebook, Server, latency, summary  # noqa: E402

CELL = "from cnnlib.widgets import FilterBench\nbench = FilterBench('Laplacian of Gaussian')\nbench"


def drag(page, points):
    """Latencies of a drag from the first point over the others."""
    page.mouse.move(*points[0])
    page.mouse.down()
    times = latency(page, "pointermove", [lambda point=point: page.mouse.move(*point) for point in points[1:]])
    page.mouse.up()
    return times


def main():
    with tempfile.TemporaryDirectory() as scratch, Server(Path(scratch)) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        notebook = Notebook(page, server, server.write("bench.ipynb", CELL))
        notebook.run_all()
        root = page.locator(".cnn-bench")
        root.wait_for()
        root.scroll_into_view_if_needed()
        page.wait_for_timeout(1000)

        screen = root.locator(".cnn-photo .cnn-screen")
        box = screen.bounding_box()
        points = [(box["x"] + 30 + 3 * i, box["y"] + 30 + 2 * i) for i in range(50)]
        print("drag the window  ", summary(drag(page, points)))
        screen.focus()
        presses = [lambda key=key: page.keyboard.press(key) for key in ["ArrowRight", "ArrowDown"] * 25]
        print("arrow key        ", summary(latency(page, "keydown", presses)))

        for side in (3, 5):
            root.get_by_role("button", name=f"{side}×{side}", exact=True).click()
            page.wait_for_timeout(200)
            cell = root.locator(".cnn-kernel .cnn-grid rect").first.bounding_box()
            steps = [(i + 0.5) * (cell["width"] + 2) for i in range(side)]
            cells = [(cell["x"] + right, cell["y"] + down) for down in steps for right in steps]
            times = []
            for brush in ("−1", "+1") * 3:
                root.get_by_role("button", name=brush, exact=True).click()
                times += drag(page, cells)
            print(f"paint a {side}×{side} kernel", summary(times))
        browser.close()


if __name__ == "__main__":
    main()
