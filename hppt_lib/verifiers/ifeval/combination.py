"""Constraints on the parts of which a response is made."""

from __future__ import annotations

import re
from itertools import compress, starmap, zip_longest

from hppt_lib.verifiers.registry import Verdict, reference, register
from hppt_lib.verifiers.words import counted, each_bare_word, typed

# Six asterisks and not a seventh.
_SIX = re.compile(r"\*\*\*\*\*\*(?<!\*{7})(?!\*)")


@register(
    "combination:repeat_prompt",
    "First repeat the following request word for word, then give your answer: {prompt_to_repeat}",
    "Begin by repeating this request without change, and only then answer it: {prompt_to_repeat}",
    "Before you answer, repeat this request exactly, with nothing before it: {prompt_to_repeat}",
    "Your answer must start with an exact copy of this request: {prompt_to_repeat}",
    "Say nothing before you have repeated this request, then answer: {prompt_to_repeat}",
)
def repeat_prompt(response: str, *, prompt_to_repeat: str) -> Verdict:
    """The response begins with the request, in the same case, and an answer follows.

    The shape of quotation marks and the width of white space are not words: they may differ.
    Nothing may stand before the request, not even a quotation mark or an asterisk.
    """
    parts = prompt_to_repeat.split()
    wanted = typed(" ".join(parts))
    start = " ".join(response.split(None, len(parts)))  # spaces farther on do not matter
    if typed(start[: len(wanted)]) != wanted:
        return Verdict(False, f"begins with: {start[:60]}")
    rest = start[len(wanted) :]
    if not any(map(str.isalnum, rest)):
        return Verdict(False, "the request is repeated, and no answer follows")
    if wanted[-1].isalnum() and rest[0].isalnum():
        return Verdict(False, f"the request goes on: {rest[:60]}")
    return Verdict(True, "the request is repeated, and an answer follows")


@reference("combination:repeat_prompt")
def repeat_prompt_reference(response: str, *, prompt_to_repeat: str) -> Verdict:
    """Begins with the prompt, in any case; nothing need follow."""
    begins = response.strip().lower().startswith(prompt_to_repeat.strip().lower())
    return Verdict(begins, f"begins with: {response.strip()[:60]}")


@register(
    "combination:two_responses",
    "Give two different answers, separated by six asterisks: ******",
    "Answer twice, in different ways, with ****** between the two answers.",
    "Your response must consist of two different answers with 6 asterisks (******) between them.",
    "Write exactly two answers that differ and separate them by ******.",
    "Put six asterisk symbols, ******, between your two different answers.",
)
def two_responses(response: str) -> Verdict:
    """Two parts that differ in their words, with six asterisks between them.

    A run of five or of seven asterisks separates nothing. One more separator before the first part
    or after the last is forgiven.
    """
    parts = _SIX.split(response)
    filled = [any(map(str.isalnum, each)) for each in parts]
    if not all(filled[1:-1]):
        return Verdict(False, "nothing between two separators")
    full = list(compress(parts, filled))
    if len(full) != 2:
        return Verdict(False, f"{counted(len(full), 'answer')} separated by ******, 2 wanted")
    if all(starmap(str.__eq__, zip_longest(*map(each_bare_word, full), fillvalue=""))):
        return Verdict(False, "the two answers are the same")
    return Verdict(True, "two different answers")


@reference("combination:two_responses")
def two_responses_reference(response: str) -> Verdict:
    """Two different parts between runs of six asterisks; empty ones at the ends are forgiven."""
    parts = [each.strip() for each in response.split("******")]
    if not all(parts[1:-1]):
        return Verdict(False, "an empty part between asterisks")
    full = [each for each in parts if each]
    if len(full) != 2:
        return Verdict(False, f"{counted(len(full), 'part')}, 2 wanted")
    return Verdict(full[0] != full[1], "two parts")
