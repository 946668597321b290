"""The commands ``hppt attention …``: where policies look while they answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hppt_lib.cli import options
from hppt_lib.cli.console import say

if TYPE_CHECKING:
    from hppt_lib.attention import Measured

commands = typer.Typer(
    no_args_is_help=True,
    help="""Where a policy looks while it answers, and what depends on it.

    'texts' draws the texts that all policies read; 'measure' measures
    policies on them; 'compare' compares two of them, paired by text, and
    'arms' ways of training, over their seeds.""",
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
    models: Annotated[
        list[str],
        typer.Argument(
            help="Policies: embedded, folders of adapters such as the NAME.model of training "
            "runs, hub ids.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path, typer.Option(help="Folder for NAME.json of each, and base.json of 'embedded'.")
    ] = Path("build/attention"),
    turned: Annotated[
        bool,
        typer.Option(
            "--turned",
            help="Also each adapter turned into a random direction: the untrained control of the "
            "same size, as NAME-turned.json.",
        ),
    ] = False,
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
) -> None:
    """Measure policies: four numbers of their attention, and what cutting it does.

    Killed at any moment, the same command goes on with the policies that are
    left. Arm and seed are those of the run's record beside the model.

    Examples:
    hppt attention measure embedded build/records/cpu-guarded-seed0.model
    hppt attention measure build/sweeps/mine/*.model --brief --turned --out build/attention/mine
    """
    from hppt_lib.attention import measure_models

    for path in measure_models(models, out, texts=read, brief=brief, turned=turned):
        say(f"measured: {path}")


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


@commands.command()
def arms(
    folder: Annotated[Path, typer.Argument(help="What 'measure' wrote.", show_default=False)],
    base: Annotated[Path, typer.Option(help="The base, measured on the same texts.")] = Path(
        "data/attention/base.json"
    ),
) -> None:
    """Compare ways of training: each arm, over its seeds, less the base and less its turned twins.

    The unit is the run, so it takes two seeds of an arm or more; with fewer
    than eight nothing can be shown once the four numbers are corrected for.

    Example: hppt attention arms build/attention/mine
    """
    from hppt_lib.attention import compare_over_seeds, read_all_measured, read_measured

    by_arm: dict[str, list[Measured]] = {}
    for each in read_all_measured(folder):
        if each.seed is not None:
            by_arm.setdefault(each.arm, []).append(each)
    others = {"the base": [read_measured(base)], **by_arm}
    for arm, policies in by_arm.items():
        for name in ("the base", f"{arm}, turned"):
            if name in others and len(policies) > 1:
                say(f"{arm} less {name}, {len(policies)} runs each")
                say(compare_over_seeds(policies, others[name]).as_table())
