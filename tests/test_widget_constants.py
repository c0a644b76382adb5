"""Numbers that stand on both sides of a widget, in Python and in its script, are equal."""

import importlib
import re

import pytest

from cnnlib.widgets.joiner import FOLDER
from tools import portraits

PAIRS = [  # widget, module of its script, constant, what Python calls it
    ("digit_pad", "ink.js", "SIDE", "SIDE"),
    ("confusion_explorer", "model.js", "MOST", "MOST"),
    ("face_finder", "view.js", "HIGHEST", "HIGHEST"),
    ("counter", "model.js", "MOST", "MOST"),
    ("counter", "model.js", "BYTES", "BYTES"),
    ("counter", "gestures.js", "MOST_LAYERS", "MOST_LAYERS"),
    ("counter", "table.js", "DECADES", "DECADES"),
]


def in_script(widget, module, name):
    text = (FOLDER / widget / module).read_text(encoding="utf-8")
    return re.search(rf"^(?:export )?const {name} = ([^;]+);", text, re.MULTILINE)[1]


def in_python(widget, name):
    return getattr(importlib.import_module(f"cnnlib.widgets.{widget}.widget"), name)


@pytest.mark.parametrize("widget, module, script, python", PAIRS, ids=str)
def test_a_number_is_the_same_on_both_sides(widget, module, script, python):
    base, _, power = in_script(widget, module, script).replace(" ", "").partition("**")
    assert int(base) ** int(power or 1) == in_python(widget, python)


def test_a_card_is_as_wide_on_a_page_in_a_room_and_in_its_stored_picture():
    style = (FOLDER / "shared" / "style.css").read_text(encoding="utf-8")
    on_page = re.match(r"(?s).*?\.cnn \{[^}]*max-width: (\d+)px", style)[1]
    assert on_page == in_script("shared", "presenter.js", "CARD_WIDTH") == str(portraits.WIDTH)


def test_a_hand_may_add_as_many_numbers_as_python_takes():
    found = dict(re.findall(r"(\w+): (\d+)", in_script("slide_filter_1d", "model.js", "LONGEST")))
    longest = in_python("slide_filter_1d", "LONGEST")
    assert {name: int(number) for name, number in found.items()} == {name: longest[name] for name in ("signal", "kernel")}
