"""Every figure names where its numbers come from, labels its axes and draws its intervals."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

import matplotlib.pyplot as plt
import pytest
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure

from hppt_lib.evaluation.satisfaction import (
    MEASURES,
    Evaluated,
    isr,
    mean_length,
    share_of,
    truncation_control,
)
from hppt_lib.figures import training as plots
from hppt_lib.figures.style import COLOURS, LABELS, provenance_line, use_style
from hppt_lib.instructions.model import Constraint, Instruction
from hppt_lib.records import Step
from hppt_lib.rewards import score

PROVENANCE = provenance_line("smoke", "tiny", [0, 1], 12)
TYPES = {
    "no_comma": Constraint("punctuation:no_comma"),
    "short": Constraint(
        "length_constraints:number_words", {"relation": "less than", "num_words": 7}
    ),
}
ANSWERS = {
    "base": ["Tea, leaves, brewed, overnight.", "Tea leaves brew slowly in cold water, they say."],
    "strict": ["No commas.", "Tea."],
    "guarded": ["Tea leaves brew overnight.", "Tea leaves brew overnight, cold."],
}


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    use_style()
    yield
    plt.close("all")


def rows(arm: str, groups: int = 6) -> list[Evaluated]:
    made = []
    for number in range(groups):
        for name, constraint in TYPES.items():
            asked = Instruction(
                f"{name}{number}", "Write about tea.", (constraint,), topic=("tea",)
            )
            response = ANSWERS[arm][number % 2]
            made.append(Evaluated(score(asked, response)))
    return made


def steps(number: int, level: float) -> list[Step]:
    return [
        Step(step, level, level, level / 2, 20.0 - step, 0.2, 1.0, 0.1, 1.0, 2.0)
        for step in range(1, number + 1)
    ]


ARMS = {arm: [rows(arm), rows(arm, 3)] for arm in ANSWERS}
CONTROLS = [truncation_control(rows("base"), (1, 4, 8)) for _ in range(2)]


def curves() -> Figure:
    runs = {"strict": [steps(5, 0.8), steps(5, 0.6)], "guarded": [steps(5, 0.4)]}
    return plots.training_figure(runs, PROVENANCE)


FIGURES = {
    "training_curves": curves,
    "satisfaction": lambda: plots.satisfaction_figure(ARMS, CONTROLS, PROVENANCE),
    "satisfaction_by_constraint": lambda: plots.constraints_figure(
        {arm: seeds[0] for arm, seeds in ARMS.items()}, PROVENANCE
    ),
    "truncation_curve": lambda: plots.truncation_figure(CONTROLS, PROVENANCE),
}
each_figure = pytest.mark.parametrize("draw", FIGURES.values(), ids=FIGURES.keys())


@each_figure
def test_every_figure_says_where_its_numbers_come_from(draw: Any) -> None:
    """Mistake: a figure that, copied out of the notebook, passes for a 7B result."""
    figure = draw()
    assert figure._supxlabel.get_text().replace("\n", " ").startswith(PROVENANCE)


@each_figure
def test_every_axis_is_labelled(draw: Any) -> None:
    """Mistake: a curve without a unit. An axis with names at its ticks needs no label."""
    for axis in draw().axes:
        assert axis.get_title(loc="left") or axis.get_title()
        for direction in (axis.xaxis, axis.yaxis):
            named = any(
                tick.get_text().strip("0123456789.−-") for tick in direction.get_ticklabels()
            )
            assert direction.get_label_text() or named


@each_figure
def test_shares_are_drawn_from_0_to_1(draw: Any) -> None:
    """Mistake: an axis that starts at .6 and makes a small gap look large."""
    for axis in draw().axes:
        for label, limits in (
            (axis.get_xlabel(), axis.get_xlim()),
            (axis.get_ylabel(), axis.get_ylim()),
        ):
            if "share" in label:
                assert limits == (0, 1)


@each_figure
def test_a_figure_can_be_drawn_to_a_file(draw: Any, tmp_path: Any) -> None:
    """Mistake: an error that shows only when the layout is computed."""
    path = tmp_path / "figure.png"
    draw().savefig(path)
    assert path.stat().st_size > 5000


def error_bars(figure: Figure, place: int) -> list[tuple[float, float, float]]:
    """(mean, low, high) of each mark of an axis, from what was drawn."""
    found = []
    for container in figure.axes[place].containers:
        if not hasattr(container, "has_yerr"):
            continue
        axis = 1 if container.has_yerr else 0
        points = container.lines[0].get_xydata()[:, axis]
        [bars] = [each for each in container.lines[2] if isinstance(each, LineCollection)]
        ends = [segment[:, axis] for segment in bars.get_segments()]
        found += [(p, min(e), max(e)) for p, e in zip(points, ends, strict=True)]
    return found


@pytest.mark.parametrize(("place", "measure"), list(enumerate(MEASURES)))
def test_satisfaction_draws_each_rate_with_its_interval(place: int, measure: str) -> None:
    """Mistake: measures exchanged, no substance, no control, or bars from another arm."""
    figure = plots.satisfaction_figure(ARMS, CONTROLS, PROVENANCE)
    rates = {arm: [share_of(each, measure) for each in seeds] for arm, seeds in ARMS.items()}
    guarded = measure != "strict ISR"
    rates["cut"] = [share_of(each.best(guarded=guarded).rows, measure) for each in CONTROLS]
    order = ("base", "cut", "strict", "guarded")
    expected = [rate for arm in order for rate in rates[arm]]
    marks = [each.lines[0] for each in figure.axes[place].containers]
    assert [mark.get_color() for mark in marks] == [COLOURS[arm] for arm in order]
    places = [[round(float(each)) for each in mark.get_xdata()] for mark in marks]
    assert places == [[0, 0], [1, 1], [2, 2], [3, 3]]
    drawn = error_bars(figure, place)
    assert len(drawn) == len(expected) == 8
    for found, rate in zip(drawn, expected, strict=True):
        assert found == pytest.approx((rate.mean, rate.low, rate.high))
    names = [tick.get_text().split() for tick in figure.axes[place].get_xticklabels()]
    assert names == [LABELS[arm].split() for arm in order]


def test_satisfaction_draws_the_length_of_each_arm() -> None:
    figure = plots.satisfaction_figure(ARMS, CONTROLS, PROVENANCE)
    heights = [bar.get_height() for bar in figure.axes[3].patches]
    expected = [(mean_length(one) + mean_length(two)) / 2 for one, two in ARMS.values()]
    assert heights == pytest.approx(expected)


@pytest.mark.parametrize("guarded", [True, False])
def test_rates_by_constraint_have_their_intervals(guarded: bool) -> None:
    """Mistake: rates of the alphabetically next type, or no interval."""
    figure = plots.constraints_figure(
        {arm: seeds[0] for arm, seeds in ARMS.items()}, PROVENANCE, guarded=guarded
    )
    ids = sorted(each.id for each in TYPES.values())
    expected = [
        isr([row for row in rows(arm) if row.instruction.constraints[0].id == id], guarded=guarded)
        for arm in ARMS
        for id in ids
    ]
    for found, rate in zip(error_bars(figure, 0), expected, strict=True):
        assert found == pytest.approx((rate.mean, rate.low, rate.high))
    names = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert names == ["number words", "no comma"]
    assert ("Guarded" in figure.axes[0].get_title(loc="left")) is guarded


def test_the_truncation_curve_has_bands() -> None:
    """Mistake: points without intervals, or strict drawn in the colour of guarded."""
    [axis] = plots.truncation_figure(CONTROLS[:1], PROVENANCE).axes
    bands = [each for each in axis.collections if isinstance(each, PolyCollection)]
    assert len(bands) == 2 == len(axis.lines)
    for line, band, rates, arm in zip(
        axis.lines,
        bands,
        (CONTROLS[0].strict, CONTROLS[0].guarded),
        ("strict", "guarded"),
        strict=True,
    ):
        assert list(line.get_xdata()) == [1, 4, 8]
        assert list(line.get_ydata()) == [each.mean for each in rates]
        assert line.get_color() == COLOURS[arm]
        corners = band.get_paths()[0].vertices[:, 1]
        assert corners.min() == pytest.approx(min(each.low for each in rates))
        assert corners.max() == pytest.approx(max(each.high for each in rates))


def test_training_curves_draw_a_line_a_seed_and_name_an_arm_once() -> None:
    figure = curves()
    assert [len(axis.lines) for axis in figure.axes] == [3, 3, 3]
    assert figure.axes[0].lines[1].get_ydata() == pytest.approx([0.6] * 5)
    assert figure.axes[2].lines[0].get_ydata() == pytest.approx([19, 18.5, 18, 17, 16])
    legend = [each.get_text() for each in figure.axes[0].get_legend().get_texts()]
    assert legend == [LABELS[arm].replace("\n", " ") for arm in ("strict", "guarded")]


def test_therunning_mean_looks_back_only() -> None:
    """Mistake: a mean that knows the future, and so shows learning before it happens."""
    assert plots.running_mean([0, 0, 0, 3, 3, 3], 3) == [0, 0, 0, 1, 2, 3]
    assert plots.running_mean([5], 3) == [5]


# --- samples --------------------------------------------------------------------------------------


def answered(id: str, response: str, prompt: str = "Write about tea.") -> Evaluated:
    asked = Instruction(id, prompt, (TYPES["no_comma"],), topic=("tea",))
    return Evaluated(score(asked, response))


def test_the_samples_are_shown_as_text() -> None:
    """Mistake: a response that runs in the reader's browser."""
    hostile = "<script>alert('tea')</script>\n<b>&amp;"
    arms = {
        "base": [answered("a", hostile, "Write <i>about</i> tea & milk.")],
        "guarded": [answered("a", "Tea leaves brew overnight.")],
    }
    page = plots.samples_table(arms, 1).to_html()
    assert "<script" not in page and "<i>about" not in page
    assert "&lt;script&gt;alert(&#x27;tea&#x27;)&lt;/script&gt;<br>&lt;b&gt;&amp;amp;" in page
    assert "Write &lt;i&gt;about&lt;/i&gt; tea &amp; milk." in page
    assert "✓ strict · ✓ guarded" in page and "✓ strict · ✗ guarded" in page


