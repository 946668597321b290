"""Constraints on every word (its letters, length, syllables) and on the word in a certain place."""

from __future__ import annotations

import re
import string
from collections import Counter

from hppt_lib.verifiers.ifbench.english import PALINDROMES
from hppt_lib.verifiers.ifbench.grammar import words_and_marks
from hppt_lib.verifiers.ifbench.syllables import syllable_counts
from hppt_lib.verifiers.nltk_text import (
    EDGES,
    nltk_sentences,
    tokens,
    tokens_of,
    without_punctuation,
)
from hppt_lib.verifiers.registry import Count, PositiveCount, Verdict, reference, register
from hppt_lib.verifiers.sentences import is_heading, paragraphs, sentences
from hppt_lib.verifiers.unspaced import rows, spaced_by_dictionary
from hppt_lib.verifiers.verbs import opens_with_verb
from hppt_lib.verifiers.words import (
    bare_words,
    begins_with,
    counted,
    ends_with,
    plain_letters,
    prose_words,
    shown,
    without_emphasis,
    words_in_common,
    words_without_marks,
)

_VOWELS = "aeiou"
_CONSONANTS = "bcdfghjklmnpqrstvwxz"
# A "y" is a consonant before a vowel only, and so it is the second one if it is one.
_CLUSTER = re.compile(f"[{_CONSONANTS}](?:[{_CONSONANTS}]|y[{_VOWELS}])")
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"
_TYPES_OF_VOWELS = 3
_PALINDROMES_WANTED = 10
_PALINDROME_LENGTH = 5
_PROGRAM_CONSONANTS = frozenset("bcdfghjklmnpqrstvwxyz")
# The program's list of prime numbers ends here.
_PRIMES = frozenset(
    number for number in range(2, 98) if all(number % smaller for smaller in range(2, number))
)
_MODALS = frozenset(["can", "could", "may", "might", "must", "shall", "should", "will", "would"])


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
    all_words = prose_words(response)
    if len(all_words) < 2:
        return Verdict(False, f"{counted(len(all_words), 'word')}: at least 2 make an order")
    previous = ""
    for word in all_words:
        first = plain_letters(word)[:1]
        if first not in _ALPHABET or not first:
            return Verdict(False, f"{word[:60]} begins with no letter from A to Z")
        if previous and first != _next_letter(previous):
            return Verdict(False, f"{word[:60]} should begin with {_next_letter(previous).upper()}")
        previous = first
    return Verdict(True, f"{len(all_words)} words in the order of the alphabet")


def _next_letter(letter: str) -> str:
    return _ALPHABET[(_ALPHABET.index(letter) + 1) % len(_ALPHABET)]


@reference("words:alphabet")
def alphabet_reference(response: str) -> Verdict:
    """All ASCII marks are deleted first, so that "well-known" is one word; one word will do."""
    all_words = without_punctuation(response).split()
    letters = string.ascii_lowercase
    previous = all_words[0][0].lower() if all_words else ""
    if not previous or previous not in letters:
        return Verdict(False, "begins with no letter from a to z")
    for word in all_words[1:]:
        previous = letters[(letters.index(previous) + 1) % 26]
        if word.lower()[0] != previous:
            return Verdict(False, f"{word[:60]} should begin with {previous}")
    return Verdict(True, f"{counted(len(all_words), 'word')} in the order of the alphabet")


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
    all_words = prose_words(response)
    wrong = [word for word in all_words if not _CLUSTER.search(plain_letters(word))]
    if wrong or not all_words:
        return Verdict(False, f"{counted(len(wrong), 'word')} without a cluster: {shown(wrong)}")
    return Verdict(True, f"a cluster in each of {counted(len(all_words), 'word')}")


