"""How good a judge's confidence is: ROC curve, calibration, and precision by prevalence.

The first two use only the rows for which the judge gave a confidence.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hppt_lib.audit.judged_rows import JudgedRow
from hppt_lib.intervals import Rate, half_width, rate


def labelled_confidences(
    rows: Sequence[JudgedRow],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Confidences (float), labels (bool) and items (str) of the rows with a confidence."""
    kept = [each for each in rows if each.judgement.confidence is not None]
    return (
        np.array([each.judgement.confidence for each in kept], dtype=float),
        np.array([each.row.label for each in kept], dtype=bool),
        np.array([each.row.item for each in kept], dtype=str),
    )


@dataclass(frozen=True)
class Roc:
    """A judge at every threshold.

    Attributes:
        thresholds: a row passes if its confidence reaches it; falling, from above every confidence.
        false_pass_rates: at each threshold, of the violated, the share passed.
        recalls: at each threshold, of the satisfied, the share passed.
        auc: the probability that a satisfied row has a higher confidence than a violated one (a tie
            counts half), with its interval.
    """

    thresholds: tuple[float, ...]
    false_pass_rates: tuple[float, ...]
    recalls: tuple[float, ...]
    auc: Rate


def roc(rows: Sequence[JudgedRow]) -> Roc | None:
    """The ROC curve and its area; None unless satisfied and violated rows have a confidence.

    The area's interval is DeLong's (Biometrics 44, 1988) with each item's terms added up, which
    allows for dependent rows (Obuchowski, Biometrics 53, 1997), on the logit scale. A perfect area
    gets Wilson's lower bound for as many items as the rarer label has, without an error.
    """
    confidences, labels, items = labelled_confidences(rows)
    if labels.all() or not labels.any():  # also where there is no row
        return None
    order = np.argsort(-confidences, kind="stable")
    values, true = confidences[order], np.cumsum(labels[order])
    last = np.append(np.flatnonzero(np.diff(values)), len(values) - 1)  # rows tied on a value
    true_passes, false_passes = true[last], 1 + last - true[last]
    # A straight piece of the curve needs its two ends only.
    corner = np.ones(len(last), dtype=bool)
    corner[1:-1] = (np.diff(true_passes, 2) != 0) | (np.diff(false_passes, 2) != 0)
    return Roc(
        (math.inf, *values[last][corner].tolist()),
        (0.0, *(false_passes[corner] / false_passes[-1]).tolist()),
        (0.0, *(true_passes[corner] / true_passes[-1]).tolist()),
        area_under_curve(confidences, labels, items),
    )


def area_under_curve(confidences: np.ndarray, labels: np.ndarray, items: np.ndarray) -> Rate:
    """The probability that a satisfied row has a higher value than a violated one.

    A tie counts half. For the interval see `roc`.

    Args:
        confidences: float, shape (rows,): any number that should be higher for the satisfied.
        labels: bool, shape (rows,), with both labels.
        items: shape (rows,): rows of one item may depend on each other.
    """
    from scipy.special import expit, logit
    from scipy.stats import rankdata

    true, false = int(labels.sum()), int((~labels).sum())
    ranks = rankdata(confidences)  # ties share their mean rank, and so count half
    # For each row: the share of rows with the other label that it is ranked correctly against.
    beats = np.empty(len(confidences))
    beats[labels] = (ranks[labels] - rankdata(confidences[labels])) / false
    beats[~labels] = 1 - (ranks[~labels] - rankdata(confidences[~labels])) / true
    area = float(beats[labels].mean())
    count = len(np.unique(items))
    if area in (0, 1):
        rarer = min(len(np.unique(items[labels])), len(np.unique(items[~labels])))
        bound = rate([area == 1] * rarer, [str(number) for number in range(rarer)])
        return Rate(area, bound.low, bound.high, len(confidences), count)
    terms = (beats - area) / np.where(labels, true, false)
    reach = half_width(terms, items)
    if reach is None:
        return Rate(area, 0.0, 1.0, len(confidences), count)
    reach /= area * (1 - area)  # delta method: the error of logit(area)
    low, high = expit(logit(area) - reach), expit(logit(area) + reach)
    return Rate(area, float(low), float(high), len(confidences), count)


@dataclass(frozen=True)
class Bin:
    """Rows on which the judge was about equally confident.

    Attributes:
        low: the bin's lower edge.
        high: its upper edge.
        confidence: the mean confidence of its rows: the share satisfied that the judge foretells.
        satisfied: the share truly satisfied.
    """

    low: float
    high: float
    confidence: float
    satisfied: Rate


