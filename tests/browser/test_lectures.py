"""The lectures as they are in the repository, run from top to bottom in a browser."""

import shutil
from pathlib import Path

import pytest

import axe
from driver import Spot, to_fixed

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


@pytest.fixture(params=["lab", "notebook"])
def lecture(request, open_notebook, server):
    """Open a copy of a lecture and run it: lecture("04_convolution_2d")."""

    def run(name):
        shutil.copy(NOTEBOOKS / f"{name}.ipynb", server.root / f"{request.param}_{name}.ipynb")
        notebook = open_notebook(f"{request.param}_{name}.ipynb", request.param)
        notebook.run_all()
        return notebook

    return run


@pytest.mark.parametrize("lecture", ["lab"], indirect=True)  # what differs in Notebook 7 is tested with the monitor
def test_lenet_trains_in_front_of_the_reader(lecture):
    notebook = lecture("08_training_lenet")
    page = notebook.page
    monitor, playground = page.locator(".cnn-monitor").all()
    monitor.locator(".cnn-says", has_text="Done: 938 of 938 steps.").wait_for()
    loss, accuracy, rate = notebook.python("monitor.curve[-1][1:]")
    assert monitor.locator(".curve b").all_text_contents() == [to_fixed(loss, 3), f"{to_fixed(100 * accuracy, 1)}\N{NO-BREAK SPACE}%", f"{rate:.3g}"]
    lines = monitor.locator(".line-of").evaluate_all("lines => lines.map((line) => line.points.numberOfItems)")
    assert lines == [notebook.python("len(monitor.curve)")] * 3
    assert notebook.python("float(result.accuracy)") >= 0.98

    def press(name, said):
        playground.get_by_role("button", name=name, exact=True).click()
        playground.locator(".cnn-says", has_text=said).wait_for()

    press("start", "Running: ")
    press("pause", "Paused: ")
    steps = notebook.python("playground.history.steps")
    press("one step", f"Paused: {steps + 1} of 938 steps.")
    playground.locator("input[type=range]").focus()
    for _ in range(3):
        notebook.keys("ArrowRight")
    playground.locator(".cnn-says", has_text="your factor: 8").wait_for()
    press("one step", f"Paused: {steps + 2} of 938 steps.")
    before, after = notebook.python("playground.history.learning_rate[-2:]")
    planned = notebook.python(f"[playground.schedule(k, 938) for k in ({steps}, {steps + 1})]")
    assert [before, after] == pytest.approx([planned[0], 8 * planned[1]])
    press("stop", "Stopped: ")

    explorer = notebook.sight(page.locator(".cnn-confusion"))
    assert explorer.locator(".cnn-says").inner_text() == notebook.python("explorer.describe()")
    shown = explorer.locator(".cells text").all_text_contents()
    assert [int(text.replace(",", "") or 0) for text in shown] == notebook.python("counts.ravel().tolist()")
    pad = notebook.sight(page.locator(".cnn-digit-pad"))
    pad.locator(".paper").focus()
    notebook.keys("3")
    page.locator(".cnn-digit-pad:not([aria-busy])").wait_for()
    assert pad.locator(".cnn-says").first.inner_text() == notebook.python("pad.describe()")
    assert notebook.python("pad.model is model and int(pad.probabilities.argmax())") == 3
    assert notebook.problems == []


def test_the_window_slides_over_the_image_of_lecture_04(lecture):
    notebook = lecture("04_convolution_2d")
    widget = notebook.page.locator(".cnn-slide-2d").first
    image = widget.locator(".image svg")
    notebook.drag(Spot(image, 0.3, 0.3), Spot(image, 0.5, 0.5))
    widget.locator(".cnn-says", has_text="Output (1, 1) of 3×3 is 4").wait_for()
    notebook.keys("ArrowRight")
    widget.locator(".cnn-says", has_text="Output (1, 2) of 3×3 is 3").wait_for()
    assert notebook.problems == []
    if axe.AXE.exists():  # else test_axe says that it is missing
        assert axe.faults(notebook.page, axe.OURS) == []
