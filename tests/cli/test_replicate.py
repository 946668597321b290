"""``hppt replicate``: its plan on any machine, and what it refuses before anything is loaded."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hppt_lib.cli import main as cli
from hppt_lib.cli import replicate as cli_replicate
from hppt_lib.errors import HpptError


def invoke(*words: str) -> Any:
    return CliRunner().invoke(cli.app, ["replicate", *words])


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_cache: Path) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_plan_of_the_help_is_made_without_a_gpu() -> None:
    """Mistakes: a dry run that starts something, or needs the tier's GPU; an example of the help
    that is refused."""
    lines = [line.strip() for line in str(cli_replicate.replicate.__doc__).splitlines()]
    [example] = [line for line in lines if line.startswith("hppt replicate") and "dry" in line]
    done = invoke(*shlex.split(example)[2:])
    assert done.exit_code == 0, done.output
    assert "Replication at tier gpu-24gb in 8 hours: 5 arms × 3 seeds" in done.output
    assert "computed, not measured" in done.output and "Certainty: " in done.output
    assert not list(Path().iterdir())


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--tier", "gpu-24gb"], "needs a judge"),
        (
            ["--tier", "gpu-24gb", "--hours", "0.1", "--dry-run"],
            "hours, and 0.1 are given",
        ),
        (["--tier", "cpu", "--sampler", "fast"], "choose kit or continuous"),
        (["--tier", "cpu", "--max-tokens", "9"], "is a local model"),
        (["--tier", "cpu", "--judge", "replayed:a.jsonl"], "cannot judge what a policy"),
        (["--tier", "gpu-16gb", "--judge", "http://localhost:9/v1#a"], "needs an NVIDIA GPU"),
    ],
)
def test_what_cannot_be_is_refused_first(
    words: list[str], problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hppt_lib.tiers.first_gpu_gib", lambda: 0.0)
    done = invoke(*words)
    assert isinstance(done.exception, HpptError)
    with pytest.raises(HpptError, match=problem):
        raise done.exception
