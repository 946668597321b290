"""From audit rows to questions and back: each row gets the judge's answer, in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hppt_lib.errors import HpptError
from hppt_lib.judges.protocol import Judge, Judgement, Mode, Question, no_verdict, reason_of

if TYPE_CHECKING:
    from hppt_lib.audit import AuditRow

_UNANSWERED = no_verdict("the judge did not answer", transient=True)


@dataclass(frozen=True)
class Asked:
    """An audit row, what the judge said of it, and how many constraints stood in the same call."""

    row: AuditRow
    judgement: Judgement
    constraints_in_call: int


@dataclass(frozen=True)
class Answers:
    """What a judge said of an audit set.

    Attributes:
        judge: the judge's name.
        asked: one entry for each row, in the order of the rows.
        calls: different questions that were asked, or answered from a record.
    """

    judge: str
    asked: tuple[Asked, ...]
    calls: int

    def missing(self) -> Counter[str]:
        """Rows without a verdict, by the kind of reason, the most frequent first."""
        reasons = (
            reason_of(each.judgement) for each in self.asked if each.judgement.passed is None
        )
        return Counter(dict(Counter(reasons).most_common()))

    def summary(self) -> str:
        """A line for a reader: how many verdicts there are, and why the others are missing."""
        missing = self.missing()
        head = f"{self.judge}: {len(self.asked) - missing.total()} of {len(self.asked)} verdicts"
        if not missing:
            return f"{head}; none is missing."
        listed = ", ".join(f"{reason} {number}" for reason, number in missing.items())
        again = sum(each.judgement.transient for each in self.asked)
        hint = f" Run it again to ask for {again} of them once more." if again else ""
        return f"{head}; {missing.total()} without: {listed}.{hint}"


def ask(
    judge: Judge,
    rows: Sequence[AuditRow],
    mode: Mode = "batch",
    *,
    per_call: int | None = None,
) -> Answers:
    """Ask a judge about every row of an audit set.

    Args:
        judge: who is asked.
        rows: an audit set; the rows of an item are the constraints of one response.
        mode: ``batch`` puts all constraints of an item into one call; ``pointwise`` one.
        per_call: puts so many constraints of an item into a call instead; the last call of an item
            may have fewer. 1 is point-wise.

    Raises:
        HpptError: ``per_call`` is less than 1, or other than 1 with ``pointwise``; the judge's
            store cannot be written.
    """
    questions, places = questions_of(rows, mode, per_call=per_call)
    answers: dict[int, tuple[Judgement, ...]] = dict(judge.answers(questions))
    asked = []
    for row, (number, position) in zip(rows, places, strict=True):
        size = len(questions[number].constraints)
        answer = answers.get(number, ())
        judgement = answer[position] if len(answer) == size else _UNANSWERED
        asked.append(Asked(row, judgement, size))
    return Answers(judge.name, tuple(asked), len(questions))


def questions_of(
    rows: Sequence[AuditRow], mode: Mode = "batch", *, per_call: int | None = None
) -> tuple[list[Question], list[tuple[int, int]]]:
    """The questions that `ask` asks, each once, and where each row's answer stands.

    Returns:
        The questions; and for each row (number of the question, position among its constraints).

    Raises:
        HpptError: as `ask`.
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
            question = Question(prompt, response, tuple(rows[each].constraint for each in group))
            number = numbers.setdefault(question, len(numbers))
            for position, each in enumerate(group):
                places[each] = (number, position)
    return list(numbers), places
