"""What goes wrong in the middle of a run: nothing is lost, and the message says what to do."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Any

import pytest

from hppt_lib.errors import HpptError
from hppt_lib.records import Step, read_steps
from hppt_lib.rewards import STRICT, Score
from hppt_lib.training.reward_function import reward_function
from hppt_lib.training.settings import Budget
from hppt_lib.training.training_run import TrainingRun, train
from tests.helpers.runs import (
    LONG,
    ROLLOUTS,
    assert_equal,
    diverging,
    job,
    long_run,
    names,
    until,
)
from tests.helpers.tiny import comparable, tiny_instructions, tiny_policy

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def whole() -> TrainingRun:
    return long_run()


def failing_after(calls: int, error: Exception) -> Any:
    """The strict reward, which fails with ``error`` after so many responses."""
    made = iter(range(10**6))

    def value(score: Score) -> float:
        if next(made) >= calls:
            raise error
        return float(score.strict)

    return dataclasses.replace(STRICT, value=value)


TWO_STEPS = 2 * ROLLOUTS  # each value is asked for once


def test_a_reward_that_raises_names_the_instruction_and_what_to_do(
    tmp_path: Path, whole: TrainingRun
) -> None:
    """Mistake: a traceback through TRL, and the steps before lost."""
    path = tmp_path / "steps.jsonl"
    reward = failing_after(TWO_STEPS + 3, ZeroDivisionError("division by zero"))
    with pytest.raises(
        HpptError,
        match=r"reward 'strict' failed with ZeroDivisionError: division by zero, for the "
        r"instruction '\w+' and the response '.*Correct the reward function.*make the same call",
    ):
        long_run(tmp_path / "c", reward=reward, steps_path=path)
    assert names(tmp_path / "c") == ["step-000001", "step-000002"]
    assert len(read_steps(path)) == 2
    found = long_run(tmp_path / "c", steps_path=path)
    assert found.resumed_from == 2
    assert_equal(found, whole)


def test_a_judge_that_goes_away_stops_the_run_which_goes_on_later(
    tmp_path: Path, whole: TrainingRun
) -> None:
    """Mistake: taking "no answer" for a verdict, or asking a dead judge for each response."""
    gone = HpptError("The judge at http://127.0.0.1:9 does not answer.")
    with pytest.raises(HpptError, match=r"does not answer\. The steps up to .*same call"):
        long_run(tmp_path, reward=failing_after(TWO_STEPS, gone))
    assert_equal(long_run(tmp_path), whole)


def test_without_checkpoints_no_going_on_is_promised() -> None:
    with pytest.raises(HpptError) as caught:
        long_run(reward=failing_after(TWO_STEPS, HpptError("Gone.")))
    assert str(caught.value) == "Gone."


def test_the_first_response_that_fails_is_named() -> None:
    """Mistake: the first of the batch, whichever it was."""
    inverse = dataclasses.replace(STRICT, name="inverse", value=lambda s: 1 / len(s.response))
    rewards = reward_function(inverse, tiny_instructions())
    assert rewards(["p", "p"], ["a", "bb"], ["tea", "bees"]) == [1, 0.5]
    assert rewards.__name__ == "inverse"
    with pytest.raises(HpptError, match=r"'inverse' failed with ZeroDivision.*instruction 'bees'"):
        rewards(["p", "p"], ["a", ""], ["tea", "bees"])


def test_a_reward_that_fails_for_the_batch_alone_names_them_all() -> None:
    class Judge:
        def ready(self) -> Judge:
            return self

        def verdicts(self, pairs: list[Any], thoughts: Any) -> list[Any]:
            if len(pairs) > 1:
                raise ValueError("one at a time")
            return [[]]

    alone: Any = dataclasses.replace(STRICT, judging=Judge())
    rewards = reward_function(alone, tiny_instructions())
    with pytest.raises(HpptError, match="'tea', 'bees' together"):
        rewards(["p", "p", "p"], ["a", "b", "c"], ["tea", "tea", "bees"])


def test_a_reward_is_computed_once_a_step() -> None:
    """Mistake: a reward asked again for the record, which a reward by chance would answer anew."""
    asked: list[str] = []

    def value(score: Score) -> float:
        asked.append(score.response)
        return float(len(asked) % 2)

    counting = dataclasses.replace(STRICT, name="counting", value=value)
    found = long_run(reward=counting, changes={"steps": 1})
    assert asked == [text for _, text in found.steps[0].responses]
    assert found.steps[0].reward == 0.5


def test_a_loss_that_is_no_number_leaves_the_last_good_checkpoint(tmp_path: Path) -> None:
    """Mistake: a checkpoint of nan, from which the run goes on for ever."""
    with pytest.raises(HpptError, match=r"Step (\d): .* is not a number. Lower the learning rate"):
        todo = job(settings=diverging(LONG), checkpoints=tmp_path)
        train(tiny_policy(), todo, progress=False)
    for folder in tmp_path.iterdir():
        for step in read_steps(folder / "steps.jsonl"):
            assert math.isfinite(step.gradient_norm)


def test_step_records_on_a_full_disk_are_caught_up(
    small_disk: Path, tmp_path: Path, whole: TrainingRun
) -> None:
    """Mistake: a run that dies of its log, or a file with half a line in it for ever."""
    path = small_disk / "steps.jsonl"
    filler = small_disk / "filler"

    def on_step(step: Step) -> None:
        if step.step == 1:
            filler.write_bytes(b"x" * (256 * 1024 - 3 * 4096))
            (small_disk / "rest").write_bytes(b"x" * 4096)
        elif step.step == 4:
            filler.unlink()

    with pytest.warns(UserWarning, match="is not in .*steps.jsonl.*the next step tries again"):
        found = long_run(steps_path=path, on_step=on_step, changes={"group_size": 32})
    assert len(read_steps(path)) == 5 and read_steps(path) == found.steps


# --- budgets --------------------------------------------------------------------------------------


def test_a_budget_of_samples_is_not_exceeded(tmp_path: Path, whole: TrainingRun) -> None:
    for samples, steps in ((8, 1), (23, 2), (24, 3)):
        found = long_run(budget=Budget(samples=samples))
        assert len(found.steps) == steps and found.stopped_by == "samples"
        assert comparable(found.steps) == comparable(whole.steps[:steps])


def test_a_budget_of_minutes_counts_all_calls(tmp_path: Path) -> None:
    """Mistake: a clock that starts again with each call."""
    first = long_run(tmp_path, budget=until(2))
    enough = sum(step.seconds for step in first.steps) / 60
    again = long_run(tmp_path, budget=Budget(minutes=enough))
    assert again.stopped_by == "minutes" and again.steps == first.steps


def made(seconds: float, rollouts: int = 4) -> Step:
    return Step(1, *[0.0] * 8, seconds=seconds, responses=(("a", "b"),) * rollouts)


@pytest.mark.parametrize(
    ("budget", "steps", "reached"),
    [
        (Budget(), [made(1e9)], None),
        (Budget(minutes=1), [], None),
        (Budget(minutes=1), [made(30)], None),
        (Budget(minutes=1), [made(30.1)], "minutes"),
        (Budget(minutes=1), [made(20), made(20)], None),
        (Budget(minutes=1), [made(20), made(20), made(20)], "minutes"),
        (Budget(samples=8), [made(1)], None),
        (Budget(samples=8), [made(1), made(1)], "samples"),
        (Budget(samples=7), [made(1)], "samples"),
    ],
)
def test_a_budget_stops_before_the_step_that_would_exceed_it(
    budget: Budget, steps: list[Step], reached: str | None
) -> None:
    assert budget.reached(steps) == reached


# --- what a step records --------------------------------------------------------------------------


def test_a_step_records_the_truth_and_each_constraint(whole: TrainingRun) -> None:
    """Mistake: the training reward in the truth's place."""
    never = dataclasses.replace(STRICT, name="never", value=lambda score: 0.25, truth=STRICT.value)
    found = long_run(reward=never, changes={"steps": 2})
    asked = {each.id: each for each in tiny_instructions()}
    for step in found.steps:
        assert step.reward == 0.25 and step.true_reward == step.strict
        shares: dict[str, list[bool]] = {}
        for id, text in step.responses:
            for constraint in asked[id].constraints:
                shares.setdefault(constraint.id, []).append(constraint.verifier()(text).passed)
        assert step.pass_share == {id: sum(all_) / len(all_) for id, all_ in shares.items()}
    assert whole.steps[0].true_reward is None


def test_a_step_records_where_its_time_went(whole: TrainingRun) -> None:
    for step in whole.steps:
        parts = (step.rollout_seconds, step.reward_seconds, step.training_seconds)
        assert all(part > 0 for part in parts)
        assert sum(parts) == pytest.approx(step.seconds)
        assert 50 < step.memory_mib < 100_000


def test_kl_is_recorded_when_it_is_on(whole: TrainingRun) -> None:
    assert all(step.kl is None for step in whole.steps)
    found = long_run(changes={"steps": 3, "kl_coefficient": 0.1})
    assert found.steps[0].kl == pytest.approx(0, abs=1e-6)
    assert found.steps[2].kl is not None and found.steps[2].kl > 0
