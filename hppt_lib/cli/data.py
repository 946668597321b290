"""The commands on instructions: ``hppt load`` and ``hppt instructions``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hppt_lib.cli import options
from hppt_lib.cli.console import say

commands = typer.Typer()
_PANEL = "Data"


@commands.command(rich_help_panel=_PANEL)
def load(
    name: Annotated[
        str,
        typer.Argument(help="ifeval, ifbench, verinstruct, multi_if, …; a wrong one lists all."),
    ],
    source: Annotated[
        str | None,
        typer.Argument(
            help="A file, a folder of files, or an id on the hub.",
            show_default="the data set's own place on the hub",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write the usable instructions to this JSONL file.")
    ] = None,
    unmapped: Annotated[
        Path | None, typer.Option(help="List what could not be mapped in this JSONL file.")
    ] = None,
    keep_going: Annotated[bool, options.KEEP_GOING] = False,
) -> None:
    """Load a public data set as instructions: licence, counts, and what could not be mapped.

    Usable is an instruction of which every constraint can be verified or
    judged. Nothing is left out in silence: --unmapped lists each constraint
    that is neither, with its reason, file and line. No code of a data set is
    run.

    Examples:
    hppt load ifeval input_data.jsonl
    hppt load verinstruct --out build/verinstruct.jsonl --unmapped build/unmapped.jsonl
    """
    from dataclasses import asdict

    from hppt_lib import sources
    from hppt_lib.files import write_jsonl
    from hppt_lib.instructions import write_instructions

    loaded = sources.load(name, source, keep_going=keep_going, show=lambda line: None)
    say(loaded.summary())
    if out:
        write_instructions(out, loaded.usable)
        say(f"wrote {out}: {len(loaded.usable)} instructions")
    if unmapped:
        write_jsonl(unmapped, map(asdict, loaded.unmapped))
        say(f"wrote {unmapped}: {len(loaded.unmapped)} entries")


@commands.command(rich_help_panel=_PANEL)
def instructions() -> None:
    """Write data/instructions again from its material (the same seed gives the same files).

    Example: hppt instructions
    """
    from hppt_lib import corpus

    for path in corpus.write_shipped():
        say(f"wrote {path}")
