"""Imports in cnnlib run downward only, and `import cnnlib` stays light.

A module may import those of a lower rank, and of its own rank only what BESIDE lists.
CONTRIBUTING.md draws the same map.
"""
import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "cnnlib"

RANKS = [
    {"_validate", "_files", "_main_thread"},
    {"shapes", "kernels", "matrices", "datasets", "parallel", "pictures", "words", "colours", "weights", "comparison", "drawings"},
    {"_columns"},
    {"_lines"},
    {"_winograd"},
    {"conv", "local", "pooling", "functional", "detection"},
    {"layers", "gradcheck"},
    {"fused"},
    {"sequential", "optim", "search", "evaluation"},
    {"networks", "sliding", "checkpoints", "_divergence"},
    {"train"},
    {"background"},
    {"figures", "showing", "questions"},
    {"widgets", "exercises"},
]
RANK = {module: rank for rank, modules in enumerate(RANKS) for module in modules}
# The exception: (who, whom). Sizes come before matrices of that size.
BESIDE = {("matrices", "shapes")}
# Narrower than their rank says.
ONLY = {"datasets": {"_validate", "_files"}, "pictures": {"_validate"}, "colours": {"_validate"}, "comparison": {"_validate"}, "drawings": {"_validate"}}
# For tests, notebooks and the widget that shows it: the library does not check itself.
ONLY_BY = {"gradcheck": {"widgets"}}
# Drawing is for the top; SciPy is an oracle for the tests, and the statistics of `comparison`.
OUTSIDE = {"matplotlib": {"figures", "showing", "widgets", "exercises"},
           "ipywidgets": {"widgets", "exercises"}, "anywidget": {"widgets"}, "scipy": {"comparison"}}
HEAVY = ["matplotlib", "ipywidgets", "anywidget", "skimage", "scipy", "tqdm", "joblib"]


def imports(source, package):
    """The dotted names that a source imports anywhere, relative ones resolved in `package`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[:len(package.split(".")) + 1 - node.level]
            origin = ".".join(base if node.level else []) or ""
            origin = ".".join(filter(None, [origin, node.module]))
            if origin == "cnnlib":  # from cnnlib import conv
                yield from (f"cnnlib.{alias.name}" for alias in node.names)
            else:
                yield origin


def complaints(module, source, package="cnnlib"):
    """What is wrong with the imports of a module of the map (`widgets` for any widget)."""
    for name in imports(source, package):
        top, _, rest = name.partition(".")
        if module not in OUTSIDE.get(top, {module}):
            yield f"{module} imports {top}"
        target = rest.split(".")[0]
        if top != "cnnlib" or (target == module and package != "cnnlib"):
            continue
        if target not in RANK:
            yield f"{module} imports {target or 'the whole package'}, which is not in the map"
        elif (module not in ONLY_BY.get(target, {module}) or target not in ONLY.get(module, {target})
              or (RANK[target] >= RANK[module] and (module, target) not in BESIDE)):
            yield f"{module} imports {target}"


def modules():
    """(name in the map, package, file) of every module but the package's own __init__."""
    for path in sorted(PACKAGE.rglob("*.py")):
        *folders, name = path.relative_to(PACKAGE).with_suffix("").parts
        if folders or name != "__init__":
            yield (folders or [name])[0], ".".join(["cnnlib", *folders]), path


def test_every_file_is_looked_at_but_the_packages_own_init():
    found = {(name, path.name) for name, _, path in modules()}
    assert {("conv", "conv.py"), ("layers", "__init__.py"), ("widgets", "base.py")} <= found
    assert len([*modules()]) == len([*PACKAGE.rglob("*.py")]) - 1


@pytest.mark.parametrize("module, package, path", [
    pytest.param(*item, id=item[2].relative_to(PACKAGE).as_posix()) for item in modules()])
def test_imports_run_downward(module, package, path):
    assert module in RANK, f"give {module} a place in the map"
    assert not list(complaints(module, path.read_text(encoding="utf-8"), package))


@pytest.mark.parametrize("module, source", [
    ("conv", "from cnnlib.layers import Conv2d"),
    ("conv", "from .layers import Conv2d"),
    ("conv", "from . import layers"),
    ("conv", "from cnnlib import layers"),
    ("conv", "import cnnlib.layers"),
    ("conv", "import cnnlib"),
    ("conv", "import numpy\nimport cnnlib.layers"),
    ("conv", "def f():\n    from .layers import Conv2d"),
    ("conv", "from .pooling import max_pool2d"),
    ("shapes", "from .matrices import full_matrix"),
    ("conv", "from .nowhere import x"),
    ("datasets", "from .shapes import output_size"),
    ("train", "from .gradcheck import check"),
    ("train", "import matplotlib.pyplot as plt"),
    ("figures", "from scipy import signal"),
])
def test_upward_import_is_seen(module, source):
    assert list(complaints(module, source))


@pytest.mark.parametrize("module, package, source", [
    ("conv", "cnnlib", "import numpy as np\nfrom ._validate import check\nfrom .shapes import s"),
    ("figures", "cnnlib", "import matplotlib.pyplot as plt\nfrom cnnlib import conv"),
    ("widgets", "cnnlib.widgets", "from ..conv import conv2d\nfrom .core import Widget"),
    ("widgets", "cnnlib.widgets", "from . import core\nimport anywidget"),
    ("widgets", "cnnlib.widgets", "from cnnlib.gradcheck import numerical_gradient"),
])
def test_downward_import_is_let_through(module, package, source):
    assert not list(complaints(module, source, package))


def in_fresh_python(code):
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, text=True, capture_output=True).stdout


def test_import_loads_nothing_that_draws():
    loaded = in_fresh_python("import sys, cnnlib; print(*sys.modules)").split()
    assert "cnnlib" in loaded
    assert not set(HEAVY) & set(loaded)
