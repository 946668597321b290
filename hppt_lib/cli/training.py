"""The commands on training: ``hppt plan`` and ``hppt train``."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hppt_lib.cli import options
from hppt_lib.cli.console import say
from hppt_lib.errors import needs

if TYPE_CHECKING:
    from hppt_lib.training import RunSettings

commands = typer.Typer()
_PANEL = "Training"
_FILE = typer.Option(
    "--settings",
    help="A YAML file with the settings that differ from the tier's; it may name the tier.",
)
_SET = typer.Option(
    "--set", help="One setting, such as training.steps=5 or micro_batch=8. May be repeated."
)


@commands.command(rich_help_panel=_PANEL)
def plan(
    tier: Annotated[str | None, options.TIER] = None,
    model: Annotated[
        str | None,
        typer.Option(help="embedded, a folder, or a hub id.", show_default="the tier's"),
    ] = None,
    settings: Annotated[Path | None, _FILE] = None,
    change: Annotated[list[str] | None, _SET] = None,
    memory: Annotated[
        float | None,
        typer.Option(
            help="GiB that there are.", show_default="the tier's GPU, or this machine's", min=0
        ),
    ] = None,
    prompt_tokens: Annotated[
        int | None,
        typer.Option(
            help="Length of the longest prompt, chat template included.",
            show_default="that of a JSONL file of instructions; else 64 or 144 at smoke and cpu, "
            "256 on a GPU",
            min=1,
        ),
    ] = None,
    measure: Annotated[
        bool,
        typer.Option(
            "--measure",
            help="Time this machine first, with a few layers of random weights (a minute or two), "
            "and plan with what was measured, now and later. Else data sheets are used.",
        ),
    ] = False,
    json: Annotated[bool, options.JSON] = False,
    untrusted_code: Annotated[bool, options.UNTRUSTED_CODE] = False,
) -> None:
    """Say what training at a tier needs, part by part, before anything is loaded.

    Nothing is downloaded, and no model is loaded, so a GPU tier can be
    planned on any machine. The time is computed from data sheets, or from what
    --measure found on this machine. The prompts of a JSONL file are measured, with the
    model's tokenizer if it is here. Ends with status 1 if it cannot fit, and
    says which part to make smaller, or which prompt is too long.

    Examples:
    hppt plan --tier gpu-24gb
    hppt plan --tier gpu-16gb --model Qwen/Qwen2.5-7B-Instruct --set micro_batch=2
    hppt plan --tier cpu --memory 4 --set micro_batch=8
    hppt plan --tier cpu --measure
    """
    from json import dumps

    from hppt_lib.training import plan_of
    from hppt_lib.training.calibration import keep_rates, kept_rates, measured_rates

    run = _settings(settings, change, tier=tier, model=model)
    if measure:
        keep_rates(run.tier, measured_rates(run.tier))
    rates = kept_rates(run.tier)
    estimate = plan_of(run, memory_gib=memory, prompt_tokens=prompt_tokens, rates=rates)
    say(dumps(estimate.as_json(), indent=2) if json else estimate.as_table())
    estimate.check()


@commands.command(rich_help_panel=_PANEL)
def train(
    reward: Annotated[
        str | None,
        typer.Option(
            help="What is rewarded: strict, guarded, fractional, noisy(false_pass=0.1), "
            "judged(judge=embedded), my_module:my_function, … (hppt_lib.rewards.FORMS).",
            show_default="guarded",
        ),
    ] = None,
    seed: Annotated[int | None, options.SEED] = None,
    tier: Annotated[str | None, options.TIER] = None,
    instructions: Annotated[
        str | None, typer.Option(help=options.INSTRUCTIONS_HELP, show_default="hard_train")
    ] = None,
    held_out: Annotated[
        str | None,
        typer.Option(
            help="What the policy is evaluated on before and after: a name or a JSONL file, as "
            "above, with no prompt that is trained on.",
            show_default="hard_heldout",
        ),
    ] = None,
    settings: Annotated[Path | None, _FILE] = None,
    change: Annotated[list[str] | None, _SET] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for the run record, or a name that ends with .json.",
            show_default="build/records",
        ),
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option(
            help="Stop before the step that would end later than this, counted in time of "
            "training. Evaluations come on top, and at least one step is made.",
            show_default="no limit",
            min=0,
        ),
    ] = None,
    samples: Annotated[
        int | None,
        typer.Option(
            help="Stop before the step that would need more rollouts than this. Two rewards "
            "compared at one budget have seen equally many responses.",
            show_default="no limit",
            min=1,
        ),
    ] = None,
    report_to: Annotated[
        str | None,
        typer.Option(
            help="Who gets the curves too, as TRL names them: trackio, wandb, tensorboard (commas "
            "between several).",
            show_default="none",
        ),
    ] = None,
    merge: Annotated[
        bool,
        typer.Option("--merge", help="Write the whole model too, with the adapter added in."),
    ] = False,
    no_plan: Annotated[
        bool,
        typer.Option(
            "--no-plan",
            help="Start without a plan: for a kind of model that the plan cannot count, or a "
            "memory that it counts wrongly.",
        ),
    ] = False,
    fresh: Annotated[
        bool,
        typer.Option(
            "--fresh", help="Begin again, and replace what a run of this name left, its record too."
        ),
    ] = False,
    untrusted_code: Annotated[bool, options.UNTRUSTED_CODE] = False,
) -> None:
    """Train the policy once, evaluate it before and after, write its record and its model.

    Without options this is the run of the notebook on training: 5 to 15
    minutes at tier cpu. It is planned first ('hppt plan'): what cannot fit,
    and a GPU tier on a machine without one, is refused before anything is
    loaded. So are too few instructions, a model without a chat template, and
    a judge that does not answer. What --set says wins over the other options,
    these over the file.

    What a run leaves: the record NAME.json with every response, which 'hppt
    compare' and 'hppt pictures' read; and the folder NAME.model with the
    trained adapter and its model card. Plain peft loads it, and here it is a
    model like any other: --set model=NAME.model trains on from it. --merge
    writes the whole model as NAME.merged; 'hppt merge' does so later.
    --report-to tensorboard writes into NAME.tensorboard.

    What is rewarded and evaluated is the answer: what follows the thoughts in
    a response. --set thinking=false has a model answer at once, if its chat
    template has the switch enable_thinking; --set "thoughts=<plan> </plan>"
    names other marks of thoughts than the known ones.

    Stopped at any moment (killed, out of memory, Ctrl-C), the same command
    goes on after the last whole step, and the record is the same, but for
    times, as without the break. Until it is written, the folder NAME.run
    beside it keeps checkpoints, steps and the base policy's responses. Another
    model (by its weights, not its name), other data or settings under the same
    name are refused. A run that --minutes or
    --samples ends is evaluated and recorded like any other; its record says
    so in 'stopped_by'.

    Examples:
    hppt train --tier smoke
    hppt train --set quantize=true --out build/qlora.json
    hppt train --reward "noisy(false_pass=0.1, of=guarded)" --seed 1
    hppt train --settings mine.yaml --set training.steps=5 --out build/mine.json
    hppt train --minutes 60 --fresh
    hppt train --tier smoke --merge --out build/mine.json
    hppt train --instructions mine.jsonl --held-out held.jsonl

    A file mine.yaml, which names only what differs from its tier:
    tier: cpu
    reward: guarded(guard=all)
    training: {steps: 10, learning_rate: 3e-4}
    """
    needs("train")  # the plan does without it, the run would not
    from hppt_lib import training

    run = _settings(
        settings,
        change,
        tier=tier,
        reward=reward,
        seed=seed,
        instructions=instructions,
        held_out=held_out,
        report_to=report_to,
    )
    if not no_plan:
        say(training.checked_plan(run).as_line(), err=True)

    path, lines = training.run_and_write(
        run,
        out or Path("build") / "records",
        fresh=fresh,
        budget=training.Budget(minutes, samples),
        merge=merge,
        command=_command(),
        show=lambda line: say(line, err=True),
    )
    for line in lines:
        say(line)
    if lines:
        say(f"record: {path}")


@commands.command(rich_help_panel=_PANEL)
def merge(
    adapter: Annotated[Path, typer.Argument(help="The folder of an adapter, such as NAME.model.")],
    out: Annotated[Path, typer.Option(help="The folder to write.")],
) -> None:
    """Make a whole model of an adapter: add it into the weights of its base.

    The base is loaded on the CPU as it is stored, never in 4 bits. What comes
    out loads without peft, in vLLM or llama.cpp's converter for one; and a
    run can go on from it in 4 bits, which it cannot from an adapter.

    Example: hppt merge build/records/cpu-guarded-seed0.model --out build/whole
    """
    from hppt_lib.policy import merge_adapter

    say(f"wrote {merge_adapter(adapter, out)}")


def _command() -> str:
    """The command line as it was given, for the model's card."""
    tier = os.environ.get("HPPT_TIER")
    given = f"HPPT_TIER={shlex.quote(tier)} " if tier else ""
    return given + shlex.join(["hppt", *sys.argv[1:]])


def _settings(
    file: Path | None, changes: list[str] | None, **options: str | int | None
) -> RunSettings:
    """The settings of a file, changed by options, changed by ``--set``."""
    from hppt_lib.training import Change, parse_change, read_changes, run_settings

    changed = read_changes(file) if file else []
    changed += [
        Change(name, value, f"--{name.replace('_', '-')}")
        for name, value in options.items()
        if value is not None
    ]
    return run_settings(None, [*changed, *map(parse_change, changes or ())])
