"""Change a module in one small way at a time, and see whether its own tests notice.

Called by ``python tools/mutate.py [MODULE ...] [--sample N] [--seed S] [--record]``. It works on a copy of the
repository, prints each change that survives, and with ``--record`` leaves the figures in
tests/reliability/mutation.json, module by module: whoever stops it goes on by the same command. What survives is a
hole in the tests, or makes no difference: then its line belongs to tests/equivalent_changes.json, with the reason.
``--again`` tries those once more that the record calls alive, after such tests, and keeps beside it what the first
run had seen. What is left alive needs a sentence in the record that says why; a test asks for it.
Without ``--sample`` every change is tried, which takes hours.
"""
import argparse
import contextlib
import importlib
import io
import json
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import tokenize
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.reliability import read_records, write_record  # noqa: E402  (it is run as a script)

SECONDS = 300  # after which a change has made something endless
# What each test run needs and nobody changes: loaded once, since every run is a copy of this process.
HEAVY = ("numpy", "pytest", "_pytest.doctest", "hypothesis.extra.numpy", "scipy.signal", "scipy.stats",
         "matplotlib.figure")
SHARED = "cnnlib/widgets/shared"
# The module, and what tests it: pytest's arguments, or the file of node's tests.
MODULES = {
    **{name: (f"cnnlib/{name}.py", [f"tests/test_{name}.py", f"cnnlib/{name}.py"])
       for name in (
           "shapes", "matrices", "kernels", "functional", "pooling", "conv", "detection", "gradcheck", "optim",
           "weights", "networks", "sliding", "search", "comparison", "datasets", "parallel", "evaluation",
           "checkpoints", "train",
       )},
    "columns": ("cnnlib/_columns.py", ["tests/test_conv.py", "tests/test_pooling.py", "tests/test_layers.py"]),
    "validate": (
        "cnnlib/_validate.py",
        ["tests/test_functional.py", "tests/test_conv.py", "tests/test_gradcheck.py", "tests/test_inputs.py"],
    ),
    "contract": ("cnnlib/layers/contract.py", ["tests/test_contract.py", "tests/test_layers.py", "cnnlib/layers"]),
    "fixed": ("cnnlib/layers/fixed.py", ["tests/test_layers.py", "tests/test_contract.py", "cnnlib/layers"]),
    "layers": ("cnnlib/layers/learning.py", ["tests/test_layers.py", "tests/test_contract.py"]),
    "sequential": (
        "cnnlib/sequential.py", ["tests/test_sequential.py", "tests/test_contract.py", "cnnlib/sequential.py"],
    ),
    "lines": ("cnnlib/_lines.py", ["tests/test_lines.py", "tests/test_conv.py"]),
    "winograd": ("cnnlib/_winograd.py", ["tests/test_winograd.py"]),
    "local": ("cnnlib/local.py", ["tests/test_conv.py", "cnnlib/local.py"]),
    "fused": ("cnnlib/fused.py", ["tests/test_fused.py", "cnnlib/fused.py"]),
    # the checkers of the exercises; what they do with changed solutions is tools/mutate_exercises.py
    **{name: (f"cnnlib/exercises/_{name}.py", ["tests/test_exercises.py", "-k", "not small_change"])
       for name in ("exercise", "run", "feedback")},
    "progress": ("cnnlib/exercises/_progress.py", ["tests/test_progress.py"]),
    "compare": (
        "cnnlib/exercises/_compare.py",
        ["tests/test_exercises.py", "-k", "misses or compar or pairs or single or transposed or change and not small"],
    ),
    # What is not here is seen by the browser's tests only, and those would take minutes for each change: controls,
    # ledger, motion and toolbar of the shared scripts, and the widgets' own. limits and palette are written by joiner.
    # dom, colour, tiff, unit and words had no tests of this kind; they got them before they were first drawn.
    **{f"{name}.js": (f"{SHARED}/{name}.js", f"tests/js/{tests}.test.mjs") for name, tests in (
        ("hand", "hand"), ("life", "life"), ("numbers", "numbers"), ("history", "history"), ("story", "story"),
        ("visits", "visits"), ("python", "history"), ("player", "player"), ("saving", "saving"), ("edit", "edit"),
        ("grid", "grid"), ("sum", "sum"), ("presenter", "presenter"), ("pictures", "pictures"), ("dom", "dom"),
        ("colour", "colour"), ("tiff", "tiff"), ("unit", "unit"), ("words", "words"),
    )},
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
    child = os.fork()  # which has loaded already what takes most of a short test's time
    if not child:
        run_tests(copy, tests)
    status = os.waitpid(child, 0)[1]
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)  # what it started and left behind
    return status != 0


