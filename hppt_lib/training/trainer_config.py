"""Prepares what TRL's trainer needs: the settings under its names, the adapter, the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from peft import LoraConfig
from trl import GRPOConfig

from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Instruction
from hppt_lib.machine import process_count
from hppt_lib.policy.load import Policy
from hppt_lib.tiers import TrainingSettings
from hppt_lib.training.checkpoints import Checkpoints
from hppt_lib.training.preflight import rollouts_of_a_process
from hppt_lib.training.trackers import Reporting


def trainer_config(
    policy: Policy,
    settings: TrainingSettings,
    seed: int,
    folder: Path,
    template_settings: Mapping[str, bool] | None = None,
    report: Reporting | None = None,
) -> Any:
    """The settings of a run as TRL names them.

    Args:
        policy: what is trained.
        settings: sizes and rates.
        seed: of the data's order.
        folder: TRL's own files go there.
        template_settings: what the chat template is given besides the messages.
        report: the trackers that get the curves; None: none.

    Raises:
        HpptError: a step cannot be shared out over the processes of the run.
    """
    on_cpu = policy.model.device.type == "cpu"
    half = None
    if not on_cpu:  # a T4 has no bfloat16
        half = torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    report = report or Reporting()
    server = settings.vllm if settings.vllm.startswith("http") else None
    rollouts = rollouts_of_a_process(settings, process_count())
    micro_batch = min(settings.micro_batch, rollouts)
    return GRPOConfig(
        output_dir=str(folder),
        seed=seed,
        max_steps=settings.steps,
        num_generations=settings.group_size,
        per_device_train_batch_size=micro_batch,
        gradient_accumulation_steps=rollouts // micro_batch,
        chat_template_kwargs=dict(template_settings or {}) or None,
        max_completion_length=settings.max_new_tokens,
        temperature=settings.temperature,
        use_vllm=settings.vllm != "off",
        vllm_mode="server" if server else "colocate",
        vllm_server_base_url=server,
        beta=settings.kl_coefficient,
        loss_type="dapo",  # `Trainer` leaves idle rows out, which is right with this one alone
        # TRL's default, stated: a rollout that is cut at the limit is trained on like any other.
        mask_truncated_completions=False,
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
        disable_dropout=True,  # GPT-2 has some: gradients would be of another policy than sampled
        report_to=list(report.to) or "none",
        run_name=report.name,
        project="hppt-lab",
        trackio_static_space_id=False,  # nothing is published
        disable_tqdm=True,
        dataloader_pin_memory=not on_cpu,
    )


def refuse_sharded(trainer: Any, with_vllm: bool, checkpoints: Checkpoints | None) -> None:
    """Refuse FSDP and ZeRO-3: the kit needs whole weights to sample and save, and they split them.

    Raises:
        HpptError: the model or its checkpoints would be in pieces.
    """
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


def adapter_config(settings: TrainingSettings) -> Any:
    """A LoRA adapter on every linear layer."""
    return LoraConfig(
        r=settings.lora_rank,
        lora_alpha=settings.lora_alpha,
        lora_dropout=0.0,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )


def dataset(instructions: Sequence[Instruction]) -> Any:
    """The columns that TRL and `hppt_lib.training.reward_function` read."""
    return Dataset.from_list(
        [
            {
                "prompt": [{"role": "user", "content": each.prompt}],
                "instruction_id": each.id,
            }
            for each in instructions
        ]
    )
