"""Asks a judge many questions and returns the answers in order; stops if the judge is gone."""

from __future__ import annotations

from collections.abc import Sequence

from hppt_lib.errors import HpptError
from hppt_lib.judges.protocol import Judge, Judgement, Question, no_verdict


def ask(
    judge: Judge, questions: Sequence[Question], *, allow_outage: bool = False
) -> list[tuple[Judgement, ...]]:
    """Ask a judge every question; equal questions are asked once.

    Args:
        judge: who is asked.
        questions: in any order, also repeated.
        allow_outage: if the judge has gone away, return its missing verdicts instead of raising.
            An audit does so: it reports what is missing and asks for it again next time.

    Returns:
        For each question, in the order of the questions, one judgement for each of its constraints.
        A question that the judge left out, or answered with the wrong number of judgements, gets
        *no verdict* on each constraint.

    Raises:
        HpptError: the judge has gone away: it gave not a single verdict, each for a reason that may
            pass (no connection, a time-out). A reward or a pilot log made of such answers would
            mean nothing. Also what the judge itself raises, such as a cache that cannot be written.
    """
    different = list(dict.fromkeys(questions))
    answers = dict(judge.answers(different))
    complete: dict[Question, tuple[Judgement, ...]] = {}
    for number, question in enumerate(different):
        answer = answers.get(number, ())
        if len(answer) != len(question.constraints):
            answer = (_UNANSWERED,) * len(question.constraints)
        complete[question] = answer
    judgements = [judgement for answer in complete.values() for judgement in answer]
    gone = bool(judgements) and all(
        judgement.passed is None and judgement.transient for judgement in judgements
    )
    if gone and not allow_outage:
        raise HpptError(
            f"The judge {judge.name} answered none of {len(different)} questions: "
            f"{judgements[0].problem}. See that it runs, then start again."
        )
    return [complete[question] for question in questions]


_UNANSWERED = no_verdict("the judge did not answer", transient=True)
