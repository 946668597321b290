"""A pilot's record made into refined instructions, with a summary: what ``hppt refine`` does."""

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

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Refinement:
    """Steps A and B of a pilot.

    Attributes:
        pilot: the pilot.
        reward: name of the reward that counts.
        step_a: what was kept, with its control.
        kept: Step B of the kept: the refined instructions.
        control: Step B of the control, so that the two differ in nothing but the filter.
    """

    pilot: Pilot
    reward: str
    step_a: StepA
    kept: StepB
    control: StepB


def refined(
    pilot: Pilot,
    *,
    reward: str = "guarded",
    rule: Rule = EVER,
    samples: int | None = None,
    keep: SoftRule = first_soft,
    seed: int = 0,
) -> Refinement:
    """Apply Step A and then Step B to the instructions of a pilot.

    Args:
        pilot: a pilot, whole or as far as it went.
        reward: ``strict`` or ``guarded``.
        rule: Step A's rule.
        samples: of each instruction, how many count; all by default.
        keep: Step B's rule.
        seed: draws the random control.

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
    record: Path,
    instructions: str,
    *,
    reward: str,
    rule: str,
    samples: int | None,
    budget: int | None,
    keep: str,
    seed: int,
) -> Refinement:
    """The same from a record's path and from names, as the command line has them.

    Args:
        record: the pilot's record.
        instructions: see `hppt_lib.instructions.model.chosen_instructions`.
        reward: see `refined`.
        rule: a name in `hppt_lib.refine.steps.RULES`.
        samples: see `refined`.
        budget: rollouts in all, in the place of ``samples``.
        keep: a name in `hppt_lib.refine.steps.SOFT_RULES`.
        seed: see `refined`.

    Raises:
        HpptError: there is nothing of one of these names, or both ``samples`` and ``budget`` are
            given; and as `refined` does.
    """
    for kind, name, known in (("rule", rule, RULES), ("soft rule", keep, SOFT_RULES)):
        if name not in known:
            raise HpptError(f"There is no {kind} '{name}'. Choose one of: {', '.join(known)}.")
    if samples and budget:
        raise HpptError("Give either a number of samples or a budget of rollouts, not both.")
    pilot = read_pilot(record, chosen_instructions(instructions))
    if budget:
        samples = samples_within(
            pilot.rewards(reward), budget, most=pilot.settings.samples, rule=RULES[rule]
        )
    return refined(
        pilot, reward=reward, rule=RULES[rule], samples=samples, keep=SOFT_RULES[keep], seed=seed
    )


def dropped_by(
    record: Path, instructions: Sequence[Instruction], *, reward: str, seed: int
) -> list[Instruction]:
    """The instructions that a pilot sampled in full and never rewarded, in its order.

    Args:
        record: the pilot's record.
        instructions: those it was made from; more do no harm.
        reward: ``strict`` or ``guarded``.
        seed: of the pilot that is to sample them again.

    Raises:
        HpptError: the seed is the record's own: the new samples would not be independent of the
            old ones; or the record cannot be read, or dropped nothing.
    """
    pilot = read_pilot(record, instructions)
    if pilot.settings.seed == seed:
        raise HpptError(
            f"{record} was sampled with seed {seed} itself. Give another --seed, so that the new "
            "samples are independent of those that chose the instructions."
        )
    histories = pilot.rewards(reward)
    found = [each for each in pilot.instructions if not any(histories[each.id])]
    if not found:
        raise HpptError(f"{record} rewarded every instruction: there is nothing to sample again.")
    return found


def budgets(samples: int) -> list[int]:
    """The budgets at which a filter is scored: every number of samples up to 8, then doublings."""
    found = list(range(1, min(samples, 8) + 1))
    while found[-1] * 2 <= samples:
        found.append(found[-1] * 2)
    return found if found[-1] == samples else [*found, samples]


def summary(result: Refinement) -> str:
    """What was kept and dropped, the control, and the filter's score, as text for a terminal."""
    step, pilot = result.step_a, result.pilot
    count = len(step.decisions)
    lines = [
        f"{count} of {pilot.planned} instructions sampled by {pilot.model}; "
        + (f"judge: {pilot.judge}" if pilot.judge else "no judge: soft constraints were left out"),
        f"Step A ('{step.rule.name}', {result.reward} reward, {step.samples} samples): "
        f"{len(step.kept)} kept, {len(step.dropped)} dropped",
        f"rollouts: {step.spent} with sequential stopping, {step.full} without "
        f"({1 - step.spent / step.full:.0%} saved)",
        f"Step B: {len(result.kept.changed)} of the kept lost soft constraints; "
        f"{len(result.kept.unfit)} could not be rewritten",
        "",
        f"{'':9} {'size':>5} {'constraints':>11} {'words':>6} {'hard only':>20} "
        f"{'unlearnable':>20}",
    ]
    for name, group in composition(step).items():
        number = sum(value * share.mean for value, share in group.constraints.items())
        hard = str(group.kinds["hard"]) if "hard" in group.kinds else "none"
        lines.append(
            f"{name:9} {group.size:5} {number:11.2f} {group.prompt_words[0]:6.1f} {hard:>20} "
            f"{group.unlearnable!s:>20}"
        )
    if not pilot.settings.stop:
        rows = quality_rows(quality_by_budget(result))
        widths = {name: max(len(name), *(len(row[name]) for row in rows)) for name in rows[0]}
        lines += ["", "  ".join(f"{name:>{widths[name]}}" for name in rows[0])]
        lines += ["  ".join(f"{row[name]:>{widths[name]}}" for name in row) for row in rows]
    return "\n".join(lines)


def write_refinement(result: Refinement, folder: Path, figures: Mapping[str, Figure]) -> list[Path]:
    """Write the refined instructions, the control, every decision, the summary and the figures.

    Args:
        result: what was refined.
        folder: where it goes.
        figures: what is drawn of it, by file name, such as
            `hppt_lib.figures.refine.refinement_figures` makes.

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


def quality_by_budget(result: Refinement) -> list[FilterQuality]:
    """How good the filter is at each budget, beside chance."""
    return filter_quality(
        result.pilot.instructions,
        result.pilot.rewards(result.reward),
        budgets(result.step_a.samples),
        result.step_a.rule,
    )
