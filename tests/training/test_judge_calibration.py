"""Two rewards of a judge that errs are chosen on some groups and tried on others."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Constraint, Instruction
from hppt_lib.judges import Judgement, Question
from hppt_lib.refine.pilot_log import Pilot, PilotSettings, Sampled, attempt
from hppt_lib.rewards import read_within, reward
from hppt_lib.training import calibrate_and_write, calibrate_judge
from hppt_lib.training.grpo import group_advantages
from hppt_lib.training.judge_calibration import advantages
from hppt_lib.verifiers.words import words

COMMA = Constraint("punctuation:no_comma", {}, "Do not use any commas.")
SHORT = 9  # words


def share(text: str, salt: str = "") -> float:
    return hashlib.sha256((salt + text).encode()).digest()[0] / 256


class LovesLength:
    """A judge that passes half of the false long answers, and one in twenty else."""

    name, settings = "loves length", {"kind": "fake"}

    def answers(self, questions: Sequence[Question]) -> Iterator[tuple[int, tuple[Judgement, ...]]]:
        for place, each in enumerate(questions):
            true = "," not in each.response
            long = len(words(each.response)) > SHORT
            wrong = share(each.response) < (0.5 if long and not true else 0.05)
            sure = 0.5 + 0.5 * share(each.response, "sure") * (0.3 if wrong else 1)
            yield place, (Judgement(true != wrong, sure if true != wrong else 1 - sure),)


def pilot(instructions: int = 80, samples: int = 8) -> Pilot:
    made = tuple(
        Instruction(
            f"tea-{number}",
            "Write about tea. Do not use any commas.",
            (COMMA,),
            "Write about tea.",
            ("tea",),
        )
        for number in range(instructions)
    )
    draw = np.random.default_rng(1)

    def text() -> str:
        comma = "," if draw.random() < 0.6 else ""
        tail = " with a little milk or honey" if draw.random() < 0.5 else ""
        return f"Green tea{comma} number {draw.integers(10**6)} is a pleasant drink{tail}."

    attempts = {
        each.id: (
            attempt(each, Sampled("", 1, True)),  # blank: nobody judges it
            *(attempt(each, Sampled(text(), 9, True)) for _ in range(samples - 1)),
        )
        for each in made
    }
    return Pilot(PilotSettings(samples=samples), "tiny", None, len(made), made, attempts)


@pytest.fixture
def loves_length(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(
        "hppt_lib.refine.labelled.judge_named", lambda name, **settings: LovesLength()
    )
    return "embedded"


def test_rates_that_go_with_length_are_found_and_their_pull_is_gone(
    loves_length: str, tmp_path: Path
) -> None:
    """Mistake: one pair of rates for all, blank responses among the judged, folds mixed up."""
    path = tmp_path / "lengths.json"
    found = calibrate_and_write(loves_length, pilot(), path)
    short, *_, long = found.rates[COMMA.id]
    assert short.false_pass < 0.15 and long.false_pass > 0.4 and long.false_fail < 0.15
    assert (found.groups, found.responses) == (80, 640)
    plain, mended = (found.tried[name] for name in ("as it is", "corrected by length"))
    assert plain.over_plain is None and plain.settled == 1.0
    assert plain.pull.low > 0.5, "false answers are paid for being long"
    assert mended.pull.low < 0 < mended.pull.high or abs(mended.pull.mean) < plain.pull.mean / 4
    assert mended.over_plain and abs(mended.over_plain.mean) < 0.15, "its price is variance"
    assert mended.paid == pytest.approx(found.true, abs=0.08), "unbiased on the other groups"
    assert plain.paid > found.true + 0.07
    assert read_within(path) == found.rates
    name = f'corrected_within(of=judged(judge=embedded, decides=all), rates="{path}")'
    assert reward(name).range[1] > 1
    assert "cosine to" in str(found) and "punctuation:no_comma" in str(found)


def test_the_abstaining_judge_keeps_its_promise_on_other_groups(loves_length: str) -> None:
    """Mistake: a threshold of the groups that it is tried on, or a name with the two exchanged."""
    found = calibrate_judge(loves_length, pilot(200), target=0.8, keep=0.8)
    assert found.thresholds.reached
    tried = found.tried["abstaining"]
    assert 0.2 < tried.settled < 1
    assert tried.direction.mean > found.tried["as it is"].direction.mean
    name = f"judged(judge=embedded, decides=all, {found.abstaining})"
    judging = reward(name).judging
    assert judging and judging.zone and judging.zone[0] >= (found.thresholds.pass_from or 2)
    assert judging.zone[1] <= (found.thresholds.fail_below or 0)


def test_advantages_leave_out_what_got_no_reward() -> None:
    """Mistake: no reward counted as 0, or a group of one that divides by nothing."""
    nan = float("nan")
    found = advantages(np.array([[1, 0, nan, nan], [1, 1, nan, 1], [nan, nan, nan, 1.0]]))
    assert found[0] == pytest.approx([2**-0.5, -(2**-0.5), 0, 0], abs=1e-3)
    assert not found[1:].any()
    whole = np.random.default_rng(0).integers(0, 2, (20, 8)).astype(float)
    assert advantages(whole) == pytest.approx(group_advantages(torch.tensor(whole)).numpy())


def test_a_pilot_of_another_kind_is_refused(loves_length: str) -> None:
    """Mistake: rates of two constraints taken for those of one."""
    other = pilot(6)
    two = tuple(replace(each, constraints=(COMMA, COMMA)) for each in other.instructions)
    with pytest.raises(HpptError, match="one hard constraint each"):
        calibrate_judge(loves_length, replace(other, instructions=two))
    with pytest.raises(HpptError, match="5 or more"):
        calibrate_judge(loves_length, other, limit=2)
