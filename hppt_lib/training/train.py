"""Training: GRPO with LoRA through TRL's ``GRPOTrainer``, the same call on every tier."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from tqdm.auto import tqdm

from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Instruction
from hppt_lib.machine import is_main_process
from hppt_lib.policy.load import enough_memory
from hppt_lib.policy.speedups import Levers, training_weights
from hppt_lib.records import Step
from hppt_lib.rewards import Reward
from hppt_lib.training.checkpoints import (
    Checkpoint,
    forget_checkpoints,
    last_checkpoint,
    read_steps,
    run_identity,
)
from hppt_lib.training.saving import Checkpoints, load_adapter
from hppt_lib.training.step_recorder import Budget, Watch
from hppt_lib.training.trainer import build_trainer

if TYPE_CHECKING:
    from hppt_lib.policy.load import Policy
    from hppt_lib.tiers import TrainingSettings


@dataclass(frozen=True)
class TrainingRun:
    """What a training run leaves.

    Attributes:
        policy: the trained policy, its adapter in place.
        steps: one entry for each optimiser step.
        seconds: wall-clock time of training, over all the calls that made the run.
        adapter_before: fingerprint of the untrained adapter.
        adapter_after: fingerprint of the trained adapter.
        stopped_by: ``"steps"`` if all were made, else what ran out: ``"minutes"``, ``"samples"``.
        resumed_from: the step after which this call began; 0 for a run in one piece.
    """

    policy: Policy
    steps: tuple[Step, ...]
    seconds: float
    adapter_before: str
    adapter_after: str
    stopped_by: str = "steps"
    resumed_from: int = 0


def train(
    policy: Policy,
    instructions: Sequence[Instruction],
    reward: Reward,
    settings: TrainingSettings,
    *,
    seed: int,
    progress: bool = True,
    on_step: Callable[[Step], None] | None = None,
    checkpoints: Path | None = None,
    checkpoint_every: int = 1,
    resume: bool = True,
    records_path: Path | None = None,
    budget: Budget | None = None,
    levers: Levers | None = None,
) -> TrainingRun:
    """Train a LoRA adapter on ``policy`` with GRPO.

    The adapter is put onto ``policy.model`` in place: load the policy anew for the next run.

    With ``checkpoints``, a run that was stopped at any moment (killed, out of time, a judge that
    went away) goes on when the same call is made again, and ends as if it had never stopped: on
    the same machine its steps and its adapter are equal to the bit. A checkpoint that cannot be
    written (disk full) is a warning, and training goes on.

    Args:
        policy: the base policy.
        instructions: what to train on; each step draws ``settings.prompts_per_step`` of them.
        reward: what is rewarded.
        settings: steps, sizes and rates.
        seed: seeds the adapter, the order of instructions and the sampling.
        progress: show a progress bar.
        on_step: called after each step, for a live figure; not for steps of an earlier call.
        checkpoints: a folder for this run's checkpoints; the last two are kept.
        checkpoint_every: steps from one checkpoint to the next. The last step is always saved.
        resume: go on from the newest whole checkpoint; False deletes those that are there.
        records_path: a file to which each step is appended as it ends (JSON lines).
        budget: where to stop before ``settings.steps`` are made.
        levers: what is done to make a step cheaper; by default all (see
        `hppt_lib.policy.speedups`).

    Raises:
        HpptError: too few instructions, sizes that do not divide, a policy that has an adapter
            already, memory exhausted, a loss that is not a number, a reward that fails, a judge
            that cannot be reached, checkpoints of another run, or none that is whole. The message
            says what to do.
    """
    _check(policy, instructions, settings, checkpoint_every)
    if not is_main_process():
        progress, on_step, records_path = False, None, None
    watch = Watch(settings, reward, instructions, on_step, records_path)
    budget = budget or Budget()
    saver, found = None, None
    if checkpoints is not None:
        run = run_identity(policy.name, reward.name, seed, asdict(settings), instructions)
        if not resume:
            forget_checkpoints(checkpoints)
        found = last_checkpoint(checkpoints, run)
        if found and progress:
            tqdm.write(f"going on after step {found.step} of {settings.steps}", file=sys.stderr)
        saver = Checkpoints(checkpoints, run, checkpoint_every)
    watch.begin(read_steps(found.path / "steps.jsonl") if found else ())
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
            budget=budget,
            checkpoints=saver,
            levers=levers,
        )
        before = adapter_fingerprint(trainer.model)
        spent = sum(each.seconds for each in watch.steps)
        started = time.perf_counter()
        if len(watch.steps) >= settings.steps or budget.reached(watch.steps):
            assert found is not None
            load_adapter(trainer.model, found.path)
        else:
            _train(trainer, found, instructions, settings)
        seconds = spent + time.perf_counter() - started
    return TrainingRun(
        policy=dataclasses.replace(policy, model=trainer.model),
        steps=tuple(watch.steps),
        seconds=seconds,
        adapter_before=before,
        adapter_after=adapter_fingerprint(trainer.model),
        stopped_by=(
            "steps"
            if len(watch.steps) >= settings.steps
            else budget.reached(watch.steps) or "steps"
        ),
        resumed_from=found.step if found else 0,
    )


def _train(
    trainer: Any,
    found: Checkpoint | None,
    instructions: Sequence[Instruction],
    settings: TrainingSettings,
) -> None:
    """Train from the start or from a checkpoint; an error tells how to go on after it."""
    begin = None
    if found is not None:
        trainer.epochs_done = found.step // (len(instructions) // settings.prompts_per_step)
        begin = str(found.path)
    try:
        with (
            enough_memory("train with these settings (micro_batch, group_size, max_new_tokens)"),
            training_weights(trainer.model, trainer.levers),
        ):
            trainer.train(resume_from_checkpoint=begin)
    except HpptError as error:
        if trainer.checkpoints is None or not any(trainer.checkpoints.folder.glob("step-*")):
            raise
        raise HpptError(
            f"{error} The steps up to the last checkpoint are in {trainer.checkpoints.folder}: "
            "load the policy anew and make the same call, or give the same command, to go on from "
            "there."
        ) from error


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


def _check(
    policy: Policy, instructions: Sequence[Instruction], settings: TrainingSettings, every: int
) -> None:
    settings.check()
    if every < 1:
        raise HpptError("checkpoint_every must be 1 or more.")
    if len(instructions) < settings.prompts_per_step:
        raise HpptError(
            f"{len(instructions)} instructions are too few for prompts_per_step = "
            f"{settings.prompts_per_step}."
        )
    if hasattr(policy.model, "peft_config"):
        raise HpptError("This policy has an adapter already. Load the base policy anew.")
