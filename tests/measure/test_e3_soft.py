"""The reading of soft truth in E3's runs."""

from __future__ import annotations

import pytest

from hppt_lib.instructions.model import Constraint, Instruction
from tests.measure.e3_soft import Given, difference, drawn, shares

SOFT = [Constraint("tone:warm", {}, "Be warm.", "soft"), Constraint("a:b", {}, "Be b.", "soft")]
HARD = Constraint("punctuation:no_comma", {}, "No commas.", "hard")
HELD_OUT = [
    *(Instruction(f"both-{n}", "…", (HARD, *SOFT), f"Query {n}.") for n in range(9)),
    Instruction("hard", "…", (HARD,), "Query."),
]
GIVEN = [
    Given(arm, seed, each.id, f"{arm} {seed} {each.id}")
    for arm in ("x", "y")
    for seed in (1, 2)
    for each in HELD_OUT
]


def test_a_sheet_hides_the_arm_and_asks_the_same_of_all_arms() -> None:
    """Mistake: an arm or seed beside the text, or arms that are read on other constraints."""
    sheet, key = drawn(GIVEN, HELD_OUT, of_a_run=4)
    assert len(sheet) == len(key) == 16
    assert all(set(row) == {"id", "task", "constraint", "response"} for row in sheet)
    assert all(row["task"] != "Query." for row in sheet), "it has no soft constraint"
    rows = {row["id"]: row for row in sheet}
    asked = {
        arm: sorted(
            (row["seed"], rows[row["id"]]["task"], rows[row["id"]]["constraint"])
            for row in key
            if row["arm"] == arm
        )
        for arm in ("x", "y")
    }
    assert asked["x"] == asked["y"]
    assert [row["arm"] for row in key] != sorted(row["arm"] for row in key), "not arm by arm"


def test_shares_are_by_run_and_differences_by_seed() -> None:
    """Mistake: all rows of an arm in one pot, or seeds that are not paired."""
    sheet, key = drawn(GIVEN, HELD_OUT, of_a_run=4)
    wanted = {("x", 1): 3, ("x", 2): 2, ("y", 1): 2, ("y", 2): 0}
    seen = dict.fromkeys(wanted, 0)
    arms = {row["id"]: (row["arm"], row["seed"]) for row in key}
    labelled = []
    for row in sheet:
        run = arms[row["id"]]
        labelled.append({**row, "label": seen[run] < wanted[run]})
        seen[run] += 1
    found = shares(labelled, key)
    assert found == {"x": {1: 0.75, 2: 0.5}, "y": {1: 0.5, 2: 0.0}}
    assert difference(found["x"], found["y"]).mean == pytest.approx(0.375)
    assert shares(sheet, key) == {}
