"""The command ``hppt course``, which runs the notebooks and writes pages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hppt_lib.cli import options

commands = typer.Typer()


@commands.command(rich_help_panel="Start here")
def course(
    tier: Annotated[str | None, options.TIER] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(help="Only notebooks whose names begin so, such as 02. May be repeated."),
    ] = None,
    in_place: Annotated[
        bool,
        typer.Option("--in-place", help="Write the outputs into the notebooks themselves as well."),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the pages.", show_default="build/course/TIER"),
    ] = None,
) -> None:
    """Run the notebooks in order and write one HTML page each, with an index.

    The first cell that fails ends the run; its notebook, its number and its
    error are printed.

    Example: hppt course --tier smoke --only 02
    """
    from hppt_lib.course.run import run_course

    run_course(tier, only or (), in_place=in_place, out=out)
