"""Files of answers that ship: they replay the judge, and damage to them is noticed."""

from __future__ import annotations

from pathlib import Path

import pytest

from hppt_lib.errors import HpptError
from hppt_lib.judges import (
    NOT_IN_FILE,
    Cache,
    CachedJudge,
    Judgement,
    ReplayedJudge,
    export_answers,
    write_answers,
)
from hppt_lib.judges.cache import question_key, sealed
from tests.helpers.judge_fakes import Fake, answered, longest_first, questions

QUESTIONS = questions(20)


def shipped(path: Path, judge: Fake | None = None) -> Path:
    judge = judge or Fake()
    cache = Cache(path.parent / "cache")
    answered(CachedJudge(judge, cache), QUESTIONS)
    assert export_answers(cache, judge, path, QUESTIONS) == 0
    return path


def test_a_file_replays_the_judge_and_says_that_it_does(tmp_path: Path) -> None:
    replayed = ReplayedJudge(shipped(tmp_path / "file.jsonl"))
    assert replayed.name == "fake (replayed)" and replayed.settings == {"wisdom": 1}
    for place, answer in answered(replayed, QUESTIONS).items():
        for mine, theirs in zip(answer, longest_first(QUESTIONS[place]), strict=True):
            assert (mine.passed, mine.reply) == (theirs.passed, theirs.reply)
            assert mine.confidence == pytest.approx(theirs.confidence, abs=1e-5)


def test_what_is_not_in_the_file_is_no_verdict(tmp_path: Path) -> None:
    replayed = ReplayedJudge(shipped(tmp_path / "file.jsonl"))
    answers = answered(replayed, questions(21)[20:] + questions(2, constraints=3))
    assert {each.problem for answer in answers.values() for each in answer} == {NOT_IN_FILE}
    assert {each.passed for answer in answers.values() for each in answer} == {None}


def test_a_byte_order_mark_is_no_damage(tmp_path: Path) -> None:
    """Mistake: a checksum over the mark that an editor put in front of the file."""
    path = shipped(tmp_path / "file.jsonl")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(ReplayedJudge(path).known) == len(QUESTIONS)


def test_the_same_answers_give_the_same_bytes_in_any_order(tmp_path: Path) -> None:
    one = shipped(tmp_path / "one.jsonl").read_bytes()
    answers = {question_key(each): longest_first(each) for each in reversed(QUESTIONS)}
    write_answers(tmp_path / "two.jsonl", Fake(), answers)
    assert (tmp_path / "two.jsonl").read_bytes() == one


def test_a_file_holds_no_text_and_is_small(tmp_path: Path) -> None:
    answers = {
        question_key(each): tuple(Judgement(True, 0.7512345) for _ in each.constraints)
        for each in questions(3000, 1)
    }
    write_answers(tmp_path / "file.jsonl", Fake(), answers)
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
        ReplayedJudge(path)
    replayed = ReplayedJudge(path, keep_going=True)
    assert replayed.damaged == 1
    problems = [answer[0].problem for answer in answered(replayed, QUESTIONS).values()]
    assert problems.count(NOT_IN_FILE) == 1


@pytest.mark.parametrize(
    "text",
    [b"", b"{}\n", b'{"format": 2}\n', sealed({"format": 9, "judge": "x"}), sealed({"q": "k"})],
)
def test_another_file_is_refused(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "file.jsonl").write_bytes(text)
    with pytest.raises(HpptError, match="line 1 is not the first line of a file of answers"):
        ReplayedJudge(tmp_path / "file.jsonl", keep_going=True)
    with pytest.raises(HpptError, match="Could not read"):
        ReplayedJudge(tmp_path / "none.jsonl")
