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

from hppt_lib.instructions import Instruction
from hppt_lib.rewards import Score, score
from hppt_lib.verifiers.text import first_words, words

if TYPE_CHECKING:
    from hppt_lib.models import Policy
    from hppt_lib.profiles import EvaluationSettings


@dataclass(frozen=True)
class Interval:
    """An estimate with its 95 % interval.

    Attributes:
        mean: the estimate.
        low: lower end of the interval.
        high: upper end.
    """

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.2f} [{self.low:.2f}, {self.high:.2f}]"


@dataclass(frozen=True)
class Rate(Interval):
    """A share, between 0 and 1, with its 95 % interval.

    Attributes:
        samples: number of responses.
        groups: number of independent groups (instructions) that they come from.
    """

    samples: int
    groups: int


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
    from hppt_lib.rollouts import sample

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


def rate(outcomes: Sequence[bool], groups: Sequence[str]) -> Rate:
    """A share with a 95 % interval that allows for groups of dependent outcomes.

    With one outcome in each group this is Wilson's interval. With more, the number of samples is
    first divided by the design effect, the ratio of the variance between group means to what
    independent outcomes would have (never below 1), and by the price of estimating that variance
    from few groups (Korn and Graubard, Survey Methodology 24, 1998).

    Raises:
        ValueError: no outcome, or not one group name for each outcome.
    """
    from scipy.stats import t
    from statsmodels.stats.proportion import proportion_confint

    if not outcomes or len(outcomes) != len(groups):
        raise ValueError(f"{len(outcomes)} outcomes and {len(groups)} group names")
    values = np.asarray(outcomes, dtype=float)
    mean = float(values.mean())
    names, index = np.unique(np.asarray(groups), return_inverse=True)
    effective = len(values) / _design_effect(values, index, len(names))
    if len(names) > 1:
        # The same for one outcome a group; with few large groups the interval grows.
        effective *= float(t.ppf(0.975, len(values) - 1) / t.ppf(0.975, len(names) - 1)) ** 2
    low, high = proportion_confint(mean * effective, effective, alpha=0.05, method="wilson")
    return Rate(mean, max(0.0, float(low)), min(1.0, float(high)), len(values), len(names))


def _design_effect(values: np.ndarray, index: np.ndarray, groups: int) -> float:
    """Variance of the mean by groups over the variance of as many independent outcomes."""
    mean = values.mean()
    if groups < 2 or mean in (0, 1):
        # Nothing shows how dependent the outcomes are: count each group as one outcome.
        return len(values) / groups
    independent = mean * (1 - mean) / (len(values) - 1)
    residuals = np.bincount(index, weights=values - mean, minlength=groups)
    clustered = groups / (groups - 1) * float((residuals**2).sum()) / len(values) ** 2
    return max(1.0, clustered / independent)


def mean_interval(values: Sequence[float]) -> Interval:
    """The mean of independent values, one a run or a step, with Student's 95 % interval.

    With three seeds the interval is wide, and rightly so. It is not cut at 0 and 1: where it
    reaches beyond them, there are too few values to say much.

    Raises:
        ValueError: fewer than two values.
    """
    from statsmodels.stats.weightstats import DescrStatsW

    if len(values) < 2:
        raise ValueError(f"{len(values)} value: an interval for a mean needs two or more")
    low, high = DescrStatsW(np.asarray(values, dtype=float)).tconfint_mean()
    return Interval(float(np.mean(values)), float(low), float(high))


def difference_interval(values: Sequence[float], others: Sequence[float]) -> Interval:
    """The mean of ``values`` less that of ``others``, with Welch's 95 % interval.

    Raises:
        ValueError: fewer than two values on a side.
    """
    from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

    if min(len(values), len(others)) < 2:
        raise ValueError("an interval for a difference needs two or more values on each side")
    one, other = (DescrStatsW(np.asarray(each, dtype=float)) for each in (values, others))
    low, high = CompareMeans(one, other).tconfint_diff(usevar="unequal")
    return Interval(float(np.mean(values) - np.mean(others)), float(low), float(high))


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
