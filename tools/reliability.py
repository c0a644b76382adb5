"""Make tests/RELIABILITY.md from the records that the campaigns leave in tests/reliability/.

    python tools/reliability.py

A record is `NAME.json`: {"what": a sentence, "date": "2026-11-25", "machine": …, "figures": {label: value}}.
It may hold more that its own command needs to go on, and {"alive": {what no test notices: why it may be so}}.
"""

import json
import os
import platform
from datetime import date
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent / "tests"
RECORDS = TESTS / "reliability"
PAGE = TESTS / "RELIABILITY.md"
HEAD = """# What the tests have stood

Made by `python tools/reliability.py` from the records in `tests/reliability/`; each campaign leaves one.
The figures are of the day and the machine that stand above them.

What is known and left: an input that is changed in place between the forward and the backward pass goes unnoticed,
and its gradients are those of the changed numbers. Copies of what the layers keep would take half as long again as
a step of LeNet-5 on 64 digits, check sums a fifth (measured on one core, 2026-11-26).
"""


def machine():
    """Return what this machine is, in one line that names nobody's."""
    return (f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
            f"Python {platform.python_version()}")


def write_record(name, what, figures, **more):
    """Write `name`.json with today's date and this machine, and make the page anew."""
    record = {"what": what, "date": date.today().isoformat(), "machine": machine(), "figures": figures, **more}
    RECORDS.mkdir(exist_ok=True)
    file = RECORDS / f"{name}.json"
    part = file.with_suffix(".part")  # whoever is interrupted keeps the record of before
    part.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(file)
    write_page()


def read_records():
    """Return the records by name."""
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(RECORDS.glob("*.json"))}


def page(records):
    """Return the text of the page."""
    parts = [HEAD]
    for name, record in records.items():
        rows = "".join(f"| {label} | {value:,} |\n" if isinstance(value, int) else f"| {label} | {value} |\n"
                       for label, value in record["figures"].items())
        parts.append(f"## {name.replace('_', ' ').capitalize()}\n\n{record['what']}\n\n"
                     f"{record['date']}; {record['machine']}\n\n| | |\n|---|---|\n{rows}")
        if record.get("alive"):  # no table: the lines are full of bars
            parts.append("Alive, and why:\n\n" + "".join(
                f"- `` {line} ``: {why}\n" for line, why in record["alive"].items()))
    return "\n".join(parts)


def write_page():
    PAGE.write_text(page(read_records()), encoding="utf-8")


if __name__ == "__main__":
    write_page()
