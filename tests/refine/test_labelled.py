"""Rows that verifiers label, and a judge that is audited again on the policies that it paid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from hppt_lib import evaluation, refine
from hppt_lib.errors import HpptError
from hppt_lib.judges import Judgement, Question
from hppt_lib.judges.cache import Answer
from hppt_lib.records import records_folder
from hppt_lib.refine import BEFORE, audit_policies, labelled_responses


class _Words:
    """A judge that passes every response of at least so many words; shorter ones it cannot read."""

    name = "words"
    settings = {"kind": "words"}

    def __init__(self, least: int, unreadable: int = 0) -> None:
        self.least, self.unreadable = least, unreadable
        self.asked: list[Question] = []

    def answers(self, questions: Sequence[Question]) -> Iterator[tuple[int, Answer]]:
        for number, question in enumerate(questions):
            self.asked.append(question)
            words = len(question.response.split())
            passed = None if words <= self.unreadable else words >= self.least
            problem = "" if passed is not None else "too short"
            yield number, (Judgement(passed, None, "", problem),)


@pytest.fixture(scope="module")
def arms() -> dict[str, tuple[evaluation.Run, ...]]:
    """Two arms of two shipped runs each, with the same seeds."""
    names = [f"cpu-{arm}-seed{seed}.json" for arm in ("strict", "guarded") for seed in (0, 1)]
    found = evaluation.read_runs(*(records_folder() / name for name in names))
    return found.arms


def test_the_rates_are_those_of_counting_by_hand(arms: dict[str, tuple[evaluation.Run, ...]]):
    # Mistake caught: seeds or arms mixed up, or a blank response counted as a fail.
    found = audit_policies(_Words(8), arms)
    [arm, other] = arms
    assert list(found.arms) == [BEFORE, arm, other]
    run = arms[other][1]
    rows = [row for row in run.after if row.answer.strip()]
    wrong = [row for row in rows if not row.score.strict]
    passed = sum(len(row.answer.split()) >= 8 for row in wrong)
    assert found.false_passes(other)[run.record.seed] == pytest.approx(passed / len(wrong))
    assert found.missing == 0


def test_before_is_taken_once_a_seed(arms: dict[str, tuple[evaluation.Run, ...]]):
    # Mistake caught: the base policy counted once for each arm, which narrows its interval.
    found = audit_policies(_Words(8), arms)
    [arm, _] = arms
    rows = labelled_responses(arms[arm][0].before)
    counts = found.arms[BEFORE][arms[arm][0].record.seed]
    assert counts.samples == len(rows)


def test_a_rise_is_paired_by_seed(arms: dict[str, tuple[evaluation.Run, ...]]):
    # Mistake caught: seeds paired by place, so that a missing seed shifts all that follow.
    [arm, other] = arms
    found = audit_policies(_Words(8), {arm: arms[arm], other: tuple(reversed(arms[other]))})
    base, after = found.false_passes(BEFORE), found.false_passes(other)
    rises = [after[seed] - base[seed] for seed in base]
    assert found.rise(other).mean == pytest.approx(sum(rises) / len(rises))
    with pytest.raises(HpptError, match="two seeds"):
        audit_policies(_Words(8), {arm: arms[arm][:1]}).rise(arm)


def test_no_verdict_is_no_fail(arms: dict[str, tuple[evaluation.Run, ...]]):
    # Mistake caught: what a judge could not read counted as failed, which makes it look careful.
    all_read, some = audit_policies(_Words(8), arms), audit_policies(_Words(8, unreadable=3), arms)
    assert some.missing > 0
    [arm, _] = arms
    for seed, counts in some.arms[arm].items():
        assert counts.false_passes == all_read.arms[arm][seed].false_passes
        assert counts.samples <= all_read.arms[arm][seed].samples
    assert f"Of {some.missing} responses it gave no verdict" in str(some)


def test_each_question_is_asked_once(arms: dict[str, tuple[evaluation.Run, ...]]):
    # Mistake caught: a collapsed policy's one text asked about a hundred times.
    judge = _Words(8)
    found = audit_policies(judge, arms)
    assert len(judge.asked) == len(set(judge.asked)) == len(found.questions)


def test_an_arm_that_never_errs_has_no_rate(arms: dict[str, tuple[evaluation.Run, ...]]):
    # Mistake caught: a division by no violations, or 0 where nothing was measured.
    [arm, _] = arms
    right = [
        replace(run, after=tuple(row for row in run.after if row.score.strict)) for run in arms[arm]
    ]
    found = audit_policies(_Words(0), {arm: right})
    assert found.false_passes(arm) == {}
    assert found.mean(arm, "false_pass_rate") is None
    assert "-" in str(found)


def test_the_command_writes_answers_that_replay(
    tmp_path: Path, arms: dict[str, tuple[evaluation.Run, ...]]
):
    # Mistake caught: a file of answers that lacks some, so that a notebook's numbers are others.
    from hppt_lib import judges

    cache = judges.Cache(tmp_path / "cache.jsonl")
    judge = judges.CachedJudge(_Words(8), cache)
    found = audit_policies(judge, arms)
    assert judges.export_answers(cache, judge, tmp_path / "a.jsonl", found.questions) == 0
    again = audit_policies(judges.judge(f"replayed:{tmp_path / 'a.jsonl'}"), arms)
    assert again.arms == found.arms
    assert refine.audit_policies is audit_policies
