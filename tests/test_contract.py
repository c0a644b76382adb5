"""The contract of a layer: what its documentation promises to one of your own, and what it refuses."""

import doctest
import re
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from cnnlib import (
    SGD,
    AvgPool2d,
    BatchNorm2d,
    Checkpoint,
    Conv2d,
    Dropout,
    Flatten,
    Layer,
    LeakyReLU,
    Linear,
    LocallyConnected2d,
    MaxPool2d,
    Normalize,
    ReLU,
    Sequential,
    check_layer,
    evaluate,
    fit,
    load_weights,
    predict,
    save_weights,
)
from cnnlib.layers import fixed


def from_the_documentation():
    """The class that the docstring of `Layer` shows, made from that text and nothing else."""
    example = doctest.DocTestParser().get_examples(Layer.__doc__)[0]
    names = {"Layer": Layer, "np": np}
    exec(example.source, names)  # noqa: S102 (our own text)
    return names["Scale"]


class Centre(Layer):
    """Subtracts the batch's mean: no example is treated by itself. Says nothing of `splits_batches`."""

    def forward(self, x):
        return x - x.mean(axis=0)

    def backward(self, grad_output):
        return grad_output - grad_output.mean(axis=0)


class Residual(Sequential):
    """A composite layer, as the documentation advises: the input plus what the layers make of it."""

    def forward(self, x):
        return x + super().forward(x)

    def backward(self, grad_output):
        return grad_output + super().backward(grad_output)


def examples(count=64, features=4, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(count, features)), rng.integers(0, 3, count)


def trained(layer, threads):
    """The weights after some steps of a net that begins with `layer`."""
    x, labels = examples()
    model = Sequential(layer, Linear(4, 3, rng=0, dtype=np.float64))
    fit(model, x, labels, optimizer=SGD(model, 0.1), rng=0, epochs=2, batch_size=16, threads=threads, progress=False)
    return model


@pytest.mark.parametrize("make", [from_the_documentation(), lambda features: Centre(),
                                  lambda features: Residual(Linear(4, 4, rng=1, dtype=np.float64), ReLU())],
                         ids=["Scale", "Centre", "Residual"])
def test_a_layer_written_from_the_documentation_trains_the_same_on_one_thread_and_on_two(make, tmp_path):
    check_layer(make(4), examples()[0], rng=0)
    one, two = trained(make(4), 1), trained(make(4), 2)
    start = Sequential(make(4), Linear(4, 3, rng=0, dtype=np.float64))
    for name, parameter in one.parameters().items():
        np.testing.assert_allclose(parameter, two.parameters()[name], rtol=1e-12)
        assert (parameter != start.parameters()[name]).any()
    save_weights(one, tmp_path / "w.npz")
    x, labels = examples()
    np.testing.assert_array_equal(predict(load_weights(start, tmp_path / "w.npz"), x), predict(one, x))
    assert evaluate(one, x, labels, threads=2).loss == evaluate(one, x, labels, threads=1).loss


def test_a_layer_that_promises_to_split_is_split():
    """Or the safe default would be the only way."""
    seen = []

    class Watched(Layer):
        splits_batches = True

        def forward(self, x):
            seen.append(len(x))
            return x

        def backward(self, grad_output):
            return grad_output

    trained(Watched(), 2)
    assert set(seen) == {8}


@pytest.mark.parametrize("layer, expected", [
    (Layer(), False), (Centre(), False), (BatchNorm2d(1), False), (Linear(1, 1, rng=0), True), (ReLU(), True),
    (Normalize(0, 1), True), (MaxPool2d(2), True), (Sequential(ReLU(), Centre()), False), (Sequential(ReLU()), True),
])
def test_who_splits_batches(layer, expected):
    assert layer.splits_batches is expected


def broken(**methods):
    return type("Broken", (Layer,), {"forward": lambda self, x: x, "backward": lambda self, g: g, **methods})()


