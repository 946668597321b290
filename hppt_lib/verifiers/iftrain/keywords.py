"""Constraints on which words occur, how often, and beside which others."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice

from hppt_lib.verifiers.iftrain.places import Word
from hppt_lib.verifiers.iftrain.rule_sentences import rule_sentences
from hppt_lib.verifiers.nltk_text import tokens
from hppt_lib.verifiers.registry import PositiveCount, Relation, Verdict, reference, register
from hppt_lib.verifiers.sentences import sentences
from hppt_lib.verifiers.unspaced import rows
from hppt_lib.verifiers.words import (
    bare_words,
    begins_with,
    counted,
    occurrences,
    satisfies,
    words,
    words_in_common,
)

_AROUND = (
    " \t\n\"'`.,;:!?()[]{}<>*_\u2018\u2019\u201c\u201d\u00ab\u00bb\u2026"
    "\u3001\u3002\u300c\u300d\uff01\uff0c\uff1a\uff1b\uff1f"
)
# Unicode has the letters of alphabets, in their order, before this character. After it come Chinese
# characters and the syllables of Japanese and Korean.
_NO_ALPHABET = "\u2e80"
# Marks that set off a palindrome of several words. An apostrophe is none: it is a part of "I'm".
_SET_OFF = re.compile('[\n"\u201c\u201d\u00ab\u00bb\u300c\u300d*_`()\\[\\]]')
_SENTENCE_END = re.compile(r"(?<=[.!?])\s")
_LEAD_IN = re.compile("[:\u2013\u2014]")
_FEWEST = 5
# How a word is cut depends on nothing that is farther away than this.
_FARTHEST = 100_000


@register(
    "keywords:no_adjacent_consecutive",
    "No two adjacent words can start with consecutive letters of the alphabet.",
    "Never let a word be followed by one that starts with the next letter of the alphabet (as in"
    " hot ice).",
    "In your answer, no two neighbouring words may begin with letters that follow each other in the"
    " alphabet.",
    "Avoid pairs of adjacent words whose first letters are consecutive in the alphabet, such as"
    " b and c.",
)
def no_adjacent_consecutive(response: str) -> Verdict:
    """No word is followed by one that begins with the next letter of the alphabet.

    Consecutive is read in the order of the alphabet: "hot ice" is such a pair, "ice hot" is none.
    Marks before a word, capitals and accents do not matter; a number begins with no letter.
    """
    all_words = words(response)
    if not all_words:
        return Verdict(False, "no word")
    letters = [_first_letter(each) for each in all_words]
    for place in range(len(all_words) - 1):
        one, next_one = letters[place], letters[place + 1]
        if one and next_one and ord(next_one) - ord(one) == 1:
            pair = f"{all_words[place][:30]} {all_words[place + 1][:30]}"
            return Verdict(False, f"consecutive letters begin: {pair}")
    return Verdict(True, f"{counted(len(all_words), 'word')}, no consecutive letters side by side")


def _first_letter(word: str) -> str:
    """The letter that ``word`` begins with, small and bare of accents; empty if there is none."""
    first = next(filter(str.isalnum, word)).lower()
    plain = unicodedata.normalize("NFKD", first)[0]
    if not plain.isalpha() or plain >= _NO_ALPHABET:
        return ""
    return plain if plain.isascii() else first


@reference("keywords:no_adjacent_consecutive")
def no_adjacent_consecutive_reference(response: str) -> Verdict:
    """No two neighbours, in lower case, begin with characters that follow each other in Unicode."""
    first = [word[0].lower() for word in response.split()]
    for one, other in zip(first, first[1:], strict=False):
        # "\u0130" is two signs in lower case, which the program fails.
        if len(one) + len(other) > 2 or ord(other) - ord(one) == 1:
            return Verdict(False, f"{one} is followed by {other}")
    return Verdict(True, "no consecutive signs begin adjacent stretches")


@register(
    "keywords:word_once",
    "Include keyword {keyword} in your response.",
    "Use the word {keyword} in your answer.",
    "Your answer must contain the word {keyword}.",
    "Make sure that {keyword} occurs in your answer.",
)
def word_once(response: str, *, keyword: str) -> Verdict:
    """The keyword occurs as a word of its own, in any case.

    The constraint's id says "once", its wording does not: a second time does no harm.
    """
    number = occurrences(keyword, response)
    return Verdict(number > 0, f"{keyword} {counted(number, 'time')}, at least 1 wanted")


@reference("keywords:word_once")
def word_once_reference(response: str, *, keyword: str) -> Verdict:
    """The keyword is found once, in words too."""
    number = pattern_count(keyword, response)
    return Verdict(number == 1, f"found {number} times, exactly 1 wanted")


def pattern_count(keyword: str, response: str) -> int | None:
    """How often the pattern ``keyword`` is found; None if it is none and the program stops."""
    try:
        return sum(1 for _ in re.finditer(keyword.strip(), response, re.IGNORECASE))
    except re.error:
        return None


@register(
    "keywords:word_count_different_numbers",
    "In your response, the word {keyword} should appear {relation} {frequency} times.",
    "Use the word {keyword} {relation} {frequency} times in your answer.",
    "The word {keyword} must occur {relation} {frequency} times.",
    "Mention {keyword} {relation} {frequency} times.",
)
def word_count_different_numbers(
    response: str, *, keyword: str, frequency: PositiveCount, relation: Relation
) -> Verdict:
    """The keyword occurs so many times, as a word of its own, in any case.

    The training file's own sentence leaves the relation out ("should appear 3 times"); the
    parameter is taken at its word.
    """
    number = occurrences(keyword, response)
    return Verdict(
        satisfies(number, relation, frequency),
        f"{keyword} {counted(number, 'time')}, {relation} {frequency} wanted",
    )


@reference("keywords:word_count_different_numbers")
def word_count_different_numbers_reference(
    response: str, *, keyword: str, frequency: int, relation: str
) -> Verdict:
    """The keyword is found so many times, in words too."""
    number = pattern_count(keyword, response)
    if number is None:
        return Verdict(False, "the program stops: the keyword is no valid pattern")
    return Verdict(
        satisfies(number, relation, frequency),
        f"found {number} times, {relation} {frequency} wanted",
    )


@register(
    "keywords:exclude_word_harder",
    "Do not include keyword {keyword} in the response.",
    "Do not use the word {keyword} in your answer.",
    "Your answer must not contain the word {keyword}.",
    "Avoid the word {keyword} altogether.",
)
def exclude_word_harder(response: str, *, keyword: str) -> Verdict:
    """The keyword does not occur as a word of its own, in any case.

    The training file cuts its keywords out of requests, at times with the comma or the quotation
    mark beside them; what is forbidden is the word.
    """
    number = occurrences(keyword.strip(_AROUND) or keyword, response)
    return Verdict(not number, f"{keyword} {counted(number, 'time')}, none wanted")


@reference("keywords:exclude_word_harder")
def exclude_word_harder_reference(response: str, *, keyword: str) -> Verdict:
    """The keyword does not stand between two spaces, in the same case."""
    there = f" {keyword.strip()} " in response
    return Verdict(not there, f"between spaces: {there}")


@register(
    "keywords:keyword_specific_position",
    "Include keyword {keyword} in the {n}-th sentence, as the {m}-th word of that sentence.",
    "Word number {m} of sentence number {n} in your answer must be {keyword}.",
    "Use the word {keyword} as word {m} of sentence {n}.",
    "In the {n}-th sentence of your answer, let the {m}-th word be {keyword}.",
    needs=("sentencex",),
)
def keyword_specific_position(
    response: str, *, keyword: Word, n: PositiveCount, m: PositiveCount
) -> Verdict:
    """A given word of a given sentence is the keyword, in any case; punctuation is not counted.

    Where each Chinese character and each kana counts as a word, the place is that of the first.
    """
    all_sentences = sentences(response)
    if len(all_sentences) < n:
        return Verdict(False, f"{counted(len(all_sentences), 'sentence')}, at least {n} wanted")
    inside = bare_words(all_sentences[n - 1])
    if len(inside) < m:
        return Verdict(False, f"{counted(len(inside), 'word')} in sentence {n}, {m} wanted")
    wanted = bare_words(keyword)
    found = " ".join(inside[m - 1 : m - 1 + len(wanted)])
    return Verdict(
        begins_with(inside[m - 1 :], keyword),
        f"word {m} of sentence {n}: {found[:60]}, wanted: {' '.join(wanted)}",
    )


@reference("keywords:keyword_specific_position", needs=("punkt",))
def keyword_specific_position_reference(response: str, *, keyword: str, n: int, m: int) -> Verdict:
    """Token m of sentence n is the keyword, in the same case; marks are tokens."""
    all_sentences = rule_sentences(response)
    if len(all_sentences) < n:
        return Verdict(False, f"{counted(len(all_sentences), 'sentence')}, at least {n} wanted")
    there = next(islice(tokens(all_sentences[n - 1]), m - 1, None), "")
    return Verdict(there == keyword.strip(), f"token {m} of sentence {n}: {there[:60]}")


@register(
    "keywords:start_end",
    "Start and end your response with the same word (do not write anything after the last word, not"
    " even punctuation).",
    "The first and the last word of your answer must be the same; write nothing after the last"
    " word, no punctuation either.",
    "Begin and finish your answer with one and the same word, and stop right after it.",
    "Let your answer end, without any mark, with the word that it starts with.",
)
def start_end(response: str) -> Verdict:
    """The last word is the first one again, in any case, and nothing stands after it.

    A word of several Chinese characters or kana may be it.
    """
    all_words = bare_words(response)
    if len(all_words) < 2:
        return Verdict(False, f"{counted(len(all_words), 'word')}, at least 2 wanted")
    last_sign = response.rstrip()[-1]
    # Letters, digits, and the vowel signs that end words of some scripts.
    if unicodedata.category(last_sign)[0] not in "LNM":
        return Verdict(False, f"after the last word stands: {last_sign}")
    size = words_in_common(all_words, all_words)
    return Verdict(
        0 < 2 * size <= len(all_words),
        f"starts with: {all_words[0][:30]}, ends with: {all_words[-1][:30]}",
    )


@reference("keywords:start_end", needs=("punkt",))
def start_end_reference(response: str) -> Verdict:
    """The last token is the first one in some case, whatever they are; there are two or more."""
    first, *others = islice(tokens(response), 2)
    if not others:
        return Verdict(False, "1 token, at least 2 wanted")
    last = _last_token(response)
    return Verdict(
        first.lower() == last.lower(), f"starts with: {first[:30]}, ends with: {last[:30]}"
    )


def _last_token(text: str) -> str:
    """The last token of ``text``, which must not be blank."""
    *_, last = tokens(text[-_FARTHEST:])
    return last


@register(
    "keywords:palindrome",
    "Include a palindrome in your response.",
    "Your answer must contain a palindrome, such as level or noon.",
    "Use at least one palindrome (a word or sentence that reads the same backwards).",
    "Somewhere in your answer, write a word or phrase that is a palindrome.",
)
def palindrome(response: str) -> Verdict:
    """A word of three letters or more, or a phrase, reads the same backwards.

    Capitals, spaces and punctuation do not matter. One letter, one sign repeated ("www") and a
    number are no palindromes that anyone would have written to order. A palindrome of several
    words must be set off as a line, a sentence or a quotation: by chance, "as a" is in every text.
    """
    for word in (*bare_words(response), *rows(response)):
        if _is_palindrome(word):
            return Verdict(True, f"palindrome: {word[:60]}")
    for phrase in dict.fromkeys(_phrases(response)):
        letters = _letters(phrase)
        if len(letters) >= _FEWEST and _is_palindrome(letters):
            return Verdict(True, f"palindrome: {phrase.strip()[:60]}")
    return Verdict(False, "no palindrome")


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _is_palindrome(letters: str) -> bool:
    # With two different letters or more it has three or more.
    varied = len(set(letters)) > 1 and letters.isalpha()
    return varied and letters == letters[::-1]


def _phrases(text: str) -> Iterator[str]:
    """Lines, sentences, what is quoted or emphasised, and what follows a colon or a dash."""
    yield from text.splitlines()
    for part in _SET_OFF.split(text):
        if len(part) < _FEWEST:
            continue
        yield part
        for sentence in _SENTENCE_END.split(part):
            yield sentence
            lead_in = _LEAD_IN.search(sentence)
            if lead_in:
                yield sentence[lead_in.end() :]


@reference("keywords:palindrome")
def palindrome_reference(response: str) -> Verdict:
    """A stretch without white space reads the same backwards: one sign does."""
    for word in response.split():
        if word == word[::-1]:
            return Verdict(True, f"palindrome: {word[:60]}")
    return Verdict(False, "no palindrome")
