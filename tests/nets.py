"""What tests of whole nets share: a small one with a layer of each kind, and its state."""

import numpy as np

from cnnlib import BatchNorm2d, Conv2d, Flatten, Linear, MaxPool2d, Normalize, ReLU, Sequential


def small_model(seed=0, dtype=np.float32):
    rng = np.random.default_rng(seed)
    model = Sequential(
        Normalize(seed + 1, 2, dtype=dtype), Conv2d(1, 2, 3, rng=rng, dtype=dtype), BatchNorm2d(2, dtype=dtype), ReLU(),
        MaxPool2d(2), Flatten(), Linear(8, 3, rng=rng, dtype=dtype),
    )
    model(rng.normal(size=(4, 6, 6)))  # running averages of its own
    return model


def state(model):
    return {name: np.array(value) for name, value in {**model.parameters(), **model.buffers()}.items()}


def assert_state(model, expected):
    got = state(model)
    assert got.keys() == expected.keys()
    for name in expected:
        np.testing.assert_array_equal(got[name], expected[name], err_msg=name)
