"""Reads verdicts from a judge's reply: the usual formats, and nothing ambiguous.

A reply that is cut off, is unclear, contradicts itself or numbers the constraints differently gives
*no verdict*: nothing here guesses. Every step takes time linear in the reply.

The rule:

1. Thoughts are left out (`hppt_lib.verifiers.answer_of`): a verdict in them is none.
2. Asked about *several* constraints, the judge gives each its number and its verdict, in a line or
   in JSON. What has no number counts for none of them.
3. Asked about *one* constraint, the judge states its verdict at the beginning ("No, it is rude"),
   at the end ("…, so the answer is No.", "It is rude. No."), in a line of its own ("**Yes**"),
   behind a label ("Final verdict: No") or in JSON (``{"verdict": "No"}``). It may state it more
   than once. Two verdicts that contradict each other are none, wherever they stand. A line in the
   middle that merely begins with Yes or No is about some detail: it is no verdict, but it can
   contradict one.
4. A *refusal* is no verdict, though it may begin with No: `hppt_lib.judges.refusals` has the rule.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from hppt_lib.judges.protocol import Judgement, no_verdict
from hppt_lib.judges.refusals import is_refusal, without_quotes
from hppt_lib.verifiers import answer_of, as_seen

READING = 2
"""The version of this rule: a part of the settings of a judge whose replies it reads."""
UNREADABLE = "unreadable reply"
"""The kind of problem of a reply that states no verdict, or no clear one."""
REFUSED = "refused"
"""The kind of problem of a question that the judge, or a content filter, would not answer."""
NO_ANSWER = f"{UNREADABLE} (nothing but thoughts)"
"""The problem of a reply that is all thoughts."""

_UNCLEAR = f"{UNREADABLE} (unclear)"
_BY_JUDGE = f"{REFUSED} (by the judge)"

_Said = bool | str
"""A verdict, or the problem for which a statement is none."""

_KEPT = 2000  # characters of a reply that are kept for a reader
_LINE_READ = 300  # characters of a line that are read: a verdict stands at its beginning or its end

# Marks that stand around a verdict in Markdown, LaTeX and quotes; the line is read without them.
_MARKS = str.maketrans("", "", "*_`\"'$\u201c\u201d\u2705\u274c\u2714\u2718\ufe0f")
_LATEX = re.compile(r"\\(?:boxed|text|textbf|mathrm)\{")
_WRAPPED = re.compile(
    r"\[+(yes|no)\]+|"
    r"</?(?:final[_ ]?)?(?:answer|verdict|decision|result|judge?ment|output)>",
    re.IGNORECASE,
)
_LEAD = (
    r"(?:so|thus|hence|therefore|overall|finally|in (?:conclusion|summary|short)|"
    r"to (?:conclude|sum up))"
)
_LABEL = (
    r"(?:(?:i (?:conclude|find|decide|judge|believe|think) (?:that )?)?"
    r"(?:(?:the|my|our) )?(?:(?:final|overall|short|correct|one-word) )*"
    r"(?:answer|verdict|conclusion|decision|result|judge?ment|assessment|evaluation)"
    r"(?: is ?:? ?| ?[:=–—] ?| - )|"
    r"(?:the )?(?:constraint )?(?:is )?satisfied ?[:?] ?|"
    r"does (?:the|this) response satisfy (?:the|this) constraint\? )"
)
_WORD = (
    r"(yes|no)(?= ?$|[.,;:!](?: |$)| ?[–—(/]| - | or | (?:because|since|as) | "
    r"(?:it|this|that|the response|the text|the answer) )(.*)"
)
_LINE = re.compile(
    r"(?:[-•#]+ )?(?:(?:constraint|answer|verdict) ?)?"
    r"(?:[#(\[]?(\d{1,3})[)\]]? ?[.:)=–—-]? ?|: ?)?"
    rf"(?:{_LEAD}[,:]? )?({_LABEL})?{_WORD}",
    re.IGNORECASE,
)
_SECOND_THOUGHTS = r"(?:wait|actually|hmm+|well|correction|on (?:second thought|reflection))"
_END = re.compile(
    rf"(?:^(?:(?:{_LEAD}|{_SECOND_THOUGHTS})[,:.…]* )*|"
    rf"[,;–—-] ?(?:and )?(?:so|thus|hence|therefore),? |\bmeans (?:that )?(?={_LABEL}))"
    rf"{_LABEL}?(yes|no)[.!]*$",
    re.IGNORECASE,
)
# "Since it is rude, the answer is No." But not: "If it were longer, the answer is Yes."
_AFTER_A_REASON = re.compile(rf", ?(?:and |but |then )?{_LABEL}(yes|no)[.!]*$", re.IGNORECASE)
_CONDITIONAL = re.compile(
    r"\b(?:if|unless|were|had|assum\w+|suppos\w+|depend\w+|might|may|could|would|perhaps|maybe|"
    r"doubt\w*|says?|said|argues?)\b|(?:\bnot|nt) (?:think|believe|see|say|mean)\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=[.!?]) ")
_FIRST_WORD = re.compile(r"[^a-z]*([a-z]*)")
_HEDGES = frozenset(
    {"or", "maybe", "perhaps", "partly", "partially", "mostly", "somewhat"}
    | {"if", "unless", "provided", "assuming", "depending", "wait"}
)
_NUMBER_KEY = re.compile(r"(?:constraint|verdict|answer)?[ _-]?([0-9]{1,3})", re.IGNORECASE)
_NUMBER_FIELDS = ("constraint", "number", "id")
_VERDICT_FIELD = re.compile(
    r"(?:final|overall)?[ _-]?"
    r"(?:verdict|answer|satisfied|satisfies|result|decision|judge?ment|passed)",
    re.IGNORECASE,
)


def read_reply(reply: str, constraints: int) -> tuple[Judgement, ...]:
    """The verdicts of a reply, one for each constraint, whatever the text.

    For several constraints: a line each (``1: Yes``, ``1. **No** – why``), or the whole reply as
    JSON (a list of as many, or numbers and verdicts). For one: a verdict at the beginning, at the
    end, in a line of its own or as JSON. A constraint that is not answered, or answered twice, gets
    no verdict. A number that was not asked for shows that the judge counts differently: then
    nothing in the reply counts. A refusal is no verdict.

    Args:
        reply: what the judge wrote; its thoughts are left out.
        constraints: how many it was asked about, at least one.
    """
    kept = reply[:_KEPT]
    answer = as_seen(answer_of(reply))
    if not answer.strip():
        problem = NO_ANSWER if reply.strip() else "empty reply"
        return tuple([no_verdict(problem, kept)] * constraints)
    alone = constraints == 1
    verdicts = _json_verdicts(answer)
    if isinstance(verdicts, list):
        if len(verdicts) != constraints:
            problem = f"{UNREADABLE} ({len(verdicts)} verdicts for {constraints} constraints)"
            return tuple([no_verdict(problem, kept)] * constraints)
        verdicts = dict(enumerate(([each] for each in verdicts), start=1))
    elif verdicts is None:
        verdicts = _only_verdict(answer) if alone else _line_verdicts(answer)
        if (alone or not verdicts) and is_refusal(answer):
            return tuple([no_verdict(_BY_JUDGE, kept)] * constraints)
    strange = sorted(number for number in verdicts if not 1 <= number <= constraints)
    if strange:
        problem = f"{UNREADABLE} (it has a number {strange[0]} of {constraints})"
        return tuple([no_verdict(problem, kept)] * constraints)
    return tuple(
        _judgement(verdicts.get(number, []), kept, alone) for number in range(1, constraints + 1)
    )


def reads_as_verdict(text: str) -> bool:
    """Whether a text, as a reply, would state a verdict: such text is disarmed in a prompt."""
    seen = as_seen(text)
    verdicts = _json_verdicts(seen)
    if verdicts is not None:
        return bool(verdicts)
    return any(
        _line_statement(line) is not None or _end_verdict(line) is not None
        for line in seen.splitlines()
    )


def _judgement(verdicts: list[_Said], reply: str, alone: bool) -> Judgement:
    """The verdict of one constraint from all that the reply says of it."""
    if not verdicts:
        return no_verdict(f"{UNREADABLE} (no verdict on it)", reply)
    problems = [each for each in verdicts if isinstance(each, str)]
    if problems:
        return no_verdict(problems[0], reply)
    if len(set(verdicts)) > 1:
        return no_verdict(f"{UNREADABLE} (Yes and No)", reply)
    # One constraint may be answered and then summed up; a number that comes twice is miscounted.
    if len(verdicts) > 1 and not alone:
        return no_verdict(f"{UNREADABLE} (answered twice)", reply)
    return Judgement(bool(verdicts[0]), None, reply)


# Lines


@dataclass(frozen=True)
class _Statement:
    """What a line that begins with a verdict says.

    ``explicit``: nothing but the verdict stands in it, or a number or a label is before it.
    """

    number: int | None
    said: _Said
    explicit: bool


def _line_verdicts(answer: str) -> dict[int, list[_Said]]:
    """What is said of each number; which constraint a line without one is about is not said."""
    verdicts: dict[int, list[_Said]] = {}
    for line in answer.splitlines():
        read = _line_statement(line)
        if read is not None and read.number is not None:
            verdicts.setdefault(read.number, []).append(read.said)
    return verdicts


def _only_verdict(answer: str) -> dict[int, list[_Said]]:
    """All that is said where there is one constraint; empty if no verdict is among it."""
    lines = [line for line in answer.splitlines() if line.strip() and not _is_fence(line)]
    first = next((k for k, line in enumerate(lines) if not _announces(line)), 0)
    verdicts: dict[int, list[_Said]] = {}
    details: list[_Said] = []
    for place, line in enumerate(lines):
        read = _line_statement(line)
        if read is None:
            continue
        if read.explicit or place in (first, len(lines) - 1):
            number = 1 if read.number is None else read.number
            verdicts.setdefault(number, []).append(read.said)
        else:
            details.append(read.said)
    end = _end_verdict(lines[-1]) if lines else None
    if end is not None:
        verdicts.setdefault(1, []).append(end)
    if verdicts.get(1):
        verdicts[1] += details
    return verdicts


def _is_fence(line: str) -> bool:
    return line.strip().startswith("```")


def _announces(line: str) -> bool:
    """Whether a line only announces what follows: "Here is my verdict:"."""
    return line.translate(_MARKS).rstrip().endswith(":")


def _clean(line: str) -> str:
    """A line without the marks that stand around a verdict."""
    if _LATEX.search(line):
        line = _LATEX.sub("", line).replace("}", "")
    bare = _WRAPPED.sub(lambda match: f" {match[1] or ''} ", line)
    return " ".join(bare.translate(_MARKS).split())


def _line_statement(line: str) -> _Statement | None:
    """What a line that begins with a verdict says; None if it does not."""
    match = _LINE.match(_clean(line[:_LINE_READ]))
    if match is None:
        return None
    number, label, word, rest = match.groups()
    said: _Said = word.lower() == "yes"
    following = _FIRST_WORD.match(rest.lower())
    next_word = following.group(1) if following else ""
    opposite = "no" if said else "yes"
    if next_word in _HEDGES or next_word == opposite or rest.lstrip().startswith("/"):
        said = _UNCLEAR
    elif is_refusal(line[:_LINE_READ]):
        said = _BY_JUDGE
    explicit = number is not None or label is not None or not any(map(str.isalnum, rest))
    return _Statement(None if number is None else int(number), said, explicit)


def _end_verdict(line: str) -> _Said | None:
    """The verdict with which a line ends; None if it ends with none.

    It is a sentence of its own ("Yes."), a label and the word ("The verdict is No."), or a
    conclusion ("…, so no.", "Since it is rude, the answer is No."). A line that is JSON counts too.
    A line that begins with ``|`` or ``>`` quotes something.
    """
    if line.lstrip()[:1] in ("|", ">"):
        return None
    if line.lstrip()[:1] == "{":
        found = _json_verdicts(line)
        return found[0] if isinstance(found, list) and len(found) == 1 else None
    tail = _clean(without_quotes(line)[-_LINE_READ:])
    sentence = _SENTENCE_END.split(tail)[-1]
    match = _END.search(sentence)
    if match is None and not _CONDITIONAL.search(sentence):
        match = _AFTER_A_REASON.search(sentence)
    return None if match is None else match[1].lower() == "yes"


# JSON


def _json_verdicts(text: str) -> list[_Said] | dict[int, list[_Said]] | None:
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
        if _field(value, _NUMBER_FIELDS) is not None:
            return _by_number([_numbered(value)])
        said = _object_verdict(value)
        return [said] if said is not None else _by_number(value)
    if value and all(isinstance(each, _Pairs) for each in value):
        return _by_number(_numbered(each) for each in value)
    verdicts = [_json_verdict(each) for each in value]
    return None if not any(isinstance(each, bool) for each in verdicts) else verdicts


class _Pairs(list[tuple[str, Any]]):
    """A JSON object as its pairs: a key that comes twice must not pass for one."""


def _by_number(
    pairs: Iterable[tuple[Any, Any]],
) -> dict[int, list[_Said]] | None:
    verdicts: dict[int, list[_Said]] = {}
    for key, value in pairs:
        text = _NUMBER_KEY.fullmatch(str(key))
        if text is None:
            return None
        said = _object_verdict(value) if isinstance(value, _Pairs) else _json_verdict(value)
        verdicts.setdefault(int(text[1]), []).append(_UNCLEAR if said is None else said)
    return verdicts or None


def _numbered(pairs: _Pairs) -> tuple[Any, Any]:
    """(number, the object itself) of one such as ``{"constraint": 1, "verdict": "Yes"}``."""
    number = _field(pairs, _NUMBER_FIELDS)
    return "" if number is None else number, pairs


def _field(pairs: _Pairs, names: tuple[str, ...]) -> Any:
    """The value of the one field with such a name; None if there is none, or more than one."""
    values = [value for key, value in pairs if key.lower() in names]
    return values[0] if len(values) == 1 else None


def _object_verdict(pairs: _Pairs) -> _Said | None:
    """The verdict of an object such as ``{"verdict": "No", "why": "…"}``; None if it has none."""
    values = [value for key, value in pairs if _VERDICT_FIELD.fullmatch(key.strip())]
    if not values:
        return None
    if any(isinstance(value, str) and is_refusal(value) for _, value in pairs):
        return _BY_JUDGE
    said = {_json_verdict(value) for value in values}
    return said.pop() if len(said) == 1 else _UNCLEAR


def _json_verdict(value: Any) -> _Said:
    if isinstance(value, bool):
        return value
    read = _line_statement(value) if isinstance(value, str) else None
    return _UNCLEAR if read is None or read.number is not None else read.said
