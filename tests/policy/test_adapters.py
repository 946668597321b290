"""Adapter folders: recognised wherever a model is named, and refused in words that help."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from hppt_lib.errors import HpptError
from hppt_lib.policy import load_policy, model_dimensions, outline
from hppt_lib.policy.adapters import (
    CONFIG,
    NOTE,
    WEIGHTS,
    read_adapter,
    require_stackable,
    stacked,
)
from hppt_lib.policy.lengths import tokenizer_at_hand
from tests.helpers.tiny import tiny_folder


def lora(rank: int, **options: Any) -> Any:
    from peft import LoraConfig

    return LoraConfig(r=rank, lora_alpha=6, target_modules=["q_proj", "up_proj"], **options)


def adapted(base: Path, folder: Path, seed: int, config: Any) -> Path:
    """An adapter of ``base`` whose weights are random."""
    from peft import get_peft_model

    torch.manual_seed(seed)
    model = get_peft_model(load_policy(base).model, config)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_" in name:
                weight.normal_(std=0.3)
    model.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("adapters")
    base = tiny_folder(folder / "tiny")
    adapted(base, folder / "first", 1, lora(3))
    return folder


def logits(policy: Any) -> torch.Tensor:
    with torch.no_grad():
        return policy.model(input_ids=torch.tensor([[1, 5, 9]])).logits


def test_an_adapters_folder_is_a_model(made: Path) -> None:
    """Mistake: "it has no config.json", for what the kit itself has trained."""
    policy = load_policy(made / "first")
    assert policy.name == "tiny + first"
    assert torch.equal(logits(policy), logits(load_policy(made / "tiny", adapter=made / "first")))
    assert outline(made / "first").positions == 2048
    found = model_dimensions(made / "first")
    assert (found.name, found.layers) == ("tiny + first", 2)
    tokenizer = tokenizer_at_hand(made / "first")
    assert tokenizer is not None and tokenizer.chat_template
    with pytest.raises(HpptError, match="is an adapter itself: give its base"):
        load_policy(made / "first", adapter=made / "first")


def test_an_adapter_that_brings_a_tokenizer_is_asked_with_it(made: Path, tmp_path: Path) -> None:
    """Mistake: a base model's adapter, trained with a template of its own, asked in another."""
    folder = shutil.copytree(made / "first", tmp_path / "own")
    tokenizer: Any = load_policy(made / "tiny").tokenizer
    tokenizer.chat_template = "{{ messages[0]['content'] }}"
    tokenizer.save_pretrained(folder)
    assert load_policy(folder).tokenizer.chat_template == tokenizer.chat_template
    assert tokenizer_at_hand(folder).chat_template == tokenizer.chat_template  # type: ignore[union-attr]


def named(made: Path, folder: Path, base: Any, file: str = CONFIG) -> Path:
    """A copy of the adapter that names another base."""
    shutil.copytree(made / "first", folder)
    if file == CONFIG:
        config = json.loads((folder / CONFIG).read_text())
        (folder / CONFIG).write_text(json.dumps({**config, "base_model_name_or_path": base}))
    else:
        (folder / NOTE).write_text(json.dumps({"base": base}))
    return folder


@pytest.mark.parametrize("file", [CONFIG, NOTE])
@pytest.mark.parametrize(
    ("base", "message"),
    [
        ("/nowhere/model", "trained on the model in /nowhere/model, and there is no such folder"),
        (None, "does not say which model it belongs to"),
        ("Nobody/has-this", "Could not load has-this.*the base that the adapter .*copy names"),
        ("nonsense", "needs its base, which .* in it names. There is no model 'nonsense'"),
    ],
)
def test_a_base_that_is_not_here_is_said(
    base: str | None, message: str, file: str, made: Path, tmp_path: Path
) -> None:
    """Mistake: "there is no model", about a folder that lies before the reader's eyes."""
    folder = named(made, tmp_path / "copy", base, file)
    with pytest.raises(HpptError, match=message):
        load_policy(folder)


def test_an_adapter_of_an_adapter_is_refused(made: Path, tmp_path: Path) -> None:
    folder = named(made, tmp_path / "copy", str(made / "first"))
    with pytest.raises(HpptError, match="is an adapter itself.*hppt merge .*first --out FOLDER"):
        read_adapter(folder)


def test_a_stack_of_two_is_their_sum(made: Path, tmp_path: Path) -> None:
    """Mistake: the scale of one for both, or the ranks in another order in A than in B."""
    from peft import PeftModel
    from safetensors.torch import load_file, save_file

    from hppt_lib.policy.adapters import add_into_weights

    below = adapted(made / "tiny", tmp_path / "below", 2, lora(3, use_rslora=True))
    above = adapted(made / "tiny", tmp_path / "above", 3, lora(2))
    require_stackable(below)
    merged = add_into_weights(load_policy(below).model, below)
    assert not hasattr(merged, "peft_config")
    top = PeftModel.from_pretrained(merged, str(above))
    with torch.no_grad():
        expected = top(input_ids=torch.tensor([[1, 5, 9]])).logits
    weights, config = stacked(load_file(above / WEIGHTS), top.peft_config["default"], below)
    (tmp_path / "both").mkdir()
    save_file(weights, tmp_path / "both" / WEIGHTS)
    config.base_model_name_or_path = str(made / "tiny")
    config.save_pretrained(tmp_path / "both")
    assert config.r == 5
    torch.testing.assert_close(logits(load_policy(tmp_path / "both")), expected)


@pytest.mark.parametrize(
    "options",
    [{"use_dora": True}, {"modules_to_save": ["lm_head"]}, {"rank_pattern": {"q_proj": 1}}],
    ids=["dora", "saved modules", "ranks"],
)
def test_what_cannot_be_stacked_is_refused(
    options: dict[str, Any], made: Path, tmp_path: Path
) -> None:
    """Mistake: a sum that leaves a part of the first adapter out."""
    below = adapted(made / "tiny", tmp_path / "below", 2, lora(2, **options))
    with pytest.raises(HpptError, match=f"no plain LoRA adapter .it has {next(iter(options))}"):
        require_stackable(below)
