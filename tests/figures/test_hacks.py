"""Figures of reward hacking draw what they are given, and name where it comes from."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import matplotlib.pyplot as plt
import pytest
from matplotlib.figure import Figure

from hppt_lib.evaluation.hacks import Drift
from hppt_lib.figures import hacks as plots_hacking
from hppt_lib.figures.style import use_style
from hppt_lib.intervals import Rate, mean_interval
from hppt_lib.records import Step

LINE = "tier cpu · tiny · seeds 0, 1 · 8 responses a point"
STEP = Step(
    step=1,
    reward=0.75,
    strict=0.5,
    guarded=0.25,
    length=9.0,
    zero_variance=0.0,
    entropy=1.0,
    gradient_norm=1.0,
    rollout_seconds=1.0,
    seconds=2.0,
    true_reward=0.25,
)


def run(paid: float, true: float | None, steps: int = 4) -> list[Step]:
    return [
        dataclasses.replace(STEP, step=number, reward=paid, true_reward=true)
        for number in range(1, steps + 1)
    ]


def captioned(figure: Figure) -> bool:
    return LINE in figure.get_supxlabel().replace("\n", " ")


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    use_style()
    yield
    plt.close("all")


def test_paid_and_true_are_two_lines_of_their_own() -> None:
    """Mistake: the truth drawn where the reward belongs, so that they never seem to part."""
    figure = plots_hacking.parting_figure(
        {"dial 0": [run(0.4, None)], "dial 0.3": [run(0.8, 0.3), run(0.7, 0.2)]}, LINE
    )
    exact, noisy = figure.axes
    assert [list(line.get_ydata()) for line in exact.lines] == [pytest.approx([0.4] * 4)] * 2
    drawn = [(line.get_label(), line.get_ydata()[-1]) for line in noisy.lines]
    assert drawn[:2] == [("paid", pytest.approx(0.8)), ("true", pytest.approx(0.3))]
    assert len(noisy.lines) == 4 and captioned(figure)


def test_only_what_was_paid_for_nothing_is_shaded() -> None:
    """Mistake: a shade that says "given away" where less was paid than was true."""
    steps = [
        *run(0.2, 0.6, 3),
        *(dataclasses.replace(each, step=each.step + 3) for each in run(0.9, 0.6, 3)),
    ]
    figure = plots_hacking.parting_figure({"judge": [steps]}, LINE, window=1)
    [shade] = figure.axes[0].collections
    corners = [path.vertices for path in shade.get_paths()]
    assert min(each[:, 0].min() for each in corners) > 3
    assert min(each[:, 1].min() for each in corners) == pytest.approx(0.6)


def test_two_lines_on_each_other_are_both_seen() -> None:
    """Mistake: a reward without error, whose two lines look like one of a third colour."""
    [axis] = plots_hacking.parting_figure({"dial 0": [run(0.4, None)]}, LINE).axes
    paid, true = axis.lines
    assert paid.get_linewidth() > 2 * true.get_linewidth()
    assert paid.get_linestyle() != true.get_linestyle()


def test_the_dial_has_a_point_a_seed_and_a_mean_with_its_interval() -> None:
    """Mistake: a mean without the spread of the seeds, or a base that is not shown."""
    after = {
        dial: [Rate(mean + shift, mean - 0.1, mean + 0.1, 40, 20) for shift in (0.0, 0.04)]
        for dial, mean in ((0.0, 0.6), (0.3, 0.5))
    }
    means = {dial: mean_interval([each.mean for each in found]) for dial, found in after.items()}
    figure = plots_hacking.dial_figure(after, means, Rate(0.3, 0.2, 0.4, 40, 20), LINE)
    [axis] = figure.axes
    labels = axis.get_legend_handles_labels()[1]
    assert "before training" in labels and any("mean over seeds" in each for each in labels)
    points = [len(box.lines[0].get_xdata()) for box in axis.containers]
    assert points == [2, 1, 2, 1], "two seeds and their mean, at each dial"
    assert "[digest]" in "".join(text.get_text() for text in axis.texts)
    assert captioned(figure)


def test_wires_are_drawn_only_where_something_was_satisfied() -> None:
    """Mistake: a hack rate of 0 where nothing satisfied its constraint at all."""
    rate = Rate(0.5, 0.3, 0.7, 20, 10)
    nil = Rate(0, 0, 0.1, 20, 10)
    none = Drift(3.0, 1.0, 0.05, rate, nil, nil, hacked=None, wires={})
    some = Drift(5.0, 0.9, 0.05, rate, rate, Rate(0.25, 0.1, 0.4, 20, 10), hacked=rate, wires={})
    figure = plots_hacking.wires_figure({"strict": [(2.5, none), (6.5, some)]}, LINE)
    of_all, hacked, distinct, words = figure.axes
    assert list(of_all.lines[0].get_ydata()) == [0.0, 0.25]
    assert list(hacked.lines[0].get_xdata()) == [6.5]
    assert list(distinct.lines[0].get_ydata()) == [1.0, 0.9]
    assert list(words.lines[0].get_ydata()) == [3.0, 5.0]
    assert "bands (first two panels)" in figure.get_supxlabel().replace("\n", " ")


def test_arms_keep_their_line_in_every_panel() -> None:
    """Mistake: arms in another order from one panel to the next."""
    measures = {
        "ISR": {"strict": [0.5, 0.7], "guarded": [0.6, 0.6]},
        "words": {"guarded": [20.0, 22.0], "strict": [9.0, 12.0]},
    }
    means = {
        name: {arm: mean_interval(values) for arm, values in found.items()}
        for name, found in measures.items()
    }
    figure = plots_hacking.arms_figure(measures, means, LINE)
    ratio, words = figure.axes
    assert [text.get_text() for text in ratio.get_yticklabels()] == ["strict", "guarded"]
    dots = [line for line in words.lines if line.get_marker() == "o"]
    assert list(dots[0].get_xdata()) == [9.0, 12.0] and set(dots[0].get_ydata()) == {0}
    assert words.get_xlim()[1] > 22 and ratio.get_xlim() == (0, 1)


def test_an_arm_without_a_measure_says_so() -> None:
    """Mistake: an arm that was not measured takes another's line, or looks like zero."""
    measures = {"ISR": {"strict": [0.5, 0.7], "KL": [0.6, 0.6]}, "KL": {"KL": [0.3, 0.4]}}
    means = {
        name: {arm: mean_interval(values) for arm, values in found.items()}
        for name, found in measures.items()
    }
    figure = plots_hacking.arms_figure(measures, means, LINE)
    [text] = figure.axes[1].texts
    assert text.get_text() == "not measured" and text.get_position()[1] == 0
    dots = [line for line in figure.axes[1].lines if line.get_marker() == "o"]
    assert [set(each.get_ydata()) for each in dots] == [{1}]


