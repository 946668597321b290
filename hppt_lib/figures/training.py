"""Every figure of the kit: seaborn, one style, a palette that colour-blind readers can use.

Each figure names its tier, model, seeds and number of samples (`provenance_line`), and draws its
intervals. The functions take data and return a figure; nothing is computed here that a reader would
quote.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from hppt_lib.evaluation.satisfaction import (
    Evaluated,
    TruncationControl,
    isr,
    mean_length,
    rows_by_constraint,
)
from hppt_lib.intervals import Rate
from hppt_lib.records import Step

_BLIND = sns.color_palette("colorblind")
COLOURS: dict[str, Any] = {
    "base": (0.45, 0.45, 0.45),
    "cut": (0.72, 0.72, 0.72),
    "strict": _BLIND[3],
    "guarded": _BLIND[0],
}
LABELS = {
    "base": "base policy",
    "cut": "its text, cut",
    "strict": "trained: strict reward",
    "guarded": "trained: guarded reward",
}


def style() -> None:
    """Set the one style of the kit's figures. Each notebook calls it once."""
    sns.set_theme(
        context="notebook",
        style="whitegrid",
        palette="colorblind",
        rc={
            "figure.dpi": 100,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titleweight": "bold",
            "axes.titlesize": 12,
            "axes.titlelocation": "left",
            "legend.frameon": False,
        },
    )


def provenance_line(tier: str, model: str, seeds: Sequence[int], responses: int) -> str:
    """What every figure carries: tier, model, seeds, number of responses."""
    names = ", ".join(map(str, seeds))
    plural = "seed" if len(seeds) == 1 else "seeds"
    return f"tier {tier} · {model} · {plural} {names} · {responses} responses a point"


def journey() -> Figure:
    """The course's map: what becomes of an instruction, and the notebooks that show it."""
    stations = {  # name: (x, y, notebooks)
        "instruction": (0.0, 1.0, "05"),
        "response": (1.0, 1.0, "01"),
        "verdict": (2.0, 1.0, "02, 03"),
        "reward": (3.0, 1.0, "04, 06"),
        "training": (4.0, 1.0, "01, 06"),
        "evaluation": (4.0, 0.0, "06"),
        "run record": (3.0, 0.0, "06"),
    }
    ways = [  # from, to, by what
        ("instruction", "response", "policy"),
        ("response", "verdict", "verifier\nor judge"),
        ("verdict", "reward", "all or\nnothing"),
        ("reward", "training", "GRPO"),
        ("training", "evaluation", "unseen topics"),
        ("evaluation", "run record", ""),
    ]
    figure, axis = plt.subplots(figsize=(10, 3.4), layout="constrained")
    grey = {"arrowstyle": "-|>", "color": "0.35"}
    for start, end, by in ways:
        (x0, y0, _), (x1, y1, _) = stations[start], stations[end]
        down = x0 == x1
        gap = 22 if down else 40  # points between an arrow's end and the middle of a box
        axis.annotate("", (x1, y1), (x0, y0), arrowprops=grey | {"shrinkA": gap, "shrinkB": gap})
        place = (x0 + 0.07, 0.5) if down else ((x0 + x1) / 2, y0 + 0.1)
        across, along = ("left", "center") if down else ("center", "bottom")
        axis.text(*place, by, fontsize=9, color="0.35", ha=across, va=along)
    blue = {"arrowstyle": "-|>", "color": COLOURS["guarded"], "connectionstyle": "arc3,rad=0.22"}
    axis.annotate("", (1, 1.16), (4, 1.16), arrowprops=blue)
    axis.text(2.5, 1.68, "a better policy answers again", color=COLOURS["guarded"], ha="center")
    for name, (x, y, notebooks) in stations.items():
        box = {"boxstyle": "round,pad=0.5", "facecolor": "white", "edgecolor": COLOURS["guarded"]}
        axis.text(x, y, f"{name}\n{notebooks}", ha="center", va="center", bbox=box)
    axis.set(xlim=(-0.45, 4.75), ylim=(-0.3, 1.85))
    axis.axis("off")
    return figure


