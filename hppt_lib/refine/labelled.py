"""Rows that verifiers label: what a judge is trained, calibrated and audited on.

A judge's error rates belong to the responses that they were measured on. A policy that it pays
writes others: `audit_policies` audits it on those.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hppt_lib.audit import Confusion, JudgedRow, confusion, judge_rows, questions_of
from hppt_lib.audit.rows import AuditRow
from hppt_lib.errors import HpptError
from hppt_lib.evaluation import Evaluated, Run, first_of_each_seed
from hppt_lib.evaluation.comparison import signed
from hppt_lib.instructions.model import Constraint, Instruction
from hppt_lib.intervals import Interval, mean_interval
from hppt_lib.judges import Judge, Question
from hppt_lib.judges import judge as judge_named
from hppt_lib.refine.pilot_log import Pilot
from hppt_lib.rewards.guards import guard_named
from hppt_lib.sandbox import Outcome
from hppt_lib.terminal import as_text, table
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


# --- again, on the policies that it paid ---------------------------------------------------------

BEFORE = "before training"
"""The arm of the base policy in `AuditedPolicies`."""


@dataclass(frozen=True)
class AuditedPolicies:
    """A judge on the responses of policies, run by run.

    Attributes:
        judge: its name.
        arms: by arm, `BEFORE` first, and by seed: its verdicts against the verifiers'.
        missing: responses of which it gave no verdict.
        questions: what it was asked, each once.
    """

    judge: str
    arms: Mapping[str, Mapping[int, Confusion]]
    missing: int
    questions: tuple[Question, ...] = ()

    def false_passes(self, arm: str) -> dict[int, float]:
        """By seed, of the violated the share that it passes; a run without any is left out."""
        return {
            seed: rate.mean
            for seed, counts in self.arms[arm].items()
            if (rate := counts.false_pass_rate) is not None
        }

    def rise(self, arm: str) -> Interval:
        """How far its false-pass rate rose from the base policy to an arm, paired by seed.

        Raises:
            HpptError: fewer than two seeds have both.
        """
        base, after = self.false_passes(BEFORE), self.false_passes(arm)
        rises = [after[seed] - base[seed] for seed in sorted(after) if seed in base]
        if len(rises) < 2:
            raise HpptError(f"The arm '{arm}' needs two seeds that have violations.")
        return mean_interval(rises)

    def mean(self, arm: str, rate: str) -> Interval | None:
        """The mean over seeds of a rate of `Confusion`, such as ``recall``; None without seeds."""
        shares = [getattr(counts, rate) for counts in self.arms[arm].values()]
        known = [share.mean for share in shares if share is not None]
        if len(known) < 2:
            return Interval(known[0], 0.0, 1.0) if known else None
        span = mean_interval(known)
        return Interval(span.mean, max(0.0, span.low), min(1.0, span.high))

    def __str__(self) -> str:
        lines: list[list[object]] = []
        for arm, seeds in self.arms.items():
            violated = sum(each.false_passes + each.true_fails for each in seeds.values())
            known = BEFORE in self.arms and arm != BEFORE and len(self.false_passes(arm)) > 1
            rise = signed(self.rise(arm)) if known else ""
            rates = [self.mean(arm, rate) for rate in ("recall", "false_pass_rate")]
            lines.append([arm, len(seeds), violated, *map(_cell, rates), rise])
        heads = ["responses", "seeds", "violated", "recall", "false-pass rate", "rise, by seed"]
        notes = [
            f"{self.judge}: one constraint a call; truth by the verifiers; means over seeds with "
            "95 % intervals (t)."
        ]
        if self.missing:
            notes.append(f"Of {self.missing} responses it gave no verdict: they are left out.")
        return as_text(table(heads, lines, text=(0,)), *notes)


def audit_policies(judge: Judge, arms: Mapping[str, Sequence[Run]]) -> AuditedPolicies:
    """Audit a judge on the held-out responses of trained policies, and on those before training.

    The verifiers say what is true. Responses before training are taken once a seed, from the first
    arm that has it: runs of a seed start from the same policy. Blank responses are left out.

    Args:
        judge: who is asked, one constraint a call.
        arms: the runs by arm, such as `hppt_lib.evaluation.Runs.arms`.

    Raises:
        HpptError: the judge's cache cannot be read or written.
    """
    places: list[tuple[str, int]] = []
    rows: list[AuditRow] = []

    def add(arm: str, run: Run, evaluated: Sequence[Evaluated]) -> None:
        found = labelled_responses(evaluated, f"{arm} {run.record.seed} ")
        rows.extend(found)
        places.extend([(arm, run.record.seed)] * len(found))

    for run in first_of_each_seed(run for runs in arms.values() for run in runs).values():
        add(BEFORE, run, run.before)
    for arm, runs in arms.items():
        for run in runs:
            add(arm, run, run.after)
    questions, _ = questions_of(rows, "pointwise")
    said: dict[tuple[str, int], list[tuple[bool, bool]]] = defaultdict(list)
    missing = 0
    for place, judged in zip(places, judge_rows(judge, rows, "pointwise"), strict=True):
        passed = judged.judgement.passed
        if passed is None:
            missing += 1
        else:
            said[place].append((passed, judged.row.label))
    counted: dict[str, dict[int, Confusion]] = {}
    for (arm, seed), pairs in said.items():
        verdicts, truths = zip(*pairs, strict=True)
        counted.setdefault(arm, {})[seed] = confusion(verdicts, truths)
    return AuditedPolicies(judge.name, counted, missing, tuple(questions))


def _cell(share: Interval | None) -> str:
    return "-" if share is None else f"{share.mean:.2f} [{share.low:.2f}, {share.high:.2f}]"
