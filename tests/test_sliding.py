"""A patch net on a larger picture."""

import numpy as np
import pytest

from cnnlib import (
    BatchNorm2d,
    Conv2d,
    Flatten,
    Linear,
    LocallyConnected2d,
    MaxPool2d,
    Normalize,
    ReLU,
    Sequential,
    UnitBias,
    fully_convolutional,
    lenet5,
)
from nets import assert_state, state


def slider(rng, side=13):
    """A net for patches of 13×13 (or up to 16×16: the rest is never seen) with a stride of 4 and two linear layers."""
    model = Sequential(
        Normalize(0.5, 2, dtype=np.float64), Conv2d(1, 3, 2, rng=rng, dtype=np.float64), ReLU(), MaxPool2d(2),
        Conv2d(3, 4, 3, rng=rng, dtype=np.float64), BatchNorm2d(4, dtype=np.float64), MaxPool2d(2), Flatten(),
        Linear(16, 5, rng=rng, dtype=np.float64), ReLU(), Linear(5, 2, bias=False, rng=rng, dtype=np.float64),
    )
    model(rng.normal(size=(6, side, side)))  # running averages of its own
    return model.eval()


@pytest.mark.parametrize("side", [13, 14, 16])
def test_sliding_is_the_patch_net_on_each_window(side):
    rng = np.random.default_rng(side)
    model, picture = slider(rng, side), rng.normal(size=(2, 27, 34))
    maps = fully_convolutional(model, (side, side))(picture)
    rows, cols = ((n - 13) // 4 + 1 for n in picture.shape[1:])
    assert maps.shape == (2, 2, rows, cols)
    for i in range((27 - side) // 4 + 1):
        for j in range((34 - side) // 4 + 1):
            window = picture[:, 4 * i : 4 * i + side, 4 * j : 4 * j + side]
            np.testing.assert_allclose(maps[:, :, i, j], model(window), atol=1e-12)


def test_sliding_on_one_patch_is_the_patch_net():
    rng = np.random.default_rng(0)
    for model, patch in ((slider(rng), rng.normal(size=(3, 13, 13))), (lenet5(rng), rng.integers(0, 256, (3, 28, 28)))):
        sliding = fully_convolutional(model, patch.shape[1:])
        np.testing.assert_allclose(sliding(patch)[:, :, 0, 0], model(patch), rtol=1e-4, atol=1e-5)
        assert sliding.cost(patch.shape[1:]) == model.cost(patch.shape[1:])


def test_a_net_of_images_without_channels_slides_over_one():
    model, patch = Sequential(Flatten(), Flatten(), Linear(12, 5, rng=0), ReLU(), Linear(5, 2, rng=1)), np.ones((2, 3, 4), np.float32)
    sliding = fully_convolutional(model, (3, 4))
    np.testing.assert_allclose(sliding(patch[:, None])[:, :, 0, 0], model(patch), rtol=1e-5)
    assert sliding(np.ones((1, 1, 5, 9), np.float32)).shape == (1, 2, 3, 6)


def test_sliding_shares_the_weights_and_the_mode():
    model = slider(np.random.default_rng(0))
    before = state(model)
    sliding = fully_convolutional(model, (13, 13))
    assert_state(model, before)
    assert not sliding.training and not sliding[5].training
    assert [np.shares_memory(a, b) for a, b in zip(sliding.parameters().values(), model.parameters().values(), strict=True)] == [True] * 9
    sliding[7].weight[...] = 0
    assert not model[8].weight.any()


@pytest.mark.parametrize("model, shape, error, message", [
    (ReLU(), (1, 4, 4), TypeError, r"model must be a Sequential, got ReLU\(\)"),
    (slider(np.random.default_rng(0)), (12, 12), ValueError, r"input_shape must be \(16,\) for Linear\(16, 5\), got \(4,\)"),
    (Sequential(Linear(4, 2, rng=0)), (4,), ValueError, r"model must flatten its maps before Linear\(4, 2\)"),
    (Sequential(LocallyConnected2d(1, 1, 4, 2, rng=0)), (1, 4, 4), ValueError,
     r"model must be made of layers that can slide, got LocallyConnected2d"),
    (Sequential(UnitBias((1, 4, 4))), (1, 4, 4), ValueError, r"model must be made of layers that can slide, got UnitBias"),
])
def test_what_cannot_slide(model, shape, error, message):
    with pytest.raises(error, match=message):
        fully_convolutional(model, shape)


def test_a_network_of_networks_slides_as_one():
    plain = lenet5(rng=0)
    nested = Sequential(Sequential(plain[:4], plain[4:7]), plain[7:])
    x = np.random.default_rng(0).integers(0, 256, (2, 36, 32), dtype=np.uint8)
    expected = fully_convolutional(plain, (28, 28))
    sliding = fully_convolutional(nested, (28, 28))
    assert repr(sliding) == repr(expected)
    np.testing.assert_array_equal(sliding.eval()(x), expected.eval()(x))


class Residual(Sequential):
    """What its layers make of `x` is added to it."""

    def forward(self, x):
        return x + super().forward(x)


def test_a_network_with_a_forward_pass_of_its_own_slides_as_far_as_its_layers_do():
    block = Residual(Conv2d(1, 1, 3, padding="same", rng=0), ReLU())
    model = Sequential(block, Flatten(), Linear(16, 2, rng=0))
    assert fully_convolutional(model, (1, 4, 4))[0] is block
    block = Residual(Sequential(Flatten(), Linear(16, 16, rng=0)))
    with pytest.raises(ValueError, match=r"model must be made of layers that can slide, got Sequential\("):
        fully_convolutional(Sequential(block, Flatten(), Linear(16, 2, rng=0)), (16,))
