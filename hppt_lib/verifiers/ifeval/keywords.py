"""Constraints on words and letters that must or must not occur."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated

from hppt_lib.verifiers.answer import as_seen
from hppt_lib.verifiers.registry import PositiveCount, Relation, Verdict, reference, register
from hppt_lib.verifiers.words import counted, occurrences, satisfies, words_used


@dataclass(frozen=True)
class OneCharacter:
    """The demand that a parameter be a single character."""

    def complaint(self, value: str) -> str | None:
        """What is wrong with ``value``, or None."""
        one = len(as_seen(value).strip()) == 1  # an accent may be apart
        return None if one else f"wanted one character, found {value!r}"


Letter = Annotated[str, OneCharacter()]


@lru_cache(maxsize=256)
def _pattern(keyword: str, before: str = "", after: str = "") -> re.Pattern[str]:
    """The keyword as the pattern that the benchmark takes it for.

    One that repeats without end, or that is no pattern at all ("?", where the benchmark's program
    fails), is taken as plain text: no keyword of the benchmark does that.
    """
    if not any(each in keyword for each in "*+?{"):
        try:
            return re.compile(before + keyword + after, re.IGNORECASE)
        except (re.error, OverflowError):
            pass
    return re.compile(before + re.escape(keyword) + after, re.IGNORECASE)


@register(
    "keywords:existence",
    "Include the keywords: {keywords}.",
    "Use these words in your answer: {keywords}.",
    "Your answer must contain: {keywords}.",
    "Make sure to mention: {keywords}.",
    "These keywords have to appear: {keywords}.",
)
def existence(response: str, *, keywords: list[str]) -> Verdict:
    """Every keyword occurs as a word of its own, in any case.

    A plural or another form of the word is another word: several prompts of IFEval name two forms
    of one word ("step" and "steps"), which only makes sense if neither stands for the other.
    """
    used = words_used(keywords, response)
    missing = [each for each in keywords if each not in used]
    if missing:
        return Verdict(False, f"missing: {', '.join(missing)}")
    return Verdict(True, "all keywords found")


@reference("keywords:existence")
def existence_reference(response: str, *, keywords: list[str]) -> Verdict:
    """Every keyword, as a pattern, is found anywhere, inside other words too."""
    missing = [each for each in keywords if not _pattern(each).search(response)]
    if missing:
        return Verdict(False, f"missing: {', '.join(missing)}")
    return Verdict(True, "all keywords found")


@register(
    "keywords:forbidden_words",
    "Do not use the words: {forbidden_words}.",
    "Avoid these words: {forbidden_words}.",
    "Your answer must not contain: {forbidden_words}.",
    "Write without the following words: {forbidden_words}.",
    "These words are forbidden: {forbidden_words}.",
)
def forbidden_words(response: str, *, forbidden_words: list[str]) -> Verdict:
    """None of the words occurs as a word of its own, in any case.

    Other forms of a word are allowed, as in `existence`.
    """
    used = words_used(forbidden_words, response)
    if used:
        return Verdict(False, f"forbidden: {', '.join(used)}")
    return Verdict(True, "no forbidden word")


@reference("keywords:forbidden_words")
def forbidden_words_reference(response: str, *, forbidden_words: list[str]) -> Verdict:
    """No word, as a pattern, is found between two word boundaries."""
    used = [each for each in forbidden_words if _pattern(each, r"\b", r"\b").search(response)]
    if used:
        return Verdict(False, f"forbidden: {', '.join(used)}")
    return Verdict(True, "no forbidden word")


@register(
    "keywords:frequency",
    "The word {keyword} should appear {relation} {frequency} times.",
    "Use the word {keyword} {relation} {frequency} times.",
    "In your answer, the keyword {keyword} must occur {relation} {frequency} times.",
    "Mention {keyword} {relation} {frequency} times.",
)
def frequency(
    response: str, *, keyword: str, frequency: PositiveCount, relation: Relation
) -> Verdict:
    """A word occurs at least, or less than, a number of times, as a word of its own, in any case.

    Other forms of the word are not counted, as in `existence`.
    """
    number = occurrences(keyword, response)
    return Verdict(
        satisfies(number, relation, frequency),
        f"{counted(number, 'use')} of '{keyword}', {relation} {frequency} wanted",
    )


@reference("keywords:frequency")
def frequency_reference(
    response: str, *, keyword: str, frequency: PositiveCount, relation: Relation
) -> Verdict:
    """The keyword, as a pattern, is found so many times, inside other words too."""
    number = sum(1 for _ in _pattern(keyword.strip()).finditer(response))
    return Verdict(
        satisfies(number, relation, frequency),
        f"{counted(number, 'use')} of '{keyword}', {relation} {frequency} wanted",
    )


@register(
    "keywords:letter_frequency",
    "The letter {letter} should appear {let_relation} {let_frequency} times.",
    "Use the letter {letter} {let_relation} {let_frequency} times.",
    "In your answer, the letter {letter} must occur {let_relation} {let_frequency} times.",
    "Your answer should contain the letter {letter} {let_relation} {let_frequency} times.",
)
def letter_frequency(
    response: str, *, letter: Letter, let_frequency: PositiveCount, let_relation: Relation
) -> Verdict:
    """A letter, small or capital, occurs at least, or less than, a number of times.

    Any other character, such as ``#`` or ``!``, is counted the same way. A letter with an accent
    (``é``) is another letter.
    """
    wanted = letter.strip()
    number = response.lower().count(wanted.lower())
    return Verdict(
        satisfies(number, let_relation, let_frequency),
        f"{counted(number, 'time')} '{wanted}', {let_relation} {let_frequency} wanted",
    )


@reference("keywords:letter_frequency")
def letter_frequency_reference(
    response: str, *, letter: Letter, let_frequency: PositiveCount, let_relation: Relation
) -> Verdict:
    """The character, in any case, occurs so many times."""
    wanted = letter.strip().lower()
    # "İ" becomes two characters in lower case, and what is counted is single ones.
    number = Counter(response.lower())[wanted]
    return Verdict(
        satisfies(number, let_relation, let_frequency),
        f"{counted(number, 'time')} '{wanted}', {let_relation} {let_frequency} wanted",
    )
