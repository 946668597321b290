"""The data of a run: the instructions that it trains on, and those that it is evaluated on."""

from __future__ import annotations

from collections.abc import Sequence

from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import (
    Instruction,
    chosen_instructions,
    hard_part,
    same_prompt,
)
from hppt_lib.rewards import Reward
from hppt_lib.training.settings import HELD_OUT


def training_instructions(name: str, reward: Reward) -> list[Instruction]:
    """The instructions that a run with this reward can learn from.

    Without a judge, soft constraints are left out, and so are instructions that have no others.

    Args:
        name: a name in data/instructions, or a JSONL file.
        reward: what will be rewarded.

    Raises:
        HpptError: there are none of that name, or none is left.
    """
    chosen = chosen_instructions(name)
    if reward.judging is None:
        chosen = [each for each in map(hard_part, chosen) if each.constraints]
    if not chosen:
        raise HpptError(
            f"'{name}' holds no hard constraint, and the reward '{reward.name}' has no judge. "
            "Choose other instructions, or the reward judged(judge=…)."
        )
    return chosen


def held_out_instructions(
    name: str = HELD_OUT, trained_on: Sequence[Instruction] = ()
) -> list[Instruction]:
    """The instructions that a policy is evaluated on: those with hard constraints, and these alone.

    A held-out set is scored without a judge, whatever the reward, so soft constraints are left out.

    Args:
        name: a name in data/instructions, or a JSONL file. A record has it in
            ``settings["held_out"]``; one without was evaluated on the default.
        trained_on: none of these may have the prompt of a held-out one.

    Raises:
        HpptError: there are none of that name, none has a hard constraint, or a prompt is trained
            on as well.
    """
    found = [each for each in map(hard_part, chosen_instructions(name)) if each.constraints]
    if not found:
        raise HpptError(
            f"'{name}' holds no hard constraint, and held-out instructions are scored by verifiers "
            "alone. Choose others (held_out)."
        )
    prompts = {same_prompt(each.prompt): each.id for each in trained_on}
    both = [each for each in found if same_prompt(each.prompt) in prompts]
    if both:
        first = both[0]
        raise HpptError(
            f"{len(both)} of the {len(found)} held-out prompts of '{name}' are trained on too; the "
            f"first is '{first.id}', which is '{prompts[same_prompt(first.prompt)]}' among the "
            "instructions. Take them out of one of the two: a policy can learn such prompts by "
            "heart."
        )
    return found


def unchecked(
    instructions: Sequence[Instruction], held_out: Sequence[Instruction]
) -> dict[str, int]:
    """How many of both sets hold demands that nobody checks; only what is not 0.

    Returns:
        ``instructions`` and ``held_out`` to the number of them with `Instruction.unmapped`.
    """
    sets = {"instructions": instructions, "held_out": held_out}
    numbers = {name: sum(bool(each.unmapped) for each in found) for name, found in sets.items()}
    return {name: number for name, number in numbers.items() if number}
