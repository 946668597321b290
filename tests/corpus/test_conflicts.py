"""The conflict table: what it calls a conflict, and that the rest can be satisfied."""

from __future__ import annotations

import random
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hppt_lib.corpus import hard_types as ids
from hppt_lib.corpus import unlearnable
from hppt_lib.corpus.conflicts import CONFLICTS, clash, clashes
from hppt_lib.corpus.hard_types import SEEN, UNSEEN, draw_hard
from hppt_lib.corpus.soft_kinds import SOFT
from hppt_lib.corpus.topics import all_topics
from hppt_lib.corpus.witness import SENTENCES, find_witness
from hppt_lib.instructions.model import Constraint

TOPICS = all_topics("train")


def words(relation: str, number: int) -> Constraint:
    return Constraint(ids.WORDS, {"relation": relation, "num_words": number})


def sentences(relation: str, number: int) -> Constraint:
    return Constraint(ids.SENTENCES, {"relation": relation, "num_sentences": number})


def capitals(relation: str, number: int) -> Constraint:
    return Constraint(ids.CAPITALS, {"capital_relation": relation, "capital_frequency": number})


LOWER = Constraint(ids.LOWER)
TEA = {"keyword": "tea"}


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (LOWER, capitals("at least", 2), True),
        (LOWER, Constraint(ids.COMMA), False),
        (LOWER, words("at least", 5), False),
        (words("less than", 16), sentences("at least", 4), True),
        (words("less than", 17), sentences("at least", 4), False),
        (words("at least", 12), sentences("at least", 3), False),
        (words("less than", 10), words("at least", 10), True),
        (words("less than", 11), words("at least", 10), False),
        (words("less than", 10), words("less than", 20), False),
        (
            Constraint(ids.COMMA),
            Constraint(ids.END, {"end_phrase": "Good luck, my friend."}),
            True,
        ),
        (
            Constraint(ids.COMMA),
            Constraint(ids.END, {"end_phrase": "Now you know."}),
            False,
        ),
        (
            Constraint(ids.EXIST, {"keywords": ["cup"]}),
            Constraint(ids.FORBID, {"forbidden_words": ["leaf", "Cup"]}),
            True,
        ),
        (
            Constraint(ids.EXIST, {"keywords": ["cup"]}),
            Constraint(ids.FORBID, {"forbidden_words": ["cups"]}),
            False,
        ),
        (
            Constraint(ids.FREQUENCY, {**TEA, "relation": "less than", "frequency": 3}),
            Constraint(ids.FREQUENCY, {**TEA, "relation": "at least", "frequency": 3}),
            True,
        ),
        (
            Constraint(ids.FREQUENCY, {**TEA, "relation": "less than", "frequency": 3}),
            Constraint(ids.FORBID, {"forbidden_words": ["tea"]}),
            False,
        ),
        (Constraint("tone:humorous", kind="soft"), Constraint("emotion:unease", kind="soft"), True),
        (Constraint("tone:humorous", kind="soft"), Constraint("emotion:joy", kind="soft"), False),
    ],
)
def test_what_clashes(first: Constraint, second: Constraint, expected: bool) -> None:
    """Mistake: a threshold off by one, or a table that looks at one order only."""
    assert (clash(first, second) is not None) is expected
    assert (clash(second, first) is not None) is expected


def test_every_row_of_the_table_names_types_that_there_are() -> None:
    """Mistake: a misspelt id, whose conflict is never found."""
    soft = {f"{kind}:{name}" for kind, values in SOFT.items() for name in values}
    known = {*SEEN, *UNSEEN, *soft}
    for each in CONFLICTS:
        assert {each.first, each.second} <= known and each.why


def test_every_row_can_be_met() -> None:
    """Mistake: a condition that no parameters fulfil, so that the row does nothing."""
    met: set[int] = set()
    drawn: dict[str, list[Constraint]] = {}
    for id in (*SEEN, *UNSEEN):
        state = random.Random(id)
        drawn[id] = [draw_hard(id, TOPICS[number % 9], state) for number in range(150)]
    for values in SOFT.items():
        for name in values[1]:
            drawn[f"{values[0]}:{name}"] = [Constraint(f"{values[0]}:{name}", kind="soft")]
    for place, row in enumerate(CONFLICTS):
        pairs = ((a, b) for a in drawn[row.first] for b in drawn[row.second])
        if any(row.clashes(a.kwargs, b.kwargs) for a, b in pairs):
            met.add(place)
    unmet = [CONFLICTS[place] for place in sorted({*range(len(CONFLICTS))} - met)]
    assert not unmet


def test_seen_and_unseen_types_never_meet() -> None:
    """Mistake: a row for a pair that no instruction can have."""
    for each in CONFLICTS:
        hard = [id for id in (each.first, each.second) if ":" in id and id in {**SEEN, **UNSEEN}]
        assert len({id in SEEN for id in hard}) <= 1, each


@pytest.mark.parametrize("group", [SEEN, UNSEEN], ids=["seen", "unseen"])
def test_a_pair_that_does_not_clash_has_a_witness(group: dict[str, object]) -> None:
    """Mistake: a contradiction that the table does not know."""
    for first, second in combinations(sorted(group), 2):
        for seed in range(2):
            state = random.Random(f"{first}{second}{seed}")
            topic = state.choice(TOPICS)
            pair = [draw_hard(id, topic, state) for id in (first, second)]
            if not clashes(pair):
                prompt = f"Write about {topic.name}. {pair[0].text} {pair[1].text}"
                assert find_witness(topic, prompt, pair) is not None, (topic, pair)


PIECES = st.sampled_from(
    [each.format(name="tea") for each in SENTENCES]
    + ["Today: ", "Many ", "cup ", "cup ", "\n* ", "VERY VERY VERY ", "sss ", ", ", "! "]
    + ["Now you know.", "That is all.", "Good luck, my friend.", "See for yourself!", "leaf"]
)


@settings(max_examples=300)
@given(st.integers(0, 10_000), st.lists(PIECES, max_size=30).map(" ".join))
def test_nothing_satisfies_a_contradiction(seed: int, response: str) -> None:
    """Mistake: two demands marked as contradictory that some text meets."""
    topic = next(each for each in TOPICS if each.name == "tea")
    pair = unlearnable.draw_contradiction(topic, random.Random(seed))
    assert clashes(pair), pair
    for text in (response, response.lower()):
        assert not all(each.verifier()(text).passed for each in pair), pair
