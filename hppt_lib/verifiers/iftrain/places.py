"""Constraints on paragraphs, and on the first and the last word of sentences and responses."""

from __future__ import annotations

import re
from typing import Annotated

from hppt_lib.verifiers.iftrain.rule_sentences import rule_sentences
from hppt_lib.verifiers.registry import Verdict, reference, register
from hppt_lib.verifiers.sentences import sentences
from hppt_lib.verifiers.words import (
    bare_words,
    begins_with,
    counted,
    ends_with,
    is_one_word,
    words,
)

_MARK = re.compile(r"\W")


class OneWord:
    """Demands one word, not a phrase and not a mark alone."""

    def complaint(self, value: str) -> str | None:
        """What is wrong with ``value``, or None."""
        return None if is_one_word(value) else f"{value!r} is not one word"


Word = Annotated[str, OneWord()]


def parts_between(text: str, dividers: tuple[str, ...]) -> list[str]:
    """The parts of ``text`` between lines that hold one of ``dividers`` and nothing else.

    A part without a word counts only in the middle, where two dividers follow each other.
    """
    parts: list[str] = []
    part: list[str] = []
    for line in (*text.splitlines(), dividers[0]):
        if line.strip() in dividers:
            parts.append("\n".join(part))
            part = []
        else:
            part.append(line)
    first, last = not words(parts[0]), len(parts) - (not words(parts[-1]))
    return parts[first:last]


def parts_at_asterisks(response: str) -> list[str]:
    """``response`` cut at every three asterisks, with one white space on each side of them."""
    return re.split(r"\s?[*]{3}\s?", response)


@register(
    "paragraphs:paragraphs",
    "There should be 2 paragraphs. Paragraphs are separated with the markdown divider: ***",
    "Write exactly 2 paragraphs with the markdown divider *** between them.",
    "Your answer must have two paragraphs, separated by a line with ***.",
    "Divide your answer into two paragraphs by the markdown divider ***.",
)
def paragraphs(response: str) -> Verdict:
    """Two paragraphs, separated by a line that holds ``***`` and nothing else.

    What stands between dividers is one paragraph, as the constraint defines it, even with a
    heading or a blank line in it. A divider before the first or after the last one does no harm.
    """
    parts = parts_between(response, ("***",))
    return Verdict(
        len(parts) == 2, f"{counted(len(parts), 'paragraph')} between dividers, 2 wanted"
    )


@reference("paragraphs:paragraphs")
def paragraphs_reference(response: str) -> Verdict:
    """Two parts between ``***``, wherever it stands; a blank one at either end does not count."""
    return _two_parts(parts_at_asterisks(response))


@register(
    "paragraphs:paragraphs2",
    "There should be 2 paragraphs. Paragraphs and only paragraphs are separated with each other by"
    " two line breaks.",
    "Write exactly 2 paragraphs with two line breaks (one blank line) between them and no blank"
    " line anywhere else.",
    "Your answer must have two paragraphs, separated by two line breaks; nothing else may be"
    " separated like that.",
    "Divide your answer into two paragraphs by one blank line, and use no other blank line.",
)
def paragraphs2(response: str) -> Verdict:
    """Two paragraphs with one blank line between them, and no other blank line.

    A heading or a divider with blank lines around it is separated like a paragraph, which only
    paragraphs may be. Blank lines before and after the response do not count.
    """
    lines = [line.strip() for line in response.strip().splitlines()]
    blank = [place for place, line in enumerate(lines) if not line]
    if len(blank) != 1:
        return Verdict(False, f"{counted(len(blank), 'blank line')}, exactly 1 wanted")
    (middle,) = blank
    halves = "".join(lines[:middle]), "".join(lines[middle:])
    return Verdict(all(map(words, halves)), "two parts with one blank line between them")


@reference("paragraphs:paragraphs2")
def paragraphs2_reference(response: str) -> Verdict:
    """Two parts between double line feeds; a blank one at either end does not count."""
    return _two_parts(response.split("\n\n"))


def _two_parts(parts: list[str]) -> Verdict:
    filled = [bool(part.strip()) for part in parts]
    # One blank part may be missing at each end; any other makes three.
    first, last = not filled[0], len(filled) - (not filled[-1])
    return Verdict(
        filled[first:last] == [True, True], f"{counted(last - first, 'part')}, 2 wanted, none blank"
    )


