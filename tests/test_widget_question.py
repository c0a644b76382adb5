"""The question widget, as far as Python goes."""

import re

import pytest

from cnnlib.questions import find
from cnnlib.widgets import Question


@pytest.fixture(autouse=True)
def forgetful(monkeypatch):
    monkeypatch.setattr("cnnlib.widgets.question.widget._COMMITTED", {})


def test_an_answer_survives_a_second_run_of_the_cell():
    Question("02.band").answer = [15]
    assert Question("02.band").answer == [15]
    assert Question("02.growth").answer is None


@pytest.mark.parametrize("name, answer", [
    ("02.band", "many"), ("02.band", [1, 2]), ("02.band", [float("nan")]), ("02.band", [True]), ("02.kind",
        "something else"),
    ("02.kind", 3), ("02.band", []),
])
def test_what_is_no_answer_is_refused_and_changes_nothing(name, answer):
    question = Question(name)
    with pytest.raises(ValueError, match="answer must be"):
        question.answer = answer
    assert question.answer is None


def test_without_a_widget_manager_it_is_a_question_with_a_folded_answer():
    question = Question("02.band")
    data, _ = question._repr_mimebundle_()
    assert data["text/plain"].startswith("Predict. A layer has 5 inputs")
    assert "13" not in data["text/plain"]
    before, _, folded = re.sub(' style="[^"]*"', "", data["text/html"]).partition("<details>")
    assert "13" not in before and "<b>13</b>" in folded and "15 is 5 units times 3 neighbours" in folded


def test_the_page_gets_every_sentence():
    asked, page = find("02.by_hand"), Question("02.by_hand").asked
    assert [tuple(wrong) for wrong, _ in page["hears"]] == list(asked.hears)
    assert page["boxes"] == list(asked.boxes) and page["right"] == [1, 2, 1, 1, 0]
