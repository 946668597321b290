"""Run records made by hand, whose outcomes are known beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hppt_lib.instructions.model import Instruction
from hppt_lib.records import RunRecord, write_record
from tests.helpers.tiny import tiny_instructions

TEA, BEES = tiny_instructions()[:2]  # both forbid commas
HELD_OUT = (TEA, BEES)


def made_record(
    seed: int,
    passed: int,
    of: int = 10,
    *,
    arm: str = "",
    held_out: str = "hard_heldout",
    collapsed: bool = False,
    bees: int | None = None,
    instructions: Sequence[Instruction] = HELD_OUT,
) -> RunRecord:
    """A record of whose responses after training some satisfy their constraint (no comma).

    Args:
        seed: of the run.
        passed: how many of the responses about tea do.
        of: how many there are.
        arm: of a sweep's plan.
        held_out: the name of the held-out instructions.
        collapsed: all responses are one text.
        bees: the same number of those about bees; None for no such responses.
        instructions: (about tea, about bees).
    """
    tea, other = instructions
    rows = []
    for asked, count in ((tea, passed), (other, bees)):
        for number in range(of if count is not None else 0):
            text = f"Tea needs hot water in a pot {number} times"
            text += "" if number < (count or 0) else ", always"
            rows.append((asked.id, "Tea." if collapsed else text))
    return RunRecord(
        name=f"{arm or 'run'}-seed{seed}",
        tier="smoke",
        model="tiny",
        reward="strict",
        seed=seed,
        settings={"held_out": held_out, **({"arm": arm} if arm else {})},
        steps=(),
        before=tuple(rows),
        after=tuple(rows),
        seconds=60.0 * (seed + 1),
        adapter_before="a",
        adapter_after="b",
    )


def write_made(folder: Path, *records: RunRecord) -> list[Path]:
    """Write such records into a folder."""
    return [write_record(each, folder) for each in records]
