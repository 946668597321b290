"""Finds and counts the words of a text; writes and compares the numbers in a verdict's reason.

Every function here is linear in the length of its input.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

# A dash between spaces separates words; so does an em dash without spaces ("tea—hot").
_DASHES = "\u2013\u2014\u2026"
_STRETCH = re.compile(rf"[^\s{_DASHES}]+")
# From its first letter or digit to its last one.
_BARE_WORD = re.compile(rf"[^\W_](?:[^\s{_DASHES}]*[^\W_])?")
# The number of a list item, with what Markdown may put around it: "1. ", "**2.** ", "> 3) ".
_NUMBERING = re.compile(r"[\W_]*\d{1,3}[.)](?=[\W_])")

# First and last character of the scripts that put no space between words, or none between a word
# and what belongs to it: Thai to Burmese, Khmer, kana, Chinese characters, Hangul.
_UNSPACED = (
    ("\u0e00", "\u0eff"), ("\u1000", "\u109f"), ("\u1780", "\u17ff"), ("\u3040", "\u30ff"),
    ("\u3400", "\u9fff"), ("\uac00", "\ud7af"), ("\uf900", "\ufaff"),
)  # fmt: skip
_TYPED = str.maketrans(
    "\u201c\u201d\u201e\u201f\uff02\u00a0\u2002\u2003\u2009\u3000", '"' * 5 + " " * 5
)
_EDGE_UNDERSCORES = re.compile(r"\b_+|_+\b")

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
    return words_without_marks("\n".join(lines))


def bare(word: str) -> str:
    """A word from its first letter or digit to its last.

    ``word`` must hold a letter or a digit.
    """
    start, end = 0, len(word)
    while not word[start].isalnum():
        start += 1
    while not word[end - 1].isalnum():
        end -= 1
    return word[start:end]


def plain_letters(word: str) -> str:
    """``word`` in lower case without accents: "\u00c9lan" is "elan"."""
    small = word.casefold()
    if small.isascii():
        return small
    decomposed = unicodedata.normalize("NFKD", small)
    return "".join(each for each in decomposed if not unicodedata.combining(each))


def typed(text: str) -> str:
    """``text`` as a keyboard writes it: straight quotation marks, and plain spaces for wide ones.

    Each character becomes one character. Apostrophes are straight already in what a verifier gets
    (`hppt_lib.verifiers.as_seen`).
    """
    return text if text.isascii() else text.translate(_TYPED)


def without_emphasis(text: str) -> str:
    """``text`` without the marks that Markdown puts around words: asterisks, and underscores."""
    if "_" in text:
        text = _EDGE_UNDERSCORES.sub("", text)
    return text.replace("*", "")


def occurrences(keyword: str, text: str) -> int:
    """How often ``keyword`` stands in ``text`` as a word or phrase of its own, in any case."""
    return sum(1 for _ in uses(keyword, text.casefold()))


def words_used(keywords: Iterable[str], text: str) -> list[str]:
    """The keywords that stand in ``text`` as words or phrases of their own, in any case."""
    text = text.casefold()
    return [each for each in keywords if next(uses(each, text), None) is not None]


def uses(keyword: str, text: str) -> Iterator[int]:
    """Where ``keyword`` stands in ``text`` as a word or phrase of its own, in any case.

    ``text`` is case-folded, so that it is read once for several keywords. The keyword is plain text
    and never a pattern. "war" stands neither in "forward" nor in "wars"; in "war's", "war-torn" and
    "_war_" it does. A letter before or after it belongs to another word, unless it is of a script
    that puts no spaces there (Chinese, Japanese, Korean, Thai). Between the words of a phrase may
    stand any white space, and Markdown's emphasis around each of them.

    Yields:
        the place of each use, from 0, in ``text`` without asterisks; for a phrase, in ``text``
        without emphasis and with single spaces.
    """
    keyword = " ".join(keyword.casefold().split())
    if " " in keyword:
        text = " ".join(typed(without_emphasis(text)).split())
        keyword = " ".join(typed(without_emphasis(keyword) or keyword).split())
    if not keyword:
        return
    if "*" in text and "*" not in keyword:
        text = text.replace("*", "")  # "**tea**pot" is a teapot
    opens, closes = keyword[0].isalnum(), keyword[-1].isalnum()
    start = text.find(keyword)
    while start >= 0:
        end = start + len(keyword)
        if (opens and _in_word(text[start - 1 : start])) or (
            closes and _in_word(text[end : end + 1])
        ):
            end = start + 1
        else:
            yield start
        start = text.find(keyword, end)


def _in_word(neighbour: str) -> bool:
    """Whether a character beside a keyword makes it part of a longer word."""
    if neighbour.isascii():
        return neighbour.isalnum()
    if any(low <= neighbour <= high for low, high in _UNSPACED):
        return False
    return neighbour.isalnum() or unicodedata.category(neighbour)[0] == "M"


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
