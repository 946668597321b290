"""What a word, a line and a relation are: the readings that all families share.

Every function here is linear in the length of its input.
"""

from __future__ import annotations

import re

# A dash between spaces separates words; so does an em dash without spaces ("tea—hot").
_SEPARATORS = re.compile(r"[\s\u2013\u2014\u2026]+")
_STRETCH = re.compile(r"[^\s\u2013\u2014\u2026]+")


def words(text: str) -> list[str]:
    """The words of ``text``, as a person counts them.

    A word is a stretch between white space (or long dashes) that holds a letter or a digit:
    "don't" and "well-known" are one word each, "-" and "***" are none.
    """
    return [each for each in _SEPARATORS.split(text) if any(map(str.isalnum, each))]


def first_words(text: str, limit: int) -> str:
    """``text`` up to the end of its ``limit``-th word (1 or more), line breaks kept."""
    counted = 0
    for stretch in _STRETCH.finditer(text):
        counted += any(map(str.isalnum, stretch[0]))  # a bullet's mark alone is no word
        if counted == limit:
            return text[: stretch.end()]
    return text


def bare_words(text: str) -> list[str]:
    """The words of ``text`` in lower case, without the punctuation around them."""
    return [_trim(each).casefold() for each in words(text)]


def occurrences(keyword: str, text: str) -> int:
    """How often ``keyword`` stands in ``text`` as a word or phrase of its own, in any case.

    The keyword is plain text and never a pattern; "war" does not stand in "forward".
    """
    pattern = r"\s+".join(re.escape(part) for part in keyword.split())
    return len(re.findall(rf"(?<!\w){pattern}(?!\w)", text, flags=re.IGNORECASE))


def satisfies(found: int, relation: str, wanted: int) -> bool:
    """Whether ``found`` stands in ``relation`` ("at least" or "less than") to ``wanted``.

    Raises:
        ValueError: any other relation: it must never fall through to a pass.
    """
    if relation == "at least":
        return found >= wanted
    if relation == "less than":
        return found < wanted
    raise ValueError(f"unknown relation {relation!r}")


def counted(number: int, noun: str) -> str:
    """``1 word``, ``2 words``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _trim(word: str) -> str:
    start, end = 0, len(word)
    while start < end and not word[start].isalnum():
        start += 1
    while end > start and not word[end - 1].isalnum():
        end -= 1
    return word[start:end]
