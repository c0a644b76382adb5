"""What tests of whole nets share: a small one with a layer of each kind, and its state."""

import numpy as np

from cnnlib import SGD, BatchNorm2d, Conv2d, Flatten, Linear, MaxPool2d, Normalize, ReLU, Sequential, fit


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


def stripes(count, seed=0):
    """uint8 images of 8×8 with one bright row (class 0) or column (class 1): a job for a convolution."""
    rng = np.random.default_rng(seed)
    images, labels = rng.integers(0, 60, (count, 8, 8), dtype=np.uint8), rng.integers(0, 2, count)
    for image, label, place in zip(images, labels, rng.integers(0, 8, count)):
        (image if label == 0 else image.T)[place] = 255
    return images, labels


def small_net(seed=0, *more):
    rng = np.random.default_rng(seed)
    return Sequential(
        Normalize(50, 70), Conv2d(1, 4, 3, rng=rng), ReLU(), MaxPool2d(2), *more, Flatten(), Linear(36, 2, rng=rng)
    )


def weights(model):
    return {name: value.copy() for name, value in {**model.parameters(), **model.buffers()}.items()}


def train(model, images, labels, *, rng=0, learning_rate=0.05, **options):
    options = {"progress": False, "batch_size": 16, "threads": 1, **options}
    return fit(model, images, labels, optimizer=SGD(model, learning_rate, momentum=0.9), rng=rng, **options)
