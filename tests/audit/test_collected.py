"""A table of audits reads back what audits wrote, and mixes nothing up."""

from __future__ import annotations

from pathlib import Path

import pytest

from hppt_lib.audit import audited_judges, collected_audits
from hppt_lib.audit.judged_rows import judge_rows
from hppt_lib.audit.report import Report, make_report
from hppt_lib.audit.report_output import write_report
from hppt_lib.errors import HpptError
from hppt_lib.judges import Judgement
from tests.helpers.judge_fakes import Fake, rows


def audited(name: str, passes: bool, data: str) -> Report:
    def answer(question):  # type: ignore[no-untyped-def]
        return tuple(Judgement(passes) for _ in question.constraints)

    judged = judge_rows(Fake(answer, name), rows(2, 2, 3), "pointwise")
    return make_report(judged, data=data, mode="pointwise")


def test_the_table_has_every_judge_of_every_audit_as_it_was_written(tmp_path: Path) -> None:
    """Mistake: numbers of another judge or set; a precision of a judge that never passes."""
    assert collected_audits(tmp_path / "nowhere") == []
    reports = {"b": audited("yes", True, "soft"), "a/deep": audited("no", False, "mine.jsonl")}
    for folder, report in reports.items():
        write_report(report, tmp_path / folder, {})
    no, yes = collected_audits(tmp_path)
    assert [no] == audited_judges(reports["a/deep"]) and [yes] == audited_judges(reports["b"])
    assert (no.judge, no.data, yes.judge, yes.data) == ("no", "mine.jsonl", "yes", "soft")
    assert no.shares["precision"] is None and no.as_row()["precision"] == "-"
    assert yes.shares["recall_on_false"] == reports["b"].judges[0].overall.recall_on_false
    assert yes.as_row()["rows of"] == "soft, pointwise" and yes.rows == 7


def test_another_file_of_that_name_is_refused(tmp_path: Path) -> None:
    """Mistake: a file of something else that is passed over, and a table that seems complete."""
    (tmp_path / "audit.json").write_text('{"judges": 3}')
    with pytest.raises(HpptError, match="no report of 'hppt audit'"):
        collected_audits(tmp_path)
