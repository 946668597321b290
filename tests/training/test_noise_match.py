"""Noise that is matched to a judge is measured right, and a bad match is seen."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Constraint, Instruction
from hppt_lib.judges import Judgement, Question
from hppt_lib.refine.pilot_log import Pilot, PilotSettings, Sampled, attempt
from hppt_lib.training import noise_match
from hppt_lib.training.noise_match import fitted_rates, match_noise

COMMA = Constraint("punctuation:no_comma", {}, "Do not use any commas.")


def test_rates_and_spread_are_found_again() -> None:
    """Mistake: a spread that is all sampling error, or none of it."""
    draw = np.random.default_rng(0)
    own = draw.beta(0.3 * 1.5, 0.7 * 1.5, size=400)
    truth = draw.random((400, 12)) < 0.4
    passed = np.where(truth, draw.random((400, 12)) < 0.9, draw.random((400, 12)) < own[:, None])
    found = fitted_rates(["a"] * 400, truth, passed)["a"]
    assert found.false_pass.mean == pytest.approx(0.3, abs=0.04)
    assert found.false_pass.concentration == pytest.approx(1.5, rel=0.3)
    assert found.false_fail.mean == pytest.approx(0.1, abs=0.02)
    assert found.false_fail.concentration > 30  # no clumps: all instructions have one rate


class Scattered:
    """A judge that is wrong in a fixed share of responses, whatever the instruction."""

    name, settings = "scattered", {"kind": "fake"}

    def answers(self, questions: Sequence[Question]) -> Iterator[tuple[int, tuple[Judgement, ...]]]:
        for place, each in enumerate(questions):
            true = "," not in each.response
            wrong = hash_share(each.response) < 0.25
            yield place, (Judgement(true != wrong),)


def hash_share(text: str) -> float:
    import hashlib

    return hashlib.sha256(text.encode()).digest()[0] / 256


def pilot(instructions: int = 60, samples: int = 8, soft: bool = False) -> Pilot:
    made = tuple(
        Instruction(
            f"tea-{number}",
            "Write about tea. Do not use any commas.",
            (dataclasses.replace(COMMA, kind="soft") if soft else COMMA,),
            "Write about tea.",
            ("tea",),
        )
        for number in range(instructions)
    )
    draw = np.random.default_rng(1)

    def text(number: int) -> str:
        comma = "," if draw.random() < 0.5 else ""
        return (
            f"Green tea{comma} number {number} of {draw.integers(10**6)} is a pleasant hot drink."
        )

    attempts = {
        each.id: tuple(attempt(each, Sampled(text(number), 9, True)) for number in range(samples))
        for each in made
    }
    return Pilot(PilotSettings(samples=samples), "tiny", None, len(made), made, attempts)


@pytest.fixture
def scattered(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(
        "hppt_lib.refine.labelled.judge_named", lambda name, **settings: Scattered()
    )
    monkeypatch.setattr(noise_match, "_SEEDS", 10)
    return "embedded"


def test_matched_noise_is_a_fair_control(scattered: str) -> None:
    """Mistake: a comparison on the responses that were matched; rates that do not come through."""
    match = match_noise(scattered, pilot(), progress=False)
    assert match.fair, str(match)
    assert match.judge["false_pass"] == pytest.approx(0.25, abs=0.07)
    assert match.groups == 120
    worse = dataclasses.replace(match, noise={**match.noise, "direction": 0.0})
    assert not worse.fair and "Not a fair control" in str(worse)


def test_only_what_can_be_matched_is_taken(scattered: str) -> None:
    """Mistake: an odd number of samples, whose halves differ; a soft constraint without truth."""
    with pytest.raises(HpptError, match="even number"):
        match_noise(scattered, pilot(5, 7), progress=False)
    with pytest.raises(HpptError, match="one hard constraint each"):
        match_noise(scattered, pilot(5, 8, soft=True), progress=False)


def test_a_response_of_unknown_truth_is_no_violation(scattered: str) -> None:
    """Mistake: own code that gave no verdict is counted as violated, and the rates are wrong."""
    unknown = pilot(5, 8)
    first, *others = unknown.attempts["tea-0"]
    lost = dataclasses.replace(
        first, verdicts=(dataclasses.replace(first.verdicts[0], passed=None),)
    )
    attempts = {**unknown.attempts, "tea-0": (lost, *others)}
    with pytest.raises(HpptError, match="response 0 to 'tea-0'"):
        match_noise(scattered, dataclasses.replace(unknown, attempts=attempts), progress=False)
