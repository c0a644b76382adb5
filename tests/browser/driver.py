"""A Jupyter server and a real browser, driven from Python: for the browser tests and benchmarks.

Nothing here knows pytest. A `Server` runs in folders of its own, so that neither the settings nor
the open notebooks of whoever runs it are seen or changed.

Nothing here waits for a time to pass: each wait is for something to be true, which driver.js knows
to ask of the page. `Notebook.python` lets the page's messages arrive before it asks, the gestures
aim when the layout is at rest, and each step of them is painted before the next. `PATIENCE` ends
what would wait for ever; it is never what a test measures.
"""

import ast
import functools
import json
import math
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
from playwright.sync_api import Locator, Page

from course import START

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--use-fake-device-for-media-stream",  # a camera, for the pages that are given leave to use it
]
FRONTS = {"lab": "lab/tree", "notebook": "notebooks"}
PATIENCE = 60  # seconds after which something hangs, on a machine however busy
STRIDE = 16  # pixels that a pointer travels between two frames
SCRIPT = (Path(__file__).parent / "driver.js").read_text(encoding="utf-8")


class Server:
    """What ``course.py lab`` starts, on a free port: it serves Notebook 7 as well; a context manager."""

    def __init__(self, scratch):
        self.root, self.settings = scratch / "notebooks", scratch / "settings"
        self.root.mkdir(parents=True, exist_ok=True)
        self._log = (scratch / "server.log").open("w+", encoding="utf-8")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._write_setting("notification", {"fetchNews": "false", "checkForUpdates": False})
        own = {
            name: str(scratch / name.lower())
            for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "CNNLIB_PROGRESS",
                         "JUPYTERLAB_WORKSPACES_DIR")
        }
        # The kernels import the library that lies beside these tests, whatever is installed.
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        self._process = subprocess.Popen(
            [
                sys.executable, "-c", START, "--no-browser", "--allow-root", f"--port={port}",
                "--ServerApp.port_retries=0", f"--ServerApp.root_dir={self.root}",
                "--IdentityProvider.token=", "--ServerApp.password=",
                "--LabApp.expose_app_in_browser=True", "--JupyterNotebookApp.expose_app_in_browser=True",
            ],
            env=os.environ | own | {"JUPYTERLAB_SETTINGS_DIR": str(self.settings), "PYTHONPATH": path},
            stdout=self._log, stderr=subprocess.STDOUT,
        )

    def __enter__(self):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                urllib.request.urlopen(f"{self.url}/api/status", timeout=5).close()
                return self
            except OSError:
                time.sleep(0.05)
        self.__exit__()
        raise RuntimeError(f"Jupyter did not start:\n{self.log()}")

    def __exit__(self, *_):
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def pid(self):
        """The server's process."""
        return self._process.pid

    def log(self):
        """Return what the server has said."""
        self._log.seek(0)
        return self._log.read()

    def theme(self, name):
        """Let pages that are opened from now on be "light" or "dark"."""
        self._write_setting("themes", {"theme": f"JupyterLab {name.title()}"})

    def _write_setting(self, plugin, values):
        file = self.settings / "@jupyterlab" / "apputils-extension" / f"{plugin}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values), encoding="utf-8")

    def write(self, name, *cells):
        """Write a scratch notebook of code `cells` and return its path below the root."""
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
        notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, self.root / name)
        return name


GESTURES = {
    Locator: ["check", "click", "fill", "focus", "hover", "press", "select_option", "set_input_files", "tap", "uncheck"],
    Page: ["check", "click", "fill", "press", "tap"],
}


def painted_gestures():
    """Let each gesture of Playwright's own end when what it has changed is painted, as those of `Notebook` do.

    A widget takes a gesture at once and draws in the next frame: whoever asks the page before that
    frame gets the answer of a moment ago. So that no test can ask too early, it is done here for all.
    """
    for kind, names in GESTURES.items():
        for name in names:
            setattr(kind, name, painted_after(getattr(kind, name)))


def painted_after(gesture):
    @functools.wraps(gesture)
    def then_painted(self, *args, **options):
        result = gesture(self, *args, **options)
        page = self.page if isinstance(self, Locator) else self
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        return result

    return then_painted


class Spot(NamedTuple):
    """A place on an element, in shares of its box: (0.5, 0.5) is its middle; beyond 0 to 1 it lies outside."""

    locator: Any
    x: float = 0.5
    y: float = 0.5

    @classmethod
    def on(cls, place):
        return place if isinstance(place, cls) else cls(place)

    def aim(self, press=False):
        """Return where the spot lies in the page, once nothing moves; to `press` there, nothing may lie over it."""
        self.locator.scroll_into_view_if_needed()
        return tuple(self.locator.evaluate("(element, [x, y, press]) => driver.aim(element, x, y, press)", [self.x, self.y, press]))


