"""A real OpenAI-compatible server, `transformers serve` with the embedded model, end to end."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from hppt_lib.audit import judge_rows
from hppt_lib.judges import Cache, CachedJudge, Question, judge
from hppt_lib.judges.endpoint import EndpointJudge
from hppt_lib.judges.local import LocalJudge
from hppt_lib.judges.replies import UNREADABLE
from hppt_lib.policy.load import Policy
from tests.helpers.judge_fakes import missing, rows

pytestmark = pytest.mark.slow

NEEDED = ("fastapi", "uvicorn", "openai")


@pytest.fixture(scope="session")
def served(embedded_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with the embedded model, on a free port of this machine."""
    lacking = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if lacking:
        pytest.skip(f"transformers[serving] is not installed: {', '.join(lacking)} lacking")
    home = tmp_path_factory.mktemp("hub")
    (home / "hub").mkdir()  # without it, listing the models ends in an error
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = home / "log"
    command = [sys.executable, "-m", "transformers.cli.transformers", "serve", str(embedded_model)]
    command += ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    with open(log, "w") as output:
        server = subprocess.Popen(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "HF_HOME": str(home), "HF_HUB_OFFLINE": "1"},
        )
    try:
        for _ in range(1200):
            assert server.poll() is None, log.read_text()
            try:
                direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
                direct.open(f"http://127.0.0.1:{port}/health", timeout=5).close()
                break
            except OSError:
                time.sleep(0.1)
        else:
            pytest.fail(f"the server did not start: {log.read_text()}")
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture
def long_wait(served: str, embedded_model: Path) -> EndpointJudge:
    return EndpointJudge(
        served, str(embedded_model), timeout=240, concurrency=2, max_tokens=6, progress=False
    )


def test_a_served_model_says_what_the_local_judge_computes(
    long_wait: EndpointJudge, policy: Policy
) -> None:
    texts = ("Good morning, Ms Ng. How may I help you?", "Yo. Get lost.")
    asked = [Question("Greet a customer.", text, ("Be polite.",)) for text in texts]
    said = dict(long_wait.answers(asked))
    local = dict(LocalJudge(policy, progress=False).answers(asked))
    for place in range(len(asked)):
        (word,), (confidence,) = said[place], local[place]
        assert word.reply or word.problem == "empty reply"
        if word.passed is not None:  # its likeliest word was Yes or No
            assert word.passed is confidence.passed
    assert sum(answer[0].passed is not None for answer in said.values()) >= 1


def test_an_audit_at_a_server_gives_each_row_a_verdict_or_a_reason(
    long_wait: EndpointJudge, served: str, embedded_model: Path, tmp_path: Path
) -> None:
    audit = rows(2)
    answers = judge_rows(CachedJudge(long_wait, Cache(tmp_path / "cache")), audit)
    assert [each.row for each in answers] == audit
    for each in answers:
        assert (each.judgement.passed is None) == bool(each.judgement.problem)
        assert not each.judgement.transient
    assert set(missing(answers)) <= {UNREADABLE, "reply cut", "empty reply"}
    calls = long_wait.counts["calls"]
    assert judge_rows(CachedJudge(long_wait, Cache(tmp_path / "cache")), audit) == answers
    assert long_wait.counts["calls"] == calls


def test_a_model_that_is_not_served_is_told(served: str) -> None:
    answers = judge_rows(judge(f"{served}#no-such/model", progress=False), rows(1))
    assert missing(answers).total() == 1 and answers[0].judgement.transient
