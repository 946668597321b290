"""ROC, calibration and precision by prevalence: equal to known results, and honest at the edges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, roc_auc_score, roc_curve

from hppt_lib.audit import AuditRow, JudgedRow
from hppt_lib.audit.curves import calibration, precision_by_prevalence, roc
from hppt_lib.intervals import Rate
from hppt_lib.judges.protocol import Judgement, no_verdict

DRAW = np.random.default_rng(0)
LABELS = DRAW.random(80) < 0.5
CONFIDENCES = np.clip(np.round(DRAW.normal(0.4 + 0.2 * LABELS, 0.2), 1), 0, 1)  # with many ties


def rows(
    confidences: np.ndarray | list[float], labels: np.ndarray | list[bool], copies: int = 1
) -> list[JudgedRow]:
    return [
        JudgedRow(
            "a",
            AuditRow(f"i{number}", "", f"{copy}", "", bool(label), "tone"),
            Judgement(bool(confidence >= 0.5), float(confidence)),
            1,
        )
        for number, (confidence, label) in enumerate(zip(confidences, labels, strict=True))
        for copy in range(copies)
    ]


def delong(confidences: np.ndarray, labels: np.ndarray) -> float:
    """DeLong's error of the area, by his definition, pair by pair."""
    true, false = confidences[labels], confidences[~labels]
    wins = (true[:, None] > false) + 0.5 * (true[:, None] == false)
    return float(
        np.sqrt(wins.mean(1).var(ddof=1) / len(true) + wins.mean(0).var(ddof=1) / len(false))
    )


def test_the_area_and_its_interval_are_delongs() -> None:
    """Mistake: ties that count as wins, or an error that forgets one of the two labels."""
    found = roc(rows(CONFIDENCES, LABELS))
    assert found is not None
    assert found.auc.mean == pytest.approx(roc_auc_score(LABELS, CONFIDENCES))

    def logit(share: float) -> float:
        return float(np.log(share / (1 - share)))

    error = (logit(found.auc.high) - logit(found.auc.low)) / 2 / 1.99  # t of 79 degrees
    error *= found.auc.mean * (1 - found.auc.mean)
    assert error == pytest.approx(delong(CONFIDENCES, LABELS), rel=0.02)


def test_copies_of_a_row_in_one_item_tell_nothing_new() -> None:
    """Mistake: the area's interval half as wide for each row taken four times."""
    once, copied = roc(rows(CONFIDENCES, LABELS)), roc(rows(CONFIDENCES, LABELS, copies=4))
    assert once and copied and copied.auc.low == pytest.approx(once.auc.low, abs=1e-9)


def test_the_curve_goes_from_corner_to_corner() -> None:
    found = roc(rows(CONFIDENCES, LABELS))
    assert found is not None
    assert (found.false_pass_rates[0], found.recalls[0]) == (0, 0)
    assert (found.false_pass_rates[-1], found.recalls[-1]) == (1, 1)
    assert found.thresholds[0] > max(CONFIDENCES) and len(found.thresholds) == len(found.recalls)


@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=2, max_size=40))
def test_the_curve_is_that_of_scikit_learn(drawn: list[tuple[int, bool]]) -> None:
    """Mistake: a corner for each row of a tie, which lets one threshold pass half of the tie."""
    labels = np.array([label for _, label in drawn])
    confidences = np.array([tenth / 10 for tenth, _ in drawn])
    found = roc(rows(confidences, labels))
    if labels.all() or not labels.any():
        assert found is None
        return
    assert found is not None
    false_pass_rates, recalls, thresholds = roc_curve(labels, confidences)
    assert found.thresholds == tuple(thresholds)
    assert found.false_pass_rates == pytest.approx(false_pass_rates, abs=1e-12)
    assert found.recalls == pytest.approx(recalls, abs=1e-12)


@pytest.mark.parametrize("right", [True, False])
def test_a_perfect_area_is_not_certain(right: bool) -> None:
    """Mistake: an interval of no width for a judge that ordered 20 rows without an error."""
    labels = [True] * 10 + [False] * 10
    found = roc(rows([0.9 if label == right else 0.1 for label in labels], labels))
    assert found is not None and found.auc.mean == right
    assert found.auc.high - found.auc.low > 0.2


def test_what_cannot_be_drawn_is_none() -> None:
    """Mistake: a row without a confidence taken for a confidence of 0."""
    silent = JudgedRow("a", rows([0.5], [True])[0].row, no_verdict("time-out"), 1)
    plain = JudgedRow("a", silent.row, Judgement(True), 1)
    assert roc([silent, plain]) is None and calibration([silent, plain]) is None
    assert roc(rows([0.5, 0.4], [True, True])) is None
    mixed = calibration([silent, *rows([0.5], [True])])
    assert mixed is not None and mixed.rows == 1


def test_calibration_against_scikit_learn_and_by_hand() -> None:
    """Mistake: a confidence of 1 in a bin of its own, or errors not weighted by the bins' rows."""
    found = calibration(rows([0.05, 0.12, 0.18, 1.0], [False, True, False, True]))
    assert found is not None
    assert found.brier == pytest.approx(
        brier_score_loss([False, True, False, True], [0.05, 0.12, 0.18, 1.0])
    )
    assert [(each.low, each.high) for each in found.bins] == [(0, 0.1), (0.1, 0.2), (0.9, 1)]
    assert [each.satisfied.mean for each in found.bins] == [0, 0.5, 1]
    assert found.bins[1].confidence == pytest.approx(0.15)
    assert found.error == pytest.approx((0.05 + 2 * 0.35 + 0) / 4)
    assert found.brier_low < found.brier < found.brier_high


def test_the_error_by_chance_is_what_a_calibrated_judge_shows() -> None:
    """Mistake: a calibrated judge blamed for what chance alone makes of 200 rows."""
    draw = np.random.default_rng(1)
    confidences = draw.random(200)
    good = calibration(rows(confidences, draw.random(200) < confidences))
    bold = calibration(
        rows(np.where(confidences < 0.5, 0.02, 0.98), draw.random(200) < confidences)
    )
    assert good is not None and bold is not None
    assert good.error == pytest.approx(good.error_by_chance, rel=0.5)
    assert bold.error > 3 * bold.error_by_chance


def test_precision_by_prevalence_is_bayes_rule() -> None:
    """Mistake: precision of the audit set's half and half taken for that of every use."""
    recall, false = Rate(0.9, 0.85, 0.94, 100, 100), Rate(0.3, 0.2, 0.4, 100, 100)
    found = precision_by_prevalence(recall, false, (0.0, 0.1, 0.5, 1.0))
    assert found.precision == pytest.approx((0, 0.09 / (0.09 + 0.63), 0.9 / 1.6, 1))
    assert found.low[1] == pytest.approx(0.085 / (0.085 + 0.72))
    assert all(
        low <= each <= high
        for low, each, high in zip(found.low, found.precision, found.high, strict=True)
    )
    perfect = precision_by_prevalence(Rate(0, 0, 0, 1, 1), Rate(1, 1, 1, 1, 1), (0.5,))
    assert perfect.precision == (1,), "nothing passes: no pass is wrong"
