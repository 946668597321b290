"""A step's record: the reward given, the truth behind it, and what had no reward."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from hppt_lib import rewards
from hppt_lib.instructions.model import Constraint, Instruction
from hppt_lib.records import Step
from hppt_lib.rewards import Reward, Rewarded
from hppt_lib.sandbox import CODE, Outcome
from hppt_lib.training.reward_function import reward_function
from hppt_lib.training.step import Seconds, step_record
from tests.helpers import untrusted
from tests.helpers.tiny import tiny_instructions

LOGS: dict[str, Any] = {
    "entropy": 1.0,
    "grad_norm": 0.5,
    "loss": 0.1,
    "completions/mean_length": 7.0,
    "completions/clipped_ratio": 0.25,
}
GOOD, BAD = "Good tea makes people happy again.", "Well, no."
TEA = tiny_instructions()[0]


def step_of(reward: Reward, scores: list[rewards.Score]) -> Step:
    """The record of a step in groups of four, whose rollouts have these scores."""
    rollouts = [
        Rewarded(
            each,
            reward.value(each),
            reward.truth(each) if reward.truth else None,
        )
        for each in scores
    ]
    return step_record(1, rollouts, LOGS, group_size=4, seconds=Seconds(3.0, 1.0, 0.5))


def test_the_truth_behind_a_noisy_reward_is_recorded_beside_it() -> None:
    """Mistake: the noisy reward in the truth's place, so that no record shows the noise."""
    scores = [rewards.score(TEA, each) for each in (GOOD, BAD, BAD, GOOD)]
    noisy = rewards.reward("noisy(false_pass=1.0)")
    step = step_of(noisy, scores)
    assert step.reward == 1.0
    assert step.true_reward == pytest.approx(sum(each.strict for each in scores) / 4)
    step = step_of(rewards.STRICT, scores)
    assert step.true_reward is None  # it is its own truth


def test_a_rollout_without_a_reward_has_no_part_in_the_mean() -> None:
    """Mistake: a judge that gave no verdict once makes the whole step's reward no number."""
    dropped = Reward("half", lambda score: 1.0 if score.strict else math.nan, (0, 1), True, "")
    good, bad = rewards.score(TEA, GOOD), rewards.score(TEA, BAD)
    assert good.strict and not bad.strict
    step = step_of(dropped, [good, bad, bad, good])
    assert step.reward == 1.0 and step.zero_variance == 1.0
    step = step_of(dropped, [bad] * 4)
    assert step.reward == 0.0


def test_the_entropy_is_of_all_tokens_and_not_of_the_groups_that_teach() -> None:
    """Mistake: 1.56 logged by the trainer, which leaves groups of equal rewards out, where all
    tokens together have .83: collapsed groups are just those of equal rewards.
    """
    scores = [rewards.score(TEA, each) for each in (GOOD, BAD, BAD, BAD, BAD, BAD, BAD, BAD)]
    rollouts = [Rewarded(each, rewards.STRICT.value(each)) for each in scores]
    teaching, collapsed = [1.56] * 10, [0.1] * 10
    logs = {**LOGS, "entropy": 1.56}
    seconds = Seconds(3.0, 1.0, 0.5)
    step = step_record(
        1, rollouts, logs, group_size=4, seconds=seconds, entropies=[*teaching, *collapsed]
    )
    assert step.entropy == pytest.approx(0.83) and step.entropy_of == "all"
    step = step_record(1, rollouts, logs, group_size=4, seconds=seconds)
    assert (step.entropy, step.entropy_of) == (1.56, "trained")


def test_a_judge_without_a_verdict_is_counted() -> None:
    """Mistake: a judge that declines half the questions, in a record that looks like any other."""
    scores = [rewards.score(TEA, GOOD, judged=[each]) for each in (True, None, None, False)]
    reward = rewards.judged(judge="embedded", decides="all")
    step = step_of(reward, scores)
    assert step.no_verdict == 0.5
    step = step_of(rewards.STRICT, [rewards.score(TEA, GOOD)] * 4)
    assert step.no_verdict is None  # nobody was asked


def test_a_soft_constraint_is_no_verifiers_business() -> None:
    """Mistake: verdicts of the hard constraints counted for the soft one before them."""
    warm = Constraint("tone:warm", {}, "Sound warm.", "soft")
    mixed = Instruction("mixed", TEA.prompt, (warm, *TEA.constraints), TEA.query, TEA.topic)
    scores = [rewards.score(mixed, each, judged=[True]) for each in (GOOD, BAD, GOOD, GOOD)]
    reward = rewards.judged(judge="embedded")
    step = step_of(reward, scores)
    assert step.pass_share == {TEA.constraints[0].id: 0.75}
    assert step.true_reward is None  # the judge decides a part: the truth is not known


def test_untrusted_code_without_a_verdict_is_counted_and_gives_no_reward() -> None:
    """Mistake: a checker that hangs shows nowhere, or lowers the reward and the share that pass."""
    asked = untrusted.instruction(untrusted.SHORT)
    good, none = (
        replace(rewards.score(TEA, GOOD), instruction=asked, verdicts=(Outcome(passed, ""),))
        for passed in (True, None)
    )
    function = rewards.STRICT.checked_value
    rollouts = [Rewarded(each, function(each)) for each in (good, none, none, good)]
    step = step_record(1, rollouts, LOGS, group_size=4, seconds=Seconds(3.0, 1.0, 0.5))
    assert (step.reward, step.no_verdict) == (1.0, 0.5)
    assert step.pass_share == {CODE: 1.0}


def test_the_trainer_gets_no_reward_where_untrusted_code_gave_no_verdict(
    code_allowed: None,
) -> None:
    """Mistake: a rollout whose checker raised is a zero that teaches; or the batch stops."""
    handed: list[Rewarded] = []
    asked = untrusted.instruction(untrusted.EVEN)
    function = reward_function(rewards.STRICT, [asked], handed.extend)
    given = function([], ["a b", "odd", "a b c d", ""], instruction_id=["i"] * 4)
    assert [None if math.isnan(each) else each for each in given] == [1.0, None, 1.0, 0.0]
    step = step_record(1, handed, LOGS, group_size=4, seconds=Seconds(3.0, 1.0, 0.5))
    assert step.no_verdict == 0.25
