"""LookInside without a browser: fields, patches and sums against the network itself; refusals."""

import re

import numpy as np
import pytest

from cnnlib import (
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    Flatten,
    LeakyReLU,
    Linear,
    LocallyConnected2d,
    MaxPool2d,
    Normalize,
    ReLU,
    Sequential,
    lenet5,
    load_lenet5,
)
from cnnlib.widgets import LookInside


@pytest.fixture(scope="module")
def lenet():
    return LookInside(image=3)


def small(rng=4):
    """Strides, dilation, lopsided padding, both poolings and a norm, on images of 13×11."""
    rng = np.random.default_rng(rng)
    norm = BatchNorm2d(3)
    norm.running_mean[:], norm.running_var[:] = rng.normal(size=3), 1 + rng.random(3)
    return Sequential(
        Normalize(0.5, 2), Conv2d(1, 3, (4, 3), padding="same", rng=rng), norm, LeakyReLU(), MaxPool2d((2, 2), stride=(2, 1)),
        Conv2d(3, 2, 2, stride=2, dilation=(1, 2), padding=1, bias=False, rng=rng), AvgPool2d(2),
        Flatten(), Linear(8, 5, rng=rng), ReLU(), Linear(5, 2, rng=rng),
    )


def units(widget, count=12):
    """Set the widget on units drawn from each layer in turn."""
    rng = np.random.default_rng(0)
    for one in widget._layers:
        for _ in range(count):
            place = [int(rng.integers(size)) for size in one["shape"]]
            with widget.hold_trait_notifications():
                widget.layer = one["place"]
                widget.map, widget.row, widget.col = place
            yield one


@pytest.fixture(params=["lenet", "small"])
def widget(request):
    if request.param == "lenet":
        return LookInside(image=6)
    return LookInside(np.random.default_rng(1).normal(size=(2, 13, 11)).astype(np.float32), small(), image=1)


def test_a_unit_is_its_patch_times_its_weights(widget):
    kinds = set()
    for one in units(widget):
        kinds.add(one["kind"])
        patch, weights = widget.patch(), widget.weights()
        if weights is not None:
            assert (patch * weights[0]).sum() + weights[1] == pytest.approx(widget.value, abs=1e-3)
        elif one["kind"] == "pool":
            assert widget.value == pytest.approx(patch.mean() if one["name"].startswith("average") else patch.max(), abs=1e-4)
        else:
            assert patch.shape == (1, 1, 1)
    assert kinds == {"conv", "pool", "pointwise", "linear"}


def test_values_are_the_activations(lenet):
    model, images = load_lenet5(), lenet._activations[0]
    outputs = model.activations(images)
    for place in (1, 4, 6, 12):
        lenet.layer = place
        np.testing.assert_array_equal(lenet.maps().ravel(), outputs[place][3].ravel())
    sent = np.frombuffer(lenet._values, np.float32).reshape(10, -1)
    everything = [images, *(outputs[k] for k in range(13) if k != 7)]
    np.testing.assert_array_equal(sent, np.concatenate([np.reshape(a, (10, -1)) for a in everything], axis=1))
    assert len(lenet._weights) == 4 * 61_706


@pytest.mark.parametrize("place", [1, 4, 5, 6, 8])
def test_the_field_holds_just_the_pixels_that_reach_the_unit(place):
    """NaN in one pixel at a time infects all that it enters."""
    full = small()
    # ReLU and the norm do not widen a field, and ReLU need not hand NaN on.
    kept = [layer for layer in full.layers if not isinstance(layer, (BatchNorm2d, LeakyReLU, ReLU))]
    part = Sequential(*kept[: kept.index(full[place]) + 1])
    pixel = np.arange(13 * 11)
    poisoned = np.zeros((len(pixel), 13, 11), np.float32)
    poisoned[pixel, pixel // 11, pixel % 11] = np.nan
    reached = np.isnan(part.activations(poisoned)[-1]).reshape(13, 11, -1)

    widget = LookInside(np.ones((1, 13, 11), np.float32), full)
    inner = 0
    for one in units(widget):
        if one["place"] != place:
            continue
        seen = reached[..., np.ravel_multi_index((widget.map, widget.row, widget.col), one["shape"])]
        box = np.zeros((13, 11), bool)
        (top, bottom), (left, right) = widget.field()
        box[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)] = True
        assert seen.any() and not (seen & ~box).any()
        if place < 5:
            assert (seen == box).all()
        elif top >= 0 and bottom <= 13 and left >= 0 and right <= 11:  # a dilated filter leaves gaps inside
            rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
            assert (rows[0], rows[-1] + 1, columns[0], columns[-1] + 1) == (top, bottom, left, right)
            inner += 1
    assert inner or place != 5


