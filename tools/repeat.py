"""Run each browser test many times on a busy machine, and record how often it passed.

    python tools/repeat.py --times 20 --busy 1             # all files, until each test has 20 runs
    python tools/repeat.py --times 20 --busy 1 counter     # only tests/browser/test_counter.py
    python tools/repeat.py --whole 3 --busy 1              # all that CI runs, three times in a row

It may be stopped and started again at any moment: it counts on from tests/reliability/, file by file, and
a whole run counts too. What counts are runs of a test file as it is, on its widget as it is: where one of
them has changed, the file begins anew. A failure is counted, and its report kept below
tests/reliability/failures/.
"""

import argparse
import contextlib
import hashlib
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from tools import reliability  # noqa: E402

BROWSER = ROOT / "tests" / "browser"
FAILURES = reliability.RECORDS / "failures"
LOOP = "import os\nparent = os.getppid()\nwhile os.getppid() == parent: pass"  # ends with whoever began it
PLUGIN = " -p tools.repeat"
ALSO = {"slide_filter_1d": ["pattern_detector"], "lectures": [], "agreement": []}  # test file: other widgets in it


def version(file):
    """Return a digest of a test file and of the folders of the widgets that it tests."""
    name = file.stem.removeprefix("test_")
    digest = hashlib.sha256(file.read_bytes())
    for widget in [name, *ALSO.get(name, [])]:
        for source in sorted((ROOT / "cnnlib" / "widgets" / widget).glob("*.*")):
            digest.update(source.read_bytes())
    return digest.hexdigest()[:12]


@contextlib.contextmanager
def busy(cores):
    """Keep some cores busy meanwhile."""
    # Each in a session of its own: Linux shares a core between sessions first, and within one, fifty threads of a
    # browser would leave a loop less than half of it.
    loops = [subprocess.Popen([sys.executable, "-c", LOOP], start_new_session=True) for _ in range(cores)]
    try:
        yield loops
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


class Runs:
    """A pytest plugin: what became of each browser test, added to the runs beside `cores` busy cores, or more."""

    def __init__(self, cores):
        self.record, self.cores, self.passed, self.bad = f"browser_{cores}_busy", cores, set(), set()
        kept = reliability.read_records().get(self.record, {}).get("runs", {})
        self.files = {}
        for file in sorted(BROWSER.glob("test_*.py")):
            old = kept.get(file.name, {})
            same = old["tests"] if old.get("version") == version(file) else {}
            counts = defaultdict(lambda: [0, 0], {test: list(pair) for test, pair in same.items()})
            self.files[file.name] = {"version": version(file), "tests": counts}

    def least(self, file):
        return min(map(sum, self.files[file.name]["tests"].values()), default=0)

    def pytest_runtest_logreport(self, report):
        path, _, test = report.nodeid.partition("::")
        if ROOT / path != BROWSER / Path(path).name:
            return
        if report.failed:
            self.bad.add(report.nodeid)
            FAILURES.mkdir(parents=True, exist_ok=True)
            with (FAILURES / f"{Path(path).stem}.txt").open("a", encoding="utf-8") as stream:
                stream.write(f"{report.nodeid}, {report.when}\n{report.longreprtext}\n\n")
        elif report.passed and report.when == "call":
            self.passed.add(report.nodeid)
        if report.when == "teardown" and report.nodeid in self.bad | self.passed:  # not where it was skipped
            self.files[Path(path).name]["tests"][test][report.nodeid in self.bad] += 1
            self.save()
            self.passed.discard(report.nodeid)
            self.bad.discard(report.nodeid)

    def save(self):
        counts = [pair for file in self.files.values() for pair in file["tests"].values()]
        figures = {
            "tests": len(counts),
            "runs of each, at least": min(map(sum, counts), default=0),
            "runs in all": sum(map(sum, counts)),
            "failed": sum(failed for _, failed in counts),
        }
        what = f"Each browser test again and again, with at least {more(self.cores)} kept busy."
        reliability.write_record(self.record, what, figures, runs=self.files)


def pytest_configure(config):
    """Count what a pytest runs that `whole` has begun; neither its workers nor what its tests begin count again."""
    cores = os.environ.pop("CNN_COUNT_RUNS", None)
    if cores is not None:
        os.environ["PYTEST_ADDOPTS"] = os.environ["PYTEST_ADDOPTS"].removesuffix(PLUGIN)
        for least in range(min(1, int(cores)), int(cores) + 1):  # who stands two busy cores has stood one
            config.pluginmanager.register(Runs(least))


def whole(times, cores, command):
    """Run all suites until one run is red or `times` are green; record how many were, and return 0 or 1."""
    counted = {"CNN_COUNT_RUNS": str(cores), "PYTEST_ADDOPTS": os.environ.get("PYTEST_ADDOPTS", "") + PLUGIN}
    green = 0
    with busy(cores):
        while green < times:
            if subprocess.run(command, cwd=ROOT, env=os.environ | counted, check=False).returncode != 0:
                break
            green += 1
    reliability.write_record(
        f"whole_suite_{cores}_busy",
        f"All that CI runs, again and again until one run is red, with {more(cores)} kept busy.",
        {"runs asked for": times, "green in a row": green},
    )
    return int(green < times)


def more(cores):
    return f"{cores} more {'core' if cores == 1 else 'cores'}"


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", help="test files, as in tests/browser/test_NAME.py")
    parser.add_argument("--times", type=int, default=20, help="runs of each test")
    parser.add_argument("--busy", type=int, default=1, help="cores that are kept busy")
    parser.add_argument("--whole", type=int, metavar="TIMES", help="instead, run `course.py test` so many times")
    options = parser.parse_args(argv)
    if options.whole:
        return whole(options.whole, options.busy, [sys.executable, "course.py", "test"])
    files = sorted(BROWSER.glob("test_*.py"))
    wanted = [file for file in files if not options.names or file.stem.removeprefix("test_") in options.names]
    runs = Runs(options.busy)
    command = ["-q", "-p", "no:cacheprovider", f"--rootdir={ROOT}", "-n", "2", "--dist", "loadfile"]  # as CI does
    os.environ["CNN_REQUIRE_BROWSER"] = "1"
    with busy(options.busy):
        while missing := [file for file in wanted if runs.least(file) < options.times]:
            code = pytest.main([*command, *map(str, missing)], [runs])
            if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
                return int(code)
    return 0


if __name__ == "__main__":
    sys.exit(main())
