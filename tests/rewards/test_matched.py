"""Matched noise has the rates of its file, in clumps, frozen, and before the guard."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Constraint, Instruction
from hppt_lib.rewards import ErrorRates, Score, VaryingRate, matched, reward
from hppt_lib.rewards.matched import read_rates, write_rates
from hppt_lib.verifiers import Verdict

ID = "punctuation:no_comma"
RATES = {ID: ErrorRates(VaryingRate(0.3, 1.5), VaryingRate(0.1, 8.0))}


def scored(
    passed: bool, id: str, response: str, run_seed: int = 0, substance: bool = True
) -> Score:
    instruction = Instruction(id, "Write. No commas.", (Constraint(ID),), "", ("tea",))
    verdicts = (Verdict(passed, ""),), Verdict(substance, "")
    return Score(*verdicts, (), instruction, response, run_seed=run_seed)


def drawn(passed: bool, instructions: int = 300, responses: int = 20) -> np.ndarray:
    noise = matched(rates=RATES)
    return np.array(
        [
            [noise.value(scored(passed, f"i{row}", f"r{place}")) for place in range(responses)]
            for row in range(instructions)
        ]
    )


def test_the_rates_and_their_clumps_are_those_asked_for() -> None:
    """Mistake: the pooled rate for all, scattered; or false passes and false fails swapped."""
    paid = drawn(False)
    assert paid.mean() == pytest.approx(0.3, abs=0.06)
    # Of a beta with a + b = 1.5, the variance between instructions is .3 × .7 / 2.5.
    assert paid.mean(axis=1).var() == pytest.approx(0.084 + 0.3 * 0.7 / 20, abs=0.03)
    assert 1 - drawn(True).mean() == pytest.approx(0.1, abs=0.03)


def test_an_easy_yes_is_easy_for_both() -> None:
    """Mistake: an instruction on which false responses pass is one on which true ones fail."""
    false, true = drawn(False).mean(axis=1), drawn(True).mean(axis=1)
    assert np.corrcoef(false, true)[0, 1] > 0.3


def test_an_error_is_frozen_in_a_run_and_new_in_another() -> None:
    """Mistake: a policy that repeats a falsely paid text is paid by luck; or all seeds share."""
    noise = matched(rates=RATES)
    rows = [scored(False, f"i{number}", "tea") for number in range(200)]
    paid = [noise.value(each) for each in rows]
    again = [noise.value(replace(each, occurrence="step 3")) for each in rows]
    other = [noise.value(replace(each, run_seed=1)) for each in rows]
    assert paid == again != other


def test_the_guard_comes_last_and_the_truth_is_known() -> None:
    """Mistake: noise that pays for what the guard refuses."""
    always = {ID: ErrorRates(VaryingRate(1.0, 1.0), VaryingRate(0.0, 1.0))}
    noise = matched(rates=always, guard="substance")
    refused, allowed = (scored(False, "i", "tea", substance=each) for each in (False, True))
    assert noise.value(refused) == 0 and noise.value(allowed) == 1
    assert noise.true_value(allowed) == 0
    other = replace(allowed.instruction, constraints=(Constraint("keywords:existence"),))  # type: ignore[type-var]
    with pytest.raises(HpptError, match="no error rates for 'keywords:existence'"):
        noise.value(replace(allowed, instruction=other))


def test_a_file_is_named_and_its_content_counts(tmp_path: Path) -> None:
    """Mistake: a file that was changed between two runs under one name."""
    path = tmp_path / "noise (1).json"
    write_rates(path, RATES, {"judge": "mine"})
    assert read_rates(path) == RATES
    named = reward(f'matched(rates="{path}", guard=substance)')
    assert reward(named.name).identity == named.identity
    write_rates(path, {ID: replace(RATES[ID], false_pass=VaryingRate(0.5, 1.0))}, {})
    assert reward(named.name).identity != named.identity


@pytest.mark.parametrize(
    "text", ["", "{}", '{"format": 1, "rates": {"a": {"false_pass": [2, 1]}}}']
)
def test_rubbish_is_refused(tmp_path: Path, text: str) -> None:
    """Mistake: a traceback."""
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(HpptError, match="no file of error rates"):
        matched(rates=str(tmp_path / "a.json"))
    (tmp_path / "a.json").write_text(
        '{"format": 1, "rates": {"a": {"false_pass": [2, 1], "false_fail": [0, 1]}}}'
    )
    with pytest.raises(HpptError, match="no rate"):
        matched(rates=str(tmp_path / "a.json"))
