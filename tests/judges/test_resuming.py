"""An audit that is killed again and again ends as one left alone, and pays no call twice."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from hppt_lib.audit import JudgedRow, judge_rows, questions_of
from hppt_lib.judges import Cache, Question
from hppt_lib.judges.cache import judge_key, question_key
from hppt_lib.judges.endpoint import EndpointJudge
from hppt_lib.judges.prompts import conversation, variant
from tests.helpers.judge_fakes import rows
from tests.helpers.servers import Desk, serving

pytestmark = pytest.mark.slow

CONCURRENCY = 3
SIZES = [1, 2, 3, 1, 2] * 24  # constraints of 120 items
AUDIT = """
import json, sys
from pathlib import Path
from tests.judges.test_resuming import judge_of, outcome, SIZES
from tests.helpers.judge_fakes import rows
from hppt_lib.audit import judge_rows
from hppt_lib.judges import CachedJudge, Cache
judge = CachedJudge(judge_of(sys.argv[1]), Cache(sys.argv[2]))
Path(sys.argv[3]).write_text(json.dumps(outcome(judge_rows(judge, rows(*SIZES)))))
"""


def judge_of(url: str) -> EndpointJudge:
    return EndpointJudge(url, "m", concurrency=CONCURRENCY, progress=False)


def outcome(rows: list[JudgedRow]) -> list[list[Any]]:
    return [
        [each.row.item, each.row.constraint, each.judgement.passed, each.judgement.reply]
        for each in rows
    ]


def test_an_audit_killed_at_random_moments_pays_no_answered_call_twice(tmp_path: Path) -> None:
    chance = random.Random(4)
    cache, result = tmp_path / "cache", tmp_path / "result.json"
    with serving(Desk(delay=0.01)) as desk:
        command = [sys.executable, "-c", AUDIT, desk.url, str(cache), str(result)]
        asked, _ = questions_of(rows(*SIZES))
        prompts = {
            question: conversation(question, variant("zero-shot"))[-1].content for question in asked
        }
        kept: set[Question] = set()
        for _ in range(3):
            before = Counter(desk.calls)
            limit = desk.answered + chance.randrange(5, 35)
            process = subprocess.Popen(command)
            while desk.answered < limit and process.poll() is None:
                time.sleep(chance.random() / 100)
            process.kill()
            assert process.wait() == -9
            assert not {prompts[each] for each in kept} & set(desk.calls - before)
            now = kept_in(cache, desk.url, asked)
            assert kept < now
            kept = now
        assert not result.exists() and len(kept) < len(asked)
        before = Counter(desk.calls)
        subprocess.run(command, check=True, timeout=120)
        assert not {prompts[each] for each in kept} & set(desk.calls - before)
        # Only what was under way at a kill was asked for twice.
        assert sum(desk.calls.values()) <= len(asked) + 3 * CONCURRENCY
        undisturbed = outcome(judge_rows(judge_of(desk.url), rows(*SIZES)))
    assert json.loads(result.read_text()) == undisturbed
    assert {each[2] for each in undisturbed} == {True, False}


def kept_in(path: Path, url: str, asked: list[Question]) -> set[Question]:
    cache, judge = Cache(path), judge_of(url)
    name = judge_key(judge)
    return {each for each in asked if cache.get(name, question_key(each)) is not None}
