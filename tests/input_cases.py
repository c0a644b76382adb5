"""A valid call of every public function and class of the library, and what it should return.

`CASES` maps a name, "module.name", to a `Case`. tests/test_inputs.py calls each of them with good and
with hostile arguments; a new public name without a case fails there.
"""

from __future__ import annotations

import contextlib
import gzip
import importlib
import inspect
import pkgutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.special

import cnnlib
from cnnlib import (
    background,
    colours,
    comparison,
    conv,
    datasets,
    detection,
    drawings,
    evaluation,
    fused,
    gradcheck,
    kernels,
    layers,
    local,
    matrices,
    networks,
    optim,
    parallel,
    pictures,
    pooling,
    search,
    sequential,
    shapes,
    sliding,
    train,
    weights,
    words,
)
from cnnlib import functional as F
from strategies import Geometry, conv_by_loops

# Not the numeric core: these have hostile inputs in tests of their own.
ELSEWHERE = {
    "figures": "test_inputs_widgets.test_any_arguments_of_figures",
    "widgets": "test_inputs_widgets.test_any_value_for_every_trait",
    "showing": "test_showing.test_what_says_nothing_is_refused",
    "questions": "test_questions.test_what_is_no_question_is_refused",
    "checkpoints": "test_checkpoints.test_what_it_refuses",
    "exercises": "test_exercises.test_strange_objects_are_only_mistakes",
}


@dataclass(frozen=True)
class Case:
    """How a public name is called.

    Attributes
    ----------
    call : callable
        Takes the arguments by name.
    valid : callable
        Takes a generator, returns arguments that must be accepted.
    expected : callable, optional
        Takes the same arguments, as float64, and computes the result in another way.
    keep : tuple of str
        Arguments that are not replaced: what they may be is not for this test, such as a number of epochs.
    raises : tuple of type
        What may be raised besides TypeError and ValueError.
    """

    call: Callable
    valid: Callable
    expected: Callable | None = None
    keep: tuple = ()
    raises: tuple = ()


def public_names():
    """Every public function and class, as "module.name"."""
    for module in pkgutil.iter_modules(cnnlib.__path__):
        if module.name.startswith("_") or module.name in ELSEWHERE:
            continue
        for name, value in vars(importlib.import_module(f"cnnlib.{module.name}")).items():
            known = inspect.isfunction(value) or inspect.isclass(value)
            ours = known and f"{value.__module__}.".startswith(f"cnnlib.{module.name}.")  # a package's too
            if ours and not name.startswith("_"):
                yield f"{module.name}.{name}"


CASES = {}


def case(module, name, valid, expected=None, *, call=None, keep=(), raises=()):
    CASES[f"{module.__name__.split('.')[-1]}.{name}"] = Case(call or getattr(module, name), valid, expected, keep, raises)


def entered(manager):
    """Enter a context and leave it again."""
    with manager:
        return True


def floats(*shape):
    return lambda rng: rng.normal(size=shape)


def fixed(**arguments):
    """Arguments that are drawn where they are functions of a generator, and given as they are elsewhere."""
    return lambda rng: {
        name: value(rng) if getattr(value, "__name__", "") == "<lambda>" else value for name, value in arguments.items()
    }


# Convolution ------------------------------------------------------------------------------------------


def by_loops(arrays, flip, **options):
    """Cross-correlation or convolution of one array, by the formula."""
    image, kernel = arrays
    geometry = Geometry(image.shape, kernel.shape, *(two(options[name], image.ndim) for name in ("stride", "padding", "dilation")))
    if flip:
        kernel = kernel[(slice(None, None, -1),) * kernel.ndim]
    return conv_by_loops(image[None, None], kernel[None, None], None, geometry)[0, 0]


def two(value, ndim):
    return value if isinstance(value, str) else tuple(value) if isinstance(value, (tuple, list)) else (value,) * ndim


