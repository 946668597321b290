"""What a reader gets: the answer without thoughts, and text as it looks on a page."""

from __future__ import annotations

import re
import time
import unicodedata
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hppt_lib import verifiers
from hppt_lib.errors import HpptError
from hppt_lib.verifiers import THOUGHT_MARKS, answer, answer_of, as_seen, thought_marks

ANSWERS = (
    ("Tea is hot.", "Tea is hot.", "no thoughts"),
    ("<think>\nno commas, so\n</think>\n\nTea is hot.", "Tea is hot.", "closed thoughts"),
    ("no commas, so\n</think>\n\nTea is hot.", "Tea is hot.", "the prompt opened the thoughts"),
    ("<think>\nno commas", "", "cut inside the thoughts"),
    ("<think>\n\n</think>\n\n", "", "empty thoughts and no answer"),
    ("<think></think>Tea.", "Tea.", "empty thoughts"),
    ("</think>", "", "an end alone"),
    ("<think>a</think>b<think>c</think>Tea.", "Tea.", "thoughts between: the last end counts"),
    ("<think>a</think>\nTea is hot.\n<think>\nis it", "Tea is hot.", "it begins to think again"),
    ("<think>a `</think>` b", "", "an end that is only talked about, in open thoughts"),
    ("Write `</think>` at the end.", "Write `</think>` at the end.", "a mark in backticks"),
    ('The mark "<think>" opens.', 'The mark "<think>" opens.', "a mark in quotation marks"),
    ("Some models write <think> first.", "Some models write <think> first.", "within a line"),
    ("  <think>a</think>  Tea.", "Tea.", "white space around"),
    ("[THINK]a[/THINK]Tea.", "Tea.", "marks of another family of models"),
    ("<thinking>a</thinking>Tea.", "Tea.", "marks of another family of models"),
    ("\u25c1think\u25b7a\u25c1/think\u25b7Tea.", "Tea.", "marks of another family of models"),
    (
        "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>"
        "Tea.<|return|>",
        "Tea.",
        "channels",
    ),
    ("<|channel|>analysis<|message|>We need", "", "the final channel is missing"),
    ("Look [here] at <b>this</b>.", "Look [here] at <b>this</b>.", "other brackets and tags"),
)

SEEN = (
    ("\u200b", "", "a zero-width space alone"),
    ("\u2060\u200d\ufeff\u00ad\ufe0f", "", "signs that nobody sees"),
    ("\u3164\u2800", "  ", "blanks of Hangul and Braille"),
    ("\x00\x08\x7f", "", "control characters"),
    ("a\tb\r\nc\u2003d\u2028e", "a\tb\r\nc\u2003d\u2028e", "white space stays"),
    ("5\u202f\u20ac\u00a0!", "5 \u20ac !", "no-break spaces"),
    ("ma\u00adgic", "magic", "a soft hyphen"),
    ("\u202atea\u202c", "tea", "marks of direction"),
    ("cafe\u0301", "caf\u00e9", "an accent of its own"),
    ("\u212b", "\u00c5", "the sign for angstrom"),
    ("\u1112\u1161\u11ab", "\ud55c", "a Hangul syllable in three parts"),
    ("don\u2019t \u2018go\u2019 rock\u02bcn\uff07roll", "don't 'go' rock'n'roll", "apostrophes"),
    ("\u201ctea\u201d \u2014 \u2026", "\u201ctea\u201d \u2014 \u2026", "other marks stay"),
    ("\u2764\ufe0f 1\ufe0f\u20e3", "\u2764\ufe0f 1\ufe0f\u20e3", "a picture asked for"),
    ("\U0001f468\u200d\U0001f469", "\U0001f468\u200d\U0001f469", "two emoji joined"),
    ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u062e", "a joiner between letters"),
    ("\u0661\u0600", "\u0661\u0600", "an Arabic sign that is seen"),
)


@pytest.mark.parametrize(("response", "expected", "why"), ANSWERS)
def test_the_answer_of_a_response(response: str, expected: str, why: str) -> None:
    """Mistake: thoughts scored as the answer, or an answer that talks about marks cut."""
    assert answer_of(response) == expected, why


@pytest.mark.parametrize(("text", "seen", "why"), SEEN)
def test_text_as_it_is_seen(text: str, seen: str, why: str) -> None:
    """Mistake: one word in two forms, or an answer of nothing that can be seen."""
    assert as_seen(text) == seen, why


