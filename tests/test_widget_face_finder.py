"""FaceFinder without a browser: numbers, refusals, the static picture."""

import numpy as np
import pytest
from traitlets import TraitError

from cnnlib import conv2d
from cnnlib.detection import boxes_above, non_max_suppression, scan
from cnnlib.figures import format_number
from cnnlib.widgets import FaceFinder


def example():
    """A bright square of 16 pixels, found by a net that likes bright squares of 8."""
    picture = np.full((48, 64), 0.25, np.float32)
    picture[16:32, 24:40] = 1
    weight = np.full((1, 1, 8, 8), 6 / 64, np.float32)
    levels = scan(lambda x: conv2d(x, weight, np.float32([-3.1]), stride=2), picture, (8, 16, 32), patch=8, stride=2)
    return picture, levels


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
    (dict(threshold=-1), "threshold must be an integer of at least 0, got -1"),
    (dict(level=3), r"level must be an integer in 0\.\.2, got 3"),
    (dict(level=2, row=3), r"row must be an integer in 0\.\.2, got 3"),
    (dict(level=2, col=-1), "col must be an integer of at least 0, got -1"),
    (dict(picture=np.zeros(5)), "picture must be a 2-D array"),
    (dict(picture=np.full((48, 64), 2.0)), "picture must hold grey levels from 0 to 1, got 2 to 2"),
    (dict(picture=np.full((48, 64), np.nan)), "picture must hold finite numbers only"),
    (dict(levels=[]), "levels must be what cnnlib.detection.scan returns"),
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
        f"Boxes above the threshold: {len(finder.found)}."
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
