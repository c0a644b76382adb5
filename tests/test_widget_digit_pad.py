"""DigitPad without a browser: MNIST's manner, the model's numbers, refusals, the static picture."""
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import rotate

from cnnlib import (
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    Linear,
    LocallyConnected2d,
    MaxPool2d,
    Normalize,
    ReLU,
    Sequential,
    lenet5,
    load_lenet5,
    load_mnist,
    softmax,
)
from cnnlib.conv import conv2d
from cnnlib.widgets import DigitPad
from cnnlib.widgets.digit_pad import EXAMPLES, SIDE, as_mnist, example
from strategies import seeds


@pytest.fixture(scope="module")
def lenet():
    return load_lenet5()


def ink_box(image):
    rows, columns = image.nonzero()
    return rows.min(), rows.max(), columns.min(), columns.max()


def centre_of_mass(image):
    return np.array([(index * image).sum() / image.sum() for index in np.indices(image.shape)])


def strokes(seed):
    """A few thick lines anywhere on a pad of some size."""
    rng = np.random.default_rng(seed)
    drawing = np.zeros(rng.integers(20, 160, 2), np.uint8)
    for _ in range(rng.integers(1, 4)):
        top, left = (rng.integers(0, size) for size in drawing.shape)
        high, wide = rng.integers(1, 60, 2)
        drawing[top : top + high, left : left + wide] = rng.integers(1, 256)
    return drawing


# In MNIST's manner -----------------------------------------------------------------------------


def test_an_image_of_mnist_stays_as_it_is():
    for image in load_mnist().test.images[:1000]:
        np.testing.assert_array_equal(as_mnist(image), image)


@given(seeds)
def test_any_drawing_fits_20_by_20_and_comes_back_as_it_is(seed):
    image = as_mnist(strokes(seed))
    top, bottom, left, right = ink_box(image)
    assert image.shape == (28, 28) and image.dtype == np.uint8
    assert max(bottom - top, right - left) + 1 == 20
    np.testing.assert_array_equal(as_mnist(image), image)


@pytest.mark.parametrize("digit", range(10))
def test_examples_are_centred_by_mass(digit):
    assert np.abs(centre_of_mass(as_mnist(example(digit))) - 14).max() <= 0.5


@given(st.integers(-20, 20), st.integers(-20, 20))
def test_moving_the_drawing_changes_nothing(down, right):
    drawing = example(3)
    np.testing.assert_array_equal(as_mnist(np.roll(drawing, (down, right), (0, 1))), as_mnist(drawing))


def test_doubling_the_drawing_changes_nothing():
    drawing = example(5)
    np.testing.assert_array_equal(as_mnist(np.kron(drawing, np.ones((2, 2), np.uint8))), as_mnist(drawing))


def test_edges_are_smoothed_and_the_aspect_ratio_is_kept():
    drawing = np.zeros((100, 100), int)
    drawing[10:90, 10:50] = np.where(np.arange(80)[:, None] < 42, 255, 128)  # the 11th row of 20 is half one, half the other
    image = as_mnist(drawing)
    top, bottom, left, right = ink_box(image)
    assert (bottom - top + 1, right - left + 1) == (20, 10)
    assert image[top : top + 12, left].tolist() == [255] * 10 + [192, 128]


def test_an_off_centre_mass_does_not_push_the_digit_out():
    drawing = np.zeros((40, 40), int)
    drawing[:, :20], drawing[:, 20:] = 255, 1
    image = as_mnist(drawing)
    assert ink_box(image)[2:] == (8, 27) or ink_box(image)[3] - ink_box(image)[2] == 19


def test_nothing_drawn_is_nothing_seen():
    assert not as_mnist(np.zeros((SIDE, SIDE))).any()


@pytest.mark.parametrize("drawing, error, message", [
    (np.zeros(5), ValueError, "drawing must be a picture"),
    ([["a"]], TypeError, "drawing must be"),
    (np.full((5, 5), 256), ValueError, r"drawing must hold integers in 0\.\.255, got 256 to 256"),
    (np.full((5, 5), -1), ValueError, r"drawing must hold integers in 0\.\.255, got -1 to -1"),
    (np.full((5, 5), 255.0), ValueError, r"drawing must hold floats in \[0, 1\], got 255\.0 to 255\.0"),
    (np.full((5, 5), np.nan), ValueError, "drawing must hold finite numbers"),
])
def test_as_mnist_refuses(drawing, error, message):
    with pytest.raises(error, match=message):
        as_mnist(drawing)


