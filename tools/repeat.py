"""Run each browser test many times on a busy machine, and record how often it passed.

    python tools/repeat.py --times 20 --busy 1             # all files, until each test has 20 runs
    python tools/repeat.py --times 20 --busy 1 counter     # only tests/browser/test_counter.py
    python tools/repeat.py --whole 3 --busy 1              # all that CI runs, three times in a row

It may be stopped and started again at any moment: it counts on from tests/reliability/, file by file.
What counts are runs of a test file as it is, on its widget as it is: where one of them has changed,
the file begins anew. A failure is counted for good, and its report kept below tests/reliability/failures/.
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
    loops = [subprocess.Popen([sys.executable, "-c", LOOP]) for _ in range(cores)]
    try:
        yield loops
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


class Rounds:
    """A pytest plugin: the collected tests again and again, in the same session, and what became of each."""

    def __init__(self, rounds, counts, save):
        self.rounds, self.counts, self.save, self.bad = rounds, counts, save, set()

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items):
        once = list(items)
        # Between two rounds another module must come, or a module's fixtures would not be made anew.
        items[:] = once * (self.rounds if len({item.path for item in once}) > 1 else 1)

    def pytest_runtest_logreport(self, report):
        file, _, test = report.nodeid.partition("::")
        if report.failed:
            self.bad.add(report.nodeid)
            FAILURES.mkdir(parents=True, exist_ok=True)
            log = FAILURES / f"{Path(file).stem}.txt"
            with log.open("a", encoding="utf-8") as stream:
                stream.write(f"{report.nodeid}, {report.when}\n{report.longreprtext}\n\n")
        if report.when == "teardown":
            self.counts[Path(file).name][test][report.nodeid in self.bad] += 1
            self.bad.discard(report.nodeid)

    def pytest_runtest_logfinish(self, nodeid):
        self.save()


def whole(times, cores, command):
    """Run all suites until one run is red or `times` are green; record how many were, and return 0 or 1."""
    green = 0
    with busy(cores):
        while green < times and subprocess.run(command, cwd=ROOT, check=False).returncode == 0:
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
    record = f"browser_{options.busy}_busy"
    kept = reliability.read_records().get(record, {}).get("runs", {})
    files = sorted(BROWSER.glob("test_*.py"))
    runs = {}
    for file in files:
        old = kept.get(file.name, {})
        same = old["tests"] if old.get("version") == version(file) else {}
        counts = defaultdict(lambda: [0, 0], {test: list(pair) for test, pair in same.items()})
        runs[file.name] = {"version": version(file), "tests": counts}

    def save():
        counts = [pair for run in runs.values() for pair in run["tests"].values()]
        figures = {
            "tests": len(counts),
            "runs of each, at least": min(map(sum, counts), default=0),
            "runs in all": sum(map(sum, counts)),
            "failed": sum(failed for _, failed in counts),
        }
        reliability.write_record(record, f"Each browser test again and again, with {more(options.busy)} kept busy.",
                                 figures, runs=runs)

    def least(file):
        return min(map(sum, runs[file.name]["tests"].values()), default=0)

    wanted = [file for file in files if not options.names or file.stem.removeprefix("test_") in options.names]
    os.environ["CNN_REQUIRE_BROWSER"] = "1"
    with busy(options.busy):
        while missing := [file for file in wanted if least(file) < options.times]:
            rounds = min(options.times - least(file) for file in missing)
            plugin = Rounds(rounds, {name: run["tests"] for name, run in runs.items()}, save)
            code = pytest.main(["-q", "-p", "no:cacheprovider", f"--rootdir={ROOT}", *map(str, missing)], [plugin])
            if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
                return int(code)
    return 0


if __name__ == "__main__":
    sys.exit(main())
