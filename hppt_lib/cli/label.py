"""The commands ``hppt label …``: readers say which responses answer what was asked."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hppt_lib.cli import options
from hppt_lib.cli.console import say

if TYPE_CHECKING:
    from hppt_lib.audit.labels import SheetRow

commands = typer.Typer(
    no_args_is_help=True,
    help="""Readers' labels: does a response answer what was asked?

    'draw' draws responses of your runs and hides whose they are; 'read' shows
    them one at a time; 'merge' joins the labels and says how far two readers
    agree; 'score' lets the instrument of the kit do it for all responses.""",
)


@commands.command()
def draw(
    runs: Annotated[
        list[Path], typer.Argument(help="Run records, and folders of them.", show_default=False)
    ],
    out: Annotated[Path, typer.Option(help="A new folder for the sheets.")] = Path("build/labels"),
    per_run: Annotated[int, typer.Option(help="Responses of each run.", min=1)] = 30,
    before: Annotated[
        bool, typer.Option("--before", help="As many of the responses before training too.")
    ] = False,
    second: Annotated[
        float, typer.Option(help="Share of the rows for a second reader.", min=0, max=1)
    ] = 0.2,
    anchors: Annotated[
        Path | None,
        typer.Option(help="JSONL of rows with known labels, to mix in: prompt, response, answers."),
    ] = None,
    held_out: Annotated[
        str | None, typer.Option(help="The held-out instructions.", show_default="by each record")
    ] = None,
    seed: Annotated[int, options.SEED] = 0,
    untrusted_code: Annotated[bool, options.UNTRUSTED_CODE] = False,
) -> None:
    """Draw responses of runs for readers, with arm and seed hidden and the order shuffled.

    Writes first.jsonl and second.jsonl, for two readers, and key.jsonl, which
    no reader should open. The same text to the same question is read once.

    Example: hppt label draw build/records --per-run 30 --out build/labels
    """
    from hppt_lib.audit import draw_labels

    drawn = draw_labels(
        runs,
        out,
        per_run=per_run,
        before=before,
        second=second,
        anchors=anchors,
        held_out=held_out,
        seed=seed,
    )
    say(
        f"{drawn.responses} responses of {drawn.runs} runs: {drawn.rows} rows to read "
        f"({drawn.anchors} anchors among them), {drawn.again} of them for a second reader."
    )
    say(f"next: hppt label read {out / 'first.jsonl'}")


@commands.command()
def read(
    sheet: Annotated[Path, typer.Argument(help="A sheet: first.jsonl or second.jsonl.")],
) -> None:
    """Label the rows of a sheet, one at a time.

    Type y (it answers), n (it does not), s (leave it out), b (back to the row
    before) or q (quit). Every label is saved as it is given: the same command
    goes on where you stopped. The constraint is shown so that you can leave it
    aside: only the task counts.

    Example: hppt label read build/labels/first.jsonl
    """
    from hppt_lib.audit import give_label, read_sheet

    meanings: dict[str, bool | str] = {"y": True, "n": False, "s": "skip"}
    given: list[str] = []  # in this session, for going back
    again: str | None = None
    while True:
        rows = read_sheet(sheet)
        open_rows = [row for row in rows if not row.read or row.id == again]
        chosen = [row for row in open_rows if again in (None, row.id)]
        if not chosen:
            say(f"All {len(rows)} rows are read.")
            return
        row = chosen[0]
        say(_shown(row, sum(each.read for each in rows), len(rows)))
        wish = _typed()
        if wish in meanings:
            give_label(sheet, row.id, meanings[wish])
            if row.id in given:
                given.remove(row.id)
            given.append(row.id)
            again = None
        elif wish == "b":
            earlier = given[: given.index(row.id)] if row.id in given else given
            if earlier:
                again = earlier[-1]
            else:
                say("There is no row before this one in this session.")
        elif wish == "q":
            left = sum(not each.read for each in rows)
            say(f"{len(rows) - left} of {len(rows)} rows are read. The same command goes on.")
            return
        else:
            say("Type y, n, s, b or q, and Enter.")


@commands.command()
def merge(
    folder: Annotated[Path, typer.Argument(help="What 'hppt label draw' wrote.")],
    first: Annotated[
        Path | None, typer.Option(help="The first reader's sheet.", show_default="first.jsonl")
    ] = None,
    second: Annotated[
        Path | None, typer.Option(help="The second reader's.", show_default="second.jsonl")
    ] = None,
) -> None:
    """Join the sheets with the key: labels.jsonl, and how far the two readers agree.

    The first reader's label stands. A sheet may come from elsewhere: lines
    with "id" and "answers" will do. A bad line is named by its number.

    Example: hppt label merge build/labels
    """
    from hppt_lib.audit import merge_labels

    merged = merge_labels(folder, first, second)
    for name, count in merged.left.items():
        skipped = merged.skipped[name]
        notes = ([f"{count} rows are not read yet"] if count else []) + (
            [f"{skipped} were left out"] if skipped else []
        )
        if notes:
            say(f"{name}: {'; '.join(notes)}")
    for name, share in merged.anchors.items():
        say(f"{name}: anchors labelled as known {share} ({share.samples})")
    if merged.missed:
        say(f"anchors with another label: {', '.join(merged.missed)}")
    if merged.kappa is not None:
        say(f"two readers, {merged.both} rows: {merged.kappa}, equal labels {merged.kappa.share}")
    elif merged.both:
        say(f"two readers, {merged.both} rows: too few, or of one kind, for κ")
    say(f"{len(merged.rows)} responses with a label: wrote {folder / 'labels.jsonl'}")


@commands.command()
def score(
    runs: Annotated[
        list[Path], typer.Argument(help="Run records, and folders of them.", show_default=False)
    ],
    per_run: Annotated[
        int | None,
        typer.Option(help="Only so many responses of each run.", min=1, show_default="all"),
    ] = None,
    before: Annotated[
        bool, typer.Option("--before", help="The responses before training too.")
    ] = False,
    model: Annotated[str, options.MODEL] = "embedded",
    instrument: Annotated[
        Path | None,
        typer.Option(help="An instrument of your own.", show_default="the embedded model's"),
    ] = None,
    held_out: Annotated[
        str | None, typer.Option(help="The held-out instructions.", show_default="by each record")
    ] = None,
    untrusted_code: Annotated[bool, options.UNTRUSTED_CODE] = False,
) -> None:
    """Let an instrument say which responses answer: answers.jsonl beside the records.

    It was fitted on readers' labels and no reward uses it. It errs, and not
    equally for every policy: readers' labels are the yardstick. Run by run, it
    may be interrupted and goes on where it was. 'hppt compare' then has the columns
    answers and success.

    Example: hppt label score build/records --per-run 60
    """
    from hppt_lib import evaluation
    from hppt_lib.policy import load_policy

    found = evaluation.read_runs(*runs, held_out=held_out)
    for path, reason in found.broken.items():
        say(f"left out: {path}: {reason}", err=True)
    chosen = evaluation.answer_instrument(instrument)
    policy = load_policy(model)
    paths = {}
    for run in found.each:
        rows = (*run.before[:per_run], *run.after[:per_run]) if before else run.after[:per_run]
        path = run.path.parent / "answers.jsonl"
        answers = evaluation.extend_answers(path, chosen, policy, rows, progress=run.name)
        paths[path] = len(answers.known)
    for path, count in paths.items():
        say(f"{count} responses: wrote {path}")


def _shown(row: SheetRow, done: int, rows: int) -> str:
    from hppt_lib.terminal import as_text

    return as_text(
        "",
        f"{done} of {rows} read · {row.id}",
        f"Task:       {row.prompt}",
        f"(leave aside: {row.constraint})" if row.constraint else "",
        "Response:",
        row.response if row.response.strip() else "(blank)",
        "Does it answer the task?  y / n / s(kip) / b(ack) / q(uit)",
    )


def _typed() -> str:
    """The first letter of the line that was typed; q at the end of the input."""
    line = sys.stdin.readline()
    return line.strip().lower()[:1] if line else "q"
