"""The report of an audit: every rate of every judge, as data.

`hppt_lib.audit.report_output` turns it into a table for a terminal and into files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import combinations
from pathlib import Path
from typing import Any

from hppt_lib.audit.curves import Calibration, Roc, calibration, roc
from hppt_lib.audit.judged_rows import JudgedRow, judge_rows, rows_by_judge
from hppt_lib.audit.paired import PairedDifference, paired_differences
from hppt_lib.audit.public import PUBLIC_SETS, audit_set
from hppt_lib.audit.rates import MEASURES, Rates, rates_by, rates_of
from hppt_lib.audit.rows import AuditRow
from hppt_lib.audit.thresholds import (
    AtThreshold,
    Cost,
    Thresholds,
    make_precise,
    precision_cost,
    threshold_sweep,
)
from hppt_lib.errors import HpptError
from hppt_lib.files import cache_folder
from hppt_lib.intervals import Rate
from hppt_lib.judges.by_name import is_at_endpoint, judge
from hppt_lib.judges.protocol import Judgement, Mode, detail_of, notes_of, reason_of

TARGET, KEEP = 0.9, 0.9
"""What a judge made precise is asked for in a report; see `hppt_lib.audit.thresholds`."""

GROUPS = {
    "kind": lambda each: each.row.kind,
    "constraints in the call": lambda each: each.constraints_in_call,
    "near misses": lambda each: "near misses" if each.row.near else "the others",
    "source": lambda each: each.row.source,
}
"""By what a judge's rows are grouped, with the function that names a row's group."""


@dataclass(frozen=True)
class JudgeReport:
    """The results of an audit for one judge.

    Attributes:
        name: the judge's name.
        settings: what else decides its answers; empty if unknown.
        overall: its rates on all rows.
        groups: its rates by group, for each of `GROUPS`.
        roc: its ROC curve; None if it tells no confidence, or one label only came up.
        calibration: likewise.
        sweep: its rates at each threshold; empty if it tells no confidence.
        precise: the threshold that makes it precise, chosen on all rows.
        abstaining: the two thresholds between which it would abstain, chosen on all rows.
        cost: what ``precise`` costs, measured on rows that the choice did not see; None if no row
            has a verdict.
        cost_abstaining: the same for ``abstaining``.
        details: for the reasons for which verdicts are missing, what else is known of each: the
            server's own sentence, or where replies were cut; where rows differ, that of most rows.
        notes: what a reader should know besides the settings, such as a parameter that the server
            does not take (`hppt_lib.judges.protocol.notes_of`).
    """

    name: str
    settings: Mapping[str, Any]
    overall: Rates
    groups: Mapping[str, Mapping[str | int, Rates]]
    roc: Roc | None
    calibration: Calibration | None
    sweep: tuple[AtThreshold, ...]
    precise: Thresholds
    abstaining: Thresholds
    cost: Cost | None
    cost_abstaining: Cost | None
    details: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Report:
    """An audit of one judge or more on the same rows.

    Attributes:
        data: what the rows are: ``soft``, ``hard`` or a file's name.
        mode: how many constraints went into a call.
        threshold: the confidence from which a row passes, if it was moved; None for each judge's
            own.
        judges: what there is to say of each judge.
        paired_differences: of each pair of judges, first less second, on the rows that both
            judged.
        rows: every row with every judge's answer.
    """

    data: str
    mode: Mode
    threshold: float | None
    judges: tuple[JudgeReport, ...]
    paired_differences: Mapping[tuple[str, str], Mapping[str, PairedDifference]]
    rows: tuple[JudgedRow, ...]

    @property
    def has_verdicts(self) -> bool:
        """Whether any judge gave a verdict on any row. If not, nothing was audited."""
        return any(each.judgement.passed is not None for each in self.rows)

    @property
    def provenance(self) -> str:
        """The line below each table and figure of this audit."""
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
            "paired_differences": [
                {"first": first, "second": second, "measures": _plain(rates)}
                for (first, second), rates in self.paired_differences.items()
            ],
        }


def make_report(
    rows: Sequence[JudgedRow],
    *,
    data: str,
    mode: Mode,
    threshold: float | None = None,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    notes: Mapping[str, Sequence[str]] | None = None,
) -> Report:
    """Compute the report of an audit.

    Args:
        rows: the judged rows of all judges.
        data: what the rows are.
        mode: how the judges were asked.
        threshold: if the judges' own was moved (`audit_judges` does), where to.
        settings: of each judge, by name.
        notes: likewise.

    Raises:
        HpptError: no row, or a judge that answered a row twice.
    """
    if not rows:
        raise HpptError("There is nothing to report: no row was judged.")
    judges = rows_by_judge(rows)
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
            _judge_report(
                name,
                each,
                (settings or {}).get(name, {}),
                (notes or {}).get(name, ()),
                len(judges),
            )
            for name, each in judges.items()
        ),
        {
            (one, other): paired_differences(judges[one], judges[other])
            for one, other in combinations(judges, 2)
        },
        tuple(rows),
    )


def _judge_report(
    name: str,
    rows: Sequence[JudgedRow],
    settings: Mapping[str, Any],
    notes: Sequence[str],
    judges: int,
) -> JudgeReport:
    overall = rates_of(rows)
    answered = overall.counts.samples > 0
    bins = calibration(rows)
    return JudgeReport(
        name,
        settings,
        overall,
        {title: rates_by(rows, group) for title, group in GROUPS.items()},
        roc(rows),
        bins,
        tuple(threshold_sweep(rows)) if bins else (),
        # Whoever reads a report of several judges takes the best of them.
        make_precise(rows, target=TARGET, judges=judges),
        make_precise(rows, target=TARGET, keep=KEEP, judges=judges),
        precision_cost(rows, target=TARGET, judges=judges) if answered else None,
        precision_cost(rows, target=TARGET, keep=KEEP, judges=judges) if answered else None,
        _details(rows),
        notes,
    )


def _details(rows: Sequence[JudgedRow]) -> dict[str, str]:
    """For each reason for a missing verdict, its commonest detail; only where there is one."""
    found: dict[str, Counter[str]] = {}
    for each in rows:
        if each.judgement.passed is None and (detail := detail_of(each.judgement)):
            found.setdefault(reason_of(each.judgement), Counter())[detail] += 1
    return {reason: details.most_common(1)[0][0] for reason, details in found.items()}


def audit_judges(
    judge_names: Sequence[str],
    data: str | Path = "soft",
    *,
    mode: str = "batch",
    threshold: float | None = None,
    cache: Path | None = None,
    limit: int | None = None,
    call: Mapping[str, Any] | None = None,
) -> Report:
    """Ask judges about an audit set and report how right they are.

    Args:
        judge_names: each judge, as `hppt_lib.judges.judge` takes it.
        data: which audit set: see `hppt_lib.audit.public.audit_set`.
        mode: all constraints of a response in one call (``batch``), or one (``pointwise``).
        threshold: the confidence from which a row passes. It is held against the confidence that
            each judge gave, so that answers in the cache need not be asked for again; None leaves
            the judges' own verdicts.
        cache: the file that keeps the answers, so that no call is paid twice; None for
            ``judges.jsonl`` in the user's cache folder.
        limit: only so many items, from the beginning.
        call: settings of calls to a server, as `hppt_lib.judges.judge` takes them: ``max_tokens``,
            ``timeout``, ``concurrency``, ``temperature``, ``extra_body``; None is not given. They
            go to the judges at an endpoint.

    Raises:
        HpptError: an unknown judge or mode, data that cannot be read, two judges of one name, a
            threshold out of range or for a judge that tells no confidence, settings of calls where
            no judge is at an endpoint.
    """
    known_mode = _known_mode(mode)
    if threshold is not None and not 0 <= threshold <= 1:
        raise HpptError(f"A threshold lies between 0 and 1, like a confidence: not {threshold:g}.")
    rows = first_items(audit_set(data), limit)
    kept = cache or cache_folder() / "judges.jsonl"
    given = {key: value for key, value in (call or {}).items() if value is not None}
    # If no judge makes calls, the first of them says so.
    nobody = not any(map(is_at_endpoint, judge_names))
    judges = [
        judge(name, cache=kept, **(given if nobody or is_at_endpoint(name) else {}))
        for name in judge_names
    ]
    names = [each.name for each in judges]
    if len(set(names)) < len(names):
        raise HpptError(f"Two judges have the same name: {', '.join(sorted(names))}.")
    judged = [
        replace(row, judgement=_moved(row.judge, row.judgement, threshold))
        for each in judges
        for row in judge_rows(each, rows, known_mode)
    ]
    kind = str(data).partition(":")[0]
    named = kind if kind in ("soft", "hard", *PUBLIC_SETS) else Path(data).name
    return make_report(
        judged,
        data=named,
        mode=known_mode,
        threshold=threshold,
        settings={each.name: each.settings for each in judges},
        notes={each.name: notes_of(each) for each in judges},
    )


def _moved(name: str, judgement: Judgement, threshold: float | None) -> Judgement:
    if threshold is None:
        return judgement
    try:
        return judgement.at(threshold)
    except ValueError as error:
        raise HpptError(f"Judge '{name}': {error}. Leave --threshold out.") from error


_MODES: dict[str, Mode] = {"batch": "batch", "pointwise": "pointwise"}


def _known_mode(mode: str) -> Mode:
    if mode not in _MODES:
        raise HpptError(f"There is no mode '{mode}': choose batch or pointwise.")
    return _MODES[mode]


def first_items(rows: Sequence[AuditRow], limit: int | None) -> list[AuditRow]:
    """All rows of the first ``limit`` items; every row if ``limit`` is None.

    Raises:
        HpptError: the limit is below 1, or there is no row.
    """
    items = list(dict.fromkeys(each.item for each in rows))
    if not items or (limit is not None and limit < 1):
        raise HpptError("There is no row to judge: the data is empty, or the limit is below 1.")
    kept = set(items[:limit])
    return [each for each in rows if each.item in kept]


def _judge_json(judge: JudgeReport) -> dict[str, Any]:
    return {
        "settings": _plain(judge.settings),
        "notes": list(judge.notes),
        "details": dict(judge.details),
        "all": _rates_json(judge.overall),
        "by": {
            title: {str(name): _rates_json(each) for name, each in groups.items()}
            for title, groups in judge.groups.items()
        },
        "auc": _plain(judge.roc.auc) if judge.roc else None,
        "calibration": _plain(judge.calibration),
        "precise": {"chosen": _plain(judge.precise), "cost": _plain(judge.cost)},
        "abstaining": {
            "chosen": _plain(judge.abstaining),
            "cost": _plain(judge.cost_abstaining),
        },
    }


def _rates_json(rates: Rates) -> dict[str, Any]:
    kappa = rates.kappa
    return {
        "rows": rates.rows,
        "items": rates.items,
        "counts": asdict(rates.counts),
        "missing": dict(rates.missing),
        "coverage": _plain(rates.coverage),
        **{name: _plain(getattr(rates, name)) for name in MEASURES},
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
