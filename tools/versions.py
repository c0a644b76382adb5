"""Run the library's tests in this Python with these packages, and record how they ended.

    PYTHONPATH="$PWD" oldest/bin/python tools/versions.py lowest   # see CONTRIBUTING: the lower bounds
    PYTHONPATH="$PWD" newest/bin/python tools/versions.py locked   # requirements.lock in another Python
"""

import contextlib
import platform
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from tools import reliability  # noqa: E402

RECORD = "versions"
TESTS = ["--ignore=tests/browser"]  # of pyproject's testpaths, as course.py


class Counts:
    """A pytest plugin: how many tests have ended how."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def pytest_runtest_logreport(self, report):
        self.failed += report.failed
        self.skipped += report.skipped
        self.passed += report.passed and report.when == "call"


def main(packages, tests=TESTS):
    counts = Counts()
    with contextlib.chdir(ROOT):
        code = pytest.main(["-q", "-p", "no:cacheprovider", *tests], [counts])
    if code in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        kept = reliability.read_records().get(RECORD, {}).get("figures", {})
        row = {f"Python {platform.python_version()}, {packages} packages":
               f"{counts.passed:,} passed, {counts.failed} failed, {counts.skipped} skipped"}
        reliability.write_record(RECORD, "All tests but the browser's, in other Pythons and with the oldest direct "
                                         "packages that are allowed.", dict(sorted((kept | row).items())))
    return int(code)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
