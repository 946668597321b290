"""verl's call of the reward: keys, threads, its tables, and its own reward managers."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from hppt_lib import interop
from hppt_lib.errors import HpptError
from tests import ROOT
from tests.helpers.examples import example
from tests.interop.test_rows import IFEVAL, PROMPT, SOFT

RESPONSES = ("Tea is hot", "Tea, hot", "<think>a, b</think>Tea is hot", "")
WANTED = [1.0, 0.0, 1.0, 0.0]


def test_each_response_gets_the_same_keys_from_any_thread() -> None:
    """Mistake: a key that some rows lack (verl makes a table of them), or a race at first use."""
    truth = json.dumps(IFEVAL)
    with ThreadPoolExecutor(8) as pool:
        found = list(
            pool.map(
                lambda text: interop.compute_score(
                    data_source="ifeval",
                    solution_str=text,
                    ground_truth=truth,
                    extra_info={"num_turns": None, "rollout_reward_scores": {}},
                    reward_router_address=None,
                ),
                RESPONSES * 16,
            )
        )
    assert [each["score"] for each in found] == WANTED * 16
    assert len({tuple(each) for each in found}) == 1
    assert found[1]["constraints"] == 0.0 and "1 comma" in found[1]["reasons"]
    guarded = interop.compute_score("ifeval", PROMPT.replace(",", ""), truth, reward="guarded")
    assert guarded["acc"] == 1 and guarded["score"] == guarded["substance"] == 0, "a mere copy"


def test_what_verl_cannot_take_is_refused() -> None:
    """Mistake: NaN as a reward, which makes the whole batch's advantages NaN."""
    with pytest.raises(HpptError, match="data_source 'mine': the field 'prompt' is missing"):
        interop.compute_score("mine", "a", {**IFEVAL, "prompt": None})
    with pytest.raises(HpptError, match="missing=fail"):
        interop.compute_score("mine", "a", SOFT, reward="judged(judge=embedded, missing=drop)")


def test_rows_survive_a_parquet_file(tmp_path: Path) -> None:
    """Mistake: parameters of one row as nulls in all others, or lost."""
    other = {
        "prompt": "Bees.",
        "instruction_id_list": ["keywords:existence"],
        "kwargs": [{"keywords": ["bees"]}],
    }
    source, target = tmp_path / "rows.jsonl", tmp_path / "train.parquet"
    source.write_text("".join(json.dumps(each) + "\n" for each in (IFEVAL, other)))
    assert example("verl_reward").write_parquet(source, target) == 2
    rows = pyarrow.parquet.read_table(target).to_pylist()
    assert rows[0]["prompt"] == [{"role": "user", "content": PROMPT}]
    for row, text in zip(rows, ("Tea is hot", "Bees fly."), strict=True):
        truth = row["reward_model"]["ground_truth"]
        assert interop.compute_score(row["data_source"], text, truth)["score"] == 1
    assert json.loads(rows[1]["reward_model"]["ground_truth"])["kwargs"] == other["kwargs"]


@pytest.mark.slow
def test_verls_own_reward_managers() -> None:
    """Mistake: a function that verl's managers cannot call, or a dict that they cannot take."""
    pytest.importorskip("verl", reason="verl is not installed (pip install verl)")
    import numpy as np
    import torch
    from omegaconf import OmegaConf
    from verl import DataProto
    from verl.experimental.reward_loop.reward_manager.naive import NaiveRewardManager as InLoop
    from verl.trainer.ppo.reward import get_custom_reward_fn
    from verl.workers.reward_manager.naive import NaiveRewardManager

    class Words:
        """A tokenizer whose token is the number of a whole response."""

        def decode(self, ids: Any, skip_special_tokens: bool = True) -> str:
            """The response."""
            return RESPONSES[int(ids[0])]

    settings = OmegaConf.create(
        {
            "reward": {
                "custom_reward_function": {
                    "path": str(ROOT / "examples" / "verl_reward.py"),
                    "name": "compute_score",
                    "reward_kwargs": {"reward": "fractional"},
                }
            }
        }
    )
    call = get_custom_reward_fn(settings)
    row = interop.verl_row(IFEVAL)
    many = len(RESPONSES)
    data = DataProto.from_dict(
        tensors={
            "prompts": torch.zeros(many, 1, dtype=torch.long),
            "responses": torch.arange(many)[:, None],
            "attention_mask": torch.ones(many, 2, dtype=torch.long),
        },
        non_tensors={
            "data_source": np.array([row["data_source"]] * many, dtype=object),
            "reward_model": np.array([row["reward_model"]] * many, dtype=object),
            "extra_info": np.array([dict(row["extra_info"]) for _ in RESPONSES], dtype=object),
        },
    )
    found = NaiveRewardManager(Words(), 0, call)(data, return_dict=True)
    assert found["reward_tensor"][:, 0].tolist() == WANTED
    assert found["reward_extra_info"]["acc"] == WANTED
    assert "1 comma" in found["reward_extra_info"]["reasons"][1]

    async def in_loop() -> list[dict[str, Any]]:
        manager = InLoop(OmegaConf.create({}), Words(), call)
        manager.loop = asyncio.get_running_loop()
        return [await manager.run_single(data[place : place + 1]) for place in range(many)]

    assert [each["reward_score"] for each in asyncio.run(in_loop())] == WANTED
