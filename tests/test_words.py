"""The words of the widgets: complete in every language, the same on the page and in Python, and nowhere else."""

import ast
import json
import re
import shutil
import string
import subprocess
from pathlib import Path

import pytest
from matplotlib.text import Text

from cnnlib import widgets, words
from cnnlib.widgets import joiner
from widget_examples import make

ROOT = Path(__file__).resolve().parent.parent
NODE = shutil.which("node")
ENGLISH = words.table("en")
OTHERS = [code for code in words.LANGUAGES if code != "en"]
SCRIPTS = sorted(joiner.FOLDER.glob("*/*.js"))
MODULES = sorted([*(ROOT / "cnnlib/widgets").rglob("*.py"), *(ROOT / "cnnlib/questions").glob("*.py")])
SECTIONS = ["shared", *sorted(path.parent.name for path in joiner.FOLDER.glob("*/widget.py"))]
FOLDERS = {name: getattr(widgets, name).__module__.split(".")[-2] for name in widgets.__all__}
# What is no word: names of arguments and layers, those of whoever makes the widget, a question's own text.
NAMES = {
    "Backward": r"[∂/GKLx]+[₀-₉]*",
    "Counter": r"\b(?:LeNet|[kM]B)\b",
    "LinkedView": r"[Θθa]′?[₀-₉]+",
    "DigitPad": r"\bReLU\b",
    "LookInside": r"\bReLU\b",
    "SlideFilter1D": r"\bvalid\b|θ[₀-₉]",
    "Question": r"A layer has .* left\?",
}
# Words of a mouse and of a keyboard, and those of a finger, by language.
MOUSE = {
    "en": r"(?i:click|hover|mouse|\bpoint(?:er)?\b|\bpress|\bkeys?\b|\bdrop\b)|Escape|\bEnter\b|Backspace|\bDelete\b",
    "de": r"(?i:klick|maus\b|\bauf [^·]*\bzeigen|drücken|taste\b|ablegen)|Escape|Eingabetaste|Umschalt|Entf\b",
    "es": r"(?i:\bclic|ratón|señalar|pulsar|tecla|soltar)|Escape|Intro|Mayús|Retroceso|Supr\b",
    "fr": r"(?i:cliqu|souris|\bpointer|survol|appuyer|touches?\b|déposer)|Échap|Maj\b|Retour arrière|Suppr\b",
}
FINGER = {"en": r"(?i)\btap|finger", "de": r"(?i)\btipp|finger\b", "es": r"(?i)\btocar|\bdedo", "fr": r"(?i)\btoucher|\bdoigt"}
DRAG = {"en": "Drag", "de": "ziehen", "es": "Arrastrar", "fr": "[Gg]lisser"}


@pytest.fixture(autouse=True)
def page_language():
    """Leave the language to the page again."""
    yield
    words.language(None)


def texts(entry):
    """An entry's texts by plural form."""
    return entry if isinstance(entry, dict) else {"": entry}


def places(text):
    """The names of a text's places."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def calls(path):
    """The calls of `t` in a module: their keys (whole, or beginnings of them) and their places."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "t":
            yield node


# The tables ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", OTHERS)
def test_a_language_is_complete(code):
    table = words.table(code)
    assert list(table) == list(ENGLISH), "the same keys in the same order as en.json"
    for key, entry in ENGLISH.items():
        assert isinstance(table[key], dict) == isinstance(entry, dict), key
        need = set.union(*map(places, texts(entry).values()))
        for form, text in texts(table[key]).items():
            assert text.strip(), key
            assert need - {"count", "number"} <= places(text) <= need, (key, form)  # "a single unit" has no number
            assert text.count("\\") == 0 and not re.search(r"\s{2}", text), key


@pytest.mark.parametrize("code", words.LANGUAGES)
def test_an_entry_has_the_plural_forms_of_its_language(code):
    for key, entry in words.table(code).items():
        if isinstance(entry, dict):
            forms = {words.plural(code, count) for count in range(3)}
            assert forms == {"one", "other"} <= set(entry) <= {*forms, words.plural(code, 10**6)}, key


