"""Which part of an instruction each token belongs to: sink, template, system, query, constraints.

Found exactly: the chat template is rendered as text, the parts are looked up in it as characters,
and the tokenizer says which characters each token stands for. A part that is not there exactly once
is an error, never a guess.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Instruction
from hppt_lib.policy.sampling import NO_TEMPLATE, Chat

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

SINK, TEMPLATE, SYSTEM, QUERY, OTHER, RESPONSE = (
    "sink",
    "template",
    "system",
    "query",
    "other",
    "response",
)
_STAND_INS = ("\ue000", "\ue001")  # characters that no template has

Span = tuple[int, int]
"""First character and the one behind the last."""


def constraint_name(number: int) -> str:
    """What the segment of a constraint is called: ``constraint 1`` for the first, number 0."""
    return f"constraint {number + 1}"


@dataclass(frozen=True)
class Segmented:
    """The tokens of a prompt and a response, and the segment of each.

    Attributes:
        token_ids: of the prompt in its chat template, then of the response; T in all.
        segment_of: of each token, its place in ``names``; T in all.
        names: of the segments, S in all: ``sink`` (the first token of all), ``template``,
            ``system`` (also one that the template puts in by itself), ``query``, ``constraint 1``
            and so on, ``other`` (what else stands in the user's turn) and ``response``.
        prompt_length: tokens of the prompt, P.
    """

    token_ids: tuple[int, ...]
    segment_of: tuple[int, ...]
    names: tuple[str, ...]
    prompt_length: int

    @property
    def readers(self) -> range:
        """The positions from which the response's tokens are predicted.

        That is from the last token of the prompt to the last but one of the response.
        """
        return range(self.prompt_length - 1, len(self.token_ids) - 1)

    def places(self, name: str) -> tuple[int, ...]:
        """The positions of a segment's tokens.

        Raises:
            HpptError: there is no segment of that name.
        """
        if name not in self.names:
            known = ", ".join(self.names)
            raise HpptError(f"There is no segment '{name}' here; there are: {known}.")
        wanted = self.names.index(name)
        return tuple(at for at, each in enumerate(self.segment_of) if each == wanted)

    def with_segment(self, name: str, places: Sequence[int]) -> Segmented:
        """The same with one more segment, taken out of others: a random span, say."""
        chosen = set(places)
        number = len(self.names)
        moved = (number if at in chosen else each for at, each in enumerate(self.segment_of))
        return replace(self, segment_of=tuple(moved), names=(*self.names, name))


def segment(
    tokenizer: PreTrainedTokenizerBase,
    instruction: Instruction,
    response: Sequence[int] = (),
    *,
    thinking: bool | None = None,
) -> Segmented:
    """Cut an instruction's prompt into its segments, and put a response behind it.

    A token belongs to the segment with most of its characters, white space aside.

    Args:
        tokenizer: a fast tokenizer (one that knows which characters a token stands for).
        instruction: its query and the text of each constraint stand once in its prompt.
        response: token ids of a response.
        thinking: as in `hppt_lib.policy.Chat`.

    Raises:
        HpptError: the query or a constraint does not stand exactly once in the prompt, or the
            prompt not exactly once in the chat template; two of them overlap; one has no token of
            its own; there is no chat template; the tokenizer is a slow one.
    """
    text, spans = _labelled(tokenizer, instruction, thinking)
    if not tokenizer.is_fast:
        raise HpptError(
            f"{type(tokenizer).__name__} does not say which characters a token stands for. "
            "Load a fast tokenizer (use_fast=True)."
        )
    encoded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    token_ids = list(encoded["input_ids"])
    if token_ids != Chat(tokenizer, thinking).prompt_tokens(instruction.prompt):
        raise HpptError(
            "This tokenizer gives other tokens for the rendered chat template than for the chat, "
            "so the segments cannot be told."
        )
    label = [TEMPLATE] * len(text)
    for name, (begin, end) in spans:
        label[begin:end] = [name] * (end - begin)
    labels = [_label_of(text, label, *each) for each in encoded["offset_mapping"]]
    labels[0] = SINK
    constraints = [constraint_name(number) for number in range(len(instruction.constraints))]
    names = (SINK, TEMPLATE, SYSTEM, QUERY, *constraints, OTHER, RESPONSE)
    for wanted in (QUERY, *constraints):
        if wanted not in labels and (wanted != QUERY or instruction.query):
            raise HpptError(
                f"Instruction '{instruction.id}': its {wanted} has no token of its own."
            )
    of = [*map(names.index, labels), *[names.index(RESPONSE)] * len(response)]
    return Segmented((*token_ids, *response), tuple(of), names, len(token_ids))


def _label_of(text: str, label: Sequence[str], begin: int, end: int) -> str:
    """The segment with most of a token's characters; of white space alone, where it begins."""
    seen = [label[at] for at in range(begin, end) if not text[at].isspace()]
    seen = seen or [label[min(begin, len(label) - 1)]]
    return max(dict.fromkeys(seen), key=seen.count)  # of equally many, the first


def _labelled(
    tokenizer: PreTrainedTokenizerBase, instruction: Instruction, thinking: bool | None
) -> tuple[str, list[tuple[str, Span]]]:
    """The rendered chat and where in it each segment stands; what is not named is template."""
    if not tokenizer.chat_template:
        raise HpptError(NO_TEMPLATE.format(name="This model"))
    how = Chat(tokenizer, thinking).template_settings

    def rendered(*turns: tuple[str, str]) -> str:
        messages = [{"role": role, "content": content} for role, content in turns]
        return str(
            tokenizer.apply_chat_template(
                messages, add_generation_prompt=True, tokenize=False, **how
            )
        )

    text = rendered(("user", instruction.prompt))
    # Some templates strip what they are given.
    prompt = instruction.prompt if instruction.prompt in text else instruction.prompt.strip()
    whose = f"Instruction '{instruction.id}'"
    start, end = once(text, prompt, f"{whose}: its prompt", "the chat template")
    spans: list[tuple[str, Span]] = []
    mine, theirs = _STAND_INS
    empty = rendered(("user", mine))
    try:
        with_system = rendered(("system", theirs), ("user", mine))
    except Exception:  # a template that knows no system turn raises whatever it likes
        with_system = ""
    if with_system.count(theirs) == 1:
        before = with_system.index(theirs)
        between = with_system[before + 1 : with_system.index(mine)]
        own = empty[: empty.index(mine)]
        if own.startswith(with_system[:before]) and own.endswith(between):
            spans.append((SYSTEM, (before, max(before, len(own) - len(between)))))
    spans.append((OTHER, (start, end)))
    inner = []
    if instruction.query:
        inner.append((QUERY, once(prompt, instruction.query, f"{whose}: its query", "its prompt")))
    for number, constraint in enumerate(instruction.constraints):
        name = constraint_name(number)
        if not constraint.text:
            raise HpptError(
                f"{whose}: its {name} has no text, so it cannot be found in the prompt."
            )
        inner.append((name, once(prompt, constraint.text, f"{whose}: its {name}", "its prompt")))
    ordered = sorted(inner, key=lambda each: each[1])
    for (name, (_, last)), (other, (first, _)) in zip(ordered, ordered[1:], strict=False):
        if first < last:
            raise HpptError(f"{whose}: its {name} and its {other} overlap in the prompt.")
    return text, spans + [(name, (a + start, b + start)) for name, (a, b) in inner]


def once(text: str, part: str, what: str, where: str) -> Span:
    """Where a part stands in a text.

    Args:
        text: what is looked in.
        part: what is looked for.
        what: the part, in words.
        where: the text, in words.

    Raises:
        HpptError: it does not stand there, or more than once (also if it overlaps itself).
    """
    first = text.find(part) if part else -1
    if first < 0:
        raise HpptError(f"{what} does not stand in {where}: '{part}'.")
    if text.find(part, first + 1) >= 0:
        raise HpptError(
            f"{what} stands more than once in {where}, so its tokens cannot be told: '{part}'."
        )
    return first, first + len(part)
