"""What of a notebook is shown to a class: its slides, with the rest of its text as the speaker's notes.

A slide has a section's heading as its title, and then one thing: a prediction, a widget, a picture,
formulas, a table, or the summary. Prose is for whoever speaks, but for a sentence that runs into a formula.
Code is shown where the text before it hands over to it, with a colon; it may join the formula that it
writes out. An author who wants it otherwise gives a cell one of the tags in `TAGS`.
"""

import ast
import re
from dataclasses import dataclass, field

from pages.figures import is_figure

WIDGET = "application/vnd.jupyter.widget-view+json"
PICTURES = ("image/svg+xml", "image/png", "image/jpeg")
TAGS = {
    "slide": "show this cell: its text as it stands, or its code and what it prints",
    "slide-output": "show what this cell prints, without its code",
    "slide-notes": "keep this cell for the notes, whatever it holds",
    "slide-skip": "leave this cell out, notes and all",
}
UNSHOWN = ("Exercises", "Further reading")  # sections that a class has in its notebooks
ROWS = 8  # of a table on one slide
POINTS = 4  # of a list
LINES = 20  # of code
# In a cell that leaves its heart to the reader.
EXERCISE = re.compile(r"^\w+\.q\d+\.(check|hint|solution)\(", re.MULTILINE)


@dataclass
class Part:
    """One thing on a slide: ``kind`` is text, formula, code, printed, picture or widget.

    A widget's content is its model; ``mime`` is then the address of its picture, and ``text`` what that says.
    A picture's content is its data, or for a figure with words its whole output.
    """

    kind: str
    content: str
    mime: str = ""
    text: str = ""


@dataclass
class Slide:
    """A slide; ``kind`` is that of its main part, or "title" or "question"; notes are Markdown."""

    title: str
    kind: str
    parts: list = field(default_factory=list)
    notes: list = field(default_factory=list)


def outline(notebook):
    """Return the slides of an executed notebook, section by section.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        With outputs; its widgets' views are named in them.

    Returns
    -------
    list of list of Slide
        The first section is the title.
    """
    return _Outline().read(notebook.cells)


class _Outline:
    def __init__(self):
        self.sections, self.title, self.told = [], "", []  # told: prose that waits for the slide it leads to
        self.shown = True  # whether the section is one for a class

    def read(self, cells):
        cells = [cell for cell in cells if "slide-skip" not in tags_of(cell)]
        for number, cell in enumerate(cells):
            if cell.cell_type == "markdown":
                self._text(cell, followed=number + 1 < len(cells) and makes_slide(cells[number + 1], cell))
            elif cell.cell_type == "code" and self.shown:
                self._code(cell, before=cells[number - 1] if number else None)
        self._note_told()
        return self.sections

    def _add(self, kind, *parts):
        slide = Slide(self.title, kind, list(parts), self.told)
        self.sections[-1].append(slide)
        self.told = []
        return slide

    def _note_told(self):
        """Prose that leads to no slide belongs to the one before it, or is what its section has to say."""
        if self.told and self.sections and self.sections[-1]:
            self.sections[-1][-1].notes += self.told
            self.told = []
        elif self.told and self.sections:
            self._add("text", Part("text", first_sentence(self.told[0])))

    def _head(self, level, words):
        if level < 3:
            self._note_told()
            self.shown = words not in UNSHOWN
            if self.shown:
                self.sections.append([])
        elif self.shown:
            self._note_told()
        self.title = words

    def _text(self, cell, followed):
        blocks, tags = blocks_of(cell.source), tags_of(cell)
        for number, (kind, text) in enumerate(blocks):
            if kind == "heading":
                marks, words = text.split(" ", 1)
                self._head(len(marks), words.strip())
                if len(marks) == 1:
                    return self._first(blocks[number + 1 :])
                continue
            if not self.shown:
                continue
            last = number == len(blocks) - 1
            if "slide-notes" in tags:
                self.told.append(text)
            elif "slide" in tags:
                self._add("text", Part("text", text))
            elif kind == "formula":
                self._formula(text)
            elif kind == "table":
                for rows in split_table(text):
                    self._add("table", Part("text", rows))
            elif kind == "list" and self.title == "Summary":
                for points in dealt(re.split(r"\n(?=- )", text), POINTS):
                    self._add("text", Part("text", "\n".join(points)))
            elif kind == "html" and "What this does not show" in text:
                self._add("text", Part("text", text))
            else:
                self.told.append(text)
                if self.sections[-1] and not (followed and last):
                    self._note_told()
        return None

    def _first(self, blocks):
        """The title: the series' question and the time it takes; the rest is for the notes."""
        quotes = [re.sub(r"^> ?", "", text, flags=re.MULTILINE) for kind, text in blocks if kind == "quote"]
        question = quotes[0].split("\n\n")[0] if quotes else ""
        slide = self._add("title", *([Part("text", question)] if question else []))
        slide.notes += [text for kind, text in blocks if kind != "quote"] + quotes

    def _formula(self, text):
        """Formulas that follow each other stand on one slide, until it has two."""
        slides = self.sections[-1]
        last = slides[-1] if slides else None
        if last and last.kind == "formula" and last.title == self.title and len(last.parts) < 2 and not self.told:
            last.parts.append(Part("formula", text))
        else:
            lead = last_sentence(self.told[-1]) if self.told and not self.told[-1].endswith((".", "?")) else ""
            self._add("formula", *([Part("text", lead)] if lead else []), Part("formula", text))

    def _code(self, cell, before):
        tags = tags_of(cell)
        if "slide-notes" in tags:
            return
        widgets, pictures, printed = outputs_of(cell)
        source = without_checks(cell.source)
        code = source and ("slide" in tags or (hands_over(before, cell) and len(source.splitlines()) <= LINES))
        if widgets:
            for model, (address, text) in widgets.items():
                kind = "question" if cell.source.startswith("Question(") else "widget"
                self._add(kind, Part("widget", model, address, text))
        elif pictures:
            for mime, data in pictures:
                self._add("picture", Part("picture", data, mime))
        elif code or ("slide-output" in tags and printed):
            parts = [Part("code", source)] if code else []
            parts += [Part("printed", printed)] if printed else []
            last = self.sections[-1][-1] if self.sections[-1] else None
            if last and last.kind == "formula" and last.title == self.title:  # it says the same, to a machine
                last.kind, last.parts, last.notes = "code", last.parts + parts, last.notes + self.told
                self.told = []
            else:
                self._add("code", *parts)


