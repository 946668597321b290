"""The plans, judges and error rates of data/experiments: what a sweep of them would find."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hppt_lib.files import repository_folder
from hppt_lib.instructions.model import shipped_instructions
from hppt_lib.judges.head import read_card
from hppt_lib.refine import labelled_rows, shipped_pilot
from hppt_lib.training import checked_runs, read_plan

pytestmark = pytest.mark.slow  # every run of a plan is checked

FOLDER = repository_folder() / "data" / "experiments"
PLANS = sorted(FOLDER.glob("*.yaml"))


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_a_plan_can_be_started(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: a plan whose judge, error rates or arms are not there when its hours begin."""
    monkeypatch.chdir(repository_folder())
    plan = read_plan(path)
    assert len(checked_runs(plan, here=False)) == len(plan.runs) > 0
    assert plan.primary or path.stem == "trials"


@pytest.mark.parametrize("name", ["middling", "weak"])
def test_a_judge_has_its_audit_and_its_noise_is_fair(name: str) -> None:
    """Mistake: a judge of other labels than its card says, or noise that is no control."""
    card = read_card(FOLDER / "e9" / name)
    noise = json.loads((FOLDER / "e9" / f"{name}-noise.json").read_text(encoding="utf-8"))
    assert noise["measured"]["fair"] is True
    assert noise["measured"]["judge"] == f"data/experiments/e9/{name}"
    rows = labelled_rows(shipped_pilot("hard_judge", shipped_instructions("hard_judge")))
    most = len(rows) - card["trained"]["audit"]["rows"]
    assert card["trained"]["labels"] == {"middling": most, "weak": 300}[name]


def test_e10s_judge_abstains_where_its_calibration_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: thresholds typed into the plan, of another judge or of an older calibration."""
    monkeypatch.chdir(repository_folder())
    path = FOLDER / "e10" / "middling-lengths.json"
    measured = json.loads(path.read_text(encoding="utf-8"))["measured"]
    runs = {each.arm: each.settings.reward for each in read_plan(FOLDER / "e10.yaml").runs}
    assert measured["judge"] == "data/experiments/e9/middling"
    assert measured["judge"] in runs["abstaining"] and measured["judge"] in runs["corrected"]
    assert measured["abstaining"] and measured["abstaining"] in runs["abstaining"]
    assert runs["judge"] == runs["abstaining"].replace(f", {measured['abstaining']}", "")
    text = (FOLDER / "e10.md").read_text(encoding="utf-8")
    for tried in measured["on other groups"].values():
        for name in ("direction", "pull"):
            assert "{:.2f} [{:.2f}, {:.2f}]".format(*tried[name]) in text
