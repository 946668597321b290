"""lm-eval on a trained adapter: a local task, with no hub.

    python examples/lm_eval_adapter.py build/records/cpu-guarded-seed0.model

The task is the kit's minimal pairs of grammar, as lm-eval has BLiMP. With a hub, any of its tasks
takes the adapter on the command line (BASE: a folder or a hub id, as the adapter's base):

    lm-eval run --model hf --model_args pretrained=BASE,peft=build/records/cpu-guarded-seed0.model \
        --tasks blimp,hellaswag,arc_easy

Of the embedded model, BASE is ``python -c 'from hppt_lib import policy;
print(policy.embedded_folder())'``.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import lm_eval
from lm_eval.models.huggingface import HFLM
from lm_eval.tasks import TaskManager

from hppt_lib.corpus import minimal_pairs
from hppt_lib.policy import embedded_folder
from hppt_lib.policy.adapters import read_adapter


def pairs_task(path: Path, pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """A task of lm-eval whose rows are written to a file: the likelier of two texts is chosen.

    Args:
        path: of the file.
        pairs: (right, wrong).
    """
    rows = [{"right": right, "wrong": wrong} for right, wrong in pairs]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return {
        "task": "hppt_minimal_pairs",
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": {"test": str(path)}},
        "test_split": "test",
        "output_type": "multiple_choice",
        "doc_to_text": "",
        "doc_to_choice": "{{[right, wrong]}}",
        "doc_to_target": 0,
        "metric_list": [{"metric": "acc", "aggregation": "mean", "higher_is_better": True}],
    }


def evaluate(base: str, adapter: str | None, task: dict[str, Any], batch: int = 16) -> Any:
    """What lm-eval's ``simple_evaluate`` returns for a base, with an adapter on it or without.

    Args:
        base: a folder in transformers' format, or a hub id.
        adapter: the folder of an adapter.
        task: of `pairs_task`, or any other as a dict.
        batch: rows read together.
    """
    model = HFLM(pretrained=base, peft=adapter, device="cpu", dtype="float32", batch_size=batch)
    # Without lm-eval's own tasks, which take half a minute to look through.
    manager = TaskManager(include_defaults=False)
    return lm_eval.simple_evaluate(
        model=model, tasks=[task], task_manager=manager, bootstrap_iters=0
    )


if __name__ == "__main__":
    adapter = sys.argv[1]
    base = read_adapter(adapter).base
    base = str(embedded_folder()) if base == "embedded" else base
    with tempfile.TemporaryDirectory() as folder:
        pairs = [(each.right, each.wrong) for each in minimal_pairs()]
        task = pairs_task(Path(folder) / "pairs.jsonl", pairs)
        for title, on in (("base", None), ("with the adapter", adapter)):
            print(title)
            print(lm_eval.utils.make_table(evaluate(base, on, task)))
