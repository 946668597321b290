"""What each process of tests/training/test_processes.py does, and one process alone there.

Sampling is replaced by a script that knows nothing of processes, so that two processes have the
rollouts of one between them. Everything after it is the real path.
"""

from __future__ import annotations

import dataclasses
import os
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from hppt_lib.machine import is_main_process
from hppt_lib.policy.speedups import SpeedUps
from hppt_lib.tiers import TrainingSettings
from hppt_lib.training import trainer, training_run
from hppt_lib.training.settings import Budget
from hppt_lib.training.trainer import Trainer
from hppt_lib.training.training_run import TrainingRun
from tests.helpers import tiny
from tests.helpers.runs import job
from tests.helpers.tiny import WORDS, tiny_policy

SETTINGS = dataclasses.replace(tiny.SETTINGS, steps=1, prompts_per_step=4)
CASES: dict[str, dict[str, Any]] = {
    "every speed-up": {},
    "no speed-up": {"speed_ups": SpeedUps.none()},
    "with KL": {"kl_coefficient": 0.1},
    "one micro-batch": {"micro_batch": 16},
    "a micro-batch of one": {"micro_batch": 1},
}
IDLE = ("tea", "bees")  # groups in which every response earns the same


def scripted(
    model: Any, prompt_ids: Sequence[Sequence[int]], *, samples: int, **others: Any
) -> list[list[int]]:
    """Responses that depend on the prompt and on nothing else."""
    made = []
    for ids in prompt_ids:
        chance = random.Random(repr(list(ids)))
        about = [WORDS[each] for each in ids]
        idle = any(word in about for word in IDLE) and "any" in about and "cup" not in about
        for sample in range(samples):
            words = chance.choices(WORDS[:20], k=chance.randint(1, 9))
            if sample % 2 and not idle:
                words[0] = ","
            made.append([WORDS.index(word) for word in [*words, "<end>"]])
    return made


def gradient_of(speed_ups: SpeedUps | None = None, **changes: Any) -> dict[str, Any]:
    """One step: the gradient that the optimiser gets, and what the step's record says."""
    from transformers import TrainerCallback

    found: dict[str, Any] = {}

    class Capture(TrainerCallback):
        def on_pre_optimizer_step(
            self, args: Any, state: Any, control: Any, model: Any = None, **kwargs: Any
        ) -> None:
            found["gradient"] = torch.cat(
                [
                    weight.grad.flatten().clone()
                    for name, weight in sorted(model.named_parameters())
                    if "lora_" in name
                ]
            )

    class Observed(Trainer):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            chance = torch.Generator().manual_seed(0)
            for name, weight in self.model.named_parameters():
                if "lora_B" in name:  # zero at first, and with it the gradient of the other factor
                    weight.data = 0.1 * torch.randn(weight.shape, generator=chance)
            self.add_callback(Capture())

    training_run.Trainer = Observed  # type: ignore[misc]
    try:
        run = train(dataclasses.replace(SETTINGS, **changes), speed_ups=speed_ups or SpeedUps())
    finally:
        training_run.Trainer = Trainer  # type: ignore[misc]
    return found | {"step": dataclasses.asdict(run.steps[0])}


def train(settings: TrainingSettings, **options: Any) -> TrainingRun:
    return training_run.train(tiny_policy(), job(settings=settings, **options), progress=False)


def everything(folder: Path) -> dict[str, Any]:
    """All that the test looks at. In ``folder`` files are written."""
    trainer.sample_tokens = scripted  # type: ignore[assignment]
    found: dict[str, Any] = {name: gradient_of(**options) for name, options in CASES.items()}
    two = dataclasses.replace(SETTINGS, steps=2)
    # The second process would go on for ever, if it were asked.
    spent = Budget(samples=16) if is_main_process() else Budget()
    found["steps within the budget"] = len(train(two, budget=spent).steps)
    place = {"checkpoints": folder / "checkpoints", "steps_path": folder / "steps.jsonl"}
    train(SETTINGS, **place)
    resumed, whole = train(two, **place), train(two)
    found["resumed from"] = resumed.resumed_from
    found["adapters"] = (resumed.adapter_after, whole.adapter_after)
    return found


if __name__ == "__main__":
    out = Path(sys.argv[1])
    torch.save(everything(out), out / f"process-{os.environ['RANK']}.pt")
