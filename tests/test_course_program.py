"""course.py as a program, with a project of a few lines and an environment of its own."""
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys

import pytest

import course
from test_course import toy_wheel

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


@pytest.mark.parametrize("gone, anew", [("toy.py", True), ("toy-1.0.dist-info", False)])
def test_environment_that_somebody_took_a_package_from_is_made_anew(small, gone, anew):
    """With pip uninstall, or a program that clears up; another version of a package is its user's own choice."""
    assert outcome(start(small))[1] == 0
    packages = next((small / ".venv").glob("[Ll]ib/**/site-packages"))
    course.remove(packages / gone)
    (packages / "more.py").write_text("")
    said, code = outcome(start(small))
    assert code == 0 and ("Making" in said) is anew and "It runs" in said


@pytest.mark.skipif(os.name == "nt", reason="python is a link")
def test_environment_damaged_from_inside_is_made_anew(small):
    venv = small / ".venv"
    (venv / "course-stamp" / "folder").mkdir(parents=True)
    (venv / "pyvenv.cfg").mkdir()
    said, code = outcome(start(small))
    assert code == 0 and "Making" in said and (venv / "course-stamp").is_file()
    (venv / "pyvenv.cfg").unlink()
    (venv / "lib64").unlink(missing_ok=True)
    (venv / "lib64").write_text("a file in the way")
    said, code = outcome(start(small))
    assert code == 0 and "Making" in said and "It runs" in said


def test_disk_that_fills_meanwhile_is_told_and_the_next_run_repairs_it(small):
    """In a file system of 6 MB, where somebody may make one."""
    tiny = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    if not shutil.which("unshare") or subprocess.call([*tiny, "mount -t tmpfs tmpfs /mnt"], stderr=subprocess.DEVNULL):
        pytest.skip("nobody may mount here")
    script = small / "course.py"
    whole = script.read_text(encoding="utf-8")
    script.write_text(whole.replace(f"SIZE = {course.SIZE}", "SIZE = 0"), encoding="utf-8")
    (small / ".venv").mkdir()
    mounted = f'mount -t tmpfs -o size=6m tmpfs .venv && exec "{sys.executable}" course.py bench'
    done = subprocess.run([*tiny, mounted], cwd=small, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    said = done.stdout.decode(errors="replace").splitlines()
    assert done.returncode == 1 and "No space left" in said[-2] and "Free about 1 GB" in said[-1]
    script.write_text(whole, encoding="utf-8")
    said, code = outcome(start(small))
    assert code == 0 and "It runs" in said


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
