"""The labels of real responses: does it answer what was asked, apart from the constraint?"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from hppt_lib.audit import AnswerLabel, agreement, read_answer_labels
from hppt_lib.errors import HpptError
from hppt_lib.files import read_jsonl, repository_folder
from hppt_lib.instructions import shipped_instructions
from hppt_lib.records import read_record, records_folder

FILE = repository_folder() / "data" / "gold" / "answers.jsonl"
KINDS = {
    *("blank", "off_topic", "word_heap", "repeats_prompt", "refusal", "repetition"),
    *("garbage", "nonsense", "about_self", "starts_only", "wrong_type"),
}


@pytest.fixture(scope="module")
def rows() -> list[AnswerLabel]:
    return read_answer_labels()


def test_there_are_as_many_as_was_promised(rows: list[AnswerLabel]) -> None:
    assert len(rows) == len({(row.instruction, row.response) for row in rows}) == 640
    arms = Counter(row.arm for row in rows)
    assert arms["base"] == arms["strict"] == 160 and arms["guarded"] >= 120
    assert set(arms) == {"base", "strict", "guarded", "judged", "noisy", "kl", "length"}
    assert {row.kind for row in rows if not row.answers} <= KINDS


def test_each_labelled_response_is_one_that_its_run_gave(rows: list[AnswerLabel]) -> None:
    """Mistake: a label beside another response, or of another run, prompt or constraint."""
    records = {run: read_record(records_folder() / f"{run}.json") for run in {r.run for r in rows}}
    asked = {each.id: each for each in shipped_instructions("hard_heldout")}
    for row in rows:
        record, instruction = records[row.run], asked[row.instruction]
        assert (row.instruction, row.response) in getattr(record, row.when)
        assert row.seed == record.seed and (row.arm == "base") == (row.when == "before")
        assert row.prompt == instruction.query
        assert [row.constraint] == [each.text for each in instruction.constraints]


def test_the_halves_share_no_topic(rows: list[AnswerLabel]) -> None:
    """Mistake: a threshold tuned on the topics that it is reported on."""
    topics = {each.id: each.topic for each in shipped_instructions("hard_heldout")}
    develop, report = (read_answer_labels(half) for half in ("develop", "report"))
    assert len(develop) + len(report) == len(rows)
    assert not {topics[r.instruction] for r in develop} & {topics[r.instruction] for r in report}
    for half in (develop, report):
        assert len(half) > 300 and len({row.instruction for row in half}) == 60
        assert {row.answers for row in half if row.arm == "base"} == {True, False}
        assert {row.answers for row in half if row.arm == "strict"} == {True, False}


def test_a_label_stands_only_where_both_readers_gave_it_or_it_was_settled(
    rows: list[AnswerLabel],
) -> None:
    for row in rows:
        assert row.settled == (row.first != row.second)
        assert row.settled or row.answers == row.first


def test_the_readers_agree(rows: list[AnswerLabel]) -> None:
    found = agreement(
        [row.first for row in rows],
        [bool(row.second) for row in rows],
        [row.instruction for row in rows],
    )
    assert found.low > 0.8


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"answers": "yes"}, "line 2: the field 'answers' must be a bool"),
        ({"split": "train"}, "line 2: the field 'split' must be develop or report"),
        ({"answers": False, "kind": ""}, "line 2: 'kind' says why"),
        ({"answers": True, "kind": "blank"}, "line 2: 'kind' says why"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, change: dict[str, object], message: str) -> None:
    _, good = next(read_jsonl(FILE))
    path = tmp_path / "answers.jsonl"
    path.write_text(f"{json.dumps(good)}\n{json.dumps(good | change)}\n", encoding="utf-8")
    with pytest.raises(HpptError, match=message):
        read_answer_labels(path=path)


def test_an_unknown_half_is_named() -> None:
    with pytest.raises(HpptError, match="no split 'test': use develop or report"):
        read_answer_labels("test")  # type: ignore[arg-type]
