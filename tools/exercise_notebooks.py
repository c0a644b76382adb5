"""Write notebooks/exercises_*.ipynb from the modules of `cnnlib.exercises`, and execute them.

Called by ``python tools/exercise_notebooks.py [NN ...]``. A question, the cell to fill in and the cell that checks
it stand in one place, the exercise's module; tests/test_exercise_notebooks.py holds notebooks and modules equal.
The cells carry nbgrader's metadata, so the same notebooks serve a class; see `tools/classes.py`.
"""
import re
import sys
from pathlib import Path

import nbformat
import numpy as np
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

import cnnlib
from cnnlib.exercises._progress import exercises, sheets

if __package__:
    from tools.refresh_notebooks import KERNEL, NOTEBOOKS, refresh
else:
    from refresh_notebooks import KERNEL, NOTEBOOKS, refresh

OPENING = """\
# Exercises {number} · {title}

**You will do** {count} exercises, {code} of which ask for a function. **You will learn** which mistake it was, if \
there was one. **You need** {lecture}. **About {minutes} minutes.**

Put your answer where the three dots stand, run the cell, then run the one below it. If you get stuck, write \
`{sheet}.q1.hint()` into a new cell, once or several times: each hint says a little more. `{sheet}.q1.solution()` \
shows the solution, and why it is so. A function is tried on several inputs that you do not see."""
CLOSING = """\
## What you have done

Over all notebooks of exercises. The table is kept on this computer, and nowhere else."""


def short(sheet):
    """``ex03`` for the module cnnlib.exercises.ex03."""
    return sheet.__name__.rpartition(".")[2]


def lecture(sheet):
    """The lecture's notebook that a module belongs to."""
    number = short(sheet).removeprefix("ex").removeprefix("_")
    return next(path for path in sorted(NOTEBOOKS.glob("*.ipynb")) if path.stem.startswith(number))


def path(sheet):
    """Where the exercises of a module stand."""
    return NOTEBOOKS / f"exercises_{lecture(sheet).stem}.ipynb"


def imports(sheet):
    """What the reader's functions may use: NumPy, and what the solutions take from cnnlib."""
    used = {name for one in exercises(sheet) if one.asks_for_code for name in one.right.__code__.co_names}
    names = sorted(used & set(cnnlib.__all__))
    lines = ["import numpy as np", *([f"from cnnlib import {', '.join(names)}"] if names else []),
             f"from cnnlib.exercises import {short(sheet)}, progress"]
    return "\n".join(lines)


def nbgrader(one, *, checks):
    """The metadata by which nbgrader 0.9 knows a cell to fill in, and a cell that gives a point."""
    roles = {"grade": checks, "solution": not checks, "locked": checks, "task": False, "schema_version": 3}
    points = {"points": 1} if checks else {}
    return {"nbgrader": roles | points | {"grade_id": one.name.replace(".", "-") + "-check" * checks}}


def filled_in(one):
    """The cell to fill in with its solution, between the marks at which nbgrader cuts it out again."""
    if not one.asks_for_code:
        value = f"{one.answer_name} = {literal(one.right())}"
        return f"{one.starter}\n### BEGIN SOLUTION\n{value}\n### END SOLUTION"
    head, _, body = one.source.partition("\n")
    return f"{head}\n    ### BEGIN SOLUTION\n{body}\n    ### END SOLUTION"


def literal(value):
    """A value as Python reads it."""
    return repr(np.asarray(value).tolist())


def build(sheet, solved=False):
    """Return the notebook of a module, not executed; with its solutions if `solved`."""
    every = exercises(sheet)
    number, _, title = sheet.__doc__.splitlines()[0].rstrip(".").partition(" · ")
    minutes = 5 * round(sum(8 if one.asks_for_code else 3 for one in every) / 5)
    opening = OPENING.format(
        number=number, title=title, sheet=short(sheet), count=len(every), minutes=minutes,
        code=sum(one.asks_for_code for one in every),
        lecture=f"[{'the appendix' if number == 'Appendix' else 'lecture ' + number}]({lecture(sheet).name})")
    cells = [new_markdown_cell(opening), new_code_cell(imports(sheet))]
    for one in every:
        cells += [
            new_markdown_cell(f"### {one.name}\n\n{re.sub(chr(10), ' ', one.question)}"),
            new_code_cell(filled_in(one) if solved else one.starter, metadata=nbgrader(one, checks=False)),
            new_code_cell(f"{one.name}.check({one.answer_name})", metadata=nbgrader(one, checks=True)),
        ]
    cells += [new_markdown_cell(CLOSING), new_code_cell("progress()", metadata={"tags": ["nbval-ignore-output"]})]
    for k, cell in enumerate(cells):
        cell["id"] = f"{short(sheet)}-{k:02}"
    return new_notebook(cells=cells, metadata={"kernelspec": dict(KERNEL)})


def sources(notebook):
    """What the module decides of a notebook: everything but outputs and counts."""
    return [(cell.cell_type, cell.source, cell.metadata.get("nbgrader")) for cell in notebook.cells]


def chosen(names):
    """The modules that the names mean, such as ``03`` or ``appendix``; all of them when there are none."""
    every = {short(sheet).removeprefix("ex").removeprefix("_"): sheet for sheet in sheets()}
    unknown = set(names) - set(every)
    if unknown:
        sys.exit(f"No exercises called {', '.join(sorted(unknown))}. There are: {', '.join(every)}")
    return [sheet for name, sheet in every.items() if not names or name in names]


def main(names):
    for sheet in chosen(names):
        print(f"{path(sheet).name} ...", flush=True)
        path(sheet).write_text(nbformat.writes(build(sheet)) + "\n", encoding="utf-8", newline="\n")
        refresh(path(sheet))


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    main(sys.argv[1:])
