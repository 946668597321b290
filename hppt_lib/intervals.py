"""Rates and means with 95 % intervals, for everything that measures.

A rate allows for groups of dependent outcomes (several responses to one instruction); a mean over
seeds and a difference of two such means have Student's and Welch's intervals; a rate shown by an
instrument is corrected for its errors; other estimates from dependent rows have the half-width of
the delta method. For several comparisons at once there are exact p-values over runs and Holm's
correction. scipy is imported where it is needed, for it takes a while.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Interval:
    """An estimate with its 95 % interval.

    Attributes:
        mean: the estimate.
        low: lower end of the interval.
        high: upper end.
    """

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.2f} [{self.low:.2f}, {self.high:.2f}]"


@dataclass(frozen=True)
class Rate(Interval):
    """A share, between 0 and 1, with its 95 % interval.

    Attributes:
        samples: number of responses.
        groups: number of independent groups (instructions) that they come from.
    """

    samples: int
    groups: int


def rate(outcomes: Sequence[bool], groups: Sequence[str]) -> Rate:
    """A share with a 95 % interval that allows for groups of dependent outcomes.

    With one outcome in each group this is Wilson's interval. With more, the number of samples is
    first divided by the design effect, the ratio of the variance between group means to what
    independent outcomes would have (never below 1), and by the price of estimating that variance
    from few groups (Korn and Graubard, Survey Methodology 24, 1998).

    Raises:
        ValueError: no outcome, or not one group name for each outcome.
    """
    from scipy.special import stdtrit

    if not outcomes or len(outcomes) != len(groups):
        raise ValueError(f"{len(outcomes)} outcomes and {len(groups)} group names")
    values = np.asarray(outcomes, dtype=float)
    mean = float(values.mean())
    names, index = np.unique(np.asarray(groups), return_inverse=True)
    effective = len(values) / _design_effect(values, index, len(names))
    if len(names) > 1:
        # The same for one outcome a group; with few large groups the interval grows.
        effective *= float(stdtrit(len(values) - 1, 0.975) / stdtrit(len(names) - 1, 0.975)) ** 2
    low, high = wilson(mean, effective)
    return Rate(mean, low, high, len(values), len(names))


def wilson(share: float, samples: float) -> tuple[float, float]:
    """Wilson's 95 % interval of a share (Journal of the American Statistical Association 22, 1927).

    Args:
        share: the share observed, from 0 to 1.
        samples: number of independent outcomes, which need not be whole: see `rate`.
    """
    from scipy.special import ndtri

    squared = float(ndtri(0.975)) ** 2
    centre = share + squared / (2 * samples)
    half = math.sqrt(squared * (share * (1 - share) / samples + squared / (4 * samples**2)))
    scale = 1 + squared / samples
    return max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale)


def corrected_rate(shown: Rate, recall: Rate, recall_on_false: Rate) -> Interval:
    """The share that is truly so, from the share that an instrument with known errors shows.

    Rogan and Gladen's estimate (American Journal of Epidemiology 107, 1978)::

        (shown + recall on false - 1) / (recall + recall on false - 1)

    cut at 0 and 1, with Lang and Reiczigel's 95 % interval (Preventive Veterinary Medicine 113,
    2014): it carries the uncertainty of all three rates. The error rates must have been measured on
    other responses, of the same kind: where a policy has learned what fools the instrument, the
    correction does not hold.

    Args:
        shown: the share of responses that the instrument passes.
        recall: of the truly satisfied, the share that it passes.
        recall_on_false: of the truly violated, the share that it fails.

    Raises:
        ValueError: the instrument passes the violated as often as the satisfied: nothing follows.
    """
    from scipy.special import ndtri

    gain = recall.mean + recall_on_false.mean - 1
    if gain <= 0:
        raise ValueError("recall and recall on false add up to 1 or less: nothing is shown")
    z = float(ndtri(0.975))
    # Each rate is drawn towards the middle, which makes the interval cover where rates are extreme.
    samples, of_true, of_false = map(_independent, (shown, recall, recall_on_false))
    share = (samples * shown.mean + z**2 / 2) / (samples + z**2)
    hits = (of_true * recall.mean + 1) / (of_true + 2)
    rejects = (of_false * recall_on_false.mean + 1) / (of_false + 2)
    scale = hits + rejects - 1
    middle = (share + rejects - 1) / scale
    hits_error = hits * (1 - hits) / (of_true + 2)
    rejects_error = rejects * (1 - rejects) / (of_false + 2)
    shift = 2 * z**2 * (middle * hits_error - (1 - middle) * rejects_error)
    variance = (
        share * (1 - share) / (samples + z**2)
        + middle**2 * hits_error
        + (1 - middle) ** 2 * rejects_error
    )
    reach = z * math.sqrt(variance) / scale
    mean, low, high = (
        min(1.0, max(0.0, each))
        for each in (
            (shown.mean + recall_on_false.mean - 1) / gain,
            middle + shift - reach,
            middle + shift + reach,
        )
    )
    return Interval(mean, min(mean, low), max(mean, high))


def _independent(share: Rate) -> float:
    """How many independent outcomes have the interval of a rate, which is Wilson's."""
    from scipy.special import ndtri

    end = share.low if share.mean > 0.5 else share.high
    return float(ndtri(0.975)) ** 2 * end * (1 - end) / (share.mean - end) ** 2


