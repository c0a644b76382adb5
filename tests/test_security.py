"""What keeps a class safe: a server for this machine only, files with hashes, nothing fetched, nothing unpickled."""
import ast
import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import nbformat
import pytest

import course

ROOT = Path(__file__).resolve().parent.parent
# Opens a network connection, or runs what a file or a person says.
NETWORK = {"aiohttp", "ftplib", "http", "httpx", "pooch", "requests", "smtplib", "socket", "urllib", "urllib3"}
UNSAFE = {"pickle", "cloudpickle", "dill", "marshal", "shelve"}
CALLS = {"eval", "exec", "compile", "__import__"}
METHODS = {"system", "popen"}
# A wrong program of an exercise is an edit of the solution that stands in the same module.
OWN_SOURCE = {"_exercise": {"exec", "compile"}}
SCRIPT = re.compile(r"\b(fetch|XMLHttpRequest|WebSocket|EventSource|sendBeacon|innerHTML|outerHTML|insertAdjacentHTML"
                    r"|document\.write|eval|new Function)\b|\bimport\(|https?://(?!www\.w3\.org/)")
# What the kernel has sent beside it, as anywidget itself would.
OWN_MODULE = {"loader": {"import("}}
STYLE = re.compile(r"@import|url\(|expression\(")


def found(source):
    """The names of what Python code imports or calls that a lecture must not."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from {alias.name.split(".")[0] for alias in node.names} & (NETWORK | UNSAFE)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from {node.module.split(".")[0]} & (NETWORK | UNSAFE)
        elif isinstance(node, ast.Call):
            yield from {getattr(node.func, "id", None)} & CALLS
            yield from {getattr(node.func, "attr", None)} & METHODS
            yield from {keyword.arg for keyword in node.keywords
                        if keyword.arg == "allow_pickle" and getattr(keyword.value, "value", True) is not False}


def without_comments(script):
    return re.sub(r"/\*.*?\*/|(?<![:\"'])//[^\n]*", "", script, flags=re.DOTALL)


@pytest.mark.parametrize("path", sorted((ROOT / "cnnlib").rglob("*.py")), ids=lambda path: path.stem)
def test_library_opens_no_connection_and_runs_no_text(path):
    assert set(found(path.read_text(encoding="utf-8"))) == OWN_SOURCE.get(path.stem, set())


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_notebooks_open_no_connection_and_run_no_text(path):
    cells = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert not re.search(r"^\s*[!%]", "\n".join(cells), flags=re.MULTILINE)  # a shell, a magic
    assert not set(found("\n".join(cells)))


@pytest.mark.parametrize("path", sorted((ROOT / "cnnlib").rglob("*.js")), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_scripts_fetch_nothing_and_read_no_text_as_html(path):
    assert {match[0] for match in SCRIPT.finditer(without_comments(path.read_text(encoding="utf-8")))} == OWN_MODULE.get(path.stem, set())


@pytest.mark.parametrize("path", sorted((ROOT / "cnnlib").rglob("*.css")), ids=lambda path: path.parent.name)
def test_styles_load_nothing(path):
    assert not STYLE.search(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("source", [
    "import urllib.request", "from requests import get", "import pickle", "eval('1')", "import os; os.system('ls')",
    "np.load(path, allow_pickle=True)", "np.load(path, allow_pickle=wish)",
])
def test_planted_python_is_found(source):
    assert list(found(source))


@pytest.mark.parametrize("source", ["model.eval()", "np.load(path, allow_pickle=False)", "re.compile('a')"])
def test_innocent_python_is_let_through(source):
    assert not list(found(source))


@pytest.mark.parametrize("source", [
    "fetch('data.json')", "box.innerHTML = name", "import('./a.js')", "const at = 'https://cdn.example/a.js'",
])
def test_planted_script_is_found(source):
    assert SCRIPT.search(without_comments(source))
    assert not SCRIPT.search(without_comments("/* " + source + " */ // " + source))


# The server ----------------------------------------------------------------------------------------

def listening(folder):
    """What is written in the folder about a server that takes calls: it writes before it listens."""
    with contextlib.suppress(StopIteration, json.JSONDecodeError, ConnectionRefusedError):
        note = json.loads(next(folder.glob("jpserver-*.json")).read_text(encoding="utf-8"))
        socket.create_connection(("127.0.0.1", note["port"])).close()
        return note
    return None


@pytest.fixture
def server(tmp_path):
    """What JupyterLab writes about the server that `course.py lab` has started."""
    own = {name: str(tmp_path / name.lower()) for name in
           ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "JUPYTERLAB_SETTINGS_DIR")}
    start = ("import course, pathlib, sys; course.PYTHON = pathlib.Path(sys.executable);"
             "course.lab('--no-browser', '--allow-root', '--port=0')")
    process = subprocess.Popen([sys.executable, "-c", start], cwd=ROOT, env=os.environ | own | {"JUPYTER_TOKEN": ""},
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not (note := listening(tmp_path / "jupyter_runtime_dir")):
            assert process.poll() is None, "JupyterLab has ended"
            time.sleep(0.1)
        yield note
    finally:
        process.terminate()
        process.wait()


def status(url, **headers):
    try:
        return urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=60).status
    except urllib.error.HTTPError as error:
        return error.code


def test_server_answers_this_machine_only_and_only_with_the_token(server):
    assert server["hostname"] in ("localhost", "127.0.0.1", "::1")
    assert len(server["token"]) >= 32 and not server["password"]
    contents = f"http://127.0.0.1:{server['port']}/api/contents"
    assert status(contents, Authorization=f"token {server['token']}") == 200
    assert status(contents) == 403
    assert status(contents, Authorization="token guessed") == 403
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        with contextlib.suppress(OSError):
            probe.connect(("192.0.2.1", 9))  # sends nothing: asks which address would be used
        address = probe.getsockname()[0]
    if not address.startswith(("127.", "0.")):
        with pytest.raises(OSError):
            socket.create_connection((address, server["port"]), timeout=10).close()


# The set-up ----------------------------------------------------------------------------------------

def test_only_hashed_wheels_are_installed(monkeypatch):
    """Nothing that was tampered with, and no package's own script."""
    commands = []
    monkeypatch.setattr(course, "ask", lambda command, *args, **options: (commands.append(command) or 0, ["v99.0"]))
    course.install(None)
    assert {"--require-hashes", "--only-binary=:all:"} <= set(commands[0])


@pytest.mark.skipif(not shutil.which("node") or not shutil.which("npm"), reason="no Node.js")
def test_npm_installs_what_is_locked_and_runs_no_script_of_a_package(monkeypatch, tmp_path):
    commands = []
    monkeypatch.setattr(course, "ask", lambda command, *args, **options: (commands.append(command) or 0, ["v99.0"]))
    monkeypatch.setattr(course, "TOOLS", tmp_path)
    course.find_node()
    assert commands[-1][1:3] == ["ci", "--ignore-scripts"]
