"""What a whole process costs: the memory of a training, the import, the notebooks."""

import os
import re
import statistics
import subprocess
import sys
from pathlib import Path

from benchmarks.timing import in_turn, seconds, torch

ROOT = Path(__file__).resolve().parent.parent
PEAK = """
def peak():
    try:  # a child's ru_maxrss begins with its parent's on Linux; VmHWM is its own
        text = open("/proc/self/status").read()
        return int(text.split("VmHWM:")[1].split()[0]) / 1024
    except OSError:
        import resource, sys
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
"""
OURS = """
from cnnlib import SGD, fit, lenet5, load_mnist
train, model = load_mnist().train, lenet5(rng=0)
images, labels = train.images[:COUNT], train.labels[:COUNT]
before = peak()
fit(model, images, labels, optimizer=SGD(model, 0.01, momentum=0.9), rng=0, progress=False)
print(before, peak())
"""
THEIRS = """
from cnnlib import lenet5, load_mnist
from benchmarks.training import TorchLeNet, tensors
images, labels = tensors(load_mnist().train, COUNT)
model = TorchLeNet(lenet5(rng=0))
before = peak()
model.epoch(images, labels, 64)
print(before, peak())
"""


def python(*args):
    """Run this Python on the project's own copy of the library; return what it prints."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    own = {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": ""}  # readers have byte code from the second import on
    done = subprocess.run([sys.executable, *args], cwd=ROOT, env=os.environ | own, capture_output=True, text=True,
                          check=False)
    if done.returncode:
        raise RuntimeError(done.stdout[-2000:] + done.stderr[-2000:])
    return done.stdout


def memory(report):
    """peak memory of training LeNet-5 for an epoch on all of MNIST"""
    rows, count = [], 6_400 if report.quick else 60_000
    sides = {"ours": OURS} | ({} if torch is None else {"PyTorch": THEIRS})
    for name, code in sides.items():
        runs = [list(map(float, python("-c", PEAK + code.replace("COUNT", str(count))).split())) for _ in range(report.rounds(3))]
        before, after = (statistics.median(column) for column in zip(*runs))
        rows.append([name, f"{before:.0f} MB", f"{after:.0f} MB"])
        if name == "ours":
            report.goal("peak memory of training on all of MNIST", 150, after, " MB")
    report.say()
    report.table(["batch 64, default threads", "when the data is loaded", "peak"], rows)


def imports(report):
    """import time over that of NumPy"""
    def clock(*names):
        return lambda: float(python("-c", f"import time; t = time.perf_counter(); import {', '.join(names)}; print(time.perf_counter() - t)"))

    times = in_turn({"numpy": clock("numpy"), "numpy, then cnnlib": clock("numpy", "cnnlib"),
                     "numpy, then cnnlib.widgets": clock("numpy", "cnnlib.widgets")}, report.rounds(15))
    first = statistics.median(times["numpy"])
    report.table(["import", "time", "over NumPy"],
                 [[name, f"{1000 * (median := statistics.median(values)):.0f} ms", f"{1000 * (median - first):.0f} ms"]
                  for name, values in times.items()])
    report.goal("`import cnnlib` over `import numpy`", 30, 1000 * (statistics.median(times["numpy, then cnnlib"]) - first), " ms")


def notebooks(report):
    """seconds that each notebook takes under strict nbval, kernel start included"""
    rows = []
    found = sorted((ROOT / "notebooks").glob("*.ipynb"))
    for path in found[:1] if report.quick else found:
        options = ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=120", "-q", "-p", "no:cacheprovider"]
        failed = []

        def run(path=path, failed=failed):
            try:
                python("-m", "pytest", *options, str(path))
            except RuntimeError as error:
                failed[:] = re.findall(r"\d+ failed|no tests ran", str(error)) or ["failed"]

        times = [seconds(run) for _ in range(1 if report.quick else 3)]
        rows.append([path.stem, f"{statistics.median(times):.1f} s", *(failed or ["passed"])])
        trains = path.stem[:2].isdecimal() and int(path.stem[:2]) >= 7  # the second half of the lectures
        report.goal(f"nbval of {path.stem}", 30 if trains else 15, statistics.median(times), " s")
    report.say()
    report.table(["notebook", "time", "nbval"], rows)
