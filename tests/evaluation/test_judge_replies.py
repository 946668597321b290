"""Replies of FollowBench's and CFBench's judges: as they are meant, and as their programs do."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hppt_lib.evaluation.judge_replies import (
    cfbench_satisfaction,
    cfbench_score,
    cfbench_score_of_verdicts,
    cfbench_verdicts,
    followbench_score,
    followbench_verdicts,
)

NONE2, NONE3 = (None,) * 2, (None,) * 3
FOLLOWBENCH = [
    # whole
    ("All is well.\n['YES', 'NO', 'YES']", 3, (True, False, True), (0, 2 / 3)),
    ("['YES', 'YES']", 2, (True, True), (1, 1)),
    ("```\n['YES', 'YES']\n```", 2, (True, True), (1, 1)),
    ("1) It asks for a cat.\n['NO']", 1, (False,), (0, 0)),
    ("It is met: YES", 1, (True,), (1, 1)),
    ('["yes", "no"]', 2, (True, False), (-1, -1)),  # its program wants capitals
    ("[YES, NO]", 2, (True, False), (-1, -1)),  # and quotes: without them it is a name
    ("['YES',\n 'NO']", 2, (True, False), (-1, -1)),  # and one line
    ("['YES', 'NO']\n\nI hope this helps.", 2, (True, False), (-1, -1)),  # the last one
    # partly
    ("['YES', 'PARTIAL']", 2, (True, False), (0, 0.5)),
    ("['YES', 'UNKNOWN', 'N/A']", 3, (True, None, None), (0, 1 / 3)),
    ("['YES', 'PERHAPS']", 2, NONE2, (-1, -1)),
    ("['YES', 'NO']", 3, NONE3, (-1, -1)),
    ("['YES', 'NO', 'YES']", 2, NONE2, (-1, -1)),
    # missing
    ("", 2, NONE2, (-1, -1)),
    ("", 1, (None,), (-1, -1)),
    ("I cannot judge this.", 1, (None,), (-1, -1)),
    ("The constraints are met.", 2, NONE2, (-1, -1)),
    # contradictory
    ("['YES', 'NO']\nNo, wait.\n['NO', 'NO']", 2, NONE2, (0, 0)),
    ("YES and NO", 1, (None,), (1, 1)),
    # code in the reply: never run
    ("['YES'] * 2", 2, NONE2, (-1, -1)),
    ("['YES' for _ in range(2)]", 2, NONE2, (-1, -1)),
    ("[__import__('os').system('touch /tmp/hppt-was-run'), 'YES']", 2, NONE2, (-1, -1)),
]


@pytest.mark.parametrize(("reply", "level", "verdicts", "score"), FOLLOWBENCH)
def test_followbench_replies_of_every_kind(
    reply: str, level: int, verdicts: tuple[bool | None, ...], score: tuple[float, float]
) -> None:
    """Mistake: a verdict out of a reply that states none, or none where one is plain; or another
    number than FollowBench's program has.
    """
    assert followbench_verdicts(reply, level) == verdicts
    assert followbench_score(reply, level) == score


CRITERIA = ["是一首诗", "不超过 20 字。", "提到茶"]
MAIN = [True, False, False]
WHOLE = "是一首诗\t1\n\n不超过 20 字。\t0\n\n提到茶\t1"
CFBENCH = [
    # whole, and read by both
    (WHOLE, (True, False, True), (0.67, 0, 0)),
    (WHOLE.replace("\t0", "\t1"), (True, True, True), (1, 1, 1)),
    (WHOLE.replace("诗\t1", "诗\t0"), (False, False, True), (0.33, 0, 0)),
    # whole, and sent to its fallback by a trifle, where every 0 is dropped
    (WHOLE.replace("字。", "字"), (True, False, True), (1, 1, 1)),
    (WHOLE.replace("\n\n", "\n"), (True, False, True), (1, 1, 1)),
    (f"{WHOLE}\n", (True, False, True), (0.67, 0, 0)),
    (WHOLE.replace("\t", " "), (True, False, True), (0, 0, 0)),
    # partly
    ("是一首诗\t1\n\n不超过 20 字。\t0", (True, False, None), (1, 1, 1)),
    ("是一首诗\t0", (False, None, None), (0, 0, 0)),
    ("是一首诗\t1\n\n不超过 20 字。\t?\n\n提到茶\t0", (True, None, False), (1, 1, 1)),
    ("是一首诗\t1\n\n不超过 20 字。\t2\n\n提到茶\t0", (True, None, False), (1, 1, 1)),
    # missing
    ("", NONE3, (0, 0, 0)),
    ("Error", NONE3, (0, 0, 0)),
    ("都满足了。", NONE3, (0, 0, 0)),
    # contradictory
    (f"{WHOLE}\n\n提到茶\t0", (True, False, None), (1, 1, 1)),
    # code
    ("__import__('os').system('x')\t1", NONE3, (1, 1, 1)),
]


@pytest.mark.parametrize(("reply", "verdicts", "score"), CFBENCH)
def test_cfbench_replies_of_every_kind(
    reply: str, verdicts: tuple[bool | None, ...], score: tuple[float, float, float]
) -> None:
    """Mistake: a dropped 0, a line counted for another criterion, a missing verdict as a fail; or
    another number than CFBench's program has.
    """
    assert cfbench_verdicts(reply, CRITERIA) == verdicts
    assert cfbench_score(reply, CRITERIA, MAIN) == score


def test_equal_criteria_are_told_apart_by_order() -> None:
    """Mistake: the second of two equal criteria takes the first one's score."""
    assert cfbench_verdicts("a\t1\n\na\t0", ["a", "a"]) == (True, False)
    assert cfbench_verdicts("a\t1\n\na\t0", ["a"]) == (None,)
    assert cfbench_verdicts("a\t1", ["a", "a"]) == (True, True)


