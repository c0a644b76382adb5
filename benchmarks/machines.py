"""Two kinds of machine on the one that is here: its own, and a laptop's, each in processes of its own.

OpenBLAS, oneDNN and PyTorch choose their kernels when they are loaded, by the processor or by what a variable
says. A machine that runs tests may have such variables set, and then one side computes at half its speed: they
are dropped for both. PyTorch has two speeds besides: where glibc gives large blocks of memory back to the system,
each result has to take them anew, page by page. So contestants meet twice, and the faster PyTorch counts.
"""

import importlib
import json
import os
import re
import statistics
import subprocess
import sys
from pathlib import Path

import threadpoolctl

from benchmarks.timing import torch

ROOT = Path(__file__).resolve().parent.parent
CHOOSING = ("OPENBLAS_", "GOTO_", "MKL_", "ONEDNN_", "DNNL_", "ATEN_", "OMP_", "KMP_", "MALLOC_", "GLIBC_TUNABLES", "LD_PRELOAD")
KINDS = {  # what each kind of machine has set
    "natural": {},
    "laptop": {"OPENBLAS_CORETYPE": "Haswell", "ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"},
}
MEMORY = {  # what glibc does with large blocks that are free
    "given back": {},
    "kept": {"MALLOC_MMAP_THRESHOLD_": str(2**30), "MALLOC_TRIM_THRESHOLD_": str(2**32)},
}


def unbiased(environment):
    """Return a copy of an environment without what chooses kernels, threads or memory."""
    return {name: value for name, value in environment.items() if not name.startswith(CHOOSING)}


def in_process(function, kind, memory, **arguments):
    """Return what a function of `benchmarks` returns on a kind of machine; JSON goes in and out.

    Parameters
    ----------
    function : callable
        At the top of its module; it takes and returns what JSON can hold.
    kind, memory : str
        Of `KINDS` and `MEMORY`.
    """
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    environment = unbiased(os.environ) | KINDS[kind] | MEMORY[memory] | {"PYTHONPATH": path}
    command = [sys.executable, "-m", "benchmarks.machines", function.__module__, function.__name__, json.dumps(arguments)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stdout[-2000:] + done.stderr[-2000:])
    return json.loads(done.stdout.splitlines()[-1])


def on_each(function, **arguments):
    """Return ``{kind: {row: (times, memory)}}`` of a function that returns ``{row: {side: seconds of rounds}}``.

    Of the two ways with memory a row has the one in which PyTorch is faster, for both sides.
    """
    found = {}
    for kind in KINDS:
        runs = {memory: in_process(function, kind, memory, **arguments)
                for memory in (MEMORY if torch is not None and sys.platform == "linux" else list(MEMORY)[:1])}
        best = {row: min(runs, key=lambda memory: theirs(runs[memory][row])) for row in next(iter(runs.values()))}
        found[kind] = {row: (runs[memory][row], memory) for row, memory in best.items()}
    return found


def theirs(times):
    """Return PyTorch's best median in a row, 0 where it is not installed."""
    return min((statistics.median(values) for side, values in times.items() if side.startswith("PyTorch")), default=0)


def kernels():
    """Return which kernel each library has chosen in this process, by library."""
    blas = [lib for lib in threadpoolctl.threadpool_info() if lib["user_api"] == "blas" and "numpy" in lib["filepath"]]
    chosen = {lib["internal_api"]: lib.get("architecture", "unknown") for lib in blas}
    if torch is not None:
        verbose = {"ONEDNN_VERBOSE": "1"}
        code = "import torch; torch.nn.functional.conv2d(torch.ones(16, 16, 32, 32), torch.ones(16, 16, 3, 3))"
        said = subprocess.run([sys.executable, "-c", code], env=os.environ | verbose, capture_output=True, text=True, check=False)
        isa = re.search(r"cpu,isa:([^\n]*)", said.stdout)
        chosen |= {"PyTorch": torch.backends.cpu.get_cpu_capability(), "oneDNN": isa[1] if isa else "unknown"}
    return chosen


def describe():
    """Return the kernels of each kind of machine, a line each."""
    lines = []
    for kind in KINDS:
        chosen = in_process(kernels, kind, "given back")
        lines.append(f"- {kind}: {', '.join(f'{library} {kernel}' for library, kernel in chosen.items())}")
    return lines


if __name__ == "__main__":
    module, name, options = sys.argv[1:]
    print(json.dumps(getattr(importlib.import_module(module), name)(**json.loads(options))))
