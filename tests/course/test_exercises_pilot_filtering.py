"""The exercises of notebook 04: right solutions pass, and they agree with the library."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, hypergeom

from hppt_lib.course.checks import check
from hppt_lib.course.exercises import pilot_filtering
from hppt_lib.instructions.model import Constraint, Instruction
from hppt_lib.refine import steps as refine

HISTORIES = st.dictionaries(
    st.text("abc", min_size=1, max_size=3),
    st.lists(st.sampled_from([0.0, 1.0, None]), min_size=4, max_size=4),
    min_size=1,
)


# --- what readers write ---------------------------------------------------------------------------


def kept_by_loop(histories: dict[str, list[float | None]]) -> list[str]:
    kept = []
    for id, rewards in histories.items():
        if max([0.0, *(each for each in rewards if each is not None)]) > 0:
            kept.append(id)
    return kept


def chance_by_library(rewarded: int, samples: int, budget: int) -> float:
    return float(hypergeom.sf(0, samples, rewarded, budget))


def spent_by_place(histories: dict[str, list[float | None]]) -> int:
    return sum(
        rewards.index(1.0) + 1 if 1.0 in rewards else len(rewards) for rewards in histories.values()
    )


def rate_by_library(samples: int, confidence: float = 0.95) -> float:
    return float(beta.ppf(confidence, 1, samples))


def step_b_by_loop(prompt: str, soft: list[str]) -> str:
    lines = prompt.splitlines()
    for each in soft[1:]:
        lines.remove(each)
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("step_a", kept_by_loop),
        ("chance_kept", chance_by_library),
        ("rollouts_spent", spent_by_place),
        ("largest_rate", rate_by_library),
        ("step_b", step_b_by_loop),
    ],
)
def test_a_right_solution_passes_however_it_is_written(
    name: str, student: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    check(f"pilot_filtering.{name}", student)
    assert "✗" not in capsys.readouterr().out


@given(HISTORIES)
def test_step_a_and_its_cost_are_the_librarys(histories: dict[str, list[float | None]]) -> None:
    """Mistake: an exercise that teaches another filter than the kit's."""
    instructions = [
        Instruction(id, "Say x.", (Constraint("punctuation:no_comma", {}, "x"),))
        for id in histories
    ]
    step = refine.step_a(instructions, histories, samples=4)
    assert pilot_filtering.step_a(histories) == [each.id for each in step.kept]
    assert pilot_filtering.rollouts_spent(histories) == step.spent


@given(st.integers(0, 8), st.integers(1, 8))
def test_the_chance_is_the_mean_over_all_smaller_pilots(rewarded: int, budget: int) -> None:
    from itertools import combinations

    pilots = list(combinations([1] * rewarded + [0] * (8 - rewarded), budget))
    assert pilot_filtering.chance_kept(rewarded, 8, budget) == pytest.approx(
        sum(map(any, pilots)) / len(pilots)
    )
