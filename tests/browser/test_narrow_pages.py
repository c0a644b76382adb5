"""A page may be narrower than any phone: a column of a table, a pane that is dragged shut. Nothing complains there."""

import pytest

import plain
from cnnlib import widgets
from widget_examples import make


@pytest.mark.parametrize("width", [40, 60, 99])
@pytest.mark.parametrize("name", widgets.__all__)
def test_no_size_is_negative(browser, name, width):
    page = browser.new_page()
    problems = []
    page.on("console", lambda message: message.type == "error" and problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    plain.mount(page, make(name), f"#host {{ width: {width}px !important; }}")
    plain.painted(page)
    page.close()
    assert problems == []
