"""A sweep of the tiny policy: its files, and the command that makes it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import yaml

from hppt_lib.instructions.model import write_instructions
from tests.helpers.tiny import tiny_instructions, tiny_policy

REWARD = '''
"""Strict, and slow enough in a sweep to be killed in the middle of a step."""
import sys, time


def strict(prompt, response, instruction):
    if sys.argv[0].endswith("sweeps.py"):
        time.sleep(0.03)
        if "bad-seed102" in sys.argv:
            raise ValueError("made to fail")
    return float(all(each.verifier()(response).passed for each in instruction.constraints))


bad = strict
'''


def tiny_plan(folder: Path, seeds: str = "100-103", **others: object) -> Path:
    """Write a plan of three arms, of which one fails with seed 102, and all that it names."""
    folder.mkdir(parents=True, exist_ok=True)
    policy = tiny_policy()
    policy.model.save_pretrained(folder / "tiny")
    policy.tokenizer.save_pretrained(folder / "tiny")
    write_instructions(folder / "train.jsonl", tiny_instructions()[:2])
    write_instructions(folder / "held.jsonl", tiny_instructions()[2:])
    (folder / "tiny_rewards.py").write_text(REWARD)
    plan = {
        "seeds": seeds,
        "nice": 19,
        "settings": {
            "tier": "smoke",
            "model": str(folder / "tiny"),
            "instructions": str(folder / "train.jsonl"),
            "held_out": str(folder / "held.jsonl"),
            "training": {"steps": 4, "learning_rate": 0.01, "lora_rank": 2},
        },
        "arms": {
            "slow": {"reward": "tiny_rewards:strict"},
            "guarded": {"reward": "tiny_rewards:strict(guard=substance)"},
            "bad": {"reward": "tiny_rewards:bad", "training": {"temperature": 1.0}},
        },
        **others,
    }
    path = folder / "plan.yaml"
    path.write_text(yaml.safe_dump(plan, sort_keys=False))
    return path


def started(plan: Path, out: Path, *options: str) -> subprocess.Popen[str]:
    """``hppt sweep`` in another process."""
    command = [sys.executable, "-m", "hppt_lib.cli", "sweep", str(plan), "--out", str(out)]
    return subprocess.Popen(
        [*command, *options],
        env={**os.environ, "COLUMNS": "100"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
