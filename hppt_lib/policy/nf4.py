"""Puts one weight into NF4, the 4-bit form that QLoRA trains on, and measures the error.

`hppt_lib.load_policy` with ``quantize=True`` puts a whole model into this form. Source: QLoRA
(2305.14314), sections 2 and 3; the codes are those of bitsandbytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hppt_lib.errors import HpptError

if TYPE_CHECKING:
    from torch import Tensor

BLOCK = 64
"""Weights that share one scale."""


@dataclass(frozen=True)
class Nf4Weight:
    """A weight in NF4.

    Attributes:
        weight: what a layer computes with: the weight after 4 bits, float32, shape as given.
        levels: the 16 values that a code stands for, ascending from -1 to 1, shape (16,). They are
            denser near 0, as the weights of a network are.
        scales: for each block of 64 weights what its levels are multiplied with, shape (blocks,):
            the largest absolute value there, which double quantisation rounds to 8 bits.
        bits: bits that a weight takes, its share of the scales included.
    """

    weight: Tensor
    levels: Tensor
    scales: Tensor
    bits: float


def as_nf4(weight: Tensor, *, double_quantisation: bool = True) -> Nf4Weight:
    """Quantise a weight to NF4 and back: the difference is the error of QLoRA's base model.

    Args:
        weight: of a linear layer, shape (outputs, inputs), on any device.
        double_quantisation: store the scales in 8 bits too, as QLoRA does; False keeps them in 32.

    Raises:
        HpptError: not a matrix of floating-point numbers, or one that is not a number is in it.
    """
    import torch
    from bitsandbytes.functional import dequantize_4bit, dequantize_blockwise, quantize_4bit

    if weight.ndim != 2 or not weight.is_floating_point() or not torch.isfinite(weight).all():
        raise HpptError(
            "NF4 takes the weight of a linear layer: a matrix of finite floating-point numbers. "
            f"This one has the shape {tuple(weight.shape)} and the type {weight.dtype}."
        )
    # A block a row: on some CPUs with AVX-512, bitsandbytes 0.50 takes another block's scale where
    # a row ends in the middle of a block. Zeros at the end change no scale.
    flat = weight.detach().float().flatten()
    blocks = torch.nn.functional.pad(flat, (0, -len(flat) % BLOCK)).view(-1, BLOCK)
    packed, state = quantize_4bit(
        blocks,
        blocksize=BLOCK,
        quant_type="nf4",
        compress_statistics=double_quantisation,
    )
    scales, taken = state.absmax, packed.nbytes + state.absmax.nbytes
    if double_quantisation:
        taken += state.state2.absmax.nbytes + state.offset.nbytes
        scales = dequantize_blockwise(state.absmax, state.state2) + state.offset
    return Nf4Weight(
        weight=dequantize_4bit(packed, state).flatten()[: len(flat)].view_as(weight),
        levels=state.code.clone(),
        scales=scales,
        bits=8 * taken / weight.numel(),
    )
