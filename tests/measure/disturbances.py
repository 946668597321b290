"""Disturb responses in ways that a reader does not see, or does not mind, and count what changes.

Each gold row (a constraint and a response) is checked as it is and disturbed: accents in two
characters, curly apostrophes, no-break spaces, zero-width spaces, thoughts in front, and so on. A
verdict that changes is a fault, but for the families of which `MAY_CHANGE` says why. Where it
decides, the disturbance is also made in the parameters.

Examples:
  python -m tests.measure.disturbances
  python -m tests.measure.disturbances --reading reference
  python -m tests.measure.disturbances --rows
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hppt_lib import verifiers
from hppt_lib.audit.gold import GoldRow, read_gold
from hppt_lib.errors import HpptError
from tests.measure.arguments import parser_of

THOUGHTS = (
    '<think>\nHmm, the user wants something; I could write TEA, tea, "tea" [name] or don\'t.\n\n'
    "1. First a list. 2. Then a title <<Tea>>?\nP.S. * * * ****** end.\n</think>\n\n"
)
_LETTER_APOSTROPHE = re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_])")
_SPACE_IN_PROSE = re.compile(r"(?<=[a-z,]) (?=[a-z])")
_INSIDE_WORD = re.compile(r"(?<=[a-z][a-z])(?=[a-z][a-z])")
_WORD_IN_PROSE = re.compile(r"(?<=[a-z] )([a-z]{3,})(?= [a-z])")

Kwargs = Mapping[str, Any]


def _in_text(change: Callable[[str], str], value: Any) -> Any:
    """``value`` with ``change`` made in text and in lists of text."""
    if isinstance(value, list):
        return [_in_text(change, each) for each in value]
    return change(value) if isinstance(value, str) else value


@dataclass(frozen=True)
class Disturbance:
    """A change of a response, and of parameters, that a careful reader overlooks.

    Attributes:
        name: in the table.
        response: the change of the response.
        parameter: the change of text among the parameters; None leaves them as they are.
    """

    name: str
    response: Callable[[str], str]
    parameter: Callable[[str], str] | None = None


def _same(text: str) -> str:
    return text


def _decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def _curly(text: str) -> str:
    return _LETTER_APOSTROPHE.sub("\u2019", text)


def _no_break(text: str) -> str:
    return _SPACE_IN_PROSE.sub("\u00a0", text)


def _zero_width(text: str) -> str:
    return _INSIDE_WORD.sub("\u200b", text)


def _invisible_ends(text: str) -> str:
    return f"\ufeff{text}\u2060\u200b"


def _emphasised(text: str) -> str:
    return _WORD_IN_PROSE.sub(r"_\1_", text, count=1)


def _bold(text: str) -> str:
    return _WORD_IN_PROSE.sub(r"**\1**", text, count=1)


DISTURBANCES = (
    Disturbance("accent apart", _decomposed),
    Disturbance("accent apart, param.", _same, _decomposed),
    Disturbance("curly apostrophe", _curly),
    Disturbance("curly, param.", _same, _curly),
    Disturbance("no-break space", _no_break),
    Disturbance("zero width", _zero_width),
    Disturbance("zero width, param.", _same, _zero_width),
    Disturbance("invisible ends", _invisible_ends),
    Disturbance("emphasis", _emphasised),
    Disturbance("bold", _bold),
    Disturbance("thoughts in front", lambda text: THOUGHTS + text),
    Disturbance("thoughts, end only", lambda text: THOUGHTS.partition("\n")[2] + text),
)

INDEX = "its parameters count the characters of the text, which the disturbance moves"
COPY = "it asks for a copy: marks that are added are no part of it"
MARKS = "it is about the marks themselves"
ON_MARKS = {
    "combination:repeat_prompt": COPY,
    "copy:copy": COPY,
    "copy:copying_multiple": COPY,
    "copy:copying_simple": COPY,
    "new:copy_span_idx": COPY,
    "repeat:repeat_change": COPY,
    "repeat:repeat_simple": COPY,
    "repeat:repeat_span": COPY,
    "detectable_format:number_highlighted_sections": MARKS,
    "letters:letter_counting2": MARKS,
    "keywords:letter_frequency": MARKS,
}
MAY_CHANGE: Mapping[str, Mapping[str, str]] = {
    "accent apart, param.": {"new:copy_span_idx": INDEX},
    "zero width, param.": {"new:copy_span_idx": INDEX},
    "emphasis": ON_MARKS,
    "bold": ON_MARKS,
}


@dataclass
class Outcome:
    """What one disturbance did to the verdicts of one family.

    Attributes:
        rows: rows that the disturbance changed.
        changed: those whose verdict is another one than without it.
        examples: (row, disturbed response, reason of the new verdict) of those that should not.
    """

    rows: int = 0
    changed: int = 0
    examples: list[tuple[GoldRow, str, str]] = field(default_factory=list)


def disturbed(
    rows: Sequence[GoldRow], reading: verifiers.Reading = "text"
) -> dict[tuple[str, str], Outcome]:
    """The outcome of each (family, disturbance)."""
    outcomes: dict[tuple[str, str], Outcome] = {}
    for row in rows:
        if reading == "reference" and verifiers.family(row.id).reference is None:
            continue
        plain = verifiers.build(row.id, row.kwargs, reading)(row.response).passed
        for each in DISTURBANCES:
            response, kwargs = each.response(row.response), dict(row.kwargs)
            if each.parameter:
                kwargs = {name: _in_text(each.parameter, value) for name, value in kwargs.items()}
            if response == row.response and kwargs == row.kwargs:
                continue
            try:
                verdict = verifiers.build(row.id, kwargs, reading)(response)
                passed, reason = verdict.passed, verdict.reason
            except HpptError as error:
                passed, reason = not plain, f"not built: {error}"
            outcome = outcomes.setdefault((row.id, each.name), Outcome())
            outcome.rows += 1
            if passed is not plain:
                outcome.changed += 1
                if row.id not in MAY_CHANGE.get(each.name, {}):
                    outcome.examples.append((row, response, reason))
    return outcomes


def open_thoughts_that_pass(rows: Sequence[GoldRow]) -> list[GoldRow]:
    """The rows that pass although the response was cut in the middle of its thoughts."""
    return [
        row
        for row in rows
        if verifiers.answer_of(row.response) == row.response  # else its own thoughts end there
        and verifiers.build(row.id, row.kwargs)(f"<think>\n{row.response}").passed
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = parser_of(__doc__)
    parser.add_argument("--reading", choices=verifiers.READINGS, default="text")
    parser.add_argument("--rows", action="store_true", help="print each verdict that changed")
    options = parser.parse_args(arguments)
    rows = read_gold()
    outcomes = disturbed(rows, options.reading)
    print(
        f"{len(rows)} gold rows, {len({row.id for row in rows})} ids, reading {options.reading}\n"
    )
    print(f"{'disturbance':22} {'rows':>6} {'changed':>8} {'and should not':>15}  ids of these")
    for each in DISTURBANCES:
        here = {id: one for (id, name), one in outcomes.items() if name == each.name}
        wrong = Counter({id: len(one.examples) for id, one in here.items() if one.examples})
        print(
            f"{each.name:22} {sum(one.rows for one in here.values()):6} "
            f"{sum(one.changed for one in here.values()):8} {wrong.total():15}  {len(wrong)}"
        )
    passing = len(open_thoughts_that_pass(rows))
    print(f"{'open thoughts':22} {len(rows):6} {'':8} {passing:15}  (pass, and are no answer)")
    families = sorted({id for (id, _), one in outcomes.items() if one.examples})
    if families:
        print("\nfamilies with verdicts that changed and should not (rows changed / disturbed)")
    for id in families:
        parts = [
            f"{name} {len(one.examples)}/{one.rows}"
            for (of, name), one in outcomes.items()
            if of == id and one.examples
        ]
        print(f"  {id:45} {'; '.join(parts)}")
    if options.rows:
        for (id, name), outcome in outcomes.items():
            for row, response, reason in outcome.examples:
                print(f"\n{id}, {name}: {row.kwargs}\n  {response[:300]!r}\n  now: {reason}")
    return 1 if families or passing else 0


if __name__ == "__main__":
    sys.exit(main())
