"""Run the lectures in a browser that has nothing but the served folder, and tell what is wrong with them.

``python -m tools.lite.walk [NAME ...]`` takes the pages in ``build/lite/html``, all notebooks unless named. Each one
is a first visit: it is opened, run from the first cell to the last, and each of its widgets is driven once.
With ``--write`` its times go into ``tests/reliability/course_in_a_browser.json``.
"""

import argparse
import contextlib
import functools
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import nbformat

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "browser")]

from tools.reliability import write_record  # noqa: E402

RECORD = ROOT / "tests" / "reliability" / "course_in_a_browser.json"
# Whom Chromium itself asks, whatever page it shows.
BROWSER_S_OWN = {"accounts.google.com", "content-autofill.googleapis.com", "update.googleapis.com"}
START, HANG = 600, 1800  # seconds for a kernel to answer, and for one cell
# One cell: how long it takes, and what it shows.
RUN_CELL = """
async (number) => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  notebook.activeCellIndex = number;
  notebook.deselectAll();
  const begun = performance.now();
  await window.jupyterapp.commands.execute("notebook:run-cell");
  return { seconds: (performance.now() - begun) / 1000, outputs: notebook.widgets[number].model.outputs.toJSON() };
}
"""
# One widget: what a hand does first with it. Whether it has answered is seen on the page.
DRIVE = """
async (root) => {
  const shown = () => root.innerHTML + [...root.querySelectorAll("input")].map((one) => one.value).join();
  const before = shown(), press = (one, key) => {
    one.focus();
    one.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    one.dispatchEvent(new KeyboardEvent("keyup", { key, bubbles: true, cancelable: true }));
  };
  root.scrollIntoView({ block: "center" });
  const changed = async () => {
    await driver.painted();
    await driver.agree();
    await driver.painted();
    return shown() !== before;
  };
  if (root.matches(".cnn-question")) {
    root.querySelector(".option input")?.click();
    for (const field of root.querySelectorAll(".number")) {
      field.value = "7";
      field.dispatchEvent(new Event("input"));
    }
    root.querySelector(".act button:not([hidden])").click();
    return changed();
  }
  for (const one of root.querySelectorAll("[tabindex='0'], input[type=range]")) {
    for (const key of ["ArrowRight", "ArrowDown", "3"]) {
      press(one, key);
      if (await changed()) return true;
    }
  }
  for (const one of root.querySelectorAll("button:not([hidden]):not([disabled])")) {
    one.click();
    if (await changed()) return true;
  }
  return false;
}
"""


class Files(SimpleHTTPRequestHandler):
    """The folder, as any static host serves it; counts what it gives."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | {".mjs": "text/javascript", ".wasm": "application/wasm"}

    def log_message(self, *_):
        pass

    def copyfile(self, source, outputfile):
        content = source.read()
        self.server.given += len(content)
        with contextlib.suppress(ConnectionError):
            outputfile.write(content)


class Outside(BaseHTTPRequestHandler):
    """Stands for the rest of the world: notes who is asked for, and refuses."""

    def refuse(self):
        host = urlsplit(self.path if "://" in self.path else f"//{self.path}").hostname
        if host not in BROWSER_S_OWN:
            self.server.asked.append(self.path)
        self.send_error(403)

    do_GET = do_POST = do_HEAD = do_CONNECT = refuse

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def serving(handler):
    """A server of this machine's own, on any free port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.given, server.asked, server.url = 0, [], f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@contextlib.contextmanager
def visiting(folder):
    """Serve the pages; give their server, and the one that stands for all the rest of the world."""
    with serving(functools.partial(Files, directory=str(folder))) as server, serving(Outside) as outside:
        server.folder = Path(folder)
        yield server, outside


@contextlib.contextmanager
def chromium():
    """A headless Chromium."""
    from playwright.sync_api import sync_playwright

    from course import find_chromium
    from driver import CHROMIUM_FLAGS

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


def open_lecture(browser, server, outside, name, heard, app="lab", **options):
    """Return a page with a notebook whose kernel answers; what the console complains about goes to `heard`."""
    from driver import SCRIPT

    proxy = {"server": outside.url, "bypass": "127.0.0.1"}
    context = browser.new_context(viewport={"width": 1280, "height": 900}, proxy=proxy, **options)
    page = context.new_page()
    page.set_default_timeout(1000 * START)
    page.on("console", lambda one: is_fault(one) and heard.append(f"{one.text} {one.location['url']}"))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.add_init_script(f"window.PATIENCE = {HANG};\n{SCRIPT}")
    page.goto(f"{server.url}/{app}/index.html?path={name}.ipynb")
    page.wait_for_function("(path) => window.driver.ready(path)", arg=f"{name}.ipynb")
    return page


def is_fault(message):
    """Whether a message of the console tells of one: not where JupyterLab seeks the files of a deliberate error."""
    return message.type == "error" and "/api/contents/lib/python" not in message.location["url"]


