"""A training where Python has no threads, as in a browser: the same numbers, in turns of the event loop."""

import asyncio
import contextlib
import gc
import signal
import sys
import threading
import weakref

import numpy as np
import pytest

from cnnlib import SGD, Training, background, confusion_matrix, conv1d_index, fit, parallel, search, tie_gradient
from cnnlib.widgets import TrainingMonitor
from test_background import IMAGES, LABELS, Injector, blas_threads, forever, make, press_stop_after, wait_paused


@pytest.fixture
def no_threads(monkeypatch):
    """Call it, and Python has no threads from there on."""

    def refuse(thread):
        raise RuntimeError("can't start new thread")

    def take_away():
        for module in (parallel, search, background):
            monkeypatch.setattr(module, "HAS_THREADS", False)
        monkeypatch.setattr(threading.Thread, "start", refuse)

    before = blas_threads()
    yield take_away
    if Training._latest is not None:
        Training._latest.stop()
    assert blas_threads() == before


async def started(training):
    """Started as a cell does that ends at once, and then left to the loop."""
    training.start()
    assert training.history.steps == 0  # the cell's end comes before the first step
    while not training.ended:
        await asyncio.sleep(0)
    return training.history


async def by_hand(training):
    training.step()
    assert (training.state, training.history.steps) == ("paused", 1)
    training.start()
    while training.history.steps < 4:
        await asyncio.sleep(0)
    training.pause()
    steps = training.history.steps
    for _ in range(5):
        await asyncio.sleep(0)
    assert (training.state, training.history.steps) == ("paused", steps)
    return await training


async def awaited(training):
    return await training


async def waited(training):
    return training.wait()


@pytest.mark.parametrize("way", [started, by_hand, awaited, waited])
def test_the_same_weights_bit_by_bit_as_with_a_thread(way, no_threads):
    with_thread = make(epochs=2, validation=(IMAGES, LABELS))
    with_thread.wait()
    no_threads()
    training = make(epochs=2, validation=(IMAGES, LABELS))
    history = asyncio.run(way(training))
    assert repr(training) == "Training(done, 20 of 20 steps)" and not training.model.training
    for name in ("loss", "accuracy", "learning_rate", "validation", "interrupted"):
        assert getattr(history, name) == getattr(with_thread.history, name)
    for name, value in with_thread.model.parameters().items():
        np.testing.assert_array_equal(training.model.parameters()[name], value)


def test_listeners_hear_the_same(no_threads):
    def heard():
        training, said = make(), []
        training.listeners.append(lambda t: said.append((t.state, t.history.steps)))
        training.step()
        training.wait()
        return said

    with_thread = heard()
    no_threads()
    assert heard() == with_thread


def test_the_loop_has_time_for_others_after_each_step(no_threads):
    no_threads()

    async def cell():
        training, turns = forever(), []
        training.start()
        while training.history.steps < 20:
            turns.append(training.history.steps)
            await asyncio.sleep(0)
        training.stop()
        return training, turns

    training, turns = asyncio.run(cell())
    assert turns == list(range(20)) and training.state == "stopped" and training.history.interrupted


def test_a_monitors_buttons_work_while_a_cell_awaits(no_threads):
    no_threads()

    async def cell():
        training, seen = forever(), []
        monitor = TrainingMonitor(training)
        waiting = asyncio.ensure_future(training._wait_and_let_others_work())
        for number, wish in enumerate(["pause", "step", "start", "stop"]):
            for _ in range(5):
                await asyncio.sleep(0)
            monitor._obey(monitor, {"do": wish, "number": number}, [])
            seen.append((monitor.state, monitor.done))
        return await waiting, seen

    history, seen = asyncio.run(cell())
    states, steps = zip(*seen)
    assert states[:2] == ("paused", "paused") and states[3] == "stopped"
    assert steps[1] == steps[0] + 1 and history.steps >= steps[1] and history.interrupted


def test_to_start_one_ends_the_one_before(no_threads):
    no_threads()

    async def cell():
        first, second = forever(), forever()
        first.start()
        await asyncio.sleep(0)
        second.start()
        assert first.state == "stopped" and not second.ended
        second.stop()

    asyncio.run(cell())


