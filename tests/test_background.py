"""A training in the background: the same numbers as `fit`, and it obeys."""

import asyncio
import contextlib
import gc
import signal
import sys
import threading
import tracemalloc
import weakref
from pathlib import Path

import numpy as np
import pytest

from cnnlib import (
    SGD,
    Conv2d,
    CosineDecay,
    Dropout,
    Flatten,
    Linear,
    MaxPool2d,
    Normalize,
    ReLU,
    Sequential,
    Training,
    evaluate,
    fit,
    lenet5,
    load_mnist,
)

RNG = np.random.default_rng(0)
IMAGES, LABELS = RNG.integers(0, 256, (160, 8, 8), dtype=np.uint8), RNG.integers(0, 2, 160)


def small_net():
    rng = np.random.default_rng(0)
    return Sequential(
        Normalize(128, 74), Conv2d(1, 4, 3, rng=rng), ReLU(), MaxPool2d(2), Dropout(0.1, rng=1), Flatten(), Linear(36, 2, rng=rng)
    )


def make(model=None, learning_rate=0.05, **options):
    model = small_net() if model is None else model
    return Training(model, IMAGES, LABELS, optimizer=SGD(model, learning_rate, momentum=0.9), rng=0, batch_size=16, threads=1, **options)


def forever():
    return make(epochs=100_000)


@pytest.fixture(autouse=True)
def nothing_goes_on_after_a_test():
    yield
    if Training._latest is not None:
        Training._latest.stop()
    assert not [thread for thread in threading.enumerate() if thread.name == "cnnlib training"]


def test_it_does_what_fit_does():
    schedule = CosineDecay(0.1, warmup=0.2)
    training, model = make(epochs=3, schedule=schedule, validation=(IMAGES, LABELS)), small_net()
    assert repr(training) == "Training(ready, 0 of 30 steps)"
    history = training.wait()
    wanted = fit(model, IMAGES, LABELS, optimizer=SGD(model, 0.05, momentum=0.9), rng=0, batch_size=16, threads=1, epochs=3,
                 schedule=schedule, validation=(IMAGES, LABELS), progress=False)
    for name in ("loss", "accuracy", "learning_rate", "validation", "interrupted"):
        assert getattr(history, name) == getattr(wanted, name)
    for name, value in model.parameters().items():
        np.testing.assert_array_equal(training.model.parameters()[name], value)
    assert repr(training) == "Training(done, 30 of 30 steps)" and not training.model.training
    assert training.wait() is history  # once more costs nothing


def test_pausing_and_stepping_change_nothing_but_the_time(capsys):
    training, whole = make(), make()
    whole.wait()
    training.step()
    assert (training.state, training.history.steps) == ("paused", 1)
    training.step()
    training.start()
    training.pause()
    taken = training.history.steps
    assert 2 <= taken <= 10
    if training.state == "paused":
        training.wait()
        assert capsys.readouterr().out == f"The training was paused after {taken} of 10 steps: it goes on.\n"
    assert training.history.loss == whole.history.loss


def test_each_of_all_steps_can_be_taken_by_hand():
    training = make()
    for step in range(1, 11):
        training.step()
        assert training.history.steps == step
    assert training.state == "done" and len(training.history.seconds) == 1
    training.step()  # nothing is left
    assert training.history.steps == 10


def test_paused_is_paused():
    training = forever()
    for _ in range(40):  # the thread is caught in all its places
        training.start()
        training.pause()
        steps, weight = training.history.steps, training.model[1].weight.copy()
        threading.Event().wait(0.002)
        assert training.state == "paused" and training.history.steps == steps
        np.testing.assert_array_equal(training.model[1].weight, weight)
        training.step()
        assert training.history.steps == steps + 1


def test_stop_ends_it_after_the_step_at_hand():
    training = forever()
    training.start()
    training.stop()
    history = training.wait()
    assert training.state == "stopped" and history.interrupted and not training.model.training
    assert history.steps == len(history.accuracy) == len(history.learning_rate)
    training.start()  # what has ended stays so
    training.stop()
    assert training.state == "stopped" and repr(history).endswith("interrupted)")


