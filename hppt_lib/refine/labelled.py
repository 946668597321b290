"""Labelled rows out of a pilot log: what a judge can be trained on, or audited on."""

from __future__ import annotations

from hppt_lib.audit.rows import AuditRow
from hppt_lib.refine.pilot_log import Pilot
from hppt_lib.verifiers import answer_of, is_blank, thought_marks


def labelled_rows(pilot: Pilot) -> list[AuditRow]:
    """A row for each hard constraint of each response; the label is the verifier's verdict.

    Responses without an answer are left out: no judge is asked about them.

    Args:
        pilot: finished or not.
    """
    marks = thought_marks(pilot.settings.thoughts)
    rows = []
    for instruction in pilot.instructions:
        for number, attempt in enumerate(pilot.attempts[instruction.id]):
            answer = answer_of(attempt.sampled.text, marks)
            if is_blank(answer):
                continue
            # Without a judge, soft constraints have no place among the verdicts.
            asked = [
                each
                for each in instruction.constraints
                if each.kind == "hard" or attempt.sampled.judged
            ]
            for constraint, verdict in zip(asked, attempt.verdicts, strict=True):
                if constraint.kind != "hard" or verdict is None:
                    continue
                rows.append(
                    AuditRow(
                        item=f"{instruction.id}/{number}",
                        prompt=instruction.query or instruction.prompt,
                        constraint=constraint.text or constraint.verifier().describe(),
                        response=answer,
                        label=verdict.passed,
                        kind=constraint.id,
                        why=verdict.reason,
                        source="model",
                        kwargs=dict(constraint.kwargs),
                    )
                )
    return rows
