"""The satisfaction rate, its interval and the truncation control."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from hppt_lib import intervals
from hppt_lib.evaluation import evaluate as evaluation
from hppt_lib.evaluation.evaluate import Evaluated, TruncationControl, isr
from hppt_lib.instructions.model import Constraint, Instruction
from hppt_lib.intervals import Rate, rate
from hppt_lib.rewards import score
from hppt_lib.tiers import EvaluationSettings
from tests.helpers.tiny import tiny_instructions, tiny_policy

NO_COMMA = Constraint("punctuation:no_comma")
SHORT = Constraint("length_constraints:number_words", {"relation": "less than", "num_words": 6})
BULLETS = Constraint("detectable_format:number_bullet_lists", {"num_bullets": 2})
GOOD, HACK, BAD = "Tea leaves brew overnight.", "No commas.", "Tea, leaves, brewed, overnight."


def instruction(id: str, *constraints: Constraint) -> Instruction:
    return Instruction(id, "Write.", constraints or (NO_COMMA,), topic=("tea",))


def answered(id: str, response: str, *constraints: Constraint) -> Evaluated:
    asked = instruction(id, *constraints)
    return Evaluated(asked, response, score(asked, response))


def test_isr_by_hand() -> None:
    """Mistake: a share of constraints, or guarded for strict."""
    rows = [answered("a", GOOD), answered("a", HACK), answered("b", BAD), answered("b", HACK)]
    strict, guarded = isr(rows, guarded=False), isr(rows, guarded=True)
    assert (strict.mean, strict.samples, strict.groups) == (0.75, 4, 2)
    assert (guarded.mean, guarded.samples, guarded.groups) == (0.25, 4, 2)
    assert 0 <= guarded.low < 0.25 < guarded.high <= 1
    two = [answered("a", BAD, NO_COMMA, SHORT)]  # short, and with commas
    assert isr(two, guarded=False).mean == 0


@pytest.mark.parametrize(("passed", "samples"), [(0, 5), (1, 1), (3, 8), (20, 20), (60, 240)])
def test_one_response_a_group_is_wilson(passed: int, samples: int) -> None:
    outcomes = [number < passed for number in range(samples)]
    found = rate(outcomes, [f"i{number}" for number in range(samples)])
    low, high = proportion_confint(passed, samples, method="wilson")
    assert found.mean == passed / samples
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-9)


def coverage(groups: int, size: int, share: float, likeness: float, runs: int = 300) -> float:
    """How often the interval covers the truth, when responses of a group are alike."""
    draw = np.random.default_rng(0)
    names = [f"i{number}" for number in range(groups) for _ in range(size)]
    spread = 1 / likeness - 1
    covered = 0
    for _ in range(runs):
        shares = draw.beta(share * spread, (1 - share) * spread, groups)
        outcomes = draw.random((groups, size)) < shares[:, None]
        found = rate(outcomes.ravel().tolist(), names)
        covered += found.low <= share <= found.high
    return covered / runs


@pytest.mark.parametrize(
    ("groups", "size", "share", "likeness"),
    [
        (120, 2, 0.3, 0.5),  # what notebook 06 evaluates
        (30, 2, 0.7, 0.9),  # one type of constraint
        (30, 6, 0.5, 0.7),  # the same, three seeds together
        (16, 4, 0.9, 0.9),  # extreme and nearly no information beyond the groups
        (8, 4, 0.3, 0.5),  # few groups
    ],
)
def test_the_interval_covers_the_truth(
    groups: int, size: int, share: float, likeness: float
) -> None:
    """Mistake: counting alike responses as independent (the next test has what that gives)."""
    assert 0.91 <= coverage(groups, size, share, likeness) <= 0.995


def test_the_simulation_finds_an_interval_that_ignores_the_groups(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Wilson's interval over all responses covers far less: the test above can fail."""
    monkeypatch.setattr(intervals, "_design_effect", lambda values, index, groups: 1.0)
    assert coverage(30, 6, 0.5, 0.7) < 0.8


def test_alike_groups_count_once() -> None:
    """Mistake: 40 copies of 10 outcomes taken for 400, or 40 failures of 1 instruction for 40."""
    outcomes = [True] * 3 + [False] * 7
    names = [f"i{number}" for number in range(10)]
    copied, once = rate(outcomes * 40, names * 40), rate(outcomes, names)
    assert copied.mean == pytest.approx(once.mean)
    assert copied.high - copied.low >= once.high - once.low
    for passed in (True, False):
        agreed = rate([passed] * 400, names * 40)
        low, high = proportion_confint(10 * passed, 10, method="wilson")
        assert agreed.high - agreed.low >= high - low
    pairs = [f"i{number}" for number in range(50) for _ in range(2)]
    # More even than chance: that is no reason for a shorter interval.
    opposites = rate([True, False] * 45 + [True, True] * 5, pairs)
    low, high = proportion_confint(55, 100, method="wilson")
    assert high - low <= opposites.high - opposites.low < 1.1 * (high - low)
    single = rate([False] * 40, ["i"] * 40)
    assert single.high > 0.7


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.booleans(), st.sampled_from("abcde")), min_size=1, max_size=40))
def test_the_interval_is_within_bounds_and_holds_the_mean(rows: list[tuple[bool, str]]) -> None:
    """Mistake: nan, a bound outside 0 to 1, or an order of the rows that matters."""
    outcomes, names = [each for each, _ in rows], [name for _, name in rows]
    found = rate(outcomes, names)
    assert 0 <= found.low <= found.mean + 1e-12 and found.mean - 1e-12 <= found.high <= 1
    again = rate(outcomes[::-1], names[::-1])
    assert (again.low, again.high) == pytest.approx((found.low, found.high))


