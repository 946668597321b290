"""Asking a judge many questions: every answer at its place, and no outage is overlooked."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence

import pytest

from hppt_lib.errors import HpptError
from hppt_lib.judges import Judgement, Question, ask, no_verdict
from tests.helpers.judge_fakes import (
    Answer,
    Fake,
    longest_first,
    questions,
    unreachable,
    unreadable,
)


def test_answers_come_in_the_order_of_the_questions() -> None:
    """Mistake: answers in the order in which the judge gave them (Fake answers the last first)."""
    asked = questions(7)
    assert ask(Fake(), asked) == [longest_first(question) for question in asked]
    assert ask(Fake(), []) == []


def test_equal_questions_are_asked_once_and_answered_each_time() -> None:
    """Mistake: a call paid for every copy, or a copy without an answer."""
    asked = questions(3)
    judge = Fake()
    answers = ask(judge, [*asked, *asked[::-1]])
    assert answers[:3] == answers[:2:-1] and len(judge.asked) == 3


class Forgetful(Fake):
    """Answers the first question only, and only its first constraint."""

    def answers(self, questions: Sequence[Question]) -> Iterator[tuple[int, Answer]]:
        yield 0, (Judgement(True),)


def test_what_is_left_out_gets_no_verdict_on_each_constraint() -> None:
    """Mistake: a short answer whose verdicts move to other constraints, or a missing place."""
    one, two = questions(1, 1), questions(2, 2)
    assert [[each.passed for each in answer] for answer in ask(Forgetful(), [*one, *two])] == [
        [True],
        [None, None],
        [None, None],
    ]


def test_a_judge_that_has_gone_away_is_an_error_unless_it_may_be() -> None:
    """Mistake: an outage taken for answers: rewards of 0 for hours, verdicts missing for good."""
    with pytest.raises(HpptError, match="fake answered none of 5 questions: no connection"):
        ask(Fake(unreachable), questions(5))
    reported = ask(Fake(unreachable), questions(5), allow_outage=True)
    assert {each.passed for answer in reported for each in answer} == {None}


def test_bad_replies_and_half_an_outage_are_answers() -> None:
    """Mistake: a judge that is there, but cannot be understood, said to be gone."""
    assert ask(Fake(unreadable), questions(2))[0][0].passed is None

    def half(question: Question) -> Answer:
        return (unreachable if question.prompt.startswith("Task 0") else longest_first)(question)

    assert [answer[0].transient for answer in ask(Fake(half), questions(2))] == [True, False]


def test_a_threshold_moves_verdicts_and_never_makes_one() -> None:
    assert Judgement(True, 0.6).at(0.7).passed is False
    assert Judgement(False, 0.6).at(0.6).passed is True
    assert no_verdict("tie").at(0.1).passed is None
    with pytest.raises(ValueError, match="no confidence"):
        Judgement(True).at(0.5)


def test_the_package_is_imported_without_torch_and_client() -> None:
    code = (
        "import sys, hppt_lib.judges\n"
        "heavy = {'torch', 'transformers', 'openai', 'anyio', 'pandas'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
