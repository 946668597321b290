"""From GGUF to safetensors, with transformers' own GGUF reader."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

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
