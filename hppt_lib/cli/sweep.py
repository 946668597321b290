"""The command ``hppt sweep``, which makes the runs of arms × seeds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hppt_lib.cli import options
from hppt_lib.cli.console import say
from hppt_lib.errors import HpptError, needs

commands = typer.Typer()


@commands.command(rich_help_panel="Training")
def sweep(
    plan: Annotated[Path, typer.Argument(help="A YAML file, as below.", show_default=False)],
    jobs: Annotated[
        int, typer.Option(help="Runs side by side. On a GPU they share it.", min=1)
    ] = 1,
    out: Annotated[
        Path | None,
        typer.Option(help="The sweep's folder.", show_default="build/sweeps/, and the plan's name"),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Check every run, print runs, hours and disk, and stop."),
    ] = False,
    status: Annotated[
        bool, typer.Option("--status", help="Print what is done, running, failed, left, and stop.")
    ] = False,
    retry_failed: Annotated[
        bool,
        typer.Option("--retry-failed", help="Try each run that fails once more, at the end."),
    ] = False,
    scheduler: Annotated[
        str | None,
        typer.Option(
            help="A Dask scheduler, tcp://HOST:8786 or file:ITS_FILE, whose workers make the runs.",
            show_default="this machine makes them",
        ),
    ] = None,
    json: Annotated[bool, options.JSON] = False,
    untrusted_code: Annotated[bool, options.UNTRUSTED_CODE] = False,
) -> None:
    """Make the runs of a plan: every arm with every seed, each in a process of its own.

    All runs are checked before the first begins. They are made seed by seed,
    and within a seed arm by arm, so that a sweep that is stopped leaves the
    arms in balance. Arms of a seed share the evaluation of the base policy.
    Each run has one thread, if the plan does not say another number, and
    stands behind other programs (nice: 10).

    Stopped at any moment (killed, Ctrl-C, the machine off), the same command
    goes on: with the runs that are left, and in each after its last whole
    step. A run that fails stops no other. Its log is in the folder runs, and
    the next call tries it again, after all others. Ends with status 1 if a
    run has failed.

    Examples:
    hppt sweep mine.yaml --dry-run
    hppt sweep mine.yaml --jobs 2
    hppt sweep mine.yaml --status
    hppt compare build/sweeps/mine
    hppt pictures build/sweeps/mine

    A file mine.yaml; 'settings' and arms take what a file for 'hppt train' may hold:
    seeds: 100-107
    settings:
      tier: cpu
      training: {steps: 20}
    arms:
      precise: {reward: guarded}
      noisy: {reward: "noisy(false_pass=0.2, of=guarded)"}
      long: {reward: guarded, training: {steps: 40}}

    Also: threads, nice, and minutes or samples, at which training stops, as
    for 'hppt train'; and what 'hppt analyse' is to look at, said beforehand:
    primary: {arm: noisy, less: precise, outcome: guarded, expected: lower}

    In a setting, {seed} stands for the seed:
    instructions: few-{seed}.jsonl

    An arm that another plan in the same folder makes, here 'precise' of e9.yaml, is not made
    again, and 'hppt analyse' reads it from there:
    rules: e9/precise

    Several machines that share the folder, under the same path:
    dask scheduler --scheduler-file dask.json        (on one of them)
    dask worker --scheduler-file dask.json --nthreads 1 --nworkers 2   (on each)
    hppt sweep mine.yaml --scheduler file:dask.json

    Or without Dask, for several sweeps in one folder share the runs. On Slurm:
    sbatch --array=1-8 --cpus-per-task=1 --wrap "hppt sweep mine.yaml"

    In Python, a table and figures of any sweep:
    from hppt_lib import figures, training
    runs = training.read_sweep("build/sweeps/mine")
    runs.table
    figures.draw_runs(runs, "build/pictures")
    """
    from json import dumps

    needs("train")
    from hppt_lib import training

    read = training.read_plan(plan)
    if not read.runs:
        raise HpptError(
            f"{plan} takes all of its arms from other plans: there is no run to make. 'hppt "
            "analyse' compares what is there."
        )
    folder = out or Path("build") / "sweeps" / plan.stem
    if status:
        state = training.state_of(read, folder)
        side_by_side = max(jobs, len(state.of("running")))
        say(dumps(state.as_json(), indent=2) if json else state.as_table(side_by_side))
        return
    if dry_run:
        checked = training.checked_runs(read, here=scheduler is None)
        if scheduler is None:
            training.require_room(checked, jobs)
        say(training.plan_table(checked))
        for line in training.forecast(read, checked, folder, jobs):
            say(line)
        return
    try:
        state = training.sweep(
            read,
            folder,
            jobs=jobs,
            scheduler=scheduler,
            retry_failed=retry_failed,
            show=lambda line: say(line, err=True),
        )
    except KeyboardInterrupt:
        say("stopped, and its runs with it; the same command goes on", err=True)
        raise typer.Exit(130) from None
    say(dumps(state.as_json(), indent=2) if json else state.as_table(jobs))
    say(f"records: {folder}")
    if state.of("failed"):
        raise typer.Exit(1)
