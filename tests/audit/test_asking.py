"""Each audit row gets the judge's answer about it and about nothing else, in the rows' order."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence

import pytest

from hppt_lib.audit.asking import ask, questions_of
from hppt_lib.errors import HpptError
from hppt_lib.judges import Judgement, Question, no_verdict
from tests.helpers.judge_fakes import Answer, Fake, longest_first, rows, unreachable, unreadable


def echo(question: Question) -> Answer:
    return tuple(Judgement(True, None, f"{question.response}: {c}") for c in question.constraints)


@pytest.mark.parametrize("per_call", [None, 1, 2, 3, 7])
def test_each_row_gets_its_own_answer_in_order(per_call: int | None) -> None:
    audit = rows(3, 1, 5, 2)
    audit = audit[::2] + audit[1::2]  # the rows of an item need not stand together
    answers = ask(Fake(echo), audit, per_call=per_call)
    assert [each.row for each in answers.asked] == audit
    for each in answers.asked:
        assert each.judgement.reply == f"{each.row.response}: {each.row.constraint}"


def test_the_size_of_a_call_is_the_mode_s_or_what_is_asked_for() -> None:
    audit = rows(3, 1)

    def sizes(**how: object) -> list[int]:
        return [each.constraints_in_call for each in ask(Fake(), audit, **how).asked]  # type: ignore[arg-type]

    assert sizes() == [3, 3, 3, 1]
    assert sizes(mode="pointwise") == sizes(per_call=1) == [1, 1, 1, 1]
    assert sizes(per_call=2) == [2, 2, 1, 1]


def test_a_question_that_comes_twice_is_asked_once() -> None:
    audit = rows(2) + rows(2)
    judge = Fake(longest_first)
    answers = ask(judge, audit, mode="pointwise")
    assert len(judge.asked) == answers.calls == 2 and len(answers.asked) == 4
    assert questions_of([], "batch") == ([], [])


def test_missing_verdicts_are_counted_by_reason_and_told() -> None:
    def answer(question: Question) -> Answer:
        kind = {"Response 0": unreachable, "Response 1": unreadable}
        return kind.get(question.response, longest_first)(question)

    answers = ask(Fake(answer), rows(2, 1, 3))
    assert answers.missing() == {"no connection": 2, "unreadable reply": 1}
    told = answers.summary()
    assert "fake: 3 of 6 verdicts; 3 without: no connection 2, unreadable reply 1." in told
    assert "ask for 2 of them once more" in told
    assert ask(Fake(), rows(2)).summary() == "fake: 2 of 2 verdicts; none is missing."


def test_a_judge_that_forgets_a_question_or_a_constraint_invents_no_verdict() -> None:
    class Forgetful(Fake):
        def answers(self, questions: Sequence[Question]) -> Iterator[tuple[int, Answer]]:
            yield 0, (Judgement(True),)

    assert [each.judgement.passed for each in ask(Forgetful(), rows(2, 1)).asked] == [None] * 3
    assert ask(Forgetful(), rows(2, 1)).missing() == {"the judge did not answer": 3}


@pytest.mark.parametrize(("mode", "per_call"), [("batch", 0), ("pointwise", 2)])
def test_a_size_that_makes_no_sense_is_refused(mode: str, per_call: int) -> None:
    with pytest.raises(HpptError, match=f"per_call={per_call}"):
        ask(Fake(), rows(1), mode, per_call=per_call)  # type: ignore[arg-type]


def test_a_threshold_moves_verdicts_and_never_makes_one() -> None:
    assert Judgement(True, 0.6).at(0.7).passed is False
    assert Judgement(False, 0.6).at(0.6).passed is True
    assert no_verdict("tie").at(0.1).passed is None
    with pytest.raises(ValueError, match="no scores"):
        Judgement(True).at(0.5)


def test_the_package_is_imported_without_torch_and_client() -> None:
    code = (
        "import sys, hppt_lib.judges\n"
        "heavy = {'torch', 'transformers', 'openai', 'anyio', 'pandas'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
