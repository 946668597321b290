"""Constraints that every word has to meet: its letters, its length, its syllables."""

from __future__ import annotations

import re
from collections import Counter

from hppt_lib.verifiers.ifbench.english import PALINDROMES
from hppt_lib.verifiers.ifbench.prose import plain_letters, prose_words, shown
from hppt_lib.verifiers.ifbench.syllables import syllable_counts
from hppt_lib.verifiers.registry import Count, Verdict, register
from hppt_lib.verifiers.text import counted, is_heading, paragraphs

_VOWELS = "aeiou"
_CONSONANTS = "bcdfghjklmnpqrstvwxz"
# A "y" is a consonant before a vowel only, and so it is the second one if it is one.
_CLUSTER = re.compile(f"[{_CONSONANTS}](?:[{_CONSONANTS}]|y[{_VOWELS}])")
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"
_TYPES_OF_VOWELS = 3
_PALINDROMES_WANTED = 10
_PALINDROME_LENGTH = 5


@register(
    "words:alphabet",
    "Each word in your response must start with the next letter of the alphabet, looping back to "
    "'A' after 'Z'.",
    "Let every word begin with the letter that follows the first letter of the word before it; "
    "after 'Z' comes 'A'.",
    "The first letters of your words have to run through the alphabet in order, over and over.",
    "Write so that each word's first letter is the next one of the alphabet, going from 'Z' back "
    "to 'A'.",
    "Word by word, the initial letters must follow the alphabet and start again at 'A' after 'Z'.",
)
def alphabet(response: str) -> Verdict:
    """Each word begins with the letter after the one that the word before it begins with.

    The first word may begin with any letter, and there are at least two words. Accents and case
    make no difference; a number in digits begins with no letter and fails.
    """
    found = prose_words(response)
    if len(found) < 2:
        return Verdict(False, f"{counted(len(found), 'word')}: at least 2 make an order")
    previous = ""
    for word in found:
        first = plain_letters(word)[:1]
        if first not in _ALPHABET or not first:
            return Verdict(False, f"{word[:60]} begins with no letter from A to Z")
        if previous and first != _next_letter(previous):
            return Verdict(False, f"{word[:60]} should begin with {_next_letter(previous).upper()}")
        previous = first
    return Verdict(True, f"{len(found)} words in the order of the alphabet")


def _next_letter(letter: str) -> str:
    return _ALPHABET[(_ALPHABET.index(letter) + 1) % len(_ALPHABET)]


@register(
    "words:consonants",
    "Ensure each word in your response has at least one consonant cluster (two or more consonants "
    "together).",
    "Every word that you use must contain two or more consonants in a row.",
    "Use only words with a consonant cluster, that is, two consonants next to each other.",
    "Each word of the answer has to have at least two consonants side by side.",
    "Do not use words without a consonant cluster (at least two consonants together).",
)
def consonants(response: str) -> Verdict:
    """Each word holds two consonants side by side.

    Y is a consonant before a vowel ("canyon") and a vowel elsewhere ("my", "city"). Double letters
    ("all") and pairs that make one sound ("the") are clusters: they are two letters together.
    """
    found = prose_words(response)
    wrong = [word for word in found if not _CLUSTER.search(plain_letters(word))]
    if wrong or not found:
        return Verdict(False, f"{counted(len(wrong), 'word')} without a cluster: {shown(wrong)}")
    return Verdict(True, f"a cluster in each of {counted(len(found), 'word')}")


@register(
    "words:no_consecutive",
    "No two consecutive words can share the same first letter.",
    "Two words in a row must never begin with the same letter.",
    "Avoid neighbouring words that start with the same letter.",
    "A word may not start with the letter that the word before it starts with.",
    "Make sure that consecutive words always begin with different letters.",
)
def no_consecutive(response: str) -> Verdict:
    """No word begins with the letter that the word before it begins with.

    Case and accents make no difference. Numbers in digits begin with no letter.
    """
    found = prose_words(response)
    firsts = [plain_letters(word)[:1] for word in found]
    for place in range(1, len(found)):
        if firsts[place] == firsts[place - 1] and firsts[place].isalpha():
            return Verdict(False, f"the same letter: {shown(found[place - 1 : place + 1])}")
    return Verdict(bool(found), f"{counted(len(found), 'word')}, no two neighbours alike")


@register(
    "words:odd_even_syllables",
    "Alternate between words with odd and even numbers of syllables.",
    "A word with an odd number of syllables must be followed by one with an even number, and the "
    "other way round.",
    "Let words with odd and with even syllable counts take turns.",
    "Every other word should have an even number of syllables, the words between them an odd one.",
    "Switch with each word between odd and even numbers of syllables.",
)
def odd_even_syllables(response: str) -> Verdict:
    """Words with odd and even numbers of syllables take turns; there are at least two words.

    A word that is spoken in two ways ("fire") may be either. A number in digits, or a word in
    another script, has no known number of syllables and fails.
    """
    found = prose_words(response)
    if len(found) < 2:
        return Verdict(False, f"{counted(len(found), 'word')}: at least 2 take turns")
    possible = {0, 1}  # the parities that the word before may have had
    for place, word in enumerate(found):
        parities = {number % 2 for number in syllable_counts(word)}
        if not parities:
            return Verdict(False, f"unknown number of syllables: {word[:60]}")
        possible = parities & ({1 - each for each in possible})
        if not possible:
            return Verdict(
                False, f"odd after odd or even after even: {shown(found[place - 1 : place + 1])}"
            )
    return Verdict(True, f"{len(found)} words take turns")


