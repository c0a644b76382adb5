"""What a benchmark says: printed at once, and kept in RESULTS.md."""

import contextlib
import datetime
import os
import platform
import re
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import threadpoolctl

RESULTS = Path(__file__).with_name("RESULTS.md")
GOALS = "Goals"
TORCH = r", (no torch|torch [^,]*)$"
NOT_MEASURED = "not measured"
HEAD = "Written by `python3 course.py bench --write`; README.md says what is measured and how."


@dataclass
class Report:
    """The lines and goals of one benchmark.

    Parameters
    ----------
    name : str
        As it is named on the command line.
    quick : bool
        Fewer rounds and smaller work: to see that all runs, not for numbers.
    """

    name: str
    quick: bool = False
    lines: list = field(default_factory=list)
    load: str = field(default_factory=lambda: busy())  # noqa: PLW0108 (defined below)
    goals: dict = field(default_factory=dict)

    def rounds(self, count):
        """Return how many rounds to run: `count`, or 2 when quick."""
        return 2 if self.quick else count

    def say(self, text=""):
        self.lines.append(text)
        print(text, flush=True)

    def table(self, header, rows):
        """Say a table; the first column is text, the others stand to the right."""
        cells = [list(map(str, row)) for row in [header, *rows]]
        widths = [max(map(len, column)) for column in zip(*cells)]
        rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
        for row in [cells[0], rule, *cells[1:]]:
            first, *others = (cell.ljust(width) if k == 0 else cell.rjust(width) for k, (cell, width) in enumerate(zip(row, widths)))
            self.say(f"| {' | '.join([first, *others])} |")
        self.say()

    def goal(self, what, limit, value, unit="", between=""):
        """Hold a value against its goal; None where it could not be measured.

        `between` says how far single rounds lay apart.
        """
        measured = NOT_MEASURED if value is None else f"{value:.3g}{unit}" + (f" ({between})" if between else "")
        reached = "–" if value is None else "reached" if value <= limit else "**not reached**"
        self.goals[what] = f"| {what} | ≤ {limit:g}{unit} | {measured} | {reached} |"
        self.say(f"- {what}: {measured}, goal ≤ {limit:g}{unit}: {reached}")


def busy():
    """Return how busy the machine is before a benchmark: above half a core, distrust what follows."""
    return f"; load average before: {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""


def machine():
    """Return what the numbers depend on, as one line."""
    model = platform.processor()
    with contextlib.suppress(OSError, TypeError):  # not Linux, or a processor that does not say
        model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())[1]
    blas = {f"{lib['internal_api']} {lib['version']}"
            for lib in threadpoolctl.threadpool_info() if lib["user_api"] == "blas" and "numpy" in lib["filepath"]}
    parts = [f"{os.cpu_count()} cores", model or platform.machine(), platform.system(), f"Python {platform.python_version()}"]
    for name in ("NumPy", "SciPy", "torch"):
        try:
            parts.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            parts.append(f"no {name}")
    parts[5:5] = sorted(blas)
    return ", ".join(parts)


def keep(old, new):
    """Return new lines, those that say "not measured" replaced by what an old section says of the same thing.

    The thing is what stands before the first colon of a list, or in the first cell of a row.
    """

    def thing(line):
        return re.split(r": | *\| *", line)[: 2 if line.startswith("|") else 1]

    before = [(thing(line), line) for line in old if NOT_MEASURED not in line]
    kept = [[was for what, was in before if NOT_MEASURED in line and what == thing(line)] for line in new]
    return [found[0] if found else line for found, line in zip(kept, new)]


def store(reports, file=RESULTS, today=None, kernels=()):
    """Put reports in the place of their sections in RESULTS.md; hand-written sections stay.

    What was measured on another machine, or with other versions, goes; a PyTorch that is missing is no other one.
    What was not measured this time, since something was missing or the machine was busy, stays as it was measured
    before.
    """
    today, old = today or datetime.date.today(), file.read_text(encoding="utf-8") if file.exists() else ""
    there, here = (re.findall(r"^Machine: (.*)\.$", old, flags=re.M) or [""])[0], machine()
    same = re.sub(TORCH, "", here) == re.sub(TORCH, "", there)
    if same and here.endswith("no torch"):  # widgets need none: what was measured beside PyTorch is still true
        here = there
    same = same and (here == there or there.endswith("no torch"))
    sections = dict(re.findall(r"^## ([^\n]*)\n\n(.*?)\n*(?=^## |\Z)", old, flags=re.M | re.S))
    measured = [title for title, text in sections.items() if title == GOALS or text.startswith("Measured ")]
    rows = re.findall(r"^\| .* \| ≤ .*$", sections.get(GOALS, ""), flags=re.M) if same else []
    goals = {row.split(" | ")[0][2:]: row for row in rows}
    kept = {title: text for title, text in sections.items() if title not in measured}
    tables = {title: sections[title] for title in measured if same and title != GOALS}
    for report in reports:
        before = sections.get(report.name, "")  # its old goals go, also those that have another name now
        goals = {what: row for what, row in goals.items() if what in report.goals or f"- {what}: " not in before}
        goals.update({what: row for what, row in report.goals.items() if NOT_MEASURED not in row or what not in goals})
        was = tables.get(report.name, "")
        lines = keep(was.splitlines(), report.lines)
        date = re.match(r"Measured ([\d-]+)", was)
        earlier = f" What was not measured then is of {date[1]}." if date and lines != report.lines else ""
        tables[report.name] = f"Measured {today}{report.load}.{earlier}\n\n" + "\n".join(lines).strip()
    were = re.findall(r"^- (?:natural|laptop): .*$", old, flags=re.M)  # one that names PyTorch's too says more
    said = [next((was for was in were if same and was.startswith(f"{now}, ")), now) for now in kernels] or were
    chosen = "\n".join(said)
    text = [f"# Results\n\n{HEAD}\n\nMachine: {here}.", *([f"Kernels:\n\n{chosen}"] if chosen else [])]
    text += [f"## {GOALS}\n\n| | goal | measured | |\n|---|---|---|---|\n" + "\n".join(goals.values())]
    text += [f"## {title}\n\n{body}" for title, body in (kept | tables).items()]
    file.write_text("\n\n".join(text) + "\n", encoding="utf-8")
