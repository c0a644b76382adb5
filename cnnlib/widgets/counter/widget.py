"""Build a net from layers and see what it costs: parameters, links, memory, multiply-adds."""

import math

from traitlets import Dict, List, Unicode, observe

from cnnlib import figures
from cnnlib.shapes import conv2d_cost, linear_cost, output_shape2d
from cnnlib.widgets.base import TeachingWidget
from cnnlib.widgets.traits import Checked, choice, whole
from cnnlib.words import grouped, t

MOST_LAYERS = 24
MOST_SIDE = 10**9  # of any one size
MOST = 10**15  # beyond it a count is refused: no machine holds it, and JavaScript would round it
BYTES = 4  # of a float32
DECADES = 12  # of ten, where the bars end
COUNTS = ("weights", "biases", "parameters", "links", "multiply_adds", "parameter_bytes", "activation_bytes")

# What each layer takes, as the layers of cnnlib call it, with its default; None must be given.
_WINDOWED = {"out_channels": None, "kernel_size": None, "stride": 1, "padding": 0}
FIELDS = {
    "Conv2d": _WINDOWED,
    "LocallyConnected2d": _WINDOWED,
    "MaxPool2d": {"kernel_size": None, "stride": None},
    "Flatten": {},
    "Linear": {"out_features": None},
}

# The 400,000 units of the lecture are 10 units for each of the 200×200 pixels.
PRESETS = {
    "fully connected": ((1, 200, 200), ({"layer": "Flatten"}, {"layer": "Linear", "out_features": 400_000})),
    "locally connected": (
        (1, 200, 200),
        ({"layer": "LocallyConnected2d", "out_channels": 10, "kernel_size": 10, "padding": "same"},),
    ),
    "one shared filter": (
        (1, 200, 200),
        ({"layer": "Conv2d", "out_channels": 1, "kernel_size": 10, "padding": "same"},),
    ),
    "LeNet-5": (
        (1, 28, 28),
        (
            {"layer": "Conv2d", "out_channels": 6, "kernel_size": 5, "padding": 2},
            {"layer": "MaxPool2d", "kernel_size": 2},
            {"layer": "Conv2d", "out_channels": 16, "kernel_size": 5},
            {"layer": "MaxPool2d", "kernel_size": 2},
            {"layer": "Flatten"},
            *({"layer": "Linear", "out_features": width} for width in (120, 84, 10)),
        ),
    ),
    "small MLP": (
        (1, 28, 28),
        ({"layer": "Flatten"}, *({"layer": "Linear", "out_features": width} for width in (100, 10))),
    ),
}


def count_layers(input_shape, layers):
    """Return what each layer costs, from the input on, and why there is no more where one cannot work.

    Parameters
    ----------
    input_shape : (int, int, int)
        ``(channels, rows, columns)`` of one image.
    layers : list of dict
        Each with the class of `cnnlib.layers` under ``"layer"`` and its sizes.

    Returns
    -------
    rows : list of dict
        The input and each layer that fits: ``layer``, ``output_shape`` and, for one image, the
        numbers that `COUNTS` names. Memory is in bytes of float32. A bias is a parameter and a
        link for each unit it feeds, but no multiply-add; pooling compares and multiplies nothing;
        a flatten shares its memory with what it flattens.
    problem : str
        Empty, or a line that says which layer does not fit, and why.

    Examples
    --------
    >>> rows, problem = count_layers((1, 2, 2), [{"layer": "Flatten"}, {"layer": "Linear", "out_features": 3}])
    >>> rows[-1]["weights"], rows[-1]["biases"], rows[-1]["links"], rows[-1]["parameter_bytes"], problem
    (12, 3, 15, 60, '')
    """
    rows, problem = [], ""
    shape = tuple(input_shape)
    sums = dict.fromkeys(COUNTS, 0)
    for number, layer in enumerate([{"layer": "Input"}, *(_complete(layer) for layer in layers)]):
        kind = layer["layer"]
        problem = _misfit(shape, layer)
        if not problem:
            row = _count_one(shape, layer)
            shape = tuple(row["output_shape"])
            sums = {name: sums[name] + row[name] for name in COUNTS}
            if max(sums.values()) > MOST:
                problem = t("counter.misfit_counts")
        if problem and number:
            return rows, t("counter.problem", number=number, kind=t(f"counter.kind_{kind}"), why=problem)
        if problem:
            return rows, t("counter.problem_input", why=problem)
        rows.append(row)
    return rows, ""


