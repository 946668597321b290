"""How many syllables an English word has.

The library ``syllapy`` knows 6,400 common words and is asked first. Its rule for all others is poor
("walked" and "ceasefire" come out wrong); ours takes endings off and counts groups of vowels.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from hppt_lib.verifiers.word_lists import word_list
from hppt_lib.verifiers.words import plain_letters

_SWALLOWED = frozenset(word_list("swallowed syllables"))
_KNOWN = {
    word: number
    for number, name in (
        (1, "1 syllable"),
        (2, "2 syllables"),
        (3, "3 syllables"),
        (4, "4 syllables"),
        (6, "6 syllables"),
    )
    for word in word_list(name)
}
_LATIN = re.compile(r"[a-z]+")
_GROUP = re.compile(r"[aeiouy]+")
# Neighbours that belong to two syllables, where no ending is left to take off.
_APART = re.compile(
    r"(?<![cgst])i[ao]|(?<=[st])i[ao](?!n|l\b|us)|eo(?!u)|u[ao](?!rd|s)|iu|ie(?=ty|n[ct]|r\b)"
    r"|ei(?=ty|ng)|oe(?=v)|[oay]i(?=ng|c\b)|ue(?=n[ct]|l\b)|(?<=cr)ea(?=t)|ea(?=li)|ui(?=ty)"
)
# No syllable of their own: qu, gu before a vowel, the e of "statement" and "careful".
_SILENT = re.compile(r"(?<=q)u|(?<=g)u(?=e)|e(?=(?:ment|ful|less|ly|ness)s?\b)")
_SIBILANTS = ("s", "x", "z", "ch", "sh", "ce", "ge", "se", "ze")


@lru_cache(maxsize=8192)
def syllable_counts(word: str) -> frozenset[int]:
    """The numbers of syllables that ``word`` can have; none for digits and for other scripts.

    More than one where people say a word in two ways: "fire", "every", "comfortable".
    """
    if word.isupper() and not _GROUP.search(word.lower()):
        return frozenset({len(word)})  # "CD": letters spoken one by one (W has 3: odd as well)
    counts = {0}
    for part in plain_letters(word).split("-"):
        counts = {before + own for before in counts for own in _part_counts(part)}
    return frozenset(counts)


def _part_counts(part: str) -> set[int]:
    stem, _, ending = part.partition("'")
    if not _LATIN.fullmatch(stem):
        return set()
    number = _count(stem) + _added(stem, ending)
    swallowed = stem.endswith("ically") or any(
        each in _SWALLOWED for each in (stem, stem[:-1], stem[:-2])
    )
    return {number, number - 1} if swallowed else {number}


def _added(stem: str, ending: str) -> int:
    """The syllables that an ending after an apostrophe adds: "didn't" has one more than "did"."""
    if ending == "t":
        return int(stem in ("didn", "doesn", "isn", "wasn", "hasn", "hadn", "couldn", "wouldn"))
    if ending == "s":
        return int(stem.endswith(_SIBILANTS))
    return int(ending in ("ll", "ve", "d", "re") and _GROUP.search(stem[-1:]) is None)


def _count(word: str) -> int:
    """From the word without its ending, if that is known; else the word as known; else a guess."""
    if word in _KNOWN:
        return _KNOWN[word]
    for ending, is_added in _ENDINGS:
        stem = word.removesuffix(ending)
        if len(stem) > 2 and stem != word and not word.endswith("ss"):
            doubled = stem[:-1] if stem[-1] == stem[-2] else ""
            for base in (stem, stem + "e", doubled, stem[:-1] + "y" if stem[-1] == "i" else ""):
                if _known(base):
                    return _count(base) + is_added(base)
    known = _known(word)
    if known and not word.endswith(_POORLY_KNOWN):
        return known
    return _compound(word) or _guess(word)


def _known(word: str) -> int:
    import syllapy  # type: ignore[import-untyped]

    return _KNOWN.get(word) or syllapy.WORD_DICT.get(word, 0)


def _compound(word: str) -> int:
    """The syllables of "time|line": the first half's e is silent. 0 if the word is none such."""
    for end in range(4, len(word) - 2) if len(word) < _LONGEST else ():
        if word[end - 1] == "e":
            first, second = _known(word[:end]), _known(word[end:])
            if first and second:
                return first + second
    return 0


_LONGEST = 30
_POORLY_KNOWN = ("sm", "ility", "atory")
_ENDINGS: tuple[tuple[str, Callable[[str], int]], ...] = (
    ("s", lambda base: int(base.endswith(_SIBILANTS))),
    ("es", lambda base: int(base.endswith(_SIBILANTS))),
    ("ed", lambda base: int(base.endswith(("t", "d", "te", "de")))),
    *(
        (each, lambda base: 1)
        for each in ("ing", "ly", "ness", "ment", "ful", "less", "er", "est", "al")
    ),
)


def _guess(word: str) -> int:
    """Groups of vowels, without the silent ones."""
    bare = _SILENT.sub("", word)
    if bare.endswith("ed") and not bare.endswith(("ted", "ded")):
        bare = bare[:-2] + "e"
    elif bare.endswith("es"):
        bare = bare[:-1] if not bare[:-1].endswith(_SIBILANTS) else bare
    number = len(_GROUP.findall(bare)) + len(_APART.findall(bare))
    silent = bare.endswith("e") and bare[-2:-1] not in "aeiouy"
    if silent and not (bare.endswith("le") and bare[-3:-2] not in "aeiouy"):
        number -= 1
    if bare.endswith("sm"):
        number += 1
    return max(number, 1)
