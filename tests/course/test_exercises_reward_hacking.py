"""The exercises of notebook 06: right solutions pass, and they agree with the library."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hppt_lib import rewards
from hppt_lib.course.checks import check
from hppt_lib.course.exercises import reward_hacking as exercises
from hppt_lib.evaluation import hacks as hacking
from hppt_lib.instructions.model import Constraint, Instruction

RATES = st.floats(0.01, 0.99)
ERRORS = st.floats(0, 0.45)


def paid_by_cases(true_rate: float, false_pass: float, false_fail: float = 0.0) -> float:
    return true_rate - true_rate * false_fail + false_pass - true_rate * false_pass


def quoted_by_text(constraint: str, response: str) -> bool:
    def plain(text: str) -> list[str]:
        return re.findall(r"[a-z0-9']+", text.lower())

    asked, said = plain(constraint), f" {' '.join(plain(response))} "
    return any(f" {' '.join(asked[at : at + 3])} " in said for at in range(len(asked) - 2))


def perplexity_by_product(log_probs: list[float]) -> float:
    return math.prod(math.exp(-each) for each in log_probs) ** (1 / len(log_probs))


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("paid_rate", paid_by_cases),
        ("quotes", quoted_by_text),
        ("perplexity", perplexity_by_product),
    ],
)
def test_another_right_solution_passes(name: str, student: Callable[..., Any]) -> None:
    """Mistake: a check that only its own author's way of writing passes."""
    check(f"reward_hacking.{name}", student)


@given(RATES, ERRORS, ERRORS)
def test_the_correction_undoes_the_noise(true: float, passes: float, fails: float) -> None:
    """Mistake: an exercise whose formula is not the library's."""
    paid = exercises.paid_rate(true, passes, fails)
    assert exercises.corrected_rate(paid, passes, fails) == pytest.approx(true)


@given(RATES, ERRORS, ERRORS)
def test_the_signal_is_what_the_price_in_variance_leaves(
    true: float, passes: float, fails: float
) -> None:
    """Mistake: a signal that does not fall by the square root of `rewards.variance_factor`."""
    left = exercises.signal(true, passes, fails) / exercises.signal(true, 0, 0)
    assert left == pytest.approx(rewards.variance_factor(passes, fails, true) ** -0.5)


@pytest.mark.parametrize(
    ("text", "response", "expected"),
    [
        ("Do not use any commas.", "I do not use any comma at all here.", True),
        ("Do not use any commas.", "Tea is hot and I like it a lot.", False),
    ],
)
def test_the_wire_agrees_with_the_library(text: str, response: str, expected: bool) -> None:
    """Mistake: an exercise that teaches another wire than the figures show."""
    instruction = Instruction("a", text, (Constraint("punctuation:no_comma", {}, text),), "", ())
    assert exercises.quotes(text, response) is expected
    assert hacking.quotes_constraint(instruction, response) is expected
