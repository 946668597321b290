"""The record of one optimiser step, from what its rollouts earned and what TRL measured."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from hppt_lib.errors import HpptError
from hppt_lib.records import Step, step_line, write_steps
from hppt_lib.rewards.rewarded import Rewarded
from hppt_lib.rewards.scores import pass_share
from hppt_lib.sandbox import Outcome


@dataclass(frozen=True)
class Seconds:
    """The seconds of a step, by what it spent them on.

    Attributes:
        whole: of the step.
        rollout: of sampling.
        reward: of the rewards; the rest is training.
    """

    whole: float
    rollout: float
    reward: float


def step_record(
    number: int,
    rollouts: Sequence[Rewarded],
    logs: Mapping[str, Any],
    *,
    group_size: int,
    seconds: Seconds,
    entropies: Sequence[float] = (),
) -> Step:
    """The record of a step.

    Args:
        number: 1 for the first step.
        rollouts: all of the step's, one group after the other.
        logs: the trainer's own metrics of the step, as TRL calls them.
        group_size: rollouts of a group.
        seconds: where the time went.
        entropies: at every token that was sampled, from the sampler. Empty where another one
            samples (vLLM): then it is the trainer's, which knows of the rows that it trains on.
    """
    values = np.array([each.value for each in rollouts])
    groups = values.reshape(-1, group_size)
    truths = np.array([each.truth for each in rollouts if each.truth is not None])
    missing = _missing_verdicts(rollouts)
    return Step(
        step=number,
        reward=_mean(values),
        strict=float(np.mean([each.score.strict for each in rollouts])),
        guarded=float(np.mean([each.score.guarded for each in rollouts])),
        length=_number(logs["completions/mean_length"]),
        zero_variance=float(np.mean([len(set(group[~np.isnan(group)])) < 2 for group in groups])),
        entropy=float(np.mean(entropies)) if len(entropies) else _number(logs["entropy"]),
        entropy_of="all" if len(entropies) else "trained",
        gradient_norm=_number(logs["grad_norm"]),
        rollout_seconds=seconds.rollout,
        seconds=seconds.whole,
        responses=tuple((each.instruction.id, each.score.response) for each in rollouts),
        true_reward=_mean(truths) if len(truths) else None,
        pass_share=pass_share([each.score for each in rollouts]),
        no_verdict=float(np.mean(missing)) if missing else None,
        kl=_number(logs["kl"]) if "kl" in logs else None,
        reward_seconds=seconds.reward,
        training_seconds=seconds.whole - seconds.rollout - seconds.reward,
        memory_mib=_memory_mib(),
        cut=_number(logs["completions/clipped_ratio"]),
    )


class StepFile:
    """A file to which each step is appended as it ends, one JSON object a line.

    Args:
        path: the file; it is made to hold ``steps`` and no others.
        steps: those that are done already.

    Raises:
        HpptError: the file cannot be written.
    """

    def __init__(self, path: Path, steps: Sequence[Step]) -> None:
        self.path = path
        self._is_behind = False
        write_steps(path, steps)

    def append(self, steps: Sequence[Step]) -> None:
        """Add the newest step to the file. A full disk is a warning."""
        try:
            if self._is_behind:
                write_steps(self.path, steps)
            else:
                with open(self.path, "a", encoding="utf-8", newline="\n") as stream:
                    stream.write(step_line(steps[-1]))
            self._is_behind = False
        except (OSError, HpptError) as error:
            self._is_behind = True
            warnings.warn(
                f"Step {steps[-1].step} is not in {self.path} ({error}). Training goes on; the "
                "steps are in memory and in the checkpoints, and the next step tries again.",
                stacklevel=2,
            )


def _missing_verdicts(rollouts: Sequence[Rewarded]) -> list[bool]:
    """Whether it is missing, for each verdict of a judge or of a data set's own code."""
    found = [verdict is None for each in rollouts for verdict in each.score.judged]
    for each in rollouts:
        found += [v.passed is None for v in each.score.verdicts if isinstance(v, Outcome)]
    return found


def _mean(values: np.ndarray) -> float:
    """The mean of the rewards given; NaN, *no reward*, has no part in it."""
    given = values[~np.isnan(values)]
    return float(given.mean()) if len(given) else 0.0


def _number(value: Any) -> float:
    """TRL logs None where every value was not a number."""
    return float("nan") if value is None else float(value)


def _memory_mib() -> float:
    """Memory of this process in MiB; on a GPU, the most that torch has allocated there."""
    import psutil

    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated() / 2**20
    return float(psutil.Process().memory_info().rss) / 2**20
