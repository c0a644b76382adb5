"""The predictions: what is asked, that the answers are right, and that no notebook gives one away.

The right answers are computed where they are asked; here they stand once more as literals.
"""

import ast
import importlib
import io
import re
import tokenize
from pathlib import Path

import nbformat
import pytest

from cnnlib.questions import choice, find, is_folded, numbers, pieces
from cnnlib.questions.asked import questions_of, to_html
from cnnlib.widgets.question.widget import stored_html
from cnnlib.words import in_each

ROOT = Path(__file__).resolve().parent.parent
MODULES = {path.stem[1:]: importlib.import_module(f"cnnlib.questions.{path.stem}")
           for path in sorted((ROOT / "cnnlib" / "questions").glob("q*.py"))}
ASKED = {f"{lecture}.{key}": asked for lecture, module in MODULES.items() for key, asked in questions_of(module).items()}
FILES = {lecture: "appendix" if lecture == "fast" else lecture for lecture in MODULES}
NOTEBOOKS = {lecture: next((ROOT / "notebooks").glob(f"{name}*.ipynb")) for lecture, name in FILES.items()}
ASKS = re.compile(r'^Question\("([^"]+)"\)$')

# Worked out by hand.
RIGHT = {
    "01.billions": (16_000_000_000, 64), "01.album": (400_000,), "01.rows": (4, 3), "01.lines": (32,),
    "02.band": (13,), "02.growth": (3,), "02.by_hand": (1, 2, 1, 1, 0), "02.orders": (16_000_000_000, 40_000_000, 100),
    "03.example": "2, 1, 1", "03.edges": (9, 3), "03.ends": (2, 1), "03.stride": "4", "03.spike": "3, 2, 1",
    "03.channels": "(4, 5, 14), 105 weights",
    "03.compose": (1, 2, 3, 6),
    "04.example": (9, 4, 3, 4), "04.view": (81, 0), "04.columns": (9, 9, 64_516), "04.corner": (5, 2), "04.wall":
        "4/9 and 6/9",
    "04.stride": "5×5 or 6×6", "04.dilation": (5, 3, 9), "04.edges": (81, 9), "04.work": (1, 580_644 / 81),
    "04.strided_same": (3, 0, 1), "05.louder": (20,), "05.sky": (2, 1),
    "05.flat": (0, 0, 0, 100, 100, 100), "05.passes": (169, 26),
    "06.colour": (27,), "06.bank": (30, 64, 1_792), "06.pool": (3, 5, 4, 1), "06.seven": "3×3", "06.address": (11,),
    "06.sees": (16,), "06.grows": "parameters not at all, work 44-fold",
    "09.local": (640,), "09.links": "Net-5, Net-5", "09.unit_bias": (146,), "10.unit": (150, 14), "11.grid": (4, 16),
    "12.apart": (4,),
    "07.tie": (2, 0, 1), "07.overlap": (2,), "07.middle": (0, 1, 0),
    "fast.patch": (36,), "fast.bill": (117_600, 117_600, 117_600), "fast.runs": (2, 6), "fast.rows": (2, 4, 2),
    "fast.stamp": (44, 25), "fast.lines": (12,), "fast.least": "four",
}


@pytest.mark.parametrize("name", RIGHT)
def test_the_right_answer_is_right(name):
    assert ASKED[name].right == RIGHT[name]


@pytest.mark.parametrize("name", ASKED)
def test_every_answer_gets_a_sentence_of_its_own(name):
    asked = ASKED[name]
    assert find(name) is asked
    assert asked.is_right(asked.right)
    answers = [answer for answer in asked.choices if answer != asked.right] or list(asked.hears)
    assert answers and not any(asked.is_right(answer) for answer in answers)
    for sentence in (asked.text, asked.why, *asked.hears.values(), *([asked.otherwise] if asked.boxes else [])):
        assert re.search(r"[.?!)]\*?$", sentence), sentence
        assert not re.search(r"[<>]", sentence), "texts are no HTML"


def cells_of(lecture):
    return nbformat.read(NOTEBOOKS[lecture], as_version=4).cells


