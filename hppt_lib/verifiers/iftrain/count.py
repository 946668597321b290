"""Constraints on how many words, letters and sentences there are."""

from __future__ import annotations

import re
from typing import Annotated

from hppt_lib.verifiers.answer import as_seen
from hppt_lib.verifiers.iftrain.keywords import pattern_count
from hppt_lib.verifiers.iftrain.places import parts_at_asterisks, parts_between
from hppt_lib.verifiers.iftrain.rule_sentences import rule_sentences
from hppt_lib.verifiers.nltk_text import tokens
from hppt_lib.verifiers.registry import PositiveCount, Relation, Verdict, reference, register
from hppt_lib.verifiers.sentences import sentences
from hppt_lib.verifiers.words import counted, dictionary_words, occurrences, satisfies, words

_LOWERCASE = re.compile(r"\b[a-z]+\b")


class _Letter:
    """Demands one letter, of any alphabet."""

    def complaint(self, value: str) -> str | None:
        """What is wrong with ``value``, or None."""
        seen = as_seen(value)  # an accent may be apart
        return None if len(seen) == 1 and seen.isalpha() else f"{value!r} is not one letter"


@register(
    "count:lowercase_counting",
    "In your response, all lowercase words should appear at most {N} times.",
    "Use at most {N} words that are written in lowercase letters only.",
    "Your answer may contain no more than {N} lowercase words in all.",
    "Altogether, words without a capital letter may appear at most {N} times.",
)
def lowercase_counting(response: str, *, N: PositiveCount) -> Verdict:
    """At most a number of words without a capital letter, all of them counted together.

    A word in a script without case, or a number, is no lowercase word; "3rd" is one.
    """
    number = sum(map(str.islower, words(response)))
    return Verdict(number <= N, f"{counted(number, 'lowercase word')}, at most {N} wanted")


@reference("count:lowercase_counting")
def lowercase_counting_reference(response: str, *, N: int) -> Verdict:
    """At most so many runs of a to z that no other letter, digit or underscore touches."""
    number = sum(1 for _ in _LOWERCASE.finditer(response))
    return Verdict(number <= N, f"{counted(number, 'lowercase word')}, at most {N} wanted")


@register(
    "count:counting_composition",
    "Write 3 paragraphs, delimited by the markdown divider: * * *, with exactly {n_sent} sentences"
    " each, with exactly {n_words} words in each sentence.",
    "Your answer must have 3 paragraphs with the divider * * * between them; each paragraph has"
    " exactly {n_sent} sentences and each sentence exactly {n_words} words.",
    "Give exactly {n_sent} sentences of exactly {n_words} words in each of 3 paragraphs, and put"
    " the markdown divider * * * between the paragraphs.",
    "Divide your answer into 3 paragraphs by lines that hold * * * only. Each paragraph: exactly"
    " {n_sent} sentences. Each sentence: exactly {n_words} words.",
    needs=("sentencex",),
)
def counting_composition(
    response: str, *, n_sent: PositiveCount, n_words: PositiveCount
) -> Verdict:
    """Three paragraphs between dividers, each with so many sentences of so many words.

    The divider is a line of its own, ``* * *`` or ``***``, which Markdown shows alike. A paragraph
    holds its sentences and nothing else.
    """
    paragraphs = parts_between(response, ("* * *", "***"))
    if len(paragraphs) != 3:
        return Verdict(False, f"{counted(len(paragraphs), 'paragraph')} between dividers, 3 wanted")
    for place, paragraph in enumerate(paragraphs, start=1):
        lengths = [len(words(each)) for each in sentences(paragraph)]
        where = f"paragraph {place}: "
        if len(lengths) != n_sent:
            number = counted(len(lengths), "sentence")
            return Verdict(False, f"{where}{number}, exactly {n_sent} wanted")
        odd = [length for length in lengths if length != n_words]
        if odd:
            number = counted(odd[0], "word")
            return Verdict(False, f"{where}a sentence of {number}, exactly {n_words} wanted")
        if len(words(paragraph)) != n_sent * n_words:
            return Verdict(False, f"{where}words outside its sentences")
    return Verdict(True, f"3 paragraphs of {n_sent} sentences of {n_words} words")


@reference("count:counting_composition")
def counting_composition_reference(response: str, *, n_sent: int, n_words: int) -> Verdict:
    """Three parts between ``***`` (not ``* * *``) with so many sentences of so many tokens."""
    parts = parts_at_asterisks(response)
    for part in parts:
        sentences = rule_sentences(part)
        if len(sentences) != n_sent:
            return Verdict(False, f"{counted(len(sentences), 'sentence')}, {n_sent} wanted")
        for sentence in sentences:
            number = sum(1 for _ in tokens(sentence))
            if number != n_words:
                return Verdict(False, f"{counted(number, 'token')}, {n_words} wanted")
    return Verdict(len(parts) == 3, f"{counted(len(parts), 'part')}, 3 wanted")


