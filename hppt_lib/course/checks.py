"""Checks of exercises: they say at once what is wrong, and name the likely mistake.

An exercise is data: inputs, the reference function, and what comes out if one of the usual mistakes
is made. `check` runs the reader's function on each input; a wrong answer that equals the answer of
a mistake is explained by it. The idea is ARENA's: a test takes the function as its argument.

The exercises themselves are in `hppt_lib.course.exercises`: one module a notebook, named like it.
This module imports no torch.
"""

from __future__ import annotations

import contextlib
import copy
import importlib
import inspect
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING, Any

from hppt_lib.errors import HpptError

if TYPE_CHECKING:
    from hppt_lib.verifiers.registry import Verdict


_LONGEST = 100_000  # values of an answer that are looked at


@dataclass(frozen=True)
class Mistake:
    """A usual mistake in an exercise, as wrong code with an explanation.

    Attributes:
        says: completes the sentence "This is what comes out if you …".
        answer: computes the wrong answer; it takes the same arguments as the reference.
    """

    says: str
    answer: Callable[..., Any]


@dataclass(frozen=True)
class Case:
    """One input on which the reader's function and the reference must agree.

    Attributes:
        given: what the reader sees of it, in a few words.
        arguments: handed over by keyword; every function gets its own copy.
    """

    given: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Label:
    """The heading and facts of an exercise, as a notebook prints them above it.

    Attributes:
        title: a few words.
        number: its place in the notebook, from 1.
        difficulty: from 1 to 5.
        minutes: what it usually takes.
        points: of nbgrader.
    """

    title: str
    number: int
    difficulty: int
    minutes: int
    points: int

    @property
    def heading(self) -> str:
        """The heading in the notebook, without its hashes."""
        return f"Exercise {self.number} · {self.title}"

    def __str__(self) -> str:
        """The line below the heading."""
        points = "1 point" if self.points == 1 else f"{self.points} points"
        return f"Difficulty {self.difficulty} of 5 · {self.minutes} minutes · {points}."


@dataclass(frozen=True)
class Exercise:
    """One exercise, as `check` needs it.

    Attributes:
        label: title, number, difficulty, minutes and points.
        reference: the right function.
        cases: the visible inputs.
        mistakes: usual mistakes, likeliest first.
        not_covered: what these cases do not look at, in plain words.
        tolerance: how far from the reference an answer may be, absolute plus relative.
        grade: gives a verdict on an answer and the arguments that it was given for, for an
            exercise with many right answers; None if the answer must be that of the reference.
    """

    label: Label
    reference: Callable[..., Any]
    cases: tuple[Case, ...]
    mistakes: tuple[Mistake, ...]
    not_covered: str
    tolerance: float = 1e-4
    grade: Callable[[Any, Mapping[str, Any]], Verdict] | None = None


def check(name: str, student_function: Callable[..., Any]) -> None:
    """Check the reader's function for an exercise and print the result.

    Args:
        name: ``notebook.exercise``, for example ``"rlvr_and_grpo.group_advantages"``.
        student_function: the reader's function.

    Raises:
        NotYet: the answer is not right (yet); the message names the likely mistake. It is an
            AssertionError, which nbgrader counts.
        HpptError: there is no such exercise.
    """
    check_exercise(name.partition(".")[2], find_exercise(name), student_function)


class NotYet(AssertionError):
    """The answer is not right yet. A notebook shows the sentence alone, without our stack."""

    def _render_traceback_(self) -> list[str]:  # asked for by IPython
        return [f"Not yet. {self}"]


def find_exercise(name: str) -> Exercise:
    """The exercise called ``notebook.exercise``, such as ``"verifiers.has_keyword"``.

    Raises:
        HpptError: there is none of that name.
    """
    module_name, _, exercise_name = name.partition(".")
    try:
        module = importlib.import_module(f"hppt_lib.course.exercises.{module_name}")
        exercise: Exercise = module.EXERCISES[exercise_name]
    except (ModuleNotFoundError, KeyError, ValueError) as error:
        # A missing dependency of an exercise is not a wrong name.
        wanted = f"hppt_lib.course.exercises.{module_name}"
        if isinstance(error, ModuleNotFoundError) and error.name != wanted:
            raise
        raise HpptError(f"There is no exercise '{name}' in hppt_lib.course.exercises.") from error
    return exercise


def solution(name: str) -> Callable[..., Any]:
    """The reference solution of an exercise, which the notebook uses from there on.

    Raises:
        HpptError: there is no exercise of that name.
    """
    return find_exercise(name).reference


