"""course.py: it makes an environment whatever stands in the way, or says in two lines what to do."""
import ast
import json
import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

import course


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """A finished environment for a small project: this Python, and the stamp."""
    move(monkeypatch, tmp_path)
    for name in ("requirements.lock", "pyproject.toml", "server.py"):
        (tmp_path / name).write_text(name)
    course.VENV.mkdir()
    course.STAMP.write_bytes(course.fingerprint())
    return tmp_path


def move(monkeypatch, root):
    """Let course.py believe that it lies in another folder, whose environment is this one."""
    venv = root / ".venv"
    for name, value in [("ROOT", root), ("LOCK", root / "requirements.lock"), ("SERVER", root / "server.py"),
                        ("VENV", venv), ("STAMP", venv / "course-stamp"), ("BUSY", root / ".venv-lock"),
                        ("PYTHON", Path(sys.executable))]:
        monkeypatch.setattr(course, name, value)


def test_finished_environment_is_ready(environment):
    assert course.is_ready()


def test_changed_lock_is_noticed(environment):
    (environment / "requirements.lock").write_text("other")
    assert not course.is_ready()


def test_what_installs_nothing_makes_no_environment_anew(environment):
    (environment / "pyproject.toml").write_text("other")
    (environment / "server.py").write_text("other")
    course.setup()
    assert (environment / ".venv" / "etc" / "jupyter" / "server.py").read_text() == "other"


def test_jupyter_builds_nothing_and_its_scripts_are_not_the_lectures_modules(environment):
    course.configure()
    # Node.js goes by the nearest package.json above a script
    assert json.loads((course.VENV / "package.json").read_text()) == {}
    page = json.loads((course.VENV / "etc" / "jupyter" / "labconfig" / "page_config.json").read_text())
    assert page == {"buildAvailable": False, "buildCheck": False}


