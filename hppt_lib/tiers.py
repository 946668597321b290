"""The tiers: the settings for each size of machine, with one code path for all.

A tier is chosen by the argument ``tier`` or by the environment variable ``HPPT_TIER``; the default
is ``cpu``. Nothing else in the kit asks what machine it is on.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import Annotated, Any, Literal, Self, cast, get_args

from pydantic import (
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)
from pydantic.dataclasses import dataclass

from hppt_lib.errors import HpptError

DEFAULT_TIER = "cpu"
Sampler = Literal["kit", "continuous"]
"""Who samples what vLLM does not; see `TrainingSettings`."""


class SettingError(HpptError):
    """A setting has a value that is not allowed.

    Attributes:
        field: the setting's name.
        reason: what is wrong with it; the message is the name and this.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"'{field}' {reason}.")
        self.field, self.reason = field, reason


class Checked:
    """Base of settings: names, types and limits are checked on creation, field by field.

    Also `dataclasses.replace` checks. Numbers may be given as text (``"3e-4"``).
    """

    __pydantic_config__ = ConfigDict(extra="forbid")  # a misspelt name is an error

    @model_validator(mode="wrap")
    @classmethod
    def _explained(cls, values: Any, checked: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return checked(values)
        except ValidationError as error:
            first = error.errors()[0]
            name = str(first["loc"][0])
            raise SettingError(name, cls._reason(first["type"], name, first["input"])) from None

    @classmethod
    def _reason(cls, kind: str, name: str, value: Any) -> str:
        expected = {"int": "a whole number", "float": "a number", "bool": "true or false"}
        if kind == "missing":
            return "is missing"
        if kind == "unexpected_keyword_argument":
            return "is no setting"
        if kind == "string_pattern_mismatch":
            return "is empty"
        if kind == "literal_error":
            known = get_args(cls.__pydantic_fields__[name].annotation)  # type: ignore[attr-defined]
            return f"is '{value}'; it must be {', '.join(known[:-1])} or {known[-1]}"
        if kind in ("greater_than_equal", "less_than_equal"):
            field = cls.__pydantic_fields__[name]  # type: ignore[attr-defined]
            low, high = (
                next(getattr(each, side) for each in field.metadata if hasattr(each, side))
                for side in ("ge", "le")
            )
            return f"is {value}; it must be from {low:g} to {high:g}"
        return f"must be {expected.get(kind.partition('_')[0], 'a text')}, found '{value}'"


NotBlank = Annotated[str, Field(pattern=r"\S")]


@dataclass(frozen=True)
class TrainingSettings(Checked):
    """The sizes and rates of one GRPO run.

    Attributes:
        steps: optimiser steps.
        prompts_per_step: different instructions in a step (the number of groups).
        group_size: responses sampled for each instruction (the paper's "8 rollouts a prompt"). Two
            or more: an advantage compares within a group.
        max_new_tokens: the longest response, in tokens.
        learning_rate: peak learning rate of AdamW.
        warmup_steps: steps of linear warm-up; the rate is constant afterwards.
        temperature: sampling temperature of the rollouts.
        kl_coefficient: weight of the KL term against the base policy (TRL's ``beta``); 0 is off.
        micro_batch: responses in one forward and backward pass; divides the rollouts of a step.
        lora_rank: rank r of the adapter on every linear layer.
        lora_alpha: the adapter's scale is ``lora_alpha / lora_rank``.
        vllm: where vLLM samples the rollouts: ``colocate``, on the GPU that trains, or the address
            of a server, such as ``http://localhost:8000``; ``off``: it does not.
        sampler: who samples what vLLM does not: ``kit``, the kit's own sampler; ``continuous``,
            transformers' continuous batching (`hppt_lib.policy.continuous`).

    Raises:
        HpptError: a value of the wrong type or out of range, or a micro-batch that does not divide
            a step.
    """

    steps: Annotated[int, Field(ge=1, le=10**6)]
    prompts_per_step: Annotated[int, Field(ge=1, le=10**5)]
    group_size: Annotated[int, Field(ge=2, le=10**4)]
    max_new_tokens: Annotated[int, Field(ge=1, le=10**6)]
    learning_rate: Annotated[float, Field(ge=1e-12, le=1)]
    warmup_steps: Annotated[int, Field(ge=0, le=10**6)] = 0
    temperature: Annotated[float, Field(ge=0.01, le=10)] = 0.8
    kl_coefficient: Annotated[float, Field(ge=0, le=100)] = 0.0
    micro_batch: Annotated[int, Field(ge=1, le=10**5)] = 16
    lora_rank: Annotated[int, Field(ge=1, le=1024)] = 16
    lora_alpha: Annotated[int, Field(ge=1, le=10**5)] = 32
    vllm: NotBlank = "off"
    sampler: Sampler = "kit"

    @property
    def rollouts(self) -> int:
        """Responses sampled in a step."""
        return self.prompts_per_step * self.group_size

    @model_validator(mode="after")
    def _divides(self) -> Self:
        if self.sampler == "continuous" and self.vllm != "off":
            raise HpptError(
                "Who samples: sampler=continuous, or vLLM? Set vllm=off, or sampler=kit."
            )
        if self.micro_batch < self.rollouts and self.rollouts % self.micro_batch:
            divisors = [each for each in range(1, self.micro_batch) if self.rollouts % each == 0]
            raise HpptError(
                f"A step has {self.prompts_per_step} × {self.group_size} = {self.rollouts} "
                f"rollouts, which micro_batch = {self.micro_batch} does not divide. Choose for "
                f"example {divisors[-1]}."
            )
        return self

    @classmethod
    def _reason(cls, kind: str, name: str, value: Any) -> str:
        if (name, value) == ("sampler", "vllm"):  # as settings files once said it
            return "is 'vllm': set vllm=colocate instead, and leave the sampler out"
        return super()._reason(kind, name, value)


@dataclass(frozen=True)
class EvaluationSettings(Checked):
    """The sizes of one evaluation.

    Attributes:
        instructions: how many held-out instructions are used.
        samples: responses for each instruction. Two responses to one instruction are alike: 240
            instructions with one sample cost what 120 with two cost, and their rate has a standard
            error of .028 and not .032 (mean over the shipped records' guarded ISR).
        temperature: sampling temperature; 0 takes the likeliest token every time.
        batch: responses decoded together.

    Raises:
        HpptError: a value of the wrong type or out of range.
    """

    instructions: Annotated[int, Field(ge=1, le=10**6)]
    samples: Annotated[int, Field(ge=1, le=10**4)]
    temperature: Annotated[float, Field(ge=0, le=10)] = 0.8
    batch: Annotated[int, Field(ge=1, le=10**5)] = 48


@dataclass(frozen=True)
class Tier(Checked):
    """The settings for one size of machine.

    Attributes:
        name: the tier's name.
        purpose: what the tier is for, in one line.
        model: what `hppt_lib.load_policy` is given: ``embedded``, a hub id or a folder.
        training: settings of the GRPO run in notebook 05.
        evaluation: settings of the held-out evaluation in notebook 05.
        quantize: load the linear layers in 4 bits (QLoRA).
        gpu_gib: memory of the GPU that the tier is made for; None where it needs none.
    """

    name: str
    purpose: str
    model: NotBlank
    training: TrainingSettings
    evaluation: Annotated[EvaluationSettings, Field(repr=False)]
    quantize: bool = False
    gpu_gib: float | None = None

    def fits(self, gib: float) -> bool:
        """Whether a GPU with so many GiB will do. A card sold as "16 GB" has a little less."""
        return gib >= 0.9 * (self.gpu_gib or 0)


TIERS: dict[str, Tier] = {
    "smoke": Tier(
        name="smoke",
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
    "cpu": Tier(
        name="cpu",
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
    "gpu-16gb": Tier(
        name="gpu-16gb",
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
    "gpu-24gb": Tier(
        name="gpu-24gb",
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
    "gpu-80gb": Tier(
        name="gpu-80gb",
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


def known_sampler(name: str) -> Sampler:
    """The sampler called ``name``.

    Raises:
        HpptError: there is no such sampler.
    """
    known = get_args(Sampler)
    if name not in known:
        raise HpptError(f"There is no sampler '{name}' for this: choose {' or '.join(known)}.")
    return cast(Sampler, name)


def tier(name: str | None = None) -> Tier:
    """The tier of this name, or of ``HPPT_TIER``, or the default tier ``cpu``.

    Raises:
        HpptError: no such tier; the message lists the tiers.
    """
    chosen = name or os.environ.get("HPPT_TIER") or DEFAULT_TIER
    if chosen not in TIERS:
        known = ", ".join(f"'{known}' ({entry.purpose})" for known, entry in TIERS.items())
        source = "tier" if name else "HPPT_TIER"
        raise HpptError(f"There is no {source} '{chosen}'. Choose one of: {known}.")
    return TIERS[chosen]


def first_gpu_gib() -> float:
    """The memory, in GiB, of the GPU that a run here uses: the first one; 0 if there is none."""
    import torch

    if not torch.cuda.is_available():
        return 0.0
    return float(torch.cuda.get_device_properties(0).total_memory / 2**30)


def require_device(tier: Tier) -> None:
    """Refuse a tier that needs a GPU on a machine without one, before anything is loaded.

    Raises:
        HpptError: there is no GPU that torch can use, or its memory is much smaller than the
            tier's; the message says what to do.
    """
    if tier.gpu_gib is None:
        return
    gib = first_gpu_gib()
    instead = (
        f"'hppt plan --tier {tier.name}' shows what it would need; 'hppt train --tier cpu' runs "
        "here"
    )
    if not gib:
        raise HpptError(
            f"Tier {tier.name} needs an NVIDIA GPU of {tier.gpu_gib:g} GB that torch can "
            f"use, and there is none here. {instead}; 'hppt doctor' says why no GPU is seen."
        )
    if not tier.fits(gib):
        raise HpptError(
            f"Tier {tier.name} needs a GPU of {tier.gpu_gib:g} GB; the first one here has "
            f"{gib:.0f} GiB. Choose a smaller tier. {instead}."
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
