"""Benchmarks come from the user's folder, and a missing one is explained."""

from __future__ import annotations

from pathlib import Path

import pytest

from hppt_lib import sources
from hppt_lib.errors import HpptError
from hppt_lib.scoring import responses as scoring


def test_a_missing_benchmark_says_where_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: FileNotFoundError, and the reader left alone with it."""
    monkeypatch.setenv("HPPT_BENCHMARKS", str(tmp_path))
    with pytest.raises(HpptError, match="google-research.*FOLDER/ifeval/input_data.jsonl"):
        sources.benchmark_rows("ifeval")
    with pytest.raises(HpptError, match="no benchmark 'mmlu'. There are: ifeval, ifbench"):
        sources.benchmark_rows("mmlu")


def test_the_folder_is_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ifeval").mkdir()
    (tmp_path / "ifeval" / "input_data.jsonl").write_text('{"key": 1}\n\n{"key": 2}\n')
    monkeypatch.setenv("HPPT_BENCHMARKS", str(tmp_path))
    assert sources.benchmark_rows("ifeval") == [{"key": 1}, {"key": 2}]


@pytest.mark.parametrize(
    ("name", "prompts", "slots", "ids"), [("ifeval", 541, 834, 25), ("ifbench", 300, 344, 58)]
)
@pytest.mark.parametrize("reading", ["text", "reference"])
def test_every_slot_of_the_benchmarks_builds(
    name: str, prompts: int, slots: int, ids: int, reading: str
) -> None:
    """Mistake: an id that is missing, or a parameter of the file that we refuse."""
    try:
        rows = sources.benchmark_rows(name)
    except HpptError as missing:
        pytest.skip(str(missing))
    assert len(rows) == prompts
    scored = [scoring.score_line(row | {"response": "x"}, reading) for row in rows]  # type: ignore
    assert sum(len(each.strict) for each in scored) == slots
    assert len({id for row in rows for id in row["instruction_id_list"]}) == ids