OPTIONS = {"stride": 1, "padding": 0, "dilation": 1}
for name, first, shape, kernel in (("cross_correlate1d", "signal", (7,), (3,)), ("convolve1d", "signal", (7,), (3,)),
                                   ("cross_correlate2d", "image", (5, 6), (2, 3)), ("convolve2d", "image", (5, 6), (3, 3))):
    flip = name.startswith("convolve")

    def expected(flip=flip, first=first, **given):
        if given["padding"] == "same" and flip and any(n % 2 == 0 for n in given["kernel"].shape):
            return None  # the odd zero is on the other side
        options = {key: given[key] for key in OPTIONS}
        return by_loops((given[first], given["kernel"]), flip, **options)

    case(conv, name, fixed(**{first: floats(*shape), "kernel": floats(*kernel)}, **OPTIONS, method="windows"), expected)


def layer_formula(x, weight, bias, **options):
    axes = x.ndim - 2
    geometry = Geometry(x.shape[2:], weight.shape[2:], *(two(options[key], axes) for key in ("stride", "padding", "dilation")))
    return conv_by_loops(x, weight, bias, geometry)


case(conv, "conv2d", fixed(x=floats(2, 2, 5, 6), weight=floats(3, 2, 2, 3), bias=floats(3), **OPTIONS, method="lines"),
     lambda method, **given: layer_formula(**given) if method == "lines" else None)
case(conv, "conv1d", fixed(x=floats(2, 2, 7), weight=floats(3, 2, 3), bias=floats(3), **OPTIONS), layer_formula)
case(conv, "conv2d_backward", fixed(
    grad_output=floats(2, 3, 4, 4), x=floats(2, 2, 5, 6), weight=floats(3, 2, 2, 3), **OPTIONS, need_input_grad=True))
case(conv, "conv1d_backward", fixed(
    grad_output=floats(2, 3, 5), x=floats(2, 2, 7), weight=floats(3, 2, 3), **OPTIONS, need_input_grad=True))
case(local, "locally_connected2d", fixed(
    x=floats(2, 1, 4, 4), weight=floats(3, 3, 2, 1, 2, 2), bias=floats(2, 3, 3), **OPTIONS))
case(local, "locally_connected2d_backward", fixed(
    grad_output=floats(2, 2, 3, 3), x=floats(2, 1, 4, 4), weight=floats(3, 3, 2, 1, 2, 2), **OPTIONS, need_input_grad=True))

# Pooling ----------------------------------------------------------------------------------------------

POOL = {"kernel_size": 2, "stride": 2, "padding": 0}


