"""Rates and means: intervals that cover the truth, and equal those of statsmodels."""

from __future__ import annotations

import math
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from hppt_lib import intervals
from hppt_lib.intervals import (
    Rate,
    corrected_rate,
    difference_interval,
    half_width,
    holm,
    mean_interval,
    permutation_p,
    rate,
    rate_difference,
    welch_p,
    wilson,
)

VALUES = st.lists(st.floats(-10, 10, allow_subnormal=False), min_size=2, max_size=12)


@given(st.floats(0, 1), st.floats(0.3, 5000))
def test_wilson_is_that_of_statsmodels_also_for_a_part_of_an_outcome(
    share: float, samples: float
) -> None:
    """Mistake: a formula for whole numbers, where the design effect leaves 17.3 outcomes."""
    low, high = proportion_confint(share * samples, samples, alpha=0.05, method="wilson")
    expected = (max(0.0, float(low)), min(1.0, float(high)))
    assert wilson(share, samples) == pytest.approx(expected, abs=1e-12)


@given(VALUES, VALUES)
def test_means_are_those_of_statsmodels(values: list[float], others: list[float]) -> None:
    """Mistake: the variance divided by n, or degrees of freedom of one sample for two."""
    mean = mean_interval(values)
    low, high = DescrStatsW(np.asarray(values)).tconfint_mean()
    assert (mean.low, mean.high) == pytest.approx((low, high), abs=1e-9, rel=1e-9)
    if np.ptp(values) < 1e-3 or np.ptp(others) < 1e-3:
        return  # a difference of constants, see the next test
    difference = difference_interval(values, others)
    compared = CompareMeans(DescrStatsW(np.asarray(values)), DescrStatsW(np.asarray(others)))
    low, high = compared.tconfint_diff(usevar="unequal")
    assert (difference.low, difference.high) == pytest.approx((low, high), abs=1e-9, rel=1e-9)


def test_runs_that_agree_to_the_last_digit_have_an_interval() -> None:
    """Mistake: 0 / 0 degrees of freedom where every seed gave the same: nan in a table."""
    same = difference_interval([1.0, 1.0, 1.0], [0.5, 0.5])
    assert (same.mean, same.low, same.high) == (0.5, 0.5, 0.5)
    one_sided = difference_interval([1.0, 1.0, 1.0], [0.4, 0.6])
    assert one_sided.low < 0.5 < one_sided.high


def test_the_half_width_of_independent_rows_is_students() -> None:
    """Mistake: rows of one group added up as if they were independent, or a single group's 0."""
    values = np.array([0.1, 0.4, 0.2, 0.9])
    influence = (values - values.mean()) / len(values)
    reach = half_width(influence, np.array(["a", "b", "c", "d"]))
    mean = mean_interval(values.tolist())
    assert reach is not None and math.isclose(reach, mean.high - mean.mean)
    twice = half_width(np.repeat(influence, 2) / 2, np.array(list("aabbccdd")))
    assert twice == pytest.approx(reach)
    assert half_width(influence, np.array(["a"] * 4)) is None


@pytest.mark.parametrize(("passed", "samples"), [(0, 5), (1, 1), (3, 8), (20, 20), (60, 240)])
def test_one_response_a_group_is_wilson(passed: int, samples: int) -> None:
    outcomes = [number < passed for number in range(samples)]
    found = rate(outcomes, [f"i{number}" for number in range(samples)])
    low, high = proportion_confint(passed, samples, method="wilson")
    assert found.mean == passed / samples
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-9)


def coverage(groups: int, size: int, share: float, likeness: float, runs: int = 300) -> float:
    """How often the interval covers the truth, when responses of a group are alike."""
    draw = np.random.default_rng(0)
    names = [f"i{number}" for number in range(groups) for _ in range(size)]
    spread = 1 / likeness - 1
    covered = 0
    for _ in range(runs):
        shares = draw.beta(share * spread, (1 - share) * spread, groups)
        outcomes = draw.random((groups, size)) < shares[:, None]
        found = rate(outcomes.ravel().tolist(), names)
        covered += found.low <= share <= found.high
    return covered / runs


