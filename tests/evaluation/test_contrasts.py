"""Contrasts of arms over seeds: what is paired, what is shown, and what a mean may not say."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hppt_lib import evaluation
from hppt_lib.errors import HpptError
from hppt_lib.evaluation import Answers, Contrast, Run, compare_arms, corrected, rescored
from hppt_lib.intervals import difference_interval, mean_interval, permutation_p
from tests.helpers.records import HELD_OUT, made_record

ASKED = Contrast("judge", "noise", "strict", "lower", 0.15)


def run(seed: int, passed: int, answers: bool = False, **how: object) -> Run:
    record = made_record(seed, passed, **how)  # type: ignore[arg-type]
    rows = tuple(rescored(record.after, HELD_OUT))
    known = {(row.instruction.id, row.response): seed % 2 == 0 for row in rows}
    return Run(
        record.name,
        Path(record.name),
        record,
        rows,
        rows,
        Answers("readers", known) if answers else None,
    )


def arm(passed: list[int], first: int = 0) -> list[Run]:
    return [run(first + place, each) for place, each in enumerate(passed)]


def test_few_seeds_are_not_paired() -> None:
    """Mistake: a paired interval of three seeds, or Welch's with the sign of noise less judge."""
    found = compare_arms(arm([1, 2, 3]), arm([5, 6, 9]), ASKED)
    assert not found.paired and found.seeds == ((0, 1, 2), (0, 1, 2))
    assert found.values == (0.1, 0.2, 0.3) and found.mean == pytest.approx(-14 / 30)
    assert found.difference is not None and found.narrow is not None
    welch = difference_interval(found.values, found.others)
    ends = (found.difference.low, found.difference.high)
    assert ends == pytest.approx((welch.low, welch.high))
    assert found.difference.low < found.narrow.low < found.narrow.high < found.difference.high
    assert found.p == found.corrected == permutation_p(found.values, found.others) == 0.1
    assert str(found) == "-0.47 [-0.90, -0.03] (3 and 3 seeds, unpaired; p .100)"


def test_from_eight_shared_seeds_on_runs_are_paired() -> None:
    """Mistake: a seed without a partner in the difference, or an unpaired test of paired runs."""
    one, other = [3, 4, 5, 6, 3, 4, 5, 6], [2, 2, 4, 4, 2, 2, 4, 4]
    found = compare_arms(arm([*one, 9]), arm([0, *other], first=-1), ASKED)
    assert found.paired and found.seeds == (tuple(range(8)),) * 2
    differences = [(a - b) / 10 for a, b in zip(one, other, strict=True)]
    expected = mean_interval(differences)
    assert found.difference is not None
    assert found.difference.low == pytest.approx(expected.low)
    assert found.p == pytest.approx(2 / 2**8), "all eight of one sign: two of 256 ways"


def test_shown_needs_the_interval_and_the_test() -> None:
    """Mistake: an interval of three seeds that leaves 0 out, called a find; or its direction
    ignored.
    """
    three = compare_arms(arm([1, 1, 2]), arm([8, 8, 9]), ASKED)
    assert three.difference is not None and three.difference.high < 0 and three.p == 0.1
    assert three.verdict == "open"
    six = compare_arms(arm([1, 1, 2, 1, 2, 2]), arm([8, 8, 9, 8, 9, 9]), ASKED)
    assert six.p < 0.01 and six.verdict == "shown"
    upward = dataclasses.replace(ASKED, expected="higher")
    assert dataclasses.replace(six, contrast=upward).verdict == "the other way"
    either = dataclasses.replace(ASKED, expected="either", margin=0.0)
    assert dataclasses.replace(six, contrast=either).verdict == "shown"


def test_an_effect_of_the_margin_is_refuted_where_the_narrow_interval_leaves_it_out() -> None:
    """Mistake: the wrong end of the interval looked at; or every contrast that shows nothing
    called refuted.
    """
    close = compare_arms(arm([4, 5, 5, 4, 5, 4]), arm([5, 4, 5, 4, 4, 5]), ASKED)
    assert close.narrow is not None and close.narrow.low > -0.15
    assert close.verdict == "refuted"
    wide = compare_arms(arm([1, 9, 5]), arm([2, 8, 6]), ASKED)
    assert wide.verdict == "open"
    assert dataclasses.replace(close, contrast=Contrast("a", "b", "strict")).verdict == "open"
    higher = dataclasses.replace(ASKED, expected="higher")
    assert dataclasses.replace(close, contrast=higher).verdict == "refuted"


def test_contrasts_that_were_planned_and_not_made_count() -> None:
    """Mistake: Holm's correction over the experiments that happened to be run."""
    six = compare_arms(arm([1, 1, 2, 1, 2, 2]), arm([8, 8, 9, 8, 9, 9]), ASKED)
    found = corrected({"e9": six}, planned=4)
    assert found["e9"].corrected == pytest.approx(4 * six.p)
    assert corrected({"e9": six}, planned=1)["e9"].corrected == six.p
    many = corrected({"e9": six}, planned=40)["e9"]
    assert many.corrected > 0.05 and many.verdict == "open"
    with pytest.raises(ValueError, match="2 contrasts are measured, and 1 were planned"):
        corrected({"e9": six, "e8": six}, planned=1)


def test_runs_that_collapse_are_counted_and_a_mean_of_few_misleads() -> None:
    """Mistake: a mean over runs of which half say one thing only, shown as a mean."""
    some = [run(0, 5), run(1, 5, collapsed=True), run(2, 6)]
    found = compare_arms(some, arm([5, 6, 7]), ASKED)
    assert found.collapsed == (1, 0) and found.mean_misleads
    assert str(found).endswith("; collapsed 1 of 3 and 0 of 3")
    assert "e9: a mean misleads: runs collapsed" in evaluation.compared_as_text({"e9": found}, 4)
    assert not compare_arms(arm([5, 6, 7]), arm([5, 6, 7]), ASKED).mean_misleads


