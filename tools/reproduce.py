"""Execute the notebooks again and again, each time in another way, and compare every output.

``python tools/reproduce.py [NAME ...]`` (`08` means the notebook whose name begins so; none means
all) runs strict nbval on one and two threads, and with two kernels of OpenBLAS: the one that it
chooses for this processor, and the one of a common laptop. Both round sums in their own way, and a
stored output has to hold for all four. `tests/reliability/reproducible.json` keeps the figures of
each notebook's last time.
"""

import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from itertools import product
from pathlib import Path

from refresh_notebooks import find

ROOT = Path(__file__).resolve().parent.parent
RECORD = ROOT / "tests" / "reliability" / "reproducible.json"
THREADS = ("1", "2")
BLAS = ("chosen by OpenBLAS", "Haswell")


def execute(path, threads, blas):
    """Run nbval once; return how many cells it compared and the names of those that differ."""
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_CORETYPE"}
    environment.update(OPENBLAS_NUM_THREADS=threads, OMP_NUM_THREADS=threads)
    if blas != BLAS[0]:
        environment["OPENBLAS_CORETYPE"] = blas
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval", "--nbval-current-env",
                   "--nbval-cell-timeout=600", f"--junitxml={report}", str(path)]
        subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, check=False)
        cases = list(ElementTree.parse(report).iter("testcase"))
    differ = [f"{case.get('classname')} {case.get('name')}" for case in cases
              if case.find("failure") is not None or case.find("error") is not None]
    return len(cases), differ


def main(names):
    every = {path.stem for path in find([])}
    figures = json.loads(RECORD.read_text(encoding="utf-8"))["figures"] if RECORD.exists() else {}
    figures = {stem: said for stem, said in figures.items() if stem in every}
    wrong = False
    for path in find(names):
        cells, differ = 0, []
        for threads, blas in product(THREADS, BLAS):
            compared, others = execute(path, threads, blas)
            cells += compared
            differ += [f"{other} ({threads} threads, BLAS kernel {blas})" for other in others]
        wrong = wrong or bool(differ) or not cells
        figures[path.stem] = f"{len(THREADS) * len(BLAS)} executions, {cells} outputs compared, {len(differ)} differ"
        print(path.stem, figures[path.stem], *differ, sep="\n    ", flush=True)
        record(dict(sorted(figures.items())))
    return int(wrong)


def record(figures):
    said = {
        "what": "Each notebook executed on one and two threads, with the BLAS kernel of this processor and of a laptop"
                " (Haswell): strict nbval compares every output with the stored one.",
        "date": datetime.date.today().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}",
        "figures": figures,
    }
    RECORD.parent.mkdir(parents=True, exist_ok=True)
    RECORD.write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
