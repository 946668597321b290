"""Figures of audits draw every group with its interval and say where the numbers come from."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib.pyplot as plt
import pytest

from hppt_lib.audit import Confusion
from hppt_lib.audit.vacuous import VacuousPass
from hppt_lib.figures import instruments as plots_audit
from hppt_lib.figures.style import use_style
from hppt_lib.intervals import Interval


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    use_style()
    yield
    plt.close("all")


def test_instruments_have_a_row_a_group_and_an_interval() -> None:
    """Mistake: points without intervals, or a measure that does not exist drawn as 0."""
    groups = {"a": Confusion(8, 1, 6, 2), "b": Confusion(0, 0, 5, 5)}
    figure = plots_audit.instrument_figure({"text": groups, "reference": groups}, "20 rows")
    precision, recall, false = figure.axes
    assert [each.get_text() for each in precision.get_yticklabels()] == ["a", "b"]
    assert len([each for each in precision.lines if len(each.get_xdata()) == 2]) == 2, "b: none"
    assert len([each for each in recall.lines if len(each.get_xdata()) == 2]) == 4
    means = [each.get_xdata()[0] for each in false.lines if len(each.get_xdata()) == 1]
    assert means == pytest.approx([6 / 7, 1, 6 / 7, 1])
    assert "20 rows" in figure.get_supxlabel()


def test_vacuous_passes_with_and_without_the_guard() -> None:
    """Mistake: a probe drawn in another probe's row."""
    found = [
        VacuousPass("x", False, (True, True, False)),
        VacuousPass(".", False, (False, False, False)),
        VacuousPass("x", True, (False, False, False)),
    ]
    figure = plots_audit.vacuous_figure({"set": found}, "reading text")
    axis = figure.axes[0]
    assert [each.get_text() for each in axis.get_yticklabels()] == ["x", "."]
    points = [each for each in axis.lines if len(each.get_xdata()) == 1]
    assert [each.get_xdata()[0] for each in points] == pytest.approx([2 / 3, 0, 0])
    assert [each.get_ydata()[0] for each in points] == pytest.approx([-0.2, 0.8, 0.2])


def test_countings_stand_in_their_models_row() -> None:
    """Mistake: a score of one reading drawn with the mark of the other, or in the next row."""
    scores = {
        model: {
            reading: {name: Interval(mean + shift, 0.1, 0.9) for name in ("strict", "loose")}
            for reading, shift in (("text", 0.0), ("reference", 0.1))
        }
        for model, mean in (("a", 0.3), ("b", 0.6))
    }
    figure = plots_audit.countings_figure(scores, "541 prompts")
    [axis] = figure.axes
    assert [each.get_text() for each in axis.get_yticklabels()] == ["a", "b"]
    marks = [each for each in axis.lines if len(each.get_xdata()) == 1]
    assert [round(each.get_ydata()[0]) for each in marks] == [0] * 4 + [1] * 4
    hollow = [each.get_xdata()[0] for each in marks if each.get_fillstyle() == "none"]
    assert hollow == pytest.approx([0.3, 0.3, 0.6, 0.6]), "the first reading"
    assert "541 prompts" in figure.get_supxlabel()


def test_growth_is_drawn_on_two_logarithmic_axes() -> None:
    figure = plots_audit.growth_figure({"slow": [(10, 0.1), (100, 10.0)]}, "here")
    axis = figure.axes[0]
    assert axis.get_xscale() == axis.get_yscale() == "log"
    assert axis.get_xlabel() == "characters" and "here" in figure.get_supxlabel()
