"""TrainingMonitor, driven in JupyterLab and Notebook 7: the buttons steer, and the page shows Python's numbers."""

import contextlib
import re
from itertools import pairwise

import numpy as np
import pytest
from playwright.sync_api import expect

import plain
from cnnlib import SGD, Training, lecun1989, lenet5, softmax_cross_entropy
from cnnlib.figures import shade
from cnnlib.widgets import TrainingMonitor
from driver import to_fixed

SETUP = """from cnnlib import SGD, CosineDecay, Training, lenet5, load_mnist
from cnnlib.widgets import TrainingMonitor
train = load_mnist().train
def begin(epochs=1, count=60000):
    global model, training, monitor
    model = lenet5(rng=8)
    training = Training(model, train.images[:count], train.labels[:count], optimizer=SGD(model, 0.05, momentum=0.9), rng=8,
                        schedule=CosineDecay(0.05, warmup=0.2), epochs=epochs)
    monitor = TrainingMonitor(training, digit=7)
    monitor.show()
    training.start()"""
ROOT = ".cnn-monitor"
BLAS = """from threadpoolctl import threadpool_info, threadpool_limits
two = threadpool_limits(2, "blas")
def blas():
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas" and "numpy" in pool["filepath"]}"""
# Whether an idle kernel, which ignores interrupts, hears them: it puts this back when a cell has ended.
LISTENS = "get_ipython().kernel.saved_sigint_handler is not __import__('signal').SIG_IGN"
SHORT = """net = lenet5(rng=8)
monitor = TrainingMonitor(Training(net, train.images[:640], train.labels[:640], optimizer=SGD(net, 0.05), rng=8))
monitor"""


@pytest.fixture
def lab(server, open_notebook):

    def run(*cells, front="lab", wait=True, **options):
        notebook = open_notebook(server.write(f"monitor_{front}.ipynb", SETUP, *cells), front, **options)
        if wait:
            notebook.run_all(rest=False)  # a training that runs does not
        else:
            notebook.page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
        notebook.page.locator(f"{ROOT} .pair canvas").first.wait_for()
        return notebook

    return run


def press(notebook, name):
    notebook.page.locator(ROOT).first.get_by_role("button", name=name, exact=True).click()


@contextlib.contextmanager
def drawn_anew(notebook):
    """Wait for the card that takes the place of this one where a training ends: it has another stored picture."""
    notebook.page.locator(ROOT).first.evaluate("(root) => { root.dataset.before = '' }")
    yield
    notebook.page.wait_for_function("() => document.querySelector('.cnn-monitor:not([data-before]) .curve b')?.textContent")
    notebook.rest()


def says(notebook, text):
    notebook.page.locator(f"{ROOT} .cnn-says", has_text=text).first.wait_for()


def check(notebook):
    """While it rests, everything on the page is Python's: words, curves, filters, maps."""
    page, root = notebook.page, notebook.page.locator(ROOT).first
    said = notebook.python("monitor.describe()")
    page.wait_for_function("(said) => document.querySelector('.cnn-monitor .cnn-says').textContent === said", arg=said)
    loss, accuracy, rate = notebook.python("monitor.curve[-1][1:]")
    shown = root.locator(".curve b").all_text_contents()
    assert shown[:2] == [to_fixed(loss, 3), f"{to_fixed(100 * accuracy, 1)}\N{NO-BREAK SPACE}%"] and float(shown[2]) == pytest.approx(rate, rel=5e-3, abs=1e-9)
    lines = root.locator(".line-of").evaluate_all("lines => lines.map((line) => line.points.numberOfItems)")
    assert lines == [notebook.python("len(monitor.curve)")] * 3
    assert root.locator("progress").evaluate("(bar) => [bar.value, bar.max]") == notebook.python("[training.history.steps, training.steps]")
    filters, maps = (np.array(notebook.python(f"monitor.{name}.tolist()")) for name in ("filters", "maps"))
    np.testing.assert_allclose(filters, notebook.python("model[1].weight[:, 0].tolist()"))
    image = notebook.python("train.images[(train.labels == monitor.digit).argmax()].tolist()")
    pictures = root.locator(".shows canvas").evaluate_all(
        "all => all.map((c) => [c.height, c.width, [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]])"
    )
    wanted = [(np.array(image), 255, "input")]
    wanted += [pair for f, m in zip(filters, maps) for pair in ((f, np.abs(filters).max(), "weight"), (m, np.abs(maps).max(), "output"))]
    for (high, wide, data), (values, end, role) in zip(pictures, wanted, strict=True):
        rows = np.array(data).reshape(high, wide, 4)[::3, ::3, :3]
        colors = [shade(value, end, role) for value in values[::3, ::3].flat]
        expected = np.array([[int(color[i : i + 2], 16) for i in (1, 3, 5)] for color in colors]).reshape(rows.shape)
        assert np.abs(rows - expected).max() <= 3


