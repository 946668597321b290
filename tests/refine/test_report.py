"""From a pilot's record to refined instructions: scores, summary, figures, and the command."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hppt_lib.errors import HpptError
from hppt_lib.figures import refine as plots_refine
from hppt_lib.instructions.model import (
    Constraint,
    Instruction,
    read_instructions,
    write_instructions,
)
from hppt_lib.refine import report as refinement
from hppt_lib.refine.pilot_log import Pilot, PilotSettings, Sampled, append_chunk, attempt, begin
from hppt_lib.refine.quality import (
    composition,
    filter_quality,
    kept_by,
    number_of,
    quality_rows,
    rewarded_within,
    types_of,
)
from hppt_lib.refine.steps import EVER, RULES, WINDOW, step_a
from tests.helpers.commands import hppt
from tests.helpers.tiny import tiny_instructions

NO_COMMA = Constraint("punctuation:no_comma", {}, "Do not use any commas.")
TITLE = Constraint("detectable_format:title", {}, "Add a <<title>>.")
WARM = Constraint("tone:warm", {}, "Sound warm.", "soft")
KIND = Constraint("emotion:joy", {}, "Convey joy.", "soft")


def made(id: str, *constraints: Constraint, unlearnable: str = "") -> Instruction:
    prompt = " ".join(["Write about tea.", *(each.text for each in constraints)])
    return Instruction(id, prompt, constraints, "Write about tea.", ("tea",), unlearnable)


MANY = [
    made("good", NO_COMMA),
    made("late", NO_COMMA, WARM, KIND),
    made("hard", NO_COMMA, TITLE),
    made("bad", TITLE, unlearnable="contradictory"),
    made("far", NO_COMMA, TITLE, WARM, unlearnable="beyond"),
]
HISTORIES = {
    "good": [1.0, 0.0, 1.0, 1.0],
    "late": [0.0, 0.0, 0.0, 1.0],
    "hard": [0.0] * 4,
    "bad": [0.0] * 4,
    "far": [0.0, 1.0, 0.0, 0.0],
}


def test_a_filter_is_scored_on_what_is_marked() -> None:
    """Mistake: an unlearnable one that is kept counted as found, or the groups' sizes mixed up."""
    first, _, _, last = filter_quality(MANY, HISTORIES, (1, 2, 3, 4))
    assert first.found and first.found.mean == 1.0 and first.found.samples == 2
    assert last.found and last.found.mean == 0.5
    assert {sort: each.mean for sort, each in last.found_by_sort.items()} == {
        "contradictory": 1.0,
        "beyond": 0.0,
    }
    assert first.lost and last.lost
    assert (first.lost.mean, last.lost.mean) == (2 / 3, 1 / 3)
    assert first.lost_proven and last.lost_proven
    assert (first.lost_proven.mean, last.lost_proven.mean) == (0.5, 0.0)
    assert first.lost_proven.samples == 2  # good and late; 'hard' was never rewarded
    assert first.precision and last.precision
    assert (first.precision.mean, last.precision.mean) == (0.5, 0.5)
    assert (first.kept.mean, last.kept.mean) == (0.2, 0.6)
    assert (last.rollouts, last.full) == (1 + 4 + 4 + 4 + 2, 20)
    assert first.kept.low < 0.2 < first.kept.high


def test_what_nothing_is_known_of_has_no_score() -> None:
    """Mistake: 0 % found where nothing was marked."""
    [score] = filter_quality(MANY[:1], HISTORIES, (4,))
    assert score.found is None and score.precision is None and not score.found_by_sort
    [row] = quality_rows([score])
    assert row["unlearnable removed"] == row["dropped: unlearnable"] == "–"
    assert row["kept"].startswith("1.00 [") and row["rollouts"] == "1 of 4"


@given(st.lists(st.lists(st.booleans(), min_size=6, max_size=6), min_size=1, max_size=10))
def test_more_samples_lose_fewer_and_find_fewer(rows: list[list[bool]]) -> None:
    """Mistake: scores at different budgets that are not of the same pilot."""
    many = [made(f"i{n}", NO_COMMA, unlearnable="beyond" * (n % 2)) for n in range(len(rows))]
    found = {f"i{n}": list(map(float, row)) for n, row in enumerate(rows)}
    scores = filter_quality(many, found, range(1, 7))
    for fewer, more in zip(scores, scores[1:], strict=False):
        assert fewer.kept.mean <= more.kept.mean and fewer.rollouts <= more.rollouts
    proven = scores[-1].lost_proven
    assert proven is None or proven.mean == 0


