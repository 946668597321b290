"""Lengths of prompts: as they are sampled from, and refused where no response has room."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hppt_lib.errors import HpptError
from hppt_lib.instructions import shipped_instructions
from hppt_lib.policy import PromptLengths, chat_tokens, prompt_lengths
from hppt_lib.policy.lengths import positions_of, tokenizer_at_hand
from tests.helpers.tiny import tiny_instructions, tiny_policy

FOUND = PromptLengths({"a": 10, "b": 90, "c": 50}, counted=True)


def test_lengths_are_those_that_are_sampled_from() -> None:
    """Mistake: a prompt without its chat template, which may be half of it."""
    policy, many = tiny_policy(), tiny_instructions()
    found = prompt_lengths(many, policy.tokenizer)
    assert found.counted and found.tokens == {
        each.id: len(chat_tokens(policy.tokenizer, each.prompt)) for each in many
    }
    assert found.longest == "bees" and found.most == found.tokens["bees"]
    assert found.mean == sum(found.tokens.values()) / 4
    assert positions_of(policy.model) == policy.model.config.max_position_embeddings
    assert positions_of(None) is None


@pytest.mark.parametrize(("new", "fits"), [(10, True), (11, False), (60, False), (100, False)])
def test_a_prompt_that_leaves_no_room_is_refused(new: int, fits: bool) -> None:
    """Mistake: positions without those of the response; a limit that is one too low."""
    if fits:
        FOUND.require_room("tiny", 100, new)
        return
    over = sum(each > 100 - new for each in FOUND.tokens.values())
    with pytest.raises(HpptError) as error:
        FOUND.require_room("tiny", 100, new)
    said = str(error.value)
    assert "instruction 'b' has 90 tokens. tiny takes 100 in all" in said
    assert f"{over} of 3 prompts have more than the {100 - new} that" in said
    assert "lower max_new_tokens" in said


def test_what_is_not_known_refuses_nothing() -> None:
    """Mistake: an estimate, or a model that does not say its length, that ends a run."""
    FOUND.require_room("tiny", None, 10**6)
    replace(FOUND, counted=False).require_room("tiny", 100, 50)


def test_the_estimate_is_on_the_large_side(embedded_model: Path) -> None:
    """Mistake: a plan that is too small, for a model whose tokenizer is not here."""
    many = shipped_instructions("train")
    counted = prompt_lengths(many, tokenizer_at_hand("embedded"))
    estimated = prompt_lengths(many, None)
    assert not estimated.counted and "estimated from its bytes" in str(estimated)
    assert counted.most < estimated.most < 2 * counted.most
    assert counted.mean < estimated.mean < 2 * counted.mean
    assert str(counted) == "longest prompt 132 tokens ('train-1281'), 70 on average"


def test_a_tokenizer_is_taken_from_a_folder_and_never_downloaded(tmp_path: Path) -> None:
    policy = tiny_policy()
    policy.tokenizer.save_pretrained(tmp_path / "tiny")
    found = tokenizer_at_hand(tmp_path / "tiny")
    assert found is not None and chat_tokens(found, "tea") == chat_tokens(policy.tokenizer, "tea")
    assert tokenizer_at_hand(tmp_path / "none") is None
    assert tokenizer_at_hand("Nobody/has-this-model") is None
    policy.tokenizer.chat_template = None
    policy.tokenizer.save_pretrained(tmp_path / "bare")
    assert tokenizer_at_hand(tmp_path / "bare") is None
