"""One widget of each kind, for tests that treat all alike."""

import numpy as np

from cnnlib import SGD, Linear, Training, widgets
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


def make(name, **arguments):
    """Return a widget by the name of its class, with what it must be given."""
    return getattr(widgets, name)(**REQUIRED.get(name, {}) | arguments)
