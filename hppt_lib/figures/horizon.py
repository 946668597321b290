"""The figure of constraints in a row: what policies satisfy, by number of steps and by type."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from hppt_lib.evaluation import Horizon
from hppt_lib.figures.style import (
    caption,
    error_bars,
    legend_above,
    looks,
    per_cent,
    wrapped,
)


def horizon_figure(policies: Mapping[str, Horizon], provenance: str) -> Figure:
    """ISR by number of steps, strict and guarded, and the share satisfied by type of constraint.

    Args:
        policies: what each policy came to, by its name.
        provenance: tier, model, data, seeds and number of samples.
    """
    found = looks(policies)
    types = list(dict.fromkeys(id for each in policies.values() for id in each.by_type))
    figure, axes = plt.subplots(
        1,
        3,
        figsize=(11.5, 1.8 + 0.34 * max(7, len(types))),
        layout="constrained",
        width_ratios=(1, 1, 1.15),
    )
    spread = min(0.18, 0.6 / len(policies))
    for number, (name, each) in enumerate(policies.items()):
        look, shift = found[name], (number - (len(policies) - 1) / 2) * spread
        steps = [place + shift for place in each.by_steps]
        for axis, measure in zip(axes[:2], ("strict", "guarded"), strict=True):
            shares = [getattr(rates, measure) for rates in each.by_steps.values()]
            bars = {"fmt": look.marker, "ls": look.line, "lw": 1}
            error_bars(axis, steps, shares, look.colour, label=look.label, **bars)
        places = [types.index(id) + shift for id in each.by_type]
        shares = list(each.by_type.values())
        error_bars(axes[2], places, shares, look.colour, sideways=True, fmt=look.marker)
    numbers = sorted({steps for each in policies.values() for steps in each.by_steps})
    for axis, measure in zip(axes[:2], ("strict", "guarded"), strict=True):
        axis.set_title(f"all steps satisfied, {measure}", fontsize=11)
        axis.set(xlabel="steps (constraints in a row)", ylim=(-0.03, 1.03))
        axis.set_xlim(min(numbers) - 0.5, max(numbers) + 0.5)
        axis.set_xticks(numbers)
        per_cent(axis, "y")
    axes[0].set_ylabel("share of responses, 95 % interval")
    axes[2].set_title("each constraint by itself", fontsize=11)
    axes[2].set_yticks(range(len(types)), [wrapped(id.partition(":")[2], 24) for id in types])
    axes[2].set(xlim=(-0.03, 1.03), ylim=(len(types) - 0.5, -0.5), xlabel="share satisfied")
    axes[2].grid(axis="y", visible=False)
    per_cent(axes[2], "x")
    legend_above(figure, axes[0])
    first, each = next(iter(policies.items()))
    caption(figure, f"{first}: {each.sentence}\n{provenance}")
    return figure
