"""The primary contrasts of plans, looked at together and once: when all their runs are made."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.evaluation import (
    Compared,
    compare_arms,
    compared_as_json,
    compared_as_text,
    corrected,
    read_runs,
)
from hppt_lib.records import record_files, record_stem
from hppt_lib.training.sweep_plan import SweepPlan, read_plan


@dataclasses.dataclass(frozen=True)
class Analysis:
    """The primary contrasts of several plans.

    Attributes:
        found: by plan, the contrast, corrected for all of them (`hppt_lib.evaluation.corrected`).
        planned: how many primary contrasts there are to be: as many as plans have one, or as the
            largest ``family`` of them says.
        waiting: by plan, why its contrast is not looked at yet.
    """

    found: Mapping[str, Compared]
    planned: int
    waiting: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        """Plain values, for a program."""
        found = {name: compared_as_json(each) for name, each in self.found.items()}
        return {"planned": self.planned, "found": found, "waiting": dict(self.waiting)}

    def as_text(self) -> str:
        """Tables, and a line for each plan that waits."""
        lines = [f"{name}: not looked at: {why}" for name, why in self.waiting.items()]
        if self.found:
            lines.insert(0, compared_as_text(self.found, self.planned))
        return "\n".join(lines)


def analyse(plans: Sequence[str | Path], folders: Sequence[str | Path]) -> Analysis:
    """Look at the primary contrasts of plans, with Holm's correction over all of them.

    A contrast is looked at when all runs of its two arms are made: who looks on the way and stops
    at a good moment finds something too often.

    Args:
        plans: files of plans; those without ``primary`` are passed over.
        folders: where to look for a plan's records, in a folder of its name: ``build/sweeps``, say.
            The first that holds one is taken.

    Raises:
        HpptError: a plan cannot be read, none has a ``primary``, two have one name, or an outcome
            is not known.
    """
    measured: dict[str, Compared] = {}
    waiting: dict[str, str] = {}
    named: list[str] = []
    planned = 0
    for path in map(Path, plans):
        plan = read_plan(path)
        if plan.primary is None:
            continue
        if path.stem in named:
            raise HpptError(f"Two plans are called '{path.stem}': their records would be mixed up.")
        named.append(path.stem)
        planned = max(planned, len(named), plan.primary.family)
        made, needed = _records(plan, [Path(each) / path.stem for each in folders])
        if len(made) < needed:
            waiting[path.stem] = f"{len(made)} of {needed} runs of its two arms are made"
            continue
        runs = read_runs(*made)
        if runs.broken:
            raise HpptError(f"A record cannot be read: {next(iter(runs.broken.values()))}")
        one, other = (
            [run for run in runs.each if made[run.path] == arm]
            for arm in (plan.primary.arm, plan.primary.less)
        )
        measured[path.stem] = compare_arms(one, other, plan.primary)
    if not named:
        raise HpptError("None of these plans has a 'primary': hppt sweep --help shows one.")
    return Analysis(corrected(measured, planned), planned, waiting)


def _records(plan: SweepPlan, folders: Sequence[Path]) -> tuple[dict[Path, str], int]:
    """The arm of each record of a plan's two primary arms, and how many there are to be."""
    assert plan.primary is not None
    arms = (plan.primary.arm, plan.primary.less)
    runs = [run for run in plan.runs if run.arm in arms]
    for folder in folders:
        files = {record_stem(path): path for path in record_files(folder)}
        if there := {files[run.name]: run.arm for run in runs if run.name in files}:
            return there, len(runs)
    return {}, len(runs)
