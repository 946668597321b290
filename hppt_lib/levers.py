"""The same gradient for less work: each lever a switch, and the weights as sampling wants them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch


@dataclass(frozen=True)
class Levers:
    """What is done to make a step cheaper; none of it changes the gradient of a step's rollouts.

    Attributes:
        leave_out_idle: rows of zero advantage are not sent through the model (with KL off).
        sort_rows: micro-batches of rows with one prompt and of like length: less padding.
        prompt_once: a prompt is read once for all its samples in training (CPU, one process). It
            implies that the output layer sees tokens of responses only.
        completion_logits: the output layer sees tokens of responses only. TRL does so on a GPU;
            on a CPU it puts prompts and padding through it too (CPU, one process).
        prefill_once: a prompt is read once for all its samples in sampling.
        drop_finished: finished rows leave the batch in sampling.
        merge_adapter: sampling uses weights with the adapter added in (CPU only). They are a
            second set in memory; the first is put back as it was.
        column_major: those weights lie in the order that decoding on a CPU reads fastest.
    """

    leave_out_idle: bool = True
    sort_rows: bool = True
    prompt_once: bool = True
    completion_logits: bool = True
    prefill_once: bool = True
    drop_finished: bool = True
    merge_adapter: bool = True
    column_major: bool = True


NO_LEVERS = Levers(*[False] * 8)


@contextmanager
def sampling_weights(model: Any, levers: Levers) -> Iterator[None]:
    """Within the block, linear layers hold the weights that sampling is fastest with.

    The weights of before are set aside as they are, not computed back: afterwards every layer
    holds the same tensor again. A 4-bit layer is left alone, and on a GPU so is every layer.

    Args:
        model: a `peft.PeftModel`, or a model without adapter.
        levers: ``merge_adapter`` and ``column_major`` are read.
    """
    from peft.tuners.lora import LoraLayer

    on_cpu = next(model.parameters()).device.type == "cpu"
    column_major = levers.column_major and on_cpu
    aside: list[tuple[Any, torch.Tensor]] = []
    merged: list[Any] = []
    try:
        with torch.no_grad():
            for layer in model.modules():
                if not isinstance(layer, LoraLayer):
                    continue
                linear = layer.get_base_layer()
                if type(linear) is not torch.nn.Linear or layer.merged:
                    continue
                weight = linear.weight.data
                if levers.merge_adapter and on_cpu:
                    for name in layer.active_adapters:
                        if name in layer.lora_A:
                            weight = weight + layer.get_delta_weight(name).to(weight.dtype)
                            layer.merged_adapters.append(name)
                    merged.append(layer)
                if column_major:
                    weight = weight.t().contiguous().t()
                aside.append((linear, linear.weight.data))
                linear.weight.data = weight
        yield
    finally:
        for linear, weight in aside:
            linear.weight.data = weight
        for layer in merged:
            layer.merged_adapters.clear()
