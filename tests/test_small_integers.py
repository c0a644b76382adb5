"""A browser's Python has 32 bits: NumPy counts and repeats by int32 there, and refuses the int64 of a label."""

import numpy as np
import pytest

from cnnlib import SGD, Linear, confusion_matrix, conv1d_index, evaluate, fit, softmax_cross_entropy, tie_gradient
from cnnlib.matrices import conv2d_index, weight_index


def strict(function, position):
    """A function that takes counts or indices, as NumPy has it on a machine of 32 bits."""

    def checked(*args, **kwargs):
        given = args[position]
        if not isinstance(given, int) and not np.can_cast(np.asarray(given).dtype, np.int32, "safe"):
            raise TypeError("Cannot cast array data from dtype('int64') to dtype('int32') according to the rule 'safe'")
        checked.calls += 1
        return function(*args, **kwargs)

    checked.calls = 0
    return checked


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Integers as in a browser, as far as this machine can have them."""
    monkeypatch.setattr(np, "intp", np.int32)
    monkeypatch.setattr(np, "bincount", strict(np.bincount, 0))
    monkeypatch.setattr(np, "repeat", strict(np.repeat, 1))


def test_what_is_strict_refuses_what_a_browser_refuses():
    with pytest.raises(TypeError, match="according to the rule 'safe'"):
        np.bincount(np.array([0, 1], np.int64))
    with pytest.raises(TypeError, match="according to the rule 'safe'"):
        np.repeat([1, 2], np.array([1, 2], np.int64))
    assert np.bincount(np.array([0, 1], np.uint8)).tolist() == [1, 1]


@pytest.mark.parametrize("kind", [np.uint8, np.int32, np.int64, np.uint64])
def test_labels_of_any_width_are_counted(kind):
    labels = np.array([0, 1, 1], kind)
    assert confusion_matrix(labels, labels, 2).tolist() == [[1, 0], [0, 2]]
    assert np.bincount.calls == 1


@pytest.mark.parametrize("kind", [np.uint8, np.int32, np.int64, np.uint64])
def test_a_network_learns_from_labels_of_any_width(kind):
    model, images, labels = Linear(2, 2, rng=0), np.eye(2, dtype=np.float32), np.array([0, 1], kind)
    history = fit(model, images, labels, optimizer=SGD(model, 0.5), rng=0, epochs=20, progress=False)
    assert history.steps == 20 and evaluate(model, images, labels).accuracy == 1
    assert softmax_cross_entropy(model(images), labels)[0] < 1


def test_a_shared_weight_s_gradient_is_the_sum_over_its_edges():
    assert tie_gradient(conv1d_index(4, 2), np.ones((3, 4)), (2,)).tolist() == [3, 3]
    assert np.bincount.calls == 1


@pytest.mark.parametrize("index", [
    lambda: conv1d_index(5, 3), lambda: conv2d_index((1, 4, 4), (2, 1, 3, 3)),
    *(lambda kind=kind: weight_index(4, 3, kind) for kind in ("full", "local", "shared")),
])
def test_an_index_of_weights_is_int64_on_every_machine(index, monkeypatch):
    """Also where an integer without a type is int32."""
    for name in ("arange", "full"):
        made = getattr(np, name)
        monkeypatch.setattr(np, name, lambda *args, made=made, **kwargs: _narrow(made(*args, **kwargs), args, kwargs))
    assert index().dtype == np.int64


def _narrow(array, args, kwargs):
    typed = "dtype" in kwargs or any(isinstance(one, (type, np.dtype)) for one in args)
    return array if typed or array.dtype != np.int64 else array.astype(np.int32)
