"""IFTrain: parameters that make no sense, and properties that single cases do not show."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hppt_lib import verifiers
from hppt_lib.errors import HpptError
from hppt_lib.verifiers import as_seen

IDS = [each.id for each in verifiers.families() if each.benchmark == "iftrain"]

BAD_PARAMETERS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("copy:repeat_phrase", {"phrase": "hot tea", "small_n": 2}),
    ("copy:repeat_phrase", {"phrase": "very hot tea", "small_n": 0}),
    ("copy:repeat_phrase", {"phrase": "very hot tea"}),
    ("copy:copy", {"prompt_to_repeat": " "}),
    ("copy:copying_multiple", {"prompt_to_repeat": "Make tea."}),
    ("copy:copying_multiple", {"prompt_to_repeat": "Make tea.", "N": 0}),
    ("new:copy_span_idx", {"prompt_to_repeat": "Make tea.", "n_start": -1, "n_end": 2}),
    ("new:copy_span_idx", {"prompt_to_repeat": "Make tea.", "n_start": 0, "n_end": 0}),
    ("new:copy_span_idx", {"prompt_to_repeat": "Make tea.", "n_start": 0}),
    ("keywords:word_once", {}),
    ("keywords:exclude_word_harder", {"keyword": None}),
    ("keywords:exclude_word_harder", {"instruction": "Make tea."}),
    (
        "keywords:word_count_different_numbers",
        {"keyword": "tea", "frequency": 2, "relation": "more than"},
    ),
    (
        "keywords:word_count_different_numbers",
        {"keyword": "tea", "frequency": 0, "relation": "less than"},
    ),
    ("keywords:keyword_specific_position", {"keyword": "hot tea", "n": 1, "m": 1}),
    ("keywords:keyword_specific_position", {"keyword": "tea", "n": 0, "m": 1}),
    ("keywords:keyword_specific_position", {"keyword": "tea", "n": 1, "m": 0}),
    ("first_word:first_word_sent", {"first_word": "hot tea"}),
    ("first_word:first_word_answer", {"first_word": "?"}),
    ("last_word:last_word_sent", {"last_word": "hot tea"}),
    ("last_word:last_word_answer", {"last_word": "..."}),
    ("count:lowercase_counting", {"N": 0}),
    ("count:counting_composition", {"n_sent": 2, "n_words": 0}),
    ("count:count_increment_word", {"keyword1": "tea"}),
    ("letters:letter_counting", {"N": 3}),
    ("letters:letter_counting2", {"letter": "#", "let_frequency": 1, "let_relation": "at least"}),
    ("letters:letter_counting2", {"letter": "ab", "let_frequency": 1, "let_relation": "at least"}),
    ("letters:letter_counting2", {"letter": "a", "let_frequency": 1}),
)


def test_all_29_are_there() -> None:
    """Mistake: a module that is not imported, so that its constraints are unknown."""
    assert len(IDS) == 29


@pytest.mark.parametrize(("id", "kwargs"), BAD_PARAMETERS)
@pytest.mark.parametrize("reading", verifiers.READINGS)
def test_no_parameter_is_made_up(
    id: str, kwargs: dict[str, Any], reading: verifiers.Reading
) -> None:
    """Mistake: a missing or senseless parameter drawn at random, as the public program does."""
    with pytest.raises(HpptError):
        verifiers.build(id, kwargs, reading)


def test_index_zero_is_the_first_character() -> None:
    """Mistake: `if not n_start`, which draws another start for 0."""
    kwargs = {"prompt_to_repeat": "Make tea.", "n_start": 0, "n_end": 4}
    assert verifiers.build("new:copy_span_idx", kwargs, "reference")("Make").passed
    assert verifiers.build("new:copy_span_idx", kwargs | {"n_end": 3})("Make").passed


lines = st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda text: as_seen(text).strip())


@settings(max_examples=60)
@given(request=lines, number=st.integers(1, 4))
def test_a_copy_of_any_request_passes_and_a_changed_one_does_not(request: str, number: int) -> None:
    """Mistake: a request read as a pattern, or cut where it holds the separator itself."""
    for id in ("copy:copy", "copy:copying_simple"):
        check = verifiers.build(id, {"prompt_to_repeat": request})
        assert check(request).passed
        assert not check(f"{request} x").passed
    check = verifiers.build("copy:copying_multiple", {"prompt_to_repeat": request, "N": number})
    copies = [request] * number
    assert check("\n******\n".join(copies)).passed
    assert not check("\n******\n".join([*copies, request])).passed
    assert not check("\n******\n".join([*copies[1:], f"{request} x"])).passed


@settings(max_examples=60)
@given(request=lines, ends=st.tuples(st.integers(0, 30), st.integers(1, 30)))
def test_a_span_is_as_python_cuts_it(request: str, ends: tuple[int, int]) -> None:
    """Mistake: the second index left out, or counted from 1."""
    start, end = ends
    span = request[start : end + 1]
    check = verifiers.build(
        "new:copy_span_idx", {"prompt_to_repeat": request, "n_start": start, "n_end": end}
    )
    assert check(span).passed is bool(as_seen(span).strip())


@settings(max_examples=60)
@given(response=st.text(), number=st.integers(1, 20), reading=st.sampled_from(verifiers.READINGS))
def test_relations_are_opposites(response: str, number: int, reading: verifiers.Reading) -> None:
    """Mistake: a response that both relations accept, or neither (blank: neither, on purpose)."""
    families: tuple[tuple[str, dict[str, Any], str], ...] = (
        ("letters:letter_counting", {"N": number}, "relation"),
        ("letters:letter_counting2", {"letter": "e", "let_frequency": number}, "let_relation"),
        (
            "keywords:word_count_different_numbers",
            {"keyword": "e", "frequency": number},
            "relation",
        ),
    )
    for id, kwargs, name in families:
        passed = [
            verifiers.build(id, kwargs | {name: relation}, reading)(response).passed
            for relation in ("at least", "less than")
        ]
        blank = not (as_seen(response) if reading == "text" else response).strip()
        assert sum(passed) == (not blank)


@settings(max_examples=40)
@given(
    words=st.lists(
        st.sampled_from(["tea", "is", "hot", "and", "so", "good"]), min_size=2, max_size=9
    )
)
def test_words_that_are_wrapped_pass_and_the_same_words_bare_do_not(words: list[str]) -> None:
    """Mistake: only the first or the last word is looked at."""
    each = verifiers.build("detectable_format:square_brackets", {})
    pairs = verifiers.build("detectable_format:bigram_wrapping", {})
    wrapped = [f"[{word}]" for word in words]
    assert each(" ".join(wrapped)).passed
    in_pairs = [f"<<{' '.join(words[at : at + 2])}>>" for at in range(0, len(words), 2)]
    assert pairs(" ".join(in_pairs)).passed
    for place, word in enumerate(words):
        assert not each(" ".join([*wrapped[:place], word, *wrapped[place + 1 :]])).passed
    assert not each(" ".join(words)).passed
    assert not pairs(" ".join(words)).passed
