"""Reads verdicts from a judge's reply: the usual formats, and nothing ambiguous.

A reply that is cut off, is unclear, contradicts itself or numbers the constraints differently gives
*no verdict*: nothing here guesses. Every step takes time linear in the reply.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from hppt_lib.judges.protocol import Judgement, no_verdict

UNREADABLE = "unreadable reply"
"""The kind of problem of a reply that states no verdict, or no clear one."""

_KEPT = 2000  # characters of a reply that are kept for a reader
_LINE_READ = 300  # characters of a line that are read: a verdict stands at its beginning

# Marks that stand around a verdict in Markdown and quotes; the line is read without them.
_MARKS = str.maketrans("", "", "*_`\"'")
_WORD = r"(yes|no)(?= ?$|[.,;:!](?: |$)| ?[–—(/]| - | or )(.*)"
_LINE = re.compile(
    r"(?:[-•#]+ )?(?:(?:constraint|answer|verdict) ?)?"
    r"(?:[#(\[]?(\d{1,3})[)\]]? ?[.:)=–—-]? ?|: ?)?"
    rf"(?:(?:answer|verdict) ?: ?)?{_WORD}",
    re.IGNORECASE,
)
_FIRST_WORD = re.compile(r"[^a-z]*([a-z]*)")
_HEDGES = frozenset({"or", "maybe", "perhaps", "partly", "partially", "mostly", "somewhat"})
_NUMBER_FIELDS = ("constraint", "number", "id")
_VERDICT_FIELDS = ("verdict", "answer", "satisfied")


def read_reply(reply: str, constraints: int) -> tuple[Judgement, ...]:
    """The verdicts of a reply, one for each constraint, whatever the text.

    For several constraints: a line each (``1: Yes``, ``1. **No** – why``), or the whole reply as
    JSON (a list of as many, or numbers and verdicts). For one: ``Yes`` or ``No`` at the beginning
    of a line. A constraint that is not answered, or answered twice, gets no verdict. A number that
    was not asked for shows that the judge counts differently: then nothing in the reply counts.

    Args:
        reply: what the judge wrote; what stands in ``<think>`` is left out.
        constraints: how many it was asked about, at least one.
    """
    kept = reply[:_KEPT]
    answer = _without_thoughts(reply)
    if not answer.strip():
        problem = f"{UNREADABLE} (nothing but thoughts)" if reply.strip() else "empty reply"
        return tuple([no_verdict(problem, kept)] * constraints)
    verdicts = _json_verdicts(answer)
    if isinstance(verdicts, list):
        if len(verdicts) != constraints:
            problem = f"{UNREADABLE} ({len(verdicts)} verdicts for {constraints} constraints)"
            return tuple([no_verdict(problem, kept)] * constraints)
        verdicts = dict(enumerate(([each] for each in verdicts), start=1))
    elif verdicts is None:
        verdicts = _line_verdicts(answer, constraints)
    strange = sorted(number for number in verdicts if not 1 <= number <= constraints)
    if strange:
        problem = f"{UNREADABLE} (it has a number {strange[0]} of {constraints})"
        return tuple([no_verdict(problem, kept)] * constraints)
    alone = constraints == 1
    return tuple(
        _judgement(verdicts.get(number, []), kept, alone) for number in range(1, constraints + 1)
    )


def reads_as_verdict(text: str) -> bool:
    """Whether a text, as a reply, would state a verdict: such text is disarmed in a prompt."""
    verdicts = _json_verdicts(text)
    if verdicts is not None:
        return bool(verdicts)
    return any(_line_verdict(line) is not None for line in text.splitlines())


def _judgement(verdicts: list[bool | None], reply: str, alone: bool) -> Judgement:
    """The verdict of one constraint from all that the reply says of it."""
    if not verdicts:
        return no_verdict(f"{UNREADABLE} (no verdict on it)", reply)
    if None in verdicts:
        return no_verdict(f"{UNREADABLE} (unclear)", reply)
    if len(set(verdicts)) > 1:
        return no_verdict(f"{UNREADABLE} (Yes and No)", reply)
    # One constraint may be answered and then summed up; a number that comes twice is miscounted.
    if len(verdicts) > 1 and not alone:
        return no_verdict(f"{UNREADABLE} (answered twice)", reply)
    return Judgement(verdicts[0], None, reply)


def _without_thoughts(reply: str) -> str:
    """The reply after its last ``</think>``; nothing if a ``<think>`` is still open."""
    answer = reply.rpartition("</think>")[2]
    return answer.partition("<think>")[0] if "<think>" in answer else answer


def _line_verdicts(answer: str, constraints: int) -> dict[int, list[bool | None]]:
    verdicts: dict[int, list[bool | None]] = {}
    for line in answer.splitlines():
        read = _line_verdict(line)
        if read is not None:
            number, verdict = read
            if number is None and constraints > 1:
                continue  # which constraint it is about is not said
            verdicts.setdefault(1 if number is None else number, []).append(verdict)
    return verdicts


def _line_verdict(line: str) -> tuple[int | None, bool | None] | None:
    """(number or None, verdict or None where it is unclear) of a line; None if it states none."""
    match = _LINE.match(" ".join(line[:_LINE_READ].translate(_MARKS).split()))
    if match is None:
        return None
    number, word, rest = match.groups()
    verdict: bool | None = word.lower() == "yes"
    following = _FIRST_WORD.match(rest.lower())
    next_word = following.group(1) if following else ""
    opposite = "no" if verdict else "yes"
    if next_word in _HEDGES or next_word == opposite or rest.lstrip().startswith("/"):
        verdict = None
    return (None if number is None else int(number)), verdict


def _json_verdicts(text: str) -> list[bool | None] | dict[int, list[bool | None]] | None:
    """Verdicts by position or by number if the whole text is JSON that holds such; else None."""
    body = text.strip()
    if body.startswith("```"):
        body = body.partition("\n")[2].rstrip().removesuffix("```").strip()
    if body[:1] not in ("[", "{"):
        return None
    try:
        value = json.loads(body, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, _Pairs) and len(value) == 1 and isinstance(value[0][1], list):
        if not isinstance(value[0][1], _Pairs):
            value = value[0][1]  # {"verdicts": [...]}
    if isinstance(value, _Pairs):
        return _by_number(value)
    if value and all(isinstance(each, _Pairs) for each in value):
        return _by_number(_numbered(each) for each in value)
    verdicts = [_json_verdict(each) for each in value]
    return None if not any(each is not None for each in verdicts) else verdicts


class _Pairs(list[tuple[str, Any]]):
    """A JSON object as its pairs: a key that comes twice must not pass for one."""


def _by_number(
    pairs: Iterable[tuple[Any, Any]],
) -> dict[int, list[bool | None]] | None:
    verdicts: dict[int, list[bool | None]] = {}
    for key, value in pairs:
        text = str(key)
        if not (text.isascii() and text.isdecimal() and len(text) <= 3):
            return None
        verdicts.setdefault(int(text), []).append(_json_verdict(value))
    return verdicts or None


def _numbered(pairs: _Pairs) -> tuple[Any, Any]:
    """(number, verdict) of an object such as ``{"constraint": 1, "verdict": "Yes"}``."""
    numbers = [value for key, value in pairs if key.lower() in _NUMBER_FIELDS]
    verdicts = [value for key, value in pairs if key.lower() in _VERDICT_FIELDS]
    return (
        numbers[0] if len(numbers) == 1 else "",
        verdicts[0] if len(verdicts) == 1 else None,
    )


def _json_verdict(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    word = value.strip().rstrip(".").lower() if isinstance(value, str) else ""
    return {"yes": True, "no": False}.get(word)
