"""Training: it learns, it repeats, it can be stopped, and it says what is wrong."""

import signal
import threading

import numpy as np
import pytest

from cnnlib import (
    SGD,
    BatchNorm2d,
    CosineDecay,
    Dropout,
    History,
    Linear,
    ReLU,
    Sequential,
    Sigmoid,
    Training,
    evaluate,
    fit,
    fully_convolutional,
    logistic_loss,
    predict,
    softmax_cross_entropy,
    squared_error,
)
from cnnlib.train import Run
from nets import small_net, stripes, train, weights
from strategies import read_only

# Learning ----------------------------------------------------------------------------------------


def test_it_learns_and_generalises():
    model = small_net()
    history = train(model, *stripes(256), epochs=6)
    assert history.steps == len(history.accuracy) == len(history.learning_rate) == 6 * 16
    assert len(history.seconds) == 6 and all(s > 0 for s in history.seconds) and not history.interrupted
    assert history.loss[0] > 0.5 > 0.1 > np.mean(history.loss[-10:])
    assert evaluate(model, *stripes(200, seed=1)).accuracy >= 0.95
    assert not model.training  # ready to be used


def test_it_learns_a_curve_by_squared_error_and_classes_by_logistic_loss():
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (128, 1)).astype(np.float32)
    model = Sequential(Linear(1, 16, rng=rng), Sigmoid(), Linear(16, 1, rng=rng))
    history = train(model, x, x**2, loss=squared_error, epochs=60, learning_rate=0.2)
    assert history.loss[-1] < 0.01 < history.loss[0]
    assert np.isnan(history.accuracy).all()  # there are no classes to be right about

    model = Linear(1, 1, rng=rng)
    history = train(model, x, (x > 0).astype(int), loss=logistic_loss, epochs=40, learning_rate=0.5)
    assert np.mean(history.loss[-8:]) < 0.2
    assert ((predict(model, x) > 0) == (x > 0)).mean() > 0.95


def test_the_same_seed_gives_the_same_training():
    runs = []
    for model_seed, rng in ((0, 1), (0, np.random.default_rng(1)), (0, 2), (1, 1)):
        model = small_net(model_seed, Dropout(0.2, rng=3))
        runs.append((train(model, *stripes(64), rng=rng, epochs=2).loss, weights(model)))
    assert runs[0][0] == runs[1][0]
    for name, value in runs[0][1].items():
        np.testing.assert_array_equal(value, runs[1][1][name])
    assert runs[0][0] != runs[2][0] != runs[3][0]


def test_a_step_is_a_step_by_hand():
    """One batch, no momentum: θ − η g, and the loss recorded is the one before."""
    rng = np.random.default_rng(0)
    x, labels = rng.normal(size=(4, 3)), np.array([0, 1, 1, 0])
    model, twin = Linear(3, 2, rng=0, dtype=np.float64), Linear(3, 2, rng=0, dtype=np.float64)
    history = fit(model, x, labels, optimizer=SGD(model, 0.5), rng=0, batch_size=4, progress=False)
    loss, grad = softmax_cross_entropy(twin(x), labels)
    twin.backward(grad)
    assert history.loss == [pytest.approx(loss)] and history.accuracy == [(twin(x).argmax(1) == labels).mean()]
    np.testing.assert_allclose(model.weight, twin.weight - 0.5 * twin.grad_weight)


def test_inputs_are_never_changed():
    images, labels = read_only(*stripes(40))
    train(small_net(0, BatchNorm2d(4)), images, labels, validation=read_only(*stripes(20, 1)), epochs=2)


def test_every_example_is_seen_once_an_epoch():
    class Recorder(Linear):
        def forward(self, x):
            seen.append(x[:, 0].copy())
            return super().forward(x)

    seen = []
    x = np.arange(10, dtype=np.float32)[:, None] / 10
    train(Recorder(1, 2, rng=0), x, np.zeros(10, int), epochs=2, batch_size=4)
    assert [len(part) for part in seen] == [4, 4, 2] * 2
    epochs = np.concatenate(seen).reshape(2, 10)
    np.testing.assert_array_equal(np.sort(epochs), [x[:, 0]] * 2)
    assert (epochs[0] != epochs[1]).any() and (epochs[0] != x[:, 0]).any()


