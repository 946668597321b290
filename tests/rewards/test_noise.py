"""The precision dial has the rates it says, and the correction is unbiased at the price it says."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Constraint, Instruction, shipped_instructions
from hppt_lib.records import shipped_records
from hppt_lib.rewards import (
    FRACTIONAL,
    GUARDED,
    STRICT,
    Rewarded,
    Score,
    corrected,
    correction_error,
    noisy,
    score,
    variance_factor,
)
from hppt_lib.training.reward_function import reward_function
from hppt_lib.verifiers import Verdict

pytestmark = pytest.mark.slow

TEA = Instruction(
    "tea", "Write about tea. No commas.", (Constraint("punctuation:no_comma"),), "", ("tea",)
)
DRAWS = 4000
rates = st.floats(0, 1)


def scored(
    passed: bool,
    response: str,
    occurrence: str = "",
    id: str = "tea",
    run_seed: int | None = None,
    substance: bool = True,
) -> Score:
    instruction = Instruction(id, TEA.prompt, TEA.constraints, "", TEA.topic)
    verdicts = (Verdict(passed, ""),), Verdict(substance, "")
    return Score(*verdicts, (), instruction, response, occurrence, run_seed=run_seed)


def drawn(reward: Any, passed: bool) -> np.ndarray:
    return np.array([reward.value(scored(passed, f"answer {place}")) for place in range(DRAWS)])


def within(rate: float, share: float, draws: int = DRAWS) -> bool:
    """Whether a share lies within 5 standard errors: a wrong alarm once in two million."""
    return bool(abs(share - rate) <= 5 * np.sqrt(rate * (1 - rate) / draws) + 1e-12)


@settings(max_examples=15)
@given(false_pass=rates, false_fail=rates, seed=st.integers(0, 9))
def test_the_rates_are_realised(false_pass: float, false_fail: float, seed: int) -> None:
    """Mistake: the two rates swapped, applied to both outcomes, or one seed for all responses."""
    dial = noisy(false_pass=false_pass, false_fail=false_fail, seed=seed)
    assert within(false_pass, drawn(dial, False).mean())
    assert within(1 - false_fail, drawn(dial, True).mean())


@given(passed=st.booleans(), substance=st.booleans())
def test_without_noise_it_is_the_truth(passed: bool, substance: bool) -> None:
    """Also for a score without its response: nothing is drawn."""
    bare = Score((Verdict(passed, ""),), Verdict(substance, ""))
    for truth in (STRICT, GUARDED):
        assert noisy(of=truth).value(bare) == truth.value(bare)


@given(passed=st.booleans(), response=st.text())
def test_the_truth_stands_beside_the_noise(passed: bool, response: str) -> None:
    """Mistake: a record whose "true reward" is the noisy one."""
    dial = noisy(false_pass=1, false_fail=1)
    found = scored(passed, f"{response} tea")
    assume(not found.blank)  # a thought without an end, say: it gets 0 whatever is drawn
    assert dial.true_value(found) == float(passed) == 1 - dial.value(found)
    repaired = corrected(of=noisy(false_pass=0.5), false_pass=0.5)
    assert repaired.true_value(found) == float(passed)


def test_the_same_rollout_always_gets_the_same_error() -> None:
    """Mistake: a generator whose state a resumed run does not have."""
    dial = noisy(false_pass=0.5)
    forwards = [dial.value(scored(False, f"answer {place}")) for place in range(50)]
    backwards = [dial.value(scored(False, f"answer {place}")) for place in reversed(range(50))]
    assert forwards == backwards[::-1] and set(forwards) == {0.0, 1.0}


CHANGES: dict[str, dict[str, Any]] = {
    "response": {"response": "b"},
    "instruction": {"id": "bees"},
    "run": {"run_seed": 1},
}


UNCHANGED: dict[str, Any] = {"response": "a", "run_seed": 0}


@pytest.mark.parametrize("change", CHANGES)
def test_errors_are_independent_of(change: str) -> None:
    """Mistake: one error for all responses, or for all instructions; or one stream of errors for
    the runs of all seeds, as the recorded runs have it.
    """
    first, second = (
        [noisy(false_pass=0.5, seed=seed).value(scored(False, **arguments)) for seed in range(1000)]
        for arguments in (UNCHANGED, {**UNCHANGED, **CHANGES[change]})
    )
    agree = np.mean(np.array(first) == np.array(second))
    assert within(0.5, float(agree), 1000)


def test_a_frozen_error_stays_with_the_response() -> None:
    """Mistake: a policy that repeats one falsely paid text is paid for it at the rate of the dial,
    where a judge would pay it always.
    """
    frozen, fresh = (noisy(false_pass=0.3, draws=draws) for draws in ("frozen", "fresh"))
    for text in ("a", "b", "c"):
        again = [scored(False, text, f"{step}.0", run_seed=3) for step in range(200)]
        assert len({frozen.value(each) for each in again}) == 1
        assert 0.15 < np.mean([fresh.value(each) for each in again]) < 0.45


def test_the_verdict_is_flipped_and_then_comes_the_guard() -> None:
    """Mistake: an error that pays an empty answer, which a guarded judge never does."""
    judge_like = noisy(of=GUARDED, false_pass=1.0, false_fail=1.0)
    outcomes = {
        (passed, substance): judge_like.value(scored(passed, "tea", substance=substance))
        for passed in (True, False)
        for substance in (True, False)
    }
    assert outcomes == {
        (True, True): 0.0,  # the verdict was flipped to "violated"
        (True, False): 0.0,  # refused by the guard
        (False, True): 1.0,  # flipped to "satisfied"
        (False, False): 0.0,  # flipped, and refused all the same
    }
    assert noisy(false_pass=1.0).value(scored(False, "  ")) == 0, (
        "a blank answer is not asked about"
    )
    as_paid = noisy(of=GUARDED, false_pass=1.0, draws="fresh", flips="reward")
    assert as_paid.value(scored(False, "tea", substance=False)) == 1.0


def test_the_noise_of_the_recorded_runs_is_what_its_words_say() -> None:
    """Mistake: old records taken for frozen noise before the guard; all seeds shared one stream."""
    training_set = shipped_instructions("hard_train")
    by_id = {each.id: each for each in training_set}
    [run] = shipped_records("cpu-noisy-0.3-seed1")
    assert run.reward == "noisy(of=guarded, false_pass=0.3)"  # no draws=: the old form
    old = noisy(of=GUARDED, false_pass=0.3, draws="fresh", flips="reward")
    new = noisy(of=GUARDED, false_pass=0.3)
    paid: dict[str, list[float]] = {"old": [], "new": []}
    true: list[float] = []
    for number, step in enumerate(run.steps):
        seen: Counter[tuple[str, str]] = Counter()
        scores = []
        for pair in step.responses:
            asked = by_id[pair[0]]
            scores.append(score(asked, pair[1], occurrence=f"{number}.{seen[pair]}"))
            seen[pair] += 1
        true.append(float(np.mean([each.guarded for each in scores])))
        for name, reward in (("old", old), ("new", new)):
            paid[name].append(float(np.mean([reward.value(each) for each in scores])))
    # Steps in which today's guard decides as that of the recorded runs did.
    alike = [
        place
        for place, step in enumerate(run.steps)
        if step.true_reward is not None and abs(true[place] - step.true_reward) < 1e-6
    ]
    recorded = np.array([step.reward for step in run.steps])[alike]
    assert len(alike) >= 10
    # (In one of them it decides otherwise twice, once each way.)
    assert np.mean(np.isclose(np.array(paid["old"])[alike], recorded, atol=1e-6)) > 0.9
    assert np.mean(np.abs(np.array(paid["new"])[alike] - recorded)) > 0.05


@given(low=rates, high=rates, response=st.text(max_size=5))
def test_turning_the_dial_up_only_adds_errors(low: float, high: float, response: str) -> None:
    assume(low <= high)
    found = scored(False, response)
    assert noisy(false_pass=low).value(found) <= noisy(false_pass=high).value(found)


@settings(max_examples=15)
@given(false_pass=st.floats(0, 0.45), false_fail=st.floats(0, 0.45), passed=st.booleans())
def test_the_correction_is_unbiased(false_pass: float, false_fail: float, passed: bool) -> None:
    """Mistake: dividing by 1 − ρ₀ + ρ₁, or taking ρ₁ off instead of ρ₀."""
    reward = corrected(
        of=noisy(false_pass=false_pass, false_fail=false_fail),
        false_pass=false_pass,
        false_fail=false_fail,
    )
    estimates = drawn(reward, passed)
    assert not reward.all_or_nothing and reward.value(scored(False, " ")) == 0
    assert set(np.round(estimates, 9)) <= set(np.round(reward.range, 9))
    scale = 1 - false_pass - false_fail
    one = 1 - false_fail if passed else false_pass
    error = np.sqrt(one * (1 - one) / DRAWS) / scale
    assert abs(estimates.mean() - float(passed)) <= 5 * error + 1e-9


@pytest.mark.parametrize(
    ("false_pass", "false_fail", "pass_rate"), [(0.1, 0.0, 0.5), (0.4, 0.2, 0.1), (0.0, 0.3, 0.8)]
)
def test_the_variance_is_what_the_factor_says(
    false_pass: float, false_fail: float, pass_rate: float
) -> None:
    """Mistake: the variance given the truth, in place of that over responses."""
    reward = corrected(
        of=noisy(false_pass=false_pass, false_fail=false_fail),
        false_pass=false_pass,
        false_fail=false_fail,
    )
    passes = round(pass_rate * 20_000)
    values = [reward.value(scored(place < passes, f"answer {place}")) for place in range(20_000)]
    expected = variance_factor(false_pass, false_fail, pass_rate) * pass_rate * (1 - pass_rate)
    assert np.var(values) == pytest.approx(expected, rel=0.05)


def test_a_correction_by_estimated_rates_has_an_error_that_rollouts_do_not_remove() -> None:
    """Mistake: the error of known rates quoted for rates from 40 + 40 labels."""
    draw = np.random.default_rng(0)
    share, false_pass, false_fail = 0.28, 0.4, 0.1
    paid = share * (1 - false_fail) + (1 - share) * false_pass  # of endless rollouts
    low, high = (draw.binomial(40, rate, 40_000) / 40 for rate in (false_pass, false_fail))
    known = (paid - low) / (1 - low - high)
    expected = correction_error(share, false_pass, false_fail, violated=40, satisfied=40)
    assert np.std(known) == pytest.approx(expected, rel=0.15)
    more = correction_error(share, false_pass, false_fail, violated=160, satisfied=160)
    assert more == pytest.approx(expected / 2)


@given(false_pass=st.floats(0, 0.49), false_fail=st.floats(0, 0.49), p=st.floats(0.01, 0.99))
def test_noise_is_never_free(false_pass: float, false_fail: float, p: float) -> None:
    assert variance_factor(false_pass, false_fail, p) >= 1 - 1e-9
    assert variance_factor(0, 0, p) == pytest.approx(1)


@given(outcomes=st.lists(st.booleans(), min_size=2, max_size=8), rate=st.floats(0, 0.8))
def test_group_normalisation_takes_the_correction_away(outcomes: list[bool], rate: float) -> None:
    """GRPO's advantages of a corrected reward are those of the noisy one: no remedy by itself."""
    dial = noisy(false_pass=rate, draws="fresh")
    repaired = corrected(of=dial, false_pass=rate)
    group = [scored(passed, "x", str(place)) for place, passed in enumerate(outcomes)]

    def advantages(reward: Any) -> np.ndarray:
        values = np.array([reward.value(each) for each in group])
        return (values - values.mean()) / (values.std(ddof=1) + 1e-4)  # as in TRL 1.16

    assert advantages(repaired) == pytest.approx(advantages(dial), abs=2e-3)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: noisy(false_pass=1.1), "false_pass is 1.1; it is a probability"),
        (lambda: noisy(false_fail=float("nan")), "false_fail is nan"),
        (lambda: noisy(of=FRACTIONAL), "whose truth is 0 or 1.*'fractional' is not"),
        (lambda: corrected(of=FRACTIONAL, false_pass=0.1), "a reward of 0 or 1"),
        (lambda: corrected(of=noisy(), false_pass=0.6, false_fail=0.4), "= 1: from 1 on"),
        (lambda: corrected(of=noisy(), false_pass=-0.1), "false_pass is -0.1"),
        (lambda: correction_error(0.5, 0.1, 0.1, violated=0, satisfied=9), "estimated from labels"),
        (lambda: variance_factor(0.1, 0.1, 1.0), "without the ends"),
        (lambda: noisy(false_pass=0.5).value(Score((), Verdict(True, ""))), "needs the response"),
    ],
)
def test_what_cannot_be_is_said(make: Any, message: str) -> None:
    """Mistake: a division by zero, or a dial beyond its end, that shows as odd numbers later."""
    with pytest.raises(HpptError, match=message):
        make()


class State:
    def __init__(self, step: int) -> None:
        self.global_step = step


def test_a_resumed_run_sees_the_same_noise() -> None:
    """Mistake: counting occurrences from the start of the process."""
    texts = ["Tea."] * 6 + ["Tea leaves."] * 2
    arguments: dict[str, Any] = {
        "prompts": texts,
        "completions": texts,
        "instruction_id": ["tea"] * len(texts),
    }
    dial = noisy(false_pass=0.5, false_fail=0.5, draws="fresh")
    whole = reward_function(dial, [TEA], run_seed=2)
    run = [whole(**arguments, trainer_state=State(step)) for step in range(6)]
    seen: list[list[Rewarded]] = []
    resumed = reward_function(dial, [TEA], hand_over=seen.append, run_seed=2)
    assert [resumed(**arguments, trainer_state=State(step)) for step in range(3, 6)] == run[3:]
    assert len({tuple(step) for step in run}) > 1, "each step has errors of its own"
    assert len(set(run[0][:6]) | set(run[1][:6])) == 2, "equal responses have errors of their own"
    assert [[each.value for each in rollouts] for rollouts in seen] == run[3:]
    assert all(each.truth == 1 for rollouts in seen for each in rollouts)
