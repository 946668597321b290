"""The reward that is corrected by length: its estimate, its name, and what it changes."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Constraint, Instruction
from hppt_lib.rewards import (
    GUARDED,
    LengthRates,
    Reward,
    corrected_within,
    judged,
    read_within,
    reward,
    score,
    write_within,
)
from tests.rewards.test_judged import Opinion

COMMA = "punctuation:no_comma"
ASKED = Instruction("tea", "Tea?", (Constraint(COMMA, {}, "Use no commas."),), "Tea?", ("tea",))
RATES = {COMMA: (LengthRates(8, 0.1, 0.2), LengthRates(None, 0.6, 0.0))}
SHORT = "Tea leaves brew slowly overnight."
LONG = "Tea leaves brew slowly overnight in large pots of cold water."
EMPTY = "Yes."


def by_judge() -> Reward:
    return judged(judge=Opinion(), decides="all", missing="drop")


def test_a_pass_is_worth_less_where_passes_are_cheap() -> None:
    """Mistake: rates of the other length, of the prompt's length, or the guard's refusals paid."""
    found = corrected_within(of=by_judge(), rates=RATES, guard="substance")

    def paid(text: str, verdict: bool | None) -> float:
        return found.checked_value(score(ASKED, text, judged=[verdict]))

    assert paid(SHORT, True) == pytest.approx((1 - 0.1) / 0.7)
    assert paid(SHORT, False) == pytest.approx(-0.1 / 0.7)
    assert paid(LONG, True) == pytest.approx(1.0) and paid(LONG, False) == pytest.approx(-1.5)
    assert paid(EMPTY, True) == 0.0, "the guard refuses it, whatever the judge says"
    assert math.isnan(paid(SHORT, None)), "the judge abstains"
    assert found.range == pytest.approx((-1.5, 0.9 / 0.7)) and not found.all_or_nothing
    assert found.true_value(score(ASKED, SHORT, judged=[False])) == 1.0


def test_thoughts_are_no_part_of_the_length() -> None:
    """Mistake: a short answer after long thoughts that is corrected as a long one."""
    found = corrected_within(of=by_judge(), rates=RATES)
    for text in (SHORT, LONG, ""):
        thought = score(ASKED, f"<think>{LONG} {LONG}</think>{text}", judged=[True])
        assert found.value(thought) == found.value(score(ASKED, text, judged=[True]))


def test_the_estimate_is_unbiased_at_each_length() -> None:
    """Mistake: a correction that is right on the average of lengths and wrong at each."""
    for each in RATES[COMMA]:
        for truth, passes in ((1, 1 - each.false_fail), (0, each.false_pass)):
            mean = passes * each.corrected(1.0) + (1 - passes) * each.corrected(0.0)
            assert mean == pytest.approx(truth)


def test_a_judge_that_says_nothing_at_a_length_gives_no_reward_there() -> None:
    """Mistake: a division by nearly nothing, and an advantage that is all noise."""
    useless = {COMMA: (LengthRates(8, 0.1, 0.2), LengthRates(None, 0.6, 0.3))}
    found = corrected_within(of=judged(judge=Opinion(), decides="all"), rates=useless)
    assert found.may_drop and math.isnan(found.value(score(ASKED, LONG, judged=[True])))
    assert found.value(score(ASKED, SHORT, judged=[True])) > 1
    with pytest.raises(HpptError, match="next to nothing at any length"):
        corrected_within(of=by_judge(), rates={COMMA: useless[COMMA][1:]})


def test_it_changes_what_a_group_teaches() -> None:
    """Mistake: a correction that is one straight line, which leaves GRPO's advantages as they are.

    The judge passes many false answers among the long. On the average over draws of its errors,
    the corrected rewards of a group are the truth, and the uncorrected ones prefer long answers.
    """
    draw = np.random.default_rng(0)
    texts, truth = [SHORT, LONG, LONG, SHORT], [True, False, False, True]
    rates = [RATES[COMMA][text == LONG] for text in texts]
    passing = [
        1 - each.false_fail if true else each.false_pass
        for each, true in zip(rates, truth, strict=True)
    ]
    found = corrected_within(of=by_judge(), rates=RATES)
    paid, mended = [], []
    for _ in range(2000):
        verdicts = draw.random(4) < passing
        scores = [score(ASKED, t, judged=[bool(v)]) for t, v in zip(texts, verdicts, strict=True)]
        paid.append([float(each) for each in verdicts])
        mended.append([found.value(each) for each in scores])
    assert np.mean(mended, axis=0) == pytest.approx([1.0, 0.0, 0.0, 1.0], abs=0.12)
    assert np.mean(paid, axis=0)[1] > 0.55, "false, and paid in most draws"


def test_files_and_names_are_read_back(tmp_path: Path) -> None:
    """Mistake: a record whose reward cannot be made again, or other rates under the same name."""
    path = tmp_path / "lengths.json"
    write_within(path, RATES, {"groups": 2})
    assert read_within(path) == RATES
    name = f'corrected_within(of=judged(judge=embedded, decides=all), rates="{path}", guard=topic)'
    found = reward(name)
    assert reward(found.name).name == found.name and found.judging is not None
    write_within(path, {COMMA: RATES[COMMA][1:]}, {})
    assert reward(name).identity["content"] != found.identity["content"]


@pytest.mark.parametrize(
    ("within", "message"),
    [
        ([{"below": 9, "false_pass": 0.1, "false_fail": 0.1}], "do not follow each other"),
        ([{"below": None, "false_pass": 1.2, "false_fail": 0.1}], "no probability"),
        ([{"below": None, "false_pass": 0.1}], "false_fail"),
        ([], "do not follow each other"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path: Path, within: object, message: str) -> None:
    path = tmp_path / "lengths.json"
    path.write_text(json.dumps({"format": 1, "within": {COMMA: within}, "measured": {}}))
    with pytest.raises(HpptError, match=message):
        read_within(path)


def test_what_it_cannot_correct_is_refused() -> None:
    """Mistake: rates of one constraint for two, or those of another type."""
    found = corrected_within(of=by_judge(), rates={"keywords:existence": RATES[COMMA]})
    with pytest.raises(HpptError, match="There are rates for one of: keywords:existence"):
        found.value(score(ASKED, SHORT, judged=[True]))
    with pytest.raises(HpptError, match="a reward of 0 or 1"):
        corrected_within(of=corrected_within(of=GUARDED, rates=RATES), rates=RATES)
