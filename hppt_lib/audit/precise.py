"""A judge made precise: a threshold that guarantees its recall on false responses.

The threshold is chosen on labelled rows so that, at a stated confidence level, at most a stated
share of violated responses passes. The price is paid in coverage and recall;
`hppt_lib.audit.cost.precision_cost` measures it on rows that the choice did not see. That a judge
cannot be made precise with these labels is a result too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from hppt_lib.audit.judged_rows import JudgedRow
from hppt_lib.judges.protocol import Judgement, no_verdict

BETWEEN = "between the two thresholds"
"""Why a judge made precise gives no verdict where it abstains."""


@dataclass(frozen=True)
class Thresholds:
    """Thresholds on a judge's confidence, and what they guarantee.

    Attributes:
        pass_from: the lowest confidence that passes; above 1 if only "pass nothing" can be
            guaranteed; None if nothing can.
        fail_below: a confidence below this fails, one between the two gives no verdict; equal to
            ``pass_from`` where there is no abstention; None if nothing can be guaranteed.
        target: of the violated, at least this share does not pass.
        keep: of the satisfied, at least this share does not fail; None if that was not asked for.
        level: the confidence level at which both hold together.
        violated: number of violated rows (one an item) that the choice rests on.
        satisfied: number of satisfied rows (one an item) that it rests on; 0 if not asked for.
        problem: why nothing can be guaranteed; empty if something is.
    """

    pass_from: float | None
    fail_below: float | None
    target: float
    keep: float | None
    level: float
    violated: int
    satisfied: int
    problem: str = ""

    @property
    def reached(self) -> bool:
        """Whether there is a guarantee and a confidence from 0 to 1 that still passes."""
        return self.pass_from is not None and self.pass_from <= 1

    def __call__(self, judgement: Judgement) -> Judgement:
        """The same answer under the thresholds.

        A judgement without a verdict stays so; one without a confidence counts as 1 (passed) or 0.
        If nothing can be guaranteed, there is no verdict.
        """
        if judgement.passed is None:
            return judgement
        if self.pass_from is None or self.fail_below is None:
            return no_verdict(self.problem, judgement.reply)
        confidence = judgement.confidence
        if confidence is None:
            confidence = float(judgement.passed)
        if self.fail_below <= confidence < self.pass_from:
            return replace(judgement, passed=None, problem=BETWEEN)
        return replace(judgement, passed=confidence >= self.pass_from)


def passing_threshold(confidences: Sequence[float], target: float, level: float) -> float | None:
    """The lowest threshold at which violated rows surely fail at a rate of ``target`` or more.

    Let k be the largest number for which fewer than k of n rows pass with probability at most
    1 − ``level`` if each passes with probability 1 − ``target``. A row passes if its confidence
    lies *above* the k-th largest of the n. If that were too low a threshold, fewer than k of the
    rows would have come from the top 1 − ``target`` of the confidences' distribution, which has
    just that probability. So the bound is exact (it is Clopper and Pearson's at k − 1 passes),
    needs no correction for choosing the threshold from the same rows, and holds for any
    distribution; ties only make it safer.

    Args:
        confidences: of violated rows, drawn independently.
        target: the recall on false responses to be reached, between 0 and 1.
        level: the confidence level at which it is reached, between 0 and 1.

    Returns:
        The threshold (a confidence that reaches it passes); None if there are too few rows for any.
        `labels_needed` says how many it takes.
    """
    ordered = np.sort(np.asarray(confidences, dtype=float))[::-1]
    k = _place(len(ordered), target, level)
    return float(np.nextafter(ordered[k - 1], np.inf)) if k else None


@cache
def _place(count: int, target: float, level: float) -> int:
    """The largest k with P(at most k − 1 of so many pass) <= 1 − level; 0 if there is none."""
    from scipy.stats import binom

    if not count:
        return 0
    k = int(binom.ppf(1 - level, count, 1 - target))
    return k + 1 if binom.cdf(k, count, 1 - target) <= 1 - level else k


def labels_needed(target: float, level: float) -> int:
    """The smallest number of violated rows with which `passing_threshold` finds any threshold."""
    return int(np.ceil(np.log(1 - level) / np.log(target) - 1e-9))


class RowArrays:
    """A judge's rows with a verdict, as arrays.

    Attributes:
        confidences: float, shape (rows,); a judge that tells none has 1 for passed, 0 for failed.
        passed: the judge's own verdicts, shape (rows,).
        labels: bool, shape (rows,).
        items: each row's item as a number, shape (rows,).
        count: number of items, also those without any verdict.
        rows_of_item: number of rows of each item, with a verdict or without, shape (items,).
    """

    def __init__(self, rows: Sequence[JudgedRow]) -> None:
        given = [each for each in rows if each.judgement.passed is not None]
        graded = any(each.judgement.confidence is not None for each in given)
        given = [each for each in given if not graded or each.judgement.confidence is not None]
        self.confidences = np.array(
            [
                float(bool(each.judgement.passed))
                if each.judgement.confidence is None
                else each.judgement.confidence
                for each in given
            ],
            dtype=float,
        )
        self.passed = np.array([bool(each.judgement.passed) for each in given], dtype=bool)
        self.labels = np.array([each.row.label for each in given], dtype=bool)
        names, index = np.unique([each.row.item for each in rows], return_inverse=True)
        place = {name: number for number, name in enumerate(names.tolist())}
        self.items = np.array([place[each.row.item] for each in given], dtype=int)
        self.count = len(names)
        self.rows_of_item = np.bincount(index, minlength=len(names))

    def one_an_item(
        self, label: bool, draw: np.random.Generator, among: np.ndarray | None = None
    ) -> np.ndarray:
        """The confidence of one row with this label of each item (of those marked in ``among``)."""
        wanted = self.labels == label
        if among is not None:
            wanted &= among[self.items]
        places = draw.permutation(np.flatnonzero(wanted))
        _, first = np.unique(self.items[places], return_index=True)
        return self.confidences[places[first]]


def make_precise(
    rows: Sequence[JudgedRow],
    *,
    target: float = 0.9,
    keep: float | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> Thresholds:
    """Choose thresholds from calibration rows.

    What is guaranteed: for a new item like those of the calibration rows, and one of its violated
    rows on which the judge gives a verdict, the probability that it passes is at most 1 −
    ``target``; with ``keep``, also the probability that one of its satisfied rows fails is at most
    1 − ``keep``. Both hold together, with probability ``level`` over the calibration rows (each has
    half of the risk, if there are two). Rows of one item are not independent, so that
    just one violated and one satisfied row of each item are used, drawn by ``seed``; where items
    differ in size, small ones therefore count as much as large ones.

    What is not: anything for responses of another origin, such as those of a policy that has
    learned from this judge. And with abstention, *not passed* is what is guaranteed of violated
    rows: the share failed among those with a verdict may be lower; `precision_cost` gives both.

    Args:
        rows: judged rows with labels; those without a verdict are left out, and if the judge tells
            its confidence, those without one.
        target: recall on false responses to be reached.
        keep: share of the satisfied that must not fail. None: nothing is asked for, and all that
            does not pass fails. Else the judge abstains between two thresholds.
        level: the probability that the thresholds do what they promise.
        seed: seed of the drawing of rows.

    Raises:
        ValueError: a number that is not between 0 and 1.
    """
    if not all(0 < share < 1 for share in (target, level, 0.5 if keep is None else keep)):
        raise ValueError("target, keep and level must lie between 0 and 1")
    return choose_thresholds(RowArrays(rows), target, keep, level, np.random.default_rng(seed))


def choose_thresholds(
    arrays: RowArrays,
    target: float,
    keep: float | None,
    level: float,
    draw: np.random.Generator,
    among: np.ndarray | None = None,
) -> Thresholds:
    """`make_precise` from arrays, for a caller that does it often.

    Args:
        arrays: the rows.
        target: see `make_precise`, as for the next two.
        keep: see `make_precise`.
        level: see `make_precise`.
        draw: draws one row of each item.
        among: marks the items to choose from, shape (items,); None for all.
    """
    each_level = level if keep is None else (1 + level) / 2
    violated = arrays.one_an_item(False, draw, among)
    satisfied = arrays.one_an_item(True, draw, among) if keep is not None else np.zeros(0)
    none = Thresholds(None, None, target, keep, level, len(violated), len(satisfied))
    for name, rows, share in (("violated", violated, target), ("satisfied", satisfied, keep)):
        if share is not None and len(rows) < labels_needed(share, each_level):
            needed = labels_needed(share, each_level)
            problem = f"{len(rows)} items with a {name} row, and {needed} are needed at the least"
            return replace(none, problem=problem)
    high = passing_threshold(violated.tolist(), target, each_level)
    assert high is not None  # there were enough
    if keep is None:
        return replace(none, pass_from=high, fail_below=high)
    mirrored = passing_threshold((-satisfied).tolist(), keep, each_level)
    assert mirrored is not None
    # Scores *below* the k-th smallest of the satisfied fail: the k-th smallest itself does not.
    low = float(np.nextafter(-mirrored, np.inf))
    # Where the zones overlap, any threshold between keeps both promises: no need to abstain.
    return replace(none, pass_from=high, fail_below=min(low, high))
