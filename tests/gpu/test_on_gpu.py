"""What only a GPU can show: `make test-gpu`. Without one, each test is skipped and says why.

The checks themselves are those of tests/helpers, quantised.py and gradients.py, which run on the
CPU with every `make test`. The tolerances here are wider: here, training computes in half precision
and checkpoints activations. All but the vLLM test passed on one H200 (2026-11-27; torch 2.11 with
CUDA 13.0; in place of the hub model, random weights of its shape).
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import torch

from hppt_lib.instructions.model import Instruction, shipped_instructions
from hppt_lib.policy.dimensions import KNOWN_MODELS
from hppt_lib.policy.load import load_policy
from hppt_lib.policy.speedups import SpeedUps
from hppt_lib.tiers import TIERS, TrainingSettings
from tests.helpers.gradients import SPEED_UPS, capture, largest_difference
from tests.helpers.quantised import (
    against_dequantised,
    few_qlora_steps,
    kernel_difference,
    logit_difference,
)
from tests.helpers.runs import job

GPU = torch.cuda.is_available()
HUB_MODEL = "Qwen/Qwen2.5-0.5B-Instruct"
SETTINGS: TrainingSettings = replace(TIERS["smoke"].training, steps=2, micro_batch=4)

pytestmark = pytest.mark.skipif(
    not GPU, reason="needs an NVIDIA GPU that torch can use, and there is none here"
)


@pytest.fixture(scope="session")
def hub_model() -> str:
    """A model of half a billion parameters, in the hub's cache from here on."""
    program = (
        "from huggingface_hub import snapshot_download as get\n"
        f"get({HUB_MODEL!r}, allow_patterns=['*.json', '*.txt', '*.safetensors'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "HF_HUB_OFFLINE": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:]
        pytest.skip(f"{HUB_MODEL} is not in the hub's cache, and the hub is out of reach: {last}")
    return HUB_MODEL


def instructions() -> list[Instruction]:
    return shipped_instructions("hard_train")[:16]


def token_ids() -> torch.Tensor:
    return torch.randint(1000, 40_000, (2, 48), generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("rows", [1, 7])
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_nf4_kernels_compute_with_what_the_bits_stand_for(dtype: str, rows: int) -> None:
    """Mistake: a kernel for decoding that reads another layout than the one for training."""
    allowed = 1e-4 if dtype == "float32" else 2e-2
    assert kernel_difference("cuda", getattr(torch, dtype), rows) < allowed


def test_loss_and_gradient_are_those_of_the_dequantised_model(embedded_model: Path) -> None:
    found = against_dequantised(embedded_model, "cuda", "float32", token_ids())
    assert found.loss < 1e-4 and found.gradient < 1e-3


def test_bfloat16_is_near_float32(embedded_model: Path) -> None:
    if not torch.cuda.is_bf16_supported():
        pytest.skip("this GPU has no bfloat16")
    assert logit_difference(embedded_model, "cuda", "bfloat16", token_ids()) < 5e-2


def test_qlora_grpo_of_the_embedded_model(embedded_model: Path) -> None:
    few_qlora_steps(embedded_model, "cuda", SETTINGS, instructions())


def test_qlora_grpo_of_a_hub_model(hub_model: str) -> None:
    few_qlora_steps(hub_model, "cuda", SETTINGS, instructions())


def test_the_memory_is_what_the_plan_says(hub_model: str) -> None:
    """Tolerance: 0.5 to 2 of the plan, as on the CPU."""
    from hppt_lib.policy.dimensions import model_dimensions
    from hppt_lib.policy.sampling import chat_tokens
    from hppt_lib.training.plan import CUDA_BYTES, plan_tier

    tier = TIERS["gpu-16gb"]
    tier = replace(tier, model=hub_model, training=replace(tier.training, steps=2))
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    run = few_qlora_steps(hub_model, "cuda", tier.training, instructions())
    measured = torch.cuda.max_memory_allocated() + CUDA_BYTES
    longest = max(len(chat_tokens(run.policy.tokenizer, each.prompt)) for each in instructions())
    planned = plan_tier(tier, model_dimensions(hub_model), prompt_tokens=longest).peak
    print(f"planned {planned / 2**20:.0f} MiB, measured {measured / 2**20:.0f} MiB")
    assert 0.5 < measured / planned < 2


@pytest.mark.parametrize("quantize", [False, True])
def test_continuous_batching_draws_from_the_same_distribution(quantize: bool) -> None:
    """Mistakes: CUDA graphs that replay an old adapter or another prompt; NF4 that fails in them.
    Tolerance: half precision, where a logit of 10 is known to .03 or so."""
    from tests.measure.gpu_report import Shape, distribution

    shape = Shape("embedded", KNOWN_MODELS["embedded"], quantize, TIERS["gpu-16gb"])
    found = distribution(shape, tiny=False)
    assert found["agrees"], found


@pytest.fixture(scope="module")
def captured() -> Any:
    return capture(micro_batch=8, device="cuda")


@pytest.mark.parametrize("speed_ups", SPEED_UPS.values(), ids=SPEED_UPS)
def test_the_gradient_with_speed_ups_is_trls(captured: Any, speed_ups: SpeedUps) -> None:
    """Tolerance: what half precision loses when rows are padded to another length."""
    assert largest_difference(captured, speed_ups) < 5e-2


@pytest.mark.skipif(find_spec("vllm") is None, reason="vllm is not installed (extra 'vllm')")
def test_vllm_samples(embedded_model: Path) -> None:
    """Mistake: weights that vLLM never gets, so that it samples the base policy for ever."""
    from hppt_lib.rewards import noisy
    from hppt_lib.training.training_run import train

    noise = noisy(false_pass=0.5, false_fail=0.5)
    settings = replace(SETTINGS, steps=3, vllm="colocate", learning_rate=1e-2)
    todo = job(instructions=instructions(), reward=noise, settings=settings)
    run = train(load_policy(), todo, progress=False)
    assert run.adapter_before != run.adapter_after
    for step in run.steps:
        assert 1 <= step.length <= settings.max_new_tokens and step.rollout_seconds > 0
        assert len(set(step.responses)) > 1 and step.gradient_norm > 0