def training_curves(
    runs: Mapping[str, Sequence[Sequence[Step]]], provenance: str, window: int = 3
) -> Figure:
    """Strict share, guarded share and length of the rollouts over training.

    Args:
        runs: for each arm (a key of `COLOURS`), the steps of each seed.
        provenance: see `provenance_line`.
        window: steps in the running mean (the mix of prompts differs from step to step).
    """
    panels = (
        ("strict", "Every constraint passes", "share of rollouts"),
        ("guarded", "… by an answer of substance", "share of rollouts"),
        ("length", "Length", "tokens a rollout"),
    )
    figure, axes = plt.subplots(1, 3, figsize=(12, 3.8), layout="constrained")
    for axis, (field, title, unit) in zip(axes, panels, strict=True):
        for arm, seeds in runs.items():
            for number, steps in enumerate(seeds):
                values = running_mean([getattr(each, field) for each in steps], window)
                axis.plot(
                    [each.step for each in steps],
                    values,
                    color=COLOURS[arm],
                    linewidth=2,
                    alpha=0.85,
                    label=LABELS[arm] if number == 0 else None,
                )
        axis.set(title=title, xlabel="GRPO step", ylabel=unit)
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))
        axis.set_ylim(0, 1 if field != "length" else None)
    axes[0].legend(loc="lower right", fontsize=9)
    _caption(figure, f"{provenance} · one line a seed, running mean of {window} steps")
    return figure


def satisfaction(
    arms: Mapping[str, Sequence[Sequence[Evaluated]]],
    controls: Sequence[TruncationControl],
    provenance: str,
) -> Figure:
    """Strict ISR, guarded ISR and length side by side, with the truncation control.

    Args:
        arms: for each arm (``base``, ``strict``, ``guarded``, …) the evaluated responses of each
            seed.
        controls: the truncation control of each seed's base policy; its best cut is drawn.
        provenance: see `provenance_line`.
    """
    figure, axes = plt.subplots(1, 3, figsize=(12, 4.4), layout="constrained")
    order = ["base", "cut", *(arm for arm in arms if arm != "base")]
    for axis, guarded in zip(axes[:2], (False, True), strict=True):
        for place, arm in enumerate(order):
            if arm == "cut":
                rates = [control.best(guarded=guarded)[1] for control in controls]
            else:
                rates = [isr(rows, guarded=guarded) for rows in arms[arm]]
            _points(axis, place, rates, COLOURS[arm])
        axis.set_ylim(0, 1)
        axis.set_ylabel("share of responses, with 95 % interval")
        axis.set_title("Guarded ISR: by a real answer" if guarded else "Strict ISR: constraint met")
        _name_places(axis, order)
    lengths = [arm for arm in order if arm != "cut"]
    for place, arm in enumerate(lengths):
        values = [mean_length(rows) for rows in arms[arm]]
        offsets = place + _spread(len(values))
        axes[2].bar(place, np.mean(values), color=COLOURS[arm], alpha=0.35, width=0.6)
        axes[2].scatter(offsets, values, color=COLOURS[arm], zorder=3)
    axes[2].set(title="Length of the response", ylabel="words (mean; a dot for each seed)")
    _name_places(axes[2], lengths)
    _caption(figure, provenance + " · a dot for each seed")
    return figure


def satisfaction_by_constraint(
    arms: Mapping[str, Sequence[Evaluated]], provenance: str, *, guarded: bool = True
) -> Figure:
    """ISR by type of constraint, one mark an arm, with 95 % intervals.

    Args:
        arms: for each arm, its evaluated responses (of all seeds together).
        provenance: see `provenance_line`.
        guarded: guarded ISR (default) or strict.
    """
    tables = {arm: rows_by_constraint(rows) for arm, rows in arms.items()}
    ids = sorted({id for table in tables.values() for id in table})
    figure, axis = plt.subplots(figsize=(9, 0.75 * len(ids) + 1.6), layout="constrained")
    offsets = np.linspace(-0.22, 0.22, len(tables))
    for offset, (arm, table) in zip(offsets, tables.items(), strict=True):
        rates = [isr(table[id], guarded=guarded) for id in ids]
        means = np.array([each.mean for each in rates])
        errors = [
            means - [each.low for each in rates],
            np.array([each.high for each in rates]) - means,
        ]
        axis.errorbar(
            means,
            np.arange(len(ids)) + offset,
            xerr=np.clip(errors, 0, None),
            fmt="o",
            capsize=3,
            color=COLOURS[arm],
            label=LABELS[arm],
        )
    axis.set_yticks(range(len(ids)), [id.partition(":")[2].replace("_", " ") for id in ids])
    axis.invert_yaxis()
    kind = "Guarded" if guarded else "Strict"
    axis.set(xlim=(0, 1), xlabel="share of responses, with 95 % interval")
    axis.set_title(f"{kind} ISR by type of constraint")
    axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=9)
    _caption(figure, provenance)
    return figure


