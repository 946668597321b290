"""Figures of attention: by layer and head, by layer with intervals, and estimates in rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from hppt_lib.figures.style import (
    LINES,
    MARKERS,
    PALETTE,
    SMALL,
    band,
    caption,
    legend_inside,
    row_interval,
    wrapped,
)
from hppt_lib.intervals import Interval


def heads_figure(maps: Mapping[str, np.ndarray], provenance: str) -> Figure:
    """A number of every head, as a map of layers by heads: one panel a number.

    Args:
        maps: by title, shape (layers, heads).
        provenance: see `figures.style.provenance_line`.
    """
    figure, axes = plt.subplots(
        1, len(maps), figsize=(3.4 * len(maps), 5.2), squeeze=False, layout="constrained"
    )
    for axis, (title, values) in zip(axes.flat, maps.items(), strict=True):
        image = axis.imshow(values, aspect="auto", cmap="viridis", vmin=0)
        figure.colorbar(image, ax=axis, shrink=0.8)
        axis.set_title(title, fontsize=11)
        axis.set(xlabel="head", ylabel="layer")
        axis.grid(visible=False)
        for each in (axis.xaxis, axis.yaxis):
            each.set_major_locator(MaxNLocator(integer=True))
    caption(figure, provenance)
    return figure


def layers_figure(
    panels: Mapping[str, Mapping[str, Sequence[Interval]]],
    provenance: str,
    *,
    level: float | None = None,
    mark: int | None = None,
) -> Figure:
    """Numbers by layer, averaged over heads, in the band of their intervals.

    Args:
        panels: by title, by line, one estimate a layer.
        provenance: see `figures.style.provenance_line`.
        level: a thin line at this height.
        mark: a layer to point at.
    """
    figure, axes = plt.subplots(
        1, len(panels), figsize=(5.4 * len(panels), 3.9), squeeze=False, layout="constrained"
    )
    known = list(dict.fromkeys(name for lines in panels.values() for name in lines))
    for axis, (title, lines) in zip(axes.flat, panels.items(), strict=True):
        for name, values in lines.items():
            number = known.index(name)  # a line looks the same in all panels
            look: dict[str, Any] = {"marker": MARKERS[number], "ms": 4, "ls": LINES[number]}
            band(axis, [*range(len(values))], values, PALETTE[number], name, "", **look)
        if level is not None:
            axis.axhline(level, color="0.5", lw=1)
        if mark is not None:
            axis.axvline(mark, color="0.8", lw=6, zorder=0)
        axis.set(title=title, xlabel="layer")
        axis.set_ylim(bottom=min(0, axis.get_ylim()[0]))
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    legend_inside(figure, axes.flat[0], "upper left")
    caption(figure, f"{provenance} · bands: 95 %, bootstrap over instructions")
    return figure


def estimates_figure(
    panels: Mapping[str, Mapping[str, Interval]],
    provenance: str,
    *,
    level: float | None = None,
) -> Figure:
    """Estimates with their intervals, a row each, in panels that share the rows.

    Args:
        panels: by title, by row, an estimate; a row that a panel lacks stays empty there.
        provenance: see `figures.style.provenance_line`.
        level: a vertical line at this value: no change, say.
    """
    rows = list(dict.fromkeys(name for panel in panels.values() for name in panel))
    names = [wrapped(name, 34, most=2) for name in rows]
    widest = 0.08 * max(len(line) for name in names for line in name.split("\n"))  # inches
    figure, axes = plt.subplots(
        1,
        len(panels),
        figsize=(2.7 * len(panels) + widest, 0.42 * len(rows) + 1.7),
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    for axis, (title, values) in zip(axes.flat, panels.items(), strict=True):
        for place, name in enumerate(rows):
            if name in values:
                look = PALETTE[place % 10], MARKERS[place % len(MARKERS)]
                row_interval(axis, values[name], place, *look)
        if level is not None:
            axis.axvline(level, color="0.4", lw=1, zorder=0)
        axis.set_title(title, fontsize=10.5)
        axis.tick_params(labelsize=SMALL)
        axis.xaxis.set_major_locator(MaxNLocator(4))
    axes[0, 0].set_yticks(range(len(rows)), names)
    axes[0, 0].set_ylim(len(rows) - 0.5, -0.5)
    caption(figure, f"{provenance} · lines: 95 % intervals")
    return figure
