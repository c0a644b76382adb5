"""What the driver promises to whoever asks a page: the answer is not that of a moment ago."""

import pytest

PAGE = """
<!doctype html>
<input type="range" min="0" max="9" value="0"><button>press</button><output>0</output>
<script>
  const [slider, button, output] = document.querySelectorAll("input, button, output");
  const draw = (text) => requestAnimationFrame(() => { output.textContent = text; });
  slider.oninput = () => draw(slider.value);
  button.onclick = () => draw("pressed");
</script>
"""


@pytest.fixture
def page(browser):
    context = browser.new_context()
    page = context.new_page()
    page.set_content(PAGE)
    yield page
    context.close()


def test_a_gesture_ends_when_what_it_changed_is_painted(page):
    for value in "123456789":
        page.get_by_role("slider").fill(value)
        assert page.locator("output").inner_text() == value
        page.get_by_role("button").click()
        assert page.inner_text("output") == "pressed"


SLOW = """
import time
import numpy as np
from cnnlib import SGD, Linear, Training
from cnnlib.widgets import TrainingMonitor

class Slow(TrainingMonitor):
    def _obey(self, *message):
        time.sleep(0.2)
        super()._obey(*message)

net = Linear(2, 2, rng=0)
monitor = Slow(Training(net, np.eye(2), np.array([0, 1]), optimizer=SGD(net, 0.1), rng=0, epochs=9))
monitor
"""


@pytest.mark.parametrize("front", ["lab", "notebook"])
def test_no_cell_overtakes_what_a_widget_has_told_the_kernel(open_notebook, server, front):
    """Both hear a widget's messages in a thread of their own, from the second message on."""
    notebook = open_notebook(server.write(f"overtake_{front}.ipynb", SLOW), front)
    notebook.run_all()
    step = notebook.page.locator(".cnn-monitor").get_by_role("button", name="one step", exact=True)
    for done in range(1, 6):
        step.click()
        assert notebook.python("monitor.done") == done
    assert notebook.page.locator("progress").evaluate("(bar) => bar.value") == 5
    assert notebook.problems == []
