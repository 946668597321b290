"""The options that several commands share."""

from __future__ import annotations

import typer


def _allow(allowed: bool) -> bool:
    if allowed:
        from hppt_lib.sandbox import allow_untrusted_code

        allow_untrusted_code()
    return allowed


UNTRUSTED_CODE = typer.Option(
    "--allow-untrusted-code",
    help="Let the Python code of a data set (VerInstruct) run, in a sandbox, for this command.",
    callback=_allow,
)

TIER = typer.Option(
    help="Which settings: smoke, cpu, gpu-16gb, gpu-24gb or gpu-80gb.",
    show_default="HPPT_TIER, or cpu",
)
SEED = typer.Option(
    help="Seed of all that is drawn at random: same seed, same numbers.", min=0, show_default="0"
)
MODEL = typer.Option(help="The policy: embedded, a folder (of a model or an adapter), or a hub id.")
THINKING = typer.Option(
    "--thinking/--no-thinking",
    help="Whether a model thinks before it answers, if its chat template has the switch "
    "enable_thinking.",
    show_default="as its template does",
)
THOUGHTS_HELP = (
    "What marks a response's thoughts, which are no part of its answer: known (<think> and such), "
    "none, or two marks, such as '<plan> </plan>'."
)
JUDGE = typer.Option(
    help="Who judges: embedded, embedded:strict, a folder or hub id, http://HOST/v1#MODEL (key in "
    "OPENAI_API_KEY), replayed:FILE. May be repeated."
)
INSTRUCTIONS_HELP = "A name in data/instructions, such as train, or a JSONL file."
INSTRUCTIONS = typer.Option(help=INSTRUCTIONS_HELP)
JSON = typer.Option("--json", help="Print JSON, for a program.")
KEEP_GOING = typer.Option("--keep-going", help="Leave out lines that are broken, and count them.")
