"""Evaluation: instruction satisfaction rate (ISR), strict and guarded, with intervals.

ISR is the share of responses that satisfy every constraint of their instruction. It is always
given strict *and* guarded, with the responses' length and the truncation control, because a policy
can raise strict ISR by saying almost nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Instruction
from hppt_lib.intervals import Rate, rate
from hppt_lib.rewards import Score, score
from hppt_lib.verifiers.words import first_words, words

if TYPE_CHECKING:
    from hppt_lib.policy.load import Policy
    from hppt_lib.tiers import EvaluationSettings


@dataclass(frozen=True)
class Evaluated:
    """One scored response.

    Attributes:
        instruction: what was asked.
        response: what the policy wrote.
        score: the verdicts.
    """

    instruction: Instruction
    response: str
    score: Score

    @property
    def length(self) -> int:
        """Length of the response in words."""
        return len(words(self.response))


def evaluate(
    policy: Policy,
    instructions: Sequence[Instruction],
    settings: EvaluationSettings,
    *,
    max_new_tokens: int,
    seed: int,
    progress: str | None = None,
) -> list[Evaluated]:
    """Sample responses to held-out instructions and score them.

    Args:
        policy: the policy.
        instructions: held-out instructions; the first ``settings.instructions`` are used.
        settings: how many instructions and samples, at what temperature.
        max_new_tokens: the longest response, in tokens.
        seed: seed of the sampling.
        progress: title of a progress bar; None shows none.

    Returns:
        ``settings.samples`` entries for each instruction, in order.
    """
    from hppt_lib.policy.sampling import sample

    chosen = list(instructions)[: settings.instructions]
    rollouts = sample(
        policy.model,
        policy.tokenizer,
        [each.prompt for each in chosen],
        samples=settings.samples,
        max_new_tokens=max_new_tokens,
        temperature=settings.temperature,
        seed=seed,
        batch=settings.batch,
        progress=progress,
    )
    return [
        Evaluated(instruction, rollout.text, score(instruction, rollout.text))
        for instruction, group in zip(chosen, rollouts, strict=True)
        for rollout in group
    ]


def isr(evaluated: Iterable[Evaluated], *, guarded: bool) -> Rate:
    """The instruction satisfaction rate, guarded or strict.

    Responses to the same instruction are not independent, so the interval is for the mean over
    instructions (see `rate`).
    """
    rows = list(evaluated)
    return rate(
        [each.score.guarded if guarded else each.score.strict for each in rows],
        [each.instruction.id for each in rows],
    )


def by_constraint(evaluated: Iterable[Evaluated]) -> dict[str, list[Evaluated]]:
    """The evaluated responses by constraint id; one with several constraints counts under each."""
    table: dict[str, list[Evaluated]] = {}
    for each in evaluated:
        for constraint in each.instruction.constraints:
            table.setdefault(constraint.id, []).append(each)
    return dict(sorted(table.items()))


def truncated(evaluated: Iterable[Evaluated], limit: int) -> list[Evaluated]:
    """The same responses, cut after ``limit`` words and scored again."""
    cut = []
    for each in evaluated:
        response = first_words(each.response, limit)
        cut.append(Evaluated(each.instruction, response, score(each.instruction, response)))
    return cut


@dataclass(frozen=True)
class TruncationControl:
    """What mere brevity buys: the base policy's own text, cut.

    Attributes:
        limits: the cuts that were tried, in words.
        strict: strict ISR at each cut.
        guarded: guarded ISR at each cut.
    """

    limits: tuple[int, ...]
    strict: tuple[Rate, ...]
    guarded: tuple[Rate, ...]

    def best(self, *, guarded: bool) -> tuple[int, Rate]:
        """The best cut, in words, and its rate: chosen on the data it is scored on, so generous."""
        rates = self.guarded if guarded else self.strict
        best = max(range(len(rates)), key=lambda index: rates[index].mean)
        return self.limits[best], rates[best]


def truncation_control(
    evaluated: Sequence[Evaluated], limits: Sequence[int] = (1, 2, 3, 5, 8, 10, 12, 15, 20, 25, 30)
) -> TruncationControl:
    """Cut the base policy's responses at each limit and score them (no policy is run)."""
    cuts = [truncated(evaluated, limit) for limit in limits]
    return TruncationControl(
        tuple(limits),
        tuple(isr(cut, guarded=False) for cut in cuts),
        tuple(isr(cut, guarded=True) for cut in cuts),
    )


def mean_length(evaluated: Sequence[Evaluated]) -> float:
    """Mean length of the responses, in words."""
    return float(np.mean([each.length for each in evaluated]))


def evaluated(
    responses: Sequence[tuple[str, str]], instructions: Sequence[Instruction]
) -> list[Evaluated]:
    """Score recorded responses again.

    Args:
        responses: (instruction id, response) pairs of a record.
        instructions: the instructions they answer.

    Raises:
        HpptError: a response belongs to no instruction that was given.
    """
    by_id = {each.id: each for each in instructions}
    rows = []
    for id, response in responses:
        if id not in by_id:
            raise HpptError(
                f"A recorded response answers the instruction '{id}', which is not among those "
                "given. The data has changed since the record was made: record it anew."
            )
        rows.append(Evaluated(by_id[id], response, score(by_id[id], response)))
    return rows


def pairs(rows: Sequence[Evaluated]) -> tuple[tuple[str, str], ...]:
    """(instruction id, response) of evaluated responses, as a record keeps them."""
    return tuple((each.instruction.id, each.response) for each in rows)
