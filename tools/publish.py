"""Write all that a course puts on the web into one folder: the site, slides, and the notebooks that run in a browser.

``python3 course.py publish FOLDER --pyodide PLACE`` calls it. Any static host serves the folder, at any address:
pages at its top, decks in ``slides/``, JupyterLite in ``lite/``. Each lecture's page has a button for both.
"""

import argparse
import sys
from pathlib import Path

from pages import site
from tools.lite import build as lite
from tools.slides import build as slides


def main(argv=None):
    """Write the folder and return an exit code."""
    parser = argparse.ArgumentParser(prog="course.py publish", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="a new folder, or one that this command has written before")
    parser.add_argument("names", nargs="*", help="lectures with pages and slides, such as 04; all of them unless given")
    parser.add_argument("--pyodide", required=True, metavar="PLACE", help="as for course.py lite")
    parser.add_argument("--repository", metavar="OWNER/NAME", help="as for course.py site")
    parser.add_argument("--ref", default="main", help="as for course.py site")
    parser.add_argument("--environment", type=Path, default=Path(sys.prefix, "lite"), help="as for course.py lite")
    arguments = parser.parse_intermixed_args(argv)
    folder = arguments.folder.resolve()
    wanted = [*arguments.names, "--to", str(folder), "--lite", "lite/", "--slides", "slides/", "--ref", arguments.ref]
    wanted += ["--repository", arguments.repository] if arguments.repository else []
    code = site.main(wanted)  # first: it empties the folder
    if code == 0:
        slides.main([*arguments.names, "--to", str(folder / "slides")])
        code = lite.main(["--pyodide", arguments.pyodide, "--environment", str(arguments.environment),
                          "--to", str(folder / "lite")])
    if code == 0:
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        print(f"All is in {folder}, {size / 1e6:.0f} MB: put it on any web server.")
    return code


if __name__ == "__main__":
    sys.exit(main())
