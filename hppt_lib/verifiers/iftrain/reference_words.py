"""The readings ``reference``: keywords, and how many words and letters there are.

Sources as in `reference`. Keywords are patterns to that program, not words.
"""

from __future__ import annotations

import re
from itertools import islice

from hppt_lib.verifiers.iftrain.reference import parts_at_asterisks
from hppt_lib.verifiers.iftrain.reference_text import (
    all_tokens_differ,
    last_token,
    rule_sentences,
)
from hppt_lib.verifiers.nltk_words import tokens
from hppt_lib.verifiers.registry import Verdict, reference
from hppt_lib.verifiers.text import counted, satisfies

_LOWERCASE = re.compile(r"\b[a-z]+\b")


def _found(keyword: str, response: str) -> int | None:
    """How often the pattern ``keyword`` is found; None if it is none and the program stops."""
    try:
        return sum(1 for _ in re.finditer(keyword.strip(), response, re.IGNORECASE))
    except re.error:
        return None


@reference("keywords:no_adjacent_consecutive")
def no_adjacent_consecutive(response: str) -> Verdict:
    """No stretch begins with the sign that follows the one before it in Unicode, lower case."""
    first = [word[0].lower() for word in response.split()]
    for one, other in zip(first, first[1:], strict=False):
        # "\u0130" is two signs in lower case, which the program fails.
        if len(one) + len(other) > 2 or ord(other) - ord(one) == 1:
            return Verdict(False, f"{one} is followed by {other}")
    return Verdict(True, "no consecutive signs begin adjacent stretches")


@reference("keywords:word_once")
def word_once(response: str, *, keyword: str) -> Verdict:
    """The keyword is found once, in words too."""
    found = _found(keyword, response)
    return Verdict(found == 1, f"found {found} times, exactly 1 wanted")


@reference("keywords:word_count_different_numbers")
def word_count_different_numbers(
    response: str, *, keyword: str, frequency: int, relation: str
) -> Verdict:
    """The keyword is found so many times, in words too."""
    found = _found(keyword, response)
    if found is None:
        return Verdict(False, "the program stops: the keyword is no valid pattern")
    return Verdict(
        satisfies(found, relation, frequency), f"found {found} times, {relation} {frequency} wanted"
    )


@reference("keywords:exclude_word_harder")
def exclude_word_harder(response: str, *, keyword: str) -> Verdict:
    """The keyword does not stand between two spaces, in the same case."""
    there = f" {keyword.strip()} " in response
    return Verdict(not there, f"between spaces: {there}")


@reference("keywords:palindrome")
def palindrome(response: str) -> Verdict:
    """A stretch without white space reads the same backwards: one sign does."""
    for word in response.split():
        if word == word[::-1]:
            return Verdict(True, f"palindrome: {word[:60]}")
    return Verdict(False, "no palindrome")


@reference("keywords:keyword_specific_position")
def keyword_specific_position(response: str, *, keyword: str, n: int, m: int) -> Verdict:
    """Token m of sentence n is the keyword, in the same case; marks are tokens."""
    found = rule_sentences(response)
    if len(found) < n:
        return Verdict(False, f"{counted(len(found), 'sentence')}, at least {n} wanted")
    there = next(islice(tokens(found[n - 1]), m - 1, None), "")
    return Verdict(there == keyword.strip(), f"token {m} of sentence {n}: {there[:60]}")


@reference("keywords:start_end")
def start_end(response: str) -> Verdict:
    """The last token is the first one in some case, whatever they are; there are two or more."""
    first, *others = islice(tokens(response), 2)
    if not others:
        return Verdict(False, "1 token, at least 2 wanted")
    last = last_token(response)
    return Verdict(
        first.lower() == last.lower(), f"starts with: {first[:30]}, ends with: {last[:30]}"
    )


@reference("count:lowercase_counting")
def lowercase_counting(response: str, *, N: int) -> Verdict:
    """At most so many runs of a to z that no other letter, digit or underscore touches."""
    found = sum(1 for _ in _LOWERCASE.finditer(response))
    return Verdict(found <= N, f"{counted(found, 'lowercase word')}, at most {N} wanted")


@reference("count:counting_composition")
def counting_composition(response: str, *, n_sent: int, n_words: int) -> Verdict:
    """Three parts between ``***`` (not ``* * *``) with so many sentences of so many tokens."""
    parts = parts_at_asterisks(response)
    for part in parts:
        sentences = rule_sentences(part)
        if len(sentences) != n_sent:
            return Verdict(False, f"{counted(len(sentences), 'sentence')}, {n_sent} wanted")
        for sentence in sentences:
            found = sum(1 for _ in tokens(sentence))
            if found != n_words:
                return Verdict(False, f"{counted(found, 'token')}, {n_words} wanted")
    return Verdict(len(parts) == 3, f"{counted(len(parts), 'part')}, 3 wanted")


@reference("count:count_unique")
def count_unique(response: str) -> Verdict:
    """No token comes twice in the same case; a comma and a full stop are tokens."""
    unique = all_tokens_differ(response)
    return Verdict(unique, f"all tokens differ: {unique}")


@reference("count:count_increment_word")
def count_increment_word(response: str, *, keyword1: str, keyword2: str) -> Verdict:
    """One keyword is found once and the other twice, in words too."""
    once, twice = _found(keyword1, response), _found(keyword2, response)
    return Verdict(once == 1 and twice == 2, f"found {once} and {twice} times, 1 and 2 wanted")


@reference("letters:letter_counting")
def letter_counting(response: str, *, N: int, relation: str) -> Verdict:
    """So many letters from a to z."""
    found = sum(1 for each in response if each.isascii() and each.isalpha())
    return Verdict(satisfies(found, relation, N), f"{counted(found, 'letter')}, {relation} {N}")


@reference("letters:letter_counting2")
def letter_counting2(
    response: str, *, letter: str, let_frequency: int, let_relation: str
) -> Verdict:
    """The letter occurs so many times in the response in lower case."""
    found = response.lower().count(letter.lower())
    return Verdict(
        satisfies(found, let_relation, let_frequency),
        f"{letter} {counted(found, 'time')}, {let_relation} {let_frequency} wanted",
    )
