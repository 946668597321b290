"""Rates of judged rows: right, of the right rows, with the item as the unit."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.proportion import proportion_confint

from hppt_lib.audit import (
    AuditRow,
    JudgedRow,
    paired_differences,
    rates_by,
    rates_of,
    rows_by_judge,
)
from hppt_lib.judges.protocol import Judgement, no_verdict
from tests.helpers.verdicts import TRUTHS, VERDICTS, assert_rates_are_right


def judged(
    passed: bool | None,
    label: bool,
    item: str,
    *,
    kind: str = "tone",
    constraint: str = "Be kind.",
    judge: str = "a",
    constraints: int = 1,
) -> JudgedRow:
    row = AuditRow(item, "", constraint, "", label, kind)
    judgement = no_verdict("time-out") if passed is None else Judgement(passed)
    return JudgedRow(judge, row, judgement, constraints)


ROWS = [
    judged(passed, label, f"i{number}")
    for number, (passed, label) in enumerate(zip(VERDICTS, TRUTHS, strict=True))
]


def test_rates_against_scikit_learn() -> None:
    """Mistake: a rate of the wrong class, or Wilson's interval of the wrong number of rows."""
    found = rates_of(ROWS)
    assert_rates_are_right(found)
    assert found.kappa and found.kappa.kappa == pytest.approx(cohen_kappa_score(VERDICTS, TRUTHS))
    assert (found.rows, found.items, found.coverage.mean) == (12, 12, 1)
    bounds = proportion_confint(6, 8, method="wilson")
    assert (found.precision.low, found.precision.high) == pytest.approx(bounds)


def test_no_verdict_is_neither_a_pass_nor_a_fail() -> None:
    """Mistake: a row without a verdict counted as failed: recall on false responses rises."""
    silent = [judged(None, label, f"s{n}") for n, label in enumerate([False] * 5 + [True] * 3)]
    found, before = rates_of(ROWS + silent), rates_of(ROWS)
    assert found.counts == before.counts and found.recall_on_false == before.recall_on_false
    assert found.missing == {"time-out": 8} and found.rows == 20
    assert found.coverage.mean == pytest.approx(12 / 20)
    nothing = rates_of(silent)
    assert nothing.coverage.mean == 0 and nothing.accuracy is None and nothing.kappa is None


def test_rows_of_one_item_are_not_independent() -> None:
    """Mistake: 4 constraints of 1 response, all judged alike, taken for 4 independent verdicts."""
    copied = [
        judged(passed, label, f"i{number}", constraint=f"{copy}")
        for number, (passed, label) in enumerate(zip(VERDICTS, TRUTHS, strict=True))
        for copy in range(4)
    ]
    found, once = rates_of(copied), rates_of(ROWS)
    for name in ("precision", "recall_on_false", "accuracy"):
        wide, narrow = getattr(found, name), getattr(once, name)
        assert wide.mean == pytest.approx(narrow.mean)
        assert wide.high - wide.low >= narrow.high - narrow.low - 1e-9
    assert found.kappa and once.kappa
    assert found.kappa.kappa == pytest.approx(once.kappa.kappa)
    assert (found.kappa.low, found.kappa.high) == pytest.approx((once.kappa.low, once.kappa.high))


def test_the_error_of_kappa_is_the_known_one() -> None:
    """Mistake: a slip in the delta method. On the log scale, both ends tell the same error."""
    from math import log

    from scipy.stats import t

    rows = [
        judged(p, true, f"{p}{true}{n}")
        for p, true, many in (
            (True, True, 40),
            (True, False, 15),
            (False, False, 35),
            (False, True, 10),
        )
        for n in range(many)
    ]
    found = rates_of(rows).kappa
    known = cohens_kappa([[40, 15], [10, 35]])
    assert found is not None
    error = log((1 - found.low) / (1 - found.high)) / 2 * (1 - found.kappa) / t.ppf(0.975, 99)
    assert error == pytest.approx(known.std_kappa, rel=0.01)


def test_kappa_without_an_error_has_an_interval() -> None:
    """Mistake: 10 of 10 right reported as κ = 1 for certain."""
    found = rates_of([judged(bool(n % 2), bool(n % 2), f"{n}") for n in range(10)]).kappa
    assert found is not None and found.kappa == found.high == 1 and 0 < found.low < 0.5
    always = rates_of([judged(True, bool(n % 2), f"{n}") for n in range(10)])
    assert always.kappa is None, "a judge that says yes to all: κ has no interval to show"


