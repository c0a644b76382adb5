"""Layers in a row."""

import numpy as np
import pytest

from cnnlib import Conv2d, Cost, Dropout, Flatten, Linear, MaxPool2d, ReLU, Sequential, lenet5, predict
from nets import small_model


def test_parameters_are_the_layers_own_arrays():
    model = small_model()
    assert model.parameters()["1.weight"] is model[1].weight and model.buffers()["2.running_var"] is model[2].running_var
    assert list(model.parameters()) == ["1.weight", "1.bias", "2.weight", "2.bias", "6.weight", "6.bias"]
    assert set(model.buffers()) == {"0.mean", "0.std", "2.running_mean", "2.running_var"}
    assert len(model) == 7


def test_slices_share_parameters():
    model = small_model().eval()
    head, tail = model[:4], model[4:]
    x = np.random.default_rng(0).normal(size=(2, 6, 6))
    np.testing.assert_allclose(tail(head(x)), model(x), rtol=1e-5)
    assert head.parameters()["1.weight"] is model[1].weight
    head[1].weight[...] = 0
    assert not model[1].weight.any()
    assert isinstance(model[-1], Linear) and isinstance(model[-1:], Sequential)


@pytest.mark.parametrize("training", [True, False])
def test_a_slice_has_the_mode_of_its_layers(training):
    """Or predicting with a part of a finished model would put its batch norm back into training."""
    model = small_model().train(training)
    predict(model[:4], np.ones((2, 6, 6)))
    assert [layer.training for layer in model.layers] == [training] * 7


def test_a_slice_of_a_plain_model_is_plain():
    plain = Sequential(Conv2d(1, 1, 3, rng=0), ReLU(), MaxPool2d(2), Flatten(), fused=False)
    assert plain[:3]._steps == plain.layers[:3]
    assert len(Sequential(*plain.layers)[:3]._steps) == 1


def test_modes_reach_all_layers_also_nested_ones():
    inner = Sequential(Dropout(0.5, rng=0))
    model = Sequential(inner, ReLU())
    model.eval()
    assert not inner[0].training and not inner.training
    model.train()
    assert inner[0].training


def test_backward_stops_before_the_first_layer_with_parameters():
    class Untouchable(ReLU):
        def backward(self, grad_output, *, need_input_grad=True):
            raise AssertionError("nobody needs this gradient")

    model = Sequential(Flatten(), Untouchable(), Linear(4, 2, rng=0))
    model(np.ones((1, 2, 2), np.float32))
    model.backward(np.ones((1, 2), np.float32), need_input_grad=False)
    assert model.gradients()["2.weight"].shape == (2, 4)
    with pytest.raises(AssertionError, match="nobody needs"):
        model.backward(np.ones((1, 2), np.float32))


def test_an_empty_model_is_the_identity():
    x = np.ones((2, 3))
    model = Sequential()
    assert model(x) is x and model.backward(x) is x and model.cost((3,)) == Cost(0, 0)


def test_summary_adds_up():
    model = lenet5(rng=0)
    lines = model.summary((28, 28)).splitlines()
    assert lines[0].split() == ["layer", "output", "parameters", "links"]
    assert len(lines) == len(model) + 2 and len({len(line) for line in lines}) == 1
    assert "Conv2d(6, 16, 5)" in lines[5] and lines[5].split()[-3:] == ["16×10×10", "2,416", "241,600"]
    assert lines[-1].split() == ["total", "61,706", "423,038"]
    assert model.cost((28, 28)) == Cost(61_706, 423_038)


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: Sequential(ReLU(), 3), TypeError, r"layers\[1\] must be a Layer, got 3"),
        (lambda: Sequential([ReLU()]), TypeError, r"layers\[0\] must be a Layer, got \[ReLU\(\)\]"),
        (lambda: Sequential(ReLU), TypeError, r"layers\[0\] must be a Layer, got <class"),
        (lambda: lenet5(rng=None), TypeError, r"rng must be a numpy.random.Generator or an integer seed, got None"),
        (lambda: lenet5(rng=0).output_shape((3, 28, 28)), ValueError, r"input_shape must have 1 channels for Conv2d\(1, 6, 5, padding=2\), got 3"),
        (lambda: lenet5(rng=0).output_shape((32, 32)), ValueError, r"input_shape must be \(400,\) for Linear\(400, 120\), got \(576,\)"),
        (lambda: lenet5(rng=0)(np.zeros((1, 32, 32), np.uint8)), ValueError, r"x must have 400 features, got shape \(1, 576\)"),
        (lambda: lenet5(rng=0).backward(np.ones((1, 10))), RuntimeError, "call forward before backward"),
        (lambda: lenet5(rng=0).gradients(), RuntimeError, "has no gradient of weight yet: call backward first"),
    ],
)
def test_refuses(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_what_it_is_made_of_cannot_be_replaced():
    model = Sequential(Linear(2, 2, rng=0), ReLU())
    for name, value in (("layers", (ReLU(),)), ("fused", "no"), ("fused", False)):
        with pytest.raises(AttributeError, match=name):
            setattr(model, name, value)
