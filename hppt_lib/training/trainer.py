"""What TRL's ``GRPOTrainer`` is given: settings, data, the kit's sampler, and a lighter loss."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Instruction
from hppt_lib.machine import of_all_processes, process_count
from hppt_lib.policy.log_probs import is_plain, token_log_probs
from hppt_lib.policy.sampling import chat_tokens, end_token_ids, sample_tokens
from hppt_lib.policy.speedups import Levers, sampling_weights
from hppt_lib.rewards import Reward, Score
from hppt_lib.tiers import require_vllm
from hppt_lib.training.batches import sorted_batches, without_idle_rows
from hppt_lib.training.callbacks import explained_reward, step_callback
from hppt_lib.training.reward_function import trainer_reward
from hppt_lib.training.saving import Checkpoints, load_adapter, save_adapter
from hppt_lib.training.step_recorder import Budget, Watch, broken

if TYPE_CHECKING:
    from hppt_lib.policy.load import Policy
    from hppt_lib.tiers import TrainingSettings


def build_trainer(
    policy: Policy,
    instructions: Sequence[Instruction],
    reward: Reward,
    settings: TrainingSettings,
    *,
    seed: int,
    folder: Path,
    watch: Watch,
    progress: bool,
    budget: Budget | None = None,
    checkpoints: Checkpoints | None = None,
    levers: Levers | None = None,
) -> Any:
    """TRL's trainer for these settings, with a fresh LoRA adapter on ``policy.model``.

    Args:
        policy: the base policy; the adapter is put onto its model in place.
        instructions: what to train on.
        reward: what is rewarded.
        settings: steps, sizes and rates.
        seed: seeds the adapter, the order of instructions and the sampling.
        folder: the trainer's own files go there.
        watch: is told of every rollout, reward and step.
        progress: show a progress bar.
        budget: where to stop before the last step.
        checkpoints: where and how often to save; None saves nothing.
        levers: what is done to make a step cheaper; by default all.

    Raises:
        HpptError: a step cannot be split over the processes of the run, or sampling with vLLM, a
            sharded model or its checkpoints are asked for where that does not work.
    """
    from transformers import PrinterCallback

    levers = levers or Levers()
    with_vllm = settings.vllm != "off"
    require_vllm(settings.vllm, quantized=getattr(policy.model, "is_loaded_in_4bit", False))

    def observe(ids: list[str], responses: list[str], scores: list[Score]) -> None:
        watch.observe(of_all_processes(ids), of_all_processes(responses), of_all_processes(scores))

    trainer = trainer_class()(
        model=policy.model,
        processing_class=policy.tokenizer,
        args=_trainer_config(policy, settings, seed, folder),
        train_dataset=_dataset(instructions),
        reward_funcs=explained_reward(trainer_reward(reward, instructions, observe), watch),
        rollout_func=None if with_vllm else _rollout_function(settings, seed, watch, levers),
        peft_config=_adapter_config(settings),
        callbacks=[step_callback(watch, settings.steps, progress, budget or Budget(), checkpoints)],
    )
    trainer.remove_callback(PrinterCallback)  # it prints every metric of every step
    _refuse_sharded(trainer, with_vllm, checkpoints)
    for weight in trainer.model.parameters():
        # On a 4-bit base TRL casts the adapter to bfloat16, whose eight bits lose what a small
        # learning rate adds (1e-5 to 0.01), and which a T4 cannot scale. Without quantisation
        # peft keeps it in float32: so here.
        if weight.requires_grad:
            weight.data = weight.data.float()
    trainer.watch, trainer.checkpoints, trainer.levers = watch, checkpoints, levers
    return trainer


def trainer_class() -> Any:
    """The subclass of ``trl.GRPOTrainer`` that the kit trains with."""
    from trl import GRPOTrainer

    class Trainer(GRPOTrainer):
        """TRL's trainer, lighter, and with checkpoints that are whole or not there."""

        watch: Watch
        checkpoints: Checkpoints | None = None
        epochs_done = 0  # before this call, when a run goes on
        levers = Levers()
        _buffered_inputs: Any  # TRL's: the micro-batches of the step

        def _generate(self, prompts: list[Any]) -> Any:
            started = time.perf_counter()
            generated = super()._generate(prompts)
            self.watch.rollout_seconds = time.perf_counter() - started
            return generated

        def _prepare_inputs(self, generation_batch: Any) -> Any:
            every = self.args.steps_per_generation * self.num_iterations
            sampled = self.model.training and self._step % every == 0
            inputs = super()._prepare_inputs(generation_batch)
            if self.levers.sort_rows and sampled and len(self._buffered_inputs) > 1:
                with_idle = self.beta != 0 or not self.levers.leave_out_idle
                batches = sorted_batches(self._buffered_inputs, with_idle)
                if len(batches) == len(self._buffered_inputs):
                    self._buffered_inputs = batches
                    return batches[self._step % self.args.steps_per_generation]
            return inputs

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
            alone = batch_size is None and not any(others.values())
            lighter = self.levers.completion_logits or self.levers.prompt_once
            # With several processes, gradients are shared by the wrapper's forward.
            if lighter and alone and self.accelerator.num_processes == 1 and is_plain(model):
                values, entropies = token_log_probs(
                    model,
                    input_ids,
                    attention_mask,
                    logits_to_keep,
                    self.temperature,
                    self.levers.prompt_once,
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

        def compute_loss(
            self,
            model: Any,
            inputs: dict[str, Any],
            return_outputs: bool = False,
            num_items_in_batch: Any = None,
        ) -> Any:
            # With KL on, every row has a gradient.
            if self.levers.leave_out_idle and self.beta == 0:
                working = (inputs["advantages"] != 0).sum().reshape(1)
                # As many rows in every process as the busiest one needs.
                rows = int(self.accelerator.gather(working).max())
                inputs = without_idle_rows(inputs, max(1, rows))
            return super().compute_loss(model, inputs, return_outputs, num_items_in_batch)

        def _get_train_sampler(self, dataset: Any = None) -> Any:
            sampler = super()._get_train_sampler(dataset)
            # TRL's sampler draws a new order for each epoch. In a run that goes on it would begin
            # with the order of the first epoch again: draw those that are behind us.
            for _ in range(self.epochs_done):
                torch.randperm(sampler.num_samples, generator=sampler.generator)
            return sampler

        def _save_checkpoint(self, model: Any, trial: Any) -> None:
            if self.checkpoints is not None and self.args.should_save:
                self.checkpoints.save(self, self.watch.steps)

        def _save(self, output_dir: str | None = None, state_dict: Any = None) -> None:
            if self.args.should_save:
                save_adapter(self.accelerator.unwrap_model(self.model), output_dir, state_dict)

        def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
            load_adapter(self.accelerator.unwrap_model(model or self.model), resume_from_checkpoint)

    return Trainer


def _trainer_config(policy: Policy, settings: TrainingSettings, seed: int, folder: Path) -> Any:
    from trl import GRPOConfig

    on_cpu = policy.model.device.type == "cpu"
    half = None
    if not on_cpu:  # a T4 has no bfloat16
        half = torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    server = settings.vllm if settings.vllm.startswith("http") else None
    rollouts = _rollouts_of_a_process(settings, process_count())
    micro_batch = min(settings.micro_batch, rollouts)
    return GRPOConfig(
        output_dir=str(folder),
        seed=seed,
        max_steps=settings.steps,
        num_generations=settings.group_size,
        per_device_train_batch_size=micro_batch,
        gradient_accumulation_steps=rollouts // micro_batch,
        max_completion_length=settings.max_new_tokens,
        temperature=settings.temperature,
        use_vllm=settings.vllm != "off",
        vllm_mode="server" if server else "colocate",
        vllm_server_base_url=server,
        beta=settings.kl_coefficient,
        loss_type="dapo",
        learning_rate=settings.learning_rate,
        lr_scheduler_type="constant_with_warmup",
        warmup_steps=settings.warmup_steps,
        use_cpu=on_cpu,
        bf16=half is torch.bfloat16,
        fp16=half is torch.float16,
        gradient_checkpointing=not on_cpu,
        ddp_find_unused_parameters=False,  # every layer's adapter has a part in every response
        logging_steps=1,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=not on_cpu,
    )


def _rollouts_of_a_process(settings: TrainingSettings, processes: int) -> int:
    """A step's rollouts are shared out by whole groups: the same step with any number of them."""
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


def _refuse_sharded(trainer: Any, with_vllm: bool, checkpoints: Checkpoints | None) -> None:
    """The kit samples and saves from whole weights, which FSDP and ZeRO-3 spread out."""
    plugin = getattr(trainer.accelerator.state, "deepspeed_plugin", None)
    sharded = trainer.is_fsdp_enabled or (plugin is not None and plugin.zero_stage == 3)
    if sharded and not with_vllm:
        raise HpptError(
            "Under FSDP and DeepSpeed ZeRO-3 no process has the whole model, which the kit's "
            "sampler needs. Use ZeRO-1 or 2 or plain 'accelerate launch', or let vLLM sample."
        )
    if checkpoints is not None and (trainer.is_fsdp_enabled or trainer.is_deepspeed_enabled):
        raise HpptError(
            "The kit's checkpoints hold what one process has, and under FSDP and DeepSpeed none "
            "has everything. Use plain 'accelerate launch', or leave checkpoints out."
        )


def _adapter_config(settings: TrainingSettings) -> Any:
    from peft import LoraConfig

    return LoraConfig(
        r=settings.lora_rank,
        lora_alpha=settings.lora_alpha,
        lora_dropout=0.0,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )


def _dataset(instructions: Sequence[Instruction]) -> Any:
    from datasets import Dataset

    return Dataset.from_list(
        [
            {
                "prompt": [{"role": "user", "content": each.prompt}],
                "instruction_id": each.id,
            }
            for each in instructions
        ]
    )


def _rollout_function(
    settings: TrainingSettings, seed: int, watch: Watch, levers: Levers
) -> Callable[[list[Any], Any], dict[str, Any]]:
    """The kit's sampler in the form of TRL's ``rollout_func``."""

    def rollouts(prompts: list[Any], trainer: Any) -> dict[str, Any]:
        size = settings.group_size
        texts = [prompt[-1]["content"] for prompt in prompts]
        if any(texts[i] != texts[i - i % size] for i in range(len(texts))):
            raise HpptError("TRL no longer repeats a prompt over its group: pin its version.")
        tokenizer, model = trainer.processing_class, trainer.accelerator.unwrap_model(trainer.model)
        prompt_ids = [chat_tokens(tokenizer, text) for text in texts[::size]]
        # A seed of its own for each step: a resumed run samples what the whole run would have.
        generator = torch.Generator(device=model.device)
        place = trainer.accelerator.process_index  # several processes must not sample alike
        generator.manual_seed(seed * 1_000_003 + trainer.state.global_step + place * 7_919_000_001)
        model.eval()
        try:
            with sampling_weights(model, levers):
                completion_ids = sample_tokens(
                    model,
                    prompt_ids,
                    samples=size,
                    max_new_tokens=settings.max_new_tokens,
                    temperature=settings.temperature,
                    generator=generator,
                    pad_id=int(tokenizer.pad_token_id),
                    end_ids=end_token_ids(model, tokenizer),
                    prefill_once=levers.prefill_once,
                    drop_finished=levers.drop_finished,
                )
        except FloatingPointError as error:
            raise HpptError(broken(len(watch.steps) + 1, "the policy", settings)) from error
        model.train()
        return {
            "prompt_ids": [ids for ids in prompt_ids for _ in range(size)],
            "completion_ids": completion_ids,
            "logprobs": None,
        }

    return rollouts
