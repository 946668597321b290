"""Marks of one exercise: its visible and its hidden cases, points for parts, one sentence.

The student's function has run already, in a process without answers; here its outcomes stand in for
it, and the exercise's own check says what is wrong. Nothing of a hidden case is told: neither its
input nor what was expected.
"""

from __future__ import annotations

import builtins
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hppt_lib.course.checks import Case, Exercise, problem_of
from hppt_lib.course.classroom import wire
from hppt_lib.course.classroom.process import Outcome, Run

HIDDEN = "a case that the visible check does not have"


@dataclass(frozen=True)
class Part:
    """A part of an exercise that has points of its own.

    Attributes:
        name: what it is.
        share: of the exercise's points.
        right: whether it is right, of the (case, outcome, right answer) of all cases.
    """

    name: str
    share: float
    right: Callable[[Sequence[tuple[Case, Outcome, Any]]], bool]


@dataclass(frozen=True)
class Mark:
    """What one exercise earned.

    Attributes:
        points: earned.
        of: what can be earned.
        says: for the student: what is wrong, or which parts are right; empty if all is right.
    """

    points: float
    of: float
    says: str = ""


class Replayed:
    """Outcomes of a function that ran elsewhere, as a function of the same arguments."""

    def __init__(self, cases: Sequence[Case], outcomes: Sequence[Outcome], missing: str) -> None:
        self._outcomes = {
            wire.key(case.arguments): outcome
            for case, outcome in zip(cases, outcomes, strict=False)
        }
        self._missing = missing

    def __call__(self, **arguments: Any) -> Any:
        """The recorded answer.

        Raises:
            Exception: the recorded one, or one that says why there is no answer.
        """
        outcome = self._outcomes.get(wire.key(arguments))
        if outcome is None:
            raise _Ended(self._missing)
        if outcome.raised is not None:
            line = f" (line {outcome.raised.line} of your cell)" if outcome.raised.line else ""
            known = getattr(builtins, outcome.raised.name, None)
            kind: type[Exception] = type(outcome.raised.name, (Exception,), {})
            if inspect.isclass(known) and issubclass(known, Exception):
                kind = type(known.__name__, (known,), {"__init__": Exception.__init__,
                                                       "__str__": Exception.__str__})  # fmt: skip
            raise kind(outcome.raised.message + line)
        return outcome.answer


class _Ended(Exception):
    """There is no answer."""


def mark(name: str, exercise: Exercise, hidden: Sequence[Case], run: Run, points: float) -> Mark:
    """The mark of one exercise.

    Args:
        name: ``notebook.exercise``.
        exercise: the exercise.
        hidden: its hidden cases.
        run: what came of the student's function on the visible cases and then the hidden ones.
        points: what can be earned.
    """
    if run.cell is not None:
        at = f" (line {run.cell.line} of your cell)" if run.cell.line else ""
        return Mark(0.0, points, f"your cell raised {run.cell.name}: {run.cell.message}{at}")
    cases = [*exercise.cases, *hidden]
    function = Replayed(cases, run.outcomes, run.ended or "it ended without an answer")
    seen = len(exercise.cases)
    problem = ""
    for number, case in enumerate(cases):
        if number >= len(run.outcomes):
            problem = f"no answer: {run.ended or 'it ended without one'}."
            break
        found = problem_of(exercise, case, function, exercise.cases[: min(number, seen)])
        found = found or _wrong_gradient(exercise, case, run.outcomes[number])
        if found:
            problem = f"{case.given}: {found}" if number < seen else _told(found)
            break
    if not problem:
        return Mark(points, points)
    earned = _parts(name, exercise, cases, run)
    got = round(sum(each.share for each in earned) * points * 2) / 2  # in halves
    got = min(got, points - 0.5) if points > 0.5 else 0.0
    if earned and got:
        problem += f"\nPoints for: {', '.join(each.name for each in earned)}."
    return Mark(max(0.0, got if earned else 0.0), points, problem)


def _told(problem: str) -> str:
    """What a student may read about a hidden case: the mistake, and no value."""
    if problem.startswith("this is what comes out"):
        return f"{HIDDEN}: {problem}"
    if problem.startswith("your function raised "):
        return f"{HIDDEN}: your function raised {problem.split()[3].rstrip(':')}."
    if problem.startswith("the values are wrong"):
        return f"{HIDDEN}: the answer is wrong."
    return f"{HIDDEN}: {problem}"


