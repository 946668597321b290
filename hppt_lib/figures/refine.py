"""Figures of the refinement: what the filter keeps and misses, beside a random control."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from hppt_lib.figures.style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SKY,
    SMALL,
    YELLOW,
    band,
    caption,
    per_cent,
    provenance_line,
    row_interval,
)
from hppt_lib.intervals import Rate
from hppt_lib.refine.quality import FilterQuality, Group, composition, kept_by, number_of, types_of
from hppt_lib.refine.report import Refinement, quality_by_budget
from hppt_lib.refine.steps import StepA

COLOURS: dict[str, Any] = {
    # what becomes of an instruction
    "kept": BLUE,
    "dropped": ORANGE,
    "control": GREY,
    # what an instruction is
    "unmarked": SKY,
    "beyond": YELLOW,
    "contradictory": PURPLE,
    "proven": GREEN,
}
"""Decisions and sorts of instructions; no colour means one thing here and another there."""

_SORTS = {"": "not marked", "beyond": "beyond the model", "contradictory": "contradictory"}


def refine_figure(step: StepA, provenance: str) -> Figure:
    """Step A at a glance: pass rates, who is kept, and what becomes of the unlearnable ones.

    Without pass rates where the pilot stopped at each instruction's decision: of samples that end
    with the first reward, the share rewarded is too high (.58 for .37 in the shipped pilot).
    """
    types = len(kept_by(step, types_of))
    # Each type has a line that can be read.
    height = max(8.6, 1.6 + 0.22 * types)
    figure = plt.figure(figsize=(11, height), layout="constrained")
    panels = [_pass_rates, _found_and_missed, _kept_by_number]
    if any(len(each.rewards) < step.samples for each in step.decisions):
        panels = panels[1:]
    grid = figure.add_gridspec(len(panels), 2)
    for place, panel in enumerate(panels):
        panel(figure.add_subplot(grid[place, 0]), step)
    _kept_by_type(figure.add_subplot(grid[:, 1]), step)
    caption(figure, provenance)
    return figure


def budget_figure(scores: Sequence[FilterQuality], provenance: str) -> Figure:
    """More samples, more kept: what Step A keeps and drops as the pilot's budget grows."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 4.4), layout="constrained")
    samples = [each.samples for each in scores]
    band(left, samples, [each.kept for each in scores], COLOURS["kept"], "kept")
    left.set(title="More samples, more kept", ylabel="share of instructions kept")
    band(
        right,
        samples,
        [each.found for each in scores],
        COLOURS["contradictory"],
        "marked unlearnable",
    )
    band(right, samples, [each.lost for each in scores], COLOURS["unmarked"], "not marked")
    band(
        right,
        samples,
        [each.lost_proven for each in scores],
        COLOURS["proven"],
        "not marked, rewarded\nby the whole pilot",
    )
    chance = [1 - each.kept.mean for each in scores]
    right.plot(samples, chance, "--", color=COLOURS["control"], label="any, at random")
    right.set(title="What is dropped: the bad, and the good", ylabel="share of group dropped")
    right.legend(fontsize=SMALL, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    for axis in (left, right):
        axis.set(xlabel="samples of each instruction", ylim=(-0.02, 1.02))
        per_cent(axis, "y")
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    caption(figure, provenance)
    return figure


def again_figure(
    budgets: Sequence[int], shares: Mapping[str, Sequence[Rate]], provenance: str
) -> Figure:
    """Instructions that a first pilot dropped, sampled again: how many are rewarded after all.

    Args:
        budgets: new samples of each instruction.
        shares: see `hppt_lib.refine.quality.rewarded_within`.
        provenance: see `figures.style.provenance_line`.
    """
    figure, axis = plt.subplots(figsize=(8, 4.4), layout="constrained")
    for sort, label in _SORTS.items():
        if sort in shares:
            some = shares[sort]
            name = f"{label} ({some[0].samples})"
            band(axis, budgets, some, COLOURS[sort or "unmarked"], name)
    axis.set(
        title="Dropped by the first pilot, sampled again",
        xlabel="new samples of each instruction",
        ylabel="share rewarded at least once",
        ylim=(-0.02, 1.02),
    )
    per_cent(axis, "y")
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.legend(fontsize=SMALL, loc="upper left")
    caption(figure, provenance)
    return figure


def control_figure(groups: Mapping[str, Group], provenance: str) -> Figure:
    """The selection bias: the kept instructions beside a random control of the same size.

    Args:
        groups: see `hppt_lib.refine.quality.composition`.
        provenance: see `figures.style.provenance_line`.
    """
    shown = {name: groups[name] for name in ("control", "kept") if name in groups}
    types = sorted({id for each in shown.values() for id in each.types}, key=_type_order)
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(12, 1.8 + 0.27 * len(types)), layout="constrained", width_ratios=(1, 1.3)
    )
    numbers = sorted({number for each in shown.values() for number in each.constraints})
    for place, (name, group) in enumerate(shown.items()):
        shift = (place - 0.5) * 0.34
        shares = [group.constraints.get(number) for number in numbers]
        _bars(left, np.array(numbers) + shift, shares, COLOURS[name])
        label = f"{name}: {group.size}, {group.prompt_words.mean:.0f} words a prompt"
        left.plot([], [], "s", color=COLOURS[name], label=label)
        rows = [(row, group.types.get(id)) for row, id in enumerate(types)]
        for row, share in rows:
            if share is not None:
                row_interval(right, share, row + shift, COLOURS[name])
    left.set(title="Number of constraints", xlabel="constraints in the instruction", ylabel="share")
    per_cent(left, "y")
    left.xaxis.set_major_locator(MaxNLocator(integer=True))
    left.grid(axis="x", visible=False)
    left.set_ylim(0, left.get_ylim()[1] * 1.22)
    left.legend(fontsize=SMALL, loc="upper right")
    right.set_yticks(range(len(types)), [_plain(id) for id in types], fontsize=SMALL)
    right.set(title="Types of constraint", xlabel="share of instructions that have it")
    right.invert_yaxis()
    per_cent(right, "x")
    right.grid(axis="y", visible=False)
    caption(figure, provenance)
    return figure


