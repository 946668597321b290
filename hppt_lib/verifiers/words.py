"""Finds and counts the words of a text; writes and compares the numbers in a verdict's reason.

A script without spaces between words is read as though it had them: `hppt_lib.verifiers.unspaced`
says where. So whatever counts, cuts and compares words here does it alike in every script.

Every function here is linear in the length of its input.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence

from hppt_lib.verifiers.unspaced import (
    in_one_word,
    is_unspaced,
    rows,
    spaced,
    spaced_by_dictionary,
    without_ascii,
)

# A dash between spaces separates words; so does an em dash without spaces ("tea—hot").
_DASHES = "\u2013\u2014\u2026"
_STRETCH = re.compile(rf"[^\s{_DASHES}]+")
# From its first letter or digit to its last one.
_BARE_WORD = re.compile(rf"[^\W_](?:[^\s{_DASHES}]*[^\W_])?")
# The signs after a letter of the scripts of India and Southeast Asia: vowels, tones. A word may end
# with one of them.
_SIGNS = "".join(
    each
    for each in map(chr, (*range(0x900, 0x10A0), *range(0x1780, 0x17E0), *range(0xAA60, 0xAA80)))
    if unicodedata.category(each)[0] == "M"
)
_SIGN = re.compile(f"[{_SIGNS}]")
_BARE_WORD_WITH_SIGNS = re.compile(f"{_BARE_WORD.pattern}[{_SIGNS}]*")
# The number of a list item, with what Markdown may put around it: "1. ", "**2.** ", "> 3) ".
_NUMBERING = re.compile(r"[\W_]*\d{1,3}(?:[.)](?=[\W_])| *[\u3001\uff09\uff0e])")

# Hangul puts spaces between words, but none between a word and what belongs to it.
_HANGUL = ("\uac00", "\ud7af")
# What may stand between the last word of a text that is cut and the next one.
_CLOSING = re.compile(r"[^\w\s(\[{<\u3008\u300a\u300c\u300e\u3010\u3014\uff08\u2018\u201c]*")
# No word of Chinese or Japanese is longer, in characters.
_LONGEST_WORD = 16
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
    "don't" and "well-known" are one word each, "-" and "***" are none. Each Chinese character and
    each kana is one; Thai, Lao, Khmer and Burmese are cut by a dictionary.
    """
    # The first character settles it for nearly every word.
    return [each for each in stretches(text) if each[0].isalnum() or any(map(str.isalnum, each))]


def stretches(text: str) -> list[str]:
    """The parts of a text between white space and long dashes, words or not."""
    text = spaced(text)
    for dash in _DASHES:
        text = text.replace(dash, " ")
    return text.split()


def dictionary_words(text: str) -> list[str]:
    """The `bare_words`, but words of several Chinese characters or kana whole.

    For what is said of each word, such as that none comes twice or that it stands alone on a line.
    """
    return list(map(str.casefold, _without_marks(spaced_by_dictionary(text))))


def is_one_word(text: str) -> bool:
    """Whether ``text`` may be one word: no space or long dash parts words in it.

    A row of Chinese characters, kana or Thai letters may be one: not all are in a dictionary.
    """
    return sum(any(map(str.isalnum, each)) for each in _STRETCH.findall(text)) == 1


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
    if not is_unspaced(text):
        return _first_words(text, limit)
    characters = len("".join(_first_words(spaced(text), limit).split()))
    for place, each in enumerate(text, start=1):
        characters -= not each.isspace()
        if not characters:
            # The marks after the last word belong to it, as they do in a text with spaces.
            closing = _CLOSING.match(text, place)
            return text[: closing.end()] if closing else text
    return text


def _first_words(text: str, limit: int) -> str:
    number = 0
    for stretch in _STRETCH.finditer(text):
        number += any(map(str.isalnum, stretch[0]))  # a bullet's mark alone is no word
        if number == limit:
            return text[: stretch.end()]
    return text


def words_without_marks(text: str) -> list[str]:
    """The words of ``text`` without the punctuation around them, their case kept."""
    return _without_marks(spaced(text))


def _without_marks(text: str) -> list[str]:
    """The same for a text that has its spaces."""
    return _bare_word(text).findall(text)


def _bare_word(text: str) -> re.Pattern[str]:
    """The pattern for the words of ``text``: that with signs takes longer."""
    if text.isascii() or not _SIGN.search(without_ascii(text)):
        return _BARE_WORD
    return _BARE_WORD_WITH_SIGNS