def test_the_batches_of_the_epoch_at_hand_are_counted():
    model = small_net()
    run = Run(model, *stripes(64), optimizer=SGD(model, 0.05), rng=0, epochs=2, batch_size=16)
    assert [run.done for _ in run.training()] == [1, 2, 3, 4] * 2 and run.done == 0


def test_the_schedule_sets_every_steps_rate():
    model, schedule = small_net(), CosineDecay(0.1, warmup=0.2)
    history = train(model, *stripes(40), epochs=3, schedule=schedule)
    assert history.learning_rate == [schedule(k, 9) for k in range(9)]
    assert history.learning_rate[-1] == 0


def test_a_rate_of_zero_changes_nothing():
    model = small_net()
    before = weights(model)
    train(model, *stripes(16), schedule=lambda step, steps: 0.0)
    for name, value in weights(model).items():
        np.testing.assert_array_equal(value, before[name])


def test_every_batch_is_augmented_with_the_rng_and_nothing_else_is():
    images, labels = stripes(40)
    seen = []

    def invert(batch, rng):
        seen.append((len(batch), rng))
        return 255 - batch

    rng, model, plain = np.random.default_rng(0), small_net(), small_net()
    train(model, images, labels, rng=rng, augment=invert, epochs=2, validation=(images, labels))
    assert seen == [(16, rng), (16, rng), (8, rng)] * 2
    train(plain, 255 - images, labels, epochs=2)
    for name, weight in weights(model).items():
        np.testing.assert_array_equal(weight, weights(plain)[name])


def test_validation_is_recorded_after_each_epoch():
    model, (images, labels), held_out = small_net(0, Dropout(0.5, rng=0)), stripes(64), stripes(50, 1)
    history = train(model, images, labels, epochs=3, validation=held_out)
    assert [steps for steps, _, _ in history.validation] == [4, 8, 12]
    result = evaluate(model, *held_out)
    assert history.validation[-1] == (12, result.loss, result.accuracy)
    assert train(small_net(), images, labels).validation == []


def test_dropout_drops_in_training_after_a_validation_too():
    class Spy(Dropout):
        def forward(self, x):
            modes.append(self.training)
            return super().forward(x)

    modes = []
    train(small_net(0, Spy(0.5, rng=0)), *stripes(32), epochs=2, validation=stripes(8, 1))
    assert modes == [True, True, False] * 2


def test_the_callback_sees_every_step():
    seen = []
    history = train(small_net(), *stripes(40), epochs=2, callback=lambda h: seen.append((h.steps, h.loss[-1])))
    assert seen == list(enumerate(history.loss, start=1))


def test_the_progress_bar_tells_the_steps_and_the_loss(capsys):
    history = train(small_net(), *stripes(32), progress=True)
    shown = capsys.readouterr().out
    assert "2/2" in shown and f"loss {np.mean(history.loss):.3f}" in shown
    train(small_net(), *stripes(32))
    assert capsys.readouterr() == ("", "")


def test_reprs_are_the_same_on_every_machine():
    assert repr(train(small_net(), *stripes(32), epochs=2)) == "History(4 steps, 2 epochs)"
    assert repr(History(loss=[1.0], interrupted=True)) == "History(1 steps, 0 epochs, interrupted)"
    result = evaluate(small_net(), *stripes(1200))
    assert repr(result) == f"Evaluation(loss={result.loss:.4f}, accuracy={result.accuracy:.4f}, 1,200 examples)"


# Interrupts --------------------------------------------------------------------------------------


def stop_at(step, how):
    def callback(history):
        if history.steps == step:
            how()

    return callback


def raise_interrupt():
    raise KeyboardInterrupt


def press_stop():
    signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("how", [raise_interrupt, press_stop])
def test_an_interrupt_returns_the_history_so_far_and_a_usable_model(how):
    handler = signal.getsignal(signal.SIGINT)
    model, data = small_net(), stripes(256)
    history = train(model, *data, epochs=50, callback=stop_at(40, how), validation=data)
    assert history.interrupted and history.steps == len(history.accuracy) == 40
    assert len(history.seconds) == len(history.validation) == 2
    assert signal.getsignal(signal.SIGINT) is handler
    assert all(np.isfinite(value).all() for value in weights(model).values())
    assert evaluate(model, *stripes(100, 1)).accuracy > 0.7 and not model.training
    # what was stopped can go on
    again = train(model, *data, epochs=1)
    assert again.steps == 16 and not again.interrupted


