"""TRL's ``GRPOTrainer`` with the kit's sampler, rewards, lighter loss, records and checkpoints.

`Trainer`'s methods stand in the order in which TRL calls them in a step.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from transformers import PrinterCallback
from trl import GRPOTrainer

from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Instruction
from hppt_lib.machine import as_the_main_process, of_all_processes
from hppt_lib.policy.continuous import sample_continuously
from hppt_lib.policy.load import Policy
from hppt_lib.policy.log_probs import is_plain, token_log_probs
from hppt_lib.policy.sampling import Chat, end_token_ids, sample_tokens
from hppt_lib.policy.speedups import SpeedUps, sampling_weights
from hppt_lib.records import Step
from hppt_lib.rewards import Reward, Rewarded
from hppt_lib.tiers import TrainingSettings, require_vllm
from hppt_lib.training.batches import sorted_batches, without_idle_rows
from hppt_lib.training.checkpoints import Checkpoints, load_adapter, save_adapter
from hppt_lib.training.preflight import require_enough
from hppt_lib.training.reward_function import reward_function
from hppt_lib.training.settings import Budget
from hppt_lib.training.step import Seconds, StepFile, step_record
from hppt_lib.training.trackers import Reporting
from hppt_lib.training.trainer_config import (
    adapter_config,
    dataset,
    refuse_sharded,
    trainer_config,
)
from hppt_lib.verifiers import THOUGHT_MARKS, Marks


@dataclass(frozen=True)
class TrainingJob:
    """The task of one training run.

    Attributes:
        instructions: what to train on; each step draws ``settings.prompts_per_step`` of them.
        reward: what is rewarded.
        settings: steps, sizes and rates.
        seed: seeds the adapter, the order of instructions and the sampling.
        budget: where to stop before ``settings.steps`` are made.
        checkpoints: a folder for this run's checkpoints, of which the last two are kept; None saves
            nothing.
        checkpoint_every: steps from one checkpoint to the next. The last step is always saved.
        resume: go on from the newest whole checkpoint; False deletes those that are there.
        steps_path: a file to which each step is appended as it ends (JSON lines).
        speed_ups: what makes a step faster; by default all.
        thoughts: the marks of thoughts: what is rewarded is the answer that follows them.
        report: the trackers that get the curves of the run as well (`hppt_lib.training.trackers`).

    Raises:
        HpptError: too few instructions for a step, or ``checkpoint_every`` below 1.
    """

    instructions: Sequence[Instruction]
    reward: Reward
    settings: TrainingSettings
    seed: int
    budget: Budget = field(default_factory=Budget)
    checkpoints: Path | None = None
    checkpoint_every: int = 1
    resume: bool = True
    steps_path: Path | None = None
    speed_ups: SpeedUps = field(default_factory=SpeedUps)
    thoughts: Marks = THOUGHT_MARKS
    report: Reporting = field(default_factory=Reporting)

    def __post_init__(self) -> None:
        if self.checkpoint_every < 1:
            raise HpptError("checkpoint_every must be 1 or more.")
        require_enough(self.instructions, self.settings)


class Trainer(GRPOTrainer):
    """TRL's trainer, lighter, with step records, and checkpoints that are whole or not there.

    It puts a fresh LoRA adapter onto ``policy.model`` in place.

    Args:
        policy: the base policy.
        job: what is to be done.
        folder: the trainer's own files go there.
        checkpoints: where to save; None saves nothing.
        steps: those that an earlier call has made.
        step_file: is given each step as it ends.
        on_step: called with each step.

    Raises:
        HpptError: a step cannot be split over the processes of the run, or sampling with vLLM, a
            sharded model or its checkpoints are asked for where that does not work.
    """

    _buffered_inputs: Any  # TRL's: the micro-batches of the step

    def __init__(
        self,
        policy: Policy,
        job: TrainingJob,
        folder: Path,
        *,
        checkpoints: Checkpoints | None = None,
        steps: Sequence[Step] = (),
        step_file: StepFile | None = None,
        on_step: Callable[[Step], None] | None = None,
    ) -> None:
        self.job = job
        self.checkpoints = checkpoints
        self.steps = list(steps)
        self.step_file = step_file
        self.on_step = on_step
        self.epochs_done = 0  # before this call, when a run goes on
        self.chat = Chat(policy.tokenizer, policy.thinking, job.thoughts)
        self._rewarded: list[Rewarded] = []  # of this step and process
        self.entropies: list[list[float]] = []  # by rollout and token, of this step and process
        self._rollout_seconds = self._reward_seconds = 0.0
        self._step_started: float | None = None
        with_vllm = job.settings.vllm != "off"
        require_vllm(job.settings.vllm, quantized=getattr(policy.model, "is_loaded_in_4bit", False))
        with job.report.prepared():
            super().__init__(
                model=policy.model,
                processing_class=policy.tokenizer,
                args=trainer_config(
                    policy, job.settings, job.seed, folder, self.chat.template_settings, job.report
                ),
                train_dataset=dataset(job.instructions),
                reward_funcs=reward_function(
                    job.reward,
                    job.instructions,
                    self._take_rewards,
                    thoughts=job.thoughts,
                    response_of=self.chat.response,
                    run_seed=job.seed,
                ),
                rollout_func=None if with_vllm else _rollouts,
                peft_config=adapter_config(job.settings),
            )
        regrouped = job.speed_ups.leave_out_idle or job.speed_ups.sort_rows
        if regrouped and self.loss_type != "dapo":
            raise HpptError(
                "Rows without an advantage are left out and the others regrouped. That leaves the "
                f"loss 'dapo' as it is and changes the loss '{self.loss_type}', which divides by "
                "the rows or tokens of a micro-batch. Train with SpeedUps(leave_out_idle=False, "
                "sort_rows=False)."
            )
        self.remove_callback(PrinterCallback)  # it prints every metric of every step
        refuse_sharded(self, with_vllm, checkpoints)
        for weight in self.model.parameters():
            # On a 4-bit base TRL casts the adapter to bfloat16, whose eight bits lose what a small
            # learning rate adds (1e-5 to 0.01), and which a T4 cannot scale. Without quantisation
            # peft keeps it in float32: so here.
            if weight.requires_grad:
                weight.data = weight.data.float()

    def _send_telemetry(self) -> None:
        """Tell nobody: TRL tells the hub at each start which accelerator, model type and data."""

    # 1. Which instructions

    def _get_train_sampler(self, dataset: Any = None) -> Any:
        sampler = super()._get_train_sampler(dataset)
        # TRL's sampler draws a new order for each epoch. In a run that goes on it would begin with
        # the order of the first epoch again: draw those that are behind us.
        for _ in range(self.epochs_done):
            torch.randperm(sampler.num_samples, generator=sampler.generator)
        return sampler

    # 2. A step's rollouts with rewards and advantages, in micro-batches

    def _prepare_inputs(self, generation_batch: Any) -> Any:
        if self._step_started is None:
            self._step_started = time.perf_counter()
        every = self.args.steps_per_generation * self.num_iterations
        sampled = self.model.training and self._step % every == 0
        inputs = super()._prepare_inputs(generation_batch)
        speed_ups = self.job.speed_ups
        if speed_ups.sort_rows and sampled and len(self._buffered_inputs) > 1:
            with_idle = self.beta != 0 or not speed_ups.leave_out_idle
            batches = sorted_batches(self._buffered_inputs, with_idle)
            if len(batches) == len(self._buffered_inputs):
                self._buffered_inputs = batches
                return batches[self._step % self.args.steps_per_generation]
        return inputs

    def _generate(self, prompts: list[Any]) -> Any:
        started = time.perf_counter()
        generated = super()._generate(prompts)  # calls `_rollouts`, or vLLM
        self._rollout_seconds = time.perf_counter() - started
        return generated

    def _calculate_rewards(
        self, inputs: Any, prompts: Any, completions: Any, completion_ids_list: Any
    ) -> Any:
        started = time.perf_counter()
        rewards = super()._calculate_rewards(inputs, prompts, completions, completion_ids_list)
        self._reward_seconds = time.perf_counter() - started
        return rewards

    def _take_rewards(self, rewarded: list[Rewarded]) -> None:
        self._rewarded = rewarded

    # 3. The loss of each micro-batch

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        """TRL's loss, without the rows that add nothing to the gradient."""
        # With KL on, every row has a gradient.
        if self.job.speed_ups.leave_out_idle and self.beta == 0:
            working = (inputs["advantages"] != 0).sum().reshape(1)
            # As many rows in every process as the busiest one needs.
            rows = int(self.accelerator.gather(working).max())
            inputs = without_idle_rows(inputs, max(1, rows))
        return super().compute_loss(model, inputs, return_outputs, num_items_in_batch)

    def _get_per_token_logps_and_entropies(
        self,
        model: Any,
        input_ids: Any,
        attention_mask: Any,
        logits_to_keep: int,
        batch_size: int | None = None,
        compute_entropy: bool = False,
        **others: Any,
    ) -> Any:
        speed_ups = self.job.speed_ups
        alone = batch_size is None and not any(others.values())
        lighter = speed_ups.completion_logits or speed_ups.prompt_once
        # With several processes, gradients are shared by the wrapper's forward.
        if lighter and alone and self.accelerator.num_processes == 1 and is_plain(model):
            values, entropies = token_log_probs(
                model,
                input_ids,
                attention_mask,
                logits_to_keep,
                self.temperature,
                speed_ups.prompt_once,
            )
            return values, entropies, None
        return super()._get_per_token_logps_and_entropies(
            model,
            input_ids,
            attention_mask,
            logits_to_keep,
            batch_size=batch_size,
            compute_entropy=compute_entropy,
            **others,
        )

    # 4. After the optimiser: the record, and whether to save and stop

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """End a step: TRL logs once after each, and a summary after the last.

        Raises:
            HpptError: the loss or the gradient is not a number.
        """
        super().log(logs, start_time)
        if "grad_norm" in logs:
            self._end_step(self.state.log_history[-1])  # with TRL's own metrics

    def _end_step(self, logs: dict[str, Any]) -> None:
        now = time.perf_counter()
        seconds = now - (self._step_started or now)
        self._step_started = now
        step = step_record(
            len(self.steps) + 1,
            of_all_processes(self._rewarded),
            logs,
            entropies=of_all_processes([nats for each in self.entropies for nats in each]),
            group_size=self.job.settings.group_size,
            seconds=Seconds(seconds, self._rollout_seconds, self._reward_seconds),
        )
        for what, value in (("the gradient", logs["grad_norm"]), ("the loss", logs["loss"])):
            if value is None or not torch.isfinite(torch.tensor(value)):
                raise _broken(step.step, what, self.job.settings)
        self.steps.append(step)
        if self.step_file is not None:
            self.step_file.append(self.steps)
        if self.on_step is not None:
            self.on_step(step)
        # Clocks differ between processes; one that goes on alone would wait for ever.
        spent = as_the_main_process(self.job.budget.reached(self.steps) is not None)
        over = spent or step.step >= self.job.settings.steps
        self.control.should_training_stop |= over
        if self.checkpoints is not None and (over or step.step % self.checkpoints.every == 0):
            self.control.should_save = True

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        if self.checkpoints is not None and self.args.should_save:
            self.checkpoints.save(self, self.steps)

    def _save(self, output_dir: str | None = None, state_dict: Any = None) -> None:
        if self.args.should_save:
            save_adapter(self.accelerator.unwrap_model(self.model), output_dir, state_dict)

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        load_adapter(self.accelerator.unwrap_model(model or self.model), resume_from_checkpoint)


