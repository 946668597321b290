"""Makes two rewards of a judge that errs: one that abstains, and one that is corrected.

``hppt calibrate-judge`` chooses both on responses whose truth the verifiers know, and tries them on
instructions that they were not chosen on. Two things count for training. The *direction* of the
advantages: how far they point where those of the truth would, response by response. And the *pull*:
whether, of violated answers, the long ones get more advantage than the short ones, which no number
of rollouts averages away. A correction removes bias and adds variance: it may lose in the one what
it gains in the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from hppt_lib.audit import JudgedRow, Thresholds, make_precise
from hppt_lib.errors import HpptError
from hppt_lib.intervals import Interval
from hppt_lib.refine import Pilot, judged_responses
from hppt_lib.rewards import LengthRates, WithinRates, rates_at, write_within
from hppt_lib.terminal import as_text, table
from hppt_lib.verifiers.words import words

BINS = 3
"""Into so many lengths the responses of a type are divided, if each has enough labels."""
FEWEST = 15  # violated rows, and satisfied ones, of a bin
FOLDS = 5
_DRAWS = 1000
_PLAIN, _ABSTAINS, _CORRECTED = "as it is", "abstaining", "corrected by length"


@dataclass(frozen=True)
class Tried:
    """A reward of a judge, on groups that it was not chosen on.

    Attributes:
        settled: share of the responses that get a reward.
        paid: mean reward of these.
        teaching: share of the groups in which rewards differ.
        direction: cosine of the advantages to those of the truth, with its 95 % interval.
        over_plain: that less the cosine of the judge's own verdicts; None for these.
        pull: of violated answers, the mean advantage of the long ones less that of the short ones,
            less the same by the truth's advantages. Long is above the mean of the type.
    """

    settled: float
    paid: float
    teaching: float
    direction: Interval
    over_plain: Interval | None
    pull: Interval


@dataclass(frozen=True)
class Calibration:
    """What was chosen on all groups, and how it did on those that it was not chosen on.

    Attributes:
        judge: its name.
        thresholds: of the abstaining judge.
        rates: of the corrected reward.
        tried: by reward.
        true: the share of responses that the truth rewards.
        groups: number of instructions.
        responses: number of responses.
    """

    judge: str
    thresholds: Thresholds
    rates: WithinRates
    tried: Mapping[str, Tried]
    true: float
    groups: int
    responses: int

    @property
    def abstaining(self) -> str:
        """The abstaining judge's settings, as they stand in a reward's name; empty if none."""
        if not self.thresholds.reached:
            return ""
        found = self.thresholds
        assert found.pass_from is not None and found.fail_below is not None
        # Rounded away from what they exclude, so that a promise is kept.
        high = np.ceil(found.pass_from * 1e4) / 1e4
        low = np.floor(max(0.0, found.fail_below) * 1e4) / 1e4
        return f"pass_from={min(1.0, float(high))}, fail_below={float(low)}, missing=drop"

    def __str__(self) -> str:
        rows = [
            [
                name,
                f"{each.settled:.2f}",
                f"{each.paid:.2f}",
                f"{each.teaching:.2f}",
                *(
                    str(one or "").replace(" [", "\n[")
                    for one in (each.direction, each.over_plain, each.pull)
                ),
            ]
            for name, each in self.tried.items()
        ]
        lengths = [
            [
                id,
                "all" if len(some) == 1 else f"< {each.below}" if each.below else "longer",
                f"{each.false_pass:.2f}",
                f"{each.false_fail:.2f}",
            ]
            for id, some in self.rates.items()
            for each in some
        ]
        head = ["reward", "settled", "paid", "groups that\ndiffer", "cosine to\nthe truth"]
        return as_text(
            table([*head, f"less\n{_PLAIN}", "pull to\nlength"], rows),
            table(["type", "words", "false passes", "false fails"], lengths),
            f"{self.groups} groups, {self.responses} responses; each fifth of the groups is tried "
            f"with what was chosen on the others. The truth rewards {self.true:.2f}.",
            f"The judge that abstains: {self.abstaining}"
            if self.abstaining
            else f"No threshold is precise enough: {self.thresholds.problem or 'none passes'}.",
        )


@dataclass(frozen=True)
class _Response:
    """A response with the judge's answer; without one if there was nothing to judge."""

    type: str
    length: int
    truth: bool  # the verifier's and the guard's
    row: JudgedRow | None  # None where the guard refuses it, or it is blank


_Groups = Sequence[Sequence[_Response]]


