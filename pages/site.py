"""Make the site: the lectures as pages with live widgets, for reading from a disk or from any static host.

``python3 course.py site [NAME ...]`` calls it; names, such as 04, choose lectures for a trial.
The site stands in ``build/site/html``.
"""

import argparse
import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import nbformat
from PIL import Image

from cnnlib.colours import PALETTE
from cnnlib.questions import find
from cnnlib.widgets.question.widget import for_page
from cnnlib.words import in_each
from pages import catalogues, elsewhere, live
from pages.figures import figure_html, is_figure
from pages.folders import check_ours, emptied
from pages.safety import guarded

ROOT = Path(__file__).resolve().parent.parent
HERE = Path(__file__).resolve().parent
NOTEBOOKS = ROOT / "notebooks"
BUILD = ROOT / "build" / "site"
LARGEST = 1_500_000  # bytes of a page beside the shared assets
# Modules of the reference, in the order in which one reads them.
REFERENCE = {
    "Operations": ["conv", "pooling", "local", "functional", "matrices", "shapes", "kernels"],
    "Networks": ["layers", "sequential", "networks", "sliding", "weights"],
    "Training": ["optim", "train", "background", "checkpoints", "evaluation", "gradcheck", "search", "comparison"],
    "Data and pictures": ["datasets", "drawings", "pictures", "detection", "figures", "colours"],
    "Widgets": ["widgets"],
}
INDEX = """# Convolutional networks that students can touch

Drag the window over an image, edit the kernel, predict a result before you see it. The widgets on these pages
live in your browser: nothing is installed, and nothing is sent anywhere.

One question runs through the lectures: *where is the face in this picture, and how few numbers does a machine
need to find it?* Begin with [lecture 00](lectures/00_start_here.ipynb).

What needs Python says so. {elsewhere}

{trees}
"""


AT_HOME = "To run the code, open the notebooks on your own machine: the project's README says how."
IN_BROWSER = (
    "To run the code without an installation, take *JupyterLite* from the rocket at the top of a lecture: its notebook"
    " opens there, and Python runs in your browser. The first time, that loads about 85 MB."
)
AS_SLIDES = "*Slides*, in the same place, shows the lecture as a deck."


def main(argv=None):
    """Build the site and return Sphinx's exit code."""
    parser = argparse.ArgumentParser(prog="course.py site", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="lectures, such as 04; all of them unless given")
    parser.add_argument("--language", choices=["en", *catalogues.languages()], default="en",
                        help="of what has been translated; all else stays English")
    parser.add_argument("--to", type=Path, help="folder of the finished site")
    parser.add_argument("--repository", metavar="OWNER/NAME", type=repository,
                        help="where it is on GitHub: for buttons that open a page in Colab and Binder")
    parser.add_argument("--ref", default="main", help="branch, tag or commit that these take (%(default)s)")
    parser.add_argument("--lite", metavar="ADDRESS",
                        help="of what course.py lite wrote, relative to the front page or absolute: for its button")
    parser.add_argument("--slides", metavar="ADDRESS", help="of the folder with the decks, likewise")
    arguments = parser.parse_args(argv)
    paths = [path for path in sorted(NOTEBOOKS.glob("*.ipynb"))
             if not arguments.names or path.stem.startswith(tuple(arguments.names))]
    if not paths:
        parser.error(f"no notebook is called {' or '.join(arguments.names)}")
    if arguments.to is None:
        arguments.to = BUILD / ("html" if arguments.language == "en" else f"html-{arguments.language}")
    source = BUILD / "source"
    try:
        check_ours(arguments.to)
    except ValueError as error:
        sys.exit(str(error))
    shutil.rmtree(source, ignore_errors=True)
    write_sources(paths, source, arguments.language)
    places = {name: getattr(arguments, name) for name in ("repository", "ref", "lite", "slides")}
    (source / "_live" / "elsewhere.json").write_text(json.dumps(places), encoding="utf-8")
    write_index(paths, source, arguments.lite, arguments.slides)
    emptied(arguments.to)
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-q", "-c", str(HERE), str(source), str(arguments.to)]
    command[6:6] = ["-d", str(BUILD / "doctrees"), "-D", f"html_static_path={source / '_assets'}",
                    "-D", f"language={arguments.language}"]
    code = subprocess.call(command, cwd=ROOT)
    if code == 0:
        finish(arguments.to)
        for page in sorted((arguments.to / "lectures").glob("*.html")):
            if (size := own_bytes(page)) > LARGEST:
                print(f"{page} has {size:,} bytes of its own, must have at most {LARGEST:,}", file=sys.stderr)
                code = 1
        if arguments.repository:
            write_for_colab(paths, arguments.to / elsewhere.FOLDER, arguments.repository, arguments.ref)
        print(f"The site is ready: open {arguments.to / 'index.html'}")
    return code