class Interrupting(ReLU):
    """Presses stop in the middle of a step."""

    presses = 0

    def forward(self, x):
        for _ in range(self.presses):
            signal.raise_signal(signal.SIGINT)
        return super().forward(x)


def test_the_step_at_hand_is_finished():
    """The same weights as a training of one step: nothing is half done."""
    stopped, whole = small_net(0, Interrupting()), small_net(0, Interrupting())
    stopped[4].presses = 1
    history = train(stopped, *stripes(64), epochs=5)
    assert history.steps == 1 and history.interrupted
    data = stripes(64)
    train(whole, *data, callback=stop_at(1, raise_interrupt))
    for name, value in weights(whole).items():
        np.testing.assert_array_equal(value, weights(stopped)[name])


def test_a_second_press_does_not_wait():
    handler = signal.getsignal(signal.SIGINT)
    model = small_net(0, Interrupting())
    model[4].presses = 2
    history = train(model, *stripes(64))
    assert history.interrupted and history.steps == 0 and signal.getsignal(signal.SIGINT) is handler


def test_the_handler_comes_back_after_success_and_failure():
    handler = signal.getsignal(signal.SIGINT)
    train(small_net(), *stripes(16))
    assert signal.getsignal(signal.SIGINT) is handler
    with pytest.raises(ZeroDivisionError):
        train(small_net(), *stripes(16), callback=lambda history: 1 / 0)
    assert signal.getsignal(signal.SIGINT) is handler


def test_it_trains_in_a_thread_where_signals_do_not_reach():
    results = []
    thread = threading.Thread(target=lambda: results.append(train(small_net(), *stripes(32))))
    thread.start()
    thread.join()
    assert results[0].steps == 2


def test_no_more_replicas_are_made_than_a_batch_has_images():
    model, (images, labels) = small_net(), stripes(6)
    run = Run(model, images, labels, optimizer=SGD(model, 0.1), rng=0, batch_size=10**6, threads=10**6)
    assert run.replicas == 6


# The optimizer -----------------------------------------------------------------------------------


def test_an_optimizer_of_another_model_is_refused_and_both_models_stay():
    model, other = small_net(), small_net()
    before = weights(other)
    with pytest.raises(ValueError, match=r"parameters of this model only, got SGD\(learning_rate=0.1\), which changes 1.weight of another"):
        fit(model, *stripes(16), optimizer=SGD(other, 0.1), rng=0, progress=False)
    for name, value in weights(other).items():
        np.testing.assert_array_equal(value, before[name])
        np.testing.assert_array_equal(weights(model)[name], before[name])
    for wrong in (None, 0.1, SGD):
        with pytest.raises(TypeError, match="optimizer must be an SGD, got "):
            fit(model, *stripes(16), optimizer=wrong, rng=0, progress=False)


def test_an_optimizer_that_changes_more_than_the_model_is_refused():
    """It would leave a new head as it is, and change the old one by gradients of a while ago."""
    old, data = small_net(), stripes(16)
    train(old, *data)  # its layers have gradients
    before, head = weights(old), Linear(old[-1].in_features, old[-1].out_features, rng=9)
    for model in (Sequential(*old[:-1].layers, head), old[:2]):
        with pytest.raises(ValueError, match=rf"this model only, got SGD.*, which changes {len(old) - 1}.weight of another"):
            fit(model, *data, optimizer=SGD(old, 0.1), rng=0, progress=False)
    for name, value in weights(old).items():
        np.testing.assert_array_equal(value, before[name])


def test_an_optimizer_of_a_part_or_of_a_net_with_the_same_arrays_trains_that_part():
    model, data = small_net(), stripes(64)
    before = weights(model)
    fit(model, *data, optimizer=SGD(model[:2], 0.05), rng=0, progress=False)  # a frozen head
    changed = {name for name, value in weights(model).items() if (value != before[name]).any()}
    assert changed == {"1.weight", "1.bias"}
    sliding = fully_convolutional(model, (8, 8))  # its filters are views of the model's weights
    before = weights(model)
    fit(sliding, data[0], data[1][:, None, None], loss=lambda outputs, labels: (0.0, np.ones_like(outputs)),
        optimizer=SGD(model[:2], 0.05), rng=0, progress=False)
    assert (weights(model)["1.weight"] != before["1.weight"]).any()