def check_exercise(title: str, exercise: Exercise, student_function: Callable[..., Any]) -> None:
    """As `check`, for an `Exercise` instead of its name.

    Raises:
        NotYet: the answer is not right (yet).
    """
    for number, case in enumerate(exercise.cases):
        problem = problem_of(exercise, case, student_function, exercise.cases[:number])
        if problem is not None:
            print(f"✗ {title}: {case.given}")
            raise NotYet(f"{title}, {case.given}: {problem}") from None
        print(f"✓ {title}: {case.given}")
    print(f"  Not covered by this check: {exercise.not_covered}")


def problem_of(
    exercise: Exercise,
    case: Case,
    student_function: Callable[..., Any],
    passed: Sequence[Case] = (),
) -> str | None:
    """What is wrong with the function on this case, said to the reader; None if nothing.

    Args:
        exercise: the exercise.
        case: one of its cases, or a hidden one.
        student_function: the reader's function.
        passed: cases on which it was right: a mistake that is wrong there is not the reader's.
    """
    arguments = _own_copy(case.arguments)
    try:
        inspect.signature(student_function).bind(**arguments)
    except TypeError as error:
        expected = ", ".join(case.arguments)
        return f"your function does not take these arguments by name: {expected} ({error})."
    except ValueError:
        pass  # some built-in functions have no signature to look at
    try:
        answer = student_function(**arguments)
    except NotImplementedError:
        return "not done yet (it raises NotImplementedError). Write it, then run this cell again."
    except Exception as error:
        return f"your function raised {type(error).__name__}: {error}{_line_of(error)}"
    expected = exercise.reference(**_own_copy(case.arguments))
    if answer is None:
        return "your function returns None: did you forget `return`?"
    answer = _in_the_form_of(expected, answer)
    wrong_kind = _wrong_kind(expected, answer)
    if wrong_kind is None and exercise.grade is not None:
        verdict = exercise.grade(answer, case.arguments)
        if verdict.passed:
            print(f"  {verdict.reason}")
        return None if verdict.passed else verdict.reason
    if wrong_kind is None and _close(expected, answer, exercise.tolerance):
        return _lost_gradient(expected, answer)
    explains = [
        each
        for each in exercise.mistakes
        if _is_mistake(each, exercise, case, expected, answer)
        and all(_agrees(each, exercise, one, student_function) for one in passed)
    ]
    if explains:
        # Several mistakes may come to the same here: the other cases tell them apart.
        cases = exercise.cases
        agreement = {
            number: sum(_agrees(each, exercise, one, student_function) for one in cases)
            for number, each in enumerate(explains)
        }
        likeliest = max(agreement, key=lambda number: agreement[number])
        sure = agreement[likeliest] == len(cases)
        here = "" if sure else " on this input (other inputs give other answers)"
        return f"this is what comes out{here} if you {explains[likeliest].says}."
    if wrong_kind is not None:
        return wrong_kind
    return (
        "the values are wrong, and not in a way that this check knows.\n"
        f"  expected {_show(expected)}\n  got      {_show(answer)}"
    )


def _is_mistake(
    mistake: Mistake, exercise: Exercise, case: Case, expected: Any, answer: Any
) -> bool:
    try:
        wrong = mistake.answer(**_own_copy(case.arguments))
    except Exception:
        return False  # this mistake gives no answer on this case
    tolerance = exercise.tolerance
    answer = _in_the_form_of(wrong, answer)
    if _wrong_kind(wrong, answer) is not None or not _close(wrong, answer, tolerance):
        return False
    # On some inputs a mistake makes no difference; then it explains nothing.
    return _wrong_kind(wrong, expected) is not None or not _close(wrong, expected, tolerance)


def _agrees(
    mistake: Mistake, exercise: Exercise, case: Case, student_function: Callable[..., Any]
) -> bool:
    """Whether a mistake gives the reader's answer on a case; to break on both sides counts too."""
    answers: list[Any] = []
    for function in (mistake.answer, student_function):
        with contextlib.suppress(Exception):
            answers.append(function(**_own_copy(case.arguments)))
    if len(answers) < 2:
        return not answers
    wrong, answer = answers[0], _in_the_form_of(*answers)
    return _wrong_kind(wrong, answer) is None and _close(wrong, answer, exercise.tolerance)


