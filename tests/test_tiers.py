"""The tiers: chosen by argument or environment, and a wrong name is said clearly."""

from __future__ import annotations

import pytest

from hppt_lib.errors import HpptError
from hppt_lib.tiers import PROFILES, profile


def test_the_default_is_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: a default that a laptop cannot run, or one that proves nothing."""
    monkeypatch.delenv("HPPT_TIER", raising=False)
    assert profile().tier == "cpu"


def test_the_argument_beats_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: an environment variable that overrides what the caller wrote."""
    monkeypatch.setenv("HPPT_TIER", "smoke")
    assert profile().tier == "smoke"
    assert profile("cpu").tier == "cpu"


@pytest.mark.parametrize("source", ["tier", "HPPT_TIER"])
def test_an_unknown_tier_names_the_tiers(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: a KeyError, or falling back to the default without a word."""
    monkeypatch.setenv("HPPT_TIER", "gpu-3gb")
    with pytest.raises(HpptError, match=f"There is no {source} 'gpu-3gb'.*'smoke'.*'cpu'"):
        profile("gpu-3gb" if source == "tier" else None)


def test_an_empty_variable_is_no_tier(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: `HPPT_TIER= make course` fails with "no tier ''"."""
    monkeypatch.setenv("HPPT_TIER", "")
    assert profile().tier == "cpu"


@pytest.mark.parametrize("tier", PROFILES)
def test_every_tier_can_learn(tier: str) -> None:
    """Mistake: settings with which no group can have an advantage, or a batch does not divide."""
    training = profile(tier).training
    assert profile(tier).tier == tier
    training.check()
    assert training.learning_rate > 0 and training.temperature > 0


def test_smoke_is_smaller_than_cpu() -> None:
    """Mistake: a smoke tier that takes as long as the course."""
    small, real = profile("smoke").training, profile("cpu").training
    for field in ("steps", "prompts_per_step", "group_size", "max_new_tokens"):
        assert getattr(small, field) <= getattr(real, field)
