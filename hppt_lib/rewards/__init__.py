"""Rewards: from verdicts to the number that GRPO maximises.

Every reward says its range and whether it is all-or-nothing.

| reward | range | all-or-nothing | what it is |
| --- | --- | --- | --- |
| `strict` | 0 to 1 | yes | every constraint passes |
| `guarded` | 0 to 1 | yes | and a guard finds an answer |
| `fractional` | 0 to 1 | no | the share of constraints that pass |
| `judged` | 0 to 1 | yes | a judge decides some of the constraints |
| `noisy` | 0 to 1 | yes | a true reward with errors of chosen rates |
| `corrected` | below 0 to above 1 | yes | the unbiased estimate from a noisy one |
"""

from hppt_lib.rewards.by_name import FORMS, KINDS, reward
from hppt_lib.rewards.guards import ATTACKS, GUARDS, Attack, Guard, copied_share
from hppt_lib.rewards.judged import Decides, Judging, Missing, judged
from hppt_lib.rewards.kinds import (
    FRACTIONAL,
    GUARDED,
    REWARDS,
    STRICT,
    Reward,
    fractional,
    guarded,
    strict,
)
from hppt_lib.rewards.noise import corrected, noisy, variance_factor
from hppt_lib.rewards.scores import Score, score

__all__ = [
    "ATTACKS",
    "FORMS",
    "FRACTIONAL",
    "GUARDED",
    "GUARDS",
    "KINDS",
    "REWARDS",
    "STRICT",
    "Attack",
    "Decides",
    "Guard",
    "Judging",
    "Missing",
    "Reward",
    "Score",
    "copied_share",
    "corrected",
    "fractional",
    "guarded",
    "judged",
    "noisy",
    "reward",
    "score",
    "strict",
    "variance_factor",
]
