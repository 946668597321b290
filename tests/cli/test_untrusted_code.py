"""``--allow-untrusted-code``: from a file of VerInstruct to verdicts, and never without it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer

from hppt_lib.cli.main import app
from hppt_lib.sandbox import lockdown
from tests.helpers import untrusted
from tests.helpers.commands import hppt

ALLOW = "--allow-untrusted-code"
TAKING = (
    "load", "instructions", "verify", "pilot", "refine", "plan", "train", "evaluate", "score",
    "compare", "pictures",
)  # fmt: skip


def test_every_command_that_reads_instructions_has_the_option() -> None:
    """Mistake: a message that names an option which the command does not have."""
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    having = [
        name
        for name, command in commands.items()
        if any(ALLOW in each.opts for each in command.params)
    ]
    assert sorted(having) == sorted(TAKING)


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
