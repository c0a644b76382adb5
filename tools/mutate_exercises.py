"""Change every solution in one small way at a time, and see whether `check` notices.

Called by ``python tools/mutate_exercises.py [NAME ...]``, with names such as ``ex03`` or ``ex03.q1``. It lists what
`check` let pass, with the reason where the change makes no difference (`EQUIVALENT`), and leaves the figures of a
complete run in tests/reliability/exercises.json. What survives without a reason is a hole: add an input that
tells the two apart.
"""
import ast
import copy
import datetime
import json
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

from cnnlib.exercises import _run
from cnnlib.exercises._compare import plain, same
from cnnlib.exercises._progress import exercises, sheets

REPORT = Path(__file__).resolve().parent.parent / "tests" / "reliability" / "exercises.json"
OPERATORS = {
    ast.Add: [ast.Sub], ast.Sub: [ast.Add], ast.Mult: [ast.Div, ast.Add], ast.Div: [ast.Mult],
    ast.FloorDiv: [ast.Div, ast.Mult], ast.Pow: [ast.Mult], ast.MatMult: [ast.Mult], ast.Mod: [ast.Mult],
    ast.Lt: [ast.LtE, ast.Gt], ast.LtE: [ast.Lt, ast.Gt], ast.Gt: [ast.GtE, ast.Lt], ast.GtE: [ast.Gt, ast.Lt],
    ast.Eq: [ast.NotEq], ast.NotEq: [ast.Eq], ast.And: [ast.Or], ast.Or: [ast.And],
}
NAMES = {"max": "min", "min": "max", "argmax": "argmin", "maximum": "minimum", "sum": "prod", "mean": "sum",
         "all": "any", "std": "var", "var": "std", "log": "log2", "exp": "exp2", "zeros": "ones", "sqrt": "square",
         "sin": "cos",
         "cos": "sin", "outer": "subtract.outer", "ceil": "floor"}
COMMUTE = {"max", "min", "maximum", "minimum"}
# Changes that make no difference, and why. The key is the exercise and the changed line.
ODD = "m is odd, so m − 1 can be halved exactly, and m // 2 is (m − 1) // 2:"
OVERWRITTEN = "Every entry of the array is written before it is returned:"
SHIFT = "The loss does not change if the same number is taken from all logits of a row:"
END = "A slice that ends beyond the array ends with the array:"
EITHER = "The operation does not ask which of the two comes first:"
MOVED = ("moved[max(down, 0):rows + min(down, {}), max(right, 0):cols + min(right, {})] = image[max(-down, 0):"
         "rows + min(-down, {}), max(-right, 0):cols + min(-right, {})]")
EQUIVALENT = {
    ("ex01.q1", "for weight, value in zip(x, theta):"): EITHER,
    ("ex02.q1", "edges[j, i] = 1"): "The band is symmetric:",
    ("ex02.q1", "if abs(i - j) <= (m - 1) / 2:"): ODD,
    ("ex02.q1", "if abs(i - j) <= (m - 0) // 2:"): ODD,
    ("ex02.q3", "h = (len(theta) - 0) // 2"): ODD,
    ("ex02.q6", "h = (len(theta) - 0) // 2"): ODD,
    ("ex05.q2", "x, y = (cross_correlate2d(image, across.T), cross_correlate2d(image, across))"): EITHER,
    ("ex07.q5", "grad[i * size + a, j * size + b] = G[i, j]"): "Windows side by side write each place once:",
    ("ex07.q6", "grad, epsilon = (np.ones(x.shape), 1e-05)"): OVERWRITTEN,
    ("ex08.q2", "shifted = logits + logits.max(axis=1, keepdims=True)"): SHIFT,
    ("ex08.q2", "shifted = logits - logits.max(keepdims=True)"): SHIFT,
    ("ex08.q2", "shifted = logits - logits.min(axis=1, keepdims=True)"): SHIFT,
    **{("ex11.q1", MOVED.format(*(int(k == place) for k in range(4)))): END for place in range(4)},
    ("ex12.q2", "if all((iou(better, box) <= most for better in kept)):"): EITHER,
    ("ex_appendix.q2", "return rows.reshape(pool * pool, -2)"): "To `reshape`, every negative number means the rest:",
    ("ex_appendix.q7", "for i in range(0, len(x) - 2, 2):"): "The number of entries is even, a step of two meets both:",
    ("ex_appendix.q4", "a, b = (maps[:, ::2, 1::2], maps[:, ::2, ::2])"): EITHER,
    ("ex_appendix.q4", "c, d = (maps[:, 1::2, 1::2], maps[:, 1::2, ::2])"): EITHER,
}


SAME_VALUE = "Computes the very value that is asked for, in another way:"


