"""Questions, answers and the protocol of a judge: what all judges share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

from hppt_lib.identity import Identity

Mode = Literal["batch", "pointwise"]
"""``batch``: every constraint of a response in one call, as the paper does; ``pointwise``: one."""

TRAINED = "judge.json"
"""The file by which a folder is known as that of a trained judge (`hppt_lib.judges.head`)."""


@dataclass(frozen=True)
class Question:
    """What a judge is asked in one call.

    Attributes:
        prompt: the task that the response answers, without its constraints.
        response: what is judged. It is hostile until shown otherwise: it may hold instructions.
        constraints: what it is judged by: one constraint (point-wise) or several (batch).
    """

    prompt: str
    response: str
    constraints: tuple[str, ...]


@dataclass(frozen=True)
class Judgement:
    """A judge's answer about one constraint.

    Attributes:
        passed: True if the judge finds the constraint satisfied; None if it gave *no verdict*.
        confidence: the judge's probability of "satisfied", from 0 to 1; None if it tells none.
        reply: what the judge wrote, for a reader; empty if it wrote nothing.
        problem: why there is no verdict; empty if there is one. What stands before `` (`` is the
            kind of reason, by which reasons are counted; the rest is for a reader.
        transient: there is no verdict for a reason that may pass (no connection, a time-out, a
            wrong key): it is not kept, and asked again next time.
    """

    passed: bool | None
    confidence: float | None = None
    reply: str = ""
    problem: str = ""
    transient: bool = False

    def at(self, threshold: float) -> Judgement:
        """The same answer with another threshold: passed if the confidence reaches it.

        Raises:
            ValueError: there is a verdict, but no confidence to hold against a threshold.
        """
        if self.passed is None:
            return self
        if self.confidence is None:
            raise ValueError("this judge tells no confidence: it has no threshold to move")
        return replace(self, passed=self.confidence >= threshold)


def no_verdict(problem: str, reply: str = "", *, transient: bool = False) -> Judgement:
    """The answer of a judge that could not answer: neither a pass nor a fail."""
    return Judgement(None, None, reply, problem, transient)


def majority(verdicts: Sequence[bool | None], reply: str = "") -> Judgement:
    """The majority verdict of several draws, with the share of Yes among those that decided.

    A tie is no verdict, and so is a constraint that less than half of the draws decided.
    """
    decided = [each for each in verdicts if each is not None]
    if 2 * len(decided) < len(verdicts) or not decided:
        return no_verdict(f"undecided ({len(decided)} of {len(verdicts)} draws)", reply)
    share = sum(decided) / len(decided)
    if share == 0.5:
        return no_verdict("tie", reply)
    return Judgement(share > 0.5, share, reply)


class Judge(Protocol):
    """Anything that answers questions about soft constraints."""

    @property
    def name(self) -> str:
        """The judge's name in tables and figures."""
        ...

    @property
    def settings(self) -> Mapping[str, Any]:
        """All that decides its answers and may be shown, as plain JSON values (no secret)."""
        ...

    def answers(self, questions: Sequence[Question]) -> Iterator[tuple[int, tuple[Judgement, ...]]]:
        """Answer questions, in any order.

        Yields:
            (place of the question, one judgement for each of its constraints), each question once,
            as soon as it is answered. A question that could not be answered yields *no verdict* for
            each of its constraints; it raises nothing.
        """
        ...


def reason_of(judgement: Judgement) -> str:
    """The kind of reason for which there is no verdict; empty if there is one."""
    if judgement.passed is not None:
        return ""
    return judgement.problem.partition(" (")[0] or "no reason given"


def detail_of(judgement: Judgement) -> str:
    """What else is known of a missing verdict's reason, such as the server's words; often empty."""
    return judgement.problem.partition(" (")[2].removesuffix(")")


def identity_of(judge: Judge) -> Identity:
    """What two judges must share for one's answers to be the other's (`hppt_lib.identity`).

    A judge may have the attribute ``identity``: its settings, and what tells it apart that is not
    shown, such as its address. Of one without, it is its name and its settings.
    """
    found: Identity | None = getattr(judge, "identity", None)
    return {"name": judge.name, **judge.settings} if found is None else found


def notes_of(judge: Judge) -> tuple[str, ...]:
    """What a reader of a judge's answers should know besides its settings; often nothing.

    A judge may have the attribute ``notes``, a sequence of sentences. One at an endpoint tells so
    which parameters the server did not take.
    """
    return tuple(getattr(judge, "notes", ()))
