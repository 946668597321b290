"""Rewards in which a judge decides: soft constraints with the verifiers' hard ones, or all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Constraint, Instruction
from hppt_lib.judges.protocol import Judge, Judgement, Mode, Question, no_verdict, reason_of
from hppt_lib.rewards.guards import allows, guard_named
from hppt_lib.rewards.kinds import Quotable, Reward, called

if TYPE_CHECKING:
    from hppt_lib.rewards.scores import Score

Decides = Literal["soft", "all"]
"""``soft``: the judge decides the soft constraints, verifiers the hard ones. ``all``: the judge
decides the hard ones too, as a reward without verifiers would."""

Missing = Literal["fail", "skip", "drop"]
"""What *no verdict* does, once no other verdict has settled that the reward is 0. ``fail``: it
counts as violated. ``skip``: the constraint is left out; if none is left, 0. ``drop``: the rollout
gets no reward, so that it has no advantage and no part in its group's mean."""


@dataclass(frozen=True)
class Judging:
    """What a judge is asked about each response.

    Attributes:
        judge: the judge, or a word for one (`hppt_lib.judges.judge`), which is loaded at first use.
        decides: the constraints that it is asked about.
        mode: all of them in one call (``batch``, as the paper does), or one a call.
    """

    judge: Judge | str
    decides: Decides
    mode: Mode

    def asked(self, instruction: Instruction) -> tuple[Constraint, ...]:
        """The constraints of an instruction that the judge decides."""
        return tuple(
            each for each in instruction.constraints if self.decides == "all" or each.kind == "soft"
        )

    def ready(self) -> Judging:
        """The same with the judge loaded.

        Raises:
            HpptError: that judge cannot be had.
        """
        if not isinstance(self.judge, str):
            return self
        from hppt_lib.judges.by_name import judge

        return Judging(judge(self.judge, progress=False), self.decides, self.mode)

    def verdicts(
        self, rollouts: Sequence[tuple[Instruction, str]]
    ) -> list[tuple[bool | None, ...]]:
        """Ask about each response; equal questions are asked once.

        Args:
            rollouts: instructions and the responses to them.

        Returns:
            For each rollout, a verdict on each constraint of `asked`, in order; None is no verdict.

        Raises:
            HpptError: the judge cannot be had, or did not answer a single question for a reason
                that may pass (no connection, a time-out): it has gone away, and no reward of this
                batch means anything.
        """
        judge = self.ready().judge
        assert not isinstance(judge, str)
        numbers: dict[Question, int] = {}
        places = [
            [numbers.setdefault(question, len(numbers)) for question in self._questions(*rollout)]
            for rollout in rollouts
        ]
        answers = dict(judge.answers(list(numbers)))
        unanswered = no_verdict("the judge did not answer", transient=True)
        complete: list[tuple[Judgement, ...]] = []
        for question, number in numbers.items():
            answer = answers.get(number, ())
            whole = len(answer) == len(question.constraints)
            complete.append(answer if whole else (unanswered,) * len(question.constraints))
        given = [each for answer in complete for each in answer]
        if given and all(each.passed is None and each.transient for each in given):
            raise HpptError(
                f"The judge {judge.name} answered none of {len(numbers)} questions: "
                f"{reason_of(given[0])}. Without it there is no reward. See that it runs, then "
                "start again."
            )
        return [tuple(each.passed for number in row for each in complete[number]) for row in places]

    def _questions(self, instruction: Instruction, response: str) -> list[Question]:
        texts = tuple(_sentence(instruction, each) for each in self.asked(instruction))
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


def judged(
    *,
    judge: Judge | str,
    decides: str = "soft",
    missing: str = "fail",
    mode: str = "batch",
    guard: str = "none",
) -> Reward:
    """1 only if all constraints pass, where a judge decides some. Range 0 to 1, all-or-nothing.

    A hard constraint that a verifier finds violated, or a judge's "violated", makes it 0 whatever
    else is missing. The truth of a response is known only where a verifier decides every
    constraint: it then stands beside the judge's reward in the records.

    Args:
        judge: a judge, or a word for one such as ``embedded`` (see `hppt_lib.judges.judge`).
        decides: ``soft`` or ``all`` (`Decides`).
        missing: ``fail``, ``skip`` or ``drop`` (`Missing`). With ``drop`` the reward is NaN, which
            `hppt_lib.training.reward_function.trainer_reward` hands to TRL as "no reward".
        mode: ``batch`` or ``pointwise``.
        guard: a name in `hppt_lib.rewards.GUARDS`; what it refuses gets 0.

    Raises:
        HpptError: an argument is none of these.
    """
    chosen = guard_named(guard)
    choices = (("decides", decides, Decides), ("missing", missing, Missing), ("mode", mode, Mode))
    for name, given, known in choices:
        if given not in get_args(known):
            raise HpptError(
                f"judged(): {name} is '{given}'. Choose one of: {', '.join(get_args(known))}."
            )

    def value(score: Score) -> float:
        verdicts = list(score.judged)
        if decides == "soft":
            verdicts += [each.passed for each in score.verdicts]
        if False in verdicts or not allows(guard, score):
            return 0.0
        if None in verdicts and missing == "drop":
            return math.nan
        if None in verdicts and missing == "fail":
            return 0.0
        return float(True in verdicts)

    def truth(score: Score) -> float | None:
        constraints = score.instruction.constraints if score.instruction else ()
        if len(score.verdicts) < len(constraints) or not score.verdicts:
            return None
        return float(score.strict and allows(guard, score))

    name = judge if isinstance(judge, str) else judge.name
    who = {"soft": "verifiers and a judge", "all": "a judge"}[decides]
    clause = "" if guard == "none" else f" and the response is {chosen.definition}"
    return Reward(
        name=called(
            "judged",
            judge=(Quotable(name), None),
            decides=(decides, "soft"),
            missing=(missing, "fail"),
            mode=(mode, "batch"),
            guard=(guard, "none"),
        ),
        value=value,
        range=(0.0, 1.0),
        all_or_nothing=True,
        definition=f"1 if {who} ({name}) find every constraint satisfied{clause}, else 0; "
        f"no verdict: {missing}",
        truth=truth,
        judging=Judging(
            judge,
            "all" if decides == "all" else "soft",
            "pointwise" if mode == "pointwise" else "batch",
        ),
    )