def repository(text):
    """Return the text if it is OWNER/NAME."""
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"must be OWNER/NAME, got {text!r}")
    return text


def write_for_colab(paths, folder, name, ref):
    """Write the notebooks that Colab opens, which install the library there."""
    folder.mkdir()
    for path in paths:
        notebook = elsewhere.for_colab(nbformat.read(path, as_version=4), name, ref)
        nbformat.write(notebook, folder / path.name)


def write_sources(paths, source, language="en"):
    """Write what Sphinx reads: notebooks with places for their widgets, an index, a reference, and all assets."""
    assets, found = source / "_assets", set()
    (source / "lectures").mkdir(parents=True)
    (source / "_live").mkdir()
    for path in paths:
        print(path.stem, flush=True)
        held = live.collect(path)
        notebook = nbformat.read(path, as_version=4)
        translate_cells(notebook, held, catalogues.read("cells", path.stem, language), language)
        translate_blocks(notebook, catalogues.read("lectures", path.stem, language))
        place_widgets(notebook, held.places, assets / "pictures")
        nbformat.write(notebook, source / "lectures" / path.name)
        if held.held:
            kinds = live.kinds(held.held)
            found.update(kinds)
            own = f"held/{path.stem}.js"
            (assets / "held").mkdir(parents=True, exist_ok=True)
            (assets / own).write_text(live.mount_script(held.held), encoding="utf-8")
            names = [f"widgets/{name}" for name in live.asset_styles(kinds) + live.asset_scripts(kinds)] + [own]
            (source / "_live" / f"{path.stem}.json").write_text(json.dumps(names), encoding="utf-8")
    live.write_assets(assets / "widgets", sorted(found))
    shutil.copytree(HERE / "vendor" / "mathjax", assets / "mathjax")
    shutil.copy(HERE / "site.css", assets / "site.css")


def translate_cells(notebook, held, words, language):
    """Put what a notebook's code says into other words: its questions, live and stored, and the texts of its figures.

    Parameters
    ----------
    notebook : NotebookNode
    held : Live
        Both are changed in place.
    words : dict of str to str
        As `pages.catalogues.read` returns them.
    language : str
        Of what a folded answer says around them.
    """
    if not words:
        return
    for number, cell in enumerate(notebook.cells):
        for output in filter(is_figure, cell.get("outputs", ())):
            said = output.metadata["image/png"]
            said["alt"] = words.get(said.get("alt"), said.get("alt"))
        for output, model in zip(live.widget_outputs(cell), held.places.get(number, ())):
            if (one := held.held[model])["kind"] == "question":
                asked = catalogues.translated(find(one["state"]["name"]), words)
                one["state"]["asked"] = for_page(asked)
                said = in_each(asked.to_html)
                output.data["text/html"] = said.get(language, said["en"])


def translate_blocks(notebook, words):
    """Put a notebook's HTML and displayed formulas into other words.

    Sphinx collects these with the rest of the prose, but writes their translations as reStructuredText, which
    nothing reads in a notebook. They are literal, so that they can be replaced as they stand.
    """
    literal = {old: new for old, new in words.items() if old.startswith("<") or ("\\" in old and "$" not in old)}
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for old, new in literal.items():
                cell.source = cell.source.replace(old.strip(), new.strip())


def place_widgets(notebook, places, pictures):
    """Put a widget's place where its stored picture stands, write pictures as files, and give figures two themes.

    Parameters
    ----------
    notebook : NotebookNode
        Changed in place, and returned.
    places : dict
        As `pages.live.collect` finds them.
    pictures : pathlib.Path
        Folder for the pictures.
    """

    def written(content):
        path = pictures / f"{hashlib.sha256(content).hexdigest()[:16]}.webp"
        if not path.exists():
            pictures.mkdir(parents=True, exist_ok=True)
            # The same pixels in half the bytes; what is transparent keeps its colour.
            Image.open(BytesIO(content)).convert("RGBA").save(path, lossless=True, exact=True)
        return f"../_static/pictures/{path.name}"

    for number, cell in enumerate(notebook.cells):
        tags = cell.metadata.setdefault("tags", [])
        if cell.metadata.get("jupyter", {}).get("outputs_hidden") and "hide-output" not in tags:
            tags.append("hide-output")  # what a prediction asks for stays closed here too
        stored, models = live.widget_outputs(cell), places.get(number, [])
        if len(stored) < len(models):
            raise ValueError(f"cell {number} must store the pictures of {len(models)} widgets, has {len(stored)}")
        for output, model in zip(stored, models):
            if "image/png" not in output.data:
                output.data["text/html"] = live.words_html(model, "".join(output.data["text/html"]))
                continue
            address = written(base64.b64decode("".join(output.data["image/png"])))
            width = output.metadata.get("image/png", {}).get("width")
            text = "".join(output.data["text/plain"])
            place = live.place_html(model, address, text, width)
            output.data = nbformat.from_dict({"text/html": place})
            output.metadata = nbformat.from_dict({})
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if not is_veil(output)]
            for output in filter(is_figure, cell.outputs):
                output.data = nbformat.from_dict({"text/html": figure_html(output, written, lazy=True)})
                output.metadata = nbformat.from_dict({})
    return notebook


