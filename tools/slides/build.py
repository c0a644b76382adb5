"""Write one deck a notebook: a single file that needs no network, no kernel and no other file.

Called by ``python3 course.py slides [NAME ...] [--to FOLDER]``; a name is as `refresh` takes it. The
notebooks are executed, so that the widgets have something to show. A notebook that has been executed
with the same library is not executed again.
"""

import argparse
import base64
import hashlib
import html
import json
import os
import re
import sys
import tempfile
from pathlib import Path
from string import Template

import nbformat
from nbclient import NotebookClient
from nbconvert.filters import highlight, markdown2html

from pages import live
from pages.figures import figure_html
from tools.refresh_notebooks import find
from tools.slides.outline import outline
from tools.slides.vendor import read

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
DECKS = ROOT / "build" / "slides"
LIBRARIES = ("reveal/reveal.js", "reveal/notes.js", "katex/katex.min.js", "katex/auto-render.min.js")
# Twice the pixels: a hall's screen is larger than a notebook's cell.
SHARP = "import matplotlib; matplotlib.rcParams['savefig.dpi'] = 200"


def main(argv):
    parser = argparse.ArgumentParser(prog="course.py slides", description="Write one deck of slides a notebook.")
    parser.add_argument("names", nargs="*", help="notebooks, such as 04; all lectures unless given")
    parser.add_argument("--to", type=Path, default=DECKS, metavar="FOLDER")
    arguments = parser.parse_args(argv)
    notebooks = [path for path in find(arguments.names) if not path.stem.startswith("exercises") or arguments.names]
    arguments.to.mkdir(parents=True, exist_ok=True)
    written = []
    # What whoever writes the decks has solved is nobody's business: `progress()` finds nothing there.
    os.environ["CNNLIB_PROGRESS"] = str(arguments.to / "no-such-folder" / "progress.json")
    for path in notebooks:
        print(f"{path.name} ...", flush=True)
        deck = arguments.to / f"{path.stem}.html"
        deck.write_text(page(executed(path), path.stem), encoding="utf-8")
        written.append(deck)
    print(f"{len(written)} decks in {arguments.to}: open one in a browser. ? shows the keys.")
    return written


def executed(path, folder=ROOT / "build" / "executed"):
    """Return a notebook with its outputs and its widgets' state, executed once for each state of the library."""
    sources = [*sorted((ROOT / "cnnlib").rglob("*.py")), ROOT / "pages" / "harvest.py"]
    digest = hashlib.sha256(SHARP.encode())
    for file in [path, *sources]:
        digest.update(file.read_bytes())
    kept = folder / f"{path.stem}-{digest.hexdigest()[:16]}.ipynb"
    if kept.exists():
        return nbformat.read(kept, as_version=4)
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [
        nbformat.v4.new_code_cell(f"{live.BEGIN}\n{SHARP}"), *notebook.cells, nbformat.v4.new_code_cell(live.END),
    ]
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])))
    NotebookClient(
        notebook, timeout=1200, kernel_name="python3", record_timing=False, store_widget_state=False,
        resources={"metadata": {"path": str(path.parent)}},
    ).execute(env=environment)
    [notebook.metadata["held"]] = [
        output.data[live.HARVEST] for output in notebook.cells[-1].outputs if live.HARVEST in output.get("data", {})
    ]
    notebook.cells = notebook.cells[1:-1]
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob(f"{path.stem}-*.ipynb"):
        old.unlink()
    nbformat.write(notebook, kept)
    return notebook


def page(notebook, name):
    """Return a deck as the text of one HTML file."""
    sections = outline(notebook)
    shown = [part.content for slides in sections for slide in slides for part in slide.parts if part.kind == "widget"]
    held = {model: notebook.metadata["held"][model] for model in dict.fromkeys(shown)}
    scripts, styles = assets(live.kinds(held))
    body = "\n".join(
        "<section>\n{}\n</section>".format("\n".join(map(slide_html, slides))) for slides in sections if slides
    )
    template = Template(own("deck.html"))
    return template.substitute(
        title=html.escape(plain(sections[0][0].title)), name=html.escape(name), slides=body,
        styles="\n".join([read("reveal/reveal.css"), katex_styles(), *styles, own("deck.css")]),
        libraries="\n".join(f"<script>{script(text)}</script>" for text in [*map(library, LIBRARIES), *scripts]),
        held=script(json.dumps(held, ensure_ascii=False)),
        program=script(own("deck.js")),
    )


def own(name):
    return (HERE / name).read_text(encoding="utf-8")


def library(name):
    """A library's script, without the line that leads a debugger to a file that is not there."""
    return re.sub(r"^//# sourceMappingURL=.*$", "", read(name), flags=re.MULTILINE)


def assets(found):
    """The scripts and the styles for some kinds of widgets, each once."""
    with tempfile.TemporaryDirectory() as folder:
        live.write_assets(Path(folder), found)
        return tuple(
            [Path(folder, name).read_text(encoding="utf-8") for name in names]
            for names in (live.asset_scripts(found), live.asset_styles(found))
        )


def slide_html(slide):
    title = f'<h2 class="heading">{inline(slide.title)}</h2>'
    if slide.kind == "title":
        title = f"<h1>{inline(slide.title)}</h1>"
    parts = "\n".join(map(part_html, slide.parts))
    notes = markdown2html(without_links("\n\n".join(slide.notes)))
    return (
        f'<section class="{slide.kind}" data-kind="{slide.kind}">\n{title}\n'
        f'<div class="stage"><div class="fit">\n{parts}\n</div></div>\n'
        f'<aside class="notes">{notes}</aside>\n</section>'
    )


def part_html(part):
    if part.kind == "widget":
        return live.place_html(part.content, part.mime, part.text)
    if part.kind == "picture":
        if not isinstance(part.content, str):
            return figure_html(part.content, lambda png: f"data:image/png;base64,{base64.b64encode(png).decode()}")
        if part.mime == "image/svg+xml":
            data = base64.b64encode(part.content.encode()).decode()
        else:
            data = part.content.replace("\n", "")
        return f'<img alt="" src="data:{part.mime};base64,{data}">'
    if part.kind == "code":
        return f'<div class="code">{highlight.Highlight2HTML()(part.content, language="python")}</div>'
    if part.kind == "printed":
        return f'<pre class="printed">{html.escape(part.content)}</pre>'
    return f'<div class="{part.kind}">{markdown2html(without_links(part.content))}</div>'


def without_links(text):
    """A slide links nowhere: what stands in the brackets stays."""
    return re.sub(r"(?<!\!)\[([^\]]+)\]\([^)\s]+\)", r"\1", text)


def inline(text):
    """A heading's Markdown as HTML, without the paragraph round it."""
    return re.sub(r"^<p>|</p>$", "", markdown2html(without_links(text)).strip())


def plain(text):
    return re.sub(r"[*`$\\]", "", text)


def script(text):
    """Text that cannot end the script element in which it stands."""
    return re.sub(r"<(?=/script|!--)", r"\\u003C", text, flags=re.IGNORECASE)


def katex_styles():
    """KaTeX's style sheet with its fonts inside."""

    def font(found):
        data = base64.b64encode(read(f"katex/{found[1]}.woff2", binary=True)).decode()
        return f'src:url(data:font/woff2;base64,{data}) format("woff2")'

    return re.sub(r'src:url\((fonts/[\w-]+)\.woff2\)[^;}]*', font, read("katex/katex.min.css"))


if __name__ == "__main__":
    main(sys.argv[1:])