@reference("words:consonants")
def consonants_reference(response: str) -> Verdict:
    """Each stretch between spaces holds two consonants in a row; y is always one."""
    for word in response.lower().split():
        pairs = zip(word, word[1:], strict=False)
        if not any(one in _PROGRAM_CONSONANTS and two in _PROGRAM_CONSONANTS for one, two in pairs):
            return Verdict(False, f"without a cluster: {word[:60]}")
    return Verdict(True, "a cluster in each word")


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
    all_words = prose_words(response, spaced_by_dictionary)
    firsts = [plain_letters(word)[:1] for word in all_words]
    for place in range(1, len(all_words)):
        if firsts[place] == firsts[place - 1] and firsts[place].isalpha():
            return Verdict(False, f"the same letter: {shown(all_words[place - 1 : place + 1])}")
    return Verdict(bool(all_words), f"{counted(len(all_words), 'word')}, no two neighbours alike")


@reference("words:no_consecutive")
def no_consecutive_reference(response: str) -> Verdict:
    """All ASCII marks are deleted first; digits are compared like letters."""
    all_words = without_punctuation(response.lower()).split()
    for before, after in zip(all_words, all_words[1:], strict=False):
        if before[0] == after[0]:
            return Verdict(False, f"the same beginning: {shown([before, after])}")
    return Verdict(True, f"{counted(len(all_words), 'word')}, no two neighbours alike")


@register(
    "words:odd_even_syllables",
    "Alternate between words with odd and even numbers of syllables.",
    "A word with an odd number of syllables must be followed by one with an even number, and the "
    "other way round.",
    "Let words with odd and with even syllable counts take turns.",
    "Every other word should have an even number of syllables, the words between them an odd one.",
    "Switch with each word between odd and even numbers of syllables.",
    needs=("syllapy",),
)
def odd_even_syllables(response: str) -> Verdict:
    """Words with odd and even numbers of syllables take turns; there are at least two words.

    A word that is spoken in two ways ("fire") may be either. A number in digits, or a word in
    another script, has no known number of syllables and fails.
    """
    all_words = prose_words(response)
    if len(all_words) < 2:
        return Verdict(False, f"{counted(len(all_words), 'word')}: at least 2 take turns")
    possible = {0, 1}  # the parities that the word before may have had
    for place, word in enumerate(all_words):
        parities = {number % 2 for number in syllable_counts(word)}
        if not parities:
            return Verdict(False, f"unknown number of syllables: {word[:60]}")
        possible = parities & ({1 - each for each in possible})
        if not possible:
            return Verdict(
                False,
                f"odd after odd or even after even: {shown(all_words[place - 1 : place + 1])}",
            )
    return Verdict(True, f"{len(all_words)} words take turns")


@reference("words:odd_even_syllables", needs=("syllapy",))
def odd_even_syllables_reference(response: str) -> Verdict:
    """Syllables as the library ``syllapy`` counts them: none in a number, and one word will do."""
    from syllapy import count  # type: ignore[import-untyped]

    all_words = without_punctuation(response).lower().split()
    before = None
    for place, each in enumerate(all_words):
        parity = count(each) % 2
        if parity == before:
            return Verdict(
                False, f"odd after odd or even after even: {shown(all_words[place - 1 :])}"
            )
        before = parity
    return Verdict(True, f"{counted(len(all_words), 'word')} take turns")


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

    Words that English has, not just letters in that order ("abcba", "11111"); outside the Latin
    script any five letters that are not all the same. Which words English has is decided by our
    list `english.PALINDROMES`, which may lack a rare one: the reason names what it left out.
    """
    palindromes = {
        letters
        for word in (*prose_words(response), *rows(response))
        if len(letters := _letters(word)) >= _PALINDROME_LENGTH and letters == letters[::-1]
    }
    real = sorted(each for each in palindromes if each in PALINDROMES or _is_foreign(each))
    unlisted = sorted(each for each in palindromes.difference(real) if each.isalpha())
    remark = (
        f"; read the same backwards, but are not in the kit's list of {len(PALINDROMES)} words: "
        f"{shown(unlisted)}"
        if unlisted
        else ""
    )
    return Verdict(
        len(real) >= _PALINDROMES_WANTED,
        f"{counted(len(real), 'different palindrome')} ({shown(real)}), "
        f"at least {_PALINDROMES_WANTED} wanted{remark}",
    )


def _letters(word: str) -> str:
    """``word`` in lower case without a genitive's ending and hyphens: "Put-up" is "putup"."""
    return word.casefold().removesuffix("'s").replace("-", "")


