"""The commands on run records: ``hppt compare``, and ``hppt analyse`` for planned experiments."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hppt_lib.cli import options
from hppt_lib.cli.console import say

commands = typer.Typer()


@commands.command(rich_help_panel="Training")
def compare(
    runs: Annotated[
        list[Path], typer.Argument(help="Run records, and folders of them.", show_default=False)
    ],
    each: Annotated[
        bool,
        typer.Option("--each", help="Take each file or folder as an arm, whatever its settings."),
    ] = False,
    costs: Annotated[
        bool,
        typer.Option(
            "--costs", help="Also what one run of each arm cost: rollouts, tokens, minutes."
        ),
    ] = False,
    held_out: Annotated[
        str | None,
        typer.Option(
            help="The held-out instructions: a name in data/instructions, or a JSONL file.",
            show_default="those that each record names",
        ),
    ] = None,
    json: Annotated[bool, options.JSON] = False,
    untrusted_code: Annotated[bool, options.UNTRUSTED_CODE] = False,
) -> None:
    """Compare trained policies on the same held-out instructions, paired, with intervals.

    Runs that differ in nothing but their seed are one arm, and in the folder of
    a sweep those of an arm of its plan, in its order. The first is the
    baseline: every other arm is compared with it, seed by seed, in strict and
    in guarded ISR. Runs that were evaluated on other instructions are
    refused. A record that cannot be read is named and left out.

    Examples:
    hppt compare build/records
    hppt compare build/sweeps/mine --costs
    hppt compare data/records/cpu-strict-seed*.json data/records/cpu-guarded-seed*.json
    hppt compare --each build/mine.json data/records/cpu-guarded-seed0.json
    """
    from dataclasses import asdict
    from json import dumps

    from hppt_lib import evaluation, training
    from hppt_lib.terminal import as_text

    ordered = [each for place in runs for each in training.sweep_records(place) or [place]]
    found = evaluation.read_runs(*ordered, held_out=held_out)
    for path, reason in found.broken.items():
        say(f"left out: {path}: {reason}", err=True)
    arms = found.arms
    if each:
        arms = {
            str(place): tuple(run for run in found.each if place in (run.path, run.path.parent))
            for place in dict.fromkeys(runs)
        }
    result = evaluation.compare(arms)
    bills = evaluation.arm_costs(arms) if costs else []
    if json:
        more = {"costs": [asdict(each) for each in bills]} if costs else {}
        say(dumps(result.as_json() | more, indent=2))
        return
    say(result.as_table())
    if costs:
        say(as_text(evaluation.costs_as_table(bills)))


@commands.command(rich_help_panel="Training")
def analyse(
    plans: Annotated[
        list[Path],
        typer.Argument(help="Plans of sweeps that name a 'primary'.", show_default=False),
    ],
    records: Annotated[
        list[Path] | None,
        typer.Option(
            help="Where to look for a folder of a plan's name with its records. May be repeated.",
            show_default="build/sweeps, then data/records",
        ),
    ] = None,
    json: Annotated[bool, options.JSON] = False,
    untrusted_code: Annotated[bool, options.UNTRUSTED_CODE] = False,
) -> None:
    """Analyse experiments as their plans said before they were run: one contrast each.

    The unit is the seed: paired from 8 seeds on, Welch's interval below, exact
    permutation tests, Holm's correction over all plans that are named here,
    whether or not they are run yet ('family: 5' in a plan: over five at
    least). A contrast is looked at when all runs of
    its two arms are made. Beside it: how many runs collapsed, interquartile
    means, and the share of runs above each value.

    In a plan (arms of the plan; outcome, expected, margin and weights may be
    left out):
    primary: {arm: judge, less: noise, outcome: success, expected: lower, margin: 0.15}

    Example: hppt analyse data/experiments/*.yaml
    """
    from json import dumps

    from hppt_lib import training

    folders = records or [Path("build/sweeps"), Path("data/records")]
    found = training.analyse(plans, folders)
    say(dumps(found.as_json(), indent=2) if json else found.as_text())
