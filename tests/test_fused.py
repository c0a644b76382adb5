"""The fast path computes what the plain layers compute, to rounding."""

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnlib import (
    BatchNorm2d,
    Conv2d,
    Flatten,
    LeakyReLU,
    Linear,
    MaxPool2d,
    ReLU,
    Sequential,
    check_layer,
    lenet5,
    softmax_cross_entropy,
)
from cnnlib import fused as fused_module
from cnnlib.fused import ConvReLUMaxPool, _max_of_four, _route, fuse
from strategies import layouts, read_only, seeds


@st.composite
def stages(draw):
    """Arguments of a net that fits: convolution, perhaps ReLU, pooling; and its input's shape."""
    kernel = draw(st.tuples(st.integers(1, 4), st.integers(1, 4)))
    padding = draw(st.sampled_from(["valid", "same", "full"]) | st.tuples(st.integers(0, 2), st.integers(0, 2)))
    size = tuple(k + 1 + draw(st.integers(0, 5)) for k in kernel)  # a pooling window, at least
    n, c_in, c_out = draw(st.integers(1, 4)), draw(st.integers(1, 3)), draw(st.integers(1, 4))
    return (n, c_in, *size), c_out, kernel, padding, draw(st.booleans()), draw(st.booleans())


def both_ways(shape, c_out, kernel, padding, bias, with_relu, rng, dtype=np.float64, integers=False):
    """The same net twice, fused and plain, on the same parameters."""
    conv = Conv2d(shape[1], c_out, kernel, padding=padding, bias=bias, rng=rng, dtype=dtype)
    if integers:
        conv.weight[...] = rng.integers(-3, 4, conv.weight.shape)
    if bias:
        conv.bias[...] = rng.integers(-3, 4, c_out) if integers else rng.normal(size=c_out)
    layers = [conv, *([ReLU()] if with_relu else []), MaxPool2d(2)]
    fused, plain = Sequential(*layers), Sequential(*layers, fused=False)
    assert [type(step) for step in fused._steps] == [ConvReLUMaxPool] and plain._steps == tuple(layers)
    return fused, plain


def everything(model, x, grad=None):
    """Outputs and all gradients of one step, copied."""
    y = np.array(model(x))
    grad = np.random.default_rng(1).normal(size=y.shape).astype(y.dtype) if grad is None else grad
    grad_x = np.array(model.backward(grad))
    return {"output": y, "input": grad_x, **{name: np.array(g) for name, g in model.gradients().items()}}


def assert_same(got, expected, rtol=0.0, atol=0.0):
    assert got.keys() == expected.keys()
    for name in expected:
        assert got[name].dtype == expected[name].dtype, name
        scale = max(1, np.abs(expected[name]).max())
        np.testing.assert_allclose(got[name], expected[name], rtol, atol * scale, err_msg=name)


@given(stages(), seeds)
def test_fused_equals_plain_in_float64(stage, seed):
    rng = np.random.default_rng(seed)
    fused, plain = both_ways(*stage, rng)
    x, = read_only(rng.normal(size=stage[0]))
    assert_same(everything(fused, x), everything(plain, x), atol=1e-10)


@given(stages(), seeds)
def test_fused_equals_plain_in_float32(stage, seed):
    rng = np.random.default_rng(seed)
    fused, plain = both_ways(*stage, rng, np.float32)
    x, = read_only(rng.normal(size=stage[0]).astype(np.float32))
    assert_same(everything(fused, x), everything(plain, x), atol=1e-5)


@given(stages(), seeds)
def test_ties_are_broken_the_same_way(stage, seed):
    """Small integers are exact in any order of summing: here every bit must agree, winners included."""
    rng = np.random.default_rng(seed)
    fused, plain = both_ways(*stage, rng, integers=True)
    for x in (np.zeros(stage[0]), np.ones(stage[0]), rng.integers(0, 2, stage[0]).astype(float)):
        y = plain(x)
        grad = rng.integers(-9, 10, y.shape).astype(float)
        assert_same(everything(fused, x, grad), everything(plain, x, grad))


@settings(max_examples=25)
@given(stages(), seeds)
def test_fused_passes_the_gradient_check(stage, seed):
    rng = np.random.default_rng(seed)
    fused, plain = both_ways(*stage, rng)
    x = rng.normal(size=stage[0])
    # Stay away from ties and kinks: no two candidates, and no output, within the check's reach.
    candidates = plain.layers[0](x)
    gaps = np.abs(np.diff(np.sort(np.append(candidates, 0.0))))
    if gaps.min() > 1e-4:
        check_layer(fused, x, rng)


