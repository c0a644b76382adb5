"""Progress is kept in a file of the reader's own, never goes back, and is shown as a table."""

from pathlib import Path

import pytest

from cnnlib.exercises import progress
from cnnlib.exercises._progress import exercises, file, read, record, sheets

SHEETS = sheets()
EVERY = [one for sheet in SHEETS for one in exercises(sheet)]


@pytest.fixture(autouse=True)
def own_progress(monkeypatch, tmp_path):
    monkeypatch.setenv("CNNLIB_PROGRESS", str(tmp_path / "progress.json"))


def test_progress_is_kept_and_never_goes_back():
    record("ex01.q1", "tried")
    record("ex01.q1", "right")
    record("ex01.q1", "tried")
    assert read() == {"ex01.q1": "right"}
    assert f"1 of {len(EVERY)} exercises solved" in repr(progress()) and "●" in progress()._repr_html_()
    assert [path.name for path in file().parent.iterdir()] == ["progress.json"]


def test_progress_lies_in_the_home_folder_unless_it_is_told_where(monkeypatch, tmp_path):
    monkeypatch.setenv("CNNLIB_PROGRESS", str(tmp_path / "two" / "folders" / "mine.json"))
    record("ex02.q1", "tried")
    record("ex01.q1", "right")
    text = (tmp_path / "two" / "folders" / "mine.json").read_text(encoding="utf-8")
    assert text == '{\n"ex01.q1": "right",\n"ex02.q1": "tried"\n}', "a line each, in order"
    monkeypatch.delenv("CNNLIB_PROGRESS")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert file() == tmp_path / ".cnnlib" / "progress.json"


def test_progress_is_a_table():
    record(EVERY[0].name, "right")
    record(EVERY[1].name, "tried")
    first, *others, total = repr(progress()).splitlines()
    assert len(others) == len(SHEETS) - 1 and total.startswith("1 of")
    place = first.index("●◐○")
    assert first.endswith(f" 1 of {len(exercises(SHEETS[0]))}")
    assert all(line[place - 2:place] == "  " and line[place] == "○" and line[place + 11] == "0" for line in others)
    assert progress()._repr_html_().count("<tr>") == len(SHEETS)


@pytest.mark.parametrize("content", ["", "{", "[]", "3", '{"ex01.q1": 7}', "\x00\xff"])
def test_progress_survives_a_broken_file(content):
    file().write_text(content, encoding="utf-8")
    assert read() == {}
    record("ex01.q2", "right")
    assert read() == {"ex01.q2": "right"}


def test_progress_works_where_nothing_can_be_written(monkeypatch, tmp_path):
    (tmp_path / "a file").write_text("")
    monkeypatch.setenv("CNNLIB_PROGRESS", str(tmp_path / "a file" / "progress.json"))
    assert EVERY[0].check(EVERY[0].right)
    assert "0 of" in repr(progress())
