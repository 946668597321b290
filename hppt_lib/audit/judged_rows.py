"""Asks a judge about audit rows, and keeps each row together with the judge's answer.

*No verdict* is an outcome of its own: it is kept with its reason, never taken for a pass or a fail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hppt_lib.audit.rows import AuditRow
from hppt_lib.errors import HpptError
from hppt_lib.judges.asking import ask
from hppt_lib.judges.protocol import Judge, Judgement, Mode, Question


@dataclass(frozen=True)
class JudgedRow:
    """A row of an audit set with a judge's answer.

    Attributes:
        judge: the judge's name.
        row: the constraint, the response and the label.
        judgement: the judge's answer.
        constraints_in_call: how many constraints the judge was asked about in the same call.
    """

    judge: str
    row: AuditRow
    judgement: Judgement
    constraints_in_call: int

    @property
    def key(self) -> tuple[str, str, str]:
        """What two judges' answers to the same row have in common: item, kind, constraint."""
        return self.row.item, self.row.kind, self.row.constraint


def judge_rows(
    judge: Judge,
    rows: Sequence[AuditRow],
    mode: Mode = "batch",
    *,
    per_call: int | None = None,
) -> list[JudgedRow]:
    """Ask a judge about every row.

    A judge that has gone away raises nothing here: its rows have no verdict, the report counts
    them by reason, and the next audit asks again.

    Args:
        judge: who is asked.
        rows: audit rows; those of an item are the constraints of one response.
        mode: ``batch`` puts all constraints of an item into one call; ``pointwise`` one.
        per_call: puts so many constraints of an item into a call instead; the last call of an item
            may have fewer. 1 is point-wise.

    Returns:
        One entry for each row, in the order of the rows.

    Raises:
        HpptError: ``per_call`` is less than 1, or other than 1 with ``pointwise``; the judge's
            cache cannot be read or written.
    """
    questions, places = questions_of(rows, mode, per_call=per_call)
    answers = ask(judge, questions, allow_outage=True)
    return [
        JudgedRow(judge.name, row, answers[number][position], len(answers[number]))
        for row, (number, position) in zip(rows, places, strict=True)
    ]


def questions_of(
    rows: Sequence[AuditRow], mode: Mode = "batch", *, per_call: int | None = None
) -> tuple[list[Question], list[tuple[int, int]]]:
    """The questions that `judge_rows` asks, each once, and where to find each row's answer.

    Returns:
        The questions; and for each row (number of the question, position among its constraints).

    Raises:
        HpptError: ``per_call`` is less than 1, or other than 1 with ``pointwise``.
    """
    if per_call is not None and (per_call < 1 or (mode == "pointwise" and per_call != 1)):
        raise HpptError(
            f"per_call={per_call} does not go with mode='{mode}': it is at least 1, and 1 only if "
            "point-wise."
        )
    size = 1 if mode == "pointwise" else per_call
    items: dict[tuple[str, str, str], list[int]] = {}
    for number, row in enumerate(rows):
        items.setdefault((row.item, row.prompt, row.response), []).append(number)
    numbers: dict[Question, int] = {}
    places: list[tuple[int, int]] = [(0, 0)] * len(rows)
    for (_, prompt, response), members in items.items():
        step = size or len(members)
        for start in range(0, len(members), step):
            group = members[start : start + step]
            question = Question(prompt, response, tuple(rows[place].constraint for place in group))
            number = numbers.setdefault(question, len(numbers))
            for position, place in enumerate(group):
                places[place] = (number, position)
    return list(numbers), places


def rows_by_judge(rows: Sequence[JudgedRow]) -> dict[str, list[JudgedRow]]:
    """The rows of each judge, in order of first appearance."""
    judges: dict[str, list[JudgedRow]] = {}
    for row in rows:
        judges.setdefault(row.judge, []).append(row)
    return judges


def rows_by_key(rows: Sequence[JudgedRow]) -> dict[tuple[str, str, str], JudgedRow]:
    """One judge's rows by `JudgedRow.key`, to match them with another judge's.

    Raises:
        ValueError: a row comes twice.
    """
    by_key = {row.key: row for row in rows}
    if len(by_key) < len(rows):
        raise ValueError("a row (item, kind, constraint) comes twice in one set of judged rows")
    return by_key
