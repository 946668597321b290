"""Paired differences: compares two judges, or two ways to ask one judge, on the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hppt_lib.audit.judged_rows import JudgedRow, rows_by_key


@dataclass(frozen=True)
class PairedDifference:
    """The first judge's rate minus the second's, on the rows that both were asked about.

    Attributes:
        measure: which rate: one of `hppt_lib.audit.rates.MEASURES`, ``kappa`` or ``coverage``.
        first: the first's rate on these rows.
        second: the second's.
        estimate: first less second.
        low: lower end of the 95 % interval.
        high: upper end.
        rows: number of rows compared.
        items: number of items that they belong to.
    """

    measure: str
    first: float
    second: float
    estimate: float
    low: float
    high: float
    rows: int
    items: int

    def __str__(self) -> str:
        return f"{self.estimate:+.2f} [{self.low:+.2f}, {self.high:+.2f}]"


def paired_differences(
    first: Sequence[JudgedRow], second: Sequence[JudgedRow], *, resamples: int = 2000, seed: int = 0
) -> dict[str, PairedDifference]:
    """Paired differences of two judges on the same rows: every rate, with 95 % intervals.

    Rows are matched by item, kind and constraint. The rates are those of the rows where both gave a
    verdict (else a judge that gives none on hard rows would look better); ``coverage`` is of all
    matched rows. The interval is a bootstrap over whole items. Half an item on which only the first
    judge is right, and half an item on which only the second is, are added before drawing (Agresti
    and Min, Statistics in Medicine 24, 2005, do so with Wald's interval): without them, two judges
    that agree on 30 rows would seem to be proved equal.

    Args:
        first: judged rows of one judge.
        second: judged rows of the other; their order does not matter.
        resamples: number of bootstrap resamples.
        seed: seed of the resampling.

    Returns:
        The differences by the name of the rate. A rate that one of the two judges does not have
        (nothing passed, say) is left out.

    Raises:
        ValueError: a row comes twice in one set, or the sets share no row.
    """
    pairs = _matched(first, second)
    names, item = np.unique([one.row.item for one, _ in pairs], return_inverse=True)
    cells = _cells(pairs)
    counts = np.zeros((len(names), cells.shape[1]))
    np.add.at(counts, item, cells)
    drawn = _resampled(counts, resamples, np.random.default_rng(seed))
    point, spread = _rates_of_both(counts.sum(axis=0)), _rates_of_both(drawn)
    both = int(counts[:, :4].sum())
    with_both = int((counts[:, :4].sum(axis=1) > 0).sum())
    differences = {}
    for measure, (one, other) in point.items():
        if np.isnan(one) or np.isnan(other):
            continue
        estimate = float(one - other)
        low, high = np.nanquantile(spread[measure][0] - spread[measure][1], (0.025, 0.975))
        whole = measure == "coverage"
        differences[measure] = PairedDifference(
            measure,
            float(one),
            float(other),
            estimate,
            # The added discordances draw the resamples towards 0: hold on to the estimate.
            min(float(low), estimate),
            max(float(high), estimate),
            rows=len(pairs) if whole else both,
            items=len(names) if whole else with_both,
        )
    return differences


def _matched(
    first: Sequence[JudgedRow], second: Sequence[JudgedRow]
) -> list[tuple[JudgedRow, JudgedRow]]:
    ours, theirs = rows_by_key(first), rows_by_key(second)
    pairs = [(row, theirs[key]) for key, row in ours.items() if key in theirs]
    if not pairs:
        raise ValueError("the two sets of judged rows have no row in common")
    return pairs


def _cells(pairs: Sequence[tuple[JudgedRow, JudgedRow]]) -> np.ndarray:
    """What each pair counts for, shape (pairs, 11).

    For each of the two: true pass, false pass, true fail, false fail (nothing, unless both gave a
    verdict); then whether the one gave a verdict, whether the other did, and 1.
    """
    verdicts = np.array(
        [
            [np.nan if each.judgement.passed is None else each.judgement.passed for each in pair]
            for pair in pairs
        ],
        dtype=float,
    )
    labels = np.array([one.row.label for one, _ in pairs], dtype=bool)
    given = ~np.isnan(verdicts)
    both = np.flatnonzero(given.all(axis=1))
    cells = np.zeros((len(pairs), 11))
    for place in range(2):
        passed, label = verdicts[both, place] == 1, labels[both]
        cells[both, 4 * place + np.where(passed, np.where(label, 0, 1), np.where(label, 3, 2))] = 1
    cells[:, 8:10] = given
    cells[:, 10] = 1
    return cells


def _resampled(counts: np.ndarray, resamples: int, draw: np.random.Generator) -> np.ndarray:
    """Counts of each resample of items, shape (resamples, cells)."""
    unseen = _unseen(counts)
    items, kinds = len(counts), np.concatenate([counts, unseen])
    # Two tickets for an item that was seen, one for an unseen item, which counts half.
    tickets = np.concatenate([np.repeat(np.arange(items), 2), np.arange(items, len(kinds))])
    at_once = max(1, 1_000_000 // items)  # so that memory stays small
    sums = []
    for start in range(0, resamples, at_once):
        number = min(at_once, resamples - start)
        drawn = tickets[draw.integers(len(tickets), size=(number, items))]
        places = drawn + len(kinds) * np.arange(number)[:, None]
        times = np.bincount(places.ravel(), minlength=number * len(kinds))
        sums.append(times.reshape(number, len(kinds)) @ kinds)
    return np.concatenate(sums)


def _unseen(counts: np.ndarray) -> np.ndarray:
    """Made-up items on which one judge is right and the other wrong, as large as the mean item."""
    items = []
    for right, wrong in ((0, 3), (2, 1)):  # satisfied rows, violated rows
        with_such = counts[:, right] + counts[:, wrong] > 0
        if with_such.any():
            size = (counts[with_such, right] + counts[with_such, wrong]).mean()
            for of_first, of_second in ((right, wrong), (wrong, right)):
                item = np.zeros(counts.shape[1])
                item[of_first] = item[4 + of_second] = size
                item[8:] = size
                items.append(item)
    size = counts[:, 10].mean()
    for given in ((size, 0.0), (0.0, size)):
        items.append(np.array([0.0] * 8 + [*given, size]))
    return np.array(items)


def _rates_of_both(counts: np.ndarray) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Each measure of both judges, from counts whose last axis is that of `_cells`."""
    first, second = _rates(counts[..., :4]), _rates(counts[..., 4:8])
    rows = counts[..., 10]
    both = {measure: (first[measure], second[measure]) for measure in first}
    return both | {"coverage": (counts[..., 8] / rows, counts[..., 9] / rows)}


def _rates(counts: np.ndarray) -> dict[str, np.ndarray]:
    true_pass, false_pass, true_fail, false_fail = np.moveaxis(counts, -1, 0)
    rows = counts.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        accuracy = (true_pass + true_fail) / rows
        passed, true = (true_pass + false_pass) / rows, (true_pass + false_fail) / rows
        chance = passed * true + (1 - passed) * (1 - true)
        return {
            "precision": true_pass / (true_pass + false_pass),
            "recall": true_pass / (true_pass + false_fail),
            "recall_on_false": true_fail / (true_fail + false_pass),
            "false_pass_rate": false_pass / (true_fail + false_pass),
            "accuracy": accuracy,
            "kappa": (accuracy - chance) / (1 - chance),
        }