class Notebook:
    """One notebook, open in a page of JupyterLab ("lab") or Notebook 7 ("notebook").

    The page may have JupyterLab open already; then the notebook opens in it, in a tab.
    """

    def __init__(self, page, server, path, front="lab"):
        self.page, self.front, self.problems = page, front, []
        self._ears = {"console": self._hear, "pageerror": lambda error: self.problems.append(error.stack or str(error))}
        for event, ear in self._ears.items():
            page.on(event, ear)
        self._mouse, self._cdp = None, None
        path = Path(path).as_posix()
        if page.url.startswith(server.url):
            page.evaluate("(path) => driver.open(path)", path)
        else:
            page.set_default_timeout(1000 * PATIENCE)
            page.add_init_script(f"window.PATIENCE = {PATIENCE};\n{SCRIPT}")
            page.goto(f"{server.url}/{FRONTS[front]}/{path}{'?reset' if front == 'lab' else ''}")
        # Only a kernel that has answered once takes "run all" without asking which one to use.
        page.wait_for_function("(path) => window.driver.ready(path)", arg=path)
        self.problems.clear()  # what the page itself complains about while it loads is not ours

    def close(self):
        """Stop the kernel and close the notebook, but not its page."""
        self.page.evaluate("() => driver.close()")
        for event, ear in self._ears.items():
            self.page.remove_listener(event, ear)

    def _hear(self, message):
        # Jupyter remembers static files by their bare name: asked for the fonts of Lab and of
        # Notebook 7 by turns, one server refuses (403) those that it has first given the other.
        if message.type == "error" and "/static/" not in message.location["url"]:
            self.problems.append(message.text)

    # What is true --------------------------------------------------------------------------------

    def run_all(self, rest=True):
        """Run each cell and return once all have ended and nothing moves, unless it may; raise if a cell failed."""
        done = self.page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
        if done is False:
            raise RuntimeError(f"a cell failed:\n{self.page.locator('.jp-OutputArea').all_inner_texts()}")
        self.page.evaluate("() => driver.drawn()")
        if rest:
            self.rest()
        self.agree()

    def agree(self):
        """Wait until Python has all that the hand has changed, and the page has painted all that it has from Python."""
        self.page.evaluate("() => driver.agree()")

    def rest(self):
        """Wait until fonts are there and nothing in the widgets moves, changes or scrolls."""
        self.page.evaluate("() => driver.rest()")

    def sight(self, locator):
        """Bring an element into sight and return its locator: Jupyter draws what is far below only then."""
        locator.scroll_into_view_if_needed()
        self.page.evaluate("() => driver.drawn()")
        self.rest()
        return locator

    def painted(self):
        """Wait until what is asked for now is painted."""
        self.page.evaluate("() => driver.painted()")

    def python(self, expression):
        """Return the value of a Python expression in the notebook's kernel, as JSON brings it over.

        Assignments too: what is no expression is executed, and gives None. What the hand has done
        before has reached the kernel by then, and what the kernel answers is painted when this returns.
        """
        try:
            ast.parse(expression, mode="eval")
            code, asked = "", {"value": f"__import__('json').dumps(({expression}))"}
        except SyntaxError:
            code, asked = expression, {}
        reply = self.page.evaluate("([code, asked]) => driver.execute(code, asked)", [code, asked])
        answer = reply.get("user_expressions", {}).get("value", reply)
        if answer["status"] != "ok":
            raise RuntimeError(f"{expression}: {answer['ename']}: {answer['evalue']}")
        return json.loads(ast.literal_eval(answer["data"]["text/plain"])) if asked else None

    def wait_python(self, expression, expected, timeout=PATIENCE):
        """Wait until `expression` equals `expected` in the kernel; the last value is returned either way.

        For what takes its time there: a training, a clock. What the hand has done is known at once.
        """
        deadline = time.monotonic() + timeout
        while (value := self.python(expression)) != expected and time.monotonic() < deadline:
            pass
        return value

    def outlast(self, milliseconds):
        """Wait until a timer of the page that is set now has gone off: one set before, for less, has done so by then."""
        self.page.evaluate("(time) => new Promise((done) => setTimeout(done, time))", milliseconds)

    # The hand ------------------------------------------------------------------------------------

    def park(self):
        """Take the mouse away from all widgets."""
        self._move((1, 1))

    def point(self, place):
        """Put the mouse at a spot at once, as a hand does that is quicker than a frame."""
        self._move(Spot.on(place).aim())

    def travel(self, *places):
        """Move the mouse over what lies between to one spot after the other; return where it has been."""
        return self._travel([Spot.on(place).aim() for place in places])

    def click(self, place, clicks=1):
        """Click, or double-click, at a spot."""
        self._move(Spot.on(place).aim(press=True))
        self.page.mouse.click(*self._mouse, click_count=clicks)
        self.painted()

    def drag(self, start, *stops):
        """Press at a spot and travel to the others; all of them are measured before the hand moves."""
        first, *path = [Spot.on(place).aim(press=place is start) for place in (start, *stops)]
        self._move(first)
        self.page.mouse.down()
        self._travel(path)
        self.page.mouse.up()
        self.painted()

    def tap(self, place):
        """Touch a spot with a finger."""
        self.page.touchscreen.tap(*Spot.on(place).aim(press=True))
        self.painted()

    def swipe(self, start, *stops):
        """Put a finger on a spot and travel to the others."""
        first, *path = [Spot.on(place).aim(press=place is start) for place in (start, *stops)]
        self._cdp = self._cdp or self.page.context.new_cdp_session(self.page)
        for kind, point in [("touchStart", first), *(("touchMove", point) for point in way(first, path)), ("touchEnd", None)]:
            points = [dict(zip("xy", point))] if point else []
            self._cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
            self.painted()

    def keys(self, *names, on=None):
        """Press one key after the other, each painted before the next; the first with the focus `on` an element."""
        if on is not None:
            on.focus()
        for name in names:
            self.page.keyboard.press(name)
            self.painted()

    def type(self, text):
        """Type into what has the focus."""
        self.page.keyboard.type(text)
        self.painted()

    def _move(self, point):
        self.page.mouse.move(*point)
        self._mouse = point
        self.painted()

    def _travel(self, path):
        been = way(self._mouse or path[0], path)
        for point in been:
            self._move(point)
        return been


