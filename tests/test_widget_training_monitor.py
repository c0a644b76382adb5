"""TrainingMonitor follows a training; what the browser shows of it is in tests/browser."""

import json
import re
import time
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.colors import to_hex

from cnnlib import (
    SGD,
    Conv2d,
    CosineDecay,
    Flatten,
    Linear,
    Normalize,
    Sequential,
    Training,
    lenet5,
    load_mnist,
    logistic_loss,
    softmax,
    train,
)
from cnnlib.figures import PALETTE
from cnnlib.widgets import TrainingMonitor

IMAGES, LABELS = load_mnist().train.images[:960], load_mnist().train.labels[:960]


def make(model=None, images=IMAGES, labels=LABELS, **options):
    model = lenet5(rng=8) if model is None else model
    options = {"rng": 8, "batch_size": 64, "schedule": CosineDecay(0.05, warmup=0.2), "threads": 1, **options}
    return Training(model, images, labels, optimizer=SGD(model, 0.05, momentum=0.9), **options)


def send(monitor, number=1, **wish):
    """What a click on the page comes to."""
    monitor._handle_custom_msg({**wish, "number": number}, [])
    assert monitor._heard == number


def same_as_the_models(monitor):
    """All that the monitor shows of the inside is what the model computes."""
    model, first = monitor.training.model, int(np.flatnonzero(monitor.training.labels == monitor.digit)[0])
    outputs = model.replica().eval().activations(monitor.training.images[first][None])
    np.testing.assert_array_equal(monitor.filters, model[1].weight[:, 0])
    np.testing.assert_array_equal(monitor.maps, outputs[2][0])
    np.testing.assert_allclose(monitor.probabilities, softmax(outputs[-1])[0], atol=1e-6)
    assert monitor._answer["en"].startswith(f"read as {outputs[-1].argmax()}, ")


def test_a_point_is_the_mean_of_the_latest_hundredth():
    training = make(Sequential(Normalize(33, 78), Flatten(), Linear(784, 10, rng=0)), IMAGES[:305], LABELS[:305], batch_size=1)
    monitor = TrainingMonitor(training)
    history = training.wait()
    assert [point[0] for point in monitor.curve] == [*range(3, 305, 3), 305]
    for done, loss, accuracy, rate in (monitor.curve[0], monitor.curve[50], monitor.curve[-1]):
        assert loss == pytest.approx(np.mean(history.loss[done - 3 : done])) and rate == history.learning_rate[done - 1]
        assert accuracy == pytest.approx(np.mean(history.accuracy[done - 3 : done]))
    assert len(monitor.plan) == 100
    for done, rate in monitor.plan:
        assert rate == CosineDecay(0.05, warmup=0.2)(done - 1, 305)


def test_it_shows_the_model_before_between_and_after_the_steps():
    training = make()
    monitor = TrainingMonitor(training, digit=7)
    assert repr(monitor) == "TrainingMonitor(ready, 0 of 15 steps, digit 7)"
    same_as_the_models(monitor)
    before = monitor.filters.copy()
    for step in (1, 2, 3):
        training.step()
        assert (monitor.state, monitor.done, monitor.curve[-1][0]) == ("paused", step, step)
        same_as_the_models(monitor)
    assert not np.allclose(monitor.filters, before)
    monitor.digit = 4
    same_as_the_models(monitor)
    training.wait()
    assert repr(monitor) == "TrainingMonitor(done, 15 of 15 steps, digit 4)"
    same_as_the_models(monitor)


def test_the_hand_steers():
    training = make(epochs=1000)
    monitor = TrainingMonitor(training)
    send(monitor, 1, do="step")
    assert monitor.state == "paused" and monitor.done == 1
    send(monitor, 2, do="rate", value=-2)
    assert training.rate_factor == 0.25 and monitor._exponent == -2
    send(monitor, 3, do="step")
    assert training.history.learning_rate[1] == 0.25 * training.schedule(1, training.steps)
    send(monitor, 4, do="digit", value=3)
    assert monitor.digit == 3
    send(monitor, 5, do="start")
    while training.history.steps < 6:
        time.sleep(0.01)
    send(monitor, 6, do="pause")
    assert monitor.done == training.history.steps >= 6
    send(monitor, 7, do="stop")
    assert monitor.state == "stopped" and monitor.describe().startswith(f"Stopped: {training.history.steps} of 15000 steps. ")


