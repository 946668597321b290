"""Watching a training run: what its parts report, gathered into one `Step` at a time."""

from __future__ import annotations

import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Instruction
from hppt_lib.records import Step
from hppt_lib.rewards import Reward, Score
from hppt_lib.training.checkpoints import step_line, write_steps

if TYPE_CHECKING:
    from hppt_lib.tiers import TrainingSettings


@dataclass(frozen=True)
class Budget:
    """Where a run stops before it has made all its steps.

    Attributes:
        minutes: of training, over all the calls that made the run. It stops before a step that
            would end later, as long as the last one took.
        samples: rollouts, over all calls. It stops before a step that would need more.
    """

    minutes: float | None = None
    samples: int | None = None

    def reached(self, steps: Sequence[Step]) -> str | None:
        """Why no further step is made: ``"minutes"``, ``"samples"``, or None."""
        if not steps:
            return None
        spent = sum(each.seconds for each in steps)
        if self.minutes is not None and spent + steps[-1].seconds > 60 * self.minutes:
            return "minutes"
        samples = sum(len(each.responses) for each in steps)
        if self.samples is not None and samples + len(steps[-1].responses) > self.samples:
            return "samples"
        return None


class Watch:
    """Gathers what one step's parts report, and closes the step when the trainer logs.

    Args:
        settings: the run's settings.
        reward: what is rewarded.
        instructions: what is trained on.
        on_step: called after each step.
        records_path: each step is appended to this file as it ends, one JSON object a line.
    """

    def __init__(
        self,
        settings: TrainingSettings,
        reward: Reward,
        instructions: Sequence[Instruction],
        on_step: Callable[[Step], None] | None = None,
        records_path: Path | None = None,
    ) -> None:
        self.settings = settings
        self.reward = reward
        self.on_step = on_step
        self.records_path = records_path
        self.steps: list[Step] = []
        self.rollout_seconds = 0.0
        self.reward_seconds = 0.0
        self.responses: list[tuple[str, str]] = []
        self.scores: list[Score] = []
        self.started = time.perf_counter()
        self._line_is_missing = False
        self._constraints = {each.id: each.constraints for each in instructions}

    def begin(self, steps: Sequence[Step]) -> None:
        """Go on after ``steps``; the file of step records then holds these, and no others.

        Raises:
            HpptError: the file cannot be written.
        """
        self.steps = list(steps)
        if self.records_path is not None:
            write_steps(self.records_path, self.steps)

    def observe(self, ids: list[str], responses: list[str], scores: list[Score]) -> None:
        """Take a step's rollouts and what the verifiers say of them."""
        self.responses = list(zip(ids, responses, strict=True))
        self.scores = scores

    def close(self, logs: dict[str, Any]) -> None:
        """End a step with the trainer's own metrics of it.

        Raises:
            HpptError: the loss or the gradient is not a number.
        """
        values = np.array([self.reward.value(each) for each in self.scores])
        groups = values.reshape(-1, self.settings.group_size)
        now = time.perf_counter()
        seconds = now - self.started
        truth = self._truth()
        step = Step(
            step=len(self.steps) + 1,
            reward=_mean(values),
            strict=float(np.mean([each.strict for each in self.scores])),
            guarded=float(np.mean([each.guarded for each in self.scores])),
            length=_number(logs["completions/mean_length"]),
            zero_variance=float(np.mean([len(set(each[~np.isnan(each)])) < 2 for each in groups])),
            entropy=_number(logs["entropy"]),
            gradient_norm=_number(logs["grad_norm"]),
            rollout_seconds=self.rollout_seconds,
            seconds=seconds,
            responses=tuple(self.responses),
            true_reward=_mean(truth) if len(truth) else None,
            pass_share=self._pass_share(),
            no_verdict=self._no_verdict(),
            kl=_number(logs["kl"]) if "kl" in logs else None,
            reward_seconds=self.reward_seconds,
            training_seconds=seconds - self.rollout_seconds - self.reward_seconds,
            memory_mib=memory_mib(),
        )
        self.started = now
        for what, value in (("the gradient", step.gradient_norm), ("the loss", logs["loss"])):
            if not np.isfinite(_number(value)):
                raise HpptError(broken(step.step, what, self.settings))
        self.steps.append(step)
        self._append(step)
        if self.on_step is not None:
            self.on_step(step)

    def _append(self, step: Step) -> None:
        if self.records_path is None:
            return
        try:
            if self._line_is_missing:
                write_steps(self.records_path, self.steps)
            else:
                with open(self.records_path, "a", encoding="utf-8", newline="\n") as stream:
                    stream.write(step_line(step))
            self._line_is_missing = False
        except (OSError, HpptError) as error:
            self._line_is_missing = True
            warnings.warn(
                f"Step {step.step} is not in {self.records_path} ({error}). Training goes on; the "
                "steps are in memory and in the checkpoints, and the next step tries again.",
                stacklevel=2,
            )

    def _truth(self) -> np.ndarray:
        """What a perfect instrument would give, where the reward is another and it is known."""
        if self.reward.truth is None:
            return np.array([])
        known = [self.reward.true_value(each) for each in self.scores]
        return np.array([each for each in known if each is not None])

    def _pass_share(self) -> dict[str, float]:
        passed: defaultdict[str, list[bool]] = defaultdict(list)
        for (id, _), score in zip(self.responses, self.scores, strict=True):
            hard = [each for each in self._constraints[id] if each.kind == "hard"]
            for constraint, verdict in zip(hard, score.verdicts, strict=True):
                passed[constraint.id].append(verdict.passed)
        return {id: float(np.mean(passed[id])) for id in sorted(passed)}

    def _no_verdict(self) -> float | None:
        asked = [each for score in self.scores for each in score.judged]
        return float(np.mean([each is None for each in asked])) if asked else None


def _mean(values: np.ndarray) -> float:
    """The mean of the rewards given; NaN, *no reward*, has no part in it."""
    given = values[~np.isnan(values)]
    return float(given.mean()) if len(given) else 0.0


def _number(value: Any) -> float:
    """TRL logs None where every value was not a number."""
    return float("nan") if value is None else float(value)


def memory_mib() -> float:
    """Memory of this process in MiB; on a GPU, the most that torch has allocated there."""
    import psutil

    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated() / 2**20
    return float(psutil.Process().memory_info().rss) / 2**20


def broken(step: int, what: str, settings: TrainingSettings) -> str:
    """The message for a run whose numbers broke at this step."""
    return (
        f"Step {step}: {what} is not a number. Lower the learning rate (now "
        f"{settings.learning_rate}) and start again."
    )
