"""Policies of random weights: of the shape that is asked for, and trainable like any other."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from hppt_lib.instructions import chosen_instructions
from hppt_lib.policy.dimensions import Dimensions
from hppt_lib.policy.random_weights import random_policy
from hppt_lib.policy.sampling import sample
from hppt_lib.rewards import noisy
from hppt_lib.tiers import TIERS
from hppt_lib.training.training_run import train
from tests.helpers.quantised import bits_of
from tests.helpers.runs import job

SHAPE = Dimensions("narrow", 2, 64, 128, 4, 2, 16, 50_000, True)


def test_it_has_the_parameters_of_its_shape() -> None:
    """Mistakes: a table that is not tied; weights that are still without memory."""
    policy = random_policy(SHAPE, device="cpu")
    assert policy.model.num_parameters() == SHAPE.parameters
    untied = random_policy(replace(SHAPE, tied=False, head_size=32), device="cpu")
    assert untied.model.num_parameters() == replace(SHAPE, tied=False, head_size=32).parameters
    for name, weight in (*policy.model.named_parameters(), *policy.model.named_buffers()):
        assert weight.device.type == "cpu" and torch.isfinite(weight).all(), name
    [[rollout, _]] = sample(
        policy.model,
        policy.tokenizer,
        ["Write about tea."],
        samples=2,
        max_new_tokens=4,
        temperature=1.0,
        seed=0,
    )
    assert len(rollout.token_ids) == 4


@pytest.mark.slow
@pytest.mark.parametrize("quantize", [False, True])
def test_it_trains(quantize: bool) -> None:
    """Mistakes: 4-bit layers that peft or TRL does not know; an adapter without a gradient."""
    policy = random_policy(SHAPE, quantize=quantize, device="cpu")
    before = bits_of(policy.model)
    assert len(before) == 14 * quantize
    todo = job(
        instructions=chosen_instructions("hard_train")[:8],
        reward=noisy(false_pass=0.5, false_fail=0.5),
        settings=replace(TIERS["smoke"].training, max_new_tokens=4),
    )
    run = train(policy, todo, progress=False)
    assert run.adapter_before != run.adapter_after and bits_of(run.policy.model) == before
