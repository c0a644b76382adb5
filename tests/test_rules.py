"""What can be read in one sitting: no function over 120 lines, no module over 500.

eslint holds the functions of JavaScript to the same length (eslint.config.js).
"""
import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ["cnnlib", "tests", "tools", "benchmarks", "pages"]
MOST = {"function": 120, "module": 500}


def modules(*endings):
    """The sources of the project; what lies in other folders was not written here."""
    paths = [path for folder in FOLDERS for ending in endings for path in sorted((ROOT / folder).rglob("*" + ending))]
    return [path for path in [ROOT / "course.py", *paths] if path.suffix in endings and "_build" not in path.parts]


def too_long(source):
    """The names of the functions of a Python module that are too long, each with its lines."""
    functions = [node for node in ast.walk(ast.parse(source))
                 if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    lines = {node.name: node.end_lineno - node.lineno + 1 for node in functions}
    return {name: count for name, count in lines.items() if count > MOST["function"]}


def test_no_function_is_too_long():
    found = {str(path.relative_to(ROOT)): too_long(path.read_text(encoding="utf-8")) for path in modules(".py")}
    assert not {path: names for path, names in found.items() if names}


def test_no_module_is_too_long():
    lines = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
             for path in modules(".py", ".js", ".mjs", ".css")}
    long = {path: count for path, count in lines.items() if count > MOST["module"]}
    assert not long


@pytest.mark.parametrize("body, names", [(118, {}), (119, {}), (120, {"f": 121})])
def test_a_line_too_many_is_seen(body, names):
    assert too_long("def f():\n" + "    1\n" * body) == names


def test_the_limits_are_those_of_the_house_rules():
    rules = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert f"No function is longer than {MOST['function']} lines, and no module longer than {MOST['module']}," in rules


def test_the_sources_are_found():
    names = {path.relative_to(ROOT).as_posix() for path in modules(".py", ".js", ".css")}
    assert {"course.py", "cnnlib/conv.py", "tests/test_rules.py", "tests/browser/driver.py"} <= names
    assert any(name.startswith("cnnlib/widgets/") and name.endswith(".js") for name in names)