def pooled(of):
    def expected(x, kernel_size, stride, padding, dilation=1):
        kernel, pad, d = two(kernel_size, 2), two(padding, 2), two(dilation, 2)
        step = kernel if stride is None else two(stride, 2)
        border = -np.inf if of is np.max else 0
        padded = np.pad(x, [(0, 0), (0, 0), *((p, p) for p in pad)], constant_values=border)
        places = [(padded.shape[2 + a] - d[a] * (kernel[a] - 1) - 1) // step[a] + 1 for a in (0, 1)]
        y = np.empty((*x.shape[:2], *places))
        for i, j in np.ndindex(*places):
            window = padded[:, :, i * step[0] :, j * step[1] :]
            y[:, :, i, j] = of(window[:, :, : d[0] * kernel[0] : d[0], : d[1] * kernel[1] : d[1]], axis=(2, 3))
        return y
    return expected


case(pooling, "max_pool2d", fixed(x=floats(2, 2, 4, 5), **POOL, dilation=1), pooled(np.max))
case(pooling, "avg_pool2d", fixed(x=floats(2, 2, 4, 5), **POOL), pooled(np.mean))
case(pooling, "max_pool2d_backward", fixed(grad_output=floats(2, 2, 2, 2), x=floats(2, 2, 4, 5), **POOL, dilation=1))
case(pooling, "avg_pool2d_backward", fixed(grad_output=floats(2, 2, 2, 2), x=floats(2, 2, 4, 5), **POOL))
case(pooling, "checked_window", fixed(**POOL, dilation=1))

# Activations and losses -------------------------------------------------------------------------------

case(F, "relu", fixed(x=floats(3, 4)), lambda x: np.maximum(x, 0))
case(F, "leaky_relu", fixed(x=floats(3, 4), negative_slope=0.1), lambda x, negative_slope: np.where(x > 0, x, negative_slope * x))
case(F, "sigmoid", fixed(x=floats(3, 4)), lambda x: scipy.special.expit(x))  # noqa: PLW0108 (called by name)
case(F, "tanh", fixed(x=floats(3, 4)), lambda x: np.tanh(x))  # noqa: PLW0108
case(F, "relu_backward", fixed(grad_output=floats(3, 4), x=floats(3, 4)), lambda grad_output, x: np.where(x > 0, grad_output, 0))
case(F, "leaky_relu_backward", fixed(grad_output=floats(3, 4), x=floats(3, 4), negative_slope=0.1),
     lambda grad_output, x, negative_slope: np.where(x > 0, grad_output, negative_slope * grad_output))
case(F, "sigmoid_backward", fixed(grad_output=floats(3, 4), output=lambda rng: rng.random((3, 4))),
     lambda grad_output, output: grad_output * output * (1 - output))
case(F, "tanh_backward", fixed(grad_output=floats(3, 4), output=lambda rng: rng.random((3, 4))),
     lambda grad_output, output: grad_output * (1 - output * output))
case(F, "softmax", fixed(logits=floats(3, 4)), lambda logits: finite(scipy.special.softmax, logits))
case(F, "softmax_cross_entropy", fixed(logits=floats(3, 4), labels=lambda rng: rng.integers(0, 4, 3)), lambda logits, labels: finite(
    lambda z: -scipy.special.log_softmax(z, axis=1)[np.arange(len(z)), np.asarray(labels)].mean(), logits))
case(F, "logistic_loss", fixed(logits=floats(5), targets=lambda rng: rng.random(5)), lambda logits, targets: finite(
    lambda z: -np.mean(targets * scipy.special.log_expit(z) + (1 - targets) * scipy.special.log_expit(-z)), logits))
case(F, "squared_error", fixed(outputs=floats(3, 4), targets=floats(3, 4)), lambda outputs, targets: np.mean((outputs - targets) ** 2))


def finite(function, x):
    """SciPy's value, where infinities do not turn it into NaN; the limits have a test of their own."""
    if not np.isfinite(x).all():
        return None
    return function(x) if x.ndim < 2 or function is not scipy.special.softmax else function(x, axis=1)


# Kernels, sizes, matrices -----------------------------------------------------------------------------

for name in ("identity", "box_blur"):
    case(kernels, name, fixed(size=3))
for name in ("edges_diagonal", "laplacian", "edges_all_round", "sharpen", "gaussian_blur", "sobel_x", "sobel_y", "emboss"):
    case(kernels, name, fixed())
for name in ("gaussian", "laplacian_of_gaussian"):
    case(kernels, name, fixed(sigma=1.0, size=5))

case(shapes, "resolve_padding", fixed(padding=1, kernel_size=3, dilation=1, stride=1))
case(shapes, "resolve_padding2d", fixed(padding=1, kernel_size=(3, 3), dilation=(1, 1), stride=(1, 1)))
case(shapes, "options_1d_as_2d", fixed(stride=1, padding=1, dilation=1))
case(shapes, "output_size", fixed(input_size=7, kernel_size=3, **OPTIONS))
case(shapes, "output_shape2d", fixed(input_shape=(7, 8), kernel_size=3, **OPTIONS))
case(shapes, "ReceptiveField", fixed(size=3, jump=1, start=0, kernel_size=3, stride=1, padding=0, dilation=1, unit=2),
     call=lambda size, jump, start, unit, **options: shapes.ReceptiveField(size, jump, start).through(**options).span(unit))
case(shapes, "Cost", fixed(parameters=3, links=4))
case(shapes, "linear_cost", fixed(in_features=3, out_features=4, bias=True))
case(shapes, "conv2d_cost", fixed(in_channels=1, out_channels=2, kernel_size=3, output_shape=(4, 4), bias=True, shared=True))
case(shapes, "fully_connected_parameters", fixed(widths=[3, 4, 2], bias=True))

case(matrices, "weight_index", fixed(n=5, kernel_size=3, kind="shared"))
case(matrices, "conv1d_index", fixed(n=5, kernel_size=3, **OPTIONS))
case(matrices, "conv2d_index", fixed(input_shape=(1, 3, 4), weight_shape=(2, 1, 2, 2), **OPTIONS))
INDEX = lambda rng: matrices.weight_index(4, 3, "shared")  # noqa: E731
case(matrices, "parameter_count", fixed(index=INDEX))
case(matrices, "weight_matrix", fixed(index=INDEX, weight=floats(3)))
case(matrices, "tie_gradient", fixed(index=INDEX, grad_matrix=floats(4, 4), weight_shape=(3,)))

# Layers and nets --------------------------------------------------------------------------------------


def through(make):
    """Make a layer, and send a batch through it and back."""
    def call(x, grad_output=None, input_shape=None, **options):
        layer = make(**options)
        y = layer.forward(x)
        grad_x = layer.backward(np.ones_like(y) if grad_output is None else grad_output)
        if input_shape is not None:
            layer.output_shape(input_shape)
            layer.cost(input_shape)
        return (y, grad_x, *layer.gradients().values())
    return call


IMAGES, ROWS = floats(2, 2, 5, 6), floats(3, 4)
LOCAL = {"in_channels": 2, "out_channels": 3, "kernel_size": 2, **OPTIONS, "bias": True, "rng": 0, "dtype": np.float64}
for layer, arguments in {
    layers.Linear: {"in_features": 4, "out_features": 2, "bias": True, "rng": 0, "dtype": np.float64, "x": ROWS,
                    "grad_output": floats(3, 2), "input_shape": (4,)},
    layers.Conv2d: {**LOCAL, "x": IMAGES, "grad_output": floats(2, 3, 4, 5), "input_shape": (2, 5, 6)},
    layers.LocallyConnected2d: {**LOCAL, "input_size": (5, 6), "x": IMAGES, "grad_output": floats(2, 3, 4, 5),
                                "input_shape": (2, 5, 6)},
    layers.UnitBias: {"shape": (2, 5, 6), "dtype": np.float64, "x": IMAGES, "grad_output": IMAGES, "input_shape": (2, 5, 6)},
    layers.BatchNorm2d: {"num_features": 2, "eps": 1e-5, "momentum": 0.1, "dtype": np.float64, "x": IMAGES,
                         "grad_output": IMAGES, "input_shape": (2, 5, 6)},
    layers.MaxPool2d: {**POOL, "x": IMAGES, "grad_output": floats(2, 2, 2, 3), "input_shape": (2, 5, 6)},
    layers.AvgPool2d: {**POOL, "x": IMAGES, "grad_output": floats(2, 2, 2, 3), "input_shape": (2, 5, 6)},
    layers.ReLU: {"x": ROWS, "grad_output": ROWS, "input_shape": (4,)},
    layers.LeakyReLU: {"negative_slope": 0.1, "x": ROWS, "grad_output": ROWS, "input_shape": (4,)},
    layers.Sigmoid: {"x": ROWS, "grad_output": ROWS, "input_shape": (4,)},
    layers.Tanh: {"x": ROWS, "grad_output": ROWS, "input_shape": (4,)},
    layers.Flatten: {"x": IMAGES, "grad_output": floats(2, 60), "input_shape": (2, 5, 6)},
    layers.Dropout: {"p": 0.5, "rng": 0, "x": ROWS, "grad_output": ROWS, "input_shape": (4,)},
    layers.Normalize: {"mean": 0.1, "std": 1.5, "dtype": np.float64, "x": floats(2, 5, 6), "grad_output": floats(2, 1, 5, 6),
                       "input_shape": (5, 6)},
}.items():
    case(layers, layer.__name__, fixed(**arguments), call=through(layer))


def net(dtype=np.float64):
    rng = np.random.default_rng(0)
    return sequential.Sequential(
        layers.Conv2d(1, 2, 3, rng=rng, dtype=dtype), layers.ReLU(), layers.MaxPool2d(2), layers.Flatten(),
        layers.Linear(8, 3, rng=rng, dtype=dtype),
    )


PATCHES, CLASSES = floats(4, 1, 6, 6), lambda rng: rng.integers(0, 3, 4)
case(layers, "Layer", fixed(), keep=())
case(sequential, "Sequential", fixed(first=lambda rng: layers.Linear(4, 3, rng=0, dtype=np.float64), fused=True, x=ROWS,
                                     grad_output=floats(3, 3), input_shape=(4,)),
     call=through(lambda first, fused: sequential.Sequential(first, layers.ReLU(), fused=fused)))
case(fused, "fuse", fixed(layers=lambda rng: list(net().layers)))
case(fused, "ConvReLUMaxPool", fixed(x=PATCHES, grad_output=floats(4, 2, 2, 2)), call=through(
    lambda: fused.ConvReLUMaxPool(layers.Conv2d(1, 2, 3, rng=0, dtype=np.float64), layers.ReLU(), layers.MaxPool2d(2))))
case(networks, "lenet5", fixed(rng=0, dtype=np.float32))
case(networks, "lecun1989", fixed(net=3, rng=0, dtype=np.float32))
case(networks, "load_lenet5", fixed(folder=None, dtype=np.float32), raises=(OSError,))
case(sliding, "fully_convolutional", fixed(model=lambda rng: net(), input_shape=(1, 6, 6)))


def stored(save):
    def call(model, path="w.npz"):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, path) if isinstance(path, str) else path
            weights.save_weights(model if save else net(), path)
            if not save:
                weights.load_weights(model, path)
    return call


