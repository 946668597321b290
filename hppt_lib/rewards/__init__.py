"""Rewards: from verdicts to the number that GRPO maximises.

What is rewarded is the *answer*: a response without the thoughts before it. A response of thoughts
alone is blank, and satisfies nothing. Every reward says its range and whether it is all-or-nothing.

| reward | range | all-or-nothing | what it is |
| --- | --- | --- | --- |
| `strict` | 0 to 1 | yes | every constraint passes |
| `guarded` | 0 to 1 | yes | and a guard finds an answer |
| `fractional` | 0 to 1 | no | the share of constraints that pass |
| `judged` | 0 to 1 | yes | a judge decides some of the constraints |
| `noisy` | 0 to 1 | yes | a true reward with errors of chosen rates, frozen or fresh |
| `matched` | 0 to 1 | yes | strict, with errors matched to a judge's, at random |
| `corrected` | below 0 to above 1 | no | the unbiased estimate from a noisy one |
| `corrected_within` | below 0 to above 1 | no | the same, with rates by type and length |
| `own`, `my_module:my_function` | as stated | as stated | a function of yours (see `own`) |
"""

from hppt_lib.rewards.by_name import FORMS, KINDS, reward
from hppt_lib.rewards.guards import ATTACKS, GUARDS, Attack, Guard, copied_share
from hppt_lib.rewards.judged import Missing, judged
from hppt_lib.rewards.judging import Decides, Judging
from hppt_lib.rewards.kinds import (
    FRACTIONAL,
    GUARDED,
    REWARDS,
    STRICT,
    Reward,
    Source,
    fractional,
    guarded,
    strict,
)
from hppt_lib.rewards.matched import ErrorRates, VaryingRate, matched
from hppt_lib.rewards.noise import Draws, Flips, corrected, correction_error, noisy, variance_factor
from hppt_lib.rewards.own_rewards import own
from hppt_lib.rewards.rewarded import Rewarded, reward_rollouts
from hppt_lib.rewards.scores import Score, pass_share, score
from hppt_lib.rewards.within import (
    LEAST_KNOWN,
    LengthRates,
    WithinRates,
    corrected_within,
    rates_at,
    read_within,
    write_within,
)

__all__ = [
    # What verdicts make of a response, and a reward of it
    "Score",
    "score",
    "pass_share",
    "Reward",
    "Rewarded",
    "reward_rollouts",
    # A reward by its name
    "FORMS",
    "KINDS",
    "reward",
    # Verifiers decide
    "STRICT",
    "GUARDED",
    "FRACTIONAL",
    "REWARDS",
    "strict",
    "guarded",
    "fractional",
    # What a guard asks for besides, and what gets past it
    "GUARDS",
    "Guard",
    "ATTACKS",
    "Attack",
    "copied_share",
    # A judge decides
    "Decides",
    "Judging",
    "Missing",
    "judged",
    # Errors of a chosen rate, and the estimate that undoes them
    "noisy",
    "corrected",
    "corrected_within",
    "LengthRates",
    "WithinRates",
    "rates_at",
    "read_within",
    "write_within",
    "LEAST_KNOWN",
    "matched",
    "ErrorRates",
    "VaryingRate",
    "Draws",
    "Flips",
    "variance_factor",
    "correction_error",
    # A function of the user's own
    "own",
    "Source",
]