def walk(browser, server, outside, name, then=None):
    """Run one lecture on a first visit.

    Parameters
    ----------
    browser : playwright.sync_api.Browser
    server, outside
        As `visiting` gives them.
    name : str
        Notebook, without its ending.
    then : callable, optional
        Called with the page at the end.

    Returns
    -------
    record : dict
        Times in seconds, and counts.
    faults : list of str
    """
    faults, heard, before, begun = [], [], server.given, time.monotonic()
    page = open_lecture(browser, server, outside, name, heard)
    record = {"ready": time.monotonic() - begun, "cells": 0, "differ": [], "widgets": 0}
    slowest = 0
    notebook = nbformat.read(server.folder / "files" / f"{name}.ipynb", as_version=4)
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        ran, record["cells"] = page.evaluate(RUN_CELL, number), record["cells"] + 1
        slowest = max(slowest, ran["seconds"])
        tags = cell.metadata.get("tags", [])
        errors = [one for one in ran["outputs"] if one["output_type"] == "error"]
        if errors and "raises-exception" not in tags:
            faults.append(f"cell {number}: {errors[0]['ename']}: {errors[0]['evalue']}")
        widgets = widgets_of(ran["outputs"])
        if "nbval-ignore-output" not in tags and texts(ran["outputs"], widgets) != texts(cell.outputs, widgets):
            record["differ"].append(number)
    record |= {"run": time.monotonic() - begun - record["ready"], "slowest": slowest}
    page.evaluate("() => driver.drawn()")
    roots = page.locator(".jp-Notebook .cnn")
    for number in range(roots.count()):
        record["widgets"] += 1
        if not roots.nth(number).evaluate(DRIVE):
            faults.append(f"widget {number} ({roots.nth(number).get_attribute('class')}) does not answer")
    if page.evaluate("() => driver.execute('assert 1 + 1 == 2', {})")["status"] != "ok":
        faults.append("Python does not answer any more")
    if then is not None:
        then(page)
    record["megabytes"] = (server.given - before) / 1e6
    page.context.close()
    asked, outside.asked = outside.asked, []
    return record, faults + heard + [f"asks outside: {address}" for address in asked]


def texts(outputs, widgets):
    """What is said in outputs, without pictures, widgets, traces and what libraries remark."""
    said = []
    for one in outputs:
        data = one.get("data", {})
        text = "".join(one.get("text") or data.get("text/plain", "") or one.get("evalue", ""))
        if not (any(kind.startswith("image/") for kind in data) or text in widgets or one.get("name") == "stderr"):
            said.append(text)
    return "".join(said)


def widgets_of(outputs):
    """The words for widgets in outputs: a stored notebook has them, or the picture, in the widget's place."""
    view = "application/vnd.jupyter.widget-view+json"
    return {"".join(one["data"]["text/plain"]) for one in outputs if view in one.get("data", {})}


def main(argv=None):
    from tools.lite.build import HTML

    parser = argparse.ArgumentParser(prog="python -m tools.lite.walk", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="notebooks, such as 04; all of them unless given")
    parser.add_argument("--html", type=Path, default=HTML, help="folder that python3 course.py lite has made")
    parser.add_argument("--write", action="store_true", help=f"keep the times in {RECORD.relative_to(ROOT)}")
    arguments = parser.parse_args(argv)
    if not (arguments.html / "lab" / "index.html").exists():
        parser.error("there are no pages yet: run python3 course.py lite first")
    names = [path.stem for path in sorted((arguments.html / "files").glob("*.ipynb"))
             if not arguments.names or path.stem.startswith(tuple(arguments.names))]
    wrong = 0
    with visiting(arguments.html) as (server, outside), chromium() as browser:
        for name in names:
            record, faults = walk(browser, server, outside, name)
            wrong += len(faults)
            print(f"{name}: {record}, {len(faults)} faults", *faults, sep="\n  ", flush=True)
            if arguments.write and not faults:
                keep(name, record, arguments.html)
    return int(wrong > 0)


def keep(name, record, html):
    """Write a notebook's record beside the others'."""
    lock = json.loads((html / "static" / "pyodide" / "pyodide-lock.json").read_text(encoding="utf-8"))
    kept = json.loads(RECORD.read_text(encoding="utf-8"))["notebooks"] if RECORD.exists() else {}
    kept[name] = {key: round(value, 1) if isinstance(value, float) else value for key, value in record.items()}
    kept = {name: kept[name] for name in sorted(kept)}
    what = (
        f"Each notebook in JupyterLite, on Pyodide {lock['info']['version']}, in a headless Chromium that can reach"
        " nothing else: opened for the first time, run from top to bottom, each widget driven once. Seconds until"
        " Python answers, for all cells, and for the slowest (the first one loads the packages)."
    )
    figures = {one: sentence(record) for one, record in kept.items()}
    write_record(RECORD.stem, what, figures, notebooks=kept)


def sentence(record):
    """A notebook's record in words."""
    same = "the same words as stored" if not record["differ"] else f"other words in cells {record['differ']}"
    return (f"ready in {record['ready']:.0f} s, {record['cells']} cells in {record['run']:.0f} s, the slowest"
            f" {record['slowest']:.0f} s; {record['widgets']} widgets; {record['megabytes']:.0f} MB; {same}")


if __name__ == "__main__":
    sys.exit(main())
