"""The widgets' sources: how modules and styles are joined, and what a folder of a widget must hold."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from cnnlib import figures, widgets
from cnnlib.widgets import joiner
from cnnlib.widgets.base import TeachingWidget
from cnnlib.widgets.traits import LIMIT

KINDS = [getattr(widgets, name) for name in widgets.__all__]
FOLDERS = sorted(path.parent for path in joiner.FOLDER.glob("*/widget.py"))
SHARED = sorted((joiner.FOLDER / "shared").glob("*.js"))
DRIVEN = sorted((Path(__file__).parent / "browser").glob("test_*.py"))
NODE = shutil.which("node")
# What pages put around a widget (Bootstrap's themes, reveal's slides) styles by these bare names.
TAKEN = {
    "accordion", "active", "alert", "badge", "btn", "button", "card", "carousel", "col", "collapse", "container",
    "controls", "disabled", "dropdown", "fade", "figure", "fragment", "hide", "input-group", "invisible", "lead",
    "list-group", "mark", "modal", "nav", "navbar", "offcanvas", "page", "pagination", "placeholder", "popover",
    "present", "progress", "reveal", "row", "show", "slides", "small", "spinner", "stack", "table", "tab-content",
    "text", "toast", "tooltip", "visible",
}


def classes(css):
    """The classes that a sheet names."""
    return set(re.findall(r"\.([a-zA-Z][\w-]*)", re.sub(r"/\*.*?\*/|\"[^\"]*\"", "", css, flags=re.DOTALL)))


# A folder a widget ---------------------------------------------------------------------------------


def test_each_folder_is_a_widget_that_the_package_shows():
    shown = sorted(kind.__module__.split(".")[-2] for kind in KINDS)
    assert shown == [folder.name for folder in FOLDERS], "name each widget in cnnlib/widgets/__init__.py"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_what_a_widget_consists_of(folder):
    missing = {"__init__.py", "widget.py", "view.js"} - {path.name for path in folder.iterdir()}
    (kind,) = (kind for kind in KINDS if kind.__module__ == f"cnnlib.widgets.{folder.name}.widget")
    if not any(kind.__name__ in path.read_text(encoding="utf-8") for path in DRIVEN):
        missing.add(f"tests/browser/test_{folder.name}.py")
    assert not missing


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_widget_names_its_root_as_its_script_does(kind):
    assert issubclass(kind, TeachingWidget)
    assert re.fullmatch(r"cnn-[a-z][a-z0-9-]*", kind._root)
    assert f'"cnn {kind._root}"' in kind._esm
    assert len({other._root for other in KINDS}) == len(KINDS)


# Scripts -------------------------------------------------------------------------------------------


def test_the_browser_has_the_palette_of_the_figures():
    stored = (joiner.FOLDER / "shared" / "palette.js").read_text(encoding="utf-8")
    assert stored == joiner.palette_module(), "run python -m cnnlib.widgets.joiner"
    for theme in figures.PALETTE.values():
        assert all(f'{name}: "{color}"' in stored for name, color in theme.items() if isinstance(color, str))


def test_the_browser_has_the_limit_of_the_traits():
    stored = (joiner.FOLDER / "shared" / "limits.js").read_text(encoding="utf-8")
    assert stored == joiner.limits_module(), "run python -m cnnlib.widgets.joiner"
    assert f"LIMIT = {LIMIT};" in stored


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_script_is_joined(kind):
    script = kind._esm
    assert not re.search(r"^import\b", script, re.MULTILINE)
    assert len(re.findall(r"^export default \{", script, re.MULTILINE)) == 1
    parts = re.findall(r"^// ([\w/]+\.js)$", script, re.MULTILINE)
    assert len(parts) == len(set(parts)) and parts[-1].endswith("/view.js")
    for part in parts:
        source = (joiner.FOLDER / part).read_text(encoding="utf-8")
        code = re.sub(r"^import [^;]*;$|^ *(/\*\*.*| \*.*)$", "", source, flags=re.MULTILINE)
        assert all(line in script for line in code.splitlines())


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_joined_script_is_a_module(kind, tmp_path):
    if not NODE:
        pytest.skip("no node: the joined scripts are parsed by the browser tests only")
    (tmp_path / "joined.mjs").write_text(kind._esm, encoding="utf-8")
    subprocess.run([NODE, "--check", "joined.mjs"], cwd=tmp_path, check=True)


def test_the_sources_are_modules_that_find_each_other():
    if not NODE:
        pytest.skip("no node: that the sources load as they stand, for editors and unit tests, is not checked")
    views = [*SHARED, *(folder / "view.js" for folder in FOLDERS)]
    code = "for (const url of process.argv.slice(1)) await import(url);"
    subprocess.run([NODE, "--input-type=module", "--eval", code, *(path.as_uri() for path in views)], check=True)


def written(tmp_path, monkeypatch, **files):
    """Modules in a folder of their own; return the first one's path."""
    monkeypatch.setattr(joiner, "FOLDER", tmp_path)
    for name, text in files.items():
        (tmp_path / f"{name}.js").write_text(text, encoding="utf-8")
    return tmp_path / f"{next(iter(files))}.js"


