"""Whatever a server does: no record is lost, no verdict invented, what is missing is counted."""

from __future__ import annotations

import email.utils
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hppt_lib.audit import judge_rows
from hppt_lib.errors import HpptError
from hppt_lib.judges import Cache, CachedJudge, Question, reason_of
from hppt_lib.judges import endpoint as module
from hppt_lib.judges.endpoint import EndpointJudge
from hppt_lib.judges.protocol import detail_of
from hppt_lib.judges.replies import NO_ANSWER, read_reply
from tests.helpers.judge_fakes import missing, questions, rows
from tests.helpers.servers import (
    Desk,
    Send,
    asked_about,
    completion,
    cut,
    drip,
    error,
    filtered,
    hang,
    in_parts,
    particular,
    raw,
    says,
    serving,
    slam,
    status,
    thinks_first,
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
    "parts without text": says([{"type": "thinking", "thinking": "Yes"}, {"type": "image"}, 7]),
    "an error among the choices": raw(b'{"choices": [{"error": {"message": "Yes"}}]}'),
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
    read = kind in {"no content", "blank", "parts without text", "unreadable", "half a character"}
    assert {each.transient for answer in found for each in answer} == {not read}
    assert set(desk.calls.values()) == {2 if read else 3}


@pytest.mark.parametrize("way", [hang, drip])
def test_a_server_that_hangs_or_drips_is_left(desk: Desk, way: Send) -> None:
    desk.plan = lambda body, before: way if before == 0 else None
    assert passed(answers(judge_at(desk, timeout=0.7), MIXED[5:7])) == right(MIXED[5:7])
    desk.plan = lambda body, before: way
    found = answers(judge_at(desk, timeout=0.3, attempts=2), MIXED[:2])
    assert {answer[0].problem for answer in found} == {"timed out (after 0.3 s: raise --timeout)"}


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


# Servers that want the call in another form


def test_a_parameter_that_is_refused_is_left_out_for_good(desk: Desk) -> None:
    """Mistake: HTTP 400 to every question, because the temperature is always sent."""
    desk.plan = particular
    judge = judge_at(desk, concurrency=3)
    assert passed(answers(judge, MIXED)) == right(MIXED)
    taken = [body for body in desk.bodies if not {"max_tokens", "temperature"} & set(body)]
    assert len(taken) == len(MIXED) and {body["max_completion_tokens"] for body in taken} == {8192}
    # Only the calls that were under way at first were refused, each once for each parameter.
    assert len(desk.bodies) - len(taken) <= 2 * 3
    refused = judge.counts["calls with a parameter refused"]
    assert refused == len(desk.bodies) - len(taken) > 0 and "HTTP 400" not in judge.counts
    assert judge.notes == [
        "the server does not take 'temperature': its own default was used",
        "the server does not take 'max_tokens': it was sent as 'max_completion_tokens'",
    ]
    desk.bodies.clear()
    assert passed(answers(judge, questions(1))) == right(questions(1)) and len(desk.bodies) == 1
    settings = dict(judge.settings)
    assert settings == dict(judge_at(desk).settings) and settings["temperature"] == 0


def test_calls_under_way_when_it_is_learnt_are_no_failures(desk: Desk) -> None:
    """Mistake: 20 refused calls at once, and the judge is given up."""
    desk.plan, desk.delay = particular, 0.02
    asked = questions(60)
    judge = judge_at(desk, concurrency=40, attempts=1)
    assert passed(answers(judge, asked)) == right(asked)
    assert judge.counts["calls again"] == 0


def test_a_seed_and_a_cap_that_are_refused(desk: Desk) -> None:
    """Mistake: a cap that is too large for the server's context ends the run."""

    def plan(body: dict[str, Any], before: int) -> Send | None:
        if "seed" in body:
            extra = {"loc": ["body", "seed"], "msg": "Extra inputs are not permitted"}
            return status(422, json.dumps({"detail": [extra]}))
        if body.get("max_tokens", 0) > 4000:
            return error(400, f"'max_tokens' is too large: {body['max_tokens']}.")
        return None

    desk.plan = plan
    judge = judge_at(desk, samples=3)
    assert passed(answers(judge, MIXED[:4])) == right(MIXED[:4])
    assert len(judge.notes) == 2 and all("own default" in note for note in judge.notes)
    desk.plan = lambda body, before: says("1: Yes", finish_reason="length")
    (found,) = answers(judge, questions(1))
    assert found[0].problem == "reply cut (cut at the server's own limit, for it refused ours)"


def test_what_is_tried_in_vain_is_not_kept(desk: Desk) -> None:
    """Mistake: one prompt that is too long, and all later calls go without a cap."""

    def plan(body: dict[str, Any], before: int) -> Send | None:
        if "Task 1 " not in body["messages"][-1]["content"]:
            return None
        if "max_tokens" in body:
            return error(400, "max_tokens must be at least 1, got -200.")
        return error(400, "The prompt is too long.")

    desk.plan = plan
    judge = judge_at(desk, concurrency=1)
    found = answers(judge, questions(3))
    assert [answer[0].problem for answer in found] == ["", "HTTP 400 (The prompt is too long.)", ""]
    assert "max_tokens" in desk.bodies[-1] and judge.notes == []


def test_a_server_s_sentence_is_the_reason(desk: Desk) -> None:
    """Mistake: "HTTP 400", and nobody knows why."""
    desk.plan = lambda body, before: error(400, "Out of order (code 7).\nCall \x1b[31mBob.")
    ((found, _),) = answers(judge_at(desk), questions(1))
    assert found.problem == "HTTP 400 (Out of order (code 7). Call ?[31mBob.)"
    assert reason_of(found) == "HTTP 400" and detail_of(found) in found.problem
    desk.plan = lambda body, before: error(402, "Insufficient credits.")
    answer = judge_rows(judge_at(desk, concurrency=1), rows(*[1] * 30))
    assert desk.calls.total() == 2 and missing(answer) == {"HTTP 402": 1, "not asked": 29}


def test_a_reader_s_own_field_is_sent_and_never_left_out(desk: Desk) -> None:
    body = {"chat_template_kwargs": {"enable_thinking": False}, "top_p": 0.9}
    judge = judge_at(desk, extra_body=body, temperature=0.3, max_tokens=77)
    assert passed(answers(judge, questions(1))) == right(questions(1))
    sent = desk.bodies[-1]
    assert {key: sent[key] for key in body} == body
    assert (sent["temperature"], sent["max_tokens"]) == (0.3, 77)
    assert judge.settings["extra_body"] == body and "extra_body" not in judge_at(desk).settings
    desk.plan = lambda body, before: error(400, "Unknown field", param="top_p")
    ((found, _),) = answers(judge, questions(1))
    assert found.problem == "HTTP 400 (Unknown field)"
    for wrong, says_so in (
        ({"model": "x"}, "'model'"),
        ({"max_tokens": 5}, "'max_tokens'"),
        ({"x": float("nan")}, "no JSON"),
        ({"x": object()}, "no JSON"),
    ):
        with pytest.raises(HpptError, match=says_so):
            judge_at(desk, extra_body=wrong)


# Thoughts and parts


@pytest.mark.parametrize("tokens", [600, 8000])
def test_a_judge_that_thinks_first_is_read_behind_its_thoughts(desk: Desk, tokens: int) -> None:
    """Mistakes: a cap that cuts the thoughts; the verdicts of the first glance."""
    desk.plan = thinks_first(tokens)
    assert passed(answers(judge_at(desk), MIXED)) == right(MIXED)
    found = answers(judge_at(desk, max_tokens=512), MIXED[5:7])
    problems = {each.problem for answer in found for each in answer}
    assert problems == {"reply cut (cut at 512 tokens: raise --max-tokens)"}


def test_parts_of_text_are_the_reply(desk: Desk) -> None:
    """Mistakes: "empty reply"; the verdicts in a part of thoughts."""
    desk.plan = in_parts
    assert passed(answers(judge_at(desk), MIXED)) == right(MIXED)
    text = [{"type": "output_text", "text": "1: Yes"}, {"text": {"value": "2: No"}}, "\n", "Done."]
    for parts, expected in (
        (text, (True, False)),
        ({"type": "text", "text": "1: Yes\n2: No"}, (True, False)),
        ([*text, {"type": "reasoning", "text": "1: No"}], (True, False)),
        (
            [{"type": "text", "text": "1: Yes\n2: No"}, {"type": "text", "text": "t sure"}],
            (True, None),
        ),
        ([{"type": "text", "text": "1: Yes"}, {"type": "refusal", "refusal": "no"}], (None, None)),
    ):
        desk.plan = lambda body, before, parts=parts: says(parts)
        assert passed(answers(judge_at(desk, attempts=1), questions(1))) == [expected]


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
def test_thoughts_beside_the_content_are_no_reply(desk: Desk, field: str) -> None:
    def plan(content: str | None) -> Send:
        message = {"role": "assistant", "content": content, field: "1: No\n2: No"}
        return raw(json.dumps({"choices": [{"message": message}]}).encode())

    desk.plan = lambda body, before: plan("1: Yes\n2: No")
    assert passed(answers(judge_at(desk), questions(1))) == [(True, False)]
    desk.plan = lambda body, before: plan(None)
    ((found, _),) = answers(judge_at(desk), questions(1))
    assert found.problem == NO_ANSWER and not found.transient


# Refusals


def test_a_content_filter_refuses_its_question_and_no_other(desk: Desk, tmp_path: Path) -> None:
    """Mistake: an outage: asked and paid again at every run, and 20 in a row end the audit."""
    desk.plan = filtered("Task 1")  # the tasks 1 and 10 to 19
    cache = Cache(tmp_path / "cache")
    asked = questions(40)
    found = answers(CachedJudge(judge_at(desk), cache), asked)
    refused = [place for place, answer in enumerate(found) if answer[0].passed is None]
    assert refused == [1, *range(10, 20)] and len(cache) == 40
    problems = {found[place][0].problem for place in refused}
    assert len(problems) == 1 and problems.pop().startswith(
        "refused (by a content filter: The resp"
    )
    assert set(desk.calls.values()) == {1}
    assert answers(CachedJudge(judge_at(desk), cache), asked) == found
    assert set(desk.calls.values()) == {1}

    desk.plan = filtered("Task")
    found = answers(judge_at(desk), questions(60))
    assert {answer[0].problem.partition(" (")[0] for answer in found} == {"refused"}


@pytest.mark.parametrize(
    "way",
    [
        error(403, "Your chosen model requires moderation and your input was flagged"),
        raw(b'{"choices": [{"finish_reason": "content_filter", "index": 0}]}'),
        raw(b'{"choices": [{"finish_reason": "content_filter: X", "message": {"content": null}}]}'),
        raw(b'{"error": {"code": "content_filter", "message": "no"}}'),
        says("No, I cannot evaluate this content."),
        says("I'm sorry, but I can't help with that."),
    ],
)
def test_every_way_to_refuse(desk: Desk, way: Send, tmp_path: Path) -> None:
    """Mistakes: a wrong key, a bad reply to ask for anew, or a fail, where the judge refuses."""
    desk.plan = lambda body, before: way
    cache = Cache(tmp_path / "cache")
    ((found,),) = answers(CachedJudge(judge_at(desk), cache), questions(1, 1))
    assert found.passed is None and reason_of(found) == "refused" and not found.transient
    assert set(desk.calls.values()) == {1} and len(cache) == 1
    ((found,),) = answers(judge_at(desk, samples=3), questions(1, 1))
    assert reason_of(found) == "refused"


# Whatever comes

PARTS = st.sampled_from(
    ["Yes", "No", "1: Yes", "hm", "", "I cannot evaluate this.", "<think>", None, 3]
)
MESSAGES = st.recursive(
    PARTS | st.text(max_size=9),
    lambda each: (
        st.lists(each, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["choices", "message", "content", "type", "text", "refusal", "error", "code"]
            )
            | st.sampled_from(["finish_reason", "reasoning", "param", "detail", "thinking"]),
            each,
            max_size=5,
        )
    ),
    max_leaves=10,
)


