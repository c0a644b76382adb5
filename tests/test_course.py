"""course.py: it makes an environment whatever stands in the way, or says in two lines what to do."""
import ast
import hashlib
import json
import os
import shutil
import signal
import socket
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


@pytest.mark.parametrize("variables, lock, reason, what_to_do", [
    ({"PIP_NO_INDEX": "1"}, "absent==1.0", "absent==1.0", "newer than the lecture"),
    ({"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "1"}, "absent==1.0", "cannot be reached", "network"),
    ({"PIP_TIMEOUT": "x"}, "absent==1.0", "timeout", "pip config list"),
    ({"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "FOLDER"}, "toy==1.0", "DO NOT MATCH THE HASHES", "damaged"),
])
def test_failing_pip_is_told_in_two_lines(environment, monkeypatch, variables, lock, reason, what_to_do):
    toy_wheel(environment)
    for name in ("PIP_CONFIG_FILE", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.setenv(name, os.devnull if name.endswith("FILE") else "")
    for name, value in variables.items():
        monkeypatch.setenv(name, value.replace("FOLDER", str(environment)))
    course.LOCK.write_text(lock + " --hash=sha256:" + "0" * 64)
    with pytest.raises(SystemExit) as stop:
        course.install(None)
    said, advice = stop.value.code.splitlines()
    assert reason in said and what_to_do in advice


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


def test_settings_that_cannot_be_written_are_told(environment):
    folder = course.VENV / "etc" / "jupyter"
    folder.parent.mkdir()
    folder.write_text("a file in the way")
    with pytest.raises(SystemExit, match=r"settings of \.venv: .*\nMake \.venv writable, or delete it; then run"):
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


# A project of a few lines, with an environment of its own -----------------------------------------

STRANGE = "it's \"M\u00fcller\" \u5b66\u751f %d"


@pytest.fixture
def small(tmp_path):
    """course.py with little to install, in a folder of a name that a student could give it."""
    root = tmp_path / (STRANGE if os.name == "posix" else "M\u00fcller")
    for name, text in {"jupyterlab.py": "", "notebook.py": "", "cnnlib/widgets.py": "import toy",
                       "benchmarks.py": "import cnnlib.widgets, toy; print('It runs', *cnnlib.__path__)",
                       "tools/jupyter_server_config.py": ""}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    shutil.copy(course.__file__, root)
    digest = hashlib.sha256(toy_wheel(tmp_path).read_bytes()).hexdigest()
    (root / "requirements.lock").write_text(f"toy==1.0 --hash=sha256:{digest}\n")
    return root


def toy_wheel(folder):
    """The smallest package there is."""
    path = folder / "toy-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("toy.py", "")
        wheel.writestr("toy-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: toy\nVersion: 1.0\n")
        wheel.writestr("toy-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("toy-1.0.dist-info/RECORD", "")
    return path


def start(root, **variables):
    """`course.py bench` of the small project, and all that it says."""
    own = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(root.parent)} | variables
    return subprocess.Popen([sys.executable, str(root / "course.py"), "bench"], env=os.environ | own, cwd=root,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)


def outcome(process):
    return process.communicate()[0].decode(errors="replace"), process.returncode


def test_nothing_hostile_keeps_it_from_working(small, tmp_path):
    """A strange folder, a locale that cannot name it, variables and modules of others, half a .venv."""
    evil = tmp_path / "evil"
    (evil / "cnnlib").mkdir(parents=True)
    for name in ("pip.py", "toy.py", "cnnlib/__init__.py", "cnnlib/widgets.py"):
        (evil / name).write_text("raise SystemExit('evil')")
    (small / ".venv" / "lib").mkdir(parents=True)
    (small / ".venv" / "course-stamp").write_bytes(b"\xff\xfe")
    hostile = {"PIP_TARGET": "t", "PIP_PREFIX": "p", "PIP_ROOT": "r", "PIP_USER": "1", "PIP_DRY_RUN": "1",
               "PIP_PYTHON": "no", "PIP_NO_BINARY": ":all:", "PYTHONPATH": str(evil), "PYTHONWARNINGS": "error",
               "PYTHONOPTIMIZE": "2", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0",
               "VIRTUAL_ENV": str(evil)}
    said, code = outcome(start(small, **hostile))
    assert code == 0 and "Making" in said and "It runs " + str(small / "cnnlib") in said
    assert not any((small / name).exists() for name in "tpr")
    said, code = outcome(start(small, LC_ALL="C.UTF-8"))
    assert code == 0 and "Making" not in said  # a locale names the folder, and does not move it


def test_of_two_at_once_the_second_takes_what_the_first_makes(small):
    first, second = map(outcome, (start(small), start(small)))
    assert first[1] == second[1] == 0
    assert (first[0] + second[0]).count("Making") == 1
    assert first[0].count("It runs") == second[0].count("It runs") == 1


def test_pip_that_installs_elsewhere_is_found_out(small, tmp_path):
    (tmp_path / "pip.conf").write_text(f"[install]\ntarget = {tmp_path / 'elsewhere'}\n")
    said, code = outcome(start(small, PIP_CONFIG_FILE=str(tmp_path / "pip.conf")))
    assert code == 1 and "No module named 'toy'" in said and "'pip config list' shows a target" in said
    assert not (small / ".venv" / "course-stamp").exists()


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize("blow", [signal.SIGINT, signal.SIGKILL])
def test_interrupted_installation_is_made_anew(small, blow):
    """Ctrl+C reaches pip as well; a kill does not, and the next run waits for the pip it left behind."""
    with socket.create_server(("127.0.0.1", 0)) as silent:  # an index that takes calls and says nothing
        index = {"PIP_NO_INDEX": "0", "PIP_INDEX_URL": f"http://127.0.0.1:{silent.getsockname()[1]}/"}
        hanging = start(small, PIP_FIND_LINKS="", PIP_RETRIES="0", **index)
        call = silent.accept()[0]
        if blow == signal.SIGINT:
            os.killpg(hanging.pid, blow)
            assert "Stopped. The next run makes" in outcome(hanging)[0] and hanging.returncode == 130
            call.close()
            following = start(small)
        else:
            hanging.kill()
            following = start(small)
            assert b"waiting" in following.stdout.readline()
            call.close()
    said, code = outcome(following)
    assert code == 0 and "Making" in said and "It runs" in said
    hanging.wait()
    hanging.stdout.close()


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
    monkeypatch.setattr(course, "find_chromium", lambda: "chromium")
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
    monkeypatch.setattr(course, "find_chromium", lambda: "chromium")
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