def truncation_curve(controls: Sequence[TruncationControl], provenance: str) -> Figure:
    """Strict and guarded ISR of the base policy's own text, cut after so many words."""
    figure, axis = plt.subplots(figsize=(7.5, 3.6), layout="constrained")
    for guarded, arm in ((False, "strict"), (True, "guarded")):
        for number, control in enumerate(controls):
            rates = control.guarded if guarded else control.strict
            axis.plot(
                control.limits,
                [each.mean for each in rates],
                "o-",
                color=COLOURS[arm],
                alpha=0.8,
                label=("guarded ISR" if guarded else "strict ISR") if number == 0 else None,
            )
            axis.fill_between(
                control.limits,
                [each.low for each in rates],
                [each.high for each in rates],
                color=COLOURS[arm],
                alpha=0.08,
            )
    axis.set(ylim=(0, 1), xlabel="cut after this many words", ylabel="share of responses")
    axis.set_title("What brevity alone buys, without any training")
    axis.legend()
    _caption(figure, provenance + " · bands are 95 % intervals")
    return figure


class LiveCurve:
    """A curve that grows while a run goes on; call it with each `Step`.

    In a notebook the figure is redrawn in place. The last drawing stays as the cell's output.
    """

    def __init__(self, steps: int, provenance: str) -> None:
        from IPython.display import display

        self.steps: list[Step] = []
        self.total = steps
        self.provenance = provenance
        self.handle = display(display_id=True)

    def __call__(self, step: Step) -> None:
        """Add a step and draw again."""
        self.steps.append(step)
        figure = self._draw()
        if self.handle is not None:
            self.handle.update(figure)
        plt.close(figure)

    def _draw(self) -> Figure:
        figure, axes = plt.subplots(1, 2, figsize=(10, 3.4), layout="constrained")
        numbers = [each.step for each in self.steps]
        for field, arm, name in (
            ("strict", "strict", "constraint met (not rewarded as such)"),
            ("guarded", "guarded", "constraint met by a real answer"),
        ):
            values = [getattr(each, field) for each in self.steps]
            axes[0].scatter(numbers, values, color=COLOURS[arm], alpha=0.35, s=18)
            axes[0].plot(numbers, running_mean(values, 3), color=COLOURS[arm], label=name)
        axes[0].set(ylim=(0, 1), xlabel="GRPO step", ylabel="share of rollouts")
        axes[0].legend(fontsize=9, loc="upper left")
        axes[1].plot(numbers, [each.length for each in self.steps], color=COLOURS["base"])
        axes[1].set(xlabel="GRPO step", ylabel="tokens a rollout")
        axes[1].set_ylim(bottom=0)
        for axis in axes:
            axis.set_xlim(0.5, max(self.total, 2) + 0.5)
            axis.xaxis.set_major_locator(MaxNLocator(integer=True))
        _caption(figure, self.provenance)
        return figure


def running_mean(values: Sequence[float], window: int) -> list[float]:
    """The mean of each value and up to ``window`` − 1 before it."""
    return [float(np.mean(values[max(0, end - window) : end])) for end in range(1, len(values) + 1)]


def _points(axis: Axes, place: int, rates: Sequence[Rate], colour: Any) -> None:
    for x, each in zip(place + _spread(len(rates)), rates, strict=True):
        error = [[max(0.0, each.mean - each.low)], [max(0.0, each.high - each.mean)]]
        axis.errorbar(x, each.mean, yerr=error, fmt="o", color=colour, capsize=3, linewidth=1.8)


def _spread(count: int) -> np.ndarray:
    return np.linspace(-0.18, 0.18, count) if count > 1 else np.zeros(1)


def _name_places(axis: Axes, arms: Sequence[str]) -> None:
    names = [LABELS[arm].replace(" ", "\n", 1).replace("strict ", "strict\n") for arm in arms]
    names = [name.replace("guarded ", "guarded\n") for name in names]
    axis.set_xticks(range(len(arms)), names, fontsize=9)
    axis.set_xlim(-0.5, len(arms) - 0.5)
    axis.grid(axis="x", visible=False)


def _caption(figure: Figure, text: str) -> None:
    figure.supxlabel(text, fontsize=8, color="0.35")
