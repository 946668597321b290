"""Converts a GGUF file to safetensors, and proves that nothing was lost.

The conversion uses transformers' own GGUF reader. The proof reads the GGUF file a second time with
the `gguf` library, on a path that shares no code with the conversion.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hppt_lib.errors import HpptError

_CONTEXT = 8192  # tokens, from the GGUF file's llama.context_length


def convert(gguf: Path, folder: Path) -> None:
    """Dequantise a GGUF file into ``folder``: config, tokenizer and float32 safetensors.

    A model that transformers loaded from GGUF refuses to be saved, so its weights move to a fresh
    model of the same configuration.

    Raises:
        OSError: the folder cannot be written.
        ValueError: a weight of the fresh model has no counterpart in the GGUF file.
    """
    import torch
    from tokenizers import pre_tokenizers
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, GenerationConfig

    where: dict[str, Any] = {"gguf_file": gguf.name, "local_files_only": True}
    with without_progress_bars(), _io_errors_as_os_errors():
        tokenizer = AutoTokenizer.from_pretrained(gguf.parent, **where)
        # The file names its pre-tokenizer "smollm": every digit stands alone. transformers does not
        # read that field, and would split "a  1" after the first space instead of after the second.
        tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Digits(individual_digits=True),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
            ]
        )
        tokenizer.padding_side = "left"
        tokenizer.model_max_length = _CONTEXT
        tokenizer.save_pretrained(folder)

        loaded = AutoModelForCausalLM.from_pretrained(gguf.parent, dtype=torch.float32, **where)
        config = AutoConfig.from_pretrained(gguf.parent, **where)
        if hasattr(config, "quantization_config"):
            del config.quantization_config
        config.dtype = torch.float32
        config.bos_token_id = tokenizer.bos_token_id
        config.eos_token_id = tokenizer.eos_token_id
        config.pad_token_id = tokenizer.pad_token_id
        fresh = AutoModelForCausalLM.from_config(config)
        missing, unexpected = fresh.load_state_dict(loaded.state_dict(), strict=False)
        if unexpected or set(missing) - {"lm_head.weight"}:
            raise ValueError(f"weights do not match: missing {missing}, unexpected {unexpected}")
        fresh.tie_weights()
        fresh.generation_config = GenerationConfig(
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
        fresh.save_pretrained(folder)


@dataclass(frozen=True)
class Verification:
    """The result of `verify_conversion`.

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


def verify_conversion(source: Path, folder: Path, tokens: int = 24) -> Verification:
    """Compare a converted model with its GGUF file: every tensor, and greedy text.

    Args:
        source: the GGUF file.
        folder: what `convert` made of it.
        tokens: length of the greedy text.

    Raises:
        HpptError: a tensor or the text differs; the message names it.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

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


@contextmanager
def without_progress_bars() -> Iterator[None]:
    """Silence transformers' own progress bars: hundreds of lines in a notebook, for one second.

    Downloads from a hub keep their bars.
    """
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


@contextmanager
def _io_errors_as_os_errors() -> Iterator[None]:
    """Report a full disk as OSError, which `whole_folder` knows; safetensors has its own error."""
    from safetensors import SafetensorError

    try:
        yield
    except SafetensorError as error:
        raise OSError(str(error)) from error


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
