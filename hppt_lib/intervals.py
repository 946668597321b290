"""Rates and means with 95 % intervals, below everything that measures.

A rate allows for groups of dependent outcomes (several responses to one instruction); a mean over
seeds and a difference of two such means have Student's and Welch's intervals.
"""

from __future__ import annotations

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
    from scipy.stats import t
    from statsmodels.stats.proportion import proportion_confint

    if not outcomes or len(outcomes) != len(groups):
        raise ValueError(f"{len(outcomes)} outcomes and {len(groups)} group names")
    values = np.asarray(outcomes, dtype=float)
    mean = float(values.mean())
    names, index = np.unique(np.asarray(groups), return_inverse=True)
    effective = len(values) / _design_effect(values, index, len(names))
    if len(names) > 1:
        # The same for one outcome a group; with few large groups the interval grows.
        effective *= float(t.ppf(0.975, len(values) - 1) / t.ppf(0.975, len(names) - 1)) ** 2
    low, high = proportion_confint(mean * effective, effective, alpha=0.05, method="wilson")
    return Rate(mean, max(0.0, float(low)), min(1.0, float(high)), len(values), len(names))


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


def mean_interval(values: Sequence[float]) -> Interval:
    """The mean of independent values, one a run or a step, with Student's 95 % interval.

    With three seeds the interval is wide, and rightly so. It is not cut at 0 and 1: where it
    reaches beyond them, there are too few values to say much.

    Raises:
        ValueError: fewer than two values.
    """
    from statsmodels.stats.weightstats import DescrStatsW

    if len(values) < 2:
        raise ValueError(f"{len(values)} value: an interval for a mean needs two or more")
    low, high = DescrStatsW(np.asarray(values, dtype=float)).tconfint_mean()
    return Interval(float(np.mean(values)), float(low), float(high))


def difference_interval(values: Sequence[float], others: Sequence[float]) -> Interval:
    """The mean of ``values`` less that of ``others``, with Welch's 95 % interval.

    Raises:
        ValueError: fewer than two values on a side.
    """
    from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

    if min(len(values), len(others)) < 2:
        raise ValueError("an interval for a difference needs two or more values on each side")
    one, other = (DescrStatsW(np.asarray(each, dtype=float)) for each in (values, others))
    low, high = CompareMeans(one, other).tconfint_diff(usevar="unequal")
    return Interval(float(np.mean(values) - np.mean(others)), float(low), float(high))
