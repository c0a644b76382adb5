"""Training on several threads gives what one thread gives, to rounding."""

import signal
import threading

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from cnnlib import (
    SGD,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    LeakyReLU,
    Linear,
    MaxPool2d,
    ReLU,
    Sequential,
    evaluate,
    fit,
    parallel,
    predict,
    search,
)
from cnnlib.parallel import MOST_THREADS, Replicas, limit_threads, thread_count, thread_map

RNG = np.random.default_rng(0)
IMAGES = RNG.normal(size=(50, 1, 8, 8))
LABELS = (IMAGES.mean(axis=(1, 2, 3)) > 0).astype(int)


def net(*between):
    return Sequential(
        Conv2d(1, 3, 3, padding=1, rng=0, dtype=np.float64), ReLU(), MaxPool2d(2), *between,
        Conv2d(3, 4, 3, rng=1, dtype=np.float64), LeakyReLU(), Flatten(), Linear(16, 2, rng=2, dtype=np.float64),
    )


def train(model, threads, **options):
    optimizer = SGD(model, 0.05, momentum=0.9)
    return fit(
        model, IMAGES, LABELS, optimizer=optimizer, rng=3, epochs=2, batch_size=16, progress=False, threads=threads, **options
    )


def test_where_nobody_knows_the_number_of_cores_there_is_one(monkeypatch):
    monkeypatch.delattr("os.sched_getaffinity", raising=False)
    for cores, threads in ((None, 1), (1, 1), (3, 3), (64, MOST_THREADS)):
        monkeypatch.setattr("os.cpu_count", lambda cores=cores: cores)
        assert thread_count() == threads


@pytest.mark.parametrize("threads", [2, 3, 16, 40])
def test_the_number_of_threads_changes_nothing_but_rounding(threads):
    one, many = net(), net()
    alone, together = train(one, 1), train(many, threads)
    np.testing.assert_allclose(together.loss, alone.loss, rtol=1e-10)
    assert together.accuracy == alone.accuracy
    for name, value in one.parameters().items():
        np.testing.assert_allclose(many.parameters()[name], value, rtol=1e-9, atol=1e-12)


def test_it_is_the_same_each_time_for_one_number_of_threads():
    first, second = net(), net()
    assert train(first, 2).loss == train(second, 2).loss
    for name, value in first.parameters().items():
        np.testing.assert_array_equal(second.parameters()[name], value)


def test_the_work_is_shared():
    class Watched(ReLU):
        def forward(self, x):
            seen.add((threading.get_ident(), len(x)))
            return super().forward(x)

    seen = set()
    train(net(Watched()), 2)
    assert len({thread for thread, _ in seen}) == 2
    assert {length for _, length in seen} == {8, 1}  # batches of 16, 16, 16 and 2, in halves


@pytest.mark.parametrize("batch_size, parts", [(127, 1), (128, 2), (400, 3)])
def test_a_small_batch_is_not_split_unless_asked_to(batch_size, parts):
    class Watched(ReLU):
        def forward(self, x):
            lengths.append(len(x))
            allowed.add(thread_count())
            return super().forward(x)

    lengths, allowed = [], set()
    model, images = net(Watched()), np.resize(IMAGES, (batch_size, *IMAGES.shape[1:]))
    with limit_threads(3):
        fit(model, images, np.resize(LABELS, batch_size), optimizer=SGD(model, 0.1), rng=0, batch_size=batch_size, progress=False)
    assert (len(lengths), sum(lengths)) == (parts, batch_size)
    assert allowed == {3 if parts == 1 else 1}  # alone, its convolutions may still share themselves out


def test_one_thread_means_one():
    class Watched(ReLU):
        def forward(self, x):
            allowed.add(thread_count())
            return super().forward(x)

    allowed = set()
    model = net(Watched())
    train(model, 1)
    predict(model, IMAGES, threads=1)
    assert allowed == {1}


@pytest.mark.parametrize("layer", [BatchNorm2d(3, dtype=np.float64), Dropout(0.2, rng=0)])
def test_what_looks_at_the_whole_batch_is_not_split(layer):
    class Watched(LeakyReLU):
        def forward(self, x):
            lengths.append(len(x))
            return super().forward(x)

    lengths = []
    train(net(layer, Watched()), 2)
    assert lengths == [16, 16, 16, 2] * 2


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_predictions_come_in_order(threads):
    model = net()
    images = np.tile(IMAGES, (15, 1, 1, 1))
    np.testing.assert_allclose(predict(model, images, threads=threads), model.eval()(images), rtol=1e-10, atol=1e-12)
    assert evaluate(model, IMAGES, LABELS, threads=threads).loss == evaluate(model, IMAGES, LABELS, threads=1).loss


