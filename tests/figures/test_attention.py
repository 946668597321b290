"""Figures of attention draw every head, layer and row, with intervals where there are some."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import pytest

from hppt_lib.figures import attention as plots
from hppt_lib.figures.style import use_style
from hppt_lib.intervals import Interval


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    use_style()
    yield
    plt.close("all")


def test_heads_are_drawn_as_layers_by_heads() -> None:
    """Mistake: the map is transposed, and heads are read as layers."""
    figure = plots.heads_figure({"share": np.arange(12.0).reshape(4, 3)}, "here")
    axis = figure.axes[0]
    assert np.asarray(axis.images[0].get_array()).shape == (4, 3)
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("head", "layer")
    assert "here" in figure.get_supxlabel()


def test_every_layer_stands_in_its_band() -> None:
    """Mistake: lines without intervals, or one line drawn for all."""
    values = [Interval(0.3, 0.2, 0.4), Interval(0.6, 0.5, 0.8)]
    panels = {"share": {"query": values, "constraint": values[::-1]}}
    figure = plots.layers_figure(panels, "here", level=1.0, mark=1)
    axis = figure.axes[0]
    drawn = [np.asarray(each.get_ydata()).tolist() for each in axis.lines[:2]]
    assert drawn == [[0.3, 0.6], [0.6, 0.3]]
    assert len(axis.collections) == 2
    assert axis.get_legend_handles_labels()[1] == ["query", "constraint"]


def test_a_line_looks_the_same_in_all_panels() -> None:
    """Mistake: a colour that is the query in one panel and the constraint in the next."""
    values = [Interval(0.3, 0.2, 0.4)] * 2
    panels = {"one": {"sink": values, "query": values}, "two": {"query": values}}
    first, second = plots.layers_figure(panels, "here").axes
    assert first.lines[1].get_color() == second.lines[0].get_color()


def test_every_estimate_has_its_row_and_interval() -> None:
    """Mistake: a panel that lacks a row shifts the ones below it."""
    low, high = Interval(-0.2, -0.3, -0.1), Interval(0.5, 0.4, 0.6)
    panels = {"one": {"base": low, "strict": high}, "two": {"strict": low}}
    figure = plots.estimates_figure(panels, "here", level=0)
    first, second = figure.axes
    assert [each.get_text() for each in first.get_yticklabels()] == ["base", "strict"]
    assert np.asarray(first.lines[0].get_xdata()).tolist() == [-0.3, -0.1]
    assert np.asarray(second.lines[0].get_ydata()).tolist() == [1, 1]
    assert "95 %" in figure.get_supxlabel()
