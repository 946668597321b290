"""The rows of differences.jsonl; that each one holds is tested in test_families.py."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hppt_lib import verifiers
from hppt_lib.errors import HpptError
from hppt_lib.verifiers.difference_rows import read_differences

ROW = {
    "id": "punctuation:no_comma",
    "reference": "Knows the comma of ASCII only.",
    "text": "Knows commas of all scripts.",
    "kwargs": {},
    "example": "茶，水",
    "text_passes": False,
}


def test_the_rows_are_sorted_and_no_two_are_alike() -> None:
    """Mistake: a row at the end of the file, or one that was added twice."""
    rows = verifiers.differences()
    assert [each.id for each in rows] == sorted(each.id for each in rows)
    examples = {(each.id, repr(each.kwargs), each.example) for each in rows}
    assert len(examples) == len(rows) >= 287


def test_a_row_without_a_thread_has_an_empty_one(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(ROW) + "\n" + json.dumps({**ROW, "thread": "a/b/issues/1"}))
    assert [each.thread for each in read_differences(path)] == ["", "a/b/issues/1"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "this is not JSON"),
        ("", "this is not JSON"),
        ("[]", "wanted an object"),
        (json.dumps({**ROW, "passes": True}), "there is no field 'passes'"),
        (json.dumps({name: ROW[name] for name in ROW if name != "text"}), "'text' is missing"),
        (json.dumps({**ROW, "text_passes": "no"}), "'text_passes' must be of type bool"),
        (json.dumps({**ROW, "kwargs": []}), "'kwargs' must be of type dict"),
        (json.dumps({**ROW, "example": None}), "'example' must be of type str"),
    ],
)
def test_a_wrong_row_is_named_by_file_and_line(tmp_path: Path, line: str, message: str) -> None:
    """Mistake: a KeyError somewhere in 287 rows, or a row that is silently left out."""
    path = tmp_path / "rows.jsonl"
    path.write_text(f"{json.dumps(ROW)}\n{line}\n", encoding="utf-8")
    with pytest.raises(HpptError, match=message) as error:
        read_differences(path)
    assert f"{path}, line 2" in str(error.value)
