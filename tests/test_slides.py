"""What of a notebook becomes a slide, what becomes a note, and what a deck is made of."""

import base64
import hashlib
import json
import re

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools.slides import build, vendor
from tools.slides.build import page, script
from tools.slides.outline import TAGS, WIDGET, blocks_of, outline

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNgYAAAAAMAASsJTYQAAAAASUVORK5CYII="


def words(text, *tags):
    return new_markdown_cell(text, metadata={"tags": list(tags)})


def code(source, *outputs, tags=()):
    return new_code_cell(source, outputs=list(outputs), metadata={"tags": list(tags)})


def view(model):
    return new_output("execute_result", {WIDGET: {"model_id": model}, "text/plain": "a widget"})


def picture():
    return new_output("display_data", {"image/png": PIXEL, "text/plain": "<Figure>"})


def printed(text):
    return new_output("stream", name="stdout", text=text)


TITLE = words("# Slide it\n\n**You will do:** much.\n\n> *Where is the face?*\n>\n> Here.")


def slides(*cells):
    """(title, kind, kinds of the parts, notes) of the slides after the title's."""
    [first], *sections = outline(new_notebook(cells=[TITLE, *cells]))
    assert (first.title, first.kind, first.parts[0].content) == ("Slide it", "title", "*Where is the face?*")
    assert "**You will do:** much." in first.notes
    return [(one.title, one.kind, [part.kind for part in one.parts], one.notes) for section in sections for one in section]


def test_a_widget_a_prediction_and_a_picture_have_a_slide_each_and_prose_is_for_the_notes():
    assert slides(
        words("## 1 · A claim\n\nA thought.\n\nNow drag."), code("Slider()", view("a")), words("What you saw.\n\nAnd next?"),
        code('Question("04.x")', view("b")), words("**Nine**, and why.\n\n### Seen\n\nLook."), code("plt.show()", picture()),
    ) == [
        ("1 · A claim", "widget", ["widget"], ["A thought.", "Now drag.", "What you saw."]),
        ("1 · A claim", "question", ["widget"], ["And next?", "**Nine**, and why."]),
        ("Seen", "picture", ["picture"], ["Look."]),
    ]


def test_code_is_shown_where_the_text_hands_over_to_it_without_its_checks():
    sections = outline(new_notebook(cells=[
        TITLE, words("## One\n\nIn four letters:\n\n$$y = 2x$$\n\nSo two loops:"),
        code("y = 2 * x\nassert (y ==\n        4)", printed("4\n")), words("Then."), code("z = 1", printed("1")),
        words("A check:"), code("assert y == 4"),
    ]))
    [one] = sections[1]
    assert [(part.kind, part.content) for part in one.parts] == [
        ("text", "In four letters:"), ("formula", "$$y = 2x$$"), ("code", "y = 2 * x"), ("printed", "4")]
    assert one.kind == "code" and one.notes == ["In four letters:", "So two loops:", "Then.", "A check:"]


def test_what_is_left_to_the_reader_is_no_slide():
    assert slides(
        words("## 1 · A claim\n\nYour turn:"), code("def f(x):\n    ...\n\nex01.q1.check(f)", printed("not tried yet")),
        words("Or look:"), code("ex01.q1.solution()", printed("def f(x): ...")),
        words("It works:"), code("f = ex01.q1.or_solution(f)\nf(2)", printed("4")),
    ) == [
        ("1 · A claim", "code", ["code", "printed"], ["Your turn:", "Or look:", "It works:"]),
    ]


def test_a_section_of_prose_says_its_first_sentence():
    assert slides(words("## One\n\nTwo rules. They are these.")) == [("One", "text", ["text"], ["Two rules. They are these."])]


def test_tables_and_summaries_are_dealt_out():
    table = "| a | b |\n|---|---|\n" + "\n".join(f"| {k} | x |" for k in range(10))
    shown = slides(words("## One\n\n" + table), words("## Summary\n\n" + "\n".join(f"- point {k}" for k in range(5))))
    assert [one[:2] for one in shown] == [("One", "table"), ("One", "table"), ("Summary", "text"), ("Summary", "text")]


