"""Finds and counts the words of a text; writes and compares the numbers in a verdict's reason.

Every function here is linear in the length of its input.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

# A dash between spaces separates words; so does an em dash without spaces ("tea—hot").
_DASHES = "\u2013\u2014\u2026"
_STRETCH = re.compile(rf"[^\s{_DASHES}]+")
# From its first letter or digit to its last one.
_BARE_WORD = re.compile(rf"[^\W_](?:[^\s{_DASHES}]*[^\W_])?")
# The number of a list item, with what Markdown may put around it: "1. ", "**2.** ", "> 3) ".
_NUMBERING = re.compile(r"[\W_]*\d{1,3}[.)](?=[\W_])")

# Typographic marks, and the marks of ASCII that join or separate words as they do.
_ASCII_FOR = (
    ("\u2018", "'"), ("\u2019", "'"), ("\u201c", '"'), ("\u201d", '"'), ("\u2022", "*"),
    ("\u2013", " "), ("\u2014", " "), ("\u2026", " "), ("\u00a0", " "),
)  # fmt: skip
_ASCII = [chr(code) for code in range(128)]
_KINDS = bytes.maketrans(
    "".join(_ASCII).encode(), "".join("a" if each.isalnum() else " " for each in _ASCII).encode()
)
_ASCII_MARKS = "".join(
    each for each in _ASCII if not each.isalnum() and not each.isspace()
).encode()


def words(text: str) -> list[str]:
    """The words of ``text``, as a person counts them.

    A word is a stretch between white space (or long dashes) that holds a letter or a digit:
    "don't" and "well-known" are one word each, "-" and "***" are none.
    """
    # The first character settles it for nearly every word.
    return [each for each in stretches(text) if each[0].isalnum() or any(map(str.isalnum, each))]


def stretches(text: str) -> list[str]:
    """The parts of a text between white space and long dashes, words or not."""
    for dash in _DASHES:
        text = text.replace(dash, " ")
    return text.split()


def word_count(text: str) -> int:
    """Counts the `words` of ``text`` without building a list: several times as fast."""
    for mark, plain in _ASCII_FOR:
        text = text.replace(mark, plain)
    if not text.isascii():
        return len(words(text))
    # Letters and digits become "a", white space a space, and marks go: each word begins after one.
    kinds = text.encode("ascii").translate(_KINDS, _ASCII_MARKS)
    return kinds.count(b" a") + kinds.startswith(b"a")


def has_words(text: str) -> bool:
    """Whether ``text`` has any word; faster than building the list of `words`."""
    return any(map(str.isalnum, text))


def first_words(text: str, limit: int) -> str:
    """``text`` up to the end of its ``limit``-th word (1 or more), line breaks kept."""
    number = 0
    for stretch in _STRETCH.finditer(text):
        number += any(map(str.isalnum, stretch[0]))  # a bullet's mark alone is no word
        if number == limit:
            return text[: stretch.end()]
    return text


def words_without_marks(text: str) -> list[str]:
    """The words of ``text`` without the punctuation around them, their case kept."""
    return _BARE_WORD.findall(text)


def bare_words(text: str) -> list[str]:
    """The words of ``text`` in lower case, without the punctuation around them."""
    return list(map(str.casefold, words_without_marks(text)))


def each_bare_word(text: str) -> Iterator[str]:
    """The `bare_words` one at a time: for comparing texts that differ early."""
    return (each[0].casefold() for each in _BARE_WORD.finditer(text))


def prose_words(text: str) -> list[str]:
    """The words of ``text`` without the punctuation around them, their case kept.

    The numbers that a list puts before its items ("1.") are not words of the text.
    """
    lines = (
        line[numbering.end() :] if (numbering := _NUMBERING.match(line)) else line
        for line in text.splitlines()
    )
    return words_without_marks("\n".join(lines).replace("\u2019", "'"))


def bare(word: str) -> str:
    """A word from its first letter or digit to its last, with straight apostrophes.

    ``word`` must hold a letter or a digit.
    """
    start, end = 0, len(word)
    while not word[start].isalnum():
        start += 1
    while not word[end - 1].isalnum():
        end -= 1
    return word[start:end].replace("\u2019", "'")


def plain_letters(word: str) -> str:
    """``word`` in lower case without accents: "\u00c9lan" is "elan"."""
    small = word.casefold()
    if small.isascii():
        return small
    decomposed = unicodedata.normalize("NFKD", small)
    return "".join(each for each in decomposed if not unicodedata.combining(each))


def occurrences(keyword: str, text: str) -> int:
    """How often ``keyword`` stands in ``text`` as a word or phrase of its own, in any case.

    The keyword is plain text and never a pattern; "war" does not stand in "forward".
    """
    return len(_phrase(keyword).findall(text))


@lru_cache(maxsize=1024)
def _phrase(keyword: str) -> re.Pattern[str]:
    """Finds a keyword. It looks last at what stands before it, which is 4 times as fast."""
    first, *more = map(re.escape, keyword.split() or [""])
    rest = "".join(rf"\s+{part}" for part in more)
    return re.compile(rf"{first}(?<!\w{first}){rest}(?!\w)", re.IGNORECASE)


def satisfies(number: int, relation: str, wanted: int) -> bool:
    """Whether ``number`` stands in ``relation`` ("at least" or "less than") to ``wanted``.

    Raises:
        ValueError: any other relation: it must never fall through to a pass.
    """
    if relation == "at least":
        return number >= wanted
    if relation == "less than":
        return number < wanted
    raise ValueError(f"unknown relation {relation!r}")


def counted(number: int, noun: str) -> str:
    """``1 word``, ``2 words``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def shown(examples: Sequence[str], most: int = 5) -> str:
    """The first examples as a verdict's reason shows them; each is cut at 60 characters."""
    return ", ".join(each[:60] for each in examples[:most])