def test_lenets_fields(lenet):
    sizes = {}
    for one in lenet._layers:
        lenet.layer = one["place"]
        lenet.map = lenet.row = lenet.col = 0
        (top, bottom), (left, right) = lenet.field()
        assert bottom - top == right - left
        sizes[one["place"]] = bottom - top
    assert sizes == {0: 1, 1: 5, 2: 5, 3: 6, 4: 14, 5: 14, 6: 16, 8: 32, 9: 32, 10: 32, 11: 32, 12: 32}
    assert lenet.describe().endswith("It sees the whole input.")


def test_a_linear_layer_that_comes_first_sees_the_whole_image():
    images = np.random.default_rng(3).normal(size=(2, 6, 5)).astype(np.float32)
    widget = LookInside(images, Sequential(Flatten(), Linear(30, 4, rng=0)), image=1, map=2)
    assert widget.field() == ((0, 6), (0, 5)) and "the whole input" in widget.describe() and widget.picture()
    np.testing.assert_array_equal(widget.patch(), images[1:])
    weight, bias = widget.weights()
    np.testing.assert_allclose((widget.patch() * weight).sum() + bias, widget.value, rtol=1e-5)


def test_it_begins_where_the_map_is_largest():
    widget = LookInside(image=2, layer=5, map=3)
    assert widget.value == widget.maps()[3].max()


def test_a_smaller_layer_takes_the_unit_along():
    widget = LookInside(layer=2, map=5, row=27, col=20)
    widget.layer = 6
    assert (widget.map, widget.row, widget.col) == (5, 4, 4)
    widget.layer = 12
    assert (widget.map, widget.row, widget.col) == (5, 0, 0)


def test_it_keeps_what_the_model_was(lenet):
    model = small()
    model.train()
    widget = LookInside(np.ones((1, 13, 11), np.float32), model, layer=1)
    assert model.training
    kept = widget.value
    model[1].weight[:] = 0
    assert widget.value == kept and widget.weights()[0].any()


@pytest.mark.parametrize("change, message", [
    (dict(image=10), "image must be an integer in 0..9, got 10"),
    (dict(layer=7), "layer must be one of 0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, got 7"),
    (dict(layer=1, map=6), "map must be an integer in 0..5, got 6"),
    (dict(layer=4, row=10), "row must be an integer in 0..9, got 10"),
    (dict(layer=12, col=1), "col must be an integer in 0..0, got 1"),
    (dict(col=-1), "col must be an integer of at least 0, got -1"),
])
def test_bad_places_are_refused_and_change_nothing(change, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        LookInside(**change)
    widget = LookInside(layer=change.get("layer", 1) if change.get("layer") != 7 else 1)
    name, value = list(change.items())[-1]
    before = repr(widget)
    with pytest.raises(ValueError, match=re.escape(message)):
        setattr(widget, name, value)
    assert repr(widget) == before


@pytest.mark.parametrize("arguments, error, message", [
    ((np.zeros(3),), ValueError, "images must be a 3-D array of numbers (N, H, W), got shape (3,)"),
    ((np.full((1, 28, 28), np.nan),), ValueError, "images must hold finite numbers only, got nan"),
    ((np.zeros((21, 28, 28)),), ValueError, "images must be at most 20, got 21"),
    ((np.zeros((1, 9, 9)),), ValueError, "model must take images of 9×9: "),
    ((None, "lenet"), TypeError, "model must be a Sequential, got 'lenet'"),
    ((None, Sequential(Flatten())), ValueError, "model must have a layer to look into, got Sequential"),
    ((np.zeros((1, 1, 4), np.float32), Sequential(LocallyConnected2d(1, 1, (1, 4), (1, 2), rng=0))), ValueError, "model must "),
])
def test_what_it_refuses(arguments, error, message):
    with pytest.raises(error, match=re.escape(message)):
        LookInside(*arguments)


@pytest.mark.parametrize("layer", [0, 1, 4, 6, 8, 12])
def test_the_picture_has_room_for_all_its_text(layer):
    figure = LookInside(image=8, layer=layer).picture()
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    for box in boxes:
        assert figure.bbox.x0 <= box.x0 and box.x1 <= figure.bbox.x1
        assert figure.bbox.y0 <= box.y0 and box.y1 <= figure.bbox.y1
    for k, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[k + 1 :])


@pytest.mark.filterwarnings("error", "ignore:Deprecated in traitlets")  # ipywidgets 8.1.0 does that
@pytest.mark.parametrize("number", [np.nan, np.inf, 1e30])
def test_a_net_that_has_diverged_can_be_looked_into(number):
    model = lenet5(rng=0)
    for values in model.parameters().values():
        values.fill(number)
    widget = LookInside(np.full((1, 28, 28), 99, np.uint8), model)
    for _ in units(widget, count=1):
        widget.picture().draw_without_rendering()
        assert widget.describe()
