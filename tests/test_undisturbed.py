"""A training and whoever uses its model meanwhile: neither disturbs the other, and what is changed on purpose counts."""

import numpy as np
import pytest

from cnnlib import (
    SGD,
    BatchNorm2d,
    Checkpoint,
    Conv2d,
    Dropout,
    Flatten,
    LeakyReLU,
    Linear,
    MaxPool2d,
    ReLU,
    Sequential,
    Training,
    fit,
    fully_convolutional,
    predict,
    softmax_cross_entropy,
)
from cnnlib.layers import Layer

RNG = np.random.default_rng(0)
IMAGES, LABELS = RNG.normal(size=(48, 1, 8, 8)).astype(np.float32), RNG.integers(0, 2, 48)
GIANTS = np.full((5, 1, 8, 8), 100, np.float32)  # other numbers, and another number of them


@pytest.fixture(autouse=True)
def nothing_goes_on_after_a_test():
    yield
    if Training._latest is not None:
        Training._latest.stop()


def convolutional():
    rng = np.random.default_rng(1)
    return Sequential(
        Conv2d(1, 3, 3, rng=rng), BatchNorm2d(3), ReLU(), Conv2d(3, 4, 3, rng=rng), ReLU(), MaxPool2d(2), Flatten(),
        Dropout(0.3, rng=2), Linear(16, 2, rng=rng),
    )  # fmt: skip


def splittable():
    rng = np.random.default_rng(1)
    return Sequential(Conv2d(1, 4, 3, rng=rng), ReLU(), MaxPool2d(2), Flatten(), LeakyReLU(), Linear(36, 2, rng=rng))


def single():
    return Sequential(Flatten(), Linear(64, 2, rng=0))[1]


MODELS = {"dropout and batch norm": convolutional, "fused": splittable, "one layer": single}


def images_for(model, images):
    return images.reshape(len(images), -1) if isinstance(model, Linear) else images


def options(model, **changed):
    return {"optimizer": SGD(model, 0.05, momentum=0.9), "rng": 3, "epochs": 4, "batch_size": 8, "threads": 1, **changed}


def trained(model, callback=None, **changed):
    """The losses of a training, and the bytes that it ends with."""
    history = fit(model, images_for(model, IMAGES), LABELS, callback=callback, progress=False, **options(model, **changed))
    return history.loss, state(model)


def state(model):
    return {name: array.tobytes() for name, array in {**model.parameters(), **model.buffers()}.items()}


# Whoever calls the model -------------------------------------------------------------------------


@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
def test_a_model_that_is_called_in_the_middle_of_a_step_learns_the_same(make):
    """The worst moment for another thread: between the forward and the backward pass."""

    def loss(outputs, labels):
        if disturbed is not None:
            answers = [disturbed(giants), predict(disturbed, giants), disturbed(giants[:2])]
            assert [len(answer) for answer in answers] == [5, 5, 2]
        return softmax_cross_entropy(outputs, labels)

    disturbed = None
    alone = trained(make(), loss=loss)
    disturbed = make()
    giants = images_for(disturbed, GIANTS)
    assert trained(disturbed, loss=loss) == alone


@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
def test_a_cell_that_calls_the_model_all_the_time_disturbs_no_training_in_the_background(make):
    alone, model = trained(make(), epochs=30), make()
    training = Training(model, images_for(model, IMAGES), LABELS, **options(model, epochs=30))
    training.start()
    while not training.ended:
        assert model(images_for(model, GIANTS)).shape == (5, 2)
    assert training.error is None and (training.history.loss, state(model)) == alone


@pytest.mark.parametrize("threads", [1, 2])
def test_after_a_training_the_model_has_the_gradients_of_its_last_step(threads):
    seen, model = [], splittable()
    before = {}

    def callback(history):
        seen.append({name: gradient.copy() for name, gradient in model.gradients().items()})
        if len(seen) > 1:
            changed = {name: before[name] - np.float32(0.125) * gradient for name, gradient in seen[-1].items()}
            for name, array in model.parameters().items():
                np.testing.assert_array_equal(array, changed[name])
        before.update({name: array.copy() for name, array in model.parameters().items()})

    trained(model, callback, threads=threads, optimizer=SGD(model, 0.125))
    for name, gradient in model.gradients().items():
        np.testing.assert_array_equal(gradient, seen[-1][name])


# Who changes the mode, or nests trainings --------------------------------------------------------


@pytest.mark.parametrize("disturb", [
    lambda model: model.eval(), lambda model: model.eval()(GIANTS), lambda model: model.train(),
    lambda model: model.layers[7].eval(),
])
def test_the_mode_of_the_model_is_not_that_of_its_training(disturb):
    alone, model = trained(convolutional()), convolutional()
    assert trained(model, lambda history: disturb(model)) == alone
    assert not model.training and not model.layers[7].training  # as after each training


def test_a_training_in_a_callback_leaves_the_outer_one_in_training_mode():
    modes = []

    class Watched(LeakyReLU):
        def forward(self, x):
            modes.append(self.training)
            return super().forward(x)

    def callback(history):
        if history.steps == 2:
            fit(model, IMAGES, LABELS, optimizer=SGD(model, 0.01), rng=0, progress=False)

    model = Sequential(Flatten(), Watched(), Linear(64, 2, rng=0))
    trained(model, callback)
    assert len(modes) > 20 and all(modes)


# What is changed on purpose ----------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 2])
def test_weights_that_a_callback_assigns_are_those_of_the_next_step(threads):
    def callback(history):
        for layer in (model.layers[0], model.layers[-1]):
            layer.weight, layer.bias = np.zeros_like(layer.weight), np.zeros_like(layer.bias)

    model = splittable()
    losses, _ = trained(model, callback, threads=threads)
    np.testing.assert_allclose(losses[1:], np.log(2), rtol=1e-6)  # whoever knows nothing gives both classes a half


