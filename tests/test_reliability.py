"""tests/RELIABILITY.md says what the records say, and the command that repeats tests counts rightly."""

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import date
from types import SimpleNamespace

import pytest

from tools import mutate, reliability, repeat, versions

MACHINES_PATH = re.compile(r"(?:^|[\s\"'(=])(?:/[\w.-]+){2,}|[A-Za-z]:\\")


def test_the_page_is_made_from_the_records():
    assert reliability.PAGE.read_text(encoding="utf-8") == reliability.page(reliability.read_records())


@pytest.mark.parametrize("name, record", reliability.read_records().items())
def test_a_record_says_what_when_and_where(name, record):
    assert {"what", "date", "machine", "figures"} <= record.keys()
    assert record["what"] and date.fromisoformat(record["date"]) and record["machine"]
    assert record["figures"] and all(isinstance(value, int | float | str) for value in record["figures"].values())
    alive = record.get("alive", {})
    for text in (record["what"], record["machine"], *map(str, record["figures"].values()), *alive.values()):
        assert not MACHINES_PATH.search(text), "a record names no path of somebody's machine"
    assert all(why.strip() for why in alive.values()), "what no test notices needs a sentence that says why it may be so"


def test_what_is_alive_stands_on_the_page_with_its_reason():
    record = {"what": "w", "date": "2026-11-27", "machine": "m", "figures": {"alive": 2}}
    lines = reliability.page({"one": record | {"alive": {"a.js:1: f(`${x || 1}`)": "Why so.", "a.js:2: y": "And so."}}, "two": record})
    assert lines.endswith("""| alive | 2 |

Alive, and why:

- `` a.js:1: f(`${x || 1}`) ``: Why so.
- `` a.js:2: y ``: And so.

## Two

w

2026-11-27; m

| | |
|---|---|
| alive | 2 |
""")


@pytest.fixture
def changing(tmp_path, monkeypatch):
    """A module of three lines, changed by tools/mutate.py; its tests notice what `held` names."""
    held = ["<="]
    module = tmp_path / "tiny.py"
    module.write_text("low = x < 1\nsum = x + 1\nhigh = x > 1\n", encoding="utf-8")
    monkeypatch.setattr(reliability, "RECORDS", tmp_path / "reliability")
    monkeypatch.setattr(reliability, "PAGE", tmp_path / "RELIABILITY.md")
    for name, value in {"ROOT": tmp_path, "MODULES": {"tiny": ("tiny.py", [])}, "HEAVY": (), "EQUIVALENT": {}}.items():
        monkeypatch.setattr(mutate, name, value)
    monkeypatch.setattr(mutate, "notices", lambda copy, tests: any(
        one in (copy / "tiny.py").read_text(encoding="utf-8") for one in held))
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")

    def run(*options):
        mutate.main(options)
        return reliability.read_records()["mutation"]
    return SimpleNamespace(run=run, held=held, module=module)


