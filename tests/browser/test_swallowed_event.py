"""A test of the browser tests: an event that a widget swallows turns them red, for the right reason."""

import pytest

from planted import Copy


def test_a_swallowed_event(browser, tmp_path):
    try:
        copy = Copy(tmp_path)
    except OSError as error:  # Windows lets only some users make links
        pytest.skip(f"no copy of the project can be made: {error}")
    copy.plant("cnnlib/widgets/shared/hand.js", "    firm = true;\n    move(event);\n  });", "    firm = true;\n  });")
    found, said = copy.failures("tests/browser/test_channels.py", "-k", "starts or dragging")
    assert list(found) == ["tests/browser/test_channels.py::test_dragging_the_window"]
    assert "== [10, 18, 0]" in said
