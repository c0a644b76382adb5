"""ConfusionExplorer, driven in JupyterLab and Notebook 7: each cell shows the images that Python says."""

import numpy as np
import pytest

from cnnlib import evaluate, load_lenet5, load_mnist
from cnnlib.figures import shade
from cnnlib.widgets import ConfusionExplorer

CELLS = (
    "from cnnlib import evaluate, load_lenet5, load_mnist\nfrom cnnlib.widgets import ConfusionExplorer\ntest = load_mnist().test",
    "result = evaluate(load_lenet5(), test.images, test.labels)\nexplorer = ConfusionExplorer(test.images, test.labels, result.outputs)\nexplorer",
)
CELL = ".cnn-confusion .cells"


@pytest.fixture(scope="module")
def twin():
    test = load_mnist().test
    return ConfusionExplorer(test.images, test.labels, evaluate(load_lenet5(), test.images, test.labels).outputs)


@pytest.fixture(scope="module")
def lab(server, open_notebook):
    notebook = open_notebook(server.write("confusion.ipynb", *CELLS))
    notebook.run_all()
    notebook.page.locator(".cnn-confusion figure").first.wait_for()
    return notebook


def check(notebook, twin, row, col, light=True):
    """Cell, words and images on the page are those of the twin that was made here."""
    twin.row, twin.col = row, col
    page = notebook.page
    page.wait_for_function("(said) => document.querySelector('.cnn-confusion .cnn-says').textContent === said", arg=twin.describe())
    assert notebook.python("[explorer.row, explorer.col]") == [row, col]
    assert notebook.python("explorer.chosen.tolist()") == twin.chosen.tolist()
    labels = page.locator(".gallery figure").evaluate_all("all => all.map((one) => one.getAttribute('aria-label'))")
    assert [int(label.split()[1].strip(",")) for label in labels] == twin.chosen.tolist()
    if light:
        shown = page.locator(".gallery canvas").evaluate_all(
            "all => all.map((c) => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data])"
        )
        table = np.array([[int(shade(v, 255, "input")[i : i + 2], 16) for i in (1, 3, 5)] for v in range(256)])
        images = load_mnist().test.images[twin.chosen]
        for data, image in zip(shown, images, strict=True):
            assert np.abs(np.array(data).reshape(28, 28, 4)[..., :3] - table[image]).max() <= 2


def cell(notebook, row, col):
    return notebook.page.locator(f"{CELL} svg > rect").nth(10 * row + col)


def test_the_numbers_are_the_matrix_s(lab, twin):
    shown = lab.page.locator(f"{CELL} text").all_text_contents()
    assert shown == [f"{count:,}" if count else "" for count in np.ravel(twin.counts)]
    check(lab, twin, twin.row, twin.col)


def test_click_a_mistake_a_success_and_an_empty_cell(lab, twin):
    lab.click(cell(lab, 9, 4))
    check(lab, twin, 9, 4)
    lab.click(cell(lab, 3, 3))
    check(lab, twin, 3, 3)
    row, col = np.argwhere(np.array(twin.counts) == 0)[0].tolist()
    lab.click(cell(lab, row, col))
    check(lab, twin, row, col)
    assert lab.page.inner_text(".cnn-confusion .title") == f"No {row} is taken for a {col}."


def test_keys_move_and_find_the_next_mistake(lab, twin):
    counts = np.array(twin.counts)
    frequent = sorted((-counts[r, c], r, c) for r in range(10) for c in range(10) if r != c and counts[r, c])
    lab.click(cell(lab, *(int(k) for k in frequent[0][1:])))
    lab.keys("n")
    check(lab, twin, *(int(k) for k in frequent[1][1:]))
    lab.page.get_by_role("button", name="next most frequent mistake").click()
    check(lab, twin, *(int(k) for k in frequent[2][1:]))
    lab.click(cell(lab, 0, 0))
    lab.keys("ArrowLeft", "ArrowRight", "ArrowDown", "ArrowDown", "ArrowUp")
    check(lab, twin, 1, 1)


def test_python_moves_the_page(lab, twin):
    lab.python("explorer.row, explorer.col = 7, 2")
    check(lab, twin, 7, 2)


def test_notebook_7_by_finger_on_a_small_dark_screen(server, open_notebook, twin):
    notebook = open_notebook(server.write("confusion_7.ipynb", *CELLS), "notebook", theme="dark", has_touch=True,
                             viewport={"width": 412, "height": 900})
    notebook.run_all()
    root = notebook.page.locator(".cnn-confusion")
    root.locator("figure").first.wait_for()
    assert root.get_attribute("data-theme") == "dark"
    assert root.evaluate("(root) => root.scrollWidth <= root.clientWidth")
    notebook.tap(cell(notebook, 3, 5))
    check(notebook, twin, 3, 5, light=False)
    notebook.keys("ArrowUp", on=notebook.page.locator(CELL))
    check(notebook, twin, 2, 5, light=False)
    assert notebook.problems == []
