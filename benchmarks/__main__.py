"""The command: run benchmarks, print, and with ``--write`` keep what they say in RESULTS.md."""

import argparse
import os
import subprocess
import sys

from benchmarks import convolution, processes, start, training, widgets
from benchmarks.machines import describe, unbiased
from benchmarks.report import Report, machine, store

BENCHMARKS = {
    "epoch": training.epoch,
    "evaluation": training.evaluation,
    "accuracy": training.accuracy,
    "conv": convolution.conv,
    "pooling": convolution.pooling,
    "growth": convolution.growth,
    "memory": processes.memory,
    "imports": processes.imports,
    "notebooks": processes.notebooks,
    "start": start.start,
    "widgets": widgets.widgets,
}


def main(argv=None):
    known = "\n".join(f"  {name:11} {run.__doc__}" for name, run in BENCHMARKS.items())
    parser = argparse.ArgumentParser("course.py bench", description=f"{__doc__}\n\nbenchmarks:\n{known}",
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="which to run; all unless given")
    parser.add_argument("--quick", action="store_true", help="small and few: to see that all runs, not for numbers")
    parser.add_argument("--write", action="store_true", help="put what was measured into benchmarks/RESULTS.md")
    parser.add_argument("--unbiased", action="store_true", help=argparse.SUPPRESS)  # said to itself: see below
    options = parser.parse_args(argv)
    for name in options.names:
        if name not in BENCHMARKS:
            parser.error(f"there is no benchmark {name!r}; there are {', '.join(BENCHMARKS)}")
    if options.quick and options.write:
        parser.error("--write keeps numbers, and --quick makes none that are worth keeping")
    if not options.unbiased:  # kernels are chosen when a library is loaded: begin again, once, without what chooses them
        command = [sys.executable, "-m", "benchmarks", "--unbiased", *(sys.argv[1:] if argv is None else argv)]
        return subprocess.run(command, env=unbiased(os.environ), check=False).returncode
    print("\n".join([machine(), *(chosen := describe()), ""]))
    for name in options.names or BENCHMARKS:
        print(f"== {name}: {BENCHMARKS[name].__doc__} ==", flush=True)
        report = Report(name, options.quick)
        BENCHMARKS[name](report)
        if options.write:
            store([report], kernels=chosen)
    return 0


if __name__ == "__main__":
    sys.exit(main())
