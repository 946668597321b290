"""Computes how many labels a claim needs, before anyone makes the labels.

The numbers are for independent rows. Rows of one item count less: multiply by the design effect,
which is 1 + (rows an item − 1) × how alike their outcomes are (from 0 to 1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MOST_LABELS = 100_000
"""Claims that need more labels than this are out of reach, and said to be so."""


@dataclass(frozen=True)
class Needed:
    """The number of labels that a claim needs.

    Attributes:
        claim: the claim, in words.
        labels: how many labels it needs; None if more than `MOST_LABELS`.
        of: which rows they are.
    """

    claim: str
    labels: int | None
    of: str


def labels_to_show(
    target: float, truth: float, *, power: float = 0.8, level: float = 0.95
) -> int | None:
    """The number of labels that show a rate to be at least ``target`` if it truly is ``truth``.

    By the exact one-sided binomial test, whose lower bound is Clopper and Pearson's. For recall on
    false responses they are labels of *violated* rows. The power of an exact test goes up and down
    with each label; from the number returned on, it never falls below ``power`` again.

    Args:
        target: the rate to be shown, between 0 and 1.
        truth: the true rate, above it.
        power: the probability that the test then succeeds.
        level: the confidence level, 1 − the probability that it succeeds although the rate is below
            the target.

    Returns:
        The number, or None if it is more than `MOST_LABELS`.

    Raises:
        ValueError: the truth is not above the target, or a number is not between 0 and 1.
    """
    from scipy.stats import binom, norm

    if not 0 < target < truth <= 1 or not 0 < power < 1 or not 0 < level < 1:
        raise ValueError("0 < target < truth <= 1, 0 < power < 1 and 0 < level < 1 must hold")
    # The normal approximation with a generous margin: the exact number lies below.
    spread = norm.isf(1 - level) * np.sqrt(target * (1 - target))
    spread += norm.ppf(power) * np.sqrt(truth * (1 - truth))
    enough = 2 * (spread / (truth - target)) ** 2 + 3 * np.log(1 - level) / np.log(target) + 50
    if enough > 4 * MOST_LABELS:
        return None
    labels = np.arange(1, int(enough) + 1)
    successes = binom.isf(1 - level, labels, target)  # so many or fewer do not show it
    short = np.flatnonzero(binom.sf(successes, labels, truth) < power)
    needed = int(short[-1]) + 2 if len(short) else 1  # labels[short[-1]] + 1
    return needed if needed <= MOST_LABELS else None


def labels_to_separate(
    difference: float, discordance: float, *, power: float = 0.8, level: float = 0.95
) -> int | None:
    """The number of labels that show two judges to differ, by the exact McNemar test.

    Args:
        difference: the true difference of their rates (of recall on false responses, say, where
            the labels are of violated rows).
        discordance: the share of rows on which just one of the two is right. It is at least the
            difference; the more alike the judges err, the less, and the fewer labels are needed.
        power: the probability that the two-sided test finds a difference.
        level: the confidence level, 1 − the probability that it finds one where there is none.

    Returns:
        The smallest number, or None if it is more than `MOST_LABELS`.

    Raises:
        ValueError: the difference is 0 or more than the discordance, or a number is out of range.
    """
    if not 0 < abs(difference) <= discordance <= 1 or not 0 < power < 1 or not 0 < level < 1:
        raise ValueError("0 < |difference| <= discordance <= 1 must hold, power and level < 1")
    better = (discordance + abs(difference)) / (2 * discordance)

    def reached(labels: int) -> bool:
        return _mcnemar_power(labels, better, discordance, 1 - level) >= power

    high = 8
    while not reached(high):
        high *= 2
        if high > 2 * MOST_LABELS:
            return None
    low = high // 2 if high > 8 else 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) else (middle + 1, high)
    return high if high <= MOST_LABELS else None


def _mcnemar_power(labels: int, better: float, discordance: float, alpha: float) -> float:
    """Power of the exact two-sided test, over the chance number of discordant rows."""
    from scipy.stats import binom

    low, high = binom.ppf((1e-9, 1 - 1e-9), labels, discordance)
    discordant = np.arange(int(low), int(high) + 1)
    # At most this many in favour of one side are significant, at alpha / 2 each.
    few = binom.ppf(alpha / 2, discordant, 0.5)
    few = np.where(binom.cdf(few, discordant, 0.5) > alpha / 2, few - 1, few)
    significant = binom.cdf(few, discordant, better) + binom.cdf(few, discordant, 1 - better)
    return float((binom.pmf(discordant, labels, discordance) * significant).sum())


def power_table() -> list[Needed]:
    """The labels that usual claims need, at confidence level 95 % and 80 % power."""
    needs = []
    for target, truth in ((0.5, 0.6), (0.9, 0.93), (0.9, 0.95), (0.9, 0.98), (0.95, 0.98)):
        claim = f"a rate of at least {target:.2f}, if it truly is {truth:.2f}"
        needs.append(Needed(claim, labels_to_show(target, truth), "rows that the rate is of"))
    for difference, discordance in ((0.02, 0.1), (0.05, 0.1), (0.05, 0.2), (0.1, 0.2), (0.2, 0.4)):
        claim = (
            f"two judges that differ by {difference:.2f}, "
            f"where one alone is right on {discordance:.2f} of the rows"
        )
        needed = labels_to_separate(difference, discordance)
        needs.append(Needed(claim, needed, "rows that both judged"))
    return needs