case(weights, "save_weights", fixed(model=lambda rng: net(), path="w.npz"), call=stored(True), raises=(OSError,))
case(weights, "load_weights", fixed(model=lambda rng: net(), path="w.npz"), call=stored(False), raises=(OSError,))

# Gradient check, detection ----------------------------------------------------------------------------

POINT = floats(3)
case(gradcheck, "numerical_gradient", fixed(function=np.sum, x=POINT, epsilon=1e-6), lambda function, x, epsilon: np.ones_like(x))
case(gradcheck, "check_gradient", fixed(
    name="sum", function=np.sum, x=POINT, gradient=np.ones(3), epsilon=1e-6, tolerance=1e-6), keep=("name",), raises=(AssertionError,))
case(gradcheck, "check_layer", fixed(
    layer=lambda rng: layers.Linear(4, 2, rng=0, dtype=np.float64), x=ROWS, rng=0, tolerance=1e-6),
    raises=(AssertionError,))


def mean_of_four(x):
    return F.relu(conv.conv2d(x, np.full((1, 1, 2, 2), 0.25, np.float32)))


BOXES = lambda rng: np.column_stack([rng.uniform(0, 9, (6, 2)), rng.uniform(1, 5, (6, 2))])  # noqa: E731
LEVELS = lambda rng: detection.scan(mean_of_four, rng.random((5, 6)), (2, 4), patch=2, stride=1)  # noqa: E731
case(detection, "Level", fixed(side=4.0, patch=2, stride=1, picture=floats(3, 3), scores=floats(2, 2)), keep=(
    "side", "patch", "stride"))  # what `scan` returns