def _design_effect(values: np.ndarray, index: np.ndarray, groups: int) -> float:
    """Variance of the mean by groups over the variance of as many independent outcomes."""
    mean = values.mean()
    if groups < 2 or mean in (0, 1):
        # Nothing shows how dependent the outcomes are: count each group as one outcome.
        return len(values) / groups
    independent = mean * (1 - mean) / (len(values) - 1)
    residuals = np.bincount(index, weights=values - mean, minlength=groups)
    clustered = groups / (groups - 1) * float((residuals**2).sum()) / len(values) ** 2
    return max(1.0, clustered / independent)


def mean_interval(values: Sequence[float], level: float = 0.95) -> Interval:
    """The mean of independent values, one a run or a step, with Student's interval.

    With three seeds the interval is wide, and rightly so. It is not cut at 0 and 1: where it
    reaches beyond them, there are too few values to say much.

    Args:
        values: one a run.
        level: how sure the interval is: 0.95 for 95 %.

    Raises:
        ValueError: fewer than two values.
    """
    from scipy.special import stdtrit

    if len(values) < 2:
        raise ValueError(f"{len(values)} value: an interval for a mean needs two or more")
    mean, error = float(np.mean(values)), math.sqrt(_mean_variance(values))
    reach = float(stdtrit(len(values) - 1, (1 + level) / 2)) * error
    return Interval(mean, mean - reach, mean + reach)


def paired_interval(
    values: Sequence[float], others: Sequence[float], level: float = 0.95
) -> Interval:
    """The mean of ``values`` minus the mean of ``others``, on the same things, with its interval.

    Student's interval of the differences, to which half a thing on which only the first succeeds,
    half on which only the second does, and one on which they agree are added (Agresti and Min,
    Statistics in Medicine 24, 2005): without them, two policies that agree on every instruction
    would seem to be proved equal. It is cut at -1 and 1.

    Args:
        values: shares, from 0 to 1: one for each instruction, say.
        others: the others' shares, in the same order.
        level: how sure the interval is: 0.95 for 95 %.

    Raises:
        ValueError: fewer than two values, or not as many on both sides.
    """
    from scipy.special import stdtrit

    if len(values) != len(others) or len(values) < 2:
        raise ValueError(f"{len(values)} and {len(others)} values: as many are needed, two or more")
    differences = np.asarray(values, dtype=float) - np.asarray(others, dtype=float)
    mean, count = float(differences.mean()), len(differences) + 2
    middle = float(differences.sum()) / count
    variance = (float((differences**2).sum()) + 1) / count - middle**2
    reach = float(stdtrit(len(values) - 1, (1 + level) / 2)) * math.sqrt(variance / count)
    # What was added draws the interval towards 0: hold on to the estimate.
    low, high = min(mean, middle - reach), max(mean, middle + reach)
    return Interval(mean, max(-1.0, low), min(1.0, high))


def difference_interval(values: Sequence[float], others: Sequence[float]) -> Interval:
    """The mean of ``values`` minus the mean of ``others``, with Welch's 95 % interval.

    Raises:
        ValueError: fewer than two values on a side.
    """
    from scipy.special import stdtrit

    if min(len(values), len(others)) < 2:
        raise ValueError("an interval for a difference needs two or more values on each side")
    mean = float(np.mean(values) - np.mean(others))
    variance, other_variance = _mean_variance(values), _mean_variance(others)
    if variance + other_variance == 0:
        return Interval(mean, mean, mean)  # every run gave the same: there is no spread
    # Welch and Satterthwaite's degrees of freedom.
    shares = variance**2 / (len(values) - 1) + other_variance**2 / (len(others) - 1)
    reach = float(stdtrit((variance + other_variance) ** 2 / shares, 0.975)) * math.sqrt(
        variance + other_variance
    )
    return Interval(mean, mean - reach, mean + reach)


def rate_difference(share: Rate, other: Rate) -> Interval:
    """``share`` minus ``other``, of two independent sets, with a 95 % interval.

    Newcombe's hybrid of the two intervals (method 10, Statistics in Medicine 17, 1998). Whether two
    intervals overlap says less: they may, although the difference is clear of zero.
    """
    mean = share.mean - other.mean
    below = math.hypot(share.mean - share.low, other.high - other.mean)
    above = math.hypot(share.high - share.mean, other.mean - other.low)
    return Interval(mean, mean - below, mean + above)


