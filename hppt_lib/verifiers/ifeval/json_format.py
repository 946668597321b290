"""Whether a response is JSON, and why not. Takes linear time for any depth of nesting."""

from __future__ import annotations

import json
import re
from itertools import accumulate
from string import ascii_letters, digits
from typing import NoReturn

# The deepest nesting that is read. RFC 8259 lets a parser set a limit, and a recursive one must.
DEEPEST = 500

# A string that never ends counts up to the end of the text, so that nothing is read twice.
_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"?')
_BRACKET = re.compile(r"[\[\]{}]")
_STEP = {"[": 1, "{": 1, "]": -1, "}": -1}
_FENCES = ("```", "~~~")


def is_too_deep(text: str) -> bool:
    """Whether more than ``DEEPEST`` brackets are open at once, those inside strings not counted."""
    if text.count("[") + text.count("{") <= DEEPEST:
        return False
    brackets = _BRACKET.findall(_STRING.sub("", text))
    return any(level > DEEPEST for level in accumulate(map(_STEP.__getitem__, brackets)))


def json_complaint(text: str) -> str | None:
    """Why ``text`` is not one JSON object or array, or None if it is.

    By RFC 8259: no NaN or Infinity, no comma after the last item, no comment, no line break inside
    a string.
    """
    body = text.strip()
    if not body.startswith(("{", "[")):
        return "neither an object nor an array"
    if is_too_deep(body):
        return f"nested more than {DEEPEST} deep"
    try:
        _DECODER.decode(body)
    except (ValueError, RecursionError) as error:
        return f"not JSON: {error}"
    return None


def without_fence(text: str) -> str:
    """What stands inside the Markdown fence that holds all of ``text``, or ``text`` itself.

    The fence may name any language, and may open and close on the line of its content.
    """
    body = text.strip()
    if body[:3] in _FENCES and body[-3:] == body[:3]:
        return body.strip("`~").lstrip().lstrip(ascii_letters + digits)
    return body


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


# Numbers stay text: Python refuses those of more than 4,300 digits, JSON does not.
_DECODER = json.JSONDecoder(parse_constant=_refuse, parse_int=str, parse_float=str)
