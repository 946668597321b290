"""Parts that depend on each other: how a response is cut, and laws that hold of any parts."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hppt_lib import verifiers
from hppt_lib.verifiers.parts import labelled_parts

WORDS = ("tea", "milk", "green", "leaves", "water", "kettle", "so", "it", "is", "12", "café")
words = st.lists(st.sampled_from(WORDS), min_size=1)
texts = st.lists(words.map(" ".join), min_size=2, max_size=5)


def passed(id: str, response: str, **kwargs: object) -> bool:
    return verifiers.build(f"hppt:{id}", kwargs)(response).passed


def joined(parts: list[str], label: str = "Part {}: ") -> str:
    return "\n".join(label.format(number) + text for number, text in enumerate(parts, start=1))


@settings(max_examples=60)
@given(
    parts=texts, label=st.sampled_from(["Part {}: ", "**PART {}**\n", "# Part {} - ", "part {}.\n"])
)
def test_what_was_put_together_comes_apart(parts: list[str], label: str) -> None:
    """Mistake: a label that takes words of its part along, or leaves marks to it."""
    before, found = labelled_parts(joined(parts, label))
    assert not before.strip()
    assert [number for number, _ in found] == list(range(1, len(parts) + 1))
    assert [text.split() for _, text in found] == [text.split() for text in parts]
    assert passed("parts_in_order", joined(parts, label), num_parts=len(parts))
    assert not passed("parts_in_order", joined(parts, label), num_parts=len(parts) + 1)


@settings(max_examples=80)
@given(parts=texts)
def test_the_laws_of_two_parts(parts: list[str]) -> None:
    """Mistake: a part compared with itself, or with the wrong one; an edge that is one off."""
    response, (first, second) = joined(parts), [part.split() for part in parts[:2]]
    pair = {"part": 2, "other": 1}
    more = passed("part_words", response, **pair, comparison="more")
    fewer = passed("part_words", response, **pair, comparison="fewer")
    assert (more, fewer) == (len(second) > len(first), len(second) < len(first))
    assert passed("part_chain", response, **pair) is (second[0] == first[-1])
    shared = {each for each in first if len(each) >= 5} & set(second)
    assert passed("part_new_words", response, **pair) is not shared
    for number in (1, 2, 3):
        assert passed("part_reuses_words", response, **pair, num_words=number) is (
            len(shared) >= number
        )
    assert passed("part_recalls", response, part=2) is (second[0] == first[0])
    for number in range(len(first) - 1, len(first) + 2):
        reported = joined([parts[0], f"it has {number} words"])
        assert passed("part_reports_count", reported, **pair) is (number == len(first))


@settings(max_examples=40)
@given(parts=texts, missing=st.integers(1, 2))
def test_nothing_is_true_of_a_part_that_is_missing(parts: list[str], missing: int) -> None:
    """Mistake: "no word in common" and "fewer words" hold of nothing at all."""
    response = joined(parts).replace(f"Part {missing}:", "Piece:")
    for id in ("part_sentences", "part_chain", "part_reports_count", "part_new_words"):
        verdict = verifiers.build(f"hppt:{id}", {"part": 2, "other": 1})(response)
        assert not verdict.passed and f"part {missing} is missing" in verdict.reason


HOSTILE = ("Part 1:\n", "part ", "#>*_( ", "Part 1 tea\n", "\t part 1", "Part 1: a Part 2: b\n")


@pytest.mark.parametrize("unit", HOSTILE)
def test_labels_are_found_in_linear_time(unit: str) -> None:
    """Mistake: a pattern for labels that goes back over the line, or parts cut for each label."""
    for id in ("parts_in_order", "part_recalls", "part_new_words"):
        kwargs = {
            "parts_in_order": {"num_parts": 3},
            "part_recalls": {"part": 100},
            "part_new_words": {"part": 2, "other": 1},
        }[id]
        check = verifiers.build(f"hppt:{id}", kwargs)
        started = time.process_time()
        check(unit * 2**15)
        assert time.process_time() - started < 2


def test_a_letter_that_only_folds_to_six_raises_nothing() -> None:
    """Mistake: a case-blind pattern that matches what no table of numbers has."""
    found = labelled_parts("Part \u017fix: tea\npart s\u0131x: milk")[1]
    assert found == [(6, "tea"), (0, "milk")]