case(detection, "scan", fixed(model=mean_of_four, picture=lambda rng: rng.random((5, 6)), sides=(2, 4), patch=2, stride=1))
case(detection, "rescan", fixed(model=mean_of_four, levels=LEVELS))
case(detection, "boxes_above", fixed(levels=LEVELS, threshold=0.1))
case(detection, "intersection_over_union", fixed(boxes=BOXES, box=lambda rng: rng.uniform(1, 5, 4)))
case(detection, "non_max_suppression", fixed(boxes=BOXES, iou_threshold=0.3))
case(detection, "voted", fixed(boxes=BOXES, votes=1, iou_threshold=0.5))

# Training, data, search: results and records take what the library gives them ---------------------------


def trained(**options):
    model = net()
    optimizer = optim.SGD(model, 0.01)
    return train.fit(model, **options, optimizer=optimizer, progress=False)


def first_step(**options):
    model = net()
    with contextlib.closing(train.Run(model, **options, optimizer=optim.SGD(model, 0.01)).training()) as training:
        next(training)


TRAINING = {"images": PATCHES, "labels": CLASSES, "rng": 0, "batch_size": 2, "threads": 1}
case(train, "fit", fixed(**TRAINING, epochs=1), call=trained, keep=("epochs",))
case(train, "Run", fixed(**TRAINING, epochs=1), call=first_step)
case(train, "deferred_interrupt", fixed(), call=lambda: entered(train.deferred_interrupt()))
case(optim, "scheduled_rate", fixed(schedule=optim.CosineDecay(0.1), step=3, steps=10))
case(evaluation, "checked_examples", fixed(images=PATCHES, labels=CLASSES, names=("images", "labels")), keep=("names",))
case(evaluation, "mean_accuracy", fixed(outputs=ROWS, labels=lambda rng: rng.integers(0, 4, 3)))
case(background, "Training", fixed(images=PATCHES, labels=CLASSES, rng=0, batch_size=2), call=lambda **options: (
    lambda model: background.Training(model, **options, optimizer=optim.SGD(model, 0.01)).state)(net()))
