"""The notebooks of exercises say what the modules say, and hold nobody's answers."""

import json

import nbformat
import pytest

from cnnlib.exercises._progress import exercises, sheets
from tools.exercise_notebooks import NOTEBOOKS, build, filled_in, lecture, nbgrader, path, short, sources

SHEETS = sheets()


@pytest.mark.parametrize("sheet", SHEETS, ids=short)
def test_notebook_is_what_its_module_says(sheet):
    stored = nbformat.read(path(sheet), as_version=4)
    nbformat.validate(stored)
    assert sources(stored) == sources(build(sheet)), "run tools/exercise_notebooks.py"


@pytest.mark.parametrize("sheet", SHEETS, ids=short)
def test_nothing_is_tried_yet(sheet):
    stored = nbformat.read(path(sheet), as_version=4)
    checks = [cell for cell in stored.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    assert len(checks) == len(exercises(sheet))
    for cell, one in zip(checks, exercises(sheet)):
        (output,) = cell.outputs
        assert output.data["text/plain"] == f"… {one.name}: not tried yet"
    assert "0 of" in stored.cells[-1].outputs[0].data["text/plain"]


def test_each_lecture_with_exercises_has_one_notebook():
    assert {path(sheet).name for sheet in SHEETS} == {file.name for file in NOTEBOOKS.glob("exercises_*.ipynb")}
    numbered = {file.stem for file in NOTEBOOKS.glob("[01]*.ipynb")} - {"00_start_here"}
    assert {lecture(sheet).stem for sheet in SHEETS} == numbered | {"appendix_fast_convolution"}


@pytest.mark.parametrize("sheet", SHEETS, ids=short)
def test_answers_do_not_share_a_name(sheet):
    names = [one.answer_name for one in exercises(sheet)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("sheet", SHEETS, ids=short)
def test_filled_in_notebook_is_right(sheet, monkeypatch, tmp_path):
    """What an instructor sees in the solved notebook passes the checks, run as it stands there."""
    monkeypatch.setenv("CNNLIB_PROGRESS", str(tmp_path / "progress.json"))
    names = {}
    exec(build(sheet).cells[1].source, names)  # noqa: S102
    for one in exercises(sheet):
        exec(filled_in(one), names)  # noqa: S102
        if one.asks_for_code:  # its source is not in a file, so it stands alone as in a reader's notebook
            helpers = {name: one.right.__globals__[name] for name in one.right.__code__.co_names
                       if name in one.right.__globals__}
            assert set(helpers) <= set(names), f"{one.name} uses what a reader does not have"
        assert one.check(names[one.answer_name]), one.name


def test_nbgrader_knows_the_cells():
    one = exercises(SHEETS[0])[0]
    fields = {"grade", "grade_id", "locked", "schema_version", "solution", "task"}
    assert set(nbgrader(one, checks=False)["nbgrader"]) == fields
    assert nbgrader(one, checks=True)["nbgrader"]["points"] == 1
    assert json.dumps(nbgrader(one, checks=True))
