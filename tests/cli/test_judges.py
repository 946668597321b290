"""`hppt audit` at servers as they are in the field: verdicts, or the server's own sentence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from hppt_lib.cli import main as cli
from hppt_lib.errors import HpptError
from hppt_lib.judges import endpoint
from tests.helpers.servers import (
    Desk,
    Plan,
    error,
    filtered,
    in_parts,
    particular,
    says,
    serving,
    status,
    thinks_first,
)

pytestmark = pytest.mark.slow


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(endpoint, "_FIRST_WAIT", 0.01)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with serving(Desk()) as desk:
        yield desk


@pytest.fixture
def audit(desk: Desk, tmp_path: Path) -> Any:
    """Runs ``hppt audit`` of the judge at the desk on eight rows of four items."""
    data = tmp_path / "rows.jsonl"
    rows = [
        {
            "item": f"i{n // 2}",
            "prompt": f"Task {n // 2}",
            "response": f"Response {n // 2}",
            "constraint": "c" + "!" * n,
            "label": n % 2 == 1,
            "kind": "tone",
        }
        for n in range(8)
    ]
    data.write_text("".join(json.dumps(each) + "\n" for each in rows))

    def run(*options: str) -> Result:
        judge = ["--judge", f"{desk.url}#m"]
        files = ["--data", str(data), "--cache", str(tmp_path / "cache")]
        return CliRunner().invoke(cli.app, ["audit", *judge, *files, *options])

    return run


PLANS: dict[str, Plan] = {
    "thinks first": thinks_first(2000),
    "wants other parameters": particular,
    "answers in parts": in_parts,
}


@pytest.mark.parametrize("kind", PLANS)
@pytest.mark.parametrize("mode", ["batch", "pointwise"])
def test_every_row_gets_its_verdict(desk: Desk, audit: Any, kind: str, mode: str) -> None:
    """Mistake: coverage 0 and status 0, at servers that every reader has."""
    desk.plan = PLANS[kind]
    done = audit("--mode", mode)
    assert done.exit_code == 0 and "coverage 1.00" in done.stdout
    assert "accuracy 1.00" in done.stdout and "No verdict" not in done.stdout
    calls = len(desk.bodies)
    again = audit("--mode", mode)
    assert len(desk.bodies) == calls and again.stdout == done.stdout


def test_what_the_server_does_not_take_is_said_each_time(desk: Desk, audit: Any) -> None:
    """Mistake: a temperature of 0 in the record, where the server's own was used."""
    desk.plan = particular
    for _ in range(2):  # the second time from the cache
        done = audit()
        notes = [line for line in done.stdout.splitlines() if line.startswith("Note: ")]
        assert notes == [
            "Note: the server does not take 'temperature': its own default was used",
            "Note: the server does not take 'max_tokens': it was sent as 'max_completion_tokens'",
        ]
    plain = json.loads(audit("--json").stdout)["judges"]["m"]
    assert [f"Note: {each}" for each in plain["notes"]] == notes
    assert plain["settings"]["temperature"] == 0


def test_a_content_filter_costs_its_own_rows(desk: Desk, audit: Any) -> None:
    desk.plan = filtered("Task 1")
    done = audit()
    assert done.exit_code == 0 and "coverage 0.75" in done.stdout
    assert "No verdict, by reason: refused (2)" in done.stdout
    assert "refused: by a content filter: The response was filtered due to" in done.stdout
    calls = len(desk.bodies)
    assert audit().stdout == done.stdout and len(desk.bodies) == calls


SENTENCE = "This model is out of order (code 7) until Monday."
NOTHING: dict[str, tuple[Plan, str]] = {
    "wrong": (lambda body, before: error(400, f"{SENTENCE}\x1b[31m"), f"HTTP 400: {SENTENCE}?[31m"),
    "down": (lambda body, before: status(500, SENTENCE), f"HTTP 500: {SENTENCE}"),
    "no such model": (
        lambda body, before: error(404, SENTENCE),
        f"HTTP 404: no such address, or no model m; the server says: {SENTENCE}",
    ),
    "cut": (thinks_first(10_000), "reply cut: cut at 8192 tokens: raise --max-tokens"),
    "refuses": (lambda body, before: says("I can't help with that."), "refused: by the judge"),
    "filters all": (filtered("Task"), "refused: by a content filter: The response was filtered"),
}


