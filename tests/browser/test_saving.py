"""A card is saved as PNG and SVG: what stands in the file is what stands on the screen."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

import plain
from cnnlib import widgets
from widget_examples import make

FONTS = 12  # mean difference of grey levels: glyphs are not laid on the same fractions of a pixel

CHOSEN = "(root) => [...root.querySelectorAll('input')].map(({ checked, value }) => [checked, value])"


def opened(browser, name, **options):
    page = browser.new_page(viewport={"width": 1000, "height": 1200}, reduced_motion="reduce", **options)
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    return page, plain.mount(page, make(name))


def saved(page, kind):
    with page.expect_download() as waited:
        page.get_by_role("button", name=f"save as {kind}").click()
    return waited.value.suggested_filename, waited.value.path().read_bytes()


def pixels(data, size):
    image = Image.open(BytesIO(data)).convert("RGBA")
    ground = Image.new("RGBA", image.size, "white")
    return np.asarray(Image.alpha_composite(ground, image).convert("RGB").resize(size, Image.BOX), float)


def seen(page, root, height):
    """The card as it is on the screen, as far down as its picture goes to be alike: hints and tools come below."""
    page.mouse.move(2, 2)
    page.evaluate("document.activeElement.blur()")
    plain.painted(page)
    shot = Image.open(BytesIO(root.screenshot())).convert("RGB")
    return np.asarray(shot, float)[:height]


@pytest.mark.parametrize("name", widgets.__all__)
def test_a_saved_picture_is_the_card(browser, name):
    page, root = opened(browser, name)
    box, chosen = root.bounding_box(), root.evaluate(CHOSEN)
    file, data = saved(page, "PNG")
    assert root.bounding_box() == box and root.evaluate(CHOSEN) == chosen, "the card stays as it was"
    assert file.startswith(name) and file.endswith(".png")
    width, height = Image.open(BytesIO(data)).size
    assert width == 2 * round(box["width"]) and 0.5 * box["height"] < height / 2 <= box["height"]
    # Above the first hint both are alike.
    top = root.evaluate("""(root) => Math.min(...[...root.querySelectorAll(".cnn-hint, .cnn-tools")].map((one) =>
        one.getBoundingClientRect().top)) - root.getBoundingClientRect().top""")
    high = int(min(top, height / 2)) - 4
    picture, screen = pixels(data, (width // 2, height // 2))[:high], seen(page, root, high)
    assert screen.std() > 5, "there is something to see"
    assert np.abs(picture - screen).mean() < FONTS
    blocks = [one[: high // 20 * 20, : width // 2 // 20 * 20].reshape(high // 20, 20, -1, 20, 3).mean((1, 3)) for one in (picture, screen)]
    assert np.quantile(np.abs(blocks[0] - blocks[1]), 0.97) < 40, "no part is missing"
    assert page.problems == []
    page.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_an_svg_shows_the_same_by_itself(browser, theme, tmp_path):
    page, root = opened(browser, "SlideFilter2D", color_scheme=theme)
    root.locator(".output svg").press("ArrowRight")
    plain.painted(page)
    file, data = saved(page, "SVG")
    assert file == "SlideFilter2D-col-1.svg"
    page.locator(".cnn-told", has_text="saved for browsers").wait_for()
    text = data.decode("utf-8")
    assert text.startswith("<svg") and "http" not in text.replace("http://www.w3.org/", "")
    (tmp_path / file).write_bytes(data)
    alone = browser.new_page(viewport={"width": 1000, "height": 1200})
    alone.goto((tmp_path / file).as_uri())
    shot = np.asarray(Image.open(BytesIO(alone.screenshot())).convert("RGB"), float)
    high, width = 400, round(root.bounding_box()["width"])
    screen = seen(page, root, high)
    assert np.abs(shot[:high, :width] - screen[:, :width]).mean() < FONTS
    alone.close()
    page.close()


def test_where_a_canvas_may_not_be_read_the_svg_is_offered(browser):
    page, _ = opened(browser, "SlideFilter1D")
    page.evaluate("() => { HTMLCanvasElement.prototype.toBlob = () => { throw new DOMException('tainted', 'SecurityError'); }; }")
    page.get_by_role("button", name="save as PNG").click()
    page.locator(".cnn-told", has_text="save the SVG").wait_for()
    page.close()


def test_what_was_set_and_drawn_is_in_the_picture(browser):
    page, root = opened(browser, "DigitPad")
    before = saved(page, "PNG")[1]
    box = root.locator("canvas").first.bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 120, steps=8)
    page.mouse.up()
    plain.painted(page)
    after = saved(page, "PNG")[1]
    assert before != after
    page.close()
