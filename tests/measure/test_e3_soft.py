"""The reading of soft truth in E3's runs."""

from __future__ import annotations

import pytest

from hppt_lib.instructions.model import Constraint, Instruction
from tests.measure.e3_soft import Given, again, drawn, joined

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


def test_labels_find_their_runs() -> None:
    """Mistake: a label beside another row's arm, or a row that nobody read passed over."""
    sheet, key = drawn(GIVEN, HELD_OUT, of_a_run=5)
    twice = again(sheet)
    assert len(twice) == 4
    read = [{**row, "label": row["response"].startswith("x 1")} for row in sheet]
    labels = joined(read, [{**row, "label": False} for row in twice], key)
    assert all(each.met == ((each.arm, each.seed) == ("x", 1)) for each in labels)
    assert all(each.response == f"{each.arm} {each.seed} {each.instruction}" for each in labels)
    assert sum(each.second is not None for each in labels) == 4
    with pytest.raises(ValueError, match="has no label"):
        joined([*read[:-1], sheet[-1]], [], key)
    with pytest.raises(ValueError, match="the key has not"):
        joined(read, [{"id": "other", "label": True}], key)
