"""Means, intervals, paired differences and verdicts, against answers that are known."""

import numpy as np
import pytest
from scipy import stats

from cnnlib.comparison import compare, estimate, holm


def test_estimate_is_the_textbook_s():
    """Student's own ten patients: hours of sleep that two drugs added ("The probable error of a mean", 1908)."""
    first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
    second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    found = compare({"second drug": (second, first)})["second drug"]
    assert found.difference.mean == pytest.approx(1.58) and found.difference.spread == pytest.approx(1.23, abs=0.005)
    assert found.p == pytest.approx(0.00283, abs=5e-5) and found.corrected == found.p
    assert (found.difference.low, found.difference.high) == pytest.approx((0.70, 2.46), abs=0.005)
    assert found.verdict == "higher" and f"{found:.2f}" == "1.58 ± 0.88, higher"
    other_way = compare({"first drug": (first, second)})["first drug"]
    assert other_way.verdict == "lower" and other_way.p == found.p


def test_interval_and_probability_agree_with_scipy_and_each_other():
    rng = np.random.default_rng(0)
    for _ in range(200):
        a, b = rng.normal(size=(2, rng.integers(2, 12)))
        found = compare({"one": (a, b)})["one"]
        expected = stats.ttest_rel(a, b)
        assert found.p == pytest.approx(expected.pvalue)
        interval = expected.confidence_interval(0.95)
        assert (found.difference.low, found.difference.high) == pytest.approx((interval.low, interval.high))
        assert found.established == (interval.low > 0 or interval.high < 0)


def test_pairing_removes_what_the_seeds_share():
    """A gain of 1 on seeds that differ by tens: invisible side by side, certain seed by seed."""
    seeds = np.arange(0, 80, 10.0)
    better = seeds + 1 + 0.1 * np.array([1, -1, 1, -1, 1, -1, 1, -1])
    assert compare({"gain": (better, seeds)})["gain"].verdict == "higher"
    assert stats.ttest_ind(better, seeds).pvalue > 0.5


def test_holm_by_hand():
    assert holm([0.01]) == [0.01]
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])  # 3 · 0.01, 2 · 0.03, then no smaller
    assert holm([0.4, 0.5, 0.6]) == [1, 1, 1]
    assert holm([]) == []


def test_holm_keeps_false_findings_rare():
    """Ten comparisons of nothing: uncorrected, 40 % of such families have a finding; corrected at most 5 %."""
    rng = np.random.default_rng(1)
    families = [compare({str(k): rng.normal(size=(2, 8)) for k in range(10)}).values() for _ in range(300)]
    assert np.mean([any(one.p < 0.05 for one in family) for family in families]) > 0.3
    assert np.mean([any(one.established for one in family) for family in families]) < 0.08


def test_the_interval_of_a_mean_holds_it_19_times_in_20():
    rng = np.random.default_rng(2)
    found = [estimate(rng.normal(3, 2, size=5)) for _ in range(2000)]
    assert 0.935 < np.mean([one.low < 3 < one.high for one in found]) < 0.965


def test_a_comparison_may_stand_alone_and_fall_in_company():
    pair = [1.0, 2.0, 3.0, 5.0], [0.5, 1.7, 1.0, 3.8]
    noise = np.random.default_rng(3).normal(size=(20, 2, 4))
    alone = compare({"it": pair})["it"]
    among = compare({"it": pair} | {str(k): both for k, both in enumerate(noise)})["it"]
    assert alone.p == among.p and alone.together == 1 and among.together == 21
    assert alone.difference == among.difference and alone.corrected < among.corrected
    assert among.verdict == "not established"


@pytest.mark.parametrize("gap, verdict", [(0, "not established"), (2, "higher"), (-2, "lower")])
def test_seeds_that_all_say_the_same(gap, verdict):
    found = compare({"same": (np.arange(3) + gap, np.arange(3))})["same"]
    assert found.verdict == verdict and found.difference.half == 0


def test_one_seed_says_nothing_of_its_mean():
    one = estimate([4.0])
    assert one.mean == 4 and np.isnan(one.half) and one.count == 1


@pytest.mark.parametrize("call, error, message", [
    (lambda: compare({}), TypeError, "pairs must be a dict"),
    (lambda: compare({"a": ([1, 2], [1, 2, 3])}), ValueError, r"pairs\['a'\] must have the same seeds .* got 2 and 3"),
    (lambda: compare({"a": ([1], [2])}), ValueError, "at least 2, got 1 and 1"),
    (lambda: compare({"a": ([1, np.nan], [2, 3])}), ValueError, "finite"),
    (lambda: estimate([[1, 2]]), ValueError, "1-D"),
    (lambda: estimate([]), ValueError, "not empty"),
    (lambda: holm([0.2, 1.2]), ValueError, r"probabilities must be a finite number in \[0, 1\], got 1.2"),
])
def test_wrong_arguments_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize(
    "pair, p, verdict",
    [
        (([0.1 + 0.2] * 2, [0.3] * 2), 1, "not established"), (([0.1 + 0.2, 0.3], [0.3, 0.3]), 1, "not established"),
        (([0.7, 0.8, 0.9], [0.6, 0.7, 0.8]), 0, "higher"), (([0.6, 0.7, 0.8], [0.7, 0.8, 0.9]), 0, "lower"),
    ],
)
def test_rounding_is_no_difference(pair, p, verdict):
    result = compare({"a": pair})["a"]
    assert (result.p, result.verdict) == (p, verdict)


def test_numbers_whose_squares_are_none_are_refused():
    for call, name in ((lambda: compare({"a": ([1e308, 1], [-1e308, 2])}), r"pairs\['a'\]"), (lambda: estimate([1e308] * 2), "values")):
        with pytest.raises(ValueError, match=rf"{name} must hold numbers up to 1e\+150 in size, got 1e\+308"):
            call()
    assert estimate([1e150, 1e150]).mean == 1e150