def test_the_samples_are_the_first_and_none_is_picked() -> None:
    """Mistake: the best response of each policy, or rows of different instructions in a line."""
    arms = {
        arm: [answered(id, f"{arm} {id} {number}") for id in "cab" for number in (1, 2)]
        for arm in ("base", "strict")
    }
    arms["strict"] = arms["strict"][::-1]
    table = plots.samples_table(arms, 2).data
    trained = LABELS["strict"].replace("\n", " ")
    assert list(table.columns) == ["instruction", "base policy", trained]
    assert [each.partition("<br>")[0] for each in table["base policy"]] == ["base c 1", "base a 1"]
    assert [each.partition("<br>")[0] for each in table[trained]] == ["strict c 2", "strict a 2"]


def test_an_instruction_that_an_arm_lacks_is_left_out() -> None:
    """Mistake: a line with an empty cell, which reads as an empty response."""
    arms = {
        "base": [answered("a", "Tea."), answered("b", "Tea.")],
        "strict": [answered("b", "No.")],
    }
    assert len(plots.samples_table(arms, 5).data) == 1


def test_results_show_strict_guarded_and_length() -> None:
    """Mistake: a table with the strict rate alone."""
    rows = [answered("a", each) for each in ("Tea is a warm brown drink.", "No.", "Tea, hot.")]
    line = plots.results_row("base", rows)
    assert line["strict ISR [95 %]"].startswith("0.67 [")
    assert line["guarded ISR [95 %]"].startswith("0.33 [")
    assert line["words"] == "3.0"
    assert line["responses"] == "3"


