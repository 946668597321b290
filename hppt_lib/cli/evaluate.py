"""The commands on evaluated models: ``hppt evaluate``, ``hppt score``, ``hppt internalisation``."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hppt_lib.cli import options
from hppt_lib.cli.console import say
from hppt_lib.errors import HpptError

if TYPE_CHECKING:
    from hppt_lib.evaluation.run_folder import RunFolder
    from hppt_lib.evaluation.run_scores import Report

commands = typer.Typer()
_PANEL = "Evaluating"

_READING = typer.Option(
    help="text: as a careful person reads a constraint, and a judge's reply. reference: as the "
    "benchmark's own program does, to compare with published scores."
)
_STRIP = typer.Option(
    "--strip-thinking/--keep-thinking",
    help="Leave out what a model thinks before its answer; unfinished thoughts are no answer.",
)
_THOUGHTS = typer.Option(help=options.THOUGHTS_HELP)
_JUDGE = typer.Option(
    help="Who decides soft constraints, FollowBench and CFBench: embedded, a folder or hub id, "
    "http://HOST/v1#MODEL (key in OPENAI_API_KEY), replayed:FILE."
)
_MODE = typer.Option(
    "--judge-mode",
    help="batch: all constraints of a response in one call, as the benchmarks do; pointwise: one.",
)
_REPLIES = typer.Option(
    help="In place of a judge: a file of the replies of FollowBench's or CFBench's own judge (id "
    "or idx, sample, reply or judge_response)."
)
_PROCESSES = typer.Option(
    help="How many verify at the same time.", min=1, show_default="one for each core"
)


@commands.command(rich_help_panel=_PANEL)
def evaluate(
    benchmarks: Annotated[
        list[str],
        typer.Argument(
            help="ifeval, ifbench, multi_if, followbench, cfbench, also with a place, such as "
            "ifeval=FILE or ifeval=ORG/NAME; or instructions of your own: a name in "
            "data/instructions or a JSONL file."
        ),
    ],
    model: Annotated[
        str,
        typer.Option(
            help="embedded, a folder, a hub id, or http://HOST:PORT/v1#MODEL (key in "
            "OPENAI_API_KEY)."
        ),
    ] = "embedded",
    adapter: Annotated[
        Path | None, typer.Option(help="A folder with a LoRA adapter of a local model.")
    ] = None,
    responses: Annotated[
        Path | None,
        typer.Option(
            help="A file of responses that were generated elsewhere: response, and id, key or "
            "prompt. --model is then only its name."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="The run's folder.", show_default="build/evaluations/BENCHMARKS_MODEL"),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(help="Only the first so many prompts of each.", min=1)
    ] = None,
    samples: Annotated[int, typer.Option(help="Responses to each prompt.", min=1)] = 1,
    max_new_tokens: Annotated[
        int, typer.Option(help="The most tokens that a response may have.", min=1)
    ] = 1280,
    temperature: Annotated[
        float, typer.Option(help="0 takes the likeliest token every time.", min=0)
    ] = 0.0,
    seed: Annotated[int, options.SEED] = 0,
    batch: Annotated[
        int, typer.Option(help="Responses that a local model decodes together.", min=1)
    ] = 32,
    quantize: Annotated[
        bool, typer.Option("--quantize", help="Load a local model in 4 bits.")
    ] = False,
    dtype: Annotated[
        str | None,
        typer.Option(
            help="Of a local model's weights: float32, bfloat16 or float16. On a processor with "
            "units for it (lscpu says amx_bf16), bfloat16 takes half of the time.",
            show_default="float32 on a CPU",
        ),
    ] = None,
    thinking: Annotated[bool | None, options.THINKING] = None,
    concurrency: Annotated[
        int | None, typer.Option(help="Of a model at a server: calls under way at once.")
    ] = None,
    timeout: Annotated[
        float | None, typer.Option(help="Of a model at a server: seconds for one call.")
    ] = None,
    extra_body: Annotated[
        str | None,
        typer.Option(
            help="Of a model at a server: more fields for each call, as JSON, such as "
            '\'{"chat_template_kwargs": {"enable_thinking": false}}\'.'
        ),
    ] = None,
    no_score: Annotated[
        bool, typer.Option("--no-score", help="Only generate; 'hppt score RUN' scores.")
    ] = False,
    reading: Annotated[str, _READING] = "text",
    strip_thinking: Annotated[bool, _STRIP] = True,
    thoughts: Annotated[str, _THOUGHTS] = "known",
    judge: Annotated[str | None, _JUDGE] = None,
    judge_mode: Annotated[str, _MODE] = "batch",
    judge_replies: Annotated[Path | None, _REPLIES] = None,
    processes: Annotated[int | None, _PROCESSES] = None,
    json: Annotated[bool, options.JSON] = False,
    keep_going: Annotated[bool, options.KEEP_GOING] = False,
    untrusted_code: Annotated[bool, options.UNTRUSTED_CODE] = False,
) -> None:
    """Evaluate a model on instruction-following benchmarks: generate once, then score.

    Prints each benchmark's metrics as its authors define them, the headline
    first, with 95 % intervals, and guarded ISR beside them. What is scored is
    the answer: what follows the thoughts in a response. A verdict that a
    judge did not give is neither a pass nor a fail.

    Killed at any moment, the same command goes on where it stopped, and the
    run is the same as without the break. The folder of another run is
    refused. 'hppt score RUN' scores again, without a model.

    Examples:
    hppt evaluate ifeval ifbench --model embedded
    hppt evaluate ifeval --model 'http://localhost:8000/v1#Qwen/Qwen3-8B'
    hppt evaluate ifeval --responses responses.jsonl --reading reference
    hppt evaluate followbench --judge 'http://localhost:8000/v1#Qwen/Qwen3-32B'
    """
    from hppt_lib.evaluation import generation
    from hppt_lib.evaluation.benchmarks import load_prompts
    from hppt_lib.evaluation.run_folder import GenerationSettings
    from hppt_lib.judges.by_name import call_settings
    from hppt_lib.verifiers import known_reading

    known_reading(reading)
    marks = thoughts if strip_thinking else "none"
    settings = GenerationSettings(samples, max_new_tokens, temperature, seed, batch, marks)
    settings.check()
    prompts = [
        load_prompts(name, limit=limit, keep_going=keep_going, show=_note) for name in benchmarks
    ]
    slug = "_".join([*(each.name for each in prompts), responses.stem if responses else model])
    path = out or Path("build") / "evaluations" / re.sub(r"[^\w.-]+", "-", slug)
    if responses:
        name = "" if model == "embedded" else model
        run = generation.from_file(
            path, prompts, responses, name=name, thoughts=marks, keep_going=keep_going
        )
    else:
        call = {"concurrency": concurrency, "timeout": timeout, "extra_body": extra_body}
        chosen = generation.backend(
            model,
            settings,
            adapter=adapter,
            thinking=thinking,
            quantize=quantize,
            dtype=dtype,
            **call_settings(model, **call) if any(call.values()) else {},
        )
        run = generation.generate(path, prompts, chosen, settings, progress=sys.stderr.isatty())
    _note(f"Responses: {run.predictions_path}")
    if not no_score:
        _say(_scored(run, reading, marks, judge, judge_mode, judge_replies, processes), json)


@commands.command(rich_help_panel=_PANEL)
def score(
    run: Annotated[Path, typer.Argument(help="The folder of a run of 'hppt evaluate'.")],
    less: Annotated[
        Path | None,
        typer.Option(
            help="The folder of another run on the same prompts, that of the base say: shows how "
            "far the two differ, paired by prompt. It was scored in the same way before."
        ),
    ] = None,
    reading: Annotated[str, _READING] = "text",
    strip_thinking: Annotated[bool, _STRIP] = True,
    thoughts: Annotated[str, _THOUGHTS] = "known",
    judge: Annotated[str | None, _JUDGE] = None,
    judge_mode: Annotated[str, _MODE] = "batch",
    judge_replies: Annotated[Path | None, _REPLIES] = None,
    processes: Annotated[int | None, _PROCESSES] = None,
    json: Annotated[bool, options.JSON] = False,
    untrusted_code: Annotated[bool, options.UNTRUSTED_CODE] = False,
) -> None:
    """Score the responses of a run again: no model is needed, but perhaps a judge.

    Writes verdicts.jsonl, report.json and report.txt in the run's folder. A
    judge's answers are kept there too, and none is asked for twice.

    Examples:
    hppt score build/evaluations/ifeval_embedded --reading reference
    hppt score build/evaluations/trained --less build/evaluations/base
    """
    from json import dumps

    from hppt_lib.evaluation import compare_runs, open_run

    marks = thoughts if strip_thinking else "none"
    found, other = open_run(run), open_run(less) if less else None
    report = _scored(found, reading, marks, judge, judge_mode, judge_replies, processes)
    if other is None or not json:
        _say(report, json)
    if other:
        beside = compare_runs(found, other)
        both = {**report.as_json(), **beside.as_json()}
        say(dumps(both, indent=2) if json else "\n" + beside.as_table())


@commands.command(rich_help_panel=_PANEL)
def internalisation(
    base: Annotated[
        Path | None,
        typer.Argument(
            help="The folder of a run of the base policy.",
            show_default="data/evaluations/internalisation-base, of the embedded model",
        ),
    ] = None,
    arm: Annotated[
        list[str] | None,
        typer.Option(
            help="A trained policy, NAME=FOLDER. Runs with one name are seeds of one arm. May be "
            "repeated.",
            show_default="none",
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the table and the figure.")] = None,
    json: Annotated[bool, options.JSON] = False,
) -> None:
    """How much of what a policy gained it also shows in forms that it never met.

    The instructions 'internalisation' ask for one thing in four forms: as in
    training (hard_train), in other wordings, with the sentences in reverse
    order, and for other types of constraint. The index is the gain over the
    base in the last three, on average, over that in the first: 1 if all of it
    is kept, 0 if none is. It is given where the gain as in training is clear
    of zero. Counted is guarded ISR; intervals are of a bootstrap over topics,
    and over runs too from eight runs of an arm on.

    Examples (each policy is evaluated in the same way, then compared):
    hppt evaluate internalisation --adapter build/records/cpu-guarded-seed0.model
      --temperature 0.8 --samples 2 --max-new-tokens 40 --out build/guarded-0
    hppt internalisation --arm guarded=build/guarded-0 --out build/internalisation

    Of another model, its base comes first:
    hppt internalisation build/qwen --arm mine=build/qwen-mine
    """
    from json import dumps

    from hppt_lib.evaluation import internalised, open_run, responses_of, same_generation
    from hppt_lib.files import repository_folder, whole_file, write_text

    of_base = open_run(
        base or repository_folder() / "data" / "evaluations" / "internalisation-base"
    )
    runs: dict[str, list[RunFolder]] = {}
    for each in arm or []:
        name, equals, folder = each.partition("=")
        if not (name and equals and folder):
            raise HpptError(f"'{each}' is not of the form NAME=FOLDER.")
        runs.setdefault(name, []).append(open_run(folder))
        same_generation(of_base, runs[name][-1])
    made = of_base.identity["generation"]
    found = internalised(
        responses_of(of_base),
        {name: [responses_of(run) for run in some] for name, some in runs.items()},
        provenance=f"{len(of_base.items)} prompts, {made['samples']} samples of the base, at most "
        f"{made['max_new_tokens']} tokens, temperature {made['temperature']}",
    )
    if out:
        from hppt_lib.figures import internalisation_figure, use_style

        use_style()
        write_text(out / "internalisation.txt", found.as_table(width=120) + "\n")
        with whole_file(out / "internalisation.png") as temporary:
            internalisation_figure(found).savefig(temporary, format="png", dpi=110)
    say(dumps(found.as_json(), indent=2) if json else found.as_table())


def _scored(
    run: RunFolder,
    reading: str,
    thoughts: str,
    judge: str | None,
    mode: str,
    judge_replies: Path | None,
    processes: int | None,
) -> Report:
    from typing import cast

    from hppt_lib import judges
    from hppt_lib.evaluation.run_scores import ScoreSettings, score_run
    from hppt_lib.machine import usable_cores
    from hppt_lib.verifiers import known_reading, thought_marks

    if mode not in ("batch", "pointwise"):
        raise HpptError(f"There is no mode '{mode}'. Choose batch or pointwise.")
    if judge and judge_replies:
        raise HpptError("Give --judge or --judge-replies, not both.")
    return score_run(
        run,
        ScoreSettings(known_reading(reading), thought_marks(thoughts), cast("judges.Mode", mode)),
        judge=judges.judge(judge, cache=run.path / "judge.jsonl", progress=sys.stderr.isatty())
        if judge
        else None,
        judge_replies=judge_replies,
        processes=processes or usable_cores(),
        progress=sys.stderr.isatty(),
    )


def _say(report: Report, as_json: bool) -> None:
    from json import dumps

    say(dumps(report.as_json(), indent=2) if as_json else report.as_table())


def _note(text: str) -> None:
    say(text, err=True)