def bare_words(text: str) -> list[str]:
    """The words of ``text`` in lower case, without the punctuation around them."""
    return list(map(str.casefold, words_without_marks(text)))


def each_bare_word(text: str) -> Iterator[str]:
    """The `bare_words` one at a time: for comparing texts that differ early."""
    text = spaced(text)
    return (each[0].casefold() for each in _bare_word(text).finditer(text))


def prose_words(text: str, cut: Callable[[str], str] = spaced) -> list[str]:
    """The words of ``text`` without the punctuation around them, their case kept.

    The numbers that a list puts before its items ("1.") are not words of the text.

    Args:
        text: any text.
        cut: puts the spaces where there are none: `spaced`, or `spaced_by_dictionary` to keep words
            of several Chinese characters or kana whole.
    """
    lines = (
        line[numbering.end() :] if (numbering := _NUMBERING.match(line)) else line
        for line in cut(text).splitlines()
    )
    return _without_marks("\n".join(lines))


def bare(word: str) -> str:
    """A word from its first letter or digit to its last, with the signs after that.

    ``word`` must hold a letter or a digit.
    """
    start, end = 0, len(word)
    while not word[start].isalnum():
        start += 1
    while not word[end - 1].isalnum() and word[end - 1] not in _SIGNS:
        end -= 1
    return word[start:end]


def begins_with(all_words: Sequence[str], phrase: str) -> bool:
    """Whether the first of some `bare_words` are those of a word or phrase.

    Where there are no spaces, a phrase may be cut otherwise than the text: only its letters, and
    that a word of the text ends with them, are compared. "\u6625\u5929" begins
    "\u6625\u5929\u6765\u4e86". A phrase without a word begins nothing.
    """
    wanted = bare_words(phrase)
    if not is_unspaced(phrase):
        return bool(wanted) and list(all_words[: len(wanted)]) == wanted
    number = _number_as_long(all_words, wanted)
    return number > 0 and "".join(all_words[:number]) == "".join(wanted)


def ends_with(all_words: Sequence[str], phrase: str) -> bool:
    """Whether the last of some `bare_words` are those of a word or phrase; see `begins_with`."""
    wanted = bare_words(phrase)
    if not is_unspaced(phrase):
        return bool(wanted) and list(all_words[-len(wanted) :]) == wanted
    number = _number_as_long(reversed(all_words), wanted)
    return number > 0 and "".join(all_words[-number:]) == "".join(wanted)


def _number_as_long(all_words: Iterable[str], wanted: Iterable[str]) -> int:
    """How many words hold as many letters as the wanted ones, or more; 0 if all do not."""
    letters = sum(map(len, wanted))
    for number, each in enumerate(all_words if letters else (), start=1):
        letters -= len(each)
        if letters <= 0:
            return number
    return 0


def words_in_common(before: Sequence[str], after: Sequence[str]) -> int:
    """How many words at the end of ``before`` are one word that ``after`` begins with; 0 if none.

    It is 1 where words have spaces between them. Of Chinese characters and kana, which are a word
    each in `bare_words`, several may be one: "\u6211\u7231\u6625\u5929" ends with the two of
    "\u6625\u5929". The fewest are given.
    """
    for size in range(1, min(len(before), len(after), _LONGEST_WORD) + 1):
        if list(before[-size:]) == list(after[:size]):
            return size
        if not rows(before[-size]):
            break
    return 0


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
    "_war_" it does. A letter beside it makes it part of a longer word, but not one of Chinese,
    Japanese or Korean; in Thai, Lao, Khmer and Burmese a dictionary tells where words end. Between
    the words of a phrase may stand any white space, and Markdown's emphasis around each of them.

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
    plain = keyword.isascii()
    opens = keyword[0].isalnum() and (plain or not is_unspaced(keyword[0]))
    closes = keyword[-1].isalnum() and (plain or not is_unspaced(keyword[-1]))
    start = text.find(keyword)
    while start >= 0:
        end = start + len(keyword)
        if (
            (opens and _in_word(text[start - 1 : start]))
            or (closes and _in_word(text[end : end + 1]))
            or (not plain and (in_one_word(text, start) or in_one_word(text, end)))
        ):
            end = start + 1
        else:
            yield start
        start = text.find(keyword, end)


def _in_word(neighbour: str) -> bool:
    """Whether a character beside a keyword makes it part of a longer word."""
    if neighbour.isascii():
        return neighbour.isalnum()
    if is_unspaced(neighbour) or _HANGUL[0] <= neighbour <= _HANGUL[1]:
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
