"""Makes a judge precise: chooses a threshold that guarantees its recall on false responses.

The threshold is chosen on labelled rows so that, at a stated confidence level, at most a stated
share of violated responses passes. The price is paid in coverage and recall; `precision_cost`
measures it on rows that were not used to choose the threshold. If no threshold gives the guarantee,
that is a result too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from hppt_lib.audit.curves import labelled_confidences
from hppt_lib.audit.judged_rows import JudgedRow
from hppt_lib.intervals import Rate, rate
from hppt_lib.judges.protocol import Judgement, no_verdict

BETWEEN = "between the two thresholds"
"""Why a judge made precise gives no verdict where it abstains."""


@dataclass(frozen=True)
class Thresholds:
    """Thresholds on a judge's confidence, and what they guarantee.

    Attributes:
        pass_from: the lowest confidence that passes; above 1 if only "pass nothing" can be
            guaranteed; None if nothing can.
        fail_below: a confidence below this fails, one between the two gives no verdict; equal to
            ``pass_from`` where there is no abstention; None if nothing can be guaranteed.
        target: of the violated, at least this share does not pass.
        keep: of the satisfied, at least this share does not fail; None if that was not asked for.
        level: the confidence level at which both hold together.
        judges: of how many judges the best may be taken under this promise.
        violated: number of violated rows (one an item) that the choice rests on.
        satisfied: number of satisfied rows (one an item) that it rests on; 0 if not asked for.
        problem: why nothing can be guaranteed; empty if something is.
    """

    pass_from: float | None
    fail_below: float | None
    target: float
    keep: float | None
    level: float
    violated: int
    satisfied: int
    problem: str = ""
    judges: int = 1

    @property
    def reached(self) -> bool:
        """Whether there is a guarantee and a confidence from 0 to 1 that still passes."""
        return self.pass_from is not None and self.pass_from <= 1

    def __call__(self, judgement: Judgement) -> Judgement:
        """The same answer under the thresholds.

        A judgement without a verdict stays so; one without a confidence counts as 1 (passed) or 0.
        If nothing can be guaranteed, there is no verdict.
        """
        if judgement.passed is None:
            return judgement
        if self.pass_from is None or self.fail_below is None:
            return no_verdict(self.problem, judgement.reply)
        confidence = judgement.confidence
        if confidence is None:
            confidence = float(judgement.passed)
        if self.fail_below <= confidence < self.pass_from:
            return replace(judgement, passed=None, problem=BETWEEN)
        return replace(judgement, passed=confidence >= self.pass_from)


def passing_threshold(confidences: Sequence[float], target: float, level: float) -> float | None:
    """The lowest threshold that guarantees a recall on false responses of ``target`` or more.

    Let k be the largest number for which fewer than k of n rows pass with probability at most
    1 − ``level`` if each passes with probability 1 − ``target``. A row passes if its confidence
    lies *above* the k-th largest of the n. If that were too low a threshold, fewer than k of the
    rows would have come from the top 1 − ``target`` of the confidences' distribution, which has
    just that probability. So the bound is exact (it is Clopper and Pearson's at k − 1 passes),
    needs no correction for choosing the threshold from the same rows, and holds for any
    distribution; ties only make it safer.

    Args:
        confidences: of violated rows, drawn independently.
        target: the recall on false responses to be reached, between 0 and 1.
        level: the confidence level at which it is reached, between 0 and 1.

    Returns:
        The threshold (a confidence that reaches it passes); None if there are too few rows for any.
        `labels_needed` says how many it takes.
    """
    ordered = np.sort(np.asarray(confidences, dtype=float))[::-1]
    k = _place(len(ordered), target, level)
    return float(np.nextafter(ordered[k - 1], np.inf)) if k else None


@cache
def _place(count: int, target: float, level: float) -> int:
    """The largest k with P(at most k − 1 of so many pass) <= 1 − level; 0 if there is none."""
    from scipy.stats import binom

    if not count:
        return 0
    k = int(binom.ppf(1 - level, count, 1 - target))
    return k + 1 if binom.cdf(k, count, 1 - target) <= 1 - level else k


def labels_needed(target: float, level: float) -> int:
    """The smallest number of violated rows with which `passing_threshold` finds any threshold."""
    return int(np.ceil(np.log(1 - level) / np.log(target) - 1e-9))


class _RowArrays:
    """A judge's rows with a verdict, as arrays.

    Attributes:
        confidences: float, shape (rows,); a judge that tells none has 1 for passed, 0 for failed.
        passed: the judge's own verdicts, shape (rows,).
        labels: bool, shape (rows,).
        items: each row's item as a number, shape (rows,).
        count: number of items, also those without any verdict.
        rows_of_item: number of rows of each item, with a verdict or without, shape (items,).
    """

    def __init__(self, rows: Sequence[JudgedRow]) -> None:
        given = [each for each in rows if each.judgement.passed is not None]
        graded = any(each.judgement.confidence is not None for each in given)
        given = [each for each in given if not graded or each.judgement.confidence is not None]
        self.confidences = np.array(
            [
                float(bool(each.judgement.passed))
                if each.judgement.confidence is None
                else each.judgement.confidence
                for each in given
            ],
            dtype=float,
        )
        self.passed = np.array([bool(each.judgement.passed) for each in given], dtype=bool)
        self.labels = np.array([each.row.label for each in given], dtype=bool)
        names, index = np.unique([each.row.item for each in rows], return_inverse=True)
        place = {name: number for number, name in enumerate(names.tolist())}
        self.items = np.array([place[each.row.item] for each in given], dtype=int)
        self.count = len(names)
        self.rows_of_item = np.bincount(index, minlength=len(names))

    def one_an_item(
        self, label: bool, draw: np.random.Generator, among: np.ndarray | None = None
    ) -> np.ndarray:
        """The confidence of one row with this label of each item (of those marked in ``among``)."""
        wanted = self.labels == label
        if among is not None:
            wanted &= among[self.items]
        places = draw.permutation(np.flatnonzero(wanted))
        _, first = np.unique(self.items[places], return_index=True)
        return self.confidences[places[first]]


def make_precise(
    rows: Sequence[JudgedRow],
    *,
    target: float = 0.9,
    keep: float | None = None,
    level: float = 0.95,
    judges: int = 1,
    seed: int = 0,
) -> Thresholds:
    """Choose thresholds from calibration rows.

    Guaranteed, for new items like the calibration items: a violated row with a verdict passes with
    probability at most 1 − ``target``; with ``keep``, also a satisfied row fails with probability
    at most 1 − ``keep``. Both hold together with probability ``level`` over the calibration rows
    (with two promises, each takes half of the risk). Rows of one item are not independent, so only
    one violated and one satisfied row of each item are used, drawn by ``seed``: small items count
    as much as large ones.

    Not guaranteed: anything for responses of another origin, such as those of a policy that has
    learned from this judge; and nothing for the best of several judges, unless ``judges`` says how
    many: whoever tries nine and keeps the best has kept the luckiest threshold. If the judge may
    abstain, violated rows are guaranteed to be *not passed*; the share failed among those with a
    verdict may be lower. `precision_cost` gives both.

    Args:
        rows: judged rows with labels; those without a verdict are left out, and if the judge tells
            its confidence, those without one.
        target: recall on false responses to be reached.
        keep: share of the satisfied rows that must not fail; the judge then abstains between two
            thresholds. None: no such promise, and every row that does not pass fails.
        level: the probability that the thresholds do what they promise.
        judges: how many judges, prompts or ensembles are made precise on these rows, of which one
            is then taken: each has an equal part of the risk (Bonferroni).
        seed: seed of the drawing of rows.

    Raises:
        ValueError: a number that is not between 0 and 1, or fewer than one judge.
    """
    _check(target, keep, level, judges)
    draw = np.random.default_rng(seed)
    return _choose(_RowArrays(rows), target, keep, level, judges, draw)


def _check(target: float, keep: float | None, level: float, judges: int) -> None:
    if not all(0 < share < 1 for share in (target, level, 0.5 if keep is None else keep)):
        raise ValueError("target, keep and level must lie between 0 and 1")
    if judges < 1:
        raise ValueError(f"{judges} judges: one at the least")


def _choose(
    arrays: _RowArrays,
    target: float,
    keep: float | None,
    level: float,
    judges: int,
    draw: np.random.Generator,
    among: np.ndarray | None = None,
) -> Thresholds:
    """`make_precise` from arrays, for a caller that does it often.

    Args:
        arrays: the rows.
        target: see `make_precise`, as for the next two.
        keep: see `make_precise`.
        level: see `make_precise`.
        judges: see `make_precise`.
        draw: draws one row of each item.
        among: marks the items to choose from, shape (items,); None for all.
    """
    each_level = 1 - (1 - level) / (judges if keep is None else 2 * judges)
    violated = arrays.one_an_item(False, draw, among)
    satisfied = arrays.one_an_item(True, draw, among) if keep is not None else np.zeros(0)
    none = Thresholds(None, None, target, keep, level, len(violated), len(satisfied), judges=judges)
    for name, rows, share in (("violated", violated, target), ("satisfied", satisfied, keep)):
        if share is not None and len(rows) < labels_needed(share, each_level):
            needed = labels_needed(share, each_level)
            problem = f"{len(rows)} items with a {name} row, and {needed} are needed at the least"
            return replace(none, problem=problem)
    high = passing_threshold(violated.tolist(), target, each_level)
    assert high is not None  # there were enough
    if keep is None:
        return replace(none, pass_from=high, fail_below=high)
    mirrored = passing_threshold((-satisfied).tolist(), keep, each_level)
    assert mirrored is not None
    # What lies *below* the k-th smallest of the satisfied fails: the k-th smallest itself does not.
    low = float(np.nextafter(-mirrored, np.inf))
    # Where the zones overlap, any threshold between keeps both promises: no need to abstain.
    return replace(none, pass_from=high, fail_below=min(low, high))


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
    """The price of precision: a judge made precise on half of the items, measured on the rest.

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
        judges: of how many judges the best may be taken under this promise.
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
    judges: int = 1

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
    judges: int = 1,
    splits: int = 200,
    seed: int = 0,
) -> Cost:
    """Make the judge precise on a random half of the items, measure it on the rest; many times.

    Args:
        rows: judged rows of one judge (or ensemble).
        target: see `make_precise`, as for the next two.
        keep: None for a single threshold, without abstention.
        level: the confidence level of the guarantee.
        judges: see `make_precise`.
        splits: number of random splits.
        seed: seed of the splits.

    Raises:
        ValueError: no row, or a number that is out of range.
    """
    if not rows:
        raise ValueError("a cost needs rows")
    _check(target, keep, level, judges)
    arrays = _RowArrays(rows)
    draw = np.random.default_rng(seed)
    choices: list[Thresholds] = []
    measured: list[dict[str, float]] = []
    for _ in range(splits):
        calibration = np.zeros(arrays.count, dtype=bool)
        calibration[draw.permutation(arrays.count)[: arrays.count // 2]] = True
        choices.append(_choose(arrays, target, keep, level, judges, draw, calibration))
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
        judges=judges,
        **{name: _spread([each[name] for each in measured]) for name in _MEASURED},
    )


def _measure(arrays: _RowArrays, chosen: Thresholds, test: np.ndarray) -> dict[str, float]:
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
    """The rates of a judge at one threshold. A rate without rows is None.

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
    `make_precise`.

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