def _own_copy(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return copy.deepcopy(dict(arguments))


def _is_tensor(value: Any) -> bool:
    # By name, so that exercises without torch never import it.
    return type(value).__module__.partition(".")[0] == "torch" and hasattr(value, "shape")


def _in_the_form_of(expected: Any, answer: Any) -> Any:
    """The answer in the form of what is expected, if it says the same in another one.

    Numbers of numpy, of torch (with one number in them) and fractions are numbers; a Counter is a
    dict; a tuple, a list and what can be counted through once are alike. Anything else is
    returned as it is.
    """
    if isinstance(expected, (bool, int, float)) and not isinstance(answer, (bool, int, float)):
        if isinstance(answer, Fraction):
            answer = float(answer) if isinstance(expected, float) else answer
        elif type(answer).__module__.partition(".")[0] in ("numpy", "torch"):
            if getattr(answer, "shape", None) == () or isinstance(expected, bool):
                with contextlib.suppress(Exception):
                    answer = answer.item()
    if isinstance(expected, float) and isinstance(answer, float):
        return float(answer)  # numpy.float64 is a float, and prints as something else
    if type(expected) is int and type(answer) in (float, Fraction):
        return int(answer) if math.isfinite(answer) and answer == int(answer) else answer
    if isinstance(expected, Mapping) and isinstance(answer, Mapping):
        return {
            key: _in_the_form_of(expected[key], value) if key in expected else value
            for key, value in answer.items()
        }
    if isinstance(expected, (list, tuple)) and isinstance(answer, (list, tuple, Iterator)):
        parts = list(islice(answer, _LONGEST))  # it may have no end
        if len(parts) == len(expected):
            parts = [_in_the_form_of(*pair) for pair in zip(expected, parts, strict=True)]
        return type(expected)(parts)
    return answer


def _wrong_kind(expected: Any, answer: Any) -> str | None:
    """What is wrong with the type, the shape or the dtype of the answer; None if nothing."""
    if _is_tensor(expected):
        if not _is_tensor(answer):
            return f"a torch tensor is expected and your function returns {_article(answer)}."
        if tuple(answer.shape) != tuple(expected.shape):
            return (
                f"the shape should be {tuple(expected.shape)} and yours is {tuple(answer.shape)}. "
                "Print the shape after each line of your function."
            )
        if answer.dtype != expected.dtype:
            return f"the dtype should be {expected.dtype} and yours is {answer.dtype}."
    elif isinstance(expected, float):
        if isinstance(answer, bool) or not isinstance(answer, (int, float)):
            return f"a number is expected and your function returns {_article(answer)}."
    elif isinstance(expected, bool):
        if not isinstance(answer, bool):
            return (
                f"True or False is expected and your function returns {_article(answer)}. "
                "Return a comparison, or what bool() makes of it."
            )
    elif type(answer) is not type(expected):
        return f"{_article(expected)} is expected and your function returns {_article(answer)}."
    return None


def _close(expected: Any, answer: Any, tolerance: float) -> bool:
    """Whether two answers agree, numbers within the tolerance; two nan at one place do.

    What holds others (lists, tuples, dicts) agrees if each of its parts does.
    """
    if _is_tensor(expected):
        import torch

        if not _is_tensor(answer) or answer.shape != expected.shape:
            return False
        wanted, got = expected.detach().double(), answer.detach().double()
        return torch.allclose(got, wanted, rtol=tolerance, atol=tolerance, equal_nan=True)
    if isinstance(expected, float):
        if isinstance(answer, bool) or not isinstance(answer, (int, float)):
            return False
        both_nan = expected != expected and answer != answer
        return both_nan or abs(expected - answer) <= tolerance * (1 + abs(expected))
    if isinstance(expected, dict):
        return (
            isinstance(answer, dict)
            and expected.keys() == answer.keys()
            and all(_close(expected[key], answer[key], tolerance) for key in expected)
        )
    if isinstance(expected, (list, tuple)):
        return (
            type(answer) is type(expected)
            and len(answer) == len(expected)
            and all(_close(*pair, tolerance) for pair in zip(expected, answer, strict=True))
        )
    return bool(expected == answer)


def _lost_gradient(expected: Any, answer: Any) -> str | None:
    if _is_tensor(expected) and expected.requires_grad and not answer.requires_grad:
        return (
            "the values are right, but no gradient flows through them, so nothing could be "
            "learned. Is there a detach(), item(), numpy() or torch.tensor(...) on the way?"
        )
    return None


def _article(value: Any) -> str:
    name = type(value).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"


def _show(value: Any) -> str:
    """A value in one short line."""
    if _is_tensor(value):
        if value.dim() == 0:
            return f"{value.item():.4g}"
        value = [round(each, 4) for each in value.detach().double().flatten().tolist()]
    text = str(value)
    return text if len(text) <= 160 else text[:157] + "..."


def _line_of(error: Exception) -> str:
    """Where in the reader's own code the exception came from, if that can be told."""
    here = error.__traceback__
    place = None
    while here is not None:
        filename = here.tb_frame.f_code.co_filename
        # A notebook cell's file is <ipython-input-…> or lies in ipykernel's temporary folder.
        if "ipykernel" in filename or filename.startswith("<"):
            place = here.tb_lineno
        here = here.tb_next
    return "" if place is None else f" (line {place} of your cell)"