VIEW = 'import { a } from "./a.js";\n\nexport default { render: a };\n'


def test_each_file_stands_once_and_after_what_it_needs(tmp_path, monkeypatch):
    view = written(tmp_path, monkeypatch, view='import { a, c } from "./a.js";\nimport {\n  b,\n} from "./b.js";\n'
                   "const own = a + b + c;\nexport default { own };\n",
                   a='import { b } from "./b.js";\n/**\n * Why.\n */\nexport const a = b + 1;\nexport class c {}\n',
                   b="export function b() {}\nasync function hidden() {}\n")
    assert joiner.join_script(view) == (
        "// b.js\nexport function b() {}\nasync function hidden() {}\n\n"
        "// a.js\nexport const a = b + 1;\nexport class c {}\n\n"
        "// view.js\nconst own = a + b + c;\nexport default { own };\n"
    )


def test_comments_are_left_out_and_casts_stay(tmp_path, monkeypatch):
    cast = "export function a(b) {\n  /** @type {any} */ (b).c = 1;\n  return b;\n}\n"
    view = written(tmp_path, monkeypatch, view=f"/** Why. */\n{cast}/**\n * Last.\n */\nexport default {{ a }};\n")
    assert joiner.join_script(view) == f"// view.js\n{cast}export default {{ a }};\n"


CALLS_BACK = {
    "a": 'import { b } from "./b.js";\nexport const a = b;\n',
    "b": 'import { a } from "./a.js";\nexport const b = a;\n',
}
REFUSED = [  # what stands beside the view, the view, the message
    ({}, VIEW, "view.js must import a file of cnnlib/widgets, got a.js"),
    ({}, VIEW.replace("./a", "../a"), "view.js must import a file of cnnlib/widgets, got "),
    ({"a": "export const b = 1;\n"}, VIEW, "view.js must import what a.js exports, got 'a'"),
    ({"a": "const a = 1;\n"}, VIEW, "view.js must import what a.js exports, got 'a'"),
    ({"a": "export const a = 1;\n"}, VIEW + "let a;\n", "'a' must be defined once, got it in a.js and view.js"),
    (CALLS_BACK, VIEW, "imports must not run in a circle, got view.js → a.js → b.js → a.js"),
    ({"a": "export const a = 1;\n"}, VIEW.replace("{ a }", "{ a as b }"), "names as they are, got 'a as b' of a.js"),
    ({"a": "const a = 1;\nexport { a };\n"}, VIEW, "a.js must declare one name a line, got 'export { a };'"),
    ({"a": "export const [a] = [1];\n"}, VIEW, "a.js must declare one name a line, got 'export const [a] = [1];'"),
    ({"a": "export default { a };\n"}, VIEW, "a.js must declare one name a line, got 'export default { a };'"),
    ({"a": ""}, 'import * as a from "./a.js";\n', "view.js must declare one name a line, got 'import *"),
]


@pytest.mark.parametrize(("files", "text", "message"), REFUSED)
def test_what_cannot_be_joined_is_refused(tmp_path, monkeypatch, files, text, message):
    view = written(tmp_path, monkeypatch, view=text, **files)
    with pytest.raises(ValueError, match=re.escape(message)):
        joiner.join_script(view)


