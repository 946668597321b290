"""The map of the course: the stations of an instruction, and the notebook for each."""

from __future__ import annotations

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from hppt_lib.figures.style import BLUE, SMALL

_STATIONS = {  # name: (x, y, notebooks)
    "instruction": (0.0, 1.0, "04"),
    "response": (1.0, 1.0, "01"),
    "verdict": (2.0, 1.0, "02, 03"),
    "reward": (3.0, 1.0, "05, 06"),
    "training": (4.0, 1.0, "01, 05"),
    "evaluation": (4.0, 0.0, "05"),
    "run record": (3.0, 0.0, "05"),
}
_WAYS = [  # from, to, by what
    ("instruction", "response", "policy"),
    ("response", "verdict", "verifier\nor judge"),
    ("verdict", "reward", "all or\nnothing"),
    ("reward", "training", "GRPO"),
    ("training", "evaluation", "unseen topics"),
    ("evaluation", "run record", ""),
]


def journey_figure() -> Figure:
    """The journey of one instruction, with the notebooks under each station."""
    figure, axis = plt.subplots(figsize=(10, 3.4), layout="constrained")
    grey = {"arrowstyle": "-|>", "color": "0.35"}
    for start, end, by in _WAYS:
        (x0, y0, _), (x1, y1, _) = _STATIONS[start], _STATIONS[end]
        down = x0 == x1
        gap = 22 if down else 40  # points between an arrow's end and the middle of a box
        axis.annotate("", (x1, y1), (x0, y0), arrowprops=grey | {"shrinkA": gap, "shrinkB": gap})
        place = (x0 + 0.07, 0.5) if down else ((x0 + x1) / 2, y0 + 0.1)
        across, along = ("left", "center") if down else ("center", "bottom")
        axis.text(*place, by, fontsize=SMALL, color="0.35", ha=across, va=along)
    back = {"arrowstyle": "-|>", "color": BLUE, "connectionstyle": "arc3,rad=0.22"}
    axis.annotate("", (1, 1.16), (4, 1.16), arrowprops=back)
    axis.text(2.5, 1.68, "a better policy answers again", color=BLUE, ha="center")
    for name, (x, y, notebooks) in _STATIONS.items():
        box = {"boxstyle": "round,pad=0.5", "facecolor": "white", "edgecolor": BLUE}
        axis.text(x, y, f"{name}\n{notebooks}", ha="center", va="center", bbox=box)
    axis.set(xlim=(-0.45, 4.75), ylim=(-0.3, 1.85))
    axis.axis("off")
    return figure
