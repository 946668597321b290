"""A run that stops at any moment goes on where it was, and ends as if it had never stopped."""

from __future__ import annotations

import dataclasses
import os
import pickle
import random
import shutil
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from hppt_lib.errors import HpptError
from hppt_lib.policy.load import Policy
from hppt_lib.records import Step, read_steps
from hppt_lib.rewards import STRICT
from hppt_lib.training import checkpoints as module
from hppt_lib.training.checkpoints import (
    last_checkpoint,
    read_checkpoint,
    run_identity,
    write_checkpoint,
)
from hppt_lib.training.training_run import TrainingRun, adapter_fingerprint
from tests import ROOT
from tests.helpers.runs import STEPS, assert_equal, long_run, names, until
from tests.helpers.tiny import TEMPLATE, comparable, tiny_instructions, tiny_policy

pytestmark = pytest.mark.slow

RUN = {"model": "tiny", "seed": 0}


@pytest.fixture(scope="module")
def whole() -> TrainingRun:
    return long_run()


# --- going on -------------------------------------------------------------------------------------


@pytest.mark.parametrize("stop", [1, 2, 3, 4])
def test_a_run_goes_on_as_if_it_had_never_stopped(
    stop: int, tmp_path: Path, whole: TrainingRun
) -> None:
    """Mistakes: fresh moments of AdamW, warm-up again, the first epoch's order again, other chance.

    A stop in the middle of an epoch (1, 3) and one at its end (2, 4) take different ways.
    """
    first = long_run(tmp_path, budget=until(stop))
    assert first.stopped_by == "samples" and len(first.steps) == stop
    random.seed(99), np.random.seed(99), torch.manual_seed(99)  # noqa: NPY002
    second = long_run(tmp_path)
    assert second.resumed_from == stop and second.stopped_by == "steps"
    assert_equal(second, whole)


def test_this_comparison_can_fail(tmp_path: Path, whole: TrainingRun) -> None:
    """The order of the data starts again in each call of plain TRL: the steps differ."""
    long_run(tmp_path, budget=until(2))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch, "randperm", _only_in_samplers(torch.randperm))
        second = long_run(tmp_path)
    assert [s.responses for s in second.steps] != [s.responses for s in whole.steps]


def _only_in_samplers(randperm: Any) -> Any:
    """``torch.randperm`` that draws nothing when the kit asks for epochs that are behind it."""

    def draw(size: int, **options: Any) -> Any:
        if sys._getframe(1).f_code.co_name == "_get_train_sampler":
            return None
        return randperm(size, **options)

    return draw


def test_saving_changes_nothing(tmp_path: Path, whole: TrainingRun) -> None:
    """Mistake: a checkpoint that draws a random number, or leaves the model in another mode."""
    assert_equal(long_run(tmp_path), whole)


def test_a_finished_run_is_read_and_not_made_again(tmp_path: Path, whole: TrainingRun) -> None:
    """Mistake: one more step in each call."""
    long_run(tmp_path)
    seen: list[Step] = []
    again = long_run(tmp_path, on_step=seen.append)
    assert_equal(again, whole)
    assert adapter_fingerprint(again.policy.model) == whole.adapter_after
    assert not seen and again.resumed_from == STEPS


def test_a_finished_run_can_be_prolonged(tmp_path: Path, whole: TrainingRun) -> None:
    """Mistake: a schedule or an order of the data that depends on the number of steps."""
    long_run(tmp_path, changes={"steps": 3})
    assert_equal(long_run(tmp_path), whole)


def test_two_checkpoints_are_kept_and_the_last_step_is_always_saved(tmp_path: Path) -> None:
    long_run(tmp_path, checkpoint_every=2)
    assert names(tmp_path) == ["step-000004", "step-000005"]


def test_a_checkpoint_is_an_adapter(tmp_path: Path) -> None:
    """Mistake: a checkpoint that only the trainer can read."""
    from hppt_lib.policy.load import _with_adapter

    found = long_run(tmp_path)
    loaded = _with_adapter(tiny_policy().model, tmp_path / "step-000005", "tiny")
    assert adapter_fingerprint(loaded) == found.adapter_after


def test_nothing_in_a_checkpoint_is_a_pickle_of_objects(tmp_path: Path) -> None:
    """Mistake: a file that runs code when it is read (transformers' training_args.bin)."""
    long_run(tmp_path, budget=until(1))
    folder = tmp_path / "step-000001"
    for path in folder.iterdir():
        if path.suffix in {".pt", ".pth", ".bin"}:
            with torch.serialization.safe_globals(_numpy_state()):
                torch.load(path, weights_only=True)
    assert names(folder) == [
        "adapter_config.json",
        "adapter_model.safetensors",
        "manifest.json",
        "optimizer.pt",
        "rng_state.pth",
        "scheduler.pt",
        "steps.jsonl",
        "trainer_state.json",
    ]