case(evaluation, "evaluate", fixed(model=lambda rng: net(), images=PATCHES, labels=CLASSES, threads=1, loss=F.softmax_cross_entropy))
case(evaluation, "predict", fixed(model=lambda rng: net(), images=PATCHES, threads=1))
case(evaluation, "checked_loss", fixed(loss=F.softmax_cross_entropy, outputs=ROWS, labels=lambda rng: rng.integers(0, 4, 3)),
     keep=("outputs", "labels"))  # the loss looks at them
case(evaluation, "confusion_matrix", fixed(
    labels=lambda rng: rng.integers(0, 3, 9), predictions=lambda rng: rng.integers(0, 3, 9), num_classes=3))
case(evaluation, "Evaluation", fixed(loss=0.1, accuracy=0.5, outputs=ROWS), keep=("loss", "accuracy", "outputs"))
case(train, "History", fixed())
case(optim, "SGD", fixed(model=lambda rng: net(), learning_rate=0.1, momentum=0.9, weight_decay=0.0))
RATE = {"step": 3, "steps": 10}
for name, arguments in (("StepDecay", {"peak": 0.1, "factor": 0.1, "times": 2}),
                        ("ExponentialDecay", {"peak": 0.1, "final": 0.01}),
                        ("CosineDecay", {"peak": 0.1, "final": 0.0, "warmup": 0.1})):
    case(optim, name, fixed(**arguments, **RATE),
         call=lambda step, steps, name=name, **given: getattr(optim, name)(**given)(step, steps))

case(datasets, "batches", fixed(count=10, batch_size=3, rng=0), call=lambda **given: next(iter(datasets.batches(**given))))
case(datasets, "RandomAffine", fixed(shift=1.0, rotation=5.0, scale=0.1, shear=1.0, images=lambda rng: rng.random((2, 8, 8)), rng=0),
     call=lambda images, rng, **given: datasets.RandomAffine(**given)(images, rng))
for name in ("load_mnist", "load_mnist_test", "load_fashion_mnist"):
    case(datasets, name, fixed(), call=lambda folder=None, name=name: getattr(datasets, name)(folder), raises=(OSError,))
case(datasets, "load_photograph", fixed(name="coins"))
case(datasets, "registered", fixed(name="lenet5_mnist.npz"), raises=(OSError, KeyError))
case(datasets, "parse_idx", fixed(content=gzip.compress(b"\0\0\x08\x01\0\0\0\x02\x01\x02"), name="content"), keep=("name",))
case(datasets, "load_long_run", fixed(lecture="11", folder=None), raises=(OSError,))
case(datasets, "Split", fixed(images=ROWS, labels=ROWS), keep=("images", "labels"))
case(datasets, "Dataset", fixed(train=None, test=None, classes=()), keep=("train", "test", "classes"))

