"""What a class waits for first: JupyterLab, and the first widget in a kernel that has loaded nothing yet."""

import importlib.util
import statistics
import sys
import tempfile
import urllib.request
from pathlib import Path

from benchmarks.report import NOT_MEASURED
from course import ROOT, find_chromium

SERVER_MARK = 500  # milliseconds of processor time
WIDGET_MARK = 1000  # milliseconds on the wall
CARDS = {"SlideFilter1D": ".cnn-slide-1d", "LinkedView": ".cnn-linked", "Counter": ".cnn-counter"}

# From the command to the frame in which the card has a size: a message that is posted from an animation frame
# arrives once that frame is painted.
PAINTED = """async (root) => {
    const began = performance.now();
    const ran = window.jupyterapp.commands.execute("notebook:run-all-cells");
    while (!document.querySelector(root)?.getBoundingClientRect().height) await new Promise(requestAnimationFrame);
    await new Promise((done) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = done;
        port2.postMessage(null);
    });
    const taken = performance.now() - began;
    await ran;
    return taken;
}"""


def start(report):
    """the start of JupyterLab, and a first widget in a fresh kernel"""
    cards = list(CARDS)[:1] if report.quick else list(CARDS)
    can = importlib.util.find_spec("playwright") is not None
    servers = server_times(report.rounds(5)) if can else []
    kernels = first_widgets(cards, report.rounds(5)) if can and find_chromium() else {}
    rows = []
    for what, times, mark in [("JupyterLab's start to its first page, processor time", servers, SERVER_MARK),
                              *((f"{name}, first in a fresh kernel, to painted", kernels.get(name), WIDGET_MARK) for name in cards)]:
        report.goal(what, mark, statistics.median(times) if times else None, " ms", between=f"{min(times):.0f}–{max(times):.0f}" if times else "")
        rows.append([what, *([f"{edge(times):.0f} ms" for edge in (statistics.median, min, max)] if times else [NOT_MEASURED] * 3)])
    report.say()
    report.table(["", "median", "lowest", "highest"], rows)


def driver():
    """Return the browser tests' own driver."""
    sys.path.insert(0, str(ROOT / "tests" / "browser"))
    import driver

    return driver


def server_times(rounds):
    """Return the milliseconds of processor time that JupyterLab's server has taken, each time, when it has sent its page."""
    import psutil  # ipykernel needs it, so it is where JupyterLab is

    times = []
    for _ in range(rounds + 1):  # the first fills the disk's cache
        with tempfile.TemporaryDirectory() as scratch, driver().Server(Path(scratch)) as server:
            urllib.request.urlopen(f"{server.url}/lab", timeout=60).read()
            process = psutil.Process(server.pid)
            taken = [one.cpu_times() for one in (process, *process.children(recursive=True))]
        times.append(1000 * sum(one.user + one.system for one in taken))
    return times[1:]


def first_widgets(cards, rounds):
    """Return, for each card, the milliseconds from running its cell to its painted frame, in a kernel of its own."""
    from playwright.sync_api import sync_playwright

    tests, times = driver(), {name: [] for name in cards}
    with tempfile.TemporaryDirectory() as scratch, tests.Server(Path(scratch)) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(find_chromium()), args=tests.CHROMIUM_FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        for k in range(rounds + 1):  # the first fills the disk's and the browser's caches
            for name in cards:
                path = server.write(f"{name}_{k}.ipynb", f"from cnnlib.widgets import {name}\n{name}()")
                notebook = tests.Notebook(page, server, path)
                times[name].append(page.evaluate(PAINTED, CARDS[name]))
                notebook.close()
        browser.close()
    return {name: values[1:] for name, values in times.items()}
