"""A table of audits that fills as one makes them: any judge, any day, the same columns.

``hppt audit --judge NAME --out build/audits/MINE`` leaves ``audit.json`` in its folder. The table
has a line for each judge in each such file below a folder, and says what each was audited on: rows
of different sets, or asked in different ways, are no comparison.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hppt_lib.audit.report import Report
from hppt_lib.errors import HpptError
from hppt_lib.intervals import Rate

_SHARES = ("precision", "recall", "recall_on_false", "coverage")


@dataclass(frozen=True)
class AuditedJudge:
    """One judge in one audit.

    Attributes:
        judge: its name.
        data: the set of labelled rows.
        mode: ``batch`` or ``pointwise``.
        rows: how many rows it was asked about.
        shares: precision, recall, recall_on_false and coverage; None where there is none.
    """

    judge: str
    data: str
    mode: str
    rows: int
    shares: Mapping[str, Rate | None]

    def as_row(self) -> dict[str, object]:
        """A row for `hppt_lib.figures.table`."""
        return {
            "judge": self.judge,
            "rows of": f"{self.data}, {self.mode}",
            "rows": self.rows,
            **{
                name.replace("_", " "): "-" if each is None else str(each)
                for name, each in self.shares.items()
            },
        }


def audited_judges(report: Report | Mapping[str, Any]) -> list[AuditedJudge]:
    """The judges of a report, or of what `Report.as_json` wrote of one.

    Raises:
        KeyError, TypeError: it is no such report.
    """
    plain = report.as_json() if isinstance(report, Report) else report
    return [
        AuditedJudge(
            str(name),
            str(plain["data"]),
            str(plain["mode"]),
            int(each["all"]["rows"]),
            {share: _rate(each["all"][share]) for share in _SHARES},
        )
        for name, each in plain["judges"].items()
    ]


def collected_audits(folder: str | Path) -> list[AuditedJudge]:
    """The judges of every ``audit.json`` below a folder, in the order of the paths.

    Args:
        folder: one that is not there holds none.

    Raises:
        HpptError: a file is no report of an audit; the message names it.
    """
    found = []
    for path in sorted(Path(folder).rglob("audit.json")):
        try:
            found += audited_judges(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise HpptError(f"{path} is no report of 'hppt audit' ({error}).") from error
    return found


def _rate(plain: Mapping[str, Any] | None) -> Rate | None:
    if plain is None:
        return None
    ends = float(plain["rate"]), float(plain["low"]), float(plain["high"])
    return Rate(*ends, int(plain["of"]), int(plain["items"]))
