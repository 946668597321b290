"""The command ``hppt forgetting``: what training cost beyond instruction following."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from hppt_lib.cli import options
from hppt_lib.cli.console import say

commands = typer.Typer()


@commands.command(rich_help_panel="Evaluating")
def forgetting(
    models: Annotated[
        list[str] | None,
        typer.Argument(
            help="Folders of adapters, such as the NAME.model of training runs; with --base any "
            "model.",
            show_default="the embedded model alone",
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for what was measured.")] = Path(
        "build/forgetting"
    ),
    base: Annotated[
        str | None,
        typer.Option(help="The base of all.", show_default="the one that the adapters name"),
    ] = None,
    texts: Annotated[
        Path | None,
        typer.Option(
            help='Other texts by people: JSONL, {"text": "…"} a line.', show_default="the kit's"
        ),
    ] = None,
    readers: Annotated[
        bool,
        typer.Option(
            "--readers",
            help="Let each model answer the plain prompts too, for 'hppt label draw'.",
        ),
    ] = False,
    json: Annotated[bool, options.JSON] = False,
) -> None:
    """Measure what training cost: a policy beside its base on what nobody trained.

    Log-likelihood of 200 texts by people and of the base's own answers to 60
    plain prompts, and 200 minimal pairs of grammar; each policy less its
    base, paired, with intervals, and by arm over seeds. A drop of .1 nat a
    token or of 2 points is forgetting, which was fixed beforehand.

    Killed at any moment, the same command goes on with the models that are
    left. The arm and the seed are those of the run's record beside the model.

    Examples:
    hppt forgetting build/sweeps/mine/*.model --out build/forgetting/mine
    hppt forgetting my-model --base embedded
    hppt forgetting build/records/*.model --readers
    hppt label draw build/forgetting/readers --before --per-run 60
    """
    from json import dumps

    from hppt_lib.evaluation import measure_models

    found = measure_models(
        models or (),
        out,
        base=base,
        texts=texts,
        readers=readers,
        progress=sys.stderr.isatty(),
    )
    say(dumps(found.as_json(), indent=2) if json else found.as_table())
    if readers:
        say(f"next: hppt label draw {out / 'readers'} --before --per-run 60")
