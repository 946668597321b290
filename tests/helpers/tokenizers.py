"""Three chat tokenizers of the common kinds, trained in a moment on a few sentences."""

from __future__ import annotations

from functools import cache
from typing import Any

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

KINDS = ("chatml", "inst", "wordpiece")
SYSTEM_TEXT = {"chatml": "You are a helpful assistant.", "inst": "", "wordpiece": ""}
_CORPUS = [
    "Write about tea. Do not use commas. Use less than 12 words! Answer in lower case, please.",
    "You are a helpful assistant. system user assistant Q:abc. C:defgh! é 中 a b c d e f g h",
]
# As Qwen2.5's: a default system turn; user and assistant between special tokens.
_CHATML = (
    "{% if messages[0]['role'] != 'system' %}<|im_start|>system\nYou are a helpful assistant."
    "<|im_end|>\n{% endif %}{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
# As Mistral's and Llama 2's: no default system text, contents trimmed, the beginning marked.
_INST = (
    "<s>{% if messages[0]['role'] == 'system' %}[INST] <<SYS>> {{ messages[0]['content'] | trim }} "
    "<</SYS>> {{ messages[1]['content'] | trim }} [/INST]{% else %}[INST] "
    "{{ messages[0]['content'] | trim }} [/INST]{% endif %}"
)
# As Gemma's: a system turn is refused.
_TURNS = (
    "<bos>{% if messages[0]['role'] == 'system' %}{{ raise_exception('No system turn') }}"
    "{% endif %}"
    "{% for m in messages %}<turn>{{ m['role'] }}\n{{ m['content'] | trim }}<end>\n{% endfor %}"
    "{% if add_generation_prompt %}<turn>model\n{% endif %}"
)


@cache
def _made(kind: str) -> Any:
    if kind == "chatml":  # byte-level BPE: GPT-2, Qwen, SmolLM, Llama 3
        backend = Tokenizer(models.BPE())
        backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        backend.decoder = decoders.ByteLevel()
        special = ["<|im_start|>", "<|im_end|>"]
        alphabet = pre_tokenizers.ByteLevel.alphabet()
        trainer: Any = trainers.BpeTrainer(
            vocab_size=400, special_tokens=special, initial_alphabet=alphabet, show_progress=False
        )
        template = _CHATML
    elif kind == "inst":  # pieces with "▁" for a space: Llama 2, Mistral, Gemma
        backend = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>"))
        backend.normalizer = normalizers.Replace(" ", "▁")
        backend.decoder = decoders.Sequence(
            [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
        )
        special = ["<unk>", "<s>", *(f"<0x{byte:02X}>" for byte in range(256))]
        trainer = trainers.BpeTrainer(
            vocab_size=500, special_tokens=special, show_progress=False, max_token_length=6
        )
        template = _INST
    else:  # words and their endings, in lower case: the normaliser changes the text
        backend = Tokenizer(models.WordPiece(unk_token="<unk>"))
        backend.normalizer = normalizers.Lowercase()
        backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        special = ["<unk>", "<bos>", "<turn>", "<end>"]
        trainer = trainers.WordPieceTrainer(
            vocab_size=200, special_tokens=special, show_progress=False
        )
        template = _TURNS
    backend.train_from_iterator(_CORPUS, trainer)
    return backend, special[:4] if kind != "inst" else special[:2], template


def chat_tokenizer(kind: str) -> PreTrainedTokenizerFast:
    """A tokenizer of one of `KINDS` with its chat template."""
    backend, special, template = _made(kind)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend, additional_special_tokens=special, eos_token=special[-1]
    )
    tokenizer.chat_template = template
    return tokenizer
