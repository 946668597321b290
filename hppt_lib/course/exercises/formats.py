"""Exercises of notebook 02: verifiers of formats, built by hand; `verifiers` has those of words.

Each mistake below is written out as the wrong code that readers tend to write.
"""

from __future__ import annotations

import json
import re
from typing import NoReturn

from hppt_lib.course.checks import Case, Exercise, Mistake

# --- (c) -----------------------------------------------------------------------------------------

_MARKS = ("- ", "* ", "+ ", "• ")


def exactly_bullets(response: str, wanted: int) -> bool:
    """Whether a response has exactly ``wanted`` bullet points.

    A bullet point is a line that begins, after its indentation, with ``-``, ``*``, ``+`` or ``•``
    and a space, and that holds a letter or a digit: a rule such as ``* * *`` is none.
    """
    found = 0
    for line in response.splitlines():
        bare = line.strip()
        if bare.startswith(_MARKS) and any(map(str.isalnum, bare)):
            found += 1
    return found == wanted


def bullets(
    response: str, *, marks: tuple[str, ...] = _MARKS, indented: bool = True, bare: bool = False
) -> int:
    """The number of bullet points, counted rightly unless an argument says otherwise.

    Args:
        response: what to count in.
        marks: what a bullet point begins with.
        indented: whether those count that do not stand at the start of their line.
        bare: whether those count that hold neither a letter nor a digit.
    """
    lines = [line.strip() if indented else line.rstrip() for line in response.splitlines()]
    begun = [line for line in lines if line.startswith(marks)]
    return sum(bare or any(map(str.isalnum, line)) for line in begun)


def _numbered(response: str) -> int:
    return sum(bool(re.match(r"\s*\d+[.)] ", line)) for line in response.splitlines())


def _anywhere(response: str) -> int:
    return sum(response.count(mark) for mark in _MARKS)


# Counting marks without a space after them finds ---, -5 and **bold**; with "bare" also rules.
BULLET_MISTAKES = (
    Mistake(
        "let more bullet points than wanted pass: exactly is `==`, not `>=`",
        lambda response, wanted: bullets(response) >= wanted,
    ),
    Mistake(
        "let fewer bullet points than wanted pass: exactly is `==`, not `<=`",
        lambda response, wanted: bullets(response) <= wanted,
    ),
    Mistake(
        "count a rule such as `* * *` or `- - -` as a bullet point: it holds no word",
        lambda response, wanted: bullets(response, bare=True) == wanted,
    ),
    Mistake(
        "ask for no space after the mark: `**Bold**` and `-5` are then bullet points",
        lambda response, wanted: bullets(response, marks=("-", "*", "+", "•")) == wanted,
    ),
    Mistake(
        "count every line that begins with a mark: `---` and `**Bold**` are then bullet points",
        lambda response, wanted: bullets(response, marks=("-", "*", "+", "•"), bare=True) == wanted,
    ),
    Mistake(
        "miss the bullet points that are indented",
        lambda response, wanted: bullets(response, indented=False) == wanted,
    ),
    Mistake(
        "know the mark `*` only",
        lambda response, wanted: bullets(response, marks=("* ",)) == wanted,
    ),
    Mistake(
        "know the mark `-` only",
        lambda response, wanted: bullets(response, marks=("- ",)) == wanted,
    ),
    Mistake(
        "know the marks `-` and `*` only",
        lambda response, wanted: bullets(response, marks=("- ", "* ")) == wanted,
    ),
    Mistake(
        "count the items of numbered lists too",
        lambda response, wanted: bullets(response) + _numbered(response) == wanted,
    ),
    Mistake(
        "count the marks anywhere in the text (`response.count`), not at the start of a line",
        lambda response, wanted: _anywhere(response) == wanted,
    ),
    Mistake(
        "count all lines",
        lambda response, wanted: (
            sum(bool(each.strip()) for each in response.splitlines()) == wanted
        ),
    ),
)