def test_what_it_cannot_do_it_says(no_threads):
    no_threads()
    training = make()
    with pytest.raises(RuntimeError, match=r"start needs .* event loop.* call wait\(\)"):
        training.start()
    assert training.state == "ready"
    training.listeners.append(lambda t: t.history.steps == 3 and t.state == "running" and t.pause())
    with pytest.raises(RuntimeError, match="rests after 3 of 10 steps.* `await training`"):
        training.wait()
    training.listeners.clear()
    assert training.wait().steps == 10


@pytest.mark.parametrize("error", [SystemExit(3), GeneratorExit(), ValueError("no")])
def test_an_error_is_raised_where_one_waits(error, no_threads):
    no_threads()

    def wrong(training):
        if training.state == "running" and training.history.steps == 2:
            raise error

    async def cell():
        training = forever()
        training.listeners.append(wrong)
        with pytest.raises(type(error)):
            await training
        return training

    training = asyncio.run(cell())
    assert training.state == "failed" and not training.model.training


def test_cancelled_it_ends(no_threads):
    no_threads()

    async def cell():
        training = forever()
        waiting = asyncio.ensure_future(training._wait_and_let_others_work())
        while training.history.steps < 5:
            await asyncio.sleep(0)
        waiting.cancel()
        return await waiting

    assert asyncio.run(cell()).interrupted


def test_an_interrupt_ends_it_after_the_step_at_hand(no_threads):
    no_threads()
    training = forever()
    press_stop_after(training, 20)
    history = training.wait()
    assert history.interrupted and history.steps == 20 and training.state == "stopped"

    async def cell():
        training = forever()
        press_stop_after(training, 20)
        return await training

    assert asyncio.run(cell()).steps == 20


@pytest.mark.parametrize("path", [Training.wait, wait_paused])
def test_one_interrupt_ends_a_training_at_every_line(path, no_threads):
    no_threads()
    handler, threads, places, place = signal.getsignal(signal.SIGINT), blas_threads(), [], 0
    while True:
        place += 1
        training, injector = make(epochs=100_000), Injector(place)
        sys.settrace(injector)
        try:
            with contextlib.suppress(KeyboardInterrupt):
                path(training)
        finally:
            sys.settrace(None)
        if injector.where is None or training.history.steps > 1:
            break  # each line of a step has had its turn
        places.append(injector.where)
        assert training.ended or not training._begun, injector.where
        assert len(training.history.loss) == len(training.history.learning_rate), injector.where  # no step is half done
        assert blas_threads() == threads, injector.where
        heard_by = signal.getsignal(signal.SIGINT)
        assert heard_by is handler or (not training._begun and heard_by is Training._on_interrupt), injector.where
        with pytest.raises(KeyboardInterrupt):  # as it was before
            signal.raise_signal(signal.SIGINT)
    assert len(set(places)) > 100
    assert make().wait().steps == 10


def test_a_paused_one_that_nobody_holds_goes_in_silence(no_threads):
    no_threads()
    training, heard = forever(), []
    training.listeners.append(lambda t: heard.append(t.state))
    training.step()
    make().step()  # the last one started is known
    heard.clear()
    gone = weakref.ref(training)
    del training
    gc.collect()
    assert gone() is None and not heard


def test_counts_are_of_the_machines_own_size(monkeypatch):
    """On 32 bits, as in a browser, NumPy counts int32 only, and refuses what it would have to cut."""
    count = np.bincount

    def of_32_bits(numbers, *args, **options):
        assert np.can_cast(numbers.dtype, np.int32, "safe")
        return count(numbers, *args, **options)

    monkeypatch.setattr(np, "intp", np.int32)
    monkeypatch.setattr(np, "bincount", of_32_bits)
    labels = np.array([0, 1, 1], np.int64)
    assert confusion_matrix(labels, labels, 2).tolist() == [[1, 0], [0, 2]]
    assert tie_gradient(conv1d_index(4, 2), np.ones((3, 4)), (2,)).tolist() == [3, 3]


def test_fit_and_a_call_in_a_cell_treat_it_as_one_with_a_thread(no_threads):
    no_threads()

    async def cells():
        training = forever()
        training.start()
        while training.history.steps < 3:
            await asyncio.sleep(0)
            training.model(IMAGES[:5])
        losses = list(training.history.loss)
        fit(training.model, IMAGES, LABELS, optimizer=SGD(training.model, 0.01), rng=0, progress=False)
        return training, losses

    training, losses = asyncio.run(cells())
    assert training.state == "stopped" and training.error is None
    alone = forever()
    for _ in range(3):
        alone.step()
    assert alone.history.loss == losses[:3]
