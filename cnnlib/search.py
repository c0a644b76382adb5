"""Random search: try many settings at once, on all cores or on a cluster.

J. Bergstra & Y. Bengio, "Random search for hyper-parameter optimization", Journal of Machine
Learning Research 13, 2012: where few of many knobs matter, settings drawn at random try more
values of those few than a grid of the same size.
"""

import copy
from dataclasses import dataclass

import numpy as np

from cnnlib._validate import check_callable, check_int, check_number, check_rng, is_number, plain_fields
from cnnlib.parallel import HAS_THREADS


@dataclass(frozen=True)
class Uniform:
    """A number between two bounds, each as likely as the other.

    Parameters
    ----------
    low, high : float

    Raises
    ------
    TypeError, ValueError
        Unless low ≤ high, both finite.

    Examples
    --------
    >>> round(Uniform(0.0, 0.5).draw(np.random.default_rng(0)), 3)
    0.318
    """

    low: float
    high: float

    def __post_init__(self):
        check_number("high", self.high, check_number("low", self.low))
        plain_fields(self)

    def draw(self, rng):
        """Return a float."""
        if np.isinf(self.high - self.low):  # a distance that is no number
            part = rng.random()
            return float(self.low * (1 - part) + self.high * part)
        return float(rng.uniform(self.low, self.high))


@dataclass(frozen=True)
class LogUniform:
    """A positive number, each power of ten between two bounds as likely as the next.

    Parameters
    ----------
    low, high : float

    Raises
    ------
    TypeError, ValueError
        Unless 0 < low ≤ high, both finite.

    Examples
    --------
    The first random number of this generator is 0.637, and 10^(−3 + 2 · 0.637) = 0.0188.

    >>> round(LogUniform(0.001, 0.1).draw(np.random.default_rng(0)), 4)
    0.0188
    """

    low: float
    high: float

    def __post_init__(self):
        check_number("high", self.high, check_number("low", self.low, 0, open_low=True))
        plain_fields(self)

    def draw(self, rng):
        """Return a float."""
        drawn = float(np.exp(rng.uniform(np.log(self.low), np.log(self.high))))
        return min(max(drawn, float(self.low)), float(self.high))  # the exponential is rounded


@dataclass(frozen=True)
class Trial:
    """One setting and what became of it.

    Attributes
    ----------
    number : int
        Counts from 0, in the order in which the settings were drawn.
    setting : dict
    score : float
        What the objective returned; the lower the better.
    """

    number: int
    setting: dict
    score: float


def draw_setting(space, rng):
    """Return one setting, drawn from a search space.

    Parameters
    ----------
    space : dict
        From a knob's name to what it may be: a `Uniform`, a `LogUniform`, or a list or tuple of
        values that are equally likely.
    rng : numpy.random.Generator or int

    Returns
    -------
    dict
        From each knob's name to one value: a copy, where it is one of a list.

    Raises
    ------
    TypeError, ValueError
        If a knob has nothing to draw from.

    Examples
    --------
    >>> draw_setting({"maps": (4, 6, 8), "pooling": ["max"]}, np.random.default_rng(0))
    {'maps': 8, 'pooling': 'max'}
    """
    if not isinstance(space, dict):
        raise TypeError(f"space must be a dict from a knob's name to its choices, got {space!r:.60}")
    rng, setting = check_rng(rng), {}
    for name, choices in space.items():
        if hasattr(choices, "draw"):
            setting[name] = choices.draw(rng)
        elif not isinstance(choices, (list, tuple)):
            raise TypeError(f"space[{name!r}] must be a Uniform, a LogUniform, a list or a tuple, got {choices!r}")
        elif not choices:
            raise ValueError(f"space[{name!r}] must have a value to choose, got {choices!r}")
        else:
            setting[name] = copy.deepcopy(choices[rng.integers(len(choices))])
    return setting


def random_search(objective, space, trials, *, seed, n_jobs=-1):
    """Draw settings at random, try each, and return them with the best one first.

    The trials run side by side by joblib: on the cores of this machine, or wherever
    ``joblib.parallel_config`` says, such as a Dask cluster. Each has a random generator of its
    own, so that the results do not depend on how many run at once, or where.

    Parameters
    ----------
    objective : callable
        Takes a setting, which it may change, and a `numpy.random.Generator`, returns a number, the lower the better;
        infinity for a setting that failed.
    space : dict
        As for `draw_setting`.
    trials : int
    seed : int
        0 or more.
    n_jobs : int, default -1
        Trials at the same time; -1 for as many as there are cores, -2 for one less, and so on.

    Returns
    -------
    list of Trial
        By score, then by number.

    Raises
    ------
    TypeError, ValueError
        For arguments out of range, or if the objective returns NaN or no number.

    Examples
    --------
    >>> def objective(setting, rng):
    ...     return (setting["x"] - 3) ** 2
    >>> best, *others = random_search(objective, {"x": (1, 2, 3, 4)}, trials=8, seed=0, n_jobs=1)
    >>> best.setting, best.score
    ({'x': 3}, 0.0)
    """
    from joblib import Parallel, delayed  # here: `import cnnlib` need not wait for it

    trials, seed = check_int("trials", trials, 1), check_int("seed", seed, 0)
    check_callable("objective", objective, "setting", "rng")
    draw_setting(space, np.random.default_rng(seed))  # a bad space is refused here, and not by a worker
    n_jobs = min(check_int("n_jobs", n_jobs), trials)  # each is a process
    if n_jobs == 0:
        raise ValueError("n_jobs must be above 0, or below it to count from all cores, got 0")
    work = Parallel(n_jobs=n_jobs if HAS_THREADS else 1)
    tried = work(delayed(_try)(objective, space, seed, k) for k in range(trials))
    return sorted(tried, key=lambda trial: (trial.score, trial.number))


def _try(objective, space, seed, number):
    rng = np.random.default_rng([seed, number])
    setting = draw_setting(space, rng)
    score = objective(copy.deepcopy(setting), rng)  # the record is ours
    if not is_number(score):
        raise TypeError(f"objective must return a number, got {score!r:.60} for {setting}")
    if np.isnan(score):
        raise ValueError(f"objective must return a number, got nan for {setting}")
    return Trial(number, setting, float(score))
