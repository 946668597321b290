"""Each family: satisfied, violated, a near miss on each side, blank, huge and non-Latin input."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hppt_lib import verifiers
from hppt_lib.verifiers import as_seen
from tests.verifiers.cases import CASES, Case

NAMES = [f"{case.id}-{number}" for number, case in enumerate(CASES)]
each_case = pytest.mark.parametrize("case", CASES, ids=NAMES)
# One case of each verifier: enough where the response matters and the parameters do not.
FIRST = list({(case.id, case.reading): case for case in reversed(CASES)}.values())
each_verifier = pytest.mark.parametrize(
    "case", FIRST, ids=[f"{case.id}-{case.reading}" for case in FIRST]
)


def build(case: Case) -> verifiers.Verifier:
    return verifiers.build(case.id, case.kwargs, case.reading)


def test_every_family_has_cases() -> None:
    """Mistake: a new family without tests (our own two have their own file)."""
    covered = {(case.id, case.reading) for case in CASES if case.passes and case.fails}
    wanted = {(each.id, "text") for each in verifiers.families() if each.benchmark}
    wanted |= {(each.id, "reference") for each in verifiers.families() if each.reference}
    assert covered >= wanted, f"no case for {sorted(wanted - covered)}"


@each_case
def test_verdicts(case: Case) -> None:
    check = build(case)
    for expected, responses in ((True, case.passes), (False, case.fails)):
        for response, why in responses:
            verdict = check(response)
            assert verdict.passed is expected, f"{response!r} ({why}): {verdict.reason}"


@each_verifier
@pytest.mark.parametrize("blank", ["", " ", "\n\t\r\n", "\xa0\u2003\u3000", "\x1c\x85\u2028"])
def test_blank_satisfies_nothing(case: Case, blank: str) -> None:
    """Mistake: "no comma" or "fewer than 4 words" is true of an empty response."""
    verdict = build(case)(blank)
    assert verdict == verifiers.Verdict(False, "the response is blank")


HUGE = {
    "letters": "a" * 2**16,
    "words": "tea " * 2**14,
    "spaces": "tea" + " " * 2**16 + "tea",
    "line ends": "* a" + "\n" * 2**16 + "b",
    "bullets": "* tea\n" * 2**14,
    "opening brackets": "<" * 2**16,
    "titles that never close": "<<a\n" * 2**14,
    "title of one line": "<<" + "a" * 2**16,
    "quotation marks": '"' * 2**16,
    "marks at the end": "tea" + "*_\"'" * 2**14,
    "dashes": "—" * 2**16,
    "halves of a phrase": "ice   " * 2**14,
}


@pytest.mark.slow
@each_verifier
def test_huge_responses_take_a_moment(case: Case) -> None:
    """Mistake: a pattern that goes back over its input: minutes for 64 kB."""
    check = build(case)
    for name, response in HUGE.items():
        # On a busy machine one run may take longer than its own work does; a bad pattern takes
        # minutes each time.
        assert seconds(check, response) < 1 or seconds(check, response) < 1, name


def seconds(check: verifiers.Verifier, response: str) -> float:
    """Processor time of one check."""
    started = time.process_time()
    check(response)
    return time.process_time() - started


anything = st.text(st.characters(codec=None, exclude_categories=())) | st.text(
    alphabet=" \n\t,*-+•<>\"'“”#_{}%s\\tea.0\u200b\ud800茶чайÄß", max_size=40
)


@pytest.mark.slow
@each_verifier
@settings(max_examples=20)
@given(response=anything)
def test_any_string_gets_the_same_verdict_twice(case: Case, response: str) -> None:
    """Mistake: an exception in the middle of a training run, or a verdict drawn at random."""
    check = build(case)
    verdict = check(response)
    assert isinstance(verdict.passed, bool) and verdict.reason
    assert verdict == check(response) == build(case)(response)
    if not response.strip():
        assert not verdict.passed


@settings(max_examples=60)
@given(response=anything, number=st.integers(1, 30))
def test_at_least_and_less_than_are_opposites(response: str, number: int) -> None:
    """Mistake: a response that both relations accept, or neither (blank: neither, on purpose)."""
    verdicts = [
        verifiers.build(
            "length_constraints:number_words", {"relation": relation, "num_words": number}
        )(response).passed
        for relation in ("at least", "less than")
    ]
    assert sum(verdicts) == (1 if as_seen(response).strip() else 0)


@settings(max_examples=60)
@given(response=anything, word=st.sampled_from(["tea", "чай", ".", "a a", "\\", "{}"]))
def test_one_keyword_is_there_or_forbidden(response: str, word: str) -> None:
    """Mistake: two families that find words in two ways."""
    there = verifiers.build("keywords:existence", {"keywords": [word]})(response)
    absent = verifiers.build("keywords:forbidden_words", {"forbidden_words": [word]})(response)
    assert there.passed + absent.passed == (1 if as_seen(response).strip() else 0)


@each_case
def test_loose_is_never_below_strict(case: Case) -> None:
    """Mistake: a variant that is tried instead of the response itself, not besides it."""
    check = build(case)
    for response, _ in (*case.passes, *case.fails):
        strict, loose = check(response), check.loose(response)
        assert loose.passed or not strict.passed


@pytest.mark.parametrize("difference", verifiers.differences(), ids=lambda each: each.id)
def test_each_difference_has_an_example_that_separates_the_readings(
    difference: verifiers.Difference,
) -> None:
    """Mistake: a table of differences that the code does not have."""
    for reading in verifiers.READINGS:
        verdict = verifiers.build(difference.id, difference.kwargs, reading)(difference.example)
        assert verdict.passed is (difference.text_passes == (reading == "text")), verdict.reason
    assert difference.reference.strip() and difference.text.strip()
