"""Figures and code of the lectures, as far as a program can see them: words, colours, sizes of type, widths of lines."""

import ast
import base64
import re
from collections import Counter
from io import BytesIO
from pathlib import Path

import nbformat
import pytest
from PIL import Image

from cnnlib.showing import LEGIBLE

NOTEBOOKS = [path for path in sorted((Path(__file__).resolve().parent.parent / "notebooks").glob("*.ipynb"))
             if not path.stem.startswith("exercises")]
WIDEST = 104  # characters of a line; JupyterLab shows 107 in a window 1280 pixels wide, less its scroll bar
UNSHRUNK = 11  # pixels of text in a figure that scrolls on a phone, since it would be too small there
MAPS = {"gray", "gray_r"}  # besides those of figures.colormap
PAINTS = {"color", "c", "edgecolor", "edgecolors", "ec", "facecolor", "facecolors", "fc", "markeredgecolor", "mec",
          "markerfacecolor", "mfc", "colors", "labelcolor", "ecolor", "hatchcolor", "titlecolor"}


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def pictures(notebook):
    """The stored figures and widgets' pictures: (number of the cell, output); veils aside."""
    for number, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if any(mime.startswith("image/") for mime in data) and "text/plain" in data:
                yield number, output


def is_figure(output):
    return output.data["text/plain"].startswith("<Figure")


def figure_complaints(notebook):
    """What is wrong with the stored figures."""
    for number, output in pictures(notebook):
        if not is_figure(output):
            if len(output.data["text/plain"].split()) < 4:
                yield f"cell {number}: the widget's picture has no words"
            continue
        stored = output.metadata.get("image/png", {})
        words = stored.get("alt", "").split()
        if not 8 <= len(words) <= 80 or not stored["alt"].endswith("."):
            yield f"cell {number}: the figure has no words that say what it shows, or too many"
        if stored.get("smallest_text", 99) < (UNSHRUNK if stored.get("unconfined") else LEGIBLE):
            yield f"cell {number}: text of {stored['smallest_text']} pixels on a phone"
        if "image/png" in output.data:
            picture = Image.open(BytesIO(base64.b64decode(output.data["image/png"])))
            if picture.convert("RGBA").getpixel((0, 0))[3]:
                yield f"cell {number}: the figure has a ground of its own"
        else:
            yield f"cell {number}: the figure is no PNG"
    if sum(output.metadata.get("image/png", {}).get("unconfined", False) for _, output in pictures(notebook)) > 2:
        yield "more than two figures scroll on a phone"
    every = Counter(output.metadata.get("image/png", {}).get("alt") for _, output in pictures(notebook) if is_figure(output))
    yield from (f"the same words twice: {alt}" for alt, times in every.items() if times > 1)


def style_complaints(notebook):
    """Where code leaves the house's style for figures."""
    sources = [cell.source for cell in code_cells(notebook)]
    if any("pyplot" in source for source in sources) and sum("plt.style.use(STYLE)" in source for source in sources) != 1:
        yield "the import cell must say plt.style.use(STYLE)"
    for number, source in enumerate(sources, 1):
        for pattern in (r"plt\.show\(", r"plt\.rc\b", r"rcParams", r'PALETTE\["light"\]'):
            if re.search(pattern, source):
                yield f"code cell {number} has {pattern}"
        yield from (f"code cell {number}: {fault}" for fault in color_complaints(source))


