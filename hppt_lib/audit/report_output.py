"""Prints the report of an audit as a table, and writes it to files."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from hppt_lib.audit.judged_rows import JudgedRow
from hppt_lib.audit.paired import PairedDifference
from hppt_lib.audit.rates import Rates
from hppt_lib.audit.report import JudgeReport, Report
from hppt_lib.errors import HpptError
from hppt_lib.files import whole_folder
from hppt_lib.terminal import as_text, one_line, table
from hppt_lib.verifiers.words import counted

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = (
    *("judge", "mode", "item", "kind", "constraint", "constraints", "near", "source"),
    *("label", "verdict", "confidence", "problem"),
)
"""The columns of ``audit.csv``."""

_LONGEST = 320  # characters of a server's sentence in the table

_COMPARED = ("precision", "recall", "recall_on_false", "accuracy", "kappa", "coverage")
_EXPLAINED = (
    "none: no verdict, left out of the rates. Precision: of the passed, the share truly satisfied;",
    "recall: of the satisfied, passed; recall on false: of the violated, failed. In brackets 95 %",
    "intervals (rows of one item depend on each other), or for costs 95 % of 200 random splits.",
)


def as_table(report: Report, width: int | None = None) -> str:
    """The report as text: a table of all judges, one for each, and their paired differences.

    Args:
        report: the report.
        width: in characters; by default the terminal's.
    """
    parts: list[Table | str] = [
        _rates_table("Judges", {judge.name: judge.overall for judge in report.judges})
    ]
    for judge in report.judges:
        for title, groups in judge.groups.items():
            if len(groups) > 1 or title == "kind":
                parts.append(_rates_table(f"{one_line(judge.name)}, by {title}", groups))
        parts += [*_notes(judge), ""]
    if report.paired_differences:
        parts.append(_differences_table(report.paired_differences))
    parts += [one_line(report.provenance, 1000), *_EXPLAINED]
    return as_text(*parts, width=width)


def _rates_table(title: str, groups: Mapping[str, Rates] | Mapping[str | int, Rates]) -> Table:
    rows = [
        [
            one_line(str(name)),
            *(rates.rows, sum(rates.missing.values())),
            *(rates.precision, rates.recall, rates.recall_on_false),
        ]
        for name, rates in groups.items()
    ]
    return table(["", "rows", "none", "precision", "recall", "recall on false"], rows, title=title)


def _notes(judge: JudgeReport) -> list[str]:
    overall = judge.overall
    known = {
        "coverage": overall.coverage,
        "accuracy": overall.accuracy,
        "false-pass rate": overall.false_pass_rate,
        "AUC": judge.roc.auc if judge.roc else None,
    }
    notes = [f"{name} {share}" for name, share in known.items() if share is not None]
    if overall.kappa:
        notes.append(f"κ {overall.kappa.interval}")
    if judge.calibration:
        bins = judge.calibration
        notes.append(f"Brier {bins.brier:.2f} [{bins.brier_low:.2f}, {bins.brier_high:.2f}]")
        by_chance = f"by chance {bins.error_by_chance:.2f}"
        notes.append(f"calibration error {bins.error:.2f} ({by_chance})")
    lines = [" · ".join(notes[:4]), " · ".join(notes[4:])]
    if overall.missing:
        reasons = list(overall.missing.items())
        shown = [f"{one_line(reason)} ({rows})" for reason, rows in reasons[:8]]
        more = len(reasons) - len(shown)
        shown += [counted(more, "other reason")] if more else []
        lines.append("No verdict, by reason: " + ", ".join(shown))
        lines += [f"  {each}" for each in _reasons_in_full(judge)]
    lines += [f"Note: {one_line(note, _LONGEST)}" for note in judge.notes]
    for title, cost in (("One threshold", judge.cost), ("Abstaining", judge.cost_abstaining)):
        if cost:
            level = f"at confidence level {100 * cost.level:g} %"
            level += f", also for the best of {cost.judges} judges" if cost.judges > 1 else ""
            lines.append(f"{title}, recall on false {cost.target:.2f} {level}: {cost}")
    return lines


def _reasons_in_full(judge: JudgeReport) -> list[str]:
    """A line for each reason of which more is known: the server's own sentence, say."""
    return [
        f"{one_line(reason)}: {one_line(judge.details[reason], _LONGEST)}"
        for reason in list(judge.overall.missing)[:8]
        if reason in judge.details
    ]


