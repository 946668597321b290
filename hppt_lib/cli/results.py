"""The command ``hppt compare``, which compares trained policies from their run records."""

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
    hppt compare build/sweeps/mine
    hppt compare data/records/cpu-strict-seed*.json data/records/cpu-guarded-seed*.json
    hppt compare --each build/mine.json data/records/cpu-guarded-seed0.json
    """
    from json import dumps

    from hppt_lib import evaluation, training

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
    say(dumps(result.as_json(), indent=2) if json else result.as_table())
