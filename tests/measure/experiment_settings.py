"""Which settings give the narrowest interval for an hour: from the trial runs of a sweep.

    python -m tests.measure.experiment_settings build/sweeps/trials

Of each arm: the SD between seeds, the error within a run, the minutes of a run; and what two arms
of it could tell apart in a given time. Then the number of held-out instructions that is best for
the settings chosen. An SD from five seeds is known to half of itself or the double, and the table
says so.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from scipy import stats

from hppt_lib.evaluation import Run
from hppt_lib.terminal import as_text, table
from hppt_lib.training import read_sweep

SIZES = (30, 60, 96, 120, 160, 240)


def measure(
    folder: Annotated[Path, typer.Argument(help="The folder of a sweep.")],
    outcome: Annotated[str, typer.Option(help="Of which the spread is measured.")] = "guarded",
    hours: Annotated[float, typer.Option(help="Core-hours for two arms together.")] = 2.0,
    pooled: Annotated[
        float, typer.Option(help="The SD between seeds to plan with; 0: of each arm itself.")
    ] = 0.0,
) -> None:
    """Print the tables."""
    rows = []
    for arm, runs in read_sweep(folder).arms.items():
        spread, low, high = _spread([_value(run, outcome) for run in runs])
        within = math.sqrt(np.mean([_within(run, outcome) ** 2 for run in runs]))
        training, whole = (np.mean(some) / 60 for some in _seconds(folder, runs))
        rows.append(
            [
                arm,
                len(runs),
                f"{np.mean([_value(run, outcome) for run in runs]):.3f}",
                f"{spread:.3f} [{low:.3f}, {high:.3f}]",
                f"{within:.3f}",
                f"{training:.1f}",
                f"{whole:.1f}",
                f"{half_width(pooled or spread, whole, hours):.3f}",
                f"{sum(run.collapsed for run in runs)} of {len(runs)}",
            ]
        )
    heads = ["arm", "runs", outcome, "SD between seeds", "within", "training", "in all"]
    heads += [f"± in {hours:g} h", "collapsed"]
    print(as_text(table(heads, rows, title="Trial runs (minutes)", text=(0, 3)), width=120))
    print(as_text(_sizes(folder, outcome, hours, pooled)))


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


def _sizes(folder: Path, outcome: str, hours: float, pooled: float):  # type: ignore[no-untyped-def]
    """What fewer held-out instructions would save, and cost: computed, over all arms."""
    runs = [run for arm in read_sweep(folder).arms.values() for run in arm]
    arms = list(read_sweep(folder).arms.values())
    training, whole = (np.mean(some) / 60 for some in _seconds(folder, runs))
    count = len({row.instruction.id for row in runs[0].after})
    share = np.mean([_within(run, outcome) ** 2 for run in runs]) * count
    variances = [np.var([_value(run, outcome) for run in arm], ddof=1) for arm in arms]
    between = max(0.0, (pooled**2 if pooled else float(np.mean(variances))) - share / count)
    lines = []
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


def _spread(values: list[float]) -> tuple[float, float, float]:
    """The SD with its 95 % interval, as if runs were normal."""
    free = len(values) - 1
    squares = float(np.var(values, ddof=1)) * free
    low, high = (math.sqrt(squares / stats.chi2.ppf(q, free)) for q in (0.975, 0.025))
    return math.sqrt(squares / free), low, high


def _seconds(folder: Path, runs: list[Run] | tuple[Run, ...]) -> tuple[list[float], list[float]]:
    """Of training, and of the whole process, without the base's evaluation if it was shared."""
    whole = []
    for run in runs:
        done = json.loads((folder / "runs" / f"{run.name}.done").read_text(encoding="utf-8"))
        whole.append(float(done["seconds"]))
    return [run.record.seconds for run in runs], whole


if __name__ == "__main__":
    typer.run(measure)
