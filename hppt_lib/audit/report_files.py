"""The report of an audit as files: a line for each row and judge, all rates, and the figures."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING

from hppt_lib.audit.judged import Judged
from hppt_lib.audit.report import Report
from hppt_lib.errors import HpptError
from hppt_lib.files import whole_folder

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = (
    *("judge", "mode", "item", "kind", "constraint", "constraints", "near", "source"),
    *("label", "verdict", "score", "problem"),
)


def check_folder(folder: Path) -> None:
    """See that a report may be written there, before judges are paid for it.

    Raises:
        HpptError: it is no folder, or holds what no report wrote.
    """
    if folder.exists():
        if not folder.is_dir():
            raise HpptError(f"{folder} is a file: choose a folder for the report.")
        others = sorted(
            each.name
            for each in folder.iterdir()
            if each.name not in ("audit.csv", "audit.json") and each.suffix != ".png"
        )
        if others or folder.resolve() == Path.cwd():
            found = f"holds other files ({others[0]})" if others else "is where you stand"
            raise HpptError(
                f"{folder} {found}. A report replaces its folder: choose one of its own, such as "
                f"{folder / 'audit'}."
            )


def write_report(found: Report, folder: Path, figures: Mapping[str, Figure]) -> None:
    """Write ``audit.csv``, ``audit.json`` and the figures, all or none; an old report is replaced.

    Args:
        found: the report.
        folder: where it goes.
        figures: what is drawn of it, by file name, such as `hppt_lib.figures.judges.report_figures`
            makes; an audit itself draws nothing.

    Raises:
        HpptError: the folder holds other files, or cannot be written.
    """
    check_folder(folder)
    with whole_folder(folder) as temporary:
        text = dumps(found.as_json(), indent=2, allow_nan=False)
        (temporary / "audit.json").write_text(text + "\n", encoding="utf-8")
        # A judge's words may hold half a character, which UTF-8 has no place for.
        half = "backslashreplace"
        with (temporary / "audit.csv").open("w", -1, "utf-8", half, newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(COLUMNS)
            writer.writerows(_line(found.mode, each) for each in found.rows)
        for name, figure in figures.items():
            figure.savefig(temporary / f"{name}.png", dpi=150)


def _line(mode: str, each: Judged) -> list[str | int]:
    verdict = {True: "passed", False: "failed", None: "none"}[each.judgement.passed]
    score = "" if each.judgement.score is None else f"{each.judgement.score:.6g}"
    row = each.row
    return [
        *(each.judge, mode, row.item, row.kind, row.constraint, each.constraints),
        *(str(row.near).lower(), row.source, "satisfied" if row.label else "violated"),
        *(verdict, score, each.judgement.problem),
    ]
