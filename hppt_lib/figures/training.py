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
    share_of,
    substance,
)
from hppt_lib.figures.style import (
    COLOURS,
    LABELS,
    SMALL,
    band,
    caption,
    error_bars,
    legend_inside,
    looks,
    wrapped,
)
from hppt_lib.figures.tables import breakable, table
from hppt_lib.records import Step


def training_figure(
    runs: Mapping[str, Sequence[Sequence[Step]]], provenance: str, window: int = 3
) -> Figure:
    """Strict share, guarded share and length of the rollouts over training.

    Args:
        runs: for each arm, by any name, the steps of each seed.
        provenance: see `figures.style.provenance_line`.
        window: steps in the running mean (the mix of prompts differs from step to step).
    """
    panels = (
        ("strict", "Every constraint passes", "share of rollouts"),
        ("guarded", "… by an answer of substance", "share of rollouts"),
        ("length", "Length", "tokens a rollout"),
    )
    figure, axes = plt.subplots(1, 3, figsize=(12, 3.8), layout="constrained")
    look = looks(runs)
    for axis, (field, title, unit) in zip(axes, panels, strict=True):
        for arm, seeds in runs.items():
            for number, steps in enumerate(seeds):
                values = running_mean([getattr(each, field) for each in steps], window)
                axis.plot(
                    [each.step for each in steps],
                    values,
                    color=look[arm].colour,
                    linestyle=look[arm].line,
                    linewidth=2 if len(runs) <= 3 else 1.3,
                    alpha=0.85,
                    label=look[arm].label if number == 0 else None,
                )
        axis.set(title=title, xlabel="GRPO step", ylabel=unit)
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))
        axis.set_ylim(0, 1 if field != "length" else None)
    legend_inside(figure, axes[0], "lower right")
    caption(figure, f"{provenance} · one line a seed, running mean of {window} steps")
    return figure


