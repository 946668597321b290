"""The tiers: one code path, and the settings that a machine of each size can bear.

A tier is chosen by the argument ``tier`` or by the environment variable ``HPPT_TIER``; the default
is ``cpu``. Nothing else in the kit asks what machine it is on.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from importlib.util import find_spec

from hppt_lib.errors import HpptError

DEFAULT_TIER = "cpu"


@dataclass(frozen=True)
class TrainingSettings:
    """What one GRPO run needs to know.

    Attributes:
        steps: optimiser steps.
        prompts_per_step: different instructions in a step (the number of groups).
        group_size: responses sampled for each instruction (the paper's "8 rollouts a prompt").
        max_new_tokens: the longest response, in tokens.
        learning_rate: peak learning rate of AdamW.
        warmup_steps: steps of linear warm-up; the rate is constant afterwards.
        temperature: sampling temperature of the rollouts.
        kl_coefficient: weight of the KL term against the base policy (TRL's ``beta``); 0 is off.
        micro_batch: responses in one forward and backward pass.
        lora_rank: rank r of the adapter on every linear layer.
        lora_alpha: the adapter's scale is ``lora_alpha / lora_rank``.
        vllm: who samples: ``off``, the kit's own sampler; ``colocate``, vLLM on the GPU that
            trains; or the address of a vLLM server, such as ``http://localhost:8000``.
    """

    steps: int
    prompts_per_step: int
    group_size: int
    max_new_tokens: int
    learning_rate: float
    warmup_steps: int = 0
    temperature: float = 0.8
    kl_coefficient: float = 0.0
    micro_batch: int = 16
    lora_rank: int = 16
    lora_alpha: int = 32
    vllm: str = "off"

    @property
    def rollouts(self) -> int:
        """Responses sampled in a step."""
        return self.prompts_per_step * self.group_size

    def check(self) -> None:
        """Refuse sizes that no step can have.

        Raises:
            HpptError: one of them is too small, or the micro-batch does not divide a step.
        """
        if min(self.steps, self.prompts_per_step, self.micro_batch) < 1:
            raise HpptError("steps, prompts_per_step and micro_batch must be 1 or more.")
        if self.group_size < 2:
            raise HpptError("group_size must be 2 or more: an advantage compares within a group.")
        if self.micro_batch < self.rollouts and self.rollouts % self.micro_batch:
            divisors = [each for each in range(1, self.micro_batch) if self.rollouts % each == 0]
            raise HpptError(
                f"A step has {self.prompts_per_step} × {self.group_size} = {self.rollouts} "
                f"rollouts, which micro_batch = {self.micro_batch} does not divide. Choose for "
                f"example {divisors[-1]}."
            )


@dataclass(frozen=True)
class EvaluationSettings:
    """What one evaluation needs to know.

    Attributes:
        instructions: how many held-out instructions are used.
        samples: responses for each instruction.
        temperature: sampling temperature.
        batch: responses decoded together.
    """

    instructions: int
    samples: int
    temperature: float = 0.8
    batch: int = 48


@dataclass(frozen=True)
class Profile:
    """The settings of one tier.

    Attributes:
        tier: the tier's name.
        purpose: what the tier is for, in one line.
        model: what `hppt_lib.policy.load.load` is given: ``embedded``, a hub id or a folder.
        training: settings of the GRPO run in notebook 06.
        evaluation: settings of the held-out evaluation in notebook 06.
        quantize: load the linear layers in 4 bits (QLoRA).
        gpu_gib: memory of the GPU that the tier is made for; None where it needs none.
    """

    tier: str
    purpose: str
    model: str
    training: TrainingSettings
    evaluation: EvaluationSettings = field(repr=False)
    quantize: bool = False
    gpu_gib: float | None = None


PROFILES: dict[str, Profile] = {
    "smoke": Profile(
        tier="smoke",
        purpose="proves that every cell runs; its numbers mean nothing",
        model="embedded",
        training=TrainingSettings(
            steps=2,
            prompts_per_step=2,
            group_size=4,
            max_new_tokens=12,
            learning_rate=1e-3,
        ),
        evaluation=EvaluationSettings(instructions=8, samples=1, batch=8),
    ),
    "cpu": Profile(
        tier="cpu",
        purpose="real RL of a 135M-parameter instruct model on a laptop, in minutes",
        model="embedded",
        training=TrainingSettings(
            steps=20,
            prompts_per_step=4,
            group_size=8,
            max_new_tokens=40,
            learning_rate=1e-3,
        ),
        evaluation=EvaluationSettings(instructions=120, samples=2),
    ),
    # Learning rate and KL of the GPU tiers are starting points: the paper's are not known.
    "gpu-16gb": Profile(
        tier="gpu-16gb",
        purpose="QLoRA of a 1.5B model on a free Colab T4",
        model="Qwen/Qwen2.5-1.5B-Instruct",
        training=TrainingSettings(
            steps=200,
            prompts_per_step=8,
            group_size=8,
            max_new_tokens=256,
            learning_rate=2e-5,
            warmup_steps=10,
            temperature=1.0,
            kl_coefficient=0.001,
            micro_batch=4,
        ),
        evaluation=EvaluationSettings(instructions=200, samples=2),
        quantize=True,
        gpu_gib=16,
    ),
    "gpu-24gb": Profile(
        tier="gpu-24gb",
        purpose="QLoRA of the paper's 7B model on a workstation",
        model="Qwen/Qwen2.5-7B-Instruct",
        training=TrainingSettings(
            steps=300,
            prompts_per_step=8,
            group_size=8,
            max_new_tokens=512,
            learning_rate=1e-5,
            warmup_steps=10,
            temperature=1.0,
            kl_coefficient=0.001,
            micro_batch=2,
        ),
        evaluation=EvaluationSettings(instructions=256, samples=2, batch=32),
        quantize=True,
        gpu_gib=24,
    ),
    "gpu-80gb": Profile(
        tier="gpu-80gb",
        purpose="QLoRA of the paper's 7B model with its 600 steps on one A100 or H100",
        model="Qwen/Qwen2.5-7B-Instruct",
        training=TrainingSettings(
            steps=600,
            prompts_per_step=32,
            group_size=8,
            max_new_tokens=1024,
            learning_rate=1e-5,
            warmup_steps=20,
            temperature=1.0,
            kl_coefficient=0.001,
            micro_batch=8,
        ),
        evaluation=EvaluationSettings(instructions=256, samples=4, batch=128),
        quantize=True,
        gpu_gib=80,
    ),
}


def profile(tier: str | None = None) -> Profile:
    """The settings of ``tier``, or of ``HPPT_TIER``, or of the default tier ``cpu``.

    Raises:
        HpptError: no such tier; the message lists the tiers.
    """
    name = tier or os.environ.get("HPPT_TIER") or DEFAULT_TIER
    if name not in PROFILES:
        known = ", ".join(f"'{known}' ({entry.purpose})" for known, entry in PROFILES.items())
        source = "tier" if tier else "HPPT_TIER"
        raise HpptError(f"There is no {source} '{name}'. Choose one of: {known}.")
    return PROFILES[name]


def require_device(profile: Profile) -> None:
    """Refuse a tier that needs a GPU on a machine without one, before anything is loaded.

    Raises:
        HpptError: there is no GPU that torch can use, or its memory is much smaller than the
            tier's; the message says what to do.
    """
    if profile.gpu_gib is None:
        return
    import torch

    instead = (
        f"'hppt plan --tier {profile.tier}' shows what it would need; 'hppt train --tier cpu' runs "
        "here"
    )
    if not torch.cuda.is_available():
        raise HpptError(
            f"Tier {profile.tier} needs an NVIDIA GPU of {profile.gpu_gib:g} GB that torch can "
            f"use, and there is none here. {instead}; 'hppt doctor' says why no GPU is seen."
        )
    found = torch.cuda.get_device_properties(0).total_memory / 2**30
    if found < 0.9 * profile.gpu_gib:
        raise HpptError(
            f"Tier {profile.tier} needs a GPU of {profile.gpu_gib:g} GB; the first one here has "
            f"{found:.0f} GiB. Choose a smaller tier. {instead}."
        )


def require_vllm(vllm: str, quantized: bool) -> None:
    """Refuse a setting ``vllm`` that cannot work here, before anything is loaded.

    Args:
        vllm: ``off``, ``colocate`` or a server's address (see `TrainingSettings`).
        quantized: whether the policy's base is in 4 bits.

    Raises:
        HpptError: it is none of these, the base is in 4 bits, or vLLM is not installed.
    """
    if vllm == "off":
        return
    if vllm != "colocate" and not vllm.startswith(("http://", "https://")):
        raise HpptError(
            f"vllm is '{vllm}'; it must be off, colocate, or the address of a vLLM server, such as "
            "http://localhost:8000."
        )
    if quantized:
        raise HpptError(
            "vLLM cannot sample for a policy in 4 bits: TRL would merge the adapter into the 4-bit "
            "weights, which rounds it or fails (TRL's issues 3466 and 4973). Set quantize=false, "
            "or vllm=off for the kit's own sampler."
        )
    if find_spec("vllm") is None:
        raise HpptError(
            "vLLM is not installed here. Install it (Linux, NVIDIA GPU) with: pip install -e "
            "'.[vllm]'. Or set vllm=off for the kit's own sampler."
        )
