"""Pilot logs: what they keep, and the rewards that are made of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hppt_lib import rewards
from hppt_lib.instructions.model import shipped_instructions
from hppt_lib.refine import Attempt, PilotSettings, Sampled, read_pilot, shipped_pilot
from hppt_lib.refine.pilot_log import append_chunk, attempt, begin_log
from hppt_lib.verifiers import Verdict
from tests.helpers import untrusted
from tests.helpers.tiny import tiny_instructions

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("verdicts", "substance", "strict", "guarded"),
    [
        ((True, True), True, 1.0, 1.0),
        ((True, True), False, 1.0, 0.0),
        ((True, False), True, 0.0, 0.0),
        ((True, None), True, None, None),
        ((True, None), False, None, 0.0),
        ((False, None), True, 0.0, 0.0),
    ],
)
def test_a_missing_verdict_is_neither_a_pass_nor_a_fail(
    verdicts: tuple[bool | None, ...], substance: bool, strict: float | None, guarded: float | None
) -> None:
    """Mistake: no verdict that becomes a pass (or a fail that another verdict had settled)."""
    attempted = Attempt(
        Sampled("x", 1, True),
        tuple(None if each is None else Verdict(each, "") for each in verdicts),
        Verdict(substance, ""),
    )
    assert attempted.reward(rewards.STRICT) == strict
    assert attempted.reward(rewards.GUARDED) == guarded


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_response_survives_the_log(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Mistake: a line break or a separator in a response that ends a line of the log."""
    path = tmp_path_factory.mktemp("text") / "a.jsonl"
    one = tiny_instructions()[:1]
    begin_log(path, one, PilotSettings(), "tiny", None, {})
    append_chunk(path, 0, {"tea": [Sampled(text, 3, False)]})
    found = read_pilot(path, one).attempts["tea"]
    assert found == (attempt(one[0], Sampled(text, 3, False)),)


@pytest.mark.parametrize(
    ("name", "instructions", "samples"), [("train", 600, 8), ("again", 90, 24)]
)
def test_the_shipped_pilots_are_whole(name: str, instructions: int, samples: int) -> None:
    """Mistake: instructions that were made anew, and a pilot that no longer fits them."""
    pilot = shipped_pilot(name, shipped_instructions("train"))
    assert pilot.finished and len(pilot.instructions) == instructions
    assert {len(responses) for responses in pilot.attempts.values()} == {samples}


def test_untrusted_code_is_asked_again_and_may_give_no_verdict(code_allowed: None) -> None:
    """Mistake: a pilot takes a checker's time-out for a response that nobody can learn from."""
    asked = untrusted.instruction(untrusted.SHORT, untrusted.EVEN)
    found = [attempt(asked, Sampled(text, 3, True)) for text in ("a b", "one", "a b c d e")]
    assert [each.reward(rewards.STRICT) for each in found] == [1.0, None, 0.0]
    assert found[1].verdicts[1] is None and found[0].verdicts[1] is not None