def way(start, path, stride=STRIDE):
    """Return the points from `start` along `path`, none farther than `stride` pixels from the one before."""
    points = []
    for (x, y), (to_x, to_y) in zip([start, *path], path):
        steps = max(1, math.ceil(math.hypot(to_x - x, to_y - y) / stride))
        points += [(x + (to_x - x) * k / steps, y + (to_y - y) * k / steps) for k in range(1, steps + 1)]
    return points


def latency(page, event, acts):
    """Return milliseconds from each event to the end of the frame that it was painted in.

    Parameters
    ----------
    page : playwright.sync_api.Page
    event : str
        DOM event to time, such as ``"pointermove"`` or ``"keydown"``.
    acts : iterable of callable
        Each makes at least one such event; the first event of each is timed.

    Returns
    -------
    list of float
    """
    page.evaluate(
        """(name) => {
            window.latencies = [];
            let armed = true;
            window.armLatency = () => { armed = true; };
            addEventListener(name, (event) => {
                if (!armed) return;
                armed = false;
                // A message that is posted from an animation frame arrives once that frame is painted.
                requestAnimationFrame(() => {
                    const { port1, port2 } = new MessageChannel();
                    port1.onmessage = () => window.latencies.push(performance.now() - event.timeStamp);
                    port2.postMessage(null);
                });
            }, { capture: true });
        }""",
        event,
    )
    for number, act in enumerate(acts, start=1):
        page.evaluate("() => window.armLatency()")
        act()
        page.wait_for_function(f"() => window.latencies.length >= {number}")
    return page.evaluate("() => window.latencies")


def answers(page, focus, keys, events):
    """Return milliseconds from each key to the painted answer of Python, in the first widget's line of text.

    Parameters
    ----------
    page : playwright.sync_api.Page
    focus : str
        Selector of what hears the keys.
    keys : str
        A key each, pressed in turn; each must lead to another answer than the one before.
    events : int

    Returns
    -------
    list of float
    """
    return page.evaluate(
        """async ([focus, keys, events]) => {
            const [heard, says, times] = [document.querySelector(focus), document.querySelector(".cnn-says"), []];
            for (let i = 0; i < events; i += 1) {
                const written = new Promise((done) => {
                    const observer = new MutationObserver(() => { observer.disconnect(); done(); });
                    observer.observe(says, { childList: true, characterData: true, subtree: true });
                });
                const start = performance.now();
                heard.dispatchEvent(new KeyboardEvent("keydown", { key: keys[i % keys.length], bubbles: true, cancelable: true }));
                await written;
                await new Promise((done) => { const { port1, port2 } = new MessageChannel(); port1.onmessage = done; port2.postMessage(0); });
                times.push(performance.now() - start);
                await new Promise((done) => setTimeout(done, 40));
            }
            return times;
        }""",
        [focus, keys, events],
    )


def to_fixed(value, digits):
    """Return a number as JavaScript's toFixed writes it: 81.25 becomes 81.3, where Python's own becomes 81.2."""
    return str(Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def summary(milliseconds):
    """Return median and 95th percentile as text."""
    ordered = sorted(milliseconds)
    return f"median {statistics.median(ordered):.1f} ms, 95 % {ordered[int(0.95 * (len(ordered) - 1))]:.1f} ms"
