"""The answers that ship: mistakes that would leave notebook 03 hollow without a word."""

from __future__ import annotations

import pytest

from hppt_lib.audit import judge_rows, shipped_answers
from hppt_lib.errors import HpptError
from hppt_lib.files import repository_folder
from hppt_lib.judges import judge

FOLDER = repository_folder() / "data" / "audit" / "answers"


@pytest.mark.parametrize("variant", shipped_answers.inquiries())
def test_everything_that_was_planned_is_answered(variant: str) -> None:
    """Mistake: texts changed, or a run that was stopped: rows without a verdict."""
    replayed = judge(f"replayed:{FOLDER / f'embedded-{variant}.jsonl'}")
    for inquiry in shipped_answers.inquiries()[variant]:
        found = judge_rows(replayed, inquiry.rows, inquiry.mode, per_call=inquiry.per_call)
        missing = [each for each in found if each.judgement.passed is None]
        assert not missing, f"{len(missing)} of {len(found)} rows: {missing[0].judgement.problem}"


def test_a_replayed_judge_says_so() -> None:
    for path in FOLDER.glob("*.jsonl"):
        assert "replayed" in judge(f"replayed:{path}").name


def test_the_larger_items_are_whole() -> None:
    rows = shipped_answers.inquiries()["zero-shot"][0].rows
    large = shipped_answers.large_items(rows)
    items = {each.item for each in large}
    assert large == [each for each in rows if each.item in items]
    assert all(sum(each.item == item for each in large) >= shipped_answers.LARGE for item in items)


def test_what_is_not_planned_is_not_written_as_an_empty_file() -> None:
    with pytest.raises(HpptError, match="zero-shot, strict"):
        shipped_answers.write_shipped_answers(["few-shot"])
