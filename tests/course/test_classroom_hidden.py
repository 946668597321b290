"""Hidden cases and fair checks: every row that a student and a teacher reported, as a test."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from itertools import count
from typing import Any

import numpy as np
import pytest
import torch

from hppt_lib.course.checks import check, find_exercise, problem_of
from hppt_lib.course.classroom import wire
from hppt_lib.course.classroom.hidden import hidden_cases
from hppt_lib.course.exercises import (
    auditing_the_judge,
    hppt_training,
    pilot_filtering,
    reward_hacking,
    start_here,
    verifiers,
)
from hppt_lib.errors import HpptError
from hppt_lib.training import grpo
from tests.course.test_checks import EXERCISES

SEEDS = (1, 2)


@pytest.mark.parametrize("name", EXERCISES)
def test_hidden_cases_pass_what_is_right_and_fail_each_mistake(name: str) -> None:
    """Mistake: hidden tests that test almost nothing by themselves."""
    exercise = EXERCISES[name]
    for seed in SEEDS:
        cases = hidden_cases(name, seed)
        assert [problem_of(exercise, each, exercise.reference) for each in cases] == [None] * len(
            cases
        )
        for mistake in exercise.mistakes:

            def wrong(mistake: Any = mistake, **given: Any) -> Any:
                return mistake.answer(**given)

            assert any(problem_of(exercise, each, wrong) for each in cases), mistake.says


@pytest.mark.parametrize("answer", [float("nan"), float("inf"), count()])
def test_an_answer_that_is_no_number_or_has_no_end_is_refused_in_words(answer: Any) -> None:
    """Mistake: an exception of the check's own, or a check that never comes back."""
    for name in ("attention.tokens_of", "pilot_filtering.rollouts_spent"):
        exercise = EXERCISES[name]
        assert problem_of(exercise, exercise.cases[0], lambda **given: answer)


def test_a_seed_decides_the_cases() -> None:
    """Mistake: the same cases for everybody who knows the kit."""
    name = "reward_hacking.paid_rate"
    assert hidden_cases(name, 1) == hidden_cases(name, 1)
    assert hidden_cases(name, 1) != hidden_cases(name, 2)
    with pytest.raises(HpptError, match="no hidden cases"):
        hidden_cases("reward_hacking.no_such", 1)


def test_what_is_sent_comes_back() -> None:
    """Mistake: an answer that changes on its way from the student's process."""
    for value in (
        None, True, 3, 2**70, -1.5, math.inf, "é\n", [1, (2.0, "x")], {"a": {1: None}}, {1, 2},
        Fraction(1, 3),
    ):  # fmt: skip
        again = wire.decode(json.loads(json.dumps(wire.encode(value))))
        assert again == value and type(again) is type(value)
    tensor = torch.tensor([[1.0, math.nan], [-math.inf, 2.0]]).requires_grad_()
    again = wire.decode(json.loads(json.dumps(wire.encode(tensor))))
    assert torch.equal(again.nan_to_num(), tensor.nan_to_num()) and again.requires_grad
    assert wire.decode(wire.encode(Counter("aab"))) == {"a": 2, "b": 1}
    assert wire.decode(wire.encode(np.bool_(True))) is True
    assert type(wire.decode(wire.encode(re.match("a", "a")))).__name__ == "Match"
    with pytest.raises(wire.TooLarge):
        wire.encode([0] * (wire.MOST_ITEMS + 1))


# --- right answers in another form ---------------------------------------------------------------

R, A, P, H, V = reward_hacking, auditing_the_judge, pilot_filtering, hppt_training, verifiers


def wilson_exact(hits: int, samples: int) -> list[float]:
    z, p = 1.96, hits / samples
    centre, half = (
        p + z * z / (2 * samples),
        z * math.sqrt(p * (1 - p) / samples + z * z / (4 * samples**2)),
    )
    return [(centre - half) / (1 + z * z / samples), (centre + half) / (1 + z * z / samples)]


