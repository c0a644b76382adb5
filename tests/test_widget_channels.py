"""Channels without a browser: numbers, refusals, the static picture."""
import numpy as np
import pytest
from scipy.signal import correlate

from cnnlib.shapes import conv2d_cost
from cnnlib.widgets import Channels


@pytest.fixture
def drawn():
    rng = np.random.default_rng(6)
    return rng.random((7, 9, 3)), rng.normal(size=(4, 3, 3, 3)), rng.normal(size=4)


def test_responses_and_maps_are_scipys(drawn):
    image, filters, bias = drawn
    widget = Channels(image, filters, bias=bias)
    for d in range(4):
        for c in range(3):
            np.testing.assert_allclose(widget.responses[d, c], correlate(image[..., c], filters[d, c], "valid"), atol=1e-5)
        whole = correlate(image, filters[d].transpose(1, 2, 0), "valid")[..., 0] + bias[d]
        np.testing.assert_allclose(widget.maps[d], whole, atol=1e-5)


def test_three_sums_and_the_bias_make_the_cell(drawn):
    image, filters, bias = drawn
    widget = Channels(image, filters, bias=bias, chosen=2, row=4, col=6)
    sums = widget._sums()
    np.testing.assert_allclose(sums, widget.responses[2, :, 4, 6], atol=1e-5)
    np.testing.assert_allclose(sums.sum() + bias[2], widget.maps[2, 4, 6], atol=1e-5)


def test_counts_are_those_of_shapes(drawn):
    widget = Channels(drawn[0], drawn[1])
    for d, (numbers, weights, parameters) in enumerate(widget.counts, 1):
        assert numbers == d * 5 * 7
        assert weights == conv2d_cost(3, d, 3, (5, 7), bias=False).parameters == d * 27
        assert parameters == conv2d_cost(3, d, 3, (5, 7)).parameters == d * 28


def test_it_follows_a_new_image_and_new_filters(drawn):
    widget = Channels(row=29, col=29, chosen=5)
    widget.image = drawn[0]
    assert (widget.row, widget.col) == (4, 6)
    with widget.hold_trait_notifications():
        widget.filters, widget.bias, widget.names = drawn[1], drawn[2], list("abcd")
    assert widget.chosen == 3 and widget.maps.shape == (4, 5, 7)
    assert "Map 3 (d) at (4, 6)" in widget.describe()


@pytest.mark.parametrize("change, message", [
    (dict(image=np.zeros((5, 5))), "image must be a 3-D array"),
    (dict(image=np.zeros((5, 5, 4))), r"image must have shape \(H, W, 3\)"),
    (dict(image=np.full((5, 5, 3), 255)), "image must hold numbers from 0 to 1, got 255 to 255"),
    (dict(image=np.zeros((2, 5, 3))), "must fit into"),
    (dict(filters=np.zeros((1, 1, 3, 3))), r"filters must have shape \(D, 3, M, M\)"),
    (dict(filters=np.zeros((9, 3, 3, 3))), "filters must have at most 8 entries along each axis"),
    (dict(filters=np.full((1, 3, 3, 3), np.nan)), "filters must hold finite numbers"),
    (dict(bias=[0, 0]), r"bias must have shape \(6,\)"),
    (dict(names=["one"]), "names must hold 6 texts"),
    (dict(chosen=6), r"chosen must be an integer in 0\.\.5, got 6"),
    (dict(row=-1), "row must be an integer of at least 0, got -1"),
    (dict(col=1.5), "col must be an integer"),
])
def test_what_it_refuses(change, message):
    with pytest.raises(ValueError, match=message):
        Channels(**change)


def test_a_refused_change_leaves_it_as_it_was():
    widget = Channels(row=3)
    with pytest.raises(ValueError):
        widget.row = 30
    assert widget.row == 3


def test_inputs_are_not_changed_and_stay_apart(drawn):
    image = drawn[0].copy()
    widget = Channels(image, drawn[1])
    image[:] = 0
    assert widget.maps.any()


@pytest.mark.parametrize("count, size", [(1, 1), (6, 3), (8, 5)])
def test_the_picture_stays_on_its_page(count, size):
    rng = np.random.default_rng(1)
    figure = Channels(filters=rng.normal(size=(count, 3, size, size)), chosen=count - 1).picture()
    ax = figure.axes[0]
    assert len(ax.images) == 1 + 3 + count
    width, height = ax.get_xlim()[1], ax.get_ylim()[0]
    for image in ax.images:
        left, right, bottom, top = image.get_extent()
        assert 0 <= left < right <= width and 0 <= top < bottom <= height


def test_what_a_notebook_stores():
    data, metadata = Channels()._repr_mimebundle_()
    assert data["text/plain"] == Channels().describe()
    assert data["image/png"] and metadata["image/png"]["width"] <= 900
