"""The constraint that asks for a palindrome."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hppt_lib.verifiers.registry import Verdict, register
from hppt_lib.verifiers.text import bare_words

# What a palindrome of several words may be set off by. An apostrophe is a part of "I'm".
_SET_OFF = re.compile('[\n"\u201c\u201d\u00ab\u00bb\u300c\u300d*_`()\\[\\]]')
_SENTENCE_END = re.compile(r"(?<=[.!?])\s")
_LEAD_IN = re.compile("[:\u2013\u2014]")
_FEWEST = 5


@register(
    "keywords:palindrome",
    "Include a palindrome in your response.",
    "Your answer must contain a palindrome, such as level or noon.",
    "Use at least one palindrome (a word or sentence that reads the same backwards).",
    "Somewhere in your answer, write a word or phrase that is a palindrome.",
)
def palindrome(response: str) -> Verdict:
    """A word of three letters or more, or a phrase, reads the same backwards.

    Capitals, spaces and punctuation do not matter. One letter, one sign repeated ("www") and a
    number are no palindromes that anyone would have written to order. A palindrome of several
    words must be set off as a line, a sentence or a quotation: by chance, "as a" is in every text.
    """
    for word in bare_words(response):
        if _is_palindrome(word):
            return Verdict(True, f"palindrome: {word[:60]}")
    for phrase in dict.fromkeys(_phrases(response)):
        letters = _letters(phrase)
        if len(letters) >= _FEWEST and _is_palindrome(letters):
            return Verdict(True, f"palindrome: {phrase.strip()[:60]}")
    return Verdict(False, "no palindrome")


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _is_palindrome(letters: str) -> bool:
    # With two different letters or more it has three or more.
    varied = len(set(letters)) > 1 and letters.isalpha()
    return varied and letters == letters[::-1]


def _phrases(text: str) -> Iterator[str]:
    """Lines, sentences, what is quoted or emphasised, and what follows a colon or a dash."""
    yield from text.splitlines()
    for part in _SET_OFF.split(text):
        if len(part) < _FEWEST:
            continue
        yield part
        for sentence in _SENTENCE_END.split(part):
            yield sentence
            lead_in = _LEAD_IN.search(sentence)
            if lead_in:
                yield sentence[lead_in.end() :]