def test_an_interrupt_ends_all_threads_after_the_step():
    def stop(history):
        if history.steps == 3:
            signal.raise_signal(signal.SIGINT)

    before = threading.active_count()
    history = train(net(), 2, callback=stop)
    assert history.interrupted and history.steps == 3 and threading.active_count() == before


def test_an_error_in_a_thread_reaches_the_caller():
    with Replicas(Linear(2, 1, rng=0), 2) as replicas, pytest.raises(ZeroDivisionError):
        replicas.map(lambda model, part: 1 / part, [1, 0])


def test_a_replica_shares_parameters_and_nothing_else():
    model = net()
    twin = model.replica()
    outputs = model(IMAGES[:4])
    twin(IMAGES[4:])
    model.backward(np.ones_like(outputs))
    assert all(twin.parameters()[name] is value for name, value in model.parameters().items())
    with pytest.raises(RuntimeError, match="call backward first"):
        twin.gradients()


@pytest.mark.parametrize("threads, error", [(0, ValueError), (1.5, TypeError)])
def test_threads_must_be_a_count(threads, error):
    with pytest.raises(error, match="threads must be an integer of at least 1, got"):
        train(net(), threads)


def test_threads_are_the_cores_unless_given():
    assert 1 <= thread_count(None) <= 4 and thread_count(7) == 7


# Threads ------------------------------------------------------------------------------------------


def test_parts_are_shared_out_and_come_back_in_order():
    barrier = threading.Barrier(2, timeout=60)  # passes only if two are at work at once

    def work(part):
        barrier.wait()
        return part, threading.get_ident(), thread_count()

    with limit_threads(2):
        parts, threads, allowed = zip(*thread_map(work, list(range(6))))
    assert parts == tuple(range(6))
    assert len(set(threads)) == 2
    assert set(allowed) == {1}, "what runs in one of several threads does not share out again"


def test_one_thread_stays_in_its_own():
    with limit_threads(1):
        assert thread_map(lambda part: threading.get_ident(), [1, 2, 3]) == [threading.get_ident()] * 3


def test_a_limit_ends_with_its_block_and_yields_to_an_argument():
    before = thread_count()
    with limit_threads(3):
        with limit_threads(1):
            assert thread_count() == 1 and thread_count(4) == 4
        assert thread_count() == 3
    assert thread_count() == before
    with pytest.raises(ValueError, match="count must be an integer of at least 1, got 0"), limit_threads(0):
        pass


def test_an_error_in_a_thread_arrives():
    def work(part):
        if part == 1:
            raise ValueError("part 1 is bad")

    with limit_threads(2), pytest.raises(ValueError, match="part 1 is bad"):
        thread_map(work, [0, 1, 2])


def blas_threads():
    """Of NumPy's BLAS, which multiplies here; SciPy has one of its own, where another test has loaded it."""
    return {lib["num_threads"] for lib in threadpool_info() if lib["user_api"] == "blas" and "numpy" in lib["filepath"]}


def test_blas_has_one_thread_while_the_work_is_shared_out():
    with threadpool_limits(2, user_api="blas"), limit_threads(2):
        assert thread_map(lambda part: blas_threads(), [0, 1]) == [{1}, {1}]
        assert blas_threads() == {2}


def test_where_no_thread_can_be_started_one_core_does_all(monkeypatch):
    """As in a browser's Python: what was asked for does not matter, and the results are those of one thread."""

    def refuse(thread):
        raise RuntimeError("can't start new thread")

    def train():
        model = Sequential(Flatten(), Linear(64, 2, rng=0))
        history = fit(model, IMAGES, LABELS, optimizer=SGD(model, 0.1), rng=0, threads=wanted, progress=False)
        return history.loss, predict(model, IMAGES)

    wanted = 1
    one = train()
    for module in (parallel, search):
        monkeypatch.setattr(module, "HAS_THREADS", False)
    monkeypatch.setattr(threading.Thread, "start", refuse)
    wanted = 4
    assert thread_count() == thread_count(4) == 1
    many = train()
    assert many[0] == one[0]
    np.testing.assert_array_equal(many[1], one[1])
    assert thread_map(abs, [-1, 2]) == [1, 2]
    assert len(search.random_search(lambda setting, rng: setting["x"], {"x": (1, 2)}, trials=3, seed=0)) == 3