@pytest.mark.parametrize("layer, error, message", [
    (broken(forward=lambda self, x: x.tolist()), ValueError, "forward of Broken.. must return an array"),
    (broken(forward=lambda self, x: x[:1]), ValueError, r"an entry for each of 2 examples, got shape \(1, 3\)"),
    (broken(backward=lambda self, g: None), ValueError, r"must return the gradient in its input \(2, 3\), got None"),
    (broken(backward=lambda self, g: g[:, :1]), ValueError, r"in its input \(2, 3\), got shape \(2, 1\)"),
    (broken(forward=Layer.forward), NotImplementedError, r"Broken must define forward\(self, x\)"),
    (broken(backward=Layer.backward), NotImplementedError, r"Broken must define backward\(self, grad_output\)"),
])
def test_a_layer_that_breaks_the_contract_is_told(layer, error, message):
    def step():
        layer.forward(np.ones((2, 3)))
        layer.backward(np.ones((2, 3)))

    with pytest.raises(error, match=message):
        step()


def test_a_gradient_that_does_not_fit_its_parameter_is_refused():
    layer = from_the_documentation()(2)
    layer(np.ones((3, 2)))
    layer.backward(np.ones((3, 2)))
    layer.grad_factor = layer.grad_factor[:1]  # SGD would stretch it
    with pytest.raises(ValueError, match=r"grad_factor of Scale\(\) must have shape \(2,\) like factor, got \(1,\)"):
        layer.gradients()
    layer.grad_factor = np.ma.masked_array([1.0, 2.0], [1, 0])  # SGD would take what is under the mask
    with pytest.raises(TypeError, match=r"grad_factor of Scale\(\) must be an array without a mask"):
        layer.gradients()


ALL = {
    "Scale": from_the_documentation()(4), "Linear": Linear(4, 4, rng=0), "ReLU": ReLU(), "Flatten": Flatten(),
    "Sequential": Sequential(ReLU(), ReLU()),
}


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("bad, error, message", [
    ([["a"]], TypeError, "x must be an array of numbers, got dtype"),
    (np.ones((0, 4)), ValueError, "x must be an array of numbers that is not empty"),
    (np.float64(1), ValueError, "x must be a batch"),
    (np.ma.masked_equal(np.ones((2, 4)), 1), TypeError, "x must be an array of numbers without a mask"),
])
def test_every_layer_checks_its_input(name, bad, error, message):
    with pytest.raises(error, match=message):
        ALL[name].forward(bad)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("bad, error, message", [
    ([[1, 1, 1, 1]] * 2, TypeError, "grad_output must be a floating-point array"),
    ("no", TypeError, "grad_output must be an array of numbers"),
    (np.ones((1, 4)), ValueError, r"grad_output must have shape \(2, 4\), got \(1, 4\)"),
])
def test_every_layer_checks_its_gradient(name, bad, error, message):
    layer = ALL[name].replica()
    layer.forward(np.ones((2, 4), np.float32))
    with pytest.raises(error, match=message):
        layer.backward(bad)
    assert layer.backward([[1.0] * 4] * 2).shape == (2, 4)
    with pytest.raises(TypeError, match="need_input_grad must be True or False"):
        layer.backward(np.ones((2, 4)), need_input_grad="no")


# A backward pass belongs to the last forward pass ---------------------------------------------------


def two_convolutions(fused):
    rng = np.random.default_rng(0)
    return Sequential(
        Conv2d(1, 2, 3, rng=rng, dtype=np.float64), ReLU(), MaxPool2d(2),
        Conv2d(2, 2, 2, rng=rng, dtype=np.float64), Flatten(),
        Linear(8, 3, rng=rng, dtype=np.float64), ReLU(), Linear(3, 2, rng=rng, dtype=np.float64), fused=fused,
    )


def gradients_with(between, fused):
    """The gradients of a step, something else done between its forward and its backward pass."""
    model = two_convolutions(fused)
    x, other = np.random.default_rng(1).normal(size=(2, 5, 1, 8, 8))
    model(x)
    between(model, other)
    model.backward(np.ones((5, 2)))
    return {name: np.array(gradient) for name, gradient in model.gradients().items()}


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize("between", [
    lambda model, other: model.activations(other),
    lambda model, other: model[2:].activations(np.zeros((5, 2, 6, 6))),
    predict,
    lambda model, other: model.replica().forward(other),
])
def test_looking_inside_does_not_disturb_a_step(between, fused):
    expected = gradients_with(lambda model, other: None, fused)
    for name, gradient in gradients_with(between, fused).items():
        np.testing.assert_array_equal(gradient, expected[name])


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize("between", [
    lambda model, other: model[:4](other), lambda model, other: model[5](np.ones((5, 8))),
    lambda model, other: Sequential(*model.layers[5:])(np.ones((5, 8))),
])
def test_a_backward_that_belongs_to_another_forward_is_refused(between, fused):
    with pytest.raises(RuntimeError, match="has computed something else since this network's forward: call forward again"):
        gradients_with(between, fused)


