"""``hppt plan`` and ``hppt train``: their help, their examples, and a run that is killed."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hppt_lib import training
from hppt_lib.cli import main as cli
from hppt_lib.cli import training as cli_training
from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import write_instructions
from hppt_lib.records import RunRecord, read_record, read_steps
from hppt_lib.training import RunSettings
from tests.helpers.commands import hppt
from tests.helpers.tiny import comparable_record, tiny_folder, tiny_instructions

pytestmark = pytest.mark.slow


def examples(command: Any) -> list[str]:
    """The lines of a command's help that a reader will copy."""
    lines = map(str.strip, str(command.__doc__).splitlines())
    found = [line for line in lines if line.startswith(f"hppt {command.__name__} ")]
    assert len(found) > 2
    return found


@pytest.mark.parametrize("example", examples(cli_training.plan))
def test_the_examples_of_plan_work(example: str) -> None:
    """Mistake: an option that was renamed, or a plan that does not fit."""
    done = CliRunner().invoke(cli.app, shlex.split(example)[1:])
    assert done.exit_code == 0 and "it fits" in done.output, done.output


@pytest.mark.parametrize("example", examples(cli_training.train))
def test_the_examples_of_train_work(
    example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: an option that was renamed, or a settings file that the kit refuses.

    Nothing is trained: `test_smoke_from_end_to_end` does that.
    """
    started: list[RunSettings] = []

    def run_and_write(settings: RunSettings, out: Path, **options: Any) -> tuple[Path, list[str]]:
        started.append(settings)
        return out, []

    monkeypatch.setattr(training, "run_and_write", run_and_write)
    monkeypatch.chdir(tmp_path)
    _, _, file = str(cli_training.train.__doc__).partition("differs from its tier:\n")
    Path("mine.yaml").write_text("\n".join(map(str.strip, file.splitlines())))
    write_instructions("mine.jsonl", tiny_instructions()[:2])
    write_instructions("held.jsonl", tiny_instructions()[2:])
    done = CliRunner().invoke(cli.app, shlex.split(example)[1:])
    assert done.exit_code == 0, done.output
    [settings] = started
    assert settings.held_out == ("held.jsonl" if "held.jsonl" in example else "hard_heldout")
    if "mine.yaml" in example:
        assert settings.reward == "guarded(guard=all)" and settings.tier.training.steps == 5


PRECEDENCE = [
    (["--tier", "cpu", "--set", "tier=smoke"], "smoke"),
    (["--set", "tier=smoke", "--tier", "cpu"], "smoke"),
    (["--settings", "mine.yaml", "--tier", "cpu"], "cpu"),
    (["--settings", "mine.yaml"], "gpu-16gb"),
    ([], "gpu-24gb"),
]


@pytest.mark.parametrize(("options", "tier"), PRECEDENCE)
def test_set_wins_over_options_and_these_over_the_file(
    options: list[str], tier: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: a help that says so, and --tier that wins over --set tier=."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HPPT_TIER", "gpu-24gb")
    Path("mine.yaml").write_text("tier: gpu-16gb\n")
    done = CliRunner().invoke(cli.app, ["plan", "--json", *options])
    assert json.loads(done.stdout)["tier"] == tier


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--tier", "big", "--set", "tier=smoke"], "--tier: There is no tier 'big'"),
        (["--tier", "smoke", "--set", "tier=big"], "--set tier=big: There is no tier 'big'"),
        (["--tier", "smoke", "--held-out", "easy"], "There are no instructions named 'easy'"),
        (["--tier", "smoke", "--held-out", " "], "--held-out: 'held_out' is empty"),
    ],
)
def test_a_wrong_name_is_said_with_its_place(options: list[str], message: str) -> None:
    done = CliRunner().invoke(cli.app, ["train", *options])
    assert isinstance(done.exception, HpptError) and message in str(done.exception)


# --- a real run -----------------------------------------------------------------------------------


def test_smoke_from_end_to_end(embedded_model: Path, tmp_path: Path) -> None:
    """Mistake: a command of which every part works."""
    few = ["--set", "evaluation.instructions=2"]
    done = hppt("train", "--tier", "smoke", *few, "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    path, model = sorted(tmp_path.iterdir())
    assert model.name == "smoke-guarded-seed0.model"
    assert f"hppt train --tier smoke --set {few[1]}" in (model / "README.md").read_text()
    record = read_record(path)
    assert path.name == "smoke-guarded-seed0.json" and f"record: {path}" in done.stdout
    assert len(record.steps) == 2 and record.adapter_before != record.adapter_after
    assert done.stderr.startswith("plan: ") and "2 steps in" in done.stdout


STEPS = 8


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Options for a run of seconds, of a model in a folder."""
    folder = tmp_path_factory.mktemp("small")
    tiny_folder(folder / "tiny")
    write_instructions(folder / "tiny.jsonl", tiny_instructions())
    changes = [f"model={folder / 'tiny'}", f"steps={STEPS}", "learning_rate=1e-2", "lora_rank=2"]
    options = ["--tier", "smoke", "--reward", "strict"]
    options += ["--instructions", str(folder / "tiny.jsonl")]
    return [*options, *(word for change in changes for word in ("--set", change))]


def trained(options: list[str], out: Path) -> tuple[RunRecord, str]:
    """The record of the command, run in this process, and what it said."""
    done = CliRunner().invoke(cli.app, ["train", *options, "--out", str(out)])
    assert done.exit_code == 0, done.output
    return read_record(out), done.stderr


def killed(options: list[str], out: Path, after: int) -> None:
    """Start the command in another process, and kill it as soon as so many steps are recorded."""
    steps = out.with_suffix(".run") / "steps.jsonl"
    process = subprocess.Popen(
        [sys.executable, "-m", "hppt_lib.cli", "train", *options, "--out", str(out)],
        env=dict(os.environ),
        stderr=subprocess.DEVNULL,
    )
    while process.poll() is None and (not steps.exists() or len(read_steps(steps)) < after):
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "it must not have ended before"


def test_a_killed_command_goes_on(small: list[str], tmp_path: Path) -> None:
    """Mistakes: a run of hours lost; or one that goes on, and is another run from there."""
    out = tmp_path / "tea.json"
    whole, said = trained(small, out)
    assert whole.adapter_before != whole.adapter_after and "going on" not in said
    out.rename(tmp_path / "whole.json")
    killed(small, out, after=4)
    assert not out.exists() and (tmp_path / "tea.run" / "before.json").is_file()
    with pytest.raises(HpptError, match="seed: there 0, asked for 1.*hppt train --fresh"):
        CliRunner().invoke(
            cli.app, ["train", *small, "--seed", "1", "--out", str(out)], catch_exceptions=False
        )
    again, said = trained(small, out)
    assert f"of {STEPS}" in said.partition("going on after step ")[2]
    assert comparable_record(again) == comparable_record(whole)
    assert (whole.processes, again.processes) == (1, 2)
    left = sorted(each.name for each in tmp_path.iterdir())
    assert left == ["tea.json", "tea.model", "whole.json"]
