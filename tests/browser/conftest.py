"""Fixtures of the browser tests: a server, a browser, and a notebook that is open in it.

Without a Chromium the tests are skipped, and without Playwright left out, unless CNN_REQUIRE_BROWSER=1 says that one must be there.
"""

import importlib.util
import os
from pathlib import Path

import pytest

from course import find_chromium

if importlib.util.find_spec("playwright"):
    from driver import CHROMIUM_FLAGS, PATIENCE, Notebook, Server, painted_gestures
elif os.environ.get("CNN_REQUIRE_BROWSER") == "1":
    raise pytest.UsageError("CNN_REQUIRE_BROWSER=1, but Playwright is missing: pip install playwright")
else:
    collect_ignore_glob = ["test_*.py"]

VIEWPORT = {"width": 1280, "height": 900}


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def launch():
    """Launch a Chromium, headless, unless it runs already: launch(executable)."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=1000 * PATIENCE)
    painted_gestures()
    with sync_playwright() as playwright:
        running = {}

        def launched(executable):
            if executable not in running:
                running[executable] = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_FLAGS)
                for name in ("new_context", "new_page"):
                    setattr(running[executable], name, patient(getattr(running[executable], name)))
            return running[executable]

        yield launched
        for browser in running.values():
            browser.close()


def patient(new):
    """A browser's own way to make a context or a page, whose waits then end as late as all others."""
    def made(**options):
        one = new(**options)
        one.set_default_timeout(1000 * PATIENCE)
        return one

    return made


def missing(what):
    if os.environ.get("CNN_REQUIRE_BROWSER") == "1":
        pytest.fail(f"CNN_REQUIRE_BROWSER=1, but {what} was found")
    pytest.skip(f"{what} found")


@pytest.fixture(scope="session")
def browser(request):
    """A Chromium for all that needs no window."""
    executable = find_chromium(without_window=True)
    return request.getfixturevalue("launch")(executable) if executable else missing("no Chromium")


@pytest.fixture(scope="session")
def windowed_browser(request):
    """A Chromium with a camera, and with a window that can fill the screen."""
    executable = find_chromium()
    if executable is None or "headless-shell" in Path(executable).name:
        missing("no Chromium with windows")
    return request.getfixturevalue("launch")(executable)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """A Jupyter server that lives as long as the test session."""
    with Server(tmp_path_factory.mktemp("jupyter")) as server:
        yield server


@pytest.fixture(scope="session")
def lab_page(browser):
    """A page for JupyterLab, which takes longer to load than to open one notebook after the other."""
    context = browser.new_context(viewport=VIEWPORT)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def open_notebook(browser, server, lab_page):
    """Open a notebook: open_notebook("name.ipynb", "lab", theme="dark", …) with options of a browser context.

    A module's first notebook in JupyterLab opens in the page that the modules share; each other one
    gets a page of its own.
    """
    contexts, shared = [], []

    def open_one(path, front="lab", theme="light", **options):
        server.theme(theme)
        try:
            if front == "lab" and theme == "light" and not options and not shared:
                shared.append(Notebook(lab_page, server, path, front))
                return shared[0]
            contexts.append(browser.new_context(**{"viewport": VIEWPORT, **options}))
            return Notebook(contexts[-1].new_page(), server, path, front)
        finally:
            server.theme("light")

    yield open_one
    for notebook in shared:
        notebook.close()
    for context in contexts:
        context.close()
