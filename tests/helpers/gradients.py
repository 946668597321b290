"""The gradient of a step as the kit computes it, beside TRL's own."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
import torch
from trl import GRPOTrainer

from hppt_lib.policy.speedups import SpeedUps
from hppt_lib.training import training_run
from hppt_lib.training.batches import sorted_batches
from hppt_lib.training.trainer import Trainer
from tests.helpers.runs import run
from tests.helpers.tiny import tiny_policy

MIXED = torch.tensor([0.9, 0, 0, -1.1, 0, 0.7, 0, 0.2])  # advantages
TRAINING = ("leave_out_idle", "sort_rows", "prompt_once", "completion_logits")
SPEED_UPS = {
    "none": SpeedUps.none(),
    **{name: dataclasses.replace(SpeedUps.none(), **{name: True}) for name in TRAINING},
    "all": SpeedUps(),
}


@dataclasses.dataclass
class Captured:
    """A trainer in the middle of a step, and the batches that it was given."""

    trainer: Any
    batches: list[tuple[dict[str, Any], Any]]


def capture(device: str = "cpu", **changes: Any) -> Captured:
    """What `run` with these changes gives to the loss."""
    held = Captured(None, [])

    class Capturing(Trainer):
        def compute_loss(
            self,
            model: Any,
            inputs: Any,
            return_outputs: bool = False,
            num_items_in_batch: Any = None,
        ) -> Any:
            held.trainer = self
            held.batches.append((copy.copy(inputs), num_items_in_batch))
            return super().compute_loss(model, inputs, return_outputs, num_items_in_batch)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training_run, "Trainer", Capturing)
        run(policy=tiny_policy(spread=0.15, device=device), **changes)
    return held


def gradient(trainer: Any, loss_of: Callable[..., Any], batch: Any, items: Any) -> torch.Tensor:
    trainer.model.train()
    loss = loss_of(trainer, trainer.model, copy.copy(batch), num_items_in_batch=items)
    weights = [each for name, each in trainer.model.named_parameters() if "lora_" in name]
    parts = torch.autograd.grad(loss, weights, allow_unused=True)
    zeros = [torch.zeros_like(weight) for weight in weights]
    return torch.cat([(z if p is None else p).flatten() for p, z in zip(parts, zeros, strict=True)])


def both(trainer: Any, batch: dict[str, Any], items: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """With the kit's loss, and with TRL's."""
    return (
        gradient(trainer, Trainer.compute_loss, batch, items),
        gradient(trainer, GRPOTrainer.compute_loss, batch, items),
    )


def trls(trainer: Any, batch: Any, items: Any) -> torch.Tensor:
    """The gradient of ``trl.GRPOTrainer`` itself, none of whose methods is the kit's."""
    with pytest.MonkeyPatch.context() as patch:
        for method in ("compute_loss", "_get_per_token_logps_and_entropies"):
            patch.setattr(Trainer, method, getattr(GRPOTrainer, method))
        return gradient(trainer, GRPOTrainer.compute_loss, batch, items)


def ours(trainer: Any, batches: list[Any], items: Any, speed_ups: SpeedUps) -> torch.Tensor:
    trainer.job = dataclasses.replace(trainer.job, speed_ups=speed_ups)
    if speed_ups.sort_rows:
        batches = sorted_batches(batches, with_idle=not speed_ups.leave_out_idle)
    parts = [gradient(trainer, Trainer.compute_loss, batch, items) for batch in batches]
    return torch.stack(parts).sum(dim=0)


def halves(batch: dict[str, Any]) -> list[dict[str, Any]]:
    """The batch in two micro-batches, its rows shuffled as TRL does."""
    order = torch.randperm(8, generator=torch.Generator().manual_seed(1))
    order = order.to(batch["advantages"].device)
    rows = {n: torch.is_tensor(v) and v.shape[:1] == (8,) for n, v in batch.items()}
    return [
        {n: v[part] if rows[n] else v for n, v in batch.items()} for part in order.tensor_split(2)
    ]


def largest_difference(captured: Captured, speed_ups: SpeedUps) -> float:
    """Between our gradient and TRL's, relative, over steps and ways to split them."""
    apart = []
    for batch, items in captured.batches:
        batch = batch | {"advantages": MIXED.to(batch["advantages"].device)}
        theirs = trls(captured.trainer, batch, items)
        assert theirs.norm() > 1e-4
        for batches in ([batch], halves(batch)):
            difference = ours(captured.trainer, batches, items, speed_ups) - theirs
            apart.append(float(difference.norm() / theirs.norm()))
    return max(apart)
