"""What is looked at before a run: all that can be known before weights are read.

A base policy's evaluation takes minutes to hours. What would stop the run after it (too few
instructions, a judge that does not answer, a prompt that is too long) is found here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Instruction
from hppt_lib.judges.asking import ask
from hppt_lib.judges.protocol import Question
from hppt_lib.machine import process_count
from hppt_lib.policy.adapters import is_adapter, require_not_in_4_bits, require_stackable
from hppt_lib.policy.lengths import prompt_lengths
from hppt_lib.policy.load import outline
from hppt_lib.rewards import Reward
from hppt_lib.tiers import TrainingSettings, require_device, require_vllm
from hppt_lib.training.settings import RunSettings
from hppt_lib.training.trackers import require_trackers

_TINY = Question("Write a sentence about tea.", "Tea is a hot drink.", ("It is about tea.",))


def require_machine(settings: RunSettings) -> None:
    """Check what a run needs of this machine: a GPU, vLLM, a tracker's package.

    Raises:
        HpptError: it is not here; the message says what to do.
    """
    require_device(settings.tier)
    require_vllm(settings.tier.training.vllm, settings.tier.quantize)
    require_trackers(settings.report_to)


def require_data(instructions: Sequence[Instruction], settings: TrainingSettings) -> None:
    """Check that a step can be filled, and shared out over the processes of the run.

    Raises:
        HpptError: there are too few instructions, or it cannot.
    """
    require_enough(instructions, settings)
    rollouts_of_a_process(settings, process_count())


def require_enough(instructions: Sequence[Instruction], settings: TrainingSettings) -> None:
    """Check that there are as many instructions as a step has prompts.

    Raises:
        HpptError: there are fewer.
    """
    if len(instructions) < settings.prompts_per_step:
        raise HpptError(
            f"{len(instructions)} instructions are too few for prompts_per_step = "
            f"{settings.prompts_per_step}: a step has so many different ones. Give more, or set "
            "prompts_per_step lower."
        )


def rollouts_of_a_process(settings: TrainingSettings, processes: int) -> int:
    """A step's rollouts in each process: shared out by whole groups, the same step with any number.

    Raises:
        HpptError: they cannot be.
    """
    prompts, left = divmod(settings.prompts_per_step, processes)
    if left:
        raise HpptError(
            f"prompts_per_step = {settings.prompts_per_step} cannot be shared out over {processes} "
            f"processes. Choose a multiple of {processes}, or start fewer processes."
        )
    rollouts = prompts * settings.group_size
    if settings.micro_batch < rollouts and rollouts % settings.micro_batch:
        raise HpptError(
            f"Each of {processes} processes has {prompts} × {settings.group_size} = {rollouts} "
            f"rollouts a step, which micro_batch = {settings.micro_batch} does not divide."
        )
    return rollouts


def require_model(settings: RunSettings, *parts: Sequence[Instruction]) -> None:
    """Check a model by its folder: its tokenizer, its chat template, and room for every prompt.

    Args:
        settings: of the run.
        parts: the instructions that are trained and evaluated on.

    Raises:
        HpptError: it cannot be asked, a prompt is too long for it, or it is an adapter that
            training cannot go on from.
    """
    tier = settings.tier
    if is_adapter(tier.model):
        require_stackable(tier.model)
        if tier.quantize:
            require_not_in_4_bits(tier.model)
    found = outline(tier.model, thinking=settings.thinking)
    for part in parts:
        prompt_lengths(part, found.tokenizer).require_room(
            found.name, found.positions, tier.training.max_new_tokens
        )


def with_judge(reward: Reward, instructions: Sequence[Instruction]) -> Reward:
    """The reward with its judge loaded; one at a server is asked a question of a line.

    Args:
        reward: any; one without a judge comes back as it is.
        instructions: what is trained on; a judge with nothing to decide is not asked.

    Raises:
        HpptError: the judge cannot be had, or its server does not answer; with its words.
    """
    judging = reward.judging
    if judging is None:
        return reward
    ready = judging.ready()
    assert not isinstance(ready.judge, str)
    # A question to a local judge would tell nothing that loading it has not.
    at_server = ready.judge.settings.get("kind") == "endpoint"
    if at_server and any(judging.decided(each) for each in instructions):
        ask(ready.judge, [_TINY])
    return replace(reward, judging=ready)
