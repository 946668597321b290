"""Compares runs on the same held-out instructions: paired by instruction, seed by seed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.evaluation.runs import SEEDS_FOR_A_MEAN, Run, arm_outcomes, arms_as_table
from hppt_lib.evaluation.satisfaction import (
    MEASURES,
    Evaluated,
    mean_length,
    missing_note,
    share_of,
)
from hppt_lib.intervals import Interval, mean_interval, paired_interval
from hppt_lib.records import RunRecord, Step
from hppt_lib.terminal import as_text, one_line, table


@dataclass(frozen=True)
class SeedDifference:
    """One run less one run of the baseline.

    Attributes:
        run: the run's name.
        baseline: the name of the run that is subtracted.
        seeds: of the two.
        difference: by measure, its interval over instructions, paired: for these two policies.
    """

    run: str
    baseline: str
    seeds: tuple[int, int]
    difference: Mapping[str, Interval]


@dataclass(frozen=True)
class ArmDifference:
    """An arm less the baseline, after training.

    Attributes:
        arm: its name.
        baseline: the name of the arm that is subtracted.
        pairs: each pair of runs.
        left_out: runs of either arm that have no partner.
        over_seeds: by measure, the mean of the pairs with Student's interval over seeds; empty
            below `SEEDS_FOR_A_MEAN` pairs.
    """

    arm: str
    baseline: str
    pairs: tuple[SeedDifference, ...]
    left_out: tuple[str, ...]
    over_seeds: Mapping[str, Interval]

    def higher(self, measure: str) -> int:
        """In how many pairs the arm's rate is the higher one."""
        return sum(pair.difference[measure].mean > 0 for pair in self.pairs)


@dataclass(frozen=True)
class Comparison:
    """Arms compared with the first of them.

    Attributes:
        arms: the runs by arm; the first is the baseline.
        differences: of each other arm.
        level: how sure each interval of a difference is. With several comparisons more than 95 %,
            so that all of them hold together in 95 % (Bonferroni).
        instructions: held-out instructions that all runs answered.
    """

    arms: Mapping[str, Sequence[Run]]
    differences: tuple[ArmDifference, ...]
    level: float
    instructions: int

    def as_json(self) -> dict[str, Any]:
        """Plain values, for a program."""
        runs = [
            {
                "arm": arm,
                "run": run.name,
                "seed": run.record.seed,
                **{name: asdict(share_of(run.after, name)) for name in MEASURES},
                "words": mean_length(run.after),
            }
            for arm, members in self.arms.items()
            for run in members
        ]
        return {
            "instructions": self.instructions,
            "level": self.level,
            "seeds_for_a_mean": SEEDS_FOR_A_MEAN,
            "runs": runs,
            "arms": [asdict(each) for each in arm_outcomes(self.arms)],
            "differences": [asdict(each) for each in self.differences],
        }

    def as_table(self) -> str:
        """Three tables: the arms, each run's rates, the differences; what they say and do not."""
        runs: list[list[object] | None] = []
        notes: list[str] = []
        for arm, members in self.arms.items():
            for place, run in enumerate(members):
                rates = [share_of(run.after, name) for name in MEASURES]
                words = f"{mean_length(run.after):.1f}"
                runs.append([arm if place == 0 else "", run.record.seed, *rates, words])
                if note := missing_note(run.after):
                    notes.append(f"{one_line(arm)}, seed {run.record.seed}: {note}.")
            runs.append(None)
        lines: list[list[object] | None] = []
        for each in self.differences:
            for place, pair in enumerate(each.pairs):
                shown = [signed(pair.difference[name]) for name in MEASURES]
                lines.append([each.arm if place == 0 else "", _seeds(pair), *shown])
            if len(each.pairs) > 1:
                counts = [f"{each.higher(name)} of {len(each.pairs)}" for name in MEASURES]
                lines.append(["", "higher in", *counts])
                if each.over_seeds:
                    spans = [signed(each.over_seeds[name]) for name in MEASURES]
                    lines.append(["", "over seeds", *spans])
            lines.append(None)
            if each.left_out:
                notes.append(f"Without a partner, left out: {', '.join(each.left_out)}.")
            if any(pair.seeds[0] != pair.seeds[1] for pair in each.pairs):
                notes.append(
                    f"'{one_line(each.arm)}' has no seed of the baseline's: paired in order."
                )
        baseline = next(iter(self.arms))
        sure = f"{100 * self.level:.3g} %"
        notes.append(
            f"Differences are of the {self.instructions} instructions, paired, with {sure} "
            "intervals: of these trained policies, not of what other seeds would give."
        )
        if len(self.differences) > 1:
            notes.append(f"All {len(self.differences)} comparisons together hold in 95 %.")
        fewest = min(len(each.pairs) for each in self.differences)
        if fewest < SEEDS_FOR_A_MEAN:
            notes.append(
                f"Over seeds there is no interval below {SEEDS_FOR_A_MEAN} seeds (here {fewest}): "
                "a few runs that collapse make it too narrow. Look at the seeds and at the counts."
            )
        outcomes = arm_outcomes(self.arms)
        if by := " and ".join(dict.fromkeys(each.answers_by for each in outcomes)):
            notes.append(f"What answers the question is said by {by}.")
        notes.append(
            f"Second line of a share: [95 % over seeds], from {SEEDS_FOR_A_MEAN} seeds on; (least, "
            "most) below. Collapsed: hardly an answer of substance, or the answers much alike."
        )
        return as_text(
            arms_as_table(outcomes, "Arms after training, means over seeds"),
            table(
                ["arm", "seed", *MEASURES, "words"],
                runs,
                title="After training, on the held-out instructions",
            ),
            table(
                ["arm", "seed", *MEASURES],
                lines,
                title=f"Less '{one_line(baseline)}'",
            ),
            *dict.fromkeys(notes),
        )


