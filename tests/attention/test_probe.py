"""The probe: trained without what it is tested on, and honest within types."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from hppt_lib.attention import (
    Outcomes,
    held_out_scores,
    probe_auc,
    prompt_states,
    ridge_scores,
    standardised,
)
from hppt_lib.errors import HpptError
from tests.helpers.tiny import tiny_policy


def made(rows: int = 80, seed: int = 0) -> tuple[np.ndarray, Outcomes, np.ndarray]:
    """Features of which the first tells the type, and the second, within it, the outcome."""
    random = np.random.default_rng(seed)
    features = random.normal(0, 1, (rows, 12))
    kind = random.integers(0, 2, rows)
    features[:, 0] = 5 * kind
    share = np.clip(0.2 + 0.5 * kind + 0.15 * features[:, 1], 0, 1)
    met = random.binomial(20, share)
    return features, Outcomes(met, 20 - met, tuple(f"t{each}" for each in kind)), kind


def test_the_type_alone_looks_like_knowledge_until_types_are_told_apart() -> None:
    """Mistake: a probe that knows only the type is reported as one that knows the outcome."""
    features, outcomes, kind = made()
    folds = np.arange(len(kind)) % 5
    by_type = held_out_scores(features[:, :1], outcomes.share, folds)
    assert probe_auc(by_type, outcomes, folds, within=False, draws=50).mean > 0.7
    assert probe_auc(by_type, outcomes, folds, within=True, draws=50).mean == pytest.approx(
        0.5, abs=0.06
    )
    both = held_out_scores(features, outcomes.share, folds)
    inside = probe_auc(both, outcomes, folds, within=True, draws=200)
    assert inside.low > 0.5 and inside.low < inside.mean < inside.high


def test_no_row_is_scored_by_a_probe_that_saw_it() -> None:
    """Mistake: noise is learned by heart, and the probe looks perfect."""
    random = np.random.default_rng(0)
    features = random.normal(0, 1, (60, 200))
    met = random.integers(0, 11, 60)
    outcomes = Outcomes(met, 10 - met, ("t",) * 60)
    seen = ridge_scores(features, outcomes.share, features, penalty=1e-6)
    assert probe_auc(seen, outcomes, ["all"] * 60, within=False, draws=20).mean > 0.6
    folds = np.arange(60) % 3
    held_out = held_out_scores(features, outcomes.share, folds)
    assert abs(probe_auc(held_out, outcomes, folds, within=False, draws=20).mean - 0.5) < 0.1
    with pytest.raises(HpptError, match="one part only"):
        held_out_scores(features, outcomes.share, ["t"] * 60)


def test_standardised_once_by_the_training_rows() -> None:
    """Mistake: test rows scaled by themselves, or a constant feature that becomes nan."""
    train = np.array([[0.0, 3.0], [2.0, 3.0]])
    done, test = standardised(train, np.array([[4.0, 4.0]]))
    assert done.tolist() == [[-1, 0], [1, 0]] and test.tolist() == [[3, 1]]


def test_states_are_those_of_the_last_token() -> None:
    """Mistake: the state of another token, or behind another layer."""
    policy = tiny_policy()
    states = prompt_states(policy, ["tea", "cold milk"], 1)
    ids = policy.tokenizer.apply_chat_template(
        [{"role": "user", "content": "tea"}], add_generation_prompt=True, return_tensors="pt"
    )["input_ids"]
    with torch.no_grad():
        hidden = policy.model(input_ids=ids, output_hidden_states=True).hidden_states
    assert states.shape == (2, 32)
    assert np.allclose(states[0], hidden[1][0, -1].numpy(), atol=1e-6)


def test_without_a_pair_there_is_no_auc() -> None:
    """Mistake: 0 divided by 0 in a table."""
    outcomes = Outcomes(np.ones(3), np.zeros(3), ("a", "a", "b"))
    with pytest.raises(HpptError, match="no pair"):
        probe_auc(np.arange(3.0), outcomes, ["all"] * 3, within=False)
