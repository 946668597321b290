"""The commands on this machine: ``hppt doctor`` and ``hppt fetch``."""

from __future__ import annotations

from typing import Annotated

import typer

from hppt_lib.cli import options
from hppt_lib.cli.console import say

commands = typer.Typer()
_PANEL = "Start here"


@commands.command(rich_help_panel=_PANEL)
def doctor(
    json: Annotated[bool, options.JSON] = False,
    thorough: Annotated[
        bool,
        typer.Option(
            "--thorough", help="Compare the model with its source, tensor by tensor (a minute)."
        ),
    ] = False,
) -> None:
    """Check this machine, and say what will and will not work on it, and what to do.

    Ends with status 1 only if even tier cpu cannot run here.

    Example: hppt doctor --thorough
    """
    from hppt_lib.course import doctor as checkup

    checks = checkup.check_up(thorough=thorough)
    say(checkup.as_json(checks) if json else checkup.as_table(checks))
    if not checkup.can_run(checks):
        raise typer.Exit(1)


@commands.command(rich_help_panel=_PANEL)
def fetch() -> None:
    """Download the embedded model (93 MB, once) and convert it, so that all else works offline.

    HPPT_CACHE chooses the folder. A model that is there and sound is left as
    it is.

    Example: HPPT_CACHE=/data/hppt hppt fetch
    """
    from hppt_lib.policy.embedded import fetch_embedded

    fetch_embedded()
