"""The appendix prints its ratios to PyTorch from the benchmarks' results; nbval does not compare them."""

import runpy
from pathlib import Path

import nbformat

from cnnlib.datasets import DATA

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"


def test_ratios_are_found(tmp_path, capsys):
    notebook = nbformat.read(NOTEBOOKS / "appendix_fast_convolution.ipynb", as_version=4)
    (source,) = [cell.source for cell in notebook.cells if "nbval-ignore-output" in cell.metadata.get("tags", [])]
    script = tmp_path / "cell.py"
    script.write_text(source, encoding="utf-8")
    runpy.run_path(str(script), init_globals={"DATA": DATA})
    lines = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()]
    for part in ("LeNet epoch, batch 64", "evaluation", "`conv2d` forward + backward", "max 2×2"):
        ratios = [float(ratio) for ratio, name in lines if part in name]
        assert ratios and all(0 < ratio < 100 for ratio in ratios), part
