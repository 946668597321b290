"""Sets of few and of many types: equally hard, in turn over the seeds, and checked on others."""

from __future__ import annotations

import json
import random
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Constraint, Instruction
from hppt_lib.refine import diversity_table, few_and_many, write_diversity

TYPES = [f"keywords:t{place:02d}" for place in range(16)]
# Two are out of reach, two come by themselves, twelve lie between.
RATES = [0.0, 0.005, *np.linspace(0.1, 0.8, 12), 0.98, 1.0]


def pilot(each: int = 40, samples: int = 16, kind: str = "hard") -> Any:
    draw = np.random.default_rng(0)
    instructions, paid = [], {}
    for id, rate in zip(TYPES, RATES, strict=True):
        for number in range(each):
            constraint = Constraint(id, {}, f"do {id}") if kind == "hard" else soft(id)
            name = f"{id}-{number}"
            instructions.append(Instruction(name, f"Write. do {id}", (constraint,)))
            own = np.clip(rate + draw.normal(0, 0.05), 0, 1) if 0.05 < rate < 0.95 else rate
            paid[name] = tuple(float(value) for value in draw.random(samples) < own)
    return SimpleNamespace(
        instructions=tuple(instructions),
        settings=SimpleNamespace(samples=samples),
        rewards=lambda name: paid,
    )


def soft(id: str) -> Constraint:
    return Constraint(id, {}, f"do {id}", kind="soft")


def types(chosen: tuple[Instruction, ...]) -> list[str]:
    return [each.constraints[0].id for each in chosen]


def test_few_and_many_differ_in_the_number_of_types_alone() -> None:
    """Mistakes: difficulty that hides in diversity; types that teach nothing."""
    found = few_and_many(pilot(), range(100, 106))
    assert [len(stratum) for stratum in found.strata] == [3, 3, 3, 3]
    used = {id for stratum in found.strata for id in stratum}
    assert used == set(TYPES[2:14])
    for pair in found.pairs:
        few, many = types(pair.few), types(pair.many)
        assert len(few) == len(many) == 96
        assert {few.count(id) for id in few} == {24} and {many.count(id) for id in many} == {8}
        assert all(len(set(few) & set(stratum)) == 1 for stratum in found.strata)
        assert set(many) == used
        assert len({each.id for each in pair.many}) == 96
        assert pair.chosen_on[0].near(pair.chosen_on[1])


def test_every_type_is_in_as_many_small_sets() -> None:
    """Mistake: the same four types for every seed, of which the comparison then speaks."""
    found = few_and_many(pilot(), range(6))
    seen = [id for pair in found.pairs for id in set(types(pair.few))]
    assert {seen.count(id) for id in set(seen)} == {2}


def test_the_check_is_made_on_samples_that_had_no_part_in_the_choice() -> None:
    """Mistake: agreement on what was chosen for its agreement."""
    right = pilot()
    drawn = random.Random(1)
    # The second half of the samples says the contrary for one type in two.
    paid = {
        name: (*values[:8], *(float("t0" in name and drawn.random() < 0.9) for _ in range(8)))
        for name, values in right.rewards("guarded").items()
    }
    right.rewards = lambda name: paid
    found = few_and_many(right, [1])
    assert found.pairs[0].chosen_on[0].near(found.pairs[0].chosen_on[1])
    text = diversity_table(found)
    assert ("no" if not found.pairs[0].fair else "yes") in text and "not used" in text
    rows = np.array([paid[each.id][8:] for each in found.pairs[0].few])
    assert found.pairs[0].checked_on[0].paid == pytest.approx(rows.mean())
    assert found.checked_on == found.pairs[0].checked_on, "one seed is its own mean"


@pytest.mark.parametrize(
    ("changed", "settings", "says"),
    [
        ({"kind": "soft"}, {}, "not just one constraint, a hard one"),
        ({"samples": 7}, {}, "an even number is needed"),
        ({"each": 10}, {}, "0 types have 24 instructions"),
        ({}, {"many": 16}, "12 types have 24 .* 16 are needed"),
        ({}, {"size": 50}, "must be a multiple"),
        ({}, {"few": 5}, "must be a multiple"),
    ],
)
def test_what_does_not_fit_is_said(
    changed: dict[str, Any], settings: dict[str, int], says: str
) -> None:
    with pytest.raises(HpptError, match=says):
        few_and_many(pilot(**changed), [1], **settings)


def test_the_files_are_those_that_a_sweep_names(tmp_path: Path) -> None:
    """Mistake: names that {seed} in a plan does not reach."""
    found = few_and_many(pilot(), [100, 101])
    names = [path.name for path in write_diversity(found, tmp_path)]
    assert names == [f"{kind}-{seed}.jsonl" for seed in (100, 101) for kind in ("few", "many")]
    lines = (tmp_path / "many-101.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == [each.id for each in found.pairs[1].many]
