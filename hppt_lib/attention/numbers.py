"""Four numbers of the attention to a segment, and comparisons of two policies paired by prompt.

Each number says what it does about the four choices that heat maps leave open: the sink, the
segment's length, which heads, which positions of the response. Positions are always all readers of
a response (from the prompt's last token to the response's last but one), with equal weight; heads
of a layer are averaged only where a function says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from hppt_lib.attention.segments import SINK
from hppt_lib.attention.summing import Sums
from hppt_lib.errors import HpptError
from hppt_lib.intervals import Interval, holm, sign_flip_p
from hppt_lib.terminal import as_text, table

SHARE, WITHOUT_SINK, LIFT, WEIGHTED = "share", "share without sink", "lift", "value-weighted share"
NUMBERS = (SHARE, WITHOUT_SINK, LIFT, WEIGHTED)
DRAWS = 2000

MEANINGS: Mapping[str, str] = {
    SHARE: "part of the attention; sink in, length not normalised",
    WITHOUT_SINK: "part of what does not go to the sink; length not normalised",
    LIFT: "the same over the segment's part of the visible tokens; 1 = no more than its length",
    WEIGHTED: "part of what comes through, each weight times the length of its value; sink in",
}
"""What each number is, in a few words."""


def four_numbers(sums: Sums, name: str) -> dict[str, np.ndarray]:
    """The four numbers of the attention to one segment, by layer and head.

    Each is taken at every reader and then averaged over the readers. So under attention that is
    even over all visible tokens the lift is 1 whatever the lengths are.

    Args:
        sums: of one text.
        name: of the segment.

    Returns:
        For each of `NUMBERS` an array of shape (L, H). The lift of a segment that no reader sees is
        not a number.

    Raises:
        HpptError: there is no such segment.
    """
    of, sink = sums.place(name), sums.place(SINK)
    shares, weighted = sums.shares.double(), sums.weighted.double()
    others = [at for at in range(len(sums.names)) if at != sink]
    # Added up and not 1 - sink: of a head that looks at the sink alone, little is left.
    rest = shares[..., others].sum(-1)
    without = shares[..., of] / rest.clamp(min=torch.finfo(torch.double).tiny)
    if name == SINK:
        without = torch.zeros_like(without)
    visible = sums.visible.double()
    part = visible[:, of] / visible[:, others].sum(-1)
    lift = torch.where(part > 0, without / part, torch.nan)
    through = weighted[..., of] / weighted.sum(-1)
    found = {SHARE: shares[..., of], WITHOUT_SINK: without, LIFT: lift, WEIGHTED: through}
    return {key: each.mean(-1).numpy() for key, each in found.items()}


def bootstrap_mean(values: np.ndarray, *, seed: int = 0, draws: int = DRAWS) -> list[Interval]:
    """Means over instructions with 95 % intervals, by a percentile bootstrap over instructions.

    Args:
        values: shape (instructions, columns): one row an instruction (average its responses
            first), one column a layer, say.
        seed: of the draws.
        draws: how many.

    Returns:
        One interval for each column.

    Raises:
        HpptError: fewer than two instructions.
    """
    values = np.asarray(values, dtype=float)
    count = len(values)
    if count < 2:
        raise HpptError(f"{count} instruction: a bootstrap over instructions needs two or more.")
    times = np.random.default_rng(seed).multinomial(count, [1 / count] * count, size=draws)
    low, high = np.quantile(times @ values / count, [0.025, 0.975], axis=0)
    ends = zip(values.mean(axis=0), low, high, strict=True)
    return [Interval(float(mean), float(a), float(b)) for mean, a, b in ends]


@dataclass(frozen=True)
class Paired:
    """Two policies that read the same texts: their difference in some numbers.

    Attributes:
        names: of the numbers.
        differences: the first policy's minus the second's: mean and bootstrap interval over
            instructions, each by itself.
        p_values: of the permutation test, one a number, each by itself.
        corrected: the same, corrected for how many numbers there are (Holm).
    """

    names: tuple[str, ...]
    differences: tuple[Interval, ...]
    p_values: tuple[float, ...]
    corrected: tuple[float, ...]

    @property
    def found(self) -> tuple[str, ...]:
        """The numbers that differ: corrected p-value below .05."""
        pairs = zip(self.names, self.corrected, strict=True)
        return tuple(name for name, p in pairs if p < 0.05)

    def as_table(self) -> str:
        """A line for each number, to print."""
        rows = zip(self.names, self.differences, self.p_values, self.corrected, strict=True)
        headings = ["number", "difference [95 %]", "p, permutation", "p, Holm"]
        shown = [
            [
                name,
                f"{gap.mean:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}]",
                f"{p:.4f}",
                f"{holm_p:.4f}",
            ]
            for name, gap, p, holm_p in rows
        ]
        return as_text(table(headings, shown))


def compare_paired(
    one: Mapping[str, Sequence[float]],
    other: Mapping[str, Sequence[float]],
    *,
    seed: int = 0,
    draws: int = DRAWS,
) -> Paired:
    """Compare what two policies do with the same texts.

    The whole procedure: for each number a paired difference with its interval, a permutation test,
    and Holm's correction over the numbers. Of 100 comparisons in which nothing differs, it finds
    something in about five or fewer. It speaks of *these two policies*; whether a way of training
    does it takes several seeds (`hppt_lib.intervals.mean_interval` over them).

    Args:
        one: for each number one value an instruction.
        other: the same instructions in the same order.
        seed: of the draws.
        draws: of bootstrap and test.

    Raises:
        HpptError: other numbers or instructions on the two sides, or fewer than two instructions.
    """
    if list(one) != list(other):
        raise HpptError(f"Not the same numbers on both sides: {list(one)} and {list(other)}.")
    first, second = (np.array([*each.values()], dtype=float).T for each in (one, other))
    if first.shape != second.shape:
        raise HpptError(f"{len(first)} and {len(second)} instructions: a pair has the same text.")
    gaps = first - second
    p_values = sign_flip_p(gaps, seed=seed, draws=draws)
    return Paired(
        tuple(one),
        tuple(bootstrap_mean(gaps, seed=seed, draws=draws)),
        tuple(p_values),
        tuple(holm(p_values)),
    )


def layers_found(gaps: np.ndarray, *, seed: int = 0, draws: int = DRAWS) -> list[float]:
    """p-values of many layers at once, corrected for looking at all of them.

    The largest of all layers, in units of its standard error, is compared with the largest that
    swapping gives (Westfall and Young's single step): layers are alike, and Holm would be too hard.

    Args:
        gaps: differences, shape (instructions, layers).
        seed: of the draws.
        draws: of swaps.

    Returns:
        One corrected p-value a layer.
    """
    gaps = np.asarray(gaps, dtype=float)
    count = len(gaps)
    squares = (gaps**2).sum(axis=0)

    def standardised(means: np.ndarray) -> np.ndarray:
        spread = np.sqrt(np.maximum(squares / count - means**2, 1e-30) / (count - 1))
        return np.asarray(np.abs(means) / spread)

    signs = np.random.default_rng(seed).choice([-1.0, 1.0], size=(draws, count))
    largest = standardised(signs @ gaps / count).max(axis=1)
    seen = standardised(gaps.mean(axis=0))
    reached = (largest[:, None] >= seen - 1e-9).sum(axis=0)
    return [float(each) for each in (reached + 1) / (draws + 1)]
