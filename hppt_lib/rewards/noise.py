"""The precision dial: a true reward with chosen errors, and an estimate without their bias."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from typing import Literal, get_args

from hppt_lib.errors import HpptError
from hppt_lib.rewards.guards import allows
from hppt_lib.rewards.kinds import STRICT, Reward, reward_name
from hppt_lib.rewards.scores import Score

Draws = Literal["frozen", "fresh"]
"""When an error is drawn: once for each response of a run, or anew at each of its occurrences."""
Flips = Literal["verdict", "reward"]
"""What an error flips: the constraint's verdict, before the guard, or the reward as it is paid."""


def noisy(
    *,
    of: Reward = STRICT,
    false_pass: float = 0.0,
    false_fail: float = 0.0,
    seed: int = 0,
    draws: str = "frozen",
    flips: str = "verdict",
) -> Reward:
    """A reward with errors of known rates on top of the truth. Range 0 to 1, all-or-nothing.

    It makes the errors that a judge makes, but at random. A response that violates its constraints
    is found to satisfy them with probability ``false_pass``, one that satisfies them is found to
    violate them with probability ``false_fail``; then comes the guard of ``of``, if it has one, and
    a blank answer gets 0 unasked. ``false_pass=p`` alone, of the strict reward, is the paper's
    noise experiment ("with probability p the reward is forced to 1"). In this kit's words the
    false-pass rate is 1 − recall on false responses.

    A judge that is asked twice about one response says the same twice. So does this reward: an
    error is a function of the run's seed, ``seed``, the instruction's id and the response, and of
    nothing else. With ``draws=fresh`` each occurrence of a response has an error of its own: then a
    policy that repeats a falsely paid text is not paid for it again. Runs of different seeds have
    different errors. The same rollout gets the same error in a resumed run and in a recount. For
    one seed, a larger rate keeps the errors of a smaller one and adds to them.

    The name always says ``draws=``. A record whose reward has none, such as ``noisy(of=guarded,
    false_pass=0.3)``, was made before there was a choice. Its noise is what is now called
    ``noisy(of=guarded, false_pass=0.3, draws=fresh, flips=reward)``, and all of its seeds shared
    one stream of errors (a score without a ``run_seed`` gives it).

    Args:
        of: the true reward; it must be all-or-nothing between 0 and 1.
        false_pass: probability, 0 to 1.
        false_fail: probability, 0 to 1.
        seed: of the errors, beside the run's.
        draws: ``frozen`` or ``fresh`` (`Draws`).
        flips: ``verdict`` or ``reward`` (`Flips`); they differ where ``of`` has a guard, or an
            answer is blank.

    Raises:
        HpptError: a rate is no probability, ``draws`` or ``flips`` is none of these, or ``of`` is
            not a reward of 0 or 1.
    """
    for name, rate in (("false_pass", false_pass), ("false_fail", false_fail)):
        _check_rate(name, rate)
    if not of.all_or_nothing or of.range != (0.0, 1.0) or of.judging is not None:
        raise HpptError(
            f"noisy() needs a reward whose truth is 0 or 1, such as strict; '{of.name}' is not."
        )
    for name, given, known in (("draws", draws, Draws), ("flips", flips, Flips)):
        if given not in get_args(known):
            raise HpptError(
                f"noisy(): {name} is '{given}'. Choose one of: {', '.join(get_args(known))}."
            )
    before_guard = flips == "verdict"
    bare = of.before_guard if before_guard and of.before_guard else of.value

    def flipped(score: Score) -> float:
        true = bare(score)
        rate = false_fail if true else false_pass
        # No draw at the rates 0 and 1: these are certain, and need no response.
        wrong = rate == 1 or (rate > 0 and _uniform(seed, score, fresh=draws == "fresh") < rate)
        return 1.0 - true if wrong else true

    def value(score: Score) -> float:
        return flipped(score) if not before_guard or allows(of.guard, score) else 0.0

    return Reward(
        name=reward_name(
            "noisy",
            of=(of.name, STRICT.name),
            false_pass=(float(false_pass), 0.0),
            false_fail=(float(false_fail), 0.0),
            seed=(seed, 0),
            draws=(draws, None),
            flips=(flips, "verdict"),
        ),
        value=value,
        range=(0.0, 1.0),
        all_or_nothing=True,
        definition=f"{of.definition}; but wrong{' before the guard' if before_guard else ''} in "
        f"{100 * false_pass:g} % of the 0s and {100 * false_fail:g} % of the 1s, {draws} for each "
        f"{'response' if draws == 'frozen' else 'occurrence'}",
        truth=of.true_value,
        source=of.source,
        guard=of.guard if before_guard else "none",
        before_guard=flipped if before_guard else None,
    )


