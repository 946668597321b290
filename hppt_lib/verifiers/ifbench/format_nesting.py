"""IFBench's constraints on brackets and quotation marks."""

from __future__ import annotations

import re
import string
from itertools import zip_longest

from hppt_lib.verifiers.registry import Verdict, reference, register
from hppt_lib.verifiers.sentences import LONGEST_READ
from hppt_lib.verifiers.words import counted, has_words, words

_DEPTH = 5
_LEVELS = 3
# How many words after a quotation are an explanation: "and" or "he said" is none.
_EXPLANATION = 3
# What the scanners stop at: a bracket or a mark, a word (is there text inside?), a blank line.
_GAP = r"\n[^\S\n]*\n"
_BRACKET_OR_WORD = re.compile(r"[()\[\]{}]|\w+")
_MARK_OR_WORD = re.compile(rf"[\"'\u201c\u201d\u2018\u2019]|\w+|{_GAP}")
_QUOTE_OR_GAP = re.compile(rf"[\"\u201c\u201d\u00ab\u00bb]|{_GAP}")
_BRACKETS = {")": "(", "]": "[", "}": "{"}
_MARKS = {'"': '"', "\u201c": '"', "\u201d": '"', "'": "'", "\u2018": "'", "\u2019": "'"}
_CLOSED_BY = {'"': '"', "\u201c": "\u201d", "\u00ab": "\u00bb"}
_NO_EMPHASIS = str.maketrans("", "", "*_")
# A straight mark opens after these (or at the beginning), unless one of those stands behind it.
_BEFORE_OPENING = "([{<-\u2013\u2014/= \t\r\n>:"
_AFTER_CLOSING = ",;:!?)] \t\r\n}"
_PARTNER = {")": "(", "]": "[", "}": "{"}


class _Levels:
    """The brackets or quotation marks that are open at a place of a text."""

    def __init__(self) -> None:
        # How each was opened, how many levels were closed in it, and whether it holds a word:
        # three lists, as a million small objects take their time.
        self._kinds: list[str] = []
        self._inside: list[int] = []
        self._filled: list[bool] = []
        self._waiting = dict.fromkeys("([{\"'", 0)

    def open(self, kind: str) -> None:
        """Begin a level."""
        self._kinds.append(kind)
        self._inside.append(0)
        self._filled.append(False)
        self._waiting[kind] += 1

    def fill(self) -> None:
        """Note that a word stands here."""
        if self._filled:
            self._filled[-1] = True

    def close(self, kind: str, alternating: bool) -> int:
        """End the last open level of this kind, and what was opened in it and never closed.

        Args:
            kind: how it was opened.
            alternating: whether it must differ in kind from the level around it to count there.

        Returns:
            How many levels it holds, itself included; 0 if it is not open or has no word inside.
        """
        if not self._waiting[kind]:
            return 0
        filled, closed = False, ""
        while closed != kind:
            closed, inside = self._kinds.pop(), self._inside.pop()
            filled = self._filled.pop() or filled
            self._waiting[closed] -= 1
        levels = inside + 1 if filled else 0
        if self._kinds:
            self._filled[-1] = filled or self._filled[-1]
            if not (alternating and self._kinds[-1] == kind):
                self._inside[-1] = max(self._inside[-1], levels)
        return levels


@register(
    "format:parentheses",
    "Nest parentheses (and [brackets {{and braces}}]) at least 5 levels deep.",
    "Use brackets within brackets within brackets, at least 5 levels deep; they may be round, "
    "square or curly.",
    "Your answer must hold parentheses, brackets or braces nested five levels deep or deeper.",
    "Somewhere in your answer, put (at least [five {{levels}}]) of brackets inside one another.",
    "Include brackets that are nested at least five deep and all closed again.",
)
def parentheses(response: str) -> Verdict:
    """Five brackets or more inside one another, each closed by its like, with text inside.

    A closing bracket that fits none of the open ones, as in "a)" or ":)", does not count. Of a text
    longer than `LONGEST_READ` the beginning is read.
    """
    levels = _Levels()
    for match in _BRACKET_OR_WORD.finditer(response, 0, LONGEST_READ):
        token = match[0]
        if token in _BRACKETS:
            if levels.close(_BRACKETS[token], alternating=False) >= _DEPTH:
                return Verdict(True, f"{_DEPTH} levels, the last one closed by: {token}")
        elif token in "([{":
            levels.open(token)
        else:
            levels.fill()
    return Verdict(False, f"nowhere {_DEPTH} levels that are all closed, with a word inside")


@reference("format:parentheses")
def parentheses_reference(response: str) -> Verdict:
    """Five brackets are open at once, and one of them is closed by its like.

    A closing bracket that does not fit the last open one closes all.
    """
    open_now: list[str] = []
    deep = False
    for char in response:
        if char in "([{":
            open_now.append(char)
            deep = deep or len(open_now) >= 5
        elif char in _PARTNER:
            if open_now and open_now[-1] == _PARTNER[char]:
                if deep:
                    return Verdict(True, f"{counted(len(open_now), 'open bracket')} before {char}")
                open_now.pop()
            else:
                open_now.clear()
                deep = False
    return Verdict(False, "never 5 open brackets of which one is closed")


