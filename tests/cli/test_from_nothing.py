"""README: four commands from nothing to a figure, with everything one's own, as printed there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from hppt_lib.instructions.model import Constraint, Instruction, write_instructions
from tests.helpers.servers import Desk, serving
from tests.helpers.tiny import tiny_folder

README = Path(__file__).parents[2] / "README.md"
TITLE = "### Four commands from nothing to a figure\n"
# A smaller run than a reader's: the lines are the same.
SMALLER = """
  training: {steps: 2, prompts_per_step: 2, group_size: 2, micro_batch: 4, max_new_tokens: 6}
  evaluation: {instructions: 4, samples: 1, batch: 4}
"""


def blocks() -> dict[str, str]:
    """The section's blocks by their language."""
    section = README.read_text(encoding="utf-8").partition(TITLE)[2].partition("\n## ")[0]
    return dict(re.findall(r"```(\w+)\n(.*?)```", section, re.S))


def instructions(topics: str) -> list[Instruction]:
    """Two constraints each, one for a verifier and one for a judge."""
    hard = Constraint("punctuation:no_comma", {}, "Do not use any commas .")
    soft = Constraint("tone:warm", {}, "Use a warm tone .", "soft")
    return [
        Instruction(
            topic,
            f"Write about {topic} . {hard.text} {soft.text}",
            (hard, soft),
            f"Write about {topic} .",
            (topic,),
        )
        for topic in topics.split()
    ]


@pytest.mark.slow
def test_the_lines_of_the_readme_lead_to_a_figure(tmp_path: Path) -> None:
    """Mistake: an option that was renamed, or a command that needs what no line of README made."""
    found = blocks()
    tiny_folder(tmp_path / "my-qwen")
    write_instructions(tmp_path / "mine.jsonl", instructions("tea bees milk honey"))
    write_instructions(tmp_path / "held.jsonl", instructions("water garden cup any"))
    (tmp_path / "my_rewards.py").write_text(found["python"])
    bin = Path(sys.executable).parent
    with serving(Desk()) as desk:
        here = desk.url.removesuffix("/v1").removesuffix("/")
        plan = found["yaml"].replace("\narms:", SMALLER + "arms:").replace("0-2", "0-1")
        (tmp_path / "mine.yaml").write_text(plan.replace("http://localhost:8000", here))
        for line in found["sh"].replace("http://localhost:8000", here).splitlines():
            assert line.startswith("hppt ")
            done = subprocess.run(
                line,
                shell=True,
                cwd=tmp_path,
                env={**os.environ, "PATH": f"{bin}{os.pathsep}{os.environ['PATH']}"},
                capture_output=True,
                text=True,
                encoding="utf-8",
            )
            assert done.returncode == 0, f"{line}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    records = sorted((tmp_path / "build" / "sweeps" / "mine").rglob("*seed*.json"))
    assert len([each for each in records if "seed" in each.name]) >= 6
    drawn = list((tmp_path / "build" / "pictures").glob("*.png"))
    assert drawn and all(each.stat().st_size > 5_000 for each in drawn)
