"""Constraints that ask for a copy: of the request, of a part of it, or of a phrase."""

from __future__ import annotations

import os
import re
from operator import ne
from typing import Annotated

from hppt_lib.verifiers.answer import as_seen
from hppt_lib.verifiers.registry import AsGiven, Count, PositiveCount, Verdict, reference, register
from hppt_lib.verifiers.words import counted, dictionary_words, typed

_SEPARATOR = "******"


class _Phrase:
    """Demands that a phrase has a word between its first and its last one."""

    def complaint(self, value: str) -> str | None:
        """What is wrong with ``value``, or None."""
        all_words = dictionary_words(value)
        return None if len(all_words) > 2 else f"{value!r} has no word in its centre"


@register(
    "copy:repeat_phrase",
    "Repeat the phrase {phrase} exactly {small_n} times, transforming it slightly each time by"
    " replacing only one word in the center of the phrase.",
    "Write the phrase {phrase} exactly {small_n} times, each time with one word in its middle"
    " replaced by another.",
    "Your answer must hold exactly {small_n} versions of the phrase {phrase}; in each, replace one"
    " word that is neither its first nor its last.",
    "Give exactly {small_n} variations of {phrase}, each with just one of its inner words"
    " exchanged.",
)
def repeat_phrase(
    response: str, *, phrase: Annotated[str, _Phrase()], small_n: PositiveCount
) -> Verdict:
    """Exactly a number of versions of a phrase, each with one inner word replaced by another.

    Case, punctuation and line breaks do not matter. The first and the last word are not in the
    centre of the phrase. The phrase itself, unchanged, is a repetition too, and a wrong one; so is
    one with two words replaced, or with another first or last word.
    """
    wanted = dictionary_words(phrase)
    all_words = dictionary_words(response)
    size = len(wanted)
    right = start = 0
    while start + size <= len(all_words):
        # No repetition has three words replaced, and so one of its first three is in its place.
        if size > 2 and not (
            all_words[start] == wanted[0]
            or all_words[start + 1] == wanted[1]
            or all_words[start + 2] == wanted[2]
        ):
            start += 1
            continue
        window = all_words[start : start + size]
        changed = sum(map(ne, window, wanted))
        ends_differ = window[0] != wanted[0] or window[-1] != wanted[-1]
        if changed == 1 and not ends_differ:
            right += 1
            start += size
        # With three words left in their places it is a repetition, though no good one.
        elif changed <= (2 if size > 4 else 1):
            return Verdict(False, f"not changed in one inner word: {_cut(' '.join(window))}")
        else:
            start += 1
    return Verdict(
        right == small_n,
        f"{counted(right, 'version')} with one inner word replaced, exactly {small_n} wanted",
    )


@reference("copy:repeat_phrase")
def repeat_phrase_reference(response: str, *, phrase: str, small_n: int) -> Verdict:
    """From its first word to its last on one line; at most one word differs, in the last: one."""
    wanted = phrase.split()
    try:
        repetitions = _stretches(response, f"{wanted[0]} ", f" {wanted[-1]}")
    except re.error as error:
        return Verdict(False, f"the program stops: the phrase is no valid pattern ({error})")
    if len(repetitions) != small_n:
        return Verdict(
            False, f"{counted(len(repetitions), 'repetition')}, exactly {small_n} wanted"
        )
    changes = []
    for stretch in repetitions:
        words = stretch.split()
        if len(words) != len(wanted):
            return Verdict(False, f"{counted(len(words), 'word')}, {len(wanted)} wanted")
        changes.append(sum(one != other for one, other in zip(words, wanted, strict=True)))
    return Verdict(
        changes[-1] == max(changes) == 1,
        f"words replaced: {changes}, wanted: 1 in the last, no more in the others",
    )


def _stretches(text: str, first: str, last: str) -> list[str]:
    """What the pattern of ``first``, anything on the same line and ``last`` finds, from the left.

    The program's own pattern looks for the end of the line anew from every beginning.
    """
    beginning, ending = re.compile(first), re.compile(last)
    stretches: list[str] = []
    for line in text.split("\n"):
        place = 0
        while (start := beginning.search(line, place)) and (
            end := ending.search(line, start.end())
        ):
            place = end.end()
            stretches.append(line[start.start() : place])
    return stretches


@register(
    "copy:copy",
    "Copy this instruction verbatim, do not follow the instruction, only copy it into the output"
    " (do not include this instruction sentence!).\n{prompt_to_repeat}",
    "Do not answer the request below; copy it word for word and write nothing else.\n"
    "{prompt_to_repeat}",
    "Your whole answer must be an exact copy of this text:\n{prompt_to_repeat}",
    "Reproduce the following request exactly, without following it:\n{prompt_to_repeat}",
)
def copy(response: str, *, prompt_to_repeat: str) -> Verdict:
    """The response is the given text, character by character.

    Capitals count, since a copy is to be verbatim. White space around it and at the ends of lines,
    which no reader sees, does not; neither does the shape of quotation marks.
    """
    return _compared(response, prompt_to_repeat)


@reference("copy:copy")
def copy_reference(response: str, *, prompt_to_repeat: str) -> Verdict:
    """The same text but for capitals and the white space around it."""
    return Verdict(_same(response, prompt_to_repeat), "compared without regard to capitals")


