"""The exercises of notebook 08: right solutions pass, and they agree with the library."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from hppt_lib.attention import Sums, four_numbers, standardised
from hppt_lib.course.checks import check
from hppt_lib.course.exercises import attention as exercises
from hppt_lib.intervals import sign_flip_p


def tokens_by_characters(span: tuple[int, int], offsets: list[tuple[int, int]]) -> list[int]:
    wanted = set(range(*span))
    return [at for at, each in enumerate(offsets) if wanted & set(range(*each))]


def p_by_bits(one: list[float], other: list[float]) -> float:
    gaps = np.subtract(one, other)
    count = len(gaps)
    signs = 1 - 2 * ((np.arange(2**count)[:, None] >> np.arange(count)) & 1)
    return float(np.mean(np.abs(signs @ gaps) >= abs(gaps.sum()) - 1e-9))


def scaled_by_numpy(train: list[list[float]], test: list[list[float]]) -> tuple[Any, Any]:
    return tuple(each.tolist() for each in standardised(np.array(train), np.array(test)))


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("tokens_of", tokens_by_characters),
        ("lift", lambda share, sink, length, visible: share * (visible - 1) / length / (1 - sink)),
        ("paired_p", p_by_bits),
        ("scaled", scaled_by_numpy),
    ],
)
def test_another_right_solution_passes(name: str, student: Callable[..., Any]) -> None:
    """Mistake: a check that only its own author's way of writing passes."""
    check(f"attention.{name}", student)


def test_the_planted_bug_is_named() -> None:
    """Mistake: the reader leaves the bug in, and is told only that something is wrong."""
    with pytest.raises(AssertionError, match="the bug is still there"):
        check("attention.scaled", exercises.scaled_twice)


@given(st.floats(0.01, 0.4), st.floats(0.01, 0.5), st.integers(1, 9), st.integers(12, 60))
def test_the_lift_is_the_library_s(share: float, sink: float, length: int, visible: int) -> None:
    """Mistake: an exercise that teaches another number than the figures show."""
    shares = torch.tensor([[[[sink, share, 1 - sink - share]]]], dtype=torch.double)
    seen = torch.tensor([[1.0, length, visible - 1 - length]])
    found = four_numbers(Sums(("sink", "query", "response"), shares, shares, seen), "query")
    expected = exercises.lift(share, sink, length, visible)
    assert found["lift"].item() == pytest.approx(expected, rel=1e-6)


def test_the_permutation_test_is_the_library_s() -> None:
    """Mistake: a p-value that is not the share of all swaps, as the library counts them."""
    draw = np.random.default_rng(0)
    one, other = draw.normal(0.4, 1, 10), draw.normal(0, 1, 10)
    [counted] = sign_flip_p((one - other)[:, None])
    assert counted == pytest.approx(exercises.paired_p([*one], [*other]))
