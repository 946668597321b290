"""Answers of several policies in one file."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hppt_lib.errors import HpptError
from hppt_lib.files import repository_folder
from tests.measure.arm_answers import rows_of


def test_a_run_on_its_way_and_a_folder_of_no_run_are_refused(tmp_path: Path) -> None:
    """Mistakes: an arm's share of half its prompts; a folder's name taken for an arm."""
    folder = tmp_path / "one-seed100"
    shutil.copytree(repository_folder() / "data" / "evaluations" / "sequential-base", folder)
    rows = list(rows_of(folder))
    assert len(rows) == len({row["instruction"] for row in rows}) == 120
    assert {(row["arm"], row["seed"]) for row in rows} == {("one", 100)}
    answers = folder / "predictions.jsonl"
    answers.write_text("".join(answers.read_text().splitlines(keepends=True)[:-3]))
    with pytest.raises(HpptError, match="3 of 120 prompts have no answer"):
        list(rows_of(folder))
    with pytest.raises(HpptError, match="must be named ARM-seedSEED"):
        list(rows_of(folder.rename(tmp_path / "base")))