@pytest.mark.parametrize("count", [1, 2, 7])
def test_own_names_are_drawn(count: int) -> None:
    """Mistake: a KeyError for an arm that is not one of the course's."""
    names = [f"my-own-run_{number}_with_a_long_name/and/more" for number in range(count)]
    rate = Rate(0.5, 0.3, 0.7, 20, 10)
    some = Drift(5.0, 0.9, 0.05, rate, rate, rate, hacked=rate, wires={})
    wires = plots_hacking.wires_figure({name: [(2.5, some), (6, some)] for name in names}, LINE)
    looks = {(line.get_color(), line.get_linestyle()) for line in wires.axes[2].lines}
    assert len(looks) == count and captioned(wires)
    parting = plots_hacking.parting_figure({name: [run(1.8, -0.5)] for name in names}, LINE)
    shown = [axis for axis in parting.axes if axis.get_visible()]
    assert len(shown) == count and max(len(axis.get_title()) for axis in shown) < 80
    assert shown[0].get_ylim()[0] < -0.5 and shown[0].get_ylim()[1] > 1.8
    arms = plots_hacking.arms_figure({"ISR": {name: [0.5] for name in names}}, {}, LINE)
    assert len(arms.axes[0].get_yticklabels()) == count
    for figure in (wires, parting, arms):
        figure.canvas.draw()


def test_the_ladder_joins_runs_of_one_seed() -> None:
    """Mistakes: lines by place and not by seed; a mean over collapsed runs; a dot that is lost."""
    arms = {
        "precise": [(100, 0.6, False), (101, 0.5, False)],
        "judge": [(101, 0.2, True), (100, 0.4, False)],
        "noise": [(100, 0.45, False), (102, 0.3, False)],
    }
    base = Rate(0.25, 0.2, 0.3, 240, 240)
    figure = plots_hacking.ladder_figure(arms, [("judge", "noise")], base, "guarded ISR", LINE)
    axis = figure.axes[0]
    joined = [line for line in axis.lines if line.get_color() == "0.75"]
    assert [list(line.get_ydata()) for line in joined] == [[0.4, 0.45]]
    dots = {
        (float(line.get_xdata()[0]), float(line.get_ydata()[0])): line.get_markerfacecolor()
        for line in axis.lines
        if line.get_marker() == "o"
    }
    assert len(dots) == 6 and [at for at, fill in dots.items() if fill == "white"] == [(1.0, 0.2)]
    diamonds = [line for line in axis.lines if line.get_marker() == "D"]
    assert [round(float(line.get_xdata()[0])) for line in diamonds] == [0, 2]
    assert captioned(figure) and axis.get_ylabel() == "guarded ISR"


def test_the_signs_of_failing_runs_stand_beside_sound_ones() -> None:
    """Mistakes: the two kinds swapped; a curve below 0 cut off; a legend with a line a run."""
    sound, failing = [[0.0, 0.0, 0.0], [0.1, 0.1, 0.1]], [[0.0, -0.4, -0.4]]
    figure = plots_hacking.signatures_figure({"a gap": ("paid less true", sound, failing)}, LINE)
    [axis] = figure.axes
    dashed = [line for line in axis.lines if line.get_linestyle() == "--"]
    assert len(axis.lines) == 3 and len(dashed) == 1 and min(dashed[0].get_ydata()) < -0.2
    assert axis.get_ylim()[0] < -0.4 and captioned(figure)
    [legend] = figure.legends
    assert [each.get_text() for each in legend.get_texts()] == ["sound runs", "failing runs"]
