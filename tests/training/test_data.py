"""What a run trains on and is evaluated on: hard constraints, and no prompt in both."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hppt_lib.errors import HpptError
from hppt_lib.instructions import Constraint, shipped_instructions, write_instructions
from hppt_lib.rewards import STRICT
from hppt_lib.training import held_out_instructions, training_instructions
from tests.helpers.tiny import tiny_instructions

TONE = Constraint("soft:tone", {}, "Be kind.", "soft")


def test_the_default_is_the_set_of_the_shipped_records() -> None:
    """Mistake: records of the kit that are scored against other instructions."""
    assert held_out_instructions() == shipped_instructions("hard_heldout")


def test_soft_constraints_are_left_out_of_a_held_out_set(tmp_path: Path) -> None:
    """Mistake: an evaluation that ends at the first soft constraint, after the training."""
    tea, bees, *_ = tiny_instructions()
    mixed = replace(tea, constraints=(*tea.constraints, TONE))
    soft = replace(bees, constraints=(TONE,))
    path = str(tmp_path / "held.jsonl")
    write_instructions(path, [mixed, soft])
    assert held_out_instructions(path) == [tea]
    write_instructions(path, [soft])
    with pytest.raises(HpptError, match="held.jsonl' holds no hard constraint, and held-out"):
        held_out_instructions(path)
    with pytest.raises(HpptError, match="no hard constraint, and the reward 'strict' has no judge"):
        training_instructions(path, STRICT)


def test_a_held_out_prompt_that_is_trained_on_is_refused(tmp_path: Path) -> None:
    """Mistake: what was learned by heart counts as a skill, for its id differs, or a capital."""
    tea, bees, milk, cup = tiny_instructions()
    again = replace(bees, id="held-1", prompt=f" {bees.prompt.upper()}\n")
    path = str(tmp_path / "held.jsonl")
    write_instructions(path, [milk, again, cup])
    with pytest.raises(
        HpptError, match="1 of the 3 held-out .* first is 'held-1', which is 'bees'"
    ):
        held_out_instructions(path, [tea, bees])
    assert held_out_instructions(path, [tea]) == [milk, again, cup]


@pytest.mark.parametrize("train", ["hard_train", "hard_train_length", "train"])
@pytest.mark.parametrize("held_out", ["hard_heldout", "heldout_topics", "heldout_types"])
def test_the_kits_own_sets_go_together(train: str, held_out: str) -> None:
    """Mistake: a set for training with a prompt of a held-out one in it."""
    assert held_out_instructions(held_out, training_instructions(train, STRICT))
