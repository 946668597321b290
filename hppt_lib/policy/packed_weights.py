"""Weights in the memory order that oneDNN multiplies fastest with on a CPU.

torch ships oneDNN and, when a model is compiled, has it reorder frozen weights once instead of at
every product. The two operators behind that are called here directly: compiling would take longer
than a lesson. A packed weight is a second copy in memory that only these functions can read.

Source: ``torch._inductor``'s lowering of ``aten.linear`` on CPUs (its ``mkldnn_fusion``), which
calls the same two operators.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


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
        """Shape (N, hidden) to (N, vocabulary)."""
        return self._logits(hidden) if self._logits else hidden @ self.weight.t()

    def means(self, chances: Tensor) -> Tensor:
        """The mean row of the weight under each row of probabilities: (N, V) to (N, hidden)."""
        return self._means(chances) if self._means else chances @ self.weight