_EXACTLY_BULLETS = Exercise(
    reference=exactly_bullets,
    cases=(
        Case("two points, 2 wanted", {"response": "Here:\n- tea\n- milk", "wanted": 2}),
        Case("three points, 2 wanted", {"response": "* tea\n* milk\n- jam", "wanted": 2}),
        Case("one point, 2 wanted", {"response": "* tea", "wanted": 2}),
        Case("two points and the rule ---", {"response": "* tea\n---\n- milk", "wanted": 2}),
        Case("two points and the rule * * *", {"response": "* tea\n* * *\n- milk", "wanted": 2}),
        Case("a bold line and two points", {"response": "**Tea**\n- hot\n* wet", "wanted": 2}),
        Case("one point of two indented", {"response": "- tea\n  * green", "wanted": 2}),
        Case("the marks + and •", {"response": "+ tea\n• milk", "wanted": 2}),
        Case("a numbered list and two points", {"response": "1. tea\n- a\n* b", "wanted": 2}),
        Case("a mark inside a line", {"response": "- tea * hot\n* 3 - 2", "wanted": 2}),
    ),
    mistakes=BULLET_MISTAKES,
    not_covered="program code that holds such lines, and bullet points below a numbered item.",
)

# --- (e) -----------------------------------------------------------------------------------------


def is_json(response: str) -> bool:
    """Whether a whole response is one JSON object or list, bare or in one Markdown fence.

    NaN and Infinity are no JSON, though Python's parser takes them. No response may raise.
    """
    body = _without_fence(response)
    try:
        value = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, (dict, list))


def _without_fence(response: str) -> str:
    body = response.strip()
    if body.startswith("```") and body.endswith("```"):
        body = body[3:-3].partition("\n")[2]  # the first line holds at most the language
    return body


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _loads(text: str) -> object:
    """The value, or None if there is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _between_brackets(response: str) -> bool:
    start, end = response.find("{"), response.rfind("}")
    return is_json(response[start : end + 1]) or is_json(response)


_IS_JSON = Exercise(
    reference=is_json,
    cases=(
        Case("an object", {"response": '{"tea": "hot"}\n'}),
        Case("a comma too many", {"response": '{"tea": "hot",}'}),
        Case("a list", {"response": '[{"tea": 1}, {"tea": 2}]'}),
        Case("an object in a fence", {"response": '```json\n{"tea": "hot"}\n```'}),
        Case("an object in a fence without 'json'", {"response": '```\n{"tea": 1}\n```'}),
        Case("a text before the object", {"response": 'Here you are: {"tea": "hot"}'}),
        Case("a number only", {"response": "42"}),
        Case("NaN in an object", {"response": '{"tea": NaN}'}),
        Case("100,000 opening brackets: must be refused, not crash", {"response": "[" * 100_000}),
    ),
    mistakes=(
        Mistake(
            "take any JSON value: a number or a word alone is no answer in JSON format",
            lambda response: _loads(_without_fence(response)) is not None,
        ),
        Mistake(
            "take any JSON value but NaN: a number or a word alone is no answer in JSON format",
            lambda response: _accepts(_without_fence(response)),
        ),
        Mistake(
            "take NaN: Python's parser does, JSON does not (see `parse_constant`)",
            lambda response: isinstance(_loads(_without_fence(response)), (dict, list)),
        ),
        Mistake(
            "hand the fence to the parser: take the lines with ``` off first",
            lambda response: not response.startswith("```") and is_json(response),
        ),
        Mistake(
            "know the fence ```json only, not the one without a name",
            lambda response: not response.startswith("```\n") and is_json(response),
        ),
        Mistake(
            "take objects only: a list is JSON too",
            lambda response: is_json(response) and not _without_fence(response).startswith("["),
        ),
        Mistake(
            "cut out what stands between the first and the last bracket: the whole response should "
            "be JSON",
            _between_brackets,
        ),
        Mistake(
            "look at the first and the last character only, and do not parse",
            lambda response: (
                (body := _without_fence(response).strip())[:1] + body[-1:] in ("{}", "[]")
            ),
        ),
    ),
    not_covered="keys that occur twice, numbers of thousands of digits, and text in a fence that "
    "is followed by other text.",
)


def _accepts(text: str) -> bool:
    try:
        json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False
    return True


EXERCISES: dict[str, Exercise] = {
    "exactly_bullets": _EXACTLY_BULLETS,
    "is_json": _IS_JSON,
}
