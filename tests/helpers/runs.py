"""Training runs of the tiny policy, and what two of them have in common."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hppt_lib.policy.load import Policy
from hppt_lib.records import Step
from hppt_lib.rewards import STRICT
from hppt_lib.tiers import TrainingSettings
from hppt_lib.training.settings import Budget
from hppt_lib.training.trainer import TrainingJob
from hppt_lib.training.training_run import TrainingRun, train
from tests.helpers.tiny import SETTINGS, comparable, tiny_instructions, tiny_policy

STEPS = 5  # an epoch has two steps: the run ends in its third
LONG = dataclasses.replace(SETTINGS, steps=STEPS, warmup_steps=2)
ROLLOUTS = LONG.rollouts


def job(**options: Any) -> TrainingJob:
    """Two steps of the strict reward on the tiny instructions, but for ``options``."""
    default = {
        "instructions": tiny_instructions(),
        "reward": STRICT,
        "settings": SETTINGS,
        "seed": 0,
    }
    return TrainingJob(**(default | options))


def run(seed: int = 0, policy: Policy | None = None, **changes: Any) -> TrainingRun:
    """Such a run with other settings."""
    settings = dataclasses.replace(SETTINGS, **changes)
    return train(policy or tiny_policy(), job(seed=seed, settings=settings), progress=False)


def long_run(
    folder: Path | None = None,
    *,
    policy: Policy | None = None,
    changes: dict[str, Any] | None = None,
    on_step: Callable[[Step], None] | None = None,
    **options: Any,
) -> TrainingRun:
    """A run of five steps with checkpoints in ``folder``."""
    settings = dataclasses.replace(LONG, **(changes or {}))
    todo = job(settings=settings, checkpoints=folder, **options)
    return train(policy or tiny_policy(), todo, on_step=on_step, progress=False)


def diverging(settings: TrainingSettings) -> TrainingSettings:
    """A learning rate far beyond what settings allow: the first step breaks the policy."""
    made = dataclasses.replace(settings, warmup_steps=0)
    object.__setattr__(made, "learning_rate", 1e10)
    return made


def until(steps: int) -> Budget:
    return Budget(samples=steps * ROLLOUTS)


def assert_equal(found: TrainingRun, whole: TrainingRun) -> None:
    assert comparable(found.steps) == comparable(whole.steps)
    assert found.adapter_before == whole.adapter_before
    assert found.adapter_after == whole.adapter_after


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
