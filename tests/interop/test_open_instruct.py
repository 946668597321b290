"""open-instruct's label: written as its program reads it, and scored as its verifiers are."""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest

from hppt_lib import interop
from hppt_lib.errors import HpptError
from tests.helpers.examples import example
from tests.interop.test_rows import IDS, IFEVAL, PROMPT, WORDS


def test_the_label_is_what_open_instruct_reads() -> None:
    """Mistake: JSON, whose null no Python literal has, or ids and parameters of other lengths."""
    label = interop.open_instruct_label(IFEVAL)
    [read] = ast.literal_eval(label)  # as its IFEvalVerifier does
    assert read == {"instruction_id": IDS, "kwargs": [None, WORDS]}
    halves = interop.open_instruct_score("Tea, oh so hot", label)
    assert halves.value == 0.5 and halves.verdicts == [False, True]
    thinks = interop.open_instruct_score("<think>a, b</think>Tea is hot", label)
    assert thinks.value == 1 and interop.open_instruct_score("", label).value == 0
    with pytest.raises(HpptError, match="query"):
        interop.open_instruct_score("Tea", label, reward="guarded")
    with pytest.raises(HpptError, match="the label: .*lacks its parameter"):
        interop.open_instruct_score("Tea", str([{"instruction_id": IDS, "kwargs": [None, {}]}]))


def test_the_example_is_called_as_a_verifier_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: another signature than open-instruct's, which is copied here: it is not on PyPI."""

    @dataclass
    class VerificationResult:
        score: float
        cost: float = 0.0
        reasoning: str | None = None

    class VerifierFunction:
        def __init__(self, name: str, weight: float = 1.0, verifier_config: Any = None) -> None:
            self.name, self.weight, self.verifier_config = name, weight, verifier_config

    theirs = ModuleType("open_instruct.ground_truth_utils")
    vars(theirs).update(VerificationResult=VerificationResult, VerifierFunction=VerifierFunction)
    monkeypatch.setitem(sys.modules, "open_instruct", ModuleType("open_instruct"))
    monkeypatch.setitem(sys.modules, "open_instruct.ground_truth_utils", theirs)
    verifier = example("open_instruct_verifier").HpptVerifier(None)
    label = interop.open_instruct_label(IFEVAL)
    answer = "Green leaves steep in hot water for minutes"
    good = verifier([1, 2], answer, label, query=PROMPT, rollout_state=None)
    assert verifier.name == "hppt" and (good.score, good.cost) == (1.0, 0.0)
    assert "passed punctuation:no_comma" in good.reasoning
    assert verifier([1], "Write about tea", label, PROMPT).score == 0, "a copy is no answer"