def test_again_is_a_second_fit_with_the_same_optimizer_and_generator():
    schedule = CosineDecay(0.1, warmup=0.2)
    training, model = make(epochs=2, schedule=schedule), small_net()
    training.wait()
    training.rate_factor = 0.5
    second = training.again()
    assert second.rate_factor == 0.5 and repr(second) == "Training(ready, 0 of 20 steps)"
    second.rate_factor = 1
    optimizer, rng = SGD(model, 0.05, momentum=0.9), np.random.default_rng(0)
    for history in (training.wait(), second.wait()):
        wanted = fit(model, IMAGES, LABELS, optimizer=optimizer, rng=rng, batch_size=16, threads=1, epochs=2, schedule=schedule,
                     progress=False)
        assert history.loss == wanted.loss and history.learning_rate == wanted.learning_rate


def test_what_has_not_ended_does_not_begin_again():
    training = make()
    training.step()
    with pytest.raises(RuntimeError, match="the training must have ended, and it is paused"):
        training.again()


def test_to_start_one_ends_the_one_before():
    first, second = forever(), forever()
    first.start()
    second.start()
    assert first.state == "stopped" and not second.ended
    third = forever()
    third.step()
    assert second.state == "stopped" and third.state == "paused"


def test_the_rate_changes_from_the_next_step_on():
    training = make(schedule=CosineDecay(0.1))
    training.step()
    training.rate_factor = 0.5
    training.step()
    training.rate_factor = 4
    training.wait()
    plan = [CosineDecay(0.1)(step, 10) for step in range(10)]
    np.testing.assert_allclose(training.history.learning_rate, [plan[0], plan[1] / 2, *(4 * rate for rate in plan[2:])])
    constant = make(learning_rate=0.2)
    constant.rate_factor = 2
    assert constant.wait().learning_rate == [0.4] * 10
    for bad, error in ((0, ValueError), (-1, ValueError), ("fast", TypeError)):
        with pytest.raises(error, match="rate_factor must be"):
            constant.rate_factor = bad


def test_a_rate_that_is_assigned_meanwhile_holds_from_the_next_step_on():
    training = make(learning_rate=0.2)
    training.step()
    training._run.optimizer.learning_rate = 0.1
    assert training.wait().learning_rate == [0.2] + [0.1] * 9


def test_listeners_hear_each_step_and_each_change_of_state():
    training, heard = make(), []
    training.listeners.append(lambda t: heard.append((t.state, t.history.steps)))
    training.step()
    training.wait()
    assert heard == [("paused", 0), ("paused", 1), *(("running", k) for k in range(1, 11)), ("done", 10)]


def test_a_listener_may_pause_and_stop():
    training = forever()
    training.listeners.append(lambda t: t.history.steps == 5 and t.state == "running" and t.pause())
    training.listeners.append(lambda t: t.history.steps == 9 and t.stop())
    training.start()
    training._until(lambda: training.state == "paused")
    assert training.history.steps == 5
    training.listeners.pop(0)
    assert training.wait().steps == 9 and training.state == "stopped"


def wrong_rate():
    return make(learning_rate=1e30, epochs=5)


def wrong_listener():
    training = make()
    training.listeners.append(lambda t: (t.state, t.history.steps) == ("running", 1) and 1 / 0)
    return training


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("wrong, error", [(wrong_rate, ValueError), (wrong_listener, ZeroDivisionError)])
def test_an_error_is_raised_where_one_waits(wrong, error):
    training = wrong()
    for _ in range(2):
        with pytest.raises(error, match=r"loss must stay finite|division by zero"):
            training.wait()
    assert training.state == "failed" and not training.model.training


def press_stop_after(training, steps):
    training.listeners.append(lambda t: t.history.steps == steps and t.state == "running" and signal.raise_signal(signal.SIGINT))


def test_an_interrupt_while_one_waits_ends_it():
    training = forever()
    press_stop_after(training, 20)  # a signal is always the main thread's
    history = training.wait()
    assert history.interrupted and history.steps >= 20 and training.state == "stopped"


class Injector:
    """Presses Ctrl-C at the n-th line that the main thread executes in the library."""

    def __init__(self, place):
        self.place, self.seen, self.where = place, 0, None

    def __call__(self, frame, event, argument):
        if "cnnlib" not in frame.f_code.co_filename:
            return None
        if event == "line" and self.where is None:
            self.seen += 1
            if self.seen == self.place:
                self.where = f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno} {frame.f_code.co_name}"
                signal.raise_signal(signal.SIGINT)
        return self


