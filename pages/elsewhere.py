"""Where else a lecture opens: JupyterLite, slides, Google Colab and Binder. A page of the site has a button for each.

The addresses hold the repository's name, which is known to whoever publishes the site and to nobody here; so
they come from the command's options, and no notebook in the repository holds one.
"""

import copy
import json
from urllib.parse import quote

import nbformat

BRANCH = "gh-pages"  # where GitHub's pages are published from; Colab opens notebooks from there
FOLDER = "colab"  # of the site: notebooks with `INSTALL` before all else
TAG = "colab"
LOGO = "_static/images/logo_{}"  # of the theme
TOOLTIP = {"Slides": "Show this lecture as slides"}
INSTALL = """# Google Colab has no cnnlib: install it there, with the lecture's data. Elsewhere this does nothing.
import subprocess
import sys

if "google.colab" in sys.modules:
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", {source}], check=True)"""


def buttons(name, repository=None, ref="main", lite=None, slides=None, root=""):
    """Return the places where a lecture opens, as the theme's buttons.

    Parameters
    ----------
    name : str
        Of the notebook, such as ``"04_convolution_2d"``.
    repository : str, optional
        On GitHub, as ``OWNER/NAME``; without it, neither Colab nor Binder.
    ref : str
        Branch, tag or commit that Binder takes.
    lite : str, optional
        Address of what ``course.py lite`` wrote; relative ones count from the site's front page.
    slides : str, optional
        Address of the folder with the decks that ``course.py slides`` wrote, likewise; exercises have none.
    root : str
        Address of the front page, seen from the page that gets the buttons: ``"../"`` from a folder below.

    Returns
    -------
    list of dict

    Examples
    --------
    >>> [one["text"] for one in buttons("04", "someone/cnn")]
    ['Colab', 'Binder']
    >>> buttons("04", lite="lite/", root="../")[0]["url"]
    '../lite/lab/index.html?path=04.ipynb'
    >>> buttons("04", slides="slides/", root="../")[0]["url"]
    '../slides/04.html'
    """
    def seen(address):
        base = address if "://" in address or address.startswith("/") else root + address
        return base.rstrip("/")

    file, found = quote(f"{name}.ipynb"), []
    if lite:
        found.append(("JupyterLite", LOGO.format("jupyterlite.svg"), f"{seen(lite)}/lab/index.html?path={file}"))
    if slides and not name.startswith("exercises"):
        found.append(("Slides", "fas fa-display", f"{seen(slides)}/{quote(name)}.html"))
    if repository:
        place = quote(repository)
        colab = f"https://colab.research.google.com/github/{place}/blob/{BRANCH}/{FOLDER}/{file}"
        binder = f"https://mybinder.org/v2/gh/{place}/{quote(ref, safe='')}?urlpath=lab/tree/notebooks/{file}"
        found += [("Colab", LOGO.format("colab.png"), colab), ("Binder", LOGO.format("binder.svg"), binder)]
    return [{"type": "link", "text": text, "url": url, "icon": icon,
             "tooltip": TOOLTIP.get(text, f"Open this page in {text}")}
            for text, icon, url in found]


def for_colab(notebook, repository, ref="main"):
    """Return a copy of a notebook that installs the library first, if it is opened in Colab.

    Parameters
    ----------
    notebook : NotebookNode
    repository, ref : str
        As in `buttons`; what pip installs from.
    """
    source = json.dumps(f"cnnlib @ git+https://github.com/{repository}@{ref}")
    cell = nbformat.v4.new_code_cell(INSTALL.format(source=source), metadata={"tags": [TAG]}, id="install-in-colab")
    changed = copy.deepcopy(notebook)
    changed.cells.insert(0, cell)
    return changed