@register(
    "words:palindrome",
    "Include at least 10 single-word palindromes, each at least 5 characters long.",
    "Use 10 or more palindromes, each of them one word of at least 5 characters.",
    "Your response must contain at least ten single-word palindromes of five characters or more.",
    "Work no fewer than 10 palindromic words into the answer, each 5 characters or longer.",
    "At least 10 words of 5 or more characters have to read the same backwards.",
)
def palindrome(response: str) -> Verdict:
    """At least ten different words of five letters or more that read the same backwards.

    Words that English has (our list `english.PALINDROMES`), not just letters in that order
    ("abcba", "11111"); outside the Latin script any five letters that are not all the same.
    """
    found = {
        letters
        for word in prose_words(response)
        if len(letters := _letters(word)) >= _PALINDROME_LENGTH and letters == letters[::-1]
    }
    real = sorted(each for each in found if each in PALINDROMES or _is_foreign(each))
    return Verdict(
        len(real) >= _PALINDROMES_WANTED,
        f"{counted(len(real), 'different palindrome')} ({shown(real)}), "
        f"at least {_PALINDROMES_WANTED} wanted",
    )


def _letters(word: str) -> str:
    """``word`` in lower case without a genitive's ending and hyphens: "Put-up" is "putup"."""
    return word.casefold().removesuffix("'s").replace("-", "")


def _is_foreign(word: str) -> bool:
    return word.isalpha() and len(set(word)) > 1 and not any(each in _ALPHABET for each in word)


@register(
    "words:prime_lengths",
    "Use only words with lengths that are prime numbers.",
    "The length of every word must be a prime number.",
    "Each word of your answer should have a prime number of letters.",
    "Do not use words whose length is not a prime number.",
    "Restrict yourself to words of 2, 3, 5, 7, 11, ... letters: prime numbers only.",
)
def prime_lengths(response: str) -> Verdict:
    """The number of letters and digits in each word is a prime number.

    Apostrophes and hyphens are no letters: "don't" has 4, "well-off" 7.
    """
    found = prose_words(response)
    wrong = [word for word in found if not _is_prime(sum(map(str.isalnum, word)))]
    if wrong or not found:
        named = [f"{word[:60]} ({sum(map(str.isalnum, word))})" for word in wrong]
        return Verdict(False, f"not of prime length: {shown(named)}")
    return Verdict(True, f"{counted(len(found), 'word')} of prime length")


def _is_prime(number: int) -> bool:
    return number > 1 and all(number % each for each in range(2, int(number**0.5) + 1))


@register(
    "words:repeats",
    "The response should not repeat any word more than {small_n} times.",
    "Do not use any word more than {small_n} times.",
    "No word may appear more than {small_n} times in your answer.",
    "Use each word at most {small_n} times.",
    "Every word of the response should occur {small_n} times or less.",
)
def repeats(response: str, *, small_n: Count) -> Verdict:
    """No word occurs more than a number of times; case and the marks around it do not matter.

    "Repeat more than N times" is taken as "use more than N times". Numbers are no words.
    """
    uses = Counter(word.casefold() for word in prose_words(response) if any(map(str.isalpha, word)))
    often = [f"{word} ({number})" for word, number in uses.most_common(5) if number > small_n]
    if often:
        return Verdict(False, f"more than {small_n} times: {shown(often)}")
    return Verdict(True, f"no word more than {small_n} times")


@register(
    "words:vowel",
    "Write a paragraph using words that contain only three types of vowels.",
    "Answer in one paragraph whose words make use of only three different vowels.",
    "Use just three of the five vowels in your paragraph.",
    "Write one paragraph in which only three kinds of vowels occur.",
    "Restrict the words of your paragraph to three vowels out of a, e, i, o and u.",
)
def vowel(response: str) -> Verdict:
    """One paragraph in which exactly three of the vowels a, e, i, o, u occur.

    Accents make no difference ("é" is an e), and y is no vowel here. Lines without a
    blank line between them are one paragraph; a heading is none, but its vowels count.
    """
    blocks = [each for each in paragraphs(response) if not is_heading(each)]
    if len(blocks) != 1:
        return Verdict(False, f"{counted(len(blocks), 'paragraph')}, 1 wanted")
    found = [each for each in _VOWELS if each in plain_letters(response)]
    return Verdict(
        len(found) == _TYPES_OF_VOWELS,
        f"{counted(len(found), 'type')} of vowels ({shown(found)}), {_TYPES_OF_VOWELS} wanted",
    )
