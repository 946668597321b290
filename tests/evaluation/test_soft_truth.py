"""Soft truth: readers' labels, counted run by run."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from hppt_lib.errors import HpptError
from hppt_lib.evaluation import (
    SoftLabel,
    difference_by_seed,
    judge_passes,
    read_soft_labels,
    soft_truth,
)

ROW = {"arm": "x", "seed": 1, "instruction": "a", "constraint": "Be warm.", "response": "Hi."}


def label(arm: str, seed: int, met: bool) -> SoftLabel:
    return SoftLabel(arm, seed, "a", "Be warm.", "Hi.", met)


def test_shares_are_by_run_and_differences_by_seed() -> None:
    """Mistake: all rows of an arm in one pot, or seeds that are not paired."""
    wanted = {("x", 2): 2, ("x", 1): 3, ("y", 1): 2, ("y", 2): 0, ("y", 3): 4}
    labels = [
        label(arm, seed, place < met) for (arm, seed), met in wanted.items() for place in range(4)
    ]
    shares = soft_truth(labels)
    assert shares == {"x": {1: 0.75, 2: 0.5}, "y": {1: 0.5, 2: 0.0, 3: 1.0}}
    assert list(shares["x"]) == [1, 2]
    assert difference_by_seed(shares["x"], shares["y"]).mean == pytest.approx(0.375), (
        "no partner of 3"
    )
    with pytest.raises(HpptError, match="share 1 seeds"):
        difference_by_seed({1: 0.5}, {1: 0.5, 2: 0.5})


def test_a_judges_false_passes_are_of_the_violated_alone() -> None:
    """Mistake: the share passed of all, or a response that it was not asked about as a fail."""
    rows = [(True, True), (True, False), (False, True), (False, False), (False, False)]
    labels = [replace(label("x", 1, met), judge=said) for met, said in rows]
    labels += [label("x", 1, False), label("x", 2, False)]
    assert judge_passes(labels, met=False) == {"x": {1: pytest.approx(1 / 3)}}
    assert judge_passes(labels, met=True) == {"x": {1: 0.5}}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (ROW, "line 1: 'met' must be true or false"),
        (ROW | {"met": 1}, "'met' must be true or false"),
        (ROW | {"met": True, "second": "yes"}, "'second' must be true or false"),
        (ROW | {"met": True, "label": True}, "has no 'label'"),
        (ROW | {"met": True, "seed": True}, "'seed' must be a whole number"),
    ],
)
def test_a_row_that_is_no_label_is_named(tmp_path: Path, row: object, message: str) -> None:
    """Mistake: a sheet that nobody read counted as failures."""
    file = tmp_path / "soft.jsonl"
    file.write_text(json.dumps(row) + "\n", encoding="utf-8")
    with pytest.raises(HpptError, match=message):
        read_soft_labels(file)


def test_labels_are_read_back(tmp_path: Path) -> None:
    """Mistake: a second reading lost, or an empty file taken for one without violations."""
    file = tmp_path / "soft.jsonl"
    rows = [ROW | {"met": True, "second": False}, ROW | {"met": False}]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert [(each.met, each.second) for each in read_soft_labels(file)] == [
        (True, False),
        (False, None),
    ]
    file.write_text("\n", encoding="utf-8")
    with pytest.raises(HpptError, match="holds no label"):
        read_soft_labels(file)
