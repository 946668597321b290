"""A judge made precise keeps its promise, or says that it cannot."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import beta, binomtest

from hppt_lib.audit import AuditRow, JudgedRow, rates_of
from hppt_lib.audit.ensembles import Rule, ensemble
from hppt_lib.audit.thresholds import (
    BETWEEN,
    labels_needed,
    make_precise,
    passing_threshold,
    precision_cost,
    threshold_sweep,
)
from hppt_lib.judges.protocol import Judgement, no_verdict


def judged(
    confidence: float | None, label: bool, item: str, *, constraint: str = "", judge: str = "a"
) -> JudgedRow:
    judgement = no_verdict("time-out")
    if confidence is not None:
        judgement = Judgement(confidence >= 0.5, confidence)
    return JudgedRow(judge, AuditRow(item, "", constraint, "", label, "tone"), judgement, 1)


def audit(items: int, seed: int = 0, apart: float = 0.3) -> list[JudgedRow]:
    draw = np.random.default_rng(seed)
    labels = draw.random(items) < 0.5
    confidences = np.clip(draw.normal(0.4 + apart * labels, 0.2), 0, 1)
    return [
        judged(float(confidence), bool(label), f"i{number}")
        for number, (confidence, label) in enumerate(zip(confidences, labels, strict=True))
    ]


@pytest.mark.parametrize("count", [29, 45, 46, 100, 333])
@pytest.mark.parametrize(("target", "level"), [(0.9, 0.95), (0.8, 0.9)])
def test_the_threshold_is_the_lowest_with_clopper_pearsons_bound(
    count: int, target: float, level: float
) -> None:
    """Mistake: k off by one, which breaks the promise or throws passes away."""
    confidences = np.random.default_rng(count).permutation(count) / count
    threshold = passing_threshold(confidences.tolist(), target, level)
    assert threshold is not None
    passes = int((confidences >= threshold).sum())
    # The bound at k − 1 passes, since the k-th largest itself does not pass.
    assert beta.ppf(level, passes + 1, count - passes) <= 1 - target
    lower = passes + 1  # one more confidence let through
    assert beta.ppf(level, lower + 1, count - lower) > 1 - target
    assert binomtest(passes, count, 1 - target, alternative="less").pvalue <= 1 - level


def test_the_promise_holds_for_continuous_and_for_tied_confidences() -> None:
    """Mistake: a bound for a threshold fixed beforehand, which choosing from the data breaks.

    The true recall on false responses is at least the target in 95 % of audits; hardly more, where
    confidences have no ties: a bound that always holds would waste labels.
    """
    draw = np.random.default_rng(0)
    for ties in (False, True):
        held = 0
        for _ in range(1000):
            confidences = draw.random(120)
            confidences = np.ceil(confidences * 8) / 8 if ties else confidences
            threshold = passing_threshold(confidences.tolist(), 0.9, 0.95)
            assert threshold is not None
            # The share of confidences below the threshold, in the population.
            truth = np.floor(threshold * 8) / 8 if ties else threshold
            held += truth >= 0.9
        assert held >= 935, "1,000 draws at 95 %: 2 standard errors below"
        assert ties or held <= 985


def test_the_promise_holds_for_the_best_of_nine_judges() -> None:
    """Mistake: nine judges made precise on the same labels, and the one taken that passes most: its
    promise is broken in .20 to .26 of audits, and not in .05.
    """
    draw = np.random.default_rng(0)
    audits, broken = 400, {1: 0, 9: 0}
    for _ in range(audits):
        judges = draw.random((9, 120))  # nine judges that see nothing; a threshold t has recall t
        for of, level in ((1, 0.95), (9, 1 - 0.05 / 9)):
            found = [passing_threshold(each.tolist(), 0.9, level) for each in judges]
            broken[of] += min(each for each in found if each is not None) < 0.9
    assert broken[1] / audits > 0.2 and broken[9] / audits <= 0.07
    rows = audit(600)
    one, best_of = make_precise(rows), make_precise(rows, judges=9)
    assert one.pass_from and best_of.pass_from and one.pass_from < best_of.pass_from
    assert (
        best_of.judges == 9 and "items with a violated" in make_precise(audit(60), judges=9).problem
    )
    assert precision_cost(rows, splits=20, judges=9).judges == 9
    with pytest.raises(ValueError, match="one at the least"):
        make_precise(rows, judges=0)


def test_the_smallest_number_of_labels() -> None:
    """Mistake: 28 rows taken for enough to promise 90 % at level 95 %."""
    assert labels_needed(0.9, 0.95) == 29
    assert passing_threshold([0.1] * 28, 0.9, 0.95) is None
    assert passing_threshold([0.1] * 29, 0.9, 0.95) == np.nextafter(0.1, 1)
    assert passing_threshold([], 0.9, 0.95) is None
    for target, level in ((0.95, 0.9), (0.5, 0.99), (0.9, 0.9)):
        needed = labels_needed(target, level)
        assert passing_threshold([0.1] * needed, target, level) is not None
        assert passing_threshold([0.1] * (needed - 1), target, level) is None


def test_too_few_labels_is_a_result() -> None:
    """Mistake: an exception, or a threshold that promises nothing."""
    found = make_precise(audit(40))
    assert not found.reached and found.pass_from is None
    assert "29 are needed" in found.problem
    answer = found(Judgement(True, 0.99))
    assert answer.passed is None and answer.problem == found.problem
    spent = precision_cost(audit(40))
    assert spent.guaranteed == 0 and spent.recall is None
    assert "cannot be reached with this judge" in str(spent)


def test_a_judge_that_always_says_yes_can_only_pass_nothing() -> None:
    """Mistake: a threshold of 1 that passes all the rows with confidence 1."""
    rows = [judged(1.0, number % 2 == 0, f"i{number}") for number in range(200)]
    found = make_precise(rows)
    assert found.pass_from is not None and found.pass_from > 1 and not found.reached
    assert found(Judgement(True, 1.0)).passed is False
    spent = precision_cost(rows)
    assert (spent.guaranteed, spent.reached) == (1, 0)
    assert spent.recall and spent.recall.mean == 0 and "passing nothing" in str(spent)


def test_a_judge_without_a_confidence_is_tested_as_it_is() -> None:
    """Mistake: no confidences, so no answer, though its verdicts reach the target."""
    rows = [
        JudgedRow("a", AuditRow(f"{n}", "", "", "", n % 2 == 0, "tone"), Judgement(n % 2 == 0), 1)
        for n in range(200)
    ]
    found = make_precise(rows)
    assert (
        found.reached and found(Judgement(True)).passed and found(Judgement(False)).passed is False
    )


def test_between_the_thresholds_there_is_no_verdict() -> None:
    """Mistake: abstention that turns into a fail, or a missing verdict that turns into one."""
    found = make_precise(audit(600, apart=0.2), keep=0.9)
    assert found.pass_from is not None and found.fail_below is not None
    assert found.fail_below < 0.5 < found.pass_from
    assert found(Judgement(True, found.pass_from)).passed is True
    middle = found(Judgement(True, 0.5, "Yes"))
    assert (middle.passed, middle.problem, middle.confidence) == (None, BETWEEN, 0.5)
    assert found(Judgement(True, found.fail_below)).passed is None
    assert found(Judgement(True, found.fail_below - 1e-9)).passed is False
    silent = no_verdict("time-out")
    assert found(silent) is silent


def test_a_good_judge_needs_no_abstention() -> None:
    """Mistake: thresholds that cross, so that a confidence both passes and fails."""
    found = make_precise(audit(600, apart=0.6), keep=0.9)
    assert found.pass_from == found.fail_below


def test_two_promises_share_the_risk() -> None:
    """Mistake: two promises at 95 % each called 95 % together."""
    rows = audit(600)
    one, two = make_precise(rows), make_precise(rows, keep=0.9)
    assert one.pass_from and two.pass_from and two.pass_from > one.pass_from


def test_one_row_an_item_counts() -> None:
    """Mistake: 10 copies of 10 items taken for 100 violated rows."""
    rows = [judged(0.1, False, f"i{n % 10}", constraint=f"{n}") for n in range(100)]
    assert make_precise(rows).violated == 10 and not make_precise(rows).reached


def test_missing_verdicts_cost_coverage() -> None:
    """Mistake: coverage of the rows that have a verdict, which is 1 without abstention."""
    rows = audit(300)
    silent = [judged(None, number % 2 == 0, f"s{number}") for number in range(300)]
    found = precision_cost(rows + silent)
    assert found.coverage and found.coverage.mean == pytest.approx(0.5, abs=0.02)


def test_the_cost_is_measured_on_the_other_half() -> None:
    """Mistake: a threshold measured on the rows that chose it: its rate is then always kept."""
    rows = audit(400)
    found = precision_cost(rows, splits=300)
    assert found.guaranteed == found.reached == 1
    assert found.not_passed and found.not_passed.mean > 0.9
    assert found.not_passed.low < 0.9 + 0.05, "the other half does not know of the promise"
    assert found.recall and found.passes_left and found.precision and found.coverage
    assert 0.1 < found.recall.mean < 0.6 and found.passes_left.mean < 0.8
    before = rates_of(rows).precision
    assert before and found.precision.mean > before.mean
    assert found.coverage.mean == 1 and found.labels == pytest.approx(100, abs=15)
    assert precision_cost(rows, splits=20, seed=1) == precision_cost(rows, splits=20, seed=1)
    assert precision_cost(rows, splits=20, seed=1) != precision_cost(rows, splits=20, seed=2)
    wide = precision_cost(rows, keep=0.9, splits=50)
    assert wide.coverage and wide.recall_on_false and wide.not_passed
    assert wide.coverage.mean < 0.9
    assert wide.recall_on_false.mean < wide.not_passed.mean, "no verdict is not a fail"


@pytest.mark.parametrize("numbers", [{"target": 1.0}, {"keep": 0.0}, {"level": float("nan")}])
def test_promises_that_make_no_sense(numbers: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        make_precise(audit(10), **numbers)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="between 0 and 1"):
        precision_cost(audit(10), **numbers)  # type: ignore[arg-type]


def test_a_sweep_moves_the_threshold() -> None:
    """Mistake: "above" for "reaches": a confidence equal to the threshold passes."""
    rows = [judged(0.2, False, "a"), judged(0.5, True, "b"), judged(0.8, True, "c")]
    low, middle, high = threshold_sweep(rows, (0.0, 0.5, 0.9))
    assert low.recall_on_false and low.recall_on_false.mean == 0
    assert middle.recall and middle.recall.mean == 1
    assert middle.precision and middle.precision.mean == 1
    assert high.precision is None and high.passed and high.passed.mean == 0
    assert len(threshold_sweep(rows)) == 21


VOTES: list[tuple[Rule, list[float | None], bool | None]] = [
    ("majority", [0.9, 0.8, 0.1], True),
    ("majority", [0.9, 0.2, 0.1], False),
    ("majority", [0.9, 0.8, None], True),
    ("majority", [0.9, 0.2, None], None),
    ("majority", [0.9, 0.1], False),  # a tie is not more than half
    ("majority", [0.9, None], None),
    ("unanimous", [0.9, 0.8, 0.7], True),
    ("unanimous", [0.9, 0.8, 0.1], False),
    ("unanimous", [0.9, 0.8, None], None),
    ("unanimous", [0.9, 0.1, None], False),
    ("mean", [0.9, 0.8, 0.1], True),
    ("mean", [0.9, 0.2, 0.1], False),
    ("mean", [0.9, 0.8, None], None),
]


@pytest.mark.parametrize(("rule", "confidences", "expected"), VOTES)
def test_ensembles(rule: Rule, confidences: list[float | None], expected: bool | None) -> None:
    """Mistake: a judge without a verdict that counts as a vote against (or for)."""
    sets = [[judged(each, True, "x", judge=f"j{n}")] for n, each in enumerate(confidences)]
    [found] = ensemble(sets, rule)
    assert found.judgement.passed is expected
    assert bool(found.judgement.problem) == (expected is None)
    assert found.judge == f"{rule} of " + ", ".join(f"j{n}" for n in range(len(confidences)))


@pytest.mark.parametrize("rule", ["mean", "majority", "unanimous"])
def test_the_confidence_of_an_ensemble_turns_its_verdict(rule: Rule) -> None:
    """Mistake: a majority with the mean as confidence: its threshold then asks something else."""
    draw = np.random.default_rng(0)
    sets = [
        [judged(float(draw.random()), True, f"i{n}", judge=f"j{number}") for n in range(50)]
        for number in range(3)
    ]
    for each in ensemble(sets, rule):
        assert each.judgement.confidence is not None
        assert each.judgement.passed == (each.judgement.confidence >= 0.5)


def test_an_ensemble_pairs_rows_and_not_places() -> None:
    rows = [judged(0.9, True, "a"), judged(0.1, False, "b"), judged(0.9, True, "c")]
    found = ensemble([rows, rows[:2][::-1]], "unanimous")
    assert [each.row.item for each in found] == ["a", "b"]
    assert [each.judgement.passed for each in found] == [True, False]
    with pytest.raises(ValueError, match="twice"):
        ensemble([rows + rows], "mean")
    with pytest.raises(ValueError, match="needs judges"):
        ensemble([], "mean")
