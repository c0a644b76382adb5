"""Change a module in one small way at a time, and see whether its own tests notice.

Called by ``python tools/mutate.py [MODULE ...] [--sample N] [--seed S] [--record]``. It works on a copy of the
repository, prints each change that survives, and with ``--record`` leaves the figures in
tests/reliability/mutation.json. What survives is a hole in the tests, or makes no difference: then its line
belongs to tests/equivalent_changes.json, with the reason. Without ``--sample`` every change is tried, which takes
hours.
"""
import argparse
import datetime
import io
import json
import os
import platform
import random
import re
import shutil
import subprocess
import sys
import tempfile
import tokenize
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "tests" / "reliability" / "mutation.json"
SHARED = "cnnlib/widgets/shared"
# The module, and what tests it: pytest's arguments, or the file of node's tests.
MODULES = {
    **{name: (f"cnnlib/{name}.py", [f"tests/test_{name}.py", f"cnnlib/{name}.py"])
       for name in (
           "shapes", "matrices", "kernels", "functional", "pooling", "conv", "detection", "gradcheck", "optim",
           "weights", "networks", "sliding", "search", "comparison", "datasets", "parallel", "evaluation",
           "checkpoints",
       )},
    "layers": ("cnnlib/layers/learning.py", ["tests/test_layers.py", "tests/test_contract.py"]),
    "sequential": (
        "cnnlib/sequential.py", ["tests/test_sequential.py", "tests/test_contract.py", "cnnlib/sequential.py"],
    ),
    "lines": ("cnnlib/_lines.py", ["tests/test_lines.py", "tests/test_conv.py"]),
    "winograd": ("cnnlib/_winograd.py", ["tests/test_winograd.py"]),
    "local": ("cnnlib/local.py", ["tests/test_conv.py", "cnnlib/local.py"]),
    "fused": ("cnnlib/fused.py", ["tests/test_fused.py", "cnnlib/fused.py"]),
    "hand.js": (f"{SHARED}/hand.js", "tests/js/hand.test.mjs"),
    "life.js": (f"{SHARED}/life.js", "tests/js/life.test.mjs"),
    "numbers.js": (f"{SHARED}/numbers.js", "tests/js/numbers.test.mjs"),
    "history.js": (f"{SHARED}/history.js", "tests/js/history.test.mjs"),
    "story.js": (f"{SHARED}/story.js", "tests/js/story.test.mjs"),
    "visits.js": (f"{SHARED}/visits.js", "tests/js/visits.test.mjs"),
    "rules": ("tests/test_rules.py", ["tests/test_rules.py"]),
    "import map": ("tests/test_import_map.py", ["tests/test_import_map.py"]),
}
SWAPS = {
    "+": "-", "-": "+", "*": "/", "/": "*", "//": "*", "%": "*", "**": "*", "@": "*", "<": "<=", "<=": "<", ">": ">=",
    ">=": ">", "==": "!=", "!=": "==", "===": "!==", "!==": "===", "&&": "||", "||": "&&", "and": "or", "or": "and",
    "+=": "-=", "-=": "+=", "*=": "/=", "&": "|", "|": "&", "True": "False", "False": "True", "true": "false",
    "false": "true", "min": "max", "max": "min", "maximum": "minimum", "minimum": "maximum", "argmax": "argmin",
    "zeros": "ones", "ones": "zeros", "is": "is not", "floor": "ceil", "ceil": "floor", "continue": "break",
}
# What makes no difference: {module: {changed line: why}}.
EQUIVALENT = json.loads((ROOT / "tests" / "equivalent_changes.json").read_text(encoding="utf-8"))


def tokens(source, javascript):
    """Yield (start, end, text) of a source's names, numbers and operators: no strings, no comments."""
    if javascript:
        text = r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`"
        pattern = text + r"|\w+|[!=]==?|[<>]=?|&&|\|\||[-+*/%]=?"
        for match in re.finditer(pattern, source, re.DOTALL):
            if match[0][0] not in "\"'`" and not match[0].startswith(("//", "/*")):
                yield match.start(), match.end(), match[0]
        return
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in (tokenize.OP, tokenize.NAME, tokenize.NUMBER):
            yield starts[token.start[0] - 1] + token.start[1], starts[token.end[0] - 1] + token.end[1], token.string


def changes(source, javascript=False):
    """Return every (line number, changed line, changed source) that is one small change away."""
    found, before = [], ""
    for start, end, text in tokens(source, javascript):
        other = SWAPS.get(text)
        if re.fullmatch(r"\d+", text):
            other = str(int(text) + 1)
        elif text in ("*", "**", "/") and (before in "([{,=:" or before in ("print", "return", "lambda")):
            other = None  # a star before an argument, a bare * or / between parameters
        if other is not None:
            found.append((start, end, other))
        before = text
    if not javascript:  # a check that is left out
        for match in re.finditer(r"^ +(check_\w+\([^\n]*\))$", source, re.MULTILINE):
            found += [(match.start(1), match.end(1), "pass")]
    results = []
    for start, end, other in found:
        changed = source[:start] + other + source[end:]
        number = source.count("\n", 0, start) + 1
        results.append((number, changed.splitlines()[number - 1].strip(), changed))
    return results


def notices(copy, tests):
    """Whether the tests fail in the copy of the repository."""
    if isinstance(tests, str):
        command = ["node", "--test", tests]
    else:
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--no-header", *tests]
    environment = {**os.environ, "PYTHONPATH": str(copy), "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


def copied(folder):
    """A copy of the sources, tests and data."""
    copy = Path(folder) / "copy"
    ignored = shutil.ignore_patterns(
        ".venv", ".git", "node_modules", "__pycache__", ".hypothesis", "notebooks", "_build",
    )
    shutil.copytree(ROOT, copy, ignore=ignored, symlinks=True)
    return copy


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("modules", nargs="*", default=list(MODULES), metavar="MODULE", help=", ".join(MODULES))
    parser.add_argument("--sample", type=int, help="changes of each module; all unless given")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--record", action="store_true", help=f"leave the figures in {REPORT.relative_to(ROOT)}")
    options = parser.parse_args()
    tried, noticed, equal, alive = 0, 0, 0, []
    with tempfile.TemporaryDirectory() as folder:
        copy = copied(folder)
        for module in options.modules:
            path, tests = MODULES[module]
            source = (ROOT / path).read_text(encoding="utf-8")
            if notices(copy, tests):
                sys.exit(f"{module}: its tests fail without any change")
            possible = changes(source, path.endswith(".js"))
            count = min(len(possible), options.sample or len(possible))
            for number, line, changed in random.Random(options.seed).sample(possible, count):
                tried += 1
                (copy / path).write_text(changed, encoding="utf-8")
                if notices(copy, tests):
                    noticed += 1
                elif line in EQUIVALENT.get(module, {}):
                    equal += 1
                else:
                    alive.append(f"{path}:{number}: {line}")
                    print(alive[-1], flush=True)
            (copy / path).write_text(source, encoding="utf-8")
            print(f"{module}: {noticed + equal} of {tried} so far", flush=True)
    share = f"{100 * noticed / max(1, tried - equal):.1f}%"
    print(f"{tried} changes, {equal} make no difference, {share} of the others noticed")
    if options.record:
        report = {
            "what": "modules changed in one small way at a time, drawn at random; their own tests have to notice",
            "date": datetime.date.today().isoformat(),
            "machine": f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}",
            "figures": {
                "modules": len(options.modules), "changes": tried, "make no difference, each with its reason": equal,
                "noticed of all others": share, "alive": len(alive),
            },
            "alive": alive,
        }
        REPORT.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
