"""The heart of each lecture is an empty function: the reader writes it, and its solution stands collapsed behind it."""

import ast

import nbformat
import pytest

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