@register(
    "first_word:first_word_sent",
    "The first word of each sentence should be the word {first_word}.",
    "Begin every sentence with the word {first_word}.",
    "Each of your sentences must start with {first_word}.",
    "Use {first_word} as the first word of all your sentences.",
    needs=("sentencex",),
)
def first_word_sent(response: str, *, first_word: Word) -> Verdict:
    """Each sentence begins with the word, in any case; marks before and after it do not matter."""
    return _at_each_sentence(response, 0, first_word)


@reference("first_word:first_word_sent")
def first_word_sent_reference(response: str, *, first_word: str) -> Verdict:
    """The first stretch of each sentence, marks included, is the word."""
    for sentence in rule_sentences(response):
        if not _begins_with(sentence, first_word):
            return Verdict(False, f"a sentence begins otherwise: {sentence[:60]}")
    return Verdict(True, "all sentences begin with the word")


@register(
    "first_word:first_word_answer",
    "The first word of your response should be the word {first_word}.",
    "Begin your answer with the word {first_word}.",
    "Your answer must start with the word {first_word}.",
    "Make {first_word} the first word of your answer.",
)
def first_word_answer(response: str, *, first_word: Word) -> Verdict:
    """The response begins with the word, in any case; marks before and after it do not matter."""
    return _at(response, 0, first_word)


@reference("first_word:first_word_answer")
def first_word_answer_reference(response: str, *, first_word: str) -> Verdict:
    """The first stretch of the response, marks included, is the word."""
    return Verdict(_begins_with(response, first_word), f"begins with: {response.strip()[:60]}")


def _begins_with(text: str, word: str) -> bool:
    first = text.split()[:1]
    return [each.lower() for each in first] == [word.strip().lower()]


@register(
    "last_word:last_word_sent",
    "The last word of each sentence, before punctuation, should be the word {last_word}.",
    "End every sentence with the word {last_word}, followed only by punctuation.",
    "Each of your sentences must have {last_word} as its last word.",
    "Let the last word of all your sentences be {last_word}.",
    needs=("sentencex",),
)
def last_word_sent(response: str, *, last_word: Word) -> Verdict:
    """Each sentence ends with the word, in any case; marks around it do not matter."""
    return _at_each_sentence(response, -1, last_word)


@reference("last_word:last_word_sent")
def last_word_sent_reference(response: str, *, last_word: str) -> Verdict:
    """The last stretch of each sentence, without the marks around and in it, is the word."""
    for sentence in rule_sentences(response):
        if not _ends_with(sentence, last_word):
            return Verdict(False, f"a sentence ends otherwise: {sentence[-60:]}")
    return Verdict(True, "all sentences end with the word")


@register(
    "last_word:last_word_answer",
    "The last word of your response should be the word {last_word}.",
    "End your answer with the word {last_word}.",
    "Your answer must have {last_word} as its last word.",
    "Make {last_word} the very last word of your answer.",
)
def last_word_answer(response: str, *, last_word: Word) -> Verdict:
    """The response ends with the word, in any case; marks around it do not matter."""
    return _at(response, -1, last_word)


def _at_each_sentence(response: str, place: int, wanted: str) -> Verdict:
    # What holds no sentence, such as a list of names, is looked at as a whole.
    all_sentences = sentences(response) or (response,)
    for sentence in all_sentences:
        verdict = _at(sentence, place, wanted)
        if not verdict.passed:
            return verdict
    return Verdict(True, f"{counted(len(all_sentences), 'sentence')}, all with {wanted.strip()}")


def _at(text: str, place: int, wanted: str) -> Verdict:
    """Whether the word at ``place`` (0: the first, -1: the last) is the one wanted."""
    all_words = bare_words(text)
    word = bare_words(wanted)  # several where each character is one
    if not all_words:
        return Verdict(False, f"no word, wanted: {' '.join(word)}")
    if place:
        passed, end, found = ends_with(all_words, wanted), "ends", all_words[-len(word) :]
    else:
        passed, end, found = begins_with(all_words, wanted), "begins", all_words[: len(word)]
    return Verdict(passed, f"{end} with: {' '.join(found)[:60]}, wanted: {' '.join(word)}")


@reference("last_word:last_word_answer")
def last_word_answer_reference(response: str, *, last_word: str) -> Verdict:
    """The last stretch of the response, without the marks around and in it, is the word."""
    return Verdict(_ends_with(response, last_word), f"ends with: {response.strip()[-60:]}")


def _ends_with(text: str, word: str) -> bool:
    last = text.split()[-1:]
    return [_MARK.sub("", each).lower() for each in last] == [word.strip().lower()]