def run_tests(copy, tests):
    """Become the run of the tests, whose exit status is theirs; something endless is ended by a signal."""
    code = 1
    try:
        os.setsid()
        signal.alarm(SECONDS)
        os.chdir(copy)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for number in range(3):
            os.dup2(nowhere, number)
        if isinstance(tests, str):
            os.execlp("node", "node", "--test", tests)
        for name in [name for name in sys.modules if name.partition(".")[0] == "tools"]:
            del sys.modules[name]  # the copy has its own
        os.environ.update(PYTHONPATH=str(copy), PYTHONDONTWRITEBYTECODE="1")
        sys.dont_write_bytecode = True  # two changes of one second and length would share a .pyc
        sys.path[:] = [str(copy), *(place for place in sys.path if place not in (str(ROOT), str(ROOT / "tools")))]
        code = sys.modules["pytest"].main(["-x", "-q", "-p", "no:cacheprovider", "--no-header", *tests])
    finally:
        os._exit(int(code))


def copied(folder):
    """A copy of the sources, tests and data."""
    copy = Path(folder) / "copy"
    ignored = shutil.ignore_patterns(
        ".venv", ".git", "node_modules", "__pycache__", ".hypothesis", "notebooks", "_build",
    )
    shutil.copytree(ROOT, copy, ignore=ignored, symlinks=True)
    return copy


def draw(modules, sample, seed):
    """Yield (module, path, tests, source, the changes that are drawn) for each module."""
    for module in modules:
        path, tests = MODULES[module]
        source = (ROOT / path).read_text(encoding="utf-8")
        possible = changes(source, path.endswith(".js"))
        count = min(len(possible), sample or len(possible))
        yield module, path, tests, source, random.Random(f"{module} {seed}").sample(possible, count)


def lived(modules, alive):
    """Yield the same for the changes that a record calls alive, each where its line is now."""
    entries = [re.fullmatch(r"(.*?):(\d+): (.*)", entry).groups() for entry in alive]
    for module in modules:
        path, tests = MODULES[module]
        source = (ROOT / path).read_text(encoding="utf-8")
        possible, chosen = changes(source, path.endswith(".js")), []
        for _, number, line in (entry for entry in entries if entry[0] == path):
            found = [change for change in possible if change[1] == line]
            if not found:
                sys.exit(f"{path} has changed since: there is no such line near {number}: {line}")
            chosen.append(min(found, key=lambda change, here=int(number): abs(change[0] - here)))
        if chosen:
            yield module, path, tests, source, chosen


def attempt(drawn, copy):
    """Try the changes; yield for each module how many were noticed, how many make no difference, and what is alive."""
    for module, path, tests, source, chosen in drawn:
        if notices(copy, tests):
            sys.exit(f"{module}: its tests fail without any change")
        noticed, equal, alive = 0, 0, []
        for number, line, changed in chosen:
            (copy / path).write_text(changed, encoding="utf-8")
            if notices(copy, tests):
                noticed += 1
            elif line in EQUIVALENT.get(module, {}):
                equal += 1
            else:
                alive.append(f"{path}:{number}: {line}")
                print(alive[-1], flush=True)
        (copy / path).write_text(source, encoding="utf-8")
        print(f"{module}: {noticed + equal} of {len(chosen)}", flush=True)
        yield module, noticed, equal, alive


