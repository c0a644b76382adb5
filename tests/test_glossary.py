"""Every name in the tables of the glossary exists in the library."""

import inspect
import re
from pathlib import Path

import nbformat
import pytest

import cnnlib

GLOSSARY = Path(__file__).resolve().parent.parent / "notebooks" / "glossary.ipynb"
EXAMPLES = {"x", "model", "layer", "output", "m", "n", "d", "c", "k", "len"}  # Python in the tables


def known_names():
    """The public names, those of their arguments, and of their methods and attributes."""
    names = set(EXAMPLES)
    for name, thing in vars(cnnlib).items():
        names.add(name)
        if callable(thing):
            names |= set(inspect.signature(thing).parameters) | {name for name in dir(thing) if name[0] != "_"}
            names |= set(getattr(thing, "__annotations__", ())) | set(getattr(thing, "parameter_names", ()))
    return names


def named_in(text):
    """The identifiers of a code span; strings are values, not names."""
    return set(re.findall(r"[A-Za-z_]\w*", re.sub(r'"[^"]*"', "", text)))


def spans():
    cells = nbformat.read(GLOSSARY, as_version=4).cells
    lines = [line for cell in cells if cell.cell_type == "markdown" for line in cell.source.splitlines()]
    rows = [line.split("|")[-2] for line in lines if line.startswith("|")]
    return sorted({span for row in rows for span in re.findall(r"`([^`]+)`", row)})


def test_there_are_names():
    assert len(spans()) > 40


@pytest.mark.parametrize("span", spans())
def test_name_exists(span):
    assert named_in(span) <= known_names()


def test_unknown_name_is_seen():
    assert not named_in("conv3d(x)") <= known_names()
