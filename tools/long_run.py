"""Run a lecture's experiments at full length and store what they found.

``python tools/long_run.py 09`` executes the lecture's own cells, with each constant at the value
that its comment gives, as in ``SEEDS = 3  # long run: 20``. It leaves out the cells that are tagged
``stored``, which compare with an earlier long run, and writes the dict ``record`` that the lecture
has filled to ``data/long_runs/09_….json``, with the date and the kind of machine. The notebook is
not changed: refresh it afterwards.
"""

import datetime
import json
import os
import platform
import re
import sys
import time
from pathlib import Path

import nbformat
import numpy
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

ROOT = Path(__file__).resolve().parent.parent
LONG = re.compile(r"^(\w+ = ).*?(\s*# long run: )(.+?)\s*$", flags=re.MULTILINE)
TELL = "import json as _json; print(_json.dumps(record))"


def lengthen(notebook):
    """Give each constant its long value, drop what shows a stored run; return what was changed."""
    constants = {}
    notebook.cells = [cell for cell in notebook.cells if "stored" not in cell.metadata.get("tags", [])]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            constants |= {name.rstrip(" ="): value for name, _, value in LONG.findall(cell.source)}
            cell.source = LONG.sub(r"\g<1>\g<3>", cell.source)
    return constants


def circumstances(seconds):
    """When and on what a run was made: the kind of machine, and nothing that names it."""
    return {
        "date": datetime.date.today().isoformat(),
        "minutes": round(seconds / 60, 1),
        "machine": f"{platform.system()} on {platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "numpy": numpy.__version__,
    }


def run(path):
    """Execute the lecture at full length and return its record."""
    notebook = nbformat.read(path, as_version=4)
    constants = lengthen(notebook)
    if not constants:
        sys.exit(f"{path.name} has no constant with a comment '# long run: …'")
    print(f"{path.name}: " + ", ".join(f"{name} = {value}" for name, value in constants.items()), flush=True)
    notebook.cells.append(nbformat.v4.new_code_cell(TELL))
    client = NotebookClient(
        notebook, timeout=None, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}
    )
    client.execute()
    return {"constants": constants} | json.loads(notebook.cells[-1].outputs[-1]["text"])


def one_line_a_row(text):
    """JSON whose innermost lists take one line each, so that a record can be read and compared."""
    return re.sub(r"\[\s+([^\[\]{}]*?)\s+\]", lambda row: "[" + " ".join(row[1].split()) + "]", text)


def main(names):
    if not names:
        sys.exit(__doc__)
    for name in names:
        (path,) = (ROOT / "notebooks").glob(f"{name}*.ipynb")
        start = time.monotonic()
        try:
            record = run(path)
            record["ran"] = circumstances(time.monotonic() - start)
        except CellExecutionError as error:
            sys.exit(f"{error}\nNothing is stored.")
        target = ROOT / "data" / "long_runs" / f"{path.stem}.json"
        target.parent.mkdir(exist_ok=True)
        new = target.with_suffix(".json.new")
        new.write_text(one_line_a_row(json.dumps(record, indent=1)) + "\n", encoding="utf-8", newline="\n")
        os.replace(new, target)
        print(f"{target.name}: {record['ran']['minutes']} minutes", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
