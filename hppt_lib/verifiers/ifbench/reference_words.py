"""What IFBench's own program decides about ``words:*`` (allenai/IFBench, commit db69a6f)."""

from __future__ import annotations

import string
from collections import Counter

import hppt_lib.verifiers.ifbench.words
import hppt_lib.verifiers.ifbench.words_places  # noqa: F401  (what these are added to)
from hppt_lib.verifiers.ifbench.prose import shown
from hppt_lib.verifiers.ifbench.reference_count import EDGES, NO_MARKS
from hppt_lib.verifiers.ifbench.verbs import opens_with_verb
from hppt_lib.verifiers.nltk_rules import nltk_sentences
from hppt_lib.verifiers.nltk_words import tokens, tokens_of
from hppt_lib.verifiers.registry import Count, PositiveCount, Verdict, reference
from hppt_lib.verifiers.text import counted

_CONSONANTS = frozenset("bcdfghjklmnpqrstvwxyz")
# The program's list of prime numbers ends here.
_PRIMES = frozenset(
    number for number in range(2, 98) if all(number % smaller for smaller in range(2, number))
)


@reference("words:alphabet")
def alphabet(response: str) -> Verdict:
    """All ASCII marks are deleted first, so that "well-known" is one word; one word will do."""
    found = response.translate(NO_MARKS).split()
    letters = string.ascii_lowercase
    previous = found[0][0].lower() if found else ""
    if not previous or previous not in letters:
        return Verdict(False, "begins with no letter from a to z")
    for word in found[1:]:
        previous = letters[(letters.index(previous) + 1) % 26]
        if word.lower()[0] != previous:
            return Verdict(False, f"{word[:60]} should begin with {previous}")
    return Verdict(True, f"{counted(len(found), 'word')} in the order of the alphabet")


@reference("words:consonants")
def consonants(response: str) -> Verdict:
    """Each stretch between spaces holds two consonants in a row; y is always one."""
    for word in response.lower().split():
        pairs = zip(word, word[1:], strict=False)
        if not any(one in _CONSONANTS and two in _CONSONANTS for one, two in pairs):
            return Verdict(False, f"without a cluster: {word[:60]}")
    return Verdict(True, "a cluster in each word")


@reference("words:keywords_specific_position")
def keywords_specific_position(
    response: str, *, keyword: str, n: PositiveCount, m: PositiveCount
) -> Verdict:
    """NLTK's sentences and words: "don't" is two."""
    found = list(nltk_sentences(response))
    if len(found) < n:
        return Verdict(False, f"{counted(len(found), 'sentence')}, at least {n} wanted")
    inside = [each for each in tokens(found[n - 1]) if any(map(str.isalnum, each))]
    if len(inside) < m:
        return Verdict(False, f"{counted(len(inside), 'word')} in sentence {n}, {m} wanted")
    word = inside[m - 1]
    return Verdict(
        word.lower() == keyword.strip().lower(), f"word {m} of sentence {n} is {word[:60]}"
    )


@reference("words:last_first")
def last_first(response: str) -> Verdict:
    """Only ASCII marks are taken off, and one sentence will do."""
    found = list(nltk_sentences(response))
    for before, after in zip(found, found[1:], strict=False):
        last, first = before.rstrip(EDGES).split()[-1:], after.lstrip(EDGES).split()[:1]
        if not last or not first or last[0].lower() != first[0].lower():
            return Verdict(False, f"{shown(first)} follows {shown(last)}")
    return Verdict(True, f"{counted(len(found), 'sentence')} in a chain")


@reference("words:no_consecutive")
def no_consecutive(response: str) -> Verdict:
    """All ASCII marks are deleted first; digits are compared like letters."""
    found = response.lower().translate(NO_MARKS).split()
    for before, after in zip(found, found[1:], strict=False):
        if before[0] == after[0]:
            return Verdict(False, f"the same beginning: {shown([before, after])}")
    return Verdict(True, f"{counted(len(found), 'word')}, no two neighbours alike")


@reference("words:odd_even_syllables")
def odd_even_syllables(response: str) -> Verdict:
    """Syllables as the library ``syllapy`` counts them: none in a number, and one word will do."""
    from syllapy import count  # type: ignore[import-untyped]

    found = response.translate(NO_MARKS).lower().split()
    before = None
    for place, each in enumerate(found):
        parity = count(each) % 2
        if parity == before:
            return Verdict(False, f"odd after odd or even after even: {shown(found[place - 1 :])}")
        before = parity
    return Verdict(True, f"{counted(len(found), 'word')} take turns")


@reference("words:palindrome")
def palindrome(response: str) -> Verdict:
    """Any five characters in a mirror, and the same word ten times will do."""
    words = response.translate(NO_MARKS).lower().split()
    found = sum(len(each) >= 5 and each == each[::-1] for each in words)
    return Verdict(found >= 10, f"{counted(found, 'palindrome')}, at least 10 wanted")


@reference("words:paragraph_last_first")
def paragraph_last_first(response: str) -> Verdict:
    """Each line, headings too; only ASCII marks at the ends of the line are taken off."""
    for line in response.split("\n"):
        words = line.strip().lower().strip(EDGES).split()
        if words and words[0] != words[-1]:
            return Verdict(False, f"from {words[0][:60]} to {words[-1][:60]}")
    return Verdict(True, "each line ends as it began")


@reference("words:prime_lengths")
def prime_lengths(response: str) -> Verdict:
    """All ASCII marks are deleted first, other marks count as letters."""
    for word in response.translate(NO_MARKS).split():
        if len(word) not in _PRIMES:
            return Verdict(False, f"{word[:60]} has {len(word)} characters")
    return Verdict(True, "prime lengths only")


@reference("words:repeats")
def repeats(response: str, *, small_n: Count) -> Verdict:
    """All ASCII marks are deleted first; numbers are words."""
    uses = Counter(response.lower().translate(NO_MARKS).split())
    word, most = uses.most_common(1)[0] if uses else ("", 0)
    return Verdict(most <= small_n, f"{word[:60]} {most} times, at most {small_n} wanted")


@reference("words:start_verb")
def start_verb(response: str) -> Verdict:
    """An approximation: NLTK's tagger, whose data cannot be had offline, decides in the original.

    Its first token is looked at, a mark such as ``*`` included, and a modal verb ("Can") is none
    of the tags it accepts. Which words are verbs is decided by our list.
    """
    found = tokens_of(response[:1000])
    first = found[0].lower() if found else ""
    second = found[1].lower() if len(found) > 1 else ""
    passed = first not in _MODALS and opens_with_verb(first, second)
    return Verdict(passed, f"the first token is {first[:60]}")


_MODALS = frozenset(["can", "could", "may", "might", "must", "shall", "should", "will", "would"])


@reference("words:vowel")
def vowel(response: str) -> Verdict:
    """One line in which at most three of a, e, i, o, u occur; none at all will do."""
    text = response.strip()
    found = [each for each in "aeiou" if each in text.lower()]
    return Verdict(
        "\n" not in text and len(found) <= 3, f"{counted(len(found), 'type')} of vowels in it"
    )


@reference("words:words_position")
def words_position(response: str, *, keyword: str) -> Verdict:
    """NLTK's tokens, marks among them; one mark at the end is passed over."""
    found = [each.lower() for each in tokens(response)]
    last = 3 if found and found[-1] in string.punctuation else 2
    if len(found) < last:
        return Verdict(False, f"{counted(len(found), 'token')}, at least {last} wanted")
    return Verdict(
        found[1] == found[-last] == keyword.strip().lower(),
        f"{shown([found[1], found[-last]])} in these places",
    )