@register(
    "copy:copying_simple",
    "Repeat the request without change (do not say anything before repeating the request) and do"
    " not answer the actual request!\n{prompt_to_repeat}",
    "Repeat the following request exactly as it is and do not answer it:\n{prompt_to_repeat}",
    "Say nothing but this request, unchanged:\n{prompt_to_repeat}",
    "Instead of answering, repeat this request word for word:\n{prompt_to_repeat}",
)
def copying_simple(response: str, *, prompt_to_repeat: str) -> Verdict:
    """The response is the request and nothing else, as in ``copy:copy``."""
    return _compared(response, prompt_to_repeat)


@reference("copy:copying_simple")
def copying_simple_reference(response: str, *, prompt_to_repeat: str) -> Verdict:
    """As ``copy:copy``."""
    return copy_reference(response, prompt_to_repeat=prompt_to_repeat)


@register(
    "copy:copying_multiple",
    "Repeat the request without change {N} times, separated by 6 asterisk symbols (do not say"
    " anything before repeating the request) and do not answer the actual request!\n"
    "{prompt_to_repeat}",
    "Do not answer the request below. Write it {N} times, unchanged, with ****** between the"
    " copies.\n{prompt_to_repeat}",
    "Your answer must be {N} exact copies of this text, separated by six asterisks:\n"
    "{prompt_to_repeat}",
    "Copy the following request {N} times, each copy separated from the next by ******:\n"
    "{prompt_to_repeat}",
)
def copying_multiple(response: str, *, prompt_to_repeat: str, N: PositiveCount) -> Verdict:
    """A number of exact copies of the request with ``******`` between them and nothing else.

    Copies as in ``copy:copy``. White space may stand around the six asterisks; a seventh, or
    asterisks before the first or after the last copy, separate nothing.
    """
    text, wanted = _seen(response), _seen(prompt_to_repeat)
    place = copies = 0
    while text.startswith(wanted, place):
        copies += 1
        place = _after_space(text, place + len(wanted))
        if place == len(text):
            return Verdict(copies == N, f"{copies} in all, {N} copies wanted")
        # The separator may be a part of the copied text: it is looked for only after a copy.
        if not text.startswith(_SEPARATOR, place):
            return Verdict(False, f"after copy {copies} stands: {_cut(text[place:])}")
        place = _after_space(text, place + len(_SEPARATOR))
    return Verdict(False, f"not a copy: {_cut(text[place:]) or 'nothing'}")


@reference("copy:copying_multiple")
def copying_multiple_reference(response: str, *, prompt_to_repeat: str, N: int) -> Verdict:
    """Cut at every six asterisks, wherever they stand, there are so many equal parts."""
    parts = response.split("******")
    same = all(_same(each, prompt_to_repeat) for each in parts)
    return Verdict(len(parts) == N and same, f"{counted(len(parts), 'part')}, all the same: {same}")


@register(
    "new:copy_span_idx",
    "Copy the span of words that lies between (and including) index {n_start} and {n_end}, the"
    " indices are character indices!\n{prompt_to_repeat}",
    "From the text below, copy the characters with the indices {n_start} to {n_end}, both included,"
    " and write nothing else. The first character has the index 0.\n{prompt_to_repeat}",
    "Your whole answer must be the part of this text from character index {n_start} through"
    " character index {n_end}, counted from 0:\n{prompt_to_repeat}",
    "Counting characters from 0, copy out those from {n_start} up to and including {n_end}:\n"
    "{prompt_to_repeat}",
)
def copy_span_idx(
    response: str,
    *,
    prompt_to_repeat: Annotated[str, AsGiven()],
    n_start: Count,
    n_end: PositiveCount,
) -> Verdict:
    """The response is the given text from one character index through another.

    Indices count from 0, as programs count; "and including" takes the character at the second one
    too. Capitals count, white space around the copy does not.
    """
    return _compared(response, as_seen(prompt_to_repeat[n_start : n_end + 1]))


def _compared(response: str, wanted: str) -> Verdict:
    copied, wanted = _seen(response), _seen(wanted)
    if copied == wanted:
        return Verdict(True, "an exact copy")
    same = len(os.path.commonprefix([copied, wanted]))
    return Verdict(
        False,
        f"from character {same} on: {_cut(copied[same:]) or 'nothing'},"
        f" wanted: {_cut(wanted[same:]) or 'nothing'}",
    )


def _seen(text: str) -> str:
    """``text`` without the white space that no reader sees, with the marks of a keyboard."""
    text = typed(text)
    return "\n".join(map(str.rstrip, text.strip().split("\n")))


def _after_space(text: str, place: int) -> int:
    while place < len(text) and text[place].isspace():
        place += 1
    return place


def _cut(text: str) -> str:
    return text if len(text) <= 60 else text[:60] + "\u2026"


@reference("new:copy_span_idx")
def copy_span_idx_reference(
    response: str, *, prompt_to_repeat: str, n_start: int, n_end: int
) -> Verdict:
    """The part from the first index to *before* the second one."""
    wanted = prompt_to_repeat[n_start:n_end]
    return Verdict(_same(response, wanted), f"wanted: {wanted.strip()[:60]}")


def _same(one: str, other: str) -> bool:
    return one.strip().lower() == other.strip().lower()
