"""Rows that verifiers label: what a judge can be trained on, or audited on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from hppt_lib.audit.rows import AuditRow
from hppt_lib.evaluation import Evaluated
from hppt_lib.instructions.model import Constraint, Instruction
from hppt_lib.refine.pilot_log import Pilot
from hppt_lib.sandbox import Outcome
from hppt_lib.verifiers import Verdict, answer_of, is_blank, thought_marks


def labelled_rows(pilot: Pilot) -> list[AuditRow]:
    """A row for each hard constraint of each response of a pilot; the verifier's verdict labels it.

    Responses without an answer are left out: no judge is asked about them.

    Args:
        pilot: finished or not.
    """
    marks = thought_marks(pilot.settings.thoughts)
    rows: list[AuditRow] = []
    for instruction in pilot.instructions:
        for number, attempt in enumerate(pilot.attempts[instruction.id]):
            # Without a judge, soft constraints have no place among the verdicts.
            asked = [
                each
                for each in instruction.constraints
                if each.kind == "hard" or attempt.sampled.judged
            ]
            verdicts = zip(asked, attempt.verdicts, strict=True)
            answer = answer_of(attempt.sampled.text, marks)
            rows += _rows(f"{instruction.id}/{number}", instruction, answer, verdicts)
    return rows


def labelled_responses(evaluated: Sequence[Evaluated], whose: str = "") -> list[AuditRow]:
    """The same of a policy's held-out responses: a judge can be audited on whom it paid.

    Args:
        evaluated: the responses, scored by the verifiers.
        whose: stands before the names of the items, to tell several runs apart.
    """
    rows: list[AuditRow] = []
    for number, each in enumerate(evaluated):
        item = f"{whose}{each.instruction.id}/{number}"
        hard = [asked for asked in each.instruction.constraints if asked.kind == "hard"]
        verdicts = zip(hard, each.score.verdicts, strict=True)
        rows += _rows(item, each.instruction, each.answer, verdicts)
    return rows


def _rows(
    item: str,
    instruction: Instruction,
    answer: str,
    verdicts: Iterable[tuple[Constraint, Verdict | Outcome | None]],
) -> Iterator[AuditRow]:
    if is_blank(answer):
        return
    for constraint, verdict in verdicts:
        if constraint.kind != "hard" or verdict is None or verdict.passed is None:
            continue
        yield AuditRow(
            item=item,
            prompt=instruction.query or instruction.prompt,
            constraint=constraint.text or constraint.verifier().describe(),
            response=answer,
            label=verdict.passed,
            kind=constraint.id,
            why=verdict.reason,
            source="model",
            kwargs=dict(constraint.kwargs),
        )
