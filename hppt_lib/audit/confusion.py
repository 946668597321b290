"""Counts verdicts against the truth, and gives the rates with their intervals.

A *positive* is the verdict "satisfied". Precision: of the passed, the share truly satisfied.
Recall: of the truly satisfied, the share passed. Recall on false responses (specificity): of the
truly violated, the share failed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hppt_lib.intervals import Interval, Rate, half_width, rate


@dataclass(frozen=True)
class Confusion:
    """Verdicts against the truth, counted.

    Attributes:
        true_passes: satisfied, and passed.
        false_passes: violated, but passed: what a policy can exploit.
        true_fails: violated, and failed.
        false_fails: satisfied, but failed: a good response without its reward.
    """

    true_passes: int = 0
    false_passes: int = 0
    true_fails: int = 0
    false_fails: int = 0

    @property
    def samples(self) -> int:
        """Number of verdicts."""
        return self.true_passes + self.false_passes + self.true_fails + self.false_fails

    @property
    def precision(self) -> Rate | None:
        """Of the passed, the share truly satisfied; None if nothing passed."""
        return _share(self.true_passes, self.false_passes)

    @property
    def recall(self) -> Rate | None:
        """Of the truly satisfied, the share passed; None if there is none."""
        return _share(self.true_passes, self.false_fails)

    @property
    def recall_on_false(self) -> Rate | None:
        """Of the truly violated, the share failed; None if there is none."""
        return _share(self.true_fails, self.false_passes)

    @property
    def false_pass_rate(self) -> Rate | None:
        """Of the truly violated, the share passed; None if there is none."""
        return _share(self.false_passes, self.true_fails)

    @property
    def accuracy(self) -> Rate | None:
        """The share of verdicts that are right; None if there is none."""
        return _share(self.true_passes + self.true_fails, self.false_passes + self.false_fails)


def confusion(verdicts: Sequence[bool], truths: Sequence[bool]) -> Confusion:
    """Count verdicts against the truth.

    Raises:
        ValueError: not one truth for each verdict.
    """
    pairs = list(zip(verdicts, truths, strict=True))
    return Confusion(
        true_passes=pairs.count((True, True)),
        false_passes=pairs.count((True, False)),
        true_fails=pairs.count((False, False)),
        false_fails=pairs.count((False, True)),
    )


@dataclass(frozen=True)
class Agreement:
    """How often two people (or two passes) gave the same labels.

    Attributes:
        share: the share of equal labels, with its interval.
        kappa: Cohen's κ: 1 is perfect, 0 is what chance gives.
        low: lower end of κ's 95 % interval.
        high: upper end.
        samples: number of items that both labelled.
    """

    share: Rate
    kappa: float
    low: float
    high: float
    samples: int

    @property
    def interval(self) -> Interval:
        """κ with its 95 % interval."""
        return Interval(self.kappa, self.low, self.high)

    def __str__(self) -> str:
        # A third decimal: two careful readers may agree on all but a few of a thousand rows.
        return f"κ = {self.kappa:.3f} [{self.low:.3f}, {self.high:.3f}]"


def agreement(
    first: Sequence[bool], second: Sequence[bool], items: Sequence[str] | None = None
) -> Agreement:
    """Cohen's κ of two passes over the same rows, or of a judge and the labels.

    The interval is on the scale of log(1 − κ), by the delta method over items: near 1 disagreements
    are few and κ's estimate is far from normal, so that κ ± 1.96 standard errors would cover too
    seldom. Where there is no disagreement, what their rate could still be bounds it.

    Args:
        first: the labels of one pass.
        second: those of the other.
        items: the item of each row, where items have several; None if each row is one.

    Raises:
        ValueError: no row, passes of different length, a pass that gave one label only (κ is then
            not defined), or a single item.
    """
    one, other = np.asarray(first, dtype=bool), np.asarray(second, dtype=bool)
    groups = np.arange(len(one)) if items is None else np.asarray(items)
    if not len(one) == len(other) == len(groups):
        raise ValueError(f"{len(one)} and {len(other)} labels of {len(groups)} items")
    if len(set(one.tolist())) < 2 or len(set(other.tolist())) < 2:
        raise ValueError("κ needs both labels in both passes")
    kappa, influence, chance = kappa_and_influence(one, other)
    reach = half_width(influence, groups)
    if reach is None:
        raise ValueError("κ needs two items or more")
    share = rate((one == other).tolist(), [str(each) for each in groups.tolist()])
    if kappa == 1:
        low, high = 1 - (1 - share.low) / (1 - chance), 1.0
    else:
        factor = float(np.exp(reach / (1 - kappa)))
        low, high = 1 - (1 - kappa) * factor, 1 - (1 - kappa) / factor
    return Agreement(share, kappa, max(-1.0, low), high, samples=len(one))


def kappa_and_influence(first: np.ndarray, second: np.ndarray) -> tuple[float, np.ndarray, float]:
    """Cohen's κ of two columns of labels, and what its interval is computed from.

    Args:
        first: bool, shape (rows,), with both labels.
        second: likewise.

    Returns:
        κ; each row's influence on it divided by the number of rows (delta method), shape (rows,);
        and the agreement that chance gives.
    """
    first, second = first.astype(bool), second.astype(bool)
    equal = first == second
    one, other, observed = first.mean(), second.mean(), equal.mean()
    chance = one * other + (1 - one) * (1 - other)
    # How each row moves the agreement by chance, then κ.
    moves = np.where(first, other, 1 - other) + np.where(second, one, 1 - one) - 2 * chance
    influence = ((equal - observed) * (1 - chance) - (1 - observed) * moves) / (1 - chance) ** 2
    return float((observed - chance) / (1 - chance)), influence / len(equal), float(chance)


def _share(hits: int, misses: int) -> Rate | None:
    if hits + misses == 0:
        return None
    outcomes = [True] * hits + [False] * misses
    return rate(outcomes, [str(number) for number in range(len(outcomes))])
