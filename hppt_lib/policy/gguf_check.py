"""The proof that the embedded model's conversion lost nothing.

The GGUF file is read a second time, with the `gguf` library, on a path that shares no code with the
conversion.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.policy.embedded import fetch_embedded, fetch_gguf
from hppt_lib.policy.gguf import without_progress_bars


@dataclass(frozen=True)
class Verification:
    """What `verify_embedded` compared.

    Attributes:
        tensors: how many tensors were compared with the dequantised GGUF file.
        largest_difference: the largest absolute difference of any weight; 0.0 is exact.
        before: greedy text of the model as transformers loads it from GGUF.
        after: greedy text of the converted model, for the same prompt.
    """

    tensors: int
    largest_difference: float
    before: str
    after: str


def verify_embedded(tokens: int = 24) -> Verification:
    """Compare the converted model with its GGUF file: every tensor, and greedy text.

    The tensors are dequantised by the `gguf` library and named by this module, on a path that
    shares no code with the conversion. About 40 seconds on 2 cores.

    Args:
        tokens: length of the greedy text.

    Raises:
        HpptError: a tensor or the text differs; the message names it.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder, source = fetch_embedded(), fetch_gguf()
    with without_progress_bars():
        model = AutoModelForCausalLM.from_pretrained(folder, local_files_only=True)
    weights = model.state_dict()
    compared, largest = 0, 0.0
    for name, expected in _gguf_tensors(source, model.config):
        if name not in weights or tuple(weights[name].shape) != expected.shape:
            raise HpptError(f"The converted model has no tensor {name} of shape {expected.shape}.")
        difference = float((weights[name] - torch.from_numpy(expected)).abs().max())
        if not difference <= 1e-6:  # so that a NaN fails too
            raise HpptError(
                f"Tensor {name} differs from the GGUF file by {difference:.3g}. Delete "
                f"{folder} and run 'hppt fetch' again; report it if it happens twice."
            )
        compared, largest = compared + 1, max(largest, difference)
    untied = {"lm_head.weight"} if model.config.tie_word_embeddings else set()
    if compared != len(set(weights) - untied):
        raise HpptError(f"The GGUF file holds {compared} tensors, the model {len(weights)}.")

    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    with without_progress_bars():
        original = AutoModelForCausalLM.from_pretrained(
            source.parent,
            gguf_file=source.name,
            local_files_only=True,
            dtype=torch.float32,
        )
    texts = [_greedy(each, tokenizer, tokens) for each in (original, model)]
    if texts[0] != texts[1]:
        raise HpptError(f"Greedy text differs: {texts[0]!r} before, {texts[1]!r} after conversion.")
    return Verification(compared, largest, before=texts[0], after=texts[1])


def _greedy(model: Any, tokenizer: Any, tokens: int) -> str:
    chat = [{"role": "user", "content": "Name three colours of the rainbow."}]
    inputs = tokenizer.apply_chat_template(
        chat, add_generation_prompt=True, return_tensors="pt", return_dict=True
    )
    output = model.generate(**inputs, max_new_tokens=tokens, do_sample=False)
    return str(tokenizer.decode(output[0, inputs["input_ids"].shape[1] :]))


_GGUF_NAMES = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
_GGUF_TOP_NAMES = {
    "token_embd.weight": "model.embed_tokens.weight",
    "output_norm.weight": "model.norm.weight",
}


def _gguf_tensors(path: Path, config: Any) -> Iterator[tuple[str, Any]]:
    """Each tensor of a llama GGUF file: its name in transformers, and its float32 array."""
    import gguf
    import numpy as np

    heads = {"attn_q": config.num_attention_heads, "attn_k": config.num_key_value_heads}
    for tensor in gguf.GGUFReader(str(path)).tensors:
        values = gguf.dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        if tensor.name in _GGUF_TOP_NAMES:
            yield _GGUF_TOP_NAMES[tensor.name], values
            continue
        _, layer, kind, _ = tensor.name.split(".")
        if kind in heads:
            # GGUF interleaves the two halves of each rotary head; transformers keeps them apart.
            rows, columns = values.shape
            pairs = values.reshape(heads[kind], rows // heads[kind] // 2, 2, columns)
            values = np.ascontiguousarray(pairs.swapaxes(1, 2).reshape(rows, columns))
        yield f"model.layers.{layer}.{_GGUF_NAMES[kind]}.weight", values