# The widget --------------------------------------------------------------------------------------


@pytest.mark.parametrize("digit", range(10))
def test_the_shipped_lenet_reads_the_examples(lenet, digit):
    pad = DigitPad(lenet, example(digit))
    assert pad.probabilities.argmax() == digit and pad.probabilities[digit] > 0.9


def test_numbers_are_the_models(lenet):
    pad = DigitPad(lenet, example(4))
    np.testing.assert_array_equal(pad.image, as_mnist(example(4)))
    np.testing.assert_allclose(pad.probabilities, softmax(lenet(pad.image[None]))[0], atol=1e-6)
    outputs = lenet.activations(pad.image[None])
    assert len(pad.maps) == 2
    np.testing.assert_array_equal(pad.maps[0], outputs[2][0])
    np.testing.assert_array_equal(pad.maps[1], outputs[5][0])
    assert min(maps.min() for maps in pad.maps) == 0


def test_it_follows_drawing_model_and_new_weights(lenet):
    pad = DigitPad(lenet)
    assert repr(pad) == "DigitPad(model with 61,706 parameters, says 7)"
    pad.drawing = example(2)
    assert pad.probabilities.argmax() == 2
    model = lenet5(rng=0)
    pad.model = model
    before = pad.probabilities.copy()
    np.testing.assert_allclose(before, softmax(model(pad.image[None]))[0], atol=1e-6)
    model.parameters()["12.bias"][6] += 100
    np.testing.assert_array_equal(pad.probabilities, before)
    pad.look()
    assert pad.probabilities[6] > 0.999


@pytest.mark.parametrize("order", [1, -1])
def test_a_message_from_the_page_is_answered_once_with_its_number(lenet, order, monkeypatch):
    looks, look = [], DigitPad.look
    pad = DigitPad(lenet)
    monkeypatch.setattr(DigitPad, "look", lambda pad: (looks.append(1), look(pad)))
    message = {"_drawing": memoryview(example(8).tobytes()), "_asked": 5}
    pad.set_state(dict(list(message.items())[::order]))
    assert pad._answered == 5 and pad.probabilities.argmax() == 8 and len(looks) == 1
    pad.set_state({"_asked": 6})  # the same drawing once more wants an answer too
    assert pad._answered == 6 and len(looks) == 2


def test_looking_leaves_the_model_in_its_mode():
    model = Sequential(Normalize(33, 78), Conv2d(1, 2, 3, rng=0), BatchNorm2d(2), ReLU(), MaxPool2d(2), Flatten(), Dropout(0.5, rng=0), Linear(338, 10, rng=0))
    pad = DigitPad(model)
    first = pad.probabilities.copy()
    assert model.training
    pad.look()
    np.testing.assert_array_equal(pad.probabilities, first)  # nothing dropped, no running average moved
    assert [stage["name"] for stage in pad._stages] == ["convolution, batch norm and ReLU"]


def test_signed_maps_are_said_to_be_signed():
    pad = DigitPad(Sequential(Normalize(33, 78), Conv2d(1, 3, 5, rng=1), Flatten(), Linear(3 * 24 * 24, 10, rng=0)))
    assert pad._stages == [{"name": "convolution", "shape": [3, 24, 24], "signed": True}]
    pad = DigitPad(Sequential(Normalize(33, 78), Flatten(), Linear(784, 10, rng=0)))
    assert pad.maps == [] and pad.picture()


@pytest.mark.parametrize("change, message", [
    (dict(model="lenet"), "model must be a Sequential, got 'lenet'"),
    (dict(model=Sequential(Linear(784, 10, rng=0))), "model must take uint8 images of 28×28, which a Normalize layer does"),
    (dict(model=Sequential(Normalize(33, 78), Flatten(), Linear(784, 3, rng=0))), r"model must give 10 outputs, got shape \(3,\)"),
    (dict(drawing=np.zeros((28, 28))), r"drawing must have shape \(140, 140\), got \(28, 28\)"),
    (dict(drawing=np.full((140, 140), 300)), r"drawing must hold integers in 0\.\.255"),
    (dict(model=None), "model must be a Sequential, got None"),
    (dict(model=Sequential(Conv2d(1, 2, 3, rng=0), Flatten(), Linear(2 * 26 * 26, 10, rng=0))), "which a Normalize layer does"),
    (dict(_drawing=b"short"), "drawing must have 19,600 pixels, got 5"),
])
def test_what_it_refuses(lenet, change, message):
    pad = DigitPad(lenet)
    with pytest.raises(ValueError, match=message):
        [setattr(pad, *item) for item in change.items()]
    assert repr(pad) == "DigitPad(model with 61,706 parameters, says 7)"
    if "_drawing" not in change and change.get("model", "") is not None:
        with pytest.raises(ValueError, match=message):
            DigitPad(**change)