@pytest.mark.parametrize("kind", NOTHING)
def test_an_audit_without_any_verdict_fails_with_the_reason(
    desk: Desk, audit: Any, kind: str, tmp_path: Path
) -> None:
    """Mistake: a success with an empty table."""
    desk.plan, reason = NOTHING[kind]
    done = audit("--out", str(tmp_path / "out"))
    assert done.exit_code == 1 and isinstance(done.exception, HpptError)
    assert "No judge gave any verdict" in str(done.exception) and reason in str(done.exception)
    assert reason in done.stdout and "coverage 0.00" in done.stdout
    assert (tmp_path / "out" / "audit.csv").is_file()
    details = json.loads((tmp_path / "out" / "audit.json").read_text())["judges"]["m"]["details"]
    assert any(reason.partition(": ")[2] in each for each in details.values())


def test_every_option_of_a_call_reaches_the_server(desk: Desk, audit: Any) -> None:
    """Mistake: an option that reaches nobody, or one that changes what was not asked for."""
    body = '{"chat_template_kwargs": {"enable_thinking": false}}'
    options = ["--max-tokens", "900", "--temperature", "0.5", "--concurrency", "1"]
    done = audit(*options, "--timeout", "20", "--extra-body", body, "--json")
    settings = json.loads(done.stdout)["judges"]["m"]["settings"]
    assert (settings["max_tokens"], settings["temperature"]) == (900, 0.5)
    assert settings["extra_body"] == json.loads(body)
    for sent in desk.bodies:
        assert (sent["max_tokens"], sent["temperature"]) == (900, 0.5)
        assert sent["chat_template_kwargs"] == {"enable_thinking": False}
    assert desk.most == 1
    desk.bodies.clear()
    audit("--json")
    assert {(each["max_tokens"], each["temperature"]) for each in desk.bodies} == {(8192, 0)}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--extra-body", "[1]"], "extra_body is no JSON object. Write one such as"),
        (["--extra-body", "{enable"], "extra_body is no JSON object ("),
        (["--extra-body", '{"messages": []}'], "may not hold 'messages'"),
        (["--max-tokens", "0"], "at least 1"),
        (["--timeout", "nan"], "above 0"),
        (["--temperature", "-1"], "at least 0"),
    ],
)
def test_a_wrong_setting_is_said_before_anyone_is_asked(
    desk: Desk, audit: Any, options: list[str], message: str
) -> None:
    done = audit(*options)
    assert isinstance(done.exception, HpptError) and message in str(done.exception)
    assert not desk.bodies


def test_judges_without_calls_are_told_from_those_with_them(
    desk: Desk, audit: Any, tmp_path: Path
) -> None:
    """Mistake: --max-tokens that forbids a replayed judge beside the one that it is for."""
    from hppt_lib.judges import write_answers
    from tests.helpers.judge_fakes import Fake

    write_answers(tmp_path / "a.jsonl", Fake(), {})
    replayed = f"replayed:{tmp_path / 'a.jsonl'}"
    done = audit("--judge", replayed, "--max-tokens", "900")
    assert done.exit_code == 0 and {each["max_tokens"] for each in desk.bodies} == {900}
    alone = [
        "audit",
        "--judge",
        replayed,
        "--max-tokens",
        "9",
        "--data",
        str(tmp_path / "rows.jsonl"),
    ]
    done = CliRunner().invoke(cli.app, alone)
    assert isinstance(done.exception, HpptError)
    assert "replays answers from a file. Leave out: max_tokens." in str(done.exception)
