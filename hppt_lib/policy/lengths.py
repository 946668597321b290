"""Lengths of prompts in tokens, and whether a model has room for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Instruction
from hppt_lib.policy.adapters import is_adapter, read_adapter
from hppt_lib.policy.embedded import embedded_folder
from hppt_lib.policy.load import EMBEDDED

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

# Assumptions, for a model whose tokenizer is not here. English has about 4 bytes a token.
_BYTES_OF_A_TOKEN = 3
_TEMPLATE_TOKENS = 40


@dataclass(frozen=True)
class PromptLengths:
    """How long the prompts of instructions are.

    Attributes:
        tokens: of each prompt by the instruction's id, chat template included.
        counted: whether the model's tokenizer counted; False if they are estimated from the bytes.
    """

    tokens: Mapping[str, int]
    counted: bool

    @property
    def longest(self) -> str:
        """The id of the instruction with the longest prompt."""
        return max(self.tokens, key=lambda id: self.tokens[id])

    @property
    def most(self) -> int:
        """Tokens of the longest prompt."""
        return self.tokens[self.longest]

    @property
    def mean(self) -> float:
        """Mean tokens of a prompt."""
        return sum(self.tokens.values()) / len(self.tokens)

    def __str__(self) -> str:
        how = "" if self.counted else ", estimated from its bytes: the tokenizer is not here"
        return (
            f"longest prompt {self.most} tokens ('{self.longest}'{how}), {self.mean:.0f} on average"
        )

    def require_room(self, model: str, positions: int | None, max_new_tokens: int) -> None:
        """Refuse prompts that leave no room for a response.

        Estimated lengths are let through: they are counted as soon as the tokenizer is there.

        Args:
            model: its name, for the message.
            positions: tokens of prompt and response together that the model is made for; None if
                that is not known.
            max_new_tokens: the longest response.

        Raises:
            HpptError: a prompt is too long; the message names the instruction and what to do.
        """
        if positions is None or not self.counted or self.most + max_new_tokens <= positions:
            return
        room = positions - max_new_tokens
        over = sum(each > room for each in self.tokens.values())
        raise HpptError(
            f"The prompt of instruction '{self.longest}' has {self.most} tokens. {model} takes "
            f"{positions} in all, and {max_new_tokens} of them are for the response "
            f"(max_new_tokens): {over} of {len(self.tokens)} prompts have more than the "
            f"{max(0, room)} that are left. Shorten them or leave them out, lower max_new_tokens, "
            "or choose a model with a longer context."
        )


def prompt_lengths(
    instructions: Sequence[Instruction], tokenizer: PreTrainedTokenizerBase | None
) -> PromptLengths:
    """The lengths of the prompts of instructions, each with an id of its own.

    Args:
        instructions: at least one.
        tokenizer: the model's; None estimates the lengths from the prompts' bytes.
    """
    if tokenizer is None:
        estimated = {
            each.id: _TEMPLATE_TOKENS + len(each.prompt.encode()) // _BYTES_OF_A_TOKEN
            for each in instructions
        }
        return PromptLengths(estimated, False)
    from hppt_lib.policy.sampling import chat_tokens

    lengths = {each.id: len(chat_tokens(tokenizer, each.prompt)) for each in instructions}
    return PromptLengths(lengths, True)


def positions_of(model: Any) -> int | None:
    """Tokens of prompt and response together that a loaded model is made for; None: not known."""
    return getattr(getattr(model, "config", None), "max_position_embeddings", None)


def tokenizer_at_hand(model: str | Path) -> PreTrainedTokenizerBase | None:
    """A model's tokenizer, if it is on this machine; nothing else is loaded, nothing downloaded.

    Args:
        model: as in `hppt_lib.load_policy`.

    Returns:
        The tokenizer; None if it is not here, cannot be loaded or has no chat template, of which
        `load_policy` and sampling say more.
    """
    if find_spec("transformers") is None:
        return None
    from transformers import AutoTokenizer

    source = embedded_folder() if model == EMBEDDED else Path(model).expanduser()
    if is_adapter(source) and not (source / "tokenizer_config.json").is_file():
        return tokenizer_at_hand(read_adapter(source).base)
    try:
        tokenizer: Any = AutoTokenizer.from_pretrained(
            str(source) if source.is_dir() else str(model),
            local_files_only=True,
            trust_remote_code=False,
        )
    except (OSError, ValueError, ImportError, KeyError):
        return None
    return tokenizer if tokenizer.chat_template else None
