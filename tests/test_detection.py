"""Windows of several sizes, boxes, and which of them stay."""

import numpy as np
import pytest
from skimage.transform import resize

from cnnlib import Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sequential, fully_convolutional
from cnnlib.detection import Level, boxes_above, intersection_over_union, non_max_suppression, rescan, scan, voted


def mean_of(size):
    def model(x):
        windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(2, 3))
        return windows.mean(axis=(-2, -1))

    return model


def test_scan_is_the_patch_net_on_the_shrunken_picture():
    rng = np.random.default_rng(0)
    model = Sequential(Conv2d(1, 2, 2, rng=rng), ReLU(), MaxPool2d(2), Flatten(), Linear(18, 1, rng=rng))
    picture = rng.random((30, 41)).astype(np.float32)
    levels = scan(fully_convolutional(model, (1, 7, 7)), picture, (7, 10.5, 29), patch=7, stride=2)
    assert [(level.side, level.step) for level in levels] == [(7, 2), (10.5, 3), (29, pytest.approx(2 * 29 / 7))]
    assert [level.scores.shape for level in levels] == [(12, 18), (7, 11), (1, 2)]
    small = resize(picture, (20, 27), anti_aliasing=True)
    np.testing.assert_array_equal(levels[1].picture, small.astype(np.float32))
    patch = small[None, None, 8:15, 4:11].astype(np.float32)
    assert levels[1].scores[4, 2] == pytest.approx(model(patch)[0, 0], abs=1e-5)


def test_rescan_is_a_scan_by_another_net():
    picture = np.random.default_rng(4).random((40, 50))
    sides = {"sides": (4, 7.5, 20), "patch": 4, "stride": 1}
    levels = scan(mean_of(4), picture, **sides)
    again = rescan(lambda x: 2 * mean_of(4)(x), levels)
    for new, old, scanned in zip(again, levels, scan(lambda x: 2 * mean_of(4)(x), picture, **sides), strict=True):
        assert new.picture is old.picture and new.scores is not old.scores and (new.side, new.step) == (old.side, old.step)
        np.testing.assert_array_equal(new.scores, scanned.scores)
    with pytest.raises(ValueError, match="model must give .* answers"):
        rescan(mean_of(5), levels)
    with pytest.raises(TypeError, match="levels must be what scan returns, got 3 in it"):
        rescan(mean_of(4), [*levels, 3])


def test_windows_that_do_not_fit_are_left_out():
    picture = np.zeros((20, 50))
    assert [level.side for level in scan(mean_of(4), picture, (4, 20, 21, 50), patch=4, stride=1)] == [4, 20]


def test_a_bright_square_is_found_at_its_place_and_size():
    picture = np.zeros((60, 80))
    picture[20:36, 44:60] = 1
    boxes = non_max_suppression(boxes_above(scan(mean_of(8), picture, (8, 16, 32), patch=8, stride=1), 0.9))
    # A large window is not filled, a small one fits in more than once: the largest of the best is the square.
    assert boxes[:, 2].tolist().count(16) == 1 and set(boxes[:, 2]) <= {8, 16}
    assert boxes[boxes[:, 2] == 16][0, :2].tolist() == [20, 44]


def test_boxes_come_best_first_and_from_above_the_threshold_only():
    rng = np.random.default_rng(1)
    levels = [Level(side, 3, 1, np.zeros((6, 7)), rng.normal(size=(4, 5))) for side in (9.0, 18.0)]
    boxes = boxes_above(levels, 0.25)
    assert len(boxes) == sum((level.scores > 0.25).sum() for level in levels) > 3
    assert (np.diff(boxes[:, 3]) <= 0).all() and (boxes[:, 3] > 0.25).all()
    for row, col, side, score in boxes:
        level = levels[0] if side == 9 else levels[1]
        assert level.scores[round(row / level.step), round(col / level.step)] == score
    assert boxes_above(levels, 99).shape == (0, 4)