def color_complaints(source):
    """The colours of a cell that are not the palette's.

    >>> list(color_complaints("ax.plot(x, 'C0o-', color='red'); ax.imshow(x, cmap='viridis')"))
    ["format 'C0o-'", "color='red'", "cmap='viridis'"]
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:  # IPython's own
        return
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("plot", "loglog", "semilogx", "semilogy"):
            for one in node.args:
                if isinstance(one, ast.Constant) and isinstance(one.value, str) and re.search(r"[rgbcmykw]|C\d", one.value):
                    yield f"format {one.value!r}"
        named = [(word.arg, word.value) for word in node.keywords]
        for name, value in named:
            texts = [one.value for one in ast.walk(value) if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            direct = [value.value] if isinstance(value, ast.Constant) and isinstance(value.value, str) else []
            if name in PAINTS and direct and direct[0] != "none":
                yield f"{name}={direct[0]!r}"
            elif name == "cmap":
                yield from (f"cmap={text!r}" for text in texts if text not in MAPS | {"input", "weight", "output"})
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"tab:\w+|#[0-9a-fA-F]{6}", node.value):
            yield f"{node.value!r}"


def width_complaints(notebook):
    """The lines of code that would scroll sideways."""
    for number, cell in enumerate(code_cells(notebook), 1):
        for line in cell.source.splitlines():
            if len(line) > WIDEST:
                yield f"code cell {number}: {len(line)} characters: {line}"


def cases():
    for path in NOTEBOOKS:
        for complaints in (figure_complaints, style_complaints, width_complaints):
            yield pytest.param(path, complaints, id=f"{path.stem}-{complaints.__name__}")


@pytest.mark.parametrize("path, complaints", list(cases()))
def test_lecture(path, complaints):
    assert not list(complaints(nbformat.read(path, as_version=4)))


def good():
    file = BytesIO()
    Image.new("RGBA", (2, 2)).save(file, "PNG")
    picture = nbformat.v4.new_output(
        "display_data", {"image/png": base64.b64encode(file.getvalue()).decode(), "text/plain": "<Figure size 2x2 with 1 Axes>"},
        metadata={"image/png": {"alt": "A curve that falls from ninety to ten within thirty steps.", "smallest_text": 9.3}})
    sources = ["import matplotlib.pyplot as plt\nplt.style.use(STYLE)",
               "ax.plot(x, 'o-', color=INKS['input'])\nax.imshow(x, cmap=colormap('input'))\nshow('…')"]
    return nbformat.v4.new_notebook(cells=[
        nbformat.v4.new_code_cell(source, outputs=[picture] if "show" in source else []) for source in sources])


def change(value, **names):
    def fault(notebook):
        stored = notebook.cells[1].outputs[0].metadata["image/png"]
        stored.update(names)
        notebook.cells[1].source += value
    return fault


def grounded(notebook):
    file = BytesIO()
    Image.new("RGBA", (2, 2), "white").save(file, "PNG")
    notebook.cells[1].outputs[0].data["image/png"] = base64.b64encode(file.getvalue()).decode()


FAULTS = {
    "no words": change("", alt=""), "a title": change("", alt="The loss."), "no sentence": change("", alt="a b c d e f g h i j"),
    "no alt": lambda nb: nb.cells[1].outputs[0].metadata.clear(),
    "small": change("", smallest_text=8.9), "small and wide": change("", smallest_text=10.9, unconfined=True), "twice": lambda nb: nb.cells[1].outputs.append(nb.cells[1].outputs[0]),
    "ground": grounded, "no style": lambda nb: nb.cells[0].update(source="import matplotlib.pyplot as plt"),
    "own rc": change("\nplt.rc('font', size=3)"), "plain show": change("\nplt.show()"),
    "named colour": change("\nax.axhline(0, color='white')"), "tab": change("\nstyle = {'color': 'tab:blue'}"),
    "hex": change("\nstyle = '#ff0000'"), "map": change("\nax.imshow(x, cmap='PuOr_r')"), "format": change("\nax.plot(x, 'ro')"),
    "wide": change("\n" + "#" * 105), "widget": lambda nb: nb.cells[1].outputs[0].data.update({"text/plain": "Widget()"}),
}


def test_good_figures_pass():
    assert not [*figure_complaints(good()), *style_complaints(good()), *width_complaints(good())]


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_seen(fault):
    notebook = good()
    FAULTS[fault](notebook)
    assert len([*figure_complaints(notebook), *style_complaints(notebook), *width_complaints(notebook)]) >= 1