def calibrate_judge(
    judge: str,
    pilot: Pilot,
    *,
    guard: str = "substance",
    target: float = 0.9,
    keep: float = 0.9,
    level: float = 0.95,
    limit: int | None = None,
    cache: str | Path | None = None,
    seed: int = 0,
) -> Calibration:
    """Choose thresholds and error rates of a judge on a base policy's responses, and try them.

    Only responses that the guard lets pass count: of the others the reward is 0 whatever the judge
    says. Only one violated and one satisfied response of an instruction are used for a threshold.

    Args:
        judge: its name (`hppt_lib.judges.judge`); it must tell its confidence.
        pilot: responses to instructions with one hard constraint each.
        guard: of the rewards.
        target: of the violated, at least this share must not pass (`hppt_lib.audit.make_precise`).
        keep: of the satisfied, at least this share must not fail.
        level: the probability that both hold.
        limit: the first so many instructions only.
        cache: a file in which the judge's answers are kept, so that none is asked for twice.
        seed: of the folds and the draws.

    Raises:
        HpptError: the pilot is not of this kind, or the judge cannot be had or tells no confidence.
    """
    groups = _judged(judge, pilot, guard, limit, cache)
    fold = np.random.default_rng(seed).permutation(len(groups)) % FOLDS
    values: dict[str, list[list[float]]] = {
        name: [[] for _ in groups] for name in (_PLAIN, _ABSTAINS, _CORRECTED)
    }
    for out in range(FOLDS):
        chosen = [group for group, each in zip(groups, fold, strict=True) if each != out]
        thresholds, rates = _thresholds(chosen, target, keep, level, seed), fitted_within(chosen)
        for place in np.flatnonzero(fold == out).tolist():
            for one in groups[place]:
                for name, value in _values(one, thresholds, rates).items():
                    values[name][place].append(value)
    truth = np.array([[float(each.truth) for each in group] for group in groups])
    arrays = {name: np.array(each) for name, each in values.items()}
    return Calibration(
        judge,
        _thresholds(groups, target, keep, level, seed),
        fitted_within(groups),
        _tried(truth, arrays, _long_or_short(groups), seed),
        float(truth.mean()),
        len(groups),
        truth.size,
    )


def calibrate_and_write(judge: str, pilot: Pilot, path: str | Path, **settings: Any) -> Calibration:
    """`calibrate_judge`, with its rates written for the reward ``corrected_within``.

    Raises:
        HpptError: as `calibrate_judge`, or the file could not be written.
    """
    found = calibrate_judge(judge, pilot, **settings)

    def plain(one: Interval | None) -> list[float] | None:
        return None if one is None else [round(each, 4) for each in (one.mean, one.low, one.high)]

    measured = {
        "judge": judge,
        "model": pilot.model,
        "groups": found.groups,
        "responses": found.responses,
        "abstaining": found.abstaining,
        "on other groups": {
            name: {
                "settled": round(each.settled, 4),
                "paid": round(each.paid, 4),
                "teaching": round(each.teaching, 4),
                "direction": plain(each.direction),
                "over_plain": plain(each.over_plain),
                "pull": plain(each.pull),
            }
            for name, each in found.tried.items()
        },
    }
    write_within(path, found.rates, measured)
    return found


def fitted_within(groups: _Groups) -> dict[str, tuple[LengthRates, ...]]:
    """Error rates by type and length, from responses that the guard lets pass.

    A type's responses are divided into `BINS` of equal size, or fewer, so that each has `FEWEST`
    violated and as many satisfied ones. Half an error is added to each count, that no rate is 0
    because no error was seen.
    """
    by_type: dict[str, list[_Response]] = {}
    for group in groups:
        for each in group:
            if each.row is not None:
                by_type.setdefault(each.type, []).append(each)
    return {type: _bins(some) for type, some in by_type.items()}


def _bins(responses: Sequence[_Response]) -> tuple[LengthRates, ...]:
    lengths = np.array([each.length for each in responses])
    labels = np.array([each.truth for each in responses])
    passed = np.array([bool(each.row and each.row.judgement.passed) for each in responses])

    def share(wrong: np.ndarray) -> float:
        return float((wrong.sum() + 0.5) / (len(wrong) + 1))

    for count in range(BINS, 0, -1):
        inner = np.quantile(lengths, np.arange(1, count) / count)
        ends = sorted({int(np.ceil(each)) for each in inner} - {int(lengths.min())})
        of = np.digitize(lengths, ends)
        sizes = [(of == at) & (labels == label) for at in range(len(ends) + 1) for label in (0, 1)]
        if count == 1 or min(each.sum() for each in sizes) >= FEWEST:
            break
    return tuple(
        LengthRates(below, share(passed[(of == at) & ~labels]), share(~passed[(of == at) & labels]))
        for at, below in enumerate([*ends, None])
    )


def _thresholds(groups: _Groups, target: float, keep: float, level: float, seed: int) -> Thresholds:
    rows = [
        replace(each.row, row=replace(each.row.row, item=str(number)))
        for number, group in enumerate(groups)
        for each in group
        if each.row is not None
    ]
    return make_precise(rows, target=target, keep=keep, level=level, seed=seed)


