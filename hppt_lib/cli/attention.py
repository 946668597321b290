"""The commands ``hppt attention …``: where policies look while they answer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hppt_lib.cli import options
from hppt_lib.cli.console import say

commands = typer.Typer(
    no_args_is_help=True,
    help="""Where a policy looks while it answers, and what depends on it.

    'texts' draws the texts that all policies read; 'measure' measures one
    policy on them; 'compare' compares what was measured, paired by text.""",
)


@commands.command()
def texts(
    model: Annotated[str, options.MODEL] = "embedded",
    count: Annotated[int, typer.Option(help="How many.", min=2)] = 24,
    seed: Annotated[int, options.SEED] = 0,
    out: Annotated[Path, typer.Option(help="A JSONL file.")] = Path("build/attention/texts.jsonl"),
) -> None:
    """Draw texts: held-out instructions, each with a response that satisfies it.

    Example: hppt attention texts --count 24
    """
    from hppt_lib.attention import draw_texts, write_texts
    from hppt_lib.policy import load_policy

    drawn = draw_texts(load_policy(model), count, seed=seed, progress="answers")
    write_texts(out, drawn)
    say(f"wrote {len(drawn)} texts: {out}")


@commands.command()
def measure(
    model: Annotated[
        str, typer.Argument(help="The policy: embedded, a folder (NAME.model), or a hub id.")
    ],
    arm: Annotated[str, typer.Option(help="What it is one of: base, guarded, …")] = "base",
    seed: Annotated[
        int | None, typer.Option(help="Of its training.", show_default="none", min=0)
    ] = None,
    random_direction: Annotated[
        int | None,
        typer.Option(
            help="Turn the adapter into a random direction drawn from this seed: the untrained "
            "control of the same size.",
            show_default="no",
            min=0,
        ),
    ] = None,
    brief: Annotated[
        bool,
        typer.Option(
            "--brief", help="A third of the time: without some controls, and cuts in some layers."
        ),
    ] = False,
    read: Annotated[
        Path | None,
        typer.Option(
            "--texts", help="The texts, a JSONL file.", show_default="data/attention/texts.jsonl"
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="A JSON file.", show_default="build/attention/ARM-seedN.json"),
    ] = None,
) -> None:
    """Measure a policy: four numbers of its attention, and what cutting it does.

    Examples:
    hppt attention measure embedded
    hppt attention measure build/records/cpu-guarded-seed0.model --arm guarded --seed 0
    """
    from hppt_lib.attention import measure_policy, read_texts, turned_at_random, write_measured
    from hppt_lib.policy import load_policy

    chosen = read_texts(read)
    policy = load_policy(model)
    if random_direction is not None:
        policy = turned_at_random(policy, random_direction)
    measured = measure_policy(policy, chosen, arm=arm, seed=seed, brief=brief, progress=policy.name)
    number = "" if seed is None else f"-seed{seed}"
    out = out or Path("build/attention") / f"{arm.replace(' ', '-')}{number}.json"
    write_measured(out, measured)
    say(f"wrote {out}")


@commands.command()
def compare(
    one: Annotated[Path, typer.Argument(help="What 'measure' wrote.", show_default=False)],
    other: Annotated[Path, typer.Argument(help="Likewise: the base, say.", show_default=False)],
) -> None:
    """Compare two policies on the same texts: differences, intervals, p-values.

    Example: hppt attention compare build/attention/guarded-seed0.json build/attention/base.json
    """
    from hppt_lib.attention import compare_measured, read_measured

    first, second = read_measured(one), read_measured(other)
    say(f"{first.policy} less {second.policy}, {len(first.rows)} texts, both read the same")
    say(compare_measured(first, second).as_table())
