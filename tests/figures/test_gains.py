"""Figures of gains: every mark where its number is."""

from __future__ import annotations

from typing import Any

import pytest
from matplotlib.container import ErrorbarContainer

from hppt_lib import figures as plots
from hppt_lib.evaluation import ArmCosts, Costs
from hppt_lib.intervals import Interval

PROVENANCE = "tier smoke · tiny · seeds 0, 1 · 8 responses"
RUN = Costs(640, 20_000, 0, 5.0, 0.25)
GAIN = Interval(0.1, 0.05, 0.15)


def marks(axis: Any) -> list[ErrorbarContainer]:
    return [each for each in axis.containers if isinstance(each, ErrorbarContainer)]


def test_a_pilot_moves_an_arm_along_the_bill_and_not_up() -> None:
    """Mistake: the pilot left out of the filled mark, or an arm without a known gain at 0."""
    arms = [
        ArmCosts("random", (RUN, RUN), 0, Interval(0.0, -0.05, 0.05)),
        ArmCosts("refined", (RUN, RUN), 4800, GAIN),
        ArmCosts("unread", (RUN, RUN), 0, None),
    ]
    figure = plots.costs_figure(arms, "true success", PROVENANCE, shared_by=8)
    [axis] = figure.axes
    drawn = [(float(mark[0].get_xdata()[0]), float(mark[0].get_ydata()[0])) for mark in marks(axis)]
    assert len(drawn) == 4 and drawn[0][1] == 0.0 and {height for _, height in drawn[1:]} == {0.1}
    hollow, shared, whole = (place for place, _ in drawn[1:])
    assert shared / hollow == pytest.approx((640 + 600) / 640)
    assert whole / hollow == pytest.approx((640 + 4800) / 640)
    assert [mark[0].get_fillstyle() for mark in marks(axis)] == ["full", "none", "left", "full"]
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == ["random", "refined"]
    caption = figure._supxlabel.get_text().replace("\n", " ")
    assert caption.startswith(PROVENANCE) and "shared by 8 runs" in caption
    figure.canvas.draw()


def test_without_a_pilot_nothing_is_said_of_one() -> None:
    """Mistake: a legend of marks that are not there."""
    figure = plots.costs_figure([ArmCosts("a", (RUN,), 0, GAIN)], "strict ISR", PROVENANCE)
    assert "pilot" not in figure._supxlabel.get_text()
    figure.canvas.draw()


def test_gains_stand_above_their_number_of_constraints() -> None:
    """Mistake: an arm that lacks a number moves its other marks along."""
    panels = {
        "guarded ISR": {
            "a": {"1": GAIN, "2-3": GAIN, "4 or more": GAIN},
            "b": {"4 or more": Interval(0.3, 0.2, 0.4)},
        }
    }
    figure = plots.by_number_figure(panels, PROVENANCE)
    [axis] = figure.axes
    last = marks(axis)[1][0]
    assert round(float(last.get_xdata()[0])) == 2 and float(last.get_ydata()[0]) == 0.3
    assert [each.get_text() for each in axis.get_xticklabels()] == ["1", "2-3", "4\nor more"]
    title = axis.get_title(loc="left") or axis.get_title()  # as the style has it, if it is in use
    assert title == "guarded ISR" and axis.get_xlabel() == "constraints"
    figure.canvas.draw()


def test_arms_stand_over_their_groups_that_teach() -> None:
    """Mistake: a line through arms in the order of the plan, or two experiments joined by one."""
    arms = [(0.8, GAIN), (0.2, Interval(0.0, -0.05, 0.05)), (0.5, Interval(0.3, 0.2, 0.4))]
    panels = {"answers": {"E1": arms, "E2": [(0.4, GAIN)]}, "true success": {"E1": arms}}
    figure = plots.gains_by_teaching_figure(panels, PROVENANCE)
    answers, success = figure.axes
    assert len(marks(answers)) == 2 and len(marks(success)) == 1
    joined = [line for line in answers.get_lines() if len(line.get_xdata()) == 3]
    assert [float(each) for each in joined[0].get_xdata()] == [0.2, 0.5, 0.8]
    assert [float(each) for each in joined[0].get_ydata()] == [0.0, 0.3, 0.1]
    figure.canvas.draw()