def _is_foreign(word: str) -> bool:
    return word.isalpha() and len(set(word)) > 1 and not any(each in _ALPHABET for each in word)


@reference("words:palindrome")
def palindrome_reference(response: str) -> Verdict:
    """Any five characters in a mirror, and the same word ten times will do."""
    words = without_punctuation(response).lower().split()
    number = sum(len(each) >= 5 and each == each[::-1] for each in words)
    return Verdict(number >= 10, f"{counted(number, 'palindrome')}, at least 10 wanted")


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
    all_words = prose_words(response, spaced_by_dictionary)
    wrong = [word for word in all_words if not _is_prime(sum(map(str.isalnum, word)))]
    if wrong or not all_words:
        named = [f"{word[:60]} ({sum(map(str.isalnum, word))})" for word in wrong]
        return Verdict(False, f"not of prime length: {shown(named)}")
    return Verdict(True, f"{counted(len(all_words), 'word')} of prime length")


def _is_prime(number: int) -> bool:
    return number > 1 and all(number % each for each in range(2, int(number**0.5) + 1))


@reference("words:prime_lengths")
def prime_lengths_reference(response: str) -> Verdict:
    """All ASCII marks are deleted first, other marks count as letters."""
    for word in without_punctuation(response).split():
        if len(word) not in _PRIMES:
            return Verdict(False, f"{word[:60]} has {len(word)} characters")
    return Verdict(True, "prime lengths only")


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
    all_words = prose_words(response, spaced_by_dictionary)
    uses = Counter(word.casefold() for word in all_words if any(map(str.isalpha, word)))
    often = [f"{word} ({number})" for word, number in uses.most_common(5) if number > small_n]
    if often:
        return Verdict(False, f"more than {small_n} times: {shown(often)}")
    return Verdict(True, f"no word more than {small_n} times")


@reference("words:repeats")
def repeats_reference(response: str, *, small_n: Count) -> Verdict:
    """All ASCII marks are deleted first; numbers are words."""
    uses = Counter(without_punctuation(response.lower()).split())
    word, most = uses.most_common(1)[0] if uses else ("", 0)
    return Verdict(most <= small_n, f"{word[:60]} {most} times, at most {small_n} wanted")


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
    vowels = [each for each in _VOWELS if each in plain_letters(response)]
    return Verdict(
        len(vowels) == _TYPES_OF_VOWELS,
        f"{counted(len(vowels), 'type')} of vowels ({shown(vowels)}), {_TYPES_OF_VOWELS} wanted",
    )


@reference("words:vowel")
def vowel_reference(response: str) -> Verdict:
    """One line in which at most three of a, e, i, o, u occur; none at all will do."""
    text = response.strip()
    vowels = [each for each in "aeiou" if each in text.lower()]
    return Verdict(
        "\n" not in text and len(vowels) <= 3, f"{counted(len(vowels), 'type')} of vowels in it"
    )


@register(
    "words:keywords_specific_position",
    "Include keyword {keyword} in the {n}-th sentence, as the {m}-th word of that sentence.",
    "Sentence number {n} must have the keyword {keyword} as its word number {m}.",
    "Place the word {keyword} in sentence {n}, as word {m} of it.",
    "The {m}-th word of the {n}-th sentence has to be {keyword}.",
    "Put {keyword} at position {m} of your {n}-th sentence.",
    needs=("sentencex",),
)
def keywords_specific_position(
    response: str, *, keyword: str, n: PositiveCount, m: PositiveCount
) -> Verdict:
    """The m-th word of the n-th sentence is the keyword, in any case."""
    all_sentences = sentences(response)
    if len(all_sentences) < n:
        return Verdict(False, f"{counted(len(all_sentences), 'sentence')}, at least {n} wanted")
    inside = words_without_marks(all_sentences[n - 1])
    if len(inside) < m:
        return Verdict(False, f"{counted(len(inside), 'word')} in sentence {n}, {m} wanted")
    word = " ".join(inside[m - 1 :][: len(bare_words(keyword))])
    return Verdict(
        begins_with(bare_words(all_sentences[n - 1])[m - 1 :], keyword),
        f"word {m} of sentence {n} is {word[:60]}, {keyword[:60]} wanted",
    )