case(parallel, "thread_count", fixed(threads=2))
case(parallel, "limit_threads", fixed(count=2), call=lambda count: entered(parallel.limit_threads(count)))
case(parallel, "thread_map", fixed(work=abs, parts=[1, -2]), keep=("parts",))  # what abs makes of them
case(parallel, "one_blas_thread", fixed(), call=lambda: entered(parallel.one_blas_thread()))
case(parallel, "Replicas", fixed(model=lambda rng: net(), threads=1), keep=("threads",))  # as many networks, and nobody is asked for more than a batch has images


def constant(setting, rng):
    return 1.0


SPACE = {"rate": search.LogUniform(0.01, 1), "width": [1, 2, 3]}
case(search, "Uniform", fixed(low=0.0, high=1.0))
case(search, "LogUniform", fixed(low=0.1, high=1.0))
case(search, "Trial", fixed(number=1, setting={}, score=0.0), keep=("number", "setting", "score"))
case(search, "draw_setting", fixed(space=SPACE, rng=lambda rng: rng))
case(search, "random_search", fixed(objective=constant, space=SPACE, trials=2, seed=0, n_jobs=1),
     keep=("trials", "n_jobs"))  # hostile ones in tests/test_search.py: many trials take long, and a job is a process

# Words, colours, pictures -------------------------------------------------------------------------------


class Follower:
    """What is told of another language."""

    def tell(self, **state):
        self.state = state


def meanwhile(code):
    try:
        words.language(code)
    finally:
        words.language(None)


case(words, "language", fixed(code="de"), call=meanwhile)
case(words, "follow", fixed(widget=lambda rng: Follower()))
case(words, "table", fixed(code="fr"))
case(words, "plural", fixed(code="es", count=2))
case(words, "t", fixed(key="shared.weights", count=3), call=lambda key, count: words.t(key, count=count))
case(words, "known_name", fixed(start="pattern_detector.name_", name="edge"))
case(words, "grouped", fixed(number=100))
case(words, "percent", fixed(share=0.5, brief=False))
case(words, "belief", fixed(probability=0.5, brief=False))
case(words, "in_each", fixed(say=str))

case(colours, "format_number", fixed(value=1.5))
case(colours, "text_scale", fixed(texts=["1", "22"], most=0.3))
case(colours, "mix", fixed(first="#102030", second="#ffffff", share=0.5))
case(colours, "contrast", fixed(first="#102030", second="#ffffff"))
case(colours, "readable", fixed(fill="#ffffff", theme="light"))
case(colours, "shade", fixed(value=1.5, largest=3.0, role="input", theme="light", focus=True))
case(colours, "shades", fixed(values=floats(2, 3), largest=3.0, role="input", focus=lambda rng: rng.random((2, 3)) < 0.5))
case(colours, "strongest", fixed(values=floats(2, 3)), lambda values: np.abs(values[np.isfinite(values)]).max(initial=0))
case(colours, "scale_end", fixed(output=floats(2, 3)))
case(colours, "signed_pixels", fixed(output=floats(2, 3), end=2.0))
case(colours, "grey_pixels", fixed(output=floats(2, 3)))
case(pictures, "read_grey", fixed(source=lambda rng: rng.random((5, 6)), name="source"), keep=("name",))
case(drawings, "draw_digits", fixed(digits=lambda rng: rng.integers(0, 10, 3), rng=0, jitter=0.6, shape=(8, 7)))

case(comparison, "estimate", fixed(values=floats(5)))
case(comparison, "compare", fixed(pairs=lambda rng: {"a": rng.normal(size=(2, 5))}))
case(comparison, "holm", fixed(probabilities=[0.01, 0.2]))
case(comparison, "Estimate", fixed(mean=0.0, spread=1.0, half=0.5, count=3), keep=("mean", "spread", "half", "count"))
case(comparison, "Comparison", fixed(difference=None, p=0.1, corrected=0.1, together=1), keep=(
    "difference", "p", "corrected", "together"))
