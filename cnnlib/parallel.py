"""More than one core: the same network on parts of a batch at once.

NumPy lets go of Python's lock while it copies and multiplies, so threads are enough. Each works
on a *replica*: the same parameter arrays, but caches and gradients of its own.
"""

import os
from concurrent.futures import ThreadPoolExecutor

from cnnlib._validate import check_int

MOST_THREADS = 4  # more would leave too few images of a batch for each


def thread_count(threads):
    """Return `threads` as given, or the number of cores that this process may use.

    Parameters
    ----------
    threads : int or None

    Returns
    -------
    int
        At most `MOST_THREADS` where the choice was left open.

    Examples
    --------
    >>> thread_count(2)
    2
    """
    if threads is not None:
        return check_int("threads", threads, 1)
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # macOS, Windows
        cores = os.cpu_count() or 1
    return min(cores, MOST_THREADS)


class Replicas:
    """A model and its replicas, each with a thread; a context manager.

    Parameters
    ----------
    model : Layer
        The first of the replicas itself.
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
        self.models = [model, *(model.replica() for _ in range(threads - 1))]
        self._pool = ThreadPoolExecutor(threads - 1) if threads > 1 else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._pool is not None:
            self._pool.shutdown()

    def map(self, work, parts):
        """Return ``[work(model, part) for each part]``, the parts dealt out to the threads in turn."""
        count = len(self.models)

        def share(k):
            return [work(self.models[k], part) for part in parts[k::count]]

        others = [self._pool.submit(share, k) for k in range(1, min(count, len(parts)))]
        try:
            results = [share(0)]
        finally:  # a replica must not be at work when the caller goes on
            results_of_others = [future.result() for future in others]
        results += results_of_others
        return [results[k % count][k // count] for k in range(len(parts))]

    def sum_gradients(self, count):
        """Add the gradients of the first `count` models into those of the model itself."""
        totals = self.models[0].gradients()
        for model in self.models[1:count]:
            for name, gradient in model.gradients().items():
                totals[name] += gradient