def _pass_rates(axis: Axes, step: StepA) -> None:
    """How often each pass rate occurs, stacked by mark; what the rule keeps is shaded."""
    counts: dict[str, Counter[float]] = {sort: Counter() for sort in _SORTS}
    for decision in step.decisions:
        known = [reward for reward in decision.rewards if reward is not None]
        if known:
            share = sum(reward > 0 for reward in known) / len(known)
            counts[decision.instruction.unlearnable][share] += 1
    rates = np.arange(step.samples + 1) / step.samples
    edges = (np.arange(step.samples + 2) - 0.5) / step.samples
    kept = [rate for rate in rates if step.rule.above < rate <= step.rule.at_most]
    half = 0.5 / step.samples
    axis.axvspan(kept[0] - half, kept[-1] + half, color=COLOURS["kept"], alpha=0.08, lw=0)
    below = np.zeros(step.samples + 1)
    for sort, label in _SORTS.items():
        heights = np.histogram(list(counts[sort].elements()), edges)[0]
        if heights.any():
            axis.bar(
                rates,
                heights,
                0.8 / step.samples,
                bottom=below,
                color=COLOURS[sort or "unmarked"],
                label=label,
            )
            below += heights
    axis.set(
        title="Pass rates in the pilot",
        xlabel=f"share of {step.samples} samples rewarded (shaded: kept by '{step.rule.name}')",
        ylabel="instructions",
    )
    per_cent(axis, "x")
    axis.grid(axis="x", visible=False)
    axis.legend(fontsize=SMALL, loc="upper right")


