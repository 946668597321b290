"""What a run cost: rollouts, tokens, a judge's verdicts, minutes; and the pilot beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from statistics import fmean
from typing import TYPE_CHECKING

from hppt_lib.errors import HpptError
from hppt_lib.evaluation.comparison import signed
from hppt_lib.evaluation.contrasts import gain
from hppt_lib.evaluation.runs import Run
from hppt_lib.instructions.model import Instruction, chosen_instructions
from hppt_lib.intervals import Interval
from hppt_lib.records import RunRecord
from hppt_lib.terminal import table

if TYPE_CHECKING:
    from rich.table import Table


@dataclass(frozen=True)
class Costs:
    """What the training of a run took.

    Attributes:
        rollouts: responses that were sampled for training.
        tokens: their tokens, thoughts included.
        verdicts: constraints of these responses that a judge decides: what it was asked at most,
            for equal questions are asked once, and what a rule has settled is not asked.
        minutes: of training, by the clock.
        teaching: share of groups whose rewards differ.
    """

    rollouts: int
    tokens: int
    verdicts: int
    minutes: float
    teaching: float


@dataclass(frozen=True)
class ArmCosts:
    """An arm's bill beside what it gained.

    Attributes:
        arm: its name.
        each: what each run cost, in order of seeds.
        pilot: rollouts that its data cost before any run, once for all runs.
        gain: an outcome after training less before, over seeds; None if it is not known, there is
            one run, or a seed is there twice.
    """

    arm: str
    each: tuple[Costs, ...]
    pilot: int
    gain: Interval | None

    def mean(self, what: str) -> float:
        """The mean over the runs of a field of `Costs`."""
        return fmean(getattr(each, what) for each in self.each)

    def rollouts(self, *, shared_by: int = 1) -> float:
        """Rollouts of a run, with its part of the pilot.

        Args:
            shared_by: how many runs share the pilot.

        Raises:
            ValueError: it is shared by none.
        """
        if shared_by < 1:
            raise ValueError("a pilot is shared by one run at least")
        return self.mean("rollouts") + self.pilot / shared_by


def run_costs(record: RunRecord, instructions: Sequence[Instruction] | None = None) -> Costs:
    """What the training of a run took, from its record.

    Args:
        record: a record with its rollouts.
        instructions: what it trained on; None for the instructions that the record names. They are
            read only if a judge was asked.

    Raises:
        HpptError: the record has no step, or its instructions are not there or are others.
    """
    taught = teaching_share(record)
    verdicts = 0
    if "judged(" in record.reward:  # the name is read, not made a reward: it may be somebody's code
        kinds = ("soft", "hard") if "decides=all" in record.reward else ("soft",)
        name = str(record.settings.get("instructions"))
        known = chosen_instructions(name) if instructions is None else instructions
        decided = {each.id: sum(one.kind in kinds for one in each.constraints) for each in known}
        asked = [id for step in record.steps for id, _ in step.responses]
        if unknown := [id for id in asked if id not in decided]:
            raise HpptError(f"'{name}' has no instruction '{unknown[0]}', which the record has.")
        verdicts = sum(decided[id] for id in asked)
    return Costs(
        rollouts=sum(len(step.responses) for step in record.steps),
        tokens=round(sum(step.length * len(step.responses) for step in record.steps)),
        verdicts=verdicts,
        minutes=record.seconds / 60,
        teaching=taught,
    )


def teaching_share(record: RunRecord) -> float:
    """The share of a run's groups of rollouts that teach: their rewards are not all equal.

    Raises:
        HpptError: the record has no step.
    """
    if not record.steps:
        raise HpptError(f"The record '{record.name}' has no step: nothing was spent.")
    return 1 - fmean(step.zero_variance for step in record.steps)


def arm_costs(
    arms: Mapping[str, Sequence[Run]],
    *,
    pilots: Mapping[str, int] | None = None,
    outcome: str = "success",
    weights: str = "",
) -> list[ArmCosts]:
    """What the runs of each arm cost, beside what they gained.

    Args:
        arms: the runs by arm, such as `Runs.arms`.
        pilots: by arm, the rollouts of the pilot that chose its data.
        outcome: what is gained (see `outcome_of`).
        weights: see `Contrast`.

    Raises:
        HpptError: see `run_costs`; or a pilot is of no arm here.
    """
    known = dict(pilots or {})
    if lost := [arm for arm in known if arm not in arms]:
        raise HpptError(f"A pilot is of the arm '{lost[0]}'. There are: {', '.join(arms)}.")
    found = []
    for arm, runs in arms.items():
        costs = tuple(run_costs(run.record) for run in runs)
        moved = None
        with suppress(HpptError):  # not labelled yet, one run, or a seed twice
            moved = gain(runs, outcome, weights=weights)
        found.append(ArmCosts(arm, costs, known.get(arm, 0), moved))
    return found


def costs_as_table(found: Sequence[ArmCosts]) -> Table:
    """The bills of arms for `hppt_lib.terminal.as_text`: means of one run.

    *asked*: verdicts of a judge; *teach*: share of groups that do; *gain*: with its 95 % interval.
    """
    pilots = any(each.pilot for each in found)
    gains = any(each.gain for each in found)
    headings = [
        "arm",
        "rollouts",
        *(["pilot"] if pilots else []),
        "tokens",
        "asked",
        "teach",
        "min",
    ]
    headings += ["gain"] if gains else []
    rows: list[list[object]] = []
    for each in found:
        counts = [f"{each.mean(what):,.0f}" for what in ("rollouts", "tokens", "verdicts")]
        rows.append(
            [
                each.arm,
                counts[0],
                *([f"{each.pilot:,}" if each.pilot else None] if pilots else []),
                *counts[1:],
                f"{each.mean('teaching'):.2f}",
                f"{each.mean('minutes'):.1f}",
                *([signed(each.gain).replace(" [", "\n[") if each.gain else None] if gains else []),
            ]
        )
    return table(headings, rows, title="What one run cost")


def runs_for_a_pilot(pilot: int, rollouts: float, share: float) -> int:
    """How many runs must share a pilot for it to be at most a share of their bill.

    ``pilot / (pilot + runs * rollouts) <= share``.

    Args:
        pilot: rollouts of the pilot.
        rollouts: rollouts of one run.
        share: above 0, below 1.

    Raises:
        ValueError: the share is out of range, or a run has no rollout.
    """
    if not 0 < share < 1 or rollouts <= 0:
        raise ValueError("a share lies between 0 and 1, and a run has rollouts")
    return ceil(pilot * (1 - share) / share / rollouts)
