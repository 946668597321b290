"""The command ``hppt pictures``, which draws pictures of run records."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hppt_lib.cli import options
from hppt_lib.cli.console import say

commands = typer.Typer()


@commands.command(rich_help_panel="Figures")
def pictures(
    runs: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Run records of yours, and folders of them.", show_default="the README's pictures"
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder.", show_default="build/pictures, or data/figures")
    ] = None,
    untrusted_code: Annotated[bool, options.UNTRUSTED_CODE] = False,
) -> None:
    """Draw run records: curves of training, ISR and length, ISR by constraint.

    Runs that differ in nothing but their seed are one arm, of any name; any
    number of arms is drawn. A record that cannot be read is named and left
    out. Without records it draws the README's pictures again, from
    data/records.

    Examples:
    hppt pictures
    hppt pictures build/records --out build/pictures
    """
    import matplotlib

    matplotlib.use("agg")  # draw without a display
    from hppt_lib.figures.readme import draw_readme, draw_runs

    if runs:
        from hppt_lib.evaluation import read_runs
        from hppt_lib.training import sweep_records

        found = read_runs(*(each for place in runs for each in sweep_records(place) or [place]))
        for path, reason in found.broken.items():
            say(f"left out: {path}: {reason}", err=True)
        paths = draw_runs(found, out or Path("build") / "pictures")
    else:
        paths = draw_readme(out)
    for path in paths:
        say(f"wrote {path}")