# What all cards build in one way, in shared/.
BUILT = {
    '"cnn-scale"': "colourScale()", '"cnn-legend"': "legend()", '"cnn-foot"': "foot()", '"range"': "slider()",
    '"spinbutton"': "stepper()", 'type: "number"': "textField()", " %`": "percent() or measured()", "u00a0%": "percent() or measured()",
}


# Who rounds a number besides shared/numbers.js, and why.
ROUNDS = {
    "counter/table.js": "a length of a bar",
    "filter_bench/model.js": "the end of a scale, and numbers in cells, where long ones have no room for decimals",
    "linked_view/product.js": "sizes of type",
    "pattern_detector/lanes.js": "coordinates of a drawing",
    "training_monitor/chart.js": "coordinates of a drawing, and three digits on an axis",
    "training_monitor/view.js": "three decimals of a loss, which gets small",
}


def test_numbers_are_written_in_one_place_or_there_is_a_reason():
    rounding = re.compile(r"\.(?:toFixed|toPrecision|toLocaleString)\(")
    found = {path.relative_to(joiner.FOLDER).as_posix() for path in joiner.FOLDER.glob("*/*.js")
             if rounding.search(path.read_text(encoding="utf-8"))}
    assert found - {"shared/numbers.js"} == set(ROUNDS)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_a_card_builds_nothing_that_the_kit_builds(folder):
    code = "\n".join(path.read_text(encoding="utf-8") for path in folder.glob("*.js"))
    built = {sign for sign in BUILT if sign in code}
    assert not built, [f"{sign}: use {BUILT[sign]} of shared/" for sign in built]
    if folder.name != "question":  # it has no picture: what it hints at stands beside its button
        assert "...foot(" in code, "the foot of the card says what a hand can do"


# Styles --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_styles_name_only_colours_of_the_palette(kind):
    assert not re.search(r"#[0-9a-f]{3,8}\b|\brgba?\(", kind._css), "colours belong to figures.PALETTE"
    known = {f"--{color.replace('_', '-')}" for color in figures.PALETTE["light"]} | {"--chip"}
    known |= set(re.findall(r"(--[\w-]+):", kind._css + kind._esm))
    known |= set(re.findall(r'setProperty\("(--[\w-]+)"', kind._esm))  # what a widget sets for itself
    assert set(re.findall(r"var\((--[\w-]+)", kind._css)) <= known


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_a_widgets_own_classes_carry_no_prefix_and_are_nobody_elses(folder):
    if not (folder / "style.css").exists():
        return
    shared = classes((joiner.FOLDER / "shared" / "style.css").read_text(encoding="utf-8"))
    for path in SHARED:
        shared |= set(re.findall(r"\bcnn-[a-z]+(?:-[a-z]+)*\b", path.read_text(encoding="utf-8")))
    assert all(name == "cnn" or name.startswith("cnn-") for name in shared), "the shared kit's classes begin with cnn-"
    own = classes((folder / "style.css").read_text(encoding="utf-8")) - shared
    assert not {name for name in own if name.startswith("cnn-")} and not own & TAKEN


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_widgets_own_style_stays_inside_it(kind):
    own = kind._css.removeprefix((joiner.FOLDER / "shared" / "style.css").read_text(encoding="utf-8"))
    assert own == "" or re.fullmatch(rf"\n@scope \(\.{kind._root}\) \{{\n.*\}}\n", own, re.DOTALL)
    assert own.count("@scope") == (own != "") and own.count("{") == own.count("}")
    assert kind._root not in classes(own.partition("{")[2]), "inside, the root is called :scope"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_state_of_the_root_is_styled_at_the_root(kind):
    # Inside @scope ".cnn-narrow .x" looks for .cnn-narrow below the root, and so never finds it on it.
    states = {"cnn-hurried", *re.findall(r'root\.classList\.\w+\("([\w-]+)"', kind._esm)}
    own = kind._css.partition("@scope")[2]
    compounds = re.split(r"[\s,{}>+~]+(?![^(]*\))", own)
    assert not [one for one in compounds if states & set(re.findall(r"\.([\w-]+)", one)) and ":scope" not in one]