def is_veil(output):
    """Whether it is the transparent pixel that covers a closed output in JupyterLab."""
    data = output.get("data", {})
    return set(data) == {"image/png"} and len("".join(data["image/png"])) < 200


def write_index(paths, source, lite=None, slides=None):
    """Write the front page, which says what else there is, and the library's reference."""
    stems = [path.stem for path in paths]
    groups = {
        "Lectures": [stem for stem in stems if not stem.startswith("exercises")],
        "Exercises": [stem for stem in stems if stem.startswith("exercises")],
    }
    elsewhere_said = " ".join([IN_BROWSER if lite else AT_HOME, *([AS_SLIDES] if slides else [])])
    trees = [toctree(title, [f"lectures/{stem}" for stem in stems]) for title, stems in groups.items() if stems]
    trees.append(toctree("The library", ["reference/" + title.lower().replace(" ", "_") for title in REFERENCE]))
    (source / "index.md").write_text(INDEX.format(trees="\n".join(trees), elsewhere=elsewhere_said), encoding="utf-8")
    (source / "reference").mkdir()
    for title, modules in REFERENCE.items():
        lines = [title, "=" * len(title), ""]
        for module in modules:
            name = f"cnnlib.{module}"
            lines += [name, "-" * len(name), "", f".. automodule:: {name}", "   :members:", ""]
        file = source / "reference" / f"{title.lower().replace(' ', '_')}.rst"
        file.write_text("\n".join(lines), encoding="utf-8")


def toctree(caption, documents):
    """A table of contents in MyST's words."""
    return "\n".join(["```{toctree}", ":maxdepth: 1", f":caption: {caption}", "", *documents, "```", ""])


def own_bytes(page):
    """Return how many bytes a reader loads for a page beside what all pages share.

    That is the page, what its widgets hold, and its pictures for one theme, the heavier. A live widget's stored
    picture is never asked for.

    Parameters
    ----------
    page : pathlib.Path
        Of a finished site.
    """
    text = page.read_text(encoding="utf-8")
    held = {page.parent / name for name in re.findall(r'src="([^"?]*/_static/held/[^"?]*)', text)}
    images = [image for image in re.findall(r"<img[^>]*>", text)
              if "/_static/pictures/" in image and "cnn-stored" not in image]
    themes = [{page.parent / re.search(r'src="([^"]*)"', image)[1] for image in images if f"only-{other}" not in image}
              for other in PALETTE]
    return max(sum(file.stat().st_size for file in {page} | held | one) for one in themes)


def finish(site):
    """Give each page its policy, and drop what would ask outside and what misnames a control."""
    (site / ".nojekyll").touch()  # GitHub's pages leave out _static without it
    for page in sorted(site.rglob("*.html")):
        text = page.read_text(encoding="utf-8")
        text = re.sub(r'<link rel="preconnect"[^>]*>', "", text)
        # Else a browser asks the root of the host for an icon.
        text = text.replace("<head>", '<head><link rel="icon" href="data:,">', 1)
        # A script chooses the theme; without one the page is light throughout.
        text = text.replace('data-theme="auto"', 'data-theme="light"', 1)
        # Who commands by voice says the words that show: "Show output", "Search".
        text = text.replace('<summary aria-label="Toggle hidden content">', "<summary>")
        text = re.sub(r'(<button[^>]*\bsearch-button-field\b[^>]*?) aria-label="Search"', r"\1", text)
        text = re.sub(r'(<button[^>]*?) aria-label="Search"([^>]*\bsearch-button-field\b)', r"\1\2", text)
        page.write_text(guarded(text), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
