"""Constraints on how sentences and words are joined and wrapped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from hppt_lib.verifiers.iftrain.rule_sentences import rule_sentences
from hppt_lib.verifiers.registry import Verdict, reference, register
from hppt_lib.verifiers.sentences import LONGEST_READ, is_heading, is_list_item, sentences
from hppt_lib.verifiers.words import counted, dictionary_words, words

_DASHES = "\\-\u2010\u2011\u2012\u2013\u2014"
_CLOSERS = "\"')\\]}\u201d\u2019\u00bb\u300d*_"
# The end of a sentence and a dash after it, with the white space around that dash.
_JOINT = re.compile(
    rf"(?<=[.!?\u2026\u3002\uff01\uff1f])([{_CLOSERS}]*)(\s*[{_DASHES}][\s{_DASHES}]*)(?=\S)"
)
_BRACKETS = re.compile(r"\[([^\[\]]*)\]")
_ANGLES = re.compile(r"<<([^<>]*)>>")


@register(
    "detectable_format:sentence_hyphens",
    "All sentences must be connected using hyphens, with no spaces between them.",
    "Connect your sentences with hyphens instead of spaces, like this: Tea is hot.-Let it cool.",
    "Put a hyphen, and no space, between each sentence and the next.",
    "Join all your sentences with a hyphen; leave no space between one sentence and another.",
    needs=("sentencex",),
)
def sentence_hyphens(response: str) -> Verdict:
    """Between one sentence and the next stands a hyphen and nothing else.

    One sentence alone has nothing to be connected to and passes. Only the hyphen counts as one,
    not a longer dash. Paragraphs and list items are apart from each other, with full stops or
    without; a heading is no sentence.
    """
    if not words(response):
        return Verdict(False, "no sentence")
    # Each joint leaves two groups: the closing marks before it, and itself.
    pieces = _JOINT.split(response)
    for joint in pieces[2::3]:
        if joint != "-":
            return Verdict(False, f"between sentences: {joint[:60]!r}, wanted: '-'")
    for piece in pieces[::3]:
        apart = tuple(islice(_passages(piece), 2))  # two are enough to know
        apart = apart if len(apart) > 1 else sentences(piece)
        if len(apart) > 1:
            return Verdict(False, f"no hyphen before: {apart[1][:60]}")
    return Verdict(True, f"{counted(len(pieces[::3]), 'sentence')}, connected by hyphens")


def _passages(text: str) -> Iterator[str]:
    """Paragraphs and list items of three words or more; none in a text of one line.

    Of a text longer than `LONGEST_READ` the beginning is read, as by `sentences`.
    """
    lines = text[:LONGEST_READ].splitlines()
    passage: list[str] = []
    for line in map(str.strip, lines if len(lines) > 1 else ()):
        heading = is_heading(line)
        if not line or heading or is_list_item(line):
            yield from _long_enough(passage)
            passage = []
        if line and not heading:
            passage.append(line)
    yield from _long_enough(passage)


def _long_enough(lines: list[str]) -> Iterator[str]:
    passage = " ".join(lines)
    if len(passage) > 4 and len(words(passage)) > 2:  # three words take five characters
        yield passage


@reference("detectable_format:sentence_hyphens")
def sentence_hyphens_reference(response: str) -> Verdict:
    """Cut at every hyphen, the response gives its sentences; what has no partner is not looked at.

    A hyphen inside a word cuts too.
    """
    pieces = response.split("-")
    for piece, wanted in zip(pieces, rule_sentences(response.replace("-", " ")), strict=False):
        if piece != wanted:
            return Verdict(False, f"{piece[:60]}, wanted: {wanted[:60]}")
    return Verdict(True, "pieces between hyphens and sentences are the same")


@register(
    "detectable_format:square_brackets",
    "Enclose every word in your response within square brackets.",
    "Put each word of your answer in square brackets, like this: [Tea] [is] [hot].",
    "Every single word must stand in square brackets of its own.",
    "Write your answer with square brackets around each word.",
)
def square_brackets(response: str) -> Verdict:
    """Each word stands in square brackets of its own; punctuation may stand inside or outside."""
    wrapped = _BRACKETS.findall(response)
    crowded = [each for each in wrapped if len(dictionary_words(each)) > 1]
    if crowded:
        return Verdict(False, f"several words in one pair of brackets: {crowded[0][:60]}")
    # Without the pairs and what they hold, no letter or digit may be left.
    left = words(_BRACKETS.sub("", response))
    if left:
        return Verdict(False, f"outside brackets: {left[0][:60]}")
    number = len(list(filter(words, wrapped)))
    return Verdict(number > 0, f"{counted(number, 'word')} in square brackets")


@reference("detectable_format:square_brackets")
def square_brackets_reference(response: str) -> Verdict:
    """Each stretch without white space begins with [ and ends with ]."""
    for word in response.split():
        if not (word.startswith("[") and word.endswith("]")):
            return Verdict(False, f"not in brackets: {word[:60]}")
    return Verdict(True, "all in brackets")


@register(
    "detectable_format:bigram_wrapping",
    "Wrap every word bigram in double angular brackets, such as <<I am>> <<at home>> <<with my>>"
    " <<cute dog>>.",
    "Put each pair of words in double angular brackets, like this: <<Tea is>> <<very hot>>.",
    "Write your answer two words at a time, each pair wrapped in << and >>.",
    "Take the words of your answer in pairs and enclose every pair in double angular brackets.",
)
def bigram_wrapping(response: str) -> Verdict:
    """The words stand two by two in double angular brackets.

    If their number is odd, the last word may stand alone, wrapped or not. Punctuation may stand
    inside or outside.
    """
    pairs = [len(dictionary_words(each)) for each in _ANGLES.findall(response)]
    left = words(_ANGLES.sub("", response))
    if not pairs or pairs[0] != 2:
        return Verdict(False, "no pair of words in double angular brackets at the beginning")
    odd = [number for number in pairs[:-1] if number != 2]
    if odd or pairs[-1] not in (1, 2):
        return Verdict(False, f"{(odd or pairs)[-1]} words in one pair of brackets, 2 wanted")
    if not left:
        return Verdict(True, f"{counted(len(pairs), 'pair')} of brackets")
    *_, last = _ANGLES.finditer(response)
    alone = pairs[-1] == 2 and len(left) < 2 and words(response[last.end() :]) == left
    return Verdict(alone, f"outside brackets: {left[0][:60]}")


@reference("detectable_format:bigram_wrapping")
def bigram_wrapping_reference(response: str) -> Verdict:
    """Of each two stretches, the first begins with << and the second ends with >>."""
    words = response.split()
    for one, other in zip(words[::2], words[1::2], strict=False):
        if not (one.startswith("<<") and other.endswith(">>")):
            return Verdict(False, f"not wrapped: {one[:30]} {other[:30]}")
    return Verdict(True, "all pairs wrapped")
