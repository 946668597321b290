"""Counting what a judge said of rollouts."""

from __future__ import annotations

import math

from hppt_lib.instructions.model import shipped_instructions
from hppt_lib.rewards.rewarded import Rewarded
from hppt_lib.rewards.scores import score
from tests.measure.e10_promise import Counts, counted


def test_a_verdict_that_was_not_given_is_no_false_pass() -> None:
    """Mistakes: silence counted as a pass or as right; what was dropped counted as paid nothing."""
    asked = next(each for each in shipped_instructions("hard_train") if "no_comma" in each.id)
    met, broken = "A rabbit has long ears.", "A rabbit, as you know, has long ears."
    said = [(met, True), (broken, True), (broken, False), (broken, None), ("", None)]
    batch = [
        Rewarded(
            score(asked, text, judged=[verdict]),
            math.nan if text and verdict is None else float(verdict is True),
        )
        for text, verdict in said
    ]
    assert counted(batch) == Counts(
        rollouts=5,
        dropped=1,
        given=3,
        false_passes=1,
        violated=3 + (not batch[4].score.strict),
    )
