"""IFBench's tasks and forms: facts they rest on, and answers that must not pass by default."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hppt_lib import verifiers
from hppt_lib.sources import benchmark_folder
from hppt_lib.verifiers.ifbench import custom

GROUPS = ("custom:", "format:", "repeat:", "sentence:")
# A letter alone has no white space in it, which is all that this constraint asks.
HARMLESS = {"format:no_whitespace"}
FOLDER = benchmark_folder()
FILE = FOLDER / "ifbench" / "IFBench_test.jsonl"


def slots() -> Iterator[tuple[str, dict[str, Any]]]:
    for line in FILE.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        for id, kwargs in zip(row["instruction_id_list"], row["kwargs"], strict=True):
            if id.startswith(GROUPS):
                yield id, {name: value for name, value in kwargs.items() if value is not None}


@pytest.mark.skipif(not FILE.is_file(), reason=f"no benchmarks in {FOLDER}")
def test_every_slot_of_the_file_builds_and_one_letter_passes_none() -> None:
    """Mistake: parameters that the file has are refused, or `x` is an answer to anything."""
    found = list(slots())
    assert len(found) == 146 and len({id for id, _ in found}) == 31
    for id, kwargs in found:
        verifiers.build(id, kwargs, "reference")
        for answer in ("x", "1", ".", "sure.", "{}", "\ud800"):
            if verifiers.build(id, kwargs)(answer).passed:
                assert id in HARMLESS, f"{id} {kwargs}: {answer!r} passes"


def test_there_are_54_states_and_28_capitals() -> None:
    """Mistake: a state or capital that was forgotten, or listed twice."""
    assert len(set(custom._STATE_OF.values())) == 54
    assert set(custom._STATE_OF.values()) == set(range(54))
    assert len(set(custom.CAPITALS)) == len(custom.CAPITALS) == 28
    assert {spelling.casefold() for spelling in custom._SPELLINGS.values()} <= {
        capital.casefold() for capital in custom.CAPITALS
    }


def test_all_spellings_are_written_as_lines_are_read() -> None:
    """Mistake: a spelling with an accent or hyphen, which no line can match."""
    for spelling in custom._STATE_OF:
        assert custom._letters(spelling) == spelling


@settings(max_examples=200)
@given(st.text(max_size=30))
def test_ascii_part_of_a_text(text: str) -> None:
    """Mistake: taking characters apart one by one leaves other letters than all at once."""
    import unicodedata

    whole = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    assert custom._ascii(text) == whole


@settings(max_examples=300)
@given(st.lists(st.sampled_from(["", " ", "  ", "a", " a", "  a", "\t"]), max_size=12))
def test_lines_that_stay_when_a_list_is_changed_while_it_is_read(lines: list[str]) -> None:
    """Mistake: the oddity that the reference reading copies is not quite the program's."""
    from hppt_lib.verifiers.ifbench.format import _kept

    changed = list(lines)
    for line in changed:
        if not line.strip():
            changed.remove(line)
    assert _kept(lines) == changed


PIECES = [
    "Question 1: Who?",
    "A) Tea",
    "(",
    ")",
    "[",
    "]",
    '"',
    "'",
    "\n",
    "\n\n",
    " ",
    "* a",
    "- b",
]
PIECES += [
    "<i>",
    "</i>",
    "# T",
    "Tea is hot.",
    "😀",
    "Zimbabwe",
    "14",
    "1805-12-02",
    ",",
    "ID,Count",
]
PIECES += ["**", "```", "\t", "“", "”", "\ud800", "My Answer: a", "!?!? x", "É"]


@settings(max_examples=150)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_mixtures_of_what_the_verifiers_look_for(response: str) -> None:
    """Mistake: an exception in the middle of a training run."""
    given_kwargs = {
        "format:list": {"sep": "!?!?"},
        "format:options": {"options": "a), b), c)"},
        "repeat:repeat_change": {"prompt_to_repeat": "'*"},
        "repeat:repeat_span": {"prompt_to_repeat": "tea", "n_start": 2, "n_end": 1},
        "sentence:increment": {"small_n": 0},
        "sentence:keyword": {"word": "tea", "N": 1},
    }
    for family in verifiers.families():
        if family.id in IDS:
            for reading in verifiers.READINGS:
                check = verifiers.build(family.id, given_kwargs.get(family.id, {}), reading)
                verdict = check(response)
                assert verdict.reason and verdict == check(response)
                assert len(verdict.reason) < 600


IDS = {
    family.id
    for family in verifiers.families()
    if re.match(r"(custom|format|sentence|repeat):", family.id)
}


def test_there_are_31_families() -> None:
    assert len(IDS) == 31


def test_a_palindrome_that_our_list_lacks_is_named() -> None:
    """Mistake: a list written by hand decides a fail, and the reason does not say so."""
    verdict = verifiers.build("words:palindrome")("level radar abcba 12321")
    assert not verdict.passed
    assert "not in the kit's list of" in verdict.reason and verdict.reason.endswith(": abcba")
    assert "list" not in verifiers.build("words:palindrome")("level radar tea").reason


def test_a_verb_that_our_list_lacks_is_no_plain_fail() -> None:
    """Mistake: "the first word is Yeet", as if the reader could not tell that it is a verb."""
    assert (
        "the kit's list of common verbs" in verifiers.build("words:start_verb")("Yeet it.").reason
    )