@pytest.mark.parametrize("run", [fit, Training])
@pytest.mark.parametrize("with_old_gradients", [False, True])
def test_an_optimizer_of_another_net_with_the_same_arrays_is_refused(run, with_old_gradients):
    """Its layers get no gradients: each step would use those of a while ago."""
    model, (images, labels) = small_net(), stripes(16)
    twin, sliding = model.replica(), fully_convolutional(model, (8, 8))
    for net in (model, twin, sliding) if with_old_gradients else ():
        net.backward(np.ones_like(net(images)))
    before = weights(model)
    for trained, other, name in ((model, twin, "1.weight"), (twin, model, "1.weight"), (model, sliding, "4.weight")):
        with pytest.raises(ValueError, match=rf"optimizer must .* which changes {name} of another model, such as a replica"):
            run(trained, images, labels, optimizer=SGD(other, 0.1), rng=0)
    for name, value in weights(model).items():
        np.testing.assert_array_equal(value, before[name])


@pytest.mark.parametrize("other", [
    lambda model: model[:], Sequential, lambda model: Sequential(*model.layers, fused=False),
    lambda model: Sequential(model[:3], model[3:]),
])
def test_an_optimizer_of_another_row_of_the_same_layers_is_as_good(other):
    data, options, wanted = stripes(32), {"rng": 0, "batch_size": 16, "progress": False}, small_net()
    fit(wanted, *data, optimizer=SGD(wanted, 0.05), **options)
    for swapped in (False, True):
        model = small_net()
        trained, optimized = (other(model), model) if swapped else (model, other(model))
        fit(trained, *data, optimizer=SGD(optimized, 0.05), **options)
        for name, value in weights(wanted).items():
            np.testing.assert_allclose(weights(model)[name], value, rtol=1e-5, atol=1e-6)


def test_a_schedule_leaves_the_optimizers_own_rate_alone():
    """After a decay to 0, the next training without a schedule learns again."""
    model, data = small_net(), stripes(64)
    optimizer = SGD(model, 0.05, momentum=0.9)
    options = {"optimizer": optimizer, "rng": 0, "batch_size": 16, "progress": False}
    scheduled = fit(model, *data, schedule=CosineDecay(0.1), **options)
    assert scheduled.learning_rate[-1] == 0 and optimizer.learning_rate == 0.05
    before = weights(model)
    assert fit(model, *data, **options).learning_rate == [0.05] * 4
    assert (weights(model)["1.weight"] != before["1.weight"]).any()


@pytest.mark.parametrize("rate, error", [(None, TypeError), ("0.1", TypeError), (-0.1, ValueError), (np.nan, ValueError), (True, TypeError)])
def test_a_schedule_that_returns_no_rate_is_refused_with_the_step(rate, error):
    model = small_net()
    with pytest.raises(error, match=r"schedule's rate at step 2 must be a finite number in \[0, inf\), got "):
        train(model, *stripes(64), schedule=lambda step, steps: rate if step == 2 else 0.1)


# Refusals ----------------------------------------------------------------------------------------

IMAGES, LABELS = stripes(20)
WITH_NAN = np.where(np.arange(64).reshape(8, 8) == 10, np.nan, IMAGES).astype(np.float32)


