"""Soft constraints: what the file holds, and that a broken line of it is named."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from hppt_lib.corpus.soft_kinds import SEEN_KINDS, SOFT, UNSEEN_KINDS, draw_soft, read_soft_kinds
from hppt_lib.errors import HpptError

LINE = {"kind": "tone", "value": "dry", "seen": True, "wordings": ["Be dry.", "Stay dry."]}


def test_every_value_is_worded_in_three_ways() -> None:
    """Mistake: two values that share a wording, so that a judge cannot tell what is asked."""
    every = [text for values in SOFT.values() for texts in values.values() for text in texts]
    assert len(set(every)) == len(every) == 10 * 4 * 3
    assert set(SEEN_KINDS) | set(UNSEEN_KINDS) == set(SOFT) and len(SEEN_KINDS) == 7


def test_a_drawn_constraint_has_a_wording_of_its_value() -> None:
    """Mistake: the wording of one value beside the id of another."""
    for seed in range(50):
        drawn = draw_soft("tone", random.Random(seed))
        kind, _, value = drawn.id.partition(":")
        assert drawn.kind == "soft" and drawn.text in SOFT[kind][value]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"value": None}, "line 2: the field 'value' must be a str"),
        ({"wordings": "Be dry."}, "line 2: the field 'wordings' must be a list"),
        ({"value": "wet", "seen": False}, "line 2: 'seen' of 'tone' differs"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, change: dict[str, object], message: str) -> None:
    """Mistake: KeyError at import, or half of a kind trained on and half held out."""
    path = tmp_path / "kinds.jsonl"
    path.write_text(json.dumps(LINE) + "\n" + json.dumps({**LINE, **change}) + "\n")
    with pytest.raises(HpptError, match=message):
        read_soft_kinds(path)
