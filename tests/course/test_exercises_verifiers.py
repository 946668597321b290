"""The exercises of notebook 02: right solutions pass, likely mistakes are caught and named."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hppt_lib.course.checks import Case, Exercise, Label, Mistake, check, check_exercise
from hppt_lib.course.exercises import verifiers as exercises
from hppt_lib.course.exercises.verifiers import (
    THRESHOLD,
    bullet_examples,
    grade_examples,
    planted_bugs,
    three_bullets,
)
from hppt_lib.course.planted import survivors

FUNCTIONS: dict[str, Callable[..., bool]] = {
    "verifiers.fewer_words": exercises.fewer_words,
    "verifiers.has_keyword": exercises.has_keyword,
    "verifiers.ends_with": exercises.ends_with,
    "verifiers.exactly_bullets": exercises.exactly_bullets,
    "verifiers.is_json": exercises.is_json,
}


def failure(name: str, student: Callable[..., Any]) -> str:
    with pytest.raises(AssertionError) as caught:
        check(name, student)
    return str(caught.value)


# --- what readers write ---------------------------------------------------------------------------


def words_by_loop(response: str, limit: int) -> bool:
    count = 0
    for piece in response.split():
        if re.search(r"[^\W_]", piece):
            count += 1
    return count < limit


def keyword_by_hand(response: str, keyword: str) -> bool:
    text, word = response.casefold(), keyword.casefold()
    start = text.find(word)
    while start >= 0:
        before, after = text[start - 1 : start], text[start + len(word) :][:1]
        if not (before.isalnum() or after.isalnum()):
            return True
        start = text.find(word, start + 1)
    return False


def bullets_by_pattern(response: str, wanted: int) -> bool:
    return len(re.findall(r"^[ \t]*[-*+•] .*[^\W_]", response, re.MULTILINE)) == wanted


def ends_by_pattern(response: str, phrase: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(phrase)}[\s\"'”’]*\Z", response) is not None


def json_in_steps(response: str) -> bool:
    lines = response.strip().split("\n")
    if lines[0].startswith("```") and lines[-1] == "```":
        lines = lines[1:-1]
    text = "\n".join(lines)
    if not text.startswith(("{", "[")) or text.count("[") > 1000:
        return False
    try:
        parsed = json.loads(text)
    except ValueError:
        return False
    return "NaN" not in json.dumps(parsed)


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("verifiers.fewer_words", words_by_loop),
        ("verifiers.has_keyword", keyword_by_hand),
        ("verifiers.ends_with", ends_by_pattern),
        ("verifiers.exactly_bullets", bullets_by_pattern),
        ("verifiers.is_json", json_in_steps),
        *FUNCTIONS.items(),
    ],
)
def test_a_right_solution_passes_however_it_is_written(
    name: str, student: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    check(name, student)
    assert "✗" not in capsys.readouterr().out


def json_with_crash(response: str) -> bool:
    try:
        return isinstance(
            json.loads(exercises._without_fence(response), parse_constant=float), dict
        )
    except json.JSONDecodeError:
        return False


@pytest.mark.parametrize(
    ("name", "student", "named"),
    [
        (
            "verifiers.fewer_words",
            lambda response, limit: len(response.split()) < limit,
            "response.split()",
        ),
        (
            "verifiers.fewer_words",
            lambda response, limit: len(re.findall(r"\w+", response)) < limit,
            "two words of",
        ),
        (
            "verifiers.fewer_words",
            lambda response, limit: words_by_loop(response, limit) or limit == 3,
            "off by one",
        ),
        (
            "verifiers.fewer_words",
            lambda response, limit: len(response) < limit,
            "characters instead of words",
        ),
        (
            "verifiers.has_keyword",
            lambda response, keyword: keyword.lower() in response.lower(),
            '"war" is in "forward"',
        ),
        (
            "verifiers.has_keyword",
            lambda response, keyword: keyword in response,
            "mind upper and lower case",
        ),
        (
            "verifiers.has_keyword",
            lambda response, keyword: re.search(rf"(?<!\w){keyword}(?!\w)", response, re.I) != None,  # noqa: E711
            "re.escape",
        ),
        (
            "verifiers.has_keyword",
            lambda response, keyword: bool(re.search(rf"\b{re.escape(keyword)}\b", response, re.I)),
            "no word boundary",
        ),
        (
            "verifiers.has_keyword",
            lambda response, keyword: keyword.lower() in re.findall(r"\w+", response.lower()),
            "neither a phrase",
        ),
        (
            "verifiers.exactly_bullets",
            lambda response, wanted: len(re.findall(r"^\s*[-*]", response, re.M)) == wanted,
            "begins with a mark",
        ),
        (
            "verifiers.exactly_bullets",
            lambda response, wanted: (
                bullets_by_pattern(response, wanted)
                or len(re.findall(r"^[-*] ", response, re.M)) > wanted
            ),
            "more bullet points than wanted",
        ),
        (
            "verifiers.exactly_bullets",
            lambda response, wanted: len(re.findall(r"^[-*+•] .*\w", response, re.M)) == wanted,
            "indented",
        ),
        (
            "verifiers.exactly_bullets",
            lambda response, wanted: (
                len(re.findall(r"^\s*([-*+•]|\d+\.) .*\w", response, re.M)) == wanted
            ),
            "numbered lists",
        ),
        (
            "verifiers.ends_with",
            lambda response, phrase: phrase in response,
            "at the end",
        ),
        (
            "verifiers.ends_with",
            lambda response, phrase: response.strip().lower().endswith(phrase.lower()),
            "upper and lower case",
        ),
        (
            "verifiers.ends_with",
            lambda response, phrase: response.endswith(phrase),
            "`endswith` alone",
        ),
        (
            "verifiers.ends_with",
            lambda response, phrase: response.strip("\n \"'").endswith(phrase),
            "mid-word",
        ),
        ("verifiers.is_json", json_with_crash, "objects only"),
        (
            "verifiers.is_json",
            lambda response: response.strip().startswith("{") or response.startswith("["),
            "do not parse",
        ),
    ],
)
def test_likely_mistakes_are_named_however_they_are_written(
    name: str, student: Callable[..., Any], named: str
) -> None:
    assert named in failure(name, student)


def test_a_parser_that_crashes_is_told_so() -> None:
    """Mistake: catching one kind of exception of several."""

    def student(response: str) -> bool:
        try:
            value = json.loads(exercises._without_fence(response), parse_constant=exercises._refuse)
        except ValueError:
            return False
        return isinstance(value, (dict, list))

    message = failure("verifiers.is_json", student)
    assert "RecursionError" in message and "not crash" in message
    assert "JSONDecodeError" in failure(
        "verifiers.is_json", lambda response: bool(json.loads(response))
    )


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("answer", [True, False])
def test_a_constant_answer_fails(name: str, answer: bool) -> None:
    """Mistake: cases that all want the same."""
    parameters = {"fewer_words": "limit", "has_keyword": "keyword", "ends_with": "phrase"}
    parameters |= {"exactly_bullets": "wanted"}
    second = parameters.get(name.partition(".")[2])
    scope: dict[str, Any] = {}
    exec(f"def f(response{f', {second}' if second else ''}): return {answer}", scope)
    failure(name, scope["f"])


hostile = st.text() | st.text(alphabet="-*+• \n\t`\"'[]{}:,ab1\\.!\ud800", max_size=60)


@settings(max_examples=60)
@given(response=hostile, word=st.sampled_from(["tea", "c++", ".", "(", "a b", "\\"]))
def test_no_reference_raises(response: str, word: str) -> None:
    for second, name in ((3, "fewer_words"), (word, "has_keyword"), (word, "ends_with")):
        assert isinstance(getattr(exercises, name)(response, second), bool)
    assert isinstance(exercises.exactly_bullets(response, 1), bool)
    assert isinstance(exercises.is_json(response), bool)


def test_planted_bugs_in_the_references_are_caught_by_the_cases() -> None:
    """Mistake: a check that a wrong function passes."""
    from hppt_lib.course.planted import plant

    for name, function in FUNCTIONS.items():
        bugs = plant(function)
        missed = []
        for bug in bugs:
            try:
                check(name, bug.function)
            except AssertionError:
                continue
            missed.append(f"{bug.what}: {bug.code}")
        # A first exercise need not have a case for each mark and for digits beside a phrase.
        assert len(missed) <= 0.2 * len(bugs), f"{name}: {len(bugs)}, {missed}"


# --- what the check itself can do now -------------------------------------------------------------


def test_mistakes_that_agree_on_one_case_are_told_apart_by_the_others() -> None:
    """Mistake: naming the first mistake that comes to the same by chance."""
    exercise = Exercise(
        label=Label("Words", number=1, difficulty=1, minutes=5, points=1),
        reference=lambda number: number > 2,
        cases=(
            Case("two", {"number": 2}),
            Case("three", {"number": 3}),
            Case("one", {"number": 1}),
        ),
        mistakes=(
            Mistake("answer True always", lambda number: True),
            Mistake("write `>=`", lambda number: number >= 2),
            Mistake("break on one", lambda number: number >= 2 or 1 / 0 > 0),
        ),
        not_covered="nothing.",
    )
    with pytest.raises(AssertionError, match="write `>=`"):
        check_exercise("above two", exercise, lambda number: number > 1.5)
    with pytest.raises(AssertionError, match="answer True always"):
        check_exercise("above two", exercise, lambda number: number > 0)
    with pytest.raises(AssertionError, match="break on one"):
        check_exercise("above two", exercise, lambda number: 1 / (number - 1) > 0)


# --- the tests that readers write -----------------------------------------------------------------


def test_the_reference_examples_catch_every_bug() -> None:
    assert survivors(planted_bugs(), bullet_examples()) == []
    verdict = grade_examples(bullet_examples())
    assert verdict.passed and "(100%)" in verdict.reason


def test_each_likely_bug_is_missed_without_the_example_that_shows_it() -> None:
    """Mistake: planted bugs that any example catches; then the grade says nothing."""
    only_pass = [("- tea\n- milk\n- jam", True)]
    assert len(survivors(planted_bugs(), only_pass)) > len(planted_bugs()) / 3
    names = {bug.name for bug in planted_bugs()}
    assert {"likely mistake", "at least", "wrong connective", "always passes"} <= names


def test_the_check_grades_examples(capsys: pytest.CaptureFixture[str]) -> None:
    check("verifiers.bullet_examples", bullet_examples)
    assert f"catch {len(planted_bugs())} of {len(planted_bugs())}" in capsys.readouterr().out


def test_weak_examples_fail_with_the_share_and_a_hint() -> None:
    examples = [
        ("- tea\n- milk\n- jam", True),
        ("* tea\n* milk\n* jam", True),
        ("- tea\n- milk", False),
        ("- tea\n- milk\n- jam\n- bread", False),
        ("tea", False),
    ]
    message = failure("verifiers.bullet_examples", lambda: examples)
    assert re.search(r"catch \d+ of \d+ planted bugs \(\d+%\)", message)
    assert "a horizontal rule counts" in message and f"{THRESHOLD:.0%}" in message
    better = [*examples, ("- tea\n* * *\n- milk\n- jam", True), ("-tea\n- a\n- b\n- c", True)]
    after = failure("verifiers.bullet_examples", lambda: better)
    assert "a horizontal rule counts" not in after and "indented" in after


def test_wrong_expectations_are_named_first() -> None:
    """Mistake: rewarding examples that catch bugs because they fail every program."""
    examples = [*bullet_examples(), ("1. tea\n2. milk\n3. jam", True), ("- a", True)]
    message = failure("verifiers.bullet_examples", lambda: examples)
    assert f"example {len(examples) - 1}, '1. tea" in message
    assert "the right verdict is False" in message and "planted" not in message
    upside_down = [(response, not wanted) for response, wanted in bullet_examples()]
    assert "and 16 more" in grade_examples(upside_down).reason


@pytest.mark.parametrize(
    ("examples", "says"),
    [
        ([], "the list is empty"),
        ((("- a", False),), "is a tuple"),
        ([("- a", False), "- b"], "example 2"),
        ([("- a", 0)], "example 1"),
        ([(1, True)], "example 1"),
        ([("- a", False, "why")], "example 1"),
    ],
)
def test_what_is_no_list_of_examples_is_explained(examples: Any, says: str) -> None:
    assert says in grade_examples(examples).reason
    assert not grade_examples(examples).passed


def test_a_stub_and_a_forgotten_return_are_explained() -> None:
    def stub() -> list[tuple[str, bool]]:
        raise NotImplementedError

    assert "not done yet" in failure("verifiers.bullet_examples", stub)
    assert "forget `return`" in failure("verifiers.bullet_examples", lambda: None)
    assert "a list is expected" in failure("verifiers.bullet_examples", lambda: "- a")
    assert "the list is empty" in failure("verifiers.bullet_examples", lambda: ())


def test_hints_give_no_example_away() -> None:
    for bug in planted_bugs():
        assert not any(mark in bug.what for mark in ("* * *", "---", "1.", "**"))
    assert three_bullets("- a\n- b\n- c") and not three_bullets("- a")
    assert exercises.EXERCISES["bullet_examples"].grade is grade_examples
