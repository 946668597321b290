"""lm-eval: score responses that you have already by a task, with no model.

    python examples/lm_eval_replay.py responses.jsonl hppt_ifeval hppt_ifeval_reference ifeval

Each line has a row in IFEval's form and its ``response``. With a model, the command line is enough:

    lm-eval run --model hf --model_args pretrained=MODEL --apply_chat_template --tasks hppt_ifeval \
        --include_path "$(python -c 'from hppt_lib import interop; print(interop.lm_eval_tasks())')"
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lm_eval
from lm_eval.api.model import LM
from lm_eval.tasks import TaskManager
from lm_eval.tasks._yaml_loader import load_yaml

from hppt_lib.interop import lm_eval_tasks


class Replay(LM):
    """A model that answers each prompt with the response that it is given for it."""

    def __init__(self, rows: Sequence[dict[str, Any]]) -> None:
        super().__init__()
        self.responses = {row["prompt"]: row["response"] for row in rows}

    def generate_until(self, requests: Sequence[Any]) -> list[str]:
        """The response to each prompt."""
        return [self.responses[request.args[0]] for request in requests]

    def loglikelihood(self, requests: Sequence[Any]) -> Any:
        """Not needed for these tasks."""
        raise NotImplementedError

    def loglikelihood_rolling(self, requests: Sequence[Any]) -> Any:
        """Not needed for these tasks."""
        raise NotImplementedError


def evaluate(responses: Path, tasks: Sequence[str]) -> dict[str, Any]:
    """Score a JSONL file by tasks; the rows come from that file, and not from the hub.

    Args:
        responses: the file.
        tasks: names of tasks of the kit, and of lm-eval's own ``ifeval``.

    Returns:
        What lm-eval's ``simple_evaluate`` returns.
    """
    rows = [json.loads(line) for line in responses.read_text(encoding="utf-8").splitlines()]
    # Without its other tasks, which take half a minute to look through.
    own = Path(lm_eval.__file__).parent / "tasks" / "ifeval"
    manager = TaskManager(include_path=[lm_eval_tasks(), str(own)], include_defaults=False)
    source = {
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": {"train": str(responses)}},
    }
    from_file: list[Any] = [
        {**load_yaml(manager.task_index[task].yaml_path, resolve_func=True), **source}
        for task in tasks
    ]
    found = lm_eval.simple_evaluate(
        model=Replay(rows), tasks=from_file, task_manager=manager, bootstrap_iters=0
    )
    assert found is not None
    return found


if __name__ == "__main__":
    print(lm_eval.utils.make_table(evaluate(Path(sys.argv[1]), sys.argv[2:])))
