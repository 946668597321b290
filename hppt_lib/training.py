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
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from tqdm.auto import tqdm

from hppt_lib.errors import HpptError
from hppt_lib.instructions import Instruction
from hppt_lib.models import enough_memory
from hppt_lib.records import Step
from hppt_lib.rewards import Reward, Score, trainer_reward
from hppt_lib.rollouts import chat_tokens, end_token_ids, sample_tokens

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
    from transformers import PrinterCallback

    _check(policy, instructions, settings)
    watch = _Watch(settings, reward, on_step)
    with tempfile.TemporaryDirectory(prefix="hppt-") as folder, _without_noise():
        trainer = _trainer_class()(
            model=policy.model,
            processing_class=policy.tokenizer,
            args=_trainer_config(policy, settings, seed, Path(folder)),
            train_dataset=_dataset(instructions),
            reward_funcs=trainer_reward(reward, instructions, observe=watch.observe),
            rollout_func=_rollout_function(settings, seed, watch),
            peft_config=_adapter_config(settings),
            callbacks=[_callback(watch, settings.steps, progress)],
        )
        trainer.remove_callback(PrinterCallback)  # it prints every metric of every step
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
    rollouts = settings.prompts_per_step * settings.group_size
    if rollouts % settings.micro_batch and settings.micro_batch < rollouts:
        raise HpptError(
            f"A step has {settings.prompts_per_step} × {settings.group_size} = {rollouts} "
            f"rollouts, which micro_batch = {settings.micro_batch} does not divide."
        )
    if settings.group_size < 2:
        raise HpptError("group_size must be 2 or more: an advantage compares within a group.")
    if len(instructions) < settings.prompts_per_step:
        raise HpptError(
            f"{len(instructions)} instructions are too few for prompts_per_step = "
            f"{settings.prompts_per_step}."
        )
    if hasattr(policy.model, "peft_config"):
        raise HpptError("This policy has an adapter already. Load the base policy anew.")


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


def _trainer_class() -> Any:
    from trl import GRPOTrainer

    class Trainer(GRPOTrainer):
        """TRL's trainer, which leaves out the rollouts that give no gradient."""

        def compute_loss(
            self,
            model: Any,
            inputs: dict[str, Any],
            return_outputs: bool = False,
            num_items_in_batch: Any = None,
        ) -> Any:
            return super().compute_loss(
                model, without_idle_rows(inputs), return_outputs, num_items_in_batch
            )

    return Trainer


def without_idle_rows(inputs: dict[str, Any]) -> dict[str, Any]:
    """A trainer's batch without rows of zero advantage, and without columns of padding alone.

    With KL off, a row of zero advantage adds exactly nothing to the gradient. The loss ``dapo``
    divides by the number of tokens of the *whole* generation batch, which stands in
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


class _Watch:
    """Gathers what one step's parts report, and closes the step when the trainer logs."""

    def __init__(
        self,
        settings: TrainingSettings,
        reward: Reward,
        on_step: Callable[[Step], None] | None,
    ) -> None:
        self.settings = settings
        self.reward = reward
        self.on_step = on_step
        self.steps: list[Step] = []
        self.rollout_seconds = 0.0
        self.length = 0.0
        self.responses: list[tuple[str, str]] = []
        self.scores: list[Score] = []
        self.started = time.perf_counter()

    def observe(self, ids: list[str], responses: list[str], scores: list[Score]) -> None:
        self.responses = list(zip(ids, responses, strict=True))
        self.scores = scores

    def close(self, logs: dict[str, Any]) -> None:
        values = np.array([self.reward.value(each) for each in self.scores])
        groups = values.reshape(-1, self.settings.group_size)
        now = time.perf_counter()
        step = Step(
            step=len(self.steps) + 1,
            reward=float(values.mean()),
            strict=float(np.mean([each.strict for each in self.scores])),
            guarded=float(np.mean([each.guarded for each in self.scores])),
            length=self.length,
            zero_variance=float(np.mean(groups.std(axis=1) == 0)),
            entropy=float(logs.get("entropy", float("nan"))),
            gradient_norm=float(logs["grad_norm"]),
            rollout_seconds=self.rollout_seconds,
            seconds=now - self.started,
            responses=tuple(self.responses),
        )
        self.started = now
        self.steps.append(step)
        if not np.isfinite(step.gradient_norm):
            raise HpptError(
                f"Step {step.step}: the gradient is not a number. Lower the learning rate "
                f"(now {self.settings.learning_rate}) and start again."
            )
        if self.on_step is not None:
            self.on_step(step)


def _rollout_function(
    settings: TrainingSettings, seed: int, watch: _Watch
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
        model.train()
        watch.rollout_seconds = time.perf_counter() - started
        watch.length = float(np.mean([len(ids) for ids in completion_ids]))
        return {
            "prompt_ids": [ids for ids in prompt_ids for _ in range(size)],
            "completion_ids": completion_ids,
            "logprobs": None,
        }

    return rollouts


def _callback(watch: _Watch, steps: int, progress: bool) -> Any:
    from transformers import TrainerCallback

    class Callback(TrainerCallback):
        """Closes a step for the watch, and moves the progress bar."""

        def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            watch.started = time.perf_counter()
            self.bar = tqdm(total=steps, desc="GRPO steps", disable=not progress)

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

        def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            self.bar.close()

    return Callback()
