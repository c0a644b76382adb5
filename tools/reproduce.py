"""Execute the notebooks again and again, each time in another way, and compare every output.

``python tools/reproduce.py [NAME ...]`` (`08` means the notebook whose name begins so; none means
all) runs strict nbval on one and two threads, and with two kernels of OpenBLAS: the one that it
chooses for this processor, and the one of a common laptop. Both round sums in their own way, and a
stored output has to hold for all four. When no notebook was named and nothing differs, the figures
go to `tests/reliability/reproducible.json`.
"""

import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from itertools import product
from pathlib import Path

from refresh_notebooks import find

ROOT = Path(__file__).resolve().parent.parent
RECORD = ROOT / "tests" / "reliability" / "reproducible.json"
THREADS = ("1", "2")
BLAS = ("chosen by OpenBLAS", "Haswell")


def execute(paths, threads, blas):
    """Run nbval once; return how many cells it compared and the names of those that differ."""
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_CORETYPE"}
    environment.update(OPENBLAS_NUM_THREADS=threads, OMP_NUM_THREADS=threads)
    if blas != BLAS[0]:
        environment["OPENBLAS_CORETYPE"] = blas
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval", "--nbval-current-env",
                   "--nbval-cell-timeout=600", f"--junitxml={report}", *map(str, paths)]
        subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, check=False)
        cases = list(ElementTree.parse(report).iter("testcase"))
    differ = [f"{case.get('classname')} {case.get('name')}" for case in cases
              if case.find("failure") is not None or case.find("error") is not None]
    return len(cases), differ


def main(names):
    paths, cells, differ, start = find(names), 0, [], time.monotonic()
    for threads, blas in product(THREADS, BLAS):
        for path in paths:
            compared, wrong = execute([path], threads, blas)
            cells += compared
            differ += wrong
            print(f"{path.stem:30} threads {threads}, BLAS kernel {blas}: {compared} cells", *wrong, sep="\n    "
                  if wrong else " ", flush=True)
    print(f"{cells} cells compared, {len(differ)} differ")
    if not names and cells and not differ:
        figures = {
            "notebooks": len(paths),
            "executions of each (1 and 2 threads, two BLAS kernels)": len(THREADS) * len(BLAS),
            "cells compared": cells,
            "cells that differ": len(differ),
            "minutes": round((time.monotonic() - start) / 60),
        }
        record = {
            "what": "Each notebook executed on one and two threads, with the BLAS kernel of this processor and of a"
                    " laptop (Haswell); strict nbval compares every output.",
            "date": datetime.date.today().isoformat(),
            "machine": f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}",
            "figures": figures,
        }
        RECORD.parent.mkdir(parents=True, exist_ok=True)
        RECORD.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    return int(bool(differ) or not cells)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
