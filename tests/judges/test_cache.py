"""Answers are kept one by one: no call is paid twice, and damage costs the answer that it hits."""

from __future__ import annotations

import multiprocessing
import random
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from hppt_lib.errors import HpptError
from hppt_lib.identity import digest
from hppt_lib.judges import Cache, CachedJudge, Judgement
from hppt_lib.judges.cache import judge_key, packed, question_key, sealed, unpacked, unsealed
from hppt_lib.judges.endpoint import EndpointJudge
from hppt_lib.judges.local import LocalJudge
from hppt_lib.judges.protocol import notes_of
from tests.helpers.judge_fakes import (
    Fake,
    answered,
    longest_first,
    questions,
    unreachable,
    unreadable,
)
from tests.helpers.servers import Desk, says, serving
from tests.helpers.tiny_judge import TEMPLATE, tiny_judge

pytestmark = pytest.mark.slow

QUESTIONS = questions(20)
TEXTS = st.text(max_size=20)
JUDGEMENTS = st.one_of(
    st.builds(Judgement, st.booleans(), st.none() | st.floats(0, 1), TEXTS),
    st.builds(Judgement, st.none(), st.none(), TEXTS, TEXTS),
)


def test_a_kept_answer_is_not_asked_for_again(tmp_path: Path) -> None:
    first, second = Fake(), Fake()
    before = answered(CachedJudge(first, Cache(tmp_path / "cache")), QUESTIONS)
    again = CachedJudge(second, Cache(tmp_path / "cache"))
    assert answered(again, QUESTIONS) == before == answered(Fake(), QUESTIONS)
    assert len(first.asked) == 20 and second.asked == [] and again.hits == 20


def test_only_what_is_missing_is_asked(tmp_path: Path) -> None:
    answered(CachedJudge(Fake(), Cache(tmp_path / "cache")), QUESTIONS[:7])
    judge = Fake()
    assert answered(CachedJudge(judge, Cache(tmp_path / "cache")), QUESTIONS) == answered(
        Fake(), QUESTIONS
    )
    assert judge.asked == QUESTIONS[:6:-1]


def test_an_answer_is_kept_before_it_is_given(tmp_path: Path) -> None:
    run = CachedJudge(Fake(), Cache(tmp_path / "cache")).answers(QUESTIONS)
    for number in range(1, 4):
        next(run)
        assert len(Cache(tmp_path / "cache")) == number