@pytest.mark.parametrize("lecture", MODULES)
def test_a_lecture_asks_each_of_its_questions_once_and_in_their_order(lecture):
    cells = cells_of(lecture)
    asks = [match[1] for cell in cells if (match := ASKS.match(cell.source))]
    assert asks == [f"{lecture}.{key}" for key in questions_of(MODULES[lecture])]
    assert not any("**Predict.**" in cell.source for cell in cells)


@pytest.mark.parametrize("lecture", MODULES)
def test_what_is_stored_of_a_question_is_what_it_says_today(lecture):
    for cell in cells_of(lecture):
        if match := ASKS.match(cell.source):
            assert cell.outputs[0].data["text/html"] == stored_html(find(match[1])), "refresh the notebook"


@pytest.mark.parametrize("lecture", MODULES)
def test_a_folded_question_is_known_in_every_language_and_nothing_else_is(lecture):
    for asked in questions_of(MODULES[lecture]).values():
        folded = in_each(asked.to_html)
        assert is_folded(stored_html(asked)) and all(map(is_folded, folded.values())) and len(set(folded.values())) == len(folded)
        assert all(f"<p><b>{predict}.</b> " in folded[code] and f"<summary>{answer}</summary>" in folded[code]
                   for code, predict, answer in [("en", "Predict", "Answer"), ("fr", "Prédire", "Réponse")])
    shown = ["".join(output.data.get("text/html", "")) for cell in cells_of(lecture) if not ASKS.match(cell.source)
             for output in cell.get("outputs", ()) if "data" in output]
    assert not any(map(is_folded, shown))


def is_collapsed(cell):
    return bool(cell.metadata.get("jupyter", {}).get("outputs_hidden"))


def until_the_reveal(cells, start):
    """The indices of what a reader meets between a question and the text that speaks of its answer.

    That text is the first one that is not followed by a collapsed output: before a widget there may stand
    a line that says what to do with it.
    """
    for i in range(start + 1, len(cells)):
        if cells[i].cell_type == "markdown":
            following = next((cell for cell in cells[i + 1:] if cell.cell_type == "code"), None)
            if following is None or not is_collapsed(following):
                return range(start + 1, i)
    raise AssertionError("a question without an answer")


def written(value):
    """The ways in which a notebook may write an answer that cannot stand there by chance."""
    if isinstance(value, str):
        return [value] if len(value) > 8 else []
    found = [str(list(value)), str(tuple(value))] if len(value) > 1 else []
    large = [number for number in value if isinstance(number, int) and number >= 1000]
    return found + [form for number in large for form in (f"{number:,}", f"{number:_}")]


def placeholder(cell):
    """What JupyterLab shows of a collapsed output: the first line of its first text."""
    for output in cell.outputs[:1]:
        data = output.get("data", {"text": output.get("text", "")})
        text = next((str(data[mime]) for mime in ("text/html", "text/plain", "text") if mime in data), "")
        yield next((line for line in text.splitlines() if line), "")


def seen(cell):
    """What a reader sees of a cell of a notebook that has just been opened."""
    yield cell.source
    if cell.cell_type == "code" and is_collapsed(cell):
        yield from placeholder(cell)
    elif cell.cell_type == "code":
        for output in cell.outputs:
            yield output.get("text", "")
            yield from (str(value) for mime, value in output.get("data", {}).items() if mime.startswith("text/plain"))


def figures(text):
    """The numbers of a text, as texts."""
    return {one.replace(",", "").rstrip(".") for one in re.findall(r"(?<![\w.])\d[\d,]*(?:\.\d+)?", text)}


def stated(source):
    """What code says in words: its strings and its comments."""
    yield from (node.value for node in ast.walk(ast.parse(source))
                if isinstance(node, ast.Constant) and isinstance(node.value, str))
    yield from (token.string for token in tokenize.generate_tokens(io.StringIO(source).readline)
                if token.type == tokenize.COMMENT and "long run" not in token.string)


