"""``--allow-untrusted-code``: from a file of VerInstruct to verdicts, and never without it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from typer.testing import CliRunner

from hppt_lib.cli.main import app
from hppt_lib.records import read_record
from hppt_lib.sandbox import CODE, lockdown, run
from tests.helpers import untrusted
from tests.helpers.commands import hppt
from tests.helpers.tiny import tiny_folder

ALLOW = "--allow-untrusted-code"
TAKING = (
    "load", "instructions", "verify", "pilot", "refine", "plan", "train", "sweep", "evaluate",
    "score", "compare", "analyse", "pictures", "train-judge", "match-noise", "label draw",
    "label score",
)  # fmt: skip


def test_every_command_that_reads_instructions_has_the_option() -> None:
    """Mistake: a message that names an option which the command does not have."""
    having = [
        name
        for name, command in _commands(typer.main.get_command(app))
        if any(ALLOW in each.opts for each in command.params)
    ]
    assert sorted(having) == sorted(TAKING)


def _commands(group: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Each command of a group and of the groups in it, with its words."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{prefix}{name} ")
        else:
            yield prefix + name, command


@pytest.mark.slow
@pytest.mark.skipif(lockdown.missing() is not None, reason=str(lockdown.missing()))
def test_code_runs_for_the_command_that_allows_it_and_for_no_other(tmp_path: Path) -> None:
    """Mistake: one permission that holds for ever; or verdicts that are missing and not shown."""
    odd = "def check_following(i, r):\n    if r == 'odd': raise ValueError\n    return True\n"
    source = untrusted.verinstruct_file(tmp_path / "v.jsonl", untrusted.SORTED, odd)
    made, said, run = tmp_path / "made.jsonl", tmp_path / "said.jsonl", str(tmp_path / "run")
    done = hppt("load", "verinstruct", str(source))
    assert "only its own code could (not run; see --allow-untrusted-code)" in done.stdout
    done = hppt("load", "verinstruct", str(source), ALLOW, "--out", str(made))
    assert "the data set's own code, in the sandbox" in done.stdout and "100.0%" in done.stdout
    rows = [
        {"id": f"verinstruct-{number}", "sample": sample, "response": text}
        for number, texts in ((0, ("a b", "b a")), (1, ("a b", "odd")))
        for sample, text in enumerate(texts)
    ]
    said.write_text("".join(json.dumps(row) + "\n" for row in rows))
    given = ("evaluate", str(made), "--responses", str(said), "--out", run)
    refused = hppt(*given)
    assert refused.returncode == 1 and f"add {ALLOW} to the command" in refused.stderr
    done = hppt(*given, ALLOW)
    assert done.returncode == 0, done.stderr
    assert "1 of 4 verdicts are missing" in done.stdout
    assert "in the sandbox: 3. Responses without one: 1: it raised ValueError (1)." in done.stderr
    refused = hppt("score", run)
    assert refused.returncode == 1 and f"add {ALLOW} to the command" in refused.stderr
    assert "1 of 4 verdicts are missing" in hppt("score", run, ALLOW).stdout


def _verinstruct(folder: Path) -> tuple[Path, Path]:
    """Instructions to train on and to hold out, loaded from a made-up file of VerInstruct."""
    source = untrusted.verinstruct_file(
        folder / "v.jsonl", *[untrusted.SORTED] * 6, text="It is as the code says."
    )
    made = folder / "made.jsonl"
    done = hppt("load", "verinstruct", str(source), ALLOW, "--out", str(made))
    assert done.returncode == 0, done.stderr
    lines = made.read_text().splitlines(keepends=True)
    (folder / "train.jsonl").write_text("".join(lines[:4]))
    (folder / "held.jsonl").write_text("".join(lines[4:]))
    return folder / "train.jsonl", folder / "held.jsonl"


@pytest.mark.slow
@pytest.mark.skipif(lockdown.missing() is not None, reason=str(lockdown.missing()))
def test_training_on_verinstruct_from_end_to_end(embedded_model: Path, tmp_path: Path) -> None:
    """Mistake: rules that are loaded as code, and a run that cannot be rewarded by them."""
    train, held = _verinstruct(tmp_path)
    out = tmp_path / "record.json"
    words = ["train", "--tier", "smoke", "--instructions", str(train), "--held-out", str(held)]
    refused = hppt(*words, "--out", str(out))
    assert refused.returncode == 1 and f"add {ALLOW} to the command" in refused.stderr
    assert not out.exists()
    done = hppt(*words, "--out", str(out), ALLOW)
    assert done.returncode == 0, done.stderr
    assert "Verdicts of the data set's own code, in the sandbox: " in done.stderr
    steps = read_record(out).steps
    assert len(steps) == 2 and any(CODE in step.pass_share for step in steps)
    assert "after   strict ISR" in done.stdout


@pytest.mark.slow
@pytest.mark.skipif(lockdown.missing() is not None, reason=str(lockdown.missing()))
def test_a_sweep_and_its_labels_on_verinstruct(
    embedded_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistakes: a sweep that is allowed to run code and whose runs, in processes of their own, are
    not; a permission that is kept in the sweep's folder; records that no command can read."""
    train, held = _verinstruct(tmp_path)
    plan, out = tmp_path / "plan.yaml", tmp_path / "out"
    settings = {"tier": "smoke", "model": str(tiny_folder(tmp_path / "tiny")), "reward": "strict"}
    settings |= {"instructions": str(train), "held_out": str(held)}
    one = {"seeds": [100], "settings": settings, "arms": {"code": {"training": {"steps": 2}}}}
    plan.write_text(yaml.safe_dump(one))

    def invoke(*words: str) -> Any:
        monkeypatch.setattr(run, "_allowed", False)
        return CliRunner().invoke(app, list(words))

    for words in (
        ["sweep", str(plan), "--out", str(out)],
        ["label", "draw", str(out), "--out", str(tmp_path / "labels")],
        ["label", "score", str(out), "--per-run", "1"],
    ):
        refused = invoke(*words)
        assert f"add {ALLOW} to the command" in str(refused.exception), words
        done = invoke(*words, ALLOW)
        assert done.exit_code == 0, done.output
    [record] = out.glob("*.json")
    assert any(CODE in step.pass_share for step in read_record(record).steps)
    log = (out / "runs" / "code-seed100.log").read_text()
    assert "Verdicts of the data set's own code, in the sandbox: " in log
    kept = "".join(path.read_text() for path in (out / "runs").glob("*.settings"))
    assert "untrusted" not in kept
    assert len((tmp_path / "labels" / "first.jsonl").read_text().splitlines()) > 0
    _, answered = (out / "answers.jsonl").read_text().splitlines()  # the head, and one response
    assert json.loads(answered)["instruction"].startswith("verinstruct-")