def welch_p(values: Sequence[float], others: Sequence[float]) -> float:
    """Welch's two-sided p-value: below .05 where `difference_interval` does not hold 0.

    Raises:
        ValueError: fewer than two values on a side.
    """
    from scipy.stats import ttest_ind

    if min(len(values), len(others)) < 2:
        raise ValueError("a p-value for a difference needs two or more values on each side")
    if np.ptp(values) == 0 == np.ptp(others):
        return float(np.mean(values) == np.mean(others))  # every run gave the same
    return float(ttest_ind(values, others, equal_var=False).pvalue)


def permutation_p(values: Sequence[float], others: Sequence[float]) -> float:
    """How often chance alone would separate two sets of runs as far: an exact two-sided p-value.

    All ways to deal the runs to the two sets are counted, so nothing is assumed of how runs are
    spread. With 3 runs against 3 it cannot be below .1, with 3 against 6 not below .024.

    Args:
        values: one a run.
        others: one a run of the other set.

    Raises:
        ValueError: a set is empty.
    """
    from scipy.stats import permutation_test

    if not values or not others:
        raise ValueError("a permutation test needs runs on both sides")
    if len(values) == len(others) == 1:
        return 1.0  # two ways to deal, equally far apart

    def apart(one: np.ndarray, other: np.ndarray, axis: int = -1) -> np.ndarray:
        return np.asarray(np.mean(one, axis=axis) - np.mean(other, axis=axis))

    # 20,000 draws where the ways are too many to count.
    found = permutation_test((values, others), apart, vectorized=True, n_resamples=20_000, rng=0)
    return float(found.pvalue)


def sign_flip_p(gaps: np.ndarray, *, draws: int = 70_000, seed: int = 0) -> list[float]:
    """Permutation tests of paired values: two-sided p-values, one a column.

    If nothing differed, it would be chance which side of a pair has the larger value. So the two
    are swapped, pair by pair: in every way where ``draws`` are enough for all of them (16 pairs),
    else in ways drawn at random.

    Args:
        gaps: differences, shape (pairs, columns).
        draws: of swaps; where they are drawn, no p-value is below 1 / (draws + 1).
        seed: of the draws.
    """
    gaps = np.asarray(gaps, dtype=float)
    pairs = len(gaps)
    exact = 2**pairs <= draws
    if exact:
        signs = 1.0 - 2.0 * (np.arange(2**pairs)[:, None] >> np.arange(pairs) & 1)
    else:
        signs = np.random.default_rng(seed).choice([-1.0, 1.0], size=(draws, pairs))
    # A rounding error must not decide between equals.
    reached = (np.abs(signs @ gaps) >= np.abs(gaps.sum(axis=0)) - 1e-12).sum(axis=0)
    # Of swaps that are drawn, the data as they are count as one more.
    return [float(each) for each in (reached + (not exact)) / (len(signs) + (not exact))]


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values of several comparisons, corrected for their number (Holm, 1979).

    With the k-th smallest of m multiplied by m + 1 − k, the chance of any false find among the m is
    at most that of one comparison.

    Args:
        p_values: one a comparison.

    Returns:
        The corrected ones, in the same order, 1 at most.
    """
    corrected = [1.0] * len(p_values)
    least = 0.0
    for done, place in enumerate(sorted(range(len(p_values)), key=lambda each: p_values[each])):
        least = max(least, (len(p_values) - done) * p_values[place])
        corrected[place] = min(1.0, least)
    return corrected


def _mean_variance(values: Sequence[float]) -> float:
    """The variance of the mean of independent values."""
    return float(np.var(values, ddof=1)) / len(values)


def half_width(influence: np.ndarray, groups: np.ndarray) -> float | None:
    """Half-width of a 95 % interval, by the delta method over groups of dependent rows.

    Args:
        influence: how each row moves the estimate, divided by the number of rows, shape (rows,);
            the values add up to about 0. They are added up over each group, so that rows of a group
            may depend on each other.
        groups: each row's group, shape (rows,).

    Returns:
        The standard error times Student's t with one degree of freedom less than there are groups;
        None for a single group, which shows nothing of how groups differ.
    """
    from scipy.special import stdtrit

    names, index = np.unique(groups, return_inverse=True)
    count = len(names)
    if count < 2:
        return None
    sums = np.bincount(index, weights=influence, minlength=count)
    error = float(np.sqrt(count / (count - 1) * (sums**2).sum()))
    return float(stdtrit(count - 1, 0.975)) * error
