"""A policy of a few thousand random weights, and instructions that it fails and satisfies by luck.

It reads and writes thirty words, so that a training run takes a second and needs no download.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from hppt_lib.instructions.model import Constraint, Instruction
from hppt_lib.policy.load import Policy
from hppt_lib.records import RunRecord, Step
from hppt_lib.tiers import TrainingSettings

SETTINGS = TrainingSettings(
    steps=2,
    prompts_per_step=2,
    group_size=4,
    max_new_tokens=10,
    learning_rate=1e-2,
    micro_batch=4,
    lora_rank=2,
    lora_alpha=4,
)
TEXT = """
tea milk bees honey leaf cup hot cold warm green sweet drink garden flower morning pot pour taste
fly hive Write about Do not use any commas . , <user> <reply> <pad> <end>
"""
WORDS = TEXT.split()
TEMPLATE = (
    "{% for message in messages %}<user> {{ message['content'] }} {% endfor %}"
    "{% if add_generation_prompt %}<reply>{% endif %}"
)
# As Qwen3's later templates: it begins the thoughts, or leaves them empty if it is told so.
THINKING_TEMPLATE = TEMPLATE.replace(
    "<reply>",
    "<reply> <think>\n{% if enable_thinking is defined and not enable_thinking %}\n</think>\n\n"
    "{% endif %}",
)

MEASURED = ("seconds", "rollout_seconds", "reward_seconds", "training_seconds", "memory_mib")


def comparable(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps without what was measured: equal in two runs that did the same."""
    return tuple(replace(step, **dict.fromkeys(MEASURED, 0.0)) for step in steps)


def comparable_record(record: RunRecord) -> RunRecord:
    """The record without what was measured, and without how many processes made it."""
    return replace(record, steps=comparable(record.steps), seconds=0.0, processes=None)


def tiny_policy(seed: int = 0, spread: float = 0.1, device: str = "cpu") -> Policy:
    """A random two-layer Llama; a larger ``spread`` of the weights makes it surer of itself."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import GenerationConfig
    from transformers import PreTrainedTokenizerFast as Fast

    places = {word: place for place, word in enumerate(WORDS)}
    backend = Tokenizer(models.WordLevel(places, unk_token="pot"))
    backend.pre_tokenizer = pre_tokenizers.WhitespaceSplit()  # type: ignore[assignment]
    tokenizer = Fast(
        tokenizer_object=backend, pad_token="<pad>", eos_token="<end>", padding_side="left"
    )
    tokenizer.chat_template = TEMPLATE
    ends = {"eos_token_id": places["<end>"], "pad_token_id": places["<pad>"]}
    model = tiny_llama(len(WORDS), seed, spread, **ends)
    model.generation_config = GenerationConfig(**ends)
    return Policy(model.to(device).eval(), tokenizer, "tiny", torch.device(device))


def tiny_llama(words: int, seed: int, spread: float, **more: int) -> Any:
    """A random two-layer Llama that reads and writes so many words."""
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(seed)
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=words,
            hidden_size=32,
            intermediate_size=48,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            initializer_range=spread,
            **more,
        )
    )


def tiny_folder(folder: Path, seed: int = 0) -> Path:
    """The tiny policy in a folder, as `load_policy` reads it; what lay there is replaced."""
    policy = tiny_policy(seed)
    policy.model.save_pretrained(folder)
    policy.tokenizer.save_pretrained(folder)
    return folder


def thinking_policy(special: bool = False, thinking: bool | None = None) -> Policy:
    """A policy with `THINKING_TEMPLATE`, whose marks of thoughts are words that it can write.

    Args:
        special: the marks are special tokens, as in some models.
        thinking: of the policy.
    """
    policy = tiny_policy()
    policy.tokenizer.chat_template = THINKING_TEMPLATE
    policy.tokenizer.add_tokens(["<think>", "</think>"], special_tokens=special)
    policy.model.resize_token_embeddings(len(policy.tokenizer), mean_resizing=False)
    return replace(policy, thinking=thinking)


def gpt2_policy() -> Policy:
    """A random two-layer GPT-2, whose positions are learned, behind the tiny tokenizer."""
    from transformers import GPT2Config, GPT2LMHeadModel

    policy = tiny_policy()
    torch.manual_seed(0)
    end = WORDS.index("<end>")
    model = GPT2LMHeadModel(
        GPT2Config(
            vocab_size=len(WORDS),
            n_embd=32,
            n_layer=2,
            n_head=4,
            n_positions=128,
            bos_token_id=end,
            eos_token_id=end,
            initializer_range=0.1,
        )
    )
    model.generation_config = policy.model.generation_config
    return replace(policy, model=model.eval(), name="gpt2")


def tiny_instructions() -> list[Instruction]:
    """Four instructions whose prompts differ in length."""
    no_comma = Constraint("punctuation:no_comma", {}, "Do not use any commas .")
    short = Constraint("length_constraints:number_words", {"relation": "less than", "num_words": 8})
    questions = {
        "tea": ("Write about tea .", no_comma),
        "bees": ("Write about bees and the honey in a garden .", no_comma),
        "milk": ("milk", no_comma),
        "cup": ("Write about any cup of sweet green tea .", short),
    }
    return [
        Instruction(topic, f"{query} {constraint.text}", (constraint,), query, (topic,))
        for topic, (query, constraint) in questions.items()
    ]
