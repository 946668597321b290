"""Figures of reward hacking: reward beside truth, the precision dial, wires, and what stops it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from hppt_lib.evaluation.comparison import over_seeds
from hppt_lib.evaluation.hacks import Drift
from hppt_lib.figures.style import (
    BLUE,
    COLOURS,
    GREY,
    ORANGE,
    PALETTE,
    SMALL,
    band,
    caption,
    error_bars,
    legend_above,
    legend_inside,
    looks,
    of_share,
    wrapped,
)
from hppt_lib.figures.training import running_mean
from hppt_lib.intervals import Interval, Rate
from hppt_lib.records import Step

_HARMLESS = 0.1  # the false-pass rate up to which the paper saw no harm [digest]


def parting_figure(
    runs: Mapping[str, Sequence[Sequence[Step]]], provenance: str, window: int = 5
) -> Figure:
    """The paid reward and the true reward at each step: one panel a setting, one line a seed.

    The shaded gap is reward paid for wrong responses.

    Args:
        runs: by title of the panel, the steps of each seed; steps have a ``true_reward``.
        provenance: see `figures.style.provenance_line`.
        window: steps in the running mean (the mix of prompts differs from step to step).
    """
    columns = 3 if len(runs) in (5, 6) else min(4, len(runs))
    lines = -(-len(runs) // columns)
    figure, axes = plt.subplots(
        lines,
        columns,
        figsize=(max(4.5, 3.2 * columns), 3.6 * lines),
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    for axis in axes.flat[len(runs) :]:
        axis.set_visible(False)
    for axis, (title, seeds) in zip(axes.flat, runs.items(), strict=False):
        for number, steps in enumerate(seeds):
            places = [each.step for each in steps]
            paid = running_mean([each.reward for each in steps], window)
            true = running_mean(
                [each.reward if each.true_reward is None else each.true_reward for each in steps],
                window,
            )
            more = [one >= other for one, other in zip(paid, true, strict=True)]
            gap: Any = {"where": more, "interpolate": True, "alpha": 0.1, "lw": 0}
            axis.fill_between(places, true, paid, color=ORANGE, **gap)
            names = ("paid", "true") if number == 0 else (None, None)
            # Two lines that lie on each other are both seen: a wide one under a thin, broken one.
            axis.plot(places, paid, color=ORANGE, lw=3.4, alpha=0.75, label=names[0])
            axis.plot(places, true, color=BLUE, lw=1.5, ls=(0, (4, 3)), label=names[1])
        axis.set(title=wrapped(title, 28), xlabel="GRPO step")
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes[0, 0].set_ylim(*_reach(runs))
    for axis in axes[:, 0]:
        axis.set_ylabel("mean reward of the rollouts")
    legend_above(figure, axes[0, 0])
    caption(figure, f"{provenance} · one line a seed, running mean of {window} steps")
    return figure


def dial_figure(
    after: Mapping[float, Sequence[Rate]],
    means: Mapping[float, Interval],
    base: Rate,
    provenance: str,
) -> Figure:
    """Held-out guarded ISR against the false-pass rate of the training reward.

    Args:
        after: by false-pass rate, the trained policies' rate of each seed.
        means: by false-pass rate, their mean over seeds with its interval; a rate of which
            there are too few seeds for a mean is left out.
        base: the untrained policy's rate.
        provenance: see `figures.style.provenance_line`.
    """
    figure, axis = plt.subplots(figsize=(7.6, 4.2), layout="constrained")
    axis.axvspan(-0.04, _HARMLESS, color="0.93", zorder=0)
    axis.text(
        _HARMLESS - 0.005,
        0.015,
        f"the paper: no harm\nup to {_HARMLESS:g} [digest]",
        fontsize=SMALL,
        color="0.35",
        ha="right",
    )
    if base is not None:
        axis.axhspan(base.low, base.high, color=COLOURS["base"], alpha=0.2, lw=0)
        axis.axhline(base.mean, color=COLOURS["base"], lw=1, label="before training")
    rates = sorted(after)
    for false_pass in rates:
        of_seeds = after[false_pass]
        shifts = np.linspace(-0.012, 0.012, len(of_seeds)) if len(of_seeds) > 1 else np.zeros(1)
        error_bars(axis, shifts + false_pass, of_seeds, BLUE, ms=4)
        if false_pass not in means:
            continue
        mean = of_share(means[false_pass])
        name = "mean over seeds, 95 % (t)" if false_pass == min(means) else None
        error_bars(axis, [false_pass + 0.03], [mean], "black", fmt="D", ms=6, capsize=4, label=name)
    known = [each for each in rates if each in means]
    axis.plot(
        [each + 0.03 for each in known], [means[each].mean for each in known], color="black", lw=1
    )
    axis.set(
        xlim=(-0.04, max(rates) + 0.08),
        ylim=(0, 1),
        xlabel="false-pass rate of the training reward",
        ylabel="held-out guarded ISR (the truth)",
    )
    axis.set_xticks(rates)
    axis.legend(loc="upper right", fontsize=SMALL)
    caption(figure, f"{provenance} · dots: seeds, with 95 % intervals over instructions")
    return figure


def wires_figure(arms: Mapping[str, Sequence[tuple[float, Drift]]], provenance: str) -> Figure:
    """Trip wires (of all, and of the satisfied), variety and length over training, for each arm.

    Args:
        arms: by arm, of any name, the middle of each window of steps and what the rollouts in it
            look like.
        provenance: see `figures.style.provenance_line`.
    """
    figure, axes = plt.subplots(1, 4, figsize=(15, 3.8), layout="constrained")
    for arm, look in looks(arms).items():
        windows, colour = arms[arm], look.colour
        line: dict[str, Any] = {"marker": look.marker, "ls": look.line}
        places = [at for at, _ in windows]
        name = wrapped(f"paid by: {arm}", 34)
        of_all = [each.hacked_of_all for _, each in windows]
        band(axes[0], places, of_all, colour, name, "", **line)
        band(axes[1], places, [each.hacked for _, each in windows], colour, None, "", **line)
        axes[2].plot(places, [each.distinct for _, each in windows], color=colour, **line)
        axes[3].plot(places, [each.words for _, each in windows], color=colour, **line)
    axes[0].set(title="Of all: satisfied, and a wire", ylim=(0, 1), ylabel="share of rollouts")
    axes[1].set(title="Of the satisfied: a wire", ylim=(0, 1), ylabel="share of the satisfied")
    axes[2].set(title="Different texts", ylim=(0, 1.03), ylabel="share of rollouts")
    axes[3].set(title="Length", ylabel="words a rollout")
    axes[3].set_ylim(bottom=0)
    for axis in axes:
        axis.set_xlabel("GRPO step")
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    legend_inside(figure, axes[0], "upper left")
    caption(figure, f"{provenance} · bands (first two panels): 95 % intervals")
    return figure


def arms_figure(
    measures: Mapping[str, Mapping[str, Sequence[float]]],
    means: Mapping[str, Mapping[str, Interval]],
    provenance: str,
) -> Figure:
    """Several measures (panels) of several arms (lines): a dot a seed, the mean and its interval.

    Args:
        measures: by measure, by arm, one value a seed. The first has all arms; an arm that another
            lacks was not measured, and its line says so.
        means: the same, their means over seeds; an arm of which there are too few seeds for a mean
            is left out.
        provenance: see `figures.style.provenance_line`.
    """
    arms = list(next(iter(measures.values())))
    names = [wrapped(arm, 34, most=2) for arm in arms]
    widest = 0.08 * max(len(line) for name in names for line in name.split("\n"))  # inches
    figure, axes = plt.subplots(
        1,
        len(measures),
        figsize=(1.9 * len(measures) + max(1.3, widest), 0.5 * len(arms) + 1.6),
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    for axis, (measure, values) in zip(axes.flat, measures.items(), strict=True):
        most = max(value for of_arms in values.values() for value in of_arms)
        least = min(value for of_arms in values.values() for value in of_arms)
        axis.set_xlim(min(0, 1.15 * least), 1 if most <= 1 else 1.15 * most)
        for place, arm in enumerate(arms):
            if arm not in values:
                axis.text(0.05, place, "not measured", color=GREY, fontsize=SMALL, va="center")
                continue
            colour = PALETTE[place % 10]
            if arm in means.get(measure, {}):
                mean = means[measure][arm]
                mean = of_share(mean) if least >= 0 and most <= 1 else mean
                axis.plot([mean.low, mean.high], [place, place], color=colour, lw=5, alpha=0.25)
                axis.plot(mean.mean, place, "|", color=colour, ms=16, mew=2)
            axis.plot(values[arm], [place] * len(values[arm]), "o", color=colour, ms=5)
        axis.set_title(measure, fontsize=10)
        axis.xaxis.set_major_locator(MaxNLocator(3))
    axes[0, 0].set_yticks(range(len(arms)), names)
    axes[0, 0].set_ylim(len(arms) - 0.5, -0.5)
    caption(figure, f"{provenance} · dots: seeds; bars: mean over seeds, 95 % (t), cut at 0 and 1")
    return figure


def ladder_figure(
    arms: Mapping[str, Sequence[tuple[int, float, bool]]],
    pairs: Sequence[tuple[str, str]],
    base: Interval | None,
    outcome: str,
    provenance: str,
) -> Figure:
    """Each judge beside its matched noise: a dot a seed, lines join the two runs of a seed.

    Args:
        arms: by arm, in order from left to right, the seed, its outcome and whether the run
            collapsed.
        pairs: the arms whose runs of one seed are joined, such as a judge and its noise.
        base: the untrained policy's outcome; None leaves it out.
        outcome: what it is, for the axis.
        provenance: see `figures.style.provenance_line`.
    """
    figure, axis = plt.subplots(figsize=(1.5 * len(arms) + 1.2, 4.2), layout="constrained")
    if base is not None:
        axis.axhspan(base.low, base.high, color=COLOURS["base"], alpha=0.2, lw=0)
        axis.axhline(base.mean, color=COLOURS["base"], lw=1, label="before training")
    places = {arm: place for place, arm in enumerate(arms)}
    for one, other in pairs:
        left, right = ({seed: value for seed, value, _ in arms[arm]} for arm in (one, other))
        for seed in left.keys() & right.keys():
            ends = [places[one], places[other]]
            axis.plot(ends, [left[seed], right[seed]], color="0.75", lw=0.9, zorder=1)
    for arm, runs in arms.items():
        colour, place = PALETTE[places[arm] % 10], places[arm]
        for _, value, collapsed in runs:
            filled = "white" if collapsed else colour
            axis.plot(place, value, "o", color=colour, mfc=filled, ms=6, zorder=2)
        whole = over_seeds([value for _, value, _ in runs], [each for _, _, each in runs])
        if whole.interval is not None and not whole.mean_misleads:
            mean = of_share(whole.interval)
            name = "mean over seeds, 95 % (t)" if place == 0 else None
            error_bars(axis, [place + 0.18], [mean], "black", fmt="D", ms=6, capsize=4, label=name)
    axis.set_xticks(range(len(arms)), [wrapped(arm, 16, most=3) for arm in arms])
    axis.set(xlim=(-0.5, len(arms) - 0.4), ylim=(0, 1), ylabel=outcome)
    axis.legend(loc="upper right", fontsize=SMALL)
    caption(figure, f"{provenance} · dots: seeds, hollow if the run collapsed; lines: same seed")
    return figure


def signatures_figure(
    signs: Mapping[str, tuple[str, Sequence[Sequence[float]], Sequence[Sequence[float]]]],
    provenance: str,
    names: tuple[str, str] = ("sound runs", "failing runs"),
) -> Figure:
    """What failing runs look like on a dashboard, beside sound ones: a panel a sign.

    Args:
        signs: by title: what the axis shows; the sound runs and the failing ones, each a value a
            step.
        provenance: see `figures.style.provenance_line`.
        names: of the two kinds of runs.
    """
    figure, axes = plt.subplots(
        1, len(signs), figsize=(3.4 * len(signs), 3.4), squeeze=False, layout="constrained"
    )
    for axis, (title, (what, sound, failing)) in zip(axes.flat, signs.items(), strict=True):
        kinds = ((names[0], sound, BLUE, "-"), (names[1], failing, ORANGE, "--"))
        for kind, runs, colour, line in kinds:
            for number, values in enumerate(runs):
                name = kind if number == 0 else None
                steps = range(1, len(values) + 1)
                axis.plot(steps, running_mean(values, 3), line, color=colour, lw=1.6, label=name)
        axis.set(title=title, xlabel="step", ylabel=what)
        axis.set_ylim(*_around([*sound, *failing]))
        axis.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    legend_above(figure, axes[0, 0])
    caption(figure, f"{provenance} · a line a run, running mean of 3 steps")
    return figure


def _around(runs: Sequence[Sequence[float]]) -> tuple[float, float]:
    """A range that holds 0, and all values with a little room."""
    values = [0.0, *(value for run in runs for value in run)]
    room = 0.06 * (max(values) - min(values) or 1)
    return min(values) - room, max(values) + room


def _reach(runs: Mapping[str, Sequence[Sequence[Step]]]) -> tuple[float, float]:
    """From 0 to 1, and as far as a reward of another range goes."""
    values = [
        value
        for seeds in runs.values()
        for steps in seeds
        for step in steps
        for value in (step.reward, step.true_reward)
        if value is not None
    ]
    low, high = min(values, default=0.0), max(values, default=1.0)
    return (1.05 * low if low < 0 else 0.0, 1.05 * high if high > 1 else 1.0)
