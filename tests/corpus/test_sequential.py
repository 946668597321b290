"""Instructions of constraints in a row: what the file holds, and that each can be satisfied."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from hppt_lib import rewards
from hppt_lib.corpus.sequential import (
    LOOKING_BACK,
    ORDER,
    RECALLS,
    STEPS,
    make_sequential_set,
    sequential_witness,
)
from hppt_lib.corpus.topics import all_topics
from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Instruction, shipped_instructions


@cache
def shipped() -> tuple[Instruction, ...]:
    return tuple(shipped_instructions("sequential"))


def test_the_shipped_file_is_what_the_code_makes() -> None:
    """Mistake: a changed wording or generator with the old file beside it."""
    assert list(shipped()) == make_sequential_set("heldout"), "stale: run 'hppt instructions'"


def test_every_instruction_has_a_witness() -> None:
    """Mistake: constraints in a row that no response satisfies together."""
    topics = {each.words: each for each in all_topics("heldout")}
    for each in shipped():
        topic = topics[each.topic]
        response = sequential_witness(topic, each.prompt, each.constraints, query=each.query)
        assert response is not None, each.prompt
        score = rewards.score(each, response)
        assert score.strict and score.guarded, (each.prompt, response)


def test_a_witness_out_of_order_fails() -> None:
    """Mistake: verifiers that a text without any plan satisfies as well."""
    topics = {each.words: each for each in all_topics("heldout")}
    kept = 0
    for each in shipped()[:30]:
        topic = topics[each.topic]
        witness = sequential_witness(topic, each.prompt, each.constraints, query=each.query)
        assert witness
        texts = [line.partition(": ")[2] for line in witness.split("\n")]
        turned = "\n".join(f"Part {n}: {text}" for n, text in enumerate(texts[1:] + texts[:1], 1))
        verdicts = rewards.score(each, turned).verdicts
        assert verdicts[0].passed, "the labels are in order"
        kept += all(verdict.passed for verdict in verdicts)
    assert kept <= 1


def test_each_step_looks_back() -> None:
    """Mistake: a constraint on an earlier part that depends on a later one, or twice the same."""
    for each in shipped():
        first, *others = each.constraints
        assert (first.id, first.kwargs) == (ORDER, {"num_parts": len(each.constraints)})
        assert [one.kwargs["part"] for one in others] == list(range(2, len(others) + 2))
        assert all(1 <= one.kwargs.get("other", 1) < one.kwargs["part"] for one in others)
        assert all(one.kwargs["part"] > 2 for one in others if one.id == RECALLS)
        assert len({one.id for one in others}) == len(others)
        assert each.prompt == "\n".join([each.query, *(one.text for one in each.constraints)])


def test_sizes_and_types_are_balanced() -> None:
    """Mistake: a type that hardly comes up, because its draws are thrown away more often."""
    counts = Counter(len(each.constraints) for each in shipped())
    assert set(counts) == set(STEPS) and len(set(counts.values())) == 1
    types = Counter(one.id for each in shipped() for one in each.constraints[1:])
    assert set(types) == set(LOOKING_BACK) and min(types.values()) >= 40
    assert len({each.id for each in shipped()}) == len({each.prompt for each in shipped()}) == 120


def test_the_seed_decides() -> None:
    """Mistake: the global random state; held-out topics in a set to train on."""
    first = make_sequential_set("train", seed=7, size=9)
    assert make_sequential_set("train", seed=7, size=9) == first
    assert make_sequential_set("train", seed=8, size=9) != first
    assert not {each.topic for each in first} & {each.topic for each in shipped()}
    with pytest.raises(HpptError, match="no split 'test'. Choose one of: train, heldout"):
        make_sequential_set("test")
