"""From a pilot log to refined instructions: what is written, and what the summary says."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from hppt_lib import refine
from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import read_instructions
from hppt_lib.refine import PilotSettings, Sampled
from hppt_lib.refine.pilot_log import append_chunk, begin_log
from tests.helpers.pilots import HISTORIES, KIND, MANY, pilot_of


def test_a_refinement_is_written_with_its_control(tmp_path: Path) -> None:
    """Mistake: a control without Step B, which then differs from the kept in two ways."""
    result = refine.refinement(pilot_of(HISTORIES), reward="strict")
    paths = refine.write_refinement(result, tmp_path, {"control": Figure()})
    assert {each.name for each in paths} == {
        "kept.jsonl",
        "control.jsonl",
        "decisions.jsonl",
        "summary.txt",
        "control.png",
    }
    kept, control = (read_instructions(tmp_path / f"{name}.jsonl") for name in ("kept", "control"))
    assert [each.id for each in kept] == ["good", "late-simplified", "far"]
    assert kept[1].original and kept[1].original.removed == ((2, KIND),)
    assert len(control) == len(kept)
    assert all(sum(one.kind == "soft" for one in each.constraints) <= 1 for each in control)
    rows = [json.loads(line) for line in (tmp_path / "decisions.jsonl").read_text().splitlines()]
    assert [row["kept"] for row in rows] == [True, True, False, False, True]
    assert rows[1] == {
        "id": "late",
        "kept": True,
        "reason": "1 of 4 samples rewarded",
        "rewards": [0.0, 0.0, 0.0, 1.0],
        "used": 4,
        "unlearnable": "",
    }
    text = (tmp_path / "summary.txt").read_text()
    assert "3 kept, 2 dropped" in text and "soft constraints were left out" in text
    assert "15 with sequential stopping, 20 without (25% saved)" in text
    assert "unlearnable found" in text and "…" not in text
    assert (tmp_path / "control.png").read_bytes().startswith(b"\x89PNG")


def test_a_stopped_pilot_has_no_table_of_budgets() -> None:
    """Mistake: smaller budgets computed from histories that were cut short."""
    stopped = {"good": [1.0], "late": [0.0] * 3 + [1.0], "far": [0.0, 1.0]}
    pilot = pilot_of(HISTORIES | stopped, stop="ever")
    result = refine.refinement(pilot, reward="strict")
    assert "unlearnable found" not in refine.summary(result)


def test_a_pilot_that_kept_nothing_or_has_nothing_is_said() -> None:
    """Mistake: an empty file of instructions, which fails somewhere else."""
    nothing = refine.refinement(pilot_of(dict.fromkeys(HISTORIES, [0.0] * 4)), reward="strict")
    with pytest.raises(HpptError, match="keeps nothing"):
        refine.write_refinement(nothing, Path("unused"), {})
    empty = replace(pilot_of(HISTORIES), instructions=(), attempts={})
    with pytest.raises(HpptError, match="not sampled anything yet"):
        refine.refinement(empty)


@pytest.mark.parametrize(
    ("samples", "expected"),
    [(1, [1]), (4, [1, 2, 3, 4]), (8, list(range(1, 9))), (20, [*range(1, 9), 16, 20])],
)
def test_the_budgets_end_with_the_whole_pilot(samples: int, expected: list[int]) -> None:
    """Mistake: a curve that stops short of what was sampled."""
    assert refine.sample_budgets(samples) == expected


def test_what_was_dropped_is_what_a_longer_pilot_samples(tmp_path: Path) -> None:
    """Mistake: kept ones among them, or new samples that repeat the old ones' chance."""
    log = tmp_path / "pilot.jsonl"
    begin_log(log, MANY, PilotSettings(samples=2, seed=3), "tiny", None, {})
    texts = {"good": "Hot tea is a pleasant drink.", "bad": "No."}
    rows = {
        each.id: [Sampled("No,", 2, True), Sampled(texts.get(each.id, "No,"), 3, True)]
        for each in MANY
    }
    append_chunk(log, 0, rows)
    found = refine.never_rewarded(log, MANY, reward="guarded", seed=1)
    assert [each.id for each in found] == ["late", "hard", "bad", "far"]
    with pytest.raises(HpptError, match="Give another --seed"):
        refine.never_rewarded(log, MANY, reward="guarded", seed=3)
    with pytest.raises(HpptError, match="rewarded every instruction"):
        begin_log(tmp_path / "all.jsonl", MANY[:1], PilotSettings(samples=2), "tiny", None, {})
        append_chunk(tmp_path / "all.jsonl", 0, {"good": rows["good"]})
        refine.never_rewarded(tmp_path / "all.jsonl", MANY, reward="guarded", seed=1)
