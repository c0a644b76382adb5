"""Notebooks whose widgets live on a page: what they hold, the marks that name their places, and the assets.

>>> held = collect(path)                        # executes the notebook, unless nothing has changed  # doctest: +SKIP
>>> write_assets(folder, kinds(held))           # scripts and styles, once for each kind of widget   # doctest: +SKIP
"""

import base64
import hashlib
import html
import json
import os
import re
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import numpy as np
from nbclient import NotebookClient

from cnnlib import widgets
from cnnlib.questions import is_folded
from cnnlib.widgets.joiner import FOLDER, join_script, scoped_style

ROOT = Path(__file__).resolve().parent.parent
HERE = Path(__file__).resolve().parent
CACHE = ROOT / "build" / "live"
HARVEST = "application/vnd.cnnlib.widgets+json"
VIEW = "application/vnd.jupyter.widget-view+json"
_LONG = re.compile(r'\{"base64":"([A-Za-z0-9+/=]{500,})"\}')  # as pages.harvest writes bytes
BEGIN = "from pages import harvest; harvest.begin()"
END = "from pages import harvest; harvest.end()"


@dataclass
class Live:
    """What a notebook's widgets hold, and where they stand.

    Attributes
    ----------
    held : dict of str to dict
        By model: "kind", "state" and "extra" as `pages.harvest.hold` tells them; only of those that are shown.
    places : dict of int to list of str
        By the number of a cell: the models of its widgets, in the order of its outputs.
    """

    held: dict = field(default_factory=dict)
    places: dict = field(default_factory=dict)


def collect(path, cache=CACHE):
    """Return what a notebook's widgets hold, as it is after all its cells.

    The notebook is executed for it, unless neither its code nor the library has changed since the last time.

    Parameters
    ----------
    path : pathlib.Path
    cache : pathlib.Path
        A folder for what was found.

    Returns
    -------
    Live
    """
    notebook = nbformat.read(path, as_version=4)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    if not any(shows_widgets(source) for source in code):
        return Live()
    digest, kept = _digest(code), cache / f"{path.stem}.json"
    if kept.exists():
        found = json.loads(kept.read_text(encoding="utf-8"))
        if found["digest"] == digest:
            return Live(found["held"], {int(number): models for number, models in found["places"].items()})
    live = _execute(notebook, path)
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps({"digest": digest, "held": live.held, "places": live.places}), encoding="utf-8")
    return live


def shows_widgets(source):
    """Whether a cell's code names a widget."""
    return any(re.search(rf"\b{name}\b", source) for name in widgets.__all__)


