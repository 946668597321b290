"""Each family: satisfied, violated, a near miss on each side, blank, huge and non-Latin input."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hppt_lib import verifiers


@dataclass(frozen=True)
class Case:
    """A family with parameters, and responses with the verdict that they must get."""

    id: str
    kwargs: dict[str, Any]
    passes: tuple[tuple[str, str], ...]
    fails: tuple[tuple[str, str], ...]


CASES = (
    Case(
        "punctuation:no_comma",
        {},
        passes=(
            ("Tea is hot.", "no comma"),
            ("Tea; hot: yes – 'tea' ‚low quote", "marks that look like one"),
            ("茶很热。", "Chinese without one"),
        ),
        fails=(
            ("Tea, hot.", "one"),
            ("1,000 cups", "one inside a number"),
            (",", "nothing else"),
            ("茶，很热。", "full-width"),
            ("茶、水。", "of enumeration"),
            ("شاي، حليب", "Arabic"),
        ),
    ),
    Case(
        "length_constraints:number_words",
        {"relation": "less than", "num_words": 4},
        passes=(
            ("Tea is hot.", "3: the near side"),
            ("Tea - is * hot", "marks alone do not count"),
            ("Чай горячий сейчас", "Cyrillic"),
        ),
        fails=(
            ("Tea is very hot.", "4: the far side"),
            ("Tea—hot and sweet", "a long dash separates"),
            ("Чай горячий и сладкий", "Cyrillic"),
        ),
    ),
    Case(
        "length_constraints:number_words",
        {"relation": "at least", "num_words": 4},
        passes=(("Tea is very hot.", "4: the near side"),),
        fails=(("Tea is hot.", "3: the far side"), ("* - ? ! … —", "marks are no words")),
    ),
    Case(
        "detectable_format:number_bullet_lists",
        {"num_bullets": 2},
        passes=(
            ("* tea\n* cup", "stars"),
            ("Here:\n\n- tea\n\n- cup\nThat is all.", "hyphens, with text around"),
            ("  * tea\n\t+ cup", "indented"),
            ("• чай\n• чашка", "Cyrillic, with round bullets"),
            ("* **Tea** is hot\n* cup\n* * *", "a rule is no bullet"),
        ),
        fails=(
            ("* tea", "1: one too few"),
            ("* tea\n* cup\n* pot", "3: one too many"),
            ("*tea\n*cup", "no space after the mark"),
            ("**Tea**\n**Cup**", "bold is no bullet"),
            ("1. tea\n2. cup", "numbers are no bullets"),
            ("tea * cup * pot", "not at the start of a line"),
            ("* \n* ", "empty"),
            ("* ?\n* !", "no word in them"),
        ),
    ),
    Case(
        "detectable_format:title",
        {},
        passes=(
            ("<<Hot tea>>\nIt is hot.", "a line of its own"),
            ("Sure.\n# <<Hot tea>>\nIt is hot.", "Markdown around it"),
            ("<<Hot tea>> It is hot.", "opens the response"),
            ("<<茶>>", "Chinese"),
        ),
        fails=(
            ("<Hot tea>\nIt is hot.", "single brackets"),
            ("It is <<hot>> tea.", "in the middle of a sentence"),
            ("<<>>\nIt is hot.", "empty"),
            ("<< >>", "blank"),
            ("<<?>>", "no word"),
            ("<<Hot\ntea>>", "over two lines"),
            ("<<Hot tea\nIt is hot.", "not closed"),
            ("《茶》", "brackets of another script"),
        ),
    ),
    Case(
        "keywords:existence",
        {"keywords": ["tea", "ice cream"]},
        passes=(
            ("TEA with ice  cream.", "any case, any space"),
            ("ice\ncream, 'tea'", "any order, over a line end"),
        ),
        fails=(
            ("tea", "one of the two"),
            ("steam and ice creams", "only inside other words"),
            ("team ice-cream", "near misses"),
            ("茶", "another language"),
        ),
    ),
    Case(
        "keywords:existence",
        {"keywords": ["чай"]},
        passes=(("Чай!", "Cyrillic in any case"),),
        fails=(("чайник", "inside another word"),),
    ),
    Case(
        "keywords:forbidden_words",
        {"forbidden_words": ["tea", "c++"]},
        passes=(
            ("Steam and teas.", "only inside other words"),
            ("cc", "the word is no pattern"),
            ("茶", "another language"),
        ),
        fails=(("Hot TEA.", "any case"), ("C++!", "with marks"), ("tea-time", "before a hyphen")),
    ),
    Case(
        "change_case:english_lowercase",
        {},
        passes=(("tea is hot, 3 cups.", "small letters"), ("чай", "Cyrillic"), ("é", "accents")),
        fails=(
            ("tea is Hot.", "one capital"),
            ("Чай", "a Cyrillic capital"),
            ("ǅ", "a title-case letter"),
            ("123 ?!", "no letter at all"),
            ("热茶", "a script without case"),
        ),
    ),
    Case(
        "startend:end_checker",
        {"end_phrase": "Enjoy your tea!"},
        passes=(
            ("It is hot. Enjoy your tea!", "at the end"),
            ("Enjoy your tea!", "alone"),
            ("It is hot. **Enjoy your tea!**\n", "emphasis and a line end after it"),
            ("“It is hot. Enjoy your tea!”", "in quotation marks"),
        ),
        fails=(
            ("It is hot. Enjoy your tea", "one mark short"),
            ("It is hot. enjoy your tea!", "another case"),
            ("Enjoy your tea! It is hot.", "not at the end"),
            ("It is hot. Enjoy your tea!!", "one mark too many"),
            ("приятного чая!", "another language"),
        ),
    ),
    Case(
        "startend:end_checker",
        {"end_phrase": "tea"},
        passes=(("I like tea", "a word"), ("(tea", "after a mark"), ("tea", "alone")),
        fails=(("steatea", "in mid-word"), ("3tea", "in mid-word")),
    ),
    Case(
        "startend:quotation",
        {},
        passes=(
            ('"Tea is hot."', "straight"),
            ("\n “Tea is hot.” ", "curly"),
            ('"茶"', "one Chinese character"),
        ),
        fails=(
            ('"Tea is hot.', "not closed"),
            ('Tea is hot."', "not opened"),
            ("'Tea is hot.'", "single"),
            ('""', "nothing between"),
            ('" "', "blank between"),
            ('"""', "only marks"),
            ("「茶」", "marks of another script"),
        ),
    ),
)
NAMES = [f"{case.id}-{number}" for number, case in enumerate(CASES)]
each_case = pytest.mark.parametrize("case", CASES, ids=NAMES)


