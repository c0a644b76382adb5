"""The stored picture of a widget is the card as it looks: when the cell is run, nothing on the page moves."""

import os
import subprocess
import sys

import nbformat
import pytest

from cnnlib import widgets
from cnnlib.questions import find
from cnnlib.widgets.question.widget import stored_html
from driver import ROOT
from pages.harvest import hold
from test_random_events import CELLS
from tools import portraits
from widget_examples import make

JUMP = 8  # pixels that nobody notices
HEIGHTS = """
(what) => [...document.querySelectorAll(".jp-Cell")].map((cell) => {
  const shown = cell.querySelector(`.jp-OutputArea-output ${what}`);
  return shown ? cell.querySelector(".jp-OutputArea").getBoundingClientRect().height : 0;
})
"""
PICTURES = [name for name in widgets.__all__ if name != "Question"]  # that is stored as words
SOME = ["Backward", "Counter", "FilterBench", "LinkedView"]


@pytest.mark.parametrize("name", PICTURES)
def test_a_portrait_is_the_card_and_says_what_to_do(browser, name):
    page = browser.new_page(viewport={"width": portraits.WIDTH, "height": 800}, device_scale_factor=portraits.SCALE)
    png = portraits.paint(page, hold(make(name)))
    assert page.locator(".cnn-tools").inner_text() == "▶ run the cell to make it live"
    assert page.locator(".cnn-tools button").count() == 0
    box = page.locator(".cnn").bounding_box()
    width, height = int.from_bytes(png[16:20]), int.from_bytes(png[20:24])
    assert box["width"] == portraits.WIDTH and width == portraits.WIDTH * portraits.SCALE
    assert height == pytest.approx((box["height"] + 2 * portraits.MARGIN) * portraits.SCALE, abs=2)
    assert len(png) < 250_000
    page.close()


def test_nothing_jumps_when_a_widget_becomes_live(open_notebook, server):
    path = server.root / server.write("portraits.ipynb", *(f"{CELLS[name]}\n{name.lower()}" for name in SOME))
    program = "import sys; from pathlib import Path; from tools.refresh_notebooks import refresh; refresh(Path(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", program, str(path)], cwd=ROOT, check=True, capture_output=True,
                   env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))})
    notebook = open_notebook(path.relative_to(server.root), viewport={"width": 1500, "height": 1000})
    for cell in notebook.page.locator(".jp-Cell").all():
        cell.scroll_into_view_if_needed()
    notebook.page.wait_for_function("""(count) => {
        const pictures = [...document.querySelectorAll('.jp-OutputArea-output img')];
        return pictures.length === count && pictures.every((one) => one.naturalHeight);
    }""", arg=len(SOME))
    stored = notebook.page.evaluate(HEIGHTS, "img")
    notebook.run_all()
    for name in SOME:
        notebook.sight(notebook.page.locator(f".{getattr(widgets, name)._root}"))
    alive = notebook.page.evaluate(HEIGHTS, ".cnn")
    jumps = {name: (then, now) for name, then, now in zip(SOME, stored, alive) if abs(now - then) > JUMP}
    assert min(stored) > 100 and not jumps


ASKED = ["00.kept", "02.band", "02.by_hand", "04.stride", "04.columns"]  # choices, one field, five, long ones


@pytest.mark.parametrize("front", ["lab", "notebook"])
def test_nothing_jumps_when_a_question_becomes_live(open_notebook, server, front):
    cells = [nbformat.v4.new_code_cell("from cnnlib.widgets import Question")]
    for name in ASKED:
        stored = nbformat.v4.new_output("execute_result", {"text/html": stored_html(find(name)), "text/plain": "Predict."}, execution_count=1)
        cells.append(nbformat.v4.new_code_cell(f'Question("{name}")', outputs=[stored], execution_count=1))
    path = server.root / server.write(f"asked_{front}.ipynb")
    notebook = nbformat.read(path, 4)
    notebook.cells = cells
    nbformat.write(notebook, path)
    notebook = open_notebook(path.name, front, viewport={"width": 1280, "height": 2400})
    notebook.page.wait_for_function(f"() => document.querySelectorAll('.jp-OutputArea-output details').length === {len(ASKED)}")
    stored = notebook.page.evaluate(HEIGHTS, "details")
    notebook.run_all()
    alive = notebook.page.evaluate(HEIGHTS, ".cnn")
    assert min(stored[1:]) > 100
    assert {name: (then, now) for name, then, now in zip(ASKED, stored[1:], alive[1:]) if abs(now - then) > JUMP} == {}
