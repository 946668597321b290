"""Computes every rate of a group of judged rows, with intervals that allow for items.

*Coverage* is the share of rows with a verdict; rows without one are counted by reason, and
never taken for a pass or a fail. So all other rates use only the rows that have a verdict.

Rows of one item share a response and often a call, so they are not independent: every interval
here takes the item as the unit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hppt_lib.audit.confusion import Agreement, Confusion, agreement
from hppt_lib.audit.judged_rows import JudgedRow
from hppt_lib.intervals import Rate, rate
from hppt_lib.judges.protocol import reason_of

MEASURES = {
    "precision": "of the passed, the share truly satisfied",
    "recall": "of the truly satisfied, the share passed",
    "recall_on_false": "of the truly violated, the share failed",
    "false_pass_rate": "of the truly violated, the share passed",
    "accuracy": "the share of verdicts that are right",
}
"""The rates of a judge's verdicts, by the name of the attribute of `Rates`."""


@dataclass(frozen=True)
class Rates:
    """The rates of a group of verdicts. A rate without rows (no row passed, say) is None.

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


def rates_of(rows: Sequence[JudgedRow]) -> Rates:
    """Every rate of a group of judged rows, with 95 % intervals that allow for items.

    The intervals of the rates are those of `hppt_lib.intervals.rate`: Wilson's for rows of as many
    items. That of κ is by the delta method, with each item's terms added up (for independent rows
    this gives the error of Fleiss, Cohen and Everitt 1969), on the scale of log(1 − κ).

    Raises:
        ValueError: no row.
    """
    items = np.asarray([row.row.item for row in rows])
    labels = np.asarray([row.row.label for row in rows], dtype=bool)
    given = np.asarray([row.judgement.passed is not None for row in rows], dtype=bool)
    passed = np.asarray([row.judgement.passed is True for row in rows], dtype=bool)
    missing = Counter(reason_of(row.judgement) for row in rows if row.judgement.passed is None)
    satisfied, violated = given & labels, given & ~labels

    def share(hits: np.ndarray, of: np.ndarray) -> Rate | None:
        return rate(hits[of].tolist(), items[of].tolist()) if of.any() else None

    failed = share(~passed, violated)
    return Rates(
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


def rates_by(
    rows: Sequence[JudgedRow], group: Callable[[JudgedRow], str | int]
) -> dict[str | int, Rates]:
    """`rates_of` each group of rows, sorted by the group's name or number.

    Args:
        rows: judged rows.
        group: names a row's group, such as ``lambda each: each.row.kind``.
    """
    groups: dict[str | int, list[JudgedRow]] = {}
    for row in rows:
        groups.setdefault(group(row), []).append(row)
    names = sorted(groups, key=lambda name: (str(type(name)), name))
    return {name: rates_of(groups[name]) for name in names}


def _complement(share: Rate) -> Rate:
    return Rate(1 - share.mean, 1 - share.high, 1 - share.low, share.samples, share.groups)


def _kappa(passed: np.ndarray, labels: np.ndarray, items: np.ndarray) -> Agreement | None:
    if any(len(np.unique(each)) < 2 for each in (passed, labels, items)):
        return None
    return agreement(passed.tolist(), labels.tolist(), items.tolist())
