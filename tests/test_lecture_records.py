"""Lectures 09 to 12 say what their stored long runs found, and nothing else.

Their cells tagged ``checked`` compute from the record what the text quotes, print it and assert it.
Here they run by themselves, on the record as it is and on records into which a wrong number was
planted; and each number of the prose must stand in some cell or its output.
"""

import contextlib
import copy
import io
import re
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest

from cnnlib.datasets import load_long_run

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
LECTURES = [path.stem for path in sorted(NOTEBOOKS.glob("*.ipynb")) if "load_long_run" in path.read_text("utf-8")]
# Of something else than these experiments: other people's results, dates, plain arithmetic, what an exercise supposes.
ELSEWHERE = {"09": {"157.4"}, "11": {"0.004", "0.95", "0.8", "0.80", "0.17", "0.6"}}
CONFIDENCE = "95"


def read(lecture):
    return nbformat.read(NOTEBOOKS / f"{lecture}.ipynb", as_version=4)


def printed(cell):
    return "".join(output.text for output in cell.outputs if output.output_type == "stream")


def checked_cells(notebook):
    return [cell for cell in notebook.cells if "checked" in cell.metadata.get("tags", [])]


def complaint(lecture, record):
    """What is red about a lecture whose stored record is this one; None if nothing is."""
    notebook, names = read(lecture), {}
    imports = next(cell for cell in notebook.cells if cell.cell_type == "code")
    exec("\n".join(line for line in imports.source.splitlines() if "import" in line), names)  # noqa: S102
    names["load_long_run"] = lambda number: copy.deepcopy(record)
    for cell in checked_cells(notebook):
        said = io.StringIO()
        try:
            with contextlib.redirect_stdout(said):
                exec(cell.source, names)  # noqa: S102
        except AssertionError:
            return f"assertion in: {cell.source[:60]}"
        if said.getvalue() != printed(cell):
            return f"other output of: {cell.source[:60]}"
    return None


def numbers(tree, path=()):
    """The path of each number in a record's findings."""
    if isinstance(tree, (dict, list)):
        for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield from numbers(value, (*path, key))
    elif isinstance(tree, (int, float)) and not isinstance(tree, bool):
        yield path


def findings(record):
    """The series of a record: (path to it, its numbers' paths); what describes the run is none."""
    about = {"ran", "constants", "protocol", "thresholds", "trials", "steps", "labels"}
    for path in numbers({key: value for key, value in record.items() if key not in about}):
        if "seed" not in str(path[0]) and not set(path) & {"seeds", "steps", "labels", "counts"}:
            yield path


def planted(record, paths, change):
    record = copy.deepcopy(record)
    for *way, last in paths:
        place = record
        for key in way:
            place = place[key]
        place[last] = change(place[last])
    return record


@pytest.mark.parametrize("lecture", LECTURES)
def test_the_record_as_it_is_is_green(lecture):
    assert len(checked_cells(read(lecture))) >= 3
    assert complaint(lecture, load_long_run(lecture[:2])) is None


@pytest.mark.parametrize("lecture", LECTURES)
def test_a_wrong_series_turns_the_notebook_red(lecture):
    """Each series of the record, one after the other, is taken to be a tenth larger than it was."""
    record = load_long_run(lecture[:2])
    series = {}
    for path in findings(record):
        named = [key for key in path if isinstance(key, str)]
        series.setdefault(tuple(named[:2]), []).append(path)
    unseen = [name for name, paths in series.items()
              if complaint(lecture, planted(record, paths, lambda x: 1.1 * x + 0.01)) is None]
    assert not unseen


def test_one_wrong_number_turns_the_notebook_red():
    record = load_long_run("09")
    assert complaint("09_the_1989_experiment", planted(record, [("nets", "Net-5", 3, 1)], lambda x: x - 0.2))


@pytest.mark.parametrize("lecture", LECTURES)
def test_each_record_says_how_it_was_made(lecture):
    record = load_long_run(lecture[:2])
    assert len(record["protocol"]) > 60 and record["seeds"] == sorted(set(record["seeds"]))
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", record["ran"]["date"])
    assert record["ran"].keys() == {"date", "minutes", "machine", "python", "numpy"}
    assert not re.search(r"[/\\]", record["ran"]["machine"])


@pytest.mark.parametrize("lecture", LECTURES)
def test_each_ends_with_what_it_does_not_show(lecture):
    prose = "\n\n".join(cell.source for cell in read(lecture).cells if cell.cell_type == "markdown")
    assert prose.count("<b>What this does not show.</b>") == 1
    body, box = prose.split("<b>What this does not show.</b>")
    assert len(re.findall("<li>", box.split("## Summary")[0])) >= 3 and "## Summary" not in body


def quoted(text):
    """The measured numbers of a text: with a decimal point, or a whole per cent."""
    text = re.sub(r"<details>.*?</details>|\$.*?\$|`[^`]*`", " ", text, flags=re.DOTALL)
    text = text.split("## Further reading")[0]
    yield from re.findall(r"(?<![\d.,-])\d+\.\d+(?![\d.])", text)
    yield from re.findall(r"(?<![\d.,])(\d+)(?: ?%)", text)


@pytest.mark.parametrize("lecture", LECTURES)
def test_each_number_of_the_prose_stands_in_a_cell(lecture):
    notebook = read(lecture)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    held = " ".join(cell.source + " " + printed(cell) for cell in cells)
    known = set(re.findall(r"\d+(?:\.\d+)?", held)) | ELSEWHERE.get(lecture[:2], set()) | {CONFIDENCE}
    loose = [number for cell in notebook.cells if cell.cell_type == "markdown" and "**Predict.**" not in cell.source
             for number in quoted(cell.source) if number not in known]
    assert not loose


def test_loose_numbers_are_seen():
    assert list(quoted("It was 3.4 % of 12, and 56 %; `0.1` and $2.5$ are not.")) == ["3.4", "56"]
    assert all(a != b for a, b in pairwise(quoted("1.5 2.5")))
