"""A thousand random events on each widget, the same each time: no error, and page and Python end with the same."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmarks.widgets import HANDS
from cnnlib import widgets
from test_agreement import PLAIN, held, shown

EVENTS = 1000
MONKEY = (Path(__file__).parent / "monkey.js").read_text(encoding="utf-8")
CELLS = {hand.widget: hand.cell.replace("\nw = ", f"\n{hand.widget.lower()} = ").removesuffix("\nw") for hand in HANDS} | {
    "Question": "from cnnlib.widgets import Question\nquestion = Question('02.band')",
    "TrainingMonitor": "import numpy as np\nfrom cnnlib import SGD, Linear, Training\nfrom cnnlib.widgets import TrainingMonitor\n"
    "net = Linear(784, 10, rng=0)\ndigits = np.random.default_rng(0).random((64, 1, 28, 28))\n"
    "training = Training(net, digits.reshape(64, 784), np.arange(64) % 10, optimizer=SGD(net, 0.1), rng=0, batch_size=8)\n"
    "trainingmonitor = TrainingMonitor(training)",
}
# What goes on by itself comes to rest.
STOP = """
if {name}.has_trait("playing"):
    {name}.playing = False
if hasattr({name}, "training"):
    {name}.training.stop()
"""


def test_each_widget_has_a_cell():
    assert sorted(CELLS) == sorted(widgets.__all__)


@pytest.fixture(scope="module")
def notebook(open_notebook, server):
    notebook = open_notebook(server.write("random_events.ipynb", PLAIN, *(f"{cell}\n{name.lower()}" for name, cell in CELLS.items())))
    notebook.run_all()
    yield notebook
    # The browser keeps what was committed here; the next notebook is to ask anew.
    notebook.page.evaluate("() => Object.keys(localStorage).filter((key) => key.startsWith('cnnlib.')).forEach((key) => localStorage.removeItem(key))")


@pytest.mark.parametrize("name", widgets.__all__)
def test_page_and_python_agree_after_random_events(notebook, name):
    kind = getattr(widgets, name)
    notebook.problems.clear()
    root = notebook.sight(notebook.page.locator(f".{kind._root}"))
    done = root.evaluate(f"(root, [seed, count]) => ({MONKEY})({{ root, seed, count }})", [len(name), EVENTS])
    assert sum(done.values()) >= EVENTS and done["keydown"] > 100 and done["pointermove"] > 100
    notebook.python(STOP.format(name=name.lower()))
    notebook.page.locator(f".{kind._root}:not([aria-busy=true])").wait_for()
    notebook.agree()
    hand = SimpleNamespace(widget=name)
    seen = shown(notebook, hand)
    assert held(notebook, hand, list(seen)) == seen
    assert not notebook.problems, "\n".join(notebook.problems)
