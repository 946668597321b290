"""Constraints on format that can be seen without understanding the text."""

from __future__ import annotations

import json
import re
from functools import lru_cache

from hppt_lib.verifiers.ifeval.json_format import (
    DEEPEST,
    is_too_deep,
    json_complaint,
    without_fence,
)
from hppt_lib.verifiers.ifeval.markdown import (
    bullet_points,
    emphasised_passages,
    lines_outside_code,
)
from hppt_lib.verifiers.registry import PositiveCount, Verdict, reference, register
from hppt_lib.verifiers.words import counted, without_emphasis, words

_ANSWER = re.compile(r"(?<![^\W_])My\s+answer\s+is\s+(yes|no|maybe)\.")
# A title begins a line, follows a colon, or ends a line (only marks may follow it).
_TITLE = re.compile(
    r"(?:\A|[:\uff1a]\s*)<<([^<>]+)>>|(?<!\w)<<([^<>]+)>>(?=[\s#*_<\"'\u201d\u2019)\].]*\Z)"
)
# These words come before an example of a title; many responses repeat the request with it.
_EXAMPLE = re.compile(
    r"\b(?:i\.e\.|e\.g\.|such as|for example|like),?[\s\"'\u201c\u2018]*\Z", re.IGNORECASE
)
_UNFILLED = frozenset({"title", "my title", "your title"})
# Marks of Markdown and quotation marks that may come before the text of a line.
_BEFORE = " \t#*_>\\\u2022\"'\u201c\u201d\u2018(["
# These may come between a name and a mark: "Verse 1 - SECTION 1", a cell of a table.
_BEFORE_MARK = ("-", "\u2013", "\u2014", ":", "|")
# The X of "SECTION X". A letter must stand apart: "SECTIONS" is no section called S.
_NUMBER = re.compile(
    r"(?:[\W_]{0,3}(\d+)|[\W_]{1,3}([IVXLC]+|[A-Z]|"
    r"(?i:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)))(?![^\W_])"
)
_SINGLE = re.compile(r"\*([^*\n]*)\*")
_DOUBLE = re.compile(r"\*\*([^*\n]*)\*\*")
_OPTIONS = ("My answer is yes.", "My answer is no.", "My answer is maybe.")
_FENCES = ("```json", "```Json", "```JSON", "```")


@register(
    "detectable_format:number_bullet_lists",
    "Answer with exactly {num_bullets} bullet points.",
    "Your answer must contain exactly {num_bullets} bullet points, like this: * A point.",
    "Give exactly {num_bullets} bullet points, each on a line that starts with *.",
    "Use exactly {num_bullets} bullet points.",
    "Write a list of exactly {num_bullets} bullet points.",
)
def number_bullet_lists(response: str, *, num_bullets: PositiveCount) -> Verdict:
    """Exactly a number of bullet points, each with a word in it.

    A bullet point is a line that begins (after indentation) with ``-``, ``*`` or ``+`` and a space,
    or with a round bullet. Points below another point are counted too. A rule such as ``* * *`` or
    ``---``, a line in ``*italics*``, a number below zero and a line of program code are none.
    """
    # A quotation mark that opens the whole response does not hide the point that it stands before.
    lines = lines_outside_code(response.lstrip().removeprefix('"').removeprefix("\u201c"))
    number = bullet_points(lines)
    return Verdict(
        number == num_bullets,
        f"{counted(number, 'bullet point')}, exactly {num_bullets} wanted",
    )


@reference("detectable_format:number_bullet_lists")
def number_bullet_lists_reference(response: str, *, num_bullets: PositiveCount) -> Verdict:
    """Exactly so many lines whose first character is ``-``, or ``*`` without another after it.

    The character after a ``*`` may be the line end, and then the next line belongs to the point.
    """
    lines = [line.lstrip() for line in response.split("\n")]
    number = sum(line.startswith("-") for line in lines)
    rest = iter(lines)
    for line in rest:
        if line.startswith("*") and not line.startswith("**"):
            # The character after a lone "*" is the line end, and the next line goes with it.
            number += line != "*" or next(rest, None) is not None
    return Verdict(
        number == num_bullets,
        f"{counted(number, 'bullet point')}, exactly {num_bullets} wanted",
    )


