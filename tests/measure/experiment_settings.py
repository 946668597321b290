"""Which settings give the narrowest interval for an hour: from the trial runs of a sweep.

    python -m tests.measure.experiment_settings build/sweeps/trials
    python -m tests.measure.experiment_settings data/records/trials     (without minutes in all)

Of each arm: the SD between seeds, the error within a run, the minutes of a run; and what two arms
of it could tell apart in a given time. Then the number of held-out instructions that is best for
the settings chosen. An SD from five seeds is known to half of itself or the double, and the table
says so.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.table import Table
from scipy import stats

from hppt_lib.evaluation import Run, read_runs
from hppt_lib.terminal import as_text, table

SIZES = (30, 60, 96, 120, 160, 240)


def measure(
    folder: Annotated[Path, typer.Argument(help="The folder of a sweep, or of records.")],
    outcome: Annotated[str, typer.Option(help="Of which the spread is measured.")] = "guarded",
    hours: Annotated[float, typer.Option(help="Core-hours for two arms together.")] = 2.0,
    pooled: Annotated[
        float, typer.Option(help="The SD between seeds to plan with; 0: of each arm itself.")
    ] = 0.0,
) -> None:
    """Print the tables."""
    arms = read_runs(folder).arms
    rows: list[list[object]] = []
    for arm, runs in arms.items():
        mean, spread, low, high, within = spread_of(runs, outcome)
        training, whole = _minutes(folder, runs)
        width = "-" if whole is None else f"{half_width(pooled or spread, whole, hours):.3f}"
        rows.append(
            [arm, len(runs), f"{mean:.3f}", f"{spread:.3f} [{low:.3f}, {high:.3f}]"]
            + [f"{within:.3f}", f"{sum(run.collapsed for run in runs)} of {len(runs)}"]
            + [f"{training:.1f}", "-" if whole is None else f"{whole:.1f}", width]
        )
    heads = [
        "arm",
        "runs",
        outcome,
        "SD between seeds",
        "within",
        "collapsed",
        "training",
        "in all",
    ]
    heads += [f"± in {hours:g} h"]
    print(as_text(table(heads, rows, title="Trial runs (minutes)", text=(0, 3)), width=120))
    every = [run for runs in arms.values() for run in runs]
    training, whole = _minutes(folder, every)
    if whole is None:
        print("What a run took in all is in the folder of its sweep only: no sizes are computed.")
    else:
        print(as_text(_sizes(list(arms.values()), training, whole, outcome, hours, pooled)))


def spread_of(runs: Sequence[Run], outcome: str) -> tuple[float, float, float, float, float]:
    """Of an arm: mean, SD between seeds with its 95 % interval, and the error within a run."""
    values = [_value(run, outcome) for run in runs]
    free = len(values) - 1
    squares = float(np.var(values, ddof=1)) * free
    # As if runs were normal.
    low, high = (math.sqrt(squares / stats.chi2.ppf(q, free)) for q in (0.975, 0.025))
    within = math.sqrt(float(np.mean([_within(run, outcome) ** 2 for run in runs])))
    return float(np.mean(values)), math.sqrt(squares / free), low, high, within


def half_width(spread: float, minutes: float, hours: float) -> float:
    """Half of the 95 % interval of a difference of two arms, as many runs as fit, unpaired.

    Args:
        spread: SD of a run's outcome, its error within included.
        minutes: of a run on one core.
        hours: core-hours for both arms.
    """
    runs = int(hours * 60 / minutes / 2)
    if runs < 2:
        return math.inf
    return float(stats.t.ppf(0.975, 2 * runs - 2)) * spread * math.sqrt(2 / runs)


def _sizes(
    arms: Sequence[Sequence[Run]],
    training: float,
    whole: float,
    outcome: str,
    hours: float,
    pooled: float,
) -> Table:
    """What fewer held-out instructions would save, and cost: computed, over all arms."""
    runs = [run for arm in arms for run in arm]
    count = len({row.instruction.id for row in runs[0].after})
    share = float(np.mean([_within(run, outcome) ** 2 for run in runs])) * count
    variances = [np.var([_value(run, outcome) for run in arm], ddof=1) for arm in arms]
    between = max(0.0, (pooled**2 if pooled else float(np.mean(variances))) - share / count)
    lines: list[list[object]] = []
    for size in SIZES:
        minutes = training + (whole - training) * size / count
        spread = math.sqrt(between + share / size)
        lines.append(
            [size, f"{math.sqrt(share / size):.3f}", f"{spread:.3f}", f"{minutes:.1f}"]
            + [f"{half_width(spread, minutes, hours):.3f}"]
        )
    heads = ["held-out instructions", "within a run", "SD of a run", "minutes"]
    title = "How many to evaluate on (computed: evaluation costs in proportion)"
    return table([*heads, f"± in {hours:g} core-hours"], lines, title=title)


def _value(run: Run, outcome: str) -> float:
    value = run.outcomes()[outcome]
    assert value is not None, f"{outcome} is not known of {run.name}"
    return float(value)


def _within(run: Run, outcome: str) -> float:
    share = _value(run, outcome)
    return math.sqrt(share * (1 - share) / len(run.after))


def _minutes(folder: Path, runs: Sequence[Run]) -> tuple[float, float | None]:
    """A run's mean of training, and in all; None of records that left their sweep's folder."""
    training = float(np.mean([run.record.seconds for run in runs])) / 60
    files = [folder / "runs" / f"{run.name}.done" for run in runs]
    if not all(each.is_file() for each in files):
        return training, None
    whole = [float(json.loads(each.read_text(encoding="utf-8"))["seconds"]) for each in files]
    return training, float(np.mean(whole)) / 60


if __name__ == "__main__":
    typer.run(measure)
