"""What no response satisfies is seen, and what some response satisfies is not accused."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hppt_lib.instructions import Constraint, contradiction


@pytest.mark.parametrize(
    ("constraints", "found"),
    [
        ([("keywords:existence", {"keywords": ["Tea"]}),
          ("keywords:forbidden_words", {"forbidden_words": ["tea", "x"]})], "'tea' is both"),
        ([("change_case:english_capital", {}), ("change_case:english_lowercase", {})], "capitals"),
        ([("count:word_count_range", {"min_words": 9, "max_words": 5})], "words"),
        ([("detectable_format:number_bullet_lists", {"num_bullets": 2}),
          ("detectable_format:number_bullet_lists", {"num_bullets": 3})], "bullet points"),
        ([("length_constraints:nth_paragraph_first_word",
           {"num_paragraphs": 2, "nth_paragraph": 3, "first_word": "x"})], "paragraph 3 of 2"),
        ([("keywords:frequency", {"keyword": "a", "relation": "at least", "frequency": 3}),
          ("keywords:frequency", {"keyword": "b", "relation": "less than", "frequency": 2})], ""),
        ([("length_constraints:number_words", {"relation": "at least", "num_words": 5}),
          ("length_constraints:number_words", {"relation": "less than", "num_words": 6})], ""),
        ([("keywords:frequency", {"keyword": "tea", "relation": "at least", "frequency": 2}),
          ("keywords:forbidden_words", {"forbidden_words": ["Tea"]})], "'tea' is both"),
        ([("keywords:frequency", {"keyword": "tea", "relation": "less than", "frequency": 2}),
          ("keywords:forbidden_words", {"forbidden_words": ["tea"]})], ""),
        ([("startend:end_checker", {"end_phrase": "So, bye."}),
          ("punctuation:no_comma", {})], "',' forbidden"),
        ([("startend:end_checker", {"end_phrase": "So bye."}), ("punctuation:no_comma", {})], ""),
        ([("detectable_content:postscript", {"postscript_marker": "P.S."}),
          ("punctuation:punctuation_dot", {})], "'.' forbidden"),
        ([("first_word:first_word_answer", {"first_word": "Tea"}),
          ("first_word:first_word_answer", {"first_word": "Milk"})], "the first word is"),
        ([("first_word:first_word_answer", {"first_word": "Tea"}),
          ("first_word:first_word_answer", {"first_word": "tea "})], ""),
        ([("startend:end_checker", {"end_phrase": "What do you think?"}),
          ("startend:end_checker", {"end_phrase": "you think?"})], ""),
        ([("startend:end_checker", {"end_phrase": "Bye."}),
          ("startend:end_checker", {"end_phrase": "So long."})], "the end is"),
        ([("change_case:english_lowercase", {}),
          ("change_case:capital_word_frequency",
           {"capital_relation": "at least", "capital_frequency": 1})], "small letters"),
        ([("change_case:english_lowercase", {}),
          ("change_case:capital_word_frequency",
           {"capital_relation": "less than", "capital_frequency": 3})], ""),
    ],
)  # fmt: skip
def test_what_contradicts(constraints: list[tuple[str, dict[str, Any]]], found: str) -> None:
    """Mistake: a limit off by one, or a word that is compared with its capitals."""
    said = contradiction([Constraint(*each) for each in constraints])
    assert found in said if found else said == ""


def test_a_soft_constraint_contradicts_nothing() -> None:
    """Mistake: the parameters of a judge's constraint taken for a verifier's."""
    both = [Constraint("punctuation:no_comma"), Constraint("soft:x", {"end_phrase": "a, b"})]
    assert contradiction(both) == ""


@settings(max_examples=200)
@given(st.dictionaries(
    st.sampled_from(["keywords", "forbidden_words", "end_phrase", "first_word", "num_words",
                     "relation", "nth_paragraph", "num_paragraphs", "keyword", "frequency"]),
    st.none() | st.integers() | st.text(max_size=3) | st.lists(st.integers() | st.text(max_size=2)),
))  # fmt: skip
def test_parameters_of_any_type_raise_nothing(kwargs: dict[str, Any]) -> None:
    """Mistake: a number where words are wanted ends the loading of a data set."""
    ids = ["keywords:existence", "keywords:forbidden_words", "startend:end_checker",
           "first_word:first_word_answer", "length_constraints:number_words",
           "keywords:frequency", "punctuation:no_comma"]  # fmt: skip
    for pair in combinations(ids, 2):
        assert isinstance(contradiction([Constraint(id, kwargs) for id in pair]), str)


RESPONSES = [
    "tea",
    "TEA",
    "Tea. So, bye.",
    "so bye.",
    "milk tea\n***\nmilk",
    "* tea\n* milk",
    "MILK TEA",
]
PARTS = [
    ("keywords:existence", {"keywords": ["tea"]}),
    ("keywords:forbidden_words", {"forbidden_words": ["milk"]}),
    ("keywords:forbidden_words", {"forbidden_words": ["tea"]}),
    ("keywords:frequency", {"keyword": "tea", "relation": "less than", "frequency": 2}),
    ("startend:end_checker", {"end_phrase": "bye."}),
    ("startend:end_checker", {"end_phrase": "So, bye."}),
    ("punctuation:no_comma", {}),
    ("length_constraints:number_words", {"relation": "less than", "num_words": 3}),
    ("length_constraints:number_words", {"relation": "at least", "num_words": 3}),
    ("detectable_format:number_bullet_lists", {"num_bullets": 2}),
    ("change_case:english_lowercase", {}),
    ("change_case:english_capital", {}),
]


@pytest.mark.parametrize(("first", "second"), combinations(PARTS, 2))
def test_no_response_satisfies_a_contradiction(first: Any, second: Any) -> None:
    """Mistake: two constraints called contradictory that a response satisfies."""
    pair = [Constraint(*first), Constraint(*second)]
    if contradiction(pair):
        for response in RESPONSES:
            assert not all(each.verifier()(response).passed for each in pair), response
