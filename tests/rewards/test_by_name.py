"""A reward by its name: read, written back, and refused with the reason."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hppt_lib.errors import HpptError
from hppt_lib.rewards import FORMS, GUARDED, GUARDS, KINDS, REWARDS, STRICT, reward
from hppt_lib.rewards.matched import write_rates
from hppt_lib.rewards.within import LengthRates, write_within

NAMES = [
    ("strict", "strict"),
    (" guarded ( ) ", "guarded"),
    ("guarded(guard=substance)", "guarded"),
    ("guarded(guard=all)", "guarded(guard=all)"),
    ("fractional(guard='topic')", "fractional(guard=topic)"),
    ("noisy(false_pass=0.1, false_fail=0.0)", "noisy(false_pass=0.1, draws=frozen)"),
    (
        "noisy(seed=3,of=guarded,false_fail=1)",
        "noisy(of=guarded, false_fail=1.0, seed=3, draws=frozen)",
    ),
    ("noisy(false_pass=0.123456789)", "noisy(false_pass=0.123456789, draws=frozen)"),
    (
        "noisy(guarded, flips=reward, draws=fresh, false_pass=.3)",
        "noisy(of=guarded, false_pass=0.3, draws=fresh, flips=reward)",
    ),
    ("noisy(guarded, false_pass=.5)", "noisy(of=guarded, false_pass=0.5, draws=frozen)"),
    ("noisy(guarded(guard=all))", "noisy(of=guarded(guard=all), draws=frozen)"),
    (
        "corrected(of=noisy(false_pass=.2, of=guarded(guard=all)), false_pass=.2)",
        "corrected(of=noisy(of=guarded(guard=all), false_pass=0.2, draws=frozen), false_pass=0.2)",
    ),
    ("judged(judge=embedded:few-shot)", "judged(judge=embedded:few-shot)"),
    (
        'judged(judge="http://h:8/v1#a, b", decides=all, missing=drop, mode=pointwise)',
        'judged(judge="http://h:8/v1#a, b", decides=all, missing=drop, mode=pointwise)',
    ),
    (
        "judged(judge=http://h/v1#m, concurrency=2, max_tokens=16384, timeout=90, temperature=0.5)",
        "judged(judge=http://h/v1#m, max_tokens=16384, timeout=90.0, concurrency=2, "
        "temperature=0.5)",
    ),
    (
        """judged(judge=http://h/v1#m, extra_body='{"k":{"enable_thinking":false}}')""",
        """judged(judge=http://h/v1#m, extra_body='{"k": {"enable_thinking": false}}')""",
    ),
]


@pytest.mark.parametrize(("text", "name"), NAMES)
def test_a_name_reads_back_as_the_same_reward(text: str, name: str) -> None:
    """Mistake: a record whose reward cannot be made again from what it says."""
    assert reward(text).name == reward(name).name == name


def test_plain_names_are_the_rewards_themselves() -> None:
    assert reward("strict") is STRICT and reward("guarded").name == GUARDED.name
    assert all(reward(name).name == name for name in REWARDS)
    assert {reward(f"guarded(guard={guard})").range for guard in GUARDS} == {(0.0, 1.0)}


@given(st.floats(0, 1), st.floats(0, 1), st.integers())
def test_rates_keep_all_their_digits(false_pass: float, false_fail: float, seed: int) -> None:
    text = f"noisy(false_pass={false_pass!r}, false_fail={false_fail!r}, seed={seed})"
    assert reward(reward(text).name).name == reward(text).name


def test_every_form_of_the_help_text_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: help that shows what is refused, or leaves out a reward."""
    monkeypatch.chdir(tmp_path)
    write_rates("FILE.json", {}, {})
    write_within("LENGTHS.json", {"a:b": (LengthRates(None, 0.1, 0.1),)}, {})
    forms = re.findall(r"^(\S.*?)(?:  |$)", FORMS, flags=re.M)
    kinds = {form.partition("(")[0] for form in forms}
    assert kinds - {"my_module:my_function"} == set(KINDS)  # a user's file: see test_own_rewards.py
    for form in (form for form in forms if ":" not in form.partition("(")[0]):
        assert reward(form).definition


WRONG = [
    ("kind", "no reward 'kind'. Choose one of: strict, guarded, fractional, "),
    ("guared", "Did you mean 'guarded'?"),
    ("", "the name of a reward is missing at the end"),
    ("noisy(false_pas=0.1)", "noisy() has no setting 'false_pas'; it takes: of, false_pass"),
    ("noisy(false_pass=much)", "noisy(), false_pass: 'much' is not a number"),
    ("noisy(false_pass=1.5)", "false_pass is 1.5; it is a probability, from 0 to 1"),
    ("noisy(false_pass=nan)", "false_pass is nan"),
    ("noisy(draws=froze)", "draws is 'froze'. Choose one of: frozen, fresh"),
    ("noisy(flips=guard)", "flips is 'guard'. Choose one of: verdict, reward"),
    ("noisy(seed=0.5)", "'0.5' is not a whole number"),
    ("noisy(false_pass=0.1, false_pass=0.2)", "given 'false_pass' twice"),
    ("noisy(false_pass=0.1", "',' is missing at the end"),
    ("noisy(false_pass)", "There is no reward 'false_pass'"),
    ("noisy(strict, of=guarded)", "given 'of' twice"),
    ("noisy(false_pass=0.1, strict)", "noisy() has no setting 'strict'; it takes: of"),
    ("guarded(all)", "guarded() has no setting 'all'; it takes: guard"),
    ("noisy(false_pass 0.1)", "'=' is wanted at character 18, found '0.1'"),
    ("noisy(false_pass=)", "a value is wanted at character 18, found ')'"),
    ("strict)", "the end is wanted at character 7, found ')'"),
    ("strict guarded", "the end is wanted at character 8, found 'guarded'"),
    ("corrected(of=noisy)", "corrected() needs the setting 'false_pass'"),
    ("corrected(of=noisy, false_pass=0.5, false_fail=0.5)", "says nothing of the truth"),
    ("judged(judge='embedded)", "is never closed"),
    ("judged(judge=http://h/v1#m, max_tokens=many)", "'many' is not a whole number"),
    ("judged(judge=http://h/v1#m, extra_body='[]')", "extra_body is no JSON object"),
    ("judged(judge=embedded, max_tokens=9)", "writes no reply. Leave out: max_tokens"),
    ("noisy(of=" * 9 + "strict" + ")" * 9, "more than 8 rewards in one another"),
    ("__import__('os')", "no reward '__import__'"),
]


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_what_cannot_be_read_says_where(text: str, message: str) -> None:
    """Mistake: eval(), or "invalid reward" without a place."""
    with pytest.raises(HpptError, match=re.escape(message)):
        reward(text)


@given(st.text(alphabet="noisy(of=strict,false_pass.1)'\" ", max_size=40))
def test_any_text_is_a_reward_or_an_error(text: str) -> None:
    with contextlib.suppress(HpptError):
        assert reward(text).name
