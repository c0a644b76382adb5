"""What has been solved, kept in one small file of the reader's own."""

import contextlib
import html
import importlib
import json
import os
import pkgutil
import secrets
from pathlib import Path


def file():
    """Return where progress is kept: `CNNLIB_PROGRESS` if that is set, else a file in the home folder."""
    return Path(os.environ.get("CNNLIB_PROGRESS") or Path.home() / ".cnnlib" / "progress.json")


def read():
    """Return ``{"ex03.q1": "right" or "tried"}``; a file that is missing or broken counts as empty."""
    try:
        states = json.loads(file().read_text(encoding="utf-8"))
        return {name: state for name, state in states.items() if state in ("right", "tried")}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def record(name, state):
    """Note that an exercise was solved or tried; what was solved once stays solved.

    The new file takes the old one's place in one step, so a crash leaves one of the two, whole. Where
    nothing can be written, the exercises work without a memory.
    """
    states = read()
    if states.get(name) in (state, "right"):
        return
    text = json.dumps(states | {name: state}, indent=0, sort_keys=True)
    new = file().with_name(f".{file().name}-{secrets.token_hex(8)}.part")
    try:  # not `replaced_file`: it waits for the disk, which can take longer than the check itself
        file().parent.mkdir(parents=True, exist_ok=True)
        new.write_text(text, encoding="utf-8")
        os.replace(new, file())
    except OSError:
        with contextlib.suppress(OSError):
            new.unlink()


def sheets():
    """Return the modules of exercises in the order of the lectures."""
    import cnnlib.exercises as package
    names = sorted(name for _, name, _ in pkgutil.iter_modules(package.__path__) if name.startswith("ex"))
    return [importlib.import_module(f"{package.__name__}.{name}") for name in names]


def exercises(sheet):
    """Return the exercises of a module in the order in which they stand there."""
    from cnnlib.exercises._exercise import Exercise
    return [value for value in vars(sheet).values() if isinstance(value, Exercise)]


_MARKS = {"right": "●", "tried": "◐", None: "○"}


class Progress:
    """A table: one line a notebook, one mark an exercise."""

    def __init__(self):
        states = read()
        self.rows = [(sheet.__doc__.splitlines()[0].rstrip("."), [states.get(one.name) for one in exercises(sheet)])
                     for sheet in sheets()]

    def _total(self):
        every = [state for _, states in self.rows for state in states]
        return f"{every.count('right')} of {len(every)} exercises solved"

    def __repr__(self):
        width = max(len(title) for title, _ in self.rows)
        lines = [f"{title:{width}}  {''.join(_MARKS[state] for state in states):10} {states.count('right')}"
                 f" of {len(states)}" for title, states in self.rows]
        return "\n".join([*lines, f"{self._total()} (● solved, ◐ tried, ○ not tried yet)"])

    def _repr_html_(self):
        rows = "".join(
            f'<tr><td style="text-align: left">{html.escape(title)}</td>'
            f'<td style="text-align: left; letter-spacing: 3px">{"".join(_MARKS[s] for s in states)}</td>'
            f'<td>{states.count("right")} of {len(states)}</td></tr>' for title, states in self.rows)
        return f"<table>{rows}</table><div>{self._total()} (● solved, ◐ tried, ○ not tried yet)</div>"


def progress():
    """Return a table of what you have solved in all notebooks.

    It is kept in one file on this computer, ``.cnnlib/progress.json`` in your home folder, or where the
    environment variable `CNNLIB_PROGRESS` says. Delete the file to begin anew.
    """
    return Progress()
