"""What is counted as a word is decided once, and a cut agrees with the count.

The examples are in cases/words_functions.py and the other tables of functions.
"""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hppt_lib.verifiers import sentences, unspaced, words
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


# Of every kind that is treated apart: characters, kana and its voiced marks, wide marks, Thai with
# vowel signs and "again", Lao, Khmer, Burmese, Devanagari, Hangul, numbers, emoji.
MIXED = "aB1 ' .-\n春天茶々かーﾊﾞ\u3099、。「」，３กดีเมๆ ๑ຊາຕតែដ្មမာတ်कीचा차☕\ufe0f\U00020bb7\ud800"


@given(st.text(alphabet=MIXED, max_size=40))
def test_words_of_any_script_are_counted_as_they_are_found(given_text: str) -> None:
    """Mistake: a count by characters beside a list of stretches, or another order of the two."""
    found = words.words(given_text)
    assert words.word_count(given_text) == len(found)
    bare = words.words_without_marks(given_text)
    assert len(bare) == len(found)
    assert list(map(str.casefold, bare)) == words.bare_words(given_text)
    assert list(words.each_bare_word(given_text)) == words.bare_words(given_text)
    assert all(one in other for one, other in zip(bare, found, strict=True))


@given(st.text(alphabet=MIXED, max_size=40))
def test_no_character_is_lost_or_made(given_text: str) -> None:
    """Mistake: a mark that goes with the spaces, so that a cut falls a character off."""
    for found in (unspaced.spaced(given_text), unspaced.spaced_by_dictionary(given_text)):
        assert "".join(found.split()) == "".join(given_text.split())


@given(st.text(alphabet="春天茶々かー、。「」a1 ", max_size=30), st.integers(0, 30))
def test_a_space_between_two_characters_changes_no_count(given_text: str, place: int) -> None:
    """Mistake: Chinese that is typed with spaces has another number of words."""
    before, after = given_text[:place], given_text[place:]
    if before[-1:] in "春天茶々かー" and after[:1] in "春天茶々かー":
        assert words.word_count(f"{before} {after}") == words.word_count(given_text)


@given(st.text(alphabet=MIXED.replace("\ud800", ""), max_size=30), st.integers(1, 12))
def test_the_cut_of_any_script_ends_with_a_word(given_text: str, limit: int) -> None:
    """Mistake: a cut in the middle of a Thai word, or one that is no beginning of the text."""
    cut = words.first_words(given_text, limit)
    assert given_text.startswith(cut)
    kept = "".join(words.words(given_text)[:limit])
    assert list(filter(str.isalnum, cut)) == list(filter(str.isalnum, kept))


@given(st.text(alphabet=MIXED, max_size=25), st.text(alphabet=MIXED, max_size=8))
def test_a_text_begins_and_ends_with_its_own_words(given_text: str, other: str) -> None:
    """Mistake: a first word that is never found where there are no spaces."""
    all_words = words.bare_words(given_text)
    if all_words:
        assert words.begins_with(all_words, given_text)
        assert words.ends_with(all_words, given_text)
        assert words.begins_with(all_words, all_words[0])
        assert words.ends_with(all_words, all_words[-1])
    if words.bare_words(other) and words.begins_with(all_words, other):
        assert "".join(all_words).startswith("".join(words.bare_words(other)))


@given(st.text(alphabet="ab1 '\u2019\u201c—é.,-ßчай", max_size=40))
def test_text_with_spaces_is_left_as_it_is(given_text: str) -> None:
    """Mistake: a quick look that takes a curly mark for a script of its own."""
    assert not unspaced.is_unspaced(given_text)
    assert unspaced.spaced(given_text) is given_text


def test_the_library_is_loaded_for_such_text_alone() -> None:
    """Mistake: 40 MB of dictionaries that are loaded to count English."""
    code = (
        "import sys\n"
        "from hppt_lib.verifiers import words\n"
        "assert words.word_count('Café “tea” 春天') == 4\n"
        "assert 'icu4py' not in sys.modules\n"
        "assert words.word_count('ดีมาก') == 2\n"
        "assert 'icu4py' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


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
    "春",
    "春天，",
    "。",
    "ー",
    "ก",
    "เ",
    "ๆ",
    " ๆ",
    "ดี ",
    "្",
    "မာ",
    "ຊ",
)


@pytest.mark.parametrize("pattern", HOSTILE)
def test_hostile_text_takes_a_moment(pattern: str) -> None:
    """Mistake: a pattern that goes back over its input."""
    hostile = pattern * (2**18 // len(pattern))
    for function in (words.words, words.bare_words, sentences.paragraphs, sentences.sentences):
        started = time.process_time()
        function(hostile)
        words.occurrences("tea tea", hostile)
        # About a second where it is linear, many minutes where it is not.
        assert time.process_time() - started < 20, function.__name__
