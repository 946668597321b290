"""Kill a training run at random moments, make the same call again, and compare with a run in peace.

One process loads the model. For each moment it forks a child that trains with checkpoints, sends it
SIGKILL after a random time within the length of the unbroken run, and forks another that makes the
same call. What must be equal to the bit: the adapter, and every step record (but for times and
memory), both as returned and as in the file of step records.

One thread, whatever the machine has: a forked process must not inherit a pool of threads.

Examples:
  python -m tests.measure.kill_resume
  python -m tests.measure.kill_resume --kills 3 --steps 4 --tiny
"""

from __future__ import annotations

import argparse
import os

os.environ["OMP_NUM_THREADS"] = "1"  # before torch is imported

import json
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch

from hppt_lib.instructions.model import Instruction, shipped_instructions
from hppt_lib.policy.load import Policy, load_policy
from hppt_lib.records import Step, read_steps
from hppt_lib.rewards import STRICT
from hppt_lib.tiers import TrainingSettings
from hppt_lib.training.trainer import TrainingJob
from hppt_lib.training.training_run import train
from tests.helpers.tiny import SETTINGS, comparable, tiny_instructions, tiny_policy


@dataclass(frozen=True)
class Work:
    """What is trained, in each of the runs."""

    policy: Policy
    instructions: list[Instruction]
    settings: TrainingSettings


def work(tiny: bool, steps: int) -> Work:
    settings = replace(SETTINGS, steps=steps)
    if tiny:  # four instructions, so that an epoch ends after every second step
        return Work(tiny_policy(), tiny_instructions(), settings)
    settings = replace(settings, max_new_tokens=12, learning_rate=1e-3, lora_rank=16, lora_alpha=32)
    return Work(load_policy(), shipped_instructions("hard_train")[:4], settings)


def as_json(steps: tuple[Step, ...]) -> list[dict[str, Any]]:
    return json.loads(json.dumps([asdict(step) for step in comparable(steps)]))


def train_into(folder: Path, made: Work) -> None:
    """The call that is made again after a kill."""
    job = TrainingJob(
        made.instructions,
        STRICT,
        made.settings,
        seed=0,
        checkpoints=folder / "checkpoints",
        steps_path=folder / "steps.jsonl",
    )
    run = train(made.policy, job, progress=False)
    found = {
        "adapter": run.adapter_after,
        "before": run.adapter_before,
        "steps": as_json(run.steps),
        "file": as_json(read_steps(folder / "steps.jsonl")),
        "resumed_from": run.resumed_from,
    }
    (folder / "result.json").write_text(json.dumps(found))


def forked(call: Callable[[], None]) -> int:
    """Run ``call`` in a child process; its id."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            call()
            status = 0
        finally:
            os._exit(status)
    return child


def to_the_end(folder: Path, made: Work) -> dict[str, Any]:
    child = forked(lambda: train_into(folder, made))
    _, status = os.waitpid(child, 0)
    if status:
        raise SystemExit(f"the run in {folder} failed with status {status}")
    return json.loads((folder / "result.json").read_text())


def killed(folder: Path, made: Work, after: float) -> bool:
    """Start a run and kill it; False if it had ended before."""
    child = forked(lambda: train_into(folder, made))
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    parser.add_argument("--tiny", action="store_true", help="a random model of two layers")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    made = work(chosen.tiny, chosen.steps)
    draw = random.Random(chosen.seed)
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="kill-resume-") as place:
        to_the_end(_new(place, "warm-up"), made)  # what is slow once
        started = time.perf_counter()
        whole = to_the_end(_new(place, "whole"), made)
        length = time.perf_counter() - started
        assert whole["adapter"] != whole["before"], "the run must change the adapter"
        assert whole["steps"] == whole["file"] and len(whole["steps"]) == chosen.steps
        print(f"a run in peace: {chosen.steps} steps, {length:.1f} s")
        print("kill   after (s)   left                     resumed after step   equal")
        for number in range(1, chosen.kills + 1):
            folder = _new(place, f"kill-{number}")
            after = draw.uniform(0, length)
            while not killed(folder, made, after):
                folder, after = _new(place, f"kill-{number}-again"), draw.uniform(0, length)
            left = sorted(path.name for path in (folder / "checkpoints").glob("*"))
            resumed = to_the_end(folder, made)
            names = ("adapter", "before", "steps", "file")
            equal = all(resumed[name] == whole[name] for name in names)
            wrong += not equal
            shown = " ".join(name.replace("step-0000", "") for name in left) or "nothing"
            print(
                f"{number:4}   {after:9.2f}   {shown:22}   {resumed['resumed_from']:18}   "
                f"{'yes' if equal else 'NO'}"
            )
    print(f"{chosen.kills - wrong} of {chosen.kills} ended as the run in peace")
    sys.exit(wrong > 0)


def _new(place: str, name: str) -> Path:
    folder = Path(place) / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


if __name__ == "__main__":
    main()
