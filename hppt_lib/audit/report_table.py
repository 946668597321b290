"""The report of an audit for people: tables for a terminal."""

from __future__ import annotations

from collections.abc import Mapping

from rich import box
from rich.table import Table

from hppt_lib.audit.differences import Difference
from hppt_lib.audit.judged import Measured
from hppt_lib.audit.report import JudgeReport, Report
from hppt_lib.terminal import printed
from hppt_lib.verifiers.text import counted

_SHOWN = ("precision", "recall", "recall_on_false")
_COMPARED = ("precision", "recall", "recall_on_false", "accuracy", "kappa", "coverage")


_EXPLAINED = (
    "none: no verdict, left out of the rates. Precision: of the passed, the share truly satisfied;",
    "recall: of the satisfied, passed; recall on false: of the violated, failed. In brackets 95 %",
    "intervals (rows of one item depend on each other), or for costs 95 % of 200 random splits.",
)


def as_table(found: Report, width: int | None = None) -> str:
    """The report: a table for all judges, one for each, their differences, and where it is from.

    Args:
        found: the report.
        width: in characters; by default the terminal's.
    """
    parts: list[Table | str] = [_rates("Judges", {_safe(e.name): e.overall for e in found.judges})]
    for each in found.judges:
        for title, groups in each.groups.items():
            if len(groups) > 1 or title == "kind":
                named = {_safe(str(name)): group for name, group in groups.items()}
                parts.append(_rates(f"{_safe(each.name)}, by {title}", named))
        parts += [*_notes(each), ""]
    if found.differences:
        parts.append(_differences(found.differences))
    parts += [_safe(found.provenance, 1000), *_EXPLAINED]
    return printed(*parts, width=width)


def _rates(title: str, groups: Mapping[str, Measured]) -> Table:
    table = Table(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, padding=(0, 1)
    )
    table.add_column("", overflow="fold")
    for heading in ("rows", "none", "precision", "recall", "recall on false"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, each in groups.items():
        shares = [getattr(each, measure) for measure in _SHOWN]
        cells = ["–" if share is None else str(share) for share in shares]
        table.add_row(name, str(each.rows), str(sum(each.missing.values())), *cells)
    return table


def _notes(each: JudgeReport) -> list[str]:
    overall = each.overall
    known = {
        "coverage": overall.coverage,
        "accuracy": overall.accuracy,
        "false-pass rate": overall.false_pass_rate,
        "AUC": each.roc.auc if each.roc else None,
    }
    notes = [f"{name} {share}" for name, share in known.items() if share is not None]
    if overall.kappa:
        kappa = overall.kappa
        notes.append(f"κ {kappa.kappa:.2f} [{kappa.low:.2f}, {kappa.high:.2f}]")
    if each.calibration:
        bins = each.calibration
        notes.append(f"Brier {bins.brier:.2f} [{bins.brier_low:.2f}, {bins.brier_high:.2f}]")
        by_chance = f"by chance {bins.error_by_chance:.2f}"
        notes.append(f"calibration error {bins.error:.2f} ({by_chance})")
    lines = [" · ".join(notes[:4]), " · ".join(notes[4:])]
    if overall.missing:
        shown = [f"{_safe(reason)} ({rows})" for reason, rows in list(overall.missing.items())[:8]]
        more = len(overall.missing) - len(shown)
        shown += [f"{counted(more, 'other reason')}"] if more else []
        lines.append("No verdict, by reason: " + ", ".join(shown))
    for title, price in (("One threshold", each.cost), ("Abstaining", each.cost_abstaining)):
        if price:
            sure = f"{100 * price.confidence:g} % confidence"
            lines.append(f"{title}, recall on false {price.target:.2f} with {sure}: {price}")
    return lines


def _differences(pairs: Mapping[tuple[str, str], Mapping[str, Difference]]) -> Table:
    table = Table(
        title="Differences on the same rows (first less second)",
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        padding=(0, 1),
    )
    table.add_column("", overflow="fold")
    for heading in ("rate", "first", "second", "difference", "rows"):
        table.add_column(heading, justify="right", no_wrap=True)
    for (first, second), found in pairs.items():
        shown = [found[measure] for measure in _COMPARED if measure in found]
        for number, each in enumerate(shown):
            table.add_row(
                "" if number else f"{_safe(first)} − {_safe(second)}",
                "κ" if each.measure == "kappa" else each.measure.replace("_", " "),
                f"{each.first:.2f}",
                f"{each.second:.2f}",
                str(each),
                str(each.rows),
                end_section=number == len(shown) - 1,
            )
    return table


def _safe(text: str, most: int = 60) -> str:
    """Text from outside on one line, without what could steer a terminal."""
    shown = "".join(each if each.isprintable() else "?" for each in text)
    return shown if len(shown) <= most else shown[: most - 1] + "…"