def test_without_the_input_gradient():
    rng = np.random.default_rng(0)
    fused, plain = both_ways((2, 2, 6, 6), 3, (3, 3), (1, 1), True, True, rng)
    x = rng.normal(size=(2, 2, 6, 6))
    grad = np.ones_like(fused(x))
    assert fused.backward(grad, need_input_grad=False) is None
    got = {name: np.array(value) for name, value in fused.gradients().items()}
    plain(x)
    plain.backward(grad)
    for name, value in plain.gradients().items():
        np.testing.assert_allclose(got[name], value, atol=1e-12)


def test_batch_sizes_may_change_and_what_the_caller_kept_stays():
    """Buffers are used again; results must not lie in them."""
    rng = np.random.default_rng(0)
    fused, plain = both_ways((1, 2, 9, 8), 3, (3, 2), (1, 0), True, True, rng)
    kept = []
    for n in (4, 4, 1, 7, 4):
        x = rng.normal(size=(n, 2, 9, 8))
        expected = everything(plain, x)
        y = fused(x)
        grad_x = fused.backward(np.random.default_rng(1).normal(size=y.shape))
        results = {"output": y, "input": grad_x, **fused.gradients()}  # not copied
        assert_same(results, expected, atol=1e-12)
        kept.append((results, expected))
    for results, expected in kept:
        assert_same(results, expected, atol=1e-12)


def test_forward_twice_then_backward_is_about_the_last():
    rng = np.random.default_rng(0)
    fused, plain = both_ways((1, 1, 6, 6), 2, (3, 3), "same", True, True, rng)
    first, second = rng.normal(size=(2, 3, 1, 6, 6))
    fused(first)
    assert_same(everything(fused, second), everything(plain, second), atol=1e-12)


def test_the_way_back_from_an_evaluation_is_that_of_a_training():
    # an evaluation does not note down who wins the maxima: whoever goes back all the same gets the same gradients
    rng = np.random.default_rng(0)
    fused, _ = both_ways((2, 2, 7, 7), 3, (3, 3), "same", True, True, rng)
    x, other = rng.normal(size=(2, 2, 2, 7, 7))
    trained = everything(fused, x)
    everything(fused, other)  # what an earlier pass leaves behind
    assert_same(everything(fused.eval(), x), trained)


