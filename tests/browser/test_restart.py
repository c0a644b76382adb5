"""The kernel is restarted while a training goes on: nothing is left of before, and the widgets answer again."""

import pytest

from tools import restarts

MODULES = "() => [...driver.models()].map((model) => globalThis.cnnlibModules.get(model.widget_manager).size)"


@pytest.mark.parametrize("front", restarts.FRONTS)
def test_widgets_answer_after_a_restart(open_notebook, server, front):
    notebook = open_notebook(server.write(f"restart_{front}.ipynb", *restarts.CELLS), front)
    before = restarts.one_round(notebook)
    restarts.restart(notebook)
    after = restarts.one_round(notebook)
    assert before != after and not restarts.alive(before)
    # A page never lets go of a module: each kind of widget has loaded one, however often it was made.
    assert notebook.page.evaluate(MODULES) == [2, 2]
    assert notebook.problems == []