def _rollouts(prompts: list[Any], trainer: Trainer) -> dict[str, Any]:
    """The kit's sampler in the form of TRL's ``rollout_func``."""
    job, settings = trainer.job, trainer.job.settings
    size = settings.group_size
    texts = [prompt[-1]["content"] for prompt in prompts]
    if any(texts[i] != texts[i - i % size] for i in range(len(texts))):
        raise HpptError("TRL no longer repeats a prompt over its group: pin its version.")
    tokenizer, model = trainer.processing_class, trainer.accelerator.unwrap_model(trainer.model)
    prompt_ids = [trainer.chat.prompt_tokens(text) for text in texts[::size]]
    # A seed of its own for each step: a resumed run samples what the whole run would have.
    place = trainer.accelerator.process_index  # several processes must not sample alike
    seed = job.seed * 1_000_003 + trainer.state.global_step + place * 7_919_000_001
    asked: dict[str, Any] = {
        "samples": size,
        "max_new_tokens": settings.max_new_tokens,
        "temperature": settings.temperature,
        "pad_id": int(tokenizer.pad_token_id),
        "end_ids": end_token_ids(model, tokenizer),
    }
    model.eval()
    try:
        with sampling_weights(model, job.speed_ups):
            if settings.sampler == "continuous":
                completion_ids = sample_continuously(model, prompt_ids, seed=seed, **asked)
            else:
                completion_ids = sample_tokens(
                    model,
                    prompt_ids,
                    generator=torch.Generator(device=model.device).manual_seed(seed),
                    prefill_once=job.speed_ups.prefill_once,
                    drop_finished=job.speed_ups.drop_finished,
                    entropies=trainer.entropies,
                    **asked,
                )
    except FloatingPointError as error:
        raise _broken(len(trainer.steps) + 1, "the policy", settings) from error
    model.train()
    return {
        "prompt_ids": [ids for ids in prompt_ids for _ in range(size)],
        "completion_ids": completion_ids,
        "logprobs": None,
    }


def _broken(step: int, what: str, settings: TrainingSettings) -> HpptError:
    return HpptError(
        f"Step {step}: {what} is not a number. Lower the learning rate (now "
        f"{settings.learning_rate}) and start again."
    )