def no_verdicts(report: Report) -> str:
    """What to say of an audit in which no judge gave any verdict (`Report.has_verdicts`)."""
    lines = [
        f"{one_line(judge.name)}: "
        + "; ".join(_reasons_in_full(judge) or map(one_line, list(judge.overall.missing)[:8]))
        for judge in report.judges
    ]
    return "No judge gave any verdict, so nothing was audited.\n" + "\n".join(lines)


def _differences_table(
    pairs: Mapping[tuple[str, str], Mapping[str, PairedDifference]],
) -> Table:
    rows: list[list[object] | None] = []
    for (first, second), differences in pairs.items():
        names = f"{one_line(first)} − {one_line(second)}"
        for measure in _COMPARED:
            if measure in differences:
                difference = differences[measure]
                title = "κ" if measure == "kappa" else measure.replace("_", " ")
                rates = (f"{difference.first:.2f}", f"{difference.second:.2f}")
                rows.append([names, title, *rates, difference, difference.rows])
                names = ""
        rows.append(None)
    return table(
        ["", "rate", "first", "second", "difference", "rows"],
        rows,
        title="Paired differences: the same rows, first less second",
    )


def check_folder(folder: Path) -> None:
    """Check that a report can be written to a folder, before judges are paid for it.

    Raises:
        HpptError: it is no folder, or holds what no report wrote.
    """
    if folder.exists():
        if not folder.is_dir():
            raise HpptError(f"{folder} is a file: choose a folder for the report.")
        others = sorted(
            path.name
            for path in folder.iterdir()
            if path.name not in ("audit.csv", "audit.json") and path.suffix != ".png"
        )
        if others or folder.resolve() == Path.cwd():
            why = f"holds other files ({others[0]})" if others else "is where you stand"
            raise HpptError(
                f"{folder} {why}. A report replaces its folder: choose one of its own, such as "
                f"{folder / 'audit'}."
            )


def write_report(report: Report, folder: Path, figures: Mapping[str, Figure]) -> None:
    """Write ``audit.csv``, ``audit.json`` and the figures, all or none; an old report is replaced.

    Args:
        report: the report.
        folder: where it goes.
        figures: what is drawn of it, by file name, such as `hppt_lib.figures.judges.report_figures`
            makes; an audit itself draws nothing.

    Raises:
        HpptError: the folder holds other files, or cannot be written.
    """
    check_folder(folder)
    with whole_folder(folder) as temporary:
        text = dumps(report.as_json(), indent=2, allow_nan=False)
        (temporary / "audit.json").write_text(text + "\n", encoding="utf-8")
        # A judge's words may hold half a character, which UTF-8 has no place for.
        half = "backslashreplace"
        with (temporary / "audit.csv").open("w", -1, "utf-8", half, newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(COLUMNS)
            writer.writerows(_csv_row(report.mode, judged) for judged in report.rows)
        for name, figure in figures.items():
            figure.savefig(temporary / f"{name}.png", dpi=150)


def _csv_row(mode: str, judged: JudgedRow) -> list[str | int]:
    row, judgement = judged.row, judged.judgement
    verdict = {True: "passed", False: "failed", None: "none"}[judgement.passed]
    confidence = "" if judgement.confidence is None else f"{judgement.confidence:.6g}"
    return [
        *(judged.judge, mode, row.item, row.kind, row.constraint, judged.constraints_in_call),
        *(str(row.near).lower(), row.source, "satisfied" if row.label else "violated"),
        *(verdict, confidence, judgement.problem),
    ]
