"""The measure by which E3's judge of soft constraints may pay or may not."""

from __future__ import annotations

import numpy as np

from tests.measure.e3_judge import auc_within, share_of_others


def test_knowing_which_value_is_easy_is_worth_nothing() -> None:
    """Mistake: pairs across values, which pass a judge that never reads a response."""
    values = ["easy"] * 40 + ["hard"] * 40
    labels = np.array([True] * 30 + [False] * 10 + [True] * 10 + [False] * 30)
    tasks = [str(number) for number in range(80)]
    easy = np.array([0.9] * 40 + [0.1] * 40)
    area, pairs = auc_within(easy, labels, values, tasks)
    assert area.mean == 0.5 and pairs == 600
    seen = share_of_others(labels, values, tasks)
    assert seen[:40].min() > seen[40:].max()


def test_a_judge_that_reads_is_told_from_one_that_guesses() -> None:
    """Mistake: the sign of the pairs, or an interval that ignores that rows share a task."""
    chance = np.random.default_rng(0)
    labels = np.tile([True, False, False], 60)
    tasks = np.repeat(np.arange(60), 3).astype(str).tolist()
    values = np.repeat([f"value {number % 6}" for number in range(60)], 3).tolist()
    good, _ = auc_within(labels + chance.normal(0, 0.5, 180), labels, values, tasks)
    poor, _ = auc_within(chance.normal(0, 1, 180), labels, values, tasks)
    assert good.low > 0.5
    assert poor.low < 0.5 < poor.high
    own, pairs = auc_within(labels.astype(float), labels, tasks, tasks)
    assert own.mean == 1.0 and pairs == 120


def test_no_pairs_say_nothing() -> None:
    """Mistake: an area of 0 or a crash where all rows of a kind have one label."""
    area, pairs = auc_within(np.array([0.1, 0.2]), np.array([False, False]), ["a", "a"], ["1", "2"])
    assert (area.low, area.high, pairs) == (0.0, 1.0, 0)


def test_the_share_of_others_leaves_the_own_task_out() -> None:
    """Mistake: a row's own label among what the blind judge knows."""
    labels = np.array([True, True, False, False])
    seen = share_of_others(labels, ["a"] * 4, ["1", "1", "2", "3"])
    assert seen.tolist() == [0.5 / 3, 0.5 / 3, 2.5 / 4, 2.5 / 4]
