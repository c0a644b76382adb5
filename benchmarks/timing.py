"""Time contestants in turn, each with the same number of threads."""

import contextlib
import math
import os
import statistics
import time

import threadpoolctl

from cnnlib.parallel import limit_threads

try:
    import torch
except ImportError:  # no dependency of the course: what needs it says so and goes on
    torch = None


PAUSE = 0.05  # seconds; see `in_turn`
BUSY = 1.2  # load above which two threads are not measured
# One thread's own processor time holds on a busy machine too. Two threads wait for each other: only wall time tells.
CLOCKS = {1: time.thread_time, 2: time.perf_counter}


def quiet(patience=90):
    """Return whether the machine has two cores for us: a load under `BUSY`, for which it waits some seconds.

    What was measured a moment ago counts as load, and is forgotten within a minute.
    """
    if not hasattr(os, "getloadavg"):
        return False
    end = time.monotonic() + patience
    while os.getloadavg()[0] >= BUSY:
        if time.monotonic() >= end:
            return False
        time.sleep(2)
    return True


def seconds(function, clock=time.perf_counter):
    """Return how long one call takes."""
    start = clock()
    function()
    return clock() - start


def repeated(function, clock=time.perf_counter, at_least=0.03):
    """Return a contestant for `in_turn`: the mean of as many calls as fill `at_least` seconds."""
    function()
    calls = max(1, math.ceil(at_least / max(seconds(function, clock), 1e-6)))
    return lambda: seconds(lambda: [function() for _ in range(calls)], clock) / calls


def in_turn(contestants, rounds):
    """Run functions that return seconds in turn, every other round backwards.

    A busy moment of the machine so falls on all of them. The first round warms caches and is dropped.
    Before each there is a pause: threads of OpenMP and OpenBLAS go on spinning for some 20 ms after
    their work, on the cores of whoever comes next.

    Returns
    -------
    dict of str to list of float
    """
    times = {name: [] for name in contestants}
    for k in range(rounds + 1):
        for name in list(contestants)[:: (-1) ** k]:
            time.sleep(PAUSE)
            times[name].append(contestants[name]())
    return {name: values[1:] for name, values in times.items()}


def ratio(times, ours, theirs):
    """Return the ratio of the medians."""
    return statistics.median(times[ours]) / statistics.median(times[theirs])


def spread(times, ours, theirs):
    """Return the lowest and highest ratio of a single round, as text: how far to trust the median."""
    ratios = [a / b for a, b in zip(times[ours], times[theirs])]
    return f"{min(ratios):.2f}–{max(ratios):.2f}"


def middle(times, ours, theirs):
    """Return the median of the ratios of single rounds: a busy moment falls on both sides of a round."""
    return statistics.median(a / b for a, b in zip(times[ours], times[theirs]))


def milliseconds(values):
    """Return the median of seconds as text."""
    return f"{1000 * statistics.median(values):.3g} ms"


@contextlib.contextmanager
def threads(count):
    """Let cnnlib, BLAS, and PyTorch if it is there, use `count` threads."""
    with limit_threads(count), threadpoolctl.threadpool_limits(count, user_api="blas"):
        if torch is None:
            yield
            return
        before = torch.get_num_threads()
        torch.set_num_threads(count)
        try:
            yield
        finally:
            torch.set_num_threads(before)
