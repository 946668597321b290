"""Constraints on how a response begins and ends."""

from __future__ import annotations

import re
from functools import lru_cache

from hppt_lib.verifiers.registry import Verdict, reference, register
from hppt_lib.verifiers.unspaced import in_one_word, is_unspaced
from hppt_lib.verifiers.words import typed, without_emphasis

# Quotation marks and emphasis: around the end they do not belong to the phrase.
_AROUND = " \t\r\n\"'*_\u201d\u2019"
_NEAR = 40  # characters: few words are longer
_SPACES = re.compile(r"\s+")
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
_OPENING = '"\u201c'
_CLOSING = '"\u201d'
_MARK = re.compile('["\u201c\u201d]')
_MARK_ASCII = re.compile('"')  # found many times as fast
_BEFORE_OPENING = ' \t\n\r([{<"\u201c*_:/\u2014\u2013-'


@register(
    "startend:end_checker",
    "Finish your answer with this exact phrase: {end_phrase}",
    "End your answer with the exact phrase: {end_phrase}",
    "The very last words of your answer must be: {end_phrase}",
    "Your answer must end with: {end_phrase}",
    "Close with the exact phrase {end_phrase}",
)
def end_checker(response: str, *, end_phrase: str) -> Verdict:
    """The response ends with the phrase, in the same case, and not in the middle of a word.

    The shape of quotation marks, the width of white space (a line break too, but no blank line) and
    Markdown emphasis are no words: they may differ.
    """
    phrase, number = _wanted_end(end_phrase)
    body = _end(response, number)
    if not phrase or not body.endswith(phrase):
        return Verdict(False, f"ends with: {response.rstrip(_AROUND)[-40:]}")
    before = body[: -len(phrase)]
    # Where no space parts words, any letter may stand before it.
    spaced = not is_unspaced(before[-1:] + phrase[0])
    if (spaced and before and before[-1].isalnum() and phrase[0].isalnum()) or (
        in_one_word(body, len(before))
    ):
        return Verdict(False, "the phrase stands in mid-word")
    return Verdict(True, "ends with the phrase")


@lru_cache(maxsize=64)
def _wanted_end(phrase: str) -> tuple[str, int]:
    """A phrase as the end of a response is compared with it, and its number of words."""
    number = len(phrase.split())
    return _end(phrase, number), number


def _end(text: str, number: int) -> str:
    """The last ``number`` words of ``text`` and the character before them, marks around them off.

    Emphasis goes, white space becomes one space, and a blank line stays one.
    """
    for near in (text[-_NEAR * (number + 1) :], text):
        bare = without_emphasis(near).strip(_AROUND)
        parts = bare.rsplit(None, number)
        if len(parts) > number:
            break  # nearly always all of these words stand near the end
    head = parts[0] if len(parts) > number else ""
    tail = bare[len(head) :]
    if _BLANK_LINE.search(tail):
        tail = _SPACES.sub(_one_space, tail)
    else:
        tail = f"{' ' if head else ''}{' '.join(tail.split())}"
    return typed(head[-1:] + tail)


def _one_space(spaces: re.Match[str]) -> str:
    return "\n\n" if spaces[0].count("\n") > 1 else " "


@reference("startend:end_checker")
def end_checker_reference(response: str, *, end_phrase: str) -> Verdict:
    """Ends with the phrase, in any case and even in the middle of a word.

    Straight quotation marks may follow it.
    """
    end = response.strip().strip('"').lower()
    return Verdict(end.endswith(end_phrase.strip().lower()), f"ends with: {end[-40:]}")


@register(
    "startend:quotation",
    "Wrap your whole answer in double quotation marks.",
    "Put your entire answer inside double quotation marks.",
    "Enclose the whole answer in double quotes.",
    "Your answer must start and end with a double quotation mark.",
    "The entire answer should be wrapped in double quotation marks.",
)
def quotation(response: str) -> Verdict:
    """The whole response stands between double quotation marks, straight or curly.

    The mark that opens the response must be closed by its last: ``"A" and "B"`` is not wrapped.
    Quotations inside, and marks for inches, are no harm.
    """
    body = response.strip()
    if not any(map(str.isalnum, body[1:-1])):
        return Verdict(False, "no word between the first and the last character")
    if body[0] not in _OPENING or body[-1] not in _CLOSING:
        return Verdict(False, f"begins with {body[0]} and ends with {body[-1]}")
    if closed := _closing_place(body):
        return Verdict(False, f"the first quotation ends early: {body[: closed + 1][-60:]}")
    return Verdict(True, "wrapped in double quotation marks")


def _closing_place(body: str) -> int:
    """Where the quotation that opens ``body`` is closed before its end; 0 if nowhere.

    A straight mark opens after a space or a bracket and closes before one or before punctuation.
    """
    depth = 1
    mark = _MARK_ASCII if body.isascii() else _MARK
    for match in mark.finditer(body, 1, len(body) - 1):
        place = match.start()
        before, after = body[place - 1], body[place + 1]
        if before == "\\":
            continue  # an escaped mark, as in a string of a program, belongs to the text
        if match[0] == "\u201c" or (match[0] == '"' and before in _BEFORE_OPENING):
            depth += 1
        elif match[0] == "\u201d" or not after.isalnum():
            if depth == 1 and before.isdigit():
                continue  # 27" is a length
            depth -= 1
        if not depth:
            return place
    return 0


@reference("startend:quotation")
def quotation_reference(response: str) -> Verdict:
    """The first and the last character are straight double quotation marks."""
    body = response.strip()
    wrapped = len(body) > 1 and body[0] == body[-1] == '"'
    return Verdict(wrapped, f"begins with {body[0]} and ends with {body[-1]}")
