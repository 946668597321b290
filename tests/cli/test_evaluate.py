"""``hppt evaluate`` and ``hppt score``, as a user runs them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hppt_lib.instructions import write_instructions
from tests import ROOT
from tests.helpers.commands import hppt, hppt_without
from tests.helpers.tiny import tiny_instructions, tiny_policy

COMMA = {"instruction_id_list": ["punctuation:no_comma"], "kwargs": [{}]}


@pytest.fixture
def ifeval(tmp_path: Path, empty_cache: Path) -> tuple[str, str]:
    """IFEval of two prompts, and a file of responses to them."""
    data, responses = tmp_path / "ifeval.jsonl", tmp_path / "said.jsonl"
    rows = [{"key": number, "prompt": f"Write {number}.", **COMMA} for number in (1, 2)]
    data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    said = [{"key": 1, "response": "A cup of hot tea"}, {"key": 2, "response": "a, b"}]
    responses.write_text("".join(json.dumps(row) + "\n" for row in said))
    return f"ifeval={data}", str(responses)


def test_a_file_of_responses_needs_no_torch(tmp_path: Path, ifeval: tuple[str, str]) -> None:
    """Mistake: the bare install cannot score; or a score that needs the model again."""
    out = tmp_path / "run"
    done = hppt_without(
        ["torch", "transformers", "datasets"],
        *("evaluate", ifeval[0], "--responses", ifeval[1], "--out", str(out)),
    )
    assert done.returncode == 0, done.stderr
    assert "Headline: prompt-level strict accuracy" in done.stdout and "0.500 [" in done.stdout
    assert {each.name for each in out.iterdir()} == {
        *("run.json", "prompts.jsonl", "predictions.jsonl", "verdicts.jsonl"),
        *("report.json", "report.txt"),
    }
    again = hppt("score", str(out), "--reading", "reference", "--json")
    found = json.loads(again.stdout)
    assert found["reading"] == "reference" and found["benchmarks"]["ifeval"]["responses"] == 2
    assert json.loads((out / "report.json").read_text()) == found


def test_generate_now_and_score_later(tmp_path: Path, ifeval: tuple[str, str]) -> None:
    """Mistake: --no-score that scores, or a run that cannot be scored afterwards."""
    out = tmp_path / "run"
    given = ("evaluate", ifeval[0], "--responses", ifeval[1], "--out", str(out))
    done = hppt(*given, "--no-score")
    assert done.returncode == 0 and done.stdout == "" and not (out / "report.json").exists()
    assert "ISR, guarded" in hppt("score", str(out)).stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("evaluate", "ifevil"), "There is no benchmark 'ifevil'"),
        (("evaluate", "ifeval=/none.jsonl"), "There is no file or folder /none.jsonl"),
        (("evaluate", "ifeval", "--samples", "2"), "Several samples at temperature 0"),
        (("evaluate", "ifeval", "--reading", "mine"), "There is no reading 'mine'"),
        (("evaluate", "ifeval", "--thoughts", "<a>"), "Say known, none"),
        (("score", "/none"), "/none is no folder of a run"),
    ],
)
def test_mistakes_are_told_before_a_model_is_loaded(
    arguments: tuple[str, ...], message: str
) -> None:
    """Mistake: a traceback, or minutes before a misspelt option is found."""
    done = hppt(*arguments)
    assert done.returncode == 1 and message in done.stderr and "Traceback" not in done.stderr


@pytest.mark.slow
def test_killed_five_times_it_ends_as_a_run_left_alone(tmp_path: Path, empty_cache: Path) -> None:
    """Mistake: whatever a real kill -9 leaves behind: a torn line, half a batch, a lock."""
    policy = tiny_policy()
    policy.model.save_pretrained(tmp_path / "model")
    policy.tokenizer.save_pretrained(tmp_path / "model")
    data = tmp_path / "own.jsonl"
    write_instructions(data, tiny_instructions())

    def command(out: Path) -> list[str]:
        return [
            *(sys.executable, "-m", "hppt_lib.cli", "evaluate", str(data)),
            *("--model", str(tmp_path / "model"), "--temperature", "1", "--samples", "20"),
            *("--max-new-tokens", "300", "--batch", "5", "--out", str(out)),
        ]

    subprocess.run(command(tmp_path / "alone"), check=True, capture_output=True)
    file = tmp_path / "killed" / "predictions.jsonl"
    for kill in range(5):
        before = file.stat().st_size if file.exists() else 0
        running = subprocess.Popen(
            command(tmp_path / "killed"), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        ends = time.monotonic() + 120
        while time.monotonic() < ends and running.poll() is None:
            if file.exists() and file.stat().st_size > before:
                break
            time.sleep(0.01)
        assert running.poll() is None, f"it ended before kill {kill}"
        os.kill(running.pid, signal.SIGKILL)
        running.communicate()
    with file.open("ab") as stream:
        stream.write(b'{"benchmark": "own", "id": "te')
    subprocess.run(command(tmp_path / "killed"), check=True, capture_output=True)
    for name in ("predictions.jsonl", "verdicts.jsonl", "report.json"):
        assert (tmp_path / "killed" / name).read_bytes() == (tmp_path / "alone" / name).read_bytes()


def test_internalisation_needs_no_torch(tmp_path: Path) -> None:
    """Mistake: a command on responses that loads a model; a policy that gains over itself."""
    shipped = ROOT / "data" / "evaluations" / "internalisation-base"
    arm = ("--arm", f"same={shipped}")
    done = hppt_without(["torch", "transformers"], "internalisation", *arm, *arm, "--json")
    assert done.returncode == 0, done.stderr
    base, same = json.loads(done.stdout)
    assert (base["arm"], base["gain"], base["kept"]) == ("base", {}, {})
    assert (same["runs"], same["gain"]["seen"], same["kept"]) == (2, [0, 0, 0], {})
    out = tmp_path / "out"
    assert "nothing to keep" in hppt("internalisation", *arm, "--out", str(out)).stdout
    assert {each.name for each in out.iterdir()} == {"internalisation.txt", "internalisation.png"}
    wrong = hppt("internalisation", "--arm", "same")
    assert wrong.returncode == 1 and "not of the form NAME=FOLDER" in wrong.stderr