def test_a_forward_that_fails_half_way_takes_the_last_one_with_it():
    model = Sequential(ReLU(), Linear(2, 1, rng=0))
    model(np.ones((3, 2)))
    with pytest.raises(ValueError, match="x must have 2 features"):
        model(np.ones((3, 5)))
    with pytest.raises(RuntimeError, match="call forward again"):
        model.backward(np.ones((3, 1)))


@pytest.mark.parametrize("make", [
    lambda shared: Sequential(Linear(2, 2, rng=0), shared, Linear(2, 2, rng=0), shared),
    lambda shared: Sequential(shared, Sequential(shared)),
    lambda shared: Sequential(Sequential(shared), Sequential(ReLU(), shared)),
])
@pytest.mark.parametrize("shared", [ReLU(), Linear(2, 2, rng=0)])
def test_one_object_in_two_places_is_refused(make, shared):
    with pytest.raises(ValueError, match=r"layers\[\d\].* must be a layer of its own, got the .* of layers\[\d\]"):
        make(shared)


# Another unit of the pixels -------------------------------------------------------------------------


@pytest.mark.parametrize("layer, images, message", [
    (Normalize(33.3, 78.6), np.full((2, 4, 4), 0.9), "far too small for Normalize.*divided by 255 already"),
    (Normalize(0.13, 0.31), np.full((2, 4, 4), 255, np.uint8), "far too large for Normalize.*images in 0 ... 1"),
])
def test_pixels_of_another_unit_are_said_once(layer, images, message):
    with pytest.warns(UserWarning, match=message):
        layer(images)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        layer(images)
        layer.replica()(images / 2)


@pytest.mark.parametrize("action, count", [("default", 3), ("module", 3), ("always", 3), ("ignore", 0), ("once", 1)])
def test_each_net_says_it_once_whoever_has_said_it_before(action, count):
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter(action)
        for _ in range(3):
            layer = Normalize(33.3, 78.6)
            layer(np.full((2, 4, 4), 0.9))
            layer(np.full((2, 4, 4), 0.9))
    assert len(said) == count
    assert all(warning.filename == fixed.__file__ for warning in said)


def test_whoever_makes_it_an_error_gets_one_each_time():
    layer = Normalize(33.3, 78.6)
    with warnings.catch_warnings():
        warnings.filterwarnings("error", module=r"cnnlib\.layers")
        for _ in range(2):
            with pytest.raises(UserWarning, match="far too small"):
                layer(np.full((2, 4, 4), 0.9))


def test_threads_that_see_it_at_once_say_it_once():
    layer, together = Normalize(33.3, 78.6), threading.Barrier(4)

    class Pixels(np.ndarray):
        def min(self, **options):  # each thread has looked whether it has been said, and is about to say it
            together.wait(timeout=60)
            return super().min(**options)

    images = np.full((2, 4, 4), 0.9).view(Pixels)
    with warnings.catch_warnings(record=True) as said, ThreadPoolExecutor(4) as pool:
        warnings.simplefilter("always")
        list(pool.map(lambda _: layer.replica()._warn_of_another_unit(images), range(4)))
    assert len(said) == 1


@pytest.mark.parametrize("images", [
    np.zeros((1, 4, 4), np.uint8), np.full((1, 4, 4), 9, np.uint8), np.full((1, 4, 4), 255.0),
    np.full((1, 4, 4), np.nan), np.full((1, 4, 4), -20.0),
])
@pytest.mark.filterwarnings("error")
def test_pixels_of_the_right_unit_are_left_alone(images):
    Normalize(33.3, 78.6)(images)


