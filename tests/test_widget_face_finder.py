"""FaceFinder without a browser: numbers, refusals, the static picture."""

import matplotlib
import numpy as np
import pytest
from traitlets import TraitError

from cnnlib import conv2d
from cnnlib.detection import Level, boxes_above, non_max_suppression, scan
from cnnlib.figures import PALETTE, format_number
from cnnlib.widgets import FaceFinder
from cnnlib.widgets.traits import packed


def search(picture):
    """What a net that likes bright squares of 8 pixels says of a picture."""
    weight = np.full((1, 1, 8, 8), 6 / 64, np.float32)
    return scan(lambda x: conv2d(x, weight, np.float32([-3.1]), stride=2), picture, (8, 16, 32), patch=8, stride=2)


def example():
    """A bright square of 16 pixels."""
    picture = np.full((48, 64), 0.25, np.float32)
    picture[16:32, 24:40] = 1
    return picture, search(picture)


@pytest.fixture
def finder():
    return FaceFinder(*example())


def test_it_starts_at_the_best_window(finder):
    picture, levels = example()
    assert finder.score == max(level.scores.max() for level in levels)
    row, col, side = finder.window
    assert picture[round(row) : round(row + side), round(col) : round(col + side)].min() > 0.9


def test_boxes_are_those_of_the_library(finder):
    levels = example()[1]
    assert finder.boxes == non_max_suppression(boxes_above(levels, 0)).tolist() and len(finder.boxes) > 1
    for threshold in range(4):
        finder.threshold = threshold
        assert finder.found == non_max_suppression(boxes_above(levels, threshold)).tolist()


def test_what_travels_to_the_browser(finder):
    picture, levels = example()
    np.testing.assert_array_equal(np.frombuffer(finder.photo["bytes"], np.uint8).reshape(48, 64), np.where(picture == 1, 255, 64))
    for sent, level in zip(finder.levels, levels, strict=True):
        scores = np.frombuffer(sent["scores"]["bytes"], "<f4").reshape(sent["scores"]["shape"])
        np.testing.assert_array_equal(scores, level.scores)
        assert (sent["side"], sent["step"], sent["stride"], sent["patch"]) == (level.side, level.step, 2, 8)
        assert sent["picture"]["shape"] == list(level.picture.shape)
    assert finder.end == np.ceil(max(level.scores.max() for level in levels))


def test_a_larger_window_stays_inside(finder):
    finder.level = 0
    finder.row, finder.col = 20, 28
    finder.level = 2
    assert (finder.row, finder.col) == (2, 4) and finder.window == (16, 32, 32)


@pytest.mark.parametrize("change, message", [
    (dict(threshold=13), r"threshold must be an integer in 0\.\.12, got 13"),
    (dict(threshold=1.5), "threshold must be an integer"),
    (dict(search=3), "search must be a function"),
    (dict(levels=None), "levels must be what cnnlib.detection.scan returns, or search a function that does it"),
    (dict(threshold=-1), "threshold must be an integer of at least 0, got -1"),
    (dict(level=3), r"level must be an integer in 0\.\.2, got 3"),
    (dict(level=2, row=3), r"row must be an integer in 0\.\.2, got 3"),
    (dict(level=2, col=-1), "col must be an integer of at least 0, got -1"),
    (dict(picture=np.zeros(5)), "picture must be a 2-D array"),
    (dict(picture=np.full((48, 64), 2.0)), "picture must hold grey levels from 0 to 1, got 2 to 2"),
    (dict(picture=np.full((48, 64), np.nan)), "picture must hold finite numbers only"),
    (dict(levels=[]), "levels must be what cnnlib.detection.scan returns"),
    (dict(levels=None, search=lambda picture: []), "picture must have room for the smallest window of search, got 48×64 pixels"),
    (dict(levels=None, search=lambda picture: 1), "what search returns must be what cnnlib.detection.scan returns"),
    (dict(levels=None, search=lambda picture: 1 / 0), "search must return levels for picture, got ZeroDivisionError: division by zero"),
    (dict(levels=[1]), "levels must be what cnnlib.detection.scan returns"),
])
def test_what_it_refuses(change, message):
    picture, levels = example()
    with pytest.raises(ValueError, match=message):
        FaceFinder(**dict(picture=picture, levels=levels) | change)


def test_a_refused_change_changes_nothing(finder):
    before = finder.get_state(["threshold", "level", "row", "col"])
    for name in before:
        with pytest.raises(TraitError, match=name):
            setattr(finder, name, 99)
    assert finder.get_state(["threshold", "level", "row", "col"]) == before


def test_description_and_repr(finder):
    finder.level, finder.row, finder.col, finder.threshold = 2, 0, 4, 1
    score = float(example()[1][2].scores[0, 4])
    assert finder.describe() == (
        f"Window of 32 pixels at row 0, column 32: score {format_number(score)}, not above the threshold 1. "
        f"Boxes above the threshold: {len(finder.found)} of {len(finder.boxes)}."
    )
    assert repr(finder) == "FaceFinder(picture 48×64, 3 sizes, window (0, 4) of size 2, threshold 1)"


