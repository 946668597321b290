"""``hppt sweep``: its help is a plan that works, and it says where a sweep stands."""

from __future__ import annotations

import json
import shlex
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hppt_lib.cli import main as cli
from hppt_lib.cli import sweep as cli_sweep
from hppt_lib.training import sweeps

pytestmark = pytest.mark.slow

HELP = [line.strip() for line in str(cli_sweep.sweep.__doc__).splitlines()]


@pytest.fixture
def planned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The plan of the help as a file, in the folder where one works."""
    first = next(number for number, line in enumerate(HELP) if line.startswith("A file mine.yaml"))
    last = next(number for number, line in enumerate(HELP) if line.startswith("long: "))
    indented = str(cli_sweep.sweep.__doc__).splitlines()[first + 1 : last + 1]
    monkeypatch.chdir(tmp_path)
    path = Path("mine.yaml")
    path.write_text("\n".join(indented) + "\n")
    return path


def invoke(*words: str) -> Any:
    return CliRunner().invoke(cli.app, ["sweep", *words])


def made(folder: str, name: str, invocation: str, allow_code: bool) -> tuple[str, str]:
    files = sweeps._Files(Path(folder), name)
    if name == "noisy-seed101":
        files.write("failed", {"ended": time.time(), "reason": "no luck"})
        return name, "failed"
    files.record.write_text("{}")
    return name, "done"


def test_the_examples_of_the_help_work(planned: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistakes: a plan in the help that the kit refuses; --dry-run or --status that starts runs;
    status 0 after a failure."""
    monkeypatch.setattr(sweeps, "_make", made)
    asked = [line for line in HELP if line.startswith("hppt sweep mine.yaml --")]
    dry, run, status = asked[:3]
    done = invoke(*shlex.split(dry)[2:])
    assert done.exit_code == 0, done.output
    assert "24 of 24 runs to make, in build/sweeps/mine" in done.output
    assert "hours with 1 side by side (computed" in done.output or "minutes with" in done.output
    assert "noisy" in done.output and "training.steps=40" in done.output
    assert not Path("build").exists()
    done = invoke(*shlex.split(run)[2:])
    assert done.exit_code == 1, done.output
    assert "23 done, 0 running, 1 failed, 0 left" in done.output
    assert "failed: noisy-seed101: no luck (log: /" in done.output
    done = invoke(*shlex.split(status)[2:])
    assert done.exit_code == 0 and "23 done, 0 running, 1 failed, 0 left" in done.output
    done = invoke("mine.yaml", "--status", "--json")
    states = {run["name"]: run["state"] for run in json.loads(done.stdout)["runs"]}
    assert states["noisy-seed101"] == "failed" and len(states) == 24


def test_ctrl_c_is_no_traceback(planned: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(sweeps, "_side_by_side", interrupted)
    done = invoke("mine.yaml")
    assert done.exit_code == 130 and "the same command goes on" in done.output


def test_a_plan_without_a_run_of_its_own_is_told_so(planned: Path) -> None:
    """Mistake: a traceback, or an empty table, where all arms are another plan's."""
    Path("other.yaml").write_text(
        "seeds: 100\nsettings: {tier: cpu}\narms: {rules: mine/precise}\n"
    )
    planned.write_text("seeds: 100\nsettings: {tier: cpu}\narms: {precise: {reward: guarded}}\n")
    done = invoke("other.yaml", "--dry-run")
    assert done.exit_code and "no run to make" in str(done.output) + str(done.exception)
