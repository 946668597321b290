"""Rewards by table, by property, and as a trainer calls them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Constraint, Instruction
from hppt_lib.rewards import FRACTIONAL, GUARDED, REWARDS, STRICT, Score, fractional, score
from hppt_lib.training.reward_function import reward_function
from hppt_lib.verifiers import Verdict

NO_COMMA = Constraint("punctuation:no_comma")
SHORT = Constraint("length_constraints:number_words", {"relation": "less than", "num_words": 9})
TEA = Instruction("tea", "Write about tea. No commas.", (NO_COMMA, SHORT), topic=("tea",))
BEES = Instruction("bees", "Write about bees.", (NO_COMMA,), topic=("bee",))

RESPONSES = [
    # response, strict, guarded, why
    ("Tea leaves brew slowly overnight.", 1, 1, "both constraints, and an answer"),
    ("Tea leaves, brewed slowly overnight.", 0, 0, "one of two constraints"),
    ("Tea leaves brew slowly in hot water overnight or longer.", 0, 0, "the other one"),
    ("Honey, sugar, milk, water, ice, lemon, mint, salt, pepper.", 0, 0, "neither"),
    ("No commas here.", 1, 0, "compliant, and no answer"),
    ("Coffee beans roast slowly overnight.", 1, 0, "another topic"),
    (".", 1, 0, "next to nothing"),
    (" \n", 0, 0, "blank satisfies nothing"),
]


@pytest.mark.parametrize(("response", "strict", "guarded", "why"), RESPONSES)
def test_rewards_by_table(response: str, strict: int, guarded: int, why: str) -> None:
    found = score(TEA, response)
    assert (STRICT.value(found), GUARDED.value(found)) == (strict, guarded), why
    assert (found.strict, found.guarded) == (bool(strict), bool(guarded))
    assert len(found.verdicts) == len(TEA.constraints)


def test_verdicts_stand_in_the_order_of_the_constraints() -> None:
    assert [each.passed for each in score(TEA, "tea, tea").verdicts] == [False, True]


verdicts = st.builds(Verdict, st.booleans(), st.just("because"))
scores = st.builds(Score, st.lists(verdicts, min_size=1).map(tuple), verdicts)


@given(scores)
def test_guarded_is_never_above_strict_and_both_keep_their_promise(found: Score) -> None:
    """Mistake: a guard that adds instead of taking away; a value outside the stated range."""
    assert GUARDED.value(found) <= STRICT.value(found)
    for each in REWARDS.values():
        value = each.value(found)
        assert isinstance(value, float) and each.range[0] <= value <= each.range[1]
        assert not each.all_or_nothing or value in each.range


@given(scores, st.integers(0, 9))
def test_one_more_failure_never_helps(found: Score, place: int) -> None:
    """Mistake: a mean or a sum where the product over all constraints is meant."""
    failed = list(found.verdicts)
    failed[place % len(failed)] = Verdict(False, "changed")
    worse = Score(tuple(failed), found.substance)
    assert STRICT.value(worse) == GUARDED.value(worse) == 0


@given(scores)
def test_fractional_is_a_share_and_1_only_where_strict_is(found: Score) -> None:
    """Mistake: a share of something else, or rounding that makes 1 of almost all."""
    assert (FRACTIONAL.value(found) == 1) == found.strict
    assert FRACTIONAL.value(found) >= STRICT.value(found)
    passed = sum(each.passed for each in found.verdicts)
    assert FRACTIONAL.value(found) == passed / len(found.verdicts)
    assert (fractional(guard="substance").value(found) == 1) == found.guarded


def test_nothing_verified_is_nothing_earned() -> None:
    """Mistake: all() and a share of an empty list, which are true and undefined."""
    empty = Score((), Verdict(True, "because"))
    assert not empty.strict and not empty.guarded
    assert [each.value(empty) for each in REWARDS.values()] == [0.0, 0.0, 0.0]


def test_a_soft_constraint_is_no_pass() -> None:
    """Mistake: a constraint that no verifier decides counts as satisfied."""
    soft = Instruction("a", "Write.", (NO_COMMA, Constraint("soft:tone", kind="soft")), "", ("a",))
    with pytest.raises(HpptError, match="'a' has the soft constraint 'soft:tone'"):
        score(soft, "Tea.")


def test_without_a_topic_an_answer_must_still_say_something_new() -> None:
    """Mistake: public data, which names no topic, cannot be rewarded, or always is."""
    nameless = Instruction("a", "Write about tea. No commas.", (NO_COMMA,))
    assert score(nameless, "Tea leaves brew slowly overnight.").guarded
    assert not score(nameless, "Write about tea. No commas.").guarded
    # The weaker guard cannot see this one; with a topic it is seen.
    assert score(nameless, "Coffee beans roast slowly overnight.").guarded
    named = Instruction("a", nameless.prompt, (NO_COMMA,), "", ("tea",))
    assert not score(named, "Coffee beans roast slowly overnight.").guarded


GOOD, HACK = "Tea leaves brew slowly overnight.", "No commas here."


def conversation(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]


@pytest.mark.parametrize("form", [str, conversation], ids=["text", "conversation"])
def test_the_trainer_gets_one_float_for_each_completion(form: Any) -> None:
    """Mistake: scoring str([{'role': …}]), or pairing completions with other instructions."""
    seen: list[Any] = []
    function = reward_function(GUARDED, [BEES, TEA], hand_over=seen.append)
    ids, texts = ["tea", "bees", "tea"], [GOOD, GOOD, HACK]
    found = function(
        prompts=[form("p")] * 3,
        completions=[form(each) for each in texts],
        instruction_id=ids,
        completion_ids=[[1]] * 3,
        trainer_state=None,
    )
    assert found == [1.0, 0.0, 0.0] and all(isinstance(each, float) for each in found)
    [rollouts] = seen
    pairs = [(each.instruction.id, each.score.response) for each in rollouts]
    assert pairs == [*zip(ids, texts, strict=True)]
    assert [each.score.strict for each in rollouts] == [True, True, True]
    assert [each.value for each in rollouts] == found
    assert function.__name__ == "guarded"  # TRL names its metrics after it


PARTS = [
    {"type": "text", "text": GOOD[:10]},
    {"type": "image", "url": "x"},
    {"type": "text", "text": None},
    GOOD[10:],
]


@pytest.mark.parametrize(
    ("completion", "response"),
    [
        (conversation(GOOD), GOOD),
        ([{"role": "assistant", "content": PARTS}], GOOD),
        ([{"role": "assistant", "content": tuple(PARTS)}], GOOD),
        ([{"role": "assistant", "content": None}], ""),
        ([{"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]}], ""),
        ([{"role": "assistant", "tool_calls": [{"id": "1"}]}], ""),
        ([{"role": "assistant", "content": []}], ""),
        ([*conversation("Tea."), {"role": "tool", "content": GOOD}], ""),
        ([*conversation(HACK), *conversation(GOOD)], GOOD),
        ([], ""),
    ],
)
def test_a_message_without_text_is_an_empty_response(completion: Any, response: str) -> None:
    """Mistake: content None is the text "None", which earns strict 1; a list of parts its repr."""
    seen: list[Any] = []
    function = reward_function(STRICT, [TEA], hand_over=seen.append)
    found = function(prompts=["p"], completions=[completion], instruction_id=["tea"])
    assert [each.score.response for each in seen[0]] == [response]
    assert found == [1.0 if response else 0.0]


@pytest.mark.parametrize(
    "completion",
    [None, 7, {"role": "assistant", "content": GOOD}, [GOOD], [{"text": GOOD}]]
    + [conversation(each) for each in (7, {"text": GOOD}, [7], [{"type": "text", "text": 7}])],  # type: ignore[arg-type]
)
def test_a_completion_of_another_form_is_named(completion: Any) -> None:
    """Mistake: whatever comes is turned into text, and the policy learns to please it."""
    function = reward_function(STRICT, [TEA])
    with pytest.raises(HpptError, match="the instruction 'tea' is neither text nor .*: found "):
        function(prompts=["p"], completions=[completion], instruction_id=["tea"])


def test_a_missing_column_is_an_error() -> None:
    """Mistake: zip() that stops at the shorter list, and so too few rewards."""
    function = reward_function(STRICT, [TEA])
    with pytest.raises(ValueError):
        function(prompts=["p", "p"], completions=[GOOD, GOOD], instruction_id=["tea"])
