"""The command line, thin: each command calls one function of the library."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from hppt_lib import __version__
from hppt_lib.cli import refine as refinement
from hppt_lib.cli import training
from hppt_lib.errors import HpptError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="""HPPT-Lab: test on one machine whether a reward that is right beats one that is rich.

    Start with 'hppt doctor': it says what this machine can do. Then 'hppt course' runs the
    notebooks and writes pages to read; 'make lab' opens them to work in.""",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"hppt {__version__}")
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


@app.command()
def doctor(
    json: Annotated[bool, typer.Option("--json", help="Print JSON, for a program.")] = False,
    thorough: Annotated[
        bool,
        typer.Option(
            "--thorough", help="Compare the model with its source, tensor by tensor (a minute)."
        ),
    ] = False,
) -> None:
    """Check this machine, and say what will and will not work on it, and what to do.

    Ends with status 1 only if even tier cpu cannot run here.
    """
    from hppt_lib.course import doctor as checkup

    checks = checkup.check_up(thorough=thorough)
    typer.echo(checkup.as_json(checks) if json else checkup.as_table(checks))
    if not checkup.can_run(checks):
        raise typer.Exit(1)


@app.command()
def fetch() -> None:
    """Download the embedded model (93 MB, once) and convert it, so that all else works offline.

    HPPT_CACHE chooses the folder. A model that is there and sound is left as it is.
    """
    from hppt_lib.policy.embedded import fetch_embedded

    fetch_embedded()


@app.command()
def course(
    tier: Annotated[
        str | None,
        typer.Option(help="Which settings: smoke, cpu, …", show_default="HPPT_TIER, or cpu"),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(help="Only notebooks whose names begin so, such as 06. May be repeated."),
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

    The first cell that fails ends the run; its notebook, its number and its error are printed.
    """
    from hppt_lib.course.run import run_course

    run_course(tier, only or (), in_place=in_place, out=out)


@app.command()
def verify(
    file: Annotated[
        Path,
        typer.Argument(
            help="JSONL (or .jsonl.gz), one response a line: key, prompt, instruction_id_list, "
            "kwargs, response."
        ),
    ],
    reading: Annotated[
        str,
        typer.Option(
            help="text: as a careful person reads the constraint. reference: as the benchmark's "
            "own program decides, to compare with published scores."
        ),
    ] = "text",
    loose: Annotated[
        bool, typer.Option("--loose", help="Write the loose verdicts to OUT, not the strict ones.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(help="Write each line here with its verdicts and the reasons for them."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON, for a program.")] = False,
    keep_going: Annotated[
        bool,
        typer.Option("--keep-going", help="Leave out and count lines that cannot be scored."),
    ] = False,
) -> None:
    """Verify a file of responses to IFEval, IFTrain or IFBench prompts, and score it.

    The table gives the share of responses that satisfy all their constraints
    (prompt level), of single constraints (instruction level) and of each kind,
    strict and loose, with 95 % intervals. Loose also accepts a response without
    its first or last line or its asterisks, as IFEval defines it. Lines are read
    one at a time, so a file may be larger than the memory.

    Example: hppt verify responses.jsonl --reading reference --out scored.jsonl
    """
    from json import dumps

    from hppt_lib import scoring, verifiers

    card = scoring.score_file(
        file,
        reading=verifiers.known_reading(reading),
        loose=loose,
        out=out,
        keep_going=keep_going,
        progress=sys.stderr.isatty(),
    )
    typer.echo(dumps(card.as_json(), indent=2) if json else scoring.as_table(card))


@app.command()
def audit(
    judge: Annotated[
        list[str],
        typer.Option(
            help="Who is audited: embedded, embedded:strict, a folder or hub id, "
            "http://HOST/v1#MODEL (key in OPENAI_API_KEY), replayed:FILE. May be repeated: all "
            "judge the same rows."
        ),
    ],
    data: Annotated[
        str,
        typer.Option(
            help="soft or hard, which come with the kit; a JSONL file; llmbar:FOLDER or "
            "reward-pairs:FILE, public sets with human labels."
        ),
    ] = "soft",
    mode: Annotated[
        str,
        typer.Option(help="batch: all constraints of a response in one call; pointwise: one."),
    ] = "batch",
    threshold: Annotated[
        float | None,
        typer.Option(
            help="Pass from this confidence on, for judges that tell theirs.",
            show_default="the judge's own",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for audit.csv, audit.json and figures; an old one is replaced."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON, for a program.")] = False,
    cache: Annotated[
        Path | None,
        typer.Option(
            help="File that keeps the answers: what is in it is not asked again.",
            show_default="judges.jsonl in the cache",
        ),
    ] = None,
    limit: Annotated[int | None, typer.Option(help="Only so many items of the data.")] = None,
) -> None:
    """Audit judges of soft constraints: how often "satisfied" and "violated" are right.

    Prints precision, recall and recall on false responses with 95 % intervals, by
    judge, by kind and by number of constraints in a call; verdicts that are missing,
    by reason; and what it costs to make each judge precise.

    Example: hppt audit --judge embedded --data soft --mode pointwise --out audit
    """
    from json import dumps

    from hppt_lib.audit import report, report_output

    if out:
        report_output.check_folder(out)
    found = report.audit_judges(
        judge, data, mode=mode, threshold=threshold, cache=cache, limit=limit
    )
    if out:
        from hppt_lib.figures.judges import report_figures

        report_output.write_report(found, out, report_figures(found))
    typer.echo(dumps(found.as_json(), indent=2) if json else report_output.as_table(found))


@app.command()
def differences(
    only: Annotated[
        str, typer.Argument(help="Only ids that hold this, such as palindrome or count:.")
    ] = "",
) -> None:
    """List where the readings 'text' and 'reference' of a constraint part, with examples.

    The reading 'reference' agrees with the benchmark's own program; 'text' with a careful person.
    """
    from hppt_lib import scoring

    typer.echo(scoring.differences_table(only))


training.add_commands(app)
refinement.add_commands(app)


@app.command()
def answers(
    only: Annotated[
        list[str] | None, typer.Option(help="Only this variant: zero-shot, strict.")
    ] = None,
    cache: Annotated[
        Path | None,
        typer.Option(
            help="File that keeps each answer on the way.",
            show_default="judges.jsonl in the cache",
        ),
    ] = None,
) -> None:
    """Write data/audit/answers anew: the embedded judge's answers, replayed by notebook 03.

    About an hour on two cores; it may be interrupted, and goes on where it was.
    """
    from hppt_lib.audit.shipped_answers import write_shipped_answers

    for path in write_shipped_answers(only, cache):
        typer.echo(f"wrote {path}")


@app.command()
def instructions() -> None:
    """Write data/instructions anew from its topics (the same seed gives the same files)."""
    from hppt_lib import corpus

    for path in corpus.write_shipped():
        typer.echo(f"wrote {path}")


@app.command()
def pictures() -> None:
    """Draw the README's pictures anew from the run records in data/records."""
    import matplotlib

    matplotlib.use("agg")
    from hppt_lib.figures.readme import draw_readme

    for path in draw_readme():
        typer.echo(f"wrote {path}")


def main() -> None:
    """Run the command line: an HpptError is printed without a traceback, with exit status 1."""
    try:
        app()
    except HpptError as error:
        typer.echo(f"hppt: {error}", err=True)
        sys.exit(1)
