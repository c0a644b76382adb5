"""LeNet-5 and the five networks of 1989."""

import numpy as np
import pytest

from cnnlib import (
    Conv2d,
    Cost,
    Linear,
    LocallyConnected2d,
    Tanh,
    UnitBias,
    check_layer,
    evaluate,
    lecun1989,
    lenet5,
    load_lenet5,
    load_mnist,
    save_weights,
)
from nets import assert_state, state

# LeNet-5 -----------------------------------------------------------------------------------------


def test_lenet_has_the_parameters_that_a_hand_counts():
    convolutions = 6 * (25 + 1) + 16 * (6 * 25 + 1)
    connected = 120 * (400 + 1) + 84 * (120 + 1) + 10 * (84 + 1)
    assert convolutions + connected == 61_706
    model = lenet5(rng=0)
    assert model.cost((28, 28)).parameters == sum(p.size for p in model.parameters().values()) == 61_706


def test_lenet_takes_raw_digits_and_gives_logits():
    model, images = lenet5(rng=0), np.zeros((3, 28, 28), np.uint8)
    assert model(images).shape == (3, 10) and model(images).dtype == np.float32
    assert model.output_shape((28, 28)) == (10,)
    assert [a.shape[1:] for a in model.activations(images)] == [
        (1, 28, 28), (6, 28, 28), (6, 28, 28), (6, 14, 14), (16, 10, 10), (16, 10, 10), (16, 5, 5), (400,), (120,), (120,),
        (84,), (84,), (10,),
    ]
    assert lenet5(rng=0, dtype=np.float64)(images).dtype == np.float64


def test_the_shipped_lenet_is_as_good_as_it_is_said_to_be():
    model, test = load_lenet5(), load_mnist().test
    assert not model.training and model.cost((28, 28)).parameters == 61_706
    assert evaluate(model, test.images, test.labels).accuracy == pytest.approx(0.9912, abs=5e-4)


def test_the_shipped_lenet_is_checked_before_it_is_read(tmp_path):
    with pytest.raises(FileNotFoundError, match="^lenet5_mnist.npz must be in "):
        load_lenet5(tmp_path)
    save_weights(lenet5(rng=0), tmp_path / "lenet5_mnist.npz")
    with pytest.raises(ValueError, match="^lenet5_mnist.npz must have SHA-256 "):
        load_lenet5(tmp_path)


def test_lenet_repeats_for_a_seed():
    first, again, other = lenet5(rng=3), lenet5(rng=np.random.default_rng(3)), lenet5(rng=4)
    assert_state(again, state(first))
    assert (other[1].weight != first[1].weight).any()


def test_lenet_normalises_by_the_statistics_of_the_training_images():
    images = load_mnist().train.images
    counts = sum(np.bincount(part.ravel(), minlength=256) for part in np.split(images, 60))
    values = np.arange(256)
    mean = values @ counts / images.size
    std = np.sqrt((values - mean) ** 2 @ counts / images.size)
    assert lenet5(rng=0)[0].mean == pytest.approx(mean, rel=1e-6) and lenet5(rng=0)[0].std == pytest.approx(std, rel=1e-6)


# The five networks of 1989 ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "net, links, weights",
    [(1, 2570, 2570), (2, 3214, 3214), (3, 1226, 1226), (4, 2266, 1132), (5, 5194, 1060)],
)
def test_a_net_of_1989_has_the_links_and_weights_of_the_paper(net, links, weights):
    model = lecun1989(net, rng=0)
    assert model.cost((16, 16)) == Cost(parameters=weights, links=links)
    assert sum(p.size for p in model.parameters().values()) == weights
    outputs = model(np.zeros((3, 16, 16), np.uint8))
    assert outputs.shape == (3, 10) and outputs.dtype == np.float32


@pytest.mark.parametrize("net", range(1, 6))
def test_the_nets_of_1989_take_paper_for_0_and_ink_for_1(net):
    images = np.stack([np.zeros((16, 16)), np.full((16, 16), 255.0)])[:, None]
    np.testing.assert_array_equal(lecun1989(net, rng=0)[:1](images), images / 255)


def test_the_nets_of_1989_have_the_layers_that_a_hand_counts():
    shared_first = 2 * 9 + 2 * 64  # two filters, a bias for each unit
    assert [layer.cost(shape).parameters for layer, shape in costly_layers(lecun1989(5, rng=0))] == [
        18, 128, 4 * 2 * 25, 4 * 16, 10 * 65,
    ] and shared_first == 146
    assert [layer.cost(shape).parameters for layer, shape in costly_layers(lecun1989(4, rng=0))] == [18, 128, 16 * 51, 170]
    assert [layer.cost(shape).parameters for layer, shape in costly_layers(lecun1989(3, rng=0))] == [64 * 10, 16 * 26, 170]


def costly_layers(model, shape=(16, 16)):
    for layer in model.layers:
        if layer.parameters():
            yield layer, shape
        shape = layer.output_shape(shape)


def test_in_net_5_a_unit_sees_15_pixels():
    """3 + 4·2 pixels a side, and neighbours four pixels apart: poison shows who sees what."""
    model = lecun1989(5, rng=0, dtype=np.float64)
    poisoned = np.zeros((256, 16, 16))
    poisoned[np.arange(256), np.arange(256) // 16, np.arange(256) % 16] = np.nan
    maps = model[: len(model) - 3].activations(poisoned)[-1]
    assert maps.shape == (256, 4, 4, 4)
    seen = np.isnan(maps[:, 0, 2, 1]).reshape(16, 16)
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    assert rows.tolist() == list(range(3, 14)) and columns.tolist() == list(range(10)) and seen.sum() == 110


@pytest.mark.parametrize("net", range(1, 6))
def test_gradients_of_a_net_of_1989(net):
    rng = np.random.default_rng(net)
    model = lecun1989(net, rng, dtype=np.float64)
    for parameter in model.parameters().values():
        parameter += rng.normal(scale=0.1, size=parameter.shape)
    check_layer(model, rng.uniform(0, 255, (2, 16, 16)), rng, tolerance=1e-5)


def test_nets_of_1989_repeat_for_a_seed_and_begin_small():
    first, again, other = (lecun1989(4, rng=seed) for seed in (1, 1, 2))
    assert_state(again, state(first))
    assert (other[1].weight != first[1].weight).any()
    for layer, fan_in in ((first[1], 9), (first[4], 50), (first[7], 16)):
        assert isinstance(layer, (Conv2d, LocallyConnected2d, Linear))
        assert 0.7 * 2.4 / fan_in < np.abs(layer.weight).max() <= 2.4 / fan_in
    assert isinstance(first[2], UnitBias) and isinstance(first[-1], Tanh) and not first[2].bias.any()


@pytest.mark.parametrize(
    "net, error, message",
    [
        (0, ValueError, "net must be an integer of at least 1, got 0"),
        (6, ValueError, "net must be an integer from 1 to 5, got 6"),
        ("5", TypeError, "net must be an integer of at least 1, got '5'"),
    ],
)
def test_no_other_net_of_1989(net, error, message):
    with pytest.raises(error, match=message):
        lecun1989(net, rng=0)
