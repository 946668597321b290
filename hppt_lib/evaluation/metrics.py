"""The metrics of each benchmark as it defines them, with intervals and with what is not known.

*No verdict* is neither a pass nor a fail. A metric is computed from the responses that it is known
of, and stands between two bounds: every missing verdict a fail, and every one a pass.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

import numpy as np

from hppt_lib.evaluation.judge_replies import Verdicts, cfbench_satisfaction
from hppt_lib.intervals import Interval, half_width, rate

Outcome = tuple[float, float]
"""A value with every missing verdict a fail, and with every one a pass."""
Rows = Sequence["ScoredResponse"]


@dataclass(frozen=True)
class ScoredResponse:
    """One response with its verdicts, ready to be counted.

    Attributes:
        id: of its instruction.
        group: what it depends on: responses of one group are not independent.
        sample: its number among the responses to one prompt, from 0.
        turn: of a conversation, from 1.
        strict: one verdict for each constraint.
        loose: the same, by IFEval's loose rule.
        substance: whether there is an answer at all.
        words: length of the answer.
        finished: whether the model ended it itself; None if that is not known.
        labels: what the benchmark tells of the instruction.
        kinds: the constraints' ids.
        main: whether each constraint is of the first priority (CFBench).
        official: numbers that the benchmark's own program gives, by metric, if they are asked for.
    """

    id: str
    group: str
    sample: int
    turn: int
    strict: Verdicts
    loose: Verdicts
    substance: bool = True
    words: int = 0
    finished: bool | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    kinds: tuple[str, ...] = ()
    main: tuple[bool, ...] = ()
    official: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Estimate:
    """A metric with what stands beside it.

    Attributes:
        name: what it is.
        value: the metric over what is known, with its 95 % interval; None if nothing is known.
        known: how many values it is the mean of.
        of: how many there would be with every verdict.
        groups: independent groups among those that are known.
        least: the metric with every missing verdict a fail.
        most: the metric with every missing verdict a pass.
    """

    name: str
    value: Interval | None
    known: int
    of: int
    groups: int
    least: float
    most: float

    def as_json(self) -> dict[str, Any]:
        """The estimate as plain data."""
        interval = self.value and {
            "value": self.value.mean,
            "low": self.value.low,
            "high": self.value.high,
        }
        return {
            "name": self.name,
            **(interval or {"value": None}),
            "n": self.known,
            "groups": self.groups,
            "unknown": self.of - self.known,
            "least": self.least,
            "most": self.most,
        }


@dataclass(frozen=True)
class Section:
    """Some estimates under one title."""

    title: str
    estimates: tuple[Estimate, ...]


def estimate(
    name: str,
    outcomes: Sequence[Outcome],
    groups: Sequence[str],
    limits: tuple[float, float] = (0, 1),
) -> Estimate:
    """The mean of outcomes, with an interval for groups of dependent ones.

    Args:
        name: what it is.
        outcomes: at least one; where both ends are the same, the value is known.
        groups: the group of each.
        limits: the smallest and largest value that there can be.
    """
    known = [
        (low, group) for (low, high), group in zip(outcomes, groups, strict=True) if low == high
    ]
    values, of = [each for each, _ in known], [group for _, group in known]
    interval: Interval | None = None
    if values and limits == (0, 1) and set(values) <= {0, 1}:
        interval = rate([bool(each) for each in values], of)
    elif values:
        mean = fmean(values)
        influence = (np.asarray(values) - mean) / len(values)
        interval = _around(mean, influence, of, limits)
    ends = [fmean(each) for each in zip(*outcomes, strict=True)]
    return Estimate(name, interval, len(values), len(outcomes), len(set(of)), *ends)


def _around(
    mean: float, influence: np.ndarray, groups: Sequence[str], limits: tuple[float, float]
) -> Interval:
    """The interval of an estimate; all that is possible if there is a single group."""
    reach = half_width(influence, np.asarray(groups))
    if reach is None:
        return Interval(mean, *limits)
    return Interval(mean, max(limits[0], mean - reach), min(limits[1], mean + reach))


# --- of one response ------------------------------------------------------------------------------


def filled(verdicts: Verdicts, value: Callable[[Sequence[bool]], float]) -> Outcome:
    """A value that never falls when a verdict becomes a pass, with the missing ones either way."""
    low, high = (
        float(value([passed if each is None else each for each in verdicts]))
        for passed in (False, True)
    )
    return low, high


def _all(verdicts: Verdicts) -> Outcome:
    return filled(verdicts, all)


def _guarded(row: ScoredResponse) -> Outcome:
    return _all(row.strict) if row.substance else (0.0, 0.0)


def _share(passed: Sequence[bool]) -> float:
    return sum(passed) / len(passed)


def _groups(rows: Rows) -> list[str]:
    return [row.group for row in rows]


def _pooled(name: str, rows: Rows, verdicts: Callable[[ScoredResponse], Verdicts]) -> Estimate:
    """A share of all constraints, those of a response depending on each other."""
    pairs = [(filled((each,), _share), row.group) for row in rows for each in verdicts(row)]
    return estimate(name, [pair[0] for pair in pairs], [pair[1] for pair in pairs])


# --- IFEval and what has its form -----------------------------------------------------------------


def accuracies(rows: Rows) -> tuple[Estimate, ...]:
    """IFEval's four numbers: prompt and instruction level, strict and loose.

    The instruction level is pooled over all constraints of all prompts.
    """
    groups = _groups(rows)
    return (
        estimate("prompt level, strict", [_all(row.strict) for row in rows], groups),
        estimate("prompt level, loose", [_all(row.loose) for row in rows], groups),
        _pooled("instruction level, strict", rows, lambda row: row.strict),
        _pooled("instruction level, loose", rows, lambda row: row.loose),
    )


def _isr(rows: Rows) -> tuple[Estimate, ...]:
    groups = _groups(rows)
    return (
        estimate("ISR, strict", [_all(row.strict) for row in rows], groups),
        estimate("ISR, guarded", [_guarded(row) for row in rows], groups),
    )


def verifiable(rows: Rows) -> list[Section]:
    """IFEval's four numbers; the instruction level is pooled over all constraints."""
    return [
        Section("as the benchmark counts", accuracies(rows)),
        Section("satisfied, and an answer at all", _isr(rows)),
        Section("by kind of constraint, strict", _by_kind(rows)),
    ]


