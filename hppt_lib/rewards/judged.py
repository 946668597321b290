"""Rewards in which a judge decides the soft constraints, or all of them."""

from __future__ import annotations

import math
from typing import Literal, get_args

from hppt_lib.errors import HpptError
from hppt_lib.judges.protocol import Judge, Mode
from hppt_lib.rewards.guards import allows, guard_named
from hppt_lib.rewards.judging import Decides, Judging
from hppt_lib.rewards.kinds import Quotable, Reward, reward_name
from hppt_lib.rewards.scores import Score

Missing = Literal["fail", "skip", "drop"]
"""What *no verdict* does, once no other verdict has settled that the reward is 0. ``fail``: it
counts as violated. ``skip``: the constraint is left out; if none is left, 0. ``drop``: the rollout
gets no reward, so that it has no advantage and no part in its group's mean."""


def judged(
    *,
    judge: Judge | str,
    decides: str = "soft",
    missing: str = "fail",
    mode: str = "batch",
    guard: str = "none",
) -> Reward:
    """1 only if all constraints pass, where a judge decides some. Range 0 to 1, all-or-nothing.

    A hard constraint that a verifier finds violated, or a judge's "violated", makes it 0 whatever
    else is missing. The truth of a response is known only where a verifier decides every
    constraint: it then stands beside the judge's reward in the run record.

    Args:
        judge: a judge, or the name of one such as ``embedded`` (see `hppt_lib.judges.judge`).
        decides: ``soft`` or ``all`` (`Decides`).
        missing: ``fail``, ``skip`` or ``drop`` (`Missing`). With ``drop`` the reward is NaN, which
            `hppt_lib.training.reward_function` hands to TRL as "no reward".
        mode: ``batch`` or ``pointwise``.
        guard: a name in `hppt_lib.rewards.GUARDS`; what it refuses gets 0.

    Raises:
        HpptError: an argument is none of these.
    """
    chosen = guard_named(guard)
    choices = (("decides", decides, Decides), ("missing", missing, Missing), ("mode", mode, Mode))
    for name, given, known in choices:
        if given not in get_args(known):
            raise HpptError(
                f"judged(): {name} is '{given}'. Choose one of: {', '.join(get_args(known))}."
            )

    def value(score: Score) -> float:
        verdicts = list(score.judged)
        if decides == "soft":
            verdicts += [each.passed for each in score.verdicts]
        if False in verdicts or not allows(guard, score):
            return 0.0
        if None in verdicts and missing == "drop":
            return math.nan
        if None in verdicts and missing == "fail":
            return 0.0
        return float(True in verdicts)

    def truth(score: Score) -> float | None:
        constraints = score.instruction.constraints if score.instruction else ()
        if len(score.verdicts) < len(constraints) or not score.verdicts:
            return None
        return float(score.strict and allows(guard, score))

    name = judge if isinstance(judge, str) else judge.name
    who = {"soft": "verifiers and a judge", "all": "a judge"}[decides]
    clause = "" if guard == "none" else f" and the response is {chosen.definition}"
    return Reward(
        name=reward_name(
            "judged",
            judge=(Quotable(name), None),
            decides=(decides, "soft"),
            missing=(missing, "fail"),
            mode=(mode, "batch"),
            guard=(guard, "none"),
        ),
        value=value,
        range=(0.0, 1.0),
        all_or_nothing=True,
        definition=f"1 if {who} ({name}) find every constraint satisfied{clause}, else 0; "
        f"no verdict: {missing}",
        truth=truth,
        may_drop=missing == "drop",
        judging=Judging(
            judge,
            "all" if decides == "all" else "soft",
            "pointwise" if mode == "pointwise" else "batch",
        ),
    )
