"""Planted bugs in the verifiers: every kind is planted and named, and reaches who uses the code."""

from __future__ import annotations

import ast
import re
import sys
import textwrap

import pytest

from hppt_lib.course.planted import Change
from hppt_lib.verifiers import family
from tests.helpers.planted import PLANTED
from tests.measure.planted.modules import Verifiers
from tests.measure.planted.patterns import changed_patterns
from tests.measure.planted.places import programs


def planted(source: str) -> list[Change]:
    tree = ast.parse(textwrap.dedent(source))
    return [change for _, change, _ in programs(tree)]


@pytest.mark.parametrize(
    ("line", "name", "what"),
    [
        *PLANTED,
        ("return n < 0.5", "changed number", "number 0.5 became 0.55"),
        ("return Verdict(False, 'no')", "the opposite", "False became True"),
        ("return [x for x in t if x]", "lost condition", "`if x` was left out"),
        ("return t.find(n)", "wrong method", "`.find()` became `.rfind()`"),
        ("return len(t) < n", "count off by one", "`len(t)` became `… + 1`"),
        ("return t.count('a') - n", "count off by one", "`t.count('a')` became `… - 1`"),
        ("return occurrences(n, t) > 2", "substring", "words became substrings"),
        ("return t == 'ab'", "changed string", "'ab' became empty"),
        ("return t.strip('*_')", "changed string", "'*' was left out of '*_'"),
        ("return re.search(r'\\bab', t)", "changed pattern", "word boundary `\\b` was forgotten"),
        ("return re.search(t, n, re.I)", "ignored flag", "`re.I` was dropped"),
        ("return re.search(t, n, flags=re.I)", "ignored flag", "`re.I` was dropped"),
        ("return re.search(t, n, re.I | re.M)", "ignored flag", "`re.M` was dropped"),
        ("return re.search(rf'{n}(?!\\w)', t)", "changed pattern", "`(?!\\w)` was forgotten"),
    ],
)
def test_each_kind_of_bug_is_planted_and_named(line: str, name: str, what: str) -> None:
    bugs = planted(f"import re\ndef f(t, n):\n    {line}\n")
    assert (name, what) in {(bug.name, bug.what) for bug in bugs}


@pytest.mark.parametrize(
    ("pattern", "changed"),
    [
        (r"\bcat\b", {r"cat\b", r"\bcat"}),
        (r"^a$", {"a$", "^a"}),
        (r"(?<!\w)a(?!\w)", {r"a(?!\w)", r"(?<!\w)a"}),
        ("[-*]a", {"[*]a", "[-]a"}),
        ("a+b*", {"a*b*", "a+b+"}),
        ("a?", {"a"}),
        (r"\d{1,3}", {r"\d{2,3}", r"\d{0,3}", r"\d{1,4}", r"\d{1,2}"}),
        ("a|b", {"a", "b"}),
        ("x(?:a|b|c)", {"x(?:b|c)", "x(?:a|c)", "x(?:a|b)"}),
        ("(a(b|c)|d)e", {"(a(c)|d)e", "(a(b)|d)e", "(d)e", "(a(b|c))e"}),
        (r"[^\]a]", {"[^a]", r"[^\]]"}),
        ("[a-cx]", {"[x]", "[a-c]"}),
        ("a{2}", {"a{3}", "a{1}"}),
    ],
)
def test_patterns_lose_one_thing_at_a_time(pattern: str, changed: set[str]) -> None:
    assert {each for _, each in changed_patterns(pattern)} == changed


def test_patterns_that_do_not_compile_are_not_planted() -> None:
    """Mistake: counting a pattern that breaks at once as a bug that was caught."""
    for pattern in (r"(?P<a>x|y)(?P=a)", r"(?<=a|b)c", r"a{2,3}", "[]a]", "[a"):
        for _, changed in changed_patterns(pattern):
            re.compile(changed)


def test_reasons_messages_and_docstrings_get_no_bugs() -> None:
    """Mistake: a bug that no test can catch, because no verdict depends on it."""
    source = '''
    def f(text, n):
        """At least 3."""
        assert n > 7, "never"
        limit = 60
        shown = text.strip()[:limit]
        for number, line in enumerate(text, start=1):
            if line == n:
                return Verdict(n, f"line {number} of {len(text)}: {shown}")
        if n is None:
            raise ValueError(f"{n - 1} is no number")
        return Verdict(n, "never" + shown.lower())
    '''
    found = " ".join(bug.what for bug in planted(source))
    for absent in ("3", "7", "60", "1", "len", "strip", "lower", "never"):
        assert absent not in found, found


def test_constants_of_a_module_get_bugs() -> None:
    source = """
    import re
    MARKS = ("-", "*", "+")
    LIMIT = 4
    NAMES = ("a", "b", "c", "d", "e", "f", "g")
    def helper(text): return text in MARKS
    def f(text): return helper(text) and len(text) < LIMIT
    """
    found = {(bug.line, bug.what) for bug in planted(source)}
    assert {(3, "'*' became empty"), (4, "number 4 became 5"), (7, "`<` became `<=`")} & found
    assert (6, "`in` became `not in`") in found
    strings = {what for line, what in found if line == 5}
    assert strings == {"'a' became empty", "'g' became empty"}, "the ends of a long list"


# --- the modules of the verifiers -----------------------------------------------------------------

TEXT = "hppt_lib.verifiers.words"


@pytest.fixture(scope="module")
def code() -> Verifiers:
    return Verifiers()


def test_modules_without_a_bug_answer_as_the_registry_does(code: Verifiers) -> None:
    """Mistake: a verifier that is collected twice, or not at all."""
    with code.executed({TEXT: code.program(TEXT)}) as checks:
        check = checks["length_constraints:number_words", "text"]
        real = family("length_constraints:number_words").function
        assert check is not real
        for response in ("one two", "one two three"):
            given = {"relation": "less than", "num_words": 3}
            assert check(response, **given) == real(response, **given)
    assert family("length_constraints:number_words").function is real


def test_a_bug_in_a_shared_function_reaches_the_verifiers_that_use_it(code: Verifiers) -> None:
    key = ("length_constraints:number_words", "text")
    bugs = [bug for bug in code.bugs(TEXT) if bug.definition == "satisfies"]
    (bug,) = (bug for bug in bugs if bug.change.what == "`<` became `<=`")
    assert key in bug.reaches
    assert ("punctuation:no_comma", "text") not in bug.reaches
    real = sys.modules[TEXT]
    with code.with_bug(bug) as checks:
        assert checks[key]("one two three", relation="less than", num_words=3).passed
        assert sys.modules[TEXT] is not real
    assert sys.modules[TEXT] is real
    assert not family(key[0]).function("a b c", relation="less than", num_words=3).passed


def test_functions_that_only_write_reasons_get_no_bugs(code: Verifiers) -> None:
    key = ("length_constraints:number_words", "text")
    used = {bug.definition for bug in code.bugs(TEXT) if key in bug.reaches}
    assert "words" in used and "counted" not in used


def test_every_verifier_with_cases_gets_bugs(code: Verifiers) -> None:
    """Mistake: a verifier registered in a way that the planter does not see."""
    from tests.verifiers.cases import CASES

    reached = {key for module in code.modules for key in code.reached(module)}
    assert {(case.id, case.reading) for case in CASES} <= reached
