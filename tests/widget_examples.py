"""One widget of each kind, for tests that treat all alike."""

import numpy as np

from cnnlib import SGD, Linear, Training, load_mnist_test, widgets
from cnnlib.detection import Level

LINEAR = Linear(4, 2, rng=0)
REQUIRED = {  # arguments without a default
    "ConfusionExplorer": {"images": np.zeros((3, 2, 2)), "labels": [0, 1, 1], "outputs": np.eye(3, 2)},
    "TrainingMonitor": {
        "training": Training(LINEAR, np.zeros((3, 4)), np.array([0, 1, 1]), optimizer=SGD(LINEAR, 0.1), rng=0)
    },
    "Question": {"name": "02.band", "answer": None},  # not the one of the test before
    "FaceFinder": {"picture": np.zeros((9, 9)), "levels": [Level(5.0, 5, 2, np.zeros((9, 9)), np.eye(3))]},
}


def make(kind, /, **arguments):
    """Return a widget by the name of its class, with what it must be given."""
    return getattr(widgets, kind)(**REQUIRED.get(kind, {}) | arguments)


def lesson_images():
    """Arguments of a ConfusionExplorer as a lecture shows it."""
    test, rng = load_mnist_test(), np.random.default_rng(0)
    return {"images": test.images[:600], "labels": test.labels[:600],
            "outputs": 5 * np.eye(10)[test.labels[:600]] + rng.normal(0, 1.5, (600, 10))}


# How lectures show them, beside the one of each kind: the name of the class, and the arguments.
LESSONS = {
    "LinkedView, local": ("LinkedView", {"kind": "local"}),
    "LinkedView, 7 shared": ("LinkedView", {"n": 7, "kind": "shared", "inputs": [0, 0, 1, 1, 1, 0, 0], "theta": [-1, 0, 1]}),
    "LinkedView, 12 full": ("LinkedView", {"n": 12, "kind": "full"}),
    "LinkedView, decimals": ("LinkedView", {"inputs": [-9999.25, 0.25, -0.5, 1], "theta": [-1.25, 0.75, 0.5], "kind": "local"}),
    "SlideFilter1D, long": ("SlideFilter1D", {"signal": list(range(1, 11)), "kernel": [1, 0, -1], "stride": 2}),
    "SlideFilter1D, decimals": ("SlideFilter1D", {"signal": [-0.25, 1234.5, 0.75, -9999.25], "kernel": [0.25, -0.5, 0.25]}),
    "SlideFilter2D, padded": ("SlideFilter2D", {"padding": 1}),
    "SlideFilter2D, decimals": ("SlideFilter2D", {"image": [[-0.25, 1234.5, 0.75], [1, 2, -9999.25], [0, 1, 2]], "kernel": [[0.25, -0.5], [1, 2]]}),
    "Backward, decimals": ("Backward", {"image": [[-0.25, 1234.5, 0.75], [1, 2, -99.25], [0, 1, 2]], "kernel": [[0.25, -0.5], [1, 2]],
                                        "grad_output": [[1, -0.5], [0.25, 2]]}),
    "Counter, a misfit": ("Counter", {"layers": [{"layer": "Linear", "out_features": 10}]}),
    "ConfusionExplorer, digits": ("ConfusionExplorer", lesson_images),
    "Question, answered": ("Question", {"name": "02.band", "answer": [3]}),
}


def lesson(name):
    """Return a widget by its name in LESSONS, or by that of its class."""
    kind, arguments = LESSONS.get(name, (name, {}))
    return make(kind, **(arguments() if callable(arguments) else arguments))