# Why an entry with a number in it has no form for one.
NEVER_ONE = {
    **dict.fromkeys(["shared.strip", "look_inside.picture_layer",
                     "pattern_detector.picture_filter", "linked_view.with_biases", "linked_view.says",
                     "backward.of", "backward.says", "backward.picture_sum",
                     "counter.moved", "counter.added"], "a number without a noun, as in 1 of 6"),
    **dict.fromkeys(["slide_filter_1d.says", "slide_filter_1d.says_with", "slide_filter_1d.says_flipped",
                     "slide_filter_1d.says_flipped_with"], "a length, as in of length 1"),
    **dict.fromkeys(["slide_filter_2d.beat_first_wide", "slide_filter_2d.beat_next_wide"], "more products than fit into a line"),
    "slide_filter_1d.misfit": "a filter that spans one entry fits into every signal",
    "channels.fact_parameters": "a filter has three weights at least, as many as an image has channels",
    "shared.picture_small": "a size such as 20×30", "face_finder.pixels": "the width of a picture that has a face in it",
    "counter.too_many": "a limit of ours", "linked_view.hint": "keys",
    "pooling_shift.moves": "so many of several, as in 1 of its cells",
    **dict.fromkeys(["face_finder.picture_boxes", "face_finder.says_above", "face_finder.says_below", "filter_bench.says"],
                    "sides of pictures and windows, which have more than one pixel"),
}
THINGS = [
    "biases", "boxes", "cells", "channels", "columns", "edges", "entries", "filters", "images", "inputs", "layers",
    "links", "maps", "mistakes", "neighbours", "numbers", "parameters", "pixels", "places", "products", "rows", "steps",
    "units", "values", "weights",
]
COUNTED = rf"\{{count\}}|\{{\w+\}} (?:of its )?(?:{'|'.join(THINGS)})\b"


def test_what_is_counted_has_a_form_for_one():
    missing = {key for key, entry in ENGLISH.items() if isinstance(entry, str) and re.search(COUNTED, entry)}
    assert missing == NEVER_ONE.keys()


@pytest.mark.parametrize("code", words.LANGUAGES)
def test_one_is_said_with_a_singular(code):
    words.language(code)
    for kernel in ([[2.0]], [[1.0, 2.0]]):
        for said in (widgets.SlideFilter2D(kernel=kernel).describe(), widgets.Backward(kernel=kernel).describe()):
            form = "one" if len(kernel[0]) == 1 else "other"
            assert words.t("shared.rows_listed", rows=0, count=1) in said
            assert words.table(code)["shared.columns_listed"][form].split(" {")[0] in said
    for key in ("channels.says", "training_monitor.says", "digit_pad.stage", "face_finder.places", "linked_view.rule_local"):
        one, other = (words.table(code)[key][form] for form in ("one", "other"))
        assert one != other or code in {"de", "fr"}, key


def test_french_signs_do_not_begin_a_line():
    for key, entry in words.table("fr").items():
        for text in texts(entry).values():
            assert not re.search(r" [:;?!»]|« ", text), key


@pytest.mark.parametrize("code", words.LANGUAGES)
def test_numbers_choose_the_plural_forms_that_unicode_gives_them(code):
    if not NODE:
        pytest.skip("no node: the plural forms are not compared")
    numbers = [*range(25), 100, 101, 1_000_000, 1_000_001, 2_000_000, 1_500_000]
    script = f"const r = new Intl.PluralRules('{code}'); console.log(JSON.stringify({numbers}.map((n) => r.select(n))))"
    found = json.loads(subprocess.run([NODE, "--eval", script], capture_output=True, check=True, text=True).stdout)
    assert [words.plural(code, number) for number in numbers] == found


def test_what_a_finger_is_told_knows_no_mouse_and_no_keys():
    # An entry that speaks of them has a twin for fingers. What only a screen reader says, or a mouse that rests
    # on a button, may name keys: a tablet can have a keyboard.
    aside = re.compile(r"_keys?$|\.keys$|^counter\.(?:handle|delete)$|^digit_pad\.backspace$|^shared\.shift$|hint_drop$")
    for key in ENGLISH:
        for code in words.LANGUAGES:
            said = " ".join(texts(words.table(code)[key]).values())
            if key.endswith("_touch"):
                assert not re.search(MOUSE[code], said) and re.search(f"{FINGER[code]}|{DRAG[code]}", said), (code, key)
            elif re.search(MOUSE[code], said) and not aside.search(key):
                assert f"{key}_touch" in ENGLISH, (code, key)
            else:
                assert not re.search(FINGER[code], said), (code, key)


