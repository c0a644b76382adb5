"""Long runs: the lecture's own cells with other constants, and what is stored of them."""

import json
import platform
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from cnnlib.datasets import load_long_run
from tools import long_run

ROOT = Path(__file__).resolve().parent.parent
LECTURES = [path for path in sorted((ROOT / "notebooks").glob("*.ipynb")) if "# long run:" in path.read_text("utf-8")]


@pytest.fixture
def lecture(tmp_path):
    notebook = new_notebook(cells=[
        new_markdown_cell("SEEDS = 1  # long run: 9"),
        new_code_cell("SEEDS = 2  # long run: 20\nrecord = {}"),
        new_code_cell("record['sum'] = sum(range(SEEDS))"),
        new_code_cell("raise FileNotFoundError('no long run yet')", metadata={"tags": ["stored"]}),
    ])
    path = tmp_path / "99_sums.ipynb"
    nbformat.write(notebook, path)
    return path


def test_a_long_run_changes_the_constants_and_skips_what_is_stored(lecture):
    before = lecture.read_bytes()
    assert long_run.run(lecture) == {"constants": {"SEEDS": "20"}, "sum": 190}
    assert lecture.read_bytes() == before


def test_a_lecture_without_constants_has_no_long_run(lecture):
    nbformat.write(new_notebook(cells=[new_code_cell("record = {}")]), lecture)
    with pytest.raises(SystemExit, match="no constant"):
        long_run.run(lecture)


def test_a_record_is_found_by_its_number(tmp_path):
    (tmp_path / "99_sums.json").write_text('{"sum": 190}')
    assert load_long_run("99", tmp_path) == {"sum": 190}
    with pytest.raises(FileNotFoundError, match=r"98_\*.json must be in .*run python tools/long_run.py 98"):
        load_long_run("98", tmp_path)


@pytest.mark.parametrize("path", LECTURES, ids=lambda path: path.stem)
def test_stored_runs_are_those_that_the_lecture_names(path):
    notebook = nbformat.read(path, as_version=4)
    constants = long_run.lengthen(notebook)
    stored = json.loads((ROOT / "data" / "long_runs" / f"{path.stem}.json").read_text(encoding="utf-8"))
    assert stored["constants"] == constants


def test_rows_take_one_line_and_say_the_same():
    record = {"a": [[1, 2.5], [3, 4]], "b": {"c": [], "d": ["x, y", "[z]"]}, "e": [{"f": [1]}]}
    text = long_run.one_line_a_row(json.dumps(record, indent=1))
    assert json.loads(text) == record
    assert "[1, 2.5]" in text and text.count("\n") < json.dumps(record, indent=1).count("\n")


def test_the_circumstances_name_a_kind_of_machine_and_no_machine():
    ran = long_run.circumstances(90)
    assert ran["minutes"] == 1.5 and ran.keys() == {"date", "minutes", "machine", "python", "numpy"}
    assert platform.node() not in ran["machine"]