def share(part, whole):
    return f"{100 * part / max(1, whole):.1f}% ({part} of {whole})"


def without_number(entry):
    """The file and the changed line of what is alive: where the line stands may change."""
    return re.sub(r":\d+: ", ": ", entry, count=1)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("modules", nargs="*", default=list(MODULES), metavar="MODULE", help=", ".join(MODULES))
    parser.add_argument("--sample", type=int, help="changes of each module; all unless given")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--record", action="store_true", help="leave the figures in tests/reliability/mutation.json")
    parser.add_argument("--again", action="store_true", help="try what the record calls alive, and record that too")
    options = parser.parse_args(arguments)
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    for name in HEAVY:
        importlib.import_module(name)
    drawing = {"sample": options.sample, "seed": options.seed}
    kept = read_records().get("mutation", {}) if options.record or options.again else {}
    run, alive = kept.get("run", {}), kept.get("alive", {})
    if not options.again and {name: run.get(name) for name in drawing} != drawing:
        run, alive = {**drawing, "parts": []}, {}
    reasons = {without_number(entry): why for entry, why in alive.items()}
    part_of = {module: part for part in run["parts"] for module in part["modules"]}
    if options.again:
        drawn = lived(options.modules, alive)
    else:
        drawn = draw([name for name in options.modules if name not in part_of], options.sample, options.seed)
    with tempfile.TemporaryDirectory() as folder:
        for module, noticed, equal, left in attempt(drawn, copied(folder)):
            if options.again:
                part = part_of[module]
                part["since"] += noticed
                part["equal"] += equal
                alive = {entry: why for entry, why in alive.items() if not entry.startswith(f"{MODULES[module][0]}:")}
            else:
                run["parts"].append({
                    "day": date.today().isoformat(), "modules": [module], "changes": noticed + equal + len(left),
                    "noticed": noticed, "equal": equal, "since": 0,
                })
            alive |= {entry: reasons.get(without_number(entry), "") for entry in left}
            if options.record or options.again:
                write(run, alive)
    print(*figures(run, alive).items(), sep="\n")
    for entry, why in alive.items():
        if not why:
            print(f"Say in the record why this may live: {entry}")


def figures(run, alive):
    """What the page says of a run in numbers: of each day its first run, then what was noticed since."""
    def others(parts):
        return sum(part["changes"] - part["equal"] for part in parts)

    parts, first = run["parts"], {}
    for day in sorted({part["day"] for part in parts}):
        these = [part for part in parts if part["day"] == day]
        each = [f"{part['modules'][0]} {part['noticed']} of {others([part])}"
                for part in these if len(part["modules"]) == 1]
        label = f"first run, {day}, {sum(len(part['modules']) for part in these)} modules: noticed of all others"
        first[label] = "; ".join([share(sum(part["noticed"] for part in these), others(these)), *each])
    return {
        "modules": sum(len(part["modules"]) for part in parts), "changes": sum(part["changes"] for part in parts),
        "make no difference, each with its reason": sum(part["equal"] for part in parts), **first,
        "with the tests written since": share(sum(part["noticed"] + part["since"] for part in parts), others(parts)),
        "alive": len(alive),
    }


def write(run, alive):
    """Leave the record of a run, and of what was noticed since."""
    write_record(
        "mutation",
        f"Modules changed in one small way at a time, at most {run['sample']} changes of each, drawn at random with "
        f"seed {run['seed']} (tools/mutate.py); their own tests have to notice. The first run met them as they were "
        "on its day; then what lived was read, and got a test, or the reason why it makes no difference, or the "
        "reason why it may live.",
        figures(run, alive), run=run, alive=alive)


if __name__ == "__main__":
    main()
