"""The test of the intervals: synthetic judges with known rates, recovered in 95 % of audits.

tests/measure/audit_coverage.py does it for every interval and more situations.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from hppt_lib.audit import curves, rates_of
from hppt_lib.audit import rates as rates_module
from tests.measure import audit_coverage
from tests.measure.synthetic_audit import Design, Known, judged

pytestmark = pytest.mark.slow

AUDITS = 1000
# So few or fewer of 1,000 intervals hold the truth once in 10,000 times, if 95 % hold it.
FEWEST = int(binom.ppf(1e-4, AUDITS, 0.95))
RATES = ("precision", "recall", "recall_on_false", "accuracy", "kappa")


@pytest.mark.parametrize(
    ("known", "design"),
    [
        (Known(0.95, 0.3, 0.9), Design(200)),
        (Known(0.85, 0.36), Design(60, 6, 0.5)),
    ],
)
def test_known_rates_are_recovered(known: Known, design: Design) -> None:
    """Mistakes: intervals too short (rows of an item taken for independent), or far too long."""
    draw = np.random.default_rng(0)
    hits = dict.fromkeys((*RATES, "auc"), 0)
    for _ in range(AUDITS):
        [rows] = judged([known], design, draw)
        found, curve = rates_of(rows), curves.roc(rows)
        assert curve is not None
        shares = {name: getattr(found, name) for name in RATES} | {"auc": curve.auc}
        for name, share in shares.items():
            hits[name] += share.low <= known.truths[name] <= share.high
    assert all(FEWEST <= count <= 985 for count in hits.values()), hits


def test_the_simulation_finds_intervals_that_ignore_items(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The test above can fail: Wilson's interval over all rows covers far less."""
    draw = np.random.default_rng(0)
    known = Known(0.85, 0.36)

    def as_if_independent(outcomes: list[bool], groups: list[str]) -> object:
        return real(outcomes, [str(number) for number in range(len(outcomes))])

    real = rates_module.rate
    monkeypatch.setattr(rates_module, "rate", as_if_independent)
    hits = 0
    for _ in range(200):
        [rows] = judged([known], Design(60, 6, 0.8), draw)
        share = rates_of(rows).recall_on_false
        assert share is not None
        hits += share.low <= known.recall_on_false <= share.high
    assert hits < 170


@pytest.mark.parametrize("design", [Design(200), Design(80, 6, 0.7)])
def test_differences_and_the_other_intervals_hold(design: Design) -> None:
    """Mistake: an interval that has come loose, found only when someone runs the benchmark."""
    found = audit_coverage.covered(Known(0.9, 0.3, 0.95), design, audits=120, seed=1)
    assert {"Δ recall_on_false", "Δ kappa", "brier", "bins", "precision@.1"} <= set(found)
    for name, (hit, tried) in found.items():
        assert hit >= binom.ppf(1e-4, 120, 0.94) / 120 * tried, name


@pytest.mark.parametrize(
    ("known", "design"),
    [(Known(0.9, 0.3, 0.95), Design(200)), (Known(0.8, 0.7), Design(80, 6, 0.7))],
)
def test_a_judge_made_precise_keeps_its_promise(known: Known, design: Design) -> None:
    """Mistake: a threshold that reaches 90 % on the labelled rows, and less on all others."""
    one, two, nothing = audit_coverage.promised(known, design, AUDITS, seed=0)
    assert one * AUDITS >= FEWEST and two * AUDITS >= FEWEST
    assert nothing < 0.5, "a promise that is kept by passing nothing is worth nothing"