@pytest.mark.parametrize(("outcomes", "groups"), [([], []), ([True], []), ([True], ["a", "b"])])
def test_a_rate_of_nothing_is_an_error(outcomes: list[bool], groups: list[str]) -> None:
    with pytest.raises(ValueError, match="outcomes and"):
        rate(outcomes, groups)


def test_a_rate_shows_its_interval() -> None:
    assert str(Rate(0.5, 0.4, 0.625, 10, 5)) == "0.50 [0.40, 0.62]"


def test_by_constraint_counts_a_response_under_each_of_its_constraints() -> None:
    rows = [answered("a", GOOD, SHORT, NO_COMMA), answered("b", BAD)]
    table = evaluation.by_constraint(rows)
    assert list(table) == sorted([NO_COMMA.id, SHORT.id])
    assert table[NO_COMMA.id] == rows and table[SHORT.id] == rows[:1]


def test_a_cut_keeps_line_breaks_and_is_scored_again() -> None:
    """Mistake: joining words with spaces (no bullet survives), or keeping the old verdict."""
    row = answered("a", "* Tea leaves\n* hot water\n* sugar, milk", BULLETS)
    assert not row.score.strict
    [cut] = evaluation.truncated([row], 4)
    assert cut.response == "* Tea leaves\n* hot water" and cut.score.strict
    assert cut.instruction is row.instruction and cut.length == 4
    [whole] = evaluation.truncated([row], 100)
    assert whole == row


def test_the_cut_counts_words_as_the_verifier_does() -> None:
    """Mistake: a cut to 5 words that "less than 6 words" then refuses."""
    row = answered("a", "Tea—hot, sweet - and—well strong today—always", SHORT)
    [cut] = evaluation.truncated([row], 5)
    assert cut.length == 5 and cut.score.strict


def test_the_truncation_control_and_its_best_cut() -> None:
    rows = [
        answered("a", "Tea leaves brew overnight slowly in cold water, and longer."),
        answered("b", "Tea, leaves and everything."),
    ]
    control = evaluation.truncation_control(rows, (1, 4, 8))
    assert [each.mean for each in control.strict] == [0.5, 0.5, 0.0]  # "Tea," has its comma
    assert [each.mean for each in control.guarded] == [0.0, 0.5, 0.0]
    assert control.best(guarded=True) == (4, control.guarded[1])
    assert control.best(guarded=False)[0] == 1  # of equals, the shortest
    rates = tuple(Rate(mean, 0, 1, 2, 2) for mean in (0.2, 0.9, 0.4))
    assert TruncationControl((1, 2, 3), rates, rates[::-1]).best(guarded=False)[0] == 2


def test_mean_length_is_in_words() -> None:
    assert evaluation.mean_length([answered("a", GOOD), answered("b", "* tea\n")]) == 2.5


def test_a_policy_is_evaluated_in_order_and_again_alike() -> None:
    """Mistake: responses that stand with another instruction; chance that is not seeded."""
    policy, asked = tiny_policy(), tiny_instructions()
    settings = EvaluationSettings(instructions=3, samples=2, batch=4)

    def run(seed: int) -> list[Evaluated]:
        return evaluation.evaluate(policy, asked, settings, max_new_tokens=6, seed=seed)

    rows = run(1)
    assert [each.instruction for each in rows] == [asked[place] for place in (0, 0, 1, 1, 2, 2)]
    assert all(each.score == score(each.instruction, each.response) for each in rows)
    assert rows == run(1) != run(2)


def test_an_interval_of_a_mean_is_students() -> None:
    """Mistake: the normal quantile, with which three seeds seem to prove anything."""
    found = intervals.mean_interval([0.5, 0.6, 0.7])
    half = 4.302653 * 0.1 / 3**0.5
    assert found.mean == pytest.approx(0.6)
    assert found.high - 0.6 == pytest.approx(half, rel=1e-5) == pytest.approx(0.6 - found.low)
    with pytest.raises(ValueError, match="two or more"):
        intervals.mean_interval([0.5])


def test_a_difference_has_the_sign_of_first_less_second() -> None:
    """Mistake: the difference the wrong way round, or seeds taken as pairs."""
    found = intervals.difference_interval([0.2, 0.3, 0.25], [0.6, 0.5, 0.55])
    assert found.mean == pytest.approx(-0.3) and found.low < -0.3 < found.high < 0
    turned = intervals.difference_interval([0.3, 0.25, 0.2], [0.6, 0.5, 0.55])
    assert (turned.low, turned.high) == pytest.approx((found.low, found.high))
    with pytest.raises(ValueError, match="each side"):
        intervals.difference_interval([0.2, 0.3], [0.6])
