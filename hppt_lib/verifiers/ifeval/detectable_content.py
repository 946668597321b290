"""Constraints on content that can be seen without understanding the text."""

from __future__ import annotations

import re
from functools import lru_cache

from hppt_lib.verifiers.ifeval.placeholders import placeholder_count
from hppt_lib.verifiers.registry import Count, Verdict, reference, register
from hppt_lib.verifiers.sentences import paragraphs
from hppt_lib.verifiers.unspaced import EAST, is_unspaced
from hppt_lib.verifiers.words import counted, word_count

_DECORATION = " \t*_#>-~\"'([\u201c\u2018\u2014\u2013"
_SENTENCE_ENDS = ".!?\u2026:;)]}\"'\u201d\u2019\u0964\u3002\u300d\uff01\uff09\uff1a\uff1b\uff1f"
_P = re.compile(r"\bp\.$", re.IGNORECASE)
_HEADING = re.compile(r"^[ \t]*#{1,6}[ \t]", re.MULTILINE)
# A postscript is an afterthought: this many words, or as many as stand before it.
_LONGEST_POSTSCRIPT = 100
_MOST_PARAGRAPHS = 3


@register(
    "detectable_content:number_placeholders",
    "Include at least {num_placeholders} placeholders in square brackets, such as [address].",
    "Your answer must contain at least {num_placeholders} placeholders like [name] or [date].",
    "Use {num_placeholders} or more placeholders, written in square brackets, e.g. [address].",
    "There should be at least {num_placeholders} placeholders in square brackets, as in [name].",
    "Leave at least {num_placeholders} blanks to fill in, marked with square brackets: [address].",
)
def number_placeholders(response: str, *, num_placeholders: Count) -> Verdict:
    r"""At least a number of placeholders: text in square brackets that is to be filled in.

    It stands on one line and holds a letter; the same one counts as often as it stands. What is
    clearly something else is none: in Markdown the box of a to-do list (``[x]``), a footnote
    (``[1]``, ``[^note]``), an image, a link and its text, by address or by reference
    (``[here](page.html)``, ``[here][ref]`` where ``[ref]: https://…`` stands too); in LaTeX a
    formula and the options of a command (``\item[a]``); in code, between backticks or in a fenced
    block, an index, a type, a list and a class of a regular expression. A fenced block that names a
    programming language has none. ``[name]`` alone between backticks is one, and so is what stands
    in a block without a label or with one such as ``text`` or ``html``: templates are shown there.
    ``[Smith, 2020]``, which may be a citation or an example of one, counts.
    """
    number = placeholder_count(response)
    return Verdict(
        number >= num_placeholders,
        f"{counted(number, 'placeholder')}, at least {num_placeholders} wanted",
    )


@reference("detectable_content:number_placeholders")
def number_placeholders_reference(response: str, *, num_placeholders: Count) -> Verdict:
    """Pairs of square brackets on one line, whatever is in them."""
    number = 0
    for line in response.split("\n"):
        start = line.find("[")
        while start >= 0 and (end := line.find("]", start)) >= 0:
            number += 1
            start = line.find("[", end)
    return Verdict(
        number >= num_placeholders,
        f"{counted(number, 'pair')} of square brackets, at least {num_placeholders} wanted",
    )


@register(
    "detectable_content:postscript",
    "At the end of your answer, add a postscript that starts with {postscript_marker}",
    "Finish with a postscript starting with {postscript_marker}",
    "Your answer must end with a postscript, introduced by {postscript_marker}",
    "Add a postscript after your answer. It has to begin with {postscript_marker}",
    "Close with a note that starts with {postscript_marker}",
)
def postscript(response: str, *, postscript_marker: str) -> Verdict:
    """The response ends with a postscript: the marker, in any case, and at least a word after it.

    The marker begins a line or follows the end of a sentence; a space after its full stops is
    forgiven ("P. S."), a missing full stop is not. Something stands before the postscript, and
    after the marker come no heading, no more than three paragraphs and no more than 100 words, or
    no more than stand before it: else it is not at the end.
    """
    marker = postscript_marker.strip()
    plain = response.isascii() and marker.isascii()
    text = response.upper() if plain else response  # as long as it was
    places = [each.span() for each in _marker(marker, plain).finditer(text)]
    last = next((each for each in places[::-1] if _begins_a_note(response, each[0])), None)
    if last is None:
        return Verdict(False, f"no line or sentence begins with {marker}")
    after, before = response[last[1] :], response[: last[0]]
    length = word_count(after)
    if not length:
        return Verdict(False, f"nothing follows {marker}")
    if not any(map(str.isalnum, before)):
        return Verdict(False, f"nothing stands before {marker}")
    if length > _LONGEST_POSTSCRIPT and length > word_count(before):
        return Verdict(False, f"{length} words follow {marker}: it is not at the end")
    if len(paragraphs(after)) > _MOST_PARAGRAPHS:
        return Verdict(
            False, f"{len(paragraphs(after))} paragraphs from {marker} on: not at the end"
        )
    if _HEADING.search(after):
        return Verdict(False, f"a heading follows {marker}: it is not at the end")
    return Verdict(True, f"{marker} with {counted(length, 'word')} after it")


@lru_cache(maxsize=64)
def _marker(marker: str, in_capitals: bool) -> re.Pattern[str]:
    """Finds a marker in any case, or in a text of capitals, which takes a third of the time.

    "P. S." is forgiven, "P.P.Suits" is another word.
    """
    letters = (
        re.escape(each.upper())
        if in_capitals
        else f"(?:{re.escape(each.lower())}|{re.escape(each.upper())})"
        for each in marker
    )
    return re.compile(r"[ \t]?".join(letters) + rf"(?!(?<=\w)(?![{EAST}])\w)")


def _begins_a_note(response: str, start: int) -> bool:
    """Whether ``start`` is the beginning of a line or of a sentence, but for Markdown's marks."""
    before = ""
    for skipped in (" \t", _DECORATION):
        place = start
        while place > 0 and response[place - 1] in skipped:
            place -= 1
        before = response[max(0, place - 3) : place]
        if before and before[-1] in _SENTENCE_ENDS:
            # A wide mark needs no space after it. The "P. S." of "P. P. S." begins nothing.
            if is_unspaced(before[-1]) or (place < start and not _P.search(before)):
                return True
    return not before or before[-1] in "\r\n"


@reference("detectable_content:postscript")
def postscript_reference(response: str, *, postscript_marker: str) -> Verdict:
    """The marker stands anywhere, in any case and even in the middle of a word."""
    marker = postscript_marker.strip()
    # In other markers than these two a full stop stands for any character.
    pattern = {"P.P.S": r"p\.\s?p\.\s?s", "P.S.": r"p\.\s?s\."}.get(
        marker, re.escape(marker.lower()).replace("\\.", ".")
    )
    stands = bool(re.search(pattern, response.lower()))
    return Verdict(stands, f"the marker {'stands' if stands else 'does not stand'} in the text")
