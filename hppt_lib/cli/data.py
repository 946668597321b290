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
        typer.Argument(
            help="ifeval, ifbench, verinstruct, multi_if, …, or, of labelled answers, llmbar and "
            "reward-pairs; a wrong one lists all."
        ),
    ],
    source: Annotated[
        str | None,
        typer.Argument(
            help="A file, a folder of files, or an id on the hub.",
            show_default="the data set's own place on the hub",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Write the usable instructions (or labelled rows) to this JSONL file."),
    ] = None,
    unmapped: Annotated[
        Path | None, typer.Option(help="List what could not be mapped in this JSONL file.")
    ] = None,
    partial: Annotated[
        bool,
        typer.Option(
            "--partial",
            help="Keep an instruction if some of its constraints can be verified or judged.",
        ),
    ] = False,
    keep_going: Annotated[bool, options.KEEP_GOING] = False,
    untrusted_code: Annotated[bool, options.UNTRUSTED_CODE] = False,
) -> None:
    """Load a public data set as instructions: licence, counts, and what could not be mapped.

    Usable is an instruction of which every constraint can be verified or
    judged. Nothing is left out in silence: --unmapped lists each constraint
    that is neither, with its reason, file and line.

    VerInstruct states rules as Python functions. Most are mapped to verifiers
    by their text; a table says who decides the others. No code of a data set
    is run, unless you give --allow-untrusted-code: a rule of which the code is
    all there is then stays as a hard constraint, if its function, run in the
    sandbox, gives a verdict on a plain text. What reads the file later (pilot,
    refine, train, evaluate, score, …) needs the same option.

    An instruction with one constraint that is neither is left out whole: the
    policy would read the demand in its prompt, and a reward that passes over
    a demand is not precise. --partial keeps such instructions with the
    constraints that can be decided, lists the other demands in the field
    'unmapped' of their lines, and counts them.

    llmbar and reward-pairs are answers with human labels: --out writes them
    as rows for 'hppt audit --data'.

    Examples:
    hppt load ifeval input_data.jsonl
    hppt load verinstruct --out build/verinstruct.jsonl --unmapped build/unmapped.jsonl
    hppt load verinstruct --partial --out build/partial.jsonl
    hppt load verinstruct --allow-untrusted-code --out build/code.jsonl
    hppt load llmbar Dataset/LLMBar --out build/llmbar.jsonl
    """
    from dataclasses import asdict

    from hppt_lib import sources
    from hppt_lib.audit import public as audit
    from hppt_lib.audit import write_audit
    from hppt_lib.errors import HpptError
    from hppt_lib.files import write_jsonl
    from hppt_lib.instructions import write_instructions

    if name in audit.PUBLIC_SETS:
        if unmapped or partial or keep_going:
            raise HpptError(f"'{name}' takes none of --unmapped, --partial and --keep-going.")
        if source is None:
            raise HpptError(
                "Where is it? Give the place: 'hppt load llmbar FOLDER', or 'hppt load "
                "reward-pairs FILE' (a file, or THU-KEG/IFBench for the hub)."
            )
        labelled = f"{name}:{source}"
        rows = audit.audit_set(labelled)
        say(audit.summary(labelled, rows))
        if out:
            write_audit(out, rows)
            say(f"wrote {out}: {len(rows)} rows")
        return
    if name not in sources.DATASETS:
        known = ", ".join([*sources.DATASETS, *audit.PUBLIC_SETS])
        raise HpptError(f"There is no data set '{name}'. There are: {known}.")
    loaded = sources.load(
        name, source, keep_going=keep_going, partial=partial, show=lambda line: None
    )
    say(loaded.summary())
    if out:
        write_instructions(out, loaded.usable)
        say(f"wrote {out}: {len(loaded.usable)} instructions")
    if unmapped:
        write_jsonl(unmapped, map(asdict, loaded.unmapped))
        say(f"wrote {unmapped}: {len(loaded.unmapped)} entries")


@commands.command(rich_help_panel=_PANEL)
def instructions(
    check: Annotated[
        Path | None,
        typer.Option(help="Look through this JSONL file, and write nothing.", metavar="FILE"),
    ] = None,
    untrusted_code: Annotated[bool, options.UNTRUSTED_CODE] = False,
) -> None:
    """Check a file of instructions of your own; without --check, write data/instructions again.

    --check lists all that is wrong with the file, line by line, and then what
    is in it: kinds and ids of constraints, lengths, and what may be a
    mistake: prompts that stand twice or do not hold the text of a constraint,
    constraints that contradict each other. Ends with status 1 if the kit
    would not read the file.

    A line is a JSON object with 'id', 'prompt' and 'constraints'. It may have
    'query' (the task without constraints, for judges) and 'topic' (words, one
    of which an answer on the topic has); the kit itself writes 'unlearnable',
    'unmapped' and 'original'. A constraint is an object with 'id'; 'kind',
    which is hard (a verifier decides) or soft (a judge); 'kwargs', the
    parameters; and 'text', the sentence that states it in the prompt. No
    other field is allowed, so that none is misspelt.

    Without --check, data/instructions is made from its material: the same
    seed gives the same files.

    Example: hppt instructions --check mine.jsonl

    A line of mine.jsonl:
    {"id": "tea-1", "prompt": "Write about tea. Do not use commas.",
    "query": "Write about tea.", "topic": ["tea"],
    "constraints": [{"id": "punctuation:no_comma", "kind": "hard",
    "kwargs": {}, "text": "Do not use commas."}]}
    """
    if check is None:
        from hppt_lib import corpus

        for path in corpus.write_shipped():
            say(f"wrote {path}")
        return
    from hppt_lib.instructions import check_instructions

    checked = check_instructions(check)
    say(checked.report())
    checked.require_sound()
