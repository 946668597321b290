"""A score is of the answer: what follows the thoughts in a response."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hppt_lib.instructions.model import Constraint, Instruction
from hppt_lib.rewards import (
    ATTACKS,
    GUARDS,
    KINDS,
    ErrorRates,
    Reward,
    Score,
    VaryingRate,
    corrected,
    fractional,
    guarded,
    judged,
    noisy,
    score,
    strict,
)
from hppt_lib.sandbox import Outcome
from hppt_lib.verifiers import Verdict, build, thought_marks
from tests.rewards.test_judged import Opinion

TEA = Instruction(
    "tea",
    "Write about tea. No commas.",
    (
        Constraint("punctuation:no_comma"),
        Constraint("length_constraints:number_words", {"relation": "at least", "num_words": 5}),
    ),
    "",
    ("tea",),
)
GOOD = "Tea leaves brew slowly overnight in cold water."
LONG = "The user wants tea and no commas so I think of warm leaves"
REWARDS: dict[str, Reward] = {
    "strict": strict(),
    "guarded": guarded(),
    "no guard": guarded(guard="none"),
    "fractional": fractional(),
    "judged": judged(judge=Opinion(), decides="all"),
}
ALL, NONE = (1, 1, 1, 1, 1), (0, 0, 0, 0, 0)
RESPONSES = [
    ("closed", f"<think>Well, tea, yes.</think>\n\n{GOOD}", GOOD, ALL),
    ("closed, the answer fails", f"<think>{LONG}</think>Tea, hot.", "Tea, hot.", (0, 0, 0, 0, 1)),
    ("closed, no answer", "<think>Tea</think>I do as you say", "I do as you say", (1, 0, 1, 1, 1)),
    ("open: cut at the limit", f"<think>\n{LONG}", "", NONE),
    ("open, after signs that show nothing", f"\ufeff<think>\n{LONG}", "\ufeff", NONE),
    ("empty, and nothing after", "<think>\n\n</think>\n\n", "", NONE),
    ("empty, and an answer", f"<think>\n\n</think>\n\n{GOOD}", GOOD, ALL),
    ("begun in the prompt", f"Well, tea, yes.</think>{GOOD}", GOOD, ALL),
    ("begun in the prompt, nothing after", f"{LONG}</think>", "", NONE),
    ("other marks", f"[THINK]a, b[/THINK]{GOOD}", GOOD, ALL),
    ("no thoughts", GOOD, GOOD, ALL),
    ("nothing that a reader sees", "\u200b\ufeff", "\u200b\ufeff", NONE),
    ("nothing", "", "", NONE),
]  # fmt: skip


@pytest.mark.parametrize(("why", "response", "answer", "expected"), RESPONSES)
def test_a_reward_is_of_the_answer(
    why: str, response: str, answer: str, expected: tuple[int, ...]
) -> None:
    """Mistake: an unfinished thought that is paid, or a comma in the thoughts that is punished."""
    found = score(TEA, response, judged=(True, True))
    assert found.response == response, "records keep what was written"
    assert found.answer == answer
    assert tuple(each.value(found) for each in REWARDS.values()) == expected, why


PLAIN = st.text(st.characters(exclude_characters="<[\u25c1|"))


@example("", GOOD)
@given(PLAIN, st.sampled_from([GOOD, "Tea, hot.", "No.", "", *(each.response for each in ATTACKS)]))
def test_thoughts_change_no_reward(thoughts: str, answer: str) -> None:
    """Mistake: a length, a word or a mark of the thoughts that a verdict, a guard or a new kind of
    reward counts."""
    plain = score(TEA, answer, judged=(True, True))
    # Rates by length are for a single constraint: tests/rewards/test_within.py.
    kinds = [kind for name, kind in KINDS.items() if name != "corrected_within"]
    rewards = [kind(**_needed(kind)) for kind in kinds]
    rewards += [judged(judge=Opinion(), decides="all", guard=guard) for guard in GUARDS]
    for response in (f"<think>{thoughts}</think>{answer}", f"{thoughts}</think>\n{answer}"):
        found = score(TEA, response, judged=(True, True))
        assert found.verdicts == plain.verdicts and found.substance == plain.substance
        assert [each.value(found) for each in rewards] == [each.value(plain) for each in rewards]


_IDS = [each.id for each in TEA.constraints]
_NEVER = ErrorRates(VaryingRate(0.0, 1.0), VaryingRate(0.0, 1.0))


def _needed(kind: Callable[..., Reward]) -> dict[str, Any]:
    """A value for each setting that a kind of reward cannot do without."""
    known = {
        "judge": Opinion(),
        "of": strict(),
        "false_pass": 0.0,
        "rates": dict.fromkeys(_IDS, _NEVER),
    }
    wanted = inspect.signature(kind).parameters.values()
    return {each.name: known[each.name] for each in wanted if each.default is each.empty}


PIECES = ("<think>", "</think>", "[THINK]", "[/THINK]", "\n", "\u200b", "\ufeff", " ", "a, b", GOOD)


@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
def test_a_score_and_a_verifier_see_one_answer(response: str) -> None:
    """Mistake: two places that decide what the answer is, and a response that they read apart."""
    found = score(TEA, response)
    assert list(found.verdicts) == [each.verifier()(response) for each in TEA.constraints]
    topic = {"prompt": TEA.prompt, "topic": list(TEA.topic)}
    assert found.substance == build("hppt:substance", topic)(response)


@given(PLAIN)
def test_a_thought_without_an_end_is_blank_for_every_guard(thoughts: str) -> None:
    """Mistake: a guard that reads words of the thoughts: they are on the topic, and new."""
    found = score(TEA, f"<think>{thoughts}", judged=(True, True))
    assert found.blank and not found.strict
    for name, guard in GUARDS.items():
        assert not guard.check(TEA, f"<think>{LONG} {thoughts}").passed
        assert judged(judge=Opinion(), decides="all", guard=name).value(found) == 0


@given(PLAIN)
def test_a_response_without_marks_is_its_answer(response: str) -> None:
    assert score(TEA, response).answer == response


def test_the_marks_are_a_setting() -> None:
    """Mistake: marks that the score knows, and its verifiers or guards do not."""
    own, none = thought_marks("<plan> </plan>"), ()
    planned = f"<plan>{LONG}, with commas</plan>{GOOD}"
    assert score(TEA, planned, thoughts=own).guarded and not score(TEA, planned).strict
    thought = f"<think>{GOOD}"
    assert score(TEA, thought, thoughts=none).guarded, "asked for, so the thoughts are the answer"
    assert guarded(guard="all").value(score(TEA, thought, thoughts=none)) == 1
    assert not score(TEA, thought, thoughts=own).blank
    assert GUARDS["all"].check(TEA, thought, thoughts=none).passed


@pytest.mark.parametrize(
    ("passed", "value", "share"),
    [
        ((True, True), 1.0, 1.0),
        ((True, None), None, None),
        ((False, None), 0.0, None),
        ((None, None), None, None),
        ((False, False), 0.0, 1 / 3),
    ],
)
def test_a_hard_constraint_without_a_verdict_is_neither_met_nor_missed(
    passed: tuple[bool | None, ...], value: float | None, share: float | None
) -> None:
    """Mistake: untrusted code that hangs is rewarded, or punished, as if it had said so."""
    verdicts = (Verdict(True, ""), *(Outcome(each, "") for each in passed))
    found = Score(verdicts, Verdict(True, ""), (), TEA, GOOD)
    assert found.missing == passed.count(None)
    for reward, wanted in ((strict(), value), (guarded(), value), (fractional(), share)):
        given_ = reward.checked_value(found)
        assert math.isnan(given_) if wanted is None else given_ == wanted, reward.name
    precise = noisy(false_pass=0.0)
    assert math.isnan(precise.checked_value(found)) == (value is None)
    if found.missing:
        assert corrected(of=precise, false_pass=0.0).true_value(found) is None


def test_a_guard_settles_what_a_missing_verdict_leaves_open() -> None:
    found = Score((Outcome(None, "late"),), Verdict(False, "no answer"), (), TEA, "Tea.")
    assert guarded().checked_value(found) == 0.0
    assert math.isnan(strict().checked_value(found))
    assert (found.strict, found.guarded) == (False, False)
