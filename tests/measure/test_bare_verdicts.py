"""Verdicts without text."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from hppt_lib.errors import HpptError
from hppt_lib.evaluation import ScoreSettings, open_run, read_verdicts, score_run
from hppt_lib.files import repository_folder, write_jsonl
from hppt_lib.verifiers import THOUGHT_MARKS
from tests.measure.bare_verdicts import rows_of


def test_no_text_is_left_and_the_verdicts_are_the_same(tmp_path: Path) -> None:
    """Mistakes: a prompt or a quotation in what is shipped; half of a run; the other reading."""
    folder = tmp_path / "run"
    shutil.copytree(repository_folder() / "data" / "evaluations" / "sequential-base", folder)
    run = open_run(folder)
    score_run(run, ScoreSettings("text", THOUGHT_MARKS))
    rows = list(rows_of(folder, "text"))
    ids = {name for item in run.items for name in (item.id, item.benchmark, item.group)}
    words = {each for row in rows for each in row.values() if isinstance(each, str)}
    assert words <= ids, "no string but names"
    write_jsonl(tmp_path / "bare.jsonl", rows)
    kept, whole = (
        read_verdicts(each) for each in (tmp_path / "bare.jsonl", folder / "verdicts.jsonl")
    )
    assert {place: replace(each, group="") for place, each in kept.items()} == {
        place: replace(each, group="") for place, each in whole.items()
    }
    groups = [len({each.group for each in some.values()}) for some in (kept, whole)]
    assert groups[0] == groups[1], "the same prompts together"
    with pytest.raises(HpptError, match="in the reading text, not reference"):
        list(rows_of(folder, "reference"))
    scored = folder / "verdicts.jsonl"
    scored.write_text("".join(scored.read_text().splitlines(keepends=True)[:-2]))
    with pytest.raises(HpptError, match="2 of 120 prompts have no response"):
        list(rows_of(folder, "text"))
