"""Make all locks again, and see that students of every kind can install what they name.

``python tools/relock.py`` needs uv, npm and a network. `requirements.lock`, `site.lock`, `lite.lock`,
`hub.lock`, `binder.lock` and `package-lock.json` then pin and hash what `pyproject.toml` and `package.json`
ask for, and name no host: whatever index or registry is asked later must answer with these very files.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import tomllib
from itertools import product
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from course import NEWEST, OLDEST  # noqa: E402 (course.py lies above this folder)

# Where a package asks for another with an extra, pip before 23.3 takes the newest unless the lock names that extra.
EXTRAS = "--no-strip-extras"
PLATFORMS = ["x86_64-manylinux_2_28", "aarch64-manylinux_2_28", "aarch64-apple-darwin", "windows"]


def run(*command):
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def lock_python():
    """Pin what pyproject.toml asks for; what is pinned already stays, unless --upgrade is among the arguments."""
    run("uv", "pip", "compile", "--quiet", "--universal", EXTRAS, "--generate-hashes", "--no-header", "--no-annotate",
        "--extra=lab", "--extra=test", "--extra=browser", "--extra=build", "pyproject.toml",
        "--output-file=requirements.lock", *sys.argv[1:])


def lock_extra(extra, *options):
    """Pin what an extra of pyproject.toml takes, in a lock of its name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder, f"{extra}.in")
        wanted.write_text("\n".join(project["optional-dependencies"][extra]), encoding="utf-8")
        run("uv", "pip", "compile", "--quiet", "--universal", EXTRAS, "--generate-hashes", "--no-header",
            "--no-annotate", f"--python-version=3.{OLDEST[1]}", str(wanted), f"--output-file={extra}.lock",
            *options, *sys.argv[1:])


def check_wheels(lock):
    """Every package has a wheel for each Python and system: no student needs a compiler."""
    pythons = [f"3.{minor}" for minor in range(OLDEST[1], NEWEST[1] + 1)]
    with tempfile.TemporaryDirectory() as empty:
        for python, platform in product(pythons, PLATFORMS):
            run("uv", "pip", "install", "--quiet", "--dry-run", "--only-binary=:all:", "--require-hashes",
                f"--target={empty}", f"--python-version={python}", f"--python-platform={platform}",
                f"--requirements={lock}")


def lock_javascript():
    """Pin what package.json asks for, without the addresses of registries and of sponsors."""
    run(shutil.which("npm"), "install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund")
    path = ROOT / "package-lock.json"
    lock = json.loads(path.read_text(encoding="utf-8"))
    for package in lock["packages"].values():
        package.pop("resolved", None)
        package.pop("funding", None)
    path.write_text(json.dumps(lock, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    lock_python()
    lock_extra("site", "--constraints=requirements.lock")  # one environment has both
    lock_extra("lite")
    lock_extra("hub", "--constraints=requirements.lock")
    lock_extra("binder")
    for lock in ("requirements.lock", "site.lock", "lite.lock"):
        check_wheels(lock)
    lock_javascript()
