"""Asks a judge about responses, on behalf of a reward."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Constraint, Instruction
from hppt_lib.judges.asking import ask
from hppt_lib.judges.protocol import Judge, Judgement, Mode, Question
from hppt_lib.verifiers import THOUGHT_MARKS, Marks, answer_of, is_blank

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
        zone: (pass from, fail below): a confidence that reaches the first passes, one below the
            second fails, and between them is no verdict. None: the judge's own verdicts.
    """

    judge: Judge | str
    decides: Decides
    mode: Mode
    call: Mapping[str, Any] = field(default_factory=dict, hash=False)
    zone: tuple[float, float] | None = None

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

        loaded = judge(self.judge, progress=False, **self.call)
        return Judging(loaded, self.decides, self.mode, zone=self.zone)

    def verdicts(
        self, rollouts: Sequence[tuple[Instruction, str]], thoughts: Marks = THOUGHT_MARKS
    ) -> list[tuple[bool | None, ...]]:
        """Ask about the answer in each response; equal questions are asked once.

        The judge is not asked about a blank answer, which satisfies nothing: each of its verdicts
        is False.

        Args:
            rollouts: instructions and the responses to them.
            thoughts: the marks of thoughts, which the judge does not see.

        Returns:
            For each rollout, a verdict on each constraint of `decided`, in order; None is no
            verdict.

        Raises:
            HpptError: the judge cannot be had, or has gone away (`hppt_lib.judges.ask`): no reward
                of this batch means anything. Or there is a `zone`, and it tells no confidence.
        """
        judge = self.ready().judge
        assert not isinstance(judge, str)
        questions = [
            self._questions(instruction, answer_of(response, thoughts))
            for instruction, response in rollouts
        ]
        judgements = iter(ask(judge, [each for row in questions for each in row or ()]))
        return [
            (False,) * len(self.decided(instruction))
            if row is None
            else tuple(self._verdict(each) for _ in row for each in next(judgements))
            for (instruction, _), row in zip(rollouts, questions, strict=True)
        ]

    def _verdict(self, judgement: Judgement) -> bool | None:
        if self.zone is None or judgement.passed is None:
            return judgement.passed
        if judgement.confidence is None:
            raise HpptError(
                "This judge tells no confidence to hold against pass_from and fail_below: leave "
                "them out, or take several samples of it."
            )
        pass_from, fail_below = self.zone
        if fail_below <= judgement.confidence < pass_from:
            return None
        return judgement.confidence >= pass_from

    def _questions(self, instruction: Instruction, answer: str) -> list[Question] | None:
        """What the judge is asked about an answer; None for a blank one."""
        if is_blank(answer):
            return None
        texts = tuple(_sentence(instruction, each) for each in self.decided(instruction))
        task = instruction.query or instruction.prompt
        if self.mode == "pointwise":
            return [Question(task, answer, (text,)) for text in texts]
        return [Question(task, answer, texts)] if texts else []


def _sentence(instruction: Instruction, constraint: Constraint) -> str:
    if constraint.text.strip():
        return constraint.text
    if constraint.kind == "hard":
        return constraint.verifier().describe()
    raise HpptError(
        f"Instruction '{instruction.id}': the soft constraint '{constraint.id}' has no text that "
        "a judge could be asked about. Add 'text' to it."
    )
