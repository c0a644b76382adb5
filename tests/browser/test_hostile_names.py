"""Names that would run something, were they read as HTML: in a notebook, on an exported page and on a page of the site."""

import nbformat
import numpy as np
import pytest
from nbconvert import HTMLExporter

from cnnlib.widgets import Channels, PatternDetector
from test_pages import show  # noqa: F401

NAMES = ["<img src=x onerror=harm()>", "<svg onload=harm()>", "\"'><b onclick=harm()>"]
CELL = """import numpy as np
from cnnlib.widgets import Channels, PatternDetector
for name in %r:
    display(Channels(names=[name] * 6), PatternDetector(np.eye(5), {name: [1, -1]}))"""
# Elements that have come of a name.
COME = "() => [...document.querySelectorAll('[onerror], [onload], [onclick], img[src=x]')].map((one) => one.outerHTML)"
HARM = "window.harmed = 0; window.harm = () => { window.harmed += 1; }; void 0;"  # no function: Playwright would call it
# The same name read as HTML, on the same page: what the tests look for does happen.
READ = """(name) => new Promise((done) => {
    window.harm = () => done(true);
    document.body.insertAdjacentHTML("beforeend", name);
})"""


def named():
    for name in NAMES:
        yield Channels(names=[name] * 6)
        yield PatternDetector(np.eye(5), {name: [1, -1]})


def unharmed(page, places):
    """Whether each name stands as text in as many `places` as show it, and none has become more."""
    texts = [one.text_content() for one in page.locator(places).all()]
    assert [sum(name in text for text in texts) for name in NAMES] == [2] * len(NAMES)
    assert page.evaluate(COME) == [] and page.evaluate("() => window.harmed ?? 0") == 0


@pytest.mark.parametrize("front", ["lab", "notebook"])
def test_in_a_notebook(open_notebook, server, front):
    notebook = open_notebook(server.write(f"hostile_{front}.ipynb", CELL % NAMES), front)
    notebook.page.evaluate(HARM)
    notebook.run_all()
    unharmed(notebook.page, ".cnn")
    assert notebook.problems == []
    assert notebook.page.evaluate(READ, NAMES[0])


def test_on_a_page_that_is_exported(browser, tmp_path):
    outputs = [nbformat.v4.new_output("display_data", {"text/plain": one.describe()}) for one in named()]
    outputs += [nbformat.v4.new_output("display_data", data, metadata=more) for data, more in (one._repr_mimebundle_() for one in named())]
    cell = nbformat.v4.new_code_cell(CELL % NAMES, outputs=outputs)
    html, _ = HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    (tmp_path / "page.html").write_text(html, encoding="utf-8")
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.add_init_script(HARM)
    page.goto((tmp_path / "page.html").as_uri())
    unharmed(page, ".jp-OutputArea-output")
    assert page.evaluate(READ, NAMES[0])
    context.close()


def test_on_a_page_of_the_site(show):  # noqa: F811
    # Its policy lets no such handler run; `show` looks whether one has been refused.
    unharmed(show(*named()), ".cnn-live")
