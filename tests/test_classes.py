"""The hand-out, and marking: each notebook in its own kernels, and none that stops another."""

import csv
import os
import re

import nbformat
import pytest

from tools import classes
from tools.classes import handout, is_shut_off, mark, mark_all
from tools.exercise_notebooks import build, chosen, exercises

(SHEET,) = chosen(["05"])
NAMES = [one.name for one in exercises(SHEET)]


def returned(folder, solved=True, drop=(), **sources):
    """A returned notebook, with other sources in some cells to fill in (q3 for ex05-q3)."""
    notebook = build(SHEET, solved=solved)
    for cell in notebook.cells:
        key = cell.metadata.get("nbgrader", {}).get("grade_id", "").partition("-")[2].replace("-", "_")
        cell.source = sources.get(key, cell.source)
        if key in drop:
            cell.metadata.clear()
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, folder / "exercises.ipynb")
    return folder / "exercises.ipynb"


def test_handout_has_questions_and_no_answers(tmp_path):
    (file,) = handout(tmp_path, ["05"])
    notebook = nbformat.read(file, as_version=4)
    nbformat.validate(notebook)
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in notebook.cells)
    assert "SOLUTION" not in file.read_text(encoding="utf-8")
    with pytest.raises(FileExistsError):
        handout(tmp_path, ["05"])


def test_folder_for_nbgrader_has_the_solutions_between_marks(tmp_path):
    (file,) = handout(tmp_path, ["05"], for_nbgrader=True)
    assert file == tmp_path / "source" / file.stem / file.name
    cells = [cell for cell in nbformat.read(file, as_version=4).cells if cell.metadata.get("nbgrader", {}).get("solution")]
    for cell, one in zip(cells, exercises(SHEET)):
        begin, end = "### BEGIN SOLUTION", "### END SOLUTION"
        stub = re.sub(rf"{begin}.*?{end}", "...", cell.source, flags=re.DOTALL)
        assert stub == (one.starter if one.asks_for_code else f"{one.starter}\n...")
    assert 'code_stub = {"python": "..."}' in (tmp_path / "nbgrader_config.py").read_text()


def test_unknown_lecture_is_named(tmp_path):
    with pytest.raises(SystemExit, match="No exercises called 99"):
        handout(tmp_path, ["99"])


def test_class_is_marked_and_nobody_stops_anybody(tmp_path):
    """Solved, untouched, looping, crashing, cheating, broken: each gets its line."""
    here = os.getpid()
    returned(tmp_path / "a solved")
    returned(tmp_path / "b untouched", solved=False)
    returned(tmp_path / "c loops", q3="while True:\n    try:\n        pass\n    except KeyboardInterrupt:\n        pass")
    returned(tmp_path / "d crashes", q3="import os\nos._exit(1)")
    returned(tmp_path / "e cheats", q3="class ex05:\n    class q3:\n        check = print\nanswer = 1",
             q3_check="'✓ ex05.q3: right'")
    returned(tmp_path / "f marks lost", drop=["q3", "q3_check"])
    (tmp_path / "g broken.ipynb").write_text("{", encoding="utf-8")
    nbformat.write(nbformat.v4.new_notebook(), tmp_path / "h other.ipynb")

    mark_all(tmp_path, tmp_path / "marks.csv", seconds=6, shut_off=is_shut_off())
    with (tmp_path / "marks.csv").open(encoding="utf-8", newline="") as stream:
        rows = {row["notebook"][0]: row for row in csv.DictReader(stream)}
    q3 = {name: row["ex05.q3"] for name, row in rows.items()}
    assert q3 == {"a": "right", "b": "not tried", "c": "does not end", "d": "crashes", "e": "wrong", "f": "right",
                  "g": "", "h": ""}
    everything = len(NAMES)
    assert {name: int(row["right"]) for name, row in rows.items()} == {
        "a": everything, "b": 0, "c": everything - 1, "d": everything - 1, "e": everything - 1, "f": everything,
        "g": 0, "h": 0}
    assert {name: row["status"] for name, row in rows.items() if name in "acdgh"} == {
        "a": "ok", "c": "ex05.q3 does not end", "d": "ex05.q3 crashes", "g": "unreadable (NotJSONError)",
        "h": "no exercises in it"}
    assert os.getpid() == here and not (tmp_path / "marks.csv.new").exists()


def test_kernel_has_no_network_and_limited_memory(tmp_path):
    file = returned(tmp_path, q3="import socket\nsocket.create_connection(('127.0.0.1', 9))\nanswer = 100",
                    q7="import numpy as np\nnp.ones(10**9)\nwindows = 10")
    status, verdicts = mark(file, megabytes=4000, shut_off=is_shut_off())
    assert status == "ok" and verdicts["ex05.q3"] == "not tried"
    if os.name == "posix" and os.uname().sysname == "Linux":
        assert verdicts["ex05.q7"] == "not tried"


def test_whole_notebook_has_a_limit(tmp_path):
    status, verdicts = mark(returned(tmp_path), whole=0)
    assert status == "out of time" and set(verdicts.values()) == {"not reached"}


def test_kernel_leaves_nothing_behind():
    with classes.Kernel(4096, False) as kernel:
        process, place = kernel._manager.provisioner.process, kernel._place.name
        assert kernel.run("1 + 1", 20) == "2"
    assert process.poll() is not None and not os.path.exists(place)