def corrected(*, of: Reward, false_pass: float, false_fail: float = 0.0) -> Reward:
    r"""The unbiased estimate of the true reward from a noisy one whose error rates are known.

    With the true reward r, the noisy one r̃, ρ₀ = ``false_pass`` and ρ₁ = ``false_fail``::

        r̂ = (r̃ − ρ₀) / (1 − ρ₀ − ρ₁)

    Unbiased: E[r̃ | r] = ρ₀ + r (1 − ρ₀ − ρ₁), so E[r̂ | r] = r (2510.00915).

    Range: −ρ₀ / (1 − ρ₀ − ρ₁) to (1 − ρ₀) / (1 − ρ₀ − ρ₁). It takes these two values; and 0 for
    what a guard behind the noise refuses (and a blank answer), for there the truth is known. So it
    is all-or-nothing only where errors fall on the reward as a whole (``flips=reward``, a judge).

    The rates must be *known*. Rates estimated from labels bring an error of their own, which more
    rollouts do not remove: `correction_error`.

    Its price is variance. r̃ is 0 or 1; given r it is 1 with probability q = ρ₀ (r = 0) or
    q = 1 − ρ₁ (r = 1), and so Var[r̂ | r] = q (1 − q) / (1 − ρ₀ − ρ₁)². Over responses of which a
    share p is truly 1, r̃ is 1 with probability q = p (1 − ρ₁) + (1 − p) ρ₀, and
    Var[r̂] = q (1 − q) / (1 − ρ₀ − ρ₁)², where the true reward has p (1 − p): `variance_factor`
    gives the ratio, which is how many times as many rollouts the same standard error needs.

    What it does not do: the estimate is a straight line in r̃, and GRPO divides each group's
    rewards by their own standard deviation. With one pair of rates for a whole group (none refused
    by a guard) the advantages of r̂ and r̃ are therefore *equal* (`tests/rewards/test_noise.py`);
    where TRL's ``scale_rewards="none"`` they differ by the factor 1 / (1 − ρ₀ − ρ₁), as with
    another learning rate. The estimate is right for a *mean* reward (a curve, a comparison of
    arms). It does not undo the errors themselves.

    Args:
        of: the noisy reward, 0 or 1: `noisy`, or `hppt_lib.rewards.judged.judged`.
        false_pass: its false-pass rate as it is known, for example from an audit.
        false_fail: its false-fail rate.

    Raises:
        HpptError: a rate is no probability; the rates add up to 1 or more (then the noisy reward
            says nothing about the truth, or the opposite); ``of`` is not a reward of 0 or 1.
    """
    scale = _remaining(false_pass, false_fail)
    if not of.all_or_nothing or of.range != (0.0, 1.0):
        raise HpptError(f"corrected() needs a reward of 0 or 1; '{of.name}' is not.")
    bare = of.before_guard or of.value

    def value(score: Score) -> float:
        if of.before_guard and not allows(of.guard, score):
            return 0.0
        return (bare(score) - false_pass) / scale

    return Reward(
        name=reward_name(
            "corrected",
            of=(of.name, None),
            false_pass=(float(false_pass), None),
            false_fail=(float(false_fail), 0.0),
        ),
        value=value,
        range=((0.0 - false_pass) / scale, (1.0 - false_pass) / scale),
        all_or_nothing=of.before_guard is None,
        definition=f"the unbiased estimate from: {of.definition}",
        truth=of.true_value,
        judging=of.judging,
        source=of.source,
        may_drop=of.may_drop,
    )