def test_pause_step_rate_digit_resume_stop(lab):
    notebook = lab("begin()")  # the cell has ended, the training goes on
    says(notebook, "Running: ")
    press(notebook, "pause")
    says(notebook, "Paused: ")
    steps = notebook.python("training.history.steps")
    assert 0 < steps < 938
    check(notebook)
    press(notebook, "one step")
    says(notebook, f"Paused: {steps + 1} of 938 steps.")
    check(notebook)

    slider = notebook.page.locator(f"{ROOT} input[type=range]")
    slider.focus()
    notebook.keys("ArrowRight")
    notebook.keys("ArrowRight")
    says(notebook, "your factor: 4")
    assert notebook.python("training.rate_factor") == 4 and notebook.page.inner_text(f"{ROOT} .cnn-value") == "4"
    notebook.page.locator(ROOT).get_by_role("button", name="one step").focus()
    notebook.keys("Enter")
    says(notebook, f"Paused: {steps + 2} of 938 steps.")
    rate = notebook.python("training.history.learning_rate[-1] / training.schedule(training.history.steps - 1, 938)")
    assert rate == pytest.approx(4)

    notebook.page.locator(f"{ROOT} .cnn-choice").get_by_role("radio", name="3", exact=True).check()
    says(notebook, "The 3 is read as")
    check(notebook)
    press(notebook, "resume")
    says(notebook, "Running: ")
    with drawn_anew(notebook):
        press(notebook, "stop")
        says(notebook, "Stopped: ")
    assert notebook.python("[training.state, training.history.interrupted, model.training]") == ["stopped", True, False]
    check(notebook)
    assert notebook.page.locator(f"{ROOT} .cnn-button:not(:disabled)").all_inner_texts() == ["go on"]
    hint = notebook.page.locator(f"{ROOT} .cnn-hint")
    expect(hint).to_have_text("The training was stopped: “go on” takes as many again, by the same schedule.")
    before = notebook.python("training.history.steps")
    press(notebook, "go on")
    says(notebook, "Running: ")
    press(notebook, "pause")
    says(notebook, "Paused: ")
    expect(hint).to_have_text("")
    assert notebook.python("[monitor.done > training.history.steps, monitor.steps]") == [True, before + 938]
    notebook.python("training = monitor.training")
    assert notebook.page.locator(f"{ROOT} progress").evaluate("(bar) => [bar.value, bar.max]") == notebook.python("[monitor.done, monitor.steps]")
    assert notebook.problems == []


@pytest.mark.parametrize("net, width, beside", [(lecun1989, 900, True), (lecun1989, 390, False),
                                                (lenet5, 900, False)])
