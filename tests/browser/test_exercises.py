"""A notebook of exercises as a student meets it: a wrong function is told which mistake it is."""

import shutil
from pathlib import Path

from playwright.sync_api import expect

from cnnlib.exercises import ex03

NAME = "exercises_03_convolution_1d.ipynb"
NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
RIGHT = ex03.q1.source
WRONG = RIGHT.replace("y[i] += ", "y[i] = ")


def cell(notebook, text):
    return notebook.page.locator(".jp-CodeCell", has_text=text).first


def hand_in(notebook, program):
    """Replace what stands in the cell to fill in, run it and the one that checks it; return what that says."""
    notebook.click(cell(notebook, "def correlate(x, theta):").locator(".cm-content"))
    notebook.keys("ControlOrMeta+a")
    notebook.page.keyboard.insert_text(program)
    notebook.keys("Shift+Enter", "Shift+Enter")
    return cell(notebook, "ex03.q1.check(correlate)").get_by_role("status")


def test_the_mistake_is_named_then_the_right_answer_passes(open_notebook, server):
    shutil.copy(NOTEBOOKS / NAME, server.root / NAME)
    notebook = open_notebook(NAME)
    notebook.run_all()
    said = cell(notebook, "ex03.q1.check(correlate)").get_by_role("status")
    expect(said).to_contain_text("ex03.q1: not tried yet")

    sentence = next(sentence for sentence, wrong in ex03.q1.wrong.items() if wrong == ("y[i] += theta", "y[i] = theta"))
    said = hand_in(notebook, WRONG)
    expect(said).to_contain_text("ex03.q1: not yet")
    expect(said).to_contain_text(sentence.replace("`", ""))
    said = hand_in(notebook, RIGHT)
    expect(said).to_contain_text("ex03.q1: right")
    expect(said).to_contain_text(ex03.q1.because)

    for hint in (0, 1):  # each says a little more
        cell(notebook, "ex03.q1.check(correlate)").locator(".jp-InputPrompt").click()
        notebook.keys("b", "Enter")
        notebook.page.wait_for_function("() => document.activeElement.matches('.jp-mod-active .cm-content')")
        notebook.page.keyboard.insert_text("ex03.q1.hint()")
        notebook.keys("Shift+Enter")
        asked = cell(notebook, f"hint {hint + 1} of {len(ex03.q1.hints)}").get_by_role("status")
        expect(asked).to_contain_text(ex03.q1.hints[hint])
    assert notebook.problems == []