def _values(one: _Response, thresholds: Thresholds, rates: WithinRates) -> dict[str, float]:
    """What the rewards give for a response; NaN is no reward."""
    if one.row is None:
        return dict.fromkeys((_PLAIN, _ABSTAINS, _CORRECTED), 0.0)
    own, bold = one.row.judgement, thresholds(one.row.judgement).passed
    assert own.passed is not None
    known = rates.get(one.type)
    return {
        _PLAIN: float(own.passed),
        _ABSTAINS: float("nan") if bold is None else float(bold),
        _CORRECTED: rates_at(known, one.length).corrected(float(own.passed))
        if known
        else float("nan"),
    }


def _judged(
    name: str, pilot: Pilot, guard: str, limit: int | None, cache: str | Path | None
) -> list[list[_Response]]:
    chosen = pilot.instructions[:limit]
    if len(chosen) < FOLDS:
        raise HpptError(f"A judge is calibrated on {FOLDS} or more instructions.")
    if len({len(pilot.attempts[each.id]) for each in chosen}) > 1:
        raise HpptError("A judge is calibrated on as many responses to each instruction.")
    rows = judged_responses(name, replace(pilot, instructions=chosen), guard, cache=cache)
    if any(each.judgement.confidence is None for each in rows.values()):
        raise HpptError(f"The judge {name} gave verdicts without a confidence.")
    return [
        [
            _response(each.constraints[0].id, rows.get(f"{each.id}/{number}"))
            for number in range(len(pilot.attempts[each.id]))
        ]
        for each in chosen
    ]


def _response(type: str, row: JudgedRow | None) -> _Response:
    if row is None:
        return _Response(type, 0, False, None)
    return _Response(type, len(words(row.row.response)), row.row.label, row)


# --- what advantages they give --------------------------------------------------------------------


def advantages(rewards: np.ndarray) -> np.ndarray:
    """GRPO's advantages where some responses get no reward (NaN): these have no part in them.

    Args:
        rewards: shape (groups, samples).

    Returns:
        The same shape; 0 where there is no reward.
    """
    given = ~np.isnan(rewards)
    count = given.sum(1, keepdims=True)
    mean = np.where(given, rewards, 0).sum(1, keepdims=True) / np.maximum(count, 1)
    centred = np.where(given, rewards - mean, 0.0)
    deviation = np.sqrt((centred**2).sum(1, keepdims=True) / np.maximum(count - 1, 1))
    return np.asarray(centred / (deviation + 1e-4))


def _long_or_short(groups: _Groups) -> np.ndarray:
    """1 for a violated answer that is long, -1 for a short one, 0 for all others."""
    by_type: dict[str, list[int]] = {}
    for group in groups:
        for each in group:
            if each.row is not None and not each.truth:
                by_type.setdefault(each.type, []).append(each.length)
    middle = {type: float(np.mean(some)) for type, some in by_type.items()}
    return np.array(
        [
            [
                0 if each.row is None or each.truth else np.sign(each.length - middle[each.type])
                for each in group
            ]
            for group in groups
        ]
    )


def _tried(
    truth: np.ndarray, arrays: Mapping[str, np.ndarray], long: np.ndarray, seed: int
) -> dict[str, Tried]:
    true = advantages(truth)
    found = {name: advantages(each) for name, each in arrays.items()}
    # Sums by group, from which the cosine of any draw of groups is made.
    dots = {name: (true * each).sum(1) for name, each in found.items()}
    squares = {name: (each**2).sum(1) for name, each in found.items()}
    own = (true**2).sum(1)
    weights = np.vstack(
        [
            np.ones(len(truth)),
            np.random.default_rng(seed).multinomial(
                len(truth), np.full(len(truth), 1 / len(truth)), _DRAWS
            ),
        ]
    )

    def cosine(name: str) -> np.ndarray:
        norms = np.sqrt((weights @ own) * (weights @ squares[name]))
        return np.asarray((weights @ dots[name]) / np.maximum(norms, 1e-12))

    def interval(values: np.ndarray) -> Interval:
        low, high = np.percentile(values[1:], (2.5, 97.5))
        return Interval(float(values[0]), float(low), float(high))

    def pull(name: str) -> np.ndarray:
        extra = found[name] - true
        means = [
            (weights @ (extra * side).sum(1)) / np.maximum(weights @ side.sum(1), 1e-12)
            for side in (long > 0, long < 0)
        ]
        return np.asarray(means[0] - means[1])

    plain = cosine(_PLAIN)
    return {
        name: Tried(
            float((~np.isnan(each)).mean()),
            float(np.nanmean(each)) if not np.isnan(each).all() else float("nan"),
            float((found[name] != 0).any(1).mean()),
            interval(cosine(name)),
            None if name == _PLAIN else interval(cosine(name) - plain),
            interval(pull(name)),
        )
        for name, each in arrays.items()
    }
