"""Figures and tables of training and evaluation: curves of a run, what its policies satisfy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
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
from hppt_lib.figures.style import COLOURS, LABELS, SMALL, band, caption, error_bars
from hppt_lib.figures.tables import breakable, table
from hppt_lib.records import Step


def training_figure(
    runs: Mapping[str, Sequence[Sequence[Step]]], provenance: str, window: int = 3
) -> Figure:
    """Strict share, guarded share and length of the rollouts over training.

    Args:
        runs: for each arm (a key of `figures.style.COLOURS`), the steps of each seed.
        provenance: see `figures.style.provenance_line`.
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
    axes[0].legend(loc="lower right", fontsize=SMALL)
    caption(figure, f"{provenance} · one line a seed, running mean of {window} steps")
    return figure


def satisfaction_figure(
    arms: Mapping[str, Sequence[Sequence[Evaluated]]],
    controls: Sequence[TruncationControl],
    provenance: str,
) -> Figure:
    """Strict ISR, guarded ISR and length side by side, with the truncation control.

    Args:
        arms: for each arm (``base``, ``strict``, ``guarded``, …) the evaluated responses of each
            seed.
        controls: the truncation control of each seed's base policy; its best cut is drawn.
        provenance: see `figures.style.provenance_line`.
    """
    figure, axes = plt.subplots(1, 3, figsize=(12, 4.4), layout="constrained")
    order = ["base", "cut", *(arm for arm in arms if arm != "base")]
    for axis, guarded in zip(axes[:2], (False, True), strict=True):
        for place, arm in enumerate(order):
            if arm == "cut":
                rates = [control.best(guarded=guarded)[1] for control in controls]
            else:
                rates = [isr(rows, guarded=guarded) for rows in arms[arm]]
            error_bars(axis, place + _spread(len(rates)), rates, COLOURS[arm], capsize=3)
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
    caption(figure, provenance + " · a dot for each seed")
    return figure


def constraints_figure(
    arms: Mapping[str, Sequence[Evaluated]], provenance: str, *, guarded: bool = True
) -> Figure:
    """ISR by type of constraint, one mark an arm, with 95 % intervals.

    Args:
        arms: for each arm, its evaluated responses (of all seeds together).
        provenance: see `figures.style.provenance_line`.
        guarded: guarded ISR (default) or strict.
    """
    tables = {arm: rows_by_constraint(rows) for arm, rows in arms.items()}
    ids = sorted({id for by_id in tables.values() for id in by_id})
    figure, axis = plt.subplots(figsize=(9, 0.75 * len(ids) + 1.6), layout="constrained")
    offsets = np.linspace(-0.22, 0.22, len(tables))
    for offset, (arm, by_id) in zip(offsets, tables.items(), strict=True):
        rates = [isr(by_id[id], guarded=guarded) for id in ids]
        look = {"capsize": 3, "ms": 6, "label": LABELS[arm]}
        error_bars(axis, np.arange(len(ids)) + offset, rates, COLOURS[arm], sideways=True, **look)
    axis.set_yticks(range(len(ids)), [id.partition(":")[2].replace("_", " ") for id in ids])
    axis.invert_yaxis()
    kind = "Guarded" if guarded else "Strict"
    axis.set(xlim=(0, 1), xlabel="share of responses, with 95 % interval")
    axis.set_title(f"{kind} ISR by type of constraint")
    axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=SMALL)
    caption(figure, provenance)
    return figure


def truncation_figure(controls: Sequence[TruncationControl], provenance: str) -> Figure:
    """Strict and guarded ISR of the base policy's own text, cut after so many words."""
    figure, axis = plt.subplots(figsize=(7.5, 3.6), layout="constrained")
    for guarded, arm in ((False, "strict"), (True, "guarded")):
        for number, control in enumerate(controls):
            rates = control.guarded if guarded else control.strict
            name = ("guarded ISR" if guarded else "strict ISR") if number == 0 else None
            band(axis, control.limits, rates, COLOURS[arm], name)
    axis.set(ylim=(0, 1), xlabel="cut after this many words", ylabel="share of responses")
    axis.set_title("What brevity alone buys, without any training")
    axis.legend()
    caption(figure, provenance + " · bands are 95 % intervals")
    return figure


def results_row(policy: str, rows: Sequence[Evaluated]) -> dict[str, str]:
    """One line of a results table: strict and guarded ISR with their intervals, and length.

    Args:
        policy: what the line is called.
        rows: the policy's evaluated responses.
    """
    return {
        "policy": policy,
        "strict ISR [95 %]": str(isr(rows, guarded=False)),
        "guarded ISR [95 %]": str(isr(rows, guarded=True)),
        "words": f"{mean_length(rows):.1f}",
        "responses": str(len(rows)),
    }


def samples_table(arms: Mapping[str, Sequence[Evaluated]], of_each_type: int) -> Any:
    """Responses of several policies to the same instructions, side by side, with their verdicts.

    Nothing is picked: the first instructions of each type, in their order, and the first response
    of each policy to each.

    Args:
        arms: for each arm, its evaluated responses.
        of_each_type: instructions shown of each type of constraint.

    Returns:
        A styled table (`pandas.io.formats.style.Styler`), escaped for HTML.
    """
    first: dict[str, dict[str, Evaluated]] = {}
    for arm, rows in arms.items():
        for each in rows:
            first.setdefault(each.instruction.id, {}).setdefault(arm, each)
    shown: dict[str, list[dict[str, str]]] = {}
    for responses in first.values():
        if len(responses) < len(arms):
            continue
        instruction = next(iter(responses.values())).instruction
        of_type = shown.setdefault(instruction.constraints[0].id, [])
        if len(of_type) < of_each_type:
            of_type.append(
                {"instruction": breakable(instruction.prompt)}
                | {LABELS[arm]: _cell(each) for arm, each in responses.items()}
            )
    lines = [line for id in sorted(shown) for line in shown[id]]
    return table(lines).format(None)  # the cells are escaped, and hold markup of our own


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
        axes[0].legend(fontsize=SMALL, loc="upper left")
        axes[1].plot(numbers, [each.length for each in self.steps], color=COLOURS["base"])
        axes[1].set(xlabel="GRPO step", ylabel="tokens a rollout")
        axes[1].set_ylim(bottom=0)
        for axis in axes:
            axis.set_xlim(0.5, max(self.total, 2) + 0.5)
            axis.xaxis.set_major_locator(MaxNLocator(integer=True))
        caption(figure, self.provenance)
        return figure


def running_mean(values: Sequence[float], window: int) -> list[float]:
    """The mean of each value and up to ``window`` − 1 before it."""
    return [float(np.mean(values[max(0, end - window) : end])) for end in range(1, len(values) + 1)]


def _spread(count: int) -> np.ndarray:
    return np.linspace(-0.18, 0.18, count) if count > 1 else np.zeros(1)


def _name_places(axis: Axes, arms: Sequence[str]) -> None:
    names = [LABELS[arm].replace(" ", "\n", 1).replace("strict ", "strict\n") for arm in arms]
    names = [name.replace("guarded ", "guarded\n") for name in names]
    axis.set_xticks(range(len(arms)), names, fontsize=SMALL)
    axis.set_xlim(-0.5, len(arms) - 0.5)
    axis.grid(axis="x", visible=False)


def _cell(response: Evaluated) -> str:
    text = breakable(response.response.strip()).replace("\n", "<br>")
    marks = [
        f"{'✓' if passed else '✗'} {name}"
        for name, passed in (("strict", response.score.strict), ("guarded", response.score.guarded))
    ]
    return f"{text}<br><small><b>{' · '.join(marks)}</b></small>"
