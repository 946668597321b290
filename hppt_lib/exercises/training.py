"""Exercises of notebook 06: intervals, and groups that teach nothing.

Each mistake below is written out as the wrong code that readers tend to write.
"""

from __future__ import annotations

import torch
from torch import Tensor

from hppt_lib.classroom import Case, Exercise, Mistake


def wilson_interval(passed: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's interval of a share.

    Args:
        passed: successes.
        n: independent trials.
        z: the normal quantile; 1.96 for 95 %.
    """
    p, squared = passed / n, z * z
    centre = (p + squared / (2 * n)) / (1 + squared / n)
    half = z * (p * (1 - p) / n + squared / (4 * n * n)) ** 0.5 / (1 + squared / n)
    return centre - half, centre + half


def idle_share(rewards: Tensor) -> float:
    """The share of groups whose rewards are all equal.

    Args:
        rewards: shape (groups, group size).
    """
    return float((rewards.amax(dim=1) == rewards.amin(dim=1)).float().mean())


def _wald(passed: int, n: int) -> tuple[float, float]:
    p = passed / n
    half = 1.96 * (p * (1 - p) / n) ** 0.5
    return p - half, p + half


def _around_the_share(passed: int, n: int) -> tuple[float, float]:
    low, high = wilson_interval(passed, n)
    half = (high - low) / 2
    return passed / n - half, passed / n + half


EXERCISES: dict[str, Exercise] = {
    "wilson_interval": Exercise(
        reference=wilson_interval,
        cases=(
            Case("12 of 40 passed", {"passed": 12, "n": 40}),
            Case("0 of 20 passed", {"passed": 0, "n": 20}),
            Case("all 5 passed", {"passed": 5, "n": 5}),
        ),
        mistakes=(
            Mistake("use the plain normal interval p ± 1.96 · sqrt(p(1 − p)/n) (Wald's)", _wald),
            Mistake(
                "put Wilson's half-width around p itself instead of around the shifted centre",
                _around_the_share,
            ),
            Mistake(
                "use z = 1.645, which gives a 90 % interval",
                lambda passed, n: wilson_interval(passed, n, z=1.645),
            ),
            Mistake(
                "return the centre and the half-width instead of the two ends",
                lambda passed, n: (
                    sum(wilson_interval(passed, n)) / 2,
                    (wilson_interval(passed, n)[1] - wilson_interval(passed, n)[0]) / 2,
                ),
            ),
        ),
        not_covered="responses that depend on each other (several to one instruction).",
        tolerance=1e-3,
    ),
    "idle_share": Exercise(
        reference=idle_share,
        cases=(
            Case(
                "one group all passed, three none, two mixed",
                {"rewards": torch.tensor([[1.0, 1.0], *3 * [[0.0, 0.0]], *2 * [[1.0, 0.0]]])},
            ),
            Case("one mixed group", {"rewards": torch.tensor([[0.0, 1.0, 0.0, 0.0]])}),
        ),
        mistakes=(
            Mistake(
                "count only the groups in which nothing passed",
                lambda rewards: float((rewards.amax(dim=1) == 0).float().mean()),
            ),
            Mistake(
                "count only the groups in which everything passed",
                lambda rewards: float((rewards.amin(dim=1) == 1).float().mean()),
            ),
            Mistake(
                "return the share of groups that do teach",
                lambda rewards: 1 - idle_share(rewards),
            ),
            Mistake(
                "compare along the groups (dim=0) instead of within each (dim=1)",
                lambda rewards: idle_share(rewards.T),
            ),
        ),
        not_covered="rewards other than 0 and 1.",
    ),
}
