"""The instruction satisfaction rate (ISR), strict and guarded, with its truncation control.

ISR is the share of responses that satisfy every constraint of their instruction. It is always
given strict *and* guarded, with the responses' length and the truncation control, because a policy
can raise strict ISR by saying almost nothing. Rates, lengths and cuts are of the *answer*: what
follows the thoughts in a response.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Instruction
from hppt_lib.intervals import Rate, rate
from hppt_lib.rewards import Score, score
from hppt_lib.verifiers import THOUGHT_MARKS, Marks
from hppt_lib.verifiers.words import first_words, words

if TYPE_CHECKING:
    from hppt_lib.policy.load import Policy
    from hppt_lib.tiers import EvaluationSettings


@dataclass(frozen=True)
class Evaluated:
    """One response with its score.

    Attributes:
        instruction: what was asked.
        response: what the policy wrote, with its thoughts if it has any.
        score: the verdicts.
        cut: whether it was cut at the token limit; None if that is not known, as of a record.
    """

    instruction: Instruction
    response: str
    score: Score
    cut: bool | None = None

    @property
    def answer(self) -> str:
        """The response without its thoughts."""
        return self.score.answer

    @property
    def length(self) -> int:
        """Length of the answer in words."""
        return len(words(self.answer))


def evaluate(
    policy: Policy,
    instructions: Sequence[Instruction],
    settings: EvaluationSettings,
    *,
    max_new_tokens: int,
    seed: int,
    thoughts: Marks = THOUGHT_MARKS,
    progress: str | None = None,
) -> list[Evaluated]:
    """Sample responses of a policy to held-out instructions and score the answers in them.

    Args:
        policy: the policy that is evaluated.
        instructions: held-out instructions; the first ``settings.instructions`` are used.
        settings: how many instructions and samples, at what temperature.
        max_new_tokens: the most tokens that a response may have, its thoughts included.
        seed: seed of the sampling.
        thoughts: the marks of thoughts, which are left out of the answer.
        progress: title of a progress bar; None shows none.

    Returns:
        ``settings.samples`` responses to each instruction, in the order of the instructions.
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
        thinking=policy.thinking,
        thoughts=thoughts,
        progress=progress,
    )
    return [
        _scored(instruction, rollout.text, thoughts, cut=not rollout.finished)
        for instruction, group in zip(chosen, rollouts, strict=True)
        for rollout in group
    ]


def rescored(
    responses: Sequence[tuple[str, str]],
    instructions: Sequence[Instruction],
    thoughts: Marks = THOUGHT_MARKS,
) -> list[Evaluated]:
    """Score the responses of a run record again, with the current verifiers.

    Args:
        responses: (instruction id, response), as a record keeps them (`response_pairs`).
        instructions: the instructions that they answer; more do no harm.
        thoughts: the marks of thoughts in them (of a record: `RunRecord.thoughts`).

    Raises:
        HpptError: a response answers none of the instructions.
    """
    by_id = {each.id: each for each in instructions}
    rows = []
    for id, response in responses:
        if id not in by_id:
            raise HpptError(
                f"A response of the record answers the instruction '{id}', which is not among "
                "those given. The data has changed since the run: make the record again."
            )
        rows.append(_scored(by_id[id], response, thoughts))
    return rows


def response_pairs(rows: Sequence[Evaluated]) -> tuple[tuple[str, str], ...]:
    """(instruction id, response) of each row, as a run record keeps them; see `rescored`."""
    return tuple((row.instruction.id, row.response) for row in rows)


def _scored(
    instruction: Instruction, response: str, thoughts: Marks, cut: bool | None = None
) -> Evaluated:
    scored = score(instruction, response, thoughts=thoughts)
    return Evaluated(instruction, response, scored, cut)


def isr(rows: Sequence[Evaluated], *, guarded: bool) -> Rate:
    """The instruction satisfaction rate: the share of responses that satisfy every constraint.

    Responses to the same instruction are not independent, so the interval is for the mean over
    instructions (see `hppt_lib.intervals.rate`).

    Args:
        rows: evaluated responses, at least one.
        guarded: whether a response must also be a real answer (see `hppt_lib.rewards.guarded`).
    """
    return rate(
        [row.score.guarded if guarded else row.score.strict for row in rows],
        [row.instruction.id for row in rows],
    )


def mean_length(rows: Sequence[Evaluated]) -> float:
    """Mean length of the answers, in words."""
    return float(np.mean([row.length for row in rows]))


def share_cut(rows: Sequence[Evaluated]) -> float:
    """Share of the responses cut at the token limit, among those of which it is known.

    NaN where it is known of none. A response that was cut fails what its end would have satisfied.
    """
    known = [row.cut for row in rows if row.cut is not None]
    return float(np.mean(known)) if known else float("nan")


def distinct_share(rows: Sequence[Evaluated]) -> float:
    """Different answers as a share of all; capitals and white space do not count.

    Where it is low, the policy gives the same answer to different questions.
    """
    return len(_texts(rows)) / len(rows)


def modal_share(rows: Sequence[Evaluated]) -> float:
    """Share of the answer that comes most often, told apart as `distinct_share` does."""
    return max(_texts(rows).values()) / len(rows)


def _texts(rows: Sequence[Evaluated]) -> Counter[str]:
    return Counter(" ".join(row.answer.lower().split()) for row in rows)


def rows_by_constraint(rows: Sequence[Evaluated]) -> dict[str, list[Evaluated]]:
    """Evaluated responses by constraint id; one with several constraints counts under each."""
    table: dict[str, list[Evaluated]] = {}
    for row in rows:
        for constraint in row.instruction.constraints:
            table.setdefault(constraint.id, []).append(row)
    return dict(sorted(table.items()))


def truncated(rows: Sequence[Evaluated], limit: int) -> list[Evaluated]:
    """The answers alone, cut after ``limit`` words and scored again."""
    return [_scored(row.instruction, first_words(row.answer, limit), ()) for row in rows]


@dataclass(frozen=True)
class TruncationControl:
    """ISR of the base policy's own responses, cut at several lengths: what brevity alone gains.

    Attributes:
        limits: the cuts that were tried, in words.
        strict: strict ISR at each cut.
        guarded: guarded ISR at each cut.
    """

    limits: tuple[int, ...]
    strict: tuple[Rate, ...]
    guarded: tuple[Rate, ...]

    def best(self, *, guarded: bool) -> tuple[int, Rate]:
        """The cut with the highest rate, in words, and that rate.

        It is chosen on the data that it is scored on, so the rate is an optimistic estimate.
        """
        rates = self.guarded if guarded else self.strict
        best = max(range(len(rates)), key=lambda index: rates[index].mean)
        return self.limits[best], rates[best]


def truncation_control(
    rows: Sequence[Evaluated], limits: Sequence[int] = (1, 2, 3, 5, 8, 10, 12, 15, 20, 25, 30)
) -> TruncationControl:
    """Cut answers at each limit, in words, and score what is left; no policy is run.

    Args:
        rows: evaluated responses of the base policy.
        limits: lengths in words.
    """
    cuts = [truncated(rows, limit) for limit in limits]
    return TruncationControl(
        tuple(limits),
        tuple(isr(cut, guarded=False) for cut in cuts),
        tuple(isr(cut, guarded=True) for cut in cuts),
    )