def _numpy_state() -> list[Any]:
    return [np._core.multiarray._reconstruct, np.ndarray, np.dtype, type(np.dtype(np.uint32))]


def test_code_in_a_checkpoint_is_not_run(tmp_path: Path) -> None:
    """Mistake: torch.load of a pickle that somebody sealed with right checksums."""

    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return (os.mkdir, (str(tmp_path / "run"),))

    long_run(tmp_path / "c", budget=until(1))
    folder = tmp_path / "c" / "step-000001"
    manifest = read_checkpoint(folder)
    (folder / "optimizer.pt").write_bytes(pickle.dumps(Evil()))
    (folder / module.MANIFEST).unlink()
    module._seal(folder, manifest.step, manifest.run)
    with pytest.raises(Exception, match="eights"):
        long_run(tmp_path / "c")
    assert not (tmp_path / "run").exists()


# --- killed ---------------------------------------------------------------------------------------


def test_a_killed_run_goes_on(tmp_path: Path) -> None:
    """SIGKILL at random moments, in other processes. Mistake: half a checkpoint that counts."""
    command = [
        sys.executable,
        "-m",
        "tests.measure.kill_resume",
        "--tiny",
        "--kills",
        "5",
        "--steps",
        str(STEPS),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert "5 of 5 ended as the run in peace" in done.stdout


def test_a_kill_while_writing_leaves_the_checkpoint_before(tmp_path: Path) -> None:
    """Mistake: writing under the final name. What is left is what a kill leaves: a part."""
    simple(tmp_path, 1)
    half = tmp_path / ".step-000002.part"
    shutil.copytree(tmp_path / "step-000001", half)
    (half / "data").write_bytes(b"ha")
    found = last_checkpoint(tmp_path, RUN)
    assert found is not None and found.step == 1
    assert names(tmp_path) == ["step-000001"]


# --- damage ---------------------------------------------------------------------------------------


def simple(folder: Path, step: int, run: dict[str, Any] | None = None) -> Path:
    def write(part: Path) -> None:
        (part / "data").write_bytes(bytes(range(256)))

    return write_checkpoint(folder, step, run or RUN, write)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def other_step(path: Path) -> None:
    path.write_text(path.read_text().replace('"step": 2', '"step": 9'))


@pytest.mark.parametrize(
    ("file", "spoil", "message"),
    [
        ("data", flip, "data is not what was written"),
        ("data", cut, "data is not what was written"),
        ("data", Path.unlink, "data is missing"),
        ("manifest.json", flip, "manifest.json"),
        ("manifest.json", lambda path: path.write_text(""), "manifest.json cannot be read"),
        ("manifest.json", lambda path: path.write_text("[1]"), "manifest.json cannot be read"),
        ("manifest.json", lambda path: path.write_bytes(b"\xff"), "manifest.json cannot be read"),
        ("manifest.json", other_step, "manifest.json is not what was written"),
        ("manifest.json", Path.unlink, "No such file"),
    ],
)
def test_damage_is_said_and_the_checkpoint_before_is_used(
    file: str, spoil: Any, message: str, tmp_path: Path
) -> None:
    """Mistake: loading whatever is there, or starting anew without a word."""
    simple(tmp_path, 1), simple(tmp_path, 2)
    spoil(tmp_path / "step-000002" / file)
    with pytest.warns(UserWarning, match=f"step-000002 is damaged: .*{message}.*the one before"):
        found = last_checkpoint(tmp_path, RUN)
    assert found is not None and found.step == 1
    assert names(tmp_path) == ["damaged-step-000002", "step-000001"]


def test_a_run_goes_on_from_before_the_damage(tmp_path: Path, whole: TrainingRun) -> None:
    long_run(tmp_path, budget=until(4))
    flip(tmp_path / "step-000004" / "optimizer.pt")
    with pytest.warns(UserWarning, match="optimizer.pt is not what was written"):
        found = long_run(tmp_path)
    assert found.resumed_from == 3
    assert_equal(found, whole)


def test_all_damaged_is_an_error(tmp_path: Path) -> None:
    """Mistake: a night's work begun again in silence."""
    for step in (1, 2):
        flip(simple(tmp_path, step) / "data")
    with (
        warnings.catch_warnings(),
        pytest.raises(HpptError, match="Every checkpoint .* damaged.*resume=False"),
    ):
        warnings.simplefilter("ignore")
        last_checkpoint(tmp_path, RUN)


def test_no_checkpoint_is_no_error(tmp_path: Path) -> None:
    assert last_checkpoint(tmp_path, RUN) is None
    assert last_checkpoint(tmp_path / "absent", RUN) is None


def test_checkpoints_are_in_the_order_of_their_steps(tmp_path: Path) -> None:
    """Mistake: sorting by name, where 1,000,000 comes before 999,999."""
    for step in (999_998, 999_999, 1_000_000):
        simple(tmp_path, step)
    assert names(tmp_path) == ["step-1000000", "step-999999"]
    found = last_checkpoint(tmp_path, RUN)
    assert found is not None and found.step == 1_000_000


# --- another run ----------------------------------------------------------------------------------


def otherwise_asked() -> Policy:
    """The tiny policy with another chat template."""
    policy = tiny_policy()
    policy.tokenizer.chat_template = TEMPLATE.replace("<user>", "<user> <user>")
    return policy


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"seed": 1}, "seed: there 0, asked for 1"),
        ({"changes": {"learning_rate": 1e-3}}, "learning_rate: there 0.01, asked for 0.001"),
        ({"reward": dataclasses.replace(STRICT, name="x")}, "reward.name: there 'strict', asked"),
        ({"policy": tiny_policy(seed=1)}, "model.in_memory: there '[0-9a-f]{12}…', asked for '"),
        ({"policy": otherwise_asked()}, "model.in_memory: there '"),
    ],
)
def test_another_runs_checkpoints_are_not_taken(
    other: dict[str, Any], message: str, tmp_path: Path
) -> None:
    """Mistake: a seed's run that goes on from another seed's."""
    long_run(tmp_path, changes={"steps": 1})
    with pytest.raises(HpptError, match=f"{message}.*another folder .*resume=False"):
        long_run(tmp_path, **other)
    assert names(tmp_path) == ["step-000001"]