@register(
    "detectable_format:number_highlighted_sections",
    "Highlight at least {num_highlights} sections of your answer with Markdown, i.e. *section*.",
    "At least {num_highlights} parts of your answer must be highlighted, like *this part*.",
    "Use asterisks to highlight at least {num_highlights} passages, such as *this one*.",
    "Put at least {num_highlights} passages in *italics* or **bold** with asterisks.",
    "Your answer should have {num_highlights} or more passages marked as *highlighted text*.",
)
def number_highlighted_sections(response: str, *, num_highlights: PositiveCount) -> Verdict:
    """At least a number of passages in italics or bold, marked with asterisks.

    Counted as Markdown shows them: the mark of a bullet point is no asterisk of emphasis,
    ``***x***`` is one passage, ``2*3*4`` and code are none, and a passage may go over a line break.
    Underscores are not counted, since the constraint names the asterisk.
    """
    number = emphasised_passages(response)
    return Verdict(
        number >= num_highlights,
        f"{counted(number, 'highlighted passage')}, at least {num_highlights} wanted",
    )


@reference("detectable_format:number_highlighted_sections")
def number_highlighted_sections_reference(
    response: str, *, num_highlights: PositiveCount
) -> Verdict:
    """At least so many stretches between asterisks on one line, or between pairs of them.

    The mark of a bullet point opens a stretch too, so that ``* **x**`` holds two.
    """
    number = sum(
        bool(match[1].strip()) for kind in (_SINGLE, _DOUBLE) for match in kind.finditer(response)
    )
    return Verdict(
        number >= num_highlights,
        f"{counted(number, 'highlighted passage')}, at least {num_highlights} wanted",
    )


@register(
    "detectable_format:title",
    "Give your answer a title in double angular brackets, such as <<my title>>.",
    "Include a title wrapped in double angular brackets, like <<this>>.",
    "Your answer must contain a title written as <<title>>.",
    "Put a title between << and >>.",
    "Add a title, enclosed in double angular brackets, i.e. <<title>>.",
)
def title(response: str) -> Verdict:
    """A title in double angular brackets that begins a line, ends it, or follows a colon.

    So "Subject: <<Hot tea>>" has one, and a bit shift in a formula has none, nor has "It is <<hot>>
    tea.". An example in a request that the response repeats ("i.e. <<title>>") is no title, and
    <<title>> itself is the place for one, left unfilled.
    """
    for line in lines_outside_code(response) if "<<" in response else ():
        if "<<" in line:
            line = line.lstrip(_BEFORE + "-")
            for match in _TITLE.finditer(line):
                name = (match[1] or match[2]).strip()
                example = _EXAMPLE.search(line, match.start() - 40, match.start())
                if words(name) and name.lower() not in _UNFILLED and not example:
                    return Verdict(True, f"title found: {name[:60]}")
    return Verdict(False, "no title in double angular brackets")


@reference("detectable_format:title")
def title_reference(response: str) -> Verdict:
    """On some line, ``<<`` and later ``>>`` with more between them than brackets and blanks."""
    for line in response.split("\n"):
        inside = line.partition("<<")[2].rpartition(">>")[0]
        name = inside.lstrip("<").rstrip(">").strip()
        if name:
            return Verdict(True, f"title found: {name[:60]}")
    return Verdict(False, "no title in double angular brackets")


@register(
    "detectable_format:constrained_response",
    "Answer with one of these phrases: My answer is yes. My answer is no. My answer is maybe.",
    "Your answer must contain exactly one of: 'My answer is yes.', 'My answer is no.', "
    "'My answer is maybe.'",
    "Choose one of 'My answer is yes.', 'My answer is no.' and 'My answer is maybe.' and say it.",
    "Give your answer as one of the following: My answer is yes. / My answer is no. / "
    "My answer is maybe.",
)
def constrained_response(response: str) -> Verdict:
    """Exactly one of the three phrases, letter for letter, on its own or with text around it.

    Most of IFEval's prompts ask for an answer that *contains* the phrase, or for reasons before it.
    Two of the phrases are no choice; the same one twice is. Emphasis and the width of white space
    are not part of a phrase.
    """
    answers = sorted(set(_ANSWER.findall(without_emphasis(response))))
    shown = " and ".join(answers) or "no phrase found"
    return Verdict(len(answers) == 1, f"{shown}; exactly one of yes, no and maybe wanted")


@reference("detectable_format:constrained_response")
def constrained_response_reference(response: str) -> Verdict:
    """One of the three phrases is found anywhere, or several of them."""
    answers = [each for each in _OPTIONS if each in response]
    return Verdict(bool(answers), f"answer found: {answers[0]}" if answers else "no phrase found")