def variants(node):
    """Yield nodes that could stand instead of `node`."""
    for place in ("op", "ops"):
        operators = getattr(node, place, None)
        for operator in operators if isinstance(operators, list) else [operators]:
            for other in OPERATORS.get(type(operator), []):
                new = copy.deepcopy(node)
                setattr(new, place, [other()] if isinstance(operators, list) and len(operators) == 1 else
                        [other() if type(one) is type(operator) else one for one in operators]
                        if isinstance(operators, list) else other())
                yield new
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield ast.Constant(node.value + 1)
        yield ast.Constant(node.value - 1)
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield node.operand
    elif isinstance(node, ast.AugAssign):
        yield ast.Assign([node.target], node.value, lineno=node.lineno)
    elif isinstance(node, ast.IfExp):
        yield ast.IfExp(node.test, node.orelse, node.body)
    elif isinstance(node, ast.Attribute) and node.attr in NAMES:
        yield ast.Attribute(node.value, NAMES[node.attr], node.ctx)
        if node.attr == "T":
            yield node.value
    elif isinstance(node, ast.Attribute) and node.attr == "T":
        yield node.value
    elif isinstance(node, ast.Name) and node.id in ("max", "min"):
        yield ast.Name(NAMES[node.id], node.ctx)
    if isinstance(node, ast.Call):
        for k in range(len(node.keywords)):
            yield ast.Call(node.func, node.args, node.keywords[:k] + node.keywords[k + 1:])
        if len(node.args) == 2 and getattr(node.func, "id", getattr(node.func, "attr", "")) not in COMMUTE:
            yield ast.Call(node.func, node.args[::-1], node.keywords)
    if isinstance(node, ast.Tuple) and len(node.elts) == 2 and isinstance(node.ctx, ast.Load):
        yield ast.Tuple(node.elts[::-1], node.ctx)
    if isinstance(node, ast.If):
        yield ast.If(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)


def mutants(source):
    """Yield (the changed line, the program) for every single change of a program."""
    tree = ast.parse(source)
    plain = ast.unparse(tree).splitlines()
    for node in ast.walk(tree):
        for field, value in ast.iter_fields(node):
            for k, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
                if not isinstance(child, ast.AST) or (isinstance(node, ast.FunctionDef) and field != "body"):
                    continue
                for other in variants(child):
                    put(node, field, k, other)
                    changed = ast.unparse(ast.fix_missing_locations(tree))
                    put(node, field, k, child)
                    lines = changed.splitlines()
                    if lines != plain:
                        at = next((n for n, pair in enumerate(zip(lines, plain)) if pair[0] != pair[1]), 0)
                        yield lines[at].strip(), changed


def put(node, field, k, child):
    if k is None:
        setattr(node, field, child)
    else:
        getattr(node, field)[k] = child


def survives(one, program):
    """Whether `check` takes a changed solution for right."""
    try:
        function = one.compiled(program)
        if one.asks_for_code:
            return bool(one.check(function))
        value = function()
        if one.check(value) and not same(plain(value), plain(one.right())):
            raise ValueError(f"{one.name} takes {value} for right")
        return bool(one.check(value))
    except Exception:  # a changed value that cannot even be computed is nobody's answer
        return False


def main(names):
    os.environ["CNNLIB_PROGRESS"] = os.path.join(tempfile.mkdtemp(prefix="mutate-"), "progress.json")
    _run.SECONDS = 2.0
    made, equivalent, holes, slowest = 0, {}, [], {True: 0.0, False: 0.0}
    for one in (one for sheet in sheets() for one in exercises(sheet)):
        if names and not any(one.name == name or one.name.startswith(name + ".") for name in names):
            continue
        wrong = one.program(next(iter(one.wrong.values())))
        answer = wrong if one.asks_for_code else wrong()
        start = time.perf_counter()
        one.check(answer)  # the first time it draws its inputs, and runs its solution and its whole catalogue
        slowest[one.asks_for_code] = max(slowest[one.asks_for_code], time.perf_counter() - start)
        for line, program in mutants(one.source):
            made += 1
            if survives(one, program):
                reason = EQUIVALENT.get((one.name, line)) or (None if one.asks_for_code else SAME_VALUE)
                (equivalent.setdefault(reason, []) if reason else holes).append(f"{one.name}: {line}")
    same_count = sum(map(len, equivalent.values()))
    for reason, lines in equivalent.items():
        print(reason, *lines, sep="\n    ")
    print("without a reason:", *holes, sep="\n    ")
    different = made - same_count
    share = 1 - len(holes) / different
    print(f"{made} changes; {same_count} make no difference; of the other {different}, {share:.1%} are caught")
    if not names:
        REPORT.parent.mkdir(parents=True, exist_ok=True)
        REPORT.write_text(json.dumps({
            "what": "every solution of the exercises changed in one small way at a time; `check` has to notice",
            "date": datetime.date.today().isoformat(),
            "machine": f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}",
            "figures": {
                "changes": made, "make no difference, each with its reason": same_count,
                "caught of all others": f"{share:.1%}", "caught of all": f"{1 - (same_count + len(holes)) / made:.1%}",
                "slowest first check of a value": f"{1000 * slowest[False]:.0f} ms",
                "slowest first check of a function": f"{1000 * slowest[True]:.0f} ms",
            }}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return bool(holes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
