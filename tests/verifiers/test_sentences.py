"""Sentences are found in any text; the short cuts find what the long way does.

The examples are in cases/sentences_functions.py.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hppt_lib.verifiers import sentences

WHITE_SPACE = " \t\xa0\u2003\u3000\x85\u2028\n"


@given(st.text(alphabet=f"ABJ.!?'\")(<>[]*aé茶{WHITE_SPACE}", max_size=12))
def test_sentences_of_any_text(given_text: str) -> None:
    """Mistake: the library breaks on a lone capital, a no-break space and a full stop."""
    for sentence in sentences.sentences(given_text):
        assert sentence == sentence.strip()
        assert any(map(str.isalnum, sentence))


LIBRARY = "AaMrs Dr.!?'\")(<>[]{}*_:;,-/@1 "


@given(st.one_of(st.text(alphabet=LIBRARY, max_size=25), st.text(max_size=12)))
def test_the_short_cut_is_what_the_library_gives_back(given_text: str) -> None:
    """Mistake: a block that the library would have cut is taken for one sentence."""
    block = " ".join(given_text.split())
    if block and sentences._has_no_inner_end(block):
        assert sentences._segmented(block) == [block]


@given(st.text(alphabet='aB."()\n ', max_size=25))
def test_quotations_are_the_same_in_ascii(given_text: str) -> None:
    """Mistake: a pattern for ASCII that finds other quotations."""
    for text in (given_text, given_text.replace("(", ""), given_text.replace('"', "")):
        wanted = sentences._QUOTED.sub(sentences._without_long_quotation, text)
        assert sentences._without_long_quotations(text) == wanted
