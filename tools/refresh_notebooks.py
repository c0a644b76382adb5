"""Execute notebooks in place and store what a reader should see, the same bytes each time.

Called by ``python3 course.py refresh [NAME ...]``; a name is a notebook's file, its stem or
the beginning of it, such as ``08``.
"""
import os
import sys
from itertools import groupby
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbval.plugin import coalesce_streams

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from pages.live import shows_widgets  # noqa: E402
from tools import portraits  # noqa: E402

NOTEBOOKS = ROOT / "notebooks"
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
WIDGET = "application/vnd.jupyter.widget-view+json"
# One transparent pixel. In place of a collapsed output JupyterLab shows the first line of its first text,
# which may be what a prediction asks for; of a picture it shows nothing. nbval does not compare pictures.
VEIL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNgYAAAAAMAASsJTYQAAAAASUVORK5CYII="


def strip(notebook):
    """Drop what changes from run to run or from machine to machine; keep outputs and counts."""
    notebook.metadata.kernelspec = dict(KERNEL)
    notebook.metadata.get("language_info", {}).pop("version", None)
    for key in ("widgets", "signature"):
        notebook.metadata.pop(key, None)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = strip_outputs(cell.outputs)
            if cell.outputs and cell.metadata.get("jupyter", {}).get("outputs_hidden"):
                cell.outputs.insert(0, nbformat.v4.new_output("display_data", {"image/png": VEIL}))
    return notebook


def strip_outputs(outputs):
    """Streams as read, widgets as their pictures, errors without the frames' paths."""
    kept = []
    for _, run in groupby(outputs, key=lambda output: output.get("name", id(output))):
        kept += coalesce_streams(list(run))  # nbval's own: the comparison stays in step
    for output in kept:
        data = output.get("data", {})
        if len(data) > 1:  # a widget with no picture beside it stays, for the tests to report
            data.pop(WIDGET, None)
        if output.output_type == "error":
            output.traceback = output.traceback[-1:]
    return kept


def refresh(path):
    """Execute one notebook; the file changes only if every cell did what it should."""
    notebook = nbformat.read(path, as_version=4)
    # What whoever refreshes has solved is nobody's business: `progress()` finds nothing there.
    os.environ["CNNLIB_PROGRESS"] = str(path.with_name("no-such-folder") / "progress.json")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    tells = any(shows_widgets(cell.source) for cell in notebook.cells if cell.cell_type == "code")
    NotebookClient(notebook, timeout=600, kernel_name="python3", record_timing=False, store_widget_state=False,
                   extra_arguments=[f"--IPKernelApp.exec_lines={portraits.START}"] if tells else [],
                   resources={"metadata": {"path": str(path.parent)}}).execute()
    portraits.replace_pictures(notebook)
    strip(notebook)
    nbformat.validate(notebook)
    new = path.with_suffix(".ipynb.new")
    new.write_text(nbformat.writes(notebook).rstrip("\n") + "\n", encoding="utf-8", newline="\n")
    os.replace(new, path)


def find(names):
    """The notebooks that the names mean; all of them when there are none."""
    every = sorted(NOTEBOOKS.glob("*.ipynb"))
    if not names:
        return every
    found = []
    for name in names:
        matching = [path for path in every if path.stem.startswith(Path(name).stem)]
        if not matching:
            sys.exit(f"No notebook called {name!r}. There are: "
                     + (", ".join(path.stem for path in every) or "none"))
        found += matching
    return found


def main(names):
    for path in find(names):
        print(f"{path.name} ...", flush=True)
        try:
            refresh(path)
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            sys.exit(f"{error}\n{path.name} is left as it was.")


if __name__ == "__main__":
    main(sys.argv[1:])
