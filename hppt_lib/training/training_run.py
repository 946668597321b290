"""One training run: GRPO with LoRA, from the base policy or from where an earlier call stopped."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from tqdm.auto import tqdm

from hppt_lib.errors import HpptError
from hppt_lib.machine import is_main_process
from hppt_lib.policy.lengths import positions_of, prompt_lengths
from hppt_lib.policy.load import Policy, enough_memory
from hppt_lib.policy.speedups import training_weights
from hppt_lib.records import Step, read_steps
from hppt_lib.training.checkpoints import (
    Checkpoint,
    Checkpoints,
    forget_checkpoints,
    last_checkpoint,
    load_adapter,
    run_identity,
)
from hppt_lib.training.step import StepFile
from hppt_lib.training.trainer import Trainer, TrainingJob
from hppt_lib.verifiers import THOUGHT_MARKS


@dataclasses.dataclass(frozen=True)
class TrainingRun:
    """The result of a training run.

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
    job: TrainingJob,
    *,
    on_step: Callable[[Step], None] | None = None,
    progress: bool = True,
) -> TrainingRun:
    """Train a LoRA adapter on ``policy`` with GRPO.

    The adapter is put onto ``policy.model`` in place: load the policy anew for the next run.

    With ``job.checkpoints``, a run that was stopped at any moment (killed, out of time, a judge
    that went away) continues when the same call is made again. On the same machine its steps and
    its adapter are equal, to the bit, to those of an uninterrupted run. A checkpoint that cannot be
    written (disk full) is a warning, and training goes on.

    Args:
        policy: the base policy.
        job: what is to be done.
        on_step: called after each step, for a live figure; not for steps of an earlier call.
        progress: show a progress bar.

    Raises:
        HpptError: a policy that has an adapter already, a prompt that is too long for it, sizes
            that cannot be shared out, memory exhausted, a loss that is not a number, a reward that
            fails, a judge that cannot be reached, checkpoints of another run, or none that is
            whole. The message says what to do.
    """
    if hasattr(policy.model, "peft_config"):
        raise HpptError("This policy has an adapter already. Load the base policy anew.")
    prompt_lengths(job.instructions, policy.tokenizer).require_room(
        policy.name, positions_of(policy.model), job.settings.max_new_tokens
    )
    writes = is_main_process()
    progress = progress and writes
    checkpoints, checkpoint = _open_checkpoints(policy, job, progress)
    done = read_steps(checkpoint.path / "steps.jsonl") if checkpoint else ()
    file = StepFile(job.steps_path, done) if job.steps_path and writes else None
    with (
        tempfile.TemporaryDirectory(prefix="hppt-") as folder,
        _without_noise(),
        tqdm(
            total=job.settings.steps, initial=len(done), desc="GRPO steps", disable=not progress
        ) as bar,
    ):

        def report(step: Step) -> None:
            if on_step is not None and writes:
                on_step(step)
            shown = {"reward": f"{step.reward:.2f}", "tokens": f"{step.length:.0f}"}
            if step.no_verdict:
                shown["no verdict"] = f"{step.no_verdict:.0%}"
            bar.set_postfix(shown)
            bar.update()

        trainer = Trainer(
            policy,
            job,
            Path(folder),
            checkpoints=checkpoints,
            steps=done,
            step_file=file,
            on_step=report,
        )
        before = adapter_fingerprint(trainer.model)
        started = time.perf_counter()
        if len(done) >= job.settings.steps or job.budget.reached(done):
            assert checkpoint is not None
            load_adapter(trainer.model, checkpoint.path)
        else:
            _train(trainer, checkpoint)
        seconds = sum(step.seconds for step in done) + time.perf_counter() - started
    all_made = len(trainer.steps) >= job.settings.steps
    return TrainingRun(
        policy=dataclasses.replace(policy, model=trainer.model),
        steps=tuple(trainer.steps),
        seconds=seconds,
        adapter_before=before,
        adapter_after=adapter_fingerprint(trainer.model),
        stopped_by="steps" if all_made else job.budget.reached(trainer.steps) or "steps",
        resumed_from=checkpoint.step if checkpoint else 0,
    )


def _open_checkpoints(
    policy: Policy, job: TrainingJob, progress: bool
) -> tuple[Checkpoints | None, Checkpoint | None]:
    """Where to save, and what an earlier call has left."""
    if job.checkpoints is None:
        return None, None
    settings = dataclasses.asdict(job.settings)
    if job.thoughts != THOUGHT_MARKS:
        settings["thoughts"] = job.thoughts
    run = run_identity(policy.identity, job.reward.identity, job.seed, settings, job.instructions)
    if not job.resume:
        forget_checkpoints(job.checkpoints)
    checkpoint = last_checkpoint(job.checkpoints, run)
    if checkpoint and progress:
        message = f"going on after step {checkpoint.step} of {job.settings.steps}"
        tqdm.write(message, file=sys.stderr)
    return Checkpoints(job.checkpoints, run, job.checkpoint_every), checkpoint


def _train(trainer: Trainer, checkpoint: Checkpoint | None) -> None:
    """Train from the start or from a checkpoint; an error tells how to go on after it."""
    job, begin = trainer.job, None
    if checkpoint is not None:
        steps_of_an_epoch = len(job.instructions) // job.settings.prompts_per_step
        trainer.epochs_done = checkpoint.step // steps_of_an_epoch
        begin = str(checkpoint.path)
    try:
        with (
            enough_memory("train with these settings (micro_batch, group_size, max_new_tokens)"),
            training_weights(trainer.model, job.speed_ups),
        ):
            trainer.train(resume_from_checkpoint=begin)
    except HpptError as error:
        if job.checkpoints is None or not any(job.checkpoints.glob("step-*")):
            raise
        raise HpptError(
            f"{error} The steps up to the last checkpoint are in {job.checkpoints}: load the "
            "policy anew and make the same call, or give the same command, to go on from there."
        ) from error


def adapter_fingerprint(model: torch.nn.Module) -> str:
    """SHA-256 over the adapter's weights; it changes when any of them does.

    Raises:
        HpptError: the model has no adapter.
    """
    digest = hashlib.sha256()
    parameters = {name: each for name, each in model.named_parameters() if "lora_" in name}
    if not parameters:
        raise HpptError("This model has no LoRA adapter to take a fingerprint of.")
    for name in sorted(parameters):
        digest.update(name.encode())
        digest.update(parameters[name].detach().float().cpu().numpy().tobytes())
    return digest.hexdigest()


@contextmanager
def _without_noise() -> Iterator[None]:
    """Keep back what libraries say that no reader can act on, and what they would send."""
    # TRL warns that rollout_func may change; tests/training/test_api_drift.py watches it for us.
    os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")
    os.environ.setdefault("DO_NOT_TRACK", "1")  # vLLM sends statistics of the machine otherwise
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # transformers, of its own calls
        yield
