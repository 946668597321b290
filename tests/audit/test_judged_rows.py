"""Each audit row gets the judge's answer about it and about nothing else, in the rows' order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from hppt_lib.audit import judge_rows, questions_of
from hppt_lib.errors import HpptError
from hppt_lib.judges import Judgement, Question
from tests.helpers.judge_fakes import Answer, Fake, longest_first, missing, rows, unreachable


def echo(question: Question) -> Answer:
    return tuple(Judgement(True, None, f"{question.response}: {c}") for c in question.constraints)


@pytest.mark.parametrize("per_call", [None, 1, 2, 3, 7])
def test_each_row_gets_its_own_answer_in_order(per_call: int | None) -> None:
    audit = rows(3, 1, 5, 2)
    audit = audit[::2] + audit[1::2]  # the rows of an item need not stand together
    answers = judge_rows(Fake(echo), audit, per_call=per_call)
    assert [each.row for each in answers] == audit
    for each in answers:
        assert each.judgement.reply == f"{each.row.response}: {each.row.constraint}"


def test_the_size_of_a_call_is_the_mode_s_or_what_is_asked_for() -> None:
    audit = rows(3, 1)

    def sizes(**how: object) -> list[int]:
        return [each.constraints_in_call for each in judge_rows(Fake(), audit, **how)]  # type: ignore[arg-type]

    assert sizes() == [3, 3, 3, 1]
    assert sizes(mode="pointwise") == sizes(per_call=1) == [1, 1, 1, 1]
    assert sizes(per_call=2) == [2, 2, 1, 1]


def test_a_question_that_comes_twice_is_asked_once() -> None:
    audit = rows(2) + rows(2)
    judge = Fake(longest_first)
    answers = judge_rows(judge, audit, mode="pointwise")
    assert len(judge.asked) == 2 and len(answers) == 4
    assert questions_of([], "batch") == ([], [])


def test_a_judge_that_has_gone_away_is_reported_and_not_raised() -> None:
    """Mistake: an audit that ends without a report because the server is down."""
    down = judge_rows(Fake(unreachable), rows(2, 1))
    assert missing(down) == {"no connection": 3}
    assert all(each.judgement.transient for each in down)


def test_a_judge_that_forgets_a_question_or_a_constraint_invents_no_verdict() -> None:
    class Forgetful(Fake):
        def answers(self, questions: Sequence[Question]) -> Iterator[tuple[int, Answer]]:
            yield 0, (Judgement(True),)

    assert [each.judgement.passed for each in judge_rows(Forgetful(), rows(2, 1))] == [None] * 3
    assert missing(judge_rows(Forgetful(), rows(2, 1))) == {"the judge did not answer": 3}


@pytest.mark.parametrize(("mode", "per_call"), [("batch", 0), ("pointwise", 2)])
def test_a_size_that_makes_no_sense_is_refused(mode: str, per_call: int) -> None:
    with pytest.raises(HpptError, match=f"per_call={per_call}"):
        judge_rows(Fake(), rows(1), mode, per_call=per_call)  # type: ignore[arg-type]