def compare(arms: Mapping[str, Sequence[Run]]) -> Comparison:
    """Compare arms with the first of them, after training.

    Two runs are paired by seed, and where the arms share none, in the order of their seeds. Each
    pair is compared instruction by instruction.

    Args:
        arms: by any name, the runs of each seed: `Runs.arms`, or your own choice.

    Raises:
        HpptError: fewer than two arms, an arm without runs or with one seed twice, or runs that
            were evaluated on other instructions.
    """
    if len(arms) < 2:
        raise HpptError(
            "These runs differ in nothing but their seed: one arm, and nothing to compare it with. "
            "Give runs of another reward, of other data or of another setting; or --each, to take "
            "each file or folder that you name as an arm of its own."
        )
    for name, runs in arms.items():
        seeds = [run.record.seed for run in runs]
        if not runs or len(set(seeds)) < len(seeds):
            what = "has no run" if not runs else f"has a seed twice ({_names(runs)})"
            raise HpptError(
                f"The arm '{name}' {what}. Give one run of each seed; or --each, to compare runs "
                "of the same settings with each other."
            )
    instructions = _same_heldout([run for runs in arms.values() for run in runs])
    (baseline, first), *others = arms.items()
    level = 1 - 0.05 / len(others)
    differences = tuple(_difference(name, runs, baseline, first, level) for name, runs in others)
    return Comparison(dict(arms), differences, level, instructions)


def paired_difference(
    first: Sequence[Evaluated], second: Sequence[Evaluated], *, guarded: bool, level: float = 0.95
) -> Interval:
    """The ISR of the first responses minus that of the second, paired by instruction.

    Args:
        first: evaluated responses, of one policy.
        second: of another (or of the same before training), to the same instructions; the number
            of samples may differ.
        guarded: guarded ISR, or strict.
        level: how sure the interval over instructions is.

    Returns:
        The mean over instructions, and its interval (`hppt_lib.intervals.paired_interval`).

    Raises:
        HpptError: the two answer different instructions, or fewer than two.
    """
    return _paired(first, second, "guarded ISR" if guarded else "strict ISR", level)


def _paired(
    first: Sequence[Evaluated], second: Sequence[Evaluated], measure: str, level: float
) -> Interval:
    shares, others = _shares(first, measure), _shares(second, measure)
    if shares.keys() != others.keys():
        raise HpptError(
            f"These responses answer different instructions: {_unshared(shares, others)}."
        )
    if len(shares) < 2:
        raise HpptError("A difference with an interval needs two instructions or more.")
    return paired_interval(list(shares.values()), [others[id] for id in shares], level)


@dataclass(frozen=True)
class OverSeeds:
    """A measure over the seeds of an arm.

    Attributes:
        values: one a seed.
        collapsed: how many of the runs collapsed (`hppt_lib.evaluation.Drift.collapsed`).
        interval: the mean with Student's interval over seeds; None for a single seed.
    """

    values: tuple[float, ...]
    collapsed: int
    interval: Interval | None

    @property
    def mean_misleads(self) -> bool:
        """Whether some runs collapsed and there are too few seeds for a mean all the same."""
        return bool(self.collapsed) and len(self.values) < SEEDS_FOR_A_MEAN

    def __str__(self) -> str:
        if self.interval is None:
            return f"{self.values[0]:.2f}, one seed"
        if not self.mean_misleads:
            return str(self.interval)
        return (
            f"{min(self.values):.2f} to {max(self.values):.2f} by seed, {self.collapsed} of "
            f"{len(self.values)} collapsed ({self.interval}: such an interval covers .7 to .9)"
        )