def satisfaction_figure(
    arms: Mapping[str, Sequence[Sequence[Evaluated]]],
    controls: Sequence[TruncationControl],
    provenance: str,
) -> Figure:
    """Strict ISR, guarded ISR, substance and length side by side, with the truncation control.

    Args:
        arms: for each arm, by any name, the evaluated responses of each seed; ``base`` is the
            untrained policy.
        controls: the truncation control of each seed's base policy; what is drawn is its best cut
            for each type of constraint, chosen on one half of the instructions and scored on the
            other (for substance: the cut chosen by guarded ISR). Empty if there is none.
        provenance: see `figures.style.provenance_line`.
    """
    order = [arm for arm in arms if arm == "base"] + (["cut"] if controls else [])
    order += [arm for arm in arms if arm != "base"]
    look = looks(order)
    # Many names, or long ones, stand beside each other only if the arms are lines.
    sideways = len(order) > 4 or any(len(look[arm].label) > 24 for arm in order)
    lines = sum(max(2, look[arm].label.count("\n") + 1) for arm in order)
    height = 1.7 + 0.22 * lines if sideways else 4.4
    figure, axes = plt.subplots(1, 4, figsize=(15, height), sharey=sideways, layout="constrained")
    cut = {each: [one.best(guarded=each).rows for one in controls] for each in (False, True)}
    titles = {
        "strict ISR": "Strict ISR: constraint met",
        "guarded ISR": "Guarded ISR: met by an answer",
        "substance": "Substance: an answer at all",
    }
    for axis, (measure, title) in zip(axes[:3], titles.items(), strict=True):
        for place, arm in enumerate(order):
            seeds = cut[measure != "strict ISR"] if arm == "cut" else arms[arm]
            rates = [share_of(rows, measure) for rows in seeds]
            places = place + _spread(len(rates))
            error_bars(axis, places, rates, look[arm].colour, capsize=3, sideways=sideways)
        unit = "share of responses, with 95 % interval"
        axis.set(
            **({"xlim": (0, 1), "xlabel": unit} if sideways else {"ylim": (0, 1), "ylabel": unit})
        )
        axis.set_title(title)
        _name_places(axis, [look[arm].label for arm in order], sideways)
    lengths = [arm for arm in order if arm != "cut"]
    for number, arm in enumerate(lengths):
        place = order.index(arm) if sideways else number  # lines are those of the other panels
        values = [mean_length(rows) for rows in arms[arm]]
        offsets = place + _spread(len(values))
        colour = look[arm].colour
        draw = axes[3].barh if sideways else axes[3].bar
        draw(place, np.mean(values), 0.6, color=colour, alpha=0.35)
        axes[3].scatter(
            *((values, offsets) if sideways else (offsets, values)), color=colour, zorder=3
        )
    unit = "words (mean; a dot for each seed)"
    axes[3].set(title="Length of the response", **{"xlabel" if sideways else "ylabel": unit})
    if not sideways:
        _name_places(axes[3], [look[arm].label for arm in lengths], sideways)
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
    height = max(0.75, 0.17 * len(tables)) * len(ids)
    # The legend beside it is as high as its labels are.
    labels = sum(look.label.count("\n") + 1.5 for look in looks(arms).values())
    figure, axis = plt.subplots(figsize=(9, max(height, 0.16 * labels) + 1.6), layout="constrained")
    reach = min(0.36, 0.22 * max(1, (len(tables) - 1) / 2))
    offsets = np.linspace(-reach, reach, len(tables)) if len(tables) > 1 else np.zeros(1)
    for offset, (arm, look) in zip(offsets, looks(arms).items(), strict=True):
        known = {place: tables[arm][id] for place, id in enumerate(ids) if id in tables[arm]}
        rates = [isr(rows, guarded=guarded) for rows in known.values()]
        places = np.array(list(known)) + offset
        marks = {
            "capsize": 3,
            "ms": 6,
            "fmt": look.marker,
            "label": wrapped(LABELS.get(arm, arm), 26),
        }
        error_bars(axis, places, rates, look.colour, sideways=True, **marks)
    names = [(id.partition(":")[2] or id).replace("_", " ") for id in ids]
    axis.set_yticks(range(len(ids)), [wrapped(name, 28) for name in names])
    axis.set_ylim(len(ids) - 0.5, -0.5)
    kind = "Guarded" if guarded else "Strict"
    axis.set(xlim=(0, 1), xlabel="share of responses, with 95 % interval")
    axis.set_title(f"{kind} ISR by type of constraint")
    axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=SMALL)
    caption(figure, provenance)
    return figure


def truncation_figure(controls: Sequence[TruncationControl], provenance: str) -> Figure:
    """Strict and guarded ISR of the base policy's own text, all of it cut after so many words."""
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
    """One line of a results table: both ISR and substance with their intervals, and length.

    Args:
        policy: what the line is called.
        rows: the policy's evaluated responses.
    """
    return {
        "policy": policy,
        "strict ISR [95 %]": str(isr(rows, guarded=False)),
        "guarded ISR [95 %]": str(isr(rows, guarded=True)),
        "substance [95 %]": str(substance(rows)),
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
                | {LABELS.get(arm, arm): _cell(each) for arm, each in responses.items()}
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


def _name_places(axis: Axes, labels: Sequence[str], sideways: bool) -> None:
    if sideways:
        axis.set_yticks(range(len(labels)), labels, fontsize=SMALL)
        axis.set_ylim(len(labels) - 0.5, -0.5)
        axis.grid(axis="y", visible=False)
    else:
        names = [wrapped(label, 12) for label in labels]
        axis.set_xticks(range(len(labels)), names, fontsize=SMALL)
        axis.set_xlim(-0.5, len(labels) - 0.5)
        axis.grid(axis="x", visible=False)


def _cell(response: Evaluated) -> str:
    text = breakable(response.response.strip()).replace("\n", "<br>")
    marks = [
        f"{'✓' if passed else '✗'} {name}"
        for name, passed in (("strict", response.score.strict), ("guarded", response.score.guarded))
    ]
    return f"{text}<br><small><b>{' · '.join(marks)}</b></small>"