@reference("words:keywords_specific_position", needs=("punkt",))
def keywords_specific_position_reference(
    response: str, *, keyword: str, n: PositiveCount, m: PositiveCount
) -> Verdict:
    """NLTK's sentences and words: "don't" is two."""
    all_sentences = list(nltk_sentences(response))
    if len(all_sentences) < n:
        return Verdict(False, f"{counted(len(all_sentences), 'sentence')}, at least {n} wanted")
    inside = [each for each in tokens(all_sentences[n - 1]) if any(map(str.isalnum, each))]
    if len(inside) < m:
        return Verdict(False, f"{counted(len(inside), 'word')} in sentence {n}, {m} wanted")
    word = inside[m - 1]
    return Verdict(
        word.lower() == keyword.strip().lower(), f"word {m} of sentence {n} is {word[:60]}"
    )


@register(
    "words:last_first",
    "In your response, the last word of each sentence must become the first word of the next "
    "sentence.",
    "Begin each sentence with the word that the sentence before it ended with.",
    "The word that closes a sentence has to open the next one.",
    "Every sentence but the first must start with the last word of the previous sentence.",
    "Chain your sentences: the last word of one is the first word of the next.",
    needs=("sentencex",),
)
def last_first(response: str) -> Verdict:
    """Each sentence begins with the last word of the one before it; there are at least two."""
    all_sentences = list(filter(None, map(words_without_marks, sentences(response))))
    if len(all_sentences) < 2:
        return Verdict(False, f"{counted(len(all_sentences), 'sentence')}: at least 2 make a chain")
    for before, after in zip(all_sentences, all_sentences[1:], strict=False):
        if not words_in_common(*(list(map(str.casefold, each)) for each in (before, after))):
            return Verdict(False, f"{after[0][:60]} follows {before[-1][:60]}")
    return Verdict(True, f"{len(all_sentences)} sentences make a chain")


@reference("words:last_first", needs=("punkt",))
def last_first_reference(response: str) -> Verdict:
    """Only ASCII marks are taken off, and one sentence will do."""
    all_sentences = list(nltk_sentences(response))
    for before, after in zip(all_sentences, all_sentences[1:], strict=False):
        last, first = before.rstrip(EDGES).split()[-1:], after.lstrip(EDGES).split()[:1]
        if not last or not first or last[0].lower() != first[0].lower():
            return Verdict(False, f"{shown(first)} follows {shown(last)}")
    return Verdict(True, f"{counted(len(all_sentences), 'sentence')} in a chain")


@register(
    "words:paragraph_last_first",
    "Each paragraph of your response must end with the same word it started with, separate "
    "paragraphs with a newline.",
    "The first and the last word of every paragraph have to be the same; put a line break between "
    "paragraphs.",
    "Start and end each paragraph with the same word, and begin each paragraph on a new line.",
    "Every paragraph must close with its opening word; a newline separates paragraphs.",
    "Let each paragraph end with the word that it begins with. Separate them by a newline.",
)
def paragraph_last_first(response: str) -> Verdict:
    """Each line that is no heading begins and ends with the same word and has two words or more.

    The prompt separates paragraphs by a newline, so each line that holds a word is one.
    """
    number = 0
    for line in filter(str.strip, response.splitlines()):
        inside = prose_words(line)
        if is_heading(line) or not inside:
            continue
        number += 1
        if len(inside) < 2:
            return Verdict(False, f"a paragraph of one word: {inside[0][:60]}")
        folded = list(map(str.casefold, inside))
        if not 0 < 2 * words_in_common(folded, folded) <= len(folded):
            return Verdict(False, f"from {inside[0][:60]} to {inside[-1][:60]}")
    return Verdict(number > 0, f"{counted(number, 'paragraph')}, each ends as it began")


