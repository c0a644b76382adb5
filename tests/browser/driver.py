"""A Jupyter server and a real browser, driven from Python: for the browser tests and benchmarks.

Nothing here knows pytest. A `Server` runs in folders of its own, so that neither the settings nor
the open notebooks of whoever runs it are seen or changed.
"""

import ast
import json
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import nbformat

CHROMIUM_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]
FRONTS = {"lab": "lab/tree", "notebook": "notebooks"}


class Server:
    """``jupyter lab`` on a free port, which serves Notebook 7 as well; a context manager."""

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
            for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR",
                         "JUPYTERLAB_WORKSPACES_DIR")
        }
        self._process = subprocess.Popen(
            [
                sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}",
                "--ServerApp.port_retries=0", f"--ServerApp.root_dir={self.root}",
                "--IdentityProvider.token=", "--ServerApp.password=",
                "--LabApp.expose_app_in_browser=True", "--JupyterNotebookApp.expose_app_in_browser=True",
            ],
            env=os.environ | own | {"JUPYTERLAB_SETTINGS_DIR": str(self.settings)},
            stdout=self._log, stderr=subprocess.STDOUT,
        )

    def __enter__(self):
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                urllib.request.urlopen(f"{self.url}/api/status", timeout=5).close()
                return self
            except OSError:
                time.sleep(0.2)
        self.__exit__()
        raise RuntimeError(f"Jupyter did not start:\n{self.log()}")

    def __exit__(self, *_):
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

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


class Notebook:
    """One notebook, open in a page of JupyterLab ("lab") or Notebook 7 ("notebook")."""

    def __init__(self, page, server, path, front="lab"):
        self.page, self.front, self.problems = page, front, []
        page.set_default_timeout(15_000)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        reset = "?reset" if front == "lab" else ""
        page.goto(f"{server.url}/{FRONTS[front]}/{Path(path).as_posix()}{reset}")
        # Only a kernel that has answered once takes "run all" without asking which one to use.
        page.wait_for_function(
            "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'",
            timeout=90_000,
        )
        self.problems.clear()  # what the page itself complains about while it loads is not ours

    def _hear(self, message):
        # Jupyter remembers static files by their bare name: asked for the fonts of Lab and of
        # Notebook 7 by turns, one server refuses (403) those that it has first given the other.
        if message.type == "error" and "/static/" not in message.location["url"]:
            self.problems.append(message.text)

    def run_all(self):
        """Run each cell and return once all have ended; raise if a cell failed."""
        done = self.page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
        if done is False:
            raise RuntimeError(f"a cell failed:\n{self.page.locator('.jp-OutputArea').all_inner_texts()}")

    def python(self, expression):
        """Return the value of a Python expression in the notebook's kernel, as JSON brings it over.

        Assignments too: what is no expression is executed, and gives None.
        """
        try:
            ast.parse(expression, mode="eval")
            code, asked = "", {"value": f"__import__('json').dumps(({expression}))"}
        except SyntaxError:
            code, asked = expression, {}
        reply = self.page.evaluate(
            """async ([code, asked]) => {
                const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
                const future = kernel.requestExecute({ code, user_expressions: asked, store_history: false });
                return (await future.done).content;
            }""",
            [code, asked],
        )
        answer = reply.get("user_expressions", {}).get("value", reply)
        if answer["status"] != "ok":
            raise RuntimeError(f"{expression}: {answer['ename']}: {answer['evalue']}")
        return json.loads(ast.literal_eval(answer["data"]["text/plain"])) if asked else None

    def wait_python(self, expression, expected, timeout=10):
        """Wait until `expression` equals `expected` in the kernel; the last value is returned either way."""
        deadline = time.monotonic() + timeout
        while (value := self.python(expression)) != expected and time.monotonic() < deadline:
            self.page.wait_for_timeout(30)
        return value


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
