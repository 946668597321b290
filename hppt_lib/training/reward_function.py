"""The adapter: a reward in the form that TRL's trainers call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from hppt_lib.instructions.model import Instruction
from hppt_lib.rewards.kinds import Reward
from hppt_lib.rewards.scores import Score, score


def trainer_reward(
    chosen: Reward,
    instructions: Sequence[Instruction],
    observe: Callable[[list[str], list[str], list[Score]], None] | None = None,
) -> Callable[..., list[float]]:
    """A reward function in the form that TRL's trainers call.

    The trainer's data set needs a column ``instruction_id``. A judge, where the reward has one, is
    loaded here and asked about the whole batch at once.

    Args:
        chosen: the reward.
        instructions: all that may come up.
        observe: called with (instruction ids, responses, scores) of each batch, for the records;
            ``chosen.value`` and ``chosen.true_value`` of a score are the reward and the truth.

    Returns:
        A function of ``prompts``, ``completions`` and the data set's columns, which gives one
        float for each completion. NaN (the rule ``drop`` for a judge without a verdict) says that
        there is none: TRL leaves that rollout out of its group's mean and gives it no advantage.

    Raises:
        HpptError: the judge cannot be had.
    """
    by_id = {each.id: each for each in instructions}
    judging = chosen.judging.ready() if chosen.judging else None

    def rewards(
        prompts: Sequence[Any],
        completions: Sequence[Any],
        instruction_id: Sequence[str],
        trainer_state: Any = None,
        **columns: Any,
    ) -> list[float]:
        responses = [_response_text(each) for each in completions]
        pairs = [
            (by_id[id], response) for id, response in zip(instruction_id, responses, strict=True)
        ]
        verdicts = judging.verdicts(pairs) if judging else [None] * len(pairs)
        # A resumed run is at the same step: its rollouts get the numbers that they would have had.
        step = getattr(trainer_state, "global_step", 0)
        seen: Counter[tuple[str, str]] = Counter()
        scores = []
        for (instruction, response), judged in zip(pairs, verdicts, strict=True):
            key = (instruction.id, response)
            scores.append(
                score(instruction, response, judged=judged, occurrence=f"{step}.{seen[key]}")
            )
            seen[key] += 1
        if observe is not None:
            observe(list(instruction_id), responses, scores)
        return [chosen.value(each) for each in scores]

    rewards.__name__ = chosen.name  # TRL names its metrics after the function
    return rewards


def _response_text(completion: Any) -> str:
    """TRL hands over plain text, or a list of messages when prompts are conversations."""
    if isinstance(completion, str):
        return completion
    return str(completion[-1]["content"])