def test_groups_by_kind_number_and_judge() -> None:
    """Mistake: numbers sorted as text (10 before 2), or one judge's rows in another's table."""
    rows = [judged(True, True, "x", constraints=n, kind=f"k{n % 2}", judge="b") for n in (10, 2, 1)]
    assert list(rates_by(rows, lambda each: each.constraints_in_call)) == [1, 2, 10]
    kinds = rates_by(rows, lambda each: each.row.kind)
    assert {name: each.rows for name, each in kinds.items()} == {"k0": 2, "k1": 1}
    found = rows_by_judge([*rows, *ROWS])
    assert list(found) == ["b", "a"] and found["a"] == ROWS


def test_nothing_to_measure_is_an_error() -> None:
    with pytest.raises(ValueError, match="0 outcomes"):
        rates_of([])


@given(
    st.lists(
        st.tuples(st.sampled_from([True, False, None]), st.booleans(), st.sampled_from("abcd")),
        min_size=1,
        max_size=30,
    )
)
def test_intervals_hold_their_rates_whatever_the_rows(
    rows: list[tuple[bool | None, bool, str]],
) -> None:
    """Mistake: nan, an interval beside its rate, or an exception for an odd group."""
    found = rates_of([judged(*each, constraint=f"{n}") for n, each in enumerate(rows)])
    rates = [found.coverage, found.precision, found.recall, found.recall_on_false, found.accuracy]
    for each in (each for each in rates if each is not None):
        assert 0 <= each.low <= each.mean + 1e-9 <= each.high + 2e-9 <= 1 + 3e-9
    if found.kappa is not None:
        ends = (-1, found.kappa.low, found.kappa.kappa, found.kappa.high, 1)
        assert all(one <= next_ + 1e-9 for one, next_ in pairwise(ends))
    counted = sum(passed is not None for passed, _, _ in rows)
    assert found.counts.samples == counted and found.rows == len(rows)


def other(rows: list[JudgedRow], flipped: set[int]) -> list[JudgedRow]:
    return [
        judged(
            not each.judgement.passed if n in flipped else each.judgement.passed,
            each.row.label,
            each.row.item,
            judge="other",
        )
        for n, each in enumerate(rows)
    ]


def test_differences_are_of_the_rows_that_both_judged() -> None:
    """Mistake: rates of different rows subtracted, or the second less the first."""
    second = other(ROWS, {6, 7})  # the two false passes become right
    found = paired_differences(ROWS, second[::-1])
    assert found["recall_on_false"].first == pytest.approx(3 / 5)
    assert found["recall_on_false"].second == 1
    assert found["recall_on_false"].estimate == pytest.approx(-2 / 5)
    assert found["false_pass_rate"].estimate == pytest.approx(2 / 5)
    assert found["recall"].estimate == 0 and found["coverage"].estimate == 0
    assert found["kappa"].first == pytest.approx(cohen_kappa_score(VERDICTS, TRUTHS))
    part = paired_differences(ROWS, [*second[:11], judged(None, TRUTHS[11], "i11")])
    assert part["recall"].rows == 11 and part["coverage"].rows == 12
    assert part["recall"].first == 1, "the false fail is not among the rows that both judged"
    assert part["coverage"].estimate == pytest.approx(1 / 12)
    assert "-0.40 [" in str(found["recall_on_false"])


def test_equal_judges_are_not_proved_equal() -> None:
    """Mistake: an interval of no width where no row told the judges apart."""
    found = paired_differences(ROWS, other(ROWS, set()))
    for each in found.values():
        assert each.low < 0 == each.estimate < each.high, each.measure


def test_a_paired_difference_is_sharper_than_two_intervals() -> None:
    """Mistake: resampling the judges apart from each other."""
    rows = [judged(n % 3 == 0, n % 2 == 0, f"{n}") for n in range(300)]
    found = paired_differences(rows, other(rows, set(range(1, 21, 2))))["recall_on_false"]
    single = rates_of(rows).recall_on_false
    assert single and found.high - found.low < 0.7 * (single.high - single.low)


def test_differences_are_seeded_and_independent_of_order() -> None:
    second = other(ROWS, {1, 6})
    assert paired_differences(ROWS, second) == paired_differences(ROWS, second[::-1])
    assert paired_differences(ROWS, second, seed=1) != paired_differences(ROWS, second, seed=2)


def test_rows_that_cannot_be_paired_are_an_error() -> None:
    """Mistake: a row that comes twice silently overwritten."""
    with pytest.raises(ValueError, match="twice"):
        paired_differences([*ROWS, ROWS[0]], ROWS)
    with pytest.raises(ValueError, match="no row in common"):
        paired_differences(ROWS, [judged(True, True, "elsewhere")])
