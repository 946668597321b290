"""Turns a pilot log into refined instructions and a summary, as ``hppt refine`` does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hppt_lib.errors import HpptError
from hppt_lib.files import whole_file, write_jsonl, write_text
from hppt_lib.instructions.model import Instruction, chosen_instructions, write_instructions
from hppt_lib.refine.pilot_log import Pilot, read_pilot
from hppt_lib.refine.quality import FilterQuality, composition, filter_quality, quality_rows
from hppt_lib.refine.steps import (
    EVER,
    RULES,
    SOFT_RULES,
    Rule,
    SoftRule,
    StepA,
    StepB,
    first_soft,
    samples_within,
    step_a,
    step_b,
)
from hppt_lib.terminal import as_text, table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_WIDTH = 130  # characters of the summary, everywhere: at this width no number is cut


@dataclass(frozen=True)
class Refinement:
    """Steps A and B on the instructions of a pilot.

    Attributes:
        pilot: the pilot.
        reward: name of the reward that Step A looks at.
        step_a: what Step A kept, with its control.
        kept: Step B on what Step A kept: the refined instructions.
        control: Step B on the control, so that both differ in nothing but the filter.
    """

    pilot: Pilot
    reward: str
    step_a: StepA
    kept: StepB
    control: StepB


def refinement(
    pilot: Pilot,
    *,
    reward: str = "guarded",
    rule: Rule = EVER,
    samples: int | None = None,
    keep: SoftRule = first_soft,
    seed: int = 0,
) -> Refinement:
    """Steps A and B on the instructions of a pilot.

    Args:
        pilot: a pilot, finished or not yet.
        reward: ``strict`` or ``guarded``.
        rule: Step A's rule.
        samples: how many samples of each instruction count; all by default.
        keep: Step B's rule.
        seed: seed of the random control.

    Raises:
        HpptError: nothing has been sampled, or too little for the rule.
    """
    if not pilot.instructions:
        raise HpptError("The pilot has not sampled anything yet: run 'hppt pilot' first.")
    step = step_a(
        pilot.instructions,
        pilot.rewards(reward),
        samples=samples or pilot.settings.samples,
        rule=rule,
        seed=seed,
    )
    return Refinement(pilot, reward, step, step_b(step.kept, keep), step_b(step.control, keep))


def refinement_of_log(
    log: Path,
    instructions: str,
    *,
    reward: str,
    rule: str,
    samples: int | None,
    budget: int | None,
    keep: str,
    seed: int,
) -> Refinement:
    """`refinement` of a pilot log, from names as the command line has them.

    Args:
        log: the pilot log.
        instructions: those that were sampled: a name in ``data/instructions``, or a JSONL file.
        reward: see `refinement`.
        rule: a name in `RULES`.
        samples: see `refinement`.
        budget: rollouts in all, instead of ``samples``.
        keep: a name in `SOFT_RULES`.
        seed: see `refinement`.

    Raises:
        HpptError: a name is unknown, or both ``samples`` and ``budget`` are given; and as
            `read_pilot` and `refinement` do.
    """
    for kind, name, known in (("rule", rule, RULES), ("soft rule", keep, SOFT_RULES)):
        if name not in known:
            raise HpptError(f"There is no {kind} '{name}'. Choose one of: {', '.join(known)}.")
    if samples and budget:
        raise HpptError("Give either a number of samples or a budget of rollouts, not both.")
    pilot = read_pilot(log, chosen_instructions(instructions))
    if budget:
        samples = samples_within(
            pilot.rewards(reward), budget, most=pilot.settings.samples, rule=RULES[rule]
        )
    return refinement(
        pilot, reward=reward, rule=RULES[rule], samples=samples, keep=SOFT_RULES[keep], seed=seed
    )


def never_rewarded(
    log: Path, instructions: Sequence[Instruction], *, reward: str, seed: int
) -> list[Instruction]:
    """The instructions that a pilot never rewarded, in its order: to be sampled again and longer.

    Args:
        log: the pilot log.
        instructions: those that were sampled; more do no harm.
        reward: ``strict`` or ``guarded``.
        seed: seed of the pilot that is to sample them again.

    Raises:
        HpptError: the seed is that of the log, so the new samples would not be independent of the
            old ones; or the log cannot be read, or every instruction was rewarded.
    """
    pilot = read_pilot(log, instructions)
    if pilot.settings.seed == seed:
        raise HpptError(
            f"{log} was itself sampled with seed {seed}. Give another --seed, so that the new "
            "samples are independent of those that chose the instructions."
        )
    histories = pilot.rewards(reward)
    chosen = [each for each in pilot.instructions if not any(histories[each.id])]
    if not chosen:
        raise HpptError(f"{log} rewarded every instruction: there is nothing to sample again.")
    return chosen


def sample_budgets(samples: int) -> list[int]:
    """The sample numbers at which a filter is measured: 1 to 8, then doublings, then all.

    Args:
        samples: how many there are of each instruction.
    """
    budgets = list(range(1, min(samples, 8) + 1))
    while budgets[-1] * 2 <= samples:
        budgets.append(budgets[-1] * 2)
    return budgets if budgets[-1] == samples else [*budgets, samples]


def quality_by_budget(result: Refinement) -> list[FilterQuality]:
    """How good the filter is at each of `sample_budgets`."""
    return filter_quality(
        result.pilot.instructions,
        result.pilot.rewards(result.reward),
        sample_budgets(result.step_a.samples),
        result.step_a.rule,
    )


def summary(result: Refinement) -> str:
    """A text to print: what was kept and dropped, the control, and how good the filter is."""
    step, pilot = result.step_a, result.pilot
    lines = [
        f"{len(step.decisions)} of {pilot.planned} instructions sampled by {pilot.model}; "
        + (f"judge: {pilot.judge}" if pilot.judge else "no judge: soft constraints were left out"),
        f"Step A ('{step.rule.name}', {result.reward} reward, {step.samples} samples): "
        f"{len(step.kept)} kept, {len(step.dropped)} dropped",
        f"rollouts: {step.spent} with sequential stopping, {step.full} without "
        f"({1 - step.spent / step.full:.0%} saved)",
        f"Step B: {len(result.kept.changed)} of the kept lost soft constraints; "
        f"{len(result.kept.unfit)} could not be rewritten",
    ]
    groups = [
        [
            name,
            group.size,
            f"{sum(number * share.mean for number, share in group.constraints.items()):.2f}",
            f"{group.prompt_words.mean:.1f}",
            group.kinds.get("hard"),
            group.unlearnable,
        ]
        for name, group in composition(step).items()
    ]
    tables = [table(["", "size", "constraints", "words", "hard only", "unlearnable"], groups)]
    if not pilot.settings.stop:
        rows = quality_rows(quality_by_budget(result))
        tables.append(table(list(rows[0]), [list(row.values()) for row in rows], text=()))
    return as_text(*lines, *tables, width=_WIDTH)


def write_refinement(result: Refinement, folder: Path, figures: Mapping[str, Figure]) -> list[Path]:
    """Write the refined instructions, the control, every decision, the summary and the figures.

    Args:
        result: what was refined.
        folder: where to.
        figures: file name (without ``.png``) to figure, such as
            `hppt_lib.figures.refinement_figures` makes.

    Returns:
        The paths of the files.

    Raises:
        HpptError: nothing was kept, or a file could not be written.
    """
    step = result.step_a
    if not step.kept:
        raise HpptError(
            "Step A keeps nothing: no instruction's pass rate is within the rule. Take more "
            "samples, a stronger policy, or the strict reward."
        )
    paths = [folder / "kept.jsonl", folder / "control.jsonl", folder / "decisions.jsonl"]
    write_instructions(paths[0], result.kept.instructions)
    write_instructions(paths[1], result.control.instructions)
    rows = (
        {
            "id": each.instruction.id,
            "kept": each.kept,
            "reason": each.reason,
            "rewards": each.rewards,
            "used": each.used,
            "unlearnable": each.instruction.unlearnable,
        }
        for each in step.decisions
    )
    write_jsonl(paths[2], rows)
    paths.append(folder / "summary.txt")
    write_text(paths[3], summary(result) + "\n")
    for name, figure in figures.items():
        paths.append(folder / f"{name}.png")
        with whole_file(paths[-1]) as temporary:
            figure.savefig(temporary, format="png", dpi=110)
    return paths
