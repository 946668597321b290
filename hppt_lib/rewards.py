"""Rewards: from verdicts to the number that GRPO maximises, and the adapter for a trainer.

Every reward here says its range and whether it is all-or-nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hppt_lib import verifiers
from hppt_lib.errors import HpptError
from hppt_lib.instructions import Instruction


@dataclass(frozen=True)
class Score:
    """What the verifiers say of one response.

    Attributes:
        verdicts: one for each constraint, in the instruction's order.
        substance: whether there is an answer at all (see `hppt_lib.verifiers.substance`).
    """

    verdicts: tuple[verifiers.Verdict, ...]
    substance: verifiers.Verdict

    @property
    def strict(self) -> bool:
        """True if every constraint is satisfied."""
        return all(verdict.passed for verdict in self.verdicts)

    @property
    def guarded(self) -> bool:
        """True if every constraint is satisfied by a response of substance."""
        return self.strict and self.substance.passed


@dataclass(frozen=True)
class Reward:
    """A reward function with its properties.

    Attributes:
        name: the name that run records carry.
        value: from a score to the reward.
        range: the smallest and the largest reward.
        all_or_nothing: True if it takes no value between the two.
        definition: what is rewarded, in one line.
    """

    name: str
    value: Callable[[Score], float]
    range: tuple[float, float]
    all_or_nothing: bool
    definition: str


STRICT = Reward(
    name="strict",
    value=lambda score: float(score.strict),
    range=(0.0, 1.0),
    all_or_nothing=True,
    definition="1 if every constraint passes, else 0 (the paper's reward)",
)
GUARDED = Reward(
    name="guarded",
    value=lambda score: float(score.guarded),
    range=(0.0, 1.0),
    all_or_nothing=True,
    definition="1 if every constraint passes and the response is an answer of substance, else 0",
)
REWARDS: dict[str, Reward] = {each.name: each for each in (STRICT, GUARDED)}


def reward(name: str) -> Reward:
    """The reward called ``name``.

    Raises:
        HpptError: there is no such reward.
    """
    if name not in REWARDS:
        raise HpptError(f"There is no reward '{name}'. Choose one of: {', '.join(REWARDS)}.")
    return REWARDS[name]


def score(instruction: Instruction, response: str) -> Score:
    """Verify every constraint of an instruction, and substance.

    Raises:
        HpptError: a constraint is soft (no verifier decides it), or the instruction names no topic.
    """
    soft = [each.id for each in instruction.constraints if each.kind != "hard"]
    if soft:
        raise HpptError(
            f"Instruction '{instruction.id}' has the soft constraint '{soft[0]}': no verifier "
            "decides it. Use hard constraints only with this reward."
        )
    if not instruction.topic:
        raise HpptError(
            f"Instruction '{instruction.id}' names no topic words, so whether a response is on "
            "topic cannot be decided. Add a list 'topic' to it."
        )
    substance = verifiers.build(
        "hppt:substance", {"prompt": instruction.prompt, "topic": list(instruction.topic)}
    )
    verdicts = tuple(each.verifier()(response) for each in instruction.constraints)
    return Score(verdicts, substance(response))


def trainer_reward(
    chosen: Reward,
    instructions: Sequence[Instruction],
    observe: Callable[[list[str], list[str], list[Score]], None] | None = None,
) -> Callable[..., list[float]]:
    """A reward function in the form that TRL's trainers call.

    The trainer's data set needs a column ``instruction_id``.

    Args:
        chosen: the reward.
        instructions: all that may come up.
        observe: called with (instruction ids, responses, scores) of each batch, for the records.

    Returns:
        A function of ``prompts``, ``completions`` and the data set's columns, which gives one
        float for each completion.
    """
    by_id = {each.id: each for each in instructions}

    def rewards(
        prompts: Sequence[Any],
        completions: Sequence[Any],
        instruction_id: Sequence[str],
        **columns: Any,
    ) -> list[float]:
        responses = [_response_text(each) for each in completions]
        scores = [
            score(by_id[id], response)
            for id, response in zip(instruction_id, responses, strict=True)
        ]
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
