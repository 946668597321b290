"""Whatever a server does: no record is lost, no verdict invented, what is missing is counted."""

from __future__ import annotations

import email.utils
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hppt_lib.audit import judge_rows
from hppt_lib.errors import HpptError
from hppt_lib.judges import Cache, CachedJudge, Question
from hppt_lib.judges import endpoint as module
from hppt_lib.judges.endpoint import EndpointJudge
from hppt_lib.judges.replies import read_reply
from tests.helpers.judge_fakes import missing, questions, rows
from tests.helpers.servers import (
    Desk,
    Send,
    asked_about,
    completion,
    cut,
    drip,
    hang,
    raw,
    says,
    serving,
    slam,
    status,
    truth,
)

pytestmark = pytest.mark.slow

KEY = "sk-very-secret-1234567890"
Answers = list[tuple[bool | None, ...]]


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(module, "_FIRST_WAIT", 0.01)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with serving(Desk()) as desk:
        yield desk


def judge_at(desk: Desk, **how: Any) -> EndpointJudge:
    return EndpointJudge(desk.url, "m", **{"progress": False, "timeout": 20, "attempts": 4, **how})


def answers(judge: Any, asked: list[Question]) -> list[Any]:
    found = list(judge.answers(asked))
    assert sorted(place for place, _ in found) == list(range(len(asked)))
    assert all(len(answer) == len(asked[place].constraints) for place, answer in found)
    return [answer for _, answer in sorted(found, key=lambda each: each[0])]


def passed(found: list[Any]) -> Answers:
    return [tuple(each.passed for each in answer) for answer in found]


def right(asked: list[Question]) -> Answers:
    return passed(
        [read_reply(truth(list(each.constraints)), len(each.constraints)) for each in asked]
    )


MIXED = questions(6, 1) + questions(6, 3)


def test_an_honest_server_is_asked_once_for_each_question(desk: Desk) -> None:
    judge = judge_at(desk, concurrency=3)
    assert passed(answers(judge, MIXED)) == right(MIXED)
    assert set(desk.calls.values()) == {1} and judge.counts == {"calls": 12}
    assert {body["temperature"] for body in desk.bodies} == {0}
    assert not any("logprobs" in body or "seed" in body for body in desk.bodies)


def test_no_more_calls_are_under_way_than_allowed(desk: Desk) -> None:
    def wait_for_three(body: dict[str, Any], before: int) -> None:
        for _ in range(1000):  # then the judge never has three under way, and the test fails
            if desk.most >= 3:
                break
            time.sleep(0.01)

    desk.plan, desk.delay = wait_for_three, 0.01
    answers(judge_at(desk, concurrency=3), questions(15))
    assert desk.most == 3


