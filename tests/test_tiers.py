"""The tiers: chosen by argument or environment, and a wrong name is said clearly."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from hppt_lib.errors import HpptError
from hppt_lib.tiers import TIERS, TrainingSettings, tier


def test_the_default_is_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: a default that a laptop cannot run, or one that proves nothing."""
    monkeypatch.delenv("HPPT_TIER", raising=False)
    assert tier().name == "cpu"


def test_the_argument_beats_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: an environment variable that overrides what the caller wrote."""
    monkeypatch.setenv("HPPT_TIER", "smoke")
    assert tier().name == "smoke"
    assert tier("cpu").name == "cpu"


@pytest.mark.parametrize("source", ["tier", "HPPT_TIER"])
def test_an_unknown_tier_names_the_tiers(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: a KeyError, or falling back to the default without a word."""
    monkeypatch.setenv("HPPT_TIER", "gpu-3gb")
    with pytest.raises(HpptError, match=f"There is no {source} 'gpu-3gb'.*'smoke'.*'cpu'"):
        tier("gpu-3gb" if source == "tier" else None)


def test_an_empty_variable_is_no_tier(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: `HPPT_TIER= make course` fails with "no tier ''"."""
    monkeypatch.setenv("HPPT_TIER", "")
    assert tier().name == "cpu"


@pytest.mark.parametrize("name", TIERS)
def test_a_tier_carries_its_name(name: str) -> None:
    """Mistake: a tier copied in the table under another's name."""
    assert tier(name).name == name


WRONG = [
    ({"group_size": 1}, "'group_size' is 1; it must be from 2 to 10000"),
    ({"steps": "many"}, "'steps' must be a whole number, found 'many'"),
    ({"learning_rate": float("nan")}, "'learning_rate' is nan; it must be from 1e-12 to 1"),
    ({"micro_batch": 5}, "A step has 4 × 8 = 32 rollouts, which micro_batch = 5 does not divide"),
    ({"vllm": ""}, "'vllm' is empty"),
    ({"stepz": 1}, "'stepz' is no setting"),
]


@pytest.mark.parametrize(("change", "message"), WRONG)
def test_settings_are_checked_when_they_are_made(change: dict[str, Any], message: str) -> None:
    """Mistake: a limit that the command line keeps and a notebook does not."""
    with pytest.raises(HpptError, match=message):
        dataclasses.replace(TIERS["cpu"].training, **change)


def test_settings_are_plain_values_again() -> None:
    """Mistake: settings that a record cannot hold, or holds otherwise than before."""
    training = TIERS["cpu"].training
    row = json.loads(json.dumps(dataclasses.asdict(training)))
    assert TrainingSettings(**row) == training
    assert row["learning_rate"] == 1e-3 and row["vllm"] == "off"


def test_smoke_is_smaller_than_cpu() -> None:
    """Mistake: a smoke tier that takes as long as the course."""
    small, real = tier("smoke").training, tier("cpu").training
    for field in ("steps", "prompts_per_step", "group_size", "max_new_tokens"):
        assert getattr(small, field) <= getattr(real, field)
