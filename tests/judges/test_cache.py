"""Answers are kept one by one: no call is paid twice, and damage costs the answer that it hits."""

from __future__ import annotations

import multiprocessing
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hppt_lib.errors import HpptError
from hppt_lib.judges import (
    Judgement,
    Recorded,
    Replayed,
    Store,
    export_recordings,
    import_recordings,
    write_recordings,
)
from hppt_lib.judges.cache import judge_key, packed, question_key, sealed, unpacked, unsealed
from hppt_lib.judges.replay import NOT_RECORDED
from tests.helpers.judge_fakes import Fake, longest_first, questions, unreachable, unreadable

QUESTIONS = questions(20)
TEXTS = st.text(max_size=20)
JUDGEMENTS = st.one_of(
    st.builds(Judgement, st.booleans(), st.none() | st.floats(0, 1), TEXTS),
    st.builds(Judgement, st.none(), st.none(), TEXTS, TEXTS),
)


def answered(judge: Any, asked: list[Any] = QUESTIONS) -> dict[int, Any]:
    answers = list(judge.answers(asked))
    assert len(answers) == len({place for place, _ in answers}) == len(asked)
    return dict(answers)


def test_a_stored_answer_is_not_asked_for_again(tmp_path: Path) -> None:
    first, second = Fake(), Fake()
    before = answered(Recorded(first, Store(tmp_path / "store")))
    again = Recorded(second, Store(tmp_path / "store"))
    assert answered(again) == before == answered(Fake())
    assert len(first.asked) == 20 and second.asked == [] and again.found == 20


def test_only_what_is_missing_is_asked(tmp_path: Path) -> None:
    answered(Recorded(Fake(), Store(tmp_path / "store")), QUESTIONS[:7])
    judge = Fake()
    assert answered(Recorded(judge, Store(tmp_path / "store"))) == answered(Fake())
    assert judge.asked == QUESTIONS[:6:-1]


def test_an_answer_is_kept_before_it_is_given(tmp_path: Path) -> None:
    run = Recorded(Fake(), Store(tmp_path / "store")).answers(QUESTIONS)
    for number in range(1, 4):
        next(run)
        assert len(Store(tmp_path / "store")) == number


def test_another_judge_or_setting_has_answers_of_its_own(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    answered(Recorded(Fake(), store))
    other = Fake(name="other")
    answered(Recorded(other, store))
    assert len(other.asked) == 20
    assert judge_key("fake", {"a": 1, "b": 2}) == judge_key("fake", {"b": 2, "a": 1})
    assert judge_key("fake", {"a": 1}) != judge_key("fake", {"a": 2})


def test_what_may_pass_is_asked_again_and_a_bad_reply_is_not(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    answered(Recorded(Fake(unreachable), store))
    assert len(store) == 0
    answered(Recorded(Fake(unreadable), store))
    judge = Fake(longest_first)
    assert answered(Recorded(judge, store)) == answered(Fake(unreadable))
    assert judge.asked == []


@given(st.lists(JUDGEMENTS, min_size=1, max_size=6))
def test_an_answer_survives_its_row(answer: list[Judgement]) -> None:
    row = {"q": "key", **packed(tuple(answer))}
    assert unpacked(unsealed(sealed(row))) == tuple(answer)


def filled(path: Path, number: int = 60) -> tuple[bytes, Store]:
    store = Store(path)
    answered(Recorded(Fake(), store), questions(number))
    return path.read_bytes(), store


def readable(path: Path, number: int = 60) -> tuple[int, int]:
    """(answers that a store still gives, all of them as they were; lines counted as damaged)."""
    store = Store(path)
    name = judge_key("fake", {"wisdom": 1})
    found = 0
    for question in questions(number):
        answer = store.get(name, question_key(question))
        if answer is not None:
            assert answer == longest_first(question)
            found += 1
    return found, store.damaged


def test_a_flipped_bit_anywhere_loses_one_answer_at_most_and_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "store"
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
    path = tmp_path / "store"
    whole, _ = filled(path)
    last = whole.rstrip().rindex(b"\n") + 1
    for cut in range(last + 1, len(whole) - 1, 9):
        path.write_bytes(whole[:cut])
        assert readable(path) == (59, 1)
        answered(Recorded(Fake(), Store(path)), questions(60))  # asked again, behind the torn line
        assert readable(path) == (60, 1)


def put_many(path: Path, start: int) -> None:
    answered(Recorded(Fake(), Store(path)), questions(120)[start : start + 80])


def test_two_processes_use_one_store_at_once(tmp_path: Path) -> None:
    path = tmp_path / "store"
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=put_many, args=(path, start)) for start in (0, 40)]
    for each in workers:
        each.start()
    for each in workers:
        each.join(60)
    assert [each.exitcode for each in workers] == [0, 0]
    assert readable(path, 120) == (120, 0)


