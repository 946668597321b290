"""verl: the reward function, and the Parquet file that it goes with.

    python examples/verl_reward.py rows.jsonl train.parquet
    python -m verl.trainer.main_ppo algorithm.adv_estimator=grpo data.train_files=train.parquet \
        reward.custom_reward_function.path=examples/verl_reward.py \
        reward.custom_reward_function.name=compute_score ...

Another reward of the kit: ``+reward.custom_reward_function.reward_kwargs.reward=guarded``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from hppt_lib.interop import compute_score, verl_row

__all__ = ["compute_score"]  # verl looks for it in this file


def write_parquet(rows: Path, parquet: Path) -> int:
    """Write a JSONL file of IFEval's form as verl reads it; returns the number of rows."""
    import pyarrow
    import pyarrow.parquet

    lines = rows.read_text(encoding="utf-8").splitlines()
    made = [verl_row(json.loads(line), data_source=rows.stem) for line in lines]
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(made), parquet)
    return len(made)


if __name__ == "__main__":
    print(write_parquet(Path(sys.argv[1]), Path(sys.argv[2])), "rows")
