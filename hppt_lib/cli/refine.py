"""The commands on refining the data: ``hppt pilot`` and ``hppt refine``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hppt_lib.cli import options
from hppt_lib.cli.console import say

commands = typer.Typer()
_PANEL = "Refining the data"


@commands.command(rich_help_panel=_PANEL)
def pilot(
    instructions: Annotated[str, typer.Argument(help=options.INSTRUCTIONS_HELP)] = "train",
    limit: Annotated[
        int | None,
        typer.Option(help="Only the first so many (the shipped files are shuffled).", min=1),
    ] = None,
    samples: Annotated[int, typer.Option(help="Responses to each instruction.", min=1)] = 8,
    max_new_tokens: Annotated[
        int, typer.Option(help="The most tokens that a response may have.", min=1)
    ] = 48,
    temperature: Annotated[float, typer.Option(help="Sampling temperature.", min=0)] = 0.8,
    seed: Annotated[int, options.SEED] = 0,
    stop: Annotated[
        str,
        typer.Option(
            help="ever or window: stop sampling an instruction as soon as this rule (see 'hppt "
            "refine') is decided. Saves rollouts, but leaves no curve over the budget."
        ),
    ] = "",
    reward: Annotated[
        str, typer.Option(help="The reward for --stop and --dropped-by: strict or guarded.")
    ] = "guarded",
    model: Annotated[str, options.MODEL] = "embedded",
    thinking: Annotated[bool | None, options.THINKING] = None,
    thoughts: Annotated[str, typer.Option(help=options.THOUGHTS_HELP)] = "known",
    dropped_by: Annotated[
        Path | None,
        typer.Option(
            help="A pilot log: sample only what that pilot never rewarded, to see whether more "
            "samples would have kept it. Give another --seed."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="The pilot log.", show_default="build/pilots/INSTRUCTIONS.jsonl"),
    ] = None,
    untrusted_code: Annotated[bool, options.UNTRUSTED_CODE] = False,
) -> None:
    """Sample a few responses to each instruction: the pilot that Step A learns from.

    The pilot log is written as it goes. Killed at any moment, the same
    command goes on where it stopped, and the log is the same as without the
    break. There is no judge here: soft constraints are left out, and so are
    instructions that have no others. 'hppt refine LOG' comes next.

    Examples:
    hppt pilot train --limit 600 --samples 8
    hppt pilot train --dropped-by build/pilots/train.jsonl --seed 1 --out build/pilots/again.jsonl
    """
    from hppt_lib.files import check_writable
    from hppt_lib.instructions.model import chosen_instructions
    from hppt_lib.policy import load_policy, outline, prompt_lengths
    from hppt_lib.refine import PilotSettings, Speed, never_rewarded, run_pilot, scorable
    from hppt_lib.verifiers import thought_marks

    candidates = chosen_instructions(instructions)
    if dropped_by:
        candidates = never_rewarded(dropped_by, candidates, reward=reward, seed=seed)
    with_hard = scorable(candidates)
    chosen = with_hard[:limit]
    path = out or Path("build") / "pilots" / f"{Path(instructions).stem}.jsonl"
    settings = PilotSettings(samples, max_new_tokens, temperature, seed, stop, reward, thoughts)
    # All that can be known before the weights are read
    thought_marks(thoughts)
    check_writable(path.parent)
    found = outline(model, thinking=thinking)
    prompt_lengths(chosen, found.tokenizer).require_room(
        found.name, found.positions, max_new_tokens
    )
    speed = Speed()
    done = run_pilot(load_policy(model, thinking=thinking), chosen, settings, path, speed=speed)
    for name in ("strict", "guarded"):
        rewarded = sum(any(history) for history in done.rewards(name).values())
        say(f"{name:7}  {rewarded} of {len(chosen)} instructions rewarded at least once")
    if left_out := len(candidates) - len(with_hard):
        say(f"{left_out} instructions were left out: they have no hard constraint")
    say(f"{speed}; pilot log: {path}")


@commands.command(rich_help_panel=_PANEL)
def refine(
    log: Annotated[Path, typer.Argument(help="A pilot log: what 'hppt pilot' wrote.")],
    instructions: Annotated[str, options.INSTRUCTIONS] = "train",
    rule: Annotated[
        str,
        typer.Option(
            help="ever: keep what was rewarded at least once (the paper). window: keep a pass rate "
            "in (0, 0.5] (IFDecorator)."
        ),
    ] = "ever",
    samples: Annotated[
        int | None,
        typer.Option(
            help="Count only so many samples of each, from the first on.", show_default="all", min=1
        ),
    ] = None,
    budget: Annotated[
        int | None,
        typer.Option(help="Count as many samples as so many rollouts in all allow.", min=1),
    ] = None,
    reward: Annotated[
        str, typer.Option(help="The reward that decides: strict or guarded.")
    ] = "guarded",
    keep_soft: Annotated[
        str,
        typer.Option(
            help="The soft constraint that Step B keeps: first, last or drawn (at random)."
        ),
    ] = "first",
    seed: Annotated[int, options.SEED] = 0,
    out: Annotated[
        Path | None, typer.Option(help="Folder.", show_default="build/refined/LOG")
    ] = None,
    untrusted_code: Annotated[bool, options.UNTRUSTED_CODE] = False,
) -> None:
    """Refine instructions by a pilot: Step A (learnable?), Step B (one soft constraint at most).

    Writes kept.jsonl, control.jsonl (as many, drawn at random),
    decisions.jsonl (each with its reason and reward history), a summary and
    figures. A reward of zero can also mean a weak policy or a small budget:
    look at control.png, and at budget.png, before you believe the filter.
    One random control may flatter it: draw another for each training seed
    (--seed 1 --out build/refined/seed1, and so on).

    Example: hppt refine build/pilots/train.jsonl --rule window
    """
    import matplotlib

    matplotlib.use("agg")  # draw without a display
    from hppt_lib.figures import refinement_figures, use_style
    from hppt_lib.refine import refinement_of_log, summary, write_refinement

    result = refinement_of_log(
        log,
        instructions,
        reward=reward,
        rule=rule,
        samples=samples,
        budget=budget,
        keep=keep_soft,
        seed=seed,
    )
    say(summary(result))
    use_style()
    figures = refinement_figures(result) if result.step_a.kept else {}
    for path in write_refinement(result, out or Path("build/refined") / log.stem, figures):
        say(f"wrote {path}")


@commands.command("match-diversity", rich_help_panel=_PANEL)
def match_diversity(
    log: Annotated[Path, typer.Argument(help="A pilot log of instructions with one constraint.")],
    out: Annotated[Path, typer.Option(help="The folder to write few-SEED and many-SEED into.")],
    instructions: Annotated[str, typer.Option(help=options.INSTRUCTIONS_HELP)] = "single_train",
    first_seed: Annotated[int, typer.Option(help="The first seed of the runs.", min=0)] = 100,
    seeds: Annotated[int, typer.Option(help="How many seeds.", min=1)] = 8,
    size: Annotated[int, typer.Option(help="Instructions in a set.", min=1)] = 96,
    few: Annotated[int, typer.Option(help="Types in a small set.", min=1)] = 4,
    many: Annotated[int, typer.Option(help="Types in a large set.", min=2)] = 12,
) -> None:
    """Choose few types of constraint or many, equally hard: the data of a fair comparison.

    Types that the pilot's policy always or never satisfies are left out; of
    each quarter of the others by difficulty a small set has one type, in turn
    over the seeds. Instructions are chosen so that pass rate and the share
    that teaches agree on the first half of the samples; the table says whether
    they do on the second.

    Examples:
    hppt pilot single_train --samples 16 --max-new-tokens 40
    hppt match-diversity build/pilots/single_train.jsonl --out build/diversity
    """
    from hppt_lib.instructions import chosen_instructions
    from hppt_lib.refine import diversity_table, few_and_many, read_pilot, write_diversity

    found = few_and_many(
        read_pilot(log, chosen_instructions(instructions)),
        range(first_seed, first_seed + seeds),
        size=size,
        few=few,
        many=many,
    )
    say(diversity_table(found))
    for path in write_diversity(found, out):
        say(f"wrote {path}")
