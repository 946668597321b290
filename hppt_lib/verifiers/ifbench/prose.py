"""Words and tokens as IFBench's constraints on words need them. Linear in the text's length."""

from __future__ import annotations

import re
import unicodedata

from hppt_lib.verifiers.text import words_without_marks

# The number of a list item, with what Markdown may put around it: "1. ", "**2.** ", "> 3) ".
_NUMBERING = re.compile(r"[\W_]*\d{1,3}[.)](?=[\W_])")
_TOKEN = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*|\d+|[^\w\s]|\n")
_MARKS = frozenset(".,;:!?()\u2013\u2014\u2026-\n")


def prose_words(text: str) -> list[str]:
    """The words of ``text`` without the punctuation around them, their case kept.

    The numbers that a list puts before its items ("1.") are not words of the text.
    """
    lines = [line[_numbering_end(line) :] for line in text.splitlines()]
    return words_without_marks("\n".join(lines).replace("\u2019", "'"))


def _numbering_end(line: str) -> int:
    numbering = _NUMBERING.match(line)
    return numbering.end() if numbering else 0


def bare(word: str) -> str:
    """``word``, which holds a letter or digit, from its first to its last; straight apostrophes."""
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
    apart = unicodedata.normalize("NFKD", small)
    return "".join(each for each in apart if not unicodedata.combining(each))


def tokens(text: str) -> list[str]:
    """The words, numbers and marks of ``text`` in order; a line break is a mark."""
    return _TOKEN.findall(text.replace("\u2019", "'"))


def is_mark(token: str) -> bool:
    """Whether a token separates clauses, as a comma or a line break does."""
    return token in _MARKS


def shown(examples: list[str], most: int = 5) -> str:
    """The first examples, for a reason; long ones are cut."""
    return ", ".join(each[:60] for each in examples[:most])


def word_list(text: str) -> tuple[str, ...]:
    """The words of a list that is written with spaces between them."""
    return tuple(text.split())


def word_set(text: str) -> frozenset[str]:
    """The same as a set."""
    return frozenset(text.split())
