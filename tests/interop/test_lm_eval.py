"""The tasks for lm-eval: what they score, and that lm-eval's own IFEval agrees with them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from hppt_lib import interop, scoring
from hppt_lib.errors import HpptError
from hppt_lib.files import read_jsonl
from tests.helpers.examples import example
from tests.interop.test_rows import IFEVAL, PROMPT
from tests.measure.real_responses import response_files, what_is_missing

METRICS = [
    f"{level}_level_{kind}_acc" for kind in ("strict", "loose") for level in ("prompt", "inst")
]


def test_the_metrics_of_a_response() -> None:
    """Mistake: thoughts scored by the reading text, or a guard left out of it."""
    thinks = "<think>a, b</think>Tea is hot"
    text = interop.lm_eval_metrics(IFEVAL, [thinks])
    assert [text[name] for name in METRICS] == [True, [True, True]] * 2
    whole = interop.lm_eval_metrics(IFEVAL, [thinks], "reference")
    assert whole["inst_level_strict_acc"] == [False, True] and set(whole) == set(METRICS)
    copied = interop.lm_eval_metrics(IFEVAL, [PROMPT])
    assert copied["prompt_level_strict_acc"] and not copied["prompt_level_guarded_acc"]
    loose = interop.lm_eval_metrics(IFEVAL, ["Sure, here:\nTea is hot"])
    assert (loose["prompt_level_strict_acc"], loose["prompt_level_loose_acc"]) == (False, True)
    assert interop.pooled([[True], [False, False, False]]) == 0.25, "not the mean of means"
    with pytest.raises(HpptError, match="'kwargs' is missing"):
        interop.lm_eval_metrics({"prompt": "a", "instruction_id_list": ["a"]}, ["b"])


class Functions(yaml.SafeLoader):
    """Reads lm-eval's ``!function`` as text."""


Functions.add_constructor("!function", lambda loader, node: node.value)


def test_each_metric_of_a_task_is_computed() -> None:
    """Mistake: a task that names a metric or a function that is not there."""
    tasks = sorted(Path(interop.lm_eval_tasks()).glob("*.yaml"))
    assert len(tasks) == 4
    for path in tasks:
        task = yaml.load(path.read_text(), Functions)
        reading = "reference" if path.stem.endswith("_reference") else "text"
        assert task["task"] == path.stem
        assert task["process_results"].endswith("_reference") == (reading == "reference")
        computed = interop.lm_eval_metrics(IFEVAL, ["a"], reading)
        assert {each["metric"] for each in task["metric_list"]} == set(computed)


def mixed_rows(files: list[Path]) -> Iterator[dict[str, Any]]:
    """Every third prompt with its response, from one model after the other.

    Without those that ask for a sign that is no letter: in its place lm-eval draws one at random.
    """
    for place, together in enumerate(
        zip(*([row for _, row in read_jsonl(path)] for path in files), strict=True)
    ):
        row = together[place % len(files)]
        letters = [each.get("letter") or "a" for each in row["kwargs"]]
        if place % 3 == 0 and all(letter.isascii() and letter.isalpha() for letter in letters):
            names = ("key", "prompt", "instruction_id_list", "kwargs", "response")
            yield {name: row[name] for name in names}


@pytest.mark.slow
def test_lm_evals_own_task_agrees(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: a parameter lost on the way through a table, or another rule than the reference."""
    pytest.importorskip("lm_eval", reason="lm-eval is not installed (pip install lm-eval[ifeval])")
    files = response_files()
    if not files:
        pytest.skip(what_is_missing())
    import langdetect
    import nltk
    from lm_eval.loggers import EvaluationTracker

    try:
        nltk.data.find("tokenizers/punkt_tab")
    except LookupError:  # the package punkt cuts sentences at the same places
        import punkt

        monkeypatch.setattr(nltk, "download", lambda *names, **options: True)
        tokenizer = punkt.tokenizer_for("english")
        monkeypatch.setattr(
            nltk.tokenize,
            "sent_tokenize",
            lambda text, language="english": tokenizer.tokenize(text),
        )
        from lm_eval.tasks.ifeval import instructions_util

        monkeypatch.setattr(instructions_util, "_get_sentence_tokenizer", lambda: tokenizer)
    monkeypatch.setattr(langdetect.DetectorFactory, "seed", 0)  # it draws at random
    rows = list(mixed_rows(files))
    assert len(rows) > 150
    source = tmp_path / "responses.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = example("lm_eval_replay").evaluate(source, ["hppt_ifeval_reference", "ifeval"])
    ours, theirs = (found["samples"][task] for task in ("hppt_ifeval_reference", "ifeval"))
    differ = [
        (mine["doc"]["key"], name, mine[name], other[name])
        for mine, other in zip(ours, theirs, strict=True)
        for name in METRICS
        if mine[name] != other[name]
    ]
    assert differ == []
    # And what lm-eval writes of its own task is read back as the same scores.
    tracker = EvaluationTracker(output_path=str(tmp_path / "written"))
    samples = found.pop("samples")
    tracker.general_config_tracker.model_name_sanitized = "replay"
    tracker.save_results_aggregated(results=found, samples=samples)
    tracker.save_results_samples(task_name="ifeval", samples=samples["ifeval"])
    [written] = (tmp_path / "written").rglob("samples_*.jsonl")
    card = scoring.score_file(written, reading="reference")
    assert card.rates()[card.PROMPTS][0].mean == pytest.approx(
        found["results"]["ifeval"]["prompt_level_strict_acc,none"]
    )
    for name in METRICS:
        results = found["results"]
        mine, other = (
            results[task][f"{name},none"] for task in ("hppt_ifeval_reference", "ifeval")
        )
        assert mine == other and 0.2 < mine < 0.95


@pytest.mark.slow
def test_lm_eval_reads_a_trained_adapter_as_the_kit_does(tmp_path: Path) -> None:
    """Mistake: an adapter folder that lm-eval cannot load, or that it loads and does not use."""
    pytest.importorskip("lm_eval", reason="lm-eval is not installed (pip install lm-eval[hf])")
    from peft import LoraConfig, get_peft_model

    from hppt_lib import load_policy
    from hppt_lib.policy import response_log_probs
    from tests.helpers.tiny import tiny_folder, tiny_policy

    base, adapter = tiny_folder(tmp_path / "base"), tmp_path / "adapter"
    adapted = get_peft_model(
        tiny_policy().model, LoraConfig(r=2, target_modules=["q_proj", "v_proj"])
    )
    for name, value in adapted.named_parameters():
        if "lora_B" in name:
            value.data += 0.5
    adapted.save_pretrained(adapter)
    run = example("lm_eval_adapter")
    pairs = [("tea milk hot", "hot milk tea"), ("sweet green leaf", "leaf sweet green")]
    task = run.pairs_task(tmp_path / "pairs.jsonl", pairs)
    likelihoods = {}
    for on in (None, str(adapter)):
        found = run.evaluate(str(base), on, task, batch=2)["samples"]["hppt_minimal_pairs"]
        likelihoods[on] = [reply[0] for each in found for reply in each["filtered_resps"]]
    policy = load_policy(base, adapter=adapter)
    end = [policy.tokenizer.eos_token_id]  # which lm-eval puts before a text without context
    rows = [(end, policy.tokenizer(each)["input_ids"]) for pair in pairs for each in pair]
    ours = [float(each.sum()) for each in response_log_probs(policy.model, rows)]
    assert [float(each) for each in likelihoods[str(adapter)]] == pytest.approx(ours, abs=1e-3)
    assert [float(each) for each in likelihoods[None]] != pytest.approx(ours, abs=1e-3)
