"""What no reader sees, or minds, changes no verdict: every family, every disturbance.

The disturbances are those of `tests.measure.disturbances`, which prints them as a table.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hppt_lib import verifiers
from hppt_lib.audit.gold import read_gold
from tests.measure.disturbances import (
    DISTURBANCES,
    MAY_CHANGE,
    Disturbance,
    disturbed,
    open_thoughts_that_pass,
)
from tests.verifiers.cases import CASES, Case

PROMPT = "Write about tea. Don't use commas."
text_cases = [
    *(case for case in CASES if case.reading == "text"),
    Case("hppt:new_content", {"prompt": PROMPT}, (), ()),
    Case("hppt:substance", {"prompt": PROMPT, "topic": ["tea", "café"]}, (), ()),
]
plain_text = st.text(alphabet="abcdeéüTS \n.,!?'\"“”‘’…—-*_#()[]<>1234茶水น้ำчай😀", max_size=120)


def test_gold_rows_keep_their_verdicts() -> None:
    """Mistake: a family that reads its response or its parameters past the shared functions."""
    changed = [
        (id, name, row.kwargs, response, reason)
        for (id, name), outcome in disturbed(read_gold()).items()
        for row, response, reason in outcome.examples
    ]
    assert not changed


def test_no_gold_response_passes_as_an_open_thought() -> None:
    """Mistake: a rollout that was cut in its thoughts, and is paid for them."""
    assert not open_thoughts_that_pass(read_gold())


def test_every_family_is_disturbed() -> None:
    """Mistake: a new family without a gold row or a case: nothing here would look at it."""
    known = {each.id for each in verifiers.families()}
    assert known == {case.id for case in text_cases} | {row.id for row in read_gold()}


def test_an_exception_names_a_family_that_there_is() -> None:
    """Mistake: a renamed id whose exception goes on to excuse nothing."""
    known = {each.id for each in verifiers.families()}
    names = {each.name for each in DISTURBANCES}
    assert set(MAY_CHANGE) <= names
    assert all(set(ids) <= known for ids in MAY_CHANGE.values())


@pytest.mark.parametrize("disturbance", DISTURBANCES, ids=lambda each: each.name)
@settings(max_examples=150)
@given(case=st.sampled_from(text_cases), response=plain_text)
def test_any_text_keeps_its_verdict(disturbance: Disturbance, case: Case, response: str) -> None:
    """Mistake: the same, on responses and families that nobody thought of."""
    if disturbance.parameter or disturbance.name in MAY_CHANGE:
        return
    check = verifiers.build(case.id, case.kwargs)
    changed = disturbance.response(response)
    assert check(changed).passed is check(response).passed, (case.id, case.kwargs, changed)
