"""The counter widget: its numbers against the layers of cnnlib and the lecture's own."""

import base64
from io import BytesIO

import matplotlib.image as mpimg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from traitlets import TraitError

from cnnlib import Conv2d, Flatten, Linear, LocallyConnected2d, MaxPool2d, Sequential, lenet5
from cnnlib.widgets import Counter
from cnnlib.widgets.counter import MOST_LAYERS, PRESETS, count_layers, format_bytes

FLATTEN = {"layer": "Flatten"}


def conv(**sizes):
    return {"layer": "Conv2d", "out_channels": 2, "kernel_size": 3, **sizes}


# The lecture's numbers


@pytest.mark.parametrize(
    "preset, weights, parameters, memory",
    [
        ("fully connected", 16_000_000_000, 16_000_400_000, "64.0 GB"),
        ("locally connected", 40_000_000, 40_400_000, "161.6 MB"),
        ("one shared filter", 100, 101, "404 B"),
        ("LeNet-5", 61_470, 61_706, "246.8 kB"),
        ("small MLP", 79_400, 79_510, "318.0 kB"),
    ],
)
def test_presets(preset, weights, parameters, memory):
    totals = Counter(preset).totals
    assert (totals["weights"], totals["parameters"]) == (weights, parameters)
    assert totals["parameter_bytes"] == 4 * parameters
    assert format_bytes(totals["parameter_bytes"]) == memory


def test_locally_connected_preset_has_the_lectures_units():
    *_, last = Counter("locally connected").rows
    channels, rows, columns = last["output_shape"]
    assert channels * rows * columns == 400_000


def test_lenet_agrees_with_the_model():
    cost = lenet5(rng=0).cost((28, 28))
    totals = Counter("LeNet-5").totals
    assert (totals["parameters"], totals["links"]) == (cost.parameters, cost.links)


# Against the layers themselves


def build(shape, layers):
    """The same net from cnnlib's layers, with the shape after each."""
    made, shapes = [], []
    for spec in layers:
        sizes = {name: value for name, value in spec.items() if name != "layer"}
        match spec["layer"]:
            case "Flatten":
                layer = Flatten()
            case "Linear":
                layer = Linear(shape[0], sizes["out_features"], rng=0)
            case "MaxPool2d":
                layer = MaxPool2d(**sizes)
            case "Conv2d":
                layer = Conv2d(shape[0], **sizes, rng=0)
            case "LocallyConnected2d":
                layer = LocallyConnected2d(shape[0], input_size=shape[1:], **sizes, rng=0)
        made.append(layer)
        shape = layer.output_shape(shape)
        shapes.append(list(shape))
    return made, shapes


sizes = st.fixed_dictionaries(
    {"out_channels": st.integers(1, 3), "kernel_size": st.integers(1, 3)},
    optional={"stride": st.integers(1, 2), "padding": st.integers(0, 2)},
)
windowed = st.one_of(
    sizes.map(lambda size: {"layer": "Conv2d", **size}),
    sizes.map(lambda size: {"layer": "LocallyConnected2d", **size}),
    st.integers(1, 2).map(lambda size: {"layer": "MaxPool2d", "kernel_size": size}),
    st.just({"layer": "Conv2d", "out_channels": 2, "kernel_size": 4, "padding": "same"}),
)
linear = st.integers(1, 5).map(lambda units: {"layer": "Linear", "out_features": units})
nets = st.tuples(st.lists(windowed, max_size=3), st.lists(linear, max_size=2)).map(
    lambda parts: [*parts[0], FLATTEN, *parts[1]]
)


@settings(max_examples=60, deadline=None)
@given(shape=st.tuples(st.integers(1, 3), st.integers(5, 9), st.integers(5, 9)), layers=nets)
def test_rows_agree_with_the_layers(shape, layers):
    rows, problem = count_layers(shape, layers)
    if problem:
        with pytest.raises(ValueError):
            build(shape, layers)
        return
    made, shapes = build(shape, layers)
    assert [row["output_shape"] for row in rows] == [list(shape), *shapes]
    for row, layer, before in zip(rows[1:], made, [shape, *shapes]):
        arrays = layer.parameters()
        assert row["weights"] == sum(array.size for name, array in arrays.items() if name == "weight")
        assert row["biases"] == sum(array.size for name, array in arrays.items() if name == "bias")
        assert row["parameter_bytes"] == sum(array.nbytes for array in arrays.values())
        assert row["links"] == layer.cost(tuple(before)).links
    total = Sequential(*made).cost(shape)
    assert (sum(row["parameters"] for row in rows), sum(row["links"] for row in rows)) == (total.parameters, total.links)


def test_multiply_adds_leave_the_biases_out():
    rows, _ = count_layers((3, 8, 8), [conv(padding=1)])
    assert rows[1]["multiply_adds"] == 2 * 8 * 8 * 3 * 3 * 3
    assert rows[1]["links"] - rows[1]["multiply_adds"] == 2 * 8 * 8  # one for each unit


def test_flatten_and_pooling_learn_nothing():
    rows, _ = count_layers((2, 4, 4), [{"layer": "MaxPool2d", "kernel_size": 2}, FLATTEN])
    assert [row["parameters"] + row["links"] for row in rows] == [0, 0, 0]
    assert [row["activation_bytes"] for row in rows] == [128, 32, 0]  # a flatten copies nothing


