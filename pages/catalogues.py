"""Translations of the lectures: gettext catalogues, in whose words `course.py site --language` builds the pages.

``python -m pages.catalogues de 02`` brings the catalogues of lecture 02 in ``pages/locale/de`` up to date:
what is new stands there untranslated, what has changed is marked as fuzzy until somebody has read it. It runs
in the environment that ``course.py site`` made. A lecture has two catalogues: its prose, as Sphinx reads
it, in ``lectures``, and in ``cells`` what its code says, which is its questions and what its figures show.
"""

import argparse
import dataclasses
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from cnnlib.questions.asked import find
from pages.figures import is_figure

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
NOTEBOOKS = ROOT / "notebooks"
LOCALE = HERE / "locale"
TEMPLATES = ROOT / "build" / "catalogues"


def main(argv=None):
    """Bring the catalogues of some lectures up to date."""
    parser = argparse.ArgumentParser(prog="python -m pages.catalogues", description=__doc__.splitlines()[0])
    parser.add_argument("language", help="such as de: a folder of pages/locale, made if it is new")
    parser.add_argument("names", nargs="+", help="lectures, such as 02")
    arguments = parser.parse_args(argv)
    paths = [path for path in sorted(NOTEBOOKS.glob("*.ipynb")) if path.stem.startswith(tuple(arguments.names))]
    if not paths:
        parser.error(f"no notebook is called {' or '.join(arguments.names)}")
    shutil.rmtree(TEMPLATES, ignore_errors=True)
    write_templates(paths, TEMPLATES)
    subprocess.run([sys.executable, "-m", "sphinx_intl", "update", "--pot-dir", str(TEMPLATES / "templates"),
                    "--locale-dir", str(LOCALE), "--language", arguments.language, "--line-width", "110",
                    "--no-obsolete"], check=True, cwd=ROOT)


def write_templates(paths, folder):
    """Write what some notebooks say, in English and without translations.

    Parameters
    ----------
    paths : list of pathlib.Path
    folder : pathlib.Path
        ``templates/lectures`` and ``templates/cells`` are written there, a file a notebook each.
    """
    source = folder / "source"
    (source / "lectures").mkdir(parents=True)
    for path in paths:
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs = []  # they are not prose
        nbformat.write(notebook, source / "lectures" / path.name)
    listed = "\n".join(f"lectures/{path.stem}" for path in paths)
    (source / "index.md").write_text(f"# Lectures\n\n```{{toctree}}\n{listed}\n```\n", encoding="utf-8")
    subprocess.run([sys.executable, "-m", "sphinx", "-b", "gettext", "-q", "-c", str(HERE),
                    str(source), str(folder / "templates")], check=True, cwd=ROOT)
    (folder / "templates" / "index.pot").unlink()
    (folder / "templates" / "cells").mkdir()
    for path in paths:
        catalogue = Catalog(charset="utf-8")
        for text in said_by_cells(nbformat.read(path, as_version=4)):
            catalogue.add(text)
        with (folder / "templates" / "cells" / f"{path.stem}.pot").open("wb") as file:
            write_po(file, catalogue, width=110)


def said_by_cells(notebook):
    """Return what a notebook's code says in words: its questions, and what its figures show; each text once."""
    said = []
    for cell in notebook.cells:
        said += [output.metadata["image/png"]["alt"] for output in cell.get("outputs", ()) if is_figure(output)]
        for name in asked_by(cell):
            said += texts(find(name))
    return list(dict.fromkeys(filter(None, said)))


def asked_by(cell):
    """Return the names of the questions that a cell puts."""
    if cell.cell_type != "code":
        return []
    parts = cell.source.split('Question("')[1:]
    return [part.partition('"')[0] for part in parts]


def texts(asked):
    """Return all that a question says, in the order in which one reads it."""
    return [asked.text, *asked.choices, *asked.boxes, asked.why, *asked.hears.values(), asked.otherwise]


def translated(asked, words):
    """Return a question in other words.

    Parameters
    ----------
    asked : cnnlib.questions.Asked
    words : dict of str to str
        A text by the English one; what is missing stays English.
    """

    def say(text):
        return words.get(text, text)

    answers = {"choices": tuple(map(say, asked.choices)), "right": say(asked.right)} if asked.choices else {}
    return dataclasses.replace(
        asked, text=say(asked.text), why=say(asked.why), otherwise=say(asked.otherwise),
        boxes=tuple(map(say, asked.boxes)), **answers,
        hears={say(key) if asked.choices else key: say(sentence) for key, sentence in asked.hears.items()},
    )


def read(kind, stem, language):
    """Return a notebook's translations: a text by the English one.

    Parameters
    ----------
    kind : {"lectures", "cells"}
    stem : str
        Of the notebook's name.
    language : str

    Returns
    -------
    dict
        Empty where there is no such catalogue. Fuzzy ones are left out, as gettext does.
    """
    path = LOCALE / language / "LC_MESSAGES" / kind / f"{stem}.po"
    if not path.exists():
        return {}
    with path.open("rb") as file:
        return {one.id: one.string for one in read_po(file) if one.id and one.string and not one.fuzzy}


def languages():
    """Return the languages for which there is a catalogue, sorted."""
    return sorted(path.name for path in LOCALE.iterdir())


if __name__ == "__main__":
    sys.exit(main())