def _by_kind(rows: Rows) -> tuple[Estimate, ...]:
    found: dict[str, list[tuple[Outcome, str]]] = defaultdict(list)
    for row in rows:
        for kind, verdict in zip(row.kinds, row.strict, strict=True):
            found[kind].append((filled((verdict,), _share), row.group))
    return tuple(
        estimate(kind, [pair[0] for pair in found[kind]], [pair[1] for pair in found[kind]])
        for kind in sorted(found)
    )


def mean_of_four(name: str, rows: Rows) -> Estimate:
    """The mean of the four accuracies, its interval by the delta method over groups.

    A response with a missing verdict is left out of the value, and of none of the bounds.
    """
    known = [row for row in rows if None not in row.strict and None not in row.loose]
    least, most = (
        _mean_of_four([_filled_row(row, passed) for row in rows]) for passed in (False, True)
    )
    interval = None
    if known:
        mean = _mean_of_four(known)
        constraints = sum(len(row.strict) for row in known)
        influence = np.zeros(len(known))
        for verdicts in ([row.strict for row in known], [row.loose for row in known]):
            whole = np.array([all(each) for each in verdicts], float)
            passed = np.array([sum(map(bool, each)) for each in verdicts], float)
            number = np.array([len(each) for each in verdicts], float)
            influence += (whole - whole.mean()) / len(known)
            influence += (passed - passed.sum() / constraints * number) / constraints
        interval = _around(mean, influence / 4, _groups(known), (0, 1))
    return Estimate(name, interval, len(known), len(rows), len(set(_groups(known))), least, most)


def _filled_row(row: ScoredResponse, passed: bool) -> ScoredResponse:
    strict, loose = (
        tuple(passed if each is None else each for each in verdicts)
        for verdicts in (row.strict, row.loose)
    )
    return ScoredResponse(row.id, row.group, row.sample, row.turn, strict, loose)


def _mean_of_four(rows: Rows) -> float:
    four = []
    for verdicts in ([row.strict for row in rows], [row.loose for row in rows]):
        four.append(fmean(all(each) for each in verdicts))
        four.append(fmean(bool(each) for of_row in verdicts for each in of_row))
    return fmean(four)


def multi_if(rows: Rows) -> list[Section]:
    """Multi-IF: the mean of the four accuracies, by turn and by language."""
    turns = sorted({row.turn for row in rows})
    sections = [
        Section(
            "mean of the four accuracies",
            tuple(
                mean_of_four(f"turn {turn}", [row for row in rows if row.turn == turn])
                for turn in turns
            ),
        )
    ]
    for language in sorted({row.labels.get("language", "no language") for row in rows}):
        own = [row for row in rows if row.labels.get("language", "no language") == language]
        sections.append(
            Section(
                f"in {language}",
                tuple(
                    mean_of_four(f"turn {turn}", of_turn)
                    for turn in turns
                    if (of_turn := [row for row in own if row.turn == turn])
                ),
            )
        )
    for turn in turns:
        of_turn = [row for row in rows if row.turn == turn]
        sections.append(Section(f"turn {turn}", (*accuracies(of_turn), *_isr(of_turn))))
    return sections


