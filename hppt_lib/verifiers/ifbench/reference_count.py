"""What IFBench's own program decides about ``count:*`` (allenai/IFBench, commit db69a6f)."""

from __future__ import annotations

import re
import string

from hppt_lib.verifiers.ifbench import count  # noqa: F401  (what these are added to)
from hppt_lib.verifiers.ifbench.english import (
    COORDINATING,
    PERSON_NAMES,
    REFERENCE_PRONOUNS,
)
from hppt_lib.verifiers.nltk_words import tokens
from hppt_lib.verifiers.registry import Count, PositiveCount, Verdict, reference
from hppt_lib.verifiers.text import counted

# What the program strips from the ends of a word, and what it deletes.
EDGES = string.punctuation + " "
NO_MARKS = str.maketrans("", "", string.punctuation)

_NAME = re.compile(rf"\b(?:{'|'.join(PERSON_NAMES)})\b")
_JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


@reference("count:conjunctions")
def conjunctions(response: str, *, small_n: Count) -> Verdict:
    """Different stretches between spaces: "and", "And" and "and," are three."""
    found = {each for each in response.split() if each.strip(EDGES).lower() in COORDINATING}
    return _at_least(len(found), small_n, "spelling of conjunctions")


@reference("count:keywords_multiple")
def keywords_multiple(
    response: str, *, keyword1: str, keyword2: str, keyword3: str, keyword4: str, keyword5: str
) -> Verdict:
    """Occurrences anywhere, inside other words too."""
    text = response.lower()
    wanted = zip((keyword1, keyword2, keyword3, keyword4, keyword5), (1, 2, 3, 5, 7), strict=True)
    for keyword, number in wanted:
        found = text.count(keyword.strip().lower())
        if found != number:
            return Verdict(False, f"{keyword[:60]} {found} times, {number} wanted")
    return Verdict(True, "each keyword as often as wanted")


@reference("count:numbers")
def numbers(response: str, *, N: Count) -> Verdict:
    """Runs of digits once all ASCII marks are deleted: "5-10" is one number."""
    found = len(re.findall(r"\d+", response.translate(NO_MARKS)))
    return Verdict(found == N, f"{counted(found, 'number')}, exactly {N} wanted")


@reference("count:person_names")
def person_names(response: str, *, N: Count) -> Verdict:
    """Names as the list writes them, between what a regular expression holds to be word ends."""
    return _at_least(len(set(_NAME.findall(response))), N, "name")


@reference("count:pronouns")
def pronouns(response: str, *, N: Count) -> Verdict:
    """Every token on the list: "that" as a conjunction and "all" before a noun too."""
    found = tokens(response.replace("/", " ").lower())
    return _at_least(sum(each in REFERENCE_PRONOUNS for each in found), N, "pronoun")


@reference("count:punctuation")
def punctuation(response: str) -> Verdict:
    """An interrobang and, once the first "?!" is gone, each of ``. , ! ? ; :``."""
    if not any(each in response for each in ("!?", "?!", "\u203d")):
        return Verdict(False, "no interrobang")
    first = "?!" if "?!" in response else "!?"
    rest = response.replace(first, "", 1)
    missing = [each for each in ".,!?;:" if each not in rest]
    return Verdict(not missing, f"missing: {' '.join(missing)}" if missing else "all six found")


@reference("count:unique_word_count")
def unique_word_count(response: str, *, N: Count) -> Verdict:
    """Different stretches between spaces without ASCII marks at their ends; a bare mark is one."""
    return _at_least(len({each.strip(EDGES) for each in response.lower().split()}), N, "word")


@reference("count:word_count_range")
def word_count_range(response: str, *, min_words: Count, max_words: PositiveCount) -> Verdict:
    """Runs of letters, digits and underscores: "don't" is two words."""
    found = sum(1 for _ in re.finditer(r"\w+", response))
    passed = min_words <= found <= max_words
    return Verdict(passed, f"{counted(found, 'word')}, {min_words} to {max_words} wanted")


@reference("count:words_japanese")
def words_japanese(response: str, *, N: PositiveCount) -> Verdict:
    """Each N-th stretch between spaces holds kana or kanji, or is a number or marks alone."""
    for word in response.split()[N - 1 :: N]:
        bare = word.strip(EDGES)
        if bare and not bare.isdigit() and not _JAPANESE.search(bare):
            return Verdict(False, f"not in Japanese: {bare[:60]}")
    return Verdict(True, f"nothing else than Japanese in every place {N}")


def _at_least(found: int, wanted: int, noun: str) -> Verdict:
    return Verdict(found >= wanted, f"{counted(found, noun)}, at least {wanted} wanted")