def test_what_was_kept_is_compared_with_the_whole_and_the_control() -> None:
    """Mistake: shares of constraints in the place of shares of instructions."""
    groups = composition(step_a(MANY, HISTORIES, samples=4))
    assert [each.size for each in groups.values()] == [5, 3, 2, 3]
    assert {number: share.mean for number, share in groups["all"].constraints.items()} == {
        1: 0.4,
        2: 0.2,
        3: 0.4,
    }
    assert groups["kept"].types["soft: tone"].mean == pytest.approx(2 / 3)
    assert groups["kept"].kinds["hard"].mean == pytest.approx(1 / 3)
    assert groups["dropped"].unlearnable.mean == 0.5
    mean, low, high = groups["dropped"].prompt_words
    assert mean == 8.5 and low < mean < high  # 3 + 5 + 3 words in 'hard', 3 + 3 in 'bad'
    nothing = step_a(MANY[3:4], HISTORIES, samples=4)
    assert set(composition(nothing)) == {"all", "dropped"}


def test_the_share_kept_is_counted_for_each_value() -> None:
    """Mistake: an instruction with two types counted under one of them."""
    step = step_a(MANY, HISTORIES, samples=4)
    numbers = kept_by(step, number_of)
    assert {number: (share.mean, share.samples) for number, share in numbers.items()} == {
        1: (0.5, 2),
        2: (0.0, 1),
        3: (1.0, 2),
    }
    types = kept_by(step, types_of)
    assert types["detectable_format:title"].mean == pytest.approx(1 / 3)
    assert types["soft: emotion"].samples == 1


def pilot_of(histories: dict[str, list[float]], stop: str = "") -> Pilot:
    """A pilot whose responses were rewarded as given (by the strict reward)."""
    texts = {1.0: "<<On tea>>\n\nHot tea is a pleasant drink.", 0.0: "Well, no."}
    attempts = {
        each.id: tuple(attempt(each, Sampled(texts[one], 3, True)) for one in histories[each.id])
        for each in MANY
    }
    settings = PilotSettings(samples=4, stop=stop, reward="strict")
    return Pilot(settings, "tiny", None, len(MANY), tuple(MANY), attempts)


def test_a_refinement_is_written_with_its_control(tmp_path: Path) -> None:
    """Mistake: a control without Step B, which then differs from the kept in two ways."""
    result = refinement.refined(pilot_of(HISTORIES), reward="strict")
    paths = refinement.write_refinement(result, tmp_path)
    assert {each.name for each in paths} == {
        "kept.jsonl",
        "control.jsonl",
        "decisions.jsonl",
        "summary.txt",
        "refine.png",
        "control.png",
        "budget.png",
    }
    kept, control = (read_instructions(tmp_path / f"{name}.jsonl") for name in ("kept", "control"))
    assert [each.id for each in kept] == ["good", "late-simplified", "far"]
    assert kept[1].original and kept[1].original.removed == ((2, KIND),)
    assert len(control) == len(kept)
    assert all(sum(one.kind == "soft" for one in each.constraints) <= 1 for each in control)
    rows = [json.loads(line) for line in (tmp_path / "decisions.jsonl").read_text().splitlines()]
    assert [row["kept"] for row in rows] == [True, True, False, False, True]
    assert rows[1] == {
        "id": "late",
        "kept": True,
        "reason": "1 of 4 samples rewarded",
        "rewards": [0.0, 0.0, 0.0, 1.0],
        "used": 4,
        "unlearnable": "",
    }
    text = (tmp_path / "summary.txt").read_text()
    assert "3 kept, 2 dropped" in text and "soft constraints were left out" in text
    assert "15 with sequential stopping, 20 without (25% saved)" in text
    assert "unlearnable removed" in text


def test_a_stopped_pilot_has_no_budget_curve(tmp_path: Path) -> None:
    """Mistake: smaller budgets computed from histories that were cut short."""
    stopped = {"good": [1.0], "late": [0.0] * 3 + [1.0], "far": [0.0, 1.0]}
    pilot = pilot_of(HISTORIES | stopped, stop="ever")
    result = refinement.refined(pilot, reward="strict")
    names = {each.name for each in refinement.write_refinement(result, tmp_path)}
    assert "budget.png" not in names and "refine.png" in names
    assert "unlearnable removed" not in refinement.summary(result)


def test_a_pilot_that_kept_nothing_or_has_nothing_is_said() -> None:
    """Mistake: an empty file of instructions, which fails somewhere else."""
    nothing = refinement.refined(pilot_of(dict.fromkeys(HISTORIES, [0.0] * 4)), reward="strict")
    with pytest.raises(HpptError, match="keeps nothing"):
        refinement.write_refinement(nothing, Path("unused"))
    empty = replace(pilot_of(HISTORIES), instructions=(), attempts={})
    with pytest.raises(HpptError, match="not sampled anything yet"):
        refinement.refined(empty)


