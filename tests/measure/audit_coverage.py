"""How often the intervals of the audit hold the truth: synthetic judges whose rates are known.

Each line is a situation: the judge's true recall and recall on false responses, its coverage, and
the audit set (items, rows an item, how alike the rows of an item are). The figures are the share of
audits whose 95 % interval holds the true value, for every rate, for the differences to a second
judge on the same rows, for the area under the ROC curve, the Brier score, the calibration bins and
the precision at a prevalence of 0.1. The second table is the promise of a judge made precise: the
share of audits in which the *true* recall on false responses under the chosen threshold reaches the
target (0.9, at level 95 %), and, with two thresholds, in which both promises hold.

Examples:
  python -m tests.measure.audit_coverage                 # 1,000 audits a line, about 20 minutes
  python -m tests.measure.audit_coverage --audits 100
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from scipy.special import ndtr, ndtri

from hppt_lib.audit import JudgedRow, curves, paired_differences, rates_of
from hppt_lib.audit.thresholds import Thresholds, make_precise
from hppt_lib.intervals import Rate
from tests.measure.arguments import parser_of
from tests.measure.synthetic_audit import Design, Known, judged

RATES = ("coverage", "precision", "recall", "recall_on_false", "accuracy", "kappa")
INDEPENDENT, FEW = Design(400), Design(60)
CLUSTERED, ALIKE = Design(120, 6, 0.5), Design(60, 6, 0.9)
SITUATIONS = [
    (Known(recall, false, coverage), design)
    for design in (INDEPENDENT, CLUSTERED)
    for recall, false, coverage in (
        *((0.98, 0.02, 0.98), (0.9, 0.2, 0.9), (0.9, 0.5, 1.0), (0.7, 0.7, 0.7)),
        *((0.5, 0.9, 0.9), (0.98, 0.98, 0.5), (0.3, 0.98, 0.98)),
    )
]
SITUATIONS += [(Known(0.9, 0.3), FEW), (Known(0.9, 0.9), FEW), (Known(0.85, 0.36), ALIKE)]

# Recalls, recalls on false, and audit sets for the promise.
PROMISES = [
    (Known(0.9, 0.3, 0.95), INDEPENDENT),
    (Known(0.98, 0.98), INDEPENDENT),
    (Known(0.7, 0.7), Design(80)),
    (Known(0.9, 0.3), CLUSTERED),
    (Known(0.8, 0.8, 0.9), ALIKE),
]


def covered(known: Known, design: Design, audits: int, seed: int) -> dict[str, tuple[int, int]]:
    """For each interval, how many audits' intervals hold the truth, and how many there were."""
    draw = np.random.default_rng(seed)
    other = Known(max(0.02, known.recall - 0.1), min(0.98, known.recall_on_false + 0.1), 0.95)
    brier = _brier(known)
    hits: Counter[str] = Counter()
    tries: Counter[str] = Counter()
    for number in range(audits):
        first, second = judged([known, other], design, draw)
        checks = [
            *_of_rates(known, first),
            *_of_confidences(known, brier, first),
            *_of_differences(known, other, first, second, number),
        ]
        for name, truth, low, high in checks:
            tries[name] += 1
            hits[name] += low - 1e-9 <= truth <= high + 1e-9
    return {name: (hits[name], tries[name]) for name in tries}


Check = tuple[str, float, float, float]


def _of_rates(known: Known, rows: Sequence[JudgedRow]) -> Iterator[Check]:
    found = rates_of(rows)
    for name in RATES:
        share = getattr(found, name)
        if share is not None:
            yield name, known.truths[name], share.low, share.high
    if isinstance(found.recall, Rate) and isinstance(found.recall_on_false, Rate):
        band = curves.precision_by_prevalence(found.recall, found.recall_on_false, (0.1,))
        passed = 0.1 * known.recall + 0.9 * (1 - known.recall_on_false)
        yield "precision@.1", 0.1 * known.recall / passed, band.low[0], band.high[0]