def test_weights_that_are_assigned_are_seen_by_all_who_hold_them():
    model = splittable()
    twin, sliding, optimizer = model.replica(), fully_convolutional(model, (1, 8, 8)), SGD(model, 1.0)
    model.layers[-1].weight = np.full((2, 36), 3, np.float32)
    assert (twin.layers[-1].weight == 3).all() and (sliding.layers[-1].weight == 3).all()
    sliding.layers[-1].bias = np.array([4, 5])
    np.testing.assert_array_equal(model.layers[-1].bias, [4, 5])
    model.backward(np.ones_like(model(IMAGES)))
    optimizer.step()
    np.testing.assert_array_equal(twin.layers[-1].bias, model.layers[-1].bias)
    assert (twin.layers[-1].bias < 4).all()


def test_an_option_that_a_callback_changes_holds_from_the_next_step_on():
    """As for a rate of dropout that follows a plan of its own."""

    def callback(history):
        if history.steps == 2:
            dropout.p = 0.0
        if history.steps > 2:
            assert dropout.rng.bit_generator.state == states[-1]  # without a rate it draws nothing
        states.append(dropout.rng.bit_generator.state)

    states, model = [], convolutional()
    dropout = model.layers[7]
    trained(model, callback)
    assert states[0] != states[1] and len(states) == 24


def test_a_layer_of_ones_own_need_not_know_of_all_this():
    """Its parameters may be replaced, since it defines them itself."""

    class Shift(Layer):
        parameter_names = ("offset",)
        offset = None

        def __init__(self):
            self.offset = np.zeros(64, np.float32)

        def forward(self, x):
            seen.append(self.offset[0])
            return x + self.offset

        def backward(self, grad_output):
            self.grad_offset = grad_output.sum(axis=0)
            return grad_output

    def callback(history):
        model.layers[1].offset = np.full(64, history.steps, np.float32)

    seen, model = [], Sequential(Flatten(), Shift(), Linear(64, 2, rng=0))
    trained(model, callback)
    assert seen[1:] == list(range(1, 24))


# Two trainings of the same weights ---------------------------------------------------------------


def forever(model, **changed):
    training = Training(model, images_for(model, IMAGES), LABELS, **options(model, epochs=10**6, **changed))
    training.start()
    while training.history.steps < 3:
        training.step()
    training.start()
    return training


@pytest.mark.parametrize("share", [
    lambda model: model, lambda model: model.replica(), lambda model: Sequential(*model.layers[:4], Linear(36, 2, rng=0)),
])
def test_fit_ends_a_training_that_is_changing_the_same_weights(share):
    training = forever(splittable())
    trained(share(training.model))
    assert training.state == "stopped" and training.history.interrupted


def test_fit_lets_a_training_of_another_model_go_on():
    training = forever(splittable())
    trained(splittable())
    assert not training.ended


def test_a_fit_that_is_refused_ends_nothing():
    training = forever(splittable())
    with pytest.raises(ValueError, match="images must hold finite numbers"):
        fit(training.model, IMAGES * np.nan, LABELS, **options(training.model))
    assert not training.ended


def test_a_listener_may_train_the_model_and_that_ends_its_own_training():
    def listener(training):
        if training.history.steps == 2 and not losses:
            losses.append(fit(training.model, IMAGES, LABELS, progress=False, **options(training.model)).loss)

    losses, model = [], splittable()
    training = Training(model, IMAGES, LABELS, **options(model))
    training.listeners.append(listener)
    assert training.wait().steps == 2 and training.state == "stopped"
    assert len(losses[0]) == 24


@pytest.mark.parametrize("how", ["fit", "Training"])
def test_a_cell_that_is_run_again_takes_over_from_its_running_training(tmp_path, how):
    """The file is read once nobody changes the weights any more, and is that training's last."""
    path, model = tmp_path / "a.npz", convolutional()
    changed = {"epochs": 40, "checkpoint": Checkpoint(path, every=3)}
    first = Training(model, IMAGES, LABELS, **options(model, **changed))
    first.start()
    while first.history.steps < 10:
        first.step()
    first.start()
    again = options(model, **changed)
    if how == "fit":
        history = fit(model, IMAGES, LABELS, progress=False, **again)
    else:
        second = Training(model, IMAGES, LABELS, **again)
        assert first.ended and second.history.steps == first.history.steps
        history = second.wait()
    assert first.state == "stopped" and first.history.steps < history.steps == 240
    np.testing.assert_array_equal(history.loss[: first.history.steps], first.history.loss)
    assert (history.loss, state(model)) == trained(convolutional(), epochs=40)


def test_a_file_of_another_training_ends_nothing(tmp_path):
    trained(splittable(), checkpoint=Checkpoint(tmp_path / "a.npz"))
    training = forever(splittable())
    with pytest.raises(ValueError, match=r"checkpoint must belong to this training, got a\.npz of one with another epochs"):
        Training(training.model, IMAGES, LABELS, **options(training.model, epochs=3), checkpoint=Checkpoint(tmp_path / "a.npz"))
    assert not training.ended


def test_a_listener_may_begin_a_second_training_and_that_ends_its_own():
    def listener(training):
        if training.history.steps == 2 and not others:
            others.append(Training(model, IMAGES, LABELS, **options(model)))
            others[0].start()

    others, model, twin = [], convolutional(), convolutional()
    first = Training(model, IMAGES, LABELS, **options(model))
    first.listeners.append(listener)
    assert first.wait().steps == 2 and first.state == "stopped"

    def stop(history):
        if history.steps == 2:
            raise KeyboardInterrupt

    trained(twin, stop)
    assert (others[0].wait().loss, state(model)) == trained(twin)