def _digest(code):
    """Of all that the widgets' contents depend on."""
    sources = sorted([*(ROOT / "cnnlib").rglob("*.py"), HERE / "harvest.py"])
    parts = [json.dumps(code).encode(), *(path.read_bytes() for path in sources)]
    return hashlib.sha256(b"\0".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def _execute(notebook, path):
    notebook.cells = [nbformat.v4.new_code_cell(BEGIN), *notebook.cells, nbformat.v4.new_code_cell(END)]
    environment = dict(os.environ, CNNLIB_PROGRESS=str(path.with_name("no-such-folder") / "progress.json"))
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    client = NotebookClient(notebook, timeout=1200, kernel_name="python3", record_timing=False,
                            store_widget_state=False, resources={"metadata": {"path": str(path.parent)}})
    client.execute(env=environment)
    *cells, last = notebook.cells
    everything = next(output.data[HARVEST] for output in last.outputs if HARVEST in output.get("data", {}))
    places = {}
    for number, cell in enumerate(cells[1:]):
        shown = [output.data[VIEW]["model_id"] for output in cell.get("outputs", ()) if VIEW in output.get("data", {})]
        if shown:
            places[number] = shown
    held = {model: everything[model] for models in places.values() for model in models}
    # Models are numbered by their places, so that the same notebook gives the same page.
    names = {model: f"w{place}" for place, model in enumerate(dict.fromkeys(held))}
    return Live({names[model]: one for model, one in held.items()},
                {number: [names[model] for model in models] for number, models in places.items()})


def widget_outputs(cell):
    """Return the stored outputs of a cell that tell of a widget, in their order: a picture, or a question's words."""
    return [output for output in cell.get("outputs", ()) if _tells_of_a_widget(output.get("data", {}))]


def _tells_of_a_widget(data):
    if "image/png" in data:
        return not "".join(data.get("text/plain", "<Figure")).startswith("<Figure")
    return is_folded("".join(data.get("text/html", "")))


def kinds(held):
    """Return the kinds of widgets among what is held, sorted."""
    return sorted({one["kind"] for one in held.values()})


def words_html(model, words):
    """Return the marks of the place of a widget that is stored as words: without JavaScript, those.

    Parameters
    ----------
    model : str
        A key of what is held.
    words : str
        HTML.
    """
    place = html.escape(model, quote=True)
    return f'<div class="cnn-live" data-model="{place}"><div class="cnn-stored">{words}</div></div>'


def place_html(model, picture, text, width=None):
    """Return the marks of a widget's place: without JavaScript, its picture and what it says.

    Parameters
    ----------
    model : str
        A key of what is held.
    picture : str
        Address of the picture.
    text : str
        What the picture says.
    width : int, optional
        Of the picture, in the page's pixels.
    """
    alt, size = html.escape(text, quote=True), f' width="{width}"' if width else ""
    return (f'<div class="cnn-live" data-model="{html.escape(model, quote=True)}">'
            f'<img loading="lazy" class="cnn-stored" src="{html.escape(picture, quote=True)}" alt="{alt}"{size}>'
            f'<p class="cnn-stored">{html.escape(text)}</p></div>')


def mount_script(held):
    """Return the text of a page's own script: what its widgets hold, and the word to show them.

    It comes after `asset_scripts`. Long bytes stand there packed, and once, however many widgets hold them.
    """
    text = json.dumps(held, ensure_ascii=False, separators=(",", ":"))
    places = {long: place for place, long in enumerate(dict.fromkeys(_LONG.findall(text)))}
    text = _LONG.sub(lambda long: f'{{"bytes":bytes[{places[long[1]]}]}}', text)
    packed = json.dumps([pack(base64.b64decode(long)) for long in places], separators=(",", ":"))
    # In a function of its own, so that nothing of it is left on the page.
    lines = "cnnPages.followTheme();", f"const bytes = await Promise.all({packed}.map(cnnPages.unpack));"
    return "\n".join(["(async () => {", *lines, f"cnnPages.mount({text});", "})();", ""])


def pack(content):
    """Return bytes as a page holds them; ``unpack`` in runtime.js reads them.

    Neighbouring pixels are nearly alike: of a picture the differences are shorter than the pixels. Weights are not,
    and so the shorter of the two is taken.

    Parameters
    ----------
    content : bytes

    Returns
    -------
    dict
        "deflated", in base64, and "differences": whether each byte is told as its difference from the one before.

    >>> pack(b"abc")
    {'deflated': 'eNpLTEoGAAJNASc=', 'differences': False}
    """
    differences = np.diff(np.frombuffer(content, np.uint8), prepend=np.uint8(0)).tobytes()
    plain, told = (zlib.compress(one, 9) for one in (content, differences))
    shorter = min(plain, told, key=len)
    return {"deflated": base64.b64encode(shorter).decode("ascii"), "differences": shorter is not plain}


def asset_scripts(found):
    """Return the names of the scripts for some kinds of widgets, in the order in which a page needs them."""
    return ["runtime.js", *(f"{kind}.js" for kind in found)]


def asset_styles(found):
    """Return the names of the style sheets for some kinds of widgets."""
    return ["runtime.css", *(f"{kind}.css" for kind in found)]


def write_assets(folder, found):
    """Write scripts and styles for some kinds of widgets, each once, for any number of pages.

    Parameters
    ----------
    folder : pathlib.Path
    found : iterable of str
        As `kinds` returns them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shared = (FOLDER / "shared" / "style.css").read_text(encoding="utf-8")
    own = (HERE / "runtime.css").read_text(encoding="utf-8")
    runtime = (HERE / "runtime.js").read_text(encoding="utf-8")
    _write(folder / "runtime.js", f"globalThis.cnnPages = {as_classic(runtime)};\n")
    _write(folder / "runtime.css", f"{shared}\n{own}")
    for kind in found:
        script = f'cnnPages.define("{kind}", {as_classic(join_script(FOLDER / kind / "view.js"))});\n'
        stand_in = HERE / "stand_ins" / f"{kind}.js"
        if stand_in.exists():
            answer = as_classic(stand_in.read_text(encoding="utf-8"))
            script = f'cnnPages.answerFor("{kind}", {answer}.standIn);\n{script}'
        _write(folder / f"{kind}.js", script)
        root = next(one._root for one in map(widgets.__dict__.get, widgets.__all__)
                    if one.__module__ == f"cnnlib.widgets.{kind}.widget")
        _write(folder / f"{kind}.css", scoped_style(FOLDER / kind, root))


def as_classic(module):
    """Return an ES module that imports nothing as an expression whose value is its default export.

    A page opened from a disk may load scripts, but no modules.

    >>> as_classic("export const one = 1;\\nexport default { one };")
    '(() => {\\n"use strict";\\nconst one = 1;\\nreturn { one };\\n})()'
    """
    body = re.sub(r"^export default ", "return ", module, flags=re.MULTILINE)
    body = re.sub(r"^export (?=(async )?function|class|const|let)", "", body, flags=re.MULTILINE)
    return f'(() => {{\n"use strict";\n{body}\n}})()'


def _write(path, text):
    path.write_text(text, encoding="utf-8", newline="\n")
