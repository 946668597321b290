"""Asks a judge about responses, on behalf of a reward."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Constraint, Instruction
from hppt_lib.judges.asking import ask
from hppt_lib.judges.protocol import Judge, Mode, Question

Decides = Literal["soft", "all"]
"""``soft``: the judge decides the soft constraints, verifiers the hard ones. ``all``: the judge
decides the hard ones too, as a reward without verifiers would."""


@dataclass(frozen=True)
class Judging:
    """How a reward asks a judge about responses.

    Attributes:
        judge: the judge, or its name (`hppt_lib.judges.judge`), which is loaded at first use.
        decides: the constraints that it is asked about.
        mode: all of them in one call (``batch``, as the paper does), or one a call.
        call: settings of a judge that is loaded by its name, such as ``max_tokens``.
    """

    judge: Judge | str
    decides: Decides
    mode: Mode
    call: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def decided(self, instruction: Instruction) -> tuple[Constraint, ...]:
        """The constraints of an instruction that the judge decides."""
        return tuple(
            each for each in instruction.constraints if self.decides == "all" or each.kind == "soft"
        )

    def ready(self) -> Judging:
        """The same settings, with the judge loaded.

        Raises:
            HpptError: that judge cannot be had.
        """
        if not isinstance(self.judge, str):
            return self
        from hppt_lib.judges.by_name import judge

        return Judging(judge(self.judge, progress=False, **self.call), self.decides, self.mode)

    def verdicts(
        self, rollouts: Sequence[tuple[Instruction, str]]
    ) -> list[tuple[bool | None, ...]]:
        """Ask about each response; equal questions are asked once.

        Args:
            rollouts: instructions and the responses to them.

        Returns:
            For each rollout, a verdict on each constraint of `decided`, in order; None is no
            verdict.

        Raises:
            HpptError: the judge cannot be had, or has gone away (`hppt_lib.judges.ask`): no reward
                of this batch means anything.
        """
        judge = self.ready().judge
        assert not isinstance(judge, str)
        questions = [self._questions(*rollout) for rollout in rollouts]
        answers = iter(ask(judge, [question for row in questions for question in row]))
        return [
            tuple(judgement.passed for _ in row for judgement in next(answers)) for row in questions
        ]

    def _questions(self, instruction: Instruction, response: str) -> list[Question]:
        texts = tuple(_sentence(instruction, each) for each in self.decided(instruction))
        task = instruction.query or instruction.prompt
        if self.mode == "pointwise":
            return [Question(task, response, (text,)) for text in texts]
        return [Question(task, response, texts)] if texts else []


def _sentence(instruction: Instruction, constraint: Constraint) -> str:
    if constraint.text.strip():
        return constraint.text
    if constraint.kind == "hard":
        return constraint.verifier().describe()
    raise HpptError(
        f"Instruction '{instruction.id}': the soft constraint '{constraint.id}' has no text that "
        "a judge could be asked about. Add 'text' to it."
    )
