"""Planted bugs: each kind is planted and named, a good suite catches all, an empty one none."""

from __future__ import annotations

import re
import sys

import pytest

from hppt_lib.course.planted import PlantedBug, TimeIsUp, catches, limited, plant, survivors
from hppt_lib.errors import HpptError
from hppt_lib.verifiers import Verdict
from tests.helpers.planted import PLANTED

MARKS = ("-", "*")
_ITEM = re.compile(r"\s*- (\w+)$", re.IGNORECASE)


def two_items(text: str, wanted: int = 2) -> bool:
    """Exactly two items."""
    found = sum(bool(_ITEM.match(line)) for line in text.splitlines())
    return found == wanted


TWO_ITEMS = [
    ("- a\n- b", True),
    ("- a", False),
    ("- a\n- b\n- c", False),
    ("- a\nx\n- b", True),
    ("x\ny", False),
    ("a - b\n- c\n", False),
    ("-", False),
    ("- a\n-", False),
    ("- a\x0b- b", True),
]


@pytest.mark.parametrize(("line", "name", "what"), PLANTED)
def test_each_kind_of_bug_is_planted_and_named(line: str, name: str, what: str) -> None:
    bugs = plant(f"import re\ndef f(t, n):\n    {line}\n")
    assert (name, what) in {(bug.name, bug.what) for bug in bugs}


def test_a_good_suite_catches_all_and_an_empty_one_none() -> None:
    bugs = plant(two_items)
    assert len(bugs) > 8
    assert survivors(bugs, []) == bugs
    assert [bug.what for bug in survivors(bugs, TWO_ITEMS)] == []
    weak = survivors(bugs, [("- a\n- b", True)])
    assert 0 < len(weak) < len(bugs)
    assert "exactly became at least (`==` became `>=`)" in {bug.what for bug in weak}


def test_the_bug_is_described_where_it_is() -> None:
    (bug,) = (bug for bug in plant(two_items) if bug.name == "at least")
    assert isinstance(bug, PlantedBug)
    assert bug.code.startswith("return found >= wanted")
    assert bug.line == 4
    assert bug.function("- a\n- b\n- c")
    assert not two_items("- a\n- b\n- c"), "the right function is left as it was"


def test_equal_and_broken_programs_are_left_out() -> None:
    """Mistake: a share made of bugs that are none, or that nobody could overlook."""
    bugs = plant("TABLE = {0: 'a'}\nVALUE = TABLE[0]\ndef f(text): return text == VALUE + 'b'")
    assert not [bug for bug in bugs if bug.line == 2], "TABLE[1] does not load"
    assert not plant("def f(t):\n    for x in t:\n        continue"), "an equal program"
    shown = [(bug.what, bug.code) for bug in bugs]
    assert len(shown) == len(set(shown)), "the same program twice"


def test_what_changes_no_answer_or_breaks_at_once_gets_no_bug() -> None:
    """Mistake: bugs that no example can catch, or that every example catches."""
    bugs = plant(
        "def f(text, marks):\n"
        "    if text is None:\n"
        "        raise ValueError('none' + 'such')\n"
        "    return all(a == b for a, b in zip(text, marks + '!', strict=True))"
    )
    assert {bug.name for bug in bugs if bug.line == 2} == {"the opposite"}
    assert "True became False" not in {bug.what for bug in bugs}
    assert "wrong arithmetic" not in {bug.name for bug in bugs}


def test_a_function_that_gives_verdicts_gives_verdicts_with_a_bug() -> None:
    """Mistake: a plain truth value where the caller reads `passed`."""
    source = "from hppt_lib.verifiers import Verdict\n"
    source += "def f(text):\n    n = len(text)\n    return Verdict(n > 1, str(n))"
    names = ("always passes", "always fails", "random default")
    found = {bug.name: bug.function("a") for bug in plant(source) if bug.name in names}
    assert set(found) == set(names)
    assert all(isinstance(verdict, Verdict) for verdict in found.values())
    assert found["always passes"].passed and not found["always fails"].passed


def test_closures_and_globals_are_found() -> None:
    limit = 2

    def few(text: str) -> bool:
        return text.count(MARKS[0]) < limit

    bugs = plant(few)
    assert survivors(bugs, [("-", True), ("--", False), ("**", True)]) == []


@pytest.mark.parametrize("wrong", ["x = 1", "f = lambda text: True"])
def test_what_is_no_function_is_refused(wrong: str) -> None:
    with pytest.raises(HpptError, match="There is no function"):
        plant(wrong)
    with pytest.raises(HpptError, match="cannot be found"):
        plant(len)


def endless(text: str) -> bool:
    while text:
        try:
            sum(range(100))
        except Exception:
            return True
    return False


def test_what_breaks_or_never_ends_is_caught() -> None:
    assert catches(lambda text: 1 / 0, "x", True)
    assert not catches(lambda text: True, "x", True)
    assert not catches(lambda text: Verdict(False, "no"), "x", False)
    if sys.platform != "win32":
        assert catches(endless, "x", True, seconds=0.05)
        with pytest.raises(TimeIsUp), limited(0.05):
            endless("x")


def test_a_random_answer_is_the_same_the_next_time() -> None:
    (bug,) = (
        bug
        for bug in plant("def f(text):\n    text = text.lower()\n    return text == 'tea'")
        if bug.name == "random default"
    )
    answers = [bug.function(f"tea {number}") for number in range(64)]
    assert answers == [bug.function(f"tea {number}") for number in range(64)]
    assert 16 < sum(answers) < 48
