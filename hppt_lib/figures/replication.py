"""The figure of a replication: the judge beside the paper's, and the arms' differences by seed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from hppt_lib.audit.reported import paper_recall_on_false
from hppt_lib.figures.style import (
    BLUE,
    GREY,
    ORANGE,
    caption,
    per_cent,
    provenance_line,
    row_interval,
)
from hppt_lib.intervals import Interval
from hppt_lib.training.replication_page import PARTS


def replication_figure(result: Mapping[str, Any]) -> Figure:
    """Recall on false responses of the judge, and each difference of arms in guarded ISR.

    Args:
        result: the numbers (`hppt_lib.training.replication.read_result`).
    """
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(11, 3.9), layout="constrained", width_ratios=(2, 3)
    )
    parts = [part for part in PARTS if part in result["audit"]]
    for row, part in enumerate(parts):
        found = result["audit"][part]["recall_on_false"]
        if found:
            row_interval(left, Interval(found["rate"], found["low"], found["high"]), row, BLUE)
        left.plot([paper_recall_on_false(part)], [row], "D", mfc="none", color=ORANGE, ms=7)
    left.plot([], [], "o", color=BLUE, label="the judge here")
    left.plot([], [], "D", mfc="none", color=ORANGE, label="Qwen3-32B in the paper [digest]")
    left.set_yticks(range(len(parts)), parts)
    left.set_ylim(len(parts) - 0.5, -0.5)
    left.set(xlim=(-0.02, 1.02), xlabel="recall on false responses")
    left.set_title("E1: the judge")
    left.legend(fontsize=9, loc="best")
    per_cent(left, "x")
    differences = [each for each in result["contrasts"] if each["measure"] == "guarded"]
    names = []
    for row, each in enumerate(differences):
        colour = BLUE if each["primary"] else GREY
        if each["difference"]:
            row_interval(right, Interval(**each["difference"]), row, colour)
        gaps = list(each["by_seed"].values())
        right.plot(gaps, [row + 0.22] * len(gaps), "o", mfc="none", color=colour, ms=5)
        mark = ", primary" if each["primary"] else ""
        names.append(f"{each['arm']} − {each['other']}\n({each['experiment']}{mark})")
    right.axvline(0, color="0.4", lw=1)
    right.set_yticks(range(len(names)), names)
    right.set_ylim(len(names) - 0.4, -0.5)
    right.set_xlabel("difference in guarded ISR, with 95 % interval\n(rings: each seed)")
    right.set_title("E2 and E3: arms")
    plan, arms = result["plan"], result["arms"]
    seeds = next(iter(arms.values()))["seeds"]
    line = provenance_line(
        plan["tier"], result["model"], seeds, plan["size"]["held_out"], f"judge {plan['judge']}"
    )
    caption(figure, line)
    return figure
