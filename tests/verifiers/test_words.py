"""What is counted as a word is decided once, and a cut agrees with the count.

The examples are in cases/words_functions.py and the other tables of functions.
"""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hppt_lib.verifiers import sentences, words
from tests.verifiers.cases import FUNCTION_CASES, FunctionCase


def name(case: FunctionCase) -> str:
    return f"{case.function}-{case.why}"


@pytest.mark.parametrize("case", FUNCTION_CASES, ids=name)
def test_shared_functions(case: FunctionCase) -> None:
    assert case.found() == case.expected, case.why


@pytest.mark.parametrize("relation", ["at most", "", "AT LEAST", None])
def test_an_unknown_relation_never_passes(relation: str) -> None:
    """Mistake: an else branch that takes whatever is left."""
    with pytest.raises(ValueError, match="unknown relation"):
        words.satisfies(3, relation, 3)


@given(st.text(alphabet="ab ,*-\n—…é茶", max_size=60), st.integers(1, 12))
def test_the_cut_counts_as_words_does(given_text: str, limit: int) -> None:
    """Mistake: a cut after "12 words" that holds 13 of them."""
    cut = words.first_words(given_text, limit)
    assert words.words(cut) == words.words(given_text)[:limit]
    assert given_text.startswith(cut)


@given(st.text(alphabet="aB1 _.,*'\"-\n\xa0—…éßŉ茶☕\u0301\ud800", max_size=60))
def test_bare_words_are_the_words_without_marks(given_text: str) -> None:
    """Mistake: two functions that find words in two ways."""
    found = words.bare_words(given_text)
    assert len(found) == len(words.words(given_text))
    for bare, word in zip(found, words.words(given_text), strict=True):
        ends = [number for number, each in enumerate(word) if each.isalnum()]
        assert bare == word[ends[0] : ends[-1] + 1].casefold()


@given(st.text(alphabet="aB1 _.,*'\"-\n\xa0\x7f\x1f—…–’“”•éß茶☕\u0301\ud800", max_size=60))
def test_words_are_counted_as_they_are_made(given_text: str) -> None:
    """Mistake: a quick count that parts from the list of words."""
    assert words.word_count(given_text) == len(words.words(given_text))


HOSTILE = (
    "_Mr. ",
    "[",
    "<a",
    "*",
    "\n",
    " ",
    ". ",
    "? ! ",
    ") ",
    ".) ",
    "a",
    "A. ",
    "tea ",
    "- ",
    "a\n- b\n",
)


@pytest.mark.parametrize("pattern", HOSTILE)
def test_hostile_text_takes_a_moment(pattern: str) -> None:
    """Mistake: a pattern that goes back over its input."""
    hostile = pattern * (2**18 // len(pattern))
    for function in (words.words, words.bare_words, sentences.paragraphs, sentences.sentences):
        started = time.process_time()
        function(hostile)
        words.occurrences("tea tea", hostile)
        assert time.process_time() - started < 1, function.__name__