@pytest.mark.parametrize(
    ("passed", "main", "priority"),
    [
        ([True, True], [True, False], 1),
        ([False, True], [True, False], 0),
        ([True, False], [True, False], 0),  # 0.5
        ([True, *[True] * 3, *[False] * 2], [True, *[False] * 5], 0),  # 0.8 is not above 0.8
        ([True, *[True] * 2, False], [True, *[False] * 3], 1),  # 0.83
        ([True] * 4 + [False], [False] * 5, 0),  # none of the first priority: 0.8
        ([True] * 5 + [False], [False] * 6, 1),
        ([True, True], [True, True], 1),
    ],
)
def test_priority_satisfaction(passed: list[bool], main: list[bool], priority: float) -> None:
    """Mistake: 'at least 0.8' for 'above', or the half for the first priority where none is."""
    assert cfbench_satisfaction(passed, main)[2] == priority


def test_what_its_program_makes_of_missing_verdicts() -> None:
    """Mistake: reference reads a kit's judge otherwise than its own judge's reply."""
    assert cfbench_score_of_verdicts((True, None, False), (True, True, True)) == (1, 1, 1)
    assert cfbench_score_of_verdicts((False, None), (True, False)) == (0, 0, 0)
    assert cfbench_score_of_verdicts((True, False), (True, False)) == (0.5, 0, 0)


@given(st.text(alphabet="[]'\",YESNO /A\n\t01a", max_size=60), st.integers(1, 5))
def test_any_reply_is_read(reply: str, level: int) -> None:
    """Mistake: an exception out of a strange reply, or a number that there is not."""
    assert len(followbench_verdicts(reply, level)) == level
    assert -1 <= followbench_score(reply, level)[1] <= 1
    criteria = [f"c{number}" for number in range(level)]
    assert len(cfbench_verdicts(reply, criteria)) == level
    assert all(0 <= each <= 1 for each in cfbench_score(reply, criteria, [True] * level))


def test_a_huge_reply_takes_no_time() -> None:
    """Mistake: a pattern whose time grows with the square of a reply."""
    began = time.perf_counter()
    for piece in ("['YES', ", "[", "[YES", "a\t", "1 ", "\t1\n", " \t:"):
        followbench_verdicts(piece * 50_000, 3)
        followbench_score(piece * 50_000, 3)
        cfbench_verdicts(piece * 50_000, CRITERIA)
        cfbench_score(piece * 50_000, CRITERIA, MAIN)
    assert time.perf_counter() - began < 10
