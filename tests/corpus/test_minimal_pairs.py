"""Minimal pairs of grammar: as many as are promised, and different in one point alone."""

from __future__ import annotations

from collections import Counter

from hppt_lib.corpus import minimal_pairs
from hppt_lib.corpus.minimal_pairs import PAIRS_EACH, PHENOMENA


def test_two_hundred_pairs_and_none_twice() -> None:
    """Mistake: a pair drawn twice, which counts double in the share and in its interval."""
    pairs = minimal_pairs()
    assert len(pairs) == 200 == len(PHENOMENA) * PAIRS_EACH
    assert len({(each.right, each.wrong) for each in pairs}) == 200
    assert len({each.id for each in pairs}) == 200
    assert set(Counter(each.phenomenon for each in pairs).values()) == {PAIRS_EACH}
    assert minimal_pairs() == pairs and minimal_pairs(seed=1) != pairs


def test_the_two_sentences_differ_in_one_point() -> None:
    """Mistake: a template that says something else in each, or whose wrong sentence is right."""
    right = {each.right for each in minimal_pairs()}
    for each in minimal_pairs():
        one, other = each.right[:-1].split(), each.wrong[:-1].split()
        assert each.wrong not in right and each.right[-1] == each.wrong[-1] in ".?"
        changed = (Counter(one) - Counter(other)) + (Counter(other) - Counter(one))
        if each.phenomenon == "word order":
            assert not changed and one != other, each
        else:
            assert sum(changed.values()) == 2 and len(one) == len(other), each


def test_no_pair_where_both_are_right() -> None:
    """Mistake: "painted the chair green", "knows that she taught yesterday": no error in either."""
    for each in minimal_pairs():
        words = each.wrong[:-1].split()
        if each.phenomenon == "word order" and each.wrong.endswith("."):
            assert words[-2] == "the", each
        if each.phenomenon == "question words and gaps":
            assert words[-2] not in ("hurt", "taught", "sold", "painted", "built"), each