def blas_threads():
    from threadpoolctl import threadpool_info

    return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas" and "numpy" in pool["filepath"]]


def start_and_wait(training):
    training.start()
    training.wait()


def wait_paused(training):
    training.step()
    training.wait()


@pytest.mark.parametrize("epochs", [1, 100_000])
@pytest.mark.parametrize("path", [Training.wait, start_and_wait, wait_paused])
def test_one_interrupt_ends_a_training_at_every_line(path, epochs):
    """Afterwards nothing runs, BLAS and the handler are as before, and the next training is a whole one."""
    handler, threads, places, place = signal.getsignal(signal.SIGINT), blas_threads(), [], 0
    while True:
        place += 1
        training, injector = make(epochs=epochs), Injector(place)
        sys.settrace(injector)
        try:
            with contextlib.suppress(KeyboardInterrupt):
                path(training)
        finally:
            sys.settrace(None)
        if injector.where is None or places.count(injector.where) == 9:
            break  # this path has fewer lines, or is a turn of the loop that waits
        places.append(injector.where)
        begun = training._thread.ident is not None
        if begun:
            training._thread.join(60)  # it was told; the interrupt went on to the caller
        assert not training._thread.is_alive() and (training.ended or not begun), injector.where
        assert blas_threads() == threads, injector.where
        heard_by = signal.getsignal(signal.SIGINT)
        assert heard_by is handler or (not begun and heard_by is Training._on_interrupt), injector.where
        with pytest.raises(KeyboardInterrupt):  # as it was before
            signal.raise_signal(signal.SIGINT)
    assert len(set(places)) > 40
    assert make().wait().steps == 10


def test_await_lets_others_work_and_ends_when_cancelled():
    async def others_work():
        training, turns = forever(), 0
        waiting = asyncio.ensure_future(training._wait_and_let_others_work())
        while training.history.steps < 20:
            turns += 1
            await asyncio.sleep(0.01)
        waiting.cancel()
        return await waiting, turns, await make()

    history, turns, whole = asyncio.run(others_work())
    assert history.interrupted and history.steps >= 20 and turns > 0
    assert whole.steps == 10 and not whole.interrupted


def test_the_model_can_be_looked_at_meanwhile():
    """A replica's caches are its own: neither side disturbs the other."""
    training = make(epochs=30)
    training.start()
    while not training.ended:
        result = evaluate(training.model, IMAGES, LABELS)
        assert result.outputs.shape == (160, 2) and np.isfinite(result.outputs).all()
    assert training.error is None
    alone = make(epochs=30)
    assert alone.wait().loss == training.history.loss


@pytest.mark.parametrize("error", [SystemExit(3), GeneratorExit(), KeyboardInterrupt()])
def test_a_listener_that_raises_anything_ends_the_training_and_the_others_hear(error):
    training, heard = forever(), []

    def wrong(training):
        if training.state == "running" and training.history.steps == 2:
            raise error

    training.listeners += [wrong, lambda training: heard.append(training.state)]
    if isinstance(error, KeyboardInterrupt):
        assert training.wait().interrupted and training.state == "stopped"
    else:
        with pytest.raises(type(error)):
            training.wait()
        assert training.state == "failed"
    assert heard[-1] == training.state and not training._thread.is_alive() and not training.model.training


def test_a_listener_that_raises_at_the_end_is_heard_too():
    training = make()
    training.listeners.append(lambda training: training.state == "done" and 1 / 0)
    with pytest.raises(ZeroDivisionError):
        training.wait()
    assert training.state == "failed"


def test_blas_gets_its_threads_back_in_a_notebook_though_nobody_waits():
    before = blas_threads()

    async def cell():
        training = make()
        training.start()
        while training._thread.is_alive():
            await asyncio.sleep(0.01)
        while blas_threads() != before:
            await asyncio.sleep(0.01)

    asyncio.run(cell())