# What does not fit


@pytest.mark.parametrize(
    "layers, problem",
    [
        ([conv(kernel_size=5)], "layer 1 (convolution): a window of 5×5 does not fit into 4×4."),
        ([conv(), {"layer": "MaxPool2d", "kernel_size": 3}], "layer 2 (pooling): a window of 3×3 does not fit into 2×2."),
        (
            [{"layer": "Linear", "out_features": 3}],
            "layer 1 (fully connected): it needs one flat vector, and gets 1×4×4; put a flatten before it.",
        ),
        (
            [FLATTEN, conv()],
            "layer 2 (convolution): it needs rows and columns, and gets a flat vector of 16; move it before the flatten.",
        ),
        ([conv(padding="same", stride=2)], 'layer 1 (convolution): padding "same" needs stride 1, and the stride is 2.'),
        (
            [FLATTEN, *[{"layer": "Linear", "out_features": 10**8}] * 2],
            "layer 3 (fully connected): the counts pass 10¹⁵ here, which no machine holds.",
        ),
    ],
)
def test_misfit_is_explained(layers, problem):
    widget = Counter(input_shape=(1, 4, 4), layers=layers)
    assert (widget.problem, widget.totals) == (problem, {})
    assert widget.describe() == f"No total: {problem}"
    assert "does not fit" in repr(widget)
    assert len(widget.rows) == int(problem.split()[1])  # the input, and what stands before


def test_misfit_is_mended():
    widget = Counter(input_shape=(1, 4, 4), layers=[{"layer": "Linear", "out_features": 3}])
    widget.layers = [FLATTEN, *widget.layers]
    assert widget.problem == "" and widget.totals["parameters"] == 3 * 16 + 3


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"preset": "LeNet"}, "preset must be one of"),
        ({"input_shape": (28, 28)}, r"input_shape must be \(channels, rows, columns\), got \(28, 28\)"),
        ({"input_shape": (1, 28, 0)}, r"input_shape\[2\] must be an integer of at least 1, got 0"),
        ({"layers": "Flatten"}, "layers must be a list"),
        ({"layers": [FLATTEN] * (MOST_LAYERS + 1)}, f"layers must be a list of at most {MOST_LAYERS} layers, got 25"),
        ({"layers": [{"layer": "ReLU"}]}, r'layers\[0\] must be a dict with "layer" one of'),
        ({"layers": [FLATTEN, "Flatten"]}, r"layers\[1\] must be a dict"),
        ({"layers": [conv(dilation=2)]}, r"layers\[0\] must have no other sizes than .*, got 'dilation'"),
        ({"layers": [{"layer": "Linear"}]}, r'layers\[0\]\["out_features"\] must be an integer of at least 1, got None'),
        ({"layers": [conv(stride=0)]}, r'layers\[0\]\["stride"\] must be an integer of at least 1, got 0'),
        ({"layers": [conv(padding="full")]}, r'layers\[0\]\["padding"\] must be an integer of at least 0'),
        ({"layers": [conv(kernel_size=2.0)]}, r'layers\[0\]\["kernel_size"\] must be an integer'),
        ({"layers": [conv(out_channels=10**10)]}, r'layers\[0\]\["out_channels"\] must be an integer in 1\.\.1000000000'),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        Counter(**arguments)


def test_refused_change_leaves_the_net():
    widget = Counter("small MLP")
    with pytest.raises(TraitError):
        widget.layers = [{"layer": "Linear", "out_features": 0}]
    assert len(widget.layers) == 3 and widget.totals["parameters"] == 79_510


def test_arguments_are_not_changed():
    layers = [{"layer": "MaxPool2d", "kernel_size": 2}]
    assert Counter(layers=layers).layers == [{"layer": "MaxPool2d", "kernel_size": 2, "stride": 2}]
    assert layers == [{"layer": "MaxPool2d", "kernel_size": 2}]


# Words and the static picture


@pytest.mark.parametrize(
    "count, text",
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (1250, "1.3 kB"), (999_949, "999.9 kB"), (999_950, "1.0 MB"),
     (10**15, "1.0 PB"), (4 * 10**15, "4.0 PB")],
)
def test_format_bytes(count, text):
    assert format_bytes(count) == text


@pytest.mark.parametrize("preset", PRESETS)
def test_picture_says_each_row(preset):
    widget = Counter(preset)
    texts = [text.get_text() for text in widget.picture().axes[0].texts]
    for row in [*widget.rows, widget.totals]:
        assert f"{row['parameters']:,}" in texts and f"{row['multiply_adds']:,}" in texts
        assert format_bytes(row["activation_bytes"]) in texts
    assert f"{widget.rows[-1]['output_shape'][0]:,}" in "".join(texts)


def test_picture_of_a_misfit():
    widget = Counter(input_shape=(1, 4, 4), layers=[conv(kernel_size=9), FLATTEN])
    texts = [text.get_text() for text in widget.picture().axes[0].texts]
    assert widget.problem in texts and "–" in texts


def test_mimebundle_stands_for_the_widget():
    data, _ = Counter("one shared filter")._repr_mimebundle_()
    assert data["text/plain"].startswith("From 1×200×200 to 1×200×200 in 1 layer: 101 parameters")
    assert mpimg.imread(BytesIO(base64.b64decode(data["image/png"]))).std() > 0.02
