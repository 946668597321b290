"""The report of an audit: every rate of every judge, as data and as files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

from hppt_lib.audit.cost import AtThreshold, Cost, cost, sweep
from hppt_lib.audit.curves import Calibration, Roc, calibration, roc
from hppt_lib.audit.differences import Difference, differences
from hppt_lib.audit.judged import MEASURES, Judged, Measured, by, by_judge, judged_by, measured
from hppt_lib.audit.precise import Precise, make_precise
from hppt_lib.audit.rows import AuditRow, read_audit
from hppt_lib.errors import HpptError
from hppt_lib.files import cache_folder
from hppt_lib.intervals import Rate
from hppt_lib.judges.protocol import Judgement, Mode

TARGET, KEEP = 0.9, 0.9
"""What a judge made precise is asked for in a report; see `hppt_lib.audit.precise`."""

GROUPS = {
    "kind": lambda each: each.row.kind,
    "constraints in the call": lambda each: each.constraints,
    "near misses": lambda each: "near misses" if each.row.near else "the others",
    "source": lambda each: each.row.source,
}
"""By what a judge's rows are grouped, with the function that names a row's group."""


@dataclass(frozen=True)
class JudgeReport:
    """All that an audit says of one judge.

    Attributes:
        name: the judge's name.
        settings: what else decides its answers; empty if unknown.
        overall: its rates on all rows.
        groups: its rates by group, for each of `GROUPS`.
        roc: its ROC curve; None if it gives no scores, or one label only came up.
        calibration: likewise.
        sweep: its rates at each threshold; empty if it gives no scores.
        precise: the threshold that makes it precise, chosen on all rows.
        abstaining: the two thresholds between which it would abstain, chosen on all rows.
        cost: what ``precise`` costs, measured on other rows than those that chose; None if no row
            has a verdict.
        cost_abstaining: the same for ``abstaining``.
    """

    name: str
    settings: Mapping[str, Any]
    overall: Measured
    groups: Mapping[str, Mapping[str | int, Measured]]
    roc: Roc | None
    calibration: Calibration | None
    sweep: tuple[AtThreshold, ...]
    precise: Precise
    abstaining: Precise
    cost: Cost | None
    cost_abstaining: Cost | None


@dataclass(frozen=True)
class Report:
    """An audit of one judge or more on the same rows.

    Attributes:
        data: what the rows are: ``soft``, ``hard`` or a file's name.
        mode: how many constraints went into a call.
        threshold: the score from which a row passes, if it was moved; None for each judge's own.
        judges: what there is to say of each judge.
        differences: of each pair of judges (first less second), on the rows that both judged.
        rows: every row with every judge's answer.
    """

    data: str
    mode: Mode
    threshold: float | None
    judges: tuple[JudgeReport, ...]
    differences: Mapping[tuple[str, str], Mapping[str, Difference]]
    rows: tuple[Judged, ...]

    @property
    def provenance(self) -> str:
        """What a table or figure of this audit carries."""
        names = ", ".join(each.name for each in self.judges)
        keys = {each.key for each in self.rows}
        items = {item for item, _, _ in keys}
        plural = "judge" if len(self.judges) == 1 else "judges"
        moved = "" if self.threshold is None else f"threshold {self.threshold:g} · "
        return (
            f"{plural} {names} · mode {self.mode} · {moved}data {self.data} · "
            f"{len(keys)} rows of {len(items)} items"
        )

    def as_json(self) -> dict[str, Any]:
        """The report as plain data, without the rows."""
        return {
            "data": self.data,
            "mode": self.mode,
            "threshold": self.threshold,
            "provenance": self.provenance,
            "judges": {each.name: _judge_json(each) for each in self.judges},
            "differences": [
                {"first": first, "second": second, "measures": _plain(found)}
                for (first, second), found in self.differences.items()
            ],
        }


def report(
    rows: Sequence[Judged],
    *,
    data: str,
    mode: Mode,
    threshold: float | None = None,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
) -> Report:
    """Compute the report of an audit.

    Args:
        rows: the judged rows of all judges.
        data: what the rows are.
        mode: how the judges were asked.
        threshold: if the judges' own was moved (`audit_judges` does), where to.
        settings: of each judge, by name.

    Raises:
        HpptError: no row, or a judge that answered a row twice.
    """
    if not rows:
        raise HpptError("There is nothing to report: no row was judged.")
    judges = by_judge(rows)
    for name, judged in judges.items():
        if len({each.key for each in judged}) < len(judged):
            raise HpptError(
                f"Judge '{name}' has two answers to one row (item, kind, constraint). The data "
                "must not hold a row twice, and two judges not one name."
            )
    return Report(
        data,
        mode,
        threshold,
        tuple(
            _judge_report(name, each, (settings or {}).get(name, {}))
            for name, each in judges.items()
        ),
        {
            (one, other): differences(judges[one], judges[other])
            for one, other in combinations(judges, 2)
        },
        tuple(rows),
    )


def _judge_report(name: str, rows: Sequence[Judged], settings: Mapping[str, Any]) -> JudgeReport:
    overall = measured(rows)
    answered = overall.counts.samples > 0
    bins = calibration(rows)
    return JudgeReport(
        name,
        settings,
        overall,
        {title: by(rows, group) for title, group in GROUPS.items()},
        roc(rows),
        bins,
        tuple(sweep(rows)) if bins else (),
        make_precise(rows, target=TARGET),
        make_precise(rows, target=TARGET, keep=KEEP),
        cost(rows, target=TARGET) if answered else None,
        cost(rows, target=TARGET, keep=KEEP) if answered else None,
    )


def audit_judges(
    specs: Sequence[str],
    data: str | Path = "soft",
    *,
    mode: str = "batch",
    threshold: float | None = None,
    recordings: Path | None = None,
    limit: int | None = None,
) -> Report:
    """Ask judges about an audit set and report how right they are.

    Args:
        specs: each judge, as `hppt_lib.judges.judge` takes it.
        data: ``soft``, ``hard`` or a JSONL file.
        mode: all constraints of a response in one call (``batch``), or one (``pointwise``).
        threshold: the score from which a row passes, held against the scores that the judges gave
            (so that recorded answers need not be asked for again); None leaves their verdicts.
        recordings: file of recorded answers, read and added to, so that no call is paid twice; None
            for ``judges.jsonl`` in the user's cache.
        limit: only so many items, from the beginning.

    Raises:
        HpptError: an unknown judge or mode, data that cannot be read, two judges of one name, a
            threshold out of range or for a judge that gives no scores.
    """
    from hppt_lib.judges import judge

    asked_in = _known_mode(mode)
    if threshold is not None and not 0 <= threshold <= 1:
        raise HpptError(f"A threshold lies between 0 and 1, like the scores: not {threshold:g}.")
    rows = first_items(read_audit(data), limit)
    store = recordings or cache_folder() / "judges.jsonl"
    asked = [judge(spec, store=store) for spec in specs]
    names = [each.name for each in asked]
    if len(set(names)) < len(names):
        raise HpptError(f"Two judges have the same name: {', '.join(sorted(names))}.")
    judged = [
        replace(row, judgement=_moved(row.judge, row.judgement, threshold))
        for each in asked
        for row in judged_by(each, rows, asked_in)
    ]
    named = str(data) if str(data) in ("soft", "hard") else Path(data).name
    return report(
        judged,
        data=named,
        mode=asked_in,
        threshold=threshold,
        settings={each.name: each.settings for each in asked},
    )


def _moved(judge: str, judgement: Judgement, threshold: float | None) -> Judgement:
    if threshold is None:
        return judgement
    try:
        return judgement.at(threshold)
    except ValueError as error:
        raise HpptError(f"Judge '{judge}': {error}. Leave --threshold out.") from error


_MODES: dict[str, Mode] = {"batch": "batch", "pointwise": "pointwise"}


def _known_mode(mode: str) -> Mode:
    if mode not in _MODES:
        raise HpptError(f"There is no mode '{mode}': choose batch or pointwise.")
    return _MODES[mode]


def first_items(rows: Sequence[AuditRow], limit: int | None) -> list[AuditRow]:
    """The rows of the first items, all of each; of every item if ``limit`` is None.

    Raises:
        HpptError: the limit is below 1, or there is no row.
    """
    items = list(dict.fromkeys(each.item for each in rows))
    if not items or (limit is not None and limit < 1):
        raise HpptError("There is no row to judge: the data is empty, or the limit is below 1.")
    kept = set(items[:limit])
    return [each for each in rows if each.item in kept]


def _judge_json(found: JudgeReport) -> dict[str, Any]:
    return {
        "settings": _plain(found.settings),
        "all": _measured_json(found.overall),
        "by": {
            title: {str(name): _measured_json(each) for name, each in groups.items()}
            for title, groups in found.groups.items()
        },
        "auc": _plain(found.roc.auc) if found.roc else None,
        "calibration": _plain(found.calibration),
        "precise": {"chosen": _plain(found.precise), "cost": _plain(found.cost)},
        "abstaining": {
            "chosen": _plain(found.abstaining),
            "cost": _plain(found.cost_abstaining),
        },
    }


def _measured_json(found: Measured) -> dict[str, Any]:
    kappa = found.kappa
    return {
        "rows": found.rows,
        "items": found.items,
        "counts": asdict(found.counts),
        "missing": dict(found.missing),
        "coverage": _plain(found.coverage),
        **{name: _plain(getattr(found, name)) for name in MEASURES},
        "kappa": {"kappa": kappa.kappa, "low": kappa.low, "high": kappa.high} if kappa else None,
    }


def _plain(value: Any) -> Any:
    """Dataclasses, mappings and sequences as JSON values; a rate as everywhere in the kit."""
    if isinstance(value, Rate):
        return {
            "rate": value.mean,
            "low": value.low,
            "high": value.high,
            "of": value.samples,
            "items": value.groups,
        }
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return value
