"""Optional speed-ups for CPU training. Each can be turned off, and none changes the gradient.

Some give the model's linear layers other weights to compute with: the adapter added in, or a copy
in the memory order that oneDNN multiplies fastest with. torch ships oneDNN and, when a model is
compiled, has it reorder frozen weights once instead of at every product. The two operators behind
that are called here directly: compiling would take longer than a lesson. A packed weight is a
second copy in memory that only these functions can read.

Source: ``torch._inductor``'s lowering of ``aten.linear`` on CPUs (its ``mkldnn_fusion``), which
calls the same two operators.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Any

import torch
from torch import Tensor


@dataclass(frozen=True)
class SpeedUps:
    """The speed-ups of a training step. None changes the gradient of a step's rollouts.

    ``tests/measure/training_step.py`` measures them. They are made for CPUs: on one H200 a small
    model's step is bound by launching kernels, and was no faster with them (1.03 times).

    Attributes:
        leave_out_idle: rows of zero advantage are not sent through the model (with KL off).
        sort_rows: micro-batches of rows with one prompt and of like length: less padding.
        prompt_once: in training, the rows of a micro-batch are one sequence, without padding, in
            which a prompt stands once before all its samples, each of which sees the prompt and
            itself (CPU, one process). The output layer then sees tokens of responses only.
        completion_logits: the output layer sees tokens of responses only. TRL does so on a GPU;
            on a CPU it puts prompts and padding through it too (CPU, one process).
        prefill_once: a prompt is read once for all its samples in sampling.
        drop_finished: finished rows leave the batch in sampling.
        merge_adapter: sampling uses weights with the adapter added in (CPU only). They are a
            second set in memory; the model's own are not touched.
        packed: those weights, and the output layer's in training too, lie in the order that oneDNN
            multiplies fastest with (CPU only; a second set in memory).
    """

    leave_out_idle: bool = True
    sort_rows: bool = True
    prompt_once: bool = True
    completion_logits: bool = True
    prefill_once: bool = True
    drop_finished: bool = True
    merge_adapter: bool = True
    packed: bool = True

    @classmethod
    def none(cls) -> SpeedUps:
        """All speed-ups off."""
        return cls(**{each.name: False for each in fields(cls)})


@contextmanager
def sampling_weights(model: Any, speed_ups: SpeedUps) -> Iterator[None]:
    """Within the block, linear layers use the weights that make sampling fastest.

    No weight is changed: within the block a layer has another ``forward``, which has no gradient.
    An adapter that is switched off is not merged. A 4-bit layer is left alone, and on a GPU so is
    every layer.

    Args:
        model: a `peft.PeftModel`, or a model without adapter.
        speed_ups: ``merge_adapter`` and ``packed`` are read.
    """
    from peft.tuners.lora import LoraLayer

    replaced: list[Any] = []
    within: set[int] = set()  # layers to leave alone: adapters, and the inside of a replaced layer
    try:
        with torch.no_grad():
            for layer in model.modules():
                forward = None
                if isinstance(layer, LoraLayer):
                    within.update(map(id, (*layer.lora_A.values(), *layer.lora_B.values())))
                    if speed_ups.merge_adapter:
                        forward = _merged_forward(layer, speed_ups)
                elif speed_ups.packed and id(layer) not in within and can_pack(layer):
                    forward = _forward(layer, layer.weight, packs=True)
                if forward is not None:
                    layer.forward = forward  # the instance's, before the class's own
                    replaced.append(layer)
                    within.update(map(id, layer.modules()))
        yield
    finally:
        for layer in replaced:
            del layer.forward


@contextmanager
def training_weights(model: Any, speed_ups: SpeedUps) -> Iterator[None]:
    """Within the block, `hppt_lib.policy.log_probs` multiplies with a packed output layer, if that
    is kept.

    It is frozen, and a fifth of the embedded model's weights. The other layers stay as they are:
    packing them as well saved little and moved the gradient farther from TRL's.

    Args:
        model: the model that is trained.
        speed_ups: ``packed`` is read.
    """
    base = model.get_base_model() if hasattr(model, "get_base_model") else model
    head = base.get_output_embeddings()
    frozen = not head.weight.requires_grad and head.bias is None
    wanted = speed_ups.packed and frozen and can_pack(head)
    try:
        if wanted:
            head.output_layer = OutputLayer(head.weight, packed=True)
        yield
    finally:
        if wanted:
            del head.output_layer


def _merged_forward(layer: Any, speed_ups: SpeedUps) -> Any:
    """That of a LoRA layer with its active adapters added in; None where it stays as it is."""
    linear = layer.get_base_layer()
    if type(linear) is not torch.nn.Linear or linear.weight.device.type != "cpu" or layer.merged:
        return None
    weight = linear.weight
    for name in [] if layer.disable_adapters else layer.active_adapters:
        if name in layer.lora_A:
            weight = weight + layer.get_delta_weight(name).to(weight.dtype)
    return _forward(linear, weight, packs=speed_ups.packed and can_pack(linear))


def _forward(linear: Any, weight: Tensor, packs: bool) -> Any:
    """That of a linear layer with this weight in place of its own."""
    ready = getattr(linear, "output_layer", None)  # from `training_weights`
    if packs:
        product = ready.logits if ready else Packed(weight, linear.bias)
        return lambda x, *_, **__: product(x)
    return lambda x, *_, **__: torch.nn.functional.linear(x, weight, linear.bias)


class Packed:
    """A float32 matrix of shape (outputs, inputs), packed; call it for ``x @ weight.t()``.

    Results differ from torch's own product by rounding alone. There is no gradient: use it where
    none is wanted, or inside a `torch.autograd.Function`.

    Args:
        weight: what to pack; it may be changed or freed afterwards.
        bias: shape (outputs,), added to each product; it is not copied.
    """

    def __init__(self, weight: Tensor, bias: Tensor | None = None) -> None:
        plain = weight.detach().contiguous()
        self._weight = torch.ops.mkldnn._reorder_linear_weight(plain)
        self._bias = None if bias is None else bias.detach()

    def __call__(self, x: Tensor) -> Tensor:
        """Shape (..., inputs) to (..., outputs)."""
        product: Tensor = torch.ops.mkldnn._linear_pointwise(
            x, self._weight, self._bias, "none", [], ""
        )
        return product


def is_available() -> bool:
    """Whether this build of torch has oneDNN and its two operators (not on every processor)."""
    return torch.backends.mkldnn.is_available() and all(
        hasattr(torch.ops.mkldnn, name) for name in ("_reorder_linear_weight", "_linear_pointwise")
    )


def can_pack(layer: Any) -> bool:
    """Whether a layer is a plain linear one with float32 weights on the CPU, not a 4-bit one."""
    return (
        type(layer) is torch.nn.Linear
        and layer.weight.dtype == torch.float32
        and layer.weight.device.type == "cpu"
        and is_available()
    )


class OutputLayer:
    """A frozen output layer for training: logits of hidden states, and the way back.

    Args:
        weight: shape (vocabulary, hidden).
        packed: keep two packed copies, one for each direction; else multiply with ``weight``.
    """

    def __init__(self, weight: Tensor, packed: bool) -> None:
        self.weight = weight.detach()
        self._logits = Packed(self.weight) if packed else None
        self._means = Packed(self.weight.t()) if packed else None

    def logits(self, hidden: Tensor) -> Tensor:
        """The logits of hidden states: (N, hidden) to (N, vocabulary)."""
        return self._logits(hidden) if self._logits else hidden @ self.weight.t()

    def means(self, chances: Tensor) -> Tensor:
        """The mean weight row, weighted by each row of probabilities: (N, V) to (N, hidden)."""
        return self._means(chances) if self._means else chances @ self.weight
