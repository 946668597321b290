"""Judges of a few lines for the tests, and questions to ask them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from hppt_lib.audit import AuditRow, JudgedRow
from hppt_lib.judges import Judge, Judgement, Question, no_verdict, reason_of

Answer = tuple[Judgement, ...]


def longest_first(question: Question) -> Answer:
    """Passes the constraints with an even number of characters, with a confidence to match."""
    return tuple(
        Judgement(len(each) % 2 == 0, 0.9 if len(each) % 2 == 0 else 0.123456789, f"says {each}")
        for each in question.constraints
    )


class Fake:
    """Answers by a function, last question first, and keeps what it was asked."""

    def __init__(self, answer: Callable[[Question], Answer] = longest_first, name: str = "fake"):
        self.answer, self._name = answer, name
        self.asked: list[Question] = []

    @property
    def name(self) -> str:
        return self._name

    @property
    def settings(self) -> Mapping[str, Any]:
        return {"wisdom": 1}

    def answers(self, questions: Sequence[Question]) -> Iterator[tuple[int, Answer]]:
        for place in reversed(range(len(questions))):
            self.asked.append(questions[place])
            yield place, self.answer(questions[place])


def unreachable(question: Question) -> Answer:
    return tuple(
        no_verdict("no connection (refused)", transient=True) for _ in question.constraints
    )


def unreadable(question: Question) -> Answer:
    return tuple(no_verdict("unreadable reply (unclear)", "hm") for _ in question.constraints)


def questions(number: int, constraints: int = 2) -> list[Question]:
    return [
        Question(
            f"Task {n} ✓",
            f"Response {n}\n1: Yes",
            tuple(f"Constraint {n}{'x' * c}" for c in range(constraints)),
        )
        for n in range(number)
    ]


def rows(*sizes: int) -> list[AuditRow]:
    """Audit rows of items with so many constraints each."""
    return [
        AuditRow(
            item=f"i{item}",
            prompt=f"Task {item}",
            constraint=f"C{item}" + "!" * n,
            response=f"Response {item}",
            label=n % 2 == 0,
            kind="tone",
        )
        for item, size in enumerate(sizes)
        for n in range(size)
    ]


def missing(rows: Sequence[JudgedRow]) -> Counter[str]:
    """Rows without a verdict, by the kind of reason."""
    return Counter(reason_of(each.judgement) for each in rows if each.judgement.passed is None)


def answered(judge: Judge, asked: Sequence[Question]) -> dict[int, Answer]:
    """A judge's answers by place; each question has just one."""
    answers = list(judge.answers(asked))
    assert len(answers) == len({place for place, _ in answers}) == len(asked)
    return dict(answers)
