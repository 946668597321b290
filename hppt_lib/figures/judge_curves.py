"""Figures of a judge's confidence: ROC, calibration, thresholds and their price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hppt_lib.audit.curves import Calibration, PrecisionCurve, Roc
from hppt_lib.audit.thresholds import AtThreshold, Cost, Spread, Thresholds
from hppt_lib.figures.style import (
    BLUE,
    GREEN,
    GREY,
    LINES,
    MARKERS,
    ORANGE,
    PALETTE,
    SMALL,
    band,
    caption,
    error_bars,
    legend_above,
    panels,
    per_cent,
    wrapped,
)
from hppt_lib.intervals import Rate

TITLES = {
    "precision": "precision",
    "recall": "recall",
    "recall_on_false": "recall on false responses",
}


def roc_figure(curves: Mapping[str, Roc], provenance: str) -> Figure:
    """Recall against false passes at every threshold; the area and its interval in the legend."""
    figure, axis = plt.subplots(figsize=(7.6, 4.6), layout="constrained")
    axis.plot([0, 1], [0, 1], ":", color=GREY, lw=2, label="chance\nAUC 0.50")
    axis.axvspan(0, 0.1, color="0.92", zorder=0)
    note = "recall on\nfalse ≥ .90"
    axis.text(0.11, 0.02, note, fontsize=SMALL, color=GREY, va="bottom")
    for place, (judge, curve) in enumerate(curves.items()):
        axis.step(
            curve.false_pass_rates,
            curve.recalls,
            where="post",
            color=PALETTE[place % 10],
            ls=LINES[place % len(LINES)],
            lw=2,
            label=f"{wrapped(judge, 30)}\nAUC {curve.auc}",
        )
    axis.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), aspect="equal")
    axis.set(xlabel="false-pass rate (of the violated, passed)")
    axis.set(ylabel="recall (of the satisfied, passed)")
    axis.legend(loc="center left", bbox_to_anchor=(1.02, 0.5), fontsize=SMALL)
    caption(figure, f"{provenance} · AUC with its 95 % interval")
    return figure


def calibration_figure(calibrations: Mapping[str, Calibration], provenance: str) -> Figure:
    """The share truly satisfied against the judge's confidence, and how many rows have each.

    Args:
        calibrations: for each judge (a panel), its calibration.
        provenance: data, mode and number of rows.
    """
    figure, axes = panels(len(calibrations), 3.6, 4.2)
    for place, (axis, (judge, curve)) in enumerate(zip(axes, calibrations.items(), strict=True)):
        most = max(curve.satisfied.samples for curve in curve.bins)
        axis.bar(
            [group.low for group in curve.bins],
            [0.25 * group.satisfied.samples / most for group in curve.bins],
            width=0.1,
            align="edge",
            color="0.88",
            edgecolor="white",
            zorder=0,
        )
        axis.plot([0, 1], [0, 1], ":", color=GREY, lw=1)
        shares = [group.satisfied for group in curve.bins]
        at = [group.confidence for group in curve.bins]
        error_bars(axis, at, shares, PALETTE[place % 10], fmt=MARKERS[place % 10], label=judge)
        error = f"calibration error {curve.error:.2f} (by chance {curve.error_by_chance:.2f})"
        brier = f"Brier {curve.brier:.2f} [{curve.brier_low:.2f}, {curve.brier_high:.2f}]"
        axis.set_title(f"{wrapped(judge, 34)}\n\n", fontsize=11)
        axis.text(0, 1.02, f"{brier}\n{error}", fontsize=SMALL, transform=axis.transAxes)
        axis.set(xlim=(-0.02, 1.02), ylim=(-0.03, 1.03), xlabel="confidence (that it is satisfied)")
    for axis in axes[:: min(3, len(calibrations))]:
        axis.set_ylabel("share truly satisfied")
    caption(figure, f"{provenance} · 95 % intervals · grey: rows with such a confidence")
    return figure


def prevalence_figure(curves: Mapping[str, PrecisionCurve], provenance: str) -> Figure:
    """Precision where satisfied responses are rarer or commoner than in the audit set."""
    figure, axis = plt.subplots(figsize=(7.6, 4.2), layout="constrained")
    for place, (judge, curve) in enumerate(curves.items()):
        colour = PALETTE[place % 10]
        axis.fill_between(curve.prevalence, curve.low, curve.high, color=colour, alpha=0.15, lw=0)
        line, name = LINES[place % len(LINES)], wrapped(judge, 30)
        axis.plot(curve.prevalence, curve.precision, color=colour, ls=line, lw=2, label=name)
    axis.plot([0, 1], [0, 1], ":", color=GREY, lw=1, label="a judge that passes all")
    axis.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="prevalence (share of responses truly satisfied)")
    axis.set(ylabel="precision (of the passed, satisfied)")
    axis.legend(loc="center left", bbox_to_anchor=(1.02, 0.5), fontsize=SMALL)
    caption(figure, f"{provenance} · bands: both rates at the ends of their 95 % intervals")
    return figure


def confidence_figure(
    judge: str,
    confidences: np.ndarray,
    labels: np.ndarray,
    at: AtThreshold,
    provenance: str,
) -> Figure:
    """How confident a judge is in satisfied and in violated responses; what passes is dark.

    Args:
        judge: its name.
        confidences: float, shape (rows,).
        labels: bool, shape (rows,): truly satisfied.
        at: the judge's rates at the threshold that is drawn.
        provenance: data, mode and number of rows.
    """
    figure, axes = plt.subplots(
        2, 1, figsize=(7.6, 4.4), sharex=True, sharey=True, layout="constrained"
    )
    edges = np.linspace(0, 1, 41)
    for axis, wanted, colour, name in zip(
        axes, (True, False), (BLUE, ORANGE), ("truly satisfied", "truly violated"), strict=True
    ):
        rows = confidences[labels == wanted]
        passing = rows[rows >= at.threshold]
        share = np.full(len(rows), 1 / max(1, len(rows)))
        axis.hist(rows, edges, weights=share, color=colour, alpha=0.3, label="fails")
        axis.hist(passing, edges, weights=share[: len(passing)], color=colour, label="passes")
        axis.axvline(at.threshold, color="0.25", lw=1.5, ls="--")
        axis.set_title(f"{name}: {len(passing)} of {len(rows)} pass", fontsize=11)
        axis.set_ylabel("share of rows")
        axis.legend(loc="upper right", fontsize=SMALL)
        per_cent(axis, "y")
    axes[1].set(xlim=(-0.01, 1.01), xlabel="the judge's confidence (that it is satisfied)")
    caption(figure, f"{wrapped(judge, 60)}; passes from {at.threshold:.2f} · {provenance}")
    return figure


def threshold_figure(
    sweeps: Mapping[str, Sequence[AtThreshold]], chosen: Mapping[str, Thresholds], provenance: str
) -> Figure:
    """The rates at each threshold, and where a recall on false responses is guaranteed.

    Args:
        sweeps: for each judge (a panel), its rates at each threshold.
        chosen: for each judge, the threshold that carries the guarantee; where it abstains, the
            confidences without a verdict are shaded.
        provenance: data, mode and number of rows.
    """
    figure, axes = panels(len(sweeps), 4.4, 4.2)
    for axis, (judge, sweep) in zip(axes, sweeps.items(), strict=True):
        for place, (measure, title) in enumerate(
            {**TITLES, "passed": "share of rows passed"}.items()
        ):
            known = [each for each in sweep if getattr(each, measure) is not None]
            shares = [getattr(each, measure) for each in known]
            places = [each.threshold for each in known]
            colour, line = ((ORANGE, "-"), (BLUE, "-."), (GREEN, "-"), (GREY, "--"))[place]
            band(axis, places, shares, colour, title, line)
        precise = chosen[judge]
        axis.axhline(precise.target, color=GREY, lw=1, ls=":", label="the target")
        if precise.pass_from is not None and precise.fail_below is not None:
            if precise.fail_below < precise.pass_from:
                span = (precise.fail_below, min(precise.pass_from, 1))
                axis.axvspan(*span, color="0.9", zorder=0, label="no verdict")
            if precise.reached:
                axis.axvline(precise.pass_from, color="black", lw=1.5)
                axis.plot(precise.pass_from, precise.target, "*", color="black", ms=13, zorder=5)
                sure = f"{100 * precise.level:g} % confident"
                verdict = f"guaranteed from {precise.pass_from:.2f} ({sure})"
            else:
                verdict = "reached only by passing nothing"
        else:
            verdict = f"cannot be reached: {precise.violated} violated items are too few"
        axis.set_title(f"{wrapped(judge, 40)}\n", fontsize=11)
        axis.text(0, 1.02, verdict, fontsize=SMALL, transform=axis.transAxes)
        axis.set(
            xlim=(0, 1.01), ylim=(-0.03, 1.03), xlabel="threshold (confidence from it on: passed)"
        )
    for axis in axes[:: min(3, len(sweeps))]:
        axis.set_ylabel("share")
    legend_above(figure, axes[0])
    caption(figure, f"{provenance} · bands are 95 % intervals, each for its threshold alone")
    return figure


def price_figure(costs: Mapping[str, Sequence[Cost]], provenance: str) -> Figure:
    """What a guaranteed recall on false responses costs, by how much is asked for.

    Args:
        costs: for each judge or ensemble, its costs at several targets.
        provenance: data, mode and number of rows.
    """
    measures = {
        "recall": ("recall\n(of the satisfied, passed)", "share, with 95 % of the splits"),
        "passes_left": ("passes left\n(for each one before)", "times as many"),
        "coverage": ("coverage\n(rows with a verdict)", "share"),
    }
    figure, axes = plt.subplots(1, 3, figsize=(11, 4.2), layout="constrained")
    for axis, (measure, (title, unit)) in zip(axes, measures.items(), strict=True):
        for place, (judge, of_judge) in enumerate(costs.items()):
            shift = (place - (len(costs) - 1) / 2) * 0.008
            drawn: list[tuple[float, Spread]] = [
                (each.target + shift, getattr(each, measure))
                for each in of_judge
                if getattr(each, measure) is not None
            ]
            _joined(axis, [at for at, _ in drawn], [each for _, each in drawn], place, judge)
        axis.set_title(title, fontsize=11)
        axis.set(xlabel="guaranteed recall on false", ylabel=unit)
        if measure == "passes_left":
            axis.axhline(1, color=GREY, lw=1, ls=":")
            axis.set_ylim(bottom=0)
        else:
            axis.set_ylim(-0.03, 1.03)
        targets = sorted({each.target for of_judge in costs.values() for each in of_judge})
        axis.set_xticks(targets, [f"{target:g}" for target in targets], fontsize=SMALL)
    legend_above(figure, axes[0])
    note = "chosen on half of the items, measured on the rest, many splits; no mark: too few labels"
    caption(figure, f"{provenance} · {note}")
    return figure


def _joined(
    axis: Axes, places: Sequence[float], shares: Sequence[Rate | Spread], number: int, label: str
) -> None:
    """The points of one judge, in its colour and with its marker, joined by a thin line."""
    look = MARKERS[number % 10] + "-"
    error_bars(
        axis, places, shares, PALETTE[number % 10], fmt=look, lw=1, elinewidth=1.8, label=label
    )