def _wrong_gradient(exercise: Exercise, case: Case, outcome: Outcome) -> str | None:
    """What is wrong with the gradient of an answer whose value is right; None if nothing."""
    if not outcome.gradients:
        return None
    import torch

    from hppt_lib.course.classroom.child import gradients_of

    arguments = {key: _fresh(value) for key, value in case.arguments.items()}
    right = gradients_of(exercise.reference(**arguments), arguments)
    if len(right) != len(outcome.gradients):
        return None
    for wanted, got in zip(right, outcome.gradients, strict=True):
        if wanted is None:
            continue
        same = got is not None and got.shape == wanted.shape
        if not (same and torch.allclose(got, wanted, rtol=1e-3, atol=1e-4, equal_nan=True)):
            return "the values are right and their gradient is not."
    return None


def _fresh(value: Any) -> Any:
    if hasattr(value, "requires_grad"):
        return value.detach().clone().requires_grad_(value.requires_grad)
    return value


# --- parts ---------------------------------------------------------------------------------------


def _parts(name: str, exercise: Exercise, cases: Sequence[Case], run: Run) -> list[Part]:
    """The parts that are right."""
    if name not in PARTS or run.ended:
        return []
    rows = [
        (case, outcome, exercise.reference(**dict(case.arguments)))
        for case, outcome in zip(cases, run.outcomes, strict=False)
    ]
    return [each for each in PARTS[name] if _holds(each, rows)]


def _holds(part: Part, rows: Sequence[tuple[Case, Outcome, Any]]) -> bool:
    try:
        return bool(rows) and part.right(rows)
    except Exception:
        return False


def _keys(*keys: str) -> Callable[[Sequence[tuple[Case, Outcome, Any]]], bool]:
    """Whether these entries of a dict are right in every case."""

    def right(rows: Sequence[tuple[Case, Outcome, Any]]) -> bool:
        return all(
            isinstance(outcome.answer, Mapping)
            and all(abs(outcome.answer[key] - wanted[key]) < 1e-3 for key in keys)
            for _, outcome, wanted in rows
        )

    return right


def _loss_of(kind: str) -> Callable[[Sequence[tuple[Case, Outcome, Any]]], bool]:
    """Whether the loss is right wherever this type is asked for."""

    def right(rows: Sequence[tuple[Case, Outcome, Any]]) -> bool:
        asked = [row for row in rows if row[0].arguments["loss_type"] == kind]
        return bool(asked) and all(
            outcome.answer is not None
            and outcome.answer.shape == wanted.shape
            and abs(outcome.answer.item() - wanted.item()) < 1e-3
            for _, outcome, wanted in asked
        )

    return right


def _caught(least: float) -> Callable[[Sequence[tuple[Case, Outcome, Any]]], bool]:
    """Whether examples are right and catch this share of the planted bugs."""

    def right(rows: Sequence[tuple[Case, Outcome, Any]]) -> bool:
        from hppt_lib.course.exercises.verifiers import share_caught

        return share_caught(list(rows[0][1].answer)) >= least

    return right


PARTS: Mapping[str, tuple[Part, ...]] = {
    "start_here.verdict_rates": (
        Part("precision and recall", 0.5, _keys("precision", "recall")),
        Part("the two rates of false responses", 0.5, _keys("recall_on_false", "false_pass_rate")),
    ),
    "rlvr_and_grpo.grpo_loss": tuple(
        Part(f"the loss type {kind}", 0.25, _loss_of(kind)) for kind in ("grpo", "dapo", "dr_grpo")
    ),
    "verifiers.bullet_examples": (
        Part("seven of ten planted bugs caught", 1 / 3, _caught(0.7)),
        Part("eight of ten caught", 1 / 3, _caught(0.8)),
    ),
    "auditing_the_judge.confusion_matrix": (
        Part("verdicts that were given", 0.5,
             _keys("true_passes", "false_passes", "true_fails", "false_fails")),
    ),
}  # fmt: skip
"""Exercises with parts. All others are right or not."""
