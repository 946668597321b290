"""The primary contrasts of plans, looked at together and once: when all their runs are made."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.evaluation import (
    Compared,
    Run,
    compare_arms,
    compared_as_json,
    compared_as_text,
    corrected,
    read_runs,
)
from hppt_lib.evaluation.answers import answers_beside
from hppt_lib.records import record_files, record_stem
from hppt_lib.training.sweep_plan import PlannedRun, SweepPlan, read_plan


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
    roots = [Path(each) for each in folders]
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
        two = (plan.primary.arm, plan.primary.less)
        made, needed = _records(plan, roots, two)
        if len(made) < needed:
            waiting[path.stem] = f"{len(made)} of {needed} runs of its two arms are made"
            continue
        arms = _read(plan, made)
        measured[path.stem] = compare_arms(arms[two[0]], arms[two[1]], plan.primary)
    if not named:
        raise HpptError("None of these plans has a 'primary': hppt sweep --help shows one.")
    return Analysis(corrected(measured, planned), planned, waiting)


def read_arms(plan: str | Path, folders: Sequence[str | Path]) -> dict[str, tuple[Run, ...]]:
    """The runs of a plan by arm: its own in its order, then those that it takes from other plans.

    Where it takes some and labels lie beside its own records, these say for all arms which
    responses answer: readers who saw all arms of a seed in one sheet differ least between arms.

    Args:
        plan: the plan's file.
        folders: as in `analyse`.

    Raises:
        HpptError: the plan or a record cannot be read, or not all runs are made.
    """
    known = read_plan(plan)
    made, needed = _records(known, [Path(each) for each in folders])
    if len(made) < needed:
        raise HpptError(f"{len(made)} of {needed} runs of {plan} are made.")
    return _read(known, made)


def _records(
    plan: SweepPlan, folders: Sequence[Path], arms: Sequence[str] = ()
) -> tuple[dict[Path, PlannedRun], int]:
    """The run of each record of some arms (none given: all), and how many there are to be."""
    runs = [run for run in (*plan.runs, *plan.taken) if not arms or run.arm in arms]
    found: dict[Path, PlannedRun] = {}
    for sweep in dict.fromkeys(_sweep(plan, run) for run in runs):
        own = [run for run in runs if _sweep(plan, run) == sweep]
        for folder in folders:
            files = {record_stem(path): path for path in record_files(folder / sweep)}
            if there := {files[run.name]: run for run in own if run.name in files}:
                found |= there
                break
    return found, len(runs)


def _sweep(plan: SweepPlan, run: PlannedRun) -> str:
    """The name of the plan that makes a run."""
    return run.taken.partition("/")[0] or plan.path.stem


def _read(plan: SweepPlan, made: Mapping[Path, PlannedRun]) -> dict[str, tuple[Run, ...]]:
    """Records by arm, in the plan's order; `read_arms` says whose labels count."""
    own = next((path.parent for path, run in made.items() if not run.taken), None)
    runs = read_runs(*made, answers=answers_beside(own) if plan.taken and own else None)
    if runs.broken:
        raise HpptError(f"A record cannot be read: {next(iter(runs.broken.values()))}")
    arms: dict[str, list[Run]] = {arm: [] for arm in plan.arms}
    for run in runs.each:
        arms.setdefault(made[run.path].arm, []).append(run)
    return {arm: tuple(each) for arm, each in arms.items() if each}
