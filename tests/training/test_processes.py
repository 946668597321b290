"""Two processes train as one: the same gradient, the same record, and none waits for the other."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from hppt_lib.errors import HpptError
from hppt_lib.records import read_steps
from hppt_lib.training import trainer
from hppt_lib.training.checkpoints import Checkpoints
from hppt_lib.training.preflight import rollouts_of_a_process
from hppt_lib.training.trainer_config import refuse_sharded
from tests import ROOT
from tests.helpers import processes_worker
from tests.helpers.tiny import SETTINGS

pytestmark = pytest.mark.slow

SECONDS = 240  # on a loaded machine; alone about 30


def in_two_processes(folder: Path) -> list[dict[str, Any]]:
    """Run the worker under torch's launcher; kill all of it if it hangs."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    running = subprocess.Popen(
        [*command, "--nproc-per-node", "2", "-m", processes_worker.__name__, str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        cwd=ROOT,
    )
    try:
        said, _ = running.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        pytest.fail(f"two processes wait for each other: no end after {SECONDS} s")
    finally:
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()
    assert running.returncode == 0, said[-4000:]
    return [torch.load(folder / f"process-{rank}.pt", weights_only=False) for rank in (0, 1)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pair")


@pytest.fixture(scope="module")
def pair(folder: Path) -> list[dict[str, Any]]:
    return in_two_processes(folder)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trainer, "sample_tokens", trainer.sample_tokens)  # put back afterwards
        yield processes_worker.everything(tmp_path_factory.mktemp("alone"))


def working_rows(step: dict[str, Any]) -> list[int]:
    """Rows with an advantage in the first and in the second half, which two processes have."""
    size = processes_worker.SETTINGS.group_size
    texts = [text for _, text in step["responses"]]
    groups = [texts[start : start + size] for start in range(0, len(texts), size)]
    mixed = [len({"," in text for text in group}) > 1 for group in groups]
    return [size * sum(part) for part in (mixed[:2], mixed[2:])]


@pytest.mark.parametrize("case", processes_worker.CASES)
def test_the_gradient_is_that_of_one_process(
    case: str, pair: list[dict[str, Any]], alone: dict[str, Any]
) -> None:
    """Tolerance: 1e-5, relative.

    Mistakes: rows left out in one process only (the other waits, or gets its numbers), the number
    of tokens of one process as the divisor, advantages of another process's rows.
    """
    expected = alone[case]["gradient"]
    assert expected.norm() > 1e-3
    for found in pair:
        apart = (found[case]["gradient"] - expected).norm() / expected.norm()
        assert apart < 1e-5


def test_the_processes_have_unequal_work(alone: dict[str, Any]) -> None:
    """Without that, the test above would not see what it is for."""
    first, second = working_rows(alone["every speed-up"]["step"])
    assert first != second


@pytest.mark.parametrize("case", processes_worker.CASES)
def test_the_record_is_of_the_whole_step(
    case: str, pair: list[dict[str, Any]], alone: dict[str, Any]
) -> None:
    """Mistake: rewards, lengths and responses of the first process alone."""
    expected = alone[case]["step"]
    for found in pair:
        step = found[case]["step"]
        assert [*map(tuple, step["responses"])] == [*map(tuple, expected["responses"])]
        for name in ("reward", "strict", "guarded", "length", "zero_variance", "pass_share"):
            assert step[name] == pytest.approx(expected[name])
        assert step["gradient_norm"] == pytest.approx(expected["gradient_norm"], rel=1e-5)


def test_all_processes_stop_together(pair: list[dict[str, Any]]) -> None:
    """Mistake: each looks at its own clock, and one goes on alone."""
    assert [found["steps within the budget"] for found in pair] == [1, 1]


def test_a_run_in_two_processes_resumes_to_the_bit(pair: list[dict[str, Any]]) -> None:
    for found in pair:
        assert found["resumed from"] == 1
        resumed, whole = found["adapters"]
        assert resumed == whole
    assert pair[0]["adapters"] == pair[1]["adapters"]


def test_one_process_writes(pair: list[dict[str, Any]], folder: Path) -> None:
    """Mistake: each step twice in the file of step records."""
    assert [step.step for step in read_steps(folder / "steps.jsonl")] == [1, 2]
    assert {path.name for path in (folder / "checkpoints").iterdir()} == {
        "step-000001",
        "step-000002",
    }


@pytest.mark.parametrize(
    ("processes", "prompts", "message"),
    [
        (3, 2, "prompts_per_step = 2 cannot be shared out over 3"),
        (2, 6, "micro_batch = 8 does not"),
    ],
)
def test_a_step_that_cannot_be_shared_out_is_refused(
    processes: int, prompts: int, message: str
) -> None:
    """Mistake: a group in two processes, or as many steps' rollouts as there are processes."""
    settings = replace(SETTINGS, prompts_per_step=prompts, micro_batch=8)
    with pytest.raises(HpptError, match=message):
        rollouts_of_a_process(settings, processes)
    assert rollouts_of_a_process(SETTINGS, 2) == 4


@pytest.mark.parametrize(
    ("fsdp", "stage", "vllm", "saves", "message"),
    [
        (True, None, False, False, "no process has the whole model"),
        (False, 3, False, False, "no process has the whole model"),
        (True, None, True, True, "checkpoints hold what one process has"),
        (False, 2, False, True, "checkpoints hold what one process has"),
        (False, 2, False, False, None),
        (False, 3, True, False, None),
        (False, None, False, True, None),
    ],
)
def test_a_model_in_pieces_is_refused(
    fsdp: bool, stage: int | None, vllm: bool, saves: bool, message: str | None, tmp_path: Path
) -> None:
    """Mistake: sampling from the piece of the model that this process has."""
    plugin = None if stage is None else SimpleNamespace(zero_stage=stage)
    made = SimpleNamespace(
        is_fsdp_enabled=fsdp,
        is_deepspeed_enabled=plugin is not None,
        accelerator=SimpleNamespace(state=SimpleNamespace(deepspeed_plugin=plugin)),
    )
    with pytest.raises(HpptError, match=message) if message else nullcontext():
        refuse_sharded(made, vllm, Checkpoints(tmp_path, {}) if saves else None)