def build(case: Case) -> verifiers.Verifier:
    return verifiers.build(case.id, case.kwargs)


def test_every_family_has_cases() -> None:
    """Mistake: a new family without tests (substance has its own file)."""
    covered = {case.id for case in CASES}
    assert covered == {each.id for each in verifiers.families()} - {"hppt:substance"}


@each_case
def test_verdicts(case: Case) -> None:
    check = build(case)
    for expected, responses in ((True, case.passes), (False, case.fails)):
        for response, why in responses:
            verdict = check(response)
            assert verdict.passed is expected, f"{response!r} ({why}): {verdict.reason}"


@each_case
@pytest.mark.parametrize("blank", ["", " ", "\n\t\r\n", "\xa0\u2003\u3000", "\x1c\x85\u2028"])
def test_blank_satisfies_nothing(case: Case, blank: str) -> None:
    """Mistake: "no comma" or "fewer than 4 words" is true of an empty response."""
    verdict = build(case)(blank)
    assert verdict == verifiers.Verdict(False, "the response is blank")


HUGE = {
    "letters": "a" * 2**18,
    "words": "tea " * 2**16,
    "spaces": "tea" + " " * 2**18 + "tea",
    "line ends": "* a" + "\n" * 2**18 + "b",
    "bullets": "* tea\n" * 2**16,
    "opening brackets": "<" * 2**18,
    "titles that never close": "<<a\n" * 2**16,
    "title of one line": "<<" + "a" * 2**18,
    "quotation marks": '"' * 2**18,
    "marks at the end": "tea" + "*_\"'" * 2**16,
    "dashes": "—" * 2**18,
    "halves of a phrase": "ice   " * 2**16,
}


@each_case
def test_huge_responses_take_a_moment(case: Case) -> None:
    """Mistake: a pattern that goes back over its input: minutes for 300 kB."""
    check = build(case)
    for name, response in HUGE.items():
        started = time.process_time()
        check(response)
        assert time.process_time() - started < 1, name


anything = st.text(st.characters(codec=None, exclude_categories=())) | st.text(
    alphabet=" \n\t,*-+•<>\"'“”#_{}%s\\tea.0\u200b\ud800茶чайÄß", max_size=40
)


@pytest.mark.parametrize("case", CASES, ids=NAMES)
@settings(max_examples=40, deadline=None)
@given(response=anything)
def test_any_string_gets_the_same_verdict_twice(case: Case, response: str) -> None:
    """Mistake: an exception in the middle of a training run, or a verdict drawn at random."""
    check = build(case)
    verdict = check(response)
    assert isinstance(verdict.passed, bool) and verdict.reason
    assert verdict == check(response) == build(case)(response)
    if not response.strip():
        assert not verdict.passed


@settings(max_examples=60, deadline=None)
@given(response=anything, number=st.integers(1, 30))
def test_at_least_and_less_than_are_opposites(response: str, number: int) -> None:
    """Mistake: a response that both relations accept, or neither (blank: neither, on purpose)."""
    verdicts = [
        verifiers.build(
            "length_constraints:number_words", {"relation": relation, "num_words": number}
        )(response).passed
        for relation in ("at least", "less than")
    ]
    assert sum(verdicts) == (1 if response.strip() else 0)


@settings(max_examples=60, deadline=None)
@given(response=anything, word=st.sampled_from(["tea", "чай", ".", "a a", "\\", "{}"]))
def test_one_keyword_is_there_or_forbidden(response: str, word: str) -> None:
    """Mistake: two families that find words in two ways."""
    there = verifiers.build("keywords:existence", {"keywords": [word]})(response)
    absent = verifiers.build("keywords:forbidden_words", {"forbidden_words": [word]})(response)
    assert there.passed + absent.passed == (1 if response.strip() else 0)
