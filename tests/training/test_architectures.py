"""Fifteen kinds of model train, plain and in 4 bits: random weights, the sizes of a toy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from hppt_lib.policy.load import load_policy
from hppt_lib.rewards import noisy
from hppt_lib.training import train
from tests.helpers.runs import job
from tests.helpers.tiny import SETTINGS, WORDS, tiny_instructions, tiny_policy

pytestmark = pytest.mark.slow

_SIZES = {
    "hidden_size": 64,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 128,
}
_GEMMA = {**_SIZES, "head_dim": 16}
KINDS: dict[str, dict[str, Any]] = {
    "Qwen2": _SIZES,
    "Qwen3": {**_SIZES, "head_dim": 16},
    "Llama": _SIZES,
    "Gemma": _GEMMA,
    "Gemma2": {**_GEMMA, "query_pre_attn_scalar": 16},
    "Gemma3Text": {**_GEMMA, "query_pre_attn_scalar": 16},
    "Mistral": _SIZES,
    "Phi": _SIZES,
    "Phi3": _SIZES,
    "GPT2": {"n_embd": 64, "n_layer": 2, "n_head": 4, "n_positions": 128},
    "GPTNeoX": _SIZES,
    "StableLm": _SIZES,
    "Olmo2": _SIZES,
    "Granite": _SIZES,
    "SmolLM3": _SIZES,
}


def made(kind: str, folder: Path) -> Path:
    """A random model of a kind behind the tiny tokenizer, in a folder."""
    import transformers

    config_class = getattr(transformers, f"{kind}Config")
    end, pad = WORDS.index("<end>"), WORDS.index("<pad>")
    config = config_class(
        vocab_size=len(WORDS), bos_token_id=end, eos_token_id=end, pad_token_id=pad, **KINDS[kind]
    )
    torch.manual_seed(0)
    transformers.AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    tiny_policy().tokenizer.save_pretrained(folder)
    return folder


@pytest.mark.parametrize("quantize", [False, True], ids=["plain", "in 4 bits"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_model_trains(kind: str, quantize: bool, tmp_path: Path) -> None:
    """Mistake: a kind whose layers get no adapter, or whose padded prompts make no sense to it.

    The reward is noise, so that there are advantages whatever the policy says.
    """
    policy = load_policy(made(kind, tmp_path / kind.lower()), quantize=quantize, device="cpu")
    noise = noisy(false_pass=0.5, false_fail=0.5)
    todo = job(instructions=tiny_instructions(), reward=noise, settings=SETTINGS)
    run = train(policy, todo, progress=False)
    assert len(run.steps) == SETTINGS.steps
    assert run.adapter_before != run.adapter_after
    assert any(step.gradient_norm > 0 for step in run.steps)  # a step may pay all alike
    assert all(step.gradient_norm < 1e4 and step.entropy > 0 for step in run.steps)
