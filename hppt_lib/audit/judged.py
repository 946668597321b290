"""Judged rows: verdicts of judges beside the labels, and every rate of a group of them.

No verdict is an outcome of its own: it is counted, by reason, and shown as *coverage* (the share of
rows with a verdict). It is never taken for a pass or a fail, so all other rates are of the rows
that have a verdict.

Rows of one item share a response and often a call, so they are not independent: every interval
here takes the item as the unit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hppt_lib.audit.confusion import Agreement, Confusion
from hppt_lib.audit.rows import AuditRow
from hppt_lib.intervals import Rate, rate

if TYPE_CHECKING:
    from hppt_lib.judges import Judge, Judgement, Mode

MEASURES = {
    "precision": "of the passed, the share truly satisfied",
    "recall": "of the truly satisfied, the share passed",
    "recall_on_false": "of the truly violated, the share failed",
    "false_pass_rate": "of the truly violated, the share passed",
    "accuracy": "the share of verdicts that are right",
}
"""The rates of a judge's verdicts, by the name of the attribute of `Measured`."""


@dataclass(frozen=True)
class Judged:
    """A row of an audit set with what a judge said of it.

    Attributes:
        judge: the judge's name.
        row: the constraint, the response and the label.
        judgement: the judge's answer.
        constraints: how many constraints the judge was asked about in the same call.
    """

    judge: str
    row: AuditRow
    judgement: Judgement
    constraints: int

    @property
    def key(self) -> tuple[str, str, str]:
        """What two judges' answers to the same row have in common: item, kind, constraint."""
        return self.row.item, self.row.kind, self.row.constraint


def judged_by(
    judge: Judge,
    rows: Sequence[AuditRow],
    mode: Mode = "batch",
    *,
    per_call: int | None = None,
) -> list[Judged]:
    """Ask a judge about every row.

    Args:
        judge: who is asked.
        rows: audit rows; those of an item are the constraints of one response.
        mode: all constraints of an item in one call (``batch``), or one (``pointwise``).
        per_call: so many constraints of an item in a call, instead.

    Returns:
        One entry for each row, in the order of the rows.

    Raises:
        HpptError: ``per_call`` does not go with the mode; recorded answers cannot be read.
    """
    from hppt_lib.audit.asking import ask

    answers = ask(judge, rows, mode, per_call=per_call)
    return [
        Judged(answers.judge, each.row, each.judgement, each.constraints_in_call)
        for each in answers.asked
    ]


@dataclass(frozen=True)
class Measured:
    """How right a group of verdicts is. A rate of nothing (no row passed, say) is None.

    Attributes:
        counts: verdicts against labels, of the rows that have a verdict.
        missing: rows without a verdict, by reason (the problem without its details, which stand in
            brackets), most frequent first.
        items: number of items that the rows belong to.
        coverage: the share of rows with a verdict.
        precision: of the passed, the share truly satisfied.
        recall: of the truly satisfied, the share passed.
        recall_on_false: of the truly violated, the share failed.
        false_pass_rate: of the truly violated, the share passed.
        accuracy: the share of verdicts that are right.
        kappa: Cohen's κ of verdict and label; None unless both come up on both sides.
    """

    counts: Confusion
    missing: Mapping[str, int]
    items: int
    coverage: Rate
    precision: Rate | None
    recall: Rate | None
    recall_on_false: Rate | None
    false_pass_rate: Rate | None
    accuracy: Rate | None
    kappa: Agreement | None

    @property
    def rows(self) -> int:
        """Number of rows, with a verdict or without."""
        return self.counts.samples + sum(self.missing.values())


