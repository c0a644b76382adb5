"""What a page without a kernel must know of a notebook's widgets. Runs in the notebook's own kernel.

A cell with `begin` goes before the notebook's first, one with `end` after its last.
"""

import base64

import numpy as np
from anywidget import AnyWidget
from ipywidgets.widgets.widget import _instances

from cnnlib.layers import Conv2d, Dropout, Flatten, LeakyReLU, Linear, MaxPool2d, Normalize, ReLU, Sigmoid, Tanh
from cnnlib.widgets import DigitPad, FaceFinder, TrainingMonitor
from cnnlib.widgets.base import TeachingWidget

MIME = "application/vnd.cnnlib.widgets+json"
FRAMES = 16  # of a recorded training: enough to follow, few enough to load at once
PORTRAIT = "application/vnd.cnnlib.portrait+json"
RECORDED = ("state", "done", "_says", "_answer", "_filters", "_maps")


def begin():
    """Record from now on what each training monitor shows."""
    update = TrainingMonitor._update

    def recording(monitor):
        update(monitor)
        film = vars(monitor).setdefault("_film", [])
        frame = {name: getattr(monitor, name) for name in RECORDED}
        if not film or film[-1] != frame:
            film.append(frame)

    TrainingMonitor._update = recording


def portray():
    """Let each widget that is displayed from now on say what it holds, beside its picture, as `PORTRAIT`."""
    bundle = TeachingWidget._repr_mimebundle_

    def telling(widget, **kwargs):
        data, metadata = bundle(widget, **kwargs)
        return data | {PORTRAIT: hold(widget)}, metadata

    TeachingWidget._repr_mimebundle_ = telling


def end():
    """Display what all teaching widgets of this kernel hold, as `MIME`."""
    from IPython.display import display

    held = {key: hold(one) for key, one in list(_instances.items()) if isinstance(one, TeachingWidget)}
    display({MIME: held}, raw=True)


def hold(widget):
    """What a page needs of one widget, as it can be written in JSON.

    Parameters
    ----------
    widget : TeachingWidget

    Returns
    -------
    dict
        "kind", the name of the widget's folder; "state", its traits, binary ones as base64; "extra",
        what stands in for Python: the layers of a `DigitPad`, the film of a `TrainingMonitor`, else None.
    """
    own = set(widget.trait_names(sync=True)) - set(AnyWidget.class_trait_names()) - {"_esm", "_css", "_anywidget_id"}
    extra = None
    if isinstance(widget, DigitPad):
        extra = layers_of(widget.model)
    elif isinstance(widget, TrainingMonitor):
        extra = film_of(widget)
    kind, state = type(widget).__module__.split(".")[-2], widget.get_state(own)
    if isinstance(widget, FaceFinder):
        state["_searches"] = False  # that takes the notebook's own net
    return as_json({"kind": kind, "state": state, "extra": extra})


def as_json(value):
    """The value with bytes and arrays as base64, float arrays as float32."""
    if isinstance(value, np.ndarray):
        return as_json(np.ascontiguousarray(value, "<f4").tobytes())
    if isinstance(value, bytes | bytearray | memoryview):
        return {"base64": base64.b64encode(bytes(value)).decode("ascii")}
    if isinstance(value, dict):
        return {name: as_json(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(one) for one in value]
    return value.item() if isinstance(value, np.generic) else value


def layers_of(model):
    """A network as ``stand_ins/digit_pad.js`` computes it; None where a layer is beyond that."""
    told = [_layer(layer) for layer in model.layers]
    return None if None in told else [layer for layer in told if layer["type"] != "Dropout"]


def _layer(layer):
    kind = type(layer)
    if kind in (ReLU, Sigmoid, Tanh, Flatten, Dropout):
        return {"type": kind.__name__}
    if kind is LeakyReLU:
        return {"type": "LeakyReLU", "slope": layer.negative_slope}
    if kind is Normalize:
        return {"type": "Normalize", "mean": float(layer.mean), "std": float(layer.std)}
    if kind is Linear:
        return {"type": "Linear", "shape": list(layer.weight.shape), "weight": layer.weight, "bias": layer.bias}
    if kind is Conv2d and (layer.stride, layer.dilation) == ((1, 1), (1, 1)) and not isinstance(layer.padding, str):
        return {"type": "Conv2d", "shape": list(layer.weight.shape), "padding": list(layer.padding),
                "weight": layer.weight, "bias": layer.bias}
    if kind is MaxPool2d and layer.kernel_size == layer.stride and layer.padding == (0, 0):
        return {"type": "MaxPool2d", "size": list(layer.kernel_size)}
    return None


def film_of(monitor):
    """The frames of a recorded training, thinned evenly; None where it was never started."""
    film = getattr(monitor, "_film", [])
    if not film or film[-1]["done"] == 0:
        return None
    film = [frame for frame, following in zip(film, [*film[1:], {"done": -1}]) if frame["done"] != following["done"]]
    chosen = np.unique(np.linspace(0, len(film) - 1, FRAMES).round().astype(int))
    return [film[place] for place in chosen]
