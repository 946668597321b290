"""The reward function for TRL: its signature, its logs, a run with nothing else of the kit."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pandas
import pytest

from hppt_lib import interop
from hppt_lib.errors import HpptError
from hppt_lib.rewards import judged
from tests.helpers.examples import example
from tests.helpers.judge_fakes import Fake
from tests.interop.test_rows import SOFT, feels

NO_COMMA = ["punctuation:no_comma"]


def called(reward: Any, completions: list[Any], **columns: Any) -> tuple[list[Any], dict, dict]:
    """Rewards, columns and curves, called as TRL 1.16 calls it."""
    extra: dict[str, list[Any]] = {}
    metrics: dict[str, float] = {}
    many = len(completions)
    given = {
        "instruction_id_list": [NO_COMMA] * many,
        "kwargs": [[{"num_words": None}]] * many,
        "key": list(range(many)),
        "trainer_state": None,
        "log_extra": lambda column, values: extra.setdefault(column, []).extend(values),
        "log_metric": metrics.__setitem__,
    }
    rewards = interop.trl_reward(reward)(
        prompts=[[{"role": "user", "content": "Is tea hot?"}]] * many,
        completions=completions,
        completion_ids=[[1]] * many,
        **(given | columns),
    )
    return rewards, extra, metrics


def test_text_and_messages_are_rewarded_and_explained() -> None:
    """Mistake: a row's reasons beside another row, or a rate of constraints for one of rows."""
    completions = ["Tea is hot", [{"role": "assistant", "content": "Yes, hot"}], "", []]
    rewards, extra, metrics = called("strict", completions)
    assert rewards == [1, 0, 0, 0]
    assert [each.split(":")[0] for each in extra["strict: reasons"]] == [
        "passed punctuation",
        *["failed punctuation"] * 3,
    ]
    assert metrics["strict/all_constraints"] == metrics["strict/each_constraint"] == 0.25
    assert interop.trl_reward("guarded").__name__ == "guarded"


def test_no_verdict_is_no_reward() -> None:
    """Mistake: a judge that could not answer pays 0, and TRL counts it into the group's mean."""
    reward = judged(judge=Fake(feels), missing="drop")
    soft = [SOFT["constraints"]] * 3
    columns = {"instruction_id_list": [None] * 3, "constraints": soft}
    rewards, extra, metrics = called(reward, ["warm tea", "cold tea", "odd tea"], **columns)
    assert rewards == [1, 0, None]
    assert extra[f"{reward.name}: reasons"][2] == "no verdict, says the judge"
    assert f"{reward.name}/each_constraint" not in metrics, "no verifier had a say"


def test_a_bad_row_stops_the_run_with_its_place() -> None:
    """Mistake: a row that cannot be verified earns 0, and the policy is trained on it."""
    with pytest.raises(HpptError, match="row 2 of the batch: 'instruction_id_list' has 1"):
        called("strict", ["a", "b"], kwargs=[[None], []])


@pytest.mark.slow
def test_grpo_trains_on_raw_rows(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Mistake: a signature that TRL does not call, columns it drops, or logs that do not fit."""
    from tests.helpers.tiny import tiny_policy

    policy = tiny_policy()
    before = policy.model.lm_head.weight.detach().clone()
    rows = [
        {"prompt": "Write about tea .", "instruction_id_list": NO_COMMA, "kwargs": [None]},
        {
            "prompt": "Write about bees .",
            "instruction_id_list": [*NO_COMMA, "keywords:existence"],
            "kwargs": [{}, {"keywords": ["bees"]}],
        },
    ]
    with caplog.at_level(logging.ERROR):
        trainer = example("trl_grpo").train(
            policy.model,
            rows,
            tmp_path,
            tokenizer=policy.tokenizer,
            reward="fractional",
            max_steps=2,
            per_device_train_batch_size=8,
            num_generations=4,
            max_completion_length=10,
            learning_rate=1e-2,
            logging_steps=1,
            report_to="none",
            save_strategy="no",
            use_cpu=True,
            bf16=False,
        )
    assert trainer.state.global_step == 2
    assert not before.equal(policy.model.lm_head.weight), "something was learned"
    logs = [each for each in trainer.state.log_history if "reward" in each]
    assert len(logs) == 2 and {"rewards/fractional/mean", "fractional/all_constraints"} <= set(
        logs[0]
    )
    for step in (1, 2):
        table = pandas.read_parquet(tmp_path / "completions" / f"completions_{step:05d}.parquet")
        assert len(table) == 8
        for _, row in table.iterrows():
            lines = row["fractional: reasons"].splitlines()
            passed = [line.startswith("passed") for line in lines]
            assert row["fractional"] == pytest.approx(sum(passed) / len(passed))
            assert len(lines) == (2 if "bees" in row["prompt"][0]["content"] else 1)
