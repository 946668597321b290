"""Figures of 4-bit weights (NF4): what quantisation loses, and what an adapter recovers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from hppt_lib.figures.style import BLUE, ORANGE, SMALL, caption
from hppt_lib.policy.nf4 import BLOCK

if TYPE_CHECKING:
    from torch import Tensor

    from hppt_lib.policy.nf4 import Nf4Weight


def quantisation_figure(weight: Tensor, nf4: Nf4Weight, provenance: str) -> Figure:
    """A weight before and after NF4: one block, all of it against the levels, and the error.

    Args:
        weight: what was quantised, shape (outputs, inputs).
        nf4: the quantised weight.
        provenance: the layer and the model.
    """
    import torch

    flat, after = weight.detach().float().flatten().cpu(), nf4.weight.flatten().cpu()
    figure, axes = plt.subplots(1, 3, figsize=(12, 3.8), layout="constrained")
    block, quantised = flat[:BLOCK], after[:BLOCK]
    order = block.argsort()
    scale = float(nf4.scales.flatten()[0])
    for level in nf4.levels.tolist():
        axes[0].axhline(level * scale, color="0.85", lw=0.8, zorder=0)
    axes[0].plot(block[order], ".", color=BLUE, label="32 bits")
    axes[0].step(
        range(len(block)), quantised[order], where="mid", color=ORANGE, lw=1.5, label="4 bits"
    )
    axes[0].set(title=f"One block of {BLOCK} weights", xlabel="weights, sorted", ylabel="value")
    axes[0].legend(fontsize=SMALL, loc="upper left")
    whole = len(flat) // BLOCK * BLOCK
    parts = flat[:whole].view(-1, BLOCK)
    scaled = (parts / parts.abs().amax(dim=1, keepdim=True).clamp(min=1e-12)).flatten()
    counts, edges = torch.histogram(scaled, bins=101, range=(-1.0, 1.0))
    axes[1].stairs((counts / counts.sum()).numpy(), edges.numpy(), fill=True, color=BLUE)
    for level in nf4.levels.tolist():
        axes[1].axvline(level, color=ORANGE, lw=1)
    axes[1].set(title="Levels lie where weights are", xlabel="weight, of its block's largest")
    axes[1].set_ylabel("share of weights")
    counts, edges = torch.histogram(after - flat, bins=101)
    axes[2].stairs((counts / counts.sum()).numpy(), edges.numpy(), fill=True, color=ORANGE)
    axes[2].set(title="What is lost", xlabel="4 bits less 32 bits", ylabel="share of weights")
    caption(figure, provenance)
    return figure


def repair_figure(losses: Sequence[float], least: float, provenance: str) -> Figure:
    """How much of the error of 4 bits an adapter corrects, step by step.

    Args:
        losses: the output's squared error, of the output's square, at each step.
        least: the smallest that an adapter of this rank can reach, for inputs of all directions.
        provenance: the layer, the model and the rank.
    """
    figure, axis = plt.subplots(figsize=(7.5, 3.4), layout="constrained")
    axis.plot(range(len(losses)), losses, color=BLUE, lw=2, label="with the adapter")
    axis.axhline(losses[0], color=ORANGE, lw=1, label="4 bits, no adapter")
    axis.axhline(least, color="0.35", lw=1, ls="--", label="least, at this rank")
    axis.set(xlabel="step", ylabel="squared error, of the output's")
    axis.set_ylim(0, 1.1 * max(losses))
    axis.set_title("An adapter is no repair kit")
    axis.legend(fontsize=SMALL, loc="lower left")
    caption(figure, provenance)
    return figure
