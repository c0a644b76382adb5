"""More than one core: threads that share work out, and the same network on parts of a batch.

NumPy lets go of Python's lock while it copies and multiplies, so threads are enough. Work that is
in one of several threads already is not shared out again, and BLAS keeps to one core meanwhile.
"""

import contextlib
import contextvars
import functools
import os
import sys
import threading

from cnnlib._main_thread import is_main_thread
from cnnlib._validate import check_callable, check_int, check_iterable, check_model

MOST_THREADS = 4  # more would leave too few images of a batch for each

HAS_THREADS = sys.platform not in ("emscripten", "wasi")  # a browser's Python starts none

_allowed = threading.local()  # .threads: what the current thread may use, where that is not all cores


def thread_count(threads=None):
    """Return `threads` as given, or the number of cores that may be used here.

    Parameters
    ----------
    threads : int, optional

    Returns
    -------
    int
        Where the choice was left open: what `limit_threads` says, or all cores of the process, at
        most `MOST_THREADS`. Where Python cannot start a thread, 1 whatever was asked for.

    Examples
    --------
    >>> thread_count(2)
    2
    """
    if threads is not None:
        threads = check_int("threads", threads, 1)
    if not HAS_THREADS:
        return 1
    if threads is not None:
        return threads
    if getattr(_allowed, "threads", None) is not None:
        return _allowed.threads
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # macOS, Windows
        cores = os.cpu_count() or 1
    return min(cores, MOST_THREADS)


@contextlib.contextmanager
def limit_threads(count):
    """Let what this thread computes use at most `count` cores, where it is not told otherwise.

    Parameters
    ----------
    count : int

    Examples
    --------
    >>> with limit_threads(1):
    ...     thread_count()
    1
    """
    before = getattr(_allowed, "threads", None)
    _allowed.threads = check_int("count", count, 1)
    try:
        yield
    finally:
        _allowed.threads = before


def thread_map(work, parts):
    """Return ``[work(part) for part in parts]``, the parts dealt out to as many threads as allowed.

    Parameters
    ----------
    work : callable
        What it does with one part must not touch what it does with another.
    parts : list

    Returns
    -------
    list

    Examples
    --------
    >>> thread_map(abs, [-1, 2, -3])
    [1, 2, 3]
    """
    check_callable("work", work)
    parts = check_iterable("parts", parts)
    count = min(thread_count(), len(parts))
    if count < 2:
        return [work(part) for part in parts]
    with one_blas_thread():
        return _deal(lambda k, part: work(part), parts, count, _pool())


def _deal(work, parts, count, pool):
    """Return ``[work(k, part) ...]``: thread k gets each `count`-th part, the caller is thread 0."""

    def share(k):
        with limit_threads(1):
            return [work(k, part) for part in parts[k::count]]

    # in a copy of this thread's context, so that np.errstate holds there too
    others = [pool.submit(contextvars.copy_context().run, share, k) for k in range(1, min(count, len(parts)))]
    try:
        results = [share(0)]
    finally:  # no thread must be at work when the caller goes on
        results_of_others = [future.result() for future in others]
    results += results_of_others
    return [results[k % count][k // count] for k in range(len(parts))]


@functools.cache
def _pool():
    from concurrent.futures import ThreadPoolExecutor  # here, since it loads half of `logging`

    return ThreadPoolExecutor(MOST_THREADS - 1, thread_name_prefix="cnnlib")


if hasattr(os, "register_at_fork"):  # a forked process inherits the pool, but not its threads
    os.register_at_fork(after_in_child=_pool.cache_clear)


_blas_lock, _blas_users, _blas_limit = threading.Lock(), 0, None


@contextlib.contextmanager
def one_blas_thread():
    """Keep BLAS on one core: our products are so small that its threads mostly wait for each other.

    On a busy machine they wait by spinning, which can make an epoch ten times slower. The limit is
    the whole process's, and its users overlap when a training goes on in the background: the last
    one lifts it. Only the main thread sets it, and elsewhere nothing is done: once that has set it
    OpenBLAS obeys no other, and what another has set may never be lifted.
    """
    global _blas_users, _blas_limit
    if not is_main_thread():
        yield
        return
    with _blas_lock:
        if _blas_users == 0:
            _blas_limit = _blas_controller().limit(limits=1, user_api="blas")
        _blas_users += 1
    try:
        yield
    finally:
        with _blas_lock:
            _blas_users -= 1
            if _blas_users == 0:
                _blas_limit.restore_original_limits()


@functools.cache
def _blas_controller():
    from threadpoolctl import ThreadpoolController  # here: it costs a quarter of `import cnnlib`

    return ThreadpoolController()


class Replicas:
    """Replicas of a model, each with a thread; a context manager.

    A replica has the same parameter arrays, but caches and gradients of its own. The model itself
    is none of them: whoever calls it meanwhile neither disturbs what they compute nor is disturbed.

    Parameters
    ----------
    model : Layer
    threads : int

    Examples
    --------
    >>> import numpy as np
    >>> from cnnlib.layers import Linear
    >>> with Replicas(Linear(2, 1, rng=0), 2) as replicas:
    ...     replicas.map(lambda model, x: model(x).shape, [np.ones((3, 2)), np.ones((1, 2))])
    [(3, 1), (1, 1)]
    """

    def __init__(self, model, threads):
        from concurrent.futures import ThreadPoolExecutor

        model, threads = check_model("model", model), check_int("threads", threads, 1)
        self.models = [model.replica() for _ in range(threads)]
        # of each layer: what it holds under public names, and the same layer of each replica
        self._layers = [
            (layer, {name: value for name, value in vars(layer).items() if _is_followed(name)}, twins)
            for layer, *twins in zip(*map(_with_inner, (model, *self.models)))
        ]
        self._pool = ThreadPoolExecutor(threads - 1) if threads > 1 else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._pool is not None:
            self._pool.shutdown()

    def map(self, work, parts):
        """Return ``[work(model, part) for each part]``, the parts dealt out to the threads in turn."""
        if len(self.models) == 1:  # not in one of several threads: its convolutions may still share themselves out
            return [work(self.models[0], part) for part in parts]
        return _deal(lambda k, part: work(self.models[k], part), parts, len(self.models), self._pool)

    def follow(self):
        """Take over what has been assigned to the model's layers since the last time: weights and options."""
        for layer, known, twins in self._layers:
            now = vars(layer)
            for name, value in known.items():
                if now.get(name, value) is not value:
                    known[name] = now[name]
                    for twin in twins:
                        vars(twin)[name] = now[name]

    def sum_gradients(self, count):
        """Give the model the sum of the gradients of its first `count` replicas."""
        if count > 1:
            totals = self.models[0].gradients()
            for model in self.models[1:count]:
                for name, gradient in model.gradients().items():
                    totals[name] += gradient
        for layer, _, twins in self._layers:
            for name in layer.parameter_names:
                if hasattr(twins[0], f"grad_{name}"):
                    setattr(layer, f"grad_{name}", getattr(twins[0], f"grad_{name}"))


def _with_inner(layer):
    """The layer, and those inside it, in a fixed order."""
    return [layer, *(each for inner in getattr(layer, "layers", ()) for each in _with_inner(inner))]


def _is_followed(name):
    """Whether an attribute of a layer is neither a cache nor a gradient, nor what each replica has of its own."""
    return not name.startswith(("_", "grad_")) and name not in ("training", "layers", "fused", "splits_batches")
