"""Several judges as one: their mean score, or how many of them must pass a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np

from hppt_lib.audit.judged import Judged
from hppt_lib.judges.protocol import Judgement, no_verdict

How = Literal["mean", "majority", "unanimous"]
"""``mean``: of the scores; ``majority``: more than half must pass; ``unanimous``: all must."""


def ensemble(sets: Sequence[Sequence[Judged]], how: How, *, threshold: float = 0.5) -> list[Judged]:
    """The verdicts of several judges on the same rows, combined.

    ``majority`` and ``unanimous`` need a number of passes: a row passes once that many judges pass
    it, fails once so many fail it that the number is out of reach, and has *no verdict* where the
    judges without a verdict could still decide it. Its score is the one at which the vote turns
    (the lowest score for ``unanimous``), so that the threshold of an ensemble can be moved like
    that of a judge. ``mean`` needs the score of every judge, or there is no verdict.

    Args:
        sets: the judged rows of each judge, in any order. Rows that one has not are left out.
        how: the rule.
        threshold: for ``mean``, the score that passes. The others count verdicts as they are.

    Raises:
        ValueError: no judge, an unknown rule, or a row that comes twice in a set.
    """
    if not sets or how not in ("mean", "majority", "unanimous"):
        raise ValueError(f"an ensemble needs judges and a rule, not {len(sets)} and '{how}'")
    found = [{each.key: each for each in judged} for judged in sets]
    if any(len(one) < len(judged) for one, judged in zip(found, sets, strict=True)):
        raise ValueError("a row (item, kind, constraint) comes twice in one set of judgements")
    members = ", ".join(dict.fromkeys(judged[0].judge for judged in sets if judged))
    name = f"{how} of {members}"
    combine: Callable[[Sequence[Judgement]], Judgement]
    if how == "mean":

        def combine(votes: Sequence[Judgement]) -> Judgement:
            return _mean(votes, threshold)
    else:
        needed = len(sets) if how == "unanimous" else len(sets) // 2 + 1

        def combine(votes: Sequence[Judgement]) -> Judgement:
            return _vote(votes, needed)

    return [
        Judged(
            name,
            first.row,
            combine([one[key].judgement for one in found]),
            max(one[key].constraints for one in found),
        )
        for key, first in found[0].items()
        if all(key in one for one in found)
    ]


def _mean(votes: Sequence[Judgement], threshold: float) -> Judgement:
    scores = [each.score for each in votes if each.score is not None]
    if len(scores) < len(votes):
        return no_verdict("a judge of the ensemble gave no score")
    score = float(np.mean(scores))
    return Judgement(score >= threshold, score)


def _vote(votes: Sequence[Judgement], needed: int) -> Judgement:
    passes = sum(each.passed is True for each in votes)
    fails = sum(each.passed is False for each in votes)
    scores = [each.score for each in votes if each.score is not None]
    turning = sorted(scores, reverse=True)[needed - 1] if len(scores) == len(votes) else None
    if passes >= needed:
        return Judgement(True, turning)
    if fails > len(votes) - needed:
        return Judgement(False, turning)
    return no_verdict("too few judges of the ensemble gave a verdict")
