"""A rule's words become one of our verifiers, or nothing: never another rule."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hppt_lib import verifiers
from hppt_lib.sources.checker_text import (
    ABOUT,
    NO_PATTERN,
    NOT_ENGLISH,
    PARAGRAPHS,
    constraints_from_text,
)


def verdict(made: object, response: str) -> bool:
    assert isinstance(made, (list, tuple)) and made, made
    return all(verifiers.build(id, kwargs)(response).passed for id, kwargs in made)


TEXTS = [
    ("The response should be at least 5 words.", "a b c d e", "a b c d"),
    ("Your answer must not exceed 4 words", "a b c d", "a b c d e"),
    ("Use no more than five words.", "a b c d e", "a b c d e f"),
    ("Write between 3 and 4 words.", "a b c", "a b c d e"),
    ("The response must be 4 words or fewer.", "a b c d", "a b c d e"),
    ("Use 4 or more words", "a b c d", "a b c"),
    ("More than 3 words", "a b c d", "a b c"),
    ("Fewer than 4 words.", "a b c", "a b c d"),
    ("Use exactly 3 words.", "a b c", "a b c d"),
    ("Limit your response to 3 words.", "a", "a b c d"),
    ("The response should consist of exactly two sentences.", "One is. Two is.", "One is."),
    ("Limit the response to 2 sentences.", "One is.", "One is. Two is. Three is."),
    ("Use 2-3 sentences", "One is. Two is.", "One is."),
    ("Include exactly 2 bullet points.", "* a\n* b", "* a"),
    ("There should be 2 paragraphs separated by the markdown divider ***", "a\n***\nb", "a\n\nb"),
    ("The response must include the word 'tea'.", "My tea.", "My steam."),
    ("Include the keywords \"tea\" and “milk”.", "Tea, milk.", "Tea."),
    ("Do not use the word 'tea' or 'milk'.", "Water.", "Milk."),
    ("Avoid the phrase 'in conclusion'.", "So.", "In conclusion so."),
    ("The word 'tea' should appear at least twice.", "tea tea", "tea"),
    ("Include the word 'tea' exactly 2 times.", "tea tea", "tea tea tea"),
    ("Start with the word 'Hello'", "Hello you", "You hello"),
    ("The response should end with 'Bye now.'", "So. Bye now.", "Bye now. So."),
    ("Do not use any commas.", "a b", "a, b"),
    ("The response must not contain exclamation marks.", "a", "a!"),
    ("The entire response should be in lowercase letters.", "it is so", "It is so"),
    ("Your response should be in all capital letters.", "IT IS SO", "It is so"),
    ("Provide the answer in valid JSON format.", "{\"a\": 1}", "a: 1"),
    ("Answer in English.", "This is a sentence about the weather in the north.",
     "Das ist ein Satz über das Wetter im Norden."),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "good", "bad"), TEXTS)
def test_a_rule_in_words_means_what_it_says(rule: str, good: str, bad: str) -> None:
    made = constraints_from_text(rule)
    assert verdict(made, good)
    assert not verdict(made, bad)


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("Each paragraph should have at most 50 words.", NO_PATTERN),
        ("Use no more than 100 words per paragraph.", NO_PATTERN),
        ("The title should have at most 5 words.", NO_PATTERN),
        ("Write at least 100 words and at most 2 sentences.", NO_PATTERN),
        ("The first sentence should begin with 'Since he'.", NO_PATTERN),
        ("Begin each sentence with 'So'.", NO_PATTERN),
        ("Include 'tea' or 'milk'.", NO_PATTERN),
        ("Include 'tea' and not 'milk'.", NO_PATTERN),
        ("Include 'tea' in the first sentence.", NO_PATTERN),
        ("Do not exceed the word 'tea'.", NO_PATTERN),
        ("The output should not be JSON.", NO_PATTERN),
        ("The heading should be in all capital letters.", NO_PATTERN),
        ("Do not write fewer than 5 words.", NO_PATTERN),
        ("Never use more than 5 words.", NO_PATTERN),
        ("Use commas to separate items.", NO_PATTERN),
        ("The essay should be around 100 words.", ABOUT),
        ("The response should be 100 words.", ABOUT),
        ("The response should consist of 5-7 paragraphs, with a blank line separating each "
         "paragraph to enhance readability.", PARAGRAPHS),
        ("回答不超过100字", NOT_ENGLISH),
        ("", NO_PATTERN),
        ("at least 5 words " * 100, NO_PATTERN),
    ],
)  # fmt: skip
def test_a_rule_that_says_more_or_other_is_left(rule: str, reason: str) -> None:
    """Mistake: a limit on each paragraph becomes one on the whole response."""
    assert constraints_from_text(rule) == reason


PIECES = [
    "at", "least", "most", "5", "words", "sentences", "'tea'", '"x"', "not", "include", "end",
    "with", "***", "1,000", "-", "to", "between", "and", "or", "bullet", "points", "each", "no",
    "comma", "json", "in", "French", ".", ",", "'",
]  # fmt: skip


@settings(max_examples=200)
@given(
    st.text(max_size=80)
    | st.lists(
        st.sampled_from(PIECES),
        max_size=14,
    ).map(" ".join)
)
def test_whatever_is_mapped_can_be_built(rule: str) -> None:
    made = constraints_from_text(rule)
    if isinstance(made, str):
        assert made
    else:
        assert made
        for id, kwargs in made:
            try:
                verifiers.build(id, kwargs)
            except verifiers.registry.HpptError as error:
                assert "parameter" in str(error)  # zero words, say: listed when it is loaded