@pytest.mark.parametrize("name", ["picture", "scores"])
@pytest.mark.parametrize("value, error, message", [
    (np.ma.masked_array(np.ones((2, 2)), [[1, 0], [0, 0]]), TypeError, "without a mask, got a masked array"),
    (np.ones(3), ValueError, r"got shape \(3,\)"), ("no", TypeError, "got dtype"),
])
def test_a_level_holds_arrays_of_numbers(name, value, error, message):
    arrays = {"picture": np.ones((2, 2)), "scores": np.ones((2, 2)), name: value}
    with pytest.raises(error, match=f"{name} must be a 2-D array of numbers.* {message}"):
        Level(5.0, 5, 1, **arrays)


def test_overlap_counts_pixels():
    rng = np.random.default_rng(2)
    boxes = np.column_stack([rng.integers(0, 12, (40, 2)), rng.integers(1, 9, 40)])

    def drawn(box):
        canvas = np.zeros((24, 24), bool)
        canvas[box[0] : box[0] + box[2], box[1] : box[1] + box[2]] = True
        return canvas

    for box in boxes[:5]:
        expected = [(drawn(a) & drawn(box)).sum() / (drawn(a) | drawn(box)).sum() for a in boxes]
        np.testing.assert_allclose(intersection_over_union(boxes, box), expected)
    assert intersection_over_union(np.empty((0, 4)), boxes[0]).shape == (0,)


def test_suppress_keeps_the_best_of_each_heap():
    rng = np.random.default_rng(3)
    boxes = np.column_stack([rng.uniform(0, 40, (200, 2)), rng.uniform(5, 12, 200), rng.normal(size=200)])
    before = boxes.copy()
    kept = non_max_suppression(boxes)
    np.testing.assert_array_equal(boxes, before)
    assert 1 < len(kept) < 200 and kept[0, 3] == boxes[:, 3].max()
    for k, box in enumerate(kept):
        assert (intersection_over_union(kept[:k], box) <= 0.3).all()
    for box in boxes:  # whoever went had a better neighbour
        better = kept[kept[:, 3] >= box[3]]
        assert (intersection_over_union(better, box) > 0.3).any() or (better == box).all(axis=1).any()
    # What the slider of a widget relies on.
    np.testing.assert_array_equal(non_max_suppression(boxes[boxes[:, 3] > 0.5]), kept[kept[:, 3] > 0.5])
    assert non_max_suppression(np.empty((0, 4))).shape == (0, 4)
    assert len(non_max_suppression(boxes, 1)) == 200


@pytest.mark.parametrize("change, error, message", [
    (dict(picture=np.zeros(9)), ValueError, r"picture must be a 2-D array of numbers, got shape \(9,\)"),
    (dict(sides=(3,)), ValueError, r"sides must be a finite number in \[4, inf\), got 3"),
    (dict(patch=0), ValueError, "patch must be an integer of at least 1, got 0"),
    (dict(stride=2), ValueError, r"model must give \(3, 4\) answers for \(9, 11\) pixels, got \(6, 8\): see patch and stride"),
])
def test_scan_refuses(change, error, message):
    arguments = dict(picture=np.zeros((9, 11)), sides=(4,), patch=4, stride=1) | change
    with pytest.raises(error, match=message):
        scan(mean_of(4), **arguments)


def test_repr():
    assert repr(Level(25.2, 25, 4, np.zeros((33, 37)), np.zeros((3, 4)))) == "Level(3×4 windows of 25 pixels)"


def test_voting_is_asking_at_each_threshold_how_many_windows_agree():
    rng = np.random.default_rng(5)
    boxes = np.column_stack([rng.uniform(0, 40, (200, 2)), rng.uniform(8, 14, 200), rng.uniform(0, 9, 200)])
    for votes in (1, 2, 4):
        found = voted(boxes, votes)
        for threshold in (0, 2.5, 5, 8.5):
            heap = boxes[boxes[:, 3] > threshold]
            expected = [box[:3].tolist() for box in non_max_suppression(heap)
                        if (intersection_over_union(heap, box) > 0.5).sum() >= votes]
            assert sorted(found[found[:, 3] > threshold, :3].tolist()) == sorted(expected)
    np.testing.assert_array_equal(voted(boxes, 1), non_max_suppression(boxes))