@pytest.mark.parametrize("make, name, shape", [
    (lambda: Linear(3, 2, rng=0), "weight", (2, 3)), (lambda: Linear(3, 2, rng=0), "bias", (2,)),
    (lambda: Conv2d(1, 6, 5, rng=0), "weight", (6, 1, 5, 5)), (lambda: BatchNorm2d(4), "bias", (4,)),
    (lambda: BatchNorm2d(4), "running_mean", (4,)), (lambda: Normalize(1, 2), "std", ()),
])
def test_another_array_takes_a_parameters_or_a_buffers_place_only_if_it_has_its_shape(make, name, shape):
    layer = make()
    before = getattr(layer, name)
    with pytest.raises(ValueError, match=re.escape(f"{name} of {layer!r} must have shape {shape}, got (3, 3)")):
        setattr(layer, name, np.zeros((3, 3)))
    for wrong in (None, 1.0, 0, before.tolist()):
        with pytest.raises(TypeError, match=re.escape(f"{name} of {layer!r} must be an array, got ")):
            setattr(layer, name, wrong)
    assert getattr(layer, name) is before
    setattr(layer, name, after := np.asarray(before + 1))
    assert {**layer.parameters(), **layer.buffers()}[name] is before  # its numbers are written into what others may hold
    np.testing.assert_array_equal(before, after)


def test_a_parameter_or_a_buffer_that_is_not_made_is_named():
    class Forgetful(Layer):
        parameter_names, buffer_names = ("factor",), ("mean",)

    with pytest.raises(AttributeError, match="Forgetful has made no factor"):
        Forgetful().parameters()
    with pytest.raises(AttributeError, match="Forgetful has made no mean"):
        Forgetful().buffers()


def test_a_buffer_of_ones_own_may_hold_any_numbers():
    class Counter(Centre):
        buffer_names = ("seen", "full")

        def __init__(self):
            self.seen, self.full = np.zeros((), int), np.zeros(1, bool)

        def forward(self, x):
            self.seen = self.seen + len(x)  # into the array that a replica shares
            self.full = np.array([len(x) > 15])
            return super().forward(x)

    counter = Counter()
    trained(counter, 1)
    assert (counter.seen, counter.full) == (128, True)
    with pytest.raises(TypeError, match="seen of Counter.. must be an array of numbers, got <U1"):
        counter.seen = np.array("a")


OPTIONS = {
    "p": (lambda: Dropout(0.5, rng=0), [(1.5, 1, -0.5, np.nan), (None, "x", True)]),
    "rng": (lambda: Dropout(0.5, rng=0), [(-1,), (None, 1.5)]),
    "momentum": (lambda: BatchNorm2d(2), [(np.nan, 2, -0.1), (None, "x")]),
    "eps": (lambda: BatchNorm2d(2), [(-5, 0, np.inf), (None, "x")]),
    "negative_slope": (lambda: LeakyReLU(0.1), [(np.nan,), (None, "x")]),
    "kernel_size": (lambda: MaxPool2d(2), [(0, (1, 2, 3)), (None, 1.5)]),
    "stride": (lambda: AvgPool2d(2), [(0, (1, 2, 3)), (None, 1.5)]),
    "padding": (lambda: MaxPool2d(2), [(-1, (1, 2, 3)), (None, "same")]),
    "stride of a convolution": (lambda: Conv2d(1, 2, 3, rng=0), [(0, (1, 2, 3)), (None, 1.5)]),
    "dilation of a convolution": (lambda: LocallyConnected2d(1, 2, 5, 3, rng=0), [(0, (1, 2, 3)), (None, 1.5)]),
    "padding of a convolution": (lambda: Conv2d(1, 2, 3, rng=0), [(-1, (1, 2, 3), "half"), (None, 1.5)]),
    "training": (lambda: Dropout(0.5, rng=0), [(), ("no", None, 1)]),
    "training of a net": (lambda: Sequential(ReLU()), [(), ("no", None, 1)]),
    "every": (lambda: Checkpoint("a.npz"), [(0,), (None, 1.5)]),
    "path": (lambda: Checkpoint("a.npz"), [("a.txt", "a" * 300 + ".npz"), (None, 3)]),
}


@pytest.mark.parametrize("option", OPTIONS)
def test_an_option_that_is_assigned_later_is_checked_as_the_constructor_does(option):
    make, wrong = OPTIONS[option]
    layer, name = make(), option.split()[0]
    before, shown = getattr(layer, name), repr(layer)
    for error, values in zip((ValueError, TypeError), wrong, strict=True):
        for value in values:
            with pytest.raises(error, match=rf"^{name}\S* must "):
                setattr(layer, name, value)
    assert getattr(layer, name) is before and repr(layer) == shown