def over_seeds(values: Sequence[float], collapsed: Sequence[bool] = ()) -> OverSeeds:
    """A measure over the seeds of an arm: about the next training run, not about these policies.

    Args:
        values: one a seed.
        collapsed: for each seed whether its run collapsed; empty if that is not asked.

    Raises:
        HpptError: there is no value.
    """
    if not values:
        raise HpptError("An arm needs one run at least.")
    interval = mean_interval(values) if len(values) > 1 else None
    return OverSeeds(tuple(map(float, values)), sum(collapsed), interval)


def early_to_late(
    runs: Sequence[RunRecord], what: Callable[[Step], float], steps: int = 5
) -> OverSeeds:
    """How far something moved within each run: mean of its last steps less mean of its first.

    Early and late steps are of the *same* runs, so they are paired: one value a run.

    Args:
        runs: of one arm.
        what: from a step to the number, such as its ``reward``.
        steps: how many steps are early, and as many late.
    """
    moved = []
    for run in runs:
        early, late = (
            [what(each) for each in part] for part in (run.steps[:steps], run.steps[-steps:])
        )
        moved.append(sum(late) / len(late) - sum(early) / len(early))
    return over_seeds(moved)


def signed(interval: Interval) -> str:
    """A difference with its interval: ``+0.12 [+0.03, +0.20]``."""
    return f"{interval.mean:+.2f} [{interval.low:+.2f}, {interval.high:+.2f}]"


def _difference(
    arm: str, runs: Sequence[Run], baseline: str, first: Sequence[Run], level: float
) -> ArmDifference:
    ours, theirs = ({run.record.seed: run for run in some} for some in (runs, first))
    pairs = [(ours[seed], theirs[seed]) for seed in sorted(ours) if seed in theirs]
    if not pairs:
        in_order = (sorted(some.items()) for some in (ours, theirs))
        pairs = [(run, other) for (_, run), (_, other) in zip(*in_order, strict=False)]
    differences = tuple(
        SeedDifference(
            run.name,
            other.name,
            (run.record.seed, other.record.seed),
            {name: _paired(run.after, other.after, name, level) for name in MEASURES},
        )
        for run, other in pairs
    )
    used = {run.name for pair in pairs for run in pair}
    over_seeds: dict[str, Interval] = {}
    if len(pairs) >= SEEDS_FOR_A_MEAN:
        for name in MEASURES:
            means = [each.difference[name].mean for each in differences]
            over_seeds[name] = mean_interval(means, level)
    left_out = tuple(run.name for run in (*runs, *first) if run.name not in used)
    return ArmDifference(arm, baseline, differences, left_out, over_seeds)


def _same_heldout(runs: Sequence[Run]) -> int:
    """The number of instructions, which must be the same for all."""
    first = runs[0]
    asked = {each.instruction.id: each.instruction for each in first.after}
    for run in runs[1:]:
        others = {each.instruction.id: each.instruction for each in run.after}
        if asked != others:
            if asked.keys() == others.keys():
                [*changed] = (id for id in asked if asked[id] != others[id])
                why = f"'{changed[0]}' asks for something else in each"
            else:
                why = _unshared(asked, others)
            raise HpptError(
                f"'{first.name}' and '{run.name}' were evaluated on different held-out "
                f"instructions ({why}): their difference would be one of the questions. Compare "
                "runs with the same held-out set and the same evaluation.instructions."
            )
    return len(asked)


def _unshared(first: Mapping[str, Any], second: Mapping[str, Any]) -> str:
    parts = []
    for name, ours, theirs in (("first", first, second), ("second", second, first)):
        alone = [id for id in ours if id not in theirs]
        if alone:
            parts.append(f"{len(alone)} only in the {name}, such as '{alone[0]}'")
    return "; ".join(parts)


def _shares(rows: Sequence[Evaluated], measure: str) -> dict[str, float]:
    """By instruction, the share of its responses for which the measure holds."""
    outcomes: defaultdict[str, list[bool]] = defaultdict(list)
    for row in rows:
        outcomes[row.instruction.id].append(MEASURES[measure](row))
    return {id: sum(some) / len(some) for id, some in outcomes.items()}


def _seeds(pair: SeedDifference) -> str:
    one, other = pair.seeds
    return str(one) if one == other else f"{one} less {other}"


def _names(runs: Sequence[Run]) -> str:
    return ", ".join(run.name for run in runs)
