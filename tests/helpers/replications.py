"""A replication of random models of a few thousand weights, its runs made in this process."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hppt_lib.refine import Pilot, Refinement, step_b
from hppt_lib.refine import refinement as real_refinement
from hppt_lib.tiers import TIERS
from hppt_lib.training import replication, replication_plan, sweeps
from hppt_lib.training.experiment import run_and_write
from hppt_lib.training.replication_plan import ReplicationPlan, plan_replication
from hppt_lib.training.settings import Budget, Change, run_settings
from tests.helpers.tiny_judge import tiny_judge


def tiny_model(folder: Path) -> Path:
    """Policy and judge in one: it reads any text by bytes, and writes nonsense."""
    policy = tiny_judge()
    policy.model.save_pretrained(folder)
    policy.tokenizer.save_pretrained(folder)
    return folder


def tiny_replication(model: Path) -> ReplicationPlan:
    """The plan at tier smoke."""
    return plan_replication(TIERS["smoke"], 1, judge=str(model), model=str(model))


def in_this_process(patch: pytest.MonkeyPatch) -> None:
    """Make the runs of sweeps without a process for each, which takes longer than the run."""

    def made(folder: str, name: str, invocation: str, allow_code: bool) -> tuple[str, str]:
        files = sweeps._Files(Path(folder), name)
        if files.record.exists():
            return name, "done"
        spec = files.read("settings")
        run_and_write(
            run_settings(spec["tier"], [Change(*change) for change in spec["changes"]]),
            files.record,
            budget=Budget(**spec["budget"]),
            base_folder=files.folder / "base",
            notes={each: spec[each] for each in ("arm", "by_seed") if spec[each]},
            progress=False,
            show=lambda line: None,
        )
        return name, "done"

    patch.setattr(sweeps, "_make", made)


def every_second_kept(patch: pytest.MonkeyPatch) -> None:
    """Make Step A keep every second instruction: random models are never rewarded."""

    def refinement(pilot: Pilot, **options: Any) -> Refinement:
        result = real_refinement(pilot, **options)
        decisions = tuple(
            replace(each, kept=place % 2 == 0) for place, each in enumerate(result.step_a.decisions)
        )
        step = replace(result.step_a, decisions=decisions)
        return replace(result, step_a=step, kept=step_b(step.kept))

    patch.setattr(replication, "refinement", refinement)


def fewer_arms(patch: pytest.MonkeyPatch, *arms: str) -> None:
    """Make every plan from here on one of these arms alone."""

    def planned(*arguments: Any, **options: Any) -> ReplicationPlan:
        plan = plan_replication(*arguments, **options)
        return replace(plan, size=replace(plan.size, arms=arms))

    patch.setattr(replication_plan, "plan_replication", planned)