BAD: dict[str, Send] = {
    "500": status(500, "<html>oops</html>"),
    "503": status(503),
    "429": status(429, Retry_After="0.01"),
    "a web page": raw(b"<!DOCTYPE html><p>Log in"),
    "rubbish": raw(b"\x00\xff\xfe" * 50),
    "nothing": raw(b""),
    "other JSON": raw(b'{"answer": "1: Yes\\n2: Yes"}'),
    "a JSON list": raw(b'["Yes", "Yes"]'),
    "an error with status 200": raw(b'{"error": {"message": "1: Yes"}}'),
    "no choices": raw(b'{"choices": []}'),
    "choices null": raw(b'{"choices": null}'),
    "a message that is none": raw(b'{"choices": [{"message": "Yes"}]}'),
    "deep JSON": raw(b"[" * 50_000),
    "cut": cut,
    "slammed": slam,
    "no content": says(None),
    "blank": says(" \n"),
    "content of parts": says([{"type": "text", "text": "Yes"}]),
    "unreadable": says("I would rather not say."),
    "half a character": raw(b'{"choices": [{"message": {"content": "\\ud800"}}]}'),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_fails_once_is_asked_again_and_then_known(desk: Desk, kind: str) -> None:
    desk.plan = lambda body, before: BAD[kind] if before == 0 else None
    assert passed(answers(judge_at(desk), MIXED[4:8])) == right(MIXED[4:8])
    assert set(desk.calls.values()) == {2}


@pytest.mark.parametrize("kind", BAD)
def test_what_fails_always_is_no_verdict_with_a_reason(desk: Desk, kind: str) -> None:
    desk.plan = lambda body, before: BAD[kind]
    judge = judge_at(desk, attempts=3)
    found = answers(judge, MIXED[5:7])
    assert {each.passed for answer in found for each in answer} == {None}
    assert all(each.problem for answer in found for each in answer)
    assert max(desk.calls.values()) <= 3
    # A reply that cannot be read was paid for, and is kept; a failed call is not.
    read = kind in {"no content", "blank", "content of parts", "unreadable", "half a character"}
    assert {each.transient for answer in found for each in answer} == {not read}
    assert set(desk.calls.values()) == {2 if read else 3}


@pytest.mark.parametrize("way", [hang, drip])
def test_a_server_that_hangs_or_drips_is_left(desk: Desk, way: Send) -> None:
    desk.plan = lambda body, before: way if before == 0 else None
    assert passed(answers(judge_at(desk, timeout=0.7), MIXED[5:7])) == right(MIXED[5:7])
    desk.plan = lambda body, before: way
    found = answers(judge_at(desk, timeout=0.3, attempts=2), MIXED[:2])
    assert {answer[0].problem for answer in found} == {"timed out (0.3 s)"}


def test_nobody_at_the_address_is_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FIRST_WAIT", 0.01)
    with serving(Desk()) as gone:
        pass
    found = answers(judge_at(gone, attempts=2), questions(2))
    assert {answer[0].problem for answer in found} == {"no connection (refused or cut)"}
    assert found[0][0].transient


FINAL = {
    "reply cut": says("1: Yes\n2: Yes", finish_reason="length"),
    "refused": raw(b'{"choices": [{"message": {"content": null, "refusal": "I cannot."}}]}'),
    "refused ": says("1: Yes\n2: Yes", finish_reason="content_filter"),
}


@pytest.mark.parametrize("kind", FINAL)
def test_a_reply_that_would_be_the_same_again_is_not_asked_for_again(desk: Desk, kind: str) -> None:
    desk.plan = lambda body, before: FINAL[kind]
    (found,) = answers(judge_at(desk), questions(1))
    assert [each.passed for each in found] == [None, None]
    assert found[0].problem.startswith(kind.strip()) and not found[0].transient
    assert set(desk.calls.values()) == {1}


def test_of_two_replies_the_one_with_more_verdicts_counts(desk: Desk) -> None:
    desk.plan = lambda body, before: says("1: Yes" if before == 0 else "hm")
    (found,) = answers(judge_at(desk), questions(1))
    assert [each.passed for each in found] == [True, None]
    assert set(desk.calls.values()) == {2}


def test_waiting_is_as_long_as_the_server_asks_and_has_an_end(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(module.anyio, "sleep", sleep)
    in_a_minute = email.utils.formatdate(time.time() + 60)
    headers = {"17": 17.0, in_a_minute: 60.0}
    for header, seconds in headers.items():
        desk.plan = lambda body, before, header=header: status(429, Retry_After=header)
        (found,) = answers(judge_at(desk, attempts=2), questions(1))
        assert waits.pop() == pytest.approx(seconds, abs=5)
    for header in ("86400", "1e999", "inf"):  # no audit waits a day
        desk.plan = lambda body, before, header=header: status(429, Retry_After=header)
        (found,) = answers(judge_at(desk), questions(1))
        assert waits == [] and found[0].problem.startswith("HTTP 429 (it asks us to wait")
    for header in ("soon", "-5", "nan", "0"):
        desk.plan = lambda body, before, header=header: status(429, Retry_After=header)
        answers(judge_at(desk, attempts=3), questions(1))
        assert len(waits) == 2 and all(0 < each < 1 for each in waits)
        waits.clear()


@pytest.mark.parametrize("code", [401, 403, 404])
def test_a_wrong_key_or_address_ends_the_run_at_once_and_keeps_nothing(
    desk: Desk, code: int, tmp_path: Path
) -> None:
    desk.plan = lambda body, before: status(code)
    judge = judge_at(desk, concurrency=2)
    cache = Cache(tmp_path / "cache")
    answer = judge_rows(CachedJudge(judge, cache), rows(*[1] * 30))
    assert sum(desk.calls.values()) <= 3
    assert missing(answer).total() == 30 and len(cache) == 0
    assert set(missing(answer)) == {f"HTTP {code}", "not asked"}


def test_a_server_that_is_down_is_not_asked_a_thousand_times(desk: Desk) -> None:
    desk.plan = lambda body, before: status(500)
    answer = judge_rows(judge_at(desk, attempts=2, concurrency=4), rows(*[1] * 100))
    assert sum(desk.calls.values()) <= 2 * (20 + 4)
    assert missing(answer).total() == 100 and missing(answer)["not asked"] >= 70


def test_a_misbehaving_server_loses_no_row_and_the_next_run_asks_the_rest(
    desk: Desk, tmp_path: Path
) -> None:
    kinds = [*BAD.values(), *FINAL.values(), hang]

    def plan(body: dict[str, Any], before: int) -> Send | None:
        number = sum(map(ord, body["messages"][-1]["content"]))
        if number % 3 == 0:
            return kinds[number % len(kinds)]  # always
        return kinds[(number + before) % len(kinds)] if before < 2 else None

    desk.plan = plan
    audit = rows(*[1, 2, 3, 2] * 10)
    honest = {}
    for row, size in zip(audit, [n for n in [1, 2, 3, 2] * 10 for _ in range(n)], strict=True):
        honest[row.item, row.constraint] = (len(row.constraint) % 2 == 0, size)
    judge = judge_at(desk, timeout=0.5, attempts=4)
    bad = judge_rows(CachedJudge(judge, Cache(tmp_path / "cache")), audit)
    assert [each.row for each in bad] == audit
    wrong = [
        each
        for each in bad
        if each.judgement.passed is not None
        and each.judgement.passed is not honest[each.row.item, each.row.constraint][0]
    ]
    assert wrong == []  # no verdict was invented
    lacking = missing(bad).total()
    assert 5 < lacking < len(audit) - 5

    desk.plan = lambda body, before: None
    desk.calls.clear()
    healed = judge_rows(CachedJudge(judge_at(desk), Cache(tmp_path / "cache")), audit)
    again = sum(each.judgement.transient for each in bad)
    assert sum(len(asked_about_text(each)) for each in desk.calls) == again
    assert missing(healed).total() == lacking - again


def asked_about_text(prompt: str) -> list[str]:
    return asked_about({"messages": [{"content": prompt}]})


def test_a_majority_of_samples(desk: Desk) -> None:
    words = ["Yes", "No", "Yes", "what?", "what?"]
    desk.plan = lambda body, before: says(words[min(before, 4)])
    judge = judge_at(desk, samples=4, attempts=2)
    ((found,),) = answers(judge, questions(1, 1))
    assert (found.passed, found.confidence) == (True, pytest.approx(2 / 3))
    assert [body["seed"] for body in desk.bodies] == [0, 1, 2, 3, 3]
    assert {body["temperature"] for body in desk.bodies} == {1}
    assert judge.name == "m, 4 samples"


def test_a_run_that_is_left_early_stops(desk: Desk) -> None:
    desk.plan = lambda body, before: hang if "Task 3" in str(body) else None
    run = judge_at(desk, concurrency=2, timeout=300).answers(questions(30))
    for _ in range(4):
        next(run)
    run.close()  # type: ignore[attr-defined]
    assert sum(desk.calls.values()) <= 7


# The key


@pytest.mark.parametrize("key", [KEY, f" {KEY}\n"])
@pytest.mark.parametrize("variable", ["OPENAI_API_KEY", "MY_KEY"])
def test_the_key_goes_to_the_server_and_nowhere_else(
    desk: Desk,
    key: str,
    variable: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    monkeypatch.setenv(variable, key)
    error = json.dumps({"error": {"message": f"Incorrect API key provided: {KEY}"}})
    plans: list[Callable[[dict[str, Any], int], Send | None]] = [
        lambda body, before: says(f"Yes, and your key is {KEY}"),
        lambda body, before: raw(completion(None, finish_reason="stop", refusal=KEY)),
        lambda body, before: status(401, error),
        lambda body, before: status(400, error),
        lambda body, before: status(500, error),
    ]
    shown = ""
    for plan in plans:
        desk.plan = plan
        judge = judge_at(desk, key_variable=variable, attempts=2, progress=True)
        run = CachedJudge(judge, Cache(tmp_path / "cache")).answers(questions(1, 1))
        shown += str(next(run)) + repr(judge) + str(vars(judge)) + str(dict(judge.settings))
        run.close()  # type: ignore[attr-defined]
    shown += "".join(each.read_text() for each in tmp_path.iterdir())
    shown += "".join(capsys.readouterr()) + caplog.text
    assert KEY not in shown
    assert desk.keys == {f"Bearer {KEY}"} and "your key is [key]" in shown


def test_a_key_that_is_none_is_refused_before_a_library_logs_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    for key in (f"{KEY}\nX: y", f"{KEY}é"):
        monkeypatch.setenv("OPENAI_API_KEY", key)
        with pytest.raises(HpptError, match="The key in OPENAI_API_KEY") as caught:
            answers(judge_at(desk), questions(1))
        assert KEY not in str(caught.value) + caplog.text


def test_a_local_server_needs_no_key(desk: Desk) -> None:
    assert passed(answers(judge_at(desk), questions(1))) == right(questions(1))
    assert desk.keys == {"Bearer none"}


@pytest.mark.parametrize(
    "address",
    ["http://user:pw@h/v1", f"https://h/v1?key={KEY}", "127.0.0.1:8000/v1", "ftp://h", "http://", "http://h:x/v1"],
)  # fmt: skip
def test_a_wrong_address_is_refused_without_showing_a_key(address: str) -> None:
    with pytest.raises(HpptError, match="address") as caught:
        EndpointJudge(address, "m")
    assert KEY not in str(caught.value) and "pw" not in str(caught.value)


def test_settings_name_no_folder_and_no_port() -> None:
    judge = EndpointJudge("http://127.0.0.1:4321/v1", "/models/Small-1B")
    assert judge.name == "Small-1B" and "/home" not in str(judge.settings)
    assert "4321" not in str(judge.settings) and judge.settings["server"] == "local"
    away = EndpointJudge("https://api.example.org/v1", "org/model")
    assert away.settings["server"] == "api.example.org" and away.name == "org/model"
    for wrong in (
        {"samples": 0},
        {"timeout": 0},
        {"attempts": 0},
        {"samples": 3, "temperature": 0},
    ):
        with pytest.raises(HpptError):
            EndpointJudge("http://h/v1", "m", **wrong)  # type: ignore[arg-type]