@given(
    st.sampled_from([200, 200, 200, 400, 403, 422, 500]),
    st.one_of(
        MESSAGES,
        MESSAGES.map(lambda each: {"choices": [{"message": {"content": each}}]}),
        st.fixed_dictionaries({"error": MESSAGES}),
    ),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_server_sends_no_verdict_is_invented(desk: Desk, code: int, body: Any) -> None:
    """Mistakes: a traceback from a field of another type; a verdict out of an error."""
    text = json.dumps(body)
    desk.plan = lambda body, before: status(code, text)
    (found,) = answers(judge_at(desk, attempts=1), questions(1, 2))
    for each in found:
        assert (each.passed is None) == bool(each.problem)
        # In all of these texts, "1: Yes" alone says anything of one of two constraints.
        assert each.passed is None or (code == 200 and each.passed and "1: Yes" in text)


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
    wrong = json.dumps({"error": {"message": f"Incorrect API key provided: {KEY}"}})
    escaped = wrong.replace(KEY, KEY.replace("-", "\\u002d"))
    plans: list[Callable[[dict[str, Any], int], Send | None]] = [
        lambda body, before: says(f"Yes, and your key is {KEY}"),
        lambda body, before: raw(completion(None, finish_reason="stop", refusal=KEY)),
        lambda body, before: status(401, wrong),
        lambda body, before: status(400, wrong),
        lambda body, before: status(400, escaped),
        lambda body, before: status(403, escaped),
        lambda body, before: raw(escaped.encode()),
        lambda body, before: status(500, wrong),
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
