"""Figures of verifiers and judges: how right they are, what they let pass, their time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hppt_lib.audit import Confusion, Rates
from hppt_lib.audit.vacuous import VacuousPass
from hppt_lib.figures.style import (
    BLUE,
    DARK_GREY,
    GREEN,
    MARKERS,
    ORANGE,
    PALETTE,
    SMALL,
    caption,
    legend_columns,
    room_for_legend,
    row_interval,
    wrapped,
)
from hppt_lib.intervals import Interval, Rate

_REPORTED: Any = {"ms": 8, "mfc": "none", "mec": DARK_GREY, "mew": 1.5}
_MEASURES = (
    ("precision", "precision\n(of the passed, truly satisfied)"),
    ("recall", "recall\n(of the satisfied, passed)"),
    ("recall_on_false", "recall on false responses\n(of the violated, failed)"),
)


@dataclass(frozen=True)
class Reported:
    """A rate that others report, drawn as a hollow mark.

    Attributes:
        measure: ``precision``, ``recall`` or ``recall_on_false``.
        value: from 0 to 1.
        mark: how it is known, such as ``[digest]`` for what was read in a digest of the paper.
    """

    measure: str
    value: float
    mark: str


def instrument_figure(
    audits: Mapping[str, Mapping[str, Confusion | Rates]],
    provenance: str,
    reported: Mapping[str, Sequence[Reported]] | None = None,
) -> Figure:
    """Precision, recall and recall on false responses, with 95 % intervals.

    Args:
        audits: for each instrument (a line of dots), the rates of each group (a row).
        provenance: what was labelled, by whom, how many.
        reported: for each row, known or added below, what others report of it.
    """
    reported = reported or {}
    rows = list(dict.fromkeys(name for groups in (*audits.values(), reported) for name in groups))
    names = [wrapped(name, 34, most=3) for name in rows]
    longest = max((len(line) for name in names for line in name.split("\n")), default=0)
    lines = max((name.count("\n") + 1 for name in names), default=1)
    height = max(0.42, 0.09 * len(audits) + 0.06, 0.2 * lines)
    figure, panels = plt.subplots(
        1,
        3,
        figsize=(10 + 0.08 * max(0, longest - 20), 1.5 + height * len(rows)),
        sharey=True,
        layout="constrained",
    )
    for axis, (measure, title) in zip(panels, _MEASURES, strict=True):
        for number, groups in enumerate(audits.values()):
            shift = (number - (len(audits) - 1) / 2) * min(0.26, 0.7 / len(audits))
            for row, name in enumerate(rows):
                share: Rate | None = getattr(groups.get(name), measure, None)
                if share is not None:
                    row_interval(
                        axis, share, row + shift, PALETTE[number % 10], MARKERS[number % 10]
                    )
        for name, rates in reported.items():
            for each in (each for each in rates if each.measure == measure):
                place = (each.value, rows.index(name))
                axis.plot(*place, "o", **_REPORTED)
                beside: Any = {"textcoords": "offset points", "va": "center", "fontsize": SMALL}
                axis.annotate(each.mark, place, (8, 0), **beside)
        axis.set_title(title, fontsize=10)
        axis.set(xlim=(-0.02, 1.03), xlabel="share")
        axis.tick_params(axis="x", labelsize=SMALL)  # else 1.0 runs into the next panel's 0.0
        axis.grid(axis="y", visible=False)
    panels[0].set_yticks(range(len(rows)), names)
    panels[0].set_ylim(len(rows) - 0.5, -0.5)
    handles = [
        panels[0].plot([], [], MARKERS[number % 10], color=PALETTE[number % 10], label=name)[0]
        for number, name in enumerate(audits)
    ]
    if reported:
        marks = ", ".join(sorted({each.mark for rates in reported.values() for each in rates}))
        label = f"reported elsewhere {marks}"
        handles += panels[0].plot([], [], "o", **_REPORTED, label=label)
    labels = [wrapped(handle.get_label(), 44) for handle in handles]
    columns = legend_columns(figure, labels, 4)
    room_for_legend(figure, labels, columns)
    figure.legend(handles, labels, loc="outside upper left", ncols=columns, fontsize=SMALL)
    caption(figure, provenance)
    return figure


def vacuous_figure(audits: Mapping[str, Sequence[VacuousPass]], provenance: str) -> Figure:
    """The share of prompts that each constant answer passes.

    Args:
        audits: for each set of prompts (a panel), its results: every probe once without the guard,
            and once with it if that was tried.
        provenance: reading and number of prompts.
    """
    probes = list(dict.fromkeys(each.probe for passes in audits.values() for each in passes))
    figure, panels = plt.subplots(
        1,
        len(audits),
        figsize=(3.4 * len(audits) + 1, 1.4 + 0.36 * len(probes)),
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    for axis, (name, passes) in zip(panels[0], audits.items(), strict=True):
        for each in passes:
            colour, marker = (GREEN, "s") if each.guarded else (ORANGE, "o")
            shift = 0.2 if each.guarded else -0.2
            row_interval(axis, each.rate, probes.index(each.probe) + shift, colour, marker)
        axis.set_title(wrapped(name, 32), fontsize=10)
        axis.set(xlim=(-0.02, 1), xlabel="share of prompts passed")
        axis.grid(axis="y", visible=False)
    first: Axes = panels[0][0]
    first.set_yticks(range(len(probes)), probes)
    first.invert_yaxis()
    first.plot([], [], "o", color=ORANGE, label="verifiers alone")
    first.plot([], [], "s", color=GREEN, label="with the guard")
    figure.legend(loc="outside upper left", ncols=2, fontsize=SMALL)
    caption(figure, provenance)
    return figure


def countings_figure(
    scores: Mapping[str, Mapping[str, Mapping[str, Interval]]], provenance: str
) -> Figure:
    """The scores that one set of answers gets: a row a model, a mark for each way to count.

    Args:
        scores: by model, by reading, by what is counted. The marks of the first reading are hollow.
        provenance: which answers.
    """
    readings = list(dict.fromkeys(name for of in scores.values() for name in of))
    counted = list(
        dict.fromkeys(name for of in scores.values() for one in of.values() for name in one)
    )
    lines = len(counted) * len(readings)
    figure, axis = plt.subplots(figsize=(8, 1.3 + 0.12 * lines * len(scores)), layout="constrained")
    for row, of in enumerate(scores.values()):
        for at, name in enumerate(counted):
            for side, reading in enumerate(readings):
                place = row + 0.8 * ((at * len(readings) + side + 0.5) / lines - 0.5)
                look: dict[str, Any] = {"color": PALETTE[at], "marker": MARKERS[at], "ms": 6}
                fill = "none" if side == 0 else "full"
                found = of[reading][name]
                axis.plot([found.low, found.high], [place, place], color=PALETTE[at], lw=1.2)
                axis.plot([found.mean], [place], fillstyle=fill, **look)
        if row:
            axis.axhline(row - 0.5, color=DARK_GREY, lw=0.6)
    for at, name in enumerate(counted):
        axis.plot([], [], MARKERS[at], color=PALETTE[at], label=name)
    for side, reading in enumerate(readings):
        fill = "none" if side == 0 else "full"
        axis.plot([], [], "o", color=DARK_GREY, fillstyle=fill, label=f"reading {reading}")
    axis.set_yticks(range(len(scores)), list(scores))
    axis.set_ylim(len(scores) - 0.5, -0.5)
    axis.set_xlabel("score")
    axis.grid(axis="y", visible=False)
    figure.legend(loc="outside upper left", ncols=3, fontsize=SMALL)
    caption(figure, f"{provenance} · lines: 95 % intervals")
    return figure


def growth_figure(times: Mapping[str, Sequence[tuple[int, float]]], provenance: str) -> Figure:
    """How the time of a check grows with the response.

    Args:
        times: for each check, pairs (characters, seconds).
        provenance: what was measured, and where.
    """
    figure, axis = plt.subplots(figsize=(6.4, 3.6), layout="constrained")
    for number, (name, pairs) in enumerate(times.items()):
        lengths, seconds = zip(*pairs, strict=True)
        colour = (ORANGE, BLUE, *PALETTE[2:3], *PALETTE[4:])[number % 9]
        axis.plot(lengths, seconds, f"{MARKERS[number % 10]}-", color=colour, label=name)
        axis.annotate(
            wrapped(name, 20),
            (lengths[-1], seconds[-1]),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
        )
    axis.set(xscale="log", yscale="log", xlabel="characters", ylabel="seconds a check")
    axis.set_title("Ten times the text, how much more time?")
    axis.margins(x=0.25)
    caption(figure, provenance)
    return figure
