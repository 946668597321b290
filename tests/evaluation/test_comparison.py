"""What a number says of the next run: over seeds, and within the same runs."""

from __future__ import annotations

import numpy as np
import pytest

from hppt_lib import evaluation
from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import shipped_instructions
from hppt_lib.intervals import difference_interval
from hppt_lib.records import shipped_records


def guarded_by_seed(arm: str) -> tuple[list[float], list[bool]]:
    heldout = shipped_instructions("hard_heldout")
    looks = [
        evaluation.rescored(each.after, heldout) for each in shipped_records(f"cpu-{arm}-seed*")
    ]
    collapsed = [evaluation.drift(rows).collapsed for rows in looks]
    return [evaluation.isr(rows, guarded=True).mean for rows in looks], collapsed


def test_an_interval_over_seeds_is_not_that_of_all_responses_together() -> None:
    """Mistake: the strict arm as narrow as all its responses, from six seeds of .00 to .33."""
    strict = evaluation.over_seeds(*guarded_by_seed("strict"))
    assert strict.interval is not None
    ends = (strict.interval.mean, strict.interval.low, strict.interval.high)
    assert ends == pytest.approx((0.17, 0.04, 0.31), abs=0.006)
    guarded = evaluation.over_seeds(*guarded_by_seed("guarded"))
    difference = difference_interval(guarded.values, strict.values)
    ends = (difference.mean, difference.low, difference.high)
    assert ends == pytest.approx((0.42, 0.25, 0.59), abs=0.006)


def test_where_runs_collapse_a_mean_of_few_seeds_is_not_shown_alone() -> None:
    """Mistake: Student's interval over six seeds of which two collapse, shown as if it covered."""
    strict = evaluation.over_seeds(*guarded_by_seed("strict"))
    assert strict.mean_misleads and strict.collapsed == 2
    assert str(strict).startswith("0.00 to 0.33 by seed, 2 of 6 collapsed")
    assert not evaluation.over_seeds(*guarded_by_seed("guarded")).mean_misleads
    enough = evaluation.over_seeds([0.0, 0.4] * 4, [True, False] * 4)
    assert not enough.mean_misleads and str(enough) == str(enough.interval)
    assert str(evaluation.over_seeds([0.5])) == "0.50, one seed"
    with pytest.raises(HpptError, match="one run at least"):
        evaluation.over_seeds([])


def test_early_and_late_steps_of_the_same_runs_are_paired() -> None:
    """Mistake: the same runs' early and late steps compared as if they were other runs, with "the
    truth does not rise", which three runs do not show.
    """
    judged = shipped_records("cpu-judged-seed*")
    paid = evaluation.early_to_late(judged, lambda step: step.reward).interval
    truth = evaluation.early_to_late(judged, lambda step: step.true_reward or 0.0)
    assert paid is not None and truth.interval is not None
    assert (paid.mean, paid.low, paid.high) == pytest.approx((0.44, 0.33, 0.55), abs=0.006)
    found = truth.interval
    assert (found.mean, found.low, found.high) == pytest.approx((-0.03, -0.52, 0.46), abs=0.006)
    assert np.ptp(truth.values) > 0.2, "the three runs differ"