def test_exercises_and_reading_stay_in_the_notebook():
    assert slides(words("## One\n\n$$x$$"), words("## Exercises\n\n$$y$$"), code("plt.show()", picture()),
                  words("## Further reading\n\n- A book.")) == [("One", "formula", ["formula"], [])]


@pytest.mark.parametrize("cell, kinds", [
    (words("Prose.", "slide"), ["text"]), (words("$$x$$", "slide-notes"), []), (words("$$x$$", "slide-skip"), []),
    (code("x = 1", printed("1"), tags=["slide"]), ["code"]), (code("x = 1", printed("1"), tags=["slide-output"]), ["code"]),
    (code("plt.show()", picture(), tags=["slide-notes"]), []), (code("plt.show()", picture(), tags=["slide-skip"]), []),
])
def test_tags_say_otherwise(cell, kinds):
    assert set(cell.metadata.tags) <= TAGS.keys()
    shown = slides(words("## One\n\n| a |\n|---|\n| b |"), cell)
    assert [kind for _, kind, _, _ in shown[1:]] == kinds


def test_blocks_stay_whole():
    text = "One\ntwo.\n\n$$a\n\nb$$\n\n<div>x\n\ny</div>\n\n```\n# no heading\n\nz\n```\n\n## Head\nrest"
    assert [kind for kind, _ in blocks_of(text)] == ["prose", "formula", "html", "prose", "heading", "prose"]


def test_scripts_and_styles_stand_once():
    held = {name: {"kind": "pooling_shift", "state": {"row": 1}, "extra": None} for name in "abc"}
    notebook = new_notebook(cells=[TITLE, words("## One"), code("x", view("a"), view("b"))], metadata={"held": held})
    text = page(notebook, "06")
    scopes = re.findall(r"^@scope \((\.[\w-]+)\)", text, re.MULTILINE)
    assert text.count('cnnPages.define("pooling_shift"') == 1 and len(scopes) == len(set(scopes)) >= 1
    assert list(json.loads(re.search(r'id="held">(.*?)</script>', text)[1])) == ["a", "b"]  # what is not shown stays away


def test_nothing_ends_a_script_but_its_own_tag():
    text = script(json.dumps({"a": "</script><!--"}))
    assert "</script" not in text and "<!--" not in text and json.loads(text) == {"a": "</script><!--"}


def test_a_deck_is_one_file_that_links_nowhere():
    text = page(new_notebook(cells=[TITLE, words("## One\n\nSee [there](https://example.org/x).\n\n$$x$$")]), "04")
    body = text[text.index("<body"): text.index('<script type="application/json"')]
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?!data:)""", body) and "example.org" not in body
    assert not re.search(r"url\((?!data:)", text[: text.index("<body")]) and not re.search(r"<(?:link|script)[^>]+(?:href|src)=", text[: text.index("<body")])
    assert "default-src 'none'" in text


def test_the_stored_libraries_are_what_their_authors_released():
    versions = json.loads(vendor.VERSIONS.read_text(encoding="utf-8"))
    stored = {path.relative_to(vendor.FOLDER).as_posix() for path in vendor.FOLDER.rglob("*") if path.is_file()}
    assert stored == {"versions.json"} | {f"{name}/{path}" for name, package in versions.items() for path in package["files"]}
    for name, package in versions.items():
        assert len(base64.b64decode(package["integrity"].removeprefix("sha512-"))) == 64
        assert "LICENSE" in package["files"] and package["licence"] == "MIT"
        for path, digest in package["files"].items():
            assert hashlib.sha256((vendor.FOLDER / name / path).read_bytes()).hexdigest() == digest, path


def test_a_changed_library_is_refused(monkeypatch, tmp_path):
    versions = json.loads(vendor.VERSIONS.read_text(encoding="utf-8"))
    versions["katex"]["files"]["katex.min.css"] = "0" * 64
    (tmp_path / "versions.json").write_text(json.dumps(versions), encoding="utf-8")
    monkeypatch.setattr(vendor, "VERSIONS", tmp_path / "versions.json")
    with pytest.raises(ValueError, match=r"katex\.min\.css must have the hash"):
        build.katex_styles()