@pytest.mark.parametrize("early", [False, True])
def test_what_has_ended_goes_on_with_as_many_steps_again(early):
    training = make()
    monitor = TrainingMonitor(training, digit=7)
    if early:
        for _ in range(4):
            training.step()
        training.stop()
    else:
        training.wait()
    before, curve, weights = training.history.steps, monitor.curve, monitor.filters.copy()
    training.rate_factor = 0.5
    send(monitor, do="again")
    send(monitor, 2, do="again")  # heard, and too late
    second = monitor.training
    second.wait()
    assert second is not training and second.rate_factor == 0.5
    assert (monitor.state, monitor.done, monitor.steps) == ("done", before + 15, before + 15)
    assert monitor.curve[: len(curve)] == curve and [point[0] for point in monitor.curve] == list(range(1, before + 16))
    assert [step for step, _ in monitor.plan] == list(range(1, before + 16))
    np.testing.assert_allclose([rate for _, rate in monitor.plan[before:]], [training.schedule(k, 15) for k in range(15)])
    assert not np.array_equal(monitor.filters, weights)
    same_as_the_models(monitor)
    assert monitor.describe().startswith(f"Done: {before + 15} of {before + 15} steps. Loss from {curve[0][1]:.2f} to ")
    assert repr(monitor) == f"TrainingMonitor(done, {before + 15} of {before + 15} steps, digit 7)"
    monitor.picture()


def test_messages_are_few_and_go_on(monkeypatch):
    """By a clock on which a step takes 20 ms, the page is told every 120 ms."""
    training, told = make(epochs=8), []
    monitor = TrainingMonitor(training)
    monkeypatch.setattr("time.perf_counter", lambda: 0.02 * training.history.steps)
    monitor.observe(lambda change: told.append(change["new"]), "done")
    training.wait()
    assert told[-1] == monitor.done == 120
    assert {later - sooner for sooner, later in pairwise(told[:-1])} == {6, 7}


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_a_network_that_has_gone_wrong_is_shown_and_said():
    training = make(schedule=lambda step, steps: 1e30 if step else 0.01)
    monitor = TrainingMonitor(training)
    with pytest.raises(ValueError, match="loss must stay finite"):
        training.wait()
    assert monitor.state == "failed"
    assert re.match(r"Ended after \d+ of 15 steps: loss must stay finite, got \w+ at step \d+: with a learning_rate of 1e\+30", monitor.describe())
    assert np.isfinite(monitor.filters).all() and np.isfinite(monitor.maps).all()
    assert monitor.picture()



def test_networks_without_filters_have_curves():
    model = Sequential(Linear(3, 2, rng=0))
    training = Training(model, np.eye(3, dtype=np.float32), np.array([0, 1, 0]), optimizer=SGD(model, 0.1), rng=0)
    monitor = TrainingMonitor(training)
    assert monitor.describe() == "Nothing trained yet: 1 step to go."
    training.wait()
    assert len(monitor.curve) == 1 and monitor.maps.shape == (0, 0, 0) and repr(monitor) == "TrainingMonitor(done, 1 of 1 steps)"
    assert len(monitor.picture().axes) == 4
    plain = TrainingMonitor(make(Sequential(Normalize(33, 78), Flatten(), Linear(784, 10, rng=0))))
    assert plain.maps.shape == (0, 0, 0) and len(plain.probabilities) == 10


class Scores(Linear):
    """A model of somebody's own: linear in all pixels."""

    def forward(self, x):
        return super().forward(x.reshape(len(x), -1) / np.float32(255))

    def backward(self, grad_output, *, need_input_grad=True):
        return super().backward(grad_output, need_input_grad=need_input_grad)


def test_a_layer_alone_is_shown():
    own = TrainingMonitor(make(Scores(784, 10, rng=0)))
    assert own.maps.shape == (0, 0, 0) and len(own.probabilities) == 10
    own.training.step()
    assert len(own.curve) == 1 and own._answer["en"].startswith("read as ") and own.picture()
    own.training.stop()

    def size(outputs, labels):
        return float((outputs**2).mean()), 2 * outputs / outputs.size
    images = IMAGES[:64, None].astype(np.float32) / 255
    maps = TrainingMonitor(make(Conv2d(1, 3, 5, rng=0), images, LABELS[:64], loss=size), digit=int(LABELS[0]))
    layer = maps.training.model
    np.testing.assert_array_equal(maps.filters, layer.weight[:, 0])
    np.testing.assert_array_equal(maps.maps, layer.replica().forward(images[:1])[0])
    maps.training.wait()
    np.testing.assert_array_equal(maps.filters, layer.weight[:, 0])
    assert maps.training.state == "done" and maps.picture()
    assert "accuracy on the batches from – to –" in maps.describe() and maps._answer["en"] == ""