def test_filters_and_maps_are_large_enough_and_side_by_side(browser, net, width, beside):
    model = net(rng=0) if net is lenet5 else net(5, rng=0)
    images = np.zeros((20, 28, 28), np.uint8) if net is lenet5 else np.zeros((20, 16, 16), np.float32)
    training = Training(model, images, np.arange(20) % 10, optimizer=SGD(model, 0.1), rng=0, loss=softmax_cross_entropy)
    page = browser.new_page(viewport={"width": width, "height": 800})
    root = plain.mount(page, TrainingMonitor(training), css=f"#host {{ width: {width}px !important }}")
    boxes = [one.bounding_box() for one in root.locator(".shows .cnn-pixels").all()]
    assert all(box["width"] >= 60 for box in boxes)
    assert (root.locator(".shows.beside").count() == 1) == beside
    if beside:  # one row, its gaps no wider than what they divide
        assert all(b["x"] - (a["x"] + a["width"]) < 60 for a, b in pairwise(boxes))
    page.close()


def test_buttons_work_while_a_cell_awaits_and_the_stop_button_ends_it(lab):
    notebook = lab("begin(epochs=50)", "history = await training", wait=False)
    says(notebook, "Running: ")
    press(notebook, "pause")
    says(notebook, "Paused: ")
    steps = int(re.search(r"Paused: (\d+) of", notebook.page.inner_text(f"{ROOT} .cnn-says"))[1])
    press(notebook, "one step")
    says(notebook, f"Paused: {steps + 1} of")
    press(notebook, "resume")
    says(notebook, "Running: ")
    notebook.page.evaluate("() => window.jupyterapp.commands.execute('notebook:interrupt-kernel')")
    says(notebook, "Stopped: ")
    assert notebook.python("[history.interrupted, history.steps == training.history.steps, training.state]") == [True, True, "stopped"]
    assert notebook.problems == []


def test_the_idle_notebooks_stop_button_and_a_second_run_end_it_in_notebook_7(lab):
    notebook = lab("begin(epochs=50)", front="notebook")
    says(notebook, "Running: ")
    notebook.python("first = training")
    notebook.run_all(rest=False)
    assert notebook.python("[first.state, training.state]") == ["stopped", "running"]
    assert notebook.wait_python(LISTENS, True)
    with drawn_anew(notebook):
        notebook.page.evaluate("() => window.jupyterapp.commands.execute('notebook:interrupt-kernel')")
        says(notebook, "Stopped: ")
    assert notebook.python("training.state") == "stopped"
    check(notebook)
    assert notebook.problems == []


@pytest.mark.parametrize("front", ["lab", "notebook"])
def test_what_a_button_begins_takes_no_core_from_blas_and_heeds_the_stop_button(lab, front):
    """The page's first message is heard beside the cells, all later ones in another thread."""
    notebook = lab(BLAS, SHORT, front=front)
    notebook.page.locator(f"{ROOT} .cnn-choice").get_by_role("radio", name="3", exact=True).check()
    notebook.agree()
    press(notebook, "start")
    says(notebook, "Done: 10 of 10 steps.")
    assert notebook.wait_python("list(blas())", [2]) == [2]
    notebook.python("monitor.training._options['epochs'] = 1000")
    press(notebook, "go on")
    says(notebook, "Running: ")
    assert notebook.wait_python("list(blas())", [1]) == [1]
    assert notebook.wait_python(LISTENS, True)
    notebook.page.evaluate("() => window.jupyterapp.commands.execute('notebook:interrupt-kernel')")
    says(notebook, "Stopped: ")
    assert notebook.wait_python("list(blas())", [2]) == [2]
    assert notebook.problems == []


def test_a_deaf_kernel_is_said_and_a_small_dark_screen_has_room(server, lab):
    notebook = lab("begin(count=640)", "training.wait()", front="notebook", theme="dark", viewport={"width": 412, "height": 900})
    root = notebook.page.locator(ROOT).first
    says(notebook, "Done: 10 of 10 steps.")
    assert root.get_attribute("data-theme") == "dark"
    assert root.evaluate("(root) => root.scrollWidth <= root.clientWidth")
    notebook.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    notebook.page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel")
    root.locator(".cnn-choice").get_by_role("radio", name="1", exact=True).click()  # and is put back
    root.locator(".cnn-hint.cnn-alert", has_text="Python has not heard you yet").wait_for()
