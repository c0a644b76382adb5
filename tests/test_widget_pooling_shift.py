"""PoolingShift without a browser: numbers, refusals, the static picture."""
import numpy as np
import pytest
from scipy import ndimage
from scipy.signal import correlate2d

from cnnlib.widgets import PoolingShift
from cnnlib.widgets.pooling_shift import shift2d


@pytest.mark.parametrize("down, right", [(0, 0), (1, 0), (-2, 3), (4, -4), (9, 9)])
def test_shift2d_is_scipys(down, right):
    values = np.random.default_rng(0).random((6, 7))
    np.testing.assert_array_equal(shift2d(values, down, right), ndimage.shift(values, (down, right), order=0))


@pytest.mark.parametrize("pool, reduce", [("max", np.max), ("average", np.mean)])
def test_maps_are_scipys_and_loops(pool, reduce):
    rng = np.random.default_rng(2)
    image, kernel = rng.random((11, 13)), rng.normal(size=(3, 3))
    feature_map, pooled = PoolingShift(image, kernel, down=1, right=-2, pool=pool, size=3).maps()
    shifted = ndimage.shift(image, (1, -2), order=0)
    np.testing.assert_allclose(feature_map, np.maximum(correlate2d(shifted, kernel, "valid"), 0), atol=1e-12)
    assert pooled.shape == (3, 3)
    for i in range(3):
        for j in range(3):
            assert pooled[i, j] == pytest.approx(reduce(feature_map[3 * i:3 * i + 3, 3 * j:3 * j + 3]))


@pytest.mark.parametrize("image", [None, np.random.default_rng(3).random((20, 20))], ids=["digit", "ink up to the border"])
@pytest.mark.parametrize("down, right", [(1, 0), (-3, 2), (4, -4)])
def test_the_filter_follows_any_shift_but_for_the_border(image, down, right):
    widget = PoolingShift(image, down=down, right=right, compare="follow")
    difference = widget.differences()[0]
    rows, columns = difference.shape
    assert np.isnan(difference).sum() == difference.size - (rows - abs(down)) * (columns - abs(right))
    np.testing.assert_allclose(difference[~np.isnan(difference)], 0, atol=1e-12)
    assert widget.errors()[0] < 1e-12


@pytest.mark.parametrize("pool", ["max", "average"])
@pytest.mark.parametrize("size", [2, 3, 4])
def test_the_pooled_map_follows_steps_of_its_own_size_only(pool, size):
    for step in range(1, 5):
        error = PoolingShift(right=step, pool=pool, size=size, compare="follow").errors()[1]
        assert (error < 1e-12) == (step % size == 0), step


def test_pooling_gives_a_little_invariance_and_only_a_little():
    before, after = PoolingShift(right=1, size=2).errors()
    assert 0 < after < before
    assert PoolingShift(right=4, size=2).errors()[1] > 1


def test_half_a_pooled_cell_goes_outward():
    assert PoolingShift(down=2, right=-2, size=4)._pooled_step() == (1, -1)
    assert PoolingShift(down=1, right=-3, size=4)._pooled_step() == (0, -1)


def test_an_empty_image_has_no_error():
    assert PoolingShift(np.zeros((8, 8)), right=1).errors() == (0.0, 0.0)


@pytest.mark.parametrize("change, message", [
    (dict(image=np.zeros(5)), "image must be a 2-D array"),
    (dict(image=np.full((8, 8), 255)), "image must hold numbers from 0 to 1, got 255 to 255"),
    (dict(image=np.zeros((3, 8))), "must fit into"),
    (dict(kernel=np.zeros((40, 3))), "must fit into"),
    (dict(image=np.zeros((5, 5)), size=4), "must fit into"),
    (dict(down=5), r"down must be an integer in -4\.\.4, got 5"),
    (dict(right=-5), "right must be an integer of at least -4, got -5"),
    (dict(row=13), r"row must be an integer in 0\.\.12, got 13"),
    (dict(col=-1), "col must be an integer of at least 0, got -1"),
])
def test_what_it_refuses(change, message):
    with pytest.raises(ValueError, match=message):
        PoolingShift(**change)


def test_larger_windows_take_the_chosen_cell_along():
    widget = PoolingShift(row=12, col=12)
    widget.size = 4
    assert (widget.row, widget.col) == (5, 5)


def test_the_size_of_the_window_is_one_of_three():
    with pytest.raises(ValueError, match="size must be one of 2, 3, 4, got 5"):
        PoolingShift(size=5)
    with pytest.raises(ValueError, match="pool must be one of 'max', 'average', got 'mean'"):
        PoolingShift(pool="mean")


def test_what_a_notebook_stores():
    widget = PoolingShift(down=1, compare="follow")
    data, metadata = widget._repr_mimebundle_()
    assert data["text/plain"] == widget.describe()
    assert data["image/png"] and metadata["image/png"]["width"] <= 900
    assert len(widget.picture().axes[0].images) == 5
