"""Guards and the attacks that get past them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Constraint, Instruction, shipped_instructions
from hppt_lib.rewards import ATTACKS, GUARDS, STRICT, Attack, Score, copied_share, guarded, score
from hppt_lib.verifiers import Verdict

TEA = Instruction(
    "tea", "Write about tea. No commas.", (Constraint("punctuation:no_comma"),), "", ("tea",)
)
ANSWER = "Tea leaves brew slowly overnight in cold water."


@pytest.mark.parametrize("guard", GUARDS)
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_each_attack_gets_past_the_guards_it_is_said_to(attack: Attack, guard: str) -> None:
    """Mistake: a guard that lets more through than its table says, or that refuses everything."""
    found = score(TEA, attack.response)
    assert STRICT.value(found) == 1, "an attack satisfies the constraint"
    assert guarded(guard=guard).value(found) == float(guard in attack.passes)


@pytest.mark.parametrize("guard", GUARDS)
def test_a_plain_answer_passes_every_guard(guard: str) -> None:
    """Mistake: a guard that stops attacks because it stops all."""
    assert guarded(guard=guard).value(score(TEA, ANSWER)) == 1


@pytest.mark.parametrize("guard", GUARDS)
def test_a_guard_adds_no_reward(guard: str) -> None:
    """Mistake: an answer of substance that is paid for although it violates the constraint."""
    assert guarded(guard=guard).value(score(TEA, "Tea, milk, leaves, cups, slowly.")) == 0


def test_every_single_guard_is_beaten_where_another_is_not() -> None:
    """Mistake: two guards that are the same, so that the combination adds nothing."""
    for guard in GUARDS.keys() - {"all"}:
        assert any(guard in each.passes and "all" not in each.passes for each in ATTACKS)
    for weak in ("topic", "answer"):
        assert any(weak in each.passes and "substance" not in each.passes for each in ATTACKS)
    assert any("substance" in each.passes and "copy" not in each.passes for each in ATTACKS)


def test_no_shipped_prompt_passes_as_its_own_answer() -> None:
    for each in shipped_instructions("hard_heldout"):
        for guard in ("copy", "substance", "all"):
            assert not GUARDS[guard].check(each, each.prompt).passed


COPIES = [
    ("Write about tea. No commas.", 1.0, "the prompt"),
    ("WRITE *about* tea -- no commas!", 1.0, "in another dress"),
    ("Write about tea. No commas. One two three", 0.5, "three of six runs"),
    ("Leaves brew slowly overnight", 0.0, "nothing of it"),
    ("tea", 1.0, "one word of it: shorter than a run"),
    ("milk", 0.0, "one word, not of it"),
    ("?!", 0.0, "no word"),
    ("", 0.0, "nothing"),
]


@pytest.mark.parametrize(("response", "share", "why"), COPIES)
def test_copied_share_by_table(response: str, share: float, why: str) -> None:
    assert copied_share(response, TEA.prompt) == share, why


def test_copied_share_of_chinese_is_of_words() -> None:
    """Mistake: three characters in a row, which are a word and a half, are called a copy."""
    prompt = "写一句关于春天的话。"
    assert copied_share("关于春天的话", prompt) == 1
    assert copied_share("春天的公园很美", prompt) == 0


@given(st.text(), st.text())
def test_copied_share_is_a_share_of_any_two_strings(response: str, prompt: str) -> None:
    assert 0 <= copied_share(response, prompt) <= 1


CURLY = [
    ("It\u2019s tea", "It's tea", 1.0),
    ("don't use caf\u00e9s", "Don\u2019t use cafe\u0301s", 1.0),
    ("use\u200b no\u00ad commas", "Use no commas.", 1.0),
]


@pytest.mark.parametrize(("response", "prompt", "share"), CURLY)
def test_a_copy_in_other_characters_is_a_copy(response: str, prompt: str, share: float) -> None:
    """Mistake: a curly apostrophe or an invisible character that makes another word."""
    assert copied_share(response, prompt) == share


@pytest.mark.parametrize("mark", ["'", "\u2019"])
@pytest.mark.parametrize("guard", ["answer", "substance", "all"])
def test_short_forms_are_no_new_words(guard: str, mark: str) -> None:
    """Mistake: "it\u2019s" as a content word, where "it's" is none."""
    empty = f"Tea it{mark}s I{mark}m don{mark}t you{mark}re"
    assert not GUARDS[guard].check(TEA, empty).passed


def test_an_unknown_guard_lists_the_known() -> None:
    with pytest.raises(HpptError, match="no guard 'taste'. Choose one of: none, topic, answer"):
        guarded(guard="taste")


def test_a_guard_without_the_response_is_an_error() -> None:
    """Mistake: a score without its response passes a guard that had nothing to look at."""
    bare = Score((Verdict(True, ""),), Verdict(True, ""))
    with pytest.raises(HpptError, match="'copy' needs the response"):
        guarded(guard="copy").value(bare)
