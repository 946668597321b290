"""Twelve verdicts with their truths, and the rates that scikit-learn finds in them."""

from __future__ import annotations

import pytest
from sklearn.metrics import precision_score, recall_score

from hppt_lib.audit import Confusion, Rates

VERDICTS = [True] * 8 + [False] * 4
TRUTHS = [True] * 6 + [False] * 2 + [False] * 3 + [True]


def assert_rates_are_right(found: Confusion | Rates) -> None:
    """The rates of the twelve are those of scikit-learn."""
    assert found.precision and found.recall and found.recall_on_false and found.accuracy
    assert found.precision.mean == pytest.approx(precision_score(TRUTHS, VERDICTS))
    assert found.recall.mean == pytest.approx(recall_score(TRUTHS, VERDICTS))
    assert found.recall_on_false.mean == pytest.approx(recall_score(TRUTHS, VERDICTS, pos_label=0))
    assert found.false_pass_rate and found.false_pass_rate.mean == pytest.approx(2 / 5)
    assert found.accuracy.mean == pytest.approx(9 / 12)
