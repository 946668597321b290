"""GRPO with TRL on raw rows of IFEval's form. Of the kit there is the reward, and nothing else.

    pip install '.[train]'
    python examples/trl_grpo.py rows.jsonl MODEL

Each line of the file has ``prompt``, ``instruction_id_list`` and ``kwargs``. The reasons for each
reward are in the column "strict: reasons" of the completions that TRL writes to OUTPUT/completions
and, with ``--report-to trackio``, sends to a dashboard.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from datasets import Dataset
from trl import GRPOConfig, GRPOTrainer

from hppt_lib.interop import trl_reward


def train(
    model: Any,
    rows: Sequence[Mapping[str, Any]],
    output: str | Path,
    *,
    reward: str = "strict",
    tokenizer: Any = None,
    **settings: Any,
) -> GRPOTrainer:
    """Train a model on rows of IFEval's form; settings are those of TRL's `GRPOConfig`."""
    chats = [
        {
            "prompt": [{"role": "user", "content": row["prompt"]}],
            "instruction_id_list": row["instruction_id_list"],
            # As text: a table fills each object with null for the parameters of all others, and
            # takes no parameter that is text in one row and a list in another.
            "kwargs": json.dumps(row["kwargs"]),
        }
        for row in rows
    ]
    trainer = GRPOTrainer(
        model=model,
        processing_class=tokenizer,
        reward_funcs=trl_reward(reward),
        train_dataset=Dataset.from_list(chats),
        args=GRPOConfig(output_dir=str(output), log_completions=True, **settings),
    )
    trainer.train()
    return trainer


def main() -> None:
    """Read the command line, and train."""
    parser = argparse.ArgumentParser()
    parser.add_argument("rows", type=Path)
    parser.add_argument("model")
    parser.add_argument("--output", default="build/trl")
    parser.add_argument("--reward", default="strict")
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--report-to", default="none")
    given = parser.parse_args()
    rows = [json.loads(line) for line in given.rows.read_text(encoding="utf-8").splitlines()]
    train(
        given.model,
        rows,
        given.output,
        reward=given.reward,
        max_steps=given.steps,
        report_to=given.report_to,
    )


if __name__ == "__main__":
    main()
