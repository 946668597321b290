"""The command ``hppt pictures``, which draws the README's pictures."""

from __future__ import annotations

import typer

from hppt_lib.cli.console import say

commands = typer.Typer()


@commands.command(rich_help_panel="Figures")
def pictures() -> None:
    """Draw the README's pictures again from the run records in data/records.

    Example: hppt pictures
    """
    import matplotlib

    matplotlib.use("agg")  # draw without a display
    from hppt_lib.figures.readme import draw_readme

    for path in draw_readme():
        say(f"wrote {path}")