def test_a_hint_says_what_to_do_in_one_way():
    for key in filter(re.compile(r"\.hint(_touch|_drop)?$").search, ENGLISH):
        for code in words.LANGUAGES:
            for said in texts(words.table(code)[key]).values():
                assert not re.search(r", (or|oder|o|ou) |;", said), (code, key)  # another way to do it is no afterthought


def test_page_and_python_write_the_same_per_cent():
    if not NODE:
        pytest.skip("no node: the two rules are not compared")
    shares = [
        *(k / 1000 for k in range(1001)), *(k / 400 for k in range(400, 900)), 1e-12, 0.0049999, 0.9949999, 1 - 1e-12,
    ]
    script = (f"await import('{(ROOT / 'tests/js/words.mjs').as_uri()}');"
              f"const n = await import('{(joiner.FOLDER / 'shared/numbers.js').as_uri()}');"
              f"const said = (say, brief) => {shares}.map((share) => say(share, brief));"
              "console.log(JSON.stringify([said(n.percent), said(n.percent, true), said(n.belief)]))")
    found = subprocess.run([NODE, "--input-type=module", "--eval", script], capture_output=True, check=True, text=True)
    ways = [words.percent, lambda share: words.percent(share, brief=True), words.belief]
    assert json.loads(found.stdout) == [list(map(way, shares)) for way in ways]
    for share in shares:
        number = int(re.search(r"\d+", words.percent(share))[0])
        assert (share > 0) or number == 0
        assert not (0 < share < 1) or number not in {0, 100}


# What says them ------------------------------------------------------------------------------------


def test_every_key_that_is_named_has_an_entry():
    for path in [*SCRIPTS, *MODULES]:
        named = re.findall(rf"[\"'`]((?:{'|'.join(SECTIONS)})\.\w+)[\"'`]", path.read_text(encoding="utf-8"))
        assert {key for key in named if not key.endswith("_")} <= set(ENGLISH), path


def test_every_entry_is_said_by_somebody():
    sources = "\n".join(path.read_text(encoding="utf-8") for path in [*SCRIPTS, *MODULES])
    starts = tuple(re.findall(r"f\"(\w+\.\w*)\{", sources) + re.findall(r"f'(\w+\.\w*)\{", sources))
    assert {key for key in ENGLISH if not key.startswith(starts)} - set(joiner.said(sources)) == set()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_python_fills_every_place(path):
    for call in calls(path):
        given = {keyword.arg for keyword in call.keywords}
        if isinstance(call.args[0], ast.Constant) and None not in given:
            key = call.args[0].value
            need = set.union(*map(places, texts(ENGLISH[key]).values())) | ({"count"} if isinstance(ENGLISH[key], dict) else set())
            assert given == need, key


@pytest.mark.parametrize("name", widgets.__all__)
def test_a_script_carries_its_words_in_every_language(name):
    (line,) = re.findall(r"^teach\((.*)\);$", getattr(widgets, name)._esm, re.MULTILINE)
    taught = json.loads(line)
    assert list(taught) == list(words.LANGUAGES)
    for code, table in taught.items():
        assert {key.partition(".")[0] for key in table} <= {"shared", FOLDERS[name]}
        assert table.items() <= words.table(code).items() and "shared.undo" in table


def test_a_style_sheet_says_nothing():
    for path in joiner.FOLDER.glob("*/style.css"):
        assert not re.search(r'content: *"[^"]*[A-Za-z]', path.read_text(encoding="utf-8")), path