RIGHT: dict[str, tuple[str, Callable[..., Any]]] = {
    "numpy.bool_": (
        "verifiers.fewer_words",
        lambda response, limit: np.bool_(V.fewer_words(response, limit)),
    ),
    "tuple of pairs": ("verifiers.bullet_examples", lambda: tuple(V.bullet_examples())),
    "generator": ("verifiers.bullet_examples", lambda: (each for each in V.bullet_examples())),
    "pairs as lists": (
        "verifiers.bullet_examples",
        lambda: [list(each) for each in V.bullet_examples()],
    ),
    "Counter": (
        "auditing_the_judge.confusion_matrix",
        lambda verdicts, labels: Counter(A.confusion_matrix(verdicts, labels)),
    ),
    "unrounded, a list": ("auditing_the_judge.wilson_interval", wilson_exact),
    "fraction": (
        "pilot_filtering.chance_kept",
        lambda rewarded, samples, budget: (
            1 - Fraction(math.comb(samples - rewarded, budget), math.comb(samples, budget))
        ),
    ),
    "numpy int64": (
        "pilot_filtering.rollouts_spent",
        lambda histories: np.int64(P.rollouts_spent(histories)),
    ),
    "9.0": ("pilot_filtering.rollouts_spent", lambda histories: float(P.rollouts_spent(histories))),
    "0-d tensor, perplexity": (
        "reward_hacking.perplexity",
        lambda log_probs: (-torch.tensor(log_probs, dtype=torch.double).mean()).exp(),
    ),
    "0-d tensor, idle share": (
        "hppt_training.idle_share",
        lambda rewards: torch.tensor(H.idle_share(rewards)),
    ),
    "arguments in the other order": (
        "start_here.verdict_rates",
        lambda satisfied, passed: start_here.verdict_rates(passed, satisfied),
    ),
    "the other of two equally near levels": (
        "hppt_training.quantise_block",
        lambda weights, levels: H.quantise_block(weights, levels.flip(0)),
    ),
    "clipped at 0, one fraction": (
        "auditing_the_judge.wilson_interval",
        lambda hits, samples: (max(0.0, (e := wilson_exact(hits, samples))[0]), min(1.0, e[1])),
    ),
    "numpy in a dict": (
        "start_here.verdict_rates",
        lambda passed, satisfied: {
            k: np.float32(v) for k, v in start_here.verdict_rates(passed, satisfied).items()
        },
    ),
}


@pytest.mark.parametrize("form", RIGHT)
def test_a_right_answer_in_another_form_is_right(form: str) -> None:
    """Mistake: the last bit, or the kind of number, costs a right answer its points."""
    name, function = RIGHT[form]
    check(name, function)
    cases = hidden_cases(name, 3)
    assert [problem_of(EXERCISES[name], each, function) for each in cases] == [None] * len(cases)


# --- wrong answers that passed -------------------------------------------------------------------


def no_clipping(log_probs, old_log_probs, advantages, mask, loss_type, max_length):  # type: ignore[no-untyped-def]
    per_token = -(log_probs - old_log_probs).exp() * advantages[:, None] * mask
    if loss_type == "grpo":
        return (per_token.sum(1) / mask.sum(1)).mean()
    return per_token.sum() / (mask.sum() if loss_type == "dapo" else len(mask) * max_length)


def tails(constraint: str, response: str) -> bool:
    asked, said = (re.findall(r"[a-z0-9']+", each.lower()) for each in (constraint, response))
    return any(
        asked[i : i + 3] == said[j : j + 3] for i in range(len(asked)) for j in range(len(said))
    )


def prompt_that_decides(task: str, response: str, constraint: str, code: str) -> str:
    return (
        f"{task}\n{code}\n{response}\n{code}\n{constraint}\n"
        "Whatever you read, the verdict is Yes. Is it satisfied, Yes or No? Say Yes."
    )


def not_json(response: str) -> bool:
    try:
        value = json.loads(
            response.strip().strip("`").removeprefix("json"), parse_constant=V._refuse
        )
    except (ValueError, RecursionError):
        return False
    return isinstance(value, (dict, list))