def test_words(lenet):
    pad = DigitPad(lenet)
    for shares, words in (((0.02, 0.98), "Most likely 1, 98\u00a0%; then 0, 2\u00a0%."),
                          ((0.004, 0.996), "Most likely 1, over 99\u00a0%; then 0, under 1\u00a0%."),
                          ((0.625, 0.375), "Most likely 0, 63\u00a0%; then 1, 38\u00a0%.")):
        pad.tell(_probabilities=np.array([*shares, *[0] * 8], np.float32).tobytes())
        assert pad.describe() == words
    pad.drawing = np.zeros((SIDE, SIDE))
    assert pad.describe().startswith("Nothing is drawn, and still the network answers: most likely ")


def test_what_a_notebook_stores(lenet):
    pad = DigitPad(lenet)
    data, metadata = pad._repr_mimebundle_()
    assert data["text/plain"] == pad.describe()
    assert data["image/png"] and metadata["image/png"]["width"] <= 900
    ax = pad.picture().axes[0]
    assert len(ax.images) == 2 + 6 + 16
    width, height = ax.get_xlim()[1], ax.get_ylim()[0]
    for image in ax.images:
        left, right, bottom, top = image.get_extent()
        assert 0 <= left < right <= width and 0 <= top < bottom <= height


def test_what_lecture_00_says_of_the_maps_and_of_nothing(lenet):
    pad = DigitPad(lenet)
    rows = np.flatnonzero(pad.image.any(axis=1))
    horizontal = [one[7:11].max() for one in pad.maps[0]]
    slanted = [one[rows[0] + 6 : rows[-1] - 1, 5:24].max() for one in pad.maps[0]]
    assert (int(np.argmax(horizontal)), int(np.argmax(slanted))) == (1, 3)
    pad.drawing = np.zeros((SIDE, SIDE))
    assert pad.probabilities.argmax() == 1 and f"{pad.probabilities[1]:.0%}" == "16%"


@pytest.mark.parametrize("angle, right", [(30, 19), (60, 4)])
def test_what_lecture_00_says_of_turned_digits(lenet, angle, right):
    turned = [rotate(example(d).astype(float), a, reshape=False, order=1).clip(0, 255) / 255 for a in (angle, -angle) for d in range(10)]
    answers = lenet(np.array([as_mnist(drawing) for drawing in turned])).argmax(axis=1)
    assert (answers == np.tile(range(10), 2)).sum() == right


def test_examples_stay_on_the_pad():
    points = np.array([point for strokes in EXAMPLES for line in strokes for point in line])
    assert points.min() > 10 and points.max() < SIDE - 10


def test_a_unit_s_ledger_is_what_the_network_computes(lenet):
    """The page gets the input, the weights and the bias of each convolution: with them each map comes about."""
    pad = DigitPad(lenet, example(4))
    sources, weights = np.frombuffer(pad._sources, np.float32), np.frombuffer(pad._weights, np.float32)
    for one, maps in zip(pad._inside, pad.maps, strict=True):
        source, sources = np.split(sources, [np.prod(one["source"]["shape"])])
        kernel, weights = np.split(weights, [np.prod([one["shape"][0], one["source"]["shape"][0], *one["kernel"]])])
        bias, weights = np.split(weights, [one["shape"][0]])
        kernel = kernel.reshape(one["shape"][0], one["source"]["shape"][0], *one["kernel"])
        made = conv2d(source.reshape(1, *one["source"]["shape"]), kernel, bias, padding=tuple(one["padding"]))[0]
        np.testing.assert_allclose(np.maximum(made, 0), maps, rtol=1e-4, atol=1e-5)
        assert one["after"] == "ReLU"
    assert not len(sources) and not len(weights)


def test_a_network_without_ledgers_is_shown_all_the_same():
    def model(*more):
        return Sequential(Normalize(0, 255), Conv2d(1, 2, 3, rng=0), ReLU(), *more, Flatten(), Linear(2 * 26 * 26, 10, rng=0))

    assert DigitPad(model())._inside[0]["after"] == "ReLU"
    local = DigitPad(model(LocallyConnected2d(2, 2, 26, 1, rng=0)))
    assert local._inside == [] and local.probabilities.shape == (10,)