def test_an_option_that_is_assigned_later_is_kept_as_the_constructor_keeps_it():
    layer, pool, drop = Conv2d(1, 2, 3, rng=0), MaxPool2d(2), Dropout(0.5, rng=0)
    layer.stride, layer.padding, pool.padding, drop.rng = 2, "full", [1, 0], 3
    assert repr(layer) == "Conv2d(1, 2, 3, stride=2, padding='full')" and pool.padding == (1, 0)
    assert layer(np.ones((1, 1, 4, 4))).shape == (1, 2, 3, 3)
    np.testing.assert_array_equal(drop(np.ones((2, 9))), Dropout(0.5, rng=3)(np.ones((2, 9))))


def test_a_layer_that_was_never_told_its_mode_is_in_training():
    assert from_the_documentation()(2).training and not from_the_documentation()(2).eval().replica().training


@pytest.mark.parametrize("wrong, error, message", [
    (np.array([["a"] * 3] * 2), TypeError, "weight of Linear(3, 2) must be an array of numbers, got <U1"),
    (np.ones((2, 3), complex), TypeError, "weight of Linear(3, 2) must be an array of numbers, got complex128"),
    (np.ma.ones((2, 3)), TypeError, "weight of Linear(3, 2) must be an array without a mask, got a masked array"),
    (np.ones((2, 3), bool), TypeError, "weight of Linear(3, 2) must be an array of numbers, got bool"),
])
def test_what_takes_a_parameters_place_holds_numbers(wrong, error, message):
    layer = Linear(3, 2, rng=0)
    before = layer.weight.copy()
    with pytest.raises(error, match=re.escape(message)):
        layer.weight = wrong
    np.testing.assert_array_equal(layer.weight, before)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("value", [
    np.arange(6).reshape(2, 3), np.arange(6.0).reshape(2, 3), np.broadcast_to(np.float32(3), (2, 3)), np.full((2, 3), 1e39),
])
def test_a_parameter_keeps_its_dtype_and_can_be_learned_whatever_is_assigned(value):
    """Integers, float64, what is read-only, and what float32 has no room for."""
    layer = Linear(3, 2, rng=0)
    layer.weight = value
    assert layer.weight.dtype == np.float32 and layer.weight.flags.writeable
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(layer.weight, value.astype(np.float32))
    layer.weight = np.zeros((2, 3))
    layer.weight *= 2  # which assigns the array itself
    layer.backward(np.ones_like(layer(np.ones((1, 3), np.float32))))
    SGD(layer, 1.0).step()
    np.testing.assert_array_equal(layer.weight, -np.ones((2, 3)))


@pytest.mark.parametrize("wrong", ["hello", np.zeros((4, 3)), np.zeros(2, np.float32)])
def test_a_layer_that_does_without_a_parameter_is_given_none_later(wrong):
    layer = Linear(3, 2, bias=False, rng=0)
    with pytest.raises(ValueError, match=r"bias of Linear\(3, 2, bias=False\) must stay None, as the layer was made, got "):
        layer.bias = wrong
    layer.bias = None
    assert sorted(layer.parameters()) == ["weight"]


def read_only():
    array = np.ones(3)
    array.flags.writeable = False
    return array


@pytest.mark.parametrize("made, error, message", [
    (np.ones(3, int), TypeError, "factor of Made must be an array of floating-point numbers, got int64"),
    ([1.0, 2.0], TypeError, r"factor of Made must be an array, got \[1.0, 2.0\]"),
    (np.ma.ones(3), TypeError, "factor of Made must be an array without a mask"),
    (read_only(), ValueError, "factor of Made must be writeable, got a read-only array"),
])
def test_a_layer_of_ones_own_makes_parameters_that_can_be_learned(made, error, message):
    class Made(Layer):
        parameter_names = ("factor",)

        def __init__(self):
            self.factor = made

        def __repr__(self):
            return f"Made({len(self.factor)})"  # of a layer that is not made yet there is none

    with pytest.raises(error, match=message):
        Made()
