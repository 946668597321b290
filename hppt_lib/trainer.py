"""What TRL's ``GRPOTrainer`` is given: settings, data, the kit's sampler, and a lighter loss."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from tqdm.auto import tqdm

from hppt_lib.errors import HpptError
from hppt_lib.instructions import Instruction
from hppt_lib.rewards import Reward, trainer_reward
from hppt_lib.rollouts import chat_tokens, end_token_ids, sample_tokens
from hppt_lib.saving import Checkpoints, load_adapter, save_adapter
from hppt_lib.watch import Budget, Watch, broken

if TYPE_CHECKING:
    from hppt_lib.models import Policy
    from hppt_lib.profiles import TrainingSettings


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
    """
    from transformers import PrinterCallback

    trainer = trainer_class()(
        model=policy.model,
        processing_class=policy.tokenizer,
        args=_trainer_config(policy, settings, seed, folder),
        train_dataset=_dataset(instructions),
        reward_funcs=explained_reward(
            trainer_reward(reward, instructions, observe=watch.observe), watch
        ),
        rollout_func=_rollout_function(settings, seed, watch),
        peft_config=_adapter_config(settings),
        callbacks=[_callback(watch, settings.steps, progress, budget or Budget(), checkpoints)],
    )
    trainer.remove_callback(PrinterCallback)  # it prints every metric of every step
    trainer.watch, trainer.checkpoints = watch, checkpoints
    return trainer


def trainer_class() -> Any:
    """The subclass of ``trl.GRPOTrainer`` that the kit trains with."""
    from trl import GRPOTrainer

    class Trainer(GRPOTrainer):
        """TRL's trainer, lighter, and with checkpoints that are whole or not there."""

        watch: Watch
        checkpoints: Checkpoints | None = None
        epochs_done = 0  # before this call, when a run goes on

        def compute_loss(
            self,
            model: Any,
            inputs: dict[str, Any],
            return_outputs: bool = False,
            num_items_in_batch: Any = None,
        ) -> Any:
            if self.beta == 0:  # with KL on, every row has a gradient
                inputs = without_idle_rows(inputs)
            return super().compute_loss(model, inputs, return_outputs, num_items_in_batch)

        def _get_train_sampler(self, dataset: Any = None) -> Any:
            sampler = super()._get_train_sampler(dataset)
            # TRL's sampler draws a new order for each epoch. In a run that goes on it would begin
            # with the order of the first epoch again: draw those that are behind us.
            for _ in range(self.epochs_done):
                torch.randperm(sampler.num_samples, generator=sampler.generator)
            return sampler

        def _save_checkpoint(self, model: Any, trial: Any) -> None:
            if self.checkpoints is not None:
                self.checkpoints.save(self, self.watch.steps)

        def _save(self, output_dir: str | None = None, state_dict: Any = None) -> None:
            if self.args.should_save:
                save_adapter(self.accelerator.unwrap_model(self.model), output_dir, state_dict)

        def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
            load_adapter(self.accelerator.unwrap_model(model or self.model), resume_from_checkpoint)

    return Trainer


def without_idle_rows(inputs: dict[str, Any]) -> dict[str, Any]:
    """A trainer's batch without rows of zero advantage, and without columns of padding alone.

    With KL off (and only then), a row of zero advantage adds exactly nothing to the gradient. The
    loss ``dapo`` divides by the number of tokens of the *whole* generation batch, which stands in
    ``num_items_in_batch`` and is left as it is: the gradient does not change.

    Args:
        inputs: TRL's batch: ``prompt_ids`` and ``prompt_mask`` of shape (B, P), padded on the
            left; ``completion_ids`` and ``completion_mask`` of shape (B, C), padded on the right;
            ``advantages`` of shape (B,).
    """
    keep = inputs["advantages"] != 0
    if not keep.any():
        keep[0] = True  # TRL needs a row; its gradient is zero
    rows = len(keep)
    kept = {
        name: value[keep] if torch.is_tensor(value) and value.shape[:1] == (rows,) else value
        for name, value in inputs.items()
    }
    for part in ("prompt", "completion"):
        used = kept[f"{part}_mask"].any(dim=0).nonzero(as_tuple=True)[0]
        columns = slice(int(used.min()), int(used.max()) + 1)
        width = kept[f"{part}_mask"].shape[1]
        for name, value in kept.items():
            of_part = name.startswith(part) or (part == "completion" and name.endswith("_logps"))
            if of_part and torch.is_tensor(value) and value.shape[1:] == (width,):
                kept[name] = value[:, columns]
    return kept