@dataclass(frozen=True)
class Calibration:
    """How well confidence matches truth: of rows with confidence .8, are 8 of 10 satisfied?

    Attributes:
        bins: ten of equal width, without the empty ones.
        brier: mean squared distance of confidence and label: 0 is best, .25 is what a confidence
            of .5 for all gives.
        brier_low: lower end of its 95 % interval.
        brier_high: upper end.
        error: the expected calibration error: the mean distance of foretold and true share over the
            bins, weighted by their rows. Chance alone makes it positive.
        error_by_chance: the mean error that a perfectly calibrated judge with these confidences
            would show on as many rows: what ``error`` has to be compared with.
        rows: number of rows.
        items: number of items.
    """

    bins: tuple[Bin, ...]
    brier: float
    brier_low: float
    brier_high: float
    error: float
    error_by_chance: float
    rows: int
    items: int


BINS = 10


def calibration(rows: Sequence[JudgedRow], *, seed: int = 0) -> Calibration | None:
    """Reliability bins, Brier score and calibration error; None if no row has a confidence.

    A confidence is taken as the probability of "satisfied". The bins' intervals allow for items
    (`hppt_lib.intervals.rate`: Wilson's where each row is an item of its own).

    Args:
        rows: judged rows.
        seed: seed of the 200 draws behind ``error_by_chance``.
    """
    confidences, labels, items = labelled_confidences(rows)
    if not len(confidences):
        return None
    place = np.minimum((confidences * BINS).astype(int), BINS - 1)
    bins = []
    for number in np.unique(place):
        inside = place == number
        bins.append(
            Bin(
                low=number / BINS,
                high=(number + 1) / BINS,
                confidence=float(confidences[inside].mean()),
                satisfied=rate(labels[inside].tolist(), items[inside].tolist()),
            )
        )
    squares = (confidences - labels) ** 2
    brier = float(squares.mean())
    reach = half_width((squares - brier) / len(squares), items)
    low, high = 0.0, 1.0
    if reach is not None and brier > 0:  # on the log scale, as few rows may hold most of the error
        factor = float(np.exp(reach / brier))
        low, high = brier / factor, min(1.0, brier * factor)
    chance = np.random.default_rng(seed).random((200, len(confidences))) < confidences
    return Calibration(
        bins=tuple(bins),
        brier=brier,
        brier_low=low,
        brier_high=high,
        error=float(_calibration_error(confidences, labels[None], place)[0]),
        error_by_chance=float(_calibration_error(confidences, chance, place).mean()),
        rows=len(confidences),
        items=len(np.unique(items)),
    )


def _calibration_error(
    confidences: np.ndarray, labels: np.ndarray, place: np.ndarray
) -> np.ndarray:
    """The error for each line of labels, shape (draws, rows)."""
    inside = np.eye(BINS)[place]
    return np.abs((labels - confidences) @ inside).sum(axis=1) / len(confidences)


@dataclass(frozen=True)
class PrecisionCurve:
    """A judge's precision as a function of the share of satisfied responses.

    Attributes:
        prevalence: of all responses judged, the share truly satisfied.
        precision: of the passed, the share truly satisfied.
        low: lower edge of the band.
        high: upper edge.
    """

    prevalence: tuple[float, ...]
    precision: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


def precision_by_prevalence(
    recall: Rate, recall_on_false: Rate, prevalence: Sequence[float] | None = None
) -> PrecisionCurve:
    """Compute a judge's precision for other shares of satisfied responses than in the audit.

    The band takes both rates at the lower, and at the upper, ends of their intervals. As both ends
    would have to fail together, it covers more than 95 %; at least 90 % is certain.

    Args:
        recall: of the judge.
        recall_on_false: of the judge.
        prevalence: shares from 0 to 1; by default .005 to .995.
    """
    shares = np.asarray(np.linspace(0.005, 0.995, 199) if prevalence is None else prevalence)

    def precision(recall: float, recall_on_false: float) -> tuple[float, ...]:
        passed = recall * shares + (1 - recall_on_false) * (1 - shares)
        right = np.divide(recall * shares, passed, out=np.ones_like(shares), where=passed > 0)
        return tuple(right.tolist())

    return PrecisionCurve(
        tuple(shares.tolist()),
        precision(recall.mean, recall_on_false.mean),
        precision(recall.low, recall_on_false.low),
        precision(recall.high, recall_on_false.high),
    )
