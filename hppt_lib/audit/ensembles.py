"""Combines several judges: by their mean confidence, or by how many of them pass a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np

from hppt_lib.audit.judged_rows import JudgedRow, rows_by_key
from hppt_lib.judges.protocol import Judgement, no_verdict

Rule = Literal["mean", "majority", "unanimous"]
"""``mean`` of the confidences; ``majority``: more than half must pass; ``unanimous``: all must."""


def ensemble(
    sets: Sequence[Sequence[JudgedRow]], rule: Rule, *, threshold: float = 0.5
) -> list[JudgedRow]:
    """The verdicts of several judges on the same rows, combined.

    ``majority`` and ``unanimous`` count passes: a row passes if enough judges pass it, fails if
    that number is out of reach, and has *no verdict* if the judges without a verdict could still
    decide it. Its confidence is the one at which the vote turns (for ``unanimous`` the lowest), so
    an ensemble's threshold can be moved like a judge's. ``mean`` gives no verdict unless every
    judge gave a confidence.

    Args:
        sets: the judged rows of each judge, in any order. Rows that a judge lacks are left out.
        rule: how the answers are combined.
        threshold: for ``mean``, the confidence that passes. The others count verdicts as they are.

    Raises:
        ValueError: no judge, an unknown rule, or a row that comes twice in a set.
    """
    if not sets or rule not in ("mean", "majority", "unanimous"):
        raise ValueError(f"an ensemble needs judges and a rule, not {len(sets)} and '{rule}'")
    judges = [rows_by_key(rows) for rows in sets]
    members = ", ".join(dict.fromkeys(rows[0].judge for rows in sets if rows))
    name = f"{rule} of {members}"
    combine: Callable[[Sequence[Judgement]], Judgement]
    if rule == "mean":

        def combine(votes: Sequence[Judgement]) -> Judgement:
            return _mean(votes, threshold)
    else:
        needed = len(sets) if rule == "unanimous" else len(sets) // 2 + 1

        def combine(votes: Sequence[Judgement]) -> Judgement:
            return _vote(votes, needed)

    return [
        JudgedRow(
            name,
            first.row,
            combine([rows[key].judgement for rows in judges]),
            max(rows[key].constraints_in_call for rows in judges),
        )
        for key, first in judges[0].items()
        if all(key in rows for rows in judges)
    ]


def _mean(votes: Sequence[Judgement], threshold: float) -> Judgement:
    confidences = [each.confidence for each in votes if each.confidence is not None]
    if len(confidences) < len(votes):
        return no_verdict("a judge of the ensemble gave no confidence")
    confidence = float(np.mean(confidences))
    return Judgement(confidence >= threshold, confidence)


def _vote(votes: Sequence[Judgement], needed: int) -> Judgement:
    passes = sum(each.passed is True for each in votes)
    fails = sum(each.passed is False for each in votes)
    confidences = [each.confidence for each in votes if each.confidence is not None]
    all_told = len(confidences) == len(votes)
    turning = sorted(confidences, reverse=True)[needed - 1] if all_told else None
    if passes >= needed:
        return Judgement(True, turning)
    if fails > len(votes) - needed:
        return Judgement(False, turning)
    return no_verdict("too few judges of the ensemble gave a verdict")
