"""The lists in english.txt, geography.txt and tone.txt."""

from __future__ import annotations

import pytest

from hppt_lib.errors import HpptError
from hppt_lib.verifiers.word_lists import _lists, line_list, word_list


@pytest.mark.parametrize("file", ["english.txt", "geography.txt", "tone.txt"])
def test_every_list_has_entries(file: str) -> None:
    """Mistake: a heading that is misspelt, so that its entries are added to the list before."""
    assert _lists(file)
    for name in _lists(file):
        assert line_list(name, file), name


def test_words_keep_their_order_and_comments_are_none_of_them() -> None:
    """Mistake: a comment's words among the words of a list."""
    assert word_list("coordinating conjunctions") == ("for", "and", "nor", "but", "or", "yet", "so")
    assert word_list("capitals of Europe", "geography.txt")[::27] == ("Reykjavik", "Zagreb")
    assert not any("#" in word for name in _lists("english.txt") for word in word_list(name))


def test_an_unknown_list_is_an_error_that_names_the_file() -> None:
    """Mistake: an empty list for a misspelt name, so that a verifier knows no words."""
    with pytest.raises(HpptError, match=r"english\.txt has no list \[verb\]"):
        word_list("verb")
