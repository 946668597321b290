"""Exercises of notebook 05: groups that teach nothing, 4-bit weights, adapters.

Each mistake below is written out as the wrong code that readers tend to write.
"""

from __future__ import annotations

import torch
from torch import Tensor

from hppt_lib.course.checks import Case, Exercise, Label, Mistake


def idle_share(rewards: Tensor) -> float:
    """The share of groups whose rewards are all equal.

    Args:
        rewards: shape (groups, group size).
    """
    return float((rewards.amax(dim=1) == rewards.amin(dim=1)).float().mean())


def quantise_block(weights: Tensor, levels: Tensor) -> Tensor:
    """A block of weights after quantisation: each the nearest level, at the block's scale.

    Args:
        weights: shape (n,), not all zero.
        levels: ascending from -1 to 1, shape (m,).
    """
    scale = weights.abs().max()
    nearest = (weights[:, None] / scale - levels).abs().argmin(dim=1)
    return levels[nearest] * scale


def lora_output(x: Tensor, weight: Tensor, a: Tensor, b: Tensor, alpha: float) -> Tensor:
    """What a linear layer with a LoRA adapter gives.

    Args:
        x: inputs, shape (rows, inputs).
        weight: the frozen weight, shape (outputs, inputs).
        a: the adapter's first matrix, shape (rank, inputs).
        b: its second matrix, shape (outputs, rank).
        alpha: the adapter counts ``alpha / rank`` times.
    """
    return x @ weight.T + alpha / a.shape[0] * (x @ a.T @ b.T)


def _level_below(weights: Tensor, levels: Tensor) -> Tensor:
    scale = weights.abs().max()
    place = torch.searchsorted(levels, weights / scale, right=True) - 1
    return levels[place.clamp(0, len(levels) - 1)] * scale


def _level_above(weights: Tensor, levels: Tensor) -> Tensor:
    scale = weights.abs().max()
    place = torch.searchsorted(levels, weights / scale)
    return levels[place.clamp(0, len(levels) - 1)] * scale


def _by_largest(weights: Tensor, levels: Tensor) -> Tensor:
    scale = weights.max()
    return levels[(weights[:, None] / scale - levels).abs().argmin(dim=1)] * scale


_LEVELS = torch.tensor([-1.0, -0.6, -0.3, -0.1, 0.0, 0.15, 0.4, 1.0])
_DRAW = torch.Generator().manual_seed(0)
_LAYER = {
    "x": torch.randn(3, 5, generator=_DRAW),
    "weight": torch.randn(4, 5, generator=_DRAW),
    "a": torch.randn(2, 5, generator=_DRAW),
    "b": torch.randn(4, 2, generator=_DRAW),
}
_RANK_3 = {"a": torch.randn(3, 5, generator=_DRAW), "b": torch.randn(4, 3, generator=_DRAW)}

EXERCISES: dict[str, Exercise] = {
    "idle_share": Exercise(
        label=Label("Groups that teach nothing", number=1, difficulty=1, minutes=5, points=1),
        reference=idle_share,
        cases=(
            Case(
                "one group all passed, three none, two mixed",
                {"rewards": torch.tensor([[1.0, 1.0], *3 * [[0.0, 0.0]], *2 * [[1.0, 0.0]]])},
            ),
            Case("one mixed group", {"rewards": torch.tensor([[0.0, 1.0, 0.0, 0.0]])}),
            Case(
                "shares as rewards: one group all at .5",
                {"rewards": torch.tensor([[0.5, 0.5], [0.0, 0.5], [1.0, 1.0]])},
            ),
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
                "know rewards of 0 and 1 only: any group of equal rewards teaches nothing",
                lambda rewards: float(
                    ((rewards.amax(dim=1) == 0) | (rewards.amin(dim=1) == 1)).float().mean()
                ),
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
        not_covered="rewards that differ in their last bit only.",
    ),
    "quantise_block": Exercise(
        label=Label("A block in 4 bits", number=2, difficulty=2, minutes=15, points=2),
        reference=quantise_block,
        cases=(
            Case(
                "five weights, the largest positive",
                {"weights": torch.tensor([0.02, -0.05, 0.2, 0.09, -0.11]), "levels": _LEVELS},
            ),
            Case(
                "five weights, the largest negative",
                {"weights": torch.tensor([0.3, -0.9, 0.1, 0.5, -0.2]), "levels": _LEVELS},
            ),
            Case(
                "large weights",
                {"weights": torch.tensor([30.0, -90.0, 10.0, 52.0, -20.0]), "levels": _LEVELS},
            ),
        ),
        mistakes=(
            Mistake("take the level below instead of the nearest", _level_below),
            Mistake("take the level above instead of the nearest", _level_above),
            Mistake(
                "forget to multiply by the scale at the end: these are levels, not weights",
                lambda weights, levels: quantise_block(weights, levels) / weights.abs().max(),
            ),
            Mistake(
                "forget the scale altogether: small weights then all become 0",
                lambda weights, levels: levels[(weights[:, None] - levels).abs().argmin(dim=1)],
            ),
            Mistake(
                "scale by the largest weight and not by the largest absolute value", _by_largest
            ),
            Mistake(
                "return the numbers of the levels, which is what is stored, not what is used",
                lambda weights, levels: (
                    (weights[:, None] / weights.abs().max() - levels).abs().argmin(dim=1)
                ),
            ),
        ),
        not_covered="a block of zeros, and the second quantisation of the scales.",
    ),
    "lora_output": Exercise(
        label=Label("An adapter on it", number=3, difficulty=2, minutes=10, points=2),
        reference=lora_output,
        cases=(
            Case("rank 2, alpha 8", {**_LAYER, "alpha": 8.0}),
            Case("rank 3, alpha 8", {**_LAYER, **_RANK_3, "alpha": 8.0}),
            Case("a fresh adapter (b is zero)", {**_LAYER, "b": torch.zeros(4, 2), "alpha": 8.0}),
        ),
        mistakes=(
            Mistake(
                "forget to divide alpha by the rank",
                lambda x, weight, a, b, alpha: x @ weight.T + alpha * (x @ a.T @ b.T),
            ),
            Mistake(
                "divide by 2: the rank is the number of rows of a",
                lambda x, weight, a, b, alpha: x @ weight.T + alpha / 2 * (x @ a.T @ b.T),
            ),
            Mistake(
                "divide by the number of inputs (a.shape[1]): the rank is a.shape[0]",
                lambda x, weight, a, b, alpha: x @ weight.T + alpha / a.shape[1] * (x @ a.T @ b.T),
            ),
            Mistake(
                "leave alpha out",
                lambda x, weight, a, b, alpha: x @ weight.T + x @ a.T @ b.T,
            ),
            Mistake(
                "divide by alpha instead of multiplying with it",
                lambda x, weight, a, b, alpha: x @ weight.T + (x @ a.T @ b.T) / alpha,
            ),
            Mistake(
                "return the adapter's part alone, without the frozen weight's",
                lambda x, weight, a, b, alpha: alpha / a.shape[0] * (x @ a.T @ b.T),
            ),
            Mistake(
                "scale the frozen weight's part too",
                lambda x, weight, a, b, alpha: alpha / a.shape[0] * (x @ (weight + b @ a).T),
            ),
        ),
        not_covered="dropout on the adapter's input, and weights in 4 bits.",
    ),
}
