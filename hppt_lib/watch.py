"""Watching a training run: what its parts report, gathered into one `Step` at a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from hppt_lib.errors import HpptError
from hppt_lib.records import Step
from hppt_lib.rewards import Reward, Score

if TYPE_CHECKING:
    from hppt_lib.profiles import TrainingSettings


class Watch:
    """Gathers what one step's parts report, and closes the step when the trainer logs."""

    def __init__(
        self,
        settings: TrainingSettings,
        reward: Reward,
        on_step: Callable[[Step], None] | None,
    ) -> None:
        self.settings = settings
        self.reward = reward
        self.on_step = on_step
        self.steps: list[Step] = []
        self.rollout_seconds = 0.0
        self.length = 0.0
        self.responses: list[tuple[str, str]] = []
        self.scores: list[Score] = []
        self.started = time.perf_counter()

    def observe(self, ids: list[str], responses: list[str], scores: list[Score]) -> None:
        """Take a step's rollouts and what the verifiers say of them."""
        self.responses = list(zip(ids, responses, strict=True))
        self.scores = scores

    def close(self, logs: dict[str, Any]) -> None:
        """End a step with the trainer's own metrics of it.

        Raises:
            HpptError: the gradient is not a number.
        """
        values = np.array([self.reward.value(each) for each in self.scores])
        groups = values.reshape(-1, self.settings.group_size)
        now = time.perf_counter()
        step = Step(
            step=len(self.steps) + 1,
            reward=float(values.mean()),
            strict=float(np.mean([each.strict for each in self.scores])),
            guarded=float(np.mean([each.guarded for each in self.scores])),
            length=self.length,
            zero_variance=float(np.mean(groups.std(axis=1) == 0)),
            entropy=float(logs["entropy"]),
            gradient_norm=float(logs["grad_norm"]),
            rollout_seconds=self.rollout_seconds,
            seconds=now - self.started,
            responses=tuple(self.responses),
        )
        self.started = now
        self.steps.append(step)
        if not np.isfinite(step.gradient_norm):
            raise HpptError(broken(step.step, "the gradient", self.settings))
        if self.on_step is not None:
            self.on_step(step)


def broken(step: int, what: str, settings: TrainingSettings) -> str:
    """The message for a run whose numbers broke at this step."""
    return (
        f"Step {step}: {what} is not a number. Lower the learning rate (now "
        f"{settings.learning_rate}) and start again."
    )
