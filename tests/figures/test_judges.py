"""Figures of judges draw what was measured, with intervals, and say where it comes from."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from hppt_lib.audit import JudgedRow, curves, rates_by, rates_of
from hppt_lib.audit.thresholds import make_precise, precision_cost, threshold_sweep
from hppt_lib.figures import judge_curves
from hppt_lib.figures import judges as plots_judges
from hppt_lib.figures.style import use_style
from hppt_lib.intervals import Rate
from tests.measure.synthetic_audit import Design, Known, judged

LINE = "judge a · mode batch · data soft"


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    use_style()
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def rows() -> list[JudgedRow]:
    return judged([Known(0.8, 0.6, 0.95)], Design(150, 4, 0.3), np.random.default_rng(0))[0]


def captioned(figure: Figure) -> bool:
    return LINE in figure.get_supxlabel().replace("\n", " ")


def test_reported_values_are_hollow_and_marked(rows: list[JudgedRow]) -> None:
    """Mistake: a number of the paper that looks like one measured here."""
    found = rates_of(rows)
    figure = plots_judges.judges_figure(
        {"batch": {"a": found}}, LINE, plots_judges.PAPER_JUDGES["soft"]
    )
    precision, _, false = figure.axes
    names = [each.get_text() for each in precision.get_yticklabels()]
    assert names == ["a", *plots_judges.PAPER_JUDGES["soft"]]
    hollow = [each for each in false.lines if each.get_markerfacecolor() == "none"]
    reported = [each[0].value for each in plots_judges.PAPER_JUDGES["soft"].values()]
    assert [each.get_xdata()[0] for each in hollow] == reported
    assert [each.get_text() for each in false.texts] == ["[digest]"] * len(reported)
    assert not precision.texts, "no precision is reported"
    assert found.recall_on_false
    ends = [list(each.get_xdata()) for each in false.lines if len(each.get_xdata()) == 2]
    assert ends == [[found.recall_on_false.low, found.recall_on_false.high]]
    assert captioned(figure)


def test_paper_numbers_are_those_of_the_digest() -> None:
    """Mistake: hard and soft exchanged."""
    hard = [each[0].value for each in plots_judges.PAPER_JUDGES["hard"].values()]
    soft = [each[0].value for each in plots_judges.PAPER_JUDGES["soft"].values()]
    assert hard == [0.306, 0.441, 0.657, 0.593] and soft == [0.209, 0.331, 0.638, 0.547]


def test_numbers_of_constraints_have_points_with_intervals(rows: list[JudgedRow]) -> None:
    """Mistake: points at their place in the list and not at their number of constraints."""
    groups = rates_by(
        [each for each in rows if each.constraints_in_call != 2],
        lambda each: each.constraints_in_call,
    )
    numbers = {int(number): each for number, each in groups.items()}
    figure = plots_judges.numbers_figure({"a": numbers}, LINE)
    false = figure.axes[2]
    [container] = false.containers
    points, _, [bars] = container.lines
    assert list(points.get_xdata()) == [1, 3, 4]
    shares = [numbers[number].recall_on_false for number in (1, 3, 4)]
    assert list(points.get_ydata()) == [each.mean for each in shares if each]
    ends = [(segment[0][1], segment[1][1]) for segment in bars.get_segments()]
    assert ends == [pytest.approx((each.low, each.high)) for each in shares if each]
    assert false.get_xlabel() == "constraints in one call" and captioned(figure)


def test_the_roc_names_its_area_and_interval(rows: list[JudgedRow]) -> None:
    curve = curves.roc(rows)
    assert curve is not None
    figure = judge_curves.roc_figure({"a": curve}, LINE)
    axis = figure.axes[0]
    labels = [each.get_text() for each in axis.get_legend().get_texts()]
    assert labels == ["chance\nAUC 0.50", f"a\nAUC {curve.auc}"]
    assert tuple(axis.lines[1].get_xdata()) == curve.false_pass_rates
    assert axis.get_xlabel().startswith("false-pass rate") and captioned(figure)


def test_calibration_has_a_panel_a_judge(rows: list[JudgedRow]) -> None:
    """Mistake: bins drawn at their middle and not at their mean confidence."""
    found = curves.calibration(rows)
    assert found is not None
    figure = judge_curves.calibration_figure({"a": found, "b": found}, LINE)
    assert [each.get_title(loc="left").strip() for each in figure.axes] == ["a", "b"]
    points = figure.axes[0].containers[1].lines[0]
    assert list(points.get_xdata()) == [each.confidence for each in found.bins]
    assert f"by chance {found.error_by_chance:.2f}" in figure.axes[0].texts[0].get_text()
    assert captioned(figure)


def test_prevalence_has_a_band() -> None:
    share = Rate(0.8, 0.7, 0.9, 50, 50)
    curve = curves.precision_by_prevalence(share, share)
    figure = judge_curves.prevalence_figure({"a": curve}, LINE)
    axis = figure.axes[0]
    assert len(axis.collections) == 1 and tuple(axis.lines[0].get_ydata()) == curve.precision
    assert "prevalence" in axis.get_xlabel() and captioned(figure)


def test_the_guaranteed_threshold_is_marked_or_said_to_be_out_of_reach(
    rows: list[JudgedRow],
) -> None:
    """Mistake: a mark where nothing is guaranteed."""
    swept = threshold_sweep(rows)
    good, none = make_precise(rows, keep=0.9), make_precise(rows[:40])
    always = [JudgedRow(each.judge, each.row, type(each.judgement)(True, 1.0), 1) for each in rows]
    nothing = make_precise(always)
    figure = judge_curves.threshold_figure(
        {"good": swept, "none": swept, "nothing": threshold_sweep(always)},
        {"good": good, "none": none, "nothing": nothing},
        LINE,
    )
    stars = [
        [line.get_xdata()[0] for line in axis.lines if line.get_marker() == "*"]
        for axis in figure.axes
    ]
    assert stars == [[good.pass_from], [], []]
    said = [axis.texts[0].get_text() for axis in figure.axes]
    assert said[0].startswith("guaranteed from") and said[1].startswith("cannot be reached")
    assert said[2] == "reached only by passing nothing"
    assert captioned(figure)


def test_the_price_of_precision(rows: list[JudgedRow]) -> None:
    """Mistake: a target that cannot be reached drawn as 0."""
    costs = [
        precision_cost(rows, target=target, keep=0.9, splits=10) for target in (0.5, 0.8, 0.99)
    ]
    figure = judge_curves.price_figure({"a": costs}, LINE)
    points = figure.axes[2].containers[0].lines[0]
    assert list(points.get_xdata()) == [0.5, 0.8]
    assert [each.coverage.mean for each in costs[:2] if each.coverage] == list(points.get_ydata())
    assert list(figure.axes[0].get_xticks()) == [0.5, 0.8, 0.99] and captioned(figure)
    units = [axis.get_ylabel() for axis in figure.axes]
    assert units[1] == "times as many" and "share" not in units[1], "it can be far above 1"


def test_attacks_stand_beside_the_rules() -> None:
    """Mistake: an attack that one judge was not tried with drawn in another's row."""
    low, high = Rate(0.1, 0.05, 0.2, 50, 50), Rate(0.7, 0.6, 0.8, 50, 50)
    figure = plots_judges.attacks_figure(
        {"a": {"none": high, ":": high}, plots_judges.RULES_NAME: {":": low}}, LINE
    )
    axis = figure.axes[0]
    assert [each.get_text() for each in axis.get_yticklabels()] == ["none", ":"]
    points = [each for each in axis.lines if len(each.get_xdata()) == 1]
    assert [each.get_xdata()[0] for each in points] == [0.7, 0.7, 0.1]
    assert points[2].get_ydata()[0] == pytest.approx(1.175)
    assert points[2].get_color() == plots_judges.GREY and captioned(figure)


@pytest.mark.slow
def test_programs_stand_beside_the_judge_and_the_blind_program() -> None:
    """Mistake: the judge's rates under the program's name, or the result nowhere to be read."""
    from hppt_lib.audit import INTENTS, audit_programs

    audit = audit_programs(intents=[each for each in INTENTS if each.name == "simple"])
    figure = plots_judges.programs_figure(audit)
    [program] = audit.programs
    precision = figure.axes[0]
    names = [each.get_text() for each in precision.get_yticklabels()]
    assert names == ["all rows (512)", f"simple ({program.program.rows})"]
    drawn = [each.get_xdata()[0] for each in precision.lines if len(each.get_xdata()) == 1]
    wanted = (
        audit.blind_rates, program.blind, audit.judge_rates, program.judge, program.program
    )  # fmt: skip
    assert drawn == [each.precision.mean for each in wanted if each.precision]
    assert audit.sentence in figure.get_supxlabel().replace("\n", " ")
    labels = [each.get_text().replace("\n", " ") for each in figure.legends[0].get_texts()]
    assert labels[0].startswith("blind") and labels[1].startswith("best judge")
