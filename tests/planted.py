"""A copy of the project with a fault planted in it, and the test command on that copy."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
COPIED = ("cnnlib", "tests", "benchmarks", "course.py", "pyproject.toml")


class Copy:
    """The project's code and tests in `folder`; large files are the original's."""

    def __init__(self, folder):
        self.root = folder / "copy"
        self.root.mkdir()
        for name in COPIED:
            source, target = ROOT / name, self.root / name
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "planted*", "test_planted*", "test_swallowed*"))
            else:
                shutil.copy(source, target)
        (self.root / "data").symlink_to(ROOT / "data", target_is_directory=True)

    def plant(self, file, right, wrong):
        """Write `wrong` in the place of `right`, which stands in `file` once."""
        path = self.root / file
        text = path.read_text(encoding="utf-8")
        assert text.count(right) == 1, f"{right!r} stands {text.count(right)} times in {file}"
        path.write_text(text.replace(right, wrong), encoding="utf-8")

    def failures(self, *args):
        """Run pytest on the copy; return what it reports as failed, by test, with the reason of each."""
        path = os.pathsep.join([str(self.root), os.environ.get("PYTHONPATH", "")])
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=short", *args],
            cwd=self.root, env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True, check=False,
        )
        assert done.returncode in (0, 1), done.stdout + done.stderr
        found = dict(re.findall(r"^(?:FAILED|ERROR) (.+?)(?: - (.*))?$", done.stdout, re.MULTILINE))
        assert bool(found) == bool(done.returncode), done.stdout
        if not re.search(r"\d (passed|failed|error)", done.stdout):
            pytest.skip("what would notice the fault was skipped itself: " + done.stdout.strip().splitlines()[-1])
        return found, done.stdout
