"""The precision dial: a true reward with chosen errors, and an estimate without their bias."""

from __future__ import annotations

import hashlib
import json
import math

from hppt_lib.errors import HpptError
from hppt_lib.rewards.kinds import STRICT, Reward, reward_name
from hppt_lib.rewards.scores import Score


def noisy(
    *, of: Reward = STRICT, false_pass: float = 0.0, false_fail: float = 0.0, seed: int = 0
) -> Reward:
    """A reward with errors of known rates on top of the truth. Range 0 to 1, all-or-nothing.

    A response whose true reward is 0 gets 1 with probability ``false_pass``; one whose true reward
    is 1 gets 0 with probability ``false_fail``. ``false_pass=p`` alone is the paper's noise
    experiment ("with probability p the reward is forced to 1"). In this kit's words the false-pass
    rate is 1 − recall on false responses.

    The error is a function of the seed, the instruction's id, the response and its occurrence, and
    of nothing else: the same rollout gets the same error in a resumed run and in a recount. For
    one seed, a larger rate keeps the errors of a smaller one and adds to them.

    Args:
        of: the true reward; it must be all-or-nothing between 0 and 1.
        false_pass: probability, 0 to 1.
        false_fail: probability, 0 to 1.
        seed: of the errors.

    Raises:
        HpptError: a rate is no probability, or ``of`` is not a reward of 0 or 1.
    """
    for name, rate in (("false_pass", false_pass), ("false_fail", false_fail)):
        _check_rate(name, rate)
    if not of.all_or_nothing or of.range != (0.0, 1.0) or of.judging is not None:
        raise HpptError(
            f"noisy() needs a reward whose truth is 0 or 1, such as strict; '{of.name}' is not."
        )

    def value(score: Score) -> float:
        true = of.value(score)
        rate = false_fail if true else false_pass
        # No draw at the rates 0 and 1: these are certain, and need no response.
        wrong = rate == 1 or (rate > 0 and _uniform(seed, score) < rate)
        return 1.0 - true if wrong else true

    return Reward(
        name=reward_name(
            "noisy",
            of=(of.name, STRICT.name),
            false_pass=(float(false_pass), 0.0),
            false_fail=(float(false_fail), 0.0),
            seed=(seed, 0),
        ),
        value=value,
        range=(0.0, 1.0),
        all_or_nothing=True,
        definition=f"{of.definition}; then wrong in {100 * false_pass:g} % of the 0s and "
        f"{100 * false_fail:g} % of the 1s",
        truth=of.true_value,
        source=of.source,
    )


def corrected(*, of: Reward, false_pass: float, false_fail: float = 0.0) -> Reward:
    r"""The unbiased estimate of the true reward from a noisy one whose error rates are known.

    With the true reward r, the noisy one r̃, ρ₀ = ``false_pass`` and ρ₁ = ``false_fail``::

        r̂ = (r̃ − ρ₀) / (1 − ρ₀ − ρ₁)

    Unbiased: E[r̃ | r] = ρ₀ + r (1 − ρ₀ − ρ₁), so E[r̂ | r] = r (2510.00915).

    Range: −ρ₀ / (1 − ρ₀ − ρ₁) to (1 − ρ₀) / (1 − ρ₀ − ρ₁); all-or-nothing, for it takes these two
    values only.

    Its price is variance. r̃ is 0 or 1; given r it is 1 with probability q = ρ₀ (r = 0) or
    q = 1 − ρ₁ (r = 1), and so Var[r̂ | r] = q (1 − q) / (1 − ρ₀ − ρ₁)². Over responses of which a
    share p is truly 1, r̃ is 1 with probability q = p (1 − ρ₁) + (1 − p) ρ₀, and
    Var[r̂] = q (1 − q) / (1 − ρ₀ − ρ₁)², where the true reward has p (1 − p): `variance_factor`
    gives the ratio, which is how many times as many rollouts the same standard error needs.

    What it does not do: the estimate is a straight line in r̃, and GRPO divides each group's
    rewards by their own standard deviation. With one pair of rates for a whole group the advantages
    of r̂ and r̃ are therefore *equal* (`tests/rewards/test_noise.py`); where TRL's
    ``scale_rewards="none"`` they differ by the factor 1 / (1 − ρ₀ − ρ₁), as with another learning
    rate. The estimate is right for a *mean* reward (a curve, a comparison of arms). It does not
    undo the errors themselves.

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
    return Reward(
        name=reward_name(
            "corrected",
            of=(of.name, None),
            false_pass=(float(false_pass), None),
            false_fail=(float(false_fail), 0.0),
        ),
        value=lambda score: (of.value(score) - false_pass) / scale,
        range=((0.0 - false_pass) / scale, (1.0 - false_pass) / scale),
        all_or_nothing=True,
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


def _uniform(seed: int, score: Score) -> float:
    """A number from 0 to below 1 that this rollout always gets.

    Raises:
        HpptError: the score does not hold the response.
    """
    if score.instruction is None:
        raise HpptError("A noisy reward needs the response itself: use rewards.score().")
    parts = [seed, score.instruction.id, score.response, score.occurrence]
    digest = hashlib.blake2b(json.dumps(parts).encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "big") >> 11) / 2**53
