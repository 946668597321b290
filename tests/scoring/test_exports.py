"""Scores written for lm-eval and Inspect: their own programs read them, and nothing is lost."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from hppt_lib import scoring
from hppt_lib.errors import HpptError
from tests.scoring.test_forms import DOC, OTHER, write

ROWS = [
    DOC | {"response": "Tea is hot"},
    DOC | {"response": "Sure, here:\nTea is hot"},
    OTHER | {"response": None},
]


def exported(tmp_path: Path) -> tuple[Path, Path, scoring.Scorecard]:
    """The folder for lm-eval, the file for Inspect, and the scorecard."""
    path = write(tmp_path / "in.jsonl", *ROWS)
    exports = [
        scoring.LmEvalExport(tmp_path / "lm", "org/model:1"),
        scoring.InspectExport(tmp_path / "scores.jsonl"),
    ]
    card = scoring.score_file(path, exports=exports)
    return tmp_path / "lm" / "org__model__1", tmp_path / "scores.jsonl", card


def test_lm_evals_files_hold_the_scores(tmp_path: Path) -> None:
    """Mistake: samples that do not lead back to the same scores, or rates of other rows."""
    folder, _, card = exported(tmp_path)
    [results] = folder.glob("results_*.json")
    [samples] = folder.glob("samples_hppt_ifeval_*.jsonl")
    assert results.stem.removeprefix("results") in samples.stem
    found = json.loads(results.read_text())
    metrics = found["results"]["hppt_ifeval"]
    assert metrics["prompt_level_strict_acc,none"] == pytest.approx(1 / 3)
    assert metrics["prompt_level_loose_acc,none"] == pytest.approx(2 / 3)
    assert metrics["inst_level_strict_acc,none"] == pytest.approx(3 / 5), "pooled over constraints"
    assert metrics["prompt_level_strict_acc_stderr,none"] == pytest.approx(1 / 3)
    assert found["n-samples"]["hppt_ifeval"] == {"original": 3, "effective": 3}
    assert found["hppt"] == json.loads(json.dumps(card.as_json()))
    again = scoring.score_file(samples)
    assert again.rates() == card.rates()
    lines = [json.loads(line) for line in samples.read_text().splitlines()]
    assert [each["doc_id"] for each in lines] == [0, 1, 2]
    assert lines[1]["inst_level_strict_acc"] == [False, True]
    assert "1 comma" in lines[1]["reasons"][0]


def test_inspects_scores_are_told_apart(tmp_path: Path) -> None:
    """Mistake: the second response to a prompt overwrites the first, or two prompts share a key."""
    _, scores, _ = exported(tmp_path)
    lines = [json.loads(line) for line in scores.read_text().splitlines()]
    assert [(each["id"], each["epoch"], each["value"]) for each in lines] == [
        (7, 1, 1.0),
        (7, 2, 0.0),
        ("8", 1, 0.0),
    ]
    assert lines[1]["explanation"].startswith("failed punctuation:no_comma: 1 comma")
    path = write(tmp_path / "in.jsonl", ROWS[0], ROWS[2] | {"key": 7})
    before = sorted(os.listdir(tmp_path))
    with pytest.raises(HpptError, match="in.jsonl, line 2: the field 'key': 7 is the key of two"):
        scoring.score_file(path, exports=[scoring.InspectExport(tmp_path / "new.jsonl")])
    assert sorted(os.listdir(tmp_path)) == before, "nothing half-written"
    with pytest.raises(HpptError, match="ends in .jsonl"):
        scoring.InspectExport("scores.csv")


@pytest.mark.slow
def test_lm_eval_shows_the_results(tmp_path: Path) -> None:
    """Mistake: a field that lm-eval's table and its look for the newest files do not find."""
    pytest.importorskip("lm_eval", reason="lm-eval is not installed (pip install lm-eval)")
    from lm_eval import utils

    folder, _, _ = exported(tmp_path)
    names = [str(each) for each in folder.iterdir()]
    [results] = utils.get_results_filenames(names)
    [samples] = utils.get_sample_results_filenames(names)
    assert utils.get_file_task_name(Path(samples).name) == "hppt_ifeval"
    assert f"{utils.get_file_datetime(samples)}.json" == utils.get_file_datetime(results)
    table = utils.make_table(json.loads(Path(results).read_text()))
    assert "prompt_level_strict_acc" in table and "0.3333" in table


@pytest.mark.slow
def test_inspect_applies_the_scores(tmp_path: Path) -> None:
    """Mistake: ids or epochs that match no sample, which Inspect leaves unscored without a word."""
    inspect_ai = pytest.importorskip(
        "inspect_ai", reason="Inspect is not installed (pip install inspect-ai)"
    )
    from inspect_ai.dataset import Sample
    from inspect_ai.scorer import precomputed_scores
    from inspect_ai.solver import solver

    @solver
    def nothing() -> Any:
        async def solve(state: Any, generate: Any) -> Any:
            return state

        return solve

    _, scores, _ = exported(tmp_path)
    samples = [Sample(id=row["key"], input=row["prompt"]) for row in (DOC, OTHER)]
    task = inspect_ai.Task(
        samples, solver=nothing(), scorer=precomputed_scores(str(scores)), epochs=2
    )
    [log] = inspect_ai.eval(task, model="mockllm/model", log_dir=str(tmp_path), display="none")
    assert log.status == "success", log.error
    values = {
        (sample.id, sample.epoch): (sample.scores or {})["precomputed_scores"].value
        for sample in log.samples
        if sample.scores and "precomputed_scores" in sample.scores
    }
    assert {key: value for key, value in values.items() if value == value} == {
        (7, 1): 1.0,
        (7, 2): 0.0,
        ("8", 1): 0.0,
    }