@register(
    "format:quotes",
    "Include quotes within quotes within quotes, at least 3 levels deep, alternating between "
    "double quotes and single quotes.",
    "Nest quotations at least three levels deep, with double and single quotation marks in turn.",
    "Your answer must hold a quote inside a quote inside a quote, changing between \" and ' at "
    "each level.",
    "Quote someone who quotes someone who quotes someone: three levels, double and single marks "
    "alternating.",
    "Use at least three levels of nested quotation marks that alternate between double and single.",
)
def quotes(response: str) -> Verdict:
    """Three quotations or more inside one another, double and single marks in turn, all closed.

    Straight and curly marks are alike. A mark between two letters, as in "don't", is an
    apostrophe. Each level holds a letter or digit, and a quotation ends with its paragraph. Of a
    text longer than `LONGEST_READ` the beginning is read.
    """
    text = response.translate(_NO_EMPHASIS)
    levels = _Levels()
    opened_to = 0  # a mark at the beginning opens, and so does one right after an opening mark
    for match in _MARK_OR_WORD.finditer(text, 0, LONGEST_READ):
        mark, place = match[0], match.start()
        kind = _MARKS.get(mark)
        if kind is None:
            if mark.isspace():  # a blank line
                levels = _Levels()
            levels.fill()
            continue
        before, after = text[place - 1 : place], text[place + 1 : place + 2]
        if kind == "'" and before.isalnum() and after.isalnum():
            continue
        if mark in "\u201c\u2018" or (
            mark == kind
            and (place == opened_to or not before.strip(_BEFORE_OPENING))
            and after.strip(_AFTER_CLOSING)
        ):
            levels.open(kind)
            opened_to = match.end()
        elif levels.close(kind, alternating=True) >= _LEVELS:
            return Verdict(True, f"{_LEVELS} levels, the last one closed by: {mark}")
    return Verdict(False, f"nowhere {_LEVELS} levels that alternate and are all closed")


@reference("format:quotes")
def quotes_reference(response: str) -> Verdict:
    """Three straight marks, double and single in turn, are open at once, and all three closed.

    Apostrophes are marks like others; the deepest level of the whole text so far counts.
    """
    open_now: list[str] = []
    deepest = 0
    for char in response:
        if open_now and char == open_now[-1]:
            open_now.pop()
            if deepest - len(open_now) >= 3:
                return Verdict(True, f"{counted(deepest, 'level')}, closed again")
        elif char in "\"'":
            open_now.append(char)
            deepest = max(deepest, len(open_now))
    return Verdict(False, f"{counted(deepest, 'level')}, 3 closed ones wanted")


@register(
    "format:quote_unquote",
    "Every quoted phrase must be followed by an unquoted explanation.",
    "After each phrase in quotation marks, explain it in words outside quotation marks.",
    "Whenever you quote something, follow it with an explanation that is not quoted.",
    "Each quotation in your answer needs an explanation after it, without quotation marks.",
    "Do not leave a quoted phrase without an unquoted explanation right after it.",
)
def quote_unquote(response: str) -> Verdict:
    """At least one quotation, and after each, before the next one, three unquoted words or more.

    Quotations stand in double marks, straight, curly or angular, and end with their paragraph; a
    mark without a partner is none.
    """
    quotations = _quotations(response)
    if not quotations:
        return Verdict(False, "no quoted phrase")
    for (start, end), following in zip_longest(quotations, (start for start, _ in quotations[1:])):
        explained = len(words(response[end:following]))
        if explained < _EXPLANATION:
            quoted = response[start:end]
            return Verdict(False, f"{counted(explained, 'word')} of explanation: {quoted[:60]}")
    return Verdict(
        True, f"{counted(len(quotations), 'quotation')}, each followed by an explanation"
    )


def _quotations(text: str) -> list[tuple[int, int]]:
    """Where each outermost quotation in double marks begins and ends."""
    places: list[tuple[int, int]] = []
    closer, start = None, 0
    for match in _QUOTE_OR_GAP.finditer(text):
        mark = match[0]
        if closer is None:
            closer, start = _CLOSED_BY.get(mark), match.start()
        elif mark == closer:
            if has_words(text[start + 1 : match.start()]):
                places.append((start, match.end()))
            closer = None
        elif mark.isspace():
            closer = None
    return places


@reference("format:quote_unquote")
def quote_unquote_reference(response: str) -> Verdict:
    """No straight double mark next to another, and none at the end; no mark at all is enough.

    White space, and digits and punctuation at the end, do not count. Curly marks are no marks.
    """
    text = "".join(response.replace("'\"'", "").split())
    if '""' in text:
        return Verdict(False, "two quotation marks without a word between them")
    end = text.strip(string.digits + string.punctuation.replace('"', ""))
    return Verdict(not end.endswith('"'), f"ends with {end[-40:]}")
