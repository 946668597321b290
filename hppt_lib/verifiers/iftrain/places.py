"""Constraints on paragraphs, and on the first and the last word of sentences and responses."""

from __future__ import annotations

from typing import Annotated

from hppt_lib.verifiers.registry import Verdict, register
from hppt_lib.verifiers.text import bare_words, counted, sentences, words


class OneWord:
    """Demands one word, not a phrase and not a mark alone."""

    def complaint(self, value: str) -> str | None:
        """What is wrong with ``value``, or None."""
        return None if len(words(value)) == 1 else f"{value!r} is not one word"


Word = Annotated[str, OneWord()]


def parts_between(text: str, dividers: tuple[str, ...]) -> list[str]:
    """The parts of ``text`` between lines that hold one of ``dividers`` and nothing else.

    A part without a word counts only in the middle, where two dividers follow each other.
    """
    found: list[str] = []
    part: list[str] = []
    for line in (*text.splitlines(), dividers[0]):
        if line.strip() in dividers:
            found.append("\n".join(part))
            part = []
        else:
            part.append(line)
    first, last = not words(found[0]), len(found) - (not words(found[-1]))
    return found[first:last]


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
    found = parts_between(response, ("***",))
    return Verdict(
        len(found) == 2, f"{counted(len(found), 'paragraph')} between dividers, 2 wanted"
    )


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


@register(
    "first_word:first_word_sent",
    "The first word of each sentence should be the word {first_word}.",
    "Begin every sentence with the word {first_word}.",
    "Each of your sentences must start with {first_word}.",
    "Use {first_word} as the first word of all your sentences.",
)
def first_word_sent(response: str, *, first_word: Word) -> Verdict:
    """Each sentence begins with the word, in any case; marks before and after it do not matter."""
    return _at_each_sentence(response, 0, first_word)


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


@register(
    "last_word:last_word_sent",
    "The last word of each sentence, before punctuation, should be the word {last_word}.",
    "End every sentence with the word {last_word}, followed only by punctuation.",
    "Each of your sentences must have {last_word} as its last word.",
    "Let the last word of all your sentences be {last_word}.",
)
def last_word_sent(response: str, *, last_word: Word) -> Verdict:
    """Each sentence ends with the word, in any case; marks around it do not matter."""
    return _at_each_sentence(response, -1, last_word)


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
    found = sentences(response) or (response,)
    for sentence in found:
        verdict = _at(sentence, place, wanted)
        if not verdict.passed:
            return verdict
    return Verdict(True, f"{counted(len(found), 'sentence')}, all with {wanted.strip()}")


def _at(text: str, place: int, wanted: str) -> Verdict:
    """Whether the word at ``place`` (0: the first, -1: the last) is the one wanted."""
    found = bare_words(text)
    (word,) = bare_words(wanted)
    if not found:
        return Verdict(False, f"no word, wanted: {word}")
    end = "ends" if place else "begins"
    return Verdict(found[place] == word, f"{end} with: {found[place][:60]}, wanted: {word}")
