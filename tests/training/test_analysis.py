"""Primary contrasts of plans: looked at when all runs are made, and corrected for all plans."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hppt_lib.errors import HpptError
from hppt_lib.evaluation import outcome_of
from hppt_lib.instructions.model import write_instructions
from hppt_lib.records import read_records
from hppt_lib.training import analyse, read_arms, read_plan
from tests.helpers.records import HELD_OUT, made_record, write_made

PLAN = """\
seeds: 0-5
arms:
  judge: {reward: strict}
  noise: {reward: guarded}
  other: {reward: fractional}
primary: {arm: judge, less: noise, outcome: strict, expected: lower, margin: 0.15}
"""


@pytest.fixture
def plans(tmp_path: Path) -> list[Path]:
    """Two plans; all runs of the first are made, and five of the second's twelve."""
    write_instructions(tmp_path / "held.jsonl", HELD_OUT)
    held = str(tmp_path / "held.jsonl")
    paths = []
    for name, seeds in (("e9", range(6)), ("e8", range(2))):
        paths.append(tmp_path / f"{name}.yaml")
        paths[-1].write_text(PLAN)
        for seed in seeds:
            write_made(
                tmp_path / "records" / name,
                made_record(seed, 2 + seed % 2, arm="judge", held_out=held),
                made_record(seed, 8 + seed % 2, arm="noise", held_out=held),
                made_record(seed, 5, arm="other", held_out=held),
            )
    return paths


def test_what_is_made_is_looked_at_and_corrected_for_all(
    plans: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: a look at a sweep on its way, the wrong arms, or a correction without it."""
    monkeypatch.setenv("COLUMNS", "160")
    folder = plans[0].parent / "records"
    found = analyse(plans, ["none", folder])
    assert found.planned == 2 and list(found.found) == ["e9"]
    assert found.waiting == {"e8": "4 of 12 runs of its two arms are made"}
    e9 = found.found["e9"]
    assert e9.values == (0.2, 0.3) * 3 and e9.others == (0.8, 0.9) * 3
    assert e9.corrected == pytest.approx(2 * e9.p) and e9.verdict == "shown"
    text = found.as_text()
    assert "judge less noise, strict" in text and "lower by 0.15" in text
    assert "e8: not looked at: 4 of 12 runs" in text and "Holm over 2 planned" in text
    assert found.as_json()["found"]["e9"]["verdict"] == "shown"
    assert analyse(plans[1:], [folder]).as_text() == (
        "e8: not looked at: 4 of 12 runs of its two arms are made"
    )


def test_an_arm_of_another_plan_is_read_from_its_folder(plans: list[Path]) -> None:
    """Mistake: "not made yet" of runs that lie in the folder of the plan that made them."""
    plans[1].write_text(PLAN.replace("noise: {reward: guarded}", "noise: e9/noise"))
    records = plans[0].parent / "records"
    assert analyse(plans[1:], [records]).waiting == {"e8": "8 of 12 runs of its two arms are made"}
    plans[1].write_text(
        PLAN.replace("judge: {reward: strict}", "judge: e9/judge").replace(
            "noise: {reward: guarded}", "noise: e9/noise"
        )
    )
    found = analyse(plans, [records]).found
    assert found["e8"].values == found["e9"].values and found["e8"].others == found["e9"].others


def test_labels_beside_a_plan_hold_for_the_arms_that_it_takes(plans: list[Path]) -> None:
    """Mistakes: one arm as this plan's readers saw it beside one as others did; a plan without
    its last runs."""
    plans[1].write_text(PLAN.replace("noise: {reward: guarded}", "noise: e9/noise"))
    records = plans[0].parent / "records"
    with pytest.raises(HpptError, match=r"10 of 18 runs of .*e8.yaml are made"):
        read_arms(plans[1], [records])
    plans[1].write_text(plans[1].read_text().replace("0-5", "0-1"))
    (records / "e9" / "labels.jsonl").write_text(labels(records / "e9", answers=False))
    assert list(read_arms(plans[1], [records])) == ["judge", "other", "noise"]
    taken = read_arms(plans[1], [records])["noise"]
    assert [run.name for run in taken] == ["noise-seed0", "noise-seed1"]
    assert {outcome_of(run, "answers") for run in taken} == {0.0}
    (records / "e8" / "labels.jsonl").write_text(labels(records / "e9", answers=True))
    assert {outcome_of(run, "answers") for run in read_arms(plans[1], [records])["noise"]} == {1.0}


def labels(folder: Path, *, answers: bool) -> str:
    """Readers' labels that say the same of every response after training."""
    rows = [
        {"instruction": id, "response": response, "answers": answers}
        for record in read_records(folder)[0].values()
        for id, response in record.after
    ]
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_contrasts_without_a_plan_yet_are_corrected_for_too(plans: list[Path]) -> None:
    """Mistake: who writes the plans one by one looks at the first as if it were the only one."""
    plans[0].write_text(PLAN.replace("margin: 0.15", "margin: 0.15, family: 4"))
    found = analyse(plans, [plans[0].parent / "records"])
    assert found.planned == 4
    assert found.found["e9"].corrected == pytest.approx(4 * found.found["e9"].p)
    plans[0].write_text(PLAN.replace("margin: 0.15", "family: many"))
    with pytest.raises(HpptError, match="'family' must be a number"):
        analyse(plans, [])


def test_plans_without_a_contrast_are_passed_over(plans: list[Path]) -> None:
    """Mistake: a trial run counted as an experiment, or two plans of one name mixed up."""
    plain = plans[0].with_name("plain.yaml")
    plain.write_text(PLAN.partition("primary")[0])
    assert read_plan(plain).primary is None
    with pytest.raises(HpptError, match="None of these plans has a 'primary'"):
        analyse([plain], [])
    assert analyse([plain, plans[0]], [plans[0].parent / "records"]).planned == 1
    with pytest.raises(HpptError, match="Two plans are called 'e9'"):
        analyse([plans[0], plans[0]], [])


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("arm: judge", "arm: jugde", "line 6: 'arm' of 'primary' must be an arm of the plan"),
        ("arm: judge, ", "", "line 6: 'arm' of 'primary' must be"),
        ("less: noise", "less: judge", "line 6: A contrast needs two arms"),
        ("outcome: strict", "outcome: luck", "line 6: There is no outcome 'luck'"),
        ("margin: 0.15", "margin: some", "line 6: 'margin' must be a number"),
        ("expected", "expcted", "line 6: 'primary' has no 'expcted'. There are: arm, less"),
        ("expected: lower, ", "", "line 6: A 'margin' is 0 or more, and needs 'expected'"),
        ("{arm: judge, less: noise, outcome: strict, expected: lower, margin: 0.15}", "judge",
         "line 6: 'primary' must be a list in the form"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_contrast_is_told_with_its_line(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    """Mistake: a contrast of arms that there are not, found out after 40 runs."""
    path = tmp_path / "plan.yaml"
    path.write_text(PLAN.replace(old, new, 1))
    with pytest.raises(HpptError, match=says):
        read_plan(path)
