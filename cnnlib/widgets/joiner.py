"""Join a widget's ES modules into one, and its style sheets into one, when they are read.

An anywidget is one module: it cannot import its neighbours. So `import` and `export` are there for
editors, type checkers and unit tests, and here they become one text, without Node and without a build.
"""

import json
import re
from functools import cache
from pathlib import Path

from cnnlib.figures import PALETTE, UNFOCUSED
from cnnlib.widgets.traits import LIMIT
from cnnlib.words import LANGUAGES, table

FOLDER = Path(__file__).parent
_IMPORT = re.compile(r'^import \{([^{}]*)\} from "(\.[^"\n]*)";\n', re.MULTILINE)
_OUTERMOST = re.compile(r"^(?:import|export|async|function|class|const|let|var)\b.*", re.MULTILINE)
_DEFINITION = re.compile(r"(export )?(?:(?:async )?function\*?|class|const|let) ([\w$]+)")
_DOC = re.compile(r"^[ \t]*/\*\*(?:(?!\*/).)*\*/[ \t]*\n", re.MULTILINE | re.DOTALL)  # no cast with code behind it
_NAME = re.compile(r"[\w$]+")
_SAID = re.compile(r'"(\w+\.\w*[^\W_])"|"(\w+\.\w*_)"|`(\w+\.\w*)\$\{')


@cache
def read_module(path):
    """Return what an ES module imports, defines and exports, and its text without imports and doc comments.

    Parameters
    ----------
    path : pathlib.Path
        A file below `cnnlib/widgets`. Each name is declared at the beginning of a line, one a line.

    Returns
    -------
    imports : list of (pathlib.Path, list of str)
        In the order in which they stand.
    defined : list of str
    exported : set of str
    body : str

    Raises
    ------
    ValueError
        If a line cannot be joined: a name that is renamed, a list of exports, a pattern on the left.
    """
    text = _DOC.sub("", path.read_text(encoding="utf-8"))  # a page carries a script once for each widget
    imports = [
        ((path.parent / file).resolve(), [name.strip() for name in names.split(",") if name.strip()])
        for names, file in _IMPORT.findall(text)
    ]
    body = _IMPORT.sub("", text)
    defined, exported = [], set()
    for line in _OUTERMOST.findall(body):
        if line.startswith("export default {") and path.name == "view.js":
            continue
        found = _DEFINITION.match(line)
        if not found:
            raise ValueError(f"{_short(path)} must declare one name a line, got {line!r}")
        defined.append(found[2])
        if found[1]:
            exported.add(found[2])
    for file, names in imports:
        for name in names:
            if not _NAME.fullmatch(name):
                raise ValueError(f"{_short(path)} must import names as they are, got {name!r} of {_short(file)}")
    return imports, defined, exported, body.lstrip("\n")


def join_script(entry):
    """Return `entry` and all that it imports as one ES module, each file once, after what it needs.

    Parameters
    ----------
    entry : pathlib.Path
        A ``view.js``. Exports stay exports, so that a test can call what a student's page runs.

    Raises
    ------
    ValueError
        If a file or an export does not exist, two files define one name, or imports run in a circle.
    """
    joined, owners = {}, {}

    def visit(path, above):
        if path in above:
            raise ValueError(f"imports must not run in a circle, got {' → '.join(map(_short, (*above, path)))}")
        if path in joined:
            return
        imports, defined, _, body = read_module(path)
        for file, names in imports:
            if not file.is_file() or FOLDER not in file.parents:
                raise ValueError(f"{_short(path)} must import a file of cnnlib/widgets, got {_short(file)}")
            visit(file, (*above, path))
            for name in names:
                if name not in read_module(file)[2]:
                    raise ValueError(f"{_short(path)} must import what {_short(file)} exports, got {name!r}")
        for name in defined:
            if name in owners:
                raise ValueError(
                    f"{name!r} must be defined once, got it in {_short(owners[name])} and {_short(path)}"
                )
            owners[name] = path
        joined[path] = body

    visit(Path(entry).resolve(), ())
    parts = [f"// {_short(path)}\n{body}" for path, body in joined.items()]
    if "teach" in owners:
        parts.insert(-1, _taught("".join(parts)))
    return "\n".join(parts)


def said(script):
    """Return the keys of `cnnlib.words` that a script names, whole or, where an end varies, by a beginning.

    A key that ends in an underscore is a beginning.

    >>> said('t("shared.undo"); t(`shared.weights_${kind}`)')
    ['shared.undo', 'shared.weights_filter', 'shared.weights_unit']
    """
    found = _SAID.findall(script)
    whole, starts = {key for key, *_ in found}, tuple(start for _, *some in found for start in some if start)
    return sorted(key for key in table("en") if key in whole or key.startswith(starts))


def _taught(script):
    """Return the line that gives a script the words that it says, in all languages."""
    keys = said(script)
    words = {code: {key: table(code)[key] for key in keys} for code in LANGUAGES}
    return f"teach({json.dumps(words, ensure_ascii=False, separators=(',', ':'))});\n"


def join_style(folder, root):
    """Return the shared style sheet, followed by the folder's own (`scoped_style`)."""
    shared = (FOLDER / "shared" / "style.css").read_text(encoding="utf-8")
    own = scoped_style(folder, root)
    return f"{shared}\n{own}" if own else shared


def scoped_style(folder, root):
    """Return the folder's style sheet, which holds below `root` only; "" where it has none.

    A page has one set of styles for all its widgets. Inside ``@scope`` a rule means what is below
    the element with the class `root`; that element itself is called ``:scope`` there.
    """
    own = folder / "style.css"
    return f"@scope (.{root}) {{\n{own.read_text(encoding='utf-8')}}}\n" if own.exists() else ""


def palette_module():
    """Return the text of ``shared/palette.js``: `figures.PALETTE`, for the browser."""
    themes = "".join(
        f"  {theme}: {{\n" + "".join(f"    {name}: {json.dumps(color)},\n" for name, color in colors.items()) + "  },\n"
        for theme, colors in PALETTE.items()
    )
    return (
        "// The colours of figures.py. Written by python -m cnnlib.widgets.joiner; a test holds the two equal.\n\n"
        f"export const PALETTE = {{\n{themes}}};\n\n"
        f"/** What is left of a colour's strength outside of the window. */\nexport const UNFOCUSED = {UNFOCUSED};\n"
    )


def limits_module():
    """Return the text of ``shared/limits.js``: what `traits` refuses is refused in the browser."""
    return (
        "// The limits of traits.py. Written by python -m cnnlib.widgets.joiner; a test holds the two equal.\n\n"
        f"/** Numbers that are edited go from −LIMIT to LIMIT. */\nexport const LIMIT = {LIMIT};\n"
    )


def _short(path):
    return path.relative_to(FOLDER).as_posix() if FOLDER in path.parents else str(path)


if __name__ == "__main__":
    for module, text in (("palette", palette_module()), ("limits", limits_module())):
        (FOLDER / "shared" / f"{module}.js").write_text(text, encoding="utf-8")
