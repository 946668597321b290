"""Instructions that no small policy can satisfy, made on purpose to measure a filter by.

There are two sorts, and `Instruction.unlearnable` says which:

- ``contradictory``: two constraints that no response satisfies together;
- ``beyond``: a constraint that a patient person can satisfy, and a 135M model with a few dozen
  tokens cannot.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from hppt_lib.corpus import hard_types as ids
from hppt_lib.corpus.hard_types import COMMON_WORDS, END_PHRASES, worded
from hppt_lib.corpus.topics import Topic
from hppt_lib.instructions.model import Constraint

_Pair = tuple[tuple[str, dict[str, Any]], tuple[str, dict[str, Any]]]


def _less(count: str, number: int, relation: str = "relation") -> dict[str, Any]:
    return {relation: "less than", count: number}


def _at_least(count: str, number: int, relation: str = "relation") -> dict[str, Any]:
    return {relation: "at least", count: number}


def _contradictions(topic: Topic, choose: Callable[[Any], Any]) -> list[_Pair]:
    """One pair of each kind; nothing satisfies both halves of a pair."""
    related, common = choose(topic.related), choose(COMMON_WORDS)
    few, many = choose((2, 3)), choose((10, 15, 20))
    capital, frequency = "capital_frequency", "let_frequency"
    phrases = {mark: [each for each in END_PHRASES if mark in each] for mark in ",!"}
    return [
        ((ids.WORDS, _less("num_words", many)), (ids.WORDS, _at_least("num_words", 2 * many))),
        (
            (ids.SENTENCES, _less("num_sentences", few)),
            (ids.SENTENCES, _at_least("num_sentences", few + 2)),
        ),
        # A sentence has a word at least, and so has a bullet point.
        (
            (ids.WORDS, _less("num_words", 6)),
            (ids.SENTENCES, _at_least("num_sentences", choose((6, 8)))),
        ),
        ((ids.BULLETS, {"num_bullets": few}), (ids.BULLETS, {"num_bullets": few + 2})),
        (
            (ids.EXIST, {"keywords": [related]}),
            (ids.FORBID, {"forbidden_words": [related, common]}),
        ),
        (
            (ids.FREQUENCY, {"keyword": related, **_at_least("frequency", few)}),
            (ids.FORBID, {"forbidden_words": [related]}),
        ),
        (
            (ids.FREQUENCY, {"keyword": related, **_less("frequency", 2)}),
            (ids.FREQUENCY, {"keyword": related, **_at_least("frequency", few + 1)}),
        ),
        ((ids.LOWER, {}), (ids.CAPITALS, _at_least(capital, few, "capital_relation"))),
        ((ids.LOWER, {}), (ids.END, {"end_phrase": choose(END_PHRASES)})),
        (
            (ids.CAPITALS, _less(capital, 2, "capital_relation")),
            (ids.CAPITALS, _at_least(capital, few + 1, "capital_relation")),
        ),
        ((ids.COMMA, {}), (ids.END, {"end_phrase": choose(phrases[","])})),
        ((ids.EXCLAMATION, {}), (ids.END, {"end_phrase": choose(phrases["!"])})),
        (
            (ids.LETTER, {"letter": "s", **_less(frequency, 3, "let_relation")}),
            (ids.LETTER, {"letter": "s", **_at_least(frequency, many, "let_relation")}),
        ),
        ((ids.FIRST, {"first_word": "Today"}), (ids.FIRST, {"first_word": "Many"})),
        (
            (ids.END, {"end_phrase": "Now you know."}),
            (ids.END, {"end_phrase": "That is all."}),
        ),
    ]


def draw_contradiction(topic: Topic, random_state: random.Random) -> tuple[Constraint, Constraint]:
    """Two constraints that no response satisfies together."""
    pair = random_state.choice(_contradictions(topic, random_state.choice))
    first, second = (worded(id, kwargs, random_state) for id, kwargs in pair)
    return first, second


def _beyond(topic: Topic, choose: Callable[[Any], Any]) -> list[tuple[str, dict[str, Any]]]:
    many, letter = choose((25, 30, 40)), choose("jqxz")
    return [
        (ids.WORDS, _at_least("num_words", 10 * many)),
        (ids.SENTENCES, _at_least("num_sentences", many)),
        (ids.BULLETS, {"num_bullets": choose((17, 23, 31))}),
        (ids.HIGHLIGHTS, {"num_highlights": many}),
        (ids.FREQUENCY, {"keyword": choose(topic.related), **_at_least("frequency", many)}),
        (ids.LETTER, {"letter": letter, **_at_least("let_frequency", many, "let_relation")}),
        (ids.CAPITALS, _at_least("capital_frequency", 2 * many, "capital_relation")),
        ("count:counting_composition", {"n_sent": 3, "n_words": choose((7, 9, 11))}),
        ("count:punctuation", {}),
        ("words:palindrome", {}),
    ]


def draw_beyond(topic: Topic, random_state: random.Random) -> Constraint:
    """A constraint far beyond a small model."""
    id, kwargs = random_state.choice(_beyond(topic, random_state.choice))
    return worded(id, kwargs, random_state)