def test_lab_starts_what_it_needs_and_no_node(tmp_path):
    for name in ("node", "nodejs"):
        script = tmp_path / name
        script.write_text(f"#!/bin/sh\ntouch '{tmp_path}/asked'\n")
        script.chmod(0o755)
    search = os.pathsep.join([str(tmp_path), os.environ["PATH"]])
    # the last of the settings writes down the PATH that kernels and terminals would have
    settings = tmp_path / "settings.py"
    settings.write_text(Path("tools/jupyter_server_config.py").read_text(encoding="utf-8")
                        + f"import os, pathlib; pathlib.Path({str(tmp_path / 'path')!r}).write_text(os.environ['PATH'])\n")
    own = {name: str(tmp_path / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")}
    done = subprocess.run([sys.executable, "-c", course.START, f"--config={settings}", "--show-config-json"],
                          env=dict(os.environ, PATH=search, **own), capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["LabApp"]["extension_manager"] == "readonly"
    linked = [line.split("] ")[1].split(" | ")[0] for line in done.stderr.splitlines() if "successfully linked" in line]
    assert linked == ["jupyter_lsp", "jupyter_server_terminals", "jupyterlab", "notebook"]
    assert not (tmp_path / "asked").exists()
    assert (tmp_path / "path").read_text() == search


@pytest.mark.parametrize("stamp", [None, b"", b"\xff\xfe"])
def test_doubtful_stamp_is_noticed(environment, stamp):
    if stamp is None:
        course.STAMP.unlink()
    else:
        course.STAMP.write_bytes(stamp)
    assert not course.is_ready()


def test_other_python_is_noticed(environment, monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 99, 0))
    assert not course.is_ready()


def test_moved_folder_is_noticed(environment, monkeypatch):
    move(monkeypatch, environment.rename(environment.with_name("moved")))
    assert not course.is_ready()


@pytest.mark.parametrize("python", ["no-such-file", "not-a-program", "folder", "another", "older", "loose"])
def test_broken_interpreter_is_noticed(environment, monkeypatch, python):
    (environment / "not-a-program").write_text("")
    (environment / "folder").mkdir()
    for name, says in [("another", ""), ("older", "3 9 True"), ("loose", "{} {} False".format(*sys.version_info[:2]))]:
        (environment / name).write_text(f"#!/bin/sh\necho {says}\n")  # and it ends well
        (environment / name).chmod(0o755)
    monkeypatch.setattr(course, "PYTHON", environment / python)
    assert not course.is_ready()


def test_python_without_its_environment_is_noticed(environment, monkeypatch):
    monkeypatch.setattr(course, "PYTHON", Path(sys._base_executable))  # as where pyvenv.cfg is gone or damaged
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


@pytest.mark.parametrize("variables, lock, reason, what_to_do", [
    ({"PIP_NO_INDEX": "1"}, "absent==1.0", "cannot be reached, or has nothing", "pip config list"),
    ({"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "0"}, "absent==1.0", "cannot be reached", "network"),
    ({"PIP_INDEX_URL": "rubbish", "PIP_RETRIES": "0"}, "absent==1.0", "cannot be reached", "pip config list"),
    ({"PIP_INDEX_URL": "http://x:y/"}, "absent==1.0", "Port could not be", "PIP_..."),
    ({"PIP_INDEX_URL": "https://x.invalid/", "PIP_CERT": "FOLDER/no.pem"}, "absent==1.0", "no.pem", "PIP_..."),
    ({"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_PROXY": "::::"}, "absent==1.0", "::::", "PIP_..."),
    ({"PIP_NO_CACHE_DIR": "maybe"}, "absent==1.0", "--no-cache-dir", "PIP_..."),
    ({"PIP_CONFIG_FILE": "FOLDER/server.py"}, "absent==1.0", "server.py', line: 1", "a pip.conf"),
    ({"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "1"}, "absent==1.0", "cannot be reached", "network"),
    ({"PIP_TIMEOUT": "x"}, "absent==1.0", "timeout", "pip config list"),
    ({"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "FOLDER"}, "toy==1.0", "DO NOT MATCH THE HASHES", "damaged"),
])
def test_failing_pip_is_told_in_two_lines(environment, monkeypatch, variables, lock, reason, what_to_do):
    toy_wheel(environment)
    no_others(monkeypatch)
    for name, value in variables.items():
        monkeypatch.setenv(name, value.replace("FOLDER", str(environment)))
    course.LOCK.write_text(lock + " --hash=sha256:" + "0" * 64)
    with pytest.raises(SystemExit) as stop:
        course.install(None)
    said, advice = stop.value.code.splitlines()
    assert reason in said and what_to_do in advice


def no_others(monkeypatch):
    """No settings of pip's that this computer has."""
    for name in ("PIP_CONFIG_FILE", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.setenv(name, os.devnull if name.endswith("FILE") else "")
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):  # they go before PIP_CERT
        monkeypatch.delenv(name, raising=False)


def test_too_new_a_python_is_told(environment, monkeypatch):
    no_others(monkeypatch)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setattr(course, "NEWEST", (3, 10))
    course.LOCK.write_text("absent==1.0 --hash=sha256:" + "0" * 64)
    with pytest.raises(SystemExit, match="No matching distribution found for absent==1.0\n.*newer than the lecture"):
        course.install(None)


@pytest.mark.parametrize("lines, said", [
    (["Traceback (most recent call last):", "raise X", "pip._vendor.Bad: [Errno 28] No space left", "WARNING: x"],
     "pip._vendor.Bad: [Errno 28] No space left"),
    (["ERROR: Exception:", "Traceback", "OSError: one", "The above is the cause", "ValueError: two"], "ValueError: two"),
    (["ERROR: no space", "subprocess.CalledProcessError: Command '['a', 'b.c: ']' returned 1"], "no space"),
    (["ERROR: one", "ERROR: two", "[notice] a new pip"], "two"),
    (["could not be loaded.", "file: 'pip.conf', line: 1"], "could not be loaded. file: 'pip.conf', line: 1"),
])
def test_reason_is_the_last_error(lines, said):
    assert course.reason(lines) == said


def test_full_disk_is_told_before_and_after(environment, monkeypatch):
    assert "Free about 1 GB" in course.advice("OSError: [Errno 28] No space left on device")
    assert "Free about 1 GB" in course.advice("[WinError 112] There is not enough space on the disk")
    monkeypatch.setattr(course.shutil, "disk_usage", lambda path: Disk(free=123_000_000))
    course.VENV.rename(environment / "other")
    with pytest.raises(SystemExit, match=r"123 MB are free on this disk.\nFree about 1 GB"):
        course.setup()


@dataclass
class Disk:
    free: int


def test_read_only_folder_is_told(environment, monkeypatch):
    monkeypatch.setattr(course, "BUSY", environment / "server.py" / "lock")  # no folder: cannot be written
    course.STAMP.unlink()
    with pytest.raises(SystemExit, match=r"Cannot write in .*\n.*a place where you may write"):
        course.setup()


def test_folder_for_a_lock_is_told(environment):
    course.BUSY.mkdir()
    course.STAMP.unlink()
    with pytest.raises(SystemExit, match=r"\.venv-lock is not a file\.\nDelete it"):
        course.setup()


@pytest.mark.skipif(os.name == "nt", reason="links")
@pytest.mark.parametrize("wrong", [Path.touch, lambda path: path.symlink_to("nowhere")])
def test_no_folder_for_an_environment_is_told_and_left_alone(environment, wrong):
    course.VENV.rename(environment / "other")
    wrong(course.VENV)
    with pytest.raises(SystemExit, match=r"\.venv is no folder.*\n.*delete or rename it"):
        course.setup()
    assert os.path.lexists(course.VENV)


def test_settings_that_cannot_be_written_are_told(environment):
    folder = course.VENV / "etc" / "jupyter"
    folder.parent.mkdir()
    folder.write_text("a file in the way")
    with pytest.raises(SystemExit, match=r"set up \.venv: .*\nMake \.venv writable, or delete it; then run"):
        course.setup()
    folder.unlink()
    course.setup()
    assert (folder / "server.py").read_text() == "server.py"


def test_folder_that_no_environment_can_be_in_is_told(environment, monkeypatch):
    move(monkeypatch, environment / os.pathsep.join("ab"))
    with pytest.raises(SystemExit, match="Rename or move the folder"):
        course.make(None)


def test_its_own_python_does_not_pull_the_chair_from_under_itself(environment, monkeypatch):
    monkeypatch.setattr(sys, "prefix", str(course.VENV))
    with pytest.raises(SystemExit, match="deactivate"):
        course.make(None)


def test_variables_for_other_pythons_are_kept_away(monkeypatch):
    away = ["PIP_TARGET", "PIP_PYTHON", "PYTHONPATH", "PYTHONWARNINGS", "PYTHONHOME", "MPLBACKEND"]
    stay = ["PIP_INDEX_URL", "PIP_CERT", "PYTHONHASHSEED", "OPENBLAS_NUM_THREADS", "CHROMIUM"]
    for name in away + stay:
        monkeypatch.setenv(name, "1")
    variables = course.environment()
    assert not variables.keys() & set(away) and variables.keys() >= set(stay)


def toy_wheel(folder):
    """The smallest package there is."""
    path = folder / "toy-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("toy.py", "")
        wheel.writestr("toy-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: toy\nVersion: 1.0\n")
        wheel.writestr("toy-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("toy-1.0.dist-info/RECORD", "")
    return path


# Usage, suites, browser ---------------------------------------------------------------------------

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
    bare = executable(tmp_path / "chromium-headless-shell")
    assert (course.find_chromium(), course.find_chromium(without_window=True)) == (chrome, bare)
    chromium = executable(tmp_path / "chromium")
    assert (course.find_chromium(), course.find_chromium(without_window=True)) == (chromium, bare)
    for path in (chrome, chromium):
        os.unlink(path)
    assert course.find_chromium() == bare


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
    monkeypatch.setattr(course, "find_chromium", lambda **_: None)
    monkeypatch.setattr(course, "find_node", lambda: (None, "no Node.js"))
    monkeypatch.setattr(course, "add_site", lambda: None)
    monkeypatch.setattr(course, "add_lite", lambda: None)
    monkeypatch.setenv("CNN_REQUIRE_BROWSER", required)
    assert course.test() == code
    assert "NOT RUN: no Chromium" in capsys.readouterr().out


@pytest.mark.parametrize("required, code", [("0", 0), ("1", 1)])
def test_without_node_the_rest_is_checked_and_that_is_said(monkeypatch, capsys, required, code):
    commands = []
    monkeypatch.setattr(course, "run", lambda command: commands.append(command) or 0)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("CNN_REQUIRE_JAVASCRIPT", required)
    assert course.lint() == code
    assert len(commands) == 1 and "ruff" in commands[0]
    assert "NOT RUN: no Node.js" in capsys.readouterr().out


@pytest.mark.parametrize("broken", ["--ignore=tests/browser", "tests/browser"])
def test_one_failing_suite_fails_the_run_but_stops_no_other(monkeypatch, capsys, broken):
    commands = []
    monkeypatch.setattr(course, "run", lambda command: commands.append(command) or broken in command)
    monkeypatch.setattr(course, "find_chromium", lambda **_: "chromium")
    monkeypatch.setattr(course, "find_node", lambda: ("node", None))
    monkeypatch.setattr(course, "add_site", lambda: None)
    monkeypatch.setattr(course, "add_lite", lambda: None)
    assert course.test() == 1
    assert any("eslint" in " ".join(command) for command in commands)
    assert commands[-1][-1] == "tests/browser"
    assert capsys.readouterr().out.count("FAILED") == 1


def test_a_site_that_cannot_be_added_is_said_and_stops_nothing(monkeypatch, capsys):
    def unreachable():
        sys.exit("The package index cannot be reached.")

    monkeypatch.setattr(course, "run", lambda command: 0)
    monkeypatch.setattr(course, "find_chromium", lambda **_: "chromium")
    monkeypatch.setattr(course, "find_node", lambda: ("node", None))
    monkeypatch.setattr(course, "add_site", unreachable)
    monkeypatch.setattr(course, "add_lite", unreachable)
    monkeypatch.setenv("CNN_REQUIRE_SITE", "0")
    assert course.test() == 0
    assert capsys.readouterr().out.count("NOT RUN: The package index cannot be reached.") == 2


def test_what_makes_the_site_is_added_once(environment, monkeypatch):
    added = []
    monkeypatch.setattr(course, "SITE_LOCK", environment / "site.lock")
    monkeypatch.setattr(course, "install", lambda lock, names=None: added.append(names))
    course.SITE_LOCK.write_text("one")
    course.add_site()
    course.add_site()
    assert added == [course.SITE_LOCK]
    course.SITE_LOCK.write_text("two")
    course.add_site()
    assert len(added) == 2


@pytest.mark.parametrize("what, place", [("site", "site-stamp"), ("lite", "lite/course-stamp")])
def test_a_stamp_that_is_a_folder_or_cannot_be_written_has_its_line(environment, monkeypatch, what, place):
    lock = environment / f"{what}.lock"
    lock.write_text("one")
    monkeypatch.setattr(course, f"{what.upper()}_LOCK", lock)
    monkeypatch.setattr(course, "VENV", environment)
    monkeypatch.setattr(course, "LITE", environment / "lite")
    monkeypatch.setattr(course, "install", lambda *args: None)
    monkeypatch.setattr(course, "ask", lambda *args, **options: ((environment / "lite").mkdir(exist_ok=True) or 0, [""]))
    (environment / place).mkdir(parents=True)
    getattr(course, f"add_{what}")()
    assert (environment / place).is_file()

    def full(stamp, wanted):
        raise OSError(28, "No space left on device")

    lock.write_text("two")
    monkeypatch.setattr(course, "leave", full)
    with pytest.raises(SystemExit, match=r"Could not make \.venv.*No space left on device"):
        getattr(course, f"add_{what}")()


def test_jupyterlite_has_an_environment_of_its_own_which_is_made_once(environment, monkeypatch):
    added = []
    monkeypatch.setattr(course, "LITE", environment / "lite")
    monkeypatch.setattr(course, "LITE_LOCK", environment / "lite.lock")
    monkeypatch.setattr(course, "install", lambda lock, names=None, folder=None: added.append((names, folder)))
    monkeypatch.setattr(course, "ask", lambda command, lock: ((environment / "lite").mkdir(exist_ok=True) or 0, [""]))
    course.LITE_LOCK.write_text("one")
    course.add_lite()
    course.add_lite()
    assert added == [(course.LITE_LOCK, course.LITE)]
    monkeypatch.setattr(course, "ask", lambda command, lock: (1, ["no space left"]))
    course.LITE_LOCK.write_text("two")
    with pytest.raises(SystemExit, match="Could not make .venv/lite: no space left\nFree about 1 GB"):
        course.add_lite()
    assert len(added) == 1


def test_command_line_says_it_too():
    """The file itself, run as a program, with no environment made."""
    said = subprocess.run([sys.executable, course.__file__, "--help"], capture_output=True,
                          text=True, check=False)
    assert said.returncode == 0 and "course.py COMMAND" in said.stdout