def conclusions(source):
    """What code draws as a conclusion before its reader has: assertions, and prints of a finding.

    A print may ask ("does the check pass?") and may head a table; it may not say what the run is about to find.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assert):
            yield ast.unparse(node)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print":
            words = "".join(arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str))
            finds = any(isinstance(part, ast.Compare) for arg in node.args for part in (arg, *getattr(arg, "args", [])))
            only = node.args and all(isinstance(arg, ast.Constant) for arg in node.args)
            if (finds and not words.endswith("?")) or (only and not words.endswith(":") and "  " not in words):
                yield ast.unparse(node)


def give_aways(cells):
    """Each question whose answer can be seen before it is committed, and where."""
    for start, cell in enumerate(cells):
        if not (match := ASKS.match(cell.source)):
            continue
        between = until_the_reveal(cells, start)
        for i in between:
            tags = cells[i].metadata.get("tags", [])
            if cells[i].get("outputs") and not is_collapsed(cells[i]) and "raises-exception" not in tags:
                yield f"{match[1]}: the output of {cells[i].source[:40]!r} is not collapsed"
        said = next(cell for cell in reversed(cells[:start]) if not cell.id.startswith("check-"))
        before = said.source.rpartition("\n## ")[2] if said.cell_type == "markdown" else ""
        asked = find(match[1])
        texts = [before, *(text for i in between for text in seen(cells[i]))]
        for form in written(asked.right):
            if any(form in text for text in texts):
                yield f"{match[1]}: {form!r} stands beside the question"
        code = [cells[i].source for i in between if cells[i].cell_type == "code"]
        for source in code:
            yield from (f"{match[1]}: {one} concludes before the reader has" for one in conclusions(source))
        if asked.boxes:
            told = [cells[i].source for i in between if cells[i].cell_type == "markdown"]
            told += [text for source in code for text in stated(source)]
            known = set().union(*(figures(text) for text in (asked.text, *asked.boxes)))
            for number in {f"{number:g}" for number in asked.right} - known:
                if any(number in figures(text) for text in told):
                    yield f"{match[1]}: {number} is told beside the question"


@pytest.mark.parametrize("lecture", MODULES)
def test_nothing_gives_the_answer_away(lecture):
    assert not list(give_aways(cells_of(lecture)))


@pytest.mark.parametrize("fault", ["output", "source", "before", "comment", "assertion", "finding"])
def test_a_give_away_is_seen(fault):
    cells = cells_of("02")
    start = next(i for i, cell in enumerate(cells) if cell.source == 'Question("02.orders")')
    words = {"comment": "# 100 in the end", "assertion": "assert counts", "finding": "print('far more:', 3 > 2)"}
    if fault == "output":
        cells[start + 1].metadata.pop("jupyter")
    elif fault in words:
        cells[start + 1].source += f"\n{words[fault]}"
    elif fault == "source":
        cells[start + 1].source += "\nassert full == 16_000_000_000"
    else:
        cells[start - 1].source += "\n\nIt is 16,000,000,000."
    assert list(give_aways(cells))


def test_texts_are_never_read_as_html():
    assert to_html("<img src=x onerror=alert(1)> & *a*") == "&lt;img src=x onerror=alert(1)&gt; &amp; <em>a</em>"
    assert pieces("3 * 4 * 5") == [["", "3 * 4 * 5"]]


@pytest.mark.parametrize("make, message", [
    (lambda: choice("?", {"a": None, "b": None}, right="a", why="."), "hears must give a sentence to every"),
    (lambda: choice("?", {"a": "."}, right="c", why="."), "right must be one of"),
    (lambda: numbers("?", 3, ".", hears={3: "."}), "hears must hold wrong answers, got"),
    (lambda: numbers("?", (3, 4), "."), "each answer must have 1 numbers"),
    (lambda: find("02.bandd"), "such as '02.band', got '02.bandd'"),
    (lambda: find("99.x"), "must begin with a lecture that asks"),
])
def test_what_is_no_question_is_refused(make, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        make()


def test_a_name_must_be_text():
    with pytest.raises(TypeError, match="name must be a str"):
        find(2)