def _misfit(shape, layer):
    """Say why `layer` cannot take an input of `shape`; nothing where it can."""
    flat = len(shape) == 1
    if layer["layer"] == "Linear" and not flat:
        return t("counter.misfit_flat", shape=_times(shape))
    if "kernel_size" not in layer:
        return ""
    if flat:
        return t("counter.misfit_rows", size=grouped(shape[0]))
    padding, size, stride = layer.get("padding", 0), layer["kernel_size"], layer["stride"]
    if padding == "same":
        return t("counter.misfit_same", stride=stride) if stride > 1 else ""
    room = [side + 2 * padding for side in shape[1:]]
    if size > min(room):
        return t("counter.misfit_window", window=f"{size}×{size}", room=_times(room))
    return ""


def _count_one(shape, layer):
    kind = layer["layer"]
    costs = []  # with biases, without
    if kind == "Linear":
        costs = [linear_cost(shape[0], layer["out_features"], bias) for bias in (True, False)]
        shape = (layer["out_features"],)
    elif kind == "MaxPool2d":
        shape = (shape[0], *output_shape2d(shape[1:], layer["kernel_size"], layer["stride"]))
    elif kind == "Flatten":
        shape = (math.prod(shape),)
    elif kind != "Input":
        size, channels = layer["kernel_size"], layer["out_channels"]
        sides = output_shape2d(shape[1:], size, layer["stride"], layer["padding"])
        costs = [conv2d_cost(shape[0], channels, size, sides, bias, kind == "Conv2d") for bias in (True, False)]
        shape = (channels, *sides)
    both, bare = ((cost.parameters, cost.links) for cost in costs) if costs else ((0, 0), (0, 0))
    return {
        "layer": kind,
        "output_shape": list(shape),
        "weights": bare[0],
        "biases": both[0] - bare[0],
        "parameters": both[0],
        "links": both[1],
        "multiply_adds": bare[1],
        "parameter_bytes": BYTES * both[0],
        "activation_bytes": 0 if kind == "Flatten" else BYTES * math.prod(shape),
    }


def _complete(layer):
    """Return `layer` with the sizes that it leaves to their defaults."""
    full = {"layer": layer["layer"], **FIELDS.get(layer["layer"], {}), **layer}
    if full["layer"] == "MaxPool2d" and full["stride"] is None:
        full["stride"] = full["kernel_size"]
    return full


def _checked_shape(name, value):
    if not isinstance(value, (tuple, list)) or len(value) != 3:
        raise TypeError(f"{name} must be (channels, rows, columns), got {value!r:.80}")
    return [whole(f"{name}[{axis}]", side, 1, MOST_SIDE) for axis, side in enumerate(value)]


def _checked_layers(name, value):
    if not isinstance(value, (tuple, list)) or len(value) > MOST_LAYERS:
        got = f"{len(value)}" if isinstance(value, (tuple, list)) else f"{value!r:.80}"
        raise ValueError(f"{name} must be a list of at most {MOST_LAYERS} layers, got {got}")
    return [_checked_layer(f"{name}[{place}]", layer) for place, layer in enumerate(value)]


def _checked_layer(name, value):
    if not isinstance(value, dict) or not isinstance(value.get("layer"), str) or value["layer"] not in FIELDS:
        raise ValueError(f'{name} must be a dict with "layer" one of {", ".join(FIELDS)}, got {value!r:.80}')
    kind = value["layer"]
    unknown = value.keys() - {"layer", *FIELDS[kind]}
    if unknown:
        raise ValueError(
            f"{name} must have no other sizes than {', '.join(FIELDS[kind]) or 'none'}, got {min(map(str, unknown))!r}"
        )
    layer = _complete(value)
    for field in FIELDS[kind]:
        if field == "padding" and isinstance(layer[field], str) and layer[field] == "same":
            continue
        layer[field] = whole(f'{name}["{field}"]', layer[field], 0 if field == "padding" else 1, MOST_SIDE)
    return layer