# --- live -----------------------------------------------------------------------------------------


class Screen:
    """What a notebook shows: each figure as it was when it was shown."""

    def __init__(self) -> None:
        self.points: list[Sequence[float]] = []
        self.captions: list[str] = []

    def update(self, figure: Figure) -> None:
        self.points.append(list(figure.axes[1].lines[0].get_ydata()))
        self.captions.append(figure._supxlabel.get_text())
        figure.canvas.draw()


def test_the_live_curve_grows_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: a new figure for each step, left open: memory and a page of pictures."""
    screen = Screen()
    monkeypatch.setattr("IPython.display.display", lambda **kwargs: screen)
    live = plots.LiveCurve(3, PROVENANCE)
    for step in steps(3, 0.5):
        live(step)
    assert screen.points == [[19.0], [19.0, 18.0], [19.0, 18.0, 17.0]]
    assert screen.captions == [PROVENANCE] * 3
    assert plt.get_fignums() == []


def test_the_live_curve_needs_no_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: a run from the command line that ends at its first step."""
    monkeypatch.setattr("IPython.display.display", lambda **kwargs: None)
    live = plots.LiveCurve(2, PROVENANCE)
    live(dataclasses.replace(steps(1, 0.5)[0], guarded=float("nan")))
    assert len(live.steps) == 1


