"""TrainingMonitor follows a history; what the browser shows of it is in tests/browser."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from cnnlib import SGD, Linear, fit
from cnnlib.figures import PALETTE
from cnnlib.train import History
from cnnlib.widgets import TrainingMonitor


def history_of(steps):
    return History(loss=[1 / (k + 1) for k in range(steps)], accuracy=[k / steps for k in range(steps)])


def test_a_point_is_the_mean_of_the_latest_hundredth():
    monitor = TrainingMonitor(steps=305)
    for step in range(1, 306):
        monitor(History(loss=list(range(step)), accuracy=[0.5] * step))
    assert [point[0] for point in monitor.curve] == [*range(3, 305, 3), 305]
    assert monitor.curve[0] == [3, 1.0, 0.5]
    assert monitor.curve[-1][1] == np.mean([302, 303, 304])


def test_fit_takes_it_as_its_callback():
    model, x = Linear(2, 2, rng=0), np.eye(2, dtype=np.float32)
    monitor = TrainingMonitor(steps=7)
    history = fit(model, x, np.array([0, 1]), optimizer=SGD(model, 0.5), rng=0, epochs=7, callback=monitor, progress=False)
    assert [point[1] for point in monitor.curve] == history.loss
    assert repr(monitor) == "TrainingMonitor(7 of 7 steps)"


def test_a_new_history_begins_a_new_curve():
    monitor = TrainingMonitor(steps=2)
    monitor(history_of(1))
    monitor(history_of(2))
    monitor(history_of(1))
    assert [point[0] for point in monitor.curve] == [1]


def test_picture_draws_both_curves_in_their_colours():
    monitor = TrainingMonitor(steps=4)
    for step in (1, 2, 3):
        monitor(history_of(step))
    loss, accuracy = monitor.picture().axes
    np.testing.assert_allclose(loss.lines[0].get_xydata(), [point[:2] for point in monitor.curve])
    np.testing.assert_allclose(accuracy.lines[0].get_ydata(), [100 * point[2] for point in monitor.curve])
    assert to_hex(loss.lines[0].get_color()) == PALETTE["light"]["weight"]
    assert to_hex(accuracy.lines[0].get_color()) == PALETTE["light"]["output"]
    assert loss.get_xlim() == (0, 4) and accuracy.get_ylim() == (0, 100)


@pytest.mark.parametrize("steps, error", [(0, ValueError), (2.5, TypeError), ("many", TypeError)])
def test_steps_must_be_a_count(steps, error):
    with pytest.raises(error, match="steps must be an integer of at least 1, got"):
        TrainingMonitor(steps)