def variance_factor(false_pass: float, false_fail: float, pass_rate: float) -> float:
    """Variance of the corrected reward over that of the true one; 1 without noise, else above 1.

    q (1 − q) / ((1 − ρ₀ − ρ₁)² p (1 − p)), derived in `corrected`.

    Args:
        false_pass: ρ₀.
        false_fail: ρ₁.
        pass_rate: p, the share of responses whose true reward is 1, strictly between 0 and 1.

    Raises:
        HpptError: a rate is no probability, the rates add up to 1 or more, or ``pass_rate`` is 0
            or 1 (the true reward has no variance then).
    """
    scale = _remaining(false_pass, false_fail)
    if not 0 < pass_rate < 1:
        raise HpptError(f"pass_rate is {pass_rate}; it must lie between 0 and 1, without the ends.")
    shown = pass_rate * (1 - false_fail) + (1 - pass_rate) * false_pass
    return shown * (1 - shown) / (scale**2 * pass_rate * (1 - pass_rate))


def correction_error(
    share: float, false_pass: float, false_fail: float, *, violated: int, satisfied: int
) -> float:
    """Standard error of a corrected share that comes from *estimated* error rates alone.

    By the delta method, a little too small where labels are few (by a tenth at 40)::

        √((1 − p)² ρ₀ (1 − ρ₀) / n₀ + p² ρ₁ (1 − ρ₁) / n₁) / (1 − ρ₀ − ρ₁)

    No number of rollouts makes it smaller: all of them are corrected by the same wrong rates.

    Args:
        share: p, the share truly rewarded.
        false_pass: ρ₀.
        false_fail: ρ₁.
        violated: n₀, the labelled responses that ρ₀ is estimated from.
        satisfied: n₁, those that ρ₁ is estimated from.

    Raises:
        HpptError: the rates are none, or add up to 1 or more, or there are no labels.
    """
    scale = _remaining(false_pass, false_fail)
    if min(violated, satisfied) < 1:
        raise HpptError("Error rates are estimated from labels: one of each sort at the least.")
    below = (1 - share) ** 2 * false_pass * (1 - false_pass) / violated
    above = share**2 * false_fail * (1 - false_fail) / satisfied
    return math.sqrt(below + above) / scale


def _remaining(false_pass: float, false_fail: float) -> float:
    for name, rate in (("false_pass", false_pass), ("false_fail", false_fail)):
        _check_rate(name, rate)
    if false_pass + false_fail >= 1:
        raise HpptError(
            f"false_pass + false_fail = {false_pass + false_fail:g}: from 1 on the noisy reward "
            "says nothing of the truth, and nothing can be corrected. Lower one of them."
        )
    return 1 - false_pass - false_fail


def _check_rate(name: str, rate: float) -> None:
    if not (math.isfinite(rate) and 0 <= rate <= 1):
        raise HpptError(f"{name} is {rate}; it is a probability, from 0 to 1.")


def _uniform(seed: int, score: Score, *, fresh: bool) -> float:
    """A number from 0 to below 1 that this response (fresh: this rollout) always gets.

    Raises:
        HpptError: the score does not hold the response.
    """
    if score.instruction is None:
        raise HpptError("A noisy reward needs the response itself: use rewards.score().")
    parts: list[int | str | None] = [seed, score.instruction.id, score.response]
    if score.run_seed is not None:
        parts.insert(1, score.run_seed)
    if fresh:
        parts.append(score.occurrence)
    return drawn_from(parts)


def drawn_from(parts: Sequence[int | str | None]) -> float:
    """A number from 0 to below 1 that these parts always give, and others do not."""
    digest = hashlib.blake2b(json.dumps(list(parts)).encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "big") >> 11) / 2**53
