"""Finds the words of scripts that put no space between them.

Chinese characters, kana, Thai, Lao, Khmer and Burmese. `hppt_lib.verifiers.words` rests on it.

Each Chinese character and each kana counts as a word of its own, as readers of Chinese and Japanese
count the length of a text: small kana, the mark of a long vowel and the mark of repetition are kana
too. A Latin word among them stays whole. Hangul, Devanagari and all other scripts are taken to have
spaces between words.

Thai, Lao, Khmer and Burmese readers count words, and only a dictionary knows where these end. It is
that of ICU, the library of the Unicode Consortium that browsers select words with, in the package
``icu4py``: of the packages that cut these scripts it is the only one for all four, it brings its
dictionaries along, takes time in proportion to the text, and there is a wheel of it for each system
and each Python. It errs at names and new words, and a count is that much off.

Every function here is linear in the length of its input.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

# Chinese characters and kana, with the marks that repeat and lengthen them. As ranges of a pattern.
EAST = (
    "\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c\u3041-\u3096\u309d-\u309f\u30a1-\u30fa"
    "\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9d"
    "\U0001aff0-\U0001b16f\U00020000-\U0003ffff"
)
# What belongs to the character before it: voiced marks of kana, and variation selectors.
_EAST_TAIL = "[\u3099-\u309c\uff9e\uff9f\ufe00-\ufe0f\U000e0100-\U000e01ef]*"
# Marks as wide as a Chinese character: space enough is in them. So they part words of any script,
# but for those in numbers.
_EAST_MARK = (
    "\u3001-\u3003\u3008-\u3011\u3014-\u301f\u30a0\u30fb\uff01\uff08\uff09\uff1b\uff1f\uff5e"
    "\uff61-\uff65"
)
_MARK_IN_NUMBERS = "\uff0c\uff0e\uff1a"
# Thai, Lao, Burmese (with what other languages of Burma add), Khmer: letters and their vowel signs,
# but no digits, and no marks between sentences.
_SOUTHEAST = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u0edc-\u0edf\u1000-\u103f\u1050-\u108f\u109a-\u109f"
    "\u1780-\u17d3\u17d7\u17dc\u17dd\ua9e0-\ua9ef\ua9fa-\ua9fe\uaa60-\uaa7f"
)
# "Read the word once more", in Thai, Lao and Khmer, often after a space; and the mark after a word
# that is cut short.
_AGAIN = "\u0e46\u0ec6\u17d7"
_NO_WORD = frozenset(_AGAIN + "\u0e2f\u0eaf")

_ANY = re.compile(f"[{EAST}{_SOUTHEAST}{_EAST_MARK}{_MARK_IN_NUMBERS}]")
_CHARACTER = re.compile(f"[{EAST}]{_EAST_TAIL}")
_ROW = re.compile(f"(?:[{EAST}]{_EAST_TAIL})+")
_MARK = re.compile(rf"[{_EAST_MARK}]|(?<!\d)[{_MARK_IN_NUMBERS}]|[{_MARK_IN_NUMBERS}](?!\d)")
_RUN = re.compile(f"[{_SOUTHEAST}]+")
_RUN_AND_AGAIN = re.compile(f"[{_SOUTHEAST}]+(?: [{_AGAIN}])*")
_LETTER = re.compile(f"[{_SOUTHEAST}]")
_ASCII = bytes(range(128))


def is_unspaced(text: str) -> bool:
    """Whether ``text`` has words with no space between them, or a mark that stands for a space."""
    return not text.isascii() and _ANY.search(without_ascii(text)) is not None


@lru_cache(maxsize=16)  # several verifiers look at one response in turn
def without_ascii(text: str) -> str:
    """The characters of ``text`` that are not of ASCII: few in most texts, and quickly found."""
    others = text.encode("utf-8", "surrogatepass").translate(None, _ASCII)
    return others.decode("utf-8", "surrogatepass")


def spaced(text: str) -> str:
    """``text`` with spaces around each word of a script that has none; nothing else is changed."""
    return _spaced(text) if is_unspaced(text) else text


def spaced_by_dictionary(text: str) -> str:
    """The same, but words of several Chinese characters or kana are kept whole.

    For what is said of each word, such as that none comes twice: "\u4e2d\u56fd" and "\u4e2d\u5348"
    are different words.
    """
    return _spaced(text, by_dictionary=True) if is_unspaced(text) else text


@lru_cache(maxsize=16)
def _spaced(text: str, by_dictionary: bool = False) -> str:
    text = _cut(text, _RUN_AND_AGAIN)
    text = _cut(text, _ROW) if by_dictionary else _CHARACTER.sub(r" \g<0> ", text)
    return _MARK.sub(r" \g<0> ", text)


def _cut(text: str, pattern: re.Pattern[str]) -> str:
    """``text`` with spaces around the words of the runs of letters that a pattern finds."""
    runs = [each.replace(" ", "") for each in pattern.findall(text)]
    cut = _words_of(runs)
    return pattern.sub(lambda run: f" {' '.join(next(cut))} ", text) if runs else text


def _words_of(runs: list[str]) -> Iterator[list[str]]:
    """The words of each run of letters, with a mark that is no word put to the word before it.

    All are cut at once: to begin takes the library as long as to cut a hundred letters.
    """
    found: list[str] = []
    for piece in _library()("\n".join(runs), "en"):  # with the same dictionaries in any language
        if piece == "\n":
            yield found
            found = []
        elif found and _NO_WORD.issuperset(piece):
            found[-1] += piece
        else:
            found.append(piece)
    yield found


@cache
def _library() -> Any:
    from icu4py.breakers import WordBreaker

    return WordBreaker


def rows(text: str) -> list[str]:
    """The rows of Chinese characters and kana in ``text``, with no space or mark inside them."""
    return [] if text.isascii() else _ROW.findall(text)


def in_one_word(text: str, place: int) -> bool:
    """Whether the letters before and after ``place`` are of one word that only a dictionary knows.

    False unless both are letters of Thai, Lao, Khmer or Burmese.
    """
    around = text[max(place - 1, 0) : place + 1]
    if len(around) < 2 or around.isascii() or not all(map(_LETTER.match, around)):
        return False
    return place not in _ends(text)


@lru_cache(maxsize=16)
def _ends(text: str) -> frozenset[int]:
    """Where the words of Thai, Lao, Khmer and Burmese end in ``text``."""
    ends = set()
    runs = list(_RUN.finditer(text))
    for run, found in zip(runs, _words_of([each[0] for each in runs]), strict=True):
        place = run.start()
        for word in found:
            place += len(word)
            ends.add(place)
    return frozenset(ends)
