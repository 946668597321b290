"""Figures of audits: how right an instrument is, and how it can be fooled. Style: `plots.style`."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import matplotlib.pyplot as plt
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hppt_lib.audit import Confusion, Rates
from hppt_lib.audit.vacuous import VacuousPass
from hppt_lib.intervals import Rate

BLIND = sns.color_palette("colorblind")
COLOURS = {"text": BLIND[0], "reference": BLIND[1]}
_MEASURES = (
    ("precision", "precision\n(of the passed, truly satisfied)"),
    ("recall", "recall\n(of the satisfied, passed)"),
    ("recall_on_false", "recall on false responses\n(of the violated, failed)"),
)


@dataclass(frozen=True)
class Reported:
    """A rate that someone else reports, drawn hollow.

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
    figure, panels = plt.subplots(
        1, 3, figsize=(10, 1.5 + 0.42 * len(rows)), sharey=True, layout="constrained"
    )
    for axis, (measure, title) in zip(panels, _MEASURES, strict=True):
        for number, (instrument, groups) in enumerate(audits.items()):
            shift = (number - (len(audits) - 1) / 2) * min(0.26, 0.7 / len(audits))
            for row, name in enumerate(rows):
                share: Rate | None = getattr(groups.get(name), measure, None)
                if share is not None:
                    interval(axis, share, row + shift, COLOURS.get(instrument, BLIND[number % 10]))
        for name, found in reported.items():
            for each in (each for each in found if each.measure == measure):
                place = (each.value, rows.index(name))
                axis.plot(*place, "o", ms=8, mfc="none", mec="0.25", mew=1.5)
                axis.annotate(
                    each.mark, place, (8, 0), textcoords="offset points", fontsize=8, va="center"
                )
        axis.set_title(title, fontsize=10)
        axis.set(xlim=(-0.02, 1.03), xlabel="share")
        axis.tick_params(axis="x", labelsize=9)  # else 1.0 runs into the next panel's 0.0
        axis.grid(axis="y", visible=False)
    panels[0].set_yticks(range(len(rows)), rows)
    panels[0].set_ylim(len(rows) - 0.5, -0.5)
    handles = [
        panels[0].plot([], [], "o", color=COLOURS.get(name, BLIND[number % 10]), label=name)[0]
        for number, name in enumerate(audits)
    ]
    if reported:
        marks = ", ".join(sorted({each.mark for found in reported.values() for each in found}))
        label = f"reported elsewhere {marks}"
        handles += panels[0].plot([], [], "o", ms=8, mfc="none", mec="0.25", mew=1.5, label=label)
    figure.legend(handles=handles, loc="outside upper left", ncols=min(4, len(handles)), fontsize=9)
    caption(figure, provenance)
    return figure


def vacuous_figure(audits: Mapping[str, Sequence[VacuousPass]], provenance: str) -> Figure:
    """The share of prompts that each constant answer passes.

    Args:
        audits: for each set of prompts (a panel), its results: every probe once without the guard,
            and once with it if that was tried.
        provenance: reading and number of prompts.
    """
    probes = list(dict.fromkeys(each.probe for found in audits.values() for each in found))
    figure, panels = plt.subplots(
        1,
        len(audits),
        figsize=(3.4 * len(audits) + 1, 1.4 + 0.36 * len(probes)),
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    for axis, (name, found) in zip(panels[0], audits.items(), strict=True):
        for each in found:
            colour = BLIND[2] if each.guarded else BLIND[3]
            shift = 0.2 if each.guarded else -0.2
            interval(axis, each.rate, probes.index(each.probe) + shift, colour)
        axis.set_title(name, fontsize=10)
        axis.set(xlim=(-0.02, 1), xlabel="share of prompts passed")
        axis.grid(axis="y", visible=False)
    first: Axes = panels[0][0]
    first.set_yticks(range(len(probes)), probes)
    first.invert_yaxis()
    for label, colour in (("verifiers alone", BLIND[3]), ("with the guard", BLIND[2])):
        first.plot([], [], "o", color=colour, label=label)
    figure.legend(loc="outside upper left", ncols=2, fontsize=9)
    caption(figure, provenance)
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
        axis.plot(lengths, seconds, "o-", color=BLIND[3 - 3 * (number % 2)], label=name)
        axis.annotate(
            name, (lengths[-1], seconds[-1]), xytext=(6, 0), textcoords="offset points", va="center"
        )
    axis.set(xscale="log", yscale="log", xlabel="characters", ylabel="seconds a check")
    axis.set_title("Ten times the text, how much more time?")
    axis.margins(x=0.25)
    caption(figure, provenance)
    return figure


def interval(axis: Axes, share: Rate, height: float, colour: object, marker: str = "o") -> None:
    """Draw a rate and its interval, lying at this height."""
    axis.plot([share.low, share.high], [height, height], color=colour, lw=2)
    axis.plot([share.mean], [height], marker, color=colour, ms=5)


def caption(figure: Figure, provenance: str) -> None:
    """Say below the figure where its numbers come from; a long text takes several lines."""
    text = textwrap.fill(provenance, int(15 * figure.get_figwidth()))
    figure.supxlabel(text, fontsize=8, color="0.4")
