"""Every link inside the repository leads to a file that is there."""

import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("data/*.md"), *ROOT.glob("notebooks/*.ipynb")])


def prose(path):
    if path.suffix == ".md":
        return path.read_text(encoding="utf-8")
    cells = nbformat.read(path, as_version=4).cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def broken(text, folder):
    """The targets of Markdown links, addresses and places within a page aside, that do not exist."""
    targets = re.findall(r"\]\(((?!\w+:|#)[^\s()#]+)", text)
    return [target for target in targets if not (folder / target).exists()]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    assert not broken(prose(path), path.parent)


def test_broken_link_is_seen(tmp_path):
    (tmp_path / "a.md").touch()
    text = "[there](a.md), [away](https://example.org), [here](#b), ![lost](c.png), [lost](a.mdx#b)"
    assert broken(text, tmp_path) == ["c.png", "a.mdx"]