def test_a_store_sees_what_another_one_adds(tmp_path: Path) -> None:
    mine, other = Store(tmp_path / "store"), Store(tmp_path / "store")
    other.put("j", "q", (Judgement(True),))
    assert mine.get("j", "q") == (Judgement(True),)
    mine.put("j", "r", (Judgement(False),))
    assert other.get("j", "r") == (Judgement(False),) and other.damaged == 0


def test_a_full_disk_says_so_and_keeps_what_is_kept(small_disk: Path) -> None:
    store = Store(small_disk / "store")
    judge = Recorded(Fake(lambda question: (Judgement(True, None, "x" * 9000),) * 2), store)
    with pytest.raises(HpptError, match="All answers before it are kept"):
        answered(judge, questions(100))
    assert 10 < len(Store(small_disk / "store")) < 40


# Files that ship


def shipped(path: Path, judge: Fake | None = None) -> Path:
    judge = judge or Fake()
    store = Store(path.parent / "store")
    answered(Recorded(judge, store))
    assert export_recordings(store, judge, path, QUESTIONS) == 0
    return path


def test_a_file_replays_the_judge_and_says_that_it_does(tmp_path: Path) -> None:
    replayed = Replayed(shipped(tmp_path / "file.jsonl"))
    assert replayed.name == "fake (replayed)" and replayed.settings == {"wisdom": 1}
    for place, answer in answered(replayed).items():
        for mine, theirs in zip(answer, longest_first(QUESTIONS[place]), strict=True):
            assert (mine.passed, mine.reply) == (theirs.passed, theirs.reply)
            assert mine.score == pytest.approx(theirs.score, abs=1e-5)


def test_what_is_not_recorded_is_no_verdict(tmp_path: Path) -> None:
    replayed = Replayed(shipped(tmp_path / "file.jsonl"))
    answers = answered(replayed, questions(21)[20:] + questions(2, constraints=3))
    assert {each.problem for answer in answers.values() for each in answer} == {NOT_RECORDED}
    assert {each.passed for answer in answers.values() for each in answer} == {None}


def test_the_same_answers_give_the_same_bytes_in_any_order(tmp_path: Path) -> None:
    one = shipped(tmp_path / "one.jsonl").read_bytes()
    answers = {question_key(each): longest_first(each) for each in reversed(QUESTIONS)}
    write_recordings(tmp_path / "two.jsonl", Fake(), answers)
    assert (tmp_path / "two.jsonl").read_bytes() == one


def test_a_file_holds_no_text_and_is_small(tmp_path: Path) -> None:
    answers = {
        question_key(each): tuple(Judgement(True, 0.7512345) for _ in each.constraints)
        for each in questions(3000, 1)
    }
    write_recordings(tmp_path / "file.jsonl", Fake(), answers)
    text = (tmp_path / "file.jsonl").read_text()
    assert len(text) < 260_000
    assert "Response" not in text and "Constraint" not in text


def damaged(path: Path, kind: str) -> bytes:
    lines = shipped(path).read_bytes().splitlines(keepends=True)
    if kind == "missing":
        del lines[4]
    elif kind == "doubled":
        lines[5] = lines[4]
    elif kind == "cut":
        lines[4] = lines[4][:30] + b"\n"
    elif kind == "altered":
        lines[4] = lines[4].replace(b'"v":[1', b'"v":[0').replace(b'"v":[0,1', b'"v":[1,1')
    elif kind == "rubbish":
        lines[4] = b"\xff\xfe\n"
    return b"".join(lines)


@pytest.mark.parametrize("kind", ["missing", "doubled", "cut", "altered", "rubbish"])
def test_a_damaged_file_is_an_error_with_its_line_or_is_counted(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "file.jsonl"
    path.write_bytes(damaged(path, kind))
    line = {"missing": "line 20: it should have 20 answers and has 19", "doubled": "line 6 "}
    with pytest.raises(HpptError, match=f"file.jsonl.*{line.get(kind, 'line 5 is damaged')}"):
        Replayed(path)
    replayed = Replayed(path, keep_going=True)
    assert replayed.damaged == 1
    problems = [answer[0].problem for answer in answered(replayed).values()]
    assert problems.count(NOT_RECORDED) == 1


@pytest.mark.parametrize(
    "text",
    [b"", b"{}\n", b'{"format": 1}\n', sealed({"format": 9, "judge": "x"}), sealed({"q": "k"})],
)
def test_another_file_is_refused(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "file.jsonl").write_bytes(text)
    with pytest.raises(HpptError, match="line 1 is not the head"):
        Replayed(tmp_path / "file.jsonl", keep_going=True)
    with pytest.raises(HpptError, match="Could not read"):
        Replayed(tmp_path / "none.jsonl")


def test_a_file_s_answers_are_taken_into_a_store_of_the_same_judge_only(tmp_path: Path) -> None:
    path = shipped(tmp_path / "file.jsonl")
    store, judge = Store(tmp_path / "mine"), Fake()
    assert import_recordings(path, judge, store) == 20
    answered(Recorded(judge, store))
    assert judge.asked == []
    with pytest.raises(HpptError, match="not those of other"):
        import_recordings(path, Fake(name="other"), store)
