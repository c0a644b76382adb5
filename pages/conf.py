"""What Sphinx makes of the notebooks. Called by `pages.site`, which writes the sources that it reads."""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from cnnlib import layers, widgets  # noqa: E402 (they lie above this folder)
from pages import elsewhere  # noqa: E402

project = "Convolutional networks that students can touch"
author = "the authors of the lecture"
html_title = "Convolutional networks"
language = "en"  # `pages.site --language` says another
locale_dirs = [str(ROOT / "pages" / "locale")]
gettext_compact, gettext_location = False, False  # a catalogue a page, without line numbers
gettext_additional_targets = ["raw"]  # the boxes about the slides are HTML
default_role = "py:obj"  # `names` in docstrings
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.mathjax", "numpydoc",
              "sphinx_codeautolink"]
root_doc = "index"
exclude_patterns = ["_assets", "_live"]

# The notebooks are shown as they are stored. What is live was harvested before.
nb_execution_mode = "off"
nb_code_prompt_show = "Show {type}"
nb_code_prompt_hide = "Hide {type}"
nb_render_markdown_format = "myst"
nb_merge_streams = True
myst_enable_extensions = ["dollarmath", "amsmath", "html_image"]
myst_heading_anchors = 4
myst_dmath_double_inline = True
suppress_warnings = ["myst.header", "mystnb.unknown_mime_type", "myst.xref_missing", "misc.highlighting_failure"]

autosummary_generate = True
autodoc_default_options = {"members": True}
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

# Code links to the reference. A notebook is one program, whose names hold from cell to cell.
codeautolink_concat_default = True
# What a package shows under its own name may be defined in a module below it.
codeautolink_inventory_map = {
    f"{one.__module__}.{one.__qualname__}{member}": f"{package.__name__}.{name}{member}"
    for package in (layers, widgets)
    for name, one in ((name, getattr(package, name)) for name in package.__all__)
    for member in ["", *(f".{member}" for member in vars(one))]
}

html_theme = "sphinx_book_theme"
html_theme_options = {
    "show_toc_level": 2,
    "use_download_button": False,
    "use_fullscreen_button": False,
    "search_bar_text": "Search the lectures",
    "navbar_persistent": [],
    "extra_footer": "",
}
html_context = {"default_mode": "auto"}
html_static_path = ["_assets"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
mathjax_path = "mathjax/tex-chtml-full.js"
# Its menu would load more from outside.
mathjax3_config = {
    "options": {"enableMenu": False, "processHtmlClass": "tex2jax_process|mathjax_process|math|output_area"},
}


def _add_the_widgets(app, page, template, context, doctree):
    """A page with widgets loads their scripts and styles, then what its own hold."""
    listed = Path(app.srcdir, "_live", f"{Path(page).name}.json")
    if doctree is None or not listed.exists():
        return
    for name in json.loads(listed.read_text(encoding="utf-8")):
        if name.endswith(".css"):
            app.add_css_file(name)
        else:
            app.add_js_file(name, loading_method="defer")


def _add_the_buttons(app, page, template, context, doctree):
    """A lecture's page can be opened elsewhere, where the builder said where that is."""
    if page.startswith("lectures/"):
        places = json.loads(Path(app.srcdir, "_live", "elsewhere.json").read_text(encoding="utf-8"))
        found = elsewhere.buttons(Path(page).name, **places, root=context["pathto"]("", 1))
        if found:
            context["header_buttons"].append({"type": "group", "icon": "fas fa-rocket", "buttons": found,
                                              "label": "launch-buttons", "tooltip": "Open this page elsewhere"})


def _let_the_search_work_on_a_disk(app, page, template, context, doctree):
    """From a disk a page may not read the others: their titles are found, and the search asks for no more."""
    if page == "search":
        body = 'if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;'
        app.add_js_file(None, body=body)


def _let_keys_scroll_wide_mathematics(app, page, template, context, doctree):
    """A formula wider than the column scrolls; what scrolls must be reached by keys too."""
    if page.startswith("lectures/"):
        app.add_js_file(None, body="""addEventListener("load", () => window.MathJax?.startup?.promise?.then(() => {
  for (const one of document.querySelectorAll("mjx-container[display]")) {
    if (one.scrollWidth > one.clientWidth) one.tabIndex = 0;
  }
}));""")


def setup(app):
    app.connect("html-page-context", _let_keys_scroll_wide_mathematics)
    app.connect("html-page-context", _let_the_search_work_on_a_disk)
    app.connect("html-page-context", _add_the_widgets)
    app.connect("html-page-context", _add_the_buttons, priority=501)  # once the theme has made its list