def test_other_instructions_are_another_run() -> None:
    tea, bees, *_ = tiny_instructions()
    longer = dataclasses.replace(tea, prompt=tea.prompt + " .")
    one = run_identity({}, {}, 0, {}, [tea, bees])
    assert one == run_identity({}, {}, 0, {"steps": 9}, [tea, bees])
    assert one != run_identity({}, {}, 0, {}, [longer, bees])
    assert one != run_identity({}, {}, 0, {}, [bees, tea])


def test_resume_false_starts_anew(tmp_path: Path) -> None:
    long_run(tmp_path, changes={"steps": 3})
    (tmp_path / "mine.txt").write_text("stays")
    found = long_run(tmp_path, seed=1, changes={"steps": 1}, resume=False)
    assert found.resumed_from == 0 and len(found.steps) == 1
    assert names(tmp_path) == ["mine.txt", "step-000001"]


# --- the disk -------------------------------------------------------------------------------------


def test_a_full_disk_is_said_and_training_goes_on(small_disk: Path, whole: TrainingRun) -> None:
    """Mistake: a run that ends, or half a checkpoint. A real disk of 256 KiB fills at step 3."""
    folder = small_disk / "checkpoints"
    long_run(folder, budget=until(2))
    (small_disk / "filler").write_bytes(b"x" * (shutil.disk_usage(small_disk).free - 30_000))
    with pytest.warns(UserWarning, match=r"step 3 into .*Training goes on without it"):
        found = long_run(folder)
    assert_equal(found, whole)
    assert names(folder) == ["step-000001", "step-000002"]
    (small_disk / "filler").unlink()
    again = long_run(folder)  # the steps that were not saved are made again, and are the same
    assert again.resumed_from == 2
    assert_equal(again, whole)


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), RuntimeError("PytorchStreamWriter failed")]
)
def test_a_failed_write_leaves_nothing_behind(error: Exception, tmp_path: Path) -> None:
    """Mistake: torch's error for a full disk (a RuntimeError) taken for a defect."""

    def write(part: Path) -> None:
        (part / "data").write_bytes(b"half")
        raise error

    simple(tmp_path, 1)
    with pytest.raises(HpptError, match=r"checkpoint of step 2.*before it are as they were"):
        write_checkpoint(tmp_path, 2, RUN, write)
    assert names(tmp_path) == ["step-000001"]


# --- step records ---------------------------------------------------------------------------------


def test_each_step_is_in_the_file_as_it_ends(tmp_path: Path) -> None:
    path = tmp_path / "steps.jsonl"
    lengths: list[int] = []
    found = long_run(steps_path=path, on_step=lambda step: lengths.append(len(read_steps(path))))
    assert lengths == [1, 2, 3, 4, 5]
    assert read_steps(path) == found.steps


def test_the_file_of_a_run_that_goes_on_holds_each_step_once(
    tmp_path: Path, whole: TrainingRun
) -> None:
    """Mistake: steps after the last checkpoint twice, or a half line in the middle."""
    path = tmp_path / "steps.jsonl"
    long_run(tmp_path / "c", steps_path=path, checkpoint_every=2, changes={"steps": 3})
    shutil.rmtree(tmp_path / "c" / "step-000003")
    path.write_text(path.read_text() + '{"step": 4, "rew', encoding="utf-8")
    assert len(read_steps(path)) == 3, "a half line at the end is left out"
    found = long_run(tmp_path / "c", steps_path=path)
    assert found.resumed_from == 2
    assert read_steps(path) == found.steps
    assert comparable(found.steps) == comparable(whole.steps)