def test_a_day_keeps_what_its_first_run_saw_and_what_was_noticed_since(changing, monkeypatch, capsys):
    found = changing.run("--record")
    day = date.today().isoformat()
    # six changes: < and +, > and three numbers
    assert found["run"]["parts"] == [{"day": day, "modules": ["tiny"], "changes": 6, "noticed": 1, "equal": 0, "since": 0}]
    assert found["alive"] == dict.fromkeys(
        ["tiny.py:1: low = x < 2", "tiny.py:2: sum = x - 1", "tiny.py:2: sum = x + 2", "tiny.py:3: high = x >= 1",
         "tiny.py:3: high = x > 2"], "")
    assert "Say in the record why this may live: tiny.py:2: sum = x - 1" in capsys.readouterr().out
    # A reason is kept where its line is now; what a test notices since, or makes no difference, is alive no more.
    kept = found | {"alive": found["alive"] | {"tiny.py:3: high = x >= 1": "Nobody asks."}}
    reliability.write_record("mutation", kept["what"], kept["figures"], run=kept["run"], alive=kept["alive"])
    changing.held.append("x - 1")
    changing.module.write_text("low = x < 1\n\nsum = x + 1\nhigh = x > 1\n", encoding="utf-8")
    monkeypatch.setitem(mutate.EQUIVALENT, "tiny", {"high = x > 2": "one is as good as two"})
    found = changing.run("--again")
    assert found["run"]["parts"] == [{"day": day, "modules": ["tiny"], "changes": 6, "noticed": 1, "equal": 1, "since": 1}]
    assert found["alive"] == {"tiny.py:1: low = x < 2": "", "tiny.py:3: sum = x + 2": "", "tiny.py:4: high = x >= 1": "Nobody asks."}
    assert found["figures"] == {
        "modules": 1, "changes": 6, "make no difference, each with its reason": 1,
        f"first run, {day}, 1 modules: noticed of all others": "20.0% (1 of 5); tiny 1 of 5",
        "with the tests written since": "40.0% (2 of 5)", "alive": 3}
    assert "live: tiny.py:4" not in capsys.readouterr().out


def test_modules_of_another_day_count_by_themselves(changing, monkeypatch):
    changing.run("--record")
    for name in ("more", "again"):
        monkeypatch.setitem(mutate.MODULES, name, ("tiny.py", []))
    monkeypatch.setattr(mutate, "date", SimpleNamespace(today=lambda: date(2030, 1, 1)))
    changing.held.append("2")
    found = changing.run("--record")
    assert [part["modules"] for part in found["run"]["parts"]] == [["tiny"], ["more"], ["again"]], "what is tried is tried once"
    first = {label: value for label, value in found["figures"].items() if label.startswith("first run")}
    assert list(first.values()) == ["16.7% (1 of 6); tiny 1 of 6", "66.7% (8 of 12); more 4 of 6; again 4 of 6"]
    assert list(first)[1] == "first run, 2030-01-01, 2 modules: noticed of all others"


FILES = {
    "test_one.py": "import pytest\n@pytest.fixture(scope='module')\ndef fresh():\n    return []\n"
                   "def test_first(fresh):\n    assert not fresh\n    fresh.append(1)\n",
    "test_two.py": "from pathlib import Path\nMARK = Path(__file__).with_suffix('.mark')\n"
                   "def test_second_time_only():\n    there = MARK.exists()\n    MARK.touch()\n    assert there\n",
}


@pytest.fixture
def project(tmp_path, monkeypatch):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    records = tmp_path / "reliability"
    monkeypatch.setattr(reliability, "RECORDS", records)
    monkeypatch.setattr(repeat, "FAILURES", records / "failures")
    monkeypatch.setattr(reliability, "PAGE", tmp_path / "RELIABILITY.md")
    monkeypatch.setattr(repeat, "BROWSER", tmp_path)
    monkeypatch.setattr(repeat, "ROOT", tmp_path)
    return tmp_path


