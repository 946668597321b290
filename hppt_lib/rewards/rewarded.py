"""Responses with what they earned: a batch of rollouts, as trainers hand them over."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from hppt_lib.instructions.model import Instruction
from hppt_lib.rewards.kinds import Reward
from hppt_lib.rewards.scores import Score, score
from hppt_lib.verifiers import THOUGHT_MARKS, Marks


@dataclass(frozen=True)
class Rewarded:
    """One rollout and what it earned.

    It says what a trainer is told. What a held-out response is worth, whatever was rewarded, is an
    `hppt_lib.evaluation.Evaluated`, which knows no reward.

    Attributes:
        score: the instruction, the response, and what verifiers (and a judge, if one was asked) say
            of it.
        value: the reward; NaN says that there is none.
        truth: what a perfect instrument would give; None if that is not known, or is the reward.
    """

    score: Score
    value: float
    truth: float | None = None

    @property
    def instruction(self) -> Instruction:
        """What was asked."""
        assert self.score.instruction is not None  # `reward_rollouts` scores with it
        return self.score.instruction

    @property
    def dropped(self) -> bool:
        """True if there is no reward: no verdict is neither a pass nor a fail."""
        return math.isnan(self.value)

    @property
    def verdicts(self) -> list[bool | None]:
        """The verdicts on the hard constraints, in their order; None: untrusted code gave none."""
        return [each.passed for each in self.score.verdicts]

    @property
    def reasons(self) -> str:
        """A line for each constraint that was looked at: id, verdict, and why."""
        hard = [each.id for each in self.instruction.constraints if each.kind == "hard"]
        words = {True: "passed", False: "failed", None: "no verdict"}
        lines = [
            f"{words[verdict.passed]} {id}: {verdict.reason}"
            for id, verdict in zip(hard, self.score.verdicts, strict=True)
        ]
        lines += [f"{words[each]}, says the judge" for each in self.score.judged]
        return "\n".join(lines)


def reward_rollouts(
    reward: Reward,
    rollouts: Sequence[tuple[Instruction, str]],
    *,
    step: int = 0,
    thoughts: Marks = THOUGHT_MARKS,
    run_seed: int | None = None,
) -> list[Rewarded]:
    """Reward a batch of responses; a judge is asked about all of them at once.

    Args:
        reward: what is rewarded. A judge that is not loaded yet is loaded anew at each call: see
            `Reward.ready`.
        rollouts: instructions and the responses to them.
        step: the training step. Fresh noise depends on it and not on how often this was called, so
            that a run that goes on has the noise of the whole run.
        thoughts: the marks of thoughts; what is rewarded is the answer that follows them.
        run_seed: the seed of the training run: noise differs from run to run.

    Raises:
        HpptError: the reward cannot score one of them, or its judge has gone away.
    """
    judging = reward.judging
    judged = judging.verdicts(rollouts, thoughts) if judging else [None] * len(rollouts)
    seen: Counter[tuple[str, str]] = Counter()
    batch = []
    for (instruction, response), verdicts in zip(rollouts, judged, strict=True):
        key = (instruction.prompt, response)
        scored = score(
            instruction,
            response,
            judged=verdicts,
            occurrence=f"{step}.{seen[key]}",
            thoughts=thoughts,
            run_seed=run_seed,
        )
        seen[key] += 1
        truth = None if reward.truth is None else reward.true_value(scored)
        batch.append(Rewarded(scored, reward.checked_value(scored), truth))
    return batch
