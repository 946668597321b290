"""Inspect: a task of rows in IFEval's form, scored by a reward of the kit.

inspect eval examples/inspect_task.py --model openai/MODEL -T rows=rows.jsonl -T reward=guarded
"""

from __future__ import annotations

from inspect_ai import Task, task
from inspect_ai.dataset import FieldSpec, json_dataset
from inspect_ai.solver import generate

from hppt_lib.interop import inspect_scorer


@task
def ifeval_rows(rows: str, reward: str = "strict") -> Task:
    """Each line of the file: ``key``, ``prompt``, ``instruction_id_list``, ``kwargs``."""
    fields = FieldSpec(
        input="prompt", id="key", metadata=["prompt", "instruction_id_list", "kwargs"]
    )
    return Task(json_dataset(rows, fields), solver=generate(), scorer=inspect_scorer(reward))