def makes_slide(cell, before):
    """Whether a code cell will be a slide, given the cell before it."""
    if cell.cell_type != "code" or "slide-notes" in tags_of(cell):
        return False
    widgets, pictures, _ = outputs_of(cell)
    return bool(widgets or pictures or hands_over(before, cell) or tags_of(cell) & {"slide", "slide-output"})


def hands_over(before, cell):
    """Whether text that ends in a colon leads to a cell's code, and the code is not left to the reader."""
    leads = before is not None and before.cell_type == "markdown" and before.source.rstrip().endswith(":")
    return leads and not EXERCISE.search(cell.source)


def tags_of(cell):
    return set(cell.metadata.get("tags", ()))


def outputs_of(cell):
    """Return what a cell has put out: widgets (picture and text by model), pictures (type, data), and printed text."""
    widgets, pictures, printed = {}, [], []
    for output in cell.outputs:
        data = output.get("data", {})
        if WIDGET in data:
            address = f"data:image/png;base64,{data['image/png'].strip()}" if "image/png" in data else "data:,"
            widgets.setdefault(data[WIDGET]["model_id"], (address, data.get("text/plain", "")))
        elif any(mime in data for mime in PICTURES):
            mime = next(mime for mime in PICTURES if mime in data)
            pictures.append((mime, output if is_figure(output) else data[mime]))
        elif output.output_type == "stream" and output.name == "stdout":
            printed.append(output.text)
        elif output.output_type == "execute_result":
            printed.append(data.get("text/plain", ""))
    return widgets, pictures, "".join(printed).rstrip("\n")


def blocks_of(text):
    """Cut Markdown at its empty lines into (kind, text); formulas, HTML and fenced code stay whole.

    Examples
    --------
    >>> blocks_of("## One\\n\\nTwo.\\n\\n$$x$$")
    [('heading', '## One'), ('prose', 'Two.'), ('formula', '$$x$$')]
    """
    blocks, lines, closing = [], [], None
    for line in [*text.strip().splitlines(), ""]:
        if lines and closing is None and (not line.strip() or re.match("#{1,6} ", line) or lines[0].startswith("#")):
            blocks.append("\n".join(lines))
            lines = []
        if not lines:
            start = line.strip()
            html = re.match(r"<(\w+)", start)
            closing = "$$" if start.startswith("$$") else "```" if start.startswith("```") else None
            closing = f"</{html[1]}>" if html else closing
        if line.strip() or closing:
            lines.append(line)
        rest = line.strip()[2:] if len(lines) == 1 and closing in ("$$", "```") else line
        if closing and closing in rest:
            closing = None
    if lines:
        blocks.append("\n".join(lines))
    return [(kind_of(block), block) for block in blocks]


def kind_of(block):
    starts = [
        (r"#{1,6} ", "heading"), (r"\$\$", "formula"), (r"\|", "table"), (r"(-|\d+\.) ", "list"), (">", "quote"),
        ("<", "html"),
    ]
    return next((kind for pattern, kind in starts if re.match(pattern, block)), "prose")


def split_table(text):
    """Cut a long table into ones of nearly equal length, each with the head."""
    head, rows = text.splitlines()[:2], text.splitlines()[2:]
    return ["\n".join(head + some) for some in dealt(rows, ROWS)]


def dealt(items, most):
    """Cut a list into parts of nearly equal length, none longer than `most`.

    Examples
    --------
    >>> dealt([1, 2, 3, 4, 5], 4)
    [[1, 2, 3], [4, 5]]
    """
    size = -(-len(items) // max(1, -(-len(items) // most)))
    return [items[start : start + size] for start in range(0, len(items), size)]


def first_sentence(text):
    """The first sentence of a paragraph; a full stop ends it where a capital or a mark follows.

    Examples
    --------
    >>> first_sentence("About 3.5 percent. More follows.")
    'About 3.5 percent.'
    """
    return sentences(text)[0]


def last_sentence(text):
    return sentences(text)[-1]


def sentences(text):
    return re.split(r"(?<=[.!?]) (?=[A-Z*$\[`(])", text.replace("\n", " "))


def without_checks(source):
    r"""Code without the assertions of its outermost level, and without the reader's functions made good.

    Examples
    --------
    >>> without_checks("f = ex01.q1.or_solution(f)\ny = 2 * x\nassert y == 4")
    'y = 2 * x'
    """
    try:
        checks = [node for node in ast.parse(source).body
                  if isinstance(node, ast.Assert)
                  or (isinstance(node, ast.Assign) and ".or_solution(" in ast.unparse(node.value))]
    except SyntaxError:  # IPython's own
        return source
    lines = source.splitlines()
    for check in reversed(checks):
        del lines[check.lineno - 1 : check.end_lineno]
    return "\n".join(lines).strip("\n")
