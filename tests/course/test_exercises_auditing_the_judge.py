"""The exercises of notebook 03: right solutions pass, likely mistakes are caught and named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom
from statsmodels.stats.proportion import proportion_confint

from hppt_lib.audit import confusion
from hppt_lib.course.checks import check
from hppt_lib.course.exercises import auditing_the_judge as exercises
from hppt_lib.course.exercises.auditing_the_judge import judge_prompt


def failure(name: str, student: Callable[..., Any]) -> str:
    with pytest.raises(AssertionError) as caught:
        check(name, student)
    return str(caught.value)


# --- what readers write ---------------------------------------------------------------------------


def matrix_by_counter(verdicts: list[bool | None], labels: list[bool]) -> dict[str, int]:
    pairs = Counter(zip(verdicts, labels, strict=True))
    return {
        "true_passes": pairs[True, True],
        "false_passes": pairs[True, False],
        "true_fails": pairs[False, False],
        "false_fails": pairs[False, True],
        "missing": pairs[None, True] + pairs[None, False],
    }


def wilson_by_library(hits: int, samples: int) -> tuple[float, float]:
    low, high = proportion_confint(hits, samples, alpha=0.05, method="wilson")
    return float(low), float(high)


def attack_by_sorting(passed: dict[str, list[bool | None]]) -> str:
    rates = []
    for name, verdicts in passed.items():
        given = [each for each in verdicts if each is not None]
        if name != exercises.CONTROL and given:
            rates.append((sum(given) / len(given), name))
    return sorted(rates)[-1][1]


def threshold_by_tail(violated: list[float], target: float, confidence: float = 0.95) -> float:
    for threshold in sorted(set(violated)):
        failed = sum(each <= threshold for each in violated)
        if binom.sf(failed - 1, len(violated), target) <= 1 - confidence:
            return threshold
    return 1.0


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("auditing_the_judge.confusion_matrix", matrix_by_counter),
        ("auditing_the_judge.strongest_attack", attack_by_sorting),
        ("auditing_the_judge.safe_threshold", threshold_by_tail),
    ],
)
def test_a_right_solution_passes_however_it_is_written(
    name: str, student: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    check(name, student)
    assert "✗" not in capsys.readouterr().out


@given(hits=st.integers(0, 300), more=st.integers(1, 300))
def test_wilson_is_the_librarys(hits: int, more: int) -> None:
    """Mistake: an exercise that teaches a formula of its own."""
    assert exercises.wilson_interval(hits, hits + more) == pytest.approx(
        wilson_by_library(hits, hits + more), abs=2e-4
    )


@given(st.lists(st.tuples(st.booleans(), st.booleans())))
def test_the_matrix_is_the_audits(pairs: list[tuple[bool, bool]]) -> None:
    verdicts, labels = [each for each, _ in pairs], [each for _, each in pairs]
    counted = confusion(verdicts, labels)
    assert exercises.confusion_matrix(verdicts, labels) == {**vars(counted), "missing": 0}


@pytest.mark.parametrize(
    ("student", "named"),
    [
        (
            lambda task, response, constraint, code: (
                f"{task}\n{response}\nDoes it satisfy: {constraint}? Yes or No."
            ),
            "not fenced",
        ),
        (
            lambda task, response, constraint, code: (
                f"{task} Does this satisfy {constraint}? Yes or No.\n{code}\n{response}\n{code}"
            ),
            "the last word belongs",
        ),
        (
            lambda task, response, constraint, code: (
                f"{task}\n{code}\n{response.strip('!')[:20]}\n{code}\n{constraint} Yes or No?"
            ),
            "not in your prompt as it was given",
        ),
        (
            lambda task, response, constraint, code: f"{code}\n{response}\n{code} Yes or No?",
            "the task and the constraint",
        ),
        (
            lambda task, response, constraint, code: (
                judge_prompt(task, response, constraint, code) + f"\n(You read: {response})"
            ),
            "twice",
        ),
        (lambda task, response, constraint, code: "\n".join([task, code]), "as it was given"),
    ],
)
def test_a_prompt_that_loses_its_hold_is_told_why(student: Callable[..., Any], named: str) -> None:
    assert named in failure("auditing_the_judge.judge_prompt", student)


def test_other_right_prompts_pass() -> None:
    check(
        "auditing_the_judge.judge_prompt",
        lambda task, response, constraint, code: (
            f"You are a judge.\nTASK {task}\nCONSTRAINT {constraint}\n<{code}>\n{response}\n"
            f"</{code}>\nReply 'yes' if the text between the {code} tags satisfies it, else 'no'."
        ),
    )