class Counter(TeachingWidget):
    """A net that you build layer by layer, and what each layer costs.

    Parameters
    ----------
    preset : str, default "LeNet-5"
        One of `PRESETS`: the lecture's 200×200 image ("fully connected", "locally connected",
        "one shared filter"), "LeNet-5" or "small MLP".
    input_shape : (int, int, int), optional
        ``(channels, rows, columns)`` of the input; default: the preset's.
    layers : list of dict, optional
        Each names its class and sizes as `cnnlib.layers` does; default: the preset's. ::

            {"layer": "Conv2d", "out_channels": 6, "kernel_size": 5, "stride": 1, "padding": 2}
            {"layer": "LocallyConnected2d", ...the same...}     # padding: a number or "same"
            {"layer": "MaxPool2d", "kernel_size": 2, "stride": 2}
            {"layer": "Flatten"}
            {"layer": "Linear", "out_features": 10}

    Attributes
    ----------
    rows : list of dict
        What the input and each layer cost, as `count_layers` returns it; read only.
    totals : dict
        Their sums; empty while a layer does not fit; read only.
    problem : str
        Which layer does not fit and why, or empty; read only.

    Raises
    ------
    ValueError
        If there is no such preset, or a layer lacks a size or has one that is no whole number in
        range. Layers that do not fit each other are no error: `problem` explains them.

    Examples
    --------
    >>> Counter("fully connected")
    Counter(input 1×200×200, 2 layers, 16,000,400,000 parameters)
    >>> Counter("fully connected").totals["weights"]
    16000000000
    >>> Counter(input_shape=(1, 4, 4), layers=[{"layer": "MaxPool2d", "kernel_size": 5}]).problem
    'layer 1 (pooling): a window of 5×5 does not fit into 4×4.'
    """

    _root = "cnn-counter"

    input_shape = Checked(_checked_shape).tag(sync=True)
    layers = Checked(_checked_layers).tag(sync=True)
    presets = List(read_only=True).tag(sync=True)
    rows = List(read_only=True)
    totals = Dict(read_only=True)
    problem = Unicode(read_only=True)

    def __init__(self, preset="LeNet-5", *, input_shape=None, layers=None, **traits):
        shape, net = PRESETS[choice("preset", preset, tuple(PRESETS))]
        self.set_trait("presets", [
            {"name": name, "input_shape": list(shape), "layers": _checked_layers("layers", net)}
            for name, (shape, net) in PRESETS.items()
        ])
        super().__init__(
            input_shape=shape if input_shape is None else input_shape,
            layers=net if layers is None else layers,
            **traits,
        )

    @observe("input_shape", "layers")
    def _count(self, change):
        if self.input_shape is None or self.layers is None:
            return  # the other one is still to come
        rows, problem = count_layers(self.input_shape, self.layers)
        totals = {} if problem else {name: sum(row[name] for row in rows) for name in COUNTS}
        self.set_trait("rows", rows)
        self.set_trait("totals", totals)
        self.set_trait("problem", problem)

    def __repr__(self):
        many = f"{self.totals['parameters']:,} parameters" if self.totals else "does not fit together"
        shape, count = "×".join(f"{side:,}" for side in self.input_shape), len(self.layers)
        return f"Counter(input {shape}, {count} layer{'s' * (count != 1)}, {many})"

    def describe(self):
        """Return what the picture says, as one line of text.

        Examples
        --------
        >>> Counter("one shared filter").describe()
        'From 1×200×200 to 1×200×200 in 1 layer: 101 parameters (100 weights + 1 bias), 404 B in float32; \
4,040,000 links, of them 4,000,000 multiply-adds; activations of one image take 320.0 kB.'
        """
        if self.problem:
            return t("counter.no_total", problem=self._problem())
        counts = {
            name: _many(f"counter.{name}", self.totals[name])
            for name in ("parameters", "weights", "biases", "links", "multiply_adds")
        }
        return t(
            "counter.says", input=_times(self.input_shape), output=_times(self.rows[-1]["output_shape"]),
            layers=_many("counter.layers", len(self.layers)), memory=format_bytes(self.totals["parameter_bytes"]),
            gibibytes=_binary(self.totals["parameter_bytes"]),
            activations=format_bytes(self.totals["activation_bytes"]), **counts,
        )

    def _problem(self):
        """`problem` in the language of now."""
        return count_layers(self.input_shape, self.layers)[1]

    def picture(self):
        """Return the widget as it stands, as a `matplotlib.figure.Figure`."""
        colors = figures.PALETTE["light"]
        lines = [
            (t("counter.whole"), _times(self.input_shape), self.totals),
            (t("counter.input"), "", self.rows[0] if self.rows else {}),
        ]
        for number, layer in enumerate(self.layers, 1):
            row = self.rows[number] if number < len(self.rows) else {}
            kind = layer["layer"]
            lines.append((f"{number}  {t(f'counter.kind_{kind}')}", _sizes(layer), row))
        width, pitch, top = 25.5, 1.6, 1.5
        height = top + pitch * len(lines) + 0.9
        figure, ax = figures.canvas(width, height, unit=0.4)
        small, normal = figures.points(ax, 0.38), figures.points(ax, 0.48)
        heads = (
            t("counter.layer"), t("counter.output"), t("counter.parameters_head"), t("counter.multiply_adds_head"),
            t("counter.memory"),
        )
        for x, title in zip((0.5, 7.2, 10.8, 15.9, 21), heads):
            ax.text(x, 0.75, title, color=colors["muted"], fontsize=small, va="center")
        for place, (title, sizes, row) in enumerate(lines):
            y = top + pitch * place
            bold = "bold" if place == 0 else "normal"
            ax.plot((0.5, width - 0.5), (y - 0.15, y - 0.15), color=colors["line"], linewidth=0.8)
            ax.text(0.5, y + 0.35, title, color=colors["ink"], fontsize=normal, va="center", fontweight=bold)
            ax.text(0.5, y + 0.95, sizes, color=colors["muted"], fontsize=small, va="center")
            shape = row.get("output_shape", self.rows[-1]["output_shape"] if row else None)
            cells = (
                (7.2, _times(shape) if shape else "–", None, 0),
                (10.8, "parameters", colors["weight"], 4.2),
                (15.9, "multiply_adds", colors["control"], 4.2),
            )
            ax.text(7.2, y + 0.35, cells[0][1], color=colors["ink"], fontsize=normal, va="center", fontweight=bold)
            for x, name, color, length in cells[1:]:
                text = grouped(row[name]) if row else "–"
                ax.text(x, y + 0.35, text, color=colors["ink"], fontsize=normal, va="center", fontweight=bold)
                _bar(ax, (x, y + 0.85), length, row.get(name, 0), color)
            for step, name, color in ((0.35, "parameter_bytes", "weight"), (0.95, "activation_bytes", "output")):
                if row:
                    ax.text(
                        width - 0.5, y + step, format_bytes(row[name]),
                        color=colors["ink"], fontsize=small, va="center", ha="right",
                    )
                    _bar(ax, (21, y + step - 0.11), 1.8, row[name], colors[color])
        note = self._problem() or t("counter.picture_note")
        color = colors["alert" if self.problem else "muted"]
        ax.text(0.5, height - 0.45, note, color=color, fontsize=small, va="center")
        return figure


