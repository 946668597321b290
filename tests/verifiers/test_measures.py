"""Measures: numbers that are known, laws that hold of any text, and names that are none."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hppt_lib import verifiers
from hppt_lib.errors import HpptError
from hppt_lib.verifiers.measures import MEASURES, reading_grade

SHARES = [each for each in MEASURES if each not in ("words", "different words", "greeting")]


def test_the_reading_grade_is_flesch_and_kincaids() -> None:
    """Mistake: syllables and words exchanged, or a constant that is mistyped."""
    # 10 words, 2 sentences, 13 syllables: .39 * 5 + 11.8 * 1.3 - 15.59
    text = "The water in the kettle boils. I pour the tea."
    assert reading_grade(text) == pytest.approx(0.39 * 5 + 11.8 * 1.2 - 15.59, abs=1e-9)
    assert reading_grade("I see a cat.") == 0


@settings(max_examples=25)
@given(text=st.text())
def test_any_text_has_finite_numbers(text: str) -> None:
    """Mistake: a share of no words, or a number that no threshold can be held against."""
    for name, measure in MEASURES.items():
        assert math.isfinite(measure(text)), name


@settings(max_examples=30)
@given(
    text=st.lists(
        st.sampled_from(["I was glad!", "You can't go.", "Is it 5 o'clock?", "Stop."]), min_size=1
    )
)
def test_a_text_said_twice_has_the_same_shares(text: list[str]) -> None:
    """Mistake: a measure that grows with the length, so that long answers pass."""
    once, twice = "\n\n".join(text), "\n\n".join(text + text)
    for name in SHARES:
        assert MEASURES[name](twice) == pytest.approx(MEASURES[name](once)), name


def test_an_unknown_measure_is_an_error_when_built() -> None:
    """Mistake: a misspelt measure that fails every response, silently."""
    with pytest.raises(HpptError, match="'warmth' is no measure; there are reading grade"):
        verifiers.build("hppt:measure", {"measure": "warmth", "relation": "at least", "value": 1})
