"""Every notebook is stored executed, with outputs that nbval can compare, in the house's layout.

nbval passes a notebook that was never run; so what it takes for granted is asserted here.
"""
import re
from pathlib import Path
from statistics import median

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

NOTEBOOKS = sorted((Path(__file__).resolve().parent.parent / "notebooks").glob("*.ipynb"))

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
OPENING = [r"you will do\b", r"you will learn\b", r"you need\b", r"about \d+ minutes\b"]
CLOSING = ["Summary", "Exercises", "Further reading"]
IMPORT = re.compile(r"^(?:from|import)\s", flags=re.M)
FORBIDDEN = {"an installation": r"^\s*[!%]\s*(?:pip|conda)\b", "sys.path": r"\bsys\.path\b",
             "a star import": r"^\s*from\s.*\simport\s+\*"}
MACHINE = {"a path of one machine": r"(?<![\w.])/(?:home|root|tmp|Users|usr|opt|var|mnt|work)/"
                                    r"|\b[A-Za-z]:\\\w|site-packages",
           "an address in memory": r"\bat 0x[0-9a-fA-F]+"}


def tags(cell):
    return cell.metadata.get("tags", [])


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def texts(output):
    """All text that an output stores, pictures aside."""
    yield output.get("text", "")
    yield output.get("evalue", "")
    yield from output.get("traceback", [])
    yield from (str(value) for mime, value in output.get("data", {}).items()
                if not re.match(r"image/(?!svg)", mime))


def storage_complaints(notebook):
    """What is missing from, or should not be in, the stored outputs."""
    cells = code_cells(notebook)
    if [cell.execution_count for cell in cells] != list(range(1, len(cells) + 1)):
        yield "execution counts are not 1 ... n: run it with course.py refresh"
    if not any(cell.outputs for cell in cells):
        yield "no outputs are stored"
    if notebook.metadata.get("kernelspec") != KERNEL:
        yield "kernelspec is not the usual one"
    if "widgets" in notebook.metadata:
        yield "widget state is stored"
    for number, cell in enumerate(cells, 1):
        raised = any(output.output_type == "error" for output in cell.outputs)
        if raised != ("raises-exception" in tags(cell)):
            yield f"cell {number}: error and raises-exception do not go together"
        for output in cell.outputs:
            if any("widget-view" in mime for mime in output.get("data", {})):
                yield f"cell {number}: a live widget is stored without its picture"
            for what, pattern in MACHINE.items():
                if any(re.search(pattern, text) for text in texts(output)):
                    yield f"cell {number}: {what} in the output"


def layout_complaints(notebook):
    """Where the notebook leaves the layout that all of them share."""
    cells = code_cells(notebook)
    first = notebook.cells[0] if notebook.cells else new_code_cell()
    if first.cell_type != "markdown" or not first.source.startswith("# "):
        yield "the first cell is no title"
    start = notebook.cells.index(cells[0]) if cells else len(notebook.cells)
    opening = "\n".join(cell.source for cell in notebook.cells[:start])
    for pattern in OPENING:
        if not re.search(pattern, re.sub(r"[*_]", "", opening), flags=re.I):
            yield f"the opening does not say {pattern!r}"
    headings = re.findall(r"^##+ +(.*?)\s*$", "\n".join(
        cell.source for cell in notebook.cells if cell.cell_type == "markdown"), flags=re.M)
    if [heading for heading in headings if heading in CLOSING] != CLOSING:
        yield f"it does not close with {', '.join(CLOSING)}"

    lengths = [len(cell.source.splitlines()) for cell in cells]
    if lengths and median(lengths) > 6:
        yield f"code cells have a median of {median(lengths)} lines"
    if max(lengths, default=0) > 20:
        yield f"a code cell has {max(lengths)} lines"
    if sum("nbval-ignore-output" in tags(cell) for cell in cells) > 3:
        yield "more than 3 cells are kept from comparison"
    if any("nbval-skip" in tags(cell) for cell in cells):
        yield "a cell is not run"

    importing = [cell for cell in cells if IMPORT.search(cell.source)]
    if len(importing) != 1 or importing[0] not in cells[:2]:
        yield "it needs one import cell, near the top"
    elif not re.search(r"^rng = np\.random\.default_rng\(\w", importing[0].source, flags=re.M):
        yield "the import cell makes no seeded rng"
    for what, pattern in FORBIDDEN.items():
        if any(re.search(pattern, cell.source, flags=re.M) for cell in cells):
            yield f"there is {what}"


# The exercises are written from cnnlib.exercises; tests/test_exercise_notebooks.py holds their layout.
CASES = [(path, complaints) for path in NOTEBOOKS for complaints in (storage_complaints, layout_complaints)
         if complaints is storage_complaints or not path.stem.startswith("exercises_")]


@pytest.mark.parametrize("path, complaints", CASES, ids=lambda value: getattr(value, "stem", None) or value.__name__)
def test_notebook(path, complaints):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert not list(complaints(notebook))


# The guard itself: a good notebook, and one fault at a time.