# --- any names, any number ------------------------------------------------------------------------


def overlapping(figure: Figure) -> list[tuple[str, str]]:
    """Pairs of texts (names at the axes, titles, legends, caption) that lie on each other."""
    figure.canvas.draw()
    texts = [each for axis in figure.axes for each in (*axis.get_yticklabels(), axis.title)]
    texts += [each for axis in figure.axes for each in (axis._left_title, axis.xaxis.label)]
    texts += [each for axis in figure.axes for each in axis.get_xticklabels()]
    texts += [each for legend in figure.legends for each in legend.get_texts()]
    boxes = [
        (each.get_text(), each.get_window_extent().shrunk(0.9, 0.9))
        for each in (*texts, figure._supxlabel)
        if each.get_text() and each.get_visible() and each.axes is None or each.get_text()
    ]
    return [
        (one, other)
        for place, (one, box) in enumerate(boxes)
        for other, its in boxes[place + 1 :]
        if box.overlaps(its)
    ]


OWN = [
    "my_rewards:brief_answers_with_a_guard(guard=substance)",
    "short",
    "experiment-2026-11-28_lr=3e-4_rank=64_seeded_run",
    "noisy(of=guarded, false_pass=0.3), learning_rate=0.0003, lora_rank=64",
    "ein Versuch mit Umlauten äöü",
    "kl0.1",
    "/data/user/very/long/path/to/own/instructions.jsonl",
]


@pytest.mark.parametrize("count", [1, 2, 7])
def test_own_names_are_drawn_and_do_not_overlap(count: int) -> None:
    """Mistakes: a KeyError for the name of a user's run; seven long names over each other."""
    names = OWN[:count]
    looks = {name: rows(arm) for name, arm in zip(names, [*ANSWERS] * 3, strict=False)}
    seeds = {name: [some, some] for name, some in looks.items()}
    figures = [
        plots.training_figure({name: [steps(5, 0.4)] for name in names}, PROVENANCE),
        plots.satisfaction_figure(seeds, [], PROVENANCE),
        plots.satisfaction_figure({"base": ARMS["base"], **seeds}, CONTROLS, PROVENANCE),
        plots.constraints_figure(looks, PROVENANCE),
    ]
    for figure in figures:
        assert overlapping(figure) == []
    lines = figures[0].axes[0].lines
    assert len({(line.get_color(), line.get_linestyle()) for line in lines}) == count
    labels = [text.get_text() for text in figures[3].axes[0].get_legend().get_texts()]
    assert len(set(labels)) == count
    assert len(plots.samples_table(looks, 1).data.columns) == count + 1


def test_the_base_may_be_missing() -> None:
    """Mistake: a figure that needs the untrained policy, of which a user has no responses."""
    figure = plots.satisfaction_figure({"mine": ARMS["strict"]}, [], PROVENANCE)
    assert [tick.get_text() for tick in figure.axes[0].get_xticklabels()] == ["mine"]


def test_an_arm_without_a_type_leaves_its_place_free() -> None:
    some = [row for row in rows("strict") if "short" in row.instruction.id]
    figure = plots.constraints_figure({"all": rows("base"), "some": some}, PROVENANCE)
    assert [len(each.lines[0].get_xdata()) for each in figure.axes[0].containers] == [2, 1]