# --- FollowBench ----------------------------------------------------------------------------------

_LEVELS = ("1", "2", "3", "4", "5")


def followbench(rows: Rows) -> list[Section]:
    """FollowBench: hard and soft satisfaction by level, and consistent levels (CSL)."""
    sections = _levels("", rows)
    sections.insert(3, Section("satisfied, and an answer at all", _isr(rows)))
    types = sorted({row.labels.get("type", "") for row in rows})
    if len(types) > 1:
        for each in types:
            sections += _levels(each, [row for row in rows if row.labels.get("type") == each])
    return sections


def _levels(kind: str, rows: Rows) -> list[Section]:
    official = any(row.official for row in rows)
    limits: tuple[float, float] = (-1, 1) if official else (0, 1)
    by_level = {
        level: of_level
        for level in _LEVELS
        if (of_level := [row for row in rows if row.labels.get("level") == level])
    }
    within = f"{kind}: " if kind else ""
    sections = []
    for title, value in (("HSR", all), ("SSR", _share)):
        estimates = [
            estimate(
                f"level {level}",
                [_official(row, title) or filled(row.strict, value) for row in of_level],
                _groups(of_level),
                limits,
            )
            for level, of_level in by_level.items()
        ]
        sections.append(Section(f"{within}{FOLLOWBENCH[title]}", tuple(estimates)))
    consistent = _consistent(rows)
    if consistent:
        outcomes = [outcome for outcome, _ in consistent]
        groups = [group for _, group in consistent]
        csl = estimate("CSL", outcomes, groups, (0, 5))
        sections.append(Section(f"{within}{FOLLOWBENCH['CSL']}", (csl,)))
    return sections


FOLLOWBENCH = {
    "HSR": "hard satisfaction rate (HSR): every constraint of the level",
    "SSR": "soft satisfaction rate (SSR): share of the level's constraints",
    "CSL": "consistent satisfaction levels (CSL): levels from 1 on, all satisfied, of 5",
}


def _official(row: ScoredResponse, name: str) -> Outcome | None:
    return (row.official[name],) * 2 if name in row.official else None


def _consistent(rows: Rows) -> list[tuple[Outcome, str]]:
    """For each group with all five levels, how many of them from the first on are satisfied."""
    found: dict[tuple[str, int], dict[str, Outcome]] = defaultdict(dict)
    for row in rows:
        hard = _official(row, "HSR") or _all(row.strict)
        found[row.group, row.sample][row.labels.get("level", "")] = hard
    counted = []
    for (group, _), levels in found.items():
        if not set(_LEVELS) <= set(levels):
            continue
        ends = []
        for end in (0, 1):
            run = [levels[level][end] == 1 for level in _LEVELS]
            ends.append(float(run.index(False) if False in run else len(run)))
        counted.append(((ends[0], ends[1]), group))
    return counted


# --- CFBench --------------------------------------------------------------------------------------


def cfbench(rows: Rows) -> list[Section]:
    """CFBench: CSR, ISR and PSR (`hppt_lib.evaluation.judge_replies.cfbench_satisfaction`)."""
    sections = [
        Section("all", _cfbench(rows)),
        Section("satisfied, and an answer at all", _isr(rows)),
    ]
    for split in sorted({row.labels["split"] for row in rows if "split" in row.labels}):
        sections.append(
            Section(f"split {split}", _cfbench([r for r in rows if r.labels.get("split") == split]))
        )
    return sections


def _cfbench(rows: Rows) -> tuple[Estimate, ...]:
    return tuple(
        estimate(name, [_satisfaction(row, name) for row in rows], _groups(rows))
        for name in _CFBENCH
    )


_CFBENCH = ("CSR", "ISR", "PSR")


def _satisfaction(row: ScoredResponse, name: str) -> Outcome:
    def value(passed: Sequence[bool]) -> float:
        return cfbench_satisfaction(passed, row.main)[_CFBENCH.index(name)]

    return _official(row, name) or filled(row.strict, value)


# --- our own sets ---------------------------------------------------------------------------------


def own(rows: Rows) -> list[Section]:
    """ISR, strict and guarded, and each kind of constraint."""
    return [
        Section("instruction satisfaction rate", _isr(rows)),
        Section("by kind of constraint", _by_kind(rows)),
    ]