def good():
    def code(source, count, *outputs, **metadata):
        return new_code_cell(source, execution_count=count, outputs=list(outputs),
                             metadata=metadata)

    opening = ("**You will do** a sum. **You will learn** to add. **You need** fingers. "
               "About 5 minutes.")
    return new_notebook(metadata={"kernelspec": dict(KERNEL)}, cells=[
        new_markdown_cell("# Add two numbers\n\n" + opening),
        code("import numpy as np\nrng = np.random.default_rng(0)", 1),
        code("1 + 1", 2, new_output("execute_result", {"text/plain": "2"}, execution_count=2)),
        code("1 / 0", 3, new_output("error", ename="ZeroDivisionError", evalue="division by zero",
                                    traceback=["ZeroDivisionError"]), tags=["raises-exception"]),
        new_markdown_cell("## Summary\n\nIt was 2.\n\n## Exercises"),
        new_markdown_cell("## Further reading"),
    ])


TITLE, IMPORTS, SUM, ERROR, CLOSE = range(5)


def data(notebook):
    return notebook.cells[SUM].outputs[0].data


STORAGE_FAULTS = {
    "count missing": lambda nb: nb.cells[SUM].update(execution_count=None),
    "count wrong": lambda nb: nb.cells[ERROR].update(execution_count=7),
    "no outputs": lambda nb: [c.update(outputs=[], metadata={}) for c in code_cells(nb)],
    "error untagged": lambda nb: nb.cells[ERROR].metadata.clear(),
    "error gone": lambda nb: nb.cells[ERROR].outputs.clear(),
    "kernel": lambda nb: nb.metadata.kernelspec.update(name="cnn"),
    "kernel missing": lambda nb: nb.metadata.clear(),
    "widget state": lambda nb: nb.metadata.update(widgets={}),
    "live widget": lambda nb: data(nb).update({"application/vnd.jupyter.widget-view+json": {}}),
    "address": lambda nb: data(nb).update({"text/plain": "<Axes object at 0x7f3c>"}),
    "path in text": lambda nb: data(nb).update({"text/plain": "PosixPath('/home/me/x')"}),
    "path in html": lambda nb: data(nb).update({"text/html": "<p>C:\\Users\\me</p>"}),
    "path in traceback": lambda nb: nb.cells[ERROR].outputs[0].traceback.append("/usr/lib/x.py"),
    "path in stream": lambda nb: nb.cells[SUM].outputs.append(
        new_output("stream", text="saved to /tmp/x\n")),
}

LAYOUT_FAULTS = {
    "no title": lambda nb: nb.cells.pop(TITLE),
    "smaller title": lambda nb: nb.cells[TITLE].update(source="#" + nb.cells[TITLE].source),
    "no duration": lambda nb: nb.cells[TITLE].update(
        source=nb.cells[TITLE].source.replace("5 minutes", "a while")),
    "no summary": lambda nb: nb.cells[CLOSE].update(source="## Exercises"),
    "closing out of order": lambda nb: nb.cells.append(nb.cells.pop(CLOSE)),
    "long cells": lambda nb: [c.update(source=c.source + "\n#" * 7) for c in code_cells(nb)],
    "one long cell": lambda nb: nb.cells[SUM].update(source="1 + 1\n" * 21),
    "uncompared cells": lambda nb: nb.cells.extend(
        new_code_cell("1", metadata={"tags": ["nbval-ignore-output"]}) for _ in range(4)),
    "skipped cell": lambda nb: nb.cells[SUM].metadata.update(tags=["nbval-skip"]),
    "second import": lambda nb: nb.cells[SUM].update(source="import os"),
    "late import": lambda nb: nb.cells.append(nb.cells.pop(IMPORTS)),
    "no imports": lambda nb: nb.cells.pop(IMPORTS),
    "no rng": lambda nb: nb.cells[IMPORTS].update(source="import numpy as np"),
    "no seed": lambda nb: nb.cells[IMPORTS].update(
        source="import numpy as np\nrng = np.random.default_rng()"),
    "install": lambda nb: nb.cells[SUM].update(source="!pip install x"),
    "magic install": lambda nb: nb.cells[SUM].update(source="%pip install x"),
    "sys.path": lambda nb: nb.cells[SUM].update(source="sys.path.append('..')"),
    "star import": lambda nb: nb.cells[IMPORTS].update(
        source=nb.cells[IMPORTS].source + "\nfrom cnnlib import *"),
}


def test_good_notebook_passes():
    assert not list(storage_complaints(good())) and not list(layout_complaints(good()))


@pytest.mark.parametrize("fault", STORAGE_FAULTS)
def test_storage_fault_is_seen(fault):
    notebook = good()
    STORAGE_FAULTS[fault](notebook)
    assert list(storage_complaints(notebook))


@pytest.mark.parametrize("fault", LAYOUT_FAULTS)
def test_layout_fault_is_seen(fault):
    notebook = good()
    LAYOUT_FAULTS[fault](notebook)
    assert len(list(layout_complaints(notebook))) >= 1
