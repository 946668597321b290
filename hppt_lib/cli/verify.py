"""The commands on verifiers: ``hppt verify`` and ``hppt differences``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from hppt_lib.cli import options
from hppt_lib.cli.console import say

commands = typer.Typer()
_PANEL = "Verifiers"


@commands.command(rich_help_panel=_PANEL)
def verify(
    file: Annotated[
        Path,
        typer.Argument(
            help="JSONL (or .jsonl.gz), one response a line: key, prompt, instruction_id_list, "
            "kwargs, response. Also lm-eval's samples, evalscope's predictions and reviews."
        ),
    ],
    prompts: Annotated[
        Path | None,
        typer.Option(
            help="The benchmark's own file, where FILE has prompt and response alone, as IFBench's "
            "program reads them. Prompts without a response count as blank."
        ),
    ] = None,
    reading: Annotated[
        str,
        typer.Option(
            help="text: as a careful person reads the constraint. reference: as the benchmark's "
            "own program decides, to compare with published scores."
        ),
    ] = "text",
    thoughts: Annotated[
        str,
        typer.Option(
            help=f"{options.THOUGHTS_HELP} auto: known for the reading text, none for reference."
        ),
    ] = "auto",
    loose: Annotated[
        bool, typer.Option("--loose", help="Write the loose verdicts to OUT, not the strict ones.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(help="Write each line here with its verdicts and the reasons for them."),
    ] = None,
    lm_eval: Annotated[
        Path | None,
        typer.Option(help="Also write lm-eval's samples and results into this folder."),
    ] = None,
    inspect: Annotated[
        Path | None,
        typer.Option(help="Also write the scores that Inspect reads as precomputed (.jsonl)."),
    ] = None,
    json: Annotated[bool, options.JSON] = False,
    keep_going: Annotated[bool, options.KEEP_GOING] = False,
    untrusted_code: Annotated[bool, options.UNTRUSTED_CODE] = False,
) -> None:
    """Verify a file of responses to IFEval, IFTrain or IFBench prompts, and score it.

    The table gives the share of responses that satisfy all their constraints
    (prompt level), of single constraints (instruction level) and of each
    kind, strict and loose, with 95 % intervals. Loose also accepts a response
    without its first or last line or its asterisks, as IFEval defines it.
    What is verified is the answer: what follows the thoughts in a response.
    A response of thoughts alone is blank, and so is one that is null: it
    fails, and the table says how many are null. Lines are read one at a time,
    so a file may be larger than the memory.

    Example: hppt verify responses.jsonl --reading reference --out scored.jsonl
    """
    from json import dumps

    from hppt_lib import scoring, verifiers

    known = verifiers.known_reading(reading)
    exports: list[scoring.Export] = []
    if lm_eval is not None:
        model = file.name.removesuffix(".gz").removesuffix(".jsonl")
        exports.append(scoring.LmEvalExport(lm_eval, model, known))
    if inspect is not None:
        exports.append(scoring.InspectExport(inspect))
    card = scoring.score_file(
        file,
        reading=known,
        thoughts=None if thoughts == "auto" else verifiers.thought_marks(thoughts),
        loose=loose,
        out=out,
        keep_going=keep_going,
        progress=sys.stderr.isatty(),
        prompts=None if prompts is None else scoring.read_prompts(prompts),
        exports=exports,
    )
    say(dumps(card.as_json(), indent=2) if json else scoring.as_table(card))


@commands.command(rich_help_panel=_PANEL)
def differences(
    only: Annotated[
        str, typer.Argument(help="Only ids that hold this, such as palindrome or count:.")
    ] = "",
) -> None:
    """List where the readings 'text' and 'reference' of a constraint differ, with examples.

    The reading 'reference' agrees with the benchmark's own program; 'text'
    with a careful person.

    Example: hppt differences palindrome
    """
    from hppt_lib import scoring

    say(scoring.differences_table(only))
