"""What is counted as a word, a sentence, a paragraph is decided once; a cut agrees with the count.

The examples are in cases/text_functions.py.
"""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hppt_lib.verifiers import text
from hppt_lib.verifiers.word_count import word_count
from tests.verifiers.cases.function_case import FunctionCase
from tests.verifiers.cases.functions import FUNCTION_CASES


def name(case: FunctionCase) -> str:
    return f"{case.function}-{case.why}"


@pytest.mark.parametrize("case", FUNCTION_CASES, ids=name)
def test_shared_functions(case: FunctionCase) -> None:
    assert case.found() == case.expected, case.why


@pytest.mark.parametrize("relation", ["at most", "", "AT LEAST", None])
def test_an_unknown_relation_never_passes(relation: str) -> None:
    """Mistake: an else branch that takes whatever is left."""
    with pytest.raises(ValueError, match="unknown relation"):
        text.satisfies(3, relation, 3)


@given(st.text(alphabet="ab ,*-\n—…é茶", max_size=60), st.integers(1, 12))
def test_the_cut_counts_as_words_does(given_text: str, limit: int) -> None:
    """Mistake: a cut after "12 words" that holds 13 of them."""
    cut = text.first_words(given_text, limit)
    assert text.words(cut) == text.words(given_text)[:limit]
    assert given_text.startswith(cut)


@given(st.text(alphabet="aB1 _.,*'\"-\n\xa0—…éßŉ茶☕\u0301\ud800", max_size=60))
def test_bare_words_are_the_words_without_marks(given_text: str) -> None:
    """Mistake: two functions that find words in two ways."""
    found = text.bare_words(given_text)
    assert len(found) == len(text.words(given_text))
    for bare, word in zip(found, text.words(given_text), strict=True):
        ends = [number for number, each in enumerate(word) if each.isalnum()]
        assert bare == word[ends[0] : ends[-1] + 1].casefold()


@given(st.text(alphabet="aB1 _.,*'\"-\n\xa0\x7f\x1f—…–’“”•éß茶☕\u0301\ud800", max_size=60))
def test_words_are_counted_as_they_are_made(given_text: str) -> None:
    """Mistake: a quick count that parts from the list of words."""
    assert word_count(given_text) == len(text.words(given_text))


WHITE_SPACE = " \t\xa0\u2003\u3000\x85\u2028\n"


@given(st.text(alphabet=f"ABJ.!?'\")(<>[]*aé茶{WHITE_SPACE}", max_size=12))
def test_sentences_of_any_text(given_text: str) -> None:
    """Mistake: the library breaks on a lone capital, a no-break space and a full stop."""
    for sentence in text.sentences(given_text):
        assert sentence == sentence.strip()
        assert any(map(str.isalnum, sentence))


LIBRARY = "AaMrs Dr.!?'\")(<>[]{}*_:;,-/@1 "


@given(st.one_of(st.text(alphabet=LIBRARY, max_size=25), st.text(max_size=12)))
def test_the_short_cut_is_what_the_library_gives_back(given_text: str) -> None:
    """Mistake: a block that the library would have cut is taken for one sentence."""
    block = " ".join(given_text.split())
    if block and text._has_no_inner_end(block):
        assert text._segmented(block) == [block]


@given(st.text(alphabet='aB."()\n ', max_size=25))
def test_quotations_are_the_same_in_ascii(given_text: str) -> None:
    """Mistake: a pattern for ASCII that finds other quotations."""
    assert text._QUOTED_ASCII.findall(given_text) == text._QUOTED.findall(given_text)


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
    for function in (text.words, text.bare_words, text.paragraphs, text.sentences):
        started = time.process_time()
        function(hostile)
        text.occurrences("tea tea", hostile)
        assert time.process_time() - started < 1, function.__name__
