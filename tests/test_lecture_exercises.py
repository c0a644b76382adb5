"""The heart of each lecture is an empty function: the reader writes it, and its solution stands collapsed behind it."""

import ast
import builtins
import copy
import itertools

import nbformat
import numpy as np
import pytest

import cnnlib
from cnnlib.exercises._compare import plain, same
from cnnlib.exercises._progress import exercises, sheets
from tools.exercise_notebooks import lecture, short

SHEETS = {short(sheet): sheet for sheet in sheets()}


def code_cells(name):
    cells = nbformat.read(lecture(SHEETS[name]), as_version=4).cells
    return [cell for cell in cells if cell.cell_type == "code"]


def asked_in(name, cells):
    """The exercises that the lecture asks for, each with the place of its empty function."""
    places = {}
    for one in exercises(SHEETS[name]):
        asks = f"{one.starter}\n\n{one.name}.check({one.answer_name})"
        place = next((k for k, cell in enumerate(cells) if cell.source == asks), None)
        if place is not None:
            places[one] = place
    return places


def printed(name, cells):
    """The solutions that stand written out in the lecture's code."""
    texts = [ast.unparse(ast.parse(cell.source)) for cell in cells]
    for one in exercises(SHEETS[name]):
        if one.asks_for_code:
            body = ast.parse(one.source).body[0].body
            lines = "\n".join(ast.unparse(statement) for statement in body).splitlines()
            squeezed = "".join(lines).replace(" ", "")
            if any(squeezed in text.replace("\n", "").replace(" ", "") for text in texts) and len(squeezed) > 60:
                yield one.name


# What an expression of a lecture may call when it is tried out: no files, no training, nothing drawn.
CALLS = {"np": np, **{name: getattr(builtins, name) for name in (
    "abs", "all", "any", "bool", "enumerate", "float", "int", "len", "list", "map", "max", "min", "range", "reversed",
    "round", "sorted", "sum", "tuple", "zip")}}
CALLS |= {name: one for name in cnnlib.__all__ if callable(one := getattr(cnnlib, name)) and not isinstance(one, type)
          and not name.startswith(("load_", "fit", "evaluate", "predict"))}

# The library's own function, whose loops are what the exercise asks for: a lecture cannot do without it.
THE_LIBRARYS = {"ex03.q1": "cross_correlate1d", "ex04.q1": "cross_correlate2d", "ex04.q2": "cross_correlate2d"}


def short_ones(source):
    """The expressions in a program that compute something, each with the names that it reads."""
    for node in ast.walk(ast.parse(source)):
        computes = isinstance(node, (ast.BinOp, ast.Call, ast.Compare, ast.List, ast.ListComp, ast.Subscript, ast.Tuple))
        if computes and isinstance(getattr(node, "ctx", ast.Load()), ast.Load) and sum(1 for _ in ast.walk(node)) > 6:
            names = [one for one in ast.walk(node) if isinstance(one, ast.Name)]
            bound = {one.id for one in names if isinstance(one.ctx, ast.Store)}
            bound |= {one.arg for one in ast.walk(node) if isinstance(one, ast.arg)}
            yield ast.unparse(node), sorted({one.id for one in names} - bound - set(CALLS))


def solves(one, code, names, arguments):
    """Whether the expression gives what the exercise asks for, its names standing for these arguments, on every try."""
    for tried, right in zip(one.tries, one._rights):
        given = dict(zip(names, copy.deepcopy([tried[k] for k in arguments])))
        try:
            with np.errstate(all="ignore"):
                value = plain(eval(code, CALLS | given))  # noqa: S307  the lectures' own lines
        except Exception:
            return False
        if value is None or not same(value, right, one.tolerance):
            return False
    return True


def printed_in_short(name, cells):
    """The exercises of which one expression, however short, stands in the lecture before it asks for them.

    It is recognised by what it computes: tried out on the exercise's own inputs. Where it reads the names of the
    arguments they stand for themselves, and other names for any of them.
    """
    asked = asked_in(name, cells)
    for one in exercises(SHEETS[name]):
        if not one.asks_for_code:
            continue
        parameters = [parameter.arg for parameter in ast.parse(one.source).body[0].args.args]
        for text, names in {pair[0]: pair[1] for cell in cells[:asked.get(one)] for pair in short_ones(cell.source)}.items():
            if not 1 <= len(names) <= len(parameters) or text.startswith(f"{THE_LIBRARYS.get(one.name)}("):
                continue
            orders = ([tuple(map(parameters.index, names))] if set(names) <= set(parameters)
                      else itertools.permutations(range(len(parameters)), len(names)))
            try:
                code = compile(text, "<a lecture>", "eval")
            except SyntaxError:  # a piece such as ::2
                continue
            if any(solves(one, code, names, order) for order in orders):
                yield one.name, text


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", SHEETS)
def test_no_line_of_a_lecture_solves_an_exercise_that_it_asks_for_later(name):
    assert not list(printed_in_short(name, code_cells(name)))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("line, found", [
    ("assert np.array_equal(cross_correlate2d(image, mistakes), grad_K)", "cross_correlate2d(image, mistakes)"),
    ("print(convolve2d(G, K, padding='full'))", "convolve2d(G, K, padding='full')"),
    ("y = cross_correlate2d(x, K)", None),
    ("door = np.where(z > 0, G, 0)", "np.where(z > 0, G, 0)"),
])
def test_a_short_solution_is_seen_by_what_it_computes(line, found):
    cells = [nbformat.v4.new_code_cell(line)]
    assert [text for _, text in printed_in_short("ex07", cells)] == ([found] if found else [])


@pytest.mark.parametrize("name", SHEETS)
def test_a_lecture_asks_for_its_heart_and_prints_no_solution(name):
    cells = code_cells(name)
    assert asked_in(name, cells)
    assert not list(printed(name, cells))


@pytest.mark.parametrize("name", SHEETS)
def test_the_solution_is_folded_and_the_story_goes_on_with_either(name):
    cells = code_cells(name)
    for one, place in asked_in(name, cells).items():
        said, solution = cells[place], cells[place + 1]
        assert "not tried yet" in said.outputs[0].data["text/plain"]
        assert solution.source == f"{one.name}.solution()" and solution.metadata["jupyter"]["outputs_hidden"]
        assert solution.outputs[1].data["text/plain"] == repr(one.solution()), "refresh the notebook"
        assert any(f"{one.name}.or_solution({one.answer_name})" in cell.source for cell in cells[place + 2:])


def test_a_printed_solution_is_seen():
    cells = code_cells("ex07")
    cells[5].source = SHEETS["ex07"].q4.source
    assert list(printed("ex07", cells)) == ["ex07.q4"]
