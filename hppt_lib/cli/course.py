"""The commands ``hppt course``, which runs the notebooks, and ``hppt claims``, the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hppt_lib.cli import options
from hppt_lib.cli.console import say

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


@commands.command(rich_help_panel="Start here")
def claims(
    write: Annotated[
        bool,
        typer.Option(
            "--write",
            help="Compute every value again from its records, and write data/claims.yaml and the "
            "table in README.md.",
        ),
    ] = False,
) -> None:
    """Show the claim ledger: the paper's claims, and what this kit can say of each.

    Every value names the records and the statistic that it comes from; nobody
    types a number. data/claims.yaml says how a line is added.

    Example: hppt claims --write
    """
    from hppt_lib.course import claims as ledger
    from hppt_lib.files import repository_folder, write_text
    from hppt_lib.terminal import as_text, table

    if write:
        for line in ledger.write_values():
            say(line)
        readme = repository_folder() / "README.md"
        text = ledger.with_readme_table(readme.read_text("utf-8"), ledger.read_claims())
        write_text(readme, text)
    rows = [
        [each.claim, each.status, "\n".join(f"{one.what}: {one.value}" for one in each.values)]
        for each in ledger.read_claims()
    ]
    say(as_text(table(["claim", "here", "measured"], rows, text=(0, 1, 2), lines=True)))
