"""The scorer in Inspect, with Inspect's own mock model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hppt_lib import interop
from hppt_lib.rewards import judged
from tests.helpers.examples import example
from tests.helpers.judge_fakes import Fake
from tests.interop.test_rows import IFEVAL, SOFT, feels

pytestmark = pytest.mark.slow
inspect_ai = pytest.importorskip(
    "inspect_ai", reason="Inspect is not installed (pip install inspect-ai)"
)


def run(task: Any, responses: dict[str, str], folder: Path) -> Any:
    """The log of a run whose model gives the response whose key is in the prompt."""
    from inspect_ai.model import ModelOutput, ModelUsage, get_model

    def answer(messages: Any, *others: Any) -> ModelOutput:
        output = ModelOutput.from_content("mockllm/model", responses[messages[-1].text[:1]])
        output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
        return output

    model = get_model("mockllm/model", custom_outputs=answer)
    [log] = inspect_ai.eval(task, model=model, log_dir=str(folder), display="none")
    assert log.status == "success", log.error
    return log


RESPONSES = {"A": "Tea is hot", "B": "Tea, hot", "C": "<think>a, b</think>Tea is hot", "D": ""}


def test_a_task_of_raw_rows(tmp_path: Path) -> None:
    """Mistake: thoughts that are scored, a blank answer that passes, reasons that are lost."""
    rows = tmp_path / "rows.jsonl"
    lines = [{**IFEVAL, "key": name, "prompt": f"{name} {IFEVAL['prompt']}"} for name in RESPONSES]
    rows.write_text("".join(json.dumps(each) + "\n" for each in lines))
    log = run(example("inspect_task").ifeval_rows(str(rows)), RESPONSES, tmp_path)
    scores = {sample.id: sample.scores["hppt"] for sample in log.samples}
    assert {name: each.value for name, each in scores.items()} == {"A": 1, "B": 0, "C": 1, "D": 0}
    assert "1 comma" in scores["B"].explanation and scores["C"].answer == "Tea is hot"
    assert log.results.scores[0].metrics["accuracy"].value == 0.5


def test_no_verdict_is_unscored(tmp_path: Path) -> None:
    """Mistake: a judge that could not answer lowers the accuracy."""
    from inspect_ai import Task
    from inspect_ai.dataset import Sample

    responses = {"A": "warm tea", "B": "cold tea", "C": "odd tea"}
    samples = [
        Sample(
            id=name, input=f"{name} {SOFT['prompt']}", metadata={"constraints": SOFT["constraints"]}
        )
        for name in responses
    ]
    reward = judged(judge=Fake(feels), missing="drop")
    log = run(Task(samples, scorer=interop.inspect_scorer(reward)), responses, tmp_path)
    [result] = log.results.scores
    assert (result.scored_samples, result.unscored_samples) == (2, 1)
    assert result.metrics["accuracy"].value == 0.5
