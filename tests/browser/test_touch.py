"""A finger on the pictures of the widgets: up and down it scrolls the page, sideways and lifted it is a hand's."""

import pytest

import plain
from widget_examples import lesson

PICTURES = [  # a picture, and the traits that a finger on it changes
    ("FilterBench", ".photo .screen", ["row", "col"]),
    ("FilterBench", ".output .screen", ["row", "col"]),
    ("FaceFinder", ".photo .screen", ["row", "col"]),
    ("FaceFinder", ".map .cnn-pixels", ["row", "col"]),
    ("LookInside", ".input .cnn-pixels", ["row", "col"]),
    ("LookInside", ".map .cnn-pixels", ["row", "col"]),
    ("LookInside", ".maps .cnn-pixels", ["map"]),
    ("PoolingShift", ".input .cnn-pixels", ["down", "right"]),
    ("PoolingShift", ".pad", ["down", "right"]),
    ("ConfusionExplorer, digits", ".cells", ["row", "col"]),
]


@pytest.fixture(scope="module")
def touch(browser):
    context = browser.new_context(has_touch=True, viewport={"width": 820, "height": 600})
    page = context.new_page()
    yield page
    context.close()


def swipe(page, element, start, way, steps=6):
    """Put a finger on an element, at a share of its box, and lift it `way` pixels further on.

    It does not wait before its first step, which is farther than a finger may shake: else it could be a long press.
    """
    box = element.bounding_box()
    x, y = box["x"] + start[0] * box["width"], box["y"] + start[1] * box["height"]
    session = page.context.new_cdp_session(page)
    for k in range(steps + 1):
        points = [{"x": x + way[0] * k / steps, "y": y + way[1] * k / steps}]
        session.send("Input.dispatchTouchEvent", {"type": "touchMove" if k else "touchStart", "touchPoints": points})
        if k:
            plain.painted(page)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    session.detach()
    page.evaluate("""async () => {
        for (let [last, same] = [scrollY, 0]; same < 3; same = scrollY === last ? same + 1 : 0) {
            last = scrollY;
            await new Promise(requestAnimationFrame);
        }
    }""")
    plain.painted(page)


@pytest.mark.parametrize("name, part, traits", PICTURES)
def test_a_swipe_up_scrolls_the_page_and_one_sideways_moves_the_hand(touch, name, part, traits):
    root = plain.mount(touch, lesson(name), css="#host { width: 800px !important } body { padding-bottom: 2000px }")
    picture = root.locator(part).first

    def state():
        return touch.evaluate("(names) => names.map((name) => state[name])", traits)

    before = state()
    touch.evaluate("() => scrollTo(0, 0)")
    picture.scroll_into_view_if_needed()
    place = touch.evaluate("() => scrollY")
    swipe(touch, picture, (0.3, 0.6), (4, -120))
    touch.wait_for_function("(place) => scrollY > place + 60", arg=place)
    assert state() == before
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    if part != ".cells":  # there a tap chooses
        swipe(touch, picture, (0.2, 0.3), (0.6 * box["width"], 4))
        assert state() != before
    now = state()
    picture.tap(position={"x": 0.45 * box["width"], "y": 0.85 * box["height"]})
    if part != ".input .cnn-pixels" or name != "PoolingShift":
        assert state() != now