@reference("words:paragraph_last_first")
def paragraph_last_first_reference(response: str) -> Verdict:
    """Each line, headings too; only ASCII marks at the ends of the line are taken off."""
    for line in response.split("\n"):
        words = line.strip().lower().strip(EDGES).split()
        if words and words[0] != words[-1]:
            return Verdict(False, f"from {words[0][:60]} to {words[-1][:60]}")
    return Verdict(True, "each line ends as it began")


@register(
    "words:start_verb",
    "The response must start with a verb.",
    "Begin your response with a verb.",
    "The first word of your answer has to be a verb.",
    "Make a verb the very first word of the response.",
    "Start with a verb.",
)
def start_verb(response: str) -> Verdict:
    """The first word is a verb: "Imagine", "Let", "Using", "Is", "Don't".

    A word that may be another part of speech is judged by the word after it: "Picture a town" and
    "Set up" begin with a verb, "Picture frames" and "Set theory" do not. Marks before the first
    word make no difference. What is no common verb of English is none.
    """
    all_words = prose_words(response)
    if not all_words:
        return Verdict(False, "no words")
    start = response.find(all_words[0])
    after = words_and_marks(without_emphasis(response[start + len(all_words[0]) :][:200]))
    second = after[0].lower() if after else ""
    passed = opens_with_verb(all_words[0].lower(), second)
    remark = "" if passed else ": no verb here by the kit's list of common verbs"
    return Verdict(passed, f"the first word is {all_words[0][:60]}{remark}")


@reference("words:start_verb")
def start_verb_reference(response: str) -> Verdict:
    """An approximation: NLTK's tagger, whose data cannot be had offline, decides in the original.

    Its first token is looked at, a mark such as ``*`` included, and a modal verb ("Can") is none
    of the tags it accepts. Which words are verbs is decided by our list.
    """
    all_words = tokens_of(response[:1000])
    first = all_words[0].lower() if all_words else ""
    second = all_words[1].lower() if len(all_words) > 1 else ""
    passed = first not in _MODALS and opens_with_verb(first, second)
    return Verdict(passed, f"the first token is {first[:60]}")


@register(
    "words:words_position",
    "The second word in your response and the second to last word in your response should be the "
    "word {keyword}.",
    "Use {keyword} as the second word and as the second to last word of your answer.",
    "Both the second word and the last word but one have to be {keyword}.",
    "Your response must have {keyword} in second place and in second to last place.",
    "Put the word {keyword} second from the beginning and second from the end.",
)
def words_position(response: str, *, keyword: str) -> Verdict:
    """The second word and the last word but one are the keyword, in any case."""
    all_words = [each.casefold() for each in prose_words(response)]
    if len(all_words) < 2:
        return Verdict(False, f"{counted(len(all_words), 'word')}, at least 2 wanted")
    return Verdict(
        begins_with(all_words[1:], keyword) and ends_with(all_words[:-1], keyword),
        f"{shown([all_words[1], all_words[-2]])} in these places, {keyword[:60]} wanted",
    )


@reference("words:words_position", needs=("punkt",))
def words_position_reference(response: str, *, keyword: str) -> Verdict:
    """NLTK's tokens, marks among them; one mark at the end is passed over."""
    all_words = [each.lower() for each in tokens(response)]
    last = 3 if all_words and all_words[-1] in string.punctuation else 2
    if len(all_words) < last:
        return Verdict(False, f"{counted(len(all_words), 'token')}, at least {last} wanted")
    return Verdict(
        all_words[1] == all_words[-last] == keyword.strip().lower(),
        f"{shown([all_words[1], all_words[-last]])} in these places",
    )