def test_nobody_votes_for_nothing():
    assert voted(np.empty((0, 4)), 4).shape == (0, 4)
    assert voted(np.array([[0, 0, 10, 3.0]]), 2).shape == (0, 4)
    with pytest.raises(ValueError, match="votes must be an integer of at least 1, got 0"):
        voted(np.empty((0, 4)), 0)
    with pytest.raises(ValueError, match=r"iou_threshold must be a finite number in \[0, 1\], got 1\.5"):
        voted(np.empty((0, 4)), 1, iou_threshold=1.5)


def test_boxes_of_bytes_are_not_compared_modulo_256():
    boxes = np.array([[0, 0, 200, 9], [100, 100, 200, 8]], np.uint8)
    np.testing.assert_array_equal(
        intersection_over_union(boxes, boxes[0]), intersection_over_union(boxes.astype(float), boxes[0].astype(float)))
    np.testing.assert_array_equal(non_max_suppression(boxes), boxes)


@pytest.mark.parametrize("call, error, message", [
    (lambda: intersection_over_union([[0, 0, 1]], [0, 0]), ValueError, "box must have 3 numbers or more in a row"),
    (lambda: intersection_over_union([[0, 0, 0]], [0, 0, 1]), ValueError, "boxes must have 3 .* a side above 0"),
    (lambda: intersection_over_union([[0, np.nan, 1]], [0, 0, 1]), ValueError, "boxes must hold finite numbers"),
    (lambda: intersection_over_union([[0, 0, 1e200]], [0, 0, 1]), ValueError, "boxes must have sides of at least 1e-100, and .* up to 1e\\+100, got"),
    (lambda: intersection_over_union([[0, 0, 1]], [0, -1e101, 1]), ValueError, "box must have sides of at least .* got 1 and 1e\\+101"),
    (lambda: voted([[0, 0, 1e-310, 1]], 1), ValueError, "boxes must have sides of at least 1e-100, .* got 1e-310 and 1e-310"),
    (lambda: scan(len, np.full((4, 4), 1e300), [2], patch=2, stride=1), ValueError, "picture must hold finite"),
    (lambda: non_max_suppression([[0, 0, 1]]), ValueError, "boxes must have 4 numbers or more in a row"),
    (lambda: non_max_suppression(3), ValueError, "boxes must be a 2-D array"),
    (lambda: boxes_above(3, 0), TypeError, "levels must be a sequence, got 3"),
    (lambda: boxes_above([3], 0), TypeError, "levels must be what scan returns"),
    (lambda: scan(3, np.ones((4, 4)), [2], patch=2, stride=1), TypeError, "model must be a function"),
    (lambda: scan(len, np.ones((4, 4)), 2, patch=2, stride=1), TypeError, "sides must be a sequence, got 2"),
    (lambda: scan(len, np.full((4, 4), np.nan), [2], patch=2, stride=1), ValueError, "picture must hold finite"),
])
def test_arguments_that_slipped_through(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_box_that_lies_too_far_away_is_refused():
    """There the place swallows the side: the same box would have nothing in common with itself."""
    message = "must lie within 1e.09 sides of .0, 0., got 1e.17"
    with pytest.raises(ValueError, match=f"box {message}"):
        intersection_over_union([[0, 0, 1]], [1e17, 0, 1])
    with pytest.raises(ValueError, match=f"boxes {message}"):
        non_max_suppression([[0, 0, 1, 1], [0, -1e17, 1, 2]])
    for far in (1e9, -1e9):
        np.testing.assert_allclose(intersection_over_union([[far, 0, 1]], [far, 0, 1]), 1, rtol=1e-6)
    assert intersection_over_union([[1e17, 0, 1e8]], [1e17, 0, 1e8]) == 1