def test_what_is_passed_over_is_seen_as_it_is() -> None:
    """Mistake: a range of characters that skips one with another form, or one that is not seen."""
    passed_over = [
        each for each in map(chr, range(128, 0x20000)) if answer._seen_as_it_is().fullmatch(each)
    ]
    assert len(passed_over) > 40_000
    for each in passed_over:
        assert unicodedata.is_normalized("NFC", each)
        assert not answer._ANY_OF_THESE.match(each)


letters_and_marks = st.text(
    st.one_of(
        st.characters(min_codepoint=0xA0, max_codepoint=0x30FF, categories=("M",)),
        st.characters(min_codepoint=0xA0, max_codepoint=0x30FF),
        st.sampled_from("ae \n\u1112\u1161\u0915\u0627"),
    ),
    max_size=12,
)


@given(letters_and_marks)
def test_what_needs_no_look_would_come_out_the_same(text: str) -> None:
    """Mistake: a letter and its mark that are passed over, though Unicode makes them one."""
    with mock.patch.object(answer, "_seen_as_it_is", lambda: re.compile("(?!)")):
        looked_at = as_seen(text)
    assert as_seen(text) == looked_at


def test_every_character_of_format_is_unseen() -> None:
    """Mistake: a list of invisible characters that a version of Unicode has outgrown."""
    shown = set(
        "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
    )
    for each in map(chr, range(0x110000)):
        category = unicodedata.category(each)
        if category == "Cf" or (category == "Cc" and not each.isspace()):
            assert as_seen(f"a{each}b") == ("ab" if each not in shown else f"a{each}b"), hex(
                ord(each)
            )


odd = st.text(
    alphabet="ae \n'*_.,<>/[]\u200b\u200d\ufe0f\u00ad\u0301\u0323\u1112\u1161\u2019\u201c\u3164"
    "\u2764\u8336\u0e19\u0e49\x00\x1b\ud800\U000e0041",
    max_size=40,
)
with_thoughts = st.lists(
    st.one_of(odd, st.sampled_from([mark for pair in THOUGHT_MARKS for mark in pair])), max_size=6
).map("".join)


@given(with_thoughts)
def test_a_second_look_changes_nothing(text: str) -> None:
    """Mistake: a form that depends on how often a text was handed on."""
    assert as_seen(as_seen(text)) == as_seen(text)
    assert answer_of(answer_of(text)) == answer_of(text)
    assert unicodedata.is_normalized("NFC", as_seen(text))


@given(st.text().filter(lambda text: not any(m in text for pair in THOUGHT_MARKS for m in pair)))
def test_text_without_marks_is_its_own_answer(text: str) -> None:
    """Mistake: text that was never a thought cut or stripped."""
    assert answer_of(text) == text


@given(st.text(max_size=40).filter(str.strip), st.sampled_from(THOUGHT_MARKS))
def test_thoughts_in_front_change_no_answer(text: str, marks: tuple[str, str]) -> None:
    """Mistake: a mark that is known, and not heeded."""
    first, last = marks
    assert answer_of(f"{first}\nso, no commas\n{last}\n\n{text}") == answer_of(text).lstrip()
    assert answer_of(f"so, no commas\n{last}\n\n{text}") == answer_of(text).lstrip()


def test_thoughts_are_left_out_by_the_verifier() -> None:
    """Mistake: the reading 'reference' changed, or a setting that does nothing."""
    response = "<think>One, two.</think>Tea is hot."
    no_comma = "punctuation:no_comma"
    assert verifiers.build(no_comma)(response).passed
    assert not verifiers.build(no_comma, thoughts=())(response).passed
    assert not verifiers.build(no_comma, reading="reference")(response).passed
    asked = verifiers.build(no_comma, reading="reference", thoughts=THOUGHT_MARKS)
    assert asked(response).passed
    own = verifiers.build(no_comma, thoughts=thought_marks("<plan> </plan>"))
    assert own("<plan>One, two.</plan>Tea is hot.").passed
    assert not own(response).passed


@pytest.mark.parametrize("given_marks", ["", "think", "<a> <b> <c>", "<a> <a>"])
def test_marks_that_are_no_pair_are_refused(given_marks: str) -> None:
    """Mistake: a slip in a setting that leaves thoughts in, without a word."""
    with pytest.raises(HpptError, match="Thoughts between"):
        thought_marks(given_marks)


@pytest.mark.parametrize(
    "unit",
    ["\u0301\u0323", "<think>", "`</think>`", "\u200b", "\u200d", "\ufe0f\u2764", "a\u0301", "["],
)
def test_long_texts_take_a_moment(unit: str) -> None:
    """Mistake: time that grows with the square of accents without end, or of marks."""
    started = time.process_time()
    text = "e" + unit * (400_000 // len(unit))
    as_seen(answer_of(text))
    assert time.process_time() - started < 4
