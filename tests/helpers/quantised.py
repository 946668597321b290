"""Checks of QLoRA that run on any device: here on the CPU, and in tests/gpu on a GPU."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from hppt_lib.instructions.model import Instruction
from hppt_lib.policy.load import Policy, keep_as_quantised, load_policy
from hppt_lib.rewards import noisy
from hppt_lib.tiers import TrainingSettings
from hppt_lib.training.training_run import TrainingRun, train
from tests.helpers.runs import job


def layers_in_4_bits(model: Any) -> dict[str, Any]:
    """Every 4-bit layer by its name, whether or not an adapter is around it."""
    import bitsandbytes

    return {
        name.removeprefix("base_model.model.").removesuffix(".base_layer"): layer
        for name, layer in model.named_modules()
        if isinstance(layer, bitsandbytes.nn.Linear4bit)
    }


def bits_of(model: Any) -> dict[str, str]:
    """A hash of each 4-bit layer: codes, scales, and the scales' own scales."""
    found = {}
    for name, layer in layers_in_4_bits(model).items():
        state = layer.weight.quant_state
        parts = (layer.weight.data, state.absmax, state.offset, state.state2.absmax)
        digest = hashlib.sha256()
        for part in parts:
            digest.update(part.detach().cpu().contiguous().numpy().tobytes())
        found[name] = digest.hexdigest()
    return found


def dequantised(quantised: Policy, whole: Policy) -> Policy:
    """``whole`` with the weights that the 4-bit layers of ``quantised`` stand for."""
    from bitsandbytes.functional import dequantize_4bit

    plain = dict(whole.model.named_modules())
    for name, layer in layers_in_4_bits(quantised.model).items():
        values = dequantize_4bit(layer.weight.data, layer.weight.quant_state)
        with torch.no_grad():
            plain[name].weight.copy_(values)
    return whole


def with_adapter(policy: Policy, seed: int = 0) -> Any:
    """A LoRA adapter, both factors random, in float32."""
    from peft import LoraConfig, get_peft_model

    config = LoraConfig(r=4, lora_alpha=8, target_modules="all-linear", task_type="CAUSAL_LM")
    adapted = get_peft_model(policy.model, config)
    chance = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in adapted.named_parameters():
            if "lora_" in name:
                weight.copy_(0.05 * torch.randn(weight.shape, generator=chance))
    return adapted.train()


@dataclass(frozen=True)
class Difference:
    """The loss of one model beside another's, and the adapter's gradient: relative differences."""

    loss: float
    gradient: float


def difference(one: Any, other: Any, token_ids: torch.Tensor) -> Difference:
    """Forward and backward of both models on the same tokens."""
    losses, gradients = [], []
    for model in (one, other):
        ids = token_ids.to(model.device)
        loss = model(input_ids=ids, labels=ids).loss
        weights = [each for name, each in model.named_parameters() if "lora_" in name]
        parts = torch.autograd.grad(loss, weights)
        losses.append(loss.detach().double().cpu())
        gradients.append(torch.cat([each.flatten().double().cpu() for each in parts]))
    assert gradients[1].norm() > 1e-4, "the check needs a gradient"
    return Difference(
        float((losses[0] - losses[1]).abs() / losses[1].abs()),
        float((gradients[0] - gradients[1]).norm() / gradients[1].norm()),
    )


def against_dequantised(
    model: str | Path, device: str, dtype: str, token_ids: torch.Tensor
) -> Difference:
    """A 4-bit model beside one whose linear weights are what the 4 bits stand for."""
    quantised = load_policy(model, quantize=True, device=device, dtype=dtype)
    whole = dequantised(quantised, load_policy(model, device=device, dtype=dtype))
    return difference(with_adapter(quantised), with_adapter(whole), token_ids)


def logit_difference(model: str | Path, device: str, dtype: str, token_ids: torch.Tensor) -> float:
    """How far the logits are from those in float32: root mean square, relative."""
    found = []
    for kind in (dtype, "float32"):
        policy = load_policy(model, device=device, dtype=kind)
        with torch.no_grad():
            logits = policy.model(token_ids.to(policy.device)).logits
        found.append(logits.double().cpu())
    return float((found[0] - found[1]).norm() / found[1].norm())


def kernel_difference(device: str, dtype: torch.dtype, rows: int) -> float:
    """A 4-bit layer beside a product with what its weight stands for: relative difference.

    bitsandbytes has kernels of its own for one row without gradient (decoding) and for more.
    """
    from bitsandbytes.functional import dequantize_4bit
    from bitsandbytes.nn import Linear4bit

    chance = torch.Generator().manual_seed(0)
    layer = Linear4bit(256, 128, bias=False, compute_dtype=dtype, quant_type="nf4")
    layer.weight.data = torch.randn(128, 256, generator=chance)
    layer = layer.to(device).eval()
    if device == "cpu":
        keep_as_quantised(layer)  # as `load_policy` does; else some CPUs compute in bfloat16
    inputs = torch.randn(1, rows, 256, generator=chance).to(device, dtype)
    weight = dequantize_4bit(layer.weight.data, layer.weight.quant_state).double()
    with torch.no_grad():
        found = layer(inputs).double()
    expected = inputs.double() @ weight.t()
    return float((found - expected).norm() / expected.norm())


def few_qlora_steps(
    model: str | Path,
    device: str,
    settings: TrainingSettings,
    instructions: Sequence[Instruction],
) -> TrainingRun:
    """GRPO on a 4-bit base: the adapter changes, and no bit of the base does.

    The reward is noise, so that there are advantages whatever the policy says.
    """
    policy = load_policy(model, quantize=True, device=device)
    before = bits_of(policy.model)
    noise = noisy(false_pass=0.5, false_fail=0.5)
    todo = job(instructions=instructions, reward=noise, settings=settings)
    run = train(policy, todo, progress=False)
    assert len(before) >= 14 and bits_of(run.policy.model) == before
    assert run.adapter_before != run.adapter_after
    assert len(run.steps) == settings.steps
    assert all(0 < step.gradient_norm < 1e4 and step.entropy > 0 for step in run.steps)
    weights = [each for each in run.policy.model.parameters() if each.requires_grad]
    assert len(weights) == 2 * len(before) and {each.dtype for each in weights} == {torch.float32}
    return run
