"""Figures of what arms gained: beside cost, by number of constraints, by groups that teach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from hppt_lib.evaluation import ArmCosts
from hppt_lib.figures.style import (
    DARK_GREY,
    caption,
    error_bars,
    legend_above,
    looks,
    per_cent,
)
from hppt_lib.intervals import Interval


def costs_figure(
    arms: Sequence[ArmCosts], outcome: str, provenance: str, *, shared_by: int = 1
) -> Figure:
    """What each arm gained, over the rollouts of one run with its part of a pilot.

    An arm whose data a pilot chose has three marks, joined: hollow, the pilot left out; half
    filled, shared by some runs; filled, paid by one.

    Args:
        arms: of `hppt_lib.evaluation.arm_costs`; those of which no gain is known are left out.
        outcome: what was gained, for the axis.
        provenance: see `figures.style.provenance_line`.
        shared_by: how many runs share a pilot at the mark in the middle.
    """
    drawn = [(each, each.gain) for each in arms if each.gain is not None]
    how = looks(each.arm for each, _ in drawn)
    figure, axis = plt.subplots(figsize=(8, 4.2), layout="constrained")
    axis.axhline(0, color=DARK_GREY, lw=1, zorder=0)
    for number, (arm, gain) in enumerate(drawn):
        look = how[arm.arm]
        shift = 1 + 0.06 * (number - (len(drawn) - 1) / 2)  # arms of equal cost, side by side
        ends = [arm.mean("rollouts")]
        ends += [arm.rollouts(shared_by=shared_by), arm.rollouts()] if arm.pilot else []
        places = [end * shift for end in ends]
        axis.plot(places, [gain.mean] * len(places), color=look.colour, lw=1, ls=":")
        fills = ("none", "left", "full") if arm.pilot else ("full",)
        for place, fill in zip(places, fills, strict=True):
            label = look.label if place == places[-1] else None
            marks: dict[str, Any] = {"fmt": look.marker, "ms": 9, "fillstyle": fill, "label": label}
            error_bars(axis, [place], [gain], look.colour, **marks)
    axis.set_xscale("log")
    axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axis.xaxis.set_minor_formatter(NullFormatter())
    least = min((arm.mean("rollouts") for arm, _ in drawn), default=1.0)
    most = max((arm.rollouts() for arm, _ in drawn), default=1.0)
    ticks = [least * 2**power for power in range(12) if least * 2**power <= 2 * most]
    axis.set_xticks(ticks)
    axis.set_xlim(0.75 * least, 1.5 * most)
    axis.set(xlabel="rollouts, the pilot's included", ylabel=f"{outcome},\nafter less before")
    legend_above(figure, axis)
    said = "lines: 95 % intervals over seeds"
    if any(arm.pilot for arm, _ in drawn):
        said += f"; a pilot: left out (hollow), shared by {shared_by} runs (half), whole (full)"
    caption(figure, f"{provenance} · {said}")
    return figure


def by_number_figure(
    panels: Mapping[str, Mapping[str, Mapping[str, Interval]]], provenance: str
) -> Figure:
    """What arms gained, by number of constraints in the instruction.

    Args:
        panels: by outcome, by arm, by number (as ``2-3``), the gain over seeds.
        provenance: see `figures.style.provenance_line`.
    """
    how = looks(arm for arms in panels.values() for arm in arms)
    figure, axes = _panels(list(panels), 3.1, 3.9)
    numbers = list(
        dict.fromkeys(each for arms in panels.values() for arm in arms.values() for each in arm)
    )
    for axis, arms in zip(axes, panels.values(), strict=True):
        for place, (arm, gains) in enumerate(arms.items()):
            shift = (place - (len(arms) - 1) / 2) * min(0.16, 0.6 / len(arms))
            look = how[arm]
            at = [numbers.index(number) + shift for number in gains]
            known = list(gains.values())
            error_bars(axis, at, known, look.colour, fmt=look.marker, label=look.label)
        axis.set_xticks(range(len(numbers)), [each.replace(" or ", "\nor ") for each in numbers])
        axis.set_xlim(-0.5, len(numbers) - 0.5)
        axis.grid(axis="x", visible=False)
        axis.set_xlabel("constraints")
    legend_above(figure, axes[0])
    caption(figure, provenance)
    return figure


def gains_by_teaching_figure(
    panels: Mapping[str, Mapping[str, Sequence[tuple[float, Interval]]]], provenance: str
) -> Figure:
    """What arms gained, over the share of their groups of rollouts that teach.

    A thin line joins the arms of an experiment, in order of that share: levels differ between
    experiments, so it is the slope of a line that tells.

    Args:
        panels: by outcome, by experiment, for each arm the share and the gain over seeds.
        provenance: see `figures.style.provenance_line`.
    """
    how = looks(name for experiments in panels.values() for name in experiments)
    figure, axes = _panels(list(panels), 4.6, 4.2)
    for axis, experiments in zip(axes, panels.values(), strict=True):
        for name, arms in experiments.items():
            look = how[name]
            in_order = sorted(arms, key=lambda arm: arm[0])
            shares, gains = [share for share, _ in in_order], [gain for _, gain in in_order]
            axis.plot(shares, [each.mean for each in gains], color=look.colour, lw=1, alpha=0.6)
            error_bars(axis, shares, gains, look.colour, fmt=look.marker, label=look.label)
        axis.set(xlim=(-0.03, 1.03), xlabel="groups that teach")
        per_cent(axis, "x")
    legend_above(figure, axes[0])
    caption(figure, f"{provenance} · a mark: an arm; lines join the arms of an experiment")
    return figure


def _panels(outcomes: Sequence[str], width: float, height: float) -> tuple[Figure, list[Axes]]:
    """A panel an outcome, side by side, with a line where nothing was gained.

    Args:
        outcomes: their titles.
        width: of one panel, in inches.
        height: in inches.
    """
    figure, axes = plt.subplots(
        1,
        len(outcomes),
        figsize=(width * len(outcomes) + 0.6, height),
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    for axis, outcome in zip(axes.flat, outcomes, strict=True):
        axis.axhline(0, color=DARK_GREY, lw=1, zorder=0)
        axis.set_title(outcome, fontsize=11)
    axes[0, 0].set_ylabel("after less before, 95 %")
    return figure, list(axes.flat)