def test_static_picture(finder):
    (ax,) = finder.picture().axes
    photo, seen, scores = (image.get_array() for image in ax.images[:3])
    picture, levels = example()
    one = levels[finder.level]
    np.testing.assert_array_equal(photo, picture)
    np.testing.assert_array_equal(seen, one.picture[2 * finder.row : 2 * finder.row + 8, 2 * finder.col : 2 * finder.col + 8])
    np.testing.assert_array_equal(scores, one.scores)
    assert format_number(finder.score) in [text.get_text() for text in ax.texts]
    assert len(ax.patches) >= 2 * len(finder.found) + 2
    data, metadata = finder._repr_mimebundle_()
    assert data["text/plain"] == finder.describe() and metadata["image/png"]["width"] == 880


# Where it opens -----------------------------------------------------------------------------------


def many(count, best):
    """`count` places far enough apart for each to be a box, with scores up to `best`."""
    scores = np.full((1, 2 * count + 1), -1.0)
    scores[0, 1::2] = np.linspace(0.5, best, count)
    return np.zeros((5, 10 * count + 5)), [Level(5.0, 5, 5, np.zeros((5, 10 * count + 5)), scores)]


@pytest.mark.parametrize("count, best", [(10, 3), (200, 9.5), (200, 27)])
def test_it_opens_with_boxes_that_leave_the_picture_to_be_seen(count, best):
    finder = FaceFinder(*many(count, best))
    assert len(finder.boxes) == count and len(finder.found) <= 30
    if finder.threshold:
        finder.threshold -= 1
        assert len(finder.found) > 30


def test_the_weaker_a_box_the_fainter_it_is_drawn_and_the_best_above_all():
    finder = FaceFinder(*many(20, 9.5), threshold=0)
    (ax,) = finder.picture().axes
    colour = matplotlib.colors.to_rgb(PALETTE["light"]["output"])
    boxes = [one for one in ax.patches if one.get_edgecolor()[:3] == colour and not one.get_fill()]
    shares = [one.get_edgecolor()[3] for one in boxes]
    assert len(shares) == 20 and shares == sorted(shares) and shares[0] < 0.2 and shares[-1] > 0.9


# A picture of one's own ---------------------------------------------------------------------------


def own(side=40, at=10):
    pixels = np.full((side, side), 64, np.uint8)
    pixels[at : at + 16, at : at + 16] = 255
    return packed(pixels)


def test_search_stands_for_levels():
    picture, levels = example()
    finder = FaceFinder(picture, search=search)
    assert finder.boxes == FaceFinder(picture, levels).boxes


def test_a_picture_of_one_s_own_is_searched_once_and_taken_back():
    looked = []
    finder = FaceFinder(*example(), search=lambda picture: looked.append(picture) or search(picture))
    before = {name: getattr(finder, name) for name in ("photo", "levels", "boxes", "end")}
    finder.row, finder.col = 3, 4
    finder.own = own()
    expected = search(np.frombuffer(own()["bytes"], np.uint8).reshape(40, 40).astype(np.float32) / 255)
    assert finder.boxes == non_max_suppression(boxes_above(expected, 0)).tolist()
    assert finder.photo["shape"] == [40, 40] and finder.describe() and repr(finder).startswith("FaceFinder(picture 40×40")
    finder.picture()
    assert len(looked) == 1 and looked[0].dtype == np.float32 and looked[0].max() == 1
    finder.level = 2
    finder.own = None
    assert {name: getattr(finder, name) for name in before} == before


def test_a_page_may_set_a_picture_together_with_its_window():
    finder = FaceFinder(*example(), search=search)
    last = len(search(np.zeros((80, 80), np.float32))[0].scores) - 1
    finder.set_state({"row": last, "own": own(80, 20), "col": last, "level": 0})
    assert (finder.row, finder.col) == (last, last)  # the given picture has no such place
    finder.set_state({"own": None, "level": 2, "row": 0, "col": 4})
    assert finder.window == (0, 32, 32)


@pytest.mark.parametrize("value, message", [
    (3, "own must be a picture with its shape and its bytes"),
    ({"shape": [40, 40], "bytes": b"1"}, "own must have a byte for each pixel, got 1 bytes for 40×40"),
    ({"shape": [600, 40], "bytes": bytes(24000)}, r"own side must be an integer in 1\.\.512, got 600"),
    (packed(np.zeros((5, 9), np.uint8)), "own must have room for the smallest window of search, got 5×9 pixels"),
    (packed(np.full((33, 33), 3, np.uint8)), "search must return levels for own, got RuntimeError: threes"),
])
def test_an_own_picture_that_is_refused_changes_nothing(value, message):
    def picky(picture):
        if picture.max() == np.float32(3) / 255:
            raise RuntimeError("threes")
        return search(picture)

    finder = FaceFinder(*example(), search=picky)
    finder.own = own()
    before = finder.get_state(["own", "photo", "levels", "boxes", "threshold", "level", "row", "col"])
    with pytest.raises(ValueError, match=message):
        finder.own = value
    assert finder.get_state(list(before)) == before


def test_without_search_there_is_no_own_picture():
    finder = FaceFinder(*example())
    with pytest.raises(ValueError, match="own must be None: without search"):
        finder.own = own()
    assert finder.own is None and not finder._searches