# A comment, a string or a template; in a template what is computed is one of the groups' own.
LITERAL = re.compile(
    r"""/\*.*?\*/|//[^\n]*|"((?:\\.|[^"\\\n])*)"|`((?:\\.|\$\{(?:[^{}`]|`[^`]*`|\{[^{}]*\})*\}|[^`\\])*)`""", re.DOTALL
)
SHOWN = re.compile(r'(?:html\("\w+", \{[^{}]*\}, |"aria-(?:label|valuetext)": |\btitle: |\bsay\(\w+, )$')
CLASSES = set(re.findall(r"\.([a-zA-Z][\w-]*)", "".join(
    path.read_text(encoding="utf-8") for path in joiner.FOLDER.glob("*/style.css"))))
NO_WORDS = {  # names in Python's tongue, which `knownName` and `stageName` translate; an error that nobody reads
    "own picture", "own kernel", "batch norm", "no picture",
}


def own_words(source):
    """The words of a script that a page would show, or a voice say, and that are in no table."""
    source = re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL)
    found = []
    for match in LITERAL.finditer(source):
        text = re.sub(r"\$\{(?:[^{}`]|`[^`]*`|\{[^{}]*\})*\}", "", match[1] or match[2] or "")
        before = source[max(0, match.start() - 200):match.start()]
        names = r'(?:class|style): (?:\w+ \? )?$|(?:"class",|classList\.\w+\(|querySelector(?:All)?\(|closest\()[^;]*$'
        classes = all(word in CLASSES or word.startswith(("cnn", "is-")) for word in text.split())
        if SHOWN.search(before) and re.search(r"[A-Za-z]{2}", text):
            found.append(text)
        elif classes or text in NO_WORDS or re.search(names, before):
            continue
        elif re.search(r"[A-Za-z]{2,},? [a-z]{2,}", text) and not re.search(r"[\[=]|^(?:\w+, )+\w+$|px|fr\b|deg", text):
            found.append(text)
    return found


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_script_has_no_words_of_its_own(path):
    assert own_words(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("line", [
    'html("span", { class: "name" }, "image")', '{ "aria-label": "weights" }', 'say(says, `${count} weights`)',
    'hint.show(`No output: ${why} stays as it was.`)', 'const DEAF = "Python does not answer.";',
])
def test_words_of_a_script_are_seen(line):
    assert own_words(line) != []


@pytest.fixture
def strange(monkeypatch):
    """A language in which each text stands in brackets, but for what comes to its places."""
    def bracketed(text):
        return re.sub(r"[^{}]+(?![^{]*\})", r"⟦\g<0>⟧", text)

    table = {
        key: {form: bracketed(text) for form, text in entry.items()} if isinstance(entry, dict) else bracketed(entry)
        for key, entry in ENGLISH.items()
    }
    monkeypatch.setattr(words, "table", lambda code: table if code == "xx" else ENGLISH)
    monkeypatch.setattr(words, "_ONE", {**words._ONE, "xx": lambda count: count == 1})
    monkeypatch.setattr(words, "_wanted", "xx")


@pytest.mark.parametrize("name", widgets.__all__)
def test_a_picture_and_its_line_say_words_of_the_table(strange, name):
    widget = make(name)
    said = [widget.describe()]
    if name != "Question":  # which has no picture
        said += [text.get_text() for text in widget.picture().findobj(Text)]
    rest = [re.sub(NAMES.get(name, r"(?!)"), "", re.sub(r"⟦[^⟧]*⟧", " ", text)) for text in said]
    assert [text for text in rest if re.search(r"[A-Za-z]{2,}", text)] == []


# The choice ----------------------------------------------------------------------------------------


def test_widgets_hear_of_another_language():
    early = make("SlideFilter2D")
    assert early._language == ""
    words.language("fr")
    assert (early._language, make("Channels")._language, words.t("shared.undo")) == ("fr", "fr", "annuler")
    widgets.language(None)
    assert (early._language, words.t("shared.undo")) == ("", "undo")


@pytest.mark.parametrize("code", ["xx", "DE", "", 1, True])
def test_only_the_languages_of_the_tables_can_be_chosen(code):
    with pytest.raises((TypeError, ValueError), match="code must be one of 'en', 'de', 'es', 'fr', got "):
        words.language(code)


def test_thousands_are_apart():
    assert words.grouped(1234567) == "1,234,567"
    words.language("de")
    assert words.grouped(1234567) == "1\u202f234\u202f567"
