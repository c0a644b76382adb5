"""Build the whole course for a browser: JupyterLite with the notebooks, the library and its data inside.

``python3 course.py lite --pyodide PLACE`` calls it. The result stands in ``build/lite/html``; any static host
serves it, and whoever opens it installs nothing.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from pages.folders import emptied  # noqa: E402
from pages.safety import guarded  # noqa: E402
from tools.lite.packages import Pyodide, assemble  # noqa: E402

NOTEBOOKS = ROOT / "notebooks"
HTML = ROOT / "build" / "lite" / "html"
EPOCH = "315532800"  # 1980, where dates in a zip file begin: the same library gives the same wheel
STARTS = "0.27."  # the Pyodide that the kernel in lite.lock is made for
KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"
# JupyterLab compiles its settings' schemas, Pyodide links its WebAssembly by `eval`, and widgets are modules in memory.
ALSO_ALLOWED = {"script-src": "'unsafe-eval' blob:", "worker-src": "'self'", "manifest-src": "'self'"}
IN_A_BROWSER = (
    "**In this browser** Python runs inside the page, on one core and several times slower than on a computer of its"
    " own. Your changes stay in this browser: download the notebook to keep them."
)
DIFFERENT = {
    "08_training_lenet": ["A training takes its steps in turns with the page, which answers later meanwhile."],
    "11_real_networks": ["The search and the two trainings at the end run one after the other."],
    "12_finding_faces": ["The hunts take several minutes each."],
    "appendix_fast_convolution": ["The times are those of this page, so the ways may come in another order."],
    "exercises": ["`progress()` begins anew each time you open the page."],
}
SETTINGS = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}


def main(argv=None):
    parser = argparse.ArgumentParser(prog="course.py lite", description=__doc__.splitlines()[0])
    parser.add_argument("--pyodide", required=True, metavar="PLACE",
                        help="folder with an unpacked Pyodide 0.27, or the address of one; what the course needs of it"
                             " is copied, so that nobody asks there later")
    parser.add_argument("--environment", type=Path, default=Path(sys.prefix, "lite"),
                        help="environment with the packages of lite.lock")
    parser.add_argument("--to", type=Path, default=HTML, help="folder of the finished pages")
    arguments = parser.parse_args(argv)
    try:
        pyodide = Pyodide(arguments.pyodide)
        if not pyodide.version.startswith(STARTS):
            print(f"This JupyterLite starts Pyodide {STARTS}x. Pyodide {pyodide.version} may not work in it.")
        taken = build(pyodide, arguments.environment, arguments.to.resolve())
    except ValueError as error:
        sys.exit(str(error))
    size = sum(path.stat().st_size for path in arguments.to.rglob("*") if path.is_file())
    print(f"Pyodide {pyodide.version}; from this machine: {', '.join(taken)}")
    print(f"The course is ready, {size / 1e6:.0f} MB. See it with")
    print(f"  python3 -m http.server -b 127.0.0.1 -d {arguments.to}")
    print("and open http://127.0.0.1:8000/lab/index.html?path=00_start_here.ipynb")
    return 0


def build(pyodide, environment, html):
    """Write all pages into `html`; return the names of packages that Pyodide lacked."""
    emptied(html)
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        work, packages = scratch / "work", scratch / "pyodide"
        taken = assemble(pyodide, library(scratch), project()["dependencies"], packages,
                         [*site_packages(environment), sysconfig.get_path("purelib")])
        contents(scratch / "contents")
        write_settings(work)
        run_jupyterlite(environment, work, scratch / "contents", html)  # its task database stays in `scratch`
        shutil.move(packages, html / "static" / "pyodide")
    finish(html)
    return taken


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def site_packages(environment):
    """Where an environment keeps its packages."""
    places = [*environment.glob("lib/python*/site-packages"), environment / "Lib" / "site-packages"]
    found = [str(path) for path in places if path.is_dir()]
    if not found:
        raise ValueError(f"{environment} is no environment: python3 course.py lite makes it")
    return found


def library(folder):
    """Return a wheel of cnnlib with its data."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "wheel")]
    finished(command, "the library's wheel could not be built", cwd=ROOT, env=os.environ | {"SOURCE_DATE_EPOCH": EPOCH})
    wheel, = (folder / "wheel").glob("*.whl")
    return wheel


def contents(folder):
    """Copy the notebooks; each says under its title what is different in a browser."""
    folder.mkdir()
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        kind = "exercises" if path.stem.startswith("exercises") else path.stem
        notebook.cells[0].source += f"\n\n> {' '.join([IN_A_BROWSER, *DIFFERENT.get(kind, [])])}"
        nbformat.write(notebook, folder / path.name)


def write_settings(folder):
    """Write what JupyterLite reads of its own accord."""
    folder.mkdir()
    kernel = {"pyodideUrl": "./static/pyodide/pyodide.js", "disablePyPIFallback": True}
    config = {"appName": "CNN lecture", "litePluginSettings": {KERNEL: kernel}, "exposeAppInBrowser": True}
    written = {"jupyter-lite-schema-version": 0, "jupyter-config-data": config}
    (folder / "jupyter-lite.json").write_text(json.dumps(written), encoding="utf-8")
    (folder / "overrides.json").write_text(json.dumps(SETTINGS), encoding="utf-8")


def run_jupyterlite(environment, work, notebooks, html):
    """Let JupyterLite write its pages, without the maps of its sources and the applications that nobody opens."""
    python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    command = [str(python), "-m", "jupyterlite_core.app", "build", "--lite-dir", str(work), "--output-dir", str(html),
               "--contents", str(notebooks), "--apps", "lab", "--no-sourcemaps",
               "--no-unused-shared-packages"]
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "JUPYTER"))}
    finished(command, "JupyterLite could not build", cwd=work, env=variables)


def finished(command, otherwise, **options):
    """Run a command to its end; what it says is heard only if it fails."""
    ran = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if ran.returncode:
        raise ValueError(f"{otherwise}:\n{ran.stdout}")


def finish(html):
    """Give each page its policy, and drop what nobody reads."""
    for path in html.rglob("*.map"):
        path.unlink()
    for page in html.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        if (page.parent / "favicon.ico").exists():  # else a browser asks the host's root for one
            text = text.replace("<head>", '<head><link rel="icon" href="./favicon.ico">')
        page.write_text(guarded(text, ALSO_ALLOWED), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