def _bar(ax, place, length, value, color):
    """A bar that is as long as the logarithm of its value, on its grey track."""
    share = min(math.log10(value) / DECADES, 1) if value > 1 else 0
    ax.barh(place[1] + 0.11, length, 0.22, left=place[0], color=figures.PALETTE["light"]["panel"])
    ax.barh(place[1] + 0.11, length * share, 0.22, left=place[0], color=color)


def format_bytes(count):
    """Return a number of bytes in B, kB, MB …, steps of 1000, with one decimal.

    Examples
    --------
    >>> format_bytes(404), format_bytes(246_824), format_bytes(64_001_600_000)
    ('404 B', '246.8 kB', '64.0 GB')
    """
    if count < 1000:
        return f"{count} B"
    units = ("kB", "MB", "GB", "TB", "PB")
    tenths = [(count + 1000**power // 20) // (1000**power // 10) for power in range(1, len(units) + 1)]
    place = next((k for k, one in enumerate(tenths) if one < 10_000), len(units) - 1)
    return f"{tenths[place] // 10}.{tenths[place] % 10} {units[place]}"


def _binary(count):
    """The same in GiB, which is what a computer shows of its memory, where there are any."""
    tenths = (10 * count + 2**29) // 2**30
    return f" ({grouped(tenths // 10)}.{tenths % 10} GiB)" if tenths >= 10 else ""


def _many(key, count):
    return t(key, count=count, number=grouped(count))


def _times(shape):
    return "×".join(map(grouped, shape))


def _sizes(layer):
    """The sizes of a layer in words, as the widget writes them."""
    if layer["layer"] == "Linear":
        return _many("counter.units", layer["out_features"])
    if "kernel_size" not in layer:
        return ""
    window = t("counter.picture_window", size=layer["kernel_size"], stride=layer["stride"])
    if "padding" not in layer:
        return window
    return t("counter.picture_filters", filters=layer["out_channels"], window=window, padding=layer["padding"])
