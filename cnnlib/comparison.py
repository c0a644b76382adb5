"""Comparing experiments honestly: means with their intervals, paired differences, corrected verdicts.

One rule for all: both sides run with the same seeds, the differences are taken seed by seed, the
interval and the probability come from Student's *t* (`scipy.stats`), and where several comparisons
are made together, their probabilities are corrected by Holm's method. What stays below 5 % is
called "higher" or "lower"; all else is "not established", which is not the same as "equal".
"""

from dataclasses import dataclass

import numpy as np

from cnnlib._validate import check_array, check_finite, check_iterable, check_number, quietly

CONFIDENCE = 0.95
LARGEST = 1e150  # of a number: sums of squares are numbers too


@dataclass(frozen=True)
class Estimate:
    """A mean over seeds and how far it can be trusted.

    Formats as its mean and its `half` width: ``f"{estimate:.1%}"`` is such as ``76.1% ± 3.7%``.

    Attributes
    ----------
    mean : float
    spread : float
        Standard deviation from seed to seed, with N − 1 degrees of freedom; NaN for one seed.
    half : float
        Half the width of the 95 % interval of the *mean*; NaN for one seed, which says nothing of it.
    count : int
        Seeds.
    """

    mean: float
    spread: float
    half: float
    count: int

    @property
    def low(self):
        """Lower end of the interval."""
        return self.mean - self.half

    @property
    def high(self):
        """Upper end of the interval."""
        return self.mean + self.half

    def __format__(self, spec):
        return f"{self.mean:{spec}} ± {self.half:{spec}}"

    def __str__(self):
        return format(self, ".3g")


@dataclass(frozen=True)
class Comparison:
    """What one side has over the other, seed by seed.

    Attributes
    ----------
    difference : Estimate
        Of the first side minus the second.
    p : float
        Probability of a difference as large as this or larger, either way, if only the seeds differed.
    corrected : float
        The same after Holm's correction for all that was compared together; `p` where that is one.
    together : int
        How many were compared together.
    """

    difference: Estimate
    p: float
    corrected: float
    together: int

    @property
    def verdict(self):
        """``"higher"``, ``"lower"`` or ``"not established"``, of the first side."""
        if not self.corrected < 1 - CONFIDENCE:
            return "not established"
        return "higher" if self.difference.mean > 0 else "lower"

    @property
    def established(self):
        return self.verdict != "not established"

    def __format__(self, spec):
        return f"{format(self.difference, spec)}, {self.verdict}"

    def __str__(self):
        return format(self, ".3g")


@quietly
def estimate(values):
    r"""Return the mean of one number a seed, with the 95 % interval of that mean.

    .. math:: \bar x \pm t_{0.975,\,N-1}\, \frac{s}{\sqrt N}, \qquad s^2 = \frac{1}{N-1} \sum_i (x_i - \bar x)^2

    Parameters
    ----------
    values : array_like, shape (N,)

    Returns
    -------
    Estimate

    Raises
    ------
    TypeError, ValueError
        If `values` are not a row of finite numbers.

    Examples
    --------
    The *t* of two degrees of freedom is 4.303; :math:`4.303 \cdot 1 / \sqrt 3 = 2.48`.

    >>> print(estimate([4, 5, 6]))
    5 ± 2.48
    """
    values = _row("values", values)
    if len(values) == 1:
        return Estimate(float(values[0]), np.nan, np.nan, 1)
    from scipy import stats  # here and below: who only reads a record need not wait for it

    spread = float(values.std(ddof=1))
    half = stats.t.ppf((1 + CONFIDENCE) / 2, len(values) - 1) * spread / np.sqrt(len(values))
    return Estimate(float(values.mean()), spread, float(half), len(values))


def compare(pairs):
    """Compare pairs of settings that ran with the same seeds, and correct for how many pairs there are.

    Parameters
    ----------
    pairs : dict of str to (array_like, array_like), each of shape (N,)
        For each question two rows, one number a seed, the seeds in the same order. All that a text
        draws conclusions from belongs into one call: the correction counts them.

    Returns
    -------
    dict of str to Comparison
        In the same order; each of the first row minus the second.

    Raises
    ------
    TypeError, ValueError
        If there is no pair, rows differ in length, have fewer than two numbers or one that is not finite.

    Examples
    --------
    >>> many = compare({"a and b": ([4, 5, 6], [2, 3, 3]), "a and c": ([4, 5, 6], [4, 7, 3])})
    >>> for name, one in many.items():
    ...     print(f"{name}: {one:.1f}, p = {one.p:.3f}, corrected {one.corrected:.3f}")
    a and b: 2.3 ± 1.4, higher, p = 0.020, corrected 0.040
    a and c: 0.3 ± 6.3, not established, p = 0.840, corrected 0.840
    """
    if not isinstance(pairs, dict) or not pairs:
        raise TypeError(f"pairs must be a dict of at least one name to two rows, got {pairs!r:.60}")
    differences = {name: _differences(name, pair) for name, pair in pairs.items()}
    probabilities = [_probability(*each) for each in differences.values()]
    return {
        name: Comparison(estimate(difference), p, corrected, len(pairs))
        for (name, (difference, _)), p, corrected in zip(differences.items(), probabilities, holm(probabilities))
    }


def holm(probabilities):
    r"""Return probabilities corrected for their number by Holm's method.

    The smallest of m is multiplied by m, the next by m − 1, and so on; none may become smaller than
    the one before it, or larger than 1. The chance of *any* false finding among those below 5 %
    then is below 5 %, whatever their dependence (S. Holm, "A simple sequentially rejective multiple
    test procedure", *Scandinavian Journal of Statistics* 6, 1979).

    Parameters
    ----------
    probabilities : array_like, shape (m,)
        In [0, 1].

    Returns
    -------
    list of float
        In the same order.

    Raises
    ------
    TypeError, ValueError
        If one is not a number in [0, 1].

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03, 0.5])
    [0.04, 0.09, 0.09, 0.5]
    """
    probabilities = check_iterable("probabilities", probabilities)
    p = np.array([check_number("probabilities", value, 0, 1) for value in probabilities])
    order = np.argsort(p, kind="stable")
    corrected = np.empty(len(p))
    corrected[order] = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)).clip(max=1)
    return corrected.tolist()


def _row(name, values):
    values = check_array(name, values, 1).astype(float)
    check_finite(name, values)
    if np.abs(values).max() > LARGEST:
        raise ValueError(f"{name} must hold numbers up to {LARGEST:g} in size, got {np.abs(values).max():g}")
    return values


def _differences(name, pair):
    """First minus second, seed by seed, and how much of it may be rounding."""
    first, second = (_row(f"pairs[{name!r}]", side) for side in pair)
    if len(first) != len(second) or len(first) < 2:
        need = f"pairs[{name!r}] must have the same seeds on both sides, at least 2"
        raise ValueError(f"{need}, got {len(first)} and {len(second)}")
    return first - second, 4 * np.finfo(float).eps * max(np.abs(first).max(), np.abs(second).max())


def _probability(difference, rounding):
    if np.ptp(difference) <= rounding:  # every seed says the same: t divides by zero, or by what rounding leaves
        return float(np.abs(difference).max() <= rounding)
    from scipy import stats

    return float(stats.ttest_1samp(difference, 0).pvalue)
