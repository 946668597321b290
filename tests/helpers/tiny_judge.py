"""A random Llama of a few thousand weights that reads any text by bytes and says Yes or No."""

from __future__ import annotations

import torch

from hppt_lib.policy.load import Policy
from tests.helpers.tiny import tiny_llama

TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SPECIAL = ("<pad>", "<|im_start|>", "<|im_end|>")


def tiny_judge(seed: int = 0, *, context: int = 4096, template: str | None = TEMPLATE) -> Policy:
    """Its Yes and No are single tokens, with and without the blank before them."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast as Fast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    merges = [("Y", "e"), ("Ye", "s"), ("Ġ", "Yes"), ("N", "o"), ("Ġ", "No")]
    words = [*letters, *("".join(each) for each in merges), *SPECIAL]
    places = {word: place for place, word in enumerate(words)}
    backend = Tokenizer(models.BPE(places, merges))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)  # type: ignore[assignment]
    backend.decoder = decoders.ByteLevel()  # type: ignore[assignment]
    backend.add_special_tokens(list(SPECIAL))
    tokenizer = Fast(
        tokenizer_object=backend,
        pad_token="<pad>",
        eos_token="<|im_end|>",
        additional_special_tokens=["<|im_start|>"],
        padding_side="left",
    )
    tokenizer.chat_template = template
    model = tiny_llama(len(words), seed, 0.3, max_position_embeddings=context)
    return Policy(model.eval(), tokenizer, "tiny", torch.device("cpu"))
