"""Rows that verifiers label: what a judge can be trained on, audited on, or calibrated on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from hppt_lib.audit.judged_rows import JudgedRow, judge_rows
from hppt_lib.audit.rows import AuditRow
from hppt_lib.errors import HpptError
from hppt_lib.evaluation import Evaluated
from hppt_lib.instructions.model import Constraint, Instruction
from hppt_lib.judges import judge as judge_named
from hppt_lib.refine.pilot_log import Pilot
from hppt_lib.rewards.guards import guard_named
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


def judged_responses(
    judge: str,
    pilot: Pilot,
    guard: str = "none",
    *,
    cache: str | Path | None = None,
    progress: bool = True,
) -> dict[str, JudgedRow]:
    """The rows of a pilot with a judge's answers: where both the truth and the judge are known.

    Args:
        judge: its name (`hppt_lib.judges.judge`).
        pilot: responses to instructions with one hard constraint each.
        guard: a name in `hppt_lib.rewards.GUARDS`; the judge is not asked about what it refuses.
        cache: a file in which the judge's answers are kept, so that none is asked for twice.
        progress: show a progress bar.

    Returns:
        By instruction and number of the sample (``tea-1/0``). A response that is blank, or that the
        guard refuses, has no row.

    Raises:
        HpptError: the pilot is not of this kind, or the judge cannot be had or gave no verdict.
    """
    if any(
        len(each.constraints) != 1 or each.constraints[0].kind != "hard"
        for each in pilot.instructions
    ):
        raise HpptError(
            "How a judge errs is measured on instructions with one hard constraint each."
        )
    marks = thought_marks(pilot.settings.thoughts)
    responses = {
        f"{each.id}/{number}": (each, attempt.sampled.text)
        for each in pilot.instructions
        for number, attempt in enumerate(pilot.attempts[each.id])
    }
    check = guard_named(guard).check
    rows = [row for row in labelled_rows(pilot) if check(*responses[row.item], marks).passed]
    found = judge_rows(judge_named(judge, cache=cache, progress=progress), rows, "pointwise")
    if any(each.judgement.passed is None for each in found):
        raise HpptError(f"The judge {judge} left responses without a verdict.")
    return {each.row.item: each for each in found}


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
