"""The lectures' translations: complete, of what the lectures say now, and with the same formulas, code and links."""

import re
from collections import Counter

import nbformat
import pytest
from babel.messages.pofile import read_po

from cnnlib.questions import find
from pages import catalogues, live
from pages.site import translate_cells

CATALOGUES = sorted(catalogues.LOCALE.rglob("*.po"))
# What a translation has to keep, in any order: formulas, code, what HTML there is, where links lead, and the numbers.
KEPT = re.compile(r"\$\$.+?\$\$|\$[^$]+\$|`[^`]+`|<[^>]+>|\]\([^)]*\)", re.DOTALL)
NUMBERS = re.compile(r"\d[\d.,]*\d|\d")


def messages(path):
    with path.open("rb") as file:
        return [one for one in read_po(file) if one.id]


def notebook_of(path):
    return nbformat.read(catalogues.NOTEBOOKS / f"{path.stem}.ipynb", as_version=4)


def kept(text):
    return Counter(KEPT.findall(text)), Counter(NUMBERS.findall(KEPT.sub(" ", text)))


def test_there_is_a_lecture_in_german():
    assert "de" in catalogues.languages()
    assert {path.parent.name for path in CATALOGUES} == {"lectures", "cells"}


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: f"{path.parts[-4]}-{path.parent.name}-{path.stem}")
def test_each_message_is_translated_and_keeps_what_is_not_language(path):
    assert [one.id for one in messages(path) if not one.string or one.fuzzy] == []
    assert [(one.id, one.string) for one in messages(path) if kept(one.id) != kept(one.string)] == []


@pytest.mark.parametrize("path", [path for path in CATALOGUES if path.parent.name == "cells"], ids=lambda path: path.stem)
def test_what_cells_say_is_what_the_catalogue_translates(path):
    assert {one.id for one in messages(path)} == set(catalogues.said_by_cells(notebook_of(path)))


def test_questions_and_figures_speak_the_other_language():
    path = next(path for path in CATALOGUES if path.parent.name == "cells")
    notebook, words = notebook_of(path), catalogues.read("cells", path.stem, path.parts[-4])
    names = {number: catalogues.asked_by(cell) for number, cell in enumerate(notebook.cells)}
    asked = {number: found[0] for number, found in names.items() if found}

    held = live.Live({name: {"kind": "question", "state": {"name": name}} for name in asked.values()},
                     {number: [name] for number, name in asked.items()})
    translate_cells(notebook, held, words, "de")
    for number, name in asked.items():
        english = find(name)
        told = held.held[name]["state"]["asked"]
        assert "".join(text for _, text in told["text"]) != english.text
        choices = [choice for choice, _ in told["choices"]]
        assert told["right"] in choices if english.choices else told["right"] == list(english.right)
        folded = notebook.cells[number].outputs[0].data["text/html"]
        assert english.text not in folded
        assert folded.startswith("<p><b>Vorhersagen.</b> ") and "<summary>Antwort</summary>" in folded


def test_what_is_missing_stays_english():
    asked = find("02.band")
    assert catalogues.translated(asked, {}) == asked
    assert catalogues.read("cells", "no_such_notebook", "de") == {}
