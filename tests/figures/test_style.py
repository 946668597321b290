"""One style for all figures: palette, caption, provenance, intervals that can be drawn."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hppt_lib import figures
from hppt_lib.figures.style import (
    COLOURS,
    LABELS,
    SMALL,
    band,
    caption,
    error_bars,
    looks,
    of_share,
    provenance_line,
    wrapped,
)
from hppt_lib.intervals import Interval


def test_the_provenance_line_has_its_four_parts() -> None:
    line = provenance_line("cpu", "SmolLM2", [0, 1, 2], 240)
    assert line == "tier cpu · SmolLM2 · seeds 0, 1, 2 · 240 responses a point"
    assert "seed 3 ·" in provenance_line("cpu", "SmolLM2", [3], 1)
    pilot = provenance_line(None, "pilot of SmolLM2", [0], "5 instructions × 4 samples", "strict")
    assert pilot == "pilot of SmolLM2 · seed 0 · 5 instructions × 4 samples · strict"


def test_a_caption_is_legible_and_inside_its_figure() -> None:
    """Mistake: the tier in the smallest letters of the page, or cut off at the edge."""
    figure, _ = plt.subplots(figsize=(6, 3), layout="constrained")
    caption(figure, "tier cpu · a model with a long name · " * 6)
    figure.canvas.draw()
    text = figure._supxlabel
    assert text.get_fontsize() >= SMALL
    box = text.get_window_extent()
    assert box.x0 >= 0 and box.x1 <= figure.bbox.width
    plt.close(figure)


def test_an_interval_of_a_share_ends_at_0_and_1() -> None:
    """Mistake: "0.98 [0.95, 1.01]" in a course that teaches why such an end is nonsense."""
    assert of_share(Interval(0.98, 0.95, 1.01)) == Interval(0.98, 0.95, 1.0)
    assert of_share(Interval(0.2, -0.15, 0.5)) == Interval(0.2, 0.0, 0.5)


def test_what_was_not_measured_is_left_out_of_a_band() -> None:
    figure, axis = plt.subplots()
    band(axis, [1, 2, 3], [Interval(0.2, 0.1, 0.3), None, Interval(0.4, 0.3, 0.5)], "black")
    assert list(axis.lines[0].get_xdata()) == [1, 3]
    plt.close(figure)


@pytest.mark.parametrize("sideways", [True, False])
def test_error_bars_reach_to_the_ends(sideways: bool) -> None:
    """Mistake: a bar of the right length on the wrong axis."""
    figure, axis = plt.subplots()
    error_bars(axis, [7], [Interval(0.5, 0.2, 0.6)], "black", sideways=sideways)
    [segment] = axis.containers[0].lines[2][0].get_segments()
    along, across = (0, 1) if sideways else (1, 0)
    assert list(segment[:, along]) == pytest.approx([0.2, 0.6])
    assert set(segment[:, across]) == {7}
    plt.close(figure)


def test_every_public_name_of_the_room_can_be_had() -> None:
    """Mistake: a name in the stub whose module lacks it, found by the first reader."""
    for name in figures.__all__:
        assert getattr(figures, name) is not None
    assert callable(figures.use_style) and callable(figures.table)


def test_every_arm_has_a_name_and_a_colour_of_its_own() -> None:
    assert set(COLOURS) == set(LABELS)
    assert len({tuple(each) for each in COLOURS.values()}) == len(COLOURS)


LONG = "experiment-2026-11-28_lr=3e-4_rank=64_with_a_reward_of_my_own"


def test_any_names_have_looks_that_can_be_told_apart() -> None:
    """Mistake: a KeyError for a name that the course does not know; two arms that look alike."""
    names = ["strict", "mine", "guarded", *(f"{LONG}{number}" for number in range(20))]
    found = looks(names)
    assert list(found) == names
    assert found["strict"].colour == COLOURS["strict"] and found["strict"].label == LABELS["strict"]
    drawn = [(tuple(each.colour), each.marker, str(each.line)) for each in found.values()]
    assert len(set(drawn)) == len(names)
    others = [tuple(found[name].colour) for name in names[3:9]]
    assert len(set(others)) == 6 and not {tuple(COLOURS[arm]) for arm in COLOURS} & set(others)


def test_in_a_grey_print_neighbours_still_differ() -> None:
    found = list(looks(["a", "b", "c", "d", "e"]).values())
    assert len({str(each.line) for each in found}) == len({each.marker for each in found}) == 5
    strict, guarded = looks(["strict", "guarded"]).values()
    assert strict.line != guarded.line


def test_looks_are_stable_by_order() -> None:
    """Mistake: an arm that changes its colour because another is no longer drawn after it."""
    assert looks(["x", "y"])["x"] == looks(["x", "y", "z"])["x"]
    assert looks(["base", "x", "strict"])["x"] == looks(["base", "x", "strict", "y"])["x"]


@given(st.text(max_size=80), st.integers(4, 30))
def test_a_wrapped_name_fits(text: str, width: int) -> None:
    lines = wrapped(text, width).split("\n")
    assert len(lines) <= 4 and all(len(line) <= width for line in lines)


def test_a_name_without_spaces_is_broken_at_its_marks() -> None:
    """Mistake: nothing lost, and nothing broken in the middle of a word that fits."""
    assert wrapped("my-run_lr=3e-4/seed0", 10) == "my-run_lr=\n3e-4/seed0"
    assert wrapped("two words", 30) == "two words" and wrapped("", 5) == ""
    assert "".join(wrapped(LONG, 34).split("\n")) == LONG
    assert wrapped("x" * 100, 10).endswith("…")