@pytest.mark.parametrize("rate", ["x", None, -1.0, float("nan")])
def test_a_schedule_that_gives_no_rate_is_named(rate):
    with pytest.raises((TypeError, ValueError), match="schedule's rate at step 3 must be"):
        TrainingMonitor(make(schedule=lambda step, steps: rate if step == 3 else 0.1))


def test_words():
    training = make()
    monitor = TrainingMonitor(training, digit=7)
    assert monitor.describe() == "Nothing trained yet: 15 steps to go."
    training.rate_factor = 2
    training.step()
    loss, accuracy, rate = (f(training.history)[0] for f in (lambda h: h.loss, lambda h: h.accuracy, lambda h: h.learning_rate))
    assert monitor.describe() == (
        f"Paused: 1 of 15 steps. Loss from {loss:.2f} to {loss:.2f}, accuracy on the batches from {100 * accuracy:.0f}\u00a0% to "
        f"{100 * accuracy:.0f}\u00a0%; learning rate {rate:.3g} (your factor: 2). The 7 is {monitor._answer['en']}."
    )
    training.stop()


def test_picture_draws_curves_filters_and_maps():
    training = make()
    monitor = TrainingMonitor(training)
    training.wait()
    canvas, *charts = monitor.picture().axes
    curve = np.array(monitor.curve)
    for ax, values, color in zip(charts, (curve[:, 1], 100 * curve[:, 2], curve[:, 3]), ("weight", "output", "ink")):
        np.testing.assert_allclose(ax.lines[1].get_xydata(), np.column_stack([curve[:, 0], values]))
        assert to_hex(ax.lines[1].get_color()) == PALETTE["light"][color] and ax.get_xlim() == (0, 15)
    np.testing.assert_allclose(charts[2].lines[0].get_xydata(), monitor.plan)
    assert [image.get_array().shape for image in canvas.images] == [(28, 28), *[(5, 5)] * 6, *[(28, 28)] * 6]
    np.testing.assert_array_equal(canvas.images[2].get_array(), monitor.filters[1])
    np.testing.assert_array_equal(canvas.images[8].get_array(), monitor.maps[1])


@pytest.mark.parametrize("arguments, message", [
    ((938,), "training must be a Training, got 938"),
    ((make(), 10), "digit must be one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, got 10"),
])
def test_what_it_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        TrainingMonitor(*arguments)


def test_a_press_while_a_step_is_written_down_shows_whole_steps(monkeypatch):
    """The page's messages are heard in another thread, at any moment of a step."""
    seen = []

    def slow(*args):
        send(monitor, number=len(seen) + 1, do="rate", value=0)
        seen.append([list(point) for point in monitor.curve])
        return mean_accuracy(*args)

    mean_accuracy = train.mean_accuracy
    training = make(images=IMAGES[:192], labels=LABELS[:192])
    monitor = TrainingMonitor(training)
    monkeypatch.setattr(train, "mean_accuracy", slow)
    training.wait()
    assert [len(curve) for curve in seen] == [0, 1, 2] and np.isfinite(seen[-1]).all() and len(monitor.curve) == 3


def test_a_net_with_one_output_has_no_accuracy_to_show():
    def loss(outputs, labels):
        value, gradient = logistic_loss(outputs[:, 0], (labels > 4).astype(float))
        return value, gradient[:, None]

    model = Sequential(Normalize(33, 78), Flatten(), Linear(784, 1, rng=0))
    training = make(model, IMAGES[:128], LABELS[:128], loss=loss)
    monitor = TrainingMonitor(training)
    training.wait()
    assert training.state == "done" and [point[2] for point in monitor.curve] == [None, None]
    json.dumps(monitor.curve, allow_nan=False)
    assert "accuracy on the batches from – to –" in monitor.describe()
    assert len(monitor.picture().axes) > 2