def test_types_of_constraint_may_weigh_alike() -> None:
    """Mistake: a type with three times as many instructions that counts three times."""
    one = run(0, 10, answers=True, bees=0)
    assert evaluation.outcome_of(one, "strict") == 0.5
    asked = dataclasses.replace(HELD_OUT[1], constraints=HELD_OUT[1].constraints * 2)
    rows = tuple(
        dataclasses.replace(row, score=dataclasses.replace(row.score, instruction=asked))
        for row in one.after[10:]
    )
    three = dataclasses.replace(one, after=(*one.after[:10], *rows, *rows, *rows))
    assert evaluation.outcome_of(three, "strict") == 0.25
    assert evaluation.outcome_of(three, "strict", weights="types") == 0.5
    assert evaluation.outcome_of(three, "strict", weights="number") == 0.5
    assert evaluation.outcome_of(three, "success", weights="number") == 0.5
    assert evaluation.outcome_of(one, "minutes") == 1.0


def test_what_cannot_be_compared_is_said() -> None:
    """Mistake: an unknown outcome counted as 0, or two runs of one seed as two seeds."""
    with pytest.raises(HpptError, match="'success' of run-seed0 is not known: 'hppt label'"):
        compare_arms(arm([1, 2]), arm([3, 4]), Contrast("a", "b", "success"))
    with pytest.raises(HpptError, match="'judge' has a seed twice"):
        compare_arms([run(0, 1), run(0, 2)], arm([3, 4]), ASKED)
    with pytest.raises(HpptError, match="'noise' has no run"):
        compare_arms(arm([1]), [], ASKED)
    for wrong, says in (
        (Contrast("a", "a"), "both are 'a'"),
        (Contrast("a", "b", "luck"), "no outcome 'luck'"),
        (Contrast("a", "b", expected="up"), "'expected' is 'up'"),
        (Contrast("a", "b", weights="size"), "'weights' is 'size'"),
        (Contrast("a", "b", "words", weights="types"), "'weights' is for the outcomes"),
        (Contrast("a", "b", margin=0.1), "needs 'expected'"),
    ):
        with pytest.raises(HpptError, match=says):
            wrong.check()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_the_middle_half_and_the_profile_of_runs(values: list[float]) -> None:
    """Mistake: a mean that one collapsed run of eight still pulls; shares that rise with x."""
    middle = evaluation.interquartile_mean(values)
    assert min(values) - 1e-9 <= middle <= max(values) + 1e-9
    assert evaluation.interquartile_mean([0.0, *[0.5] * 6, 1.0]) == 0.5
    shares = evaluation.performance_profile(values, [-1, 0, 0.5, 1])
    assert shares[0] == 1 and shares[-1] == 0 and list(np.sort(shares)[::-1]) == shares


def test_values_by_seed_and_what_an_arm_gained() -> None:
    """Mistake: a gain over runs in the order of their files, or of a seed that is there twice."""
    start = run(0, 1).after
    some = [
        dataclasses.replace(run(seed, number), before=start) for seed, number in ((3, 8), (1, 6))
    ]
    found = evaluation.by_seed(some, "strict")
    assert list(found.items()) == [(1, 0.6), (3, 0.8)]
    gained = evaluation.gain(some, "strict")
    expected = mean_interval([0.5, 0.7])
    assert (gained.mean, gained.low) == pytest.approx((expected.mean, expected.low))
    assert evaluation.dots(some, "strict") == [(1, 0.6, False), (3, 0.8, False)]
    fallen = evaluation.dots([run(0, 5, collapsed=True)], "strict")
    assert [collapsed for *_, collapsed in fallen] == [True]
    with pytest.raises(HpptError, match="one run of each"):
        evaluation.by_seed([run(1, 6), run(1, 6)], "strict")
    with pytest.raises(HpptError, match="no outcome 'sucess'. There are: "):
        evaluation.by_seed(some, "sucess")
    with pytest.raises(HpptError, match="is not known"):
        evaluation.gain(some, "success")
    with pytest.raises(HpptError, match="share 1 seeds"):
        evaluation.gain(some[:1], "strict")


def test_what_goes_together_within_experiments() -> None:
    """Mistakes: levels of experiments taken for a slope; a slope missed; found where nothing is."""
    # Higher experiments are higher in both, and within each the two run against each other.
    against = {"a": [(0.1, 0.3), (0.2, 0.2), (0.3, 0.1)], "b": [(0.8, 0.9), (0.9, 0.8)]}
    assert evaluation.goes_with(against)[0] == pytest.approx(-1)
    draw = np.random.default_rng(0)

    def dealt(slope: float) -> float:
        """The p-value of four experiments of four arms."""
        return evaluation.goes_with(
            {
                str(each): [(x, slope * x + each + draw.normal()) for x in draw.normal(size=4)]
                for each in range(4)
            },
            draws=400,
        )[1]

    found = [np.mean([dealt(slope) < 0.05 for _ in range(300)]) for slope in (0, 3)]
    assert found[0] <= 0.09 and found[1] > 0.9
    with pytest.raises(HpptError, match="does not differ"):
        evaluation.goes_with({"a": [(0.1, 0.3), (0.1, 0.2)], "b": [(0.5, 0.1)]})
    with pytest.raises(HpptError, match="does not differ"):
        evaluation.goes_with({})