def test_another_judge_or_setting_has_answers_of_its_own(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    answered(CachedJudge(Fake(), cache), QUESTIONS)
    other = Fake(name="other")
    answered(CachedJudge(other, cache), QUESTIONS)
    assert len(other.asked) == 20


def test_two_judges_whose_names_end_alike_share_nothing(tmp_path: Path) -> None:
    """Mistakes: an audit that prints another server's numbers and asks nothing; an address or a
    folder that can be read in the cache."""
    path = tmp_path / "cache"
    yes, never = (Desk(lambda body, before, word=word: says(word)) for word in ("Yes", "No"))
    with serving(yes) as one, serving(never) as no:
        places = [
            (one.url, "/srv/judge-v1/merged"),
            (one.url, "/srv/judge-v2/merged"),
            (no.url, "/srv/judge-v1/merged"),
        ]
        judges = [EndpointJudge(*place, progress=False) for place in places]
        assert len({(each.name, str(each.settings)) for each in judges}) == 1
        asked = questions(2, constraints=1)
        found = [answered(CachedJudge(judge, Cache(path)), asked) for judge in judges]
        assert [each[0][0].passed for each in found] == [True, True, False]
        assert one.answered == 4 and no.answered == 2
        again = EndpointJudge(f"{no.url}/", "/srv/judge-v1/merged", progress=False)
        assert answered(CachedJudge(again, Cache(path)), asked) == found[2] and no.answered == 2
    assert b"srv" not in path.read_bytes() and b"127.0.0.1" not in path.read_bytes()


def test_a_local_judge_is_told_by_its_weights_and_template(tmp_path: Path) -> None:
    """Mistake: a judge that was trained on goes by the answers that it gave before."""
    names = [tiny_judge(), tiny_judge(), tiny_judge(seed=1), tiny_judge(template=f" {TEMPLATE}")]
    with torch.no_grad():
        edited = tiny_judge()
        edited.model.model.layers[1].mlp.down_proj.weight[3, 5] += 1e-3  # one value of thousands
    keys = [judge_key(LocalJudge(each, progress=False)) for each in [*names, edited]]
    assert keys[0] == keys[1] and len(set(keys)) == 4


def test_answers_of_an_older_version_are_asked_for_again(tmp_path: Path) -> None:
    """Mistake: answers kept under a name alone, passed off as this judge's."""
    cache = Cache(tmp_path / "cache")
    with serving(Desk()) as desk:
        judge = EndpointJudge(desk.url, "m", progress=False)
        old = digest([judge.name, judge.settings])[:12]  # as version 1 of the key was made
        (question,) = questions(1)
        cache.put(old, question_key(question), (Judgement(True),) * 2)
        answered(CachedJudge(judge, cache), [question])
        assert desk.answered == 1


def test_what_may_pass_is_asked_again_and_a_bad_reply_is_not(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    answered(CachedJudge(Fake(unreachable), cache), QUESTIONS)
    assert len(cache) == 0
    answered(CachedJudge(Fake(unreadable), cache), QUESTIONS)
    judge = Fake(longest_first)
    assert answered(CachedJudge(judge, cache), QUESTIONS) == answered(Fake(unreadable), QUESTIONS)
    assert judge.asked == []


def test_a_note_is_kept_with_the_answers_that_it_is_about(tmp_path: Path) -> None:
    """Mistake: answers from the cache of which nobody knows any more how they came about."""

    class Particular(Fake):
        notes = ("its own temperature",)

    path = tmp_path / "cache"
    answered(CachedJudge(Particular(), Cache(path)), QUESTIONS)
    again = CachedJudge(Fake(), Cache(path))
    assert answered(again, QUESTIONS) == answered(Fake(), QUESTIONS)
    assert notes_of(again) == ("its own temperature",) and Cache(path).damaged == 0
    assert path.read_bytes().count(b"its own temperature") == 1
    assert notes_of(CachedJudge(Fake(name="other"), Cache(path))) == () == notes_of(Fake())


@given(st.lists(JUDGEMENTS, min_size=1, max_size=6))
def test_an_answer_survives_its_row(answer: list[Judgement]) -> None:
    row = {"q": "key", **packed(tuple(answer))}
    assert unpacked(unsealed(sealed(row))) == tuple(answer)


def filled(path: Path, number: int = 60) -> tuple[bytes, Cache]:
    cache = Cache(path)
    answered(CachedJudge(Fake(), cache), questions(number))
    return path.read_bytes(), cache


def readable(path: Path, number: int = 60) -> tuple[int, int]:
    """(answers that a cache still gives, all of them as they were; lines counted as damaged)."""
    cache = Cache(path)
    name = judge_key(Fake())
    found = 0
    for question in questions(number):
        answer = cache.get(name, question_key(question))
        if answer is not None:
            assert answer == longest_first(question)
            found += 1
    return found, cache.damaged


def test_a_flipped_bit_anywhere_loses_one_answer_at_most_and_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "cache"
    whole, _ = filled(path)
    chance = random.Random(0)
    for _ in range(150):
        spoilt = bytearray(whole)
        spoilt[chance.randrange(len(spoilt))] ^= 1 << chance.randrange(8)
        path.write_bytes(spoilt)
        found, damaged = readable(path)
        # A flipped line break beside another one costs nothing.
        assert found == 60 or (found == 59 and damaged >= 1)


def test_a_torn_write_loses_its_own_answer_only(tmp_path: Path) -> None:
    path = tmp_path / "cache"
    whole, _ = filled(path)
    last = whole.rstrip().rindex(b"\n") + 1
    for cut in range(last + 1, len(whole) - 1, 9):
        path.write_bytes(whole[:cut])
        assert readable(path) == (59, 1)
        answered(
            CachedJudge(Fake(), Cache(path)), questions(60)
        )  # asked again, behind the torn line
        assert readable(path) == (60, 1)


def put_many(path: Path, start: int) -> None:
    answered(CachedJudge(Fake(), Cache(path)), questions(120)[start : start + 80])


def test_two_processes_use_one_cache_at_once(tmp_path: Path) -> None:
    path = tmp_path / "cache"
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=put_many, args=(path, start)) for start in (0, 40)]
    for each in workers:
        each.start()
    for each in workers:
        each.join(60)
    assert [each.exitcode for each in workers] == [0, 0]
    assert readable(path, 120) == (120, 0)


def test_a_cache_sees_what_another_one_adds(tmp_path: Path) -> None:
    mine, other = Cache(tmp_path / "cache"), Cache(tmp_path / "cache")
    other.put("j", "q", (Judgement(True),))
    assert mine.get("j", "q") == (Judgement(True),)
    mine.put("j", "r", (Judgement(False),))
    assert other.get("j", "r") == (Judgement(False),) and other.damaged == 0


def test_a_full_disk_says_so_and_keeps_what_is_kept(small_disk: Path) -> None:
    cache = Cache(small_disk / "cache")
    judge = CachedJudge(Fake(lambda question: (Judgement(True, None, "x" * 9000),) * 2), cache)
    with pytest.raises(HpptError, match="All answers before it are kept"):
        answered(judge, questions(100))
    assert 10 < len(Cache(small_disk / "cache")) < 40
