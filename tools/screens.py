"""How each widget looks at each width, in light, dark and high contrast: pictures for the eye, faults for the program.

    python tools/screens.py                       # all, in build/screens
    python tools/screens.py LinkedView Backward   # those whose names contain one of these

`build/screens/NAME.png` is a sheet of all, `build/screens/NAME/` has each in its own size. What a program can see
(tests/browser/looks.py) is printed.
"""

import argparse
import re
import sys
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "browser")]

import looks  # noqa: E402
from cnnlib import widgets  # noqa: E402
from course import find_chromium  # noqa: E402
from driver import CHROMIUM_FLAGS  # noqa: E402
from widget_examples import LESSONS, lesson  # noqa: E402

WIDTHS = (320, 390, 768, 1280, 1920)
TITLE = 20  # pixels above each picture of a sheet


def pictures(browser, name, widths, schemes):
    """Yield scheme, width, picture of the card in its own pixels, and faults that a program can see."""
    for scheme in schemes:
        with looks.card(browser, lesson(name), scheme) as (_, show):
            for width in widths:
                root = show(width)
                yield scheme, width, Image.open(BytesIO(root.screenshot())), looks.faults(root)


def sheet(shots):
    """Return one picture of all: a line a scheme, from narrow to wide, each with its title."""
    schemes, widths = ([*dict.fromkeys(keys)] for keys in zip(*shots))
    across = [max(shots[scheme, width].width for scheme in schemes) for width in widths]
    down = [max(shots[scheme, width].height for width in widths) + TITLE for scheme in schemes]
    paper = Image.new("RGB", (sum(across) + TITLE * len(across), sum(down)), "#888")
    ink = ImageDraw.Draw(paper)
    for i, scheme in enumerate(schemes):
        for j, width in enumerate(widths):
            x, y = sum(across[:j]) + TITLE * j, sum(down[:i])
            ink.text((x + 4, y + 4), f"{width} px, {scheme}", fill="white")
            paper.paste(shots[scheme, width], (x, y + TITLE))
    return paper


def main(arguments=None):
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", help="parts of names; all widgets if there is none")
    parser.add_argument("--to", type=Path, default=ROOT / "build" / "screens")
    parser.add_argument("--widths", type=int, nargs="+", default=WIDTHS)
    parser.add_argument("--schemes", nargs="+", choices=looks.SCHEMES, default=[*looks.SCHEMES])
    chosen = parser.parse_args(arguments)
    names = [name for name in [*widgets.__all__, *LESSONS]
             if not chosen.names or any(part.lower() in name.lower() for part in chosen.names)]
    if not names:
        parser.error(f"no widget has a name with {' or '.join(map(repr, chosen.names))} in it")
    count = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(find_chromium()), args=CHROMIUM_FLAGS)
        for name in names:
            folder = chosen.to / re.sub(r"\W+", "-", name)
            folder.mkdir(parents=True, exist_ok=True)
            shots = {}
            for scheme, width, shot, found in pictures(browser, name, chosen.widths, chosen.schemes):
                shot.save(folder / f"{scheme}-{width}.png")
                shots[scheme, width] = shot
                count += len(found)
                for fault in found:
                    print(f"{name}, {width} px, {scheme}: {fault}", flush=True)
            sheet(shots).save(folder.with_suffix(".png"))
        browser.close()
    print(f"{len(names)} sheets in {chosen.to}, {count} faults that a program can see")
    return count


if __name__ == "__main__":
    sys.exit(min(1, main()))