def _found_and_missed(axis: Axes, step: StepA) -> None:
    """Dropped and kept of each sort, as shares with the numbers in the bars."""
    groups = {
        sort: [each.kept for each in step.decisions if each.instruction.unlearnable == sort]
        for sort in ("contradictory", "beyond", "")
    }
    rows = {_SORTS[sort]: kept for sort, kept in groups.items() if kept}
    for row, kept in enumerate(rows.values()):
        dropped = len(kept) - sum(kept)
        share = dropped / len(kept)
        axis.barh(row, share, 0.62, color=COLOURS["dropped"])
        axis.barh(row, 1 - share, 0.62, left=share, color=COLOURS["kept"])
        for number, place in ((dropped, share / 2), (sum(kept), (1 + share) / 2)):
            if number:
                axis.text(place, row, str(number), ha="center", va="center", color="white")
    for name in ("dropped", "kept"):
        axis.plot([], [], "s", color=COLOURS[name], label=name)
    axis.set_yticks(range(len(rows)), [f"{name}\n({len(rows[name])})" for name in rows])
    axis.set(
        title="Unlearnable ones found and missed",
        xlabel="share of the group (numbers: instructions)",
        xlim=(0, 1),
    )
    axis.set_ylim(len(rows) - 0.4, -0.6)
    per_cent(axis, "x")
    axis.grid(visible=False)
    axis.legend(fontsize=SMALL, loc="upper center", bbox_to_anchor=(0.5, -0.34), ncols=2)


def _kept_by_number(axis: Axes, step: StepA) -> None:
    shares = kept_by(step, number_of)
    _bars(axis, np.array(list(shares)), list(shares.values()), COLOURS["kept"], width=0.6)
    axis.set_xticks(list(shares), [f"{each}\n({shares[each].samples})" for each in shares])
    axis.set(
        title="Kept, by number of constraints",
        xlabel="constraints in the instruction (instructions)",
        ylabel="share kept",
        ylim=(0, 1),
    )
    per_cent(axis, "y")
    axis.grid(axis="x", visible=False)


def _kept_by_type(axis: Axes, step: StepA) -> None:
    shares = sorted(kept_by(step, types_of).items(), key=lambda each: -each[1].mean)
    for row, (_, share) in enumerate(shares):
        row_interval(axis, share, row, COLOURS["kept"])
    overall = len(step.kept) / len(step.decisions)
    axis.axvline(overall, color=GREY, ls="--", lw=1.2, zorder=0)
    axis.set_yticks(
        range(len(shares)),
        [f"{_plain(id)} ({share.samples})" for id, share in shares],
        fontsize=SMALL,
    )
    axis.set(
        title="Kept, by type (dashed: of all)",
        xlabel="share of the instructions that have it",
        xlim=(-0.02, 1.02),
    )
    axis.invert_yaxis()
    per_cent(axis, "x")
    axis.grid(axis="y", visible=False)


def _bars(
    axis: Axes,
    places: np.ndarray,
    shares: Sequence[Rate | None],
    colour: Any,
    width: float = 0.32,
) -> None:
    for place, share in zip(places, shares, strict=True):
        if share is not None:
            axis.bar(place, share.mean, width, color=colour, alpha=0.75, lw=0)
            axis.plot([place, place], [share.low, share.high], color="0.2", lw=1.4)


def _type_order(id: str) -> tuple[bool, str]:
    """Hard types before soft kinds."""
    return id.startswith("soft: "), id


def _plain(id: str) -> str:
    """``keywords:letter_frequency`` as a reader has it: ``letter frequency``."""
    return id if id.startswith("soft: ") else id.partition(":")[2].replace("_", " ")


def refinement_figures(result: Refinement) -> dict[str, Figure]:
    """The figures of a refinement, by file name; no budget curve if the pilot stopped early."""
    step, pilot = result.step_a, result.pilot
    sampled = f"{len(step.decisions)} instructions × {step.samples} samples"
    line = provenance_line(
        None,
        f"pilot of {pilot.model}",
        [pilot.settings.seed],
        sampled,
        f"{result.reward} reward",
        "intervals: 95 %",
    )
    figures = {
        "refine": refine_figure(step, line),
        "control": control_figure(composition(step), line),
    }
    if not pilot.settings.stop:
        figures["budget"] = budget_figure(quality_by_budget(result), line)
    return figures
