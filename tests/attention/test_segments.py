"""Segments: found exactly behind three templates and tokenizers, or refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hppt_lib.attention import segment
from hppt_lib.attention.segments import Segmented
from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Constraint, Instruction
from tests.helpers.tokenizers import KINDS, SYSTEM_TEXT, chat_tokenizer

ASKED = Instruction(
    "tea",
    "Write about tea. Do not use commas.\nUse less than 12 words!",
    (
        Constraint("punctuation:no_comma", {}, "Do not use commas."),
        Constraint(
            "length_constraints:number_words",
            {"relation": "less than", "num_words": 12},
            "Use less than 12 words!",
        ),
    ),
    "Write about tea.",
    ("tea",),
)
EACH = pytest.mark.parametrize("kind", KINDS)


def said(tokenizer: Any, whole: Segmented, name: str) -> str:
    """The text of a segment's tokens, without white space."""
    ids = [whole.token_ids[at] for at in whole.places(name)]
    return "".join(tokenizer.decode(ids).replace("▁", " ").replace("##", "").split()).lower()


def bare(text: str) -> str:
    return "".join(text.split()).lower()


@EACH
def test_each_segment_is_its_own_text(kind: str) -> None:
    """Mistake: a segment shifted by a token, by the template or by what a tokenizer puts in."""
    tokenizer = chat_tokenizer(kind)
    whole = segment(tokenizer, ASKED, [3, 4, 5])
    assert said(tokenizer, whole, "query") == bare(ASKED.query)
    for number, constraint in enumerate(ASKED.constraints, start=1):
        assert said(tokenizer, whole, f"constraint {number}") == bare(constraint.text)
    assert said(tokenizer, whole, "system") == bare(SYSTEM_TEXT[kind])
    assert whole.places("sink") == (0,)
    assert whole.places("response") == tuple(range(whole.prompt_length, len(whole.token_ids)))
    assert list(whole.readers) == [whole.prompt_length - 1 + at for at in range(3)]


@EACH
def test_every_token_has_one_segment_and_the_tokens_are_the_chat_s(kind: str) -> None:
    """Mistake: tokens of the rendered text that the policy is never given."""
    tokenizer = chat_tokenizer(kind)
    whole = segment(tokenizer, ASKED, [3])
    counted = sum(len(whole.places(name)) for name in whole.names)
    assert counted == len(whole.token_ids) == len(whole.segment_of)
    chat = tokenizer.apply_chat_template(
        [{"role": "user", "content": ASKED.prompt}], add_generation_prompt=True, return_dict=True
    )
    assert list(whole.token_ids[: whole.prompt_length]) == chat["input_ids"]


@EACH
def test_a_span_that_is_there_twice_or_not_at_all_is_an_error(kind: str) -> None:
    """Mistake: the first of two places is taken, and half of the attention is lost."""
    tokenizer = chat_tokenizer(kind)
    twice = replace(ASKED, prompt=f"{ASKED.prompt} Do not use commas.")
    with pytest.raises(HpptError, match="more than once"):
        segment(tokenizer, twice)
    absent = replace(ASKED, prompt="Write about tea. Do not use commas.")
    with pytest.raises(HpptError, match=r"constraint 2 does not stand in its prompt"):
        segment(tokenizer, absent)
    with pytest.raises(HpptError, match="query does not stand"):
        segment(tokenizer, replace(ASKED, query="Write about milk."))


def test_a_part_that_overlaps_itself_counts_twice() -> None:
    """Mistake: `str.count`, which counts "a a" once in "a a a"."""
    constraint = Constraint("punctuation:no_comma", {}, "no no")
    asked = Instruction("no", "Say it. no no no", (constraint,), "Say it.")
    with pytest.raises(HpptError, match="more than once"):
        segment(chat_tokenizer("chatml"), asked)


def test_overlapping_constraints_are_an_error() -> None:
    """Mistake: a token in two segments, whose shares then add up to more than 1."""
    inside = Constraint("punctuation:no_comma", {}, "use commas.")
    asked = replace(ASKED, constraints=(*ASKED.constraints, inside))
    with pytest.raises(HpptError, match="overlap"):
        segment(chat_tokenizer("chatml"), asked)


def test_a_prompt_that_the_template_holds_too_is_an_error() -> None:
    """Mistake: the prompt is taken for the template's own word."""
    constraint = Constraint("punctuation:no_comma", {}, "user")
    with pytest.raises(HpptError, match="more than once in the chat template"):
        segment(chat_tokenizer("chatml"), Instruction("user", "user", (constraint,)))


def test_a_tokenizer_without_template_is_refused() -> None:
    """Mistake: an error of transformers, which says nothing to a reader."""
    tokenizer = chat_tokenizer("chatml")
    tokenizer.chat_template = None
    with pytest.raises(HpptError, match="no chat template"):
        segment(tokenizer, ASKED)


WORD = st.text("abcdefgh é中", min_size=1, max_size=12).map(str.strip).filter(bool)


@given(st.sampled_from(KINDS), WORD, WORD, st.sampled_from([" ", "\n", "  ", "\n\n"]))
def test_any_text_is_cut_where_it_was_put_together(
    kind: str, query: str, text: str, between: str
) -> None:
    """Mistake: offsets of bytes, or of a normalised text, taken for those of characters."""
    query, text = f"Q:{query}.", f"C:{text}!"
    constraint = Constraint("punctuation:no_comma", {}, text)
    asked = Instruction("any", f"{query}{between}{text}", (constraint,), query)
    tokenizer = chat_tokenizer(kind)
    whole = segment(tokenizer, asked, [1])
    first, last = whole.places("constraint 1")[0], whole.places("constraint 1")[-1]
    assert whole.places("constraint 1") == tuple(range(first, last + 1))
    if kind != "wordpiece":  # which has no token for most of these letters
        first_part, second_part = (said(tokenizer, whole, at) for at in ("query", "constraint 1"))
        assert first_part + second_part == bare(query) + bare(text)
        # One token (of 6 characters at most) may stand on both sides of the border.
        assert abs(len(first_part) - len(bare(query))) <= 3


def test_a_random_span_leaves_its_segment() -> None:
    """Mistake: a token counted in the query and in the span that was drawn from it."""
    whole = segment(chat_tokenizer("chatml"), ASKED, [1])
    query = whole.places("query")
    with_span = whole.with_segment("random span", query[1:3])
    assert with_span.places("random span") == query[1:3]
    assert with_span.places("query") == query[:1] + query[3:]
