"""A data set's own code as a constraint: built by permission, and called as a verifier is."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from typing import Any

import pytest

from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Constraint
from hppt_lib.sandbox import CODE, Checker, run
from hppt_lib.verifiers import thought_marks
from tests.helpers.untrusted import EVEN, SHORT, code


def test_it_is_not_even_built_without_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: a constraint that was made before, or comes from a run's folder, runs its code."""
    monkeypatch.setattr(run, "_allowed", False)
    monkeypatch.setattr(subprocess, "Popen", None)
    with pytest.raises(HpptError, match="came with a data set.*--allow-untrusted-code"):
        code(SHORT).verifier()
    with pytest.raises(HpptError, match="--allow-untrusted-code"):
        Checker(SHORT)("a b")


@pytest.mark.parametrize(
    "kwargs",
    [{}, {"function": 1}, {"function": SHORT, "n": 1}, {"function": SHORT, "instruction": None}],
)
def test_its_parameters_are_checked(kwargs: Mapping[str, Any], code_allowed: None) -> None:
    with pytest.raises(HpptError, match="'function'"):
        Constraint(CODE, kwargs).verifier()


def test_it_is_called_as_a_verifier_is(code_allowed: None) -> None:
    """Mistake: thoughts are part of the answer, a blank one passes, no verdict is a fail."""
    check = code(SHORT).verifier()
    thought = "<think>one two three four five</think> Hot tea."
    texts = ("a b", "a b c d", " \n", thought)
    assert [check(each).passed for each in texts] == [True, False, False, True]
    assert code(SHORT).verifier(thought_marks("none"))(thought).passed is False
    found = code(EVEN).verifier()("odd")
    assert (found.passed, found.reason) == (None, "it raised ValueError: odd")
    assert check.loose("a b c d") == check("a b c d")
    assert "check" in check.describe()
    first = Constraint(CODE, {"function": SHORT.replace("response.s", "instruction.s")})
    assert first.verifier()("a b c d e").passed  # no instruction was given
