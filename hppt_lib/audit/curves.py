"""What a judge's scores and rates mean elsewhere: ROC, calibration, precision by prevalence.

Only rows on which the judge gave a score count here; `Measured.coverage` says how many gave none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hppt_lib.audit.judged import Judged, cluster_reach
from hppt_lib.intervals import Rate, rate


def scored(rows: Sequence[Judged]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores (float), labels (bool) and items (str) of the rows that have a score."""
    kept = [each for each in rows if each.judgement.score is not None]
    return (
        np.array([each.judgement.score for each in kept], dtype=float),
        np.array([each.row.label for each in kept], dtype=bool),
        np.array([each.row.item for each in kept], dtype=str),
    )


@dataclass(frozen=True)
class Roc:
    """A judge at every threshold.

    Attributes:
        thresholds: a row passes if its score reaches it; falling, the first above every score.
        false_pass_rates: at each threshold, of the violated, the share passed.
        recalls: at each threshold, of the satisfied, the share passed.
        auc: the probability that a satisfied row has a higher score than a violated one (a tie
            counts half), with its interval.
    """

    thresholds: tuple[float, ...]
    false_pass_rates: tuple[float, ...]
    recalls: tuple[float, ...]
    auc: Rate


def roc(rows: Sequence[Judged]) -> Roc | None:
    """The ROC curve and its area; None unless satisfied and violated rows have scores.

    The area's interval is DeLong's (Biometrics 44, 1988) with each item's terms added up, which
    allows for dependent rows (Obuchowski, Biometrics 53, 1997), on the logit scale. A perfect area
    gets Wilson's lower bound for as many items as the rarer label has, without an error.
    """
    from sklearn.metrics import roc_curve

    scores, labels, items = scored(rows)
    if labels.all() or not labels.any():  # also where there is no row
        return None
    false_pass, recall, thresholds = roc_curve(labels, scores)
    return Roc(
        tuple(thresholds.tolist()),
        tuple(false_pass.tolist()),
        tuple(recall.tolist()),
        _auc(scores, labels, items),
    )


def _auc(scores: np.ndarray, labels: np.ndarray, items: np.ndarray) -> Rate:
    from scipy.special import expit, logit
    from scipy.stats import rankdata

    true, false = int(labels.sum()), int((~labels).sum())
    ranks = rankdata(scores)  # ties share their mean rank, and so count half
    # Of each row, the share of rows of the other label that it stands on the right side of.
    beats = np.empty(len(scores))
    beats[labels] = (ranks[labels] - rankdata(scores[labels])) / false
    beats[~labels] = 1 - (ranks[~labels] - rankdata(scores[~labels])) / true
    area = float(beats[labels].mean())
    count = len(np.unique(items))
    if area in (0, 1):
        rarer = min(len(np.unique(items[labels])), len(np.unique(items[~labels])))
        bound = rate([area == 1] * rarer, [str(number) for number in range(rarer)])
        return Rate(area, bound.low, bound.high, len(scores), count)
    terms = (beats - area) / np.where(labels, true, false)
    reach = cluster_reach(terms, items)
    if reach is None:
        return Rate(area, 0.0, 1.0, len(scores), count)
    reach /= area * (1 - area)  # delta method: the error of logit(area)
    low, high = expit(logit(area) - reach), expit(logit(area) + reach)
    return Rate(area, float(low), float(high), len(scores), count)


@dataclass(frozen=True)
class Bin:
    """Rows whose scores lie close together.

    Attributes:
        low: the bin's lower edge.
        high: its upper edge.
        score: the mean score of its rows: the share satisfied that the judge foretells.
        satisfied: the share truly satisfied.
    """

    low: float
    high: float
    score: float
    satisfied: Rate


@dataclass(frozen=True)
class Calibration:
    """Whether a score of .8 means that 8 of 10 are satisfied.

    Attributes:
        bins: ten of equal width, without the empty ones.
        brier: mean squared distance of score and label (0 is best, .25 is a score of .5 for all).
        brier_low: lower end of its 95 % interval.
        brier_high: upper end.
        error: the expected calibration error: the mean distance of foretold and true share over the
            bins, weighted by their rows. Chance alone makes it positive.
        error_by_chance: the mean error that a perfectly calibrated judge with these scores would
            show on as many rows: judge ``error`` by what it exceeds this.
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


def calibration(rows: Sequence[Judged], *, seed: int = 0) -> Calibration | None:
    """Reliability bins, Brier score and expected calibration error; None if no row has a score.

    Scores are taken as probabilities of "satisfied". The bins' intervals allow for items
    (`evaluation.rate`: Wilson's where each row is an item of its own).

    Args:
        rows: judged rows.
        seed: seed of the 200 draws behind ``error_by_chance``.
    """
    scores, labels, items = scored(rows)
    if not len(scores):
        return None
    place = np.minimum((scores * BINS).astype(int), BINS - 1)
    bins = []
    for number in np.unique(place):
        inside = place == number
        bins.append(
            Bin(
                low=number / BINS,
                high=(number + 1) / BINS,
                score=float(scores[inside].mean()),
                satisfied=rate(labels[inside].tolist(), items[inside].tolist()),
            )
        )
    squares = (scores - labels) ** 2
    brier = float(squares.mean())
    reach = cluster_reach((squares - brier) / len(squares), items)
    low, high = 0.0, 1.0
    if reach is not None and brier > 0:  # on the log scale, as few rows may hold most of the score
        factor = float(np.exp(reach / brier))
        low, high = brier / factor, min(1.0, brier * factor)
    chance = np.random.default_rng(seed).random((200, len(scores))) < scores
    return Calibration(
        bins=tuple(bins),
        brier=brier,
        brier_low=low,
        brier_high=high,
        error=float(_calibration_error(scores, labels[None], place)[0]),
        error_by_chance=float(_calibration_error(scores, chance, place).mean()),
        rows=len(scores),
        items=len(np.unique(items)),
    )


def _calibration_error(scores: np.ndarray, labels: np.ndarray, place: np.ndarray) -> np.ndarray:
    """The error for each line of labels, shape (draws, rows)."""
    inside = np.eye(BINS)[place]
    return np.abs((labels - scores) @ inside).sum(axis=1) / len(scores)


@dataclass(frozen=True)
class PrecisionCurve:
    """Precision that given rates amount to, by how common satisfied responses are.

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
    """What precision a judge has where satisfied responses are rarer, or commoner, than audited.

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