def _of_confidences(known: Known, brier: float, rows: Sequence[JudgedRow]) -> Iterator[Check]:
    curve, bins = curves.roc(rows), curves.calibration(rows)
    if curve is not None:
        yield "auc", known.truths["auc"], curve.auc.low, curve.auc.high
    if bins is not None:
        yield "brier", brier, bins.brier_low, bins.brier_high
        edges = ndtri(np.array([[each.low, each.high] for each in bins.bins]))
        true = np.diff(ndtr(edges - ndtri(known.recall)))[:, 0]
        false = np.diff(ndtr(edges + ndtri(known.recall_on_false)))[:, 0]
        satisfied = known.prevalence * true
        truths = satisfied / (satisfied + (1 - known.prevalence) * false)
        for each, truth in zip(bins.bins, truths.tolist(), strict=True):
            yield "bins", truth, each.satisfied.low, each.satisfied.high


def _of_differences(
    known: Known, other: Known, first: Sequence[JudgedRow], second: Sequence[JudgedRow], seed: int
) -> Iterator[Check]:
    for name, each in paired_differences(first, second, resamples=1000, seed=seed).items():
        if name in RATES:
            yield f"Δ {name}", known.truths[name] - other.truths[name], each.low, each.high


def _brier(known: Known) -> float:
    """The true Brier score, by the quantiles of the confidences."""
    quantiles = ndtri((np.arange(200_000) + 0.5) / 200_000)
    true = ndtr(quantiles + ndtri(known.recall))
    false = ndtr(quantiles - ndtri(known.recall_on_false))
    return float(
        known.prevalence * ((1 - true) ** 2).mean() + (1 - known.prevalence) * (false**2).mean()
    )


def promised(known: Known, design: Design, audits: int, seed: int) -> tuple[float, float, float]:
    """Shares of audits: the promise holds; both of two promises hold; no confidence passes."""
    draw = np.random.default_rng(seed)
    one = two = nothing = 0
    for number in range(audits):
        [rows] = judged([known], design, draw)
        found = make_precise(rows, seed=number)
        both = make_precise(rows, keep=0.9, seed=number)
        one += _keeps(known, found)
        two += _keeps(known, both)
        nothing += not found.reached
    return one / audits, two / audits, nothing / audits


def _keeps(known: Known, found: Thresholds) -> bool:
    """Whether the promises are true in the population; one that was not made is not broken."""
    if found.pass_from is None or found.fail_below is None:
        return True
    failing = ndtr(ndtri(min(found.pass_from, 1)) + ndtri(known.recall_on_false))
    lost = ndtr(ndtri(found.fail_below) - ndtri(known.recall))
    return bool(failing >= found.target and (found.keep is None or 1 - lost >= found.keep))


def _line(name: str, cells: Sequence[str]) -> str:
    return f"{name:42}" + "".join(f"{cell:>9}" for cell in cells)


def _situation(known: Known, design: Design) -> str:
    rates = f"{known.recall:.2f} {known.recall_on_false:.2f} {known.coverage:.2f}"
    return f"{rates}  {design.items} items × 1–{design.most}, {design.likeness:.1f} alike"


def main() -> None:
    """Print both tables."""
    parser = parser_of(__doc__)
    parser.add_argument("--audits", type=int, default=1000, help="audits a line (default 1000)")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    short = {"recall_on_false": "r.false", "precision@.1": "prec@.1", "precision": "precis."}
    totals: dict[str, list[float]] = {}
    names: list[str] = []
    for known, design in SITUATIONS:
        found = covered(known, design, chosen.audits, chosen.seed)
        if not names:
            names = list(found)
            heads = [name.removeprefix("Δ ") for name in names]
            heads = [
                "Δ" * name.startswith("Δ") + short.get(head, head)[:8]
                for name, head in zip(names, heads, strict=True)
            ]
            print(_line("recall, r. on false, coverage; audit set", heads))
        cells = []
        for name in names:
            hit, tried = found.get(name, (0, 0))
            cells.append(f"{hit / tried:.3f}" if tried else "–")
            if tried:
                totals.setdefault(name, []).append(hit / tried)
        print(_line(_situation(known, design), cells), flush=True)
    print(_line("mean", [f"{np.mean(totals[name]):.3f}" for name in names]))
    print(_line("lowest", [f"{min(totals[name]):.3f}" for name in names]))
    error = math.sqrt(0.95 * 0.05 / chosen.audits)
    print(f"\n{chosen.audits} audits a line: the standard error of each figure is {error:.3f}.\n")
    print(_line("the promise", ["holds", "both hold", "no pass"]))
    for known, design in PROMISES:
        shares = promised(known, design, chosen.audits, chosen.seed)
        print(_line(_situation(known, design), [f"{share:.3f}" for share in shares]), flush=True)


if __name__ == "__main__":
    main()