def test_runs_are_counted_on_from_the_record(project):
    assert repeat.main(["--times", "2", "--busy", "0"]) == 0
    found = reliability.read_records()["browser_0_busy"]
    assert found["figures"] == {"tests": 2, "runs of each, at least": 2, "runs in all": 4, "failed": 1}
    assert found["runs"]["test_two.py"]["tests"] == {"test_second_time_only": [1, 1]}
    assert "assert there" in (project / "reliability" / "failures" / "test_two.txt").read_text(encoding="utf-8")
    # What has changed begins anew, what has not goes on; one file alone counts too.
    (project / "test_two.py").write_text(FILES["test_two.py"] + "\n", encoding="utf-8")
    assert repeat.main(["--times", "3", "--busy", "0"]) == 0
    found = reliability.read_records()["browser_0_busy"]
    assert found["figures"] == {"tests": 2, "runs of each, at least": 3, "runs in all": 6, "failed": 0}
    assert "| runs of each, at least | 3 |" in (project / "RELIABILITY.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("red_after, green", [(9, 3), (1, 1)])
def test_whole_runs_are_counted_until_one_is_red(project, red_after, green):
    (project / "run.py").write_text("from pathlib import Path\nfile = Path('done')\n"
                                    "count = int(file.read_text()) if file.exists() else 0\n"
                                    f"file.write_text(str(count + 1))\nassert count < {red_after}\n", encoding="utf-8")
    assert repeat.whole(3, 0, [sys.executable, "run.py"]) == (green < 3)
    assert reliability.read_records()["whole_suite_0_busy"]["figures"] == {"runs asked for": 3, "green in a row": green}


def test_a_whole_run_counts_each_browser_test_once(tmp_path):
    for folder in ("tools", "tests/browser"):
        (tmp_path / folder).mkdir(parents=True)
    for module in (repeat, reliability):
        shutil.copy(module.__file__, tmp_path / "tools")
    (tmp_path / "course.py").write_text(
        "import subprocess, sys\n"
        "for args in (['tests/test_here.py'], ['-n', '2', 'tests/browser']):\n"
        "    subprocess.run([sys.executable, '-m', 'pytest', '-p', 'no:cacheprovider', *args])\n", encoding="utf-8")
    (tmp_path / "tests" / "test_here.py").write_text("def test_here():\n    pass\n", encoding="utf-8")
    (tmp_path / "tests" / "browser" / "test_one.py").write_text(
        "import os, subprocess, sys, pytest\n"
        "def test_inner():\n"
        "    if 'INNER' not in os.environ:\n"
        "        env = os.environ | {'INNER': '1'}\n"
        "        assert subprocess.run([sys.executable, '-m', 'pytest', __file__, '-k', 'inner'], env=env).returncode == 0\n"
        "def test_red():\n"
        "    assert 'PYTEST_ADDOPTS' not in os.environ or 'repeat' not in os.environ['PYTEST_ADDOPTS']\n"
        "    assert False\n"
        "def test_skipped():\n"
        "    pytest.skip('not here')\n", encoding="utf-8")
    subprocess.run([sys.executable, "tools/repeat.py", "--whole", "1", "--busy", "0"], cwd=tmp_path, check=True)
    record = json.loads((tmp_path / "tests" / "reliability" / "browser_0_busy.json").read_text(encoding="utf-8"))
    assert record["runs"]["test_one.py"]["tests"] == {"test_inner": [1, 0], "test_red": [0, 1]}


@pytest.mark.parametrize("cores, records", [(0, [0]), (1, [1]), (2, [1, 2])])
def test_runs_beside_two_busy_cores_count_as_such_beside_one(cores, records, project, monkeypatch):
    monkeypatch.setenv("CNN_COUNT_RUNS", str(cores))
    monkeypatch.setenv("PYTEST_ADDOPTS", repeat.PLUGIN)
    found = []
    repeat.pytest_configure(SimpleNamespace(pluginmanager=SimpleNamespace(register=found.append)))
    assert [one.record for one in found] == [f"browser_{record}_busy" for record in records]


def test_each_python_keeps_its_row(project):
    (project / "test_new.py").write_text("import pytest\ndef test_a(): pass\ndef test_b(): assert 0\n"
                                         "def test_c(): pytest.skip('')\n", encoding="utf-8")
    tests = [f"--rootdir={project}", str(project / "test_new.py")]
    assert [versions.main("lowest", tests), versions.main("locked", tests)] == [1, 1]
    rows = reliability.read_records()["versions"]["figures"]
    assert list(rows.values()) == ["1 passed, 1 failed, 1 skipped"] * 2
    assert [name.split(", ")[1] for name in rows] == ["locked packages", "lowest packages"]


def test_busy_cores_are_let_go():
    with repeat.busy(1) as loops:
        assert loops[0].poll() is None
        assert os.name == "nt" or os.getsid(loops[0].pid) != os.getsid(0)
    assert loops[0].poll() is not None
