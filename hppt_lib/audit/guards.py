"""The guards' audit: how often "it answers" and "it does not" are right, by readers' labels.

A guard that a reward pays stops telling: policies find what it takes for an answer. So its rates
are given by the arm that the responses come from, and by why a response is no answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hppt_lib.audit.gold import AnswerLabel, read_answer_labels
from hppt_lib.audit.judged_rows import JudgedRow
from hppt_lib.audit.rates import Rates, rates_of
from hppt_lib.audit.rows import AuditRow
from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Instruction, shipped_instructions
from hppt_lib.judges.protocol import Judgement
from hppt_lib.rewards.guards import guard_named
from hppt_lib.terminal import as_text, table


@dataclass(frozen=True)
class GuardAudit:
    """A guard's verdicts on labelled responses.

    Attributes:
        guard: its name.
        arms: rates by the arm of the policy that wrote the responses, then those of ``all``. The
            intervals take the instruction as the unit.
        kinds: why a response is no answer (``word_heap``), with the number of such responses that
            pass all the same, and their number.
    """

    guard: str
    arms: dict[str, Rates]
    kinds: dict[str, tuple[int, int]]

    def __str__(self) -> str:
        """Two tables: rates by arm, and passes by kind of no answer."""
        return as_text(
            table(
                ["", "rows", "precision", "recall", "recall on false", "κ"],
                [
                    [
                        *(arm, rates.rows, rates.precision, rates.recall, rates.recall_on_false),
                        rates.kappa.interval if rates.kappa else "-",
                    ]
                    for arm, rates in self.arms.items()
                ],
                title=f"The guard '{self.guard}', by the arm of the policy that answered",
            ),
            table(
                ["no answer, since it is", "passes", "of"],
                [[kind, passes, of] for kind, (passes, of) in self.kinds.items()],
                title="What passes and is no answer",
            ),
        )


def audit_guard(
    guard: str = "substance",
    labels: Sequence[AnswerLabel] | None = None,
    instructions: Sequence[Instruction] | None = None,
) -> GuardAudit:
    """Hold a guard's verdicts against readers' labels.

    Args:
        guard: its name (`hppt_lib.rewards.GUARDS`).
        labels: responses with their labels; None for the half ``report`` of
            ``data/gold/answers.jsonl``, on whose topics nothing was tuned.
        instructions: what the responses answer; None for the held-out hard ones, which the kit's
            own labels are of.

    Raises:
        HpptError: there is no such guard, there is no label, or one is of an instruction that is
            not among the instructions.
    """
    labels = read_answer_labels("report") if labels is None else labels
    if instructions is None:
        instructions = shipped_instructions("hard_heldout")
    asked = {each.id: each for each in instructions}
    if not labels:
        raise HpptError("There are no labels to hold the guard against.")
    rule = guard_named(guard)
    rows: dict[str, list[JudgedRow]] = {each.arm: [] for each in labels}
    kinds = {each.kind: (0, 0) for each in labels if each.kind}
    for each in labels:
        if each.instruction not in asked:
            raise HpptError(f"No instruction '{each.instruction}' is among those of this audit.")
        passed = rule.check(asked[each.instruction], each.response).passed
        rows[each.arm].append(_row(guard, each, passed))
        if each.kind:
            passes, of = kinds[each.kind]
            kinds[each.kind] = (passes + passed, of + 1)
    arms = {arm: rates_of(some) for arm, some in rows.items()}
    arms = dict(sorted(arms.items(), key=lambda item: (item[0] != "base", -item[1].rows)))
    arms["all"] = rates_of([row for some in rows.values() for row in some])
    return GuardAudit(guard, arms, dict(sorted(kinds.items(), key=lambda item: -item[1][1])))


def _row(guard: str, label: AnswerLabel, passed: bool) -> JudgedRow:
    row = AuditRow(
        item=label.instruction,
        prompt=label.prompt,
        constraint=label.constraint,
        response=label.response,
        label=label.answers,
        kind=label.kind,
    )
    return JudgedRow(guard, row, Judgement(passed), 1)
