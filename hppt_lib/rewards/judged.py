"""Rewards in which a judge decides the soft constraints, or all of them."""

from __future__ import annotations

import json
import math
from typing import Any, Literal, get_args

from hppt_lib.errors import HpptError
from hppt_lib.judges.by_name import call_settings
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
    pass_from: float | None = None,
    fail_below: float | None = None,
    max_tokens: int | None = None,
    timeout: float | None = None,
    concurrency: int | None = None,
    temperature: float | None = None,
    extra_body: str | None = None,
) -> Reward:
    """1 only if all constraints pass, where a judge decides some. Range 0 to 1, all-or-nothing.

    A hard constraint that a verifier finds violated, or a judge's "violated", makes it 0 whatever
    else is missing. The judge sees the answer without its thoughts; a blank one gets 0 unasked. The
    truth of a response is known only where a verifier decides every constraint: it then stands
    beside the judge's reward in the run record.

    Args:
        judge: a judge, or the name of one such as ``embedded`` (see `hppt_lib.judges.judge`).
        decides: ``soft`` or ``all`` (`Decides`).
        missing: ``fail``, ``skip`` or ``drop`` (`Missing`). With ``drop`` the reward is NaN, which
            `hppt_lib.training.reward_function` hands to TRL as "no reward".
        mode: ``batch`` or ``pointwise``.
        guard: a name in `hppt_lib.rewards.GUARDS`; what it refuses gets 0.
        pass_from: the judge's confidence from which on a constraint passes, in place of its own
            verdict (``hppt calibrate-judge`` and ``hppt audit`` say which is precise enough).
        fail_below: below it a constraint fails; between the two the judge abstains, which is no
            verdict. None: below ``pass_from`` all fail.
        max_tokens: of a judge at an endpoint that is given by its name, like the settings below:
            the longest reply (see `hppt_lib.judges.judge`).
        timeout: seconds for one call.
        concurrency: calls that are under way at once.
        temperature: 0 for the likeliest reply.
        extra_body: more fields for each call, as JSON text.

    Raises:
        HpptError: an argument is none of these, or the judge takes no such setting.
    """
    settings: dict[str, Any] = {
        "max_tokens": max_tokens,
        "timeout": timeout,
        "concurrency": concurrency,
        "temperature": temperature,
        "extra_body": extra_body,
    }
    if isinstance(judge, str):
        call = call_settings(judge, **settings)
        if extra_body is not None:  # in a form that reads back from the reward's name
            extra_body = Quotable(json.dumps(call["extra_body"]).replace("'", "\\u0027"))
    elif needless := [key for key, each in settings.items() if each is not None]:
        raise HpptError(
            f"judged(): the judge is made already. Give it {needless[0]} where you make it, or "
            "hand over its name."
        )
    else:
        call = {}
    chosen = guard_named(guard)
    choices = (("decides", decides, Decides), ("missing", missing, Missing), ("mode", mode, Mode))
    for name, given, known in choices:
        if given not in get_args(known):
            raise HpptError(
                f"judged(): {name} is '{given}'. Choose one of: {', '.join(get_args(known))}."
            )

    zone = _zone(pass_from, fail_below)

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
            pass_from=(pass_from, None),
            fail_below=(fail_below, None),
            **{key: (each, None) for key, each in {**settings, "extra_body": extra_body}.items()},
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
            call,
            zone,
        ),
    )


def _zone(pass_from: float | None, fail_below: float | None) -> tuple[float, float] | None:
    if pass_from is None:
        if fail_below is not None:
            raise HpptError("judged(): fail_below needs pass_from, which says where passes begin.")
        return None
    low = pass_from if fail_below is None else fail_below
    if not 0 <= low <= pass_from <= 1:
        raise HpptError(
            f"judged(): 0 ≤ fail_below ≤ pass_from ≤ 1 is wanted, not {low:g} and {pass_from:g}."
        )
    return float(pass_from), float(low)
