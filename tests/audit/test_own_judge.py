"""A judge trained on labels: split by task, its threshold, its audit, from a pilot log."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from hppt_lib.audit import AuditRow, train_judge
from hppt_lib.audit.own_judge import split_by_task
from hppt_lib.errors import HpptError
from hppt_lib.evaluation import rescored
from hppt_lib.instructions.model import shipped_instructions
from hppt_lib.judges.head import HeadSettings, read_card
from hppt_lib.records import shipped_records
from hppt_lib.refine import labelled_responses, labelled_rows
from hppt_lib.verifiers import is_blank
from tests.helpers.pilots import HISTORIES, pilot_of
from tests.helpers.tiny_judge import tiny_judge


def rows(tasks: int = 60, each: int = 5) -> list[AuditRow]:
    draw = random.Random(0)
    made = []
    for task in range(tasks):
        for number in range(each):
            comma = draw.random() < 0.5
            words = draw.sample(["tea", "hot", "cold", "good", "warm", "cup", "leaf"], 4)
            text = (", " if comma else " ").join(words)
            made.append(
                AuditRow(f"{task}/{number}", f"Task {task}.", "No commas.", text, not comma, "k:k")
            )
    return made


@pytest.fixture
def base(tmp_path: Path) -> str:
    made = tiny_judge()
    made.model.save_pretrained(tmp_path / "base")
    made.tokenizer.save_pretrained(tmp_path / "base")
    return str(tmp_path / "base")


SETTINGS = HeadSettings(layers=(1,), hidden=16, steps=120)


def test_a_judge_learns_and_is_audited_on_other_tasks(tmp_path: Path, base: str) -> None:
    """Mistake: an audit on what it learnt from; a threshold that is not what was asked for."""
    made = train_judge(
        rows(), tmp_path / "mine", model=base, false_fail=0.1, settings=SETTINGS, progress=False
    )
    assert made.trained_on == 240 and made.rates.rows == 60
    learnt, held = split_by_task(rows(), 0.2, 0)
    assert not {each.prompt for each in learnt} & {each.prompt for each in held}
    assert {each.row.prompt for each in made.audit} == {each.prompt for each in held}
    assert made.auc.mean > 0.95 and made.rates.recall is not None
    assert made.rates.recall.mean == pytest.approx(0.9, abs=0.12)
    card = read_card(tmp_path / "mine")
    assert card["trained"]["labels"] == 240 and card["threshold"] == made.threshold
    assert "AUC" in str(made) and "240 labels" in str(made)
    # Mistake: κ with sixteen decimals and no interval.
    assert re.search(r", κ -?\d\.\d\d \[-?\d\.\d\d, -?\d\.\d\d\]\n", str(made)), str(made)


def test_fewer_labels_keep_the_audit(tmp_path: Path, base: str) -> None:
    """Mistake: judges of two sizes that are audited on different rows."""
    small, large = (
        train_judge(rows(), tmp_path / "j", model=base, labels=n, settings=SETTINGS, progress=False)
        for n in (80, None)
    )
    assert [each.row for each in small.audit] == [each.row for each in large.audit]
    assert small.trained_on == 80
    with pytest.raises(HpptError, match="240 labels to train on, not 900"):
        train_judge(rows(), tmp_path / "j", model=base, labels=900, settings=SETTINGS)


def test_too_little_is_said(tmp_path: Path, base: str) -> None:
    """Mistake: a judge of ten labels; a share of 20 for 20 %."""
    with pytest.raises(HpptError, match="at least 20 of each"):
        train_judge(rows(10), tmp_path / "j", model=base, settings=SETTINGS)
    with pytest.raises(HpptError, match="above 0 and below 1"):
        train_judge(rows(), tmp_path / "j", model=base, held_out=20, settings=SETTINGS)


def test_a_pilot_log_has_labels() -> None:
    """Mistake: verdicts that slip to the next constraint where soft ones are left out."""
    made = labelled_rows(pilot_of(HISTORIES))
    assert {each.kind for each in made} == {"punctuation:no_comma", "detectable_format:title"}
    for each in made:
        wanted = "," not in each.response if "comma" in each.kind else "<<" in each.response
        assert each.label is wanted


def test_a_run_s_responses_have_labels() -> None:
    """Mistake: a judge that is never audited on the policy that it paid; blank answers as rows."""
    heldout = shipped_instructions("hard_heldout")
    record = shipped_records("cpu-judged-seed0")[0]
    responses = rescored(record.after, heldout)
    made = labelled_responses(responses, "seed0/")
    answered = [each for each in responses if not is_blank(each.answer)]
    assert [each.label for each in made] == [each.score.strict for each in answered]
    assert len({each.item for each in made}) == len(made) and made[0].item.startswith("seed0/")