def test_memory_layout_does_not_matter():
    rng = np.random.default_rng(0)
    fused, plain = both_ways((3, 2, 7, 6), 2, (2, 3), "full", True, True, rng)
    x = rng.normal(size=(3, 2, 7, 6))
    expected = everything(plain, x)
    for other in layouts(x):
        assert_same(everything(fused, other), expected, atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("winner", range(4))
def test_a_gradient_goes_to_its_winner_alone_even_an_infinite_one(dtype, value, winner):
    candidates, winners, largest = np.zeros((4, 1, 1, 1), dtype), np.empty((3, 1, 1, 1), bool), np.empty((1, 1, 1), dtype)
    candidates[winner] = 1
    _max_of_four(candidates, winners, largest)
    routed = np.empty_like(candidates)
    _route(np.full((1, 1, 1), value, dtype), winners, routed)
    assert largest == 1
    np.testing.assert_array_equal(routed.ravel(), np.where(np.arange(4) == winner, value, 0))


@pytest.mark.parametrize("most", [1, 500, 10**9])  # bytes: a row at a time, some, all
def test_strips_of_any_size_compute_the_same(most, monkeypatch):
    rng = np.random.default_rng(0)
    fused, plain = both_ways((3, 2, 17, 9), 4, (3, 2), (1, 0), True, True, rng)
    x = rng.normal(size=(3, 2, 17, 9))
    monkeypatch.setattr("cnnlib.fused.STRIP_BYTES", most)
    assert_same(everything(fused, x), everything(plain, x), atol=1e-12)
    y = fused(x)
    fused.backward(np.ones_like(y), need_input_grad=False)
    got = {name: np.array(gradient) for name, gradient in fused.gradients().items()}
    plain(x)
    plain.backward(np.ones_like(y))
    assert_same(got, plain.gradients(), atol=1e-12)


def test_nan_does_not_vanish():
    fused, _ = both_ways((1, 1, 4, 4), 1, (1, 1), 0, False, True, np.random.default_rng(0))
    for place in np.ndindex(2, 2):
        x = np.zeros((1, 1, 4, 4))
        x[(0, 0, *place)] = np.nan
        assert np.isnan(fused(x)).sum() == 1


@pytest.mark.parametrize("dtype, atol", [(np.float64, 1e-10), (np.float32, 1e-5)])
def test_lenet_learns_the_same_either_way(dtype, atol):
    rng = np.random.default_rng(0)
    fused = lenet5(rng=0, dtype=dtype)
    plain = Sequential(*lenet5(rng=0, dtype=dtype).layers, fused=False)
    images, labels = rng.integers(0, 256, (5, 28, 28), dtype=np.uint8), rng.integers(0, 10, 5)
    results = []
    for model in (fused, plain):
        loss, grad = softmax_cross_entropy(model(images), labels)
        grad_x = model.backward(grad)
        results.append({"loss": np.array(loss), "input": grad_x, **model.gradients()})
    assert_same(*results, atol=atol)
    assert sum(isinstance(step, ConvReLUMaxPool) for step in fused._steps) == 2
    # and layer by layer, from the same layers
    np.testing.assert_allclose(fused.activations(images)[-1], fused(images), rtol=1e-4, atol=atol)


def conv(*arguments, **options):
    return Conv2d(1, 1, *arguments, rng=0, **options)


class MyConv(Conv2d):
    pass


@pytest.mark.parametrize(
    "layers",
    [
        [conv(3, stride=2), ReLU(), MaxPool2d(2)], [conv(3, dilation=2), ReLU(), MaxPool2d(2)],
        [conv(3, stride=(1, 2)), MaxPool2d(2)], [conv(3), ReLU(), MaxPool2d(3)], [conv(3), ReLU(), MaxPool2d(2, 1)],
        [conv(3), ReLU(), MaxPool2d((2, 1))], [conv(3), ReLU(), MaxPool2d(2, padding=1)], [conv(3), LeakyReLU(), MaxPool2d(2)],
        [conv(3), BatchNorm2d(1), ReLU(), MaxPool2d(2)], [conv(3), ReLU(), ReLU(), MaxPool2d(2)], [conv(3), ReLU()], [conv(3)],
        [ReLU(), MaxPool2d(2)], [], [MyConv(1, 1, 3, rng=0), ReLU(), MaxPool2d(2)],
    ],
    ids=repr,
)
def test_what_does_not_fit_stays_plain(layers):
    assert fuse(layers) == layers


def test_what_fits_is_found_anywhere_in_a_net():
    layers = [conv(3), conv(3), ReLU(), MaxPool2d(2), conv(3), MaxPool2d(2), Flatten(), Linear(4, 2, rng=0)]
    assert [type(step).__name__ for step in fuse(layers)] == [
        "Conv2d", "ConvReLUMaxPool", "ConvReLUMaxPool", "Flatten", "Linear"
    ]


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize(
    "x, error, message",
    [
        (np.ones((1, 3, 6, 6)), ValueError, "x must have 2 channels to match weight, got 3"),
        (np.ones((2, 6, 6)), ValueError, r"x must be a 4-D array of numbers \(N, C_in, H, W\), got shape \(2, 6, 6\)"),
        (np.ones((1, 2, 6, 6), np.uint8), TypeError, "x must be a floating-point array, got dtype uint8"),
        (np.ones((0, 2, 6, 6)), ValueError, r"x must be .* not empty, got shape \(0, 2, 6, 6\)"),
        (np.ones((1, 2, 2, 6)), ValueError, "kernel_size must fit into the padded input of 2, got a kernel that spans 3"),
        (np.ones((1, 2, 3, 6)), ValueError, "kernel_size must fit into the padded input of .*1.*, got a kernel that spans 2"),
    ],
)
def test_refuses_the_same_either_way(fused, x, error, message):
    model = Sequential(Conv2d(2, 3, 3, rng=0), ReLU(), MaxPool2d(2), fused=fused)
    with pytest.raises(error, match=message):
        model(x)


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize("shape", [(1, 3, 2, 2), (2, 3, 2, 1), (2, 1, 2, 2), (2, 12)])
def test_refuses_a_gradient_of_another_shape(fused, shape):
    model = Sequential(Conv2d(2, 3, 3, rng=0), ReLU(), MaxPool2d(2), fused=fused)
    model(np.ones((2, 2, 6, 6)))
    with pytest.raises(ValueError, match="grad_output must"):
        model.backward(np.ones(shape))


def test_what_the_caller_does_to_the_output_does_not_reach_the_gradient():
    rng = np.random.default_rng(0)
    fused, plain = both_ways((2, 2, 8, 8), 3, (3, 3), (1, 1), True, True, rng)
    x = rng.normal(size=(2, 2, 8, 8))
    for mode in (True, False):
        fused.train(mode)
        fused(x)[...] = 0
        grad = np.ones((2, 3, 4, 4))
        plain(x)
        np.testing.assert_allclose(fused.backward(grad), plain.backward(grad), rtol=0, atol=1e-12)


@pytest.mark.parametrize("training", [True, False])
def test_two_threads_may_ask_one_net(training, monkeypatch):
    """While one is between its products and their maxima, the other goes all the way."""
    fused, plain = both_ways((1, 1, 8, 8), 2, (3, 3), 0, True, True, np.random.default_rng(0))
    fused.train(training)
    first, second = np.random.default_rng(1).normal(size=(2, 3, 1, 8, 8))
    multiply, others = fused_module.multiply, []

    def interrupted(tile, tiles, blocks):
        if not others:
            others.append(None)
            other = threading.Thread(target=lambda: others.append(fused(second)))
            other.start()
            other.join()
        multiply(tile, tiles, blocks)

    monkeypatch.setattr(fused_module, "multiply", interrupted)
    np.testing.assert_allclose(fused(first), plain(first), atol=1e-12)
    np.testing.assert_allclose(others[1], plain(second), atol=1e-12)


@pytest.mark.parametrize("with_relu", [True, False])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_an_infinity_stays_with_those_who_see_it(value, dtype, with_relu):
    stage = (1, 2, 6, 7), 3, (3, 2), (1, 0), True, with_relu
    fused, plain = both_ways(*stage, np.random.default_rng(0), dtype)
    x = np.random.default_rng(1).normal(size=(1, 2, 6, 7)).astype(dtype)
    for i, j in np.ndindex(x.shape[2:]):
        broken, mode = x.copy(), (i + j) % 2 == 0
        broken[0, 1, i, j] = value
        got, expected = everything(fused.train(mode), broken), everything(plain.train(mode), broken)
        for name in expected:  # NaN and infinities at the same places
            np.testing.assert_allclose(got[name], expected[name], rtol=1e-4, atol=1e-4, err_msg=name)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_an_infinite_gradient_stays_with_those_who_see_it(value, bias):
    fused, plain = both_ways((1, 2, 6, 7), 3, (3, 2), (1, 0), bias, True, np.random.default_rng(0))
    x = np.random.default_rng(1).normal(size=(1, 2, 6, 7))
    for place in np.ndindex(fused(x).shape):
        grad = np.ones(fused(x).shape)
        grad[place] = value
        got, expected = everything(fused, x, grad), everything(plain, x, grad)
        for name in expected:
            np.testing.assert_allclose(got[name], expected[name], rtol=1e-10, atol=1e-10, err_msg=name)


@pytest.mark.parametrize(
    "place, setting, value",
    [
        (0, "stride", (2, 1)), (0, "stride", 2), (0, "dilation", (1, 2)), (0, "padding", (1, 1)), (2, "stride", (1, 1)),
        (2, "kernel_size", (3, 3)), (2, "padding", (1, 0)),
    ],
)
def test_a_setting_of_a_fused_layer_may_change(place, setting, value):
    fused, plain = both_ways((2, 1, 9, 9), 2, (3, 3), 0, True, True, np.random.default_rng(0))
    x = np.random.default_rng(1).normal(size=(2, 1, 9, 9))
    before, was = everything(fused, x), getattr(fused[place], setting)
    setattr(fused[place], setting, value)
    assert_same(everything(fused, x), everything(plain, x), atol=1e-12)
    y = fused(x)
    plain(x[::-1])  # from the same layers
    np.testing.assert_allclose(fused.backward(np.ones_like(y)), everything(plain, x, np.ones_like(y))["input"])
    setattr(fused[place], setting, was)
    assert_same(everything(fused, x), before)


def test_layers_that_were_fused_have_no_way_back_of_their_own():
    fused, _ = both_ways((1, 1, 6, 6), 2, (3, 3), 0, True, True, np.random.default_rng(0))
    first, second = np.random.default_rng(1).normal(size=(2, 1, 1, 6, 6))
    a = first
    for layer in fused.layers:
        a = layer(a)
    fused(second)
    for layer, grad in zip(fused.layers, (np.ones((1, 2, 4, 4)), np.ones((1, 2, 4, 4)), np.ones((1, 2, 2, 2)))):
        with pytest.raises(RuntimeError, match="no input by itself since it was part of a fused network: call forward"):
            layer.backward(grad)
        layer(np.ones((1, 2 if layer is not fused[0] else 1, 6, 6)))
    assert fused[2].backward(np.ones((1, 2, 3, 3))).shape == (1, 2, 6, 6)
