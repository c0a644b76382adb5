"""Layers: every backward pass against central differences, and what a layer promises besides."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnlib import (
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    Cost,
    Dropout,
    Flatten,
    LeakyReLU,
    Linear,
    LocallyConnected2d,
    MaxPool2d,
    Normalize,
    ReLU,
    Sequential,
    Sigmoid,
    Tanh,
    UnitBias,
    check_layer,
    conv2d,
    locally_connected2d,
)
from cnnlib.layers import Layer
from strategies import geometries, layouts, read_only, seeds

F64 = np.float64
small = st.integers(1, 2)


def normal_away_from_zero(rng, shape):
    return rng.choice([-1.0, 1.0], shape) * rng.uniform(0.01, 3, shape)


# Gradient checks ---------------------------------------------------------------------------------


@given(st.integers(1, 5), st.integers(1, 5), st.integers(1, 4), st.booleans(), seeds)
def test_linear(n, features, units, bias, seed):
    rng = np.random.default_rng(seed)
    layer = Linear(features, units, bias, rng=rng, dtype=F64)
    x = rng.normal(size=(n, features))
    assert check_layer(layer, x, rng).keys() == {"input", "weight"} | ({"bias"} if bias else set())
    expected = [[sum(x[k, j] * layer.weight[i, j] for j in range(features)) for i in range(units)] for k in range(n)]
    np.testing.assert_allclose(layer(x), expected, atol=1e-12)


@settings(max_examples=30)
@given(geometries(kernel=3, room=2), small, small, small, st.booleans(), seeds)
def test_conv2d(g, n, c_in, c_out, bias, seed):
    rng = np.random.default_rng(seed)
    layer = Conv2d(c_in, c_out, g.kernel, **g.options, bias=bias, rng=rng, dtype=F64)
    check_layer(layer, rng.normal(size=(n, c_in, *g.size)), rng)
    assert layer.output_shape((c_in, *g.size)) == (c_out, *g.output)


@settings(max_examples=20)
@given(geometries(kernel=2, room=2), small, small, small, st.booleans(), seeds)
def test_locally_connected2d(g, n, c_in, c_out, bias, seed):
    rng = np.random.default_rng(seed)
    layer = LocallyConnected2d(c_in, c_out, g.size, g.kernel, **g.options, bias=bias, rng=rng, dtype=F64)
    check_layer(layer, rng.normal(size=(n, c_in, *g.size)), rng)
    assert layer.output_shape((c_in, *g.size)) == (c_out, *g.output)


@given(st.integers(1, 4), st.lists(st.integers(1, 4), min_size=1, max_size=3), seeds)
def test_unit_bias(n, shape, seed):
    rng = np.random.default_rng(seed)
    layer, x = UnitBias(tuple(shape), dtype=F64), rng.normal(size=(n, *shape))
    layer.bias[...] = rng.normal(size=shape)
    assert check_layer(layer, x, rng).keys() == {"input", "bias"}
    np.testing.assert_array_equal(layer(x), [image + layer.bias for image in x])
    assert layer.cost(shape) == Cost(np.prod(shape), np.prod(shape))


def test_one_value_for_all_units_of_a_map_is_the_bias_of_a_convolution():
    rng = np.random.default_rng(0)
    x, weight, bias = rng.normal(size=(2, 1, 6, 6)), rng.normal(size=(3, 1, 3, 3)), np.array([1.0, -2.0, 3.0])
    layer = UnitBias((3, 4, 4), dtype=F64)
    layer.bias[...] = bias[:, None, None]
    np.testing.assert_allclose(layer(conv2d(x, weight)), conv2d(x, weight, bias))


@given(st.integers(2, 4), st.integers(1, 3), st.integers(1, 3), st.booleans(), seeds)
def test_batch_norm(n, c, size, training, seed):
    rng = np.random.default_rng(seed)
    layer = BatchNorm2d(c, dtype=F64).train(training)
    layer.weight[...], layer.bias[...] = rng.normal(size=c), rng.normal(size=c)
    layer.running_mean[...], layer.running_var[...] = rng.normal(size=c), rng.uniform(0.5, 2, c)
    check_layer(layer, rng.normal(size=(n, c, size, size)) * 3 + 1, rng, tolerance=1e-5)


@pytest.mark.parametrize("pool", [MaxPool2d, AvgPool2d])
@given(st.integers(1, 3), st.integers(1, 3), st.integers(0, 1), st.integers(3, 6), st.integers(3, 6), seeds)
@settings(max_examples=25)
def test_poolings(pool, kernel, stride, padding, height, width, seed):
    rng = np.random.default_rng(seed)
    layer = pool(kernel, stride, min(padding, kernel // 2))
    x = rng.permutation(2 * height * width).reshape(1, 2, height, width) * 0.1
    check_layer(layer, x, rng)
    assert layer.output_shape(x.shape[1:]) == layer(x).shape[1:]


@pytest.mark.parametrize("layer", [ReLU(), LeakyReLU(), LeakyReLU(0.3), Sigmoid(), Tanh(), Flatten()], ids=repr)
@given(st.lists(st.integers(1, 3), min_size=2, max_size=4), seeds)
@settings(max_examples=20)
def test_layers_without_weights(layer, shape, seed):
    rng = np.random.default_rng(seed)
    x = normal_away_from_zero(rng, tuple(shape))
    assert check_layer(layer, x, rng).keys() == {"input"}
    assert layer.output_shape(x.shape[1:]) == layer(x).shape[1:]
    assert layer.parameters() == layer.buffers() == {}


class Repeated:
    """A generator that draws the same mask each time, so that differences see one function."""

    def __init__(self, layer, seed):
        self.layer, self.seed = layer, seed

    def __getattr__(self, name):
        return getattr(self.layer, name)

    def forward(self, x):
        self.layer.rng = np.random.default_rng(self.seed)
        return self.layer.forward(x)


@given(st.floats(0, 0.9), seeds)
def test_dropout_with_a_fixed_mask_and_in_evaluation(p, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(3, 4))
    check_layer(Repeated(Dropout(p, rng=0), seed), x, rng)
    evaluating = Dropout(p, rng=0).eval()
    check_layer(evaluating, x, rng)
    np.testing.assert_array_equal(evaluating(x), x)


@pytest.mark.parametrize("shape", [(2, 3, 4), (2, 1, 3, 4), (2, 3, 2, 2)])
def test_normalize(shape):
    layer, rng = Normalize(2, 0.5, dtype=F64), np.random.default_rng(0)
    x = rng.normal(size=shape)
    check_layer(layer, x, rng)
    assert layer.output_shape(shape[1:]) == layer(x).shape[1:]
    np.testing.assert_allclose(layer(x).reshape(shape), (x - 2) / 0.5)


def test_a_whole_network():
    rng = np.random.default_rng(0)
    model = Sequential(
        Normalize(0.1, 2, dtype=F64), Conv2d(1, 2, 3, padding=1, rng=rng, dtype=F64), BatchNorm2d(2, dtype=F64), Tanh(),
        MaxPool2d(2), Conv2d(2, 3, 2, bias=False, rng=rng, dtype=F64), LeakyReLU(0.2), AvgPool2d(2, 1),
        Sequential(Flatten(), Linear(3, 3, rng=rng, dtype=F64), Sigmoid()), Linear(3, 2, rng=rng, dtype=F64),
    )
    errors = check_layer(model, rng.normal(size=(3, 6, 6)), rng, tolerance=1e-5)
    assert {"input", "1.weight", "1.bias", "2.weight", "5.weight", "8.1.bias", "9.weight"} <= errors.keys()
    check_layer(model.eval(), rng.normal(size=(3, 6, 6)), rng, tolerance=1e-5)


# What all layers promise -------------------------------------------------------------------------

LAYERS = {
    "Linear": (lambda dtype: Linear(4, 3, rng=0, dtype=dtype), (2, 4)),
    "Conv2d": (lambda dtype: Conv2d(2, 3, (3, 2), stride=2, padding=1, rng=0, dtype=dtype), (2, 2, 5, 6)),
    "LocallyConnected2d": (lambda dtype: LocallyConnected2d(2, 3, (5, 6), 3, rng=0, dtype=dtype), (2, 2, 5, 6)),
    "UnitBias": (lambda dtype: UnitBias((2, 5, 6), dtype=dtype), (2, 2, 5, 6)),
    "BatchNorm2d": (lambda dtype: BatchNorm2d(2, dtype=dtype), (2, 2, 5, 6)),
    "BatchNorm2d.eval": (lambda dtype: BatchNorm2d(2, dtype=dtype).eval(), (2, 2, 5, 6)),
    "MaxPool2d": (lambda dtype: MaxPool2d(2), (2, 2, 5, 6)),
    "AvgPool2d": (lambda dtype: AvgPool2d(2), (2, 2, 5, 6)),
    "ReLU": (lambda dtype: ReLU(), (2, 4)),
    "LeakyReLU": (lambda dtype: LeakyReLU(), (2, 4)),
    "Sigmoid": (lambda dtype: Sigmoid(), (2, 4)),
    "Tanh": (lambda dtype: Tanh(), (2, 4)),
    "Flatten": (lambda dtype: Flatten(), (2, 2, 5, 6)),
    "Dropout": (lambda dtype: Dropout(0.5, rng=0), (2, 4)),
    "Normalize": (lambda dtype: Normalize(1, 2, dtype=dtype), (2, 1, 5, 6)),
    "Sequential": (lambda dtype: Sequential(Conv2d(2, 3, 3, rng=0, dtype=dtype), ReLU(), MaxPool2d(2)), (2, 2, 5, 6)),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("make, shape", LAYERS.values(), ids=LAYERS)
def test_layers_keep_their_dtype_and_leave_their_inputs_alone(make, shape, dtype):
    rng, layer = np.random.default_rng(0), make(dtype)
    x, = read_only(rng.normal(size=shape).astype(dtype))
    y = layer(x)
    grad, = read_only(rng.normal(size=y.shape).astype(dtype))
    grad_x = layer.backward(grad)
    assert y.shape[1:] == layer.output_shape(shape[1:])
    assert grad_x.shape == x.shape
    for array in (y, grad_x, *layer.parameters().values(), *layer.gradients().values(), *layer.buffers().values()):
        assert array.dtype == dtype
    for name, gradient in layer.gradients().items():
        assert gradient.shape == layer.parameters()[name].shape
    assert layer.cost(shape[1:]).parameters == sum(p.size for p in layer.parameters().values())


@pytest.mark.parametrize("make, shape", [v for k, v in LAYERS.items() if k != "Dropout"], ids=[k for k in LAYERS if k != "Dropout"])
def test_memory_layout_does_not_matter(make, shape):
    rng, layer = np.random.default_rng(0), make(F64)
    x = rng.normal(size=shape)
    y = np.array(layer(x))
    grad = rng.normal(size=y.shape)
    grad_x = np.array(layer.backward(grad))
    for other_x, other_grad in zip(layouts(x), layouts(grad)):
        np.testing.assert_allclose(layer(other_x), y, atol=1e-12)
        np.testing.assert_allclose(layer.backward(other_grad), grad_x, atol=1e-12)


@pytest.mark.parametrize("make, shape", LAYERS.values(), ids=LAYERS)
def test_backward_without_the_input_gradient_leaves_the_same_others(make, shape):
    rng, layer = np.random.default_rng(0), make(F64)
    x = rng.normal(size=shape)
    grad = rng.normal(size=layer(x).shape)
    layer.backward(grad)
    expected = {name: np.array(value) for name, value in layer.gradients().items()}
    layer.backward(grad, need_input_grad=False)
    for name, value in layer.gradients().items():
        np.testing.assert_array_equal(value, expected[name])


@pytest.mark.parametrize("make, shape", LAYERS.values(), ids=LAYERS)
def test_backward_before_forward_is_refused(make, shape):
    layer = make(F64)
    with pytest.raises(RuntimeError, match="has seen no input yet: call forward before backward"):
        layer.backward(np.ones(shape))


@pytest.mark.parametrize("make, shape", LAYERS.values(), ids=LAYERS)
def test_repr_tells_no_address_and_modes_switch(make, shape):
    layer = make(F64)
    assert "0x" not in repr(layer) and "object" not in repr(layer)
    assert layer.eval() is layer and layer.training is False
    assert layer.train() is layer and layer.training is True


def test_gradients_replace_the_last_ones():
    layer, x = Linear(2, 2, rng=0, dtype=F64), np.ones((1, 2))
    for _ in range(2):
        layer(x)
        layer.backward(np.ones((1, 2)))
        assert (layer.gradients()["weight"] == 1).all()


def test_layers_are_the_functions_with_parameters():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 2, 6, 7))
    layer = Conv2d(2, 3, (3, 2), (2, 1), (1, 0), (1, 2), rng=rng, dtype=F64)
    np.testing.assert_array_equal(layer(x), conv2d(x, layer.weight, layer.bias, (2, 1), (1, 0), (1, 2)))
    local = LocallyConnected2d(2, 3, (6, 7), (3, 2), (2, 1), (1, 0), (1, 2), rng=rng, dtype=F64)
    np.testing.assert_array_equal(local(x), locally_connected2d(x, local.weight, local.bias, (2, 1), (1, 0), (1, 2)))


def test_weights_are_drawn_for_relu_layers_and_repeat_for_a_seed():
    """Variance 2 / fan_in keeps the mean square of activations from layer to layer."""
    first, again, other = (Conv2d(8, 64, 5, rng=seed) for seed in (0, 0, 1))
    assert (first.weight == again.weight).all() and (first.weight != other.weight).any()
    assert first.weight.var() == pytest.approx(2 / (8 * 25), rel=0.05) and not first.bias.any()
    assert Linear(500, 300, rng=0).weight.var() == pytest.approx(2 / 500, rel=0.05)
    assert not LocallyConnected2d(8, 8, 9, 3, rng=0).bias.any()
    assert LocallyConnected2d(8, 8, 9, 3, rng=0).weight.var() == pytest.approx(2 / 72, rel=0.05)


def test_batch_norm_normalises_and_keeps_running_averages():
    rng = np.random.default_rng(0)
    layer, x = BatchNorm2d(3, momentum=0.25, dtype=F64), rng.normal(2, 5, size=(4, 3, 6, 6))
    mean, var = layer.running_mean, layer.running_var
    y = layer(x)
    np.testing.assert_allclose(y.mean(axis=(0, 2, 3)), 0, atol=1e-12)
    np.testing.assert_allclose(y.var(axis=(0, 2, 3)), 1, atol=1e-5)
    by_channel = x.transpose(1, 0, 2, 3).reshape(3, -1)
    np.testing.assert_allclose(mean, 0.25 * by_channel.mean(axis=1))
    np.testing.assert_allclose(var, 0.75 + 0.25 * by_channel.var(axis=1, ddof=1))
    assert layer.running_mean is mean and layer.running_var is var
    layer.eval()
    expected = (x - mean[:, None, None]) / np.sqrt(var[:, None, None] + 1e-5)
    np.testing.assert_allclose(layer(x), expected)
    np.testing.assert_array_equal(layer.running_mean, mean)


def test_dropout_drops_the_part_it_says_and_keeps_the_mean():
    layer, x = Dropout(0.3, rng=0), np.ones((200, 500), np.float32)
    y = layer(x)
    assert (y == 0).mean() == pytest.approx(0.3, abs=0.01) and y.mean() == pytest.approx(1, abs=0.01)
    np.testing.assert_array_equal(layer.backward(x), y)  # the same mask
    assert (layer(x) != y).any()  # another one each time
    assert (Dropout(0.3, rng=0)(x) == y).all()


@pytest.mark.parametrize("dtype", [np.uint8, bool, np.int64, np.float32, np.float64])
def test_normalize_takes_pixels_of_any_dtype(dtype):
    images = np.array([[[0, 1], [1, 0]]], dtype)
    y = Normalize(0.5, 0.25)(images)
    assert y.dtype == np.float32 and y.shape == (1, 1, 2, 2)
    np.testing.assert_array_equal(y[0, 0], [[-2, 2], [2, -2]])


def test_reprs_show_what_one_would_write():
    assert [repr(layer) for layer in (
        Linear(3, 2, bias=False, rng=0), Conv2d(1, 6, 5, padding=2, rng=0), Conv2d(1, 6, (5, 3), 2, "valid", (1, 2), False, rng=0),
        LocallyConnected2d(1, 2, 8, 3, stride=2, rng=0), MaxPool2d(2), AvgPool2d((3, 2), 1, 1), LeakyReLU(), Dropout(0.2, rng=0),
        Normalize(33.318421, 78.56749), BatchNorm2d(4), UnitBias((2, 8, 8)),
    )] == [
        "Linear(3, 2, bias=False)", "Conv2d(1, 6, 5, padding=2)",
        "Conv2d(1, 6, (5, 3), stride=2, padding='valid', dilation=(1, 2), bias=False)", "LocallyConnected2d(1, 2, 8, 3, stride=2)",
        "MaxPool2d(2)", "AvgPool2d((3, 2), stride=1, padding=1)", "LeakyReLU(0.01)", "Dropout(0.2)", "Normalize(33.3184, 78.5675)",
        "BatchNorm2d(4)", "UnitBias((2, 8, 8))",
    ]


def test_a_layer_of_ones_own_needs_forward_and_backward_only():
    class Double(Layer):
        def forward(self, x):
            return 2 * x

        def backward(self, grad_output, *, need_input_grad=True):
            return 2 * grad_output

    assert check_layer(Double(), np.ones((2, 3)), rng=0).keys() == {"input"}
    assert repr(Double()) == "Double()" and Double().cost((3,)) == Cost(0, 0)
    assert Sequential(Double(), Linear(3, 1, rng=0)).output_shape((3,)) == (1,)


# Refusals ----------------------------------------------------------------------------------------

IMAGE = np.ones((2, 3, 5, 5), np.float32)


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: Linear(3, 2), TypeError, "rng"),
        (lambda: Linear(3, 2, rng=None), TypeError, r"rng must be a numpy.random.Generator or an integer seed, got None"),
        (lambda: Linear(3, 2, rng=-1), ValueError, r"rng must be an integer of at least 0, got -1"),
        (lambda: Linear(0, 2, rng=0), ValueError, r"in_features must be an integer of at least 1, got 0"),
        (lambda: Linear(3, 2.0, rng=0), TypeError, r"out_features must be an integer of at least 1, got 2.0"),
        (lambda: Linear(3, 2, rng=0, dtype=int), TypeError, r"dtype must be float32 or float64, got <class 'int'>"),
        (lambda: Linear(3, 2, rng=0, dtype="no"), TypeError, r"dtype must be float32 or float64, got 'no'"),
        (lambda: Linear(3, 2, rng=0, dtype=None), TypeError, r"dtype must be float32 or float64, got None"),
        (lambda: Linear(3, 2, rng=0)(IMAGE), ValueError, r"x must be a 2-D array of numbers \(N, in_features\), got shape \(2, 3, 5, 5\)"),
        (lambda: Linear(3, 2, rng=0)(np.ones((2, 4))), ValueError, r"x must have 3 features, got shape \(2, 4\)"),
        (lambda: Linear(3, 2, rng=0)(np.ones((2, 3), int)), TypeError, r"x must be a floating-point array, got dtype int64"),
        (lambda: Linear(3, 2, rng=0)(np.ones((0, 3))), ValueError, r"x must be .* not empty, got shape \(0, 3\)"),
        (lambda: Linear(3, 2, rng=0).output_shape((4,)), ValueError, r"input_shape must be \(3,\) for Linear\(3, 2\), got \(4,\)"),
        (lambda: Conv2d(3, 2, 3), TypeError, "rng"),
        (lambda: Conv2d(3, 2, 0, rng=0), ValueError, r"kernel_size must be an integer of at least 1, got 0"),
        (lambda: Conv2d(3, 2, 3, stride=0, rng=0), ValueError, r"stride must be an integer of at least 1, got 0"),
        (lambda: Conv2d(3, 2, 3, padding="mirror", rng=0), ValueError, r"padding must be .*\"full\", got 'mirror'"),
        (lambda: Conv2d(3, 2, 3, stride=2, padding="same", rng=0), ValueError, r'padding "same" needs stride 1, got stride 2'),
        (lambda: Conv2d(1, 2, 3, rng=0)(IMAGE), ValueError, r"x must have 1 channels to match weight, got 3"),
        (lambda: Conv2d(3, 2, 6, rng=0)(IMAGE), ValueError, r"kernel_size must fit into the padded input of 5, got a kernel that spans 6"),
        (lambda: Conv2d(3, 2, 3, rng=0)(IMAGE.astype(np.uint8)), TypeError, r"x must be a floating-point array, got dtype uint8"),
        (lambda: Conv2d(3, 2, 3, rng=0)(IMAGE[0]), ValueError, r"x must be a 4-D array of numbers \(N, C_in, H, W\), got shape \(3, 5, 5\)"),
        (lambda: Conv2d(3, 2, 3, rng=0).output_shape((1, 5, 5)), ValueError, r"input_shape must have 3 channels for Conv2d\(3, 2, 3\), got 1"),
        (lambda: Conv2d(3, 2, 3, rng=0).output_shape((5, 5)), ValueError, r"input_shape must be \(C, H, W\), got \(5, 5\)"),
        (lambda: LocallyConnected2d(3, 2, 4, 5, rng=0), ValueError, r"kernel_size must fit into the padded input of 4"),
        (lambda: LocallyConnected2d(3, 2, 4, 3, rng=0)(IMAGE), ValueError, r"weight must have a bank for each of the \(3, 3\) output positions"),
        (lambda: LocallyConnected2d(3, 2, 4, 3, rng=0).output_shape((3, 5, 5)), ValueError, r"input_shape must have size \(4, 4\) .*, got \(3, 5, 5\)"),
        (lambda: UnitBias(3), TypeError, r"shape must be a tuple of integers, got 3"),
        (lambda: UnitBias(()), ValueError, r"shape must be a tuple of integers, got \(\)"),
        (lambda: UnitBias((3, 0)), ValueError, r"shape\[1\] must be an integer of at least 1, got 0"),
        (lambda: UnitBias((3, 5, 4))(IMAGE), ValueError, r"x must have shape \(2, 3, 5, 4\), got \(2, 3, 5, 5\)"),
        (lambda: UnitBias((3, 5, 5)).output_shape((3, 1, 1)), ValueError, r"input_shape must be \(3, 5, 5\) for .*, got \(3, 1, 1\)"),
        (lambda: BatchNorm2d(3, eps=0), ValueError, r"eps must be a finite number in \(0, inf\), got 0"),
        (lambda: BatchNorm2d(3, momentum=2), ValueError, r"momentum must be a finite number in \[0, 1\], got 2"),
        (lambda: BatchNorm2d(2)(IMAGE), ValueError, r"x must have 2 channels, got shape \(2, 3, 5, 5\)"),
        (lambda: BatchNorm2d(3)(IMAGE[:1, :, :1, :1]), ValueError, r"x must hold more than one value a channel in training, got shape \(1, 3, 1, 1\)"),
        (lambda: MaxPool2d(0), ValueError, r"kernel_size must be an integer of at least 1, got 0"),
        (lambda: MaxPool2d(6)(IMAGE), ValueError, r"kernel_size must fit into the padded input of 5"),
        (lambda: MaxPool2d(2, padding=2)(IMAGE), ValueError, r"padding must be at most half of kernel_size .*, got .*2"),
        (lambda: Dropout(1, rng=0), ValueError, r"p must be a finite number in \[0, 1\), got 1"),
        (lambda: Dropout(0.5), TypeError, "rng"),
        (lambda: Dropout(0.1, rng=0)(np.ones((2, 2), int)), TypeError, r"x must be a floating-point array, got dtype int64"),
        (lambda: LeakyReLU(np.inf), ValueError, r"negative_slope must be a finite number .*, got inf"),
        (lambda: Normalize(0, 0), ValueError, r"std must be a finite number in \(0, inf\), got 0"),
        (lambda: Normalize(0, 1)(np.ones(3)), ValueError, r"x must be a 3-D or 4-D array of numbers \(N, H, W\) or \(N, C, H, W\), got shape \(3,\)"),
    ],
)
def test_refuses(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("dtype", ["a", "1f4", ">f4", "int", np.float16, int, 3, []])
def test_no_other_dtype_is_shown_to_numpy(dtype, recwarn):
    """NumPy warns of some texts."""
    with pytest.raises(TypeError, match="dtype must be float32 or float64, got"):
        Linear(3, 2, rng=0, dtype=dtype)
    assert not recwarn.list


@pytest.mark.parametrize("dtype", ["f4", "single", "float32", np.dtype("f4"), "f8", "double", "d", "float", float])
def test_any_name_of_the_two_dtypes_will_do(dtype):
    assert Linear(3, 2, rng=0, dtype=dtype).weight.dtype == np.dtype(dtype)


@pytest.mark.parametrize("make, shape", LAYERS.values(), ids=LAYERS)
def test_refuses_a_gradient_of_another_shape(make, shape):
    layer = make(F64)
    y = layer(np.ones(shape))
    for count in (len(y) + 1, 1):  # not broadcast either
        with pytest.raises(ValueError, match="grad_output must have shape|cannot reshape"):
            layer.backward(np.ones((count, *y.shape[1:])))


@pytest.mark.parametrize("call, error, message", [
    (lambda: MaxPool2d(2, padding=2), ValueError, "padding must be at most half of kernel_size 2, got 2"),
    (lambda: Linear(2, 2, bias="no", rng=0), TypeError, "bias must be True or False, got 'no'"),
    (lambda: Conv2d(1, 1, 3, bias=1, rng=0), TypeError, "bias must be True or False, got 1"),
    (lambda: LocallyConnected2d(1, 1, 4, 3, bias=None, rng=0), TypeError, "bias must be True or False, got None"),
    (lambda: Linear(40_000, 400_000, rng=0), ValueError, "in_features and out_features must ask for at most"),
    (lambda: Conv2d(1, 1, 10**5, rng=0), ValueError, "in_channels, out_channels and kernel_size must ask for at most"),
    (lambda: UnitBias((10**5, 10**5)), ValueError, "shape must ask for at most"),
    (lambda: Normalize(1e300, 1), ValueError, "mean must be a finite number in"),
    (lambda: Normalize(0, 1e-300), ValueError, "std must be a finite number in"),
    (lambda: ReLU().output_shape(3), TypeError, "input_shape must be a tuple of integers, got 3"),
    (lambda: Flatten().output_shape((3, -1)), ValueError, r"input_shape\[1\] must be an integer of at least 1, got -1"),
    (lambda: ReLU().train("no"), TypeError, "training must be True or False, got 'no'"),
])
def test_arguments_that_slipped_through(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_batch_norm_computes_half_precision_in_that_of_its_weights():
    x = np.full((4, 1, 64, 64), 300, np.float16)
    x[::2] = 100
    y = BatchNorm2d(1)(x)
    assert y.dtype == np.float32
    np.testing.assert_allclose(np.abs(y), 1, rtol=1e-4)


@pytest.mark.parametrize("layer", [Sigmoid(), Tanh(), ReLU(), LeakyReLU()])
def test_what_works_entry_by_entry_may_have_its_batches_split(layer):
    assert layer.splits_batches is True


@pytest.mark.parametrize("value, said", [(100.0, None), (100.1, "far too large"), (-100.1, "far too large"),
                                         (0.05, None), (-0.04, "far too small")])
def test_pixels_of_another_unit_are_said_from_a_hundred_deviations_on(value, said):
    layer, x = Normalize(0, 1), np.full((1, 2, 2), value)
    if said is None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            layer(x)
    else:
        with pytest.warns(UserWarning, match=said):
            layer(x)


@pytest.mark.parametrize("layer", [Sigmoid(), Tanh()], ids=repr)
def test_what_the_caller_does_to_the_output_does_not_reach_the_gradient(layer):
    x, grad = np.random.default_rng(0).normal(size=(2, 3, 4)), np.ones((2, 3, 4))
    layer(x)
    right = layer.backward(grad)
    layer(x)[...] = 0
    np.testing.assert_array_equal(layer.backward(grad), right)


def test_dropout_that_keeps_next_to_nothing_makes_no_nan():
    layer = Dropout(0.9999999999, rng=0)
    for dtype in (np.float16, np.float32, np.float64):
        y = layer(np.ones((50, 50), dtype))
        assert y.dtype == dtype and not np.isnan(y).any() and not y.all()
        assert not np.isnan(layer.backward(np.ones_like(y))).any()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_what_is_dropped_is_zero_whatever_it_was(dtype, value):
    """Infinity times 0 would be NaN."""
    layer = Dropout(0.5, rng=0)
    kept = layer(np.ones((4, 9), dtype)) > 0
    for result in (Dropout(0.5, rng=0)(np.full((4, 9), value, dtype)), layer.backward(np.full((4, 9), value, dtype))):
        assert result.dtype == dtype and 0 < kept.mean() < 1
        np.testing.assert_array_equal(result, np.where(kept, dtype(value), dtype(0)))