@pytest.mark.parametrize(
    ("samples", "expected"),
    [(1, [1]), (4, [1, 2, 3, 4]), (8, list(range(1, 9))), (20, [*range(1, 9), 16, 20])],
)
def test_the_budgets_end_with_the_whole_pilot(samples: int, expected: list[int]) -> None:
    """Mistake: a curve that stops short of what was sampled."""
    assert refinement.budgets(samples) == expected


# Figures


@pytest.mark.parametrize("rule", [EVER, WINDOW], ids=sorted(RULES))
def test_the_figures_show_the_numbers(rule: object) -> None:
    """Mistake: bars or labels of other groups than the title says."""
    line = plots_refine.provenance_line("tiny", 5, 4, 0, "strict")
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


def test_what_was_dropped_is_what_a_longer_pilot_samples(tmp_path: Path) -> None:
    """Mistake: kept ones among them, or new samples that repeat the old ones' chance."""
    record = tmp_path / "pilot.jsonl"
    begin(record, MANY, PilotSettings(samples=2, seed=3), "tiny", None)
    texts = {"good": "Hot tea is a pleasant drink.", "bad": "No."}
    rows = {
        each.id: [Sampled("No,", 2, True), Sampled(texts.get(each.id, "No,"), 3, True)]
        for each in MANY
    }
    append_chunk(record, 0, rows)
    found = refinement.dropped_by(record, MANY, reward="guarded", seed=1)
    assert [each.id for each in found] == ["late", "hard", "bad", "far"]
    with pytest.raises(HpptError, match="Give another --seed"):
        refinement.dropped_by(record, MANY, reward="guarded", seed=3)
    with pytest.raises(HpptError, match="rewarded every instruction"):
        begin(tmp_path / "all.jsonl", MANY[:1], PilotSettings(samples=2), "tiny", None)
        append_chunk(tmp_path / "all.jsonl", 0, {"good": rows["good"]})
        refinement.dropped_by(tmp_path / "all.jsonl", MANY, reward="guarded", seed=1)


def test_shares_rewarded_grow_with_the_samples_and_are_drawn() -> None:
    shares = rewarded_within(MANY, HISTORIES, (1, 2, 4))
    assert {sort: [each.mean for each in some] for sort, some in shares.items()} == {
        "": [pytest.approx(1 / 3)] * 2 + [pytest.approx(2 / 3)],
        "beyond": [0.0, 1.0, 1.0],
        "contradictory": [0.0, 0.0, 0.0],
    }
    figure = plots_refine.again_figure((1, 2, 4), shares, "tiny")
    lines = {str(line.get_label()): line for line in figure.axes[0].get_lines()}
    assert list(lines) == ["not marked (3)", "beyond the model (1)", "contradictory (1)"]
    assert list(lines["beyond the model (1)"].get_ydata()) == [0.0, 1.0, 1.0]
    plt.close(figure)


# The commands


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (
            "pilot",
            ["--samples", "--stop", "--limit", "--dropped-by", "Killed at any moment", "Example"],
        ),
        (
            "refine",
            ["--rule", "--budget", "--keep-soft", "control.jsonl", "weak policy", "Example"],
        ),
    ],
)
def test_help_teaches(command: str, words: list[str]) -> None:
    """Mistake: a command or option without a word on what it is for."""
    done = hppt(command, "--help")
    assert done.returncode == 0 and all(word in done.stdout for word in words)


def test_refine_writes_from_a_record(tmp_path: Path) -> None:
    """Mistake: a command that works only where it was written."""
    many = tiny_instructions()
    write_instructions(tmp_path / "tiny.jsonl", many)
    record = tmp_path / "pilot.jsonl"
    begin(record, many, PilotSettings(samples=2), "tiny", None)
    rows = {
        each.id: [Sampled(f"Good {each.topic[0]} makes people happy again.", 3, True)] * 2
        for each in many
    }
    append_chunk(record, 0, rows)
    options = ["--instructions", str(tmp_path / "tiny.jsonl"), "--out", str(tmp_path / "out")]
    done = hppt("refine", str(record), *options)
    assert done.returncode == 0, done.stderr
    assert "4 kept, 0 dropped" in done.stdout and (tmp_path / "out" / "kept.jsonl").is_file()
    done = hppt("refine", str(record), *options, "--budget", "4")
    assert "1 samples)" in done.stdout or "2 samples)" in done.stdout


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--rule", "often"], "There is no rule 'often'. Choose one of: ever, window"),
        (["--keep-soft", "best"], "There is no soft rule 'best'"),
        (["--samples", "1", "--budget", "9"], "not both"),
        (["--instructions", "none"], "There are no instructions named 'none'"),
        ([], "Could not read"),
    ],
)
def test_an_error_is_a_message_and_status_1(options: list[str], message: str) -> None:
    """Mistake: a traceback for what the reader can put right."""
    done = hppt("refine", "none.jsonl", *options)
    assert done.returncode == 1 and message in done.stderr and "Traceback" not in done.stderr