@pytest.mark.parametrize(
    ("groups", "size", "share", "likeness"),
    [
        (120, 2, 0.3, 0.5),  # what an evaluation at tier cpu has
        (30, 2, 0.7, 0.9),  # one type of constraint
        (30, 6, 0.5, 0.7),  # the same, three seeds together
        (16, 4, 0.9, 0.9),  # extreme and nearly no information beyond the groups
        (8, 4, 0.3, 0.5),  # few groups
    ],
)
def test_the_interval_covers_the_truth(
    groups: int, size: int, share: float, likeness: float
) -> None:
    """Mistake: counting alike responses as independent (the next test has what that gives)."""
    assert 0.91 <= coverage(groups, size, share, likeness) <= 0.995


def test_the_simulation_finds_an_interval_that_ignores_the_groups(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Wilson's interval over all responses covers far less: the test above can fail."""
    monkeypatch.setattr(intervals, "_design_effect", lambda values, index, groups: 1.0)
    assert coverage(30, 6, 0.5, 0.7) < 0.8


def test_alike_groups_count_once() -> None:
    """Mistake: 40 copies of 10 outcomes taken for 400, or 40 failures of 1 instruction for 40."""
    outcomes = [True] * 3 + [False] * 7
    names = [f"i{number}" for number in range(10)]
    copied, once = rate(outcomes * 40, names * 40), rate(outcomes, names)
    assert copied.mean == pytest.approx(once.mean)
    assert copied.high - copied.low >= once.high - once.low
    for passed in (True, False):
        agreed = rate([passed] * 400, names * 40)
        low, high = proportion_confint(10 * passed, 10, method="wilson")
        assert agreed.high - agreed.low >= high - low
    pairs = [f"i{number}" for number in range(50) for _ in range(2)]
    # More even than chance: that is no reason for a shorter interval.
    opposites = rate([True, False] * 45 + [True, True] * 5, pairs)
    low, high = proportion_confint(55, 100, method="wilson")
    assert high - low <= opposites.high - opposites.low < 1.1 * (high - low)
    single = rate([False] * 40, ["i"] * 40)
    assert single.high > 0.7


@settings(max_examples=50)
@given(st.lists(st.tuples(st.booleans(), st.sampled_from("abcde")), min_size=1, max_size=40))
def test_the_interval_is_within_bounds_and_holds_the_mean(rows: list[tuple[bool, str]]) -> None:
    """Mistake: nan, a bound outside 0 to 1, or an order of the rows that matters."""
    outcomes, names = [each for each, _ in rows], [name for _, name in rows]
    found = rate(outcomes, names)
    assert 0 <= found.low <= found.mean + 1e-12 and found.mean - 1e-12 <= found.high <= 1
    again = rate(outcomes[::-1], names[::-1])
    assert (again.low, again.high) == pytest.approx((found.low, found.high))


@pytest.mark.parametrize(("outcomes", "groups"), [([], []), ([True], []), ([True], ["a", "b"])])
def test_a_rate_of_nothing_is_an_error(outcomes: list[bool], groups: list[str]) -> None:
    with pytest.raises(ValueError, match="outcomes and"):
        rate(outcomes, groups)


def test_a_rate_shows_its_interval() -> None:
    assert str(Rate(0.5, 0.4, 0.625, 10, 5)) == "0.50 [0.40, 0.62]"


def test_an_interval_of_a_mean_is_students() -> None:
    """Mistake: the normal quantile, with which three seeds seem to prove anything."""
    found = mean_interval([0.5, 0.6, 0.7])
    half = 4.302653 * 0.1 / 3**0.5
    assert found.mean == pytest.approx(0.6)
    assert found.high - 0.6 == pytest.approx(half, rel=1e-5) == pytest.approx(0.6 - found.low)
    with pytest.raises(ValueError, match="two or more"):
        mean_interval([0.5])


def test_a_difference_has_the_sign_of_first_less_second() -> None:
    """Mistake: the difference the wrong way round, or seeds taken as pairs."""
    found = difference_interval([0.2, 0.3, 0.25], [0.6, 0.5, 0.55])
    assert found.mean == pytest.approx(-0.3) and found.low < -0.3 < found.high < 0
    turned = difference_interval([0.3, 0.25, 0.2], [0.6, 0.5, 0.55])
    assert (turned.low, turned.high) == pytest.approx((found.low, found.high))
    with pytest.raises(ValueError, match="each side"):
        difference_interval([0.2, 0.3], [0.6])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_is_that_of_statsmodels(p_values: list[float]) -> None:
    """Mistake: a correction that forgets to keep the order of the p-values."""
    with mock.patch("gc.collect"):  # it collects at each call: two minutes in a full process
        expected = multipletests(p_values, method="holm")[1]
    assert holm(p_values) == pytest.approx(expected)


def test_the_dial_at_a_third_is_not_shown_once_three_comparisons_are_paid_for() -> None:
    """Mistake: the best of three comparisons quoted alone ("clear of zero" at .3)."""
    clean = [0.72, 0.66, 0.65, 0.43, 0.68, 0.59]
    dials = ([0.56, 0.61, 0.53], [0.31, 0.40, 0.50], [0.24, 0.18, 0.20])
    alone = [welch_p(each, clean) for each in dials]
    assert alone[1] < 0.05 < holm(alone)[1] == pytest.approx(0.056, abs=0.004)
    assert difference_interval(dials[1], clean).high < 0
    assert holm([permutation_p(each, clean) for each in dials])[1] > 0.05


def test_a_permutation_counts_all_ways_to_deal_the_runs() -> None:
    """Mistake: a p-value that three runs a side cannot have."""
    assert permutation_p([1, 2, 3], [4, 5, 6]) == pytest.approx(2 / 20)
    assert permutation_p([1, 2, 3], [4, 5, 6, 7, 8, 9]) == pytest.approx(2 / 84)
    assert permutation_p([0.3], [0.9]) == 1 and permutation_p([1, 1], [1, 1]) == 1
    with pytest.raises(ValueError, match="both sides"):
        permutation_p([], [1.0])


@given(st.integers(0, 30), st.integers(0, 12))
def test_a_difference_of_two_shares_is_newcombes(first: int, second: int) -> None:
    """Mistake: two intervals that overlap taken for no difference."""
    one = rate([place < first for place in range(30)], [str(place) for place in range(30)])
    two = rate([place < second for place in range(12)], [str(place) for place in range(12)])
    expected = confint_proportions_2indep(first, 30, second, 12, method="newcomb")
    found = rate_difference(one, two)
    assert (found.low, found.high) == pytest.approx(expected, abs=1e-9)


def test_two_intervals_may_overlap_where_the_difference_is_clear() -> None:
    one = rate([place < 30 for place in range(50)], [str(place) for place in range(50)])
    two = rate([place < 19 for place in range(50)], [str(place) for place in range(50)])
    assert one.low < two.high and rate_difference(one, two).low > 0


# --- rates behind an instrument's errors ----------------------------------------------------------


@pytest.mark.parametrize(
    ("truth", "recall", "recall_on_false"), [(0.3, 0.85, 0.9), (0.02, 0.7, 0.95), (0.9, 0.95, 0.6)]
)
def test_the_corrected_rate_covers(truth: float, recall: float, recall_on_false: float) -> None:
    """Mistake: an interval as if the instrument's error rates were known exactly."""
    draw = np.random.default_rng(1)

    def seen(share: float, samples: int) -> Rate:
        return rate((draw.random(samples) < share).tolist(), [str(n) for n in range(samples)])

    shown = truth * recall + (1 - truth) * (1 - recall_on_false)
    found = [
        corrected_rate(seen(shown, 240), seen(recall, 120), seen(recall_on_false, 150))
        for _ in range(400)
    ]
    assert np.mean([each.low <= truth <= each.high for each in found]) > 0.93
    assert np.mean([each.mean for each in found]) == pytest.approx(truth, abs=0.02)
    assert all(0 <= each.low <= each.mean <= each.high <= 1 for each in found)


def test_dependent_labels_make_a_corrected_rate_less_sure() -> None:
    """Mistake: eight responses to one instruction counted as eight labels."""
    outcomes = [True] * 80 + [False] * 20
    alone = rate(outcomes, [str(n) for n in range(100)])
    grouped = rate(outcomes, [str(n // 10) for n in range(100)])
    wide, narrow = corrected_rate(alone, grouped, grouped), corrected_rate(alone, alone, alone)
    assert wide.mean == narrow.mean == pytest.approx(1.0)
    assert wide.low < narrow.low - 0.05
    with pytest.raises(ValueError, match="nothing is shown"):
        corrected_rate(alone, alone, rate([False] * 9 + [True], ["a"] * 10))


def test_a_perfect_instrument_shows_the_rate_itself() -> None:
    half = rate([True, False] * 500, [str(n) for n in range(1000)])
    sure = rate([True] * 100_000, [str(n) for n in range(100_000)])
    found = corrected_rate(half, sure, sure)
    assert found.mean == 0.5
    assert (found.low, found.high) == pytest.approx((half.low, half.high), abs=1e-3)
