"""How good a filter is: shares of the right groups, and none where nothing is known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hppt_lib.instructions.model import Instruction
from hppt_lib.refine import (
    composition,
    filter_quality,
    kept_by,
    number_of,
    quality_rows,
    rewarded_within,
    step_a,
    types_of,
)
from tests.helpers.pilots import HISTORIES, MANY, NO_COMMA


def test_a_filter_is_scored_on_what_is_marked() -> None:
    """Mistake: an unlearnable one that is kept counted as found, or the groups' sizes mixed up."""
    first, _, _, last = filter_quality(MANY, HISTORIES, (1, 2, 3, 4))
    assert first.found and first.found.mean == 1.0 and first.found.samples == 2
    assert last.found and last.found.mean == 0.5
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
    assert score.found is None and score.precision is None
    [row] = quality_rows([score])
    assert row["unlearnable found"] == row["precision"] == "–"
    assert row["kept"].startswith("1.00 [") and row["rollouts"] == "1 of 4"


@given(st.lists(st.lists(st.booleans(), min_size=6, max_size=6), min_size=1, max_size=10))
def test_more_samples_lose_fewer_and_find_fewer(rows: list[list[bool]]) -> None:
    """Mistake: scores at different budgets that are not of the same pilot."""
    many = [
        Instruction(f"i{n}", "?", (NO_COMMA,), unlearnable="beyond" * (n % 2))
        for n in range(len(rows))
    ]
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
    words = groups["dropped"].prompt_words
    assert (
        words.mean == 8.5 and words.low < 8.5 < words.high
    )  # 3 + 5 + 3 words in 'hard', 3 + 3 in 'bad'
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


def test_shares_rewarded_grow_with_the_samples() -> None:
    """Mistake: a budget that counts the last samples, or a share of another group."""
    shares = rewarded_within(MANY, HISTORIES, (1, 2, 4))
    assert {sort: [each.mean for each in some] for sort, some in shares.items()} == {
        "": [pytest.approx(1 / 3)] * 2 + [pytest.approx(2 / 3)],
        "beyond": [0.0, 1.0, 1.0],
        "contradictory": [0.0, 0.0, 0.0],
    }
