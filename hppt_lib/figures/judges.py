"""Figures of audited judges: their rates, overall and by number of constraints, and attacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from hppt_lib.audit import ProgramsAudit, Rates
from hppt_lib.audit.curves import precision_by_prevalence
from hppt_lib.audit.report import Report
from hppt_lib.audit.reported import PAPER_RECALL_ON_FALSE
from hppt_lib.figures.instruments import Reported, instrument_figure
from hppt_lib.figures.judge_curves import (
    TITLES,
    calibration_figure,
    prevalence_figure,
    roc_figure,
    threshold_figure,
)
from hppt_lib.figures.style import (
    GREY,
    MARKERS,
    PALETTE,
    caption,
    error_bars,
    legend_above,
    row_interval,
    wrapped,
)
from hppt_lib.intervals import Rate

PAPER_JUDGES = {
    kind: {
        f"{judge} (paper)": (Reported("recall_on_false", value, "[digest]"),)
        for judge, value in judges.items()
    }
    for kind, judges in PAPER_RECALL_ON_FALSE.items()
}
"""The paper's judges, as digests of it report them (arXiv 2601.04954); other data than ours."""


def judges_figure(
    audits: Mapping[str, Mapping[str, Rates]],
    provenance: str,
    reported: Mapping[str, Sequence[Reported]] | None = None,
) -> Figure:
    """Precision, recall and recall on false responses of each judge, beside what others report.

    Args:
        audits: for each way to ask (a colour), the rates of each judge (a row).
        provenance: data, mode and number of rows.
        reported: hollow marks, such as `PAPER_JUDGES`'s for the same kind of data.
    """
    return instrument_figure(audits, provenance, reported)


def numbers_figure(
    audits: Mapping[str, Mapping[int, Rates]],
    provenance: str,
    names: Mapping[int, str] | None = None,
) -> Figure:
    """How the rates change with the number of constraints in one call.

    Args:
        audits: for each judge, its rates by number of constraints.
        provenance: data, mode and number of rows.
        names: what stands at the axis in place of a number, where a number would mislead.
    """
    figure, panels = plt.subplots(1, 3, figsize=(11, 3.9), sharey=True, layout="constrained")
    numbers = sorted({number for rates in audits.values() for number in rates})
    for axis, (measure, title) in zip(panels, TITLES.items(), strict=True):
        for place, (judge, rates) in enumerate(audits.items()):
            shift = (place - (len(audits) - 1) / 2) * min(0.14, 0.6 / len(audits))
            known = {number: getattr(rates[number], measure) for number in sorted(rates)}
            drawn = {number: share for number, share in known.items() if share is not None}
            error_bars(
                axis,
                [number + shift for number in drawn],
                list(drawn.values()),
                PALETTE[place % 10],
                fmt=MARKERS[place % 10] + "-",
                lw=1,
                elinewidth=1.8,
                label=judge,
            )
        axis.set_title(title, fontsize=11)
        axis.set(xlabel="constraints in one call", ylim=(-0.03, 1.03))
        axis.set_xlim(min(numbers, default=1) - 0.5, max(numbers, default=1) + 0.5)
        axis.set_xticks(numbers, [(names or {}).get(each, str(each)) for each in numbers])
    panels[0].set_ylabel("share, with 95 % interval")
    legend_above(figure, panels[0])
    caption(figure, provenance)
    return figure


def programs_figure(audit: ProgramsAudit) -> Figure:
    """Programs for soft constraints beside the best judge and a program blind to the constraint.

    Args:
        audit: a row for each program, with the rates of all three on that intent's rows; the first
            row has the blind program and the judge on all rows.
    """
    names = [f"{each.intent.name} ({each.program.rows})" for each in audit.programs]
    everything = f"all rows ({audit.rows})"
    return instrument_figure(
        {
            f"blind program: {audit.blind}": {everything: audit.blind_rates}
            | dict(zip(names, (each.blind for each in audit.programs), strict=True)),
            f"best judge: {audit.judge}": {everything: audit.judge_rates}
            | dict(zip(names, (each.judge for each in audit.programs), strict=True)),
            "program for the intent": dict(
                zip(names, (each.program for each in audit.programs), strict=True)
            ),
        },
        f"{audit.sentence}\n{audit.provenance}",
    )


RULES_NAME = "rule verifiers"
"""The name under which `attacks_figure` draws the verifiers in grey."""


def attacks_figure(attacks: Mapping[str, Mapping[str, Rate]], provenance: str) -> Figure:
    """The share of violating responses that pass under each attack.

    Args:
        attacks: for each judge (and `RULES_NAME`), the false-pass rate under each attack (a row).
        provenance: data, mode and number of rows.
    """
    rows = list(dict.fromkeys(name for shares in attacks.values() for name in shares))
    height = 0.3 + 0.16 * len(attacks)
    figure, axis = plt.subplots(figsize=(8.5, 1.6 + height * len(rows)), layout="constrained")
    judges = [name for name in attacks if name != RULES_NAME]
    for number, (judge, shares) in enumerate(attacks.items()):
        place = judges.index(judge) if judge in judges else 0
        colour, marker = (
            (PALETTE[place % 10], MARKERS[place % 10]) if judge in judges else (GREY, "s")
        )
        shift = (number - (len(attacks) - 1) / 2) * 0.7 / len(attacks)
        for name, share in shares.items():
            row_interval(axis, share, rows.index(name) + shift, colour, marker)
        axis.plot([], [], marker, color=colour, label=judge)
    for row in range(len(rows) - 1):
        axis.axhline(row + 0.5, color="0.9", lw=0.8)
    axis.set_yticks(range(len(rows)), [wrapped(name, 34) for name in rows])
    axis.set_ylim(len(rows) - 0.5, -0.5)
    axis.set(xlim=(-0.02, 1.02), xlabel="false-pass rate (of the violated, passed)")
    axis.grid(axis="y", visible=False)
    legend_above(figure, axis)
    caption(figure, f"{provenance} · 95 % intervals")
    return figure


def report_figures(report: Report) -> dict[str, Figure]:
    """The figures of a report by file name; those about confidence only if a judge gives one."""
    line = report.provenance
    overall: dict[str, dict[str, Rates]] = {
        report.mode: {each.name: each.overall for each in report.judges}
    }
    kinds = {
        each.name: {str(name): rates for name, rates in each.groups["kind"].items()}
        for each in report.judges
    }
    numbers = {
        each.name: {
            number: rates
            for number, rates in each.groups["constraints in the call"].items()
            if isinstance(number, int)
        }
        for each in report.judges
    }
    figures = {
        "judges": judges_figure(overall, line, PAPER_JUDGES.get(report.data)),
        "kinds": instrument_figure(kinds, line),
        "constraints": numbers_figure(numbers, line),
    }
    curves = {
        each.name: precision_by_prevalence(each.overall.recall, each.overall.recall_on_false)
        for each in report.judges
        if each.overall.recall and each.overall.recall_on_false
    }
    if curves:
        figures["prevalence"] = prevalence_figure(curves, line)
    rocs = {each.name: each.roc for each in report.judges if each.roc}
    if rocs:
        figures["roc"] = roc_figure(rocs, line)
    calibrations = {each.name: each.calibration for each in report.judges if each.calibration}
    if calibrations:
        figures["calibration"] = calibration_figure(calibrations, line)
        sweeps = {each.name: each.sweep for each in report.judges if each.sweep}
        chosen = {each.name: each.abstaining for each in report.judges}
        figures["threshold"] = threshold_figure(sweeps, chosen, line)
    return figures
