"""``hppt pilot`` and ``hppt refine``: their help, a refinement from end to end, their errors."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hppt_lib.instructions.model import Constraint, write_instructions
from hppt_lib.refine import PilotSettings, Sampled
from hppt_lib.refine.pilot_log import append_chunk, begin_log
from tests.helpers.commands import hppt
from tests.helpers.tiny import tiny_instructions

pytestmark = pytest.mark.slow


def test_refine_writes_from_a_log(tmp_path: Path) -> None:
    """Mistake: a command that works only where it was written."""
    many = tiny_instructions()
    write_instructions(tmp_path / "tiny.jsonl", many)
    log = tmp_path / "pilot.jsonl"
    begin_log(log, many, PilotSettings(samples=2), "tiny", None, {})
    rows = {
        each.id: [Sampled(f"Good {each.topic[0]} makes people happy again.", 3, True)] * 2
        for each in many
    }
    append_chunk(log, 0, rows)
    options = ["--instructions", str(tmp_path / "tiny.jsonl"), "--out", str(tmp_path / "out")]
    done = hppt("refine", str(log), *options)
    assert done.returncode == 0, done.stderr
    assert "4 kept, 0 dropped" in done.stdout and (tmp_path / "out" / "kept.jsonl").is_file()
    done = hppt("refine", str(log), *options, "--budget", "4")
    assert "1 samples)" in done.stdout or "2 samples)" in done.stdout


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--rule", "often"], "There is no rule 'often'. Choose one of: ever, window"),
        (["--keep-soft", "best"], "There is no soft rule 'best'"),
        (["--samples", "1", "--budget", "9"], "not both"),
        (["--instructions", "none"], "There are no instructions named 'none'"),
        ([], "Could not read"),
    ],
)
def test_an_error_is_a_message_and_status_1(options: list[str], message: str) -> None:
    """Mistake: a traceback for what the reader can put right."""
    done = hppt("refine", "none.jsonl", *options)
    assert done.returncode == 1 and message in done.stderr and "Traceback" not in done.stderr


def test_a_pilot_of_soft_constraints_alone_says_so_before_the_model_is_loaded(
    tmp_path: Path,
) -> None:
    """Mistake: "each with an id of its own", for a file whose ids are in order."""
    soft = Constraint("soft:tone", {}, "Be kind.", "soft")
    write_instructions(
        tmp_path / "soft.jsonl",
        [replace(each, constraints=(soft,)) for each in tiny_instructions()],
    )
    done = hppt("pilot", str(tmp_path / "soft.jsonl"), "--model", str(tmp_path / "no-model"))
    assert done.returncode == 1
    assert "None of the 4 instructions has a hard constraint" in done.stderr
    assert "'hppt pilot' has no judge" in done.stderr
