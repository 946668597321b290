"""Wraps a reward in the form that TRL's trainers call, and keeps what each rollout earned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Instruction
from hppt_lib.rewards.kinds import Reward
from hppt_lib.rewards.scores import Score, score


@dataclass(frozen=True)
class Rewarded:
    """One rollout and what it earned.

    Attributes:
        score: the instruction, the response, and what verifiers (and a judge, if one was asked) say
            of it.
        reward: what the trainer gets; NaN says that there is none.
        truth: what a perfect instrument would give; None if that is not known, or is the reward.
    """

    score: Score
    reward: float
    truth: float | None = None

    @property
    def instruction(self) -> Instruction:
        """What was asked."""
        assert self.score.instruction is not None  # `reward_function` scores with it
        return self.score.instruction


def reward_function(
    reward: Reward,
    instructions: Sequence[Instruction],
    hand_over: Callable[[list[Rewarded]], None] | None = None,
) -> Callable[..., list[float]]:
    """A reward function in the form that TRL's trainers call.

    The trainer's data set needs a column ``instruction_id``. A judge, where the reward has one, is
    loaded here and asked about the whole batch at once.

    Args:
        reward: what is rewarded.
        instructions: all that may come up.
        hand_over: is given each batch with its rewards, for the records.

    Returns:
        A function of ``prompts``, ``completions`` and the data set's columns, which gives one
        float for each completion. NaN (the rule ``drop`` for a judge without a verdict) says that
        there is none: TRL leaves that rollout out of its group's mean and gives it no advantage.
        It raises `HpptError` with the instruction and the response that the reward fails on.

    Raises:
        HpptError: the judge cannot be had.
    """
    by_id = {each.id: each for each in instructions}
    judging = reward.judging.ready() if reward.judging else None

    def rewarded(rollouts: Sequence[tuple[str, str]], step: int) -> list[Rewarded]:
        pairs = [(by_id[id], response) for id, response in rollouts]
        verdicts = judging.verdicts(pairs) if judging else [None] * len(pairs)
        seen: Counter[tuple[str, str]] = Counter()
        batch = []
        for (instruction, response), judged in zip(pairs, verdicts, strict=True):
            key = (instruction.id, response)
            # A resumed run is at the same step: its rollouts get the noise of the whole run.
            occurrence = f"{step}.{seen[key]}"
            scored = score(instruction, response, judged=judged, occurrence=occurrence)
            truth = None if reward.truth is None else reward.truth(scored)
            batch.append(Rewarded(scored, reward.checked_value(scored), truth))
            seen[key] += 1
        return batch

    def rewards(
        prompts: Sequence[Any],
        completions: Sequence[Any],
        instruction_id: Sequence[str],
        trainer_state: Any = None,
        **columns: Any,
    ) -> list[float]:
        responses = [_response_text(each) for each in completions]
        rollouts = list(zip(instruction_id, responses, strict=True))
        step = getattr(trainer_state, "global_step", 0)
        try:
            batch = rewarded(rollouts, step)
        except HpptError:  # says what to do: a judge that went away, for example
            raise
        except Exception as error:
            # One at a time, to find the first that it fails on.
            for id, response in rollouts:
                try:
                    rewarded([(id, response)], step)
                except Exception as alone:
                    raise _failed(reward, f"'{id}'", response, alone) from alone
            ids = ", ".join(f"'{id}'" for id in dict.fromkeys(instruction_id))
            raise _failed(reward, f"{ids} together", "", error) from error
        if hand_over is not None:
            hand_over(batch)
        return [each.reward for each in batch]

    rewards.__name__ = reward.name  # TRL names its metrics after the function
    return rewards


def _failed(reward: Reward, ids: str, response: str, error: Exception) -> HpptError:
    shown = f" and the response {response[:200]!r}" if response else ""
    return HpptError(
        f"The reward '{reward.name}' failed with {type(error).__name__}: {error}, for the "
        f"instruction {ids}{shown}. Correct the reward function: it must give a number for any "
        "response."
    )


def _response_text(completion: Any) -> str:
    """TRL hands over plain text, or a list of messages when prompts are conversations."""
    if isinstance(completion, str):
        return completion
    return str(completion[-1]["content"])