@pytest.mark.parametrize("look", [lambda t: t.state, lambda t: t.ended, lambda t: t.history.loss, repr])
def test_blas_gets_its_threads_back_in_a_script_that_looks_at_what_has_ended(look):
    """Even while the thread has a listener to tell: whoever has seen the end may never look again."""
    before, training = blas_threads(), make()
    begun, at_end, seen = (threading.Event() for _ in range(3))
    training.listeners.append(lambda t: (at_end.set(), seen.wait(60)) if t.state == "done" else begun.wait(60))
    training.start()
    begun.set()
    at_end.wait()
    assert set(blas_threads()) == {1}
    look(training)
    assert blas_threads() == before and training._thread.is_alive()
    seen.set()
    training._thread.join()


def test_whoever_sees_the_end_has_the_model_for_himself():
    """What only another step could use is let go of before: not between his forward and his backward pass."""
    training, states = make(), []
    training._run.release = lambda: states.append(training.state)
    training.wait()
    assert states == ["running"]


def test_what_has_ended_holds_little_memory():
    """A notebook's cell that is run again keeps the old widget, and that its training."""
    images = np.zeros((64, 28, 28), np.uint8)

    def one_round():
        model = lenet5(rng=0)
        training = Training(model, images, LABELS[:64], optimizer=SGD(model, 0.05, momentum=0.9), rng=0, epochs=2, threads=1)
        training.wait()
        return training

    kept = [one_round()]
    tracemalloc.start()
    kept += [one_round() for _ in range(3)]
    memory = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert memory < 3 * 2_000_000, memory  # weights, gradients and velocities have 0.7 MB; a batch's columns 6


def test_a_hundred_rounds_leave_nothing_behind():
    """Start, pause, step, stop and begin anew, as a class does: no thread, no growth."""

    def one_round():
        training = forever()
        training.start()
        training.pause()
        training.step()
        training.start()
        training.stop()
        return weakref.ref(training)

    def measured():
        gc.collect()
        return threading.active_count(), tracemalloc.get_traced_memory()[0], len(gc.get_objects())

    one_round(), one_round()
    tracemalloc.start()
    one_round()
    threads, memory, objects = measured()
    gone = [one_round() for _ in range(100)]
    threads_after, memory_after, objects_after = measured()
    tracemalloc.stop()
    assert threads_after == threads and memory_after - memory < 100_000 and objects_after - objects < 500
    assert sum(reference() is not None for reference in gone) <= 1  # the last one started is known


def test_blas_gets_its_threads_back_when_the_last_one_ends():
    from threadpoolctl import threadpool_info

    def blas():
        return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas" and "numpy" in pool["filepath"]]

    before, training = blas(), forever()
    training.step()
    evaluate(training.model, IMAGES, LABELS)
    assert all(threads == 1 for threads in blas())  # the training goes on
    training.stop()
    assert blas() == before


@pytest.mark.parametrize("change, message", [({"epochs": 0}, "epochs must be"), ({"rng": None}, "rng must be")])
def test_it_refuses_what_fit_refuses(change, message):
    model = small_net()
    with pytest.raises((TypeError, ValueError), match=message):
        Training(model, IMAGES, LABELS, **{"optimizer": SGD(model, 0.1), "rng": 0, **change})


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("factor, seed", [(2, 0), (8, 0), (8, 3)])
def test_what_lecture_08_says_of_a_hand_on_the_rate(factor, seed):
    """Twice the rate for fifty steps is forgiven; eight times is not, whatever way it ends.

    Which way depends on rounding: dead at log 10 mostly, or a loss beyond all numbers.
    """
    train, model = load_mnist().train, lenet5(rng=seed)
    optimizer = SGD(model, learning_rate=0.05, momentum=0.9, weight_decay=5e-4)
    training = Training(model, train.images, train.labels, optimizer=optimizer, rng=seed, schedule=CosineDecay(0.05, warmup=0.2))

    def hand(training):
        training.rate_factor = factor if 250 <= training.history.steps < 300 else 1
        if training.history.steps == 400:
            training.stop()

    training.listeners.append(hand)
    with contextlib.suppress(ValueError):  # the loss explodes
        training.wait()
    end = np.mean(training.history.loss[-20:]) if training.error is None else np.inf
    assert np.mean(training.history.accuracy[240:250]) > 0.9
    assert end < 0.6 if factor == 2 else end > 1.5
