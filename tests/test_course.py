"""course.py: what it says when it cannot go on, and where it looks for a browser."""
import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import course


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """A finished environment for a small project: this Python, and the stamp."""
    python = tmp_path / ".venv" / "python"
    for name, text in [("requirements.lock", "lock"), ("pyproject.toml", "project"), ("server.py", "settings")]:
        (tmp_path / name).write_text(text)
    for name, value in [("ROOT", tmp_path), ("LOCK", tmp_path / "requirements.lock"),
                        ("SERVER", tmp_path / "server.py"), ("VENV", tmp_path / ".venv"), ("PYTHON", Path(sys.executable)),
                        ("STAMP", tmp_path / ".venv" / "course-stamp")]:
        monkeypatch.setattr(course, name, value)
    python.parent.mkdir()
    course.STAMP.write_text(course.fingerprint())
    return tmp_path


def test_finished_environment_is_ready(environment):
    assert course.is_ready()


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml", "server.py"])
def test_changed_requirements_are_noticed(environment, name):
    (environment / name).write_text("other")
    assert not course.is_ready()


def test_missing_stamp_is_noticed(environment):
    course.STAMP.unlink()
    assert not course.is_ready()


def test_other_python_is_noticed(environment, monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 99, 0))
    assert not course.is_ready()


def test_moved_folder_is_noticed(environment, monkeypatch):
    moved = environment.rename(environment.with_name("moved"))
    monkeypatch.setattr(course, "ROOT", moved)
    monkeypatch.setattr(course, "LOCK", moved / "requirements.lock")
    monkeypatch.setattr(course, "SERVER", moved / "server.py")
    monkeypatch.setattr(course, "STAMP", moved / ".venv" / "course-stamp")
    assert not course.is_ready()


@pytest.mark.parametrize("python", ["no-such-file", "not-a-program"])
def test_broken_interpreter_is_noticed(environment, monkeypatch, python):
    (environment / "not-a-program").write_text("")
    monkeypatch.setattr(course, "PYTHON", environment / python)
    assert not course.is_ready()


@pytest.mark.skipif(Path(sys.prefix).resolve() != course.VENV, reason="not the environment that course.py makes")
def test_its_jupyter_sends_each_message_at_once():
    asked = [sys.executable, "-m", "jupyterlab", "--show-config-json"]
    said = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    assert "PromptConnection" in json.loads(said)["ServerApp"]["kernel_websocket_connection_class"]


def test_parses_on_old_python():
    source = Path(course.__file__).read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 6))


def test_old_python_is_told_what_to_do(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 8, 10))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer; this is 3\.8"):
        course.main(["lab"])


@pytest.mark.parametrize("missing", ["venv", "ensurepip"])
def test_missing_venv_is_told_what_to_do(monkeypatch, missing):
    found = course.importlib.util.find_spec
    monkeypatch.setattr(course.importlib.util, "find_spec",
                        lambda name: None if name == missing else found(name))
    with pytest.raises(SystemExit, match="apt install python3-venv"):
        course.main(["test"])


def test_failing_pip_is_told_in_two_lines(monkeypatch, tmp_path):
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("no-such-package==1.0 --hash=sha256:" + "0" * 64)
    monkeypatch.setattr(course, "PYTHON", Path(sys.executable))
    with pytest.raises(SystemExit) as stop:
        course.pip_install("--no-index", "--dry-run", "--require-hashes", "-r", str(requirements))
    reason, advice = stop.value.code.splitlines()
    assert "no-such-package==1.0" in reason and "network" in advice


@pytest.mark.parametrize("argv, code", [(["--help"], 0), ([], 2), (["teach"], 2)])
def test_usage_names_every_command(capsys, argv, code):
    assert course.main(argv) == code
    said = capsys.readouterr().out
    assert all("\n  " + name in said for name in course.COMMANDS)


def test_run_returns_the_exit_code():
    assert course.run([sys.executable, "-c", "import sys; sys.exit(3)"]) == 3


def executable(path):
    path.write_text("")
    path.chmod(0o755)
    return str(path)


@pytest.mark.skipif(os.name == "nt", reason="executable bits")
def test_browser_on_the_path(monkeypatch, tmp_path):
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    chrome = executable(tmp_path / "google-chrome")
    assert course.find_chromium() == chrome
    chromium = executable(tmp_path / "chromium")
    assert course.find_chromium() == chromium


@pytest.mark.skipif(os.name == "nt", reason="executable bits")
def test_browser_from_the_environment_comes_first(monkeypatch, tmp_path):
    mine = executable(tmp_path / "my-browser")
    monkeypatch.setenv("CHROMIUM", mine)
    assert course.find_chromium() == mine
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "absent"))
    assert course.find_chromium() is None


@pytest.mark.parametrize("required, code", [("0", 0), ("1", 1)])
def test_missing_browser_is_said_loudly(monkeypatch, capsys, required, code):
    monkeypatch.setattr(course, "run", lambda command: 0)
    monkeypatch.setattr(course, "find_chromium", lambda: None)
    monkeypatch.setenv("CNN_REQUIRE_BROWSER", required)
    assert course.test() == code
    assert "NOT RUN: no Chromium" in capsys.readouterr().out


@pytest.mark.parametrize("broken", ["--ignore=tests/browser", "tests/browser"])
def test_one_failing_suite_fails_the_run_but_stops_no_other(monkeypatch, capsys, broken):
    commands = []
    monkeypatch.setattr(course, "run", lambda command: commands.append(command) or broken in command)
    monkeypatch.setattr(course, "find_chromium", lambda: "chromium")
    assert course.test() == 1
    assert commands[-1][-1] == "tests/browser"
    assert capsys.readouterr().out.count("FAILED") == 1


def test_command_line_says_it_too():
    """The file itself, run as a program, with no environment made."""
    said = subprocess.run([sys.executable, course.__file__, "--help"], capture_output=True,
                          text=True)
    assert said.returncode == 0 and "course.py COMMAND" in said.stdout