@register(
    "count:count_unique",
    "Only use unique words in your response, no word should be repeated!",
    "Do not use any word more than once in your answer.",
    "Every word of your answer must be different from all the others.",
    "Write your answer without repeating a single word.",
)
def count_unique(response: str) -> Verdict:
    """No word comes twice, in whatever case; punctuation marks are no words.

    Words of Chinese and Japanese are cut by a dictionary: a character may come in several.
    """
    seen: set[str] = set()
    for word in dictionary_words(response):
        if word in seen:
            return Verdict(False, f"repeated: {word[:60]}")
        seen.add(word)
    return Verdict(bool(seen), f"{counted(len(seen), 'word')}, none of them repeated")


@reference("count:count_unique", needs=("punkt",))
def count_unique_reference(response: str) -> Verdict:
    """No token comes twice in the same case; a comma and a full stop are tokens."""
    unique = _all_tokens_differ(response)
    return Verdict(unique, f"all tokens differ: {unique}")


def _all_tokens_differ(text: str) -> bool:
    """Whether no token of ``text`` comes twice."""
    seen = set()
    for token in tokens(text):
        if token in seen:
            return False
        seen.add(token)
    return True


@register(
    "count:count_increment_word",
    "Include keyword {keyword1} once in your response, keyword {keyword2} twice in your response.",
    "Use the word {keyword1} exactly once and the word {keyword2} exactly twice.",
    "The word {keyword1} must appear once in your answer, and the word {keyword2} two times.",
    "Mention {keyword1} one time and {keyword2} two times, no more and no less.",
)
def count_increment_word(response: str, *, keyword1: str, keyword2: str) -> Verdict:
    """One keyword exactly once and another exactly twice, as words of their own, in any case."""
    once, twice = occurrences(keyword1, response), occurrences(keyword2, response)
    return Verdict(
        once == 1 and twice == 2,
        f"{keyword1} {counted(once, 'time')}, {keyword2} {counted(twice, 'time')},"
        " wanted once and twice",
    )


@reference("count:count_increment_word")
def count_increment_word_reference(response: str, *, keyword1: str, keyword2: str) -> Verdict:
    """One keyword is found once and the other twice, in words too."""
    once, twice = pattern_count(keyword1, response), pattern_count(keyword2, response)
    return Verdict(once == 1 and twice == 2, f"found {once} and {twice} times, 1 and 2 wanted")


@register(
    "letters:letter_counting",
    "Answer with {relation} {N} letters.",
    "Your answer must have {relation} {N} letters in all.",
    "Write {relation} {N} letters; digits, spaces and punctuation do not count.",
    "In total, use {relation} {N} letters of the alphabet.",
)
def letter_counting(response: str, *, N: PositiveCount, relation: Relation) -> Verdict:
    """So many letters, of any script, in the whole response."""
    number = sum(map(str.isalpha, response))
    return Verdict(
        satisfies(number, relation, N), f"{counted(number, 'letter')}, {relation} {N} wanted"
    )


@reference("letters:letter_counting")
def letter_counting_reference(response: str, *, N: int, relation: str) -> Verdict:
    """So many letters from a to z."""
    number = sum(1 for each in response if each.isascii() and each.isalpha())
    return Verdict(satisfies(number, relation, N), f"{counted(number, 'letter')}, {relation} {N}")


@register(
    "letters:letter_counting2",
    "In your response, the letter {letter} should appear {let_relation} {let_frequency} times.",
    "Use the letter {letter} {let_relation} {let_frequency} times in your answer.",
    "The letter {letter}, small or capital, must occur {let_relation} {let_frequency} times.",
    "Make sure that the letter {letter} appears {let_relation} {let_frequency} times.",
)
def letter_counting2(
    response: str,
    *,
    letter: Annotated[str, _Letter()],
    let_frequency: PositiveCount,
    let_relation: Relation,
) -> Verdict:
    """One letter occurs so many times, small and capital counted together."""
    number = response.lower().count(letter.lower())
    return Verdict(
        satisfies(number, let_relation, let_frequency),
        f"{letter} {counted(number, 'time')}, {let_relation} {let_frequency} wanted",
    )


@reference("letters:letter_counting2")
def letter_counting2_reference(
    response: str, *, letter: str, let_frequency: int, let_relation: str
) -> Verdict:
    """The letter occurs so many times in the response in lower case."""
    number = response.lower().count(letter.lower())
    return Verdict(
        satisfies(number, let_relation, let_frequency),
        f"{letter} {counted(number, 'time')}, {let_relation} {let_frequency} wanted",
    )
