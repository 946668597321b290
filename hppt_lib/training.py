"""Training: GRPO with LoRA through TRL's ``GRPOTrainer``, the same call on every tier."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from hppt_lib.errors import HpptError
from hppt_lib.instructions import Instruction
from hppt_lib.models import enough_memory
from hppt_lib.records import Step
from hppt_lib.rewards import Reward
from hppt_lib.trainer import build_trainer
from hppt_lib.watch import Watch

if TYPE_CHECKING:
    from hppt_lib.models import Policy
    from hppt_lib.profiles import TrainingSettings


@dataclass(frozen=True)
class TrainingRun:
    """What a training run leaves.

    Attributes:
        policy: the trained policy, its adapter in place.
        steps: one entry for each optimiser step.
        seconds: wall-clock time of training.
        adapter_before: fingerprint of the untrained adapter.
        adapter_after: fingerprint of the trained adapter.
    """

    policy: Policy
    steps: tuple[Step, ...]
    seconds: float
    adapter_before: str
    adapter_after: str


def train(
    policy: Policy,
    instructions: Sequence[Instruction],
    reward: Reward,
    settings: TrainingSettings,
    *,
    seed: int,
    progress: bool = True,
    on_step: Callable[[Step], None] | None = None,
) -> TrainingRun:
    """Train a LoRA adapter on ``policy`` with GRPO.

    The adapter is put onto ``policy.model`` in place: load the policy anew for the next run.

    Args:
        policy: the base policy.
        instructions: what to train on; each step draws ``settings.prompts_per_step`` of them.
        reward: what is rewarded.
        settings: steps, sizes and rates.
        seed: seeds the adapter, the order of instructions and the sampling.
        progress: show a progress bar.
        on_step: called after each step, for a live figure.

    Raises:
        HpptError: too few instructions, sizes that do not divide, a policy that has an adapter
            already, memory exhausted, or a loss that is not a number.
    """
    _check(policy, instructions, settings)
    watch = Watch(settings, reward, on_step)
    with tempfile.TemporaryDirectory(prefix="hppt-") as folder, _without_noise():
        trainer = build_trainer(
            policy,
            instructions,
            reward,
            settings,
            seed=seed,
            folder=Path(folder),
            watch=watch,
            progress=progress,
        )
        before = adapter_fingerprint(trainer.model)
        started = time.perf_counter()
        with enough_memory("train with these settings (micro_batch, group_size, max_new_tokens)"):
            trainer.train()
        seconds = time.perf_counter() - started
    trained = dataclasses.replace(policy, model=trainer.model)
    return TrainingRun(
        trained, tuple(watch.steps), seconds, before, adapter_fingerprint(trainer.model)
    )


def adapter_fingerprint(model: torch.nn.Module) -> str:
    """SHA-256 over the adapter's weights; it changes when any of them does.

    Raises:
        HpptError: the model has no adapter.
    """
    digest = hashlib.sha256()
    names = [name for name, _ in model.named_parameters() if "lora_" in name]
    if not names:
        raise HpptError("This model has no LoRA adapter to take a fingerprint of.")
    parameters = dict(model.named_parameters())
    for name in sorted(names):
        digest.update(name.encode())
        digest.update(parameters[name].detach().float().cpu().numpy().tobytes())
    return digest.hexdigest()


@contextmanager
def _without_noise() -> Iterator[None]:
    """Keep back what libraries say of things that no reader can act on."""
    # TRL warns that rollout_func may change; tests/test_api_drift.py watches it for us.
    os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # transformers, of its own calls
        yield


def _check(policy: Policy, instructions: Sequence[Instruction], settings: TrainingSettings) -> None:
    if min(settings.steps, settings.prompts_per_step, settings.micro_batch) < 1:
        raise HpptError("steps, prompts_per_step and micro_batch must be 1 or more.")
    if settings.group_size < 2:
        raise HpptError("group_size must be 2 or more: an advantage compares within a group.")
    rollouts = settings.prompts_per_step * settings.group_size
    if rollouts % settings.micro_batch and settings.micro_batch < rollouts:
        raise HpptError(
            f"A step has {settings.prompts_per_step} × {settings.group_size} = {rollouts} "
            f"rollouts, which micro_batch = {settings.micro_batch} does not divide."
        )
    if len(instructions) < settings.prompts_per_step:
        raise HpptError(
            f"{len(instructions)} instructions are too few for prompts_per_step = "
            f"{settings.prompts_per_step}."
        )
    if hasattr(policy.model, "peft_config"):
        raise HpptError("This policy has an adapter already. Load the base policy anew.")
