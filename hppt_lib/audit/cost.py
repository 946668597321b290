"""What it costs to make a judge precise, measured on rows that the choice did not see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hppt_lib.audit.curves import labelled_confidences
from hppt_lib.audit.judged_rows import JudgedRow
from hppt_lib.audit.precise import RowArrays, Thresholds, choose_thresholds
from hppt_lib.intervals import Rate, rate


@dataclass(frozen=True)
class Spread:
    """A number over many random splits of the same rows.

    Attributes:
        mean: over the splits in which it exists.
        low: the splits' 2.5th percentile.
        high: their 97.5th.
    """

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.2f} [{self.low:.2f}, {self.high:.2f}]"


@dataclass(frozen=True)
class Cost:
    """What a judge made precise on one half of the items does on the other half.

    The spreads are over random splits. Each shows how far the result of *one* choice of threshold,
    measured once, may lie from the mean; they are not intervals for the mean.

    Attributes:
        target: recall on false responses asked for.
        keep: share of the satisfied that must not fail, if that was asked for.
        level: the confidence level of both.
        splits: number of random splits.
        guaranteed: share of the splits whose calibration half had enough labels for a guarantee.
        reached: share of the splits in which some confidence still passes under the guarantee.
        labels: mean number of violated rows (one an item) that the choice rested on.
        pass_from: the threshold to pass.
        not_passed: of the violated, the share that does not pass: what is guaranteed.
        recall_on_false: of the violated with a verdict, the share failed.
        recall: of the satisfied, the share passed (no verdict is no pass).
        precision: of the passed, the share truly satisfied.
        coverage: of all rows, the share with a verdict.
        passes_left: passes, as a share of those that the judge gave with its own threshold.
        problem: why there is no guarantee in the other splits; empty if there is one in all.
    """

    target: float
    keep: float | None
    level: float
    splits: int
    guaranteed: float
    reached: float
    labels: float
    pass_from: Spread | None
    not_passed: Spread | None
    recall_on_false: Spread | None
    recall: Spread | None
    precision: Spread | None
    coverage: Spread | None
    passes_left: Spread | None
    problem: str = ""

    def __str__(self) -> str:
        if self.problem and not self.guaranteed:
            return f"cannot be reached with this judge at this number of labels: {self.problem}"
        if not self.reached:
            return "reached only by passing nothing"
        return f"recall {self.recall}, passes left {self.passes_left}, coverage {self.coverage}"


_MEASURED = (
    *("pass_from", "not_passed", "recall_on_false", "recall"),
    *("precision", "coverage", "passes_left"),
)


def precision_cost(
    rows: Sequence[JudgedRow],
    *,
    target: float = 0.9,
    keep: float | None = None,
    level: float = 0.95,
    splits: int = 200,
    seed: int = 0,
) -> Cost:
    """Make the judge precise on a random half of the items, measure it on the rest; many times.

    Args:
        rows: judged rows of one judge (or ensemble).
        target: see `hppt_lib.audit.precise.make_precise`, as for the next two.
        keep: None for a single threshold, without abstention.
        level: the confidence level of the guarantee.
        splits: number of random splits.
        seed: seed of the splits.

    Raises:
        ValueError: no row, or a number that is out of range.
    """
    if not rows or not all(0 < x < 1 for x in (target, level, 0.5 if keep is None else keep)):
        raise ValueError("a cost needs rows, and target, keep and level between 0 and 1")
    arrays = RowArrays(rows)
    draw = np.random.default_rng(seed)
    choices: list[Thresholds] = []
    measured: list[dict[str, float]] = []
    for _ in range(splits):
        calibration = np.zeros(arrays.count, dtype=bool)
        calibration[draw.permutation(arrays.count)[: arrays.count // 2]] = True
        choices.append(choose_thresholds(arrays, target, keep, level, draw, calibration))
        if not choices[-1].problem:
            measured.append(_measure(arrays, choices[-1], ~calibration))
    return Cost(
        target,
        keep,
        level,
        splits,
        guaranteed=len(measured) / splits,
        reached=sum(each.reached for each in choices) / splits,
        labels=float(np.mean([each.violated for each in choices])),
        problem=next((each.problem for each in choices if each.problem), ""),
        **{name: _spread([each[name] for each in measured]) for name in _MEASURED},
    )


def _measure(arrays: RowArrays, chosen: Thresholds, test: np.ndarray) -> dict[str, float]:
    assert chosen.pass_from is not None and chosen.fail_below is not None
    inside = test[arrays.items]
    values, labels = arrays.confidences[inside], arrays.labels[inside]
    passes, fails = values >= chosen.pass_from, values < chosen.fail_below
    decided = passes | fails
    return {
        "pass_from": chosen.pass_from,
        "not_passed": _share(~passes, ~labels),
        "recall_on_false": _share(fails, ~labels & decided),
        "recall": _share(passes, labels),
        "precision": _share(labels, passes),
        "coverage": float(decided.sum() / arrays.rows_of_item[test].sum()),
        "passes_left": float(passes.sum() / max(1, arrays.passed[inside].sum())),
    }


def _share(hits: np.ndarray, of: np.ndarray) -> float:
    return float(hits[of].mean()) if of.any() else float("nan")


def _spread(values: Sequence[float]) -> Spread | None:
    known = np.array([each for each in values if not np.isnan(each)])
    if not len(known):
        return None
    low, high = np.quantile(known, (0.025, 0.975))
    return Spread(float(known.mean()), float(low), float(high))


@dataclass(frozen=True)
class AtThreshold:
    """A judge with its threshold moved. A rate of nothing is None.

    Attributes:
        threshold: the lowest confidence that passes.
        recall: of the satisfied, the share passed.
        recall_on_false: of the violated, the share failed.
        precision: of the passed, the share truly satisfied.
        passed: of all rows with a confidence, the share passed.
    """

    threshold: float
    recall: Rate | None
    recall_on_false: Rate | None
    precision: Rate | None
    passed: Rate | None


def threshold_sweep(
    rows: Sequence[JudgedRow], thresholds: Sequence[float] | None = None
) -> list[AtThreshold]:
    """The judge at each threshold, with 95 % intervals that hold for each threshold by itself.

    Reading the best threshold off such a curve is not a guarantee: use
    `hppt_lib.audit.precise.make_precise`.

    Args:
        rows: judged rows; those without a confidence are left out.
        thresholds: by default 0 to 1 in steps of .05.
    """
    confidences, labels, items = labelled_confidences(rows)

    def share(hits: np.ndarray, of: np.ndarray) -> Rate | None:
        return rate(hits[of].tolist(), items[of].tolist()) if of.any() else None

    rates = []
    for threshold in np.linspace(0, 1, 21) if thresholds is None else thresholds:
        passed = confidences >= threshold
        rates.append(
            AtThreshold(
                float(threshold),
                recall=share(passed, labels),
                recall_on_false=share(~passed, ~labels),
                precision=share(labels, passed),
                passed=share(passed, np.ones_like(labels)),
            )
        )
    return rates
