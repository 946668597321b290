"""The instruction satisfaction rate (ISR), strict and guarded, with its truncation control.

ISR is the share of responses that satisfy every constraint of their instruction. It is always
given strict *and* guarded, with the responses' length and the truncation control, because a policy
can raise strict ISR by saying almost nothing. *Substance* stands beside guarded ISR: the share of
all responses that are answers, whether or not they meet their constraint. (Guarded ISR falls as
well where answers stay and constraints are missed.) Rates, lengths and cuts are of the *answer*:
what follows the thoughts in a response.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
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
    """One held-out response with its score.

    It knows no reward, so that policies are compared by the same measures whatever they were
    trained on. A rollout of training, with what the trainer was told of it, is an
    `hppt_lib.rewards.Rewarded`.

    Attributes:
        score: the instruction, the response, and the verdicts.
        cut: whether it was cut at the token limit; None if that is not known, as of a record.
    """

    score: Score
    cut: bool | None = None

    @property
    def instruction(self) -> Instruction:
        """What was asked."""
        assert self.score.instruction is not None  # `evaluate` and `rescored` score with it
        return self.score.instruction

    @property
    def response(self) -> str:
        """What the policy wrote, with its thoughts if it has any."""
        return self.score.response

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
    sampler: str = "kit",
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
        sampler: as in `hppt_lib.policy.sampling.sample`.

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
        sampler=sampler,
    )
    return [
        Evaluated(score(instruction, rollout.text, thoughts=thoughts), cut=not rollout.finished)
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
        rows.append(Evaluated(score(by_id[id], response, thoughts=thoughts)))
    return rows


def response_pairs(rows: Sequence[Evaluated]) -> tuple[tuple[str, str], ...]:
    """(instruction id, response) of each row, as a run record keeps them; see `rescored`."""
    return tuple((row.instruction.id, row.response) for row in rows)


MEASURES: Mapping[str, Callable[[Evaluated], bool]] = {
    "strict ISR": lambda row: row.score.strict,
    "guarded ISR": lambda row: row.score.guarded,
    "substance": lambda row: row.score.substance.passed,
}
"""What is said of a set of responses: the share of all of them for which this holds."""


def isr(rows: Sequence[Evaluated], *, guarded: bool) -> Rate:
    """The instruction satisfaction rate: the share of responses that satisfy every constraint.

    Responses to the same instruction are not independent, so the interval is for the mean over
    instructions (see `hppt_lib.intervals.rate`).

    Args:
        rows: evaluated responses, at least one.
        guarded: whether a response must also be a real answer (see `hppt_lib.rewards.guarded`).
    """
    return share_of(rows, "guarded ISR" if guarded else "strict ISR")


def substance(rows: Sequence[Evaluated]) -> Rate:
    """The share of all responses that are answers of substance, constraint met or not.

    This is what "the answers die" means. Guarded ISR falls as well where a policy that still
    answers meets fewer constraints.
    """
    return share_of(rows, "substance")


def share_of(rows: Sequence[Evaluated], measure: str) -> Rate:
    """The share of responses for which one of `MEASURES` holds; see `isr`."""
    holds = MEASURES[measure]
    return rate([holds(row) for row in rows], [row.instruction.id for row in rows])


def missing_note(rows: Sequence[Evaluated]) -> str:
    """A sentence on responses whose satisfaction hangs on a verdict that untrusted code did not
    give: the rates count them as not satisfied. Empty if there are none.
    """
    unknown = sum(row.score.missing > 0 and row.score.filled(True).strict for row in rows)
    if not unknown:
        return ""
    return (
        f"{unknown} of {len(rows)} responses hang on a constraint whose code gave no verdict, and "
        f"count as not satisfied: ISR may be up to {unknown / len(rows):.3f} higher"
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
    return [
        Evaluated(score(row.instruction, first_words(row.answer, limit), thoughts=()))
        for row in rows
    ]


@dataclass(frozen=True)
class BestCut:
    """The truncation control at its best: the base policy's text, cut as suits each constraint.

    Attributes:
        rows: every response, cut where the *other* half of the instructions says.
        limits: by type of constraint, the cut chosen on each half, in words (None: not cut).
        guarded: whether it was chosen by guarded ISR, else by strict.
    """

    rows: tuple[Evaluated, ...]
    limits: Mapping[str, tuple[int | None, int | None]]
    guarded: bool

    @property
    def rate(self) -> Rate:
        """Its ISR, of the kind that it was chosen by."""
        return isr(self.rows, guarded=self.guarded)

    def __str__(self) -> str:
        parts = []
        for kind, cuts in self.limits.items():
            names = ["uncut" if cut is None else str(cut) for cut in dict.fromkeys(cuts)]
            parts.append(f"{kind.rpartition(':')[2].replace('_', ' ')} {' or '.join(names)}")
        return f"{self.rate}, at these words by type of constraint: {', '.join(parts)}"


@dataclass(frozen=True)
class TruncationControl:
    """The base policy's own responses, cut at several lengths: what brevity alone gains.

    Attributes:
        limits: the cuts that were tried, in words.
        whole: the responses as they are.
        cuts: the responses at each cut.
    """

    limits: tuple[int, ...]
    whole: tuple[Evaluated, ...]
    cuts: tuple[tuple[Evaluated, ...], ...]

    @cached_property
    def strict(self) -> tuple[Rate, ...]:
        """Strict ISR at each cut."""
        return tuple(isr(cut, guarded=False) for cut in self.cuts)

    @cached_property
    def guarded(self) -> tuple[Rate, ...]:
        """Guarded ISR at each cut."""
        return tuple(isr(cut, guarded=True) for cut in self.cuts)

    def best(self, *, guarded: bool) -> BestCut:
        """Each response, cut as its type of constraint is cut best.

        A trained policy reads its constraint, so the control may, too: one cut for all types would
        be a weaker opponent. The cut of a type is chosen on one half of the instructions and scored
        on the other, both ways, so that the rate is no flattered one. Every second instruction of a
        type is in the second half. A type that only one half has gets the cut that is best for all
        types of the other.

        Args:
            guarded: chosen and scored by guarded ISR, or by strict.
        """
        measure = MEASURES["guarded ISR" if guarded else "strict ISR"]
        options: tuple[int | None, ...] = (*self.limits, None)
        passed = np.array([[measure(row) for row in each] for each in (*self.cuts, self.whole)])
        kinds = [_kind(row.instruction) for row in self.whole]
        half = np.array(_halves(self.whole))
        rows: list[Evaluated] = list(self.whole)
        limits: dict[str, tuple[int | None, int | None]] = {}
        for kind in dict.fromkeys(kinds):
            of_kind = np.array([each == kind for each in kinds])
            chosen = []
            for fit in (0, 1):
                known = of_kind & (half == fit)
                known = known if known.any() else half == fit
                # Of equals the shortest; a single instruction leaves nothing to choose from.
                place = int(passed[:, known].sum(axis=1).argmax()) if known.any() else -1
                chosen.append(options[place])
                for row in np.flatnonzero(of_kind & (half != fit)):
                    rows[row] = (*self.cuts, self.whole)[place][row]
            limits[kind] = (chosen[0], chosen[1])
        return BestCut(tuple(rows), limits, guarded)


def _kind(instruction: Instruction) -> str:
    """The type of an instruction: its constraints' ids."""
    return " + ".join(sorted(each.id for each in instruction.constraints))


def _halves(rows: Sequence[Evaluated]) -> list[int]:
    """For each row the half, 0 or 1, that its instruction is in: every second one of its type."""
    halves: dict[str, int] = {}
    seen: defaultdict[str, int] = defaultdict(int)
    for row in rows:
        if row.instruction.id not in halves:
            kind = _kind(row.instruction)
            halves[row.instruction.id] = seen[kind] % 2
            seen[kind] += 1
    return [halves[row.instruction.id] for row in rows]


def truncation_control(
    rows: Sequence[Evaluated], limits: Sequence[int] = (1, 2, 3, 5, 8, 10, 12, 15, 20, 25, 30)
) -> TruncationControl:
    """Cut answers at each limit, in words, and score what is left; no policy is run.

    Args:
        rows: evaluated responses of the base policy.
        limits: lengths in words.
    """
    cuts = tuple(tuple(truncated(rows, limit)) for limit in limits)
    return TruncationControl(tuple(limits), tuple(rows), cuts)