@pytest.mark.parametrize(
    "change, error, message",
    [
        ({"images": IMAGES[:0], "labels": LABELS[:0]}, ValueError, r"images must be .* not empty, got shape \(0, 8, 8\)"),
        ({"images": LABELS}, ValueError, r"images must be a 2-D or 3-D or 4-D array of numbers, got shape \(20,\)"),
        ({"images": IMAGES.astype(str)}, TypeError, r"images must be .* of numbers, got dtype <U"),
        ({"images": WITH_NAN}, ValueError, r"images must hold finite numbers only, got nan at index \(0, 1, 2\)"),
        ({"images": np.full((20, 8, 8), np.inf)}, ValueError, r"images must hold finite numbers only, got inf at index \(0, 0, 0\)"),
        ({"images": IMAGES[:, :5, :5]}, ValueError, r"x must have 36 features, got shape \(16, 4\)"),
        ({"images": IMAGES[:, :2, :2]}, ValueError, r"kernel_size must fit into the padded input of 2, got a kernel that spans 3"),
        ({"images": np.stack([IMAGES] * 3, axis=1)}, ValueError, r"x must have 1 channels to match weight, got 3"),
        ({"labels": LABELS[:19]}, ValueError, r"labels must be as many as the 20 images, got shape \(19,\)"),
        ({"labels": 3}, ValueError, r"labels must be as many as the 20 images, got shape \(\)"),
        ({"labels": LABELS.astype(float)}, TypeError, r"labels must be 20 integers in 0\.\.1, got dtype float64"),
        ({"labels": LABELS + 1}, ValueError, r"labels must be 20 integers in 0\.\.1, got 2"),
        ({"labels": LABELS - 1}, ValueError, r"labels must be 20 integers in 0\.\.1, got -1"),
        ({"labels": np.eye(2)[LABELS]}, TypeError, r"labels must be 20 integers in 0\.\.1, got dtype float64"),
        ({"rng": None}, TypeError, r"rng must be a numpy.random.Generator or an integer seed, got None"),
        ({"rng": 1.5}, TypeError, r"rng must be a numpy.random.Generator or an integer seed, got 1.5"),
        ({"schedule": 0.1}, TypeError, r"schedule must be a function, or something else that can be called, got 0\.1"),
        ({"augment": 1}, TypeError, r"augment must be a function, or something else that can be called, got 1"),
        ({"callback": "stop"}, TypeError, r"callback must be a function, or something else that can be called, got 'stop'"),
        ({"loss": "hinge"}, TypeError, r"loss must be a function, or something else that can be called, got 'hinge'"),
        ({"augment": lambda images, rng: images[:3]}, ValueError,
         r"augment must return as many images as it is given, 16, got shape \(3, 8, 8\)"),
        ({"augment": lambda images, rng: None}, TypeError, r"augment's result must be .* of numbers, got dtype object"),
        ({"augment": lambda images, rng: images * np.nan}, ValueError, r"augment's result must hold finite numbers only"),
        ({"epochs": 0}, ValueError, r"epochs must be an integer of at least 1, got 0"),
        ({"batch_size": 0}, ValueError, r"batch_size must be an integer of at least 1, got 0"),
        ({"batch_size": 16.0}, TypeError, r"batch_size must be an integer of at least 1, got 16.0"),
        ({"validation": (IMAGES, LABELS[:3])}, ValueError, r"validation\[1\] must be as many as the 20 images, got shape \(3,\)"),
        ({"validation": (WITH_NAN, LABELS)}, ValueError, r"validation\[0\] must hold finite numbers only, got nan"),
        ({"validation": IMAGES}, (TypeError, ValueError), r"validation must be a tuple \(images, labels\), got .*ndarray"),
        ({"validation": (IMAGES,)}, (TypeError, ValueError), r"validation must be a tuple \(images, labels\), got .*tuple"),
    ],
)
def test_fit_refuses(change, error, message):
    arguments = {"images": IMAGES, "labels": LABELS, "rng": 0, **change}
    model = small_net()
    before = weights(model)
    with pytest.raises(error, match=message):
        train(model, arguments.pop("images"), arguments.pop("labels"), **arguments)
    for name, value in weights(model).items():
        np.testing.assert_array_equal(value, before[name])  # refused before anything is learned


def test_fit_needs_an_rng():
    with pytest.raises(TypeError, match="rng"):
        fit(small_net(), IMAGES, LABELS, optimizer=SGD(small_net(), 0.1))


def test_vectors_may_be_augmented_too():
    rng = np.random.default_rng(0)
    x, seen = rng.normal(size=(6, 4)), []

    def noisy(part, rng):
        seen.append(part.shape)
        return part + rng.normal(size=part.shape)

    model = Sequential(Linear(4, 2, rng=0))
    fit(model, x, np.zeros(6, int), optimizer=SGD(model, 0.1), rng=0, epochs=1, batch_size=3, augment=noisy, progress=False)
    assert seen == [(3, 4)] * 2
    with pytest.raises(ValueError, match=r"augment's result must hold finite numbers only, got nan at index \(0, 0\)"):
        fit(model, x, np.zeros(6, int), optimizer=SGD(model, 0.1), rng=0, epochs=1, batch_size=3, progress=False,
            augment=lambda part, rng: part * np.nan)
