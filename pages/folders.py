"""Folders of finished pages: made anew each time, and nobody else's folder is touched."""

import shutil
from pathlib import Path

BUILD = Path(__file__).resolve().parent.parent / "build"
SIGN = ".made-by-course"  # stands in each folder that may be emptied


def check_ours(folder):
    """Raise ValueError if a folder outside ``build/`` holds anything that was not written by `emptied`'s caller."""
    if folder.resolve().is_relative_to(BUILD) or (folder / SIGN).exists() or not folder.exists():
        return
    if not folder.is_dir() or any(folder.iterdir()):
        raise ValueError(f"the folder for the pages must be new, empty or made by course.py before, got {folder}")


def emptied(folder):
    """Make a folder, empty but for its sign; raise as `check_ours` does."""
    check_ours(folder)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / SIGN).touch()
