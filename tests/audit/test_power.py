"""How many labels a claim needs: exact, checked by counting and by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, binomtest

from hppt_lib.audit.power import labels_to_separate, labels_to_show, power_table


def power_to_show(labels: int, target: float, truth: float) -> float:
    """By the definition: sum over the results that the exact test calls significant."""
    successes = np.arange(labels + 1)
    chance = binom.sf(successes - 1, labels, target)  # of so many or more, at the target
    return float(binom.pmf(successes, labels, truth)[chance <= 0.05].sum())


@pytest.mark.parametrize(("target", "truth"), [(0.9, 0.95), (0.5, 0.6), (0.9, 0.98)])
def test_the_labels_are_enough_and_one_less_is_not(target: float, truth: float) -> None:
    """Mistake: a normal approximation near 1, or the first tooth of the saw taken for enough."""
    needed = labels_to_show(target, truth)
    assert needed is not None
    assert power_to_show(needed - 1, target, truth) < 0.8
    for labels in range(needed, needed + 30):
        assert power_to_show(labels, target, truth) >= 0.8


def test_29_labels_without_an_error_show_90_percent() -> None:
    """Mistake: one label too few for 0.9 to the power of n to fall below 5 %."""
    assert labels_to_show(0.9, 1.0) == 29


def test_mcnemar_by_simulation() -> None:
    """Mistake: a formula for independent samples, or a one-sided test."""
    needed = labels_to_separate(0.1, 0.2)
    assert needed is not None
    draw = np.random.default_rng(0)
    rows = draw.multinomial(needed, [0.15, 0.05, 0.8], size=4000)
    pairs, often = np.unique(rows[:, :2], axis=0, return_counts=True)
    found = [a + b > 0 and binomtest(a, a + b, 0.5).pvalue <= 0.05 for a, b in pairs.tolist()]
    assert often[found].sum() / 4000 == pytest.approx(0.8, abs=0.025)


def test_judges_that_err_alike_are_told_apart_with_fewer_labels() -> None:
    alike, apart = labels_to_separate(0.05, 0.1), labels_to_separate(0.05, 0.3)
    assert alike and apart and alike < apart
    assert labels_to_separate(-0.05, 0.1) == alike


def test_what_is_out_of_reach_is_none() -> None:
    """Mistake: an endless search."""
    assert labels_to_show(0.9, 0.9001) is None
    assert labels_to_separate(0.0001, 0.3) is None


@pytest.mark.parametrize(
    "numbers", [(0.9, 0.9), (0.9, 0.8), (0.0, 0.5), (0.9, 1.1), (float("nan"), 0.9)]
)
def test_claims_that_make_no_sense(numbers: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="must hold"):
        labels_to_show(*numbers)


@pytest.mark.parametrize("numbers", [(0.0, 0.1), (0.2, 0.1), (0.1, 1.2), (float("nan"), 0.1)])
def test_differences_that_make_no_sense(numbers: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="must hold"):
        labels_to_separate(*numbers)


def test_the_table_says_of_which_rows() -> None:
    table = power_table()
    assert len({each.claim for each in table}) == len(table) == 10
    assert all(each.labels and each.of for each in table)
