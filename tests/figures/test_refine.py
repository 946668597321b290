"""The figures of a refinement show its numbers."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pytest

from hppt_lib.figures import refine as plots_refine
from hppt_lib.refine import (
    EVER,
    RULES,
    WINDOW,
    composition,
    filter_quality,
    refinement,
    rewarded_within,
    step_a,
)
from tests.helpers.pilots import HISTORIES, MANY, pilot_of


@pytest.mark.parametrize("rule", [EVER, WINDOW], ids=sorted(RULES))
def test_the_figures_show_the_numbers(rule: object) -> None:
    """Mistake: bars or labels of other groups than the title says."""
    line = "pilot of tiny"
    step = step_a(MANY, HISTORIES, samples=4, rule=rule)  # type: ignore[arg-type]
    figure = plots_refine.refine_figure(step, line)
    rates, found, number, by_type = figure.axes
    assert sum(bar.get_height() for bar in rates.patches[1:]) == len(MANY)
    labels = [each.get_text() for each in found.get_yticklabels()]
    assert labels == ["contradictory\n(1)", "beyond the model\n(1)", "not marked\n(3)"]
    assert [each.get_text() for each in number.get_xticklabels()] == ["1\n(2)", "2\n(1)", "3\n(2)"]
    assert "no comma (4)" in [each.get_text() for each in by_type.get_yticklabels()]
    assert line in {each.get_text() for each in figure.texts}
    plt.close(figure)


def test_the_budget_figure_draws_every_budget_and_chance() -> None:
    """Mistake: a curve of another group, or no random filter to hold it against."""
    scores = filter_quality(MANY, HISTORIES, (1, 2, 3, 4))
    figure = plots_refine.budget_figure(scores, "")
    left, right = figure.axes
    assert list(left.lines[0].get_ydata()) == [each.kept.mean for each in scores]
    lines = {str(each.get_label()): list(each.get_ydata()) for each in right.lines}
    assert lines["marked unlearnable"] == [1.0, 0.5, 0.5, 0.5]
    assert lines["any, at random"] == [1 - each.kept.mean for each in scores]
    plt.close(figure)


def test_the_control_figure_has_both_groups() -> None:
    """Mistake: the whole in the place of the control of the same size."""
    groups = composition(step_a(MANY, HISTORIES, samples=4))
    figure = plots_refine.control_figure(groups, "")
    legend = figure.axes[0].get_legend()
    assert legend is not None
    shown = [each.get_text() for each in legend.get_texts()]
    assert shown[0].startswith("control: 3, ") and shown[1].startswith("kept: 3, ")
    plt.close(figure)


def test_the_figure_of_a_second_pilot_has_a_line_for_each_sort() -> None:
    """Mistake: a line with the label of another group."""
    shares = rewarded_within(MANY, HISTORIES, (1, 2, 4))
    figure = plots_refine.again_figure((1, 2, 4), shares, "tiny")
    lines = {str(line.get_label()): line for line in figure.axes[0].get_lines()}
    assert list(lines) == ["not marked (3)", "beyond the model (1)", "contradictory (1)"]
    assert list(lines["beyond the model (1)"].get_ydata()) == [0.0, 1.0, 1.0]
    plt.close(figure)


@pytest.mark.parametrize(
    ("stop", "expected"), [("", {"refine", "control", "budget"}), ("ever", {"refine", "control"})]
)
def test_a_stopped_pilot_has_no_budget_figure(stop: str, expected: set[str]) -> None:
    """Mistake: smaller budgets, or pass rates, computed from histories that were cut short."""
    cut = {
        id: paid[: paid.index(1.0) + 1] if 1.0 in paid else paid for id, paid in HISTORIES.items()
    }
    result = refinement(pilot_of(cut if stop else HISTORIES, stop=stop), reward="strict")
    figures = plots_refine.refinement_figures(result)
    assert set(figures) == expected
    # Three panels without that of pass rates, which would be of samples cut short.
    assert len(figures["refine"].axes) == (3 if stop else 4)
    for figure in figures.values():
        plt.close(figure)
