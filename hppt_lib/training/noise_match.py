"""Matches noise to a judge, and checks on other responses that it is a fair control.

``hppt match-noise`` writes the rates that the reward ``matched`` draws its errors with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from hppt_lib import rewards
from hppt_lib.errors import HpptError
from hppt_lib.refine import Pilot, judged_responses
from hppt_lib.rewards.matched import ErrorRates, Rates, VaryingRate, matched, write_rates
from hppt_lib.terminal import as_text, table
from hppt_lib.training.grpo import direction_kept
from hppt_lib.verifiers import answer_of, is_blank, thought_marks

CLOSE = {"paid": 0.03, "false_pass": 0.03, "false_fail": 0.03, "teaching": 0.05, "direction": 0.05}
"""By how much noise may differ from its judge on responses that it was not matched on."""

_MEANING = {
    "paid": "share of responses paid",
    "false_pass": "of the truly violated, passed",
    "false_fail": "of the truly satisfied, failed",
    "teaching": "groups that differ in reward",
    "direction": "cosine to the true advantages",
}
_SEEDS = 40  # of the noise, whose values are averaged
_LARGEST = 1e4


@dataclass(frozen=True)
class Match:
    """Noise beside the judge that it was matched to, on fresh responses.

    Attributes:
        rates: matched on all responses: what is written.
        judge: the judge's values on groups of responses, by the names of `CLOSE`.
        noise: the noise's, matched on the other half of the responses; mean over its seeds.
        groups: number of groups.
    """

    rates: Rates
    judge: Mapping[str, float]
    noise: Mapping[str, float]
    groups: int

    @property
    def fair(self) -> bool:
        """Whether all values are close (`CLOSE`)."""
        return all(abs(self.judge[name] - self.noise[name]) <= CLOSE[name] for name in CLOSE)

    def __str__(self) -> str:
        rows = [
            [
                f"{name}: {_MEANING[name]}",
                f"{self.judge[name]:.3f}",
                f"{self.noise[name]:.3f}",
                f"{self.noise[name] - self.judge[name]:+.3f}",
                f"± {most}",
            ]
            for name, most in CLOSE.items()
        ]
        verdict = "A fair control." if self.fair else "Not a fair control: something differs."
        return as_text(
            table(["", "judge", "noise", "difference", "allowed"], rows),
            f"{self.groups} groups of responses that the noise was not matched on. {verdict}",
        )


@dataclass(frozen=True)
class _Judged:
    """Responses with truth and verdict, arrays of shape (instructions, samples)."""

    types: tuple[str, ...]
    scores: tuple[tuple[rewards.Score, ...], ...]
    truth: np.ndarray
    passed: np.ndarray
    allowed: np.ndarray


def match_noise(
    judge: str,
    pilot: Pilot,
    *,
    guard: str = "substance",
    seed: int = 0,
    cache: str | Path | None = None,
    progress: bool = True,
) -> Match:
    """Match noise to a judge on a base policy's responses.

    The rates of each half of every instruction's samples are tried on the other half; what comes
    out is matched on all.

    Args:
        judge: its name (`hppt_lib.judges.judge`).
        pilot: responses to instructions with one hard constraint each, an even number of each.
        guard: of both rewards.
        seed: of the first noise.
        cache: a file in which the judge's answers are kept, so that none is asked for twice.
        progress: show progress bars.

    Raises:
        HpptError: the pilot is not of this kind, the judge cannot be had or gave no verdict, or
            nobody knows whether a response satisfies its constraint.
    """
    judged = _judged(judge, pilot, guard, cache, progress)
    samples = judged.truth.shape[1]
    halves = np.arange(samples) < samples // 2, np.arange(samples) >= samples // 2
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in CLOSE}
    for fitted, tried in (halves, halves[::-1]):
        rates = fitted_rates(judged.types, judged.truth[:, fitted], judged.passed[:, fitted])
        for name, pair in _compared(judged, rates, tried, seed).items():
            found[name].append(pair)
    mean = {name: np.mean(pairs, axis=0) for name, pairs in found.items()}
    return Match(
        fitted_rates(judged.types, judged.truth, judged.passed),
        {name: float(each[0]) for name, each in mean.items()},
        {name: float(each[1]) for name, each in mean.items()},
        2 * len(judged.types),
    )


def match_and_write(judge: str, pilot: Pilot, path: str | Path, **settings: Any) -> Match:
    """`match_noise`, with its rates written for the reward ``matched``.

    Raises:
        HpptError: as `match_noise`, or the file could not be written.
    """
    match = match_noise(judge, pilot, **settings)
    measured = {
        "judge": judge,
        "model": pilot.model,
        "groups": match.groups,
        "fair": match.fair,
        "on fresh responses": {
            who: {name: round(each, 4) for name, each in values.items()}
            for who, values in (("judge", match.judge), ("noise", match.noise))
        },
    }
    write_rates(path, match.rates, measured)
    return match


def _judged(
    name: str, pilot: Pilot, guard: str, cache: str | Path | None, progress: bool
) -> _Judged:
    samples = pilot.settings.samples
    if samples % 2:
        raise HpptError("Noise is matched on an even number of responses to each instruction.")
    rows = judged_responses(name, pilot, cache=cache, progress=progress)
    marks = thought_marks(pilot.settings.thoughts)
    check = rewards.GUARDS[guard].check
    scores: list[tuple[rewards.Score, ...]] = []
    truth, passed, allowed = (
        np.zeros((len(pilot.instructions), samples), dtype=bool) for _ in range(3)
    )
    for place, each in enumerate(pilot.instructions):
        texts = [attempt.sampled.text for attempt in pilot.attempts[each.id]]
        scores.append(tuple(rewards.score(each, text, thoughts=marks) for text in texts))
        for number, text in enumerate(texts):
            allowed[place, number] = check(each, text, marks).passed
            if row := rows.get(f"{each.id}/{number}"):
                truth[place, number] = row.row.label
                passed[place, number] = row.judgement.passed
            elif not is_blank(answer_of(text, marks)):  # a blank one satisfies nothing
                raise HpptError(
                    f"Nobody knows whether response {number} to '{each.id}' satisfies its "
                    "constraint (its own code gave no verdict), so noise cannot be matched on it: "
                    "leave this instruction out of the pilot."
                )
    types = tuple(each.constraints[0].id for each in pilot.instructions)
    return _Judged(types, tuple(scores), truth, passed, allowed)


def fitted_rates(
    types: Sequence[str], truth: np.ndarray, passed: np.ndarray
) -> dict[str, ErrorRates]:
    """The rates of a judge's errors by type, with their spread over instructions.

    Args:
        types: the type of each instruction's constraint.
        truth: bool, shape (instructions, samples): truly satisfied.
        passed: bool, the same shape: the judge's verdicts.
    """
    of = np.array(types)
    return {
        kind: ErrorRates(
            _spread(passed[of == kind], ~truth[of == kind]),
            _spread(~passed[of == kind], truth[of == kind]),
        )
        for kind in dict.fromkeys(types)
    }


def _spread(wrong: np.ndarray, among: np.ndarray) -> VaryingRate:
    """Mean and concentration of a beta-binomial, the latter by maximum likelihood."""
    from scipy.optimize import minimize_scalar
    from scipy.stats import betabinom

    hits, of = (wrong & among).sum(axis=1), among.sum(axis=1)
    hits, of = hits[of > 0], of[of > 0]
    if not len(of):
        return VaryingRate(0.0, _LARGEST)
    mean = float(hits.sum() / of.sum())
    if mean in (0.0, 1.0):
        return VaryingRate(mean, _LARGEST)

    def loss(log: float) -> float:
        both = float(np.exp(log))
        return -float(betabinom.logpmf(hits, of, mean * both, (1 - mean) * both).sum())

    best = minimize_scalar(loss, bounds=(np.log(0.05), np.log(_LARGEST)), method="bounded")
    return VaryingRate(mean, float(np.exp(best.x)))


def _compared(
    judged: _Judged, rates: Rates, tried: np.ndarray, seed: int
) -> dict[str, tuple[float, float]]:
    """Judge and noise on the samples that are tried, by the names of `CLOSE`."""
    truth, allowed = judged.truth[:, tried], judged.allowed[:, tried]
    by_judge = _values(truth, judged.passed[:, tried], allowed)
    noise: dict[str, list[float]] = {name: [] for name in CLOSE}
    bare = matched(rates=rates, guard="none")
    for number in range(_SEEDS):
        passed = np.array(
            [
                [
                    bare.value(replace(each, run_seed=seed + number)) > 0
                    for each, used in zip(row, tried, strict=True)
                    if used
                ]
                for row in judged.scores
            ]
        )
        for name, each in _values(truth, passed, allowed).items():
            noise[name].append(each)
    return {name: (by_judge[name], float(np.mean(each))) for name, each in noise.items()}


def _values(truth: np.ndarray, passed: np.ndarray, allowed: np.ndarray) -> dict[str, float]:
    paid, true = passed & allowed, truth & allowed
    cosine, _ = direction_kept(
        torch.tensor(true, dtype=torch.float32), torch.tensor(paid, dtype=torch.float32)
    )
    return {
        "paid": float(paid.mean()),
        "false_pass": float(passed[~truth].mean()),
        "false_fail": float((~passed)[truth].mean()),
        "teaching": float((paid.any(axis=1) & ~paid.all(axis=1)).mean()),
        "direction": cosine,
    }
