"""Run a notebook, use its widgets, restart its kernel while a training goes on, and again; record what is left behind.

    python tools/restarts.py 100           # JupyterLab
    python tools/restarts.py 100 notebook  # Notebook 7
"""

import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "browser")]
from tools import reliability  # noqa: E402

CELLS = ("""import os, threading
import numpy as np
from cnnlib import SGD, Linear, Training
from cnnlib.widgets import SlideFilter1D, TrainingMonitor
slide = SlideFilter1D()
slide""", """net = Linear(784, 10, rng=0)
digits = np.random.default_rng(0).random((64, 784))
training = Training(net, digits, np.arange(64) % 10, optimizer=SGD(net, 0.01), rng=0, batch_size=8, epochs=999)
monitor = TrainingMonitor(training)
monitor""")
# As many widgets that hold a button, run and used as often: what the page keeps of them is Jupyter's and anywidget's.
EMPTY = ("""import anywidget
class Empty(anywidget.AnyWidget):
    _esm = "export default { render({ el }) { el.append(document.createElement('button')); } }"
Empty()""", "Empty()")
TRAININGS = "sum(one.name.startswith('cnnlib') for one in threading.enumerate())"
FRONTS = {"lab": "JupyterLab", "notebook": "Notebook 7"}
WARM_UP = 5  # rounds until caches of the browser and of the server are filled


def one_round(notebook):
    """Use both widgets of CELLS, run all again while a training goes on, use them again; return the kernel's process.

    AssertionError where a widget does not answer, or a training goes on beside another.
    """
    for _ in range(2):
        notebook.run_all(rest=False)
        notebook.keys("ArrowRight", "ArrowRight", on=notebook.page.locator(".cnn-slide-1d .signal .cnn-grid"))
        assert notebook.python("slide.position") == 2, "a key moves the window"
        monitor = notebook.page.locator(".cnn-monitor")
        monitor.get_by_role("button", name="start", exact=True).click()
        notebook.page.wait_for_function("() => document.querySelector('.cnn-monitor progress').value > 0")
        assert notebook.python("training.state") == "running"
    assert notebook.wait_python(TRAININGS, 1) == 1, "one training goes on"
    return notebook.python("os.getpid()")


def one_empty_round(notebook):
    """The same with EMPTY: cells get the focus as often, for which JupyterLab makes them a toolbar that it keeps."""
    for _ in range(2):
        notebook.run_all(rest=False)
        buttons = notebook.page.locator(".jp-OutputArea-output button")
        notebook.keys("ArrowRight", "ArrowRight", on=buttons.first)
        buttons.last.click()
    return notebook.python("__import__('os').getpid()")


def restart(notebook):
    """Restart the kernel, as the button does once it has been confirmed."""
    notebook.page.evaluate("() => driver.restart()")


def alive(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def heap(page):
    """Return the bytes that the page's scripts hold."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    used = session.send("Runtime.getHeapUsage")["usedSize"]
    session.detach()
    return used


def main(times, front="lab"):
    from playwright.sync_api import sync_playwright

    from course import find_chromium
    from driver import CHROMIUM_FLAGS, Notebook, Server

    processes, held, problems = [], {}, []
    with tempfile.TemporaryDirectory() as scratch, Server(Path(scratch)) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(without_window=True), args=CHROMIUM_FLAGS)
        for cells, act in ((EMPTY, one_empty_round), (CELLS, one_round)):
            notebook = Notebook(browser.new_page(), server, server.write(f"{act.__name__}.ipynb", *cells), front)
            held[act] = []
            for count in range(times + 1):
                processes.append(act(notebook))
                held[act].append(heap(notebook.page))
                print(f"{act.__name__}: {count} restarts, {held[act][-1] / 1e6:.1f} MB", flush=True)
                if count < times:
                    restart(notebook)
            problems += notebook.problems
            notebook.close()
            notebook.page.close()
        left = sum(map(alive, processes))
        browser.close()

    def growth(act):
        return f"{(held[act][-1] - held[act][WARM_UP]) / (times - WARM_UP) / 1e6:.2f} MB a restart"

    figures = {
        "restarts": times,
        "uses of a widget that were answered": 4 * len(held[one_round]),  # or it would have ended
        "kernels left": left,
        "errors in the page": len(problems),
        "the page's scripts hold more": growth(one_round),
        "with widgets that hold a button only, used as often": growth(one_empty_round),
    }
    what = (f"A notebook in {FRONTS[front]}: run, used by key and by button, run again while a training goes on, "
            "used again; then its kernel is restarted, the training still going on.")
    reliability.write_record(f"restarts_{front}", what, figures)
    print(figures, *problems, sep="\n")
    return int(left or bool(problems))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), *sys.argv[2:]))
