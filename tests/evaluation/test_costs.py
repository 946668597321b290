"""What a run cost: counted from its record, with the pilot beside it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from hppt_lib.errors import HpptError
from hppt_lib.evaluation import (
    Contrast,
    Run,
    arm_costs,
    compare_arms,
    costs_as_table,
    outcome_of,
    rescored,
    run_costs,
    runs_for_a_pilot,
)
from hppt_lib.instructions.model import Constraint, Instruction
from hppt_lib.records import RunRecord, Step
from hppt_lib.terminal import as_text
from tests.helpers.records import HELD_OUT, made_record

HARD = Constraint("punctuation:no_comma", {}, "Use no comma.", "hard")
SOFT = Constraint("tone:formal", {}, "Be formal.", "soft")
JUDGED = "judged(judge=embedded, decides={}, guard=substance)"
MIXED = [
    Instruction("a", "Tell me.", (HARD, SOFT, SOFT), "Tell me."),
    Instruction("b", "Tell me more.", (HARD,), "Tell me more."),
]


def step(number: int, ids: str, length: float, equal: float) -> Step:
    responses = tuple((id, f"text {place}") for place, id in enumerate(ids))
    return Step(number, 0.5, 0.5, 0.5, length, equal, 1.0, 1.0, 1.0, 2.0, responses)


def record(reward: str = "guarded", seed: int = 0, passed: int = 3) -> RunRecord:
    steps = (step(1, "aabb", 10.0, 0.5), step(2, "aaaa", 20.5, 1.0))
    made = made_record(seed, passed)
    return dataclasses.replace(made, reward=reward, steps=steps, seconds=90.0)


def run(passed: int, seed: int) -> Run:
    made = dataclasses.replace(record(seed=seed, passed=passed), before=made_record(0, 1).after)
    before, after = (tuple(rescored(rows, HELD_OUT)) for rows in (made.before, made.after))
    return Run(made.name, Path(made.name), made, before, after)


def test_a_bill_counts_what_was_sampled_and_asked() -> None:
    """Mistake: steps of unequal length weighed alike, or a rule's verdicts billed as a judge's."""
    costs = run_costs(record(), MIXED)
    assert (costs.rollouts, costs.tokens, costs.verdicts) == (8, 4 * 10 + 82, 0)
    assert (costs.minutes, costs.teaching) == (1.5, 0.25)
    assert run_costs(record(JUDGED.format("soft")), MIXED).verdicts == 6 * 2
    assert run_costs(record(JUDGED.format("all")), MIXED).verdicts == 6 * 3 + 2
    within = f"corrected_within(of={JUDGED.format('all')}, rates=none.json, guard=substance)"
    assert run_costs(record(within), MIXED).verdicts == 6 * 3 + 2


def test_a_bill_runs_nobodys_code() -> None:
    """Mistake: a record from elsewhere whose reward's module is imported to count its judge."""
    assert run_costs(record("no_such_module:reward"), MIXED).verdicts == 0


def test_a_bill_that_cannot_be_counted_is_refused() -> None:
    """Mistake: verdicts of other instructions, or a bill of nothing, without a word."""
    with pytest.raises(HpptError, match="no instruction 'a'"):
        run_costs(record(JUDGED.format("soft")), MIXED[1:])
    with pytest.raises(HpptError, match="no step"):
        run_costs(dataclasses.replace(record(), steps=()), MIXED)
    with pytest.raises(HpptError, match="the arm 'x'"):
        arm_costs({"one": [run(3, 0)]}, pilots={"x": 5})


def test_a_pilot_is_paid_once_and_shared() -> None:
    """Mistake: the pilot counted for every run, or left out of the table."""
    runs = [run(passed, seed) for seed, passed in enumerate((3, 5))]
    [found] = arm_costs({"one": runs}, pilots={"one": 40}, outcome="strict")
    assert found.rollouts() == 48 and found.rollouts(shared_by=2) == 28
    assert found.gain is not None and found.gain.mean == pytest.approx((0.2 + 0.4) / 2)
    text = as_text(costs_as_table([found]))
    assert "one" in text and "pilot" in text and " 40 " in text and "+0.30" in text
    assert arm_costs({"one": runs})[0].gain is None, "nobody read a response"
    with pytest.raises(ValueError, match="one run at least"):
        found.rollouts(shared_by=0)


def test_runs_that_share_a_pilot_until_it_is_a_tenth() -> None:
    """Mistake: a tenth of the runs' rollouts in place of a tenth of the whole bill."""
    needed = runs_for_a_pilot(4800, 640, 0.1)
    assert 4800 / (4800 + needed * 640) <= 0.1 < 4800 / (4800 + (needed - 1) * 640)
    with pytest.raises(ValueError, match="share"):
        runs_for_a_pilot(4800, 640, 1.0)


def test_one_number_of_constraints_alone_can_be_compared() -> None:
    """Mistake: all responses counted whatever the number, or shares weighed by constraints."""
    found = run(3, 0)
    assert outcome_of(found, "share", number="1") == outcome_of(found, "share")
    assert outcome_of(found, "strict", number="1") == outcome_of(found, "strict")
    assert outcome_of(found, "strict", number="2-3") is None, "no such response"
    with pytest.raises(HpptError, match="without 'weights'"):
        compare_arms([found], [found], Contrast("a", "b", number="1", weights="number"))
    with pytest.raises(HpptError, match="'number' is for"):
        compare_arms([found], [found], Contrast("a", "b", "words", number="1"))
    with pytest.raises(HpptError, match="is not known"):
        compare_arms([found], [found], Contrast("a", "b", "strict", number="2-3"))
