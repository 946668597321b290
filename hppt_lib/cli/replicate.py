"""The command ``hppt replicate``, which makes the paper's experiments on one machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from hppt_lib.cli import options
from hppt_lib.cli.console import say
from hppt_lib.errors import HpptError, needs

commands = typer.Typer()
_HOURS = {"smoke": 0.5, "cpu": 0.5}


@commands.command(rich_help_panel="Training")
def replicate(
    tier: Annotated[str | None, options.TIER] = None,
    hours: Annotated[
        float | None,
        typer.Option(
            help="Wall-clock time that there is: what is made is cut to fit.",
            show_default="0.5 at smoke and cpu, 4 on a GPU",
            min=0.01,
        ),
    ] = None,
    judge: Annotated[
        str | None,
        typer.Option(
            help="Who judges soft constraints: http://HOST/v1#MODEL (key in OPENAI_API_KEY), "
            "embedded, a folder or hub id.",
            show_default="embedded at smoke and cpu; needed on a GPU",
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="The policy: a folder or hub id.", show_default="the tier's, or a smaller one"
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the plan and what it cuts, and stop.")
    ] = False,
    measure: Annotated[
        bool,
        typer.Option("--measure", help="Time this machine first, as 'hppt plan --measure' does."),
    ] = False,
    sampler: Annotated[
        str,
        typer.Option(help="Who samples: kit, or continuous (transformers' continuous batching)."),
    ] = "kit",
    jobs: Annotated[
        int | None,
        typer.Option(help="Runs side by side.", show_default="2 on a CPU, 1 on a GPU", min=1),
    ] = None,
    max_tokens: Annotated[
        int | None,
        typer.Option(help="Of a judge at a server: the longest reply, thoughts included."),
    ] = None,
    concurrency: Annotated[
        int | None,
        typer.Option(
            help="Of a judge at a server: calls that are under way at once.", show_default="32"
        ),
    ] = None,
    extra_body: Annotated[
        str | None,
        typer.Option(
            help="Of a judge at a server: more fields for each call, as JSON, such as "
            '\'{"chat_template_kwargs": {"enable_thinking": false}}\'.',
            show_default="nothing",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder.", show_default="build/replications/TIER"),
    ] = None,
) -> None:
    """Make the paper's three first experiments on one machine, cut to fit the hours.

    E1 audits the judge. E2 trains on raw mixed data, on what HPPT's Steps A
    and B leave of it, and on a random control of that size, drawn anew for
    each seed. E3 trains on hard constraints alone, on soft ones alone, and on
    both. All runs are resumable: stopped at any moment, the same command goes
    on. It ends in one page, with our numbers beside the paper's and tier cpu's
    and with intervals, and in one file to send back.

    The plan is made once and kept in the folder. It says what is cut to fit
    the hours, and what that costs in certainty. The hours are computed from
    data sheets unless this machine was measured.

    Examples:
    hppt replicate --tier cpu
    hppt replicate --tier gpu-24gb --hours 8 --judge "http://HOST:8000/v1#Qwen/Qwen3-32B" --dry-run
    """
    needs("train")
    from hppt_lib.judges.by_name import call_settings
    from hppt_lib.tiers import known_sampler, require_device
    from hppt_lib.tiers import tier as tier_named
    from hppt_lib.training import replication
    from hppt_lib.training.replication_plan import plan_replication

    chosen = tier_named(tier)
    on_cpu = chosen.gpu_gib is None
    name = judge or ("embedded" if on_cpu else None)
    if name is None:
        if not dry_run:
            raise HpptError(
                f"Tier {chosen.name} needs a judge: --judge 'http://HOST:8000/v1#Qwen/Qwen3-32B', "
                "or a local model. (--dry-run plans without one.)"
            )
        name = "http://localhost:8000/v1#some-judge"
    known_sampler(sampler)
    call: dict[str, Any] = call_settings(
        name, max_tokens=max_tokens, concurrency=concurrency, extra_body=extra_body
    )
    folder = out or Path("build") / "replications" / chosen.name
    plan = plan_replication(
        chosen,
        hours or _HOURS.get(chosen.name, 4.0),
        judge=name,
        call=call,
        jobs=jobs or (_cpu_jobs() if on_cpu else 1),
        rates=_rates(measure),
        sampler=sampler,
        model=model,
    )
    if dry_run:
        say(plan.as_table())
        return
    require_device(chosen)
    plan = replication.open_replication(plan, folder)
    say(plan.as_table())
    say(f"kept in {folder}; if stopped, the same command goes on", err=True)
    try:
        result = replication.replicate(plan, folder, show=lambda line: say(line, err=True))
    except KeyboardInterrupt:
        say("stopped, and its runs with it; the same command goes on", err=True)
        raise typer.Exit(130) from None
    for line in write_all(folder, result):
        say(line)


def write_all(folder: Path, result: dict[str, Any]) -> list[str]:
    """Write the page with its figure and the file to send back; lines for a reader."""
    import matplotlib

    matplotlib.use("agg")  # draw without a display
    from hppt_lib.figures import replication_figure, use_style
    from hppt_lib.training import replication
    from hppt_lib.training.replication_page import summary, write_page

    use_style()
    page, sent = write_page(
        folder,
        result,
        recorded=replication.recorded_result(),
        audited=replication.recorded_audit(),
        figures={"The judge, and the arms' differences": replication_figure(result)},
    )
    return [*summary(result), f"page: {page}", f"to send back: {sent}"]


def _cpu_jobs() -> Literal[1, 2]:
    from hppt_lib.machine import usable_cores

    return 2 if usable_cores() > 1 else 1


def _rates(measure: bool) -> Any:
    """From a tier to this machine's rates: measured now, or before, or of its data sheet."""
    from functools import cache

    from hppt_lib.training.calibration import keep_rates, kept_rates, measured_rates
    from hppt_lib.training.rates import data_sheet

    @cache
    def of(model: str, quantize: bool, tier: Any) -> Any:
        if not measure:
            return kept_rates(tier) or data_sheet(tier)
        found = measured_rates(tier)
        keep_rates(tier, found)
        return found

    return lambda tier: of(tier.model, tier.quantize, _bare(tier))


def _bare(tier: Any) -> Any:
    """The tier with its own sizes, for a machine's speed does not depend on a plan's."""
    from dataclasses import replace

    from hppt_lib.tiers import TIERS

    return replace(TIERS[tier.name], model=tier.model, quantize=tier.quantize)
