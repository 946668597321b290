"""The application `hppt`: its groups of commands, its version, and how it reports errors."""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from hppt_lib.cli import (
    attention,
    classroom,
    course,
    data,
    evaluate,
    figures,
    forgetting,
    judges,
    label,
    machine,
    refine,
    replicate,
    results,
    sweep,
    training,
    verify,
)
from hppt_lib.cli.console import print_anything, say
from hppt_lib.errors import HpptError, missing

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="""HPPT-Lab: test on one machine whether a reward that is right beats one that is rich.

    Start with 'hppt doctor': it says what this machine can do. Then 'hppt course' runs the
    notebooks and writes pages to read; 'make lab' opens them to work in.
    'hppt COMMAND --help' explains a command and shows an example.""",
)
for group in (
    machine,
    course,
    classroom,
    verify,
    judges,
    data,
    refine,
    training,
    sweep,
    replicate,
    evaluate,
    forgetting,
    results,
    figures,
):
    app.add_typer(group.commands)
app.add_typer(label.commands, name="label", rich_help_panel="Training")
app.add_typer(attention.commands, name="attention", rich_help_panel="Training")


def _print_version(wanted: bool) -> None:
    if wanted:
        say(f"hppt {version('hppt-lab')}")
        raise typer.Exit


@app.callback()
def _hppt(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line. An error that the reader can put right is one line, with status 1.

    Such is every `HpptError`, and a package of an extra that is not installed.
    """
    print_anything()
    try:
        try:
            app()
        finally:
            _report_untrusted_code()
    except HpptError as error:
        _stop(error)
    except ModuleNotFoundError as error:
        try:
            explained = missing(error.name or "")
        except KeyError:
            raise error from None
        _stop(explained)


def _report_untrusted_code() -> None:
    """Say how often a data set's code gave a verdict and how often none, if any ran."""
    if "hppt_lib.sandbox" in sys.modules and (line := sys.modules["hppt_lib.sandbox"].report()):
        say(line, err=True)


def _stop(error: HpptError) -> None:
    say(f"hppt: {error}", err=True)
    sys.exit(1)
