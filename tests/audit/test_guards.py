"""The guards' audit: verdicts held against readers' labels, by arm and by kind of no answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hppt_lib.audit import AnswerLabel, audit_guard, read_answer_labels
from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Instruction
from tests.helpers.commands import hppt

TEA = Instruction("tea", "Write about tea.", (), "Write about tea.", ("tea",))
TRUE = AnswerLabel(
    *("tea", TEA.query, "", "Tea is a hot drink.", "run", "after", "strict"),
    *(0, "report", True, "", True),
)
FALSE = replace(TRUE, response="tea", answers=False, kind="word_heap", first=False)
HACK = replace(FALSE, response="Tea is the epic movie with smiling faces.", kind="nonsense")


def test_each_verdict_counts_for_its_arm_and_kind() -> None:
    """Mistake: verdicts and labels exchanged, an arm's rows under another, or kinds not counted."""
    base = [replace(each, arm="base") for each in (TRUE, TRUE, FALSE)]
    missed = replace(TRUE, response="It warms the hands.")
    found = audit_guard("substance", [TRUE, FALSE, HACK, missed, *base], [TEA])
    assert list(found.arms) == ["base", "strict", "all"]
    strict = found.arms["strict"].counts
    assert (strict.true_passes, strict.false_passes) == (1, 1)
    assert (strict.true_fails, strict.false_fails) == (1, 1)
    assert found.arms["all"].rows == 7 and found.arms["base"].counts.samples == 3
    assert found.kinds == {"word_heap": (0, 2), "nonsense": (1, 1)}
    assert audit_guard("none", [FALSE], [TEA]).kinds == {"word_heap": (1, 1)}


def test_the_rates_in_the_readme_are_those_of_this_guard() -> None:
    """Mistake: a guard that is changed, and told as good as it was before."""
    report = audit_guard().arms
    assert {arm: report[arm].counts.false_passes for arm in ("base", "guarded", "all")} == {
        "base": 2,
        "guarded": 4,
        "all": 13,
    }
    overall = report["all"]
    assert overall.kappa and overall.precision and overall.recall_on_false
    assert overall.kappa.kappa == pytest.approx(0.81, abs=0.005)
    assert overall.precision.mean == pytest.approx(0.91, abs=0.005)
    assert overall.recall_on_false.mean == pytest.approx(0.92, abs=0.005)


def test_the_guard_is_far_from_what_it_was_on_the_arm_that_it_paid() -> None:
    """Mistake: lists of words that pass again: 14 of 16 false responses of this arm did."""
    develop = audit_guard(labels=read_answer_labels("develop"))
    assert develop.arms["guarded"].counts.false_passes <= 6
    assert develop.kinds["word_heap"][0] <= 2


def test_what_cannot_be_audited_is_said() -> None:
    with pytest.raises(HpptError, match="no guard 'taste'"):
        audit_guard("taste")
    with pytest.raises(HpptError, match="no labels"):
        audit_guard(labels=[])
    with pytest.raises(HpptError, match="No instruction 'tea' is among"):
        audit_guard(labels=[TRUE])


@pytest.mark.slow
def test_the_command_prints_both_tables() -> None:
    done = hppt("audit-guard", "--guard", "topic")
    assert done.returncode == 0, done.stderr
    assert "recall on false" in done.stdout and "word_heap" in done.stdout
    assert hppt("audit-guard", "--split", "test").returncode == 1
