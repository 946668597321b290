"""The commands that run the notebooks, write the site and show the claim ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hppt_lib.cli import options
from hppt_lib.cli.console import say
from hppt_lib.errors import HpptError

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
        typer.Option(
            "--in-place", help="Write the outputs into the notebooks themselves, and no pages."
        ),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the pages.", show_default="build/course/TIER"),
    ] = None,
) -> None:
    """Run the notebooks in order and write pages to read: the site, with these outputs.

    The first cell that fails ends the run; its notebook, its number and its
    error are printed.

    Example: hppt course --tier smoke --only 02
    """
    from hppt_lib.course.run import NotebookFailed, run_course
    from hppt_lib.errors import needs

    needs("course")
    needs("site")
    try:
        executed = run_course(tier, only or (), in_place=in_place, out=out)
    except NotebookFailed as failure:
        raise HpptError(f"{failure}\nThe pages so far: {_pages(failure.out)}") from failure
    if in_place:
        say("Done. The outputs are in the notebooks; 'hppt site' makes pages of them.")
    else:
        say(f"Done. Open {_pages(executed)} in a browser.")


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


@commands.command(rich_help_panel="Start here")
def site(
    out: Annotated[
        Path | None, typer.Option(help="Folder for the site.", show_default="build/site")
    ] = None,
    pyodide: Annotated[
        Path | None,
        typer.Option(
            help="Folder with a release of Pyodide, which the playground runs in.",
            show_default="HPPT_PYODIDE, or what npm gets",
        ),
    ] = None,
    serve: Annotated[
        bool,
        typer.Option("--serve", help="Then serve it to this machine's browsers; Ctrl-C ends."),
    ] = False,
    port: Annotated[int, typer.Option(help="The port; 0 takes a free one.", min=0)] = 8000,
) -> None:
    """Write the notebooks as they lie here, the library and the playground as a site.

    Nothing is run. Notebooks are shown with the outputs that they hold. The
    pages fetch nothing from any other host.

    Example: hppt site --serve
    """
    from hppt_lib.course.notebooks import find_notebooks
    from hppt_lib.course.playground import runtime_folder
    from hppt_lib.course.site import serve_site, write_site
    from hppt_lib.files import repository_folder

    place = out or repository_folder() / "build" / "site"
    runtime, absent = runtime_folder(pyodide, fetch=True)
    done = write_site(find_notebooks(), place, runtime=runtime, absent=absent)
    for warning in done.warnings:
        say(warning, err=True)
    if done.playground:
        say(f"Without the playground: {done.playground}")
    if serve:
        serve_site(place, port, say)
    else:
        say(f"Open {done.index} in a browser. The playground needs a server: hppt site --serve")


def _pages(executed: Path) -> Path:
    """Write the site of executed notebooks beside them; returns its first page."""
    from hppt_lib.course.notebooks import find_notebooks
    from hppt_lib.course.playground import runtime_folder
    from hppt_lib.course.site import write_site

    runtime, absent = runtime_folder()
    return write_site(
        find_notebooks(executed), executed / "pages", runtime=runtime, absent=absent
    ).index