def measured(rows: Sequence[Judged]) -> Measured:
    """Every rate of a group of judged rows, with 95 % intervals that allow for items.

    The intervals of the rates are those of `hppt_lib.intervals.rate`: Wilson's for rows of as many
    items. That of κ is by the delta method, with each item's terms added up (for independent rows
    this gives the error of Fleiss, Cohen and Everitt 1969), on the scale of log(1 − κ).

    Raises:
        ValueError: no row.
    """
    items = np.asarray([each.row.item for each in rows])
    labels = np.asarray([each.row.label for each in rows], dtype=bool)
    given = np.asarray([each.judgement.passed is not None for each in rows], dtype=bool)
    passed = np.asarray([each.judgement.passed is True for each in rows], dtype=bool)
    missing = Counter(
        each.judgement.problem.partition(" (")[0] or "no reason given"
        for each in rows
        if each.judgement.passed is None
    )
    satisfied, violated = given & labels, given & ~labels

    def share(hits: np.ndarray, of: np.ndarray) -> Rate | None:
        return rate(hits[of].tolist(), items[of].tolist()) if of.any() else None

    failed = share(~passed, violated)
    return Measured(
        counts=Confusion(
            true_passes=int((satisfied & passed).sum()),
            false_passes=int((violated & passed).sum()),
            true_fails=int((violated & ~passed).sum()),
            false_fails=int((satisfied & ~passed).sum()),
        ),
        missing=dict(missing.most_common()),
        items=len(np.unique(items)),
        coverage=rate(given.tolist(), items.tolist()),
        precision=share(labels, given & passed),
        recall=share(passed, satisfied),
        recall_on_false=failed,
        false_pass_rate=_complement(failed) if failed else None,
        accuracy=share(passed == labels, given),
        kappa=_kappa(passed[given], labels[given], items[given]),
    )


def by(rows: Sequence[Judged], group: Callable[[Judged], str | int]) -> dict[str | int, Measured]:
    """`measured` for each group of rows, sorted by the group's name or number.

    Args:
        rows: judged rows.
        group: names a row's group, such as ``lambda each: each.row.kind``.
    """
    groups: dict[str | int, list[Judged]] = {}
    for each in rows:
        groups.setdefault(group(each), []).append(each)
    return {
        name: measured(groups[name]) for name in sorted(groups, key=lambda n: (str(type(n)), n))
    }


def by_judge(rows: Sequence[Judged]) -> dict[str, list[Judged]]:
    """The rows of each judge, in order of first appearance."""
    found: dict[str, list[Judged]] = {}
    for each in rows:
        found.setdefault(each.judge, []).append(each)
    return found


def cluster_reach(terms: np.ndarray, items: np.ndarray) -> float | None:
    """Half the width of a 95 % interval, from each row's influence on an estimate.

    Args:
        terms: each row's influence, divided by the number of rows (they add up to about 0). They
            are added up over each item, so that rows of an item may depend on each other.
        items: each row's item.

    Returns:
        The standard error times Student's t with one degree of freedom less than there are items;
        None for a single item, which shows nothing of how items differ.
    """
    from scipy.special import stdtrit

    names, index = np.unique(items, return_inverse=True)
    count = len(names)
    if count < 2:
        return None
    sums = np.bincount(index, weights=terms, minlength=count)
    error = float(np.sqrt(count / (count - 1) * (sums**2).sum()))
    return float(stdtrit(count - 1, 0.975)) * error


def _complement(share: Rate) -> Rate:
    return Rate(1 - share.mean, 1 - share.high, 1 - share.low, share.samples, share.groups)


def _kappa(passed: np.ndarray, labels: np.ndarray, items: np.ndarray) -> Agreement | None:
    if len(set(passed.tolist())) < 2 or len(set(labels.tolist())) < 2:
        return None
    right = passed == labels
    passing, true = passed.mean(), labels.mean()
    observed = right.mean()
    chance = passing * true + (1 - passing) * (1 - true)
    kappa = float((observed - chance) / (1 - chance))
    # How each row moves the agreement by chance, then κ (delta method).
    moves = np.where(passed, true, 1 - true) + np.where(labels, passing, 1 - passing) - 2 * chance
    terms = ((right - observed) * (1 - chance) - (1 - observed) * moves) / (1 - chance) ** 2
    share = rate(right.tolist(), items.tolist())
    reach = cluster_reach(terms / len(right), items)
    if reach is None:
        return None
    if kappa == 1:  # no error seen: what the rate of errors could be still bounds it
        low, high = 1 - (1 - share.low) / (1 - float(chance)), 1.0
    else:
        # On the scale of log(1 − κ): near 1 the errors are few, and κ's estimate is far from normal
        # (the plain interval then covers 90 %; see tests/measure/audit_coverage.py).
        factor = float(np.exp(reach / (1 - kappa)))
        low, high = 1 - (1 - kappa) * factor, 1 - (1 - kappa) / factor
    return Agreement(share, kappa, max(-1.0, low), high, samples=len(right))