def _trainer_config(policy: Policy, settings: TrainingSettings, seed: int, folder: Path) -> Any:
    from trl import GRPOConfig

    on_cpu = policy.model.device.type == "cpu"
    rollouts = settings.prompts_per_step * settings.group_size
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
        beta=settings.kl_coefficient,
        loss_type="dapo",
        learning_rate=settings.learning_rate,
        lr_scheduler_type="constant_with_warmup",
        warmup_steps=settings.warmup_steps,
        use_cpu=on_cpu,
        bf16=not on_cpu,
        gradient_checkpointing=not on_cpu,
        logging_steps=1,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=not on_cpu,
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
    settings: TrainingSettings, seed: int, watch: Watch
) -> Callable[[list[Any], Any], dict[str, Any]]:
    """The kit's sampler in the form of TRL's ``rollout_func``."""

    def rollouts(prompts: list[Any], trainer: Any) -> dict[str, Any]:
        started = time.perf_counter()
        size = settings.group_size
        texts = [prompt[-1]["content"] for prompt in prompts]
        if any(texts[i] != texts[i - i % size] for i in range(len(texts))):
            raise HpptError("TRL no longer repeats a prompt over its group: pin its version.")
        tokenizer, model = trainer.processing_class, trainer.accelerator.unwrap_model(trainer.model)
        prompt_ids = [chat_tokens(tokenizer, text) for text in texts[::size]]
        # A seed of its own for each step: a resumed run samples what the whole run would have.
        generator = torch.Generator(device=model.device)
        generator.manual_seed(seed * 1_000_003 + trainer.state.global_step)
        model.eval()
        try:
            completion_ids = sample_tokens(
                model,
                prompt_ids,
                samples=size,
                max_new_tokens=settings.max_new_tokens,
                temperature=settings.temperature,
                generator=generator,
                pad_id=int(tokenizer.pad_token_id),
                end_ids=end_token_ids(model, tokenizer),
            )
        except RuntimeError as error:
            if "probability tensor" not in str(error):
                raise
            raise HpptError(broken(len(watch.steps) + 1, "the policy", settings)) from error
        model.train()
        watch.rollout_seconds = time.perf_counter() - started
        watch.length = float(np.mean([len(ids) for ids in completion_ids]))
        return {
            "prompt_ids": [ids for ids in prompt_ids for _ in range(size)],
            "completion_ids": completion_ids,
            "logprobs": None,
        }

    return rollouts


def explained_reward(
    rewards: Callable[..., list[float]], watch: Watch
) -> Callable[..., list[float]]:
    """A trainer's reward function whose errors say which instruction they came with.

    An `HpptError` (a judge that went away, say) passes as it is.
    """

    def explained(
        prompts: Sequence[Any],
        completions: Sequence[Any],
        instruction_id: Sequence[str],
        **columns: Any,
    ) -> list[float]:
        started = time.perf_counter()
        try:
            return rewards(prompts, completions, instruction_id, **columns)
        except HpptError:
            raise
        except Exception as error:
            # One at a time, to find the first that it fails on.
            for prompt, completion, id in zip(prompts, completions, instruction_id, strict=True):
                try:
                    rewards([prompt], [completion], [id])
                except Exception as alone:
                    raise _failed_reward(rewards.__name__, f"'{id}'", completion, alone) from alone
            ids = ", ".join(f"'{id}'" for id in dict.fromkeys(instruction_id))
            raise _failed_reward(rewards.__name__, f"{ids} together", "", error) from error
        finally:
            watch.reward_seconds = time.perf_counter() - started

    explained.__name__ = rewards.__name__  # TRL names its metrics after the function
    return explained


def _failed_reward(name: str, ids: str, completion: Any, error: Exception) -> HpptError:
    text = completion if isinstance(completion, str) else completion[-1]["content"]
    shown = f" and the response {text[:200]!r}" if text else ""
    return HpptError(
        f"The reward '{name}' failed with {type(error).__name__}: {error}, for the instruction "
        f"{ids}{shown}. Correct the reward function: it must give a number for any response."
    )


def _callback(
    watch: Watch, steps: int, progress: bool, budget: Budget, checkpoints: Checkpoints | None
) -> Any:
    from transformers import TrainerCallback

    class Callback(TrainerCallback):
        """Closes a step for the watch, moves the progress bar, and says when to save and stop."""

        def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            watch.started = time.perf_counter()
            done = len(watch.steps)
            self.bar = tqdm(total=steps, initial=done, desc="GRPO steps", disable=not progress)

        def on_log(
            self,
            args: Any,
            state: Any,
            control: Any,
            logs: dict[str, Any] | None = None,
            **kwargs: Any,
        ) -> None:
            if logs and "grad_norm" in logs:
                watch.close(logs)
                last = watch.steps[-1]
                self.bar.set_postfix(reward=f"{last.reward:.2f}", tokens=f"{last.length:.0f}")
                self.bar.update()
                over = budget.reached(watch.steps) is not None or last.step >= steps
                control.should_training_stop |= over
                if checkpoints is not None and (over or last.step % checkpoints.every == 0):
                    control.should_save = True

        def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            self.bar.close()

    return Callback()
