"""Rows of many forms are the same instruction, scored by its answer, or are refused by name."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import numpy as np
import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hppt_lib import interop
from hppt_lib.errors import HpptError
from hppt_lib.judges import Judgement, Question, no_verdict
from hppt_lib.rewards import judged
from tests.helpers.judge_fakes import Fake

PROMPT = "Write about tea. No commas. At least 3 words."
IDS = ["punctuation:no_comma", "length_constraints:number_words"]
WORDS = {"relation": "at least", "num_words": 3}
IFEVAL: dict[str, Any] = {
    "prompt": PROMPT,
    "instruction_id_list": IDS,
    "kwargs": [{"num_words": None}, WORDS],
}
LABEL = {"instruction_id": IDS, "kwargs": [None, WORDS]}
KIT = [
    {"id": IDS[0], "kwargs": {"num_words": None}, "text": None, "kind": "hard"},
    {"id": IDS[1], "kwargs": {**WORDS, "keywords": None}, "text": "", "kind": "hard"},
]
SAME: list[dict[str, Any]] = [
    IFEVAL,
    IFEVAL | {"kwargs": json.dumps([None, WORDS])},
    IFEVAL | {"kwargs": ("{}", json.dumps(WORDS)), "instruction_id_list": np.array(IDS)},
    IFEVAL | {"kwargs": pyarrow.array([{"num_words": None}, WORDS])},
    IFEVAL | {"kwargs": [{}, WORDS | {"num_words": 3.0}], "constraints": None},
    IFEVAL | {"constraints": ["No commas."], "ground_truth": "42"},  # columns of other meaning
    {"prompt": PROMPT, "ground_truth": str([LABEL])},
    {"prompt": PROMPT, "ground_truth": [json.dumps(LABEL)]},
    {"ground_truth": json.dumps(IFEVAL)},
    {"ground_truth": IFEVAL},
    {"prompt": PROMPT, "constraints": KIT},
    {"prompt": PROMPT, "constraints": np.array(KIT, dtype=object), "topic": None},
]


@pytest.mark.parametrize("row", SAME, ids=range(len(SAME)))
def test_a_row_of_any_form_is_scored_alike(row: dict[str, Any]) -> None:
    """Mistake: null padding taken for parameters, 4.0 refused, a label read as text."""
    instruction = interop.instruction_of(row)
    assert instruction.prompt == PROMPT
    responses = ["Tea is hot", "Tea, hot", "<think>Well, tea</think>Tea is hot", "<think>tea", ""]
    found = interop.scorer()([instruction] * 5, responses)
    assert [each.value for each in found] == [1, 0, 1, 0, 0]
    assert [each.verdicts for each in found][1] == [False, False]
    assert found[1].reasons == (
        "failed punctuation:no_comma: 1 comma, none wanted\n"
        "failed length_constraints:number_words: 2 words, at least 3 wanted"
    )


BAD: list[tuple[dict[str, Any], str]] = [
    ({}, "it names no constraints"),
    ({"prompt": PROMPT, "instruction_id_list": IDS}, "the field 'kwargs' is missing"),
    (IFEVAL | {"kwargs": [{}]}, "has 2 entries and 'kwargs' 1"),
    (IFEVAL | {"kwargs": [{}, {"relation": "at least"}]}, "lacks its parameter 'num_words'"),
    (IFEVAL | {"instruction_id_list": [], "kwargs": []}, "list of constraints is empty"),
    (IFEVAL | {"prompt": " "}, "the field 'prompt' is missing"),
    ({"prompt": PROMPT, "ground_truth": "42"}, "'ground_truth' names no constraints"),
    ({"prompt": PROMPT, "ground_truth": "[{"}, "'ground_truth'.*not valid JSON"),
    ({"prompt": PROMPT, "ground_truth": {"answer": 42}}, "it names no constraints"),
    ({"prompt": PROMPT, "constraints": [{"id": IDS[1], "kwargs": {}}]}, "constraint 1.*lacks"),
    ({"prompt": PROMPT, "constraints": []}, "'constraints' is empty"),
]


@pytest.mark.parametrize(("row", "message"), BAD)
def test_a_bad_row_is_named(row: dict[str, Any], message: str) -> None:
    """Mistake: a row without constraints that is rewarded, or an error without row and field."""
    with pytest.raises(HpptError, match=f"^row 7: .*{message}"):
        interop.instruction_of(row, where="row 7")


SOFT = {
    "prompt": PROMPT,
    "constraints": [{"id": "soft:tone", "kind": "soft", "text": "Keep a warm tone.", "kwargs": {}}],
}


def feels(question: Question) -> tuple[Judgement, ...]:
    """A judge that knows warm and cold, and nothing else."""
    for word, passed in (("warm", True), ("cold", False)):
        if word in question.response:
            return (Judgement(passed, 1.0, word),)
    return (no_verdict("unreadable reply (unclear)", "hm"),)


def test_no_verdict_is_neither_a_pass_nor_a_fail() -> None:
    """Mistake: a judge that could not answer becomes a zero."""
    reward = judged(judge=Fake(feels), missing="drop")
    instruction = interop.instruction_of(SOFT)
    responses = ["warm tea", "cold tea", "odd tea"]
    found = interop.scorer(reward)([instruction] * 3, responses)
    assert [each.dropped for each in found] == [False, False, True]
    assert [each.value for each in found[:2]] == [1, 0]
    assert found[2].reasons == "no verdict, says the judge"


def test_the_room_loads_no_framework() -> None:
    """Mistake: an import of torch or TRL at the top, and the bare install cannot score a row."""
    program = "import sys, hppt_lib.interop; print({'torch', 'trl', 'pandas'} & set(sys.modules))"
    command = [sys.executable, "-c", program]
    assert subprocess.run(command, capture_output=True, text=True).stdout.strip() == "set()"


@given(st.text() | st.recursive(st.none() | st.text() | st.integers(), st.lists), st.text())
def test_any_label_is_taken_or_refused(label: Any, response: str) -> None:
    """Mistake: a TypeError out of a strange column, or a response that no reward can be given."""
    for row in ({"ground_truth": label}, IFEVAL | {"kwargs": label}, {"constraints": label}):
        with pytest.raises(HpptError, match="^row 1: "):
            interop.instruction_of(row, PROMPT, "row 1")
    [found] = interop.scorer("fractional")([interop.instruction_of(IFEVAL)], [response])
    assert 0 <= found.value <= 1 and len(found.reasons.splitlines()) >= 2