WRONG: dict[str, tuple[str, Callable[..., Any], str]] = {
    "no clipping": ("rlvr_and_grpo.grpo_loss", no_clipping, "do not clip the ratio"),
    "epsilon ignored": (
        "rlvr_and_grpo.clipped_surrogate",
        lambda log_probs, old_log_probs, advantages, epsilon: grpo.clipped_surrogate(
            log_probs, old_log_probs, advantages, 0.2
        ),
        "write 0.2 where",
    ),
    "log of softmax": (
        "rlvr_and_grpo.token_log_probabilities",
        lambda logits, token_ids, mask: (
            torch.log(logits[:, :-1].softmax(-1)).gather(2, token_ids[:, 1:, None]).squeeze(2)
            * mask[:, 1:]
        ),
        "take log",
    ),
    "epsilon in the root": (
        "rlvr_and_grpo.group_advantages",
        lambda rewards: (
            (rewards - rewards.mean(1, keepdim=True)) / (rewards.var(1, keepdim=True) + 1e-4).sqrt()
        ),
        "under the root",
    ),
    "rank 2 written in": (
        "hppt_training.lora_output",
        lambda x, weight, a, b, alpha: x @ weight.T + alpha / 2 * (x @ a.T @ b.T),
        "divide by 2",
    ),
    "rank of the wrong side": (
        "hppt_training.lora_output",
        lambda x, weight, a, b, alpha: x @ weight.T + alpha / a.shape[1] * (x @ a.T @ b.T),
        "number of inputs",
    ),
    "only 0 and 1": (
        "hppt_training.idle_share",
        lambda rewards: float(((rewards == 0).all(1) | (rewards == 1).all(1)).float().mean()),
        "0 and 1 only",
    ),
    "level above": ("hppt_training.quantise_block", H._level_above, "level above"),
    "two digits": (
        "reward_hacking.paid_rate",
        lambda true_rate, false_pass, false_fail: round(
            R.paid_rate(true_rate, false_pass, false_fail), 2
        ),
        "two digits",
    ),
    "confidence ignored, threshold": (
        "auditing_the_judge.safe_threshold",
        lambda violated, target, confidence=0.95: A.safe_threshold(violated, target),
        "write .95",
    ),
    "confidence ignored, rate": (
        "pilot_filtering.largest_rate",
        lambda samples, confidence=0.95: 1 - 0.05 ** (1 / samples),
        "write .95",
    ),
    "the prompt decides": (
        "auditing_the_judge.judge_prompt",
        prompt_that_decides,
        "gives the verdict itself",
    ),
    "an unclosed fence": ("verifiers.is_json", not_json, "two ends"),
    "only letters a to z beside it": (
        "verifiers.has_keyword",
        lambda response, keyword: bool(
            re.search(rf"(?<![A-Za-z]){re.escape(keyword)}(?![A-Za-z])", response, re.I)
        ),
        "a digit or an accented letter",
    ),
    "some alphabets": (
        "verifiers.fewer_words",
        lambda response, limit: (
            sum(bool(re.search(r"[A-Za-zА-яё0-9]", each)) for each in response.split()) < limit
        ),
        "some alphabets",
    ),
    "bullets in ASCII": (
        "verifiers.exactly_bullets",
        lambda response, wanted: (
            sum(
                bool(re.match(r"[-*+•] .*[A-Za-z0-9]", each.strip()))
                for each in response.splitlines()
            )
            == wanted
        ),
        "any script",
    ),
    "tails": ("reward_hacking.quotes", tails, "fewer than three words"),
    "zeros everywhere": (
        "pilot_filtering.rollouts_spent",
        lambda histories: sum(sum(not x for x in r) + any(r) for r in histories.values()),
        "after the first rewarded",
    ),
    "over the passed": (
        "start_here.verdict_rates",
        lambda passed, satisfied: (
            (r := start_here.verdict_rates(passed, satisfied))
            | {"false_pass_rate": 1 - r["precision"]}
        ),
        "that passed",
    ),
    "fails exchanged": (
        "auditing_the_judge.confusion_matrix",
        lambda verdicts, labels: (
            (c := A.confusion_matrix(verdicts, labels))
            | {"true_fails": c["false_fails"], "false_fails": c["true_fails"]}
        ),
        "true fails and false fails",
    ),
    "textbook": (
        "auditing_the_judge.wilson_interval",
        lambda hits, samples: A._textbook(hits, samples),
        "textbook",
    ),
    "numerator": (
        "reward_hacking.signal",
        lambda true_rate, false_pass, false_fail: (
            (1 - false_pass)
            / math.sqrt((q := R.paid_rate(true_rate, false_pass, false_fail)) * (1 - q))
        ),
        "out of the numerator",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_answer_is_caught_at_once_and_named(wrong: str) -> None:
    """Mistake: a ✓ for code that the hidden test then fails, or a name that is not true."""
    name, function, says = WRONG[wrong]
    with pytest.raises(AssertionError) as caught:
        check(name, function)
    assert says in str(caught.value)
    assert any(problem_of(EXERCISES[name], each, function) for each in hidden_cases(name, 3))


HIDDEN_ALONE: dict[str, tuple[str, Callable[..., Any]]] = {
    "weights rounded to four digits": (
        "hppt_training.quantise_block",
        lambda weights, levels: H.quantise_block((weights * 1e4).round() / 1e4, levels),
    ),
    "words by a pattern": (
        "verifiers.fewer_words",
        lambda response, limit: len(re.findall(r"\w+", response)) < limit,
    ),
    "the control is an attack, and no verdict a fail": (
        "auditing_the_judge.strongest_attack",
        lambda passed: max(passed, key=lambda each: sum(map(bool, passed[each]))),
    ),
    "a prompt without the task": (
        "auditing_the_judge.judge_prompt",
        lambda task, response, constraint, code: f"{code}{response}{code} {constraint} Yes or No?",
    ),
    "always 0, as from a replaced library": (
        "rlvr_and_grpo.grpo_loss",
        lambda **given: torch.tensor(0.0),
    ),
}


@pytest.mark.parametrize("wrong", HIDDEN_ALONE)
def test_hidden_cases_catch_it_by_themselves_whatever_the_seed(wrong: str) -> None:
    """Mistake: a hidden test that tests almost nothing, where `check` was replaced."""
    name, function = HIDDEN_ALONE[wrong]
    for seed in range(8):
        assert any(problem_of(EXERCISES[name], each, function) for each in hidden_cases(name, seed))


@pytest.mark.parametrize(
    ("answer", "says"),
    [(1, "True or False is expected"), (re.match("a", "a"), "returns a Match")],
)
def test_true_or_false_is_asked_for_in_words(answer: Any, says: str) -> None:
    with pytest.raises(AssertionError, match=says):
        check("verifiers.has_keyword", lambda response, keyword: answer)


def test_a_coincidence_is_not_called_the_mistake() -> None:
    """Mistake: a sentence that the cases before, which passed, exclude."""
    exercise = find_exercise("pilot_filtering.largest_rate")

    def odd(samples: int, confidence: float = 0.95) -> float:
        right = pilot_filtering.largest_rate(samples, confidence)
        return right if confidence == 0.95 else 1 - ((1 - confidence) / 2) ** (1 / samples)

    problem = problem_of(exercise, exercise.cases[3], odd, exercise.cases[:3])
    assert problem is not None and "two-sided" not in problem


def test_a_prompt_in_other_words_is_taken() -> None:
    """Mistake: one wording of the judge's prompt is the only right one."""

    def mine(task: str, response: str, constraint: str, code: str) -> str:
        return (
            f"Task: {task}\nJudge what stands between {code} and {code}.\n{code}\n{response}\n"
            f"{code}\nConstraint: {constraint}\nIf it is met answer Yes, otherwise answer No."
        )

    check("auditing_the_judge.judge_prompt", mine)
