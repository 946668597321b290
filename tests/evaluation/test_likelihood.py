"""Surprise: a mean over the response's own tokens, under the policy that was asked for."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from hppt_lib.evaluation import Evaluated, surprise
from hppt_lib.rewards import score
from tests.helpers.tiny import thinking_policy, tiny_instructions, tiny_policy

TEA = tiny_instructions()[0]


def scored(response: str) -> Evaluated:
    return Evaluated(score(TEA, response))


def test_surprise_does_not_depend_on_the_batch() -> None:
    """Mistake: padding counted as text, or the prompt's tokens counted as the response's."""
    import torch

    policy = tiny_policy()
    rows = [scored("Tea is hot."), scored(""), scored("A much longer answer about tea " * 4)]
    alone = [surprise(policy, [each])[0] for each in rows]
    together = surprise(policy, rows, batch=3)
    assert together == pytest.approx(alone, rel=1e-4)
    assert all(each > 0 and math.isfinite(each) for each in together)
    # The mean over the response and its end token, as torch computes it.
    from hppt_lib.policy.sampling import chat_tokens

    prompt = chat_tokens(policy.tokenizer, TEA.prompt)
    answer = policy.tokenizer("Tea is hot.", add_special_tokens=False)["input_ids"]
    ids = torch.tensor([[*prompt, *answer, policy.tokenizer.eos_token_id]])
    labels = ids.clone()
    labels[:, : len(prompt)] = -100
    with torch.no_grad():
        loss = policy.model(input_ids=ids, labels=labels).loss
    assert alone[0] == pytest.approx(float(loss), rel=1e-4)


def test_surprise_is_the_same_by_the_way_that_gpus_take(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: two measures under one name. Only float32 on a CPU is read without padding."""
    policy = tiny_policy(seed=3, spread=0.5)
    texts = ["Tea is hot.", "", "Tea is hot.", "A much longer answer about tea " * 4]
    rows = [scored(each) for each in texts]
    fast = surprise(policy, rows, batch=3)
    monkeypatch.setattr("hppt_lib.policy.log_probs.is_plain", lambda model: False)
    monkeypatch.setattr("hppt_lib.policy.log_probs.token_log_probs", None)  # not to be called
    assert surprise(policy, rows, batch=3) == pytest.approx(fast, rel=1e-4)


def test_surprise_tells_a_policy_from_its_base() -> None:
    """Mistake: an adapter that is switched off and still read, or never read at all."""
    from peft import LoraConfig, get_peft_model

    policy = tiny_policy()
    adapted = get_peft_model(policy.model, LoraConfig(r=2, target_modules=["q_proj", "v_proj"]))
    policy = replace(policy, model=adapted)
    for name, value in policy.model.named_parameters():
        if "lora_B" in name:
            value.data += 0.3
    rows = [scored("Tea is hot."), scored("Tea is warm and brown.")]
    own = surprise(policy, rows)
    with policy.model.disable_adapter():
        by_base = surprise(policy, rows)
    assert all(abs(one - other) > 1e-3 for one, other in zip(own, by_base, strict=True))


def test_the_mark_that_the_template_begins_counts_once() -> None:
    """Mistake: the mark read in the prompt, and again as if the policy had written it."""
    import torch

    from hppt_lib.policy.sampling import chat_tokens

    policy = thinking_policy()
    [found] = surprise(policy, [scored("<think>\nhot tea")])
    prompt = chat_tokens(policy.tokenizer, TEA.prompt)
    end = policy.tokenizer.eos_token_id
    written = [*policy.tokenizer("hot tea", add_special_tokens=False)["input_ids"], end]
    with torch.no_grad():
        logits = policy.model(torch.tensor([[*prompt, *written]])).logits[0, len(prompt) - 1 : -1]
    expected = torch.nn.functional.cross_entropy(logits, torch.tensor(written))
    assert found == pytest.approx(float(expected), rel=1e-4)
    assert surprise(policy, []) == []