@register(
    "detectable_format:json_format",
    "Wrap your entire answer in JSON format.",
    "Your whole output must be JSON; you may put it between Markdown ticks such as ```.",
    "Answer with one JSON block and nothing else.",
    "Format the entire output as valid JSON.",
)
def json_format(response: str) -> Verdict:
    """The whole response is one JSON object or array, in a Markdown fence or not.

    The fence may name any language. Text before or after it, a second block, a bare number or
    string, NaN, a comma after the last item and a line break inside a string are against the rule.
    """
    complaint = json_complaint(without_fence(response))
    return Verdict(complaint is None, complaint or "valid JSON")


@reference("detectable_format:json_format")
def json_format_reference(response: str) -> Verdict:
    """Python's parser takes the response, without the fence of Markdown that may hold it.

    So scalars and NaN pass. Nested deeper than a limit it fails; the benchmark's program crashes
    there, at about twice our limit.
    """
    body = response.strip()
    for fence in _FENCES:
        body = body.removeprefix(fence)
    body = body.removesuffix("```").strip()
    if is_too_deep(body):
        return Verdict(False, f"nested more than {DEEPEST} deep")
    try:
        json.loads(body)
    except (ValueError, RecursionError) as error:
        return Verdict(False, f"not JSON: {error}")
    return Verdict(True, "valid JSON")


@register(
    "detectable_format:multiple_sections",
    "Your answer must have {num_sections} sections, each beginning with {section_spliter} X, "
    "where X is its number.",
    "Write {num_sections} sections and mark the beginning of each: {section_spliter} 1, and so on.",
    "Divide your answer into {num_sections} sections, headed {section_spliter} 1, "
    "{section_spliter} 2, and so on.",
    "There should be exactly {num_sections} sections, each marked with {section_spliter} and its "
    "number.",
)
def multiple_sections(
    response: str, *, section_spliter: str, num_sections: PositiveCount
) -> Verdict:
    """Exactly a number of sections, each with a mark such as "SECTION 1" that heads its line.

    What is counted are different marks, so that two versions with seven days each have seven, a
    table of contents adds none, and "3.1" lies in 3. A mark has the same capitals as in the
    constraint; its X is a number in digits, in Roman numerals or in words, or a letter. A section
    without a word in it does not count. Markdown, quotation marks or a name and a dash ("Verse 1 -
    SECTION 1") may stand before the mark; a mark inside a sentence is a mention.
    """
    filled: set[str] = set()
    label = ""
    name = section_spliter.strip()
    for line in response.splitlines() if name in response else ():
        mark = _section_mark(line, name) if name in line else None
        if mark:
            label, line = mark
        if label and label not in filled and any(map(str.isalnum, line)):
            filled.add(label)
    shown = ", ".join(sorted(filled)[:10])[:60]
    return Verdict(
        len(filled) == num_sections,
        f"{counted(len(filled), 'section')} ({shown}), exactly {num_sections} wanted",
    )


def _section_mark(line: str, name: str) -> tuple[str, str] | None:
    """The number of the section that a line with ``name`` opens, and the rest of the line, or None.

    The rest is what follows the mark: "SECTION 1: Tea" has "Tea", "SECTION 1" nothing.
    """
    at = line.index(name)
    before = line[:at].rstrip(_BEFORE)
    if before and not before.endswith(_BEFORE_MARK):
        return None
    number = _NUMBER.match(line, at + len(name))
    return ((number[1] or number[2]).upper(), line[number.end() :]) if number else None


@reference("detectable_format:multiple_sections")
def multiple_sections_reference(
    response: str, *, section_spliter: str, num_sections: PositiveCount
) -> Verdict:
    """At least so many marks with digits, anywhere in the text and with any numbers."""
    number = sum(1 for _ in _section_pattern(section_spliter.strip()).finditer(response))
    return Verdict(
        number >= num_sections,
        f"{counted(number, 'mark')} of a section, at least {num_sections} wanted",
    )


@lru_cache(maxsize=64)
def _section_pattern(name: str) -> re.Pattern[str]:
    if not any(each in name for each in "*+?{("):
        try:
            return re.compile(rf"{name}\s?\d+")
        except (re.error, OverflowError):
            pass
    return re.compile(rf"{re.escape(name)}\s?\d+")
