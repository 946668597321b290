"""A judge made precise: a threshold that guarantees its recall on false responses.

The threshold is chosen on labelled rows so that, with a stated confidence, at most a stated share
of violated responses passes. The price is paid in coverage and recall; `cost` measures it on rows
that the choice did not see. That a judge cannot be made precise with these labels is a result too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from hppt_lib.audit.judged import Judged
from hppt_lib.judges.protocol import Judgement, no_verdict

BETWEEN = "between the two thresholds"
"""Why a judge made precise gives no verdict where it abstains."""


@dataclass(frozen=True)
class Precise:
    """Thresholds, and what they guarantee.

    Attributes:
        pass_from: the lowest score that passes; above 1 if only "pass nothing" can be guaranteed;
            None if nothing can.
        fail_below: scores below this fail, those between give no verdict; equal to ``pass_from``
            where there is no abstention; None if nothing can be guaranteed.
        target: of the violated, at least this share does not pass.
        keep: of the satisfied, at least this share does not fail; None if that was not asked for.
        confidence: with which both hold together.
        violated: number of violated rows (one an item) that the choice rests on.
        satisfied: number of satisfied rows (one an item) that it rests on; 0 if not asked for.
        problem: why nothing can be guaranteed; empty if something is.
    """

    pass_from: float | None
    fail_below: float | None
    target: float
    keep: float | None
    confidence: float
    violated: int
    satisfied: int
    problem: str = ""

    @property
    def reached(self) -> bool:
        """Whether there is a guarantee and a score from 0 to 1 that still passes."""
        return self.pass_from is not None and self.pass_from <= 1

    def __call__(self, judgement: Judgement) -> Judgement:
        """The same answer under the thresholds.

        A judgement without a verdict stays so; one without a score counts as 1 (passed) or 0. If
        nothing can be guaranteed, there is no verdict.
        """
        if judgement.passed is None:
            return judgement
        if self.pass_from is None or self.fail_below is None:
            return no_verdict(self.problem, judgement.reply)
        score = float(judgement.passed) if judgement.score is None else judgement.score
        if self.fail_below <= score < self.pass_from:
            return replace(judgement, passed=None, problem=BETWEEN)
        return replace(judgement, passed=score >= self.pass_from)


def passing_threshold(scores: Sequence[float], target: float, confidence: float) -> float | None:
    """The lowest threshold at which violated rows fail at a rate of ``target`` or more, for sure.

    Let k be the largest number for which fewer than k of n rows pass with probability at most
    1 − ``confidence`` if each passes with probability 1 − ``target``. A row passes if its score
    lies *above* the k-th largest of the n. If that were too low a threshold, fewer than k of the
    scores would have come from the top 1 − ``target`` of the scores' distribution, which has just
    that probability. So the bound is exact (it is Clopper and Pearson's at k − 1 passes), needs no
    correction for choosing the threshold from the same scores, and holds for any distribution; ties
    only make it safer.

    Args:
        scores: of violated rows, drawn independently.
        target: the recall on false responses to be reached, between 0 and 1.
        confidence: with which it is reached, between 0 and 1.

    Returns:
        The threshold (a score that reaches it passes); None if there are too few scores for any.
        `labels_needed` says how many it takes.
    """
    ordered = np.sort(np.asarray(scores, dtype=float))[::-1]
    k = _place(len(ordered), target, confidence)
    return float(np.nextafter(ordered[k - 1], np.inf)) if k else None


@cache
def _place(count: int, target: float, confidence: float) -> int:
    """The largest k with P(at most k − 1 of so many pass) <= 1 − confidence; 0 if there is none."""
    from scipy.stats import binom

    if not count:
        return 0
    k = int(binom.ppf(1 - confidence, count, 1 - target))
    return k + 1 if binom.cdf(k, count, 1 - target) <= 1 - confidence else k


def labels_needed(target: float, confidence: float) -> int:
    """The smallest number of violated rows with which `passing_threshold` finds any threshold."""
    return int(np.ceil(np.log(1 - confidence) / np.log(target) - 1e-9))


class Scores:
    """The rows of a judge that a threshold can be held against, as arrays.

    Attributes:
        scores: float, shape (rows,); a judge that gives none has 1 for passed and 0 for failed.
        passed: the judge's own verdicts, shape (rows,).
        labels: bool, shape (rows,).
        items: each row's item as a number, shape (rows,).
        count: number of items, also those without any verdict.
        rows_of_item: number of rows of each item, with a verdict or without, shape (items,).
    """

    def __init__(self, rows: Sequence[Judged]) -> None:
        given = [each for each in rows if each.judgement.passed is not None]
        graded = any(each.judgement.score is not None for each in given)
        given = [each for each in given if not graded or each.judgement.score is not None]
        self.scores = np.array(
            [
                float(bool(each.judgement.passed))
                if each.judgement.score is None
                else each.judgement.score
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
        """The score of one row with this label of each item (of those marked in ``among``)."""
        wanted = self.labels == label
        if among is not None:
            wanted &= among[self.items]
        places = draw.permutation(np.flatnonzero(wanted))
        _, first = np.unique(self.items[places], return_index=True)
        return self.scores[places[first]]


def make_precise(
    rows: Sequence[Judged],
    *,
    target: float = 0.9,
    keep: float | None = None,
    confidence: float = 0.95,
    seed: int = 0,
) -> Precise:
    """Choose thresholds from calibration rows.

    What is guaranteed: for a new item like those of the calibration rows, and one of its violated
    rows on which the judge gives a verdict, the probability that it passes is at most 1 −
    ``target``; with ``keep``, also the probability that one of its satisfied rows fails is at most
    1 − ``keep``. Both hold together, with probability ``confidence`` over the calibration rows
    (each has half of the risk, if there are two). Rows of one item are not independent, so that
    just one violated and one satisfied row of each item are used, drawn by ``seed``; where items
    differ in size, small ones therefore count as much as large ones.

    What is not: anything for responses of another origin, such as those of a policy that has
    learned from this judge. And with abstention, *not passed* is what is guaranteed of violated
    rows: the share failed among those with a verdict may be lower; `cost` gives both.

    Args:
        rows: judged rows with labels; those without a verdict are left out, and if the judge gives
            scores, those without a score.
        target: recall on false responses to be reached.
        keep: share of the satisfied that must not fail. None: nothing is asked for, and all that
            does not pass fails. Else the judge abstains between two thresholds.
        confidence: the probability that the thresholds do what they promise.
        seed: seed of the drawing of rows.

    Raises:
        ValueError: a number that is not between 0 and 1.
    """
    if not all(0 < share < 1 for share in (target, confidence, 0.5 if keep is None else keep)):
        raise ValueError("target, keep and confidence must lie between 0 and 1")
    return choose(Scores(rows), target, keep, confidence, np.random.default_rng(seed))


def choose(
    scores: Scores,
    target: float,
    keep: float | None,
    confidence: float,
    draw: np.random.Generator,
    among: np.ndarray | None = None,
) -> Precise:
    """`make_precise` from arrays, for whoever does it often.

    Args:
        scores: the rows.
        target: as in `make_precise`, like the next two.
        keep: likewise.
        confidence: likewise.
        draw: draws one row of each item.
        among: marks the items to choose from, shape (items,); None for all.
    """
    each = confidence if keep is None else (1 + confidence) / 2
    violated = scores.one_an_item(False, draw, among)
    satisfied = scores.one_an_item(True, draw, among) if keep is not None else np.zeros(0)
    none = Precise(None, None, target, keep, confidence, len(violated), len(satisfied))
    for name, found, share in (("violated", violated, target), ("satisfied", satisfied, keep)):
        if share is not None and len(found) < labels_needed(share, each):
            needed = labels_needed(share, each)
            problem = f"{len(found)} items with a {name} row, and {needed} are needed at the least"
            return replace(none, problem=problem)
    high = passing_threshold(violated.tolist(), target, each)
    assert high is not None  # there were enough
    if keep is None:
        return replace(none, pass_from=high, fail_below=high)
    mirrored = passing_threshold((-satisfied).tolist(), keep, each)
    assert mirrored is not None
    # Scores *below* the k-th smallest of the satisfied fail: the k-th smallest itself does not.
    low = float(np.nextafter(-mirrored, np.inf))
    # Where the zones overlap, any threshold between keeps both promises: no need to abstain.
    return replace(none, pass_from=high, fail_below=min(low, high))
