"""A policy of random weights in any model's shape: to time and to measure, never to ask.

Seconds and bytes of a step depend on shapes alone, so a machine can be measured with a model that
is not there. The tokenizer is the embedded model's, whatever the vocabulary.
"""

from __future__ import annotations

from typing import Any

import torch

from hppt_lib.policy.dimensions import Dimensions
from hppt_lib.policy.load import (
    EMBEDDED,
    Policy,
    device_named,
    dtype_named,
    keep_as_quantised,
    outline,
    set_padding,
)


def random_policy(
    shape: Dimensions,
    *,
    quantize: bool = False,
    device: str | None = None,
    dtype: str | torch.dtype | None = None,
    seed: int = 0,
) -> Policy:
    """A policy of this shape, as `hppt_lib.load_policy` would give a trained one.

    It is made layer by layer where it is to lie, so the memory holds it once. It has Llama's
    layers, which are Qwen2.5's but for a bias at the output of attention.

    Args:
        shape: the dimensions; no more than the vocabulary's first tokens are ever read.
        quantize: its linear layers in NF4 with double quantisation.
        device: as in `hppt_lib.load_policy`.
        dtype: likewise.
        seed: of the weights.
    """
    from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM

    where = device_named(device)
    kind = dtype_named(dtype, where)
    config = LlamaConfig(
        vocab_size=shape.vocabulary,
        hidden_size=shape.hidden,
        intermediate_size=shape.intermediate,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.kv_heads,
        head_dim=shape.head_size,
        max_position_embeddings=shape.positions or 8192,
        attention_bias=shape.biases,
        tie_word_embeddings=shape.tied,
    )
    config.dtype = kind
    chance = torch.Generator(device=where).manual_seed(seed)
    with torch.device("meta"):
        network: Any = LlamaForCausalLM(config).to(kind)
    if quantize:
        _in_4_bits(network, where, kind, chance)
    _filled(network, where, chance)
    network.tie_weights()
    if quantize:
        network.is_loaded_in_4bit = True  # as transformers says it: peft and TRL ask
        if where.type == "cpu":
            keep_as_quantised(network)
    tokenizer = outline(EMBEDDED).tokenizer
    set_padding(tokenizer, shape.name)
    marks = {f"{each}_token_id": getattr(tokenizer, f"{each}_token_id") for each in _MARKS}
    network.config.update(marks)
    network.generation_config = GenerationConfig(**marks)
    return Policy(network.eval(), tokenizer, f"{shape.name}, random weights", where)


_SPREAD = 0.02
_MARKS = ("bos", "eos", "pad")


def _in_4_bits(network: Any, device: torch.device, dtype: torch.dtype, chance: Any) -> None:
    """Put a 4-bit layer in the place of each linear one of a network without weights."""
    from bitsandbytes.nn import Linear4bit

    drawn: dict[torch.Size, torch.Tensor] = {}  # by shape, for drawing billions takes minutes
    for block in network.modules():
        for name, layer in list(block.named_children()):
            if not isinstance(layer, torch.nn.Linear) or layer is network.lm_head:
                continue
            shape = layer.weight.shape
            if shape not in drawn:
                values = torch.empty(shape, dtype=dtype, device=device)
                drawn[shape] = values.normal_(0, _SPREAD, generator=chance).cpu()
            biased = layer.bias is not None
            small = Linear4bit(1, 1, bias=False, compute_dtype=dtype, quant_type="nf4")
            small.in_features, small.out_features = layer.in_features, layer.out_features
            small.weight.data = drawn[shape].clone()
            small = small.to(device)  # here it is quantised
            if biased:
                zeros = torch.zeros(layer.out_features, dtype=dtype, device=device)
                small.bias = torch.nn.Parameter(zeros, requires_grad=False)
            setattr(block, name, small)


def _filled(network: Any, device: torch.device, chance: Any) -> None:
    """Give the parameters and buffers that are still without memory some, and values."""
    for block in network.modules():
        if type(block).__name__.endswith("RotaryEmbedding"):
            block._buffers.update(type(block)(network.config)._buffers)
            block.to(device)
        for name, weight in list(block.named_parameters(recurse=False)):
            if weight.device.type != "meta":
                continue
            values = torch.ones(weight.shape, dtype=weight.dtype, device=device)
            if weight.ndim == 2:
                values.normal_(0, _SPREAD, generator=chance)
            elif name == "bias":
                values.zero_()
            setattr(block, name, torch.nn.Parameter(values, requires_grad=False))
